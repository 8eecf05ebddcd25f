//! What the parts of a list share.

use super::picked::Picked;
use super::source::{Reading, Row};
use super::spec::{Column, ListSpec, unread};
use crate::api::ApiError;
use crate::browser::navigation::{HistoryStep, current_path, navigate};
use crate::browser::storage::Keep;
use crate::listing::ListQuery;
use crate::listing::columns::{self, ColumnPlace};
use leptos::prelude::*;
use leptos_router::hooks::use_location;
use std::collections::BTreeSet;
use std::rc::Rc;
use wasm_bindgen_futures::spawn_local;

/// Where the choice of row height is kept, for all lists.
const DENSITY_KEY: &str = "synapse-admin.list-density";

/// The height of rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Density {
    Comfortable,
    Compact,
}

impl Density {
    /// The value of `data-density`.
    pub fn name(self) -> &'static str {
        match self {
            Density::Comfortable => "comfortable",
            Density::Compact => "compact",
        }
    }

    /// As it was chosen last.
    pub fn restore() -> Self {
        match Keep::ThisBrowser.get(DENSITY_KEY).as_deref() {
            Some("compact") => Density::Compact,
            _ => Density::Comfortable,
        }
    }

    /// Remembers this choice.
    pub fn keep(self) {
        Keep::ThisBrowser.set(DENSITY_KEY, self.name());
    }
}

/// A list at work. A handle: copies are the same.
#[derive(Clone, Copy)]
pub struct ListState {
    pub spec: StoredValue<Rc<ListSpec>, LocalStorage>,
    pub query: Memo<ListQuery>,
    path: StoredValue<String>,
    pub rows: RwSignal<Vec<Row>, LocalStorage>,
    /// `None` until the first answer.
    pub total: RwSignal<Option<u64>>,
    /// Whether there are more than that, and nobody says how many.
    pub is_open: RwSignal<bool>,
    pub note: RwSignal<Option<String>>,
    pub loading: RwSignal<bool>,
    pub error: RwSignal<Option<ApiError>>,
    pub progress: RwSignal<Option<(u64, Option<u64>)>>,
    reading: StoredValue<Option<Reading>, LocalStorage>,
    /// The question that the rows answer.
    answered: RwSignal<Option<Rc<ListQuery>>, LocalStorage>,
    /// Whether the rows answer another question, while the one that stands is being read: they
    /// are not what the filters say.
    pub is_stale: Memo<bool>,
    /// Whether they are another page than the one that stands, or in another order, while that is
    /// being read: what is done with the page is not done with these.
    pub is_before: Memo<bool>,
    pub picked: Picked,
    pub shown: RwSignal<BTreeSet<&'static str>>,
    /// The order of the columns as the person has it, as [`columns::arranged`] reads it.
    column_order: RwSignal<String>,
    pub density: RwSignal<Density>,
    /// The row of the page that gets the focus, from 0.
    pub goal: RwSignal<Option<u64>>,
}

impl ListState {
    pub fn new(mut spec: ListSpec) -> Self {
        let filters = spec.filters.clone();
        spec.source = spec.source.unless(move |query| unread(&filters, query));
        let spec = Rc::new(spec);
        let defaults = spec.defaults;
        let path = current_path();
        let mine = path.get_untracked();
        let search = use_location().search;
        let here = mine.clone();
        let query = Memo::new(move |before: Option<&ListQuery>| {
            let asked = ListQuery::parse(search.get().trim_start_matches('?'), &defaults);
            match before {
                // Another page's question, or another tab's, is none of ours.
                Some(before) if path.get() != here || asked.get("tab") != before.get("tab") => {
                    before.clone()
                }
                _ => asked,
            }
        });
        let shown = RwSignal::new(restore_columns(&spec));
        let loading = RwSignal::new(true);
        let answered: RwSignal<Option<Rc<ListQuery>>, LocalStorage> = RwSignal::new_local(None);
        let differs = move |is: fn(&ListQuery, &ListQuery) -> bool| {
            let differs = query.with(|asked| {
                answered.with(|answered| {
                    let answered = answered.as_ref();
                    answered.is_some_and(|answered| !is(answered, asked))
                })
            });
            loading.get() && differs
        };
        let is_stale = Memo::new(move |_| differs(ListQuery::finds_the_same));
        let is_before = Memo::new(move |_| differs(ListQuery::eq));
        ListState {
            query,
            path: StoredValue::new(mine),
            rows: RwSignal::new_local(Vec::new()),
            total: RwSignal::new(None),
            is_open: RwSignal::new(false),
            note: RwSignal::new(None),
            loading,
            error: RwSignal::new(None),
            progress: RwSignal::new(None),
            reading: StoredValue::new_local(None),
            answered,
            is_stale,
            is_before,
            picked: Picked::of(&spec.source),
            shown,
            column_order: RwSignal::new(
                Keep::ThisBrowser.get(&order_key(&spec)).unwrap_or_default(),
            ),
            density: RwSignal::new(Density::restore()),
            goal: RwSignal::new(None),
            spec: StoredValue::new_local(spec),
        }
    }

