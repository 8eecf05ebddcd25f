//! The model of Matrix Authentication Service, which keeps the accounts of the model of Synapse.

use super::*;
use crate::api::server::{AtMas, MasAccess};

pub(in super::super) const BASE: &str = "https://mas.example.org";

pub(in super::super) const API: &str = "https://mas.example.org/api/admin/v1/";

pub(in super::super) const PROVIDER: &str = "01FSHN9AG0MZAA6S4AF7CTV32E";

pub(in super::super) fn access(version: &str) -> AtMas {
    AtMas::Everything(MasAccess {
        base: BASE.to_owned(),
        version: Version::parse(version.trim_start_matches('v')),
        version_text: version.to_owned(),
    })
}

pub(in super::super) fn refusal(status: u16, title: &str) -> Answer {
    answer(status, json!({"errors": [{"title": title}]}))
}

/// What this one does not take.
pub(in super::super) fn is_weak(password: &str) -> bool {
    password.len() < 4
}

/// The accounts of a history as a plan has them there.
pub(in super::super) fn fitting(at_mas: bool, mut accounts: Vec<NewAccount>) -> Vec<NewAccount> {
    let ids = accounts
        .iter_mut()
        .flat_map(|account| &mut account.external_ids);
    for id in ids.flatten().filter(|_| at_mas) {
        PROVIDER.clone_into(&mut id.auth_provider);
    }
    accounts
}

/// The ID of an e-mail address, which is made of it.
pub(in super::super) fn id_of_email(address: &str) -> String {
    let digest: String = address.bytes().map(|byte| format!("{byte:02}")).collect();
    format!("01E{digest:0>23.23}")
}

/// RFC 3339, as MAS writes it.
pub(in super::super) fn moment(ms: i64) -> String {
    let (days, rest) = (ms.div_euclid(86_400_000), ms.rem_euclid(86_400_000));
    // 2023-11-14 is day 19675, on which these histories begin; none is a month long.
    let day = days - 19_675 + 14;
    let (hour, minute) = (rest / 3_600_000, rest / 60_000 % 60);
    let (second, ms) = (rest / 1000 % 60, rest % 1000);
    format!("2023-11-{day:02}T{hour:02}:{minute:02}:{second:02}.{ms:03}000Z")
}

impl Synapse {
    pub(in super::super) fn with(mas: bool, seed: u64, weather: Weather) -> Rc<Self> {
        Rc::new(Synapse {
            mas: mas.then(Cell::default),
            ..Synapse::of(seed, weather)
        })
    }

    pub(in super::super) fn fair() -> Rc<Self> {
        Synapse::with(true, 1, Weather::default())
    }

    pub(in super::super) fn new_at_mas(&self) -> Option<(String, i64)> {
        let count = self.mas.as_ref()?;
        count.set(count.get() + 1);
        Some((format!("01H{:023}", count.get()), self.wall_ms()))
    }

    /// What the homeserver still is asked for.
    pub(in super::super) fn may_be_put(&self, user: &str, body: &Value) {
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

    pub(in super::super) fn told(user: &str, model: &Model) -> Value {
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

    pub(in super::super) fn told_email(&self, owner: &str, address: &str) -> Value {
        json!({"type": "user-email", "id": id_of_email(address), "attributes": {
            "created_at": moment(self.clock.wall_ms()), "user_id": owner, "email": address,
        }})
    }

    pub(in super::super) fn told_link(&self, owner: &str, subject: &str) -> Value {
        json!({"type": "upstream-oauth-link", "id": PROVIDER, "attributes": {
            "created_at": moment(self.clock.wall_ms()), "provider_id": PROVIDER, "subject": subject,
            "user_id": owner,
        }})
    }

    pub(in super::super) fn user_of_id(&self, id: &str) -> Option<String> {
        let accounts = self.accounts.borrow();
        let is_it = |model: &Model| model.at_mas.as_ref().is_some_and(|(known, _)| known == id);
        let mut found = accounts.iter().filter(|(_, model)| is_it(model));
        found.next().map(|(user, _)| user.clone())
    }

    /// MAS as it is in good weather.
    pub(in super::super) fn carry_out_at_mas(
        &self,
        call: &Call,
        path: &str,
        body: &Value,
    ) -> Answer {
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
    pub(in super::super) fn becomes(&self, user: &str, model: Model) {
        let mut accounts = self.accounts.borrow_mut();
        let before = accounts.insert(user.to_owned(), model.clone());
        if model.foreign && before != Some(model) {
            let mut violations = self.violations.borrow_mut();
            violations.push(user.to_owned());
            violations.push(format!("{user} whole"));
        }
    }
}
