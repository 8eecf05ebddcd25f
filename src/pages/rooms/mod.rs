//! `#/rooms`: all rooms that the server has.
//!
//! | file | what |
//! |---|---|
//! | `question` | the address in the words of the list |
//! | `columns`, `filters` | what is shown and asked |
//! | `views` | ready filters for housekeeping |
//! | `survey` | what the server tells room by room only |

mod columns;
mod filters;
mod question;
mod survey;
mod views;

use crate::api::rooms::{self, ListRooms, Room, order};
use crate::api::server::Feature;
use crate::api::tolerant::Timestamp;
use crate::api::{ApiError, RoomId};
use crate::chunks;
use crate::components::list::{Defaults, List, ListPage, ListQuery, ListSpec, Reading, Source};
use crate::components::page::PageHeader;
use crate::i18n::features::why_not;
use crate::i18n::{format, t};
use crate::listing::sort::sort_by;
pub use question::of_query;

use crate::pages::room_actions::subject::{self, Subject};
use crate::pages::whole::{self, Keeper, Kind, Report, Whole};
use crate::places;
use crate::room_list;
use crate::session::browser::now;
use crate::session::{Client, learn};
use crate::touched::Log;
use crate::ui::{IntoNode, Node, view};
use futures_util::FutureExt;
use futures_util::future::LocalBoxFuture;
use leptos::prelude::*;
use question::filter;
use std::rc::Rc;

thread_local! {
    static ROOMS: Keeper<Room> = Keeper::new(Kind {
        read,
        one,
        key: |room| room.room_id.as_str(),
        keep: |_, _| (),
        touched: Log::rooms_since,
    });
}

fn one(room: String) -> LocalBoxFuture<'static, Result<Option<Room>, ApiError>> {
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

fn read(report: Report) -> LocalBoxFuture<'static, Result<Vec<Room>, ApiError>> {
    async move {
        let client = Client::get();
        room_list::read_all(client.patient(), &*report).await
    }
    .boxed_local()
}

/// All rooms of the server.
async fn whole_list(reading: &Reading) -> Result<Whole<Room>, ApiError> {
    whole::all(&ROOMS, reading).await
}

/// The page with the list of rooms.
pub fn view() -> Node {
    let changed = RwSignal::new(0);
    let mut spec = ListSpec::new(
        "rooms",
        t::nav_rooms,
        |room: &Room| room.room_id.to_string(),
        Source::paged(page, all),
    )
    .defaults(Defaults {
        sort: order::MEMBERS,
        descending: true,
        ..Default::default()
    })
    .search(t::room_list_search)
    .link(|room: &Room| places::of_room(&room.room_id, ""))
    .empty("rooms", t::room_list_empty, None)
    .reload(changed)
    .bulk(move |picked| {
        subject::set(Subject::Picked { picked, changed });
        chunks::ROOM_ACTIONS.view().into_any()
    });
    for column in columns::columns() {
        spec = spec.column(column);
    }
    for filter in filters::filters() {
        spec = spec.filter(filter);
    }
    view! {
        <PageHeader title=Signal::derive(t::nav_rooms) lead=Signal::derive(t::room_list_lead) />
        {views::row()}
        <List spec />
    }
    .into_node()
}

/// A month, in milliseconds: people mean about so long.
const MONTH_MS: i64 = 2_629_746_000;

/// Since when nothing is to have happened in a room that was quiet for so many months.
fn quiet_before(months: i64) -> Timestamp {
    Timestamp(now().0 - months * MONTH_MS)
}

/// What rooms were picked by that the server tells room by room only.
#[derive(Clone, Copy, Default, PartialEq)]
pub struct PickedBy {
    /// Nothing has happened since.
    quiet_before: Option<Timestamp>,
    forgotten: bool,
}

impl PickedBy {
    /// What this question asks of that kind.
    pub fn of(query: &ListQuery) -> Self {
        let months = query.get(filter::QUIET).and_then(|text| text.parse().ok());
        PickedBy {
            quiet_before: months.map(quiet_before),
            forgotten: query.boolean(filter::FORGOTTEN) == Some(true),
        }
    }

    /// Whether there is anything to ask.
    pub fn is_any(self) -> bool {
        self != PickedBy::default()
    }

    /// Asks whether it still holds.
    pub async fn still_holds(self, room: &RoomId) -> Result<bool, ApiError> {
        if let Some(moment) = self.quiet_before {
            let last = survey::last_event_now(room).await?;
            if last.is_none_or(|last| last.0 >= moment.0) {
                return Ok(false);
            }
        }
        if self.forgotten {
            return Ok(Client::get().send(rooms::get(room)).await?.forgotten);
        }
        Ok(true)
    }
}

