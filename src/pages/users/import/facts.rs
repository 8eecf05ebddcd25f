//! What the server has, and how far the plan is.

use crate::actions::touched::{Log, Touched};
use crate::api::ApiError;
use crate::api::UserId;
use crate::api::server::Capabilities;
use crate::api::tolerant::Timestamp;
use crate::api::users::UserPage;
use crate::browser::clock::now;
use crate::import::asking::Freshness;
use crate::import::plan::{Existing, Plan};
use crate::operations::activity::TOUCHED;
use std::cell::{Cell, RefCell};
use std::rc::Rc;

/// What the server is asked for.
#[derive(Clone, Copy)]
pub enum Asking {
    /// The list of users.
    List,
    /// Accounts one by one.
    Accounts,
    /// Whose e-mail addresses, phone numbers and external IDs are, one by one.
    Owners,
}

/// How far the plan is.
#[derive(Clone)]
pub enum PlanPhase {
    None,
    /// Asking the server.
    Asking {
        what: Asking,
        done: u64,
        total: u64,
    },
    Making {
        done: usize,
        total: usize,
    },
    Ready(Rc<Plan>),
    /// There was one, and the rows or the options are others now.
    Outdated,
    Failed(ApiError),
}

impl PlanPhase {
    /// Whether it is being made.
    pub fn is_under_way(&self) -> bool {
        matches!(self, PlanPhase::Asking { .. } | PlanPhase::Making { .. })
    }
}

/// What the server has.
pub struct ServerFacts {
    pub existing: RefCell<Existing>,
    /// See [`crate::import::run::RunOptions::newest_known`].
    pub newest_known: Option<Timestamp>,
    pub server: Capabilities,
    /// How many users there are.
    pub users: u64,
    /// Where in their list the furthest page begins that was asked for.
    pub list_at: Cell<u64>,
    /// How many questions had no answer when the last plan was made.
    pub silent: Cell<usize>,
    age: Cell<Freshness>,
    /// The moment (of [`Log`]) of which the answers tell.
    moment: Cell<u64>,
}

/// When the first question was asked, for [`ServerFacts::since`].
#[derive(Clone, Copy)]
pub struct FirstAsked {
    age: Freshness,
    moment: u64,
}

impl FirstAsked {
    /// The first question is about to be asked.
    pub fn now() -> Self {
        FirstAsked {
            age: Freshness::begun(now()),
            moment: TOUCHED.with_borrow(Log::moment),
        }
    }
}

/// The time in which somebody asks. However it ends, what has been answered is no older for it.
pub struct TimeOfAsking(Rc<ServerFacts>);

impl Drop for TimeOfAsking {
    fn drop(&mut self) {
        self.0.aged(Freshness::rests);
    }
}

impl ServerFacts {
    /// Nothing is known yet but the newest account.
    pub fn since(first: FirstAsked, newest: &UserPage, server: Capabilities) -> Self {
        ServerFacts {
            existing: RefCell::default(),
            newest_known: newest.users.first().and_then(|user| user.creation_ts),
            server,
            users: newest.total,
            list_at: Cell::new(0),
            silent: Cell::new(0),
            age: Cell::new(first.age),
            moment: Cell::new(first.moment),
        }
    }

    /// More is asked, until what this gives is dropped.
    pub fn asking(self: &Rc<Self>) -> TimeOfAsking {
        TimeOfAsking(Rc::clone(self))
    }

    fn aged(&self, by: fn(&mut Freshness, Timestamp)) {
        let mut age = self.age.get();
        by(&mut age, now());
        self.age.set(age);
    }

    /// Whether a plan that was made of it still holds. What changes meanwhile the import itself notices
    /// before it writes.
    pub fn is_fresh(&self) -> bool {
        self.age.get().holds(now()) && self.touched() == Touched::None
    }

    /// Whether it serves for another plan, without the accounts that changes of ours may have
    /// changed since: they are asked for anew.
    pub fn serves_again(&self) -> bool {
        let later = TOUCHED.with_borrow(Log::moment);
        let touched = self.touched();
        if touched == Touched::Any || !self.age.get().holds(now()) {
            return false;
        }
        if let Touched::These(users) = touched {
            let users = users.iter().filter_map(|user| UserId::parse(user));
            self.existing.borrow_mut().forget(users);
        }
        self.moment.set(later);
        self.aged(Freshness::goes_on);
        true
    }

    /// The accounts that changes of ours may have changed.
    fn touched(&self) -> Touched {
        TOUCHED.with_borrow(|log| log.users_since(self.moment.get()))
    }
}
