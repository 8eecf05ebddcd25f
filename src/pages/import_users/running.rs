//! The run: from the plan to the job, its outcomes and its files.

use super::checking::Checked;
use super::desk::Desk;
use super::kept::{Keeping, Read};
use super::planning::{Facts, PlanPhase};
use crate::api::server::Capabilities;
use crate::api::tolerant::Timestamp;
use crate::api::{ApiError, UserId};
use crate::components::download::dated;
use crate::components::toast::Toasts;
use crate::i18n::errors::Explained;
use crate::i18n::import as words;
use crate::i18n::t;
use crate::import::columns::Column;
use crate::import::journal::{Journal, Standing};
use crate::import::plan::{OnConflict, Plan, Planned, Totals, new_id};
use crate::import::question::Question;
use crate::import::record::{Head, ReportRow, State, VERSION};
use crate::import::report::{self, Failed};
use crate::import::results;
use crate::import::run::{self, Import, Tally};
use crate::operations::job::{Report, Spec};
use crate::operations::{Confirmation, Job, Jobs, Operations, Proposal, Recorded};
use crate::runner::{Fate, Limits, Step, Turn, Work};
use crate::session::Session;
use crate::session::browser::{Breath, BrowserClock, BrowserRandom, now};
use futures_util::FutureExt;
use futures_util::future::LocalBoxFuture;
use leptos::prelude::*;
use std::collections::HashSet;
use std::ops::Deref;
use std::rc::Rc;
use wasm_bindgen_futures::spawn_local;

/// Over HTTP/1.1 a browser keeps six requests to a host under way; two more wait in the browser,
/// so that a connection is never idle while this page is busy with an answer.
const LIMITS: Limits = Limits {
    max_in_flight: 8,
    tries: 5,
};

/// How long a request may be under way after whoever sent it is gone, in milliseconds. The server
/// carries out what it has received.
const UNDER_WAY_MS: i64 = 10_000;

/// An import that runs or has run. Copies are the same.
#[derive(Clone)]
pub struct Run {
    pub results: Rc<Results>,
    pub job: Job,
    pub keeping: Rc<Keeping>,
}

impl Run {
    /// Whoever began it goes. What is unfinished can be gone on with later.
    pub fn leave(&self) {
        if !self.job.progress_now().is_over() {
            // Rows that are cancelled now stay open for whoever goes on.
            self.keeping.leave();
            self.job.cancel();
        }
        self.keeping.journal.close();
    }
}

/// An import with its file, and what became of it.
pub struct Results {
    pub rows: Checked,
    pub file_name: String,
    results: results::Results,
}

impl Deref for Results {
    type Target = results::Results;

    fn deref(&self) -> &results::Results {
        &self.results
    }
}

impl Results {
    fn new(
        file_name: String,
        rows: Checked,
        plan: Rc<Plan>,
        standings: &[Standing],
        options: run::Options,
        journal: Rc<Journal>,
    ) -> Self {
        let network = Rc::new(Recorded::new(&t::import_job(&file_name)));
        let clock = Rc::new(BrowserClock);
        Results {
            rows,
            file_name,
            results: results::Results::new(plan, standings, options, network, clock, journal),
        }
    }

    /// Those of an import that was read back.
    pub fn kept(read: Read) -> Self {
        let server = Session::get().capabilities_now();
        let plan = Rc::new(read.plan);
        let options = options(&read.head, &plan, server, None);
        Results::new(
            read.head.file_name,
            Checked::kept(read.table),
            plan,
            &read.standings,
            options,
            Rc::clone(&read.keeping.journal),
        )
    }

    /// How it ended, in sentences.
    pub fn detail(&self, row: usize) -> Vec<String> {
        match self.outcome(row) {
            Some(outcome) => words::outcome(&outcome),
            None => words::planned(&self.plan.rows[row], &server()),
        }
    }

    /// A row of the report.
    pub fn line(&self, row: usize) -> ReportRow {
        let user = self.user(row);
        let detail = self.detail(row).join(" ");
        self.rows.table(|table| ReportRow {
            line: table.line(row),
            id: user.map_or_else(
                || table.field(row, Column::Id).to_owned(),
                |user| user.to_string(),
            ),
            displayname: table.field(row, Column::DisplayName).to_owned(),
            outcome: self.word(row).to_owned(),
            detail,
            created: self.created(row).is_some(),
        })
    }

    /// The report of the import as CSV.
    pub fn report(&self) -> String {
        let mut report = report::Report::new();
        for row in 0..self.plan.rows.len() {
            report.push(self.line(row).line(self.made_up(row)));
        }
        report.finish()
    }

    /// The report of the import as CSV, made in slices so that the page stays alive.
    pub async fn report_in_slices(&self) -> String {
        let mut report = report::Report::new();
        let mut breath = Breath::begin();
        for row in 0..self.plan.rows.len() {
            report.push(self.line(row).line(self.made_up(row)));
            breath.take().await;
        }
        report.finish()
    }

