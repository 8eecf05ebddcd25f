use super::until;
use journeys::server::server;
use serde_json::json;
use std::collections::BTreeSet;
use synapse_admin::api::events::{Event, Walk};
use synapse_admin::api::request::{Request, path};
use synapse_admin::api::room_removal::{Deletion, RemovalStage, UpTo};
use synapse_admin::api::rooms::{ListRooms, Room};
use synapse_admin::api::server::Feature;
use synapse_admin::api::tolerant::Timestamp;
use synapse_admin::api::{
    ApiError, EventId, RoomId, ServerName, UserId, directory, events, extremities, media,
    room_removal, rooms, users,
};
use xtask::native::Client;
use xtask::world::files::png;
use xtask::world::people;

#[tokio::test]
async fn paging_gives_every_room_once() {
    let server = server();
    let admin = server.maker.admin();
    let page = async |query: ListRooms| admin.run(&rooms::list(&query)).await.unwrap();
    let whole = page(ListRooms {
        limit: 1000,
        ..Default::default()
    })
    .await;
    assert!(whole.total >= server.world.rooms.len() as u64);
    let whole: BTreeSet<_> = whole.rooms.into_iter().map(|room| room.room_id).collect();
    for (key, room) in &server.world.rooms {
        assert!(whole.contains(room), "{key} is missing");
    }

    // What is paged through are rooms of its own: among all, those that other tests make, name and
    // delete meanwhile shift the pages.
    let user = server.maker.make_fresh_user("pager").await.unwrap();
    let client = server.maker.act_as(&user).await.unwrap();
    let part = server.maker.fresh_localpart("paged");
    let mut made = BTreeSet::new();
    for number in 0..7 {
        let body = json!({"name": format!("{part} {number}")});
        made.insert(server.maker.make_room(&client, &body).await.unwrap());
    }
    let of_them = async |from, limit| {
        page(ListRooms {
            from,
            limit,
            search: Some(part.clone()),
            ..Default::default()
        })
        .await
    };
    // The list lives on statistics, which come a little later.
    until(
        async || of_them(0, 100).await.rooms.len(),
        |found| *found == made.len(),
    )
    .await;
    let (mut seen, mut from) = (Vec::new(), Some(0));
    while let Some(position) = from {
        let page = of_them(position, 3).await;
        assert_eq!(page.total, made.len() as u64);
        assert!(page.rooms.len() <= 3);
        seen.extend(page.rooms.into_iter().map(|room| room.room_id));
        from = page.next_batch;
    }
    assert_eq!(seen.len(), made.len(), "{seen:?}");
    assert_eq!(seen.into_iter().collect::<BTreeSet<_>>(), made);
}

#[tokio::test]
async fn aliases_lead_to_rooms() {
    let server = server();
    let admin = server.maker.admin();
    let alias = |text| synapse_admin::api::RoomAlias::parse(text).unwrap();
    let found = rooms::resolve(&alias("#general:test.localhost"));
    let found = admin.run(&found).await.unwrap();
    assert_eq!(&found.room_id, server.world.room("general"));
    let none = rooms::resolve(&alias("#nothing/at-all:test.localhost"));
    assert!(admin.run(&none).await.unwrap_err().is_not_found());
}

#[tokio::test]
async fn a_room_says_what_it_is() {
    let server = server();
    let admin = server.maker.admin();
    let general = server.world.room("general");
    let detail = admin.run(&rooms::get(general)).await.unwrap();
    assert_eq!(&detail.room.room_id, general);
    assert_eq!(detail.room.name.as_deref(), Some("General"));
    assert_eq!(
        detail.room.canonical_alias.as_deref(),
        Some("#general:test.localhost")
    );
    assert!(detail.room.public);
    assert_eq!(detail.room.joined_members, Some(60));
    assert!(detail.avatar.unwrap().starts_with("mxc://test.localhost/"));

    let hostile = server.world.room("xss");
    let detail = admin.run(&rooms::get(hostile)).await.unwrap();
    assert_eq!(
        detail.room.name.as_deref(),
        Some("<img src=x onerror=alert(1)>")
    );
    let nameless = server.world.room("nameless.0");
    let detail = admin.run(&rooms::get(nameless)).await.unwrap();
    assert_eq!((detail.room.name, detail.avatar), (None, None));
    let empty = server.world.room("empty.0");
    let detail = admin.run(&rooms::get(empty)).await.unwrap();
    assert_eq!(detail.room.joined_members, Some(0));

    let unknown = synapse_admin::api::RoomId::parse("!nothing:test.localhost").unwrap();
    let error = admin.run(&rooms::get(&unknown)).await.unwrap_err();
    assert!(error.is_not_found(), "{error:?}");
}

