//! `#/destinations/example.org`: one other server, and the rooms from which something was sent to it.
//! Synapse adds to these and takes none away: nobody of the server may be in one any more.

use super::failing::every_room;
use super::list::{health_mark, next_try};
use super::{SERVERS, retried};
use crate::address::route::Route;
use crate::api::federation::{self, Destination, DestinationRoom};
use crate::api::server::Feature;
use crate::api::{ApiError, ServerName};
use crate::browser::clock::now;
use crate::components::beat::Beat;
use crate::components::button::Button;
use crate::components::identifier::identifier;
use crate::components::nothing;
use crate::components::notice::Notice;
use crate::components::one_thing;
use crate::components::page::{Card, PageHeader, fact, facts};
use crate::components::remote::remote;
use crate::components::time::date_time;
use crate::federation::actions::spared;
use crate::federation::health::Health;
use crate::i18n::{format, t};
use crate::lists::{Column, List, ListPage, ListQuery, ListSpec, Source};
use crate::session::{Client, Session};
use crate::ui::{IntoNode, Node, view};
use crate::widgets::actions::things::propose_one;
use crate::widgets::gather::Gatherer;
use leptos::prelude::*;
use std::rc::Rc;

/// The page of the server with this name, as it stands in the address.
pub fn view(name: String) -> Node {
    let Some(server) = ServerName::parse(&name) else {
        let text = move || t::federation_no_name(&name);
        return missing(Signal::derive(text));
    };
    // Of what is being tried again it is asked how that went.
    let is_retried = StoredValue::new(false);
    let beat = Beat::new(move || is_retried.try_get_value() == Some(true));
    let changed = beat.changed;
    let gatherer = Gatherer::new();
    let (asked, shown) = (server.clone(), identifier(server.as_str()));
    view! {
        <PageHeader
            title=Signal::stored(server.to_string())
            back=Route::Federation
            below=move || shown
        />
        <div class="cards" data-wide="true">
        {remote(
            changed,
            move || {
                let asked = asked.clone();
                beat.until(async move { retried::ask(&asked).await })
            },
            move |found: &Option<Destination>| match found {
                Some(server) => {
                    is_retried.set_value(retried::health(server) == Health::Retried);
                    state(server, gatherer, changed)
                }
                None => nothing_sent(),
            },
        )}
        {rooms(server)}
        </div>
        {gatherer.view()}
    }
    .into_node()
}

fn missing(text: Signal<String>) -> Node {
    view! {
        <PageHeader title=Signal::derive(t::nav_federation) back=Route::Federation />
        {one_thing::missing(
            "globe",
            t::not_found_title,
            text,
            Route::Federation,
            t::federation_to_list,
        )}
    }
    .into_node()
}

const DAY_MS: u64 = 86_400_000;

fn nothing_sent() -> Node {
    view! { <Notice>{t::federation_unknown}</Notice> }.into_node()
}

fn state(server: &Destination, gatherer: Gatherer, changed: RwSignal<u32>) -> Node {
    let health = retried::health(server);
    let moment = |at| format::relative(at, now());
    let sentence = health.sentence(&moment);
    let wait = match server.retry_interval {
        0 => nothing(),
        // Synapse doubles it each time, up to years.
        wait if wait >= 2 * DAY_MS => t::federation_days(wait / DAY_MS).into_node(),
        wait => format::duration(wait).into_node(),
    };
    let rows = vec![
        fact(t::federation_health, health_mark(server)),
        fact(
            t::federation_since,
            server.failure_ts.map_or_else(nothing, date_time),
        ),
        fact(
            t::federation_last_try,
            server.retry_last_ts.map_or_else(nothing, date_time),
        ),
        fact(t::federation_next_try, next_try(server)),
        fact(t::federation_wait, wait),
    ];
    let is_reached = spared(server).is_some();
    let server = server.clone();
    let reset = move || {
        let again = Rc::new(move || {
            // The page may have been left.
            let _ = changed.try_update(|changed| *changed += 1);
        });
        propose_one(gatherer, &SERVERS, 0, server.clone(), again);
    };
    view! {
        <Card title=Signal::derive(t::federation_health)>
            <p>{sentence}</p>
            {facts(rows)}
            <div class="report-actions">
                <Button
                    label=t::federation_reset
                    icon="refresh"
                    disabled=is_reached
                    on_press=reset
                />
            </div>
        </Card>
    }
    .into_node()
}

fn rooms(server: ServerName) -> Node {
    let lack = Session::get()
        .capabilities_now()
        .lack(Feature::DestinationRooms);
    let content = match lack {
        Some(_) => view! { <Notice>{t::federation_rooms_lacking}</Notice> }.into_node(),
        None => {
            let (one, every) = (server.clone(), server);
            let spec = ListSpec::new(
                "destination-rooms",
                t::federation_rooms,
                |room: &DestinationRoom| room.room_id.to_string(),
                Source::paged(
                    move |query, _reading| page(one.clone(), query),
                    move |_query, _reading| all(every.clone()),
                ),
            )
            .link(|room: &DestinationRoom| Route::room(&room.room_id).to_string())
            .empty(
                "rooms",
                t::federation_rooms_empty,
                Some(t::federation_rooms_empty_text),
            )
            .column(
                Column::new("room_id", t::federation_room, |room: &DestinationRoom| {
                    room.room_id.to_string()
                })
                .main()
                .copyable(),
            );
            view! { <List spec /> }.into_node()
        }
    };
    view! { <Card title=Signal::derive(t::federation_rooms)>{content}</Card> }.into_node()
}

async fn page(server: ServerName, query: ListQuery) -> Result<ListPage, ApiError> {
    let asked = federation::rooms(&server, query.from(), query.size);
    match Client::get().send(asked).await {
        Ok(page) => Ok(ListPage::new(page.rooms, page.total)),
        Err(error) if error.is_not_found() => Ok(ListPage::new(Vec::<DestinationRoom>::new(), 0)),
        Err(error) => Err(error),
    }
}

async fn all(server: ServerName) -> Result<ListPage, ApiError> {
    let client = Client::get().enduring();
    Ok(ListPage::all(every_room(&client, &server).await?))
}
