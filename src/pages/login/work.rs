//! What the log-in form does once somebody uses it: it signs in, and says what stands in the way.
//! In a file of its own, which is downloaded while they type.

use super::errors;
use super::oauth::{LESS, OAUTH, OAuthAsk, OAuthDone};
use crate::address::brought::Returned;
use crate::api::{ApiError, HomeserverUrl, ServerName, UserId, discovery, login, server};
use crate::components::part::{Slot, why_missing};
use crate::i18n::errors::Explained;
use crate::session::Session;
use crate::session::away::{self, Away, SignInPlace};
use crate::session::discover::DiscoveryProblem;
use crate::session::sign_in::{SignInError, SignInFailure, SignInWith, may_sign_in, sign_in};
use crate::session::unread::is_answered;
use futures_util::FutureExt;
use futures_util::future::LocalBoxFuture;

/// What is to be done.
pub enum LoginWork {
    SignIn {
        homeserver: HomeserverUrl,
        way: SignInWith,
        stay: bool,
        /// Only as this user.
        only: Option<UserId>,
        /// The homeserver that may have the secret over plain `http`.
        plain: Option<HomeserverUrl>,
    },
    /// Find out where to go in order to sign in elsewhere.
    SetOut {
        away: Away,
        /// Whether this tab stays and waits; else it remembers what it was about.
        beside: bool,
    },
    /// Sign in with what somebody has brought back who was away.
    Redeem(Away, Returned),
    /// Explain that what was brought back was not asked for by this tab.
    Unasked,
    /// Explain why the server behind the URL is of no use.
    Server(HomeserverUrl, ApiError),
    /// Explain why its Admin API is of no use.
    AdminApi(HomeserverUrl, ApiError),
    /// Explain why the homeserver of a domain was not found.
    Discovery(ServerName, DiscoveryProblem),
}

/// What came of it.
#[derive(Default)]
pub struct Done {
    /// The explanation that was asked for, or why nobody was signed in.
    pub explained: Option<Explained>,
    /// Whether that is about the server.
    pub of_server: bool,
    /// For how long the server wants to be left alone.
    pub wait_ms: Option<u64>,
    /// The homeserver that would have got the secret over plain `http`.
    pub unencrypted: Option<HomeserverUrl>,
    /// Where to go, and what is to be kept meanwhile.
    pub set_out: Option<SetOut>,
}

/// The way to where somebody signs in.
pub struct SetOut {
    /// The address to go to.
    pub address: String,
    /// The random value that comes back with the answer.
    pub key: String,
    pub away: Away,
}

/// What does it, in a file of its own.
pub static WORK: Slot<LoginWork, LocalBoxFuture<'static, Done>> = Slot::new();

/// Has it done. Without the file that does it, says that this is missing.
pub async fn begin(work: LoginWork) -> Done {
    match WORK.part().call(work).await {
        Some(doing) => doing.await,
        None => explained(why_missing()),
    }
}

/// Does what the log-in form has been asked to do.
pub fn work(work: LoginWork) -> LocalBoxFuture<'static, Done> {
    async move {
        let error = match work {
            LoginWork::SignIn {
                homeserver,
                way,
                stay,
                only,
                plain,
            } => sign_in(Session::get(), homeserver, way, stay, only, plain).await,
            LoginWork::SetOut { away, beside } => match set_out(away).await {
                Ok(set_out) if !beside && !set_out.away.keep(&set_out.key) => {
                    return explained(errors::nothing_kept());
                }
                Ok(set_out) => {
                    return Done {
                        set_out: Some(set_out),
                        ..Done::default()
                    };
                }
                Err(Failed::SignIn(error)) => Err(error),
                Err(Failed::Explained(why)) => return explained(why),
            },
            LoginWork::Redeem(away, answer) => match redeem(away, answer).await {
                Ok(()) => Ok(()),
                Err(Failed::SignIn(error)) => Err(error),
                Err(Failed::Explained(why)) => return explained(why),
            },
            LoginWork::Unasked => return explained(errors::unasked()),
            LoginWork::Server(url, error) => {
                let answers = answers_unread(&url, &error).await;
                return explained(errors::server(&url, &error, answers));
            }
            LoginWork::AdminApi(url, error) => {
                return explained(errors::admin_api(url.as_str(), &error));
            }
            LoginWork::Discovery(server, problem) => {
                let asked = discovery::well_known(&server).call;
                let answers = problem == DiscoveryProblem::Unreachable
                    && match HomeserverUrl::parse(&format!("https://{server}")) {
                        Ok(url) => is_answered(&url, &asked).await,
                        Err(_) => false,
                    };
                return explained(Explained {
                    sentence: errors::discovery(server.as_str(), &problem, answers),
                    hint: String::new(),
                    details: String::new(),
                });
            }
        };
        let Err(error) = error else {
            return Done::default();
        };
        let answers = match &error.why {
            SignInError::NoHomeserver(url, error) => answers_unread(url, error).await,
            _ => false,
        };
        let mut done = explained(errors::sign_in(&error, answers));
        done.of_server = error.why.is_of_server();
        match error.why {
            SignInError::Unencrypted(homeserver) => done.unencrypted = Some(homeserver),
            SignInError::Other(ApiError::RateLimited { retry_after_ms, .. }) => {
                done.wait_ms = retry_after_ms;
            }
            _ => {}
        }
        done
    }
    .boxed_local()
}

