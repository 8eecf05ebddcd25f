//! The model of Synapse's accounts: with lost answers, requests that the browser repeats by itself, rate limits, errors
//! in the middle, and others who create accounts meanwhile.

pub(super) mod mas;

use super::*;

/// An account of the model.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Model {
    pub(super) displayname: Option<String>,
    pub(super) password: Option<String>,
    pub(super) admin: bool,
    pub(super) deactivated: bool,
    pub(super) locked: bool,
    pub(super) avatar_url: Option<String>,
    pub(super) threepids: Vec<(String, String)>,
    pub(super) external_ids: Vec<(String, String)>,
    pub(super) rooms: BTreeSet<String>,
    pub(super) created_s: i64,
    /// Whether its owner was logged out everywhere.
    pub(super) logged_out: bool,
    /// Created by somebody else: their copy as it was.
    pub(super) foreign: bool,
    /// What Matrix Authentication Service calls it, and when it was made there, in milliseconds.
    pub(super) at_mas: Option<(String, i64)>,
    /// Whether its owner has logged in.
    pub(super) is_used: bool,
}

/// How the network and the server behave, in percent of the requests.
#[derive(Clone, Debug, Default)]
pub(super) struct Weather {
    /// The request never arrives.
    pub(super) lost_before: u64,
    /// It is carried out, and the answer never arrives.
    pub(super) lost_after: u64,
    /// It is carried out, the answer is lost, and the browser sends it again by itself.
    pub(super) repeated: u64,
    /// Nobody answers in time; the server carries it out later.
    pub(super) late: u64,
    pub(super) limited: u64,
    /// 500 before anything is done.
    pub(super) failing: u64,
    /// A creation stops with 500 after the account is there.
    pub(super) half: u64,
    /// 502 from a proxy, carried out or not.
    pub(super) proxy: u64,
    /// 400 to somebody who asks what one account is, has, or whose something is.
    pub(super) refusing: u64,
    /// A proxy answers in the server's place: it refuses, shows a page, or knows no server.
    pub(super) in_between: u64,
    pub(super) token: u64,
    pub(super) outage: Option<(u64, u64)>,
    /// Others create the account of this row at this time.
    pub(super) others: Vec<(usize, u64)>,
    /// Whether the others' accounts look exactly like ours.
    pub(super) impostors: bool,
    /// How far the server's clock is ahead of ours, in milliseconds.
    pub(super) ahead_ms: i64,
}

pub(super) struct Synapse {
    pub(super) clock: SimClock,
    pub(super) random: SimRandom,
    pub(super) weather: Weather,
    pub(super) accounts: RefCell<BTreeMap<String, Model>>,
    pub(super) late: RefCell<Vec<(u64, Call)>>,
    pub(super) others: RefCell<Vec<(u64, String, Model)>>,
    pub(super) quiet_until: Cell<u64>,
    pub(super) requests: RefCell<Vec<(u64, &'static str, String)>>,
    /// Creations carried out by us.
    pub(super) created: RefCell<Vec<String>>,
    /// Whether Matrix Authentication Service keeps the accounts, and how many there have been.
    pub(super) mas: Option<Cell<u64>>,
    /// Foreign accounts that we changed before they were reported as ours or to be updated.
    pub(super) violations: RefCell<Vec<String>>,
}

pub(super) const SERVER: &str = "example.org";

pub(super) fn id(local: &str) -> UserId {
    UserId::parse(&format!("@{local}:{SERVER}")).unwrap()
}

pub(super) fn answer(status: u16, body: Value) -> Answer {
    Answer::new(status, "application/json", body.to_string())
}

pub(super) fn refusal(status: u16, errcode: &str, error: &str) -> Answer {
    answer(status, json!({"errcode": errcode, "error": error}))
}

pub(super) fn decoded(segment: &str) -> String {
    let mut out = Vec::new();
    let mut bytes = segment.bytes();
    while let Some(byte) = bytes.next() {
        if byte == b'%' {
            let hex: String = bytes.by_ref().take(2).map(char::from).collect();
            out.push(u8::from_str_radix(&hex, 16).unwrap());
        } else {
            out.push(byte);
        }
    }
    String::from_utf8(out).unwrap()
}

impl Synapse {
    pub(super) fn new(seed: u64, weather: Weather) -> Rc<Self> {
        Rc::new(Synapse::of(seed, weather))
    }

