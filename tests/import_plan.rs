//! What the plan of an import knows before anything is sent.

use crate::config::{options, panel};
use crate::import::{account, arrives, go, opens, proxy, records, report, server, user};
use crate::journal::asks_before_it_closes;
use journeys::browser::importing::{ask, choose, confirm, question, rows, run};
use journeys::browser::{Options, Page, journey};
use journeys::server::{Server, own_server};
use serde_json::json;
use std::collections::HashSet;
use synapse_admin::api::users::{self, ExternalId, ListUsers, Threepid, UserChange};
use thirtyfour::Key;
use xtask::proxy::{Fault, Proxy, Rule};
use xtask::world::database::Statement;
use xtask::world::{ADMIN_PASSWORD, people};

const THREEPIDS: &str = "/_synapse/admin/v1/threepid/*";
const PROVIDERS: &str = "/_synapse/admin/v1/auth_providers/*";

fn email(address: &str) -> Threepid {
    Threepid {
        medium: "email".into(),
        address: address.into(),
    }
}

#[tokio::test]
async fn what_another_account_has_is_not_taken_from_it() {
    journey(Options::default(), async |page: &Page| {
        let identity = ExternalId {
            auth_provider: "oidc-example".into(),
            external_id: "taken".into(),
        };
        let change = UserChange {
            threepids: Some(vec![email("taken@example.org")]),
            external_ids: Some(vec![identity.clone()]),
            ..Default::default()
        };
        let maker = &server().maker;
        let owner = maker.make_user("taken.owner", &change).await.unwrap();
        let change = UserChange {
            threepids: Some(vec![email("taken.update@example.org")]),
            ..Default::default()
        };
        maker.make_user("taken.update", &change).await.unwrap();

        let proxy = arrives(page).await;
        // Which nobody has.
        page.expects_complaint(&["/threepid/", "status of 404"]);
        page.allows_complaint(&["/users/", "status of 404"]);
        choose(
            page,
            "id,displayname,threepids,external_ids\n\
             taken.free,Free,email:taken.free@example.org,\n\
             taken.mail,Mail,email:Taken@Example.org,\n\
             taken.identity,Identity,,oidc-example:taken\n\
             taken.update,Update,\"email:taken@example.org,email:taken.update@example.org\",\n\
             taken.invalid,Invalid,email:taken.invalid@example.org,nothing\n",
        )
        .await;
        // The fourth row has what the second one has: only one of them can have it.
        page.field("Line 5, threepids")
            .fill("email:taken.update@example.org")
            .await;
        page.press(thirtyfour::Key::Tab + "").await;
        page.field("On conflict")
            .choose("Update: change what differs")
            .await;
        page.button("Simulate").click().await;
        page.sees("Simulation: nothing has been sent.").await;
        page.row("@taken.free").says("Create").await;
        let sentence = format!("belongs to {owner} already");
        page.row("taken.mail").says("Blocked").await;
        page.row("taken.mail").says(&sentence).await;
        page.row("taken.mail")
            .says("the server would take it away there")
            .await;
        page.row("taken.identity").says(&sentence).await;
        page.row("taken.identity")
            .says("the server would refuse it")
            .await;
        page.row("@taken.update").says("Update").await;
        page.is_accessible().await;
        let asked = || (proxy.count("GET", THREEPIDS), proxy.count("GET", PROVIDERS));
        // Not for what the account of the row has, nor for rows that do not go.
        assert_eq!(asked(), (2, 1));

        run(page).await;
        let report = report(page).await;
        let words: Vec<&str> = report.iter().map(|line| line.outcome.as_str()).collect();
        assert_eq!(
            words,
            ["created", "invalid", "invalid", "updated", "invalid"],
            "{report:?}"
        );
        assert!(report[1].detail.contains(&sentence), "{report:?}");
        // Once more right before: somebody may have got it since.
        assert_eq!(asked(), (3, 1));
        let owner = account(&owner).await.unwrap();
        assert_eq!(owner.threepids[0].address, "taken@example.org");
        assert_eq!(owner.external_ids, [identity]);
        assert!(account(&user("taken.mail")).await.is_none());
        assert!(account(&user("taken.identity")).await.is_none());
    })
    .await;
}

