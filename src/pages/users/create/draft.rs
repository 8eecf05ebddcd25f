//! What is typed of a new account, and how it is read.

use super::at_mas::{HowFar, MasOffer};
use super::name;
use super::send::Unanswered;
use crate::api::UserId;
use crate::api::users::{ExternalId, Threepid, UserChange};
use crate::browser::clock::BrowserRandom;
use crate::i18n::t;
use crate::import::passwords;
use crate::session::Session;
use crate::users::creation::NewAtMas;
use crate::widgets::address::threepid;
use leptos::prelude::*;

/// What has been typed. A handle: copies are the same.
#[derive(Clone, Copy)]
pub struct NewUserDraft {
    pub name: RwSignal<String>,
    pub displayname: RwSignal<String>,
    pub password: RwSignal<String>,
    /// Single sign-on only.
    pub no_password: RwSignal<bool>,
    pub admin: RwSignal<bool>,
    pub kind: RwSignal<String>,
    pub emails: RwSignal<String>,
    pub phones: RwSignal<String>,
    pub identities: RwSignal<String>,
    /// Whose the identity is, at MAS.
    pub provider: RwSignal<String>,
    pub errors: RwSignal<FieldErrors>,
    /// What was sent last, if nobody knows what came of it.
    pub lost: RwSignal<Option<Unanswered>>,
    /// How far the creation is at MAS, where it has stopped.
    pub before: RwSignal<Option<HowFar>>,
}

/// What is wrong with which field.
#[derive(Clone, Default, PartialEq)]
pub struct FieldErrors {
    pub name: Option<String>,
    pub password: Option<String>,
    pub emails: Option<String>,
    pub phones: Option<String>,
    pub identities: Option<String>,
}

impl NewUserDraft {
    /// Nothing as yet; with a password, where accounts may have one.
    pub fn new(offer: Option<&MasOffer>) -> Self {
        let text = || RwSignal::new(String::new());
        let draft = NewUserDraft {
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
            errors: RwSignal::new(FieldErrors::default()),
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
    pub fn is_there(self) -> bool {
        let begun = |before: &Option<HowFar>| matches!(before, Some(HowFar::Begun { .. }));
        self.before.with(begun)
    }

    /// Whether anything has been typed. Reactive.
    pub fn is_begun(self) -> bool {
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

/// What is typed, for MAS, as far as it can be read.
pub fn wanted(draft: NewUserDraft, offer: &MasOffer) -> NewAtMas {
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
pub fn read_for_mas(draft: NewUserDraft, offer: &MasOffer) -> Option<(UserId, NewAtMas)> {
    let mut errors = FieldErrors::default();
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
    let wrong = errors != FieldErrors::default();
    draft.errors.set(errors);
    user.ok().filter(|_| !wrong).map(|user| (user, wanted))
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
pub fn read(draft: NewUserDraft) -> Option<(UserId, UserChange)> {
    let mut errors = FieldErrors::default();
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
    let wrong = errors != FieldErrors::default();
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
