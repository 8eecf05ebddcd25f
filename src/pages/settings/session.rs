//! What Matrix Authentication Service has granted the session, where it keeps the accounts.

use crate::address::route::Route;
use crate::api::authorization::{MAS_ADMIN, SYNAPSE_ADMIN};
use crate::components::badge::{Tone, badge};
use crate::components::link::link;
use crate::components::page::{Card, fact, facts};
use crate::i18n::{Words, t};
use crate::session::Session;
use crate::session::account::OAuth;
use crate::ui::{IntoNode, Node, view};
use leptos::prelude::*;

/// The card; nothing where the homeserver keeps its accounts itself.
pub fn card() -> Node {
    let by = Session::get()
        .account_now()
        .and_then(|account| account.oauth);
    let Some(by) = by else {
        return ().into_node();
    };
    let rows = vec![
        row(t::settings_granted_synapse, &by, SYNAPSE_ADMIN),
        row(t::settings_granted_mas, &by, MAS_ADMIN),
    ];
    let lacks = !by.grants(MAS_ADMIN);
    let to_page = link(
        &Route::Authentication.to_string(),
        "",
        t::nav_authentication,
    );
    // What a server names may be anything; only web addresses are gone to.
    let page = by
        .account_management_uri
        .filter(|page| page.starts_with("https://") || page.starts_with("http://"));
    view! {
        <Card title=Signal::derive(t::settings_granted)>
            <p>{t::settings_granted_text}</p>
            {facts(rows)}
            {lacks.then(|| view! { <p class="check-hint">{t::settings_granted_no_hint}</p> })}
            <p>{to_page}</p>
            {page.map(|page| view! {
                <p>
                    <a href=page target="_blank" rel="noopener noreferrer">{t::settings_granted_account}</a>
                </p>
            })}
        </Card>
    }
    .into_node()
}

fn row(label: Words, by: &OAuth, scope: &str) -> Node {
    let mark = match by.grants(scope) {
        true => badge(Tone::Good, t::settings_granted_yes),
        false => badge(Tone::Neutral, t::settings_granted_no),
    };
    fact(label, mark)
}
