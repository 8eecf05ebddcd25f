//! Work in the background: jobs survive navigation, show their progress and can be paused,
//! cancelled and retried.

use super::proposal::{Confirmation, Operations, Proposal};
use crate::api::exchange::Clock;
use crate::api::tolerant::Timestamp;
use crate::browser::clock::{BrowserClock, BrowserRandom, now};
use crate::browser::only_one;
use crate::browser::storage::Keep;
use crate::i18n::t;
use crate::runner::{self, Fate, Limits, Progress, RunState, Work};
use crate::session::Session;
use crate::session::leave::{self, PageKeeper};
use leptos::prelude::*;
use serde::{Deserialize, Serialize};
use std::cell::{Cell, RefCell};
use std::rc::Rc;
use wasm_bindgen_futures::spawn_local;

/// How often a job's progress is looked at, in milliseconds. Painting it five times a second took
/// a tenth of the rate from an import whose server shared the machine.
const LOOK_EVERY_MS: u64 = 500;

/// Before whose they are: jobs that are kept while their page is left in order to sign in again.
pub(super) const CARRIED: &str = "synapse-admin.jobs";

/// Is told items by their numbers.
pub type OnItems = Rc<dyn Fn(&[usize])>;

/// A file that tells what became of a job's items.
#[derive(Clone, Serialize, Deserialize)]
pub struct JobReport {
    pub file_name: String,
    pub csv: String,
}

/// How a job is kept while its page is left.
pub struct KeepJob {
    /// Whether it will be, as far as one knows without trying.
    pub can: Rc<dyn Fn() -> bool>,
    /// Keeps it; whether it is kept.
    pub keep: Rc<dyn Fn(&Job) -> bool>,
}

/// How what a job has done is taken back.
pub struct UndoJob {
    /// The numbers of those that can be: done, and not taken back yet.
    pub which: Rc<dyn Fn() -> Vec<usize>>,
    /// Takes these back.
    pub undo: OnItems,
}

/// What a job is made of.
pub struct Spec {
    /// What it does: "Delete 12 files".
    pub title: String,
    /// Where a person sees more of it: a route.
    pub route: Option<String>,
    pub items: Vec<usize>,
    pub limits: Limits,
    pub work: Rc<dyn Work>,
    pub report: Rc<dyn Fn() -> JobReport>,
    /// Called with the items that are about to be done, before each retry again.
    pub on_begin: OnItems,
    /// Called when every item has met its fate, after each retry again.
    pub on_end: Rc<dyn Fn(&Job)>,
    /// What had become of the items before, by their places; empty if nothing is known.
    pub known: Vec<Option<Fate>>,
    /// Keeps the job where its page is left in order to sign in again. Nothing where it is lost then.
    pub keep: Option<KeepJob>,
    /// Whether what is left may be tried again; reactive. Nothing where it always may.
    pub may_retry: Option<Rc<dyn Fn() -> bool>>,
    /// Whether its report, once it is over, is all that is left of something, and nobody has saved it;
    /// reactive. Nothing where that is never so.
    pub is_only_here: Option<Rc<dyn Fn() -> bool>>,
    /// Takes back what was done, whatever else has become of the job. Nothing where that cannot be.
    pub undo: Option<UndoJob>,
}

/// A job. Copies are the same job.
#[derive(Clone)]
pub struct Job {
    pub id: u32,
    pub title: Rc<str>,
    pub route: Option<Rc<str>>,
    pub started: Timestamp,
    /// Whose session it belongs to.
    owner: Option<String>,
    /// Whether it was ended because somebody else has signed in.
    is_ended: Rc<Cell<bool>>,
    /// How far it is; follows the work a few times a second.
    progress: RwSignal<Progress, LocalStorage>,
    handle: RwSignal<runner::Run, LocalStorage>,
    /// What came of it, in a sentence.
    result: RwSignal<Option<String>>,
    /// How often it was begun.
    runs: Rc<Cell<u32>>,
    /// Whether it was paused when its page was about to be left.
    was_paused: Rc<Cell<bool>>,
    /// Those of earlier runs whose answer was lost.
    lost_before: Rc<RefCell<Vec<usize>>>,
    spec: Rc<Spec>,
}

/// Where a job says what is known so far, in the place of what came of it. Keeps nothing of the job.
#[derive(Clone, Copy)]
pub struct SaidSoFar(RwSignal<Option<String>>);

impl SaidSoFar {
    /// Says this, as long as the job is there; nothing any more with `None`.
    pub fn say(self, sentence: Option<String>) {
        let _ = self.0.try_set(sentence);
    }
}

