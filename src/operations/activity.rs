//! The log of every change made in this session. It outlives a reload of the page ([`Diary`]),
//! and ends with the tab or with the session.

use super::diary::Diary;
use super::job::{Job, JobReport};
use super::report::error_text;
use crate::actions::touched::Log;
use crate::api::exchange::Network;
use crate::api::mas::base_of;
use crate::api::tolerant::Timestamp;
use crate::api::{Answer, ApiError, Call, Method, Request, UserId, encode};
use crate::browser::clock::now;
use crate::browser::only_one;
use crate::i18n::errors::explain;
use crate::runner::{Unheard, ping, ping_mas};
use crate::session::{Account, Client, Session};
use futures_util::FutureExt;
use futures_util::future::LocalBoxFuture;
use leptos::prelude::*;
use serde::{Deserialize, Serialize};
use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::error::Error;
use std::fmt;
use std::rc::Rc;
use std::time::Duration;

/// How many changes are remembered. A change takes about half a kilobyte.
const REMEMBERED: usize = 20_000;

/// How long a change waits for others that are written into the storage with it. Who reloads
/// before loses none.
const WRITE_AFTER: Duration = Duration::from_millis(500);

/// One change, or the attempt of one.
#[derive(Clone, Serialize, Deserialize)]
pub struct LogEntry {
    #[serde(deserialize_with = "timestamp")]
    pub at: Timestamp,
    /// What was done, in the words of the page that did it.
    pub what: String,
    /// What it was done to: a user ID, a room ID, an mxc URI.
    pub target: String,
    /// The status of the answer, or why it did not work.
    pub outcome: Result<u16, Refusal>,
    /// The request as a shell command, with variables for tokens and passwords.
    pub curl: String,
}

/// Why a change did not work, in the words of the moment: an error itself would take twenty
/// kilobytes of code to be read again after a reload.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Refusal {
    /// Of the answer, if there was one.
    pub status: Option<u16>,
    /// In one sentence.
    pub sentence: String,
    /// The sentence together with what the server said.
    pub text: String,
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl Error for Refusal {}

impl Refusal {
    fn new(error: &ApiError) -> Self {
        Refusal {
            status: error.status(),
            sentence: explain(error).sentence,
            text: error_text(error),
        }
    }
}

/// The report of a job, which tells more than its requests do.
#[derive(Clone, Serialize, Deserialize)]
pub struct KeptReport {
    /// The number of the job, if it is one of this page.
    #[serde(skip)]
    job: Option<u32>,
    #[serde(deserialize_with = "timestamp")]
    pub started: Timestamp,
    pub title: String,
    /// What came of it, in a sentence.
    pub result: String,
    pub report: JobReport,
}

fn timestamp<'de, D: serde::Deserializer<'de>>(from: D) -> Result<Timestamp, D::Error> {
    i64::deserialize(from).map(Timestamp)
}

/// The log. A handle: copies are the same log.
#[derive(Clone, Copy)]
pub struct Activity {
    entries: RwSignal<VecDeque<LogEntry>, LocalStorage>,
    kept: RwSignal<Vec<KeptReport>, LocalStorage>,
    count: StoredValue<usize>,
    diary: StoredValue<Diary, LocalStorage>,
    /// Whether the diary is about to be written.
    writes: StoredValue<bool>,
}

thread_local! {
    /// What the changes of this session have touched.
    pub static TOUCHED: RefCell<Log> = RefCell::default();
    static ACTIVITY: Cell<Option<Activity>> = const { Cell::new(None) };
}

impl Activity {
    /// The log of this tab.
    pub fn get() -> Self {
        only_one::get(&ACTIVITY, Activity::new)
    }

