//! Imports that end in the middle: whoever opens the page again goes on, and every row is
//! accounted for exactly once.

use crate::faults::{USERS, is_accounted_for};
use crate::import::{account, arrives, go, opens, proxy, report, tally, user};
use journeys::browser::importing::{LONG, choose, rows, run, start};
use journeys::browser::{Options, Page, journey};
use journeys::server::own_server;
use serde_json::Value;
use std::rc::Rc;
use std::time::{Duration, SystemTime};
use synapse_admin::api::UserId;
use synapse_admin::api::users::{self, UserChange};
use synapse_admin::import::journal::AHEAD;
use thirtyfour::Key;
use xtask::proxy::{Fault, Proxy, Rule};
use xtask::world::{ADMIN_PASSWORD, people};

/// How many rows the files have.
const ROWS: usize = 60;

/// A number that is another each time, from 3 to below this. It is noted for when the journey
/// goes wrong.
fn some_moment(page: &Page, below: u64) -> u64 {
    let nanos = SystemTime::now()
        .duration_since(SystemTime::UNIX_EPOCH)
        .map_or(0, |since| u64::from(since.subsec_nanos()));
    let moment = 3 + nanos / 1000 % (below - 3);
    page.step(format!("the moment is after {moment} requests"));
    moment
}

/// Begins an import that takes its time, and waits for some moment in it. From then on the requests
/// that create accounts are held, so that it has not ended before it is interrupted.
async fn interrupted(page: &Page, prefix: &str) -> Rc<Proxy> {
    let proxy = arrives(page).await;
    // Whoever goes on looks at the accounts that may have been created.
    page.allows_complaint(&["/users/", "status of 404"]);
    page.allows_complaint(&["net::ERR_"]);
    let moment = some_moment(page, ROWS as u64 - 15);
    proxy.add(Rule::new("PUT", USERS, Fault::Held).after(moment));
    let slow = Fault::Delay(Duration::from_millis(500));
    proxy.add(Rule::new("PUT", USERS, slow));
    choose(page, rows(prefix, ROWS)).await;
    start(page).await;
    page.until_within(LONG, "the moment has come", async || {
        proxy.count("PUT", USERS) as u64 >= moment
    })
    .await;
    proxy
}

/// Goes on with what is offered, to the end, with nothing held any more; every row has been sent and
/// is accounted for.
async fn goes_on(page: &Page, proxy: &Proxy, prefix: &str) {
    proxy.clear_rules();
    page.heading("Imports kept in this browser").appears().await;
    page.is_accessible().await;
    page.sees("Interrupted:").await;
    page.button("Go on").click().await;
    page.heading("The import has ended")
        .appears_within(LONG)
        .await;
    let report = report(page).await;
    is_accounted_for(&report, prefix, ROWS).await;
    assert_eq!(tally(&report), [("created".to_owned(), ROWS)]);
    let last = format!("secret-{prefix}-{}", ROWS - 1);
    assert!(opens(&user(&format!("{prefix}.{}", ROWS - 1)), &last).await);
}

/// All that the browser keeps of imports, as text, with the names of the stores that have
/// something.
async fn what_is_kept(page: &Page) -> (Vec<String>, String) {
    let found = page
        .script(
            "return (async () => {
             const open = await new Promise((done) => {
                 const asked = indexedDB.open('synapse-admin-imports');
                 asked.onsuccess = () => done(asked.result);
             });
             const text = (value) => {
                 if (value instanceof CryptoKey) { return `key ${value.extractable}`; }
                 if (value instanceof Uint8Array) { return new TextDecoder('latin1').decode(value); }
                 return JSON.stringify(value);
             };
             const names = [], texts = [];
             for (const name of open.objectStoreNames) {
                 const all = await new Promise((done) => {
                     const asked = open.transaction(name).objectStore(name).getAll();
                     asked.onsuccess = () => done(asked.result);
                 });
                 if (all.length) { names.push(name); }
                 texts.push(...all.map(text));
             }
             open.close();
             return [names, texts.join('\\n')];
             })()",
            vec![],
        )
        .await;
    let names = found[0].as_array().into_iter().flatten();
    let names = names.filter_map(Value::as_str).map(str::to_owned);
    (
        names.collect(),
        found[1].as_str().unwrap_or_default().to_owned(),
    )
}

