//! What a request is: plain data, made without I/O.

use super::ApiError;
use super::encode::{encoded, push_encoded};
use super::ids::HomeserverUrl;
use super::tame::tame;
use serde::Serialize;
use serde::de::DeserializeOwned;

/// The HTTP methods that Synapse allows across origins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    Get,
    Post,
    Put,
    Delete,
}

impl Method {
    /// The method's name on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Method::Get => "GET",
            Method::Post => "POST",
            Method::Put => "PUT",
            Method::Delete => "DELETE",
        }
    }
}

/// What a request carries.
#[derive(Clone, Debug, PartialEq)]
pub enum Body {
    /// Nothing at all.
    None,
    /// A JSON document.
    Json(String),
    /// A file, with its MIME type.
    File {
        content_type: String,
        bytes: Vec<u8>,
    },
}

/// An access token. It is written down nowhere.
#[derive(Clone, PartialEq)]
pub struct Token(pub String);

impl std::fmt::Debug for Token {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Token(…)")
    }
}

/// A request without the type of its answer: all that the network has to know.
#[derive(Clone, Debug, PartialEq)]
pub struct Call {
    pub method: Method,
    /// Begins with `/`; every segment is already percent-encoded. A whole URL where the
    /// request does not go to the homeserver's address, as [`well_known`](super::discovery::well_known).
    pub path: String,
    pub query: Vec<(&'static str, String)>,
    pub body: Body,
    /// Whether the access token goes along.
    pub authorized: bool,
    /// Another token than the session's. What the server says of it says nothing about the
    /// session.
    pub token: Option<Token>,
    /// Whether sending it twice does the same as sending it once. True for every `GET`.
    pub idempotent: bool,
    /// Milliseconds until the caller stops waiting. The server may go on working.
    pub timeout_ms: u32,
}

/// How long an ordinary answer may take, in milliseconds. Big servers need seconds to count
/// their users.
const ORDINARY_TIMEOUT_MS: u32 = 60_000;

impl Call {
    fn new(method: Method, path: String) -> Self {
        Call {
            method,
            path,
            query: Vec::new(),
            body: Body::None,
            authorized: true,
            token: None,
            idempotent: method == Method::Get,
            timeout_ms: ORDINARY_TIMEOUT_MS,
        }
    }

    /// The path with its query.
    pub fn target(&self) -> String {
        let mut out = self.path.clone();
        for (index, (key, value)) in self.query.iter().enumerate() {
            out.push(if index == 0 { '?' } else { '&' });
            push_encoded(&mut out, key);
            out.push('=');
            push_encoded(&mut out, value);
        }
        out
    }

    /// The whole URL at a homeserver. A path that is a URL already stays as it is.
    pub fn url(&self, homeserver: &HomeserverUrl) -> String {
        let target = self.target();
        if target.starts_with('/') {
            format!("{homeserver}{target}")
        } else {
            target
        }
    }

