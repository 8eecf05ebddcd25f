//! Reading the media repository: at once what the largest users have, then what all others have and
//! meanwhile the files of the largest, then user by user the files of the others, those with most
//! bytes first. What has been read stays for the session; a reading goes on while other pages are
//! looked at.

use crate::api::exchange::Clock;
use crate::api::statistics::ListMediaUsers;
use crate::api::tolerant::Timestamp;
use crate::api::{ApiError, UserId};
use crate::browser::clock::{BrowserClock, months, now};
use crate::browser::only_one;
use crate::i18n::t;
use crate::lists::Reading;
use crate::media::deletion::{self, FileList};
use crate::media::question::MONTHS;
use crate::media::reach::{Lists, ScanState};
use crate::media::uploads::by_size;
use crate::media::{Index, Moments, Sum};
use crate::pages::media::files::changes;
use crate::runner::hopeless::Failures;
use crate::session::enduring::Enduring;
use crate::session::{Client, Session};
use futures_util::future::{AbortHandle, abortable, try_join};
use futures_util::stream::{self, StreamExt};
use leptos::prelude::*;
use std::cell::{Cell, RefCell};
use std::collections::HashSet;
use wasm_bindgen_futures::spawn_local;

/// So many lists are read at a time: the server has other things to do.
const AT_ONCE: usize = 3;
/// So many lists are read without being asked to. They are the largest ones, and mostly have
/// nearly all bytes.
const UNASKED: usize = 5_000;
/// So many of the largest users are asked for first.
const FIRST: u64 = 100;
/// For so long the first list may take before all others are asked for, in milliseconds.
const FIRST_WAIT_MS: u64 = 2_000;
/// How often it is looked whether it has come, in milliseconds.
const BEAT_MS: u64 = 50;
/// How often whoever waits looks how far it is, in milliseconds.
const LOOK_EVERY_MS: u64 = 200;
/// How often what has been read so far is shown, in milliseconds.
const SHOWN_EVERY_MS: i64 = 1_500;
/// With each so many files more it is shown less often: all of them are looked through for it.
const MANY: usize = 200_000;

/// The reading. A handle: copies are the same.
#[derive(Clone, Copy)]
pub struct Scan {
    state: RwSignal<ScanState>,
    lists: RwSignal<Lists>,
    /// Counts what there is to see that was not there before.
    version: RwSignal<u32>,
    running: StoredValue<Option<AbortHandle>, LocalStorage>,
    /// Whose lists are asked for anew.
    unsure: StoredValue<Vec<UserId>>,
    /// Whether the sums are asked for again, or will be by themselves.
    sums_come: RwSignal<bool>,
    /// Whether somebody has wanted them since they were asked for.
    sums_again: StoredValue<bool>,
}

thread_local! {
    static SCAN: Cell<Option<Scan>> = const { Cell::new(None) };
    /// What has been read, and whose session that was.
    static INDEX: RefCell<Option<(String, Index)>> = const { RefCell::new(None) };
}

impl Scan {
    /// That of this tab, begun if it has not been, or was for somebody else.
    pub fn get() -> Self {
        let scan = only_one::get(&SCAN, || Scan {
            state: RwSignal::new(ScanState::Beginning),
            lists: RwSignal::new(Lists::default()),
            version: RwSignal::new(0),
            running: StoredValue::new_local(None),
            unsure: StoredValue::new(Vec::new()),
            sums_come: RwSignal::new(false),
            sums_again: StoredValue::new(false),
        });
        if Scan::is_begun() {
            // Elsewhere files may have been deleted meanwhile. The sums are not asked for here: every page
            // of the list comes by.
            scan.take_changes();
        } else {
            scan.anew();
        }
        scan
    }

    /// Whether it has been begun, for whoever is signed in now.
    pub fn is_begun() -> bool {
        let whose = Session::get().whose();
        INDEX.with_borrow(|known| known.as_ref().map(|(owner, _)| owner) == whose.as_ref())
    }

    /// Forgets everything and begins.
    pub fn anew(&self) {
        self.halt();
        let session = Session::get();
        let (Some(whose), Some(server)) = (session.whose(), session.server_name()) else {
            return;
        };
        changes::take();
        self.unsure.set_value(Vec::new());
        INDEX.set(Some((whose, Index::new(server))));
        self.state.set(ScanState::Beginning);
        self.lists.set(Lists::default());
        self.go(UNASKED);
    }

