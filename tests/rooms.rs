//! The list of rooms: columns, search, sort, filters, ready views, and what can be done to one or
//! several, with its effect on the server.

use journeys::browser::acting::{
    act, agree, are_gone, choose, counted, is_followed, is_gone, report, rooms_of_one, select,
};
use journeys::browser::importing::LONG;
use journeys::browser::{Locator, Options, Page, journey, stage};
use serde_json::{Value, json};
use std::time::Duration;
use synapse_admin::api::encode::encoded;
use synapse_admin::api::events::{self, Walk};
use synapse_admin::api::rooms::{self, ListRooms};
use synapse_admin::api::server::Feature;
use synapse_admin::api::{ApiError, RoomAlias, RoomId, UserId, directory};
use xtask::native::Client;
use xtask::postgres::Engine;
use xtask::proxy::{Fault, Proxy, Rule, RuleId};
use xtask::world::files::png;

/// A fresh user's client, the user, and a room that they have made.
async fn own_room(prefix: &str, body: Value) -> (Client, UserId, RoomId) {
    let maker = stage().maker;
    let user = maker.make_fresh_user(prefix).await.unwrap();
    let client = maker.act_as(&user).await.unwrap();
    let room = maker.make_room(&client, &body).await.unwrap();
    (client, user, room)
}

fn has(feature: Feature) -> bool {
    stage().maker.capabilities().has(feature)
}

fn names(page: &Page) -> Locator<'_> {
    page.css("tbody th[role=rowheader]")
}

async fn open(page: &Page, room: &RoomId, tab: &str) {
    page.open(&format!("/rooms/{}?tab={tab}", encoded(room.as_str())))
        .await;
}

/// SQLite does not tell how large rooms are; the browser notes that a request was refused.
fn deletes_rooms(page: &Page) {
    page.allows_complaint(&["/_synapse/admin/v1/statistics/database/rooms"]);
    // What an old server remembers of earlier deletions is asked for before.
    page.allows_complaint(&["/delete_status", "404"]);
    // The page of a room looks whether it is still there.
    page.allows_complaint(&["/_synapse/admin/v1/rooms/", "404"]);
}

/// As long as nobody tells how far a deletion is, nobody knows, and the one after it is not begun.
fn hides_how_far(proxy: &Proxy) -> RuleId {
    proxy.add(Rule::new(
        "GET",
        "/_synapse/admin/v2/rooms/delete_status/*",
        Fault::Delay(Duration::from_secs(600)),
    ))
}

/// Waits until the server knows exactly one of them no longer.
async fn one_is_gone(page: &Page, rooms: &[RoomId]) {
    page.until("one is gone", async || {
        let mut gone = 0;
        for room in rooms {
            gone += usize::from(is_gone(stage().maker, room).await);
        }
        gone == 1
    })
    .await;
}

/// Waits until the browser keeps nothing of deletions.
async fn no_deletion_is_kept(page: &Page) {
    page.until("nothing is kept any more", async || {
        let script =
            "return Object.keys(localStorage).filter((key) => key.includes('room-del')).length";
        page.script(script, vec![]).await == 0
    })
    .await;
}

async fn is_blocked(room: &RoomId) -> bool {
    stage().run(&rooms::is_blocked(room)).await.block
}

#[tokio::test]
async fn listed_searched_and_sorted() {
    journey(Options::default(), async |page: &Page| {
        page.sign_in(&stage().synapse.url()).await;
        // Old servers are asked about the picture of each room, those of other journeys among them.
        page.allows_complaint(&["404", "/v1/rooms/"]);
        page.css(".nav-list").link("Rooms").click().await;
        page.is_at("/rooms").await;
        // Where most people are comes first.
        page.row("General").first().appears().await;
        let names_now = names(page).texts().await;
        let (crowded, others): (Vec<_>, Vec<_>) = names_now
            .iter()
            .partition(|name| name.contains("Broken room"));
        assert!(crowded.len() <= 1, "{names_now:?}");
        assert!(others[0].contains("General"), "{names_now:?}");
        page.is_accessible().await;

        page.open("/rooms?q=long+history").await;
        names(page).counts(1).await;
        page.row("#history:").appears().await;
        // A whole alias, of which the server itself finds nothing.
        let alias = format!("#history:{}", stage().maker.server());
        page.open(&format!("/rooms?q={}", encoded(&alias))).await;
        page.sees("Answered by the server").await;
        names(page).counts(1).await;
        page.row(&alias).appears().await;
        // What anybody called their room is text and nothing else.
        page.open("/rooms?q=onerror").await;
        page.row("<img src=x onerror=alert(1)>").appears().await;

        page.open("/rooms?size=100&sort=name&dir=desc").await;
        page.row("غرفة الاجتماعات").appears().await;
        // A room without a name is known by its ID.
        let nameless = stage().world.room("nameless.0");
        page.open(&format!("/rooms?q={}", encoded(nameless.as_str())))
            .await;
        page.row(nameless.as_str()).appears().await;
        page.row(nameless.as_str())
            .link(nameless.as_str())
            .click()
            .await;
        page.is_at(&format!("/rooms/{nameless}")).await;
    })
    .await;
}

