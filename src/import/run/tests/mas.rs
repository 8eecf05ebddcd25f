//! The model of Matrix Authentication Service, which keeps the accounts of the model of Synapse, and what holds
//! where it does.

use super::*;
use crate::api::server::{AtMas, MasAccess};
use crate::import::run::account::by_owner;

const BASE: &str = "https://mas.example.org";

pub(super) const API: &str = "https://mas.example.org/api/admin/v1/";

const PROVIDER: &str = "01FSHN9AG0MZAA6S4AF7CTV32E";

pub(super) fn access(version: &str) -> AtMas {
    AtMas::Everything(MasAccess {
        base: BASE.to_owned(),
        version: Version::parse(version.trim_start_matches('v')),
        version_text: version.to_owned(),
    })
}

pub(super) fn refusal(status: u16, title: &str) -> Answer {
    answer(status, json!({"errors": [{"title": title}]}))
}

/// What this one does not take.
pub(super) fn is_weak(password: &str) -> bool {
    password.len() < 4
}

/// The accounts of a history as a plan has them there.
pub(super) fn fitting(at_mas: bool, mut accounts: Vec<NewAccount>) -> Vec<NewAccount> {
    let ids = accounts
        .iter_mut()
        .flat_map(|account| &mut account.external_ids);
    for id in ids.flatten().filter(|_| at_mas) {
        PROVIDER.clone_into(&mut id.auth_provider);
    }
    accounts
}

/// The ID of an e-mail address, which is made of it.
fn id_of_email(address: &str) -> String {
    let digest: String = address.bytes().map(|byte| format!("{byte:02}")).collect();
    format!("01E{digest:0>23.23}")
}

/// RFC 3339, as MAS writes it.
fn moment(ms: i64) -> String {
    let (days, rest) = (ms.div_euclid(86_400_000), ms.rem_euclid(86_400_000));
    // 2023-11-14 is day 19675, on which these histories begin; none is a month long.
    let day = days - 19_675 + 14;
    let (hour, minute) = (rest / 3_600_000, rest / 60_000 % 60);
    let (second, ms) = (rest / 1000 % 60, rest % 1000);
    format!("2023-11-{day:02}T{hour:02}:{minute:02}:{second:02}.{ms:03}000Z")
}

impl Synapse {
    pub(super) fn with(mas: bool, seed: u64, weather: Weather) -> Rc<Self> {
        Rc::new(Synapse {
            mas: mas.then(Cell::default),
            ..Synapse::of(seed, weather)
        })
    }

    fn fair() -> Rc<Self> {
        Synapse::with(true, 1, Weather::default())
    }

    pub(super) fn new_at_mas(&self) -> Option<(String, i64)> {
        let count = self.mas.as_ref()?;
        count.set(count.get() + 1);
        Some((format!("01H{:023}", count.get()), self.clock.wall_ms()))
    }

    /// What the homeserver still is asked for.
    pub(super) fn may_be_put(&self, user: &str, body: &Value) {
        if self.mas.is_none() {
            return;
        }
        assert!(
            self.accounts.borrow().contains_key(user),
            "{user} is not there"
        );
        let allowed = ["displayname", "avatar_url", "user_type"];
        let fields = body.as_object().unwrap().keys();
        fields.for_each(|key| assert!(allowed.contains(&key.as_str()), "{key}"));
    }

    fn told(user: &str, model: &Model) -> Value {
        let (id, created) = model.at_mas.clone().unwrap();
        let since = |on: bool| on.then(|| moment(created));
        json!({
            "type": "user",
            "id": id,
            "attributes": {
                "username": UserId::parse(user).unwrap().localpart(),
                "created_at": moment(created),
                "locked_at": since(model.locked),
                "deactivated_at": since(model.deactivated),
                "admin": model.admin,
                "legacy_guest": false,
            },
            "links": {"self": "/"},
        })
    }

    fn told_email(&self, owner: &str, address: &str) -> Value {
        json!({"type": "user-email", "id": id_of_email(address), "attributes": {
            "created_at": moment(self.clock.wall_ms()), "user_id": owner, "email": address,
        }})
    }

    fn told_link(&self, owner: &str, subject: &str) -> Value {
        json!({"type": "upstream-oauth-link", "id": PROVIDER, "attributes": {
            "created_at": moment(self.clock.wall_ms()), "provider_id": PROVIDER, "subject": subject,
            "user_id": owner,
        }})
    }