/// No import is offered on the page of the import, once it has read what is kept: what is asked of the
/// browser's storage after it is answered after it.
async fn offers_nothing(page: &Page) {
    what_is_kept(page).await;
    assert!(!page.button("Go on").exists().await);
}

#[tokio::test]
async fn a_reloaded_page() {
    journey(Options::default(), async |page: &Page| {
        let proxy = interrupted(page, "reload").await;
        page.reload().await;
        goes_on(page, &proxy, "reload").await;
        // Nobody's password is left in the browser: it was all there was to keep.
        page.sees("have been erased from this browser").await;
        let (stores, _) = what_is_kept(page).await;
        assert_eq!(stores, ["heads", "reports"]);
        // One request for each account, and a second one for those that may have been under way.
        let puts = proxy.count("PUT", USERS);
        assert!(puts <= ROWS + AHEAD * 2, "{puts}");
    })
    .await;
}

/// An account is told to be this import's by what a server of its version says of it.
#[tokio::test]
async fn a_server_that_does_not_say_its_version_is_not_gone_on_with() {
    journey(Options::default(), async |page: &Page| {
        const VERSION: &str = "/_synapse/admin/v1/server_version";
        let proxy = interrupted(page, "nameless").await;
        page.allows_complaint(&[VERSION, "status of 502"]);
        proxy.add(Rule::new("GET", VERSION, Fault::bad_gateway()));
        page.reload().await;
        page.button("Go on").appears().await;
        let sent = proxy.count("PUT", USERS);
        page.button("Go on").click().await;
        page.css(".toast").says("502").await;
        assert_eq!(proxy.count("PUT", USERS), sent);
        goes_on(page, &proxy, "nameless").await;
    })
    .await;
}

#[tokio::test]
async fn a_page_that_is_reloaded_again_and_again() {
    journey(Options::default(), async |page: &Page| {
        let proxy = interrupted(page, "again").await;
        for _ in 0..3 {
            page.reload().await;
            // A few more, not all.
            proxy.clear_rules();
            proxy.add(Rule::new("PUT", USERS, Fault::Held).after(4));
            let before = proxy.count("PUT", USERS);
            page.button("Go on").click().await;
            page.until_within(LONG, "it goes on", async || {
                proxy.count("PUT", USERS) > before + 4
            })
            .await;
        }
        page.reload().await;
        goes_on(page, &proxy, "again").await;
        for number in 0..ROWS {
            let id = user(&format!("again.{number}"));
            assert!(account(&id).await.is_some(), "{id}");
        }
    })
    .await;
}

#[tokio::test]
async fn a_closed_tab() {
    journey(Options::default(), async |page: &Page| {
        let proxy = interrupted(page, "closed").await;
        // A few are enough to hold it up, and a browser has not more than six connections.
        proxy.clear_rules();
        proxy.add(Rule::new("PUT", USERS, Fault::Held).times(3));
        let driver = page.driver();
        let old = driver.window().await.unwrap();
        let new = driver.new_tab().await.unwrap();
        driver.switch_to_window(new.clone()).await.unwrap();
        // As long as the other tab is at it, nobody else may be.
        go(page, &proxy).await;
        page.sees("Runs in another tab").await;
        assert!(!page.button("Go on").exists().await);
        driver.switch_to_window(old).await.unwrap();
        driver.close_window().await.unwrap();
        driver.switch_to_window(new).await.unwrap();
        page.takes_downloads().await;
        page.reload().await;
        goes_on(page, &proxy, "closed").await;
    })
    .await;
}

