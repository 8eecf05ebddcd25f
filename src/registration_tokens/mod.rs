//! Registration tokens, whoever keeps them: the state of one, the table of what can be done to them,
//! what is typed to make one. Native, no requests.

use crate::actions::{About, Group, Reversibility, Spares, Verdict};
use crate::api::mas::{self, Resource, Ulid};
use crate::api::registration_tokens::{LONGEST, MOST_USES, RegistrationToken, Terms, TermsChange};
use crate::api::server::Feature;
use crate::api::tolerant::Timestamp;
use crate::i18n::{Words, t};
use crate::listing::{ListQuery, Origins};
use crate::runner::Reason;
use crate::sort_keys;
use serde::{Deserialize, Serialize};
use std::cmp::Ordering;

/// A token: the homeserver's, or, where the accounts are there, that of Matrix Authentication Service.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct AnyToken {
    pub token: String,
    /// How many may register with it; `None` for any number, as is 0 at the homeserver.
    pub uses_allowed: Option<u64>,
    /// How many are registering with it now, which the homeserver alone tells.
    pub pending: i64,
    /// How many have registered with it.
    pub completed: i64,
    /// When it ceases to be good; `None` for never.
    pub expiry_time: Option<Timestamp>,
    /// What MAS alone knows of a token; `None` of one that the homeserver keeps.
    pub at_mas: Option<TokenAtMas>,
    /// What it was picked by, if that was in the list, among others.
    #[serde(default)]
    pub picked_by: Option<Question>,
}

/// What Matrix Authentication Service knows of a token besides.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TokenAtMas {
    /// Where MAS stands, as the functions of [`mas`] take it.
    pub base: String,
    pub id: Ulid,
    pub created: Timestamp,
    pub last_used: Option<Timestamp>,
    pub revoked: Option<Timestamp>,
}

impl AnyToken {
    /// One that the MAS at `base` keeps.
    pub fn of_mas(base: &str, found: Resource<mas::tokens::MasToken>) -> Self {
        let told = found.attributes;
        AnyToken {
            token: told.token,
            uses_allowed: told.usage_limit,
            pending: 0,
            completed: told.times_used.try_into().unwrap_or(i64::MAX),
            expiry_time: told.expires_at.map(|at| at.0),
            at_mas: Some(TokenAtMas {
                base: base.to_owned(),
                id: found.id,
                created: told.created_at.0,
                last_used: told.last_used_at.map(|at| at.0),
                revoked: told.revoked_at.map(|at| at.0),
            }),
            picked_by: None,
        }
    }

    /// What it may be used for.
    pub fn terms(&self) -> Terms {
        Terms {
            uses_allowed: self.uses_allowed,
            expiry_time: self.expiry_time,
        }
    }

    /// What is to become of this one, which is to be deleted, as the server has told of it right before; `None`:
    /// there is none. That somebody registers with it meanwhile keeps nobody from it.
    pub fn may_end(&self, found: Option<&AnyToken>, now: Timestamp) -> Verdict {
        let Some(found) = found else {
            return Verdict::Leave(Reason::Gone);
        };
        if self.picked_by.is_some_and(|by| !by.finds(found, now)) {
            Verdict::Leave(Reason::NotMatching)
        } else if found.terms() != self.terms() {
            Verdict::Leave(Reason::ChangedSince)
        } else {
            Verdict::Go { undoable: false }
        }
    }

    /// When it was revoked, if it is.
    pub fn revoked(&self) -> Option<Timestamp> {
        self.at_mas.as_ref().and_then(|at| at.revoked)
    }
}

impl From<RegistrationToken> for AnyToken {
    fn from(told: RegistrationToken) -> Self {
        AnyToken {
            token: told.token,
            uses_allowed: told.uses_allowed,
            pending: told.pending,
            completed: told.completed,
            expiry_time: told.expiry_time,
            at_mas: None,
            picked_by: None,
        }
    }
}

/// What MAS is to make of a token. `iso` writes a time as RFC 3339.
pub fn change_at_mas(
    change: &TermsChange,
    iso: impl Fn(Timestamp) -> String,
) -> mas::tokens::TokenChange {
    mas::tokens::TokenChange {
        usage_limit: change.uses_allowed.map(|most| most.map(limit)),
        expires_at: change.expiry_time.map(|end| end.map(iso)),
    }
}

/// A new token of MAS. `iso` writes a time as RFC 3339.
pub fn new_at_mas(
    token: &str,
    terms: &Terms,
    iso: impl Fn(Timestamp) -> String,
) -> mas::tokens::NewToken {
    mas::tokens::NewToken {
        token: Some(token.to_owned()),
        usage_limit: terms.uses_allowed.map(limit),
        expires_at: terms.expiry_time.map(iso),
    }
}

