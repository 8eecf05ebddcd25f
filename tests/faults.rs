//! Imports and other jobs in bad weather: every row is accounted for, and the server has exactly
//! what the report says. And what is said of a proxy that answers in the server's place.

use crate::import::{Line, account, arrives, proxy, records, report, tally, user};
use journeys::browser::importing::{LONG, choose, rows, run, start};
use journeys::browser::{Options, Page, journey, stage};
use journeys::server::Server;
use std::rc::Rc;
use std::time::Duration;
use synapse_admin::api::UserId;
use synapse_admin::api::users::{UserChange, get};
use xtask::proxy::{Fault, Proxy, Rule};
use xtask::world::{ADMIN_PASSWORD, people};

/// Where accounts are created and changed.
pub const USERS: &str = "/_synapse/admin/v2/users/*";

/// Every row of a file of new users has its line, and the server agrees with each.
pub async fn is_accounted_for(report: &[Line], prefix: &str, count: usize) {
    assert_eq!(report.len(), count);
    for (number, line) in report.iter().enumerate() {
        let id = user(&format!("{prefix}.{number}"));
        assert_eq!(line.id, id.as_str(), "{line:?}");
        let there = account(&id).await;
        match line.outcome.as_str() {
            "created" => {
                let there = there.unwrap_or_else(|| panic!("{line:?}, but it is not there"));
                assert_eq!(
                    there.user.displayname,
                    Some(format!("Person {number} of {prefix}"))
                );
            }
            "failed" | "not_done" => assert!(there.is_none(), "{line:?}, but it is there"),
            other => panic!("{other}: {line:?}"),
        }
    }
}

/// Tries the failed rows again until all are done, now that the weather is fine.
async fn finish(page: &Page, prefix: &str, count: usize) {
    if page.css("main").button("Retry the rest").exists().await {
        page.css("main").button("Retry the rest").click().await;
        page.until_within(LONG, "the rest is done", async || {
            !page.css("main").button("Retry the rest").exists().await
                && page.heading("The import has ended").exists().await
        })
        .await;
    }
    let report = report(page).await;
    is_accounted_for(&report, prefix, count).await;
    assert_eq!(tally(&report), [("created".to_owned(), count)]);
}

/// Waits until the import has ended: so many users are created, and each is accounted for.
async fn all_are_created(page: &Page, prefix: &str, count: usize) {
    page.heading("The import has ended")
        .appears_within(LONG)
        .await;
    let report = report(page).await;
    is_accounted_for(&report, prefix, count).await;
    assert_eq!(tally(&report), [("created".to_owned(), count)]);
}

#[tokio::test]
async fn asked_to_slow_down() {
    journey(Options::default(), async |page: &Page| {
        let proxy = arrives(page).await;
        page.expects_complaint(&["/users/", "status of 429"]);
        // Before a row is tried again, its account is looked for.
        page.allows_complaint(&["/users/", "status of 404"]);
        proxy.add(
            Rule::new("PUT", USERS, Fault::rate_limited(Some(300)))
                .after(4)
                .every(9),
        );
        proxy.add(
            Rule::new("PUT", USERS, Fault::rate_limited(None))
                .after(15)
                .times(2),
        );
        choose(page, rows("slow", 60)).await;
        run(page).await;
        let report = report(page).await;
        is_accounted_for(&report, "slow", 60).await;
        // Nothing is given up for a wait.
        assert_eq!(tally(&report), [("created".to_owned(), 60)]);
        let refused = proxy
            .seen_of("PUT", USERS)
            .iter()
            .filter(|request| request.status == Some(429))
            .count();
        assert!(refused >= 5, "{refused}");
    })
    .await;
}

#[tokio::test]
async fn a_server_that_fails_now_and_then() {
    journey(Options::default(), async |page: &Page| {
        let proxy = arrives(page).await;
        page.expects_complaint(&["/users/", "status of 50"]);
        page.allows_complaint(&["/users/", "status of 404"]);
        proxy.add(
            Rule::new("PUT", USERS, Fault::server_error())
                .after(3)
                .every(6),
        );
        proxy.add(
            Rule::new("PUT", USERS, Fault::bad_gateway())
                .after(9)
                .every(11),
        );
        choose(page, rows("fails", 50)).await;
        run(page).await;
        let report = report(page).await;
        is_accounted_for(&report, "fails", 50).await;
        proxy.clear_rules();
        finish(page, "fails", 50).await;
    })
    .await;
}

