//! The filters of a deletion as a person sets them.

use crate::api::media::EARLIEST_BEFORE;
use crate::api::tolerant::Timestamp;
use crate::browser::clock::now;
use crate::components::field::Preset;
use crate::i18n::t;

/// The usual ages.
pub fn presets() -> Vec<Preset> {
    vec![
        Preset::days(30, t::media_days_30),
        Preset::days(90, t::media_days_90),
        Preset::days(365, t::media_year),
    ]
}

/// What is wrong with a date, if anything. What Synapse would refuse is never sent.
pub fn date_problem(before: Timestamp) -> Option<String> {
    if before > now() {
        Some(t::media_before_future())
    } else if before < EARLIEST_BEFORE {
        Some(t::media_before_early())
    } else {
        None
    }
}
