//! The accounts that are signed in, and the homeservers that were.

use super::ServersPanel;
use crate::address::remembered::Remembered;
use crate::components::avatar::avatar;
use crate::components::badge::{Tone, badge};
use crate::components::button::IconButton;
use crate::components::ids::fresh;
use crate::i18n::{Words, t};
use crate::session::turn::TurnTarget;
use crate::session::{Account, Session};
use crate::ui::{IntoNode, Node, view};
use leptos::prelude::*;

/// The accounts that are signed in. The one that the tab shows stands first.
pub(super) fn signed_in(servers: ServersPanel) -> Node {
    let entries = move || {
        let accounts = servers.accounts.get();
        let entry = |one| account(servers, one, &accounts);
        accounts.iter().map(entry).collect::<Vec<Node>>()
    };
    list(t::servers_signed_in, entries.into_node())
}

fn list(title: Words, entries: Node) -> Node {
    let id = fresh("servers");
    view! {
        <section class="stack">
            <p class="server-heading" id=id.clone()>{title}</p>
            <ul class="server-list" aria-labelledby=id>{entries}</ul>
        </section>
    }
    .into_node()
}

fn account(servers: ServersPanel, account: &Account, all: &[Account]) -> Node {
    let user = account.user_id.to_string();
    let shown = Session::get().account_now();
    let is_shown = shown.is_some_and(|shown| shown.is_same(account));
    let mut same = all.iter().filter(|other| other.whose() == account.whose());
    // Signed in twice: the device tells one from the other.
    let device = same.nth(1).and_then(|_| account.device_id.clone());
    let words = view! {
        {avatar(&user, &account.whose(), None)}
        <span class="server-words">
            <span>{user.clone()}</span>
            <span class="server-detail">{account.homeserver.to_string()}</span>
            {device.map(|device| view! { <span class="server-detail">{device}</span> })}
        </span>
    }
    .into_node();
    let target = TurnTarget::Session(Box::new(account.clone()));
    let (other, ended) = (target.clone(), account.clone());
    // Of the one that is shown, it is asked.
    let stays_valid = account.brought && !is_shown;
    let (of_beside, of_end) = (user.clone(), user.clone());
    view! {
        <li class="server-entry" aria-current=is_shown.then_some("true")>
            {match is_shown {
                true => view! {
                    <div class="server-main">{words} {badge(Tone::Accent, t::servers_here)}</div>
                }
                .into_node(),
                false => view! {
                    <button
                        type="button"
                        class="server-main"
                        title=move || t::servers_turn_to(&user)
                        on:click=move |_| servers.turn(target.clone())
                    >
                        {words}
                    </button>
                    <IconButton
                        label=Signal::derive(move || t::servers_beside(&of_beside))
                        icon="external"
                        on_press=move || servers.open_beside(&other)
                    />
                }
                .into_node(),
            }}
            <IconButton
                label=Signal::derive(move || match stays_valid {
                    true => t::servers_leave(&of_end),
                    false => t::servers_log_out_of(&of_end),
                })
                icon="log-out"
                on_press=move || servers.log_out_of(ended.clone())
            />
        </li>
    }
    .into_node()
}

/// The homeservers that were signed in to, if there are any.
pub(super) fn recent_servers(servers: ServersPanel, choose: UnsyncCallback<Remembered>) -> Node {
    (move || {
        let all = servers.recent.get();
        (!all.is_empty()).then(|| {
            let entries: Vec<Node> = all
                .into_iter()
                .map(|server| recent(servers, server, choose))
                .collect();
            list(t::servers_recent, entries.into_node())
        })
    })
    .into_node()
}

fn recent(servers: ServersPanel, server: Remembered, choose: UnsyncCallback<Remembered>) -> Node {
    let (chosen, forgotten) = (server.clone(), server.clone());
    let (name, url) = (server.name, server.homeserver.to_string());
    let of_forget = name.clone();
    view! {
        <li class="server-entry">
            <button type="button" class="server-main" on:click=move |_| choose.run(chosen.clone())>
                {avatar(&name, &url, None)}
                <span class="server-words">
                    <span>{name}</span>
                    <span class="server-detail">{url}</span>
                </span>
            </button>
            <IconButton
                label=Signal::derive(move || t::servers_forget(&of_forget))
                icon="x"
                on_press=move || servers.forget(&forgotten)
            />
        </li>
    }
    .into_node()
}
