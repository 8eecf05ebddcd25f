//! What can be done to reports.

use super::{Report, ReportKind};
use crate::actions::{About, Group, Reversibility, Spares};
use crate::api::server::Feature;
use crate::api::{Call, reports};
use crate::i18n::t;

/// Having the server forget reports. What was reported stays as it is, and the job's report has what
/// was forgotten, so nothing but the note is gone.
pub const DISMISS: About = About {
    label: t::report_dismiss,
    sentence: t::report_dismiss_text,
    more: None,
    one: t::report_dismiss_one,
    many: t::report_dismiss_count,
    icon: "check",
    group: Group::Content,
    reversibility: Reversibility::Harmless,
    question: true,
    feature: Some(Feature::DismissEventReports),
    spares: Spares::Nobody,
    looks_up: false,
    asks: false,
};

/// The request that has the server forget a report.
pub fn dismiss(report: &Report) -> Call {
    match report.kind() {
        ReportKind::Events => reports::delete_event(report.id).call,
        ReportKind::Users => reports::delete_user(report.id).call,
    }
}

/// What a report is called in the job's report and in the log: what it was about, and who wrote it.
pub fn name(report: &Report) -> String {
    let about = report.accused().map(ToString::to_string);
    let about = about.or_else(|| report.event().map(ToString::to_string));
    t::report_name(
        &about.unwrap_or_default(),
        &report.id.to_string(),
        report.reporter.as_str(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reports::query::tests::{event, user};

    #[test]
    fn each_kind_is_forgotten_by_its_own_endpoint() {
        let of_event = event(7, "a", "$1", Some("x"), "r");
        let of_user = user(8, "a", "x");
        assert!(dismiss(&of_event).path.ends_with("/event_reports/7"));
        assert!(dismiss(&of_user).path.ends_with("/user_reports/8"));
        assert!(name(&of_user).contains('8'));
    }
}
