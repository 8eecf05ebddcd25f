//! How fast an import is beside a plain client: both create users on the same Synapse, one after
//! the other, through the same proxy, which counts their requests. Ours runs as people run it:
//! the release bundle in Chromium, from the last click to the end.
//!
//! The plain client keeps so many `PUT v2/users/{id}` under way and does nothing else. Which
//! number is best is tried out first, with fewer users.

use futures_util::stream::{self, StreamExt};
use journeys::browser::{Options, Page, importing, journey};
use journeys::server::{Server, own_server_with};
use serde_json::{Map, json};
use std::time::{Duration, Instant};
use synapse_admin::api::users::{self, Guard, UserChange};
use xtask::proxy::{Fault, Proxy, Rule};
use xtask::world::{ADMIN_PASSWORD, people};

/// What a plain client keeps under way.
const AT_ONCE: [usize; 5] = [1, 2, 4, 8, 16];

/// How long one import may take.
const PATIENCE: Duration = Duration::from_secs(900);

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let users: usize = std::env::var("BENCH_USERS")
        .ok()
        .and_then(|text| text.parse().ok())
        .unwrap_or(500);
    for (title, rounds, distance_ms) in [
        ("default password hashing", 12, 0),
        ("cheap password hashing", 4, 0),
        ("cheap password hashing, 50 ms away", 4, 50),
    ] {
        println!("\n{title}, {users} users");
        let extra = Map::from_iter([("bcrypt_rounds".to_owned(), json!(rounds))]);
        let server = own_server_with(&format!("bench-{rounds}-{distance_ms}"), extra);
        measure(&server, users, Duration::from_millis(distance_ms)).await;
    }
}

async fn measure(server: &Server, users: usize, distance: Duration) {
    let trial = (users / 5).max(20);
    // The first ones warm the server up.
    plain(server, "warm", trial.min(50), 4, distance).await;
    let mut best = (1, 0.0);
    for at_once in AT_ONCE {
        let rate = plain(server, &format!("try{at_once}"), trial, at_once, distance).await;
        println!("  plain client, {at_once:>2} at once: {rate:6.1} users/s (of {trial})");
        if rate > best.1 {
            best = (at_once, rate);
        }
    }
    let before = plain(server, "before", users, best.0, distance).await;
    let ours = ours(server, users, distance).await;
    let after = plain(server, "after", users, best.0, distance).await;
    let plain = f64::midpoint(before, after);
    println!(
        "  plain client, {:>2} at once: {before:6.1} users/s before ours, {after:.1} after",
        best.0
    );
    println!("  ours:                   {:6.1} users/s", ours.rate);
    println!("  ours / plain: {:.2}", ours.rate / plain);
    println!("  requests of ours for each user: {}", ours.requests);
}

fn proxy(server: &Server, distance: Duration) -> Proxy {
    let proxy = Proxy::start(server.synapse.config().port).expect("a free port");
    add_distance(&proxy, distance);
    proxy
}

fn add_distance(proxy: &Proxy, distance: Duration) {
    if !distance.is_zero() {
        for method in ["*", "OPTIONS"] {
            proxy.add(Rule::new(method, "*", Fault::Delay(distance)));
        }
    }
}

/// Users per second of a plain client.
async fn plain(
    server: &Server,
    prefix: &str,
    users: usize,
    at_once: usize,
    distance: Duration,
) -> f64 {
    let proxy = proxy(server, distance);
    let client = server.maker.admin().at(proxy.homeserver());
    let client = &client;
    let begun = Instant::now();
    stream::iter(0..users)
        .map(|number| async move {
            let user = server.maker.user(&format!("{prefix}.{number}"));
            let change = UserChange {
                displayname: Some(format!("Person {number} of {prefix}")),
                password: Some(format!("secret-{prefix}-{number}")),
                ..Default::default()
            };
            let request = users::create(&user, &change, Guard::FromAvatar);
            let answer = client.answer(&request.call).await.expect("an answer");
            assert_eq!(answer.status, 201, "{user}");
        })
        .buffer_unordered(at_once)
        .collect::<Vec<()>>()
        .await;
    users as f64 / begun.elapsed().as_secs_f64()
}

struct Ours {
    /// Users per second, from the click to the end as the page shows it.
    rate: f64,
    requests: String,
}

/// The same by the CSV import.
async fn ours(server: &Server, users: usize, distance: Duration) -> Ours {
    let mut result = None;
    let options = Options {
        limit: PATIENCE,
        ..Options::default()
    };
    journey(options, async |page: &Page| {
        let proxy = page.proxy_before(server.synapse.config().port);
        add_distance(&proxy, distance);
        page.sign_in_as(
            &server.maker.user(people::ADMIN),
            ADMIN_PASSWORD,
            &proxy.url(),
        )
        .await;
        page.link("CSV Import").click().await;
        importing::choose(page, importing::rows("ours", users)).await;
        page.sees_within(PATIENCE, "All rows can be imported.")
            .await;
        importing::ask(page).await;
        proxy.forget();
        let begun = Instant::now();
        importing::confirm(page).await;
        page.heading("The import has ended")
            .appears_within(PATIENCE)
            .await;
        let took = begun.elapsed();
        let seen = proxy.seen();
        let count = |method: &str| {
            let count = seen.iter().filter(|seen| seen.method == method).count();
            count as f64 / users as f64
        };
        result = Some(Ours {
            rate: users as f64 / took.as_secs_f64(),
            requests: format!(
                "{:.2} PUT, {:.2} OPTIONS, {:.2} GET",
                count("PUT"),
                count("OPTIONS"),
                count("GET")
            ),
        });
    })
    .await;
    result.expect("the journey has come to its end")
}
