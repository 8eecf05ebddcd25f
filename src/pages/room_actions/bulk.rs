//! The buttons for the selected.

use super::{propose, words};
use crate::components::button::Kind;
use crate::components::list::Picked;
use crate::components::menu::{Menu, menu_action};
use crate::i18n::t;
use crate::pages::gather::Gatherer;
use crate::room_actions::Action;
use crate::ui::view;
use crate::weight::Weight;
use leptos::prelude::*;
use std::rc::Rc;

/// One menu with all of them.
pub fn bar(picked: Picked, changed: RwSignal<u32>) -> AnyView {
    let gatherer = Gatherer::new();
    let items = move || {
        Action::ALL
            .map(|action| item(gatherer, action, picked, changed))
            .collect_view()
    };
    view! {
        <Menu label=Signal::derive(t::act_menu) picture="sliders" with_text=true kind=Kind::Primary>
            {items()}
        </Menu>
        {gatherer.view()}
    }
    .into_any()
}

fn item(gatherer: Gatherer, action: Action, picked: Picked, changed: RwSignal<u32>) -> AnyView {
    let press = move || {
        gatherer.gather(
            picked,
            Rc::new(move |rooms| {
                propose::propose(
                    gatherer,
                    action,
                    &rooms,
                    None,
                    Rc::new(move || picked.clear()),
                    Rc::new(move || {
                        // The page may have been left.
                        let _ = changed.try_update(|changed| *changed += 1);
                    }),
                );
            }),
        );
    };
    menu_action(
        words::picture(action),
        words::label(action),
        action.weight() == Weight::Irreversible,
        None,
        Rc::new(press),
    )
}
