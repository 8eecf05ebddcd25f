//! OAuth 2.0 with Matrix Authentication Service (MAS), as the log-in form asks for it. In a file of its
//! own, which is downloaded when a homeserver offers it.
//!
//! | file | what |
//! |---|---|
//! | `look` | what is missing before anybody sets out, for whoever runs the server |
//! | `words` | what went wrong, in words |

mod look;
mod words;

pub use look::Finding;

use crate::address::brought::Returned;
use crate::api::authorization::{self, AuthorizationRequest};
use crate::api::exchange::Network;
use crate::api::oauth::{self, Metadata, OAuthError, OAuthRefusal};
use crate::api::server::Capabilities;
use crate::api::{ApiError, HomeserverUrl, Request, ServerName, UserId, server};
use crate::browser::clock::BrowserRandom;
use crate::browser::storage::Keep;
use crate::components::part::Slot;
use crate::i18n::errors::Explained;
use crate::session::account::OAuth;
use crate::session::away::{Away, SignInPlace, page_address};
use crate::session::config::config_now;
use crate::session::sign_in::SignInWith;
use crate::session::wire::Wire;
use futures_util::FutureExt;
use futures_util::future::LocalBoxFuture;
use serde::{Deserialize, Serialize};

/// Under this key a tab notes at which homeserver somebody was just denied what was asked for.
const DENIED: &str = "synapse-admin.denied";

/// Kept in the place of what has to be remembered by whoever wants to ask for less.
pub const LESS: &str = "less";

/// Whether somebody was just denied at this homeserver what was asked for.
pub fn was_denied(homeserver: &HomeserverUrl) -> bool {
    Keep::ThisTab.get(DENIED).as_deref() == Some(homeserver.as_str())
}

/// What is wanted of it.
pub enum OAuthAsk {
    /// To find out what is missing, without telling the server anything.
    Look {
        homeserver: HomeserverUrl,
        /// The domain of whoever is to sign in, if that is known.
        domain: Option<ServerName>,
    },
    /// To find out where to go: discovery, registration.
    SetOut {
        homeserver: HomeserverUrl,
        /// The random value that must come back.
        state: String,
        /// The redirect URI.
        back: String,
        /// Who is to sign in, if that is known.
        user: Option<UserId>,
        /// Whether to ask for rights at the homeserver only, and for none at MAS.
        less: bool,
    },
    /// To make tokens of what was brought back.
    Redeem { away: Away, answer: Returned },
}

/// What came of it.
pub enum OAuthDone {
    /// What is missing; nothing if all is well.
    Looked(Vec<Finding>),
    /// The address to go to, and what is to be kept until then as
    /// [`SignInPlace::OAuth`] keeps it.
    Go { address: String, extra: String },
    /// A way to sign in.
    Way(SignInWith),
}

/// Does it, or says why it cannot be done.
pub type OAuthDoing = LocalBoxFuture<'static, Result<OAuthDone, Explained>>;

/// What does it, in a file of its own.
pub static OAUTH: Slot<OAuthAsk, OAuthDoing> = Slot::new();

/// Does what is asked.
pub fn work(ask: OAuthAsk) -> OAuthDoing {
    async move {
        match ask {
            OAuthAsk::Look { homeserver, domain } => Ok(OAuthDone::Looked(
                look::look(&homeserver, domain.as_ref()).await,
            )),
            OAuthAsk::SetOut {
                homeserver,
                state,
                back,
                user,
                less,
            } => set_out(homeserver, &state, back, user, less).await,
            OAuthAsk::Redeem { away, answer } => redeem(away, answer).await,
        }
    }
    .boxed_local()
}

/// What is kept while somebody is away.
#[derive(Serialize, Deserialize)]
struct Kept {
    metadata: Metadata,
    client_id: String,
    redirect_uri: String,
    verifier: String,
    /// What was asked for.
    #[serde(default)]
    scope: String,
}

fn wire(homeserver: &HomeserverUrl) -> Wire {
    Wire {
        homeserver: homeserver.clone(),
        token: None,
    }
}

/// Sends once: what must not be used twice, and what somebody waits for.
async fn asked<T>(wire: &Wire, request: Request<T>) -> Result<T, OAuthError> {
    let answer = wire
        .exchange(&request.call)
        .await
        .map_err(OAuthError::Api)?;
    oauth::read(&request, &answer)
}

