//! Quarantine and protect, and back. All of it can be undone.

use super::{Shelf, name_of};
use crate::api::media::{self, MediaFile};
use crate::api::{Call, ServerName};
use crate::components::list::Picked;
use crate::components::toast::Toasts;
use crate::i18n::{format, t};
use crate::operations::{Confirmation, Operations, Proposal, Target, TargetJob};
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
    /// the server says nothing about it.
    fn changes(self, file: &MediaFile) -> bool {
        let quarantined = file.quarantined_by.is_some();
        match self {
            Action::Quarantine => !quarantined && !file.safe_from_quarantine,
            Action::Unquarantine => quarantined,
            Action::Protect => !file.safe_from_quarantine,
            Action::Unprotect => file.safe_from_quarantine,
        }
    }

    fn call(self, server: &ServerName, id: &str) -> Call {
        match self {
            Action::Quarantine => media::quarantine(server, id),
            Action::Unquarantine => media::unquarantine(server, id),
            Action::Protect => media::protect(id),
            Action::Unprotect => media::unprotect(id),
        }
        .call
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

/// Does it to those of the files that it changes, after a question where that is due.
pub fn start(action: Action, shelf: Shelf, files: Rc<[MediaFile]>, picked: Option<Picked>) {
    let all = files.len();
    let files: Rc<[MediaFile]> = files
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

fn perform(action: Action, shelf: Shelf, files: Rc<[MediaFile]>) {
    let server = shelf.server();
    let targets = files
        .iter()
        .map(|file| Target {
            name: format!("{} ({})", shelf.uri(file), name_of(file)),
            call: action.call(&server, &file.media_id),
        })
        .collect();
    let title = action.title(files.len() as u64);
    TargetJob::new(title, targets)
        .undo(move |done| {
            let done = done.iter().map(|number| files[*number].clone()).collect();
            perform(action.inverse(), shelf, done);
        })
        .on_end(move |_| shelf.refresh())
        .start();
}
