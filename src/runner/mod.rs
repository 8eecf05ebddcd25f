//! Works through many items, several at a time, as fast as the server allows, and accounts for
//! every one of them.
//!
//! The caller describes what is done to one item as a [`Work`]; a [`Run`] holds the items, is
//! the handle for pause, resume and cancel, and tells the progress; [`run`] does it. What
//! became of each item is a [`Fate`].
//!
//! - [`pace`]: how many at a time is found by measuring, not by guessing.
//! - A rate limit stops everybody for exactly as long as the server asks; it fails nothing.
//! - Passing trouble is tried again a few times, with growing waits; then the item is given up.
//! - When the server does not answer at all, nothing fails: the job waits, visibly, asks now and
//!   then whether the server is back, and goes on where it was. A proxy that answers in its place
//!   ("502 Bad Gateway", "404 page not found") is no answer.
//! - What is found out right before acting may leave an item out, with a [`Reason`]: that is no
//!   failure, and is not tried again.
//! - What must not run twice at once is not sent again while it may be under way: see [`once`].
//! - Reading before a job lasts through the same troubles: see [`enduring`].
//! - What is given up fails; while nobody knows what came of it, it is unknown, neither failed nor not done: see
//!   [`Unheard`].
//! - What a question costs the server is the time in which it is waited for: see [`stopwatch`].
//! - Of two wishes of one and the same thing the last holds, whichever has to wait: see [`wishes`].
//! - A run outlives its page: how it stands with each item is kept as [`stood`] says.
//! - When a person is needed (the token is refused, the account is no administrator any more, a
//!   proxy wants a log-in of its own), the job pauses.
//!
//! No browser and no network: time, chance and the server come in through traits. The code is
//! not generic, so that it is in the bundle once; outcomes with values are kept by the caller.
//!
//! ```
//! # use synapse_admin::api::{ApiError, exchange::{Clock, Random}};
//! # use futures_util::{FutureExt, future::LocalBoxFuture};
//! use synapse_admin::runner::{Fate, Limits, Run, Step, Turn, Work, run};
//!
//! struct Greet;
//! impl Work for Greet {
//!     fn attempt<'a>(&'a self, item: usize, _turn: Turn<'a>) -> LocalBoxFuture<'a, Step> {
//!         async move { if item == 1 { Step::Failed(ApiError::Cancelled) } else { Step::Done } }
//!             .boxed_local()
//!     }
//!     fn ping(&self) -> LocalBoxFuture<'_, Result<(), ApiError>> {
//!         async { Ok(()) }.boxed_local()
//!     }
//! }
//! # struct Still;
//! # impl Clock for Still {
//! #     fn now_ms(&self) -> u64 { 0 }
//! #     fn wall_ms(&self) -> i64 { 0 }
//! #     fn sleep(&self, _: u64) -> LocalBoxFuture<'static, ()> { async {}.boxed_local() }
//! # }
//! # impl Random for Still { fn fill(&self, _: &mut [u8]) {} }
//! # let (clock, random) = (Still, Still);
//! let job = Run::new(vec![0, 1, 2], Limits::default());
//! run(&job, &Greet, &clock, &random).now_or_never();
//! assert_eq!(job.fate(2), Some(Fate::Done));
//! assert_eq!(job.failed_items(), [1]);
//! ```

pub mod enduring;
pub mod hopeless;
mod job;
pub mod once;
pub mod pace;
mod reason;
mod schedule;
mod speed;
pub mod stood;
pub mod stopwatch;
mod unbegun;
mod unheard;
pub mod wishes;

pub use job::{Run, Turn, run};
pub use reason::Reason;
pub use schedule::{Fate, Limits, Progress, RunState};
pub use unbegun::Unbegun;
pub use unheard::{Unheard, may_have_been_done, may_have_changed};

use crate::api::exchange::{Network, send_once};
use crate::api::{ApiError, Call, Request, mas, server};
use futures_util::future::LocalBoxFuture;

