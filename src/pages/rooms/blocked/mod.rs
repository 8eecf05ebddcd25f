//! `#/blocked_rooms`: rooms are blocked by their IDs, whether this server knows them or not, and it is
//! seen which are.
//!
//! | file | what |
//! |---|---|
//! | `paste` | the text in which rooms are read |
//! | `columns` | the columns of the list |

mod columns;
mod paste;

use super::blocks;
use crate::actions::touched::Log;
use crate::address::route::Route;
use crate::api::rooms::{self, Blocked, Room};
use crate::api::{ApiError, RoomId};
use crate::components::page::PageHeader;
use crate::i18n::{Words, t};
use crate::known::{Known, Why};
use crate::lists::cached::{self, Survey};
use crate::lists::{
    Filter, FilterKind, List, ListPage, ListQuery, ListSpec, Reading, Row, Source, arrange_known,
    typed,
};
use crate::session::Client;
use crate::sort_keys;
use crate::ui::{IntoNode, Node, view};
use crate::widgets::subjects::rooms::{KnownRoom, Subject, menu};
use futures_util::FutureExt;
use futures_util::future::LocalBoxFuture;
use leptos::prelude::*;
use std::cell::RefCell;
use std::collections::HashSet;

/// The filters, as the address names them.
mod filter {
    pub const FROM: &str = "from";
    pub const BLOCKED: &str = "blocked";
    pub const HERE: &str = "here";
}

sort_keys! {
    /// What the list can be sorted by.
    BlockedOrder {
        Name: "name",
        Blocked: "blocked",
        Here: "here",
    }
}

/// The value of [`filter::FROM`] for those that were pasted.
const PASTED: &str = "pasted";

thread_local! {
    static ROOMS: Survey<Option<Room>> = Survey::new(detail, Log::rooms_since);
    /// What was pasted last, and by whom: it is there when one comes back to the page.
    static PASTE: RefCell<(Option<String>, Vec<RoomId>)> = const { RefCell::new((None, Vec::new())) };
}

/// A room, as the list shows it.
#[derive(Clone)]
struct Entry {
    room: RoomId,
    blocked: Known<Blocked>,
    /// What this server has of it; `None` if nothing.
    here: Known<Option<Room>>,
    is_pasted: bool,
    /// Whether the server is about to block it, with a deletion from this browser.
    is_due: bool,
}

impl Entry {
    fn title(&self) -> String {
        let room = self.here.clone().value().flatten();
        room.map_or_else(|| self.room.to_string(), |room| room.title().to_owned())
    }

    fn is_blocked(&self) -> Known<bool> {
        self.blocked.clone().map(|blocked| blocked.block)
    }

    fn is_here(&self) -> Known<bool> {
        self.here.clone().map(|room| room.is_some())
    }
}

fn detail(room: String) -> LocalBoxFuture<'static, Result<Option<Room>, ApiError>> {
    async move {
        let Some(room) = RoomId::parse(&room) else {
            return Ok(None);
        };
        match Client::get().send(rooms::get(&room)).await {
            Ok(detail) => Ok(Some(detail.room)),
            Err(error) if error.is_not_found() => Ok(None),
            Err(error) => Err(error),
        }
    }
    .boxed_local()
}

/// What has been pasted in this session.
fn pasted() -> Vec<RoomId> {
    PASTE.with_borrow(|(owner, rooms)| match *owner == blocks::owner() {
        true => rooms.clone(),
        false => Vec::new(),
    })
}

