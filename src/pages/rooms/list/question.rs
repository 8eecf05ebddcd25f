//! What the address asks, in the words of the list of rooms.

use crate::known::Wanted;
use crate::lists::ListQuery;
use crate::rooms::query::{Question, RoomOrder};
use crate::session::Session;

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
    /// Months in which nothing has happened; or that nobody knows when anything did.
    pub const QUIET: &str = "quiet";
    /// Whether it is left and forgotten by everybody here.
    pub const FORGOTTEN: &str = "forgotten";
    /// With so many forward extremities at least; or that nobody knows how many.
    pub const EXTREMITIES: &str = "extremities";
    /// Whether local users are kept from joining.
    pub const BLOCKED: &str = "blocked";
    /// Those that take most of the database.
    pub const LARGEST: &str = "largest";
}

/// Whether this server tells what is a space.
pub fn tells_spaces() -> bool {
    Session::get().capabilities_now().since(64)
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
