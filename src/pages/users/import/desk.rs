//! What is on the desk: the file, the options, the plan, the run. It outlives the page, so that
//! a person can go elsewhere and come back.

use super::checked::{Checked, FilePhase};
use super::facts::{PlanPhase, ServerFacts};
use super::kept::Item;
use super::passwords::PasswordUse;
use super::reading::FileReading;
use super::results::ImportRun;
use crate::browser::only_one;
use crate::components::form::guard_of_tab;
use crate::i18n::t;
use crate::import::alike::AlikeCells;
use crate::import::correct::Correction;
use crate::import::plan::{OnConflict, Passwords};
use crate::import::table::Table;
use crate::import::validate::IdSource;
use crate::session::Session;
use crate::session::leave::{self, PageKeeper};
use futures_util::future::{AbortHandle, abortable};
use leptos::prelude::*;
use std::cell::Cell;
use std::future::Future;
use std::rc::Rc;
use wasm_bindgen_futures::spawn_local;

/// The place where a value of the file stands: row from 0, column from 0.
pub type Spot = (usize, Option<usize>);

/// The desk. A handle: copies are the same.
#[derive(Clone, Copy)]
pub struct Desk {
    /// What to do with accounts that exist.
    pub conflict: RwSignal<OnConflict>,
    /// Where passwords come from.
    pub passwords: RwSignal<Passwords>,
    /// Where IDs come from.
    pub ids: RwSignal<IdSource>,
    pub simulate: RwSignal<bool>,
    /// Whether people sign in with a password that the server knows, once that is known.
    pub password_use: RwSignal<Option<PasswordUse>>,
    pub file_name: RwSignal<Option<String>>,
    pub file: RwSignal<FilePhase, LocalStorage>,
    /// How it is read.
    pub reading: FileReading,
    pub plan: RwSignal<PlanPhase, LocalStorage>,
    pub run: RwSignal<Option<ImportRun>, LocalStorage>,
    /// The imports that this browser keeps.
    pub kept: RwSignal<Vec<Item>, LocalStorage>,
    /// Whether one of them is being read.
    pub opening: RwSignal<bool>,
    /// Counts the changes of the rows and of their outcomes.
    pub changed: RwSignal<u32>,
    /// The values with problems, and those that had one before they were changed here.
    pub spots: RwSignal<Rc<[Spot]>, LocalStorage>,
    /// What is wrong in the same way in many cells.
    pub alike: RwSignal<Rc<[AlikeCells]>, LocalStorage>,
    /// The correction of many cells that was made last.
    pub corrected: RwSignal<Option<Rc<Correction>>, LocalStorage>,
    /// Counts how often the next problem has been asked for.
    pub next: RwSignal<u32>,
    pub(super) checked: StoredValue<Option<Checked>, LocalStorage>,
    pub(super) facts: StoredValue<Option<Rc<ServerFacts>>, LocalStorage>,
    under_way: StoredValue<Option<AbortHandle>, LocalStorage>,
    /// Whether a person has corrected the table, and it is nowhere else: no import of it has begun.
    pub is_corrected: Signal<bool>,
    /// The same in a sentence.
    only_here: Signal<Option<String>>,
}

thread_local! {
    static DESK: Cell<Option<Desk>> = const { Cell::new(None) };
}

