//! Imports that this browser keeps: unfinished ones with all that is needed to go on, finished
//! ones with their report.
//!
//! | file | what |
//! |---|---|
//! | [`database`] | the IndexedDB |
//! | [`cipher`] | the file and the plan hold passwords: the key that encrypts them |
//! | [`lock`] | one tab at a time |
//! | [`list`] | what is shown of them |
//! | [`mod@sweep`] | what is too old is erased |
//!
//! What is written when is decided in [`crate::import::journal`].

mod cipher;
mod database;
pub mod list;
mod lock;
mod sweep;

use super::checked::Checked;
use super::results::{FileResults, server};
use crate::browser::clock::{Breath, BrowserClock, now};
use crate::i18n::import as words;
use crate::import::journal::{Journal, JournalEntry, Standing, Store, standings};
use crate::import::plan::{Plan, Planned};
use crate::import::record::{self, Head, KeptState, PIECE, ReportRow};
use crate::import::run::Tally;
use crate::import::save_error::SaveError;
use crate::import::table::Table;
use crate::operations::unfinished::{self, Left};
use crate::session::Session;
use crate::session::lock::Lock;
use cipher::Key;
use database::{Database, ENTRIES, HEADS, KEYS, PIECES, REPORTS, StoreChange, part};
use futures_util::FutureExt;
use futures_util::future::LocalBoxFuture;
use js_sys::Uint8Array;
use leptos::prelude::window;
use std::cell::{Cell, OnceCell, RefCell};
use std::rc::Rc;
pub use sweep::view as sweep;
use wasm_bindgen::JsValue;

/// How many pieces are written at a time.
const PIECES_AT_ONCE: usize = 8;

/// For so long the passwords of an import that has ended are kept, in milliseconds.
const KEPT_MS: i64 = 7 * 24 * 60 * 60 * 1000;

/// An import of this tab, and where it is kept.
pub struct Keeping {
    id: JsValue,
    pub journal: Rc<Journal>,
    head: RefCell<Head>,
    batches: Cell<usize>,
    database: OnceCell<Database>,
    lock: RefCell<Option<Lock>>,
    /// Whether whoever imports has gone; what comes now is not for this import's record.
    left: Cell<bool>,
    /// Whether nothing of it is kept, not even its report.
    lost: Cell<bool>,
}

impl Keeping {
    /// A new import; nothing is written yet.
    pub fn new(head: Head) -> Rc<Self> {
        let journal = Rc::new(Journal::new(&vec![Standing::default(); head.tasks]));
        Rc::new(Keeping {
            id: id_of(&head),
            journal,
            head: RefCell::new(head),
            batches: Cell::new(0),
            database: OnceCell::new(),
            lock: RefCell::default(),
            left: Cell::new(false),
            lost: Cell::new(false),
        })
    }

    /// Writes down what a new import is to do, and then what it does; returns when it is left.
    pub async fn keep_new(&self, rows: &Checked, plan: &Plan) {
        match self.write_down(rows, plan).await {
            Ok(()) => self.keep().await,
            Err(error) => self.give_up(error).await,
        }
    }

    /// Writes down what the import does; returns when it is left.
    pub async fn keep(&self) {
        self.journal.keep(self, &BrowserClock).await;
        if let Some(error) = self.journal.broken().filter(|_| !self.is_left()) {
            self.give_up(error).await;
        }
        self.lock.take();
    }

    /// Nothing can be written any more. What is there says less than what has been done: whoever
    /// went on with it would do rows twice. So it is erased, for which there is always room.
    async fn give_up(&self, error: SaveError) {
        self.lost.set(true);
        // What another tab has is not to be erased.
        let is_own = error != SaveError::InUse;
        self.journal.fail(error);
        self.remember(None);
        if let Some(database) = self.database.get().filter(|_| is_own) {
            // Where not even this works, the record has never been begun.
            let _ = database.write(everything(&self.id)).await;
        }
    }

    /// Whether nothing of it is kept, not even its report.
    pub fn is_lost(&self) -> bool {
        self.lost.get()
    }

    fn remember(&self, left: Option<Left>) {
        let head = self.head.borrow();
        unfinished::remember(&head.owner, &head.homeserver, left);
    }

    /// Nothing more is written: what is there now is what somebody goes on with.
    pub fn leave(&self) {
        self.left.set(true);
        self.journal.fail(SaveError::NotSaved);
    }

    /// Whether it was left.
    pub fn is_left(&self) -> bool {
        self.left.get()
    }

