//! What people have reported: seen, acted upon, dismissed, with the keyboard.

use journeys::browser::{Options, Page, journey, stage};
use serde_json::json;
use synapse_admin::api::encode::encoded;
use synapse_admin::api::reports::{self, ListEventReports, ListUserReports, UserReport};
use synapse_admin::api::server::Feature;
use synapse_admin::api::users::{self, UserChange};
use synapse_admin::api::{EventId, RoomId, UserId, events, media, rooms};
use xtask::native::Client;
use xtask::proxy::{Fault, Rule};
use xtask::world::files::png;

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
    let mut sent = Vec::new();
    for body in ["Said before it", "<b>You there!</b>", "Said after it"] {
        let content = json!({"msgtype": "m.text", "body": body});
        let event = maker.send(&rude, &room, "m.room.message", &content);
        sent.push(event.await.unwrap());
    }
    let event = EventId::parse(&sent[1]).unwrap();
    for reason in reasons {
        let request = reports::report_event(&room, &event, Some(reason), None);
        client.run(&request).await.unwrap();
    }
    let ids = of_room(&room).await;
    Scene { sender, room, ids }
}

/// A room of a moderator's, and somebody rude in it, each with their token.
async fn place() -> (RoomId, (UserId, Client), (UserId, Client)) {
    let maker = stage().maker;
    let owner = maker.make_fresh_user("keeper").await.unwrap();
    let keeper = maker.act_as(&owner).await.unwrap();
    let body = json!({"preset": "public_chat", "name": "Where pictures are"});
    let room = maker.make_room(&keeper, &body).await.unwrap();
    let sender = maker.make_fresh_user("rude").await.unwrap();
    let rude = maker.act_as(&sender).await.unwrap();
    maker.join(&rude, &room).await.unwrap();
    (room, (owner, keeper), (sender, rude))
}

/// What is sent to a room and reported.
async fn reported(
    room: &RoomId,
    sender: &Client,
    teller: &Client,
    content: &serde_json::Value,
) -> EventId {
    let sent = stage().maker.send(sender, room, "m.room.message", content);
    let event = EventId::parse(&sent.await.unwrap()).unwrap();
    let request = reports::report_event(room, &event, Some("Look at this"), None);
    teller.run(&request).await.unwrap();
    event
}

