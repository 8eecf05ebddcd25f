//! A Synapse that leaves its accounts to Matrix Authentication Service, and the stand-in for that.

use crate::server::own_server;
use std::sync::OnceLock;
use std::thread;
use synapse_admin::api::UserId;
use synapse_admin::api::oauth::{self, Tokens};
use synapse_admin::api::{HomeserverUrl, authorization};
use xtask::mas::{ADMIN_SCOPE, Account, Mas};
use xtask::native::Client;
use xtask::synapse::{Synapse, version_from_env};
use xtask::world::people;

/// Both, with the sample world.
pub struct Delegated {
    pub synapse: Synapse,
    pub mas: Mas,
}

/// Where the tests pretend that the panel is.
pub const PANEL: &str = "http://127.0.0.1:9/synapse-admin/";

/// The server of this test program. `None` where Synapse is too old: before 1.136 it knows MAS by an
/// experimental setting only.
pub fn delegated() -> Option<&'static Delegated> {
    static SERVER: OnceLock<Result<Delegated, String>> = OnceLock::new();
    let minor = version_from_env()
        .split('.')
        .nth(1)
        .and_then(|minor| minor.parse::<u32>().ok());
    if minor.is_some_and(|minor| minor < 136) {
        eprintln!(
            "Left out: this Synapse knows Matrix Authentication Service as an experiment only."
        );
        return None;
    }
    let start = || {
        // A test may have a runtime under way, which must not be blocked on.
        let started = thread::spawn(|| start().map_err(|error| format!("{error:#}"))).join();
        started.unwrap_or_else(|_| Err("Starting it panicked.".into()))
    };
    match SERVER.get_or_init(start) {
        Ok(server) => Some(server),
        Err(error) => panic!("The tests need a stand-in for MAS. {error}"),
    }
}

fn start() -> anyhow::Result<Delegated> {
    let mas = Mas::start(0)?;
    if !mas.is_judged() {
        eprintln!(
            "Left out: MAS' description of its admin API is not beside the repository, so nothing \
             judges what the stand-in for MAS answers."
        );
    }
    let synapse = mas.take_over(own_server("mas").synapse)?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    runtime.block_on(mas.account(&synapse, people::ADMIN, Account::ADMIN))?;
    Ok(Delegated { synapse, mas })
}

impl Delegated {
    /// A fresh account; the name is the caller's own.
    pub async fn account(&self, localpart: &str, is: Account) -> UserId {
        let made = self.mas.account(&self.synapse, localpart, is).await;
        made.unwrap_or_else(|error| panic!("{localpart}: {error:#}"));
        let server = self.synapse.server_name();
        UserId::parse(&format!("@{localpart}:{server}")).expect("a user ID")
    }

    /// Who speaks to MAS itself.
    pub fn client(&self) -> Client {
        Client::new(HomeserverUrl::parse(&self.mas.url()).expect("a URL"))
    }

    /// The ID of the client that the panel at [`PANEL`] is.
    pub async fn client_id(&self) -> String {
        self.client_id_of(PANEL).await
    }

    async fn client_id_of(&self, panel: &str) -> String {
        let metadata = oauth::client(panel, None).expect("a panel on this machine");
        let endpoint = format!("{}/oauth2/registration", self.mas.url());
        let told = self
            .client()
            .run(&oauth::register(&endpoint, &metadata))
            .await;
        told.expect("it registers").client_id
    }

    /// Tokens of an account, as if it had agreed in a browser.
    pub async fn tokens(&self, localpart: &str, scope: &str) -> Tokens {
        self.tokens_at(PANEL, localpart, scope).await
    }

    /// Tokens of an account, as if it had agreed in a browser to what this panel asks for.
    pub async fn tokens_at(&self, panel: &str, localpart: &str, scope: &str) -> Tokens {
        let client_id = self.client_id_of(panel).await;
        let verifier = "v".repeat(43);
        let challenge = authorization::challenge(&verifier);
        let code = self
            .mas
            .code(localpart, &client_id, panel, scope, &challenge)
            .await
            .expect("a code");
        let endpoint = format!("{}/oauth2/token", self.mas.url());
        let request = oauth::redeem(&endpoint, &client_id, &code, panel, &verifier);
        self.client().run(&request).await.expect("tokens")
    }

    /// A client of the homeserver as the sample world's administrator.
    pub async fn admin(&self) -> Client {
        let tokens = self.tokens(people::ADMIN, ADMIN_SCOPE).await;
        self.synapse.client().with_token(tokens.access_token)
    }
}
