//! The actions for the selected: one menu, in groups.

use super::propose::propose;
use super::{Targets, lacking};
use crate::actions::Group;
use crate::api::ApiError;
use crate::components::button::ButtonKind;
use crate::components::menu::{Menu, menu_action};
use crate::i18n::t;
use crate::lists::{Origins, Picked, Reading, Row, typed};
use crate::runner::Reason;
use crate::ui::{IntoNode, Node, view};
use crate::widgets::gather::Gatherer;
use futures_util::future::LocalBoxFuture;
use leptos::prelude::*;
use std::rc::Rc;

/// Takes the rows once they are read.
type Gathered = Rc<dyn Fn(Rc<dyn Targets>)>;

/// What is selected, whatever it is.
#[derive(Clone)]
struct Selected {
    /// Nothing of the subject: for its table.
    table: Rc<dyn Targets>,
    /// The rows, where they are known without reading.
    at_hand: Rc<dyn Fn() -> Option<Rc<dyn Targets>>>,
    /// Calls what it is given with the rows, once they are read.
    gather: Rc<dyn Fn(Gathered)>,
    /// Called when an action begins.
    on_start: Rc<dyn Fn()>,
    /// Called when something may have changed.
    on_change: Rc<dyn Fn()>,
}

/// One menu with all that could change something about the selected. `targets` makes what is acted
/// upon from rows and the questions by which they were picked; `changed` counts up when the list may
/// have changed.
pub fn bar<T: Clone + 'static>(
    picked: Picked,
    changed: RwSignal<u32>,
    targets: impl Fn(Vec<T>, Origins<T>) -> Rc<dyn Targets> + Clone + 'static,
) -> Node {
    bar_as(picked, changed, |row| typed::<T>(row).clone(), targets)
}

/// [`bar`] for rows that are seen as something else.
pub fn bar_as<T: Clone + 'static>(
    picked: Picked,
    changed: RwSignal<u32>,
    see: fn(&Row) -> T,
    targets: impl Fn(Vec<T>, Origins<T>) -> Rc<dyn Targets> + Clone + 'static,
) -> Node {
    let gatherer = Gatherer::new();
    let table = targets(Vec::new(), Origins::default());
    let at_hand = {
        let targets = targets.clone();
        move || Some(targets(picked.at_hand_as(see)?, picked.origins_as(see)))
    };
    let selected = Selected {
        at_hand: Rc::new(at_hand),
        gather: Rc::new(move |then| {
            // Now: the list may be gone before all are read.
            let (origins, targets) = (picked.origins_as(see), targets.clone());
            gatherer.gather_as(
                picked,
                see,
                Rc::new(move |rows| then(targets(rows, origins.clone()))),
            );
        }),
        ..Selected::nothing(table, picked, changed)
    };
    groups(gatherer, selected)
}

/// [`bar`] for rows that only name what they are about: `look_up` makes of the selected what is acted
/// upon, before anything is asked.
pub fn bar_looked_up(
    picked: Picked,
    changed: RwSignal<u32>,
    table: Rc<dyn Targets>,
    look_up: impl Fn(Reading) -> LocalBoxFuture<'static, Result<Rc<dyn Targets>, ApiError>>
    + Copy
    + 'static,
) -> Node {
    let gatherer = Gatherer::new();
    let selected = Selected {
        gather: Rc::new(move |then| gatherer.wait(look_up, move |targets| then(targets))),
        ..Selected::nothing(table, picked, changed)
    };
    groups(gatherer, selected)
}

impl Selected {
    /// Nothing as yet of what a list has, of which nothing is known without reading.
    fn nothing(table: Rc<dyn Targets>, picked: Picked, changed: RwSignal<u32>) -> Self {
        Selected {
            table,
            at_hand: Rc::new(|| None),
            gather: Rc::new(|_| ()),
            on_start: Rc::new(move || picked.clear()),
            on_change: Rc::new(move || {
                // The page may have been left.
                let _ = changed.try_update(|changed| *changed += 1);
            }),
        }
    }
}

fn groups(gatherer: Gatherer, selected: Selected) -> Node {
    let selected = StoredValue::new_local(selected);
    let groups = move || {
        let selected = selected.get_value();
        let rows = (selected.at_hand)();
        Group::ALL
            .into_iter()
            .map(|group| {
                let actions = (0..selected.table.actions())
                    .filter(|action| selected.table.about(*action).group == group)
                    .filter(|action| rows.as_ref().is_none_or(|rows| applies(&**rows, *action)));
                let items: Vec<Node> = actions
                    .map(|action| item(gatherer, action, &selected))
                    .collect();
                let heading = (!items.is_empty())
                    .then(|| view! { <p class="menu-heading">{words(group)}</p> });
                view! {
                    {heading}
                    {items}
                }
                .into_node()
            })
            .collect::<Vec<_>>()
    };
    view! {
        <Menu label=Signal::derive(t::act_menu) picture="sliders" with_text=true kind=ButtonKind::Primary>
            {groups()}
        </Menu>
        {gatherer.view()}
    }
    .into_node()
}

/// Whether there is one about which it could change something.
fn applies(rows: &dyn Targets, action: usize) -> bool {
    (0..rows.count()).any(|row| rows.spared(action, row) != Some(Reason::Unchanged))
}

fn words(group: Group) -> String {
    match group {
        Group::Access => t::act_group_access(),
        Group::People => t::act_group_people(),
        Group::Content => t::act_group_content(),
        Group::End => t::act_group_end(),
    }
}

fn item(gatherer: Gatherer, action: usize, selected: &Selected) -> Node {
    let about = selected.table.about(action);
    let selected = selected.clone();
    let press = move || {
        let (on_start, on_change) = (
            Rc::clone(&selected.on_start),
            Rc::clone(&selected.on_change),
        );
        (selected.gather)(Rc::new(move |targets| {
            propose(
                gatherer,
                action,
                &targets,
                Rc::clone(&on_start),
                Rc::clone(&on_change),
            );
        }));
    };
    menu_action(
        about.icon,
        about.label,
        about.is_grave(),
        lacking(about),
        Rc::new(press),
    )
}
