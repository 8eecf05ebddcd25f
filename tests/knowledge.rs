//! What is not known is told apart from "no", "never" and 0, wherever an administrator meets it; and
//! what an action leaves out is behind its sentence.

use journeys::browser::acting::{agree, choose_for_page};
use journeys::browser::{Options, Page, journey, stage};
use journeys::server::{own_server_with, server};
use serde_json::{Value, json};
use synapse_admin::api::encode::encoded;
use synapse_admin::api::users::{self, UserChange};
use synapse_admin::api::{Request, RoomId, UserId, devices, login, rooms};
use xtask::proxy::{Fault, Rule};
use xtask::world::database::Statement;
use xtask::world::{ADMIN_PASSWORD, people};

const DAY_MS: i64 = 24 * 60 * 60 * 1000;

fn now_ms() -> i64 {
    let now = std::time::SystemTime::now();
    let since = now.duration_since(std::time::UNIX_EPOCH).unwrap();
    since.as_millis() as i64
}

fn run(sql: &str, row: Value) {
    let database = stage().maker.database();
    database.run(&[Statement::each(sql, [row])]).unwrap();
}

/// An account that was made so many days ago.
async fn aged(localpart: &str, days: i64) -> UserId {
    let maker = stage().maker;
    let user = maker.make_user(localpart, &UserChange::default()).await;
    let user = user.unwrap();
    let made = (now_ms() - days * DAY_MS) / 1000;
    let sql = "UPDATE users SET creation_ts = ? WHERE name = ?";
    run(sql, json!([made, user]));
    user
}

/// Somebody was seen so many days ago.
fn seen(user: &UserId, days: i64) {
    let at = now_ms() - days * DAY_MS;
    let token = format!("token of {days}");
    let row = json!([user, token, "127.0.0.1", "agent", "device", at]);
    run(
        "INSERT INTO user_ips (user_id, access_token, ip, user_agent, device_id, last_seen) \
         VALUES (?, ?, ?, ?, ?, ?)",
        row,
    );
}

/// The IDs in the rows, from top to bottom.
async fn shows(page: &Page, expected: &[&UserId]) {
    page.step(format!("expects {expected:?}"));
    page.until("these are the rows", async || {
        let rows = page.of_all_rows("row.querySelector('th').innerText.trim()");
        let rows = rows.await;
        let ids: Vec<&str> = rows.iter().filter_map(|id| id.as_str()).collect();
        ids == expected.iter().map(|id| id.as_str()).collect::<Vec<_>>()
    })
    .await;
}

#[tokio::test]
async fn who_was_not_seen_stands_last_and_is_never_in_a_file() {
    journey(Options::default(), async |page: &Page| {
        let maker = stage().maker;
        let part = maker.fresh_localpart("seen");
        let never = aged(&format!("{part}.a"), 400).await;
        let long = aged(&format!("{part}.b"), 400).await;
        let recent = aged(&format!("{part}.c"), 400).await;
        // Before 1.140 the server forgets after 28 days.
        seen(&long, 20);
        seen(&recent, 5);
        page.sign_in(&stage().synapse.url()).await;
        let told = maker.capabilities().since(92);
        for (dir, order) in [
            ("", [&long, &recent, &never]),
            ("&dir=desc", [&recent, &long, &never]),
        ] {
            page.open(&format!("/users?q={part}&sort=last_seen_ts{dir}"))
                .await;
            match told {
                true => shows(page, &order).await,
                false => page.row(&part).counts(3).await,
            }
        }
        // A word, and why; in a file nothing.
        let row = page.row(never.as_str());
        match told {
            true => row.says("No trace").await,
            false => row.says("This version of Synapse does not tell").await,
        }
        page.picture("no-trace").await;
        page.is_accessible().await;
        page.button("Export").click().await;
        page.css("[popover]").button("CSV").first().click().await;
        let (_, csv) = page.downloaded_text().await;
        let mut lines = csv.lines();
        let heads: Vec<&str> = lines.next().unwrap().split(',').collect();
        let at = heads.iter().position(|head| *head == "last_seen").unwrap();
        let line = lines.find(|line| line.contains(never.as_str())).unwrap();
        assert_eq!(line.split(',').nth(at), Some(""), "{line}");
    })
    .await;
}

