//! An import with its file, and what became of it.

use super::checked::Checked;
use super::facts::ServerFacts;
use super::kept::{Keeping, ReadBack};
use crate::api::UserId;
use crate::api::server::Capabilities;
use crate::api::tolerant::Timestamp;
use crate::browser::clock::{Breath, BrowserClock, BrowserRandom, now};
use crate::i18n::import as words;
use crate::i18n::t;
use crate::import::columns::ImportColumn;
use crate::import::journal::{Journal, Standing, creates_until};
use crate::import::outcome::Outcome;
use crate::import::plan::{OnConflict, Plan, new_id};
use crate::import::record::{Head, ReportRow};
use crate::import::report::{self, Failed};
use crate::import::results;
use crate::import::run;
use crate::operations::{Job, Recorded};
use crate::runner::Limits;
use crate::session::Session;
use std::cell::Cell;
use std::collections::HashSet;
use std::ops::Deref;
use std::rc::Rc;

/// Over HTTP/1.1 a browser keeps six requests to a host under way; two more wait in the browser,
/// so that a connection is never idle while this page is busy with an answer.
pub const LIMITS: Limits = Limits {
    max_in_flight: 8,
    tries: 5,
};

/// How long a request may be under way after whoever sent it is gone, in milliseconds. The server
/// carries out what it has received.
const UNDER_WAY_MS: i64 = 10_000;

/// An import that runs or has run. Copies are the same.
#[derive(Clone)]
pub struct ImportRun {
    pub results: Rc<FileResults>,
    pub job: Job,
    pub keeping: Rc<Keeping>,
}

impl ImportRun {
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
pub struct FileResults {
    pub rows: Checked,
    pub file_name: String,
    /// Whether the report has been saved since the last rows ended.
    pub is_saved: Cell<bool>,
    results: results::Results,
}

impl Deref for FileResults {
    type Target = results::Results;

    fn deref(&self) -> &results::Results {
        &self.results
    }
}

impl FileResults {
    /// Those of an import that begins.
    pub fn new(
        file_name: String,
        rows: Checked,
        plan: Rc<Plan>,
        standings: &[Standing],
        mut options: run::RunOptions,
        journal: Rc<Journal>,
    ) -> Self {
        let what = t::import_job(&file_name);
        let network = Rc::new(Recorded::new(&what));
        options.creations = Some(about_each((*network).clone().handing_back()));
        options.changes = Some(about_each((*network).clone()));
        let clock = Rc::new(BrowserClock);
        FileResults {
            rows,
            file_name,
            is_saved: Cell::new(false),
            results: results::Results::new(plan, standings, options, network, clock, journal),
        }
    }

    /// Those of an import that was read back.
    pub fn kept(read: ReadBack) -> Self {
        let server = Session::get().capabilities_now();
        let plan = Rc::new(read.plan);
        let options = options(&read.head, &plan, server, None);
        FileResults::new(
            read.head.file_name,
            Checked::unchecked(read.table),
            plan,
            &read.standings,
            options,
            Rc::clone(&read.keeping.journal),
        )
    }

    /// How it ended, in sentences.
    pub fn detail(&self, row: usize) -> Vec<String> {
        match self.outcome(row) {
            Some(outcome) => {
                let mut told = words::outcome(&outcome);
                if let Outcome::Created { .. } | Outcome::Updated { .. } = outcome {
                    told.extend(words::not_sent(&self.plan.rows[row]));
                }
                told.extend(words::only_for_new(&self.plan.rows[row], &outcome));
                told
            }
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
                || table.field(row, ImportColumn::Id).to_owned(),
                |user| user.to_string(),
            ),
            displayname: table.field(row, ImportColumn::DisplayName).to_owned(),
            outcome: self.word(row).name().to_owned(),
            detail,
            created: self.created(row).is_some(),
        })
    }

    /// Whether a password was made up that nobody has saved with the report.
    pub fn has_unsaved_passwords(&self) -> bool {
        !self.is_saved.get() && self.has_made_up()
    }

    /// The report as a CSV file, to be saved: a line for every row.
    pub fn saved_report(&self) -> String {
        self.is_saved.set(true);
        let mut report = report::ImportReport::new();
        for row in 0..self.plan.rows.len() {
            report.push(self.line(row).line(self.made_up(row)));
        }
        report.finish()
    }

    /// [`FileResults::saved_report`], made in slices, so that the page stays alive.
    pub async fn report_in_slices(&self) -> String {
        let mut report = report::ImportReport::new();
        let mut breath = Breath::begin();
        for row in 0..self.plan.rows.len() {
            report.push(self.line(row).line(self.made_up(row)));
            breath.take().await;
        }
        self.is_saved.set(true);
        report.finish()
    }

    /// The rows that failed.
    pub async fn failed(&self) -> String {
        let mut failed = self.rows.table(Failed::new);
        let mut breath = Breath::begin();
        for row in (0..self.plan.rows.len()).filter(|row| self.is_failure(*row)) {
            let user = self.other_user(row);
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

/// What is sent through this network about an account is logged with the account.
fn about_each(network: Recorded) -> run::NetworkAbout {
    Rc::new(move |user| Rc::new(network.about(user)))
}

/// The name of the server that is administered.
pub fn server() -> String {
    Session::get()
        .server_name()
        .map(|name| name.to_string())
        .unwrap_or_default()
}

/// How an import is carried out. `facts` is what the server had, if that is known.
pub fn options(
    head: &Head,
    plan: &Rc<Plan>,
    server: Capabilities,
    facts: Option<&Rc<ServerFacts>>,
) -> run::RunOptions {
    let taken = match head.on_conflict {
        OnConflict::NewRandomId => plan.taken(),
        _ => HashSet::new(),
    };
    let facts = facts.cloned();
    let name = head.server.clone();
    let new_id = move || {
        let exists = |user: &UserId| {
            let has = |facts: &Rc<ServerFacts>| facts.existing.borrow().has(user) == Some(true);
            facts.as_ref().is_some_and(has)
        };
        let is_taken = |user: &UserId| taken.contains(user) || exists(user);
        new_id(&name, &BrowserRandom, &is_taken)
    };
    run::RunOptions {
        on_conflict: head.on_conflict,
        new_id: Rc::new(new_id),
        server,
        newest_known: head.newest_known_ms.map(Timestamp),
        just_interrupted: now().0 - creates_until(head.touched_ms) < UNDER_WAY_MS,
        interrupted_ms: Some(head.touched_ms),
        limits: LIMITS,
        creations: None,
        changes: None,
    }
}
