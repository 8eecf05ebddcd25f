//! What all journeys share: one Synapse with the sample world, one web server with the bundle.

use super::Page;
use crate::server::server;
use anyhow::Result;
use std::path::PathBuf;
use std::sync::OnceLock;
use synapse_admin::api::encode::encoded;
use synapse_admin::api::{Request, UserId, login};
use xtask::bundle;
use xtask::serve::{Server, Site};
use xtask::synapse::Synapse;
use xtask::world::{ADMIN_PASSWORD, Maker, World, people};

/// The shared things.
pub struct Stage {
    pub synapse: &'static Synapse,
    /// The release bundle at `/synapse-admin/`.
    pub app: Server,
    /// The folder of the bundle, to serve it elsewhere.
    pub bundle: PathBuf,
    /// What is in the sample world.
    pub world: &'static World,
    /// Makes what a journey needs of its own; has an administrator's client.
    pub maker: &'static Maker,
}

static STAGE: OnceLock<Result<Stage, String>> = OnceLock::new();

/// The stage, set up by the first journey that asks.
pub fn stage() -> &'static Stage {
    STAGE
        .get_or_init(|| build().map_err(|error| format!("{error:#}")))
        .as_ref()
        .unwrap_or_else(|error| panic!("{error}"))
}

/// The folder of the bundle that is tested.
///
/// # Errors
/// When it cannot be built.
pub fn bundle() -> Result<PathBuf> {
    // To try a change without waiting for a release build, give the folder of another one.
    match std::env::var_os("JOURNEYS_BUNDLE") {
        Some(folder) => Ok(PathBuf::from(folder)),
        None => bundle::ready(),
    }
}

fn build() -> Result<Stage> {
    let bundle = bundle()?;
    let app = Server::start(Site::new(bundle.clone(), "/synapse-admin/"))?;
    let server = server();
    Ok(Stage {
        synapse: &server.synapse,
        world: &server.world,
        maker: &server.maker,
        app,
        bundle,
    })
}

impl Stage {
    /// The user ID of a localpart.
    pub fn user(&self, localpart: &str) -> UserId {
        self.maker.user(localpart)
    }

    /// Runs a request as the administrator.
    pub async fn run<T>(&self, request: &Request<T>) -> T {
        match self.maker.admin().run(request).await {
            Ok(value) => value,
            Err(error) => panic!("{}: {error:?}", request.call.target()),
        }
    }

    /// Whether this password opens the account; the session is ended again.
    pub async fn can_sign_in(&self, user: &UserId, password: &str) -> bool {
        let client = self.synapse.client();
        match client.run(&login::with_password(user, password)).await {
            Ok(login) => {
                let _ = client
                    .with_token(login.access_token)
                    .run(&login::logout())
                    .await;
                true
            }
            Err(_) => false,
        }
    }

    /// Whether the server still accepts a token.
    pub async fn accepts(&self, token: &str) -> bool {
        server().accepts(token).await
    }
}

impl Page {
    /// Opens the app and signs in as the sample world's administrator, through this homeserver.
    pub async fn sign_in(&self, homeserver: &str) {
        let admin = stage().user(people::ADMIN);
        self.sign_in_as(&admin, ADMIN_PASSWORD, homeserver).await;
    }

    /// Opens the list of users and signs in by a link that fills in the form.
    pub async fn sign_in_as(&self, user: &UserId, password: &str, homeserver: &str) {
        self.sign_in_at("/users", user, password, homeserver).await;
    }

    /// Opens a page and signs in by a link that fills in the form.
    pub async fn sign_in_at(&self, route: &str, user: &UserId, password: &str, homeserver: &str) {
        self.fill_in_at(route, user, password, homeserver).await;
        self.button("Sign in").click().await;
        self.css("main#main").appears().await;
    }

    /// Signs in as an administrator by typing, where the log-in page is shown.
    pub async fn sign_in_by_hand(&self, user: &UserId, homeserver: &str) {
        self.field("Username").fill(user.as_str()).await;
        self.field("Password").fill(ADMIN_PASSWORD).await;
        self.field("Homeserver URL").fill(homeserver).await;
        self.button("Sign in").click().await;
        self.css("main#main").appears().await;
    }

    /// Signs in with an access token, where the log-in page is shown.
    pub async fn sign_in_with_token(&self, token: &str, homeserver: &str) {
        self.field("Homeserver URL").fill(homeserver).await;
        self.button("Sign in with an access token").click().await;
        self.field("Access token").fill(token).await;
        self.button("Sign in").click().await;
        self.css("main#main").appears().await;
    }

    /// Opens the list of users by a link that fills in the log-in form.
    pub async fn fill_in(&self, user: &UserId, password: &str, homeserver: &str) {
        self.fill_in_at("/users", user, password, homeserver).await;
    }

    async fn fill_in_at(&self, route: &str, user: &UserId, password: &str, homeserver: &str) {
        let link = format!(
            "{}?username={}&password={password}&server={}#{route}",
            self.app(),
            encoded(user.as_str()),
            encoded(homeserver),
        );
        self.go_to(&link).await;
        self.field("Username").holds(user.as_str()).await;
    }
}

/// The bundle in a folder of its own, for a journey that changes files. The journey removes it.
pub fn copy_of_bundle(name: &str) -> PathBuf {
    let copy = xtask::root().join("target/tmp").join(name);
    let _ = std::fs::remove_dir_all(&copy);
    copy_folder(&stage().bundle, &copy);
    copy
}

fn copy_folder(from: &std::path::Path, to: &std::path::Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy_folder(&entry.path(), &target);
        } else {
            std::fs::copy(entry.path(), target).unwrap();
        }
    }
}
