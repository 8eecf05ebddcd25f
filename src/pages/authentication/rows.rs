//! What the lists of sessions, of tokens for scripts and of links have in common: one thing can be done to their rows,
//! which ends them for good.

use crate::address::route::Route;
use crate::components::menu::{Menu, menu_action, menu_link};
use crate::i18n::{Words, reasons, t};
use crate::lists::{Origins, Picked};
use crate::runner::Reason;
use crate::ui::{IntoNode, Node, view};
use crate::widgets::actions::menu;
use crate::widgets::actions::things::{Thing, ThingKind, Things, propose_one};
use crate::widgets::gather::Gatherer;
use leptos::prelude::*;
use std::rc::Rc;

/// What the parts of such a list share. A handle: copies are the same.
#[derive(Clone, Copy)]
pub struct EndableRows {
    /// Counts up when the list may have changed.
    pub changed: RwSignal<u32>,
    gatherer: Gatherer,
}

/// Something in the menu of a row.
pub struct RowEntry {
    /// A name in the sprite.
    pub icon: &'static str,
    pub label: Words,
    /// Why it cannot be done, if it cannot.
    pub why: Option<String>,
    pub press: Rc<dyn Fn()>,
}

impl EndableRows {
    /// Those of a list that has not been changed.
    pub fn new() -> Self {
        EndableRows {
            changed: RwSignal::new(0),
            gatherer: Gatherer::new(),
        }
    }

    /// The list is read anew.
    pub fn refresh(self) {
        // The page may have been left.
        let _ = self.changed.try_update(|changed| *changed += 1);
    }

    /// What is to be seen while something is looked up for a question.
    pub fn waiting(self) -> Node {
        self.gatherer.view()
    }

    /// What can be done to the selected. `meant` makes of them what is acted upon.
    pub fn bar<T: Thing>(
        self,
        kind: &'static ThingKind<T>,
        picked: Picked,
        meant: fn(Vec<T>, Origins<T>) -> Vec<T>,
    ) -> Node {
        menu::bar(picked, self.changed, move |rows, by| {
            Things::of(kind, meant(rows, by))
        })
    }

    /// The menu of a row: to whom it is about, what `also` can be done, and what ends it. Nothing if there is nothing.
    pub fn menu<T: Thing>(
        self,
        kind: &'static ThingKind<T>,
        row: &T,
        also: Option<RowEntry>,
    ) -> Node {
        let action = &kind.rows.all()[0];
        let why = match (action.spared)(row) {
            // It may be all right, so that it is said why not.
            Some(Reason::NotAsked) => Some(Some(reasons::words(Reason::NotAsked))),
            Some(_) => None,
            None => Some(None),
        };
        let thing = row.clone();
        let end = why.map(|why| RowEntry {
            icon: action.about.icon,
            label: action.about.label,
            why,
            press: Rc::new(move || {
                let on_change = Rc::new(move || self.refresh());
                propose_one(self.gatherer, kind, 0, thing.clone(), on_change);
            }),
        });
        let to_user = (kind.whom)(row).map(|user| Route::user(&user).to_string());
        entries(to_user, also, end)
    }
}

fn entries(to_user: Option<String>, also: Option<RowEntry>, end: Option<RowEntry>) -> Node {
    if to_user.is_none() && also.is_none() && end.is_none() {
        return ().into_node();
    }
    let all = StoredValue::new_local((to_user, also, end));
    let content = move || {
        all.with_value(|(to_user, also, end)| {
            let shown = |entry: &RowEntry, danger| {
                let (why, press) = (entry.why.clone(), Rc::clone(&entry.press));
                menu_action(entry.icon, entry.label, danger, why, press)
            };
            view! {
                {to_user.as_deref().map(|to| menu_link("user", t::auth_to_user, to))}
                {also.as_ref().map(|also| shown(also, false))}
                {end.as_ref().map(|end| shown(end, true))}
            }
            .into_node()
        })
    };
    view! { <Menu label=Signal::derive(t::act_menu)>{content()}</Menu> }.into_node()
}
