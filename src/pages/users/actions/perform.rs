//! How each action is carried out.

use super::again::{self, SoFar};
use super::at_mas::{self, Keepers, OnMasAccount, is_ended};
use super::everything::{self, Steps};
use super::targets::{self, Meant, UserIds};
use super::{idle, redactions};
use crate::api::redact::Redaction;
use crate::api::users::UserChange;
use crate::api::{ApiError, Call, UserId, devices, media, notices, users};
use crate::browser::clock::{BrowserClock, BrowserRandom};
use crate::browser::download::dated;
use crate::components::toast::Toasts;
use crate::i18n::t;
use crate::import::passwords;
use crate::media::{FileChange, GoneFile};
use crate::operations::acts::{Act, Again, How, IsLost, may_have_been_done, may_have_changed};
use crate::operations::job::JobReport;
use crate::operations::targets::{MakeReport, OnFate, outcome, sending};
use crate::operations::{Job, OnTarget, Recorded, joining, report};
use crate::pages::media::files::changes;
use crate::pages::users::revoke::revoke_access;
use crate::runner::once::{Lost, once};
use crate::runner::{Fate, Step, Turn};
use crate::session::Session;
use crate::session::acting;
use crate::users::actions::Action;
use crate::widgets::room_field::JoinTarget;
use futures_util::FutureExt;
use serde::{Deserialize, Serialize};
use std::cell::Cell;
use std::rc::Rc;

/// How many files are deleted with one request.
const FILES_AT_ONCE: u64 = 100;

/// How many sessions are ended with one request.
const SESSIONS_AT_ONCE: usize = 100;

/// What has been filled in.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub enum Input {
    None,
    /// A room.
    Room(JoinTarget),
    /// A notice, and the same as HTML.
    Notice(String, Option<String>),
    /// For how many days a session has not been used.
    Days(u32),
    Steps(Steps),
    /// What is removed, and whether rooms that they have left are looked up.
    Redaction(Redaction, bool),
    /// Whether each gets a new password.
    Passwords(bool),
}

/// How an action is made: what is done, and what of it is known beside the fates of the accounts.
struct Made {
    how: How,
    report: Option<MakeReport>,
    on_end: Rc<dyn Fn(&Job)>,
    on_fate: OnFate,
    /// How far it is.
    now: Rc<dyn Fn() -> SoFar>,
    is_lost: Option<IsLost>,
    is_ending: Option<IsLost>,
}

impl From<How> for Made {
    fn from(how: How) -> Self {
        Made {
            how,
            report: None,
            on_end: Rc::new(|_| ()),
            on_fate: Rc::new(|_, _| ()),
            now: Rc::new(SoFar::default),
            is_lost: None,
            is_ending: None,
        }
    }
}

/// The change, ready to be made. `meant` is what they were picked by, `before` what is known of it from
/// before its page was left.
pub fn act(
    action: Action,
    users: &UserIds,
    input: Input,
    meant: Option<Meant>,
    before: SoFar,
) -> Act {
    let about = action.about();
    let names = users.iter().map(UserId::to_string).collect();
    let first = users.first().map(UserId::to_string).unwrap_or_default();
    let filled_in = input.clone();
    let keepers = Keepers::new(action, users);
    let made = made(action, users, input, meant.as_ref(), &before, &keepers);
    let mut act = Act::new(about, names, first, made.how);
    act.one_by_one = matches!(action, Action::DeleteMedia | Action::EraseAll);
    let still = meant
        .as_ref()
        .map(|meant| meant.still(action, made.is_ending));
    act.check = about
        .asks
        .then(|| targets::check(action, users, &keepers, still));
    act.check_more = meant.as_ref().and_then(|meant| meant.more(users));
    act.back = targets::back(action, users);
    // Two of the same message are more than one.
    act.once = action == Action::Notice;
    act.is_lost = made.is_lost;
    // The passwords are known here and nowhere else, and are not kept.
    if filled_in != Input::Passwords(true) {
        let (users, now) = (Rc::clone(users), made.now);
        act.again = Some(Again::new(again::MAKER, move || {
            again::order(action, &users, &filled_in, meant.as_ref(), now())
        }));
    }
    act.report = made.report;
    act.on_end = made.on_end;
    act.on_fate = made.on_fate;
    act
}