    pub(super) fn of(seed: u64, weather: Weather) -> Self {
        Synapse {
            clock: SimClock::default(),
            random: SimRandom::new(seed),
            weather,
            accounts: RefCell::default(),
            late: RefCell::default(),
            others: RefCell::default(),
            quiet_until: Cell::new(0),
            requests: RefCell::default(),
            created: RefCell::default(),
            mas: None,
            violations: RefCell::default(),
        }
    }

    /// The time as the server has it.
    pub(super) fn wall_ms(&self) -> i64 {
        self.clock.wall_ms() + self.weather.ahead_ms
    }

    pub(super) fn now_s(&self) -> i64 {
        self.wall_ms() / 1000
    }

    pub(super) fn blank(&self, local: &str) -> Model {
        Model {
            displayname: Some(local.to_owned()),
            password: None,
            admin: false,
            deactivated: false,
            locked: false,
            avatar_url: None,
            threepids: Vec::new(),
            external_ids: Vec::new(),
            rooms: BTreeSet::new(),
            created_s: self.now_s(),
            logged_out: false,
            foreign: false,
            at_mas: self.new_at_mas(),
            is_used: false,
        }
    }

    pub(super) fn foreign(&self, local: &str) -> Model {
        Model {
            displayname: Some("Somebody Else".into()),
            password: Some("theirs".into()),
            foreign: true,
            ..self.blank(local)
        }
    }

    pub(super) fn account(&self, local: &str) -> Option<Model> {
        self.accounts.borrow().get(id(local).as_str()).cloned()
    }

    /// What happens by itself as time goes on.
    pub(super) fn catch_up(&self) {
        let now = self.clock.now_ms();
        let due = |at: u64| at <= now;
        let late: Vec<Call> = {
            let mut late = self.late.borrow_mut();
            let (ready, rest) = late.drain(..).partition(|(at, _)| due(*at));
            *late = rest;
            let ready: Vec<(u64, Call)> = ready;
            ready.into_iter().map(|(_, call)| call).collect()
        };
        let mut others = self.others.borrow_mut();
        others.retain(|(at, user, model)| {
            if due(*at) {
                let mut accounts = self.accounts.borrow_mut();
                let mut model = model.clone();
                model.created_s = self.now_s();
                if let Some((_, created)) = &mut model.at_mas {
                    *created = self.wall_ms();
                }
                accounts.entry(user.clone()).or_insert(model);
            }
            !due(*at)
        });
        drop(others);
        for call in late {
            self.carry_out(&call);
        }
    }

    pub(super) fn show(user: &str, model: &Model, in_list: bool) -> Value {
        let pairs = |pairs: &[(String, String)], keys: [&str; 2]| -> Value {
            let pair = |(a, b): &(String, String)| json!({keys[0]: a, keys[1]: b});
            pairs.iter().map(pair).collect()
        };
        json!({
            "name": user,
            "displayname": model.displayname,
            "avatar_url": model.avatar_url,
            "admin": model.admin,
            "deactivated": model.deactivated,
            "locked": model.locked,
            "is_guest": false,
            "user_type": null,
            "creation_ts": model.created_s * if in_list { 1000 } else { 1 },
            "threepids": pairs(&model.threepids, ["medium", "address"]),
            "external_ids": pairs(&model.external_ids, ["auth_provider", "external_id"]),
        })
    }