/// A number of uses as MAS takes it, which has the same largest one as Synapse.
fn limit(most: u64) -> u32 {
    u32::try_from(most.min(MOST_USES)).unwrap_or(u32::MAX)
}

/// Whether a token is good for a registration.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum TokenState {
    Good,
    /// As many are registering with it, or have registered, as may.
    UsedUp,
    Expired,
    /// At MAS only, where it can be taken back.
    Revoked,
}

impl TokenState {
    /// The state at this moment, by what is looked at when somebody registers. Synapse's list, asked for
    /// `valid` ones, says something else of 0 registrations: to whoever registers that is no limit. To MAS
    /// it is one.
    pub fn of(token: &AnyToken, now: Timestamp) -> TokenState {
        // As Synapse adds them, also where fewer than none are under way.
        let used = i128::from(token.pending) + i128::from(token.completed);
        let is_limit = |most: &u64| *most > 0 || token.at_mas.is_some();
        let most = token.uses_allowed.filter(is_limit);
        if token.revoked().is_some() {
            TokenState::Revoked
        } else if token.expiry_time.is_some_and(|end| end.0 < now.0) {
            TokenState::Expired
        } else if most.is_some_and(|most| used >= most.into()) {
            TokenState::UsedUp
        } else {
            TokenState::Good
        }
    }

    /// What it is called.
    pub fn words(self) -> Words {
        match self {
            TokenState::Good => t::token_good,
            TokenState::UsedUp => t::token_used_up,
            TokenState::Expired => t::token_expired,
            TokenState::Revoked => t::token_revoked,
        }
    }
}

/// The filters of the list, as the address names them.
pub mod filter {
    pub const VALID: &str = "valid";
    pub const EXPIRES: &str = "expires";
}

/// The value of the filter by the end for tokens without one.
pub const NEVER: &str = "never";

/// Tokens that are good for a registration, and end within a week.
pub const EXPIRING: &str = "expires=7&sort=expiry_time&valid=true";

const DAY_MS: i64 = 86_400_000;

/// A condition on when a token expires.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Ends {
    /// Within so many days, and not yet.
    Within(i64),
    Never,
}

/// What is asked of the list of tokens. `None` is no filter.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Question {
    /// Good for a registration.
    pub valid: Option<bool>,
    pub ends: Option<Ends>,
}

impl Question {
    /// The question that stands in the address.
    pub fn of(query: &ListQuery) -> Self {
        let ends = query.get(filter::EXPIRES).and_then(|text| match text {
            NEVER => Some(Ends::Never),
            days => days.parse().ok().map(Ends::Within),
        });
        Question {
            valid: query.boolean(filter::VALID),
            ends,
        }
    }

    /// Whether a token is found.
    pub fn finds(self, token: &AnyToken, now: Timestamp) -> bool {
        let is_good = TokenState::of(token, now) == TokenState::Good;
        if self.valid.is_some_and(|valid| valid != is_good) {
            return false;
        }
        let end = token.expiry_time;
        match self.ends {
            None => true,
            Some(Ends::Never) => end.is_none(),
            Some(Ends::Within(days)) => end.is_some_and(|end| {
                end >= now && end.0 < now.0.saturating_add(days.saturating_mul(DAY_MS))
            }),
        }
    }
}

/// These, each with what it was picked by.
pub fn picked(mut rows: Vec<AnyToken>, by: &Origins<AnyToken>) -> Vec<AnyToken> {
    let questions = by.questions.map(Question::of);
    for (number, row) in rows.iter_mut().enumerate() {
        row.picked_by = questions.of(number).copied();
    }
    rows
}

/// Deleting tokens.
pub const DELETE: About = About {
    label: t::token_delete,
    sentence: t::token_delete_text,
    more: None,
    one: t::token_delete_one,
    many: t::token_delete_count,
    icon: "trash",
    group: Group::End,
    reversibility: Reversibility::Irreversible,
    question: true,
    feature: Some(Feature::RegistrationTokens),
    spares: Spares::Nobody,
    looks_up: false,
    asks: true,
};

/// Revoking tokens of MAS, which deletes none.
pub const REVOKE: About = About {
    label: t::token_revoke,
    sentence: t::token_revoke_text,
    more: None,
    one: t::token_revoke_one,
    many: t::token_revoke_count,
    icon: "ban",
    group: Group::Access,
    reversibility: Reversibility::Reversible,
    question: true,
    feature: Some(Feature::RegistrationTokens),
    spares: Spares::Nobody,
    looks_up: false,
    asks: true,
};

