//! How it goes with servers, of which some are being tried again because somebody said so in this
//! session.

use super::AT_ONCE;
use crate::actions::touched::{Log, Touched};
use crate::api::federation::{self, Destination};
use crate::api::{ApiError, ServerName};
use crate::browser::clock::now;
use crate::federation::health::is_failing;
use crate::federation::{Health, Retried};
use crate::operations::activity::TOUCHED;
use crate::session::{Client, Session};
use futures_util::stream::{self, StreamExt};
use std::cell::RefCell;

/// So many are asked about at most before a number is shown.
const FEW: usize = 20;

thread_local! {
    /// Whose they are, and those that are being tried again.
    static RETRIED: RefCell<(Option<String>, Retried)> = RefCell::default();
}

fn with<T>(look: impl FnOnce(&mut Retried) -> T) -> T {
    RETRIED.with_borrow_mut(|(owner, retried)| {
        let present = Session::get().whose();
        if present.is_some() && *owner != present {
            (*owner, *retried) = (present, Retried::default());
        }
        look(retried)
    })
}

/// This server, as it stands now, is about to be tried again.
pub fn about(server: &Destination) {
    with(|retried| retried.about(server));
}

/// The homeserver has forgotten what failed there.
pub fn begun(server: &Destination) {
    with(|retried| retried.begun(server.name.as_str(), now()));
}

/// How it goes with a server.
pub fn health(server: &Destination) -> Health {
    let (health, is_news) = with(|retried| retried.health(server, now()));
    if is_news {
        // A list that is kept may have it as it was.
        TOUCHED.with_borrow_mut(|log| log.note_server(server.name.as_str()));
    }
    health
}

/// Whether something has failed there and nothing is known to have arrived since.
pub fn is_waited_for(server: &Destination) -> bool {
    is_failing(server) || health(server) == Health::Retried
}

/// The homeserver has just told this of a server.
pub fn told(server: &Destination) {
    with(|retried| retried.asked(server.name.as_str(), now()));
    health(server);
}

/// Which servers of a list that was read at a moment are to be asked about anew: those that changes of
/// ours have touched, and those that are being tried again.
pub fn touched(log: &Log, moment: u64) -> Touched {
    let mut due = with(|retried| retried.due(now()));
    match log.servers_since(moment) {
        Touched::Any => Touched::Any,
        Touched::None if due.is_empty() => Touched::None,
        Touched::None => Touched::These(due),
        Touched::These(ids) => {
            due.retain(|name| !ids.contains(name));
            Touched::These([ids, due].concat())
        }
    }
}

/// Asks about one server.
pub async fn ask(name: &ServerName) -> Result<Option<Destination>, ApiError> {
    let answer = Client::get().send(federation::destination(name)).await;
    let found = ApiError::if_there(answer)?;
    match &found {
        Some(server) => told(server),
        None => with(|retried| retried.gone(name.as_str())),
    }
    Ok(found)
}

/// Of how many servers it is not known how it goes since they were to be tried again.
pub fn unknown() -> u64 {
    with(|retried| retried.unknown())
}

/// Of how many servers it is not known how it goes since they were to be tried again, once the homeserver
/// has been asked about some of those for which it is time.
pub async fn unknown_now() -> u64 {
    let due = with(|retried| retried.due(now()));
    let few = due.iter().take(FEW);
    let names: Vec<ServerName> = few.filter_map(|name| ServerName::parse(name)).collect();
    stream::iter(names)
        .map(|name| async move {
            // One that nobody tells of is as unknown as before.
            let _ = ask(&name).await;
        })
        .buffer_unordered(AT_ONCE)
        .collect::<()>()
        .await;
    unknown()
}
