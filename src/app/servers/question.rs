//! What is asked before something here would be lost: jobs belong to their session, and a tab that
//! shows another server does not go on with them.

use super::{Question, Servers};
use crate::components::button::{Button, Kind};
use crate::components::form::Unsaved;
use crate::i18n::t;
use crate::operations::Jobs;
use crate::session::turn::Target;
use crate::ui::{IntoNode, Node, view};
use leptos::html;
use leptos::prelude::*;

/// The question, in the place of the lists.
pub(super) fn view(servers: Servers, question: Question) -> Node {
    let text: NodeRef<html::Div> = NodeRef::new();
    // What had the focus is gone.
    Effect::new(move |_| {
        if let Some(text) = text.get() {
            let _ = text.focus();
        }
    });
    let (words, buttons) = match question {
        Question::LogOutOfAll => log_out_of_all(servers),
        Question::Turn(target) => turn(servers, target),
    };
    view! {
        <div class="stack servers-question" tabindex="-1" node_ref=text>
            {words}
        </div>
        <div class="dialog-actions">
            <Button label=t::cancel on_press=move || servers.question.set(None) />
            {buttons}
        </div>
    }
    .into_node()
}

fn log_out_of_all(servers: Servers) -> (Node, Node) {
    let count = servers.accounts.with_untracked(Vec::len) as u64;
    (
        view! { <p>{t::servers_log_out_of_all_text(count)}</p> }.into_node(),
        view! {
            <Button
                label=t::servers_log_out_of_all
                kind=Kind::Danger
                on_press=move || servers.log_out_of_all()
            />
        }
        .into_node(),
    )
}

fn turn(servers: Servers, target: Target) -> (Node, Node) {
    let beside = target.clone();
    (
        view! {
            {Unsaved::get().is_any().then(|| view! { <p>{t::form_leave_text}</p> })}
            {move || {
                let running = Jobs::get().running() as u64;
                (running > 0).then(|| view! { <p>{t::servers_jobs(running)}</p> })
            }}
        }
        .into_node(),
        view! {
            <Button
                label=t::servers_turn_anyway
                kind=Kind::Danger
                on_press=move || servers.turn_now(&target)
            />
            <Button
                label=t::servers_new_tab
                icon="external"
                kind=Kind::Primary
                on_press=move || servers.open_beside(&beside)
            />
        }
        .into_node(),
    )
}
