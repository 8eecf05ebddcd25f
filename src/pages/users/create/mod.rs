//! `#/create_user`: one new account.
//!
//! | file | what |
//! |---|---|
//! | `name` | whether the name can be had, as it is typed |
//! | `send` | making it where the homeserver keeps the accounts |
//! | `at_mas` | making it where Matrix Authentication Service does |
//! | `done` | what was made, to hand out |

mod at_mas;
mod done;
mod name;
mod send;

use crate::address::route::Route;
use crate::api::server::Feature;
use crate::api::users::{ExternalId, Threepid, UserChange};
use crate::api::{ApiError, UserId};
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
use crate::operations::given::{GivenPassword, GivenPasswords};
use crate::session::Session;
use crate::ui::{IntoNode, Node, view};
use crate::users::creation::{NewAtMas, Piece, left};
use crate::widgets::address::{Address, AddressOwner, ask_to_move, threepid};
use crate::widgets::mas_closed;
use at_mas::{HowFar, MasOffer, Stopped};
use done::Created;
use leptos::prelude::*;
use name::Availability;
use send::{NotMade, Unanswered, at_field};
use std::rc::Rc;
use std::sync::Arc;
use wasm_bindgen_futures::spawn_local;

/// What has been typed. A handle: copies are the same.
#[derive(Clone, Copy)]
struct Draft {
    name: RwSignal<String>,
    displayname: RwSignal<String>,
    password: RwSignal<String>,
    /// Single sign-on only.
    no_password: RwSignal<bool>,
    admin: RwSignal<bool>,
    kind: RwSignal<String>,
    emails: RwSignal<String>,
    phones: RwSignal<String>,
    identities: RwSignal<String>,
    /// Whose the identity is, at MAS.
    provider: RwSignal<String>,
    errors: RwSignal<Errors>,
    /// What was sent last, if nobody knows what came of it.
    lost: RwSignal<Option<Unanswered>>,
    /// How far the creation is at MAS, where it has stopped.
    before: RwSignal<Option<HowFar>>,
}

/// What is wrong with which field.
#[derive(Clone, Default, PartialEq)]
struct Errors {
    name: Option<String>,
    password: Option<String>,
    emails: Option<String>,
    phones: Option<String>,
    identities: Option<String>,
}

impl Draft {
    fn new(offer: Option<&MasOffer>) -> Self {
        let text = || RwSignal::new(String::new());
        let draft = Draft {
            name: text(),
            displayname: text(),
            password: text(),
            no_password: RwSignal::new(false),
            admin: RwSignal::new(false),
            kind: text(),
            emails: text(),
            phones: text(),
            identities: text(),
            provider: text(),
            errors: RwSignal::new(Errors::default()),
            lost: RwSignal::new(None),
            before: RwSignal::new(None),
        };
        let has_passwords = offer.is_none_or(|offer| offer.passwords);
        if has_passwords {
            draft.password.set(passwords::password(&BrowserRandom));
        }
        draft.no_password.set(match offer {
            Some(_) => !has_passwords,
            None => Session::get().has_external_auth_now(),
        });
        let first = offer.and_then(|offer| offer.providers.first());
        if let Some((id, _)) = first {
            draft.provider.set(id.to_string());
        }
        draft
    }

    /// Whether the account is there already, at MAS. Reactive.
    fn is_there(self) -> bool {
        let begun = |before: &Option<HowFar>| matches!(before, Some(HowFar::Begun { .. }));
        self.before.with(begun)
    }

