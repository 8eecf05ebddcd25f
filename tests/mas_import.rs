//! A CSV file becomes accounts of Matrix Authentication Service, by way of the stand-in for it, before a real Synapse
//! that leaves its accounts to it.

use crate::import::{outcomes, report, tally};
use journeys::browser::delegated::Way;
use journeys::browser::importing::{LONG, choose, rows, run, start};
use journeys::browser::{Options, Page, journey};
use journeys::mas::{Delegated, delegated};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::rc::Rc;
use std::time::Duration;
use synapse_admin::api::UserId;
use synapse_admin::api::users::{self, UserDetail};
use xtask::mas::Account;
use xtask::proxy::{Fault, Proxy, Rule};

const USERS: &str = "/api/admin/v1/users";
const PASSWORDS: &str = "/api/admin/v1/users/*/set-password";
const SITE_CONFIG: &str = "/api/admin/v1/site-config";

/// Signs in as an administrator of its own, by way of a proxy before MAS, and goes to the page.
async fn go(page: &Page, server: &'static Delegated, name: &str) -> Rc<Proxy> {
    let root = server.account(name, Account::ADMIN).await;
    let way = Way::new(page, server).await;
    // Who is not there is asked for all the same, and what MAS refuses it refuses.
    page.allows_complaint(&["/users/", "404"]);
    page.allows_complaint(&["/set-password", "400"]);
    way.signs_in(page, &root).await;
    page.link("CSV Import").click().await;
    page.heading("Import users").appears().await;
    way.mas
}

fn user(server: &Delegated, localpart: &str) -> UserId {
    let server = server.synapse.server_name();
    UserId::parse(&format!("@{localpart}:{server}")).expect("a user ID")
}

/// What the homeserver has of an account.
async fn here(server: &'static Delegated, localpart: &str) -> UserDetail {
    let admin = server.admin().await;
    let found = admin.run(&users::get(&user(server, localpart))).await;
    found.unwrap_or_else(|error| panic!("{localpart}: {error}"))
}

/// The passwords that MAS has taken.
fn taken(proxy: &Proxy) -> BTreeSet<String> {
    let set = proxy.seen_of("POST", PASSWORDS).into_iter();
    let set = set.filter(|seen| seen.status == Some(204));
    set.map(|seen| {
        let body: Value = serde_json::from_slice(&seen.body).expect("JSON");
        body["password"].as_str().expect("a password").to_owned()
    })
    .collect()
}

#[tokio::test]
async fn forty_rows_with_all_that_they_have() {
    let Some(server) = delegated() else { return };
    journey(Options::default(), async |page: &Page| {
        let proxy = go(page, server, "importer").await;
        let mut csv = "id,displayname,password,email,admin,locked\n".to_owned();
        for number in 0..40 {
            csv.push_str(&format!(
                "forty.{number},Person {number},secret-forty-{number},p{number}@forty.example,{},{}\n",
                number == 7,
                number == 8,
            ));
        }
        choose(page, csv).await;
        page.sees("All rows can be imported.").await;
        run(page).await;
        let report = report(page).await;
        assert_eq!(tally(&report), [("created".to_owned(), 40)], "{report:?}");
        assert_eq!(proxy.count("POST", USERS), 40);
        let expected: BTreeSet<String> = (0..40).map(|n| format!("secret-forty-{n}")).collect();
        assert_eq!(taken(&proxy), expected);
        let at_mas = |name: &str| server.mas.user(name).expect("an account");
        assert_eq!(at_mas("forty.7")["admin"], json!(true));
        assert_eq!(at_mas("forty.6")["admin"], json!(false));
        assert!(at_mas("forty.8")["locked_at"].is_string());
        let seventh = here(server, "forty.7").await;
        assert_eq!(seventh.user.displayname.as_deref(), Some("Person 7"));
        page.until("the homeserver has the address", async || {
            let detail = here(server, "forty.7").await;
            detail.threepids.iter().any(|found| found.address == "p7@forty.example")
        })
        .await;
    })
    .await;
}

#[tokio::test]
async fn who_exists_is_treated_as_it_says() {
    let Some(server) = delegated() else { return };
    journey(Options::default(), async |page: &Page| {
        let account = Account {
            admin: false,
            seconds: 300,
        };
        server.account("there.already", account).await;
        let proxy = go(page, server, "conflicts").await;
        let csv = "id,displayname,email,phone\n\
                   there.already,Renamed,there@conflict.example,+4930123456\n\
                   there.not,New,,\n";
        choose(page, csv).await;
        page.button("Simulate").click().await;
        page.row("@there.already").says("exists").await;
        page.field("On conflict")
            .choose("Skip: leave the account alone")
            .await;
        page.button("Simulate").click().await;
        page.row("@there.not").says("Create").await;
        page.field("On conflict")
            .choose("Update: change what differs")
            .await;
        page.button("Simulate").click().await;
        // What nobody takes is said before.
        let row = page.row("@there.already");
        row.says("Renamed").await;
        row.says("keeps no phone numbers").await;
        assert_eq!(
            proxy
                .changes()
                .iter()
                .filter(|seen| seen.target.contains("/users"))
                .count(),
            0
        );
        run(page).await;
        let told = report(page).await;
        assert_eq!(outcomes(&told), ["updated", "created"], "{told:?}");
        assert!(
            told[0].detail.contains("keeps no phone numbers"),
            "{told:?}"
        );
        let detail = here(server, "there.already").await;
        assert_eq!(detail.user.displayname.as_deref(), Some("Renamed"));
        assert_eq!(proxy.count("POST", USERS), 1);
        assert_eq!(proxy.count("POST", "/api/admin/v1/user-emails"), 1);
    })
    .await;
}

