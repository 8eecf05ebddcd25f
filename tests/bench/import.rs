//! How fast an import is beside a plain client: both create users on the same Synapse, one after
//! the other, through the same proxy, which counts their requests. Ours runs as people run it:
//! the release bundle in Chromium, from the first request after the click to the last answer.
//!
//! The plain client keeps so many `PUT v2/users/{id}` under way and does nothing else. Which
//! number is best is tried out first, with fewer users.

use futures_util::stream::{self, StreamExt};
use journeys::browser::importing::{all_created, took_ms, unheard};
use journeys::browser::{Options, Page, importing, journey};
use journeys::server::{self, own_server_with};
use serde_json::{Map, json};
use std::path::PathBuf;
use std::time::{Duration, Instant};
use synapse_admin::api::users::{self, Guard, UserChange};
use xtask::bundle;
use xtask::proxy::{Fault, Proxy, Rule, Seen};
use xtask::serve::{Server, Site};
use xtask::world::{ADMIN_PASSWORD, people};

/// What a plain client keeps under way.
const AT_ONCE: [usize; 5] = [1, 2, 4, 8, 16];

/// The shortest page that creates users: what stays of the plain client's rate is the browser's
/// own cost.
const SHORTEST: &str = r"
const [users, atOnce, token, server, prefix] = arguments;
let next = 0;
const create = async () => {
    while (next < users) {
        const number = next++;
        const user = encodeURIComponent(`@${prefix}.${number}:${server}`);
        const answer = await fetch(`/_synapse/admin/v2/users/${user}`, {
            method: 'PUT',
            headers: {Authorization: `Bearer ${token}`, 'Content-Type': 'application/json'},
            body: JSON.stringify({
                avatar_url: null,
                displayname: `Person ${number} of ${prefix}`,
                password: `secret-${prefix}-${number}`,
            }),
        });
        await answer.text();
    }
};
for (let started = 0; started < atOnce; started++) create();
";

/// What [`SHORTEST`] keeps under way: as many as an import at most.
const SHORTEST_AT_ONCE: usize = 8;

/// Where the panel is.
const PREFIX: &str = "/synapse-admin/";

/// How long one import may take.
const PATIENCE: Duration = Duration::from_secs(900);

/// What is measured: title, bcrypt rounds, distance to the server in milliseconds, whether the
/// panel is served from the homeserver's own origin. From another one, browsers ask for leave
/// before each request; and over HTTP/1.1 they keep six under way.
const CASES: [(&str, u32, u64, bool); 4] = [
    ("default password hashing", 12, 0, true),
    ("cheap password hashing", 4, 0, true),
    (
        "cheap password hashing, panel on another origin",
        4,
        0,
        false,
    ),
    ("cheap password hashing, 50 ms away", 4, 50, true),
];

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let users: usize = journeys::number("BENCH_USERS", 500);
    let rounds: usize = journeys::number("BENCH_ROUNDS", 1);
    // To look into one of them: its title.
    let only = std::env::var("BENCH_CASE").unwrap_or_default();
    let bundle = bundle::ready().expect("a bundle");
    for (index, (title, cost, distance_ms, same_origin)) in CASES.into_iter().enumerate() {
        if !only.is_empty() && title != only {
            continue;
        }
        println!("\n{title}, {users} users");
        let extra = Map::from_iter([("bcrypt_rounds".to_owned(), json!(cost))]);
        let server = own_server_with(&format!("bench-{index}"), extra);
        let bench = Bench {
            server,
            users,
            rounds,
            distance: Duration::from_millis(distance_ms),
            bundle: bundle.clone(),
            same_origin,
        };
        bench.measure().await;
    }
}

struct Bench {
    server: server::Server,
    users: usize,
    /// How often to measure; what counts is the middle one.
    rounds: usize,
    distance: Duration,
    bundle: PathBuf,
    /// Whether the panel is served from the homeserver's own origin.
    same_origin: bool,
}

