//! What an import writes down while it runs, so that another can go on where it ended: after a
//! closed tab, a crash, a power cut.
//!
//! Four things make every row count exactly once, whenever it ends:
//!
//! - Before a request is sent for a row, it is on disk that one may have been. Rows are written
//!   down some ahead ([`AHEAD`]), so that nobody waits for the disk.
//! - What a row has come to is on disk before rows more than a wave further on begin.
//! - Between the two, a row's account is looked at before anything is sent for it again. That
//!   works because the request that creates is one that Synapse refuses for an account that
//!   exists ([`crate::api::users::Guard`]), and because whatever would make the account look
//!   different from what the creation leaves behind waits until the creation is on disk.
//! - Nothing that creates is sent when what was written last is old ([`Journal::creates`]): by that
//!   is known how late a creation may have been sent.
//!
//! Nothing here knows of a browser: where the entries go is the [`Store`]'s business.

use super::outcome::{FailedPart, Outcome, Proof};
use super::save_error::SaveError;
use crate::api::UserId;
use crate::api::exchange::Clock;
use futures_util::FutureExt;
use futures_util::future::{LocalBoxFuture, select};
use serde::{Deserialize, Serialize};
use std::cell::{Cell, RefCell};
use std::future::poll_fn;
use std::pin::pin;
use std::task::{Poll, Waker};

/// How many rows are written down ahead as begun. After a crash so many accounts at most are
/// looked at for nothing.
pub const AHEAD: usize = 32;

/// At most so many rows may have ended without it being on disk.
const WAVE: usize = 64;

/// For so long entries are gathered before they are written together, in milliseconds. Somebody
/// who waits for an entry does not wait for this.
const GATHER_MS: u64 = 250;

/// So old is what was written last at most when a request that creates is sent, in milliseconds.
const SILENCE_MS: i64 = 30_000;

/// Until when an import may have sent creations that has written something last at this time, in milliseconds since
/// 1970.
pub fn creates_until(touched_ms: i64) -> i64 {
    touched_ms.saturating_add(SILENCE_MS)
}

/// What is written down.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum JournalEntry {
    /// Requests may have been sent for these rows, from the first to before the second.
    Begun(usize, usize),
    /// Something that is to be known before the next request for a row.
    Noted(usize, Note),
    /// The row has come to its end.
    Ended(usize, Outcome),
    /// A row that had ended is tried again.
    Again(usize),
    /// When the newest account had been created that the server had before the rows that begin from here on,
    /// in milliseconds since 1970.
    Seen(i64),
}

/// What is to be known of a row before its next request.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Note {
    /// The first request is about to be sent, or another that creates after nothing was written for long.
    Begins,
    /// The first request under another ID is about to be sent.
    Renamed(UserId),
    /// The account is the row's: what follows changes it.
    Created(UserId, Proof),
    /// The account was there before, and is to be updated.
    Exists,
    /// What of the row has not worked so far.
    Problems(Vec<FailedPart>),
}

/// How far a row is, as far as is written down.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Standing {
    /// Whether requests may have been sent.
    pub begun: bool,
    /// The account is not older than this if the row has made it, in milliseconds since 1970.
    pub since: Option<i64>,
    /// The account, if it is not the plan's.
    pub renamed: Option<UserId>,
    /// Whether the account is the row's or was there before, if that is known.
    pub created: Option<bool>,
    /// How it is known that the account is the row's.
    pub proof: Option<Proof>,
    /// What of it has not worked so far.
    pub problems: Vec<FailedPart>,
    /// What a retry of a row that has its account is about: nothing else of it is left to do.
    pub retried: Option<Vec<FailedPart>>,
    /// Whether the account was seen to be somebody else's, whatever it looks like now.
    pub foreign: bool,
    /// Whether somebody else's account stopped the import here: nothing is sent for the row any more.
    pub appeared: bool,
    pub outcome: Option<Outcome>,
}

/// How far each of so many rows is, after these entries. Entries about rows that do not exist
/// are passed over.
pub fn standings(rows: usize, entries: impl IntoIterator<Item = JournalEntry>) -> Vec<Standing> {
    let mut standings = vec![Standing::default(); rows];
    let mut seen = None;
    for entry in entries {
        match entry {
            JournalEntry::Begun(from, until) => {
                for standing in standings.iter_mut().take(until).skip(from) {
                    if !standing.begun {
                        standing.since = seen;
                    }
                    standing.begun = true;
                }
            }
            JournalEntry::Noted(row, note) => {
                let Some(standing) = standings.get_mut(row) else {
                    continue;
                };
                standing.begun = true;
                match note {
                    Note::Begins => {}
                    Note::Renamed(user) => {
                        standing.renamed = Some(user);
                        // Those of the other account.
                        standing.problems.clear();
                    }
                    Note::Created(_, proof) => {
                        (standing.created, standing.proof) = (Some(true), Some(proof));
                    }
                    Note::Exists => standing.created = Some(false),
                    Note::Problems(problems) => standing.problems = problems,
                }
            }
            JournalEntry::Ended(row, outcome) => {
                if let Some(standing) = standings.get_mut(row) {
                    standing.outcome = Some(outcome);
                }
            }
            JournalEntry::Seen(newest) => seen = Some(newest),
            JournalEntry::Again(row) => {
                if let Some(standing) = standings.get_mut(row) {
                    standing.reopen();
                }
            }
        }
    }
    standings
}

