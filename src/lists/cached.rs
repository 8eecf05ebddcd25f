//! Whole lists, read once and kept for the session: for questions that the server cannot answer.
//!
//! One rule says when what is kept will not do any more: what a change of ours has touched since
//! then is asked for anew, one by one, before it is used; where that would be more work than
//! reading the list, or where nobody can tell what was touched, the list is read again. What others
//! do meanwhile is not noticed: it is said when the list was read, and "Refresh" reads it again.

use crate::actions::touched::{self, Log, Touched};
use crate::api::ApiError;
use crate::api::tolerant::Timestamp;
use crate::browser::clock::now;
use crate::i18n::t;
use crate::known::{Known, Why};
use crate::lists::Reading;
use crate::operations::activity::TOUCHED;
use crate::runner::hopeless::Failures;
use crate::session::Session;
use futures_util::FutureExt;
use futures_util::future::{LocalBoxFuture, Shared, ready};
use futures_util::stream::{self, StreamExt};
use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;
use std::thread::LocalKey;

/// So many things are asked about at a time, where they are asked about one by one.
const AT_ONCE: usize = 4;

/// Up to so many are asked for anew one by one, of however short a list.
const FEW: usize = 50;

/// One in so many, of a long one. A request for one takes the server about a fiftieth of what a page
/// of a thousand does.
const ONE_IN: usize = 20;

/// A whole list, and when it was read.
pub struct Whole<T> {
    pub items: Rc<[T]>,
    pub read_at: Timestamp,
}

impl<T> Clone for Whole<T> {
    fn clone(&self) -> Self {
        Whole {
            items: Rc::clone(&self.items),
            read_at: self.read_at,
        }
    }
}

/// Hears how many are read, and how many there are.
pub type OnProgress = Rc<dyn Fn(u64, u64)>;

/// How a list is read and kept up to date.
pub struct CachedKind<T> {
    /// Reads everything.
    pub read: fn(OnProgress) -> LocalBoxFuture<'static, Result<Vec<T>, ApiError>>,
    /// Asks for one of them by its key; `None` if it is not there any more.
    pub one: fn(String) -> LocalBoxFuture<'static, Result<Option<T>, ApiError>>,
    pub key: fn(&T) -> &str,
    /// Takes what only the list tells over from how it was.
    pub keep: fn(&T, &mut T),
    /// What our changes have touched since a moment.
    pub touched: fn(&Log, u64) -> Touched,
}

/// The reading, under way or done. It goes on only while somebody waits for it, so cancelling
/// stops it, and asking again goes on where it stopped.
type Reader<T> = Shared<LocalBoxFuture<'static, Result<Whole<T>, ApiError>>>;

/// A reading, whose it is, and the moment (of [`Log`]) of which it tells.
struct Kept<T> {
    owner: String,
    moment: u64,
    reader: Reader<T>,
}

/// Keeps one list as long as the session lasts, and knows when it is stale.
pub struct Keeper<T: 'static> {
    kept: RefCell<Option<Kept<T>>>,
    listener: Rc<RefCell<Option<Reading>>>,
    kind: CachedKind<T>,
}

impl<T: Clone + 'static> Keeper<T> {
    /// Keeps what is read in this way.
    pub fn new(kind: CachedKind<T>) -> Self {
        Keeper {
            kept: RefCell::default(),
            listener: Rc::default(),
            kind,
        }
    }

    /// The reading that will do, or a new one.
    fn reader(&self, owner: &str, anew: bool) -> (Reader<T>, u64) {
        if let Some(kept) = &*self.kept.borrow()
            && kept.owner == owner
            && !anew
            && !self.is_outdated(kept)
        {
            return (kept.reader.clone(), kept.moment);
        }
        let moment = TOUCHED.with_borrow(Log::moment);
        let listener = Rc::clone(&self.listener);
        let report = Rc::new(move |done, of| {
            if let Some(reading) = &*listener.borrow() {
                reading.progress(done, Some(of));
            }
        });
        let read = (self.kind.read)(report).map(|items| {
            Ok(Whole {
                items: items?.into(),
                read_at: now(),
            })
        });
        let reader = read.boxed_local().shared();
        self.keep(owner.to_owned(), moment, reader.clone());
        (reader, moment)
    }

    fn keep(&self, owner: String, moment: u64, reader: Reader<T>) {
        self.kept.replace(Some(Kept {
            owner,
            moment,
            reader,
        }));
    }

    /// Keeps what is read.
    fn hold(&self, owner: String, moment: u64, whole: Whole<T>) {
        let reader = ready(Ok(whole)).boxed_local().shared();
        // Done at once, so that it can be looked into.
        let _ = reader.clone().now_or_never();
        self.keep(owner, moment, reader);
    }

    /// Whether reading again is less work than asking for what was touched.
    fn is_outdated(&self, kept: &Kept<T>) -> bool {
        let Some(Ok(whole)) = kept.reader.peek() else {
            // It is under way.
            return false;
        };
        let most = FEW.max(whole.items.len() / ONE_IN);
        match TOUCHED.with_borrow(|log| (self.kind.touched)(log, kept.moment)) {
            Touched::None => false,
            Touched::These(ids) => ids.len() > most,
            Touched::Any => true,
        }
    }
}

