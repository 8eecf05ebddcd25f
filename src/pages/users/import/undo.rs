//! Taking an import back: what it has created is deactivated again, and nothing else.

use crate::api::mas::users as accounts;
use crate::api::{ApiError, UserId, users};
use crate::i18n::import as words;
use crate::i18n::t;
use crate::operations::acts::{Check, asked};
use crate::operations::targets::sending;
use crate::operations::{Confirmation, OnTarget, Operations, Proposal, TargetJob};
use crate::runner::{Fate, Reason, Step};
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
fn check(users: &Rc<[UserId]>) -> Check {
    let users = Rc::clone(users);
    Rc::new(move |number, network| {
        let user = users[number].clone();
        async move {
            let detail = network.send(users::get(&user)).await?;
            let Some(own) = Session::get().user_id() else {
                return Err(ApiError::Cancelled);
            };
            Ok(verdict(Action::Deactivate, &detail, &own, &is_system))
        }
        .boxed_local()
    })
}

/// Deactivates where Matrix Authentication Service keeps the accounts, each by what it calls it. That may be
/// said twice.
fn at_mas(base: String, users: &Rc<[UserId]>) -> OnTarget {
    let users = Rc::clone(users);
    Rc::new(move |number, network, turn| {
        let (base, users) = (base.clone(), Rc::clone(&users));
        async move {
            let user = &users[number];
            let find = accounts::by_username(&base, user.localpart());
            let answer = network.send(find).await;
            let found = match accounts::of_user(user, answer) {
                Ok(Some(found)) => found,
                // It was not made there, or is called otherwise.
                Ok(None) => return Step::LeftOut(Reason::Gone),
                Err(error) => return Step::from_error(error),
            };
            if let Err(step) = turn.goes_on().await {
                return step;
            }
            match network
                .send(accounts::deactivate(&base, &found.id, false))
                .await
            {
                Ok(_) => Step::Done,
                Err(error) => Step::from_error(error),
            }
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
            let deed = match Session::get().capabilities_now().mas() {
                Some(mas) => at_mas(mas.base.clone(), &users),
                None => {
                    let calls = users.iter().map(|user| users::deactivate(user, false).call);
                    sending(calls.collect(), false, Rc::new(|_, _| Ok(())))
                }
            };
            let on_end = Rc::clone(&on_end);
            let done = Rc::new(Cell::new(0));
            let counted = Rc::clone(&done);
            TargetJob::doing(
                title.clone(),
                names,
                asked(users.len(), check(&users), deed),
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
