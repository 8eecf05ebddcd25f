//! Making an account where Matrix Authentication Service keeps them: piece by piece, in the order of
//! [`creation`](crate::users::creation). What stops half-way says how far it is, and is gone on with.

use super::send::{LOOK_MS, LOOKS, in_use, may_be_there};
use crate::api::exchange::{Clock, Network};
use crate::api::mas::resource::Want;
use crate::api::mas::users::NewUser;
use crate::api::mas::{self, Ulid};
use crate::api::server::{MasAccess, Version};
use crate::api::users::{self, UserChange};
use crate::api::{ApiError, UserId};
use crate::browser::clock::BrowserClock;
use crate::i18n::t;
use crate::operations::Recorded;
use crate::pages::users::held::{id_of, patient};
use crate::pages::users::kept_addresses::{self, KeptAddress, ProviderName};
use crate::session::{Client, learn};
use crate::users::creation::{NewAtMas, Piece, left, note, password};
use std::error::Error;
use std::fmt;
use std::sync::Arc;

/// What MAS lets a new account have.
pub struct MasOffer {
    mas: MasAccess,
    /// Whether people log in with passwords there.
    pub passwords: bool,
    /// The providers of single sign-on.
    pub providers: Vec<ProviderName>,
}

/// Asks for it; `None` where the homeserver keeps the accounts, or this session may not ask.
pub async fn offer() -> Result<Option<Arc<MasOffer>>, ApiError> {
    let server = learn::capabilities().await?;
    let Some(mas) = server.mas().cloned() else {
        return Ok(None);
    };
    let client = Client::get();
    let config = client.send(mas::site_config(&mas.base)).await?;
    let providers = kept_addresses::providers(&client, &mas.base, Some(true)).await?;
    Ok(Some(Arc::new(MasOffer {
        mas,
        passwords: config.password_login_enabled,
        providers,
    })))
}

/// How far an earlier try has come.
#[derive(Clone, PartialEq)]
pub enum HowFar {
    /// It was sent, and nobody knows whether the account is there. The name was free.
    Lost(UserId),
    /// The account is there.
    Begun {
        user: UserId,
        id: Ulid,
        done: Vec<Piece>,
    },
}

impl HowFar {
    /// The password that the account has by now.
    pub fn password(&self) -> Option<&str> {
        match self {
            HowFar::Lost(_) => None,
            HowFar::Begun { done, .. } => password(done),
        }
    }
}

/// Why an account is not whole.
#[derive(Debug)]
pub struct Stopped {
    pub error: ApiError,
    /// What could not be done.
    pub at: Piece,
    /// Nothing if there is no account.
    pub before: Option<HowFar>,
}

impl fmt::Debug for HowFar {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            HowFar::Lost(user) => write!(f, "{user} may be there"),
            HowFar::Begun { user, done, .. } => write!(f, "{user} has {done:?}"),
        }
    }
}

impl fmt::Display for Stopped {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "stopped at {:?}: {}", self.at, self.error)
    }
}

impl Error for Stopped {}

/// Makes an account, or goes on with one. Answers with the password that it has.
pub async fn create(
    offer: &MasOffer,
    user: &UserId,
    wanted: &NewAtMas,
    before: Option<HowFar>,
) -> Result<Option<String>, Stopped> {
    let network = Recorded::new(&t::create_job(user.as_str())).about(user);
    let (mut id, mut done) = match &before {
        Some(HowFar::Begun { user: of, id, done }) if of == user => {
            (Some(id.clone()), done.clone())
        }
        _ => (None, Vec::new()),
    };
    let is_lost = before == Some(HowFar::Lost(user.clone()));
    for piece in left(wanted, &done) {
        let outcome = match &id {
            None => match make(&network, &offer.mas, user, wanted, is_lost).await {
                Ok(made) => {
                    id = Some(made);
                    Ok(())
                }
                Err(stopped) => return Err(stopped),
            },
            Some(id) => give(&network, offer, user, id, &piece).await,
        };
        if let Err(error) = outcome {
            let before = id.map(|id| HowFar::Begun {
                user: user.clone(),
                id,
                done,
            });
            return Err(Stopped {
                error,
                at: piece,
                before,
            });
        }
        let came_along = wanted
            .displayname
            .clone()
            .filter(|_| piece == Piece::Account && takes_name(&offer.mas));
        note(&mut done, piece);
        if let Some(name) = came_along {
            note(&mut done, Piece::Name(name));
        }
    }
    Ok(password(&done).map(str::to_owned))
}

/// Whether the display name goes along with the account. An older MAS passes over it, as may one that does not
/// say how old it is.
fn takes_name(mas: &MasAccess) -> bool {
    mas.version
        .is_some_and(|version| version >= Version(1, 18, 0))
}

