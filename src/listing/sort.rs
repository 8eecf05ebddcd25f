//! Sorting, compiled once. The library's own sorts are generic and large: each kind of list that is
//! sorted would add some six kilobytes to the download.

use std::cmp::Ordering;

/// Sorts as `sort_by` does: what is equal stays in its order.
///
/// ```
/// use synapse_admin::listing::sort::sort_by;
/// let mut words = vec!["pear", "fig", "kiwi"];
/// sort_by(&mut words, |a, b| a.len().cmp(&b.len()));
/// assert_eq!(words, ["fig", "pear", "kiwi"]);
/// ```
pub fn sort_by<T>(items: &mut Vec<T>, compare: impl Fn(&T, &T) -> Ordering) {
    let mut order: Vec<usize> = (0..items.len()).collect();
    by_place(&mut order, &|a, b| compare(&items[a], &items[b]));
    let mut old: Vec<Option<T>> = items.drain(..).map(Some).collect();
    // Each place stands in the order once.
    items.extend(order.into_iter().filter_map(|place| old[place].take()));
}

fn by_place(order: &mut [usize], compare: &dyn Fn(usize, usize) -> Ordering) {
    order.sort_by(|a, b| compare(*a, *b));
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn it_is_the_librarys_order(items in prop::collection::vec((0_u8..5, 0_u8..50), 0..60)) {
            let (mut ours, mut theirs) = (items.clone(), items);
            sort_by(&mut ours, |a, b| a.0.cmp(&b.0));
            theirs.sort_by_key(|item| item.0);
            prop_assert_eq!(ours, theirs);
        }
    }
}
