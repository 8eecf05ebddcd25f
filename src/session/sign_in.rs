//! From a password or a token to an account that is surely an administrator's.

use super::account::OAuth;
use super::config::{config_now, verdict};
use super::refresh::end_behind;
use super::sign_out::{end_grant, revoke};
use super::wire::Wire;
use super::{Account, Session, twins};
use crate::api::authorization::SYNAPSE_ADMIN;
use crate::api::exchange::send_once;
use crate::api::login::Offers;
use crate::api::oauth::{self, Tokens};
use crate::api::server::Capabilities;
use crate::api::users::{self, ListUsers};
use crate::api::{ApiError, HomeserverUrl, Request, UserId, discovery, login, server};
use futures_util::future::join;
use std::error::Error;
use std::fmt;
use wasm_bindgen_futures::spawn_local;

/// A way to sign in.
#[derive(Clone)]
pub enum SignInWith {
    Password {
        user: UserId,
        password: String,
    },
    /// With the token that single sign-on ends with.
    LoginToken(String),
    AccessToken(String),
    /// With tokens that Matrix Authentication Service has given.
    OAuth {
        tokens: Tokens,
        oauth: OAuth,
    },
}

/// What has become of the session that a log-in began which came to nothing.
#[derive(Clone, Debug, PartialEq)]
pub enum Afterwards {
    /// None was begun: the token was brought, or nothing was taken.
    NoSession,
    /// It has ended.
    Ended,
    /// Its server has not said that it has ended: this one.
    Unsure(HomeserverUrl),
}

/// A log-in that came to nothing.
#[derive(Clone, Debug, PartialEq)]
pub struct SignInFailure {
    pub why: SignInError,
    pub afterwards: Afterwards,
}

impl From<SignInError> for SignInFailure {
    fn from(why: SignInError) -> Self {
        SignInFailure {
            why,
            afterwards: Afterwards::NoSession,
        }
    }
}

impl fmt::Display for SignInFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.why.fmt(f)?;
        match &self.afterwards {
            Afterwards::Unsure(url) => write!(f, "; the session may live on at {url}"),
            Afterwards::NoSession | Afterwards::Ended => Ok(()),
        }
    }
}

impl Error for SignInFailure {}

impl SignInFailure {
    /// The server has been told to end the session that was begun; whether it has said that it did.
    fn after(why: SignInError, homeserver: HomeserverUrl, ended: bool) -> Self {
        let afterwards = match ended {
            true => Afterwards::Ended,
            false => Afterwards::Unsure(homeserver),
        };
        SignInFailure { why, afterwards }
    }
}

/// Why nobody was signed in.
#[derive(Clone, Debug, PartialEq)]
pub enum SignInError {
    /// A browser does not let an `https` page call a plain `http` server.
    MixedContent,
    /// The secret would be sent so that everybody on the way can read it, which nobody has said
    /// is meant.
    Unencrypted(HomeserverUrl),
    /// What answers at the address is no homeserver, if anything does: the secret stays here.
    NoHomeserver(HomeserverUrl, ApiError),
    /// Wrong user name or password, or the account is deactivated: the server does not say.
    WrongPassword,
    /// The account is deactivated.
    Deactivated,
    /// The account is locked.
    Locked,
    /// The access token is not known to the server.
    WrongToken,
    /// The token of single sign-on is used, too old or made up: the server does not say.
    SpentLoginToken,
    /// Signed in, but the account is no server administrator.
    NotAdmin {
        user: UserId,
    },
    /// Signed in with Matrix Authentication Service, which has not granted this account the right to
    /// administer the homeserver.
    NotGranted {
        user: UserId,
    },
    /// The homeserver speaks Matrix but does not answer the Admin API: not Synapse, or its
    /// proxy does not forward it.
    NoAdminApi(ApiError),
    /// The deployment is for other homeservers: for these.
    Restricted(Vec<HomeserverUrl>),
    /// It has homeservers for which the panel is, and one that may be this could not be asked.
    RestrictedUnasked(Vec<HomeserverUrl>),
    /// Another person than the one whose session is to go on.
    OtherUser {
        user: UserId,
    },
    Other(ApiError),
}

