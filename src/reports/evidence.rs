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

/// The files that an event shows: what it sends, its preview, encrypted or not, and the image of a
/// profile or a room. Each once, in this order.
pub fn files(event: &Event) -> Vec<MxcUri> {
    const PLACES: [&[&str]; 7] = [
        &["url"],
        &["file", "url"],
        &["info", "thumbnail_url"],
        &["info", "thumbnail_file", "url"],
        &["avatar_url"],
        &["m.new_content", "url"],
        &["m.new_content", "file", "url"],
    ];
    let mut found = Vec::new();
    for place in PLACES {
        let value = place
            .iter()
            .try_fold(&event.content, |value, key| value.get(key));
        if let Some(file) = value.and_then(Value::as_str).and_then(MxcUri::parse)
            && !found.contains(&file)
        {
            found.push(file);
        }
    }
    found
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
            ["mxc://a.b/c", "mxc://a.b/d"]
        );
        assert_eq!(
            all(json!({"file": {"url": "mxc://a.b/c"},
                "info": {"thumbnail_file": {"url": "mxc://a.b/d"}}})),
            ["mxc://a.b/c", "mxc://a.b/d"]
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
}
