//! What matters about an account, in a line: each leads to where there is more of it. Only what is known
//! anyway, or costs the server next to nothing.

use super::Shown;
use crate::address::route::Route;
use crate::api::UserId;
use crate::api::encode::encoded;
use crate::api::reports::{self, ListEventReports, ListUserReports};
use crate::api::server::Feature;
use crate::browser::clock::now;
use crate::components::link::link;
use crate::components::unknown;
use crate::i18n::{format, t};
use crate::known::{Known, Why};
use crate::pages::users::list::no_trace;
use crate::session::Client;
use crate::session::learn;
use crate::ui::{IntoNode, Node, view};
use leptos::prelude::*;
use wasm_bindgen_futures::spawn_local;

/// How often somebody was reported.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TimesReported {
    /// For what they have sent.
    messages: u64,
    /// Themselves.
    accounts: u64,
}

/// Asks how often the account was reported.
pub fn ask(shown: Shown) -> RwSignal<TimesReported> {
    let reported = RwSignal::new(TimesReported::default());
    let user = shown.user.get_value();
    spawn_local(async move {
        let found = count(&user).await;
        // The page may have been left.
        let _ = reported.try_set(found);
    });
    reported
}

/// Links that say what there is to know. Reactive.
pub fn links(shown: Shown, reported: RwSignal<TimesReported>) -> Vec<Node> {
    let user = shown.user.get_value();
    let of = format!("accused={}", encoded(user.as_str()));
    let TimesReported { messages, accounts } = reported.get();
    let mut all = Vec::new();
    if messages > 0 {
        all.push((t::user_sum_messages(messages), Route::Reports.at(&of)));
    }
    if accounts > 0 {
        let route = Route::Reports.at(&format!("tab=users&{of}"));
        all.push((t::user_sum_reports(accounts), route));
    }
    let route = Route::user(&user);
    if let Some(uploads) = shown.uploads.get()
        && let Some(files) = uploads.files.value().filter(|files| *files > 0)
    {
        let words = match uploads.bytes {
            Known::Is(bytes) => t::user_sum_media(files, &format::bytes(bytes)),
            Known::Unknown(_) => t::user_sum_files(files),
        };
        all.push((words, route.tab("media")));
    }
    let seen = shown.last_seen();
    if let Some(Known::Is(seen)) = seen {
        let words = t::user_sum_seen(&format::relative(seen, now()));
        all.push((words, route.tab("connections")));
    }
    let link = |(words, route): (String, String)| link(&route, "user-sum", words);
    let mut all: Vec<Node> = all.into_iter().map(link).collect();
    if let Some(Known::Unknown(why)) = seen {
        let nothing = match why {
            Why::NoRecord => no_trace(),
            why => unknown(why),
        };
        all.push(
            view! { <span class="user-sum">{t::users_last_seen} ": " {nothing}</span> }.into_node(),
        );
    }
    all
}

/// Asks how often somebody was reported, as far as the server can count it without telling all reports.
async fn count(user: &UserId) -> TimesReported {
    let mut found = TimesReported::default();
    let Ok(server) = learn::capabilities().await else {
        return found;
    };
    let client = Client::get();
    if server.has(Feature::ReportsBySender) && server.version.is_some() && user.as_str().is_ascii()
    {
        let query = ListEventReports {
            limit: 1,
            sender: Some(user.clone()),
            ..Default::default()
        };
        if let Ok(page) = client.send(reports::events(&query)).await {
            found.messages = page.total;
        }
    }
    // Of users it looks for parts of IDs, in which some characters stand for others.
    let is_plain = user.as_str().is_ascii() && !user.as_str().contains(['%', '_']);
    if server.has(Feature::UserReports) && is_plain {
        let query = ListUserReports {
            limit: 1,
            target: Some(user.to_string()),
            ..Default::default()
        };
        if let Ok(page) = client.send(reports::users(&query)).await {
            found.accounts = page.total;
        }
    }
    found
}
