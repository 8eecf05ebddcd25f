//! Ready views find whom they say and nobody else: what is not known is not taken for "never", and
//! accounts in daily use by a bridge are not taken for abandoned.

use journeys::browser::{Options, Page, journey, stage};
use serde_json::json;
use synapse_admin::api::UserId;
use xtask::world::database::Statement;
use xtask::world::people;

/// The IDs in the list.
async fn shows(page: &Page, user: &UserId) {
    page.row(user.as_str()).first().appears().await;
}

#[tokio::test]
async fn bridged_accounts_are_recognised_and_left_out() {
    journey(Options::default(), async |page: &Page| {
        let ghost = stage().user(&format!(
            "{}{}",
            people::RESERVED_PREFIX,
            people::BRIDGED[0]
        ));
        page.sign_in(&stage().synapse.url()).await;
        page.open(&format!("/users?seen=false&q={}", ghost.localpart()))
            .await;
        shows(page, &ghost).await;
        page.link("No trace").click().await;
        page.sees("the server has no record of any use").await;
        let recognised = format!(
            "Recognised as accounts of bridges: {}…",
            people::RESERVED_PREFIX
        );
        page.sees(&recognised).await;
        page.css(".bridges-found summary").click().await;
        page.css(".bridges-found").says("\"asManagedUsers\"").await;
        page.is_accessible().await;
        // Whatever else the question says.
        page.open(&format!(
            "/users?seen=false&system=false&q={}",
            ghost.localpart()
        ))
        .await;
        page.sees("Nothing matches").await;
        page.open(&format!("/users?system=true&q={}", ghost.localpart()))
            .await;
        shows(page, &ghost).await;
    })
    .await;
}

#[tokio::test]
async fn not_seen_since_finds_only_those_whose_last_use_is_on_record() {
    journey(Options::default(), async |page: &Page| {
        let maker = stage().maker;
        if !maker.capabilities().since(92) {
            return;
        }
        let part = maker.fresh_localpart("absent");
        let mut made = Vec::new();
        for name in ["long", "never", "recent"] {
            let localpart = format!("{part}.{name}");
            made.push(
                maker
                    .make_user(&localpart, &Default::default())
                    .await
                    .unwrap(),
            );
        }
        let day_ms = 24 * 60 * 60 * 1000;
        let now = std::time::SystemTime::now();
        let now = now
            .duration_since(std::time::UNIX_EPOCH)
            .unwrap()
            .as_millis() as i64;
        let seen = |user: &UserId, days: i64| {
            json!([
                user,
                "token",
                "127.0.0.1",
                "agent",
                "device",
                now - days * day_ms
            ])
        };
        let rows = [seen(&made[0], 40), seen(&made[2], 5)];
        let insert = "INSERT INTO user_ips (user_id, access_token, ip, user_agent, device_id, \
                      last_seen) VALUES (?, ?, ?, ?, ?, ?)";
        maker
            .database()
            .run(&[Statement::each(insert, rows)])
            .unwrap();
        page.sign_in(&stage().synapse.url()).await;
        let date = |days: i64| {
            let sql = format!("SELECT date({}, 'unixepoch')", (now - days * day_ms) / 1000);
            let rows = maker.database().query(&sql).unwrap();
            rows[0][0].as_str().unwrap().to_owned()
        };
        page.open(&format!("/users?q={part}&not_seen_since={}", date(30)))
            .await;
        shows(page, &made[0]).await;
        assert_eq!(page.row(&part).count().await, 1);
        page.open(&format!("/users?q={part}&seen=false")).await;
        shows(page, &made[1]).await;
        assert_eq!(page.row(&part).count().await, 1);
        page.sees("Filtered here").await;
    })
    .await;
}
