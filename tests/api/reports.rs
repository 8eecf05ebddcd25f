//! Reports of events and of users.

use journeys::server::server;
use serde_json::json;
use std::collections::BTreeSet;
use synapse_admin::api::exchange::Patient;
use synapse_admin::api::pages::{ByPages, Page};
use synapse_admin::api::reports::{self, EventReport, ListEventReports, ListUserReports};
use synapse_admin::api::server::Feature;
use synapse_admin::api::{ApiError, EventId, RoomId, UserId, events};
use synapse_admin::reports::query::Asked;
use synapse_admin::reports::{Question, Report, ReportKind, query};
use xtask::native::{Client, RealClock, RealRandom};
use xtask::world::Maker;
use xtask::world::reports::{EVENTS, GONE, USERS};

fn maker() -> &'static Maker {
    &server().maker
}

/// Somebody with a room of their own, in which somebody else has said something.
struct Scene {
    reporter: UserId,
    client: Client,
    sender: UserId,
    room: RoomId,
    event: EventId,
}

async fn scene() -> Scene {
    let reporter = maker().make_fresh_user("reporter").await.unwrap();
    let client = maker().act_as(&reporter).await.unwrap();
    let body = json!({"preset": "public_chat", "name": "Scene"});
    let room = maker().make_room(&client, &body).await.unwrap();
    let sender = maker().make_fresh_user("offender").await.unwrap();
    let offender = maker().act_as(&sender).await.unwrap();
    maker().join(&offender, &room).await.unwrap();
    let content = json!({"msgtype": "m.text", "body": "You!"});
    let event = maker()
        .send(&offender, &room, "m.room.message", &content)
        .await
        .unwrap();
    Scene {
        reporter,
        client,
        sender,
        room,
        event: EventId::parse(&event).unwrap(),
    }
}

impl Scene {
    async fn report(&self, reason: Option<&str>, score: Option<i64>) {
        let request = reports::report_event(&self.room, &self.event, reason, score);
        self.client.run(&request).await.unwrap();
    }

    async fn reports(&self) -> Vec<EventReport> {
        let query = ListEventReports {
            limit: 10,
            room: Some(self.room.to_string()),
            oldest_first: true,
            ..Default::default()
        };
        let page = maker().admin().run(&reports::events(&query)).await.unwrap();
        assert_eq!(page.total, page.event_reports.len() as u64);
        page.event_reports
    }
}

#[tokio::test]
async fn a_report_says_who_what_and_why() {
    let scene = scene().await;
    scene.report(Some("<b>rude</b> \u{202e}"), Some(-100)).await;
    scene.report(None, None).await;
    scene.report(Some(""), None).await;
    let found = scene.reports().await;
    let reasons: Vec<_> = found
        .iter()
        .map(|report| report.reason.as_deref())
        .collect();
    assert_eq!(reasons, [Some("<b>rude</b> \u{202e}"), None, Some("")]);
    let scores: Vec<_> = found.iter().map(|report| report.score).collect();
    assert_eq!(scores, [Some(-100), None, None]);
    for report in &found {
        assert_eq!(report.room_id, scene.room);
        assert_eq!(report.event_id, scene.event);
        assert_eq!(report.reporter, scene.reporter);
        assert_eq!(report.sender.as_ref(), Some(&scene.sender));
        assert!(report.received_ts.0 >= server().world.now_ms);
    }
    let admin = maker().admin();
    let detail = admin.run(&reports::event(found[0].id)).await.unwrap();
    assert_eq!(detail.report, found[0]);
    assert_eq!(detail.event.sender, scene.sender.as_str());
    assert_eq!(detail.event.content["body"], "You!");
}

#[tokio::test]
async fn an_event_that_has_been_redacted_is_still_shown_in_its_report() {
    let scene = scene().await;
    scene.report(Some("rude"), None).await;
    let id = scene.reports().await[0].id;
    let redact = events::redact(&scene.room, &scene.event, None, "once");
    scene.client.run(&redact).await.unwrap();
    let admin = maker().admin();
    let detail = admin.run(&reports::event(id)).await.unwrap();
    assert_eq!(detail.event.content["body"], "You!");
    assert!(!detail.event.is_redacted(), "it does not say so");
    let context = events::context(&scene.room, &scene.event, 0);
    assert!(admin.run(&context).await.unwrap().event.is_redacted());
    // What nobody can see is not reported; old versions did not look.
    let nothing = EventId::parse("$nothing").unwrap();
    let request = reports::report_event(&scene.room, &nothing, None, None);
    let answer = scene.client.run(&request).await;
    if maker().capabilities().since(98) {
        let error = answer.unwrap_err();
        assert!(error.is_not_found(), "{error:?}");
    }
}

