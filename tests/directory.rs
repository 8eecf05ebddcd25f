//! The room directory, and rooms that are blocked by their IDs.

use journeys::browser::acting::{agree, choose, choose_for_page};
use journeys::browser::{Locator, Options, Page, journey, stage};
use serde_json::{Value, json};
use std::time::Duration;
use synapse_admin::api::directory::{self, ListPublished, Published};
use synapse_admin::api::encode::encoded;
use synapse_admin::api::rooms;
use synapse_admin::api::{RoomAlias, RoomId};
use xtask::proxy::{Fault, Rule};

fn names(page: &Page) -> Locator<'_> {
    page.css("tbody th[role=rowheader]")
}

/// So many published rooms with a word in their names that no other has, once the directory has
/// them and all that it says of them: it lives on statistics, which come a little later, piece by
/// piece.
async fn published(prefix: &str, count: usize) -> (Vec<RoomId>, String) {
    let maker = stage().maker;
    let user = maker.make_fresh_user(prefix).await.unwrap();
    let client = maker.act_as(&user).await.unwrap();
    let word = maker.fresh_localpart(prefix);
    let mut made = Vec::new();
    for number in 0..count {
        let visibility = if number == 0 {
            "world_readable"
        } else {
            "shared"
        };
        let state = json!({"type": "m.room.history_visibility", "state_key": "",
            "content": {"history_visibility": visibility}});
        let body = json!({"name": format!("Public {word} {number}"), "preset": "public_chat",
            "visibility": "public", "topic": format!("<i>Topic</i> {number}"),
            "room_alias_name": format!("{word}{number}"), "initial_state": [state]});
        made.push(maker.make_room(&client, &body).await.unwrap());
    }
    for _ in 0..240 {
        let there = directory_of(&word).await;
        let is_whole = |room: &Published| {
            room.name.is_some() && room.topic.is_some() && room.canonical_alias.is_some()
        };
        let readable = there.iter().filter(|room| room.world_readable).count();
        if there.len() == count && readable == 1 && there.iter().all(is_whole) {
            return (made, word);
        }
        tokio::time::sleep(Duration::from_millis(250)).await;
    }
    panic!("{word} does not come into the directory");
}

async fn listed(word: &str) -> usize {
    directory_of(word).await.len()
}

/// The rooms in the directory with this word.
async fn directory_of(word: &str) -> Vec<Published> {
    let query = ListPublished {
        limit: 50,
        search: Some(word.to_owned()),
        ..Default::default()
    };
    stage().run(&directory::published(&query)).await.chunk
}

async fn is_blocked(room: &RoomId) -> bool {
    stage().run(&rooms::is_blocked(room)).await.block
}

#[tokio::test]
async fn searched_and_taken_out() {
    journey(Options::default(), async |page: &Page| {
        let (made, word) = published("shown", 3).await;
        page.sign_in(&stage().synapse.url()).await;
        page.css(".nav-list").link("Room directory").click().await;
        page.is_at("/room_directory").await;
        // Where most people are comes first; the server answers.
        names(page).first().says("General").await;
        page.sees("Answered by the server").await;
        page.is_accessible().await;
        page.picture("directory").await;
        page.prefer_dark(true).await;
        page.picture("directory-dark").await;
        page.prefer_dark(false).await;

        // What somebody wrote is text and nothing else.
        page.open(&format!("/room_directory?q={word}")).await;
        names(page).counts(3).await;
        page.row("<i>Topic</i> 2").appears().await;
        page.link("Readable without joining").click().await;
        page.is_at("/room_directory?world_readable=true").await;
        page.field("Name, topic or alias").holds("").await;
        page.field("Name, topic or alias").fill(&word).await;
        names(page).counts(1).await;
        page.row(&format!("Public {word} 0")).appears().await;

        page.open(&format!("/room_directory?q={word}&sort=name&dir=desc"))
            .await;
        names(page).counts(3).await;
        names(page).first().says(&format!("{word} 2")).await;
        choose_for_page(page, "Take out of the directory").await;
        let title = "Take 3 rooms out of the directory";
        page.dialog(&format!("{title}?"))
            .button(title)
            .click()
            .await;
        page.until("they are out", async || listed(&word).await == 0)
            .await;
        page.sees("Nothing matches").await;
        page.button("Undo").click().await;
        page.until("they are back", async || listed(&word).await == 3)
            .await;
        for room in &made {
            let now = stage().run(&directory::visibility(room)).await;
            assert_eq!(now.visibility, "public");
        }
    })
    .await;
}

