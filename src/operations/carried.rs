//! Jobs of actions over signing in again in the same tab. When the page is left for it, what is known
//! of each target is kept in this tab, together with what the subject needs in order to make the action
//! again; when it is come back to, the job goes on with what was open. Nothing is done twice: who is
//! asked about right before is asked again, and what was under way when the page was left counts as
//! unknown until then.

use super::acts::{self, Act, Again, Before};
use super::job::{CARRIED, Job};
use super::targets::JobStanding;
use crate::api::ApiError;
use crate::browser::clock::now;
use crate::browser::storage::Keep;
use crate::components::toast::Toasts;
use crate::i18n::t;
use crate::runner::{Fate, Reason};
use crate::session::{Session, config, learn};
use serde::{Deserialize, Serialize};
use std::rc::Rc;
use wasm_bindgen_futures::spawn_local;

/// After how long, in milliseconds, a job waits to be told to go on: whoever comes back later may have
/// changed their mind.
const PATIENCE_MS: i64 = 60 * 60 * 1000;

/// How it stood with a target when the page was left.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) enum Stood {
    /// Not begun, or waiting for another try.
    Open,
    /// A request was under way, or its answer was lost.
    UnderWay,
    /// Done; with whether it can be taken back.
    Done(bool),
    /// Left out, for the reason with this number in [`Reason::ALL`].
    LeftOut(usize),
    Failed(Failure),
    Unknown(Failure),
    NotDone,
}

/// An error as it is kept: which it is, and what is in it. To read an [`ApiError`] itself would take
/// twenty kilobytes of code.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Failure(u8, u32, String, String);

impl Failure {
    fn of(error: &ApiError) -> Self {
        match error {
            ApiError::Matrix {
                status,
                errcode,
                message,
            } => Failure(1, u32::from(*status), errcode.clone(), message.clone()),
            ApiError::NotMatrix {
                status,
                content_type,
                excerpt,
            } => Failure(2, u32::from(*status), content_type.clone(), excerpt.clone()),
            ApiError::Unreachable { url, detail } => Failure(3, 0, url.clone(), detail.clone()),
            ApiError::TimedOut { after_ms } => Failure(4, *after_ms, String::new(), String::new()),
            ApiError::Undecodable {
                json_path, message, ..
            } => Failure(5, 0, json_path.clone(), message.clone()),
            ApiError::Unsupported { status, message } => {
                Failure(6, u32::from(*status), String::new(), message.clone())
            }
            // What a job ends with is none of these: it waits, or a person puts it right.
            ApiError::Cancelled
            | ApiError::RateLimited { .. }
            | ApiError::TokenRefused { .. }
            | ApiError::TokenMissing { .. }
            | ApiError::NotAdmin { .. } => Failure(0, 0, String::new(), String::new()),
        }
    }

    fn again(self) -> ApiError {
        let Failure(kind, number, first, second) = self;
        let status = u16::try_from(number).unwrap_or_default();
        match kind {
            1 => ApiError::Matrix {
                status,
                errcode: first,
                message: second,
            },
            2 => ApiError::NotMatrix {
                status,
                content_type: first,
                excerpt: second,
            },
            3 => ApiError::Unreachable {
                url: first,
                detail: second,
            },
            4 => ApiError::TimedOut { after_ms: number },
            5 => ApiError::Undecodable {
                json_path: first,
                message: second,
                excerpt: String::new(),
            },
            6 => ApiError::Unsupported {
                status,
                message: second,
            },
            _ => ApiError::Cancelled,
        }
    }
}

/// Whether it is known that an action changed something, and whether a request of it may be under
/// way, by the number of the target.
pub(super) type Known<'a> = &'a dyn Fn(usize) -> (bool, bool);

impl Stood {
    fn of(fate: Option<&Fate>, undoable: bool, under_way: bool) -> Self {
        match fate {
            None if under_way => Stood::UnderWay,
            None => Stood::Open,
            Some(Fate::Done) => Stood::Done(undoable),
            Some(Fate::LeftOut(reason)) => {
                let number = Reason::ALL.iter().position(|other| other == reason);
                Stood::LeftOut(number.unwrap_or_default())
            }
            Some(Fate::Failed(error)) => Stood::Failed(Failure::of(error)),
            Some(Fate::Unknown(error)) => Stood::Unknown(Failure::of(error)),
            Some(Fate::NotDone) => Stood::NotDone,
        }
    }

    /// The fate that was met; `None` of what is open.
    pub fn fate(self) -> Option<Fate> {
        Some(match self {
            Stood::Open | Stood::UnderWay => return None,
            Stood::Done(_) => Fate::Done,
            Stood::LeftOut(number) => Fate::LeftOut(
                Reason::ALL
                    .get(number)
                    .copied()
                    .unwrap_or(Reason::Unchanged),
            ),
            Stood::Failed(failure) => Fate::Failed(failure.again()),
            Stood::Unknown(failure) => Fate::Unknown(failure.again()),
            Stood::NotDone => Fate::NotDone,
        })
    }
}

/// A job as it is kept.
#[derive(Serialize, Deserialize)]
struct CarriedJob {
    at: i64,
    title: String,
    /// What the maker of the action reads.
    order: String,
    /// Whether it takes back what another has done.
    takes_back: bool,
    /// Whether a person had paused it.
    is_paused: bool,
    stood: Vec<Stood>,
}

