//! The contract with Synapse: every endpoint function of `synapse_admin::api`, run against a
//! real server in the sample world, and its answers as our types have them.
//!
//! `SYNAPSE_VERSION=1.98.0` runs the same against an older server; what it lacks is left out
//! where it says so.

mod accounts;
mod background;
mod directory;
mod errors;
mod federation;
mod guard;
mod in_rooms;
mod login;
mod mas;
mod meaning;
mod media;
mod moderation;
mod oauth;
mod registration_tokens;
mod reports;
mod rooms;
mod server;
mod statistics;
mod undone;
mod unread;
mod users;

use std::time::{Duration, Instant};

/// How long a server under load may take for what it does on the side, some of it once a minute.
const ON_THE_SIDE: Duration = Duration::from_secs(180);

/// Asks until the answer is what it comes to be, and hands over the last one in any case, for the
/// test to look at: much of what a server tells is written a moment after it has happened.
async fn until<T>(mut ask: impl AsyncFnMut() -> T, is_so: impl Fn(&T) -> bool) -> T {
    let begun = Instant::now();
    loop {
        let answer = ask().await;
        if is_so(&answer) || begun.elapsed() > ON_THE_SIDE {
            return answer;
        }
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
}
