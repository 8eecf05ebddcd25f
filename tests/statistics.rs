//! The page of statistics: each number is what the list has to which it leads.

use crate::storage::{ask, sum};
use journeys::browser::{Options, Page, journey};
use journeys::server::{Server, own_server};
use serde_json::json;
use synapse_admin::api::UserId;
use xtask::postgres::Engine;
use xtask::world::database::Statement;
use xtask::world::{ADMIN_PASSWORD, people};

/// More than are read without a question.
const MANY: usize = 5_100;

fn count(server: &Server, sql: &str) -> u64 {
    ask(server, sql)[0][0].as_u64().unwrap()
}

fn grouped(number: u64) -> String {
    match number {
        0..1000 => number.to_string(),
        _ => format!("{},{:03}", number / 1000, number % 1000),
    }
}

fn is_postgres() -> bool {
    Engine::from_env() == Engine::Postgres
}

/// The tab of rooms names the ten that are largest in the database, or says why it does not.
async fn weighs_rooms(page: &Page) {
    if is_postgres() {
        let bars = page.css("ul[aria-label='Largest in the database'] .bar");
        bars.counts(10).await;
        bars.first().says("iB").await;
    } else {
        // SQLite does not tell, and the browser notes each such answer.
        page.allows_complaint(&["database/rooms", "400"]);
        page.sees("it needs PostgreSQL").await;
    }
}

/// Where each bar leads, and the number that it shows; those that count something.
async fn bars(page: &Page) -> Vec<(String, String)> {
    let script = "
        return [...document.querySelectorAll('.bar')]
            .map((bar) => [bar.hash.slice(1), bar.querySelector('.bar-value').textContent])";
    let all: Vec<(String, String)> =
        serde_json::from_value(page.script(script, vec![]).await).unwrap();
    all.into_iter().filter(|(_, value)| value != "0").collect()
}

async fn open(page: &Page, server: &Server) {
    let admin = UserId::new(people::ADMIN, &server.synapse.server_name());
    page.sign_in_as(&admin, ADMIN_PASSWORD, &server.synapse.url())
        .await;
    page.open("/statistics").await;
    page.heading("Registrations by month").appears().await;
}

#[tokio::test]
async fn each_bar_leads_to_what_it_counts() {
    let server = own_server("statistics");
    journey(Options::default(), async |page: &Page| {
        // Somebody who came on the last evening of a month, and was last seen at its end.
        let script = "
            const now = new Date();
            return [+new Date(now.getFullYear(), now.getMonth() - 2, 0, 23, 30),
                    +new Date(now.getFullYear(), now.getMonth() - 1, 1) - 1]";
        let edges: (i64, i64) =
            serde_json::from_value(page.script(script, vec![]).await).unwrap();
        let late = server.maker.make_fresh_user("statistics.late").await.unwrap();
        let made = format!(
            "UPDATE users SET creation_ts = {}, user_type = 'odd' WHERE name = '{late}'",
            edges.0 / 1000
        );
        let seen = Statement::each(
            "INSERT INTO devices (user_id, device_id, last_seen, hidden) VALUES (?, 'OLD', ?, FALSE)",
            [json!([late.as_str(), edges.1])],
        );
        let database = server.maker.database();
        database.run(&[Statement::once(made), seen]).unwrap();

        open(page, &server).await;
        let total = count(&server, "SELECT COUNT(*) FROM users");
        page.css(".stats").says(&format!("Accounts {total}")).await;
        page.is_accessible().await;
        let locked = count(&server, "SELECT COUNT(*) FROM users WHERE locked");
        page.css("ul[aria-label='By state']")
            .says(&format!("Locked {locked}"))
            .await;

        // As a file.
        page.button("Save as CSV").click().await;
        let (name, csv) = page.downloaded_text().await;
        assert!(name.starts_with("statistics-accounts-"), "{name}");
        let deactivated = count(&server, "SELECT COUNT(*) FROM users WHERE deactivated = 1");
        let line = format!("By state,Deactivated,{deactivated}\r\n");
        assert!(csv.contains(&line), "{csv}");

        let all = bars(page).await;
        let leads = |part: &str| all.iter().filter(|(to, _)| to.contains(part)).count();
        assert!(leads("created_from=") > 3 && leads("user_type=odd") == 1, "{all:?}");
        for (to, value) in &all {
            page.open(to).await;
            page.sees(&format!("of {value}")).await;
        }
        // Who came on the last evening of a month is in that month.
        let of_month = all.iter().filter(|(to, _)| to.contains("created_until="));
        let mut months = 0;
        for (to, _) in of_month {
            // From elsewhere, so that what the month before has shown is gone.
            page.open("/activity").await;
            page.heading("Activity").appears().await;
            page.open(&format!("{to}&q={}", late.localpart())).await;
            let mut is_in = false;
            page.until("the list has answered", async || {
                is_in = page.row(late.as_str()).exists().await;
                is_in || page.text().await.contains("Nothing matches")
            })
            .await;
            months += usize::from(is_in);
        }
        assert_eq!(months, 1);
    })
    .await;
}

