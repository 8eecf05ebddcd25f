//! What is asked again right before it is acted upon, what is left out then, and what Undo puts
//! back: exactly what the change has changed.

use journeys::browser::{Options, Page, journey, stage};
use synapse_admin::api::UserId;
use synapse_admin::api::server::Feature;
use synapse_admin::api::users::{self, User, UserChange};
use xtask::proxy::{Fault, Rule};
use xtask::world::people;

/// So many fresh users whose names have a part in common, which is returned as well.
async fn several(prefix: &str, count: usize) -> (String, Vec<UserId>) {
    let maker = stage().maker;
    let part = maker.fresh_localpart(prefix);
    let mut made = Vec::new();
    for number in 0..count {
        let localpart = format!("{part}.{number}");
        let user = maker.make_user(&localpart, &UserChange::default()).await;
        made.push(user.unwrap());
    }
    (part, made)
}

async fn account(user: &UserId) -> User {
    stage().run(&users::get(user)).await.user
}

/// Waits until those of the accounts are so that should be, and no other.
async fn only(page: &Page, what: &str, all: &[UserId], which: &[usize], is: fn(&User) -> bool) {
    page.step(format!("waits until {which:?} are {what}"));
    page.until(&format!("{which:?} are {what}"), async || {
        for (number, user) in all.iter().enumerate() {
            if is(&account(user).await) != which.contains(&number) {
                return false;
            }
        }
        true
    })
    .await;
}

/// Opens the list with these users and selects them.
async fn select(page: &Page, part: &str, count: usize) {
    page.open(&format!("/users?q={part}&size=50")).await;
    page.css("tbody th[role=rowheader]").counts(count).await;
    page.checkbox("Select all on this page").tick(true).await;
    page.sees(&format!("{count} selected")).await;
}

async fn choose(page: &Page, action: &str) {
    page.css(".bulk-bar").button("Actions").click().await;
    page.css("[popover]:popover-open")
        .button(action)
        .click()
        .await;
}

async fn agree(page: &Page, action: &str, title: &str, typed: Option<&str>) {
    choose(page, action).await;
    let question = page.dialog(&format!("{title}?"));
    question.appears().await;
    if let Some(typed) = typed {
        question
            .field(&format!("Type “{typed}” to confirm"))
            .fill(typed)
            .await;
    }
    question.button(title).click().await;
    question.goes().await;
}

