//! Other servers. Ours talks to none of them: what is known of them, the sample world has.

use journeys::server::{rank, server};
use std::collections::BTreeSet;
use synapse_admin::api::exchange::Patient;
use synapse_admin::api::federation::{self, Destination, ListDestinations, order};
use synapse_admin::api::server::Feature;
use synapse_admin::api::{ApiError, ServerName};
use synapse_admin::federation::Question;
use synapse_admin::federation::health::is_failing;
use xtask::native::{RealClock, RealRandom};
use xtask::world::past::{FAILING_DESTINATIONS, GOOD_DESTINATIONS};
use xtask::world::{DAY_MS, Maker};

fn maker() -> &'static Maker {
    &server().maker
}

fn name(text: &str) -> ServerName {
    ServerName::parse(text).unwrap()
}

/// Who cannot be reached, and is not given back their connection by a test.
const DOWN: &str = FAILING_DESTINATIONS[2].0;

async fn found(query: ListDestinations) -> Vec<Destination> {
    let query = ListDestinations {
        limit: 100,
        ..query
    };
    let page = maker().admin().run(&federation::destinations(&query)).await;
    let page = page.unwrap();
    assert_eq!(page.total, page.destinations.len() as u64);
    page.destinations
}

#[tokio::test]
async fn paging_gives_every_server_once_with_its_times() {
    let (mut seen, mut from) = (BTreeSet::new(), Some(0));
    while let Some(at) = from {
        let query = ListDestinations {
            from: at,
            limit: 4,
            ..Default::default()
        };
        let page = maker().admin().run(&federation::destinations(&query)).await;
        let page = page.unwrap();
        for server in page.destinations {
            assert!(seen.insert(server.name.clone()), "{} twice", server.name);
        }
        from = page.next_token;
    }
    let all = FAILING_DESTINATIONS.iter().map(|(server, _)| *server);
    for server in all.chain(GOOD_DESTINATIONS) {
        assert!(seen.contains(&name(server)), "{server} is missing");
    }
}

#[tokio::test]
async fn a_server_says_since_when_it_fails() {
    let admin = maker().admin();
    let days = FAILING_DESTINATIONS[2].1;
    let down = admin
        .run(&federation::destination(&name(DOWN)))
        .await
        .unwrap();
    let failing_since = server().world.now_ms - days * DAY_MS;
    assert_eq!(down.failure_ts.map(|since| since.0), Some(failing_since));
    assert!(
        down.retry_last_ts
            .is_some_and(|last| last.0 > failing_since)
    );
    assert!(down.retry_interval > 0);
    let listed = found(ListDestinations {
        search: Some(DOWN.to_uppercase()),
        ..Default::default()
    });
    assert_eq!(listed.await, [down]);

    let good = federation::destination(&name(GOOD_DESTINATIONS[0]));
    let good = admin.run(&good).await.unwrap();
    assert_eq!((good.retry_last_ts, good.failure_ts), (None, None));
    assert_eq!(good.retry_interval, 0);
    assert!(good.last_successful_stream_ordering.is_some());

    let unknown = federation::destination(&name("nobody.example.org"));
    assert!(admin.run(&unknown).await.unwrap_err().is_not_found());
}

#[tokio::test]
async fn every_sort_key_of_servers_sorts_both_ways() {
    for key in [
        order::DESTINATION,
        order::RETRY_LAST,
        order::RETRY_INTERVAL,
        order::FAILURE,
        order::LAST_SUCCESSFUL,
    ] {
        let value = |server: &Destination| {
            let value = match key {
                order::RETRY_LAST => Some(server.retry_last_ts.map_or(0, |at| at.0)),
                order::RETRY_INTERVAL => Some(server.retry_interval as i64),
                order::FAILURE => server.failure_ts.map(|at| at.0),
                order::LAST_SUCCESSFUL => server.last_successful_stream_ordering,
                _ => None,
            };
            (rank(value.is_some()), value)
        };
        for descending in [false, true] {
            let sorted = found(ListDestinations {
                search: Some(".example.".into()),
                order_by: Some(key),
                descending,
                ..Default::default()
            })
            .await;
            assert!(sorted.len() > 5);
            let in_order = sorted.is_sorted_by(|a, b| {
                let (a, b) = if descending { (b, a) } else { (a, b) };
                match key {
                    order::DESTINATION => a.name <= b.name,
                    _ => value(a) <= value(b),
                }
            });
            assert!(in_order, "{key} {descending}: {sorted:?}");
        }
    }
}

