//! Sessions of all kinds that people have at Matrix Authentication Service, as one row.

use super::days_before;
use crate::actions::{About, Group, Reversibility, Spares};
use crate::api::mas::sessions::{self, BrowserSession, CompatSession, Filter, OAuth2Session};
use crate::api::mas::{Resource, Ulid};
use crate::api::server::Feature;
use crate::api::tolerant::Timestamp;
use crate::api::{Call, ServerName, UserId};
use crate::i18n::{Words, t};
use crate::listing::ListQuery;
use crate::listing::needs::{Need, Needs};
use crate::runner::Reason;
use serde::{Deserialize, Serialize};

/// The kinds of sessions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum SessionKind {
    /// Of an app that logs in with OAuth 2.0.
    OAuth,
    /// Of an app that logs in as apps did before.
    Compat,
    /// Of a browser at MAS itself.
    Browser,
}

impl SessionKind {
    pub const ALL: [SessionKind; 3] = [
        SessionKind::OAuth,
        SessionKind::Compat,
        SessionKind::Browser,
    ];

    /// As the address names it.
    pub fn name(self) -> &'static str {
        match self {
            SessionKind::OAuth => "oauth2",
            SessionKind::Compat => "compat",
            SessionKind::Browser => "browser",
        }
    }

    /// What it is called.
    pub fn words(self) -> Words {
        match self {
            SessionKind::OAuth => t::auth_kind_oauth,
            SessionKind::Compat => t::auth_kind_compat,
            SessionKind::Browser => t::auth_kind_browser,
        }
    }
}

/// A session of any kind.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct AnySession {
    pub kind: SessionKind,
    /// Where MAS stands.
    pub base: String,
    pub id: Ulid,
    /// `None`: a program's for itself.
    pub user: Option<Ulid>,
    /// The program whose it is, of those that log in with OAuth 2.0.
    pub client: Option<Ulid>,
    /// What its owner calls it.
    pub human_name: Option<String>,
    pub user_agent: Option<String>,
    pub device: Option<String>,
    pub created: Timestamp,
    pub last_active: Option<Timestamp>,
    pub last_ip: Option<String>,
    pub finished: Option<Timestamp>,
    /// The localpart of whose it is, once that has been looked up.
    pub whose: Option<String>,
    /// The name of the program, once that has been looked up.
    pub client_name: Option<String>,
    /// Whether it is of the panel itself, signed in as this administrator.
    pub is_own: bool,
    /// Whether it is of an account of a bridge or bot, as the deployment names them.
    pub is_system: bool,
}

fn blank(base: &str, kind: SessionKind, id: Ulid, created: Timestamp) -> AnySession {
    AnySession {
        kind,
        base: base.to_owned(),
        id,
        user: None,
        client: None,
        human_name: None,
        user_agent: None,
        device: None,
        created,
        last_active: None,
        last_ip: None,
        finished: None,
        whose: None,
        client_name: None,
        is_own: false,
        is_system: false,
    }
}

impl AnySession {
    /// One that was made with OAuth 2.0.
    pub fn oauth(base: &str, found: Resource<OAuth2Session>) -> Self {
        let told = found.attributes;
        AnySession {
            device: told.device_id().map(str::to_owned),
            user: told.user_id,
            client: Some(told.client_id),
            human_name: told.human_name,
            user_agent: told.user_agent,
            last_active: told.last_active_at.map(|at| at.0),
            last_ip: told.last_active_ip,
            finished: told.finished_at.map(|at| at.0),
            ..blank(base, SessionKind::OAuth, found.id, told.created_at.0)
        }
    }

    /// One that was made by the old way to log in.
    pub fn compat(base: &str, found: Resource<CompatSession>) -> Self {
        let told = found.attributes;
        AnySession {
            device: told.device_id,
            user: Some(told.user_id),
            human_name: told.human_name,
            user_agent: told.user_agent,
            last_active: told.last_active_at.map(|at| at.0),
            last_ip: told.last_active_ip,
            finished: told.finished_at.map(|at| at.0),
            ..blank(base, SessionKind::Compat, found.id, told.created_at.0)
        }
    }

    /// One of a browser.
    pub fn browser(base: &str, found: Resource<BrowserSession>) -> Self {
        let told = found.attributes;
        AnySession {
            user: Some(told.user_id),
            user_agent: told.user_agent,
            last_active: told.last_active_at.map(|at| at.0),
            last_ip: told.last_active_ip,
            finished: told.finished_at.map(|at| at.0),
            ..blank(base, SessionKind::Browser, found.id, told.created_at.0)
        }
    }

    /// What a person knows its app by: what its owner calls it, the name of the program, what the program
    /// says of itself.
    pub fn app(&self) -> Option<&str> {
        [&self.human_name, &self.client_name, &self.user_agent]
            .into_iter()
            .flatten()
            .map(String::as_str)
            .find(|name| !name.trim().is_empty())
    }

    /// Whose it is, on this server.
    pub fn owner(&self, server: &ServerName) -> Option<UserId> {
        UserId::parse(&format!("@{}:{server}", self.whose.as_ref()?))
    }

    /// What ends it.
    pub fn finish(&self) -> Call {
        match self.kind {
            SessionKind::OAuth => sessions::finish_oauth2(&self.base, &self.id).call,
            SessionKind::Compat => sessions::finish_compat(&self.base, &self.id).call,
            SessionKind::Browser => sessions::finish_browser(&self.base, &self.id).call,
        }
    }

    /// What it is called in a question and in a report.
    pub fn title(&self) -> String {
        let app = self.app().unwrap_or(self.id.as_str());
        match &self.whose {
            Some(whose) => format!("{app} ({whose})"),
            None => app.to_owned(),
        }
    }
}

