//! Erasing accounts with what they have left: first their messages, then their files, last the
//! account, since somebody who is gone can remove nothing any more. What has been done of one is
//! not done again when it is tried again; what has failed keeps what comes after it from being done.

use super::at_mas::Keepers;
use super::fields::{Filled, filled};
use super::perform::{Deleted, Input, deactivate, delete_files};
use super::redactions::{REDACTIONS, begin_one, left_by_server};
use super::targets::UserIds;
use crate::api::redact::Redaction;
use crate::api::server::Feature;
use crate::api::{ApiError, UserId};
use crate::browser::download::dated;
use crate::components::field::Check;
use crate::i18n::features::why_not;
use crate::i18n::{reasons, t};
use crate::operations::acts::{How, IsLost};
use crate::operations::job::JobReport;
use crate::operations::targets::{MakeReport, outcome};
use crate::operations::{OnTarget, Recorded, report};
use crate::runner::once::{Lost, Tries};
use crate::runner::{Fate, Step, Turn};
use crate::session::Session;
use crate::ui::{IntoNode, view};
use futures_util::FutureExt;
use leptos::prelude::*;
use serde::{Deserialize, Serialize};
use std::cell::{Cell, RefCell};
use std::rc::Rc;

/// So many of the latest events of each room are looked at: whoever takes everything does not mean
/// the latest thousand.
const EVENTS: u64 = 1_000_000;

/// In the report: nobody can say.
const UNKNOWN: &str = "unknown";

/// What is done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Steps {
    pub messages: bool,
    pub files: bool,
    pub account: bool,
}

/// Which steps are done.
pub fn fields() -> Filled {
    let server = Session::get().capabilities_now();
    let lack = server.lack(Feature::RedactMessages);
    let messages = RwSignal::new(lack.is_none());
    let files = RwSignal::new(true);
    let account = RwSignal::new(true);
    let past = server.has(Feature::Memberships);
    let view = move || {
        let hint = move || {
            if let Some(lack) = lack {
                return why_not(lack);
            }
            let rooms = match past {
                true => t::act_everything_messages_hint(),
                false => t::act_everything_messages_hint_old(),
            };
            sentences([Some(rooms), left_by_server()])
        };
        view! {
            <Check
                label=t::act_redact
                hint=Signal::derive(hint)
                value=messages
                disabled=lack.is_some()
            />
            <Check
                label=t::act_delete_media
                hint=Signal::derive(t::act_delete_media_text)
                value=files
            />
            <Check
                label=t::act_erase
                hint=Signal::derive(t::act_erase_text)
                value=account
            />
        }
        .into_node()
    };
    let incomplete = Signal::derive(move || !messages.get() && !files.get() && !account.get());
    let input = move || {
        Some(Input::Steps(Steps {
            messages: messages.get_untracked(),
            files: files.get_untracked(),
            account: account.get_untracked(),
        }))
    };
    filled(view, incomplete, input)
}

/// Those that there are, one behind the other.
fn sentences<const N: usize>(all: [Option<String>; N]) -> String {
    let all: Vec<String> = all.into_iter().flatten().collect();
    all.join(" ")
}

/// What became of a step: a word of the report, and what there is to say.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
struct Came {
    is_done: bool,
    outcome: String,
    detail: String,
}

/// What was known of one account when the page was left.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct AccountBefore {
    messages: Came,
    files: Came,
    account: Came,
    under_way: Option<String>,
    deleted: Deleted,
    /// Whether its end was sent, and no answer has come.
    is_lost: bool,
}

/// What is known of one account, from try to try.
#[derive(Default)]
struct Account {
    messages: RefCell<Came>,
    files: RefCell<Came>,
    account: RefCell<Came>,
    /// The server's ID of a removal of messages that is not known to have ended.
    under_way: RefCell<Option<String>>,
    deleted: Cell<Deleted>,
    lost: Lost,
}

impl Account {
    fn go_on(before: AccountBefore) -> Self {
        let account = Account::default();
        account.messages.replace(before.messages);
        account.files.replace(before.files);
        account.account.replace(before.account);
        account.under_way.replace(before.under_way);
        account.deleted.set(before.deleted);
        account
            .lost
            .replace(before.is_lost.then_some(ApiError::Cancelled));
        account
    }

    fn has_unknown_messages(&self) -> bool {
        self.messages.borrow().outcome == UNKNOWN
    }

