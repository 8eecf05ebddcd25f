//! Quarantine and protect, and back: files as the engine of actions sees them.

use super::{Shelf, changes, delete, long_name};
use crate::actions::{About, Verdict};
use crate::api::exchange::Patient;
use crate::api::media;
use crate::api::server::Feature;
use crate::api::tolerant::Timestamp;
use crate::api::{ApiError, MxcUri, UserId};
use crate::browser::clock::{BrowserClock, BrowserRandom, now};
use crate::i18n::{Words, t};
use crate::lists::{Each, Picked};
use crate::media::StoredFile;
pub use crate::media::actions::Action;
use crate::media::actions::{asked_before, happened, spared, takes_along, verdict};
use crate::media::deletion::{OwnFiles, RecentLists, files_of, owner_by_owner};
use crate::operations::Recorded;
use crate::operations::acts::{Act, Again, Check, How, may_have_changed};
use crate::operations::targets::sending;
use crate::runner::{Fate, Reason};
use crate::session::Session;
use crate::widgets::actions::propose::propose;
use crate::widgets::actions::{Fact, Form, Targets};
use futures_util::FutureExt;
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use std::rc::Rc;

/// The name of the maker of actions that go on after signing in again in the same tab.
pub const MAKER: &str = "files";

/// An action as it is kept meanwhile.
#[derive(Serialize, Deserialize)]
struct Order {
    action: String,
    files: Vec<StoredFile>,
    holder: Option<UserId>,
    /// Which have been used since then are not meant.
    #[serde(default)]
    unused_since: UnusedSince,
}

/// How an action on files is made again.
pub fn again(
    action: Action,
    files: &Those,
    holder: Option<UserId>,
    unused_since: UnusedSince,
) -> Again {
    let files = Rc::clone(files);
    Again::new(MAKER, move || {
        let order = Order {
            action: format!("{action:?}"),
            files: files.iter().map(StoredFile::for_a_job).collect(),
            holder: holder.clone(),
            unused_since: unused_since.clone(),
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
        Action::Delete => delete::act(files, order.unused_since),
        action => act(action, &files, order.holder),
    })
}

/// The files as a job takes them: where the server tells of no file by itself, those of an owner one after
/// another. To be called before the action is made: what is known of it goes by the numbers of the files.
pub fn in_order(files: Those, unused_since: UnusedSince) -> (Those, UnusedSince) {
    if Session::get().capabilities_now().has(Feature::MediaInfo) {
        return (files, unused_since);
    }
    let numbers = owner_by_owner(&files);
    let unused_since = unused_since.only(&numbers);
    let files = numbers.iter().map(|number| files[*number].clone());
    (files.collect(), unused_since)
}

/// Files that one action is done to.
pub type Those = Rc<[StoredFile]>;

/// Since when each of them has not been used, if it was picked for that.
pub type UnusedSince = Each<Option<Timestamp>>;

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
    let (files, _) = in_order(files, UnusedSince::default());
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

    fn facts(&self, action: usize) -> Vec<Fact> {
        let action = Action::ALL[action];
        let server = Session::get().capabilities_now();
        let others = match action {
            _ if !server.has(Feature::QuarantineByContent) => return Vec::new(),
            _ if !takes_along(action, &self.0) => return Vec::new(),
            Action::Quarantine => t::user_media_same_content_in(),
            _ => t::user_media_same_content_out(),
        };
        vec![(t::user_media_same_content(), others)]
    }

    fn requests(&self, action: usize) -> u64 {
        u64::from(self.asked(action) > 0)
    }

    fn asked(&self, _action: usize) -> usize {
        asked(&self.0)
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
    let how = How::Do(sending(calls, false, Rc::new(|_, _| Ok(()))));
    let mut act = Act::new(action.about(), names, first, how);
    act.on_fate = Rc::new({
        let files = Rc::clone(files);
        move |number, fate| note(action, &files[number], fate)
    });
    act.again = Some(again(action, files, holder.clone(), UnusedSince::default()));
    act.check = Some(check(action, files, holder, UnusedSince::default()));
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

/// Tells whoever keeps a list of files what has become of one.
pub fn note(action: Action, file: &StoredFile, fate: &Fate) {
    let by = Session::get().user_id();
    for change in happened(action, file, fate, may_have_changed(fate), by) {
        changes::record(change);
    }
}

/// How many of these files are asked about right before something is done to them.
pub fn asked(files: &[StoredFile]) -> usize {
    let tells = Session::get().capabilities_now().has(Feature::MediaInfo);
    asked_before(files, tells)
}

/// Asks about a file right before this is done to it. Which have been used since `unused_since` are not
/// meant.
pub fn check(
    action: Action,
    files: &Those,
    holder: Option<UserId>,
    unused_since: UnusedSince,
) -> Check {
    let files = Rc::clone(files);
    let lists: Rc<RecentLists> = Rc::default();
    Rc::new(move |number, network| {
        let (files, lists, holder) = (Rc::clone(&files), Rc::clone(&lists), holder.clone());
        let unused_since = unused_since.of(number).copied().flatten();
        async move {
            let file = &files[number];
            let now = match look(file, &files, network, &lists).await? {
                Now::Gone => return Ok(Verdict::Leave(Reason::Gone)),
                Now::Untold => None,
                Now::So(now) => Some(*now),
            };
            if let (Some(holder), Some(now)) = (&holder, &now)
                && let Some(by) = &now.quarantined_by
                && *by != holder.as_str()
            {
                return Ok(Verdict::Leave(Reason::ChangedSince));
            }
            Ok(verdict(action, file, now.as_ref(), unused_since))
        }
        .boxed_local()
    })
}

/// What the server has of a file now.
enum Now {
    So(Box<StoredFile>),
    Gone,
    /// It does not tell.
    Untold,
}

async fn look(
    file: &StoredFile,
    all: &Those,
    network: &Recorded,
    lists: &RecentLists,
) -> Result<Now, ApiError> {
    if Session::get().capabilities_now().has(Feature::MediaInfo) {
        let info = network.send(media::info(&file.uri)).await?.media_info;
        let now = StoredFile::of_info(file.uri.clone(), file.is_local, info);
        return Ok(Now::So(Box::new(now)));
    }
    // An older server tells of the files of an owner only.
    let Some(owner) = file.owner.clone().filter(|_| file.is_local) else {
        return Ok(Now::Untold);
    };
    let list = lists
        .of(&owner, now, || {
            read(owner.clone(), Rc::clone(all), network.clone()).boxed_local()
        })
        .await?;
    Ok(match list.as_ref().map(|list| list.get(&file.uri)) {
        Some(Some(file)) => Now::So(Box::new(file.clone())),
        Some(None) => Now::Gone,
        None => Now::Untold,
    })
}

/// Those of the files that an owner has, as all of their list tells them.
async fn read(owner: UserId, files: Those, network: Recorded) -> Result<OwnFiles, ApiError> {
    let server = Patient {
        network: &network,
        clock: &BrowserClock,
        random: &BrowserRandom,
    };
    let Some(list) = files_of(server, &owner, &|_, _| ()).await? else {
        return Ok(None);
    };
    let own = files
        .iter()
        .filter(|file| file.owner.as_ref() == Some(&owner));
    let meant: HashMap<&str, &MxcUri> = own
        .map(|file| (file.uri.media_id.as_str(), &file.uri))
        .collect();
    let found = list.into_iter().filter_map(|now| {
        let uri = *meant.get(now.media_id.as_str())?;
        Some((uri.clone(), StoredFile::of_list(&uri.server, &owner, now)))
    });
    Ok(Some(Rc::new(found.collect())))
}