/// What this tab shows of an import may be old: another one may have opened it since.
#[tokio::test]
async fn what_another_tab_has_opened_is_not_erased() {
    journey(Options::default(), async |page: &Page| {
        let proxy = arrives(page).await;
        choose(page, "id,displayname\ntabs.made,Made up\n").await;
        page.field("Passwords")
            .choose("Generate missing ones")
            .await;
        run(page).await;
        page.sees("until you finish the import").await;
        page.reload().await;
        page.sees("its passwords are still kept").await;
        page.button("Finish and erase passwords").click().await;
        let question = page.dialog("Finish the import?");
        question.appears().await;

        let driver = page.driver();
        let old = driver.window().await.unwrap();
        let new = driver.new_tab().await.unwrap();
        driver.switch_to_window(new.clone()).await.unwrap();
        go(page, &proxy).await;
        page.button("Open").click().await;
        page.heading("The import has ended").appears().await;

        driver.switch_to_window(old.clone()).await.unwrap();
        question.button("Erase").click().await;
        page.css(".toast").says("Runs in another tab").await;
        page.button("Open").goes().await;
        let (stores, _) = what_is_kept(page).await;
        assert_eq!(stores, ["entries", "heads", "keys", "pieces"]);

        // It was not erased for whoever has it open, either.
        driver.switch_to_window(new).await.unwrap();
        page.button("Finish and erase passwords").click().await;
        question.button("Erase").click().await;
        page.sees("have been erased from this browser").await;
        // The first tab hears of it without being asked to look.
        driver.switch_to_window(old).await.unwrap();
        page.button("Remove from the list").appears().await;
        let (stores, _) = what_is_kept(page).await;
        assert_eq!(stores, ["heads", "reports"]);
    })
    .await;
}

#[tokio::test]
async fn a_crashed_renderer() {
    journey(Options::default(), async |page: &Page| {
        let proxy = interrupted(page, "crash").await;
        let driver = page.driver();
        let new = driver.new_tab().await.unwrap();
        // A crash answers nothing.
        let tools = driver.cdp();
        let crash = tools.send_raw("Page.crash", serde_json::json!({}));
        let _ = tokio::time::timeout(Duration::from_secs(3), crash).await;
        driver.switch_to_window(new).await.unwrap();
        page.takes_downloads().await;
        go(page, &proxy).await;
        goes_on(page, &proxy, "crash").await;
    })
    .await;
}

#[tokio::test]
async fn a_network_that_is_cut_and_a_page_reloaded_meanwhile() {
    journey(Options::default(), async |page: &Page| {
        let proxy = interrupted(page, "cut").await;
        proxy.clear_rules();
        proxy.add(Rule::new("*", "*", Fault::DropBefore));
        tokio::time::sleep(Duration::from_millis(1_500)).await;
        page.reload().await;
        tokio::time::sleep(Duration::from_millis(500)).await;
        goes_on(page, &proxy, "cut").await;
    })
    .await;
}

#[tokio::test]
async fn a_token_revoked_and_a_page_reloaded_meanwhile() {
    journey(Options::default(), async |page: &Page| {
        let server = crate::import::server();
        let admin = server.fresh_admin("journal-admin").await;
        let proxy = proxy(page);
        page.sign_in_as(&admin, ADMIN_PASSWORD, &proxy.url()).await;
        page.link("CSV Import").click().await;
        page.allows_complaint(&["status of 401"]);
        page.allows_complaint(&["/users/", "status of 404"]);
        let moment = some_moment(page, 30);
        // The others wait until the token is good for nothing.
        proxy.add(Rule::new("PUT", USERS, Fault::Held).after(moment));
        choose(page, rows("gone", ROWS)).await;
        start(page).await;
        page.until("some are created", async || {
            proxy.count("PUT", USERS) as u64 > moment
        })
        .await;
        server.revoke_sessions(&admin).await;
        proxy.clear_rules();
        page.dialog("Sign in again").appears().await;
        page.reload().await;
        // Whoever signs in as somebody else is shown nothing of it.
        let forget = "sessionStorage.clear(); localStorage.clear()";
        page.script(forget, vec![]).await;
        page.reload().await;
        page.sign_in_as(&user(people::ADMIN), ADMIN_PASSWORD, &proxy.url())
            .await;
        page.link("CSV Import").click().await;
        page.field("CSV file").appears().await;
        offers_nothing(page).await;
        page.script(forget, vec![]).await;
        page.reload().await;
        page.sign_in_as(&admin, ADMIN_PASSWORD, &proxy.url()).await;
        page.link("CSV Import").click().await;
        goes_on(page, &proxy, "gone").await;
    })
    .await;
}