    fn is_begun(self) -> bool {
        let texts = [
            self.name,
            self.displayname,
            self.emails,
            self.phones,
            self.identities,
        ];
        let is_typed = |text: &RwSignal<String>| text.with(|text| !text.trim().is_empty());
        texts.iter().any(is_typed)
    }
}

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
    let session = Session::get();
    if let Some(lack) = session.capabilities_now().lack(Feature::CreateUsers) {
        return view! { <Card><p>{mas_closed::reason(lack)}</p></Card> }.into_node();
    }
    let draft = Draft::new(offer.as_deref());
    let availability = name::watch(draft.name);
    let busy = RwSignal::new(false);
    let refused: RwSignal<Option<ApiError>> = RwSignal::new(None);
    guard(Signal::derive(move || draft.is_begun()));
    let error = move |of: fn(&Errors) -> &Option<String>| {
        Signal::derive(move || draft.errors.with(|errors| of(errors).clone()))
    };
    let name_error = Signal::derive(move || {
        draft
            .errors
            .with(|errors| errors.name.clone())
            .or_else(|| availability.get().problem())
    });
    let offer = StoredValue::new(offer);
    let save = move || {
        if busy.get_untracked() {
            return;
        }
        if let Some(offer) = offer.get_value() {
            if let Some((user, wanted)) = read_for_mas(draft, &offer) {
                refused.set(None);
                make_at_mas(draft, busy, refused, created, offer, user, wanted);
            }
            return;
        }
        let Some((user, account)) = read(draft) else {
            return;
        };
        busy.set(true);
        refused.set(None);
        spawn_local(async move {
            let found = owners(&account).await;
            // The page may have been left.
            if busy.try_set(false).is_some() {
                return;
            }
            let found = match found {
                Ok(found) => found,
                Err(error) => return refused.set(Some(error)),
            };
            // The server would refuse it when the account is there.
            if let Some(problem) = taken(&found) {
                return draft
                    .errors
                    .update(|errors| errors.identities = Some(problem));
            }
            let moved = moved(&found);
            let to = user.clone();
            let go = move || make(draft, busy, refused, created, &user, &account, &found);
            match moved.is_empty() {
                true => go(),
                // It would move them without a word.
                false => ask_to_move(&moved, &to, Rc::new(go)),
            }
        });
    };
    let server = session.server_name();
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
    let save = Rc::new(save);
    let press = Rc::clone(&save);
    view! {
        <form
            class="create-form"
            on:submit=move |event| {
                event.prevent_default();
                save();
            }
        >
            {move || refused.get().map(|error| failure(explain(&error), None))}
            {move || {
                let lost = draft.lost.with(Option::is_some)
                    || draft.before.with(|before| matches!(before, Some(HowFar::Lost(_))));
                let unknown = refused.with(Option::is_some) && lost;
                unknown.then(|| view! { <Notice tone=Tone::Warning>{t::create_lost}</Notice> })
            }}
            {move || offer.get_value().and_then(|offer| how_far(draft, &offer))}
            <div class="cards">
                <Card title=Signal::derive(t::user_card_account)>
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
                        {match offer.get_value() {
                            None => view! {
                                <SelectField
                                    label=t::users_type
                                    value=draft.kind
                                    options=TYPES.into()
                                />
                                <Check
                                    label=t::create_admin
                                    hint=Signal::derive(t::act_make_admin_text)
                                    value=draft.admin
                                />
                            }.into_node(),
                            Some(_) => view! {
                                <Check
                                    label=t::create_admin
                                    hint=Signal::derive(t::create_admin_at_mas)
                                    value=draft.admin
                                />
                                <p class="field-hint">{t::create_not_at_mas}</p>
                            }.into_node(),
                        }}
                    </div>
                </Card>
                <Card title=Signal::derive(t::create_password)>
                    {password_fields(draft, offer.get_value().as_deref(), error(|errors| &errors.password))}
                </Card>
                <Card title=Signal::derive(t::user_card_contact)>
                    <div class="stack">
                        <Field
                            label=t::user_emails
                            hint=Signal::derive(t::create_several)
                            value=draft.emails
                            error=error(|errors| &errors.emails)
                        />
                        {match offer.get_value() {
                            None => view! {
                                <Field
                                    label=t::user_phones
                                    hint=Signal::derive(t::create_phones_hint)
                                    value=draft.phones
                                    error=error(|errors| &errors.phones)
                                />
                                <Field
                                    label=t::user_identities
                                    hint=Signal::derive(t::create_identities_hint)
                                    value=draft.identities
                                    error=error(|errors| &errors.identities)
                                    mono=true
                                />
                            }.into_node(),
                            Some(offer) => {
                                identity_fields(draft, &offer, error(|errors| &errors.identities))
                            }
                        }}
                    </div>
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
                    busy
                    on_press=move || press()
                />
            </div>
        </form>
    }
    .into_node()
}