/// PostgreSQL has what has no name behind the others, SQLite before them. A filter that the server does
/// not know leaves the order as it is.
#[tokio::test]
async fn the_order_is_one_whoever_answers() {
    journey(Options::default(), async |page: &Page| {
        let maker = stage().maker;
        let user = maker.make_fresh_user("ordered").await.unwrap();
        let client = maker.act_as(&user).await.unwrap();
        let word = user.localpart();
        for body in [
            json!({"name": format!("Zoo of {word}")}),
            json!({"room_alias_name": format!("{word}.b")}),
            json!({"name": format!("Ants of {word}")}),
            json!({"room_alias_name": format!("{word}.a")}),
        ] {
            maker.make_room(&client, &body).await.unwrap();
        }
        page.sign_in(&stage().synapse.url()).await;
        for descending in [false, true] {
            let question = ListRooms {
                limit: 10,
                search: Some(word.to_owned()),
                order_by: Some(rooms::order::NAME),
                descending,
                ..ListRooms::default()
            };
            let found = stage().run(&rooms::list(&question)).await.rooms;
            let expected: Vec<&str> = found.iter().map(|room| room.room_id.as_str()).collect();
            assert_eq!(expected.len(), 4);
            let way = if descending { "desc" } else { "asc" };
            for filter in ["", "&federated=true"] {
                page.open(&format!("/rooms?q={word}&sort=name&dir={way}{filter}"))
                    .await;
                page.until("they stand as the server has them", async || {
                    let links = page
                        .script(
                            "return [...document.querySelectorAll('.row-link')]
                                .map((link) => decodeURIComponent(link.hash).split('/').at(-1))",
                            vec![],
                        )
                        .await;
                    links == json!(expected)
                })
                .await;
            }
        }
    })
    .await;
}

#[tokio::test]
async fn on_a_phone() {
    journey(Options::phone(), async |page: &Page| {
        page.sign_in(&stage().synapse.url()).await;
        page.open("/rooms?q=berlin").await;
        page.row("Choir Berlin").appears().await;
        page.fits_sideways().await;
        page.is_accessible().await;
        let room = stage().world.room("long");
        for tab in ["", "members", "messages", "state", "permissions", "actions"] {
            open(page, room, tab).await;
            page.css(".tab[aria-current=page]").appears().await;
            page.fits_sideways().await;
        }
    })
    .await;
}

#[tokio::test]
async fn ready_views_find_what_nobody_needs() {
    journey(Options::default(), async |page: &Page| {
        page.sign_in(&stage().synapse.url()).await;
        page.open("/rooms").await;
        page.allows_complaint(&["404", "/v1/rooms/"]);
        // Other journeys leave rooms as well, so that these may not be on the first page.
        let nobody = async || {
            page.link("Nobody of this server").click().await;
            page.css(".chip-link[aria-current]")
                .says("Nobody of this server")
                .await;
            let view = page.route().await;
            page.open(&format!("{view}&size=500")).await;
        };
        nobody().await;
        // Who has left takes the name along.
        let abandoned = stage().world.room("empty.0");
        page.row(abandoned.as_str()).appears().await;
        // The server does not filter so: all have been read, which is said.
        page.sees("Filtered here, after reading all").await;
        for local in names(page).texts().await {
            assert!(!local.contains("General"), "{local}");
        }
        page.link("Spaces").click().await;
        page.row("Engineering").appears().await;
        page.row("Board").appears().await;
        page.row("General").goes().await;
        nobody().await;
        page.row(stage().world.room("empty.1").as_str())
            .appears()
            .await;
        let empty = stage()
            .run(&rooms::list(&ListRooms {
                limit: 1000,
                ..Default::default()
            }))
            .await;
        let empty = empty.rooms.iter().filter(|of| of.joined_members == Some(0));
        assert!(empty.count() >= 3);
        page.link("No known members").click().await;
        page.css(".chip-link[aria-current]")
            .says("No known members")
            .await;
        page.sees("neither of this server nor of others").await;
        page.row("General").goes().await;
    })
    .await;
}

#[tokio::test]
async fn the_type_of_a_room_is_said_in_words() {
    if !has(Feature::RoomTypes) {
        return;
    }
    journey(Options::default(), async |page: &Page| {
        page.allows_complaint(&["404", "/v1/rooms/"]);
        page.sign_in(&stage().synapse.url()).await;
        page.open("/rooms?space=true&q=engineering").await;
        page.row("Engineering").appears().await;
        page.button("View").click().await;
        page.group("Columns").checkbox("Type").tick(true).await;
        page.press(thirtyfour::Key::Escape + "").await;
        page.column("Type").appears().await;
        let cell = page.css("tbody td[data-label=Type]").first();
        cell.says("Space").await;
        assert!(!page.css("tbody").text().await.contains("m.space"));
        // A file has what the room was made with.
        page.takes_downloads().await;
        page.button("Export").click().await;
        page.css("[popover]").button("CSV").first().click().await;
        let (_, csv) = page.downloaded_text().await;
        assert!(csv.contains("m.space"), "{csv}");
    })
    .await;
}