#[tokio::test]
async fn signing_out_in_the_middle() {
    journey(Options::default(), async |page: &Page| {
        let proxy = interrupted(page, "out").await;
        page.allows_complaint(&["status of 401"]);
        page.button("Log out").click().await;
        let question = page.dialog("Log out?");
        question.says("1 job is running in this tab").await;
        question.button("Log out").click().await;
        page.field("Username").appears().await;
        proxy.clear_rules();
        // Somebody else is shown nothing of it.
        let other = crate::import::server().fresh_admin("other-admin").await;
        page.sign_in_as(&other, ADMIN_PASSWORD, &proxy.url()).await;
        page.link("CSV Import").click().await;
        page.field("CSV file").appears().await;
        offers_nothing(page).await;
        page.button("Log out").click().await;
        page.field("Username").appears().await;
        // Nor is the same user at another address, who may be somebody else altogether.
        let elsewhere = crate::import::proxy(page);
        go(page, &elsewhere).await;
        page.field("CSV file").appears().await;
        offers_nothing(page).await;
        page.button("Log out").click().await;
        page.field("Username").appears().await;
        go(page, &proxy).await;
        goes_on(page, &proxy, "out").await;
    })
    .await;
}

#[tokio::test]
async fn a_synapse_that_is_restarted() {
    journey(Options::default(), async |page: &Page| {
        let mut server = own_server("restart");
        let id = |number: usize| server.maker.user(&format!("restart.{number}"));
        let ids: Vec<UserId> = (0..ROWS).map(id).collect();
        let proxy = page.proxy_before(server.synapse.config().port);
        let admin = server.maker.user(people::ADMIN);
        page.sign_in_as(&admin, ADMIN_PASSWORD, &proxy.url()).await;
        page.link("CSV Import").click().await;
        page.allows_complaint(&["net::ERR_"]);
        page.allows_complaint(&["status of 50"]);
        page.allows_complaint(&["/users/", "status of 404"]);
        page.allows_complaint(&["/users/", "status of 400"]);
        choose(page, rows("restart", ROWS)).await;
        start(page).await;
        let moment = some_moment(page, 40);
        page.until("some are created", async || {
            proxy.count("PUT", USERS) as u64 >= moment
        })
        .await;
        let config = server.synapse.config().clone();
        server.synapse.stop();
        server.synapse = std::thread::spawn(|| xtask::synapse::start(config))
            .join()
            .unwrap()
            .unwrap();
        page.heading("The import has ended")
            .appears_within(LONG)
            .await;
        let report = report(page).await;
        assert_eq!(tally(&report), [("created".to_owned(), ROWS)]);
        for id in &ids {
            let there = server.maker.admin().run(&users::get(id)).await;
            assert!(there.is_ok(), "{id}");
        }
    })
    .await;
}

#[tokio::test]
async fn passwords_are_kept_until_the_import_is_finished_and_no_longer() {
    journey(Options::default(), async |page: &Page| {
        let proxy = arrives(page).await;
        choose(
            page,
            "id,displayname,password\nkeep.own,Own,my-very-own-password\nkeep.made,Made up,\n",
        )
        .await;
        page.field("Passwords")
            .choose("Generate missing ones")
            .await;
        run(page).await;
        page.sees("until you finish the import").await;
        let before = report(page).await;
        let (stores, text) = what_is_kept(page).await;
        assert_eq!(stores, ["entries", "heads", "keys", "pieces"]);
        assert!(text.contains("key false"), "{text}");
        // Nor what the columns are called: it may have been a row.
        for secret in ["my-very-own-password", &before[1].password, "displayname"] {
            assert!(!secret.is_empty() && !text.contains(secret), "{secret}");
        }

        // After a reload the report still has the passwords.
        page.reload().await;
        page.sees("its passwords are still kept").await;
        page.button("Open").click().await;
        page.heading("The import has ended").appears().await;
        let again = report(page).await;
        assert_eq!(again[1].password, before[1].password);
        assert_eq!(proxy.count("PUT", USERS), 2);

        page.button("Finish and erase passwords").click().await;
        page.sees("download the report first").await;
        page.is_accessible().await;
        page.css("dialog[open]").button("Erase").click().await;
        page.sees("have been erased from this browser").await;
        let (stores, text) = what_is_kept(page).await;
        assert_eq!(stores, ["heads", "reports"]);
        assert!(!text.contains(&before[1].password), "{text}");

        // The history has the report, without them.
        page.button("New import").click().await;
        page.heading("Imports kept in this browser").appears().await;
        let history = report(page).await;
        assert_eq!(tally(&history), [("created".to_owned(), 2)]);
        assert!(history.iter().all(|line| line.password.is_empty()));
        page.button("Remove from the list").click().await;
        page.heading("Imports kept in this browser").goes().await;
        assert!(what_is_kept(page).await.0.is_empty());
    })
    .await;
}

