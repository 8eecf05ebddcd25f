//! What MAS knows a person by, of either kind: e-mail addresses, and accounts at providers of single sign-on.

use super::resource::Want;
use super::{Ulid, emails, upstream};
use crate::api::ApiError;
use crate::api::exchange::{Network, done_once, send_once};

/// Something by which MAS knows a person. It is one account's at most.
#[derive(Clone, Debug, PartialEq)]
pub enum MasAddress {
    Email(String),
    Identity {
        provider: Ulid,
        /// What the provider calls the account.
        subject: String,
    },
}

/// An address that MAS has.
#[derive(Clone, Debug, PartialEq)]
pub struct FoundAddress {
    pub id: Ulid,
    /// `None`: MAS knows it, and it is nobody's.
    pub owner: Option<Ulid>,
}

impl MasAddress {
    /// Where MAS has it; `None` if it has not.
    ///
    /// # Errors
    ///
    /// What the request ends with.
    pub async fn find(
        &self,
        network: &dyn Network,
        base: &str,
    ) -> Result<Option<FoundAddress>, ApiError> {
        let want = Want::first(1);
        match self {
            MasAddress::Email(email) => {
                let filter = emails::EmailFilter {
                    email: Some(email.clone()),
                    ..Default::default()
                };
                let page = send_once(network, emails::list(base, &filter, &want)).await?;
                Ok(page.data.into_iter().next().map(|found| FoundAddress {
                    id: found.id,
                    owner: Some(found.attributes.user_id),
                }))
            }
            MasAddress::Identity { provider, subject } => {
                let filter = upstream::LinkFilter {
                    provider: Some(provider.clone()),
                    subject: Some(subject.clone()),
                    ..Default::default()
                };
                let page = send_once(network, upstream::links(base, &filter, &want)).await?;
                Ok(page.data.into_iter().next().map(|found| FoundAddress {
                    id: found.id,
                    owner: found.attributes.user_id,
                }))
            }
        }
    }

    /// Gives it to an account, once. Done whatever of an answer that it is done we understand.
    ///
    /// # Errors
    ///
    /// What the request ends with: 409 of MAS if it is somebody's, perhaps this account's by an earlier request of
    /// whose answer nobody knows, which [`MasAddress::find`] tells; 400 if MAS does not take it; 404 if there is no
    /// such account or provider.
    pub async fn give(&self, network: &dyn Network, base: &str, to: &Ulid) -> Result<(), ApiError> {
        match self {
            MasAddress::Email(email) => done_once(network, emails::add(base, to, email)).await,
            MasAddress::Identity { provider, subject } => {
                let request = upstream::link(base, to, provider, subject, None);
                done_once(network, request).await
            }
        }
    }

    /// Takes away what [`MasAddress::find`] has found.
    ///
    /// # Errors
    ///
    /// What the request ends with, but for 404: then it is gone.
    pub async fn remove(
        &self,
        network: &dyn Network,
        base: &str,
        found: &Ulid,
    ) -> Result<(), ApiError> {
        let request = match self {
            MasAddress::Email(_) => emails::delete(base, found),
            MasAddress::Identity { .. } => upstream::unlink(base, found),
        };
        ApiError::if_there(send_once(network, request).await).map(drop)
    }
}