#[tokio::test]
async fn a_server_that_fails_for_good() {
    journey(Options::default(), async |page: &Page| {
        let proxy = arrives(page).await;
        page.expects_complaint(&["/users/", "status of 500"]);
        page.allows_complaint(&["/users/", "status of 404"]);
        // Two rows never go through; the others do.
        for name in ["@lost.3:*", "@lost.7:*"] {
            let pattern = format!("/_synapse/admin/v2/users/{name}");
            proxy.add(Rule::new("PUT", &pattern, Fault::server_error()));
        }
        choose(page, rows("lost", 20)).await;
        run(page).await;
        let report = report(page).await;
        is_accounted_for(&report, "lost", 20).await;
        assert_eq!(
            tally(&report),
            [("created".to_owned(), 18), ("failed".to_owned(), 2)]
        );
        page.is_accessible().await;

        // The failed rows as a file: put right, they can be imported again.
        page.button("Download failed rows").click().await;
        let (name, csv) = page.downloaded_text().await;
        assert!(name.ends_with(".csv"), "{name}");
        let failed = records(&csv);
        assert_eq!(failed.len(), 2);
        assert!(failed.iter().all(|row| !row["error"].is_empty()));
        assert_eq!(failed[0]["id"], "lost.3");
        assert_eq!(failed[0]["password"], "secret-lost-3");
        proxy.clear_rules();
        page.button("New import").click().await;
        choose(page, csv).await;
        run(page).await;
        let again = self::report(page).await;
        assert_eq!(tally(&again), [("created".to_owned(), 2)]);
        for name in ["lost.3", "lost.7"] {
            assert!(account(&user(name)).await.is_some());
            assert!(
                crate::import::opens(&user(name), &format!("secret-{}", name.replace('.', "-")))
                    .await
            );
        }
    })
    .await;
}

#[tokio::test]
async fn connections_that_break() {
    journey(Options::default(), async |page: &Page| {
        let proxy = arrives(page).await;
        page.allows_complaint(&["/users/", "net::ERR_"]);
        page.allows_complaint(&["/users/", "status of 404"]);
        page.allows_complaint(&["server_version", "net::ERR_"]);
        // The browser sends a request again by itself, and the account is there already.
        page.allows_complaint(&["/users/", "status of 400"]);
        // Before the server heard of it, and after it has done it.
        proxy.add(Rule::new("PUT", USERS, Fault::DropBefore).after(3).every(7));
        proxy.add(Rule::new("PUT", USERS, Fault::DropAfter).after(5).every(8));
        choose(page, rows("breaks", 50)).await;
        run(page).await;
        let report = report(page).await;
        let broken = proxy
            .seen_of("PUT", USERS)
            .iter()
            .filter(|request| request.fault.is_some())
            .count();
        assert!(broken > 5, "{broken}");
        is_accounted_for(&report, "breaks", 50).await;
        proxy.clear_rules();
        finish(page, "breaks", 50).await;
        for number in 0..50 {
            let id = user(&format!("breaks.{number}"));
            let password = format!("secret-breaks-{number}");
            assert!(crate::import::opens(&id, &password).await, "{id}");
        }
    })
    .await;
}

#[tokio::test]
async fn a_request_that_hangs_holds_up_no_other() {
    journey(Options::default(), async |page: &Page| {
        let proxy = arrives(page).await;
        page.allows_complaint(&["/users/", "net::ERR_"]);
        page.allows_complaint(&["/users/", "status of 404"]);
        proxy.add(Rule::new("PUT", USERS, Fault::Hang).after(4).times(1));
        choose(page, rows("hangs", 30)).await;
        start(page).await;
        let there = async || {
            let query = synapse_admin::api::users::ListUsers {
                limit: 100,
                name: Some("hangs.".to_owned()),
                ..Default::default()
            };
            let maker = &crate::import::server().maker;
            let request = synapse_admin::api::users::list(&query, maker.capabilities());
            maker
                .admin()
                .run(&request)
                .await
                .map_or(0, |page| page.total)
        };
        page.until_within(LONG, "all others are created", async || there().await >= 29)
            .await;
        proxy.clear_rules();
        page.heading("The import has ended")
            .appears_within(LONG)
            .await;
        finish(page, "hangs", 30).await;
    })
    .await;
}

