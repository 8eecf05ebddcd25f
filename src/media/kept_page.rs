//! One page of what a question finds, kept while lists are read: with each that comes the new files are looked
//! at, and not all over again. A server has a million, and lists come for minutes.

use super::file::StoredFile;
use super::index::{Index, Matcher};
use super::question::{Moments, Question};
use super::summary::Sum;
use crate::listing::ListQuery;

/// For so long what a page finds by age stays, in milliseconds, unless files have changed: what grows too old
/// meanwhile comes a little later.
const MOMENTS_MS: i64 = 60 * 1000;

/// A page, and what it was made of.
#[derive(Default)]
pub(super) struct KeptPage {
    asked: Option<(Question, Moments, ListQuery)>,
    /// [`Index::changes_of_files`] as they were when it was begun.
    changes: (u64, u64),
    /// So many files have been looked at.
    done: usize,
    sum: Sum,
    /// The places of the files that it finds, in order: those of this page and all before it.
    first: Vec<u32>,
}

impl KeptPage {
    /// Brings it up to date: looks at the files that have come since, or at all where something else is asked,
    /// files have changed or gone, or the moments are too old. How many were looked at.
    pub fn bring_up(
        &mut self,
        index: &Index,
        question: &Question,
        moments: &Moments,
        query: &ListQuery,
    ) -> usize {
        let is_same = self.asked.as_ref().is_some_and(|(asked, began, of)| {
            let age = moments.now.0 - began.now.0;
            let is_recent = (0..MOMENTS_MS).contains(&age) && began.months == moments.months;
            is_recent && asked == question && of == query
        });
        if !is_same || self.changes != index.changes_of_files() {
            *self = KeptPage {
                asked: Some((question.clone(), moments.clone(), query.clone())),
                changes: index.changes_of_files(),
                ..Default::default()
            };
        }
        let moments = self.asked.as_ref().map_or(moments, |(_, began, _)| began);
        let matcher = Matcher::new(index, question, moments);
        let all = index.entries();
        let new = all.get(self.done..).unwrap_or_default();
        let before = self.first.len();
        for (place, file) in (self.done..).zip(new) {
            if matcher.misses(file) == Some(0) {
                self.sum.add(file.bytes);
                self.first.push(place as u32);
            }
        }
        self.done = all.len();
        if self.first.len() > before {
            self.sort(index, query);
        }
        new.len()
    }

    fn sort(&mut self, index: &Index, query: &ListQuery) {
        let compare = |a: &u32, b: &u32| index.compare_for(query, *a as usize, *b as usize);
        let until = query.from().saturating_add(query.size);
        let until = usize::try_from(until).unwrap_or(usize::MAX);
        // Only what is shown needs an order: there may be a million.
        if until < self.first.len() {
            self.first.select_nth_unstable_by(until, compare);
            self.first.truncate(until);
            self.first.shrink_to_fit();
        }
        self.first.sort_unstable_by(compare);
    }

