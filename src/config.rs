//! What whoever deploys the panel or the homeserver decides: `config.json` beside the page, and
//! the part of the homeserver's `/.well-known/matrix/client` that is meant for admin panels.
//!
//! The keys and their meaning are those of synapse-admin and Ketesa, so that what was written
//! for them holds here as well:
//!
//! - the part of the well-known file is `cc.etke.ketesa`, or else `cc.etke.synapse-admin`;
//! - keys that we do not know are left alone.
//!
//! `config.json` belongs to the panel, a well-known file to whoever owns a domain, and anybody
//! can own one. So the well-known file says something of a homeserver that has been signed in
//! to, and can only narrow what `config.json` allows: [`Decisions::with`].
//!
//! What is wrong with one key is told and costs that key, or of a list the entry, and not the
//! rest. But nobody may come in by a mistake in what was meant to keep them out: [`Closed`].

use crate::api::HomeserverUrl;
use serde_json::{Map, Value};
use std::error::Error;
use std::fmt;

/// The keys that we know.
pub mod key {
    pub const RESTRICT_BASE_URL: &str = "restrictBaseUrl";
    pub const EXTERNAL_AUTH_PROVIDER: &str = "externalAuthProvider";
    pub const WELL_KNOWN_DISCOVERY: &str = "wellKnownDiscovery";
    pub const CORS_CREDENTIALS: &str = "corsCredentials";
    pub const AS_MANAGED_USERS: &str = "asManagedUsers";
    pub const MENU: &str = "menu";
    pub const OAUTH_CLIENT_ID: &str = "oauthClientId";
    pub const OAUTH_CLIENT_URI: &str = "oauthClientUri";
}

/// Where a decision stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DecidedIn {
    /// `config.json` beside the page.
    File,
    /// The homeserver's `/.well-known/matrix/client`.
    WellKnown,
}

/// Whether the browser sends cookies with requests to the homeserver.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Credentials {
    /// Only if the homeserver has the same origin as the panel.
    #[default]
    SameOrigin,
    /// Always: for a homeserver behind a proxy that asks for its own cookie.
    Include,
    Omit,
}

/// A link that the deployment adds to the navigation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MenuItem {
    pub label: String,
    /// The label in other languages, by their tag in lower case.
    pub labels: Vec<(String, String)>,
    /// As it stands there; [`icon`] knows ours for it.
    pub icon: String,
    /// Begins with `https://`.
    pub url: String,
}

impl MenuItem {
    /// The label in this language: `de`, `pt-BR`.
    pub fn label_in(&self, language: &str) -> &str {
        let language = language.to_ascii_lowercase();
        let base = |tag: &str| tag.split('-').next().unwrap_or_default().to_owned();
        let exact = self.labels.iter().find(|(tag, _)| *tag == language);
        let near = || {
            self.labels
                .iter()
                .find(|(tag, _)| base(tag) == base(&language))
        };
        exact.or_else(near).map_or(&self.label, |(_, label)| label)
    }
}

/// What is decided; `None` leaves it to whoever else decides.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Decisions {
    /// The only homeservers that may be signed in to, by the address of their API or by the
    /// address of the domain that leads there.
    pub homeservers: Option<Vec<HomeserverUrl>>,
    /// Accounts have their passwords elsewhere, and the server does not say so.
    pub external_auth: Option<bool>,
    /// Whether a homeserver's address is looked up at its domain.
    pub discovery: Option<bool>,
    pub credentials: Option<Credentials>,
    /// Regular expressions of JavaScript for the user IDs of bridges and bots; not compiled yet.
    pub system_users: Option<Vec<String>>,
    pub menu: Option<Vec<MenuItem>>,
    /// As whom the panel is known to Matrix Authentication Service; only `config.json` may say so.
    pub oauth_client_id: Option<String>,
    /// The address by which the panel makes itself known there; only `config.json` may say so.
    pub oauth_client_uri: Option<String>,
}

/// Why nobody can sign in: `config.json` is there, and what it restricts is not known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Closed {
    /// The web server did not answer.
    NoAnswer,
    /// It answered with neither the file nor that there is none.
    Status(u16),
    /// It answered with a web page.
    Html,
    /// Not JSON, or no object: what is wrong.
    NotJson(String),
    /// There is a `restrictBaseUrl` and no homeserver URL in it: what stands there.
    Restriction(String),
}

