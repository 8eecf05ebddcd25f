//! Where a row is between its requests, and what an earlier import has left of it.

use super::RunOptions;
use super::at_mas::carried_out_until;
use crate::api::mas::Ulid;
use crate::api::tolerant::Timestamp;
use crate::api::users::UserChange;
use crate::api::{ApiError, UserId};
use crate::import::journal::{Standing, creates_until};
use crate::import::outcome::{AccountAfter, FailedPart, Outcome, Proof, What};
use crate::import::task::{Deed, Field, NewAccount, RowTask};
use std::collections::VecDeque;

/// How long after a lost answer a request is taken to be under way, in milliseconds. No server
/// and no proxy is known to keep one so long; that it is over nobody says.
pub(super) const LATEST_MS: u64 = 300_000;

/// Where a row is.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Stage {
    /// To be created: nothing was sent, or what was sent had no effect.
    Create,
    /// A creation was sent and came to nothing certain: the account is to be looked at. With
    /// the error, if there was an answer.
    Look {
        error: Option<ApiError>,
    },
    /// The account is the row's, or the row is an update: these requests are to be sent.
    Follow,
    Over,
}

#[derive(Clone, Debug)]
pub(super) struct Row {
    pub user: UserId,
    pub stage: Stage,
    pub follow: VecDeque<FollowUp>,
    /// Whether the first request of [`Row::follow`] may have been carried out.
    pub follow_lost: bool,
    /// Why it is not known whether it was, if it was sent here.
    pub lost_to: Option<ApiError>,
    /// Whether the step that is under way has sent a request that changes something.
    pub step_sent: bool,
    /// Whether a request that sets the password after the creation may have been sent.
    pub password_sent: bool,
    /// Whether an earlier import was at what follows the creation, and nobody has looked since how far it came.
    pub unseen: bool,
    /// What had not worked before somebody tried it again; until the account is looked at, nobody knows what has by now.
    pub retries: Vec<FailedPart>,
    /// What of it an earlier try may have done, of which nobody has heard.
    pub unsure: Vec<FailedPart>,
    /// Whether it was looked at what an update would change of an account that has appeared.
    pub examined: bool,
    /// Whether a creation was ever sent with the guard that lets the display name through.
    pub light: bool,
    /// Whether a creation was sent that may have had an effect.
    pub sent: bool,
    /// Whether the answer to a creation was lost, so that the server may still be at it.
    pub lost: bool,
    /// When that was last so, in the clock's `now_ms`.
    pub lost_at_ms: u64,
    /// Whether the account was seen to be somebody else's. A request of ours that came late may
    /// since have made it look like the row's.
    pub foreign: bool,
    /// Whether an earlier import may have sent a creation.
    pub resumed: bool,
    /// The creation time of the newest account before the first creation was sent.
    pub since: Option<Timestamp>,
    /// Until when, by the wall's clock, the creation that was sent last may be carried out.
    pub until_ms: Option<i64>,
    /// What Matrix Authentication Service calls the account, once that is known.
    pub id: Option<Ulid>,
    /// Whether the row goes on after its creation because somebody has tried it again.
    pub retried: bool,
    /// Whether the account has appeared without being ours.
    pub appeared: bool,
    /// Whether the row creates or updates, once that is known.
    pub created: Option<bool>,
    pub proof: Proof,
    pub problems: Vec<FailedPart>,
    /// Whether an update has changed anything for certain.
    pub changed: bool,
    pub new_ids: u32,
    pub outcome: Option<Outcome>,
}

/// A request after the creation.
#[derive(Clone, Debug)]
pub(super) enum FollowUp {
    Put(Box<UserChange>),
    Join(String),
}

