//! The promises of removing files, over many histories against a model of Synapse's media repository: with
//! lost, late, repeated and refused answers, lists that fail, files that cannot be removed from the disk, and
//! others who use, upload, protect, quarantine and delete files meanwhile.
//!
//! What is sent for a deletion by date and size is the program's own ([`Stepwise`]); of a deletion one by one
//! what decides is ([`verdict`], [`RecentLists`], [`happened`], [`Unheard`], [`SentBefore`]), put together as
//! `operations/acts.rs`, `operations/targets.rs` and `pages/media/files/actions.rs` do it in the browser.

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
use crate::runner::simulation::{SimClock, SimRandom};
use crate::runner::stood::Stood;
use crate::runner::{
    Fate, Limits, Reason, Run, RunState, Step, Turn, Unheard, Work, may_have_been_done,
    may_have_changed, ping, run,
};
use futures_util::FutureExt;
use futures_util::future::{Either, LocalBoxFuture, select};
use proptest::prelude::*;
use serde_json::{Value, json};
use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::pin::pin;
use std::rc::Rc;

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

/// A file of the model.
#[derive(Clone, Debug, PartialEq)]
struct ModelFile {
    owner: usize,
    created: i64,
    accessed: Option<i64>,
    /// `None` while its upload has not come.
    bytes: Option<u64>,
    is_quarantined: bool,
    is_protected: bool,
    /// Files of the same one are quarantined together.
    content: u8,
    /// Whether the server cannot remove it from its disk.
    is_stuck: bool,
    is_preview: bool,
    /// Whether it is a profile image, and where: of a user, of a room, in an old membership event.
    profile: Option<usize>,
}

impl ModelFile {
    fn last_use(&self) -> i64 {
        self.accessed.unwrap_or(self.created)
    }
}

/// What somebody else does to a file.
#[derive(Clone, Copy, Debug)]
enum Other {
    Use,
    Protect(bool),
    Quarantine(bool),
    Delete,
    /// What is uploaded takes this place in the order of IDs.
    Upload,
    /// The upload of what was awaited comes.
    Come,
}

/// How the network and the server behave, in percent of the requests.
#[derive(Clone, Debug, Default)]
struct Weather {
    lost_before: u64,
    lost_after: u64,
    repeated: u64,
    /// Nobody answers in time; the server works on.
    late: u64,
    limited: u64,
    failing: u64,
    /// 502 from a proxy, carried out or not.
    proxy: u64,
    /// A proxy answers in the server's place.
    in_between: u64,
    token: u64,
    outage: Option<(u64, u64)>,
}

/// All that a history begins with.
#[derive(Clone, Debug)]
struct World {
    seed: u64,
    /// The server's version, `1.minor`.
    minor: u64,
    files: Vec<ModelFile>,
    others: Vec<(u64, usize, Other)>,
    weather: Weather,
    /// Until when the list of [`SICK`] fails.
    sick_until: u64,
    /// How long the person reads the question.
    reads_ms: u64,
    keeps_profiles: bool,
    cancel_at: Option<u64>,
    pause_at: Option<(u64, u64)>,
    /// After how long the page is left, to go on after signing in again.
    leaves_at: Option<u64>,
    retries: bool,
    asked: u8,
}

/// What became of a file that is not there any more.
#[derive(Clone, Copy, Debug)]
struct Away {
    at: u64,
    /// When our request was sent that has removed it; `None`: it was somebody else.
    ours: Option<u64>,
    /// Whether nobody waited for that request any more.
    is_late: bool,
}

struct Synapse {
    clock: SimClock,
    random: SimRandom,
    world: World,
    /// Nothing goes wrong for now.
    is_fair: Cell<bool>,
    files: RefCell<BTreeMap<String, ModelFile>>,
    /// How each file was since when.
    past: RefCell<BTreeMap<String, Vec<(u64, ModelFile)>>>,
    away: RefCell<BTreeMap<String, Away>>,
    others: RefCell<Vec<(u64, usize, Other)>>,
    /// What the server will have come to by then, though nobody waits for it: files to remove, and when the
    /// request was sent; requests that it has not begun.
    late: RefCell<Vec<(u64, Late)>>,
    /// When somebody's list was asked for last, and answered.
    listed: RefCell<HashMap<String, u64>>,
    quiet_until: Cell<u64>,
    /// What was sent that deletes, and when.
    sent: RefCell<Vec<(u64, Call)>>,
}

