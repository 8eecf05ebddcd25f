//! OAuth 2.0 with Matrix Authentication Service, as the log-in form asks for it. In a file of its own,
//! which is downloaded when a homeserver offers it and somebody wants it.

use crate::address::brought::Answer;
use crate::api::{HomeserverUrl, UserId};
use crate::components::part::Slot;
use crate::i18n::errors::Explained;
use crate::session::away::Away;
use crate::session::sign_in::Way;
use futures_util::FutureExt;
use futures_util::future::LocalBoxFuture;

/// Whether it is there.
pub const READY: bool = false;

/// What is wanted of it.
pub enum Ask {
    /// To find out where to go: discovery, registration.
    SetOut {
        homeserver: HomeserverUrl,
        /// The random value that must come back.
        state: String,
        /// The redirect URI.
        back: String,
        /// Who is to sign in, if that is known.
        user: Option<UserId>,
    },
    /// To make tokens of what was brought back.
    Redeem { away: Away, answer: Answer },
}

/// What came of it.
pub enum Done {
    /// The address to go to, and what is to be kept until then as [`Place::OAuth`](crate::session::away::Place::OAuth) keeps it.
    Go { address: String, extra: String },
    /// A way to sign in.
    Way(Way),
}

/// Does it, or says why it cannot be done.
pub type Doing = LocalBoxFuture<'static, Result<Done, Explained>>;

/// What does it, in a file of its own.
pub static OAUTH: Slot<Ask, Doing> = Slot::new();

/// Does what is asked.
pub fn work(ask: Ask) -> Doing {
    async move {
        let (Ask::SetOut { .. } | Ask::Redeem { .. }) = ask;
        Err(super::errors::unasked())
    }
    .boxed_local()
}
