//! Rows with what will happen to them, or what has.

use super::checking::Checked;
use super::pages::{PAGE, pager, range};
use super::running::{Results, server};
use crate::api::UserId;
use crate::components::badge::{Tone, badge_text};
use crate::i18n::import as words;
use crate::i18n::t;
use crate::import::columns::Column;
use crate::import::plan::Plan;
use crate::pages::places;
use crate::ui::view;
use leptos::prelude::*;
use std::rc::Rc;

/// The choice of those who become administrators, beside the words of what happens.
const ADMINS: &str = "admins";

/// Where the rows are from.
#[derive(Clone)]
pub struct Source {
    pub plan: Rc<Plan>,
    pub table: Checked,
    /// What became of them, if they have been imported.
    pub results: Option<Rc<Results>>,
}

impl Source {
    fn word(&self, row: usize) -> &'static str {
        match &self.results {
            Some(results) => results.word(row),
            None => words::planned_word(&self.plan.rows[row]),
        }
    }

    fn say(&self, word: &str) -> String {
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

/// The rows as a table, with a filter.
pub fn rows(source: Source) -> AnyView {
    let page = RwSignal::new(0);
    let wanted = RwSignal::new(String::new());
    let all: Vec<&'static str> = (0..source.plan.rows.len())
        .map(|row| source.word(row))
        .collect();
    let mut kinds: Vec<(&'static str, usize)> = Vec::new();
    for word in &all {
        match kinds.iter_mut().find(|(known, _)| known == word) {
            Some((_, count)) => *count += 1,
            None => kinds.push((word, 1)),
        }
    }
    let counted = |what: String, count: usize| t::import_show_counted(&words::count(count), &what);
    let admins = (source.plan.totals.admins > 0).then(|| {
        (
            ADMINS,
            t::import_confirm_admins(),
            source.plan.totals.admins,
        )
    });
    let options: Vec<AnyView> = kinds
        .iter()
        .map(|(word, count)| (*word, source.say(word), *count))
        .chain(admins)
        .map(|(value, what, count)| {
            let label = counted(what, count);
            view! { <option value=value>{label}</option> }.into_any()
        })
        .collect();
    let everything = counted(t::import_show_all(), all.len());
    let plan = Rc::clone(&source.plan);
    let matching = move || {
        let wanted = wanted.get();
        let is_wanted = |row: &usize| match wanted.as_str() {
            "" => true,
            ADMINS => plan.rows[*row].makes_admin(),
            word => all[*row] == word,
        };
        (0..all.len()).filter(is_wanted).collect::<Rc<[usize]>>()
    };
    let has_results = source.results.is_some();
    let body = move || {
        let matching = matching();
        let last = matching.len().saturating_sub(1) / PAGE;
        let shown = &matching[range(page.get().min(last), matching.len())];
        let lines: Vec<AnyView> = shown.iter().map(|row| line(&source, *row)).collect();
        view! {
            <div class="table-scroll" tabindex="0" role="group" aria-label=t::import_found_rows>
                <table class="table import-table">
                    <thead>
                        <tr>
                            <th scope="col" data-align="end">{t::import_column_line}</th>
                            <th scope="col">{t::import_column_user}</th>
                            <th scope="col">{t::import_column_name}</th>
                            <th scope="col">
                                {if has_results { t::import_column_outcome() } else { t::import_column_what() }}
                            </th>
                            <th scope="col">{t::import_column_detail}</th>
                        </tr>
                    </thead>
                    <tbody>{lines}</tbody>
                </table>
            </div>
            {pager(page, matching.len())}
        }
        .into_any()
    };
    view! {
        <label class="import-filter">
            <span>{t::import_show}</span>
            <select
                class="select"
                on:change=move |event| {
                    page.set(0);
                    wanted.set(event_target_value(&event));
                }
            >
                <option value="">{everything}</option>
                {options}
            </select>
        </label>
        {body}
    }
    .into_any()
}

fn line(source: &Source, row: usize) -> AnyView {
    let (number, id, name) = source.table.table(|table| {
        (
            table.line(row).to_string(),
            table.field(row, Column::Id).trim().to_owned(),
            table.field(row, Column::DisplayName).trim().to_owned(),
        )
    });
    let word = source.word(row);
    let tone = match word {
        "created" | "updated" => Tone::Good,
        "create" | "update" => Tone::Accent,
        "skipped" | "unchanged" => Tone::Neutral,
        "not_done" => Tone::Warning,
        _ => Tone::Bad,
    };
    let user = match &source.results {
        Some(results) => results.user(row),
        None => source.plan.rows[row].user().cloned(),
    };
    let user = match (user, &source.results) {
        (Some(user), Some(results)) if results.is_created(row) => account(&user),
        (Some(user), _) => user.to_string().into_any(),
        (None, _) => id.into_any(),
    };
    let detail: Vec<AnyView> = source
        .detail(row)
        .into_iter()
        .map(|sentence| view! { <p>{sentence}</p> }.into_any())
        .collect();
    view! {
        <tr>
            <td data-align="end">{number}</td>
            <td class="import-user">{user}</td>
            <td><bdi>{name}</bdi></td>
            <td>{badge_text(tone, source.say(word))}</td>
            <td>{detail}</td>
        </tr>
    }
    .into_any()
}

fn account(user: &UserId) -> AnyView {
    let to = format!("#{}", places::of_user(user, ""));
    view! { <a href=to target="_self">{user.to_string()}</a> }.into_any()
}
