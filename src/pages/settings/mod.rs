//! `#/settings`: how the panel looks in this browser, what it remembers there, and what the
//! administrator wants to see with any client.
//!
//! | file | what |
//! |---|---|
//! | [`clients`] | the administrator's own switches at the homeserver |
//! | [`browser`] | theme, language, rows, pictures; what this browser remembers |
//! | [`session`] | what was granted, where Matrix Authentication Service does |
//! | [`panel`] | which version of the panel this is |

mod browser;
mod clients;
mod panel;
mod session;

use crate::components::page::{Card, PageHeader};
use crate::i18n::t;
use crate::ui::{IntoNode, Node, view};
use crate::widgets::preferences::Preferences;
use leptos::prelude::*;

/// The page of settings.
pub fn view() -> Node {
    view! {
        <PageHeader title=Signal::derive(t::nav_settings) lead=Signal::derive(t::settings_lead) />
        <div class="cards">
            <div class="stack">
                <Card title=Signal::derive(t::settings_looks)>
                    <Preferences />
                    {browser::rows()}
                    {browser::faces()}
                    {browser::letters()}
                </Card>
                <Card title=Signal::derive(t::settings_kept)>{browser::kept()}</Card>
            </div>
            <div class="stack">
                <Card title=Signal::derive(t::settings_clients)>{clients::switches()}</Card>
                {session::card()}
                <Card title=Signal::derive(t::settings_panel)>{panel::version()}</Card>
            </div>
        </div>
    }
    .into_node()
}