async fn is_redacted(room: &RoomId, event: &EventId) -> bool {
    let asked = events::context(room, event, 0);
    stage().run(&asked).await.event.is_redacted()
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

/// The reports about a person, the last one first.
async fn about_user(user: &UserId) -> Vec<UserReport> {
    let query = ListUserReports {
        limit: 10,
        target: Some(user.to_string()),
        ..Default::default()
    };
    stage().run(&reports::users(&query)).await.user_reports
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
        open(page, &format!("?room={}", encoded(scene.room.as_str()))).await;
        page.row(sender).says("Insults <i>people</i>").await;
        page.is_accessible().await;
        page.fits_sideways().await;
        page.row(sender).link_like(sender).click().await;
        page.is_at(&format!(
            "/reports/{id}?room={}",
            encoded(scene.room.as_str())
        ))
        .await;
        page.sees("Insults <i>people</i>").await;
        page.sees("<b>You there!</b>").await;
        page.sees("Where it happened").await;
        // In its place among what was said around it.
        let near = page.css(".report-context > li");
        near.counts(5).await;
        page.until("the one that was reported is marked", async || {
            let texts = near.texts().await;
            let marked = page.css(".report-context > [aria-current]").texts().await;
            texts[2].contains("Said before it")
                && texts[4].contains("Said after it")
                && marked == texts[3..4]
        })
        .await;
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
        // The account's page says so, and leads back to what was reported.
        if stage().maker.capabilities().has(Feature::ReportsBySender) {
            page.open(&format!("/users/{}", encoded(sender))).await;
            page.link("1 report of a message").click().await;
            page.is_at(&format!("/reports?accused={}", encoded(sender)))
                .await;
            page.row(sender).says("Insults <i>people</i>").await;
        }
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
        // Among those of the room: of all, the next may be another journey's.
        let room = encoded(scene.room.as_str());
        let at = |number: usize| format!("/reports/{}?room={room}", scene.ids[number]);
        page.open(&at(0)).await;
        page.sees("third").await;
        page.heading(&format!("Report {}", scene.ids[0]))
            .appears()
            .await;
        page.sees("J and K go to").await;
        page.press("j").await;
        page.is_at(&at(1)).await;
        page.sees("second").await;
        page.press("k").await;
        page.is_at(&at(0)).await;
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
        page.is_at(&at(1)).await;
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

/// From one report one goes to the next of the list that one came from, in its order, whoever has
/// answered it.
#[tokio::test]
async fn the_next_is_the_next_of_the_list() {
    let word = stage().maker.fresh_localpart("listed");
    let (a, c) = (format!("a {word}"), format!("c {word}"));
    let scene = scene(&[&c, "b", &a]).await;
    let room = encoded(scene.room.as_str());
    journey(Options::default(), async |page: &Page| {
        page.sign_in(&stage().synapse.url()).await;
        // Answered by the server, the oldest first.
        open(page, &format!("?dir=asc&room={room}")).await;
        let at = |number: usize| format!("/reports/{}?dir=asc&room={room}", scene.ids[number]);
        page.row(&c).link_like("@").click().await;
        page.is_at(&at(2)).await;
        page.sees("1 of 3 in the list you came from").await;
        page.link("Previous").counts(0).await;
        page.press("j").await;
        page.is_at(&at(1)).await;
        page.sees("2 of 3").await;
        page.link("Next").click().await;
        page.is_at(&at(0)).await;
        page.sees("3 of 3").await;
        page.link("Next").counts(0).await;
        page.press("k").await;
        page.is_at(&at(1)).await;
        page.link("in the list you came from").click().await;
        page.is_at(&format!("/reports?dir=asc&room={room}")).await;

        // Answered here: those with a word, sorted by what was said.
        let query = format!("?sort=reason&q={word}");
        open(page, &query).await;
        let at = |number: usize| format!("/reports/{}{query}", scene.ids[number]);
        page.row(&a).link_like("@").click().await;
        page.is_at(&at(0)).await;
        page.sees("1 of 2").await;
        page.is_accessible().await;
        page.picture("report-of-list").await;
        page.reload().await;
        page.sees("1 of 2").await;
        page.press("j").await;
        page.is_at(&at(2)).await;
        page.sees("2 of 2").await;
        page.link("3 reports about messages of this person")
            .appears()
            .await;
        // Those that are alike are all, not those of the list.
        page.button("Dismiss all 3 reports of this event")
            .appears()
            .await;
        // Dismissed, on to what is left of the list, and at its end back to it.
        // What is not there yet cannot be dismissed.
        for (shown, next) in [("2 of 2", at(0)), ("1 of 1", format!("/reports{query}"))] {
            page.sees(shown).await;
            page.press("d").await;
            let dismiss = page.css("dialog[open]").button_like("Dismiss");
            dismiss.click().await;
            page.is_at(&next).await;
        }
        page.until("these two are forgotten", async || {
            of_room(&scene.room).await == scene.ids[1..2]
        })
        .await;
    })
    .await;
}

#[tokio::test]
async fn what_an_old_server_cannot_forget_is_not_offered_to_be_dismissed() {
    let scene = scene(&["First", "Second"]).await;
    journey(Options::default(), async |page: &Page| {
        let proxy = page.proxy();
        let version = Fault::matrix(200, r#"{"server_version":"1.78.0"}"#);
        let asked = "/_synapse/admin/v1/server_version";
        proxy.add(Rule::new("GET", asked, version));
        page.sign_in(&proxy.url()).await;
        page.open(&format!("/reports/{}", scene.ids[0])).await;
        let why = "Needs Synapse 1.79.0 or newer; this server is 1.78.0.";
        page.sees(why).await;
        page.button("Dismiss").is_unusable().await;
        page.button("Dismiss all 2 reports of this event")
            .is_unusable()
            .await;
        page.is_accessible().await;
        page.press("d").await;
        page.css(".toast").says(why).await;
        assert!(!page.css("dialog[open]").exists().await);
        assert_eq!(of_room(&scene.room).await, scene.ids);
    })
    .await;
}

#[tokio::test]
async fn reports_of_users() {
    let maker = stage().maker;
    let has = maker.capabilities().has(Feature::UserReports);
    let reporter = maker.make_fresh_user("teller").await.unwrap();
    let target = maker.make_fresh_user("accused").await.unwrap();
    // For the server `_` stands for any character.
    let like = maker.make_fresh_user("told_twice").await.unwrap();
    let lookalike = like.localpart().replace('_', "x");
    let lookalike = maker.make_user(&lookalike, &UserChange::default()).await;
    let lookalike = lookalike.unwrap();
    if has {
        let client = maker.act_as(&reporter).await.unwrap();
        for target in [&target, &like, &lookalike] {
            client
                .run(&reports::report_user(target, "Sells things"))
                .await
                .unwrap();
        }
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
        page.until("it is forgotten", async || {
            about_user(&target).await.is_empty()
        })
        .await;
        page.open("/reports?tab=users").await;
        page.heading("Reports").appears().await;
        page.row(target.as_str()).goes().await;
        page.open(&format!("/users/{}", encoded(like.as_str())))
            .await;
        page.sees("1 report of the account").await;
    })
    .await;
}

#[tokio::test]
async fn letters_are_those_of_any_keyboard_and_can_be_switched_off() {
    let scene = scene(&["First", "Second"]).await;
    journey(Options::default(), async |page: &Page| {
        page.sign_in(&stage().synapse.url()).await;
        let query = format!("?room={}", encoded(scene.room.as_str()));
        let at = |number: usize| format!("/reports/{}{query}", scene.ids[number]);
        page.open(&at(0)).await;
        page.sees("1 of 2").await;
        page.sees("Settings switch these letters off").await;
        let russian = "window.dispatchEvent(new KeyboardEvent('keydown', {key: 'о', code: 'KeyJ',
            cancelable: true}))";
        page.script(russian, vec![]).await;
        page.sees("2 of 2").await;
        page.press("k").await;
        page.sees("1 of 2").await;

        page.allows_complaint(&["admin_client_config", "404"]);
        page.open("/settings").await;
        let letters = page.checkbox_like("Letters as shortcuts");
        letters.tick(false).await;
        page.is_accessible().await;
        page.open(&at(0)).await;
        page.sees("1 of 2").await;
        page.no_longer_sees("Settings switch these letters off")
            .await;
        // What a letter does would be there before what a button does.
        page.press("d").await;
        page.script(russian, vec![]).await;
        page.link("Next").click().await;
        page.sees("2 of 2").await;
        page.css("dialog[open]").counts(0).await;
    })
    .await;
}

