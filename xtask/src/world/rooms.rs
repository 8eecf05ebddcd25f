//! The rooms of the sample world, each with a key.
//!
//! | key | room |
//! |---|---|
//! | `general` | public, `#general`, image, readable by the world, 60 members |
//! | `history` | public, [`HISTORY`] messages of five people |
//! | `reported` | private, where people say what is [reported](super::reports) |
//! | `space`, `space.engineering`, `space.private` | spaces; the first holds the second and rooms, the second holds `team.00` to `team.05` |
//! | `encrypted.0` … `encrypted.4` | end-to-end encrypted |
//! | `nameless.0` … `nameless.3` | neither name nor alias |
//! | `empty.0` … `empty.2` | everybody has left |
//! | `dm.0` … `dm.7` | two people |
//! | `xss`, `rtl`, `emoji`, `zalgo`, `newline`, `long` | hostile and odd names and topics |
//! | `version.1`, `version.6`, `version.9` | old room versions |
//! | `knock`, `restricted`, `no-federation`, `read-only` | unusual rules |
//! | `old`, `new` | the first was upgraded to the second |
//! | `blocked` | nobody may join any more |
//! | `faces` | [`people::CHANGED_AVATAR`] is in it, before and after |
//! | `team.00` … `team.21` | ordinary private rooms, every third with an image |

use super::files::{SampleFile, client_of, upload_room_image};
use super::people::{self, ordinary};
use super::{Maker, failed, files, maker, reports, run_all};
use crate::native::{Client, wall_ms};
use anyhow::{Context, Result};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use synapse_admin::api::request::path;
use synapse_admin::api::{Request, RoomId};

/// How many messages the room `history` has.
pub const HISTORY: usize = 300;

/// A room to create.
struct Plan {
    key: String,
    creator: String,
    body: Value,
    members: Vec<String>,
    has_image: bool,
    messages: usize,
    everybody_leaves: bool,
}

fn plan(key: &str, creator: &str, body: Value) -> Plan {
    Plan {
        key: key.to_owned(),
        creator: creator.to_owned(),
        body,
        members: Vec::new(),
        has_image: false,
        messages: 1,
        everybody_leaves: false,
    }
}

impl Plan {
    fn with(mut self, members: impl IntoIterator<Item = String>) -> Self {
        self.members = members.into_iter().collect();
        self
    }
}

