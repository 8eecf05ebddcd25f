//! E-mail addresses, phone numbers and single sign-on identities of an account.

use super::Shown;
use crate::api::users::{self, ExternalId, Threepid, UserChange, UserDetail};
use crate::api::{ApiError, UserId};
use crate::components::button::{Button, IconButton, Kind};
use crate::components::dialog::Dialog;
use crate::components::field::{Choice, Field, SelectField};
use crate::components::nothing;
use crate::components::page::Card;
use crate::i18n::errors::explain;
use crate::i18n::{Words, t};
use crate::operations::{Confirmation, Deed, Operations, Proposal, Recorded, TargetJob};
use crate::pages::address::threepid;
use crate::runner::{Step, Turn};
use crate::session::Client;
use crate::ui::view;
use futures_util::FutureExt;
use leptos::prelude::*;
use std::rc::Rc;
use wasm_bindgen_futures::spawn_local;

/// Something by which a person is found.
#[derive(Clone, PartialEq)]
enum Address {
    Threepid(Threepid),
    Identity(ExternalId),
}

impl Address {
    fn text(&self) -> String {
        match self {
            Address::Threepid(threepid) => threepid.address.clone(),
            Address::Identity(id) => format!("{}: {}", id.auth_provider, id.external_id),
        }
    }