impl fmt::Display for Closed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Closed::NoAnswer => f.write_str("no answer for config.json"),
            Closed::Status(status) => write!(f, "config.json came with status {status}"),
            Closed::Html => f.write_str("config.json is a web page"),
            Closed::NotJson(detail) => write!(f, "config.json is not a JSON object: {detail}"),
            Closed::Restriction(value) => {
                write!(
                    f,
                    "restrictBaseUrl in config.json has no homeserver URL: {value}"
                )
            }
        }
    }
}

impl Error for Closed {}

/// Something that is wrong with a configuration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfigProblem {
    pub source: DecidedIn,
    /// The key; empty if it is the whole.
    pub key: &'static str,
    pub wrong: Wrong,
    /// What stands there, shortened.
    pub value: String,
}

/// What is wrong with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wrong {
    /// Not JSON, or not an object.
    NotJson,
    /// Of another type than the key has.
    Type,
    /// A text that is no homeserver URL.
    Url,
    /// A text that is no regular expression.
    Pattern,
    /// Not one of the texts that the key can have.
    Choice,
    /// A menu entry without a label or without a link that begins with `https://`.
    MenuItem,
}

/// How much of a wrong value is told, in bytes.
const EXCERPT: usize = 80;

impl ConfigProblem {
    /// A problem with a text.
    pub fn new(source: DecidedIn, key: &'static str, wrong: Wrong, value: &str) -> Self {
        let mut value = value.to_owned();
        if value.len() > EXCERPT {
            value.truncate(value.floor_char_boundary(EXCERPT));
            value.push('…');
        }
        ConfigProblem {
            source,
            key,
            wrong,
            value,
        }
    }
}

/// Reads what the web server answers when it is asked for `config.json`. No file decides nothing.
///
/// # Errors
/// When there may be a file that restricts who can sign in where, and nobody knows how.
pub fn read_file(status: u16, body: &[u8]) -> Result<(Decisions, Vec<ConfigProblem>), Closed> {
    match status {
        404 | 410 => return Ok(Default::default()),
        200 => {}
        _ => return Err(Closed::Status(status)),
    }
    // Editors on Windows put a byte order mark in front.
    let text = body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body);
    if text.trim_ascii_start().starts_with(b"<") {
        return Err(Closed::Html);
    }
    let value: Value =
        serde_json::from_slice(text).map_err(|error| Closed::NotJson(error.to_string()))?;
    let (decisions, problems) = read(&value, DecidedIn::File);
    let is_about = |key: &str| problems.iter().find(|problem| problem.key == key);
    if let Some(problem) = is_about("") {
        return Err(Closed::NotJson(problem.value.clone()));
    }
    // Where some of the entries are left, leaving out the others only restricts more.
    match is_about(key::RESTRICT_BASE_URL) {
        Some(problem) if decisions.homeservers.is_none() => {
            Err(Closed::Restriction(problem.value.clone()))
        }
        _ => Ok((decisions, problems)),
    }
}

/// What stands in a homeserver's well-known file, as its domain answers: nothing if there is none.
/// `None` if the answer does not say: it is of a proxy, or an error.
pub fn heard(status: u16, body: &[u8]) -> Option<&[u8]> {
    let is_object = || serde_json::from_slice::<Value>(body).is_ok_and(|value| value.is_object());
    match status {
        404 | 410 => Some(&[]),
        200 if is_object() => Some(body),
        _ => None,
    }
}

/// Reads a homeserver's well-known file: the part of it that is meant for admin panels.
pub fn read_well_known(text: &[u8]) -> (Decisions, Vec<ConfigProblem>) {
    let value: Value = match serde_json::from_slice(text) {
        Ok(value) => value,
        Err(error) => {
            let what = error.to_string();
            let problem = ConfigProblem::new(DecidedIn::WellKnown, "", Wrong::NotJson, &what);
            return (Decisions::default(), vec![problem]);
        }
    };
    let part = |key: &str| value.get(key).filter(|part| !part.is_null());
    match part(KETESA).or_else(|| part(SYNAPSE_ADMIN)) {
        Some(part) => read(part, DecidedIn::WellKnown),
        None => Default::default(),
    }
}

