//! The administrator's own switches: what Synapse shows them with any client, and hides from
//! others.

use crate::api::UserId;
use crate::api::account_data::{self, AdminView};
use crate::api::server::Feature;
use crate::components::field::Switch;
use crate::components::remote::remote;
use crate::i18n::features::why_not;
use crate::i18n::t;
use crate::operations::{Target, TargetJob};
use crate::session::{Client, Session};
use crate::ui::{IntoNode, Node, view};
use leptos::prelude::*;

/// The switches, or why this server has none.
pub fn switches() -> Node {
    let Some(own) = Session::get().user_id() else {
        return ().into_node();
    };
    let lack = Session::get().capabilities_now().lack(Feature::AdminView);
    if let Some(lack) = lack {
        return view! {
            <p>{t::settings_clients_text}</p>
            <p class="action-reason">{why_not(lack)}</p>
        }
        .into_node();
    }
    let changed = RwSignal::new(0);
    let asked = own.clone();
    let switches = remote(
        changed,
        move || {
            let asked = asked.clone();
            async move {
                match Client::get().send(account_data::admin_view(&asked)).await {
                    // There have never been any.
                    Err(error) if error.is_not_found() => Ok(AdminView::default()),
                    answer => answer,
                }
            }
        },
        move |found: &AdminView| both(&own, changed, found),
    );
    view! {
        <p>{t::settings_clients_text}</p>
        {switches}
        <p class="check-hint">{t::settings_clients_since}</p>
    }
    .into_node()
}

fn both(own: &UserId, changed: RwSignal<u32>, found: &AdminView) -> Node {
    let (owner, before) = (own.clone(), found.clone());
    let soft_failed = move |wanted: bool| {
        let mut wished = before.clone();
        // The other one follows this one where it is not set: it stays as it is.
        wished.return_policy_server_spammy_events = Some(before.shows_spam());
        wished.return_soft_failed_events = wanted;
        set(owner.clone(), changed, wished, before.clone());
    };
    let (owner, before) = (own.clone(), found.clone());
    let spam = move |wanted: bool| {
        let mut wished = before.clone();
        wished.return_policy_server_spammy_events = Some(wanted);
        set(owner.clone(), changed, wished, before.clone());
    };
    let (shows_soft_failed, shows_spam) = (found.return_soft_failed_events, found.shows_spam());
    view! {
        <div class="stack">
            <Switch
                label=Signal::derive(t::settings_soft_failed)
                hint=Signal::derive(t::settings_soft_failed_hint)
                value=Signal::stored(shows_soft_failed)
                on_change=soft_failed
            />
            <Switch
                label=Signal::derive(t::settings_spam)
                hint=Signal::derive(t::settings_spam_hint)
                value=Signal::stored(shows_spam)
                on_change=spam
            />
        </div>
    }
    .into_node()
}

/// Sets the switches; how they were can be brought back.
fn set(own: UserId, changed: RwSignal<u32>, wanted: AdminView, before: AdminView) {
    let target = Target {
        name: own.to_string(),
        call: account_data::set_admin_view(&own, &wanted).call,
    };
    TargetJob::new(t::settings_clients_job(), vec![target])
        .undo(move |_| set(own.clone(), changed, before.clone(), wanted.clone()))
        .on_end(move |_| {
            // The page may have been left.
            let _ = changed.try_update(|changed| *changed += 1);
        })
        .start();
}
