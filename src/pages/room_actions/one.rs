//! The actions for one room, each with its sentence.

use super::subject::Known;
use super::{propose, words};
use crate::components::button::{Kind, action_row};
use crate::components::page::Card;
use crate::i18n::{Words, t};
use crate::pages::gather::Gatherer;
use crate::room_actions::Action;
use crate::ui::view;
use crate::weight::Weight;
use leptos::prelude::*;
use std::rc::Rc;

/// What can be done to this room, which follows its state: first what can be taken back or takes
/// nothing away.
pub fn cards(known: Signal<Option<Known>>, changed: Callback<()>) -> AnyView {
    let gatherer = Gatherer::new();
    let card = move |title: Words, grave: bool| {
        let rows = move || {
            known
                .get()
                .map(|known| rows(gatherer, grave, &known, Rc::new(move || changed.run(()))))
        };
        view! { <Card title=Signal::derive(title)>{rows}</Card> }
    };
    view! {
        <div class="cards" data-wide="true">
            {card(t::room_card_state, false)}
            {card(t::security_danger, true)}
        </div>
        {gatherer.view()}
    }
    .into_any()
}

/// Rows for those of the actions that could change something about this room. `on_change` is
/// called when something has.
fn rows(gatherer: Gatherer, grave: bool, known: &Known, on_change: Rc<dyn Fn()>) -> AnyView {
    let rows = Action::ALL
        .into_iter()
        .filter(|action| (action.weight() == Weight::Irreversible) == grave)
        .filter(|action| action.changes(&known.room, known.blocked))
        .map(|action| row(gatherer, action, known.clone(), Rc::clone(&on_change)))
        .collect_view();
    view! {
        <div class="action-rows">{rows}</div>
    }
    .into_any()
}

fn row(gatherer: Gatherer, action: Action, known: Known, on_change: Rc<dyn Fn()>) -> AnyView {
    let kind = match action.weight() {
        Weight::Irreversible => Kind::Danger,
        _ => Kind::Secondary,
    };
    let Known { room, blocked } = known;
    let rooms = [room];
    let press = move || {
        propose::propose(
            gatherer,
            action,
            &rooms,
            blocked,
            Rc::new(|| ()),
            Rc::clone(&on_change),
        );
    };
    action_row(
        words::picture(action),
        words::label(action),
        words::sentence(action),
        kind,
        None,
        Rc::new(press),
    )
}
