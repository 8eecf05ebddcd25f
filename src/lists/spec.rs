//! What a page says about its list.

use super::source::{OfRow, Row, Source, typed};
use crate::api::server::Feature;
use crate::components::field::{Choice, Preset, from_datetime_local};
use crate::components::nothing;
use crate::i18n::features::why_not;
use crate::i18n::{Words, t};
use crate::listing::needs::Needs;
use crate::listing::widths::Width;
use crate::listing::{Defaults, ListQuery};
use crate::session::Session;
use crate::ui::{IntoNode, Node, view};
use leptos::prelude::*;
use std::rc::Rc;

/// Where the content of a column stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Align {
    #[default]
    Start,
    /// Numbers.
    End,
}

/// A column of a list: its heading, what its cells show, what it sorts and exports.
pub struct Column {
    pub(super) id: &'static str,
    pub(super) label: Words,
    pub(super) sort_key: Option<&'static str>,
    pub(super) align: Align,
    pub(super) shown: bool,
    pub(super) main: bool,
    pub(super) exported_as: Option<&'static str>,
    pub(super) hidden_label: bool,
    pub(super) copy: bool,
    min_rem: f64,
    share: f64,
    pub(super) text: OfRow<String>,
    pub(super) cell: Option<OfRow<Node>>,
}

impl Column {
    /// A column that shows, exports and copies a text. Empty texts become a dash.
    ///
    /// `id` names it in the person's choice of columns and in the header of an export.
    pub fn new<T: 'static>(
        id: &'static str,
        label: Words,
        text: impl Fn(&T) -> String + 'static,
    ) -> Self {
        Column {
            id,
            label,
            sort_key: None,
            align: Align::Start,
            shown: true,
            main: false,
            exported_as: Some(id),
            hidden_label: false,
            copy: false,
            min_rem: 8.0,
            share: 1.0,
            text: Rc::new(move |row| text(typed(row))),
            cell: None,
        }
    }

    /// What is shown instead of the text.
    pub fn cell<T: 'static>(mut self, cell: impl Fn(&T) -> Node + 'static) -> Self {
        self.cell = Some(Rc::new(move |row| cell(typed(row))));
        self
    }

    /// Rows can be ordered by this key, one of the list's [`sort_keys`](crate::sort_keys): by the
    /// server, or by whoever answers the list here.
    pub fn sorted(mut self, key: impl Into<&'static str>) -> Self {
        self.sort_key = Some(key.into());
        self
    }

    /// Rows are not ordered by it here.
    pub fn not_sorted(mut self) -> Self {
        self.sort_key = None;
        self
    }

    /// Numbers: at the end of the cell, with digits of one width.
    pub fn number(mut self) -> Self {
        self.align = Align::End;
        self
    }

    /// Not shown until the person wants it.
    pub fn hidden(mut self) -> Self {
        self.shown = false;
        self
    }

    /// The column that names the row: always shown, the heading of the card on a phone, and the
    /// link to the row's own page, so its cell must not hold anything to press.
    pub fn main(mut self) -> Self {
        self.main = true;
        self
    }

    /// A button behind the content copies the text.
    pub fn copyable(mut self) -> Self {
        self.copy = true;
        self
    }

    /// No share in what room is left, and where room is short not narrower than this, in rem, as
    /// long as there is so much in its cells. Its heading is never cut.
    pub fn width(mut self, rem: f64) -> Self {
        (self.min_rem, self.share) = (rem, 0.0);
        self
    }

    /// With this share in what room is left, and where room is short not narrower than this, in
    /// rem, as long as there is so much in its cells. Its heading is never cut. The default is 8 and 1.
    pub fn grow(mut self, min_rem: f64, share: f64) -> Self {
        (self.min_rem, self.share) = (min_rem, share);
        self
    }

    /// The name in the header of an export, where that is not the `id`.
    pub fn exported_as(mut self, name: &'static str) -> Self {
        self.exported_as = Some(name);
        self
    }

    /// Nothing that belongs into an export: pictures, buttons.
    pub fn not_exported(mut self) -> Self {
        self.exported_as = None;
        self
    }

    /// The label is for screen readers only: pictures, buttons.
    pub fn without_heading(mut self) -> Self {
        self.hidden_label = true;
        self
    }

    /// Whether a person may move it: not what names the row.
    pub(super) fn is_movable(&self) -> bool {
        !self.main && !self.hidden_label
    }

    pub(super) fn render(&self, row: &Row) -> Node {
        if let Some(cell) = &self.cell {
            return cell(row);
        }
        let text = (self.text)(row);
        if text.is_empty() {
            nothing()
        } else {
            let title = text.clone();
            view! {
                <span class="cell-text" title=title>
                    {text}
                </span>
            }
            .into_node()
        }
    }

    /// How wide it is, before anything of it has been measured.
    pub(super) fn unmeasured(&self) -> Width {
        Width {
            least: self.min_rem,
            share: self.share,
            ..Width::default()
        }
    }
}

