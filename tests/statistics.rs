//! The page of statistics: each number is what the list has to which it leads.

use crate::storage::{ask, sum};
use journeys::browser::{Options, Page, journey};
use journeys::server::{Server, own_server};
use serde_json::json;
use synapse_admin::api::UserId;
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
        page.prefer_dark(true).await;
        page.is_accessible().await;
        page.prefer_dark(false).await;
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
            page.open(&format!("{to}&q={}", late.localpart())).await;
            page.css("[aria-busy=true]").goes().await;
            months += usize::from(page.row(late.as_str()).exists().await);
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
        // SQLite does not tell, and the browser notes each such answer.
        page.allows_complaint(&["database/rooms", "400"]);
        page.open("/statistics?tab=rooms").await;
        page.sees("it needs PostgreSQL").await;
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
        page.allows_complaint(&["database/rooms", "400"]);
        page.open("/database_room_statistics").await;
        page.sees("needs PostgreSQL").await;
        // SQLite does not tell, and the browser notes each such answer.
        page.allows_complaint(&["database/rooms", "400"]);
        page.open("/statistics?tab=rooms").await;
        page.css("ul[aria-label='Most members'] .bar")
            .first()
            .click()
            .await;
        page.css(".tabs").link_like("Members").appears().await;
    })
    .await;
}
