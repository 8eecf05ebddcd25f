//! The question of the list of users as it stands in the address. Whoever counts accounts and leads to
//! them asks the same question: the number and the list are one set.

use super::query::{Question, Told, UserOrder};
use crate::api::tolerant::Timestamp;
use crate::known::Wanted;
use crate::listing::ListQuery;

/// The filters, as the address names them.
pub mod filter {
    pub const GUESTS: &str = "guests";
    pub const DEACTIVATED: &str = "deactivated";
    pub const LOCKED: &str = "locked";
    pub const ADMINS: &str = "admins";
    pub const SHADOW_BANNED: &str = "shadow_banned";
    /// Told account by account only.
    pub const SUSPENDED: &str = "suspended";
    pub const USER_TYPE: &str = "user_type";
    pub const SYSTEM: &str = "system";
    pub const NOT_SEEN_SINCE: &str = "not_seen_since";
    pub const SEEN: &str = "seen";
    pub const SEEN_FROM: &str = "seen_from";
    /// Whether there are any; answered apart from the others.
    pub const DEVICES: &str = "devices";
    pub const WAITING: &str = "waiting";
    pub const CREATED_FROM: &str = "created_from";
    pub const CREATED_UNTIL: &str = "created_until";
}

/// The value of the filter by type for users without one.
pub const NO_TYPE: &str = "none";

/// Administrators who were last seen before this day.
pub fn quiet_admins(day: &str) -> String {
    format!("admins=true&deactivated=false&not_seen_since={day}")
}

/// Administrators, with accounts from that day or before it, of whose use there is no record.
pub fn traceless_admins(day: &str) -> String {
    format!("admins=true&created_until={day}&deactivated=false&seen=false")
}

/// What the calendar of the person says of a day.
#[derive(Clone, Copy)]
pub struct Days {
    /// When it begins, or the moment itself where a time stands behind the day.
    pub start: fn(&str) -> Option<Timestamp>,
    /// The same time a day later.
    pub next: fn(Timestamp) -> Timestamp,
}

/// The question that stands in the address, for a server that tells so much.
pub fn question(query: &ListQuery, told: Told, days: Days) -> Question {
    let day = |name| query.get(name).and_then(days.start);
    Question {
        search: query.search.clone(),
        guests: query.boolean(filter::GUESTS),
        deactivated: query.boolean(filter::DEACTIVATED),
        locked: query.boolean(filter::LOCKED),
        admins: query.boolean(filter::ADMINS),
        shadow_banned: query.boolean(filter::SHADOW_BANNED),
        suspended: query.get(filter::SUSPENDED).and_then(Wanted::parse),
        user_type: query.get(filter::USER_TYPE).map(|kind| match kind {
            NO_TYPE => String::new(),
            kind => kind.to_owned(),
        }),
        system: query.boolean(filter::SYSTEM),
        not_seen_since: day(filter::NOT_SEEN_SINCE),
        seen_from: day(filter::SEEN_FROM),
        ever_seen: query.boolean(filter::SEEN),
        waiting: query.boolean(filter::WAITING),
        created_from: day(filter::CREATED_FROM),
        created_until: day(filter::CREATED_UNTIL).map(days.next),
        told,
        order_by: UserOrder::parse(&query.sort),
        descending: query.descending,
        from: query.from(),
        limit: query.size,
        ..Question::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::users::User;
    use crate::listing::Defaults;

    const DAY_MS: i64 = 86_400_000;
    const START: i64 = 20_000 * DAY_MS;

    /// A calendar with one day in it.
    const DAYS: Days = Days {
        start: |day| (day == "2024-10-04").then_some(Timestamp(START)),
        next: |at| Timestamp(at.0 + DAY_MS),
    };

    fn found(address: &str, all: &[User]) -> Vec<String> {
        let query = ListQuery::parse(address, &Defaults::default());
        let question = question(&query, Told::default(), DAYS);
        let found = question.matching(all, &|_| false);
        found
            .iter()
            .map(|user| user.name.localpart().to_owned())
            .collect()
    }

    #[test]
    fn administrators_without_a_record_are_told_apart() {
        let user = |name: &str, seen: Option<i64>, created: i64| -> User {
            let json = serde_json::json!({
                "name": format!("@{name}:b.org"), "admin": name != "alice",
                "last_seen_ts": seen.map(|days| START + days * DAY_MS),
                "creation_ts": START + created * DAY_MS,
            });
            serde_json::from_value(json).unwrap()
        };
        let all = [
            user("quiet", Some(-1), -9),
            user("busy", Some(1), -9),
            user("traceless", None, -9),
            user("of_that_day", None, 0),
            user("new", None, 1),
            user("alice", None, -9),
        ];
        assert_eq!(found(&quiet_admins("2024-10-04"), &all), ["quiet"]);
        let traceless = found(&traceless_admins("2024-10-04"), &all);
        assert_eq!(traceless, ["traceless", "of_that_day"]);
    }
}
