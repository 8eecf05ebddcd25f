//! What Synapse's fields mean, and what its actions do and leave undone: the ground on which the
//! views of housekeeping and the sentences of the actions stand. `docs/what-actions-do.md` tells
//! the same to people and names these tests, and those of [`crate::undone`].

use super::until;
use journeys::server::{Server, own_server_with};
use serde_json::{Value, json};
use std::sync::OnceLock;
use synapse_admin::api::request::path;
use synapse_admin::api::server::Feature;
use synapse_admin::api::tolerant::Timestamp;
use synapse_admin::api::users::{self, ListUsers, User, UserChange, UserDetail};
use synapse_admin::api::{
    ApiError, Request, RoomAlias, RoomId, UserId, devices, login, redact, room_removal, rooms,
};
use xtask::native::Client;
use xtask::world::database::Statement;
use xtask::world::people;

/// A server with a bridge, shared by the tests here.
pub fn bridged() -> &'static Server {
    static SERVER: OnceLock<Server> = OnceLock::new();
    let settings = json!({"allow_guest_access": true});
    SERVER.get_or_init(|| own_server_with("meaning", settings.as_object().unwrap().clone()))
}

pub fn since(server: &Server, minor: u32) -> bool {
    server.maker.capabilities().since(minor)
}

pub async fn detail(server: &Server, user: &UserId) -> UserDetail {
    server.maker.admin().run(&users::get(user)).await.unwrap()
}

pub async fn get(client: &Client, segments: &[&str]) -> Result<Value, ApiError> {
    client.run(&Request::<Value>::get(path(segments))).await
}

pub async fn post(client: &Client, segments: &[&str], body: Value) -> Result<Value, ApiError> {
    client
        .run(&Request::<Value>::post(path(segments)).json(&body))
        .await
}

pub async fn put(client: &Client, segments: &[&str], body: Value) -> Result<Value, ApiError> {
    client
        .run(&Request::<Value>::put(path(segments), &body))
        .await
}

/// Of the people here.
const PASSWORD: &str = "a long password";

pub const ROOMS: &str = "/_matrix/client/v3/rooms";

/// A ghost of the bridge, registered as bridges do, and the bridge's own hands.
async fn ghost(server: &Server, name: &str) -> (UserId, Client) {
    let bridge = xtask::world::bridge(&server.synapse).unwrap();
    let localpart = server.maker.fresh_localpart(&format!("irc-{name}"));
    let register = Request::<Value>::post("/_matrix/client/v3/register").json(&json!({
        "type": "m.login.application_service", "username": localpart, "inhibit_login": true,
    }));
    bridge.run(&register).await.unwrap();
    (server.maker.user(&localpart), bridge)
}

/// Does something as a ghost.
async fn as_ghost(
    bridge: &Client,
    ghost: &UserId,
    method: fn(String) -> Request<Value>,
    segments: &[&str],
    body: Value,
) -> Result<Value, ApiError> {
    let request = method(path(segments)).query("user_id", ghost).json(&body);
    bridge.run(&request).await
}

/// Somebody with a session of their own: what is done with a token of "log in as" differs here
/// and there.
pub async fn person(server: &Server, name: &str) -> (UserId, Client) {
    let change = UserChange {
        password: Some(PASSWORD.into()),
        ..Default::default()
    };
    let localpart = server.maker.fresh_localpart(name);
    let user = server.maker.make_user(&localpart, &change).await.unwrap();
    let admin = server.maker.admin();
    let login = admin.run(&login::with_password(&user, PASSWORD)).await;
    (user, admin.with_token(login.unwrap().access_token))
}

async fn listed(server: &Server, user: &UserId) -> User {
    let maker = &server.maker;
    let query = ListUsers {
        limit: 1000,
        name: Some(user.localpart().to_owned()),
        ..Default::default()
    };
    let request = users::list(&query, maker.capabilities());
    let page = maker.admin().run(&request).await.unwrap();
    let found = page.users.into_iter().find(|found| found.name == *user);
    found.unwrap()
}

/// Waits until it is so: the server does some things after it has answered.
pub async fn becomes(what: &str, is: impl AsyncFnMut() -> bool) {
    let is_so = until(is, |is_so| *is_so).await;
    assert!(is_so, "It never comes true that {what}.");
}

