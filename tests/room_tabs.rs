//! The tabs of a room's page, each with its effect on the server.

use journeys::browser::acting::{agree, choose_for_page};
use journeys::browser::{Locator, Options, Page, journey, stage};
use serde_json::{Value, json};
use synapse_admin::api::encode::encoded;
use synapse_admin::api::server::Feature;
use synapse_admin::api::users::UserChange;
use synapse_admin::api::{Request, RoomAlias, RoomId, UserId, directory, events, media, rooms};
use xtask::native::Client;
use xtask::proxy::{Fault, Rule};
use xtask::world::files::png;
use xtask::world::people;

async fn own_room(prefix: &str, body: Value) -> (Client, UserId, RoomId) {
    let maker = stage().maker;
    let user = maker.make_fresh_user(prefix).await.unwrap();
    let client = maker.act_as(&user).await.unwrap();
    let room = maker.make_room(&client, &body).await.unwrap();
    (client, user, room)
}

async fn open(page: &Page, room: &RoomId, tab: &str) {
    page.open(&format!("/rooms/{}?tab={tab}", encoded(room.as_str())))
        .await;
}

async fn set_state(client: &Client, room: &RoomId, kind: &str, key: &str, content: Value) {
    let path = format!(
        "/_matrix/client/v3/rooms/{}/state/{kind}/{}",
        encoded(room.as_str()),
        encoded(key)
    );
    let answer: Value = client.run(&Request::put(path, &content)).await.unwrap();
    assert!(answer["event_id"].is_string());
}

fn has(feature: Feature) -> bool {
    stage().maker.capabilities().has(feature)
}

/// An identifier, which is shown in two parts.
async fn shows_id(page: &Page, id: &str) {
    page.css(&format!("[title=\"{id}\"]"))
        .first()
        .appears()
        .await;
}

fn names(page: &Page) -> Locator<'_> {
    page.css("tbody th[role=rowheader]")
}

#[tokio::test]
async fn overview_says_what_the_server_keeps() {
    journey(Options::default(), async |page: &Page| {
        page.sign_in(&stage().synapse.url()).await;
        let room = stage().world.room("general");
        open(page, room, "").await;
        let server = stage().maker.server();
        for words in [
            "Everything that concerns everybody",
            &format!("#general:{server}"),
            "Who can join Anyone",
            "Who sees earlier messages Anyone",
            "Published Yes",
        ] {
            page.sees(words).await;
        }
        shows_id(page, room.as_str()).await;
        page.is_accessible().await;
        // A topic is text as well.
        open(page, stage().world.room("xss"), "").await;
        page.sees("\"><script>alert(1)</script>").await;
        open(page, stage().world.room("blocked"), "").await;
        page.sees("Blocked by").await;
    })
    .await;
}

#[tokio::test]
async fn in_german() {
    journey(Options::default(), async |page: &Page| {
        page.sign_in(&stage().synapse.url()).await;
        page.field("Language").choose("Deutsch").await;
        page.open("/rooms").await;
        page.sees("Alle Räume, die Mitglieder auf diesem Server")
            .await;
        page.is_accessible().await;
        let room = stage().world.room("general");
        for (tab, words) in [
            ("", "Wer beitreten kann"),
            ("members", "Dieser Server"),
            ("permissions", "Nachrichten schreiben"),
            ("state", "hat den Raum erstellt"),
            ("actions", "Verlauf entfernen"),
        ] {
            open(page, room, tab).await;
            page.sees(words).await;
            page.is_accessible().await;
        }
    })
    .await;
}

