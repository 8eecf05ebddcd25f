//! Personal sessions of Matrix Authentication Service: tokens for scripts, which act as somebody.

use super::USER;
use crate::actions::{About, Group, Reversibility, Spares, Verdict};
use crate::address::route::Route;
use crate::api::UserId;
use crate::api::authorization::CLIENT_API;
use crate::api::authorization::{MAS_ADMIN, SYNAPSE_ADMIN};
use crate::api::encode::encoded;
use crate::api::mas::personal::PersonalSession;
use crate::api::mas::{Resource, Ulid};
use crate::api::server::Feature;
use crate::api::tolerant::Timestamp;
use crate::i18n::{Words, t};
use crate::runner::Reason;
use serde::{Deserialize, Serialize};

/// The tab of personal sessions, as the address names it.
pub const TAB: &str = "personal";

/// As whom a new session is proposed to act, as the address of that tab names it: the last of its parts.
pub const ACT_AS: &str = "act_as";

/// For so long a session is proposed that is to act as somebody, in milliseconds.
pub const ACT_AS_MS: i64 = 60 * 60 * 1_000;

/// Where a session is proposed that acts as this account, above those that do already.
pub fn to_act_as(user: &UserId) -> String {
    let (actor, user) = (encoded(user.localpart()), encoded(user.as_str()));
    Route::Authentication.at(&format!("tab={TAB}&{USER}={actor}&{ACT_AS}={user}"))
}

/// That address once the session has been proposed: a reload does not propose it again.
pub fn proposed(address: &str) -> &str {
    let at = address.find(&format!("&{ACT_AS}="));
    at.map_or(address, |at| &address[..at])
}

/// What comes before the ID of a device in a scope.
const DEVICE: &str = "urn:matrix:client:device:";

/// A right that a personal session can be given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Right {
    /// To do what the account may do.
    Account,
    /// To administer the homeserver, for which it takes the one before as well.
    Synapse,
    /// To administer MAS.
    Mas,
}

impl Right {
    pub const ALL: [Right; 3] = [Right::Account, Right::Synapse, Right::Mas];

    /// As MAS calls it.
    pub fn scope(self) -> &'static str {
        match self {
            Right::Account => CLIENT_API,
            Right::Synapse => SYNAPSE_ADMIN,
            Right::Mas => MAS_ADMIN,
        }
    }

    /// What it is called.
    pub fn words(self) -> Words {
        match self {
            Right::Account => t::personal_right_account,
            Right::Synapse => t::personal_right_synapse,
            Right::Mas => t::personal_right_mas,
        }
    }
}

/// The scope of a session with these rights, and with this device, if it is to have one; empty if it would
/// be good for nothing.
pub fn scope(rights: &[Right], device: Option<&str>) -> String {
    let has = |right| rights.contains(&right);
    let is_at_homeserver = has(Right::Account) || has(Right::Synapse);
    let mut scopes: Vec<String> = Vec::new();
    if is_at_homeserver {
        scopes.push(CLIENT_API.to_owned());
    }
    for right in [Right::Synapse, Right::Mas] {
        if has(right) {
            scopes.push(right.scope().to_owned());
        }
    }
    if let Some(device) = device.filter(|_| is_at_homeserver) {
        scopes.push(format!("{DEVICE}{device}"));
    }
    scopes.join(" ")
}

/// The rights that a scope has, and what else is in it.
pub fn rights(scope: &str) -> (Vec<Right>, Vec<&str>) {
    let all = scope.split_whitespace();
    let right = |part: &str| Right::ALL.into_iter().find(|right| right.scope() == part);
    let has = all.clone().filter_map(right).collect();
    let rest = all.filter(|part| right(part).is_none()).collect();
    (has, rest)
}

/// How a personal session is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PersonalState {
    Good,
    Expired,
    Revoked,
}

impl PersonalState {
    /// What it is called.
    pub fn words(self) -> Words {
        match self {
            PersonalState::Good => t::personal_good,
            PersonalState::Expired => t::personal_expired,
            PersonalState::Revoked => t::personal_revoked,
        }
    }
}

/// A personal session as a row.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Personal {
    /// Where MAS stands.
    pub base: String,
    pub id: Ulid,
    pub name: String,
    pub scope: String,
    /// Who has made it; `None`: a program.
    pub owner: Option<Ulid>,
    /// As whom it acts.
    pub actor: Ulid,
    pub created: Timestamp,
    pub last_active: Option<Timestamp>,
    pub last_ip: Option<String>,
    pub expires: Option<Timestamp>,
    pub revoked: Option<Timestamp>,
    /// The localparts of the two, once they have been looked up.
    pub owner_name: Option<String>,
    pub actor_name: Option<String>,
    /// Whether the panel may be working with it.
    pub is_own: bool,
    /// Whether the panel might be working with it, but that nobody has said as whom it acts.
    #[serde(default)]
    pub is_unasked: bool,
}

