//! What is done to several accounts at once: taken back, left out, ended and begun anew.

use crate::config::{options, panel};
use journeys::browser::acting::{account, act, agree, choose, crowd, report, select, turn};
use journeys::browser::{Options, Page, journey, stage};
use serde_json::json;
use synapse_admin::api::users::{self, User, UserChange};
use synapse_admin::api::{RoomId, rooms};
use xtask::proxy::{Fault, Rule};

#[tokio::test]
async fn reversible_for_several_and_undone() {
    journey(Options::default(), async |page: &Page| {
        let (users, part) = crowd(stage().maker, "mild", 3).await;
        page.sign_in(&stage().synapse.url()).await;
        type Is = fn(&User) -> bool;
        let actions: [(&str, &str, Is); 4] = [
            ("Lock", "Lock 3 users", |user| user.locked),
            ("Suspend", "Suspend 3 users", |user| {
                user.suspended == Some(true)
            }),
            ("Shadow-ban", "Shadow-ban 3 users", |user| {
                user.shadow_banned
            }),
            (
                "Make administrator",
                "Make 3 users administrators",
                |user| user.admin,
            ),
        ];
        for (action, title, is) in actions {
            // Loads anew, so that no message of before is left.
            page.open("/users").await;
            page.reload().await;
            select(page, "/users", &part, 3).await;
            act(page, action, title, None).await;
            turn(page, stage().maker, action, &users, is).await;
            page.sees(&format!("{title}: Finished")).await;
            page.button("Undo").click().await;
            turn(page, stage().maker, "as they were", &users, |user| {
                !is(user)
            })
            .await;
        }
    })
    .await;
}

#[tokio::test]
async fn what_is_so_already_is_left_out_and_not_undone() {
    journey(Options::default(), async |page: &Page| {
        let (users, part) = crowd(stage().maker, "halfway", 3).await;
        let locked = UserChange {
            locked: Some(true),
            ..Default::default()
        };
        stage().run(&users::put(&users[0], &locked)).await;
        page.sign_in(&stage().synapse.url()).await;
        select(page, "/users", &part, 3).await;
        choose(page, "Lock").await;
        let question = page.dialog("Lock 2 users?");
        question.says("Left out: nothing would change 1").await;
        // Each is asked again, and what that costs is said.
        question
            .says("Checked again right before 1 request each, 2 in all")
            .await;
        question.button("Lock 2 users").click().await;
        turn(page, stage().maker, "locked", &users, |user| user.locked).await;
        page.button("Undo").click().await;
        turn(page, stage().maker, "unlocked", &users[1..], |user| {
            !user.locked
        })
        .await;
        assert!(account(stage().maker, &users[0]).await.locked);

        // The other way round, where they are found locked.
        page.open("/users").await;
        page.reload().await;
        select(page, "/users", &part, 3).await;
        let title = format!("Unlock {}", users[0]);
        act(page, "Unlock", &title, None).await;
        turn(page, stage().maker, "unlocked", &users, |user| !user.locked).await;
    })
    .await;
}

#[tokio::test]
async fn deactivated_reactivated_and_erased() {
    journey(Options::default(), async |page: &Page| {
        let (users, part) = crowd(stage().maker, "ended", 2).await;
        let proxy = page.proxy();
        page.sign_in(&proxy.url()).await;
        select(page, "/users", &part, 2).await;
        page.is_accessible().await;
        choose(page, "Deactivate").await;
        page.dialog("Deactivate 2 users?")
            .says("can never log in again")
            .await;
        page.is_accessible().await;
        agree(page, "Deactivate 2 users", Some("2")).await;
        turn(page, stage().maker, "deactivated", &users, |user| {
            user.deactivated
        })
        .await;
        page.sees("Deactivate 2 users: Finished").await;

        page.open("/users").await;
        page.reload().await;
        select(page, "/users", &part, 2).await;
        choose(page, "Reactivate").await;
        let question = page.dialog("Reactivate 2 users?");
        assert!(question.checkbox_like("new password").is_ticked().await);
        // An answer is lost: the account has the password all the same.
        page.allows_complaint(&["/v2/users/"]);
        let lost = Fault::gave_up_waiting();
        proxy.add(Rule::new("PUT", "/_synapse/admin/v2/users/*", lost).times(1));
        question.button("Reactivate 2 users").click().await;
        turn(page, stage().maker, "active", &users, |user| {
            !user.deactivated
        })
        .await;
        page.sees("Reactivate 2 users: Finished").await;
        let csv = report(page).await;
        for user in &users {
            let line = csv.lines().find(|line| line.contains(user.as_str()));
            let password = line.unwrap().split(',').next_back().unwrap();
            assert!(password.len() > 8, "{csv}");
            assert!(stage().can_sign_in(user, password).await);
        }

        page.open("/users").await;
        page.reload().await;
        select(page, "/users", &part, 2).await;
        act(page, "Erase", "Erase 2 users", Some("2")).await;
        turn(page, stage().maker, "erased", &users, |user| user.erased).await;
    })
    .await;
}

