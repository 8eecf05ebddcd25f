//! Sessions of all kinds that people have at Matrix Authentication Service, as one row.

use super::days_before;
use crate::actions::{About, Group, Reversibility, Spares};
use crate::api::mas::Ulid;
use crate::api::mas::sessions::SessionFilter;
use crate::api::server::Feature;
use crate::api::tolerant::Timestamp;
use crate::api::{Call, ServerName, UserId};
use crate::i18n::t;
use crate::listing::{ListQuery, Origins};
use crate::runner::Reason;
use crate::users::sessions::{HeldSession, IsOwn, SessionKind};
use serde::{Deserialize, Serialize};

/// A session of any kind, of anybody.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct AnySession {
    pub held: HeldSession,
    /// Where MAS stands.
    pub base: String,
    /// The localpart of whose it is, once that has been looked up.
    pub whose: Option<String>,
    /// Whether it is the one in which this administrator works.
    pub own: IsOwn,
    /// Whether it is of an account of a bridge or bot, as the deployment names them.
    pub is_system: bool,
    /// Since when nobody must have used it, where it was picked for that.
    pub unused: Option<Timestamp>,
}

impl AnySession {
    /// One that the MAS at `base` has told, of which nothing has been looked up.
    pub fn new(base: &str, held: impl Into<HeldSession>) -> Self {
        AnySession {
            held: held.into(),
            base: base.to_owned(),
            whose: None,
            own: IsOwn::No,
            is_system: false,
            unused: None,
        }
    }

    /// Whether it is somebody's, and nobody has said whose: it may be this administrator's, or a bridge's.
    pub fn is_unasked(&self) -> bool {
        self.held.user.is_some() && self.whose.is_none()
    }

    /// Whose it is, on this server.
    pub fn owner(&self, server: &ServerName) -> Option<UserId> {
        UserId::parse(&format!("@{}:{server}", self.whose.as_ref()?))
    }

    /// What ends it.
    pub fn finish(&self) -> Call {
        self.held.end(&self.base)
    }

