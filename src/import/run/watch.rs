//! Keeping an eye on accounts that others create meanwhile.
//!
//! The newest accounts come first in `order_by=creation_ts&dir=b`: one request every two seconds
//! or so, whatever the number of rows. The first try that finds the last look too old looks around
//! itself; the others go on until it is really old, and then wait for it.

use super::Import;
use crate::api::mas::resource::{Count, Slice, Want};
use crate::api::mas::users as accounts;
use crate::api::server::MasAccess;
use crate::api::tolerant::Timestamp;
use crate::api::users::{self, ListUsers, order};
use crate::api::{ApiError, UserId};
use crate::runner::Turn;
use std::cell::{Cell, RefCell};
use std::future::poll_fn;
use std::task::{Poll, Waker};

/// A look is repeated after so long, in milliseconds …
pub(super) const REPEAT_MS: u64 = 2_000;

/// … or after so many times the time that it took: big servers count all users for it.
const REPEAT_SHARE: u64 = 4;

/// So much older a look may get while the next one is under way, in milliseconds.
const GRACE_MS: u64 = 1_000;

/// So many accounts are asked for beyond those expected, and at most.
const PAGE: (u64, u64) = (50, 500);

/// A look reaches back so far behind what was newest at the last one, in milliseconds: for an
/// account that was made just then by another process of the server, whose clock is behind. Every
/// look reads again what we made ourselves in this time.
const REACHES_BACK_MS: i64 = 2_000;

/// When somebody last looked, and what was newest then.
pub(super) struct Watch {
    newest: Cell<Option<Timestamp>>,
    looked_at_ms: Cell<Option<u64>>,
    took_ms: Cell<u64>,
    /// How many accounts the last look had to read.
    read: Cell<u64>,
    busy: Cell<bool>,
    waiting: RefCell<Vec<Waker>>,
}

/// What a look around has found so far.
struct Look {
    /// Accounts from before this were there at the last look.
    until: Option<Timestamp>,
    newest: Option<Timestamp>,
    /// How many were not.
    read: u64,
}

/// Somebody looks around; whatever becomes of them, the others are told.
struct Looking<'a>(&'a Watch);

impl Drop for Looking<'_> {
    fn drop(&mut self) {
        self.0.busy.set(false);
        let waiting = std::mem::take(&mut *self.0.waiting.borrow_mut());
        waiting.into_iter().for_each(Waker::wake);
    }
}

impl Watch {
    pub fn new(newest: Option<Timestamp>) -> Self {
        Watch {
            newest: Cell::new(newest),
            looked_at_ms: Cell::new(None),
            took_ms: Cell::new(0),
            read: Cell::new(0),
            busy: Cell::new(false),
            waiting: RefCell::default(),
        }
    }

    /// When the newest account at the last look had been created.
    pub fn newest(&self) -> Option<Timestamp> {
        self.newest.get()
    }

    async fn no_longer_busy(&self) {
        poll_fn(|context| {
            if !self.busy.get() {
                return Poll::Ready(());
            }
            self.waiting.borrow_mut().push(context.waker().clone());
            Poll::Pending
        })
        .await;
    }
}

impl Import {
    /// When the newest account had been created at the last look, if there was one. Where Matrix Authentication
    /// Service has nobody, whoever is made is newer.
    pub(super) fn newest(&self) -> Option<Timestamp> {
        let nobody = self.mas().map(|_| Timestamp(0));
        self.watch.newest().or(nobody)
    }

    /// Returns when the last look around is recent.
    pub(super) async fn look_around(&self, turn: &Turn<'_>) -> Result<(), ApiError> {
        loop {
            let repeat = REPEAT_MS.max(self.watch.took_ms.get() * REPEAT_SHARE);
            let age = self
                .watch
                .looked_at_ms
                .get()
                .map(|at| self.clock.now_ms().saturating_sub(at));
            if age.is_some_and(|age| age <= repeat) {
                return Ok(());
            }
            if !self.watch.busy.get() {
                self.watch.busy.set(true);
                let looking = Looking(&self.watch);
                let result = self.read_the_newest(turn).await;
                drop(looking);
                result?;
                // However long it took, nobody knows better.
                return Ok(());
            }
            if age.is_some_and(|age| age <= repeat + GRACE_MS) {
                return Ok(());
            }
            self.watch.no_longer_busy().await;
        }
    }

