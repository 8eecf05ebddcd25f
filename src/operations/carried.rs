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
use crate::runner::stood::{Failure, Stood};
use crate::session::{Session, config, learn};
use serde::{Deserialize, Serialize};
use std::rc::Rc;
use wasm_bindgen_futures::spawn_local;

/// After how long, in milliseconds, a job waits to be told to go on: whoever comes back later may have
/// changed their mind.
const PATIENCE_MS: i64 = 60 * 60 * 1000;

/// Whether it is known that an action changed something, and how it stands with what has met no fate, by
/// the number of the target.
pub(super) type Known<'a> = &'a dyn Fn(usize) -> (bool, Stood);

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
        let (undoable, open) = known(number);
        match (fate, standing.is_ending) {
            // It was told to begin nothing more.
            (None, true) if open == Stood::Open => Stood::NotDone,
            (None, true) => Stood::Unknown(Failure::of(&ApiError::Cancelled)),
            (fate, _) => Stood::of(fate.as_ref(), undoable, open),
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
    let open = (of(&Stood::Open).len() + of(&Stood::Unsure).len() + under_way.len()) as u64;
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
