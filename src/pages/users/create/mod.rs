//! `#/create_user`: one new account.
//!
//! | file | what |
//! |---|---|
//! | `draft` | what is typed, and how it is read |
//! | `name` | whether the name can be had, as it is typed |
//! | `send` | making it where the homeserver keeps the accounts |
//! | `at_mas` | making it where Matrix Authentication Service does |
//! | `making` | what is asked before it is made, and what is shown of what came of it |
//! | `done` | what was made, to hand out |

mod at_mas;
mod done;
mod draft;
mod making;
mod name;
mod send;

use crate::address::route::Route;
use crate::api::server::Feature;
use crate::browser::clock::BrowserRandom;
use crate::components::badge::Tone;
use crate::components::button::{Button, ButtonKind};
use crate::components::failure::failure;
use crate::components::field::{Check, Choice, Field, PasswordField, SelectField, SelectOf};
use crate::components::form::guard;
use crate::components::notice::Notice;
use crate::components::page::{Card, PageHeader};
use crate::components::remote::remote;
use crate::i18n::errors::explain;
use crate::i18n::{Words, t};
use crate::import::passwords;
use crate::session::Session;
use crate::ui::{IntoNode, Node, view};
use crate::users::creation::{Piece, left};
use crate::widgets::mas_closed;
use at_mas::{HowFar, MasOffer};
use done::Created;
use draft::{FieldErrors, NewUserDraft, wanted};
use leptos::prelude::*;
use making::{NewUserForm, save};
use name::Availability;
use std::sync::Arc;

/// The types that every server knows.
const TYPES: [Choice; 3] = [
    ("", t::users_type_none as Words),
    ("bot", t::users_type_bot),
    ("support", t::users_type_support),
];

/// The page on which a new account is created.
pub fn view() -> Node {
    let created: RwSignal<Option<Created>> = RwSignal::new(None);
    let begun = RwSignal::new(0);
    view! {
        <PageHeader
            title=Signal::derive(t::create_title)
            lead=Signal::derive(t::create_lead)
            back=Route::Users
        />
        {move || match created.get() {
            Some(account) => {
                done::card(account, move || {
                    begun.update(|begun| *begun += 1);
                    created.set(None);
                })
            }
            None => {
                begun.track();
                remote(
                    RwSignal::new(0),
                    at_mas::offer,
                    move |offer: &Option<Arc<MasOffer>>| form(created, offer.clone()),
                )
            }
        }}
    }
    .into_node()
}

/// The form; with what MAS lets an account have, where that keeps the accounts.
fn form(created: RwSignal<Option<Created>>, offer: Option<Arc<MasOffer>>) -> Node {
    if let Some(lack) = Session::get().capabilities_now().lack(Feature::CreateUsers) {
        return view! { <Card><p>{mas_closed::reason(lack)}</p></Card> }.into_node();
    }
    let draft = NewUserDraft::new(offer.as_deref());
    let new = NewUserForm {
        draft,
        busy: RwSignal::new(false),
        refused: RwSignal::new(None),
        created,
    };
    guard(Signal::derive(move || draft.is_begun()));
    let offer = StoredValue::new(offer);
    let press = move || save(new, offer.get_value());
    view! {
        <form
            class="create-form"
            on:submit=move |event| {
                event.prevent_default();
                press();
            }
        >
            {move || new.refused.get().map(|error| failure(explain(&error), None))}
            {move || {
                let lost = draft.lost.with(Option::is_some)
                    || draft.before.with(|before| matches!(before, Some(HowFar::Lost(_))));
                let unknown = new.refused.with(Option::is_some) && lost;
                unknown.then(|| view! { <Notice tone=Tone::Warning>{t::create_lost}</Notice> })
            }}
            {move || offer.get_value().and_then(|offer| how_far(draft, &offer))}
            <div class="cards">
                <Card title=Signal::derive(t::user_card_account)>
                    {account_fields(draft, offer.get_value().as_deref())}
                </Card>
                <Card title=Signal::derive(t::create_password)>
                    {password_fields(draft, offer.get_value().as_deref())}
                </Card>
                <Card title=Signal::derive(t::user_card_contact)>
                    {contact_fields(draft, offer.get_value().as_deref())}
                </Card>
            </div>
            <div class="form-actions">
                <Button
                    label=Signal::derive(move || match draft.is_there() {
                        true => t::contact_go_on(),
                        false => t::create_action(),
                    })
                    icon="user-plus"
                    kind=ButtonKind::Primary
                    busy=new.busy
                    on_press=press
                />
            </div>
        </form>
    }
    .into_node()
}

/// What is wrong with a field. Reactive.
fn error(draft: NewUserDraft, of: fn(&FieldErrors) -> &Option<String>) -> Signal<Option<String>> {
    Signal::derive(move || draft.errors.with(|errors| of(errors).clone()))
}

