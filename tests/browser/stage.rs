//! What all journeys share: one Synapse with the sample world, one web server with the bundle.

use anyhow::Result;
use std::path::PathBuf;
use std::sync::OnceLock;
use xtask::native::Client;
use xtask::serve::{Server, Site};
use xtask::synapse::{self, Config, Synapse};
use xtask::{bundle, tools};

/// The shared things.
pub struct Stage {
    pub synapse: Synapse,
    /// The release bundle at `/synapse-admin/`.
    pub app: Server,
    /// The folder of the bundle, to serve it elsewhere.
    pub bundle: PathBuf,
    /// A client of an administrator.
    pub admin: Client,
}

static STAGE: OnceLock<Result<Stage, String>> = OnceLock::new();

/// The stage, set up by the first journey that asks.
pub fn stage() -> &'static Stage {
    STAGE
        .get_or_init(|| {
            // A runtime of its own: that of a test ends with the test.
            let building = std::thread::spawn(|| {
                let runtime = tokio::runtime::Builder::new_current_thread()
                    .enable_all()
                    .build()?;
                runtime.block_on(build())
            });
            match building.join() {
                Ok(stage) => stage.map_err(|error| format!("{error:#}")),
                Err(_) => Err("Setting up the stage panicked.".to_owned()),
            }
        })
        .as_ref()
        .unwrap_or_else(|error| panic!("{error}"))
}

async fn build() -> Result<Stage> {
    let bundle = bundle::ready()?;
    let app = Server::start(Site {
        folder: bundle.clone(),
        prefix: "/synapse-admin/".to_owned(),
        port: 0,
    })?;
    let venv = tools::synapse(&synapse::version_from_env())?;
    let folder = xtask::root().join("target/journeys-synapse");
    let _ = std::fs::remove_dir_all(&folder);
    let synapse = synapse::start(Config::for_tests(&venv, &folder)?)?;
    let token = synapse.register_admin("admin", "admin-password").await?;
    let admin = synapse.client().with_token(token);
    Ok(Stage {
        synapse,
        app,
        bundle,
        admin,
    })
}
