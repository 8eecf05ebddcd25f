//! The tab "Overview": all that the server keeps of an account.

use super::Shown;
use crate::api::users::UserDetail;
use crate::components::identifier::identifier;
use crate::components::nothing;
use crate::components::page::{Card, fact, facts};
use crate::components::time::date_time;
use crate::i18n::{Words, format, t};
use crate::pages::places;
use crate::ui::view;
use leptos::prelude::*;

/// The tab.
pub fn tab(shown: Shown) -> AnyView {
    let detail = shown.detail.get_untracked().and_then(Result::ok);
    let Some(detail) = detail else {
        return ().into_any();
    };
    view! {
        <div class="cards">
            {card(t::user_card_account, account(&detail))}
            {card(t::user_card_state, state(&detail))}
            {card(t::user_card_contact, contact(&detail))}
            {card(t::user_card_use, usage(shown, &detail))}
        </div>
    }
    .into_any()
}

fn card(title: Words, rows: Vec<AnyView>) -> AnyView {
    view! { <Card title=Signal::derive(title)>{facts(rows)}</Card> }.into_any()
}

fn text(value: Option<&str>) -> AnyView {
    match value {
        None | Some("") => nothing(),
        Some(value) => value.to_owned().into_any(),
    }
}

fn yes_no(value: bool) -> AnyView {
    let words: Words = if value { t::yes } else { t::no };
    view! { <span>{words}</span> }.into_any()
}

fn account(detail: &UserDetail) -> Vec<AnyView> {
    let user = &detail.user;
    let mut rows = vec![
        fact(t::users_id, identifier(user.name.as_str())),
        fact(t::users_name, text(user.displayname.as_deref())),
        fact(
            t::users_avatar,
            match user.avatar_url.as_deref() {
                None | Some("") => nothing(),
                Some(uri) => identifier(uri),
            },
        ),
        fact(t::users_type, text(user.user_type.as_deref())),
        fact(
            t::users_created,
            user.creation_ts.map_or_else(nothing, date_time),
        ),
        fact(
            t::users_last_seen,
            user.last_seen_ts.map_or_else(nothing, date_time),
        ),
    ];
    if let Some(service) = &detail.appservice_id {
        rows.push(fact(t::user_appservice, text(Some(service))));
    }
    rows
}

fn state(detail: &UserDetail) -> Vec<AnyView> {
    let user = &detail.user;
    let mut rows = vec![
        fact(t::users_admin, yes_no(user.admin)),
        fact(t::users_deactivated, yes_no(user.deactivated)),
        fact(t::users_locked, yes_no(user.locked)),
        fact(t::users_shadow_banned, yes_no(user.shadow_banned)),
        fact(t::users_guest, yes_no(user.is_guest)),
        fact(t::users_erased, yes_no(user.erased)),
    ];
    // Old servers know neither.
    if let Some(suspended) = user.suspended {
        rows.insert(3, fact(t::user_suspended, yes_no(suspended)));
    }
    if let Some(approved) = user.approved {
        rows.push(fact(t::users_approved, yes_no(approved)));
    }
    rows
}

/// Several values below each other.
fn lines(values: Vec<String>) -> AnyView {
    if values.is_empty() {
        return nothing();
    }
    let lines = values
        .into_iter()
        .map(|value| view! { <li>{value}</li> })
        .collect_view();
    view! { <ul class="lines">{lines}</ul> }.into_any()
}

fn contact(detail: &UserDetail) -> Vec<AnyView> {
    let of = |wanted: Option<&str>| {
        let found = detail.threepids.iter().filter(|threepid| match wanted {
            Some(medium) => threepid.medium == medium,
            None => !matches!(threepid.medium.as_str(), "email" | "msisdn"),
        });
        lines(found.map(|threepid| threepid.address.clone()).collect())
    };
    let identities = detail
        .external_ids
        .iter()
        .map(|id| format!("{}: {}", id.auth_provider, id.external_id))
        .collect();
    vec![
        fact(t::user_emails, of(Some("email"))),
        fact(t::user_phones, of(Some("msisdn"))),
        fact(t::user_identities, lines(identities)),
        fact(
            t::user_consent_version,
            text(detail.consent_version.as_deref()),
        ),
        fact(
            t::user_consent_given,
            detail.consent_ts.map_or_else(nothing, date_time),
        ),
    ]
}

fn usage(shown: Shown, detail: &UserDetail) -> Vec<AnyView> {
    let number = |value: Option<u64>| match value {
        Some(value) => format::number(value as f64),
        None => "…".to_owned(),
    };
    let media = format!("#{}", places::of_user(&detail.user.name, "media"));
    let files = view! {
        <a href=media target="_self">
            {move || number(shown.files.get().map(|(count, _)| count))}
        </a>
    };
    let bytes = move || {
        let bytes = shown.files.get().map(|(_, bytes)| bytes);
        bytes.map_or_else(|| "…".to_owned(), format::bytes)
    };
    vec![
        fact(t::user_rooms, move || number(shown.rooms.get())),
        fact(t::user_files, files),
        fact(t::user_bytes, bytes),
    ]
}
