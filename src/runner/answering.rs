//! A server that says what a test wants it to.

use super::simulation::{SimClock, SimRandom};
use crate::api::exchange::{Network, Patient};
use crate::api::server::{Capabilities, SpecVersions};
use crate::api::{Answer, ApiError, Call};
use futures_util::FutureExt;
use futures_util::future::LocalBoxFuture;
use serde_json::{Value, json};

/// Answers each request.
type Says<'s> = dyn Fn(&Call) -> Result<Value, u16> + 's;

struct Server<'s>(&'s Says<'s>);

impl Network for Server<'_> {
    fn exchange<'a>(&'a self, call: &'a Call) -> LocalBoxFuture<'a, Result<Answer, ApiError>> {
        let answer = match (self.0)(call) {
            Ok(value) => Answer::new(200, "application/json", value.to_string()),
            Err(status) => {
                let error = json!({"errcode": "M_UNKNOWN", "error": "no"}).to_string();
                Answer::new(status, "application/json", error)
            }
        };
        async { Ok(answer) }.boxed_local()
    }
}

/// What comes of asking it. `says` answers with a body, or with the status of an error.
pub fn asked<T>(says: &Says, ask: impl for<'a> FnOnce(Patient<'a>) -> LocalBoxFuture<'a, T>) -> T {
    let (clock, random) = (SimClock::default(), SimRandom::new(1));
    let server = Server(says);
    let patient = Patient {
        network: &server,
        clock: &clock,
        random: &random,
    };
    clock.run(3_600_000, ask(patient))
}

/// What a Synapse of these days can.
pub fn recent() -> Capabilities {
    let version = serde_json::from_value(json!({"server_version": "1.140.0"})).unwrap();
    Capabilities::new(&version, SpecVersions::default(), false)
}
