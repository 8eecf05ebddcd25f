//! Registration tokens: the state of one, the table of what can be done to them, what is typed to
//! make one. Native, no requests.

use crate::actions::{About, Group, Reversibility, Spares};
use crate::api::registration_tokens::{LONGEST, MOST_USES, RegistrationToken, Terms};
use crate::api::server::Feature;
use crate::api::tolerant::Timestamp;
use crate::i18n::{Words, t};
use crate::listing::ListQuery;
use crate::sort_keys;
use std::cmp::Ordering;

/// Whether a token is good for a registration.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum TokenState {
    Good,
    /// As many are registering with it, or have registered, as may.
    UsedUp,
    Expired,
}

impl TokenState {
    /// The state at this moment, by what Synapse looks at when somebody registers. Its list, asked for
    /// `valid` ones, says something else of 0 registrations: to whoever registers that is no limit.
    pub fn of(token: &RegistrationToken, now: Timestamp) -> TokenState {
        // As Synapse adds them, also where fewer than none are under way.
        let used = i128::from(token.pending) + i128::from(token.completed);
        if token.expiry_time.is_some_and(|end| end.0 < now.0) {
            TokenState::Expired
        } else if token
            .uses_allowed
            .is_some_and(|most| most > 0 && used >= most.into())
        {
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
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ends {
    /// Within so many days, and not yet.
    Within(i64),
    Never,
}

/// What is asked of the list of tokens. `None` is no filter.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
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
    pub fn finds(self, token: &RegistrationToken, now: Timestamp) -> bool {
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
    asks: false,
};

sort_keys! {
    /// What the list of tokens can be sorted by.
    TokenOrder {
        Token: "token",
        State: "state",
        Uses: "completed",
        Expires: "expiry_time",
    }
}

/// The order of two tokens. What never ends comes after all that does.
pub fn compare(
    key: TokenOrder,
    a: &RegistrationToken,
    b: &RegistrationToken,
    now: Timestamp,
) -> Ordering {
    let end = |token: &RegistrationToken| token.expiry_time.map_or(i64::MAX, |end| end.0);
    let by_key = match key {
        TokenOrder::State => TokenState::of(a, now).cmp(&TokenState::of(b, now)),
        TokenOrder::Uses => a.completed.cmp(&b.completed),
        TokenOrder::Expires => end(a).cmp(&end(b)),
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

    fn token(
        uses: Option<u64>,
        pending: i64,
        completed: i64,
        end: Option<i64>,
    ) -> RegistrationToken {
        RegistrationToken {
            token: "abc".to_owned(),
            uses_allowed: uses,
            pending,
            completed,
            expiry_time: end.map(Timestamp),
        }
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
