//! What has become of the files of a deletion by date and size, as far as the server has told.

use super::check::FoundInList;
use crate::api::{ApiError, UserId};
use crate::media::StoredFile;
use std::collections::{BTreeMap, HashMap, HashSet};

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
    /// Into whose lists it was looked since a step was last tried, and whether there was one.
    looked: HashMap<UserId, bool>,
    /// Whose lists did not answer then, and why.
    silent: BTreeMap<UserId, ApiError>,
    /// Whether all lists have answered: who looks once more looks into all of them.
    is_looked_through: bool,
}

impl DeletionTold {
    /// A try of a step has ended. `is_lost`: the server may have done it, though it has not said so.
    pub fn note(&mut self, step: usize, is_lost: bool) {
        self.looked.clear();
        self.silent.clear();
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

    /// The files to look for, by the owners into whose lists nobody has looked since a step was last tried:
    /// those that the server has not reported.
    pub fn files_to_look_for(&mut self, files: &[StoredFile]) -> Vec<(UserId, HashSet<String>)> {
        if std::mem::take(&mut self.is_looked_through) {
            self.looked.clear();
        }
        let mut unsure: HashMap<&UserId, HashSet<String>> = HashMap::new();
        for file in files.iter().filter(|file| !self.is_gone(file)) {
            if let Some(owner) = file
                .owner
                .as_ref()
                .filter(|owner| !self.looked.contains_key(*owner))
            {
                let ids = unsure.entry(owner).or_default();
                ids.insert(file.uri.media_id.clone());
            }
        }
        let unsure = unsure.into_iter();
        unsure.map(|(owner, ids)| (owner.clone(), ids)).collect()
    }

    /// It was looked into the list of an owner for these. Answers with those that are gone.
    pub fn look(
        &mut self,
        owner: UserId,
        ids: HashSet<String>,
        found: FoundInList,
    ) -> HashSet<String> {
        self.silent.remove(&owner);
        let has_list = found != FoundInList::NoList;
        let gone: HashSet<String> = match found {
            FoundInList::There(there) => ids.difference(&there).cloned().collect(),
            // Whoever has no list any more may have files all the same.
            FoundInList::NoList => HashSet::new(),
            FoundInList::Silent(error) => {
                self.silent.insert(owner, error);
                return HashSet::new();
            }
        };
        self.looked.insert(owner, has_list);
        self.vanished.extend(gone.iter().cloned());
        gone
    }

    /// It was looked into all lists that answer, for those of the files that were not reported. Whether
    /// some are still there.
    pub fn check(&mut self, files: &[StoredFile]) -> bool {
        let is_left = files
            .iter()
            .any(|file| self.is_seen(file) && !self.is_gone(file));
        self.is_looked_through = self.silent.is_empty();
        if self.is_looked_through && self.looked.values().all(|has_list| *has_list) {
            self.is_checked = self.lost.is_empty() || !is_left;
        }
        is_left
    }

    /// Whether the list of a file's owner has been looked into.
    fn is_seen(&self, file: &StoredFile) -> bool {
        let owner = file.owner.as_ref();
        owner.is_some_and(|owner| self.looked.get(owner) == Some(&true))
    }

    /// Whose lists did not answer when it was looked for the files, and why the first did not.
    pub fn silent(&self) -> (Vec<String>, Option<&ApiError>) {
        let names = self.silent.keys().map(ToString::to_string).collect();
        (names, self.silent.values().next())
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
        let is_seen = self.lost.is_empty() && self.is_seen(file);
        match (self.is_gone(file), self.is_checked || is_seen) {
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

    fn user(name: &str) -> UserId {
        UserId::parse(&format!("@{name}:b.org")).unwrap()
    }

    fn file(owner: &str, id: &str) -> StoredFile {
        let uri = MxcUri::parse(&format!("mxc://b.org/{id}")).unwrap();
        StoredFile {
            owner: Some(user(owner)),
            ..StoredFile::unknown(uri, true, Why::TooOld)
        }
    }

    fn ids(ids: &[&str]) -> HashSet<String> {
        ids.iter().map(|id| (*id).to_owned()).collect()
    }

    /// Looks for the files in lists that have these; whether some are still there, and into whose lists it
    /// was looked.
    fn look(
        told: &mut DeletionTold,
        files: &[StoredFile],
        list: impl Fn(&str) -> FoundInList,
    ) -> (bool, Vec<String>) {
        let mut asked = Vec::new();
        for (owner, ids) in told.files_to_look_for(files) {
            asked.push(owner.localpart().to_owned());
            let found = list(owner.localpart());
            told.look(owner, ids, found);
        }
        asked.sort();
        (told.check(files), asked)
    }

    #[test]
    fn still_there_is_said_of_what_was_looked_for_since_the_last_lost_answer() {
        let files = [file("al", "a")];
        let mut told = DeletionTold::default();
        let is = |told: &DeletionTold| (told.outcome(&files[0]), told.is_unsure());
        let there = |_: &str| FoundInList::There(ids(&["a"]));
        told.note(0, false);
        assert_eq!(is(&told), ("not reported as deleted", false));
        assert!(look(&mut told, &files, there).0);
        assert_eq!(is(&told), ("still there", false));
        // Tried once more: nobody knows.
        told.note(0, true);
        assert_eq!(is(&told), ("not reported as deleted", true));
        look(&mut told, &files, there);
        assert_eq!(is(&told), ("not reported as deleted", true), "still at it");
        told.note(0, false);
        assert!(
            told.is_unsure(),
            "what the lost answer would have named is in no other"
        );
        look(&mut told, &files, there);
        assert_eq!(is(&told), ("still there", false));
        assert!(!look(&mut told, &files, |_| FoundInList::There(ids(&[]))).0);
        assert_eq!(is(&told), ("deleted", false));
    }

    #[test]
    fn a_list_that_does_not_answer_is_named_and_asked_for_alone() {
        let files = [file("al", "a"), file("kim", "k"), file("old", "o")];
        let mut told = DeletionTold::default();
        told.note(0, false);
        let list = |silent: bool| {
            move |name: &str| match name {
                "kim" if silent => FoundInList::Silent(ApiError::Cancelled),
                "old" => FoundInList::NoList,
                _ => FoundInList::There(ids(&["a"])),
            }
        };
        let (is_left, asked) = look(&mut told, &files, list(true));
        assert_eq!((is_left, asked.len()), (true, 3));
        assert_eq!(
            told.silent(),
            (vec!["@kim:b.org".to_owned()], Some(&ApiError::Cancelled))
        );
        let outcomes = |told: &DeletionTold| files.each_ref().map(|file| told.outcome(file));
        let not_known = "not reported as deleted";
        assert_eq!(outcomes(&told), ["still there", not_known, not_known]);
        assert_eq!(look(&mut told, &files, list(false)).1, ["kim"]);
        assert_eq!(told.silent(), (Vec::new(), None));
        assert_eq!(outcomes(&told), ["still there", "deleted", not_known]);
        // All have answered: who tries again looks for what was left.
        assert_eq!(look(&mut told, &files, list(false)).1, ["al", "old"]);
    }
}
