//! How tests and the demo set it up: its options, and what cannot arise here, such as the sessions of
//! old clients and of browsers, and upstream identity providers.

use super::Mas;
use super::admin::{clients, personal, registration, upstream};
use super::state::{Job, Kind};
use super::time::{self, DAY, SECOND};
use anyhow::{Context, Result};
use serde_json::{Value, json};

/// For how many days somebody had a session before its last use.
const BEFORE: i64 = 30;

impl Mas {
    /// Answers as this version, `v1.4.0`: what is newer is not there, and newer filters are ignored.
    pub fn pretend_version(&self, version: &str) {
        version.clone_into(&mut self.shared.state().settings.version);
    }

    /// Whether accounts can have passwords.
    pub fn passwords(&self, on: bool) {
        self.shared.state().settings.passwords = on;
    }

    /// How good passwords must be, 0 to 4. The stand-in calls those below eight letters weak, unless
    /// it is 0.
    pub fn minimum_password_complexity(&self, complexity: u8) {
        self.shared.state().settings.complexity = complexity;
    }

    /// The ID of an account.
    ///
    /// # Errors
    /// When there is none of this name.
    pub fn user_id(&self, localpart: &str) -> Result<String> {
        let state = self.shared.state();
        let known = state.user_named(localpart).map(|(id, _)| id.clone());
        known.with_context(|| format!("There is no account {localpart}."))
    }

    /// The fields of the account as the admin API answers them.
    ///
    /// # Errors
    /// When there is none of this name.
    pub fn user(&self, localpart: &str) -> Result<Value> {
        let id = self.user_id(localpart)?;
        let state = self.shared.state();
        Ok(state.get(Kind::User, &id).cloned().unwrap_or_default())
    }

    /// How many there are of a kind, by the path of its list, such as `user-emails`.
    pub fn count(&self, list: &str) -> usize {
        let state = self.shared.state();
        let kinds = Kind::ALL.into_iter().filter(|kind| kind.path() == list);
        kinds.map(|kind| state.all(kind).count()).sum()
    }

    /// A session of an old client that logged in with a password; its ID. With a device, Synapse gets
    /// that.
    ///
    /// # Errors
    /// When there is no such account, or Synapse does not take the device.
    pub async fn compat_session(
        &self,
        localpart: &str,
        device_id: Option<&str>,
        user_agent: &str,
        last_active_days_ago: i64,
    ) -> Result<String> {
        let user = self.user_id(localpart)?;
        if let Some(device) = device_id {
            let body = json!({"localpart": localpart, "device_id": device});
            self.shared.tell("upsert_device", &body).await?;
        }
        let (made, used) = span(last_active_days_ago);
        let session = json!({
            "user_id": user,
            "device_id": device_id,
            "user_session_id": null,
            "redirect_uri": null,
            "created_at": made,
            "user_agent": user_agent,
            "last_active_at": used,
            "last_active_ip": "203.0.113.7",
            "finished_at": null,
            "human_name": null,
        });
        Ok(self.shared.state().add(Kind::Compat, session))
    }

    /// Nobody has ever used this session of an old client.
    pub fn never_used(&self, session: &str) {
        let mut state = self.shared.state();
        for field in ["last_active_at", "last_active_ip"] {
            state.set(Kind::Compat, session, field, Value::Null);
        }
    }

    /// Somebody uses this session of an old client at this moment.
    pub fn used_now(&self, session: &str) {
        let now = time::written(time::now());
        let mut state = self.shared.state();
        state.set(Kind::Compat, session, "last_active_at", now.into());
    }

    /// A session of a browser at MAS' own pages; its ID.
    ///
    /// # Errors
    /// When there is no such account.
    pub fn browser_session(
        &self,
        localpart: &str,
        user_agent: &str,
        last_active_days_ago: i64,
    ) -> Result<String> {
        let user = self.user_id(localpart)?;
        let (made, used) = span(last_active_days_ago);
        let session = json!({
            "created_at": made,
            "finished_at": null,
            "user_id": user,
            "user_agent": user_agent,
            "last_active_at": used,
            "last_active_ip": "203.0.113.7",
        });
        Ok(self.shared.state().add(Kind::Browser, session))
    }

    /// A session of an OAuth client that nobody has tokens of; its ID. With a device in its scope,
    /// Synapse gets that.
    ///
    /// # Errors
    /// When there is no such account, or Synapse does not take the device.
    pub async fn oauth_session(
        &self,
        localpart: &str,
        client: &str,
        scope: &str,
        user_agent: &str,
        last_active_days_ago: i64,
    ) -> Result<String> {
        let user = self.user_id(localpart)?;
        if let Some(device) = super::state::device_of(scope) {
            let body = json!({"localpart": localpart, "device_id": device});
            self.shared.tell("upsert_device", &body).await?;
        }
        let (made, used) = span(last_active_days_ago);
        let session = json!({
            "created_at": made,
            "finished_at": null,
            "user_id": user,
            "user_session_id": null,
            "client_id": client,
            "scope": scope,
            "user_agent": user_agent,
            "last_active_at": used,
            "last_active_ip": "203.0.113.7",
            "human_name": null,
        });
        Ok(self.shared.state().add(Kind::OAuth, session))
    }