#[tokio::test]
async fn how_many_rooms_there_are_is_not_made_up() {
    journey(Options::default(), async |page: &Page| {
        let rooms = |count: usize| -> Vec<Value> {
            (0..count)
                .map(|n| json!({"room_id": format!("!open{n}:{}", stage().maker.server()), "name": format!("Open {n}")}))
                .collect()
        };
        let first = json!({"chunk": rooms(25), "next_batch": "more"}).to_string();
        let proxy = page.proxy();
        page.sign_in(&proxy.url()).await;
        let path = "/_matrix/client/v3/publicRooms";
        proxy.add(Rule::new("POST", path, Fault::matrix(200, &first)));
        page.open("/room_directory").await;
        page.row("Open 24").appears().await;
        page.sees("1–25").await;
        page.sees("Page 1").await;
        let text = page.text().await;
        assert!(!text.contains("1–25 of") && !text.contains("Page 1 of"), "{text}");
        page.button("Next page").is_usable().await;
        page.button("Last page").is_unusable().await;
        page.is_accessible().await;

        // All can be meant, however many they turn out to be.
        page.checkbox("Select all on this page").tick(true).await;
        let bar = page.css(".bulk-bar");
        bar.says("25 selected").await;
        bar.button("Select all that match").click().await;
        bar.says("All that match are selected").await;
        bar.button("Select all that match").goes().await;
        page.is_accessible().await;
        proxy.clear_rules();
        let all = json!({"chunk": rooms(30)}).to_string();
        proxy.add(Rule::new("POST", path, Fault::matrix(200, &all)));
        page.allows_complaint(&["/_synapse/admin/v1/rooms/", "404"]);
        choose(page, "Block").await;
        page.dialog("Block 30 rooms?").button("Cancel").click().await;
    })
    .await;
}

#[tokio::test]
async fn on_a_phone_and_of_another_server() {
    journey(Options::phone(), async |page: &Page| {
        // Nobody is there, which the browser notes.
        page.allows_complaint(&["publicRooms"]);
        page.sign_in(&stage().synapse.url()).await;
        page.open("/room_directory").await;
        page.row("General").first().appears().await;
        page.fits_sideways().await;
        page.is_accessible().await;
        page.picture("directory-phone").await;
        page.open("/room_directory?server=nobody.invalid").await;
        page.sees("The rooms that nobody.invalid shows").await;
        page.button("Retry").appears().await;
        page.open("/room_directory?server=%3F").await;
        page.sees("This is not the name of a server.").await;
    })
    .await;
}

#[tokio::test]
async fn what_another_directory_shows_may_be_here_as_well() {
    journey(Options::default(), async |page: &Page| {
        page.allows_complaint(&["/_synapse/admin/v1/rooms/", "404"]);
        let maker = stage().maker;
        let user = maker.make_fresh_user("both").await.unwrap();
        let client = maker.act_as(&user).await.unwrap();
        let word = maker.fresh_localpart("both");
        let body = json!({"name": format!("Here {word}"), "preset": "public_chat"});
        let here = maker.make_room(&client, &body).await.unwrap();
        page.until("it is in the statistics", async || {
            let found = stage().run(&rooms::get(&here)).await.room;
            found.name.is_some() && found.join_rules.is_some()
        })
        .await;
        let shown = json!({"chunk": [
            {"room_id": here.as_str(), "name": format!("Here {word}")},
            {"room_id": format!("!{word}:far.example.org"), "name": format!("Away {word}")},
        ]})
        .to_string();
        let proxy = page.proxy();
        page.sign_in(&proxy.url()).await;
        let path = "/_matrix/client/v3/publicRooms";
        proxy.add(Rule::new("POST", path, Fault::matrix(200, &shown)));
        page.open("/room_directory?server=far.example.org").await;
        names(page).counts(2).await;
        let dialog = page.dialog("Join a room");
        page.button(&format!("Join “Here {word}”")).click().await;
        dialog.says(here.as_str()).await;
        let text = dialog.text().await;
        assert!(!text.contains("not in the room yet"), "{text}");
        dialog.button("Cancel").click().await;
        page.button(&format!("Join “Away {word}”")).click().await;
        dialog.says("This server is not in the room yet.").await;
        dialog.button("Cancel").click().await;

        // Nobody knows of either that nothing would change.
        choose_for_page(page, "Add a user").await;
        let question = page.dialog("Add a user to 2 rooms?");
        question.field("User ID").appears().await;
        question.button("Cancel").click().await;
    })
    .await;
}

