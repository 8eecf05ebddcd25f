//! Logging out while something would be lost with the session: what is typed and not saved, and jobs; and with
//! a token that was brought.

use crate::mas_accounts::acting_as;
use journeys::browser::acting::{act, agree, are_gone, is_followed, rooms_of_one, select};
use journeys::browser::delegated::Way;
use journeys::browser::importing::LONG;
use journeys::browser::{Options, Page, journey};
use journeys::mas::delegated;
use journeys::server::server;
use synapse_admin::api::encode::encoded;
use synapse_admin::api::login;
use thirtyfour::Key;
use xtask::mas::{ADMIN_SCOPE, Account};
use xtask::proxy::{Fault, Rule};
use xtask::world::ADMIN_PASSWORD;

#[tokio::test]
async fn what_is_not_saved_is_asked_about() {
    journey(Options::default(), async |page: &Page| {
        let server = server();
        let admin = server.fresh_admin("out.typed").await;
        let user = server.maker.make_fresh_user("out.user").await.unwrap();
        let url = server.synapse.url();
        let path = format!("/users/{}", encoded(user.as_str()));
        page.sign_in_as(&admin, ADMIN_PASSWORD, &url).await;
        page.open(&path).await;
        page.field("Display name").fill("Precious").await;
        let question = page.dialog("Log out?");

        // The button, the palette, the list of servers.
        page.button("Log out").click().await;
        question
            .says("What you have changed or made here is not saved.")
            .await;
        page.is_accessible().await;
        page.picture("log-out-question").await;
        question.button("Cancel").click().await;
        question.goes().await;
        page.press(Key::Control + "k").await;
        page.field("Search or paste an identifier")
            .fill("log out")
            .await;
        page.css("[role=option][aria-selected=true]")
            .says("Log out")
            .await;
        page.press(Key::Enter + "").await;
        question.appears().await;
        question.button("Cancel").click().await;
        question.goes().await;
        page.field("Display name").holds("Precious").await;
        page.button(&format!("{admin} Servers")).click().await;
        page.dialog("Servers")
            .button(&format!("Log out {admin}"))
            .click()
            .await;
        question.button("Log out").click().await;
        page.button("Sign in").appears().await;
        page.is_at("/login").await;

        // Nobody is asked about it any more.
        page.sign_in_by_hand(&admin, &url).await;
        page.open(&path).await;
        page.field("Display name").holds(user.localpart()).await;
        page.link("Security").click().await;
        page.button("Reset password").appears().await;
        assert_eq!(page.dialog("Leave without saving?").count().await, 0);
        page.button("Log out").click().await;
        page.button("Sign in").appears().await;
    })
    .await;
}

