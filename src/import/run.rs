//! Carries out what an import has planned: creates accounts, changes accounts, and knows what
//! became of each.
//!
//! `PUT v2/users/{id}` changes an account that exists, its password with it. Three things
//! together keep an account that appeared since the plan from harm:
//!
//! - The request itself: it carries a guard ([`users::Guard`]) that makes the server refuse it
//!   for an account that exists. Whoever wants a display name in the same request can have all
//!   guarded but the display name; everything else is sent with the guard for the whole.
//! - [`watch`]: every two seconds or so, one request asks which accounts are new. A row whose account
//!   has appeared is treated as a conflict and never sent. So for the display name a window of
//!   seconds remains; what happens in it is noticed and reported as [`Outcome::ChangedByAccident`].
//! - After an answer that was lost, or an error in the middle, the account is looked at first.
//!   A `PUT` is not atomic: what is missing is added, what failed is named.
//!
//! One thing no browser can rule out: a request whose answer was lost may be carried out later
//! than anybody looks. `PUT` sets the display name before it comes to anything that it could
//! refuse, and Synapse knows no condition for a request; so such a creation gives its display
//! name to an account that somebody else has made meanwhile. Who is left alone while that may
//! still happen is reported as [`Outcome::MayBeRenamed`], looked at once more in the end, and
//! again by every retry. All else is guarded however late a request is. To send every creation
//! with the guard for the whole account would close this window and open a wider one: an account
//! without the row's display name is no longer known from anybody else's after a lost answer.
//!
//! What [`journal`](super::journal) writes down lets another import go on where this one ended.
//!
//! Where Matrix Authentication Service keeps the accounts, `at_mas` has what is different. `addresses` keeps those of
//! other accounts with them, `appeared` has what an update may change of an account that the plan did not know, `left`
//! what is still to be done of a row that somebody was at, `afterwards` what is known only once all rows have ended.
//!
//! The caller gives a [`RowTask`] for each row that needs requests, in the order of the file; rows
//! that the plan skips never come here, and a simulation never comes here at all.

mod account;
mod addresses;
mod afterwards;
mod appeared;
mod at_mas;
mod left;
mod row;
#[cfg(test)]
mod tests;
mod watch;

pub use super::outcome::{AccountAfter, FailedPart, Outcome, Proof, Tally, What};
pub use super::task::{Deed, Field, NewAccount, RowTask};
pub use account::is_ours;

use super::journal::{Journal, Note, Standing};
use super::plan::OnConflict;
use crate::api::exchange::{Clock, Network, Random};
use crate::api::server::Capabilities;
use crate::api::tolerant::Timestamp;
use crate::api::users::{self, Guard, UserChange, UserDetail};
use crate::api::{ApiError, Call, Request, UserId, rooms};
use crate::runner::once::{Lost, once};
use crate::runner::{self, Fate, Limits, Run, Step, Turn, Work};
use account::missing;
use futures_util::FutureExt;
use futures_util::future::LocalBoxFuture;
use row::{FollowUp, Row, Stage};
use std::cell::{Cell, RefCell};
use std::collections::{HashMap, VecDeque};
use std::rc::Rc;
use watch::Watch;

/// How an import is carried out.
#[derive(Clone)]
pub struct RunOptions {
    /// What happens to a row whose account has appeared since the plan. With
    /// [`OnConflict::Update`] the columns present in the file are set, except for a generated
    /// password and the rooms, which are for new accounts only.
    pub on_conflict: OnConflict,
    /// Makes another ID for [`OnConflict::NewRandomId`]. It must not be one of the file's.
    pub new_id: Rc<dyn Fn() -> UserId>,
    /// What the server can do.
    pub server: Capabilities,
    /// The creation time of the newest account at the moment when looking up accounts for the
    /// plan *began*: the first user of `order_by=creation_ts&dir=b&limit=1`, asked before all
    /// else. `None` if that is not known; then every row is sent with the guard for the whole
    /// account, and its display name with a second request.
    pub newest_known: Option<Timestamp>,
    /// Whether requests of an earlier import that ended in the middle may still be under way.
    pub just_interrupted: bool,
    /// When that import has written something last, in milliseconds since 1970.
    pub interrupted_ms: Option<i64>,
    /// At most so many rows at a time.
    pub limits: Limits,
    /// Sends creations, where the other network would send them again after a refused token: who
    /// signs in again may take hours for it, and others make accounts meanwhile. This one hands the refusal
    /// back once there is another token.
    pub creations: Option<NetworkAbout>,
    /// Sends changes to Matrix Authentication Service, whose paths do not say whom they are about.
    pub changes: Option<NetworkAbout>,
}

/// A network for what is about this account.
pub type NetworkAbout = Rc<dyn Fn(&UserId) -> Rc<dyn Network>>;