/// Makes the bare account, if its name is free; `is_lost`: an earlier try may have made it.
async fn make(
    network: &Recorded,
    mas: &MasAccess,
    user: &UserId,
    wanted: &NewAtMas,
    is_lost: bool,
) -> Result<Ulid, Stopped> {
    let stopped = |error, before| Stopped {
        error,
        at: Piece::Account,
        before,
    };
    let lost = || Some(HowFar::Lost(user.clone()));
    let still = || lost().filter(|_| is_lost);
    let there = async || id_of(patient(&Client::get()), &mas.base, user).await;
    match there().await {
        Ok(Some(id)) if is_lost => {
            return match is_bare(&mas.base, user, &id).await {
                Ok(true) => Ok(id),
                Ok(false) => Err(stopped(in_use(), None)),
                Err(error) => Err(stopped(error, still())),
            };
        }
        Ok(Some(_)) => return Err(stopped(in_use(), None)),
        Ok(None) => {}
        Err(error) => return Err(stopped(error, still())),
    }
    let new = NewUser {
        username: user.localpart().to_owned(),
        displayname: wanted.displayname.clone(),
    };
    let request = mas::users::create(&mas.base, &new);
    let error = match patient(network).send(request).await {
        Ok(one) => return Ok(one.data.id),
        Err(error) => error,
    };
    match error.status() {
        Some(400) if error.is_of_mas() => return Err(stopped(invalid(), None)),
        // It was free right before. Where the first answer is lost, a browser may send it once more by itself: then
        // it is our own account that is in the way.
        Some(409) if error.is_of_mas() => {
            return match there().await {
                Ok(Some(id)) => match is_bare(&mas.base, user, &id).await {
                    Ok(true) => Ok(id),
                    Ok(false) => Err(stopped(in_use(), None)),
                    Err(error) => Err(stopped(error, lost())),
                },
                Ok(None) => Err(stopped(in_use(), None)),
                Err(error) => Err(stopped(error, lost())),
            };
        }
        _ if !may_be_there(&error) => return Err(stopped(error, None)),
        _ => {}
    }
    for _ in 0..LOOKS {
        BrowserClock.sleep(LOOK_MS).await;
        match there().await {
            Ok(Some(id)) => return Ok(id),
            // MAS itself has said that it could not, and that it is not there.
            Ok(None) if matches!(error, ApiError::Matrix { .. }) => {
                return Err(stopped(error, None));
            }
            Ok(None) => {}
            Err(trouble) => return Err(stopped(trouble, lost())),
        }
    }
    Err(stopped(error, lost()))
}

/// Whether an account that is there after a lost answer is as this makes it. Somebody else may have had the name in
/// the meantime, and would have given it something.
async fn is_bare(base: &str, user: &UserId, id: &Ulid) -> Result<bool, ApiError> {
    let client = Client::get();
    let found = client
        .send(mas::users::get(base, id))
        .await?
        .data
        .attributes;
    let filter = mas::emails::EmailFilter {
        user: Some(id.clone()),
        ..Default::default()
    };
    let addresses = mas::emails::list(base, &filter, &Want::first(1));
    let addresses = client.send(addresses).await?.data;
    let is_open = found.locked_at.is_none() && found.deactivated_at.is_none();
    let is_same = found.username == user.localpart();
    Ok(is_same && is_open && !found.admin && addresses.is_empty())
}

fn invalid() -> ApiError {
    ApiError::Matrix {
        status: 400,
        errcode: "M_INVALID_USERNAME".to_owned(),
        message: String::new(),
    }
}

/// Does one of the other pieces.
async fn give(
    network: &Recorded,
    offer: &MasOffer,
    user: &UserId,
    id: &Ulid,
    piece: &Piece,
) -> Result<(), ApiError> {
    let base = &offer.mas.base;
    let sending = patient(network);
    let any: &dyn Network = network;
    match piece {
        Piece::Account => Ok(()),
        Piece::Password(password) => {
            let request = mas::users::set_password(base, id, password, false);
            sending.send(request).await.map(drop)
        }
        Piece::Email(email) => KeptAddress::email(email.clone()).give(any, base, id).await,
        Piece::Identity(provider, subject) => {
            let known = offer.providers.iter().find(|(id, _)| id == provider);
            let unnamed = || (provider.clone(), provider.to_string());
            let provider = known.cloned().unwrap_or_else(unnamed);
            let identity = KeptAddress::identity(provider, subject.clone());
            identity.give(any, base, id).await
        }
        Piece::Admin => {
            let request = mas::users::set_admin(base, id, true);
            sending.send(request).await.map(drop)
        }
        Piece::Name(name) => {
            let change = UserChange {
                displayname: Some(name.clone()),
                ..Default::default()
            };
            sending.send(users::put(user, &change)).await.map(drop)
        }
    }
}

/// A piece as a person knows it.
pub fn words(piece: &Piece) -> String {
    match piece {
        Piece::Account => t::user_card_account(),
        Piece::Password(_) => t::create_password(),
        Piece::Email(text) | Piece::Identity(_, text) => text.clone(),
        Piece::Admin => t::create_admin(),
        Piece::Name(_) => t::users_name(),
    }
}
