//! `#/events/$abc`: one event of any room that the server has.

use crate::address::route::Route;
use crate::api::events::{self, Event, Fetched};
use crate::api::server::Feature;
use crate::api::{ApiError, EventId, RoomId, UserId};
use crate::components::button::ButtonLink;
use crate::components::empty::Empty;
use crate::components::identifier::identifier;
use crate::components::json::json_content;
use crate::components::link::link;
use crate::components::notice::Notice;
use crate::components::page::{Card, PageHeader, fact, facts};
use crate::components::remote::remote;
use crate::components::time::date_time;
use crate::i18n::events::sentence;
use crate::i18n::features::why_not;
use crate::i18n::t;
use crate::pages::rooms::one::line::event_route;
use crate::pages::rooms::one::names::Names;
use crate::session::{Client, Session};
use crate::ui::{IntoNode, Node, view};
use leptos::prelude::*;

/// The page of the event with this ID, as it stands in the address.
pub fn view(id: String) -> Node {
    page(&id).into_node()
}

fn page(id: &str) -> Node {
    let shown = identifier(id);
    let name = id.to_owned();
    let content = match (
        EventId::parse(id),
        Session::get().capabilities_now().lack(Feature::FetchEvent),
    ) {
        (None, _) => {
            view! { <Empty picture="hash" title=t::ev_missing text=t::room_purge_event_wrong /> }
                .into_node()
        }
        (_, Some(lack)) => view! {
            <Notice>{why_not(lack)} " " {t::ev_by_room}</Notice>
        }
        .into_node(),
        (Some(event), None) => remote(
            RwSignal::new(0),
            move || {
                let event = event.clone();
                async move { ApiError::if_there(Client::get().send(events::fetch(&event)).await) }
            },
            move |found: &Option<Fetched>| match found {
                // As servers exchange it, an event does not have its ID with it.
                Some(found) => event_view(&Event {
                    event_id: name.clone(),
                    ..found.event.clone()
                }),
                None => {
                    view! { <Empty picture="hash" title=t::ev_missing text=t::ev_missing_text /> }
                        .into_node()
                }
            },
        ),
    };
    view! {
        <PageHeader
            title=Signal::derive(t::ev_title)
            back=Route::Rooms
            below=move || shown
        />
        {content}
    }
    .into_node()
}

fn event_view(event: &Event) -> Node {
    let room = event.room_id.as_deref().and_then(RoomId::parse);
    let names = room.clone().map(Names::of);
    if let Some(names) = names {
        names.ask();
    }
    let said = {
        let event = event.clone();
        move || {
            let name = |user: &str| names.map_or_else(|| user.to_owned(), |names| names.name(user));
            sentence(&event, &name).unwrap_or_else(|| event.kind.clone())
        }
    };
    let sender = match UserId::parse(&event.sender) {
        Some(user) => link(&Route::user(&user).to_string(), "", event.sender.clone()).into_node(),
        None => view! { <bdi>{event.sender.clone()}</bdi> }.into_node(),
    };
    let place = match &room {
        Some(room) => link(&Route::room(room).to_string(), "", room.to_string()).into_node(),
        None => crate::components::nothing(),
    };
    let mut rows = vec![
        fact(t::room_type, view! { <code>{event.kind.clone()}</code> }),
        fact(t::ev_sender_name, sender),
        fact(t::ev_room, place),
        fact(t::ev_sent, date_time(event.origin_server_ts)),
    ];
    if let Some(key) = &event.state_key {
        rows.push(fact(t::ev_state_key, identifier(key)));
    }
    let json = serde_json::to_string_pretty(event).unwrap_or_default();
    let around = room.map(|room| {
        let route = event_route(&room, &event.event_id);
        view! { <ButtonLink to=route label=t::ev_context icon="rooms" /> }
    });
    view! {
        <div class="cards" data-wide="true">
            <Card title=Signal::derive(said)>{facts(rows)} {around}</Card>
            <Card title=Signal::derive(t::ev_json)>{json_content(t::ev_json, &json)}</Card>
        </div>
    }
    .into_node()
}