#[tokio::test]
async fn joined_by_alias() {
    journey(Options::default(), async |page: &Page| {
        let (made, word) = published("joined", 1).await;
        let user = stage().maker.make_fresh_user("joining").await.unwrap();
        let alias = RoomAlias::parse(&format!("#{word}0:{}", stage().maker.server())).unwrap();
        page.sign_in(&stage().synapse.url()).await;
        page.open("/room_directory").await;
        page.button("Join a room").click().await;
        let dialog = page.dialog("Join a room");
        dialog.field("Room").fill(alias.as_str()).await;
        dialog.says(made[0].as_str()).await;
        dialog.field("User ID").fill(user.as_str()).await;
        page.is_accessible().await;
        dialog.button("Join a room").click().await;
        let members = async || stage().run(&rooms::members(&made[0])).await.members;
        page.until("they are in", async || members().await.contains(&user))
            .await;
    })
    .await;
}

#[tokio::test]
async fn blocked_before_anybody_knows_them() {
    journey(Options::default(), async |page: &Page| {
        page.allows_complaint(&["/_synapse/admin/v1/rooms/", "404"]);
        page.allows_complaint(&["/directory/room/", "404"]);
        let maker = stage().maker;
        let word = maker.fresh_localpart("unheard");
        let room = |number: usize| RoomId::parse(&format!("!{word}{number}:far.example.org"));
        let unknown: Vec<RoomId> = (0..5).map(|number| room(number).unwrap()).collect();
        let user = maker.make_fresh_user("known").await.unwrap();
        let client = maker.act_as(&user).await.unwrap();
        let body = json!({"name": format!("Known {word}"), "room_alias_name": word});
        let known = maker.make_room(&client, &body).await.unwrap();
        page.until("it is in the statistics", async || {
            let found = stage().run(&rooms::get(&known)).await.room;
            found.name.is_some() && found.joined_members == Some(1)
        })
        .await;
        stage().run(&rooms::block(&unknown[4], true)).await;
        let text = format!(
            "\"{}\", {};\nhttps://matrix.to/#/{}?via=far.example.org\n{} again: {}\nno room\n{}\n#{word}:{}\n#nothing-{word}:{}\n",
            unknown[0],
            unknown[1],
            encoded(unknown[2].as_str()),
            unknown[3],
            unknown[0],
            unknown[4],
            maker.server(),
            maker.server(),
        );
        let proxy = page.proxy();
        page.sign_in(&proxy.url()).await;
        page.open("/rooms").await;
        page.link("Block by ID").click().await;
        page.is_at("/blocked_rooms").await;
        page.sees("No blocked rooms that this browser knows of").await;
        page.is_accessible().await;
        page.field("Room IDs, aliases or links").set(&text).await;
        page.button("Look up").click().await;
        page.sees("6 rooms were read. 1 more stands there again.").await;
        page.sees("Line 4 has no room: no room").await;
        page.sees(&format!("#nothing-{word}")).await;
        names(page).counts(6).await;
        page.row(unknown[4].as_str()).says("Blocked").await;
        page.row(unknown[1].as_str()).says("Not known here").await;
        page.row(&format!("Known {word}")).says("1 member").await;
        page.is_accessible().await;
        page.picture("blocked").await;
        page.prefer_dark(true).await;
        page.picture("blocked-dark").await;
        page.prefer_dark(false).await;

        // Nothing but blocking can be done to rooms that are not here; what is blocked is left out.
        choose_for_page(page, "Block").await;
        let question = page.dialog("Block 5 rooms?");
        question.says("nothing would change").await;
        question.button("Block 5 rooms").click().await;
        for room in unknown.iter().chain([&known]) {
            page.until("it is blocked", async || is_blocked(room).await)
                .await;
        }
        page.row(unknown[0].as_str())
            .says(stage().user(xtask::world::people::ADMIN).as_str())
            .await;
        page.button("Undo").click().await;
        for room in unknown[..4].iter().chain([&known]) {
            page.until("it is open", async || !is_blocked(room).await)
                .await;
        }
        assert!(is_blocked(&unknown[4]).await);

        // What this browser has blocked it remembers; whether it still is, is asked.
        page.open("/blocked_rooms?from=pasted&blocked=false").await;
        names(page).counts(5).await;
        let path = format!("/_synapse/admin/v1/rooms/{}/block", unknown[1]);
        let held = proxy.add(Rule::new("PUT", &path, Fault::Held));
        choose_for_page(page, "Block").await;
        page.dialog("Block 5 rooms?")
            .button("Block 5 rooms")
            .click()
            .await;
        page.until("all but one are blocked", async || {
            is_blocked(&unknown[2]).await && is_blocked(&known).await
        })
        .await;
        // A room that the list finds open while the job is under way is remembered all the same.
        page.open("/blocked_rooms").await;
        names(page).counts(6).await;
        page.row(unknown[1].as_str()).says("Not blocked").await;
        proxy.remove(held);
        page.open("/blocked_rooms?from=pasted&blocked=false").await;
        for room in unknown.iter().chain([&known]) {
            page.until("it is blocked again", async || is_blocked(room).await)
                .await;
        }
        page.sees("Block 5 rooms: Finished").await;
        // The page no longer finds what is open, once the job is at its end.
        names(page).counts(0).await;
        stage().run(&rooms::block(&unknown[0], false)).await;
        page.open("/users").await;
        page.reload().await;
        page.open("/blocked_rooms").await;
        names(page).counts(4).await;
        page.row(unknown[0].as_str()).counts(0).await;
        // The list of rooms finds those that are here.
        page.open(&format!("/rooms?blocked=true&q={word}")).await;
        names(page).counts(1).await;
        page.row(&format!("Known {word}")).says("Blocked").await;
        page.sees("asking every room whether it is blocked").await;
        // What is not so any more is not shown any more: because it was changed here …
        let marks = async || page.css("tbody").text().await;
        page.open(&format!("/rooms/{known}?tab=actions")).await;
        // Until it is known whether the room is blocked, there is a row more, and what is below moves.
        page.button("Unblock").appears().await;
        page.button("Block").counts(0).await;
        page.button("Unblock").click().await;
        let title = format!("Unblock room “Known {word}”");
        agree(page, &title, None).await;
        page.until("it is open", async || !is_blocked(&known).await)
            .await;
        page.button("Unblock").goes().await;
        page.open(&format!("/rooms?q={word}")).await;
        names(page).counts(1).await;
        assert!(!marks().await.contains("Blocked"));
        // … or because all is asked anew.
        stage().run(&rooms::block(&known, true)).await;
        page.open(&format!("/rooms?blocked=true&q={word}")).await;
        page.row(&format!("Known {word}")).says("Blocked").await;
        stage().run(&rooms::block(&known, false)).await;
        page.open(&format!("/rooms?q={word}")).await;
        page.button("Refresh").click().await;
        page.until("it is not marked", async || {
            names(page).count().await == 1 && !marks().await.contains("Blocked")
        })
        .await;
    })
    .await;
}

