//! Quarantine and protect, and back. All of it can be undone.

use super::{Shelf, changes};
use crate::api::exchange::Patient;
use crate::api::media::{self, MediaFile};
use crate::api::server::Feature;
use crate::api::{ApiError, MxcUri, Request, UserId};
use crate::cleanup;
use crate::components::list::Picked;
use crate::components::toast::Toasts;
use crate::i18n::{Words, format, t};
use crate::operations::{Confirmation, Deed, Operations, Proposal, Recorded, TargetJob};
use crate::runner::Step;
use crate::session::Session;
use crate::session::browser::{BrowserClock, BrowserRandom};
use crate::storage::{Change, StoredFile};
use futures_util::FutureExt;
use std::cell::RefCell;
use std::collections::{HashMap, HashSet};
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

    /// The same of what the server says right now.
    fn changes_what(self, was: Was, is_local: bool) -> bool {
        match self {
            Action::Quarantine => !was.quarantined && !was.protected,
            Action::Unquarantine => was.quarantined,
            Action::Protect => is_local && !was.protected,
            Action::Unprotect => is_local && was.protected,
        }
    }

    fn request(self, uri: &MxcUri) -> Request<serde_json::Value> {
        match self {
            Action::Quarantine => media::quarantine(&uri.server, &uri.media_id),
            Action::Unquarantine => media::unquarantine(&uri.server, &uri.media_id),
            Action::Protect => media::protect(&uri.media_id),
            Action::Unprotect => media::unprotect(&uri.media_id),
        }
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

/// Whether a file is quarantined, and whether it is protected.
#[derive(Clone, Copy)]
struct Was {
    quarantined: bool,
    protected: bool,
}

/// What the server says of the files right before they are changed: a list may have been read a
/// while ago, and others work as well.
struct Before {
    /// Whether it tells of single files.
    tells: bool,
    /// By owner, where it only has lists of them.
    lists: RefCell<HashMap<UserId, Rc<HashMap<String, Was>>>>,
}

impl Before {
    /// `None` if nothing can tell.
    async fn of(&self, network: &Recorded, file: &StoredFile) -> Result<Option<Was>, ApiError> {
        if self.tells {
            let info = network.send(media::info(&file.uri)).await?.media_info;
            return Ok(Some(Was {
                quarantined: info.quarantined_by.is_some(),
                protected: info.safe_from_quarantine,
            }));
        }
        let Some(owner) = &file.owner else {
            return Ok(None);
        };
        let known = self.lists.borrow().get(owner).cloned();
        let list = match known {
            Some(list) => list,
            None => {
                let server = Patient {
                    network,
                    clock: &BrowserClock,
                    random: &BrowserRandom,
                };
                let files = cleanup::files_of(server, owner, &|_, _| ()).await?;
                let was = |file: MediaFile| {
                    let was = Was {
                        quarantined: file.quarantined_by.is_some(),
                        protected: file.safe_from_quarantine,
                    };
                    (file.media_id, was)
                };
                let list = files.unwrap_or_default().into_iter().map(was).collect();
                let list = Rc::new(list);
                let mut lists = self.lists.borrow_mut();
                Rc::clone(lists.entry(owner.clone()).or_insert(list))
            }
        };
        Ok(list.get(&file.uri.media_id).copied())
    }
}

/// Does it, and takes back only what it has changed: what others had quarantined or protected
/// before stays so. Where nothing can tell what was before, nothing is taken back.
fn perform(action: Action, shelf: Shelf, files: Rc<[StoredFile]>) {
    let names = files.iter().map(super::long_name).collect();
    let title = action.title(files.len() as u64);
    let capabilities = Session::get().capabilities_now();
    let before = Rc::new(Before {
        tells: capabilities.lack(Feature::MediaInfo).is_none(),
        lists: RefCell::default(),
    });
    let can_be_undone = before.tells || files.iter().all(|file| file.owner.is_some());
    let changed: Rc<RefCell<HashSet<usize>>> = Rc::default();
    let deed: Deed = {
        let (files, changed) = (Rc::clone(&files), Rc::clone(&changed));
        Rc::new(move |number, network, turn| {
            let (files, changed) = (Rc::clone(&files), Rc::clone(&changed));
            let before = Rc::clone(&before);
            async move {
                let file = &files[number];
                let was = match before.of(network, file).await {
                    Ok(was) => was,
                    Err(error) => return Step::from_error(error),
                };
                let is_so = was.is_some_and(|was| !action.changes_what(was, file.is_local));
                if !is_so {
                    if !turn.clear().await {
                        return Step::Again(ApiError::Cancelled);
                    }
                    // A second try after a lost answer finds what the first has done.
                    if was.is_some() {
                        changed.borrow_mut().insert(number);
                    }
                    if let Err(error) = network.send(action.request(&file.uri)).await {
                        return Step::from_error(error);
                    }
                    changes::record(action.change(file));
                }
                Step::Done
            }
            .boxed_local()
        })
    };
    let mut job = TargetJob::doing(title, names, deed).on_end(move |_| shelf.refresh());
    if can_be_undone {
        job = job.undo(move |done| {
            let changed = changed.borrow();
            let ours = done.iter().filter(|number| changed.contains(number));
            let ours: Rc<[StoredFile]> = ours.map(|number| files[*number].clone()).collect();
            if ours.is_empty() {
                return Toasts::get().info(t::user_media_no_change());
            }
            perform(action.inverse(), shelf, ours);
        });
    }
    job.start();
}
