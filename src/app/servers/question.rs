//! What is asked before something here would be lost: jobs belong to their session, and a tab that
//! shows another server does not go on with them.

use super::{ServersPanel, ServersQuestion};
use crate::app::frame::log_out::losses;
use crate::components::button::{Button, ButtonKind};
use crate::components::form::Unsaved;
use crate::i18n::t;
use crate::operations::Jobs;
use crate::session::Session;
use crate::session::turn::TurnTarget;
use crate::ui::{IntoNode, Node, view};
use leptos::html;
use leptos::prelude::*;

/// The question, in the place of the lists.
pub(super) fn view(servers: ServersPanel, question: ServersQuestion) -> Node {
    let text: NodeRef<html::Div> = NodeRef::new();
    // What had the focus is gone.
    Effect::new(move |_| {
        if let Some(text) = text.get() {
            let _ = text.focus();
        }
    });
    let (words, buttons) = match question {
        ServersQuestion::LogOutOfAll => log_out_of_all(servers),
        ServersQuestion::Turn(target) => turn(servers, target),
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

fn log_out_of_all(servers: ServersPanel) -> (Node, Node) {
    let accounts = servers.accounts.get_untracked();
    let brought = accounts.iter().filter(|account| account.brought);
    let brought: Vec<&str> = brought.map(|account| account.user_id.as_str()).collect();
    let stay_valid = (!brought.is_empty())
        .then(|| t::servers_stay_valid(brought.len() as u64, &brought.join(", ")));
    (
        view! {
            <p>{t::servers_log_out_of_all_text(accounts.len() as u64)}</p>
            {stay_valid.map(|text| view! { <p>{text}</p> })}
            {move || losses().into_iter().map(|lost| view! { <p>{lost}</p> }).collect_view()}
        }
        .into_node(),
        view! {
            <Button
                label=t::servers_log_out_of_all
                kind=ButtonKind::Danger
                on_press=move || servers.log_out_of_all()
            />
        }
        .into_node(),
    )
}

fn turn(servers: ServersPanel, target: TurnTarget) -> (Node, Node) {
    let beside = target.clone();
    let shown = Session::get().account_now();
    let lost = shown.filter(|account| !account.is_kept());
    (
        view! {
            {lost.map(|lost| view! { <p>{move || t::servers_not_kept(lost.user_id.as_str())}</p> })}
            {move || {
                let unsaved = Unsaved::get().losses().into_iter();
                unsaved.map(|lost| view! { <p>{lost}</p> }).collect_view()
            }}
            {move || {
                let running = Jobs::get().running() as u64;
                (running > 0).then(|| view! { <p>{t::servers_jobs(running)}</p> })
            }}
        }
        .into_node(),
        view! {
            <Button
                label=t::servers_turn_anyway
                kind=ButtonKind::Danger
                on_press=move || servers.turn_now(&target)
            />
            <Button
                label=t::servers_new_tab
                icon="external"
                kind=ButtonKind::Primary
                on_press=move || servers.open_beside(&beside)
            />
        }
        .into_node(),
    )
}