    pub fn spec(&self) -> Rc<ListSpec> {
        self.spec.get_value()
    }

    /// Asks another question of the list, which goes into the address.
    pub fn change(self, step: HistoryStep, change: impl FnOnce(&mut ListQuery)) {
        self.change_dyn(step, Box::new(change));
    }

    fn change_dyn(self, step: HistoryStep, change: Box<dyn FnOnce(&mut ListQuery) + '_>) {
        let mut query = self.query.get_untracked();
        change(&mut query);
        let text = query.to_query(&self.spec().defaults);
        let path = self.path.get_value();
        let route = match text.is_empty() {
            true => path,
            false => format!("{path}?{text}"),
        };
        navigate(&route, step);
    }

    /// Asks a question of the list that finds other rows: begins on the first page and forgets that "all" was
    /// selected, since all is something else now.
    pub fn ask(self, step: HistoryStep, change: impl FnOnce(&mut ListQuery)) {
        self.picked.all.set(None);
        self.change(step, |query| {
            query.page = 1;
            change(query);
        });
    }

    /// Whether search or filters leave something out. Reactive.
    pub fn is_narrowed(self) -> bool {
        let spec = self.spec();
        self.query.with(|query| {
            !query.search.trim().is_empty()
                || spec
                    .filters
                    .iter()
                    .any(|filter| query.get(filter.id).is_some())
        })
    }

    /// Forgets search and filters.
    pub fn show_all(self) {
        let spec = self.spec();
        self.ask(HistoryStep::Push, |query| {
            query.search.clear();
            for filter in &spec.filters {
                query.set(filter.id, "");
            }
        });
    }

    /// A reading for the next answer; the one before it is told to stop.
    fn reading(self, refresh: bool) -> Reading {
        self.cancel();
        self.progress.set(None);
        let reading = Reading::shown_by(self.progress, refresh);
        self.reading.set_value(Some(reading.clone()));
        reading
    }

    /// Stops what is being read.
    pub fn cancel(self) {
        // The list may be gone.
        let _ = self.reading.try_with_value(|reading| {
            if let Some(reading) = reading {
                reading.cancel();
            }
        });
    }

    /// Takes rows away that are not what the filters say, and an "all" that was selected under
    /// other filters.
    pub fn forget_others(self) {
        self.query.with(|asked| {
            let other = self.picked.all.with_untracked(|all| {
                all.as_ref()
                    .is_some_and(|(of, _)| !of.finds_the_same(asked))
            });
            if other {
                self.picked.all.set(None);
            }
        });
        // A short while they may stay, so that nothing flickers; they cannot be selected then.
        if self.is_stale.get() && self.progress.with(Option::is_some) {
            self.answered.set(None);
            self.rows.set(Vec::new());
            self.total.set(None);
            self.note.set(None);
        }
    }

    /// Asks the question that stands.
    pub fn load(self) {
        self.ask_anew(false);
    }

    /// Asks the question that stands, and wants nothing that was kept.
    pub fn refresh(self) {
        self.ask_anew(true);
    }

    fn ask_anew(self, refresh: bool) {
        let query = self.query.get_untracked();
        let reading = self.reading(refresh);
        let answer = self.spec().source.page(query.clone(), reading.clone());
        self.loading.set(true);
        self.error.set(None);
        spawn_local(async move {
            let answer = answer.await;
            // A later question has been asked, or the page was left.
            let current = self
                .reading
                .try_with_value(|current| current.as_ref().is_some_and(|it| it.is(&reading)));
            if current != Some(true) {
                return;
            }
            self.loading.set(false);
            self.progress.set(None);
            match answer {
                Ok(page) => {
                    self.note.set(page.note);
                    self.is_open.set(page.is_open);
                    self.total.set(Some(page.total));
                    // What was on the last page may have gone.
                    let last = query.pages(page.total);
                    if page.rows.is_empty() && query.page > last {
                        self.change(HistoryStep::Replace, |query| query.page = last);
                        return;
                    }
                    self.picked.freshen(&page.rows, &self.spec().key, &query);
                    self.answered.set(Some(Rc::new(query)));
                    self.rows.set(page.rows);
                }
                Err(error) => {
                    // Rows that answer another question would mislead.
                    if self
                        .answered
                        .with_untracked(|answered| answered.as_deref() != Some(&query))
                    {
                        self.total.set(None);
                        self.note.set(None);
                        self.rows.set(Vec::new());
                    }
                    self.error.set(Some(error));
                }
            }
        });
    }

