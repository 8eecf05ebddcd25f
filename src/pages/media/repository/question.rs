//! What the address asks of the storage page.

use crate::address::route::Route;
use crate::api::tolerant::Timestamp;
use crate::api::{ApiError, RoomId};
use crate::components::field::from_datetime_local;
use crate::i18n::language::current;
use crate::i18n::{number, t};
use crate::lists::{Defaults, ListQuery};
use crate::media::of_rooms::{FilesOfRoom, files_of_room};
use crate::media::question::{filter, rooms_left_out};
use crate::media::{FileOrder, Index, Question, Sum};
use crate::pages::media::files::delete::some_of;
use crate::session::Client;
use std::cell::RefCell;
use std::collections::HashMap;

/// What the list shows when the address says nothing: the largest files.
pub const DEFAULTS: Defaults = Defaults {
    size: 25,
    sort: FileOrder::Size.key(),
    descending: true,
};

thread_local! {
    /// The local files that messages of rooms have, as far as they were asked for.
    static ROOMS: RefCell<HashMap<RoomId, FilesOfRoom>> = RefCell::default();
}

/// Forgets which files rooms have, so that it is asked anew: by whoever asks next, as the reading of
/// the lists takes the place of what "Refresh" has begun.
pub fn forget() {
    ROOMS.take();
}

/// The question, with what has to be asked for first, `anew` even where it is known.
pub async fn of(query: &ListQuery, anew: bool) -> Result<Question, ApiError> {
    let only = query.get(filter::ROOM).and_then(room_of);
    for room in only
        .into_iter()
        .chain(rooms_left_out(query).unwrap_or_default())
    {
        let is_known = ROOMS.with_borrow(|known| known.contains_key(&room));
        if anew || !is_known {
            let files = files_of_room(Client::get().patient(), &room).await?;
            ROOMS.with_borrow_mut(|known| known.insert(room, files));
        }
    }
    Ok(of_known(query))
}

fn room_of(text: &str) -> Option<RoomId> {
    RoomId::parse(text.trim())
}

fn files_of(room: &RoomId) -> FilesOfRoom {
    let known = ROOMS.with_borrow(|known| known.get(room).cloned());
    known.unwrap_or(FilesOfRoom::NotAsked)
}

/// How much the rooms have that a question leaves out, whatever else it asks.
pub fn left_out(question: &Question, index: &Index) -> Sum {
    index.sum_of(&question.without_ids)
}

/// The rooms that are to be left out and that the server does not know, in words; nothing if it knows all
/// of them.
pub fn unknown_rooms(question: &Question) -> Option<String> {
    let rooms: Vec<String> = question
        .unknown_rooms
        .iter()
        .map(ToString::to_string)
        .collect();
    (!rooms.is_empty()).then(|| t::storage_unknown_rooms(rooms.len() as u64, &some_of(&rooms)))
}

/// The question in the address, with the files of rooms as far as they have been read already.
pub fn of_known(query: &ListQuery) -> Question {
    let mut question = Question::of(query);
    question.larger = query
        .get(filter::LARGER)
        .map(|text| number::size(text, &current()).unwrap_or(u64::MAX));
    question.before = query
        .get(filter::BEFORE)
        .map(|day| from_datetime_local(day).unwrap_or(Timestamp(i64::MIN)));
    if let Some(room) = query.get(filter::ROOM) {
        question.narrow_to(room_of(room).map(|room| files_of(&room)));
    }
    for room in rooms_left_out(query).unwrap_or_default() {
        let files = files_of(&room);
        question.leave_out(room, files);
    }
    question
}

/// The address with a condition set, or taken back if it is. Conditions on the same thing take each
/// other's place.
pub fn toggled(query: &ListQuery, name: &str, value: &str) -> String {
    let mut next = query.clone();
    next.page = 1;
    let is_set = next.get(name) == Some(value);
    if matches!(name, filter::AGE | filter::UNUSED) {
        next.set(filter::AGE, "");
        next.set(filter::UNUSED, "");
    }
    next.set(name, if is_set { "" } else { value });
    Route::Media.at(&next.to_query(&DEFAULTS))
}

/// Whether the address asks for a part: not only for another order or page.
pub fn is_narrowed(query: &ListQuery) -> bool {
    query_of_parts(query) != ListQuery::new(&DEFAULTS)
}

fn query_of_parts(query: &ListQuery) -> ListQuery {
    let usual = ListQuery::new(&DEFAULTS);
    ListQuery {
        page: usual.page,
        size: usual.size,
        sort: usual.sort,
        descending: usual.descending,
        ..query.clone()
    }
}