fn made(
    action: Action,
    users: &UserIds,
    input: Input,
    meant: Option<&Meant>,
    before: &SoFar,
    keepers: &Keepers,
) -> Made {
    let who = Rc::clone(users);
    match (action, input) {
        (Action::Redact, Input::Redaction(redaction, past)) => {
            redactions::begin(users, redaction, past, meant).into()
        }
        (Action::Notice, Input::Notice(message, html)) => {
            // One for each user and message, so that trying again does not send it twice.
            let transaction = passwords::password(&BrowserRandom);
            let account = Session::get().account_now();
            let has_device = account.is_some_and(|account| account.device_id.is_some());
            let call = |user: &UserId| {
                let transaction = has_device.then(|| format!("{transaction}-{user}"));
                notices::send(user, &message, html.as_deref(), transaction.as_deref()).call
            };
            each(users, call).into()
        }
        (Action::Join, Input::Room(room)) => {
            How::Do(joining(users.iter().map(|user| room.join(user)).collect())).into()
        }
        (Action::Reactivate, Input::Passwords(passwords)) => {
            reactivating(users, passwords, keepers)
        }
        (Action::EraseAll, Input::Steps(steps)) => {
            let erasing = everything::erasing(users, steps, &before.accounts, keepers);
            let accounts = erasing.accounts;
            Made {
                report: Some(erasing.report),
                is_lost: Some(erasing.is_lost),
                is_ending: Some(erasing.is_ending),
                on_end: Rc::new(not_told),
                now: Rc::new(move || SoFar {
                    accounts: accounts(),
                    ..SoFar::default()
                }),
                ..erasing.how.into()
            }
        }
        (Action::LogOutIdle, Input::Days(days)) => {
            let at_mas = at_mas::logging_out_idle(Rc::new(move || idle::before(days)));
            How::Do(keepers.doing(idle::logging_out(who, days), at_mas)).into()
        }
        (Action::QuarantineMedia, _) => Made {
            on_fate: Rc::new(move |number, fate| {
                if may_have_changed(fate) {
                    // The server says how many, not which.
                    changes::record(FileChange::Unsure(who[number].clone()));
                }
            }),
            ..each(users, |user| media::quarantine_of_user(user).call).into()
        },
        (Action::LogOut, _) => {
            How::Do(keepers.doing(logging_out(who), at_mas::logging_out())).into()
        }
        (Action::Deactivate | Action::Erase, _) => {
            let (deed, lost) = deactivating(who, action == Action::Erase, &before.under_way);
            let deed = keepers.doing(deed, at_mas::deactivating(action, users, &lost));
            Made {
                on_end: Rc::new(not_told),
                is_lost: Some(Rc::new(move |number| lost[number].borrow().is_some())),
                ..How::Do(deed).into()
            }
        }
        (Action::DeleteMedia, _) => {
            let deleted = Rc::new(Cell::new(before.deleted));
            let (counted, known) = (Rc::clone(&deleted), Rc::clone(&deleted));
            Made {
                now: Rc::new(move || SoFar {
                    deleted: known.get(),
                    ..SoFar::default()
                }),
                on_end: Rc::new(move |job: &Job| {
                    job.set_result(counted.get().words());
                }),
                ..How::Do(deleting_media(who, deleted)).into()
            }
        }
        // What is not filled in cannot be confirmed.
        (
            Action::Redact
            | Action::Notice
            | Action::Join
            | Action::Reactivate
            | Action::EraseAll
            | Action::LogOutIdle,
            _,
        ) => sending_all(Vec::new()).into(),
        (
            Action::Lock
            | Action::Unlock
            | Action::Suspend
            | Action::Unsuspend
            | Action::ShadowBan
            | Action::LiftShadowBan
            | Action::MakeAdmin
            | Action::TakeAdmin
            | Action::Approve,
            _,
        ) => {
            let calls = users.iter().filter_map(|user| action.request(user));
            let deed = sending_them(calls.map(|request| request.call).collect());
            How::Do(match action.is_at_mas() {
                true => keepers.doing(deed, at_mas::sending(action)),
                false => deed,
            })
            .into()
        }
    }
}

/// One request for each.
fn each(users: &[UserId], call: impl Fn(&UserId) -> Call) -> How {
    sending_all(users.iter().map(call).collect())
}

fn sending_all(calls: Vec<Call>) -> How {
    How::Do(sending_them(calls))
}

fn sending_them(calls: Vec<Call>) -> OnTarget {
    sending(calls, false, Rc::new(|_, _| Ok(())))
}

/// Says of how many the homeserver has not been told that they have ended.
fn not_told(job: &Job) {
    let count = job.untold() as u64;
    if count > 0 {
        job.set_result(t::act_not_told(count));
    }
}

