//! What some things were picked by: whoever ticks rows under one question, asks another and ticks more
//! has meant each by the question that found it.

use super::ListQuery;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// A value for each of some things, which go by their places: few values, and many things.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Each<V> {
    values: Vec<V>,
    /// The place of each one's value; empty where all have the first.
    of: Vec<u32>,
}

impl<V> Default for Each<V> {
    fn default() -> Self {
        Each {
            values: Vec::new(),
            of: Vec::new(),
        }
    }
}

impl<V> Each<V> {
    /// All have this one.
    pub fn same(value: V) -> Self {
        Each {
            values: vec![value],
            of: Vec::new(),
        }
    }

    /// The values, each once.
    pub fn values(&self) -> &[V] {
        &self.values
    }

    /// The value of one.
    pub fn of(&self, thing: usize) -> Option<&V> {
        let place = self.of.get(thing).copied().unwrap_or_default();
        self.values.get(place as usize)
    }

    /// What is made of each one's value.
    pub fn map<U>(&self, make: impl FnMut(&V) -> U) -> Each<U> {
        Each {
            values: self.values.iter().map(make).collect(),
            of: self.of.clone(),
        }
    }

    /// The values of the things with these numbers, in this order.
    pub fn only(&self, which: &[usize]) -> Self
    where
        V: Clone,
    {
        let of = which.iter().map_while(|thing| self.of.get(*thing).copied());
        Each {
            values: self.values.clone(),
            of: of.collect(),
        }
    }
}

/// By which question each of some things was picked, and how those were then that have been read anew
/// since under another.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Origins<T> {
    pub questions: Each<ListQuery>,
    before: BTreeMap<usize, T>,
}

impl<T> Default for Origins<T> {
    fn default() -> Self {
        Origins {
            questions: Each::default(),
            before: BTreeMap::new(),
        }
    }
}

impl<T: Clone> Origins<T> {
    /// One question has found all of them.
    pub fn one(question: ListQuery) -> Self {
        Origins {
            questions: Each::same(question),
            before: BTreeMap::new(),
        }
    }

    /// The next one was found by this question, and was like this then, if that is not how it is known.
    pub fn push(&mut self, question: &ListQuery, before: Option<T>) {
        let Each { values, of } = &mut self.questions;
        let known = values
            .iter()
            .position(|known| known.finds_the_same(question));
        let place = known.unwrap_or_else(|| {
            values.push(question.clone());
            values.len() - 1
        });
        if let Some(before) = before {
            self.before.insert(of.len(), before);
        }
        of.push(place as u32);
    }

    /// How it was when it was picked, if that is not how it is known.
    pub fn before(&self, thing: usize) -> Option<&T> {
        self.before.get(&thing)
    }

    /// Those of the things with these numbers, in this order.
    pub fn only(&self, which: &[usize]) -> Self {
        let before = which.iter().enumerate().filter_map(|(place, thing)| {
            let before = self.before.get(thing)?;
            Some((place, before.clone()))
        });
        Origins {
            questions: self.questions.only(which),
            before: before.collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::listing::Defaults;

    fn asked(text: &str) -> ListQuery {
        ListQuery::parse(text, &Defaults::default())
    }

    #[test]
    fn each_keeps_the_question_that_found_it() {
        let (quiet, all) = (asked("seen=false"), asked(""));
        let mut origins: Origins<String> = Origins::default();
        origins.push(&quiet, None);
        origins.push(&all, None);
        // Another page in another order is no other question.
        let next = asked("page=2&sort=name&seen=false");
        origins.push(&next, Some("as it was".to_owned()));
        let found_by = |origins: &Origins<String>| {
            let found_by = |thing| origins.questions.of(thing).cloned();
            [0, 1, 2].map(found_by)
        };
        let (quiet, all) = (Some(quiet), Some(all));
        assert_eq!(
            found_by(&origins),
            [quiet.clone(), all.clone(), quiet.clone()]
        );
        assert_eq!(origins.questions.values().len(), 2);
        assert_eq!(origins.before(2).map(String::as_str), Some("as it was"));

        let some = origins.only(&[1, 2]);
        assert_eq!(found_by(&some)[..2], [all, quiet]);
        assert_eq!((some.before(0), some.before(1)), (None, origins.before(2)));
        let json = serde_json::to_string(&some).unwrap();
        assert_eq!(
            serde_json::from_str::<Origins<String>>(&json).unwrap(),
            some
        );
    }

    #[test]
    fn one_question_for_all_takes_no_room() {
        let all: Origins<u8> = Origins::one(asked("q=a"));
        assert_eq!(all.questions.of(149_999), Some(&asked("q=a")));
        assert_eq!(all.only(&[7, 9]), all);
        assert!(all.questions.of.is_empty());
        let sizes = all.questions.map(|question| question.size);
        assert_eq!(sizes, Each::same(25));
    }
}
