//! The order of columns, as a person has chosen it. Columns that name the row stand where the page
//! has put them; all others can be moved.

/// A column, as far as its place matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ColumnPlace {
    pub id: &'static str,
    /// Whether it stays where it is.
    pub is_fixed: bool,
}

/// The places of `columns` in the order of `kept`, which names those that can be moved, with commas
/// between them. One that it does not name, because it has come later, stands behind the one that
/// the page has it behind.
pub fn arranged(columns: &[ColumnPlace], kept: &str) -> Vec<usize> {
    let movable = |at: &usize| !columns[*at].is_fixed;
    let mut moved: Vec<usize> = Vec::new();
    for id in kept.split(',') {
        let at = columns.iter().position(|column| column.id == id);
        moved.extend(at.filter(|at| movable(at) && !moved.contains(at)));
    }
    let mut before: Option<usize> = None;
    for at in (0..columns.len()).filter(movable) {
        if !moved.contains(&at) {
            let place = before.and_then(|before| moved.iter().position(|other| *other == before));
            moved.insert(place.map_or(0, |place| place + 1), at);
        }
        before = Some(at);
    }
    let mut moved = moved.into_iter();
    (0..columns.len())
        .filter_map(|at| match columns[at].is_fixed {
            true => Some(at),
            false => moved.next(),
        })
        .collect()
}

/// The order in which `id` has changed places with the next column that can be moved, or with the one
/// before; as text for [`arranged`]. `None` if there is no such column.
pub fn moved(columns: &[ColumnPlace], kept: &str, id: &str, back: bool) -> Option<String> {
    let mut ids: Vec<&str> = arranged(columns, kept)
        .into_iter()
        .filter(|at| !columns[*at].is_fixed)
        .map(|at| columns[at].id)
        .collect();
    let at = ids.iter().position(|other| *other == id)?;
    let other = if back { at.checked_sub(1)? } else { at + 1 };
    if other >= ids.len() {
        return None;
    }
    ids.swap(at, other);
    Some(ids.join(","))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const COLUMNS: [ColumnPlace; 5] = [
        ColumnPlace {
            id: "picture",
            is_fixed: true,
        },
        ColumnPlace {
            id: "name",
            is_fixed: true,
        },
        ColumnPlace {
            id: "a",
            is_fixed: false,
        },
        ColumnPlace {
            id: "b",
            is_fixed: false,
        },
        ColumnPlace {
            id: "c",
            is_fixed: false,
        },
    ];

    #[test]
    fn a_column_changes_places_with_its_neighbour() {
        assert_eq!(arranged(&COLUMNS, ""), [0, 1, 2, 3, 4]);
        let order = moved(&COLUMNS, "", "c", true).unwrap();
        assert_eq!(order, "a,c,b");
        assert_eq!(arranged(&COLUMNS, &order), [0, 1, 2, 4, 3]);
        assert_eq!(moved(&COLUMNS, &order, "a", true), None);
        assert_eq!(moved(&COLUMNS, &order, "b", false), None);
        assert_eq!(moved(&COLUMNS, "", "name", false), None);
    }

    #[test]
    fn what_has_come_later_stands_behind_the_one_before_it() {
        assert_eq!(arranged(&COLUMNS, "c,a"), [0, 1, 4, 2, 3]);
        assert_eq!(arranged(&COLUMNS, "c,b"), [0, 1, 2, 4, 3]);
        assert_eq!(arranged(&COLUMNS, "gone,name,c,c"), [0, 1, 2, 3, 4]);
    }

    proptest! {
        #[test]
        fn every_column_stands_somewhere_once(kept in "[abcx,]{0,12}") {
            let mut order = arranged(&COLUMNS, &kept);
            prop_assert_eq!(&order[..2], &[0, 1]);
            order.sort_unstable();
            prop_assert_eq!(order, vec![0, 1, 2, 3, 4]);
        }
    }
}