/// How a filter is answered.
#[derive(Clone)]
pub enum FilterKind {
    /// Set or not: `true`.
    Flag,
    /// `true`, `false` or not set.
    YesNo,
    /// One of these values.
    Choice(Vec<Choice>),
    /// A day, as `2026-11-23`.
    Date,
    /// A day, with usual ones as buttons.
    DateBefore(Vec<Preset>),
    Text,
    /// A field of the page's own.
    Own(Own),
}

impl FilterKind {
    /// The values that it can be chosen from, with their words.
    pub(super) fn choices(&self) -> Vec<Choice> {
        match self {
            FilterKind::Flag => vec![("true", t::yes as Words)],
            FilterKind::YesNo => vec![("true", t::yes as Words), ("false", t::no)],
            FilterKind::Choice(choices) => choices.clone(),
            _ => Vec::new(),
        }
    }
}

/// A filter with a field of its own.
#[derive(Clone, Copy)]
pub struct Own {
    /// Makes the field: from the filter's label, its value now, and what sets another one.
    pub field: fn(Words, Signal<String>, UnsyncCallback<String>) -> Node,
    /// A value in words.
    pub words: fn(&str) -> String,
}

/// Why this server cannot tell what something rests on, in a sentence; `None` if it can. Reactive.
pub(super) fn lacking(feature: Option<Feature>) -> Option<String> {
    Session::get().capabilities().lack(feature?).map(why_not)
}

/// A filter: a parameter of the URL with its words.
#[derive(Clone)]
pub struct Filter {
    pub(super) id: &'static str,
    pub(super) label: Words,
    pub(super) kind: FilterKind,
    reads: Option<fn(&str) -> bool>,
}

impl Filter {
    /// A filter. `id` is its name in the URL and in [`ListQuery::get`](crate::listing::ListQuery::get); not one of `page`,
    /// `size`, `sort`, `dir`, `q`, `tab`.
    pub fn new(id: &'static str, label: Words, kind: FilterKind) -> Self {
        Filter {
            id,
            label,
            kind,
            reads: None,
        }
    }

    /// Says which values mean something, where the kind alone does not: a choice that knows more than it
    /// offers, a text that is an ID.
    pub fn reading(mut self, reads: fn(&str) -> bool) -> Self {
        self.reads = Some(reads);
        self
    }

    /// Whether a value means something. One that does not is shown, and finds nothing.
    fn reads(&self, value: &str) -> bool {
        match (self.reads, &self.kind) {
            (Some(reads), _) => reads(value),
            (None, FilterKind::Text | FilterKind::Own(_)) => true,
            (None, FilterKind::Date | FilterKind::DateBefore(_)) => {
                from_datetime_local(value).is_some()
            }
            (None, kind) => kind.choices().iter().any(|(choice, _)| *choice == value),
        }
    }

    /// The filter with its value, in words.
    pub(super) fn words(&self, value: &str) -> String {
        let words = match &self.kind {
            FilterKind::Flag => return (self.label)(),
            FilterKind::Own(own) => (own.words)(value),
            kind => {
                let choices = kind.choices();
                let choice = choices.iter().find(|(choice, _)| *choice == value);
                choice.map_or_else(|| value.to_owned(), |(_, words)| words())
            }
        };
        t::list_chip(&(self.label)(), &words)
    }
}