/// Opens the import as an administrator of their own, whose token is to be refused when some accounts are
/// created: the others wait.
async fn is_to_be_revoked(page: &Page, prefix: &str) -> (&'static Server, UserId, Rc<Proxy>) {
    let server = crate::import::server();
    let admin = server.fresh_admin(prefix).await;
    let proxy = proxy(page);
    page.sign_in_as(&admin, ADMIN_PASSWORD, &proxy.url()).await;
    page.link("CSV Import").click().await;
    page.expects_complaint(&["/users/", "status of 401"]);
    page.allows_complaint(&["/refresh", "status of 401"]);
    page.allows_complaint(&["/users/", "status of 404"]);
    proxy.add(Rule::new("PUT", USERS, Fault::Held).after(6));
    (server, admin, proxy)
}

#[tokio::test]
async fn a_token_revoked_during_the_import() {
    journey(Options::default(), async |page: &Page| {
        let (server, admin, proxy) = is_to_be_revoked(page, "import-admin").await;
        choose(page, rows("revoked", 60)).await;
        start(page).await;
        page.until("some are created", async || proxy.count("PUT", USERS) > 6)
            .await;
        server.revoke_sessions(&admin).await;
        proxy.clear_rules();
        let again = page.dialog("Sign in again");
        again.appears().await;
        again.field("Password").fill(ADMIN_PASSWORD).await;
        again.button("Sign in").click().await;
        again.goes().await;
        all_are_created(page, "revoked", 60).await;
    })
    .await;
}

/// Whoever signs in again may take their time. A creation that met the refused token is not sent again
/// without another look: who has made the account meanwhile keeps their name.
#[tokio::test]
async fn an_account_made_while_the_token_is_refused() {
    journey(Options::default(), async |page: &Page| {
        let (server, admin, proxy) = is_to_be_revoked(page, "waiting-admin").await;
        choose(page, rows("waiting", 30)).await;
        page.field("On conflict")
            .choose("Skip: leave the account alone")
            .await;
        start(page).await;
        page.until("some are held", async || proxy.count("PUT", USERS) > 6)
            .await;
        server.revoke_sessions(&admin).await;
        proxy.clear_rules();
        let again = page.dialog("Sign in again");
        again.appears().await;
        let mut refused = None;
        page.until("a creation is refused", async || {
            let seen = proxy.seen_of("PUT", USERS);
            refused = seen.into_iter().find(|seen| seen.status == Some(401));
            refused.is_some()
        })
        .await;
        let path = refused.unwrap().path();
        let id = UserId::parse(path.rsplit('/').next().unwrap()).unwrap();
        let theirs = UserChange {
            displayname: Some("Somebody Else".to_owned()),
            ..UserChange::default()
        };
        server
            .maker
            .make_user(id.localpart(), &theirs)
            .await
            .unwrap();
        // For so long a look at the newest accounts is good.
        tokio::time::sleep(Duration::from_secs(4)).await;
        again.field("Password").fill(ADMIN_PASSWORD).await;
        again.button("Sign in").click().await;
        again.goes().await;
        page.heading("The import has ended")
            .appears_within(LONG)
            .await;
        let report = report(page).await;
        let line = report.iter().find(|line| line.id == id.as_str()).unwrap();
        assert_eq!(line.outcome, "skipped", "{line:?}");
        let there = account(&id).await.unwrap();
        assert_eq!(there.user.displayname.as_deref(), Some("Somebody Else"));
        let created = report.iter().filter(|line| line.outcome == "created");
        assert_eq!(created.count(), 29);
    })
    .await;
}

#[tokio::test]
async fn a_proxy_that_asks_to_slow_down() {
    journey(Options::default(), async |page: &Page| {
        let proxy = arrives(page).await;
        page.expects_complaint(&["/users/", "status of 429"]);
        page.allows_complaint(&["/users/", "status of 404"]);
        // A date that is over asks for no wait.
        let date = "Sun, 06 Nov 1994 08:49:37 GMT";
        proxy.add(
            Rule::new("PUT", USERS, Fault::slow_down(date))
                .after(5)
                .times(1),
        );
        // For longer than a row would be tried.
        proxy.add(Rule::new("PUT", USERS, Fault::slow_down("1")).after(20));
        choose(page, rows("limit", 60)).await;
        start(page).await;
        page.sees("The homeserver asks us to slow down").await;
        let refused = async || {
            let puts = proxy.seen_of("PUT", USERS);
            puts.iter().filter(|put| put.status == Some(429)).count() > 8
        };
        page.until_within(LONG, "several are refused", refused)
            .await;
        proxy.clear_rules();
        all_are_created(page, "limit", 60).await;
    })
    .await;
}

