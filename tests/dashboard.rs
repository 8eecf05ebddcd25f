//! The first page: what it counts, what it says needs attention and where that leads, what has
//! changed since the last visit, and that one broken endpoint breaks one card.

use journeys::browser::importing::LONG;
use journeys::browser::{Locator, Options, Page, journey, stage};
use journeys::server::{Server, own_server_with};
use serde_json::json;
use std::time::Duration;
use synapse_admin::api::background_updates;
use synapse_admin::api::registration_tokens::{self, Terms};
use synapse_admin::api::reports::{self, ListEventReports, ListUserReports};
use synapse_admin::api::rooms::{self, ListRooms};
use synapse_admin::api::server::Feature;
use synapse_admin::api::statistics::{self, ListMediaUsers};
use synapse_admin::api::tolerant::Timestamp;
use synapse_admin::api::users::{self, ListUsers};
use synapse_admin::api::{Request, UserId};
use synapse_admin::dashboard::matter::MOST;
use xtask::native::wall_ms;
use xtask::postgres::Engine;
use xtask::proxy::{Fault, Proxy, Rule};
use xtask::world::database::Statement;
use xtask::world::past::{FAILING_DESTINATIONS, GOOD_DESTINATIONS};
use xtask::world::{ADMIN_PASSWORD, people};

const DAY_MS: i64 = 86_400_000;

fn card<'a>(page: &'a Page, title: &str) -> Locator<'a> {
    page.css(".dash-cards").region(title)
}

/// Waits until a card shows this figure and no other.
async fn counts(page: &Page, title: &str, expected: &str) {
    let value = card(page, title).css(".stat-value");
    page.until(&format!("{title} is {expected}"), async || {
        value.texts().await == [expected]
    })
    .await;
}

fn attention(page: &Page) -> Locator<'_> {
    page.css("main").region("Needs attention")
}

/// Waits until the dashboard is there and no question is under way.
async fn rests(page: &Page) {
    attention(page).appears().await;
    page.css("main .page-actions [aria-busy]").goes().await;
    page.css("main .skeleton-line").goes().await;
}

/// Waits until every question is answered. What took a busy machine long the last time, or its like,
/// is asked by hand, as a person would.
async fn all_answered(page: &Page) {
    rests(page).await;
    let ask = page.css("main").button("Ask now");
    loop {
        let all = ask.all().await;
        if all.is_empty() {
            return;
        }
        for button in all {
            // Whichever could not be pressed is there again the next time.
            let _ = button.click().await;
        }
        rests(page).await;
    }
}

/// Follows a line of what needs attention, once all questions are answered: until then lines may
/// come in before it.
async fn follow(page: &Page, line: &str) {
    all_answered(page).await;
    attention(page).link_like(line).click().await;
}

fn changes(page: &Page) -> Locator<'_> {
    page.css("main").region("Since your last visit")
}

async fn run<T>(server: &Server, request: &Request<T>) -> T {
    server.maker.admin().run(request).await.unwrap()
}

async fn users(server: &Server) -> u64 {
    let one = ListUsers {
        limit: 1,
        ..Default::default()
    };
    let asked = users::list(&one, server.maker.capabilities());
    run(server, &asked).await.total
}

async fn rooms(server: &Server) -> u64 {
    let one = ListRooms {
        limit: 1,
        ..Default::default()
    };
    run(server, &rooms::list(&one)).await.total
}

async fn reports(server: &Server) -> u64 {
    let one = ListEventReports {
        limit: 1,
        ..Default::default()
    };
    let of_events = run(server, &reports::events(&one)).await.total;
    let one = ListUserReports {
        limit: 1,
        ..Default::default()
    };
    match server.maker.capabilities().has(Feature::UserReports) {
        true => of_events + run(server, &reports::users(&one)).await.total,
        false => of_events,
    }
}

/// What keeps the server's data, as the card says.
fn kept_in() -> &'static str {
    match Engine::from_env() {
        Engine::Sqlite => "SQLite",
        Engine::Postgres => "PostgreSQL",
    }
}

/// An administrator whom nobody has seen for so many days.
async fn seen_days_ago(server: &Server, days: i64) -> UserId {
    let user = server.fresh_admin("quiet").await;
    // Whoever is to be seen needs a device.
    server.maker.act_as(&user).await.unwrap();
    let seen = wall_ms() - days * DAY_MS;
    server
        .maker
        .database()
        .run(&[
            Statement::each(
                "INSERT INTO devices (user_id, device_id, display_name, last_seen, hidden) \
                 VALUES (?, 'OLD', '', ?, FALSE)",
                [json!([user, seen])],
            ),
            // Where old servers look.
            Statement::each(
                "INSERT INTO user_ips (user_id, access_token, device_id, ip, user_agent, last_seen) \
                 VALUES (?, 'old', 'OLD', '192.0.2.1', '', ?)",
                [json!([user, seen])],
            ),
        ])
        .unwrap();
    user
}

