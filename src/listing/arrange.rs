//! Lists that the server hands over whole are searched, ordered and paged here.

use super::sort::sort_by;
use super::sort_keys::SortKey;
use super::{ListQuery, Search};
use std::cmp::Ordering;

/// One page of rows that match the search, and how many match on all pages.
///
/// `text` is what is searched, as [`Search`] describes. `compare` orders two rows by a sort key and is
/// not asked when the query has none, or one that the list does not know.
/// Filters are the caller's, who applies them first.
pub fn arrange<T, K: SortKey>(
    rows: Vec<T>,
    query: &ListQuery,
    text: impl Fn(&T) -> String,
    compare: impl Fn(K, &T, &T) -> Ordering,
) -> (Vec<T>, u64) {
    arrange_known(rows, query, text, |key, a, b, descending| {
        let order = compare(key, a, b);
        if descending { order.reverse() } else { order }
    })
}

/// [`arrange()`] of rows of which not everything is known. What is not known stands last whichever the
/// way, so `compare` is told whether it is downwards, as
/// [`Known::compare`](crate::known::Known::compare) wants it, and turns the rest itself.
pub fn arrange_known<T, K: SortKey>(
    rows: Vec<T>,
    query: &ListQuery,
    text: impl Fn(&T) -> String,
    compare: impl Fn(K, &T, &T, bool) -> Ordering,
) -> (Vec<T>, u64) {
    let search = Search::parse(&query.search);
    let mut found: Vec<T> = rows
        .into_iter()
        .filter(|row| search.is_empty() || search.finds_in(&text(row)))
        .collect();
    let key = Some(query.sort.as_str()).filter(|sort| !sort.is_empty());
    if let Some(key) = key.and_then(K::of) {
        sort_by(&mut found, |a, b| compare(key, a, b, query.descending));
    }
    page_of(found, query.from(), query.size)
}

/// What is on a page: so many after the first so many, and how many there are in all.
pub fn page_of<T>(found: Vec<T>, from: u64, size: u64) -> (Vec<T>, u64) {
    let total = found.len() as u64;
    let page = found
        .into_iter()
        .skip(usize::try_from(from).unwrap_or(usize::MAX))
        .take(usize::try_from(size).unwrap_or(usize::MAX))
        .collect();
    (page, total)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::known::{Known, Why};
    use crate::listing::Defaults;

    fn ask(change: impl FnOnce(&mut ListQuery)) -> (Vec<&'static str>, u64) {
        let mut query = ListQuery::new(&Defaults::default());
        change(&mut query);
        arrange(
            vec!["beta", "Alpha", "gamma", "delta"],
            &query,
            |row| (*row).to_owned(),
            |(), a, b| a.to_lowercase().cmp(&b.to_lowercase()),
        )
    }

    #[test]
    fn searched_ordered_and_paged() {
        assert_eq!(ask(|_| ()).0, ["beta", "Alpha", "gamma", "delta"]);
        assert_eq!(ask(|q| q.sort = "name".to_owned()).0[0], "Alpha");
        let descending = ask(|q| {
            q.sort = "name".to_owned();
            q.descending = true;
            q.size = 2;
            q.page = 2;
        });
        assert_eq!(descending, (vec!["beta", "Alpha"], 4));
        assert_eq!(ask(|q| q.search = "ALP".to_owned()), (vec!["Alpha"], 1));
        assert_eq!(ask(|q| q.search = "!ta".to_owned()).1, 2);
        let both = ask(|q| q.search = "!beta !delta".to_owned());
        assert_eq!(both.0, ["Alpha", "gamma"]);
        assert_eq!(ask(|q| q.page = u64::MAX), (vec![], 4));
    }

    #[test]
    fn what_is_not_known_stands_last_whichever_the_way() {
        let sorted = |descending: bool| {
            let mut query = ListQuery::new(&Defaults::default());
            query.sort = "blocked".to_owned();
            query.descending = descending;
            let rows = [Some(false), None, Some(true)].map(|of| Known::or(of, Why::Silent));
            let by = |(), a: &Known<bool>, b: &Known<bool>, descending| a.compare(b, descending);
            let (page, _) = arrange_known(rows.into(), &query, |_| String::new(), by);
            page.into_iter().map(Known::value).collect::<Vec<_>>()
        };
        assert_eq!(sorted(false), [Some(false), Some(true), None]);
        assert_eq!(sorted(true), [Some(true), Some(false), None]);
    }
}
