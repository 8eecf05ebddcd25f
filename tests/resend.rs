//! What must not be done twice is not sent twice, whatever becomes of the answer.

use journeys::browser::acting::{agree, choose, crowd, report, select};
use journeys::browser::importing::LONG;
use journeys::browser::{Options, Page, journey, stage};
use serde_json::json;
use synapse_admin::api::encode::encoded;
use synapse_admin::api::rooms::{self, RoomDetail};
use synapse_admin::api::server::Feature;
use synapse_admin::api::{Request, RoomId, users};
use xtask::proxy::{Fault, Rule};

fn has(feature: Feature) -> bool {
    stage().maker.capabilities().has(feature)
}

#[tokio::test]
async fn a_deactivation_that_takes_long() {
    journey(Options::default(), async |page: &Page| {
        let maker = &stage().maker;
        let mut people = Vec::new();
        for _ in 0..2 {
            people.push(maker.make_fresh_user("lengthy").await.unwrap());
        }
        let proxy = page.proxy();
        page.expects_complaint(&["/deactivate/", "status of 504"]);
        page.sign_in(&proxy.url()).await;
        page.open(&format!("/users?q=lengthy.{}&size=50", std::process::id()))
            .await;
        page.css("tbody th[role=rowheader]").counts(2).await;
        page.checkbox("Select all on this page").tick(true).await;
        let deactivate = "/_synapse/admin/v1/deactivate/*";
        proxy.add(Rule::new("POST", deactivate, Fault::Late));
        page.css(".bulk-bar").button("Actions").click().await;
        page.css("[popover]").button("Deactivate").click().await;
        let title = "Deactivate 2 users";
        let question = page.dialog(&format!("{title}?"));
        question.confirm("2").await;
        question.button(title).click().await;
        question.goes().await;
        page.css(".job-pill").click().await;
        page.sees("The homeserver is asked whether").await;
        proxy.clear_rules();
        page.sees_within(LONG, &format!("{title}: Finished")).await;
        assert_eq!(proxy.count("POST", deactivate), 2);
        for user in &people {
            assert!(stage().run(&users::get(user)).await.user.deactivated);
        }
    })
    .await;
}

/// A room with one member.
async fn room(name: &str) -> (synapse_admin::api::UserId, RoomId) {
    let maker = &stage().maker;
    let user = maker.make_fresh_user("resident").await.unwrap();
    let client = maker.act_as(&user).await.unwrap();
    let body = json!({"name": name, "preset": "public_chat"});
    let room = maker.make_room(&client, &body).await.unwrap();
    (user, room)
}

#[tokio::test]
async fn a_deletion_of_a_room_whose_answer_is_lost() {
    journey(Options::default(), async |page: &Page| {
        page.allows_complaint(&["/_synapse/admin/v1/statistics/database/rooms"]);
        page.allows_complaint(&["/_synapse/admin/v1/rooms/", "404"]);
        page.allows_complaint(&["/delete_status", "404"]);
        page.expects_complaint(&["/_synapse/admin/v2/rooms/", "status of 504"]);
        let (user, room) = room("Twice").await;
        let proxy = page.proxy();
        page.sign_in(&proxy.url()).await;
        page.takes_downloads().await;
        page.open(&format!("/rooms/{}?tab=actions", encoded(room.as_str())))
            .await;
        let delete = "/_synapse/admin/v2/rooms/*";
        proxy.add(Rule::new("DELETE", delete, Fault::gave_up_waiting()));
        page.button("Delete").click().await;
        let title = "Delete room “Twice”";
        agree(page, title, Some("Twice")).await;
        page.sees_within(LONG, &format!("{title}: Finished")).await;
        assert_eq!(proxy.count("DELETE", delete), 1);
        let gone: Request<RoomDetail> = rooms::get(&room);
        let gone = stage().maker.admin().run(&gone).await;
        assert!(gone.is_err_and(|error| error.is_not_found()));
        page.css(".job-pill").click().await;
        page.css(".job").button("Download report").click().await;
        let (_, csv) = page.downloaded_text().await;
        assert!(
            csv.contains("complete") && csv.contains(user.as_str()),
            "{csv}"
        );
    })
    .await;
}

#[tokio::test]
async fn a_notice_whose_answer_is_lost_is_neither_done_nor_failed() {
    journey(Options::default(), async |page: &Page| {
        let (_, part) = crowd(stage().maker, "told", 2).await;
        let proxy = page.proxy();
        // The server is asked whether it sends notices by one that it refuses.
        page.allows_complaint(&["send_server_notice", "400"]);
        page.expects_complaint(&["send_server_notice", "status of 504"]);
        page.sign_in(&proxy.url()).await;
        page.takes_downloads().await;
        let notice = "/_synapse/admin/v1/send_server_notice/*";
        proxy.add(Rule::new("PUT", notice, Fault::gave_up_waiting()).times(1));
        select(page, "/users", &part, 2).await;
        choose(page, "Send server notice").await;
        let title = "Send a notice to 2 users";
        let question = page.dialog(&format!("{title}?"));
        question.field("Message").fill("Once is enough").await;
        question.button(title).click().await;
        page.sees(&format!("{title}: Of 1 nobody knows whether it was done."))
            .await;
        let csv = report(page).await;
        assert_eq!(csv.matches(",unknown,").count(), 1, "{csv}");
        assert_eq!(csv.matches(",done,").count(), 1, "{csv}");
        page.css(".job-pill").click().await;
        let job = page.css(".job").first();
        job.says("1 of 2 done · 1 unknown").await;
        assert!(!job.button("Retry the rest").exists().await);
        assert_eq!(proxy.count("PUT", notice), 2);

        // Once more is told to be once more.
        let again = "Retry the unknown as well";
        job.button(again).click().await;
        let question = page.dialog("Retry 1 as well of which nobody knows whether it was done?");
        question.says("is done a second time").await;
        page.is_accessible().await;
        question.button(again).click().await;
        job.says("1 of 1 done").await;
        job.button(again).goes().await;
        assert_eq!(proxy.count("PUT", notice), 3);
    })
    .await;
}

#[tokio::test]
async fn a_removal_of_messages_whose_answer_is_lost() {
    if !has(Feature::RedactMessages) {
        return;
    }
    journey(Options::default(), async |page: &Page| {
        let (user, _) = room("Chatter").await;
        let proxy = page.proxy();
        page.expects_complaint(&["/redact", "status of 504"]);
        page.sign_in(&proxy.url()).await;
        page.open(&format!("/users/{}?tab=security", encoded(user.as_str())))
            .await;
        let redact = "/_synapse/admin/v1/user/*/redact";
        proxy.add(Rule::new("POST", redact, Fault::gave_up_waiting()));
        page.button("Remove messages").click().await;
        let title = format!("Remove the messages of {user}");
        agree(page, &title, Some(user.as_str())).await;
        page.sees_within(LONG, &format!("{title}: Finished")).await;
        assert_eq!(proxy.count("POST", redact), 1);
    })
    .await;
}
