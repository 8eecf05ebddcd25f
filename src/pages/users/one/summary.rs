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
use crate::listing::search;
use crate::pages::users::list::no_trace;
use crate::session::Client;
use crate::session::learn;
use crate::ui::{IntoNode, Node, view};
use leptos::prelude::*;
use wasm_bindgen_futures::spawn_local;

/// How often somebody was reported.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TimesReported {
    /// For what they have sent.
    messages: Known<u64>,
    /// Themselves.
    accounts: Known<u64>,
}

/// Nobody has asked, or it cannot be asked.
const UNASKED: TimesReported = TimesReported {
    messages: Known::Unknown(Why::NotAsked),
    accounts: Known::Unknown(Why::NotAsked),
};

/// So many reports are looked through for those that are about nobody else.
const LOOKED_THROUGH: u64 = 1_000;

/// Asks how often the account was reported.
pub fn ask(shown: Shown) -> RwSignal<TimesReported> {
    let reported = RwSignal::new(UNASKED);
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
    if let Some(messages) = messages.value().filter(|count| *count > 0) {
        all.push((t::user_sum_messages(messages), Route::Reports.at(&of)));
    }
    if let Some(accounts) = accounts.value().filter(|count| *count > 0) {
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
    let silent = Known::Unknown(Why::Silent);
    if messages == silent || accounts == silent {
        let nothing = unknown(Why::Silent);
        all.push(
            view! { <span class="user-sum">{t::report_noun} ": " {nothing}</span> }.into_node(),
        );
    }
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
    let mut found = UNASKED;
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
        let page = client.send(reports::events(&query)).await.ok();
        found.messages = Known::or(page.map(|page| page.total), Why::Silent);
    }
    if server.has(Feature::UserReports) && user.as_str().is_ascii() {
        // It looks for parts of IDs, in which some characters stand for others: what it finds then is
        // counted here.
        let is_plain = search::is_sure(user.as_str());
        let query = ListUserReports {
            limit: if is_plain { 1 } else { LOOKED_THROUGH },
            target: Some(search::surest(user.as_str()).to_owned()),
            ..Default::default()
        };
        found.accounts = match client.send(reports::users(&query)).await {
            Err(_) => Known::Unknown(Why::Silent),
            Ok(page) if is_plain => Known::Is(page.total),
            // Among more than these nobody looks for so little.
            Ok(page) if page.next_token.is_some() => UNASKED.accounts,
            Ok(page) => {
                let about = page.user_reports.iter();
                Known::Is(about.filter(|report| report.target == *user).count() as u64)
            }
        };
    }
    found
}
