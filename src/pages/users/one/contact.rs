//! E-mail addresses, phone numbers and single sign-on identities of an account.

use super::contact_form::{AddressForm, EMAIL, IDENTITY, stepped};
use super::{Shown, contact_at_mas};
use crate::api::server::Feature;
use crate::api::users::{self, ExternalId};
use crate::api::{ApiError, UserId};
use crate::components::button::{Button, IconButton};
use crate::components::field::{Choice, Field};
use crate::components::one_thing::Anew;
use crate::components::page::Card;
use crate::i18n::errors::explain;
use crate::i18n::{Words, t};
use crate::operations::{Job, OnTarget, Recorded, TargetJob};
use crate::runner::{Step, Turn};
use crate::session::Session;
use crate::ui::{IntoNode, Node, view};
use crate::widgets::address::{Address, AddressOwner, AddressProblem, ask_to_move, threepid};
use crate::widgets::mas_closed;
use futures_util::FutureExt;
use leptos::prelude::*;
use std::rc::Rc;
use wasm_bindgen_futures::spawn_local;

/// The card with the contact addresses and single sign-on identities of an account.
pub fn card(shown: Shown) -> Node {
    let server = Session::get().capabilities_now();
    if let Some(mas) = server.mas() {
        return contact_at_mas::card(shown, mas);
    }
    let lack = server.lack(Feature::ContactAddresses);
    let adding = RwSignal::new(false);
    let rows = move || {
        let Some(detail) = shown.detail() else {
            return ().into_node();
        };
        let threepids = detail.threepids.into_iter().map(Address::Threepid);
        let identities = detail.external_ids.into_iter().map(Address::Identity);
        let rows: Vec<Node> = threepids
            .chain(identities)
            .map(|address| row(shown, address, lack.is_none()))
            .collect();
        if rows.is_empty() {
            return view! { <p>{t::contact_none}</p> }.into_node();
        }
        view! { <ul class="address-list">{rows}</ul> }.into_node()
    };
    view! {
        <Card title=Signal::derive(t::user_card_contact)>
            {rows}
            <div class="form-actions">
                {lack.map(|lack| {
                    view! { <span class="action-reason">{mas_closed::reason(lack)}</span> }
                })}
                <Button
                    disabled=lack.is_some()
                    label=t::contact_add icon="plus" on_press=move || adding.set(true) />
            </div>
        </Card>
        {dialog(shown, adding)}
    }
    .into_node()
}

fn row(shown: Shown, address: Address, removable: bool) -> Node {
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
            {removable.then(|| view! {
                <IconButton
                    label
                    icon="trash"
                    on_press=move || remove(shown.user.get_value(), address.clone(), super::anew(shown))
                />
            })}
        </li>
    }
    .into_node()
}

const KINDS: [Choice; 3] = [
    (EMAIL, t::contact_email as Words),
    ("msisdn", t::contact_phone),
    (IDENTITY, t::contact_identity),
];

