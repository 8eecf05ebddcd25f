//! `#/rooms/!abc:example.org`: one room.
//!
//! | file | what |
//! |---|---|
//! | `overview` | all that the server keeps of it |
//! | `members` | who is in it, with their role |
//! | `state` | its state now, readable |
//! | [`messages`] | what was said and changed, paged both ways |
//! | `media` | the files of its messages |
//! | `hierarchy` | the rooms of a space |
//! | `aliases` | its local addresses |
//! | `permissions` | who may do what |
//! | `extremities` | its forward extremities |
//! | [`mod@line`] | an event, as a line |
//! | [`names`] | what its members are called |
//! | [`removal`] | removing the content of an event |

mod aliases;
mod extremities;
mod hierarchy;
pub mod line;
mod media;
mod members;
mod messages;
pub mod names;
mod overview;
mod permissions;
pub mod removal;
mod state;

pub use members::act::{MAKER as MEMBERS, MemberTargets, make as make_members};

use crate::address::route::Route;
use crate::api::RoomId;
use crate::api::rooms::{self, Blocked, RoomDetail};
use crate::components::badge::{Tone, badge};
use crate::components::link::link;
use crate::components::one_thing::{self, OneThing};
use crate::components::page::PageHeader;
use crate::components::questions::Questions;
use crate::components::tabs::{Tab, tabbed};
use crate::i18n::{Words, t};
use crate::known::{Known, Why};
use crate::session::Client;
use crate::ui::{IntoNode, Node, view};
use crate::widgets::pictures::avatar_of;
use crate::widgets::subjects::rooms::{KnownRoom, Subject, menu};
use leptos::prelude::*;
use names::Names;
use wasm_bindgen_futures::spawn_local;

/// What is known of the room that the page shows. A handle: copies are the same.
#[derive(Clone, Copy)]
struct Shown {
    room: StoredValue<RoomId>,
    detail: OneThing<RoomDetail>,
    blocked: RwSignal<Option<Known<Blocked>>>,
    names: Names,
    questions: Questions,
    /// Counts the changes that the page has begun.
    changed: RwSignal<u32>,
}

impl Shown {
    /// Whether it is blocked, as far as the server has said it. Reactive.
    fn told_blocked(self) -> Option<Blocked> {
        self.blocked.get()?.value()
    }

    /// All that the server keeps of it. Reactive.
    fn detail(self) -> Option<RoomDetail> {
        self.detail.get().and_then(Result::ok)
    }

    /// The same, not reactive.
    fn detail_now(self) -> Option<RoomDetail> {
        self.detail.get_untracked().and_then(Result::ok)
    }

    fn id(self) -> RoomId {
        self.room.get_value()
    }

    /// Reads the room anew; what is shown stays until it is there.
    fn refresh(self) {
        let Some(room) = self.room.try_get_value() else {
            return;
        };
        let _ = self.changed.try_update(|changed| *changed += 1);
        let number = self.questions.ask();
        spawn_local(async move {
            let detail = Client::get().send(rooms::get(&room)).await;
            // A later question has been asked, or the page was left.
            if self.questions.is_answered(number) {
                one_thing::take_anew(self.detail, detail, room.as_str());
                load_blocked(self, &room, number).await;
            }
        });
    }
}

async fn load_blocked(shown: Shown, room: &RoomId, number: u32) {
    let blocked = Client::get().send(rooms::is_blocked(room)).await.ok();
    if shown.questions.is_last(number) {
        shown.blocked.set(Some(Known::or(blocked, Why::Silent)));
    }
}

/// The page of the room with this ID, as it stands in the address.
pub fn view(id: String) -> Node {
    page(&id).into_node()
}

fn page(id: &str) -> Node {
    let Some(room) = RoomId::parse(id) else {
        return view! {
            <PageHeader title=Signal::stored(id.to_owned()) back=Route::Rooms />
            {missing(t::room_no_id)}
        }
        .into_node();
    };
    let shown = Shown {
        room: StoredValue::new(room.clone()),
        detail: RwSignal::new(None),
        blocked: RwSignal::new(None),
        names: Names::of(room.clone()),
        questions: Questions::new(),
        changed: RwSignal::new(0),
    };
    load(shown);
    view! {
        {header(shown, &room)}
        {one_thing::body(
            shown.detail,
            move |detail| tabs(shown, detail.room.is_space()),
            move || unknown(shown),
            move || load(shown),
        )}
    }
    .into_node()
}

