//! A job that does the same to many targets, mostly with one request for each: the form of nearly
//! every change.

use super::activity::{Activity, Recorded, TOUCHED};
use super::job::{Job, JobReport, Jobs, KeepJob, OnItems, Spec, UndoJob};
use super::report;
use crate::actions::by_reason;
use crate::actions::touched::Log;
use crate::api::exchange::Network;
use crate::api::{Answer, ApiError, Call, mas};
use crate::components::toast::Toasts;
use crate::i18n::errors::{Explained, explain};
use crate::i18n::{reasons, t};
use crate::runner::wishes::{WishTurn, Wishes};
use crate::runner::{Fate, Limits, Reason, RunState, Step, Turn, Unheard, Work};
use futures_util::FutureExt;
use futures_util::future::LocalBoxFuture;
use std::cell::{Cell, RefCell};
use std::collections::{HashMap, HashSet};
use std::rc::Rc;

/// One thing that is changed, and the request that does it.
pub struct Target {
    /// What a person knows it by: a user ID, a file's mxc URI.
    pub name: String,
    pub call: Call,
}

thread_local! {
    static WISHES: Rc<Wishes> = Rc::default();
}

/// What is done to a target by its number. Whoever sends more than one request waits before each but
/// the first for [`Turn::goes_on`] or [`Turn::clear`], as [`Work::attempt`] says.
pub type OnTarget = Rc<dyn for<'a> Fn(usize, &'a Recorded, Turn<'a>) -> LocalBoxFuture<'a, Step>>;

/// The outcome of what was not touched, in reports.
const LEFT_OUT: &str = "left out";

/// Reads a successful answer. What is to be noted of a target is noted by [`OnFate`]: that it is done
/// may also be found out without an answer.
pub type ReadAnswer = Rc<dyn Fn(usize, &Answer) -> Result<(), ApiError>>;

/// Hears what has become of a target, by its number.
pub type OnFate = Rc<dyn Fn(usize, &Fate)>;

/// Makes a report of what has become of the targets, by their numbers; `None` of what is open.
pub type MakeReport = Rc<dyn Fn(&[Option<Fate>]) -> JobReport>;

/// A change to many targets, as it is put together.
pub struct TargetJob {
    title: String,
    /// The name of the change in the activity log.
    what: String,
    names: Rc<[String]>,
    deed: Made,
    limits: Limits,
    on_fate: OnFate,
    on_start: Rc<dyn Fn(&Job)>,
    on_begin: OnItems,
    on_end: Rc<dyn Fn(&Job)>,
    report: Option<MakeReport>,
    /// Takes back what was done.
    undo: Option<OnItems>,
    undoable: Rc<dyn Fn(usize) -> bool>,
    route: Option<String>,
    kept: bool,
    known: Vec<Option<Fate>>,
    unheard: Unheard,
    /// What of the targets it changes.
    fields: Vec<String>,
    keep: Option<Keep>,
    can_keep: Rc<dyn Fn() -> bool>,
}

/// How far a job is, target by target.
pub struct JobStanding {
    /// `None` of what is open.
    pub fates: Vec<Option<Fate>>,
    /// Those at which it is.
    pub under_way: HashSet<usize>,
    /// Whether it was told to begin nothing more.
    pub is_ending: bool,
}

/// Keeps a job that stands so; whether it is kept.
type Keep = Rc<dyn Fn(&Job, &JobStanding) -> bool>;

/// How it is done.
enum Made {
    Calls(Vec<Call>),
    Deed(OnTarget),
}

impl TargetJob {
    /// A change called `title`, which is also its name in the activity log.
    pub fn new(title: String, targets: Vec<Target>) -> Self {
        let (names, calls): (Vec<String>, Vec<Call>) = targets
            .into_iter()
            .map(|target| (target.name, target.call))
            .unzip();
        Self::made(title, names, Made::Calls(calls))
    }

    /// A change of one thing, which is called `name` in report and log.
    pub fn one(title: String, name: String, call: Call) -> Self {
        Self::new(title, vec![Target { name, call }])
    }

    /// A job for what takes more than one request: `deed` does it to the target of that name.
    pub fn doing(title: String, names: Vec<String>, deed: OnTarget) -> Self {
        Self::made(title, names, Made::Deed(deed))
    }