/// An import under way.
pub struct Import {
    tasks: Vec<RowTask>,
    options: RunOptions,
    network: Rc<dyn Network>,
    clock: Rc<dyn Clock>,
    journal: Rc<Journal>,
    rows: RefCell<Vec<Row>>,
    /// Rows by the account that they create.
    by_user: RefCell<HashMap<UserId, usize>>,
    watch: Watch,
    tally: Cell<Tally>,
    /// By row: the answer to ending an account that was there before is lost.
    ends: Vec<Lost>,
}

/// How often another ID is made for one row.
const NEW_IDS: u32 = 5;

/// A request that creates an account.
struct Creation {
    call: Call,
    /// Whether it lets the display name through for an account that exists.
    light: bool,
    /// What is to be sent once it has created the account.
    follow: VecDeque<FollowUp>,
    /// What it sets.
    fields: Vec<Field>,
    /// Whether it creates and nothing else, whatever it is answered.
    at_mas: bool,
}

/// What [`Import::create`] and the others say: the row has come to another stage, or the try
/// has ended.
type Flow = Result<(), Step>;

impl Import {
    /// Prepares an import; nothing is sent. Each task has a user of its own. `standings` is how
    /// far the rows are as an earlier import's journal has it; for a new import it is empty.
    pub fn new(
        tasks: Vec<RowTask>,
        standings: &[Standing],
        options: RunOptions,
        network: Rc<dyn Network>,
        clock: Rc<dyn Clock>,
        journal: Rc<Journal>,
    ) -> Self {
        let mut rows: Vec<Row> = tasks.iter().map(Row::new).collect();
        let newest = standings.iter().filter_map(|standing| standing.since).max();
        for ((row, task), standing) in rows.iter_mut().zip(&tasks).zip(standings) {
            row.goes_on(task, standing, &options, clock.now_ms());
            row.may_be_made_after(newest);
        }
        let creating = |(task, row): (&RowTask, &Row)| match &task.deed {
            Deed::Create(_) => Some(row.user.clone()),
            Deed::Update { .. } => None,
        };
        let users = tasks.iter().zip(&rows).map(creating).enumerate();
        let by_user = users.filter_map(|(row, user)| Some((user?, row))).collect();
        let ended: Vec<Outcome> = rows.iter().filter_map(|row| row.outcome.clone()).collect();
        let import = Import {
            watch: Watch::new(options.newest_known),
            ends: tasks.iter().map(|_| Lost::default()).collect(),
            rows: RefCell::new(rows),
            by_user: RefCell::new(by_user),
            tasks,
            options,
            network,
            clock,
            journal,
            tally: Cell::default(),
        };
        for outcome in &ended {
            import.count(outcome, true);
        }
        import
    }

    /// The rows without an outcome.
    pub fn open(&self) -> Vec<usize> {
        let rows = self.rows.borrow();
        (0..rows.len())
            .filter(|row| rows[*row].outcome.is_none())
            .collect()
    }

    /// A job over all rows without an outcome: the handle for pause, resume, cancel and progress.
    pub fn job(&self) -> Run {
        Run::new(self.open(), self.options.limits)
    }

    /// A job over some rows, to try failed ones again.
    /// Their outcomes are open again; rows that created their account go on after that. A row that
    /// has come to all that was wanted meanwhile stays as it is, and nothing is sent for it.
    pub fn job_over(&self, rows: Vec<usize>) -> Run {
        for &row in &rows {
            self.reopen(row);
        }
        Run::new(rows, self.options.limits)
    }

    /// Carries the job out: returns when every row of it has an outcome.
    pub async fn run(&self, job: &Run, random: &dyn Random) {
        runner::run(job, self, &*self.clock, random).await;
        self.look_at_the_unknown(job).await;
    }

    /// The tasks, as given.
    pub fn tasks(&self) -> &[RowTask] {
        &self.tasks
    }

    /// The account that a row is about: another than the task's once it had appeared, where that is wanted.
    pub fn user(&self, row: usize) -> UserId {
        self.rows.borrow()[row].user.clone()
    }

    /// The outcome of a row, once it has one.
    pub fn outcome(&self, row: usize) -> Option<Outcome> {
        self.rows.borrow()[row].outcome.clone()
    }

    /// Looks at the outcome of a row without copying it.
    pub fn with_outcome<T>(&self, row: usize, look: impl FnOnce(Option<&Outcome>) -> T) -> T {
        look(self.rows.borrow()[row].outcome.as_ref())
    }

    /// The password that the account of this row has now, if the row gave it one.
    /// So it is if nobody knows whether there is an account, and the request that may have made it has set it.
    pub fn password(&self, row: usize) -> Option<&str> {
        let (has_password, is_made) = self.with(row, |state| {
            let may_be_made = state.may_be_made() && self.mas().is_none();
            let has_password = state.outcome.as_ref().is_some_and(Outcome::has_password);
            let is_made = may_be_made || state.created == Some(true);
            (has_password || may_be_made, is_made)
        });
        let password = match &self.tasks[row].deed {
            // With "Update", a generated password is not set.
            Deed::Create(account) if account.generated_password && !is_made => &None,
            Deed::Create(account) => &account.password,
            Deed::Update { change, .. } => &change.password,
        };
        password.as_deref().filter(|_| has_password)
    }