fn dialog(shown: Shown, open: RwSignal<bool>) -> Node {
    let form = AddressForm::new(open, String::new());
    let AddressForm { wrong, busy, .. } = form;
    let add = move || {
        let address = form.typed();
        let medium = form.kind.get_untracked();
        let address = match medium.as_str() {
            IDENTITY => {
                let provider = form.provider.with_untracked(|text| text.trim().to_owned());
                match address.is_empty() || provider.is_empty() {
                    true => Err(t::contact_no_identity()),
                    false => Ok(Address::Identity(ExternalId {
                        auth_provider: provider,
                        external_id: address,
                    })),
                }
            }
            medium => threepid(medium, &address)
                .map(Address::Threepid)
                .map_err(AddressProblem::sentence),
        };
        let address = match address {
            Ok(address) => address,
            Err(problem) => return wrong.set(Some(problem)),
        };
        busy.set(true);
        let ended = form.fields.sent();
        let is_added = move |job: &Job| ended(job.is_done());
        let me = shown.user.get_value();
        spawn_local(async move {
            let owner = address.owner().await;
            // The page may have been left.
            if busy.try_set(false).is_some() {
                return;
            }
            let anew = super::anew(shown);
            match owner {
                Err(error) => wrong.set(Some(explain(&error).sentence)),
                Ok(AddressOwner::Somebody(owner)) if owner == me => {
                    wrong.set(Some(t::contact_has_it()))
                }
                // The server would refuse an identity, and move an address without a word.
                Ok(AddressOwner::Somebody(owner)) if matches!(address, Address::Identity(_)) => {
                    wrong.set(Some(t::contact_taken(owner.as_str())));
                }
                // An identity is refused if it is somebody's, also where nobody can say whose.
                Ok(owner)
                    if owner == AddressOwner::Nobody || matches!(address, Address::Identity(_)) =>
                {
                    open.set(false);
                    add_from(me, address, owner, anew).on_end(is_added).start();
                }
                Ok(owner) => {
                    open.set(false);
                    let moved = [(address.clone(), owner.clone())];
                    let user = me.clone();
                    let run = move || {
                        let (address, owner) = (address.clone(), owner.clone());
                        let job = add_from(user.clone(), address, owner, Rc::clone(&anew));
                        job.on_end(is_added).start();
                    };
                    ask_to_move(&moved, &me, Rc::new(run));
                }
            }
        });
    };
    let provider = move || {
        view! {
            <Field
                label=t::contact_provider
                hint=Signal::derive(t::contact_provider_hint)
                value=form.provider
                mono=true
            />
        }
        .into_node()
    };
    form.dialog(KINDS.into(), provider, Rc::new(add))
}

/// Adds an address whose owner so far is this one; what others have changed meanwhile stays.
/// Undo gives it back to that owner. Where nobody knows whose it was, there is no undo. The page may
/// have been left by then: `anew` is all that is had of it.
fn add_from(user: UserId, address: Address, from: AddressOwner, anew: Anew) -> TargetJob {
    let on_end = Rc::clone(&anew);
    let job = TargetJob::doing(
        t::contact_add_job(&address.text()),
        vec![user.to_string()],
        giving(user.clone(), address.clone(), from.clone()),
    );
    let job = match from {
        AddressOwner::Nobody => {
            job.undo(move |_| remove(user.clone(), address.clone(), Rc::clone(&anew)))
        }
        AddressOwner::Somebody(owner) => job.undo(move |_| {
            let anew = Rc::clone(&anew);
            TargetJob::doing(
                t::contact_give_back(&address.text(), owner.as_str()),
                vec![owner.to_string()],
                giving(
                    owner.clone(),
                    address.clone(),
                    AddressOwner::Somebody(user.clone()),
                ),
            )
            .on_end(move |_| anew())
            .start();
        }),
        AddressOwner::Unknown => job,
    };
    job.on_end(move |_| on_end())
}

/// Removes an address. Undo adds it again, unless somebody else has it by then; where the server
/// cannot say that, there is no undo.
fn remove(user: UserId, address: Address, anew: Anew) {
    let on_end = Rc::clone(&anew);
    let can_say = Session::get().capabilities_now().has(address.feature());
    let job = TargetJob::doing(
        t::contact_remove(&address.text()),
        vec![user.to_string()],
        removing(user.clone(), address.clone()),
    );
    let job = match can_say {
        true => job.undo(move |_| {
            let (user, address, anew) = (user.clone(), address.clone(), Rc::clone(&anew));
            add_from(user, address, AddressOwner::Nobody, anew).start();
        }),
        false => job,
    };
    job.on_end(move |_| on_end()).start();
}

fn giving(user: UserId, address: Address, from: AddressOwner) -> OnTarget {
    Rc::new(move |_, network, turn| {
        let (user, address, from) = (user.clone(), address.clone(), from.clone());
        async move {
            if let Err(error) = address.is_still(&from, &user).await {
                return Step::from_error(error);
            }
            stepped(read_and_put(&user, &address, true, network, &turn).await)
        }
        .boxed_local()
    })
}

fn removing(user: UserId, address: Address) -> OnTarget {
    Rc::new(move |_, network, turn| {
        let (user, address) = (user.clone(), address.clone());
        async move { stepped(read_and_put(&user, &address, false, network, &turn).await) }
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