/// Users per second of each.
struct Round {
    /// Before ours and after it.
    plain: (f64, f64),
    /// How long Synapse has computed for each user of the plain client, in milliseconds.
    plain_ms: f64,
    /// Only where the panel is served from the homeserver's own origin.
    shortest: Option<(f64, f64)>,
    ours: Ours,
}

impl Round {
    fn of_plain(&self) -> f64 {
        self.ours.rate / f64::midpoint(self.plain.0, self.plain.1)
    }

    fn of_shortest(&self) -> Option<f64> {
        self.shortest
            .map(|(before, after)| self.ours.rate / f64::midpoint(before, after))
    }

    fn print(&self, at_once: usize) {
        let ours = &self.ours;
        println!(
            "  plain client, {at_once:>2} at once: {:6.1} users/s before ours, {:.1} after",
            self.plain.0, self.plain.1
        );
        if let Some((before, after)) = self.shortest {
            println!(
                "  the shortest page in the same browser: {before:6.1} users/s before ours, {after:.1} after"
            );
        }
        println!(
            "  ours, {:4.1} at once on average: {:6.1} users/s",
            ours.at_once, ours.rate
        );
        println!("  requests of ours for each user: {}", ours.requests);
        println!(
            "  Synapse computes for each user: {:.1} ms for the plain client, {:.1} ms for ours",
            self.plain_ms, ours.synapse_ms
        );
    }
}

/// The middle one.
fn median(mut values: Vec<f64>) -> Option<f64> {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied()
}

struct Ours {
    /// Users per second, from the click to the last answer.
    rate: f64,
    requests: String,
    /// How long Synapse has computed for each user, in milliseconds.
    synapse_ms: f64,
    /// How many requests were under way on average.
    at_once: f64,
}

impl Bench {
    async fn measure(&self) {
        let trial = (self.users / 5).max(20);
        // The first ones warm the server up.
        self.plain("warm", trial.min(50), 4).await;
        let mut best = (1, 0.0);
        for at_once in AT_ONCE {
            let rate = self.plain(&format!("try{at_once}"), trial, at_once).await;
            println!("  plain client, {at_once:>2} at once: {rate:6.1} users/s (of {trial})");
            if rate > best.1 {
                best = (at_once, rate);
            }
        }
        let mut rounds = Vec::new();
        for number in 1..=self.rounds {
            let round = self.round(number, best.0).await;
            round.print(best.0);
            rounds.push(round);
        }
        let middle = |of: fn(&Round) -> Option<f64>| median(rounds.iter().filter_map(of).collect());
        if let Some(ratio) = middle(|round| Some(round.of_plain())) {
            println!("  ours / plain: {ratio:.2}");
        }
        if let Some(ratio) = middle(Round::of_shortest) {
            println!("  ours / the shortest page: {ratio:.2}");
        }
    }

    /// The others before ours and after it, in the opposite order: the machine wavers, and Synapse
    /// becomes slower with each user it has.
    async fn round(&self, number: usize, at_once: usize) -> Round {
        let computed = self.computed_ms();
        let before = self
            .plain(&format!("before{number}"), self.users, at_once)
            .await;
        let plain_ms = (self.computed_ms() - computed) / self.users as f64;
        let shortest_before = self.shortest(&format!("first{number}")).await;
        let ours = self.ours(number).await;
        let shortest_after = self.shortest(&format!("second{number}")).await;
        let after = self
            .plain(&format!("after{number}"), self.users, at_once)
            .await;
        Round {
            plain: (before, after),
            plain_ms,
            shortest: shortest_before.zip(shortest_after),
            ours,
        }
    }

    /// How long Synapse has computed so far, in milliseconds; 0 where the system does not tell.
    fn computed_ms(&self) -> f64 {
        let stat = format!("/proc/{}/stat", self.server.synapse.pid());
        let stat = std::fs::read_to_string(stat).unwrap_or_default();
        // Behind the name, which is in brackets: fields 14 and 15 are user and system time in
        // hundredths of a second.
        let behind = stat.rsplit(')').next().unwrap_or_default();
        let ticks = behind.split_whitespace().skip(11).take(2);
        ticks
            .filter_map(|ticks| ticks.parse::<f64>().ok())
            .sum::<f64>()
            * 10.0
    }