async fn joined(server: &Server, user: &UserId) -> usize {
    let rooms = server.maker.admin().run(&users::joined_rooms(user)).await;
    rooms.unwrap().joined_rooms.len()
}

/// Deactivates, and waits until the account has left its rooms.
pub async fn deactivate(server: &Server, user: &UserId, erase: bool) {
    let request = users::deactivate(user, erase);
    server.maker.admin().run(&request).await.unwrap();
    becomes("they have left", async || joined(server, user).await == 0).await;
}

pub async fn say(client: &Client, room: &RoomId, text: &str) -> Result<String, ApiError> {
    let body = json!({"msgtype": "m.text", "body": text});
    let segments = [ROOMS, room.as_str(), "send", "m.room.message", text];
    let sent = put(client, &segments, body).await?;
    Ok(sent["event_id"].as_str().unwrap().to_owned())
}

/// The content of an event, as somebody sees it who reads the room. (Asked for by its ID, an
/// erased sender's event comes whole from older servers.)
pub async fn content(client: &Client, room: &RoomId, event: &str) -> Value {
    let walk = Request::<Value>::get(path(&[ROOMS, room.as_str(), "messages"]));
    let walk = walk.query("dir", "b").query("limit", 100);
    // The newest one is read once all are written that began before it, in other rooms as well.
    let found = until(
        async || {
            let page = client.run(&walk).await.unwrap();
            let mut chunk = page["chunk"].as_array().into_iter().flatten();
            chunk.find(|found| found["event_id"] == event).cloned()
        },
        |found| found.is_some(),
    )
    .await;
    found.expect("it is in the room")["content"].clone()
}

pub async fn act(
    client: &Client,
    room: &RoomId,
    verb: &str,
    user: &UserId,
) -> Result<Value, ApiError> {
    post(
        client,
        &[ROOMS, room.as_str(), verb],
        json!({"user_id": user}),
    )
    .await
}

pub async fn membership(server: &Server, room: &RoomId, user: &UserId) -> String {
    let segments = ["/_synapse/admin/v1/rooms", room.as_str(), "state"];
    let state = get(server.maker.admin(), &segments).await.unwrap();
    let of_user = state["state"]
        .as_array()
        .unwrap()
        .iter()
        .find(|event| event["type"] == "m.room.member" && event["state_key"] == user.as_str());
    let text = of_user.map(|event| event["content"]["membership"].clone());
    text.and_then(|text| text.as_str().map(str::to_owned))
        .unwrap_or_default()
}

pub fn is_forbidden<T>(answer: &Result<T, ApiError>) -> bool {
    matches!(
        answer,
        Err(ApiError::Matrix { status: 403, .. } | ApiError::NotAdmin { .. })
    )
}

#[tokio::test]
async fn a_ghost_leaves_no_trace_and_no_lock_stops_it() {
    let server = bridged();
    let admin = server.maker.admin();
    let (ghost, bridge) = ghost(server, "busy").await;
    let (_, owner) = person(server, "host").await;
    let public = json!({"preset": "public_chat"});
    let room = server.maker.make_room(&owner, &public).await.unwrap();
    let join = ["/_matrix/client/v3/join", room.as_str()];
    let joins = async || as_ghost(&bridge, &ghost, Request::post, &join, json!({})).await;
    let says = async |text: &str| {
        let segments = [ROOMS, room.as_str(), "send", "m.room.message", text];
        let request =
            Request::<Value>::put(path(&segments), &json!({"msgtype": "m.text", "body": text}));
        bridge.run(&request.query("user_id", &ghost)).await
    };
    joins().await.unwrap();
    says("hello").await.unwrap();

    // Nothing in the list tells it from an account that nobody has ever used.
    let row = listed(server, &ghost).await;
    assert_eq!((row.last_seen_ts, row.user_type.as_deref()), (None, None));
    let found = admin.run(&devices::list(&ghost)).await.unwrap();
    assert!(found.devices.is_empty());
    // Only the detail does.
    let service = detail(server, &ghost).await.appservice_id;
    assert_eq!(service.as_deref(), Some(people::APPSERVICE));

    if server.maker.capabilities().has(Feature::Locking) {
        let lock = |locked| {
            let change = UserChange {
                locked: Some(locked),
                ..Default::default()
            };
            users::put(&ghost, &change)
        };
        admin.run(&lock(true)).await.unwrap();
        says("locked").await.unwrap();
        admin.run(&lock(false)).await.unwrap();
    }
    if server.maker.capabilities().has(Feature::Suspending) {
        admin.run(&users::suspend(&ghost, true)).await.unwrap();
        assert!(is_forbidden(&says("suspended").await));
        admin.run(&users::suspend(&ghost, false)).await.unwrap();
    }
    deactivate(server, &ghost, false).await;
    joins().await.unwrap();
    says("deactivated").await.unwrap();
}

