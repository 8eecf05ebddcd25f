//! The actions for one account, each with its sentence; those that must not be done with the
//! reason.

use super::{propose, words};
use crate::api::users::User;
use crate::components::button::{Kind, action_row};
use crate::components::page::Card;
use crate::i18n::features::why_not;
use crate::i18n::{Words, t};
use crate::pages::gather::Gatherer;
use crate::pages::users::is_system;
use crate::session::Session;
use crate::ui::view;
use crate::user_actions::{Action, Spared, spared};
use crate::weight::Weight;
use leptos::prelude::*;
use std::rc::Rc;

/// What can be taken back, or takes nothing away.
const MILD: [Action; 13] = [
    Action::MakeAdmin,
    Action::TakeAdmin,
    Action::Approve,
    Action::Lock,
    Action::Unlock,
    Action::Suspend,
    Action::Unsuspend,
    Action::ShadowBan,
    Action::LiftShadowBan,
    Action::Reactivate,
    Action::Notice,
    Action::Join,
    Action::QuarantineMedia,
];

/// What cannot.
const GRAVE: [Action; 5] = [
    Action::LogOut,
    Action::DeleteMedia,
    Action::Redact,
    Action::Deactivate,
    Action::Erase,
];

/// What can be done to this account, which follows its state.
pub fn cards(user: Signal<Option<User>>, changed: Callback<()>) -> AnyView {
    let gatherer = Gatherer::new();
    let card = move |title: Words, actions: &'static [Action]| {
        let rows = move || {
            user.get()
                .map(|user| rows(gatherer, actions, &user, Rc::new(move || changed.run(()))))
        };
        view! { <Card title=Signal::derive(title)>{rows}</Card> }
    };
    view! {
        <div class="cards" data-wide="true">
            {card(t::security_state, &MILD)}
            {card(t::security_danger, &GRAVE)}
        </div>
        {gatherer.view()}
    }
    .into_any()
}

/// Rows for those of the actions that could change something about this account. `on_change` is
/// called when something has.
fn rows(gatherer: Gatherer, actions: &[Action], user: &User, on_change: Rc<dyn Fn()>) -> AnyView {
    let rows = actions
        .iter()
        .filter(|action| action.changes(user))
        .map(|action| row(gatherer, *action, user.clone(), Rc::clone(&on_change)))
        .collect_view();
    view! {
        <div class="action-rows">{rows}</div>
    }
    .into_any()
}

fn row(gatherer: Gatherer, action: Action, user: User, on_change: Rc<dyn Fn()>) -> AnyView {
    let session = Session::get();
    let server = session.capabilities_now();
    let lack = action.feature().and_then(|feature| server.lack(feature));
    let own = session.user_id();
    let reason = match (lack, own) {
        (Some(lack), _) => Some(why_not(lack)),
        (None, Some(own)) => match spared(action, &user, &own, &is_system) {
            Some(Spared::Own) => Some(t::act_spared_own()),
            Some(Spared::System) => Some(t::act_spared_system()),
            _ => None,
        },
        (None, None) => None,
    };
    let kind = match action.weight() {
        Weight::Irreversible => Kind::Danger,
        _ => Kind::Secondary,
    };
    let accounts: Rc<[User]> = Rc::new([user]);
    let press = move || {
        propose::propose(
            gatherer,
            action,
            &accounts,
            Rc::new(|| ()),
            Rc::clone(&on_change),
        );
    };
    action_row(
        words::picture(action),
        words::label(action),
        words::sentence(action),
        kind,
        reason,
        Rc::new(press),
    )
}
