//! What actions on accounts and rooms leave undone, beside what [`crate::meaning`] has of it: the
//! rest of the cells of `docs/what-actions-do.md`.

use crate::meaning::*;
use serde_json::{Value, json};
use synapse_admin::api::server::Feature;
use synapse_admin::api::users::{self, ExternalId, UserChange};
use synapse_admin::api::{MxcUri, RoomId, devices, directory, media, redact, room_removal, rooms};
use xtask::native::Client;
use xtask::world::database::Statement;
use xtask::world::maker::upload;

async fn send(client: &Client, room: &RoomId, kind: &str, content: &Value) -> String {
    let server = bridged();
    let sent = server.maker.send(client, room, kind, content).await;
    sent.unwrap().to_string()
}

/// The content of a state event, as a member sees it.
async fn state(client: &Client, room: &RoomId, kind: &str, key: &str) -> Value {
    let segments = [ROOMS, room.as_str(), "state", kind, key];
    get(client, &segments).await.unwrap_or_default()
}

#[tokio::test]
async fn who_is_suspended_can_still_leave_redact_and_send_to_devices() {
    let server = bridged();
    if !server.maker.capabilities().has(Feature::Suspending) {
        return;
    }
    let (user, client) = person(server, "caged").await;
    let (other, owner) = person(server, "host").await;
    let public = json!({"preset": "public_chat"});
    let room = server.maker.make_room(&owner, &public).await.unwrap();
    server.maker.join(&client, &room).await.unwrap();
    let said = say(&client, &room, "said").await.unwrap();
    let suspend = users::suspend(&user, true);
    server.maker.admin().run(&suspend).await.unwrap();

    let segments = [ROOMS, room.as_str(), "redact", &said, "1"];
    put(&client, &segments, json!({})).await.unwrap();
    let to_device = ["/_matrix/client/v3/sendToDevice", "m.dummy", "1"];
    let message = json!({"messages": {other.as_str(): {"*": {}}}});
    put(&client, &to_device, message).await.unwrap();
    let name = server.maker.fresh_localpart("by-caged");
    let alias = format!("#{name}:{}", server.maker.server());
    let body = json!({"room_id": room});
    let directory = ["/_matrix/client/v3/directory/room", &alias];
    put(&client, &directory, body).await.unwrap();
    assert!(is_forbidden(&act(&client, &room, "invite", &other).await));
    post(&client, &[ROOMS, room.as_str(), "leave"], json!({}))
        .await
        .unwrap();
    // Nor can they come back.
    let join = ["/_matrix/client/v3/join", room.as_str()];
    assert!(is_forbidden(&post(&client, &join, json!({})).await));
}

#[tokio::test]
async fn who_is_suspended_leaves_a_deleted_room_and_does_not_move() {
    let server = bridged();
    if !server.maker.capabilities().has(Feature::Suspending) {
        return;
    }
    let admin = server.maker.admin();
    let (user, client) = person(server, "caged").await;
    let (_, owner) = person(server, "host").await;
    let (mover, _) = person(server, "mover").await;
    let public = json!({"preset": "public_chat"});
    let room = server.maker.make_room(&owner, &public).await.unwrap();
    server.maker.join(&client, &room).await.unwrap();
    admin.run(&users::suspend(&user, true)).await.unwrap();
    let deletion = room_removal::Deletion {
        new_room_user_id: Some(mover),
        ..Default::default()
    };
    let begun = room_removal::delete(&room, &deletion);
    let begun = admin.run(&begun).await.unwrap();
    let mut did = room_removal::Shutdown::default();
    becomes("the room is deleted", async || {
        let asked = room_removal::deletion(&begun.delete_id);
        let status = admin.run(&asked).await.unwrap();
        did = status.shutdown_room.unwrap_or_default();
        status.status == room_removal::RemovalStage::Complete
    })
    .await;
    assert_eq!(did.failed_to_kick_users, [user.to_string()]);
    let joined = admin.run(&users::joined_rooms(&user)).await.unwrap();
    assert!(joined.joined_rooms.is_empty(), "{joined:?}");
}