impl Job {
    /// How far it is. Reactive.
    pub fn progress(&self) -> Progress {
        self.progress.get()
    }

    /// Whether every item has met its fate. Reactive.
    pub fn is_over(&self) -> bool {
        self.progress.with(Progress::is_over)
    }

    /// How far it is, not reactive.
    pub fn progress_now(&self) -> Progress {
        self.progress.get_untracked()
    }

    /// Whether it belongs to whoever is signed in, and has since it was begun. Not reactive.
    pub fn is_of_this_session(&self) -> bool {
        !self.is_ended.get() && self.owner.is_some() && self.owner == Session::get().whose()
    }

    /// Whether each item was done, not reactive.
    pub fn is_done(&self) -> bool {
        let progress = self.progress_now();
        progress.done == progress.total
    }

    /// Whether it waits for a person to press "Resume". Reactive.
    pub fn is_paused(&self) -> bool {
        self.progress
            .with(|progress| matches!(progress.state, RunState::Paused { .. }))
    }

    /// What came of it, in a sentence. Reactive.
    pub fn result(&self) -> Option<String> {
        self.result.get()
    }

    /// What came of the job, in a sentence, without following it.
    pub fn result_now(&self) -> Option<String> {
        self.result.get_untracked()
    }

    /// Says what came of it.
    pub fn set_result(&self, sentence: String) {
        self.result.set(Some(sentence));
    }

    /// Where it is said what is known so far, by what the job itself has begun.
    pub fn so_far(&self) -> SaidSoFar {
        SaidSoFar(self.result)
    }

    /// Pauses the job: nothing new is begun until [`Job::resume`].
    pub fn pause(&self) {
        self.handle.get_untracked().pause();
        self.look();
    }

    /// Goes on after a pause.
    pub fn resume(&self) {
        self.handle.get_untracked().resume(BrowserClock.now_ms());
        self.look();
    }

    /// Cancels the job: nothing new is begun any more.
    pub fn cancel(&self) {
        self.handle.get_untracked().cancel();
        self.look();
    }

    /// Whether it is over and something that it has done can be taken back. Not reactive.
    pub fn can_undo(&self) -> bool {
        let undo = self.spec.undo.as_ref();
        self.progress_now().is_over() && undo.is_some_and(|undo| !(undo.which)().is_empty())
    }

    /// Takes back what it has done, and each only once.
    pub fn undo(&self) {
        let Some(undo) = self.spec.undo.as_ref().filter(|_| self.can_undo()) else {
            return;
        };
        (undo.undo)(&(undo.which)());
        // Whoever shows the job looks again.
        self.look();
    }

    /// How often it was begun: once, and each retry.
    pub fn runs(&self) -> u32 {
        self.runs.get()
    }

    /// Whether what is left may be tried again. Reactive.
    pub fn may_retry(&self) -> bool {
        self.spec.may_retry.as_ref().is_none_or(|may| may())
    }

    /// Whether it is over, and something would be lost with its report. Reactive.
    pub fn is_only_here(&self) -> bool {
        let asked = self.spec.is_only_here.as_ref();
        self.is_over() && asked.is_some_and(|is_only_here| is_only_here())
    }

    /// Does the failed items again, and those that a cancelled job left undone; nothing while it
    /// is still at it.
    pub fn retry(&self) {
        self.retry_items(self.left_items());
    }

    /// The failed items, and those that were not done.
    fn left_items(&self) -> Vec<usize> {
        let last = self.handle.get_untracked();
        let mut items = last.failed_items();
        items.extend(last.items_not_done());
        items
    }

    /// The items whose answer was lost, in this run or one before: nobody knows whether they were done.
    /// Not reactive.
    pub fn lost_items(&self) -> Vec<usize> {
        let mut lost = self.lost_before.borrow().clone();
        lost.extend(self.handle.get_untracked().lost_items());
        lost
    }

    /// How many items of the last run nobody knows the end of although no answer was lost. Not reactive.
    pub fn untold(&self) -> usize {
        let lost = self.handle.get_untracked().lost_items();
        self.progress_now().unknown.saturating_sub(lost.len())
    }

