//! Carrying out an action: each target is asked about right before, what must not or need not be
//! done is left out with its reason, and what was changed can be put back.

use super::carried;
use super::followed::{Begin, FollowedKind, Order};
use super::job::Job;
use super::targets::{MakeReport, OnFate};
use super::{OnTarget, Recorded, TargetJob};
use crate::actions::{About, Reversibility, SentBefore, Verdict, stays_unsure};
use crate::api::ApiError;
use crate::runner::stood::{Stood, fits};
use crate::runner::{Fate, Reason, Step, Turn};
pub use crate::runner::{may_have_been_done, may_have_changed};
use futures_util::FutureExt;
use futures_util::future::LocalBoxFuture;
use std::cell::RefCell;
use std::rc::Rc;

/// Asks the server about a target, by its number.
pub type Check =
    Rc<dyn for<'a> Fn(usize, &'a Recorded) -> LocalBoxFuture<'a, Result<Verdict, ApiError>>>;

/// The change that puts back what was done to the targets with these numbers.
pub type Back = Rc<dyn Fn(&[usize]) -> Act>;

/// How it is done to a target.
pub enum How {
    /// With requests that are over when they are answered.
    Do(OnTarget),
    /// The server is told to begin, and is followed to the end.
    Follow(&'static FollowedKind, Order, Begin),
}

/// How an action is made again once its page has been left in order to sign in again.
#[derive(Clone)]
pub struct Again {
    /// The name of the maker, as [`carried::go_on`] gets it.
    pub maker: &'static str,
    /// What the maker has to know, with all targets; nothing if it cannot be kept.
    pub order: Rc<dyn Fn() -> Option<String>>,
}

impl Again {
    /// By this maker, from what this makes. Nothing secret must be in it.
    pub fn new(maker: &'static str, order: impl Fn() -> Option<String> + 'static) -> Self {
        Again {
            maker,
            order: Rc::new(order),
        }
    }
}

/// An action that is about to be done to certain targets.
pub struct Act {
    pub about: &'static About,
    /// What the targets are called in report and log: their IDs.
    pub names: Vec<String>,
    /// What a person knows the first by.
    pub first: String,
    /// Asks about each right before it is acted upon.
    pub check: Option<Check>,
    /// Asks then what takes a request of its own, and must still be so. Also where `check` asks nothing.
    pub check_more: Option<Check>,
    pub how: How,
    /// One after another: for what keeps the server busy.
    pub one_by_one: bool,
    /// The change that puts back what this one did to the targets with these numbers.
    pub back: Option<Back>,
    /// Hears what has become of each.
    pub on_fate: OnFate,
    /// The report, where the usual one does not say enough.
    pub report: Option<MakeReport>,
    /// Called when it has ended.
    pub on_end: Rc<dyn Fn(&Job)>,
    /// Whether the activity log keeps the report.
    pub kept: bool,
    /// How it is made again; nothing if it ends where its page is left.
    pub again: Option<Again>,
    /// Whether it must not be done to a target again of which nobody knows whether it has been.
    pub once: bool,
    /// Whether a request may be under way at a target, by its number, as what does it knows. It waits for
    /// that then and sends nothing.
    pub is_lost: Option<IsLost>,
}

/// Whether a request may be under way at a target, by its number.
pub type IsLost = Rc<dyn Fn(usize) -> bool>;

/// How far an action was when its page was left.
pub(super) struct Before {
    /// Whether it took back what another has done.
    pub takes_back: bool,
    /// By the numbers of the targets.
    pub stood: Vec<Stood>,
}

impl Act {
    /// The action, done with these requests to targets of these names.
    pub fn new(about: &'static About, names: Vec<String>, first: String, how: How) -> Self {
        Act {
            about,
            names,
            first,
            check: None,
            check_more: None,
            how,
            one_by_one: false,
            back: None,
            on_fate: Rc::new(|_, _| ()),
            report: None,
            on_end: Rc::new(|_| ()),
            kept: false,
            again: None,
            once: false,
            is_lost: None,
        }
    }

