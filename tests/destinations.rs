//! Other servers: their health, what is shared with one, and having it tried again at once.

use journeys::browser::{Options, Page, journey, stage};
use synapse_admin::api::server::Feature;
use synapse_admin::api::tolerant::Timestamp;
use synapse_admin::api::{ServerName, federation};
use xtask::native::wall_ms;
use xtask::proxy::{Fault, Rule};
use xtask::world::DAY_MS;
use xtask::world::past::{FAILING_DESTINATIONS, GOOD_DESTINATIONS};

/// Since when nothing has reached a server, as the homeserver knows.
async fn failing_since(name: &str) -> Option<Timestamp> {
    let server = ServerName::parse(name).unwrap();
    stage()
        .run(&federation::destination(&server))
        .await
        .failure_ts
}

/// A month, as the panel says how many have passed.
const MONTH_MS: i64 = 2_629_746_000;

/// How long ago something was that happened so many days before the sample world was made, in
/// milliseconds.
fn ago(days: i64) -> i64 {
    wall_ms() - stage().world.now_ms + days * DAY_MS
}

async fn open(page: &Page, query: &str) {
    page.open(&format!("/destinations{query}")).await;
    page.heading("Federation").appears().await;
}

async fn the_list(options: Options) {
    journey(options, async |page: &Page| {
        page.sign_in(&stage().synapse.url()).await;
        open(page, "").await;
        page.row(GOOD_DESTINATIONS[0]).says("Reachable").await;
        page.row("down.example.org").says("Unreachable").await;
        page.picture("federation").await;
        page.is_accessible().await;
        page.fits_sideways().await;
        // Those that are failing, longest first; the others are not among them.
        page.link("Unreachable").first().click().await;
        // Others are tried again by another journey meanwhile.
        page.row("slow.example.io").appears().await;
        page.row(GOOD_DESTINATIONS[0]).goes().await;
        page.sees("Answered from the whole list").await;
        page.is_accessible().await;
        page.row("down.example.org")
            .link("down.example.org")
            .click()
            .await;
        page.heading("down.example.org").appears().await;
        page.sees(&format!("First failed {} days ago", ago(3) / DAY_MS))
            .await;
        page.is_accessible().await;
        page.fits_sideways().await;
        match stage().maker.capabilities().has(Feature::DestinationRooms) {
            true => {
                page.row(stage().world.room("general").as_str())
                    .appears()
                    .await
            }
            false => page.sees("Before Synapse 1.107").await,
        }
        // Old bookmarks, and what is no server.
        page.open("/destinations/down.example.org/show/rooms").await;
        page.is_at("/destinations/down.example.org").await;
        page.heading("down.example.org").appears().await;
        page.open("/destinations/no%20server").await;
        page.sees("is not a server name").await;
        page.allows_complaint(&["status of 404"]);
        page.open("/destinations/never.heard.of.example").await;
        page.sees("never had anything to send there").await;
    })
    .await;
}

#[tokio::test]
async fn who_cannot_be_reached_since_when() {
    the_list(Options::default()).await;
}

#[tokio::test]
async fn who_cannot_be_reached_on_a_phone() {
    the_list(Options::phone()).await;
}