#[tokio::test]
async fn reports_of_events_are_filtered_and_sorted() {
    let scene = scene().await;
    scene.report(Some("one"), None).await;
    scene.report(Some("two"), None).await;
    let admin = maker().admin();
    let reasons = async |query: ListEventReports| -> Vec<String> {
        let query = ListEventReports {
            limit: 1000,
            ..query
        };
        let page = admin.run(&reports::events(&query)).await.unwrap();
        let reason = |report: EventReport| report.reason.unwrap_or_default();
        page.event_reports.into_iter().map(reason).collect()
    };
    let by_reporter = ListEventReports {
        // A part of it will do.
        reporter: Some(scene.reporter.as_str()[1..].to_owned()),
        ..Default::default()
    };
    assert_eq!(reasons(by_reporter.clone()).await, ["two", "one"]);
    let forwards = ListEventReports {
        oldest_first: true,
        ..by_reporter
    };
    assert_eq!(reasons(forwards).await, ["one", "two"]);
    let by_sender = ListEventReports {
        sender: Some(scene.sender.clone()),
        oldest_first: true,
        ..Default::default()
    };
    if maker().capabilities().has(Feature::ReportsBySender) {
        assert_eq!(reasons(by_sender).await, ["one", "two"]);
    } else {
        assert!(reasons(by_sender).await.len() > 2, "it is not asked");
    }
    let foreign = ListEventReports {
        limit: 1,
        reporter: Some("ä".into()),
        ..Default::default()
    };
    let error = admin.run(&reports::events(&foreign)).await.unwrap_err();
    assert!(matches!(error, ApiError::Matrix { status: 400, .. }));
}

#[tokio::test]
async fn paging_gives_every_report_of_an_event_once() {
    let (mut seen, mut from) = (BTreeSet::new(), Some(0));
    let mut pages = 0;
    while let Some(at) = from {
        let query = ListEventReports {
            from: at,
            limit: 5,
            oldest_first: true,
            ..Default::default()
        };
        let page = maker().admin().run(&reports::events(&query)).await.unwrap();
        assert!(page.event_reports.len() <= 5);
        for report in page.event_reports {
            assert!(seen.insert(report.id), "{} twice", report.id);
        }
        pages += 1;
        from = page.next_token;
    }
    assert!(pages > 2, "{pages}");
}

#[tokio::test]
async fn a_report_of_an_event_is_dismissed() {
    let scene = scene().await;
    scene.report(Some("one"), None).await;
    let id = scene.reports().await[0].id;
    let admin = maker().admin();
    let dismissed = admin.run(&reports::delete_event(id)).await;
    if !maker().capabilities().has(Feature::DismissEventReports) {
        let error = dismissed.unwrap_err();
        assert!(matches!(error, ApiError::Unsupported { .. }), "{error:?}");
        return;
    }
    dismissed.unwrap();
    assert_eq!(scene.reports().await, []);
    for error in [
        admin.run(&reports::delete_event(id)).await.unwrap_err(),
        admin.run(&reports::event(id)).await.unwrap_err(),
    ] {
        assert!(error.is_not_found(), "{error:?}");
    }
}

#[tokio::test]
async fn a_report_is_listed_when_its_event_is_gone_or_everybody_has_left() {
    let admin = maker().admin();
    let reported = async |room: &RoomId| {
        let query = ListEventReports {
            limit: 100,
            room: Some(room.to_string()),
            ..Default::default()
        };
        let page = admin.run(&reports::events(&query)).await.unwrap();
        page.event_reports
    };
    let room = server().world.room("history");
    let is_gone = |report: &&EventReport| report.event_id.as_str() == GONE[0];
    let found = reported(room).await;
    let gone = found.iter().find(is_gone).unwrap();
    assert_eq!(gone.sender, None);
    let detail = admin.run(&reports::event(gone.id)).await;
    assert!(detail.unwrap_err().is_not_found());
    if maker().capabilities().has(Feature::DismissEventReports) {
        admin.run(&reports::delete_event(gone.id)).await.unwrap();
        assert!(!reported(room).await.iter().any(|report| is_gone(&report)));
    }

    let left = reported(server().world.room("empty.0")).await;
    let detail = admin.run(&reports::event(left[0].id)).await.unwrap();
    assert!(detail.event.content["body"].is_string());
}

/// A page as the server answers it, and how many there are on all pages.
async fn reports_of<Q: ByPages>(asked: &Q) -> (Vec<Report>, u64)
where
    Report: From<<Q::Page as Page>::Item>,
{
    let page = maker().admin().run(&asked.page()).await.unwrap();
    let (found, total, _) = page.open();
    (found.into_iter().map(Report::from).collect(), total)
}

