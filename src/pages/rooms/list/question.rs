//! What the address asks, in the words of the list of rooms.

use crate::api::server::Feature;
use crate::known::Wanted;
use crate::lists::ListQuery;
pub use crate::rooms::query::filter;
use crate::rooms::query::{Question, RoomOrder};
use crate::session::Session;

/// Whether this server tells what is a space.
pub fn tells_spaces() -> bool {
    Session::get().capabilities_now().has(Feature::RoomTypes)
}

/// The question that stands in the address.
pub fn of_query(query: &ListQuery) -> Question {
    let text = |name| query.get(name).map(str::to_owned);
    let wanted = |name| query.get(name).and_then(Wanted::parse);
    Question {
        search: query.search.clone(),
        public: query.boolean(filter::PUBLIC),
        empty: wanted(filter::EMPTY),
        local: wanted(filter::LOCAL),
        space: wanted(filter::SPACE),
        spaces_untold: !tells_spaces(),
        encrypted: query.boolean(filter::ENCRYPTED),
        federated: query.boolean(filter::FEDERATED),
        join_rule: text(filter::JOIN_RULE),
        version: text(filter::VERSION),
        creator: text(filter::CREATOR),
        order_by: RoomOrder::parse(&query.sort),
        descending: query.descending,
        from: query.from(),
        limit: query.size,
        ..Default::default()
    }
}