#[tokio::test]
async fn views_that_ask_every_room() {
    journey(Options::default(), async |page: &Page| {
        let (client, _, room) = own_room("counted", json!({"name": "Counted ends"})).await;
        let maker = stage().maker;
        let mut sent = Vec::new();
        for number in 0..11 {
            let content = json!({"msgtype": "m.text", "body": format!("{number}")});
            let event = maker.send(&client, &room, "m.room.message", &content);
            sent.push(event.await.unwrap());
        }
        // As they are after servers have not seen each other's events.
        for event in &sent {
            let sql = format!(
                "INSERT INTO event_forward_extremities (event_id, room_id) \
                 VALUES ('{event}', '{room}') ON CONFLICT DO NOTHING"
            );
            maker.database().query(&sql).unwrap();
        }
        // Nobody is in an empty room, of which the server has an error to say.
        page.allows_complaint(&["forward_extremities"]);
        // And a room may be deleted by another journey before it is asked about.
        page.allows_complaint(&["404", "/v1/rooms/"]);
        page.sign_in(&stage().synapse.url()).await;
        page.open("/rooms").await;
        page.link("Many forward extremities").click().await;
        // As many requests as there are rooms, those of other journeys among them.
        page.row("Counted ends")
            .says_within(LONG, "11 extremities")
            .await;
        page.row("General").goes().await;
        page.sees("Found by asking every room").await;
        page.is_accessible().await;

        page.link("Largest in the database").click().await;
        match Engine::from_env() {
            Engine::Sqlite => {
                page.allows_complaint(&["statistics/database/rooms"]);
                page.sees("it needs PostgreSQL").await;
            }
            Engine::Postgres => {
                page.sees("As PostgreSQL estimates").await;
                page.row("Long History").appears().await;
                page.is_accessible().await;
                page.picture("largest-rooms").await;
            }
        }

        if has(Feature::RoomMessages) {
            page.link("Nothing for a year").click().await;
            page.sees_within(LONG, "Found by asking for the last event of every room")
                .await;
            page.row("Counted ends").goes().await;
            // All of them have been quiet for no months.
            page.open("/rooms?quiet=0&q=counted+ends").await;
            page.row("Counted ends").says("Last event").await;
        }
    })
    .await;
}

#[tokio::test]
async fn blocked_and_back() {
    journey(Options::default(), async |page: &Page| {
        let (made, part) = rooms_of_one(stage().maker, "fenced", 3).await;
        // One was blocked before, and stays so.
        stage().run(&rooms::block(&made[0], true)).await;
        page.sign_in(&stage().synapse.url()).await;
        select(page, "/rooms", &part, 3).await;
        choose(page, "Block").await;
        let question = page.dialog("Block 3 rooms?");
        question.says("can no longer join the room").await;
        question.button("Block 3 rooms").click().await;
        for room in &made {
            page.until("it is blocked", async || is_blocked(room).await)
                .await;
        }
        page.sees("Block 3 rooms: Finished").await;
        page.button("Undo").click().await;
        for room in &made[1..] {
            page.until("it is open", async || !is_blocked(room).await)
                .await;
        }
        assert!(is_blocked(&made[0]).await);
    })
    .await;
}

#[tokio::test]
async fn published_and_taken_out_of_the_directory() {
    journey(Options::default(), async |page: &Page| {
        let (made, part) = rooms_of_one(stage().maker, "shown", 2).await;
        let published = async |room: &RoomId| {
            stage().run(&directory::visibility(room)).await.visibility == "public"
        };
        page.sign_in(&stage().synapse.url()).await;
        select(page, "/rooms", &part, 2).await;
        choose(page, "Publish in the directory").await;
        let question = page.dialog("Publish 2 rooms?");
        question.button("Publish 2 rooms").click().await;
        for room in &made {
            page.until("it is published", async || published(room).await)
                .await;
        }
        page.row("Published").first().appears().await;
        page.button("Undo").click().await;
        for room in &made {
            page.until("it is not", async || !published(room).await)
                .await;
        }
    })
    .await;
}

#[tokio::test]
async fn a_user_and_oneself_come_into_a_room() {
    journey(Options::default(), async |page: &Page| {
        let (_, creator, room) =
            own_room("host", json!({"preset": "public_chat", "name": "Hosted"})).await;
        let guest = stage().maker.make_fresh_user("invited").await.unwrap();
        page.sign_in(&stage().synapse.url()).await;
        open(page, &room, "actions").await;
        // Until it is known whether the room is blocked, there is a row more, and what is below moves.
        page.button("Block").appears().await;
        page.button("Unblock").counts(0).await;
        page.button("Add a user").click().await;
        let question = page.dialog("Add a user to room “Hosted”?");
        let field = question.field("User ID");
        field.fill("@somebody:elsewhere.example").await;
        question.says("This is not a user ID of this server.").await;
        assert!(
            !question
                .button("Add a user to room “Hosted”")
                .is_enabled()
                .await
        );
        field.fill(guest.as_str()).await;
        question.button("Add a user to room “Hosted”").click().await;
        let members = async || stage().run(&rooms::members(&room)).await.members;
        page.until("they are in", async || members().await.contains(&guest))
            .await;

        page.button("Make me an admin of the room").click().await;
        let title = "Make me an admin of room “Hosted”";
        page.dialog(&format!("{title}?"))
            .button(title)
            .click()
            .await;
        let own = stage().maker.user(xtask::world::people::ADMIN);
        page.until("I have power", async || {
            let state = events::state(&room, Some("m.room.power_levels"));
            let state = stage().run(&state).await.state;
            let levels = state.iter().find(|of| of.kind == "m.room.power_levels");
            levels.is_some_and(|of| of.content["users"][own.as_str()] == 100)
        })
        .await;
        // The creator has lost nothing.
        assert!(members().await.contains(&creator));
    })
    .await;
}