#[tokio::test]
async fn what_is_not_known_of_blocked_rooms_stands_last_whichever_the_way() {
    journey(Options::default(), async |page: &Page| {
        page.allows_complaint(&["/_synapse/admin/v1/rooms/", "404"]);
        let word = stage().maker.fresh_localpart("sorted");
        let room = |name: &str| RoomId::parse(&format!("!{word}{name}:far.example.org")).unwrap();
        let (blocked, open, silent) = (room("a"), room("b"), room("c"));
        stage().run(&rooms::block(&blocked, true)).await;
        let proxy = page.proxy();
        page.sign_in(&proxy.url()).await;
        proxy.add(Rule::new(
            "GET",
            &format!("/_synapse/admin/v1/rooms/{silent}/block"),
            Fault::matrix(404, r#"{"errcode":"M_NOT_FOUND","error":"Not found"}"#),
        ));
        page.open("/blocked_rooms?sort=blocked").await;
        page.field("Room IDs, aliases or links")
            .set(&format!("{silent} {blocked} {open}"))
            .await;
        page.button("Look up").click().await;
        names(page).counts(3).await;
        for (way, order) in [
            ("asc", [&open, &blocked, &silent]),
            ("desc", [&blocked, &open, &silent]),
        ] {
            page.open(&format!("/blocked_rooms?sort=blocked&dir={way}"))
                .await;
            page.until(&format!("they stand in order, {way}"), async || {
                names(page).texts().await == order.map(|room| room.as_str())
            })
            .await;
        }
    })
    .await;
}

#[tokio::test]
async fn blocked_rooms_on_a_phone() {
    journey(Options::phone(), async |page: &Page| {
        page.allows_complaint(&["/_synapse/admin/v1/rooms/", "404"]);
        let word = stage().maker.fresh_localpart("narrow");
        let ids: Vec<String> = (0..300)
            .map(|number| format!("!{word}{number}:far.example.org"))
            .collect();
        page.sign_in(&stage().synapse.url()).await;
        page.open("/blocked_rooms").await;
        page.field("Room IDs, aliases or links")
            .set(&ids.join(", "))
            .await;
        page.button("Look up").click().await;
        page.sees("300 rooms were read.").await;
        page.row(&format!("!{word}0:")).first().appears().await;
        page.fits_sideways().await;
        page.is_accessible().await;
        page.picture("blocked-phone").await;
    })
    .await;
}
