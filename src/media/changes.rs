//! What has happened to files since they were read, and what a list of files is worth that was being
//! read meanwhile.

use super::file::Fingerprint;
use crate::api::UserId;
use crate::api::media::MediaFile;
use std::collections::HashSet;

/// What has happened to files since they were read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FileChange {
    /// Deleted.
    Gone(String),
    /// Quarantined by somebody, or by nobody any more.
    Quarantined(String, Option<UserId>),
    /// All files of this content are quarantined by somebody, but for protected ones; or none is any more.
    QuarantinedContent(Fingerprint, Option<UserId>),
    /// Protected from quarantine, or no longer.
    Protected(String, bool),
    /// All files of an account are deleted.
    NoneLeft(UserId),
    /// Files of an account may be deleted or changed, with others of the same content: which, nobody has
    /// said.
    Unsure(UserId),
    /// A file may be deleted or changed, with others of the same content: nobody has said.
    UnsureFile(String),
}

/// What has happened to files, in order.
#[derive(Default)]
pub struct FileLog {
    all: Vec<FileChange>,
    taken: usize,
}

impl FileLog {
    /// Notes one more. Whether it is the first that has not been taken.
    pub fn note(&mut self, change: FileChange) -> bool {
        self.all.push(change);
        self.all.len() == self.taken + 1
    }

    /// What has been noted since the last call.
    pub fn take(&mut self) -> Vec<FileChange> {
        let new = self.all[self.taken..].to_vec();
        self.taken = self.all.len();
        new
    }

    /// How much has been noted so far.
    pub fn position(&self) -> usize {
        self.all.len()
    }

    /// What has been noted since that position, taken or not.
    pub fn since(&self, position: usize) -> &[FileChange] {
        self.all.get(position..).unwrap_or_default()
    }

    /// Forgets what has been taken. Earlier positions mean nothing any more.
    pub fn trim(&mut self) {
        self.all.drain(..self.taken);
        self.taken = 0;
    }
}

/// Takes out of the list of an account's files what has gone while it was being read: the answer may be
/// from before. Whether it has to be read once more, because something else has happened to files in it.
pub fn catch_up(user: &UserId, files: &mut Vec<MediaFile>, meanwhile: &[FileChange]) -> bool {
    let (mut gone, mut changed, mut contents) = (HashSet::new(), HashSet::new(), HashSet::new());
    let mut is_unsure = false;
    for change in meanwhile {
        match change {
            FileChange::Gone(id) => {
                gone.insert(id.as_str());
            }
            FileChange::Quarantined(id, _) | FileChange::Protected(id, _) => {
                changed.insert(id.as_str());
            }
            FileChange::QuarantinedContent(content, _) => {
                contents.insert(*content);
            }
            FileChange::NoneLeft(of) if of == user => files.clear(),
            FileChange::NoneLeft(_) => {}
            // Which contents these are may not be known yet.
            FileChange::Unsure(_) | FileChange::UnsureFile(_) => is_unsure = true,
        }
    }
    files.retain(|file| !gone.contains(file.media_id.as_str()));
    let has_changed = |file: &MediaFile| {
        let content = file.sha256.as_deref().and_then(Fingerprint::of);
        changed.contains(file.media_id.as_str())
            || content.is_some_and(|content| contents.contains(&content))
    };
    is_unsure || files.iter().any(has_changed)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn user(name: &str) -> UserId {
        UserId::parse(&format!("@{name}:b.org")).unwrap()
    }

    fn gone(id: &str) -> FileChange {
        FileChange::Gone(id.to_owned())
    }

    /// What is left of Al's files `a`, `b` and `c`, the last of a content of its own; and whether the
    /// list has to be read again.
    fn caught_up(meanwhile: &[FileChange]) -> (Vec<String>, bool) {
        let file = |id: &str| {
            let hash = (id == "c").then(|| "c".repeat(64));
            let file = json!({"media_id": id, "created_ts": 1, "sha256": hash});
            serde_json::from_value(file).unwrap()
        };
        let mut files: Vec<MediaFile> = ["a", "b", "c"].map(file).into();
        let again = catch_up(&user("al"), &mut files, meanwhile);
        (files.into_iter().map(|file| file.media_id).collect(), again)
    }

    fn all() -> Vec<String> {
        ["a", "b", "c"].map(str::to_owned).into()
    }

    #[test]
    fn what_was_deleted_while_the_list_was_read_is_not_in_it() {
        assert_eq!(caught_up(&[]), (all(), false));
        let left = vec!["b".to_owned(), "c".to_owned()];
        assert_eq!(caught_up(&[gone("a"), gone("x")]), (left, false));
        let none_left = |name| [FileChange::NoneLeft(user(name))];
        assert_eq!(caught_up(&none_left("al")), (vec![], false));
        assert_eq!(caught_up(&none_left("jo")), (all(), false));
    }

    #[test]
    fn what_was_changed_while_the_list_was_read_is_asked_for_again() {
        let held = |id: &str| FileChange::Quarantined(id.to_owned(), None);
        assert_eq!(caught_up(&[held("x")]), (all(), false));
        assert_eq!(caught_up(&[held("a")]), (all(), true));
        let safe = FileChange::Protected("b".to_owned(), true);
        assert_eq!(caught_up(&[safe]), (all(), true));
        // By its content, whoever has the other file.
        let of = |digit: &str| {
            let content = Fingerprint::of(&digit.repeat(64)).unwrap();
            FileChange::QuarantinedContent(content, None)
        };
        assert_eq!(caught_up(&[of("d")]), (all(), false));
        assert_eq!(caught_up(&[of("c")]), (all(), true));
        for unsure in [
            FileChange::Unsure(user("jo")),
            FileChange::UnsureFile("x".to_owned()),
        ] {
            assert_eq!(caught_up(&[unsure]), (all(), true));
        }
        // What is gone needs no second look.
        let both = [held("a"), gone("a")];
        assert!(!caught_up(&both).1);
    }

    #[test]
    fn what_has_been_taken_still_counts_for_a_reading_that_began_before() {
        let mut log = FileLog::default();
        assert!(log.note(gone("a")));
        let begun = log.position();
        assert!(!log.note(gone("b")), "one is waiting already");
        assert_eq!(log.take(), [gone("a"), gone("b")]);
        assert!(log.note(gone("c")));
        assert_eq!(log.since(begun), [gone("b"), gone("c")]);
        assert_eq!(log.since(log.position()), []);
        log.trim();
        assert_eq!(log.take(), [gone("c")]);
        assert!(log.take().is_empty());
    }
}
