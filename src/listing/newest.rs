//! Several lists that are shown as one, newest first, each of which hands over its own newest: Matrix
//! Authentication Service has a list for each kind of session, and pages by cursors alone.

use crate::api::mas::Ulid;

/// Something of one of the lists: its ID, which begins with the time, what those before it are asked for
/// with, and what it is.
pub struct Dated<T> {
    pub id: Ulid,
    pub cursor: String,
    pub item: T,
}

/// What is on a page, and with what the next page is asked for.
pub struct NewestPage<T> {
    pub items: Vec<T>,
    /// For each list what its next ones are asked for with; as it was where none of it was taken.
    pub places: Vec<Option<String>>,
}

/// The newest of these lists but for the first `skip`, `size` at most. `places` is with what each list was
/// asked for; in what order it has come does not matter.
pub fn newest_of<T>(
    lists: Vec<Vec<Dated<T>>>,
    mut places: Vec<Option<String>>,
    skip: usize,
    size: usize,
) -> NewestPage<T> {
    let mut all: Vec<(usize, Dated<T>)> = Vec::new();
    for (number, list) in lists.into_iter().enumerate() {
        all.extend(list.into_iter().map(|dated| (number, dated)));
    }
    all.sort_by(|(_, a), (_, b)| b.id.cmp(&a.id));
    let mut items = Vec::new();
    for (at, (number, dated)) in all.into_iter().enumerate() {
        if at >= skip.saturating_add(size) {
            break;
        }
        if let Some(place) = places.get_mut(number) {
            *place = Some(dated.cursor);
        }
        if at >= skip {
            items.push(dated.item);
        }
    }
    NewestPage { items, places }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list(ids: &[u32]) -> Vec<Dated<u32>> {
        let dated = |id: &u32| Dated {
            id: Ulid::parse(&format!("01JSTANDN0000000000000{id:04}")).unwrap(),
            cursor: format!("c{id}"),
            item: *id,
        };
        ids.iter().map(dated).collect()
    }

    #[test]
    fn two_lists_are_one() {
        let place = |text: &str| Some(text.to_owned());
        // As they come: oldest first.
        let lists = || vec![list(&[3, 6, 9]), list(&[7, 8])];
        let first = newest_of(lists(), vec![None, None], 0, 2);
        assert_eq!(first.items, [9, 8]);
        assert_eq!(first.places, [place("c9"), place("c8")]);
        let next = newest_of(vec![list(&[3, 6]), list(&[7])], first.places, 0, 2);
        assert_eq!(next.items, [7, 6]);
        assert_eq!(next.places, [place("c6"), place("c7")]);
        // Whoever comes to the second page at once.
        let jumped = newest_of(lists(), vec![None, None], 2, 2);
        assert_eq!(jumped.items, [7, 6]);
        assert_eq!(jumped.places, next.places);
        // Of a list of which none was taken it is not known where it goes on.
        let one = newest_of(lists(), vec![None, None], 0, 1);
        assert_eq!(one.places, [place("c9"), None]);
        assert_eq!(
            newest_of(lists(), vec![None, None], 0, usize::MAX).items,
            [9, 8, 7, 6, 3]
        );
    }
}