/// Who it is, and what they may do.
fn account_fields(draft: NewUserDraft, offer: Option<&MasOffer>) -> Node {
    let availability = name::watch(draft.name);
    let name_error = Signal::derive(move || {
        draft
            .errors
            .with(|errors| errors.name.clone())
            .or_else(|| availability.get().problem())
    });
    let server = Session::get().server_name();
    let whole = move || {
        let user = draft.name.with(|name| name::user_of(name.trim()));
        match (&server, user, availability.get()) {
            // What has been refused since is not free any more.
            (_, Ok(user), Availability::Free)
                if !draft.is_there() && name_error.with(Option::is_none) =>
            {
                t::create_free(user.as_str())
            }
            (_, _, Availability::Asking) => t::create_asking(),
            (Some(server), ..) => t::create_name_hint(server.as_str()),
            _ => String::new(),
        }
    };
    let (kind, hint, more) = match offer {
        None => {
            let kind = view! {
                <SelectField label=t::users_type value=draft.kind options=TYPES.into() />
            };
            (Some(kind.into_node()), t::act_make_admin_text, None)
        }
        Some(_) => {
            let more = view! { <p class="field-hint">{t::create_not_at_mas}</p> };
            (None, t::create_admin_at_mas, Some(more.into_node()))
        }
    };
    view! {
        <div class="stack">
            <Field
                label=t::create_name
                hint=Signal::derive(whole)
                value=draft.name
                error=name_error
                mono=true
                disabled=Signal::derive(move || draft.is_there())
                on_input=Callback::new(move |()| {
                    draft.errors.update(|errors| errors.name = None);
                })
            />
            <Field label=t::users_name value=draft.displayname />
            {kind}
            <Check label=t::create_admin hint=Signal::derive(hint) value=draft.admin />
            {more}
        </div>
    }
    .into_node()
}

/// Where to reach them, and by what they sign in elsewhere.
fn contact_fields(draft: NewUserDraft, offer: Option<&MasOffer>) -> Node {
    let identities_error = error(draft, |errors| &errors.identities);
    let rest = match offer {
        None => view! {
            <Field
                label=t::user_phones
                hint=Signal::derive(t::create_phones_hint)
                value=draft.phones
                error=error(draft, |errors| &errors.phones)
            />
            <Field
                label=t::user_identities
                hint=Signal::derive(t::create_identities_hint)
                value=draft.identities
                error=identities_error
                mono=true
            />
        }
        .into_node(),
        Some(offer) => identity_fields(draft, offer, identities_error),
    };
    view! {
        <div class="stack">
            <Field
                label=t::user_emails
                hint=Signal::derive(t::create_several)
                value=draft.emails
                error=error(draft, |errors| &errors.emails)
            />
            {rest}
        </div>
    }
    .into_node()
}

fn password_fields(draft: NewUserDraft, offer: Option<&MasOffer>) -> Node {
    if offer.is_some_and(|offer| !offer.passwords) {
        return view! { <p>{t::create_passwords_off}</p> }.into_node();
    }
    let session = Session::get();
    let is_fixed = offer.is_none();
    let elsewhere = Signal::derive(move || is_fixed && session.has_external_auth());
    view! {
        <div class="stack">
            <PasswordField
                label=t::create_password
                hint=Signal::derive(t::create_password_hint)
                value=draft.password
                error=error(draft, |errors| &errors.password)
                autocomplete="new-password"
                disabled=draft.no_password
            />
            <div>
                <Button
                    label=t::security_password_generate
                    icon="dice"
                    disabled=draft.no_password
                    on_press=move || {
                        draft.password.set(passwords::password(&BrowserRandom));
                    }
                />
            </div>
            <Check
                label=t::create_no_password
                hint=Signal::derive(t::create_no_password_hint)
                value=draft.no_password
                disabled=elsewhere
            />
        </div>
    }
    .into_node()
}

/// The account of a provider with which the new one is linked; nothing where MAS has no providers.
fn identity_fields(draft: NewUserDraft, offer: &MasOffer, error: Signal<Option<String>>) -> Node {
    if offer.providers.is_empty() {
        return ().into_node();
    }
    let options = offer
        .providers
        .iter()
        .map(|(id, name)| (id.to_string(), name.clone()));
    let options: Vec<(String, String)> = options.collect();
    view! {
        <SelectOf label=t::contact_provider value=draft.provider options />
        <Field
            label=t::contact_external_id
            hint=Signal::derive(t::create_subject_hint)
            value=draft.identities
            error
            mono=true
        />
    }
    .into_node()
}

/// How far a creation at MAS is that has stopped: what is done, and what is not.
fn how_far(draft: NewUserDraft, offer: &MasOffer) -> Option<Node> {
    let Some(HowFar::Begun { user, done, .. }) = draft.before.get() else {
        return None;
    };
    let list = |pieces: &[Piece]| {
        let words: Vec<String> = pieces.iter().map(at_mas::words).collect();
        words.join(", ")
    };
    let done_words = list(&done);
    let open = untrack(|| wanted(draft, offer));
    let open = list(&left(&open, &done));
    let title = Signal::derive(move || t::create_begun(user.as_str()));
    Some(
        view! {
            <Notice tone=Tone::Warning title>
                <p>{t::create_begun_done(&done_words)}</p>
                <p>{t::create_begun_open(&open)}</p>
                <p>{t::create_begun_text}</p>
            </Notice>
        }
        .into_node(),
    )
}
