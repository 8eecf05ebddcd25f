//! What can be done to accounts, one, several, all that match: the question before it, the effect
//! on the server, and back.

use journeys::browser::acting::choose;
use journeys::browser::importing::LONG;
use journeys::browser::{Options, Page, journey, stage};
use serde_json::json;
use std::time::Duration;
use synapse_admin::api::encode::encoded;
use synapse_admin::api::server::Feature;
use synapse_admin::api::users::{self, UserChange, UserDetail};
use synapse_admin::api::{UserId, devices, login, media, rooms};
use xtask::proxy::{Fault, Rule};
use xtask::world::people;

/// So many fresh users whose names have a part in common, which is returned as well.
async fn several(count: usize) -> (String, Vec<UserId>) {
    let maker = stage().maker;
    let prefix = maker.fresh_localpart("acted");
    let mut made = Vec::new();
    for number in 0..count {
        let localpart = format!("{prefix}.{number:02}");
        let user = maker.make_user(&localpart, &UserChange::default()).await;
        made.push(user.unwrap());
    }
    (prefix, made)
}

async fn detail(user: &UserId) -> UserDetail {
    stage().run(&users::get(user)).await
}

/// Waits until the account is so.
async fn becomes(page: &Page, user: &UserId, what: &str, is: impl Fn(&UserDetail) -> bool) {
    page.until(&format!("{user} is {what}"), async || {
        is(&detail(user).await)
    })
    .await;
}

fn has(feature: Feature) -> bool {
    stage().maker.capabilities().has(feature)
}

/// Opens the list with these users and selects all rows of the page.
async fn select(page: &Page, prefix: &str, query: &str) {
    page.open(&format!("/users?q={prefix}{query}")).await;
    page.row(prefix).first().appears().await;
    page.checkbox("Select all on this page").tick(true).await;
}

#[tokio::test]
async fn locking_several_and_back() {
    journey(Options::default(), async |page: &Page| {
        let (prefix, made) = several(3).await;
        page.sign_in(&stage().synapse.url()).await;
        select(page, &prefix, "").await;
        choose(page, "Lock").await;
        let question = page.dialog("Lock 3 users?");
        question.says(made[0].as_str()).await;
        page.is_accessible().await;
        question.button("Lock 3 users").click().await;
        for user in &made {
            becomes(page, user, "locked", |detail| detail.user.locked).await;
        }
        page.button("Undo").click().await;
        for user in &made {
            becomes(page, user, "unlocked", |detail| !detail.user.locked).await;
        }
    })
    .await;
}

#[tokio::test]
async fn all_that_match_over_several_pages() {
    journey(Options::default(), async |page: &Page| {
        let (prefix, made) = several(13).await;
        page.sign_in(&stage().synapse.url()).await;
        select(page, &prefix, "&size=10").await;
        page.button("Select all 13 that match").click().await;
        choose(page, "Shadow-ban").await;
        let question = page.dialog("Shadow-ban 13 users?");
        question.button("Shadow-ban 13 users").click().await;
        for user in &made {
            becomes(page, user, "shadow-banned", |detail| {
                detail.user.shadow_banned
            })
            .await;
        }
        // What is so already is left out, once the list says so: what is selected is as it stands there.
        for user in &made[..10] {
            page.row(user.as_str()).says("Shadow-banned").await;
        }
        select(page, &prefix, "&size=10").await;
        page.button("Actions").click().await;
        let menu = page.css("[popover]:popover-open");
        menu.button("Lift shadow-ban").appears().await;
        menu.button("Shadow-ban").goes().await;
    })
    .await;
}

#[tokio::test]
async fn nobody_locks_themselves_out() {
    journey(Options::default(), async |page: &Page| {
        let own = stage().maker.user(people::ADMIN);
        page.sign_in(&stage().synapse.url()).await;
        page.open(&format!("/users?q={}", encoded(own.as_str())))
            .await;
        page.row(own.as_str()).first().appears().await;
        page.checkbox("Select all on this page").tick(true).await;
        choose(page, "Deactivate").await;
        page.sees("Left out: your own account").await;
        page.open(&format!("/users/{}?tab=security", encoded(own.as_str())))
            .await;
        page.sees("Not for your own account: you could lock yourself out.")
            .await;
        page.button("Deactivate").is_unusable().await;
        assert!(!detail(&own).await.user.deactivated);
    })
    .await;
}