    /// The server as it is in good weather.
    pub(super) fn carry_out(&self, call: &Call) -> Answer {
        let body: Value = match &call.body {
            Body::Json(json) => serde_json::from_str(json).unwrap(),
            _ => Value::Null,
        };
        if let Some(path) = call.path.strip_prefix(mas::API) {
            return self.carry_out_at_mas(call, path, &body);
        }
        let parts: Vec<String> = call.path.split('/').map(decoded).collect();
        let last = parts.last().unwrap().clone();
        match (call.method, parts[4].as_str()) {
            (Method::Get, "server_version") => answer(200, json!({"server_version": "1.163.2"})),
            (Method::Get, "users") if parts.len() == 5 => self.list(call),
            (Method::Get, "threepid") => self.owner(&parts[5], &last),
            (Method::Get, "users") if last == "joined_rooms" => {
                let rooms = self.accounts.borrow()[&parts[5]].rooms.clone();
                answer(200, json!({"total": rooms.len(), "joined_rooms": rooms}))
            }
            (Method::Get, "users") => match self.accounts.borrow().get(&last) {
                Some(model) => answer(200, Self::show(&last, model, false)),
                None => refusal(404, "M_NOT_FOUND", "User not found"),
            },
            (Method::Put, "users") => {
                self.may_be_put(&last, &body);
                self.put(&last, &body)
            }
            (Method::Post, "join") => {
                let user = body["user_id"].as_str().unwrap();
                let mut accounts = self.accounts.borrow_mut();
                let rooms = &mut accounts.get_mut(user).unwrap().rooms;
                // A private room: nobody is invited twice.
                if last.starts_with("!private") && rooms.contains(&last) {
                    return refusal(403, "M_FORBIDDEN", "is already in the room");
                }
                if last.starts_with("!forbidden") {
                    return refusal(403, "M_FORBIDDEN", "You are not in the room");
                }
                rooms.insert(last.clone());
                answer(200, json!({"room_id": "!r"}))
            }
            other => panic!("{other:?} {}", call.path),
        }
    }

    pub(super) fn owner(&self, medium: &str, address: &str) -> Answer {
        let has = |model: &Model| {
            let mut pairs = model.threepids.iter();
            pairs.any(|(of, text)| of == medium && text == address)
        };
        let accounts = self.accounts.borrow();
        let found = accounts.iter().find(|(_, model)| has(model));
        match found {
            Some((user, _)) => answer(200, json!({"user_id": user})),
            None => refusal(404, "M_NOT_FOUND", "User not found"),
        }
    }

    pub(super) fn list(&self, call: &Call) -> Answer {
        let query = |key: &str| {
            let found = call.query.iter().find(|(name, _)| *name == key);
            found.map(|(_, value)| value.as_str()).unwrap_or_default()
        };
        assert_eq!((query("order_by"), query("dir")), ("creation_ts", "b"));
        let (from, limit): (usize, usize) = (
            query("from").parse().unwrap(),
            query("limit").parse().unwrap(),
        );
        let accounts = self.accounts.borrow();
        let mut all: Vec<_> = accounts.iter().collect();
        all.sort_by_key(|(name, model)| (-model.created_s, (*name).clone()));
        let page: Vec<Value> = all
            .iter()
            .skip(from)
            .take(limit)
            .map(|(name, model)| Self::show(name, model, true))
            .collect();
        let next = (from + limit < all.len()).then(|| (from + limit).to_string());
        answer(
            200,
            json!({"users": page, "total": all.len(), "next_token": next}),
        )
    }