    fn user_of_id(&self, id: &str) -> Option<String> {
        let accounts = self.accounts.borrow();
        let is_it = |model: &Model| model.at_mas.as_ref().is_some_and(|(known, _)| known == id);
        let mut found = accounts.iter().filter(|(_, model)| is_it(model));
        found.next().map(|(user, _)| user.clone())
    }

    /// MAS as it is in good weather.
    pub(super) fn carry_out_at_mas(&self, call: &Call, path: &str, body: &Value) -> Answer {
        let parts: Vec<String> = path.split('/').map(decoded).collect();
        let parts: Vec<&str> = parts.iter().map(String::as_str).collect();
        let query = |key: &str| {
            let found = call.query.iter().find(|(name, _)| *name == key);
            found.map(|(_, value)| value.as_str())
        };
        let one = |status, data: Value| answer(status, json!({"data": data}));
        let list = |data: Vec<Value>, more: bool| {
            let prev = more.then_some("/");
            answer(
                200,
                json!({"data": data, "links": {"self": "/", "prev": prev}}),
            )
        };
        match (call.method, &parts[..]) {
            (Method::Get, ["version"]) => refusal(400, "Missing authorization header"),
            (Method::Get, ["users"]) => {
                let last: usize = query("page[last]").unwrap().parse().unwrap();
                let before = query("page[before]");
                let accounts = self.accounts.borrow();
                let mut all: Vec<(&String, &Model)> = accounts
                    .iter()
                    .filter(|(_, model)| model.at_mas.is_some())
                    .collect();
                all.sort_by_key(|(_, model)| model.at_mas.clone().map(|(id, at)| (at, id)));
                let end = before.map_or(all.len(), |cursor| {
                    let is_it = |(_, model): &(&String, &Model)| {
                        model.at_mas.as_ref().is_some_and(|(id, _)| id == cursor)
                    };
                    all.iter().position(is_it).unwrap()
                });
                let from = end.saturating_sub(last);
                let page = all[from..end].iter();
                list(
                    page.map(|(user, model)| Self::told(user, model)).collect(),
                    from > 0,
                )
            }
            (Method::Get, ["users", "by-username", name]) => {
                let accounts = self.accounts.borrow();
                let found = accounts.get(id(&name.to_lowercase()).as_str());
                match found.filter(|model| model.at_mas.is_some()) {
                    Some(model) => one(200, Self::told(id(name).as_str(), model)),
                    None => refusal(404, "User not found"),
                }
            }
            (Method::Post, ["users"]) => {
                let name = body["username"].as_str().unwrap();
                let user = id(&name.to_lowercase()).as_str().to_owned();
                if name.contains("spam") {
                    return refusal(400, "Username is not valid");
                }
                if self.accounts.borrow().contains_key(&user) {
                    return refusal(409, "User already exists");
                }
                if name.contains("bridge") {
                    return refusal(409, "Username is reserved by the homeserver");
                }
                let mut model = self.blank(name);
                if let Some(displayname) = body.get("displayname").and_then(Value::as_str) {
                    model.displayname = Some(displayname.to_owned());
                }
                let told = Self::told(&user, &model);
                self.created.borrow_mut().push(user.clone());
                self.accounts.borrow_mut().insert(user, model);
                match self.random.percent(self.weather.half) {
                    true => refusal(500, "Internal server error"),
                    false => one(201, told),
                }
            }
            (Method::Post, ["users", id, action]) => {
                let Some(user) = self.user_of_id(id) else {
                    return refusal(404, "User not found");
                };
                let mut model = self.accounts.borrow()[&user].clone();
                match *action {
                    "set-password" => {
                        assert_eq!(body["skip_password_check"], json!(false));
                        let password = body["password"].as_str().unwrap();
                        if is_weak(password) {
                            return refusal(400, "Password is too weak");
                        }
                        model.password = Some(password.to_owned());
                    }
                    "set-admin" => model.admin = body["admin"].as_bool().unwrap(),
                    "lock" if user.contains("unlockable") => {
                        return refusal(400, "This one is not locked");
                    }
                    "lock" => model.locked = true,
                    "unlock" => model.locked = false,
                    "deactivate" => {
                        assert_eq!(body["skip_erase"], json!(true));
                        model.deactivated = true;
                    }
                    "reactivate" => model.deactivated = false,
                    other => panic!("{other}"),
                }
                let told = Self::told(&user, &model);
                self.becomes(&user, model);
                one(200, told)
            }
            (Method::Get, ["user-emails"]) => {
                let accounts = self.accounts.borrow();
                let emails = accounts.values().flat_map(|model| {
                    let emails = model.threepids.iter().filter(|(kind, _)| kind == "email");
                    emails.map(|(_, address)| (model.at_mas.clone(), address.clone()))
                });
                let wanted = |(owner, address): &(Option<(String, i64)>, String)| {
                    let owner = owner.as_ref().map(|(id, _)| id.as_str());
                    query("filter[user]").is_none_or(|id| Some(id) == owner)
                        && query("filter[email]").is_none_or(|is| is.to_lowercase() == *address)
                };
                let emails = emails.filter(wanted);
                let emails =
                    emails.map(|(owner, address)| self.told_email(&owner.unwrap().0, &address));
                list(emails.collect(), false)
            }
            (Method::Post, ["user-emails"]) => {
                let address = body["email"].as_str().unwrap().to_lowercase();
                let pair = ("email".to_owned(), address.clone());
                let mut models = self.accounts.borrow().clone().into_values();
                if models.any(|model| model.threepids.contains(&pair)) {
                    return refusal(409, "Email is in use");
                }
                let owner = body["user_id"].as_str().unwrap();
                let user = self.user_of_id(owner).unwrap();
                let mut model = self.accounts.borrow()[&user].clone();
                model.threepids.push(pair);
                self.becomes(&user, model);
                one(201, self.told_email(owner, &address))
            }
            (Method::Delete, ["user-emails", email]) => {
                let is_it = |address: &String| id_of_email(address) == *email;
                let accounts = self.accounts.borrow().clone();
                for (user, mut model) in accounts {
                    let before = model.threepids.len();
                    model
                        .threepids
                        .retain(|(kind, address)| kind != "email" || !is_it(address));
                    if model.threepids.len() < before {
                        self.becomes(&user, model);
                        return Answer::new(204, "", "");
                    }
                }
                refusal(404, "Email not found")
            }
            (Method::Get, ["upstream-oauth-links"]) => {
                let accounts = self.accounts.borrow();
                let links = accounts.values().flat_map(|model| {
                    let links = model.external_ids.iter();
                    links.map(|(_, subject)| (model.at_mas.clone(), subject.clone()))
                });
                let wanted = |(owner, subject): &(Option<(String, i64)>, String)| {
                    let owner = owner.as_ref().map(|(id, _)| id.as_str());
                    query("filter[user]").is_none_or(|id| Some(id) == owner)
                        && query("filter[subject]").is_none_or(|is| is == subject)
                };
                let links = links.filter(wanted);
                let links =
                    links.map(|(owner, subject)| self.told_link(&owner.unwrap().0, &subject));
                list(links.collect(), false)
            }
            (Method::Post, ["upstream-oauth-links"]) => {
                assert_eq!(body["provider_id"], json!(PROVIDER));
                let subject = body["subject"].as_str().unwrap();
                let pair = (PROVIDER.to_owned(), subject.to_owned());
                let mut models = self.accounts.borrow().clone().into_values();
                if models.any(|model| model.external_ids.contains(&pair)) {
                    return refusal(409, "Link exists");
                }
                let owner = body["user_id"].as_str().unwrap();
                let user = self.user_of_id(owner).unwrap();
                let mut model = self.accounts.borrow()[&user].clone();
                model.external_ids.push(pair);
                self.becomes(&user, model);
                one(201, self.told_link(owner, subject))
            }
            (Method::Get, ["user-sessions" | "compat-sessions" | "oauth2-sessions"]) => {
                let user = self.user_of_id(query("filter[user]").unwrap()).unwrap();
                let is_used = self.accounts.borrow()[&user].is_used && parts[0] == "user-sessions";
                let owner = query("filter[user]");
                let session = json!({"type": "user-session", "id": PROVIDER, "attributes": {
                    "created_at": moment(self.clock.wall_ms()), "user_id": owner,
                }});
                list(is_used.then_some(session).into_iter().collect(), false)
            }
            other => panic!("{other:?}"),
        }
    }

