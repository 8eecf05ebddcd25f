//! What an administrator does in rooms: to members, to files, looking for messages.

use super::until;
use journeys::server::server;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use synapse_admin::api::events::Walk;
use synapse_admin::api::request::{Request, path};
use synapse_admin::api::server::Feature;
use synapse_admin::api::{EventId, RoomId, UserId, events, media, rooms};
use xtask::world::files::png;
use xtask::world::people;

fn invite(room: &RoomId, user: &UserId) -> Request<serde_json::Value> {
    let path = path(&["/_matrix/client/v3/rooms", room.as_str(), "invite"]);
    Request::post(path).json(&json!({ "user_id": user }))
}

#[tokio::test]
async fn members_are_removed_banned_and_let_in_again() {
    let maker = &server().maker;
    let admin = maker.admin();
    let own = maker.user(people::ADMIN);
    let boss = maker.make_fresh_user("boss").await.unwrap();
    let client = maker.act_as(&boss).await.unwrap();
    let body = json!({"name": "Guarded", "preset": "private_chat"});
    let room = maker.make_room(&client, &body).await.unwrap();
    let other = maker.make_fresh_user("unruly").await.unwrap();
    let theirs = maker.act_as(&other).await.unwrap();
    client.run(&invite(&room, &other)).await.unwrap();
    theirs.run(&rooms::enter(&room)).await.unwrap();

    // Whoever administers the server has no right in a room for that alone.
    let refused = |status: Option<u16>| status == Some(403);
    let kicked = admin.run(&rooms::kick(&room, &other, None)).await;
    assert!(refused(kicked.unwrap_err().status()));
    let told = admin.run(&rooms::membership(&room, &other)).await;
    let told = told.unwrap_err();
    assert!(refused(told.status()), "{told:?}");

    // Made an admin of the room, they are invited, come in and have it.
    admin.run(&rooms::make_admin(&room, &own)).await.unwrap();
    admin.run(&rooms::enter(&room)).await.unwrap();
    let is = async |user: &UserId| {
        let found = admin.run(&rooms::membership(&room, user)).await;
        found.unwrap().membership
    };
    assert_eq!(is(&other).await, "join");
    let kicked = rooms::kick(&room, &other, Some("Enough"));
    admin.run(&kicked).await.unwrap();
    assert_eq!(is(&other).await, "leave");
    // Who is not in cannot be removed, and was never anything.
    let again = admin.run(&kicked).await;
    assert!(refused(again.unwrap_err().status()));
    // They can come back, where they may.
    client.run(&invite(&room, &other)).await.unwrap();
    theirs.run(&rooms::enter(&room)).await.unwrap();
    let stranger = maker.make_fresh_user("stranger").await.unwrap();
    let never = admin.run(&rooms::membership(&room, &stranger)).await;
    assert!(never.unwrap_err().is_not_found());

    // A ban needs nobody to be in, keeps them out, and stands twice.
    for user in [&other, &stranger] {
        admin.run(&rooms::ban(&room, user, None)).await.unwrap();
        admin.run(&rooms::ban(&room, user, None)).await.unwrap();
        assert_eq!(is(user).await, "ban");
    }
    let invited = client.run(&invite(&room, &other)).await;
    assert!(refused(invited.unwrap_err().status()));
    let back = theirs.run(&rooms::enter(&room)).await;
    assert!(refused(back.unwrap_err().status()));
    // Lifting it does not bring them back.
    admin.run(&rooms::unban(&room, &other, None)).await.unwrap();
    assert_eq!(is(&other).await, "leave");
    let again = admin.run(&rooms::unban(&room, &other, None)).await;
    assert!(refused(again.unwrap_err().status()));
    // Of equal power nobody is removed.
    let boss = admin.run(&rooms::kick(&room, &boss, None)).await;
    assert!(refused(boss.unwrap_err().status()));
}