    /// How many rows ended how so far.
    pub fn tally(&self) -> Tally {
        self.tally.get()
    }

    fn reopen(&self, row: usize) {
        let mut rows = self.rows.borrow_mut();
        let state = &mut rows[row];
        let Some(outcome) = state.outcome.take() else {
            return;
        };
        self.count(&outcome, false);
        if !outcome.is_failure() {
            // It counts again when its turn has come.
            state.outcome = Some(outcome);
            return;
        }
        if state.stage != Stage::Over {
            return;
        }
        if state.created == Some(true) {
            // What did not work is tried again.
            let problems = std::mem::take(&mut state.problems);
            state.retried = true;
            state.lost_to = None;
            state.password_sent |= problems.iter().any(FailedPart::may_have_set_a_password);
            let unsure = problems.iter().filter(|part| part.may_be_done());
            state.unsure = unsure.cloned().collect();
            let is_rest = |part: &FailedPart| part.what == What::Rest;
            let Deed::Create(account) = &self.tasks[row].deed else {
                return;
            };
            if problems.iter().any(is_rest) {
                state.looks_for_the_rest(account, &problems, self.mas().is_some());
            } else {
                state.follow = account.again(&problems);
                (state.unseen, state.stage) = (false, Stage::Follow);
            }
        } else {
            let before = std::mem::replace(state, Row::new(&self.tasks[row]));
            state.user = before.user;
            // It is new once: nobody who looks around sees it again.
            state.appeared = before.appeared || outcome == Outcome::Conflict;
            match &self.tasks[row].deed {
                // Nor is it the row's, whatever an update has made of it.
                Deed::Create(account) if before.created == Some(false) => state.updates(account),
                _ if state.appeared || !before.sent => {}
                _ => {
                    state.stage = Stage::Look { error: None };
                    (state.since, state.until_ms) = (before.since, before.until_ms);
                    (state.sent, state.lost, state.light) = (true, before.lost, before.light);
                    state.lost_at_ms = before.lost_at_ms;
                    state.foreign = before.foreign || outcome.is_of_another();
                }
            }
        }
    }

    fn with<T>(&self, row: usize, change: impl FnOnce(&mut Row) -> T) -> T {
        change(&mut self.rows.borrow_mut()[row])
    }

    /// Sends a request once the server wants requests.
    async fn send<T>(&self, turn: &Turn<'_>, request: &Request<T>) -> Result<(u16, T), ApiError> {
        if !turn.clear().await {
            return Err(ApiError::Cancelled);
        }
        let answer = self.network.exchange(&request.call).await?;
        Ok((answer.status, request.read(&answer)?))
    }

    /// Sends a request that changes something for a row whose account is there.
    async fn sends<T>(
        &self,
        row: usize,
        turn: &Turn<'_>,
        request: &Request<T>,
    ) -> Result<(u16, T), ApiError> {
        if !turn.clear().await {
            return Err(ApiError::Cancelled);
        }
        self.with(row, |state| state.step_sent = true);
        self.send(turn, request).await
    }

    async fn attempt(&self, row: usize, turn: &Turn<'_>) -> Step {
        let creates = self.with(row, |state| state.stage == Stage::Create);
        // What the row makes is not older than what the journal has before it begins.
        if creates
            && self.mas().is_some()
            && let Err(error) = Box::pin(self.look_around(turn)).await
        {
            return Step::from_error(error);
        }
        self.journal.note(row, Note::Begins).await;
        loop {
            let stage = self.with(row, |state| state.stage.clone());
            let flow = match (stage, &self.tasks[row].deed) {
                (Stage::Create, Deed::Create(account)) => self.create(row, account, turn).await,
                (Stage::Look { error }, Deed::Create(account)) => match self.mas() {
                    None => self.look(row, account, error, turn).await,
                    Some(mas) => {
                        let asks = self.asks(mas, Some(turn));
                        Box::pin(self.look_at_mas(row, account, error, asks)).await
                    }
                },
                (Stage::Follow, _) => self.follow(row, turn).await,
                _ => return Step::Done,
            };
            if let Err(step) = flow {
                return step;
            }
        }
    }