    /// An account is changed by us.
    fn becomes(&self, user: &str, model: Model) {
        let mut accounts = self.accounts.borrow_mut();
        let before = accounts.insert(user.to_owned(), model.clone());
        if model.foreign && before != Some(model) {
            let mut violations = self.violations.borrow_mut();
            violations.push(user.to_owned());
            violations.push(format!("{user} whole"));
        }
    }
}

fn paths(server: &Synapse, method: &str) -> Vec<String> {
    let requests = server.requests.borrow();
    let sent = requests.iter().filter(|request| request.1 == method);
    sent.map(|request| request.2.replace(API, "")).collect()
}

fn full() -> NewAccount {
    NewAccount {
        admin: Some(true),
        locked: Some(true),
        avatar_url: Some("mxc://example.org/a".into()),
        user_type: Some("bot".into()),
        threepids: Some(vec![Threepid {
            medium: "email".into(),
            address: "jane@example.org".into(),
        }]),
        external_ids: Some(vec![ExternalId {
            auth_provider: PROVIDER.into(),
            external_id: "one".into(),
        }]),
        rooms: vec!["!a:x".into()],
        ..named("secret")
    }
}

#[test]
fn each_thing_is_done_where_it_is_kept() {
    let server = Synapse::fair();
    let tasks = vec![create("jane", full()), create("joe", named("joe's"))];
    let options = options_of(&server, OnConflict::Stop);
    let (import, _, _) = import(&server, tasks, options, None);
    assert_eq!(import.outcome(0), Some(sure("jane")));
    let jane = server.account("jane").unwrap();
    assert_eq!(jane.displayname.as_deref(), Some("Jane Doe"));
    assert_eq!(jane.password.as_deref(), Some("secret"));
    assert!(jane.admin && jane.locked && jane.rooms.contains("!a:x"));
    assert_eq!(jane.avatar_url.as_deref(), Some("mxc://example.org/a"));
    assert_eq!((jane.threepids.len(), jane.external_ids.len()), (1, 1));
    // Joe takes two requests, of which nobody asks whether he has something already.
    let posts = paths(&server, "POST");
    let joes = server.account("joe").unwrap().at_mas.unwrap().0;
    assert_eq!(posts.iter().filter(|path| path.contains(&joes)).count(), 1);
    assert_eq!(posts.iter().filter(|path| *path == "users").count(), 2);
    // Whoever is locked is so last of all.
    assert!(posts.last().unwrap().ends_with("/lock"), "{posts:?}");
    assert_eq!(import.password(1), Some("joe's"));
}