#[tokio::test]
async fn who_is_active_by_now_keeps_their_password() {
    journey(Options::default(), async |page: &Page| {
        page.takes_downloads().await;
        let (users, part) = crowd(stage().maker, "back", 2).await;
        for user in &users {
            stage().run(&users::deactivate(user, false)).await;
        }
        page.sign_in(&stage().synapse.url()).await;
        select(page, "/users", &part, 2).await;
        choose(page, "Reactivate").await;
        let question = page.dialog("Reactivate 2 users?");
        question.says("Checked again right before").await;
        let password = "Somebody-Else-Was-First-5";
        let back = UserChange {
            deactivated: Some(false),
            password: Some(password.to_owned()),
            ..Default::default()
        };
        stage().run(&users::put(&users[0], &back)).await;
        question.button("Reactivate 2 users").click().await;
        turn(page, stage().maker, "active", &users, |user| {
            !user.deactivated
        })
        .await;
        page.sees("1 left out").await;
        assert!(stage().can_sign_in(&users[0], password).await);
        let csv = report(page).await;
        let line = csv.lines().find(|line| line.contains(users[0].as_str()));
        let line = line.unwrap();
        assert!(line.contains(",left out,"), "{csv}");
        assert!(line.ends_with(','), "no password of ours: {csv}");
    })
    .await;
}

#[tokio::test]
async fn bridges_and_bots_are_protected() {
    let (users, part) = crowd(stage().maker, "bridged", 3).await;
    let managed = format!("^{}$", users[1].as_str().replace('.', "\\."));
    let panel = panel(&json!({"asManagedUsers": [managed]}));
    journey(options(&panel, None), async |page: &Page| {
        page.sign_in(&stage().synapse.url()).await;
        select(page, "/users", &part, 3).await;
        choose(page, "Lock").await;
        let question = page.dialog("Lock 2 users?");
        question.says("Left out: bridges and bots 1").await;
        question.button("Lock 2 users").click().await;
        turn(
            page,
            stage().maker,
            "locked",
            &[users[0].clone(), users[2].clone()],
            |user| user.locked,
        )
        .await;
        assert!(!account(stage().maker, &users[1]).await.locked);
    })
    .await;
}

#[tokio::test]
async fn who_is_in_a_private_room_already_has_not_failed_to_join_it() {
    journey(Options::default(), async |page: &Page| {
        page.takes_downloads().await;
        let maker = stage().maker;
        let (users, part) = crowd(maker, "member", 2).await;
        let private = async |name: &str| {
            let body = json!({"preset": "private_chat", "name": name});
            maker.make_room(maker.admin(), &body).await.unwrap()
        };
        let (first, second) = (private("Cellar").await, private("Attic").await);
        stage().run(&rooms::join(first.as_str(), &users[0])).await;
        let proxy = page.proxy();
        page.sign_in(&proxy.url()).await;
        let add = async |room: &RoomId| {
            select(page, "/users", &part, 2).await;
            choose(page, "Add to a room").await;
            let question = page.dialog("Add 2 users to a room?");
            question.field("Room").fill(room.as_str()).await;
            question.button("Add 2 users to a room").click().await;
            page.until("all are in", async || {
                let members = stage().run(&rooms::members(room)).await.members;
                users.iter().all(|user| members.contains(user))
            })
            .await;
        };
        page.expects_complaint(&["/join/", "403"]);
        add(&first).await;
        page.sees("1 left out").await;
        let csv = report(page).await;
        let line = csv.lines().find(|line| line.contains(users[0].as_str()));
        assert!(line.unwrap().contains(",left out,"), "{csv}");

        // Nobody hears that they came in, and they cannot come in again.
        let lost = Rule::new(
            "POST",
            &format!("/_synapse/admin/v1/join/{second}"),
            Fault::gave_up_waiting(),
        );
        proxy.add(lost.times(2));
        page.expects_complaint(&["/join/", "504"]);
        // Loads anew, so that no message of before is left.
        page.reload().await;
        add(&second).await;
        page.sees("Add 2 users to a room: Finished").await;
        let csv = report(page).await;
        for user in &users {
            let line = csv.lines().find(|line| line.contains(user.as_str()));
            assert!(line.unwrap().contains(",done,"), "{csv}");
        }
    })
    .await;
}
