//! Page, size, order, search and filters of a list, to and from the query of a URL.

use crate::api::encode::{decoded, push_encoded};
use serde::{Deserialize, Serialize};

/// The page sizes that a list offers.
pub const SIZES: [u64; 6] = [10, 25, 50, 100, 500, 1000];

/// The parameters that every list has; all others are filters.
const PAGE: &str = "page";
const SIZE: &str = "size";
const SORT: &str = "sort";
const DIRECTION: &str = "dir";
const SEARCH: &str = "q";

/// What a list shows when its URL says nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Defaults {
    pub size: u64,
    /// A sort key; empty if the list comes in an order of its own.
    pub sort: &'static str,
    pub descending: bool,
}

impl Default for Defaults {
    fn default() -> Self {
        Defaults {
            size: 25,
            sort: "",
            descending: false,
        }
    }
}

/// What is asked of a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ListQuery {
    /// Counts from 1.
    pub page: u64,
    /// One of [`SIZES`], or what an export reads at a time.
    pub size: u64,
    /// A sort key; empty if the list comes in an order of its own.
    pub sort: String,
    pub descending: bool,
    pub search: String,
    /// The other parameters of the URL, in alphabetical order, each once: filters, and what
    /// else the page keeps there (its tab).
    pub parameters: Vec<(String, String)>,
}

impl ListQuery {
    /// The question that a URL without a query asks.
    pub fn new(defaults: &Defaults) -> Self {
        ListQuery {
            page: 1,
            size: defaults.size,
            sort: defaults.sort.to_owned(),
            descending: defaults.descending,
            search: String::new(),
            parameters: Vec::new(),
        }
    }

    /// Reads the part of a URL behind `?`. What cannot be is left at its default.
    pub fn parse(query: &str, defaults: &Defaults) -> Self {
        let mut found = ListQuery::new(defaults);
        let mut direction = None;
        for pair in query.split('&').filter(|pair| !pair.is_empty()) {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            let value = decoded(&value.replace('+', " "));
            match decoded(name).as_str() {
                PAGE => found.page = value.parse().unwrap_or(1).max(1),
                SIZE => {
                    if let Some(size) = value.parse().ok().filter(|size| SIZES.contains(size)) {
                        found.size = size;
                    }
                }
                SORT => found.sort = value,
                DIRECTION => direction = Some(value == "desc"),
                SEARCH => found.search = value,
                name => found.set(name, &value),
            }
        }
        // Another column begins ascending, whatever the default column does.
        found.descending = direction.unwrap_or(defaults.descending && found.sort == defaults.sort);
        found
    }

    /// The part of a URL behind `?`, without what stands at its default; may be empty.
    pub fn to_query(&self, defaults: &Defaults) -> String {
        let mut out = String::new();
        let mut push = |name: &str, value: &str| {
            if !out.is_empty() {
                out.push('&');
            }
            push_encoded(&mut out, name);
            out.push('=');
            push_encoded(&mut out, value);
        };
        if self.page != 1 {
            push(PAGE, &self.page.to_string());
        }
        if self.size != defaults.size {
            push(SIZE, &self.size.to_string());
        }
        if self.sort != defaults.sort {
            push(SORT, &self.sort);
        }
        if self.descending != (defaults.descending && self.sort == defaults.sort) {
            push(DIRECTION, if self.descending { "desc" } else { "asc" });
        }
        if !self.search.is_empty() {
            push(SEARCH, &self.search);
        }
        for (name, value) in &self.parameters {
            push(name, value);
        }
        out
    }