async fn report(page: &Page) -> String {
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

/// A user of the application service.
fn ghost(number: usize) -> UserId {
    let nick = people::BRIDGED[number];
    let localpart = format!("{}{nick}", people::RESERVED_PREFIX);
    stage().maker.user(&localpart)
}

fn is_suspended(user: &User) -> bool {
    user.suspended == Some(true)
}

fn can_suspend() -> bool {
    stage().maker.capabilities().has(Feature::Suspending)
}

#[tokio::test]
async fn ending_a_suspension_and_back_suspends_nobody_else() {
    if !can_suspend() {
        return;
    }
    journey(Options::default(), async |page: &Page| {
        let (part, all) = several("freed", 3).await;
        stage().run(&users::suspend(&all[1], true)).await;
        page.sign_in(&stage().synapse.url()).await;
        page.takes_downloads().await;
        // The list does not tell who is suspended, so all three are asked about.
        select(page, &part, 3).await;
        let title = "End the suspension of 3 users";
        agree(page, "End suspension", title, None).await;
        only(page, "suspended", &all, &[], is_suspended).await;
        page.sees(&format!(
            "{title}: Finished · 2 left out: nothing would change"
        ))
        .await;
        let csv = report(page).await;
        assert!(csv.contains(&format!("{},done", all[1])), "{csv}");
        let left = format!("{},left out,nothing would change", all[0]);
        assert!(csv.contains(&left), "{csv}");
        page.button("Undo").click().await;
        only(page, "suspended", &all, &[1], is_suspended).await;
        page.sees(&format!("Suspend {}: Finished", all[1])).await;
        only(page, "suspended", &all, &[1], is_suspended).await;
    })
    .await;
}

#[tokio::test]
async fn suspending_and_back_frees_nobody_else() {
    if !can_suspend() {
        return;
    }
    journey(Options::default(), async |page: &Page| {
        let (part, all) = several("caught", 3).await;
        stage().run(&users::suspend(&all[0], true)).await;
        page.sign_in(&stage().synapse.url()).await;
        select(page, &part, 3).await;
        agree(page, "Suspend", "Suspend 3 users", None).await;
        only(page, "suspended", &all, &[0, 1, 2], is_suspended).await;
        page.sees("1 left out: nothing would change").await;
        page.button("Undo").click().await;
        page.sees("End the suspension of 2 users: Finished").await;
        only(page, "suspended", &all, &[0], is_suspended).await;
    })
    .await;
}

#[tokio::test]
async fn what_others_have_changed_meanwhile_is_theirs() {
    journey(Options::default(), async |page: &Page| {
        let (part, all) = several("between", 3).await;
        let lock = async |user: &UserId, locked: bool| {
            let change = UserChange {
                locked: Some(locked),
                ..Default::default()
            };
            stage().run(&users::put(user, &change)).await;
        };
        let is_locked: fn(&User) -> bool = |user| user.locked;
        page.sign_in(&stage().synapse.url()).await;
        select(page, &part, 3).await;
        // The list is older than this.
        lock(&all[0], true).await;
        agree(page, "Lock", "Lock 3 users", None).await;
        only(page, "locked", &all, &[0, 1, 2], is_locked).await;
        page.sees("1 left out: nothing would change").await;
        // And another unlocks one before this is taken back.
        lock(&all[1], false).await;
        page.button("Undo").click().await;
        page.sees("Unlock 2 users: Finished · 1 left out: changed by somebody else since")
            .await;
        only(page, "locked", &all, &[0], is_locked).await;
    })
    .await;
}

#[tokio::test]
async fn undo_goes_through_the_same_protections() {
    journey(Options::default(), async |page: &Page| {
        // A ghost of the application service, which no pattern names: the list does not know.
        let ghost = ghost(0);
        let lock = async |locked: bool| {
            let change = UserChange {
                locked: Some(locked),
                ..Default::default()
            };
            stage().run(&users::put(&ghost, &change)).await;
        };
        lock(true).await;
        page.sign_in(&stage().synapse.url()).await;
        select(page, ghost.localpart(), 1).await;
        let title = format!("Unlock {ghost}");
        agree(page, "Unlock", &title, None).await;
        page.sees(&format!("{title}: Finished")).await;
        assert!(!account(&ghost).await.locked);
        page.button("Undo").click().await;
        page.sees("1 left out: belongs to an application service")
            .await;
        assert!(!account(&ghost).await.locked);
    })
    .await;
}

#[tokio::test]
async fn what_cannot_be_undone_spares_the_ghosts_of_a_bridge() {
    journey(Options::default(), async |page: &Page| {
        let ghost = ghost(3);
        page.sign_in(&stage().synapse.url()).await;
        page.takes_downloads().await;
        select(page, ghost.localpart(), 1).await;
        let title = format!("Deactivate {ghost}");
        agree(page, "Deactivate", &title, Some(ghost.as_str())).await;
        page.sees("1 left out: belongs to an application service")
            .await;
        assert!(!account(&ghost).await.deactivated);
        let csv = report(page).await;
        assert!(csv.contains("left out"), "{csv}");
    })
    .await;
}

#[tokio::test]
async fn a_lost_answer_does_not_make_it_somebody_elses() {
    journey(Options::default(), async |page: &Page| {
        let (part, all) = several("unheard", 2).await;
        let proxy = page.proxy();
        page.sign_in(&proxy.url()).await;
        page.allows_complaint(&["shadow_ban"]);
        select(page, &part, 2).await;
        // The server does it, and its answer does not arrive.
        let target = format!("/_synapse/admin/v1/users/{}/shadow_ban", all[0]);
        proxy.add(Rule::new("POST", &target, Fault::DropAfter).times(1));
        agree(page, "Shadow-ban", "Shadow-ban 2 users", None).await;
        page.sees("Shadow-ban 2 users: Finished").await;
        assert!(!page.text().await.contains("left out"));
        page.button("Undo").click().await;
        only(page, "shadow-banned", &all, &[], |user| user.shadow_banned).await;
    })
    .await;
}

#[tokio::test]
async fn who_has_tried_again_in_the_tray_does_not_do_so_twice() {
    journey(Options::default(), async |page: &Page| {
        let (part, all) = several("twice", 2).await;
        let proxy = page.proxy();
        page.allows_complaint(&["shadow_ban", "403"]);
        page.sign_in(&proxy.url()).await;
        select(page, &part, 2).await;
        let target = format!("/_synapse/admin/v1/users/{}/shadow_ban", all[1]);
        let broken = proxy.add(Rule::new(
            "POST",
            &target,
            Fault::matrix(403, r#"{"errcode":"M_FORBIDDEN","error":"not today"}"#),
        ));
        agree(page, "Shadow-ban", "Shadow-ban 2 users", None).await;
        let old = page.css(".toast").button("Retry");
        old.appears().await;
        proxy.remove(broken);
        page.css(".job-pill").click().await;
        page.css(".job").button("Retry the rest").click().await;
        only(page, "shadow-banned", &all, &[0, 1], |user| {
            user.shadow_banned
        })
        .await;
        page.css(".job").says("1 of 1 done").await;
        old.click().await;
        old.goes().await;
        page.css(".job").says("1 of 1 done").await;
        assert_eq!(proxy.count("POST", &target), 2);
    })
    .await;
}