/// The rooms that the survey finds, and how they were found; `None` if the address asks for
/// nothing that needs it.
async fn surveyed(
    query: &ListQuery,
    reading: &Reading,
) -> Result<Option<(Vec<Room>, String)>, ApiError> {
    let number = |name| query.get(name).and_then(|text| text.parse::<i64>().ok());
    if let Some(months) = number(filter::QUIET) {
        let moment = quiet_before(months);
        let among = candidates(query, reading).await?;
        let found = survey::quiet_since(moment, among, reading).await?;
        return Ok(Some(told(found, t::room_note_quiet)));
    }
    if query.boolean(filter::FORGOTTEN) == Some(true) {
        let server = learn::capabilities().await?;
        if let Some(lack) = server.lack(Feature::ForgottenRooms) {
            return Ok(Some((Vec::new(), why_not(lack))));
        }
        let among = candidates(query, reading).await?;
        let found = survey::forgotten(among, reading).await?;
        return Ok(Some(told(found, t::room_note_forgotten)));
    }
    if let Some(least) = number(filter::EXTREMITIES) {
        let among = candidates(query, reading).await?;
        let found = survey::with_extremities(least.max(0) as u64, among, reading).await?;
        return Ok(Some(told(found, t::room_note_extremities)));
    }
    if query.boolean(filter::LARGEST) == Some(true) {
        return Ok(Some(match survey::largest(reading).await? {
            Some(found) => (found, t::room_note_largest()),
            None => (Vec::new(), t::room_note_largest_unknown()),
        }));
    }
    Ok(None)
}

/// What the rest of the question finds: only these need be asked about.
async fn candidates(query: &ListQuery, reading: &Reading) -> Result<Vec<Room>, ApiError> {
    let whole = whole_list(reading).await?;
    let found = question::of_query(query).matching(&whole.items);
    Ok(found.into_iter().cloned().collect())
}

/// The rooms, and a word on how and when they were found, and which may be missing.
fn told(found: survey::Found, note: fn(&str) -> String) -> (Vec<Room>, String) {
    let note = note(&format::relative(found.since, now()));
    (found.rooms, whole::with_silent(note, &found.silent))
}

/// Where the answer to a question is.
enum Way {
    /// The server answers.
    Server(ListRooms),
    /// It is among these rooms: the rest of the question is answered here. With a word on how
    /// they were found.
    Here(Rc<[Room]>, String),
}

async fn way(query: &ListQuery, reading: &Reading) -> Result<Way, ApiError> {
    let capabilities = learn::capabilities().await?;
    if let Some((found, note)) = surveyed(query, reading).await? {
        return Ok(Way::Here(found.into(), note));
    }
    let asked = question::of_query(query).for_server(&capabilities);
    if let Some(asked) = asked.filter(|_| !survey::is_order(&query.sort)) {
        return Ok(Way::Server(asked));
    }
    let whole = whole_list(reading).await?;
    let read = format::relative(whole.read_at, now());
    let note = t::room_list_note_here(whole.items.len() as u64, &read);
    Ok(Way::Here(whole.items, note))
}

fn here(query: &ListQuery, among: &[Room], note: String) -> ListPage {
    let question = question::of_query(query);
    if survey::is_order(&query.sort) {
        let mut found = question.matching(among);
        sort_by(&mut found, |a, b| {
            survey::compare(&query.sort, query.descending, a, b)
        });
        let total = found.len() as u64;
        let page = found.into_iter().skip(question.from as usize);
        let page = page.take(question.limit as usize).cloned().collect();
        return ListPage::new(page, total).with_note(note);
    }
    let page = question.answer(among);
    ListPage::new(page.rooms, page.total).with_note(note)
}

async fn page(query: ListQuery, reading: Reading) -> Result<ListPage, ApiError> {
    match way(&query, &reading).await? {
        Way::Here(among, note) => Ok(here(&query, &among, note)),
        Way::Server(asked) => {
            let page = Client::get().send(rooms::list(&asked)).await?;
            Ok(ListPage::new(page.rooms, page.total).with_note(t::users_note_server()))
        }
    }
}

async fn all(query: ListQuery, reading: Reading) -> Result<ListPage, ApiError> {
    match way(&query, &reading).await? {
        Way::Here(among, note) => Ok(here(&query, &among, note)),
        Way::Server(asked) => {
            let client = Client::get();
            let report = |done, of| reading.progress(done, Some(of));
            let mut found = room_list::read_matching(client.patient(), &asked, &report).await?;
            question::of_query(&query).sort(&mut found);
            Ok(ListPage::all(found).with_note(t::users_note_server()))
        }
    }
}
