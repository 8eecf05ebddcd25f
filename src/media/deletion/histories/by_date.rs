//! A deletion by date and size, and whether what is said of it is so.

use super::server::{Heard, Synapse, own, query};
use super::*;

/// A deletion by date and size as a job.
pub(super) struct ByDate {
    pub(super) server: Rc<Synapse>,
    pub(super) deletion: Stepwise,
    pub(super) unheard: Rc<Unheard>,
    pub(super) settled: RefCell<Vec<Vec<Fate>>>,
    pub(super) changes: RefCell<Vec<FileChange>>,
}

impl Work for ByDate {
    fn attempt<'a>(&'a self, item: usize, turn: Turn<'a>) -> LocalBoxFuture<'a, Step> {
        async move {
            let network = Heard {
                server: Rc::clone(&self.server),
                item,
                unheard: Rc::clone(&self.unheard),
            };
            let happened = |change| self.changes.borrow_mut().push(change);
            let server = self.server.patient(&network);
            self.deletion.attempt(item, server, &turn, &happened).await
        }
        .boxed_local()
    }

    fn ping(&self) -> LocalBoxFuture<'_, Result<(), ApiError>> {
        ping(&*self.server).boxed_local()
    }

    fn unheard(&self, item: usize) -> Option<ApiError> {
        self.unheard.of(item)
    }

    fn settled(&self, item: usize, fate: &Fate) {
        self.unheard.settled(item, fate);
        self.settled.borrow_mut()[item].push(fate.clone());
    }
}

/// Whether nobody could foresee that a deletion takes this file: somebody has done something to it since the
/// lists were read. If the answer that names it is lost, nothing tells that it is gone.
fn is_unforeseen(server: &Synapse, hit: &Hit, id: &str) -> bool {
    let past = server.past.borrow();
    let has_changed = past[id].len() > 1 || past[id][0].0 > 0;
    has_changed && !hit.files.iter().any(|file| file.uri.media_id == id)
}

/// What was said of a deletion by date and size, and what is so.
pub(super) fn is_true_by_date(
    server: &Synapse,
    hit: &Hit,
    work: &ByDate,
) -> Result<(), TestCaseError> {
    let came = work.deletion.came();
    let told = work.deletion.told();
    let (files, away) = (server.files.borrow(), server.away.borrow());
    let listed = server.listed.borrow();
    let ours = server.removed_by_us();
    let is_gone = |id: &String| !files.contains_key(id);
    for id in told.deleted.iter().chain(&told.vanished) {
        prop_assert!(is_gone(id), "{} is said to be deleted and is there", id);
    }
    for file in &hit.files {
        let id = &file.uri.media_id;
        match told.outcome(file) {
            "deleted" => prop_assert!(is_gone(id), "{}", id),
            "still there" => {
                // Unless somebody has taken it away since.
                let owner = file.owner.as_ref().unwrap().to_string();
                let is_true = away.get(id).is_none_or(|away| {
                    (away.ours.is_none() || away.is_late) && away.at >= listed[&owner]
                });
                prop_assert!(is_true, "{} is said to be there: {:?}", id, away.get(id));
            }
            _ => {}
        }
    }
    let said: BTreeSet<&String> = told.deleted.iter().chain(&told.vanished).collect();
    prop_assert_eq!(came.files, said.len() as u64);
    if !came.is_at_least {
        for id in ours.keys() {
            // What a lost request still does, once the same was answered, nobody knows; nor what the first
            // of two has done that the browser sends by itself, unless it is looked for.
            let is_looked_for = hit.unlisted.is_empty() && came.is_left_known;
            let is_untold = server.world.weather.repeated > 0 && !is_looked_for;
            let is_said = said.contains(id) || away[id].is_late || is_untold;
            let is_said = is_said || is_unforeseen(server, hit, id);
            prop_assert!(
                is_said,
                "{} was deleted, and so many are said: {:?}",
                id,
                came
            );
        }
    }
    // What is freed is that of the files of the preview.
    let known: BTreeSet<&String> = hit.files.iter().map(|file| &file.uri.media_id).collect();
    let past = server.past.borrow();
    let freed = said.iter().filter(|id| known.contains(*id));
    let freed = freed.map(|id| past[*id].last().unwrap().1.clone());
    let freed = freed.filter(|file| !file.is_preview);
    prop_assert_eq!(came.bytes, freed.filter_map(|file| file.bytes).sum::<u64>());
    let others = said.iter().filter(|id| !known.contains(*id)).count();
    prop_assert_eq!(came.unknown, others as u64);
    prop_assert_eq!(came.files + came.left, (hit.files.len() + others) as u64);
    Ok(())
}