#[tokio::test]
async fn member_events_keep_former_images() {
    let server = server();
    let admin = server.maker.admin();
    if !server.maker.capabilities().since(68) {
        return;
    }
    let (mut images, mut from, mut count) = (BTreeSet::new(), None, 0);
    loop {
        let request = rooms::member_history(server.world.room("faces"), from.as_deref());
        let page = admin.run(&request).await.unwrap();
        count += page.chunk.len();
        images.extend(
            page.chunk
                .iter()
                .filter_map(|event| event.avatar_url.clone()),
        );
        // Old servers never stop saying where the next page begins.
        if page.end.is_none() || page.end == from || page.chunk.is_empty() {
            break;
        }
        from = page.end;
    }
    // Two people, one of them invited, joined and changed.
    assert!(count >= 4, "{count}");
    for file in server.world.files_of(people::CHANGED_AVATAR) {
        let url = format!("mxc://test.localhost/{}", file.media_id);
        assert!(images.contains(&url), "{:?} is missing", file.name);
    }
}

/// Content with so many arrays in each other, which Synapse takes from anybody.
fn deep(levels: usize) -> serde_json::Value {
    (0..levels).fold(json!(1), |inner, _| json!([inner]))
}

#[tokio::test]
async fn events_nested_too_deeply_hide_no_others() {
    let server = server();
    let maker = &server.maker;
    if !maker.capabilities().since(68) {
        return;
    }
    let user = maker.make_fresh_user("deep").await.unwrap();
    let client = maker.act_as(&user).await.unwrap();
    let body = json!({"name": "Deep"});
    let room = maker.make_room(&client, &body).await.unwrap();
    let mut ids = Vec::new();
    for (body, deep) in [("before", deep(1)), ("deep", deep(125)), ("after", deep(1))] {
        let content = json!({"msgtype": "m.text", "body": body, "x": deep});
        let sent = maker.send(&client, &room, "m.room.message", &content);
        ids.push(sent.await.unwrap());
    }
    let state = path(&[
        "/_matrix/client/v3/rooms",
        room.as_str(),
        "state",
        "m.room.member",
        user.as_str(),
    ]);
    let avatar = "mxc://test.localhost/deep";
    let member = json!({"membership": "join", "avatar_url": avatar, "x": deep(125)});
    let set = Request::<serde_json::Value>::put(state, &member);
    client.run(&set).await.unwrap();

    let admin = maker.admin();
    let walk = Walk {
        limit: 100,
        ..Default::default()
    };
    let page = admin.run(&events::messages(&room, &walk)).await.unwrap();
    let said = |event: &Event| event.content["body"].as_str().map(str::to_owned);
    let said: Vec<_> = page.chunk.iter().filter_map(said).collect();
    assert_eq!(said, ["before", "deep", "after"]);
    let state = admin.run(&events::state(&room, None)).await.unwrap();
    assert!(state.state.iter().any(|event| event.kind == "m.room.name"));
    let id = EventId::parse(&ids[1]).unwrap();
    let around = admin.run(&events::context(&room, &id, 10)).await.unwrap();
    assert_eq!(around.event.content["body"], "deep");
    if maker.capabilities().has(Feature::FetchEvent) {
        let fetched = admin.run(&events::fetch(&id)).await.unwrap();
        assert_eq!(fetched.event.content["body"], "deep");
    }
    let history = admin
        .run(&rooms::member_history(&room, None))
        .await
        .unwrap();
    let images: Vec<_> = history
        .chunk
        .iter()
        .map(|event| &event.avatar_url)
        .collect();
    let avatar = Some(avatar.to_owned());
    assert!(images.contains(&&avatar), "{images:?}");
}

