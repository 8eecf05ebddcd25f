//! Which filters, orders and columns of a list rest on something that not every server tells, so
//! that a list offers none of them in vain and says since when there is an answer.

use crate::api::server::Feature;

/// What of a list rests on one thing that a server must be able to tell, as the address and the list's
/// columns name it.
#[derive(Clone, Copy, Debug)]
pub struct Need {
    pub feature: Feature,
    pub filters: &'static [&'static str],
    /// Values of `sort`.
    pub orders: &'static [&'static str],
    pub columns: &'static [&'static str],
}

/// All that a list needs. One that is not in it every server can answer.
#[derive(Clone, Copy, Debug, Default)]
pub struct Needs(pub &'static [Need]);

impl Needs {
    fn first(self, of: fn(&Need) -> &'static [&'static str], name: &str) -> Option<Feature> {
        let found = self.0.iter().find(|need| of(need).contains(&name));
        found.map(|need| need.feature)
    }

    /// What a filter rests on.
    pub fn of_filter(self, name: &str) -> Option<Feature> {
        self.first(|need| need.filters, name)
    }

    /// What an order rests on.
    pub fn of_order(self, key: &str) -> Option<Feature> {
        self.first(|need| need.orders, key)
    }

    /// What a column rests on.
    pub fn of_column(self, id: &str) -> Option<Feature> {
        self.first(|need| need.columns, id)
    }

    /// What a question rests on that stands in an address behind the `?`, each thing once.
    pub fn of_address(self, address: &str) -> Vec<Feature> {
        let mut found = Vec::new();
        for (name, value) in address.split('&').filter_map(|pair| pair.split_once('=')) {
            let feature = match name {
                "sort" => self.of_order(value),
                name => self.of_filter(name),
            };
            found.extend(feature.filter(|feature| !found.contains(feature)));
        }
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::server::{Capabilities, Version};
    use crate::{media, rooms, users};

    fn lacking(needs: Needs, version: &str, delegated_auth: bool) -> Vec<&'static str> {
        let server = Capabilities {
            version: Version::parse(version),
            delegated_auth,
            ..Default::default()
        };
        let lacking = needs.0.iter().filter(|need| !server.has(need.feature));
        let names = |need: &Need| [need.filters, need.orders, need.columns].concat();
        let mut found: Vec<&str> = lacking.flat_map(names).collect();
        found.sort_unstable();
        found.dedup();
        found
    }

    #[test]
    fn what_old_servers_cannot_answer() {
        let (users, rooms) = (users::query::NEEDS, rooms::query::NEEDS);
        let on = |version| {
            [users, rooms, media::question::NEEDS].map(|needs| lacking(needs, version, false))
        };
        let of_users = [
            "approved",
            "erased",
            "last_seen",
            "last_seen_ts",
            "locked",
            "not_seen_since",
            "seen",
            "seen_from",
            "suspended",
            "waiting",
        ];
        let of_rooms = [
            "database_bytes",
            "forgotten",
            "largest",
            "room_type",
            "space",
        ];
        let (of_media, none): (&[&str], &[&str]) = (&["anonymous"], &[]);
        assert_eq!(on("1.62.0"), [&of_users[..], &of_rooms, of_media]);
        assert_eq!(on("1.98.0"), [&["suspended"], none, of_media]);
        assert_eq!(on("1.163.2"), [none; 3]);
        // Of a version that nobody knows everything is tried.
        assert_eq!(on("nightly"), [none; 3]);
        assert_eq!(lacking(users, "1.163.2", true), ["admin", "admins"]);
    }

    #[test]
    fn a_view_rests_on_its_filters_and_its_order() {
        let (users, rooms) = (users::query::NEEDS, rooms::query::NEEDS);
        let of = |needs: Needs, address| needs.of_address(address);
        assert!(of(users, "").is_empty());
        assert!(of(users, "deactivated=false&devices=false").is_empty());
        let quiet = "deactivated=false&not_seen_since=2026-11-28&system=false&sort=last_seen_ts";
        assert_eq!(of(users, quiet), [Feature::ListedUse]);
        assert_eq!(of(users, "locked=true"), [Feature::ListedLocks]);
        let largest = "largest=true&sort=database_bytes&dir=desc";
        assert_eq!(of(rooms, largest), [Feature::LargestRooms]);
        let both = "forgotten=true&space=true";
        let needs = [Feature::ForgottenRooms, Feature::RoomTypes];
        assert_eq!(of(rooms, both), needs);
        // "last_seen" is a column and no order.
        assert!(of(users, "sort=last_seen").is_empty());
    }
}
