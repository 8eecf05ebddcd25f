//! Long readings by the one network client: what has been read is not lost because the server is
//! away for a while.

use super::Client;
use crate::api::exchange::{Network, Patient};
use crate::api::{Answer, ApiError, Call};
use crate::browser::clock::{BrowserClock, BrowserRandom};
use crate::browser::standstill::Standstill;
use crate::i18n::errors::explain;
use crate::i18n::t;
use crate::runner::enduring::endure;
use futures_util::FutureExt;
use futures_util::future::LocalBoxFuture;
use std::cell::Cell;

/// The client for one reading of many requests. While the server is away they wait, and the person
/// reads why; see [`endure`]. Use it where somebody sees progress, and can cancel.
pub struct Enduring {
    client: Client,
    begun: Cell<bool>,
}

impl Client {
    /// This client for a reading of many requests.
    pub fn enduring(self) -> Enduring {
        Enduring {
            client: self,
            begun: Cell::new(false),
        }
    }
}

impl Enduring {
    /// This client as pure code takes it.
    pub fn patient(&self) -> Patient<'_> {
        Patient {
            network: self,
            clock: &BrowserClock,
            random: &BrowserRandom,
        }
    }
}

impl Network for Enduring {
    fn exchange<'a>(&'a self, call: &'a Call) -> LocalBoxFuture<'a, Result<Answer, ApiError>> {
        async move {
            let heard = |error: Option<&ApiError>| {
                let words = error.map(|error| t::reading_waits(&explain(error).sentence));
                Standstill::get().set(words);
            };
            let (network, clock, random) = (&self.client, &BrowserClock, &BrowserRandom);
            endure(network, clock, random, &self.begun, &heard, call).await
        }
        .boxed_local()
    }
}