/// The parts of the well-known file that are meant for admin panels; the older one counts where
/// the newer one is missing.
const KETESA: &str = "cc.etke.ketesa";
const SYNAPSE_ADMIN: &str = "cc.etke.synapse-admin";

fn read(value: &Value, source: DecidedIn) -> (Decisions, Vec<ConfigProblem>) {
    let mut problems = Vec::new();
    let Some(object) = value.as_object() else {
        problems.push(ConfigProblem::new(
            source,
            "",
            Wrong::NotJson,
            excerpt(value),
        ));
        return (Decisions::default(), problems);
    };
    let mut reader = Reader {
        object,
        source,
        problems: &mut problems,
    };
    let decisions = Decisions {
        homeservers: reader.homeservers(),
        external_auth: reader.boolean(key::EXTERNAL_AUTH_PROVIDER),
        discovery: reader.boolean(key::WELL_KNOWN_DISCOVERY),
        credentials: reader.credentials(),
        system_users: reader.system_users(),
        menu: reader.menu(),
        oauth_client_id: reader.text(key::OAUTH_CLIENT_ID),
        oauth_client_uri: reader.text(key::OAUTH_CLIENT_URI),
    };
    (decisions, problems)
}

/// What stands there, as far as it takes no code to write it: whoever opens the log-in page
/// downloads this.
fn excerpt(value: &Value) -> &str {
    match value {
        Value::String(text) => text,
        Value::Null => "null",
        Value::Bool(true) => "true",
        Value::Bool(false) => "false",
        Value::Number(_) => "…",
        Value::Array(_) => "[ … ]",
        Value::Object(_) => "{ … }",
    }
}

struct Reader<'a> {
    object: &'a Map<String, Value>,
    source: DecidedIn,
    problems: &'a mut Vec<ConfigProblem>,
}

impl<'a> Reader<'a> {
    fn complain(&mut self, key: &'static str, wrong: Wrong, value: &Value) {
        let problem = ConfigProblem::new(self.source, key, wrong, excerpt(value));
        self.problems.push(problem);
    }

    /// The value of a key; null is as good as nothing.
    fn get(&self, key: &str) -> Option<&'a Value> {
        self.object.get(key).filter(|value| !value.is_null())
    }

    fn boolean(&mut self, key: &'static str) -> Option<bool> {
        let value = self.get(key)?;
        if value.as_bool().is_none() {
            self.complain(key, Wrong::Type, value);
        }
        value.as_bool()
    }

    fn text(&mut self, key: &'static str) -> Option<String> {
        let value = self.get(key)?;
        if value.as_str().is_none() {
            self.complain(key, Wrong::Type, value);
        }
        value.as_str().map(str::to_owned)
    }

    /// The entries of a list. One text stands for a list of it where `one_is_enough`.
    fn list(&mut self, key: &'static str, one_is_enough: bool) -> Option<&'a [Value]> {
        match self.get(key)? {
            Value::Array(entries) => Some(entries),
            Value::String(text) if one_is_enough && text.trim().is_empty() => None,
            text @ Value::String(_) if one_is_enough => Some(std::slice::from_ref(text)),
            other => {
                self.complain(key, Wrong::Type, other);
                None
            }
        }
    }

    fn homeservers(&mut self) -> Option<Vec<HomeserverUrl>> {
        let key = key::RESTRICT_BASE_URL;
        let mut urls = Vec::new();
        for entry in self.list(key, true)? {
            match entry.as_str().map(HomeserverUrl::parse) {
                Some(Ok(url)) => urls.push(url),
                Some(Err(_)) => self.complain(key, Wrong::Url, entry),
                None => self.complain(key, Wrong::Type, entry),
            }
        }
        (!urls.is_empty()).then_some(urls)
    }

    fn credentials(&mut self) -> Option<Credentials> {
        let key = key::CORS_CREDENTIALS;
        let value = self.get(key)?;
        match value.as_str() {
            Some("same-origin") => Some(Credentials::SameOrigin),
            Some("include") => Some(Credentials::Include),
            Some("omit") => Some(Credentials::Omit),
            Some("") => None,
            _ => {
                self.complain(key, Wrong::Choice, value);
                None
            }
        }
    }

    fn system_users(&mut self) -> Option<Vec<String>> {
        let key = key::AS_MANAGED_USERS;
        let mut patterns = Vec::new();
        for entry in self.list(key, true)? {
            match entry {
                Value::String(pattern) => patterns.push(pattern.clone()),
                other => self.complain(key, Wrong::Type, other),
            }
        }
        // As Ketesa has it: here the empty list is a decision, and the menu's is none.
        Some(patterns)
    }

    fn menu(&mut self) -> Option<Vec<MenuItem>> {
        let mut items = Vec::new();
        for entry in self.list(key::MENU, false)? {
            match menu_item(entry) {
                Some(item) => items.push(item),
                None => self.complain(key::MENU, Wrong::MenuItem, entry),
            }
        }
        (!items.is_empty()).then_some(items)
    }
}

