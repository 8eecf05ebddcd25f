//! The tab "Addresses": the room's addresses on this server.

use super::Shown;
use crate::actions::Verdict;
use crate::api::directory::{self, Aliases};
use crate::api::{ApiError, RoomAlias, RoomId, rooms};
use crate::components::button::{Button, ButtonKind, IconButton};
use crate::components::empty::Empty;
use crate::components::field::Field;
use crate::components::identifier::identifier;
use crate::components::one_thing::Anew;
use crate::components::page::Card;
use crate::components::remote::remote;
use crate::i18n::t;
use crate::operations::acts::{Check, asked};
use crate::operations::targets::sending;
use crate::operations::{Confirmation, OnTarget, Operations, Proposal, Recorded, TargetJob};
use crate::runner::{Reason, Step};
use crate::session::{Client, Session};
use crate::ui::{IntoNode, Node, view};
use futures_util::FutureExt;
use leptos::prelude::*;
use std::rc::Rc;

/// The tab with the addresses of a room.
pub fn tab(shown: Shown) -> Node {
    let room = shown.id();
    let list = remote(
        shown.changed,
        move || {
            let room = room.clone();
            async move { Client::get().send(directory::aliases(&room)).await }
        },
        move |found: &Aliases| list(shown, found),
    );
    view! {
        <div class="cards" data-wide="true">
            <Card title=Signal::derive(t::room_addresses)>
                <p>{t::room_addresses_lead}</p>
                {list}
                {form(shown)}
            </Card>
        </div>
    }
    .into_node()
}

fn list(shown: Shown, found: &Aliases) -> Node {
    if found.aliases.is_empty() {
        return view! { <Empty picture="hash" title=t::room_addresses_none /> }.into_node();
    }
    let rows = found
        .aliases
        .iter()
        .map(|alias| {
            let name = alias.clone();
            let label = {
                let alias = alias.clone();
                move || t::room_address_remove_of(&alias)
            };
            view! {
                <li class="plain-row">
                    {identifier(alias)}
                    <IconButton
                        label=Signal::derive(label)
                        icon="trash"
                        on_press=move || ask(shown, &name)
                    />
                </li>
            }
        })
        .collect_view();
    view! { <ul class="plain-list">{rows}</ul> }.into_node()
}

/// An address of this server, from its local part or whole.
fn address(text: &str) -> Option<RoomAlias> {
    let text = text.trim();
    let own = Session::get().server_name()?;
    let whole = match text.contains(':') {
        true => text.to_owned(),
        false => format!("#{}:{own}", text.trim_start_matches('#')),
    };
    let alias = RoomAlias::parse(&whole)?;
    whole.ends_with(&format!(":{own}")).then_some(alias)
}

fn form(shown: Shown) -> Node {
    let text = RwSignal::new(String::new());
    let incomplete = Signal::derive(move || text.with(|text| address(text).is_none()));
    let hint = move || {
        let own = Session::get().server_name();
        t::room_address_hint(&own.map(|own| own.to_string()).unwrap_or_default())
    };
    let add = move || {
        let sent = text.get_untracked();
        if let Some(alias) = address(&sent) {
            change(shown.id(), alias, true, anew(shown))
                .on_end(move |job| {
                    // What has been typed since stays, and the page may have been left.
                    let now = text.try_get_untracked();
                    if job.is_done() && now.as_deref() == Some(&*sent) {
                        text.set(String::new());
                    }
                })
                .start();
        }
    };
    view! {
        <form
            class="field-with-button"
            on:submit=move |event| {
                event.prevent_default();
                add();
            }
        >
            <Field label=t::room_address_new hint=Signal::derive(hint) value=text mono=true />
            <Button label=t::room_address_add kind=ButtonKind::Primary disabled=incomplete on_press=add />
        </form>
    }
    .into_node()
}

fn ask(shown: Shown, alias: &str) {
    let Some(alias) = RoomAlias::parse(alias) else {
        return;
    };
    let (room, anew) = (shown.id(), anew(shown));
    Operations::get().propose(Proposal {
        title: t::act_question(&t::room_address_remove()),
        sentence: t::room_address_remove_text(),
        facts: vec![(t::room_alias(), alias.to_string())],
        action: t::room_address_remove(),
        danger: true,
        confirmation: Confirmation::Click,
        fields: None,
        run: Rc::new(move || {
            change(room.clone(), alias.clone(), false, Rc::clone(&anew)).start();
        }),
    });
}

fn anew(shown: Shown) -> Anew {
    Rc::new(move || shown.refresh())
}

/// Adds an address or removes it; the other way round takes it back, also when the page has been
/// left.
fn change(room: RoomId, alias: RoomAlias, add: bool, anew: Anew) -> TargetJob {
    let on_end = Rc::clone(&anew);
    let (title, call) = match add {
        true => (
            t::room_address_add(),
            directory::add_alias(&alias, &room).call,
        ),
        false => (
            t::room_address_remove(),
            directory::remove_alias(&alias).call,
        ),
    };
    let send = sending(vec![call], false, Rc::new(|_, _| Ok(())));
    let deed: OnTarget = Rc::new({
        let (room, alias) = (room.clone(), alias.clone());
        move |number, network, turn| {
            let (room, alias, sent) = (room.clone(), alias.clone(), send(number, network, turn));
            async move {
                match sent.await {
                    // A browser sends again by itself what it has heard no answer to.
                    Step::Failed(error) if matches!(error.status(), Some(404 | 409)) => {
                        match look(&room, &alias, add, network).await {
                            Ok(Verdict::Leave(Reason::Unchanged | Reason::Gone)) => Step::Done,
                            _ => Step::Failed(error),
                        }
                    }
                    step => step,
                }
            }
            .boxed_local()
        }
    });
    let check: Check = Rc::new({
        let (room, alias) = (room.clone(), alias.clone());
        move |_, network| {
            let (room, alias) = (room.clone(), alias.clone());
            async move { look(&room, &alias, add, network).await }.boxed_local()
        }
    });
    let name = format!("{alias} ({room})");
    TargetJob::doing(title, vec![name], asked(1, check, deed))
        .undo(move |_| {
            change(room.clone(), alias.clone(), !add, Rc::clone(&anew)).start();
        })
        .on_end(move |_| on_end())
}

/// Asks right before where an address leads: what leads to another room by now is that one's. To give
/// it away would be refused by the server.
async fn look(
    room: &RoomId,
    alias: &RoomAlias,
    add: bool,
    network: &Recorded,
) -> Result<Verdict, ApiError> {
    let found = network.send(directory::aliases(room)).await?.aliases;
    let leads_here = found.iter().any(|found| found == alias.as_str());
    if leads_here != add {
        return Ok(Verdict::Go { undoable: true });
    }
    if add {
        return Ok(Verdict::Leave(Reason::Unchanged));
    }
    let led = ApiError::if_there(network.send(rooms::resolve(alias)).await)?;
    Ok(Verdict::Leave(match led {
        Some(_) => Reason::ChangedSince,
        None => Reason::Gone,
    }))
}
