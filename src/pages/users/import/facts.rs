//! What the server has, and how far the plan is.

use crate::actions::touched::{Log, Touched};
use crate::api::ApiError;
use crate::api::UserId;
use crate::api::server::{Capabilities, MasAccess};
use crate::api::tolerant::Timestamp;
use crate::api::users::UserPage;
use crate::browser::clock::now;
use crate::import::asking::Freshness;
use crate::import::plan::{Existing, Plan, SignInProvider};
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
    /// Matrix Authentication Service for its accounts.
    Mas,
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
    /// What Matrix Authentication Service has, where it keeps the accounts.
    pub mas: Option<MasFacts>,
    /// How many questions had no answer when the last plan was made.
    pub silent: Cell<usize>,
    age: Cell<Freshness>,
    /// The moment (of [`Log`]) of which the answers tell.
    moment: Cell<u64>,
}

/// What Matrix Authentication Service says before it is asked for accounts.
pub struct MasFacts {
    pub access: MasAccess,
    /// How many users it has; `None` where it does not count them.
    pub users: Option<u64>,
    /// The creation time of the newest one.
    pub newest: Option<Timestamp>,
    /// What people can be asked to log in by.
    pub providers: Vec<SignInProvider>,
    /// Behind which account the furthest page of their list begins that was asked for.
    pub list_at: RefCell<Option<String>>,
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
    pub fn since(
        first: FirstAsked,
        newest: &UserPage,
        server: Capabilities,
        mas: Option<MasFacts>,
    ) -> Self {
        let mut existing = Existing::new();
        let newest_known = match &mas {
            Some(mas) => {
                existing.beside_mas();
                mas.newest
            }
            None => newest.users.first().and_then(|user| user.creation_ts),
        };
        ServerFacts {
            existing: RefCell::new(existing),
            newest_known,
            mas,
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
