//! What an event says, as a line that a person reads: "Jane set the topic to …". All of an event
//! is what some client wrote; whatever is not as the specification has it falls back to less.

use super::rooms::{guest_access, history_visibility, join_rule};
use super::{format, t};
use crate::api::events::Event;
use crate::import::characters::cleaned;
use serde_json::Value;

/// So many characters of what somebody wrote stand in a line.
const SHOWN: usize = 500;

/// What somebody is called, by their user ID.
pub type NameOf<'a> = &'a dyn Fn(&str) -> String;

/// What the event says; `None` for a type that is not known here. What nobody sees is left out: it could
/// turn the direction of what follows, or make a name pass for another.
pub fn sentence(event: &Event, name_of: NameOf<'_>) -> Option<String> {
    let said = said(event, name_of)?;
    let lines: Vec<String> = said.split('\n').map(cleaned).collect();
    Some(lines.join("\n"))
}

fn said(event: &Event, name_of: NameOf<'_>) -> Option<String> {
    let who = name_of(&event.sender);
    if event.is_redacted() && event.kind != "m.room.member" {
        return Some(redacted(event, name_of));
    }
    let content = &event.content;
    Some(match event.kind.as_str() {
        "m.room.message" | "m.sticker" => message(&who, event),
        "m.room.encrypted" => t::ev_encrypted(&who),
        "m.reaction" => {
            let key = content.get("m.relates_to").and_then(|to| text(to, "key"));
            t::ev_reaction(&who, &key.unwrap_or_default())
        }
        "m.room.redaction" => match text(content, "reason") {
            Some(reason) => t::ev_redaction_reason(&who, &reason),
            None => t::ev_redaction(&who),
        },
        "m.room.member" => member(&who, event, name_of),
        "m.room.create" => match text(content, "room_version") {
            Some(version) => t::ev_create_version(&who, &version),
            None => t::ev_create(&who),
        },
        "m.room.name" => match text(content, "name") {
            Some(name) => t::ev_name(&who, &name),
            None => t::ev_name_none(&who),
        },
        "m.room.topic" => match text(content, "topic") {
            Some(topic) => t::ev_topic(&who, &topic),
            None => t::ev_topic_none(&who),
        },
        "m.room.avatar" => match text(content, "url") {
            Some(_) => t::ev_avatar(&who),
            None => t::ev_avatar_none(&who),
        },
        "m.room.canonical_alias" => match text(content, "alias") {
            Some(alias) => t::ev_alias(&who, &alias),
            None => t::ev_alias_none(&who),
        },
        "m.room.join_rules" => rule(&who, content, "join_rule", join_rule, t::ev_join_rule)?,
        "m.room.guest_access" => rule(
            &who,
            content,
            "guest_access",
            guest_access,
            t::ev_guest_access,
        )?,
        "m.room.history_visibility" => rule(
            &who,
            content,
            "history_visibility",
            history_visibility,
            t::ev_history,
        )?,
        "m.room.power_levels" => powers(&who, event, name_of),
        "m.room.encryption" => t::ev_encryption(&who),
        "m.room.pinned_events" => {
            let pinned = content.get("pinned").and_then(Value::as_array);
            t::ev_pinned(pinned.map_or(0, Vec::len) as u64, &who)
        }
        "m.room.tombstone" => match text(content, "replacement_room") {
            Some(room) => t::ev_tombstone(&who, &room),
            None => t::ev_tombstone_none(&who),
        },
        "m.room.server_acl" => t::ev_server_acl(&who),
        "m.room.third_party_invite" => {
            let invited = text(content, "display_name").unwrap_or_default();
            t::ev_third_party_invite(&who, &invited)
        }
        "m.space.child" => child(&who, event, t::ev_child, t::ev_child_none),
        "m.space.parent" => child(&who, event, t::ev_parent, t::ev_parent_none),
        "m.call.invite" | "m.call.member" => t::ev_call(&who),
        "m.poll.start" | "org.matrix.msc3381.poll.start" => t::ev_poll(&who, &question(content)),
        "m.poll.response" | "org.matrix.msc3381.poll.response" => t::ev_poll_vote(&who),
        "m.poll.end" | "org.matrix.msc3381.poll.end" => t::ev_poll_end(&who),
        _ => return None,
    })
}