#[tokio::test]
async fn users_are_joined_to_rooms() {
    let server = server();
    let maker = &server.maker;
    let admin = maker.admin();
    let user = maker.make_fresh_user("joins").await.unwrap();
    let before = admin.run(&users::joined_rooms(&user)).await.unwrap();
    assert_eq!((before.joined_rooms.len(), before.total), (0, 0));

    let creator = maker.act_as(&maker.user(people::CO_ADMIN)).await.unwrap();
    let body = serde_json::json!({"preset": "public_chat", "name": "To be joined"});
    let room = maker.make_room(&creator, &body).await.unwrap();
    let joined = admin.run(&rooms::join(room.as_str(), &user)).await.unwrap();
    assert_eq!(joined.room_id, room);
    // A second time changes nothing.
    admin.run(&rooms::join(room.as_str(), &user)).await.unwrap();
    let after = admin.run(&users::joined_rooms(&user)).await.unwrap();
    assert_eq!((after.joined_rooms, after.total), (vec![room], 1));

    let name = maker.fresh_localpart("addressed");
    let body = json!({"preset": "public_chat", "room_alias_name": name});
    let addressed = maker.make_room(&creator, &body).await.unwrap();
    let alias = format!("#{name}:test.localhost");
    let by_alias = admin.run(&rooms::join(&alias, &user)).await;
    assert_eq!(by_alias.unwrap().room_id, addressed);

    // Whoever is invited, or goes into a public room, goes in themselves.
    let guest = maker.make_fresh_user("enters").await.unwrap();
    let client = maker.act_as(&guest).await.unwrap();
    let entered = client.run(&rooms::enter(&joined.room_id)).await.unwrap();
    assert_eq!(entered.room_id, joined.room_id);

    // The administrator is in none of these and cannot invite.
    let private = server.world.room("team.05");
    let error = admin
        .run(&rooms::join(private.as_str(), &user))
        .await
        .unwrap_err();
    assert!(
        matches!(error, ApiError::Matrix { status: 403, .. }),
        "{error:?}"
    );
    // Which server is asked about a room does not matter where this one is in it.
    let nobody = ServerName::parse("nobody.invalid").unwrap();
    admin
        .run(&rooms::join_through(&joined.room_id, &user, &nobody))
        .await
        .unwrap();
    let far = RoomId::parse("!far:nobody.invalid").unwrap();
    let error = admin
        .run(&rooms::join_through(&far, &user, &nobody))
        .await
        .unwrap_err();
    assert!(matches!(error, ApiError::Matrix { .. }), "{error:?}");
    let error = admin
        .run(&rooms::join("#no-such-room:test.localhost", &user))
        .await;
    assert!(error.unwrap_err().is_not_found());
}

/// A room of a test's own, made by somebody who is in it alone, with a few messages.
async fn own_room(prefix: &str, body: serde_json::Value) -> (Client, UserId, RoomId) {
    let maker = &server().maker;
    let user = maker.make_fresh_user(prefix).await.unwrap();
    let client = maker.act_as(&user).await.unwrap();
    let room = maker.make_room(&client, &body).await.unwrap();
    for text in ["one", "two", "three"] {
        let content = json!({"msgtype": "m.text", "body": text});
        maker
            .send(&client, &room, "m.room.message", &content)
            .await
            .unwrap();
    }
    (client, user, room)
}

#[tokio::test]
async fn every_sort_key_sorts_both_ways() {
    use rooms::order::*;
    let admin = server().maker.admin();
    for key in [
        NAME,
        ALIAS,
        MEMBERS,
        LOCAL_MEMBERS,
        VERSION,
        CREATOR,
        ENCRYPTION,
        FEDERATABLE,
        PUBLIC,
        JOIN_RULES,
        GUEST_ACCESS,
        HISTORY_VISIBILITY,
        STATE_EVENTS,
    ] {
        let page = async |descending| {
            let query = ListRooms {
                limit: 1000,
                order_by: Some(key),
                descending,
                ..Default::default()
            };
            admin.run(&rooms::list(&query)).await.unwrap().rooms
        };
        let (up, down) = (page(false).await, page(true).await);
        assert!(up.len() > 10 && down.len() > 10, "{key}");
        if matches!(key, MEMBERS | LOCAL_MEMBERS | STATE_EVENTS) {
            let number = |room: &Room| match key {
                MEMBERS => room.joined_members,
                LOCAL_MEMBERS => room.joined_local_members,
                _ => room.state_events,
            };
            assert!(up.is_sorted_by_key(number), "{key}");
            assert!(down.iter().rev().is_sorted_by_key(number), "{key}");
        }
    }
}

