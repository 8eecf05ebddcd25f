//! What the server has, and how far the plan is.

use crate::api::ApiError;
use crate::api::exchange::Clock;
use crate::api::server::Capabilities;
use crate::api::tolerant::Timestamp;
use crate::browser::clock::BrowserClock;
use crate::import::plan::{Existing, Plan};
use crate::operations::Activity;
use std::cell::RefCell;
use std::rc::Rc;

/// How long what was read of the server serves for another plan, in milliseconds.
const FRESH_MS: u64 = 5 * 60 * 1000;

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

/// What the server has.
pub struct ServerFacts {
    pub existing: RefCell<Existing>,
    /// See [`crate::import::run::RunOptions::newest_known`].
    pub newest_known: Option<Timestamp>,
    pub server: Capabilities,
    pub(super) read_ms: u64,
    /// How many changes this session had made.
    pub(super) changes: usize,
}

impl ServerFacts {
    /// Whether it serves for another plan.
    pub fn is_fresh(&self) -> bool {
        BrowserClock.now_ms() - self.read_ms < FRESH_MS && self.changes == Activity::get().count()
    }
}
