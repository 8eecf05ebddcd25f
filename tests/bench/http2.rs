//! How fast an import is over HTTP/2 beside HTTP/1.1: the panel and the homeserver on one host behind
//! nginx, as `docs/deploy.md` has it, and a proxy between nginx and Synapse that counts and delays.

use journeys::browser::importing::{all_created, took_ms, unheard};
use journeys::browser::{Options, Page, importing, journey};
use journeys::server::{Server, own_server_with};
use journeys::web::{Kind, Place, Site, WebServer};
use serde_json::{Map, json};
use std::time::Duration;
use xtask::proxy::{Fault, Proxy, Rule};
use xtask::world::{ADMIN_PASSWORD, people};

/// How long one import may take.
const PATIENCE: Duration = Duration::from_secs(900);

/// What is measured: title, bcrypt rounds, distance of Synapse in milliseconds.
const CASES: [(&str, u32, u64); 3] = [
    ("cheap password hashing", 4, 0),
    ("cheap password hashing, 50 ms away", 4, 50),
    ("cheap password hashing, 200 ms away", 4, 200),
];

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let users: usize = journeys::number("BENCH_USERS", 500);
    // To look into one of them: its title.
    let only = std::env::var("BENCH_CASE").unwrap_or_default();
    for (index, (title, cost, distance_ms)) in CASES.into_iter().enumerate() {
        if !only.is_empty() && title != only {
            continue;
        }
        println!("\n{title}, {users} users");
        let extra = Map::from_iter([("bcrypt_rounds".to_owned(), json!(cost))]);
        let bench = Bench {
            server: own_server_with(&format!("bench-http2-{index}"), extra),
            distance: Duration::from_millis(distance_ms),
            users,
        };
        // The machine wavers, and Synapse becomes slower with each user it has.
        let mut rates = [0.0; 2];
        for (number, is_old) in [true, false, false, true].into_iter().enumerate() {
            let rate = bench.import(number, is_old).await;
            let name = if is_old { "HTTP/1.1" } else { "HTTP/2" };
            println!("  over {name:8}: {rate:6.1} users/s");
            rates[usize::from(is_old)] += rate / 2.0;
        }
        println!("  HTTP/2 / HTTP/1.1: {:.2}", rates[0] / rates[1]);
    }
}

struct Bench {
    server: Server,
    distance: Duration,
    users: usize,
}

impl Bench {
    /// Users per second.
    async fn import(&self, number: usize, is_old: bool) -> f64 {
        let proxy = Proxy::start(self.server.synapse.config().port).expect("a free port");
        if !self.distance.is_zero() {
            proxy.add(Rule::new("*", "*", Fault::Delay(self.distance)));
        }
        let site = Site {
            kind: Kind::Nginx,
            place: Place::BelowPath,
            domain: self.server.maker.server().clone(),
            synapse: proxy.port(),
            is_old,
            brotli: false,
        };
        let web = WebServer::start(site).await.expect("nginx starts");
        let options = Options {
            limit: PATIENCE,
            notes_requests: false,
            app: Some(web.url()),
            hosts: web.hosts(),
            ..Options::default()
        };
        let mut rate = 0.0;
        journey(options, async |page: &Page| {
            let admin = self.server.maker.user(people::ADMIN);
            let homeserver = format!("https://{}", web.names().homeserver);
            page.open("/login").await;
            page.field("Username").fill(admin.as_str()).await;
            page.field("Password").fill(ADMIN_PASSWORD).await;
            page.field("Homeserver URL").fill(&homeserver).await;
            page.button("Sign in").click().await;
            page.heading("Dashboard").appears().await;
            page.open("/users").await;
            page.link("CSV Import").click().await;
            let rows = importing::rows(&format!("http{number}"), self.users);
            importing::choose(page, rows).await;
            page.sees_within(PATIENCE, "All rows can be imported.")
                .await;
            importing::ask(page).await;
            unheard(page).await;
            proxy.forget();
            importing::confirm(page).await;
            let seen = all_created(&proxy, self.users).await;
            rate = self.users as f64 * 1000.0 / took_ms(&seen) as f64;
            page.heading("The import has ended").appears().await;
        })
        .await;
        rate
    }
}
