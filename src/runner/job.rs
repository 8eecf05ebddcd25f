//! The handle of a job, and the loop that does it.

use super::schedule::{Begun, End, Schedule};
use super::{Fate, Limits, Progress, Step, Work};
use crate::api::ApiError;
use crate::api::exchange::{Clock, Random};
use futures_util::FutureExt;
use futures_util::future::{Either, LocalBoxFuture, select};
use futures_util::stream::{FuturesUnordered, Stream};
use std::cell::{Cell, RefCell};
use std::future::{Future, poll_fn};
use std::pin::{Pin, pin};
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

/// Work over many items: what is to be done, how far it is, and the buttons. Clones are handles to
/// one and the same run.
#[derive(Clone)]
pub struct Run {
    inner: Rc<Inner>,
}

struct Inner {
    schedule: RefCell<Schedule>,
    /// Counts the changes that a person may see.
    version: Cell<u64>,
    /// How many items the server is at although nobody waits for its answer any more.
    at_server: Cell<usize>,
    /// Counts the buttons pressed.
    orders: Cell<u64>,
    /// Those who wait for a button or for the end of a rate limit.
    waiting: RefCell<Vec<Waker>>,
}

impl Run {
    /// A run over these items, in this order. An item is a number that means something to the
    /// [`Work`]: an index into its own list. Each is given once.
    pub fn new(items: Vec<usize>, limits: Limits) -> Self {
        Run {
            inner: Rc::new(Inner {
                schedule: RefCell::new(Schedule::new(items, limits)),
                version: Cell::new(0),
                at_server: Cell::new(0),
                orders: Cell::new(0),
                waiting: RefCell::new(Vec::new()),
            }),
        }
    }

    /// A run over these items, of which some have met their fate in an earlier one: what is known, by the
    /// places of the items. They count, and are not tried.
    pub fn going_on(items: Vec<usize>, limits: Limits, known: Vec<Option<Fate>>) -> Self {
        let run = Run::new(items, limits);
        run.inner.schedule.borrow_mut().know(known);
        run
    }

    /// Begins nothing new until [`Run::resume`]; what is in flight is finished.
    pub fn pause(&self) {
        self.order(|schedule| {
            schedule.paused.get_or_insert(None);
            schedule.forget_speed();
        });
    }

    /// Goes on after a pause, whoever paused. `now_ms` is the clock's.
    pub fn resume(&self, now_ms: u64) {
        self.order(|schedule| schedule.resume(now_ms));
    }

    /// Begins nothing new any more; what is in flight is finished, the rest is
    /// [`Fate::NotDone`].
    pub fn cancel(&self) {
        self.order(|schedule| {
            schedule.end.get_or_insert(End::Cancelled);
        });
    }

    /// A number that changes whenever [`Run::progress`] or a fate does, except for the passing
    /// of time: cheap to look at ten times a second.
    pub fn version(&self) -> u64 {
        self.inner.version.get()
    }

    /// How far it is. `now_ms` is the clock's.
    pub fn progress(&self, now_ms: u64) -> Progress {
        Progress {
            at_server: self.inner.at_server.get(),
            ..self.inner.schedule.borrow().progress(now_ms)
        }
    }

    /// Whether the server has asked for patience: nothing should be sent now, on behalf of this
    /// job or after it.
    pub fn is_quiet(&self, now_ms: u64) -> bool {
        self.inner.schedule.borrow().quiet_until(now_ms).is_some()
    }

    /// What became of an item; `None` while it is open. Looks through all items.
    pub fn fate(&self, item: usize) -> Option<Fate> {
        let schedule = self.inner.schedule.borrow();
        let (_, fate) = schedule.fates().find(|(other, _)| *other == item)?;
        fate.cloned()
    }

    /// What became of every item so far, in the order in which they were given.
    pub fn fates(&self) -> Vec<(usize, Option<Fate>)> {
        let schedule = self.inner.schedule.borrow();
        schedule
            .fates()
            .map(|(item, fate)| (item, fate.cloned()))
            .collect()
    }

    /// The items that failed: for "retry failed", a new job over these.
    pub fn failed_items(&self) -> Vec<usize> {
        self.items_that(|fate| matches!(fate, Fate::Failed(_)))
    }

