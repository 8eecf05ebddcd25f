//! What was said in a room: read both ways, filtered, found by date and by ID, removed.

use journeys::browser::{Options, Page, journey, stage};
use serde_json::{Value, json};
use synapse_admin::api::encode::encoded;
use synapse_admin::api::request::Request;
use synapse_admin::api::server::Feature;
use synapse_admin::api::users::UserChange;
use synapse_admin::api::{RoomId, UserId, events, rooms};
use xtask::native::Client;
use xtask::proxy::{Fault, Rule};

async fn own_room(prefix: &str, body: Value) -> (Client, UserId, RoomId) {
    let maker = stage().maker;
    let user = maker.make_fresh_user(prefix).await.unwrap();
    let client = maker.act_as(&user).await.unwrap();
    let room = maker.make_room(&client, &body).await.unwrap();
    (client, user, room)
}

async fn say(client: &Client, room: &RoomId, content: Value) -> String {
    let sent = stage().maker.send(client, room, "m.room.message", &content);
    sent.await.unwrap()
}

async fn open(page: &Page, room: &RoomId, more: &str) {
    page.open(&format!(
        "/rooms/{}?tab=messages{more}",
        encoded(room.as_str())
    ))
    .await;
}

fn has(feature: Feature) -> bool {
    stage().maker.capabilities().has(feature)
}

#[tokio::test]
async fn read_backwards_to_the_beginning() {
    if !has(Feature::RoomMessages) {
        return;
    }
    journey(Options::default(), async |page: &Page| {
        page.sign_in(&stage().synapse.url()).await;
        let room = stage().world.room("history");
        open(page, room, "").await;
        page.css(".event").counts(50).await;
        page.is_accessible().await;
        let first = page.css(".event").first();
        let before = first.text().await;
        page.button("Older").click().await;
        page.css(".event").counts(100).await;
        // What was first is still there, and not where the new ones are.
        assert_eq!(page.css(".event").nth(50).text().await, before);
        for count in [150, 200, 250, 300] {
            page.button("Older").click().await;
            page.css(".event").counts(count).await;
        }
        page.button("Older").click().await;
        page.sees("This is where it begins.").await;
        page.css(".event").first().says("created the room").await;
        // Each once.
        let texts = page.css(".event time").count().await;
        assert!(texts > 300);
    })
    .await;
}

#[tokio::test]
async fn what_is_open_stays_open_when_older_ones_come() {
    if !has(Feature::RoomMessages) {
        return;
    }
    journey(Options::default(), async |page: &Page| {
        page.sign_in(&stage().synapse.url()).await;
        open(page, stage().world.room("history"), "").await;
        page.css(".event").counts(50).await;
        page.css(".event summary").first().click().await;
        let json = page.css(".event .json").text().await;
        assert!(json.contains("event_id"), "{json}");
        page.button("Older").click().await;
        page.css(".event").counts(100).await;
        page.css(".event details[open]").counts(1).await;
        let event = page.css(".event").nth(50);
        assert_eq!(event.css(".json").text().await, json);
    })
    .await;
}

#[tokio::test]
async fn names_that_could_not_be_read_are_asked_for_again() {
    // Older ones are not asked.
    if !stage().maker.capabilities().since(123) {
        return;
    }
    journey(Options::default(), async |page: &Page| {
        let maker = stage().maker;
        let called = UserChange {
            displayname: Some("Called Something".to_owned()),
            ..Default::default()
        };
        let localpart = maker.fresh_localpart("nameless");
        let user = maker.make_user(&localpart, &called).await.unwrap();
        let client = maker.act_as(&user).await.unwrap();
        let body = json!({"name": "Nameless", "preset": "public_chat"});
        let room = maker.make_room(&client, &body).await.unwrap();
        say(
            &client,
            &room,
            json!({"msgtype": "m.text", "body": "Hello"}),
        )
        .await;
        page.until("its members are counted", async || {
            stage().run(&rooms::get(&room)).await.room.joined_members == Some(1)
        })
        .await;

        let proxy = page.proxy();
        page.sign_in(&proxy.url()).await;
        page.expects_complaint(&["/state", "status of 403"]);
        let state = "/_synapse/admin/v1/rooms/*/state?type=m.room.member";
        let no = r#"{"errcode": "M_FORBIDDEN", "error": "No"}"#;
        proxy.add(Rule::new("GET", state, Fault::matrix(403, no)));
        open(page, &room, "").await;
        let last = page.css(".event").nth(-1);
        last.says(&format!("{user}: Hello")).await;
        page.until("it is refused", async || {
            let all = proxy.seen_of("GET", state);
            all.iter().any(|seen| seen.status == Some(403))
        })
        .await;
        proxy.clear_rules();
        page.link("Permissions").click().await;
        page.sees("Change the name").await;
        page.link("Messages").click().await;
        last.says("Called Something: Hello").await;
        // What is known is not asked for again.
        let asked = proxy.count("GET", state);
        page.link("Permissions").click().await;
        page.sees("Called Something").await;
        assert_eq!(proxy.count("GET", state), asked);
    })
    .await;
}