/// Notes what is changed through it at MAS, and whom it is said to be about.
struct NotesWhom {
    server: Rc<Synapse>,
    user: UserId,
    noted: Rc<RefCell<Vec<(String, UserId)>>>,
}

impl Network for NotesWhom {
    fn exchange<'a>(&'a self, call: &'a Call) -> LocalBoxFuture<'a, Result<Answer, ApiError>> {
        if call.method != Method::Get {
            let path = call.path.replace(API, "");
            self.noted.borrow_mut().push((path, self.user.clone()));
        }
        self.server.exchange(call)
    }
}

#[test]
fn whom_each_change_is_about_is_said() {
    let server = Synapse::fair();
    let noted = Rc::new(RefCell::default());
    let about: NetworkAbout = {
        let (server, noted) = (server.clone(), Rc::clone(&noted));
        Rc::new(move |user| {
            Rc::new(NotesWhom {
                server: server.clone(),
                user: user.clone(),
                noted: Rc::clone(&noted),
            })
        })
    };
    let options = RunOptions {
        creations: Some(about.clone()),
        changes: Some(about),
        ..options_of(&server, OnConflict::Stop)
    };
    let change = UserChange {
        threepids: Some(Vec::new()),
        locked: Some(true),
        ..UserChange::default()
    };
    let mut joe = server.foreign("joe");
    joe.foreign = false;
    joe.threepids.push(("email".into(), "old@b.c".into()));
    let known = joe.at_mas.clone().unwrap().0;
    let owner = id("joe").as_str().to_owned();
    server.accounts.borrow_mut().insert(owner, joe);
    let of_joe = RowTask {
        user: id("joe"),
        deed: update(change),
    };
    let tasks = vec![create("jane", full()), of_joe];
    let (_, _, _) = import(&server, tasks, options, None);
    let noted = noted.borrow();
    let sent = server.requests.borrow();
    let at_mas =
        |request: &&(u64, &'static str, String)| request.1 != "GET" && request.2.starts_with(API);
    // Nothing was changed there of which nobody knows whom it was about.
    assert_eq!(noted.len(), sent.iter().filter(at_mas).count());
    let (created, locked) = ("users".to_owned(), format!("users/{known}/lock"));
    assert!(noted.contains(&(created, id("jane"))), "{noted:?}");
    assert!(noted.contains(&(locked, id("joe"))), "{noted:?}");
    let gone = noted
        .iter()
        .find(|(path, _)| path.starts_with("user-emails/"));
    assert_eq!(gone.map(|(_, user)| user), Some(&id("joe")));
}

/// Creations of one account are carried out, and nobody ever hears of it; the first `lost` of them do not arrive,
/// which takes an hour to come out.
struct Unheard {
    server: Rc<Synapse>,
    lost: Cell<u32>,
}

impl Network for Unheard {
    fn exchange<'a>(&'a self, call: &'a Call) -> LocalBoxFuture<'a, Result<Answer, ApiError>> {
        async move {
            let is_janes = matches!(&call.body, Body::Json(json) if json.contains("jane"));
            if is_janes && self.lost.get() > 0 {
                self.lost.set(self.lost.get() - 1);
                self.server.clock.sleep(HOUR_MS).await;
                return Err(ApiError::TimedOut { after_ms: 60_000 });
            }
            let answer = self.server.exchange(call).await;
            match is_janes {
                true => std::future::pending().await,
                false => answer,
            }
        }
        .boxed_local()
    }
}

/// Jane's account is made, nobody hears of it, and the tab is closed.
fn closed_while_made(server: &Rc<Synapse>, options: &RunOptions, disk: &Disk, lost: u32) {
    let tasks = [create("jane", named("mine"))];
    let unheard = Unheard {
        server: server.clone(),
        lost: Cell::new(lost),
    };
    let options = RunOptions {
        creations: for_all(unheard),
        ..options.clone()
    };
    let import = reopened(server, &tasks, &options, disk);
    let job = import.job();
    server.clock.run(10 * HOUR_MS, async {
        let closed = async {
            while server.account("jane").is_none() {
                server.clock.sleep(1_000).await;
            }
        };
        let person = patient(&server.clock, &job, None);
        let run = import.run(&job, &server.random);
        let keep = import.journal.keep(disk, &server.clock);
        let (run, keep, person) = (pin!(run), pin!(keep), pin!(person));
        let work = select(run, select(keep, person));
        select(pin!(closed), work).await;
    });
}

#[test]
fn what_was_made_long_after_its_row_was_begun_is_known_as_ours() {
    for is_begun in [false, true] {
        let server = Synapse::fair();
        let newest = server.clock.wall_ms();
        let owner = id("somebody").as_str().to_owned();
        let somebody = server.foreign("somebody");
        server.accounts.borrow_mut().insert(owner, somebody);
        let options = RunOptions {
            newest_known: Some(Timestamp(newest)),
            ..options_of(&server, OnConflict::Skip)
        };
        let disk = Disk::new(&server);
        // For an hour nothing is written: the creation hangs, or nobody goes on with the import.
        let lost = match is_begun {
            false => 1,
            true => {
                let begun = record::bytes(&JournalEntry::Begun(0, 1));
                disk.lines.borrow_mut().push(begun);
                server.clock.run(HOUR_MS, server.clock.sleep(HOUR_MS));
                0
            }
        };
        closed_while_made(&server, &options, &disk, lost);
        let tasks = [create("jane", named("mine"))];
        let import = reopened(&server, &tasks, &options, &disk);
        run_with_a_person(&server, &import, &disk, import.job(), None);
        let ours = Outcome::Created {
            user: id("jane"),
            proof: Proof::Recognised,
            problems: Vec::new(),
        };
        assert_eq!(import.outcome(0), Some(ours), "{is_begun}");
        let jane = server.account("jane").unwrap();
        assert_eq!(jane.password.as_deref(), Some("mine"));
    }
}

#[test]
fn an_old_one_does_not_know_display_names() {
    let server = Synapse::fair();
    let mut options = options_of(&server, OnConflict::Stop);
    options.server.at_mas = access("v1.17.0");
    let (import, _, _) = import(
        &server,
        vec![create("jane", named("secret"))],
        options,
        None,
    );
    assert_eq!(import.outcome(0), Some(sure("jane")));
    assert_eq!(
        server.account("jane").unwrap().displayname.as_deref(),
        Some("Jane Doe")
    );
    assert_eq!(paths(&server, "PUT").len(), 1);
}

#[test]
fn the_first_states_are_before_and_the_last_behind() {
    let change = |deactivated, locked| {
        let change = UserChange {
            password: Some("x".into()),
            displayname: Some("Jane".into()),
            avatar_url: Some("mxc://x/y".into()),
            deactivated: Some(deactivated),
            locked: Some(locked),
            ..UserChange::default()
        };
        let fields = |part: UserChange| Field::of(&part).collect::<Vec<Field>>();
        by_owner(&change)
            .into_iter()
            .map(fields)
            .collect::<Vec<_>>()
    };
    let here = vec![Field::DisplayName, Field::Avatar];
    let (deactivated, locked) = (vec![Field::Deactivated], vec![Field::Locked]);
    let password = vec![Field::Password];
    assert_eq!(
        change(false, true),
        [
            deactivated.clone(),
            password.clone(),
            here.clone(),
            locked.clone()
        ]
    );
    assert_eq!(change(true, false), [locked, password, here, deactivated]);
}

#[test]
fn what_it_refuses_is_told_and_the_rest_is_done() {
    let server = Synapse::fair();
    let mut owner = server.foreign("owner");
    owner
        .threepids
        .push(("email".into(), "jane@example.org".into()));
    owner.external_ids.push((PROVIDER.into(), "one".into()));
    server
        .accounts
        .replace(BTreeMap::from([(id("owner").as_str().to_owned(), owner)]));
    let account = NewAccount {
        password: Some("abc".into()),
        generated_password: true,
        ..full()
    };
    let tasks = vec![create("jane", account), create("bridge_a", named("secret"))];
    let options = options_of(&server, OnConflict::Skip);
    let (import, _, _) = import(&server, tasks, options, None);
    let Some(Outcome::Created { problems, .. }) = import.outcome(0) else {
        panic!("{:?}", import.outcome(0));
    };
    let told: Vec<(What, Option<u16>)> = problems
        .iter()
        .map(|problem| (problem.what.clone(), problem.error.status()))
        .collect();
    let expected = [
        (What::Field(Field::Threepids), Some(409)),
        (What::Field(Field::ExternalIds), Some(409)),
        (What::Field(Field::Password), Some(400)),
    ];
    assert_eq!(told, expected);
    // A password that it did not take opens nothing.
    assert_eq!(import.password(0), None);
    let jane = server.account("jane").unwrap();
    assert!(jane.admin && jane.locked && jane.threepids.is_empty());
    // Nor is anybody asked for a name that is not free.
    let Some(Outcome::Failed { error, account }) = import.outcome(1) else {
        panic!("{:?}", import.outcome(1));
    };
    assert_eq!((error.status(), account), (Some(409), AccountAfter::Absent));
    assert!(server.violations.borrow().is_empty());
}

#[test]
fn a_lost_answer_is_made_good() {
    let weather = Weather {
        lost_after: 8,
        ..Weather::default()
    };
    let server = Synapse::with(true, 6, weather);
    let tasks: Vec<RowTask> = (0..40)
        .map(|n| create(&format!("user{n}"), named(&format!("secret{n}"))))
        .collect();
    let options = options_of(&server, OnConflict::Stop);
    let (import, _, _) = import(&server, tasks, options, None);
    let mut recognised = 0;
    for row in 0..40 {
        let outcome = import.outcome(row);
        let Some(Outcome::Created {
            proof, problems, ..
        }) = &outcome
        else {
            panic!("{outcome:?}");
        };
        assert!(
            problems.is_empty() && *proof != Proof::Doubtful,
            "{outcome:?}"
        );
        recognised += usize::from(*proof == Proof::Recognised);
        let password = server.account(&format!("user{row}")).unwrap().password;
        assert_eq!(password, Some(format!("secret{row}")));
    }
    assert!(recognised > 0);
}

#[test]
fn whoever_is_not_certainly_ours_is_left_alone() {
    // One that looks like the row's, made while nobody knows what became of the request.
    let look_alike = |server: &Synapse| Model {
        displayname: Some("Jane Doe".into()),
        ..server.foreign("jane")
    };
    type Alter = fn(&mut Model);
    let differences: [Alter; 7] = [
        |model| model.displayname = Some("jane".into()),
        |model| model.is_used = true,
        |model| model.admin = true,
        |model| model.threepids.push(("email".into(), "a@b.c".into())),
        |model| model.external_ids.push((PROVIDER.into(), "one".into())),
        // From long before, and from long after.
        |model| model.at_mas.as_mut().unwrap().1 -= 60_000,
        |model| model.at_mas.as_mut().unwrap().1 += LATEST_MS as i64 + 60_000,
    ];
    for (number, alter) in differences.into_iter().enumerate() {
        let server = Synapse::fair();
        let mut theirs = look_alike(&server);
        alter(&mut theirs);
        let owner = id("jane").as_str().to_owned();
        server.accounts.borrow_mut().insert(owner, theirs.clone());
        let disk = Disk::new(&server);
        disk.lines.replace(vec![
            record::bytes(&JournalEntry::Seen(server.clock.wall_ms())),
            record::bytes(&JournalEntry::Begun(0, 1)),
        ]);
        let tasks = [create("jane", named("mine"))];
        let options = options_of(&server, OnConflict::Skip);
        let import = reopened(&server, &tasks, &options, &disk);
        run_with_a_person(&server, &import, &disk, import.job(), None);
        assert_eq!(import.outcome(0), Some(Outcome::Skipped), "{number}");
        assert_eq!(server.account("jane"), Some(theirs), "{number}");
    }
}

#[test]
fn what_a_repeated_request_finds_is_touched_by_a_person_only() {
    let weather = Weather {
        repeated: 100,
        ..Weather::default()
    };
    let server = Synapse::with(true, 3, weather);
    let address = Threepid {
        medium: "email".into(),
        address: "jane@b.c".into(),
    };
    let account = NewAccount {
        threepids: Some(vec![address]),
        ..named("mine")
    };
    let tasks = [create("jane", account)];
    let options = options_of(&server, OnConflict::Stop);
    let disk = Disk::new(&server);
    let import = reopened(&server, &tasks, &options, &disk);
    run_with_a_person(&server, &import, &disk, import.job(), None);
    let Some(Outcome::Created {
        proof, problems, ..
    }) = import.outcome(0)
    else {
        panic!("{:?}", import.outcome(0));
    };
    assert_eq!(proof, Proof::Doubtful);
    // Nobody has said that somebody else has the address.
    let unsent = [Field::Threepids, Field::Password].map(What::Unsent);
    let told: Vec<What> = problems.into_iter().map(|part| part.what).collect();
    assert_eq!(told, unsent);
    assert_eq!(server.account("jane").unwrap().password, None);
    assert_eq!(import.password(0), None);
    run_with_a_person(&server, &import, &disk, import.job_over(vec![0]), None);
    assert_eq!(
        server.account("jane").unwrap().password.as_deref(),
        Some("mine")
    );
    assert_eq!(import.password(0), Some("mine"));
}

#[test]
fn what_is_in_doubt_stays_so_wherever_an_import_is_interrupted() {
    let weather = Weather {
        repeated: 100,
        ..Weather::default()
    };
    let server = Synapse::with(true, 3, weather);
    let tasks = [create("jane", named("mine"))];
    let options = options_of(&server, OnConflict::Stop);
    let disk = Disk::new(&server);
    let import = reopened(&server, &tasks, &options, &disk);
    run_with_a_person(&server, &import, &disk, import.job(), None);
    let outcome = import.outcome(0);
    let accounts = server.accounts.borrow().clone();
    let lines = disk.lines.take();
    let says_more = |line: &Vec<u8>| match record::read(line).unwrap() {
        JournalEntry::Noted(_, note) => note != Note::Begins,
        _ => false,
    };
    let first = lines.iter().position(says_more).expect("what is in doubt");
    for until in first + 1..=lines.len() {
        server.accounts.replace(accounts.clone());
        disk.lines.replace(lines[..until].to_vec());
        let import = reopened(&server, &tasks, &options, &disk);
        run_with_a_person(&server, &import, &disk, import.job(), None);
        assert_eq!(server.account("jane").unwrap().password, None, "{until}");
        let Some(Outcome::Created {
            proof, problems, ..
        }) = import.outcome(0)
        else {
            panic!("{until}: {:?}", import.outcome(0));
        };
        assert_eq!(proof, Proof::Doubtful, "{until}");
        let told: Vec<What> = problems.into_iter().map(|part| part.what).collect();
        assert_eq!(
            told,
            [What::Unsent(Field::Password)],
            "{until}: {outcome:?}"
        );
    }
}

#[test]
fn an_update_makes_the_addresses_those_of_the_file() {
    let server = Synapse::fair();
    let mut jane = server.foreign("jane");
    jane.foreign = false;
    (jane.deactivated, jane.admin) = (true, true);
    let pair = |kind: &str, address: &str| (kind.to_owned(), address.to_owned());
    jane.threepids = vec![
        pair("email", "old@b.c"),
        pair("email", "kept@b.c"),
        pair("msisdn", "49"),
    ];
    server
        .accounts
        .replace(BTreeMap::from([(id("jane").as_str().to_owned(), jane)]));
    let email = |address: &str| Threepid {
        medium: "email".into(),
        address: address.into(),
    };
    let change = UserChange {
        displayname: Some("Jane".into()),
        password: Some("theirs now".into()),
        admin: Some(false),
        deactivated: Some(false),
        threepids: Some(vec![email("kept@b.c"), email("new@b.c")]),
        ..UserChange::default()
    };
    let tasks = vec![RowTask {
        user: id("jane"),
        deed: update(change),
    }];
    let options = options_of(&server, OnConflict::Update);
    let (import, _, _) = import(&server, tasks, options, None);
    assert_eq!(
        import.outcome(0),
        Some(Outcome::Updated { problems: vec![] })
    );
    let jane = server.account("jane").unwrap();
    let expected = [
        pair("email", "kept@b.c"),
        pair("msisdn", "49"),
        pair("email", "new@b.c"),
    ];
    assert_eq!(jane.threepids, expected);
    assert!(!jane.admin && !jane.deactivated);
    assert_eq!(jane.password.as_deref(), Some("theirs now"));
    assert_eq!(jane.displayname.as_deref(), Some("Jane"));
    assert_eq!(import.password(0), Some("theirs now"));
}

#[test]
fn an_address_that_cannot_be_had_costs_none_that_is_there() {
    let server = Synapse::fair();
    let mut jane = server.foreign("jane");
    jane.foreign = false;
    jane.threepids.push(("email".into(), "old@b.c".into()));
    let mut owner = server.foreign("owner");
    owner.threepids.push(("email".into(), "new@b.c".into()));
    let accounts = [("jane", jane), ("owner", owner)];
    let accounts = accounts.map(|(name, model)| (id(name).as_str().to_owned(), model));
    server.accounts.replace(BTreeMap::from(accounts));
    let change = UserChange {
        threepids: Some(vec![Threepid {
            medium: "email".into(),
            address: "new@b.c".into(),
        }]),
        ..UserChange::default()
    };
    let tasks = vec![RowTask {
        user: id("jane"),
        deed: update(change),
    }];
    let options = options_of(&server, OnConflict::Update);
    let (import, _, _) = import(&server, tasks, options, None);
    let outcome = import.outcome(0);
    assert!(
        matches!(
            &outcome,
            Some(Outcome::Failed {
                account: AccountAfter::AsBefore,
                ..
            })
        ),
        "{outcome:?}"
    );
    assert_eq!(server.account("jane").unwrap().threepids[0].1, "old@b.c");
}

#[test]
fn whenever_it_crashes_the_row_is_finished_and_its_password_known() {
    let mut half = 0;
    for crash in (0..4_000).step_by(40) {
        let server = Synapse::with(true, 9, Weather::default());
        let account = NewAccount {
            generated_password: true,
            ..full()
        };
        let tasks = [create("jane", account)];
        let options = options_of(&server, OnConflict::Stop);
        let (import, _, _) = import_with_crashes(&server, &tasks, &options, None, false, &[crash]);
        let outcome = import.outcome(0);
        let is_whole =
            matches!(&outcome, Some(Outcome::Created { problems, .. }) if problems.is_empty());
        assert!(is_whole, "{crash} {outcome:?}");
        let jane = server.account("jane").unwrap();
        assert_eq!(jane.password.as_deref(), Some("secret"));
        assert!(
            jane.admin && jane.locked && jane.rooms.contains("!a:x"),
            "{crash}"
        );
        assert_eq!((jane.threepids.len(), jane.external_ids.len()), (1, 1));
        assert_eq!(import.password(0), Some("secret"));
        let passwords = paths(&server, "POST");
        let passwords = passwords
            .iter()
            .filter(|path| path.ends_with("set-password"));
        half += usize::from(passwords.count() > 1);
    }
    assert!(half > 0);
}
