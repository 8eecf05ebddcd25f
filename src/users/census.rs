//! Accounts counted: by when they came, when they were last used, and what they are. Every number is
//! what the list of users finds by the filter that belongs to it.

use super::query::Told;
use crate::api::tolerant::Timestamp;
use crate::api::users::User;
use crate::known::Known;

/// What the counts are by.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Spans {
    /// When each of the last months began, the oldest first.
    pub months: Vec<Timestamp>,
    /// Beginnings of spans that last until now.
    pub lately: Vec<Timestamp>,
}

/// How many accounts there are of each kind. One account counts in several.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Census {
    pub total: u64,
    /// Made before the first of [`Spans::months`], then in each of them.
    pub created: Vec<u64>,
    /// Made since each of [`Spans::lately`].
    pub created_lately: Vec<u64>,
    /// Last used before the first of [`Spans::months`], then in each of them; `None` if the server
    /// does not tell of anybody.
    pub seen: Option<Vec<u64>>,
    /// Used since each of [`Spans::lately`]; `None` if the server does not tell.
    pub seen_lately: Option<Vec<u64>>,
    /// Without a record of their last use; `None` if the server does not tell.
    pub without_trace: Option<u64>,
    /// Neither deactivated nor locked; `None` if the server does not tell who is locked.
    pub usable: Option<u64>,
    pub deactivated: u64,
    /// `None` if the server does not tell.
    pub locked: Option<u64>,
    pub shadow_banned: u64,
    /// `None` if that is decided elsewhere.
    pub admins: Option<u64>,
    pub guests: u64,
    /// By type, those of most accounts first; the empty text is "no type".
    pub types: Vec<(String, u64)>,
}

impl Census {
    /// Counts these accounts, of which the server's list tells so much.
    pub fn of(users: &[User], told: &Told, spans: &Spans) -> Self {
        let months = || vec![0_u64; spans.months.len() + 1];
        let lately = || vec![0_u64; spans.lately.len()];
        let mut census = Census {
            total: users.len() as u64,
            created: months(),
            created_lately: lately(),
            ..Census::default()
        };
        let (mut seen, mut seen_lately) = (months(), lately());
        let (mut usable, mut locked, mut admins, mut without_trace) = (0, 0, 0, 0);
        for user in users {
            count(
                user.creation_ts,
                spans,
                &mut census.created,
                &mut census.created_lately,
            );
            count(user.last_seen_ts, spans, &mut seen, &mut seen_lately);
            without_trace += u64::from(user.last_seen_ts.is_none());
            let is_locked = told.locked(user) == Known::Is(true);
            usable += u64::from(!user.deactivated && !is_locked);
            locked += u64::from(is_locked);
            admins += u64::from(told.admin(user) == Known::Is(true));
            census.deactivated += u64::from(user.deactivated);
            census.shadow_banned += u64::from(user.shadow_banned);
            census.guests += u64::from(user.is_guest);
            let kind = user.user_type.as_deref().unwrap_or_default();
            match census.types.iter_mut().find(|(known, _)| known == kind) {
                Some((_, count)) => *count += 1,
                None => census.types.push((kind.to_owned(), 1)),
            }
        }
        census
            .types
            .sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
        if told.last_seen {
            census.seen = Some(seen);
            census.seen_lately = Some(seen_lately);
            census.without_trace = Some(without_trace);
        }
        if told.locked.is_known() {
            census.usable = Some(usable);
            census.locked = Some(locked);
        }
        census.admins = told.admin.is_known().then_some(admins);
        census
    }
}

