//! Ready views find whom they say and nobody else: what is not known is not taken for "never", and
//! accounts in daily use by a bridge are not taken for abandoned.

use journeys::browser::acting::{agree, choose_for_page};
use journeys::browser::{Options, Page, journey, stage};
use serde_json::{Value, json};
use synapse_admin::api::encode::encoded;
use synapse_admin::api::request::path;
use synapse_admin::api::server::Feature;
use synapse_admin::api::{Request, UserId, rooms, users};
use xtask::world::database::Statement;
use xtask::world::people;

/// The IDs in the list.
async fn shows(page: &Page, user: &UserId) {
    page.row(user.as_str()).first().appears().await;
}

const DAY_MS: i64 = 24 * 60 * 60 * 1000;

fn now_ms() -> i64 {
    let now = std::time::SystemTime::now();
    let since = now.duration_since(std::time::UNIX_EPOCH).unwrap();
    since.as_millis() as i64
}

/// Somebody was seen so many days ago.
fn seen(user: &UserId, days: i64) {
    let at = now_ms() - days * DAY_MS;
    let row = json!([
        user,
        format!("token of {days}"),
        "127.0.0.1",
        "agent",
        "device",
        at
    ]);
    let insert = "INSERT INTO user_ips (user_id, access_token, ip, user_agent, device_id, \
                  last_seen) VALUES (?, ?, ?, ?, ?, ?)";
    let database = stage().maker.database();
    database.run(&[Statement::each(insert, [row])]).unwrap();
}