    async fn create(&self, row: usize, account: &NewAccount, turn: &Turn<'_>) -> Flow {
        let watching = self.options.newest_known.is_some() || self.mas().is_some();
        let user = &self.with(row, |state| state.user.clone());
        let mut sent;
        loop {
            // Whose the addresses are the server may answer late: the look comes after it.
            let owned = self.owned(account.threepids.as_deref(), user, turn).await;
            let problem = addresses::better_left(owned).map_err(Step::Again)?;
            let asked = self.clock.now_ms();
            if watching {
                self.look_around(turn).await.map_err(Step::from_error)?;
            }
            if self.with(row, |state| state.appeared) {
                return self.conflict(row, account).boxed_local().await;
            }
            let looked = self.clock.now_ms();
            sent = self.without(row, account, problem).await;
            self.journal.creates(row, self.clock.wall_ms()).await;
            // Last, for others may have heard of a rate limit while the disk was busy.
            if !turn.clear().await {
                return Err(Step::Again(ApiError::Cancelled));
            }
            // After a long wait for the server's sake what was written last is old, and so are the look and what was
            // said of the addresses.
            let now = self.clock.now_ms();
            if now <= looked + watch::REPEAT_MS && now <= asked + addresses::KNOWN_MS {
                break;
            }
        }
        let creation = self.creation(row, account, user, &sent, turn);
        self.with(row, |state| {
            state.sent = true;
            state.light |= creation.light;
            state.since = state.since.or(self.newest());
            state.until_ms = Some(at_mas::carried_out_until(self.clock.wall_ms()));
            state.may_be_made_after(self.newest().map(|newest| newest.0));
            // Until the answer says otherwise.
            state.stage = Stage::Look { error: None };
        });
        let renewing = self.options.creations.as_ref().map(|about| about(user));
        let network = renewing.as_deref().unwrap_or(&*self.network);
        let answer = match network.exchange(&creation.call).await {
            Ok(answer) => answer,
            // Abandoned, broken off, timed out: it may have been carried out.
            Err(error) => {
                self.with(row, |state| state.loses(self.clock.now_ms()));
                return Err(Step::Again(error));
            }
        };
        // Whatever of it we understand, the server has done it.
        let Some(error) = ApiError::of(&answer) else {
            if creation.at_mas || users::was_created(answer.status) {
                self.is_created(row, Proof::Answered, creation.follow, Vec::new())
                    .await;
            } else {
                // No Synapse does this; if one did, everything sent has been set.
                let fields = creation.fields;
                self.end(row, Outcome::ChangedByAccident { fields });
            }
            return Ok(());
        };
        match error {
            ApiError::TokenRefused { .. } if renewing.is_some() => {
                // There is another token, and nothing was done: but the look may be old by now.
                self.with(row, Row::had_no_effect);
                Ok(())
            }
            error @ (ApiError::TokenRefused { .. }
            | ApiError::TokenMissing { .. }
            | ApiError::NotAdmin { .. }) => {
                // Said before anything was done.
                self.with(row, Row::had_no_effect);
                Err(Step::Again(error))
            }
            error if error.is_turned_away() => {
                // Once a person has seen to it, the account is looked at and the row begun anew.
                if error.may_be_under_way() {
                    self.with(row, |state| state.loses(self.clock.now_ms()));
                }
                Err(Step::Again(error))
            }
            error @ ApiError::RateLimited { .. } => {
                // A proxy says this before, Synapse in the midst of a change: look first.
                Err(Step::Again(error))
            }
            error => {
                self.with(row, |state| {
                    if error.may_be_under_way() {
                        state.loses(self.clock.now_ms());
                    }
                    state.stage = Stage::Look { error: Some(error) };
                });
                Ok(())
            }
        }
    }

    /// The request that creates an account, and what follows it. What is sent may lack something of what the row
    /// says; which guard goes with it depends on the row alone, so that whoever finds the account after a crash knows it.
    fn creation(
        &self,
        row: usize,
        planned: &NewAccount,
        user: &UserId,
        account: &NewAccount,
        turn: &Turn<'_>,
    ) -> Creation {
        if let Some(mas) = self.mas() {
            let asks = self.asks(mas, Some(turn));
            let named = asks.names(account, user).is_some();
            return Creation {
                call: asks.creation(account, user),
                light: false,
                follow: account.follow_at_mas(user, named),
                fields: Vec::new(),
                at_mas: true,
            };
        }
        let (now, mut follow) = account.requests();
        // After a lost answer the display name says whether the account is ours.
        let light = self.options.newest_known.is_some()
            && !self.with(row, |state| state.lost)
            && self.options.server.surely_since(84)
            && planned.is_better_named_at_once(user);
        let guard = if light {
            Guard::FromAvatar
        } else {
            account.name_later(user, &mut follow);
            Guard::Whole
        };
        Creation {
            call: users::create(user, &now, guard).call,
            light,
            follow,
            fields: Field::of(&now).collect(),
            at_mas: false,
        }
    }

