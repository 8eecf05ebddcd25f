//! The sessions that Matrix Authentication Service keeps of an account: apps, old log-ins, browsers, and tokens of
//! scripts that act as it. One kind of row for all of them.

use crate::actions::Verdict;
use crate::api::mas::personal::{self, PersonalSession};
use crate::api::mas::sessions::{self, BrowserSession, CompatSession, OAuth2Session};
use crate::api::mas::{MasTime, Resource, Ulid};
use crate::api::tolerant::Timestamp;
use crate::api::{Call, Request};
use crate::i18n::{Words, t};
use crate::runner::Reason;
use serde::{Deserialize, Serialize};

/// The tab of an account's sessions, as the address of its page names it.
pub const TAB: &str = "sessions";

/// What a session is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum SessionKind {
    /// An app that has logged in by OAuth 2.0.
    App,
    /// An app that has logged in by the old `/login`.
    Login,
    /// A browser that is signed in to MAS itself.
    Browser,
    /// A token for scripts, which an administrator has made.
    Personal,
}

impl SessionKind {
    /// All of them, in the order in which they are told.
    pub const ALL: [SessionKind; 4] = [
        SessionKind::App,
        SessionKind::Login,
        SessionKind::Browser,
        SessionKind::Personal,
    ];

    /// Those that somebody has by logging in.
    pub const OF_PEOPLE: [SessionKind; 3] =
        [SessionKind::App, SessionKind::Login, SessionKind::Browser];

    /// As addresses and files have it.
    pub fn key(self) -> &'static str {
        match self {
            SessionKind::App => "app",
            SessionKind::Login => "login",
            SessionKind::Browser => "browser",
            SessionKind::Personal => "personal",
        }
    }

    /// What it is called.
    pub fn words(self) -> Words {
        match self {
            SessionKind::App => t::auth_kind_oauth,
            SessionKind::Login => t::auth_kind_compat,
            SessionKind::Browser => t::auth_kind_browser,
            SessionKind::Personal => t::held_personal,
        }
    }

    /// What is sent to end one of this kind.
    pub fn end(self, base: &str, id: &Ulid) -> Call {
        match self {
            SessionKind::App => sessions::finish_oauth2(base, id).call,
            SessionKind::Login => sessions::finish_compat(base, id).call,
            SessionKind::Browser => sessions::finish_browser(base, id).call,
            SessionKind::Personal => personal::revoke(base, id).call,
        }
    }
}

/// A session that MAS keeps.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct HeldSession {
    pub id: Ulid,
    pub kind: SessionKind,
    /// Whose it is, or as whom it acts; `None`: a program's for itself.
    pub user: Option<Ulid>,
    /// The program, of an app.
    pub client: Option<Ulid>,
    /// What the program is called, once that has been asked.
    pub client_name: Option<String>,
    /// What somebody has called the session.
    pub name: Option<String>,
    /// The device that it has at the homeserver, if any.
    pub device: Option<String>,
    pub user_agent: Option<String>,
    pub last_active: Option<Timestamp>,
    pub last_ip: Option<String>,
    pub begun: Timestamp,
    /// When it was ended, or when its token expires, which may be yet to come.
    pub ends: Option<Timestamp>,
    /// Whether somebody has ended it.
    pub is_ended: bool,
}

fn told(text: Option<String>) -> Option<String> {
    text.filter(|text| !text.trim().is_empty())
}

fn at(moment: Option<MasTime>) -> Option<Timestamp> {
    moment.map(|moment| moment.0)
}

/// What all kinds have; no name and no device.
pub(super) fn bare(
    id: Ulid,
    kind: SessionKind,
    begun: MasTime,
    ended: Option<MasTime>,
    active: (Option<MasTime>, Option<String>),
) -> HeldSession {
    HeldSession {
        id,
        kind,
        user: None,
        client: None,
        client_name: None,
        name: None,
        device: None,
        user_agent: None,
        last_active: at(active.0),
        last_ip: told(active.1),
        begun: begun.0,
        ends: at(ended),
        is_ended: ended.is_some(),
    }
}