#[derive(Clone, Debug)]
enum Late {
    Remove(String, u64),
    Carry(Call, u64),
}

fn answer(status: u16, body: Value) -> Answer {
    Answer::new(status, "application/json", body.to_string())
}

fn refusal(status: u16, errcode: &str) -> Answer {
    answer(status, json!({"errcode": errcode, "error": "no"}))
}

fn query<'a>(call: &'a Call, key: &str) -> Option<&'a str> {
    let found = call.query.iter().find(|(name, _)| *name == key);
    found.map(|(_, value)| value.as_str())
}

/// IDs in an order that has nothing to do with that of the files.
fn name_of(number: usize) -> String {
    format!("{:02x}file{number}", (number * 7 + 3) % 16)
}

fn own() -> ServerName {
    ServerName::parse("b.org").unwrap()
}

fn user(owner: usize) -> Option<UserId> {
    OWNERS[owner].and_then(UserId::parse)
}

impl Synapse {
    fn new(world: &World) -> Rc<Self> {
        let files = (0..).zip(&world.files);
        let files: BTreeMap<String, ModelFile> = files
            .map(|(number, file)| (name_of(number), file.clone()))
            .collect();
        let past = files.iter();
        let past = past.map(|(id, file)| (id.clone(), vec![(0, file.clone())]));
        Rc::new(Synapse {
            clock: SimClock::default(),
            random: SimRandom::new(world.seed),
            world: world.clone(),
            is_fair: Cell::new(false),
            past: RefCell::new(past.collect()),
            files: RefCell::new(files),
            away: RefCell::default(),
            others: RefCell::new(world.others.clone()),
            late: RefCell::default(),
            listed: RefCell::default(),
            quiet_until: Cell::new(0),
            sent: RefCell::default(),
        })
    }

    fn capabilities(&self) -> Capabilities {
        let version = format!("1.{}.0", self.world.minor);
        let version = serde_json::from_value(json!({ "server_version": version })).unwrap();
        Capabilities::new(&version, SpecVersions::default(), false)
    }

    fn tells_of_one(&self) -> bool {
        self.world.minor >= 140
    }

    fn patient<'a>(&'a self, network: &'a dyn Network) -> Patient<'a> {
        Patient {
            network,
            clock: &self.clock,
            random: &self.random,
        }
    }

    fn change(&self, id: &str, change: impl FnOnce(&mut ModelFile)) {
        if let Some(file) = self.files.borrow_mut().get_mut(id) {
            change(file);
            let mut past = self.past.borrow_mut();
            let past = past.entry(id.to_owned()).or_default();
            past.push((self.clock.now_ms(), file.clone()));
        }
    }

    /// Removes a file; whether it is not there any more. `ours`: when our request was sent.
    fn remove(&self, id: &str, ours: Option<u64>, is_late: bool) -> bool {
        let mut files = self.files.borrow_mut();
        if files.get(id).is_some_and(|file| file.is_stuck) {
            return false;
        }
        if files.remove(id).is_some() {
            let at = self.clock.now_ms();
            let away = Away { at, ours, is_late };
            self.away.borrow_mut().insert(id.to_owned(), away);
        }
        true
    }

    /// What happens by itself as time goes on.
    fn catch_up(&self) {
        let now = self.clock.now_ms();
        let (due, rest) = self.late.take().into_iter().partition(|(at, _)| *at <= now);
        self.late.replace(rest);
        let due: Vec<(u64, Late)> = due;
        for (_, late) in due {
            match late {
                Late::Remove(id, sent) => {
                    self.remove(&id, Some(sent), true);
                }
                Late::Carry(call, sent) => {
                    for id in self.meant(&call) {
                        self.remove(&id, Some(sent), true);
                    }
                }
            }
        }
        let (due, rest) = self
            .others
            .take()
            .into_iter()
            .partition(|(at, ..)| *at <= now);
        self.others.replace(rest);
        let due: Vec<(u64, usize, Other)> = due;
        for (_, number, other) in due {
            self.happens(number, other);
        }
    }