/// Reactivates, with a new password for each. The passwords are in the report.
///
/// At Matrix Authentication Service the password is set first: an account that has been given back without the
/// one that is wanted would be left out of another try.
fn reactivating(users: &UserIds, each: bool, keepers: &Keepers) -> Made {
    let given: Rc<[Option<String>]> = users
        .iter()
        .map(|_| each.then(|| passwords::password(&BrowserRandom)))
        .collect();
    let calls = users.iter().zip(&*given).map(|(user, password)| {
        let change = UserChange {
            deactivated: Some(false),
            password: password.clone(),
            ..Default::default()
        };
        users::put(user, &change).call
    });
    // Whose password is another by now, whatever becomes of the rest.
    let set: Rc<[Cell<bool>]> = users.iter().map(|_| Cell::new(false)).collect();
    let was_set = Rc::clone(&set);
    let passwords = Rc::clone(&given);
    let give_back = at_mas::sending(Action::Reactivate);
    let at_mas: OnMasAccount = Rc::new(move |number, account, network, turn| {
        let (password, give_back) = (passwords[number].clone(), Rc::clone(&give_back));
        let was_set = Rc::clone(&was_set);
        async move {
            if let Some(password) = password {
                // It is as good as any, whatever MAS makes of it.
                let set = account.set_password(&password, true, network).await;
                if let Err(error) = set {
                    return Step::from_error(error);
                }
                was_set[number].set(true);
                if let Err(step) = turn.goes_on().await {
                    return step;
                }
            }
            give_back(number, account, network, turn).await
        }
        .boxed_local()
    });
    let how = How::Do(keepers.doing(sending_them(calls.collect()), at_mas));
    if !each {
        return how.into();
    }
    Toasts::get().info(t::act_password_report());
    let users = Rc::clone(users);
    let report: MakeReport = Rc::new(move |fates| {
        let rows = users.iter().zip(&*given).zip(&*set).zip(fates);
        let rows = rows.map(|(((user, password), set), fate)| {
            let (word, error) = outcome(fate.as_ref());
            // Without the password nobody could sign in to an account that was reactivated with it.
            let is_given = set.get() || fate.as_ref().is_some_and(may_have_changed);
            let word = match fate {
                Some(Fate::Done) => word,
                _ if is_given => "unknown",
                _ => word,
            };
            let password = password.clone().filter(|_| is_given);
            [
                user.to_string(),
                word.to_owned(),
                error,
                password.unwrap_or_default(),
            ]
        });
        JobReport {
            file_name: dated("reactivated", "csv"),
            csv: report::csv(&["id", "outcome", "error", "password"], rows),
        }
    });
    Made {
        report: Some(report),
        ..how.into()
    }
}

/// An error between two requests for one user: both can be sent again.
pub(super) fn again<T>(answer: Result<T, ApiError>) -> Result<T, Step> {
    answer.map_err(Step::from_error)
}

/// What may take longer than anybody waits for an answer is not sent a second time, nor is what was under
/// way when the page was left.
fn deactivating(users: Rc<[UserId]>, erase: bool, under_way: &[usize]) -> (OnTarget, Rc<[Lost]>) {
    let lost: Rc<[Lost]> = users.iter().map(|_| Lost::default()).collect();
    for number in under_way {
        lost[*number].replace(Some(ApiError::Cancelled));
    }
    let known = Rc::clone(&lost);
    let deed: OnTarget = Rc::new(move |number, network, turn| {
        let (user, lost) = (users[number].clone(), Rc::clone(&known));
        async move { deactivate(&user, erase, &lost[number], network, &turn).await }.boxed_local()
    });
    (deed, lost)
}

/// Deactivates one; `lost` is remembered from try to try.
pub(super) async fn deactivate(
    user: &UserId,
    erase: bool,
    lost: &Lost,
    network: &Recorded,
    turn: &Turn<'_>,
) -> Step {
    let call = users::deactivate(user, erase).call;
    let came = || {
        let found = network.send(users::get(user));
        async move {
            let user = found.await?.user;
            // Servers before 1.71 tell nobody who is erased.
            Ok(is_ended(&user, erase))
        }
        .boxed_local()
    };
    once(&call, lost, network, &BrowserClock, turn, &came).await
}

fn logging_out(users: Rc<[UserId]>) -> OnTarget {
    Rc::new(move |number, network, turn| {
        let user = users[number].clone();
        async move {
            match end_sessions(&user, network, &turn).await {
                Ok(()) => Step::Done,
                Err(step) => step,
            }
        }
        .boxed_local()
    })
}

