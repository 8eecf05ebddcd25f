//! Around the log-in form: who is signed in already, to go on with, and the homeservers that were
//! signed in to, to be chosen.

use super::entries::{recent_servers, signed_in};
use super::{ServersPanel, trouble};
use crate::address::remembered::Remembered;
use crate::pages::login::homeserver::Homeserver;
use crate::session::turn;
use crate::ui::{IntoNode, Node, view};
use leptos::prelude::*;

/// Who is signed in already; or, with the form's field, the homeservers that can be put into it.
/// Nothing if there are none.
pub fn view(field: Option<Homeserver>) -> Node {
    let servers = ServersPanel::new();
    let Some(field) = field else {
        let shown = move || (!servers.accounts.with(Vec::is_empty)).then(|| signed_in(servers));
        return card(servers, shown.into_node());
    };
    if let Some(chosen) = turn::chosen() {
        field.take(&chosen);
    }
    let take = move |server: Remembered| field.take(&server.homeserver);
    card(servers, recent_servers(servers, UnsyncCallback::new(take)))
}

fn card(servers: ServersPanel, content: Node) -> Node {
    view! { <div class="login-card servers">{trouble(servers)} {content}</div> }.into_node()
}
