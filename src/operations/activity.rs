//! The log of every change made in this session.

use super::job::Job;
use crate::api::exchange::Network;
use crate::api::tolerant::Timestamp;
use crate::api::{Answer, ApiError, Call, Method, Request, encode};
use crate::components::only_one;
use crate::session::browser::now;
use crate::session::{Client, Session};
use crate::touched::Log;
use futures_util::FutureExt;
use futures_util::future::LocalBoxFuture;
use leptos::prelude::*;
use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::rc::Rc;

/// How many changes are remembered. A change takes about half a kilobyte.
const REMEMBERED: usize = 20_000;

/// One change, or the attempt of one.
#[derive(Clone)]
pub struct Entry {
    pub at: Timestamp,
    /// What was done, in the words of the page that did it.
    pub what: Rc<str>,
    /// What it was done to: a user ID, a room ID, an mxc URI.
    pub target: String,
    pub outcome: Result<u16, ApiError>,
    /// The request as a shell command, without token and passwords.
    pub curl: String,
}

/// The log. A handle: copies are the same log.
#[derive(Clone, Copy)]
pub struct Activity {
    entries: RwSignal<VecDeque<Entry>, LocalStorage>,
    /// Jobs whose reports tell more than the requests do.
    kept: RwSignal<Vec<Job>, LocalStorage>,
    count: StoredValue<usize>,
}

thread_local! {
    /// What the changes of this session have touched.
    pub static TOUCHED: RefCell<Log> = RefCell::default();
    static ACTIVITY: Cell<Option<Activity>> = const { Cell::new(None) };
}

impl Activity {
    /// The log of this tab.
    pub fn get() -> Self {
        only_one::get(&ACTIVITY, || Activity {
            entries: RwSignal::new_local(VecDeque::new()),
            kept: RwSignal::new_local(Vec::new()),
            count: StoredValue::new(0),
        })
    }

    /// Reads the entries, oldest first. Reactive.
    pub fn with<T>(&self, read: impl FnOnce(&VecDeque<Entry>) -> T) -> T {
        self.entries.with(read)
    }

    /// Keeps the report of a job that has ended; of one that was tried again, its last.
    pub fn keep(&self, job: &Job) {
        self.kept.update(|kept| {
            kept.retain(|known| known.id != job.id);
            kept.push(job.clone());
        });
    }

    /// The jobs of this administrator whose reports are kept, newest first. Reactive.
    pub fn kept(&self) -> Vec<Job> {
        let whose = Session::get().whose();
        self.kept.with(|kept| {
            let own = kept.iter().rev().filter(|job| job.owner == whose);
            own.cloned().collect()
        })
    }

    /// How many changes there have been, those that are no longer remembered as well. Not
    /// reactive.
    pub fn count(&self) -> usize {
        self.count.get_value()
    }

    fn add(&self, entry: Entry) {
        self.count.update_value(|count| *count += 1);
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
    what: Rc<str>,
}

impl Recorded {
    /// Logs under this name.
    pub fn new(what: &str) -> Self {
        Recorded {
            client: Client::get(),
            session: Session::get(),
            activity: Activity::get(),
            what: what.into(),
        }
    }
}

impl Recorded {
    /// Sends a request once and reads its answer.
    pub async fn send<T>(&self, request: Request<T>) -> Result<T, ApiError> {
        request.read(&self.exchange(&request.call).await?)
    }
}

impl Network for Recorded {
    fn exchange<'a>(&'a self, call: &'a Call) -> LocalBoxFuture<'a, Result<Answer, ApiError>> {
        async move {
            let outcome = self.client.exchange(call).await;
            // Whatever came of it: it may have been carried out.
            TOUCHED.with_borrow_mut(|log| log.note(call));
            if call.method != Method::Get
                && let Some(account) = self.session.account_now()
            {
                self.activity.add(Entry {
                    at: now(),
                    what: Rc::clone(&self.what),
                    target: target_of(call),
                    outcome: match &outcome {
                        Ok(answer) if answer.status < 300 => Ok(answer.status),
                        Ok(answer) => Err(ApiError::from_answer(answer)),
                        Err(error) => Err(error.clone()),
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
