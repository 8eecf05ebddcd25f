//! What the lists of Matrix Authentication Service say and do where something comes in between: answers that are
//! lost, others who were faster, and what may be one's own.

use crate::config::{options, panel};
use crate::mas_pages::{chooses, opens, signed_in};
use journeys::browser::acting::{agree, choose_for_page, report};
use journeys::browser::delegated::Way;
use journeys::browser::{Options, Page, journey};
use journeys::mas::{Delegated, delegated};
use serde_json::json;
use synapse_admin::api::mas::upstream;
use synapse_admin::api::mas::{Ulid, sessions};
use synapse_admin::api::{UserId, authorization};
use thirtyfour::Key;
use xtask::mas::{ADMIN_SCOPE, Account};
use xtask::proxy::{Fault, Rule};

const PLAIN: Account = Account {
    admin: false,
    seconds: 300,
};

const LINKS: &str = "/api/admin/v1/upstream-oauth-links";

const UNASKED: &str = "could not be asked about";

fn id_of(server: &Delegated, localpart: &str) -> Ulid {
    let id = server.mas.user_id(localpart).expect("an account");
    Ulid::parse(&id).expect("an ID")
}

#[tokio::test]
async fn a_link_is_given_whatever_becomes_of_the_answer() {
    let Some(server) = delegated() else { return };
    journey(Options::default(), async |page: &Page| {
        let admin = signed_in(page, server, "rows-giver", |_| ()).await;
        server.account("rows-given", PLAIN).await;
        let rival = server.account("rows-rival", PLAIN).await;
        let provider = server.mas.upstream_provider("Rows Provider", None, true);
        for (subject, name) in [("rows-1", "First"), ("rows-2", "Second")] {
            let made = server
                .mas
                .upstream_link(&provider, subject, None, Some(name));
            made.expect("a link");
        }
        opens(page, &format!("?tab=providers&provider={provider}")).await;
        page.row("Second").says("Nobody").await;

        // The answer is lost. The browser may have sent it once more by itself, of which MAS says that it is
        // somebody's.
        page.allows_complaint(&["/upstream-oauth-links"]);
        admin
            .mas
            .add(Rule::new("POST", LINKS, Fault::DropAfter).times(1));
        chooses(page, "First", "Give to a user").await;
        let dialog = page.dialog("Give “First” to a user");
        dialog.field("User").fill("rows-given").await;
        dialog.button("Give to a user").click().await;
        dialog.goes().await;
        page.row("First").says("@rows-given:").await;

        // Somebody else has given the other one meanwhile.
        let faster = upstream::link(
            &server.mas.url(),
            &id_of(server, "rows-rival"),
            &Ulid::parse(&provider).expect("an ID"),
            "rows-2",
            None,
        );
        admin.client().run(&faster).await.expect("a link");
        chooses(page, "Second", "Give to a user").await;
        let dialog = page.dialog("Give “Second” to a user");
        dialog.field("User").fill("rows-given").await;
        dialog.button("Give to a user").click().await;
        dialog
            .says(&format!("Rows Provider: rows-2 belongs to {rival}."))
            .await;
        dialog.button("Cancel").click().await;
        dialog.goes().await;
        // It stays theirs, which the list has heard of.
        page.row("Second").says(rival.as_str()).await;
    })
    .await;
}

#[tokio::test]
async fn what_is_not_used_is_read_once_and_asked_about_again() {
    let Some(server) = delegated() else { return };
    journey(Options::default(), async |page: &Page| {
        let admin = signed_in(page, server, "rows-reader", |_| ()).await;
        server.account("rows-idle", PLAIN).await;
        let mut made = Vec::new();
        for number in 0..12 {
            let agent = format!("Idle {number:02}");
            let session = server
                .mas
                .compat_session("rows-idle", None, &agent, 400 + number);
            made.push(session.await.expect("a session"));
        }
        let names = page.css("tbody th[role=rowheader]");
        let list = "?tab=sessions&kind=login&user=rows-idle&idle=365&size=10";
        opens(page, list).await;
        names.counts(10).await;
        page.row("Idle 00").appears().await;
        let read = || admin.mas.count("GET", "/api/admin/v1/compat-sessions");
        let before = read();
        page.button("Next page").click().await;
        names.counts(2).await;
        page.row("Idle 10").appears().await;
        page.row("Idle 11").appears().await;
        page.button("Previous page").click().await;
        names.counts(10).await;
        // For who turns a page the list is not read again.
        assert_eq!(read(), before);
        page.button("Next page").click().await;
        names.counts(2).await;

        // One of them is used after all, after the list was read.
        let (ended, used) = (&made[10], &made[11]);
        server.mas.used_now(used);
        choose_for_page(page, "End session").await;
        agree(page, "End 2 sessions", Some("2")).await;
        page.row("Idle 10").goes().await;
        let csv = report(page).await;
        assert!(
            csv.contains("in use now, though not when they were picked"),
            "{csv}"
        );
        let is_ended = async |id: &str| {
            let id = Ulid::parse(id).expect("an ID");
            let asked = sessions::one_compat(&server.mas.url(), &id);
            let told = admin.client().run(&asked).await.expect("a session");
            told.data.attributes.finished_at.is_some()
        };
        assert!(is_ended(ended).await);
        assert!(!is_ended(used).await);
        // A change of ours has the list read again.
        opens(page, list).await;
        names.counts(10).await;
        assert!(read() > before);
    })
    .await;
}