#[tokio::test]
async fn who_was_picked_as_unused_and_came_back_is_left_out() {
    journey(Options::default(), async |page: &Page| {
        let maker = stage().maker;
        if !maker.capabilities().since(92) {
            return;
        }
        let part = maker.fresh_localpart("asleep");
        let gone = aged(&format!("{part}.gone"), 400).await;
        let back = aged(&format!("{part}.back"), 400).await;
        page.sign_in(&stage().synapse.url()).await;
        // By hand: no filter says what they were picked for.
        page.open(&format!("/users?q={part}")).await;
        page.row(&part).counts(2).await;
        choose_for_page(page, "Deactivate").await;
        let question = page.dialog("Deactivate 2 users?");
        question.says("1 request each, 2 in all").await;
        // While the question is read.
        seen(&back, 0);
        agree(page, "Deactivate 2 users", Some("2")).await;
        page.sees("in use now, though not when they were picked")
            .await;
        let is_gone = async |user: &UserId| stage().run(&users::get(user)).await.user.deactivated;
        page.until("the other is deactivated", async || is_gone(&gone).await)
            .await;
        assert!(!is_gone(&back).await);
    })
    .await;
}

#[tokio::test]
async fn a_dehydrated_device_is_counted_apart_and_stays() {
    journey(Options::default(), async |page: &Page| {
        let maker = stage().maker;
        // Before that no answer tells it apart.
        if !maker.capabilities().since(132) {
            return;
        }
        let part = maker.fresh_localpart("dehydrated");
        let change = UserChange {
            password: Some(ADMIN_PASSWORD.to_owned()),
            ..Default::default()
        };
        let away = maker.make_user(&format!("{part}.away"), &change).await;
        let none = maker.make_user(&format!("{part}.none"), &change).await;
        let (away, none) = (away.unwrap(), none.unwrap());
        stage()
            .run(&login::with_password(&away, ADMIN_PASSWORD))
            .await;
        run(
            "INSERT INTO devices (user_id, device_id, display_name, hidden) VALUES (?, ?, ?, FALSE)",
            json!([away, "KEEPER", "Dehydrated device"]),
        );
        run(
            "INSERT INTO dehydrated_devices (user_id, device_id, device_data) VALUES (?, ?, ?)",
            json!([away, "KEEPER", "{}"]),
        );
        page.sign_in(&stage().synapse.url()).await;
        page.open(&format!("/users?q={part}&devices=true")).await;
        shows(page, &[&away]).await;
        choose_for_page(page, "Log out everywhere").await;
        let title = format!("Log out {away} everywhere");
        let question = page.dialog(&format!("{title}?"));
        question.says("Sessions 1").await;
        question.says("Dehydrated devices, which stay 1").await;
        page.picture("log-out").await;
        question.says("2 requests").await;
        agree(page, &title, Some(away.as_str())).await;
        page.until("only the dehydrated one is left", async || {
            let left = stage().run(&devices::list(&away)).await.devices;
            left.len() == 1 && left[0].device_id == "KEEPER"
        })
        .await;
        // Neither among those without devices nor among those who are logged in.
        page.open(&format!("/users?q={part}&devices=dehydrated"))
            .await;
        shows(page, &[&away]).await;
        page.open(&format!("/users?q={part}&devices=false")).await;
        shows(page, &[&none]).await;
    })
    .await;
}

#[tokio::test]
async fn where_only_a_dehydrated_device_is_left_that_is_said() {
    journey(Options::default(), async |page: &Page| {
        // Before that no answer tells it apart.
        if !stage().maker.capabilities().since(132) {
            return;
        }
        let own = server().fresh_admin("dehydrated.own").await;
        run(
            "INSERT INTO devices (user_id, device_id, display_name, hidden) VALUES (?, ?, ?, FALSE)",
            json!([own, "KEEPER", "Dehydrated device"]),
        );
        run(
            "INSERT INTO dehydrated_devices (user_id, device_id, device_data) VALUES (?, ?, ?)",
            json!([own, "KEEPER", "{}"]),
        );
        page.sign_in_as(&own, ADMIN_PASSWORD, &stage().synapse.url())
            .await;
        page.open(&format!("/users/{}?tab=devices", encoded(own.as_str())))
            .await;
        page.css("tbody th[role=rowheader]").counts(2).await;
        page.checkbox("Select all on this page").tick(true).await;
        page.css(".bulk-bar").button("Log out").click().await;
        page.sees("Nobody is logged in to these devices").await;
    })
    .await;
}

/// Whatever happened in a room happened so many days ago.
fn quiet_for(room: &RoomId, days: i64) {
    let at = now_ms() - days * DAY_MS;
    let sql = "UPDATE events SET received_ts = ?, origin_server_ts = ? WHERE room_id = ?";
    run(sql, json!([at, at, room]));
}