    /// Its name: "Lock @jane:example.org", "Lock 12 users".
    pub fn title(&self) -> String {
        self.about.title(self.names.len(), &self.first)
    }
}

/// What is remembered of a target between tries.
#[derive(Clone, Copy, Default)]
struct Tried {
    /// Whether the state before the first try is known.
    undoable: bool,
    /// A request was sent, and nobody knows whether it was carried out.
    unsure: bool,
    /// That was the last that was sent: whoever has had an answer since is asked about again.
    just_lost: bool,
    /// Nothing of this try has been sent that changes anything: it is still being asked about.
    asking: bool,
}

type Memory = Rc<RefCell<Vec<Tried>>>;

/// Starts the job of an action. `on_change` is called when something may have changed.
pub fn start(act: Act, on_change: Rc<dyn Fn()>) -> Job {
    run(act, Before::nothing(false), on_change)
}

/// Goes on with an action that was begun before its page was left.
pub(super) fn go_on(act: Act, before: Before, on_change: Rc<dyn Fn()>) -> Job {
    run(act, before, on_change)
}

impl Before {
    fn nothing(takes_back: bool) -> Self {
        Before {
            takes_back,
            stood: Vec::new(),
        }
    }
}

fn run(act: Act, before: Before, on_change: Rc<dyn Fn()>) -> Job {
    let title = act.title();
    let Before { takes_back, stood } = before;
    let mut tried = vec![Tried::default(); act.names.len()];
    for (tried, stood) in tried.iter_mut().zip(&stood) {
        tried.undoable = *stood == Stood::Done(true);
        tried.unsure = matches!(stood, Stood::UnderWay | Stood::Unsure);
        tried.just_lost = tried.unsure;
    }
    let unsure: Vec<usize> = (0..tried.len()).filter(|n| tried[*n].unsure).collect();
    let memory: Memory = Rc::new(RefCell::new(tried));
    let known = stood.into_iter().map(|stood| match stood {
        Stood::UnderWay | Stood::Unsure if act.once => Some(Fate::Unknown(ApiError::Cancelled)),
        stood => stood.fate(),
    });
    let known: Vec<Option<Fate>> = known.collect();
    let asking = Asking {
        check: act.check,
        check_more: act.check_more.filter(|_| !takes_back),
        memory: Rc::clone(&memory),
        is_lost: act.is_lost,
        takes_back,
    };
    let asked = asking.clone();
    // What is followed is kept by itself.
    let again = act.again.filter(|_| matches!(act.how, How::Do(_)));
    let mut job = match act.how {
        How::Do(deed) => TargetJob::doing(title, act.names, asked_deed(asking, deed)),
        How::Follow(kind, order, begin) => {
            kind.begin(title, act.names, &order, asked_begin(asking, begin))
        }
    };
    if act.one_by_one {
        job = job.one_by_one();
    }
    if act.kept {
        job = job.kept();
    }
    let field = act
        .back
        .as_ref()
        .map(|back| field(act.about, back(&[]).about));
    job = job
        .of_fields(field)
        .knowing(known)
        .unsure_of(unsure.into_iter())
        .on_fate(act.on_fate);
    if let Some(again) = again {
        let (count, order) = (memory.borrow().len(), Rc::clone(&again.order));
        job = job.kept_if(move || order().is_some_and(|order| fits(order.len(), count)));
        job = job.kept_by(move |job, standing| {
            let known = |number: usize| {
                let Tried {
                    undoable, asking, ..
                } = asked.memory.borrow()[number];
                let SentBefore { is_unsure, is_lost } = asked.sent(number);
                // Who waits for what was sent knows whether it was.
                let is_under_way = match asked.is_lost {
                    Some(_) => is_lost,
                    None => standing.under_way.contains(&number) && !asking,
                };
                let open = match (is_under_way, is_unsure) {
                    (true, _) => Stood::UnderWay,
                    (false, true) => Stood::Unsure,
                    (false, false) => Stood::Open,
                };
                (undoable, open)
            };
            carried::keep(&again, job, takes_back, standing, &known)
        });
    }
    if let Some(report) = act.report {
        job = job.reporting(move |fates| report(fates));
    }
    if let Some(back) = act.back
        && act.about.reversibility == Reversibility::Reversible
    {
        let on_change = Rc::clone(&on_change);
        job = job
            .undo(move |done| {
                // A second change, with the same questions: whoever was changed by somebody else
                // meanwhile, or must not be touched, is left out of it.
                let takes_back = Before::nothing(true);
                run(back(done), takes_back, Rc::clone(&on_change));
            })
            .undoable(move |number| memory.borrow()[number].undoable);
    }
    let on_end = act.on_end;
    job.on_end(move |job| {
        on_end(job);
        on_change();
    })
    .start()
}

/// What an action changes of its targets, which is what the one that takes it back changes as well.
fn field(about: &About, back: &About) -> String {
    let mut labels = [(about.label)(), (back.label)()];
    labels.sort();
    labels.join(" ")
}

/// What every target is asked.
#[derive(Clone)]
struct Asking {
    check: Option<Check>,
    check_more: Option<Check>,
    memory: Memory,
    is_lost: Option<IsLost>,
    takes_back: bool,
}

impl Asking {
    fn sent(&self, number: usize) -> SentBefore {
        let is_lost = self.is_lost.as_ref();
        SentBefore {
            is_unsure: self.memory.borrow()[number].unsure,
            is_lost: is_lost.is_some_and(|is_lost| is_lost(number)),
        }
    }