/// Taking that back.
pub const UNREVOKE: About = About {
    label: t::token_unrevoke,
    sentence: t::token_unrevoke_text,
    more: None,
    one: t::token_unrevoke_one,
    many: t::token_unrevoke_count,
    icon: "unlock",
    group: Group::Access,
    reversibility: Reversibility::Reversible,
    question: true,
    feature: Some(Feature::RegistrationTokens),
    spares: Spares::Nobody,
    looks_up: false,
    asks: true,
};

/// Why a token is left out where revoking (`revoke`) or taking that back is meant, as far as is known.
pub fn spared(token: &AnyToken, revoke: bool) -> Option<Reason> {
    (token.revoked().is_some() == revoke).then_some(Reason::Unchanged)
}

/// What is to become of a token that the server has told of right before; `None`: there is none.
pub fn verdict(token: Option<&AnyToken>, revoke: bool) -> Verdict {
    match token.map(|token| spared(token, revoke)) {
        None => Verdict::Leave(Reason::Gone),
        Some(Some(reason)) => Verdict::Leave(reason),
        Some(None) => Verdict::Go { undoable: true },
    }
}

sort_keys! {
    /// What the list of tokens can be sorted by.
    TokenOrder {
        Token: "token",
        State: "state",
        Uses: "completed",
        Expires: "expiry_time",
        Created: "created_at",
        LastUsed: "last_used_at",
    }
}

/// The order of two tokens. What never ends comes after all that does, what was never used before all that
/// was.
pub fn compare(key: TokenOrder, a: &AnyToken, b: &AnyToken, now: Timestamp) -> Ordering {
    let end = |token: &AnyToken| token.expiry_time.map_or(i64::MAX, |end| end.0);
    let made = |token: &AnyToken| token.at_mas.as_ref().map(|at| at.created);
    let used = |token: &AnyToken| token.at_mas.as_ref().and_then(|at| at.last_used);
    let by_key = match key {
        TokenOrder::State => TokenState::of(a, now).cmp(&TokenState::of(b, now)),
        TokenOrder::Uses => a.completed.cmp(&b.completed),
        TokenOrder::Expires => end(a).cmp(&end(b)),
        TokenOrder::Created => made(a).cmp(&made(b)),
        TokenOrder::LastUsed => used(a).cmp(&used(b)),
        TokenOrder::Token => Ordering::Equal,
    };
    by_key.then_with(|| a.token.cmp(&b.token))
}

/// The number of uses that has been typed: empty for any number. `None`: it is no such number, as 0 is
/// not, with which Synapse lets everybody in.
pub fn uses(text: &str) -> Option<Option<u64>> {
    match text.trim() {
        "" => Some(None),
        text => {
            let digits = text.bytes().all(|byte| byte.is_ascii_digit());
            let number: u64 = text.parse().ok().filter(|_| digits)?;
            (1..=MOST_USES).contains(&number).then_some(Some(number))
        }
    }
}

/// How long a generated token is at least: eight characters are 40 bits.
pub const SHORTEST: usize = 8;

/// The length of a token that is to be generated, as it has been typed.
pub fn length(text: &str) -> Option<usize> {
    let length = text.trim().parse().ok()?;
    (SHORTEST..=LONGEST).contains(&length).then_some(length)
}