impl From<Resource<OAuth2Session>> for HeldSession {
    fn from(Resource { id, attributes, .. }: Resource<OAuth2Session>) -> Self {
        let of = attributes;
        let device = of.device_id().map(str::to_owned);
        let active = (of.last_active_at, of.last_active_ip);
        HeldSession {
            user: of.user_id,
            client: Some(of.client_id),
            name: told(of.human_name),
            device,
            user_agent: told(of.user_agent),
            ..bare(id, SessionKind::App, of.created_at, of.finished_at, active)
        }
    }
}

impl From<Resource<CompatSession>> for HeldSession {
    fn from(Resource { id, attributes, .. }: Resource<CompatSession>) -> Self {
        let of = attributes;
        let active = (of.last_active_at, of.last_active_ip);
        HeldSession {
            user: Some(of.user_id),
            name: told(of.human_name),
            device: told(of.device_id),
            user_agent: told(of.user_agent),
            ..bare(
                id,
                SessionKind::Login,
                of.created_at,
                of.finished_at,
                active,
            )
        }
    }
}

impl From<Resource<BrowserSession>> for HeldSession {
    fn from(Resource { id, attributes, .. }: Resource<BrowserSession>) -> Self {
        let of = attributes;
        let active = (of.last_active_at, of.last_active_ip);
        HeldSession {
            user: Some(of.user_id),
            user_agent: told(of.user_agent),
            ..bare(
                id,
                SessionKind::Browser,
                of.created_at,
                of.finished_at,
                active,
            )
        }
    }
}

impl From<Resource<PersonalSession>> for HeldSession {
    fn from(Resource { id, attributes, .. }: Resource<PersonalSession>) -> Self {
        let of = attributes;
        let active = (of.last_active_at, of.last_active_ip);
        let expires = at(of.expires_at);
        let session = bare(
            id,
            SessionKind::Personal,
            of.created_at,
            of.revoked_at,
            active,
        );
        HeldSession {
            user: Some(of.actor_user_id),
            name: told(Some(of.human_name)),
            device: sessions::device_of(&of.scope).map(str::to_owned),
            ends: session.ends.or(expires),
            ..session
        }
    }
}

impl HeldSession {
    /// Whether it is over: ended by somebody, or its token has expired.
    pub fn is_over(&self, now: Timestamp) -> bool {
        self.is_ended || self.ends.is_some_and(|at| at <= now)
    }

    /// When it was last used, as far as anybody knows: one of which MAS does not know it, when it began.
    pub fn last_known_use(&self) -> Timestamp {
        self.last_active.unwrap_or(self.begun)
    }

    /// Whether it was not used since this moment. One of which MAS does not know when it was used is as old as
    /// it is.
    pub fn is_unused_since(&self, moment: Timestamp) -> bool {
        self.last_known_use() < moment
    }

    /// Whether it is to be ended as it stands now, if it was picked because nobody had used it since `unused`.
    pub fn stands(&self, unused: Option<Timestamp>) -> Verdict {
        match unused {
            _ if self.is_ended => Verdict::Leave(Reason::Unchanged),
            Some(since) if !self.is_unused_since(since) => Verdict::Leave(Reason::InUse),
            _ => Verdict::Go { undoable: false },
        }
    }

    /// What a person knows it by, besides what it is: what somebody calls it, its program, what that says of itself,
    /// its device.
    pub fn label(&self) -> String {
        let client = self.client.as_ref().map(Ulid::as_str);
        let known = [
            self.name.as_deref(),
            self.client_name.as_deref(),
            self.user_agent.as_deref(),
            self.device.as_deref(),
            client,
        ];
        let first = known
            .into_iter()
            .flatten()
            .find(|name| !name.trim().is_empty());
        first.unwrap_or(self.id.as_str()).to_owned()
    }

    /// What is sent to end it.
    pub fn end(&self, base: &str) -> Call {
        self.kind.end(base, &self.id)
    }
}