#[tokio::test]
async fn erasing_needs_the_number() {
    journey(Options::default(), async |page: &Page| {
        let (prefix, made) = several(2).await;
        page.sign_in(&stage().synapse.url()).await;
        select(page, &prefix, "").await;
        choose(page, "Erase").await;
        let question = page.dialog("Erase 2 users?");
        let action = question.button("Erase 2 users");
        action.is_unusable().await;
        question.confirm("2").await;
        action.click().await;
        for user in &made {
            becomes(page, user, "deactivated", |detail| detail.user.deactivated).await;
        }
        // And some of it back, with a password that is in the report.
        page.takes_downloads().await;
        for user in &made {
            page.row(user.as_str()).says("Deactivated").await;
        }
        select(page, &prefix, "").await;
        choose(page, "Reactivate").await;
        let question = page.dialog("Reactivate 2 users?");
        question.button("Reactivate 2 users").click().await;
        for user in &made {
            becomes(page, user, "active", |detail| !detail.user.deactivated).await;
        }
        page.button("2 jobs finished").click().await;
        page.button("Download report").first().click().await;
        let (_, report) = page.downloaded_text().await;
        let line = report
            .lines()
            .find(|line| line.starts_with(made[0].as_str()))
            .unwrap_or_else(|| panic!("{report}"));
        let password = line.rsplit(',').next().unwrap();
        stage().run(&login::with_password(&made[0], password)).await;
    })
    .await;
}

#[tokio::test]
async fn one_account_through_its_states() {
    journey(Options::default(), async |page: &Page| {
        let user = stage().maker.make_fresh_user("states").await.unwrap();
        page.sign_in(&stage().synapse.url()).await;
        page.open(&format!("/users/{}?tab=security", encoded(user.as_str())))
            .await;
        type Is = fn(&UserDetail) -> bool;
        let mut steps: Vec<(&str, &str, Is)> = vec![
            ("Make administrator", "Make USER an administrator", |d| {
                d.user.admin
            }),
            (
                "Remove administrator right",
                "Remove the administrator right of USER",
                |d| !d.user.admin,
            ),
            ("Lock", "Lock USER", |d| d.user.locked),
            ("Unlock", "Unlock USER", |d| !d.user.locked),
            ("Shadow-ban", "Shadow-ban USER", |d| d.user.shadow_banned),
            ("Lift shadow-ban", "Lift the shadow-ban of USER", |d| {
                !d.user.shadow_banned
            }),
        ];
        if has(Feature::Suspending) {
            steps.push(("Suspend", "Suspend USER", |d| {
                d.user.suspended == Some(true)
            }));
            steps.push(("End suspension", "End the suspension of USER", |d| {
                d.user.suspended == Some(false)
            }));
        } else {
            page.sees("Needs Synapse 1.122.0 or newer").await;
        }
        page.is_accessible().await;
        for (label, action, is) in steps {
            let action = action.replace("USER", user.as_str());
            page.button(label).click().await;
            page.dialog(&format!("{action}?"))
                .button(&action)
                .click()
                .await;
            becomes(page, &user, label, is).await;
        }
        // Loads anew, so that no message of before lies over the buttons.
        page.reload().await;
        page.button("Deactivate").click().await;
        let question = page.dialog(&format!("Deactivate {user}?"));
        question.confirm(user.as_str()).await;
        question.button(&format!("Deactivate {user}")).click().await;
        becomes(page, &user, "deactivated", |d| d.user.deactivated).await;
        page.button("Reactivate").appears().await;
    })
    .await;
}

#[tokio::test]
async fn logging_out_everywhere() {
    journey(Options::default(), async |page: &Page| {
        let maker = stage().maker;
        let change = UserChange {
            password: Some("some-secret".into()),
            ..Default::default()
        };
        let localpart = maker.fresh_localpart("sessions");
        let user = maker.make_user(&localpart, &change).await.unwrap();
        let mut tokens = Vec::new();
        for _ in 0..3 {
            let login = stage()
                .run(&login::with_password(&user, "some-secret"))
                .await;
            tokens.push(login.access_token);
        }
        page.sign_in(&stage().synapse.url()).await;
        page.open(&format!("/users/{}?tab=security", encoded(user.as_str())))
            .await;
        page.button("Log out everywhere").click().await;
        let question = page.dialog(&format!("Log out {user} everywhere?"));
        question.says("Sessions 3").await;
        question.confirm(user.as_str()).await;
        question
            .button(&format!("Log out {user} everywhere"))
            .click()
            .await;
        page.until("all sessions have ended", async || {
            stage().run(&devices::list(&user)).await.devices.is_empty()
        })
        .await;
        for token in tokens {
            let client = maker.admin().with_token(token);
            // Synapse takes the devices out of the list before their tokens.
            page.until("the token is refused", async || {
                client.run(&login::who_am_i()).await.is_err()
            })
            .await;
        }
    })
    .await;
}