    /// Goes on, to the end, and asks again for what did not answer.
    pub fn go_on(&self) {
        self.change(Index::ask_again);
        self.go(usize::MAX);
    }

    /// Stops; what has been read stays.
    pub fn stop(&self) {
        self.halt();
        self.state.set(ScanState::Stopped);
        self.show();
    }

    /// Waits until nothing is being read any more; how it stands then.
    ///
    /// # Errors
    ///
    /// [`ApiError::Cancelled`] when whoever waits does not any more; the lists are read on.
    pub async fn until_read(&self, reading: &Reading) -> Result<ScanState, ApiError> {
        loop {
            let state = self.state_now();
            if !matches!(state, ScanState::Beginning | ScanState::Reading) {
                return Ok(state);
            }
            if reading.is_cancelled() {
                return Err(ApiError::Cancelled);
            }
            let lists = self.lists_now();
            reading.progress(lists.read, Some(lists.all));
            BrowserClock.sleep(LOOK_EVERY_MS).await;
        }
    }

    fn halt(&self) {
        if let Some(running) = self.running.try_update_value(Option::take).flatten() {
            running.abort();
        }
        self.sums_come.set(false);
    }

    fn go(&self, most: usize) {
        self.halt();
        self.change(Index::settle);
        let scan = *self;
        // Then all was read, and what is asked for anew does not change that.
        let was_read = match self.state.get_untracked() {
            ScanState::Done(at) => Some(at),
            _ => None,
        };
        self.state.set(match self.lists.get_untracked().all {
            0 => ScanState::Beginning,
            _ => ScanState::Reading,
        });
        let (work, handle) = abortable(async move {
            let ended = match scan.read(most).await {
                Ok(true) => ScanState::Done(was_read.unwrap_or_else(now)),
                Ok(false) => ScanState::Enough,
                Err(error) => ScanState::Failed(error),
            };
            scan.state.set(ended);
            scan.show();
            scan.ask_sums();
        });
        self.running.set_value(Some(handle));
        spawn_local(async move {
            // Aborted means that somebody stopped it.
            let _ = work.await;
        });
    }

    /// Reads what is not read yet; at most so many lists. Whether that was all.
    async fn read(&self, most: usize) -> Result<bool, ApiError> {
        let mut left = most;
        let lists = self.lists.get_untracked();
        // One for all: once the first question has been answered, what comes next waits for a server that
        // restarts, also where it is the first of its kind.
        let client = &Client::get().enduring();
        if !lists.is_whole {
            let total = self.largest(client).await?;
            self.state.set(ScanState::Reading);
            if total > FIRST {
                // The first figures do not wait for the server to sum up everybody.
                let others = async {
                    self.first_list().await;
                    self.others(client).await
                };
                let (read, ()) = try_join(self.files(client, most), others).await?;
                left -= read;
            }
        }
        self.state.set(ScanState::Reading);
        self.files(client, left).await?;
        loop {
            let unsure = self.unsure.try_update_value(std::mem::take);
            let unsure: HashSet<UserId> = unsure.unwrap_or_default().into_iter().collect();
            let mut unread = self.with(Index::unread);
            let is_all = unread.is_empty() && self.with(|index| index.silent().next().is_none());
            // The others have been asked for since it was known.
            unread.retain(|user| unsure.contains(user));
            if unread.is_empty() {
                return Ok(is_all);
            }
            self.lists_of(client, unread).await?;
        }
    }

    /// Reads the lists of those who are known by now, at most so many; says how many.
    async fn files(&self, client: &Enduring, most: usize) -> Result<usize, ApiError> {
        let mut unread = self.with(Index::unread);
        unread.truncate(most);
        let count = unread.len();
        self.lists_of(client, unread).await?;
        Ok(count)
    }

