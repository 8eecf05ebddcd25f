//! A deletion by date and size as it is done: step by step, and at the end a look whether all are gone.

use super::check::look_for;
use super::survey::Hit;
use super::told::DeletionTold;
use crate::api::exchange::{Patient, send_once};
use crate::api::media::{DeletedMedia, NOT_DELETED};
use crate::api::{ApiError, Request, UserId};
use crate::media::{FileChange, GoneFile, StoredFile};
use crate::runner::{Step, Turn, may_have_been_done};
use std::cell::{Ref, RefCell};
use std::collections::{HashMap, HashSet};
use std::rc::Rc;

/// A deletion of what a survey has found, and what has become of it.
pub struct Stepwise {
    hit: Rc<Hit>,
    steps: Vec<Request<DeletedMedia>>,
    /// The files of the preview by their IDs: whose they were, and how large.
    places: HashMap<String, usize>,
    told: RefCell<DeletionTold>,
}

/// What may be said of a deletion by date and size.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DeletionCame {
    /// How many files are gone, and how many bytes that has freed.
    pub files: u64,
    pub bytes: u64,
    /// Of how many of them it is not known how large they were: the preview did not have them.
    pub unknown: u64,
    /// Whether there may be more.
    pub is_at_least: bool,
    /// How many were images of link previews.
    pub previews: u64,
    /// How many files of the preview are not known to be gone.
    pub left: u64,
    /// Whether all of these are known to be still there.
    pub is_left_known: bool,
}

impl Stepwise {
    /// A deletion with these requests, in this order, of which the server tells that they are done.
    pub fn new(hit: Rc<Hit>, steps: Vec<Request<DeletedMedia>>) -> Self {
        let places = (0..).zip(&hit.files).map(place_of).collect();
        Stepwise {
            hit,
            steps,
            places,
            told: RefCell::default(),
        }
    }

    /// Does the step of this number; the one after the last is the look. `happened` hears of each file that
    /// is gone.
    pub async fn attempt(
        &self,
        number: usize,
        server: Patient<'_>,
        turn: &Turn<'_>,
        happened: &dyn Fn(FileChange),
    ) -> Step {
        let Some(request) = self.steps.get(number) else {
            return self.check(server, turn, happened).await;
        };
        let done = send_once(server.network, request.clone()).await;
        let is_lost = done.as_ref().is_err_and(may_have_been_done);
        let mut told = self.told.borrow_mut();
        told.note(number, is_lost);
        match done {
            Ok(answer) => {
                let ids = answer.deleted_media;
                ids.iter().for_each(|id| happened(self.gone(id)));
                told.deleted.extend(ids);
                Step::Done
            }
            Err(error) => Step::from_error(error),
        }
    }

    /// Looks for those files that the server has not reported in their owners' lists: it says nothing of
    /// what it could not remove from its disk, and what an answer said that was lost nobody knows. What was
    /// looked into already is not when it is tried again.
    async fn check(
        &self,
        server: Patient<'_>,
        turn: &Turn<'_>,
        happened: &dyn Fn(FileChange),
    ) -> Step {
        let files = &self.hit.files;
        let of = self.told.borrow_mut().files_to_look_for(files);
        let each = |owner: UserId, ids, found| {
            let gone = self.told.borrow_mut().look(owner, ids, found);
            gone.iter().for_each(|id| happened(self.gone(id)));
        };
        if let Err(step) = look_for(server, of, || turn.goes_on(), each).await {
            return step;
        }
        let mut told = self.told.borrow_mut();
        let is_left = told.check(files);
        if let (_, Some(error)) = told.silent() {
            return Step::from_error(error.clone());
        }
        match is_left {
            true => Step::from_error(ApiError::Matrix {
                status: 200,
                errcode: NOT_DELETED.to_owned(),
                message: String::new(),
            }),
            false => Step::Done,
        }
    }

    /// What is known of a deleted file of this ID: those of the preview are.
    fn gone(&self, id: &str) -> FileChange {
        let of_preview = self.places.get(id);
        FileChange::Gone(match of_preview {
            Some(place) => GoneFile::of(&self.hit.files[*place]),
            None => GoneFile::id(id.to_owned()),
        })
    }

    /// What the server has told so far.
    pub fn told(&self) -> Ref<'_, DeletionTold> {
        self.told.borrow()
    }

    /// What nobody knows: which files of the preview are gone, and what a lost answer has taken of owners
    /// whose files it did not have.
    pub fn unsure(&self) -> Vec<FileChange> {
        let told = self.told();
        let left = self.hit.files.iter().filter(|file| !told.is_gone(file));
        let left = left.filter(|_| told.is_unsure());
        let files = left.map(|file| FileChange::UnsureFile(file.uri.media_id.clone()));
        let unlisted = self.hit.unlisted.iter().filter(|_| told.was_lost);
        let owners = unlisted.filter_map(|unlisted| unlisted.owner.clone());
        files.chain(owners.map(FileChange::Unsure)).collect()
    }

    /// The IDs of what the server has deleted besides.
    pub fn others(&self) -> HashSet<String> {
        let told = self.told();
        let others = told.deleted.iter();
        let others = others.filter(|id| !self.places.contains_key(*id));
        others.cloned().collect()
    }

    /// What may be said of it now.
    pub fn came(&self) -> DeletionCame {
        let told = self.told();
        let files = self.hit.files.iter();
        let (gone, left): (Vec<&StoredFile>, Vec<_>) = files.partition(|file| told.is_gone(file));
        let unknown = (told.deleted.union(&told.vanished).count() - gone.len()) as u64;
        DeletionCame {
            files: gone.len() as u64 + unknown,
            bytes: gone.iter().filter_map(|file| file.freed()).sum(),
            unknown,
            // Of files that no list shows, no list tells that they are gone.
            is_at_least: told.is_unsure() || told.was_lost && !self.hit.unlisted.is_empty(),
            previews: gone.iter().filter(|file| file.is_preview).count() as u64,
            left: left.len() as u64,
            is_left_known: told.is_checked,
        }
    }
}

fn place_of((place, file): (usize, &StoredFile)) -> (String, usize) {
    (file.uri.media_id.clone(), place)
}
