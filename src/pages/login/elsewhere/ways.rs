//! A button for each way to sign in elsewhere.

use super::beside::{self, Beside};
use super::{WantedSignIn, Ways, missing};
use crate::api::login::IdentityProvider;
use crate::browser::clock::now;
use crate::browser::navigation::current_route;
use crate::i18n::t;
use crate::pages::login::oauth;
use crate::pages::login::work::LoginWork;
use crate::session::away::{Away, SignInPlace};
use crate::ui::{IntoNode, Node, view};
use leptos::prelude::*;
use wasm_bindgen_futures::spawn_local;

/// What a provider is called; empty if nobody says.
fn name(provider: &IdentityProvider) -> String {
    if !provider.name.is_empty() {
        return provider.name.clone();
    }
    let mut letters = provider.brand.chars();
    let first = letters
        .next()
        .map(|letter| letter.to_uppercase().to_string());
    first.unwrap_or_default() + letters.as_str()
}

/// The buttons.
pub(super) fn view(ways: Ways) -> Node {
    let beside = Beside::new(ways.attempt);
    let offers = &ways.offers;
    let only = !offers.password && offers.providers.len() + usize::from(offers.oauth) == 1;
    let kind = only.then_some("primary");
    let homeserver = offers.oauth.then(|| (ways.wanted)()).flatten();
    let homeserver = homeserver.map(|wanted| wanted.homeserver);
    let oauth_button = |extra: &str, label, kind| {
        let place = SignInPlace::OAuth {
            extra: extra.to_owned(),
        };
        button(&ways, beside, place, String::new(), label, kind, "")
    };
    let of_oauth = offers.oauth.then(|| {
        let was_denied = homeserver.as_ref().is_some_and(oauth::was_denied);
        let missing = homeserver.filter(|_| !ways.beside).map(missing::view);
        view! {
            {oauth_button("", t::login_with_oauth(), kind)}
            <p class="field-hint">{t::login_oauth_hint}</p>
            {was_denied.then(|| oauth_button(oauth::LESS, t::oauth_less(), None))}
            {missing}
        }
        .into_node()
    });
    let of_providers = offers.providers.iter().map(|provider| {
        let name = name(provider);
        let label = match name.as_str() {
            "" => t::login_with_sso(),
            name => t::login_with(name),
        };
        let place = SignInPlace::Sso {
            provider: provider.id.clone(),
        };
        button(&ways, beside, place, name, label, kind, &provider.brand)
    });
    view! {
        <div class="ways">
            {of_oauth}
            {of_providers.collect::<Vec<_>>()}
            {ways.beside.then(|| beside.view())}
        </div>
    }
    .into_node()
}

fn button(
    ways: &Ways,
    beside: Beside,
    place: SignInPlace,
    name: String,
    label: String,
    kind: Option<&'static str>,
    brand: &str,
) -> Node {
    let letter: String = name.chars().take(1).collect();
    let ways = ways.clone();
    let attempt = ways.attempt;
    // Enter in a field of the form presses the first of them, where there is nothing else to send.
    let is_less = matches!(&place, SignInPlace::OAuth { extra } if extra == oauth::LESS);
    let is_default = !ways.beside && !ways.offers.password && !is_less;
    let start = move |event: leptos::ev::MouseEvent| {
        event.prevent_default();
        if untrack(move || attempt.is_blocked()) {
            return;
        }
        let Some(wanted) = (ways.wanted)() else {
            return;
        };
        let away = away(wanted, place.clone(), attempt.plain());
        if ways.beside {
            beside.begin(away);
        } else {
            spawn_local(leave(attempt.work(LoginWork::SetOut {
                away,
                beside: false,
            })));
        }
    };
    view! {
        <button
            type=if is_default { "submit" } else { "button" }
            class="button"
            data-kind=kind
            disabled=move || attempt.is_blocked()
            on:click=start
        >
            {(!letter.is_empty()).then(|| view! {
                <span class="provider-mark" data-brand=brand.to_owned() aria-hidden="true">{letter}</span>
            })}
            <span>{label}</span>
        </button>
    }
    .into_node()
}

fn away(
    wanted: WantedSignIn,
    place: SignInPlace,
    plain: Option<crate::api::HomeserverUrl>,
) -> Away {
    Away {
        place,
        homeserver: wanted.homeserver,
        route: current_route(),
        stay_signed_in: wanted.stay_signed_in,
        only: wanted.only,
        plain,
        since_ms: now().0,
    }
}

/// Leaves the page for the place that has been found out.
async fn leave(finding: impl Future<Output = Option<crate::pages::login::work::Done>>) {
    if let Some(set_out) = finding.await.and_then(|done| done.set_out) {
        beside::go(&window(), &set_out.address);
    }
}