/// The day so many days ago.
fn date(days: i64) -> String {
    let sql = format!(
        "SELECT date({}, 'unixepoch')",
        (now_ms() - days * DAY_MS) / 1000
    );
    let rows = stage().maker.database().query(&sql).unwrap();
    rows[0][0].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn who_came_back_since_the_list_was_read_is_left_out() {
    journey(Options::default(), async |page: &Page| {
        let maker = stage().maker;
        if !maker.capabilities().since(92) {
            return;
        }
        let part = maker.fresh_localpart("returned");
        let mut made = Vec::new();
        for name in ["gone", "back"] {
            let localpart = format!("{part}.{name}");
            let user = maker.make_user(&localpart, &Default::default()).await;
            made.push(user.unwrap());
        }
        // Before 1.140 the server forgets after 28 days.
        made.iter().for_each(|user| seen(user, 20));
        page.sign_in(&stage().synapse.url()).await;
        page.open(&format!("/users?q={part}&not_seen_since={}", date(10)))
            .await;
        page.row(&part).counts(2).await;
        choose_for_page(page, "Deactivate").await;
        // While the question is read.
        seen(&made[1], 0);
        agree(page, "Deactivate 2 users", Some("2")).await;
        page.sees("no longer found by the filter").await;
        let is_gone = async |user: &UserId| stage().run(&users::get(user)).await.user.deactivated;
        page.until("the other is deactivated", async || is_gone(&made[0]).await)
            .await;
        assert!(!is_gone(&made[1]).await);
    })
    .await;
}

#[tokio::test]
async fn a_room_with_people_is_not_deleted_because_statistics_stand_still() {
    journey(Options::default(), async |page: &Page| {
        let maker = stage().maker;
        let owner = maker.make_fresh_user("resident").await.unwrap();
        let client = maker.act_as(&owner).await.unwrap();
        let name = maker.fresh_localpart("Inhabited").replace('.', " ");
        let room = maker
            .make_room(&client, &json!({"name": name}))
            .await
            .unwrap();
        page.until("it is in the statistics", async || {
            let found = stage().run(&rooms::get(&room)).await.room;
            found.name.is_some() && found.joined_local_members == Some(1)
        })
        .await;
        let still = format!(
            "UPDATE room_stats_current SET joined_members = 0, local_users_in_room = 0 \
             WHERE room_id = '{room}'"
        );
        maker.database().query(&still).unwrap();
        // SQLite does not tell how large rooms are.
        page.allows_complaint(&["statistics/database/rooms"]);
        page.sign_in(&stage().synapse.url()).await;
        page.open(&format!("/rooms?local=false&q={}", encoded(&name)))
            .await;
        page.row(&name).first().appears().await;
        page.sees("By the server’s statistics").await;
        page.sees("The server’s statistics seem to stand still")
            .await;
        page.picture("statistics-still").await;
        choose_for_page(page, "Delete").await;
        agree(page, &format!("Delete room “{name}”"), Some(&name)).await;
        page.sees("people of this server are in it now").await;
        let members = stage().run(&rooms::members(&room)).await.members;
        assert_eq!(members, [owner]);
    })
    .await;
}

#[tokio::test]
async fn messages_of_a_deactivated_user_are_removed_from_rooms_of_the_past() {
    journey(Options::default(), async |page: &Page| {
        let maker = stage().maker;
        if !maker.capabilities().has(Feature::Memberships) {
            return;
        }
        let host = maker.make_fresh_user("host").await.unwrap();
        let host = maker.act_as(&host).await.unwrap();
        let public = json!({"preset": "public_chat"});
        let room = maker.make_room(&host, &public).await.unwrap();
        let spammer = maker.make_fresh_user("spammer").await.unwrap();
        let client = maker.act_as(&spammer).await.unwrap();
        maker.join(&client, &room).await.unwrap();
        let spam = json!({"msgtype": "m.text", "body": "spam"});
        let event = maker
            .send(&client, &room, "m.room.message", &spam)
            .await
            .unwrap();
        stage().run(&users::deactivate(&spammer, false)).await;
        page.until("the rooms are left", async || {
            let joined = stage().run(&users::joined_rooms(&spammer)).await;
            joined.joined_rooms.is_empty()
        })
        .await;
        // The administrator's own view of an event shows what was said all the same.
        let is_removed = || {
            let sql = format!("SELECT COUNT(*) FROM redactions WHERE redacts = '{event}'");
            maker.database().query(&sql).unwrap()[0][0] != 0
        };
        page.sign_in(&stage().synapse.url()).await;
        page.open(&format!(
            "/users/{}?tab=security",
            encoded(spammer.as_str())
        ))
        .await;
        // What would remove nothing is not said to be done.
        let title = format!("Remove the messages of {spammer}");
        page.button("Remove messages").click().await;
        page.dialog(&format!("{title}?"))
            .checkbox_like("Also in rooms that they have left")
            .tick(false)
            .await;
        agree(page, &title, Some(spammer.as_str())).await;
        page.sees("in no room any more").await;
        assert!(!is_removed());

        page.button("Remove messages").click().await;
        agree(page, &title, Some(spammer.as_str())).await;
        page.until("the message is removed", async || is_removed())
            .await;
    })
    .await;
}

#[tokio::test]
async fn bridged_accounts_are_recognised_and_left_out() {
    journey(Options::default(), async |page: &Page| {
        // Before that a server forgets most of the people here as well, and larger groups of them
        // are asked about first.
        if !stage().maker.capabilities().since(140) {
            return;
        }
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
        // Before 1.140 the server forgets after 28 days.
        seen(&made[0], 20);
        seen(&made[2], 5);
        page.sign_in(&stage().synapse.url()).await;
        page.open(&format!("/users?q={part}&not_seen_since={}", date(10)))
            .await;
        page.row(&part).counts(1).await;
        shows(page, &made[0]).await;
        page.open(&format!("/users?q={part}&seen=false")).await;
        shows(page, &made[1]).await;
        page.row(&part).counts(1).await;
        page.sees("Filtered here").await;

        // The page of an account says "no trace" as well, and what the list knows.
        page.open(&format!("/users/{}", encoded(made[1].as_str())))
            .await;
        page.sees("Last seen No trace").await;
        // At the top as well, where the account itself tells of four weeks only.
        let top = page.css("main header .user-sum");
        top.says("Last seen No trace").await;
        if maker.capabilities().since(140) {
            let long_ago = maker.make_fresh_user("forgotten").await.unwrap();
            let device = "INSERT INTO devices (user_id, device_id, display_name, last_seen, hidden) \
                          VALUES (?, 'OLD', '', ?, FALSE)";
            let row = json!([long_ago, now_ms() - 70 * DAY_MS]);
            let database = maker.database();
            database.run(&[Statement::each(device, [row])]).unwrap();
            page.open(&format!("/users/{}", encoded(long_ago.as_str())))
                .await;
            top.says("Last seen 2 months ago").await;
        }
    })
    .await;
}

#[tokio::test]
async fn rooms_are_quiet_by_when_something_came_and_forgotten_by_all_who_were_there() {
    journey(Options::default(), async |page: &Page| {
        let maker = stage().maker;
        let owner = maker.make_fresh_user("keeper").await.unwrap();
        let client = maker.act_as(&owner).await.unwrap();
        let part = maker.fresh_localpart("Quietness").replace('.', " ");
        let public =
            |name: &str| json!({"preset": "public_chat", "name": format!("{part} {name}")});
        // A bridge writes today what bears the date of 2001.
        let busy = maker.make_room(&client, &public("busy")).await.unwrap();
        let bridge = xtask::world::bridge(stage().synapse).unwrap();
        let ghost = stage().user(&format!(
            "{}{}",
            people::RESERVED_PREFIX,
            people::BRIDGED[1]
        ));
        let join = Request::<Value>::post(path(&["/_matrix/client/v3/join", busy.as_str()]));
        bridge
            .run(&join.query("user_id", &ghost).json(&json!({})))
            .await
            .unwrap();
        let said = json!({"msgtype": "m.text", "body": "old news"});
        let segments = [
            "/_matrix/client/v3/rooms",
            busy.as_str(),
            "send",
            "m.room.message",
            "1",
        ];
        let send = Request::<Value>::put(path(&segments), &said);
        let dated = send
            .query("user_id", &ghost)
            .query("ts", 1_000_000_000_000_u64);
        bridge.run(&dated).await.unwrap();

        // Everybody has left both of these; one is forgotten as well.
        let mut left = Vec::new();
        for forget in [true, false] {
            let room = maker
                .make_room(&client, &json!({"preset": "private_chat"}))
                .await
                .unwrap();
            for verb in ["leave", "forget"].iter().take(1 + usize::from(forget)) {
                let segments = ["/_matrix/client/v3/rooms", room.as_str(), verb];
                let request = Request::<Value>::post(path(&segments)).json(&json!({}));
                client.run(&request).await.unwrap();
            }
            page.until("nobody is in it", async || {
                let found = stage().run(&rooms::get(&room)).await;
                found.room.joined_local_members == Some(0) && found.forgotten == forget
            })
            .await;
            left.push(room);
        }
        page.until("the other is in the statistics", async || {
            stage().run(&rooms::get(&busy)).await.room.name.is_some()
        })
        .await;
        // Nobody is in some rooms, of which the server has an error to say.
        page.allows_complaint(&["forward_extremities"]);
        page.sign_in(&stage().synapse.url()).await;
        page.open(&format!("/rooms?quiet=12&q={}", encoded(&part)))
            .await;
        page.sees("Nothing matches").await;
        page.open(&format!("/rooms?quiet=0&q={}", encoded(&part)))
            .await;
        page.row(&format!("{part} busy")).first().appears().await;

        page.open("/rooms").await;
        page.link("Forgotten by all").click().await;
        page.sees("nobody here can read them any more").await;
        page.row(left[0].as_str()).first().appears().await;
        assert_eq!(page.row(left[1].as_str()).count().await, 0);
        page.is_accessible().await;
    })
    .await;
}
