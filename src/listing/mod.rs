//! What a list shows, apart from how it looks: the question that stands in the URL, lists that
//! are answered here, and the files that rows are exported to. No browser, no UI.
//!
//! | file | what |
//! |---|---|
//! | [`query`] | page, size, order, search and filters, to and from `?page=2&sort=name` |
//! | [`mod@arrange`] | the same question, answered from rows that are already here |
//! | [`search`] | what is typed into the search field: terms that are wanted, terms that are not |
//! | [`needs`] | which filters, orders and columns not every server can answer |
//! | [`sort`] | sorting, compiled once |
//! | [`blank`] | where rows stand that have nothing to be ordered by |
//! | [`newest`] | a page of several lists that are shown as one, newest first |
//! | [`columns`] | the order of columns, as a person has chosen it |
//! | [`sort_keys`] | what a list can be sorted by, as a type |
//! | [`origins`] | by which question each of the selected was picked |
//! | [`csv`] | the one writer of CSV files |
//! | [`export`] | rows as JSON |
//! | [`viewport`] | of many rows those that are in the page, and the room of the others |
//! | [`widths`] | how wide the columns are |

pub mod arrange;
pub mod blank;
pub mod columns;
pub mod csv;
pub mod export;
pub mod needs;
pub mod newest;
pub mod origins;
pub mod query;
pub mod search;
pub mod sort;
pub mod sort_keys;
pub mod viewport;
pub mod widths;

pub use arrange::{arrange, arrange_known, page_of};
pub use origins::{Each, Origins};
pub use query::{Defaults, ListQuery};
pub use search::Search;