#[tokio::test]
async fn an_event_tells_when_it_came_whatever_its_sender_says() {
    let server = bridged();
    let admin = server.maker.admin();
    let (ghost, bridge) = ghost(server, "past").await;
    let (_, owner) = person(server, "host").await;
    let public = json!({"preset": "public_chat"});
    let room = server.maker.make_room(&owner, &public).await.unwrap();
    let join = ["/_matrix/client/v3/join", room.as_str()];
    as_ghost(&bridge, &ghost, Request::post, &join, json!({}))
        .await
        .unwrap();
    let segments = [ROOMS, room.as_str(), "send", "m.room.message", "old"];
    let request = Request::<Value>::put(
        path(&segments),
        &json!({"msgtype": "m.text", "body": "old"}),
    );
    let dated = request
        .query("user_id", &ghost)
        .query("ts", 1_000_000_000_000_u64);
    let sent = bridge.run(&dated).await.unwrap();

    if server.maker.capabilities().has(Feature::RoomMessages) {
        let segments = ["/_synapse/admin/v1/rooms", room.as_str(), "messages"];
        let newest = Request::<Value>::get(path(&segments))
            .query("dir", "b")
            .query("limit", 1);
        // It is read once all are written that began before it, in other rooms as well.
        let page = until(
            async || admin.run(&newest).await.unwrap(),
            |page| page["chunk"][0]["event_id"] == sent["event_id"],
        )
        .await;
        let event = &page["chunk"][0];
        assert_eq!(event["origin_server_ts"], 1_000_000_000_000_u64);
        let age = event["unsigned"]["age"].as_i64();
        assert!(age.is_some_and(|age| age < 600_000), "{event}");
    }

    let request = synapse_admin::api::extremities::list(&room);
    let found = admin.run(&request).await.unwrap();
    let received = found.results.iter().filter_map(|one| one.received_ts).max();
    let year_2020 = Timestamp(1_577_836_800_000);
    assert!(received.is_some_and(|at| at > year_2020), "{found:?}");
}

#[tokio::test]
async fn nobody_waits_for_approval_who_is_older_than_it() {
    let experimental = json!({"experimental_features": {
        "msc3866": {"enabled": true, "require_approval_for_new_accounts": true},
    }});
    let server = own_server_with("approval", experimental.as_object().unwrap().clone());
    // Before that there was no approval.
    if !since(&server, 69) {
        return;
    }
    let alice = server.maker.user(people::ALICE);
    let forget = "UPDATE users SET approved = NULL WHERE name = ?";
    let forget = Statement::each(forget, [json!([alice])]);
    server.maker.database().run(&[forget]).unwrap();
    // The list says "not approved" of the account, which the server lets in.
    assert_eq!(listed(&server, &alice).await.approved, Some(false));
    assert_eq!(detail(&server, &alice).await.user.approved, Some(true));
    // Who waits is told only by asking for them.
    let query = ListUsers {
        limit: 1000,
        waiting: true,
        ..Default::default()
    };
    let request = users::list(&query, server.maker.capabilities());
    let page = server.maker.admin().run(&request).await.unwrap();
    assert!(page.users.iter().all(|user| user.name != alice));
}

