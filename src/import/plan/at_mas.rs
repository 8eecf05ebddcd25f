//! What becomes of a row's values where not the homeserver keeps the accounts, or where nobody logs in with a
//! password.

use super::PlanOptions;
use crate::api::mas::Ulid;
use crate::api::mas::resource::Resource;
use crate::api::mas::upstream::Provider;
use crate::api::users::ExternalId;
use crate::import::task::Untaken;
use crate::import::validate::{Candidate, ProblemKind};
use std::borrow::Cow;

/// What Synapse puts before the name of a provider.
const PREFIX: &str = "oidc-";

/// A provider of single sign-on that Matrix Authentication Service has, and what a file may call it.
#[derive(Clone, Debug, PartialEq)]
pub struct SignInProvider {
    id: Ulid,
    names: Vec<String>,
}

impl SignInProvider {
    /// By its ID, its name or its issuer.
    pub fn of(told: Resource<Provider>) -> Self {
        let names = [told.attributes.human_name, told.attributes.issuer];
        SignInProvider {
            id: told.id,
            names: names.into_iter().flatten().collect(),
        }
    }

    fn is_called(&self, name: &str) -> bool {
        self.id.as_str().eq_ignore_ascii_case(name) || self.names.iter().any(|known| known == name)
    }
}

/// The provider that a file calls so; `None` where none or more than one is.
fn provider<'a>(name: &str, known: &'a [SignInProvider]) -> Option<&'a SignInProvider> {
    let bare = name.strip_prefix(PREFIX).unwrap_or(name);
    let mut found = known
        .iter()
        .filter(|one| one.is_called(name) || one.is_called(bare));
    found.next().filter(|_| found.next().is_none())
}

/// The row without what nobody takes, and what that is. External IDs are those of the providers that Matrix
/// Authentication Service has, by its IDs of them; of a row's that are not all known none is sent, as
/// those that are not in the list would be taken from the account.
pub(super) fn fit<'a>(
    candidate: &'a Candidate,
    options: &PlanOptions,
) -> (Cow<'a, Candidate>, Vec<Untaken>) {
    let mut fitted = Cow::Borrowed(candidate);
    let mut left = Vec::new();
    if options.passwords_are_off && candidate.password.is_some() {
        fitted.to_mut().password = None;
        left.push(Untaken::Password);
    }
    if options.server.mas().is_none() {
        return (fitted, left);
    }
    if let Some(threepids) = &candidate.threepids {
        let (emails, phones): (Vec<_>, Vec<_>) = threepids
            .iter()
            .cloned()
            .partition(|threepid| threepid.medium == "email");
        if !phones.is_empty() {
            left.push(Untaken::Phone);
        }
        let fitted = fitted.to_mut();
        fitted.threepids = Some(emails).filter(|emails| !emails.is_empty());
        fitted.keeps_medium = None;
    }
    if let Some(wanted) = &candidate.external_ids {
        let at_mas = |wanted: &ExternalId| {
            let provider = provider(&wanted.auth_provider, &options.providers)?;
            Some(ExternalId {
                auth_provider: provider.id.to_string(),
                external_id: wanted.external_id.clone(),
            })
        };
        let mapped: Option<Vec<ExternalId>> = wanted.iter().map(at_mas).collect();
        if mapped.is_none() {
            left.push(Untaken::ExternalId);
        }
        fitted.to_mut().external_ids = mapped;
    }
    (fitted, left)
}

impl PlanOptions {
    /// Why what Matrix Authentication Service decides cannot be sent for an account, if so. `is_there` is whether
    /// it has the account.
    pub(super) fn not_at_mas(&self, is_there: bool) -> Option<ProblemKind> {
        match (self.server.delegated_auth, self.server.mas()) {
            (false, _) => None,
            (true, None) => Some(ProblemKind::MovedToMas),
            (true, Some(_)) => (!is_there).then_some(ProblemKind::NotAtMas),
        }
    }
}
