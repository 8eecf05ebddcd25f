//! A deletion one by one, and whether what is said of it is so.

use super::server::{Heard, Synapse, own};
use super::world::ModelFile;
use super::*;

/// What is remembered of a file between tries.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Tried {
    pub(super) is_unsure: bool,
    pub(super) is_asking: bool,
}

/// Deleting files one by one.
pub(super) struct OneByOne {
    pub(super) server: Rc<Synapse>,
    pub(super) files: Rc<[StoredFile]>,
    pub(super) unused_since: Option<Timestamp>,
    pub(super) lists: RecentLists,
    pub(super) tried: RefCell<Vec<Tried>>,
    pub(super) under_way: RefCell<BTreeSet<usize>>,
    pub(super) unheard: Rc<Unheard>,
    pub(super) settled: RefCell<Vec<Vec<Fate>>>,
    pub(super) fates: RefCell<Vec<Option<Fate>>>,
    pub(super) freed: RefCell<Freed>,
    pub(super) changes: RefCell<Vec<FileChange>>,
}

impl OneByOne {
    /// As the page is left: what is known of the files, and of which something was sent.
    pub(super) fn going_on(
        server: &Rc<Synapse>,
        files: &Rc<[StoredFile]>,
        unused_since: Option<Timestamp>,
        stood: Vec<Stood>,
    ) -> Self {
        let is_unsure = |stood: &Stood| matches!(stood, Stood::UnderWay | Stood::Unsure);
        let tried = stood.iter().map(|stood| Tried {
            is_unsure: is_unsure(stood),
            is_asking: false,
        });
        let unheard = Unheard::default();
        for number in (0..stood.len()).filter(|number| is_unsure(&stood[*number])) {
            unheard.is_begun(number);
        }
        let work = OneByOne {
            server: Rc::clone(server),
            files: Rc::clone(files),
            unused_since,
            lists: RecentLists::default(),
            tried: RefCell::new(tried.collect()),
            under_way: RefCell::default(),
            unheard: Rc::new(unheard),
            settled: RefCell::new(vec![Vec::new(); files.len()]),
            fates: RefCell::new(vec![None; files.len()]),
            freed: RefCell::default(),
            changes: RefCell::default(),
        };
        for (number, stood) in stood.into_iter().enumerate() {
            if let Some(fate) = stood.fate() {
                work.on_fate(number, &fate);
            }
        }
        work
    }

    pub(super) fn on_fate(&self, number: usize, fate: &Fate) {
        self.fates.borrow_mut()[number] = Some(fate.clone());
        let by = UserId::parse("@admin:b.org");
        let file = &self.files[number];
        let changes = happened(Action::Delete, file, fate, may_have_changed(fate), by);
        self.changes.borrow_mut().extend(changes);
        self.freed.borrow_mut().note(number, fate);
    }

    pub(super) fn stood(&self, job: &Run) -> Vec<Stood> {
        let mut stood = Vec::new();
        for number in 0..self.files.len() {
            let tried = self.tried.borrow()[number];
            let is_under_way = self.under_way.borrow().contains(&number) && !tried.is_asking;
            let open = match (is_under_way, tried.is_unsure) {
                (true, _) => Stood::UnderWay,
                (false, true) => Stood::Unsure,
                (false, false) => Stood::Open,
            };
            stood.push(Stood::of(job.fate(number).as_ref(), false, open));
        }
        stood
    }

