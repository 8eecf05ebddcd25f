//! The columns of the list of tokens.

use super::{Tokens, copy_invitation};
use crate::api::tolerant::Timestamp;
use crate::browser::clock::{iso, now};
use crate::components::badge::{Tone, badge};
use crate::components::menu::{Menu, menu_item, menu_item_danger};
use crate::components::time::{date_time, time_or_never};
use crate::i18n::{Words, format, t};
use crate::lists::Column;
use crate::registration_tokens::{AnyToken, TokenAtMas, TokenOrder, TokenState};
use crate::ui::{IntoNode, Node, view};
use crate::widgets::actions::things::ThingAction;
use leptos::prelude::*;

pub fn columns(tokens: Tokens) -> Vec<Column> {
    let is_at_mas = tokens.is_at_mas();
    let number = |value: u64| format::number(value as f64);
    let counted = |count: i64| count.max(0).unsigned_abs();
    let pending = Column::new("pending", t::token_pending, move |token: &AnyToken| {
        counted(token.pending).to_string()
    })
    .number()
    .width(7.0);
    let mut columns = vec![
        Column::new("token", t::token_token, |token: &AnyToken| {
            token.token.clone()
        })
        .cell(|token: &AnyToken| view! { <code>{token.token.clone()}</code> }.into_node())
        .main()
        .copyable()
        .sorted(TokenOrder::Token)
        .grow(10.0, 2.0),
        Column::new("state", t::token_state, |token: &AnyToken| {
            TokenState::of(token, now()).words()()
        })
        .cell(|token: &AnyToken| {
            let state = TokenState::of(token, now());
            let tone = match state {
                TokenState::Good => Tone::Good,
                TokenState::UsedUp | TokenState::Expired | TokenState::Revoked => Tone::Neutral,
            };
            badge(tone, state.words())
        })
        .sorted(TokenOrder::State)
        .grow(7.0, 0.5),
        Column::new("completed", t::token_uses, move |token: &AnyToken| {
            counted(token.completed).to_string()
        })
        .cell(move |token: &AnyToken| {
            let used = number(counted(token.completed));
            match token.uses_allowed {
                Some(0) if !is_at_mas => t::token_uses_zero(&used),
                Some(most) => t::token_uses_of(&number(most), &used),
                None => t::token_uses_unlimited(&used),
            }
            .into_node()
        })
        .sorted(TokenOrder::Uses)
        .grow(8.0, 0.5),
        Column::new("uses_allowed", t::token_most, |token: &AnyToken| {
            token
                .uses_allowed
                .map(|most| most.to_string())
                .unwrap_or_default()
        })
        .number()
        .hidden(),
        Column::new("expiry_time", t::token_expires, |token: &AnyToken| {
            token.expiry_time.map(iso).unwrap_or_default()
        })
        .cell(|token: &AnyToken| match token.expiry_time {
            Some(end) => date_time(end),
            None => t::token_never().into_node(),
        })
        .sorted(TokenOrder::Expires)
        .grow(12.0, 1.0),
    ];
    match tokens.is_at_mas() {
        true => columns.extend([
            told("created_at", t::token_created, |at| Some(at.created)).sorted(TokenOrder::Created),
            told("last_used_at", t::token_last_used, |at| at.last_used)
                .sorted(TokenOrder::LastUsed),
        ]),
        false => columns.push(pending),
    }
    columns.push(
        Column::new("actions", t::act_menu, |_: &AnyToken| String::new())
            .cell(move |token: &AnyToken| menu(tokens, token))
            .without_heading()
            .not_exported()
            .width(3.5),
    );
    columns
}

/// A column of a time that MAS tells.
fn told(id: &'static str, label: Words, at: fn(&TokenAtMas) -> Option<Timestamp>) -> Column {
    let at = move |token: &AnyToken| token.at_mas.as_ref().and_then(at);
    Column::new(id, label, move |token: &AnyToken| {
        at(token).map(iso).unwrap_or_default()
    })
    .cell(move |token: &AnyToken| time_or_never(at(token)))
    .grow(8.0, 0.5)
}

fn menu(tokens: Tokens, token: &AnyToken) -> Node {
    // Nobody is invited with one that does not let them in.
    let is_good = TokenState::of(token, now()) == TokenState::Good;
    let token = StoredValue::new(token.clone());
    let action = move |(number, row): (usize, &ThingAction<AnyToken>)| {
        let is_spared = token.with_value(|token| (row.spared)(token).is_some());
        let act = move || tokens.act(number, token.get_value());
        let about = row.about;
        (!is_spared).then(|| match about.is_grave() {
            true => menu_item_danger(about.icon, about.label, act),
            false => menu_item(about.icon, about.label, act),
        })
    };
    let actions = move || -> Vec<Node> {
        let rows = tokens.kind().rows.all().iter().enumerate();
        rows.filter_map(action).collect()
    };
    let invite = move || token.with_value(copy_invitation);
    view! {
        <Menu label=Signal::derive(t::act_menu)>
            {is_good.then(|| menu_item("copy", t::token_copy_invitation, invite))}
            {menu_item("edit", t::token_edit, move || {
                tokens.edited.set(Some(token.get_value()));
            })}
            {actions()}
        </Menu>
    }
    .into_node()
}