    /// Why nothing of the import is kept any more, if so.
    pub fn trouble(&self) -> Option<SaveError> {
        self.journal.broken()
    }

    /// Whether what is left may be tried again: as long as it is written down, or where everybody knows
    /// that nothing is.
    pub fn may_retry(&self) -> bool {
        !self.is_left() && !self.journal.is_closed()
    }

    /// Whether nothing was kept to go on with, and nobody meant it so.
    pub fn has_failed(&self) -> bool {
        !self.is_left() && self.trouble().is_some()
    }

    /// How far it is.
    pub fn state(&self) -> KeptState {
        self.head.borrow().state
    }

    /// All rows have ended: what is kept is still there. Unless, once all is written down, it is not over any
    /// more.
    pub async fn has_ended(&self, tally: Tally, is_over: impl Fn() -> bool) {
        self.journal.flush().await;
        // Somebody may have been quick.
        if self.state() == KeptState::Finished || !is_over() {
            return;
        }
        {
            let mut head = self.head.borrow_mut();
            head.tally = Some(tally);
            head.state = KeptState::Ended;
        }
        self.remember(left_by(&self.head.borrow()));
        if let Err(error) = self.write(Vec::new()).await {
            self.give_up(error).await;
        }
    }

    /// Erases the file, the plan and the passwords; the report stays, without them. Where there
    /// is no room for the report, nothing stays.
    pub async fn finish(&self, results: &FileResults) {
        // Until all is erased: the journal gives it back as soon as it is closed.
        let _lock = self.lock.take();
        // First of all: from now on nothing is tried again.
        self.journal.close();
        self.journal.flush().await;
        let report = value(&report_rows(results).await);
        {
            let mut head = self.head.borrow_mut();
            head.tally = Some(results.import.tally());
            head.state = KeptState::Finished;
        }
        self.remember(None);
        let written = self.write(vec![
            StoreChange::Put(REPORTS, self.id.clone(), report),
            StoreChange::Delete(KEYS, self.id.clone()),
            StoreChange::Delete(PIECES, self.id.clone()),
            StoreChange::Delete(ENTRIES, self.id.clone()),
        ]);
        match written.await {
            Ok(()) => self.lost.set(false),
            Err(error) => self.give_up(error).await,
        }
    }

    /// So many accounts were deactivated again, besides those that had been.
    pub async fn was_undone(&self, accounts: usize) -> Result<(), SaveError> {
        let head = self.head.borrow().clone();
        was_undone(&head, accounts).await?;
        self.head.borrow_mut().undone += accounts;
        Ok(())
    }

    async fn write_down(&self, rows: &Checked, plan: &Plan) -> Result<(), SaveError> {
        if !window().is_secure_context() {
            return Err(SaveError::Insecure);
        }
        let database = Database::open().await?;
        let database = self.database.get_or_init(|| database);
        let lock = lock::take(self.started()).await;
        self.lock.replace(Some(lock.ok_or(SaveError::InUse)?));
        // Before anything is kept: nobody would know that it is to be erased.
        if !self.is_to_be_erased() {
            return Err(SaveError::Full);
        }
        let key = Key::new().await?;
        let head = value(&*self.head.borrow());
        let mut changes = vec![
            StoreChange::Put(HEADS, self.id.clone(), head),
            StoreChange::Put(KEYS, self.id.clone(), key.value()),
        ];
        let server = server();
        let tell = |planned: &Planned| words::planned(planned, &server);
        let mut breath = Breath::begin();
        for (number, from) in (0..plan.rows.len()).step_by(PIECE).enumerate() {
            let piece = rows.table(|table| record::piece(table, plan, from, &tell));
            let sealed = key.seal(&piece).await?;
            changes.push(StoreChange::Put(PIECES, part(&self.id, number), sealed));
            if changes.len() >= PIECES_AT_ONCE {
                database.write(std::mem::take(&mut changes)).await?;
            }
            breath.take().await;
        }
        self.head.borrow_mut().state = KeptState::Running;
        self.remember(Some(Left::Interrupted));
        self.write(changes).await?;
        // Who looked for what is too old before this was there has taken its date away again.
        match self.is_to_be_erased() {
            true => Ok(()),
            false => Err(SaveError::Full),
        }
    }

    /// Remembers when it is to be erased at the latest; whether somebody will know.
    fn is_to_be_erased(&self) -> bool {
        unfinished::due_at(self.head.borrow().started_ms + KEPT_MS)
    }

