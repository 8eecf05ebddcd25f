//! The columns of the list of tokens.

use super::{Tokens, copy_invitation};
use crate::api::registration_tokens::RegistrationToken;
use crate::browser::clock::{iso, now};
use crate::components::badge::{Tone, badge};
use crate::components::menu::{Menu, menu_item, menu_item_danger};
use crate::components::time::date_time;
use crate::i18n::{format, t};
use crate::lists::Column;
use crate::registration_tokens::{TokenOrder, TokenState};
use crate::ui::{IntoNode, Node, view};
use leptos::prelude::*;

pub fn columns(tokens: Tokens) -> Vec<Column> {
    let number = |value: u64| format::number(value as f64);
    let counted = |count: i64| count.max(0).unsigned_abs();
    vec![
        Column::new("token", t::token_token, |token: &RegistrationToken| {
            token.token.clone()
        })
        .cell(|token: &RegistrationToken| view! { <code>{token.token.clone()}</code> }.into_node())
        .main()
        .copyable()
        .sorted(TokenOrder::Token)
        .grow(10.0, 2.0),
        Column::new("state", t::token_state, |token: &RegistrationToken| {
            TokenState::of(token, now()).words()()
        })
        .cell(|token: &RegistrationToken| {
            let state = TokenState::of(token, now());
            let tone = match state {
                TokenState::Good => Tone::Good,
                TokenState::UsedUp | TokenState::Expired => Tone::Neutral,
            };
            badge(tone, state.words())
        })
        .sorted(TokenOrder::State)
        .grow(7.0, 0.5),
        Column::new(
            "completed",
            t::token_uses,
            move |token: &RegistrationToken| counted(token.completed).to_string(),
        )
        .cell(move |token: &RegistrationToken| {
            let used = number(counted(token.completed));
            match token.uses_allowed {
                Some(0) => t::token_uses_zero(&used),
                Some(most) => t::token_uses_of(&number(most), &used),
                None => t::token_uses_unlimited(&used),
            }
            .into_node()
        })
        .sorted(TokenOrder::Uses)
        .grow(8.0, 0.5),
        Column::new(
            "uses_allowed",
            t::token_most,
            |token: &RegistrationToken| {
                token
                    .uses_allowed
                    .map(|most| most.to_string())
                    .unwrap_or_default()
            },
        )
        .number()
        .hidden(),
        Column::new(
            "pending",
            t::token_pending,
            move |token: &RegistrationToken| counted(token.pending).to_string(),
        )
        .number()
        .width(7.0),
        Column::new(
            "expiry_time",
            t::token_expires,
            |token: &RegistrationToken| token.expiry_time.map(iso).unwrap_or_default(),
        )
        .cell(|token: &RegistrationToken| match token.expiry_time {
            Some(end) => date_time(end),
            None => t::token_never().into_node(),
        })
        .sorted(TokenOrder::Expires)
        .grow(12.0, 1.0),
        Column::new("actions", t::act_menu, |_: &RegistrationToken| {
            String::new()
        })
        .cell(move |token: &RegistrationToken| menu(tokens, token))
        .without_heading()
        .not_exported()
        .width(3.5),
    ]
}

fn menu(tokens: Tokens, token: &RegistrationToken) -> Node {
    // Nobody is invited with one that does not let them in.
    let is_good = TokenState::of(token, now()) == TokenState::Good;
    let token = StoredValue::new(token.clone());
    let invite = move || token.with_value(copy_invitation);
    view! {
        <Menu label=Signal::derive(t::act_menu)>
            {is_good.then(|| menu_item("copy", t::token_copy_invitation, invite))}
            {menu_item("edit", t::token_edit, move || {
                tokens.edited.set(Some(token.get_value()));
            })}
            {menu_item_danger("trash", t::token_delete, move || tokens.delete(token.get_value()))}
        </Menu>
    }
    .into_node()
}