/// All of them.
///
/// # Errors
///
/// What reading ends with; [`ApiError::Cancelled`] when the reading is cancelled.
pub async fn all<T: Clone + 'static>(
    keeper: &'static LocalKey<Keeper<T>>,
    reading: &Reading,
) -> Result<Whole<T>, ApiError> {
    let Some(owner) = Session::get().whose() else {
        return Err(ApiError::Cancelled);
    };
    let (reader, moment) = keeper.with(|keeper| {
        keeper.listener.replace(Some(reading.clone()));
        keeper.reader(&owner, reading.is_refresh())
    });
    let whole = match reading.unless_cancelled(reader).await {
        Ok(whole) => whole,
        // What was cancelled goes on when it is asked for again.
        Err(ApiError::Cancelled) => return Err(ApiError::Cancelled),
        Err(error) => {
            keeper.with(|keeper| keeper.kept.replace(None));
            return Err(error);
        }
    };
    // What was touched while it was read, or since.
    let later = TOUCHED.with_borrow(Log::moment);
    let touched =
        keeper.with(|keeper| TOUCHED.with_borrow(|log| (keeper.kind.touched)(log, moment)));
    let Touched::These(ids) = touched else {
        return Ok(whole);
    };
    let whole = patched(keeper, whole, ids, reading).await?;
    keeper.with(|keeper| keeper.hold(owner, later, whole.clone()));
    Ok(whole)
}

/// Keeps a list that was brought up to date by other means than its kind has, for whom it was asked:
/// somebody else may have signed in since.
pub fn hold<T: Clone + 'static>(
    keeper: &'static LocalKey<Keeper<T>>,
    asked_for: Option<String>,
    items: Rc<[T]>,
) {
    let read_at = now();
    let is_here = Session::get().whose() == asked_for;
    if let Some(owner) = asked_for.filter(|_| is_here) {
        let moment = TOUCHED.with_borrow(Log::moment);
        keeper.with(|keeper| keeper.hold(owner, moment, Whole { items, read_at }));
    }
}

/// Whether a list has been read, and will do with a few asked for anew at most.
pub fn is_kept<T: Clone + 'static>(keeper: &'static LocalKey<Keeper<T>>) -> bool {
    let owner = Session::get().whose();
    keeper.with(|keeper| {
        let kept = keeper.kept.borrow();
        kept.as_ref().is_some_and(|kept| {
            Some(&kept.owner) == owner.as_ref()
                && matches!(kept.reader.peek(), Some(Ok(_)))
                && !keeper.is_outdated(kept)
        })
    })
}

/// The list with these asked for anew.
async fn patched<T: Clone + 'static>(
    keeper: &'static LocalKey<Keeper<T>>,
    whole: Whole<T>,
    ids: Vec<String>,
    reading: &Reading,
) -> Result<Whole<T>, ApiError> {
    let (one, key, keep) = keeper.with(|keeper| {
        let kind = &keeper.kind;
        (kind.one, kind.key, kind.keep)
    });
    let of = ids.len() as u64;
    let mut answers = stream::iter(ids)
        .map(|id| one(id.clone()).map(|answer| (id, answer)))
        .buffer_unordered(AT_ONCE);
    let mut fresh: HashMap<String, Option<T>> = HashMap::new();
    let collect = async {
        while let Some((id, answer)) = answers.next().await {
            fresh.insert(id, answer?);
            reading.progress(fresh.len() as u64, Some(of));
        }
        Ok::<(), ApiError>(())
    };
    reading.unless_cancelled(collect).await?;
    Ok(Whole {
        items: touched::patched(&whole.items, fresh, key, keep).into(),
        read_at: whole.read_at,
    })
}