/// Waits until the server has noted that these are here, which it does every few seconds: until then
/// an administrator who is at work counts as one who was last seen long ago.
async fn are_seen(page: &Page, server: &Server, all: &[&UserId]) {
    let list = ListUsers {
        limit: 1_000,
        ..Default::default()
    };
    let list = users::list(&list, server.maker.capabilities());
    let today = Some(Timestamp(wall_ms() - DAY_MS));
    page.until("the server has seen who is here", async || {
        let users = run(server, &list).await.users;
        let seen = users.iter().filter(|user| user.last_seen_ts > today);
        seen.filter(|user| all.contains(&&user.name)).count() == all.len()
    })
    .await;
}

#[tokio::test]
async fn every_morning() {
    // Older servers forget after 28 days when anybody was seen, unless they are told not to.
    let remember = json!({"user_ips_max_age": "3650d"});
    let server = own_server_with("dashboard", remember.as_object().unwrap().clone());
    let has_tasks = server.maker.capabilities().has(Feature::Tasks);
    let is_old = server
        .maker
        .capabilities()
        .version
        .unwrap()
        .releases_behind()
        > 20;
    let options = Options {
        limit: Duration::from_secs(400),
        ..Options::default()
    };
    journey(options, async |page: &Page| {
        let proxy = page.proxy_before(server.synapse.config().port);
        let admin = server.fresh_admin("morning").await;
        page.sign_in_at("/login", &admin, ADMIN_PASSWORD, &proxy.url())
            .await;
        page.is_at("/").await;
        all_answered(page).await;

        // What the cards say is what the server says.
        counts(page, "Users", &users(&server).await.to_string()).await;
        counts(page, "Rooms", &rooms(&server).await.to_string()).await;
        let open = reports(&server).await;
        counts(page, "Open reports", &open.to_string()).await;
        counts(page, "Unreachable servers", &FAILING_DESTINATIONS.len().to_string()).await;
        let of = FAILING_DESTINATIONS.len() + GOOD_DESTINATIONS.len();
        card(page, "Unreachable servers").says(&format!("of {of} other servers")).await;
        let all = ListMediaUsers {
            limit: 1_000,
            ..Default::default()
        };
        let uploads = run(&server, &statistics::media_by_user_sorted(&all)).await.users;
        let files: u64 = uploads.iter().map(|user| user.media_count).sum();
        card(page, "Media").says(&format!("in {files} files")).await;
        counts(page, "Background updates", "0").await;
        card(page, "Synapse").says(&server.world.synapse).await;
        card(page, "Synapse").says(kept_in()).await;
        match has_tasks {
            true => card(page, "Tasks").says("none has failed").await,
            false => card(page, "Tasks").says("Needs Synapse 1.130.0").await,
        }
        changes(page).says("From your next visit on").await;
        // Nobody waits where the server approves of nobody.
        attention(page).link_like("wait for approval").goes().await;
        if is_old {
            attention(page)
.link_like("releases behind")
.appears()
.await;
        }

        // Each line leads to where it is dealt with.
        follow(page, &format!("{open} reports wait for you")).await;
        page.is_at("/reports").await;
        page.back().await;
        follow(page, "other servers cannot be reached").await;
        page.is_at("/destinations?failing=true&sort=failure_ts").await;
        page.row(FAILING_DESTINATIONS[0].0).appears().await;
        page.back().await;
        let quiet = seen_days_ago(&server, 200).await;
        let terms = Terms {
            uses_allowed: None,
            expiry_time: Some(Timestamp(wall_ms() + 2 * DAY_MS)),
        };
        run(&server, &registration_tokens::create("ends.soon", &terms)).await;
        run(&server, &background_updates::set_enabled(false)).await;
        if has_tasks {
            server
                .maker
                .database()
                .run(&[Statement::each(
                    "INSERT INTO scheduled_tasks (id, action, status, timestamp, resource_id, error) \
                     VALUES ('dashboard', 'purge_history', 'failed', ?, '!gone:test.localhost', 'No such room')",
                    [json!([wall_ms()])],
                )])
                .unwrap();
        }
        are_seen(page, &server, &[&admin, &server.maker.user(people::ADMIN)]).await;
        page.button("Refresh").click().await;
        all_answered(page).await;
        attention(page)
.link("Background updates are paused")
.appears()
.await;
        let updates = card(page, "Background updates");
        updates.says("Paused").await;
        updates.link("Background updates").click().await;
        page.is_at("/tasks?tab=updates").await;
        page.back().await;
        all_answered(page).await;
        page.picture("dashboard").await;
        page.is_accessible().await;
        if has_tasks {
            follow(page, "1 task of the last week has failed").await;
            page.is_at("/tasks?state=failed").await;
            page.row("!gone:test.localhost").appears().await;
            page.back().await;
        }
        follow(page, "1 registration token expires within a week").await;
        page.row("ends.soon").appears().await;
        page.row("welcome").goes().await;
        page.back().await;
        // The list has those who are counted, and nobody else.
        all_answered(page).await;
        let line = attention(page).link_like("not been seen for 90 days");
        let counted = line.text().await;
        follow(page, "not been seen for 90 days").await;
        page.row(quiet.as_str()).appears().await;
        page.row(admin.as_str()).goes().await;
        page.until(&format!("the list has {counted}"), async || {
            let rows = page.of_all_rows("row.textContent").await.len();
            counted.starts_with(&format!("{rows} "))
        })
        .await;
        // Before approval there was, nobody had to wait for it.
        let forget = Statement::once("UPDATE users SET approved = NULL");
        server.maker.database().run(&[forget]).unwrap();
        page.open("/users?waiting=true").await;
        page.sees("This server lets everybody in without approval").await;
        page.sees("Nothing matches").await;
        if has_tasks {
            sees_all_that_needs_attention(page, &proxy, &admin).await;
        }
        run(&server, &background_updates::set_enabled(true)).await;

        // A reload is the same visit, a new log-in another: what has come between is told.
        page.open("/").await;
        let before = users(&server).await;
        all_answered(page).await;
        counts(page, "Users", &before.to_string()).await;
        page.reload().await;
        all_answered(page).await;
        counts(page, "Users", &before.to_string()).await;
        changes(page).says("From your next visit on").await;
        page.button("Log out").click().await;
        page.button("Sign in").appears().await;
        server.maker.make_fresh_user("since").await.unwrap();
        server.maker.make_fresh_user("since").await.unwrap();
        page.fill_in(&admin, ADMIN_PASSWORD, &proxy.url()).await;
        page.checkbox_like("Stay signed in").tick(true).await;
        page.button("Sign in").click().await;
        page.row("@").first().appears().await;
        page.open("/").await;
        all_answered(page).await;
        changes(page).link("Users +2").appears().await;
        changes(page).says("Last visit: ").await;
        page.reload().await;
        all_answered(page).await;
        // So is another tab, which leaves the first what it had.
        page.driver().new_tab().await.unwrap();
        page.to_tab(1).await;
        page.open("/").await;
        all_answered(page).await;
        changes(page).link("Users +2").appears().await;
        page.driver().close_window().await.unwrap();
        page.to_tab(0).await;
        page.reload().await;
        all_answered(page).await;
        changes(page).link("Users +2").click().await;
        page.is_at("/users?sort=creation_ts&dir=desc").await;
        page.row("since").first().appears().await;

        // What is broken breaks its own card, and says why.
        page.expects_complaint(&["/_synapse/admin/v1/rooms", "status of 500"]);
        let broken = proxy.add(Rule::new("GET", "/_synapse/admin/v1/rooms", Fault::server_error()));
        page.open("/").await;
        all_answered(page).await;
        card(page, "Rooms").alert("Internal server error").appears().await;
        counts(page, "Users", &(before + 2).to_string()).await;
        counts(page, "Open reports", &open.to_string()).await;
        attention(page).says("Not known: Rooms").await;
        page.is_accessible().await;
        proxy.remove(broken);
        card(page, "Rooms").button("Retry").click().await;
        counts(page, "Rooms", &rooms(&server).await.to_string()).await;

        // To be told to be patient is not to be slow.
        let path = match server.maker.capabilities().since(103) {
            true => "/_synapse/admin/v3/users",
            false => "/_synapse/admin/v2/users",
        };
        page.allows_complaint(&["429"]);
        let patience = Fault::rate_limited(Some(2_000));
        let patience = proxy.add(Rule::new("GET", path, patience).times(1));
        page.reload().await;
        all_answered(page).await;
        counts(page, "Users", &(before + 2).to_string()).await;
        proxy.remove(patience);
        page.reload().await;
        rests(page).await;
        counts(page, "Users", &(before + 2).to_string()).await;
        assert_eq!(card(page, "Users").button("Ask now").count().await, 0);

        // What takes the server long is asked only when somebody wants it, and so is its like.
        let slow = proxy.add(Rule::new("GET", path, Fault::Delay(Duration::from_millis(1_700))));
        page.reload().await;
        all_answered(page).await;
        counts(page, "Users", &(before + 2).to_string()).await;
        proxy.forget();
        page.reload().await;
        rests(page).await;
        card(page, "Users").button("Ask now").appears().await;
        attention(page).says("Administrators").await;
        page.is_accessible().await;
        assert_eq!(proxy.count("GET", path), 0);
        // What somebody has had asked is asked again with all the others, and stays until it is answered.
        card(page, "Users").button("Ask now").click().await;
        counts(page, "Users", &(before + 2).to_string()).await;
        all_answered(page).await;
        let answered = proxy.count("GET", path);
        page.button("Refresh").click().await;
        counts(page, "Users", &(before + 2).to_string()).await;
        page.until("it is asked again", async || {
            proxy.count("GET", path) > answered
        })
        .await;
        counts(page, "Users", &(before + 2).to_string()).await;
        rests(page).await;
        counts(page, "Users", &(before + 2).to_string()).await;
        assert_eq!(card(page, "Users").button("Ask now").count().await, 0);
        proxy.remove(slow);
        page.button("Refresh").click().await;
        all_answered(page).await;

        // What costs a question for each room nobody asks unasked.
        page.allows_complaint(&["forward_extremities"]);
        let ends = "/_synapse/admin/v1/rooms/*/forward_extremities";
        assert_eq!(proxy.count("GET", ends), 0);
        let all = rooms(&server).await;
        attention(page)
            .link(&format!("Look at {all} rooms"))
            .click()
            .await;
        page.sees("Found by asking every room").await;
        page.until("each was asked", async || {
            proxy.count("GET", ends) as u64 == all
        })
        .await;
    })
    .await;
}

