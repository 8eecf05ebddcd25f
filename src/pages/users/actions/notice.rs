//! What is written to users in the name of the server: plain, or with markup and how it will look.

use super::fields::{Filled, filled};
use super::perform::Input;
use crate::api::notices;
use crate::components::badge::Tone;
use crate::components::field::{Check, Lines};
use crate::components::notice::Notice;
use crate::i18n::t;
use crate::session::Client;
use crate::ui::{IntoNode, Node, view};
use crate::users::markup::{self, Block, Span};
use leptos::prelude::*;
use wasm_bindgen_futures::spawn_local;

/// The message; nothing can be sent where the server says that it sends no notices.
pub fn fields() -> Filled {
    let message = RwSignal::new(String::new());
    let is_formatted = RwSignal::new(false);
    let is_off = RwSignal::new(false);
    spawn_local(async move {
        let answer = Client::get().send(notices::probe()).await;
        let off = answer.err().as_ref().and_then(notices::is_set_up) == Some(false);
        // The question may be closed.
        let _ = is_off.try_set(off);
    });
    let view = move || {
        view! {
            {move || {
                is_off
                    .get()
                    .then(|| view! { <Notice tone=Tone::Warning>{t::act_notice_off}</Notice> })
            }}
            <Lines label=t::act_notice_field value=message />
            <Check
                label=t::act_notice_formatted
                hint=Signal::derive(t::act_notice_formatted_hint)
                value=is_formatted
            />
            {move || is_formatted.get().then(|| preview(message))}
        }
        .into_node()
    };
    let incomplete =
        Signal::derive(move || is_off.get() || message.with(|text| text.trim().is_empty()));
    let input = move || {
        let text = message.with_untracked(|text| text.trim().to_owned());
        let html = is_formatted
            .get_untracked()
            .then(|| markup::html(&markup::read(&text)));
        Some(Input::Notice(text, html))
    };
    filled(view, incomplete, input)
}

/// The message as apps show it.
fn preview(message: RwSignal<String>) -> Node {
    let blocks = move || {
        let blocks = message.with(|text| markup::read(text.trim()));
        blocks.iter().map(block).collect::<Vec<_>>()
    };
    view! {
        <section class="message-preview" aria-label=t::act_notice_preview>
            <p class="field-hint">{t::act_notice_preview}</p>
            {blocks}
        </section>
    }
    .into_node()
}

fn block(block: &Block) -> Node {
    match block {
        Block::Paragraph(lines) => {
            let mut shown = Vec::new();
            for (number, line) in lines.iter().enumerate() {
                if number > 0 {
                    shown.push(view! { <br /> }.into_node());
                }
                shown.extend(spans(line));
            }
            view! { <p>{shown}</p> }.into_node()
        }
        Block::List(items) => {
            let items: Vec<Node> = items
                .iter()
                .map(|item| view! { <li>{spans(item)}</li> }.into_node())
                .collect();
            view! { <ul>{items}</ul> }.into_node()
        }
    }
}

fn spans(all: &[Span]) -> Vec<Node> {
    all.iter().map(span).collect()
}

fn span(span: &Span) -> Node {
    match span {
        Span::Text(text) => text.clone().into_node(),
        Span::Bold(inside) => view! { <strong>{spans(inside)}</strong> }.into_node(),
        Span::Italic(inside) => view! { <em>{spans(inside)}</em> }.into_node(),
        Span::Code(code) => view! { <code>{code.clone()}</code> }.into_node(),
        Span::Link { to, words } => view! {
            <a href=to.clone() target="_blank" rel="noopener noreferrer">
                {words.clone()}
            </a>
        }
        .into_node(),
    }
}