impl SignInError {
    /// Whether it says what is wrong with the server, or that the panel is for others.
    pub fn is_of_server(&self) -> bool {
        match self {
            SignInError::MixedContent
            | SignInError::NoHomeserver(..)
            | SignInError::NoAdminApi(_)
            | SignInError::Restricted(_)
            | SignInError::RestrictedUnasked(_) => true,
            SignInError::Other(error) => error.is_no_answer(),
            _ => false,
        }
    }
}

impl fmt::Display for SignInError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            SignInError::MixedContent => f.write_str("an https page cannot call an http server"),
            SignInError::Unencrypted(url) => {
                write!(f, "{url} would be sent the secret in the clear")
            }
            SignInError::NoHomeserver(url, error) => write!(f, "no homeserver at {url}: {error}"),
            SignInError::WrongPassword => f.write_str("wrong user name or password"),
            SignInError::Deactivated => f.write_str("the account is deactivated"),
            SignInError::Locked => f.write_str("the account is locked"),
            SignInError::WrongToken => f.write_str("the server does not know the access token"),
            SignInError::SpentLoginToken => f.write_str("the server does not take the login token"),
            SignInError::NotAdmin { user } => write!(f, "{user} is not a server administrator"),
            SignInError::NotGranted { user } => write!(f, "{user} was not granted the Admin API"),
            SignInError::NoAdminApi(error) => write!(f, "the Admin API does not answer: {error}"),
            SignInError::Restricted(_) => f.write_str("the deployment is for other homeservers"),
            SignInError::RestrictedUnasked(_) => {
                f.write_str("nobody says whether the deployment is for this homeserver")
            }
            SignInError::OtherUser { user } => write!(f, "{user} is not whose session it is"),
            SignInError::Other(error) => error.fmt(f),
        }
    }
}

impl Error for SignInError {}

/// Asks with patience; what is typed into a form gets an answer at once ([`send_once`]), a wait as well.
async fn ask<T>(wire: &Wire, request: Request<T>) -> Result<T, ApiError> {
    wire.patient().send(request).await
}

/// What is known of a server before anybody has signed in.
#[derive(Clone, Debug, PartialEq)]
pub struct ServerInfo {
    pub capabilities: Capabilities,
    /// Why the Admin API does not answer, if so.
    pub admin_api: Result<(), ApiError>,
    /// The ways in that it offers.
    pub offers: Offers,
}

/// Whether a homeserver answers here.
pub async fn answers(homeserver: &HomeserverUrl) -> bool {
    let wire = Wire {
        homeserver: homeserver.clone(),
        token: None,
    };
    let versions = server::spec_versions().timeout_ms(15_000);
    send_once(&wire, versions).await.is_ok()
}

/// Looks at a homeserver: does it speak Matrix, which Synapse is it, how can one sign in?
pub async fn look_at(homeserver: &HomeserverUrl) -> Result<ServerInfo, ApiError> {
    let wire = Wire {
        homeserver: homeserver.clone(),
        token: None,
    };
    let spec = send_once(&wire, server::spec_versions().timeout_ms(15_000)).await?;
    let (version, flows) = join(
        ask(&wire, server::version().timeout_ms(15_000)),
        ask(&wire, login::flows().timeout_ms(15_000)),
    )
    .await;
    // Most servers keep their accounts themselves, and a browser complains of each 404.
    let may_delegate = flows.as_ref().map_or(true, login::Flows::may_be_delegated);
    let delegated_auth = flows.as_ref().is_ok_and(login::Flows::is_delegated)
        || may_delegate
            && (send_once(&wire, discovery::auth_metadata().timeout_ms(15_000))
                .await
                .is_ok()
                // Before Synapse 1.138 it has another name.
                || flows.is_err()
                    && send_once(&wire, oauth::unstable_metadata().timeout_ms(15_000))
                        .await
                        .is_ok());
    let offers = Offers::new(flows.as_ref().ok(), delegated_auth);
    let without_passwords = flows.is_ok_and(|flows| !flows.offers("m.login.password"));
    let (mut capabilities, admin_api) = match version {
        Ok(version) => (Capabilities::new(&version, spec, delegated_auth), Ok(())),
        Err(error) => (
            Capabilities {
                spec,
                delegated_auth,
                ..Default::default()
            },
            Err(error),
        ),
    };
    capabilities.without_passwords = without_passwords;
    Ok(ServerInfo {
        capabilities,
        admin_api,
        offers,
    })
}

