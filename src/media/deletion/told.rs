//! What has become of the files of a deletion by date and size, as far as the server has told.

use crate::media::StoredFile;
use std::collections::HashSet;

/// What has become of the files of a deletion, as far as the server has told.
#[derive(Default)]
pub struct DeletionTold {
    /// Reported as deleted.
    pub deleted: HashSet<String>,
    /// Not reported, but not in their owner's list any more: an answer was lost.
    pub vanished: HashSet<String>,
    /// The steps of whose last try the answer was lost: the server may still be at them.
    lost: HashSet<usize>,
    /// Whether any answer was.
    pub was_lost: bool,
    /// Whether it was looked which of the others are still there, once the server was through.
    pub is_checked: bool,
}

impl DeletionTold {
    /// A try of a step has ended. `is_lost`: the server may have done it, though it has not said so.
    pub fn note(&mut self, step: usize, is_lost: bool) {
        match is_lost {
            true => {
                self.was_lost = true;
                self.lost.insert(step);
                // What was found there before may be gone by now.
                self.is_checked = false;
            }
            false => {
                self.lost.remove(&step);
            }
        }
    }

    /// It was looked for those that were not reported. `is_left`: some are still there.
    pub fn check(&mut self, is_left: bool) {
        self.is_checked = self.lost.is_empty() || !is_left;
    }

    /// Whether more may be deleted than is known.
    pub fn is_unsure(&self) -> bool {
        self.was_lost && !self.is_checked
    }

    /// Whether a file is known to be deleted.
    pub fn is_gone(&self, file: &StoredFile) -> bool {
        let id = &file.uri.media_id;
        self.deleted.contains(id) || self.vanished.contains(id)
    }

    /// What has become of a file, in the words of the report.
    pub fn outcome(&self, file: &StoredFile) -> &'static str {
        match (self.is_gone(file), self.is_checked) {
            (true, _) => "deleted",
            (false, true) => "still there",
            (false, false) => "not reported as deleted",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::MxcUri;
    use crate::known::Why;

    #[test]
    fn still_there_is_said_of_what_was_looked_for_since_the_last_lost_answer() {
        let uri = MxcUri::parse("mxc://b.org/a").unwrap();
        let file = StoredFile::unknown(uri, true, Why::TooOld);
        let mut told = DeletionTold::default();
        let is = |told: &DeletionTold| (told.outcome(&file), told.is_unsure());
        told.note(0, false);
        assert_eq!(is(&told), ("not reported as deleted", false));
        told.check(true);
        assert_eq!(is(&told), ("still there", false));
        // Tried once more: nobody knows.
        told.note(0, true);
        assert_eq!(is(&told), ("not reported as deleted", true));
        told.check(true);
        assert_eq!(is(&told), ("not reported as deleted", true), "still at it");
        told.note(0, false);
        assert!(
            told.is_unsure(),
            "what the lost answer would have named is in no other"
        );
        told.check(true);
        assert_eq!(is(&told), ("still there", false));
        told.vanished.insert("a".to_owned());
        assert_eq!(is(&told), ("deleted", false));
    }
}