    /// An OAuth client that nobody signs in with here; its ID.
    pub fn oauth_client(&self, name: &str, uri: &str, is_static: bool) -> String {
        let id = super::state::ulid(time::now());
        let metadata = json!({
            "client_name": name,
            "client_uri": uri,
            "redirect_uris": [uri],
            "grant_types": ["authorization_code", "refresh_token"],
        });
        let listed = clients::attributes(&id, &metadata, is_static);
        self.shared.state().put(Kind::Client, id.clone(), listed);
        id
    }

    /// An upstream identity provider; its ID.
    pub fn upstream_provider(&self, name: &str, brand: Option<&str>, enabled: bool) -> String {
        let now = time::written(time::now());
        let host = name.to_lowercase().replace(' ', "-");
        let provider = json!({
            "issuer": format!("https://{host}.example/"),
            "human_name": name,
            "brand_name": brand,
            "created_at": now,
            "disabled_at": if enabled { Value::Null } else { now.clone().into() },
            "registration_token_required": false,
        });
        self.shared.state().add(Kind::Provider, provider)
    }

    /// An account at an upstream provider, of somebody here or of nobody; the ID of the link.
    ///
    /// # Errors
    /// When there is no such account.
    pub fn upstream_link(
        &self,
        provider: &str,
        subject: &str,
        localpart: Option<&str>,
        human_name: Option<&str>,
    ) -> Result<String> {
        let user = localpart.map(|name| self.user_id(name)).transpose()?;
        let link = upstream::attributes(provider, subject, user.as_deref(), human_name);
        Ok(self.shared.state().add(Kind::Link, link))
    }

    /// An e-mail address; its ID. Synapse is told.
    ///
    /// # Errors
    /// When there is no such account, or Synapse does not take it.
    pub async fn email(&self, localpart: &str, address: &str) -> Result<String> {
        let user = self.user_id(localpart)?;
        let now = time::written(time::now());
        let email = json!({"created_at": now, "user_id": user, "email": address});
        let id = self.shared.state().add(Kind::Email, email);
        self.shared.run(&Job::Provision(user)).await?;
        Ok(id)
    }

    /// A token to register with; its ID.
    pub fn registration_token(
        &self,
        token: &str,
        usage_limit: Option<u32>,
        times_used: u32,
        expires_in_days: Option<i64>,
    ) -> String {
        let expires_at = expires_in_days.map(|days| time::now() + days * DAY);
        let mut made = registration::attributes(token, usage_limit, expires_at);
        made["times_used"] = times_used.into();
        if times_used > 0 {
            made["last_used_at"] = made["created_at"].clone();
        }
        self.shared.state().add(Kind::Registration, made)
    }

    /// A personal session; its ID and its token.
    ///
    /// # Errors
    /// When there is no such account, or Synapse does not take the device of its scope.
    pub async fn personal_session(
        &self,
        owner: &str,
        actor: &str,
        name: &str,
        scope: &str,
        seconds: Option<u32>,
    ) -> Result<(String, String)> {
        if let Some(device) = super::state::device_of(scope) {
            let body = json!({"localpart": actor, "device_id": device});
            self.shared.tell("upsert_device", &body).await?;
        }
        let (owner, actor) = (self.user_id(owner)?, self.user_id(actor)?);
        let made = personal::attributes(&owner, &actor, name, scope, seconds);
        let mut state = self.shared.state();
        let id = state.add(Kind::Personal, made);
        let token = personal::new_token(&mut state, &id);
        Ok((id, token))
    }

    /// Locks an account, or unlocks it. Synapse is told.
    ///
    /// # Errors
    /// When there is no such account, or Synapse does not take it.
    pub async fn set_locked(&self, localpart: &str, locked: bool) -> Result<()> {
        let user = self.user_id(localpart)?;
        let now = time::written(time::now());
        let at = if locked { now.into() } else { Value::Null };
        self.shared.state().set(Kind::User, &user, "locked_at", at);
        self.shared.tell_provider(&user).await;
        self.shared.run(&Job::Provision(user)).await
    }
}

/// When a session was made that was last used so many days ago, and when it was used.
fn span(days_ago: i64) -> (String, String) {
    // Not at midnight sharp.
    let used = time::now() - days_ago * DAY - SECOND;
    (time::written(used - BEFORE * DAY), time::written(used))
}
