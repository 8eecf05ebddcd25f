//! The question before an action: what it hits, what it leaves out, what has to be filled in.

use super::{Fact, Targets, lacking, left_out, more};
use crate::actions::{About, Reversibility, by_reason};
use crate::components::toast::Toasts;
use crate::i18n::{Words, format, t};
use crate::operations::acts;
use crate::operations::{Confirmation, Fields, Operations, Proposal};
use crate::runner::Reason;
use crate::ui::{IntoNode, view};
use crate::widgets::gather::Gatherer;
use leptos::prelude::*;
use std::rc::Rc;

/// Asks, and does it once confirmed; says why not where the server is too old for it. `on_start` is called when it
/// begins, `on_change` when something may have changed.
pub fn propose(
    gatherer: Gatherer,
    action: usize,
    all: &Rc<dyn Targets>,
    on_start: Rc<dyn Fn()>,
    on_change: Rc<dyn Fn()>,
) {
    if let Some(why) = lacking(all.about(action)) {
        return Toasts::get().info(why);
    }
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

/// What being asked about right before costs: requests for each, and together.
pub fn asks(each: u64, count: u64) -> String {
    match count {
        1 => t::act_fact_asks_one(each),
        _ => t::act_fact_asks_each(each, &format::number((each * count) as f64)),
    }
}

/// What has to be filled in, below what is worth knowing besides.
fn with_more(
    about: &'static About,
    words: Option<Words>,
    fields: Option<Fields>,
) -> Option<Fields> {
    let Some(words) = words else {
        return fields;
    };
    let (filled_in, incomplete) = match fields {
        Some(fields) => (Some(fields.view), fields.incomplete),
        None => (None, Signal::stored(false)),
    };
    let view = move || {
        view! {
            {more(about.label, words)}
            {filled_in.as_ref().map(|filled_in| filled_in())}
        }
        .into_node()
    };
    Some(Fields {
        view: Rc::new(view),
        incomplete,
    })
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
    let each = targets.requests(action);
    if each > 0 {
        let asked = asks(each, targets.asked(action) as u64);
        facts.push((t::act_fact_asks(), asked));
    }
    let (fields, act) = targets.form(action);
    let (sentence, rest) = targets.words(action);
    let fields = with_more(about, rest, fields);
    let confirmation = match (about.reversibility, count) {
        (Reversibility::Irreversible, 1) => match targets.typed(0) {
            nothing if nothing.is_empty() => Confirmation::Click,
            name => Confirmation::Type(name),
        },
        (Reversibility::ByHand, 1) => Confirmation::Click,
        (Reversibility::Irreversible | Reversibility::ByHand, _) => {
            Confirmation::Type(count.to_string())
        }
        (Reversibility::Harmless | Reversibility::Reversible, _) => match about.question {
            true => Confirmation::Click,
            false => Confirmation::None,
        },
    };
    let title = about.title(count, &targets.name(0));
    Operations::get().propose(Proposal {
        title: t::act_question(&title),
        sentence: sentence(),
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
