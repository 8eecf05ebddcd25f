//! Whose an identity of single sign-on is. Where Matrix Authentication Service keeps the accounts it knows, and what
//! Synapse has of it is from before.

use super::kept_addresses::{self, KeptAddress};
use crate::api::mas::users as mas_users;
use crate::api::server::{Capabilities, Feature, Lack};
use crate::api::users::{self, ExternalId};
use crate::api::{ApiError, UserId};
use crate::session::Client;
use crate::widgets::mas_names;

/// Whose it is, as far as whoever keeps it tells.
pub enum IdentityOwner {
    Is(UserId),
    Nobody,
    /// There is no provider of this name.
    NoProvider,
    /// Nobody can be asked here.
    Unknown(Lack),
}

/// Asks whose it is, whoever keeps it.
pub async fn owner_of(id: &ExternalId, server: &Capabilities) -> Result<IdentityOwner, ApiError> {
    if let Some(lack) = server.lack(Feature::FindByExternalId) {
        return Ok(IdentityOwner::Unknown(lack));
    }
    let client = Client::get();
    let Some(mas) = server.mas() else {
        let asked = client.send(users::by_external_id(id)).await;
        let owner = ApiError::if_there(asked)?;
        return Ok(owner.map_or(IdentityOwner::Nobody, |owner| {
            IdentityOwner::Is(owner.user_id)
        }));
    };
    let base = mas.base.as_str();
    let providers = kept_addresses::providers_called(&client, base, &id.auth_provider).await?;
    if providers.is_empty() {
        return Ok(IdentityOwner::NoProvider);
    }
    for provider in providers {
        let identity = KeptAddress::identity(provider, id.external_id.clone());
        let Some(owner) = identity.owner(&client, base).await? else {
            continue;
        };
        let found = ApiError::if_there(client.send(mas_users::get(base, &owner)).await)?;
        let user = found.and_then(|one| mas_names::account(&one.data.attributes.username));
        if let Some(user) = user {
            return Ok(IdentityOwner::Is(user));
        }
    }
    Ok(IdentityOwner::Nobody)
}