fn menu_item(entry: &Value) -> Option<MenuItem> {
    let text = |name: &str| entry.get(name)?.as_str().map(str::trim);
    let url = text("url").filter(|url| leads_to_the_web(url))?;
    let labels = entry.get("i18n").and_then(Value::as_object);
    let labels = labels.into_iter().flatten().filter_map(|(tag, label)| {
        let label = label.as_str().filter(|label| !label.trim().is_empty())?;
        Some((tag.to_ascii_lowercase().replace('_', "-"), label.to_owned()))
    });
    Some(MenuItem {
        label: text("label").filter(|label| !label.is_empty())?.to_owned(),
        labels: labels.collect(),
        icon: text("icon").unwrap_or_default().to_owned(),
        url: url.to_owned(),
    })
}

/// Whether it begins with `https://` and a host, and holds nothing that a URL does not have.
fn leads_to_the_web(url: &str) -> bool {
    url.get(..8)
        .is_some_and(|scheme| scheme.eq_ignore_ascii_case("https://"))
        && url.as_bytes().get(8).is_some_and(|b| !b"/?#:".contains(b))
        && url.bytes().all(|b| b > b' ' && b != 0x7f)
}

/// The icons of Material Design that people name in their menus, in our sprite.
const ICONS: [(&str, &str); 44] = [
    ("Announcement", "bell"),
    ("Assessment", "chart"),
    ("BarChart", "chart"),
    ("Book", "book"),
    ("BugReport", "flag"),
    ("Build", "sliders"),
    ("CalendarToday", "calendar"),
    ("ContactSupport", "help"),
    ("Dashboard", "home"),
    ("Description", "file"),
    ("Dns", "server"),
    ("Email", "mail"),
    ("Feedback", "flag"),
    ("Forum", "rooms"),
    ("Help", "help"),
    ("HelpCenter", "help"),
    ("HelpOutline", "help"),
    ("Home", "home"),
    ("Info", "info"),
    ("Key", "key"),
    ("Language", "globe"),
    ("LibraryBooks", "book"),
    ("Link", "link"),
    ("Lock", "lock"),
    ("Mail", "mail"),
    ("ManageAccounts", "users"),
    ("MenuBook", "book"),
    ("MonitorHeart", "activity"),
    ("Notifications", "bell"),
    ("Payment", "file"),
    ("People", "users"),
    ("Person", "user"),
    ("PieChart", "chart"),
    ("Policy", "shield"),
    ("Public", "globe"),
    ("QueryStats", "chart"),
    ("Receipt", "file"),
    ("Security", "shield"),
    ("Settings", "settings"),
    ("Star", "star"),
    ("Storage", "database"),
    ("Support", "help"),
    ("SupportAgent", "help"),
    ("Timeline", "activity"),
];

/// The icon of our sprite for the name of one of Material Design's.
pub fn icon(name: &str) -> &'static str {
    let name = name.strip_suffix("Icon").unwrap_or(name);
    let name = ["Outlined", "Rounded", "TwoTone", "Sharp"]
        .iter()
        .find_map(|style| name.strip_suffix(style))
        .unwrap_or(name);
    ICONS
        .iter()
        .find(|(known, _)| known.eq_ignore_ascii_case(name))
        .map_or("external", |(_, ours)| ours)
}