    fn made(title: String, names: Vec<String>, deed: Made) -> Self {
        TargetJob {
            what: title.clone(),
            title,
            names: names.into(),
            deed,
            limits: Limits::default(),
            on_fate: Rc::new(|_, _| ()),
            on_start: Rc::new(|_| ()),
            on_begin: Rc::new(|_| ()),
            on_end: Rc::new(|_| ()),
            report: None,
            undo: None,
            undoable: Rc::new(|_| true),
            route: None,
            kept: false,
            known: Vec::new(),
            unheard: Unheard::default(),
            fields: Vec::new(),
            keep: None,
            can_keep: Rc::new(|| true),
        }
    }

    /// Goes on: this is what has become of the targets so far, by their numbers.
    pub fn knowing(mut self, fates: Vec<Option<Fate>>) -> Self {
        self.known = fates;
        self
    }

    /// Goes on: something was sent for these before, and may have been carried out.
    pub fn unsure_of(self, numbers: impl Iterator<Item = usize>) -> Self {
        numbers.for_each(|number| self.unheard.is_begun(number));
        self
    }

    /// Changes these of the targets, as other jobs may: of what is wished of one and the same, the last holds.
    pub fn of_fields(mut self, fields: impl IntoIterator<Item = String>) -> Self {
        self.fields.extend(fields);
        self
    }

    /// Is kept by this where its page is left in order to sign in again.
    pub fn kept_by(mut self, keep: impl Fn(&Job, &JobStanding) -> bool + 'static) -> Self {
        self.keep = Some(Rc::new(keep));
        self
    }

    /// Is kept as long as this says so, as far as one knows without trying.
    pub fn kept_if(mut self, can: impl Fn() -> bool + 'static) -> Self {
        self.can_keep = Rc::new(can);
        self
    }

    /// Is kept by itself wherever its page is left, as long as this says so.
    pub fn kept_while(self, can: impl Fn() -> bool + 'static) -> Self {
        let can: Rc<dyn Fn() -> bool> = Rc::new(can);
        let is_kept = Rc::clone(&can);
        self.kept_if(move || can()).kept_by(move |_, _| is_kept())
    }

    /// Where a person sees more of it.
    pub fn at(mut self, route: String) -> Self {
        self.route = Some(route);
        self
    }

    /// Does one after another: for what keeps the server busy.
    pub fn one_by_one(mut self) -> Self {
        self.limits = Limits::one_by_one();
        self
    }

    /// Is called for each target that meets its fate, however that is found out, and for those
    /// of which it is known from before.
    pub fn on_fate(mut self, on_fate: OnFate) -> Self {
        self.on_fate = on_fate;
        self
    }

    /// Is called with the job before anything is done.
    pub fn on_start(mut self, on_start: impl Fn(&Job) + 'static) -> Self {
        self.on_start = Rc::new(on_start);
        self
    }

    /// Is called with the numbers of those that are about to be done, before each retry again.
    pub fn on_begin(mut self, on_begin: impl Fn(&[usize]) + 'static) -> Self {
        self.on_begin = Rc::new(on_begin);
        self
    }

    /// Is called when all is done, and after each retry again; after those that were given
    /// before.
    pub fn on_end(mut self, on_end: impl Fn(&Job) + 'static) -> Self {
        let before = self.on_end;
        self.on_end = Rc::new(move |job| {
            before(job);
            on_end(job);
        });
        self
    }

    /// Makes the report, where the usual one does not say enough.
    pub fn reporting(mut self, report: impl Fn(&[Option<Fate>]) -> JobReport + 'static) -> Self {
        self.report = Some(Rc::new(report));
        self
    }

    /// The activity log keeps the report.
    pub fn kept(mut self) -> Self {
        self.kept = true;
        self
    }

    /// Offers to take back what was done once it has ended; `undo` is told what that is.
    pub fn undo(mut self, undo: impl Fn(&[usize]) + 'static) -> Self {
        self.undo = Some(Rc::new(undo));
        self
    }

    /// Which of those that were done can be taken back: all, unless this says otherwise.
    pub fn undoable(mut self, undoable: impl Fn(usize) -> bool + 'static) -> Self {
        self.undoable = Rc::new(undoable);
        self
    }