    /// Finds out what a creation has come to.
    async fn look(
        &self,
        row: usize,
        account: &NewAccount,
        error: Option<ApiError>,
        turn: &Turn<'_>,
    ) -> Flow {
        let state = self.with(row, |state| state.clone());
        let (user, light) = (&state.user, state.light);
        // An earlier import has written down that the account is the row's.
        let known = (state.created == Some(true)).then_some(state.proof);
        let detail = match self.send(turn, &users::get(user)).await {
            Ok((_, detail)) => detail,
            Err(not_found) if not_found.is_not_found() => return self.is_not_there(row, error),
            Err(trouble) => return Err(Step::from_error(trouble)),
        };
        if known.is_some() || self.is_rows(&state, account, &detail) {
            let (mut put, mut follow) = account.still_to_do(&detail);
            let mut problems = Vec::new();
            account.leave_out(&state.problems, &mut put, &mut follow);
            if known.is_some() {
                let has_ended = account.has_had_its_end(&detail);
                if has_ended {
                    put = UserChange::default();
                }
                follow = self.with(row, |state| state.follows(account, has_ended, follow));
            }
            let there_before = |error: &ApiError| {
                users::refused_by_guard(error) || error.is_errcode("M_USER_IN_USE")
            };
            let lost = self.with(row, |state| state.lost || state.resumed);
            let proof = known.unwrap_or(match &error {
                _ if lost => Proof::Recognised,
                Some(error) if !there_before(error) => Proof::Recognised,
                _ => Proof::Doubtful,
            });
            if proof == Proof::Doubtful
                && let Some(FollowUp::Put(_)) = follow.back()
                && let Some(end) = follow.pop_back()
            {
                problems.extend(end.problems(&error.clone().unwrap_or(ApiError::Cancelled)));
            }
            // Not what says only that the account is there by now.
            let told = error.filter(|error| !there_before(error) && !not_about_the_row(error));
            // The only ones that the server adds to an account it has just made.
            let added = |field: &Field| matches!(field, Field::Threepids | Field::ExternalIds);
            let first = missing(&put, &detail).find(added);
            if let (Some(error), Some(field)) = (told, first) {
                // The server sets one after another: the first that is missing has failed.
                field.remove_from(&mut put);
                problems.push(FailedPart {
                    what: What::Field(field),
                    error,
                });
            }
            if put != UserChange::default() {
                follow.push_front(FollowUp::Put(Box::new(put)));
            }
            self.is_created(row, proof, follow, problems).await;
            return Ok(());
        }
        // What was made after the last moment for a request of ours, none has named.
        let overwritten = light
            && !self.is_late(&state, detail.user.creation_ts)
            && is_named_like(account, &detail);
        if overwritten && self.options.on_conflict != OnConflict::Update {
            let fields = vec![Field::DisplayName];
            self.end(row, Outcome::ChangedByAccident { fields });
            return Ok(());
        }
        self.conflict(row, account).boxed_local().await
    }

    /// Nobody has the account, after this answer to the creation that was sent last.
    fn is_not_there(&self, row: usize, error: Option<ApiError>) -> Flow {
        self.with(row, Row::had_no_effect);
        match error {
            None => Ok(()),
            Some(error) if not_about_the_row(&error) => Err(Step::Again(error)),
            Some(error) => {
                let outcome = Outcome::Failed {
                    error: error.clone(),
                    account: AccountAfter::Absent,
                };
                self.end(row, outcome);
                Err(Step::Failed(error))
            }
        }
    }

    /// The account exists, and is not ours.
    async fn conflict(&self, row: usize, account: &NewAccount) -> Flow {
        let in_use = || ApiError::Matrix {
            status: 400,
            errcode: "M_USER_IN_USE".into(),
            message: String::new(),
        };
        let now = self.clock.now_ms();
        match self.options.on_conflict {
            // Not before it is certain what was done to this account comes another.
            OnConflict::Stop | OnConflict::Skip | OnConflict::NewRandomId
                if self.with(row, |state| state.may_yet_name(now)) =>
            {
                self.end(row, Outcome::MayBeRenamed);
                if self.options.on_conflict == OnConflict::Stop {
                    return Err(Step::Stop(in_use()));
                }
            }
            OnConflict::Skip => self.end(row, Outcome::Skipped),
            OnConflict::Stop => {
                self.end(row, Outcome::Conflict);
                return Err(Step::Stop(in_use()));
            }
            OnConflict::Update => {
                self.journal.note(row, Note::Exists).await;
                self.with(row, |state| state.updates(account));
                if self.with(row, |state| state.follow.is_empty()) {
                    self.end(row, Outcome::Unchanged);
                }
            }
            OnConflict::NewRandomId => {
                let tries = self.with(row, |state| {
                    state.new_ids += 1;
                    state.new_ids
                });
                if tries > NEW_IDS {
                    let error = in_use();
                    let account = AccountAfter::AsBefore;
                    self.end(
                        row,
                        Outcome::Failed {
                            error: error.clone(),
                            account,
                        },
                    );
                    return Err(Step::Failed(error));
                }
                let user = (self.options.new_id)();
                self.journal.note(row, Note::Renamed(user.clone())).await;
                self.by_user.borrow_mut().insert(user.clone(), row);
                self.with(row, |state| {
                    let new_ids = state.new_ids;
                    *state = Row::new(&self.tasks[row]);
                    (state.user, state.new_ids) = (user, new_ids);
                });
            }
        }
        Ok(())
    }