    fn new() -> Self {
        let activity = Activity {
            entries: RwSignal::new_local(VecDeque::new()),
            kept: RwSignal::new_local(Vec::new()),
            count: StoredValue::new(0),
            diary: StoredValue::new_local(Diary::default()),
            writes: StoredValue::new(false),
        };
        let session = Session::get();
        let whose = Memo::new(move |_| session.account().as_ref().map(Account::whose));
        activity.open(whose.get_untracked());
        Effect::new(move |before: Option<Option<String>>| {
            let now = whose.get();
            // It is not for whoever signs in next.
            if before.is_some_and(|before| before != now) {
                activity.diary.update_value(Diary::burn);
                activity.open(now.clone());
            }
            now
        });
        // For as long as the tab.
        let _ = window_event_listener_untyped("pagehide", move |_| activity.write());
        activity
    }

    fn open(&self, owner: Option<String>) {
        let (mut entries, mut kept) = (Vec::new(), Vec::new());
        if let Some(owner) = owner {
            let (diary, changes, reports) = Diary::open(owner);
            self.diary.set_value(diary);
            (entries, kept) = (changes, reports);
        }
        self.count.update_value(|count| *count += entries.len() + 1);
        self.entries.set(entries.into());
        self.kept.set(kept);
    }

    fn write(&self) {
        self.writes.set_value(false);
        self.diary.update_value(Diary::write);
    }

    fn write_soon(&self) {
        let activity = *self;
        if !self.writes.get_value() {
            self.writes.set_value(true);
            set_timeout(move || activity.write(), WRITE_AFTER);
        }
    }

    /// Reads the entries, oldest first. Reactive.
    pub fn with<T>(&self, read: impl FnOnce(&VecDeque<LogEntry>) -> T) -> T {
        self.entries.with(read)
    }

    /// Keeps the report of a job that has ended; of one that was tried again, its last.
    pub fn keep(&self, job: &Job) {
        let kept = KeptReport {
            job: Some(job.id),
            started: job.started,
            title: job.title.to_string(),
            result: job.result_now().unwrap_or_default(),
            report: job.report(),
        };
        self.diary.update_value(|diary| diary.keep(&kept));
        self.kept.update(|all| {
            all.retain(|known| known.job != kept.job);
            all.push(kept);
        });
    }

    /// The reports that are kept, newest first. Reactive.
    pub fn kept(&self) -> Vec<KeptReport> {
        self.kept.with(|kept| kept.iter().rev().cloned().collect())
    }

    /// A number that grows with every change. Not reactive.
    pub fn count(&self) -> usize {
        self.count.get_value()
    }

    fn add(&self, entry: LogEntry) {
        self.count.update_value(|count| *count += 1);
        self.diary.update_value(|diary| diary.add(&entry));
        self.write_soon();
        self.entries.update(|entries| {
            if entries.len() == REMEMBERED {
                entries.pop_front();
            }
            entries.push_back(entry);
        });
    }
}

/// The network of the signed-in administrator, with every change written to the log.
#[derive(Clone)]
pub struct Recorded {
    client: Client,
    session: Session,
    activity: Activity,
    /// In whose session it was made.
    whose: Option<String>,
    what: Rc<str>,
    /// Whom its requests are about, where their paths do not say so.
    about: Option<UserId>,
    /// Where the Matrix Authentication Service stands that has been asked through this network or one made of it.
    mas: Rc<RefCell<Option<String>>>,
    /// Hears which changes get no answer, for the item of a job with this number.
    heard: Option<(usize, Rc<Unheard>)>,
}

impl Recorded {
    /// Logs under this name.
    pub fn new(what: &str) -> Self {
        Recorded {
            client: Client::get(),
            session: Session::get(),
            activity: Activity::get(),
            whose: Session::get().whose(),
            what: what.into(),
            about: None,
            mas: Rc::default(),
            heard: None,
        }
    }

    /// This network for one item of a job, which hears what gets no answer.
    pub(super) fn heard_by(&self, item: usize, unheard: &Rc<Unheard>) -> Self {
        Recorded {
            heard: Some((item, Rc::clone(unheard))),
            ..self.clone()
        }
    }