    pub(super) async fn check(&self, number: usize, network: &Heard) -> Result<Verdict, ApiError> {
        let listed = &self.files[number];
        let now = match listed.owner.clone() {
            _ if self.server.tells_of_one() => {
                let request = media::info(&listed.uri);
                let info = request.read(&network.exchange(&request.call).await?)?;
                let now = StoredFile::of_info(listed.uri.clone(), true, info.media_info);
                Some(now)
            }
            None => None,
            Some(owner) => {
                let (clock, reader) = (self.server.clock.clone(), network.clone());
                let whose = owner.clone();
                let read = || {
                    async move {
                        let server = Rc::clone(&reader.server);
                        let list = files_of(server.patient(&reader), &whose, &|_, _| ()).await?;
                        Ok(list.map(|list| {
                            let files = list.into_iter();
                            let files = files.map(|file| {
                                let file = StoredFile::of_list(&own(), &whose, file);
                                (file.uri.clone(), file)
                            });
                            Rc::new(files.collect::<HashMap<MxcUri, StoredFile>>())
                        }))
                    }
                    .boxed_local()
                };
                let clock = move || Timestamp(clock.wall_ms());
                let list = self.lists.of(&owner, clock, read).await?;
                match list.as_ref().map(|list| list.get(&listed.uri)) {
                    Some(Some(now)) => Some(now.clone()),
                    Some(None) => return Ok(Verdict::Leave(Reason::Gone)),
                    None => None,
                }
            }
        };
        let now = now.as_ref();
        Ok(verdict(Action::Delete, listed, now, self.unused_since))
    }

    pub(super) async fn ask(&self, number: usize, network: &Heard) -> Result<(), Step> {
        let reason = match self.check(number, network).await {
            Ok(Verdict::Go { .. }) => return Ok(()),
            Ok(Verdict::Leave(reason)) => reason,
            Err(error) if error.is_not_found() => Reason::Gone,
            Err(error) => return Err(Step::from_error(error)),
        };
        let before = SentBefore {
            is_unsure: self.tried.borrow()[number].is_unsure,
            is_lost: false,
        };
        match before.left(reason, false) {
            Some(step) => Err(step),
            None => Ok(()),
        }
    }

    pub(super) async fn send(&self, number: usize, network: &Heard) -> Step {
        let uri = &self.files[number].uri;
        let request = media::delete(&uri.server, &uri.media_id);
        let error = match network.exchange(&request.call).await {
            Ok(answer) => match ApiError::of(&answer) {
                None => {
                    let read = request.read(&answer);
                    let read = read.and_then(|deleted| deleted.has(&uri.media_id));
                    return read.map_or_else(Step::Failed, |()| Step::Done);
                }
                Some(error) => error,
            },
            Err(error) => error,
        };
        if !request.call.idempotent && error.may_be_under_way() {
            return Step::Unknown(error);
        }
        match error.is_not_found() {
            true => Step::Done,
            false => Step::from_error(error),
        }
    }

    pub(super) async fn try_one(&self, number: usize, network: &Heard, turn: &Turn<'_>) -> Step {
        let is_asking = |is_asking| self.tried.borrow_mut()[number].is_asking = is_asking;
        is_asking(true);
        let mut may = self.ask(number, network).await;
        if may.is_ok() {
            may = turn.goes_on().await;
        }
        is_asking(false);
        if let Err(step) = may {
            return step;
        }
        let step = self.send(number, network).await;
        let error = match &step {
            Step::Held => return step,
            Step::Done | Step::LeftOut(_) => None,
            Step::Failed(error) | Step::Unknown(error) | Step::Again(error) | Step::Stop(error) => {
                Some(error)
            }
        };
        let tried = &mut self.tried.borrow_mut()[number];
        tried.is_unsure = stays_unsure(tried.is_unsure, error);
        step
    }
}

