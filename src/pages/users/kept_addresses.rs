//! The addresses that Matrix Authentication Service keeps of accounts: e-mail, and accounts at providers of single
//! sign-on.

use super::held::{id_of, patient};
use crate::api::exchange::Network;
use crate::api::mas::addresses::MasAddress;
use crate::api::mas::resource::Want;
use crate::api::mas::upstream::Provider;
use crate::api::mas::{Resource, Ulid, emails, upstream};
use crate::api::{ApiError, UserId};
use crate::i18n::t;
use crate::widgets::mas_names;

/// A provider of single sign-on, by its ID, and what people call it.
pub type ProviderName = (Ulid, String);

/// Something by which MAS knows a person, and what people call it.
#[derive(Clone, Debug, PartialEq)]
pub struct KeptAddress {
    at_mas: MasAddress,
    text: String,
}

/// What cannot be done with an address, in words.
fn refused(status: u16, message: String) -> ApiError {
    ApiError::Matrix {
        status,
        errcode: "M_THREEPID_DENIED".to_owned(),
        message,
    }
}

impl KeptAddress {
    /// An e-mail address.
    pub fn email(address: String) -> Self {
        KeptAddress {
            at_mas: MasAddress::Email(address.clone()),
            text: address,
        }
    }

    /// An account at a provider, by what the provider calls it.
    pub fn identity((provider, name): ProviderName, subject: String) -> Self {
        KeptAddress {
            text: format!("{name}: {subject}"),
            at_mas: MasAddress::Identity { provider, subject },
        }
    }

    /// Whether it is an e-mail address.
    pub fn is_email(&self) -> bool {
        matches!(self.at_mas, MasAddress::Email(_))
    }

    /// As a person knows it.
    pub fn text(&self) -> String {
        self.text.clone()
    }

    /// Whose it is; `None` if it is nobody's.
    pub async fn owner(&self, network: &dyn Network, base: &str) -> Result<Option<Ulid>, ApiError> {
        let found = self.at_mas.find(network, base).await?;
        Ok(found.and_then(|found| found.owner))
    }

    /// Gives it to this account. Done as well if the account has it by then, and whatever of an answer that it is
    /// done we understand.
    ///
    /// # Errors
    /// With the status 409 if somebody else has it, and 400 if MAS does not take it, in words.
    pub async fn give(&self, network: &dyn Network, base: &str, to: &Ulid) -> Result<(), ApiError> {
        let Err(error) = self.at_mas.give(network, base, to).await else {
            return Ok(());
        };
        match error.status() {
            Some(400) if error.is_of_mas() => {
                return Err(refused(400, t::kept_address_refused(&self.text())));
            }
            Some(409) if error.is_of_mas() => {}
            // It may have been carried out, and must not be sent twice.
            _ if error.may_be_under_way() => {}
            _ => return Err(error),
        }
        match self.owner(network, base).await? {
            Some(owner) if owner == *to => Ok(()),
            Some(owner) => {
                let owner = name_of(base, &owner).await;
                Err(refused(409, t::contact_taken_which(&self.text(), &owner)))
            }
            None => Err(error),
        }
    }

    /// Takes it from this account. Done as well if the account does not have it any more.
    pub async fn take(
        &self,
        network: &dyn Network,
        base: &str,
        from: &Ulid,
    ) -> Result<(), ApiError> {
        match self.at_mas.find(network, base).await? {
            Some(found) if found.owner.as_ref() == Some(from) => {
                self.at_mas.remove(network, base, &found.id).await
            }
            _ => Ok(()),
        }
    }
}

/// What the account with this ID is called, as far as MAS tells.
pub async fn name_of(base: &str, id: &Ulid) -> String {
    let names = mas_names::users(base, [id.clone()]).await;
    let user = names.get(id).and_then(|name| mas_names::account(name));
    user.map_or_else(t::contact_another, |user| user.to_string())
}

/// The providers of single sign-on that MAS has, with what people call them.
pub async fn providers(
    network: &dyn Network,
    base: &str,
    enabled: Option<bool>,
) -> Result<Vec<ProviderName>, ApiError> {
    let found = all_providers(network, base, enabled).await?;
    Ok(found.into_iter().map(named).collect())
}

/// Those that a person means who names one like that, or by its ID: see [`Provider::is_called`].
pub async fn providers_called(
    network: &dyn Network,
    base: &str,
    name: &str,
) -> Result<Vec<ProviderName>, ApiError> {
    let found = all_providers(network, base, None).await?.into_iter();
    let called = found.filter(|one| one.id.as_str() == name || one.attributes.is_called(name));
    Ok(called.map(named).collect())
}

async fn all_providers(
    network: &dyn Network,
    base: &str,
    enabled: Option<bool>,
) -> Result<Vec<Resource<Provider>>, ApiError> {
    let ask = |want: &Want| upstream::providers(base, enabled, want);
    patient(network).all_of_mas(ask, &|_, _| ()).await
}

fn named(one: Resource<Provider>) -> ProviderName {
    let of = one.attributes;
    let names = [of.human_name, of.issuer, of.brand_name];
    let name = names.into_iter().flatten().find(|name| !name.is_empty());
    let name = name.unwrap_or_else(|| one.id.to_string());
    (one.id, name)
}

/// What MAS keeps of an account besides the account itself.
pub struct KeptOf {
    pub id: Ulid,
    /// In the order in which they were added.
    pub addresses: Vec<KeptAddress>,
    /// Those that an account can be linked with.
    pub providers: Vec<ProviderName>,
}

/// The addresses of an account; `None` if only the homeserver knows the account.
pub async fn of(
    network: &dyn Network,
    base: &str,
    user: &UserId,
) -> Result<Option<KeptOf>, ApiError> {
    let Some(id) = id_of(patient(network), base, user).await? else {
        return Ok(None);
    };
    let all = providers(network, base, None).await?;
    let filter = emails::EmailFilter {
        user: Some(id.clone()),
        ..Default::default()
    };
    let ask = |want: &Want| emails::list(base, &filter, want);
    let emails = patient(network).all_of_mas(ask, &|_, _| ()).await?;
    let filter = upstream::LinkFilter {
        user: Some(id.clone()),
        ..Default::default()
    };
    let ask = |want: &Want| upstream::links(base, &filter, want);
    let links = patient(network).all_of_mas(ask, &|_, _| ()).await?;
    let emails = emails.into_iter();
    let emails = emails.map(|one| KeptAddress::email(one.attributes.email));
    let links = links.into_iter().map(|one| {
        let of = one.attributes.provider_id;
        let known = all.iter().find(|(id, _)| *id == of).cloned();
        let provider = known.unwrap_or_else(|| (of.clone(), of.to_string()));
        KeptAddress::identity(provider, one.attributes.subject)
    });
    Ok(Some(KeptOf {
        id,
        addresses: emails.chain(links).collect(),
        providers: all,
    }))
}