/// Whether a homeserver may be sent a secret, or somebody who gets one there: it has answered as one
/// with an Admin API, whoever runs the panel allows it, and plain `http` is meant: `plain` names
/// the homeserver for which somebody has said so. What it can do.
pub async fn may_sign_in(
    homeserver: &HomeserverUrl,
    plain: Option<&HomeserverUrl>,
) -> Result<Capabilities, SignInError> {
    let page_protocol = leptos::prelude::window()
        .location()
        .protocol()
        .unwrap_or_default();
    if homeserver.is_blocked_from(&page_protocol) {
        return Err(SignInError::MixedContent);
    }
    let only = || config_now().homeservers.clone();
    match verdict(homeserver).await {
        Some(true) => {}
        Some(false) => return Err(SignInError::Restricted(only())),
        None => return Err(SignInError::RestrictedUnasked(only())),
    }
    if homeserver.is_plain() && plain != Some(homeserver) {
        return Err(SignInError::Unencrypted(homeserver.clone()));
    }
    let info = look_at(homeserver)
        .await
        .map_err(|error| SignInError::NoHomeserver(homeserver.clone(), error))?;
    info.admin_api.map_err(SignInError::NoAdminApi)?;
    Ok(info.capabilities)
}

/// Signs in, checks that the account is an administrator's and begins the session. A session
/// that turns out to be of no use is ended on the server as well.
///
/// The secret is sent only where [`may_sign_in`] lets it go.
///
/// `only` is the user whose interrupted session is to go on, if that is what is wanted: on its device,
/// where the homeserver gives the tokens itself, or else it ends.
pub async fn sign_in(
    session: Session,
    homeserver: HomeserverUrl,
    way: SignInWith,
    stay_signed_in: bool,
    only: Option<UserId>,
    plain: Option<HomeserverUrl>,
) -> Result<(), SignInFailure> {
    let capabilities = may_sign_in(&homeserver, plain.as_ref()).await?;
    let anonymous = Wire {
        homeserver: homeserver.clone(),
        token: None,
    };
    // A session whose token was brought is not ours to go on with, nor to end.
    let old = session.account_now().filter(|old| !old.brought);
    let device = old.as_ref().and_then(|old| {
        let goes_on = only.as_ref() == Some(&old.user_id) && old.homeserver == homeserver;
        let device = old.device_id.as_deref().filter(|_| old.oauth.is_none());
        device.filter(|_| goes_on)
    });
    let made_here = !matches!(way, SignInWith::AccessToken(_));
    let log_in = async |request: Request<login::Login>, if_forbidden| {
        let login = send_once(&anonymous, request)
            .await
            .map_err(|error| refused(error, if_forbidden))?;
        Ok::<_, SignInError>(Account {
            user_id: login.user_id,
            homeserver: homeserver.clone(),
            access_token: login.access_token,
            device_id: login.device_id,
            refresh_token: login.refresh_token,
            renew_at_ms: login.expires_in_ms.map(Account::renew_at),
            stay_signed_in,
            oauth: None,
            brought: false,
        })
    };
    let account = match way {
        SignInWith::Password { user, password } => {
            let request = login::with_password_on(device, &user, &password);
            log_in(request, SignInError::WrongPassword).await?
        }
        SignInWith::LoginToken(token) => {
            let request = login::with_token(device, &token);
            log_in(request, SignInError::SpentLoginToken).await?
        }
        SignInWith::AccessToken(token) => of_token(&anonymous, stay_signed_in, token).await?,
        SignInWith::OAuth { tokens, oauth } => {
            let renew_at_ms = tokens
                .expires_in
                .map(|seconds| Account::renew_at(seconds.saturating_mul(1000)));
            let account = of_token(&anonymous, stay_signed_in, tokens.access_token.clone()).await;
            let with_grant = |account| Account {
                refresh_token: tokens.refresh_token.clone(),
                renew_at_ms,
                oauth: Some(oauth.clone()),
                brought: false,
                ..account
            };
            match account {
                Ok(account) => with_grant(account),
                Err(error) => {
                    let ended = end_grant(&homeserver, &oauth, &tokens).await;
                    return Err(SignInFailure::after(error, homeserver, ended));
                }
            }
        }
    };
    let wire = Wire {
        homeserver: account.homeserver.clone(),
        token: Some(account.access_token.clone()),
    };
    let is_again = only.is_some();
    let checked = check(&wire, &account, only, &capabilities).await;
    match checked {
        Ok(()) => {
            let old = session.account_now();
            // Without that, another tab may live on with what is kept here.
            let old = old.filter(|old| is_again && old.whose() == account.whose());
            let mut known = capabilities.clone();
            known.delegated_auth |= account.oauth.is_some();
            session.set_capabilities(known);
            session.begin(account.clone());
            if let Some(old) = old {
                // Other tabs wait as well.
                twins::tell(&old.access_token, &account);
                if !old.brought && !old.is_same(&account) {
                    spawn_local(async move { end_behind(&old, &capabilities).await });
                }
            }
            Ok(())
        }
        // A token that the person brought is theirs to keep.
        Err(error) if !made_here => Err(error.into()),
        // On a device that is to go on, and that to log out would delete.
        Err(error)
            if session
                .account_now()
                .is_some_and(|old| old.is_same(&account))
                && !matches!(
                    error,
                    SignInError::NotAdmin { .. }
                        | SignInError::NotGranted { .. }
                        | SignInError::OtherUser { .. }
                ) =>
        {
            Err(error.into())
        }
        Err(error) => {
            let ended = revoke(&account, &capabilities).await;
            Err(SignInFailure::after(error, homeserver, ended))
        }
    }
}

