//! What is wrong in the same way in many cells: put right with one press, and taken back with
//! another.

use super::checking;
use super::desk::Desk;
use crate::components::badge::Tone;
use crate::components::button::{Button, ButtonKind};
use crate::components::notice::Notice;
use crate::i18n::import as words;
use crate::i18n::t;
use crate::import::alike::AlikeCells;
use crate::import::correct::{CellChange, Correction};
use crate::import::validate::{ProblemKind, Severity};
use crate::ui::{IntoNode, Node, view};
use leptos::prelude::*;
use std::rc::Rc;

/// How many changes are named.
const NAMED: usize = 5;

/// The groups, if there are any; and the correction that was made last.
pub fn corrections(desk: Desk) -> Node {
    (move || {
        let last = desk
            .corrected
            .get()
            .map(|correction| done(desk, &correction));
        let groups: Vec<Node> = desk
            .alike
            .get()
            .iter()
            .map(|alike| group(desk, alike))
            .collect();
        let groups = (!groups.is_empty()).then(|| {
            view! {
                <h3 class="import-alike-title">{t::import_alike}</h3>
                <ul class="import-alike">{groups}</ul>
            }
            .into_node()
        });
        view! { {last} {groups} }.into_node()
    })
    .into_node()
}

fn header(desk: Desk, column: usize) -> String {
    let name = desk.rows().and_then(|rows| {
        rows.table(|table| table.headers.get(column).map(|header| header.name.clone()))
    });
    name.unwrap_or_default()
}

fn group(desk: Desk, alike: &AlikeCells) -> Node {
    let header = header(desk, alike.column);
    let cells = alike.cells as u64;
    let kind = words::problem_kind(&alike.kind);
    let what = match (&alike.value, &alike.fix) {
        (Some(value), _) => t::import_alike_value(cells, &header, &words::quoted(value)),
        (None, Some(_)) => t::import_alike_kind(cells, &header),
        (None, None) => t::import_alike_rows(cells),
    };
    let kept = StoredValue::new_local(alike.clone());
    let set = move |to: String| {
        if let Some(which) = kept.with_value(|alike| alike.to(&to)) {
            checking::correct(desk, which);
        }
    };
    let button = |label: String, to: &'static str| {
        view! { <Button label=Signal::stored(label) on_press=move || set(to.to_owned()) /> }
            .into_node()
    };
    let controls: Vec<Node> = match (&alike.value, &alike.kind) {
        (None, _) if alike.fix.is_none() => Vec::new(),
        (None, _) => vec![
            view! {
                <Button
                    label=Signal::stored(t::import_alike_offered(cells))
                    on_press=move || {
                        if let Some(which) = kept.with_value(AlikeCells::offered) {
                            checking::correct(desk, which);
                        }
                    }
                />
            }
            .into_node(),
        ],
        (Some(_), ProblemKind::NotABoolean) => vec![
            button(t::import_alike_set(cells, "false"), "false"),
            button(t::import_alike_set(cells, "true"), "true"),
        ],
        (Some(value), _) => {
            let to = RwSignal::new(alike.fix.clone().unwrap_or_else(|| value.clone()));
            let label = t::import_alike_new(&words::quoted(value), &header);
            vec![
                view! {
                    <input
                        class="input"
                        aria-label=label
                        autocomplete="off"
                        autocapitalize="none"
                        spellcheck="false"
                        prop:value=to
                        on:input=move |event| to.set(event_target_value(&event))
                    />
                }
                .into_node(),
                view! {
                    <Button
                        label=Signal::stored(t::import_alike_all(cells))
                        on_press=move || set(to.get_untracked())
                    />
                }
                .into_node(),
            ]
        }
    };
    let keep = (alike.kind.severity() == Severity::Question).then(|| {
        let label = match alike.kind {
            ProblemKind::TooFewFields { .. } => t::import_fill_all(cells),
            _ => t::import_keep_all(cells),
        };
        view! {
            <Button
                label=Signal::stored(label)
                kind=ButtonKind::Quiet
                on_press=move || {
                    checking::keep_all(desk, kept.with_value(AlikeCells::all));
                }
            />
        }
    });
    view! {
        <li>
            <p>
                <strong>{kind}</strong>
                " "
                <span>{what}</span>
            </p>
            <div class="import-actions">{controls} {keep}</div>
        </li>
    }
    .into_node()
}

fn done(desk: Desk, correction: &Rc<Correction>) -> Node {
    let passwords = desk.rows().and_then(|rows| {
        rows.table(|table| table.place(crate::import::columns::ImportColumn::Password))
    });
    let line = |change: &CellChange| {
        let line = desk
            .rows()
            .map(|rows| rows.table(|table| table.line(change.row)).to_string())
            .unwrap_or_default();
        let shown = |value: &str| match Some(change.column) == passwords {
            true => "•••".to_owned(),
            false => words::quoted(value),
        };
        let at = t::import_value_label(&header(desk, change.column), &line);
        let change = t::import_change(&at, &shown(&change.from), &shown(&change.to));
        view! { <li>{change}</li> }.into_node()
    };
    let changes = &correction.changes;
    let mut lines: Vec<Node> = changes.iter().take(NAMED).map(line).collect();
    if changes.len() > NAMED {
        let more = (changes.len() - NAMED) as u64;
        lines.push(view! { <li>{t::import_corrected_more(more)}</li> }.into_node());
    }
    let sentence = t::import_corrected(changes.len() as u64);
    view! {
        <Notice tone=Tone::Good>
            <p role="status">{sentence}</p>
            <ul>{lines}</ul>
            <Button
                label=t::import_take_back
                icon="undo"
                kind=ButtonKind::Quiet
                on_press=move || checking::take_back(desk)
            />
        </Notice>
    }
    .into_node()
}