fn plans() -> Vec<Plan> {
    let somebody = |index: usize| ordinary(index).0;
    let private = |name: &str| json!({"name": name, "preset": "private_chat"});
    let public = |name: &str| json!({"name": name, "preset": "public_chat"});
    let mut all = Vec::new();

    all.push(Plan {
        has_image: true,
        messages: 20,
        ..plan(
            "general",
            people::ADMIN,
            json!({
                "name": "General", "topic": "Everything that concerns everybody",
                "preset": "public_chat", "visibility": "public", "room_alias_name": "general",
                "initial_state": [{
                    "type": "m.room.history_visibility",
                    "content": {"history_visibility": "world_readable"},
                }],
            }),
        )
        .with(
            (0..58)
                .map(|index| somebody(index * 2))
                .chain([people::ALICE.to_owned()]),
        )
    });
    all.push(Plan {
        messages: HISTORY,
        ..plan(
            "history",
            people::ALICE,
            json!({
                "name": "Long History", "preset": "public_chat", "visibility": "public",
                "room_alias_name": "history", "topic": "Nobody stops talking here",
            }),
        )
        .with((1..5).map(somebody))
    });

    let space = |name: &str, preset: &str| {
        json!({"name": name, "preset": preset, "creation_content": {"type": "m.space"},
               "power_level_content_override": {"events_default": 100}})
    };
    for (key, name, preset) in [
        ("space", "Example Company", "public_chat"),
        ("space.engineering", "Engineering", "public_chat"),
        ("space.private", "Board", "private_chat"),
    ] {
        all.push(Plan {
            has_image: true,
            messages: 0,
            ..plan(key, people::CO_ADMIN, space(name, preset)).with([people::ALICE.to_owned()])
        });
    }
    for index in 0..5 {
        let mut body = private(&format!("Confidential {index}"));
        body["initial_state"] = json!([{
            "type": "m.room.encryption", "state_key": "",
            "content": {"algorithm": "m.megolm.v1.aes-sha2"},
        }]);
        all.push(Plan {
            messages: 0,
            ..plan(&format!("encrypted.{index}"), &somebody(index), body)
                .with([people::ALICE.to_owned(), somebody(index + 10)])
        });
    }
    for index in 0..4 {
        all.push(
            plan(
                &format!("nameless.{index}"),
                &somebody(20 + index),
                json!({"preset": "private_chat"}),
            )
            .with([somebody(30 + index)]),
        );
    }
    for index in 0..3 {
        all.push(Plan {
            everybody_leaves: true,
            ..plan(
                &format!("empty.{index}"),
                &somebody(index),
                public(&format!("Abandoned {index}")),
            )
        });
    }
    for index in 0..8 {
        let other = if index == 0 {
            people::ALICE.to_owned()
        } else {
            somebody(40 + index)
        };
        all.push(
            plan(
                &format!("dm.{index}"),
                &somebody(index + 50),
                json!({"preset": "trusted_private_chat", "is_direct": true}),
            )
            .with([other]),
        );
    }
    for (key, name, topic) in [
        (
            "xss",
            "<img src=x onerror=alert(1)>".to_owned(),
            "\"><script>alert(1)</script>",
        ),
        ("rtl", "غرفة الاجتماعات".to_owned(), "\u{202e}drawkcab"),
        ("emoji", "🎉 Party 🥳 Planning 🎂".to_owned(), "🍕"),
        (
            "zalgo",
            "H\u{335}e\u{334}l\u{337}p\u{336}\u{321}\u{34d}\u{30b}".to_owned(),
            "",
        ),
        ("newline", "First\nSecond\tThird".to_owned(), "A\n\n\nB"),
        (
            "long",
            "A room whose name does not fit anywhere ".repeat(6),
            "A topic of many words. ",
        ),
    ] {
        let mut body = public(&name);
        body["topic"] = if key == "long" {
            topic.repeat(80)
        } else {
            topic.to_owned()
        }
        .into();
        all.push(plan(key, people::ALICE, body));
    }
    for version in ["1", "6", "9"] {
        let mut body = private(&format!("Room version {version}"));
        body["room_version"] = version.into();
        all.push(plan(&format!("version.{version}"), &somebody(60), body));
    }
    for (key, name, rule) in [
        ("knock", "Knock first", json!({"join_rule": "knock"})),
        (
            "restricted",
            "Members of somewhere only",
            json!({"join_rule": "restricted", "allow": []}),
        ),
    ] {
        let mut body = private(name);
        body["initial_state"] =
            json!([{"type": "m.room.join_rules", "state_key": "", "content": rule}]);
        all.push(plan(key, &somebody(61), body));
    }
    let mut body = public("Only here");
    body["creation_content"] = json!({"m.federate": false});
    all.push(plan("no-federation", &somebody(62), body));
    let mut body = public("Announcements");
    body["power_level_content_override"] = json!({"events_default": 50});
    all.push(plan("read-only", people::CO_ADMIN, body).with([people::ALICE.to_owned()]));
    all.push(plan("old", people::ALICE, public("Before the upgrade")).with([somebody(63)]));
    all.push(plan("blocked", &somebody(64), public("Blocked")));
    all.push(
        plan("faces", people::ALICE, private("Faces")).with([people::CHANGED_AVATAR.to_owned()]),
    );

    let [host, guests @ ..] = reports::SPEAKERS;
    all.push(
        plan("reported", &somebody(host), private("Market Square")).with(guests.map(somebody)),
    );

    const TEAMS: [&str; 11] = [
        "Backend",
        "Frontend",
        "Design",
        "Support",
        "Sales",
        "Finance",
        "Research",
        "Operations",
        "Library",
        "Kitchen",
        "Choir",
    ];
    for index in 0..22 {
        let name = format!(
            "{} {}",
            TEAMS[index % 11],
            if index < 11 { "Berlin" } else { "Porto" }
        );
        all.push(Plan {
            has_image: index % 3 == 0,
            messages: 1 + index % 4,
            ..plan(
                &format!("team.{index:02}"),
                &somebody(index * 3),
                private(&name),
            )
            .with((0..1 + index % 4).map(|member| somebody(100 + index + member * 17)))
        });
    }
    all
}