#[tokio::test]
async fn media_of_several() {
    journey(Options::default(), async |page: &Page| {
        let maker = stage().maker;
        let (prefix, made) = several(2).await;
        for user in &made {
            for number in 0..3 {
                let content = format!("{user} {number}");
                maker
                    .upload_media(user, content.as_bytes(), "text/plain", None)
                    .await
                    .unwrap();
            }
        }
        let left = async |user: &UserId| {
            let query = media::ListMedia {
                limit: 100,
                ..Default::default()
            };
            stage().run(&media::list_of_user(user, &query)).await.media
        };
        let proxy = page.proxy();
        page.sign_in(&proxy.url()).await;
        select(page, &prefix, "").await;
        choose(page, "Quarantine media").await;
        let question = page.dialog("Quarantine the media of 2 users?");
        question.says("Files 6").await;
        // Nothing takes it back for all of them at once.
        let action = question.button("Quarantine the media of 2 users");
        action.is_unusable().await;
        question.confirm("2").await;
        action.click().await;
        for user in &made {
            page.until("the files are quarantined", async || {
                left(user)
                    .await
                    .iter()
                    .all(|file| file.quarantined_by.is_some())
            })
            .await;
        }
        select(page, &prefix, "").await;
        choose(page, "Delete media").await;
        let question = page.dialog("Delete the media of 2 users?");
        question.says("Files 6").await;
        question.confirm("2").await;
        question.button("Delete the media of 2 users").click().await;
        for user in &made {
            page.until("the files are gone", async || left(user).await.is_empty())
                .await;
        }
        page.sees("Delete the media of 2 users: 6 files deleted")
            .await;

        // An answer is lost: what that request has deleted is in no other.
        for user in &made {
            let again = maker.upload_media(user, b"again", "text/plain", None);
            again.await.unwrap();
        }
        let first = format!("/_synapse/admin/v1/users/{}/media", made[0]);
        proxy.add(Rule::new("DELETE", &first, Fault::gave_up_waiting()).times(1));
        page.allows_complaint(&["/media"]);
        select(page, &prefix, "").await;
        choose(page, "Delete media").await;
        question.says("Files 2").await;
        question.confirm("2").await;
        question.button("Delete the media of 2 users").click().await;
        page.css(".job-pill").click().await;
        let result = page.css(".job-result").first();
        result.says("at least 1 file deleted").await;
        for user in &made {
            assert!(left(user).await.is_empty(), "{user}");
        }
    })
    .await;
}

#[tokio::test]
async fn a_notice_and_a_room() {
    journey(Options::default(), async |page: &Page| {
        let (prefix, made) = several(2).await;
        let sender = stage().maker.user("notices");
        page.sign_in(&stage().synapse.url()).await;
        select(page, &prefix, "").await;
        // The server is asked whether it sends notices by one that it refuses.
        page.allows_complaint(&["send_server_notice", "400"]);
        choose(page, "Send server notice").await;
        let question = page.dialog("Send a notice to 2 users?");
        let action = question.button("Send a notice to 2 users");
        action.is_unusable().await;
        question
            .field("Message")
            .fill("Maintenance <b>tonight</b>")
            .await;
        action.click().await;
        // Each notice makes a room with the user in it, or invited to it.
        page.until("two rooms are there", async || {
            let sql = format!(
                "SELECT DISTINCT user_id, room_id FROM room_memberships \
                 WHERE sender = '{sender}' AND user_id IN ('{}', '{}')",
                made[0], made[1]
            );
            stage().maker.database().query(&sql).unwrap().len() == 2
        })
        .await;
        let general = stage().world.room("general").clone();
        select(page, &prefix, "").await;
        choose(page, "Add to a room").await;
        let question = page.dialog("Add 2 users to a room?");
        question.field("Room").fill("#general:test.localhost").await;
        question.button("Add 2 users to a room").click().await;
        page.until("they are in the room", async || {
            let members = stage().run(&rooms::members(&general)).await.members;
            made.iter().all(|user| members.contains(user))
        })
        .await;
    })
    .await;
}