    fn now(&self) -> AccountBefore {
        AccountBefore {
            messages: self.messages.borrow().clone(),
            files: self.files.borrow().clone(),
            account: self.account.borrow().clone(),
            under_way: self.under_way.borrow().clone(),
            deleted: self.deleted.get(),
            is_lost: self.lost.borrow().is_some(),
        }
    }
}

/// The change, its report, with a line for each step of each account, and what is known of each.
pub struct Erasing {
    pub how: How,
    pub report: MakeReport,
    pub accounts: Rc<dyn Fn() -> Vec<AccountBefore>>,
    /// Whether the end of one may be under way.
    pub is_lost: IsLost,
    /// Whether the end of one has been asked for, however that was answered.
    pub is_ending: IsLost,
}

/// Erases these. `before` is what was known of them when the page was left, if it was.
pub fn erasing(
    users: &UserIds,
    steps: Steps,
    before: &[AccountBefore],
    keepers: &Keepers,
) -> Erasing {
    let of = |number: usize| before.get(number).cloned().unwrap_or_default();
    let accounts: Rc<[Account]> = (0..users.len())
        .map(|number| Account::go_on(of(number)))
        .collect();
    let all = Rc::clone(&accounts);
    let past = Session::get().capabilities_now().has(Feature::Memberships);
    let tries: Rc<Tries> = Rc::default();
    let (who, known, unheard) = (Rc::clone(users), Rc::clone(&accounts), Rc::clone(&tries));
    let goes_on = steps.files || steps.account;
    let keepers = keepers.clone();
    let deed: OnTarget = Rc::new(move |number, network, turn| {
        let (user, accounts, tries) = (who[number].clone(), Rc::clone(&known), Rc::clone(&tries));
        let keepers = keepers.clone();
        async move {
            let one = One {
                user: &user,
                number,
                keepers: &keepers,
                account: &accounts[number],
                network,
                turn: &turn,
            };
            match one.all(steps, past, (&tries, number)).await {
                Ok(()) => Step::Done,
                // The account is certainly there still, whatever has become of its messages; removing
                // them twice does no harm.
                Err(Step::Unknown(error)) if goes_on && one.account.has_unknown_messages() => {
                    Step::Failed(error)
                }
                Err(step) => step,
            }
        }
        .boxed_local()
    });
    let (users, told) = (Rc::clone(users), Rc::clone(&accounts));
    let report: MakeReport = Rc::new(move |fates| {
        let all = users.iter().zip(&*told).zip(fates).enumerate();
        let lines = all.flat_map(|(number, ((user, account), fate))| {
            let begun = unheard.is_unsure(number) || account.under_way.borrow().is_some();
            let ended = account.lost.borrow().is_some();
            let wanted = [
                (steps.messages, "messages", &account.messages, begun),
                (steps.files, "files", &account.files, false),
                (steps.account, "account", &account.account, ended),
            ];
            let (mut word, mut why) = outcome(fate.as_ref());
            let lines = wanted.into_iter().filter(|(is_wanted, ..)| *is_wanted);
            let lines = lines.map(|(_, step, came, may_be_under_way)| {
                let came = came.borrow();
                let line = |outcome: &str, detail: String| {
                    [
                        user.to_string(),
                        step.to_owned(),
                        outcome.to_owned(),
                        detail,
                    ]
                };
                if came.is_done || came.outcome == UNKNOWN {
                    return line(&came.outcome, came.detail.clone());
                }
                let said = match may_be_under_way {
                    true => line(UNKNOWN, why.clone()),
                    false => line(word, why.clone()),
                };
                // What has failed is the first that is not done.
                if let Some(Fate::Failed(_) | Fate::Unknown(_)) = fate {
                    (word, why) = ("not done", String::new());
                }
                said
            });
            lines.collect::<Vec<_>>()
        });
        JobReport {
            file_name: dated("erased", "csv"),
            csv: report::csv(&["target", "step", "outcome", "detail"], lines),
        }
    });
    let (lost, ending) = (Rc::clone(&all), Rc::clone(&all));
    Erasing {
        how: How::Do(deed),
        report,
        accounts: Rc::new(move || all.iter().map(Account::now).collect()),
        is_lost: Rc::new(move |number| lost[number].lost.borrow().is_some()),
        is_ending: Rc::new(move |number| !ending[number].account.borrow().outcome.is_empty()),
    }
}