    /// Asks whether to try these again as well, and does all that is left then.
    pub fn retry_lost(&self) {
        let (job, run) = (self.clone(), self.runs());
        let count = self.lost_items().len() as u64;
        Operations::get().propose(Proposal {
            title: t::job_lost_question(count),
            sentence: t::job_lost_text(),
            facts: Vec::new(),
            action: t::job_retry_lost(),
            danger: true,
            confirmation: Confirmation::Click,
            fields: None,
            run: Rc::new(move || {
                if job.runs() == run {
                    let mut items = job.left_items();
                    items.extend(job.lost_items());
                    job.retry_items(items);
                }
            }),
        });
    }

    /// Does these items again.
    pub fn retry_items(&self, items: Vec<usize>) {
        // Two at the same time would do the same items twice.
        let may = self.progress_now().is_over() && untrack(|| self.may_retry());
        if may && !items.is_empty() {
            self.result.set(None);
            self.run(items);
        }
    }

    /// The items that have not met their fate.
    pub(super) fn open_items(&self) -> Vec<usize> {
        let fates = self.handle.get_untracked().fates();
        let open = fates.into_iter().filter(|(_, fate)| fate.is_none());
        open.map(|(item, _)| item).collect()
    }

    /// Whether it was paused before its page was about to be left.
    pub(super) fn was_paused(&self) -> bool {
        self.was_paused.get()
    }

    /// What became of the items, as a file.
    pub fn report(&self) -> JobReport {
        (self.spec.report)()
    }

    fn look(&self) {
        let progress = self.handle.get_untracked().progress(BrowserClock.now_ms());
        self.progress.set(progress);
    }

    fn run(&self, items: Vec<usize>) {
        self.runs.set(self.runs.get() + 1);
        let known = match self.runs.get() {
            1 => self.spec.known.clone(),
            _ => Vec::new(),
        };
        let mut lost = self.lost_items();
        lost.retain(|item| !items.contains(item));
        self.lost_before.replace(lost);
        (self.spec.on_begin)(&items);
        let handle = runner::Run::going_on(items, self.spec.limits, known);
        self.handle.set(handle.clone());
        self.look();
        let over = Rc::new(Cell::new(false));
        spawn_local({
            let (job, over) = (self.clone(), Rc::clone(&over));
            async move {
                let work = Rc::clone(&job.spec.work);
                runner::run(&handle, &*work, &BrowserClock, &BrowserRandom).await;
                over.set(true);
                job.look();
                (job.spec.on_end)(&job);
            }
        });
        let job = self.clone();
        spawn_local(async move {
            let mut seen = 0;
            while !over.get() {
                BrowserClock.sleep(LOOK_EVERY_MS).await;
                let version = job.handle.get_untracked().version();
                let waits = job.progress.with_untracked(|progress| {
                    matches!(
                        progress.state,
                        RunState::WaitingRateLimit { .. } | RunState::WaitingServer { .. }
                    )
                });
                if !over.get() && (version != seen || waits) {
                    seen = version;
                    job.look();
                }
            }
        });
    }
}

/// All jobs of this tab. A handle: copies are the same.
#[derive(Clone, Copy)]
pub struct Jobs {
    all: RwSignal<Vec<Job>, LocalStorage>,
    /// The number of the next job.
    next: StoredValue<u32>,
    session: Session,
    /// Who owns the jobs' signals: the app. A job is begun by a button, whose own signals end
    /// with its dialog.
    owner: StoredValue<Owner>,
    /// Whether the browser asks before the tab is closed over unfinished ones.
    asks: StoredValue<bool>,
}

thread_local! {
    static JOBS: Cell<Option<Jobs>> = const { Cell::new(None) };
}

impl Jobs {
    /// No jobs yet. Asks before the tab is closed over unfinished ones.
    fn new() -> Self {
        let session = Session::get();
        let jobs = Jobs {
            all: RwSignal::new_local(Vec::new()),
            next: StoredValue::new(0),
            session,
            owner: StoredValue::new(Owner::current().unwrap_or_default()),
            asks: StoredValue::new(true),
        };
        // For as long as the tab.
        let _ = window_event_listener(leptos::ev::beforeunload, move |event| {
            if jobs.asks.get_value() && untrack(|| jobs.running() + jobs.only_here()) > 0 {
                event.prevent_default();
            }
        });
        leave::ask(PageKeeper {
            lost: Jobs::lost,
            hold: Jobs::hold,
            keep: Jobs::keep,
            back: Jobs::back,
        });
        // A job must never go on as somebody else, or on another server; and its report, which
        // may hold passwords, is not for others to see.
        Effect::new(move |_| {
            if session.account().is_none() {
                return;
            }
            let whose = session.whose();
            let is_own = |job: &Job| job.owner == whose;
            let foreign = jobs.all.with_untracked(|all| {
                all.iter()
                    .filter(|job| !is_own(job))
                    .cloned()
                    .collect::<Vec<_>>()
            });
            if !foreign.is_empty() {
                for job in &foreign {
                    job.is_ended.set(true);
                    job.cancel();
                }
                jobs.all.update(|all| all.retain(is_own));
            }
        });
        jobs
    }