impl Standing {
    /// The row is tried again, so requests may be sent from here on, even if none ever was; what is known
    /// of its account stays known.
    fn reopen(&mut self) {
        self.problems.clear();
        match self.outcome.take() {
            Some(Outcome::Created {
                user,
                proof,
                problems,
            }) => {
                (self.created, self.proof) = (Some(true), Some(proof));
                self.renamed = Some(user);
                self.retried = Some(problems);
            }
            Some(Outcome::Conflict) => self.appeared = true,
            Some(outcome) => self.foreign |= outcome.is_of_another(),
            None => {}
        }
        self.begun = true;
    }
}

/// Where entries are kept. What one call appends is there wholly or not at all, even if
/// everything ends in the middle.
pub trait Store {
    /// Appends entries; ready when they are on disk.
    fn append<'a>(
        &'a self,
        entries: &'a [JournalEntry],
    ) -> LocalBoxFuture<'a, Result<(), SaveError>>;
}

/// The journal of a running import.
pub struct Journal {
    /// By row: whether a request for it may be sent as far as the journal goes, once what is
    /// pending is on disk.
    claimed: RefCell<Vec<bool>>,
    ended: RefCell<Vec<bool>>,
    pending: RefCell<Vec<JournalEntry>>,
    /// How many entries there were ever, and how many of them are on disk.
    count: Cell<usize>,
    written: Cell<usize>,
    /// How many rows have ended without it being on disk, among those pending and those just
    /// being written.
    unwritten_ends: Cell<(usize, usize)>,
    /// When something was written last, in milliseconds since 1970.
    touched_ms: Cell<Option<i64>>,
    urgent: Cell<bool>,
    closed: Cell<bool>,
    /// Why nothing is written any more.
    broken: RefCell<Option<SaveError>>,
    waiting: RefCell<Vec<Waker>>,
}

impl Journal {
    /// A journal for rows that stand like this; for a new import all as by default.
    pub fn new(standings: &[Standing]) -> Self {
        let is_begun = |standing: &Standing| standing.begun;
        let has_ended = |standing: &Standing| standing.outcome.is_some();
        Journal {
            claimed: RefCell::new(standings.iter().map(is_begun).collect()),
            ended: RefCell::new(standings.iter().map(has_ended).collect()),
            pending: RefCell::default(),
            count: Cell::new(0),
            written: Cell::new(0),
            unwritten_ends: Cell::new((0, 0)),
            touched_ms: Cell::new(None),
            urgent: Cell::new(false),
            closed: Cell::new(false),
            broken: RefCell::default(),
            waiting: RefCell::default(),
        }
    }

    /// A journal that nobody reads, for so many rows.
    pub fn none(rows: usize) -> Self {
        let journal = Journal::new(&vec![Standing::default(); rows]);
        journal.broken.replace(Some(SaveError::NotSaved));
        journal
    }

    /// Why nothing is written down any more, if so.
    pub fn broken(&self) -> Option<SaveError> {
        self.broken.borrow().clone()
    }

    /// Whether what happens from now on is nothing that could be gone on with, and nobody is told so:
    /// it was closed while all was well.
    pub fn is_closed(&self) -> bool {
        self.closed.get() && self.broken.borrow().is_none()
    }

    /// Nothing can be written: nobody waits for it any more.
    pub fn fail(&self, error: SaveError) {
        self.broken.replace(Some(error));
        self.pending.borrow_mut().clear();
        self.wake();
    }

