//! Logging out while something would be lost with the session: what is typed and not saved, and jobs.

use journeys::browser::acting::{act, are_gone, is_followed, rooms_of_one, select};
use journeys::browser::importing::LONG;
use journeys::browser::{Options, Page, journey};
use journeys::server::server;
use synapse_admin::api::encode::encoded;
use thirtyfour::Key;
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