impl Desk {
    /// An empty desk. Clears it whenever somebody else signs in: the file has
    /// passwords.
    pub(super) fn new() -> Self {
        let session = Session::get();
        let (changed, run) = (RwSignal::new(0), RwSignal::new_local(None));
        let checked: StoredValue<Option<Checked>, _> = StoredValue::new_local(None);
        let is_corrected = move || {
            changed.track();
            let is_here = run.with(Option::is_none);
            let rows = checked.get_value().filter(|_| is_here);
            rows.is_some_and(|rows| rows.table(Table::is_corrected))
        };
        let is_corrected = Signal::derive(is_corrected);
        let file_name = RwSignal::<Option<String>>::new(None);
        let only_here = move || {
            let name = is_corrected.get().then(|| file_name.get())?;
            Some(t::import_corrected_only_here(&name.unwrap_or_default()))
        };
        // Who signs in again in this tab is told what it is called.
        leave::ask(PageKeeper {
            lost: || {
                let desk = DESK.get().filter(|desk| desk.is_corrected.get());
                let name = desk.and_then(|desk| desk.file_name.get());
                name.into_iter().collect()
            },
            hold: || (),
            keep: || (),
            // Whoever left has had all guards forgotten, and the table is there as it was.
            back: || {
                if let Some(desk) = DESK.get() {
                    desk.guard();
                }
            },
        });
        let desk = Desk {
            conflict: RwSignal::new(OnConflict::Stop),
            passwords: RwSignal::new(Passwords::FromFile),
            ids: RwSignal::new(IdSource::FromFile),
            simulate: RwSignal::new(true),
            password_use: RwSignal::new(None),
            file_name,
            file: RwSignal::new_local(FilePhase::None),
            reading: FileReading::new(),
            plan: RwSignal::new_local(PlanPhase::None),
            run,
            kept: RwSignal::new_local(Vec::new()),
            opening: RwSignal::new(false),
            changed,
            spots: RwSignal::new_local(Rc::new([])),
            alike: RwSignal::new_local(Rc::new([])),
            corrected: RwSignal::new_local(None),
            next: RwSignal::new(0),
            checked,
            facts: StoredValue::new_local(None),
            under_way: StoredValue::new_local(None),
            is_corrected,
            only_here: Signal::derive(only_here),
        };
        let user = Memo::new(move |_| session.account().map(|account| account.user_id));
        Effect::new(move |before: Option<()>| {
            user.track();
            if before.is_some() {
                desk.clear();
                desk.password_use.set(None);
            }
        });
        Effect::new(move |before: Option<()>| {
            desk.conflict.track();
            desk.passwords.track();
            if before.is_some() {
                desk.drop_plan();
            }
        });
        desk
    }

    /// The desk of this tab; `make` makes it where there is none yet.
    pub fn get(make: fn() -> Desk) -> Self {
        only_one::get(&DESK, make)
    }

    /// Asks before the tab or the session ends while the table is nowhere else.
    pub(super) fn guard(self) {
        guard_of_tab(self.only_here);
    }

    /// Takes everything off the desk but the options.
    pub fn clear(self) {
        self.stop();
        if let Some(run) = self.run.get_untracked() {
            run.leave();
        }
        self.run.set(None);
        self.plan.set(PlanPhase::None);
        self.file.set(FilePhase::None);
        self.file_name.set(None);
        self.spots.set(Rc::new([]));
        self.alike.set(Rc::new([]));
        self.corrected.set(None);
        self.checked.set_value(None);
        self.facts.set_value(None);
        self.reading.clear();
        self.changed.update(|changed| *changed += 1);
    }

    /// What was planned does not hold any more.
    pub fn drop_plan(self) {
        let phase = self.plan.get_untracked();
        if !matches!(phase, PlanPhase::None | PlanPhase::Outdated) {
            self.stop();
            self.plan.set(PlanPhase::Outdated);
        }
    }

    /// Stops what is under way on this side: reading, planning.
    pub fn stop(self) {
        if let Some(handle) = self.under_way.try_update_value(Option::take).flatten() {
            handle.abort();
        }
    }

    /// Stops, and goes back to before.
    pub fn cancel(self) {
        self.stop();
        if matches!(self.file.get_untracked(), FilePhase::Reading { .. }) {
            self.file.set(FilePhase::None);
            self.file_name.set(None);
        }
        self.plan.set(PlanPhase::None);
    }

    /// Does something that a person may cancel, in place of what is under way.
    pub fn begin(self, work: impl Future<Output = ()> + 'static) {
        self.stop();
        let (work, handle) = abortable(Box::pin(work));
        self.under_way.set_value(Some(handle));
        spawn_local(async move {
            // Aborted means that nobody wants it any more.
            let _ = work.await;
        });
    }

    /// What the rows say, if a file is on the desk.
    pub fn rows(self) -> Option<Checked> {
        self.checked.get_value()
    }
}
