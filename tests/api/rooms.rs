use journeys::server::server;
use std::collections::BTreeSet;
use synapse_admin::api::{ApiError, rooms, users};
use xtask::world::people;

#[tokio::test]
async fn paging_gives_every_room_once() {
    let server = server();
    let mut seen = Vec::new();
    let mut from = Some(0);
    while let Some(position) = from {
        let page = server
            .maker
            .admin()
            .run(&rooms::list(position, 25))
            .await
            .unwrap();
        assert!(page.total >= server.world.rooms.len() as u64);
        assert!(page.rooms.len() <= 25);
        seen.extend(page.rooms.into_iter().map(|room| room.room_id));
        from = page.next_batch;
    }
    let distinct: BTreeSet<_> = seen.iter().collect();
    for (key, room) in &server.world.rooms {
        assert!(distinct.contains(room), "{key} is missing");
    }
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
                .filter_map(|event| event.avatar_url().map(str::to_owned)),
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

    let by_alias = admin
        .run(&rooms::join("#history:test.localhost", &user))
        .await;
    assert_eq!(&by_alias.unwrap().room_id, server.world.room("history"));

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
    let error = admin
        .run(&rooms::join("#no-such-room:test.localhost", &user))
        .await;
    assert!(error.unwrap_err().is_not_found());
}
