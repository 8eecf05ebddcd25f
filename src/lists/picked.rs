//! The selected rows, each with the question that found it.

use super::source::{OfRow, Reading, Row, Source, typed};
use crate::api::ApiError;
use crate::listing::{ListQuery, Origins};
use leptos::prelude::*;
use std::collections::BTreeMap;
use std::rc::Rc;

/// A row that was picked by itself.
#[derive(Clone)]
pub(super) struct PickedRow {
    /// As it was read last.
    pub(super) row: Row,
    /// As its own question found it last.
    found: Row,
    /// The question under which it was picked.
    by: Rc<ListQuery>,
}

/// The selected rows, for the buttons of the bulk bar. A handle: copies are the same.
#[derive(Clone, Copy)]
pub struct Picked {
    rows: RwSignal<BTreeMap<String, PickedRow>, LocalStorage>,
    /// Everything that this question finds, and how much that was when it was shown; `None` if nobody
    /// said how much.
    pub(super) all: RwSignal<Option<(ListQuery, Option<u64>)>>,
    source: StoredValue<Source, LocalStorage>,
}

impl Picked {
    /// Nothing of a list with this source.
    pub(super) fn of(source: &Source) -> Self {
        Picked {
            rows: RwSignal::new_local(BTreeMap::new()),
            all: RwSignal::new(None),
            source: StoredValue::new_local(source.clone()),
        }
    }

    /// By which question each was picked, in the order of [`Picked::at_hand_as`]; of all that match, the
    /// one under which they were selected. Not reactive.
    pub fn origins_as<T: Clone>(&self, see: fn(&Row) -> T) -> Origins<T> {
        if let Some((query, _)) = self.all.get_untracked() {
            return Origins::one(query);
        }
        let mut origins = Origins::default();
        self.rows.with_untracked(|rows| {
            for PickedRow { row, found, by } in rows.values() {
                let before = (!Rc::ptr_eq(row, found)).then(|| see(found));
                origins.push(by, before);
            }
        });
        origins
    }

    /// [`Picked::origins_as`] of rows of one type.
    pub fn origins<T: Clone + 'static>(&self) -> Origins<T> {
        self.origins_as(|row| typed::<T>(row).clone())
    }

    /// How many are selected; `None` if nobody says how many all are. Reactive.
    pub fn count(&self) -> Option<u64> {
        match self.all.get() {
            Some((_, total)) => total,
            None => Some(self.rows.with(|rows| rows.len() as u64)),
        }
    }

    /// What is selected at the moment of the call. Where all that match are, the list's own source
    /// reads them anew, with the search and the filters under which they were selected.
    ///
    /// Resolves to [`ApiError::Cancelled`] when the reading is cancelled, and to what the source
    /// ends with.
    pub fn resolve<T: Clone + 'static>(
        self,
        reading: Reading,
    ) -> impl Future<Output = Result<Vec<T>, ApiError>> + 'static {
        self.resolve_as(reading, |row| typed::<T>(row).clone())
    }

    /// [`Picked::resolve`] of rows that are seen as something else.
    pub fn resolve_as<T: 'static>(
        self,
        reading: Reading,
        see: fn(&Row) -> T,
    ) -> impl Future<Output = Result<Vec<T>, ApiError>> + 'static {
        // Now: the list may be gone before the answer is there.
        let at_hand = self.at_hand_as(see);
        let answer = self
            .all
            .get_untracked()
            .map(|(query, _)| self.source.with_value(|source| source.all(&query, reading)));
        async move {
            if let Some(rows) = at_hand {
                return Ok(rows);
            }
            let Some(answer) = answer else {
                return Ok(Vec::new());
            };
            let found = answer.await?.rows;
            Ok(found.iter().map(see).collect())
        }
    }

    /// The selected rows, if they were selected one by one: nothing has to be read. Not reactive.
    pub fn at_hand<T: Clone + 'static>(&self) -> Option<Vec<T>> {
        self.at_hand_as(|row| typed::<T>(row).clone())
    }

    /// [`Picked::at_hand`] of rows that are seen as something else.
    pub fn at_hand_as<T>(&self, see: fn(&Row) -> T) -> Option<Vec<T>> {
        self.all.get_untracked().is_none().then(|| {
            self.rows
                .with_untracked(|rows| rows.values().map(|picked| see(&picked.row)).collect())
        })
    }

    /// The rows that were picked by themselves. Not reactive.
    pub(super) fn rows(&self) -> Vec<Row> {
        let rows = |rows: &BTreeMap<String, PickedRow>| {
            let rows = rows.values().map(|picked| Rc::clone(&picked.row));
            rows.collect()
        };
        self.rows.with_untracked(rows)
    }

    /// How many rows were picked by themselves. Reactive.
    pub(super) fn some(&self) -> usize {
        self.rows.with(BTreeMap::len)
    }

    /// Picks these rows, which this question has found, or puts them back. What is picked already was
    /// found by the question of then.
    pub(super) fn pick(&self, rows: Vec<(String, Row)>, by: &Rc<ListQuery>, pick: bool) {
        self.rows.update(|picked| {
            for (key, row) in rows {
                if pick {
                    let (found, by) = (Rc::clone(&row), Rc::clone(by));
                    picked.entry(key).or_insert(PickedRow { row, found, by });
                } else {
                    picked.remove(&key);
                }
            }
        });
    }

    /// Takes these rows, as this question has just found them, in the place of those of them that are
    /// selected: what is done is done to what is seen. By what each was picked is not changed by it, nor
    /// what it was like then.
    pub(super) fn freshen(&self, rows: &[Row], key: &OfRow<String>, by: &ListQuery) {
        let new: Vec<(String, &Row)> = self.rows.with_untracked(|picked| {
            let rows = rows.iter().map(|row| (key(row), row));
            rows.filter(|(key, _)| picked.contains_key(key)).collect()
        });
        if new.is_empty() {
            return;
        }
        self.rows.update(|picked| {
            for (key, row) in new {
                let Some(picked) = picked.get_mut(&key) else {
                    continue;
                };
                picked.row = Rc::clone(row);
                if picked.by.finds_the_same(by) {
                    picked.found = Rc::clone(row);
                }
            }
        });
    }

    /// Takes everything out of the selection.
    pub fn clear(&self) {
        self.all.set(None);
        self.rows.set(BTreeMap::new());
    }

    pub(super) fn contains(&self, key: &str) -> bool {
        self.all.with(Option::is_some) || self.rows.with(|rows| rows.contains_key(key))
    }
}