/// Whether something answers at a homeserver of which nothing could be read.
async fn answers_unread(homeserver: &HomeserverUrl, error: &ApiError) -> bool {
    matches!(error, ApiError::Unreachable { .. })
        && is_answered(homeserver, &server::spec_versions().call).await
}

/// Why it came to nothing.
enum Failed {
    SignIn(SignInFailure),
    Explained(Explained),
}

impl From<SignInFailure> for Failed {
    fn from(failure: SignInFailure) -> Self {
        Failed::SignIn(failure)
    }
}

impl From<SignInError> for Failed {
    fn from(error: SignInError) -> Self {
        Failed::SignIn(error.into())
    }
}

impl From<Explained> for Failed {
    fn from(why: Explained) -> Self {
        Failed::Explained(why)
    }
}

/// Where to go in order to sign in elsewhere. Whoever sends people there answers for it as if they
/// typed their passwords here.
async fn set_out(mut away: Away) -> Result<SetOut, Failed> {
    may_sign_in(&away.homeserver, away.plain.as_ref()).await?;
    let key = away::random_key();
    let address = match &mut away.place {
        SignInPlace::Sso { provider } => {
            let back = away::page_address_with(&key);
            // Nothing can be asked there before: these answers are not for scripts of other addresses.
            login::sso_redirect(&away.homeserver, provider, &back)
        }
        SignInPlace::OAuth { extra } => {
            let ask = OAuthAsk::SetOut {
                less: extra == LESS,
                homeserver: away.homeserver.clone(),
                state: key.clone(),
                back: away::page_address(),
                user: away.only.clone(),
            };
            match oauth(ask).await? {
                OAuthDone::Go {
                    address,
                    extra: kept,
                } => {
                    *extra = kept;
                    address
                }
                OAuthDone::Way(_) | OAuthDone::Looked(_) => return Err(errors::unasked().into()),
            }
        }
    };
    Ok(SetOut { address, key, away })
}

async fn redeem(away: Away, answer: Returned) -> Result<(), Failed> {
    if away.is_late() {
        return Err(errors::late().into());
    }
    let way = match (&away.place, answer) {
        (SignInPlace::Sso { .. }, Returned::Token(token)) => SignInWith::LoginToken(token),
        (SignInPlace::Sso { .. }, _) | (_, Returned::Nothing | Returned::Token(_)) => {
            return Err(errors::without_answer().into());
        }
        (SignInPlace::OAuth { .. }, answer) => {
            let ask = OAuthAsk::Redeem {
                away: away.clone(),
                answer,
            };
            match oauth(ask).await? {
                OAuthDone::Way(way) => way,
                OAuthDone::Go { .. } | OAuthDone::Looked(_) => {
                    return Err(errors::without_answer().into());
                }
            }
        }
    };
    let Away {
        homeserver,
        stay_signed_in,
        only,
        plain,
        ..
    } = away;
    sign_in(Session::get(), homeserver, way, stay_signed_in, only, plain).await?;
    Ok(())
}

async fn oauth(ask: OAuthAsk) -> Result<OAuthDone, Failed> {
    match OAUTH.part().call(ask).await {
        Some(doing) => Ok(doing.await?),
        None => Err(why_missing().into()),
    }
}

fn explained(explained: Explained) -> Done {
    Done {
        explained: Some(explained),
        ..Done::default()
    }
}