/// What to send to whoever is to register, in whole sentences.
pub fn invitation(
    server: &str,
    url: &str,
    token: &str,
    terms: &Terms,
    until: Option<&str>,
) -> String {
    let mut text = t::token_invitation(server, token, url);
    if let Some(until) = until {
        text.push(' ');
        text.push_str(&t::token_invitation_until(until));
    }
    if terms.uses_allowed == Some(1) {
        text.push(' ');
        text.push_str(&t::token_invitation_once());
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::listing::Defaults;

    const NOW: Timestamp = Timestamp(1_700_000_000_000);

    fn token(uses: Option<u64>, pending: i64, completed: i64, end: Option<i64>) -> AnyToken {
        AnyToken {
            token: "abc".to_owned(),
            uses_allowed: uses,
            pending,
            completed,
            expiry_time: end.map(Timestamp),
            at_mas: None,
            picked_by: None,
        }
    }

    fn at_mas(limit: &str, used: u64, revoked: bool) -> AnyToken {
        let revoked = match revoked {
            true => r#""2026-11-30T16:09:11Z""#,
            false => "null",
        };
        let json = format!(
            r#"{{"id":"01JSTANDN00000000000000001","attributes":{{"token":"abc","valid":true,
            "usage_limit":{limit},"times_used":{used},"created_at":"2026-11-30T16:09:11Z",
            "last_used_at":null,"expires_at":null,"revoked_at":{revoked}}}}}"#
        );
        AnyToken::of_mas("https://mas.example", serde_json::from_str(&json).unwrap())
    }

    #[test]
    fn tokens_of_mas() {
        for (token, state) in [
            (at_mas("null", 900, false), TokenState::Good),
            (at_mas("3", 2, false), TokenState::Good),
            (at_mas("3", 3, false), TokenState::UsedUp),
            // To MAS it is a limit.
            (at_mas("0", 0, false), TokenState::UsedUp),
            (at_mas("3", 3, true), TokenState::Revoked),
            (at_mas("null", 0, true), TokenState::Revoked),
        ] {
            assert_eq!(TokenState::of(&token, NOW), state, "{token:?}");
        }
        let (good, revoked) = (at_mas("null", 0, false), at_mas("null", 0, true));
        assert_eq!(spared(&good, true), None);
        assert_eq!(spared(&good, false), Some(Reason::Unchanged));
        assert_eq!(spared(&revoked, true), Some(Reason::Unchanged));
        assert_eq!(verdict(Some(&good), true), Verdict::Go { undoable: true });
        assert_eq!(verdict(None, false), Verdict::Leave(Reason::Gone));
        let kept = serde_json::to_string(&revoked).unwrap();
        assert_eq!(serde_json::from_str::<AnyToken>(&kept).unwrap(), revoked);
    }

    #[test]
    fn what_somebody_has_changed_since_is_not_deleted() {
        let go = Verdict::Go { undoable: false };
        let left = Verdict::Leave;
        let used_up = token(Some(1), 0, 1, None);
        assert_eq!(used_up.may_end(None, NOW), left(Reason::Gone));
        assert_eq!(used_up.may_end(Some(&used_up), NOW), go);
        // Who registers changes nothing about it.
        let used = token(Some(1), 1, 1, None);
        assert_eq!(used_up.may_end(Some(&used), NOW), go);
        for changed in [
            token(Some(5), 0, 1, None),
            token(Some(1), 0, 1, Some(NOW.0)),
        ] {
            let verdict = used_up.may_end(Some(&changed), NOW);
            assert_eq!(verdict, left(Reason::ChangedSince), "{changed:?}");
        }
        // Of those that were picked because nobody can register with them, one is good again.
        let mut origins = Origins::default();
        for query in ["valid=false", "", "valid=false&expires=never"] {
            origins.push(&ListQuery::parse(query, &Defaults::default()), None);
        }
        let rows = picked(vec![used_up.clone(), used_up.clone(), used_up], &origins);
        let good = token(Some(5), 0, 1, None);
        let verdicts = [0, 1, 2].map(|n| rows[n].may_end(Some(&good), NOW));
        let not_matching = left(Reason::NotMatching);
        assert_eq!(
            verdicts,
            [not_matching, left(Reason::ChangedSince), not_matching]
        );
        assert!(rows.iter().all(|row| row.may_end(Some(row), NOW) == go));
        let ending = token(Some(1), 0, 1, Some(NOW.0 + 1));
        let verdicts = [0, 2].map(|n| rows[n].may_end(Some(&ending), NOW));
        assert_eq!(verdicts, [left(Reason::ChangedSince), not_matching]);
        // It is kept where the page is left meanwhile; an earlier version has kept nothing of it.
        let kept = serde_json::to_value(&rows[2]).unwrap();
        assert_eq!(
            serde_json::from_value::<AnyToken>(kept.clone()).unwrap(),
            rows[2]
        );
        let mut earlier = kept;
        earlier.as_object_mut().unwrap().remove("picked_by");
        let again: AnyToken = serde_json::from_value(earlier).unwrap();
        assert_eq!(again.may_end(Some(&good), NOW), left(Reason::ChangedSince));
    }

    #[test]
    fn mas_is_told_what_changes_and_what_goes() {
        let iso = |at: Timestamp| format!("at {}", at.0);
        let json =
            |change: &TermsChange| serde_json::to_string(&change_at_mas(change, iso)).unwrap();
        let change = TermsChange {
            uses_allowed: Some(None),
            expiry_time: None,
        };
        assert_eq!(json(&change), r#"{"usage_limit":null}"#);
        let change = TermsChange {
            uses_allowed: Some(Some(MOST_USES)),
            expiry_time: Some(Some(Timestamp(5))),
        };
        assert_eq!(
            json(&change),
            r#"{"usage_limit":2147483647,"expires_at":"at 5"}"#
        );
        let terms = Terms {
            uses_allowed: None,
            expiry_time: None,
        };
        let new = serde_json::to_string(&new_at_mas("abc", &terms, iso)).unwrap();
        assert_eq!(new, r#"{"token":"abc"}"#);
    }

    #[test]
    fn how_long_they_are() {
        assert_eq!([length("8"), length(" 64 ")], [Some(8), Some(64)]);
        for wrong in ["", "7", "65", "-9", "1e1", "sixteen"] {
            assert_eq!(length(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn when_they_end() {
        let of = |query: &str| Question::of(&ListQuery::parse(query, &Defaults::default()));
        let ends = |days: Option<i64>| token(None, 0, 0, days.map(|days| NOW.0 + days * DAY_MS));
        let found = |query: &str| -> Vec<Option<i64>> {
            let all = [None, Some(-1), Some(0), Some(6), Some(7), Some(40)];
            all.into_iter()
                .filter(|days| of(query).finds(&ends(*days), NOW))
                .collect()
        };
        assert_eq!(of(EXPIRING).valid, Some(true));
        assert_eq!(found(EXPIRING), [Some(0), Some(6)]);
        assert_eq!(found("expires=never"), [None]);
        assert_eq!(found("expires=soon").len(), 6);
        assert_eq!(found("expires=9223372036854775807").len(), 4);
    }

    #[test]
    fn good_used_up_or_expired() {
        for (token, state) in [
            (token(None, 5, 500, None), TokenState::Good),
            (token(Some(2), 0, 1, None), TokenState::Good),
            (token(Some(2), 1, 1, None), TokenState::UsedUp),
            (token(Some(0), 0, 0, None), TokenState::Good),
            (token(Some(0), 1, 9, None), TokenState::Good),
            (token(Some(0), 0, 0, Some(NOW.0 - 1)), TokenState::Expired),
            (token(None, 0, 0, Some(NOW.0 + 1)), TokenState::Good),
            (token(None, 0, 0, Some(NOW.0 - 1)), TokenState::Expired),
            (token(Some(1), 0, 1, Some(NOW.0 - 1)), TokenState::Expired),
            (
                token(Some(u64::MAX), i64::MAX, i64::MAX, None),
                TokenState::Good,
            ),
            (token(Some(1), i64::MAX, i64::MAX, None), TokenState::UsedUp),
            (token(Some(1), -1, 1, None), TokenState::Good),
        ] {
            assert_eq!(TokenState::of(&token, NOW), state, "{token:?}");
        }
    }

    #[test]
    fn what_lets_somebody_in_is_found_as_good() {
        let valid = |valid| Question { valid, ends: None };
        for (token, is_good) in [
            (token(Some(0), 0, 3, None), true),
            (token(Some(3), 0, 3, None), false),
            (token(None, 0, 0, Some(NOW.0 - 1)), false),
        ] {
            assert_eq!(valid(Some(true)).finds(&token, NOW), is_good, "{token:?}");
            assert_eq!(valid(Some(false)).finds(&token, NOW), !is_good, "{token:?}");
            assert!(valid(None).finds(&token, NOW));
        }
    }

    #[test]
    fn numbers_of_uses_as_people_type_them() {
        assert_eq!(uses(" "), Some(None));
        assert_eq!(uses("1"), Some(Some(1)));
        assert_eq!(uses(" 12 "), Some(Some(12)));
        assert_eq!(uses("2147483647"), Some(Some(MOST_USES)));
        for wrong in [
            "0",
            "00",
            "-1",
            "+1",
            "1.5",
            "1,000",
            "2147483648",
            "99999999999999999999",
            "ten",
        ] {
            assert_eq!(uses(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn what_never_ends_comes_last() {
        let (soon, never) = (token(None, 0, 0, Some(NOW.0 + 1)), token(None, 0, 0, None));
        assert_eq!(
            compare(TokenOrder::Expires, &soon, &never, NOW),
            Ordering::Less
        );
        assert_eq!(
            compare(TokenOrder::Token, &soon, &never, NOW),
            Ordering::Equal
        );
    }

    #[test]
    fn an_invitation_says_how_long_and_how_often() {
        let once = Terms {
            uses_allowed: Some(1),
            expiry_time: None,
        };
        let text = invitation("b.org", "https://m.b.org", "abc", &once, Some("1 May"));
        for part in [
            "on b.org.",
            "to https://m.b.org,",
            "asked for it: abc",
            "until 1 May.",
            "once",
        ] {
            assert!(text.contains(part), "{text}");
        }
    }
}