#[tokio::test]
async fn a_proxy_that_turns_away() {
    journey(Options::default(), async |page: &Page| {
        let proxy = arrives(page).await;
        page.expects_complaint(&["/_synapse/admin/", "status of 403"]);
        page.allows_complaint(&["/users/", "status of 404"]);
        let refusal = || Fault::html(403, "<html><title>403 Forbidden</title></html>");
        proxy.add(Rule::new("*", USERS, refusal()).after(4));
        choose(page, rows("turned", 30)).await;
        start(page).await;
        page.sees("Paused: Something in front of the homeserver lets nobody through")
            .await;
        // Whoever goes on too early loses nothing.
        let refused = || {
            let all = proxy.seen_of("*", USERS);
            all.iter().filter(|seen| seen.status == Some(403)).count()
        };
        let before = refused();
        page.css("main").button("Resume").click().await;
        page.until("it is turned away again", async || refused() > before)
            .await;
        page.sees("Paused: Something in front of the homeserver lets nobody through")
            .await;
        proxy.clear_rules();
        page.css("main").button("Resume").click().await;
        all_are_created(page, "turned", 30).await;
    })
    .await;
}

#[tokio::test]
async fn a_log_in_page_in_between() {
    journey(Options::default(), async |page: &Page| {
        let proxy = arrives(page).await;
        page.allows_complaint(&["/users/", "status of 404"]);
        // The answer to a creation is a page with a success: that is no account.
        proxy.add(Rule::new("*", USERS, Fault::web_page()).after(4));
        choose(page, rows("page", 20)).await;
        start(page).await;
        page.sees("Paused: A web page came back where the homeserver should have answered")
            .await;
        proxy.clear_rules();
        page.css("main").button("Resume").click().await;
        all_are_created(page, "page", 20).await;
    })
    .await;
}

#[tokio::test]
async fn a_server_that_restarts_behind_a_proxy() {
    journey(Options::default(), async |page: &Page| {
        let maker = &stage().maker;
        let mut users = Vec::new();
        for _ in 0..12 {
            users.push(maker.make_fresh_user("restart").await.unwrap());
        }
        let proxy = page.proxy();
        page.sign_in(&proxy.url()).await;
        page.open(&format!("/users?q=restart.{}&size=50", std::process::id()))
            .await;
        page.css("tbody th[role=rowheader]").counts(12).await;
        page.checkbox("Select all on this page").tick(true).await;
        page.expects_complaint(&["/_synapse/admin/", "status of 404"]);
        let version = "/_synapse/admin/v1/server_version";
        let ban = "/_synapse/admin/v1/users/*/shadow_ban";
        proxy.add(Rule::new("POST", ban, Fault::no_route()).after(2));
        proxy.add(Rule::new("GET", version, Fault::no_route()));
        page.css(".bulk-bar").button("Actions").click().await;
        page.css("[popover]").button("Shadow-ban").click().await;
        let title = "Shadow-ban 12 users";
        let question = page.dialog(&format!("{title}?"));
        question.button(title).click().await;
        question.goes().await;
        page.css(".job-pill").click().await;
        page.sees("Nothing is lost; asking again in").await;
        page.until("the server was asked", async || {
            proxy.count("GET", version) > 0
        })
        .await;
        proxy.clear_rules();
        page.sees_within(LONG, &format!("{title}: Finished")).await;
        for user in &users {
            assert!(stage().run(&get(user)).await.user.shadow_banned, "{user}");
        }
    })
    .await;
}

#[tokio::test]
async fn a_proxy_that_takes_the_token_away() {
    journey(Options::default(), async |page: &Page| {
        let proxy = page.proxy();
        page.expects_complaint(&["/_synapse/admin/", "status of 401"]);
        let rule = Rule::new("*", "/_synapse/admin/*", Fault::StripAuthorization);
        let taken = proxy.add(rule);
        page.fill_in(&stage().user(people::ADMIN), ADMIN_PASSWORD, &proxy.url())
            .await;
        page.button("Sign in").click().await;
        let alert = page.alert("received the request without its access token");
        alert.says("removes the “Authorization” header").await;
        assert!(!page.text().await.contains("locked"));

        // In mid-work it is a failure with words, and nobody is asked to sign in again.
        proxy.remove(taken);
        page.button("Sign in").click().await;
        page.row("@").first().appears().await;
        proxy.add(Rule::new(
            "*",
            "/_synapse/admin/*",
            Fault::StripAuthorization,
        ));
        page.button("Refresh").click().await;
        page.sees("received the request without its access token")
            .await;
        assert_eq!(page.dialog("Sign in again").count().await, 0);
    })
    .await;
}