#[tokio::test]
async fn members_have_roles() {
    journey(Options::default(), async |page: &Page| {
        let body = json!({"name": "Roles", "preset": "public_chat"});
        let (_, boss, room) = own_room("boss", body).await;
        let maker = stage().maker;
        let mut others = Vec::new();
        for _ in 0..12 {
            let user = maker.make_fresh_user("plain").await.unwrap();
            stage().run(&rooms::join(room.as_str(), &user)).await;
            others.push(user);
        }
        page.sign_in(&stage().synapse.url()).await;
        page.open(&format!(
            "/rooms/{}?tab=members&size=10",
            encoded(room.as_str())
        ))
        .await;
        names(page).counts(10).await;
        // The most powerful first.
        page.until("the role is told", async || {
            let row = page.row(boss.as_str()).text().await;
            row.contains("Creator") || row.contains("Admin")
        })
        .await;
        page.is_accessible().await;
        page.sees("13").await;

        page.field("Name or user ID")
            .fill(others[3].localpart())
            .await;
        names(page).counts(1).await;
        choose_for_page(page, "Make admin of the room").await;
        let title = format!("Make {} an admin of the room", others[3]);
        page.dialog(&format!("{title}?"))
            .button(&title)
            .click()
            .await;
        page.until("they have power", async || {
            let levels = stage()
                .run(&events::state(&room, Some("m.room.power_levels")))
                .await;
            let levels = levels
                .state
                .iter()
                .find(|of| of.kind == "m.room.power_levels");
            levels.is_some_and(|of| of.content["users"][others[3].as_str()] == 100)
        })
        .await;
        page.row(others[3].as_str()).says("Admin").await;
    })
    .await;
}

#[tokio::test]
async fn roles_that_cannot_be_read_are_not_made_up() {
    // Levels are asked for alone where the server answers with them alone.
    if !stage().maker.capabilities().since(123) {
        return;
    }
    journey(Options::default(), async |page: &Page| {
        let (_, boss, room) = own_room("levelled", json!({"preset": "public_chat"})).await;
        let other = stage().maker.make_fresh_user("levelled").await.unwrap();
        stage().run(&rooms::join(room.as_str(), &other)).await;
        let proxy = page.proxy();
        page.sign_in(&proxy.url()).await;
        page.expects_complaint(&["/state", "status of 403"]);
        let levels = "/_synapse/admin/v1/rooms/*/state?type=m.room.power_levels";
        let refused = r#"{"errcode":"M_FORBIDDEN","error":"Not now"}"#;
        proxy.add(Rule::new("GET", levels, Fault::matrix(403, refused)));
        open(page, &room, "members").await;
        names(page).counts(2).await;
        for user in [&boss, &other] {
            let row = page.row(user.as_str());
            row.says("–").await;
            let text = row.text().await;
            assert!(!text.contains("Member"), "{text}");
        }
        page.is_accessible().await;
        proxy.clear_rules();
        page.button("Refresh").click().await;
        page.row(other.as_str()).says("Member").await;
    })
    .await;
}

#[tokio::test]
async fn permissions_and_state_read_like_sentences() {
    journey(Options::default(), async |page: &Page| {
        let body = json!({"name": "Rules", "preset": "public_chat", "topic": "Be kind",
            "power_level_content_override": {"ban": 77, "events": {"m.room.topic": 42, "org.example.odd": 13}}});
        let (client, user, room) = own_room("ruler", body).await;
        set_state(&client, &room, "org.example.odd", "key", json!({"odd": "<b>thing</b>"})).await;
        page.sign_in(&stage().synapse.url()).await;
        open(page, &room, "permissions").await;
        page.sees("Ban Moderator (77)").await;
        page.sees("Change the topic Member (42)").await;
        page.sees("org.example.odd Member (13)").await;
        page.sees(user.localpart()).await;
        page.is_accessible().await;

        open(page, &room, "state").await;
        page.sees("set the topic to: Be kind").await;
        page.sees("named the room Rules").await;
        page.is_accessible().await;
        // What is not known is its type, with the JSON behind it.
        page.field("Event type").fill("org.example").await;
        page.css(".event").counts(1).await;
        page.css(".event summary").click().await;
        page.css(".json").says("<b>thing</b>").await;
        page.field("Event type").fill("").await;
        page.field("Search").fill("be kind").await;
        page.css(".event").counts(1).await;
        // What has come into the place of one that is open is open, and not empty.
        page.css(".json").says("\"topic\": \"Be kind\"").await;
    })
    .await;
}