/// Ending sessions.
pub const FINISH: About = About {
    label: t::auth_finish,
    sentence: t::auth_finish_text,
    more: Some(t::auth_finish_more),
    one: t::auth_finish_one,
    many: t::auth_finish_count,
    icon: "log-out",
    group: Group::End,
    reversibility: Reversibility::Irreversible,
    question: true,
    feature: Some(Feature::EndSessions),
    spares: Spares::OwnAndBridges,
    looks_up: false,
    asks: false,
};

/// Why a session is left out where it is to end.
pub fn spared(session: &AnySession) -> Option<Reason> {
    if session.finished.is_some() {
        Some(Reason::Unchanged)
    } else if session.is_own {
        Some(Reason::Own)
    } else {
        session.is_system.then_some(Reason::System)
    }
}

/// The filters of the list, as the address names them.
pub mod filter {
    pub use super::super::USER;
    pub const KIND: &str = "kind";
    pub const STATE: &str = "state";
    pub const IDLE: &str = "idle";
    pub const CLIENT: &str = "client";
}

/// What not every MAS can answer.
pub const NEEDS: Needs = Needs(&[Need {
    feature: Feature::SessionDates,
    filters: &[filter::IDLE],
    orders: &[],
    columns: &[],
}]);

/// The states of sessions, as the address names them; those that are active are shown unless another is asked
/// for.
pub mod state {
    pub const FINISHED: &str = "finished";
    pub const ALL: &str = "all";
}

/// What is asked of the list of sessions.
#[derive(Clone, Debug, PartialEq)]
pub struct Question {
    pub kinds: Vec<SessionKind>,
    /// `None`: whether they are or have ended.
    pub active: Option<bool>,
    /// Those that were not active for so many days.
    pub idle: Option<u32>,
    /// Those of this program, which have logged in with OAuth 2.0.
    pub client: Option<Ulid>,
}

impl Question {
    /// The question that stands in the address, but for whose they are to be.
    pub fn of(query: &ListQuery) -> Self {
        let kind = query.get(filter::KIND);
        let client = query.get(filter::CLIENT).and_then(Ulid::parse);
        let mut kinds = SessionKind::ALL.to_vec();
        kinds.retain(|of| {
            let is_of_program = client.is_none() || *of == SessionKind::OAuth;
            is_of_program && kind.is_none_or(|kind| kind == of.name())
        });
        Question {
            kinds,
            active: match query.get(filter::STATE) {
                Some(state::FINISHED) => Some(false),
                Some(state::ALL) => None,
                _ => Some(true),
            },
            idle: query.get(filter::IDLE).and_then(|days| days.parse().ok()),
            client,
        }
    }

    /// What MAS is asked for it, of this account if one is given. `iso` writes a time as RFC 3339.
    pub fn for_mas(
        &self,
        user: Option<Ulid>,
        now: Timestamp,
        iso: impl Fn(Timestamp) -> String,
    ) -> Filter {
        Filter {
            user,
            active: self.active,
            last_active_before: self.idle.map(|days| iso(days_before(now, days))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::listing::Defaults;

    fn session(attributes: &str) -> AnySession {
        let json = format!(
            r#"{{"id":"01JSTANDN00000000000000001","attributes":{{
            "created_at":"2026-11-30T16:09:11Z","user_id":"01JSTANDN00000000000000002",
            "client_id":"01JSTANDN00000000000000003",{attributes}}}}}"#
        );
        AnySession::oauth("https://mas.example", serde_json::from_str(&json).unwrap())
    }

    #[test]
    fn which_are_left_out() {
        let scope = r#""scope":"urn:matrix:client:api:* urn:matrix:client:device:ABCDEFGHIJ""#;
        let mut one = session(scope);
        assert_eq!(one.device.as_deref(), Some("ABCDEFGHIJ"));
        assert_eq!(spared(&one), None);
        one.is_system = true;
        assert_eq!(spared(&one), Some(Reason::System));
        one.is_own = true;
        assert_eq!(spared(&one), Some(Reason::Own));
        let ended = session(&format!(r#"{scope},"finished_at":"2026-11-30T16:09:12Z""#));
        assert_eq!(spared(&ended), Some(Reason::Unchanged));
    }

    #[test]
    fn what_an_app_is_known_by() {
        let mut one = session(r#""scope":"openid","user_agent":"Mozilla/5.0","human_name":" ""#);
        assert_eq!(one.title(), "Mozilla/5.0");
        one.client_name = Some("Element".to_owned());
        one.whose = Some("jane".to_owned());
        assert_eq!(one.title(), "Element (jane)");
        let server = ServerName::parse("b.org").unwrap();
        assert_eq!(one.owner(&server), UserId::parse("@jane:b.org"));
        assert!(
            one.finish()
                .path
                .ends_with("oauth2-sessions/01JSTANDN00000000000000001/finish")
        );
    }

    #[test]
    fn what_is_asked() {
        let of = |query: &str| Question::of(&ListQuery::parse(query, &Defaults::default()));
        assert_eq!(of("").active, Some(true));
        assert_eq!(of("").kinds, SessionKind::ALL);
        assert_eq!(of("state=all").active, None);
        assert_eq!(
            of("kind=browser&state=finished").kinds,
            [SessionKind::Browser]
        );
        let of_program = of("client=01JSTANDN00000000000000003");
        assert_eq!(of_program.kinds, [SessionKind::OAuth]);
        // A browser is no program.
        assert!(
            of("kind=browser&client=01JSTANDN00000000000000003")
                .kinds
                .is_empty()
        );
        let idle = of("idle=2").for_mas(None, Timestamp(172_800_005), |at| at.0.to_string());
        assert_eq!(idle.last_active_before.as_deref(), Some("5"));
    }
}
