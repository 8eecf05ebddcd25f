//! Logging out sessions that nobody has used for a while.

use super::fields::{Filled, filled};
use super::perform::{Input, again, end_devices};
use super::survey::are_counted;
use super::targets::{UserIds, is_at_mas};
use crate::api::devices::{self, Device};
use crate::api::tolerant::Timestamp;
use crate::api::{ApiError, UserId};
use crate::browser::clock::now;
use crate::components::field::Field;
use crate::i18n::{format, t};
use crate::operations::{OnTarget, Recorded};
use crate::pages::users::at_mas::{KeptBy, look_up};
use crate::runner::{Reason, Step, Turn};
use crate::session::Client;
use crate::ui::{IntoNode, view};
use crate::users::idle::{idle, idle_at_mas};
use crate::users::sessions::HeldSession;
use futures_util::FutureExt;
use leptos::prelude::*;
use std::rc::Rc;
use wasm_bindgen_futures::spawn_local;

/// For how many days nobody has used a session, if nobody says otherwise.
const USUAL: u32 = 90;

/// The sessions of an account.
enum Sessions {
    Devices(Vec<Device>),
    AtMas(Vec<HeldSession>),
}

impl Sessions {
    fn count(&self) -> usize {
        match self {
            Sessions::Devices(devices) => devices.len(),
            Sessions::AtMas(sessions) => sessions.len(),
        }
    }

    /// How many of them would end.
    fn ends(&self, before: Timestamp) -> usize {
        match self {
            Sessions::Devices(devices) => idle(devices, before).len(),
            Sessions::AtMas(sessions) => idle_at_mas(sessions, before).len(),
        }
    }
}

/// The sessions of these users.
type Counted = RwSignal<Option<Vec<Sessions>>, LocalStorage>;

/// After how many days a session counts as one that nobody uses; with how many those are.
pub fn fields(users: &UserIds) -> Filled {
    let days = RwSignal::new(USUAL.to_string());
    let number = move || days.with(|days| days.trim().parse::<u32>().ok().filter(|n| *n > 0));
    let wrong = Signal::derive(move || number().is_none().then(t::act_idle_days_wrong));
    let counted: Counted = RwSignal::new_local(None);
    if are_counted(users.len()) {
        count(Rc::clone(users), counted);
    }
    let hits = move || {
        let before = before(number()?);
        counted.with(|all| {
            let all = all.as_ref()?;
            let sessions: usize = all.iter().map(Sessions::count).sum();
            let ends: usize = all.iter().map(|of_one| of_one.ends(before)).sum();
            let sessions = format::number(sessions as f64);
            Some(match is_at_mas() {
                true => t::act_idle_hits_mas(ends as u64, &sessions),
                false => t::act_idle_hits(ends as u64, &sessions),
            })
        })
    };
    let view = move || {
        view! {
            <Field
                label=t::act_idle_days
                hint=Signal::derive(t::act_idle_days_hint)
                value=days
                error=wrong
            />
            <p role="status">{hits}</p>
        }
        .into_node()
    };
    let incomplete = Signal::derive(move || wrong.with(Option::is_some));
    filled(view, incomplete, move || {
        Some(Input::Days(untrack(number)?))
    })
}

/// Reads their sessions.
fn count(users: UserIds, counted: Counted) {
    spawn_local(async move {
        let mut all = Vec::new();
        for user in &*users {
            match sessions_of(user).await {
                Ok(found) => all.push(found),
                // What is not known is not counted.
                Err(_) => return,
            }
            if counted.is_disposed() {
                return;
            }
        }
        let _ = counted.try_set(Some(all));
    });
}

async fn sessions_of(user: &UserId) -> Result<Sessions, ApiError> {
    let client = Client::get();
    Ok(match look_up(user, &client).await? {
        KeptBy::Homeserver => {
            let found = client.send(devices::list(user)).await?;
            Sessions::Devices(found.devices)
        }
        // It is left out.
        KeptBy::UnknownToMas => Sessions::AtMas(Vec::new()),
        KeptBy::Mas(account) => Sessions::AtMas(account.sessions(&client).await?),
    })
}

/// So many days ago.
pub fn before(days: u32) -> Timestamp {
    Timestamp(now().0 - i64::from(days) * 24 * 60 * 60 * 1000)
}

/// Ends those of their sessions that have not been used for so many days.
pub fn logging_out(users: UserIds, days: u32) -> OnTarget {
    Rc::new(move |number, network, turn| {
        let user = users[number].clone();
        async move {
            match end(&user, days, network, &turn).await {
                Ok(()) => Step::Done,
                Err(step) => step,
            }
        }
        .boxed_local()
    })
}

async fn end(user: &UserId, days: u32, network: &Recorded, turn: &Turn<'_>) -> Result<(), Step> {
    let found = again(network.send(devices::list(user)).await)?;
    let ids = idle(&found.devices, before(days));
    if ids.is_empty() {
        // Whatever was sent before.
        network.is_known();
        return Err(Step::LeftOut(Reason::Unchanged));
    }
    end_devices(user, &ids, network, turn).await
}
