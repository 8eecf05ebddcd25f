//! What a person does to what is selected, and with a job that has run.

use super::Page;
use super::importing::LONG;
use serde_json::json;
use synapse_admin::api::encode::encoded;
use synapse_admin::api::rooms;
use synapse_admin::api::users::{self, User};
use synapse_admin::api::{RoomId, UserId};
use xtask::world::Maker;

/// So many new users, and the part of their names that nobody else has: "untold" does not end with that
/// of "told".
pub async fn crowd(maker: &Maker, prefix: &str, count: usize) -> (Vec<UserId>, String) {
    let prefix = &*format!("of.{prefix}");
    let mut users = Vec::new();
    for _ in 0..count {
        users.push(maker.make_fresh_user(prefix).await.unwrap());
    }
    (users, format!("{prefix}.{}", std::process::id()))
}

/// What the server knows of an account now.
pub async fn account(maker: &Maker, user: &UserId) -> User {
    maker.admin().run(&users::get(user)).await.unwrap().user
}

/// Waits until the server's list of rooms counts so many of its own users in a room, which it does a
/// moment after they have come in.
pub async fn counted(page: &Page, maker: &Maker, room: &RoomId, members: u64) {
    page.until(&format!("the server counts {members}"), async || {
        let found = maker.admin().run(&rooms::get(room)).await.unwrap();
        found.room.joined_local_members == Some(members)
    })
    .await;
}

/// Waits until all of them are what is asked.
pub async fn turn(
    page: &Page,
    maker: &Maker,
    what: &str,
    all: &[UserId],
    is: impl Fn(&User) -> bool,
) {
    page.step(format!("waits until all are {what}"));
    page.until(&format!("all are {what}"), async || {
        for user in all {
            if !is(&account(maker, user).await) {
                return false;
            }
        }
        true
    })
    .await;
}

/// So many rooms of a fresh user, and the part of their names that no other has.
pub async fn rooms_of_one(maker: &Maker, prefix: &str, count: usize) -> (Vec<RoomId>, String) {
    let user = maker.make_fresh_user(prefix).await.unwrap();
    let client = maker.act_as(&user).await.unwrap();
    let part = format!("Room of {}", user.localpart());
    let mut made = Vec::new();
    for number in 0..count {
        let body = json!({"name": format!("{part} {number}"), "preset": "public_chat"});
        made.push(maker.make_room(&client, &body).await.unwrap());
    }
    (made, part)
}

/// Whether the server knows a room no longer.
pub async fn is_gone(maker: &Maker, room: &RoomId) -> bool {
    let found = maker.admin().run(&rooms::get(room)).await;
    matches!(found, Err(error) if error.is_not_found())
}

/// Waits until the server knows none of them any longer.
pub async fn are_gone(page: &Page, maker: &Maker, rooms: &[RoomId]) {
    for room in rooms {
        page.until_within(LONG, "it is gone", async || is_gone(maker, room).await)
            .await;
    }
}

/// Waits until the browser has kept the server's ID of a room's deletion, with which it is followed after
/// the page has been left.
pub async fn is_followed(page: &Page) {
    page.until("the deletion can be followed", async || {
        let begun = "
            return Object.keys(localStorage)
                .some((key) => key.startsWith('synapse-admin.room-deletions.begun '))";
        page.script(begun, vec![]).await == true
    })
    .await;
}

/// The report of the newest job, downloaded from the list of jobs, which is closed again.
pub async fn report(page: &Page) -> String {
    page.css(".job-pill").click().await;
    page.css(".job")
        .first()
        .button("Download report")
        .click()
        .await;
    let (_, csv) = page.downloaded_text().await;
    page.css(".job-pill").click().await;
    csv
}

/// Opens a list (`/users`, `/rooms`) with what this is a part of, so many rows and no others, and
/// selects them.
pub async fn select(page: &Page, list: &str, part: &str, count: usize) {
    page.open(&format!("{list}?q={}&size=50", encoded(part)))
        .await;
    page.css("tbody th[role=rowheader]").counts(count).await;
    page.checkbox("Select all on this page").tick(true).await;
    page.sees(&format!("{count} selected")).await;
}

/// Chooses an action for the selected rows, up to the question.
pub async fn choose(page: &Page, action: &str) {
    page.css(".bulk-bar").button("Actions").click().await;
    page.css("[popover]:popover-open")
        .button(action)
        .click()
        .await;
}

/// Chooses an action for all rows of the page, up to the question.
pub async fn choose_for_page(page: &Page, action: &str) {
    page.checkbox("Select all on this page").tick(true).await;
    choose(page, action).await;
}

/// Opens the menu of one row and chooses.
pub async fn choose_for_one(page: &Page, name: &str, action: &str) {
    page.button(&format!("Actions for {name}")).click().await;
    page.css("[popover]:popover-open")
        .button(action)
        .click()
        .await;
}

/// Types what is to be typed, if anything, and agrees to the question.
pub async fn agree(page: &Page, title: &str, typed: Option<&str>) {
    let question = page.dialog(&format!("{title}?"));
    question.appears().await;
    if let Some(typed) = typed {
        assert!(!question.button(title).is_enabled().await);
        question.confirm(typed).await;
    }
    question.button(title).click().await;
    question.goes().await;
}

/// Chooses an action for the selected rows and agrees, as [`agree`] does.
pub async fn act(page: &Page, action: &str, title: &str, typed: Option<&str>) {
    choose(page, action).await;
    agree(page, title, typed).await;
}

/// Has an account leave the one room that its tab shows, and agrees to the question.
pub async fn leave_the_only_room(page: &Page) {
    page.checkbox("Select all on this page").tick(true).await;
    page.css(".bulk-bar").button("Leave").click().await;
    page.dialog("Leave 1 room?")
        .button("Leave 1 room")
        .click()
        .await;
}

/// Gets a token with which to act as the account whose security is shown.
pub async fn token_of(page: &Page) -> String {
    page.button("Log in as this user").click().await;
    let dialog = page.dialog("Log in as this user");
    dialog.button("Get token").click().await;
    dialog.says("It is shown only this once.").await;
    let token = dialog.css("code").text().await;
    dialog.button("Close").first().click().await;
    dialog.goes().await;
    token
}