    /// Reads the lists of these.
    async fn lists_of(&self, client: &Enduring, users: Vec<UserId>) -> Result<(), ApiError> {
        let mut lists = stream::iter(users)
            .map(|user| async move {
                let began = self.with(Index::position);
                let files = deletion::files_of(client.patient(), &user, &|_, _| ()).await;
                (user, deletion::readable(files), began)
            })
            .buffer_unordered(AT_ONCE);
        let mut failures = Failures::default();
        // The first that comes is shown at once.
        let mut shown = Timestamp::default();
        while let Some((user, files, began)) = lists.next().await {
            let (mut is_new, mut unsure, mut hopeless) = (false, Vec::new(), None);
            let files = files?;
            self.change(|index| {
                is_new = match files {
                    FileList::Files(files) => {
                        failures.end();
                        index.add(&user, files)
                    }
                    // Of who has no account here the server shows no list.
                    FileList::None => index.give_up(&user),
                    FileList::Silent(error) => {
                        // Of those that are known to hang there may be as many as that.
                        let is_first = index.silence(&user);
                        hopeless = (is_first && failures.are_hopeless(&error)).then_some(error);
                        false
                    }
                };
                unsure = index.catch_up(&user, began);
            });
            if let Some(error) = hopeless {
                return Err(error);
            }
            match unsure.is_empty() {
                true => self.lists.update(|lists| lists.read += u64::from(is_new)),
                false => self.recount(),
            }
            self.unsure.update_value(|all| all.extend(unsure));
            let files = self.with(Index::len);
            if now().0 - shown.0 > SHOWN_EVERY_MS * (1 + files / MANY) as i64 {
                self.show();
                shown = now();
            }
        }
        Ok(())
    }

    /// Who has most, and how many there are: that is worth seeing before all are known.
    async fn largest(&self, client: &Enduring) -> Result<u64, ApiError> {
        let question = ListMediaUsers {
            limit: FIRST,
            descending: true,
            ..Default::default()
        };
        let first = by_size(client.patient(), &question).await?;
        let is_whole = first.total <= FIRST;
        self.know(|index| index.know(first.users), first.total, is_whole);
        Ok(first.total)
    }

    /// Waits for the first list to come, for a while.
    async fn first_list(&self) {
        for _ in 0..FIRST_WAIT_MS / BEAT_MS {
            if self.lists.get_untracked().read > 0 {
                return;
            }
            BrowserClock.sleep(BEAT_MS).await;
        }
    }

    /// How much each of all has.
    async fn others(&self, client: &Enduring) -> Result<(), ApiError> {
        let gone = self.with(Index::gone_untold);
        let all = deletion::owners(client.patient(), None, &|_, _| ()).await?;
        self.know(|index| index.know_anew(all, gone), 0, true);
        Ok(())
    }

    fn know(&self, take_in: impl FnOnce(&mut Index), least: u64, is_whole: bool) {
        self.change(take_in);
        self.count(least, is_whole);
        self.show();
    }

    /// Counts the lists; there are at least so many.
    fn count(&self, least: u64, is_whole: bool) {
        let mut lists = self.with(|index| {
            let listed = || index.owners().iter().filter(|owner| owner.user.is_some());
            Lists {
                read: listed().filter(|owner| owner.is_read).count() as u64,
                all: listed().count() as u64,
                is_whole,
            }
        });
        if !is_whole {
            lists.all = lists.all.max(least);
        }
        self.lists.set(lists);
    }

    fn recount(&self) {
        let lists = self.lists.get_untracked();
        self.count(lists.all, lists.is_whole);
    }

    fn show(&self) {
        self.take_changes();
        self.version.update(|version| *version += 1);
    }

    fn take_changes(&self) {
        let changes = changes::take();
        if changes.is_empty() {
            return;
        }
        let state = self.state.get_untracked();
        let mut unsure = Vec::new();
        self.change(|index| {
            unsure = index.change(changes);
            if !matches!(state, ScanState::Beginning | ScanState::Reading) {
                index.settle();
            }
        });
        self.recount();
        self.version.update(|version| *version += 1);
        if unsure.is_empty() {
            return;
        }
        self.unsure.update_value(|all| all.extend(unsure));
        // A reading that is under way asks at its end; one that was stopped, when it goes on.
        if matches!(state, ScanState::Enough | ScanState::Done(_)) {
            self.go(0);
        }
    }

    /// The page was opened, or files have been changed from it. What is gone and in no list is still counted
    /// in somebody's sum: the sums are asked for again, also where the lists are not read on.
    pub fn changed(&self) {
        self.take_changes();
        self.ask_sums();
    }