/// The request for how it is now, whatever it is.
pub enum AskHeld {
    App(Request<crate::api::mas::One<OAuth2Session>>),
    Login(Request<crate::api::mas::One<CompatSession>>),
    Browser(Request<crate::api::mas::One<BrowserSession>>),
    Personal(Request<crate::api::mas::One<PersonalSession>>),
}

/// Asks for a session again.
pub fn ask_again(base: &str, session: &HeldSession) -> AskHeld {
    let id = &session.id;
    match session.kind {
        SessionKind::App => AskHeld::App(sessions::one_oauth2(base, id)),
        SessionKind::Login => AskHeld::Login(sessions::one_compat(base, id)),
        SessionKind::Browser => AskHeld::Browser(sessions::one_browser(base, id)),
        SessionKind::Personal => AskHeld::Personal(personal::one(base, id)),
    }
}

/// Those of these sessions that keep a device at the homeserver, and would bring it back if it were deleted there
/// alone.
pub fn of_device<'a>(
    held: &'a [HeldSession],
    device: &'a str,
) -> impl Iterator<Item = &'a HeldSession> {
    held.iter()
        .filter(move |session| session.device.as_deref() == Some(device))
}

/// What is known of which session is the one in which somebody works.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum IsOwn {
    No,
    /// It is one of several of this program, and nobody tells which.
    Perhaps,
    Yes,
}

/// What the session in which somebody works is known by.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct WorksBy {
    /// The program, where it has logged in by OAuth 2.0.
    pub client: Option<String>,
    /// Its device, if it has one.
    pub device: Option<String>,
    /// Whether it is by a personal token, which MAS does not tell from others.
    pub personal: bool,
}

impl WorksBy {
    /// Whether one of one's own sessions is of the program with which one works, and has not ended; so that it may
    /// be the one.
    pub fn may_be(&self, session: &HeldSession) -> bool {
        let is_its = match (&self.device, &self.client) {
            (Some(device), _) => session.device.as_ref() == Some(device),
            (None, Some(client)) => {
                session.client.as_ref().map(Ulid::as_str) == Some(client.as_str())
            }
            (None, None) => self.personal && session.kind == SessionKind::Personal,
        };
        is_its && !session.is_ended
    }

