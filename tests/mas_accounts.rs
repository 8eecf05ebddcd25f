//! What is done to accounts where Matrix Authentication Service keeps them: it is done there, and both it and
//! the homeserver know in the end.

use journeys::browser::acting::{act, choose, report, select};
use journeys::browser::delegated::Way;
use journeys::browser::{Options, Page, journey};
use journeys::mas::{Delegated, delegated};
use serde_json::{Value, json};
use synapse_admin::api::encode::encoded;
use synapse_admin::api::mas::personal::{self, PersonalFilter, PersonalSession};
use synapse_admin::api::mas::resource::{Ulid, Want};
use synapse_admin::api::mas::sessions::{self, SessionFilter};
use synapse_admin::api::{ApiError, Request, RoomId, UserId, login, users};
use xtask::mas::{ADMIN_SCOPE, Account};
use xtask::proxy::{Fault, Rule};
use xtask::world::people;

const PLAIN: Account = Account {
    admin: false,
    seconds: 300,
};

const ROOT: Account = Account {
    admin: true,
    seconds: 300,
};

/// What MAS says of an account.
fn at_mas(server: &Delegated, user: &UserId, field: &str) -> Value {
    let known = server.mas.user(user.localpart()).expect("an account");
    known[field].clone()
}

fn is_set(server: &Delegated, user: &UserId, field: &str) -> bool {
    !at_mas(server, user, field).is_null()
}

async fn at_homeserver(server: &Delegated, user: &UserId) -> users::User {
    let detail = server.admin().await.run(&users::get(user)).await;
    detail.expect("an account").user
}

/// How many sessions of an account have not ended: of apps with a device, and of browsers.
async fn sessions_of(server: &Delegated, user: &UserId) -> (usize, usize) {
    let tokens = server.tokens(people::ADMIN, ADMIN_SCOPE).await;
    let client = server.client().with_token(tokens.access_token);
    let id = server.mas.user_id(user.localpart()).expect("an account");
    let filter = SessionFilter::active_of(&Ulid::parse(&id).expect("an ID"));
    let (base, want) = (server.mas.url(), Want::first(10));
    let base = base.trim_end_matches('/');
    let compat = client.run(&sessions::compat(base, &filter, &want)).await;
    let browser = client.run(&sessions::browser(base, &filter, &want)).await;
    (
        compat.expect("sessions").data.len(),
        browser.expect("sessions").data.len(),
    )
}

async fn opens(page: &Page, user: &UserId, tab: &str) {
    let id = encoded(user.as_str());
    page.open(&format!("/users/{id}?tab={tab}")).await;
}

#[tokio::test]
async fn locked_in_bulk_and_back() {
    let Some(server) = delegated() else { return };
    journey(Options::default(), async |page: &Page| {
        let root = server.account("mas.lock.root", ROOT).await;
        let (one, two) = (
            server.account("mas.lock.them.one", PLAIN).await,
            server.account("mas.lock.them.two", PLAIN).await,
        );
        server.mas.set_locked(two.localpart(), true).await.unwrap();
        let way = Way::new(page, server).await;
        way.signs_in(page, &root).await;
        page.takes_downloads().await;
        select(page, "/users", "mas.lock.them", 2).await;
        // Who is locked there already is known from the list.
        page.row(two.as_str()).says("Locked").await;
        act(page, "Lock", &format!("Lock {one}"), None).await;
        page.until("it is locked at MAS", async || {
            is_set(server, &one, "locked_at")
        })
        .await;
        page.sees(&format!("Lock {one}: Finished")).await;
        let csv = report(page).await;
        assert!(csv.contains(&format!("{one},done")), "{csv}");
        page.row(one.as_str()).says("Locked").await;
        page.until("the homeserver has been told", async || {
            at_homeserver(server, &one).await.locked
        })
        .await;
        // Nothing of it went past MAS, and it was asked for by its ID there.
        assert_eq!(way.mas.count("POST", "/api/admin/v1/users/*/lock"), 1);
        assert_eq!(way.homeserver.count("PUT", "/_synapse/admin/v2/users/*"), 0);

        page.button("Undo").click().await;
        page.until("it is not locked any more", async || {
            !is_set(server, &one, "locked_at")
        })
        .await;
        page.sees(&format!("Unlock {one}: Finished")).await;
        assert!(is_set(server, &two, "locked_at"), "that was another's");
        page.open("/activity").await;
        page.css(".activity").says(one.as_str()).await;
    })
    .await;
}

