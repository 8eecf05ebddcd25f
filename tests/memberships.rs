//! People in rooms: members who are removed and banned, by whatever right; what is done to the rooms
//! of a user.

use journeys::browser::acting::{agree, choose, choose_for_page, report};
use journeys::browser::{Locator, Options, Page, journey, stage};
use serde_json::{Value, json};
use synapse_admin::api::encode::encoded;
use synapse_admin::api::{RoomId, UserId, events, rooms};
use xtask::native::Client;
use xtask::proxy::{Fault, Rule};
use xtask::world::people;

fn names(page: &Page) -> Locator<'_> {
    page.css("tbody th[role=rowheader]")
}

async fn people_of(prefix: &str, count: usize) -> Vec<UserId> {
    let mut made = Vec::new();
    for _ in 0..count {
        made.push(stage().maker.make_fresh_user(prefix).await.unwrap());
    }
    made
}

/// A room that a fresh user has made, with these in it.
async fn room_of(client: &Client, body: Value, members: &[UserId]) -> RoomId {
    let room = stage().maker.make_room(client, &body).await.unwrap();
    for user in members {
        let theirs = stage().maker.act_as(user).await.unwrap();
        theirs.run(&rooms::enter(&room)).await.unwrap();
    }
    room
}

async fn members(room: &RoomId) -> Vec<UserId> {
    stage().run(&rooms::members(room)).await.members
}

/// What somebody is in a room, as its state has it.
async fn is(room: &RoomId, user: &UserId) -> String {
    let state = stage()
        .run(&events::state(room, Some("m.room.member")))
        .await;
    let of = state.state.into_iter().find(|event| {
        event.kind == "m.room.member" && event.state_key.as_deref() == Some(user.as_str())
    });
    let of = of.unwrap_or_default();
    of.content["membership"]
        .as_str()
        .unwrap_or_default()
        .to_owned()
}

async fn open(page: &Page, room: &RoomId, more: &str) {
    let room = encoded(room.as_str());
    page.open(&format!("/rooms/{room}?tab=members&sort=user_id{more}"))
        .await;
}

fn own() -> UserId {
    stage().user(people::ADMIN)
}

#[tokio::test]
async fn removed_and_banned_by_ones_own_right() {
    journey(Options::default(), async |page: &Page| {
        let crowd = people_of("crowd", 3).await;
        let body = json!({"name": "Mine to keep", "preset": "public_chat"});
        let room = room_of(stage().maker.admin(), body, &crowd).await;
        page.sign_in(&stage().synapse.url()).await;
        open(page, &room, "&q=crowd").await;
        names(page).counts(3).await;
        // The first and the second, not the last.
        for user in &crowd[..2] {
            page.row(user.as_str()).css("input").tick(true).await;
        }
        choose(page, "Remove from the room").await;
        let title = "Remove 2 members from the room";
        let question = page.dialog(&format!("{title}?"));
        question.says("By your right in the room 2").await;
        question.field("Reason").fill("Spam & noise").await;
        page.is_accessible().await;
        page.picture("members-remove").await;
        agree(page, title, Some("2")).await;
        page.until("they are out", async || {
            let now = members(&room).await;
            !now.contains(&crowd[0]) && !now.contains(&crowd[1])
        })
        .await;
        names(page).counts(1).await;
        assert_eq!(is(&room, &crowd[2]).await, "join");

        choose_for_page(page, "Ban from the room").await;
        let title = format!("Ban {} from the room", crowd[2]);
        let question = page.dialog(&format!("{title}?"));
        question.button(&title).click().await;
        page.until("they are banned", async || {
            is(&room, &crowd[2]).await == "ban"
        })
        .await;
        page.sees(&format!("{title}: Finished")).await;
        page.button("Undo").click().await;
        page.until("they are not", async || {
            is(&room, &crowd[2]).await == "leave"
        })
        .await;

        // Who is banned is listed, and let in again.
        stage().run(&rooms::ban(&room, &crowd[0], None)).await;
        open(page, &room, "&membership=ban").await;
        names(page).counts(1).await;
        page.is_accessible().await;
        choose_for_page(page, "Make admin of the room").await;
        page.sees("Left out: not in the room.").await;
        choose_for_page(page, "Lift the ban").await;
        let title = format!("Lift the ban of {}", crowd[0]);
        let question = page.dialog(&format!("{title}?"));
        question.button(&title).click().await;
        page.until("it is lifted", async || {
            is(&room, &crowd[0]).await == "leave"
        })
        .await;
        names(page).counts(0).await;
        // Oneself is left out.
        open(page, &room, "").await;
        names(page).counts(1).await;
        choose_for_page(page, "Remove from the room").await;
        page.sees("your own account").await;
        assert!(members(&room).await.contains(&own()));
    })
    .await;
}