    /// An account that is there now, as a look has it; says whether it was before the last one.
    fn sees(&self, look: &mut Look, user: &UserId, created: Option<Timestamp>) -> bool {
        look.newest = look.newest.max(created);
        let is_new = created >= look.until;
        look.read += u64::from(is_new);
        if let Some(&row) = self.by_user.borrow().get(user) {
            // What was sent may have made it; that is found out otherwise.
            self.with(row, |state| {
                state.appeared |= !state.sent && state.user == *user;
            });
        }
        !is_new
    }

    /// Reads the accounts that are new since the last look.
    async fn read_the_newest(&self, turn: &Turn<'_>) -> Result<(), ApiError> {
        let until = self.watch.newest();
        let mut look = Look {
            until: until.map(|newest| Timestamp(newest.0 - REACHES_BACK_MS)),
            newest: None,
            read: 0,
        };
        let begun = match self.mas() {
            Some(mas) => self.read_the_newest_at_mas(mas, &mut look, turn).await?,
            None => self.read_the_newest_here(&mut look, turn).await?,
        };
        self.watch.read.set(look.read);
        let before = self.watch.newest.get();
        let newest = before.max(look.newest);
        self.watch.newest.set(newest);
        if let Some(newest) = newest.filter(|newest| before != Some(*newest)) {
            self.journal.seen(newest.0);
        }
        self.watch.looked_at_ms.set(Some(begun));
        let took = self.clock.now_ms().saturating_sub(begun);
        self.watch.took_ms.set(took);
        Ok(())
    }

    /// Answers with when it began.
    async fn read_the_newest_at_mas(
        &self,
        mas: &MasAccess,
        look: &mut Look,
        turn: &Turn<'_>,
    ) -> Result<u64, ApiError> {
        let Some(server) = self.tasks.first().map(|task| task.user.server()) else {
            return Ok(self.clock.now_ms());
        };
        let limit = (self.watch.read.get() + PAGE.0).min(PAGE.1);
        let mut want = Want::last(u32::try_from(limit).unwrap_or(u32::MAX));
        let mut looked_at = None;
        loop {
            let request = accounts::list(&mas.base, &accounts::UserFilter::default(), &want);
            if !turn.clear().await {
                return Err(ApiError::Cancelled);
            }
            let begun = *looked_at.get_or_insert(self.clock.now_ms());
            let answer = self.network.exchange(&request.call).await?;
            let page = request.read(&answer)?;
            let mut reaches_back = page.data.is_empty();
            for told in &page.data {
                let user = UserId::new(&told.attributes.username, &server);
                let created = told.attributes.created_at.map(|created| created.0);
                reaches_back |= self.sees(look, &user, created);
            }
            let Some(cursor) = page.before().filter(|_| !reaches_back) else {
                return Ok(begun);
            };
            // There are more than expected.
            want = Want {
                slice: Slice::Before(cursor),
                size: PAGE.1 as u32,
                count: Count::No,
            };
        }
    }

    /// Answers with when it began.
    async fn read_the_newest_here(
        &self,
        look: &mut Look,
        turn: &Turn<'_>,
    ) -> Result<u64, ApiError> {
        let mut limit = (self.watch.read.get() + PAGE.0).min(PAGE.1);
        let (mut from, mut looked_at) = (0, None);
        loop {
            let query = ListUsers {
                from,
                limit,
                order_by: Some(order::CREATED),
                descending: true,
                ..ListUsers::default()
            };
            let request = users::list(&query, &self.options.server);
            if !turn.clear().await {
                return Err(ApiError::Cancelled);
            }
            let begun = *looked_at.get_or_insert(self.clock.now_ms());
            let answer = self.network.exchange(&request.call).await?;
            let page = request.read(&answer)?;
            let mut reaches_back = page.users.is_empty();
            for user in page.users {
                reaches_back |= self.sees(look, &user.name, user.creation_ts);
            }
            from = look.read;
            if reaches_back || page.next_token.is_none() {
                return Ok(begun);
            }
            // There are more than expected.
            limit = PAGE.1;
        }
    }
}