impl Personal {
    /// One that the MAS at `base` has.
    pub fn new(base: &str, found: Resource<PersonalSession>) -> Self {
        let told = found.attributes;
        Personal {
            base: base.to_owned(),
            id: found.id,
            name: told.human_name,
            scope: told.scope,
            owner: told.owner_user_id,
            actor: told.actor_user_id,
            created: told.created_at.0,
            last_active: told.last_active_at.map(|at| at.0),
            last_ip: told.last_active_ip,
            expires: told.expires_at.map(|at| at.0),
            revoked: told.revoked_at.map(|at| at.0),
            owner_name: None,
            actor_name: None,
            is_own: false,
            is_unasked: false,
        }
    }

    /// It has been looked up as whom it acts: `actor` is nothing where there was no answer. `brought` is whose token
    /// the panel works with, if the person has brought one.
    pub fn acts_as(&mut self, actor: Option<(String, Option<UserId>)>, brought: Option<&UserId>) {
        // Whoever has brought a token may have made it here: MAS does not say which one it is.
        let has_right = rights(&self.scope).0.contains(&Right::Mas);
        let may_be = brought.is_some() && has_right && self.revoked.is_none();
        let (name, user) = actor.unzip();
        self.is_unasked = may_be && name.is_none();
        self.is_own = may_be && user.flatten().as_ref() == brought;
        self.actor_name = name;
    }

    /// How it is at this moment.
    pub fn state(&self, now: Timestamp) -> PersonalState {
        if self.revoked.is_some() {
            PersonalState::Revoked
        } else if self.expires.is_some_and(|end| end.0 <= now.0) {
            PersonalState::Expired
        } else {
            PersonalState::Good
        }
    }

    /// What it is called in a question and in a report.
    pub fn title(&self) -> String {
        match self.name.trim() {
            "" => self.id.to_string(),
            name => name.to_owned(),
        }
    }
}

/// Revoking personal sessions.
pub const REVOKE: About = About {
    label: t::personal_revoke,
    sentence: t::personal_revoke_text,
    more: None,
    one: t::personal_revoke_one,
    many: t::personal_revoke_count,
    icon: "ban",
    group: Group::End,
    reversibility: Reversibility::Irreversible,
    question: true,
    feature: Some(Feature::PersonalSessions),
    spares: Spares::OwnAndBridges,
    looks_up: false,
    asks: true,
};

/// Why a personal session is left out where it is to be revoked.
pub fn spared(session: &Personal) -> Option<Reason> {
    match session.revoked {
        Some(_) => Some(Reason::Unchanged),
        None if session.is_unasked => Some(Reason::NotAsked),
        None => session.is_own.then_some(Reason::Own),
    }
}

/// What is to become of a personal session that is to be revoked, as MAS tells of it right before; `None`: there
/// is none.
pub fn verdict(session: &Personal, found: Option<&PersonalSession>) -> Verdict {
    match found {
        None => Verdict::Leave(Reason::Gone),
        Some(found) if found.revoked_at.is_some() => Verdict::Leave(Reason::Unchanged),
        // It has got another token, with an end of its own.
        Some(found) if found.expires_at.map(|at| at.0) != session.expires => {
            Verdict::Leave(Reason::ChangedSince)
        }
        Some(_) => Verdict::Go { undoable: false },
    }
}