#[tokio::test]
async fn what_both_can_answer_of_servers_the_server_and_we_answer_alike() {
    let clock = RealClock::default();
    let patient = Patient {
        network: maker().admin(),
        clock: &clock,
        random: &RealRandom,
    };
    let all = patient
        .all_of(&ListDestinations::default(), &|_, _| ())
        .await
        .unwrap();
    for (search, descending) in [("", false), ("", true), ("EXAMPLE.", false)] {
        let question = Question {
            search: search.into(),
            descending,
            from: 2,
            limit: 4,
            ..Default::default()
        };
        let asked = question.for_server().unwrap();
        let page = maker().admin().run(&federation::destinations(&asked)).await;
        let page = page.unwrap();
        let (ours, total) = question.answer(&all, &is_failing);
        let names = |servers: Vec<Destination>| -> Vec<ServerName> {
            servers.into_iter().map(|server| server.name).collect()
        };
        assert_eq!((names(page.destinations), page.total), (names(ours), total));
    }
    let failing = Question {
        failing: Some(true),
        limit: 100,
        ..Default::default()
    };
    let failing = failing.answer(&all, &is_failing).0;
    assert!(failing.iter().any(|server| server.name == name(DOWN)));
    assert!(failing.len() < FAILING_DESTINATIONS.len() + 1);
}

#[tokio::test]
async fn the_rooms_that_a_server_is_in() {
    let admin = maker().admin();
    let page = admin
        .run(&federation::rooms(&name(DOWN), 0, 2))
        .await
        .unwrap();
    assert_eq!((page.total, page.rooms.len()), (3, 2));
    let rest = federation::rooms(&name(DOWN), page.next_token.unwrap(), 2);
    let rest = admin.run(&rest).await.unwrap();
    assert_eq!(rest.next_token, None);
    let quiet = name(GOOD_DESTINATIONS[6]);
    let none = admin.run(&federation::rooms(&quiet, 0, 10)).await.unwrap();
    assert_eq!(none.total, 0);
    if maker().capabilities().has(Feature::DestinationRooms) {
        let rooms = page.rooms.into_iter().chain(rest.rooms);
        let rooms: BTreeSet<_> = rooms.map(|room| room.room_id).collect();
        let expected = ["general", "history", "space"].map(|key| server().world.room(key));
        assert_eq!(rooms, expected.into_iter().cloned().collect());
        assert_eq!(none.rooms, []);
    } else {
        assert!(!none.rooms.is_empty(), "those of any servers");
    }
    let unknown = federation::rooms(&name("nobody.example.org"), 0, 10);
    assert!(admin.run(&unknown).await.unwrap_err().is_not_found());
}

#[tokio::test]
async fn a_connection_is_given_another_try() {
    let admin = maker().admin();
    let moved = name(FAILING_DESTINATIONS[4].0);
    admin.run(&federation::reset(&moved)).await.unwrap();
    let now = admin.run(&federation::destination(&moved)).await.unwrap();
    assert_eq!((now.failure_ts, now.retry_last_ts), (None, None));
    assert_eq!(now.retry_interval, 0);
    let again = admin.run(&federation::reset(&moved)).await.unwrap_err();
    assert!(matches!(again, ApiError::Matrix { status: 400, .. }));
    let unknown = federation::reset(&name("nobody.example.org"));
    assert!(admin.run(&unknown).await.unwrap_err().is_not_found());
}