fn count(at: Option<Timestamp>, spans: &Spans, by_month: &mut [u64], lately: &mut [u64]) {
    let Some(at) = at else { return };
    by_month[spans.months.partition_point(|start| *start <= at)] += 1;
    for (count, since) in lately.iter_mut().zip(&spans.lately) {
        *count += u64::from(at >= *since);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::users::query::{Marks, Question};
    use proptest::prelude::*;
    use serde_json::json;

    const STARTS: [i64; 3] = [100, 200, 300];
    const LATELY: [i64; 2] = [250, 90];

    fn spans() -> Spans {
        Spans {
            months: STARTS.map(Timestamp).to_vec(),
            lately: LATELY.map(Timestamp).to_vec(),
        }
    }

    prop_compose! {
        fn user()(
            number in 0_u32..1_000_000,
            created in proptest::option::of(0_i64..400),
            seen in proptest::option::of(0_i64..400),
            flags in proptest::collection::vec(any::<bool>(), 5),
            kind in prop::sample::select(vec![None, Some("bot"), Some("support"), Some("odd")]),
        ) -> User {
            serde_json::from_value(json!({
                "name": format!("@u{number}:b.org"),
                "creation_ts": created,
                "last_seen_ts": seen,
                "admin": flags[0],
                "deactivated": flags[1],
                "locked": flags[2],
                "shadow_banned": flags[3],
                "is_guest": flags[4],
                "user_type": kind,
            })).unwrap()
        }
    }

    proptest! {
        /// Whatever number is clicked: the list has as many.
        #[test]
        fn each_number_is_what_the_list_finds(
            users in proptest::collection::vec(user(), 0..40),
            told in (any::<bool>(), any::<bool>(), any::<bool>()),
        ) {
            let told = Told {
                admin: Marks::told(told.0),
                last_seen: told.1,
                locked: Marks::told(told.2),
                erased: true,
            };
            let census = Census::of(&users, &told, &spans());
            let found = |change: &dyn Fn(&mut Question)| {
                let mut question = Question { told: told.clone(), ..Question::default() };
                change(&mut question);
                question.matching(&users, &|_| false).len() as u64
            };
            let at = |ms: i64| Some(Timestamp(ms));
            let bounds: Vec<(Option<Timestamp>, Option<Timestamp>)> = vec![
                (None, at(100)), (at(100), at(200)), (at(200), at(300)), (at(300), None),
            ];
            prop_assert_eq!(census.total, found(&|_| ()));
            for (place, (from, until)) in bounds.into_iter().enumerate() {
                prop_assert_eq!(census.created[place], match from.or(until) {
                    None => unreachable!(),
                    Some(_) => found(&|q| { q.created_from = from; q.created_until = until; }),
                });
                if let Some(seen) = &census.seen {
                    prop_assert_eq!(seen[place], found(&|q| {
                        q.seen_from = from;
                        q.not_seen_since = until;
                    }));
                }
            }
            for (place, since) in LATELY.into_iter().enumerate() {
                prop_assert_eq!(census.created_lately[place], found(&|q| q.created_from = at(since)));
                if let Some(seen) = &census.seen_lately {
                    prop_assert_eq!(seen[place], found(&|q| q.seen_from = at(since)));
                }
            }
            prop_assert_eq!(census.seen.is_some(), told.last_seen);
            if let Some(count) = census.without_trace {
                prop_assert_eq!(count, found(&|q| q.ever_seen = Some(false)));
            }
            prop_assert_eq!(census.deactivated, found(&|q| q.deactivated = Some(true)));
            if let Some(count) = census.locked {
                prop_assert_eq!(count, found(&|q| q.locked = Some(true)));
            }
            if let Some(count) = census.usable {
                prop_assert_eq!(count, found(&|q| {
                    q.deactivated = Some(false);
                    q.locked = Some(false);
                }));
            }
            if let Some(count) = census.admins {
                prop_assert_eq!(count, found(&|q| q.admins = Some(true)));
            }
            prop_assert_eq!(census.guests, found(&|q| q.guests = Some(true)));
            prop_assert_eq!(census.shadow_banned, found(&|q| q.shadow_banned = Some(true)));
            let mut all = 0;
            for (kind, count) in &census.types {
                prop_assert_eq!(*count, found(&|q| q.user_type = Some(kind.clone())));
                all += count;
            }
            prop_assert_eq!(all, census.total);
        }
    }

    #[test]
    fn what_is_not_told_is_no_number() {
        let told = Told {
            admin: Marks::told(false),
            last_seen: false,
            locked: Marks::told(false),
            erased: false,
        };
        let census = Census::of(&[], &told, &spans());
        let unknown = (census.seen, census.seen_lately, census.without_trace);
        assert_eq!(unknown, (None, None, None));
        assert_eq!(
            (census.locked, census.usable, census.admins),
            (None, None, None)
        );
    }
}