pub(super) async fn by_date(server: &Rc<Synapse>) -> Result<(), TestCaseError> {
    let world = &server.world;
    server.is_fair.set(true);
    let mut index = read_all(server).await;
    server.is_fair.set(false);
    let asked = DeleteFilter {
        before: Timestamp(match world.asked % 3 {
            0 => server.clock.wall_ms(),
            days => BEGIN - 30 * i64::from(days) * DAY_MS,
        }),
        size_gt: [0, 400][usize::from(world.asked / 3 % 2)],
        keep_profiles: world.keeps_profiles,
    };
    let known = RefCell::default();
    let capabilities = server.capabilities();
    let mut hit = None;
    for _ in 0..5 {
        let patient = server.patient(&**server);
        let found = survey(patient, &asked, &own(), &capabilities, &known, &|_| ()).await;
        if let Ok(found) = found {
            hit = Some(found);
            break;
        }
    }
    // Nobody is asked anything where it fails.
    let Some(hit) = hit.filter(|hit| !hit.is_empty()) else {
        return Ok(());
    };
    let shown = DeleteFilter {
        before: hit.until(asked.before, world.asked.is_multiple_of(3)),
        ..asked
    };
    server.clock.sleep(world.reads_ms).await;
    let hit = Rc::new(hit);
    let steps: Vec<_> = cut(&hit.files, &shown, 2)
        .iter()
        .map(|step| media::delete_by_date_or_size(step, &own(), &capabilities))
        .collect();
    let count = steps.len() + 1;
    let work = ByDate {
        server: Rc::clone(server),
        deletion: Stepwise::new(Rc::clone(&hit), steps),
        unheard: Rc::default(),
        settled: RefCell::default(),
        changes: RefCell::default(),
    };
    let mut items: Vec<usize> = (0..count).collect();
    for round in 0..2 {
        let job = Run::new(items.clone(), Limits::one_by_one());
        work.settled.replace(vec![Vec::new(); count]);
        let doing = run(&job, &work, &server.clock, &server.random);
        select(pin!(doing), pin!(server.person(&job))).await;
        adds_up(&job, items.len())?;
        let settled = work.settled.borrow();
        settles_once(
            &items
                .iter()
                .map(|item| settled[*item].clone())
                .collect::<Vec<_>>(),
        )?;
        drop(settled);
        is_true_by_date(server, &hit, &work)?;
        work.changes.borrow_mut().extend(work.deletion.unsure());
        items = job.failed_items();
        items.extend(job.items_not_done());
        if round == 1 || !world.retries || items.is_empty() {
            break;
        }
    }
    server.clears_up().await;
    is_true_by_date(server, &hit, &work)?;
    // Nothing was sent but what was shown.
    for (_, call) in server.sent.borrow().iter() {
        let number = |key| query(call, key).unwrap().parse::<i64>().unwrap();
        prop_assert!(number("before_ts") <= shown.before.0);
        prop_assert_eq!(number("size_gt"), shown.size_gt as i64);
        let keeps = query(call, "keep_profiles") == Some("true");
        prop_assert_eq!(keeps, shown.keep_profiles);
    }
    // What the page shows then has nothing that we have deleted, nor lacks anything.
    index.change(work.changes.take());
    // What a lost request takes once all was looked up nobody knows; nor what the first of two has taken that
    // the browser sends by itself, unless it is looked for.
    let is_repeated = world.weather.repeated > 0;
    let is_untold = |id: &str| {
        let is_late = server.away.borrow()[id].is_late;
        is_late || is_repeated || is_unforeseen(server, &hit, id)
    };
    shows_what_is(server, index, is_untold).await
}