/// Whoever has erased the passwords is not offered to make more of them that nobody would keep: neither on
/// the page nor in the list of jobs.
#[tokio::test]
async fn after_the_end_nothing_is_tried_again() {
    journey(Options::default(), async |page: &Page| {
        let proxy = arrives(page).await;
        page.allows_complaint(&["/users/", "status of 400"]);
        page.allows_complaint(&["/users/", "status of 404"]);
        let refused = |name: &str| {
            let path = format!("/_synapse/admin/v2/users/{}", user(name));
            let error = r#"{"errcode":"M_INVALID_PARAM","error":"not today"}"#;
            proxy.add(Rule::new("PUT", &path, Fault::matrix(400, error)));
        };
        let begin = async |prefix: &str| {
            choose(
                page,
                format!("id,displayname\n{prefix}.good,Good\n{prefix}.bad,Bad\n"),
            )
            .await;
            page.field("Passwords")
                .choose("Generate missing ones")
                .await;
            run(page).await;
            page.sees("until you finish the import").await;
        };
        refused("tried.bad");
        refused("gone.bad");
        begin("tried").await;
        let in_tray = page.css(".job-tray").button("Retry the rest");
        // The list of jobs may lie over what is pressed next.
        let open_tray = async || page.css(".job-pill").click().await;
        let close_tray = async || page.press(Key::Escape + "").await;
        open_tray().await;
        in_tray.appears().await;
        close_tray().await;
        page.button("Finish and erase passwords").click().await;
        page.css("dialog[open]").button("Erase").click().await;
        page.sees("have been erased from this browser").await;
        open_tray().await;
        page.css(".job-tray")
            .button("Download report")
            .appears()
            .await;
        assert!(!page.button("Retry the rest").exists().await);
        close_tray().await;

        // Nor is an import that this browser keeps for whoever opens it again.
        page.button("New import").click().await;
        begin("gone").await;
        page.button("New import").click().await;
        page.button("Open").appears().await;
        open_tray().await;
        page.css(".job").counts(2).await;
        assert!(!in_tray.exists().await);
        close_tray().await;
        page.button("Open").click().await;
        page.heading("The import has ended").appears().await;
        assert!(page.button("Retry the rest").exists().await);
    })
    .await;
}

/// Lets all pages from now on believe that so many days have passed.
async fn days_pass(page: &Page, days: u32) {
    let source = format!(
        "{{ const now = Date.now.bind(Date); Date.now = () => now() + {days} * 86_400_000; }}"
    );
    page.cdp(
        "Page.addScriptToEvaluateOnNewDocument",
        serde_json::json!({ "source": source }),
    )
    .await;
}

#[tokio::test]
async fn after_a_week_secrets_are_erased_whoever_opens_the_panel() {
    journey(Options::default(), async |page: &Page| {
        let proxy = interrupted(page, "old").await;
        // The tab is closed in the middle, and nobody signs in here for a week.
        page.script("sessionStorage.clear()", vec![]).await;
        days_pass(page, 6).await;
        page.reload().await;
        page.field("Username").appears().await;
        let (stores, _) = what_is_kept(page).await;
        assert_eq!(stores, ["entries", "heads", "keys", "pieces"]);
        days_pass(page, 2).await;
        page.reload().await;
        page.field("Username").appears().await;
        page.until("the secrets are gone", async || {
            what_is_kept(page).await.0 == ["heads", "reports"]
        })
        .await;
        // The report says what is known, and not more.
        go(page, &proxy).await;
        page.heading("Imports kept in this browser").appears().await;
        assert!(!page.button("Go on").exists().await);
        let report = report(page).await;
        let tally = tally(&report);
        assert_eq!(tally.iter().map(|(_, count)| count).sum::<usize>(), ROWS);
        for line in &report {
            let is_there = account(&UserId::parse(&line.id).unwrap()).await.is_some();
            match line.outcome.as_str() {
                "created" => assert!(is_there, "{line:?}"),
                "not_done" => assert!(!is_there, "{line:?}"),
                word => assert_eq!(word, "unknown", "{line:?}"),
            }
        }
    })
    .await;
}