    /// The items that were not done because the job was cancelled or stopped: for "go on".
    pub fn items_not_done(&self) -> Vec<usize> {
        self.items_that(|fate| matches!(fate, Fate::NotDone))
    }

    /// The items whose answer was lost, so that nobody knows whether they were done: for a retry of
    /// which a person knows that it may do them twice.
    pub fn lost_items(&self) -> Vec<usize> {
        self.items_that(|fate| matches!(fate, Fate::Unknown(error) if error.may_be_under_way()))
    }

    fn items_that(&self, met: fn(&Fate) -> bool) -> Vec<usize> {
        let schedule = self.inner.schedule.borrow();
        let fates = schedule.fates();
        let fates = fates.filter(|(_, fate)| fate.is_some_and(met));
        fates.map(|(item, _)| item).collect()
    }

    fn order(&self, change: impl FnOnce(&mut Schedule)) {
        change(&mut self.inner.schedule.borrow_mut());
        self.changed();
        self.inner.orders.set(self.inner.orders.get() + 1);
        // A waker may run code at once: the list is not borrowed meanwhile.
        let waiting = std::mem::take(&mut *self.inner.waiting.borrow_mut());
        waiting.into_iter().for_each(Waker::wake);
    }

    fn at_server(&self, more: isize) {
        let count = &self.inner.at_server;
        count.set(count.get().saturating_add_signed(more));
        self.changed();
    }

    fn changed(&self) {
        self.inner.version.set(self.inner.version.get() + 1);
    }

    /// Is ready when a button has been pressed since `orders` were counted.
    fn ordered(&self, orders: u64) -> impl Future<Output = ()> + '_ {
        poll_fn(move |context| {
            if self.inner.orders.get() != orders {
                return Poll::Ready(());
            }
            let mut waiting = self.inner.waiting.borrow_mut();
            if !waiting.iter().any(|waker| waker.will_wake(context.waker())) {
                waiting.push(context.waker().clone());
            }
            Poll::Pending
        })
    }
}

/// One try at an item.
pub struct Turn<'a> {
    job: &'a Run,
    clock: &'a dyn Clock,
    try_: Begun,
}

impl Turn<'_> {
    /// The number of this try, from 1. Tries that ended in a rate limit, in an absent server or
    /// in a pause are not counted.
    pub fn number(&self) -> u32 {
        self.try_.number
    }

    /// Whether the item is given up if this try ends in [`Step::Again`] for trouble of its own.
    pub fn is_last(&self) -> bool {
        self.try_.last
    }

    /// Whether the job is cancelled or stopped.
    pub fn is_over(&self) -> bool {
        self.job.inner.schedule.borrow().end.is_some()
    }

    /// Says that the server is at the item although its answer was lost, for as long as what this
    /// returns is kept.
    pub fn server_is_at_it(&self) -> AtServer<'_> {
        self.job.at_server(1);
        AtServer(self.job)
    }

    /// Waits until the server's wish for patience, if there is one, is over: to be called before
    /// every request of a try but the first. False if the job is cancelled or stopped meanwhile
    /// and the person should not have to wait; the request is then better not sent.
    pub async fn clear(&self) -> bool {
        self.waits(false).await
    }

    /// Waits for this before anything is sent, and hears meanwhile that the job is paused, cancelled or
    /// stopped; whoever had to wait is patient afterwards, like [`Turn::goes_on`].
    pub async fn after<T>(&self, what: impl Future<Output = T>) -> Result<T, Step> {
        let mut what = pin!(what);
        if let Some(found) = what.as_mut().now_or_never() {
            return Ok(found);
        }
        loop {
            let orders = self.job.inner.orders.get();
            if self.job.inner.schedule.borrow().is_held() {
                return Err(Step::Held);
            }
            if let Either::Left((found, _)) =
                select(what.as_mut(), pin!(self.job.ordered(orders))).await
            {
                self.goes_on().await?;
                return Ok(found);
            }
        }
    }

    /// Waits like [`Turn::clear`] where what was sent so far is whole by itself and is gone on with from
    /// there later: what is paused, cancelled or stopped ends here, whatever the server wishes.
    pub async fn goes_on(&self) -> Result<(), Step> {
        match self.waits(true).await {
            true => Ok(()),
            false => Err(Step::Held),
        }
    }

    async fn waits(&self, is_whole: bool) -> bool {
        loop {
            let now = self.clock.now_ms();
            let orders = self.job.inner.orders.get();
            let (quiet_until, is_held) = {
                let schedule = self.job.inner.schedule.borrow();
                (schedule.quiet_until(now), schedule.is_held())
            };
            if is_whole && is_held {
                return false;
            }
            match quiet_until {
                None => return true,
                Some(_) if self.is_over() => return false,
                Some(until) => {
                    let ordered = pin!(self.job.ordered(orders));
                    select(self.clock.sleep(until - now), ordered).await;
                }
            }
        }
    }
}