#[tokio::test]
async fn messages_of_who_has_left_stay_unless_the_rooms_are_named() {
    let server = bridged();
    if !server.maker.capabilities().has(Feature::RedactMessages) {
        return;
    }
    let admin = server.maker.admin();
    let (spammer, client) = person(server, "spammer").await;
    let (_, owner) = person(server, "host").await;
    let public = json!({"preset": "public_chat"});
    let room = server.maker.make_room(&owner, &public).await.unwrap();
    server.maker.join(&client, &room).await.unwrap();
    let spam = say(&client, &room, "spam").await.unwrap();
    deactivate(server, &spammer, false).await;

    let removed = async |rooms: Vec<RoomId>| {
        let redaction = redact::Redaction {
            rooms,
            ..Default::default()
        };
        let begun = admin
            .run(&redact::start(&spammer, &redaction))
            .await
            .unwrap();
        becomes("the removal is over", async || {
            let status = admin.run(&redact::status(&begun.redact_id)).await.unwrap();
            assert!(status.failed_redactions.is_empty());
            status.status == redact::RedactionStage::Complete
        })
        .await;
    };
    removed(Vec::new()).await;
    assert_eq!(content(&owner, &room, &spam).await["body"], "spam");

    removed(vec![room.clone()]).await;
    becomes("it is removed", async || {
        content(&owner, &room, &spam).await["body"].is_null()
    })
    .await;
}

#[tokio::test]
async fn removing_messages_takes_name_and_picture_from_the_rooms() {
    let server = bridged();
    if !server.maker.capabilities().has(Feature::RedactMessages) {
        return;
    }
    let admin = server.maker.admin();
    let (user, client) = person(server, "named").await;
    let (_, owner) = person(server, "host").await;
    let public = json!({"preset": "public_chat"});
    let room = server.maker.make_room(&owner, &public).await.unwrap();
    server.maker.join(&client, &room).await.unwrap();
    say(&client, &room, "words").await.unwrap();
    let begun = admin
        .run(&redact::start(&user, &redact::Redaction::default()))
        .await
        .unwrap();
    becomes("the removal is over", async || {
        let status = admin.run(&redact::status(&begun.redact_id)).await.unwrap();
        status.status == redact::RedactionStage::Complete
    })
    .await;
    let segments = [
        ROOMS,
        room.as_str(),
        "state",
        "m.room.member",
        user.as_str(),
    ];
    becomes("the name is gone", async || {
        get(&owner, &segments).await.unwrap() == json!({"membership": "join"})
    })
    .await;
}

/// A room with a moderator, who may ban, and a member.
struct Moderated {
    room: RoomId,
    moderator: (UserId, Client),
    member: (UserId, Client),
}

async fn moderated(server: &Server) -> Moderated {
    let (_, owner) = person(server, "host").await;
    let moderator = person(server, "moderator").await;
    let member = person(server, "member").await;
    let body = json!({
        "preset": "public_chat",
        "room_version": "9",
        "power_level_content_override": {"users": {moderator.0.as_str(): 90}},
    });
    // Who makes a room must be in the powers that they write down.
    let who = owner.run(&login::who_am_i()).await.unwrap();
    let mut body = body;
    body["power_level_content_override"]["users"][who.user_id.as_str()] = json!(100);
    let room = server.maker.make_room(&owner, &body).await.unwrap();
    server.maker.join(&moderator.1, &room).await.unwrap();
    server.maker.join(&member.1, &room).await.unwrap();
    Moderated {
        room,
        moderator,
        member,
    }
}

#[tokio::test]
async fn who_is_shadow_banned_still_removes_people() {
    let server = bridged();
    let Moderated {
        room,
        moderator,
        member,
    } = moderated(server).await;
    let ban = users::shadow_ban(&moderator.0);
    server.maker.admin().run(&ban).await.unwrap();
    // What they write is answered as if it had been sent, and is not there.
    let unheard = say(&moderator.1, &room, "unheard").await.unwrap();
    let looked = get(&member.1, &[ROOMS, room.as_str(), "event", &unheard]).await;
    assert!(looked.is_err(), "{unheard} {looked:?}");
    act(&moderator.1, &room, "kick", &member.0).await.unwrap();
    assert_eq!(membership(server, &room, &member.0).await, "leave");
    act(&moderator.1, &room, "ban", &member.0).await.unwrap();
    assert_eq!(membership(server, &room, &member.0).await, "ban");
    // They can leave, and be seen to.
    act(&moderator.1, &room, "leave", &moderator.0)
        .await
        .unwrap();
    assert_eq!(membership(server, &room, &moderator.0).await, "leave");
}