/// What is done to each item.
pub trait Work {
    /// Tries one item once. The same item is never tried twice at the same time.
    ///
    /// Work that sends more than one request for an item waits before each but the first, and remembers
    /// how far it got: the next try of the item goes on from there. It waits for [`Turn::goes_on`] where
    /// what was sent so far is whole by itself and the next request changes something, so that pause and
    /// cancel hold there; else for [`Turn::clear`].
    fn attempt<'a>(&'a self, item: usize, turn: Turn<'a>) -> LocalBoxFuture<'a, Step>;

    /// Asks whether the server is there, at little cost: see [`ping`]. An error of the kind "no
    /// answer" means that it is not; a rate limit is obeyed; an error that needs a person pauses
    /// the job.
    fn ping(&self) -> LocalBoxFuture<'_, Result<(), ApiError>>;

    /// Why nobody knows whether what was sent for an item has been carried out; nothing if that is known, or
    /// nothing was sent. Asked of the items that a job gives up because it is cancelled or stopped, or their
    /// tries are used up, and of those that it leaves out.
    fn unheard(&self, item: usize) -> Option<ApiError> {
        let _ = item;
        None
    }

    /// An item has met its fate. Called exactly once for each item of a job that runs to its
    /// end, cancelled or not.
    fn settled(&self, item: usize, fate: &Fate) {
        let _ = (item, fate);
    }
}

/// How a try ended.
#[derive(Clone, Debug, PartialEq)]
pub enum Step {
    /// The item is dealt with.
    Done,
    /// The item is not touched: it must not be, or need not be.
    LeftOut(Reason),
    /// Nobody can say whether it was done: it is neither done nor failed, and not tried again unless a
    /// person who knows that says so.
    Unknown(ApiError),
    /// The item has failed, for good.
    Failed(ApiError),
    /// Perhaps another time. The runner decides from the error when that is, and after how many
    /// tries it gives up (see [`Work::unheard`]): a rate limit is waited for, a refused token pauses the job.
    ///
    /// Not for a request that may have been carried out and must not be carried out twice: the
    /// caller finds out first, or says [`Step::Unknown`].
    Again(ApiError),
    /// Nothing more was sent because a person wants none of it now: the item is as it was before the
    /// request that is left out. See [`Turn::goes_on`].
    Held,
    /// The item has failed, and no other item is to begin.
    Stop(ApiError),
}

impl Step {
    /// The usual reading of an error of an idempotent request: what passes, or what a person
    /// can put right without touching the item, is worth another try.
    pub fn from_error(error: ApiError) -> Self {
        if error.is_passing() || error.needs_a_person() {
            Step::Again(error)
        } else {
            Step::Failed(error)
        }
    }
}

/// How long an answer to [`ping`] may take, in milliseconds.
pub const PING_TIMEOUT_MS: u32 = 15_000;

/// Whether whoever answers this request is there: Matrix Authentication Service, or else the homeserver. See [`ping`].
pub async fn ping_for(network: &dyn Network, call: &Call) -> Result<(), ApiError> {
    match mas::base_of(call) {
        Some(base) => ping_mas(network, base).await,
        None => ping(network).await,
    }
}

/// `GET {mas}/api/admin/v1/version`, sent once without a token: whether the Matrix Authentication Service that
/// stands at `base` is there, as [`ping`] asks the homeserver.
pub async fn ping_mas(network: &dyn Network, base: &str) -> Result<(), ApiError> {
    is_there(network, mas::version(base)).await
}

/// `GET /_synapse/admin/v1/server_version`, sent once: whether the server is there. It needs no
/// token, and takes the same way through proxies as the requests of a job.
pub async fn ping(network: &dyn Network) -> Result<(), ApiError> {
    is_there(network, server::version()).await
}

async fn is_there<T>(network: &dyn Network, asks: Request<T>) -> Result<(), ApiError> {
    let request = asks.anonymous().timeout_ms(PING_TIMEOUT_MS);
    match send_once(network, request).await {
        Err(error @ ApiError::RateLimited { .. }) => Err(error),
        // Something in between.
        Err(error) if error.is_no_answer() || error.is_turned_away() => Err(error),
        // Whatever it says, it says it: without a token MAS refuses to.
        _ => Ok(()),
    }
}

#[cfg(test)]
pub(crate) mod answering;
#[cfg(test)]
pub(crate) mod simulation;
#[cfg(test)]
mod tests;