    fn happens(&self, number: usize, other: Other) {
        let wall = self.clock.wall_ms();
        let id = name_of(number % self.world.files.len());
        match other {
            Other::Use => self.change(&id, |file| file.accessed = Some(wall)),
            Other::Protect(is) => self.change(&id, |file| file.is_protected = is),
            Other::Quarantine(is) => {
                let content = self.files.borrow().get(&id).map(|file| file.content);
                let same: Vec<String> = {
                    let files = self.files.borrow();
                    let same = files.iter().filter(|(_, file)| {
                        Some(file.content) == content && !(is && file.is_protected)
                    });
                    same.map(|(id, _)| id.clone()).collect()
                };
                for id in same {
                    self.change(&id, |file| file.is_quarantined = is);
                }
            }
            Other::Delete => {
                self.remove(&id, None, false);
            }
            Other::Come => self.change(&id, |file| file.bytes = file.bytes.or(Some(500))),
            Other::Upload => {
                let file = ModelFile {
                    created: wall,
                    accessed: None,
                    bytes: Some(700),
                    is_quarantined: false,
                    is_protected: false,
                    is_stuck: false,
                    is_preview: false,
                    profile: None,
                    ..self.world.files[number % self.world.files.len()].clone()
                };
                let id = format!("{:02x}new{}", number % 16, self.clock.now_ms());
                self.files.borrow_mut().insert(id.clone(), file.clone());
                let past = vec![(self.clock.now_ms(), file)];
                self.past.borrow_mut().insert(id, past);
            }
        }
    }

    /// The files that a request is to remove, as it stands when the server begins with it.
    fn meant(&self, call: &Call) -> Vec<String> {
        let parts: Vec<String> = call.path.split('/').map(decoded).collect();
        if call.method == Method::Delete {
            return vec![parts.last().unwrap().clone()];
        }
        let number = |key| query(call, key).unwrap().parse::<i64>().unwrap();
        let (before, size_gt) = (number("before_ts"), number("size_gt"));
        let keeps = query(call, "keep_profiles") == Some("true");
        let files = self.files.borrow();
        let meant = files.iter().filter(|(_, file)| {
            file.last_use() < before
                && file.bytes.is_some_and(|bytes| bytes as i64 > size_gt)
                && !file.is_quarantined
                && !file.is_protected
                && !(keeps && file.profile.is_some())
        });
        meant.map(|(id, _)| id.clone()).collect()
    }

    fn shown(id: &str, file: &ModelFile) -> Value {
        json!({
            "media_id": id,
            "user_id": OWNERS[file.owner],
            "media_type": "image/png",
            "media_length": file.bytes,
            "upload_name": "x.png",
            "created_ts": file.created,
            "last_access_ts": file.accessed,
            "quarantined_by": file.is_quarantined.then_some("@mod:b.org"),
            "safe_from_quarantine": file.is_protected,
            "url_cache": file.is_preview.then_some("https://b.org/"),
            "sha256": format!("{:02x}", file.content + 1).repeat(32),
        })
    }

    fn page(&self, call: &Call, all: Vec<Value>, name: &str) -> Answer {
        let from: usize = query(call, "from").unwrap_or("0").parse().unwrap();
        let mut others = self.world.others.iter();
        let per_page = match others.any(|(_, _, other)| matches!(other, Other::Upload)) {
            true => all.len().max(1),
            false => PER_PAGE,
        };
        let (total, next) = (all.len(), from + per_page);
        let page: Vec<Value> = all.into_iter().skip(from).take(per_page).collect();
        let next = (next < total).then_some(next);
        answer(200, json!({name: page, "total": total, "next_token": next}))
    }