    /// Writes, and the head with it.
    async fn write(&self, mut changes: Vec<StoreChange>) -> Result<(), SaveError> {
        let database = match self.database.get() {
            Some(database) => database,
            None => return Err(SaveError::NotSaved),
        };
        self.head.borrow_mut().touched_ms = now().0;
        let head = value(&*self.head.borrow());
        changes.push(StoreChange::Put(HEADS, self.id.clone(), head));
        database.write(changes).await
    }

    fn started(&self) -> f64 {
        self.head.borrow().started_ms as f64
    }
}

impl Store for Keeping {
    fn append<'a>(
        &'a self,
        entries: &'a [JournalEntry],
    ) -> LocalBoxFuture<'a, Result<(), SaveError>> {
        async move {
            {
                let mut head = self.head.borrow_mut();
                for entry in entries {
                    match entry {
                        JournalEntry::Ended(..) => head.ended = (head.ended + 1).min(head.tasks),
                        JournalEntry::Again(_) => {
                            head.ended = head.ended.saturating_sub(1);
                            (head.state, head.tally) = (KeptState::Running, None);
                        }
                        JournalEntry::Begun(..)
                        | JournalEntry::Noted(..)
                        | JournalEntry::Seen(_) => {}
                    }
                }
            }
            let batch = self.batches.replace(self.batches.get() + 1);
            let key = part(&self.id, batch);
            let change = StoreChange::Put(ENTRIES, key, value(&entries));
            self.write(vec![change]).await
        }
        .boxed_local()
    }
}

/// A kept import as it is read back.
pub struct ReadBack {
    pub keeping: Rc<Keeping>,
    pub head: Head,
    pub table: Table,
    pub plan: Plan,
    pub standings: Vec<Standing>,
}

/// An import in the list.
#[derive(Clone, PartialEq)]
pub struct Item {
    pub head: Head,
    /// Whether another tab works on it.
    pub busy: bool,
}

/// What somebody who comes back is reminded of.
fn left_by(head: &Head) -> Option<Left> {
    match head.state {
        KeptState::Beginning | KeptState::Running => Some(Left::Interrupted),
        KeptState::Ended if head.has_passwords => Some(Left::Passwords),
        KeptState::Ended => Some(Left::File),
        KeptState::Finished => None,
    }
}

/// The imports of whoever is signed in, to the homeserver that they are signed in to, newest
/// first. What has become too old is erased.
pub async fn all(but: Option<&Keeping>) -> Vec<Item> {
    let Some(account) = Session::get().account_now() else {
        return Vec::new();
    };
    if !window().is_secure_context() {
        return Vec::new();
    }
    let Ok(database) = Database::open().await else {
        return Vec::new();
    };
    // What cannot be erased now is erased another time.
    let _ = sweep::sweep(&database).await;
    let heads = database.all(HEADS, None).await.unwrap_or_default();
    let is_shown = |head: &Head| {
        let is_here = but.is_some_and(|keeping| keeping.started() == head.started_ms as f64);
        head.owner == account.user_id && head.homeserver == account.homeserver && !is_here
    };
    let heads = heads.iter().rev();
    let heads: Vec<Head> = heads
        .filter_map(|head| read_head(head).ok())
        .filter(is_shown)
        .collect();
    let ids: Vec<f64> = heads.iter().map(|head| head.started_ms as f64).collect();
    let busy = lock::held(&ids).await.into_iter();
    let items: Vec<Item> = heads
        .into_iter()
        .zip(busy)
        .map(|(head, busy)| Item { head, busy })
        .collect();
    if but.is_none() {
        let mut left = items.iter().filter_map(|item| left_by(&item.head));
        let left = left.find(|left| *left == Left::Interrupted).or_else(|| {
            let mut all = items.iter().filter_map(|item| left_by(&item.head));
            all.next()
        });
        unfinished::remember(&account.user_id, &account.homeserver, left);
    }
    items
}

/// Reads an import to go on with it.
pub fn read(head: Head) -> LocalBoxFuture<'static, Result<ReadBack, SaveError>> {
    read_back(head).boxed_local()
}

