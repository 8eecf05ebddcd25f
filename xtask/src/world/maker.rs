//! Makes users, files and rooms: for the sample world, and for tests that want their own.

use super::database::{Database, Statement};
use super::people::{Kind, Person};
use super::{PASSWORD, failed, optional};
use crate::native::Client;
use crate::synapse::Synapse;
use anyhow::{Context, Result, bail};
use serde_json::{Value, json};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};
use synapse_admin::api::request::{Body, path};
use synapse_admin::api::rooms::{self, RoomDetail};
use synapse_admin::api::server::{self, Capabilities};
use synapse_admin::api::users::{self, Threepid, UserChange};
use synapse_admin::api::{MxcUri, Request, RoomId, ServerName, UserId};

/// How long the server may take until it lists a new room, and how often that is looked at.
const PATIENCE: Duration = Duration::from_secs(180);
const BEAT: Duration = Duration::from_millis(10);

/// Distinguishes what one process makes.
static COUNT: AtomicU64 = AtomicU64::new(0);

/// An administrator's hands.
#[derive(Clone, Debug)]
pub struct Maker {
    admin: Client,
    server: ServerName,
    capabilities: Capabilities,
    database: Database,
}

impl Maker {
    /// Works with the token of an administrator.
    pub async fn new(server: &Synapse, admin: Client) -> Result<Self> {
        let version = admin.run(&server::version()).await;
        let spec = admin.run(&server::spec_versions()).await;
        Ok(Maker {
            capabilities: Capabilities::new(
                &version.map_err(failed("version"))?,
                spec.map_err(failed("versions"))?,
                false,
            ),
            admin,
            server: server.server_name(),
            database: Database::of(server.config()),
        })
    }

    /// The administrator's client.
    pub fn admin(&self) -> &Client {
        &self.admin
    }

    /// What the server can do.
    pub fn capabilities(&self) -> &Capabilities {
        &self.capabilities
    }

    /// The server's name.
    pub fn server(&self) -> &ServerName {
        &self.server
    }

    /// The server's database. See [`super::database`] for what may be written while it runs.
    pub fn database(&self) -> &Database {
        &self.database
    }

    /// The user ID of a localpart on this server.
    pub fn user(&self, localpart: &str) -> UserId {
        UserId::new(localpart, &self.server)
    }

    /// A localpart that nobody has had on this server in this process.
    pub fn fresh_localpart(&self, prefix: &str) -> String {
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        // As many digits for all: whoever searches for one finds no other.
        format!("{prefix}.{}.{count:05}", std::process::id())
    }

    /// Creates an account, or changes it.
    pub async fn make_user(&self, localpart: &str, change: &UserChange) -> Result<UserId> {
        let user = self.user(localpart);
        self.admin
            .run(&users::put(&user, change))
            .await
            .map_err(failed(localpart))?;
        Ok(user)
    }

    /// Creates an account with a name of its own.
    pub async fn make_fresh_user(&self, prefix: &str) -> Result<UserId> {
        let localpart = self.fresh_localpart(prefix);
        self.make_user(&localpart, &UserChange::default()).await
    }

    /// A client that acts as a user, without a device. The administrator cannot act as
    /// themselves this way.
    pub async fn act_as(&self, user: &UserId) -> Result<Client> {
        let login =
            Request::<Value>::post(path(&["/_synapse/admin/v1/users", user.as_str(), "login"]));
        let answer = self
            .admin
            .run(&login)
            .await
            .map_err(failed(user.as_str()))?;
        let token = answer["access_token"]
            .as_str()
            .context("A login as somebody has no access token.")?;
        Ok(self.admin.with_token(token))
    }

    /// Uploads a file as a user.
    pub async fn upload_media(
        &self,
        owner: &UserId,
        bytes: &[u8],
        content_type: &str,
        name: Option<&str>,
    ) -> Result<MxcUri> {
        let client = self.act_as(owner).await?;
        upload(&client, bytes, content_type, name).await
    }

    /// Sets when files were made and last fetched, in milliseconds since 1970; `None` for never
    /// fetched. May be used while the server runs: it does not cache these.
    pub fn age_media(&self, ages: &[(&str, i64, Option<i64>)]) -> Result<()> {
        let rows = ages
            .iter()
            .map(|(media_id, created, access)| json!([created, access, media_id]));
        self.database
            .run(&[Statement::each(
                "UPDATE local_media_repository SET created_ts = ?, last_access_ts = ? \
                 WHERE media_id = ?",
                rows,
            )])
            .map(drop)
    }

