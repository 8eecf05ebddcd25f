//! Quarantine and protect, and back: files as the engine of actions sees them.

use super::{Shelf, changes, delete, long_name};
use crate::actions::{About, Verdict};
use crate::api::media::{self, ListMedia};
use crate::api::server::Feature;
use crate::api::{ApiError, UserId};
use crate::i18n::{Words, t};
use crate::lists::Picked;
pub use crate::media::actions::Action;
use crate::media::actions::{spared, verdict};
use crate::media::{FileChange, StoredFile};
use crate::operations::Recorded;
use crate::operations::acts::{Act, Again, Check, How};
use crate::operations::targets::sending;
use crate::runner::Reason;
use crate::session::Session;
use crate::widgets::actions::propose::propose;
use crate::widgets::actions::{Form, Targets};
use futures_util::FutureExt;
use serde::{Deserialize, Serialize};
use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;

/// So many files of an owner are read to know what one of them is, where the server does not
/// tell of single files.
const READ: u64 = 1000;

/// The name of the maker of actions that go on after signing in again in the same tab.
pub const MAKER: &str = "files";

/// An action as it is kept meanwhile.
#[derive(Serialize, Deserialize)]
struct Order {
    action: String,
    files: Vec<StoredFile>,
    holder: Option<UserId>,
    /// Which of them this administrator's job has deleted.
    deleted: Vec<bool>,
}

/// How an action on files is made again.
pub fn again(
    action: Action,
    files: &Those,
    holder: Option<UserId>,
    deleted: impl Fn() -> Vec<bool> + 'static,
) -> Again {
    let files = Rc::clone(files);
    Again::new(MAKER, move || {
        let order = Order {
            action: format!("{action:?}"),
            files: files.to_vec(),
            holder: holder.clone(),
            deleted: deleted(),
        };
        serde_json::to_string(&order).ok()
    })
}

/// Makes the action of an order again.
pub fn make(order: &str, _under_way: &[usize]) -> Option<Act> {
    let order: Order = serde_json::from_str(order).ok()?;
    let files: Those = order.files.into();
    let action = Action::by_name(&order.action)?;
    Some(match action {
        Action::Delete => delete::going_on(files, &order.deleted),
        action => act(action, &files, order.holder),
    })
}

/// Files that one action is done to.
pub type Those = Rc<[StoredFile]>;

/// What can be changed and taken back about a file, with pictures and words.
pub fn of(file: &StoredFile) -> Vec<(&'static str, Words, Action)> {
    Action::ALL
        .into_iter()
        .filter(|action| action.inverse().is_some() && spared(*action, file).is_none())
        .map(|action| (action.about().icon, action.about().label, action))
        .collect()
}

/// Does an action to those of the files that it changes, after a question where that is due.
pub fn start(action: Action, shelf: Shelf, files: Those, picked: Option<Picked>) {
    let targets: Rc<dyn Targets> = Rc::new(Files(files));
    let number = Action::ALL.iter().position(|other| *other == action);
    propose(
        shelf.gatherer,
        number.unwrap_or_default(),
        &targets,
        Rc::new(move || {
            if let Some(picked) = picked {
                picked.clear();
            }
        }),
        Rc::new(move || shelf.refresh()),
    );
}

struct Files(Those);

impl Targets for Files {
    fn actions(&self) -> usize {
        Action::ALL.len()
    }

    fn about(&self, action: usize) -> &'static About {
        Action::ALL[action].about()
    }

    fn count(&self) -> usize {
        self.0.len()
    }

    fn name(&self, target: usize) -> String {
        self.0[target].label()
    }

    fn spared(&self, action: usize, target: usize) -> Option<Reason> {
        spared(Action::ALL[action], &self.0[target])
    }

    fn only(&self, which: &[usize]) -> Rc<dyn Targets> {
        Rc::new(Files(which.iter().map(|n| self.0[*n].clone()).collect()))
    }

    fn noun(&self) -> String {
        t::user_files()
    }

    fn form(&self, action: usize) -> Form {
        let files = Rc::clone(&self.0);
        let act = move || Some(act(Action::ALL[action], &files, None));
        (None, Rc::new(act))
    }

    fn nothing(&self) -> String {
        t::user_media_no_change()
    }
}