    fn avatar(&self, place: usize) -> Option<String> {
        let files = self.files.borrow();
        let found = files.iter().find(|(_, file)| file.profile == Some(place));
        found.map(|(id, _)| format!("mxc://b.org/{id}"))
    }

    /// What the server answers to a question.
    fn tell(&self, call: &Call) -> Answer {
        let parts: Vec<String> = call.path.split('/').map(decoded).collect();
        let parts: Vec<&str> = parts.iter().map(String::as_str).collect();
        let files = self.files.borrow();
        match &parts[4..] {
            ["server_version"] => answer(200, json!({ "server_version": "1" })),
            ["statistics", "users", "media"] => {
                let sums = (0..OWNERS.len()).filter_map(|owner| {
                    let of = files.values().filter(|file| file.owner == owner);
                    let sizes: Vec<u64> = of.clone().filter_map(|file| file.bytes).collect();
                    let sum = (!sizes.is_empty()).then(|| sizes.iter().sum::<u64>());
                    let count = of.count();
                    (count > 0).then(|| {
                        json!({"user_id": OWNERS[owner], "media_count": count, "media_length": sum})
                    })
                });
                self.page(call, sums.collect(), "users")
            }
            ["users", owner, "media"] => {
                let place = OWNERS.iter().position(|other| *other == Some(owner));
                match place {
                    Some(NO_LIST) | None => return refusal(404, "M_NOT_FOUND"),
                    Some(SICK) if self.clock.now_ms() < self.world.sick_until => {
                        return refusal(500, "M_UNKNOWN");
                    }
                    _ => {}
                }
                let now = self.clock.now_ms();
                self.listed.borrow_mut().insert((*owner).to_owned(), now);
                let of = files.iter().filter(|(_, file)| Some(file.owner) == place);
                let all = of.map(|(id, file)| Self::shown(id, file)).collect();
                self.page(call, all, "media")
            }
            ["media", _, _] if !self.tells_of_one() => refusal(405, "M_UNRECOGNIZED"),
            ["media", _, id] => match files.get(*id) {
                Some(file) => answer(200, json!({"media_info": Self::shown(id, file)})),
                None => refusal(404, "M_NOT_FOUND"),
            },
            ["users"] => {
                drop(files);
                let users = json!([{"name": "@al:b.org", "avatar_url": self.avatar(0)}]);
                answer(200, json!({"users": users, "total": 1}))
            }
            ["rooms"] => answer(
                200,
                json!({"rooms": [{"room_id": "!r:b.org"}], "total_rooms": 1}),
            ),
            ["rooms", _] => {
                drop(files);
                answer(
                    200,
                    json!({"room_id": "!r:b.org", "avatar": self.avatar(1)}),
                )
            }
            ["rooms", _, "messages"] => {
                drop(files);
                let content = json!({"avatar_url": self.avatar(2), "membership": "join"});
                answer(
                    200,
                    json!({"chunk": [{"type": "m.room.member", "content": content}]}),
                )
            }
            other => panic!("{other:?}"),
        }
    }

    /// Removes what a request is about; others go on meanwhile.
    async fn carry_out(&self, call: &Call, sent: u64) -> Answer {
        if call.method == Method::Get {
            return self.tell(call);
        }
        let meant = self.meant(call);
        let is_one = call.method == Method::Delete;
        if is_one && !self.files.borrow().contains_key(&meant[0]) {
            return refusal(404, "M_NOT_FOUND");
        }
        // Who is gone meanwhile does not hold it up.
        let mut rest = Rest {
            server: self,
            ids: meant,
            sent,
        };
        let mut removed = Vec::new();
        while !rest.ids.is_empty() {
            self.clock.sleep(self.random.below(30)).await;
            self.catch_up();
            let id = rest.ids.remove(0);
            if self.remove(&id, Some(sent), false) {
                removed.push(id);
            }
        }
        answer(
            200,
            json!({"deleted_media": removed, "total": removed.len()}),
        )
    }

