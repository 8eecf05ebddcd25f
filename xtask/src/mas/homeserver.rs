//! What MAS tells Synapse, and oidc-provider is told.

use super::front::Shared;
use super::state::{Job, Kind};
use crate::proxy::forwarded;
use anyhow::{Context, Result, bail};
use http_body_util::BodyExt;
use hyper::Request;
use hyper::body::Bytes;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Value, json};
use std::time::Duration;

/// How long a job waits, so that nobody takes for done what MAS only has noted.
const LATER: Duration = Duration::from_millis(150);

impl Shared {
    /// Asks Synapse as MAS; the status and the body.
    async fn ask_synapse(&self, method: &str, target: &str, body: &Value) -> Result<(u16, Value)> {
        let port = self.synapse().context("There is no Synapse yet.")?;
        let request = Request::builder()
            .method(method)
            .uri(format!("/_synapse/mas/{target}"))
            .header("host", "127.0.0.1")
            .header("content-type", "application/json")
            .header("authorization", format!("Bearer {}", self.secret))
            .body(())?;
        let (head, ()) = request.into_parts();
        let body = match body {
            Value::Null => Bytes::new(),
            body => Bytes::from(body.to_string()),
        };
        let Ok(answer) = forwarded(port, &head, body, false).await else {
            bail!("Synapse does not answer.");
        };
        let status = answer.status().as_u16();
        let text = answer.into_body().collect().await?.to_bytes();
        Ok((status, serde_json::from_slice(&text).unwrap_or_default()))
    }

    /// Tells Synapse something.
    ///
    /// # Errors
    /// When it does not answer, or refuses.
    pub async fn tell(&self, what: &str, body: &Value) -> Result<()> {
        let (status, told) = self.ask_synapse("POST", what, body).await?;
        match status {
            200..=299 => Ok(()),
            status => bail!("Synapse answers {what} with {status}: {told}"),
        }
    }

    /// Whether Synapse would let somebody have this localpart.
    ///
    /// # Errors
    /// When it does not answer, or something else than yes or no.
    pub async fn is_free(&self, localpart: &str) -> Result<bool> {
        let name = utf8_percent_encode(localpart, NON_ALPHANUMERIC);
        let target = format!("is_localpart_available?localpart={name}");
        let (status, told) = self.ask_synapse("GET", &target, &Value::Null).await?;
        match status {
            200 => Ok(true),
            400 => Ok(false),
            status => bail!("Synapse answers {status}: {told}"),
        }
    }

    /// Tells oidc-provider of a user: whether it may come in, and as what.
    pub async fn tell_provider(&self, user: &str) {
        let body = {
            let state = self.state();
            let Some(known) = state.get(Kind::User, user) else {
                return;
            };
            let closed = !known["locked_at"].is_null() || !known["deactivated_at"].is_null();
            json!({
                "localpart": known["username"],
                "admin": known["admin"],
                "seconds": state.seconds.get(user).copied().unwrap_or(300),
                "closed": closed,
            })
        };
        if let Err(error) = self.internal("account", &body).await {
            eprintln!("{error:#}");
        }
    }

    /// Does what MAS does behind its answers.
    pub async fn work(&self, jobs: Vec<Job>) {
        tokio::time::sleep(LATER).await;
        for job in jobs {
            if let Err(error) = self.run(&job).await {
                eprintln!("{error:#}");
            }
        }
    }

    /// Does one of these jobs now.
    ///
    /// # Errors
    /// When Synapse does not answer, or refuses.
    pub async fn run(&self, job: &Job) -> Result<()> {
        match job {
            Job::Provision(user) => {
                let told = {
                    let state = self.state();
                    let Some(known) = state.get(Kind::User, user) else {
                        return Ok(());
                    };
                    if !known["deactivated_at"].is_null() {
                        return Ok(());
                    }
                    let emails = state.of(Kind::Email, "user_id", user);
                    let address = |id: &String| Some(state.get(Kind::Email, id)?["email"].clone());
                    json!({
                        "localpart": known["username"],
                        "set_emails": emails.iter().filter_map(address).collect::<Vec<_>>(),
                        "locked": !known["locked_at"].is_null(),
                    })
                };
                self.tell("provision_user", &told).await?;
                self.sync_devices(user).await
            }
            Job::Devices(user) => self.sync_devices(user).await,
            Job::Deactivate { user, erase } => {
                let Some(localpart) = self.close(user).await else {
                    return Ok(());
                };
                let body = json!({"localpart": localpart, "erase": erase});
                self.tell("delete_user", &body).await
            }
        }
    }

    async fn sync_devices(&self, user: &str) -> Result<()> {
        let told = {
            let state = self.state();
            let Some(localpart) = state.localpart(user) else {
                return Ok(());
            };
            json!({"localpart": localpart, "devices": state.devices(user)})
        };
        self.tell("sync_devices", &told).await
    }

    /// Ends a user's sessions and forgets its addresses.
    async fn close(&self, user: &str) -> Option<String> {
        let (localpart, grants) = {
            let mut state = self.state();
            let localpart = state.localpart(user)?;
            for (kind, field) in [
                (Kind::Browser, "user_id"),
                (Kind::OAuth, "user_id"),
                (Kind::Compat, "user_id"),
                (Kind::Personal, "actor_user_id"),
                (Kind::Personal, "owner_user_id"),
            ] {
                for id in state.of(kind, field, user) {
                    state.end(kind, &id);
                }
            }
            for id in state.of(Kind::Email, "user_id", user) {
                state.remove(Kind::Email, &id);
            }
            let sessions = state.of(Kind::OAuth, "user_id", user);
            let grant = |id: &String| state.grants.get(id).cloned();
            (
                localpart,
                sessions.iter().filter_map(grant).collect::<Vec<_>>(),
            )
        };
        for grant in grants {
            self.end_grant(&grant).await;
        }
        Some(localpart)
    }

    /// Has oidc-provider forget a session's tokens.
    pub async fn end_grant(&self, grant: &str) {
        let body = json!({ "grant": grant });
        if let Err(error) = self.internal("finish", &body).await {
            eprintln!("{error:#}");
        }
    }
}