impl Row {
    pub(super) fn new(task: &RowTask) -> Self {
        let (stage, follow) = match &task.deed {
            Deed::Create(_) => (Stage::Create, VecDeque::new()),
            Deed::Update { change, .. } => {
                let put = FollowUp::Put(Box::new((**change).clone()));
                (Stage::Follow, VecDeque::from([put]))
            }
        };
        Row {
            user: task.user.clone(),
            stage,
            follow,
            follow_lost: false,
            lost_to: None,
            step_sent: false,
            password_sent: false,
            unseen: false,
            retries: Vec::new(),
            unsure: Vec::new(),
            examined: false,
            light: false,
            sent: false,
            lost: false,
            lost_at_ms: 0,
            foreign: false,
            resumed: false,
            since: None,
            until_ms: None,
            id: None,
            retried: false,
            appeared: false,
            created: None,
            proof: Proof::Recognised,
            problems: Vec::new(),
            changed: false,
            new_ids: 0,
            outcome: None,
        }
    }

    /// Goes on where an earlier import has left off.
    pub(super) fn goes_on(
        &mut self,
        task: &RowTask,
        standing: &Standing,
        options: &RunOptions,
        now_ms: u64,
    ) {
        if let Some(user) = &standing.renamed {
            self.user = user.clone();
        }
        let account = match &task.deed {
            Deed::Create(account) => account,
            Deed::Update { .. } => {
                self.follow_lost = standing.begun;
                if standing.outcome.is_some() {
                    self.over(standing);
                }
                return;
            }
        };
        let at_mas = options.server.mas().is_some();
        let may_be_named =
            !at_mas && options.newest_known.is_some() && options.server.surely_since(84);
        self.appeared = standing.appeared;
        match (&standing.outcome, standing.created) {
            (Some(outcome), created) => {
                self.over(standing);
                // An account that was there before never becomes the row's.
                self.created = self.created.or(created.filter(|created| !created));
                self.appeared |= *outcome == Outcome::Conflict;
                if !standing.begun || outcome.says_nothing_was_done() {
                    return;
                }
            }
            (None, _) if !standing.begun || standing.appeared => return,
            (None, Some(true)) => {
                self.created = Some(true);
                self.problems.clone_from(&standing.problems);
                self.proof = standing.proof.unwrap_or(Proof::Recognised);
                (self.follow_lost, self.password_sent) = (true, true);
                let parts = standing.retried.as_ref();
                let is_rest = |part: &FailedPart| part.what == What::Rest;
                let has_failed = |part: &&FailedPart| {
                    let mut again = standing.problems.iter();
                    again.any(|problem| problem.what.is_same(&part.what))
                };
                let left = parts.into_iter().flatten();
                let left = left.filter(|part| !has_failed(part)).cloned();
                let left: Vec<FailedPart> = left.collect();
                self.unsure.clone_from(&left);
                match parts.is_some_and(|parts| !parts.iter().any(is_rest)) {
                    // An account that has had its end does not show what has not worked before it.
                    true => (self.follow, self.stage) = (account.again(&left), Stage::Follow),
                    // What of it is done is seen when the account is looked at.
                    false => self.looks_for_the_rest(account, &left, at_mas),
                }
            }
            (None, Some(false)) => {
                self.updates(account);
                self.follow_lost = true;
            }
            (None, None) => {
                // What of it was not sent the account does not have, if there is one.
                self.problems.clone_from(&standing.problems);
                self.stage = Stage::Look { error: None };
            }
        }
        (self.sent, self.resumed) = (true, true);
        (self.lost, self.lost_at_ms) = (options.just_interrupted, now_ms);
        let is_foreign = standing
            .outcome
            .as_ref()
            .is_some_and(Outcome::is_of_another);
        self.foreign = standing.foreign || is_foreign;
        self.light = may_be_named && account.is_better_named_at_once(&self.user);
        self.since = standing.since.map(Timestamp).max(options.newest_known);
        let sent_ms = options.interrupted_ms.map(creates_until);
        self.until_ms = sent_ms.map(carried_out_until);
    }

    /// It has ended in an earlier import.
    pub(super) fn over(&mut self, standing: &Standing) {
        self.stage = Stage::Over;
        self.outcome.clone_from(&standing.outcome);
        match &standing.outcome {
            Some(Outcome::Created {
                user,
                proof,
                problems,
            }) => {
                self.created = Some(true);
                (self.user, self.proof) = (user.clone(), *proof);
                self.problems.clone_from(problems);
            }
            Some(Outcome::Updated { problems }) => {
                self.created = Some(false);
                self.problems.clone_from(problems);
            }
            _ => {}
        }
    }