#[tokio::test]
async fn a_space_in_use_is_not_among_quiet_rooms_and_is_called_one() {
    journey(Options::default(), async |page: &Page| {
        let maker = stage().maker;
        let owner = maker.make_fresh_user("keeper").await.unwrap();
        let client = maker.act_as(&owner).await.unwrap();
        let part = maker.fresh_localpart("Still").replace('.', " ");
        let room = json!({"name": format!("{part} room")});
        let space = json!({
            "name": format!("{part} space"),
            "creation_content": {"type": "m.space"},
        });
        for body in [&room, &space] {
            let made = maker.make_room(&client, body).await.unwrap();
            page.until("it is in the list", async || {
                let found = stage().run(&rooms::get(&made)).await.room;
                found.name.is_some() && found.joined_local_members == Some(1)
            })
            .await;
            quiet_for(&made, 500);
        }
        // Nobody is in some rooms, of which the server has an error to say.
        page.allows_complaint(&["forward_extremities"]);
        page.allows_complaint(&["statistics/database/rooms"]);
        page.sign_in(&stage().synapse.url()).await;
        page.open(&format!("/rooms?quiet=12&space=false&q={}", encoded(&part)))
            .await;
        // Whatever the order.
        page.sees("when this server received the last event").await;
        page.row(&part).counts(1).await;
        page.row(&format!("{part} room")).first().appears().await;
        // Together with what is asked of another kind: people are in both.
        if maker.capabilities().since(66) {
            page.open(&format!(
                "/rooms?quiet=12&forgotten=true&q={}",
                encoded(&part)
            ))
            .await;
            page.sees("Nothing matches").await;
        }
        page.open(&format!("/rooms?quiet=12&space=true&q={}", encoded(&part)))
            .await;
        page.row(&format!("{part} space")).first().appears().await;
        choose_for_page(page, "Delete").await;
        let question = page.dialog(&format!("Delete room “{part} space”?"));
        question.says("Type Space").await;
        // The room, and when something last happened in it.
        question.says("up to 3 requests").await;
        question.css(".more summary").click().await;
        question.says("once the space is deleted").await;
        page.picture("delete-space").await;
        page.is_accessible().await;
    })
    .await;
}

#[tokio::test]
async fn what_an_action_leaves_out_is_behind_its_sentence() {
    journey(Options::phone(), async |page: &Page| {
        let user = stage().maker.make_fresh_user("subject").await.unwrap();
        page.sign_in(&stage().synapse.url()).await;
        page.open(&format!("/users/{}?tab=security", encoded(user.as_str())))
            .await;
        let more = page.css(".action-row .more");
        page.until("there are several", async || more.count().await >= 6)
            .await;
        page.css(".action-row .more summary").first().click().await;
        more.first().says("an application service goes on").await;
        page.fits_sideways().await;
        page.is_accessible().await;
        page.button("Deactivate").click().await;
        let question = page.dialog(&format!("Deactivate {user}?"));
        question.says("1 request").await;
        question.css(".more summary").click().await;
        question
            .says("Key backups go since Synapse 1.82 only")
            .await;
        page.picture("deactivate").await;
        page.fits_sideways().await;
        page.is_accessible().await;
    })
    .await;
}

#[tokio::test]
async fn nobody_older_than_approval_is_among_those_who_wait() {
    let experimental = json!({"experimental_features": {
        "msc3866": {"enabled": true, "require_approval_for_new_accounts": true},
    }});
    let server = own_server_with("waiting", experimental.as_object().unwrap().clone());
    let maker = &server.maker;
    // All accounts of today are older than the switch; one has come since.
    let forget = Statement::once("UPDATE users SET approved = NULL");
    maker.database().run(&[forget]).unwrap();
    let made = maker.make_user("newcomer", &UserChange::default()).await;
    let newcomer = made.unwrap();
    let wait = "UPDATE users SET approved = ? WHERE name = ?";
    let wait = Statement::each(wait, [json!([false, newcomer])]);
    maker.database().run(&[wait]).unwrap();
    journey(Options::default(), async |page: &Page| {
        page.sign_in_as(
            &maker.user(people::ADMIN),
            ADMIN_PASSWORD,
            &server.synapse.url(),
        )
        .await;
        // Who is looked up waits as they do in the list of those who wait, and nobody else.
        let alice = maker.user(people::ALICE);
        let client = maker.act_as(&alice).await.unwrap();
        let body = json!({"name": "Nobody waits here"});
        let room = maker.make_room(&client, &body).await.unwrap();
        let waits = async || {
            page.css("tbody")
                .text()
                .await
                .contains("Waiting for approval")
        };
        for search in [room.as_str(), alice.as_str()] {
            page.open(&format!("/users?q={}", encoded(search))).await;
            shows(page, &[&alice]).await;
            assert!(!waits().await);
        }
        page.open(&format!("/users?q={}", encoded(newcomer.as_str())))
            .await;
        shows(page, &[&newcomer]).await;
        assert!(waits().await);
        page.open("/users?waiting=true").await;
        shows(page, &[&newcomer]).await;
        page.checkbox("Select all on this page").tick(true).await;
        page.css(".bulk-bar").button("Actions").click().await;
        page.css("[popover]").button("Approve").click().await;
        let title = format!("Approve {newcomer}");
        page.dialog(&format!("{title}?"))
            .button(&title)
            .click()
            .await;
        page.until("they are approved", async || {
            let detail = maker.admin().run(&users::get(&newcomer)).await.unwrap();
            detail.user.approved == Some(true)
        })
        .await;
        page.open(&format!("/users?waiting=true&q={}", people::ALICE))
            .await;
        page.sees("Nothing matches").await;
    })
    .await;
}

