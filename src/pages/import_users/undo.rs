//! Taking an import back: what it has created is deactivated again, and nothing else.

use crate::api::{UserId, users};
use crate::i18n::import as words;
use crate::i18n::t;
use crate::operations::{Confirmation, Operations, Proposal, Target, TargetJob};
use crate::session::Session;
use std::rc::Rc;

/// How many names the preview has.
const NAMED: usize = 5;

/// Proposes it. `on_end` is told how many accounts have been deactivated.
pub fn propose(file_name: &str, created: Vec<UserId>, on_end: Rc<dyn Fn(usize)>) {
    let own = Session::get().user_id();
    let users: Vec<UserId> = created
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
        sentence: t::import_undo_text(),
        facts,
        action: t::import_undo_action(users.len() as u64),
        danger: true,
        confirmation: Confirmation::Type(users.len().to_string()),
        fields: None,
        run: Rc::new(move || {
            let target = |user: &UserId| Target {
                name: user.to_string(),
                call: users::deactivate(user, false).call,
            };
            let on_end = Rc::clone(&on_end);
            TargetJob::new(title.clone(), users.iter().map(target).collect())
                .on_end(move |job| on_end(job.progress_now().done))
                .start();
        }),
    });
}
