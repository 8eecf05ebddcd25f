//! Beside the log-in form: who is signed in already, to go on with, and the homeservers that were
//! signed in to, to be chosen.

use super::entries::{recent_servers, signed_in};
use super::{Servers, trouble};
use crate::address::remembered::Remembered;
use crate::pages::login::homeserver::Homeserver;
use crate::session::turn;
use crate::ui::{IntoNode, Node, view};
use leptos::prelude::*;

/// What is shown there; nothing if there is nothing. What is chosen goes into the form's field.
pub fn view(field: Homeserver) -> Node {
    let servers = Servers::new();
    if let Some(chosen) = turn::chosen() {
        field.take(&chosen);
    }
    let take = move |server: Remembered| field.take(&server.homeserver);
    let is_empty =
        move || servers.accounts.with(Vec::is_empty) && servers.recent.with(Vec::is_empty);
    view! {
        <section class="login-card servers" hidden=is_empty>
            {trouble(servers)}
            {move || (!servers.accounts.with(Vec::is_empty)).then(|| signed_in(servers))}
            {recent_servers(servers, UnsyncCallback::new(take))}
        </section>
    }
    .into_node()
}
