//! OAuth 2.0 with Matrix Authentication Service, as the log-in form asks for it. In a file of its own,
//! which is downloaded when a homeserver offers it and somebody wants it.

use crate::address::brought::Returned;
use crate::api::{HomeserverUrl, UserId};
use crate::components::part::Slot;
use crate::i18n::errors::Explained;
use crate::session::away::Away;
use crate::session::sign_in::SignInWith;
use futures_util::FutureExt;
use futures_util::future::LocalBoxFuture;

/// Whether OAuth 2.0 can be offered.
pub const READY: bool = false;

/// What is wanted of OAuth 2.0.
pub enum OAuthAsk {
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
    Redeem { away: Away, answer: Returned },
}

/// What came of asking for OAuth 2.0.
pub enum OAuthDone {
    /// The address to go to, and what is to be kept until then as [`SignInPlace::OAuth`](crate::session::away::SignInPlace::OAuth) keeps it.
    Go { address: String, extra: String },
    /// A way to sign in.
    Way(SignInWith),
}

/// Redeems or sets out, or says why that cannot be done.
pub type OAuthDoing = LocalBoxFuture<'static, Result<OAuthDone, Explained>>;

/// What does it, in a file of its own.
pub static OAUTH: Slot<OAuthAsk, OAuthDoing> = Slot::new();

/// Finds out where to go, or makes tokens of what was brought back.
pub fn work(ask: OAuthAsk) -> OAuthDoing {
    async move {
        let (OAuthAsk::SetOut { .. } | OAuthAsk::Redeem { .. }) = ask;
        Err(super::errors::unasked())
    }
    .boxed_local()
}
