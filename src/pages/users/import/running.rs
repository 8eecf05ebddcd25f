//! The run: from the plan to the job, its outcomes and its files.

use super::checked::Checked;
use super::desk::Desk;
use super::facts::{PlanPhase, ServerFacts};
use super::kept::{Keeping, ReadBack};
use super::results::{FileResults, ImportRun, LIMITS, options, server};
use crate::address::route::Route;
use crate::api::ApiError;
use crate::browser::clock::now;
use crate::browser::download::dated;
use crate::components::toast::Toasts;
use crate::i18n::errors::Explained;
use crate::i18n::import as words;
use crate::i18n::t;
use crate::import::columns::ImportColumn;
use crate::import::outcome::Tally;
use crate::import::plan::{Plan, PlanTotals};
use crate::import::question::OpenQuestion;
use crate::import::record::{Head, KeptState, VERSION};
use crate::import::run::Import;
use crate::operations::job::{JobReport, KeepJob, Spec};
use crate::operations::{Confirmation, Job, Jobs, Operations, Proposal};
use crate::runner::{Fate, Step, Turn, Work};
use crate::session::Session;
use futures_util::FutureExt;
use futures_util::future::LocalBoxFuture;
use leptos::prelude::*;
use std::rc::Rc;
use wasm_bindgen_futures::spawn_local;

/// How many rows ended how, in a sentence.
pub fn result(tally: &Tally) -> String {
    t::import_result(
        &words::count(tally.created),
        &words::count(tally.failed),
        &words::count(tally.skipped + tally.unchanged),
        &words::count(tally.updated),
    )
}

/// What the plan does, in a few words: "Create 500 users, update 3".
pub fn deeds(totals: &PlanTotals) -> String {
    let (create, update) = (totals.create as u64, totals.update as u64);
    match (create, update) {
        (0, _) => t::import_confirm_update_only(update),
        (_, 0) => t::import_confirm_create(create),
        _ => format!(
            "{}, {}",
            t::import_confirm_create(create),
            t::import_confirm_update(update)
        ),
    }
}

/// Asks whether a plan is to be run, with all that should be known before, and runs it then.
pub fn propose(desk: Desk, plan: Rc<Plan>, facts: Rc<ServerFacts>) {
    let totals = plan.totals;
    if plan.is_stopped() || totals.create + totals.update == 0 {
        return;
    }
    let Some(rows) = desk.rows() else {
        return;
    };
    let Some(question) = rows.with(|table, file| OpenQuestion::of(table, file, &plan)) else {
        return;
    };
    Operations::get().propose(Proposal {
        title: t::import_confirm_title(),
        sentence: t::import_confirm_text(&server()),
        facts: words::question(&question),
        action: deeds(&totals),
        danger: false,
        confirmation: Confirmation::Click,
        fields: None,
        run: Rc::new(move || {
            // What has been put on the desk since is not what was asked about.
            let is_asked = desk.plan.with_untracked(|now| match now {
                PlanPhase::Ready(now) => Rc::ptr_eq(now, &plan),
                _ => false,
            });
            if is_asked {
                start(desk, &rows, &plan, &facts);
            }
        }),
    });
}

fn start(desk: Desk, rows: &Checked, plan: &Rc<Plan>, facts: &Rc<ServerFacts>) {
    let Some(account) = Session::get().account_now() else {
        return;
    };
    let rows = rows.clone();
    let owner = account.user_id;
    let has_passwords = rows.table(|table| table.has(ImportColumn::Password));
    let totals = plan.totals;
    let head = Head {
        version: VERSION,
        file_name: desk.file_name.get_untracked().unwrap_or_default(),
        server: owner.server(),
        owner,
        started_ms: now().0,
        touched_ms: now().0,
        state: KeptState::Beginning,
        on_conflict: desk.conflict.get_untracked(),
        newest_known_ms: facts.newest_known.map(|newest| newest.0),
        rows: plan.rows.len(),
        tasks: totals.create + totals.update,
        ended: 0,
        tally: None,
        undone: 0,
        homeserver: account.homeserver,
        has_passwords: has_passwords || totals.generated_passwords > 0,
    };
    let options = options(&head, plan, facts.server.clone(), Some(facts));
    let file_name = head.file_name.clone();
    let keeping = Keeping::new(head);
    let journal = Rc::clone(&keeping.journal);
    let results = FileResults::new(
        file_name,
        rows.clone(),
        Rc::clone(plan),
        &[],
        options,
        journal,
    );
    let run = launch(desk, results, Rc::clone(&keeping), false);
    let plan = Rc::clone(&run.results.plan);
    spawn_local(async move {
        keeping.keep_new(&rows, &plan).await;
        desk.changed.update(|changed| *changed += 1);
    });
    // The plan is spent: the accounts exist now.
    desk.plan.set(PlanPhase::None);
    desk.facts.set_value(None);
}