    /// The rows that failed.
    pub async fn failed(&self) -> String {
        let mut failed = self.rows.table(Failed::new);
        let mut breath = Breath::begin();
        for row in (0..self.plan.rows.len()).filter(|row| self.is_failure(*row)) {
            let user = match &self.plan.rows[row] {
                Planned::Create {
                    generated_id: true, ..
                } if self.is_created(row) => self.user(row),
                _ => None,
            };
            let detail = self.detail(row).join(" ");
            self.rows.table(|table| {
                if let Some(cells) = table.rows().get(row) {
                    failed.push(cells, user.as_ref(), &detail);
                }
            });
            breath.take().await;
        }
        failed.finish()
    }
}

/// The name of the server that is administered.
pub fn server() -> String {
    Session::get()
        .server_name()
        .map(|name| name.to_string())
        .unwrap_or_default()
}

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
pub fn deeds(totals: &Totals) -> String {
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
pub fn propose(desk: Desk, plan: Rc<Plan>, facts: Rc<Facts>) {
    let totals = plan.totals;
    if plan.is_stopped() || totals.create + totals.update == 0 {
        return;
    }
    let Some(rows) = desk.rows() else {
        return;
    };
    let Some(question) = rows.with(|table, file| Question::of(table, file, &plan)) else {
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
        run: Rc::new(move || start(desk, &plan, &facts)),
    });
}

fn start(desk: Desk, plan: &Rc<Plan>, facts: &Rc<Facts>) {
    let (Some(rows), Some(account)) = (desk.rows(), Session::get().account_now()) else {
        return;
    };
    let owner = account.user_id;
    let has_passwords = rows.table(|table| table.has(Column::Password));
    let totals = plan.totals;
    let head = Head {
        version: VERSION,
        file_name: desk.file_name.get_untracked().unwrap_or_default(),
        server: owner.server(),
        owner,
        started_ms: now().0,
        touched_ms: now().0,
        state: State::Beginning,
        on_conflict: desk.conflict.get_untracked(),
        newest_known_ms: facts.newest_known.map(|newest| newest.0),
        headers: rows.table(|table| table.headers.clone()),
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
    let results = Results::new(
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
pub fn go_on(desk: Desk, read: Read, cancelled: bool) {
    let keeping = Rc::clone(&read.keeping);
    launch(desk, Results::kept(read), Rc::clone(&keeping), cancelled);
    spawn_local(async move {
        keeping.keep().await;
        desk.changed.update(|changed| *changed += 1);
    });
}

/// How an import is carried out. `facts` is what the server had, if that is known.
fn options(
    head: &Head,
    plan: &Rc<Plan>,
    server: Capabilities,
    facts: Option<&Rc<Facts>>,
) -> run::Options {
    let taken = match head.on_conflict {
        OnConflict::NewRandomId => plan.taken(),
        _ => HashSet::new(),
    };
    let facts = facts.cloned();
    let name = head.server.clone();
    let new_id = move || {
        let exists = |user: &UserId| {
            let has = |facts: &Rc<Facts>| facts.existing.borrow().has(user) == Some(true);
            facts.as_ref().is_some_and(has)
        };
        let is_taken = |user: &UserId| taken.contains(user) || exists(user);
        new_id(&name, &BrowserRandom, &is_taken)
    };
    run::Options {
        on_conflict: head.on_conflict,
        new_id: Rc::new(new_id),
        server,
        newest_known: head.newest_known_ms.map(Timestamp),
        just_interrupted: now().0 - head.touched_ms < UNDER_WAY_MS,
        limits: LIMITS,
    }
}

fn launch(desk: Desk, results: Results, keeping: Rc<Keeping>, cancelled: bool) -> Run {
    let results = Rc::new(results);
    let items = results.import.open();
    let is_silent = items.is_empty();
    let job = Jobs::get().start(Spec {
        title: t::import_job(&results.file_name),
        route: Some("/import_users".to_owned()),
        items,
        limits: LIMITS,
        work: Rc::new(Rows(Rc::clone(&results.import))),
        report: {
            let results = Rc::clone(&results);
            Rc::new(move || Report {
                file_name: dated("import-report", "csv"),
                csv: results.report(),
            })
        },
        on_end: {
            let (results, keeping) = (Rc::clone(&results), Rc::clone(&keeping));
            Rc::new(move |job| end(desk, &results, &keeping, job, is_silent, cancelled))
        },
    });
    if cancelled {
        job.cancel();
    }
    let run = Run {
        results,
        job,
        keeping,
    };
    desk.run.set(Some(run.clone()));
    run
}

fn end(
    desk: Desk,
    results: &Rc<Results>,
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
        let nothing_waits = results.import.job_over(Vec::new());
        results.import.look_at_the_unknown(&nothing_waits).await;
        let tally = results.import.tally();
        // What was not written down to the end is nothing to go on with.
        let is_over = cancelled || keeping.trouble().is_some();
        match is_over || !results.is_worth_keeping() {
            true => keeping.finish(&results).await,
            false => keeping.has_ended(tally).await,
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