/// About the messages of somebody and about them: all are dismissed together.
#[tokio::test]
async fn all_about_a_person_are_of_both_kinds() {
    let maker = stage().maker;
    if !maker.capabilities().has(Feature::UserReports) {
        return;
    }
    let (room, (_, keeper), (sender, rude)) = place().await;
    let words = json!({"msgtype": "m.text", "body": "Whose message this is"});
    reported(&room, &rude, &keeper, &words).await;
    let id = of_room(&room).await[0];
    let about = reports::report_user(&sender, "Sells things");
    keeper.run(&about).await.unwrap();
    journey(Options::default(), async |page: &Page| {
        page.sign_in(&stage().synapse.url()).await;
        page.open(&format!("/reports/{id}")).await;
        page.sees("Whose message this is").await;
        page.link("1 report about this person").appears().await;
        page.is_accessible().await;
        page.button("Dismiss all 2 reports about this person")
            .click()
            .await;
        let question = page.css("dialog[open]");
        question.button_like("Dismiss 2").click().await;
        page.until("both are forgotten", async || {
            of_room(&room).await.is_empty() && about_user(&sender).await.is_empty()
        })
        .await;
    })
    .await;
}

#[tokio::test]
async fn a_dismissal_that_fails_leads_nowhere() {
    let scene = scene(&["First", "Second"]).await;
    journey(Options::default(), async |page: &Page| {
        let proxy = page.proxy();
        page.sign_in(&proxy.url()).await;
        let query = format!("?room={}", encoded(scene.room.as_str()));
        let at = |number: usize| format!("/reports/{}{query}", scene.ids[number]);
        page.open(&at(0)).await;
        page.sees("1 of 2").await;
        let broken = proxy.add(Rule::new(
            "DELETE",
            "/_synapse/admin/v1/event_reports/*",
            Fault::matrix(403, r#"{"errcode":"M_FORBIDDEN","error":"not today"}"#),
        ));
        page.expects_complaint(&["/event_reports/", "status of 403"]);
        page.press("d").await;
        let dismiss = page.css("dialog[open]").button_like("Dismiss");
        dismiss.click().await;
        let retry = page.css(".toast").button("Retry");
        retry.appears().await;
        page.is_at(&at(0)).await;
        page.sees("1 of 2").await;
        proxy.remove(broken);
        retry.click().await;
        page.is_at(&at(1)).await;
        page.sees("1 of 1").await;
    })
    .await;
}

#[tokio::test]
async fn what_another_moderator_has_dismissed_is_gone() {
    let scene = scene(&["First", "Second", "Third"]).await;
    let has_users = stage().maker.capabilities().has(Feature::UserReports);
    journey(Options::default(), async |page: &Page| {
        page.sign_in(&stage().synapse.url()).await;
        let query = format!("?room={}", encoded(scene.room.as_str()));
        open(page, &query).await;
        page.row("Third")
            .link_like(scene.sender.as_str())
            .click()
            .await;
        // Once it is shown: the reason stands in the row as well.
        page.sees("1 of 3").await;
        stage().run(&reports::delete_event(scene.ids[1])).await;
        page.press("j").await;
        page.is_at(&format!("/reports/{}{query}", scene.ids[1]))
            .await;
        // The message still stands: it is not said to be gone.
        page.sees("There is no such report any more").await;
        page.is_accessible().await;
        page.press("j").await;
        page.is_at(&format!("/reports/{}{query}", scene.ids[2]))
            .await;
        page.sees("First").await;
        page.sees("2 of 2").await;
        if !has_users {
            return;
        }

        let reporter = stage().maker.make_fresh_user("teller").await.unwrap();
        let client = stage().maker.act_as(&reporter).await.unwrap();
        for reason in ["Once", "Twice"] {
            let request = reports::report_user(&scene.sender, reason);
            client.run(&request).await.unwrap();
        }
        let found = about_user(&scene.sender).await;
        let once = found
            .iter()
            .find(|report| report.reason.as_deref() == Some("Once"));
        let accused = format!("?tab=users&accused={}", encoded(scene.sender.as_str()));
        open(page, &accused).await;
        page.row("Twice")
            .link_like(scene.sender.as_str())
            .click()
            .await;
        page.sees("1 of 2").await;
        stage().run(&reports::delete_user(once.unwrap().id)).await;
        page.press("j").await;
        page.sees("There is no such report any more").await;
    })
    .await;
}

/// How many there are is how many there are now, not when the list was read.
#[tokio::test]
async fn what_others_report_meanwhile_is_counted() {
    let scene = scene(&["Said first", "Said second"]).await;
    journey(Options::default(), async |page: &Page| {
        let proxy = page.proxy();
        page.sign_in(&proxy.url()).await;
        let query = format!("?room={}", encoded(scene.room.as_str()));
        open(page, &query).await;
        page.row("Said second").link_like("@").click().await;
        page.sees("1 of 2").await;
        page.button("Dismiss all 2 reports of this event")
            .appears()
            .await;
        let of_the_room = ListEventReports {
            limit: 1,
            room: Some(scene.room.to_string()),
            ..Default::default()
        };
        let found = stage().run(&reports::events(&of_the_room)).await;
        let event = found.event_reports[0].event_id.clone();
        let teller = stage().maker.make_fresh_user("teller").await.unwrap();
        let teller = stage().maker.act_as(&teller).await.unwrap();
        // Who is not in the room cannot report what is said there.
        stage().maker.join(&teller, &scene.room).await.unwrap();
        let request = reports::report_event(&scene.room, &event, Some("Said third"), None);
        teller.run(&request).await.unwrap();
        // So many come elsewhere that there are more than before, whatever other journeys dismiss meanwhile.
        self::scene(&["Elsewhere"; 8]).await;
        let list = "/_synapse/admin/v1/event_reports?*limit=1000*";
        let asked = proxy.count("GET", list);
        page.press("j").await;
        page.sees("3 of 3").await;
        // What has come is read behind what is known.
        let seen = proxy.seen_of("GET", list).into_iter().nth(asked);
        let seen = seen.expect("it is read").target;
        assert!(!seen.contains("?from=0&"), "{seen}");
        page.link("3 reports about messages of this person")
            .appears()
            .await;
        page.button("Dismiss all 3 reports of this event")
            .appears()
            .await;

        // So are the numbers on the tabs, with the list.
        open(page, &query).await;
        page.row("Said third").appears().await;
        let number = "/_synapse/admin/v1/event_reports?*limit=1&*";
        let asked = proxy.count("GET", number);
        page.button("Refresh").click().await;
        page.until("the number is asked for anew", async || {
            proxy.count("GET", number) > asked
        })
        .await;
    })
    .await;
}

#[tokio::test]
async fn a_picture_is_judged_and_dealt_with_by_the_keyboard() {
    let maker = stage().maker;
    let tells_of_files = maker.capabilities().has(Feature::MediaInfo);
    let (room, (_, keeper), (sender, rude)) = place().await;
    let picture = maker
        .upload_media(&sender, &png(64, 917_001), "image/png", Some("awful.png"))
        .await
        .unwrap();
    let words = json!({"msgtype": "m.text", "body": "Something else"});
    let other = reported(&room, &rude, &keeper, &words).await;
    let content = json!({"msgtype": "m.image", "body": "awful.png", "url": picture.to_string(),
        "info": {"mimetype": "image/png"}});
    let event = reported(&room, &rude, &keeper, &content).await;
    let ids = of_room(&room).await;
    journey(Options::default(), async |page: &Page| {
        page.sign_in(&stage().synapse.url()).await;
        // Among those of the room: of all, the next may be another journey's.
        // After each change the page is read anew, also when that report has been dismissed meanwhile.
        page.allows_complaint(&["event_reports/", "404"]);
        let of_room_only = encoded(room.as_str());
        let at = |id: u64| format!("/reports/{id}?room={of_room_only}");
        page.open(&at(ids[0])).await;
        // Nobody sees it clearly who has not asked for it.
        let veiled = page.css(".veil[data-veiled] img");
        veiled.appears().await;
        page.picture("report-picture").await;
        page.is_accessible().await;
        page.press("v").await;
        veiled.goes().await;
        page.css(".veil img").appears().await;
        page.press("q").await;
        page.css("dialog[open]").says("Quarantine").await;
        page.press(thirtyfour::Key::Enter + "").await;
        if tells_of_files {
            page.until("the file is in quarantine", async || {
                let info = stage().run(&media::info(&picture)).await.media_info;
                info.quarantined_by.is_some()
            })
            .await;
            // Now it asks before it shows anything.
            page.button("Look into it all the same").appears().await;
            page.is_accessible().await;
        }
        page.css("dialog[open]").goes().await;
        // The administrator is not in the room, and takes the power to remove it.
        page.press("r").await;
        let question = page.dialog(&format!("Remove the message of {sender}?"));
        question.says("become its administrator").await;
        page.picture("report-remove").await;
        page.is_accessible().await;
        page.press(thirtyfour::Key::Enter + "").await;
        page.until("the message is removed", async || {
            is_redacted(&room, &event).await
        })
        .await;
        page.sees("Redacted since").await;
        page.button("Remove message").goes().await;
        page.press("x").await;
        let question = page.dialog(&format!("Remove {sender} from the room?"));
        question.appears().await;
        page.tab_to(&question.field("Reason")).await;
        page.press(thirtyfour::Key::Enter + "").await;
        page.until("the sender is out of the room", async || {
            let members = stage().run(&rooms::members(&room)).await.members;
            !members.contains(&sender)
        })
        .await;
        page.css("dialog[open]").goes().await;
        page.press("b").await;
        let question = page.dialog(&format!("Ban {sender} from the room?"));
        question.says("By your right in the room").await;
        question.button("Cancel").click().await;
        question.goes().await;
        // Dealt with: on to the next.
        page.press("d").await;
        page.css("dialog[open]")
            .button_like("Dismiss")
            .appears()
            .await;
        page.press(thirtyfour::Key::Enter + "").await;
        page.is_at(&at(ids[1])).await;
        page.sees("Something else").await;
        page.css(".report-account button:not(:disabled)")
            .first()
            .appears()
            .await;
        page.press("a").await;
        page.until("what can be done to the account is in focus", async || {
            page.css(".report-account button:focus").exists().await
        })
        .await;
        assert!(!is_redacted(&room, &other).await, "nobody meant that one");
        assert_eq!(of_room(&room).await, [ids[1]]);
    })
    .await;
}

#[tokio::test]
async fn who_has_most_power_leaves_in_their_own_name() {
    if !stage().maker.capabilities().has(Feature::LogInAs) {
        return;
    }
    let (room, (owner, keeper), (_, rude)) = place().await;
    let words = json!({"msgtype": "m.text", "body": "I am above you all"});
    reported(&room, &keeper, &rude, &words).await;
    let id = of_room(&room).await[0];
    journey(Options::default(), async |page: &Page| {
        page.sign_in(&stage().synapse.url()).await;
        page.open(&format!("/reports/{id}")).await;
        page.sees("I am above you all").await;
        // Nobody here could be made an admin of more power than they have.
        page.button("Ban from the room").click().await;
        let question = page.dialog(&format!("Ban {owner} from the room?"));
        question.says("Nobody of this server has the right").await;
        question.button("Cancel").click().await;
        question.goes().await;
        page.button("Remove from the room").click().await;
        let question = page.dialog(&format!("Remove {owner} from the room?"));
        question.says("They leave, as you act in their name").await;
        page.is_accessible().await;
        let remove = format!("Remove {owner} from the room");
        question.button(&remove).click().await;
        page.until("they have left", async || {
            let members = stage().run(&rooms::members(&room)).await.members;
            !members.contains(&owner)
        })
        .await;
    })
    .await;
}

#[tokio::test]
async fn a_report_from_a_room_that_all_have_left_says_so() {
    let (room, (owner, keeper), (sender, rude)) = place().await;
    let hostile = json!({"msgtype": "m.text", "body": "<img src=x onerror=alert(1)>\u{202e}"});
    let event = reported(&room, &rude, &keeper, &hostile).await;
    let id = of_room(&room).await[0];
    for client in [&rude, &keeper] {
        client.run(&rooms::leave(&room)).await.unwrap();
    }
    journey(Options::phone(), async |page: &Page| {
        page.until("the server counts nobody", async || {
            let found = stage().run(&rooms::get(&room)).await.room;
            found.joined_local_members == Some(0)
        })
        .await;
        page.sign_in(&stage().synapse.url()).await;
        page.open(&format!("/reports/{id}")).await;
        page.sees("<img src=x onerror=alert(1)>").await;
        page.sees("Nobody of this server is in the room any more")
            .await;
        page.button("Remove message").goes().await;
        page.picture("report-left").await;
        page.is_accessible().await;
        page.fits_sideways().await;
        // What can be done to the room is there as well, once somebody wants it.
        page.button("What can be done to the room").click().await;
        page.button("Block").click().await;
        let question = page.css("dialog[open]");
        question.button_like("Block room").click().await;
        page.until("the room is blocked", async || {
            stage().run(&rooms::is_blocked(&room)).await.block
        })
        .await;
        // Its page for a single event, by the ID.
        page.open(&format!("/events/{}", encoded(event.as_str())))
            .await;
        page.heading("Event").appears().await;
        let _ = (&owner, &sender);
    })
    .await;
}

/// The server looks for parts of IDs in which some characters stand for others: among very many reports
/// those about the account are not looked for.
#[tokio::test]
async fn where_very_many_are_reported_who_are_called_alike_the_server_has_not_kept_silent() {
    let maker = stage().maker;
    let server = maker.capabilities();
    if !server.has(Feature::UserReports) || !server.has(Feature::ReportsBySender) {
        return;
    }
    let user = maker.make_fresh_user("a_like").await.unwrap();
    journey(Options::default(), async |page: &Page| {
        let proxy = page.proxy();
        page.sign_in(&proxy.url()).await;
        let of_messages = r#"{"event_reports":[],"total":1}"#;
        let of_accounts = r#"{"user_reports":[],"total":1001,"next_token":1000}"#;
        for (kind, answer) in [("event", of_messages), ("user", of_accounts)] {
            let path = format!("/_synapse/admin/v1/{kind}_reports");
            proxy.add(Rule::new("GET", &path, Fault::matrix(200, answer)));
        }
        page.open(&format!("/users/{}", encoded(user.as_str())))
            .await;
        // Both are told together.
        page.link("1 report of a message").appears().await;
        page.no_longer_sees("The server did not say").await;
        proxy.clear_rules();
    })
    .await;
}
