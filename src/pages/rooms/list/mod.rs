//! `#/rooms`: all rooms that the server has.
//!
//! | file | what |
//! |---|---|
//! | `question` | the address in the words of the list |
//! | `columns`, `filters` | what is shown and asked |
//! | `views` | ready filters for housekeeping |
//! | `survey` | what the server tells room by room only |
//! | `statistics` | whether what the list counts by stands still |

mod columns;
mod filters;
mod question;
mod statistics;
mod survey;
mod views;

use crate::api::rooms::Room;
use crate::api::server::Feature;
use crate::api::tolerant::Timestamp;
use crate::api::{ApiError, RoomId};
use crate::components::button::ButtonLink;
use crate::components::page::PageHeader;
use crate::i18n::features::why_not;
use crate::i18n::{format, t};
use crate::known::{Known, UNKNOWN, Wanted, Why};
use crate::lists::{AnsweredBy, Defaults, List, ListPage, ListQuery, ListSpec, Reading, Source};
pub use columns::type_of;
pub use question::of_query;

use crate::address::route::Route;
use crate::browser::clock::now;
use crate::lists::{blank, cached};
use crate::pages::rooms::blocks;
use crate::rooms::query::{NEEDS, Question, RoomOrder};
use crate::session::{Client, learn};
use crate::ui::{IntoNode, Node, view};
use crate::widgets::rooms_kept::whole_list;
use crate::widgets::subjects::rooms::{Subject, menu};
use leptos::prelude::*;
use question::filter;
use survey::{FoundRooms, Quiet, SurveyOrder};

