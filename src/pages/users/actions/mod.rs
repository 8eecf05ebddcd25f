//! What can be done to accounts, for one, for the selected, for all that match.
//!
//! | file | what |
//! |---|---|
//! | `again` | actions that go on after signing in again in the same tab |
//! | `targets` | accounts as the engine of actions sees them |
//! | `at_mas` | the same where Matrix Authentication Service keeps the accounts |
//! | `survey` | what else a deletion would hit: files, sessions |
//! | `fields` | what is filled in |
//! | `perform` | how each action is carried out |
//! | `notice` | what is written to them |
//! | `idle` | sessions that have not been used for a while |
//! | `everything` | erasing with messages and files |
//! | `redactions` | removing messages, which the server does in the background |
//!
//! The table of actions, and whom each spares, is in [`crate::users::actions`]; menu, cards,
//! question, job and undo are made from it by [`crate::widgets::actions`].

mod again;
pub mod at_mas;
mod everything;
mod fields;
mod idle;
mod notice;
mod perform;
mod redactions;
mod survey;
mod targets;

use crate::api::UserId;
use crate::api::users::User;
use crate::i18n::t;
use crate::lists::{Origins, Picked, Row};
use crate::operations::{carried, followed};
use crate::pages::users::list::{roll, standing, told};
use crate::ui::{IntoNode, Node};
use crate::users::standing::AccountStanding;
use crate::widgets::actions::{Targets, cards, menu};
use crate::widgets::subjects::users::Subject;
use futures_util::FutureExt;
use leptos::prelude::*;
use std::rc::Rc;
use targets::Users;

/// The buttons for these; nothing if there are none. What an earlier page has begun is followed.
pub fn view(subject: Option<Subject>) -> Node {
    redactions::REDACTIONS.go_on();
    carried::go_on(again::MAKER, again::make);
    match subject {
        Some(Subject::Listed { picked, changed }) => listed(picked, changed),
        Some(Subject::Picked {
            picked,
            changed,
            see,
        }) => named(picked, changed, see),
        Some(Subject::One {
            user,
            bridged,
            standing,
            changed,
        }) => {
            let target = Signal::derive_local(move || {
                let user = user.get()?;
                Some(Rc::new(Users {
                    rows: Rc::new([user]),
                    origins: None,
                    bridged: bridged.get(),
                    standing: standing.get(),
                }) as Rc<dyn Targets>)
            });
            cards::cards(
                t::security_state,
                target,
                Rc::new(move || changed.try_run(()).unwrap_or(())),
            )
            .into_node()
        }
        None => ().into_node().into_node(),
    }
}

/// Whether an earlier page has begun something that is not known to have ended.
pub fn is_kept() -> bool {
    followed::is_kept(redactions::KEY) || carried::is_kept(again::MAKER)
}

/// The menu for the selected of the list of users.
fn listed(picked: Picked, changed: RwSignal<u32>) -> Node {
    menu::bar(picked, changed, |users, origins| {
        as_listed(users, Some(origins))
    })
}

/// The menu for the selected of another list, which does not know how the accounts stand.
fn named(picked: Picked, changed: RwSignal<u32>, see: fn(&Row) -> Option<UserId>) -> Node {
    let table = as_listed(Vec::new(), None);
    menu::bar_looked_up(picked, changed, table, move |reading| {
        let names = picked.resolve_as(reading.clone(), see);
        async move {
            let names = names.await?.into_iter().flatten().collect();
            standing::ask(&reading).await?;
            let users = roll::these(&names, &reading).await?;
            Ok(as_listed(users, None))
        }
        .boxed_local()
    })
}

/// Accounts as the list of users has them.
fn as_listed(users: Vec<User>, origins: Option<Origins<User>>) -> Rc<dyn Targets> {
    Rc::new(Users {
        rows: users.into(),
        origins: origins.map(Rc::new),
        bridged: false,
        standing: AccountStanding {
            told: told(),
            is_unknown_to_mas: false,
        },
    })
}
