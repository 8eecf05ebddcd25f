//! How far the lists of files have been read in which something was counted, and how such a number is told.

use super::summary::Sum;
use crate::api::ApiError;
use crate::api::tolerant::Timestamp;
use crate::i18n::{format, t};

/// How far the reading is.
#[derive(Clone, Debug, PartialEq)]
pub enum ScanState {
    /// Nothing is known yet.
    Beginning,
    Reading,
    /// The largest lists have been read; the others on demand.
    Enough,
    Stopped,
    Failed(ApiError),
    /// Everything has been read; then.
    Done(Timestamp),
}

/// How many lists there are, and how many of them have been read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Lists {
    pub read: u64,
    pub all: u64,
    /// Whether it is known of each how much it holds; until then it is of the largest only.
    pub is_whole: bool,
}

/// So many files.
pub fn sum_in_words(sum: Sum) -> String {
    t::storage_found(sum.files, &format::bytes(sum.bytes))
}

/// How much was found in the lists that have been read: "at least" so much, where there are others, and of how
/// many of these it is known that they could not be read. `silent`: so many did not answer. `None` as long as
/// no list has been read, which says nothing.
pub fn found_in_lists(found: Sum, state: &ScanState, lists: Lists, silent: u64) -> Option<String> {
    let words = sum_in_words(found);
    let failed = match state {
        ScanState::Done(_) => return Some(words),
        // Those that were still to come as well.
        ScanState::Failed(_) => lists.all.saturating_sub(lists.read),
        _ => silent,
    };
    (lists.read > 0).then(|| match failed {
        0 => t::at_least(&words),
        failed => t::storage_found_unread(failed, &words),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_that_could_not_be_read_are_told_beside_the_number() {
        let found = Sum { files: 3, bytes: 0 };
        let lists = |read| Lists {
            read,
            all: 9,
            is_whole: true,
        };
        let told = |state: &ScanState, read, silent| {
            found_in_lists(found, state, lists(read), silent).unwrap_or_default()
        };
        let words = sum_in_words(found);
        let done = ScanState::Done(Timestamp(1));
        assert_eq!(told(&done, 9, 0), words);
        for state in [ScanState::Reading, ScanState::Enough, ScanState::Stopped] {
            assert_eq!(told(&state, 7, 0), format!("at least {words}"));
            assert_eq!(
                told(&state, 7, 2),
                format!("at least {words}; 2 lists could not be read")
            );
        }
        let failed = ScanState::Failed(ApiError::Cancelled);
        assert_eq!(
            told(&failed, 8, 1),
            format!("at least {words}; 1 list could not be read")
        );
        // All lists are here; what failed were the sums.
        assert_eq!(told(&failed, 9, 0), format!("at least {words}"));
        // Of nothing that was read nothing is no number.
        assert_eq!(told(&failed, 0, 1), "");
        assert_eq!(told(&ScanState::Stopped, 0, 0), "");
    }
}