    /// Writes down what is to be known before the next request for a row; ready when it is on
    /// disk, or when nothing can be written any more.
    pub fn note(&self, row: usize, note: Note) -> LocalBoxFuture<'_, ()> {
        // Boxed, so that its code is there once and not in every place that awaits it.
        async move {
            if self.closed.get() || self.broken.borrow().is_some() {
                return;
            }
            if note == Note::Begins {
                self.begins(row).await;
            } else {
                let count = self.push(JournalEntry::Noted(row, note));
                self.on_disk(count).await;
            }
        }
        .boxed_local()
    }

    /// A request that creates the account of a row is about to be sent: ready when something was written a moment
    /// ago ([`creates_until`]), or when nothing can be written any more.
    pub fn creates(&self, row: usize, wall_ms: i64) -> LocalBoxFuture<'_, ()> {
        async move {
            let is_recent = |last: i64| (last..=creates_until(last)).contains(&wall_ms);
            let nobody_reads = self.closed.get() || self.broken.borrow().is_some();
            if nobody_reads || self.touched_ms.get().is_some_and(is_recent) {
                return;
            }
            let count = self.push(JournalEntry::Noted(row, Note::Begins));
            self.on_disk(count).await;
        }
        .boxed_local()
    }

    /// Writes down what a row has come to, soon.
    pub fn ended(&self, row: usize, outcome: &Outcome) {
        if self.closed.get() || self.broken.borrow().is_some() {
            return;
        }
        self.ended.borrow_mut()[row] = true;
        let (pending, writing) = self.unwritten_ends.get();
        self.unwritten_ends.set((pending + 1, writing));
        self.push(JournalEntry::Ended(row, outcome.clone()));
        self.wake();
    }

    /// Writes down, soon, when the newest account was created: whatever a row makes that begins from here on is
    /// not older.
    pub fn seen(&self, newest_ms: i64) {
        if !self.closed.get() && self.broken.borrow().is_none() {
            self.push(JournalEntry::Seen(newest_ms));
        }
    }

    /// Ready when all is on disk, or when nothing can be written any more.
    pub async fn flush(&self) {
        self.on_disk(self.count.get()).await;
    }

    /// Nothing more is written down: [`Journal::keep`] ends once all before this is on disk.
    pub fn close(&self) {
        self.closed.set(true);
        self.wake();
    }

    /// Writes what is to be written, until the journal is closed or cannot be written any more.
    /// To be run beside the import.
    pub async fn keep(&self, store: &dyn Store, clock: &dyn Clock) {
        while self.broken.borrow().is_none() {
            self.until(|| !self.pending.borrow().is_empty() || self.closed.get())
                .await;
            if !self.urgent.get() && !self.closed.get() {
                let urgent = pin!(self.until(|| self.urgent.get() || self.closed.get()));
                select(clock.sleep(GATHER_MS), urgent).await;
            }
            self.urgent.set(false);
            let entries = std::mem::take(&mut *self.pending.borrow_mut());
            if entries.is_empty() {
                return;
            }
            let (ends, _) = self.unwritten_ends.get();
            self.unwritten_ends.set((0, ends));
            let begun_ms = clock.wall_ms();
            match store.append(&entries).await {
                Ok(()) => {
                    self.written.set(self.written.get() + entries.len());
                    self.touched_ms.set(Some(begun_ms));
                }
                Err(error) => self.fail(error),
            }
            let (pending, _) = self.unwritten_ends.get();
            self.unwritten_ends.set((pending, 0));
            self.wake();
        }
    }

    async fn begins(&self, row: usize) {
        if self.ended.borrow()[row] {
            self.ended.borrow_mut()[row] = false;
            let count = self.push(JournalEntry::Again(row));
            self.claimed.borrow_mut()[row] = true;
            return self.on_disk(count).await;
        }
        let is_claimed = self.claimed.borrow()[row];
        let last = (row + AHEAD / 2).min(self.claimed.borrow().len() - 1);
        if !is_claimed {
            let count = self.claim(row);
            self.on_disk(count).await;
        } else if !self.claimed.borrow()[last] {
            // In good time, so that nobody waits.
            self.claim(last);
        }
        if self.ends() > WAVE {
            self.urgent.set(true);
            self.wake();
            self.until(|| self.ends() <= WAVE || self.broken.borrow().is_some())
                .await;
        }
    }

    fn claim(&self, row: usize) -> usize {
        let until = {
            let mut claimed = self.claimed.borrow_mut();
            let until = (row + AHEAD).min(claimed.len());
            claimed[row..until].fill(true);
            until
        };
        self.push(JournalEntry::Begun(row, until))
    }

    fn ends(&self) -> usize {
        let (pending, writing) = self.unwritten_ends.get();
        pending + writing
    }

    /// Answers with the number of the entry.
    fn push(&self, entry: JournalEntry) -> usize {
        self.pending.borrow_mut().push(entry);
        self.count.set(self.count.get() + 1);
        self.count.get()
    }

    async fn on_disk(&self, count: usize) {
        let is_there = || self.written.get() >= count || self.broken.borrow().is_some();
        if !is_there() {
            self.urgent.set(true);
            self.wake();
            self.until(is_there).await;
        }
    }

    fn wake(&self) {
        // A waker may run code at once: the list is not borrowed meanwhile.
        let waiting = std::mem::take(&mut *self.waiting.borrow_mut());
        waiting.into_iter().for_each(Waker::wake);
    }

    fn until<'a>(&'a self, is_so: impl Fn() -> bool + 'a) -> LocalBoxFuture<'a, ()> {
        poll_fn(move |context| {
            if is_so() {
                return Poll::Ready(());
            }
            let mut waiting = self.waiting.borrow_mut();
            if !waiting.iter().any(|waker| waker.will_wake(context.waker())) {
                waiting.push(context.waker().clone());
            }
            Poll::Pending
        })
        .boxed_local()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::import::record;
    use crate::runner::simulation::SimClock;
    use futures_util::future::join;

    /// A disk that takes its time, and may be full.
    struct Disk {
        clock: SimClock,
        full: bool,
        batches: RefCell<Vec<usize>>,
    }

    impl Store for Disk {
        fn append<'a>(
            &'a self,
            entries: &'a [JournalEntry],
        ) -> LocalBoxFuture<'a, Result<(), SaveError>> {
            async move {
                self.clock.sleep(1_000).await;
                if self.full {
                    return Err(SaveError::Browser("no room".into()));
                }
                self.batches.borrow_mut().push(entries.len());
                Ok(())
            }
            .boxed_local()
        }
    }

    fn with_disk(full: bool, rows: usize) -> (Journal, Disk) {
        let disk = Disk {
            clock: SimClock::default(),
            full,
            batches: RefCell::default(),
        };
        (Journal::new(&vec![Standing::default(); rows]), disk)
    }

    #[test]
    fn no_row_begins_a_wave_ahead_of_the_disk() {
        let (journal, disk) = with_disk(false, 1000);
        let work = async {
            for row in 0..1000 {
                journal.note(row, Note::Begins).await;
                let behind = journal.ends();
                assert!(behind <= WAVE, "{behind} rows are not on disk");
                journal.ended(row, &Outcome::Skipped);
            }
            journal.flush().await;
        };
        disk.clock.run(1_000_000, async {
            let (work, keep) = (pin!(work), pin!(journal.keep(&disk, &disk.clock)));
            select(work, keep).await;
        });
        let entries: usize = disk.batches.borrow().iter().sum();
        assert_eq!(entries, 1000 + 1000 / AHEAD + 1);
        // Many at a time.
        assert!(disk.batches.borrow().len() < 40, "{:?}", disk.batches);
    }

    #[test]
    fn a_full_disk_holds_nobody_up_and_is_told() {
        let (journal, disk) = with_disk(true, 100);
        let work = async {
            for row in 0..100 {
                journal.note(row, Note::Begins).await;
                journal.ended(row, &Outcome::Skipped);
            }
            journal.flush().await;
        };
        disk.clock.run(10_000, async {
            let (work, keep) = (pin!(work), pin!(journal.keep(&disk, &disk.clock)));
            select(work, keep).await;
        });
        assert_eq!(journal.broken(), Some(SaveError::Browser("no room".into())));
    }

    #[test]
    fn what_is_closed_takes_nothing_more_and_says_so() {
        let (journal, disk) = with_disk(false, 100);
        assert!(!journal.is_closed());
        disk.clock.run(10_000, async {
            let work = async {
                journal.note(0, Note::Begins).await;
                journal.ended(0, &Outcome::Skipped);
                // What is pending is written all the same.
                journal.close();
                journal.flush().await;
            };
            join(work, journal.keep(&disk, &disk.clock)).await;
        });
        let written = disk.batches.borrow().iter().sum::<usize>();
        assert_eq!(written, 2);
        assert!(journal.is_closed());
        journal.ended(1, &Outcome::Skipped);
        assert!(journal.pending.borrow().is_empty());
        // Where nothing can be written everybody knows that nothing is.
        journal.fail(SaveError::NotSaved);
        assert!(!journal.is_closed());
    }

    #[test]
    fn an_entry_is_read_back_as_it_was() {
        let jane = UserId::parse("@jane:example.org").unwrap();
        let created = Outcome::Created {
            user: jane.clone(),
            proof: Proof::Answered,
            problems: Vec::new(),
        };
        for entry in [
            JournalEntry::Begun(3, 35),
            JournalEntry::Noted(3, Note::Renamed(jane.clone())),
            JournalEntry::Noted(3, Note::Created(jane, Proof::Doubtful)),
            JournalEntry::Ended(3, created),
            JournalEntry::Again(3),
            JournalEntry::Seen(1_700_000_000_000),
        ] {
            let bytes = record::bytes(&entry);
            assert_eq!(record::read::<JournalEntry>(&bytes), Ok(entry));
        }
    }
}
