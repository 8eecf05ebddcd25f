//! What needs attention, worst first, and what has changed since the last visit.

use super::board::{Board, BoardAnswer};
use super::questions::BoardQuestion;
use crate::address::route::Route;
use crate::api::tolerant::Timestamp;
use crate::components::button::{Button, ButtonKind, ButtonLink};
use crate::components::icon::icon;
use crate::components::link::link;
use crate::components::page::{Card, skeleton};
use crate::components::time::time;
use crate::dashboard::matter::{Matter, Weight, worst};
use crate::i18n::errors::explain;
use crate::i18n::{Words, format, t};
use crate::ui::{IntoNode, Node, view};
use leptos::prelude::*;

/// What needs attention.
pub fn attention(board: Board) -> Node {
    let is_all = RwSignal::new(false);
    view! {
        <Card title=Signal::derive(t::dash_needs)>
            {move || lines(board, is_all)}
            {move || checks(board)}
            {move || extremities(board)}
        </Card>
    }
    .into_node()
}

fn lines(board: Board, is_all: RwSignal<bool>) -> Node {
    if !board.is_settled() {
        return skeleton(5);
    }
    let (mut matters, mut unknown, mut waits) = (Vec::new(), Vec::new(), false);
    for (question, answer) in board.all() {
        match answer.get() {
            BoardAnswer::Waiting => waits = true,
            BoardAnswer::Told(told) => matters.extend(told.matters.iter().cloned()),
            _ => unknown.push((question.title)()),
        }
    }
    let (matters, others) = worst(matters);
    if matters.is_empty() && waits {
        return skeleton(3);
    }
    let all_well = matters.is_empty().then(|| {
        let words: Words = match unknown.is_empty() {
            true => t::dash_nothing,
            false => t::dash_known_only,
        };
        view! { <p class="dash-well">{icon("check-circle")} <span>{words}</span></p> }
    });
    let lines: Vec<Node> = matters.iter().map(line).collect();
    let list = (!lines.is_empty()).then(|| view! { <ul class="matters">{lines}</ul> });
    let others = (!others.is_empty()).then(|| less_urgent(others, is_all));
    let unknown = (!unknown.is_empty() && !waits)
        .then(|| view! { <p class="dash-note">{t::dash_unknown(&unknown.join(", "))}</p> });
    view! { {all_well} {list} {others} {unknown} }.into_node()
}

/// What is less urgent, once somebody wants to see it.
fn less_urgent(matters: Vec<Matter>, is_shown: RwSignal<bool>) -> Node {
    let count = matters.len() as u64;
    let label = Signal::derive(move || match is_shown.get() {
        true => t::dash_fewer(),
        false => t::dash_more(count),
    });
    let lines = move || {
        is_shown.get().then(|| {
            let lines: Vec<Node> = matters.iter().map(line).collect();
            view! { <ul class="matters">{lines}</ul> }
        })
    };
    view! {
        {lines}
        <Button label kind=ButtonKind::Quiet on_press=move || is_shown.update(|shown| *shown = !*shown) />
    }
    .into_node()
}

fn line(matter: &Matter) -> Node {
    let weight = match matter.weight() {
        Weight::Bad => "bad",
        Weight::Warning => "warning",
        Weight::Hint => "hint",
    };
    let to = matter.to();
    let content = view! {
        {icon(matter.icon())}
        <span>{matter.words()}</span>
    }
    .into_node();
    let line = match to.starts_with('/') {
        true => link(&to, "matter", view! { {content} {icon("chevron-right")} }),
        false => view! {
            <a class="matter" href=to target="_blank" rel="noopener noreferrer">
                {content}
                <span class="visually-hidden">{t::opens_in_new_tab}</span>
                {icon("external")}
            </a>
        }
        .into_node(),
    };
    view! { <li data-weight=weight>{line}</li> }.into_node()
}

/// The questions without a card that were not answered.
fn checks(board: Board) -> Node {
    let without_cards = board
        .all()
        .into_iter()
        .filter(|(question, _)| !question.has_card);
    let rows: Vec<Node> = without_cards
        .filter_map(|(question, answer)| check(board, question, answer))
        .collect();
    rows.into_node()
}