    /// The files of the page, and how much is found in all.
    pub fn told(&self, index: &Index, query: &ListQuery) -> (Vec<StoredFile>, Sum) {
        let from = usize::try_from(query.from()).unwrap_or(usize::MAX);
        let places = self.first.iter().skip(from);
        let files = places.map(|place| index.file_at(*place as usize));
        (files.collect(), self.sum)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::media::MediaFile;
    use crate::api::tolerant::Timestamp;
    use crate::api::{ServerName, UserId};
    use crate::listing::Defaults;
    use crate::media::FileChange;
    use crate::media::question::DAY_MS;
    use serde_json::json;

    const LISTS: usize = 40;
    const FILES: usize = 25;
    const NOW: i64 = 2_000 * DAY_MS;

    fn user(number: usize) -> UserId {
        UserId::parse(&format!("@u{number}:b.org")).unwrap()
    }

    fn list(number: usize) -> Vec<MediaFile> {
        let file = |file: usize| {
            let bytes = (number * 7919 + file * 104_729) % 5_000;
            let file = json!({
                "media_id": format!("{number}-{file}"),
                "media_length": bytes,
                "created_ts": NOW - ((number + file) % 60) as i64 * DAY_MS,
            });
            serde_json::from_value(file).unwrap()
        };
        (0..FILES).map(file).collect()
    }

    fn index() -> Index {
        Index::new(ServerName::parse("b.org").unwrap())
    }

    fn moments(later: i64) -> Moments {
        Moments {
            now: Timestamp(NOW + later),
            months: Vec::new(),
        }
    }

    fn query(text: &str) -> ListQuery {
        let defaults = Defaults {
            size: 10,
            sort: "media_length",
            descending: true,
        };
        ListQuery::parse(text, &defaults)
    }

    fn ids(page: &(Vec<StoredFile>, Sum)) -> Vec<&str> {
        let files = page.0.iter();
        files.map(|file| &*file.uri.media_id).collect()
    }

    #[test]
    fn while_lists_are_read_each_file_is_looked_at_once() {
        let (mut index, mut kept) = (index(), KeptPage::default());
        let query = query("unused=30&page=2");
        let question = Question::of(&query);
        let mut looked = 0;
        for number in 0..LISTS {
            index.add(&user(number), list(number));
            // More than one beat for each list that comes.
            for beat in 0..3 {
                let now = moments((number * 3 + beat) as i64);
                looked += kept.bring_up(&index, &question, &now, &query);
            }
        }
        assert_eq!(looked, LISTS * FILES);
        // And it is the page that whoever comes later has.
        let mut late = KeptPage::default();
        late.bring_up(&index, &question, &moments(0), &query);
        let (kept, late) = (kept.told(&index, &query), late.told(&index, &query));
        assert_eq!(ids(&kept).len(), 10);
        assert_eq!(kept, late);
    }

    #[test]
    fn all_are_looked_at_again_where_that_changes_something() {
        let (mut index, mut kept) = (index(), KeptPage::default());
        for number in 0..LISTS {
            index.add(&user(number), list(number));
        }
        let (all, any) = (LISTS * FILES, query(""));
        let mut look = |index: &Index, query: &ListQuery, later: i64| {
            let question = Question::of(query);
            kept.bring_up(index, &question, &moments(later), query)
        };
        assert_eq!(look(&index, &any, 0), all);
        assert_eq!(look(&index, &any, MOMENTS_MS - 1), 0);
        assert_eq!(look(&index, &any, MOMENTS_MS), all, "ages");
        assert_eq!(look(&index, &query("page=2"), MOMENTS_MS), all);
        assert_eq!(look(&index, &query("q=u1"), MOMENTS_MS), all);
        // What happened to a file that is not here changes nothing.
        let held = |id: &str| vec![FileChange::Quarantined(id.to_owned(), Some(user(0)))];
        index.change(held("of nobody"));
        assert_eq!(look(&index, &query("q=u1"), MOMENTS_MS), 0);
        index.change(held("1-1"));
        assert_eq!(look(&index, &query("q=u1"), MOMENTS_MS), all);
        index.change(vec![FileChange::Unsure(user(3))]);
        let left = all - FILES;
        assert_eq!(look(&index, &query("q=u1"), MOMENTS_MS), left);
        index.add(&user(3), list(3));
        assert_eq!(look(&index, &query("q=u1"), MOMENTS_MS), FILES);
    }

    #[test]
    fn a_page_has_what_is_there_now() {
        let mut index = index();
        index.add(&user(0), list(0));
        let any = query("");
        let page = |index: &Index| index.page(&Question::of(&any), &moments(0), &any);
        let before = page(&index);
        let largest = ids(&before)[0].to_owned();
        index.change(vec![FileChange::Gone(crate::media::GoneFile::id(
            largest.clone(),
        ))]);
        let after = page(&index);
        assert_eq!(after.1.files, before.1.files - 1);
        assert!(!ids(&after).contains(&&*largest));
    }
}
