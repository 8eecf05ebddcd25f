//! A stand-in for Matrix Authentication Service (MAS), for the demo and the tests.
//!
//! **What it is:** one address at which a browser and a real Synapse with
//! `matrix_authentication_service` switched on find what MAS has there. OAuth 2.0 is played by
//! oidc-provider, a certified implementation ([`provider.mjs`](self)), so that not our own reading of
//! the standard judges our client. The layer in front of it adds what MAS does otherwise: the policy
//! of registration, the statuses, what a lost answer is forgiven, CORS. It tells Synapse of each account,
//! as MAS does, and answers Synapse's questions about tokens.
//!
//! **What it is not:** MAS. Its pages are three plain ones without passwords, and nothing is kept
//! when it stops. The answers of a real MAS are in
//! `tests/files/mas-oauth-answers.json`: tests hold the panel's types and these rules to them.
//!
//! | file | what |
//! |---|---|
//! | `front` | who answers which path |
//! | `policy` | whom MAS' default policy lets register |
//! | `tokens` | codes, refresh tokens and revocation, where MAS differs |
//! | `admin` | MAS' admin API |
//! | `state` | what it keeps, and what it is told to be |
//! | `sessions` | what tokens are worth |
//! | `homeserver` | what Synapse is told, as MAS tells it |
//! | `seed` | its options, and what cannot arise here |
//! | `world` | the demo's world |
//! | `time` | times as MAS writes them |
//! | `described` | MAS' own description of it, which judges each answer |

mod admin;
mod described;
mod front;
mod homeserver;
pub mod policy;
mod seed;
mod sessions;
mod state;
mod time;
mod tokens;
mod world;

use crate::synapse::{self, Synapse};
use crate::{process, root, tools};
use anyhow::{Context, Result, bail};
use described::Described;
use futures_util::future::select;
use serde_json::json;
use state::Kind;
use std::io::{BufRead, BufReader};
use std::net::Ipv4Addr;
use std::pin::pin;
use std::process::{Child, Stdio};
use std::sync::Arc;
use std::thread::{self, JoinHandle};
use tokio::sync::oneshot;

/// What a full administrator's log-in is granted.
pub const ADMIN_SCOPE: &str = "urn:matrix:client:api:* urn:synapse:admin:* urn:mas:admin";

/// The version that the stand-in answers as, unless told otherwise.
const VERSION: &str = "v1.22.0";

/// An account that the stand-in keeps.
#[derive(Clone, Copy, Debug)]
pub struct Account {
    /// Whether it may request admin scopes.
    pub admin: bool,
    /// How many seconds its access tokens live.
    pub seconds: u32,
}

impl Account {
    /// An administrator, with tokens that live as long as MAS' do.
    pub const ADMIN: Account = Account {
        admin: true,
        seconds: 300,
    };
}

/// A running stand-in. Stops when dropped.
pub struct Mas {
    port: u16,
    provider: Child,
    shared: Arc<front::Shared>,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Mas {
    /// Starts it on a port of 127.0.0.1; 0 takes a free one.
    ///
    /// # Errors
    /// When the port is taken, or Node.js or oidc-provider is missing.
    pub fn start(port: u16) -> Result<Mas> {
        let package = tools::oidc_provider()?;
        let described = Described::beside_the_repository()?;
        let listener = crate::serve::listen(port)?;
        listener.set_nonblocking(true)?;
        let port = listener.local_addr()?.port();
        let base = format!("http://{}:{port}", Ipv4Addr::LOCALHOST);
        let mut provider = process::command("node")
            .arg(root().join("xtask/src/mas/provider.mjs"))
            .arg(package)
            .arg(format!("{base}/"))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .context("Cannot start Node.js.")?;
        let mut line = String::new();
        if let Some(said) = provider.stdout.take() {
            BufReader::new(said).read_line(&mut line)?;
        }
        let Ok(provider_port) = line.trim().parse() else {
            process::stop(&mut provider);
            bail!("oidc-provider does not start.");
        };
        let shared = Arc::new(front::Shared::new(base, provider_port, described));
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()?;
        let (stop, stopped) = oneshot::channel();
        let ours = Arc::clone(&shared);
        let thread = thread::spawn(move || {
            runtime.block_on(select(pin!(front::accept(listener, ours)), stopped));
        });
        Ok(Mas {
            port,
            provider,
            shared,
            stop: Some(stop),
            thread: Some(thread),
        })
    }

    /// Whether MAS' own description of its admin API is there to judge the answers.
    pub fn is_judged(&self) -> bool {
        self.shared.is_judged()
    }

    /// Where it listens, without a slash at the end.
    pub fn url(&self) -> String {
        self.shared.base.clone()
    }

    /// The port on 127.0.0.1.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Starts a server that kept its accounts itself again, as one that leaves them to this one.
    /// Its tokens count for nothing from then on.
    ///
    /// # Errors
    /// When Synapse does not start like that.
    pub fn take_over(&self, mut synapse: Synapse) -> Result<Synapse> {
        synapse.stop();
        let mut config = synapse.config().clone();
        drop(synapse);
        let settings = json!({
            "enabled": true,
            "endpoint": format!("{}/", self.shared.base),
            "secret": self.shared.secret,
        });
        let key = "matrix_authentication_service";
        config.extra.insert(key.to_owned(), settings);
        self.shared.serve(&config.server_name, config.port);
        synapse::start(config)
    }

    /// Makes an account, or changes it; Synapse is told as MAS tells it.
    ///
    /// # Errors
    /// When Synapse or oidc-provider does not take it.
    pub async fn account(&self, synapse: &Synapse, localpart: &str, is: Account) -> Result<()> {
        let config = synapse.config();
        self.shared.serve(&config.server_name, config.port);
        let told = json!({ "localpart": localpart });
        self.shared.tell("provision_user", &told).await?;
        let user = {
            let mut state = self.shared.state();
            let known = state.user_named(localpart).map(|(id, _)| id.clone());
            let user = known.unwrap_or_else(|| {
                let now = time::written(time::now());
                state.add(
                    Kind::User,
                    admin::users::attributes(localpart, &now, is.admin),
                )
            });
            state.set(Kind::User, &user, "admin", is.admin.into());
            state.seconds.insert(user.clone(), is.seconds);
            user
        };
        self.shared.tell_provider(&user).await;
        Ok(())
    }

    /// A code, as if this account had agreed in a browser to what the panel asks for.
    ///
    /// # Errors
    /// When oidc-provider knows no such client.
    pub async fn code(
        &self,
        localpart: &str,
        client_id: &str,
        redirect_uri: &str,
        scope: &str,
        challenge: &str,
    ) -> Result<String> {
        let body = json!({
            "localpart": localpart, "client_id": client_id, "redirect_uri": redirect_uri,
            "scope": scope, "code_challenge": challenge,
        });
        let answer = self.shared.internal("code", &body).await?;
        let code = answer["code"].as_str().context("There is no code.")?;
        Ok(code.to_owned())
    }

    /// What Synapse would hear of this token: whether it is good for anything.
    pub async fn is_active(&self, token: &str) -> bool {
        let told = self.shared.introspected(token).await;
        told["active"] == true
    }
}

impl Drop for Mas {
    fn drop(&mut self) {
        if let Some(stop) = self.stop.take() {
            // Fails only when the thread is gone already.
            let _ = stop.send(());
        }
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
        process::stop(&mut self.provider);
    }
}