/// The server is at an item; see [`Turn::server_is_at_it`].
pub struct AtServer<'a>(&'a Run);

impl Drop for AtServer<'_> {
    fn drop(&mut self) {
        self.0.at_server(-1);
    }
}

/// What the loop waits for.
enum Event {
    Ended(Begun, Step),
    Pinged(Result<(), ApiError>),
    TimeOrOrder,
}

/// Does a job: returns when every item has met its fate.
///
/// A job is run once. Dropping the future drops the requests in flight; nothing more happens.
pub async fn run(job: &Run, work: &dyn Work, clock: &dyn Clock, random: &dyn Random) {
    let schedule = &job.inner.schedule;
    let mut flights = FuturesUnordered::new();
    let mut ping: Option<LocalBoxFuture<'_, _>> = None;
    let mut pinged_ms = 0;
    schedule.borrow_mut().begin_at(clock.now_ms());
    loop {
        let orders = job.inner.orders.get();
        loop {
            let begun = schedule.borrow_mut().begin(clock.now_ms());
            let Some(try_) = begun else { break };
            job.changed();
            let turn = Turn { job, clock, try_ };
            let attempt = work.attempt(try_.item, turn);
            flights.push(Box::pin(async move { (try_, attempt.await) }));
        }
        let now = clock.now_ms();
        if ping.is_none() && schedule.borrow().asks(now) {
            (ping, pinged_ms) = (Some(work.ping()), now);
        }
        if schedule.borrow().is_over() {
            break;
        }
        let wakes_at = schedule.borrow().wakes_at(now).filter(|_| ping.is_none());
        let event = {
            let next = poll_fn(|context| poll_work(&mut flights, &mut ping, context));
            let time = async {
                match wakes_at {
                    Some(at) => clock.sleep(at.saturating_sub(now)).await,
                    None => std::future::pending().await,
                }
            };
            let (time, order) = (pin!(time), pin!(job.ordered(orders)));
            match select(pin!(next), select(time, order)).await {
                Either::Left((event, _)) => event,
                Either::Right(_) => Event::TimeOrOrder,
            }
        };
        let now = clock.now_ms();
        match event {
            Event::Ended(try_, step) => {
                let mut schedule = schedule.borrow_mut();
                let fate = schedule.ended(try_, step, now, random, work);
                drop(schedule);
                if let Some(fate) = fate {
                    work.settled(try_.item, &fate);
                }
            }
            Event::Pinged(answer) => {
                ping = None;
                schedule.borrow_mut().asked(answer, pinged_ms, now, random);
            }
            Event::TimeOrOrder => {}
        }
        job.changed();
    }
    let closed = schedule.borrow_mut().close(clock.now_ms(), work);
    for (item, fate) in closed {
        work.settled(item, &fate);
    }
    job.changed();
}

/// The next try that ends, or the answer to a ping.
fn poll_work<F: Future<Output = (Begun, Step)>>(
    flights: &mut FuturesUnordered<F>,
    ping: &mut Option<LocalBoxFuture<'_, Result<(), ApiError>>>,
    context: &mut Context<'_>,
) -> Poll<Event> {
    if let Poll::Ready(Some((try_, step))) = Pin::new(flights).poll_next(context) {
        return Poll::Ready(Event::Ended(try_, step));
    }
    if let Some(ping) = ping
        && let Poll::Ready(answer) = ping.as_mut().poll(context)
    {
        return Poll::Ready(Event::Pinged(answer));
    }
    Poll::Pending
}