    pub(super) fn put(&self, user: &str, body: &Value) -> Answer {
        let mut accounts = self.accounts.borrow_mut();
        let taken = |accounts: &BTreeMap<String, Model>, pair: &(String, String)| {
            accounts
                .iter()
                .any(|(other, model)| other != user && model.external_ids.contains(pair))
        };
        let pairs = |key: &str, names: [&str; 2]| -> Option<Vec<(String, String)>> {
            let text = |value: &Value| value.as_str().unwrap().to_owned();
            let pair = |value: &Value| (text(&value[names[0]]), text(&value[names[1]]));
            Some(body.get(key)?.as_array()?.iter().map(pair).collect())
        };
        let threepids = pairs("threepids", ["medium", "address"]).map(|list| {
            let lower = |(medium, address): (String, String)| (medium, address.to_lowercase());
            list.into_iter().map(lower).collect::<Vec<_>>()
        });
        let external_ids = pairs("external_ids", ["auth_provider", "external_id"]);
        let password = body.get("password").and_then(Value::as_str);
        let in_use = || refusal(409, "M_UNKNOWN", "External id is already in use.");
        let bad_medium = || refusal(400, "M_INVALID_PARAM", "Invalid medium");
        let bad = |(medium, _): &(String, String)| medium == "pigeon";
        let no_text = |name| {
            refusal(
                400,
                "M_INVALID_PARAM",
                &format!("'{name}' must be a string"),
            )
        };
        if let Some(model) = accounts.get(user) {
            let before = model.clone();
            let mut model = model.clone();
            let result = 'change: {
                if let Some(name) = body.get("displayname") {
                    let Some(name) = name.as_str() else {
                        break 'change no_text("displayname");
                    };
                    model.displayname = Some(name.trim().to_owned()).filter(|n| !n.is_empty());
                }
                if let Some(list) = &threepids {
                    if list.iter().any(bad) {
                        break 'change bad_medium();
                    }
                    model.threepids.clone_from(list);
                }
                if let Some(list) = &external_ids {
                    if list.iter().any(|pair| taken(&accounts, pair)) {
                        break 'change in_use();
                    }
                    model.external_ids.clone_from(list);
                }
                if let Some(avatar) = body.get("avatar_url") {
                    let Some(avatar) = avatar.as_str() else {
                        break 'change no_text("avatar_url");
                    };
                    if avatar.contains("forbidden") {
                        break 'change refusal(403, "M_FORBIDDEN", "This avatar is not allowed");
                    }
                    model.avatar_url = Some(avatar.to_owned());
                }
                if let Some(admin) = body.get("admin") {
                    model.admin = admin.as_bool().unwrap();
                }
                if let Some(password) = password {
                    model.password = Some(password.to_owned());
                    model.logged_out |= body.get("logout_devices") != Some(&json!(false));
                }
                if let Some(deactivated) = body.get("deactivated") {
                    model.deactivated = deactivated.as_bool().unwrap();
                    if model.deactivated {
                        model.password = None;
                    }
                }
                if let Some(locked) = body.get("locked") {
                    if user.contains("unlockable") {
                        break 'change refusal(403, "M_FORBIDDEN", "This account is not locked");
                    }
                    model.locked = locked.as_bool().unwrap();
                }
                answer(200, Self::show(user, &model, false))
            };
            if model.foreign && model != before {
                self.violations.borrow_mut().push(user.to_owned());
                // Only the display name is ever at risk.
                let mut named = before;
                named.displayname.clone_from(&model.displayname);
                if named != model {
                    self.violations.borrow_mut().push(format!("{user} whole"));
                }
            }
            accounts.insert(user.to_owned(), model);
            return result;
        }
        if user.contains("spam") {
            return refusal(429, "M_UNKNOWN", "Rate limited");
        }
        if user.contains("bridge") {
            return refusal(400, "M_EXCLUSIVE", "This user ID is reserved");
        }
        let local = user[1..].split(':').next().unwrap();
        let mut model = self.blank(local);
        if let Some(name) = body.get("displayname").and_then(Value::as_str) {
            model.displayname = Some(name.to_owned()).filter(|name| !name.is_empty());
        }
        model.password = password.map(str::to_owned);
        model.admin = body.get("admin").and_then(Value::as_bool).unwrap_or(false);
        self.created.borrow_mut().push(user.to_owned());
        let result = 'create: {
            if self.random.percent(self.weather.half) {
                break 'create refusal(500, "M_UNKNOWN", "Internal server error");
            }
            let list = threepids.unwrap_or_default();
            if list.iter().any(bad) {
                break 'create bad_medium();
            }
            model.threepids = list;
            for pair in external_ids.unwrap_or_default() {
                if taken(&accounts, &pair) {
                    break 'create in_use();
                }
                model.external_ids.push(pair);
            }
            if let Some(avatar) = body.get("avatar_url").and_then(Value::as_str) {
                model.avatar_url = Some(avatar.to_owned());
            }
            answer(201, Self::show(user, &model, false))
        };
        accounts.insert(user.to_owned(), model);
        result
    }
}