#[tokio::test]
async fn rooms_are_searched_and_filtered() {
    let server = server();
    let admin = server.maker.admin();
    let found = async |query: ListRooms| {
        let query = ListRooms {
            limit: 1000,
            ..query
        };
        admin.run(&rooms::list(&query)).await.unwrap().rooms
    };
    let general = server.world.room("general");
    for term in ["genera", "GENERAL", general.as_str()] {
        let rooms = found(ListRooms {
            search: Some(term.into()),
            ..Default::default()
        })
        .await;
        assert!(rooms.iter().any(|room| room.room_id == *general), "{term}");
        assert!(rooms.len() < 10, "{term}");
    }
    if !server.maker.capabilities().since(110) {
        return;
    }
    let public = found(ListRooms {
        public: Some(true),
        ..Default::default()
    })
    .await;
    assert!(!public.is_empty() && public.iter().all(|room| room.public));
    let empty = found(ListRooms {
        empty: Some(true),
        ..Default::default()
    })
    .await;
    assert!(!empty.is_empty() && empty.iter().all(|room| room.joined_members == Some(0)));
}

#[tokio::test]
async fn rooms_are_blocked_and_let_free() {
    let admin = server().maker.admin();
    let (_, user, room) = own_room("blocks", json!({"preset": "public_chat"})).await;
    assert!(!admin.run(&rooms::is_blocked(&room)).await.unwrap().block);
    assert!(admin.run(&rooms::block(&room, true)).await.unwrap().block);
    let blocked = admin.run(&rooms::is_blocked(&room)).await.unwrap();
    assert!(blocked.block && blocked.user_id.is_some());
    let late = server().maker.make_fresh_user("late").await.unwrap();
    assert!(admin.run(&rooms::join(room.as_str(), &late)).await.is_err());
    assert!(!admin.run(&rooms::block(&room, false)).await.unwrap().block);
    admin.run(&rooms::join(room.as_str(), &late)).await.unwrap();
    let members = admin.run(&rooms::members(&room)).await.unwrap().members;
    assert!(members.contains(&late) && members.contains(&user));
}

#[tokio::test]
async fn somebody_becomes_a_rooms_administrator() {
    let admin = server().maker.admin();
    let (_, _, room) = own_room("crowns", json!({"preset": "private_chat"})).await;
    let heir = server().maker.make_fresh_user("heir").await.unwrap();
    admin.run(&rooms::make_admin(&room, &heir)).await.unwrap();
    let state = events::state(&room, Some("m.room.power_levels"));
    let state = admin.run(&state).await.unwrap().state;
    let levels = state
        .iter()
        .find(|event| event.kind == "m.room.power_levels");
    assert_eq!(levels.unwrap().content["users"][heir.as_str()], 100);
}

#[tokio::test]
async fn what_was_said_is_read_both_ways() {
    let server = server();
    let admin = server.maker.admin();
    if !server.maker.capabilities().has(Feature::RoomMessages) {
        return;
    }
    let (client, user, room) = own_room("talks", json!({"preset": "public_chat"})).await;
    let bodies = |events: &[events::Event]| {
        let texts = events
            .iter()
            .filter_map(|event| event.content["body"].as_str());
        texts.map(str::to_owned).collect::<Vec<_>>()
    };
    let mut walk = Walk {
        backwards: true,
        limit: 2,
        types: vec!["m.room.message".into()],
        ..Default::default()
    };
    // The newest is read once all are written that began before it, in other rooms as well.
    let page = until(
        async || admin.run(&events::messages(&room, &walk)).await.unwrap(),
        |page| {
            bodies(&page.chunk)
                .first()
                .is_some_and(|newest| newest == "three")
        },
    )
    .await;
    assert_eq!(bodies(&page.chunk), ["three", "two"]);
    assert_eq!(page.chunk[0].sender, user.as_str());
    walk.from = page.end;
    let page = admin.run(&events::messages(&room, &walk)).await.unwrap();
    assert_eq!(bodies(&page.chunk), ["one"]);

    // One with its neighbours, by ID and by time.
    let last = Walk {
        backwards: true,
        limit: 1,
        ..Default::default()
    };
    let newest = admin.run(&events::messages(&room, &last)).await.unwrap();
    let newest = newest.chunk[0].clone();
    let id = EventId::parse(&newest.event_id).unwrap();
    let context = admin.run(&events::context(&room, &id, 4)).await.unwrap();
    assert_eq!(context.event.content["body"], "three");
    assert_eq!(bodies(&context.events_before)[0], "two");
    assert!(context.events_after.is_empty());
    let at = events::at(&room, newest.origin_server_ts, false);
    assert_eq!(admin.run(&at).await.unwrap().event_id, id);
    let never = events::at(&room, Timestamp(4_000_000_000_000), true);
    assert!(admin.run(&never).await.unwrap_err().is_not_found());

    // By ID alone.
    if server.maker.capabilities().has(Feature::FetchEvent) {
        let found = admin.run(&events::fetch(&id)).await.unwrap().event;
        assert_eq!(found.room_id.as_deref(), Some(room.as_str()));
        assert_eq!(found.content["body"], "three");
    }

    // Whoever is in the room and has the power empties it.
    let refused = events::redact(&room, &id, None, "t1");
    assert!(admin.run(&refused).await.is_err());
    let redaction = events::redact(&room, &id, Some("spam"), "t1");
    client.run(&redaction).await.unwrap();
    let context = admin.run(&events::context(&room, &id, 0)).await.unwrap();
    assert!(context.event.is_redacted());
    assert_eq!(context.event.content, json!({}));
}