    /// Whether nobody knows whether what was sent last was carried out. What has been asked since may have
    /// ended otherwise.
    fn is_unsure(&self, number: usize) -> bool {
        self.memory.borrow()[number].just_lost || self.sent(number).is_lost
    }

    /// Asks whether it may be done, as long as anybody wants it; else what becomes of it.
    async fn before(&self, number: usize, network: &Recorded, turn: &Turn<'_>) -> Result<(), Step> {
        let is_asking = |asking| self.memory.borrow_mut()[number].asking = asking;
        is_asking(true);
        let mut may = self.ask(number, network).await;
        // Who waits for what was sent sends nothing more, and tells by itself what is not known then.
        if may.is_ok() && self.asks() && !self.sent(number).is_lost {
            may = turn.goes_on().await;
        }
        is_asking(false);
        may
    }

    /// Whether it may be done; else what becomes of it.
    async fn ask(&self, number: usize, network: &Recorded) -> Result<(), Step> {
        let unsure = self.is_unsure(number);
        let mut verdict = match &self.check {
            Some(check) => check(number, network).await,
            None => Ok(Verdict::Go { undoable: false }),
        };
        if let (Ok(Verdict::Go { .. }), Some(more), false) = (&verdict, &self.check_more, unsure)
            && let leave @ (Ok(Verdict::Leave(_)) | Err(_)) = more(number, network).await
        {
            verdict = leave;
        }
        let reason = match verdict {
            Ok(Verdict::Go { undoable }) => {
                if !unsure {
                    self.memory.borrow_mut()[number].undoable = undoable;
                }
                return Ok(());
            }
            Ok(Verdict::Leave(reason)) => reason,
            Err(error) if error.is_not_found() => Reason::Gone,
            Err(error) => return Err(Step::from_error(error)),
        };
        match self.sent(number).left(reason, self.takes_back) {
            Some(step) => Err(step),
            None => Ok(()),
        }
    }

    /// Whether there is anything to ask, which takes a while.
    fn asks(&self) -> bool {
        self.check.is_some() || self.check_more.is_some()
    }

    /// Notes what the end of a try says about whether something was sent.
    fn note(&self, number: usize, error: Option<&ApiError>) {
        let tried = &mut self.memory.borrow_mut()[number];
        tried.unsure = stays_unsure(tried.unsure, error);
        tried.just_lost = stays_unsure(false, error);
    }
}

/// Asks about each of so many targets right before, for a change that is no action of a table.
pub fn asked(count: usize, check: Check, deed: OnTarget) -> OnTarget {
    let asking = Asking {
        check: Some(check),
        check_more: None,
        memory: Rc::new(RefCell::new(vec![Tried::default(); count])),
        is_lost: None,
        takes_back: false,
    };
    asked_deed(asking, deed)
}

fn asked_deed(asking: Asking, deed: OnTarget) -> OnTarget {
    Rc::new(move |number, network, turn| {
        let (asking, deed) = (asking.clone(), Rc::clone(&deed));
        async move {
            if let Err(step) = asking.before(number, network, &turn).await {
                return step;
            }
            let step = deed(number, network, turn).await;
            asking.note(
                number,
                match &step {
                    // What is known of it is as before.
                    Step::Held => return step,
                    Step::Done | Step::LeftOut(_) => None,
                    Step::Failed(error)
                    | Step::Unknown(error)
                    | Step::Again(error)
                    | Step::Stop(error) => Some(error),
                },
            );
            step
        }
        .boxed_local()
    })
}

fn asked_begin(asking: Asking, begin: Begin) -> Begin {
    Rc::new(move |number, network, turn| {
        let (asking, begin) = (asking.clone(), Rc::clone(&begin));
        async move {
            // After a lost answer `begin` itself looks for what may be under way.
            if !asking.is_unsure(number) {
                asking.before(number, network, turn).await?;
            }
            let begun = begin(number, network, turn).await;
            asking.note(
                number,
                match &begun {
                    Err(Step::Failed(error) | Step::Again(error) | Step::Unknown(error)) => {
                        Some(error)
                    }
                    Err(Step::Held) => return begun,
                    _ => None,
                },
            );
            begun
        }
        .boxed_local()
    })
}