#[tokio::test]
async fn what_was_not_begun_is_offered_to_whom_it_belongs() {
    journey(Options::default(), async |page: &Page| {
        let server = server();
        // What an old server remembers of earlier deletions is asked for before.
        page.allows_complaint(&["/delete_status", "404"]);
        page.allows_complaint(&["/_synapse/admin/v1/rooms/", "404"]);
        page.allows_complaint(&["/_synapse/admin/v1/statistics/database/rooms"]);
        let first = server.fresh_admin("out.first").await;
        let second = server.fresh_admin("out.second").await;
        let (made, part) = rooms_of_one(&server.maker, "out.owner", 3).await;
        let proxy = page.proxy();
        let deleted = || proxy.count("DELETE", "/_synapse/admin/v2/rooms/*");
        page.sign_in_as(&first, ADMIN_PASSWORD, &proxy.url()).await;
        // As long as the first is not over, the others are not begun.
        let goes_on = proxy.add(Rule::new(
            "GET",
            "/_synapse/admin/v2/rooms/delete_status/*",
            Fault::matrix(200, r#"{"status":"active"}"#),
        ));
        select(page, "/rooms", &part, 3).await;
        act(page, "Delete", "Delete 3 rooms", Some("3")).await;
        is_followed(page).await;

        page.button("Log out").click().await;
        let question = page.dialog("Log out?");
        question.says("1 job is running in this tab").await;
        question.button("Log out").click().await;
        page.button("Sign in").appears().await;

        // Whoever signs in next is told nothing of it, and it ends without a word.
        page.sign_in_by_hand(&second, &proxy.url()).await;
        page.until_within(LONG, "the job has ended", async || {
            let held = "
                return navigator.locks.query().then(({held}) =>
                    held.some(({name}) => name.includes('room-deletions')))";
            page.script(held, vec![]).await == false
        })
        .await;
        assert!(!page.css(".job-pill").exists().await);
        assert!(!page.text().await.contains("Delete 3 rooms"));
        page.open("/activity").await;
        page.sees("Nothing has been changed yet").await;
        page.button("Log out").click().await;
        page.button("Sign in").appears().await;

        page.sign_in_by_hand(&first, &proxy.url()).await;
        page.sees("Delete 3 rooms: 2 were not begun when the page was left.")
            .await;
        assert_eq!(deleted(), 1);
        proxy.remove(goes_on);
        page.css(".job-pill").click().await;
        page.button("Resume").click().await;
        are_gone(page, &server.maker, &made).await;
        assert_eq!(deleted(), 3);
    })
    .await;
}

#[tokio::test]
async fn a_token_that_was_brought_is_left_or_revoked() {
    journey(Options::default(), async |page: &Page| {
        let server = server();
        let admin = server.fresh_admin("out.brought").await;
        let token = server.access_token(&admin).await;
        let proxy = page.proxy();
        let log_outs = || proxy.count("POST", "/_matrix/client/v3/logout");
        let question = page.dialog("Log out?");
        page.open("/users").await;
        page.sign_in_with_token(&token, &proxy.url()).await;
        page.row("@").first().appears().await;

        // It is left as it is, unless somebody says otherwise.
        page.button("Log out").click().await;
        question
            .says("You brought the access token of this session.")
            .await;
        question
            .says("Unless you revoke it, it stays valid, also for whatever else uses it.")
            .await;
        page.is_accessible().await;
        page.picture("log-out-brought").await;
        question.button("Cancel").click().await;
        question.goes().await;
        page.button("Log out").click().await;
        question.button("Log out").click().await;
        page.button("Sign in").appears().await;
        page.is_at("/login").await;
        page.sees(&format!("The access token of {admin} stays valid."))
            .await;
        assert_eq!(log_outs(), 0);
        assert!(server.accepts(&token).await);

        page.sign_in_with_token(&token, &proxy.url()).await;
        page.button("Log out").click().await;
        question
            .checkbox("Revoke the access token: whatever else uses it loses access")
            .tick(true)
            .await;
        question.button("Log out").click().await;
        page.button("Sign in").appears().await;
        page.until("the token is revoked", async || {
            !server.accepts(&token).await
        })
        .await;
        assert_eq!(log_outs(), 1);
    })
    .await;
}

/// Whether a token is revoked that the server does not confirm is nothing that anybody knows.
#[tokio::test]
async fn a_token_that_may_still_be_good_is_told() {
    journey(Options::default(), async |page: &Page| {
        let server = server();
        let admin = server.fresh_admin("out.unsure").await;
        let token = server.access_token(&admin).await;
        page.allows_complaint(&["/logout", "status of 502"]);
        let proxy = page.proxy();
        page.open("/users").await;
        page.sign_in_with_token(&token, &proxy.url()).await;
        page.row("@").first().appears().await;
        let log_out = "/_matrix/client/v3/logout";
        proxy.add(Rule::new("POST", log_out, Fault::bad_gateway()));
        page.button("Log out").click().await;
        let question = page.dialog("Log out?");
        question
            .checkbox("Revoke the access token: whatever else uses it loses access")
            .tick(true)
            .await;
        question.button("Log out").click().await;
        page.css("body > .toasts .toast")
            .says(&format!(
                "{} has not confirmed it, so the session may live on there.",
                proxy.homeserver()
            ))
            .await;
        assert!(server.accepts(&token).await);
    })
    .await;
}

#[tokio::test]
async fn a_token_of_mas_outlasts_logging_out() {
    let Some(server) = delegated() else { return };
    journey(Options::default(), async |page: &Page| {
        let name = "out-of-mas";
        let user = server.account(name, Account::ADMIN).await;
        let made = server
            .mas
            .personal_session(name, name, "Journey", ADMIN_SCOPE, None);
        let (_, token) = made.await.expect("a personal session");
        let way = Way::new(page, server).await;
        page.open("/users").await;
        page.names_host(user.server().as_str());
        page.sign_in_with_token(&token, &way.homeserver.url()).await;
        page.row("@").first().appears().await;

        // Where it can be ended is a click away.
        page.button("Log out").click().await;
        let question = page.dialog("Log out?");
        question
            .says(
                "logging out does not revoke a token that Matrix Authentication Service has given.",
            )
            .await;
        assert_eq!(question.css("[type=checkbox]").count().await, 0);
        page.is_accessible().await;
        let own = format!("/users/{user}?tab=sessions");
        question.button("Sessions").click().await;
        page.is_at(&own).await;
        question.goes().await;

        page.button("Log out").click().await;
        question.button("Log out").click().await;
        page.button("Sign in").appears().await;
        page.sees(&format!("The access token of {user} stays valid."))
            .await;
        let log_outs = way.homeserver.count("POST", "/_matrix/client/v3/logout");
        assert_eq!(log_outs, 0);
        let client = server.synapse.client().with_token(&token);
        assert!(client.run(&login::who_am_i()).await.is_ok());

        // There it ends, alone and on one's word.
        page.allows_complaint(&["status of 401"]);
        page.sign_in_with_token(&token, &way.homeserver.url()).await;
        page.button("Log out").click().await;
        question.button("Sessions").click().await;
        page.is_at(&own).await;
        page.row("Journey").button("End Journey").click().await;
        page.sees("This may be the session in which you work: you would be signed out here.")
            .await;
        agree(page, "End 1 session", Some("1")).await;
        // At MAS: the homeserver keeps what that has said of a token for some minutes.
        page.until("the token is revoked", async || {
            let sessions = acting_as(server, &user).await;
            sessions.iter().all(|session| session.revoked_at.is_some())
        })
        .await;
    })
    .await;
}