/// What is to be said of a question of which a filter cannot be read; nothing if each can.
pub(super) fn unread(filters: &[Filter], query: &ListQuery) -> Option<String> {
    filters.iter().find_map(|filter| {
        let value = query.get(filter.id)?;
        let filter = (!filter.reads(value)).then(|| filter.words(value))?;
        Some(t::list_note_unread(&filter))
    })
}

/// All there is to say of a list: its source, columns, filters, words and actions.
pub struct ListSpec {
    pub(super) id: &'static str,
    pub(super) label: Words,
    pub(super) defaults: Defaults,
    pub(super) columns: Vec<Column>,
    pub(super) filters: Vec<Filter>,
    pub(super) needs: Needs,
    pub(super) search: Option<Words>,
    pub(super) key: OfRow<String>,
    pub(super) link: Option<OfRow<String>>,
    pub(super) source: Source,
    pub(super) bulk: Option<Rc<dyn Fn(super::Picked) -> Node>>,
    pub(super) reload: Option<Signal<u32>>,
    pub(super) empty: (&'static str, Words, Option<Words>),
}

impl ListSpec {
    /// A list. `id` names it in what the browser remembers and in the name of an export;
    /// `label` is its name for screen readers; `key` tells rows apart; `source` is where all of
    /// them come from.
    pub fn new<T: 'static>(
        id: &'static str,
        label: Words,
        key: impl Fn(&T) -> String + 'static,
        source: Source,
    ) -> Self {
        ListSpec {
            id,
            label,
            defaults: Defaults::default(),
            columns: Vec::new(),
            filters: Vec::new(),
            needs: Needs::default(),
            search: None,
            key: Rc::new(move |row| key(typed(row))),
            link: None,
            source,
            bulk: None,
            reload: None,
            empty: ("inbox", t::list_empty, None),
        }
    }

    /// Adds a column. The order is that on the screen and in exports.
    pub fn column(mut self, column: Column) -> Self {
        self.columns.push(column);
        self
    }

    /// Adds these columns, in their order.
    pub fn columns(mut self, columns: Vec<Column>) -> Self {
        self.columns.extend(columns);
        self
    }

    /// Adds these filters, in their order.
    pub fn filters(mut self, filters: Vec<Filter>) -> Self {
        self.filters.extend(filters);
        self
    }

    /// Adds a filter.
    pub fn filter(mut self, filter: Filter) -> Self {
        self.filters.push(filter);
        self
    }

    /// Says of these filters, orders and columns since when a server has them, where this one has not.
    pub fn needs(mut self, needs: Needs) -> Self {
        self.needs = needs;
        self
    }

    /// What is shown when the URL says nothing.
    pub fn defaults(mut self, defaults: Defaults) -> Self {
        self.defaults = defaults;
        self
    }

    /// Has a search field; `label` says what it searches.
    pub fn search(mut self, label: Words) -> Self {
        self.search = Some(label);
        self
    }

    /// Rows have pages of their own: the route of a row, encoded; empty for a row without one.
    pub fn link<T: 'static>(mut self, route: impl Fn(&T) -> String + 'static) -> Self {
        self.link = Some(Rc::new(move |row| route(typed(row))));
        self
    }

    /// Rows can be selected; `actions` are the buttons that do something with them.
    pub fn bulk(mut self, actions: impl Fn(super::Picked) -> Node + 'static) -> Self {
        self.bulk = Some(Rc::new(actions));
        self
    }

    /// Asks the list's question again whenever this changes.
    pub fn reload(mut self, trigger: impl Into<Signal<u32>>) -> Self {
        self.reload = Some(trigger.into());
        self
    }

    /// What to say when there is nothing at all (not when nothing matches): an icon, a sentence
    /// and perhaps one more.
    pub fn empty(mut self, picture: &'static str, title: Words, text: Option<Words>) -> Self {
        self.empty = (picture, title, text);
        self
    }
}