/// A text in a content, in one line and shortened; `None` if there is none or nothing to be seen in it.
fn text(content: &Value, key: &str) -> Option<String> {
    let text = cleaned(content.get(key)?.as_str()?);
    (!text.is_empty()).then(|| shortened(&text))
}

/// What somebody has written, with its line breaks.
fn body(content: &Value) -> String {
    let body = content.get("body").and_then(Value::as_str);
    shortened(body.unwrap_or_default().trim())
}

fn shortened(text: &str) -> String {
    match text.char_indices().nth(SHOWN) {
        Some((at, _)) => format!("{}…", &text[..at]),
        None => text.to_owned(),
    }
}

fn redacted(event: &Event, name_of: NameOf<'_>) -> String {
    let who = name_of(&event.sender);
    let because = event.redacted_because();
    let by = because.and_then(|because| because.get("sender")?.as_str());
    let reason = because.and_then(|because| text(because.get("content")?, "reason"));
    match (by, reason) {
        (Some(by), Some(reason)) => t::ev_redacted_reason(&name_of(by), &reason, &who),
        (Some(by), None) => t::ev_redacted(&name_of(by), &who),
        _ => t::ev_redacted_unknown(&who),
    }
}

fn rule(
    who: &str,
    content: &Value,
    key: &str,
    words: fn(&str) -> String,
    sentence: fn(&str, &str) -> String,
) -> Option<String> {
    Some(sentence(who, &words(&text(content, key)?)))
}

fn message(who: &str, event: &Event) -> String {
    let content = &event.content;
    let relation = content.get("m.relates_to");
    let kind = relation.and_then(|relation| relation.get("rel_type")?.as_str());
    if kind == Some("m.replace") {
        let new = content.get("m.new_content").unwrap_or(content);
        return t::ev_edited(who, &body(new));
    }
    let body = body(content);
    let size = content
        .get("info")
        .and_then(|info| info.get("size")?.as_u64());
    let file = match size {
        Some(size) => t::ev_file_size(&body, &format::bytes(size)),
        None => body.clone(),
    };
    let kind = content.get("msgtype").and_then(Value::as_str);
    match kind.unwrap_or_default() {
        "m.emote" => t::ev_emote(who, &body),
        "m.image" => t::ev_image(who, &file),
        "m.video" => t::ev_video(who, &file),
        "m.audio" => t::ev_audio(who, &file),
        "m.file" => t::ev_file(who, &file),
        "m.location" => t::ev_location(who, &body),
        _ if event.kind == "m.sticker" => t::ev_sticker(who, &body),
        _ => t::ev_message(who, &body),
    }
}

fn member(who: &str, event: &Event, name_of: NameOf<'_>) -> String {
    let content = &event.content;
    let target = event.state_key.as_deref().unwrap_or_default();
    let themselves = target == event.sender;
    let whom = name_of(target);
    let membership = |content: &Value| text(content, "membership").unwrap_or_default();
    let previous = event.previous();
    let before = previous.map(membership).unwrap_or_default();
    let sentence = match (membership(content).as_str(), before.as_str()) {
        ("join", "join") => return profile(&whom, content, previous),
        ("join", _) => t::ev_joined(&whom),
        ("invite", _) => t::ev_invited(who, &whom),
        ("knock", _) => t::ev_knocked(&whom),
        ("ban", _) => t::ev_banned(who, &whom),
        ("leave", "ban") => t::ev_unbanned(who, &whom),
        ("leave", "invite") if themselves => t::ev_invite_rejected(&whom),
        ("leave", "invite") => t::ev_invite_withdrawn(who, &whom),
        ("leave", "knock") if !themselves => t::ev_knock_rejected(who, &whom),
        ("leave", _) if themselves => t::ev_left(&whom),
        ("leave", _) => t::ev_removed(who, &whom),
        (other, _) => t::ev_membership(other, &whom),
    };
    match text(content, "reason") {
        Some(reason) => t::ev_reason(&reason, &sentence),
        None => sentence,
    }
}