/// Where the homeserver has people sign in.
async fn found(
    homeserver: &HomeserverUrl,
    domain: Option<&ServerName>,
) -> Result<Metadata, Explained> {
    let wire = wire(homeserver);
    match oauth::find(wire.patient(), domain).await {
        Err(error) => Err(words::homeserver(&error)),
        Ok(None) => Err(words::not_found()),
        // A secret goes no other way than to the homeserver itself.
        Ok(Some(metadata)) => match metadata.unencrypted() {
            Some(address) if homeserver.is_https() => Err(words::unencrypted(address)),
            _ => Ok(metadata),
        },
    }
}

/// As whom the panel asks: by the ID that `config.json` gives it, or by one that it gets itself.
async fn client_id(wire: &Wire, metadata: &Metadata) -> Result<String, Explained> {
    let config = config_now();
    if let Some(fixed) = &config.oauth_client_id {
        return Ok(fixed.clone());
    }
    let Some(endpoint) = &metadata.registration_endpoint else {
        return Err(words::no_registration());
    };
    let client = oauth::client(&page_address(), config.oauth_client_uri.as_deref());
    let client = client.map_err(words::unfit)?;
    match asked(wire, oauth::register(endpoint, &client)).await {
        Ok(registered) => Ok(registered.client_id),
        Err(OAuthError::Refused(refusal)) => Err(words::not_registered(&refusal)),
        Err(OAuthError::Api(error)) => Err(words::no_answer(endpoint, &error)),
    }
}

async fn set_out(
    homeserver: HomeserverUrl,
    state: &str,
    redirect_uri: String,
    user: Option<UserId>,
    less: bool,
) -> Result<OAuthDone, Explained> {
    let domain = user.as_ref().map(UserId::server);
    let metadata = found(&homeserver, domain.as_ref()).await?;
    let wire = wire(&homeserver);
    let client_id = client_id(&wire, &metadata).await?;
    let version = wire.patient().send(server::version()).await.ok();
    let stable = version.is_none_or(|version| {
        let capabilities = Capabilities::new(&version, Default::default(), true);
        capabilities.since(138)
    });
    let mas = match metadata.mas() {
        Some(mas) if !less => look::is_exposed(&wire, &mas).await,
        _ => false,
    };
    let scope = authorization::scope(stable, mas);
    let verifier = authorization::unguessable(&BrowserRandom);
    let request = AuthorizationRequest {
        client_id: &client_id,
        redirect_uri: &redirect_uri,
        scope: &scope,
        state,
        verifier: &verifier,
        in_fragment: metadata.answers_in_fragment(),
        user: user.as_ref().map(UserId::as_str),
    };
    let address = request.url(&metadata.authorization_endpoint);
    let kept = Kept {
        metadata,
        client_id,
        redirect_uri,
        verifier,
        scope,
    };
    let extra = serde_json::to_string(&kept).unwrap_or_default();
    Ok(OAuthDone::Go { address, extra })
}

async fn redeem(away: Away, answer: Returned) -> Result<OAuthDone, Explained> {
    let SignInPlace::OAuth { extra } = &away.place else {
        return Err(words::nothing_kept());
    };
    let Ok(kept) = serde_json::from_str::<Kept>(extra) else {
        return Err(words::nothing_kept());
    };
    let code = match answer {
        Returned::Code(code) => code,
        Returned::Refused { error, description } => {
            if error == "access_denied" {
                Keep::ThisTab.set(DENIED, away.homeserver.as_str());
            }
            return Err(words::refused(&OAuthRefusal {
                error,
                error_description: description,
            }));
        }
        Returned::Nothing | Returned::Token(_) => return Err(words::nothing_kept()),
    };
    Keep::ThisTab.remove(DENIED);
    let endpoint = &kept.metadata.token_endpoint;
    let request = oauth::redeem(
        endpoint,
        &kept.client_id,
        &code,
        &kept.redirect_uri,
        &kept.verifier,
    );
    let tokens = match asked(&wire(&away.homeserver), request).await {
        Ok(tokens) => tokens,
        Err(OAuthError::Refused(refusal)) => return Err(words::refused(&refusal)),
        Err(OAuthError::Api(error)) => return Err(words::no_answer(endpoint, &error)),
    };
    let Metadata {
        issuer,
        token_endpoint,
        revocation_endpoint,
        account_management_uri,
        ..
    } = kept.metadata;
    Ok(OAuthDone::Way(SignInWith::OAuth {
        oauth: OAuth {
            issuer,
            client_id: kept.client_id,
            token_endpoint,
            revocation_endpoint,
            account_management_uri,
            // Who does not say what is granted has granted all that was asked for.
            scope: tokens.scope.clone().unwrap_or(kept.scope),
        },
        tokens,
    }))
}

/// What an error of the wire is to whoever signs in.
fn details(error: &ApiError) -> String {
    error.to_string()
}