/// The change, ready to be made. `holder`: only what this administrator has put into quarantine is
/// taken out of it again.
fn act(action: Action, files: &Those, holder: Option<UserId>) -> Act {
    let names = files.iter().map(long_name).collect();
    let first = files.first().map(StoredFile::label).unwrap_or_default();
    let calls = files.iter().map(|file| action.call(&file.uri)).collect();
    let done = Rc::clone(files);
    let how = How::Do(sending(
        calls,
        false,
        Rc::new(move |number, _| {
            if let Some(change) = change(action, &done[number]) {
                changes::record(change);
            }
            Ok(())
        }),
    ));
    let mut act = Act::new(action.about(), names, first, how);
    act.again = Some(again(action, files, holder.clone(), Vec::new));
    act.check = Some(check(action, files, holder));
    if let Some(inverse) = action.inverse() {
        let files = Rc::clone(files);
        act.back = Some(Rc::new(move |done| {
            let changed: Those = done.iter().map(|number| files[*number].clone()).collect();
            let holder = (action == Action::Quarantine).then(|| Session::get().user_id());
            self::act(inverse, &changed, holder.flatten())
        }));
    }
    act
}

/// What it means for whoever keeps a list of files.
fn change(action: Action, file: &StoredFile) -> Option<FileChange> {
    let id = file.uri.media_id.clone();
    Some(match action {
        Action::Quarantine => FileChange::Quarantined(id, Session::get().user_id()),
        Action::Unquarantine => FileChange::Quarantined(id, None),
        Action::Protect => FileChange::Protected(id, true),
        Action::Unprotect => FileChange::Protected(id, false),
        Action::Delete => FileChange::Gone(id),
    })
}

/// The lists of owners that a job has read, where the server does not tell of single files.
type Lists = Rc<RefCell<HashMap<UserId, Rc<Vec<StoredFile>>>>>;

/// Asks about a file right before this is done to it.
pub fn check(action: Action, files: &Those, holder: Option<UserId>) -> Check {
    let files = Rc::clone(files);
    let lists: Lists = Rc::default();
    Rc::new(move |number, network| {
        let (file, lists, holder) = (files[number].clone(), Rc::clone(&lists), holder.clone());
        async move {
            let now = look(&file, network, &lists).await?;
            if let (Some(holder), Some(now)) = (&holder, &now)
                && let Some(by) = &now.quarantined_by
                && *by != holder.as_str()
            {
                return Ok(Verdict::Leave(Reason::ChangedSince));
            }
            Ok(verdict(action, &file, now.as_ref()))
        }
        .boxed_local()
    })
}

/// What the server has of a file now; `None` if it does not tell.
async fn look(
    file: &StoredFile,
    network: &Recorded,
    lists: &Lists,
) -> Result<Option<StoredFile>, ApiError> {
    if Session::get().capabilities_now().has(Feature::MediaInfo) {
        let info = network.send(media::info(&file.uri)).await?.media_info;
        let now = StoredFile::of_info(file.uri.clone(), file.is_local, info);
        return Ok(Some(now));
    }
    // An older server tells of the files of an owner only.
    let Some(owner) = file.owner.clone().filter(|_| file.is_local) else {
        return Ok(None);
    };
    let known = lists.borrow().get(&owner).cloned();
    let list = match known {
        Some(list) => list,
        None => {
            let query = ListMedia {
                limit: READ,
                ..Default::default()
            };
            let page = network.send(media::list_of_user(&owner, &query)).await?;
            let server = &file.uri.server;
            let read = page.media.into_iter();
            let list = Rc::new(
                read.map(|file| StoredFile::of_list(server, &owner, file))
                    .collect::<Vec<_>>(),
            );
            lists.borrow_mut().insert(owner, Rc::clone(&list));
            list
        }
    };
    Ok(list.iter().find(|now| now.uri == file.uri).cloned())
}