/// Asks something about one thing.
pub type AskOne<V> = fn(String) -> LocalBoxFuture<'static, Result<V, ApiError>>;

/// Keeps what the server tells one by one only.
pub struct Survey<V: 'static> {
    owner: RefCell<Option<String>>,
    /// The moment (of [`Log`]) of which the answers tell.
    moment: RefCell<u64>,
    known: RefCell<HashMap<String, (V, Timestamp)>>,
    /// Which did not say, and when: who turns a page does not wait for them again.
    silent: RefCell<HashMap<String, Timestamp>>,
    ask: AskOne<V>,
    touched: fn(&Log, u64) -> Touched,
}

/// What a survey has found out.
pub struct Surveyed<V> {
    pub known: HashMap<String, V>,
    /// Of these the server said nothing, or nothing that could be read, in good time. They are
    /// asked about again after a while, or on "Refresh".
    pub silent: Vec<String>,
    /// When the oldest of the answers came.
    pub since: Timestamp,
}

/// So many of those that did not say are named.
const NAMED: usize = 5;

/// A word on how something was found, and who is left out because the server did not say.
pub fn with_silent(note: String, silent: &[String]) -> String {
    if silent.is_empty() {
        return note;
    }
    let left_out = t::list_note_silent(silent.len() as u64, &some_of(silent));
    format!("{note}. {left_out}")
}

/// A word on those that are listed without what the server did not say of them; nothing where it
/// said everything.
pub fn untold(silent: &[String]) -> Option<String> {
    let count = silent.len() as u64;
    (count > 0).then(|| t::list_note_untold(count, &some_of(silent)))
}

fn some_of(names: &[String]) -> String {
    let mut some: Vec<&str> = names.iter().take(NAMED).map(String::as_str).collect();
    if names.len() > NAMED {
        some.push("…");
    }
    some.join(", ")
}

/// For so long those that did not say are not asked again, in milliseconds.
const SILENT_MS: i64 = 5 * 60 * 1000;

impl<V: Clone + 'static> Survey<V> {
    /// Keeps what `ask` finds, until `touched` says that a change of ours may have changed it.
    pub fn new(ask: AskOne<V>, touched: fn(&Log, u64) -> Touched) -> Self {
        Survey {
            owner: RefCell::default(),
            moment: RefCell::default(),
            known: RefCell::default(),
            silent: RefCell::default(),
            ask,
            touched,
        }
    }

    /// Forgets what will not do any more.
    fn freshen(&self, owner: String, anew: bool) {
        let mut known = self.known.borrow_mut();
        let (touched, moment) =
            TOUCHED.with_borrow(|log| ((self.touched)(log, *self.moment.borrow()), log.moment()));
        self.moment.replace(moment);
        let other = self.owner.replace(Some(owner.clone())) != Some(owner);
        let mut silent = self.silent.borrow_mut();
        silent.retain(|_, at| now().0 - at.0 < SILENT_MS);
        match touched {
            Touched::These(ids) if !other && !anew => {
                for id in ids {
                    known.remove(&id);
                    silent.remove(&id);
                }
            }
            Touched::None if !other && !anew => {}
            _ => {
                known.clear();
                silent.clear();
            }
        }
    }

    /// What has been found out of one, if that still will do.
    fn told(&self, owner: String, id: &str) -> Known<V> {
        let is_fresh = *self.moment.borrow() == TOUCHED.with_borrow(Log::moment)
            && self.owner.borrow().as_ref() == Some(&owner);
        if !is_fresh {
            self.freshen(owner, false);
        }
        match self.known.borrow().get(id) {
            Some((value, _)) => Known::Is(value.clone()),
            None if self.silent.borrow().contains_key(id) => Known::Unknown(Why::Silent),
            None => Known::Unknown(Why::NotAsked),
        }
    }

    /// Keeps an answer that was asked for at a moment of [`Log`], unless a change of ours may have made
    /// it another meanwhile.
    fn keep(&self, id: &str, asked: u64, answer: &(V, Timestamp)) {
        let is_past = match TOUCHED.with_borrow(|log| (self.touched)(log, asked)) {
            Touched::None => false,
            Touched::These(ids) => ids.iter().any(|touched| touched == id),
            Touched::Any => true,
        };
        if !is_past {
            self.known
                .borrow_mut()
                .insert(id.to_owned(), answer.clone());
        }
    }

    /// What is known of these, and since when.
    fn found(&self, ids: &[String]) -> HashMap<String, (V, Timestamp)> {
        let known = self.known.borrow();
        let found = ids
            .iter()
            .filter_map(|id| Some((id.clone(), known.get(id)?.clone())));
        found.collect()
    }

    /// Those of which it has to be asked.
    fn missing(&self, ids: &[String]) -> Vec<String> {
        let (known, silent) = (self.known.borrow(), self.silent.borrow());
        let missing = ids
            .iter()
            .filter(|id| !known.contains_key(*id) && !silent.contains_key(*id));
        missing.cloned().collect()
    }
}

