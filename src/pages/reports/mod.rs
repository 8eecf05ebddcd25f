//! Pages about what people have reported.
//!
//! | file | page |
//! |---|---|
//! | [`list`] | `#/reports` |
//! | [`one`] | `#/reports/7`, `#/user_reports/7` |
//! | `shown` | what was reported, with its files |
//! | `subjects` | what can be done to the account, and to the room |
//! | `keys` | what can be done with the keyboard |
//! | [`kept`] | all reports of a kind, read once |

pub mod kept;
mod keys;
pub mod list;
pub mod one;
mod shown;
mod subjects;

use crate::address::route::Route;
use crate::i18n::t;
use crate::operations::acts::Act;
use crate::reports::actions::{DISMISS, dismiss, name};
use crate::reports::{Report, ReportKind};
use crate::widgets::actions::things;

/// The name of the maker of actions that go on after signing in again in the same tab.
pub const MAKER: &str = "reports";

/// What can be done to reports.
static REPORTS: things::ThingKind<Report> = things::ThingKind {
    maker: MAKER,
    rows: things::ThingActions::of(
        const {
            &[things::ThingAction {
                about: &DISMISS,
                spared: |_| None,
                ask: None,
                call: dismiss,
                missing_is_done: true,
                done: Some(kept::dismissed),
                back: None,
            }]
        },
    ),
    name,
    typed: name,
    whom: |_| None,
    noun: t::report_noun,
    nothing: t::report_nothing,
};

/// Makes an action again that was kept.
pub fn make(order: &str, _under_way: &[usize]) -> Option<Act> {
    things::make(&REPORTS, order)
}

/// The page of a report.
fn route(kind: ReportKind, id: u64) -> Route {
    let id = id.to_string();
    match kind {
        ReportKind::Events => Route::EventReport { id },
        ReportKind::Users => Route::UserReport { id },
    }
}