#[tokio::test]
async fn deleted_for_good() {
    journey(Options::default(), async |page: &Page| {
        deletes_rooms(page);
        let alias = stage().maker.fresh_localpart("doomed");
        let body =
            json!({"name": "Doomed & gone", "preset": "public_chat", "room_alias_name": alias});
        let (_, user, room) = own_room("leaver", body).await;
        let guest = stage().maker.make_fresh_user("bystander").await.unwrap();
        stage().run(&rooms::join(room.as_str(), &guest)).await;
        counted(page, stage().maker, &room, 2).await;
        let proxy = page.proxy();
        page.sign_in(&proxy.url()).await;
        page.takes_downloads().await;
        open(page, &room, "actions").await;
        // What the server does not say is no 0, and keeps nobody from deleting.
        page.expects_complaint(&["/room", "status of 500"]);
        for (chapter, what) in [
            ("_synapse/admin/v1/room", "media"),
            ("_synapse/admin/v1/rooms", "members"),
            ("_matrix/client/v3/rooms", "aliases"),
        ] {
            let path = format!("/{chapter}/{room}/{what}");
            proxy.add(Rule::new("GET", &path, Fault::server_error()));
        }
        page.button("Delete").click().await;
        let question = page.dialog("Delete room “Doomed & gone”?");
        for fact in [
            "Who leaves unknown",
            "Local addresses unknown",
            "Files of this server in its messages unknown",
            "Files of other servers unknown",
        ] {
            question.says(fact).await;
        }
        proxy.clear_rules();
        question.button("Cancel").click().await;
        page.button("Delete").click().await;
        for fact in [
            "Doomed & gone",
            room.as_str(),
            "Local members 2",
            &alias,
            user.as_str(),
            "Files of this server in its messages 0",
        ] {
            question.says(fact).await;
        }
        page.is_accessible().await;
        question.checkbox_like("Block the room").tick(true).await;
        assert!(
            !question
                .button("Delete room “Doomed & gone”")
                .is_enabled()
                .await
        );
        question.confirm("Doomed & gone").await;
        question.button("Delete room “Doomed & gone”").click().await;
        page.until("it is gone", async || is_gone(stage().maker, &room).await)
            .await;
        // This leaves by itself.
        page.sees("Delete room “Doomed & gone”: Finished").await;
        assert!(is_blocked(&room).await);
        page.sees("This server has no room with this ID.").await;
        page.sees("Blocked by").await;
        let csv = report(page).await;
        for who in [&user, &guest] {
            assert!(csv.contains(who.as_str()), "{csv}");
        }
        assert!(csv.contains("complete"), "{csv}");
    })
    .await;
}

#[tokio::test]
async fn members_are_moved_to_a_new_room() {
    journey(Options::default(), async |page: &Page| {
        deletes_rooms(page);
        let alias = stage().maker.fresh_localpart("moved");
        let body = json!({"name": "Old home", "preset": "public_chat", "room_alias_name": alias});
        let (_, user, room) = own_room("mover", body).await;
        page.sign_in(&stage().synapse.url()).await;
        page.takes_downloads().await;
        open(page, &room, "actions").await;
        page.button("Delete").click().await;
        let question = page.dialog("Delete room “Old home”?");
        question
            .checkbox_like("Move the local members")
            .tick(true)
            .await;
        question
            .field("Creator of the new room")
            .fill("nobody")
            .await;
        question.says("This is not a user ID of this server.").await;
        let own = stage().maker.user(xtask::world::people::ADMIN);
        question
            .field("Creator of the new room")
            .fill(own.as_str())
            .await;
        question
            .says("the new one, which anybody may join, from other servers as well")
            .await;
        question.confirm("Old home").await;
        let delete = question.button("Delete room “Old home”");
        // What is left empty, Synapse would fill in: "Content Violation Notification".
        let message = question.field("Message to the members");
        message
            .holds("This room takes the place of one that has been closed on this server.")
            .await;
        let name = question.field("Name of the new room");
        name.holds("Room closed").await;
        for (field, text) in [(&name, "New home"), (&message, "We have moved.")] {
            delete.is_usable().await;
            field.fill(" ").await;
            question.says("Synapse would fill this in itself").await;
            delete.is_unusable().await;
            field.fill(text).await;
        }
        delete.click().await;
        page.until("it is gone", async || is_gone(stage().maker, &room).await)
            .await;
        page.sees("Delete room “Old home”: Finished").await;
        let csv = report(page).await;
        let address = RoomAlias::parse(&format!("#{alias}:{}", own.server())).unwrap();
        let new = stage().run(&rooms::resolve(&address)).await.room_id;
        assert!(
            csv.contains(new.as_str()) && csv.contains(address.as_str()),
            "{csv}"
        );
        let detail = stage().run(&rooms::get(&new)).await;
        assert_eq!(detail.room.name.as_deref(), Some("New home"));
        let members = stage().run(&rooms::members(&new)).await.members;
        assert!(members.contains(&user) || members.contains(&own));
    })
    .await;
}

#[tokio::test]
async fn members_who_are_moved_are_told_of_no_violation() {
    journey(Options::default(), async |page: &Page| {
        deletes_rooms(page);
        let alias = stage().maker.fresh_localpart("told");
        let body = json!({"name": "Quiet home", "preset": "public_chat", "room_alias_name": alias});
        let (_, _, room) = own_room("told", body).await;
        page.sign_in(&stage().synapse.url()).await;
        open(page, &room, "actions").await;
        page.button("Delete").click().await;
        let question = page.dialog("Delete room “Quiet home”?");
        question
            .checkbox_like("Move the local members")
            .tick(true)
            .await;
        question.confirm("Quiet home").await;
        question.button("Delete room “Quiet home”").click().await;
        page.until("it is gone", async || is_gone(stage().maker, &room).await)
            .await;
        page.sees("Delete room “Quiet home”: Finished").await;
        let server = stage().maker.user(xtask::world::people::ADMIN).server();
        let address = RoomAlias::parse(&format!("#{alias}:{server}")).unwrap();
        let new = stage().run(&rooms::resolve(&address)).await.room_id;
        let detail = stage().run(&rooms::get(&new)).await;
        assert_eq!(detail.room.name.as_deref(), Some("Room closed"));
        let state = stage().run(&events::state(&new, None)).await;
        let walk = Walk {
            limit: 100,
            ..Walk::default()
        };
        let said = stage().run(&events::messages(&new, &walk)).await;
        let said = format!("{:?}", said.chunk);
        assert!(said.contains("takes the place of one"), "{said}");
        assert!(!said.contains("illegal"), "{said}");
        // As the question says: anybody may join.
        let state = format!("{state:?}");
        assert!(state.contains("\"public\""), "{state}");
    })
    .await;
}

