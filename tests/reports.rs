//! What people have reported: seen, acted upon, dismissed, with the keyboard.

use journeys::browser::{Options, Page, journey, stage};
use serde_json::json;
use synapse_admin::api::reports::{self, ListEventReports};
use synapse_admin::api::server::Feature;
use synapse_admin::api::{EventId, RoomId, UserId, users};

/// Somebody who has said something in a room of its own, and was reported for it.
struct Scene {
    sender: UserId,
    room: RoomId,
    /// The numbers of the reports, the last one first.
    ids: Vec<u64>,
}

async fn scene(reasons: &[&str]) -> Scene {
    let maker = stage().maker;
    let reporter = maker.make_fresh_user("teller").await.unwrap();
    let client = maker.act_as(&reporter).await.unwrap();
    let body = json!({"preset": "public_chat", "name": "Where it happened"});
    let room = maker.make_room(&client, &body).await.unwrap();
    let sender = maker.make_fresh_user("rude").await.unwrap();
    let rude = maker.act_as(&sender).await.unwrap();
    maker.join(&rude, &room).await.unwrap();
    let content = json!({"msgtype": "m.text", "body": "<b>You there!</b>"});
    let event = maker
        .send(&rude, &room, "m.room.message", &content)
        .await
        .unwrap();
    let event = EventId::parse(&event).unwrap();
    for reason in reasons {
        let request = reports::report_event(&room, &event, Some(reason), None);
        client.run(&request).await.unwrap();
    }
    let ids = of_room(&room).await;
    Scene { sender, room, ids }
}

/// The numbers of the reports from a room, the last one first.
async fn of_room(room: &RoomId) -> Vec<u64> {
    let query = ListEventReports {
        limit: 10,
        room: Some(room.to_string()),
        ..Default::default()
    };
    let page = stage().run(&reports::events(&query)).await;
    page.event_reports.iter().map(|report| report.id).collect()
}

async fn open(page: &Page, query: &str) {
    page.open(&format!("/reports{query}")).await;
    page.heading("Reports").appears().await;
}

async fn a_report(options: Options) {
    let scene = scene(&["Insults <i>people</i> \u{202e}gnirts"]).await;
    let (id, sender) = (scene.ids[0], scene.sender.as_str());
    journey(options, async |page: &Page| {
        page.sign_in(&stage().synapse.url()).await;
        open(
            page,
            &format!(
                "?room={}",
                synapse_admin::api::encode::encoded(scene.room.as_str())
            ),
        )
        .await;
        page.row(sender).says("Insults <i>people</i>").await;
        page.is_accessible().await;
        page.fits_sideways().await;
        page.row(sender).link_like(sender).click().await;
        page.is_at(&format!("/reports/{id}")).await;
        page.sees("Insults <i>people</i>").await;
        page.sees("<b>You there!</b>").await;
        page.sees("Where it happened").await;
        // What can be done to whom it is about stands there.
        page.sees(&format!("What can be done to {sender}")).await;
        page.button("Lock").appears().await;
        page.picture("report").await;
        page.is_accessible().await;
        page.fits_sideways().await;
        page.button("Lock").click().await;
        let question = page.dialog(&format!("Lock {sender}?"));
        question.button(&format!("Lock {sender}")).click().await;
        page.until("the account is locked", async || {
            stage().run(&users::get(&scene.sender)).await.user.locked
        })
        .await;
        // An old bookmark of another panel, and a report that is not there.
        page.open(&format!("/reports/{id}/show")).await;
        page.is_at(&format!("/reports/{id}")).await;
        page.open("/reports/999999999").await;
        page.sees("There is no such report any more").await;
        page.is_accessible().await;
    })
    .await;
}

#[tokio::test]
async fn a_report_is_read_and_acted_upon() {
    a_report(Options::default()).await;
}

#[tokio::test]
async fn a_report_on_a_phone() {
    a_report(Options::phone()).await;
}

#[tokio::test]
async fn with_the_keyboard_from_one_to_the_next() {
    let scene = scene(&["first", "second", "third"]).await;
    journey(Options::default(), async |page: &Page| {
        page.sign_in(&stage().synapse.url()).await;
        // The newest is the last that came; others may have come meanwhile.
        page.open(&format!("/reports/{}", scene.ids[0])).await;
        page.sees("third").await;
        page.heading(&format!("Report {}", scene.ids[0]))
            .appears()
            .await;
        page.sees("J and K go to").await;
        page.press("j").await;
        page.is_at(&format!("/reports/{}", scene.ids[1])).await;
        page.sees("second").await;
        page.press("k").await;
        page.is_at(&format!("/reports/{}", scene.ids[0])).await;
        page.sees("third").await;
        // Dismissed, and on to the next.
        page.press("d").await;
        page.css("dialog[open]")
            .button_like("Dismiss")
            .appears()
            .await;
        page.css("dialog[open]")
            .button_like("Dismiss")
            .click()
            .await;
        page.is_at(&format!("/reports/{}", scene.ids[1])).await;
        page.until("one is forgotten", async || {
            of_room(&scene.room).await == scene.ids[1..]
        })
        .await;
        // The rest of the same event together.
        page.button("Dismiss all 2 reports of this event")
            .click()
            .await;
        page.css("dialog[open]")
            .button("Dismiss 2 reports")
            .click()
            .await;
        page.until("all are forgotten", async || {
            of_room(&scene.room).await.is_empty()
        })
        .await;
    })
    .await;
}

#[tokio::test]
async fn reports_of_users() {
    let maker = stage().maker;
    let has = maker.capabilities().has(Feature::UserReports);
    let reporter = maker.make_fresh_user("teller").await.unwrap();
    let target = maker.make_fresh_user("told").await.unwrap();
    if has {
        let client = maker.act_as(&reporter).await.unwrap();
        client
            .run(&reports::report_user(&target, "Sells things"))
            .await
            .unwrap();
    }
    journey(Options::default(), async |page: &Page| {
        page.sign_in(&stage().synapse.url()).await;
        page.open("/user_reports").await;
        page.is_at("/reports?tab=users").await;
        if !has {
            page.sees("This server does not tell who was reported")
                .await;
            page.is_accessible().await;
            return;
        }
        let row = page.row(target.as_str());
        row.says("Sells things").await;
        page.is_accessible().await;
        row.link_like(target.as_str()).click().await;
        page.sees("Sells things").await;
        page.sees(&format!("What can be done to {target}")).await;
        page.is_accessible().await;
        page.button("Dismiss").click().await;
        page.css("dialog[open]")
            .button_like("Dismiss")
            .click()
            .await;
        page.open("/reports?tab=users").await;
        page.heading("Reports").appears().await;
        page.row(target.as_str()).goes().await;
    })
    .await;
}