    /// The request as a shell command, for people. Tokens, passwords and files are variables, without
    /// which the shell stops: nothing is sent as somebody else, or with another password, by mistake.
    pub fn as_curl(&self, homeserver: &HomeserverUrl) -> String {
        let mut out = format!("curl -X {}", self.method.as_str());
        if self.authorized {
            let name = match self.token {
                Some(_) => "USER_TOKEN",
                None => "TOKEN",
            };
            out.push_str(&format!(" -H \"Authorization: Bearer ${{{name}:?}}\""));
        }
        match &self.body {
            Body::None => {}
            // `--json` came with curl 7.82, which Debian 11 has not.
            Body::Json(json) => {
                out.push_str(" -H 'Content-Type: application/json' --data-raw ");
                out.push_str(&without_secrets(json));
            }
            Body::File { content_type, .. } => {
                out.push_str(" -H ");
                out.push_str(&shell_quoted(&format!("Content-Type: {content_type}")));
                out.push_str(" --data-binary @\"${FILE:?}\"");
            }
        }
        out.push(' ');
        out.push_str(&shell_quoted(&self.url(homeserver)));
        out
    }
}

fn shell_quoted(text: &str) -> String {
    format!("'{}'", shell_escaped(text))
}

/// A text within apostrophes, as it stands there.
fn shell_escaped(text: &str) -> String {
    text.replace('\'', r"'\''")
}

/// The keys whose values never leave the page in readable form, and the variables that stand for them.
/// None is called as that of the administrator's own token.
const SECRETS: [(&str, &str); 5] = [
    ("password", "PASSWORD"),
    ("new_password", "NEW_PASSWORD"),
    ("token", "REGISTRATION_TOKEN"),
    ("access_token", "ACCESS_TOKEN"),
    ("refresh_token", "REFRESH_TOKEN"),
];

/// A document in the quotes of a shell, with variables for its secrets.
fn without_secrets(json: &str) -> String {
    let Ok(serde_json::Value::Object(map)) = serde_json::from_str(json) else {
        return shell_quoted(&without_controls(json));
    };
    let fields: Vec<String> = map
        .into_iter()
        .map(|(key, value)| {
            let secret = SECRETS.iter().find(|(secret, _)| *secret == key);
            match secret.filter(|_| !value.is_null()) {
                // Between the two apostrophes the quotes of the shell are left.
                Some((_, variable)) => format!(r#""{key}":"'"${{{variable}:?}}"'""#),
                None => {
                    let field = format!("{}:{value}", serde_json::Value::String(key));
                    shell_escaped(&without_controls(&field))
                }
            }
        })
        .collect();
    format!("'{{{}}}'", fields.join(","))
}

/// A document without characters that a terminal obeys when they are pasted: deleting one back
/// would end the quotes. JSON has those below a space escaped already.
fn without_controls(json: &str) -> String {
    json.chars().fold(String::new(), |mut out, char| {
        match char.is_control() {
            true => out.push_str(&format!("\\u{:04x}", u32::from(char))),
            false => out.push(char),
        }
        out
    })
}

/// What came back, whatever the status.
#[derive(Clone, Debug, PartialEq)]
pub struct Answer {
    pub status: u16,
    /// The `Content-Type` header, empty when there is none.
    pub content_type: String,
    pub body: Vec<u8>,
    /// The wait that the `Retry-After` header asks for, in milliseconds.
    pub retry_after_ms: Option<u64>,
    /// Where the answer comes from, if a redirect has led away from the homeserver's address:
    /// scheme and host.
    pub moved_to: Option<String>,
}

impl Answer {
    /// An answer without any of the headers that matter now and then.
    pub fn new(status: u16, content_type: &str, body: impl Into<Vec<u8>>) -> Self {
        Answer {
            status,
            content_type: content_type.to_owned(),
            body: body.into(),
            retry_after_ms: None,
            moved_to: None,
        }
    }
}

/// A request whose answer decodes to `T`.
///
/// Nothing happens until a client sends it. A clone has its own copy of the body.
#[derive(Clone, Debug)]
pub struct Request<T> {
    pub call: Call,
    decode: fn(&Answer) -> Result<T, ApiError>,
}

impl<T: DeserializeOwned> Request<T> {
    /// A call whose answer is read as JSON.
    pub fn from_call(call: Call) -> Self {
        Request {
            call,
            decode: decode_json::<T>,
        }
    }

    /// A `GET` whose answer is JSON.
    pub fn get(path: impl Into<String>) -> Self {
        Self::new(Method::Get, path)
    }

    /// A `POST` with an empty JSON object as body, which Synapse wants where it wants nothing.
    pub fn post(path: impl Into<String>) -> Self {
        Self::new(Method::Post, path).with_body(Body::Json("{}".into()))
    }

    /// A `PUT` with a JSON body; idempotent.
    pub fn put(path: impl Into<String>, body: &impl Serialize) -> Self {
        Self::new(Method::Put, path).json(body).idempotent()
    }

    /// A `DELETE`; idempotent.
    pub fn delete(path: impl Into<String>) -> Self {
        Self::new(Method::Delete, path).idempotent()
    }

    fn new(method: Method, path: impl Into<String>) -> Self {
        Request {
            call: Call::new(method, path.into()),
            decode: decode_json::<T>,
        }
    }
}

impl Request<Vec<u8>> {
    /// A `GET` whose answer is a file: its bytes.
    pub fn download(path: impl Into<String>) -> Self {
        Request {
            call: Call::new(Method::Get, path.into()),
            decode: |answer| Ok(answer.body.clone()),
        }
    }
}

impl Request<Vec<u8>> {
    /// A `POST` whose answer may be empty: its bytes. A web page is no answer to it, whatever its status says.
    pub fn send_form(path: impl Into<String>, body: Body) -> Self {
        Request {
            call: Call::new(Method::Post, path.into()),
            decode: |answer| match answer.body.trim_ascii().is_empty() {
                true => Ok(Vec::new()),
                false => ApiError::of(answer).map_or_else(|| Ok(answer.body.clone()), Err),
            },
        }
        .with_body(body)
    }
}

impl<T> Request<T> {
    /// Adds a query parameter.
    pub fn query(mut self, key: &'static str, value: impl ToString) -> Self {
        self.call.query.push((key, value.to_string()));
        self
    }

    /// Adds a query parameter if there is a value for it.
    pub fn query_some<V: ToString>(self, key: &'static str, value: Option<V>) -> Self {
        match value {
            Some(value) => self.query(key, value),
            None => self,
        }
    }

    /// Sets a JSON body.
    pub fn json(self, body: &impl Serialize) -> Self {
        // Our own bodies are structs with string keys: serialising them cannot fail.
        let json = serde_json::to_string(body).unwrap_or_default();
        self.with_body(Body::Json(json))
    }

    /// Sets the body.
    pub fn with_body(mut self, body: Body) -> Self {
        self.call.body = body;
        self
    }

    /// Leaves the access token out.
    pub fn anonymous(mut self) -> Self {
        self.call.authorized = false;
        self
    }

    /// Goes with this token instead of the session's.
    pub fn with_token(mut self, token: impl Into<String>) -> Self {
        self.call.token = Some(Token(token.into()));
        self
    }

    /// Says that sending it twice does the same as sending it once.
    pub fn idempotent(mut self) -> Self {
        self.call.idempotent = true;
        self
    }

    /// Sets how long to wait for the answer, in milliseconds.
    pub fn timeout_ms(mut self, ms: u32) -> Self {
        self.call.timeout_ms = ms;
        self
    }

    /// Reads an answer: the value, or what the server has against it.
    pub fn read(&self, answer: &Answer) -> Result<T, ApiError> {
        match answer.status {
            200..=299 => (self.decode)(answer),
            _ => Err(ApiError::from_answer(answer)),
        }
    }
}

fn decode_json<T: DeserializeOwned>(answer: &Answer) -> Result<T, ApiError> {
    serde_json::from_slice(&answer.body).or_else(|error| {
        // What one stranger wrote must not hide what all others did.
        if !error.is_data()
            && let Ok(value) = serde_json::from_slice(&tame(&answer.body))
        {
            return Ok(value);
        }
        Err(ApiError::from_undecodable(answer, &error))
    })
}

/// Joins a fixed path, which comes first, and any number of variable segments, each of which is
/// percent-encoded.
///
/// ```
/// use synapse_admin::api::request::path;
/// assert_eq!(path(&["/_matrix/x", "@a:b", "devices"]), "/_matrix/x/%40a%3Ab/devices");
/// ```
pub fn path(segments: &[&str]) -> String {
    let mut out = segments[0].to_owned();
    for segment in &segments[1..] {
        out.push('/');
        out.push_str(&encoded(segment));
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn server() -> HomeserverUrl {
        HomeserverUrl::parse("https://matrix.example.org").unwrap()
    }

    #[test]
    fn an_answer_may_be_empty_and_is_no_page() {
        let request = Request::send_form("/x", Body::None);
        let read = |status, body: &str| request.read(&Answer::new(status, "", body));
        assert_eq!(read(204, ""), Ok(Vec::new()));
        assert_eq!(read(200, "{}"), Ok(b"{}".to_vec()));
        // What a proxy shows to whoever has not signed in there.
        let page = read(200, "<html>Sign in");
        assert!(page.is_err_and(|error| error.is_turned_away()));
    }

    #[test]
    fn query_values_are_encoded() {
        let request = Request::<()>::get("/x")
            .query("name", "a b&c")
            .query_some("dir", None::<&str>);
        assert_eq!(
            request.call.url(&server()),
            "https://matrix.example.org/x?name=a%20b%26c"
        );
    }

    #[test]
    fn curl_shows_the_request_and_no_secret() {
        let request = Request::<()>::put(
            path(&["/_synapse/admin/v2/users", "@it's:example.org"]),
            &json!({"password": "hunter2", "displayname": "It's"}),
        );
        let curl = request.call.as_curl(&server());
        assert!(!curl.contains("hunter2"), "{curl}");
        assert!(curl.contains(r#""displayname":"It'\''s""#), "{curl}");
        assert!(curl.contains("Bearer ${TOKEN:?}"), "{curl}");
        assert!(
            curl.ends_with(
                "'https://matrix.example.org/_synapse/admin/v2/users/%40it%27s%3Aexample.org'"
            ),
            "{curl}"
        );
    }

    /// What a shell makes of a command whose program is a printer of arguments; `None` if it stops.
    fn run(call: &Call, variables: &[(&str, &str)]) -> Option<Vec<String>> {
        let curl = call.as_curl(&server());
        assert!(!curl.contains('\n'), "{curl}");
        let script = format!("curl() {{ printf '%s\\0' \"$@\"; }}\n{curl}\n");
        let out = std::process::Command::new("sh")
            .arg("-c")
            .arg(script)
            .env_clear()
            .envs(variables.iter().copied())
            .output()
            .unwrap();
        let words = String::from_utf8(out.stdout).unwrap();
        let mut words: Vec<String> = words.split('\0').map(str::to_owned).collect();
        words.pop();
        out.status.success().then_some(words)
    }

    #[test]
    fn curl_in_a_shell_is_the_request() {
        let admin = ("TOKEN", "syt_admin");
        for name in [
            "It's",
            "'; touch /tmp/pwned; echo '",
            "$(id) `id` $HOME ${TOKEN:?} \\ \" ! * ~ #",
            "a\u{7f}\u{7f}'\u{9b}2K\u{1b}[A\r\n\tb",
            "\"'\"${PASSWORD:?}\"'\"",
            "-x @file 名前 🙂",
        ] {
            let body = json!({"displayname": name, "it's": [name, {"in": name}], "password": null});
            let at = path(&["/x", name]);
            let request = Request::<()>::put(at.clone(), &body).query("q", name);
            let words = run(&request.call, &[admin]).unwrap();
            assert_eq!(words[..2], ["-X", "PUT"]);
            assert_eq!(words[2..4], ["-H", "Authorization: Bearer syt_admin"]);
            assert_eq!(
                words[4..7],
                ["-H", "Content-Type: application/json", "--data-raw"]
            );
            let sent: serde_json::Value = serde_json::from_str(&words[7]).unwrap();
            assert_eq!(sent, body);
            assert_eq!(words[8..], [request.call.url(&server())]);
            let shown = request.call.as_curl(&server());
            assert!(!shown.chars().any(char::is_control), "{shown:?}");
        }
    }

    #[test]
    fn curl_stops_where_a_secret_is_not_set() {
        let admin = ("TOKEN", "syt_admin");
        let plain = Request::<()>::post("/logout");
        assert_eq!(run(&plain.call, &[]), None);
        // As the administrator it would end their own session.
        let as_user = plain.with_token("syt_user");
        assert!(!as_user.call.as_curl(&server()).contains("syt_user"));
        assert_eq!(run(&as_user.call, &[admin]), None);
        let words = run(&as_user.call, &[admin, ("USER_TOKEN", "syt_user")]).unwrap();
        assert_eq!(words[3], "Authorization: Bearer syt_user");
        let file = Request::send_form(
            "/upload",
            Body::File {
                content_type: "image/x-it's".into(),
                bytes: vec![1],
            },
        );
        assert_eq!(run(&file.call, &[admin]), None);
        let words = run(&file.call, &[admin, ("FILE", "a b.png")]).unwrap();
        assert_eq!(
            words[5..8],
            ["Content-Type: image/x-it's", "--data-binary", "@a b.png"]
        );
        for (key, variable) in SECRETS {
            assert_ne!(
                variable, admin.0,
                "the administrator's own token goes nowhere else"
            );
            let body = json!({"a": 1, key: "hunter2", "z": 2});
            let request = Request::<()>::put("/x", &body);
            assert!(!request.call.as_curl(&server()).contains("hunter2"));
            assert_eq!(run(&request.call, &[admin]), None, "{key}");
            let words = run(&request.call, &[admin, (variable, "it's $(id)")]).unwrap();
            let sent: serde_json::Value = serde_json::from_str(&words[7]).unwrap();
            assert_eq!(sent, json!({"a": 1, key: "it's $(id)", "z": 2}));
        }
    }
}
