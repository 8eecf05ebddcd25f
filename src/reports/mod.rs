//! Reports: what people have told the administrators, without a browser.
//!
//! | file | what |
//! |---|---|
//! | [`actions`] | the table of what can be done to them |
//! | [`row`] | one report of any kind, as lists and pages know it |
//! | [`query`] | the question of the lists of reports, answered by the server or by us |
//! | [`evidence`] | what there is to see of a reported event |
//! | [`alike`] | what else has been reported of the same event, person or room |

pub mod actions;
pub mod alike;
pub mod evidence;
pub mod query;
pub mod row;

pub use alike::Alike;
pub use evidence::Evidence;
pub use query::Question;
pub use row::{Report, ReportKind, Reported};