    async fn serve(&self, call: &Call) -> Result<Answer, ApiError> {
        let sent = self.clock.now_ms();
        let changes = call.method != Method::Get;
        if changes {
            self.sent.borrow_mut().push((sent, call.clone()));
        }
        let is_fair = self.is_fair.get();
        let weather = &self.world.weather;
        let chance = |percent| !is_fair && percent > 0 && self.random.percent(percent);
        let unreachable = || ApiError::Unreachable {
            url: String::new(),
            detail: String::new(),
        };
        self.clock.sleep(self.random.below(40)).await;
        self.catch_up();
        let away = |(from, until): (u64, u64)| (from..until).contains(&self.clock.now_ms());
        if (!is_fair && weather.outage.is_some_and(away)) || chance(weather.lost_before) {
            return Err(unreachable());
        }
        if chance(weather.in_between) {
            let (status, body) = match self.random.below(3) {
                0 => (403, "<html>Forbidden"),
                1 => (200, "<html>Sign in"),
                _ => (404, "404 page not found"),
            };
            return Ok(Answer::new(status, "text/html", body));
        }
        if chance(weather.limited) {
            let wait = self.random.below(3_000);
            self.quiet_until.set(self.clock.now_ms() + wait);
            let body = json!({"errcode": "M_LIMIT_EXCEEDED", "retry_after_ms": wait});
            return Ok(answer(429, body));
        }
        if call.authorized && chance(weather.token) {
            return Ok(refusal(401, "M_UNKNOWN_TOKEN"));
        }
        if chance(weather.failing) {
            return Ok(refusal(500, "M_UNKNOWN"));
        }
        if changes && chance(weather.late) {
            let at = self.clock.now_ms() + self.random.below(80_000);
            // The server has begun, or the request is held up on its way.
            if self.random.percent(50) {
                for id in self.meant(call) {
                    let late = Late::Remove(id, sent);
                    self.late.borrow_mut().push((at, late));
                }
            } else {
                let late = Late::Carry(call.clone(), sent);
                self.late.borrow_mut().push((at, late));
            }
            self.clock.sleep(60_000).await;
            return Err(ApiError::TimedOut { after_ms: 60_000 });
        }
        self.clock.sleep(10 + self.random.below(100)).await;
        self.catch_up();
        if chance(weather.proxy) {
            if self.random.percent(50) {
                self.carry_out(call, sent).await;
            }
            return Ok(answer(502, Value::Null));
        }
        let mut result = self.carry_out(call, sent).await;
        if chance(weather.repeated) {
            self.clock.sleep(10).await;
            self.catch_up();
            result = self.carry_out(call, sent).await;
        }
        if chance(weather.lost_after) {
            return Err(unreachable());
        }
        self.clock.sleep(self.random.below(40)).await;
        Ok(result)
    }

    /// In good weather, until all that is under way is over.
    async fn clears_up(&self) {
        self.is_fair.set(true);
        self.clock.sleep(1_000_000).await;
        self.catch_up();
    }

    /// The files of our requests, and when the request was sent.
    fn removed_by_us(&self) -> BTreeMap<String, u64> {
        let away = self.away.borrow();
        let ours = away.iter();
        ours.filter_map(|(id, away)| Some((id.clone(), away.ours?)))
            .collect()
    }

    /// Presses the buttons of the person before a job.
    async fn person(&self, job: &Run) {
        let mut world = self.world.clone();
        let begin = self.clock.now_ms();
        loop {
            self.clock.sleep(200).await;
            let now = self.clock.now_ms() - begin;
            if world.cancel_at.is_some_and(|at| now >= at) {
                job.cancel();
            }
            if let Some((_, ms)) = world.pause_at.filter(|(at, _)| now >= *at) {
                world.pause_at = None;
                job.pause();
                self.clock.sleep(ms).await;
                job.resume(self.clock.now_ms());
            }
            let now = self.clock.now_ms();
            if matches!(job.progress(now).state, RunState::Paused { .. }) {
                job.resume(now);
            }
        }
    }
}

/// What the server still has to remove for a request.
struct Rest<'a> {
    server: &'a Synapse,
    ids: Vec<String>,
    sent: u64,
}