    /// A filter's value; `None` if it is not set.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.parameters
            .iter()
            .find(|(found, _)| found == name)
            .map(|(_, value)| value.as_str())
    }

    /// A filter that is `true` or `false`.
    pub fn boolean(&self, name: &str) -> Option<bool> {
        match self.get(name)? {
            "true" => Some(true),
            "false" => Some(false),
            _ => None,
        }
    }

    /// Sets a filter; the empty text removes it.
    pub fn set(&mut self, name: &str, value: &str) {
        self.parameters.retain(|(found, _)| found != name);
        if !value.is_empty() {
            let at = self
                .parameters
                .partition_point(|(found, _)| found.as_str() < name);
            self.parameters
                .insert(at, (name.to_owned(), value.to_owned()));
        }
    }

    /// This question with everything that it finds on one page.
    pub fn everything(&self) -> Self {
        ListQuery {
            page: 1,
            size: u64::MAX,
            ..self.clone()
        }
    }

    /// Whether both find the same rows, on whatever page and in whatever order.
    pub fn finds_the_same(&self, other: &Self) -> bool {
        self.search.trim() == other.search.trim() && self.parameters == other.parameters
    }

    /// How many rows come before this page.
    pub fn from(&self) -> u64 {
        (self.page.max(1) - 1).saturating_mul(self.size)
    }

    /// How many pages there are; at least one.
    pub fn pages(&self, total: u64) -> u64 {
        total.div_ceil(self.size.max(1)).max(1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const USERS: Defaults = Defaults {
        size: 25,
        sort: "name",
        descending: false,
    };
    const NEWEST: Defaults = Defaults {
        size: 50,
        sort: "created_ts",
        descending: true,
    };

    #[test]
    fn a_bare_url_asks_for_the_defaults() {
        assert_eq!(ListQuery::parse("", &NEWEST), ListQuery::new(&NEWEST));
        assert_eq!(ListQuery::new(&NEWEST).to_query(&NEWEST), "");
    }

    #[test]
    fn a_full_url() {
        let query = ListQuery::parse(
            "page=3&size=100&sort=displayname&dir=desc&q=a%26b+c&tab=media&admins=true",
            &USERS,
        );
        assert_eq!(query.from(), 200);
        assert_eq!(query.sort, "displayname");
        assert!(query.descending);
        assert_eq!(query.search, "a&b c");
        assert_eq!(query.boolean("admins"), Some(true));
        assert_eq!(query.get("tab"), Some("media"));
    }

    #[test]
    fn nonsense_is_left_at_its_default() {
        let query = ListQuery::parse("page=0&size=7&page=x&&=&dir=up", &USERS);
        assert_eq!(query, ListQuery::new(&USERS));
    }

    #[test]
    fn another_column_begins_ascending() {
        assert!(!ListQuery::parse("sort=size", &NEWEST).descending);
        assert!(ListQuery::parse("sort=created_ts", &NEWEST).descending);
    }

    #[test]
    fn pages_and_orders_find_the_same() {
        let query = ListQuery::parse("q=a&admins=true&page=3", &USERS);
        assert!(query.finds_the_same(&ListQuery::parse("q=a&admins=true&sort=x", &USERS)));
        assert!(query.finds_the_same(&query.everything()));
        assert!(!query.finds_the_same(&ListQuery::parse("q=a", &USERS)));
        assert!(!query.finds_the_same(&ListQuery::parse("q=b&admins=true", &USERS)));
        let all = query.everything();
        assert_eq!((all.from(), all.pages(1_000_000)), (0, 1));
    }

    proptest! {
        #[test]
        fn what_is_written_is_read(
            page in 1u64..10_000,
            size in prop::sample::select(SIZES.to_vec()),
            sort in prop::sample::select(vec!["", "name", "created_ts"]),
            descending: bool,
            search in "\\PC{0,12}",
            filters in prop::collection::btree_map("[a-oq-z_]{2,8}", "\\PC{1,8}", 0..4),
            newest: bool,
        ) {
            let defaults = if newest { NEWEST } else { USERS };
            let mut query = ListQuery {
                page, size, sort: sort.to_owned(), descending, search, parameters: Vec::new(),
            };
            for (name, value) in filters {
                if ![PAGE, SIZE, SORT, DIRECTION, SEARCH].contains(&name.as_str()) {
                    query.set(&name, &value);
                }
            }
            prop_assert_eq!(ListQuery::parse(&query.to_query(&defaults), &defaults), query);
        }

        #[test]
        fn any_url_can_be_read(text in "\\PC{0,60}") {
            let query = ListQuery::parse(&text, &USERS);
            prop_assert!(query.page >= 1 && SIZES.contains(&query.size));
            prop_assert_eq!(ListQuery::parse(&query.to_query(&USERS), &USERS), query);
        }
    }
}