    /// The account is the row's, and this has not worked of it. Whose it is is written down first: after a crash in
    /// between, what is in doubt is not taken for certain.
    async fn is_created(
        &self,
        row: usize,
        proof: Proof,
        follow: VecDeque<FollowUp>,
        problems: Vec<FailedPart>,
    ) {
        if !follow.is_empty() || !problems.is_empty() {
            let user = self.with(row, |state| state.user.clone());
            self.journal.note(row, Note::Created(user, proof)).await;
        }
        if !problems.is_empty() {
            self.fails_in_part(row, problems).await;
        }
        self.with(row, |state| {
            state.created = Some(true);
            state.proof = proof;
            state.follow = follow;
            state.stage = Stage::Follow;
            state.looks_back(self.mas().is_some());
        });
    }

    /// Sends the next request after the creation, or ends the row.
    async fn follow(&self, row: usize, turn: &Turn<'_>) -> Flow {
        let (user, next) = self.with(row, |state| {
            state.step_sent = false;
            (state.user.clone(), state.follow.front().cloned())
        });
        let result = match next {
            None => {
                let outcome = self.with(row, |state| state.result(None));
                let failed = match &outcome {
                    Outcome::Failed { error, .. } => Some(error.clone()),
                    _ => None,
                };
                self.end(row, outcome);
                return failed.map_or(Ok(()), |error| Err(Step::Failed(error)));
            }
            Some(FollowUp::Join(room)) => self.join(row, &user, room, turn).await,
            Some(FollowUp::Put(change)) if self.is_to_be_examined(row) => {
                return self.examine(row, &user, *change, turn).boxed_local().await;
            }
            Some(FollowUp::Put(change)) => match self.mas() {
                None => self.put(row, &user, *change, turn).await,
                Some(mas) => {
                    let asks = self.asks(mas, Some(turn));
                    Box::pin(self.put_at_its_owner(row, &user, *change, asks, turn)).await
                }
            },
        };
        match result {
            Ok(()) => {
                self.with(row, |state| {
                    (state.follow_lost, state.lost_to) = (false, None);
                    state.looks_back(self.mas().is_some());
                });
                Ok(())
            }
            Err(error) => {
                // A rate limit for the profile is noticed after the profile was changed.
                let half = error.status().is_some_and(|status| status >= 429);
                let failed = error.status().is_some_and(|status| status >= 500);
                self.with(row, |state| {
                    // Nothing is lost with a question.
                    if !state.step_sent {
                        return;
                    }
                    state.follow_lost |= half || error.may_be_under_way();
                    // What is cancelled waits for its turn.
                    if failed || error.may_be_under_way() && error != ApiError::Cancelled {
                        state.lost_to = Some(error.clone());
                        let first = state.follow.front();
                        state.password_sent |= first.is_some_and(FollowUp::sets_a_password);
                    }
                });
                Err(Step::Again(error))
            }
        }
    }

    /// Joins a room. An error is one to try again; others are noted.
    async fn join(
        &self,
        row: usize,
        user: &UserId,
        room: String,
        turn: &Turn<'_>,
    ) -> Result<(), ApiError> {
        let request = rooms::join(&room, user);
        let failed = |error, room| FailedPart {
            what: What::Room(room),
            error,
        };
        let problem = match self.sends(row, turn, &request).await {
            Ok(_) => {
                self.with(row, |state| state.changed = true);
                None
            }
            Err(error) if !matches!(Step::from_error(error.clone()), Step::Failed(_)) => {
                return Err(error);
            }
            // Into a room that is not public nobody is invited twice: an earlier try may have
            // done it.
            Err(error) if self.with(row, |state| state.may_be_in_rooms()) => {
                let is_in = self.is_in(user, &room, Some(turn)).await?;
                let problem = failed(error, room);
                match is_in {
                    Some(true) => None,
                    None if self.with(row, |state| state.may_have_done(&problem.what)) => {
                        Some(problem.unsure())
                    }
                    Some(false) | None => Some(problem),
                }
            }
            Err(error) => Some(failed(error, room)),
        };
        if let Some(problem) = problem {
            self.fails_in_part(row, [problem]).await;
        }
        self.with(row, |state| state.follow.pop_front());
        Ok(())
    }