/// What somebody changed of their profile.
fn profile(whom: &str, content: &Value, previous: Option<&Value>) -> String {
    let of = |content: Option<&Value>, key: &str| content.and_then(|content| text(content, key));
    let now = Some(content);
    let names = (of(previous, "displayname"), of(now, "displayname"));
    let pictures = (of(previous, "avatar_url"), of(now, "avatar_url"));
    match (names, pictures) {
        ((Some(before), Some(after)), _) if before != after => t::ev_renamed(&after, &before),
        ((Some(before), None), _) => t::ev_name_taken(&before),
        ((None, Some(after)), _) => t::ev_name_given(&after, whom),
        (_, (before, after)) if before != after => t::ev_picture(whom),
        _ => t::ev_nothing(whom),
    }
}

/// Whose level was changed, where the server tells what it was before.
fn powers(who: &str, event: &Event, name_of: NameOf<'_>) -> String {
    let users = |content: &Value| {
        let users = content.get("users").and_then(Value::as_object);
        users.cloned().unwrap_or_default()
    };
    let Some(previous) = event.previous() else {
        return t::ev_powers(who);
    };
    let (before, after) = (users(previous), users(&event.content));
    let level = |value: Option<&Value>| match value {
        Some(value) => value.to_string().replace('"', ""),
        None => "–".to_owned(),
    };
    let mut changed: Vec<String> = before
        .keys()
        .chain(after.keys().filter(|user| !before.contains_key(*user)))
        .filter(|user| before.get(*user) != after.get(*user))
        .take(5)
        .map(|user| {
            let (from, to) = (level(before.get(user)), level(after.get(user)));
            format!("{} {from} → {to}", name_of(user))
        })
        .collect();
    changed.sort();
    match changed.is_empty() {
        true => t::ev_powers(who),
        false => t::ev_powers_of(who, &changed.join(", ")),
    }
}

fn child(
    who: &str,
    event: &Event,
    added: fn(&str, &str) -> String,
    removed: fn(&str, &str) -> String,
) -> String {
    let room = event.state_key.as_deref().unwrap_or_default();
    match event.content.get("via").is_some_and(Value::is_array) {
        true => added(who, room),
        false => removed(who, room),
    }
}

