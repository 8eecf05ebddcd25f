//! What all of MAS' admin API has in common: errors, bodies, single answers.

use super::super::front::{Answer, Asked, Shared, answer, json_answer};
use super::super::state::{Kind, State, read_ulid};
use serde::de::DeserializeOwned;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer};
use serde_json::{Value, json};
use std::sync::MutexGuard;

/// Where all of it is.
pub const BASE: &str = "/api/admin/v1/";

/// A request that has been let in.
pub struct Ask<'a> {
    pub shared: &'a Shared,
    pub asked: &'a Asked,
    pub query: Vec<(String, String)>,
    /// The minor version of MAS that is played, 22 for 1.22; 0 before 1.0.
    pub minor: u32,
    /// The user whose token was sent.
    pub caller: String,
}

impl Ask<'_> {
    pub fn state(&self) -> MutexGuard<'_, State> {
        self.shared.state()
    }

    /// Whether the MAS that is played has what came with 1.`minor`.
    pub fn knows(&self, minor: u32) -> bool {
        self.minor >= minor
    }

    /// The body, which must be there.
    pub fn body<T: DeserializeOwned>(&self) -> Result<T, Refusal> {
        let content_type = self.asked.head.headers.get("content-type");
        let content_type = content_type.and_then(|value| value.to_str().ok());
        if !content_type.is_some_and(|value| value.starts_with("application/json")) {
            let why = "Expected request with `Content-Type: application/json`";
            return Err(Refusal::Plain(415, why.to_owned()));
        }
        serde_json::from_slice(&self.asked.body).map_err(|error| match error.classify() {
            serde_json::error::Category::Data => Refusal::Plain(
                422,
                format!("Failed to deserialize the JSON body into the target type: {error}"),
            ),
            _ => Refusal::Plain(
                400,
                format!("Failed to parse the request body as JSON: {error}"),
            ),
        })
    }

    /// The body, or what stands for one that was not sent.
    pub fn body_if_any<T: DeserializeOwned + Default>(&self) -> Result<T, Refusal> {
        match self.asked.head.headers.contains_key("content-type") {
            true => self.body(),
            false => Ok(T::default()),
        }
    }
}

/// Why there is no good answer.
#[derive(Debug)]
pub enum Refusal {
    /// The error, then its causes.
    Errors(u16, Vec<String>),
    /// What MAS' web framework says itself.
    Plain(u16, String),
}

impl Refusal {
    pub fn new(status: u16, title: impl Into<String>) -> Refusal {
        Refusal::Errors(status, vec![title.into()])
    }

    pub fn answer(self) -> Answer {
        match self {
            Refusal::Errors(status, titles) => {
                let errors: Vec<Value> = titles
                    .into_iter()
                    .map(|title| json!({ "title": title }))
                    .collect();
                json_answer(status, &json!({ "errors": errors }))
            }
            Refusal::Plain(status, text) => answer(status, "text/plain; charset=utf-8", text),
        }
    }
}

/// What each function answers.
pub type Told = Result<Answer, Refusal>;

/// An ID from a path.
pub fn id_of(segment: &str) -> Result<String, Refusal> {
    let wrong = |why: &str| vec!["Invalid ULID in path".to_owned(), why.to_owned()];
    read_ulid(segment).map_err(|why| Refusal::Errors(400, wrong(why)))
}

/// An ID in a body.
#[derive(Debug)]
pub struct Id(pub String);

impl<'de> Deserialize<'de> for Id {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Id, D::Error> {
        let text = String::deserialize(from)?;
        read_ulid(&text).map(Id).map_err(D::Error::custom)
    }
}

/// A field that is there, perhaps null. With `default`, one that was left out is `None`.
pub fn present<'de, T: Deserialize<'de>, D: Deserializer<'de>>(
    from: D,
) -> Result<Option<Option<T>>, D::Error> {
    Option::deserialize(from).map(Some)
}

/// One of a kind, as it stands in lists and alone.
pub fn resource(kind: Kind, id: &str, attributes: &Value) -> Value {
    json!({
        "type": kind.name(),
        "id": id,
        "attributes": attributes,
        "links": {"self": format!("{BASE}{}/{id}", kind.path())},
    })
}

/// The answer about one. After an action `action` is its name, and stands in the link.
pub fn one(status: u16, kind: Kind, id: &str, attributes: &Value, action: &str) -> Answer {
    let mut path = format!("{BASE}{}/{id}", kind.path());
    if !action.is_empty() {
        path = format!("{path}/{action}");
    }
    let data = resource(kind, id, attributes);
    json_answer(status, &json!({"data": data, "links": {"self": path}}))
}

/// The same attributes with this time as MAS answers it to the request that set it: in nanoseconds.
pub fn just_set(attributes: &Value, field: &str) -> Value {
    let mut attributes = attributes.clone();
    let at = attributes[field]
        .as_str()
        .and_then(|at| at.strip_suffix('Z'));
    if let Some(at) = at.filter(|at| at.contains('.')) {
        attributes[field] = format!("{at}007Z").into();
    }
    attributes
}

/// Nothing, as after a deletion.
pub fn nothing() -> Answer {
    empty(204)
}

/// An answer without a body, nor a type of one.
pub fn empty(status: u16) -> Answer {
    let mut answer = answer(status, "text/plain", String::new());
    answer.headers_mut().remove("content-type");
    answer
}

/// What is there under an ID, or 404 with this title.
pub fn found(state: &State, kind: Kind, id: &str, title: &str) -> Result<Value, Refusal> {
    let one = state.get(kind, id).cloned();
    one.ok_or_else(|| Refusal::new(404, title))
}

/// The user under an ID, or 404.
pub fn user(state: &State, id: &str) -> Result<Value, Refusal> {
    found(state, Kind::User, id, &format!("User ID {id} not found"))
}