#[tokio::test]
async fn a_server_is_tried_again_at_once() {
    let name = "gone.example.net";
    let before = failing_since(name).await.unwrap();
    journey(Options::default(), async |page: &Page| {
        page.sign_in(&stage().synapse.url()).await;
        page.open(&format!("/destinations/{name}")).await;
        let long_ago = format!("First failed {} months ago", ago(90) / MONTH_MS);
        page.sees(&long_ago).await;
        page.button("Try again at once").click().await;
        let question = page.dialog("Try gone.example.net again at once?");
        question.says("the waits begin anew").await;
        question
            .button("Try gone.example.net again at once")
            .click()
            .await;
        // The homeserver has forgotten since when; it may have failed anew since.
        page.until("the old failure is forgotten", async || {
            failing_since(name).await.is_none_or(|since| since > before)
        })
        .await;
        page.no_longer_sees(&long_ago).await;
        // That the failure is forgotten does not mean that anything has arrived.
        page.until("it is tried again, or has failed anew", async || {
            let text = page.text().await;
            text.contains("how it goes is not known yet") || text.contains("First failed")
        })
        .await;
        assert!(!page.text().await.contains("last sent there has arrived"));
        page.is_accessible().await;
        open(page, "?failing=true").await;
        page.row(name).appears().await;
        // To those that are reached everything is sent at once anyway.
        page.open(&format!("/destinations/{}", GOOD_DESTINATIONS[0]))
            .await;
        page.heading(GOOD_DESTINATIONS[0]).appears().await;
        page.sees("last sent there has arrived").await;
        page.until("it need not be tried", async || {
            !page.button("Try again at once").is_enabled().await
        })
        .await;
    })
    .await;
}

#[tokio::test]
async fn those_that_a_search_finds_are_tried_again_together() {
    let some = ["old.example.com", "moved.example.com"];
    let mut before = Vec::new();
    for name in some {
        before.push(failing_since(name).await.unwrap());
    }
    let down = failing_since("down.example.org").await;
    journey(Options::default(), async |page: &Page| {
        page.sign_in(&stage().synapse.url()).await;
        open(page, "?failing=true&q=example.com").await;
        for name in some {
            page.row(name).appears().await;
        }
        page.checkbox("Select all on this page").tick(true).await;
        page.css(".bulk-bar").button("Actions").click().await;
        page.css("[popover]")
            .button("Try again at once")
            .click()
            .await;
        let question = page.dialog("Try 2 servers again at once?");
        question.button("Try 2 servers again at once").click().await;
        for (name, before) in some.into_iter().zip(before) {
            page.until("the old failure is forgotten", async || {
                failing_since(name).await.is_none_or(|since| since > before)
            })
            .await;
        }
        // They are not said to be reached, and are where they were.
        open(page, "").await;
        page.row(GOOD_DESTINATIONS[0]).says("Reachable").await;
        open(page, "?failing=true&q=example.com").await;
        page.row(GOOD_DESTINATIONS[0]).goes().await;
        for name in some {
            let row = page.row(name);
            page.until("it is not said to be reached", async || {
                let text = row.text().await;
                text.contains("Being tried again") || text.contains("Unreachable")
            })
            .await;
        }
        // Those that nobody meant wait as before.
        assert_eq!(failing_since("down.example.org").await, down);
    })
    .await;
    assert_eq!(FAILING_DESTINATIONS.len(), 8);
}

#[tokio::test]
async fn what_they_cost_outlasts_a_server_that_is_away() {
    if !stage().maker.capabilities().has(Feature::DestinationRooms) {
        return;
    }
    journey(Options::default(), async |page: &Page| {
        let proxy = page.proxy();
        page.sign_in(&proxy.url()).await;
        open(page, "?failing=true").await;
        page.row("down.example.org").appears().await;
        page.expects_complaint(&["status of 502"]);
        let version = "/_synapse/admin/v1/server_version";
        let away = || Fault::bad_gateway();
        proxy.add(
            Rule::new(
                "GET",
                "/_synapse/admin/v1/federation/destinations/*/rooms",
                away(),
            )
            .after(2),
        );
        proxy.add(Rule::new(
            "GET",
            "/_synapse/admin/v1/rooms/*/members",
            away(),
        ));
        proxy.add(Rule::new("GET", version, away()));
        page.button("What they cost").click().await;
        page.sees("What has been read is kept; it goes on as soon as there is an answer.")
            .await;
        proxy.clear_rules();
        page.sees("servers cannot be reached.").await;
        // No room is said to have kept silent that was never heard.
        assert!(!page.text().await.contains("did not tell who is in"));
    })
    .await;
}