#[tokio::test]
async fn nobody_is_called_an_administrator_where_another_service_decides() {
    journey(Options::default(), async |page: &Page| {
        let proxy = page.proxy();
        page.sign_in(&proxy.url()).await;
        page.link("Administrators").first().appears().await;
        // From here on the server says that Matrix Authentication Service keeps its accounts.
        let flows = r#"{"flows":[{"type":"m.login.sso","oauth_aware_preferred":true}]}"#;
        let login = "/_matrix/client/v3/login";
        proxy.add(Rule::new("GET", login, Fault::matrix(200, flows)));
        // Where that stands it does not say, however it is asked.
        page.allows_complaint(&["/auth_metadata", "404"]);
        page.allows_complaint(&["/auth_issuer", "404"]);
        page.reload().await;
        page.link("No trace").first().appears().await;
        page.until("there is no such view", async || {
            page.link("Administrators").count().await == 0
        })
        .await;
        // The mark of Synapse is a leftover: it says neither yes nor no.
        for admins in [true, false] {
            page.open(&format!("/users?q={}&admins={admins}", people::ADMIN))
                .await;
            page.sees("Nothing matches").await;
        }
        page.open(&format!("/users?q={}", people::ADMIN)).await;
        page.row(people::ADMIN)
            .first()
            .says("Matrix Authentication Service decides that")
            .await;
        // What Synapse would say and nobody would heed is not offered.
        let user = stage().user(people::ALICE);
        page.open(&format!("/users/{}?tab=security", encoded(user.as_str())))
            .await;
        page.button("Lock").first().appears().await;
        for action in ["Lock", "Shadow-ban", "Deactivate", "Log out everywhere"] {
            assert!(!page.button(action).is_enabled().await, "{action}");
        }
        assert!(page.button("Delete media").is_enabled().await);
    })
    .await;
}

#[tokio::test]
async fn a_ghost_among_those_without_a_trace_is_left_out_and_goes_on_sending() {
    journey(Options::default(), async |page: &Page| {
        let maker = stage().maker;
        if !maker.capabilities().since(92) {
            return;
        }
        let bridge = xtask::world::bridge(stage().synapse).unwrap();
        let name = maker.fresh_localpart(&format!("{}quiet", people::RESERVED_PREFIX));
        let register = Request::<Value>::post("/_matrix/client/v3/register").json(&json!({
            "type": "m.login.application_service", "username": name, "inhibit_login": true,
        }));
        bridge.run(&register).await.unwrap();
        let ghost = maker.user(&name);
        let person = aged(&format!("x{name}"), 400).await;
        let made = (now_ms() - 400 * DAY_MS) / 1000;
        let sql = "UPDATE users SET creation_ts = ? WHERE name = ?";
        run(sql, json!([made, ghost]));
        let speak = async || {
            let room = Request::<Value>::post("/_matrix/client/v3/createRoom").json(&json!({}));
            bridge.run(&room.query("user_id", &ghost)).await.is_ok()
        };
        assert!(speak().await);
        page.sign_in(&stage().synapse.url()).await;
        // Whoever has never been used and uses the filter without the view.
        page.open(&format!("/users?q={name}&seen=false")).await;
        shows(page, &[&ghost, &person]).await;
        choose_for_page(page, "Deactivate").await;
        agree(page, "Deactivate 2 users", Some("2")).await;
        page.sees("belongs to an application service").await;
        page.until("the other is deactivated", async || {
            stage().run(&users::get(&person)).await.user.deactivated
        })
        .await;
        assert!(!stage().run(&users::get(&ghost)).await.user.deactivated);
        assert!(speak().await);
    })
    .await;
}