/// One account that is being erased.
struct One<'a> {
    user: &'a UserId,
    /// Its number among those that are erased.
    number: usize,
    keepers: &'a Keepers,
    account: &'a Account,
    network: &'a Recorded,
    turn: &'a Turn<'a>,
}

impl One<'_> {
    async fn all(&self, steps: Steps, past: bool, tries: (&Tries, usize)) -> Result<(), Step> {
        if steps.messages && !self.account.messages.borrow().is_done {
            self.note(&self.account.messages, self.messages(past, tries).await)?;
        }
        if steps.files && !self.account.files.borrow().is_done {
            self.turn.goes_on().await?;
            self.note(&self.account.files, self.files().await)?;
        }
        if steps.account && !self.account.account.borrow().is_done {
            // What waits for a lost answer sends nothing, and is more than not done.
            if self.account.lost.borrow().is_none() {
                self.turn.goes_on().await?;
            }
            let done = match self.end().await {
                Step::Done => Ok(String::new()),
                step => Err(step),
            };
            self.note(&self.account.account, done)?;
        }
        Ok(())
    }

    /// Ends the account where it is kept.
    async fn end(&self) -> Step {
        let (lost, network, turn) = (&self.account.lost, self.network, self.turn);
        match self.keepers.end(self.number, lost, network, turn).await {
            Some(step) => step,
            None => deactivate(self.user, true, lost, network, turn).await,
        }
    }

    /// Writes down what became of a step.
    fn note(&self, at: &RefCell<Came>, came: Result<String, Step>) -> Result<(), Step> {
        if matches!(came, Ok(_) | Err(Step::LeftOut(_))) {
            // Messages whose removal was not answered are found among the server's tasks.
            self.network.is_known();
        }
        let (came, result) = match came {
            Ok(detail) => (
                Came {
                    is_done: true,
                    outcome: "done".to_owned(),
                    detail,
                },
                Ok(()),
            ),
            // There is nothing to be done.
            Err(Step::LeftOut(reason)) => (
                Came {
                    is_done: true,
                    outcome: "left out".to_owned(),
                    detail: reasons::words(reason),
                },
                Ok(()),
            ),
            Err(step) => {
                let (outcome, error) = match &step {
                    Step::Unknown(error) => (UNKNOWN, Some(error)),
                    Step::Again(_) | Step::Held => ("not done", None),
                    Step::Failed(error) | Step::Stop(error) => ("failed", Some(error)),
                    Step::Done | Step::LeftOut(_) => ("", None),
                };
                let detail = error.map(report::error_text).unwrap_or_default();
                let came = Came {
                    is_done: false,
                    outcome: outcome.to_owned(),
                    detail,
                };
                (came, Err(step))
            }
        };
        at.replace(came);
        result
    }

    /// Removes what they have said, and waits until the server is done with it.
    async fn messages(&self, past: bool, tries: (&Tries, usize)) -> Result<String, Step> {
        let known = self.account.under_way.borrow().clone();
        let id = match known {
            Some(id) => id,
            None => {
                let redaction = Redaction {
                    limit: Some(EVENTS),
                    ..Redaction::default()
                };
                let id =
                    begin_one(self.user, redaction, past, tries, (self.network, self.turn)).await?;
                self.network.is_begun();
                self.account.under_way.replace(Some(id.clone()));
                id
            }
        };
        let over = REDACTIONS
            .follow(self.network, &id, self.user.as_str())
            .await;
        let over = match over {
            Ok(over) => over,
            // It is over, and nobody knows how it ended: it is begun anew on another try.
            Err(error) if error.is_not_found() => {
                self.account.under_way.take();
                return Err(Step::Failed(error));
            }
            Err(error) => return Err(Step::from_error(error)),
        };
        self.account.under_way.take();
        if !over.complete {
            let message = over.lines.first().and_then(|line| line.last());
            return Err(Step::Failed(ApiError::Matrix {
                status: 200,
                errcode: over.outcome.to_uppercase(),
                message: message.cloned().unwrap_or_default(),
            }));
        }
        let troubles = over.troubles as u64;
        let failed = (troubles > 0).then(|| t::act_redact_failed_events(troubles));
        Ok(sentences([failed, left_by_server()]))
    }

    async fn files(&self) -> Result<String, Step> {
        let deleted = &self.account.deleted;
        delete_files(self.user, deleted, self.network, self.turn).await?;
        Ok(deleted.get().words())
    }
}
