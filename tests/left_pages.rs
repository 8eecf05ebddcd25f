//! What outlives the page it comes from: an undo, a question, an answer that is awaited.

use journeys::browser::{Options, Page, journey, stage};
use serde_json::json;
use std::rc::Rc;
use synapse_admin::api::encode::encoded;
use synapse_admin::api::server::Feature;
use synapse_admin::api::users::{self, Threepid, UserChange, UserDetail};
use synapse_admin::api::{RoomId, UserId, devices, directory, login};
use xtask::proxy::{Fault, Proxy, Rule};
use xtask::world::ADMIN_PASSWORD;
use xtask::world::files::png;

async fn detail(user: &UserId) -> UserDetail {
    stage().run(&users::get(user)).await
}

async fn open_user(page: &Page, user: &UserId, tab: &str) {
    page.open(&format!("/users/{}?tab={tab}", encoded(user.as_str())))
        .await;
}

async fn open_room(page: &Page, room: &RoomId, more: &str) {
    page.open(&format!("/rooms/{}?{more}", encoded(room.as_str())))
        .await;
}

/// The list of rooms is there.
async fn rows(page: &Page) {
    page.heading("Rooms").appears().await;
    page.css("tbody th[role=rowheader]").first().appears().await;
}

/// Waits until the list is there again behind a question, which keeps it from everybody.
async fn behind_a_question(page: &Page) {
    page.is_at("/rooms").await;
    let rows = "return document.querySelectorAll('tbody th[role=rowheader]').length > 0
        && document.querySelector('main h1').innerText === 'Rooms'";
    page.until("the list is there", async || {
        page.script(rows, vec![]).await == true
    })
    .await;
}

/// Leaves for a list once a job has ended, and presses Undo there.
async fn undo_elsewhere(page: &Page, title: &str) {
    page.sees(&format!("{title}: Finished")).await;
    page.open("/rooms").await;
    // Not its rows: by the time that they are there the message may have gone by itself.
    page.heading("Rooms").appears().await;
    page.css(".toast").nth(-1).button("Undo").click().await;
}

#[tokio::test]
async fn undo_on_another_page() {
    journey(Options::default(), async |page: &Page| {
        let maker = stage().maker;
        let localpart = maker.fresh_localpart("undone");
        let mail = format!("{}@example.org", localpart.replace(['.', '_'], "-"));
        // Other journeys list everybody, and see it.
        let owner = maker.make_fresh_user("painter").await.unwrap();
        let picture = maker
            .upload_media(&owner, &png(64, 917_002), "image/png", Some("me.png"))
            .await
            .unwrap()
            .to_string();
        let change = UserChange {
            password: Some(ADMIN_PASSWORD.to_owned()),
            avatar_url: Some(picture.clone()),
            threepids: Some(vec![Threepid {
                medium: "email".to_owned(),
                address: mail.clone(),
            }]),
            ..Default::default()
        };
        let user = maker.make_user(&localpart, &change).await.unwrap();
        let login = stage()
            .run(&login::with_password(&user, ADMIN_PASSWORD))
            .await;
        let device = login.device_id.unwrap();
        stage()
            .run(&devices::rename(&user, &device, "Kitchen"))
            .await;
        let client = maker.act_as(&user).await.unwrap();
        let room = json!({"name": "Undone", "preset": "public_chat", "room_alias_name": localpart});
        let room = maker.make_room(&client, &room).await.unwrap();
        let alias = format!("#{localpart}:{}", maker.server());
        // Nobody has the address meanwhile.
        page.allows_complaint(&["status of 404"]);
        page.sign_in(&stage().synapse.url()).await;

        // Where the server cannot say whose it is meanwhile there is no undo.
        if maker.capabilities().has(Feature::FindByThreepid) {
            open_user(page, &user, "").await;
            let title = format!("Remove {mail}");
            page.button(&title).click().await;
            page.until("the address is gone", async || {
                detail(&user).await.threepids.is_empty()
            })
            .await;
            undo_elsewhere(page, &title).await;
            page.until("the address is back", async || {
                detail(&user).await.threepids.len() == 1
            })
            .await;
        }

        open_user(page, &user, "").await;
        page.button("Remove picture").click().await;
        undo_elsewhere(page, &format!("Remove the picture of {user}")).await;
        page.until("the picture is back", async || {
            detail(&user).await.user.avatar_url.as_deref() == Some(picture.as_str())
        })
        .await;

        open_user(page, &user, "devices").await;
        page.row("Kitchen").button("Actions").click().await;
        page.css("[popover]").button("Rename").click().await;
        let dialog = page.dialog("Rename");
        dialog.field("Device name").fill("Cellar").await;
        dialog.button("Save").click().await;
        page.row("Cellar").appears().await;
        undo_elsewhere(page, &format!("Rename device {device}")).await;
        page.until("the name is back", async || {
            let all = stage().run(&devices::list(&user)).await.devices;
            let is_back = |name: &Option<String>| name.as_deref() == Some("Kitchen");
            all.iter().any(|device| is_back(&device.display_name))
        })
        .await;

        let aliases = async || stage().run(&directory::aliases(&room)).await.aliases;
        open_room(page, &room, "tab=aliases").await;
        page.button(&format!("Remove {alias}")).click().await;
        page.dialog("Remove address?")
            .button("Remove address")
            .click()
            .await;
        page.until("it is gone", async || aliases().await.is_empty())
            .await;
        undo_elsewhere(page, "Remove address").await;
        page.until("it is back", async || aliases().await == [alias.clone()])
            .await;
        // The program has lived through all that.
        open_room(page, &room, "tab=aliases").await;
        page.button(&format!("Remove {alias}")).appears().await;
    })
    .await;
}