/// The account that a token is of.
async fn of_token(
    anonymous: &Wire,
    stay_signed_in: bool,
    token: String,
) -> Result<Account, SignInError> {
    let wire = Wire {
        homeserver: anonymous.homeserver.clone(),
        token: Some(token.clone()),
    };
    let me = send_once(&wire, login::who_am_i())
        .await
        .map_err(|error| match error {
            ApiError::TokenRefused { locked: true, .. } => SignInError::Locked,
            ApiError::TokenRefused { .. } => SignInError::WrongToken,
            other => SignInError::Other(other),
        })?;
    Ok(Account {
        user_id: me.user_id,
        homeserver: wire.homeserver,
        access_token: token,
        device_id: me.device_id,
        refresh_token: None,
        renew_at_ms: None,
        stay_signed_in,
        oauth: None,
        brought: true,
    })
}

async fn check(
    wire: &Wire,
    account: &Account,
    only: Option<UserId>,
    capabilities: &Capabilities,
) -> Result<(), SignInError> {
    if only.is_some_and(|only| only != account.user_id) {
        return Err(SignInError::OtherUser {
            user: account.user_id.clone(),
        });
    }
    let not_granted = || SignInError::NotGranted {
        user: account.user_id.clone(),
    };
    if let Some(by) = &account.oauth
        && !by.grants(SYNAPSE_ADMIN)
    {
        return Err(not_granted());
    }
    // Nothing else says whether an account is an administrator's.
    let probe = ListUsers {
        limit: 1,
        ..Default::default()
    };
    match ask(wire, users::list(&probe, capabilities)).await {
        Ok(_) => Ok(()),
        // Whatever flag the account has at the homeserver, it is not what counts there.
        Err(ApiError::NotAdmin { .. }) if account.oauth.is_some() => Err(not_granted()),
        Err(ApiError::NotAdmin { .. }) => Err(SignInError::NotAdmin {
            user: account.user_id.clone(),
        }),
        Err(
            error @ (ApiError::Unsupported { .. }
            | ApiError::NotMatrix { .. }
            | ApiError::Unreachable { .. }),
        ) => Err(SignInError::NoAdminApi(error)),
        // Servers before 1.109 give the locked a token that is good for nothing.
        Err(ApiError::TokenRefused { locked: true, .. }) => Err(SignInError::Locked),
        Err(error) => Err(SignInError::Other(error)),
    }
}

/// What a refused password or login token means.
fn refused(error: ApiError, if_forbidden: SignInError) -> SignInError {
    match &error {
        ApiError::Matrix { errcode, .. } if errcode == "M_FORBIDDEN" => if_forbidden,
        ApiError::Matrix { errcode, .. } if errcode == "M_USER_DEACTIVATED" => {
            SignInError::Deactivated
        }
        ApiError::TokenRefused { locked: true, .. } => SignInError::Locked,
        _ => SignInError::Other(error),
    }
}