#[tokio::test]
async fn deactivating_leaves_name_and_identities_and_takes_keys_as_the_version_does() {
    let server = bridged();
    let admin = server.maker.admin();
    let (user, client) = person(server, "leaver").await;
    let (_, owner) = person(server, "host").await;
    let identity = ExternalId {
        auth_provider: "oidc-test".into(),
        external_id: user.localpart().to_owned(),
    };
    let change = UserChange {
        displayname: Some("Somebody".into()),
        external_ids: Some(vec![identity.clone()]),
        ..Default::default()
    };
    admin.run(&users::put(&user, &change)).await.unwrap();
    let backup = json!({
        "algorithm": "m.megolm_backup.v1.curve25519-aes-sha2",
        "auth_data": {"public_key": "abcdefg", "signatures": {}},
    });
    post(&client, &["/_matrix/client/v3/room_keys/version"], backup)
        .await
        .unwrap();
    let private = json!({"preset": "private_chat"});
    let room = server.maker.make_room(&owner, &private).await.unwrap();
    act(&owner, &room, "invite", &user).await.unwrap();
    deactivate(server, &user, false).await;

    becomes("the invitation is declined", async || {
        membership(server, &room, &user).await == "leave"
    })
    .await;
    let gone = detail(server, &user).await;
    assert_eq!(gone.user.displayname.as_deref(), Some("Somebody"));
    assert_eq!(gone.external_ids, [identity]);
    let kept = format!(
        "SELECT COUNT(*) FROM e2e_room_keys_versions WHERE user_id = '{user}' AND deleted = 0"
    );
    let kept = server.maker.database().query(&kept).unwrap();
    assert_eq!(kept[0][0] == json!(0), since(server, 82), "{kept:?}");
}

#[tokio::test]
async fn a_blocked_room_takes_nobody_new_and_keeps_who_is_in() {
    let server = bridged();
    let admin = server.maker.admin();
    let (_, owner) = person(server, "host").await;
    let (member, inside) = person(server, "member").await;
    let (stranger, outside) = person(server, "stranger").await;
    let public = json!({"preset": "public_chat"});
    let room = server.maker.make_room(&owner, &public).await.unwrap();
    server.maker.join(&inside, &room).await.unwrap();
    admin.run(&rooms::block(&room, true)).await.unwrap();

    let join = ["/_matrix/client/v3/join", room.as_str()];
    assert!(is_forbidden(&post(&outside, &join, json!({})).await));
    assert!(is_forbidden(&act(&owner, &room, "invite", &stranger).await));
    say(&inside, &room, "still here").await.unwrap();
    // A changed name is a membership event, like joining.
    let name = ["/_matrix/client/v3/profile", member.as_str(), "displayname"];
    put(&inside, &name, json!({"displayname": "Another"}))
        .await
        .unwrap();
    let shown = state(&owner, &room, "m.room.member", member.as_str()).await;
    assert_ne!(shown["displayname"], "Another");
}

#[tokio::test]
async fn quarantine_takes_files_of_the_same_content_along_since_1_128() {
    let server = bridged();
    let admin = server.maker.admin();
    let (user, client) = person(server, "uploader").await;
    let (_, other) = person(server, "twin").await;
    let bytes = format!("the same of {user}").into_bytes();
    let one = upload(&client, &bytes, "text/plain", None).await.unwrap();
    let two = upload(&other, &bytes, "text/plain", None).await.unwrap();
    admin.run(&media::quarantine_of_user(&user)).await.unwrap();
    let spec = &server.maker.capabilities().spec;
    let served = async |uri: &MxcUri| admin.run(&media::download(uri, spec)).await.is_ok();
    assert!(!served(&one).await);
    assert_eq!(served(&two).await, !since(server, 128));
    // Which these are the lists tell.
    let list = media::list_of_user(&user, &media::ListMedia::default());
    let files = admin.run(&list).await.unwrap().media;
    assert_eq!(files[0].sha256.is_some(), since(server, 128));
    // Taking one of them out takes out both.
    let out = media::unquarantine(&two.server, &two.media_id);
    admin.run(&out).await.unwrap();
    assert!(served(&two).await);
    assert_eq!(served(&one).await, since(server, 128));
}

