//! The actions for one thing, each with its sentence; those that must not be done with the reason.

use super::propose::propose;
use super::{Targets, lacking, more};
use crate::components::button::{ButtonKind, action_row};
use crate::components::page::Card;
use crate::i18n::{Words, reasons, t};
use crate::runner::Reason;
use crate::ui::{IntoNode, Node, view};
use crate::widgets::gather::Gatherer;
use leptos::prelude::*;
use std::rc::Rc;

/// Two cards, which follow the state of the one target: what can be taken back or takes nothing
/// away, called `title`; and what cannot. There is none for what no action would change.
pub fn cards(
    title: Words,
    target: Signal<Option<Rc<dyn Targets>>, LocalStorage>,
    on_change: Rc<dyn Fn()>,
) -> Node {
    let gatherer = Gatherer::new();
    let on_change = StoredValue::new_local(on_change);
    let card = move |title: Words, grave: bool| {
        let has_rows = Memo::new(move |_| {
            let target = target.get();
            target.is_none_or(|target| changing(grave, &target).next().is_some())
        });
        let rows = move || {
            let target = target.get();
            target.map(|target| rows(gatherer, grave, &target, &on_change.get_value()))
        };
        move || {
            has_rows
                .get()
                .then(|| view! { <Card title=Signal::derive(title)>{rows}</Card> })
        }
    };
    view! {
        <div class="cards" data-wide="true">
            {card(title, false)}
            {card(t::security_danger, true)}
        </div>
        {gatherer.view()}
    }
    .into_node()
}

/// Those of the actions that could change something, by their numbers.
fn changing(grave: bool, target: &Rc<dyn Targets>) -> impl Iterator<Item = usize> {
    (0..target.actions())
        .filter(move |action| target.about(*action).is_grave() == grave)
        .filter(|action| target.spared(*action, 0) != Some(Reason::Unchanged))
}

/// A row for each of them.
fn rows(
    gatherer: Gatherer,
    grave: bool,
    target: &Rc<dyn Targets>,
    on_change: &Rc<dyn Fn()>,
) -> Node {
    let rows = changing(grave, target)
        .map(|action| row(gatherer, action, Rc::clone(target), Rc::clone(on_change)))
        .collect_view();
    view! { <div class="action-rows">{rows}</div> }.into_node()
}

fn row(
    gatherer: Gatherer,
    action: usize,
    target: Rc<dyn Targets>,
    on_change: Rc<dyn Fn()>,
) -> Node {
    let about = target.about(action);
    let spared = || match target.spared(action, 0)? {
        Reason::Own => Some(t::act_spared_own()),
        Reason::System | Reason::ApplicationService => Some(t::act_spared_system()),
        other => Some(reasons::words(other)),
    };
    let reason = lacking(about).or_else(spared);
    let kind = match about.is_grave() {
        true => ButtonKind::Danger,
        false => ButtonKind::Secondary,
    };
    let words = target.words(action);
    let press = move || {
        propose(
            gatherer,
            action,
            &target,
            Rc::new(|| ()),
            Rc::clone(&on_change),
        );
    };
    let (sentence, rest) = words;
    action_row(
        about.icon,
        about.label,
        sentence,
        rest.map(|words| more(about.label, words)),
        kind,
        reason,
        Rc::new(press),
    )
}
