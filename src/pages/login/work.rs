//! What the log-in form does once somebody uses it: it signs in, and says what stands in the way.
//! In a file of its own, which is downloaded while they type.

use super::errors;
use crate::api::{ApiError, HomeserverUrl, ServerName, UserId};
use crate::components::part::{Slot, why_missing};
use crate::i18n::errors::Explained;
use crate::session::Session;
use crate::session::discover::DiscoveryProblem;
use crate::session::sign_in::{SignInError, SignInWith, sign_in};
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
    /// For how long the server wants to be left alone.
    pub wait_ms: Option<u64>,
    /// The homeserver that would have got the secret over plain `http`.
    pub unencrypted: Option<HomeserverUrl>,
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
            LoginWork::Server(url, error) => return explained(errors::server(&url, &error)),
            LoginWork::AdminApi(url, error) => {
                return explained(errors::admin_api(url.as_str(), &error));
            }
            LoginWork::Discovery(server, problem) => {
                return explained(Explained {
                    sentence: errors::discovery(server.as_str(), &problem),
                    hint: String::new(),
                    details: String::new(),
                });
            }
        };
        let Err(error) = error else {
            return Done::default();
        };
        let mut done = explained(errors::sign_in(&error));
        match error {
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

fn explained(explained: Explained) -> Done {
    Done {
        explained: Some(explained),
        ..Done::default()
    }
}
