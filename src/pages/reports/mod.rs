//! Pages about what people have reported.
//!
//! | file | page |
//! |---|---|
//! | [`list`] | `#/reports` |
//! | [`one`] | `#/reports/7`, `#/user_reports/7` |
//! | `known` | all reports of a kind, for going from one to the next |

mod known;
pub mod list;
pub mod one;

use crate::address::route::Route;
use crate::i18n::t;
use crate::reports::actions::{DISMISS, dismiss, name};
use crate::reports::{Report, ReportKind};
use crate::widgets::actions::things;

/// What can be done to reports.
static REPORTS: things::ThingKind<Report> = things::ThingKind {
    rows: &[things::ThingAction {
        about: &DISMISS,
        spared: |_| None,
        ask: None,
        call: dismiss,
        missing_is_done: true,
        back: None,
    }],
    name,
    noun: t::report_noun,
    nothing: t::report_nothing,
};

/// The page of a report.
fn route(kind: ReportKind, id: u64) -> Route {
    let id = id.to_string();
    match kind {
        ReportKind::Events => Route::EventReport { id },
        ReportKind::Users => Route::UserReport { id },
    }
}