    /// What it is called in a question and in a report.
    pub fn title(&self) -> String {
        let app = self.held.label();
        match &self.whose {
            Some(whose) => format!("{app} ({whose})"),
            None => app,
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
    asks: true,
};

/// Why a session is left out where it is to end. What may be the one in which the administrator works is left out as
/// well: on their own page it can be ended alone.
pub fn spared(session: &AnySession) -> Option<Reason> {
    if session.held.is_ended {
        Some(Reason::Unchanged)
    } else if session.is_unasked() {
        Some(Reason::NotAsked)
    } else if session.own != IsOwn::No {
        Some(Reason::Own)
    } else {
        session.is_system.then_some(Reason::System)
    }
}

/// These, each with since when nobody must have used it for the question to find it by which it was picked.
pub fn picked(
    mut rows: Vec<AnySession>,
    by: &Origins<AnySession>,
    now: Timestamp,
) -> Vec<AnySession> {
    let unused = by.questions.map(|by| Question::of(by).unused_since(now));
    for (number, row) in rows.iter_mut().enumerate() {
        row.unused = unused.of(number).copied().flatten();
    }
    rows
}

/// The filters of the list, as the address names them.
pub mod filter {
    pub use super::super::USER;
    pub const KIND: &str = "kind";
    pub const STATE: &str = "state";
    pub const IDLE: &str = "idle";
    pub const CLIENT: &str = "client";
}

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
        let mut kinds = SessionKind::OF_PEOPLE.to_vec();
        kinds.retain(|of| {
            let is_of_program = client.is_none() || *of == SessionKind::App;
            is_of_program && kind.is_none_or(|kind| kind == of.key())
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

    /// Since when nobody must have used what is found, which MAS cannot be asked for: it leaves out those that were
    /// never used.
    pub fn unused_since(&self, now: Timestamp) -> Option<Timestamp> {
        self.idle.map(|days| days_before(now, days))
    }

    /// What MAS is asked for it, of this account if one is given: at least all that it finds. `iso` writes a time as
    /// RFC 3339.
    pub fn for_mas(
        &self,
        user: Option<Ulid>,
        now: Timestamp,
        iso: impl Fn(Timestamp) -> String,
    ) -> SessionFilter {
        SessionFilter {
            user,
            active: self.active,
            // What nobody has used since then was there then.
            created_before: self.unused_since(now).map(iso),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::mas::Resource;
    use crate::api::mas::sessions::OAuth2Session;
    use crate::listing::Defaults;

    fn session(attributes: &str) -> AnySession {
        let json = format!(
            r#"{{"id":"01JSTANDN00000000000000001","attributes":{{
            "created_at":"2026-11-30T16:09:11Z","user_id":"01JSTANDN00000000000000002",
            "client_id":"01JSTANDN00000000000000003",{attributes}}}}}"#
        );
        let found: Resource<OAuth2Session> = serde_json::from_str(&json).unwrap();
        AnySession::new("https://mas.example", found)
    }

    #[test]
    fn which_are_left_out() {
        let scope = r#""scope":"urn:matrix:client:api:* urn:matrix:client:device:ABCDEFGHIJ""#;
        let mut one = session(scope);
        assert_eq!(one.held.device.as_deref(), Some("ABCDEFGHIJ"));
        // Whose it is could not be asked.
        assert_eq!(spared(&one), Some(Reason::NotAsked));
        one.whose = Some("jane".to_owned());
        assert_eq!(spared(&one), None);
        one.is_system = true;
        assert_eq!(spared(&one), Some(Reason::System));
        one.own = IsOwn::Perhaps;
        assert_eq!(spared(&one), Some(Reason::Own));
        let ended = session(&format!(r#"{scope},"finished_at":"2026-11-30T16:09:12Z""#));
        assert_eq!(spared(&ended), Some(Reason::Unchanged));
        // A program's for itself is nobody's.
        let mut programs = session(scope);
        programs.held.user = None;
        assert_eq!(spared(&programs), None);
    }

    #[test]
    fn what_was_picked_for_being_unused_is_asked_about_as_such() {
        let by = |query: &str| ListQuery::parse(query, &Defaults::default());
        let mut origins = Origins::default();
        for query in ["idle=2", "", "kind=app&idle=1"] {
            origins.push(&by(query), None);
        }
        let one = session(r#""scope":"openid""#);
        let now = Timestamp(1_800_000_000_000);
        let all = picked(vec![one.clone(), one.clone(), one.clone()], &origins, now);
        let unused: Vec<_> = all.iter().map(|row| row.unused).collect();
        let two_days = Timestamp(now.0 - 172_800_000);
        let a_day = Timestamp(now.0 - 86_400_000);
        assert_eq!(unused, [Some(two_days), None, Some(a_day)]);
        // All that match.
        let origins = Origins::one(by("idle=2"));
        let all = picked(vec![one.clone(), one], &origins, now);
        assert!(all.iter().all(|row| row.unused == Some(two_days)));
        // It is kept where the page is left meanwhile; an earlier version has kept none.
        let kept = serde_json::to_value(&all[0]).unwrap();
        let again: AnySession = serde_json::from_value(kept.clone()).unwrap();
        assert_eq!(again.unused, Some(two_days));
        let mut earlier = kept;
        earlier.as_object_mut().unwrap().remove("unused");
        let again: AnySession = serde_json::from_value(earlier).unwrap();
        assert_eq!(again.unused, None);
    }

    #[test]
    fn what_an_app_is_known_by() {
        let mut one = session(r#""scope":"openid","user_agent":"Mozilla/5.0","human_name":" ""#);
        assert_eq!(one.title(), "Mozilla/5.0");
        one.held.client_name = Some("Element".to_owned());
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
        assert_eq!(of("").kinds, SessionKind::OF_PEOPLE);
        assert_eq!(of("state=all").active, None);
        assert_eq!(
            of("kind=browser&state=finished").kinds,
            [SessionKind::Browser]
        );
        let of_program = of("client=01JSTANDN00000000000000003");
        assert_eq!(of_program.kinds, [SessionKind::App]);
        // A browser is no program.
        assert!(
            of("kind=browser&client=01JSTANDN00000000000000003")
                .kinds
                .is_empty()
        );
        let (idle, now) = (of("idle=2"), Timestamp(172_800_005));
        assert_eq!(idle.unused_since(now), Some(Timestamp(5)));
        let asked = idle.for_mas(None, now, |at| at.0.to_string());
        assert_eq!(asked.created_before.as_deref(), Some("5"));
        assert_eq!(of("").unused_since(now), None);
    }
}
