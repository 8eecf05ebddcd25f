//! The pictures of the README and of the guides to signing in, actions, users, rooms, moderation and
//! the server.

use super::picture;
use journeys::browser::acting::choose_for_page;
use journeys::browser::{Options, Page, journey};
use journeys::server::{Server, own_server};
use serde_json::json;
use synapse_admin::address::route::Route;
use synapse_admin::api::reports;
use synapse_admin::api::users::UserChange;
use synapse_admin::api::{EventId, RoomId, UserId};
use xtask::native::Client;
use xtask::world::{ADMIN_PASSWORD, people};

/// An account with a name, and its client.
async fn person(server: &Server, localpart: &str, name: &str) -> (UserId, Client) {
    let named = UserChange {
        displayname: Some(name.into()),
        ..UserChange::default()
    };
    let user = server.maker.make_user(localpart, &named).await.unwrap();
    let client = server.maker.act_as(&user).await.unwrap();
    (user, client)
}

/// A conversation with something in it that two people report. The room.
async fn conversation(server: &Server) -> RoomId {
    let (_, mara) = person(server, "mara.lindqvist", "Mara Lindqvist").await;
    let (_, jonas) = person(server, "jonas.weber", "Jonas Weber").await;
    let (_, seller) = person(server, "best.deals", "Best Deals").await;
    let body = json!({"preset": "public_chat", "name": "Weekend hikes"});
    let room = server.maker.make_room(&mara, &body).await.unwrap();
    for client in [&jonas, &seller] {
        server.maker.join(client, &room).await.unwrap();
    }
    let lines = [
        (
            &mara,
            "Saturday, the lake and back? 18 km, with a stop for lunch.",
        ),
        (&jonas, "I am in. Train at 8:10?"),
        (
            &seller,
            "BUY FOLLOWERS NOW!!! 10,000 for only 5 €, write to me, all of you!",
        ),
        (
            &mara,
            "8:10 it is. And could somebody look at that message?",
        ),
    ];
    for (index, (client, text)) in lines.into_iter().enumerate() {
        let content = json!({"msgtype": "m.text", "body": text});
        let sent = server.maker.send(client, &room, "m.room.message", &content);
        let event = EventId::parse(&sent.await.unwrap()).unwrap();
        if index == 2 {
            for (who, why) in [
                (&mara, "Advertising, third time this week"),
                (&jonas, "Spam"),
            ] {
                let report = reports::report_event(&room, &event, Some(why), None);
                who.run(&report).await.unwrap();
            }
        }
    }
    room
}

/// What the guides show on a phone as well.
const ON_PHONE: [&str; 5] = ["sign-in", "dashboard", "users", "rooms", "report"];

/// Takes a picture, of a phone only where a guide shows it.
async fn take(page: &Page, name: &str, ending: &str) {
    if ending.is_empty() || ON_PHONE.contains(&name) {
        picture(page, &format!("{name}{ending}")).await;
    }
}

/// Opens a page, and takes a picture of it when it says `seen` and nothing is on its way.
async fn shown(page: &Page, route: &str, seen: &str, name: &str, ending: &str) {
    page.open(route).await;
    page.sees(seen).await;
    page.until("nothing is on its way", async || {
        page.css("[aria-busy=true], .skeleton-line").count().await == 0
    })
    .await;
    take(page, name, ending).await;
}

async fn walk(ending: &str, options: Options) {
    let server = own_server(&format!("pictures-panel{ending}"));
    let room = conversation(&server).await;
    journey(options, async |page: &Page| {
        let admin = UserId::new(people::ADMIN, &server.synapse.server_name());
        let url = server.synapse.url();
        page.fill_in(&admin, ADMIN_PASSWORD, &url).await;
        page.sees("Synapse version").await;
        take(page, "sign-in", ending).await;
        page.sign_in_as(&admin, ADMIN_PASSWORD, &url).await;
        shown(page, "/", "Needs attention", "dashboard", ending).await;
        shown(page, "/users?size=25", "1–25", "users", ending).await;
        let somebody = server.maker.user("mara.lindqvist");
        let somebody = Route::user(&somebody).to_string();
        shown(page, &somebody, "Mara Lindqvist", "user", ending).await;
        shown(page, "/rooms?size=25", "1–25", "rooms", ending).await;
        let messages = Route::room(&room).tab("messages");
        shown(page, &messages, "BUY FOLLOWERS", "room", ending).await;
        shown(page, "/reports", "third time", "reports", ending).await;
        page.css("tbody th[role=rowheader] a").first().click().await;
        page.heading("What was reported").appears().await;
        page.sees("Train at 8:10").await;
        take(page, "report", ending).await;
        shown(page, "/destinations", "1–", "federation", ending).await;
        shown(
            page,
            "/registration_tokens",
            "1–",
            "registration-tokens",
            ending,
        )
        .await;
        page.open("/statistics").await;
        page.heading("Registrations by month").appears().await;
        take(page, "statistics", ending).await;
        if ending.is_empty() {
            page.open("/users?size=25").await;
            choose_for_page(page, "Deactivate").await;
            page.css("dialog[open]").appears().await;
            take(page, "users-question", ending).await;
            page.button("Cancel").click().await;
            page.css("dialog[open]").goes().await;
            choose_for_page(page, "Shadow-ban").await;
            page.css("dialog[open] summary").first().click().await;
            take(page, "action-in-full", ending).await;
        }
    })
    .await;
}

#[tokio::test]
#[ignore = "makes the pictures of the guides"]
async fn on_a_desktop() {
    walk("", Options::default()).await;
}

#[tokio::test]
#[ignore = "makes the pictures of the guides"]
async fn on_a_phone() {
    walk("-phone", Options::phone()).await;
}