#[tokio::test]
async fn a_journal_that_breaks_is_nothing_to_go_on_with() {
    journey(Options::default(), async |page: &Page| {
        let proxy = interrupted(page, "quota").await;
        let (stores, _) = what_is_kept(page).await;
        assert_eq!(stores, ["entries", "heads", "keys", "pieces"]);
        // The disk is full; deleting needs no room.
        let full = "IDBObjectStore.prototype.put = () => {
            throw new DOMException('Storage is full', 'QuotaExceededError');
        }";
        page.script(full, vec![]).await;
        // Some come to their end, not all of them.
        proxy.clear_rules();
        proxy.add(Rule::new("PUT", USERS, Fault::Held).after(2));
        page.sees("This browser cannot keep the import").await;
        page.until("the record is gone", async || {
            what_is_kept(page).await.0.is_empty()
        })
        .await;
        proxy.clear_rules();
        page.heading("The import has ended")
            .appears_within(LONG)
            .await;
        page.sees("Nothing of this import is kept in this browser any more")
            .await;
        page.is_accessible().await;
        let report = report(page).await;
        is_accounted_for(&report, "quota", ROWS).await;
        assert_eq!(tally(&report), [("created".to_owned(), ROWS)]);
        // So nobody is invited to do it all again.
        page.reload().await;
        page.field("CSV file").appears().await;
        offers_nothing(page).await;
        assert_eq!(proxy.count("PUT", USERS), ROWS);
    })
    .await;
}

#[tokio::test]
async fn an_import_is_undone() {
    journey(Options::default(), async |page: &Page| {
        let change = UserChange {
            password: Some("the-old-password".to_owned()),
            ..Default::default()
        };
        let maker = &crate::import::server().maker;
        maker.make_user("undo.old", &change).await.unwrap();
        let proxy = arrives(page).await;
        choose(
            page,
            "id,displayname\nundo.old,Changed\nundo.one,One\nundo.two,Two\n",
        )
        .await;
        page.field("On conflict")
            .choose("Update: change what differs")
            .await;
        run(page).await;
        page.button("Undo …").click().await;
        // It says what it will hit before it does.
        page.sees("Deactivates exactly the accounts that this import has created")
            .await;
        page.sees(user("undo.one").as_str()).await;
        page.is_accessible().await;
        assert_eq!(proxy.count("POST", "/_synapse/admin/v1/deactivate/*"), 0);
        let dialog = page.css("dialog[open]");
        dialog.css("input").fill("2").await;
        dialog.button("Deactivate 2 accounts").click().await;
        page.until("they are deactivated", async || {
            let mut gone = 0;
            for name in ["undo.one", "undo.two"] {
                let there = account(&user(name)).await.unwrap();
                gone += usize::from(there.user.deactivated);
            }
            gone == 2
        })
        .await;
        let old = account(&user("undo.old")).await.unwrap();
        assert!(!old.user.deactivated);
        assert!(opens(&user("undo.old"), "the-old-password").await);
        page.button("New import").click().await;
        page.sees("2 accounts deactivated again").await;
    })
    .await;
}

