//! Doing it.

use super::{redactions, words};
use crate::api::redact::Redaction;
use crate::api::users::UserChange;
use crate::api::{ApiError, UserId, devices, media, notices, rooms, users};
use crate::components::download::dated;
use crate::components::toast::Toasts;
use crate::i18n::t;
use crate::import::passwords;
use crate::operations::job::Report;
use crate::operations::{Deed, Recorded, Target, TargetJob, report};
use crate::pages::files::changes;
use crate::runner::{Step, Turn};
use crate::session::browser::BrowserRandom;
use crate::storage::Change;
use crate::user_actions::Action;
use futures_util::FutureExt;
use std::cell::RefCell;
use std::rc::Rc;

/// How many files are deleted with one request.
const FILES_AT_ONCE: u64 = 100;

/// How many sessions are ended with one request.
const SESSIONS_AT_ONCE: usize = 100;

/// What has been filled in.
#[derive(Clone, PartialEq)]
pub enum Input {
    None,
    /// A message, or a room.
    Text(String),
    Redaction(Redaction),
    /// Whether each gets a new password.
    Passwords(bool),
}

/// Does it to them. `on_change` is called when something may have changed.
pub fn start(action: Action, users: &Rc<[UserId]>, input: Input, on_change: Rc<dyn Fn()>) {
    let title = words::title(action, users.len() as u64);
    let names = || users.iter().map(UserId::to_string).collect::<Vec<_>>();
    let who = Rc::clone(users);
    let job = match (action, input) {
        (Action::Redact, Input::Redaction(redaction)) => redactions::begin(title, users, redaction),
        (Action::Notice, Input::Text(message)) => {
            // One for each user and message, so that a lost answer does not send it twice.
            let transaction = passwords::password(&BrowserRandom);
            let call = |user: &UserId| {
                notices::send(user, &message, &format!("{transaction}-{user}")).call
            };
            TargetJob::new(title, targets(users, call))
        }
        (Action::Join, Input::Text(room)) => {
            TargetJob::new(title, targets(users, |user| rooms::join(&room, user).call))
        }
        (Action::Reactivate, Input::Passwords(each)) => reactivating(title, users, each),
        (Action::QuarantineMedia, _) => TargetJob::new(
            title,
            targets(users, |user| media::quarantine_of_user(user).call),
        ),
        (Action::LogOut, _) => TargetJob::doing(title, names(), logging_out(who)),
        (Action::DeleteMedia, _) => {
            TargetJob::doing(title, names(), deleting_media(who)).one_by_one()
        }
        (action, _) => {
            let targets = users
                .iter()
                .filter_map(|user| {
                    Some(Target {
                        name: user.to_string(),
                        call: action.request(user)?.call,
                    })
                })
                .collect();
            TargetJob::new(title, targets)
        }
    };
    let job = match action.inverse() {
        Some(inverse) => {
            let (users, on_change) = (Rc::clone(users), Rc::clone(&on_change));
            job.undo(move |done| {
                let done = done.iter().map(|number| users[*number].clone()).collect();
                start(inverse, &done, Input::None, Rc::clone(&on_change));
            })
        }
        None => job,
    };
    job.on_end(move |_| on_change()).start();
}

fn targets(users: &[UserId], call: impl Fn(&UserId) -> crate::api::Call) -> Vec<Target> {
    let target = |user: &UserId| Target {
        name: user.to_string(),
        call: call(user),
    };
    users.iter().map(target).collect()
}

/// Reactivates, with a new password for each. The passwords are in the report.
fn reactivating(title: String, users: &Rc<[UserId]>, each: bool) -> TargetJob {
    let given: Rc<[Option<String>]> = users
        .iter()
        .map(|_| each.then(|| passwords::password(&BrowserRandom)))
        .collect();
    let targets = users
        .iter()
        .zip(&*given)
        .map(|(user, password)| {
            let change = UserChange {
                deactivated: Some(false),
                password: password.clone(),
                ..Default::default()
            };
            Target {
                name: user.to_string(),
                call: users::put(user, &change).call,
            }
        })
        .collect();
    let done: Rc<RefCell<Vec<bool>>> = Rc::new(RefCell::new(vec![false; users.len()]));
    let job = TargetJob::new(title, targets).reading({
        let done = Rc::clone(&done);
        move |number, _| {
            done.borrow_mut()[number] = true;
            Ok(())
        }
    });
    if !each {
        return job;
    }
    Toasts::get().info(t::act_password_report());
    let users = Rc::clone(users);
    job.reporting(move || {
        let done = done.borrow();
        let rows = users.iter().zip(&*given).zip(&*done);
        let rows = rows.map(|((user, password), done)| {
            let (outcome, password) = match done {
                true => ("done", password.clone().unwrap_or_default()),
                false => ("not done", String::new()),
            };
            [user.to_string(), outcome.to_owned(), password]
        });
        Report {
            file_name: dated("reactivated", "csv"),
            csv: report::csv(&["id", "outcome", "password"], rows),
        }
    })
}

/// An error between two requests for one user: both can be sent again.
fn again<T>(answer: Result<T, ApiError>) -> Result<T, Step> {
    answer.map_err(Step::from_error)
}

fn logging_out(users: Rc<[UserId]>) -> Deed {
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
    let ids: Vec<String> = found
        .devices
        .into_iter()
        .map(|device| device.device_id)
        .collect();
    for some in ids.chunks(SESSIONS_AT_ONCE) {
        if !turn.clear().await {
            return Err(Step::Again(ApiError::Cancelled));
        }
        again(network.send(devices::delete_many(user, some)).await)?;
    }
    Ok(())
}

fn deleting_media(users: Rc<[UserId]>) -> Deed {
    Rc::new(move |number, network, turn| {
        let user = users[number].clone();
        async move {
            match delete_files(&user, network, &turn).await {
                Ok(()) => Step::Done,
                Err(step) => step,
            }
        }
        .boxed_local()
    })
}

async fn delete_files(user: &UserId, network: &Recorded, turn: &Turn<'_>) -> Result<(), Step> {
    loop {
        let deleted = again(
            network
                .send(media::delete_of_user(user, FILES_AT_ONCE))
                .await,
        )?;
        for id in deleted.deleted_media {
            changes::record(Change::Gone(id));
        }
        if deleted.total == 0 {
            return Ok(());
        }
        if !turn.clear().await {
            return Err(Step::Again(ApiError::Cancelled));
        }
    }
}
