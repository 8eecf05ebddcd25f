//! Taking an import back: what it has created is deactivated again, and nothing else.

use crate::api::{ApiError, UserId, users};
use crate::i18n::import as words;
use crate::i18n::t;
use crate::operations::acts::{Check, asked};
use crate::operations::targets::sending;
use crate::operations::{Confirmation, Operations, Proposal, TargetJob};
use crate::pages::users::actions::at_mas::{self, Keepers};
use crate::runner::Fate;
use crate::runner::once::Lost;
use crate::session::Session;
use crate::session::config::is_system;
use crate::users::actions::{Action, verdict};
use futures_util::FutureExt;
use std::cell::Cell;
use std::rc::Rc;

/// How many names the preview has.
const NAMED: usize = 5;

/// Asks about an account right before: whoever belongs to an application service by now, is
/// protected or has ended is left out.
fn check(users: &Rc<[UserId]>, keepers: &Keepers) -> Check {
    let (users, keepers) = (Rc::clone(users), keepers.clone());
    Rc::new(move |number, network| {
        let (user, keepers) = (users[number].clone(), keepers.clone());
        async move {
            let detail = network.send(users::get(&user)).await?;
            let kept = keepers.ask(number, network).await?;
            let Some(own) = Session::get().user_id() else {
                return Err(ApiError::Cancelled);
            };
            let mas = kept.at_mas();
            Ok(verdict(Action::Deactivate, &detail, mas, &own, &is_system))
        }
        .boxed_local()
    })
}

/// Proposes it. `on_end` is told how many accounts have been deactivated since it was told last: it is told
/// again after each retry.
pub fn propose(file_name: &str, created: Vec<UserId>, on_end: Rc<dyn Fn(usize)>) {
    let own = Session::get().user_id();
    let users: Rc<[UserId]> = created
        .into_iter()
        .filter(|user| Some(user) != own.as_ref())
        .collect();
    let count = words::count(users.len());
    let mut names: Vec<&str> = users.iter().take(NAMED).map(UserId::as_str).collect();
    if users.len() > NAMED {
        names.push("…");
    }
    let facts = vec![
        (t::import_undo_accounts(), count),
        (t::import_undo_names(), names.join(", ")),
    ];
    let title = t::import_undo_job(file_name);
    Operations::get().propose(Proposal {
        title: t::import_undo_title(),
        sentence: match Session::get().of_capabilities(|server| server.mas().is_some()) {
            true => t::import_undo_text_mas(),
            false => t::import_undo_text(),
        },
        facts,
        action: t::import_undo_action(users.len() as u64),
        danger: true,
        confirmation: Confirmation::Type(users.len().to_string()),
        fields: None,
        run: Rc::new(move || {
            let names = users.iter().map(UserId::to_string).collect();
            let calls = users.iter().map(|user| users::deactivate(user, false).call);
            let deed = sending(calls.collect(), false, Rc::new(|_, _| Ok(())));
            let keepers = Keepers::new(Action::Deactivate, &users);
            let lost = users.iter().map(|_| Lost::default()).collect();
            let at_mas = at_mas::deactivating(Action::Deactivate, &users, &lost);
            let deed = keepers.doing(deed, at_mas);
            let on_end = Rc::clone(&on_end);
            let done = Rc::new(Cell::new(0));
            let counted = Rc::clone(&done);
            TargetJob::doing(
                title.clone(),
                names,
                asked(users.len(), check(&users, &keepers), deed),
            )
            .on_fate(Rc::new(move |_, fate| {
                if *fate == Fate::Done {
                    counted.set(counted.get() + 1);
                }
            }))
            .on_end(move |_| on_end(done.take()))
            .start();
        }),
    });
}
