//! Logging out: what would be lost with the session is asked about first, and whether a token that was
//! brought is to be revoked. Where the server has not heard of it, that is said: the session is forgotten
//! here, and may live on there.

use super::signed_in::hide_servers;
use crate::address::route::Route;
use crate::api::HomeserverUrl;
use crate::browser::navigation::{HistoryStep, navigate};
use crate::components::button::Button;
use crate::components::field::Check;
use crate::components::form::Unsaved;
use crate::components::toast::Toasts;
use crate::i18n::errors::Explained;
use crate::i18n::t;
use crate::operations::{Confirmation, Fields, Jobs, Operations, Proposal};
use crate::session::sign_out::{
    BroughtToken, leave_session, outlasts_log_out, revoke, revoke_brought, sign_out,
};
use crate::session::{Account, Session};
use crate::ui::{IntoNode, Node, view};
use crate::users::sessions;
use leptos::prelude::*;
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

/// Ends the session of this tab and leads to the log-in page. If something is lost with it, that is asked
/// first; and of a token that the person has brought, whether it is to be revoked.
pub fn log_out() {
    let mut sentences = untrack(losses);
    let session = Session::get();
    let brought = session.account_now().filter(|account| account.brought);
    // Of one that the server refuses, there is nothing to say and to revoke.
    let brought = brought.filter(|_| !untrack(|| session.is_refused()));
    let revokes = RwSignal::new(false);
    let fields = brought.map(|account| {
        sentences.push(t::log_out_brought());
        Fields {
            view: Rc::new(move || token(account.clone(), revokes)),
            incomplete: Signal::stored(false),
        }
    });
    let confirmation = match sentences.is_empty() {
        true => Confirmation::None,
        false => Confirmation::Click,
    };
    Operations::get().propose(Proposal {
        title: t::act_question(&t::log_out()),
        sentence: sentences.join(" "),
        facts: Vec::new(),
        action: t::log_out(),
        danger: true,
        confirmation,
        fields,
        run: Rc::new(move || {
            end(revokes.get_untracked());
            navigate(&Route::Login.to_string(), HistoryStep::Replace);
        }),
    });
}

/// What can become of the token that was brought for this session.
fn token(account: Account, revokes: RwSignal<bool>) -> Node {
    let session = Session::get();
    (move || {
        let server = session.capabilities();
        if !outlasts_log_out(&account, &server) {
            return view! {
                <p>{t::log_out_brought_kept}</p>
                <Check label=t::log_out_revoke value=revokes />
            }
            .into_node();
        }
        // Only there can it be ended: among everybody's one's own are left out.
        let own = Route::user(&account.user_id).tab(sessions::TAB);
        let open = move || {
            Operations::get().proposed.set(None);
            hide_servers();
            navigate(&own, HistoryStep::Push);
        };
        let is_open = server.mas().is_some();
        view! {
            <p>{t::log_out_outlasts}</p>
            {is_open.then(|| view! { <Button label=t::held_tab icon="device" on_press=open /> })}
        }
        .into_node()
    })
    .into_node()
}

/// Ends the session of this tab and leads to the log-in page.
pub fn log_out_now() {
    end_session();
    navigate(&Route::Login.to_string(), HistoryStep::Replace);
}

/// Ends the session of this tab. The address stays: whoever signs in next is there again. A token that was
/// brought stays as it is, which is said.
pub fn end_session() {
    end(false);
}

/// Ends the session of this tab; `revokes`: with its token, if that was brought.
fn end(revokes: bool) {
    let session = Session::get();
    let Some(account) = session.account_now() else {
        return;
    };
    // It is lost, or the router would ask about it on the log-in page.
    Unsaved::get().forget();
    // At once, either way: as long as there is a session, the log-in page leads home.
    if !account.brought {
        let ending = sign_out(session);
        spawn_local(async move {
            if !ending.await {
                tell_unsure(&account.homeserver);
            }
        });
        return;
    }
    let server = session.capabilities_now();
    let is_refused = untrack(|| session.is_refused());
    leave_session(&account);
    if revokes {
        spawn_local(async move {
            match revoke_brought(&account, server).await {
                BroughtToken::Revoked => {}
                BroughtToken::Unsure => tell_unsure(&account.homeserver),
                BroughtToken::StaysValid => tell_valid(&account),
            }
        });
    } else if !is_refused {
        // Of one that the server refuses, nobody knows.
        tell_valid(&account);
    }
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

/// Says that the session may live on at this server, until it is closed.
pub fn tell_unsure(server: &HomeserverUrl) {
    toasts().bad(Explained {
        sentence: t::servers_unsure(server.as_str()),
        hint: String::new(),
        details: String::new(),
    });
}

/// Says to whoever has left a session that its token, which was brought, stays as it is.
fn tell_valid(account: &Account) {
    toasts().info(t::log_out_valid(account.user_id.as_str()));
}

/// Those of the log-in page, or of wherever the person is by now.
fn toasts() -> Toasts {
    match Session::get().account_now() {
        Some(_) => Toasts::get(),
        None => Toasts::outside(),
    }
}