fn password_fields(draft: Draft, offer: Option<&MasOffer>, error: Signal<Option<String>>) -> Node {
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
                error
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
fn identity_fields(draft: Draft, offer: &MasOffer, error: Signal<Option<String>>) -> Node {
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
fn how_far(draft: Draft, offer: &MasOffer) -> Option<Node> {
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

/// What is typed, for MAS, as far as it can be read.
fn wanted(draft: Draft, offer: &MasOffer) -> NewAtMas {
    let given = |text: String| Some(text).filter(|text| !text.trim().is_empty());
    let without = draft.no_password.get() || !offer.passwords;
    let emails = threepids("email", draft.emails).unwrap_or_default();
    let subject = draft.identities.with(|text| text.trim().to_owned());
    let chosen = draft.provider.get();
    let provider = offer.providers.iter().find(|(id, _)| id.as_str() == chosen);
    NewAtMas {
        displayname: given(draft.displayname.get()),
        password: (!without).then(|| draft.password.get()),
        emails: emails.into_iter().map(|email| email.address).collect(),
        identity: provider
            .filter(|_| !subject.is_empty())
            .map(|(id, _)| (id.clone(), subject)),
        admin: draft.admin.get(),
    }
}

/// The account that has been typed, for MAS; puts what is wrong at the fields.
fn read_for_mas(draft: Draft, offer: &MasOffer) -> Option<(UserId, NewAtMas)> {
    let mut errors = Errors::default();
    let name = draft.name.with_untracked(|name| name.trim().to_owned());
    let user = name::user_of(&name);
    if let Err(problem) = &user {
        errors.name = Some(problem.sentence());
    }
    if let Err(problem) = threepids("email", draft.emails) {
        errors.emails = Some(problem);
    }
    let mut wanted = untrack(|| wanted(draft, offer));
    if wanted.password.as_ref().is_some_and(String::is_empty) {
        errors.password = Some(t::create_password_missing());
    }
    // Twice the same address would be refused the second time.
    let mut once = Vec::new();
    wanted.emails.retain(|email| {
        let is_new = !once.contains(email);
        once.push(email.clone());
        is_new
    });
    let wrong = errors != Errors::default();
    draft.errors.set(errors);
    user.ok().filter(|_| !wrong).map(|user| (user, wanted))
}

/// Makes it at MAS, or goes on with it, and shows what came of it.
fn make_at_mas(
    draft: Draft,
    busy: RwSignal<bool>,
    refused: RwSignal<Option<ApiError>>,
    created: RwSignal<Option<Created>>,
    offer: Arc<MasOffer>,
    user: UserId,
    wanted: NewAtMas,
) {
    busy.set(true);
    let before = draft.before.get_untracked();
    spawn_local(async move {
        let outcome = at_mas::create(&offer, &user, &wanted, before).await;
        if busy.try_set(false).is_some() {
            // The page that would show it was left.
            let password = match &outcome {
                Ok(password) => password.clone(),
                Err(stopped) => {
                    let before = stopped.before.as_ref();
                    before.and_then(HowFar::password).map(str::to_owned)
                }
            };
            if let Some(password) = password {
                GivenPasswords::get().show(&GivenPassword::new(user, password), true);
            }
            return;
        }
        match outcome {
            Ok(password) => created.set(Some(Created {
                user,
                password,
                missing: None,
            })),
            Err(stopped) => {
                draft.before.set(stopped.before.clone());
                draft.errors.update(|errors| {
                    if !put(errors, &stopped, &user) {
                        refused.set(Some(stopped.error.clone()));
                    }
                });
            }
        }
    });
}

/// Puts what MAS has refused at its field; whether there is one for it.
fn put(errors: &mut Errors, stopped: &Stopped, user: &UserId) -> bool {
    let told = match &stopped.error {
        ApiError::Matrix {
            status: 400 | 409,
            message,
            ..
        } => Some(message.clone()),
        _ => None,
    };
    match (&stopped.at, stopped.error.status()) {
        (Piece::Account, _) => {
            errors.name = at_field(&stopped.error, user);
            errors.name.is_some()
        }
        (Piece::Password(_), Some(400)) if stopped.error.is_of_mas() => {
            errors.password = Some(t::create_password_weak());
            true
        }
        (Piece::Password(_), Some(403)) if stopped.error.is_of_mas() => {
            errors.password = Some(t::create_passwords_off_by_now());
            true
        }
        (Piece::Email(_), _) if told.is_some() => {
            errors.emails = told;
            true
        }
        (Piece::Identity(..), _) if told.is_some() => {
            errors.identities = told;
            true
        }
        _ => false,
    }
}

/// The parts of a list that somebody typed.
fn parts(text: RwSignal<String>) -> Vec<String> {
    text.with_untracked(|text| {
        text.split([',', ';'])
            .map(|part| part.trim().to_owned())
            .filter(|part| !part.is_empty())
            .collect()
    })
}

fn threepids(medium: &str, text: RwSignal<String>) -> Result<Vec<Threepid>, String> {
    parts(text)
        .iter()
        .map(|part| {
            threepid(medium, part).map_err(|problem| format!("{part}: {}", problem.sentence()))
        })
        .collect()
}

fn identity(part: &str) -> Result<ExternalId, String> {
    match part.split_once(':') {
        Some((provider, id)) if !provider.trim().is_empty() && !id.trim().is_empty() => {
            Ok(ExternalId {
                auth_provider: provider.trim().to_owned(),
                external_id: id.trim().to_owned(),
            })
        }
        _ => Err(t::contact_no_identity()),
    }
}

/// The account that has been typed; puts what is wrong at the fields.
fn read(draft: Draft) -> Option<(UserId, UserChange)> {
    let mut errors = Errors::default();
    let name = draft.name.with_untracked(|name| name.trim().to_owned());
    let user = name::user_of(&name);
    if let Err(problem) = &user {
        errors.name = Some(problem.sentence());
    }
    let password = draft.password.get_untracked();
    let without = draft.no_password.get_untracked();
    if !without && password.is_empty() {
        errors.password = Some(t::create_password_missing());
    }
    let mut found = Vec::new();
    for (medium, text) in [("email", draft.emails), ("msisdn", draft.phones)] {
        match threepids(medium, text) {
            Ok(threepids) => found.extend(threepids),
            Err(problem) if medium == "email" => errors.emails = Some(problem),
            Err(problem) => errors.phones = Some(problem),
        }
    }
    let identities: Result<Vec<ExternalId>, String> = parts(draft.identities)
        .iter()
        .map(|part| identity(part))
        .collect();
    if let Err(problem) = &identities {
        errors.identities = Some(problem.clone());
    }
    let wrong = errors != Errors::default();
    draft.errors.set(errors);
    let (Ok(user), Ok(identities), false) = (user, identities, wrong) else {
        return None;
    };
    let given = |text: String| Some(text).filter(|text| !text.trim().is_empty());
    let account = UserChange {
        password: (!without).then_some(password),
        displayname: given(draft.displayname.get_untracked()),
        threepids: Some(found).filter(|found| !found.is_empty()),
        external_ids: Some(identities).filter(|found| !found.is_empty()),
        admin: draft.admin.get_untracked().then_some(true),
        user_type: given(draft.kind.get_untracked()).map(Some),
        ..Default::default()
    };
    Some((user, account))
}

/// The account's addresses, with whose they are now.
async fn owners(account: &UserChange) -> Result<Vec<(Address, AddressOwner)>, ApiError> {
    let threepids = account.threepids.iter().flatten().cloned();
    let identities = account.external_ids.iter().flatten().cloned();
    let all = threepids
        .map(Address::Threepid)
        .chain(identities.map(Address::Identity));
    let mut found = Vec::new();
    for address in all {
        let owner = address.owner().await?;
        found.push((address, owner));
    }
    Ok(found)
}

/// What is wrong with the identities: somebody has one.
fn taken(found: &[(Address, AddressOwner)]) -> Option<String> {
    found
        .iter()
        .find_map(|(address, owner)| match (address, owner) {
            (Address::Identity(_), AddressOwner::Somebody(owner)) => {
                Some(t::contact_taken_which(&address.text(), owner.as_str()))
            }
            _ => None,
        })
}

/// The addresses that somebody has, or may have.
fn moved(found: &[(Address, AddressOwner)]) -> Vec<(Address, AddressOwner)> {
    let is_moved = |(address, owner): &&(Address, AddressOwner)| {
        matches!(address, Address::Threepid(_)) && *owner != AddressOwner::Nobody
    };
    found.iter().filter(is_moved).cloned().collect()
}

/// Sends it, and shows what came of it.
fn make(
    draft: Draft,
    busy: RwSignal<bool>,
    refused: RwSignal<Option<ApiError>>,
    created: RwSignal<Option<Created>>,
    user: &UserId,
    account: &UserChange,
    found: &[(Address, AddressOwner)],
) {
    // While the question was there the page may have been left.
    if busy.try_set(true).is_some() {
        return;
    }
    let (user, account, found) = (user.clone(), account.clone(), found.to_vec());
    spawn_local(async move {
        let before = draft.lost.try_get_untracked().flatten();
        let given = account.password.clone();
        let given = given.map(|password| GivenPassword::new(user.clone(), password));
        let outcome = send::create(&user, &account, &found, before).await;
        if busy.try_set(false).is_some() {
            // The page that would show it was left.
            if let Some(given) = &given {
                match &outcome {
                    Ok(_) => GivenPasswords::get().show(given, true),
                    Err(NotMade { lost: Some(_), .. }) => GivenPasswords::get().show(given, false),
                    Err(_) => {}
                }
            }
            return;
        }
        match outcome {
            Ok(missing) => created.set(Some(Created {
                user,
                password: account.password,
                missing,
            })),
            Err(NotMade { error, lost }) => {
                draft.lost.set(lost);
                match at_field(&error, &user) {
                    Some(problem) => draft.errors.update(|errors| errors.name = Some(problem)),
                    None => refused.set(Some(error)),
                }
            }
        }
    });
}