    /// The server had an account of this time before the creation is sent: whatever our clock says, that may be carried
    /// out as long after.
    pub(super) fn may_be_made_after(&mut self, newest_ms: Option<i64>) {
        if let (Some(until), Some(newest)) = (&mut self.until_ms, newest_ms) {
            *until = (*until).max(carried_out_until(newest));
        }
    }

    /// Whether there may be an account that the row has made, and nobody knows.
    pub(super) fn may_be_made(&self) -> bool {
        let is_unknown = matches!(
            self.outcome,
            Some(Outcome::Failed {
                account: AccountAfter::Unknown,
                ..
            })
        );
        is_unknown && self.created.is_none() && !self.foreign
    }

    /// Whether a look at the account may say more than the outcome does.
    pub(super) fn is_unknown(&self) -> bool {
        match &self.outcome {
            // Never the row's, whatever an update has made of it.
            _ if self.created == Some(false) => false,
            Some(
                Outcome::MayBeRenamed
                | Outcome::Failed {
                    account: AccountAfter::Unknown,
                    ..
                },
            ) => true,
            Some(outcome) => outcome.leaves_a_rest(),
            None => false,
        }
    }

    /// Whether an earlier try may have taken the account into a room.
    pub(super) fn may_be_in_rooms(&self) -> bool {
        self.follow_lost || self.resumed || self.retried
    }

    /// The account is the row's, and is to be looked at to know what of it is done; these parts had not worked.
    pub(super) fn looks_for_the_rest(
        &mut self,
        account: &NewAccount,
        parts: &[FailedPart],
        at_mas: bool,
    ) {
        let others = parts.iter().filter(|part| part.what != What::Rest);
        self.retries = others.cloned().collect();
        self.follow = match at_mas {
            true => account.follow_at_mas(&self.user, false),
            false => account.all_again(),
        };
        (self.unseen, self.stage) = (true, Stage::Look { error: None });
    }

    /// The account is the row's and has been looked at: this is to follow. Of one that has had its end that is what
    /// had not worked before it, which it does not show.
    pub(super) fn follows(
        &mut self,
        account: &NewAccount,
        has_ended: bool,
        follow: VecDeque<FollowUp>,
    ) -> VecDeque<FollowUp> {
        let parts = std::mem::take(&mut self.retries);
        if !has_ended {
            self.unsure.clear();
            return follow;
        }
        self.unseen = false;
        account.again(&parts)
    }

    /// What is still to follow is known to be undone, or may be done: where Matrix Authentication Service keeps the
    /// accounts nothing of it is looked up before it is sent, elsewhere the rooms are not.
    pub(super) fn looks_back(&mut self, at_mas: bool) {
        let is_seen = |step: &FollowUp| !at_mas && matches!(step, FollowUp::Put(_));
        self.unseen &= !self.follow.iter().all(is_seen);
    }

    /// The account was there before, and becomes what the row says, but for the rooms: those are for new accounts
    /// only, in the plan as well.
    pub(super) fn updates(&mut self, account: &NewAccount) {
        self.created = Some(false);
        self.problems.clear();
        self.follow.clear();
        let change = account.as_change();
        if change != UserChange::default() {
            self.follow.push_front(FollowUp::Put(Box::new(change)));
        }
        self.stage = Stage::Follow;
    }

    /// The answer to a creation was lost.
    pub(super) fn loses(&mut self, now_ms: u64) {
        (self.lost, self.lost_at_ms) = (true, now_ms);
    }

    /// Whether the server may still be at a creation that would change the display name of an
    /// account that exists.
    pub(super) fn may_yet_name(&self, now_ms: u64) -> bool {
        self.light && self.lost && now_ms.saturating_sub(self.lost_at_ms) < LATEST_MS
    }