/// With an old Synapse and much that is old there is more than the most urgent.
async fn sees_all_that_needs_attention(page: &Page, proxy: &Proxy, uploader: &UserId) {
    let version = Fault::matrix(200, r#"{"server_version":"1.130.0"}"#);
    let version = Rule::new("GET", "/_synapse/admin/v1/server_version", version);
    let uploads = json!({"user_id": uploader, "displayname": null,
        "media_count": 1, "media_length": 3_000_000_000_u64});
    let uploads = json!({"users": [uploads], "total": 1}).to_string();
    let uploads = Rule::new(
        "GET",
        "/_synapse/admin/v1/statistics/users/media",
        Fault::matrix(200, &uploads),
    );
    let rules = [proxy.add(version), proxy.add(uploads)];
    page.open("/").await;
    page.reload().await;
    all_answered(page).await;
    let lines = attention(page).css(".matter");
    let last = attention(page).link_like("were uploaded before");
    lines.counts(MOST).await;
    assert!(!last.exists().await);
    let toggle = attention(page).css("button[data-kind=quiet]");
    toggle.says("less urgent").await;
    toggle.click().await;
    last.appears().await;
    page.is_accessible().await;
    toggle.says("Show only the most urgent").await;
    toggle.click().await;
    lines.counts(MOST).await;
    for rule in rules {
        proxy.remove(rule);
    }
    page.reload().await;
}

/// After five failures in a row Synapse gives up, and names the update as before.
#[tokio::test]
async fn updates_that_come_no_further_do_not_count_as_running() {
    journey(Options::default(), async |page: &Page| {
        let proxy = page.proxy();
        let update = json!({"name": "an_update", "total_item_count": 3,
            "total_duration_ms": 5.5, "average_items_per_ms": 1});
        let status = json!({"enabled": true, "current_updates": {"master": update}});
        let status = Fault::matrix(200, &status.to_string());
        let path = "/_synapse/admin/v1/background_updates/status";
        proxy.add(Rule::new("GET", path, status));
        page.sign_in(&proxy.url()).await;
        page.open("/").await;
        counts(page, "Background updates", "1").await;
        // One answer alone does not tell; it is asked again.
        let updates = card(page, "Background updates");
        updates.says_within(LONG, "No progress").await;
        updates.says("an_update").await;
        page.is_accessible().await;
        attention(page)
            .link_like("one long step, or given up")
            .click()
            .await;
        // The page of them knows as much without asking for another minute.
        page.is_at("/tasks?tab=updates").await;
        page.sees("It has come no further for ").await;
    })
    .await;
}

#[tokio::test]
async fn at_a_glance_on_a_phone() {
    journey(Options::phone(), async |page: &Page| {
        let admin = stage().user(people::ADMIN);
        page.sign_in_at("/", &admin, ADMIN_PASSWORD, &stage().synapse.url())
            .await;
        page.is_at("/").await;
        attention(page)
            .link_like("cannot be reached")
            .appears()
            .await;
        page.css("main .skeleton-line").goes().await;
        page.fits_sideways().await;
        page.is_accessible().await;
        page.picture("dashboard").await;
        page.script("document.documentElement.dataset.theme = 'dark'", vec![])
            .await;
        page.picture("dashboard-dark").await;
        page.button("Menu").click().await;
        page.link("Users").first().appears().await;
        page.is_accessible().await;
        page.picture("navigation").await;
    })
    .await;
}