#[tokio::test]
async fn spaces_have_rooms_in_them() {
    let server = server();
    let admin = server.maker.admin();
    if !server.maker.capabilities().has(Feature::SpaceHierarchy) {
        return;
    }
    let body = json!({"name": "A space", "preset": "public_chat",
        "creation_content": {"type": "m.space"}});
    let (client, _, space) = own_room("spaced", body).await;
    let child = json!({"name": "In it", "preset": "public_chat"});
    let child = server.maker.make_room(&client, &child).await.unwrap();
    let path = synapse_admin::api::request::path(&[
        "/_matrix/client/v3/rooms",
        space.as_str(),
        "state",
        "m.space.child",
        child.as_str(),
    ]);
    let put = synapse_admin::api::Request::<serde_json::Value>::put(
        path,
        &json!({"via": ["test.localhost"]}),
    );
    client.run(&put).await.unwrap();
    // What a room is, the answer takes from statistics, which come a little later.
    let known = until(
        async || {
            let about = async |room| admin.run(&rooms::get(room)).await.unwrap().room;
            (about(&space).await.room_type, about(&child).await.name)
        },
        |(kind, name)| kind.is_some() && name.is_some(),
    )
    .await;
    assert_eq!(known.0.as_deref(), Some("m.space"));
    let found = admin.run(&rooms::hierarchy(&space, None)).await.unwrap();
    assert_eq!(found.rooms[0].room_id, space);
    assert_eq!(found.rooms[0].room_type.as_deref(), Some("m.space"));
    assert_eq!(found.rooms[0].children_state[0].room(), Some(child.clone()));
    assert_eq!(found.rooms[1].name.as_deref(), Some("In it"));
}

#[tokio::test]
async fn loose_ends_are_counted_and_cut() {
    let admin = server().maker.admin();
    let (_, _, room) = own_room("ends", json!({"preset": "public_chat"})).await;
    let ends = admin.run(&extremities::list(&room)).await.unwrap();
    assert_eq!((ends.count, ends.results.len()), (1, 1));
    let cut = admin.run(&extremities::delete(&room)).await.unwrap();
    assert_eq!(cut.deleted, 0);
}

#[tokio::test]
async fn rooms_are_published_and_have_addresses() {
    let admin = server().maker.admin();
    let (_, user, room) = own_room("listed", json!({"preset": "public_chat"})).await;
    let shown = async || {
        let answer = admin.run(&directory::visibility(&room)).await.unwrap();
        answer.visibility == "public"
    };
    assert!(!shown().await);
    admin.run(&directory::publish(&room, true)).await.unwrap();
    assert!(shown().await);
    admin.run(&directory::publish(&room, false)).await.unwrap();
    assert!(!shown().await);

    let alias = format!("#{}:test.localhost", user.localpart());
    let alias = synapse_admin::api::RoomAlias::parse(&alias).unwrap();
    let added = admin.run(&directory::add_alias(&alias, &room)).await;
    assert!(added.is_ok() || added.is_err_and(|error| error.status() == Some(403)));
    let client = server().maker.act_as(&user).await.unwrap();
    let _ = client.run(&directory::add_alias(&alias, &room)).await;
    let found = admin.run(&directory::aliases(&room)).await.unwrap();
    assert_eq!(found.aliases, [alias.as_str()]);
    admin.run(&directory::remove_alias(&alias)).await.unwrap();
    let found = admin.run(&directory::aliases(&room)).await.unwrap();
    assert!(found.aliases.is_empty());
}