#[tokio::test]
async fn every_kind_of_message_reads() {
    if !has(Feature::RoomMessages) {
        return;
    }
    journey(Options::default(), async |page: &Page| {
        let body = json!({"name": "Kinds", "preset": "public_chat"});
        let (client, user, room) = own_room("speaker", body).await;
        let hello = say(
            &client,
            &room,
            json!({"msgtype": "m.text", "body": "Hello <i>all</i>"}),
        )
        .await;
        say(
            &client,
            &room,
            json!({"msgtype": "m.emote", "body": "waves"}),
        )
        .await;
        say(
            &client,
            &room,
            json!({"msgtype": "m.file", "body": "a.pdf", "url": "mxc://x.org/a",
            "info": {"size": 2048}}),
        )
        .await;
        let maker = stage().maker;
        let reaction =
            json!({"m.relates_to": {"rel_type": "m.annotation", "event_id": hello, "key": "👍"}});
        maker
            .send(&client, &room, "m.reaction", &reaction)
            .await
            .unwrap();
        let secret = json!({"algorithm": "m.megolm.v1.aes-sha2", "ciphertext": "x"});
        maker
            .send(&client, &room, "m.room.encrypted", &secret)
            .await
            .unwrap();
        maker
            .send(&client, &room, "org.example.odd", &json!({"a": 1}))
            .await
            .unwrap();
        page.sign_in(&stage().synapse.url()).await;
        open(page, &room, "").await;
        for words in [
            "Hello <i>all</i>",
            "waves",
            "sent a file: a.pdf",
            "reacted with 👍",
            "sent an encrypted message",
            "org.example.odd",
            "joined",
        ] {
            page.sees(words).await;
        }
        page.field("Show").choose("Messages with a file").await;
        page.css(".event").counts(1).await;
        page.css(".event").says("a.pdf").await;
        page.field("Show").choose("Memberships").await;
        page.css(".event").counts(1).await;
        page.css(".event").says("joined").await;
        page.field("Show").choose("Everything").await;
        page.field("Only of these users")
            .fill("@nobody:elsewhere.example")
            .await;
        page.sees("Nothing here.").await;
        page.field("Only of these users").fill(user.as_str()).await;
        page.sees("waves").await;
    })
    .await;
}

#[tokio::test]
async fn an_event_nested_too_deeply_hides_nothing_else() {
    if !has(Feature::RoomMessages) {
        return;
    }
    journey(Options::default(), async |page: &Page| {
        let (client, user, room) = own_room("digger", json!({"name": "Depths"})).await;
        say(
            &client,
            &room,
            json!({"msgtype": "m.text", "body": "Before"}),
        )
        .await;
        let deep = (0..125).fold(json!(1), |inner, _| json!([inner]));
        let content = json!({"msgtype": "m.text", "body": "Deep", "x": deep});
        let id = say(&client, &room, content).await;
        say(
            &client,
            &room,
            json!({"msgtype": "m.text", "body": "After"}),
        )
        .await;
        let data = format!("/_matrix/client/v3/user/{user}/account_data/org.example.deep");
        let data = Request::<Value>::put(data, &json!({"x": deep}));
        client.run(&data).await.unwrap();
        page.sign_in(&stage().synapse.url()).await;
        open(page, &room, "").await;
        page.sees("Before").await;
        page.sees("After").await;
        let event = page.css(".event").nth(-2);
        event.says("Cannot be read in full").await;
        event.css("summary").click().await;
        page.sees("nested more deeply than a browser can read")
            .await;
        page.is_accessible().await;
        let state = format!("/rooms/{}?tab=state", encoded(room.as_str()));
        page.open(&state).await;
        page.sees("Depths").await;
        if has(Feature::FetchEvent) {
            page.open(&format!("/events/{}", encoded(&id))).await;
            page.sees("nested more deeply than a browser can read")
                .await;
        }
        let data = format!("/users/{}?tab=account_data", encoded(user.as_str()));
        page.open(&data).await;
        page.sees("org.example.deep").await;
    })
    .await;
}

