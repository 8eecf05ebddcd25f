//! How much a deletion one by one has freed, as far as it is known.

use crate::media::{StoredFile, Sum};
use crate::runner::{Fate, may_have_changed};
use std::collections::HashSet;

/// Which files are deleted, and of which nobody knows.
#[derive(Debug, Default)]
pub struct Freed {
    deleted: HashSet<usize>,
    /// Whose answers were lost, and nobody has found out since.
    lost: HashSet<usize>,
}

impl Freed {
    /// The file of this number has met its fate, in this run of the job or in one before.
    pub fn note(&mut self, number: usize, fate: &Fate) {
        match fate {
            // A retry that was given up says nothing of what was sent before it.
            Fate::NotDone => {}
            Fate::Done => {
                self.lost.remove(&number);
                self.deleted.insert(number);
            }
            fate if may_have_changed(fate) => {
                self.lost.insert(number);
            }
            _ => {
                self.lost.remove(&number);
            }
        }
    }

    /// How many of the files are deleted and how much they were, and of how many of them that is not known.
    pub fn sum(&self, files: &[StoredFile]) -> (Sum, u64) {
        let (mut sum, mut unknown) = (Sum::default(), 0);
        for number in &self.deleted {
            sum.add(files[*number].bytes);
            unknown += u64::from(files[*number].bytes.is_none());
        }
        (sum, unknown)
    }

    /// Whether more may be deleted than is known.
    pub fn is_at_least(&self) -> bool {
        !self.lost.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::{ApiError, MxcUri};
    use crate::known::Why;
    use crate::runner::Reason;

    #[test]
    fn what_was_lost_is_lost_until_somebody_has_found_out() {
        let file = |bytes| StoredFile {
            bytes,
            ..StoredFile::unknown(MxcUri::parse("mxc://b.org/a").unwrap(), true, Why::TooOld)
        };
        let files = [Some(7), None, Some(5)].map(file);
        let lost = Fate::Failed(ApiError::TimedOut { after_ms: 60_000 });
        let mut freed = Freed::default();
        for (number, fate) in [Fate::Done, Fate::Done, lost].iter().enumerate() {
            freed.note(number, fate);
        }
        let said = |freed: &Freed| {
            let (sum, unknown) = freed.sum(&files);
            (sum.files, sum.bytes, unknown, freed.is_at_least())
        };
        assert_eq!(said(&freed), (2, 7, 1, true));
        freed.note(2, &Fate::NotDone);
        assert_eq!(
            said(&freed),
            (2, 7, 1, true),
            "cancelled before it was asked"
        );
        let mut other = Freed::default();
        other.note(2, &Fate::Failed(ApiError::Cancelled));
        other.note(2, &Fate::LeftOut(Reason::Protected));
        assert_eq!(said(&other), (0, 0, 0, false), "it was asked, and is there");
        freed.note(2, &Fate::Done);
        assert_eq!(said(&freed), (3, 12, 1, false));
    }
}
