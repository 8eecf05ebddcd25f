//! The model of Synapse's media repository, and the network before it.

use super::world::{ModelFile, Other, World};
use super::*;

/// What became of a file that is not there any more.
#[derive(Clone, Copy, Debug)]
pub(super) struct Away {
    pub(super) at: u64,
    /// When our request was sent that has removed it; `None`: it was somebody else.
    pub(super) ours: Option<u64>,
    /// Whether nobody waited for that request any more.
    pub(super) is_late: bool,
}

pub(super) struct Synapse {
    pub(super) clock: SimClock,
    pub(super) random: SimRandom,
    pub(super) world: World,
    /// Nothing goes wrong for now.
    pub(super) is_fair: Cell<bool>,
    pub(super) files: RefCell<BTreeMap<String, ModelFile>>,
    /// How each file was since when.
    pub(super) past: RefCell<BTreeMap<String, Vec<(u64, ModelFile)>>>,
    pub(super) away: RefCell<BTreeMap<String, Away>>,
    pub(super) others: RefCell<Vec<(u64, usize, Other)>>,
    /// What the server will have come to by then, though nobody waits for it: files to remove, and when the
    /// request was sent; requests that it has not begun.
    pub(super) late: RefCell<Vec<(u64, Late)>>,
    /// When somebody's list was asked for last, and answered.
    pub(super) listed: RefCell<HashMap<String, u64>>,
    pub(super) quiet_until: Cell<u64>,
    /// What was sent that deletes, and when.
    pub(super) sent: RefCell<Vec<(u64, Call)>>,
}

#[derive(Clone, Debug)]
pub(super) enum Late {
    Remove(String, u64),
    Carry(Call, u64),
}

pub(super) fn answer(status: u16, body: Value) -> Answer {
    Answer::new(status, "application/json", body.to_string())
}

pub(super) fn refusal(status: u16, errcode: &str) -> Answer {
    answer(status, json!({"errcode": errcode, "error": "no"}))
}

pub(super) fn query<'a>(call: &'a Call, key: &str) -> Option<&'a str> {
    let found = call.query.iter().find(|(name, _)| *name == key);
    found.map(|(_, value)| value.as_str())
}

/// IDs in an order that has nothing to do with that of the files.
pub(super) fn name_of(number: usize) -> String {
    format!("{:02x}file{number}", (number * 7 + 3) % 16)
}

pub(super) fn own() -> ServerName {
    ServerName::parse("b.org").unwrap()
}

pub(super) fn user(owner: usize) -> Option<UserId> {
    OWNERS[owner].and_then(UserId::parse)
}

impl Synapse {
    pub(super) fn new(world: &World) -> Rc<Self> {
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

    pub(super) fn capabilities(&self) -> Capabilities {
        let version = format!("1.{}.0", self.world.minor);
        let version = serde_json::from_value(json!({ "server_version": version })).unwrap();
        Capabilities::new(&version, SpecVersions::default(), false)
    }

    pub(super) fn tells_of_one(&self) -> bool {
        self.world.minor >= 140
    }

    pub(super) fn patient<'a>(&'a self, network: &'a dyn Network) -> Patient<'a> {
        Patient {
            network,
            clock: &self.clock,
            random: &self.random,
        }
    }

    pub(super) fn change(&self, id: &str, change: impl FnOnce(&mut ModelFile)) {
        if let Some(file) = self.files.borrow_mut().get_mut(id) {
            change(file);
            let mut past = self.past.borrow_mut();
            let past = past.entry(id.to_owned()).or_default();
            past.push((self.clock.now_ms(), file.clone()));
        }
    }

    /// Removes a file; whether it is not there any more. `ours`: when our request was sent.
    pub(super) fn remove(&self, id: &str, ours: Option<u64>, is_late: bool) -> bool {
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
    pub(super) fn catch_up(&self) {
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

    pub(super) fn happens(&self, number: usize, other: Other) {
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
    pub(super) fn meant(&self, call: &Call) -> Vec<String> {
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

    pub(super) fn shown(id: &str, file: &ModelFile) -> Value {
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

    pub(super) fn page(&self, call: &Call, all: Vec<Value>, name: &str) -> Answer {
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

    pub(super) fn avatar(&self, place: usize) -> Option<String> {
        let files = self.files.borrow();
        let found = files.iter().find(|(_, file)| file.profile == Some(place));
        found.map(|(id, _)| format!("mxc://b.org/{id}"))
    }

    /// What the server answers to a question.
    pub(super) fn tell(&self, call: &Call) -> Answer {
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
    pub(super) async fn carry_out(&self, call: &Call, sent: u64) -> Answer {
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

    pub(super) async fn serve(&self, call: &Call) -> Result<Answer, ApiError> {
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
    pub(super) async fn clears_up(&self) {
        self.is_fair.set(true);
        self.clock.sleep(1_000_000).await;
        self.catch_up();
    }

    /// The files of our requests, and when the request was sent.
    pub(super) fn removed_by_us(&self) -> BTreeMap<String, u64> {
        let away = self.away.borrow();
        let ours = away.iter();
        ours.filter_map(|(id, away)| Some((id.clone(), away.ours?)))
            .collect()
    }

    /// Presses the buttons of the person before a job.
    pub(super) async fn person(&self, job: &Run) {
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
pub(super) struct Rest<'a> {
    pub(super) server: &'a Synapse,
    pub(super) ids: Vec<String>,
    pub(super) sent: u64,
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
pub(super) struct Heard {
    pub(super) server: Rc<Synapse>,
    pub(super) item: usize,
    pub(super) unheard: Rc<Unheard>,
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