#[tokio::test]
async fn servers_that_cannot_say_whose_an_address_is() {
    journey(Options::default(), async |page: &Page| {
        let proxy = proxy(page);
        proxy.add(Rule::new(
            "GET",
            "/_synapse/admin/v1/server_version",
            Fault::matrix(200, r#"{"server_version":"1.67.0"}"#),
        ));
        go(page, &proxy).await;
        choose(
            page,
            "id,threepids,external_ids\n\
             unasked.one,email:unasked@example.org,saml:one\n\
             unasked.two,msisdn:+49 30 123456,\n\
             Un Asked,email:unasked.invalid@example.org,\n",
        )
        .await;
        page.button("Simulate").click().await;
        page.sees("3 e-mail addresses, phone numbers or external IDs were not checked")
            .await;
        page.row("@unasked.one").says("Create").await;
        assert_eq!(proxy.count("GET", THREEPIDS), 0);
        assert_eq!(proxy.count("GET", PROVIDERS), 0);

        // Nor what stands before a new one, which is asked no more than a few times.
        proxy.clear_rules();
        let nowhere = r#"{"errcode":"M_UNRECOGNIZED","error":"Unrecognized request"}"#;
        proxy.add(Rule::new("GET", THREEPIDS, Fault::matrix(404, nowhere)));
        page.expects_complaint(&["/threepid/", "status of 404"]);
        page.reload().await;
        page.heading("Import users").appears().await;
        let addresses: String = (0..20)
            .map(|number| format!("unasked.{number},email:unasked.{number}@example.org\n"))
            .collect();
        choose(page, format!("id,threepids\n{addresses}")).await;
        page.button("Simulate").click().await;
        page.sees("20 e-mail addresses, phone numbers or external IDs were not checked")
            .await;
        // Those that were under way, and those that were begun meanwhile.
        assert!(proxy.count("GET", THREEPIDS) <= 2 * 6);
    })
    .await;
}

#[tokio::test]
async fn a_plan_outlasts_a_server_that_restarts() {
    journey(Options::default(), async |page: &Page| {
        const ROWS: usize = 40;
        let proxy = arrives(page).await;
        page.allows_complaint(&["status of 404"]);
        page.expects_complaint(&["/_synapse/admin/", "status of 502"]);
        page.expects_complaint(&["/threepid/", "status of 500"]);
        let rows: String = (0..ROWS)
            .map(|row| format!("outlast.{row},email:outlast.{row}@example.org\n"))
            .collect();
        choose(page, format!("id,threepids\n{rows}")).await;
        proxy.add(Rule::new("GET", NEWEST, many_users()));
        let accounts = "/_synapse/admin/v2/users/@outlast*";
        let version = "/_synapse/admin/v1/server_version";
        let gap = [
            proxy.add(Rule::new("GET", accounts, Fault::bad_gateway()).after(15)),
            proxy.add(Rule::new("GET", version, Fault::bad_gateway())),
        ];
        page.button("Simulate").click().await;
        page.sees("What has been read is kept; it goes on as soon as there is an answer.")
            .await;
        page.is_accessible().await;
        page.picture("import-plan-waits").await;
        gap.into_iter().for_each(|rule| proxy.remove(rule));

        // It goes on by itself, and comes to the addresses. With these the server has trouble.
        let held = proxy.add(Rule::new("GET", THREEPIDS, Fault::Held).after(10));
        // Six are asked for at a time: with so many, ten answers have been heard.
        page.until("ten are known", async || {
            proxy.count("GET", THREEPIDS) == 16
        })
        .await;
        proxy.add(Rule::new("GET", THREEPIDS, Fault::server_error()));
        proxy.remove(held);
        page.sees("Internal server error").await;
        let answered: HashSet<String> = paths(&proxy, THREEPIDS).take(10).collect();
        assert_eq!(answered.len(), 10);
        // Who was asked for before the gap was not asked for again.
        let asked = proxy.count("GET", accounts);
        assert!(
            asked <= ROWS + 4 * 6,
            "{asked} questions for {ROWS} accounts"
        );
        proxy.clear_rules();
        proxy.forget();
        page.button("Retry").click().await;
        page.sees("Simulation: nothing has been sent.").await;
        page.row("@outlast.0:").says("Create").await;
        let again: HashSet<String> = paths(&proxy, THREEPIDS).collect();
        assert!(again.is_disjoint(&answered), "{again:?}");
        // Whether what was let go was heard depends on who was faster.
        assert!((ROWS - 16..=ROWS - 10).contains(&again.len()), "{again:?}");
        assert_eq!(proxy.count("GET", accounts), 0);
    })
    .await;
}

#[tokio::test]
async fn a_plan_that_is_being_made_is_not_begun_anew() {
    journey(Options::default(), async |page: &Page| {
        const ROWS: usize = 20;
        let proxy = arrives(page).await;
        page.allows_complaint(&["status of 404"]);
        choose(page, rows("begun", ROWS)).await;
        proxy.add(Rule::new("GET", NEWEST, many_users()));
        let accounts = "/_synapse/admin/v2/users/@begun*";
        let asked = || proxy.count("GET", accounts);
        proxy.add(Rule::new("GET", accounts, Fault::Held).after(5));
        page.button("Simulate").click().await;
        page.until("it asks", async || asked() > 5).await;
        page.button("Simulate").click().await;
        // Nor does it become something else meanwhile.
        assert!(!page.checkbox_like("Simulate only").is_enabled().await);
        proxy.clear_rules();
        page.sees("Simulation: nothing has been sent.").await;
        assert_eq!(asked(), ROWS);
    })
    .await;
}

#[tokio::test]
async fn an_account_that_the_server_says_nothing_of_is_named() {
    journey(Options::default(), async |page: &Page| {
        let proxy = arrives(page).await;
        page.allows_complaint(&["status of 404"]);
        page.expects_complaint(&["/users/", "status of 500"]);
        choose(page, rows("silent", 8)).await;
        proxy.add(Rule::new("GET", NEWEST, many_users()));
        let accounts = "/_synapse/admin/v2/users/@silent*";
        let broken = "/_synapse/admin/v2/users/@silent.3:*";
        let stumbles = proxy.add(Rule::new("GET", broken, Fault::server_error()));
        page.button("Simulate").click().await;
        page.sees("1 row is left out: the server gave no answer to what has to be known first.")
            .await;
        page.sees("No answer from the server 1").await;
        page.row("@silent.2:").says("Create").await;
        page.row("@silent.3:").says("Not done").await;
        page.row("@silent.3:")
            .says("The server gave no answer about the account; nothing is sent.")
            .await;
        assert_eq!(proxy.count("GET", broken), 2);
        page.is_accessible().await;

        // It may go without it.
        page.button("Go on to the import …").click().await;
        let asked = question(page);
        asked.says("Left out: no answer from the server 1").await;
        asked.says("To create 7").await;
        asked.button("Cancel").click().await;
        asked.goes().await;

        // Or ask again, for what is missing.
        proxy.remove(stumbles);
        proxy.forget();
        ask(page).await;
        asked.says("To create 8").await;
        assert_eq!(paths(&proxy, accounts).count(), 1);
    })
    .await;
}

#[tokio::test]
async fn an_address_of_which_the_server_says_nothing_is_named() {
    journey(Options::default(), async |page: &Page| {
        let maker = &server().maker;
        maker
            .make_user("mute.old", &UserChange::default())
            .await
            .unwrap();
        let proxy = arrives(page).await;
        page.allows_complaint(&["status of 404"]);
        page.expects_complaint(&["/threepid/", "status of 500"]);
        page.expects_complaint(&["/users/", "status of 500"]);
        choose(
            page,
            "id,displayname,threepids\n\
             mute.one,One,email:mute.one@example.org\n\
             mute.two,Two,email:mute.two@example.org\n\
             mute.old,Old,email:mute.old@example.org\n",
        )
        .await;
        page.field("On conflict")
            .choose("Update: change what differs")
            .await;
        // Neither whose an address is, nor what an account has that the list knows.
        let address = "/_synapse/admin/v1/threepid/*mute.two*";
        let detail = "/_synapse/admin/v2/users/@mute.old:*";
        let stumbles =
            [address, detail].map(|path| proxy.add(Rule::new("GET", path, Fault::server_error())));
        page.button("Simulate").click().await;
        page.sees("2 rows are left out: the server gave no answer to what has to be known first.")
            .await;
        page.row("@mute.one:").says("Create").await;
        page.row("@mute.two:").says("Not done").await;
        page.row("@mute.two:")
            .says("The server gave no answer to whose mute.two@example.org is; nothing is sent.")
            .await;
        page.row("@mute.old:")
            .says("The server gave no answer about the account; nothing is sent.")
            .await;
        assert_eq!(proxy.count("GET", address), 2);
        page.is_accessible().await;

        // The rest may go without them.
        page.button("Go on to the import …").click().await;
        let asked = question(page);
        asked.says("Left out: no answer from the server 2").await;
        asked.says("To create 1").await;
        asked.button("Cancel").click().await;
        asked.goes().await;

        // Or what is missing is asked for again.
        stumbles.into_iter().for_each(|rule| proxy.remove(rule));
        proxy.forget();
        ask(page).await;
        asked.says("To create 2").await;
        asked.says("To update 1").await;
        assert_eq!(paths(&proxy, THREEPIDS).count(), 2);
        assert_eq!(proxy.count("GET", detail), 1);
        assert_eq!(proxy.count("PUT", "*"), 0);
    })
    .await;
}

#[tokio::test]
async fn a_list_that_breaks_off_is_read_on() {
    journey(Options::default(), async |page: &Page| {
        let proxy = arrives(page).await;
        page.expects_complaint(&["/users?", "status of 500"]);
        let names = ["one", "two", "three"].map(|name| user(&format!("listed.{name}")));
        let large = |from: u64| format!("/_synapse/admin/v*/users?from={from}&limit=1000&*");
        let part = |user: &str, next: Option<&str>| {
            let found = json!({"name": user, "admin": false, "deactivated": false});
            let page = json!({"users": [found], "total": 3000, "next_token": next});
            Fault::matrix(200, &page.to_string())
        };
        proxy.add(Rule::new("GET", NEWEST, part(names[0].as_str(), Some("1"))));
        let pages = [
            (0, part(names[0].as_str(), Some("1000"))),
            (1000, part(names[1].as_str(), Some("2000"))),
        ];
        for (from, part) in pages {
            proxy.add(Rule::new("GET", &large(from), part));
        }
        let broken = proxy.add(Rule::new("GET", &large(2000), Fault::server_error()));
        let of_names = names.iter().map(|user| format!("{}\n", user.localpart()));
        choose(page, format!("id\n{}", of_names.collect::<String>())).await;
        page.field("On conflict")
            .choose("Update: change what differs")
            .await;
        page.button("Simulate").click().await;
        page.sees("Internal server error").await;
        let asked = || [0, 1000, 2000].map(|from| proxy.count("GET", &large(from)));
        // Once more, from the page before.
        assert_eq!(asked(), [1, 2, 2]);

        proxy.remove(broken);
        let last = part(user("listed.else").as_str(), None);
        proxy.add(Rule::new("GET", &large(2000), last));
        page.button("Retry").click().await;
        page.sees("Simulation: nothing has been sent.").await;
        assert_eq!(asked(), [1, 3, 3]);
        page.row("@listed.one:").says("Unchanged").await;
        page.row("@listed.two:").says("Unchanged").await;
        page.row("@listed.three:").says("Create").await;
    })
    .await;
}

#[tokio::test]
async fn who_is_elsewhere_when_the_plan_is_ready_is_told() {
    journey(Options::default(), async |page: &Page| {
        let proxy = arrives(page).await;
        page.allows_complaint(&["status of 404"]);
        choose(page, rows("elsewhere", 3)).await;
        proxy.add(Rule::new("GET", NEWEST, many_users()));
        let accounts = "/_synapse/admin/v2/users/@elsewhere*";
        proxy.add(Rule::new("GET", accounts, Fault::Held));
        page.checkbox_like("Simulate only").tick(false).await;
        page.button("Import").click().await;
        page.until("it asks", async || proxy.count("GET", accounts) == 3)
            .await;
        page.link("Media").click().await;
        page.heading("Media").appears().await;
        proxy.clear_rules();
        page.css(".toast")
            .says("The plan for users.csv is ready, and nothing has been sent yet.")
            .await;
        // The question is asked where it is read.
        assert_eq!(page.css("dialog[open]").count().await, 0);
        page.link("Users").click().await;
        page.link("CSV Import").click().await;
        page.row("@elsewhere.0:").says("Create").await;
        page.button("Go on to the import …").click().await;
        question(page).says("To create 3").await;
    })
    .await;
}

/// The question for the newest account, which the plan begins with.
const NEWEST: &str = "/_synapse/admin/v*/users?*limit=1&*";

/// A server with so many users is asked for each account of the file.
fn many_users() -> Fault {
    Fault::matrix(200, r#"{"users":[],"total":1000000}"#)
}

/// Where the requests of this kind went.
fn paths(proxy: &Proxy, pattern: &str) -> impl Iterator<Item = String> {
    let seen = proxy.seen_of("GET", pattern).into_iter();
    seen.map(|request| request.path())
}

#[tokio::test]
async fn new_administrators_and_the_plan_as_a_file() {
    journey(Options::default(), async |page: &Page| {
        let maker = &server().maker;
        for name in ["plan.old", "plan.same"] {
            let change = UserChange {
                displayname: Some(name.to_owned()),
                ..Default::default()
            };
            maker.make_user(name, &change).await.unwrap();
        }
        let proxy = arrives(page).await;
        choose(
            page,
            "id,displayname,password,admin\n\
             plan.new,=New,plan-secret-1,yes\n\
             plan.plain,\"Plain, simple\",,no\n\
             plan.old,plan.old,,yes\n\
             plan.same,plan.same,,no\n\
             Plan Invalid,Invalid,plan-secret-2,no\n",
        )
        .await;
        page.field("On conflict")
            .choose("Update: change what differs")
            .await;
        page.field("Passwords")
            .choose("Generate missing ones")
            .await;
        page.button("Simulate").click().await;
        page.sees("Simulation: nothing has been sent.").await;
        page.sees("New administrators 2").await;
        let plan = page.css(".import-plan");
        plan.row("@plan.plain").appears().await;
        page.field("Show").choose("New administrators (2)").await;
        plan.row("@plan.plain").goes().await;
        plan.row("@plan.new")
            .says("Becomes a server administrator.")
            .await;
        plan.row("@plan.old").says("Administrator: No → Yes").await;
        page.is_accessible().await;

        page.button("Download plan").click().await;
        let (name, csv) = page.downloaded_text().await;
        assert!(
            name.starts_with("import-plan") && name.ends_with(".csv"),
            "{name}"
        );
        assert!(
            csv.starts_with("\u{feff}line,id,displayname,outcome,detail\r\n"),
            "{csv}"
        );
        assert!(!csv.contains("plan-secret"), "{csv}");
        let rows = records(&csv);
        let column =
            |name: &str| -> Vec<&str> { rows.iter().map(|row| row[name].as_str()).collect() };
        assert_eq!(column("line"), ["2", "3", "4", "5", "6"]);
        assert_eq!(
            column("outcome"),
            ["create", "create", "update", "unchanged", "invalid"]
        );
        assert_eq!(column("id")[0], user("plan.new").as_str());
        assert_eq!(column("id")[4], "Plan Invalid");
        assert_eq!(column("displayname")[..2], ["'=New", "Plain, simple"]);
        assert!(
            column("detail").iter().all(|detail| !detail.is_empty()),
            "{csv}"
        );
        assert_eq!(proxy.count("PUT", "*"), 0);
    })
    .await;
}

#[tokio::test]
async fn ids_that_are_reserved() {
    let app = panel(&json!({"asManagedUsers": ["^@bridge_[a-z]+:test\\.localhost$"]}));
    journey(options(&app, None), async |page: &Page| {
        arrives(page).await;
        // The panel knows of the first from its configuration; of the second only the server
        // knows.
        let exclusive = format!("{}newcomer", people::RESERVED_PREFIX);
        choose(
            page,
            format!("id\nbridge_newcomer\n{exclusive}\nreserved.not\n"),
        )
        .await;
        page.button("Simulate").click().await;
        page.sees("Simulation: nothing has been sent.").await;
        page.row("bridge_newcomer").says("Blocked").await;
        page.row("bridge_newcomer")
            .says("Reserved by a bridge or another application service.")
            .await;
        page.row(&exclusive).says("Create").await;

        page.expects_complaint(&["/users/", "status of 400"]);
        page.allows_complaint(&["/users/", "status of 404"]);
        run(page).await;
        let report = report(page).await;
        let words: Vec<&str> = report.iter().map(|line| line.outcome.as_str()).collect();
        assert_eq!(words, ["invalid", "failed", "created"], "{report:?}");
        assert!(
            report[1]
                .detail
                .contains("reserved by an application service"),
            "{report:?}"
        );
        assert!(report[1].detail.contains("does not exist"), "{report:?}");
        // The words of an outcome stay in their column.
        let inside = page
            .script(
                "return [...document.querySelectorAll('.import-rows .badge')].map((badge) =>
                     badge.getBoundingClientRect().right
                         - badge.closest('td').getBoundingClientRect().right);",
                vec![],
            )
            .await;
        let inside = inside.as_array().expect("badges");
        assert!(inside.len() == 3, "{inside:?}");
        assert!(
            inside.iter().all(|over| over.as_f64() <= Some(1.0)),
            "{inside:?}"
        );
        assert!(account(&user(&exclusive)).await.is_none());
        assert!(account(&user("bridge_newcomer")).await.is_none());
    })
    .await;
}

/// Display names that a spreadsheet, a CSV reader or a trim might spoil.
const HOSTILE: [&str; 26] = [
    "=1+1",
    "'=1+1",
    "''=1+1",
    "+49 30 123456",
    "-",
    "-1",
    "--x",
    "'tis",
    "'",
    "''",
    "\"",
    "\"\"",
    "a;b,c\td",
    "a\r\nb",
    "a\rb\nc",
    "@SUM(A1:A2)",
    "@user:b.org",
    "\t=x",
    "\t",
    " '=x",
    " =x",
    "  padded  ",
    "\u{a0}hard\u{a0}",
    "sep=;",
    "0049",
    "yes",
];

/// Everybody of a sample world, and some more.
async fn hostile_world() -> Server {
    let server = own_server("round-trip");
    let maker = &server.maker;
    for (number, name) in HOSTILE.into_iter().enumerate() {
        let change = UserChange {
            displayname: Some(name.to_owned()),
            ..Default::default()
        };
        let localpart = format!("trip.{number}");
        maker.make_user(&localpart, &change).await.unwrap();
    }
    // More than the export asks for at a time.
    let crowd = (0..800).map(|number| {
        json!([
            maker.user(&format!("crowd.{number}")).as_str(),
            1_700_000_000
        ])
    });
    let crowd = Statement::each("INSERT INTO users (name, creation_ts) VALUES (?, ?)", crowd);
    maker.database().run(&[crowd]).unwrap();
    let both = maker.make_user("trip.both", &UserChange::default()).await;
    let changes = [
        UserChange {
            locked: Some(true),
            ..Default::default()
        },
        UserChange {
            deactivated: Some(true),
            ..Default::default()
        },
    ];
    for change in changes {
        let request = users::put(both.as_ref().unwrap(), &change);
        maker.admin().run(&request).await.unwrap();
    }
    server
}

#[tokio::test]
async fn our_own_export_imports_unchanged() {
    let server = hostile_world().await;
    let everybody = ListUsers {
        limit: 10_000,
        ..Default::default()
    };
    let admin = server.maker.admin();
    let request = users::list(&everybody, server.maker.capabilities());
    let users = admin.run(&request).await.unwrap();
    let count = users.total;
    let has = |what: fn(&users::User) -> bool| users.users.iter().any(what);
    assert!(count > 1000, "{count}");
    assert!(has(|user| user.locked && user.deactivated) && has(|user| user.is_guest));
    assert!(has(|user| user.admin) && has(|user| user.user_type.is_some()));
    assert!(has(|user| user.avatar_url.is_some()) && has(|user| user.shadow_banned));

    journey(Options::default(), async |page: &Page| {
        let proxy = page.proxy_before(server.synapse.config().port);
        let admin = server.maker.user(people::ADMIN);
        page.sign_in_as(&admin, ADMIN_PASSWORD, &proxy.url()).await;
        page.row("@").first().appears().await;
        assert!((page.css("tbody tr").count().await as u64) < count);
        page.button("Export").click().await;
        page.css("[popover]").button("CSV").nth(1).click().await;
        let (_, csv) = page.downloaded_text().await;
        let exported: HashSet<String> = records(&csv)
            .into_iter()
            .filter_map(|mut row| row.remove("id"))
            .collect();
        assert_eq!(exported.len() as u64, count);

        page.link("CSV Import").click().await;
        choose(page, csv).await;
        page.field("On conflict")
            .choose("Update: change what differs")
            .await;
        page.button("Simulate").click().await;
        page.sees("There is nothing to do.").await;
        let (thousands, rest) = (count / 1000, count % 1000);
        page.sees(&format!("Unchanged {thousands},{rest:03}")).await;
        assert_eq!(proxy.count("PUT", "*"), 0);
    })
    .await;
}

#[tokio::test]
async fn nothing_is_sent_that_was_not_seen() {
    journey(Options::default(), async |page: &Page| {
        let proxy = arrives(page).await;
        choose(
            page,
            "id,displayname,password,Cost center\n\
             seen.one,J\u{e4}ne, with spaces ,1\n\
             seen.two,Joe,,2\n\
             Not One,Nobody,,3\n",
        )
        .await;
        page.button("Simulate").click().await;
        page.sees("Simulation: nothing has been sent.").await;

        // One button goes on, and asks; saying no sends nothing.
        page.button("Go on to the import …").click().await;
        let asked = question(page);
        asked.says("To create 2").await;
        asked.says("Without password 1").await;
        asked.says("Left out: problems 1").await;
        asked.says("Warning: Spaces around a password 1").await;
        asked.says("Columns left out Cost center").await;
        page.is_accessible().await;
        asked.button("Cancel").click().await;
        asked.goes().await;
        assert_eq!(proxy.count("PUT", "*"), 0);

        // What was changed since is planned anew.
        page.field("Line 4, id").fill("seen.three").await;
        page.press(thirtyfour::Key::Tab + "").await;
        page.sees("so the plan is no longer valid. Press “Simulate” to make it again.")
            .await;
        page.is_accessible().await;
        page.checkbox_like("Simulate only").tick(false).await;
        page.sees("Press “Import” to make it again.").await;

        // A few plain rows are asked about like any others.
        ask(page).await;
        asked.says("To create 3").await;
        assert_eq!(proxy.count("PUT", "*"), 0);
        confirm(page).await;
        page.heading("The import has ended").appears().await;
        assert_eq!(proxy.count("PUT", "/_synapse/admin/v2/users/*"), 3);
    })
    .await;
}

#[tokio::test]
async fn columns_without_a_header_are_in_the_question() {
    journey(Options::default(), async |page: &Page| {
        let proxy = arrives(page).await;
        choose(page, "bare.one,Bare One,4711,x\nbare.two,Bare Two,4712,\n").await;
        ask(page).await;
        let asked = question(page);
        asked
            .says("Columns left out Column 3 (4711, 4712); Column 4 (x)")
            .await;
        asked
            .says("Columns taken by a guess Column 1 (bare.one, bare.two): ")
            .await;
        page.is_accessible().await;
        assert_eq!(proxy.count("PUT", "*"), 0);
    })
    .await;
}

/// A file that is dropped beside the question is not what was asked about.
#[tokio::test]
async fn a_file_dropped_on_the_question_changes_nothing() {
    journey(Options::default(), async |page: &Page| {
        arrives(page).await;
        choose(page, "id,displayname\nasked.one,Asked One\n").await;
        ask(page).await;
        let drop = "const over = new DataTransfer();
            over.items.add(new File(['id\\nother.one\\n'], 'other.csv'));
            document.body.dispatchEvent(new DragEvent('drop',
                {bubbles: true, cancelable: true, dataTransfer: over}));";
        page.script(drop, Vec::new()).await;
        confirm(page).await;
        page.heading("The import has ended").appears().await;
        assert!(account(&user("asked.one")).await.is_some());
        assert!(account(&user("other.one")).await.is_none());
        page.sees("users.csv").await;
    })
    .await;
}

#[tokio::test]
async fn a_guessed_encoding_is_asked_about() {
    journey(Options::default(), async |page: &Page| {
        let proxy = arrives(page).await;
        choose(page, b"id,displayname\nguessed.one,J\xe4ne\n").await;
        ask(page).await;
        question(page)
            .says("Western European (Windows-1252): a guess")
            .await;
        assert_eq!(proxy.count("PUT", "*"), 0);
    })
    .await;
}

#[tokio::test]
async fn passwords_are_neither_made_up_nor_sent_where_nobody_could_use_them() {
    journey(Options::default(), async |page: &Page| {
        let proxy = proxy(page);
        page.sign_in_as(&user(people::ADMIN), ADMIN_PASSWORD, &proxy.url())
            .await;
        let sso = r#"{"flows":[{"type":"m.login.sso"}]}"#;
        let rule = Rule::new("GET", "/_matrix/client/*/login", Fault::matrix(200, sso));
        proxy.add(rule);
        page.link("CSV Import").click().await;
        // Nobody is asked for passwords.
        page.sees("Nobody signs in to this server with a password")
            .await;
        choose(page, "id,password\nuseless.own,my-own\nuseless.none,\n").await;
        page.is_accessible().await;
        page.button("Simulate").click().await;
        let own = page.row("@useless.own");
        own.says("that of the file is not sent").await;
        page.row("@useless.none").says("Without a password.").await;
        run(page).await;
        let report = report(page).await;
        assert_eq!(report.len(), 2, "{report:?}");
        assert!(report.iter().all(|line| line.password.is_empty()));
        assert!(report[0].detail.contains("not sent"), "{report:?}");
        assert!(!opens(&user("useless.own"), "my-own").await);
        assert!(!page.button("Print hand-out sheets").exists().await);
    })
    .await;
}

#[tokio::test]
async fn accounts_of_bridges_are_not_changed() {
    let app = panel(&json!({"asManagedUsers": ["^@managed_[a-z]+:test\\.localhost$"]}));
    journey(options(&app, None), async |page: &Page| {
        let maker = &server().maker;
        let before = UserChange {
            password: Some("bridge-password".into()),
            ..Default::default()
        };
        let bot = maker.make_user("managed_bot", &before).await.unwrap();
        arrives(page).await;
        let me = people::ADMIN;
        choose(
            page,
            format!("id,displayname,password\nmanaged_bot,Bot,another-one\n{me},,another-one\n"),
        )
        .await;
        page.field("On conflict")
            .choose("Update: change what differs")
            .await;
        page.button("Simulate").click().await;
        page.sees("Nothing can be imported: 2 rows are blocked by problems.")
            .await;
        page.css(".notice[data-tone=bad]").appears().await;
        page.row("managed_bot")
            .says("This account belongs to a bridge")
            .await;
        page.row(me).says("This is your own account").await;
        page.is_accessible().await;
        assert!(opens(&bot, "bridge-password").await);
    })
    .await;
}

/// What a person has corrected is nowhere else before it is imported: nothing that ends with the tab or the
/// session takes it away without a question. Other pages do not: the table stays on the desk.
#[tokio::test]
async fn a_corrected_table_does_not_go_without_a_question() {
    const LOST: &str = "What you have corrected in “users.csv” is not imported yet";
    journey(Options::default(), async |page: &Page| {
        arrives(page).await;
        choose(page, "id,admin\ncorrected.one,maybe\n").await;
        page.heading("Problems").appears().await;
        assert!(!asks_before_it_closes(page).await);
        page.field("Line 2, admin").fill("no").await;
        page.press(Key::Tab + "").await;
        page.sees("All rows can be imported.").await;
        assert!(asks_before_it_closes(page).await);
        page.link("Rooms").click().await;
        page.heading("Rooms").appears().await;
        assert!(asks_before_it_closes(page).await);
        page.button("Log out").click().await;
        let out = page.dialog("Log out?");
        out.says(LOST).await;
        out.button("Cancel").click().await;
        out.goes().await;
        // A form that is left takes with it what is its own.
        let other = server().maker.make_fresh_user("form.left").await.unwrap();
        assert!(asks_before_it_closes(page).await, "after the question");
        // Not as a typed address: the link that has filled in the form to sign in was another one.
        let to_user = format!("location.hash = '#/users/{other}'; return true");
        page.script(&to_user, vec![]).await;
        page.field("Display name").appears().await;
        assert!(asks_before_it_closes(page).await, "on the page of a user");
        page.field("Display name").fill("Somebody else").await;
        page.sees("Changed, not saved").await;
        page.link("Rooms").click().await;
        let question = page.dialog("Leave without saving?");
        question.button("Leave without saving").click().await;
        page.heading("Rooms").appears().await;
        assert!(asks_before_it_closes(page).await, "the form has been left");
        page.link("Users").click().await;
        page.link("CSV Import").click().await;
        page.field("Line 2, admin").holds("no").await;
        run(page).await;
        assert!(!asks_before_it_closes(page).await);
        assert!(account(&user("corrected.one")).await.is_some());
    })
    .await;
}