async fn end_sessions(user: &UserId, network: &Recorded, turn: &Turn<'_>) -> Result<(), Step> {
    let found = again(network.send(devices::list(user)).await)?;
    // Nobody is logged in to a dehydrated one, and what it keeps would be lost.
    let sessions = found.devices.into_iter().filter(|one| !one.dehydrated);
    let ids: Vec<String> = sessions.map(|device| device.device_id).collect();
    end_devices(user, &ids, network, turn).await?;
    // Access that was got with "Log in as" belongs to no device.
    for token in acting::of(user) {
        turn.goes_on().await?;
        if let Err(error) = revoke_access(network, &token).await {
            return Err(Step::from_error(error));
        }
    }
    Ok(())
}

/// Ends the sessions of these devices.
pub(super) async fn end_devices(
    user: &UserId,
    ids: &[String],
    network: &Recorded,
    turn: &Turn<'_>,
) -> Result<(), Step> {
    for some in ids.chunks(SESSIONS_AT_ONCE) {
        turn.goes_on().await?;
        again(network.send(devices::delete_many(user, some)).await)?;
    }
    Ok(())
}

fn deleting_media(users: Rc<[UserId]>, count: Rc<Cell<Deleted>>) -> OnTarget {
    Rc::new(move |number, network, turn| {
        let (user, count) = (users[number].clone(), Rc::clone(&count));
        async move {
            match delete_files(&user, &count, network, &turn).await {
                Ok(()) => Step::Done,
                Err(step) => step,
            }
        }
        .boxed_local()
    })
}

/// How many files of an account, or of several, have been deleted.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
pub struct Deleted {
    /// As many as answers have named.
    files: u64,
    /// Whether an answer was lost: what that request deleted is in no other.
    is_lost: bool,
}

impl Deleted {
    /// "3 files deleted", or that these are not all.
    pub fn words(self) -> String {
        let files = t::act_delete_media_result(self.files);
        match self.is_lost {
            true => t::at_least(&files),
            false => files,
        }
    }
}

/// Deletes all files, newest first. What cannot be deleted is passed over, so that the older ones
/// go; then it fails, for the server has not deleted everything.
pub(super) async fn delete_files(
    user: &UserId,
    count: &Cell<Deleted>,
    network: &Recorded,
    turn: &Turn<'_>,
) -> Result<(), Step> {
    let mut stuck = 0;
    loop {
        let request = media::delete_of_user(user, stuck, FILES_AT_ONCE);
        let answer = network.send(request).await;
        let mut so_far = count.get();
        if answer.as_ref().is_err_and(may_have_been_done) {
            so_far.is_lost = true;
            changes::record(FileChange::Unsure(user.clone()));
        }
        count.set(so_far);
        let deleted = again(answer)?;
        let gone = deleted.deleted_media.len() as u64;
        so_far.files += gone;
        count.set(so_far);
        for id in deleted.deleted_media {
            // How large they were is known once all are gone.
            changes::record(FileChange::Gone(GoneFile {
                media_id: id,
                of: Some((user.clone(), None)),
            }));
        }
        if gone == FILES_AT_ONCE && turn.goes_on().await.is_ok() {
            continue;
        }
        // The last page, or some of this one stay: the server says only which are gone. To look changes
        // nothing, and what is cancelled now may be done with this account.
        if !turn.clear().await {
            return Err(Step::Held);
        }
        let query = media::ListMedia {
            from: stuck,
            limit: FILES_AT_ONCE,
            descending: true,
            ..Default::default()
        };
        let left = again(network.send(media::list_of_user(user, &query)).await)?;
        if left.total <= stuck {
            break;
        }
        // Nothing of a page went: what comes next is older.
        if gone == 0 {
            stuck = (stuck + FILES_AT_ONCE).min(left.total);
            if stuck == left.total {
                break;
            }
        }
        turn.goes_on().await?;
    }
    // What an earlier request has deleted whose answer was lost, the list has told by now.
    changes::record(match stuck {
        0 => FileChange::NoneLeft(user.clone()),
        _ => FileChange::Unsure(user.clone()),
    });
    match stuck {
        0 => Ok(()),
        files => Err(Step::Failed(ApiError::Matrix {
            status: 200,
            errcode: "M_UNKNOWN".to_owned(),
            message: t::act_delete_media_stuck(files),
        })),
    }
}