    /// Starts the job. A message tells how it ended.
    pub fn start(self) -> Job {
        let toasts = Toasts::get();
        let count = self.names.len();
        let mut known = self.known;
        known.resize(count, None);
        for (number, fate) in known.iter().enumerate() {
            if let Some(fate) = fate {
                (self.on_fate)(number, fate);
            }
        }
        let fates: Fates = Rc::new(RefCell::new(known.clone()));
        let under_way: Rc<RefCell<HashSet<usize>>> = Rc::default();
        let names = self.names;
        let known_by = Rc::clone(&names);
        let deed = match self.deed {
            Made::Deed(deed) => deed,
            Made::Calls(calls) => sending(calls, false, Rc::new(|_, _| Ok(()))),
        };
        let fields = self.fields;
        let wished = (!fields.is_empty()).then(|| {
            let things = known_by.iter().map(|name| {
                let things = fields.iter().map(|field| format!("{field} {name}"));
                things.collect()
            });
            Rc::new(OurWishes {
                all: WISHES.with(Rc::clone),
                things: things.collect(),
                numbers: RefCell::new(HashMap::new()),
            })
        });
        // Of some it is known from before what has become of them: these are not begun.
        let over = known.iter().enumerate().filter(|(_, fate)| fate.is_some());
        let over: RefCell<HashSet<usize>> = RefCell::new(over.map(|(number, _)| number).collect());
        let on_begin = {
            let (wished, on_begin) = (wished.clone(), self.on_begin);
            move |items: &[usize]| {
                let over = over.take();
                if let Some(wished) = &wished {
                    let begun = items.iter().filter(|item| !over.contains(item));
                    wished.begin(begun.copied());
                }
                on_begin(items);
            }
        };
        let work = Rc::new(Deeds {
            wished,
            network: Recorded::new(&self.what),
            unheard: Rc::new(self.unheard),
            deed,
            fates: Rc::clone(&fates),
            under_way: Rc::clone(&under_way),
            on_fate: self.on_fate,
        });
        let report = self
            .report
            .unwrap_or_else(|| Rc::new(move |fates| report_of(&names, fates)));
        let standing = {
            let fates = Rc::clone(&fates);
            move |job: &Job| {
                let mut fates = fates.borrow().clone();
                for item in job.open_items() {
                    fates[item] = None;
                }
                let state = job.progress_now().state;
                JobStanding {
                    fates,
                    under_way: under_way.borrow().clone(),
                    is_ending: matches!(state, RunState::Cancelled | RunState::Stopped),
                }
            }
        };
        let keep = self.keep.map(|keep| KeepJob {
            can: self.can_keep,
            keep: Rc::new(move |job: &Job| keep(job, &standing(job))),
        });
        let (title, on_end) = (self.title.clone(), self.on_end);
        // When, as the log of what is touched counts.
        let ended_at: Rc<Cell<u64>> = Rc::default();
        let over = Rc::clone(&ended_at);
        let undo = self.undo.map(|undo| {
            let (fates, undoable) = (Rc::clone(&fates), self.undoable);
            let taken_back: Rc<RefCell<HashSet<usize>>> = Rc::default();
            let is_taken_back = Rc::clone(&taken_back);
            let ended_at = Rc::clone(&ended_at);
            UndoJob {
                which: Rc::new(move || {
                    let mut which = done(&fates.borrow());
                    let is_taken_back = is_taken_back.borrow();
                    // What has been done to one since is not this change any more.
                    let at = ended_at.get();
                    let (users, rooms) =
                        TOUCHED.with_borrow(|log| (log.users_since(at), log.rooms_since(at)));
                    which.retain(|number| {
                        let name = &known_by[*number];
                        undoable(*number)
                            && !is_taken_back.contains(number)
                            && !users.names(name)
                            && !rooms.names(name)
                    });
                    which
                }),
                undo: Rc::new(move |which| {
                    taken_back.borrow_mut().extend(which);
                    undo(which);
                }),
            }
        });
        let kept = self.kept;
        let ended = Rc::clone(&fates);
        let job = Jobs::get().start(Spec {
            title: self.title,
            route: self.route,
            items: (0..count).collect(),
            limits: self.limits,
            work,
            report: Rc::new(move || report(&fates.borrow())),
            known,
            keep,
            may_retry: None,
            is_only_here: None,
            on_begin: Rc::new(on_begin),
            on_end: Rc::new(move |job| {
                over.set(TOUCHED.with_borrow(Log::moment));
                on_end(job);
                // What became of it is not for whoever has signed in since.
                if !job.is_of_this_session() {
                    return;
                }
                if kept {
                    Activity::get().keep(job);
                }
                tell(toasts, &title, job, &ended);
            }),
            undo,
        });
        // What it does is begun once whoever has started it is through.
        (self.on_start)(&job);
        job
    }
}