#[tokio::test]
async fn a_room_is_deleted_in_the_background() {
    let admin = server().maker.admin();
    let (_, user, room) = own_room("doomed", json!({"preset": "public_chat"})).await;
    let deletion = Deletion {
        block: true,
        purge: true,
        ..Default::default()
    };
    let begun = admin
        .run(&room_removal::delete(&room, &deletion))
        .await
        .unwrap();
    let over = until(
        async || {
            let status = admin.run(&room_removal::deletion(&begun.delete_id)).await;
            status.unwrap()
        },
        |status| status.status.is_over(),
    )
    .await;
    assert_eq!(over.status, RemovalStage::Complete);
    assert_eq!(over.shutdown_room.unwrap().kicked_users, [user.to_string()]);
    assert!(
        admin
            .run(&rooms::get(&room))
            .await
            .unwrap_err()
            .is_not_found()
    );
    assert!(admin.run(&rooms::is_blocked(&room)).await.unwrap().block);
    let all = admin.run(&room_removal::deletions(&room)).await.unwrap();
    assert_eq!(all.results.len(), 1);
    let unknown = admin.run(&room_removal::deletion("nothing")).await;
    assert!(unknown.unwrap_err().is_not_found());
}

#[tokio::test]
async fn history_is_purged_up_to_a_moment_or_an_event() {
    let server = server();
    let admin = server.maker.admin();
    if !server.maker.capabilities().has(Feature::RoomMessages) {
        return;
    }
    let (_, _, room) = own_room("forgets", json!({"preset": "public_chat"})).await;
    let walk = Walk {
        limit: 100,
        backwards: true,
        types: vec!["m.room.message".into()],
        ..Default::default()
    };
    let said = async || {
        admin
            .run(&events::messages(&room, &walk))
            .await
            .unwrap()
            .chunk
    };
    let purge = async |up_to: UpTo| {
        let begun = room_removal::purge_history(&room, &up_to, true);
        let begun = admin.run(&begun).await.unwrap();
        let over = until(
            async || {
                let status = room_removal::purge_status(&begun.purge_id);
                admin.run(&status).await.unwrap()
            },
            |status| status.status.is_over(),
        )
        .await;
        assert_eq!(over.status, RemovalStage::Complete, "{:?}", over.error);
    };
    // The newest is read once all are written that began before it, in other rooms as well.
    let before = until(said, |said| said.len() == 3).await;
    assert_eq!(before.len(), 3);
    // The second of them, counted from the newest.
    purge(UpTo::Event(EventId::parse(&before[1].event_id).unwrap())).await;
    assert_eq!(said().await.len(), 2);
    purge(UpTo::Moment(Timestamp(
        before[0].origin_server_ts.0 + 3_600_000,
    )))
    .await;
    assert_eq!(said().await.len(), 1, "the last message always stays");
    let nothing = UpTo::Moment(Timestamp(1_000));
    let nothing = room_removal::purge_history(&room, &nothing, true);
    assert!(admin.run(&nothing).await.unwrap_err().is_not_found());
    // The same of an event that is not there, which is no "nothing to do".
    let unknown = UpTo::Event(EventId::parse("$of-no-room-at-all").unwrap());
    let unknown = room_removal::purge_history(&room, &unknown, true);
    match admin.run(&unknown).await {
        Err(ApiError::Matrix {
            status, message, ..
        }) => {
            assert_eq!(status, 404);
            assert_eq!(message, "Could not find event $of-no-room-at-all");
        }
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn files_of_a_room_are_listed_and_quarantined() {
    let server = server();
    let maker = &server.maker;
    let admin = maker.admin();
    let (client, user, room) = own_room("pictures", json!({"preset": "public_chat"})).await;
    let file = maker
        .upload_media(&user, &png(16, 99), "image/png", Some("a.png"))
        .await
        .unwrap();
    let content = json!({"msgtype": "m.image", "body": "a.png", "url": file.to_string()});
    maker
        .send(&client, &room, "m.room.message", &content)
        .await
        .unwrap();
    let found = admin.run(&media::of_room(&room)).await.unwrap();
    assert_eq!(
        (found.local, found.remote.len()),
        (vec![file.to_string()], 0)
    );
    let hit = admin.run(&media::quarantine_of_room(&room)).await.unwrap();
    assert!(hit.num_quarantined >= 1);
}