#[tokio::test]
async fn the_files_of_a_room_are_those_that_its_messages_name() {
    let maker = &server().maker;
    let admin = maker.admin();
    let user = maker.make_fresh_user("sharing").await.unwrap();
    let client = maker.act_as(&user).await.unwrap();
    let mut rooms = Vec::new();
    for _ in 0..2 {
        rooms.push(maker.make_room(&client, &json!({})).await.unwrap());
    }
    let mut files = Vec::new();
    for seed in 60..63 {
        let bytes = png(8, seed);
        let upload = maker.upload_media(&user, &bytes, "image/png", None);
        files.push(upload.await.unwrap());
    }
    let image = |number: usize| {
        let file: &synapse_admin::api::MxcUri = &files[number];
        json!({"msgtype": "m.image", "body": "a.png", "url": file.to_string()})
    };
    let send = async |room: usize, kind: &str, content: &Value| {
        let sent = maker.send(&client, &rooms[room], kind, content).await;
        EventId::parse(&sent.unwrap()).unwrap()
    };
    let (one, other) = (0, 1);
    send(one, "m.room.message", &image(0)).await;
    send(other, "m.room.message", &image(0)).await;
    let removed = send(one, "m.room.message", &image(1)).await;
    // Encrypted messages name theirs where the server cannot read it.
    let secret = json!({"algorithm": "m.megolm.v1.aes-sha2", "ciphertext": files[2].to_string()});
    send(one, "m.room.encrypted", &secret).await;
    let redact = events::redact(&rooms[one], &removed, None, "once");
    client.run(&redact).await.unwrap();
    let of = async |room: usize| {
        let found = admin.run(&media::of_room(&rooms[room])).await.unwrap();
        found.local.into_iter().collect::<BTreeSet<String>>()
    };
    let named = |numbers: &[usize]| {
        let names = numbers.iter().map(|number| files[*number].to_string());
        names.collect::<BTreeSet<String>>()
    };
    assert_eq!(of(one).await, named(&[0, 1]));
    // Gone from one room, a file is gone from all; the messages still name it.
    let gone = media::delete(&files[0].server, &files[0].media_id);
    admin.run(&gone).await.unwrap();
    assert_eq!(of(other).await, named(&[0]));
    let spec = &maker.capabilities().spec;
    let fetched = client.run(&media::download(&files[0], spec)).await;
    assert!(fetched.unwrap_err().is_not_found());
    client.run(&media::download(&files[2], spec)).await.unwrap();
}

#[tokio::test]
async fn messages_are_found_by_types_senders_and_links_in_and_out() {
    let maker = &server().maker;
    if !maker.capabilities().has(Feature::RoomMessages) {
        return;
    }
    let admin = maker.admin();
    let boss = maker.make_fresh_user("filtered").await.unwrap();
    let client = maker.act_as(&boss).await.unwrap();
    let other = maker.make_fresh_user("filtering").await.unwrap();
    let theirs = maker.act_as(&other).await.unwrap();
    let body = json!({"preset": "public_chat"});
    let room = maker.make_room(&client, &body).await.unwrap();
    theirs.run(&rooms::enter(&room)).await.unwrap();
    let text = |body: &str| json!({"msgtype": "m.text", "body": body});
    let file = json!({"msgtype": "m.file", "body": "file", "url": "mxc://x.org/a"});
    let odd = json!({"body": "odd"});
    for (sender, kind, content) in [
        (&client, "m.room.message", text("mine")),
        (&theirs, "m.room.message", text("theirs")),
        (&theirs, "m.room.message", file),
        (&client, "org.example.odd", odd),
    ] {
        maker.send(sender, &room, kind, &content).await.unwrap();
    }
    let found = async |change: &dyn Fn(&mut Walk)| {
        let mut walk = Walk {
            limit: 100,
            backwards: true,
            ..Default::default()
        };
        change(&mut walk);
        let page = admin.run(&events::messages(&room, &walk)).await.unwrap();
        let said = page.chunk.into_iter().filter_map(|event| {
            let body = event.content.get("body")?.as_str()?;
            Some(body.to_owned())
        });
        let mut said: Vec<String> = said.collect();
        said.reverse();
        said
    };
    let types = |kinds: &[&str]| {
        kinds
            .iter()
            .map(|kind| (*kind).to_owned())
            .collect::<Vec<_>>()
    };
    let (message, odd) = ("m.room.message", "org.example.odd");
    // The newest is read once all are written that began before it, in other rooms as well.
    let all = until(
        async || found(&|walk| walk.types = types(&[message, odd])).await,
        |all| all.len() == 4,
    )
    .await;
    assert_eq!(all, ["mine", "theirs", "file", "odd"]);
    assert_eq!(
        found(&|walk| walk.not_types = types(&[message, "m.room.member"])).await,
        ["odd"]
    );
    assert_eq!(
        found(&|walk| walk.senders = vec![boss.to_string()]).await,
        ["mine", "odd"]
    );
    assert_eq!(
        found(&|walk| walk.senders = vec![boss.to_string(), other.to_string()]).await,
        ["mine", "theirs", "file", "odd"]
    );
    assert_eq!(
        found(&|walk| walk.not_senders = vec![boss.to_string()]).await,
        ["theirs", "file"]
    );
    assert_eq!(found(&|walk| walk.with_url = Some(true)).await, ["file"]);
    assert_eq!(
        found(&|walk| walk.with_url = Some(false)).await,
        ["mine", "theirs", "odd"]
    );
    assert_eq!(
        found(&|walk| {
            walk.types = types(&[message]);
            walk.senders = vec![other.to_string()];
            walk.with_url = Some(false);
        })
        .await,
        ["theirs"]
    );
}
