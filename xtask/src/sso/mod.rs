//! Two identity providers beside a real Synapse, for the demo and the tests of single sign-on: npm's
//! oidc-provider, a certified OpenID provider, as two of its clients. Whoever gives a name there is
//! that user; there are no passwords.

use crate::{process, root, synapse, tools};
use anyhow::{Context, Result, bail};
use serde_json::{Map, Value, json};
use std::io::{BufRead, BufReader};
use std::os::unix::process::CommandExt;
use std::process::{Child, Stdio};

/// Running identity providers. They stop when dropped.
pub struct Providers {
    child: Child,
    port: u16,
}

impl Providers {
    /// Starts them on a free port, for the homeserver that browsers know by this address.
    ///
    /// # Errors
    /// When Node.js or oidc-provider is missing.
    pub fn start(homeserver: &str) -> Result<Self> {
        let mut child = process::command("node")
            .arg(root().join("xtask/src/sso/provider.mjs"))
            .arg(tools::oidc_provider()?)
            .arg(format!("{homeserver}/"))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            // Ctrl-C at our terminal is for us.
            .process_group(0)
            .spawn()
            .context("Cannot start Node.js.")?;
        let mut line = String::new();
        if let Some(said) = child.stdout.take() {
            BufReader::new(said).read_line(&mut line)?;
        }
        let Ok(port) = line.trim().parse() else {
            process::stop(&mut child);
            bail!("oidc-provider does not start.");
        };
        Ok(Providers { child, port })
    }

    /// Where they listen, without a slash at the end.
    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// The keys of `homeserver.yaml` with which this version of Synapse signs people in there: two that
    /// answer, and one that does not, without which older versions do not start. To `panels` it leads back without a question.
    ///
    /// # Errors
    /// When there is no free port.
    pub fn settings(&self, panels: &[String], version: &str) -> Result<Map<String, Value>> {
        let provider = |id: &str, name: &str, brand: Option<&str>, issuer: &str| {
            let mut provider = json!({
                "idp_id": id,
                "idp_name": name,
                "issuer": issuer,
                // Plain http, which no real provider has.
                "skip_verification": true,
                "client_id": id,
                "client_secret": "s3cret",
                "scopes": ["openid", "profile", "email"],
                // “admin” there is the administrator here.
                "allow_existing_users": true,
                "user_mapping_provider": {"config": {
                    "localpart_template": "{{ user.preferred_username }}",
                    "display_name_template": "{{ user.name }}",
                }},
            });
            if let Some(brand) = brand {
                provider["idp_brand"] = brand.into();
            }
            provider
        };
        let nobody = format!("http://127.0.0.1:{}", synapse::free_port()?);
        let mut providers = vec![
            provider("one", "First", None, &self.url()),
            provider("two", "Second", Some("github"), &self.url()),
        ];
        if version == synapse::VERSION {
            providers.push(provider("out", "Out of order", None, &nobody));
        }
        let keys = json!({
            "oidc_providers": providers,
            "sso": {"client_whitelist": panels},
        });
        match keys {
            Value::Object(keys) => Ok(keys),
            _ => bail!("The configuration is no object."),
        }
    }
}

impl Drop for Providers {
    fn drop(&mut self) {
        drop(self.child.stdin.take());
        process::stop(&mut self.child);
    }
}