#[tokio::test]
async fn deleting_the_media_of_a_user_takes_the_pictures_of_rooms() {
    let server = bridged();
    let admin = server.maker.admin();
    let (user, client) = person(server, "painter").await;
    let (_, owner) = person(server, "host").await;
    let picture = upload(&client, b"a picture", "image/png", None).await;
    let picture = picture.unwrap();
    let room = server.maker.make_room(&owner, &json!({})).await.unwrap();
    let segments = [ROOMS, room.as_str(), "state", "m.room.avatar", ""];
    put(&owner, &segments, json!({"url": picture.to_string()}))
        .await
        .unwrap();
    admin
        .run(&media::delete_of_user(&user, 0, 100))
        .await
        .unwrap();
    let spec = &server.maker.capabilities().spec;
    assert!(admin.run(&media::download(&picture, spec)).await.is_err());
    // The room still points to it.
    let avatar = state(&owner, &room, "m.room.avatar", "").await;
    assert_eq!(avatar["url"], json!(picture.to_string()));
}

#[tokio::test]
async fn reactions_and_files_stay_when_messages_are_removed() {
    let server = bridged();
    if !server.maker.capabilities().has(Feature::RedactMessages) {
        return;
    }
    let admin = server.maker.admin();
    let (user, client) = person(server, "talker").await;
    let (_, owner) = person(server, "host").await;
    let public = json!({"preset": "public_chat"});
    let room = server.maker.make_room(&owner, &public).await.unwrap();
    server.maker.join(&client, &room).await.unwrap();
    let file = upload(&client, b"a file", "text/plain", None)
        .await
        .unwrap();
    let shown = json!({"msgtype": "m.file", "body": "file", "url": file.to_string()});
    let shown = send(&client, &room, "m.room.message", &shown).await;
    let relation = json!({"rel_type": "m.annotation", "event_id": shown, "key": "x"});
    let reaction = json!({"m.relates_to": relation});
    let reaction = send(&client, &room, "m.reaction", &reaction).await;
    let begun = redact::start(&user, &redact::Redaction::default());
    let begun = admin.run(&begun).await.unwrap();
    becomes("the removal is over", async || {
        let status = admin.run(&redact::status(&begun.redact_id)).await.unwrap();
        status.status == redact::RedactionStage::Complete
    })
    .await;
    becomes("the message is removed", async || {
        content(&owner, &room, &shown).await["body"].is_null()
    })
    .await;
    let left = content(&owner, &room, &reaction).await;
    assert!(!left["m.relates_to"].is_null(), "{left}");
    let spec = &server.maker.capabilities().spec;
    assert!(admin.run(&media::download(&file, spec)).await.is_ok());
}

