//! A job made of one request per target: the form of nearly every change.

use super::activity::Recorded;
use super::job::{Job, Jobs, Report, Spec};
use super::report;
use crate::api::exchange::Network;
use crate::api::{Answer, ApiError, Call};
use crate::components::toast::Toasts;
use crate::i18n::t;
use crate::runner::{self, Fate, Limits, Step, Turn, Work};
use futures_util::FutureExt;
use futures_util::future::LocalBoxFuture;
use std::cell::RefCell;
use std::rc::Rc;

/// One thing that is changed, and the request that does it.
pub struct Target {
    /// What a person knows it by: a user ID, a file's mxc URI.
    pub name: String,
    pub call: Call,
}

/// Reads a successful answer.
type Read = Rc<dyn Fn(usize, &Answer) -> Result<(), ApiError>>;

/// A change to many targets, as it is put together.
pub struct TargetJob {
    title: String,
    /// The name of the change in the activity log.
    what: String,
    targets: Vec<Target>,
    limits: Limits,
    missing_is_done: bool,
    read: Read,
    on_end: Rc<dyn Fn(&Job)>,
    report: Option<Rc<dyn Fn() -> Report>>,
    undo: Option<Rc<dyn Fn()>>,
}

impl TargetJob {
    /// A change called `title`, which is also its name in the activity log.
    pub fn new(title: String, targets: Vec<Target>) -> Self {
        TargetJob {
            what: title.clone(),
            title,
            targets,
            limits: Limits::default(),
            missing_is_done: false,
            read: Rc::new(|_, _| Ok(())),
            on_end: Rc::new(|_| ()),
            report: None,
            undo: None,
        }
    }

    /// Does one after another: for what keeps the server busy.
    pub fn one_by_one(mut self) -> Self {
        self.limits = Limits::one_by_one();
        self
    }

    /// What is not there any more is as good as deleted.
    pub fn missing_is_done(mut self) -> Self {
        self.missing_is_done = true;
        self
    }

    /// Looks at each successful answer.
    pub fn reading(
        mut self,
        read: impl Fn(usize, &Answer) -> Result<(), ApiError> + 'static,
    ) -> Self {
        self.read = Rc::new(read);
        self
    }

    /// Is called when all is done, and after each retry again.
    pub fn on_end(mut self, on_end: impl Fn(&Job) + 'static) -> Self {
        self.on_end = Rc::new(on_end);
        self
    }

    /// Makes the report, where it is about something else than the targets.
    pub fn reporting(mut self, report: impl Fn() -> Report + 'static) -> Self {
        self.report = Some(Rc::new(report));
        self
    }

    /// Offers to take it back once all is done.
    pub fn undo(mut self, undo: impl Fn() + 'static) -> Self {
        self.undo = Some(Rc::new(undo));
        self
    }

    /// Begins. A message tells how it ended.
    pub fn start(self) -> Job {
        let toasts = Toasts::get();
        let count = self.targets.len();
        let fates = Rc::new(RefCell::new(vec![None; count]));
        let names: Rc<[String]> = self
            .targets
            .iter()
            .map(|target| target.name.clone())
            .collect();
        let work = Rc::new(Calls {
            network: Recorded::new(&self.what),
            targets: self.targets,
            fates: Rc::clone(&fates),
            missing_is_done: self.missing_is_done,
            read: self.read,
        });
        let (title, on_end, undo) = (self.title.clone(), self.on_end, self.undo);
        Jobs::get().start(Spec {
            title: self.title,
            route: None,
            items: (0..count).collect(),
            limits: self.limits,
            work,
            report: self
                .report
                .unwrap_or_else(|| Rc::new(move || report_of(&names, &fates.borrow()))),
            on_end: Rc::new(move |job| {
                on_end(job);
                tell(toasts, &title, job, undo.clone());
            }),
        })
    }
}

/// Says how a job ended.
fn tell(toasts: Toasts, title: &str, job: &Job, undo: Option<Rc<dyn Fn()>>) {
    let progress = job.progress();
    let left = progress.failed + progress.not_done;
    if left == 0 {
        let result = job.result().unwrap_or_else(t::job_finished);
        let text = t::job_toast_done(&result, title);
        match undo {
            Some(undo) => toasts.good_with(text, t::undo(), move || undo()),
            None => toasts.good(text),
        }
    } else {
        let job = job.clone();
        toasts.bad_with_retry(
            crate::i18n::errors::Explained {
                sentence: t::job_toast_left(left as u64, title),
                hint: t::job_toast_left_hint(),
                details: String::new(),
            },
            move || job.retry(),
        );
    }
}

fn report_of(names: &[String], fates: &[Option<Fate>]) -> Report {
    let rows = names.iter().zip(fates).map(|(name, fate)| {
        let (outcome, error) = match fate {
            Some(Fate::Done) => ("done", String::new()),
            Some(Fate::Failed(error)) => ("failed", report::error_text(error)),
            Some(Fate::NotDone) => ("not done", String::new()),
            None => ("open", String::new()),
        };
        [name.clone(), outcome.to_owned(), error]
    });
    Report {
        file_name: crate::components::download::dated("report", "csv"),
        csv: report::csv(&["target", "outcome", "error"], rows),
    }
}

struct Calls {
    network: Recorded,
    targets: Vec<Target>,
    fates: Rc<RefCell<Vec<Option<Fate>>>>,
    missing_is_done: bool,
    read: Read,
}

impl Work for Calls {
    fn attempt<'a>(&'a self, item: usize, _turn: Turn<'a>) -> LocalBoxFuture<'a, Step> {
        async move {
            let call = &self.targets[item].call;
            let error = match self.network.exchange(call).await {
                Ok(answer) if (200..300).contains(&answer.status) => {
                    match (self.read)(item, &answer) {
                        Ok(()) => return Step::Done,
                        Err(error) => return Step::Failed(error),
                    }
                }
                Ok(answer) => ApiError::from_answer(&answer),
                // Nobody knows whether it was carried out.
                Err(error) if !call.idempotent => return Step::Failed(error),
                Err(error) => error,
            };
            if self.missing_is_done && error.is_not_found() {
                return Step::Done;
            }
            Step::from_error(error)
        }
        .boxed_local()
    }

    fn ping(&self) -> LocalBoxFuture<'_, Result<(), ApiError>> {
        runner::ping(&self.network).boxed_local()
    }

    fn settled(&self, item: usize, fate: &Fate) {
        self.fates.borrow_mut()[item] = Some(fate.clone());
    }
}