#[tokio::test]
async fn addresses_are_added_and_removed() {
    journey(Options::default(), async |page: &Page| {
        let (_, _, room) = own_room("addressed", json!({"name": "Addressed"})).await;
        let local = stage().maker.fresh_localpart("garden");
        let whole = format!("#{local}:{}", stage().maker.server());
        let aliases = async || stage().run(&directory::aliases(&room)).await.aliases;
        page.sign_in(&stage().synapse.url()).await;
        open(page, &room, "aliases").await;
        page.sees("No addresses on this server").await;
        page.is_accessible().await;
        page.field("New address").fill("#x:elsewhere.example").await;
        page.button("Add address").is_unusable().await;
        page.field("New address").fill(&local).await;
        page.button("Add address").click().await;
        page.until("it is there", async || aliases().await == [whole.clone()])
            .await;
        page.reload().await;
        page.button(&format!("Remove {whole}")).click().await;
        let question = page.dialog("Remove address?");
        question.says(&whole).await;
        question.button("Remove address").click().await;
        page.until("it is gone", async || aliases().await.is_empty())
            .await;
        page.sees("Remove address: Finished").await;
        page.button("Undo").first().click().await;
        page.until("it is back", async || aliases().await == [whole.clone()])
            .await;
    })
    .await;
}

/// Whether an address leads here is asked right before it is changed; what was carried out although its
/// answer was lost is done.
#[tokio::test]
async fn an_address_that_leads_elsewhere_by_now_is_left_alone() {
    journey(Options::default(), async |page: &Page| {
        let (_, _, room) = own_room("lodger", json!({"name": "Lodger"})).await;
        let (_, _, other) = own_room("landlord", json!({"name": "Landlord"})).await;
        let local = stage().maker.fresh_localpart("flat");
        let whole = format!("#{local}:{}", stage().maker.server());
        let alias = RoomAlias::parse(&whole).unwrap();
        let of = async |room: &RoomId| stage().run(&directory::aliases(room)).await.aliases;
        let moves = async || {
            stage().run(&directory::remove_alias(&alias)).await;
            stage().run(&directory::add_alias(&alias, &other)).await;
        };
        let proxy = page.proxy();
        page.sign_in(&proxy.url()).await;
        open(page, &room, "aliases").await;
        page.allows_complaint(&["directory/room"]);
        let target = "/_matrix/client/v3/directory/room/*";
        proxy.add(Rule::new("PUT", target, Fault::DropAfter).times(1));
        page.field("New address").fill(&local).await;
        page.button("Add address").click().await;
        page.sees("Add address: Finished").await;
        assert_eq!(of(&room).await, std::slice::from_ref(&whole));

        // Somebody gives it to another room before it is taken back.
        moves().await;
        page.button("Undo").first().click().await;
        page.sees("Remove address: Finished · 1 left out: changed by somebody else since")
            .await;
        assert_eq!(of(&other).await, std::slice::from_ref(&whole));

        // The same where the page shows what is no longer so.
        stage().run(&directory::remove_alias(&alias)).await;
        stage().run(&directory::add_alias(&alias, &room)).await;
        page.reload().await;
        let remove = async || {
            page.button(&format!("Remove {whole}")).click().await;
            let question = page.dialog("Remove address?");
            question.button("Remove address").click().await;
        };
        page.button(&format!("Remove {whole}")).appears().await;
        moves().await;
        remove().await;
        page.sees("1 left out: changed by somebody else since")
            .await;
        assert_eq!(of(&other).await, std::slice::from_ref(&whole));

        // And a removal of which nobody heard.
        stage().run(&directory::remove_alias(&alias)).await;
        stage().run(&directory::add_alias(&alias, &room)).await;
        page.reload().await;
        proxy.add(Rule::new("DELETE", target, Fault::DropAfter).times(1));
        remove().await;
        page.sees("Remove address: Finished").await;
        assert_eq!(of(&room).await, Vec::<String>::new());
        page.button("Undo").first().click().await;
        page.until("it is back", async || of(&room).await == [whole.clone()])
            .await;
    })
    .await;
}

#[tokio::test]
async fn forward_extremities_are_counted_and_deleted() {
    journey(Options::default(), async |page: &Page| {
        let (client, _, room) = own_room("split", json!({"name": "Split"})).await;
        let maker = stage().maker;
        let mut sent = Vec::new();
        for number in 0..3 {
            let content = json!({"msgtype": "m.text", "body": format!("{number}")});
            sent.push(
                maker
                    .send(&client, &room, "m.room.message", &content)
                    .await
                    .unwrap(),
            );
        }
        // As they are after servers have not seen each other's events.
        let room_id = room.as_str();
        for event in &sent[..2] {
            let sql = format!(
                "INSERT INTO event_forward_extremities (event_id, room_id) \
                 VALUES ('{event}', '{room_id}') ON CONFLICT DO NOTHING"
            );
            maker.database().query(&sql).unwrap();
        }
        page.sign_in(&stage().synapse.url()).await;
        open(page, &room, "forward_extremities").await;
        page.sees("There are 3, which is not a problem.").await;
        shows_id(page, &sent[0]).await;
        page.is_accessible().await;
        page.button("Keep only the newest").click().await;
        let title = "Delete 2 forward extremities";
        agree(page, title, Some("2")).await;
        page.sees("There is one, as it should be.").await;
        let left =
            format!("SELECT event_id FROM event_forward_extremities WHERE room_id = '{room_id}'");
        let left = maker.database().query(&left).unwrap();
        assert_eq!(left.len(), 1, "{left:?}");
    })
    .await;
}