    fn ask_sums(&self) {
        // A reading that is under way asks at its end, one that was stopped early does not know them anyway.
        let is_over = !matches!(self.state_now(), ScanState::Beginning | ScanState::Reading);
        if !is_over || !self.lists_now().is_whole {
            return;
        }
        if self.sums_come.get_untracked() {
            self.sums_again.set_value(true);
            return;
        }
        let Some(wait) = self.with(|index| index.sums_due(now())) else {
            return;
        };
        let scan = *self;
        let (work, handle) = abortable(async move {
            BrowserClock.sleep(wait).await;
            if !Scan::is_begun() {
                scan.sums_come.set(false);
                return;
            }
            scan.sums_again.set_value(false);
            scan.change(|index| index.ask_sums(now()));
            let answer = scan.others(&Client::get().enduring()).await;
            scan.sums_come.set(false);
            if let Err(error) = answer {
                scan.state.set(ScanState::Failed(error));
            } else if scan.sums_again.try_update_value(std::mem::take) == Some(true) {
                scan.ask_sums();
            }
        });
        self.sums_come.set(true);
        self.running.set_value(Some(handle));
        spawn_local(async move {
            // Aborted means that lists are read again.
            let _ = work.await;
        });
    }

    /// Follows what a job does that was begun on another page, or before this one was left and opened
    /// again: not with each file, of which there may be a million to look through. To be called where an
    /// effect may be made.
    pub fn follow(self) {
        let is_waiting = StoredValue::new(false);
        Effect::new(move |_| {
            changes::news().track();
            if is_waiting.get_value() {
                return;
            }
            is_waiting.set_value(true);
            spawn_local(async move {
                BrowserClock.sleep(SHOWN_EVERY_MS.unsigned_abs()).await;
                // The page may have been left.
                let _ = is_waiting.try_set_value(false);
                self.take_changes();
            });
        });
    }

    fn change(&self, change: impl FnOnce(&mut Index)) {
        INDEX.with_borrow_mut(|known| {
            if let Some((_, index)) = known {
                change(index);
            }
        });
    }

    /// Looks at what is known. Not reactive: see [`Scan::version`].
    pub fn with<T: Default>(&self, look: impl FnOnce(&Index) -> T) -> T {
        self.look(look).unwrap_or_default()
    }

    /// Looks at what is known; `None` if nothing is. Not reactive: see [`Scan::version`].
    pub fn look<T>(&self, look: impl FnOnce(&Index) -> T) -> Option<T> {
        INDEX.with_borrow(|known| known.as_ref().map(|(_, index)| look(index)))
    }

    /// Changes with what is known. Reactive.
    pub fn version(&self) -> u32 {
        self.version.get()
    }

    /// The number that changes with what is known, as a signal for what has to look again.
    pub fn versions(&self) -> RwSignal<u32> {
        self.version
    }

    /// Whose lists did not answer, and how much they have. Not reactive: see [`Scan::version`].
    pub fn silent(&self) -> (Vec<String>, Sum) {
        self.with(|index| {
            let mut sum = Sum::default();
            let names = index.silent().map(|owner| {
                sum += owner.sum;
                owner.user.as_ref().map(ToString::to_string)
            });
            let names = names.flatten().collect();
            (names, sum)
        })
    }

    /// How far it is. Reactive.
    pub fn state(&self) -> ScanState {
        self.state.get()
    }

    /// How many lists have been read. Reactive.
    pub fn lists(&self) -> Lists {
        self.lists.get()
    }

    /// How far the reading is, without following it.
    pub fn state_now(&self) -> ScanState {
        self.state.get_untracked()
    }

    /// How many lists have been read, without following it.
    pub fn lists_now(&self) -> Lists {
        self.lists.get_untracked()
    }

    /// Whether the server has told how much each user has, and is not asked again as something has gone
    /// since of which nobody knows whose it was. Reactive.
    pub fn knows_sums(&self) -> bool {
        self.version.track();
        let is_reading = matches!(self.state(), ScanState::Beginning | ScanState::Reading);
        if (self.sums_come.get() || is_reading) && self.with(Index::are_sums_old) {
            return false;
        }
        let lists = self.lists().all > 0;
        lists
            || matches!(
                self.state(),
                ScanState::Reading | ScanState::Enough | ScanState::Done(_)
            )
    }

    /// A sum of everything in words: "at least" so much, as long as only the largest users are
    /// known. Reactive.
    pub fn so_far(&self, sum: String) -> String {
        match self.lists().is_whole {
            true => sum,
            false => t::at_least(&sum),
        }
    }

    /// How much there is, and how much of it has been read. Reactive.
    pub fn sums(&self) -> (Sum, Sum) {
        self.version.track();
        self.with(|index| (index.total(), index.read()))
    }
}

/// Now, and the last twelve months as this browser's clock has them.
pub fn moments() -> Moments {
    let months = months(MONTHS).into_iter();
    Moments {
        now: now(),
        months: months.map(|month| (month.name, month.first.1)).collect(),
    }
}