#[tokio::test]
async fn what_it_does_not_take_is_told_for_the_row() {
    let Some(server) = delegated() else { return };
    journey(Options::default(), async |page: &Page| {
        let account = Account {
            admin: false,
            seconds: 300,
        };
        server.account("refused.holder", account).await;
        let held = server
            .mas
            .email("refused.holder", "held@refused.example")
            .await;
        held.expect("an address");
        let proxy = go(page, server, "refusals").await;
        let csv = "id,password,email\n\
                   refused.weak,short,\n\
                   refused.taken,secret-enough,held@refused.example\n\
                   refused.none,secret-beside,\n";
        choose(page, csv).await;
        page.button("Simulate").click().await;
        page.row("refused.taken").says("@refused.holder").await;
        run(page).await;
        let told = report(page).await;
        let expected = ["created_with_problems", "invalid", "created"];
        assert_eq!(outcomes(&told), expected, "{told:?}");
        assert!(told[0].detail.contains("too weak"), "{told:?}");
        let expected = BTreeSet::from(["secret-beside".to_owned()]);
        assert_eq!(taken(&proxy), expected);
        assert!(server.mas.user("refused.weak").is_ok());
        assert!(server.mas.user("refused.taken").is_err());
    })
    .await;
}

#[tokio::test]
async fn where_passwords_are_off_there_are_none() {
    let Some(server) = delegated() else { return };
    journey(Options::default(), async |page: &Page| {
        let proxy = {
            let off = json!({
                "server_name": server.synapse.server_name(),
                "password_login_enabled": false,
            });
            let proxy = go(page, server, "passwordless").await;
            let tells = Fault::matrix(200, &off.to_string());
            proxy.add(Rule::new("GET", SITE_CONFIG, tells));
            page.reload().await;
            proxy
        };
        page.sees("Nobody signs in to this server with a password")
            .await;
        page.is_accessible().await;
        choose(page, "id,password\noff.own,secret-own\noff.none,\n").await;
        run(page).await;
        let told = report(page).await;
        assert_eq!(outcomes(&told), ["created", "created"], "{told:?}");
        assert!(told[0].detail.contains("not sent"), "{told:?}");
        assert!(told.iter().all(|line| line.password.is_empty()));
        assert_eq!(proxy.count("POST", PASSWORDS), 0);
        assert!(!page.button("Print hand-out sheets").exists().await);
    })
    .await;
}

#[tokio::test]
async fn a_reloaded_page_goes_on_and_knows_each_password() {
    let Some(server) = delegated() else { return };
    journey(Options::default(), async |page: &Page| {
        const ROWS: usize = 30;
        let proxy = go(page, server, "reloading").await;
        page.allows_complaint(&["net::ERR_"]);
        let csv: Vec<String> = rows("reloaded", ROWS)
            .lines()
            .map(|line| {
                line.rsplit_once(',')
                    .map_or(line, |(rest, _)| rest)
                    .to_owned()
            })
            .collect();
        choose(page, csv.join("\n") + "\n").await;
        page.field("Passwords")
            .choose("Generate missing ones")
            .await;
        // Some accounts are there without a password, and of some nobody knows whether they are.
        proxy.add(Rule::new("POST", PASSWORDS, Fault::Held).after(8));
        proxy.add(Rule::new(
            "POST",
            USERS,
            Fault::Delay(Duration::from_millis(300)),
        ));
        start(page).await;
        page.until_within(LONG, "it is at it", async || {
            proxy.count("POST", PASSWORDS) > 8
        })
        .await;
        page.reload().await;
        proxy.clear_rules();
        page.heading("Imports kept in this browser").appears().await;
        page.button("Go on").click().await;
        page.heading("The import has ended")
            .appears_within(LONG)
            .await;
        let told = report(page).await;
        assert_eq!(tally(&told), [("created".to_owned(), ROWS)], "{told:?}");
        let reported: BTreeSet<String> = told.iter().map(|line| line.password.clone()).collect();
        assert_eq!(reported.len(), ROWS);
        assert_eq!(taken(&proxy), reported);
    })
    .await;
}

#[tokio::test]
async fn what_an_import_has_created_is_deactivated_there() {
    let Some(server) = delegated() else { return };
    journey(Options::default(), async |page: &Page| {
        let proxy = go(page, server, "undoing").await;
        choose(page, "id,displayname\nundone.one,One\nundone.two,Two\n").await;
        run(page).await;
        page.button("Undo …").click().await;
        page.sees("lose their e-mail addresses").await;
        page.sees(user(server, "undone.one").as_str()).await;
        let dialog = page.css("dialog[open]");
        dialog.css("input").fill("2").await;
        dialog.button("Deactivate 2 accounts").click().await;
        page.until_within(LONG, "both are deactivated", async || {
            ["undone.one", "undone.two"].iter().all(|name| {
                let account = server.mas.user(name).expect("an account");
                account["deactivated_at"].is_string()
            })
        })
        .await;
        for seen in proxy.seen_of("POST", "/api/admin/v1/users/*/deactivate") {
            let body: Value = serde_json::from_slice(&seen.body).expect("JSON");
            assert_eq!(body, json!({"skip_erase": true}));
        }
    })
    .await;
}