    /// The question that the rows answer, by which they are picked. Not reactive.
    pub fn found_by(self) -> Rc<ListQuery> {
        let answered = self.answered.get_untracked();
        answered.unwrap_or_else(|| Rc::new(self.query.get_untracked()))
    }

    /// How many rows come before those that are shown. Reactive.
    pub fn rows_before(self) -> u64 {
        self.answered
            .with(|answered| answered.as_ref().map_or(0, |answered| answered.from()))
    }

    /// Shows or hides a column, and remembers it.
    pub fn show_column(self, id: &'static str, show: bool) {
        self.shown.update(|shown| {
            if show {
                shown.insert(id);
            } else {
                shown.remove(id);
            }
        });
        let spec = self.spec();
        let shown = self.shown.get_untracked();
        let kept: Vec<String> = spec
            .columns
            .iter()
            .filter(|column| column.shown != shown.contains(column.id))
            .map(|column| column.id.to_owned())
            .collect();
        Keep::ThisBrowser.set(&columns_key(&spec), &kept.join(","));
    }

    /// The columns by their places in the page's own order, in the order of the person. Reactive.
    pub fn columns(self) -> Vec<usize> {
        let places = places(&self.spec());
        self.column_order
            .with(|order| columns::arranged(&places, order))
    }

    /// Moves a column by one place, and remembers it. Whether there was a place to go to.
    pub fn move_column(self, id: &'static str, back: bool) -> bool {
        let spec = self.spec();
        let moved = self
            .column_order
            .with_untracked(|order| columns::moved(&places(&spec), order, id, back));
        let Some(order) = moved else {
            return false;
        };
        Keep::ThisBrowser.set(&order_key(&spec), &order);
        self.column_order.set(order);
        true
    }

    /// Whether the person has chosen columns or their order. Reactive.
    pub fn has_own_columns(self) -> bool {
        let spec = self.spec();
        let own = |shown: &BTreeSet<_>| {
            let mut columns = spec.columns.iter();
            columns.any(|column| !column.main && column.shown != shown.contains(column.id))
        };
        self.column_order.with(|order| !order.is_empty()) || self.shown.with(own)
    }

    /// Shows the columns that the page shows by itself, in its order.
    pub fn reset_columns(self) {
        let spec = self.spec();
        Keep::ThisBrowser.remove(&order_key(&spec));
        Keep::ThisBrowser.remove(&columns_key(&spec));
        self.column_order.set(String::new());
        self.shown.set(restore_columns(&spec));
    }

    /// Chooses the height of rows, and remembers it.
    pub fn set_density(self, density: Density) {
        self.density.set(density);
        density.keep();
    }
}

fn order_key(spec: &ListSpec) -> String {
    format!("synapse-admin.list-order.{}", spec.id)
}

/// The columns that name the row stand first, whatever the person does.
fn places(spec: &ListSpec) -> Vec<ColumnPlace> {
    let place = |column: &Column| ColumnPlace {
        id: column.id,
        is_fixed: !column.is_movable(),
    };
    spec.columns.iter().map(place).collect()
}

fn columns_key(spec: &ListSpec) -> String {
    format!("synapse-admin.list-columns.{}", spec.id)
}

/// The columns as the person left them: what is kept are those that differ from the page's own
/// choice, so that a column that comes later is seen.
fn restore_columns(spec: &ListSpec) -> BTreeSet<&'static str> {
    let kept = Keep::ThisBrowser
        .get(&columns_key(spec))
        .unwrap_or_default();
    let differs = |id: &str| kept.split(',').any(|kept| kept == id);
    spec.columns
        .iter()
        .filter(|column| column.main || column.shown != differs(column.id))
        .map(|column| column.id)
        .collect()
}
