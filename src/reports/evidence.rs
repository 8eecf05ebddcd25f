//! What there is to see of an event that somebody has reported.

use crate::api::MxcUri;
use crate::api::events::Event;
use serde_json::Value;

/// What there is of a reported event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Evidence {
    /// As it was sent, and as it still stands in the room.
    Standing,
    /// It has been redacted since. What was sent is still known here, but to nobody in the room.
    Redacted,
    /// It has been redacted, and nothing of it is left.
    Emptied,
    /// Only those in the room can read it.
    Encrypted,
}

impl Evidence {
    /// By the event as its report tells it, and whether it stands redacted in its room. `None` for
    /// the latter if nobody knows.
    pub fn of(event: &Event, redacted: Option<bool>) -> Self {
        let redacted = redacted.unwrap_or(false) || event.is_redacted();
        let is_empty = event.content.as_object().is_none_or(|map| map.is_empty());
        match (redacted, is_empty) {
            (true, true) => Evidence::Emptied,
            (true, false) => Evidence::Redacted,
            (false, _) if event.kind == "m.room.encrypted" => Evidence::Encrypted,
            _ => Evidence::Standing,
        }
    }
}

/// Where an event names what it shows: what it sends, and the image of a profile or a room. Encrypted
/// files stand below `file`.
const PLACES: [&[&str]; 5] = [
    &["url"],
    &["file", "url"],
    &["avatar_url"],
    &["m.new_content", "url"],
    &["m.new_content", "file", "url"],
];

/// Where an event names smaller copies of what it shows.
const PREVIEWS: [&[&str]; 2] = [
    &["info", "thumbnail_url"],
    &["info", "thumbnail_file", "url"],
];

/// What stands at a place of an event's content.
fn at<'a>(event: &'a Event, place: &[&str]) -> Option<&'a Value> {
    place
        .iter()
        .try_fold(&event.content, |value, key| value.get(key))
}

fn file_at(event: &Event, place: &[&str]) -> Option<MxcUri> {
    at(event, place)
        .and_then(Value::as_str)
        .and_then(MxcUri::parse)
}

/// The files that an event shows, each once, in this order: what it sends, and the image of a profile
/// or a room; smaller copies of them only where there is nothing else.
pub fn files(event: &Event) -> Vec<MxcUri> {
    let of = |places: &[&[&str]]| {
        let mut found = Vec::new();
        for file in places.iter().filter_map(|place| file_at(event, place)) {
            if !found.contains(&file) {
                found.push(file);
            }
        }
        found
    };
    match of(&PLACES) {
        none if none.is_empty() => of(&PREVIEWS),
        files => files,
    }
}

/// Whether a file of an event is encrypted, so that nobody but those in the room can see it.
pub fn is_encrypted(event: &Event, file: &MxcUri) -> bool {
    let encrypted = |place: &&&[&str]| {
        let is_below = place.iter().any(|key| key.ends_with("file"));
        is_below && file_at(event, place).as_ref() == Some(file)
    };
    PLACES
        .iter()
        .chain(&PREVIEWS)
        .any(|place| encrypted(&place))
}

/// What the sender says of which type a file of the event is. Anybody can say anything.
pub fn media_type(event: &Event, file: &MxcUri) -> Option<String> {
    let info = match PREVIEWS
        .iter()
        .any(|place| file_at(event, place).as_ref() == Some(file))
    {
        true => ["info", "thumbnail_info", "mimetype"].as_slice(),
        false => &["info", "mimetype"],
    };
    at(event, info).and_then(Value::as_str).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn event(kind: &str, content: Value) -> Event {
        Event::from(json!({"type": kind, "content": content}))
    }

    #[test]
    fn what_is_left_of_an_event() {
        let said = event("m.room.message", json!({"body": "You!"}));
        assert_eq!(Evidence::of(&said, None), Evidence::Standing);
        assert_eq!(Evidence::of(&said, Some(false)), Evidence::Standing);
        assert_eq!(Evidence::of(&said, Some(true)), Evidence::Redacted);
        for nothing in [json!({}), Value::Null, json!("x")] {
            let emptied = event("m.room.message", nothing);
            assert_eq!(Evidence::of(&emptied, Some(true)), Evidence::Emptied);
        }
        let secret = event("m.room.encrypted", json!({"ciphertext": "A"}));
        assert_eq!(Evidence::of(&secret, None), Evidence::Encrypted);
        assert_eq!(Evidence::of(&secret, Some(true)), Evidence::Redacted);
    }

    #[test]
    fn files_of_all_places_once() {
        let all = |content: Value| -> Vec<String> {
            let files = files(&event("m.room.message", content));
            files.iter().map(MxcUri::to_string).collect()
        };
        assert_eq!(
            all(
                json!({"url": "mxc://a.b/c", "info": {"thumbnail_url": "mxc://a.b/d"},
                "m.new_content": {"url": "mxc://a.b/c"}})
            ),
            ["mxc://a.b/c"]
        );
        assert_eq!(
            all(json!({"file": {"url": "mxc://a.b/c"},
                "info": {"thumbnail_file": {"url": "mxc://a.b/d"}}})),
            ["mxc://a.b/c"]
        );
        assert_eq!(
            all(json!({"info": {"thumbnail_url": "mxc://a.b/d"}})),
            ["mxc://a.b/d"]
        );
        assert_eq!(all(json!({"avatar_url": "mxc://a.b/e"})), ["mxc://a.b/e"]);
        for none in [
            json!({"url": "https://a.b/c"}),
            json!({"url": 7, "info": "x", "file": []}),
            Value::Null,
        ] {
            assert_eq!(all(none), [""; 0]);
        }
    }

    #[test]
    fn what_a_file_is_said_to_be() {
        let file = |id: &str| MxcUri::parse(&format!("mxc://a.b/{id}")).unwrap();
        let shown = event(
            "m.room.message",
            json!({"url": "mxc://a.b/c", "info": {"mimetype": "image/png",
                "thumbnail_url": "mxc://a.b/d", "thumbnail_info": {"mimetype": "image/jpeg"}}}),
        );
        assert_eq!(media_type(&shown, &file("c")).as_deref(), Some("image/png"));
        assert_eq!(
            media_type(&shown, &file("d")).as_deref(),
            Some("image/jpeg")
        );
        assert!(!is_encrypted(&shown, &file("c")));
        let secret = event(
            "m.room.message",
            json!({"file": {"url": "mxc://a.b/c"}, "info": {"mimetype": 7,
                "thumbnail_file": {"url": "mxc://a.b/d"}}}),
        );
        assert!(is_encrypted(&secret, &file("c")) && is_encrypted(&secret, &file("d")));
        assert_eq!(media_type(&secret, &file("c")), None);
    }
}