#[tokio::test]
async fn found_by_link_by_date_and_by_id() {
    if !has(Feature::RoomMessages) {
        return;
    }
    journey(Options::default(), async |page: &Page| {
        let (client, _, room) = own_room("finder", json!({"name": "Found"})).await;
        let mut sent = Vec::new();
        for number in 0..120 {
            let content = json!({"msgtype": "m.text", "body": format!("Number {number:03}")});
            sent.push(say(&client, &room, content).await);
        }
        page.sign_in(&stage().synapse.url()).await;
        open(page, &room, "").await;
        page.sees("Number 119").await;
        let link = format!("https://matrix.to/#/{room}/{}?via=x.org", sent[40]);
        page.field("Go to an event").fill(&link).await;
        page.css("form").button("Go").nth(1).click().await;
        page.css(".event[data-sought]").says("Number 040").await;
        page.sees("Number 041").await;
        page.sees("Number 039").await;
        page.no_longer_sees("Number 119").await;
        page.button("Newer").click().await;
        page.sees("Number 090").await;
        // The address is enough.
        page.reload().await;
        page.css(".event[data-sought]").says("Number 040").await;
        page.link("Show the latest messages").click().await;
        page.sees("Number 119").await;

        // Long ago there was nothing: the first that came after it.
        page.field("Go to a date").set("2020-01-01T00:00").await;
        page.css("form").button("Go").first().click().await;
        page.css(".event[data-sought]")
            .says("created the room")
            .await;

        if has(Feature::FetchEvent) {
            page.open(&format!("/events/{}", encoded(&sent[7]))).await;
            page.sees("Number 007").await;
            page.sees(room.as_str()).await;
            page.is_accessible().await;
            page.link("Show it in the room").click().await;
            page.css(".event[data-sought]").says("Number 007").await;
            page.allows_complaint(&["404"]);
            page.open("/events/$nothing").await;
            page.sees("No such event").await;
        } else {
            page.open(&format!("/events/{}", encoded(&sent[7]))).await;
            page.sees("Needs Synapse 1.140.0").await;
        }
    })
    .await;
}

#[tokio::test]
async fn a_message_is_removed_for_everybody() {
    if !has(Feature::RoomMessages) {
        return;
    }
    journey(Options::default(), async |page: &Page| {
        let body = json!({"name": "Tidied", "preset": "public_chat"});
        let (client, sender, room) = own_room("untidy", body).await;
        let bad = say(
            &client,
            &room,
            json!({"msgtype": "m.text", "body": "Buy now!"}),
        )
        .await;
        page.sign_in(&stage().synapse.url()).await;
        page.allows_complaint(&["403"]);
        let remove = async |rises: bool| {
            open(page, &room, &format!("&event={}", encoded(&bad))).await;
            page.css(".event[data-sought] summary").click().await;
            page.button("Remove message").click().await;
            let title = format!("Remove the message of {sender}");
            let question = page.dialog(&format!("{title}?"));
            question.says("Buy now!").await;
            question.field("Reason").fill("advertising").await;
            let rise = question.checkbox_like("Take the power to, if I lack it");
            rise.tick(rises).await;
            question.button(&title).click().await;
        };
        let removed = async || {
            let event = synapse_admin::api::EventId::parse(&bad).unwrap();
            let found = stage().run(&events::context(&room, &event, 1)).await;
            found.event.is_redacted()
        };
        // Who is not in the room must not, unless they take the power to.
        remove(false).await;
        page.sees("1 was not done").await;
        assert!(!removed().await);
        page.open("/rooms").await;
        remove(true).await;
        page.until("it is removed", async || removed().await).await;
        page.css(".event[data-sought]")
            .says("has removed (advertising)")
            .await;
    })
    .await;
}