#[tokio::test]
async fn an_error_is_not_taken_for_no_extremities() {
    journey(Options::default(), async |page: &Page| {
        let (_, _, room) = own_room("erring", json!({"name": "Erring"})).await;
        let proxy = page.proxy();
        page.expects_complaint(&["forward_extremities", "status of 500"]);
        page.sign_in(&proxy.url()).await;
        let path = "/_synapse/admin/v1/rooms/*/forward_extremities";
        proxy.add(Rule::new("GET", path, Fault::server_error()));
        open(page, &room, "forward_extremities").await;
        page.css(".notice[data-tone=bad]").appears().await;
        assert!(!page.text().await.contains("The server tells of none"));
        proxy.clear_rules();
        page.button("Retry").click().await;
        page.sees("There is one, as it should be.").await;
    })
    .await;
}

#[tokio::test]
async fn names_that_come_later_come() {
    // Names are asked for where the server answers with members alone.
    if !stage().maker.capabilities().since(123) {
        return;
    }
    journey(Options::default(), async |page: &Page| {
        let maker = stage().maker;
        let change = UserChange {
            displayname: Some("Late <b>Name</b>".to_owned()),
            ..Default::default()
        };
        let localpart = maker.fresh_localpart("late");
        let user = maker.make_user(&localpart, &change).await.unwrap();
        let client = maker.act_as(&user).await.unwrap();
        let room = maker
            .make_room(&client, &json!({"name": "Late"}))
            .await
            .unwrap();
        let proxy = page.proxy();
        page.sign_in(&proxy.url()).await;
        let names = "/_synapse/admin/v1/rooms/*/state?type=m.room.member";
        let held = proxy.add(Rule::new("GET", names, Fault::Held));
        open(page, &room, "members").await;
        page.row(user.as_str()).appears().await;
        page.until("names are asked for", async || {
            proxy.count("GET", names) > 0
        })
        .await;
        assert!(!page.text().await.contains("Late <b>Name</b>"));
        proxy.remove(held);
        page.row(user.as_str()).says("Late <b>Name</b>").await;
    })
    .await;
}

#[tokio::test]
async fn a_space_is_a_tree_even_if_it_loops() {
    journey(Options::default(), async |page: &Page| {
        let maker = stage().maker;
        let space = json!({"name": "Outer", "preset": "public_chat",
            "creation_content": {"type": "m.space"}});
        let (client, _, outer) = own_room("spacer", space.clone()).await;
        let make = async |name: &str, kind: bool| {
            let mut body = json!({"name": name, "preset": "public_chat"});
            if kind {
                body["creation_content"] = json!({"type": "m.space"});
            }
            maker.make_room(&client, &body).await.unwrap()
        };
        let inner = make("Inner", true).await;
        let leaf = make("Leaf <b>", false).await;
        let via = json!({"via": [maker.server().as_str()]});
        for (parent, child) in [
            (&outer, inner.as_str()),
            (&inner, leaf.as_str()),
            (&inner, outer.as_str()),
            (&outer, "!unknown:elsewhere.example"),
        ] {
            set_state(&client, parent, "m.space.child", child, via.clone()).await;
        }
        page.sign_in(&stage().synapse.url()).await;
        // Servers without the hierarchy are asked room by room.
        page.allows_complaint(&["404"]);
        open(page, &outer, "hierarchy").await;
        page.css(".tree-branch summary").says("Inner").await;
        shows_id(page, "!unknown:elsewhere.example").await;
        page.sees("Not visible to this server").await;
        page.no_longer_sees("Leaf <b>").await;
        page.css(".tree-branch summary").first().click().await;
        page.sees("Leaf <b>").await;
        page.sees("Already above").await;
        page.is_accessible().await;
        page.link("Leaf <b>").click().await;
        page.is_at(&format!("/rooms/{leaf}")).await;
        page.heading("Leaf <b>").appears().await;
        assert!(!page.link("Hierarchy").exists().await);
    })
    .await;
}

