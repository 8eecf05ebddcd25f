//! What the address asks of the storage page.

use crate::api::media::{self, order};
use crate::api::tolerant::Timestamp;
use crate::api::{ApiError, MxcUri, RoomId};
use crate::components::field::from_datetime_local;
use crate::components::list::{Defaults, ListQuery};
use crate::i18n::language::current;
use crate::i18n::number;
use crate::session::Client;
use crate::storage::Question;
use crate::storage::question::filter;
use std::cell::RefCell;
use std::collections::HashSet;
use std::rc::Rc;

/// What the list shows when the address says nothing: the largest files.
pub const DEFAULTS: Defaults = Defaults {
    size: 25,
    sort: order::SIZE,
    descending: true,
};

/// The local files that a room's messages have.
type RoomFiles = (RoomId, Rc<HashSet<String>>);

thread_local! {
    static ROOM: RefCell<Option<RoomFiles>> = const { RefCell::new(None) };
}

/// The question, with what has to be asked for first. A room that is none has no files.
pub async fn of(query: &ListQuery, is_refresh: bool) -> Result<Question, ApiError> {
    if let Some(room) = query.get(filter::ROOM) {
        let room = RoomId::parse(room.trim());
        let is_known =
            ROOM.with_borrow(|known| known.as_ref().map(|known| &known.0) == room.as_ref());
        if let Some(room) = room
            && (is_refresh || !is_known)
        {
            let found = Client::get().send(media::of_room(&room)).await?;
            let ids = found.local.iter().filter_map(|uri| MxcUri::parse(uri));
            let ids = ids.map(|uri| uri.media_id).collect();
            ROOM.set(Some((room, Rc::new(ids))));
        }
    }
    Ok(of_known(query))
}

/// The question of a query, with what is known of its room already.
pub fn of_known(query: &ListQuery) -> Question {
    let mut question = Question::of(query);
    // What is not understood finds nothing, rather than everything.
    question.larger = query
        .get(filter::LARGER)
        .map(|text| number::size(text, &current()).unwrap_or(u64::MAX));
    question.before = query
        .get(filter::BEFORE)
        .map(|day| from_datetime_local(day).unwrap_or(Timestamp(i64::MIN)));
    if let Some(room) = query.get(filter::ROOM) {
        let known = ROOM.with_borrow(|known| {
            let (of, ids) = known.as_ref()?;
            (of.as_str() == room.trim()).then(|| Rc::clone(ids))
        });
        question.only = Some(known.unwrap_or_default());
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
    match next.to_query(&DEFAULTS) {
        empty if empty.is_empty() => "/media".to_owned(),
        query => format!("/media?{query}"),
    }
}
