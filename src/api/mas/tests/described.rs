//! Against MAS' own description of its admin API.

use super::cases::{self, Case};
use super::schema::{fits, text_fits};
use super::{
    beside_the_repository, clients, emails, personal, policy, sessions, tokens, upstream, users,
};
use crate::api::mas::{MasVersion, SiteConfig};
use crate::api::request::Body;
use crate::api::{Answer, ApiError};
use serde::de::value::Error;
use serde::de::{Deserialize, Deserializer, Error as _, Visitor};
use serde_json::Value;
use std::cell::RefCell;
use std::collections::BTreeSet;

fn described() -> Option<Value> {
    beside_the_repository("mas-openapi.json")
}

/// What MAS offers and nobody here asks for, and why.
const NOT_WANTED: [(&str, &str); 4] = [
    ("getUserEmail", "the list has all of it"),
    ("getUpstreamOAuthLink", "the list has all of it"),
    ("getUpstreamOAuthProvider", "the list has all of it"),
    ("getPolicyData", "passes over the ID and answers the newest"),
];

/// One of what MAS offers.
struct Operation<'a> {
    method: &'a str,
    path: &'a str,
    described: &'a Value,
}

fn operations(all: &Value) -> impl Iterator<Item = Operation<'_>> {
    let paths = all["paths"].as_object().unwrap();
    paths.iter().flat_map(|(path, at)| {
        let methods = at.as_object().unwrap().iter();
        methods.map(move |(method, described)| Operation {
            method,
            path,
            described,
        })
    })
}

fn operation<'a>(all: &'a Value, id: &str) -> Operation<'a> {
    operations(all)
        .find(|one| one.described["operationId"] == id)
        .unwrap_or_else(|| panic!("MAS describes no {id}"))
}

/// What MAS has against a request.
fn judged(all: &Value, case: &Case) -> Result<(), String> {
    let (call, operation) = (&case.call, operation(all, case.operation));
    let path = operation.path.replace("{id}", cases::id().as_str());
    let path = path.replace("{username}", "anna");
    if call.path != path || !call.method.as_str().eq_ignore_ascii_case(operation.method) {
        return Err(format!("it is {} {path}", operation.method));
    }
    for (name, value) in &call.query {
        let known = operation.described["parameters"].as_array();
        let mut known = known.into_iter().flatten();
        let one = known.find(|one| one["in"] == "query" && one["name"] == *name);
        let one = one.ok_or_else(|| format!("there is no {name}"))?;
        text_fits(all, &one["schema"], value).map_err(|error| format!("{name}: {error}"))?;
    }
    let wants = &operation.described["requestBody"]["content"]["application/json"]["schema"];
    match &call.body {
        Body::None if wants.is_null() => Ok(()),
        Body::Json(json) if !wants.is_null() => {
            let sent = serde_json::from_str(json).unwrap();
            fits(all, wants, &sent).map_err(|error| format!("the body: {error}"))
        }
        body => Err(format!("{body:?} against {wants}")),
    }
}

#[test]
fn each_request_is_one_of_mas() {
    let Some(all) = described() else { return };
    for case in cases::all() {
        let (judged, call) = (judged(&all, &case), &case.call);
        assert_eq!(judged, Ok(()), "{} {}", call.method.as_str(), call.target());
    }
}

/// Makes of a request one that MAS would not take.
type Spoils = fn(&mut Case);