/// Says how a job ended.
fn tell(toasts: Toasts, title: &str, job: &Job, fates: &Fates) {
    let progress = job.progress_now();
    let left_out = by_reason(fates.borrow().iter().filter_map(|fate| match fate {
        Some(Fate::LeftOut(reason)) => Some(*reason),
        _ => None,
    }));
    if !left_out.is_empty() {
        let result = job.result_now().unwrap_or_else(t::job_finished);
        let mut parts = vec![result];
        parts.extend(
            left_out
                .iter()
                .map(|(reason, count)| reasons::counted(*reason, *count)),
        );
        job.set_result(parts.join(" · "));
    }
    let left = progress.failed + progress.not_done;
    let lost = job.lost_items().len() as u64;
    let (job, can_undo) = (job.clone(), job.can_undo());
    if left == 0 && lost == 0 {
        let result = job.result_now().unwrap_or_else(t::job_finished);
        let text = t::job_toast_done(&result, title);
        return match can_undo {
            true => toasts.good_with(text, t::undo(), move || job.undo()),
            false if progress.unknown > 0 => toasts.info(text),
            false if progress.done == 0 && progress.left_out > 0 => toasts.info(text),
            false => toasts.good(text),
        };
    }
    // Why, where it is only one; the report has all.
    let only = match fates.borrow().as_slice() {
        [Some(Fate::Failed(error) | Fate::Unknown(error))] => Some(explain(error)),
        _ => None,
    };
    let explained = Explained {
        sentence: match (left as u64, lost) {
            (left, 0) => t::job_toast_left(left, title),
            (0, lost) => t::job_toast_done(&t::job_toast_lost(lost), title),
            (left, lost) => {
                let left = t::job_toast_left(left, title);
                format!("{left} {}", t::job_toast_lost(lost))
            }
        },
        hint: match &only {
            Some(why) => format!("{} {}", why.sentence, why.hint),
            None if can_undo => t::job_toast_left_undo(),
            None => t::job_toast_left_hint(),
        },
        details: only.map(|why| why.details).unwrap_or_default(),
    };
    if left == 0 {
        // To try that again takes a question, which the list of jobs asks.
        return toasts.bad(explained);
    }
    // Who has tried again elsewhere meanwhile need not do so here.
    let run = job.runs();
    toasts.bad_with_retry(explained, move || {
        if job.runs() == run {
            job.retry();
        }
    });
}

/// The numbers of those that were done.
fn done(fates: &[Option<Fate>]) -> Vec<usize> {
    let done = fates
        .iter()
        .enumerate()
        .filter(|(_, fate)| matches!(fate, Some(Fate::Done)));
    done.map(|(number, _)| number).collect()
}

/// What has become of a target, in a word of a report, and why.
pub fn outcome(fate: Option<&Fate>) -> (&'static str, String) {
    match fate {
        Some(Fate::Done) => ("done", String::new()),
        Some(Fate::Failed(error)) => ("failed", report::error_text(error)),
        Some(Fate::LeftOut(reason)) => (LEFT_OUT, reasons::words(*reason)),
        Some(Fate::Unknown(error)) => ("unknown", report::error_text(error)),
        Some(Fate::NotDone) => ("not done", String::new()),
        None => ("open", String::new()),
    }
}

fn report_of(names: &[String], fates: &[Option<Fate>]) -> JobReport {
    let rows = names.iter().zip(fates).map(|(name, fate)| {
        let (outcome, error) = outcome(fate.as_ref());
        [name.clone(), outcome.to_owned(), error]
    });
    JobReport {
        file_name: crate::browser::download::dated("report", "csv"),
        csv: report::csv(&["target", "outcome", "error"], rows),
    }
}