#[tokio::test]
async fn several_deleted_and_each_reported() {
    journey(Options::default(), async |page: &Page| {
        deletes_rooms(page);
        let (made, part) = rooms_of_one(stage().maker, "crowded", 4).await;
        page.sign_in(&stage().synapse.url()).await;
        page.takes_downloads().await;
        select(page, "/rooms", &part, 4).await;
        choose(page, "Delete").await;
        let question = page.dialog("Delete 4 rooms?");
        question.says("Local members 4").await;
        question.confirm("4").await;
        question.button("Delete 4 rooms").click().await;
        are_gone(page, stage().maker, &made).await;
        page.sees("Delete 4 rooms: Finished").await;
        let csv = report(page).await;
        for room in &made {
            let line = csv.lines().find(|line| line.starts_with(room.as_str()));
            assert!(line.is_some_and(|line| line.contains("complete")), "{csv}");
        }
        page.sees("Nothing matches").await;
    })
    .await;
}

#[tokio::test]
async fn a_deletion_is_followed_after_a_reload_and_when_it_is_forgotten() {
    journey(Options::default(), async |page: &Page| {
        deletes_rooms(page);
        let (_, _, room) = own_room("slow", json!({"name": "Slowly going"})).await;
        let proxy = page.proxy();
        page.sign_in(&proxy.url()).await;
        let hidden = hides_how_far(&proxy);
        open(page, &room, "actions").await;
        page.button("Delete").click().await;
        agree(page, "Delete room “Slowly going”", Some("Slowly going")).await;
        page.until("it is gone", async || is_gone(stage().maker, &room).await)
            .await;
        is_followed(page).await;
        proxy.remove(hidden);
        page.reload().await;
        page.css(".job-pill").appears().await;
        page.css(".job-pill").click().await;
        page.sees("Rooms that are being deleted").await;
        page.css(".job").says_within(LONG, "Finished").await;
        // It is known to have ended: nothing is followed any more.
        page.reload().await;
        page.css(".page-header").appears().await;
        page.until("nothing is kept", async || {
            let kept = "
                return Object.keys(localStorage)
                    .filter((key) => key.startsWith('synapse-admin.room-deletions.'))";
            page.script(kept, vec![]).await == json!([])
        })
        .await;
        assert!(!page.css(".job-pill").exists().await);

        // One that the server has forgotten is over; how it ended nobody knows.
        let own = stage().maker.user(xtask::world::people::ADMIN);
        let at = xtask::native::wall_ms();
        page.script(
            "localStorage.setItem(arguments[0], arguments[1])",
            vec![
                json!(format!(
                    "synapse-admin.room-deletions.begun {own} {} neverheardof",
                    proxy.homeserver()
                )),
                json!(format!("{at} !gone:example.org")),
            ],
        )
        .await;
        page.allows_complaint(&["404"]);
        page.reload().await;
        page.css(".job-pill").click().await;
        page.css(".job")
            .says("The server does not remember some of them any more")
            .await;
        // That is neither done nor failed, and nothing is tried again.
        page.css(".job").says("0 of 1 done · 1 unknown").await;
        page.css(".job-pill[data-incomplete]").appears().await;
        assert_eq!(page.button("Retry the rest").count().await, 0);
    })
    .await;
}

/// A deletion that blocks may wait in the server's queue for long, and the server says meanwhile that
/// the room is not blocked.
#[tokio::test]
async fn what_is_about_to_be_blocked_is_remembered_across_a_reload() {
    journey(Options::default(), async |page: &Page| {
        deletes_rooms(page);
        // Reloading while the deletion is followed.
        page.allows_complaint(&["beforeunload"]);
        let (_, _, room) = own_room("queued", json!({"name": "Next in line"})).await;
        let proxy = page.proxy();
        page.sign_in(&proxy.url()).await;
        let hidden = hides_how_far(&proxy);
        let path = format!("/_synapse/admin/v1/rooms/{room}/block");
        let open_still = Fault::matrix(200, r#"{"block":false}"#);
        let open_still = proxy.add(Rule::new("GET", &path, open_still));
        open(page, &room, "actions").await;
        page.button("Delete").click().await;
        let question = page.dialog("Delete room “Next in line”?");
        question.checkbox_like("Block the room").tick(true).await;
        question.confirm("Next in line").await;
        question.button("Delete room “Next in line”").click().await;
        is_followed(page).await;
        for _ in 0..2 {
            page.reload().await;
            page.open("/blocked_rooms").await;
            page.row(room.as_str()).says("About to be blocked").await;
        }
        page.is_accessible().await;
        page.until("it is blocked", async || is_blocked(&room).await)
            .await;
        proxy.remove(open_still);
        proxy.remove(hidden);
        page.reload().await;
        page.css(".job-pill").click().await;
        page.css(".job").says_within(LONG, "Finished").await;
        page.open("/users").await;
        page.open("/blocked_rooms").await;
        page.row(room.as_str()).says("Blocked").await;
        // Once that is over, the server's word counts.
        stage().run(&rooms::block(&room, false)).await;
        page.button("Refresh").click().await;
        page.row(room.as_str()).goes().await;
    })
    .await;
}

#[tokio::test]
async fn how_far_a_deletion_is_is_said_before_and_after_a_reload() {
    journey(Options::default(), async |page: &Page| {
        deletes_rooms(page);
        let (_, _, room) = own_room("leaving", json!({"name": "Exodus"})).await;
        let proxy = page.proxy();
        page.sign_in(&proxy.url()).await;
        let status = "/_synapse/admin/v2/rooms/delete_status/*";
        let goes_on = proxy.add(Rule::new(
            "GET",
            status,
            Fault::matrix(
                200,
                r#"{"status":"active","shutdown_room":{"kicked_users":["@a:b","@c:b"],
                    "failed_to_kick_users":["@d:b"],"local_aliases":[],"new_room_id":null}}"#,
            ),
        ));
        open(page, &room, "actions").await;
        page.button("Delete").click().await;
        agree(page, "Delete room “Exodus”", Some("Exodus")).await;
        is_followed(page).await;
        let so_far = "2 members removed · 1 not removed";
        page.css(".job-pill").click().await;
        page.css(".job").says(so_far).await;
        page.is_accessible().await;
        page.picture("job-so-far").await;
        page.reload().await;
        page.css(".job-pill").click().await;
        page.css(".job").says(so_far).await;
        proxy.remove(goes_on);
        page.css(".job").says_within(LONG, "Finished").await;
        // What came of it stands there now.
        page.no_longer_sees(so_far).await;
        no_deletion_is_kept(page).await;
    })
    .await;
}