#[tokio::test]
async fn encrypted_messages_are_removed_since_1_131_and_stickers_never() {
    let server = bridged();
    if !server.maker.capabilities().has(Feature::RedactMessages) {
        return;
    }
    let admin = server.maker.admin();
    let (user, client) = person(server, "encrypting").await;
    let (_, owner) = person(server, "host").await;
    let public = json!({"preset": "public_chat"});
    let room = server.maker.make_room(&owner, &public).await.unwrap();
    server.maker.join(&client, &room).await.unwrap();
    let encrypted = json!({
        "algorithm": "m.megolm.v1.aes-sha2",
        "ciphertext": "AwgAEnACgAkLmt6qF84IK++J7UDH2Za1YVchHyprqTqsg2yyOwAtHaZTwyNg37afzg8f3r9IsN9r",
        "device_id": "RJYKSTBOIE",
        "sender_key": "IlRMeOPX2e0MurIyfWEucYBRVOEEUMrOHqn/8mLqMjA",
        "session_id": "X3lUlvLELLYxeTx4yOVu6UDpasGEVO0Jbu+QFnm0cKQ",
    });
    let encrypted = send(&client, &room, "m.room.encrypted", &encrypted).await;
    let sticker = json!({"body": "a sticker", "info": {}, "url": "mxc://b.example/sticker"});
    let sticker = send(&client, &room, "m.sticker", &sticker).await;
    let words = say(&client, &room, "words").await.unwrap();
    let begun = redact::start(&user, &redact::Redaction::default());
    let begun = admin.run(&begun).await.unwrap();
    becomes("the removal is over", async || {
        let status = admin.run(&redact::status(&begun.redact_id)).await.unwrap();
        assert!(status.failed_redactions.is_empty());
        status.status == redact::RedactionStage::Complete
    })
    .await;
    becomes("the message in clear is removed", async || {
        content(&owner, &room, &words).await["body"].is_null()
    })
    .await;
    let goes = server.maker.capabilities().has(Feature::RedactEncrypted);
    becomes("the encrypted one is removed, or stays", async || {
        let left = content(&owner, &room, &encrypted).await;
        left["ciphertext"].is_null() == goes
    })
    .await;
    let left = content(&owner, &room, &sticker).await;
    assert_eq!(left["body"], "a sticker");
}

#[tokio::test]
async fn removing_history_leaves_the_state_and_the_last_message() {
    let server = bridged();
    let admin = server.maker.admin();
    let (_, owner) = person(server, "host").await;
    let named = json!({"name": "Named"});
    let room = server.maker.make_room(&owner, &named).await.unwrap();
    say(&owner, &room, "first").await.unwrap();
    let last = say(&owner, &room, "last").await.unwrap();
    let last = synapse_admin::api::EventId::parse(&last).unwrap();
    let up_to = room_removal::UpTo::Event(last.clone());
    let begun = room_removal::purge_history(&room, &up_to, true);
    let begun = admin.run(&begun).await.unwrap();
    becomes("it is over", async || {
        let asked = room_removal::purge_status(&begun.purge_id);
        admin.run(&asked).await.unwrap().status.is_over()
    })
    .await;
    assert_eq!(content(&owner, &room, last.as_str()).await["body"], "last");
    assert_eq!(
        state(&owner, &room, "m.room.name", "").await["name"],
        "Named"
    );
    let count =
        format!("SELECT COUNT(*) FROM events WHERE room_id = '{room}' AND type = 'm.room.message'");
    assert_eq!(server.maker.database().query(&count).unwrap()[0][0], 1);
}

#[tokio::test]
async fn a_published_room_without_members_is_not_in_the_directory() {
    let server = bridged();
    let admin = server.maker.admin();
    let (_, owner) = person(server, "host").await;
    let name = server.maker.fresh_localpart("published");
    let body = json!({"preset": "public_chat", "name": name});
    let room = server.maker.make_room(&owner, &body).await.unwrap();
    admin.run(&directory::publish(&room, true)).await.unwrap();
    let search = json!({"filter": {"generic_search_term": name}});
    let shown = async || {
        let found = post(admin, &["/_matrix/client/v3/publicRooms"], search.clone()).await;
        found.unwrap()["chunk"].as_array().map(Vec::len)
    };
    becomes("it is in the directory", async || shown().await == Some(1)).await;
    post(&owner, &[ROOMS, room.as_str(), "leave"], json!({}))
        .await
        .unwrap();
    becomes("it is not any more", async || shown().await == Some(0)).await;
    assert!(admin.run(&rooms::get(&room)).await.unwrap().room.public);
}