/// What has been found out of one thing, without asking. What a change of ours may have changed since
/// is not known any more.
pub fn told<V: Clone + 'static>(keeper: &'static LocalKey<Survey<V>>, id: &str) -> Known<V> {
    match Session::get().whose() {
        Some(owner) => keeper.with(|keeper| keeper.told(owner, id)),
        None => Known::Unknown(Why::NotAsked),
    }
}

/// Forgets all that a survey has found out.
pub fn forget<V: Clone + 'static>(keeper: &'static LocalKey<Survey<V>>) {
    keeper.with(|keeper| {
        keeper.known.borrow_mut().clear();
        keeper.silent.borrow_mut().clear();
    });
}

/// Asks about each of these of which it is not known. What is answered is kept even if the reading
/// is cancelled.
///
/// # Errors
///
/// [`ApiError::Cancelled`] when the reading is cancelled; the last of many failures on end.
pub async fn survey<V: Clone + 'static>(
    keeper: &'static LocalKey<Survey<V>>,
    ids: Vec<String>,
    reading: &Reading,
) -> Result<Surveyed<V>, ApiError> {
    let Some(owner) = Session::get().whose() else {
        return Err(ApiError::Cancelled);
    };
    let (ask, mut found, missing) = keeper.with(|keeper| {
        keeper.freshen(owner, reading.is_refresh());
        (keeper.ask, keeper.found(&ids), keeper.missing(&ids))
    });
    let of = ids.len() as u64;
    let mut done = of - missing.len() as u64;
    let mut failures = Failures::default();
    let mut answers = stream::iter(missing)
        .map(|id| {
            let asked = TOUCHED.with_borrow(Log::moment);
            ask(id.clone()).map(move |answer| (id, asked, answer))
        })
        .buffer_unordered(AT_ONCE);
    let collect = async {
        while let Some((id, asked, answer)) = answers.next().await {
            done += 1;
            reading.progress(done, Some(of));
            match answer {
                Ok(answer) => {
                    failures.end();
                    let answer = (answer, now());
                    keeper.with(|keeper| keeper.keep(&id, asked, &answer));
                    found.insert(id, answer);
                }
                Err(error) => {
                    if failures.are_hopeless(&error) || error == ApiError::Cancelled {
                        return Err(error);
                    }
                    keeper.with(|keeper| keeper.silent.borrow_mut().insert(id, now()));
                }
            }
        }
        Ok(())
    };
    reading.unless_cancelled(collect).await?;
    let oldest = found.values().map(|(_, at)| *at).min();
    let silent = ids.into_iter().filter(|id| !found.contains_key(id));
    Ok(Surveyed {
        silent: silent.collect(),
        since: oldest.unwrap_or_else(now),
        known: found
            .into_iter()
            .map(|(id, (value, _))| (id, value))
            .collect(),
    })
}