/// Spaces of thousands of rooms are read in parts. What has not been asked for is not called
/// invisible, and the server forgets after a while where one was.
#[tokio::test]
async fn what_was_not_asked_of_a_space_is_not_called_invisible() {
    if !has(Feature::SpaceHierarchy) {
        return;
    }
    journey(Options::default(), async |page: &Page| {
        let maker = stage().maker;
        let space = json!({"name": "Wide", "preset": "public_chat",
            "creation_content": {"type": "m.space"}});
        let (client, _, space) = own_room("widener", space).await;
        let body = json!({"name": "Far down", "preset": "public_chat"});
        let inside = maker.make_room(&client, &body).await.unwrap();
        let via = json!({"via": [maker.server().as_str()]});
        let hidden = "!unknown:elsewhere.example";
        for child in [inside.as_str(), hidden] {
            set_state(&client, &space, "m.space.child", child, via.clone()).await;
        }
        let proxy = page.proxy();
        page.sign_in(&proxy.url()).await;
        // As long as there is always one page more, that has none of the rooms.
        let listed = [inside.as_str(), hidden]
            .map(|room| json!({"type": "m.space.child", "state_key": room, "content": via}));
        let endless = json!({
            "rooms": [{"room_id": space, "room_type": "m.space", "children_state": listed}],
            "next_batch": "nobody-knows-this",
        });
        let path = format!("/_synapse/admin/v1/rooms/{space}/hierarchy");
        let rule = Rule::new("GET", &path, Fault::matrix(200, &endless.to_string()));
        let endless = proxy.add(rule);
        open(page, &space, "hierarchy").await;
        page.sees("The space lists 2 more, which have not been asked for yet.")
            .await;
        page.no_longer_sees("Not visible to this server").await;
        page.is_accessible().await;
        proxy.remove(endless);
        page.allows_complaint(&["/hierarchy", "400"]);
        page.button("Read more").click().await;
        page.sees("Far down").await;
        shows_id(page, hidden).await;
        page.sees("Not visible to this server").await;
        page.button("Read more").goes().await;
    })
    .await;
}

#[tokio::test]
async fn refresh_asks_anew_about_the_files_of_a_room() {
    if !has(Feature::MediaInfo) {
        return;
    }
    journey(Options::default(), async |page: &Page| {
        let (client, user, room) = own_room("sharer", json!({"name": "Shared again"})).await;
        let maker = stage().maker;
        let bytes = png(16, 33);
        let upload = maker.upload_media(&user, &bytes, "image/png", Some("33.png"));
        let file = upload.await.unwrap();
        let content = json!({"msgtype": "m.image", "body": "a.png", "url": file.to_string()});
        let sent = maker.send(&client, &room, "m.room.message", &content);
        sent.await.unwrap();
        page.sign_in(&stage().synapse.url()).await;
        open(page, &room, "media").await;
        page.row("33.png").says(user.localpart()).await;
        assert!(!page.css("tbody").text().await.contains("Quarantined"));
        // Somebody else did it meanwhile.
        stage()
            .run(&media::quarantine(&file.server, &file.media_id))
            .await;
        page.css(".list").button("Refresh").click().await;
        page.row("33.png").says("Quarantined").await;
    })
    .await;
}