fn check(
    board: Board,
    question: &'static BoardQuestion,
    answer: RwSignal<BoardAnswer, LocalStorage>,
) -> Option<Node> {
    let (words, label): (String, Words) = match answer.get() {
        BoardAnswer::Dear(ms) => (t::dash_dear(&format::duration(ms)), t::dash_ask),
        BoardAnswer::Failed(error) => (explain(&error).sentence, t::retry),
        _ => return None,
    };
    let button = view! {
        <Button label kind=ButtonKind::Secondary on_press=move || board.ask(question, answer, true) />
    }
    .into_node();
    Some(row(question.title, words, button))
}

/// What costs a question for each room is asked by the list of rooms, when somebody wants it.
fn extremities(board: Board) -> Node {
    let rooms = board.kept.with(|kept| kept.now("rooms"));
    if rooms == Some(0) {
        return ().into_node();
    }
    let (cost, label) = match rooms {
        Some(rooms) => (t::dash_extremities_cost(rooms), t::dash_look_rooms(rooms)),
        None => (t::dash_extremities_unknown(), t::dash_look()),
    };
    let to = Route::Rooms.at("extremities=10&sort=forward_extremities&dir=desc");
    let look = view! { <ButtonLink to label=Signal::stored(label) /> }.into_node();
    row(t::room_view_extremities, cost, look)
}

fn row(title: Words, words: String, button: Node) -> Node {
    view! {
        <div class="dash-row">
            <div>
                <strong>{title}</strong>
                <p class="dash-note">{words}</p>
            </div>
            {button}
        </div>
    }
    .into_node()
}

/// The figures that are compared with those of the last visit: what they are called, and where what
/// is behind them stands.
fn figures() -> [(&'static str, Words, String); 6] {
    [
        (
            "users",
            t::nav_users,
            Route::Users.at("sort=creation_ts&dir=desc"),
        ),
        ("rooms", t::nav_rooms, Route::Rooms.to_string()),
        ("files", t::dash_files, Route::Media.to_string()),
        ("reports", t::dash_reports, Route::Reports.to_string()),
        (
            "failing",
            t::dash_failing,
            Route::Federation.at("failing=true&sort=failure_ts"),
        ),
        (
            "failed_tasks",
            t::dash_failed_tasks,
            Route::Tasks.at("state=failed"),
        ),
    ]
}

/// What has changed since the last visit.
pub fn changes(board: Board) -> Node {
    view! {
        <Card title=Signal::derive(t::dash_changes)>{move || changed(board)}</Card>
    }
    .into_node()
}

fn changed(board: Board) -> Node {
    let kept = board.kept.get();
    let Some(before) = &kept.before else {
        return view! { <p class="dash-note">{t::dash_changes_first}</p> }.into_node();
    };
    let (known, unknown): (Vec<_>, Vec<_>) = figures()
        .into_iter()
        .map(|(name, words, to)| (kept.change(name), words, to))
        .partition(|(change, ..)| change.is_some());
    let are_known = !known.is_empty();
    let rows: Vec<Node> = known
        .into_iter()
        .filter_map(|(change, words, to)| {
            let change = change.filter(|change| *change != 0)?;
            let sign = if change > 0 { "+" } else { "−" };
            let shown = format!("{sign}{}", format::number(change.unsigned_abs() as f64));
            let row = view! { <span>{words}</span> <strong>{shown}</strong> };
            Some(view! { <li>{link(&to, "matter", row)}</li> }.into_node())
        })
        .collect();
    let waits = board
        .all()
        .iter()
        .any(|(_, answer)| matches!(answer.get(), BoardAnswer::Waiting));
    let list = match (rows.is_empty(), waits) {
        (true, true) => skeleton(2),
        (true, false) if unknown.is_empty() => view! { <p>{t::dash_changes_none}</p> }.into_node(),
        (true, false) => are_known
            .then(|| view! { <p>{t::dash_changes_none_known}</p> })
            .into_node(),
        _ => view! { <ul class="matters">{rows}</ul> }.into_node(),
    };
    let names: Vec<String> = unknown.iter().map(|(_, words, _)| words()).collect();
    let unknown = (!waits && !names.is_empty())
        .then(|| view! { <p class="dash-note">{t::dash_unknown(&names.join(", "))}</p> });
    view! {
        {list}
        {unknown}
        <p class="dash-note">{t::dash_changes_since} {time(Timestamp(before.at))}</p>
    }
    .into_node()
}
