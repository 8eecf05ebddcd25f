//! What is about to be done, shown before it is.

use crate::browser::only_one;
use crate::ui::Node;
use leptos::prelude::*;
use std::cell::Cell;
use std::rc::Rc;

/// What a person has to do before it happens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Confirmation {
    /// Nothing: it is harmless, or undone with a click.
    None,
    /// One click.
    Click,
    /// Type this: it cannot be undone.
    Type(String),
}

/// What has to be filled in before a change.
#[derive(Clone)]
pub struct Fields {
    pub view: Rc<dyn Fn() -> Node>,
    /// Whether something is missing.
    pub incomplete: Signal<bool>,
}

/// A change of the server that a person is asked about before it is made.
#[derive(Clone)]
pub struct Proposal {
    /// The question: "Delete 12 files?"
    pub title: String,
    /// What it does, in a sentence, and whether it can be undone.
    pub sentence: String,
    /// What it will hit: names and values.
    pub facts: Vec<(String, String)>,
    /// The words of the button: "Delete 12 files".
    pub action: String,
    pub danger: bool,
    pub confirmation: Confirmation,
    /// Fields that belong to it: a text, a choice.
    pub fields: Option<Fields>,
    /// Makes the change, once the person has confirmed it.
    pub run: Rc<dyn Fn()>,
}

/// Where proposals go. A handle: copies are the same.
#[derive(Clone, Copy)]
pub struct Operations {
    pub(crate) proposed: RwSignal<Option<Proposal>, LocalStorage>,
}

thread_local! {
    static OPERATIONS: Cell<Option<Operations>> = const { Cell::new(None) };
}

impl Operations {
    /// Those of this tab.
    pub fn get() -> Self {
        only_one::get(&OPERATIONS, || Operations {
            proposed: RwSignal::new_local(None),
        })
    }

    /// Asks the person, and does it if they say so.
    pub fn propose(&self, proposal: Proposal) {
        if proposal.confirmation == Confirmation::None {
            (proposal.run)();
        } else {
            self.proposed.set(Some(proposal));
        }
    }
}