#[tokio::test]
async fn who_may_join_by_a_space_cannot_once_it_is_deleted() {
    let server = bridged();
    let (_, owner) = person(server, "host").await;
    let (_, before) = person(server, "before").await;
    let (_, after) = person(server, "after").await;
    let space = json!({
        "preset": "public_chat",
        "creation_content": {"type": "m.space"},
    });
    let space = server.maker.make_room(&owner, &space).await.unwrap();
    let rule = json!({
        "join_rule": "restricted",
        "allow": [{"type": "m.room_membership", "room_id": space}],
    });
    let restricted = json!({
        "preset": "private_chat",
        "room_version": "9",
        "initial_state": [{"type": "m.room.join_rules", "state_key": "", "content": rule}],
    });
    let room = server.maker.make_room(&owner, &restricted).await.unwrap();
    for client in [&before, &after] {
        server.maker.join(client, &space).await.unwrap();
    }
    server.maker.join(&before, &room).await.unwrap();
    let deletion = room_removal::Deletion {
        purge: true,
        ..Default::default()
    };
    delete(server, &space, deletion).await;
    let join = ["/_matrix/client/v3/join", room.as_str()];
    assert!(is_forbidden(&post(&after, &join, json!({})).await));
}

#[tokio::test]
async fn an_invitation_to_a_room_that_all_have_left_is_not_told() {
    let server = bridged();
    if !server.maker.capabilities().has(Feature::Memberships) {
        return;
    }
    let admin = server.maker.admin();
    let (_, owner) = person(server, "host").await;
    let (invited, _) = person(server, "invited").await;
    let private = json!({"preset": "private_chat"});
    let room = server.maker.make_room(&owner, &private).await.unwrap();
    act(&owner, &room, "invite", &invited).await.unwrap();
    let told = async || {
        let found = admin.run(&users::memberships(&invited)).await.unwrap();
        found.memberships.get(&room).cloned()
    };
    assert_eq!(told().await.as_deref(), Some("invite"));
    post(&owner, &[ROOMS, room.as_str(), "leave"], json!({}))
        .await
        .unwrap();
    becomes("it is not told any more", async || told().await.is_none()).await;
}

#[tokio::test]
async fn a_dehydrated_device_is_told_apart_since_1_132() {
    let server = bridged();
    let (user, _) = person(server, "away").await;
    let database = server.maker.database();
    let run = |sql: &str, row: Value| {
        let statement = Statement::each(sql.to_owned(), [row]);
        database.run(&[statement]).unwrap();
    };
    run(
        "INSERT INTO devices (user_id, device_id, display_name, hidden) VALUES (?, ?, ?, FALSE)",
        json!([user, "KEEPER", "Dehydrated device"]),
    );
    run(
        "INSERT INTO dehydrated_devices (user_id, device_id, device_data) VALUES (?, ?, ?)",
        json!([user, "KEEPER", "{}"]),
    );
    let found = server.maker.admin().run(&devices::list(&user)).await;
    let mut found = found.unwrap().devices;
    found.sort_by_key(|device| device.device_id != "KEEPER");
    assert_eq!(found.len(), 2);
    assert_eq!(found[0].dehydrated, since(server, 132));
    assert!(!found[1].dehydrated);
}

#[tokio::test]
async fn logging_out_everywhere_takes_a_dehydrated_device_that_is_not_spared() {
    let server = bridged();
    let (user, _) = person(server, "away").await;
    let row = json!([user, "KEEPER", "{}"]);
    let insert = "INSERT INTO dehydrated_devices (user_id, device_id, device_data) \
                  VALUES (?, ?, ?)";
    let made = "INSERT INTO devices (user_id, device_id, hidden) VALUES (?, ?, FALSE)";
    let statements = [
        Statement::each(insert, [row]),
        Statement::each(made, [json!([user, "KEEPER"])]),
    ];
    server.maker.database().run(&statements).unwrap();
    let admin = server.maker.admin();
    let found = admin.run(&devices::list(&user)).await.unwrap().devices;
    let ids: Vec<String> = found.into_iter().map(|device| device.device_id).collect();
    assert!(ids.iter().any(|id| id == "KEEPER"));
    admin.run(&devices::delete_many(&user, &ids)).await.unwrap();
    let left = server.maker.admin().run(&devices::list(&user)).await;
    assert!(left.unwrap().devices.is_empty());
}
