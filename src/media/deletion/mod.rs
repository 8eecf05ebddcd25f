//! Removing old media to free disk space: what a deletion will hit, before it does.
//!
//! Synapse deletes local media by last use and size, but has no dry run. [`mod@survey`] reads the
//! server's lists and applies the same conditions as Synapse's query, so that its answer is the
//! deletion's. [`slices`] cuts a large deletion into steps that no proxy gives up on.

mod check;
mod freed;
#[cfg(test)]
mod histories;
mod profiles;
mod purge;
mod recent;
mod services;
mod stepwise;
mod survey;
mod told;

pub use freed::Freed;
pub use profiles::{ProfileImages, RoomImages, profile_images};
pub use purge::{PurgeCame, PurgeTold, purge_steps};
pub use recent::{OwnFiles, RecentLists, owner_by_owner};
pub use services::{OfService, OfServices, services};
pub use stepwise::{DeletionCame, Stepwise};
pub use survey::{
    FileList, Hit, Phase, SurveyProgress, Unlisted, files_of, is_about_one, owners, readable,
    survey,
};

use crate::api::media::{DeleteFilter, EARLIEST_BEFORE};
use crate::api::tolerant::Timestamp;
use crate::media::StoredFile;

/// How many files one step of a deletion hits at most, unless many share one last use, or there are very
/// many. Synapse deletes some hundred files a second from a local disk and fewer from a network storage;
/// proxies give up after a minute.
const FILES_PER_STEP: usize = 250;

/// How many steps a deletion has at most. For each the server looks through all of its files, and
/// through all memberships where profile images stay: of a million files, in steps of 250, that would
/// take it longer than deleting them. Two million are 2,000 a step, which most still do within a minute.
const MOST_STEPS: usize = 1_000;

/// The steps of a deletion, oldest files first. The last step is the filter itself, so the steps
/// together hit exactly what the filter hits.
pub fn slices(found: &[StoredFile], filter: &DeleteFilter) -> Vec<DeleteFilter> {
    cut(found, filter, FILES_PER_STEP)
}

fn cut(found: &[StoredFile], filter: &DeleteFilter, files_per_step: usize) -> Vec<DeleteFilter> {
    let mut times: Vec<Timestamp> = found.iter().filter_map(StoredFile::last_use).collect();
    times.sort_unstable();
    let per_step = files_per_step.max(times.len().div_ceil(MOST_STEPS));
    let mut steps = Vec::new();
    let mut hit = 0;
    for pair in times.windows(2) {
        hit += 1;
        let next = pair[1];
        // Files that share a moment cannot be told apart by date.
        if hit >= per_step && next > pair[0] && next >= EARLIEST_BEFORE {
            steps.push(DeleteFilter {
                before: next,
                ..filter.clone()
            });
            hit = 0;
        }
    }
    if steps.last().is_none_or(|last| last.before < filter.before) {
        steps.push(filter.clone());
    }
    steps
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::MxcUri;
    use crate::known::Why;
    use proptest::prelude::*;

    const BEFORE: Timestamp = Timestamp(1_700_000_000_000);

    fn filter() -> DeleteFilter {
        DeleteFilter {
            before: BEFORE,
            size_gt: 0,
            keep_profiles: true,
        }
    }

    fn found(last_uses: &[i64]) -> Vec<StoredFile> {
        let file = |(index, ms): (usize, &i64)| StoredFile {
            created: Some(Timestamp(*ms)),
            ..StoredFile::unknown(
                MxcUri::parse(&format!("mxc://b.org/{index}")).unwrap(),
                true,
                Why::TooOld,
            )
        };
        last_uses.iter().enumerate().map(file).collect()
    }

    #[test]
    fn a_small_deletion_is_one_step() {
        assert_eq!(slices(&found(&[1, 2, 3]), &filter()), [filter()]);
        assert_eq!(slices(&[], &filter()), [filter()]);
    }

    #[test]
    fn a_huge_deletion_has_no_more_steps_than_the_server_can_bear() {
        let steps = |files: i64| {
            let first = BEFORE.0 - files;
            let times: Vec<i64> = (first..BEFORE.0).collect();
            let steps = slices(&found(&times), &filter());
            let ends = [first]
                .into_iter()
                .chain(steps.iter().map(|step| step.before.0));
            let ends: Vec<i64> = ends.collect();
            let largest = ends.windows(2).map(|pair| pair[1] - pair[0]).max();
            (steps.len(), largest)
        };
        assert_eq!(steps(250_000), (1_000, Some(250)));
        assert_eq!(steps(300_000), (1_000, Some(300)));
        assert_eq!(steps(300_001), (997, Some(301)));
    }

    proptest! {
        #[test]
        fn steps_rise_and_hit_everything(
            times in proptest::collection::vec(
                prop_oneof![0..BEFORE.0, 1_600_000_000_000..1_600_000_000_020_i64],
                0..2000,
            ),
        ) {
            let steps = slices(&found(&times), &filter());
            prop_assert_eq!(steps.last(), Some(&filter()));
            prop_assert!(steps.windows(2).all(|pair| pair[0].before < pair[1].before));
            prop_assert!(steps.iter().all(|step| step.before >= EARLIEST_BEFORE));
            let mut previous = i64::MIN;
            for step in &steps {
                let mut hit: Vec<i64> =
                    times.iter().copied().filter(|t| (previous..step.before.0).contains(t)).collect();
                hit.sort_unstable();
                // A step is longer only where it could not end earlier.
                if hit.len() > FILES_PER_STEP {
                    let rest = &hit[FILES_PER_STEP - 1..];
                    prop_assert!(rest.iter().all(|t| *t == rest[0] || *t < EARLIEST_BEFORE.0));
                }
                previous = step.before.0;
            }
        }
    }
}
