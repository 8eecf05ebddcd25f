//! All problems of the rows, each with its line, and a field to correct the value.

use super::checked::FilePhase;
use super::checking;
use super::corrections::corrections;
use super::desk::{Desk, Spot};
use super::facts::PlanPhase;
use super::filters::{self, Missing, filters};
use super::results::server;
use crate::components::badge::Tone;
use crate::components::button::Button;
use crate::components::icon::icon;
use crate::components::long_table::{self, Keys, LongTable, long_table};
use crate::components::notice::Notice;
use crate::components::page::Card;
use crate::i18n::import as words;
use crate::i18n::t;
use crate::import::columns::ImportColumn;
use crate::import::validate::{Problem, ProblemKind, Severity};
use crate::ui::{IntoNode, Node, view};
use leptos::prelude::*;
use std::rc::Rc;

/// The problems, or that there are none.
pub fn problems(desk: Desk) -> Node {
    let any = Memo::new(move |_| desk.spots.with(|spots| !spots.is_empty()));
    (move || {
        if !desk.file.with(|file| matches!(file, FilePhase::Ready)) {
            return ().into_node();
        }
        if !any.get() {
            return view! {
                {corrections(desk)}
                <Notice tone=Tone::Good>
                    <p role="status">{t::import_all_fine}</p>
                </Notice>
            }
            .into_node();
        }
        table(desk)
    })
    .into_node()
}

fn table(desk: Desk) -> Node {
    let wanted = RwSignal::new(String::new());
    let goal = RwSignal::new(None);
    let keys: RwSignal<Keys, LocalStorage> = RwSignal::new_local(filters::keys(0..0));
    Effect::new(move |before: Option<String>| {
        let wanted = wanted.get();
        let is_same = before.as_ref() == Some(&wanted);
        let shown = keys.get_untracked();
        let new = desk.spots.with(|spots| match wanted.parse::<usize>() {
            Ok(kind) => of_kind(desk, spots, kind, if is_same { &shown } else { &[] }),
            Err(_) => spots
                .iter()
                .map(|(row, at)| filters::key(*row, *at))
                .collect(),
        });
        keys.set(new);
        wanted
    });
    let choices = move || {
        desk.changed.track();
        let counted = |what: String, count| t::import_show_counted(&words::count(count), &what);
        let all = desk.spots.with(|spots| spots.len());
        let all = (String::new(), counted(t::import_show_all(), all));
        let kinds = desk.rows().and_then(|rows| {
            rows.with(|_, validation| {
                let kinds = validation.kinds().enumerate();
                let named = |(index, (kind, count)): (usize, (&ProblemKind, usize))| {
                    (index.to_string(), counted(words::problem_kind(kind), count))
                };
                kinds.map(named).collect::<Vec<_>>()
            })
        });
        [all]
            .into_iter()
            .chain(kinds.into_iter().flatten())
            .collect()
    };
    let go = move |line| {
        let missing = Missing {
            next: t::import_jump_next,
            none: t::import_jump_none,
        };
        let rows = desk.rows()?;
        filters::go_to(&rows, &keys.get_untracked(), line, goal, missing)
    };
    next_problem(desk, keys, goal);
    let column = |name, class| long_table::LongColumn { name, class };
    let table = long_table(LongTable {
        label: t::import_problems,
        class: "import-spots",
        columns: vec![
            column(t::import_column_line, "long-number"),
            column(t::import_column_column, ""),
            column(t::import_column_value, ""),
            column(t::import_column_problem, ""),
        ],
        keys,
        cells: Rc::new(move |key| cells(desk, filters::place(key))),
        follow: Rc::new(move || desk.changed.track()),
        goal,
    });
    let filters = filters(t::import_kind, wanted, Rc::new(choices), Rc::new(go));
    view! {
        <Card title=Signal::derive(t::import_problems)>
            <div role="status">{move || summary(desk)}</div>
            <p class="import-note">{t::import_problems_hint}</p>
            {corrections(desk)}
            {filters}
            {table}
        </Card>
    }
    .into_node()
}

/// Goes to the next problem of those shown whenever somebody asks for it; behind the last one,
/// to the first.
fn next_problem(desk: Desk, keys: RwSignal<Keys, LocalStorage>, goal: RwSignal<Option<u64>>) {
    Effect::new(move |before: Option<u32>| {
        let asked = desk.next.get();
        if before.is_none_or(|before| before == asked) {
            return asked;
        }
        let keys = keys.get_untracked();
        let from = goal.get_untracked().map_or(0, |at| at + 1);
        let at = keys.partition_point(|key| *key < from);
        let (behind, ahead) = keys.split_at(at);
        let mut open = ahead.iter().chain(behind);
        if let Some(key) = open.find(|key| is_open(desk, filters::place(**key))) {
            goal.set(Some(*key));
        }
        asked
    });
}