#[tokio::test]
async fn what_is_dear_is_asked_for() {
    let server = own_server("statistics-many");
    journey(Options::phone(), async |page: &Page| {
        let own = server.synapse.server_name();
        let made = server.world.now_ms / 1000;
        let rows = (0..MANY).map(|n| json!([format!("@crowd{n:05}:{own}"), made]));
        let insert = Statement::each("INSERT INTO users (name, creation_ts) VALUES (?, ?)", rows);
        server.maker.database().run(&[insert]).unwrap();
        // More than are named have only begun an upload, and have no sum: PostgreSQL puts them first.
        let begun = (0..12).map(|n| json!([format!("begun{n}"), format!("@crowd{n:05}:{own}")]));
        let insert = Statement::each(
            "INSERT INTO local_media_repository (media_id, media_type, created_ts, user_id, \
             safe_from_quarantine) VALUES (?, 'image/png', 1000, ?, FALSE)",
            begun,
        );
        server.maker.database().run(&[insert]).unwrap();
        let total = count(&server, "SELECT COUNT(*) FROM users");
        let admin = UserId::new(people::ADMIN, &own);
        page.sign_in_as(&admin, ADMIN_PASSWORD, &server.synapse.url())
            .await;
        page.open("/statistics").await;
        let question = format!("reading all {} accounts: 6 requests", grouped(total));
        page.sees(&question).await;
        page.is_accessible().await;
        page.button("Count the accounts").click().await;
        page.css(".stats")
            .says(&format!("Accounts {}", grouped(total)))
            .await;
        page.fits_sideways().await;
        page.is_accessible().await;
        // What has been read is not asked for again.
        page.open("/statistics?tab=rooms").await;
        weighs_rooms(page).await;
        page.picture("statistics-rooms-phone").await;
        page.fits_sideways().await;
        page.is_accessible().await;
        page.open("/statistics").await;
        page.css(".stats")
            .says(&format!("Accounts {}", grouped(total)))
            .await;

        // Uploads.
        page.open("/statistics?tab=media").await;
        page.heading("Most media").appears().await;
        page.css(".bars").first().says("@mia.media").await;
        page.button("Read the lists of files").click().await;
        page.heading("Uploads by month, files").appears().await;
        page.fits_sideways().await;
        page.is_accessible().await;
        let files = page.css("ul[aria-label='Uploads by month, files']");
        let month = files.css(".bar").nth(-1);
        let begin = "
            const now = new Date();
            return +new Date(now.getFullYear(), now.getMonth(), 1)";
        let begin = page.script(begin, vec![]).await.as_i64().unwrap();
        let expected = sum(&server, &format!("created_ts >= {begin}")).0;
        month.says(&expected.to_string()).await;
        month.click().await;
        page.css(".storage-found [role=status]")
            .says(&format!("{expected} file"))
            .await;
    })
    .await;
}

#[tokio::test]
async fn bookmarks_of_statistics_land() {
    let server = journeys::browser::stage();
    journey(Options::default(), async |page: &Page| {
        page.sign_in(&server.synapse.url()).await;
        page.open("/user_media_statistics?order=DESC&page=1&perPage=50")
            .await;
        page.row("@").first().appears().await;
        page.is_at("/media?tab=users").await;
        page.open("/database_room_statistics").await;
        if is_postgres() {
            page.sees("As PostgreSQL estimates").await;
        } else {
            page.allows_complaint(&["database/rooms", "400"]);
            page.sees("needs PostgreSQL").await;
        }
        page.open("/statistics?tab=rooms").await;
        weighs_rooms(page).await;
        page.is_accessible().await;
        page.prefer_dark(true).await;
        page.picture("statistics-rooms").await;
        page.prefer_dark(false).await;
        page.css("ul[aria-label='Most members'] .bar")
            .first()
            .click()
            .await;
        page.css(".tabs").link_like("Members").appears().await;
    })
    .await;
}

#[tokio::test]
async fn rooms_are_weighed_by_their_files() {
    let server = own_server("weighed");
    journey(Options::default(), async |page: &Page| {
        let maker = &server.maker;
        let owner = maker.make_fresh_user("weighed").await.unwrap();
        let client = maker.act_as(&owner).await.unwrap();
        let name = json!({"name": "Weighed by the test"});
        let room = maker.make_room(&client, &name).await.unwrap();
        let mut bytes = 0;
        for seed in 0..3 {
            let file = xtask::world::files::noise(2_000_000 + seed, seed as u64);
            bytes += file.len();
            let uri = maker.upload_media(&owner, &file, "video/mp4", None).await;
            let message =
                json!({"msgtype": "m.video", "body": "x", "url": uri.unwrap().to_string()});
            maker
                .send(&client, &room, "m.room.message", &message)
                .await
                .unwrap();
        }
        let admin = UserId::new(people::ADMIN, &server.synapse.server_name());
        page.sign_in_as(&admin, ADMIN_PASSWORD, &server.synapse.url())
            .await;
        page.open("/room_media_statistics").await;
        page.is_at("/media?tab=rooms").await;
        page.sees("one such request for each of").await;
        page.is_accessible().await;
        page.button("Weigh the rooms").click().await;
        let row = page.row("Weighed by the test");
        row.says(&format!("3 {:.1} MiB", bytes as f64 / 1048576.0))
            .await;
        page.is_accessible().await;
        page.fits_sideways().await;
        row.link("Weighed by the test").click().await;
        page.css(".storage-found [role=status]")
            .says("3 files")
            .await;
    })
    .await;
}
