//! All problems of the rows, each with its line, and a field to correct the value.

use super::checking::{self, FilePhase};
use super::desk::{Desk, Spot};
use super::pages::{pager, range};
use super::running::server;
use crate::components::badge::Tone;
use crate::components::icon::icon;
use crate::components::notice::Notice;
use crate::components::page::Card;
use crate::i18n::import as words;
use crate::i18n::t;
use crate::import::columns::Column;
use crate::import::validate::{Problem, ProblemKind, Severity};
use crate::ui::view;
use leptos::prelude::*;

/// The problems, or that there are none.
pub fn problems(desk: Desk) -> AnyView {
    let page = RwSignal::new(0);
    (move || {
        if !desk.file.with(|file| matches!(file, FilePhase::Ready)) {
            return ().into_any();
        }
        if desk.spots.with(|spots| spots.is_empty()) {
            return view! {
                <Notice tone=Tone::Good>
                    <p role="status">{t::import_all_fine}</p>
                </Notice>
            }
            .into_any();
        }
        table(desk, page)
    })
    .into_any()
}

fn table(desk: Desk, page: RwSignal<usize>) -> AnyView {
    view! {
        <Card title=Signal::derive(t::import_problems)>
            <div role="status">{move || summary(desk)}</div>
            <p class="import-note">{t::import_problems_hint}</p>
            <div class="table-scroll" tabindex="0" role="group" aria-label=t::import_problems>
                <table class="table import-table">
                    <thead>
                        <tr>
                            <th scope="col" data-align="end">{t::import_column_line}</th>
                            <th scope="col">{t::import_column_column}</th>
                            <th scope="col">{t::import_column_value}</th>
                            <th scope="col">{t::import_column_problem}</th>
                        </tr>
                    </thead>
                    <tbody>{move || rows(desk, page)}</tbody>
                </table>
            </div>
            {move || pager(page, desk.spots.with(|spots| spots.len()))}
        </Card>
    }
    .into_any()
}

fn summary(desk: Desk) -> AnyView {
    desk.changed.track();
    let counts = desk
        .rows()
        .and_then(|rows| rows.with(|_, validation| validation.counts()))
        .unwrap_or_default();
    let lines = [
        (
            counts.errors,
            t::import_problems_errors as fn(u64) -> String,
        ),
        (counts.errors_if_new, t::import_problems_if_new),
        (counts.warnings, t::import_problems_warnings),
    ];
    let mut lines: Vec<String> = lines
        .into_iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, say)| say(count as u64))
        .collect();
    if lines.is_empty() {
        lines.push(t::import_all_fine());
    }
    lines
        .into_iter()
        .map(|line| view! { <p>{line}</p> })
        .collect_view()
        .into_any()
}

fn rows(desk: Desk, page: RwSignal<usize>) -> Vec<AnyView> {
    desk.changed.track();
    let spots = desk.spots.get();
    let last = spots.len().saturating_sub(1) / super::pages::PAGE;
    spots[range(page.get().min(last), spots.len())]
        .iter()
        .map(|spot| row(desk, *spot))
        .collect()
}

fn row(desk: Desk, spot: Spot) -> AnyView {
    let (row, column) = spot;
    let Some(Found {
        line,
        header,
        value,
        is_password,
        problems,
    }) = find(desk, spot)
    else {
        return ().into_any();
    };
    let server = server();
    let messages = problems
        .iter()
        .map(|problem| {
            let tone = match problem.severity() {
                Severity::Warning => "warning",
                _ => "bad",
            };
            let fix = remedy(problem, column).map(|(label, column, value)| {
                view! {
                    <button
                        type="button"
                        class="button"
                        data-kind="quiet"
                        on:click=move |_| checking::edit(desk, row, column, &value)
                    >
                        {label}
                    </button>
                }
            });
            view! {
                <p class="import-problem" data-tone=tone>
                    {icon("alert")}
                    <span>{words::problem(&problem.kind, &server)}</span>
                    {fix}
                </p>
            }
            .into_any()
        })
        .collect::<Vec<_>>();
    let messages = match problems.is_empty() {
        true => view! {
            <p class="import-problem" data-tone="good">
                {icon("check")}
                <span>{t::import_fixed}</span>
            </p>
        }
        .into_any(),
        false => messages.into_any(),
    };
    let wrong = problems
        .iter()
        .any(|problem| problem.severity() > Severity::Warning);
    let field = column.map(|column| {
        view! {
            <input
                class="input"
                type=if is_password { "password" } else { "text" }
                autocomplete="off"
                autocapitalize="none"
                spellcheck="false"
                aria-label=t::import_value_label(&header, &line)
                aria-invalid=wrong.then_some("true")
                prop:value=value
                on:change=move |event| {
                    checking::edit(desk, row, column, &event_target_value(&event));
                }
            />
        }
    });
    view! {
        <tr>
            <td data-align="end">{line}</td>
            <td>{header.clone()}</td>
            <td>{field}</td>
            <td>{messages}</td>
        </tr>
    }
    .into_any()
}

/// What would put a problem right: the words of a button, and the value for a column.
fn remedy(problem: &Problem, column: Option<usize>) -> Option<(String, usize, String)> {
    match (&problem.kind, column) {
        (ProblemKind::TooFewFields { expected, .. }, _) => {
            Some((t::import_fill(), expected - 1, String::new()))
        }
        (kind, Some(column)) => {
            let value = kind.fix()?;
            Some((t::import_use_fix(value), column, value.to_owned()))
        }
        _ => None,
    }
}

/// What stands in a place.
struct Found {
    line: String,
    header: String,
    value: String,
    is_password: bool,
    problems: Vec<Problem>,
}

fn find(desk: Desk, (row, column): Spot) -> Option<Found> {
    desk.rows()?.with(|table, validation| {
        let problems = validation.problems(table, row);
        let cells = table.rows().get(row)?;
        let header = column.and_then(|column| table.headers.get(column));
        Some(Found {
            line: cells.line.to_string(),
            header: header.map_or(String::new(), |header| header.name.clone()),
            value: column.map_or(String::new(), |column| cells.cell(column).to_owned()),
            is_password: column.is_some() && column == table.place(Column::Password),
            problems: problems
                .into_iter()
                .filter(|problem| problem.place.column == column.map(|column| column + 1))
                .collect(),
        })
    })?
}