/// The page with the list of rooms.
pub fn view() -> Node {
    let changed = RwSignal::new(0);
    let spec = ListSpec::new(
        "rooms",
        t::nav_rooms,
        |room: &Room| room.room_id.to_string(),
        Source::server_or_here(answered),
    )
    .defaults(Defaults {
        sort: RoomOrder::Members.key(),
        descending: true,
        ..Default::default()
    })
    .search(t::room_list_search)
    .link(|room: &Room| Route::room(&room.room_id).to_string())
    .empty("rooms", t::room_list_empty, Some(t::room_list_empty_text))
    .reload(changed)
    .bulk(move |picked| menu(Subject::Listed { picked, changed }))
    .columns(columns::columns())
    .filters(filters::filters())
    .needs(NEEDS);
    view! {
        <PageHeader title=Signal::derive(t::nav_rooms) lead=Signal::derive(t::room_list_lead)>
            <ButtonLink to=Route::BlockedRooms.to_string() label=t::rooms_block_by_id icon="ban" />
        </PageHeader>
        {views::row()}
        {statistics::warning()}
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

/// What a question asks of rooms that the server tells room by room only.
#[derive(Clone, Copy, Default, PartialEq)]
pub struct PickedBy {
    quiet: Option<Quiet>,
    forgotten: Option<Wanted>,
    blocked: Option<bool>,
    /// How many forward extremities at least; without a number, that nobody knows how many.
    extremities: Option<Option<u64>>,
}

impl PickedBy {
    /// What this question asks of that kind.
    pub fn of(query: &ListQuery) -> Self {
        PickedBy {
            quiet: quiet_of(query),
            forgotten: query.get(filter::FORGOTTEN).and_then(Wanted::parse),
            blocked: query.boolean(filter::BLOCKED),
            extremities: query.get(filter::EXTREMITIES).and_then(|text| match text {
                UNKNOWN => Some(None),
                least => Some(Some(least.parse().ok()?)),
            }),
        }
    }

    /// How many requests it takes to ask, at most.
    pub fn requests(self) -> u64 {
        // Forward extremities, and the last message where these tell nothing.
        2 * u64::from(self.quiet.is_some())
            + u64::from(self.forgotten.is_some())
            + u64::from(self.blocked.is_some())
            + u64::from(self.extremities.is_some())
    }

    /// Asks whether it still holds.
    pub async fn still_holds(self, room: &RoomId) -> Result<bool, ApiError> {
        if let Some(wanted) = self.quiet {
            let last = survey::last_event_now(room).await?;
            if !wanted.finds(Known::or(last, Why::NoRecord)) {
                return Ok(false);
            }
        }
        if let Some(wanted) = self.forgotten
            && !wanted.finds(Known::Is(survey::forgotten_now(room).await?))
        {
            return Ok(false);
        }
        if let Some(wanted) = self.blocked
            && blocks::is_blocked_now(room).await? != wanted
        {
            return Ok(false);
        }
        match self.extremities {
            Some(least) => survey::has_extremities_now(room, least).await,
            None => Ok(true),
        }
    }
}

/// What the address asks of when something last happened.
fn quiet_of(query: &ListQuery) -> Option<Quiet> {
    match query.get(filter::QUIET)? {
        UNKNOWN => Some(Quiet::Unknown),
        months => Some(Quiet::Since(quiet_before(months.parse().ok()?))),
    }
}

/// The rooms that the survey finds, and how they were found; `None` if the address asks for
/// nothing that needs it. What is asked of several kinds is asked one after the other, of what is
/// left.
async fn surveyed(
    query: &ListQuery,
    reading: &Reading,
) -> Result<Option<(Vec<Room>, String)>, ApiError> {
    let asked = PickedBy::of(query);
    let largest = query.boolean(filter::LARGEST) == Some(true);
    if asked == PickedBy::default() && !largest {
        return Ok(None);
    }
    if asked.forgotten.is_some() {
        let server = learn::capabilities().await?;
        if let Some(lack) = server.lack(Feature::ForgottenRooms) {
            return Ok(Some((Vec::new(), why_not(lack))));
        }
    }
    let mut note = t::room_note_largest();
    let rooms = match largest {
        false => candidates(query, reading).await?,
        true => match survey::largest(reading).await? {
            Some(rooms) => rooms,
            None => return Ok(Some((Vec::new(), t::room_note_largest_unknown()))),
        },
    };
    let mut found = FoundRooms {
        rooms,
        silent: Vec::new(),
        since: now(),
    };
    if let Some(wanted) = asked.quiet {
        let among = std::mem::take(&mut found.rooms);
        found = found.narrowed(survey::quiet(wanted, among, reading).await?);
        note = t::room_note_quiet(&format::relative(found.since, now()));
    }
    if let Some(wanted) = asked.forgotten {
        let among = std::mem::take(&mut found.rooms);
        found = found.narrowed(survey::forgotten(wanted, among, reading).await?);
        note = t::room_note_forgotten(&format::relative(found.since, now()));
    }
    if let Some(wanted) = asked.blocked {
        let among = std::mem::take(&mut found.rooms);
        found = found.narrowed(survey::blocked(wanted, among, reading).await?);
        note = t::room_note_blocked(&format::relative(found.since, now()));
    }
    if let Some(least) = asked.extremities {
        let among = std::mem::take(&mut found.rooms);
        found = found.narrowed(survey::with_extremities(least, among, reading).await?);
        note = t::room_note_extremities(&format::relative(found.since, now()));
    }
    Ok(Some((
        found.rooms,
        cached::with_silent(note, &found.silent),
    )))
}

/// What the rest of the question finds: only these need be asked about.
async fn candidates(query: &ListQuery, reading: &Reading) -> Result<Vec<Room>, ApiError> {
    let whole = whole_list(reading).await?;
    let found = question::of_query(query).matching(&whole.items);
    statistics::compare(&found, whole.read_at);
    Ok(found.into_iter().cloned().collect())
}

/// Who answers a question of the list.
async fn answered(query: ListQuery, reading: Reading) -> Result<AnsweredBy, ApiError> {
    let (query, reading) = (&query, &reading);
    let capabilities = learn::capabilities().await?;
    if reading.is_refresh() {
        // Also what this question does not ask, and is shown all the same.
        survey::forget();
    }
    let mut question = question::of_query(query);
    if question.order_by.is_some_and(RoomOrder::may_be_blank) {
        question.blank = blank::of_server().await.unwrap_or_default();
    }
    if let Some((found, note)) = surveyed(query, reading).await? {
        return Ok(here(query, &question, &found, note));
    }
    let asked = question.for_server(&capabilities);
    if let Some(asked) = asked.filter(|_| SurveyOrder::parse(&query.sort).is_none()) {
        let sort = move |found: &mut Vec<Room>| question.sort(found);
        let answered = AnsweredBy::server(asked, reading.clone(), |room| room, sort);
        return Ok(answered.with_note(t::users_note_server()));
    }
    let (among, read_at, note) = match question.among() {
        Some(asked) => {
            let progress = |done, of| reading.progress(done, Some(of));
            let client = Client::get().enduring();
            let found = client.patient().all_of(&asked, &progress).await?;
            (found.into(), now(), t::users_note_server())
        }
        None => {
            let whole = whole_list(reading).await?;
            let read = format::relative(whole.read_at, now());
            let note = t::room_list_note_here(whole.items.len() as u64, &read);
            (whole.items, whole.read_at, note)
        }
    };
    if question.local.is_some() || question.empty.is_some() {
        statistics::compare(&question.matching(&among), read_at);
    }
    Ok(here(query, &question, &among, note))
}

/// An answer of ours, from among these rooms, with a word on how they were found.
fn here(query: &ListQuery, question: &Question, among: &[Room], note: String) -> AnsweredBy {
    let (page, total) = match SurveyOrder::parse(&query.sort) {
        Some(order) => question.answer_by(among, &order.among(among, query.descending)),
        None => question.answer(among),
    };
    AnsweredBy::Here(ListPage::new(page, total).with_note(note))
}