    fn proxy(&self) -> Proxy {
        let port = self.server.synapse.config().port;
        let proxy = Proxy::start_beside(port, self.site()).expect("a free port");
        if !self.distance.is_zero() {
            for method in ["*", "OPTIONS"] {
                proxy.add(Rule::new(method, "*", Fault::Delay(self.distance)));
            }
        }
        proxy
    }

    fn site(&self) -> Site {
        Site::new(self.bundle.clone(), PREFIX)
    }

    /// Users per second of a plain client.
    async fn plain(&self, prefix: &str, users: usize, at_once: usize) -> f64 {
        let proxy = self.proxy();
        let maker = &self.server.maker;
        let client = &maker.admin().at(proxy.homeserver());
        let begun = Instant::now();
        stream::iter(0..users)
            .map(|number| async move {
                let user = maker.user(&format!("{prefix}.{number}"));
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

    /// The same by [`SHORTEST`]; only from the homeserver's own origin.
    async fn shortest(&self, prefix: &str) -> Option<f64> {
        if !self.same_origin {
            return None;
        }
        let proxy = self.proxy();
        let options = Options {
            limit: PATIENCE,
            notes_requests: false,
            app: Some(format!("{}{PREFIX}", proxy.url())),
            ..Options::default()
        };
        let mut rate = 0.0;
        journey(options, async |page: &Page| {
            page.open("/login").await;
            let maker = &self.server.maker;
            let arguments = vec![
                json!(self.users),
                json!(SHORTEST_AT_ONCE),
                json!(maker.admin().token().unwrap_or_default()),
                json!(maker.user(people::ADMIN).server().to_string()),
                json!(prefix),
            ];
            unheard(page).await;
            proxy.forget();
            page.script(SHORTEST, arguments).await;
            rate = self.rate(&all_created(&proxy, self.users).await);
        })
        .await;
        Some(rate)
    }

    /// Users per second from the first request to the last answer.
    fn rate(&self, seen: &[Seen]) -> f64 {
        self.users as f64 * 1000.0 / took_ms(seen) as f64
    }

    /// The same by the CSV import.
    async fn ours(&self, round: usize) -> Ours {
        let proxy = self.proxy();
        let mut result = None;
        let elsewhere = Server::start(self.site()).expect("a free port");
        let app = match self.same_origin {
            true => format!("{}{PREFIX}", proxy.url()),
            false => elsewhere.url(),
        };
        let options = Options {
            limit: PATIENCE,
            notes_requests: false,
            app: Some(app),
            ..Options::default()
        };
        journey(options, async |page: &Page| {
            let admin = self.server.maker.user(people::ADMIN);
            page.sign_in_as(&admin, ADMIN_PASSWORD, &proxy.url()).await;
            page.link("CSV Import").click().await;
            importing::choose(page, importing::rows(&format!("ours{round}"), self.users)).await;
            page.sees_within(PATIENCE, "All rows can be imported.")
                .await;
            importing::ask(page).await;
            unheard(page).await;
            proxy.forget();
            let computed = self.computed_ms();
            importing::confirm(page).await;
            let seen = all_created(&proxy, self.users).await;
            let synapse_ms = (self.computed_ms() - computed) / self.users as f64;
            page.heading("The import has ended").appears().await;
            let lasted = |seen: &Seen| seen.ended_ms.unwrap_or(seen.began_ms) - seen.began_ms;
            let under_way: u64 = seen.iter().map(lasted).sum();
            let count = |method: &str| {
                let count = seen.iter().filter(|seen| seen.method == method).count();
                count as f64 / self.users as f64
            };
            result = Some(Ours {
                synapse_ms,
                at_once: under_way as f64 / took_ms(&seen) as f64,
                rate: self.rate(&seen),
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
}
