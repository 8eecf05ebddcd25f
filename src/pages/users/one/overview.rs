//! The tab "Overview": all that the server keeps of an account.

use super::{Shown, contact, profile};
use crate::address::route::Route;
use crate::api::UserId;
use crate::api::server::Feature;
use crate::api::tolerant::Timestamp;
use crate::api::users::{self, UserDetail};
use crate::components::identifier::identifier;
use crate::components::link::link;
use crate::components::page::{Card, fact, facts};
use crate::components::time::date_time;
use crate::components::{nothing, unknown};
use crate::i18n::features::why_not;
use crate::i18n::{Words, format, t};
use crate::known::{Known, Why};
use crate::pages;
use crate::session::{Client, Session};
use crate::ui::{IntoNode, Node, view};
use crate::users::standing::AccountStanding;
use leptos::prelude::*;
use wasm_bindgen_futures::spawn_local;

/// The tab with the overview of a user.
pub fn tab(shown: Shown) -> Node {
    let Some(detail) = shown.detail_now() else {
        return ().into_node();
    };
    let rows = move |of: fn(Shown, &UserDetail) -> Vec<Node>| {
        move || shown.detail().map(|detail| facts(of(shown, &detail)))
    };
    let form = profile::form(shown, &detail.user);
    let use_of = facts(usage(shown, &detail));
    view! {
        <div class="cards">
            <div class="stack">
                <Card title=Signal::derive(t::profile_title)>{form}</Card>
                <Card title=Signal::derive(t::user_card_account)>{rows(account)}</Card>
            </div>
            <div class="stack">
                {contact::card(shown)}
                <Card title=Signal::derive(t::user_card_state)>{rows(state)}</Card>
                <Card title=Signal::derive(t::user_card_use)>{use_of}</Card>
            </div>
        </div>
    }
    .into_node()
}

fn text(value: Option<&str>) -> Node {
    match value {
        None | Some("") => nothing(),
        Some(value) => value.to_owned().into_node(),
    }
}

fn yes_no(value: bool) -> Node {
    let words: Words = if value { t::yes } else { t::no };
    view! { <span>{words}</span> }.into_node()
}

fn account(shown: Shown, detail: &UserDetail) -> Vec<Node> {
    let user = &detail.user;
    let mut rows = vec![
        fact(t::users_id, identifier(user.name.as_str())),
        fact(
            t::users_avatar,
            match user.avatar_url.as_deref() {
                None | Some("") => nothing(),
                Some(uri) => identifier(uri),
            },
        ),
        fact(
            t::users_created,
            user.creation_ts.map_or_else(nothing, date_time),
        ),
        fact(t::users_last_seen, last_seen(shown)),
    ];
    if let Some(service) = &detail.appservice_id {
        rows.push(fact(t::user_appservice, text(Some(service))));
    }
    if detail.consent_version.is_some() {
        rows.push(fact(
            t::user_consent_version,
            text(detail.consent_version.as_deref()),
        ));
        rows.push(fact(
            t::user_consent_given,
            detail.consent_ts.map_or_else(nothing, date_time),
        ));
    }
    rows
}

fn last_seen(shown: Shown) -> Node {
    (move || match shown.last_seen() {
        None => "…".into_node(),
        Some(Known::Is(at)) => date_time(at),
        Some(Known::Unknown(Why::NoRecord)) => pages::users::list::no_trace(),
        Some(Known::Unknown(why)) => unknown(why),
    })
    .into_node()
}

fn state(shown: Shown, detail: &UserDetail) -> Vec<Node> {
    let user = &detail.user;
    let AccountStanding {
        told,
        is_unknown_to_mas,
    } = shown.standing.get();
    let known = |mark: Known<bool>| match mark {
        Known::Is(is) => yes_no(is),
        Known::Unknown(why) => unknown(why),
    };
    let mut rows = vec![
        fact(t::users_admin, known(told.admin(user))),
        fact(t::users_deactivated, yes_no(user.deactivated)),
        fact(t::users_locked, known(told.locked(user))),
        fact(t::users_shadow_banned, yes_no(user.shadow_banned)),
        fact(t::users_guest, yes_no(user.is_guest)),
        fact(t::users_erased, known(told.erased(user))),
    ];
    // Old servers know neither.
    if let Some(suspended) = user.suspended {
        rows.insert(3, fact(t::user_suspended, yes_no(suspended)));
    }
    if let Some(approved) = user.approved {
        rows.push(fact(t::users_approved, yes_no(approved)));
    }
    if is_unknown_to_mas {
        rows.push(fact(t::user_mas, t::user_unknown_to_mas));
    }
    rows
}

fn usage(shown: Shown, detail: &UserDetail) -> Vec<Node> {
    let files = link(
        &Route::user(&detail.user.name).tab("media"),
        "",
        move || {
            let files = shown.uploads.get().map(|all| all.files);
            told(files, count)
        },
    );
    let bytes = move || told(shown.uploads.get().map(|all| all.bytes), format::bytes);
    let rooms = link(
        &Route::user(&detail.user.name).tab("rooms"),
        "",
        move || told(shown.rooms.get(), count),
    );
    let mut rows = vec![
        fact(t::user_rooms, rooms),
        fact(t::user_files, files),
        fact(t::user_bytes, bytes),
    ];
    rows.extend(counts(&detail.user.name));
    rows
}

/// A number that is asked for, as far as it has been answered.
fn told(number: Option<Known<u64>>, words: fn(u64) -> String) -> Node {
    match number {
        Some(Known::Is(number)) => words(number).into_node(),
        Some(Known::Unknown(why)) => unknown(why),
        None => "…".into_node(),
    }
}

fn count(number: u64) -> String {
    format::number(number as f64)
}

/// How many rooms it has joined and invitations it has sent, since ever.
fn counts(user: &UserId) -> [Node; 2] {
    if let Some(lack) = Session::get().capabilities_now().lack(Feature::UserCounts) {
        let why = why_not(lack);
        return [
            fact(t::user_joined_ever, why.clone()),
            fact(t::user_invited_ever, why),
        ];
    }
    let joined: RwSignal<Option<Known<u64>>> = RwSignal::new(None);
    let invited: RwSignal<Option<Known<u64>>> = RwSignal::new(None);
    let user = user.clone();
    spawn_local(async move {
        let (client, ever) = (Client::get(), Timestamp(0));
        let found = client.send(users::cumulative_joined_room_count(&user, ever));
        let found = found
            .await
            .ok()
            .map(|found| found.cumulative_joined_room_count);
        // The page may have been left.
        let _ = joined.try_set(Some(Known::or(found, Why::Silent)));
        let found = client.send(users::sent_invite_count(&user, ever)).await;
        let found = found.ok().map(|found| found.invite_count);
        let _ = invited.try_set(Some(Known::or(found, Why::Silent)));
    });
    [
        fact(t::user_joined_ever, move || told(joined.get(), count)),
        fact(t::user_invited_ever, move || told(invited.get(), count)),
    ]
}