#[tokio::test]
async fn a_removed_message_is_marked_where_it_stands() {
    if !has(Feature::RoomMessages) {
        return;
    }
    journey(Options::default(), async |page: &Page| {
        let client = stage().maker.admin();
        let body = json!({"name": "Weeded", "preset": "public_chat"});
        let room = stage().maker.make_room(client, &body).await.unwrap();
        for number in 0..55 {
            let content = json!({"msgtype": "m.text", "body": format!("Number {number:02}")});
            say(client, &room, content).await;
        }
        let proxy = page.proxy();
        page.sign_in(&proxy.url()).await;
        open(page, &room, "").await;
        page.css(".event").counts(50).await;
        page.button("Older").click().await;
        page.css(".event").first().says("created the room").await;
        let paged = page.css(".event").count().await;
        let event = page.css(".event").nth(-10);
        event.says("Number 45").await;
        event.css("summary").click().await;
        let remove = async || {
            event.button("Remove message").click().await;
            let question = page.css("dialog[open]");
            question.says("Number 45").await;
            let rise = question.checkbox_like("Take the power to, if I lack it");
            rise.tick(false).await;
            question.button_like("Remove the message of").click().await;
        };

        // What came to nothing changes nothing.
        page.expects_complaint(&["/redact/", "status of 403"]);
        let path = "/_matrix/client/v3/rooms/*/redact/*";
        let no = r#"{"errcode": "M_FORBIDDEN", "error": "No"}"#;
        let refused = proxy.add(Rule::new("PUT", path, Fault::matrix(403, no)));
        remove().await;
        page.sees("1 was not done").await;
        event.says("Number 45").await;
        page.css(".event").counts(paged).await;
        proxy.remove(refused);

        let asked = proxy.count("GET", "/_synapse/admin/v1/rooms/*/messages");
        remove().await;
        event.says("has removed").await;
        event.button("Remove message").goes().await;
        page.css(".event").counts(paged).await;
        page.css(".event").first().says("created the room").await;
        page.css(".event").nth(-11).says("Number 44").await;
        let again = proxy.count("GET", "/_synapse/admin/v1/rooms/*/messages");
        assert_eq!(again, asked, "it has been paged anew");
        // Who goes on with the keyboard goes on from there.
        page.until("the line has the focus", async || {
            let script = "return document.activeElement.closest('.event')?.innerText ?? ''";
            let line = page.script(script, vec![]).await;
            line.as_str()
                .is_some_and(|line| line.contains("has removed"))
        })
        .await;
        // More that is read does not bring it back.
        say(
            client,
            &room,
            json!({"msgtype": "m.text", "body": "Newest"}),
        )
        .await;
        page.button("Newer").click().await;
        page.sees("Newest").await;
        page.no_longer_sees("Number 45").await;
    })
    .await;
}

#[tokio::test]
async fn the_palette_leads_to_rooms_and_events() {
    journey(Options::default(), async |page: &Page| {
        let body = json!({"name": "Palette garden", "preset": "public_chat"});
        let (client, _, room) = own_room("pointed", body).await;
        let event = say(&client, &room, json!({"msgtype": "m.text", "body": "Here"})).await;
        page.sign_in(&stage().synapse.url()).await;
        let look_up = async |text: &str| {
            page.button_like("Search").first().click().await;
            page.css("dialog[open] input").fill(text).await;
        };
        look_up("palette garden").await;
        page.css("dialog[open] [role=option]")
            .first()
            .appears()
            .await;
        page.sees(room.as_str()).await;
        page.css("dialog[open] [role=option]").first().click().await;
        page.is_at(&format!("/rooms/{room}")).await;
        look_up(&format!("https://matrix.to/#/{room}/{event}")).await;
        page.sees("Show it in the room").await;
        page.css("dialog[open] [role=option]").first().click().await;
        if has(Feature::RoomMessages) {
            page.css(".event[data-sought]").says("Here").await;
        }
    })
    .await;
}

