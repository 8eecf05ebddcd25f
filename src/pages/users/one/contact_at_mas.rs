//! The addresses of an account that Matrix Authentication Service keeps.

use super::contact_form::{AddressForm, EMAIL, IDENTITY, stepped};
use super::{Shown, anew};
use crate::api::UserId;
use crate::api::mas::Ulid;
use crate::api::server::MasAccess;
use crate::api::users::UserDetail;
use crate::components::button::{Button, IconButton};
use crate::components::field::{Choice, SelectOf};
use crate::components::one_thing::Anew;
use crate::components::page::Card;
use crate::components::remote::remote;
use crate::i18n::errors::explain;
use crate::i18n::{Words, t};
use crate::operations::{Job, OnTarget, TargetJob};
use crate::pages::users::kept_addresses::{self, KeptAddress, KeptOf, ProviderName, name_of};
use crate::session::Client;
use crate::ui::{IntoNode, Node, view};
use crate::widgets::address::{AddressProblem, threepid};
use futures_util::FutureExt;
use leptos::prelude::*;
use std::rc::Rc;
use wasm_bindgen_futures::spawn_local;

/// What the parts of the card share. A handle: copies are the same.
#[derive(Clone, Copy)]
struct Contact {
    shown: Shown,
    mas: StoredValue<MasAccess>,
    changed: RwSignal<u32>,
}

/// An account at MAS, by value: what is done to it outlasts the page.
#[derive(Clone)]
struct Owner {
    user: UserId,
    id: Ulid,
    base: Rc<str>,
    anew: Anew,
}

impl Contact {
    fn owner(self, id: &Ulid) -> Owner {
        let (changed, shown) = (self.changed, anew(self.shown));
        Owner {
            user: self.shown.user.get_value(),
            id: id.clone(),
            base: self.mas.with_value(|mas| mas.base.as_str().into()),
            anew: Rc::new(move || {
                // The page may have been left.
                let _ = changed.try_update(|changed| *changed += 1);
                shown();
            }),
        }
    }
}

/// The card with the addresses and single sign-on identities that MAS keeps of an account.
pub fn card(shown: Shown, mas: &MasAccess) -> Node {
    let contact = Contact {
        shown,
        mas: StoredValue::new(mas.clone()),
        changed: RwSignal::new(0),
    };
    let ask = move || {
        let user = contact.shown.user.get_value();
        let mas = contact.mas.get_value();
        async move { kept_addresses::of(&Client::get(), &mas.base, &user).await }
    };
    let show = move |kept: &Option<KeptOf>| match kept {
        Some(kept) => at_mas(contact, kept),
        None => view! {
            {move || shown.detail().map(|detail| of_homeserver(&detail, |_| true))}
            <p class="action-reason">{t::contact_not_at_mas}</p>
        }
        .into_node(),
    };
    view! {
        <Card title=Signal::derive(t::user_card_contact)>
            {remote(contact.changed, ask, show)}
        </Card>
    }
    .into_node()
}

fn kind_words(address: &KeptAddress) -> Words {
    match address.is_email() {
        true => t::contact_email,
        false => t::contact_identity,
    }
}

fn at_mas(contact: Contact, kept: &KeptOf) -> Node {
    let owner = contact.owner(&kept.id);
    let rows: Vec<Node> = kept
        .addresses
        .iter()
        .map(|address| row(&owner, address))
        .collect();
    let none = rows
        .is_empty()
        .then(|| view! { <p>{t::contact_none}</p> }.into_node());
    let list = (!rows.is_empty()).then(|| view! { <ul class="address-list">{rows}</ul> });
    let is_phone = |medium: &str| medium != "email";
    let phones = move || {
        let detail = contact.shown.detail()?;
        let any = detail
            .threepids
            .iter()
            .any(|threepid| is_phone(&threepid.medium));
        any.then(|| {
            view! {
                {of_homeserver(&detail, is_phone)}
                <p class="action-reason">{t::contact_phones_not_at_mas}</p>
            }
        })
    };
    let adding = RwSignal::new(false);
    view! {
        {none}
        {list}
        {phones}
        <div class="form-actions">
            <Button label=t::contact_add icon="plus" on_press=move || adding.set(true) />
        </div>
        {dialog(owner, &kept.providers, adding)}
    }
    .into_node()
}

/// What the homeserver knows of these kinds, which cannot be changed there.
fn of_homeserver(detail: &UserDetail, is_shown: fn(&str) -> bool) -> Node {
    let rows: Vec<Node> = detail
        .threepids
        .iter()
        .filter(|threepid| is_shown(&threepid.medium))
        .map(|threepid| {
            let kind: Words = match threepid.medium.as_str() {
                "email" => t::contact_email,
                _ => t::contact_phone,
            };
            let address = threepid.address.clone();
            view! {
                <li>
                    <span class="address-kind">{kind}</span>
                    <span class="address">{address}</span>
                </li>
            }
            .into_node()
        })
        .collect();
    match rows.is_empty() {
        true => ().into_node(),
        false => view! { <ul class="address-list">{rows}</ul> }.into_node(),
    }
}