#[tokio::test]
async fn of_what_nobody_says_whose_it_is_that_is_said() {
    let Some(server) = delegated() else { return };
    journey(Options::default(), async |page: &Page| {
        let admin = signed_in(page, server, "rows-asker", |_| ()).await;
        server.account("rows-silent", Account::ADMIN).await;
        let mas = &server.mas;
        let app = mas.compat_session("rows-silent", None, "Silent app", 1);
        app.await.expect("a session");
        let token = mas.personal_session(
            "rows-asker",
            "rows-silent",
            "Silent token",
            ADMIN_SCOPE,
            None,
        );
        token.await.expect("a personal session");
        let whose = format!("/api/admin/v1/users/{}", id_of(server, "rows-silent"));
        let refused = Fault::matrix(403, r#"{"errors":[{"title":"Not today"}]}"#);
        let rule = admin.mas.add(Rule::new("GET", &whose, refused));
        page.allows_complaint(&[whose.as_str(), "403"]);

        opens(page, "?tab=sessions&user=rows-silent").await;
        let row = page.row("Silent app");
        row.appears().await;
        assert!(!row.text().await.contains("Perhaps this session"));
        row.button("Actions").click().await;
        let menu = page.css("[popover]:popover-open");
        menu.button_like("End session").is_unusable().await;
        menu.says(UNASKED).await;
        page.is_accessible().await;
        page.press(Key::Escape).await;
        choose_for_page(page, "End session").await;
        page.sees("There is none that this could end.").await;
        page.sees(&format!("Left out: {UNASKED}")).await;

        opens(page, "?tab=personal&user=rows-silent").await;
        let row = page.row("Silent token");
        row.appears().await;
        assert!(!row.text().await.contains("may be working with it"));
        row.button("Actions").click().await;
        menu.button_like("New token").is_unusable().await;
        menu.button_like("Revoke").is_unusable().await;
        menu.says(UNASKED).await;
        page.press(Key::Escape).await;

        // Once it is known, it is ended like others.
        admin.mas.remove(rule);
        page.button("Refresh").click().await;
        row.says("@rows-silent:").await;
        chooses(page, "Silent token", "Revoke").await;
        agree(page, "Revoke personal session Silent token", None).await;
        row.goes().await;
    })
    .await;
}

/// Waits until a token is good for nothing any more.
async fn ends(page: &Page, server: &Delegated, token: &str) {
    page.until("the session has ended", async || {
        !server.mas.is_active(token).await
    })
    .await;
}

async fn opens_own(page: &Page, user: &UserId) {
    page.allows_complaint(&["status of 401"]);
    page.open(&format!("/users/{user}?tab=sessions")).await;
}

#[tokio::test]
async fn an_app_s_own_session_is_ended_with_the_token_that_was_brought() {
    let Some(server) = delegated() else { return };
    journey(Options::default(), async |page: &Page| {
        let user = server.account("rows-app", Account::ADMIN).await;
        let scope = format!("{ADMIN_SCOPE} urn:matrix:client:device:ROWSDEVICE");
        let tokens = server.tokens("rows-app", &scope).await;
        let way = Way::new(page, server).await;
        page.open("/users").await;
        page.names_host(user.server().as_str());
        page.sign_in_with_token(&tokens.access_token, &way.homeserver.url())
            .await;
        opens_own(page, &user).await;
        let own = page.row("This session");
        own.says("ROWSDEVICE").await;
        own.button_like("End ").click().await;
        let question = page.dialog("End 1 session?");
        question
            .says("This is the session in which you work: you are signed out here.")
            .await;
        page.is_accessible().await;
        agree(page, "End 1 session", Some("1")).await;
        ends(page, server, &tokens.access_token).await;
    })
    .await;
}

#[tokio::test]
async fn ones_own_session_is_ended_though_the_account_is_named_as_a_bot_s() {
    let Some(server) = delegated() else { return };
    let panel = panel(&json!({"asManagedUsers": ["^@rows-bot:"]}));
    journey(options(&panel, None), async |page: &Page| {
        let user = server.account("rows-bot", Account::ADMIN).await;
        let made =
            server
                .mas
                .personal_session("rows-bot", "rows-bot", "Bot token", ADMIN_SCOPE, None);
        let (_, token) = made.await.expect("a personal session");
        let scope = authorization::CLIENT_API;
        let app = server.mas.oauth_client("Bot", "https://bot.example/", true);
        let app = server
            .mas
            .oauth_session("rows-bot", &app, scope, "Bot app", 1);
        app.await.expect("a session");
        let way = Way::new(page, server).await;
        page.open("/users").await;
        page.names_host(user.server().as_str());
        page.sign_in_with_token(&token, &way.homeserver.url()).await;
        opens_own(page, &user).await;

        // What the bot works in is left alone.
        let bots = "This account belongs to a bridge or bot.";
        let question = page.dialog("End 1 session?");
        page.row("Bot app").button_like("End ").click().await;
        page.css(".toast").nth(-1).says(bots).await;
        assert_eq!(question.count().await, 0);

        page.row("Bot token").button("End Bot token").click().await;
        question.says(bots).await;
        question
            .says("This may be the session in which you work: you would be signed out here.")
            .await;
        agree(page, "End 1 session", Some("1")).await;
        ends(page, server, &token).await;
    })
    .await;
}