    /// Whose it is; `None` if nobody's, or if this server cannot tell.
    async fn owner(&self) -> Result<Option<UserId>, ApiError> {
        let request = match self {
            Address::Threepid(threepid) => users::by_threepid(threepid),
            Address::Identity(id) => users::by_external_id(id),
        };
        match Client::get().send(request).await {
            Ok(owner) => Ok(Some(owner.user_id)),
            Err(error) if error.is_not_found() => Ok(None),
            Err(ApiError::Unsupported { .. }) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// The account with it, or without it.
    fn change(&self, detail: &UserDetail, with: bool) -> UserChange {
        let mut change = UserChange::default();
        match self {
            Address::Threepid(threepid) => {
                let mut all: Vec<Threepid> = detail.threepids.clone();
                all.retain(|other| other != threepid);
                if with {
                    all.push(threepid.clone());
                }
                change.threepids = Some(all);
            }
            Address::Identity(id) => {
                let mut all = detail.external_ids.clone();
                all.retain(|other| other != id);
                if with {
                    all.push(id.clone());
                }
                change.external_ids = Some(all);
            }
        }
        change
    }
}

/// The card.
pub fn card(shown: Shown) -> AnyView {
    let adding = RwSignal::new(false);
    let rows = move || {
        let Some(detail) = shown.detail() else {
            return ().into_any();
        };
        let threepids = detail.threepids.into_iter().map(Address::Threepid);
        let identities = detail.external_ids.into_iter().map(Address::Identity);
        let rows: Vec<AnyView> = threepids
            .chain(identities)
            .map(|address| row(shown, address))
            .collect();
        if rows.is_empty() {
            return view! { <p>{nothing()} " " {t::contact_none}</p> }.into_any();
        }
        view! { <ul class="address-list">{rows}</ul> }.into_any()
    };
    view! {
        <Card title=Signal::derive(t::user_card_contact)>
            {rows}
            <div class="form-actions">
                <Button label=t::contact_add icon="plus" on_press=move || adding.set(true) />
            </div>
        </Card>
        {dialog(shown, adding)}
    }
    .into_any()
}

fn row(shown: Shown, address: Address) -> AnyView {
    let kind: Words = match &address {
        Address::Threepid(threepid) if threepid.medium == "email" => t::contact_email,
        Address::Threepid(_) => t::contact_phone,
        Address::Identity(_) => t::contact_identity,
    };
    let text = address.text();
    let label = {
        let text = text.clone();
        Signal::derive(move || t::contact_remove(&text))
    };
    view! {
        <li>
            <span class="address-kind">{kind}</span>
            <span class="address">{text}</span>
            <IconButton
                label
                icon="trash"
                on_press=move || change(shown, address.clone(), false)
            />
        </li>
    }
    .into_any()
}

const KINDS: [Choice; 3] = [
    ("email", t::contact_email as Words),
    ("msisdn", t::contact_phone),
    ("identity", t::contact_identity),
];

fn dialog(shown: Shown, open: RwSignal<bool>) -> AnyView {
    let kind = RwSignal::new("email".to_owned());
    let text = RwSignal::new(String::new());
    let provider = RwSignal::new(String::new());
    let wrong: RwSignal<Option<String>> = RwSignal::new(None);
    let busy = RwSignal::new(false);
    let is_identity = move || kind.with(|kind| kind == "identity");
    let add = move || {
        let typed = text.with_untracked(|text| text.trim().to_owned());
        let medium = kind.get_untracked();
        let address = match medium.as_str() {
            "identity" => {
                let provider = provider.with_untracked(|text| text.trim().to_owned());
                match typed.is_empty() || provider.is_empty() {
                    true => Err(t::contact_no_identity()),
                    false => Ok(Address::Identity(ExternalId {
                        auth_provider: provider,
                        external_id: typed,
                    })),
                }
            }
            medium => threepid(medium, &typed).map(Address::Threepid),
        };
        let address = match address {
            Ok(address) => address,
            Err(problem) => return wrong.set(Some(problem)),
        };
        busy.set(true);
        spawn_local(async move {
            let owner = address.owner().await;
            // The page may have been left.
            if busy.try_set(false).is_some() {
                return;
            }
            let me = shown.user.get_value();
            match owner {
                Err(error) => wrong.set(Some(explain(&error).sentence)),
                Ok(Some(owner)) if owner == me => wrong.set(Some(t::contact_has_it())),
                // The server would refuse an identity, and move an address without a word.
                Ok(Some(owner)) if matches!(address, Address::Identity(_)) => {
                    wrong.set(Some(t::contact_taken(owner.as_str())));
                }
                Ok(Some(owner)) => {
                    open.set(false);
                    ask(shown, address, owner);
                }
                Ok(None) => {
                    open.set(false);
                    text.set(String::new());
                    change(shown, address, true);
                }
            }
        });
    };
    view! {
        <Dialog open title=t::contact_add busy>
            <form
                class="dialog-form"
                on:submit=move |event| {
                    event.prevent_default();
                    add();
                }
            >
                <SelectField label=t::contact_kind value=kind options=KINDS.into() />
                {move || {
                    is_identity()
                        .then(|| {
                            view! {
                                <Field
                                    label=t::contact_provider
                                    hint=Signal::derive(t::contact_provider_hint)
                                    value=provider
                                    mono=true
                                />
                            }
                        })
                }}
                <Field
                    label=Signal::derive(move || {
                        if is_identity() { t::contact_external_id() } else { t::contact_address() }
                    })
                    value=text
                    error=wrong
                    on_input=Callback::new(move |()| wrong.set(None))
                />
                <div class="dialog-actions">
                    <Button label=t::cancel on_press=move || open.set(false) />
                    <Button label=t::contact_add kind=Kind::Primary busy on_press=add />
                </div>
            </form>
        </Dialog>
    }
    .into_any()
}

/// The address is somebody else's.
fn ask(shown: Shown, address: Address, owner: UserId) {
    let text = address.text();
    Operations::get().propose(Proposal {
        title: t::contact_move_title(&text),
        sentence: t::contact_move_text(),
        facts: vec![
            (t::contact_address(), text),
            (t::contact_owner(), owner.to_string()),
            (
                t::contact_new_owner(),
                shown.user.with_value(UserId::to_string),
            ),
        ],
        action: t::contact_move(),
        danger: true,
        confirmation: Confirmation::Click,
        fields: None,
        run: Rc::new(move || change(shown, address.clone(), true)),
    });
}

/// Adds or removes it; what others have changed meanwhile stays.
fn change(shown: Shown, address: Address, with: bool) {
    let user = shown.user.get_value();
    let text = address.text();
    let title = match with {
        true => t::contact_add_job(&text),
        false => t::contact_remove(&text),
    };
    let taken_back = address.clone();
    TargetJob::doing(title, vec![user.to_string()], changing(user, address, with))
        .undo(move |_| change(shown, taken_back.clone(), !with))
        .on_end(move |_| super::refresh(shown))
        .start();
}

fn changing(user: UserId, address: Address, with: bool) -> Deed {
    Rc::new(move |_, network, turn| {
        let (user, address) = (user.clone(), address.clone());
        async move {
            match read_and_put(&user, &address, with, network, &turn).await {
                Ok(()) => Step::Done,
                Err(error) => Step::from_error(error),
            }
        }
        .boxed_local()
    })
}

async fn read_and_put(
    user: &UserId,
    address: &Address,
    with: bool,
    network: &Recorded,
    turn: &Turn<'_>,
) -> Result<(), ApiError> {
    let detail = network.send(users::get(user)).await?;
    turn.clear().await;
    let change = address.change(&detail, with);
    network.send(users::put(user, &change)).await.map(drop)
}
