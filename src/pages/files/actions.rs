//! Quarantine and protect, and back. All of it can be undone.

use super::{Shelf, changes};
use crate::api::{Call, MxcUri, media};
use crate::components::list::Picked;
use crate::components::toast::Toasts;
use crate::i18n::{Words, format, t};
use crate::operations::{Confirmation, Operations, Proposal, Target, TargetJob};
use crate::session::Session;
use crate::storage::{Change, StoredFile};
use std::rc::Rc;

/// A change that can be undone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    Quarantine,
    Unquarantine,
    Protect,
    Unprotect,
}

impl Action {
    fn inverse(self) -> Self {
        match self {
            Action::Quarantine => Action::Unquarantine,
            Action::Unquarantine => Action::Quarantine,
            Action::Protect => Action::Unprotect,
            Action::Unprotect => Action::Protect,
        }
    }

    /// Whether it changes anything about this file. Protected files are not quarantined, and
    /// the server says nothing about it; copies of other servers' files cannot be protected.
    fn changes(self, file: &StoredFile) -> bool {
        let quarantined = file.quarantined_by.is_some();
        match self {
            Action::Quarantine => !quarantined && file.is_protected != Some(true),
            Action::Unquarantine => quarantined || file.created.is_none(),
            Action::Protect => file.is_local && file.is_protected != Some(true),
            Action::Unprotect => file.is_local && file.is_protected != Some(false),
        }
    }

    fn call(self, uri: &MxcUri) -> Call {
        match self {
            Action::Quarantine => media::quarantine(&uri.server, &uri.media_id),
            Action::Unquarantine => media::unquarantine(&uri.server, &uri.media_id),
            Action::Protect => media::protect(&uri.media_id),
            Action::Unprotect => media::unprotect(&uri.media_id),
        }
        .call
    }

    fn change(self, file: &StoredFile) -> Change {
        let id = file.uri.media_id.clone();
        match self {
            Action::Quarantine => Change::Quarantined(id, Session::get().user_id()),
            Action::Unquarantine => Change::Quarantined(id, None),
            Action::Protect => Change::Protected(id, true),
            Action::Unprotect => Change::Protected(id, false),
        }
    }

    fn title(self, count: u64) -> String {
        match self {
            Action::Quarantine => t::user_media_quarantine_count(count),
            Action::Unquarantine => t::user_media_unquarantine_count(count),
            Action::Protect => t::user_media_protect_count(count),
            Action::Unprotect => t::user_media_unprotect_count(count),
        }
    }
}

/// What can be changed about a file, with pictures and words.
pub fn of(file: &StoredFile) -> Vec<(&'static str, Words, Action)> {
    let all = [
        (
            "quarantine",
            t::user_media_quarantine as Words,
            Action::Quarantine,
        ),
        ("undo", t::user_media_unquarantine, Action::Unquarantine),
        ("shield", t::user_media_protect, Action::Protect),
        ("unlock", t::user_media_unprotect, Action::Unprotect),
    ];
    all.into_iter()
        .filter(|(_, _, action)| action.changes(file))
        .collect()
}

/// Does it to those of the files that it changes, after a question where that is due.
pub fn start(action: Action, shelf: Shelf, files: Rc<[StoredFile]>, picked: Option<Picked>) {
    let all = files.len();
    let files: Rc<[StoredFile]> = files
        .iter()
        .filter(|file| action.changes(file))
        .cloned()
        .collect();
    if files.is_empty() {
        Toasts::get().info(t::user_media_no_change());
        return;
    }
    let count = files.len() as u64;
    let run = move || {
        if let Some(picked) = picked {
            picked.clear();
        }
        perform(action, shelf, Rc::clone(&files));
    };
    if action != Action::Quarantine {
        run();
        return;
    }
    let mut facts = vec![(t::user_files(), format::number(count as f64))];
    let left = all as u64 - count;
    if left > 0 {
        facts.push((t::user_media_left_alone(), format::number(left as f64)));
    }
    Operations::get().propose(Proposal {
        title: t::user_media_quarantine_question(count),
        sentence: t::user_media_quarantine_sentence(),
        facts,
        action: action.title(count),
        danger: false,
        confirmation: Confirmation::Click,
        fields: None,
        run: Rc::new(run),
    });
}

fn perform(action: Action, shelf: Shelf, files: Rc<[StoredFile]>) {
    let targets = files
        .iter()
        .map(|file| Target {
            name: super::long_name(file),
            call: action.call(&file.uri),
        })
        .collect();
    let title = action.title(files.len() as u64);
    TargetJob::new(title, targets)
        .reading({
            let files = Rc::clone(&files);
            move |number, _| {
                changes::record(action.change(&files[number]));
                Ok(())
            }
        })
        .undo(move |done| {
            let done = done.iter().map(|number| files[*number].clone()).collect();
            perform(action.inverse(), shelf, done);
        })
        .on_end(move |_| shelf.refresh())
        .start();
}