#[tokio::test]
async fn a_question_is_answered_on_another_page() {
    journey(Options::default(), async |page: &Page| {
        let maker = stage().maker;
        let localpart = maker.fresh_localpart("asked");
        let user = maker
            .make_user(&localpart, &UserChange::default())
            .await
            .unwrap();
        let client = maker.act_as(&user).await.unwrap();
        let room = json!({"name": "Asked", "preset": "public_chat", "room_alias_name": localpart});
        let room = maker.make_room(&client, &room).await.unwrap();
        page.sign_in(&stage().synapse.url()).await;

        page.open("/rooms").await;
        rows(page).await;
        open_room(page, &room, "tab=aliases").await;
        page.button(&format!("Remove #{localpart}:{}", maker.server()))
            .click()
            .await;
        let question = page.dialog("Remove address?");
        question.appears().await;
        page.back().await;
        behind_a_question(page).await;
        question.button("Remove address").click().await;
        page.until("it is gone", async || {
            let left = stage().run(&directory::aliases(&room)).await;
            left.aliases.is_empty()
        })
        .await;

        open_user(page, &user, "rooms").await;
        page.row("Asked").appears().await;
        page.checkbox("Select all on this page").tick(true).await;
        page.css(".bulk-bar").button("Leave").click().await;
        let question = page.dialog("Leave 1 room?");
        question.appears().await;
        page.back().await;
        behind_a_question(page).await;
        question.button("Leave 1 room").click().await;
        page.until("the user has left", async || {
            let joined = stage().run(&users::joined_rooms(&user)).await;
            joined.joined_rooms.is_empty()
        })
        .await;
        page.open("/users").await;
        page.row("@").first().appears().await;
    })
    .await;
}

/// Opens a tab of a room, leaves it while it waits for an answer, and has the answer come.
async fn leave_waiting(page: &Page, proxy: &Rc<Proxy>, room: &RoomId, more: &str, path: &str) {
    proxy.forget();
    proxy.add(Rule::new("GET", path, Fault::Held));
    open_room(page, room, more).await;
    page.until("it is asked", async || proxy.count("GET", path) > 0)
        .await;
    page.open("/users").await;
    page.row("@").first().appears().await;
    proxy.clear_rules();
    page.until("the answer has come", async || {
        proxy.is_answered("GET", path)
    })
    .await;
    // A program that had ended would show nothing more.
    page.open("/rooms").await;
    rows(page).await;
}

#[tokio::test]
async fn the_tabs_of_a_room_are_left_while_they_read() {
    if !stage().maker.capabilities().has(Feature::RoomMessages) {
        return;
    }
    journey(Options::default(), async |page: &Page| {
        let maker = stage().maker;
        let user = maker.make_fresh_user("leaver").await.unwrap();
        let client = maker.act_as(&user).await.unwrap();
        let room = json!({"name": "Left", "preset": "public_chat"});
        let room = maker.make_room(&client, &room).await.unwrap();
        let content = json!({"msgtype": "m.text", "body": "Hello"});
        let event = maker.send(&client, &room, "m.room.message", &content);
        let event = encoded(&event.await.unwrap());
        let proxy = page.proxy();
        page.sign_in(&proxy.url()).await;
        let around = format!("tab=messages&event={event}");
        let context = "/_synapse/admin/v1/rooms/*/context/*";
        leave_waiting(page, &proxy, &room, &around, context).await;
        // Nothing fits, so that it is asked whether anything does further back.
        let nobody = "tab=messages&senders=@nobody:elsewhere.example";
        let messages = "/_synapse/admin/v1/rooms/*/messages";
        leave_waiting(page, &proxy, &room, nobody, messages).await;
        leave_waiting(page, &proxy, &room, "tab=messages", messages).await;
        let members = "/_synapse/admin/v1/rooms/*/members";
        leave_waiting(page, &proxy, &room, "tab=members", members).await;
    })
    .await;
}