fn missing(text: Words) -> Node {
    let text = Signal::derive(text);
    one_thing::missing(
        "rooms",
        t::room_missing,
        text,
        Route::Rooms,
        t::room_to_list,
    )
}

/// A room that the server does not have can be blocked all the same.
fn unknown(shown: Shown) -> Node {
    let blocked = move || {
        let blocked = shown.told_blocked().filter(|blocked| blocked.block)?;
        Some(view! { <p class="tab-lead">{overview::blocked_words(&blocked)}</p> })
    };
    let all = Route::BlockedRooms.to_string();
    view! {
        {missing(t::room_unknown)}
        {blocked}
        {actions(shown)}
        <p>{link(&all, "", t::room_to_blocked)}</p>
    }
    .into_node()
}

fn header(shown: Shown, room: &RoomId) -> Node {
    let bare = room.to_string();
    let title = move || {
        shown.detail.with(|detail| match detail {
            Some(Ok(detail)) => detail.room.title().to_owned(),
            _ => bare.clone(),
        })
    };
    let seed = room.to_string();
    let picture = move || {
        shown.detail.with(|detail| {
            let detail = detail.as_ref().and_then(|detail| detail.as_ref().ok());
            let name = detail.map_or(seed.as_str(), |detail| detail.room.title());
            avatar_of(&seed, name, detail.and_then(|of| of.avatar.as_deref()))
        })
    };
    let marks = move || {
        shown.detail.with(|detail| match detail {
            Some(Ok(detail)) => badges(shown, detail),
            _ => Vec::new(),
        })
    };
    one_thing::head(Route::Rooms, room.to_string(), title, picture, marks)
}

fn badges(shown: Shown, detail: &RoomDetail) -> Vec<Node> {
    let room = &detail.room;
    let blocked = shown.told_blocked().is_some_and(|blocked| blocked.block);
    [
        (room.is_space(), Tone::Neutral, t::room_space as Words),
        (room.public, Tone::Accent, t::room_published),
        (room.encryption.is_some(), Tone::Good, t::room_encrypted),
        (room.joined_members == Some(0), Tone::Warning, t::room_empty),
        (detail.tombstoned, Tone::Warning, t::room_tombstoned),
        (blocked, Tone::Bad, t::room_blocked),
    ]
    .into_iter()
    .filter(|(is, ..)| *is)
    .map(|(_, tone, label)| badge(tone, label))
    .collect()
}

fn tabs(shown: Shown, is_space: bool) -> Node {
    let route = Route::room(&shown.id());
    let members = Signal::derive(move || {
        shown.detail.with(|detail| match detail {
            Some(Ok(detail)) => detail.room.joined_members,
            _ => None,
        })
    });
    let mut tabs = vec![
        Tab::new("", t::user_overview, move || overview::tab(shown)),
        Tab::new("members", t::room_members, move || members::tab(shown)).counted(members),
        Tab::new("messages", t::room_messages, move || messages::tab(shown)),
        Tab::new("state", t::room_state, move || state::tab(shown)),
        Tab::new("media", t::nav_media, move || media::tab(shown)),
        Tab::new("aliases", t::room_addresses, move || aliases::tab(shown)),
        Tab::new("permissions", t::room_permissions, move || {
            permissions::tab(shown)
        }),
        Tab::new("forward_extremities", t::room_extremities, move || {
            extremities::tab(shown)
        }),
        Tab::new("actions", t::room_card_state, move || actions(shown)),
    ];
    if is_space {
        let rooms = Tab::new("hierarchy", t::room_hierarchy, move || {
            hierarchy::tab(shown)
        });
        tabs.insert(5, rooms);
    }
    tabbed(&route, t::room_tabs, tabs)
}

fn actions(shown: Shown) -> Node {
    let known = move || {
        let room = match shown.detail.get()? {
            Ok(detail) => Some(detail.room),
            Err(error) if error.is_not_found() => None,
            Err(_) => return None,
        };
        let blocked = shown.told_blocked().map(|of| of.block);
        Some(KnownRoom::found(&shown.id(), &Known::Is(room), blocked))
    };
    let subject = Subject::One {
        known: Signal::derive(known),
        changed: Callback::new(move |()| shown.refresh()),
    };
    menu(subject)
}

fn load(shown: Shown) {
    let room = shown.id();
    shown.detail.set(None);
    let number = shown.questions.ask();
    spawn_local(async move {
        let detail = Client::get().send(rooms::get(&room)).await;
        // A later question has been asked, or the page was left.
        if shown.questions.is_answered(number) {
            shown.detail.set(Some(detail));
            load_blocked(shown, &room, number).await;
        }
    });
}
