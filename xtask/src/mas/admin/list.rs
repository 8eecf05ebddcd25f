//! Lists: filters, pages and counts.

use super::super::front::{Answer, json_answer};
use super::super::state::{Kind, read_ulid};
use super::super::time;
use super::convention::{Ask, BASE, Refusal, resource};
use serde_json::{Value, json};

/// How many a page has unless it is said.
const PAGE: usize = 10;

/// Whether to count.
#[derive(Clone, Copy, PartialEq)]
enum Count {
    Too,
    Not,
    Only,
}

/// A list that is asked for. Filters are read in the order in which MAS writes them into links.
pub struct List<'a> {
    ask: &'a Ask<'a>,
    kind: Kind,
    size: usize,
    backwards: bool,
    after: Option<String>,
    before: Option<String>,
    count: Count,
    /// The filters that were understood.
    filters: Vec<(String, String)>,
}

/// What Serde says three times over.
fn wrong(what: &str, why: &str) -> Refusal {
    let first = format!("Invalid {what} parameters");
    let second = format!("Failed to deserialize query string: {why}");
    Refusal::Errors(400, vec![first, second, why.to_owned(), why.to_owned()])
}

impl<'a> List<'a> {
    /// Reads the page that is asked for.
    pub fn read(ask: &'a Ask<'a>, kind: Kind) -> Result<Self, Refusal> {
        let mut list = List {
            ask,
            kind,
            size: PAGE,
            backwards: false,
            after: None,
            before: None,
            count: Count::Too,
            filters: Vec::new(),
        };
        let paging = |why: String| wrong("pagination", &why);
        let (first, last) = (list.number("page[first]")?, list.number("page[last]")?);
        let cursor = |name: &str| match list.said(name, "pagination")? {
            Some(text) => match read_ulid(text) {
                Ok(id) => Ok(Some(id)),
                Err(why) => Err(paging(format!("{name}: {why}"))),
            },
            None => Ok(None),
        };
        (list.before, list.after) = (cursor("page[before]")?, cursor("page[after]")?);
        if ask.knows(4) {
            list.count = match list.said("count", "pagination")? {
                None | Some("true") => Count::Too,
                Some("false") => Count::Not,
                Some("only") => Count::Only,
                Some(other) => {
                    let known = "expected one of `true`, `false`, `only`";
                    return Err(paging(format!("count: unknown variant `{other}`, {known}")));
                }
            };
        }
        match (first, last) {
            (Some(_), Some(_)) => Err(Refusal::new(
                400,
                "Cannot specify both `page[first]` and `page[last]` parameters",
            )),
            (None, Some(last)) => {
                (list.size, list.backwards) = (last, true);
                Ok(list)
            }
            (first, None) => {
                list.size = first.unwrap_or(PAGE);
                Ok(list)
            }
        }
    }