    /// The creation sent last had no effect. Unless an earlier one may yet have one, it is as
    /// if none had been sent.
    pub(super) fn had_no_effect(&mut self) {
        self.stage = Stage::Create;
        self.created = None;
        if !self.lost {
            (self.sent, self.light, self.since) = (false, false, None);
        }
    }

    /// Whether an earlier try may have done this part of what follows the creation.
    pub(super) fn may_have_done(&self, what: &What) -> bool {
        let mut unsure = self.unsure.iter();
        self.follow_lost || self.resumed || unsure.any(|part| part.what.is_same(what))
    }

    /// A part for which nothing was sent this time, because the server did not answer what is asked before: an earlier
    /// try may have done it.
    pub(super) fn not_asked(&self, part: FailedPart) -> FailedPart {
        match self.may_have_done(&part.what) {
            true => part.unsure(),
            false => part,
        }
    }

    /// A part that is not done as far as this try goes: an earlier one may have done it.
    fn told(&self, part: FailedPart) -> FailedPart {
        let name = What::Field(Field::DisplayName);
        let mut unsure = self.unsure.iter();
        match unsure.find(|before| before.what.is_same(&part.what)) {
            // Why nobody knows says more.
            Some(before) if part.error == ApiError::Cancelled => before.clone().unsure(),
            Some(_) => part.unsure(),
            // It went with a creation that may yet be carried out.
            None if self.light && self.lost && part.what.is_same(&name) => part.unsure(),
            None => part,
        }
    }

    /// What remains to be sent, as problems.
    fn left(&self, error: &ApiError) -> Vec<FailedPart> {
        let mut steps = self.follow.iter();
        let mut problems = Vec::new();
        if let Some(lost_to) = &self.lost_to
            && let Some(first) = steps.next()
        {
            let lost = first.problems(lost_to).into_iter();
            problems.extend(lost.map(FailedPart::unsure));
        }
        // Of one that was there before nobody is told a password.
        let sent = self.password_sent || self.created != Some(true);
        let untold = steps.flat_map(|next| match sent {
            true => next.problems(error),
            false => next.untried(error),
        });
        problems.extend(untold.map(|part| self.told(part)));
        problems
    }

    /// The outcome of a row that ends now; with an error, what remains to be sent has it.
    pub(super) fn result(&self, error: Option<&ApiError>) -> Outcome {
        let mut problems = self.problems.clone();
        if let Some(error) = error {
            match self.unseen {
                // What is still to be sent may have been done.
                true => {
                    let retries = self.retries.iter().cloned();
                    problems.extend(retries.map(|part| self.told(part)));
                    problems.push(FailedPart {
                        what: What::Rest,
                        error: error.clone(),
                    });
                }
                false => problems.extend(self.left(error)),
            }
        }
        match (self.created, problems.first()) {
            (Some(true), _) => Outcome::Created {
                user: self.user.clone(),
                proof: self.proof,
                problems,
            },
            (_, Some(first)) if !self.changed => Outcome::Failed {
                error: first.error.clone(),
                account: if self.follow_lost {
                    AccountAfter::Unknown
                } else {
                    AccountAfter::AsBefore
                },
            },
            _ => Outcome::Updated { problems },
        }
    }
}

impl FollowUp {
    /// What it is about, when it was never sent: a password with it is certainly not the account's, nor has anybody
    /// refused a field of it.
    pub(super) fn untried(&self, error: &ApiError) -> Vec<FailedPart> {
        let mut problems = self.problems(error);
        for problem in &mut problems {
            if let What::Field(field) = problem.what {
                problem.what = What::Unsent(field);
            }
        }
        problems
    }

    /// Whether it sets a password.
    pub(super) fn sets_a_password(&self) -> bool {
        matches!(self, FollowUp::Put(change) if change.password.is_some())
    }

    pub(super) fn problems(&self, error: &ApiError) -> Vec<FailedPart> {
        let problem = |what| FailedPart {
            what,
            error: error.clone(),
        };
        match self {
            FollowUp::Put(change) => Field::of(change).map(What::Field).map(problem).collect(),
            FollowUp::Join(room) => vec![problem(What::Room(room.clone()))],
        }
    }
}