fn row(owner: &Owner, address: &KeptAddress) -> Node {
    let (owner, address) = (
        StoredValue::new_local(owner.clone()),
        StoredValue::new_local(address.clone()),
    );
    let (kind, text) = address.with_value(|address| (kind_words(address), address.text()));
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
                on_press=move || remove(owner.get_value(), address.get_value())
            />
        </li>
    }
    .into_node()
}

/// Gives the account an address. Undo takes it away again.
fn add(owner: Owner, address: KeptAddress) -> TargetJob {
    let (of, given, back) = (owner.clone(), address.clone(), owner.clone());
    let deed: OnTarget = Rc::new(move |_, network, _| {
        let (of, given) = (of.clone(), given.clone());
        async move { stepped(given.give(&network.about(&of.user), &of.base, &of.id).await) }
            .boxed_local()
    });
    TargetJob::doing(
        t::contact_add_job(&address.text()),
        vec![owner.user.to_string()],
        deed,
    )
    .undo(move |_| remove(back.clone(), address.clone()))
    .on_end(move |job| {
        // What was typed stays where it was refused.
        if job.is_done() {
            (owner.anew)();
        }
    })
}

/// Takes an address from the account. Undo gives it back, unless somebody else has it by then.
fn remove(owner: Owner, address: KeptAddress) {
    let (of, taken, back) = (owner.clone(), address.clone(), owner.clone());
    let deed: OnTarget = Rc::new(move |_, network, _| {
        let (of, taken) = (of.clone(), taken.clone());
        async move { stepped(taken.take(&network.about(&of.user), &of.base, &of.id).await) }
            .boxed_local()
    });
    let title = t::contact_remove(&address.text());
    TargetJob::doing(title, vec![owner.user.to_string()], deed)
        .undo(move |_| {
            add(back.clone(), address.clone()).start();
        })
        .on_end(move |_| (owner.anew)())
        .start();
}

const EMAILS: Choice = (EMAIL, t::contact_email as Words);
const IDENTITIES: Choice = (IDENTITY, t::contact_identity as Words);

fn dialog(owner: Owner, providers: &[ProviderName], open: RwSignal<bool>) -> Node {
    let first = providers.first().map(|(id, _)| id.to_string());
    let form = AddressForm::new(open, first.unwrap_or_default());
    let AddressForm { wrong, busy, .. } = form;
    // Without a provider there is nothing to be linked with.
    let kinds = match providers.is_empty() {
        true => vec![EMAILS],
        false => vec![EMAILS, IDENTITIES],
    };
    let providers = StoredValue::new(providers.to_vec());
    let options = move || {
        let of = |(id, name): &ProviderName| (id.to_string(), name.clone());
        providers.with_value(|all| all.iter().map(of).collect::<Vec<_>>())
    };
    let typed_address = move || {
        let typed = form.typed();
        if form.kind.with_untracked(|kind| kind != IDENTITY) {
            return threepid("email", &typed)
                .map(|threepid| KeptAddress::email(threepid.address))
                .map_err(AddressProblem::sentence);
        }
        let chosen = form.provider.get_untracked();
        let of = |all: &Vec<ProviderName>| {
            let known = all.iter().find(|(id, _)| id.as_str() == chosen);
            known.cloned()
        };
        match providers.with_value(of) {
            Some(provider) if !typed.is_empty() => Ok(KeptAddress::identity(provider, typed)),
            _ => Err(t::kept_no_subject()),
        }
    };
    let save = move || {
        let address = match typed_address() {
            Ok(address) => address,
            Err(problem) => return wrong.set(Some(problem)),
        };
        busy.set(true);
        let ended = form.fields.sent();
        let is_added = move |job: &Job| ended(job.is_done());
        let owner = owner.clone();
        spawn_local(async move {
            let client = Client::get();
            let taken = address.owner(&client, &owner.base).await;
            let holder = taken.as_ref().ok().cloned().flatten();
            let name = match holder.as_ref().filter(|id| **id != owner.id) {
                Some(id) => Some(name_of(&owner.base, id).await),
                None => None,
            };
            // The page may have been left.
            if busy.try_set(false).is_some() {
                return;
            }
            match (taken, name) {
                (Err(error), _) => wrong.set(Some(explain(&error).sentence)),
                (_, Some(name)) => {
                    wrong.set(Some(t::contact_taken_which(&address.text(), &name)));
                }
                (Ok(Some(_)), None) => wrong.set(Some(t::contact_has_it())),
                (Ok(None), None) => {
                    open.set(false);
                    add(owner, address).on_end(is_added).start();
                }
            }
        });
    };
    let provider = move || {
        view! { <SelectOf label=t::contact_provider value=form.provider options=options() /> }
            .into_node()
    };
    form.dialog(kinds, provider, Rc::new(save))
}