/// The page of rooms that are blocked by their IDs.
pub fn view() -> Node {
    let changed = RwSignal::new(0);
    let from: Vec<(&str, Words)> = vec![
        (PASTED, t::blocked_from_paste),
        ("browser", t::blocked_from_browser),
    ];
    let spec = ListSpec::new(
        "blocked-rooms",
        t::nav_blocked_rooms,
        |entry: &Entry| entry.room.to_string(),
        Source::here(load),
    )
    .search(t::blocked_search)
    .filter(Filter::new(
        filter::FROM,
        t::blocked_from,
        FilterKind::Choice(from),
    ))
    .filter(Filter::new(
        filter::BLOCKED,
        t::room_blocked,
        FilterKind::YesNo,
    ))
    .filter(Filter::new(
        filter::HERE,
        t::blocked_here,
        FilterKind::YesNo,
    ))
    .link(|entry: &Entry| Route::room(&entry.room).to_string())
    .empty("ban", t::blocked_empty, Some(t::blocked_empty_text))
    .reload(changed)
    .bulk(move |picked| {
        menu(Subject::Picked {
            picked,
            changed,
            see,
        })
    })
    .columns(columns::columns());
    view! {
        <PageHeader
            title=Signal::derive(t::nav_blocked_rooms)
            lead=Signal::derive(t::blocked_lead)
            back=Route::Rooms
        />
        {paste::card(changed)}
        <List spec />
    }
    .into_node()
}

/// The room of a row, as the actions on rooms know rooms.
fn see(row: &Row) -> KnownRoom {
    let entry = typed::<Entry>(row);
    KnownRoom::found(&entry.room, &entry.here, entry.is_blocked().value())
}

async fn load(query: ListQuery, reading: Reading) -> Result<ListPage, ApiError> {
    let pasted = pasted();
    let is_pasted: HashSet<&RoomId> = pasted.iter().collect();
    let mut rooms = pasted.clone();
    let kept = blocks::remembered();
    rooms.extend(kept.into_iter().filter(|room| !is_pasted.contains(room)));
    rooms.retain(|room| match query.get(filter::FROM) {
        Some(PASTED) => is_pasted.contains(room),
        Some("browser") => !is_pasted.contains(room),
        _ => true,
    });
    let ids: Vec<String> = rooms.iter().map(RoomId::to_string).collect();
    let blocked = blocks::of(ids.clone(), &reading).await?;
    // Not pasted, and not blocked any more: nothing leads here.
    let still: HashSet<RoomId> = blocks::forget(&blocked).into_iter().collect();
    rooms.retain(|room| is_pasted.contains(room) || still.contains(room));
    let here = cached::survey(&ROOMS, ids, &reading).await?;
    let is_silent = |room: &&RoomId| {
        let id = room.as_str();
        !blocked.known.contains_key(id) || !here.known.contains_key(id)
    };
    let silent = rooms.iter().filter(is_silent).map(RoomId::to_string);
    let note = cached::untold(&silent.collect::<Vec<_>>());
    let due = blocks::due(&rooms);
    let entries: Vec<Entry> = rooms
        .into_iter()
        .map(|room| Entry {
            blocked: Known::or(blocked.known.get(room.as_str()).cloned(), Why::Silent)
                .map(|told| told.blocked),
            here: Known::or(here.known.get(room.as_str()).cloned(), Why::Silent),
            is_pasted: is_pasted.contains(&room),
            is_due: due.contains(&room),
            room,
        })
        .collect();
    let is = |wanted: Option<bool>, found: Known<bool>| wanted.is_none() || wanted == found.value();
    let (wanted, here) = (query.boolean(filter::BLOCKED), query.boolean(filter::HERE));
    let found = entries
        .into_iter()
        .filter(|entry| is(wanted, entry.is_blocked()) && is(here, entry.is_here()))
        .collect();
    let (page, total) = arrange_known(
        found,
        &query,
        |entry| format!("{}\n{}", entry.room, entry.title()),
        |key, a, b, descending| {
            let name = |entry: &Entry| Known::Is(entry.title().to_lowercase());
            let by_key = match key {
                BlockedOrder::Blocked => a.is_blocked().compare(&b.is_blocked(), descending),
                BlockedOrder::Here => a.is_here().compare(&b.is_here(), descending),
                BlockedOrder::Name => name(a).compare(&name(b), descending),
            };
            by_key.then_with(|| a.room.cmp(&b.room))
        },
    );
    Ok(ListPage::new(page, total).noted(note))
}