#[tokio::test]
async fn files_of_a_room() {
    journey(Options::default(), async |page: &Page| {
        let (client, user, room) = own_room("sharer", json!({"name": "Shared"})).await;
        let maker = stage().maker;
        let mut files = Vec::new();
        for seed in [31, 32] {
            let file = maker
                .upload_media(
                    &user,
                    &png(16, seed),
                    "image/png",
                    Some(&format!("{seed}.png")),
                )
                .await
                .unwrap();
            let content =
                json!({"msgtype": "m.image", "body": "shared.png", "url": file.to_string()});
            maker
                .send(&client, &room, "m.room.message", &content)
                .await
                .unwrap();
            files.push(file);
        }
        page.sign_in(&stage().synapse.url()).await;
        // Deleted files stay in the messages; the server knows nothing of them.
        page.allows_complaint(&["404", "/media/"]);
        open(page, &room, "media").await;
        names(page).counts(2).await;
        page.is_accessible().await;
        if has(Feature::MediaInfo) {
            page.row("31.png").says(user.localpart()).await;
            // Looked into, and nearer.
            page.button("31.png").click().await;
            page.dialog("31.png").css("img").appears().await;
            page.dialog("31.png").button("Close").nth(-1).click().await;
            page.button("Actions for 31.png").click().await;
            page.css("[popover]").link("Details").click().await;
            page.heading("File").appears().await;
            page.back().await;
            names(page).counts(2).await;
        }
        page.checkbox("Select all on this page").tick(true).await;
        page.css(".bulk-bar").button("Quarantine").click().await;
        let title = "Quarantine 2 files";
        page.dialog(&format!("{title}?"))
            .button(title)
            .click()
            .await;
        let quarantined = async || {
            let sql = format!(
                "SELECT quarantined_by FROM local_media_repository WHERE media_id IN ('{}', '{}') \
                 AND quarantined_by IS NOT NULL",
                files[0].media_id, files[1].media_id
            );
            maker.database().query(&sql).unwrap().len()
        };
        page.until("they are", async || quarantined().await == 2)
            .await;
        // The list tells it a moment later, where the server does.
        if has(Feature::MediaInfo) {
            page.row("31.png").says("Quarantined").await;
            page.row("32.png").says("Quarantined").await;
        } else {
            page.css(".bulk-bar").goes().await;
        }
        page.checkbox("Select all on this page").tick(true).await;
        page.css(".bulk-bar")
            .button("Remove from quarantine")
            .click()
            .await;
        let title = "Remove 2 files from quarantine";
        page.dialog(&format!("{title}?"))
            .button(title)
            .click()
            .await;
        page.until("they are not", async || quarantined().await == 0)
            .await;
        page.until("the list says so", async || {
            let rows = page.css("tbody tr[aria-rowindex]").texts().await;
            rows.len() == 2 && rows.iter().all(|row| !row.contains("Quarantined"))
        })
        .await;
        page.checkbox("Select all on this page").tick(true).await;
        page.css(".bulk-bar").button("Delete").click().await;
        agree(page, "Delete 2 files", Some("2")).await;
        page.until("they are gone", async || {
            let list = media::list_of_user(
                &user,
                &media::ListMedia {
                    limit: 10,
                    ..Default::default()
                },
            );
            stage().run(&list).await.total == 0
        })
        .await;
    })
    .await;
}

#[tokio::test]
async fn odd_rooms_have_pages() {
    journey(Options::default(), async |page: &Page| {
        page.sign_in(&stage().synapse.url()).await;
        // Without name, without members, of old versions, encrypted, with odd names.
        for key in [
            "nameless.0",
            "empty.0",
            "version.1",
            "version.6",
            "encrypted.0",
            "rtl",
            "zalgo",
            "newline",
            "long",
            "old",
        ] {
            let room = stage().world.room(key);
            open(page, room, "").await;
            shows_id(page, room.as_str()).await;
            for tab in [
                "members",
                "state",
                "permissions",
                "media",
                "forward_extremities",
            ] {
                // Nobody here is in an empty room, which the server takes for its own error.
                page.allows_complaint(&["500", "forward_extremities"]);
                open(page, room, tab).await;
                page.css(".tab[aria-current=page]").appears().await;
                assert!(
                    !page.css(".notice[data-tone=bad]").exists().await,
                    "{key} {tab}"
                );
            }
        }
        let own = stage().maker.user(people::ADMIN);
        assert!(own.as_str().starts_with('@'));
    })
    .await;
}

/// A room of which the server has no more than what the list shows.
async fn made_up(prefix: &str, version: &str, members: u32) -> RoomId {
    let maker = stage().maker;
    let text = format!("!{}:{}", maker.fresh_localpart(prefix), maker.server());
    let room = RoomId::parse(&text).unwrap();
    for sql in [
        format!(
            "INSERT INTO rooms (room_id, is_public, creator, room_version) \
             VALUES ('{room}', FALSE, '@nobody:elsewhere.example', '{version}')"
        ),
        format!(
            "INSERT INTO room_stats_state (room_id, name, join_rules) \
             VALUES ('{room}', 'Broken room', 'org.example.rule')"
        ),
        format!(
            "INSERT INTO room_stats_current (room_id, current_state_events, joined_members, \
             local_users_in_room, invited_members, left_members, banned_members, \
             completed_delta_stream_id) VALUES ('{room}', 0, {members}, 0, 0, 0, 0, 0)"
        ),
    ] {
        maker.database().query(&sql).unwrap();
    }
    room
}