fn question(content: &Value) -> String {
    let poll = content
        .get("m.poll")
        .or_else(|| content.get("org.matrix.msc3381.poll.start"));
    let question = poll.and_then(|poll| poll.get("question"));
    question
        .and_then(|question| {
            text(question, "body").or_else(|| text(question, "org.matrix.msc1767.text"))
        })
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    fn told(event: Value) -> Option<String> {
        let event: Event = serde_json::from_value(event).unwrap();
        sentence(&event, &|user| {
            user.trim_start_matches('@')
                .split(':')
                .next()
                .unwrap()
                .to_owned()
        })
    }

    fn member(sender: &str, target: &str, content: Value, previous: Value) -> String {
        told(json!({
            "type": "m.room.member", "sender": sender, "state_key": target,
            "content": content, "unsigned": {"prev_content": previous},
        }))
        .unwrap()
    }

    #[test]
    fn memberships_tell_who_did_what_to_whom() {
        let (jane, joe) = ("@jane:b", "@joe:b");
        let now = |membership: &str| json!({"membership": membership});
        for (sender, target, after, before, expected) in [
            (jane, jane, "join", "leave", "jane joined"),
            (jane, joe, "invite", "leave", "jane invited joe"),
            (joe, joe, "leave", "join", "joe left"),
            (jane, joe, "leave", "join", "jane removed joe"),
            (jane, joe, "leave", "ban", "jane unbanned joe"),
            (joe, joe, "leave", "invite", "joe declined the invitation"),
            (
                jane,
                joe,
                "leave",
                "invite",
                "jane took back the invitation of joe",
            ),
            (jane, joe, "ban", "join", "jane banned joe"),
            (joe, joe, "knock", "leave", "joe asked to join"),
        ] {
            assert_eq!(member(sender, target, now(after), now(before)), expected);
        }
        let kicked = json!({"membership": "leave", "reason": "spam"});
        assert_eq!(
            member(jane, joe, kicked, now("join")),
            "jane removed joe (spam)"
        );
        let named = |name: &str| json!({"membership": "join", "displayname": name});
        assert_eq!(
            member(joe, joe, named("Joe"), named("J")),
            "J is called Joe now"
        );
    }

    #[test]
    fn messages_and_what_became_of_them() {
        let text = |content: Value, unsigned: Value| {
            told(json!({
                "type": "m.room.message", "sender": "@jane:b", "content": content,
                "unsigned": unsigned,
            }))
            .unwrap()
        };
        assert_eq!(
            text(json!({"msgtype": "m.text", "body": "Hello"}), json!({})),
            "jane: Hello"
        );
        let file = json!({"msgtype": "m.file", "body": "a.pdf", "info": {"size": 2048}});
        assert!(text(file, json!({})).contains("a.pdf"));
        let gone = json!({"redacted_because": {"sender": "@mo:b", "content": {"reason": "spam"}}});
        let removed = text(json!({}), gone);
        assert!(
            removed.contains("mo") && removed.contains("spam"),
            "{removed}"
        );
        let long = "x".repeat(2000);
        assert!(text(json!({"body": long}), json!({})).chars().count() < 600);
    }

    #[test]
    fn what_nobody_sees_turns_nothing_around() {
        let message = |body: &str| {
            told(json!({
                "type": "m.room.message", "sender": "@jane:b", "content": {"body": body},
            }))
        };
        let said = |text: &str| Some(text.to_owned());
        assert_eq!(message("a\u{202e}b\n\u{2066}c"), said("jane: ab\nc"));
        let named = |name: &str| json!({"membership": "join", "displayname": name});
        assert_eq!(
            member(
                "@joe:b",
                "@joe:b",
                named("Joe\u{202e}\nX"),
                named("\u{200b}J")
            ),
            "J is called Joe X now"
        );
        // Whoever has taken a name that nobody sees has none.
        assert_eq!(
            member("@joe:b", "@joe:b", named("\u{2060}"), named("J")),
            member(
                "@joe:b",
                "@joe:b",
                json!({"membership": "join"}),
                named("J")
            )
        );
        // What somebody has made up as the ID of somebody else.
        let levels = told(json!({
            "type": "m.room.power_levels", "sender": "@jane:b",
            "content": {"users": {"@x\u{202e}:b": 50}}, "unsigned": {"prev_content": {}},
        }));
        assert!(!levels.unwrap().contains('\u{202e}'));
    }

    #[test]
    fn what_is_not_known_has_no_sentence() {
        assert_eq!(
            told(json!({"type": "org.example.x", "sender": "@a:b"})),
            None
        );
        // A rule without a value says nothing either.
        assert_eq!(
            told(json!({"type": "m.room.join_rules", "content": 7})),
            None
        );
    }

    #[test]
    fn levels_tell_whose_changed() {
        let changed = told(json!({
            "type": "m.room.power_levels", "sender": "@jane:b",
            "content": {"users": {"@jane:b": 100, "@joe:b": 50}},
            "unsigned": {"prev_content": {"users": {"@jane:b": 100}}},
        }))
        .unwrap();
        assert!(
            changed.contains("joe – → 50") && !changed.contains("jane 100"),
            "{changed}"
        );
    }

    /// Any JSON, of which the interesting keys turn up often.
    fn any_json() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            ".{0,8}".prop_map(Value::from),
            Just(json!("join")),
            Just(json!("leave")),
        ];
        leaf.prop_recursive(3, 24, 4, |inner| {
            let key = prop_oneof![
                Just("membership".to_owned()),
                Just("body".to_owned()),
                Just("users".to_owned()),
                Just("m.relates_to".to_owned()),
                Just("prev_content".to_owned()),
                Just("redacted_because".to_owned()),
                ".{0,4}",
            ];
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
                prop::collection::btree_map(key, inner, 0..4)
                    .prop_map(|map| Value::Object(map.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn any_event_has_a_line_or_none(
            kind in prop::sample::select(vec![
                "m.room.message", "m.room.member", "m.room.power_levels", "m.reaction",
                "m.space.child", "m.poll.start", "m.room.join_rules", "m.room.pinned_events",
            ]),
            content in any_json(),
            unsigned in any_json(),
            state_key in prop::option::of(".{0,6}"),
        ) {
            let event = Event {
                kind: kind.to_owned(), content, unsigned, state_key, ..Default::default()
            };
            let _ = sentence(&event, &|user| user.to_owned());
        }
    }
}