    /// What was sent through it has begun something, of which it is to be found out how it ends.
    pub fn is_begun(&self) {
        if let Some((item, unheard)) = &self.heard {
            unheard.is_begun(*item);
        }
    }

    /// What has become of all that was sent through it so far is known, though perhaps not by an answer to it.
    pub fn is_known(&self) {
        if let Some((item, unheard)) = &self.heard {
            unheard.is_known(*item);
        }
    }

    /// This network for requests about an account of which Matrix Authentication Service knows the ID, and nobody else:
    /// the log names the account, and it is what they touch.
    pub fn about(&self, user: &UserId) -> Self {
        Recorded {
            about: Some(user.clone()),
            ..self.clone()
        }
    }
}

impl Recorded {
    /// Sends through a client that hands refused tokens back: see [`Client::handing_back`].
    pub fn handing_back(mut self) -> Self {
        self.client = self.client.handing_back();
        self
    }

    /// Asks whether those are there who have been asked through it: the homeserver, and Matrix Authentication Service
    /// if what is being done goes there.
    ///
    /// # Errors
    ///
    /// See [`ping`].
    pub async fn ping(&self) -> Result<(), ApiError> {
        ping(self).await?;
        let mas = self.mas.borrow().clone();
        match mas {
            Some(base) => ping_mas(self, &base).await,
            None => Ok(()),
        }
    }

    /// Sends a request once and reads its answer.
    pub async fn send<T>(&self, request: Request<T>) -> Result<T, ApiError> {
        request.read(&self.exchange(&request.call).await?)
    }
}

impl Network for Recorded {
    fn exchange<'a>(&'a self, call: &'a Call) -> LocalBoxFuture<'a, Result<Answer, ApiError>> {
        async move {
            if let Some(base) = base_of(call) {
                self.mas.replace(Some(base.to_owned()));
            }
            let outcome = self.client.exchange(call).await;
            if let Some((item, unheard)) = &self.heard {
                unheard.note(*item, call, &outcome);
            }
            // Whatever came of it: it may have been carried out.
            TOUCHED.with_borrow_mut(|log| match &self.about {
                Some(user) => log.note_about(call, user.as_str()),
                None => log.note(call),
            });
            if call.method != Method::Get
                && let Some(account) = self.session.account_now()
                // The log is of whoever is signed in: not of what somebody before them has begun.
                && self.whose.as_ref() == Some(&account.whose())
            {
                self.activity.add(LogEntry {
                    at: now(),
                    what: self.what.to_string(),
                    target: match &self.about {
                        Some(user) => user.to_string(),
                        None => target_of(call),
                    },
                    outcome: match &outcome {
                        Ok(answer) if answer.status < 300 => Ok(answer.status),
                        Ok(answer) => Err(Refusal::new(&ApiError::from_answer(answer))),
                        Err(error) => Err(Refusal::new(error)),
                    },
                    curl: call.as_curl(&account.homeserver),
                });
            }
            outcome
        }
        .boxed_local()
    }
}

/// What a call is about: the first Matrix identifier in its path, a media file's URI, or else
/// the end of the path.
fn target_of(call: &Call) -> String {
    let segments: Vec<String> = call.path.split('/').map(encode::decoded).collect();
    if let Some(id) = segments
        .iter()
        .find(|segment| segment.starts_with(['@', '!', '#']))
    {
        return id.clone();
    }
    match segments.as_slice() {
        // These two are for local files only, and leave the server's name out.
        [.., verb, id] if matches!(verb.as_str(), "protect" | "unprotect") => {
            match Session::get().server_name() {
                Some(own) => format!("mxc://{own}/{id}"),
                None => id.clone(),
            }
        }
        [.., area, server, id] if area == "media" || area.ends_with("quarantine") => {
            format!("mxc://{server}/{id}")
        }
        [.., last] => last.clone(),
        [] => String::new(),
    }
}