#[tokio::test]
async fn filtered_in_and_out_as_the_address_says() {
    if !has(Feature::RoomMessages) {
        return;
    }
    journey(Options::default(), async |page: &Page| {
        let body = json!({"name": "Sieve", "preset": "public_chat"});
        let (client, user, room) = own_room("sifted", body).await;
        let maker = stage().maker;
        let other = maker.make_fresh_user("sifting").await.unwrap();
        let theirs = maker.act_as(&other).await.unwrap();
        theirs.run(&rooms::enter(&room)).await.unwrap();
        for (sender, content) in [
            (&client, json!({"msgtype": "m.text", "body": "Mine"})),
            (&theirs, json!({"msgtype": "m.text", "body": "Theirs"})),
            (
                &theirs,
                json!({"msgtype": "m.file", "body": "theirs.pdf", "url": "mxc://x.org/a"}),
            ),
        ] {
            say(sender, &room, content).await;
        }
        let odd = json!({"body": "Odd"});
        maker
            .send(&client, &room, "org.example.odd", &odd)
            .await
            .unwrap();
        page.sign_in(&stage().synapse.url()).await;
        open(page, &room, "&show=messages").await;
        page.css(".event").counts(3).await;
        page.css("details.more > summary").first().click().await;
        page.field("File or link (url)")
            .choose("Only without one")
            .await;
        page.css(".event").counts(2).await;
        page.field("Not of these users").fill(user.as_str()).await;
        page.css(".event").counts(1).await;
        page.css(".event").says("Theirs").await;
        page.is_accessible().await;
        page.picture("messages-filter").await;
        // What is incomplete is not asked for.
        page.field("Only of these users")
            .fill(&format!("{user}, @somebody"))
            .await;
        page.sees("Whole user IDs").await;
        page.css(".event").counts(1).await;

        // The address has all of it.
        let route = page.route().await;
        page.open("/rooms").await;
        page.open(&route).await;
        page.css(".event").counts(1).await;
        page.field("Not of these users").holds(user.as_str()).await;

        // Several types, of several users.
        page.open(&format!(
            "/rooms/{}?tab=messages&types=m.room.message,org.example.odd&senders={user},{other}",
            encoded(room.as_str())
        ))
        .await;
        page.css(".event").counts(4).await;
        page.field("Without these types")
            .fill("m.room.message")
            .await;
        page.css(".event").counts(1).await;
        page.css(".event").says("org.example.odd").await;
    })
    .await;
}

#[tokio::test]
async fn what_was_not_found_in_a_part_is_not_said_to_be_nowhere() {
    if !has(Feature::RoomMessages) {
        return;
    }
    journey(Options::default(), async |page: &Page| {
        let (client, _, room) = own_room("sparse", json!({"name": "Sparse"})).await;
        say(
            &client,
            &room,
            json!({"msgtype": "m.text", "body": "Hello"}),
        )
        .await;
        let proxy = page.proxy();
        page.sign_in(&proxy.url()).await;
        // A long room in which nothing fits: there is always another place to go on at.
        let path = "/_synapse/admin/v1/rooms/*/messages";
        let answer = |end: &str| {
            let nothing = json!({"chunk": [], "start": "start", "end": end});
            Fault::matrix(200, &nothing.to_string())
        };
        proxy.add(Rule::new("GET", path, answer("one")).every(2));
        proxy.add(Rule::new("GET", path, answer("another")));
        let part = "Nothing was found in the part of the room that was looked through.";
        open(page, &room, "&types=org.example.never").await;
        page.sees(part).await;
        page.no_longer_sees("Nothing here.").await;
        page.is_accessible().await;
        for (number, button) in ["Older", "Newer"].into_iter().enumerate() {
            page.button(button).click().await;
            page.until("it has looked on", async || {
                proxy.count("GET", path) == 10 * (number + 2)
            })
            .await;
            page.css(".toast").nth(-1).says(part).await;
            page.button(button).is_usable().await;
        }
        assert!(!page.text().await.contains("Nothing newer yet."));
        proxy.clear_rules();
        page.button("Older").is_usable().await;
        open(page, &room, "&types=org.example.nowhere").await;
        page.sees("Nothing here.").await;
        page.sees("This is where it begins.").await;
    })
    .await;
}

#[tokio::test]
async fn another_filter_does_not_wait_for_what_the_one_before_asked() {
    if !has(Feature::RoomMessages) {
        return;
    }
    journey(Options::default(), async |page: &Page| {
        let proxy = page.proxy();
        page.sign_in(&proxy.url()).await;
        open(page, stage().world.room("history"), "").await;
        page.css(".event").counts(50).await;
        let path = "/_synapse/admin/v1/rooms/*/messages";
        let held = proxy.add(Rule::new("GET", path, Fault::Held).times(1));
        page.button("Older").click().await;
        page.until("older ones are asked for", async || {
            proxy.count("GET", path) == 2
        })
        .await;
        page.field("Show").choose("Messages").await;
        page.until("the filter is asked for", async || {
            proxy.count("GET", path) == 3
        })
        .await;
        page.css(".event").counts(50).await;
        page.button("Older").click().await;
        page.css(".event").counts(100).await;
        proxy.remove(held);
        page.button("Older").click().await;
        page.css(".event").counts(150).await;
    })
    .await;
}
