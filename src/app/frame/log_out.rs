//! Logging out: what would be lost with the session is asked about first. Where the server has not
//! heard of it, that is said: the session is forgotten here, and may live on there.

use crate::address::route::Route;
use crate::api::HomeserverUrl;
use crate::browser::navigation::{HistoryStep, navigate};
use crate::components::form::Unsaved;
use crate::components::toast::Toasts;
use crate::i18n::errors::Explained;
use crate::i18n::t;
use crate::operations::{Confirmation, Jobs, Operations, Proposal};
use crate::session::sign_in::{revoke, sign_out};
use crate::session::{Account, Session};
use leptos::prelude::untrack;
use std::rc::Rc;
use wasm_bindgen_futures::spawn_local;

/// What ends with the session of this tab, in sentences: what is typed and not saved, the jobs, what only
/// their reports have. Nothing if nothing is lost. Reactive.
pub fn losses() -> Vec<String> {
    let running = Jobs::get().running() as u64;
    let jobs = (running > 0).then(|| t::log_out_jobs(running));
    let only_here = Jobs::get().only_here() as u64;
    let reports = (only_here > 0).then(|| t::log_out_reports(only_here));
    let unsaved = Unsaved::get().losses().into_iter();
    unsaved.chain(jobs).chain(reports).collect()
}

/// Ends the session of this tab with `end`, which people know as `action`. If something is lost with it,
/// that is asked first.
pub fn ask_to_end(action: String, end: impl Fn() + 'static) {
    let losses = untrack(losses);
    let confirmation = match losses.is_empty() {
        true => Confirmation::None,
        false => Confirmation::Click,
    };
    Operations::get().propose(Proposal {
        title: t::act_question(&action),
        sentence: losses.join(" "),
        facts: Vec::new(),
        action,
        danger: true,
        confirmation,
        fields: None,
        run: Rc::new(end),
    });
}

/// Ends the session of this tab and leads to the log-in page, once nothing is lost or the person has
/// said so.
pub fn log_out() {
    ask_to_end(t::log_out(), log_out_now);
}

/// Ends the session of this tab and leads to the log-in page.
pub fn log_out_now() {
    end_session();
    navigate(&Route::Login.to_string(), HistoryStep::Replace);
}

/// Ends the session of this tab. The address stays: whoever signs in next is there again.
pub fn end_session() {
    let session = Session::get();
    let Some(account) = session.account_now() else {
        return;
    };
    // It is lost, or the router would ask about it on the log-in page.
    Unsaved::get().forget();
    // At once: as long as there is a session, the log-in page leads home.
    let ending = sign_out(session);
    spawn_local(async move {
        if !ending.await {
            tell_unsure(&account.homeserver);
        }
    });
}

/// Ends the session at its server where another tab has logged out of it. That one may have missed the
/// newest tokens, as a tab that is asleep does: nothing has ended then, although the server refuses them.
pub fn end_as_well(account: Account) {
    // What was brought is the same in all tabs, and may have been left as it is.
    if account.brought {
        return;
    }
    spawn_local(async move {
        if !revoke(&account, &Session::get().capabilities_now()).await {
            tell_unsure(&account.homeserver);
        }
    });
}

/// Says that the session may live on at this server, until it is closed: on the log-in page, or
/// wherever the person is by now.
pub fn tell_unsure(server: &HomeserverUrl) {
    let toasts = match Session::get().account_now() {
        Some(_) => Toasts::get(),
        None => Toasts::outside(),
    };
    toasts.bad(Explained {
        sentence: t::servers_unsure(server.as_str()),
        hint: String::new(),
        details: String::new(),
    });
}