#[tokio::test]
async fn a_room_with_thousands_of_members() {
    journey(Options::default(), async |page: &Page| {
        let room = made_up("crowded", "10", 4000).await;
        let database = stage().maker.database();
        let sql = format!(
            "WITH RECURSIVE many(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM many WHERE n < 4000) \
             INSERT INTO current_state_events (event_id, room_id, type, state_key, membership) \
             SELECT '$made-up-' || n || '{room}', '{room}', 'm.room.member', \
             '@guest.' || n || ':elsewhere.example', 'join' FROM many"
        );
        database.query(&sql).unwrap();
        // There are no events behind it.
        page.allows_complaint(&["/state", "status of"]);
        page.sign_in(&stage().synapse.url()).await;
        page.open(&format!(
            "/rooms/{}?tab=members&size=1000",
            encoded(room.as_str())
        ))
        .await;
        page.sees("1–1,000 of 4,000").await;
        // Of so many the names are not asked for, and only those in sight are in the page.
        assert!(names(page).count().await < 200);
        page.field("Name or user ID").fill("@guest.3999:").await;
        page.row("@guest.3999:elsewhere.example").appears().await;
        names(page).counts(1).await;
        page.row("@guest.3999:elsewhere.example")
            .says("elsewhere.example")
            .await;
    })
    .await;
}

#[tokio::test]
async fn what_is_not_known_of_a_room_without_statistics_is_not_called_no() {
    journey(Options::default(), async |page: &Page| {
        let maker = stage().maker;
        let text = format!("!{}:{}", maker.fresh_localpart("uncounted"), maker.server());
        let room = RoomId::parse(&text).unwrap();
        let sql = format!(
            "INSERT INTO rooms (room_id, is_public, creator, room_version) \
             VALUES ('{room}', FALSE, '@nobody:elsewhere.example', '10')"
        );
        maker.database().query(&sql).unwrap();
        page.sign_in(&stage().synapse.url()).await;
        open(page, &room, "").await;
        for label in [
            "Name",
            "Who can join",
            "Guests",
            "Who sees earlier messages",
            "Encryption",
            "Federated",
        ] {
            page.sees(&format!("{label} –")).await;
        }
        page.sees("The server has no record of it").await;
        page.sees("Published No").await;
        let sql = format!("DELETE FROM rooms WHERE room_id = '{room}'");
        maker.database().query(&sql).unwrap();
    })
    .await;
}

#[tokio::test]
async fn a_room_of_an_unknown_version_without_state() {
    journey(Options::default(), async |page: &Page| {
        let room = made_up("broken", "org.example.unknown", 0).await;
        // The server may refuse all that is about its state.
        page.allows_complaint(&["status of 4"]);
        page.allows_complaint(&["status of 5"]);
        page.sign_in(&stage().synapse.url()).await;
        page.open(&format!("/rooms?q={}", encoded(room.as_str())))
            .await;
        page.row("Broken room").appears().await;
        open(page, &room, "").await;
        page.sees("org.example.unknown").await;
        page.sees("org.example.rule").await;
        for tab in [
            "members",
            "messages",
            "state",
            "media",
            "aliases",
            "permissions",
        ] {
            open(page, &room, tab).await;
            page.css(".tab[aria-current=page]").appears().await;
            page.css("main .skeleton").goes().await;
        }
        // What is broken can be deleted all the same.
        open(page, &room, "actions").await;
        page.button("Delete").click().await;
        let question = page.dialog("Delete room “Broken room”?");
        question.checkbox_like("Even if somebody").tick(true).await;
        question.confirm("Broken room").await;
        question.button("Delete room “Broken room”").click().await;
        page.until("it is gone", async || {
            let sql = format!("SELECT 1 FROM rooms WHERE room_id = '{room}'");
            stage().maker.database().query(&sql).unwrap().is_empty()
        })
        .await;
    })
    .await;
}