/// What is undone with a retry counts once and wholly; and what was removed from the list meanwhile does not
/// come back.
#[tokio::test]
async fn an_import_is_undone_in_two_tries() {
    journey(Options::default(), async |page: &Page| {
        let proxy = arrives(page).await;
        page.allows_complaint(&["/deactivate/", "status of 403"]);
        choose(
            page,
            "id,displayname\ntries.one,One\ntries.two,Two\ntries.three,Three\n",
        )
        .await;
        run(page).await;
        page.sees("have been erased from this browser").await;
        page.button("New import").click().await;
        page.heading("Imports kept in this browser").appears().await;
        let path = format!("/_synapse/admin/v1/deactivate/{}", user("tries.two"));
        let refused = Fault::matrix(403, r#"{"errcode":"M_FORBIDDEN","error":"not today"}"#);
        let refused = proxy.add(Rule::new("POST", &path, refused));
        page.button("Undo …").click().await;
        let dialog = page.css("dialog[open]");
        dialog.css("input").fill("3").await;
        dialog.button("Deactivate 3 accounts").click().await;
        page.sees("2 accounts deactivated again").await;
        proxy.remove(refused);
        page.css(".toast").button("Retry").click().await;
        page.sees("3 accounts deactivated again").await;

        // All have ended by now: there is nothing to be done any more, slowly.
        let slow = proxy.add(Rule::new("GET", "/_synapse/admin/v2/users/*", Fault::Held));
        page.button("Undo …").click().await;
        dialog.css("input").fill("3").await;
        dialog.button("Deactivate 3 accounts").click().await;
        page.css(".job-pill").says("1 job running").await;
        page.css(".import-kept")
            .button("Remove from the list")
            .click()
            .await;
        page.heading("Imports kept in this browser").goes().await;
        proxy.remove(slow);
        page.css(".job-pill").says("jobs finished").await;
        // What would be written is written by then.
        tokio::time::sleep(Duration::from_millis(500)).await;
        assert!(what_is_kept(page).await.0.is_empty());
    })
    .await;
}

#[tokio::test]
async fn an_import_is_dismissed() {
    journey(Options::default(), async |page: &Page| {
        let proxy = interrupted(page, "dismiss").await;
        // Whoever comes back elsewhere is reminded.
        page.open("/users").await;
        page.heading("Users").appears().await;
        page.reload().await;
        page.sees("An import in this browser was interrupted and can go on.")
            .await;
        page.is_accessible().await;
        page.css(".reminder").button("Open").click().await;
        page.heading("Imports kept in this browser").appears().await;
        // Until nothing that was sent before can be under way any more.
        let later = "const now = Date.now; Date.now = () => now() + 60_000; return true";
        page.script(later, vec![]).await;
        page.button("Dismiss …").click().await;
        page.sees("Rows not done").await;
        page.is_accessible().await;
        page.css("dialog[open]")
            .button("Dismiss the import")
            .click()
            .await;
        page.heading("The import has ended")
            .appears_within(LONG)
            .await;
        // Those that may have been created are looked at: the report is true.
        page.sees("have been erased from this browser").await;
        let report = report(page).await;
        let sent = proxy.count("PUT", USERS);
        is_accounted_for(&report, "dismiss", ROWS).await;
        let tally = tally(&report);
        assert_eq!(tally.iter().map(|(_, count)| count).sum::<usize>(), ROWS);
        assert!(
            tally.iter().any(|(word, _)| word == "not_done"),
            "{tally:?}"
        );
        assert!(sent < ROWS);
        let (stores, _) = what_is_kept(page).await;
        assert_eq!(stores, ["heads", "reports"]);
    })
    .await;
}

/// An import of which nothing can be kept says so, and is carried out all the same.
async fn imports_without_a_journal(page: &Page, prefix: &str, why: &str, breaks: &str) {
    let proxy = proxy(page);
    // A page that is not of this machine takes neither a password nor a homeserver from a link.
    page.fill_in(&user(people::ADMIN), "", &proxy.url()).await;
    page.field("Homeserver URL").fill(&proxy.url()).await;
    page.field("Password").fill(ADMIN_PASSWORD).await;
    page.button("Sign in").click().await;
    page.link("CSV Import").click().await;
    page.script(breaks, vec![]).await;
    proxy.add(Rule::new("PUT", USERS, Fault::Held).after(4));
    choose(page, rows(prefix, 20)).await;
    start(page).await;
    page.sees(why).await;
    page.is_accessible().await;
    proxy.clear_rules();
    page.heading("The import has ended")
        .appears_within(LONG)
        .await;
    let report = report(page).await;
    is_accounted_for(&report, prefix, 20).await;
    assert_eq!(tally(&report), [("created".to_owned(), 20)]);
}

const NO_DATABASE: &str =
    "IDBFactory.prototype.open = () => { throw new Error('Storage is full'); }";

#[tokio::test]
async fn a_browser_that_keeps_nothing() {
    journey(Options::default(), async |page: &Page| {
        let why = "This browser cannot keep the import";
        imports_without_a_journal(page, "full", why, NO_DATABASE).await;
    })
    .await;
}

/// The history may stay, as after any import; of the file nothing does.
async fn keeps_no_passwords(page: &Page, prefix: &str) {
    let (stores, text) = what_is_kept(page).await;
    for secret in ["keys", "pieces", "entries"] {
        assert!(!stores.contains(&secret.to_owned()), "{stores:?}");
    }
    assert!(!text.contains(&format!("secret-{prefix}")), "{text}");
}

/// Where nothing can say later that passwords are to be erased, none are kept.
#[tokio::test]
async fn a_browser_that_would_forget_to_erase() {
    journey(Options::default(), async |page: &Page| {
        let full = "Storage.prototype.setItem = () => {
            throw new DOMException('Storage is full', 'QuotaExceededError');
        }";
        let why = "This browser cannot keep the import (its storage is full)";
        imports_without_a_journal(page, "forgetful", why, full).await;
        keeps_no_passwords(page, "forgetful").await;
    })
    .await;
}