/// Where those of a maker are kept; `None` if nobody is signed in.
fn place(maker: &str) -> Option<String> {
    Some(format!("{CARRIED} {} {maker} ", Session::get().whose()?))
}

/// Keeps a job; whether it is kept.
pub(super) fn keep(
    again: &Again,
    job: &Job,
    takes_back: bool,
    standing: &JobStanding,
    known: Known<'_>,
) -> bool {
    let Some((order, place)) = (again.order)().zip(place(again.maker)) else {
        return false;
    };
    let stood = standing.fates.iter().enumerate().map(|(number, fate)| {
        let (undoable, unsure) = known(number);
        let under_way = unsure || standing.under_way.contains(&number);
        match (fate, standing.is_ending) {
            // It was told to begin nothing more.
            (None, true) if !under_way => Stood::NotDone,
            (None, true) => Stood::Unknown(Failure::of(&ApiError::Cancelled)),
            (fate, _) => Stood::of(fate.as_ref(), undoable, under_way),
        }
    });
    let carried = CarriedJob {
        at: now().0,
        title: job.title.to_string(),
        order,
        takes_back,
        is_paused: job.was_paused(),
        stood: stood.collect(),
    };
    serde_json::to_string(&carried)
        .is_ok_and(|json| Keep::ThisTab.set(&format!("{place}{}", job.id), &json))
}

/// Whether an earlier page of this tab has left jobs of this maker.
pub fn is_kept(maker: &str) -> bool {
    place(maker).is_some_and(|place| !Keep::ThisTab.keys(&place).is_empty())
}

/// Makes the action of an order again. It is told of which targets a request may be under way.
pub type Maker = fn(&str, &[usize]) -> Option<Act>;

/// Goes on with the jobs of this maker that an earlier page of this tab has left.
pub fn go_on(maker: &'static str, make: Maker) {
    let Some(place) = place(maker) else { return };
    let mut numbers = Keep::ThisTab.keys(&place);
    // In the order in which they were begun.
    numbers.sort_unstable_by_key(|number| number.parse::<u32>().unwrap_or_default());
    let mut jobs = Vec::new();
    for number in numbers {
        let key = format!("{place}{number}");
        let json = Keep::ThisTab.get(&key).unwrap_or_default();
        // Once: the job keeps itself anew if the page is left again.
        Keep::ThisTab.remove(&key);
        jobs.extend(serde_json::from_str::<CarriedJob>(&json).ok());
    }
    if jobs.is_empty() {
        return;
    }
    spawn_local(async move {
        let session = Session::get();
        let whose = session.whose();
        let is_known = know_the_server().await;
        if session.whose() == whose {
            jobs.into_iter()
                .for_each(|job| take_up(job, make, is_known));
        }
    });
}

/// What the server can do, and whom the deployment protects, is known before anything is done that an
/// earlier page has left; whether it is.
pub(super) async fn know_the_server() -> bool {
    let is_known = learn::of_its_version().await.is_ok();
    if let Some(server) = Session::get().server_name() {
        config::learn(server).await;
    }
    is_known
}

fn take_up(carried: CarriedJob, make: Maker, is_known: bool) {
    let CarriedJob {
        at,
        title,
        order,
        takes_back,
        is_paused,
        stood,
    } = carried;
    let of = |wanted: &Stood| {
        let numbers = stood.iter().enumerate();
        let numbers = numbers.filter(|(_, stood)| *stood == wanted);
        numbers.map(|(number, _)| number).collect::<Vec<usize>>()
    };
    let under_way = of(&Stood::UnderWay);
    let open = (of(&Stood::Open).len() + under_way.len()) as u64;
    let toasts = Toasts::get();
    let act = make(&order, &under_way).filter(|act| act.names.len() == stood.len());
    let Some(act) = act else {
        return toasts.info(t::followed_rest(open, &title));
    };
    let is_late = !(0..PATIENCE_MS).contains(&(now().0 - at));
    let before = Before { takes_back, stood };
    let job = acts::go_on(act, before, Rc::new(|| ()));
    if is_late || !is_known {
        job.pause();
        job.set_result(t::followed_rest_text());
        let text = t::followed_rest(open, &title);
        toasts.info_with(text, t::followed_go_on(), move || job.resume());
    } else if is_paused {
        job.pause();
    } else if open > 0 {
        toasts.info(t::job_goes_on(&title));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn how_it_stood_is_read_again() {
        let refused = ApiError::Matrix {
            status: 403,
            errcode: "M_FORBIDDEN".to_owned(),
            message: "no".to_owned(),
        };
        let fates = [
            Some(Fate::Done),
            Some(Fate::LeftOut(Reason::Gone)),
            Some(Fate::Failed(refused)),
            Some(Fate::Failed(ApiError::TimedOut { after_ms: 60_000 })),
            Some(Fate::Unknown(ApiError::Cancelled)),
            Some(Fate::NotDone),
            None,
        ];
        for fate in fates {
            for (undoable, under_way) in [(false, false), (true, true)] {
                let stood = Stood::of(fate.as_ref(), undoable, under_way);
                let json = serde_json::to_string(&stood).unwrap();
                let again: Stood = serde_json::from_str(&json).unwrap();
                assert_eq!(again, stood);
                assert_eq!(again.fate(), fate);
            }
        }
        assert_eq!(Stood::of(None, false, true), Stood::UnderWay);
        assert_eq!(Stood::of(None, false, false), Stood::Open);
    }
}
