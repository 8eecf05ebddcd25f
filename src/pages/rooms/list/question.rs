//! What the address asks, in the words of the list of rooms.

use crate::api::rooms::order;
use crate::lists::ListQuery;
use crate::rooms::query::Question;

/// The filters, as the address names them.
pub mod filter {
    pub const PUBLIC: &str = "public_rooms";
    pub const EMPTY: &str = "empty_rooms";
    pub const LOCAL: &str = "local";
    pub const SPACE: &str = "space";
    pub const ENCRYPTED: &str = "encrypted";
    pub const FEDERATED: &str = "federated";
    pub const JOIN_RULE: &str = "join_rule";
    pub const VERSION: &str = "version";
    pub const CREATOR: &str = "creator";
    /// Months in which nothing has happened.
    pub const QUIET: &str = "quiet";
    /// Left and forgotten by everybody here.
    pub const FORGOTTEN: &str = "forgotten";
    /// With so many forward extremities at least.
    pub const EXTREMITIES: &str = "extremities";
    /// Those that take most of the database.
    pub const LARGEST: &str = "largest";
}

const ORDERS: [&str; 13] = [
    order::NAME,
    order::ALIAS,
    order::MEMBERS,
    order::LOCAL_MEMBERS,
    order::VERSION,
    order::CREATOR,
    order::ENCRYPTION,
    order::FEDERATABLE,
    order::PUBLIC,
    order::JOIN_RULES,
    order::GUEST_ACCESS,
    order::HISTORY_VISIBILITY,
    order::STATE_EVENTS,
];

/// The question that stands in the address.
pub fn of_query(query: &ListQuery) -> Question {
    let text = |name| query.get(name).map(str::to_owned);
    Question {
        search: query.search.clone(),
        public: query.boolean(filter::PUBLIC),
        empty: query.boolean(filter::EMPTY),
        local: query.boolean(filter::LOCAL),
        space: query.boolean(filter::SPACE),
        encrypted: query.boolean(filter::ENCRYPTED),
        federated: query.boolean(filter::FEDERATED),
        join_rule: text(filter::JOIN_RULE),
        version: text(filter::VERSION),
        creator: text(filter::CREATOR),
        // What the address makes up is not asked for.
        order_by: ORDERS.into_iter().find(|order| *order == query.sort),
        descending: query.descending,
        from: query.from(),
        limit: query.size,
    }
}
