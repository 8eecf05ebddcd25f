//! Rows with what will happen to them, or what has.

use super::checked::Checked;
use super::filters::{self, Missing, filters};
use super::results::{FileResults, server};
use crate::address::route::Route;
use crate::api::UserId;
use crate::browser::clock::Breath;
use crate::components::badge::{Tone, badge_text};
use crate::components::link::link;
use crate::components::long_table::{self, LongTable, long_table};
use crate::i18n::import as words;
use crate::i18n::t;
use crate::import::columns::ImportColumn;
use crate::import::plan::Plan;
use crate::import::report::{Word, planned_word};
use crate::ui::{IntoNode, Node, view};
use leptos::prelude::*;
use std::rc::Rc;
use wasm_bindgen_futures::spawn_local;

/// How many rows are sorted before looking at the clock.
const SLICE: usize = 500;

/// The choice of those who become administrators, beside the words of what happens.
const ADMINS: &str = "admins";

/// Where the rows are from.
#[derive(Clone)]
pub struct RowSource {
    pub plan: Rc<Plan>,
    pub table: Checked,
    /// What became of them, if they have been imported.
    pub results: Option<Rc<FileResults>>,
}

impl RowSource {
    fn word(&self, row: usize) -> Word {
        match &self.results {
            Some(results) => results.word(row),
            None => planned_word(&self.plan.rows[row]),
        }
    }

    fn say(&self, word: Word) -> String {
        match self.results {
            Some(_) => words::word(word),
            None => words::pick(word),
        }
    }

    fn detail(&self, row: usize) -> Vec<String> {
        match &self.results {
            Some(results) => results.detail(row),
            None => words::planned(&self.plan.rows[row], &server()),
        }
    }
}

/// The rows by their words.
#[derive(Default)]
struct Sorted {
    /// Each word with its count.
    kinds: Vec<(Word, usize)>,
    /// The place of each row's word among them.
    rows: Vec<u8>,
}

impl Sorted {
    /// Sorts at most so many more rows; says whether all are.
    fn sort_some(&mut self, source: &RowSource, max_rows: usize) -> bool {
        let total = source.plan.rows.len();
        let from = self.rows.len();
        for row in from..total.min(from + max_rows) {
            let word = source.word(row);
            let kind = match self.kinds.iter().position(|(known, _)| *known == word) {
                Some(kind) => kind,
                None => {
                    self.kinds.push((word, 0));
                    self.kinds.len() - 1
                }
            };
            self.kinds[kind].1 += 1;
            self.rows.push(kind as u8);
        }
        self.rows.len() == total
    }
}

/// The rows as a table, with a filter.
pub fn rows(source: RowSource) -> Node {
    let wanted = RwSignal::new(String::new());
    let goal = RwSignal::new(None);
    let keys = RwSignal::new_local(filters::keys(0..0));
    let sorted = RwSignal::new_local(Rc::new(Sorted::default()));
    sort(source.clone(), sorted);
    let counted = |what: String, count: usize| t::import_show_counted(&words::count(count), &what);
    let choices = {
        let source = source.clone();
        move || {
            let sorted = sorted.get();
            let all = counted(t::import_show_all(), source.plan.rows.len());
            let mut choices = vec![(String::new(), all)];
            let kinds = sorted.kinds.iter();
            choices.extend(kinds.map(|(word, count)| {
                let label = counted(source.say(*word), *count);
                (word.name().to_owned(), label)
            }));
            let admins = source.plan.totals.admins;
            if admins > 0 && !sorted.kinds.is_empty() {
                let label = counted(t::import_confirm_admins(), admins);
                choices.push((ADMINS.to_owned(), label));
            }
            choices
        }
    };
    let plan = Rc::clone(&source.plan);
    Effect::new(move |_| {
        let wanted = wanted.get();
        let sorted = sorted.get_untracked();
        let all = 0..plan.rows.len();
        let kind = sorted
            .kinds
            .iter()
            .position(|(word, _)| word.name() == wanted);
        keys.set(match (wanted.as_str(), kind) {
            ("", _) => filters::keys(all),
            (ADMINS, _) => filters::keys(all.filter(|row| plan.rows[*row].makes_admin())),
            (_, Some(kind)) => filters::keys(all.filter(|row| sorted.rows[*row] == kind as u8)),
            (_, None) => filters::keys(0..0),
        });
    });
    let go = {
        let table = source.table.clone();
        move |line| {
            let missing = Missing {
                next: t::import_jump_row_next,
                none: t::import_jump_row_none,
            };
            let keys = keys.get_untracked();
            filters::go_to(&table, &keys, line, goal, missing)
        }
    };
    let outcome = match source.results {
        Some(_) => t::import_column_outcome,
        None => t::import_column_what,
    };
    let column = |name, class| long_table::LongColumn { name, class };
    let table = long_table(LongTable {
        label: t::import_found_rows,
        class: "import-rows",
        columns: vec![
            column(t::import_column_line, "long-number"),
            column(t::import_column_user, "import-user"),
            column(t::import_column_name, ""),
            column(outcome, ""),
            column(t::import_column_detail, ""),
        ],
        keys,
        cells: Rc::new(move |key| cells(&source, filters::place(key).0)),
        follow: Rc::new(|| ()),
        goal,
    });
    let filters = filters(t::import_show, wanted, Rc::new(choices), Rc::new(go));
    view! {
        {filters}
        {table}
    }
    .into_node()
}

/// Sorts rows by their words, without holding up the page.
fn sort(source: RowSource, into: RwSignal<Rc<Sorted>, LocalStorage>) {
    let mut sorted = Sorted::default();
    if sorted.sort_some(&source, SLICE) {
        into.set(Rc::new(sorted));
        return;
    }
    spawn_local(async move {
        let mut breath = Breath::begin();
        while !sorted.sort_some(&source, SLICE) {
            breath.take().await;
        }
        // Unless the table is gone meanwhile.
        let _ = into.try_set(Rc::new(sorted));
    });
}

fn cells(source: &RowSource, row: usize) -> Vec<Node> {
    let (number, id, name) = source.table.table(|table| {
        (
            table.line(row).to_string(),
            table.field(row, ImportColumn::Id).trim().to_owned(),
            table
                .field(row, ImportColumn::DisplayName)
                .trim()
                .to_owned(),
        )
    });
    let word = source.word(row);
    let tone = match word {
        Word::Created | Word::Updated => Tone::Good,
        Word::Create | Word::Update => Tone::Accent,
        Word::Skipped | Word::Unchanged => Tone::Neutral,
        Word::NotDone => Tone::Warning,
        _ => Tone::Bad,
    };
    let user = match &source.results {
        Some(results) => results.user(row),
        None => source.plan.rows[row].user().cloned(),
    };
    let user = match (user, &source.results) {
        (Some(user), Some(results)) if results.is_created(row) => account(&user),
        (Some(user), _) => user.to_string().into_node(),
        (None, _) => words::shortened(&id).into_node(),
    };
    let detail: Vec<Node> = source
        .detail(row)
        .into_iter()
        .map(|sentence| view! { <p>{sentence}</p> }.into_node())
        .collect();
    vec![
        number.into_node(),
        user,
        match name.is_empty() {
            true => ().into_node(),
            false => view! { <bdi>{words::shortened(&name)}</bdi> }.into_node(),
        },
        badge_text(tone, source.say(word)).into_node(),
        detail.into_node(),
    ]
}

fn account(user: &UserId) -> Node {
    link(&Route::user(user).to_string(), "", user.to_string())
}
