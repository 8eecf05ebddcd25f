//! The room directory, and rooms that are blocked before anybody here knows them.

use super::until;
use journeys::server::server;
use serde_json::json;
use std::collections::BTreeSet;
use synapse_admin::api::directory::{self, ListPublished, PublishedPage};
use synapse_admin::api::{ApiError, RoomId, ServerName, rooms};
use xtask::world::Maker;

fn maker() -> &'static Maker {
    &server().maker
}

async fn page(query: &ListPublished) -> PublishedPage {
    let request = directory::published(query);
    maker().admin().run(&request).await.unwrap()
}

#[tokio::test]
async fn paging_gives_every_published_room_once() {
    let (mut seen, mut since, mut sizes) = (BTreeSet::new(), None, Vec::new());
    loop {
        let page = page(&ListPublished {
            since,
            limit: 3,
            ..Default::default()
        })
        .await;
        assert!(page.chunk.len() <= 3);
        assert!(page.total_room_count_estimate.is_some());
        for room in page.chunk {
            sizes.push(room.num_joined_members);
            seen.insert(room.room_id);
        }
        since = page.next_batch;
        if since.is_none() {
            break;
        }
    }
    assert!(sizes.is_sorted_by(|a, b| a >= b), "{sizes:?}");
    for key in ["general", "history"] {
        assert!(seen.contains(server().world.room(key)), "{key} is missing");
    }
}

#[tokio::test]
async fn a_published_room_is_found_and_says_what_it_is() {
    let user = maker().make_fresh_user("publisher").await.unwrap();
    let client = maker().act_as(&user).await.unwrap();
    let word = maker().fresh_localpart("directory");
    let open = json!({"type": "m.room.history_visibility", "state_key": "",
        "content": {"history_visibility": "world_readable"}});
    let body = json!({"preset": "public_chat", "visibility": "public", "name": word,
        "topic": "<b>About</b>", "initial_state": [open]});
    let room = maker().make_room(&client, &body).await.unwrap();
    let query = ListPublished {
        limit: 10,
        search: Some(word.to_uppercase()),
        ..Default::default()
    };
    // The directory lives on statistics, which come a little later, and one after the other.
    let found = until(
        async || page(&query).await.chunk,
        |found| match &found[..] {
            [room] => {
                let is_counted = room.num_joined_members.is_some_and(|members| members > 0);
                is_counted
                    && room.topic.is_some()
                    && room.join_rule.is_some()
                    && room.world_readable
            }
            _ => false,
        },
    )
    .await;
    let [entry] = &found[..] else {
        panic!("{found:?}")
    };
    assert_eq!(entry.room_id, room);
    assert_eq!(entry.name.as_deref(), Some(&*word));
    assert_eq!(entry.topic.as_deref(), Some("<b>About</b>"));
    assert_eq!(entry.num_joined_members, Some(1));
    assert!(entry.world_readable && !entry.guest_can_join);
    assert_eq!(entry.join_rule.as_deref(), Some("public"));

    let admin = maker().admin();
    admin.run(&directory::publish(&room, false)).await.unwrap();
    assert_eq!(page(&query).await.chunk, []);
}

#[tokio::test]
async fn a_room_is_blocked_before_anybody_knows_it() {
    let admin = maker().admin();
    for id in [
        "!never-seen:elsewhere.example.org",
        "!Never_seen-by-anybody-on-any-server-so-far0",
    ] {
        let room = RoomId::parse(id).unwrap();
        let known = admin.run(&rooms::get(&room)).await;
        assert!(known.unwrap_err().is_not_found());
        let blocked = admin.run(&rooms::block(&room, true)).await;
        if !id.contains(':') && !maker().capabilities().since(136) {
            // Rooms without a server in their name are of later versions.
            let illegal = matches!(blocked, Err(ApiError::Matrix { status: 400, .. }));
            assert!(illegal, "{blocked:?}");
            continue;
        }
        assert!(blocked.unwrap().block);
        let is = admin.run(&rooms::is_blocked(&room)).await.unwrap();
        assert!(is.block && is.user_id.is_some());
        // Blocking it twice is no error, and it is not listed anywhere.
        admin.run(&rooms::block(&room, true)).await.unwrap();
        assert!(!admin.run(&rooms::block(&room, false)).await.unwrap().block);
    }
}

#[tokio::test]
async fn another_servers_directory_is_asked_for_there() {
    let of = |server: &str| ListPublished {
        limit: 3,
        server: ServerName::parse(server),
        ..Default::default()
    };
    // One's own is answered here.
    assert!(!page(&of(maker().server().as_str())).await.chunk.is_empty());
    // Nobody is there, and this server talks to nobody.
    let request = directory::published(&of("nobody.invalid"));
    let error = maker().admin().run(&request).await.unwrap_err();
    assert!(matches!(error.status(), Some(403 | 500..)), "{error:?}");
}