/// Why somebody is what they are in a room, as its state has it.
async fn why(room: &RoomId, user: &UserId) -> Option<String> {
    let found = stage().run(&rooms::membership(room, user)).await;
    found.reason
}

#[tokio::test]
async fn a_ban_that_was_lifted_comes_back_as_it_was_unless_they_have_come_back() {
    journey(Options::default(), async |page: &Page| {
        let crowd = people_of("lifted", 2).await;
        let body = json!({"name": "Mine to open", "preset": "public_chat"});
        let room = room_of(stage().maker.admin(), body, &crowd).await;
        for user in &crowd {
            let ban = rooms::ban(&room, user, Some("Spam & noise"));
            stage().run(&ban).await;
        }
        page.sign_in(&stage().synapse.url()).await;
        open(page, &room, "&membership=ban").await;
        names(page).counts(2).await;
        choose_for_page(page, "Lift the ban").await;
        let title = "Lift the ban of 2 members";
        agree(page, title, None).await;
        page.sees(&format!("{title}: Finished")).await;
        // Nobody is told once more what they were banned for.
        assert_eq!(why(&room, &crowd[0]).await, None);
        // One of them comes back at once.
        let theirs = stage().maker.act_as(&crowd[0]).await.unwrap();
        theirs.run(&rooms::enter(&room)).await.unwrap();
        page.button("Undo").click().await;
        page.sees("1 left out: changed by somebody else since")
            .await;
        assert_eq!(is(&room, &crowd[0]).await, "join");
        assert_eq!(is(&room, &crowd[1]).await, "ban");
        let reason = why(&room, &crowd[1]).await;
        assert_eq!(reason.as_deref(), Some("Spam & noise"));
    })
    .await;
}

#[tokio::test]
async fn the_right_is_gained_first_and_what_cannot_be_done_is_said() {
    journey(Options::default(), async |page: &Page| {
        let maker = stage().maker;
        let boss = maker.make_fresh_user("boss").await.unwrap();
        let client = maker.act_as(&boss).await.unwrap();
        let plain = people_of("plain", 1).await;
        let body = json!({"name": "Theirs", "preset": "private_chat", "invite": plain});
        let room = room_of(&client, body, &plain).await;
        page.sign_in(&stage().synapse.url()).await;
        page.takes_downloads().await;
        open(page, &room, "").await;
        names(page).counts(2).await;
        choose_for_page(page, "Ban from the room").await;
        let title = "Ban 2 members from the room";
        let question = page.dialog(&format!("{title}?"));
        question.says("Once you are an admin of the room 1").await;
        question.says(&format!("Cannot be done {boss}")).await;
        page.is_accessible().await;
        page.picture("members-ban").await;
        let gain = question.checkbox_like("Make me an admin of the room first");
        gain.tick(false).await;
        assert!(!question.button(title).is_enabled().await);
        gain.tick(true).await;
        question.button(title).click().await;
        page.until("they are banned", async || {
            is(&room, &plain[0]).await == "ban"
        })
        .await;
        assert_eq!(is(&room, &own()).await, "join");
        page.sees("nobody of this server has the right to it in the room")
            .await;
        let csv = report(page).await;
        let line = csv.lines().find(|line| line.contains(boss.as_str()));
        assert!(line.is_some_and(|line| line.contains("left out")), "{csv}");
        assert_eq!(is(&room, &boss).await, "join");
    })
    .await;
}

#[tokio::test]
async fn local_accounts_leave_where_nobody_has_the_right() {
    journey(Options::phone(), async |page: &Page| {
        let maker = stage().maker;
        let boss = maker.make_fresh_user("boss").await.unwrap();
        let client = maker.act_as(&boss).await.unwrap();
        let plain = people_of("plain", 1).await;
        let body = json!({"name": "Theirs", "preset": "public_chat"});
        let room = room_of(&client, body, &plain).await;
        page.sign_in(&stage().synapse.url()).await;
        open(page, &room, "").await;
        for user in [&boss, &plain[0]] {
            page.checkbox_like(user.localpart()).tick(true).await;
        }
        choose(page, "Remove from the room").await;
        let title = "Remove 2 members from the room";
        let question = page.dialog(&format!("{title}?"));
        // Nobody has a right above the creator's; both can leave.
        question
            .says("They leave, as you act in their name 1")
            .await;
        question.checkbox_like("Make me an admin").tick(false).await;
        page.fits_sideways().await;
        page.is_accessible().await;
        page.picture("members-leave-phone").await;
        agree(page, title, Some("2")).await;
        page.until("nobody is in", async || members(&room).await.is_empty())
            .await;
        assert_eq!(is(&room, &own()).await, "");
    })
    .await;
}