#[tokio::test]
async fn who_is_suspended_still_removes_people() {
    let server = bridged();
    if !server.maker.capabilities().has(Feature::Suspending) {
        return;
    }
    let Moderated {
        room,
        moderator,
        member,
    } = moderated(server).await;
    let suspend = users::suspend(&moderator.0, true);
    server.maker.admin().run(&suspend).await.unwrap();
    assert!(is_forbidden(&say(&moderator.1, &room, "no").await));
    assert!(is_forbidden(
        &act(&moderator.1, &room, "ban", &member.0).await
    ));
    act(&moderator.1, &room, "kick", &member.0).await.unwrap();
    assert_eq!(membership(server, &room, &member.0).await, "leave");
}

#[tokio::test]
async fn guests_go_on_after_log_out_and_deactivation() {
    let server = bridged();
    let admin = server.maker.admin();
    let register = Request::<Value>::post("/_matrix/client/v3/register")
        .query("kind", "guest")
        .json(&json!({}));
    let made = server.synapse.client().run(&register).await.unwrap();
    let user = UserId::parse(made["user_id"].as_str().unwrap()).unwrap();
    let guest = admin.with_token(made["access_token"].as_str().unwrap());
    let can = async || guest.run(&login::who_am_i()).await.is_ok();
    assert!(can().await);
    let found = admin.run(&devices::list(&user)).await.unwrap().devices;
    let ids: Vec<String> = found.into_iter().map(|device| device.device_id).collect();
    admin.run(&devices::delete_many(&user, &ids)).await.unwrap();
    assert!(can().await, "logged out");
    if server.maker.capabilities().has(Feature::Locking) {
        let change = |locked| UserChange {
            locked: Some(locked),
            ..Default::default()
        };
        admin.run(&users::put(&user, &change(true))).await.unwrap();
        assert!(!can().await, "locked");
        admin.run(&users::put(&user, &change(false))).await.unwrap();
    }
    admin.run(&users::deactivate(&user, false)).await.unwrap();
    assert!(can().await, "deactivated");
}

pub async fn delete(
    server: &Server,
    room: &RoomId,
    deletion: room_removal::Deletion,
) -> Vec<String> {
    let admin = server.maker.admin();
    let begun = admin
        .run(&room_removal::delete(room, &deletion))
        .await
        .unwrap();
    let mut kicked = Vec::new();
    becomes("the room is deleted", async || {
        let status = admin
            .run(&room_removal::deletion(&begun.delete_id))
            .await
            .unwrap();
        kicked = status.shutdown_room.unwrap_or_default().kicked_users;
        status.status == room_removal::RemovalStage::Complete
    })
    .await;
    kicked
}

#[tokio::test]
async fn a_room_that_is_deleted_keeps_its_address_unless_all_traces_go() {
    let server = bridged();
    let admin = server.maker.admin();
    for purge in [false, true] {
        let (_, owner) = person(server, "host").await;
        let name = server.maker.fresh_localpart("address");
        let body = json!({"preset": "public_chat", "room_alias_name": name});
        let room = server.maker.make_room(&owner, &body).await.unwrap();
        let alias = format!("#{name}:{}", server.maker.server());
        let alias = RoomAlias::parse(&alias).unwrap();
        let deletion = room_removal::Deletion {
            purge,
            ..Default::default()
        };
        delete(server, &room, deletion).await;
        let leads = admin.run(&rooms::resolve(&alias)).await;
        assert_eq!(leads.is_ok(), !purge, "{leads:?}");
    }
}

