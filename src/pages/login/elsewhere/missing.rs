//! What is missing for signing in with Matrix Authentication Service: a list for whoever runs the
//! server, looked up before anybody sets out. Nothing is shown where all is well.

use crate::api::HomeserverUrl;
use crate::components::icon::icon;
use crate::i18n::t;
use crate::pages::login::oauth::{Finding, OAUTH, OAuthAsk, OAuthDone};
use crate::ui::{IntoNode, Node, view};
use leptos::prelude::*;
use wasm_bindgen_futures::spawn_local;

/// The list for this homeserver.
pub(super) fn view(homeserver: HomeserverUrl) -> Node {
    let findings: RwSignal<Vec<Finding>> = RwSignal::new(Vec::new());
    spawn_local(async move {
        let look = OAuthAsk::Look {
            homeserver,
            domain: None,
        };
        let Some(doing) = OAUTH.part().call(look).await else {
            return;
        };
        if let Ok(OAuthDone::Looked(found)) = doing.await {
            // The form may be gone by now.
            findings.try_set(found);
        }
    });
    (move || {
        let findings = findings.get();
        let stops = findings.iter().any(|finding| finding.stops);
        (!findings.is_empty()).then(|| list(findings, stops))
    })
    .into_node()
}

fn list(findings: Vec<Finding>, stops: bool) -> Node {
    let items = findings.into_iter().map(|finding| {
        view! {
            <li>
                <p>{finding.sentence}</p>
                <p class="field-hint">{finding.remedy}</p>
            </li>
        }
    });
    view! {
        <div class="notice" data-tone=if stops { "bad" } else { "warning" } role="status">
            {icon("alert")}
            <div class="notice-body">
                <p class="notice-title">{t::oauth_missing}</p>
                <ul class="missing">{items.collect::<Vec<_>>()}</ul>
            </div>
        </div>
    }
    .into_node()
}
