//! What ends accounts and sessions with all that belongs to them, and what is written to people in
//! the name of the server.

use journeys::browser::acting::{act, agree, choose, choose_for_page, report, select};
use journeys::browser::{Options, Page, journey, stage};
use serde_json::json;
use synapse_admin::api::encode::encoded;
use synapse_admin::api::server::Feature;
use synapse_admin::api::users::{self, UserChange};
use synapse_admin::api::{EventId, RoomId, UserId, devices, events, media, rooms};
use xtask::proxy::{Fault, Rule};
use xtask::world::DAY_MS;
use xtask::world::database::Statement;
use xtask::world::files::png;

async fn make(name: &str) -> UserId {
    let made = stage().maker.make_user(name, &UserChange::default()).await;
    made.unwrap()
}

/// Somebody who has said something in a room and has uploaded a file.
async fn talker(name: &str) -> (UserId, RoomId, EventId) {
    let maker = stage().maker;
    let user = make(name).await;
    let client = maker.act_as(&user).await.unwrap();
    let room = maker.make_room(&client, &json!({})).await.unwrap();
    let content = json!({"msgtype": "m.text", "body": "What nobody should read"});
    let sent = maker.send(&client, &room, "m.room.message", &content).await;
    let event = EventId::parse(&sent.unwrap()).unwrap();
    maker
        .upload_media(&user, &png(8, 917_002), "image/png", Some("mine.png"))
        .await
        .unwrap();
    (user, room, event)
}

async fn files_of(user: &UserId) -> u64 {
    let query = media::ListMedia {
        limit: 10,
        ..Default::default()
    };
    let page = stage().run(&media::list_of_user(user, &query)).await;
    page.total
}

#[tokio::test]
async fn erased_with_everything() {
    let maker = stage().maker;
    let can_remove = maker.capabilities().has(Feature::RedactMessages);
    let part = maker.fresh_localpart("goner");
    let (first, room, event) = talker(&format!("{part}.1")).await;
    // Without a room there are no messages to remove.
    let second = make(&format!("{part}.2")).await;
    journey(Options::default(), async |page: &Page| {
        page.takes_downloads().await;
        page.sign_in(&stage().synapse.url()).await;
        select(page, "/users", &part, 2).await;
        choose(page, "Erase with everything").await;
        let title = "Erase 2 users with everything";
        let question = page.dialog(&format!("{title}?"));
        question.says("Files 1").await;
        if !can_remove {
            question.says("Synapse 1.116").await;
        }
        page.picture("everything").await;
        page.is_accessible().await;
        agree(page, title, Some("2")).await;
        for user in [&first, &second] {
            page.until("they are erased", async || {
                let user = stage().run(&users::get(user)).await.user;
                user.deactivated && user.erased
            })
            .await;
        }
        page.sees(&format!("{title}: Finished")).await;
        assert_eq!(files_of(&first).await, 0);
        let left = stage().run(&events::context(&room, &event, 0)).await.event;
        assert_eq!(left.is_redacted(), can_remove);
        // Each step of each is told apart.
        let told = report(page).await;
        let line = |user: &UserId, step: &str| {
            let mut lines = told.lines();
            let start = format!("{user},{step},");
            let line = lines.find(|line| line.replace(['"', '\''], "").starts_with(&start));
            line.unwrap_or_else(|| panic!("No line of {start} in {told}"))
                .to_owned()
        };
        assert!(line(&first, "files").contains("1 file deleted"));
        assert!(line(&first, "account").contains(",done,"));
        if can_remove {
            assert!(line(&first, "messages").contains(",done,"));
            assert!(line(&second, "messages").contains("left out"));
        } else {
            assert!(!told.contains("messages"));
        }
    })
    .await;
}