#[tokio::test]
async fn what_both_can_answer_the_server_and_we_answer_alike() {
    let clock = RealClock::default();
    let patient = || Patient {
        network: maker().admin(),
        clock: &clock,
        random: &RealRandom,
    };
    let capabilities = maker().capabilities();
    for kind in ReportKind::ALL {
        if kind.needs().is_some_and(|needs| !capabilities.has(needs)) {
            continue;
        }
        let all = query::read_all(patient(), kind, &|_, _| ()).await.unwrap();
        let questions = match kind {
            // Other tests report meanwhile: the oldest are the sample world's.
            ReportKind::Users => vec![Question {
                from: 5,
                limit: 20,
                ..Default::default()
            }],
            // In this room they leave all as it is.
            ReportKind::Events => {
                let here = Question {
                    room: Some(server().world.room("reported").clone()),
                    limit: 7,
                    ..Default::default()
                };
                let mut found = all
                    .iter()
                    .filter(|report| report.room() == here.room.as_ref());
                let second = Question {
                    descending: true,
                    from: 7,
                    ..here.clone()
                };
                let by_sender = Question {
                    accused: found.next().and_then(|report| report.accused()).cloned(),
                    ..here.clone()
                };
                vec![here, second, by_sender]
            }
        };
        for question in questions {
            let Some(asked) = question.for_server(kind, capabilities) else {
                continue;
            };
            let (theirs, their_total) = match &asked {
                Asked::Events(asked) => reports_of(asked).await,
                Asked::Users(asked) => reports_of(asked).await,
            };
            let (ours, total) = question.answer(&all);
            assert!(!ours.is_empty(), "{question:?}");
            assert_eq!(theirs, ours, "{question:?}");
            if question.room.is_some() {
                assert_eq!(their_total, total, "{question:?}");
                let matching = query::read_matching(patient(), &asked, &|_, _| ());
                assert_eq!(matching.await.unwrap().len() as u64, total);
            }
        }
    }
}

#[tokio::test]
async fn the_sample_world_has_fifty_of_each_kind() {
    let admin = maker().admin();
    let query = ListEventReports {
        limit: 1,
        ..Default::default()
    };
    let page = admin.run(&reports::events(&query)).await.unwrap();
    // One may have been dismissed by another test.
    assert!(page.total >= EVENTS as u64 - 1, "{}", page.total);
    if maker().capabilities().has(Feature::UserReports) {
        let query = ListUserReports {
            limit: 1,
            ..Default::default()
        };
        let page = admin.run(&reports::users(&query)).await.unwrap();
        assert!(page.total >= USERS as u64, "{}", page.total);
    }
}

#[tokio::test]
async fn users_are_reported_listed_and_dismissed() {
    let admin = maker().admin();
    let query = ListUserReports {
        limit: 100,
        ..Default::default()
    };
    if !maker().capabilities().has(Feature::UserReports) {
        let error = admin.run(&reports::users(&query)).await.unwrap_err();
        assert!(matches!(error, ApiError::Unsupported { .. }), "{error:?}");
        return;
    }
    let reporter = maker().make_fresh_user("reporter").await.unwrap();
    let target = maker().make_fresh_user("target").await.unwrap();
    let client = maker().act_as(&reporter).await.unwrap();
    for reason in ["<i>one</i>", ""] {
        let request = reports::report_user(&target, reason);
        client.run(&request).await.unwrap();
    }
    // Nobody learns who exists.
    for other in [maker().user("nobody-at-all"), user("@a:elsewhere.org")] {
        let request = reports::report_user(&other, "three");
        client.run(&request).await.unwrap();
    }
    let long = reports::report_user(&target, &"x".repeat(1001));
    let error = client.run(&long).await.unwrap_err();
    assert!(error.is_errcode("M_BAD_JSON"), "{error:?}");

    let by_reporter = ListUserReports {
        reporter: Some(reporter.to_string()),
        oldest_first: true,
        ..query.clone()
    };
    let page = admin.run(&reports::users(&by_reporter)).await.unwrap();
    let reasons: Vec<_> = page
        .user_reports
        .iter()
        .map(|report| report.reason.as_deref())
        .collect();
    assert_eq!(
        (page.total, reasons),
        (2, vec![Some("<i>one</i>"), Some("")])
    );
    let by_target = ListUserReports {
        target: Some(target.to_string()),
        ..query
    };
    let newest_first = admin.run(&reports::users(&by_target)).await.unwrap();
    let mut found = newest_first.user_reports;
    found.reverse();
    assert_eq!(found, page.user_reports);

    let first = &found[0];
    assert_eq!((&first.target, &first.reporter), (&target, &reporter));
    let one = admin.run(&reports::user(first.id)).await.unwrap();
    assert_eq!(&one, first);
    admin.run(&reports::delete_user(first.id)).await.unwrap();
    for error in [
        admin.run(&reports::user(first.id)).await.unwrap_err(),
        admin
            .run(&reports::delete_user(first.id))
            .await
            .unwrap_err(),
    ] {
        assert!(error.is_not_found(), "{error:?}");
    }
    let left = admin.run(&reports::users(&by_target)).await.unwrap();
    assert_eq!(left.user_reports, found[1..]);
}

fn user(id: &str) -> UserId {
    UserId::parse(id).unwrap()
}