#[tokio::test]
async fn an_empty_room_may_have_invited_people_and_former_members_who_read_it() {
    let server = bridged();
    let admin = server.maker.admin();
    let (founder, owner) = person(server, "founder").await;
    let (invited, _) = person(server, "invited").await;
    let room = server
        .maker
        .make_room(&owner, &json!({"preset": "private_chat"}))
        .await
        .unwrap();
    let secret = say(&owner, &room, "secret").await.unwrap();
    act(&owner, &room, "invite", &invited).await.unwrap();
    post(&owner, &[ROOMS, room.as_str(), "leave"], json!({}))
        .await
        .unwrap();

    becomes("it counts as empty", async || {
        let found = admin.run(&rooms::get(&room)).await.unwrap();
        found.room.joined_members == Some(0) && found.room.joined_local_members == Some(0)
    })
    .await;
    let members = admin.run(&rooms::members(&room)).await.unwrap().members;
    assert!(members.is_empty());
    assert!(!admin.run(&rooms::get(&room)).await.unwrap().forgotten);
    // Who has left without forgetting still reads what was said.
    assert_eq!(content(&owner, &room, &secret).await["body"], "secret");

    let deletion = room_removal::Deletion {
        purge: true,
        ..Default::default()
    };
    let kicked = delete(server, &room, deletion).await;
    let declined = kicked == [invited.to_string()];
    // What is between was not looked at.
    if since(server, 98) || !since(server, 71) {
        assert_eq!(declined, since(server, 98), "{kicked:?}");
    }
    let looked = get(&owner, &[ROOMS, room.as_str(), "event", &secret]).await;
    // 1.62 keeps events in memory for a while.
    if since(server, 71) {
        assert!(looked.is_err(), "{founder} still reads");
    }
}

#[tokio::test]
async fn a_room_is_forgotten_when_all_have_left_and_forgotten_it() {
    let server = bridged();
    if !server.maker.capabilities().has(Feature::ForgottenRooms) {
        return;
    }
    let admin = server.maker.admin();
    let (_, owner) = person(server, "forgetful").await;
    let room = server
        .maker
        .make_room(&owner, &json!({"preset": "private_chat"}))
        .await
        .unwrap();
    post(&owner, &[ROOMS, room.as_str(), "leave"], json!({}))
        .await
        .unwrap();
    assert!(!admin.run(&rooms::get(&room)).await.unwrap().forgotten);
    post(&owner, &[ROOMS, room.as_str(), "forget"], json!({}))
        .await
        .unwrap();
    becomes("it is forgotten", async || {
        admin.run(&rooms::get(&room)).await.unwrap().forgotten
    })
    .await;
}

#[tokio::test]
async fn reactivating_brings_back_what_erasing_hid_and_the_right_to_administer() {
    let server = bridged();
    let admin = server.maker.admin();
    let (user, client) = person(server, "returning").await;
    admin.run(&users::set_admin(&user, true)).await.unwrap();
    let (_, owner) = person(server, "host").await;
    let public = json!({"preset": "public_chat"});
    let room = server.maker.make_room(&owner, &public).await.unwrap();
    server.maker.join(&client, &room).await.unwrap();
    let said = say(&client, &room, "hello").await.unwrap();
    deactivate(server, &user, true).await;
    assert!(detail(server, &user).await.user.admin);
    let (_, newcomer) = person(server, "newcomer").await;
    server.maker.join(&newcomer, &room).await.unwrap();
    assert!(content(&newcomer, &room, &said).await["body"].is_null());

    let change = UserChange {
        deactivated: Some(false),
        password: Some("opened again".into()),
        ..Default::default()
    };
    admin.run(&users::put(&user, &change)).await.unwrap();
    assert!(detail(server, &user).await.user.admin);
    assert_eq!(content(&newcomer, &room, &said).await["body"], "hello");
}

#[tokio::test]
async fn who_logged_out_long_ago_looks_as_if_never_seen() {
    let server = bridged();
    let (user, client) = person(server, "traveller").await;
    client.run(&login::who_am_i()).await.unwrap();
    let database = server.maker.database();
    let of_user = |sql: &str| {
        let statement = Statement::each(sql.to_owned(), [json!([user])]);
        database.run(&[statement]).unwrap();
    };
    if since(server, 92) {
        // Written down some seconds later.
        becomes("they are seen", async || {
            listed(server, &user).await.last_seen_ts.is_some()
        })
        .await;
        // After 28 days the server forgets addresses.
        of_user("DELETE FROM user_ips WHERE user_id = ?");
        let row = listed(server, &user).await;
        assert_eq!(
            row.last_seen_ts.is_some(),
            since(server, 140),
            "by the device, since 1.140"
        );
        // The detail knows less than the list.
        assert_eq!(detail(server, &user).await.user.last_seen_ts, None);
    }
    client.run(&login::logout()).await.unwrap();
    of_user("DELETE FROM user_ips WHERE user_id = ?");
    assert_eq!(listed(server, &user).await.last_seen_ts, None);
}