/// Whether a place still has a problem.
fn is_open(desk: Desk, (row, column): Spot) -> bool {
    let found = desk
        .rows()
        .and_then(|rows| rows.with(|_, file| file.places(row).contains(&column)));
    found.unwrap_or(false)
}

/// What stays in sight as long as there are problems: how many, and the way to the next.
pub fn bar(desk: Desk) -> Node {
    let counts = Memo::new(move |_| {
        desk.changed.track();
        let is_ready = desk.file.with(|file| matches!(file, FilePhase::Ready));
        let counts = desk
            .rows()
            .filter(|_| is_ready && desk.run.with(Option::is_none))
            .and_then(|rows| rows.with(|_, file| file.counts()))
            .unwrap_or_default();
        (
            counts.errors + counts.errors_if_new + counts.questions,
            counts.warnings,
        )
    });
    let is_outdated =
        Memo::new(move |_| desk.plan.with(|plan| matches!(plan, PlanPhase::Outdated)));
    (move || {
        let (errors, warnings) = counts.get();
        let outdated = is_outdated.get();
        (errors + warnings > 0 || outdated).then(|| {
            let tone = if errors > 0 { "bad" } else { "warning" };
            let number = |count: usize, say: fn(u64) -> String| {
                (count > 0).then(|| view! { <span>{move || say(count as u64)}</span> })
            };
            // The plan may be far above.
            let outdated = outdated.then(|| view! { <span>{t::import_bar_outdated}</span> });
            let next = (errors + warnings > 0).then(|| {
                view! {
                    <Button
                        label=t::import_next_problem
                        icon="chevron-down"
                        on_press=move || desk.next.update(|next| *next += 1)
                    />
                }
            });
            view! {
                <div class="import-bar" data-tone=tone>
                    {icon("alert")}
                    <p>
                        {number(errors, t::import_bar_errors)}
                        " "
                        {number(warnings, t::import_bar_warnings)}
                        " "
                        {outdated}
                    </p>
                    {next}
                </div>
            }
            .into_node()
        })
    })
    .into_node()
}

/// The places with a kind of problem, and those that are shown already: what has been put right
/// stays.
fn of_kind(desk: Desk, spots: &[Spot], kind: usize, shown: &[u64]) -> Keys {
    let found = desk.rows().and_then(|rows| {
        rows.with(|_, validation| {
            let keys = spots.iter().filter_map(|(row, at)| {
                let key = filters::key(*row, *at);
                let is_shown = shown.binary_search(&key).is_ok();
                (is_shown || validation.has_kind(*row, *at, kind)).then_some(key)
            });
            keys.collect()
        })
    });
    found.unwrap_or_else(|| filters::keys(0..0))
}

fn summary(desk: Desk) -> Node {
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
        (counts.questions, t::import_problems_questions),
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
        .into_node()
}

fn cells(desk: Desk, spot: Spot) -> Vec<Node> {
    let (row, column) = spot;
    let Some(Found {
        line,
        header,
        value,
        is_password,
        problems,
    }) = find(desk, spot)
    else {
        return Vec::new();
    };
    let server = server();
    let asks = problems
        .iter()
        .find(|problem| problem.severity() == Severity::Question);
    let keep = column.zip(asks).map(|(column, asks)| {
        let label = match asks.kind {
            ProblemKind::TooFewFields { .. } => t::import_fill,
            _ => t::import_keep,
        };
        view! {
            <button
                type="button"
                class="button"
                data-kind="quiet"
                on:click=move |_| checking::keep(desk, row, column)
            >
                {label}
            </button>
        }
    });
    let messages = problems
        .iter()
        .map(|problem| {
            let tone = match problem.severity() {
                Severity::Warning => "warning",
                _ => "bad",
            };
            let fix = column.zip(remedy(problem, is_password));
            let fix = fix.map(|(column, (label, value))| {
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
            .into_node()
        })
        .collect::<Vec<_>>();
    let messages = match problems.is_empty() {
        true => view! {
            <p class="import-problem" data-tone="good">
                {icon("check")}
                <span>{t::import_fixed}</span>
            </p>
        }
        .into_node(),
        false => messages.into_node(),
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
    vec![
        line.into_node(),
        header.into_node(),
        field.into_node(),
        view! {
            {messages}
            {keep}
        }
        .into_node(),
    ]
}

/// What would put a problem right: the words of a button, and the value.
fn remedy(problem: &Problem, is_password: bool) -> Option<(String, String)> {
    let value = problem.fix.as_ref()?;
    let label = match (value.as_str(), is_password) {
        ("", _) => t::import_use_nothing(),
        // Nobody who looks over the shoulder is to see it.
        (_, true) => t::import_use_meant(),
        (value, false) => t::import_use_fix(value),
    };
    Some((label, value.clone()))
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
            is_password: column.is_some() && column == table.place(ImportColumn::Password),
            problems: problems
                .into_iter()
                .filter(|problem| problem.place.column == column.map(|column| column + 1))
                .collect(),
        })
    })?
}
