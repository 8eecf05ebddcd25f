//! What this browser keeps of the changes that the server carries out in the background: those
//! that were begun, under a key of their own each, so that two tabs do not overwrite each other;
//! and of a job those that were not begun yet. For the homeserver and the administrator that
//! they belong to.

use crate::api::tolerant::Timestamp;
use crate::browser::clock::now;
use crate::browser::storage::Keep;
use crate::listing::sort::sort_by;
use crate::session::Session;
use serde::{Deserialize, Serialize};

/// The server forgets after a week, in milliseconds; a day more, to be told so.
const KEPT_MS: i64 = 8 * 24 * 60 * 60 * 1000;

/// So many characters are kept of a job at most: a browser has room for some five million, and what is kept
/// of others, and who is signed in, needs some of it.
const MOST: usize = 2_500_000;

/// One that the server has begun.
#[derive(Clone, Debug, PartialEq)]
pub struct Begun {
    pub at: Timestamp,
    /// The server's ID of it.
    pub id: String,
    pub target: String,
}

/// What a job had not begun yet when its page was left.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Rest {
    at: i64,
    /// What the job was called.
    pub title: String,
    /// What is to be done, as the kind of change understands it.
    pub order: String,
    pub targets: Vec<String>,
}

/// Where those of a kind are kept; `None` if nobody is signed in.
fn place(kind: &str, what: &str) -> Option<String> {
    let whose = Session::get().whose()?;
    Some(format!("synapse-admin.{kind}.{what} {whose} "))
}

/// Those that have been begun and are not known to have ended.
pub fn begun(kind: &str) -> Vec<Begun> {
    let Some(place) = place(kind, "begun") else {
        return Vec::new();
    };
    let oldest = now().0 - KEPT_MS;
    let mut all = Vec::new();
    for id in Keep::ThisBrowser.keys(&place) {
        let key = format!("{place}{id}");
        let text = Keep::ThisBrowser.get(&key).unwrap_or_default();
        let (at, target) = text.split_once(' ').unwrap_or_default();
        match at.parse() {
            Ok(at) if at > oldest => all.push(Begun {
                at: Timestamp(at),
                id,
                target: target.to_owned(),
            }),
            _ => Keep::ThisBrowser.remove(&key),
        }
    }
    sort_by(&mut all, |a, b| a.at.cmp(&b.at));
    all
}

/// Keeps one that has just been begun. Without storage a reload loses sight of it, and the server
/// goes on.
pub fn keep(kind: &str, id: &str, target: &str) {
    if let Some(place) = place(kind, "begun") {
        Keep::ThisBrowser.set(&format!("{place}{id}"), &format!("{} {target}", now().0));
    }
}

/// Forgets one that is over.
pub fn forget(kind: &str, id: &str) {
    if let Some(place) = place(kind, "begun") {
        Keep::ThisBrowser.remove(&format!("{place}{id}"));
    }
}

/// Where the rest of a job is kept. A handle that knows the administrator it belongs to, so that
/// it stays right when somebody else signs in.
#[derive(Clone)]
pub struct Kept {
    rest: String,
    next: String,
}

impl Kept {
    /// That of the job with this name.
    fn named(kind: &str, job: &str) -> Option<Self> {
        Some(Kept {
            rest: format!("{}{job}", place(kind, "rest")?),
            next: format!("{}{job}", place(kind, "next")?),
        })
    }

    /// Keeps all of a job that begins; `job` is a name that no other has. `None` where that cannot be, also for
    /// being too much.
    pub fn begin(
        kind: &str,
        job: &str,
        title: &str,
        order: &str,
        targets: &[String],
    ) -> Option<Self> {
        let kept = Self::named(kind, job)?;
        let rest = Rest {
            at: now().0,
            title: title.to_owned(),
            order: order.to_owned(),
            targets: targets.to_vec(),
        };
        let text = serde_json::to_string(&rest).ok()?;
        if text.len() > MOST {
            return None;
        }
        Keep::ThisBrowser.set(&kept.rest, &text).then_some(kept)
    }

    /// Those of a kind that some page has left.
    pub fn all(kind: &str) -> Vec<Self> {
        let names = place(kind, "rest").map(|place| Keep::ThisBrowser.keys(&place));
        let names = names.unwrap_or_default();
        let all = names.iter().filter_map(|job| Self::named(kind, job));
        all.collect()
    }

    /// The name of the lock that the page that works on it holds.
    pub fn lock(&self) -> &str {
        &self.rest
    }

    /// Notes that those before this number need not be begun any more.
    pub fn is_at(&self, number: usize) {
        Keep::ThisBrowser.set(&self.next, &number.to_string());
    }

    /// What is left; `None` if nothing is, or if it is too old to be meant still.
    pub fn left(&self) -> Option<Rest> {
        let text = Keep::ThisBrowser.get(&self.rest)?;
        let mut rest: Rest = serde_json::from_str(&text).ok()?;
        let next = Keep::ThisBrowser.get(&self.next);
        let next = next.and_then(|next| next.parse().ok()).unwrap_or(0);
        rest.targets = rest.targets.into_iter().skip(next).collect();
        (rest.at > now().0 - KEPT_MS && !rest.targets.is_empty()).then_some(rest)
    }

    /// Nothing is left, or nobody wants it any more.
    pub fn forget(&self) {
        Keep::ThisBrowser.remove(&self.rest);
        Keep::ThisBrowser.remove(&self.next);
    }
}