    /// Sets fields of an account that is ours or that is to be updated. An error is one to try
    /// again. After others, what is not done is sent again field by field, so that each error is
    /// noted with the field that it is about: a password is not shown, and may have been set.
    async fn put(
        &self,
        row: usize,
        user: &UserId,
        mut change: UserChange,
        turn: &Turn<'_>,
    ) -> Result<(), ApiError> {
        let owned = match self.keep_the_others(row, user, &mut change, turn).await {
            Err(gone) if gone.is_not_found() => {
                self.is_gone(row, &change, &gone).await;
                return Ok(());
            }
            Err(error) => Err(error),
            Ok(()) => self.owned(change.threepids.as_deref(), user, turn).await,
        };
        if let Some(problem) = addresses::better_left(owned)? {
            self.leaves_out(row, problem, &mut change).await;
            if change == UserChange::default() {
                return Ok(());
            }
        }
        let error = match self.sets(row, user, &change, turn).await? {
            Ok(status) => {
                self.with(row, |state| {
                    state.changed = true;
                    state.created.get_or_insert(users::was_created(status));
                    if users::was_created(status) {
                        state.proof = Proof::Answered;
                    }
                    state.follow.pop_front();
                });
                return Ok(());
            }
            Err(error) => error,
        };
        let detail: UserDetail = match self.send(turn, &users::get(user)).await {
            Ok((_, detail)) => detail,
            Err(not_found) if not_found.is_not_found() => {
                self.is_gone(row, &change, &error).await;
                return Ok(());
            }
            Err(trouble) => {
                // Some of it may be set.
                self.with(row, |state| {
                    (state.follow_lost, state.lost_to) = (true, Some(error));
                    let first = state.follow.front();
                    state.password_sent |= first.is_some_and(FollowUp::sets_a_password);
                });
                return Err(trouble);
            }
        };
        let before = Field::of(&change).count();
        let wrong: Vec<Field> = missing(&change, &detail).collect();
        // What the server shows as wanted is done; a password is not shown.
        for field in Field::of(&change).collect::<Vec<_>>() {
            let seen = field != Field::Password && !wrong.contains(&field);
            if seen {
                field.remove_from(&mut change);
            }
        }
        self.with(row, |state| {
            state.changed |= Field::of(&change).count() < before;
        });
        let mut parts = Field::one_by_one(&change);
        if let [part] = &parts[..] {
            // Nothing else was sent, or nothing else is left: this is what the error is about. A
            // password beside something else that is done may be set already, so once more.
            let was_alone = Field::of(&change).count() == before || change.password.is_none();
            if was_alone {
                let problems = FollowUp::Put(Box::new(part.clone())).problems(&error);
                self.fails_in_part(row, problems).await;
                parts.clear();
            }
        }
        self.with(row, |state| {
            state.follow.pop_front();
            for part in parts.into_iter().rev() {
                state.follow.push_front(FollowUp::Put(Box::new(part)));
            }
        });
        Ok(())
    }

    /// There is no account any more that could be changed.
    async fn is_gone(&self, row: usize, change: &UserChange, error: &ApiError) {
        let problems = FollowUp::Put(Box::new(change.clone())).problems(error);
        self.fails_in_part(row, problems).await;
        self.with(row, |state| state.follow.clear());
    }

    /// Adds to a change of an account that was there before the addresses of the kind that the row says
    /// nothing of: the server takes away whatever is not in the list.
    async fn keep_the_others(
        &self,
        row: usize,
        user: &UserId,
        change: &mut UserChange,
        turn: &Turn<'_>,
    ) -> Result<(), ApiError> {
        let was_there = self.with(row, |state| state.created == Some(false));
        let kept = match &self.tasks[row].deed {
            Deed::Create(account) if was_there => account.keeps_medium.as_ref(),
            Deed::Create(_) => None,
            Deed::Update { keeps_medium, .. } => keeps_medium.as_ref(),
        };
        if let (Some(medium), Some(threepids)) = (kept, &mut change.threepids) {
            let (_, detail) = self.send(turn, &users::get(user)).await?;
            // Those that it had when the plan was made may be somebody else's by now.
            threepids.retain(|planned| planned.medium != *medium);
            let found = detail.threepids.into_iter();
            threepids.extend(found.filter(|found| found.medium == *medium));
        }
        Ok(())
    }

    /// Sends a change: its status, or what the server has against it. An error outside of that
    /// is one to try again. To end an account that was there before may take minutes: that is not
    /// sent a second time while the server may be at it.
    async fn sets(
        &self,
        row: usize,
        user: &UserId,
        change: &UserChange,
        turn: &Turn<'_>,
    ) -> Result<Result<u16, ApiError>, ApiError> {
        let request = users::put(user, change);
        let ends =
            change.deactivated == Some(true) && self.with(row, |state| state.created != Some(true));
        if !ends {
            return match self.sends(row, turn, &request).await {
                Ok((status, _)) => Ok(Ok(status)),
                Err(error) => match Step::from_error(error) {
                    Step::Failed(error) => Ok(Err(error)),
                    Step::Again(error) => Err(error),
                    _ => Err(ApiError::Cancelled),
                },
            };
        }
        if !turn.clear().await {
            return Err(ApiError::Cancelled);
        }
        self.with(row, |state| state.step_sent = true);
        let came = || {
            let request = users::get(user);
            async move {
                let answer = self.network.exchange(&request.call).await?;
                Ok(request.read(&answer)?.user.deactivated)
            }
            .boxed_local()
        };
        let (network, clock) = (&*self.network, &*self.clock);
        match once(&request.call, &self.ends[row], network, clock, turn, &came).await {
            Step::Done => Ok(Ok(200)),
            Step::Failed(error) => Ok(Err(error)),
            Step::Again(error) => Err(error),
            _ => Err(ApiError::Cancelled),
        }
    }