/// Creates all rooms; their images join `files`.
pub(super) async fn make_all(
    maker: &Maker,
    files: &mut Vec<SampleFile>,
) -> Result<BTreeMap<String, RoomId>> {
    let plans = plans();
    let mut people: Vec<&str> = plans
        .iter()
        .flat_map(|plan| std::iter::once(&plan.creator).chain(&plan.members))
        .map(String::as_str)
        .collect();
    people.sort_unstable();
    people.dedup();
    let clients = run_all(people.iter().map(|localpart| client_of(maker, localpart))).await?;
    let clients: BTreeMap<&str, Client> = people.iter().copied().zip(clients).collect();

    let made = run_all(
        plans
            .iter()
            .enumerate()
            .map(|(index, plan)| make_one(maker, &clients, plan, index as u64)),
    )
    .await?;
    let mut rooms = BTreeMap::new();
    for (plan, (room, image)) in plans.iter().zip(made) {
        rooms.insert(plan.key.clone(), room);
        files.extend(image);
    }
    fill_spaces(maker, &clients, &rooms).await?;
    upgrade(&clients, &mut rooms).await?;
    block(maker, &rooms).await?;
    change_face(maker, &clients, files).await?;
    Ok(rooms)
}

async fn make_one(
    maker: &Maker,
    clients: &BTreeMap<&str, Client>,
    plan: &Plan,
    index: u64,
) -> Result<(RoomId, Option<SampleFile>)> {
    let creator = &clients[plan.creator.as_str()];
    let mut body = plan.body.clone();
    let is_public = body["preset"] == "public_chat";
    if !is_public {
        body["invite"] = plan
            .members
            .iter()
            .map(|member| Value::from(maker.user(member).as_str()))
            .collect();
    }
    let mut image = None;
    if plan.has_image {
        let file = upload_room_image(creator, &plan.creator, index, wall_ms()).await?;
        let url = format!("mxc://{}/{}", maker.server(), file.media_id);
        let avatar = json!({"type": "m.room.avatar", "state_key": "", "content": {"url": url}});
        match body["initial_state"].as_array_mut() {
            Some(state) => state.push(avatar),
            None => body["initial_state"] = json!([avatar]),
        }
        image = Some(file);
    }
    let room = maker
        .make_room(creator, &body)
        .await
        .with_context(|| plan.key.clone())?;
    for member in &plan.members {
        maker.join(&clients[member.as_str()], &room).await?;
    }
    let speakers: Vec<&Client> = std::iter::once(creator)
        .chain(plan.members.iter().map(|member| &clients[member.as_str()]))
        .collect();
    for number in 0..plan.messages {
        let speaker = if plan.key == "read-only" {
            creator
        } else {
            speakers[number % speakers.len()]
        };
        maker
            .send(speaker, &room, "m.room.message", &message(number))
            .await?;
    }
    if plan.everybody_leaves {
        let endpoint = path(&["/_matrix/client/v3/rooms", room.as_str(), "leave"]);
        creator
            .run(&Request::<Value>::post(endpoint))
            .await
            .map_err(failed("leave"))?;
    }
    Ok((room, image))
}

