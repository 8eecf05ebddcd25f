//! The question before an action: what it hits, what it leaves out, what has to be filled in.

use super::{Fact, Targets, left_out};
use crate::actions::{Reversibility, by_reason};
use crate::components::toast::Toasts;
use crate::i18n::t;
use crate::operations::acts;
use crate::operations::{Confirmation, Operations, Proposal};
use crate::runner::Reason;
use crate::widgets::gather::Gatherer;
use std::rc::Rc;

/// Asks, and does it once confirmed. `on_start` is called when it begins, `on_change` when
/// something may have changed.
pub fn propose(
    gatherer: Gatherer,
    action: usize,
    all: &Rc<dyn Targets>,
    on_start: Rc<dyn Fn()>,
    on_change: Rc<dyn Fn()>,
) {
    let spared: Vec<Option<Reason>> = (0..all.count()).map(|n| all.spared(action, n)).collect();
    let hit: Vec<usize> = (0..all.count()).filter(|n| spared[*n].is_none()).collect();
    let left = left_out(&by_reason(spared.into_iter().flatten()));
    if hit.is_empty() {
        let mut text = all.nothing();
        for (words, _) in left {
            text.push(' ');
            text.push_str(&words);
            text.push('.');
        }
        return Toasts::get().info(text);
    }
    let targets = all.only(&hit);
    if !targets.about(action).looks_up {
        return ask(action, &targets, Vec::new(), left, on_start, on_change);
    }
    let looking = Rc::clone(&targets);
    gatherer.wait(
        move |reading| looking.look_up(action, reading),
        move |found| ask(action, &targets, found, left, on_start, on_change),
    );
}

fn ask(
    action: usize,
    targets: &Rc<dyn Targets>,
    looked_up: Vec<Fact>,
    left: Vec<Fact>,
    on_start: Rc<dyn Fn()>,
    on_change: Rc<dyn Fn()>,
) {
    let about = targets.about(action);
    let count = targets.count();
    let mut facts = vec![(targets.noun(), targets.listed())];
    facts.extend(targets.facts(action));
    facts.extend(looked_up);
    facts.extend(left);
    if about.asks {
        facts.push((
            t::act_fact_asks(),
            t::act_fact_asks_requests(count as u64 * targets.requests(action)),
        ));
    }
    let (fields, act) = targets.form(action);
    let confirmation = match (about.reversibility, count) {
        (Reversibility::Irreversible, 1) => Confirmation::Type(targets.typed(0)),
        (Reversibility::Irreversible, _) => Confirmation::Type(count.to_string()),
        _ if !about.question => Confirmation::None,
        _ => Confirmation::Click,
    };
    let title = about.title(count, &targets.name(0));
    Operations::get().propose(Proposal {
        title: t::act_question(&title),
        sentence: (about.sentence)(),
        facts,
        action: title,
        danger: about.is_grave(),
        confirmation,
        fields,
        run: Rc::new(move || {
            if let Some(act) = act() {
                on_start();
                acts::start(act, Rc::clone(&on_change));
            }
        }),
    });
}