#[test]
fn what_mas_would_not_take_is_noticed() {
    let Some(all) = described() else { return };
    let spoilt: [(&str, Spoils); 6] = [
        ("listUsers", |case| case.call.path.push('s')),
        ("getUser", |case| case.operation = "lockUser"),
        ("listUsers", |case| {
            case.call.query.push(("filter[user]", "anna".into()));
        }),
        ("listUserEmails", |case| {
            case.call.query.push(("filter[user]", "anna".into()));
        }),
        ("createUser", |case| case.call.body = Body::None),
        ("userSetAdmin", |case| {
            case.call.body = Body::Json(r#"{"admin":1}"#.into());
        }),
    ];
    for (operation, spoil) in spoilt {
        let is = |case: &Case| case.operation == operation;
        let mut case = cases::all().into_iter().find(is).unwrap();
        spoil(&mut case);
        assert!(judged(&all, &case).is_err(), "{operation}");
    }
}

/// How many things an answer has.
fn things(told: &Value) -> usize {
    match &told["data"] {
        Value::Array(things) => things.len(),
        _ => 1,
    }
}

#[test]
fn each_example_of_mas_is_read() {
    let Some(all) = described() else { return };
    let cases = cases::all();
    let mut read = 0;
    for one in operations(&all) {
        let id = one.described["operationId"].as_str().unwrap();
        let case = cases.iter().find(|case| case.operation == id);
        for (status, described) in one.described["responses"].as_object().unwrap() {
            let told = &described["content"]["application/json"]["example"];
            let status: u16 = status.parse().unwrap();
            if told.is_null() {
                continue;
            }
            let answer = Answer::new(status, "application/json", told.to_string());
            read += 1;
            if status < 300 {
                if let Some(case) = case {
                    assert_eq!(case.read(&answer), Ok(things(told)), "{id} {status}");
                }
                continue;
            }
            let error = ApiError::from_answer(&answer);
            let title = told["errors"][0]["title"].as_str().unwrap();
            assert!(
                matches!(&error, ApiError::Matrix { status: is, errcode, message }
                    if *is == status && errcode.is_empty() && message.starts_with(title)),
                "{id} {status}: {error:?}"
            );
        }
    }
    assert!(read > 90, "only {read} read");
}

#[test]
fn all_that_mas_offers_is_asked_for_or_not_wanted() {
    let Some(all) = described() else { return };
    let offered: BTreeSet<&str> = operations(&all)
        .map(|one| one.described["operationId"].as_str().unwrap())
        .collect();
    let cases = cases::all();
    let asked: BTreeSet<&str> = cases.iter().map(|case| case.operation).collect();
    let not_wanted: BTreeSet<&str> = NOT_WANTED.iter().map(|(id, _)| *id).collect();
    assert_eq!(asked.intersection(&not_wanted).next(), None);
    let known: BTreeSet<&str> = asked.union(&not_wanted).copied().collect();
    assert_eq!(known, offered);
}

/// The names of the functions in a source text that make a request.
fn functions(source: &str) -> Vec<&str> {
    let code = source.split("#[cfg(test)]").next().unwrap();
    let all = code.split("\npub fn ").skip(1);
    all.filter(|rest| rest.split('{').next().unwrap().contains("-> Request<"))
        .map(|rest| rest.split(['(', '<']).next().unwrap())
        .collect()
}

#[test]
fn no_function_escapes() {
    let here = include_str!("cases.rs");
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/src/api/mas");
    let mut count = 0;
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if !path.is_file() {
            continue;
        }
        let source = std::fs::read_to_string(&path).unwrap();
        let module = path.file_stem().unwrap().to_str().unwrap();
        let module = if module == "mod" { "mas" } else { module };
        for function in functions(&source) {
            let called = here.contains(&format!("{module}::{function}("));
            assert!(called, "{module}::{function} is no case");
            count += 1;
        }
    }
    assert!(count > 35, "only {count} found: has the style changed?");
}

/// Takes down which fields a type asks for.
struct Fields<'a>(&'a RefCell<Vec<&'static str>>);

impl<'de> Deserializer<'de> for Fields<'_> {
    type Error = Error;

    fn deserialize_any<V: Visitor<'de>>(self, _: V) -> Result<V::Value, Error> {
        Err(Error::custom("it has no fields"))
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        fields: &'static [&'static str],
        _: V,
    ) -> Result<V::Value, Error> {
        self.0.borrow_mut().extend(fields);
        Err(Error::custom("these are all"))
    }

    serde::forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf
        option unit unit_struct newtype_struct seq tuple tuple_struct map enum identifier
        ignored_any
    }
}

fn fields<'de, T: Deserialize<'de>>() -> Vec<&'static str> {
    let fields = RefCell::default();
    assert!(T::deserialize(Fields(&fields)).is_err());
    fields.into_inner()
}

/// What may be missing is read as such, so a name that is not MAS' would be missing for ever.
#[test]
fn each_field_is_called_as_mas_calls_it() {
    let Some(all) = described() else { return };
    for (schema, ours) in [
        ("SiteConfig", fields::<SiteConfig>()),
        ("Version", fields::<MasVersion>()),
        ("User", fields::<users::MasUser>()),
        ("UserEmail", fields::<emails::Email>()),
        ("CompatSession", fields::<sessions::CompatSession>()),
        ("OAuth2Session", fields::<sessions::OAuth2Session>()),
        ("UserSession", fields::<sessions::BrowserSession>()),
        ("PersonalSession", fields::<personal::PersonalSession>()),
        ("OAuth2Client", fields::<clients::OAuthClient>()),
        ("UserRegistrationToken", fields::<tokens::MasToken>()),
        ("UpstreamOAuthProvider", fields::<upstream::Provider>()),
        ("UpstreamOAuthLink", fields::<upstream::Link>()),
        ("PolicyData", fields::<policy::PolicyData>()),
    ] {
        let theirs = &all["components"]["schemas"][schema]["properties"];
        assert!(!ours.is_empty(), "{schema}");
        for field in ours {
            assert!(theirs.get(field).is_some(), "{schema} has no {field}");
        }
    }
}