/// Goes on with an import that was kept; cancelled at once, what is open is only looked at, and
/// the import is finished.
pub fn go_on(desk: Desk, read: ReadBack, cancelled: bool) {
    let keeping = Rc::clone(&read.keeping);
    launch(
        desk,
        FileResults::kept(read),
        Rc::clone(&keeping),
        cancelled,
    );
    spawn_local(async move {
        keeping.keep().await;
        desk.changed.update(|changed| *changed += 1);
    });
}

fn launch(desk: Desk, results: FileResults, keeping: Rc<Keeping>, cancelled: bool) -> ImportRun {
    let results = Rc::new(results);
    let items = results.import.open();
    let is_silent = items.is_empty();
    let job = Jobs::get().start(Spec {
        title: t::import_job(&results.file_name),
        route: Some(Route::ImportUsers.to_string()),
        items,
        limits: LIMITS,
        work: Rc::new(Rows(Rc::clone(&results.import))),
        report: {
            let results = Rc::clone(&results);
            Rc::new(move || JobReport {
                file_name: dated("import-report", "csv"),
                csv: results.saved_report(),
            })
        },
        on_begin: Rc::new(|_| ()),
        on_end: {
            let (results, keeping) = (Rc::clone(&results), Rc::clone(&keeping));
            Rc::new(move |job| end(desk, &results, &keeping, job, is_silent, cancelled))
        },
        known: Vec::new(),
        keep: Some(kept_by_its_journal(&keeping)),
        may_retry: {
            let keeping = Rc::clone(&keeping);
            Some(Rc::new(move || {
                desk.changed.track();
                keeping.may_retry()
            }))
        },
        is_only_here: {
            let (results, keeping) = (Rc::clone(&results), Rc::clone(&keeping));
            Some(Rc::new(move || {
                desk.changed.track();
                keeping.has_failed() && results.has_unsaved_passwords()
            }))
        },
        undo: None,
    });
    if cancelled {
        job.cancel();
    }
    let run = ImportRun {
        results,
        job,
        keeping,
    };
    desk.run.set(Some(run.clone()));
    run
}

/// The journal has all that is known. Without https there is none, and one that has broken keeps
/// nothing any more.
fn kept_by_its_journal(keeping: &Rc<Keeping>) -> KeepJob {
    let keeping = Rc::clone(keeping);
    let can: Rc<dyn Fn() -> bool> =
        Rc::new(move || window().is_secure_context() && keeping.trouble().is_none());
    KeepJob {
        can: Rc::clone(&can),
        keep: Rc::new(move |_| can()),
    }
}

fn end(
    desk: Desk,
    results: &Rc<FileResults>,
    keeping: &Rc<Keeping>,
    job: &Job,
    is_silent: bool,
    cancelled: bool,
) {
    let (results, keeping, job) = (Rc::clone(results), Rc::clone(keeping), job.clone());
    spawn_local(async move {
        if keeping.is_left() {
            return;
        }
        results.is_saved.set(false);
        let before = results.import.tally();
        let nothing_waits = results.import.job_over(Vec::new());
        let run = job.runs();
        // Somebody may try it again meanwhile: then it has not ended.
        let is_still_over = || job.runs() == run;
        results.import.look_at_the_unknown(&nothing_waits).await;
        if !is_still_over() {
            return;
        }
        let tally = results.import.tally();
        // A report that was saved meanwhile does not have what was found out since.
        if tally != before {
            results.is_saved.set(false);
        }
        // What was not written down to the end is nothing to go on with.
        let is_last = cancelled || keeping.trouble().is_some();
        match is_last || !results.is_worth_keeping() {
            true => keeping.finish(&results).await,
            false => keeping.has_ended(tally, is_still_over).await,
        }
        if !is_still_over() {
            return;
        }
        let result = result(&tally);
        job.set_result(result.clone());
        desk.changed.update(|changed| *changed += 1);
        if is_silent {
            return;
        }
        let text = t::job_toast_done(&result, &job.title);
        if tally.failed + tally.not_done + tally.with_problems == 0 {
            Toasts::get().good(text);
        } else {
            Toasts::get().bad(Explained {
                sentence: text,
                hint: t::job_toast_left_hint(),
                details: String::new(),
            });
        }
    });
}

/// The rows of an import as work. Rows that are tried again have their outcome taken back.
struct Rows(Rc<Import>);

impl Work for Rows {
    fn attempt<'a>(&'a self, item: usize, turn: Turn<'a>) -> LocalBoxFuture<'a, Step> {
        async move {
            if self.0.outcome(item).is_some() {
                self.0.job_over(vec![item]);
            }
            Work::attempt(&*self.0, item, turn).await
        }
        .boxed_local()
    }

    fn ping(&self) -> LocalBoxFuture<'_, Result<(), ApiError>> {
        self.0.ping()
    }

    fn settled(&self, item: usize, fate: &Fate) {
        self.0.settled(item, fate);
    }
}