#[tokio::test]
async fn invited_accounts_decline_where_nobody_has_the_right() {
    journey(Options::default(), async |page: &Page| {
        let maker = stage().maker;
        let boss = maker.make_fresh_user("boss").await.unwrap();
        let client = maker.act_as(&boss).await.unwrap();
        let invited = people_of("plain", 1).await;
        let body = json!({"name": "Theirs", "preset": "private_chat", "invite": invited});
        let room = room_of(&client, body, &[]).await;
        page.sign_in(&stage().synapse.url()).await;
        open(page, &room, "&membership=invite").await;
        names(page).counts(1).await;
        choose_for_page(page, "Remove from the room").await;
        let title = format!("Remove {} from the room", invited[0]);
        let question = page.dialog(&format!("{title}?"));
        question.checkbox_like("Make me an admin").tick(false).await;
        agree(page, &title, Some(invited[0].as_str())).await;
        page.until("the invitation is declined", async || {
            is(&room, &invited[0]).await == "leave"
        })
        .await;
        page.sees(&format!("{title}: Finished")).await;
    })
    .await;
}

#[tokio::test]
async fn rooms_of_a_user_are_acted_upon() {
    journey(Options::default(), async |page: &Page| {
        page.allows_complaint(&["404"]);
        page.allows_complaint(&["/_synapse/admin/v1/statistics/database/rooms"]);
        let maker = stage().maker;
        let user = maker.make_fresh_user("roomy").await.unwrap();
        let client = maker.act_as(&user).await.unwrap();
        let mut made = Vec::new();
        for number in 0..2 {
            let body = json!({"name": format!("Roomy {number}"), "preset": "public_chat"});
            made.push(maker.make_room(&client, &body).await.unwrap());
        }
        let proxy = page.proxy();
        page.sign_in(&proxy.url()).await;
        // A room of which the server says nothing is none that it does not have.
        page.expects_complaint(&["/_synapse/admin/v1/rooms/", "status of 500"]);
        let silent = format!("/_synapse/admin/v1/rooms/{}", made[1]);
        proxy.add(Rule::new("GET", &silent, Fault::server_error()));
        page.open(&format!("/users/{}?tab=rooms", encoded(user.as_str())))
            .await;
        names(page).counts(2).await;
        let untold = format!("The server did not tell everything of {}", made[1]);
        page.sees(&untold).await;
        choose_for_page(page, "Block").await;
        page.dialog("Block 2 rooms?")
            .button("Block 2 rooms")
            .click()
            .await;
        for room in &made {
            page.until("it is blocked", async || {
                stage().run(&rooms::is_blocked(room)).await.block
            })
            .await;
        }
        page.picture("user-rooms").await;

        choose_for_page(page, "Make me an admin of the room").await;
        let title = "Make me an admin of 2 rooms";
        page.dialog(&format!("{title}?"))
            .button(title)
            .click()
            .await;
        for room in &made {
            page.until("I have power", async || {
                let levels = events::state(room, Some("m.room.power_levels"));
                let levels = stage().run(&levels).await.state;
                let levels = levels.iter().find(|of| of.kind == "m.room.power_levels");
                levels.is_some_and(|of| of.content["users"][own().as_str()] == 100)
            })
            .await;
        }

        proxy.clear_rules();
        page.reload().await;
        page.row("Roomy 1").css("input").tick(true).await;
        page.no_longer_sees(&untold).await;
        choose(page, "Delete").await;
        let title = "Delete room “Roomy 1”";
        page.dialog(&format!("{title}?"))
            .says("Local members 1")
            .await;
        agree(page, title, Some("Roomy 1")).await;
        page.until("it is gone", async || {
            let found = maker.admin().run(&rooms::get(&made[1])).await;
            matches!(found, Err(error) if error.is_not_found())
        })
        .await;
        page.row("Roomy 1").goes().await;
        page.row("Roomy 0").appears().await;
    })
    .await;
}