/// What people say.
fn message(number: usize) -> Value {
    const WORDS: [&str; 8] = [
        "Good morning, everybody.",
        "Has anybody seen the minutes of last week's meeting?",
        "<img src=x onerror=alert(1)>",
        "Yes, they are in the shared folder.",
        "👍",
        "شكرا جزيلا",
        "The build is red again. I am looking into it, it may take until noon.",
        "Lunch?",
    ];
    let body = format!("{} ({})", WORDS[number % WORDS.len()], number + 1);
    if number % 11 == 7 {
        json!({"msgtype": "m.notice", "body": body})
    } else {
        json!({"msgtype": "m.text", "body": body})
    }
}

async fn fill_spaces(
    maker: &Maker,
    clients: &BTreeMap<&str, Client>,
    rooms: &BTreeMap<String, RoomId>,
) -> Result<()> {
    let owner = &clients[people::CO_ADMIN];
    let teams: Vec<String> = (0..6).map(|index| format!("team.{index:02}")).collect();
    let mut children: Vec<(&str, &str)> = vec![
        ("space", "space.engineering"),
        ("space", "general"),
        ("space", "history"),
        ("space", "read-only"),
        ("space.private", "encrypted.0"),
    ];
    children.extend(
        teams
            .iter()
            .map(|team| ("space.engineering", team.as_str())),
    );
    for (space, child) in children {
        let endpoint = path(&[
            "/_matrix/client/v3/rooms",
            rooms[space].as_str(),
            "state",
            "m.space.child",
            rooms[child].as_str(),
        ]);
        let content = json!({"via": [maker.server().as_str()]});
        owner
            .run(&Request::<Value>::put(endpoint, &content))
            .await
            .map_err(failed(child))?;
    }
    Ok(())
}

async fn upgrade(
    clients: &BTreeMap<&str, Client>,
    rooms: &mut BTreeMap<String, RoomId>,
) -> Result<()> {
    let endpoint = path(&["/_matrix/client/v3/rooms", rooms["old"].as_str(), "upgrade"]);
    // A version that every supported server knows.
    let request = Request::<Value>::post(endpoint).json(&json!({"new_version": "9"}));
    let answer = clients[people::ALICE]
        .run(&request)
        .await
        .map_err(failed("upgrade"))?;
    let new = answer["replacement_room"]
        .as_str()
        .and_then(RoomId::parse)
        .context("An upgraded room has no successor.")?;
    rooms.insert("new".into(), new);
    Ok(())
}

async fn block(maker: &Maker, rooms: &BTreeMap<String, RoomId>) -> Result<()> {
    let endpoint = path(&[
        "/_synapse/admin/v1/rooms",
        rooms["blocked"].as_str(),
        "block",
    ]);
    maker
        .admin()
        .run(&Request::<Value>::put(endpoint, &json!({"block": true})))
        .await
        .map_err(failed("block"))
        .map(drop)
}

/// Gives [`people::CHANGED_AVATAR`] another image: the old one stays in membership events.
async fn change_face(
    maker: &Maker,
    clients: &BTreeMap<&str, Client>,
    all: &mut Vec<SampleFile>,
) -> Result<()> {
    let owner = people::CHANGED_AVATAR;
    let bytes = files::png(64, 4999);
    let uri = maker::upload(&clients[owner], &bytes, "image/png", Some("new-face.png")).await?;
    maker.set_avatar(&maker.user(owner), &uri).await?;
    let created_ms = wall_ms() - 30 * super::DAY_MS;
    all.push(SampleFile {
        media_id: uri.media_id,
        owner: owner.into(),
        name: Some("new-face.png".into()),
        content_type: "image/png".into(),
        size: bytes.len() as u64,
        created_ms,
        last_access_ms: Some(created_ms + super::DAY_MS),
        state: files::State::Plain,
        is_profile: true,
    });
    Ok(())
}