#[tokio::test]
async fn ones_own_account_is_spared_at_mas_as_well() {
    let Some(server) = delegated() else { return };
    journey(Options::default(), async |page: &Page| {
        let root = server.account("mas.own", ROOT).await;
        let way = Way::new(page, server).await;
        way.signs_in(page, &root).await;
        select(page, "/users", "mas.own", 1).await;
        for action in ["Lock", "Remove administrator right", "Deactivate"] {
            choose(page, action).await;
            page.sees("your own account").await;
            page.css(".toast button").first().click().await;
        }
        opens(page, &root, "security").await;
        page.sees("Not for your own account: you could lock yourself out.")
            .await;
        assert!(at_mas(server, &root, "admin").as_bool().unwrap());
        assert_eq!(way.mas.count("POST", "/api/admin/v1/users/*/*"), 0);
    })
    .await;
}

#[tokio::test]
async fn who_is_deactivated_is_refused_by_both() {
    let Some(server) = delegated() else { return };
    journey(Options::default(), async |page: &Page| {
        let root = server.account("mas.end.root", ROOT).await;
        let user = server.account("mas.end.user", PLAIN).await;
        let scope = "urn:matrix:client:api:* urn:matrix:client:device:MASENDEDDEVICE";
        let token = server.tokens(user.localpart(), scope).await.access_token;
        let theirs = server.synapse.client().with_token(&token);
        theirs.run(&login::who_am_i()).await.unwrap();
        let way = Way::new(page, server).await;
        way.signs_in(page, &root).await;
        select(page, "/users", user.localpart(), 1).await;
        let title = format!("Deactivate {user}");
        choose(page, "Deactivate").await;
        let question = page.dialog(&format!("{title}?"));
        question.css("summary").click().await;
        question
            .says("All sessions end, personal ones as well")
            .await;
        question.confirm(user.as_str()).await;
        question.button(&title).click().await;
        page.sees(&format!("{title}: Finished")).await;
        // It is said once the homeserver says so.
        let now = at_homeserver(server, &user).await;
        assert!(now.deactivated && !now.erased, "{now:?}");
        assert!(is_set(server, &user, "deactivated_at"));
        assert!(!server.mas.is_active(&token).await);
        let refused = theirs.run(&login::who_am_i()).await;
        assert!(
            matches!(refused, Err(ApiError::TokenRefused { .. })),
            "{refused:?}"
        );
        let sent = way.mas.seen_of("POST", "/api/admin/v1/users/*/deactivate");
        assert_eq!(sent.len(), 1);
        assert_eq!(sent[0].body, br#"{"skip_erase":true}"#);
        assert_eq!(
            way.homeserver
                .count("POST", "/_synapse/admin/v1/deactivate/*"),
            0
        );

        // And back, without a new password.
        opens(page, &user, "security").await;
        page.button("Reactivate").click().await;
        let title = format!("Reactivate {user}");
        page.dialog(&format!("{title}?"))
            .button(&title)
            .click()
            .await;
        page.sees(&format!("{title}: Finished")).await;
        assert!(!is_set(server, &user, "deactivated_at"));
        assert!(!at_homeserver(server, &user).await.deactivated);
        assert_eq!(
            way.mas.count("POST", "/api/admin/v1/users/*/set-password"),
            0
        );
    })
    .await;
}

#[tokio::test]
async fn who_administers_is_what_mas_says() {
    let Some(server) = delegated() else { return };
    journey(Options::default(), async |page: &Page| {
        let root = server.account("mas.right.root", ROOT).await;
        let (other, plain) = (
            server.account("mas.right.them.other", ROOT).await,
            server.account("mas.right.them.plain", PLAIN).await,
        );
        // The homeserver's own mark is a leftover.
        let marked = users::UserChange {
            admin: Some(true),
            ..Default::default()
        };
        let admin = server.admin().await;
        admin.run(&users::put(&plain, &marked)).await.unwrap();
        let way = Way::new(page, server).await;
        way.signs_in(page, &root).await;
        page.open("/users?q=mas.right.them&admins=true").await;
        page.css("tbody th[role=rowheader]").counts(1).await;
        page.row(other.as_str()).appears().await;
        page.open("/users?q=mas.right.them&admins=false").await;
        page.css("tbody th[role=rowheader]").counts(1).await;
        page.row(plain.as_str()).appears().await;
        // No request for each row.
        let asked = way.mas.count("GET", "/api/admin/v1/users?*");
        assert!(asked <= 4, "{asked} requests");

        opens(page, &other, "").await;
        page.css("header").says("Admin").await;
        opens(page, &other, "security").await;
        page.button("Remove administrator right").click().await;
        let title = format!("Remove the administrator right of {other}");
        page.dialog(&format!("{title}?"))
            .button(&title)
            .click()
            .await;
        page.sees(&format!("{title}: Finished")).await;
        assert_eq!(at_mas(server, &other, "admin"), false);
        // What is kept of the list knows.
        page.open("/users?q=mas.right.them&admins=true").await;
        page.sees("Nothing matches").await;
    })
    .await;
}

#[tokio::test]
async fn who_administers_is_not_known_where_mas_does_not_say() {
    let Some(server) = delegated() else { return };
    journey(Options::default(), async |page: &Page| {
        let root = server.account("mas.mute.root", ROOT).await;
        server.account("mas.mute.them", PLAIN).await;
        let way = Way::new(page, server).await;
        way.signs_in(page, &root).await;
        page.allows_complaint(&["/api/admin/v1/users", "403"]);
        let refused = xtask::proxy::Fault::matrix(403, r#"{"errors":[{"title":"Not today"}]}"#);
        way.mas.add(xtask::proxy::Rule::new(
            "GET",
            "/api/admin/v1/users*",
            refused,
        ));
        page.reload().await;
        page.open("/users?q=mas.mute.them").await;
        page.css("tbody th[role=rowheader]").counts(1).await;
        page.row("@mas.mute.them")
            .says("The server did not say")
            .await;
        // Who is silent has not said that there is nobody.
        page.open("/users?q=mas.mute.them&admins=false").await;
        page.sees("Matrix Authentication Service says: Not today")
            .await;
    })
    .await;
}

#[tokio::test]
async fn logged_out_everywhere_means_all_sessions() {
    let Some(server) = delegated() else { return };
    journey(Options::default(), async |page: &Page| {
        let root = server.account("mas.out.root", ROOT).await;
        let user = server.account("mas.out.user", PLAIN).await;
        for (device, days) in [
            ("MASOUTFIRST", 400),
            ("MASOUTSECOND", 200),
            ("MASOUTTHIRD", 1),
        ] {
            let made = server
                .mas
                .compat_session(user.localpart(), Some(device), "Old app", days);
            made.await.unwrap();
        }
        server
            .mas
            .browser_session(user.localpart(), "Browser", 2)
            .unwrap();
        let way = Way::new(page, server).await;
        way.signs_in(page, &root).await;
        opens(page, &user, "security").await;
        page.button("Log out idle devices").click().await;
        let title = format!("Log out idle devices of {user}");
        let question = page.dialog(&format!("{title}?"));
        question.says("Those are 2 of their 4 sessions.").await;
        question.confirm(user.as_str()).await;
        question.button(&title).click().await;
        page.sees(&format!("{title}: Finished")).await;
        assert_eq!(sessions_of(server, &user).await, (1, 1));

        page.button("Log out everywhere").click().await;
        let title = format!("Log out {user} everywhere");
        let question = page.dialog(&format!("{title}?"));
        question.says("Sessions 2").await;
        question.confirm(user.as_str()).await;
        question.button(&title).click().await;
        page.sees(&format!("{title}: Finished")).await;
        assert_eq!(sessions_of(server, &user).await, (0, 0));
        assert_eq!(
            way.homeserver
                .count("POST", "/_synapse/admin/v2/users/*/delete_devices"),
            0
        );
    })
    .await;
}

#[tokio::test]
async fn a_weak_password_is_told_and_set_anyway_if_wanted() {
    let Some(server) = delegated() else { return };
    journey(Options::default(), async |page: &Page| {
        let root = server.account("mas.weak.root", ROOT).await;
        let user = server.account("mas.weak.user", PLAIN).await;
        let made = server
            .mas
            .compat_session(user.localpart(), None, "Old app", 1);
        made.await.unwrap();
        let way = Way::new(page, server).await;
        way.signs_in(page, &root).await;
        page.allows_complaint(&["/set-password", "400"]);
        opens(page, &user, "security").await;
        page.button("Reset password").click().await;
        let dialog = page.dialog("Reset password");
        dialog.field("New password").fill("weak").await;
        dialog.button("Set password").click().await;
        page.sees("it is too weak").await;
        assert_eq!(sessions_of(server, &user).await.0, 1, "nothing was done");
        page.button("Reset password").click().await;
        dialog.field("New password").holds("weak").await;
        dialog.checkbox_like("However weak it is").tick(true).await;
        dialog.button("Set password").click().await;
        page.dialog("The password is set").appears().await;
        page.until("their sessions have ended", async || {
            sessions_of(server, &user).await.0 == 0
        })
        .await;
        assert_eq!(
            way.homeserver
                .count("POST", "/_synapse/admin/v1/reset_password/*"),
            0
        );
    })
    .await;
}

/// The personal sessions that act as an account, revoked ones as well.
pub(crate) async fn acting_as(server: &Delegated, user: &UserId) -> Vec<PersonalSession> {
    let tokens = server.tokens(people::ADMIN, ADMIN_SCOPE).await;
    let client = server.client().with_token(tokens.access_token);
    let id = server.mas.user_id(user.localpart()).expect("an account");
    let filter = PersonalFilter {
        actor: Some(Ulid::parse(&id).expect("an ID")),
        ..Default::default()
    };
    let base = server.mas.url();
    let asked = personal::list(base.trim_end_matches('/'), &filter, &Want::first(50));
    let found = client.run(&asked).await.expect("sessions").data;
    found.into_iter().map(|one| one.attributes).collect()
}

/// Rooms that an account has made, with a session that somebody else has made for it.
async fn rooms_of(server: &Delegated, root: &UserId, user: &UserId, names: &[&str]) -> Vec<RoomId> {
    let scope = "urn:matrix:client:api:*";
    let (owner, actor) = (root.localpart(), user.localpart());
    let made = server
        .mas
        .personal_session(owner, actor, "Maker", scope, None)
        .await;
    let (_, token) = made.expect("a session");
    let client = server.synapse.client().with_token(&token);
    let mut rooms = Vec::new();
    for name in names {
        let body = json!({"name": name, "preset": "public_chat"});
        let create = Request::<Value>::post("/_matrix/client/v3/createRoom").json(&body);
        let answer = client.run(&create).await.expect("a room");
        rooms.push(RoomId::parse(answer["room_id"].as_str().unwrap()).unwrap());
    }
    rooms
}

#[tokio::test]
async fn acting_as_somebody_is_a_personal_session() {
    let Some(server) = delegated() else { return };
    journey(Options::default(), async |page: &Page| {
        let root = server.account("mas.act.root", ROOT).await;
        let user = server.account("mas.act.user", PLAIN).await;
        let way = Way::new(page, server).await;
        way.signs_in(page, &root).await;
        opens(page, &root, "security").await;
        page.sees("You are already logged in as this user.").await;
        opens(page, &user, "security").await;
        page.button("Log in as this user").click().await;
        // All is filled in that need not be thought about.
        let dialog = page.dialog("Create personal session");
        dialog.field("As whom it acts").holds(user.as_str()).await;
        let name = format!("Log in as {user}");
        dialog.field("Name").holds(&name).await;
        let right = dialog.checkbox("Do what the account may do (Matrix API)");
        assert!(right.is_ticked().await);
        for other in [
            "Administer the homeserver",
            "Administer Matrix Authentication Service",
        ] {
            assert!(!dialog.checkbox(other).is_ticked().await, "{other}");
        }
        page.is_accessible().await;
        dialog.button("Create personal session").click().await;
        let question = page.dialog(&format!("Create a token that acts as {user}?"));
        question.confirm(user.as_str()).await;
        question.button("Create personal session").click().await;
        let once = page.dialog("Personal session created");
        once.says("only time").await;
        let token = "return document.querySelector('dialog[open] .secret code').textContent";
        let token = page.script(token, vec![]).await;
        let theirs = server.synapse.client().with_token(token.as_str().unwrap());
        let who = theirs.run(&login::who_am_i()).await.unwrap();
        assert_eq!(who.user_id, user);
        once.button("Close").click().await;
        page.row(&name).says(user.as_str()).await;
        let made = acting_as(server, &user).await;
        let [session] = &made[..] else {
            panic!("{made:?}");
        };
        let (begun, ends) = (session.created_at.0, session.expires_at.unwrap().0);
        let minutes = (ends.0 - begun.0) / 60_000;
        assert!((1..=60).contains(&minutes), "{minutes} minutes");
        // It is proposed once.
        page.reload().await;
        page.row(&name).appears().await;
        assert_eq!(page.dialog("Create personal session").count().await, 0);
    })
    .await;
}

#[tokio::test]
async fn rooms_are_left_by_a_session_that_is_gone_with_it() {
    let Some(server) = delegated() else { return };
    journey(Options::default(), async |page: &Page| {
        page.allows_complaint(&["/_synapse/admin/v1/statistics/database/rooms"]);
        let root = server.account("mas.leave.root", ROOT).await;
        let user = server.account("mas.leave.user", PLAIN).await;
        let rooms = rooms_of(server, &root, &user, &["Left first", "Left last"]).await;
        let way = Way::new(page, server).await;
        way.signs_in(page, &root).await;
        page.takes_downloads().await;
        // The homeserver does not let them go: the session goes all the same.
        page.expects_complaint(&["/leave", "status of 403"]);
        let refused = Fault::matrix(403, r#"{"errcode":"M_FORBIDDEN","error":"Not today"}"#);
        let refused = Rule::new("POST", "/_matrix/client/v3/rooms/*/leave", refused);
        let rule = way.homeserver.add(refused);
        opens(page, &user, "rooms").await;
        page.checkbox_like("Left first").tick(true).await;
        page.css(".bulk-bar").button("Leave").click().await;
        page.dialog("Leave 1 room?")
            .button("Leave 1 room")
            .click()
            .await;
        page.until("the session is revoked", async || {
            way.mas
                .count("POST", "/api/admin/v1/personal-sessions/*/revoke")
                == 1
        })
        .await;
        let joined = || async {
            let joined = server.admin().await.run(&users::joined_rooms(&user)).await;
            joined.expect("rooms").joined_rooms
        };
        page.sees("Leave 1 room: 1 was not done.").await;
        let csv = report(page).await;
        assert!(csv.contains("failed") && csv.contains("Not today"), "{csv}");
        assert_eq!(joined().await.len(), 2);

        way.homeserver.remove(rule);
        opens(page, &user, "rooms").await;
        page.checkbox_like("Left last").tick(true).await;
        page.css(".bulk-bar").button("Leave").click().await;
        page.dialog("Leave 1 room?")
            .button("Leave 1 room")
            .click()
            .await;
        page.until("they have left", async || {
            joined().await == [rooms[0].clone()]
        })
        .await;
        let ours = async || {
            let mut made = acting_as(server, &user).await;
            made.retain(|session| session.human_name != "Maker");
            made
        };
        page.until("both sessions are revoked", async || {
            let ours = ours().await;
            ours.len() == 2 && ours.iter().all(|session| session.revoked_at.is_some())
        })
        .await;
        for session in ours().await {
            assert_eq!(session.scope, "urn:matrix:client:api:*");
        }
        page.open("/activity").await;
        page.css(".activity").says("Leave 1 room").await;
        page.css(".activity").says(user.as_str()).await;
    })
    .await;
}