#[tokio::test]
async fn what_a_left_page_has_not_begun_can_be_gone_on_with() {
    journey(Options::default(), async |page: &Page| {
        deletes_rooms(page);
        let (made, part) = rooms_of_one(stage().maker, "left", 3).await;
        let proxy = page.proxy();
        page.sign_in(&proxy.url()).await;
        let hidden = hides_how_far(&proxy);
        select(page, "/rooms", &part, 3).await;
        act(page, "Delete", "Delete 3 rooms", Some("3")).await;
        one_is_gone(page, &made).await;
        is_followed(page).await;
        proxy.remove(hidden);
        page.reload().await;
        page.sees("Delete 3 rooms: 2 were not begun when the page was left.")
            .await;
        page.css(".job-pill").click().await;
        page.css(".job").counts(2).await;
        page.is_accessible().await;
        page.picture("job-rest").await;
        // Nothing happens before the person says so.
        let deleted = || proxy.count("DELETE", "/_synapse/admin/v2/rooms/*");
        assert_eq!(deleted(), 1);
        page.button("Resume").click().await;
        are_gone(page, stage().maker, &made).await;
        assert_eq!(deleted(), 3);
        no_deletion_is_kept(page).await;
    })
    .await;
}

#[tokio::test]
async fn what_is_tried_again_outlives_its_page_as_well() {
    journey(Options::default(), async |page: &Page| {
        deletes_rooms(page);
        page.allows_complaint(&["/_synapse/admin/v2/rooms/", "403"]);
        page.takes_downloads().await;
        let (made, part) = rooms_of_one(stage().maker, "retried", 3).await;
        let proxy = page.proxy();
        page.sign_in(&proxy.url()).await;
        let refused = Fault::matrix(403, r#"{"errcode":"M_FORBIDDEN","error":"not today"}"#);
        let refused = proxy.add(Rule::new("DELETE", "/_synapse/admin/v2/rooms/*", refused));
        select(page, "/rooms", &part, 3).await;
        act(page, "Delete", "Delete 3 rooms", Some("3")).await;
        page.sees("Delete 3 rooms: 3 were not done.").await;
        let csv = report(page).await;
        for room in &made {
            let mut lines = csv.lines();
            let line = lines.find(|line| line.starts_with(room.as_str()));
            let line = line.unwrap_or_default();
            assert!(
                line.contains("failed") && line.contains("not today"),
                "{csv}"
            );
        }
        // What the person has seen to be undone is not offered to them anew.
        no_deletion_is_kept(page).await;
        proxy.remove(refused);
        let hidden = hides_how_far(&proxy);
        page.css(".job-pill").click().await;
        page.css(".job").button("Retry the rest").click().await;
        one_is_gone(page, &made).await;
        is_followed(page).await;
        proxy.remove(hidden);
        page.reload().await;
        page.sees("Delete 3 rooms: 2 were not begun when the page was left.")
            .await;
        page.button("Go on").click().await;
        are_gone(page, stage().maker, &made).await;
        no_deletion_is_kept(page).await;
    })
    .await;
}

/// Whoever goes on days later means no other rooms than those that they have picked.
#[tokio::test]
async fn what_a_left_page_has_not_begun_is_asked_about_as_before() {
    journey(Options::default(), async |page: &Page| {
        deletes_rooms(page);
        let maker = stage().maker;
        let (made, part) = rooms_of_one(maker, "asked", 2).await;
        for room in &made {
            counted(page, maker, room, 1).await;
        }
        // Whoever is in them, they count as rooms without people of this server.
        let still = format!(
            "UPDATE room_stats_current SET joined_members = 0, local_users_in_room = 0 \
             WHERE room_id IN ('{}', '{}')",
            made[0], made[1]
        );
        maker.database().query(&still).unwrap();
        let proxy = page.proxy();
        page.sign_in(&proxy.url()).await;
        let members = |room: &RoomId| format!("/_synapse/admin/v1/rooms/{room}/members");
        let slow = || Fault::Delay(Duration::from_secs(600));
        let held: Vec<RuleId> = made
            .iter()
            .map(|room| proxy.add(Rule::new("GET", &members(room), slow())))
            .collect();
        let query = format!("/rooms?q={}&local=false&public_rooms=false", encoded(&part));
        page.open(&query).await;
        names(page).counts(2).await;
        page.checkbox("Select all on this page").tick(true).await;
        act(page, "Delete", "Delete 2 rooms", Some("2")).await;
        page.until("the first is asked about", async || {
            let asked = made.iter().map(|room| proxy.count("GET", &members(room)));
            asked.sum::<usize>() > 0
        })
        .await;
        stage().run(&directory::publish(&made[1], true)).await;
        held.into_iter().for_each(|rule| proxy.remove(rule));
        page.reload().await;
        page.sees("Delete 2 rooms: 2 were not begun when the page was left.")
            .await;
        page.button("Go on").click().await;
        page.sees("1 left out: people of this server are in it now")
            .await;
        page.sees("1 left out: no longer found by the filter").await;
        assert_eq!(proxy.count("DELETE", "/_synapse/admin/v2/rooms/*"), 0);
        for room in &made {
            assert!(!is_gone(maker, room).await, "{room}");
        }
    })
    .await;
}

#[tokio::test]
async fn history_is_removed_up_to_an_event() {
    if !has(Feature::RoomMessages) {
        return;
    }
    journey(Options::default(), async |page: &Page| {
        let (client, _, room) = own_room("talker", json!({"name": "Talk"})).await;
        let maker = stage().maker;
        for number in 0..5 {
            let content = json!({"msgtype": "m.text", "body": format!("Message {number}")});
            maker
                .send(&client, &room, "m.room.message", &content)
                .await
                .unwrap();
        }
        let walk = Walk {
            backwards: true,
            limit: 100,
            types: vec!["m.room.message".into()],
            ..Default::default()
        };
        let said = async || stage().run(&events::messages(&room, &walk)).await.chunk;
        // The server tells of the newest once it has written what was begun before, elsewhere as well.
        let mut all = Vec::new();
        page.until("all five are told", async || {
            all = said().await;
            all.len() == 5
        })
        .await;
        page.allows_complaint(&["404"]);
        page.sign_in(&stage().synapse.url()).await;
        open(page, &room, "actions").await;
        page.button("Remove history").click().await;
        let question = page.dialog("Remove the history of room “Talk”?");
        page.is_accessible().await;
        // A year ago nothing was said yet: all five are newer.
        question.button("1 year").click().await;
        question.says("Newer ones, which stay: 5").await;
        question
            .checkbox_like("Also messages of this")
            .tick(true)
            .await;
        question.field("Or up to this event").fill("nonsense").await;
        question.says("This is not an event ID").await;
        // What a date would hit says nothing of an event; the date is there again without one.
        page.no_longer_sees("Newer ones, which stay").await;
        question.field("Or up to this event").fill("").await;
        question.says("Newer ones, which stay: 5").await;
        question
            .field("Or up to this event")
            .fill("$of-no-room-at-all")
            .await;
        question
            .says("this server has no such event in this room")
            .await;
        question.confirm("Talk").await;
        let title = "Remove the history of room “Talk”";
        question.button(title).click().await;
        // An event that the server does not know is no end: nothing is removed, and that is said.
        page.sees(&format!("{title}: 1 was not done.")).await;
        page.sees("Could not find event $of-no-room-at-all").await;
        assert_eq!(said().await.len(), 5);

        page.button("Remove history").click().await;
        question
            .checkbox_like("Also messages of this")
            .tick(true)
            .await;
        question
            .field("Or up to this event")
            .fill(&all[1].event_id)
            .await;
        question
            .says("About this many messages are removed: 3")
            .await;
        question.says("Newer ones, which stay: 1").await;
        question.confirm("Talk").await;
        question.button(title).click().await;
        page.until("three are gone", async || said().await.len() == 2)
            .await;
        page.sees(&format!("{title}: Finished")).await;
    })
    .await;
}

#[tokio::test]
async fn what_is_not_counted_of_many_rooms_is_said() {
    journey(Options::default(), async |page: &Page| {
        let (_, part) = rooms_of_one(stage().maker, "crowd", 11).await;
        page.allows_complaint(&["404"]);
        page.sign_in(&stage().synapse.url()).await;
        select(page, "/rooms", &part, 11).await;
        choose(page, "Remove history").await;
        let question = page.dialog("Remove the history of 11 rooms?");
        question.says("not counted for more than 10 rooms").await;
        question.button("Cancel").click().await;
        question.goes().await;
    })
    .await;
}

#[tokio::test]
async fn of_a_server_of_which_nobody_knows_the_version_no_history_is_said_to_stay() {
    if !has(Feature::RoomMessages) {
        return;
    }
    journey(Options::default(), async |page: &Page| {
        let (client, _, room) = own_room("untold", json!({"name": "Untold"})).await;
        let maker = stage().maker;
        let mut sent = Vec::new();
        for number in 0..3 {
            let content = json!({"msgtype": "m.text", "body": format!("Message {number}")});
            let event = maker.send(&client, &room, "m.room.message", &content);
            sent.push(event.await.unwrap());
        }
        page.allows_complaint(&["404"]);
        let proxy = page.proxy();
        let version = Fault::matrix(200, r#"{"server_version":"our own build"}"#);
        let asked = "/_synapse/admin/v1/server_version";
        proxy.add(Rule::new("GET", asked, version));
        page.sign_in(&proxy.url()).await;
        open(page, &room, "actions").await;
        page.button("Remove history").click().await;
        let question = page.dialog("Remove the history of room “Untold”?");
        question
            .says("Synapse before 1.156 removes them in any case")
            .await;
        question.field("Or up to this event").fill(&sent[2]).await;
        question
            .says("About this many messages are removed: 2. Older ones that stay: 0.")
            .await;
    })
    .await;
}

#[tokio::test]
async fn what_has_no_history_so_old_is_left_out() {
    if !has(Feature::RoomMessages) {
        return;
    }
    journey(Options::default(), async |page: &Page| {
        let (made, part) = rooms_of_one(stage().maker, "young", 2).await;
        page.allows_complaint(&["404"]);
        page.sign_in(&stage().synapse.url()).await;
        page.takes_downloads().await;
        select(page, "/rooms", &part, 2).await;
        choose(page, "Remove history").await;
        let title = "Remove the history of 2 rooms";
        let question = page.dialog(&format!("{title}?"));
        question.button("1 year").click().await;
        question
            .says("About this many messages are removed: 0")
            .await;
        question.confirm("2").await;
        question.button(title).click().await;
        page.sees(&format!(
            "{title}: Finished · 2 left out: nothing so old in it"
        ))
        .await;
        let csv = report(page).await;
        for room in &made {
            let line = csv.lines().find(|line| line.starts_with(room.as_str()));
            assert!(
                line.is_some_and(|line| line.ends_with("left out,nothing so old in it")),
                "{csv}"
            );
        }
    })
    .await;
}

#[tokio::test]
async fn a_room_that_is_not_there() {
    journey(Options::default(), async |page: &Page| {
        page.allows_complaint(&["404"]);
        page.sign_in(&stage().synapse.url()).await;
        let server = stage().maker.server();
        page.open(&format!("/rooms/!nothing:{server}")).await;
        page.sees("No such room").await;
        page.open("/rooms/nonsense").await;
        page.sees("This is not a room ID").await;
        let unknown = RoomId::parse(&format!("!nothing:{server}")).unwrap();
        let found = stage().maker.admin().run(&rooms::get(&unknown)).await;
        assert!(matches!(found, Err(ApiError::Matrix { status: 404, .. })));
    })
    .await;
}

#[tokio::test]
async fn a_room_that_is_not_there_is_blocked_from_its_own_page() {
    journey(Options::default(), async |page: &Page| {
        page.allows_complaint(&["404"]);
        page.sign_in(&stage().synapse.url()).await;
        let word = stage().maker.fresh_localpart("foreseen");
        let unknown = RoomId::parse(&format!("!{word}:far.example.org")).unwrap();
        page.open(&format!("/rooms/{}", encoded(unknown.as_str())))
            .await;
        page.sees("No such room").await;
        page.button("Block").appears().await;
        // Until it is known whether the room is blocked, there is a row more, and what is below moves.
        page.button("Unblock").goes().await;
        // Nothing else can be done to it.
        page.button("Delete").counts(0).await;
        page.no_longer_sees("Danger zone").await;
        page.is_accessible().await;
        page.picture("room-unknown").await;
        page.button("Block").click().await;
        agree(page, &format!("Block room “{unknown}”"), None).await;
        page.until("it is blocked", async || is_blocked(&unknown).await)
            .await;
        page.sees("Blocked by").await;
        page.button("Unblock").appears().await;

        // It is among those that this browser remembers, and they lead to one another.
        page.link("To the blocked rooms").click().await;
        page.is_at("/blocked_rooms").await;
        page.row(unknown.as_str()).says("Not known here").await;
        page.row(unknown.as_str())
            .link(unknown.as_str())
            .click()
            .await;
        page.sees("Blocked by").await;
        page.button("Unblock").click().await;
        agree(page, &format!("Unblock room “{unknown}”"), None).await;
        page.until("it is open", async || !is_blocked(&unknown).await)
            .await;
        page.no_longer_sees("Blocked by").await;
    })
    .await;
}

#[tokio::test]
async fn rooms_have_their_pictures() {
    let maker = stage().maker;
    let owner = maker.make_fresh_user("pictured").await.unwrap();
    let picture = maker
        .upload_media(&owner, &png(24, 4711), "image/png", Some("room.png"))
        .await
        .unwrap();
    let client = maker.act_as(&owner).await.unwrap();
    let name = format!("Pictured {}", owner.localpart());
    let body = json!({"name": name, "initial_state": [
        {"type": "m.room.avatar", "state_key": "", "content": {"url": picture.to_string()}},
    ]});
    let room = maker.make_room(&client, &body).await.unwrap();
    journey(Options::default(), async |page: &Page| {
        page.until("the server tells the picture", async || {
            stage().run(&rooms::get(&room)).await.avatar.is_some()
        })
        .await;
        page.sign_in(&stage().synapse.url()).await;
        // Who looks for what nobody uses does not make it used.
        let list = format!("/rooms?q={}", encoded(&name));
        page.open(&format!("{list}&empty_rooms=false")).await;
        page.row(&name).appears().await;
        let asked = page.requested("GET", &picture.media_id).await;
        page.open(&list).await;
        page.row(&name).appears().await;
        page.until("the picture is there", async || {
            let script = "return document.querySelectorAll('tbody .avatar img').length";
            page.script(script, vec![]).await == 1
        })
        .await;
        assert_eq!(asked, 0);
        assert_eq!(page.requested("GET", &picture.media_id).await, 1);
    })
    .await;
}