    /// The jobs of this tab.
    pub fn get() -> Self {
        only_one::get(&JOBS, Jobs::new)
    }

    /// All jobs, newest first. Reactive.
    pub fn all(&self) -> Vec<Job> {
        self.all.with(|all| all.iter().rev().cloned().collect())
    }

    /// The numbers of all jobs, newest first. Reactive.
    pub fn ids(&self) -> Vec<u32> {
        self.all
            .with(|all| all.iter().rev().map(|job| job.id).collect())
    }

    /// A job by its number; not reactive.
    pub fn find(&self, id: u32) -> Option<Job> {
        self.all
            .with_untracked(|all| all.iter().find(|job| job.id == id).cloned())
    }

    /// Starts a job, and shows it in the list of jobs.
    pub fn start(&self, spec: Spec) -> Job {
        self.owner.get_value().with(|| self.begin(spec))
    }

    fn begin(&self, spec: Spec) -> Job {
        // None is given again, whatever is taken out of the list: reports are known by them.
        let id = self.next.get_value();
        self.next.set_value(id + 1);
        let empty = runner::Run::new(Vec::new(), spec.limits);
        let job = Job {
            id,
            title: spec.title.as_str().into(),
            route: spec.route.as_deref().map(Into::into),
            started: now(),
            owner: self.session.whose(),
            is_ended: Rc::default(),
            progress: RwSignal::new_local(empty.progress(BrowserClock.now_ms())),
            handle: RwSignal::new_local(empty),
            result: RwSignal::new(None),
            runs: Rc::default(),
            was_paused: Rc::default(),
            lost_before: Rc::default(),
            spec: Rc::new(spec),
        };
        self.all.update(|all| all.push(job.clone()));
        job.run(job.spec.items.clone());
        job
    }

    /// How many are not over. Reactive.
    pub fn running(&self) -> usize {
        self.all
            .with(|all| all.iter().filter(|job| !job.is_over()).count())
    }

    /// How many are over and have a report that is all that is left of something. Reactive.
    pub fn only_here(&self) -> usize {
        self.all
            .with(|all| all.iter().filter(|job| job.is_only_here()).count())
    }

    /// The person knows that the page is left and what becomes of the jobs: the browser does not ask
    /// again.
    pub fn are_left(&self) {
        self.asks.set_value(false);
    }

    /// Those that are not over.
    fn open() -> Vec<Job> {
        let mut open = Jobs::get().all.with_untracked(Clone::clone);
        open.retain(|job| !job.progress_now().is_over());
        open
    }

    /// What the jobs are called that end where the page is left, or whose report is lost there.
    fn lost() -> Vec<String> {
        let mut lost = Jobs::get().all.with_untracked(Clone::clone);
        lost.retain(|job| match job.progress_now().is_over() {
            true => untrack(|| job.is_only_here()),
            false => !job.spec.keep.as_ref().is_some_and(|keep| (keep.can)()),
        });
        lost.iter().map(|job| job.title.to_string()).collect()
    }

    fn hold() {
        for job in Jobs::open() {
            job.was_paused.set(untrack(|| job.is_paused()));
            job.pause();
        }
    }

    fn keep() {
        let keep = |job: &Job| {
            let keep = job.spec.keep.as_ref();
            keep.is_some_and(|keep| (keep.keep)(job))
        };
        // The browser asks about those that are lost.
        let mut is_all_kept = untrack(|| Jobs::get().only_here()) == 0;
        for job in Jobs::open() {
            is_all_kept &= keep(&job);
        }
        if is_all_kept {
            Jobs::get().are_left();
        }
    }

    fn back() {
        Jobs::get().asks.set_value(true);
        for key in Keep::ThisTab.keys(CARRIED) {
            Keep::ThisTab.remove(&format!("{CARRIED}{key}"));
        }
        let mut held = Jobs::open();
        held.retain(|job| !job.was_paused());
        held.iter().for_each(Job::resume);
    }

    /// Takes a finished job out of the list.
    pub fn remove(&self, id: u32) {
        self.all.update(|all| {
            all.retain(|job| job.id != id || !job.progress.with_untracked(Progress::is_over))
        });
    }
}
