//! What has been created, to hand out.

use crate::address::route::Route;
use crate::api::{ApiError, UserId};
use crate::components::badge::Tone;
use crate::components::button::{Button, ButtonKind, ButtonLink};
use crate::components::clipboard::copy_button;
use crate::components::failure::failure;
use crate::components::notice::Notice;
use crate::components::page::Card;
use crate::i18n::errors::explain;
use crate::i18n::t;
use crate::session::Session;
use crate::ui::{IntoNode, Node, view};
use leptos::prelude::*;

/// A new account, with what its owner needs to log in.
#[derive(Clone)]
pub struct Created {
    pub user: UserId,
    /// `None` for single sign-on.
    pub password: Option<String>,
    /// Why name, addresses or identities could not be set.
    pub missing: Option<ApiError>,
}

/// What is shown of an account that was just created, to be handed out.
pub fn card(account: Created, another: impl Fn() + 'static) -> Node {
    let homeserver = Session::get()
        .account_now()
        .map(|account| account.homeserver.to_string())
        .unwrap_or_default();
    let mut text = format!(
        "{}: {}\n{}: {homeserver}",
        t::users_id(),
        account.user,
        t::login_homeserver(),
    );
    if let Some(password) = &account.password {
        text.push_str(&format!("\n{}: {password}", t::create_password()));
    }
    let id = account.user.to_string();
    let missing = account.missing.map(|error| {
        view! {
            <Notice tone=Tone::Warning>{t::create_incomplete}</Notice>
            {failure(explain(&error), None)}
        }
    });
    let another = view! {
        <Button
            label=t::create_another
            icon="user-plus"
            kind=ButtonKind::Primary
            on_press=another
        />
    }
    .into_node();
    view! {
        <Card title=Signal::derive(move || t::create_done(&id))>
            <div class="stack">
                {missing}
                <p>
                    {match account.password.is_some() {
                        true => t::create_hand_out(),
                        false => t::create_hand_out_sso(),
                    }}
                </p>
                <div class="secret">
                    <pre class="json" tabindex="0">{text.clone()}</pre>
                    {copy_button(text, Some(t::create_text))}
                </div>
                <div class="form-actions">
                    <ButtonLink
                        to=Route::user(&account.user).to_string()
                        label=t::create_open
                        icon="user"
                    />
                    {another}
                </div>
            </div>
        </Card>
    }
    .into_node()
}