/// Before 1.131.
#[tokio::test]
async fn that_the_server_leaves_encrypted_messages_is_said() {
    if !stage().maker.capabilities().has(Feature::RedactMessages) {
        return;
    }
    let name = stage().maker.fresh_localpart("sealed");
    let (user, _, _) = talker(&name).await;
    journey(Options::default(), async |page: &Page| {
        page.takes_downloads().await;
        let proxy = page.proxy();
        proxy.add(Rule::new(
            "GET",
            "/_synapse/admin/v1/server_version",
            Fault::matrix(200, r#"{"server_version":"1.130.0"}"#),
        ));
        page.sign_in(&proxy.url()).await;
        let stay = "Encrypted messages stay";
        select(page, "/users", &name, 1).await;
        choose(page, "Remove messages").await;
        let question = page.dialog(&format!("Remove the messages of {user}?"));
        question.says(stay).await;
        question.button("Cancel").click().await;
        choose(page, "Erase with everything").await;
        let title = format!("Erase {user} with everything");
        page.dialog(&format!("{title}?")).says(stay).await;
        agree(page, &title, Some(user.as_str())).await;
        page.sees(&format!("{title}: Finished")).await;
        let told = report(page).await;
        let messages = told.lines().find(|line| line.contains(",messages,done,"));
        assert!(messages.is_some_and(|line| line.contains(stay)), "{told}");
    })
    .await;
}

/// The rooms that they were banned from are theirs still, though they are in none.
#[tokio::test]
async fn the_messages_of_who_is_banned_everywhere_go_as_well() {
    let maker = stage().maker;
    let server = maker.capabilities();
    if !server.has(Feature::RedactMessages) || !server.since(117) {
        return;
    }
    let host = maker.make_fresh_user("host").await.unwrap();
    let host = maker.act_as(&host).await.unwrap();
    let public = json!({"preset": "public_chat"});
    let room = maker.make_room(&host, &public).await.unwrap();
    let part = maker.fresh_localpart("banned");
    let mut spammers = Vec::new();
    for number in 1..=2 {
        let user = make(&format!("{part}.{number}")).await;
        let client = maker.act_as(&user).await.unwrap();
        maker.join(&client, &room).await.unwrap();
        let spam = json!({"msgtype": "m.text", "body": "spam"});
        let sent = maker.send(&client, &room, "m.room.message", &spam).await;
        let event = EventId::parse(&sent.unwrap()).unwrap();
        host.run(&rooms::ban(&room, &user, None)).await.unwrap();
        spammers.push((user, event));
    }
    let is_removed = async |event: &EventId| {
        let found = stage().run(&events::context(&room, event, 0)).await;
        found.event.is_redacted()
    };
    journey(Options::default(), async |page: &Page| {
        page.sign_in(&stage().synapse.url()).await;
        let (user, event) = &spammers[0];
        page.open(&format!("/users/{}?tab=security", encoded(user.as_str())))
            .await;
        page.button("Remove messages").click().await;
        let title = format!("Remove the messages of {user}");
        let past = page
            .dialog(&format!("{title}?"))
            .checkbox_like("Also in rooms that they have left");
        if past.is_enabled().await {
            past.tick(false).await;
        }
        agree(page, &title, Some(user.as_str())).await;
        page.until("the message is removed", async || is_removed(event).await)
            .await;

        let (user, event) = &spammers[1];
        select(page, "/users", user.localpart(), 1).await;
        let title = format!("Erase {user} with everything");
        act(page, "Erase with everything", &title, Some(user.as_str())).await;
        page.until("they are erased", async || {
            stage().run(&users::get(user)).await.user.erased
        })
        .await;
        assert!(is_removed(event).await);
    })
    .await;
}

/// The account is gone by the time the server is asked what came of it, and the filter by which it was
/// picked does not find it any more: that was this change.
#[tokio::test]
async fn what_it_has_erased_itself_is_not_left_out() {
    let part = stage().maker.fresh_localpart("goner-unheard");
    let user = make(&part).await;
    journey(Options::default(), async |page: &Page| {
        page.takes_downloads().await;
        let proxy = page.proxy();
        page.sign_in(&proxy.url()).await;
        page.allows_complaint(&["/deactivate/"]);
        page.allows_complaint(&["/v2/users/"]);
        page.open(&format!("/users?q={part}&deactivated=false"))
            .await;
        page.css("tbody th[role=rowheader]").counts(1).await;
        page.checkbox("Select all on this page").tick(true).await;
        let end = "/_synapse/admin/v1/deactivate/*";
        proxy.add(Rule::new("POST", end, Fault::gave_up_waiting()).times(1));
        // The first that is asked of the account is whether it still is as it was picked, the next what
        // came of its end.
        let asked = "/_synapse/admin/v2/users/*";
        proxy.add(
            Rule::new("GET", asked, Fault::server_error())
                .after(1)
                .times(1),
        );
        let title = format!("Erase {user} with everything");
        act(page, "Erase with everything", &title, Some(user.as_str())).await;
        page.sees(&format!("{title}: Finished")).await;
        page.no_longer_sees("left out").await;
        assert_eq!(proxy.count("POST", end), 1);
        let told = report(page).await;
        let account = told.lines().find(|line| line.contains(",account,"));
        assert!(account.unwrap().contains(",done,"), "{told}");
    })
    .await;
}

/// Servers before 1.71 say of nobody that they are erased.
#[tokio::test]
async fn an_erasure_is_over_where_nobody_says_who_is_erased() {
    let user = stage().maker.make_fresh_user("untold").await.unwrap();
    journey(Options::default(), async |page: &Page| {
        page.allows_complaint(&["/deactivate/", "504"]);
        let proxy = page.proxy();
        proxy.add(Rule::new(
            "GET",
            "/_synapse/admin/v1/server_version",
            Fault::matrix(200, r#"{"server_version":"1.70.0"}"#),
        ));
        page.sign_in(&proxy.url()).await;
        page.open(&format!("/users/{}", encoded(user.as_str())))
            .await;
        let fact = |label: &'static str| {
            let facts = "return [...document.querySelectorAll('.fact')]\
                .find(fact => fact.querySelector('dt').textContent == arguments[0])\
                ?.querySelector('dd').textContent ?? '';";
            async move {
                let found = page.script(facts, vec![json!(label)]).await;
                found.as_str().unwrap_or_default().to_owned()
            }
        };
        page.until("it is said that nobody knows", async || {
            fact("Erased").await.contains("does not tell")
        })
        .await;
        assert_eq!(fact("Deactivated").await, "No");
        // Only this is what the server would say once it is over.
        let end = format!("/_synapse/admin/v1/deactivate/{user}");
        proxy.add(Rule::new("POST", &end, Fault::gave_up_waiting()).times(1));
        page.open(&format!("/users/{}?tab=security", encoded(user.as_str())))
            .await;
        page.button("Erase").click().await;
        page.dialog(&format!("Erase {user}?")).appears().await;
        let told = json!({"name": user, "deactivated": true}).to_string();
        proxy.add(
            Rule::new(
                "GET",
                &format!("/_synapse/admin/v2/users/{user}"),
                Fault::matrix(200, &told),
            )
            .after(1),
        );
        agree(page, &format!("Erase {user}"), Some(user.as_str())).await;
        page.sees(&format!("Erase {user}: Finished")).await;
        assert_eq!(proxy.count("POST", &end), 1);
    })
    .await;
}

#[tokio::test]
async fn what_is_cancelled_between_its_steps_goes_no_further() {
    if !stage().maker.capabilities().has(Feature::RedactMessages) {
        return;
    }
    let name = stage().maker.fresh_localpart("reprieved");
    let (user, _, _) = talker(&name).await;
    journey(Options::default(), async |page: &Page| {
        page.takes_downloads().await;
        let proxy = page.proxy();
        page.sign_in(&proxy.url()).await;
        let status = "/_synapse/admin/v1/user/redact_status/*";
        let files = "/_synapse/admin/v1/users/*/media";
        let end = "/_synapse/admin/v1/deactivate/*";
        let held = proxy.add(Rule::new("GET", status, Fault::Held));
        select(page, "/users", &name, 1).await;
        let title = format!("Erase {user} with everything");
        act(page, "Erase with everything", &title, Some(user.as_str())).await;
        page.until("its messages are being removed", async || {
            proxy.count("GET", status) == 1
        })
        .await;
        page.css(".job-pill").click().await;
        let job = page.css(".job").first();
        job.button("Cancel job").click().await;
        job.says("Finishing 1 request under way").await;
        proxy.remove(held);
        job.says("1 not done").await;
        page.css(".job-pill").click().await;
        assert_eq!(proxy.count("DELETE", files), 0);
        assert_eq!(proxy.count("POST", end), 0);
        let told = report(page).await;
        assert!(told.contains(",messages,done,"), "{told}");
        assert!(told.contains(",files,not done,"), "{told}");
        assert!(told.contains(",account,not done,"), "{told}");
        // Who wants it after all goes on with what is left.
        page.css(".job-pill").click().await;
        page.css(".job")
            .first()
            .button("Retry the rest")
            .click()
            .await;
        page.until("it is erased", async || {
            stage().run(&users::get(&user)).await.user.erased
        })
        .await;
        assert_eq!(
            proxy.count("POST", "/_synapse/admin/v1/user/*/redact"),
            1,
            "what is done is not done again"
        );
        assert_eq!(files_of(&user).await, 0);
    })
    .await;
}

/// Cancels the job whose last request is under way, and lets that come to its end, of which the job then says
/// this: its report.
async fn cancelled_under_way(page: &Page, let_go: impl FnOnce(), said: &str) -> String {
    page.css(".job-pill").click().await;
    let job = page.css(".job").first();
    job.button("Cancel job").click().await;
    job.says("Finishing 1 request under way").await;
    let_go();
    job.says(said).await;
    page.css(".job-pill").click().await;
    report(page).await
}

/// Whether anything is left is looked up all the same, which changes nothing.
#[tokio::test]
async fn what_is_cancelled_at_its_only_request_for_files_is_done() {
    let name = stage().maker.fresh_localpart("emptied");
    let (user, _, _) = talker(&name).await;
    journey(Options::default(), async |page: &Page| {
        page.takes_downloads().await;
        let proxy = page.proxy();
        page.sign_in(&proxy.url()).await;
        let files = "/_synapse/admin/v1/users/*/media";
        select(page, "/users", &name, 1).await;
        let held = proxy.add(Rule::new("DELETE", files, Fault::AnswerHeld));
        let title = format!("Delete the media of {user}");
        act(page, "Delete media", &title, Some(user.as_str())).await;
        page.until("its file is gone", async || files_of(&user).await == 0)
            .await;
        let told = cancelled_under_way(page, || proxy.remove(held), "1 file deleted").await;
        assert!(told.contains(&format!("{user},done,")), "{told}");
        assert_eq!(proxy.count("DELETE", files), 1);
    })
    .await;
}

/// Nothing more is sent of it, and nobody knows that it has failed or is "not done".
#[tokio::test]
async fn what_waits_for_a_lost_answer_is_unknown_when_it_is_cancelled() {
    let name = stage().maker.fresh_localpart("in-doubt");
    let user = make(&name).await;
    journey(Options::default(), async |page: &Page| {
        page.takes_downloads().await;
        page.allows_complaint(&["/deactivate/", "502"]);
        page.allows_complaint(&["/v2/users/", "500"]);
        let proxy = page.proxy();
        page.sign_in(&proxy.url()).await;
        select(page, "/users", &name, 1).await;
        let end = format!("/_synapse/admin/v1/deactivate/{user}");
        proxy.add(Rule::new("POST", &end, Fault::bad_gateway()));
        // It is asked about right before, then what came of it, and then, in the next try, right before.
        let asked = format!("/_synapse/admin/v2/users/{user}");
        let failed = Rule::new("GET", &asked, Fault::server_error());
        proxy.add(failed.after(1).times(1));
        let held = proxy.add(Rule::new("GET", &asked, Fault::Held).after(1));
        let before = proxy.count("GET", &asked);
        let title = format!("Deactivate {user}");
        act(page, "Deactivate", &title, Some(user.as_str())).await;
        page.until("it is asked about in the next try", async || {
            proxy.count("GET", &asked) == before + 3
        })
        .await;
        let told = cancelled_under_way(page, || proxy.remove(held), "1 unknown").await;
        assert!(told.contains(&format!("{user},unknown,")), "{told}");
        assert_eq!(proxy.count("POST", &end), 1);
        page.sees("Of 1 nobody knows whether it was done.").await;
        // To send it once more is a decision, which is asked for.
        page.css(".job-pill").click().await;
        assert_eq!(page.button("Retry the rest").count().await, 0);
        page.button("Retry the unknown as well").appears().await;
    })
    .await;
}

#[tokio::test]
async fn the_report_of_an_erasure_says_why_a_step_is_not_done() {
    let part = stage().maker.fresh_localpart("half-told");
    let gone = make(&format!("{part}.gone")).await;
    let unheard = make(&format!("{part}.unheard")).await;
    journey(Options::default(), async |page: &Page| {
        page.takes_downloads().await;
        page.allows_complaint(&["/v2/users/", "404"]);
        page.allows_complaint(&["/deactivate/", "504"]);
        let proxy = page.proxy();
        page.sign_in(&proxy.url()).await;
        // Of one the check right before says that nobody is there.
        let asked = format!("/_synapse/admin/v2/users/{gone}");
        let nobody = r#"{"errcode":"M_NOT_FOUND","error":"User not found"}"#;
        proxy.add(Rule::new("GET", &asked, Fault::matrix(404, nobody)));
        // Of the other nobody hears how the last step has ended.
        let end = format!("/_synapse/admin/v1/deactivate/{unheard}");
        proxy.add(Rule::new("POST", &end, Fault::Late));
        select(page, "/users", &part, 2).await;
        let title = "Erase 2 users with everything";
        act(page, "Erase with everything", title, Some("2")).await;
        page.css(".job-pill").click().await;
        let job = page.css(".job").first();
        job.says("The answer was lost").await;
        job.button("Cancel job").click().await;
        job.says("1 left out").await;
        page.until("it is over", async || {
            job.button("Download report").exists().await && !job.button("Cancel job").exists().await
        })
        .await;
        page.css(".job-pill").click().await;
        let told = report(page).await;
        let of = |user: &UserId| {
            let lines = told.lines().filter(|line| line.contains(user.as_str()));
            lines.collect::<Vec<_>>()
        };
        assert!(!of(&gone).is_empty(), "{told}");
        for line in of(&gone) {
            assert!(line.contains(",left out,not there any more"), "{told}");
        }
        let last = of(&unheard).pop().unwrap_or_default();
        assert!(last.contains(",account,unknown,"), "{told}");
        proxy.clear_rules();
    })
    .await;
}

#[tokio::test]
async fn of_what_is_erased_each_step_can_be_left_out() {
    let name = stage().maker.fresh_localpart("stays");
    let (user, room, event) = talker(&name).await;
    journey(Options::phone(), async |page: &Page| {
        page.sign_in(&stage().synapse.url()).await;
        page.open(&format!("/users/{}?tab=security", encoded(user.as_str())))
            .await;
        page.button("Erase with everything").click().await;
        let title = format!("Erase {user} with everything");
        let question = page.dialog(&format!("{title}?"));
        for step in ["Remove messages", "Erase"] {
            let step = question.checkbox_like(step);
            if step.is_enabled().await {
                step.tick(false).await;
            }
        }
        page.picture("everything-phone").await;
        page.fits_sideways().await;
        page.is_accessible().await;
        agree(page, &title, Some(user.as_str())).await;
        page.until("the file is gone", async || files_of(&user).await == 0)
            .await;
        let left = stage().run(&events::context(&room, &event, 0)).await.event;
        assert!(!left.is_redacted());
        assert!(!stage().run(&users::get(&user)).await.user.deactivated);
    })
    .await;
}

/// The devices of an account, by their names.
async fn devices_of(user: &UserId) -> Vec<String> {
    let found = stage().run(&devices::list(user)).await.devices;
    let mut ids: Vec<String> = found.into_iter().map(|device| device.device_id).collect();
    ids.sort();
    ids
}

#[tokio::test]
async fn devices_that_nobody_uses_are_logged_out_but_for_the_newest() {
    let maker = stage().maker;
    let part = maker.fresh_localpart("idler");
    let mut all = Vec::new();
    for number in 1..=2 {
        let user = make(&format!("{part}.{number}")).await;
        // Days since it was used; nobody knows of the last.
        for (device, days) in [("OLD", Some(400)), ("OLDER", Some(500)), ("NEW", None)] {
            stage().run(&devices::create(&user, device)).await;
            let Some(days) = days else { continue };
            let sql = "UPDATE devices SET last_seen = ? WHERE user_id = ? AND device_id = ?";
            let seen = stage().world.now_ms - days * DAY_MS;
            let seen = Statement::each(sql, [json!([seen, user, device])]);
            maker.database().run(&[seen]).unwrap();
        }
        all.push(user);
    }
    journey(Options::default(), async |page: &Page| {
        page.sign_in(&stage().synapse.url()).await;
        select(page, "/users", &part, 2).await;
        choose(page, "Log out idle devices").await;
        let title = "Log out idle devices of 2 users";
        let question = page.dialog(&format!("{title}?"));
        let days = question.field("Not used for so many days");
        question.says("Those are 2 of their 6 devices").await;
        days.fill("450").await;
        question.says("Those are 2 of their 6 devices").await;
        days.fill("600").await;
        question.says("Those are 0 of their 6 devices").await;
        days.fill("0").await;
        question.says("whole number").await;
        days.fill("90").await;
        page.picture("idle").await;
        page.is_accessible().await;
        agree(page, title, Some("2")).await;
        for user in &all {
            page.until("the older one is logged out", async || {
                devices_of(user).await == ["NEW", "OLD"]
            })
            .await;
        }
        // There is nothing more to do, which is said.
        choose_for_page(page, "Log out idle devices").await;
        agree(page, title, Some("2")).await;
        page.sees("2 left out").await;
        assert_eq!(devices_of(&all[0]).await, ["NEW", "OLD"]);
    })
    .await;
}

#[tokio::test]
async fn a_formatted_notice_is_seen_before_it_is_sent() {
    let maker = stage().maker;
    let user = maker.make_fresh_user("noticed").await.unwrap();
    journey(Options::default(), async |page: &Page| {
        // The server is asked whether it sends notices by one that it refuses.
        page.allows_complaint(&["send_server_notice", "400"]);
        page.sign_in(&stage().synapse.url()).await;
        page.open(&format!("/users/{}?tab=security", encoded(user.as_str())))
            .await;
        page.button("Send server notice").click().await;
        let title = format!("Send a notice to {user}");
        let question = page.dialog(&format!("{title}?"));
        let words = format!("**Down** tonight <b>{}</b>", user.localpart());
        question.field("Message").fill(&words).await;
        question.checkbox_like("Formatted").tick(true).await;
        question.css(".message-preview strong").says("Down").await;
        question
            .css(".message-preview")
            .says(&format!("tonight <b>{}</b>", user.localpart()))
            .await;
        page.picture("notice").await;
        page.is_accessible().await;
        question.button(&title).click().await;
        let sent = format!(
            "<p><strong>Down</strong> tonight &lt;b&gt;{}&lt;/b&gt;</p>",
            user.localpart()
        );
        page.until("the notice is sent", async || {
            let sql = format!(
                "SELECT json FROM event_json WHERE json LIKE '%&lt;b&gt;{}%'",
                user.localpart()
            );
            let found = maker.database().query(sql).unwrap();
            found.iter().any(|row| {
                let json = row[0].as_str().unwrap_or_default();
                let event: serde_json::Value = serde_json::from_str(json).unwrap_or_default();
                event["content"]["formatted_body"] == sent.as_str()
                    && event["content"]["body"] == words.as_str()
            })
        })
        .await;
    })
    .await;
}
