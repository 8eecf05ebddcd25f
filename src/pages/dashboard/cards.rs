//! A card for each question: the figure, or why there is none and what to do.

use super::board::{Board, BoardAnswer};
use super::questions::{BoardQuestion, database_words};
use crate::components::button::{Button, ButtonKind};
use crate::components::icon::icon;
use crate::components::ids::fresh;
use crate::components::link::link;
use crate::i18n::errors::explain;
use crate::i18n::{format, t};
use crate::ui::{IntoNode, Node, view};
use leptos::prelude::*;

/// The cards, in the order of the questions.
pub fn cards(board: Board) -> Node {
    let with_cards = board
        .all()
        .into_iter()
        .filter(|(question, _)| question.has_card);
    let cards: Vec<Node> = with_cards
        .map(|(question, answer)| card(board, question, answer))
        .collect();
    view! { <div class="dash-cards">{cards}</div> }.into_node()
}

fn card(
    board: Board,
    question: &'static BoardQuestion,
    answer: RwSignal<BoardAnswer, LocalStorage>,
) -> Node {
    let id = fresh("card");
    let title = question.title;
    let heading = match &question.to {
        Some((route, tab)) => link(&route.tab(tab), "", title),
        None => title.into_node(),
    };
    view! {
        <section class="card dash-card" aria-labelledby=id.clone()>
            <h2 class="dash-title" id=id>
                {icon(question.icon)}
                {heading}
            </h2>
            {move || body(board, question, answer)}
        </section>
    }
    .into_node()
}

fn body(
    board: Board,
    question: &'static BoardQuestion,
    answer: RwSignal<BoardAnswer, LocalStorage>,
) -> Node {
    match answer.get() {
        BoardAnswer::Waiting => view! {
            <span class="skeleton-line" role="status">
                <span class="visually-hidden">{t::loading}</span>
            </span>
        }
        .into_node(),
        BoardAnswer::Told(told) => {
            let value = told.value.as_ref().map(|value| value());
            let note = told.note.as_ref().map(|note| note());
            let database = (question.id == "server").then(|| database(board)).flatten();
            view! {
                <p class="stat-value">{value}</p>
                <p class="stat-note">{note} {database}</p>
            }
            .into_node()
        }
        BoardAnswer::Lacking(why) => view! {
            <p class="stat-value nothing">"–"</p>
            <p class="stat-note">{why}</p>
        }
        .into_node(),
        BoardAnswer::Dear(ms) => view! {
            <p class="stat-note">{t::dash_dear(&format::duration(ms))}</p>
            <Button label=t::dash_ask kind=ButtonKind::Secondary on_press=move || board.ask(question, answer, true) />
        }
        .into_node(),
        BoardAnswer::Failed(error) => view! {
            <p class="dash-error" role="alert">{explain(&error).sentence}</p>
            <Button label=t::retry icon="refresh" kind=ButtonKind::Secondary on_press=move || board.ask(question, answer, true) />
        }
        .into_node(),
    }
}

/// What keeps the server's data, if an answer gives it away.
fn database(board: Board) -> Option<String> {
    board
        .all()
        .into_iter()
        .find_map(|(_, answer)| match answer.get() {
            BoardAnswer::Told(told) => Some(format!(" · {}", database_words(told.database?))),
            _ => None,
        })
}