impl Drop for Rest<'_> {
    fn drop(&mut self) {
        let at = self.server.clock.now_ms() + self.server.random.below(3_000);
        for id in self.ids.drain(..) {
            let late = Late::Remove(id, self.sent);
            self.server.late.borrow_mut().push((at, late));
        }
    }
}

impl Network for Synapse {
    fn exchange<'a>(&'a self, call: &'a Call) -> LocalBoxFuture<'a, Result<Answer, ApiError>> {
        self.serve(call).boxed_local()
    }
}

/// What is sent for an item of a job.
#[derive(Clone)]
struct Heard {
    server: Rc<Synapse>,
    item: usize,
    unheard: Rc<Unheard>,
}

impl Network for Heard {
    fn exchange<'a>(&'a self, call: &'a Call) -> LocalBoxFuture<'a, Result<Answer, ApiError>> {
        async move {
            let came = self.server.exchange(call).await;
            self.unheard.note(self.item, call, &came);
            came
        }
        .boxed_local()
    }
}

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

/// A deletion by date and size as a job.
struct ByDate {
    server: Rc<Synapse>,
    deletion: Stepwise,
    unheard: Rc<Unheard>,
    settled: RefCell<Vec<Vec<Fate>>>,
    changes: RefCell<Vec<FileChange>>,
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

/// What was said of a deletion by date and size, and what is so.
fn is_true_by_date(server: &Synapse, hit: &Hit, work: &ByDate) -> Result<(), TestCaseError> {
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
            // What a lost request still does, once the same was answered, nobody knows.
            let is_said = said.contains(id) || away[id].is_late;
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

async fn by_date(server: &Rc<Synapse>) -> Result<(), TestCaseError> {
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
    shows_what_is(server, index).await
}

/// Once a page has read again what it must, it shows nothing that we have deleted, and lacks nothing that is
/// there since it was opened.
async fn shows_what_is(server: &Synapse, mut index: Index) -> Result<(), TestCaseError> {
    index.ask_again();
    read_unread(server, &mut index).await;
    let shown = ids_in(&index);
    for id in server.removed_by_us().keys() {
        prop_assert!(!shown.contains(id), "{} is deleted and still shown", id);
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

/// What is remembered of a file between tries.
#[derive(Clone, Copy, Debug, Default)]
struct Tried {
    is_unsure: bool,
    is_asking: bool,
}

/// Deleting files one by one.
struct OneByOne {
    server: Rc<Synapse>,
    files: Rc<[StoredFile]>,
    unused_since: Option<Timestamp>,
    lists: RecentLists,
    tried: RefCell<Vec<Tried>>,
    under_way: RefCell<BTreeSet<usize>>,
    unheard: Rc<Unheard>,
    settled: RefCell<Vec<Vec<Fate>>>,
    fates: RefCell<Vec<Option<Fate>>>,
    freed: RefCell<Freed>,
    changes: RefCell<Vec<FileChange>>,
}

impl OneByOne {
    /// As the page is left: what is known of the files, and of which something was sent.
    fn going_on(
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

    fn on_fate(&self, number: usize, fate: &Fate) {
        self.fates.borrow_mut()[number] = Some(fate.clone());
        let by = UserId::parse("@admin:b.org");
        let file = &self.files[number];
        let changes = happened(Action::Delete, file, fate, may_have_changed(fate), by);
        self.changes.borrow_mut().extend(changes);
        self.freed.borrow_mut().note(number, fate);
    }

    fn stood(&self, job: &Run) -> Vec<Stood> {
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

    async fn check(&self, number: usize, network: &Heard) -> Result<Verdict, ApiError> {
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

    async fn ask(&self, number: usize, network: &Heard) -> Result<(), Step> {
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

    async fn send(&self, number: usize, network: &Heard) -> Step {
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

    async fn try_one(&self, number: usize, network: &Heard, turn: &Turn<'_>) -> Step {
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
fn is_true_of_each(server: &Synapse, work: &OneByOne) -> Result<(), TestCaseError> {
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

async fn one_by_one(server: &Rc<Synapse>) -> Result<(), TestCaseError> {
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
    shows_what_is(server, index).await
}

fn file() -> impl Strategy<Value = ModelFile> {
    let uses = prop_oneof![Just(400_i64), Just(100), Just(31), Just(5), Just(0)];
    let sizes = prop_oneof![8 => (1_u64..1000).prop_map(Some), 1 => Just(None), 1 => Just(Some(0))];
    let one_in = |percent| proptest::bool::weighted(f64::from(percent) / 100.0);
    (
        (prop_oneof![6 => 0_usize..3, 1 => 3_usize..6], uses.clone()),
        proptest::option::weighted(0.4, uses),
        sizes,
        (one_in(10), one_in(10), one_in(5), one_in(5)),
        0_u8..3,
        proptest::option::weighted(0.1, 0_usize..3),
    )
        .prop_map(
            |((owner, created), accessed, bytes, is, content, profile)| {
                let at = |days: i64| BEGIN - days * DAY_MS;
                let (is_quarantined, is_protected, is_stuck, is_preview) = is;
                ModelFile {
                    owner,
                    created: at(created),
                    accessed: accessed.filter(|days| *days <= created).map(at),
                    bytes,
                    is_quarantined,
                    is_protected,
                    content,
                    is_stuck,
                    is_preview,
                    profile,
                }
            },
        )
}

fn other() -> impl Strategy<Value = Other> {
    prop_oneof![
        2 => Just(Other::Use),
        2 => any::<bool>().prop_map(Other::Protect),
        2 => any::<bool>().prop_map(Other::Quarantine),
        2 => Just(Other::Delete),
        1 => Just(Other::Upload),
        1 => Just(Other::Come),
    ]
}

fn weather() -> impl Strategy<Value = Weather> {
    let percent = || prop_oneof![3 => Just(0_u64), 1 => 1_u64..25];
    (
        (percent(), percent(), percent(), percent(), percent()),
        (percent(), percent(), percent(), percent()),
        proptest::option::weighted(0.2, (0_u64..20_000, 1_000_u64..60_000)),
    )
        .prop_map(|(first, second, outage)| Weather {
            lost_before: first.0,
            lost_after: first.1,
            repeated: first.2,
            late: first.3,
            limited: first.4,
            failing: second.0,
            proxy: second.1,
            in_between: second.2,
            token: second.3,
            outage: outage.map(|(from, ms)| (from, from + ms)),
        })
}

fn world() -> impl Strategy<Value = World> {
    let when = || prop_oneof![3 => 0_u64..5_000, 1 => 0_u64..200_000];
    (
        (
            any::<u64>(),
            prop_oneof![Just(98_u64), Just(139), Just(140), Just(160)],
        ),
        proptest::collection::vec(file(), 1..14),
        proptest::collection::vec((when(), 0_usize..14, other()), 0..10),
        (
            weather(),
            prop_oneof![2 => Just(0), 1 => 0_u64..60_000, 1 => Just(u64::MAX)],
        ),
        prop_oneof![2 => Just(0), 1 => 0_u64..200_000],
        (any::<bool>(), any::<bool>(), 0_u8..6),
        (
            proptest::option::weighted(0.2, when()),
            proptest::option::weighted(0.2, (when(), when())),
            proptest::option::weighted(0.2, when()),
        ),
    )
        .prop_map(
            |(
                (seed, minor),
                files,
                others,
                (weather, sick_until),
                reads_ms,
                (keeps_profiles, retries, asked),
                (cancel_at, pause_at, leaves_at),
            )| World {
                seed,
                minor,
                files,
                others,
                weather,
                sick_until,
                reads_ms,
                keeps_profiles,
                cancel_at,
                pause_at,
                leaves_at,
                retries,
                asked,
            },
        )
}

fn histories() -> ProptestConfig {
    let cases = std::env::var("MEDIA_HISTORIES").ok();
    let cases = cases.and_then(|cases| cases.parse().ok()).unwrap_or(300);
    ProptestConfig {
        cases,
        max_shrink_iters: 20_000,
        failure_persistence: None,
        ..ProptestConfig::default()
    }
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