impl Work for OneByOne {
    fn attempt<'a>(&'a self, item: usize, turn: Turn<'a>) -> LocalBoxFuture<'a, Step> {
        async move {
            let network = Heard {
                server: Rc::clone(&self.server),
                item,
                unheard: Rc::clone(&self.unheard),
            };
            self.under_way.borrow_mut().insert(item);
            let step = self.try_one(item, &network, &turn).await;
            self.under_way.borrow_mut().remove(&item);
            step
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
        self.on_fate(item, fate);
    }
}

/// What was said of a deletion one by one, and what is so.
pub(super) fn is_true_of_each(server: &Synapse, work: &OneByOne) -> Result<(), TestCaseError> {
    let (files, away) = (server.files.borrow(), server.away.borrow());
    let ours = server.removed_by_us();
    let freed = work.freed.borrow();
    let mut done = Vec::new();
    for (number, fate) in work.fates.borrow().iter().enumerate() {
        let id = &work.files[number].uri.media_id;
        let is_there = files.contains_key(id);
        // What is under way from before it was asked about nobody knows.
        let is_ours = ours.contains_key(id) && !away[id].is_late;
        match fate {
            None => prop_assert!(false, "{} has met no fate", id),
            Some(Fate::Done) => {
                prop_assert!(!is_there, "{} is said to be deleted", id);
                done.push(number);
            }
            Some(Fate::LeftOut(Reason::Gone)) => {
                let is_true = !is_there && !ours.contains_key(id);
                prop_assert!(is_true, "{} was gone: {:?}", id, away.get(id));
            }
            Some(Fate::LeftOut(reason)) => {
                prop_assert!(!is_ours, "{} was left out: {:?}", id, reason);
            }
            Some(Fate::NotDone) => {
                let is_said = !ours.contains_key(id) || freed.is_at_least();
                prop_assert!(is_said, "{} was not done", id);
            }
            Some(Fate::Failed(error)) if !may_have_been_done(error) => {
                prop_assert!(!is_ours, "{} has failed: {:?}", id, error);
            }
            Some(Fate::Failed(_) | Fate::Unknown(_)) => {
                prop_assert!(
                    freed.is_at_least(),
                    "{} may be deleted, and that is not said",
                    id
                );
            }
        }
    }
    // The number that is said, and the bytes.
    let (sum, unknown) = freed.sum(&work.files);
    prop_assert_eq!(sum.files, done.len() as u64);
    let bytes = done.iter().map(|number| work.files[*number].bytes);
    let bytes: Vec<u64> = bytes.flatten().collect();
    prop_assert_eq!(sum.bytes, bytes.iter().sum::<u64>());
    prop_assert_eq!(unknown, (done.len() - bytes.len()) as u64);
    Ok(())
}

pub(super) async fn one_by_one(server: &Rc<Synapse>) -> Result<(), TestCaseError> {
    let world = &server.world;
    server.is_fair.set(true);
    let mut index = read_all(server).await;
    let now = Timestamp(server.clock.wall_ms());
    let question = match world.asked {
        0 => Question::default(),
        1 => Question {
            quarantined: Some(true),
            ..Question::default()
        },
        2 => Question {
            protected: Some(true),
            ..Question::default()
        },
        3 => Question {
            before: Some(Timestamp(BEGIN - 50 * DAY_MS)),
            ..Question::default()
        },
        _ => Question {
            age: Some(Age::Unused(30)),
            ..Question::default()
        },
    };
    let moments = Moments {
        now,
        months: Vec::new(),
    };
    let mut files = index.matching(&question, &moments);
    if world.asked == 0 {
        // Those of a room, of which nobody knows whose they are.
        let of_nobody: Vec<String> = {
            let all = server.files.borrow();
            let nobodys = all.iter().filter(|(_, file)| OWNERS[file.owner].is_none());
            nobodys.map(|(id, _)| id.clone()).collect()
        };
        for media_id in of_nobody {
            let uri = MxcUri {
                server: own(),
                media_id,
            };
            let info = media::info(&uri);
            let told = server.exchange(&info.call).await;
            files.push(match told.and_then(|answer| info.read(&answer)) {
                Ok(info) => StoredFile::of_info(uri, true, info.media_info),
                Err(_) => StoredFile::unknown(uri, true, Why::TooOld),
            });
        }
    }
    files.retain(|file| !file.is_preview);
    if world.keeps_profiles {
        let (known, able) = (RefCell::default(), server.capabilities());
        let patient = server.patient(&**server);
        let found = profile_images(patient, &files, &own(), &able, &known, &|_| ()).await;
        let kept = found.unwrap().media_ids;
        files.retain(|file| !kept.contains(&file.uri.media_id));
    }
    server.is_fair.set(false);
    if files.is_empty() {
        return Ok(());
    }
    let unused_since = question.unused_since(now);
    if !server.tells_of_one() {
        let numbers = owner_by_owner(&files);
        files = numbers.iter().map(|n| files[*n].clone()).collect();
    }
    server.clock.sleep(world.reads_ms).await;
    let files: Rc<[StoredFile]> = files.into();
    let going_on = |stood| OneByOne::going_on(server, &files, unused_since, stood);
    let mut work = going_on(vec![Stood::Open; files.len()]);
    let mut changes = Vec::new();
    let mut known = vec![None; files.len()];
    let mut leaves_at = world.leaves_at;
    let mut items: Vec<usize> = (0..files.len()).collect();
    let mut rounds = 0;
    loop {
        let job = Run::going_on(items.clone(), Limits::default(), known.clone());
        work.settled.replace(vec![Vec::new(); files.len()]);
        let is_left = {
            let doing = run(&job, &work, &server.clock, &server.random);
            let leaves = async {
                match leaves_at.take() {
                    Some(after) => server.clock.sleep(after).await,
                    None => std::future::pending().await,
                }
            };
            let (doing, person) = (pin!(doing), pin!(server.person(&job)));
            let leaves = pin!(leaves);
            let ended = select(select(doing, person), leaves).await;
            matches!(ended, Either::Right(_))
        };
        if is_left && !job.progress(0).is_over() {
            let stood = work.stood(&job);
            known = stood.iter().cloned().map(Stood::fate).collect();
            changes.extend(work.changes.take());
            work = going_on(stood);
            continue;
        }
        adds_up(&job, items.len())?;
        let settled = work.settled.borrow();
        let begun = items.iter().filter(|item| known[**item].is_none());
        settles_once(&begun.map(|item| settled[*item].clone()).collect::<Vec<_>>())?;
        drop(settled);
        is_true_of_each(server, &work)?;
        items = job.failed_items();
        items.extend(job.items_not_done());
        known = vec![None; files.len()];
        rounds += 1;
        if rounds == 2 || !world.retries || items.is_empty() {
            break;
        }
    }
    server.clears_up().await;
    is_true_of_each(server, &work)?;
    // Of each that we have deleted it was seen shortly before that it was as it was picked.
    let window = match server.tells_of_one() {
        true => 20_000,
        false => 180_000,
    };
    for (id, sent) in server.removed_by_us() {
        let listed = files.iter().find(|file| file.uri.media_id == id);
        let Some(listed) = listed else {
            prop_assert!(false, "{} was not named", id);
            continue;
        };
        let (is_untold, has_list) = (listed.untold.is_some(), listed.owner.is_some());
        if is_untold || !has_list && !server.tells_of_one() {
            continue;
        }
        let is_meant = |file: &ModelFile| {
            (listed.is_protected != Some(false) || !file.is_protected)
                && (listed.quarantined_by.is_some() || !file.is_quarantined)
                && unused_since.is_none_or(|since| file.last_use() < since.0)
                && (question.quarantined.is_none() || file.is_quarantined)
                && (!listed.is_pending || file.bytes.is_none())
        };
        let past = &server.past.borrow()[&id];
        let mut until = u64::MAX;
        let mut is_true = false;
        for (since, file) in past.iter().rev() {
            let was_so = *since <= sent && until.saturating_add(window) >= sent;
            is_true |= was_so && is_meant(file);
            until = *since;
        }
        prop_assert!(
            is_true,
            "{} was not meant any more at {}: {:?}",
            id,
            sent,
            past
        );
    }
    changes.extend(work.changes.take());
    index.change(changes);
    shows_what_is(server, index, |_| false).await
}