/// Nor where another tab takes that date away, before the import is there for it to see.
#[tokio::test]
async fn a_date_of_erasing_that_does_not_stay() {
    journey(Options::default(), async |page: &Page| {
        let once = "
            const set = Storage.prototype.setItem;
            let isGone = false;
            Storage.prototype.setItem = function (key, value) {
                if (key !== 'synapse-admin.imports-due') return set.call(this, key, value);
                if (isGone) throw new DOMException('Storage is full', 'QuotaExceededError');
                isGone = true;
            };";
        let why = "This browser cannot keep the import (its storage is full)";
        imports_without_a_journal(page, "taken", why, once).await;
        keeps_no_passwords(page, "taken").await;
    })
    .await;
}

/// Whether the browser would ask before it closes the tab.
pub async fn asks_before_it_closes(page: &Page) -> bool {
    let ask = "return !dispatchEvent(new Event('beforeunload', { cancelable: true }))";
    page.script(ask, vec![]).await == true
}

/// Where this browser keeps nothing, passwords that were made up are in the report alone: nothing takes
/// the last of them away without a question until it has been saved.
#[tokio::test]
async fn passwords_that_nothing_keeps_do_not_go_without_a_question() {
    const LOST: &str = "has passwords that are nowhere else";
    journey(Options::default(), async |page: &Page| {
        arrives(page).await;
        let open = "IDBFactory.prototype.open = () => { throw new Error('Storage is full'); }";
        page.script(open, vec![]).await;
        choose(page, "id,displayname\nnowhere.else,Nowhere Else\n").await;
        page.field("Passwords")
            .choose("Generate missing ones")
            .await;
        run(page).await;
        page.sees("Nothing of this import is kept in this browser any more")
            .await;
        assert!(asks_before_it_closes(page).await);
        let new = page.dialog("New import?");
        page.button("New import").click().await;
        new.says(LOST).await;
        page.is_accessible().await;
        new.button("Cancel").click().await;
        new.goes().await;
        page.button("Log out").click().await;
        let out = page.dialog("Log out?");
        out.says(LOST).await;
        out.button("Cancel").click().await;
        out.goes().await;
        page.css(".job-pill").click().await;
        page.css(".job")
            .button("Remove from the list")
            .click()
            .await;
        let removed = page.dialog("Remove from the list?");
        removed.says(LOST).await;
        removed.button("Cancel").click().await;
        removed.goes().await;
        page.press(Key::Escape + "").await;

        // The desk is cleared: the list of jobs has the report for as long as there is the tab.
        page.button("New import").click().await;
        new.button("New import").click().await;
        page.field("CSV file").appears().await;
        assert!(asks_before_it_closes(page).await);
        page.css(".job-pill").click().await;
        let report = report(page).await;
        assert!(opens(&user("nowhere.else"), &report[0].password).await);
        assert!(!asks_before_it_closes(page).await);
        page.css(".job")
            .button("Remove from the list")
            .click()
            .await;
        page.css(".job").counts(0).await;
    })
    .await;
}

#[tokio::test]
async fn a_panel_without_https() {
    let app = journeys::browser::stage().app.url();
    let port: u16 = app
        .trim_start_matches("http://127.0.0.1:")
        .split('/')
        .next()
        .and_then(|port| port.parse().ok())
        .unwrap();
    let options = Options {
        hosts: vec![("panel.test".to_owned(), port)],
        app: Some("http://panel.test/synapse-admin/".to_owned()),
        ..Options::default()
    };
    journey(options, async |page: &Page| {
        page.allows_complaint(&["Cross-Origin-Opener-Policy"]);
        imports_without_a_journal(page, "plain", "was not opened over https", NO_DATABASE).await;
    })
    .await;
}
