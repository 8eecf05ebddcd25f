//! The promises of removing files, over many histories against a model of Synapse's media repository: with
//! lost, late, repeated and refused answers, lists that fail, files that cannot be removed from the disk, and
//! others who use, upload, protect, quarantine and delete files meanwhile.
//!
//! What is sent for a deletion by date and size is the program's own ([`Stepwise`]); of a deletion one by one
//! what decides is ([`verdict`], [`RecentLists`], [`happened`], [`Unheard`], [`SentBefore`]), put together as
//! `operations/acts.rs`, `operations/targets.rs` and `pages/media/files/actions.rs` do it in the browser.

mod by_date;
mod one_by_one;
mod server;
mod world;

use super::*;
use crate::actions::{SentBefore, Verdict, stays_unsure};
use crate::api::encode::decoded;
use crate::api::exchange::{Clock, Network, Patient};
use crate::api::media;
use crate::api::server::{Capabilities, SpecVersions};
use crate::api::{Answer, ApiError, Call, Method, MxcUri, ServerName, UserId};
use crate::known::Why;
use crate::media::actions::{Action, happened, verdict};
use crate::media::question::{Age, DAY_MS};
use crate::media::{FileChange, Index, Moments, Question};
use crate::runner::simulation::{SimClock, SimRandom, histories};
use crate::runner::stood::Stood;
use crate::runner::{
    Fate, Limits, Reason, Run, RunState, Step, Turn, Unheard, Work, may_have_been_done,
    may_have_changed, ping, run,
};
use by_date::{ByDate, by_date};
use futures_util::FutureExt;
use futures_util::future::{Either, LocalBoxFuture, select};
use one_by_one::one_by_one;
use proptest::prelude::*;
use serde_json::{Value, json};
use server::{Synapse, own, user};
use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::pin::pin;
use std::rc::Rc;
use world::{Weather, World, world};

const HOUR_MS: u64 = 3_600_000;

/// When the clock of a history begins.
const BEGIN: i64 = 1_700_000_000_000;

/// How many entries a page of a list has at most, as if somebody had thousands; where nothing is uploaded
/// meanwhile. Of what goes while as much comes no reader of pages can tell.
const PER_PAGE: usize = 3;

/// Who has files: three accounts, a sender of an application service who has no list, somebody whose list
/// fails for a while, and nobody.
const OWNERS: [Option<&str>; 6] = [
    Some("@al:b.org"),
    Some("@eve:b.org"),
    Some("@kim:b.org"),
    Some("@service:b.org"),
    Some("@sick:b.org"),
    None,
];
const NO_LIST: usize = 3;
const SICK: usize = 4;

/// All lists as a page has read them; what fails is not read.
async fn read_all(server: &Synapse) -> Index {
    let mut index = Index::new(own());
    let patient = server.patient(server);
    let all = owners(patient, None, &|_, _| ()).await.unwrap();
    index.know(all);
    read_unread(server, &mut index).await;
    index
}

async fn read_unread(server: &Synapse, index: &mut Index) {
    for user in index.unread() {
        match files_of(server.patient(server), &user, &|_, _| ()).await {
            Ok(Some(files)) => drop(index.add(&user, files)),
            Ok(None) => drop(index.give_up(&user)),
            Err(_) => drop(index.silence(&user)),
        }
    }
}

fn ids_in(index: &Index) -> BTreeSet<String> {
    let moments = Moments {
        now: Timestamp(BEGIN),
        months: Vec::new(),
    };
    let all = index.matching(&Question::default(), &moments).into_iter();
    all.map(|file| file.uri.media_id).collect()
}

/// The progress of a job that is over adds up.
fn adds_up(job: &Run, items: usize) -> Result<(), TestCaseError> {
    let progress = job.progress(0);
    let sum = progress.done + progress.failed + progress.left_out;
    let sum = sum + progress.unknown + progress.not_done;
    prop_assert_eq!(sum, items);
    prop_assert!(progress.is_over());
    Ok(())
}

fn settles_once(settled: &[Vec<Fate>]) -> Result<(), TestCaseError> {
    for (item, fates) in settled.iter().enumerate() {
        prop_assert_eq!(fates.len(), 1, "item {}: {:?}", item, fates);
    }
    Ok(())
}

/// Once a page has read again what it must, it shows nothing that we have deleted, and lacks nothing that is
/// there since it was opened.
async fn shows_what_is(
    server: &Synapse,
    mut index: Index,
    is_untold: impl Fn(&str) -> bool,
) -> Result<(), TestCaseError> {
    index.ask_again();
    read_unread(server, &mut index).await;
    let shown = ids_in(&index);
    for id in server.removed_by_us().keys() {
        let is_shown = shown.contains(id) && !is_untold(id);
        prop_assert!(!is_shown, "{} is deleted and still shown", id);
    }
    for (id, file) in server.files.borrow().iter() {
        let is_new = id.contains("new");
        let is_sick = file.owner == SICK && server.clock.now_ms() < server.world.sick_until;
        let has_list = file.owner != NO_LIST && !is_sick && OWNERS[file.owner].is_some();
        let is_shown = shown.contains(id) || is_new || !has_list;
        prop_assert!(is_shown, "{} is there and not shown", id);
    }
    Ok(())
}

#[test]
fn what_a_lost_answer_has_taken_of_a_list_that_was_not_read_is_read_again() {
    let owner = user(SICK);
    let unsure = |lost_after| {
        let server = Synapse::new(&World {
            seed: 1,
            minor: 160,
            files: Vec::new(),
            others: Vec::new(),
            weather: Weather {
                lost_after,
                ..Weather::default()
            },
            sick_until: 0,
            reads_ms: 0,
            keeps_profiles: false,
            cancel_at: None,
            pause_at: None,
            leaves_at: None,
            retries: false,
            asked: 0,
        });
        let filter = DeleteFilter {
            before: Timestamp(BEGIN),
            size_gt: 0,
            keep_profiles: false,
        };
        let request = media::delete_by_date_or_size(&filter, &own(), &server.capabilities());
        let hit = Hit {
            unlisted: vec![Unlisted {
                owner: owner.clone(),
                files: Some(1),
                bytes: 1,
                is_silent: true,
            }],
            ..Hit::default()
        };
        let work = ByDate {
            server: Rc::clone(&server),
            deletion: Stepwise::new(Rc::new(hit), vec![request]),
            unheard: Rc::default(),
            settled: RefCell::new(vec![Vec::new(); 2]),
            changes: RefCell::default(),
        };
        let job = Run::new(vec![0, 1], Limits::one_by_one());
        let doing = run(&job, &work, &server.clock, &server.random);
        server.clock.run(HOUR_MS, async {
            select(pin!(doing), pin!(server.clock.sleep(600_000))).await;
        });
        work.deletion.unsure()
    };
    assert_eq!(unsure(0), []);
    assert_eq!(unsure(100), [FileChange::Unsure(owner.clone().unwrap())]);
}

proptest! {
    #![proptest_config(histories())]

    #[test]
    fn what_is_said_of_a_deletion_by_date_is_true(world in world()) {
        let server = Synapse::new(&world);
        server.clock.run(100 * HOUR_MS, by_date(&server))?;
    }

    #[test]
    fn what_is_said_of_files_deleted_one_by_one_is_true(world in world()) {
        let server = Synapse::new(&world);
        server.clock.run(100 * HOUR_MS, one_by_one(&server))?;
    }
}