    /// What stands in the query, once.
    fn said(&self, name: &str, what: &str) -> Result<Option<&'a str>, Refusal> {
        let mut all = self.ask.query.iter().filter(|(key, _)| key == name);
        let first = all.next().map(|(_, value)| value.as_str());
        match all.next() {
            Some(_) => Err(wrong(what, &format!("duplicate field `{name}`"))),
            None => Ok(first),
        }
    }

    fn number(&self, name: &str) -> Result<Option<usize>, Refusal> {
        let Some(text) = self.said(name, "pagination")? else {
            return Ok(None);
        };
        match text.parse() {
            Ok(0) | Err(_) => Err(wrong(
                "pagination",
                &format!("{name}: invalid value: `{text}`, expected a nonzero usize"),
            )),
            Ok(number) => Ok(Some(number)),
        }
    }

    /// A filter that came with 1.`since`; older ones do not see it.
    pub fn text(&mut self, name: &str, since: u32) -> Result<Option<&'a str>, Refusal> {
        let name = format!("filter[{name}]");
        let said = match self.ask.knows(since) {
            true => self.said(&name, "filter")?,
            false => None,
        };
        if let Some(said) = said {
            self.filters.push((name, said.to_owned()));
        }
        Ok(said)
    }

    /// A filter that may be there more than once.
    pub fn texts(&mut self, name: &str, since: u32) -> Vec<&'a str> {
        let name = format!("filter[{name}]");
        if !self.ask.knows(since) {
            return Vec::new();
        }
        let all = self.ask.query.iter().filter(|(key, _)| *key == name);
        let all: Vec<&str> = all.map(|(_, value)| value.as_str()).collect();
        let kept = all.iter().map(|value| (name.clone(), (*value).to_owned()));
        self.filters.extend(kept);
        all
    }

    pub fn flag(&mut self, name: &str, since: u32) -> Result<Option<bool>, Refusal> {
        match self.text(name, since)? {
            None => Ok(None),
            Some("true") => Ok(Some(true)),
            Some("false") => Ok(Some(false)),
            Some(_) => Err(wrong(
                "filter",
                &format!("filter[{name}]: provided string was not `true` or `false`"),
            )),
        }
    }

    pub fn one_of(
        &mut self,
        name: &str,
        since: u32,
        known: &[&str],
    ) -> Result<Option<&'a str>, Refusal> {
        let said = self.text(name, since)?;
        match said {
            Some(other) if !known.contains(&other) => {
                let quoted: Vec<String> = known.iter().map(|one| format!("`{one}`")).collect();
                let expected = match quoted.as_slice() {
                    [one, other] => format!("expected {one} or {other}"),
                    all => format!("expected one of {}", all.join(", ")),
                };
                let why = format!("filter[{name}]: unknown variant `{other}`, {expected}");
                Err(wrong("filter", &why))
            }
            said => Ok(said),
        }
    }

    pub fn date(&mut self, name: &str, since: u32) -> Result<Option<i64>, Refusal> {
        let Some(text) = self.text(name, since)? else {
            return Ok(None);
        };
        let read = time::read(text).map(Some);
        let why = format!("filter[{name}]: input contains invalid characters");
        read.ok_or_else(|| wrong("filter", &why))
    }

    /// The ID of one that must be there; `title` is what MAS calls it where it is not.
    pub fn id(
        &mut self,
        name: &str,
        since: u32,
        kind: Kind,
        title: &str,
    ) -> Result<Option<String>, Refusal> {
        let Some(text) = self.text(name, since)? else {
            return Ok(None);
        };
        self.known(name, text, kind, title).map(Some)
    }

    /// The IDs of some that must be there.
    pub fn ids(
        &mut self,
        name: &str,
        since: u32,
        kind: Kind,
        title: &str,
    ) -> Result<Vec<String>, Refusal> {
        let all = self.texts(name, since);
        let known = |text: &&str| self.known(name, text, kind, title);
        all.iter().map(known).collect()
    }

    fn known(&self, name: &str, text: &str, kind: Kind, title: &str) -> Result<String, Refusal> {
        let id =
            read_ulid(text).map_err(|why| wrong("filter", &format!("filter[{name}]: {why}")))?;
        match self.ask.state().get(kind, &id) {
            Some(_) => Ok(id),
            None => Err(Refusal::new(404, format!("{title} {id} not found"))),
        }
    }

    /// The page, of those that the filters let through.
    pub fn answer(&self, keeps: impl Fn(&str, &Value) -> bool) -> Answer {
        let all: Vec<(String, Value)> = {
            let state = self.ask.state();
            let all = state.all(self.kind);
            all.filter(|(id, one)| keeps(id, one))
                .map(|(id, one)| (id.clone(), one.clone()))
                .collect()
        };
        json_answer(200, &self.page(&all))
    }

    /// The page of these, which are ordered by ID.
    fn page(&self, all: &[(String, Value)]) -> Value {
        let mut base = format!("{BASE}{}", self.kind.path());
        let mut append = |pair: String| {
            let sign = if base.contains('?') { '&' } else { '?' };
            base = format!("{base}{sign}{pair}");
        };
        for (name, value) in &self.filters {
            append(format!("{name}={value}"));
        }
        match self.count {
            Count::Too => {}
            Count::Not => append("count=false".into()),
            Count::Only => append("count=only".into()),
        }
        let count = json!({ "count": all.len() });
        if self.count == Count::Only {
            return json!({"meta": count, "links": {"self": base}});
        }
        let between: Vec<&(String, Value)> = all
            .iter()
            .filter(|(id, _)| self.after.as_ref().is_none_or(|after| id > after))
            .filter(|(id, _)| self.before.as_ref().is_none_or(|before| id < before))
            .collect();
        let more = between.len() > self.size;
        let page = match self.backwards {
            true => &between[between.len().saturating_sub(self.size)..],
            false => &between[..between.len().min(self.size)],
        };
        let with_cursors = self.ask.knows(4);
        let data: Vec<Value> = page
            .iter()
            .map(|(id, one)| {
                let mut entry = resource(self.kind, id, one);
                if with_cursors {
                    entry["meta"] = json!({"page": {"cursor": cursor(self.kind, id, one)}});
                }
                entry
            })
            .collect();
        let link = |cursors: &[(&str, Option<&String>)], direction: &str| {
            let mut link = base.clone();
            for (name, cursor) in cursors {
                if let Some(cursor) = cursor {
                    let sign = if link.contains('?') { '&' } else { '?' };
                    link = format!("{link}{sign}page[{name}]={cursor}");
                }
            }
            let sign = if link.contains('?') { '&' } else { '?' };
            format!("{link}{sign}page[{direction}]={}", self.size)
        };
        let direction = if self.backwards { "last" } else { "first" };
        let cursors = [
            ("before", self.before.as_ref()),
            ("after", self.after.as_ref()),
        ];
        let mut links = json!({
            "self": link(&cursors, direction),
            "first": link(&[], "first"),
            "last": link(&[], "last"),
        });
        if more && self.backwards {
            let first = page.first().map(|(id, one)| cursor(self.kind, id, one));
            links["prev"] = link(&[("before", first.as_ref())], "last").into();
        } else if more {
            let last = page.last().map(|(id, one)| cursor(self.kind, id, one));
            links["next"] = link(&[("after", last.as_ref())], "first").into();
        }
        let mut told = json!({"data": data, "links": links});
        if self.count == Count::Too {
            told["meta"] = count;
        }
        told
    }
}

/// What MAS tells for the next page to begin behind. Of the sessions of browsers it tells the user's
/// ID and takes the session's, as was seen of a real one: who follows that reads the same page again.
fn cursor(kind: Kind, id: &str, one: &Value) -> String {
    let told = match kind {
        Kind::Browser => one["user_id"].as_str(),
        _ => None,
    };
    told.unwrap_or(id).to_owned()
}

/// Whether a text has a part, whatever the case.
pub fn has_part(value: &Value, part: Option<&str>) -> bool {
    let Some(part) = part else { return true };
    let value = value.as_str().unwrap_or_default().to_lowercase();
    value.contains(&part.to_lowercase())
}

/// Whether a time lies between two, both left out.
pub fn lies(value: &Value, after: Option<i64>, before: Option<i64>) -> bool {
    let at = value.as_str().and_then(time::read);
    after.is_none_or(|after| at.is_some_and(|at| at > after))
        && before.is_none_or(|before| at.is_some_and(|at| at < before))
}

/// Whether a field is the one asked for, if one is.
pub fn is_asked<T: PartialEq>(asked: Option<T>, value: T) -> bool {
    asked.is_none_or(|asked| asked == value)
}