/// What is said to who asks in vain whose an address is; see [`Weather::refusing`].
pub(super) const UNSAID: &str = "Nobody is told";

/// Whether it is a question about one account or one address, and not the look at the newest.
fn asks_about_one(call: &Call) -> bool {
    let is_list = call.path.ends_with("/users");
    call.method == Method::Get && call.authorized && !is_list
}

/// Whoever asked is gone before the server came to it; it may do it all the same.
pub(super) struct Abandoned<'a> {
    pub(super) server: &'a Synapse,
    pub(super) call: &'a Call,
    /// Whether the server has come to it.
    pub(super) settled: Cell<bool>,
}

impl Drop for Abandoned<'_> {
    fn drop(&mut self) {
        let at = self.server.clock.now_ms() + self.server.random.below(3_000);
        let lost = !self.settled.get() && self.call.method != Method::Get;
        if lost && self.server.random.percent(50) {
            let late = (at, self.call.clone());
            self.server.late.borrow_mut().push(late);
        }
    }
}

impl Network for Synapse {
    fn exchange<'a>(&'a self, call: &'a Call) -> LocalBoxFuture<'a, Result<Answer, ApiError>> {
        async move {
            let abandoned = Abandoned {
                server: self,
                call,
                settled: Cell::new(false),
            };
            let result = self.serve(call, &abandoned.settled).await;
            abandoned.settled.set(true);
            result
        }
        .boxed_local()
    }
}

impl Synapse {
    pub(super) async fn serve(
        &self,
        call: &Call,
        settled: &Cell<bool>,
    ) -> Result<Answer, ApiError> {
        let now = self.clock.now_ms();
        assert!(now >= self.quiet_until.get(), "sent during a rate limit");
        self.requests
            .borrow_mut()
            .push((now, call.method.as_str(), call.path.clone()));
        let unreachable = || ApiError::Unreachable {
            url: String::new(),
            detail: String::new(),
        };
        self.clock.sleep(self.random.below(40)).await;
        self.catch_up();
        let weather = &self.weather;
        let chance = |percent| self.random.percent(percent);
        let away = |(from, until): (u64, u64)| (from..until).contains(&self.clock.now_ms());
        if weather.outage.is_some_and(away) || chance(weather.lost_before) {
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
        let is_mas = call.path.starts_with(mas::API);
        if call.authorized && chance(weather.token) {
            return Ok(match is_mas {
                true => mas::refusal(401, "Access token expired"),
                false => refusal(401, "M_UNKNOWN_TOKEN", ""),
            });
        }
        if is_mas && chance(weather.failing) {
            return Ok(mas::refusal(500, "Internal server error"));
        }
        if chance(weather.failing) {
            return Ok(refusal(500, "M_UNKNOWN", "Internal server error"));
        }
        if weather.refusing > 0 && asks_about_one(call) && chance(weather.refusing) {
            return Ok(match is_mas {
                true => mas::refusal(400, "Bad question"),
                false if call.path.contains("/threepid/") => {
                    refusal(400, "M_INVALID_PARAM", UNSAID)
                }
                false => refusal(400, "M_INVALID_PARAM", "Bad question"),
            });
        }
        if call.method != Method::Get && chance(weather.late) {
            let at = self.clock.now_ms() + 60_000 + self.random.below(20_000);
            self.late.borrow_mut().push((at, call.clone()));
            self.clock.sleep(60_000).await;
            return Err(ApiError::TimedOut { after_ms: 60_000 });
        }
        // A hash takes its time.
        self.clock.sleep(20 + self.random.below(300)).await;
        self.catch_up();
        if chance(weather.proxy) {
            settled.set(true);
            if chance(50) {
                self.carry_out(call);
            }
            return Ok(answer(502, Value::Null));
        }
        settled.set(true);
        let mut result = self.carry_out(call);
        if chance(weather.repeated) {
            self.clock.sleep(10).await;
            self.catch_up();
            result = self.carry_out(call);
        }
        if chance(weather.lost_after) {
            return Err(unreachable());
        }
        self.clock.sleep(self.random.below(40)).await;
        Ok(result)
    }
}
