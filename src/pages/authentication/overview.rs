//! The first tab: which version stands where, how it is set up, how many there are of what.

use crate::api::mas::resource::Want;
use crate::api::mas::sessions::{self, SessionFilter};
use crate::api::mas::{self, MasPage, SiteConfig, personal, users};
use crate::api::server::{Capabilities, Feature, Lack, MasAccess};
use crate::api::{ApiError, Request};
use crate::components::badge::{Tone, badge};
use crate::components::page::{Card, fact, facts};
use crate::components::remote::remote;
use crate::i18n::{Words, format, t};
use crate::session::{Client, Session};
use crate::ui::{IntoNode, Node, view};
use futures_util::FutureExt;
use futures_util::future::LocalBoxFuture;
use futures_util::future::join_all;
use leptos::prelude::*;
use serde::de::DeserializeOwned;

/// The tab of what can be said of MAS at a glance.
pub fn tab(access: &MasAccess) -> Node {
    let changed = RwSignal::new(0);
    let (base, of) = (access.base.clone(), access.base.clone());
    let counts_personal = Session::get()
        .capabilities_now()
        .has(Feature::PersonalSessions);
    let service = service(access);
    view! {
        <div class="cards">
            <div class="stack">
                <Card title=Signal::derive(t::auth_service)>{service}</Card>
                <Card title=Signal::derive(t::auth_numbers)>
                    {remote(
                        changed,
                        move || numbers(base.clone(), counts_personal),
                        |counts: &Vec<(Words, Option<u64>)>| shown(counts),
                    )}
                </Card>
            </div>
            <Card title=Signal::derive(t::auth_config)>
                {remote(changed, move || Client::get().send(mas::site_config(&of)), config)}
            </Card>
        </div>
    }
    .into_node()
}

fn service(access: &MasAccess) -> Node {
    let server = Session::get().server_name().map(|name| name.to_string());
    let rows = vec![
        fact(t::auth_version, access.shown().to_owned()),
        fact(t::auth_base, access.base.clone()),
        fact(t::auth_server_name, server.unwrap_or_default()),
    ];
    let lacking = too_old(&Session::get().capabilities_now());
    let words = match lacking.is_empty() {
        true => view! { <p>{t::auth_too_old_nothing}</p> }.into_node(),
        false => {
            let lines: Vec<Node> = lacking
                .into_iter()
                .map(|line| view! { <li>{line}</li> }.into_node())
                .collect();
            view! {
                <p>{t::auth_too_old}</p>
                <ul>{lines}</ul>
            }
            .into_node()
        }
    };
    view! {
        {facts(rows)}
        {words}
    }
    .into_node()
}

/// What of this page the version is too old for, in words.
fn too_old(server: &Capabilities) -> Vec<String> {
    let features: [(Feature, Words); 3] = [
        (Feature::PersonalSessions, t::auth_personal),
        (Feature::OAuthClients, t::auth_clients),
        (Feature::LinkNames, t::auth_old_names),
    ];
    let line = |(feature, words): (Feature, Words)| match server.lack(feature) {
        Some(Lack::MasTooOld { needs, .. }) => {
            Some(t::auth_too_old_line(&needs.to_string(), &words()))
        }
        _ => None,
    };
    features.into_iter().filter_map(line).collect()
}

type Counting = LocalBoxFuture<'static, (Words, Option<u64>)>;

/// How many a list has; `None` where that was not told.
fn count<T: DeserializeOwned + 'static>(words: Words, request: Request<MasPage<T>>) -> Counting {
    async move {
        let told = Client::get().send(request).await;
        (words, told.ok().and_then(|page| page.count()))
    }
    .boxed_local()
}

/// How many there are of what. Each number fails by itself.
async fn numbers(
    base: String,
    counts_personal: bool,
) -> Result<Vec<(Words, Option<u64>)>, ApiError> {
    let want = Want::count_only();
    let active = SessionFilter {
        active: Some(true),
        ..Default::default()
    };
    let mut asked = vec![
        count(
            t::auth_number_users,
            users::list(&base, &users::UserFilter::default(), &want),
        ),
        count(
            t::auth_number_oauth,
            sessions::oauth2(&base, &active, None, &want),
        ),
        count(
            t::auth_number_compat,
            sessions::compat(&base, &active, &want),
        ),
        count(
            t::auth_number_browser,
            sessions::browser(&base, &active, &want),
        ),
    ];
    if counts_personal {
        let active = personal::PersonalFilter {
            active: Some(true),
            ..Default::default()
        };
        asked.push(count(
            t::auth_number_personal,
            personal::list(&base, &active, &want),
        ));
    }
    Ok(join_all(asked).await)
}

fn shown(counts: &[(Words, Option<u64>)]) -> Node {
    let row = |(words, count): &(Words, Option<u64>)| {
        let value = match count {
            Some(count) => format::number(*count as f64),
            None => t::auth_number_unknown(),
        };
        fact(*words, value)
    };
    facts(counts.iter().map(row).collect())
}

/// What the site configuration says, in words. What this MAS is too old to tell is left out.
fn config(told: &SiteConfig) -> Node {
    let token = told
        .password_registration_token_required
        .or(told.registration_token_required);
    let yes_no: [(Words, Option<bool>); 10] = [
        (t::auth_config_passwords, Some(told.password_login_enabled)),
        (
            t::auth_config_registration,
            told.password_registration_enabled,
        ),
        (
            t::auth_config_registration_email,
            told.password_registration_email_required,
        ),
        (t::auth_config_registration_token, token),
        (t::auth_config_captcha, told.captcha_enabled),
        (t::auth_config_email, told.email_change_allowed),
        (t::auth_config_displayname, told.displayname_change_allowed),
        (t::auth_config_password, told.password_change_allowed),
        (t::auth_config_recovery, told.account_recovery_allowed),
        (
            t::auth_config_deactivation,
            told.account_deactivation_allowed,
        ),
    ];
    let mark = |yes| match yes {
        true => badge(Tone::Good, t::yes),
        false => badge(Tone::Neutral, t::no),
    };
    let mut rows: Vec<Node> = yes_no
        .into_iter()
        .filter_map(|(words, is)| Some(fact(words, mark(is?))))
        .collect();
    let complexity: Option<Words> = match told.minimum_password_complexity {
        Some(0) => Some(t::auth_complexity_0),
        Some(1) => Some(t::auth_complexity_1),
        Some(2) => Some(t::auth_complexity_2),
        Some(3) => Some(t::auth_complexity_3),
        Some(4) => Some(t::auth_complexity_4),
        _ => None,
    };
    if let Some(words) = complexity {
        rows.insert(1, fact(t::auth_config_complexity, words));
    }
    facts(rows)
}