/// For how many seconds a session that is made now is good, if it is to end then; `None`: for ever. At least
/// one: none at all would be dead at once.
pub fn lasts(now: Timestamp, end: Option<Timestamp>) -> Option<u32> {
    let seconds = end?.0.saturating_sub(now.0) / 1_000;
    Some(u32::try_from(seconds.max(1)).unwrap_or(u32::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rights_as_mas_calls_them() {
        assert_eq!(scope(&[], Some("ABCDEFGHIJ")), "");
        assert_eq!(scope(&[Right::Account], None), CLIENT_API);
        // The homeserver refuses a token without it.
        assert_eq!(
            scope(&[Right::Synapse], None),
            "urn:matrix:client:api:* urn:synapse:admin:*"
        );
        assert_eq!(scope(&[Right::Mas], Some("ABCDEFGHIJ")), "urn:mas:admin");
        let all = scope(&Right::ALL, Some("ABCDEFGHIJ"));
        let (has, rest) = rights(&all);
        assert_eq!(has, Right::ALL);
        assert_eq!(rest, ["urn:matrix:client:device:ABCDEFGHIJ"]);
    }

    #[test]
    fn it_is_proposed_once_and_the_list_is_of_those_that_act_as_them() {
        let to = to_act_as(&UserId::parse("@a&b:b.org").unwrap());
        let route = "/authentication?tab=personal&user=a%26b";
        assert_eq!(to, format!("{route}&act_as=%40a%26b%3Ab.org"));
        assert_eq!(proposed(&to), route);
        assert_eq!(proposed(route), route);
    }

    #[test]
    fn how_long_it_lasts() {
        let now = Timestamp(10_000);
        assert_eq!(lasts(now, None), None);
        assert_eq!(lasts(now, Some(Timestamp(70_500))), Some(60));
        assert_eq!(lasts(now, Some(Timestamp(10_000))), Some(1));
        assert_eq!(lasts(now, Some(Timestamp(i64::MAX))), Some(u32::MAX));
    }

    fn one() -> Personal {
        Personal {
            base: String::new(),
            id: Ulid::parse("01JSTANDN00000000000000001").unwrap(),
            name: " ".to_owned(),
            scope: String::new(),
            owner: None,
            actor: Ulid::parse("01JSTANDN00000000000000002").unwrap(),
            created: Timestamp(0),
            last_active: None,
            last_ip: None,
            expires: None,
            revoked: None,
            owner_name: None,
            actor_name: None,
            is_own: false,
            is_unasked: false,
        }
    }

    #[test]
    fn which_may_be_the_one_with_which_the_panel_works() {
        let jane = UserId::parse("@jane:b.org").unwrap();
        let left_out = |scope: &str, actor: Option<&str>, brought| {
            let mut session = one();
            session.scope = scope.to_owned();
            let actor = actor.map(|name| {
                let user = UserId::parse(&format!("@{name}:b.org"));
                (name.to_owned(), user)
            });
            session.acts_as(actor, brought);
            spared(&session)
        };
        let rights = "urn:matrix:client:api:* urn:mas:admin";
        let own = Some(&jane);
        assert_eq!(left_out(rights, Some("jane"), own), Some(Reason::Own));
        assert_eq!(left_out(rights, Some("bot"), own), None);
        // As whom it acts could not be asked.
        assert_eq!(left_out(rights, None, own), Some(Reason::NotAsked));
        // The panel does not work with these, whoever they are of.
        for actor in [Some("jane"), None] {
            assert_eq!(left_out("urn:matrix:client:api:*", actor, own), None);
            assert_eq!(left_out(rights, actor, None), None);
        }
    }

    #[test]
    fn one_that_has_got_another_token_since_is_not_revoked() {
        let found = |told: &str| -> PersonalSession {
            serde_json::from_str(&format!(
                r#"{{"created_at":"2026-11-30T16:09:11Z","revoked_at":null,"owner_user_id":null,
                "owner_client_id":null,"actor_user_id":"01JSTANDN00000000000000002",
                "human_name":"","scope":"","last_active_at":null,"last_active_ip":null,{told}}}"#
            ))
            .unwrap()
        };
        let for_ever = found(r#""expires_at":null"#);
        let ends = found(r#""expires_at":"2026-12-30T16:09:11Z""#);
        let mut session = one();
        let go = Verdict::Go { undoable: false };
        assert_eq!(verdict(&session, None), Verdict::Leave(Reason::Gone));
        assert_eq!(verdict(&session, Some(&for_ever)), go);
        let changed = Verdict::Leave(Reason::ChangedSince);
        assert_eq!(verdict(&session, Some(&ends)), changed);
        session.expires = ends.expires_at.map(|at| at.0);
        assert_eq!(verdict(&session, Some(&ends)), go);
        let mut revoked = ends;
        revoked.revoked_at = revoked.expires_at;
        let unchanged = Verdict::Leave(Reason::Unchanged);
        assert_eq!(verdict(&session, Some(&revoked)), unchanged);
    }

    #[test]
    fn how_it_is() {
        let mut session = one();
        let now = Timestamp(10);
        assert_eq!(session.state(now), PersonalState::Good);
        assert_eq!(session.title(), "01JSTANDN00000000000000001");
        session.expires = Some(now);
        assert_eq!(session.state(now), PersonalState::Expired);
        session.is_own = true;
        assert_eq!(spared(&session), Some(Reason::Own));
        session.revoked = Some(Timestamp(5));
        assert_eq!(session.state(now), PersonalState::Revoked);
        assert_eq!(spared(&session), Some(Reason::Unchanged));
    }
}