impl Decisions {
    /// These decisions of `config.json`, with what the homeserver that is signed in to says:
    ///
    /// - where one may sign in and how a homeserver is found is the panel's alone;
    /// - accounts are protected that either of them names;
    /// - cookies go where `config.json` says; only where it is silent, where the homeserver does;
    /// - the menu, and whether passwords are kept elsewhere, is the homeserver's, if it says.
    pub fn with(self, homeserver: Decisions) -> Decisions {
        let system_users = match (self.system_users, homeserver.system_users) {
            (Some(ours), Some(theirs)) => Some([ours, theirs].concat()),
            (ours, theirs) => ours.or(theirs),
        };
        Decisions {
            homeservers: self.homeservers,
            external_auth: homeserver.external_auth.or(self.external_auth),
            discovery: self.discovery,
            credentials: self.credentials.or(homeserver.credentials),
            system_users,
            menu: homeserver.menu.or(self.menu),
            oauth_client_id: self.oauth_client_id,
            oauth_client_uri: self.oauth_client_uri,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    fn urls(urls: &[&str]) -> Option<Vec<HomeserverUrl>> {
        Some(
            urls.iter()
                .map(|url| HomeserverUrl::parse(url).unwrap())
                .collect(),
        )
    }

    fn of_file(text: &str) -> (Decisions, Vec<ConfigProblem>) {
        read_file(200, text.as_bytes()).unwrap()
    }

    /// What is wrong with it, by key.
    fn wrong(value: Value) -> Vec<(&'static str, Wrong)> {
        let (_, problems) = read(&value, DecidedIn::WellKnown);
        problems
            .into_iter()
            .map(|problem| (problem.key, problem.wrong))
            .collect()
    }

    #[test]
    fn nothing_decides_nothing() {
        for text in [
            "{}",
            r#"{"somethingElse":{"a":1},"etkeccAdmin":"https://a.org"}"#,
            r#"{"restrictBaseUrl":"","menu":[],"corsCredentials":"","asManagedUsers":null}"#,
            r#"{"restrictBaseUrl":[]}"#,
        ] {
            assert_eq!(
                read_file(200, text.as_bytes()),
                Ok((Decisions::default(), vec![])),
                "{text}"
            );
        }
        for status in [404, 410] {
            let page = b"<!doctype html>";
            assert_eq!(read_file(status, page), Ok(Default::default()));
        }
    }

    #[test]
    fn a_byte_order_mark_is_no_mistake() {
        let (decisions, _) = of_file("\u{feff}{\"restrictBaseUrl\":\"https://m.org\"}");
        assert_eq!(decisions.homeservers, urls(&["https://m.org"]));
    }

    #[test]
    fn nobody_comes_in_by_a_mistake() {
        for status in [0, 204, 301, 401, 403, 500, 502] {
            assert_eq!(read_file(status, b"{}"), Err(Closed::Status(status)));
        }
        let closed = |text: &str| read_file(200, text.as_bytes()).unwrap_err();
        assert_eq!(closed(" <!doctype html>"), Closed::Html);
        // The last one is what a spreadsheet or an old Notepad writes: UTF-16.
        for text in [
            "",
            "{not json",
            "[]",
            "7",
            "null",
            "{} {}",
            "\u{feff}",
            "{\0}\0",
        ] {
            assert!(matches!(closed(text), Closed::NotJson(_)), "{text}");
        }
        for value in [
            "7",
            "{}",
            "false",
            "\"ftp://a.org\"",
            "[\"\"]",
            "[7]",
            "[[]]",
        ] {
            let text = format!("{{\"restrictBaseUrl\":{value}}}");
            assert!(matches!(closed(&text), Closed::Restriction(_)), "{text}");
        }
    }

    #[test]
    fn the_sample_is_right() {
        let sample = include_str!("../assets/config.sample.json");
        let (decisions, problems) = of_file(sample);
        assert_eq!(problems, []);
        assert!(decisions.homeservers.is_some() && decisions.menu.is_some());
    }

    #[test]
    fn everything_at_once() {
        let (decisions, problems) = of_file(
            r#"{
              "restrictBaseUrl": ["https://matrix.example.com/", "synapse.example.net"],
              "externalAuthProvider": true,
              "wellKnownDiscovery": false,
              "corsCredentials": "include",
              "asManagedUsers": ["^@baibot:example\\.com$", "^@slack_[a-zA-Z0-9\\-]+:example\\.com$"],
              "menu": [
                {
                  "label": "Contact support",
                  "i18n": {"de": "Hilfe", "pt_BR": "Ajuda"},
                  "icon": "SupportAgent",
                  "url": "https://github.com/etkecc/ketesa/issues"
                },
                {"label": "Status", "url": "https://status.example.com"}
              ]
            }"#,
        );
        assert_eq!(problems, []);
        assert_eq!(
            decisions.homeservers,
            urls(&["https://matrix.example.com", "https://synapse.example.net"])
        );
        assert_eq!(decisions.external_auth, Some(true));
        assert_eq!(decisions.discovery, Some(false));
        assert_eq!(decisions.credentials, Some(Credentials::Include));
        assert_eq!(decisions.system_users.unwrap().len(), 2);
        let menu = decisions.menu.unwrap();
        assert_eq!(
            (icon(&menu[0].icon), icon(&menu[1].icon)),
            ("help", "external")
        );
        assert_eq!(menu[0].label_in("de"), "Hilfe");
        assert_eq!(menu[0].label_in("de-AT"), "Hilfe");
        assert_eq!(menu[0].label_in("pt"), "Ajuda");
        assert_eq!(menu[0].label_in("fr"), "Contact support");
        assert_eq!(menu[1].label_in("de"), "Status");
    }

    #[test]
    fn one_text_is_a_list_of_it() {
        let (decisions, _) = of_file(r#"{"restrictBaseUrl":"https://m.org"}"#);
        assert_eq!(decisions.homeservers, urls(&["https://m.org"]));
        let (decisions, _) = of_file(r#"{"asManagedUsers":"^@bot"}"#);
        assert_eq!(decisions.system_users, Some(vec!["^@bot".to_owned()]));
    }

    #[test]
    fn what_is_wrong_costs_its_key_only() {
        let (decisions, problems) = of_file(
            r#"{"restrictBaseUrl": ["ftp://a.org", 7, "https://b.org"], "corsCredentials": "all",
                "externalAuthProvider": "yes", "asManagedUsers": ["^@a", 5], "menu": {}}"#,
        );
        assert_eq!(decisions.homeservers, urls(&["https://b.org"]));
        assert_eq!(decisions.system_users, Some(vec!["^@a".to_owned()]));
        assert_eq!(
            (decisions.credentials, decisions.external_auth),
            (None, None)
        );
        let told: Vec<_> = problems
            .iter()
            .map(|problem| (problem.key, problem.wrong, problem.value.as_str()))
            .collect();
        assert_eq!(
            told,
            [
                (key::RESTRICT_BASE_URL, Wrong::Url, "ftp://a.org"),
                (key::RESTRICT_BASE_URL, Wrong::Type, "…"),
                (key::EXTERNAL_AUTH_PROVIDER, Wrong::Type, "yes"),
                (key::CORS_CREDENTIALS, Wrong::Choice, "all"),
                (key::AS_MANAGED_USERS, Wrong::Type, "…"),
                (key::MENU, Wrong::Type, "{ … }"),
            ]
        );
    }

    #[test]
    fn links_lead_to_the_web_and_nowhere_else() {
        let problem = vec![(key::MENU, Wrong::MenuItem)];
        for url in [
            "http://a.org",
            "javascript:alert(1)",
            " JavaScript:alert(1)//https://",
            "data:text/html,x",
            "https://",
            "https:// a.org",
            "https:///x",
            "/users",
            "",
        ] {
            let menu = json!({"menu": [{"label": "x", "url": url}]});
            assert_eq!(wrong(menu), problem, "{url}");
        }
        for entry in [
            json!({"url": "https://a.org"}),
            json!({"label": " ", "url": "https://a.org"}),
            json!({"label": "x"}),
            json!("https://a.org"),
        ] {
            assert_eq!(wrong(json!({"menu": [entry]})), problem, "{entry}");
        }
    }

    #[test]
    fn a_homeserver_only_narrows() {
        let (file, _) = of_file(
            r#"{"restrictBaseUrl":"https://a.org","externalAuthProvider":true,
                "asManagedUsers":["^@a"],"menu":[{"label":"x","url":"https://x.org"}]}"#,
        );
        let (known, _) = read_well_known(
            br#"{"m.homeserver":{"base_url":"https://m.org"},
                "cc.etke.ketesa":{"externalAuthProvider":false,"asManagedUsers":[],"menu":[],
                    "restrictBaseUrl":["https://b.org"],"wellKnownDiscovery":false,
                    "corsCredentials":"include"}}"#,
        );
        let both = file.clone().with(known.clone());
        assert_eq!(both.homeservers, file.homeservers);
        assert_eq!(both.system_users, file.system_users);
        assert_eq!(both.discovery, None);
        assert_eq!(both.credentials, Some(Credentials::Include));
        assert_eq!(both.external_auth, Some(false));
        assert_eq!(both.menu, file.menu);
        // Nor where the panel restricts nothing.
        assert_eq!(Decisions::default().with(known.clone()).homeservers, None);

        let (file, _) = of_file(r#"{"corsCredentials":"omit","asManagedUsers":["^@a"]}"#);
        let (more, _) = read_well_known(br#"{"cc.etke.ketesa":{"asManagedUsers":["^@b"]}}"#);
        let both = file.clone().with(more);
        let protected = ["^@a", "^@b"].map(str::to_owned).to_vec();
        assert_eq!(both.system_users, Some(protected));
        assert_eq!(file.with(known).credentials, Some(Credentials::Omit));
    }

    #[test]
    fn words_to_admin_panels() {
        let of = |text: &str| read_well_known(text.as_bytes());
        let none = (Decisions::default(), Vec::new());
        assert_eq!(of("{}"), none);
        assert_eq!(of("[]"), none);
        assert_eq!(of(r#"{"cc.etke.ketesa":null}"#), none);
        let old =
            of(r#"{"cc.etke.ketesa":null,"cc.etke.synapse-admin":{"corsCredentials":"omit"}}"#);
        assert_eq!(old.0.credentials, Some(Credentials::Omit));
        assert_eq!(of("<!doctype html>").1[0].wrong, Wrong::NotJson);
        assert_eq!(of(r#"{"cc.etke.ketesa":7}"#).1[0].wrong, Wrong::NotJson);
    }

    #[test]
    fn only_the_file_and_that_there_is_none_are_heard() {
        let file = br#"{"cc.etke.ketesa":{"asManagedUsers":["^@a"]}}"#;
        assert_eq!(heard(200, file), Some(&file[..]));
        for gone in [404, 410] {
            assert_eq!(heard(gone, b"<html>"), Some(&b""[..]), "{gone}");
        }
        for page in ["", "<!doctype html>", "[]", "null", "{"] {
            assert_eq!(heard(200, page.as_bytes()), None, "{page}");
        }
        // Whatever else came is of a proxy that wants something, or of a server in trouble.
        for status in [204, 301, 400, 401, 403, 429, 500, 502, 503] {
            assert_eq!(heard(status, b"{}"), None, "{status}");
        }
    }

    #[test]
    fn icons_go_by_several_names() {
        assert_eq!(icon("SupportAgentOutlined"), "help");
        assert_eq!(icon("securityIcon"), "shield");
        assert_eq!(icon("NoSuchThing"), "external");
    }

    #[test]
    fn long_values_are_shortened() {
        let problem = ConfigProblem::new(DecidedIn::File, "", Wrong::Type, &"é".repeat(500));
        assert_eq!(problem.value.chars().count(), EXCERPT / 2 + 1);
    }

    proptest! {
        #[test]
        fn any_text_can_be_read(text in any::<Vec<u8>>()) {
            let _ = read_file(200, &text);
            read_well_known(&text);
        }

        #[test]
        fn any_values_can_be_read(
            values in prop::collection::vec(
                prop_oneof![
                    Just(json!(null)), Just(json!(true)), Just(json!(1)), Just(json!([{}])),
                    Just(json!({"url": 1})), Just(json!([["x"], {"url": "https://é", "label": "x"}])),
                    "\\PC{0,12}".prop_map(Value::from),
                ],
                6,
            ),
        ) {
            let keys = [
                key::RESTRICT_BASE_URL, key::EXTERNAL_AUTH_PROVIDER, key::WELL_KNOWN_DISCOVERY,
                key::CORS_CREDENTIALS, key::AS_MANAGED_USERS, key::MENU,
            ];
            let object: Map<String, Value> =
                keys.iter().map(|key| (*key).to_owned()).zip(values).collect();
            read(&Value::Object(object), DecidedIn::WellKnown);
        }
    }
}