#[tokio::test]
async fn messages_are_removed_in_the_background() {
    journey(Options::default(), async |page: &Page| {
        let maker = stage().maker;
        let user = maker.make_fresh_user("talker").await.unwrap();
        let client = maker.act_as(&user).await.unwrap();
        let room = maker
            .make_room(&client, &json!({"name": "Chatter"}))
            .await
            .unwrap();
        let sent = synapse_admin::api::Request::<serde_json::Value>::put(
            format!(
                "/_matrix/client/v3/rooms/{}/send/m.room.message/1",
                encoded(room.as_str())
            ),
            &json!({"msgtype": "m.text", "body": "Buy now!"}),
        );
        let event = client.run(&sent).await.unwrap()["event_id"].clone();
        let proxy = page.proxy();
        page.sign_in(&proxy.url()).await;
        page.open(&format!("/users/{}?tab=security", encoded(user.as_str())))
            .await;
        if !has(Feature::RedactMessages) {
            page.sees("Needs Synapse 1.116.0 or newer").await;
            page.button("Remove messages").is_unusable().await;
            return;
        }
        // The server's word that it is over does not arrive before the reload.
        let held = proxy.add(Rule::new(
            "GET",
            "/_synapse/admin/v1/user/redact_status/*",
            Fault::Delay(Duration::from_secs(600)),
        ));
        page.button("Remove messages").click().await;
        let question = page.dialog(&format!("Remove the messages of {user}?"));
        question.field("Reason").fill("spam").await;
        question.confirm(user.as_str()).await;
        question
            .button(&format!("Remove the messages of {user}"))
            .click()
            .await;
        page.until("the server was told", async || {
            proxy.count("POST", "/_synapse/admin/v1/user/*/redact") == 1
        })
        .await;
        page.until("the message is gone", async || {
            let get = synapse_admin::api::Request::<serde_json::Value>::get(format!(
                "/_matrix/client/v3/rooms/{}/event/{}",
                encoded(room.as_str()),
                encoded(event.as_str().unwrap())
            ));
            let found = client.run(&get).await.unwrap();
            found["content"]["body"].is_null()
        })
        .await;
        // With the server's ID of it, which is kept by then.
        page.until("it is asked how far it is", async || {
            proxy.count("GET", "/_synapse/admin/v1/user/redact_status/*") > 0
        })
        .await;
        proxy.remove(held);
        page.reload().await;
        page.sees_within(LONG, "Messages that are being removed")
            .await;
        // It is begun once, whatever is reloaded.
        assert_eq!(proxy.count("POST", "/_synapse/admin/v1/user/*/redact"), 1);
    })
    .await;
}

#[tokio::test]
async fn some_fail_and_are_tried_again() {
    journey(Options::default(), async |page: &Page| {
        let (prefix, made) = several(3).await;
        let proxy = page.proxy();
        page.allows_complaint(&["shadow_ban", "403"]);
        page.sign_in(&proxy.url()).await;
        select(page, &prefix, "").await;
        // Patterns are compared with what stands behind the percent signs.
        let target = format!("/_synapse/admin/v1/users/{}/shadow_ban", made[1]);
        let broken = proxy.add(Rule::new(
            "POST",
            &target,
            Fault::matrix(403, r#"{"errcode":"M_FORBIDDEN","error":"not today"}"#),
        ));
        choose(page, "Shadow-ban").await;
        page.dialog("Shadow-ban 3 users?")
            .button("Shadow-ban 3 users")
            .click()
            .await;
        becomes(page, &made[0], "banned", |d| d.user.shadow_banned).await;
        becomes(page, &made[2], "banned", |d| d.user.shadow_banned).await;
        let retry = page.button("Retry").first();
        retry.appears().await;
        assert!(!detail(&made[1]).await.user.shadow_banned);
        proxy.remove(broken);
        retry.click().await;
        becomes(page, &made[1], "banned", |d| d.user.shadow_banned).await;
    })
    .await;
}

#[tokio::test]
async fn the_menu_is_in_groups_and_walked_through_by_keys() {
    journey(Options::default(), async |page: &Page| {
        let (prefix, _) = several(2).await;
        page.sign_in(&stage().synapse.url()).await;
        select(page, &prefix, "").await;
        page.tab_to(&page.button("Actions")).await;
        page.press(thirtyfour::Key::Down + "").await;
        let focused = async || {
            let script = "return document.activeElement.textContent.trim()";
            let text = page.script(script, Vec::new()).await;
            text.as_str().unwrap_or_default().to_owned()
        };
        page.until("the first action has the focus", async || {
            focused().await == "Lock"
        })
        .await;
        for group in ["Access", "People", "Files and messages", "For good"] {
            page.css("[popover]:popover-open").says(group).await;
        }
        // What would change nobody is not offered.
        let menu = page.css("[popover]:popover-open");
        for action in ["Unlock", "Lift shadow-ban", "Reactivate"] {
            assert!(!menu.button(action).exists().await, "{action}");
        }
        page.press(thirtyfour::Key::Down + "").await;
        page.until("the next one has it", async || focused().await != "Lock")
            .await;
        page.press(thirtyfour::Key::Up + "").await;
        page.until("the first one again", async || focused().await == "Lock")
            .await;
        page.press(thirtyfour::Key::Enter + "").await;
        page.dialog("Lock 2 users?").appears().await;
    })
    .await;
}

#[tokio::test]
async fn on_a_phone() {
    journey(Options::phone(), async |page: &Page| {
        let (prefix, _) = several(2).await;
        page.sign_in(&stage().synapse.url()).await;
        page.open(&format!("/users?q={prefix}")).await;
        page.row(&prefix).first().appears().await;
        page.css("tbody input[type=checkbox]")
            .first()
            .tick(true)
            .await;
        page.button("Actions").click().await;
        page.css("[popover]").button("Lock").appears().await;
        page.fits_sideways().await;
        page.is_accessible().await;
    })
    .await;
}