    /// A part of the row has not worked.
    async fn fails_in_part(&self, row: usize, problems: impl IntoIterator<Item = FailedPart>) {
        let problems = self.with(row, |state| {
            state.problems.extend(problems);
            state.problems.clone()
        });
        self.journal.note(row, Note::Problems(problems)).await;
    }

    fn end(&self, row: usize, outcome: Outcome) {
        self.with(row, |state| {
            state.stage = Stage::Over;
            state.outcome = Some(outcome);
        });
    }

    fn count(&self, outcome: &Outcome, more: bool) {
        let mut tally = self.tally.get();
        let problems = match outcome {
            Outcome::Created { problems, .. } | Outcome::Updated { problems } => {
                !problems.is_empty()
            }
            _ => false,
        };
        let count = match outcome {
            Outcome::Created { .. } => &mut tally.created,
            Outcome::Updated { .. } => &mut tally.updated,
            Outcome::Skipped => &mut tally.skipped,
            Outcome::Unchanged => &mut tally.unchanged,
            Outcome::Conflict
            | Outcome::ChangedByAccident { .. }
            | Outcome::MayBeRenamed
            | Outcome::Refused(_)
            | Outcome::Failed { .. } => &mut tally.failed,
            Outcome::NotDone => &mut tally.not_done,
        };
        let step = |count: usize| if more { count + 1 } else { count - 1 };
        *count = step(*count);
        if problems {
            tally.with_problems = step(tally.with_problems);
        }
        self.tally.set(tally);
    }

    /// Whether an account is what a creation of the row leaves behind, whole or in part.
    fn is_rows(&self, state: &Row, account: &NewAccount, detail: &UserDetail) -> bool {
        !state.foreign
            && !self.is_late(state, detail.user.creation_ts)
            && is_ours(detail, account, state.light, state.since)
    }

    /// Whether an account was made when no creation of the row could be carried out any more. Rows are
    /// written down as begun some ahead: of many nothing was sent when an import ends in the middle, and who makes
    /// their accounts later is somebody else. The server's clock may be another than ours. Whatever is there before
    /// the time is up is of that time, whoever's clock is behind; and if it is ours that is ahead, the time is as
    /// much longer.
    fn is_late(&self, state: &Row, created: Option<Timestamp>) -> bool {
        match (state.until_ms, created) {
            (Some(until), Some(created)) => until < self.clock.wall_ms().min(created.0),
            _ => false,
        }
    }
}

/// Whether the account shows the display name of the row.
fn is_named_like(account: &NewAccount, detail: &UserDetail) -> bool {
    account.displayname.is_some() && Field::DisplayName.is_as_wanted(&account.as_change(), detail)
}

/// Whether the row may yet work as it is.
fn not_about_the_row(error: &ApiError) -> bool {
    error.is_passing() || error.needs_a_person()
}

impl Work for Import {
    fn attempt<'a>(&'a self, item: usize, turn: Turn<'a>) -> LocalBoxFuture<'a, Step> {
        async move { self.attempt(item, &turn).await }.boxed_local()
    }

    fn ping(&self) -> LocalBoxFuture<'_, Result<(), ApiError>> {
        async {
            runner::ping(&*self.network).await?;
            match self.mas() {
                Some(mas) => runner::ping_mas(&*self.network, &mas.base).await,
                None => Ok(()),
            }
        }
        .boxed_local()
    }

    fn settled(&self, row: usize, fate: &Fate) {
        let state = self.with(row, |state| state.clone());
        let error = match fate {
            Fate::Failed(error) => error,
            _ => &ApiError::Cancelled,
        };
        let untouched = matches!(fate, Fate::NotDone) && !state.sent;
        let outcome = match state.outcome {
            Some(outcome) => outcome,
            None if state.created == Some(true) => state.result(Some(error)),
            None if untouched && !state.changed && !state.follow_lost => Outcome::NotDone,
            None if state.stage == Stage::Follow => state.result(Some(error)),
            None => Outcome::Failed {
                error: error.clone(),
                account: if state.sent {
                    AccountAfter::Unknown
                } else {
                    AccountAfter::Absent
                },
            },
        };
        self.with(row, |state| state.outcome = Some(outcome.clone()));
        self.count(&outcome, true);
        self.journal.ended(row, &outcome);
    }
}