async fn read_back(head: Head) -> Result<ReadBack, SaveError> {
    let id = id_of(&head);
    let lock = take_lock(&head).await?;
    let database = Database::open().await?;
    // What is shown may be old: as it is now nobody else changes it.
    let head = head_of(&database, &id).await?.ok_or(SaveError::NotSaved)?;
    if head.version != record::VERSION {
        return Err(SaveError::Unreadable(format!("version {}", head.version)));
    }
    if head.state == KeptState::Finished {
        return Err(SaveError::Finished);
    }
    let key = database.get(KEYS, id.clone()).await?;
    let key = key.and_then(Key::kept).ok_or(SaveError::NotSaved)?;
    let (mut table, mut plan) = (Table::kept(Vec::new()), Plan::default());
    let mut breath = Breath::begin();
    for number in 0..head.rows.div_ceil(PIECE) {
        let sealed = database.get(PIECES, part(&id, number)).await?;
        let piece = key.open(&sealed.ok_or(SaveError::NotSaved)?).await?;
        record::add_piece(&mut table, &mut plan, &piece)?;
        breath.take().await;
    }
    let batches = database.all(ENTRIES, Some(id.clone())).await?;
    let count = batches.len();
    let mut entries: Vec<JournalEntry> = Vec::new();
    for batch in batches {
        entries.extend(read_value::<Vec<JournalEntry>>(&batch)?);
        breath.take().await;
    }
    let standings = standings(head.tasks, entries);
    let keeping = Rc::new(Keeping {
        id,
        journal: Rc::new(Journal::new(&standings)),
        head: RefCell::new(head.clone()),
        batches: Cell::new(count),
        database: OnceCell::from(database),
        lock: RefCell::new(Some(lock)),
        left: Cell::new(false),
        lost: Cell::new(false),
    });
    Ok(ReadBack {
        keeping,
        head,
        table,
        plan,
        standings,
    })
}

/// Finishes an import that nobody has opened.
pub fn finish(head: Head) -> LocalBoxFuture<'static, Result<(), SaveError>> {
    async move {
        let read = read(head).await?;
        let keeping = Rc::clone(&read.keeping);
        let results = FileResults::kept(read);
        // Nobody is there to write down what it says.
        keeping.journal.close();
        results.leave_open();
        keeping.finish(&results).await;
        Ok(())
    }
    .boxed_local()
}

/// The report of a finished import.
pub async fn report(head: &Head) -> Result<Vec<ReportRow>, SaveError> {
    let report = Database::open().await?.get(REPORTS, id_of(head)).await?;
    read_value(&report.ok_or(SaveError::NotSaved)?)
}

/// So many accounts of an import were deactivated again, besides those that had been. Nothing of an import
/// that has been removed meanwhile is written.
pub async fn was_undone(head: &Head, accounts: usize) -> Result<(), SaveError> {
    let more = |kept: &JsValue| {
        let mut head = read_head(kept)?;
        head.undone += accounts;
        Ok(value(&head))
    };
    let database = Database::open().await?;
    database.replace(HEADS, id_of(head), &more).await
}

/// Erases all that is kept of an import, unless another tab has it.
pub async fn remove(head: &Head) -> Result<(), SaveError> {
    let _lock = take_lock(head).await?;
    Database::open()
        .await?
        .write(everything(&id_of(head)))
        .await
}

async fn take_lock(head: &Head) -> Result<Lock, SaveError> {
    let lock = lock::take(head.started_ms as f64).await;
    lock.ok_or(SaveError::InUse)
}

/// The head of an import as it is kept now.
async fn head_of(database: &Database, id: &JsValue) -> Result<Option<Head>, SaveError> {
    let head = database.get(HEADS, id.clone()).await?;
    head.map(|head| read_head(&head)).transpose()
}

fn everything(id: &JsValue) -> Vec<StoreChange> {
    [HEADS, KEYS, PIECES, ENTRIES, REPORTS]
        .into_iter()
        .map(|store| StoreChange::Delete(store, id.clone()))
        .collect()
}

fn id_of(head: &Head) -> JsValue {
    JsValue::from_f64(head.started_ms as f64)
}

fn value<T: serde::Serialize>(kept: &T) -> JsValue {
    Uint8Array::from(&*record::bytes(kept)).into()
}

fn read_value<T: serde::de::DeserializeOwned>(value: &JsValue) -> Result<T, SaveError> {
    record::read(&Uint8Array::new(value).to_vec())
}

fn read_head(value: &JsValue) -> Result<Head, SaveError> {
    Head::read(&Uint8Array::new(value).to_vec())
}

async fn report_rows(results: &FileResults) -> Vec<ReportRow> {
    let mut rows = Vec::with_capacity(results.plan.rows.len());
    let mut breath = Breath::begin();
    for row in 0..results.plan.rows.len() {
        rows.push(results.line(row));
        breath.take().await;
    }
    rows
}
