//! The demo's world, as MAS would have it after Synapse's accounts were moved there.

use super::state::Kind;
use super::{ADMIN_SCOPE, Account, Mas, admin, time};
use crate::synapse::Synapse;
use crate::world::people::{self, Kind as Sort};
use anyhow::{Context, Result};
use serde_json::{Value, json};
use synapse_admin::api::{UserId, devices};

const FIREFOX: &str = "Mozilla/5.0 (X11; Linux x86_64; rv:141.0) Gecko/20100101 Firefox/141.0";
const PHONE: &str = "Element X/25.08.2 (Pixel 9; Android 16; Sdk 36)";
const DESKTOP: &str = "ElementDesktop/1.11.109 (Macintosh; Intel Mac OS X 10_15_7)";
const OLD_CLIENT: &str = "nheko/0.12.0";

impl Mas {
    /// Takes all people of the sample world over, with their devices and addresses, and gives some of
    /// them sessions of other kinds, identity providers and what else there is to see.
    ///
    /// # Errors
    /// When Synapse does not take something.
    pub async fn settle(&self, synapse: &Synapse) -> Result<()> {
        self.account(synapse, people::ADMIN, Account::ADMIN).await?;
        for person in people::everyone() {
            self.take_in(&person).await?;
        }
        let (_, token) = self
            .personal_session(
                people::ADMIN,
                people::ADMIN,
                "Nightly report",
                ADMIN_SCOPE,
                None,
            )
            .await?;
        self.take_devices(synapse, &token).await?;
        self.sessions().await?;
        self.identities()?;
        self.registration_token("welcome-2026", Some(20), 3, Some(90));
        self.registration_token("family", None, 4, None);
        self.registration_token("used-up", Some(1), 1, None);
        self.registration_token("last-summer", Some(5), 2, Some(-60));
        Ok(())
    }

    /// An account that Synapse has already.
    async fn take_in(&self, person: &people::Person) -> Result<()> {
        let is_gone = matches!(person.kind, Sort::Deactivated | Sort::Erased);
        let now = time::now();
        let id = {
            let mut state = self.shared.state();
            let made = time::written(now - 400 * time::DAY);
            let is_admin = person.kind == Sort::Admin;
            let mut user = admin::users::attributes(&person.localpart, &made, is_admin);
            let ended = Value::from(time::written(now - 40 * time::DAY));
            if is_gone {
                user["deactivated_at"] = ended.clone();
            }
            if person.kind == Sort::Locked {
                user["locked_at"] = ended;
            }
            let id = state.add(Kind::User, user);
            if let Some(address) = person.email.as_ref().filter(|_| !is_gone) {
                let email = json!({"created_at": made, "user_id": id, "email": address});
                state.add(Kind::Email, email);
            }
            id
        };
        self.shared.tell_provider(&id).await;
        Ok(())
    }

    /// The devices that people have are sessions of old clients from now on, as MAS' own tool makes
    /// them.
    async fn take_devices(&self, synapse: &Synapse, token: &str) -> Result<()> {
        let client = synapse.client().with_token(token);
        let names: Vec<String> = {
            let state = self.shared.state();
            let all = state.all(Kind::User);
            all.filter(|(_, user)| user["deactivated_at"].is_null())
                .filter_map(|(_, user)| Some(user["username"].as_str()?.to_owned()))
                .collect()
        };
        for localpart in names {
            let user = format!("@{localpart}:{}", synapse.config().server_name);
            let user = UserId::parse(&user).context("That is no user ID.")?;
            let told = client.run(&devices::list(&user)).await;
            let told = told.map_err(|error| anyhow::anyhow!("{user}: {error}"))?;
            for device in told.devices {
                let agent = device.last_seen_user_agent.unwrap_or_default();
                let agent = if agent.is_empty() { OLD_CLIENT } else { &agent };
                let made = self.compat_session(&localpart, Some(&device.device_id), agent, 2);
                let session = made.await?;
                let name = device.display_name;
                let mut state = self.shared.state();
                state.set(Kind::Compat, &session, "human_name", name.into());
            }
        }
        Ok(())
    }

    async fn sessions(&self) -> Result<()> {
        let element = self.oauth_client("Element X", "https://element.io/", false);
        let web = self.oauth_client("Element Web", "https://app.element.example/", true);
        let scope =
            |device: &str| format!("urn:matrix:client:api:* urn:matrix:client:device:{device}");
        let bob = people::ordinary(1).0;
        for (name, client, device, agent, days) in [
            (people::ALICE, &element, "PHONEALICE", PHONE, 0),
            (people::ALICE, &web, "WEBOFALICE", FIREFOX, 1),
            (people::MEDIA_OWNER, &element, "PHONEOFMIA", PHONE, 3),
            (bob.as_str(), &web, "WEBATHOME01", DESKTOP, 120),
        ] {
            self.oauth_session(name, client, &scope(device), agent, days)
                .await?;
        }
        for (name, agent, days) in [
            (people::ADMIN, FIREFOX, 0),
            (people::ALICE, FIREFOX, 1),
            (people::MEDIA_OWNER, PHONE, 3),
            (bob.as_str(), DESKTOP, 120),
        ] {
            self.browser_session(name, agent, days)?;
        }
        self.compat_session(people::ALICE, Some("OLDTABLET1"), OLD_CLIENT, 200)
            .await?;
        Ok(())
    }

    fn identities(&self) -> Result<()> {
        let github = self.upstream_provider("GitHub", Some("github"), true);
        let company = self.upstream_provider("Company log-in", None, false);
        self.upstream_link(&github, "4711", Some(people::ALICE), Some("alice-codes"))?;
        self.upstream_link(&company, "u-0815", Some(people::ALICE), Some("a.example"))?;
        self.upstream_link(&company, "u-0042", Some(people::MEDIA_OWNER), None)?;
        self.upstream_link(&github, "31337", None, Some("somebody-new"))?;
        Ok(())
    }
}