    /// Whether this is the session in which its owner works. Without a device MAS does not say which of a program's
    /// sessions a token is of: it is certain only where there is no other. `alike` are how many of the owner's
    /// sessions [may be](WorksBy::may_be) it.
    pub fn is_own(&self, session: &HeldSession, alike: usize) -> IsOwn {
        match (self.may_be(session), alike) {
            (false, _) => IsOwn::No,
            (true, 0 | 1) if !self.personal => IsOwn::Yes,
            (true, _) => IsOwn::Perhaps,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    const ID: &str = "01JSTANDN00000000000000001";
    const CLIENT: &str = "01JSTANDN0000000000000000C";

    fn app(scope: &str, finished: Option<&str>) -> HeldSession {
        let resource: Resource<OAuth2Session> = serde_json::from_value(json!({
            "id": ID,
            "attributes": {
                "created_at": "1970-01-01T00:00:10Z",
                "finished_at": finished,
                "client_id": CLIENT,
                "scope": scope,
                "last_active_at": "1970-01-01T00:00:20Z",
            },
        }))
        .unwrap();
        resource.into()
    }

    fn login(device: Option<&str>) -> HeldSession {
        let resource: Resource<CompatSession> = serde_json::from_value(json!({
            "id": ID,
            "attributes": {
                "user_id": ID,
                "created_at": "1970-01-01T00:00:10Z",
                "device_id": device,
            },
        }))
        .unwrap();
        resource.into()
    }

    #[test]
    fn a_device_is_kept_by_sessions_of_either_kind() {
        let held = [
            app(
                "urn:matrix:client:api:* urn:matrix:client:device:PHONE12345",
                None,
            ),
            app(
                "urn:matrix:org.matrix.msc2967.client:device:OTHER12345",
                None,
            ),
            app("urn:matrix:client:api:*", None),
            login(Some("PHONE12345")),
            login(None),
        ];
        let of = |device| {
            of_device(&held, device)
                .map(|one| one.kind)
                .collect::<Vec<_>>()
        };
        assert_eq!(of("PHONE12345"), [SessionKind::App, SessionKind::Login]);
        assert_eq!(of("OTHER12345"), [SessionKind::App]);
        // Not by part of its name.
        assert_eq!(of("PHONE1234"), []);
        assert_eq!(of(""), []);
    }

    #[test]
    fn each_kind_is_ended_in_its_own_way() {
        let ends = |session: &HeldSession| session.end("https://h").path;
        let start = "https://h/api/admin/v1";
        let one = app("", None);
        assert_eq!(ends(&one), format!("{start}/oauth2-sessions/{ID}/finish"));
        let one = login(None);
        assert_eq!(ends(&one), format!("{start}/compat-sessions/{ID}/finish"));
        let token: Resource<PersonalSession> = serde_json::from_value(json!({
            "id": ID,
            "attributes": {
                "created_at": "1970-01-01T00:00:10Z",
                "actor_user_id": ID,
                "human_name": "nightly",
                "scope": "urn:matrix:client:device:ROBOT12345",
                "expires_at": "1970-01-01T00:01:00Z",
            },
        }))
        .unwrap();
        let token = HeldSession::from(token);
        assert_eq!(
            ends(&token),
            format!("{start}/personal-sessions/{ID}/revoke")
        );
        assert_eq!(token.device.as_deref(), Some("ROBOT12345"));
        assert_eq!(token.label(), "nightly");
        // It is over when it expires, and nobody has ended it.
        assert!(!token.is_over(Timestamp(59_999)));
        assert!(token.is_over(Timestamp(60_000)));
        assert!(!token.is_ended);
    }

    #[test]
    fn what_has_been_used_since_is_not_ended_for_being_unused() {
        let one = app("", None);
        let goes = Verdict::Go { undoable: false };
        assert_eq!(one.stands(None), goes);
        assert_eq!(one.stands(Some(Timestamp(20_001))), goes);
        let used = Verdict::Leave(Reason::InUse);
        assert_eq!(one.stands(Some(Timestamp(20_000))), used);
        // Of this one nobody knows when it was used: it has been there since it began.
        let other = login(None);
        assert!(other.is_unused_since(Timestamp(10_001)));
        assert!(!other.is_unused_since(Timestamp(10_000)));
        let over = app("", Some("1970-01-01T00:00:30Z"));
        let ended = Verdict::Leave(Reason::Unchanged);
        assert_eq!(over.stands(Some(Timestamp(1))), ended);
    }

    #[test]
    fn of_several_sessions_of_the_panel_nobody_knows_which_is_ones_own() {
        let one = app("", None);
        let by = |client: &str| WorksBy {
            client: Some(client.to_owned()),
            ..Default::default()
        };
        assert_eq!(by(CLIENT).is_own(&one, 1), IsOwn::Yes);
        assert_eq!(by(CLIENT).is_own(&one, 2), IsOwn::Perhaps);
        assert_eq!(by(ID).is_own(&one, 1), IsOwn::No);
        assert_eq!(WorksBy::default().is_own(&login(None), 0), IsOwn::No);
        let over = app("", Some("1970-01-01T00:00:30Z"));
        assert_eq!(by(CLIENT).is_own(&over, 1), IsOwn::No);
        // A device is nobody else's.
        let old = WorksBy {
            device: Some("PHONE12345".to_owned()),
            ..Default::default()
        };
        assert_eq!(old.is_own(&login(Some("PHONE12345")), 1), IsOwn::Yes);
        assert_eq!(old.is_own(&login(Some("OTHER12345")), 1), IsOwn::No);
        assert_eq!(old.is_own(&login(None), 1), IsOwn::No);
        // Of a personal token MAS does not say which one it is.
        let brought = WorksBy {
            personal: true,
            ..Default::default()
        };
        assert_eq!(brought.is_own(&login(None), 1), IsOwn::No);
        let token = HeldSession {
            kind: SessionKind::Personal,
            ..login(None)
        };
        assert_eq!(brought.is_own(&token, 1), IsOwn::Perhaps);
    }
}
