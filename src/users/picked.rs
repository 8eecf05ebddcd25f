//! What accounts were picked by, as it is kept: before what cannot be undone it is asked whether each still is
//! as it was, also of those that an earlier page has not begun.

use crate::api::UserId;
use crate::api::users::User;
use crate::listing::{ListQuery, Origins};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize, Serializer};
use serde_json::Value;
use std::collections::HashMap;

/// What accounts were picked by.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PickedUsers {
    /// As the list had them, as far as anybody asks.
    #[serde(serialize_with = "brief")]
    pub rows: Vec<User>,
    /// The questions of that list.
    pub origins: Option<Origins<User>>,
    /// The question of all of them, where an earlier version has kept it.
    #[serde(default, skip_serializing)]
    query: Option<ListQuery>,
}

impl PickedUsers {
    /// These, as far as they can be asked about again.
    pub fn of(rows: &[User], origins: Option<&Origins<User>>) -> Self {
        let questions = origins.map(|origins| origins.questions.values());
        let searched = questions.unwrap_or_default().iter();
        let is_searched = searched.clone().any(|question| !question.search.is_empty());
        let mut rows = rows.to_vec();
        for row in &mut rows {
            row.avatar_url = None;
            // Only a search looks at names.
            row.displayname = row.displayname.take().filter(|_| is_searched);
        }
        PickedUsers {
            rows,
            origins: origins.cloned(),
            query: None,
        }
    }

    /// What these of them were picked by, in this order; `None` if one is none of them.
    pub fn only(self, users: &[UserId]) -> Option<Self> {
        let rows = self.rows.iter().enumerate();
        let numbers: HashMap<&UserId, usize> = rows.map(|(n, row)| (&row.name, n)).collect();
        let which = users.iter().map(|user| numbers.get(user).copied());
        let which: Vec<usize> = which.collect::<Option<_>>()?;
        let origins = self.origins.or_else(|| self.query.map(Origins::one));
        Some(PickedUsers {
            rows: which.iter().map(|n| self.rows[*n].clone()).collect(),
            origins: origins.map(|all| all.only(&which)),
            query: None,
        })
    }

    /// As text that [`PickedUsers::read`] reads, with what is to be done.
    pub fn order(picked: Option<&Self>, what: &impl Serialize) -> String {
        serde_json::to_string(&(what, picked)).unwrap_or_default()
    }

    /// What is to be done, and what the accounts were picked by: not known where it was nothing that can be
    /// asked, or an earlier version has kept the order.
    pub fn read<T: DeserializeOwned>(order: &str) -> Option<(T, Option<Self>)> {
        let read = serde_json::from_str(order).ok();
        read.or_else(|| Some((serde_json::from_str(order).ok()?, None)))
    }
}

/// Of which it is one thing that something is not so, and another that nothing is known.
const MAY_BE_UNKNOWN: [&str; 2] = ["approved", "suspended"];

/// Without what is not so: of ten thousands of rows each word counts, in what a browser keeps.
fn brief<S: Serializer>(rows: &[User], to: S) -> Result<S::Ok, S::Error> {
    to.collect_seq(rows.iter().map(|row| {
        let mut row = serde_json::to_value(row).unwrap_or_default();
        if let Some(fields) = row.as_object_mut() {
            fields.retain(|name, value| {
                *value != Value::Bool(false) || MAY_BE_UNKNOWN.contains(&name.as_str())
            });
        }
        row
    }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::redact::Redaction;
    use crate::listing::Defaults;

    fn user(name: &str) -> User {
        serde_json::from_str(&format!(
            r#"{{"name":"{name}","last_seen_ts":1700000000000}}"#
        ))
        .unwrap()
    }

    #[test]
    fn what_accounts_were_picked_by_is_read_again() {
        let mut rows = ["@a:b", "@c:d", "@e:f"].map(user);
        rows[1].approved = Some(false);
        rows[2].suspended = Some(false);
        let [any, locked] =
            ["", "locked=true"].map(|of| ListQuery::parse(of, &Defaults::default()));
        let mut origins = Origins::default();
        for query in [&any, &any, &locked] {
            origins.push(query, None);
        }
        let picked = PickedUsers::of(&rows, Some(&origins));
        let what = (Redaction::default(), true);
        let order = PickedUsers::order(Some(&picked), &what);
        let (read, again): ((Redaction, bool), _) = PickedUsers::read(&order).unwrap();
        assert_eq!((read, again.as_ref()), (what, Some(&picked)));
        // One of them was begun before the page was left.
        let rest = ["@e:f", "@c:d"].map(|name| user(name).name);
        let left = again.and_then(|again| again.only(&rest)).unwrap();
        assert_eq!(left.rows, [rows[2].clone(), rows[1].clone()]);
        // Whether they are still waiting, or not suspended, is asked as well.
        assert_eq!(left.rows[0].suspended, Some(false));
        assert_eq!(left.rows[1].approved, Some(false));
        let questions = left.origins.unwrap().questions;
        let questions = [questions.of(0), questions.of(1)];
        assert_eq!(questions, [Some(&locked), Some(&any)]);
        assert_eq!(picked.only(&[user("@other:b").name]), None);
    }

    #[test]
    fn of_what_accounts_were_picked_by_nothing_is_kept_that_nobody_asks() {
        let mut row = user("@jane.doe:example.org");
        row.displayname = Some("Jane Doe, whose name is long".to_owned());
        row.locked = true;
        let size = |text: &str| {
            let query = ListQuery::parse(text, &Defaults::default());
            let rows = vec![row.clone(); 1_000];
            let picked = PickedUsers::of(&rows, Some(&Origins::one(query)));
            let order = PickedUsers::order(Some(&picked), &());
            let ((), read) = PickedUsers::read(&order).unwrap();
            assert_eq!(read.as_ref(), Some(&picked));
            assert!(read.unwrap().rows[0].locked);
            order.len() / 1_000
        };
        assert!(size("locked=true") < 90, "{}", size("locked=true"));
        assert!(size("q=jane") > size("locked=true"));
    }

    #[test]
    fn orders_of_earlier_versions_are_read() {
        let what = (Redaction::default(), false);
        let order = serde_json::to_string(&what).unwrap();
        assert_eq!(PickedUsers::read(&order), Some((what.clone(), None)));
        let order = PickedUsers::order(None, &what);
        assert_eq!(PickedUsers::read(&order), Some((what, None)));
        assert_eq!(PickedUsers::read::<(Redaction, bool)>("nonsense"), None);
    }

    #[test]
    fn what_earlier_versions_have_kept_is_one_question_for_all() {
        let rows = ["@a:b", "@c:d"].map(user);
        let query = ListQuery::parse("locked=true", &Defaults::default());
        let kept = serde_json::json!({ "rows": rows, "query": query });
        let kept: PickedUsers = serde_json::from_value(kept).unwrap();
        let users = rows.clone().map(|row| row.name);
        let only = kept.only(&users).unwrap();
        assert_eq!(only, PickedUsers::of(&rows, Some(&Origins::one(query))));
    }
}
