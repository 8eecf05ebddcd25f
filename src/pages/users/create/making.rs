//! Making the account that was typed, and showing what came of it.

use super::at_mas::{self, HowFar, MasOffer, Stopped};
use super::done::Created;
use super::draft::{FieldErrors, NewUserDraft, read, read_for_mas};
use super::send::{self, NotMade, at_field};
use crate::api::users::UserChange;
use crate::api::{ApiError, UserId};
use crate::i18n::t;
use crate::operations::given::{GivenPassword, GivenPasswords};
use crate::users::creation::{NewAtMas, Piece};
use crate::widgets::address::{Address, AddressOwner, ask_to_move};
use leptos::prelude::*;
use std::rc::Rc;
use std::sync::Arc;
use wasm_bindgen_futures::spawn_local;

/// What is typed, and what has become of it. A handle: copies are the same.
#[derive(Clone, Copy)]
pub struct NewUserForm {
    pub draft: NewUserDraft,
    /// Whether something is under way.
    pub busy: RwSignal<bool>,
    /// Why there is no account, where that is not said at a field.
    pub refused: RwSignal<Option<ApiError>>,
    /// What was made.
    pub created: RwSignal<Option<Created>>,
}

/// Makes the account, where the accounts are kept: what is wrong is said at its field, and what would take an address
/// from somebody is asked about.
pub fn save(new: NewUserForm, offer: Option<Arc<MasOffer>>) {
    let NewUserForm {
        draft,
        busy,
        refused,
        ..
    } = new;
    if busy.get_untracked() {
        return;
    }
    if let Some(offer) = offer {
        if let Some((user, wanted)) = read_for_mas(draft, &offer) {
            refused.set(None);
            make_at_mas(new, offer, user, wanted);
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
        let go = move || make(new, &user, &account, &found);
        match moved.is_empty() {
            true => go(),
            // It would move them without a word.
            false => ask_to_move(&moved, &to, Rc::new(go)),
        }
    });
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
fn make(new: NewUserForm, user: &UserId, account: &UserChange, found: &[(Address, AddressOwner)]) {
    // While the question was there the page may have been left.
    if new.busy.try_set(true).is_some() {
        return;
    }
    let (user, account, found) = (user.clone(), account.clone(), found.to_vec());
    spawn_local(async move {
        let before = new.draft.lost.try_get_untracked().flatten();
        let given = account.password.clone();
        let given = given.map(|password| GivenPassword::new(user.clone(), password));
        let outcome = send::create(&user, &account, &found, before).await;
        if new.busy.try_set(false).is_some() {
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
            Ok(missing) => new.created.set(Some(Created {
                user,
                password: account.password,
                missing,
            })),
            Err(NotMade { error, lost }) => {
                new.draft.lost.set(lost);
                match at_field(&error, &user) {
                    Some(problem) => new
                        .draft
                        .errors
                        .update(|errors| errors.name = Some(problem)),
                    None => new.refused.set(Some(error)),
                }
            }
        }
    });
}

/// Makes it at MAS, or goes on with it, and shows what came of it.
fn make_at_mas(new: NewUserForm, offer: Arc<MasOffer>, user: UserId, wanted: NewAtMas) {
    new.busy.set(true);
    let before = new.draft.before.get_untracked();
    spawn_local(async move {
        let outcome = at_mas::create(&offer, &user, &wanted, before).await;
        if new.busy.try_set(false).is_some() {
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
            Ok(password) => new.created.set(Some(Created {
                user,
                password,
                missing: None,
            })),
            Err(stopped) => {
                new.draft.before.set(stopped.before.clone());
                new.draft.errors.update(|errors| {
                    if !put(errors, &stopped, &user) {
                        new.refused.set(Some(stopped.error.clone()));
                    }
                });
            }
        }
    });
}

/// Puts what MAS has refused at its field; whether there is one for it.
fn put(errors: &mut FieldErrors, stopped: &Stopped, user: &UserId) -> bool {
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