    /// Creates a room as a user, and waits until the server's list of rooms has it with its name, its
    /// topic and its member, which it counts a moment later: before that lists lack the room, and the
    /// reports from it. `body` is that of
    /// `POST /_matrix/client/v3/createRoom`.
    pub async fn make_room(&self, creator: &Client, body: &Value) -> Result<RoomId> {
        let answer = creator
            .run(&Request::<Value>::post("/_matrix/client/v3/createRoom").json(body))
            .await
            .map_err(failed("createRoom"))?;
        let room = answer["room_id"]
            .as_str()
            .and_then(RoomId::parse)
            .context("A new room has no ID.")?;
        let is_empty = |key: &str| body[key].as_str().is_none_or(str::is_empty);
        let is_whole = |of: &RoomDetail| {
            of.room.joined_members >= Some(1)
                && (is_empty("name") || of.room.name.is_some())
                && (is_empty("topic") || of.topic.is_some())
        };
        let begun = Instant::now();
        while !self
            .admin
            .run(&rooms::get(&room))
            .await
            .is_ok_and(|found| is_whole(&found))
        {
            if begun.elapsed() > PATIENCE {
                bail!("The server does not list the new room {room}.");
            }
            tokio::time::sleep(BEAT).await;
        }
        Ok(room)
    }

    /// Sends an event to a room.
    pub async fn send(
        &self,
        sender: &Client,
        room: &RoomId,
        kind: &str,
        content: &Value,
    ) -> Result<String> {
        let transaction = COUNT.fetch_add(1, Ordering::Relaxed).to_string();
        let endpoint = path(&[
            "/_matrix/client/v3/rooms",
            room.as_str(),
            "send",
            kind,
            &transaction,
        ]);
        let answer = sender
            .run(&Request::<Value>::put(endpoint, content))
            .await
            .map_err(failed(kind))?;
        Ok(answer["event_id"].as_str().unwrap_or_default().to_owned())
    }

    /// Joins a room that lets the user in.
    pub async fn join(&self, user: &Client, room: &RoomId) -> Result<()> {
        let endpoint = path(&["/_matrix/client/v3/join", room.as_str()]);
        user.run(&Request::<Value>::post(endpoint))
            .await
            .map_err(failed("join"))
            .map(drop)
    }

    /// Sets a user's profile image.
    pub async fn set_avatar(&self, user: &UserId, image: &MxcUri) -> Result<()> {
        let change = UserChange {
            avatar_url: Some(image.to_string()),
            ..Default::default()
        };
        self.make_user(user.localpart(), &change).await.map(drop)
    }

    /// Creates a person of the sample world, alive and well.
    pub(super) async fn make_person(&self, person: &Person) -> Result<()> {
        let user_type = match person.kind {
            Kind::Bot => Some("bot"),
            Kind::Support => Some("support"),
            _ => None,
        };
        // An empty name at creation means the localpart.
        let is_nameless = person.name.as_deref() == Some("");
        let change = UserChange {
            displayname: person.name.clone().filter(|_| !is_nameless),
            password: person.has_password.then(|| PASSWORD.to_owned()),
            admin: (person.kind == Kind::Admin).then_some(true),
            user_type: user_type.map(|kind| Some(kind.to_owned())),
            threepids: person.email.as_ref().map(|address| {
                vec![Threepid {
                    medium: "email".into(),
                    address: address.clone(),
                }]
            }),
            ..Default::default()
        };
        self.make_user(&person.localpart, &change).await?;
        if is_nameless {
            let change = UserChange {
                displayname: Some(String::new()),
                ..Default::default()
            };
            self.make_user(&person.localpart, &change).await?;
        }
        Ok(())
    }

    /// Does to a person of the sample world what cannot be done before they have acted.
    pub(super) async fn seal_fate(&self, person: &Person) -> Result<()> {
        let user = self.user(&person.localpart);
        let outcome = match person.kind {
            Kind::Deactivated => self.admin.run(&users::deactivate(&user, false)).await,
            Kind::Erased => self.admin.run(&users::deactivate(&user, true)).await,
            Kind::ShadowBanned => self.admin.run(&users::shadow_ban(&user)).await,
            Kind::Suspended => {
                let endpoint = path(&["/_synapse/admin/v1/suspend", user.as_str()]);
                let request = Request::put(endpoint, &json!({"suspend": true}));
                self.admin.run(&request).await
            }
            Kind::Locked => {
                let change = UserChange {
                    locked: Some(true),
                    ..Default::default()
                };
                let request = users::put(&user, &change);
                return self
                    .admin
                    .run(&request)
                    .await
                    .map_err(failed(&person.localpart))
                    .map(drop);
            }
            Kind::Plain | Kind::Admin | Kind::Bot | Kind::Support => return Ok(()),
        };
        optional(outcome)
            .map_err(failed(&person.localpart))
            .map(drop)
    }
}

/// Uploads a file with a user's own token.
pub async fn upload(
    client: &Client,
    bytes: &[u8],
    content_type: &str,
    name: Option<&str>,
) -> Result<MxcUri> {
    let request = Request::<Value>::post("/_matrix/media/v3/upload")
        .query_some("filename", name)
        .with_body(Body::File {
            content_type: content_type.to_owned(),
            bytes: bytes.to_vec(),
        });
    let answer = client
        .run(&request)
        .await
        .map_err(failed(name.unwrap_or("upload")))?;
    answer["content_uri"]
        .as_str()
        .and_then(MxcUri::parse)
        .context("An upload has no address.")
}