/// What became of each target.
type Fates = Rc<RefCell<Vec<Option<Fate>>>>;

/// One request for each target. `missing_is_done`: what is not there any more is as good as
/// deleted.
pub fn sending(calls: Vec<Call>, missing_is_done: bool, read: ReadAnswer) -> OnTarget {
    let calls: Rc<[Call]> = calls.into();
    Rc::new(move |item, network, _turn| {
        let (calls, read) = (Rc::clone(&calls), Rc::clone(&read));
        async move {
            let call = &calls[item];
            let error = match network.exchange(call).await {
                Ok(answer) => match ApiError::of(&answer) {
                    None => {
                        return match read(item, &answer) {
                            Ok(()) => Step::Done,
                            Err(error) => Step::Failed(error),
                        };
                    }
                    Some(error) => error,
                },
                Err(error) => error,
            };
            // Perhaps by its own first try, whose answer was lost.
            if mas::is_done_already(call, &error) {
                return Step::Done;
            }
            // Nobody knows whether it was carried out.
            if !call.idempotent && error.may_be_under_way() {
                return Step::Unknown(error);
            }
            if missing_is_done && error.is_not_found() {
                return Step::Done;
            }
            Step::from_error(error)
        }
        .boxed_local()
    })
}

/// What a job wishes of its targets, as far as others may wish something else of the same.
struct OurWishes {
    all: Rc<Wishes>,
    /// By the numbers of the targets.
    things: Vec<Vec<String>>,
    /// The numbers of the wishes that have not met their end, by those of the targets.
    numbers: RefCell<HashMap<usize, u64>>,
}

impl OurWishes {
    fn begin(&self, items: impl Iterator<Item = usize>) {
        for item in items {
            let number = self.all.add(&self.things[item]);
            self.numbers.borrow_mut().insert(item, number);
        }
    }

    async fn turn(&self, item: usize) -> Result<Option<WishTurn<'_>>, Step> {
        let number = self.numbers.borrow().get(&item).copied();
        let Some(number) = number else {
            return Ok(None);
        };
        match self.all.turn(&self.things[item], number).await {
            Some(turn) => Ok(Some(turn)),
            None => Err(Step::LeftOut(Reason::Replaced)),
        }
    }

    fn ended(&self, item: usize, fate: &Fate) {
        if let Some(number) = self.numbers.borrow_mut().remove(&item) {
            self.all.ended(&self.things[item], number, fate);
        }
    }
}

struct Deeds {
    wished: Option<Rc<OurWishes>>,
    network: Recorded,
    unheard: Rc<Unheard>,
    deed: OnTarget,
    fates: Fates,
    under_way: Rc<RefCell<HashSet<usize>>>,
    on_fate: OnFate,
}

impl Deeds {
    /// Waits until no other job changes what this one is to change, unless something else is wished since.
    async fn wished_turn(&self, item: usize) -> Result<Option<WishTurn<'_>>, Step> {
        match &self.wished {
            Some(wished) => wished.turn(item).await,
            None => Ok(None),
        }
    }
}

impl Work for Deeds {
    fn attempt<'a>(&'a self, item: usize, turn: Turn<'a>) -> LocalBoxFuture<'a, Step> {
        let network = self.network.heard_by(item, &self.unheard);
        async move {
            let step = match turn.after(self.wished_turn(item)).await {
                Ok(Ok(_kept)) => {
                    self.under_way.borrow_mut().insert(item);
                    (self.deed)(item, &network, turn).await
                }
                Ok(Err(step)) | Err(step) => step,
            };
            self.under_way.borrow_mut().remove(&item);
            step
        }
        .boxed_local()
    }

    fn ping(&self) -> LocalBoxFuture<'_, Result<(), ApiError>> {
        self.network.ping().boxed_local()
    }

    fn unheard(&self, item: usize) -> Option<ApiError> {
        self.unheard.of(item)
    }

    fn settled(&self, item: usize, fate: &Fate) {
        self.unheard.settled(item, fate);
        if let Some(wished) = &self.wished {
            wished.ended(item, fate);
        }
        self.fates.borrow_mut()[item] = Some(fate.clone());
        (self.on_fate)(item, fate);
    }
}
