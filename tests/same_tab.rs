//! Signed out in the middle of work, and signed in again in the same tab: the page is left for the identity
//! provider, and what was going on and what was typed is there again.

use crate::sso::{is_there, server};
use journeys::browser::acting::{account, act, crowd, report, select, turn};
use journeys::browser::{Options, Page, importing, journey};
use synapse_admin::api::server::Feature;
use synapse_admin::api::{UserId, devices};

use xtask::proxy::{Fault, Rule};
use xtask::world::ADMIN_PASSWORD;

/// From now on the browser opens no tabs, as some are set.
async fn opens_no_tabs(page: &Page) {
    let expression = serde_json::json!({"expression": "window.open = () => null"});
    page.cdp("Runtime.evaluate", expression).await;
}

/// Signs in again in this tab, where the provider knows who it is.
async fn sign_in_here(page: &Page) {
    let again = page.dialog("Sign in again");
    again.button("Continue with First").click().await;
    page.sees("Your browser has not opened a new tab").await;
    again.button("Sign in in this tab instead").click().await;
}

/// What this tab keeps besides the session.
async fn kept(page: &Page) -> String {
    let kept = "return JSON.stringify({...sessionStorage, ...localStorage})";
    page.script(kept, vec![]).await.to_string()
}

#[tokio::test]
async fn a_job_goes_on_where_it_was() {
    journey(Options::default(), async |page: &Page| {
        page.allows_complaint(&["status of 401"]);
        page.allows_complaint(&["status of 504"]);
        let admin = server().fresh_admin("same.tab").await;
        let proxy = page.proxy_before(server().synapse.config().port);
        let (mut users, part) = crowd(&server().maker, "left", 6).await;
        // In the order of the list.
        users.sort();
        page.open("/users").await;
        page.field("Homeserver URL").fill(&proxy.url()).await;
        page.button("Continue with First").click().await;
        is_there(page, admin.localpart()).await;
        page.heading("Users").appears().await;

        // Of six, one is done, of one the answer is lost, and then the session ends.
        let ending = |user: &UserId| format!("/_synapse/admin/v1/deactivate/{user}");
        let held = |user: &UserId| Rule::new("POST", &ending(user), Fault::Held);
        proxy.add(Rule::new(
            "POST",
            &ending(&users[1]),
            Fault::gave_up_waiting(),
        ));
        for user in &users[2..] {
            proxy.add(held(user));
        }
        // Of one no more than the question right before is under way.
        let asked = format!("/_synapse/admin/v2/users/{}", users[2]);
        proxy.add(Rule::new("GET", &asked, Fault::Held));
        select(page, "/users", &part, 6).await;
        act(page, "Deactivate", "Deactivate 6 users", Some("6")).await;
        page.until("some are under way", async || {
            account(&server().maker, &users[0]).await.deactivated
                && account(&server().maker, &users[1]).await.deactivated
                && proxy.count("GET", &asked) == 1
        })
        .await;
        opens_no_tabs(page).await;
        server().revoke_sessions(&admin).await;
        proxy.clear_rules();
        page.dialog("Sign in again").appears().await;
        assert!(!account(&server().maker, &users[5]).await.deactivated);
        sign_in_here(page).await;
        page.sees("Deactivate 6 users: goes on where it was.").await;
        turn(page, &server().maker, "deactivated", &users, |user| {
            user.deactivated
        })
        .await;
        page.sees("Deactivate 6 users: Finished").await;
        let csv = report(page).await;
        for user in &users {
            assert!(csv.contains(&format!("{user},done,")), "{csv}");
        }
        // What was done is not done again, nor what may have been; what was not sent is sent.
        for user in &users[..3] {
            assert_eq!(proxy.count("POST", &ending(user)), 1, "{user}");
        }
        let kept = kept(page).await;
        assert!(!kept.contains("synapse-admin.jobs"), "{kept}");

        // What was done before can be taken back together with the rest.
        let (mut users, part) = crowd(&server().maker, "shut", 3).await;
        // In the order of the list.
        users.sort();
        let name = |user: &UserId| format!("/_synapse/admin/v2/users/{user}");
        for user in &users[1..] {
            proxy.add(Rule::new("PUT", &name(user), Fault::Held));
        }
        select(page, "/users", &part, 3).await;
        act(page, "Lock", "Lock 3 users", None).await;
        page.until("one is locked", async || {
            account(&server().maker, &users[0]).await.locked
                && proxy.count("PUT", &name(&users[1])) == 1
        })
        .await;
        // Whoever comes back finds it paused as it was.
        page.css(".job-pill").click().await;
        page.css(".job").first().button("Pause").click().await;
        page.css(".job-pill").click().await;
        opens_no_tabs(page).await;
        server().revoke_sessions(&admin).await;
        proxy.clear_rules();
        let again = page.dialog("Sign in again");
        again.appears().await;
        page.picture("same-tab").await;
        sign_in_here(page).await;
        page.css(".job-pill").click().await;
        let job = page.css(".job").first();
        job.says("1 of 3 done").await;
        assert!(!account(&server().maker, &users[2]).await.locked);
        job.button("Resume").click().await;
        turn(page, &server().maker, "locked", &users, |user| user.locked).await;
        assert_eq!(proxy.count("PUT", &name(&users[0])), 1);
        page.css(".toast").button("Undo").click().await;
        turn(page, &server().maker, "unlocked", &users, |user| {
            !user.locked
        })
        .await;
    })
    .await;
}

/// What is known of a target when the page is left is neither less nor more when it is come back to.
#[tokio::test]
async fn what_may_have_been_done_and_what_was_only_asked_about_are_told_apart() {
    journey(Options::default(), async |page: &Page| {
        page.allows_complaint(&["status of 401"]);
        page.allows_complaint(&["status of 500"]);
        let maker = &server().maker;
        let admin = server().fresh_admin("same.known").await;
        let proxy = page.proxy_before(server().synapse.config().port);
        page.takes_downloads().await;
        page.open("/users").await;
        page.field("Homeserver URL").fill(&proxy.url()).await;
        page.button("Continue with First").click().await;
        is_there(page, admin.localpart()).await;
        page.heading("Users").appears().await;
        let comes_back = async |title: &str| {
            opens_no_tabs(page).await;
            server().revoke_sessions(&admin).await;
            proxy.clear_rules();
            page.dialog("Sign in again").appears().await;
            sign_in_here(page).await;
            page.sees(&format!("{title}: goes on where it was.")).await;
            page.sees(&format!("{title}: Finished")).await;
        };

        // The server says that it has failed at what it has done, and is about to be asked again.
        let (users, part) = crowd(maker, "failed", 1).await;
        let user = &users[0];
        let end = format!("/_synapse/admin/v1/deactivate/{user}");
        let failed = Fault::AnswerAfter {
            status: 500,
            content_type: "application/json",
            body: r#"{"errcode":"M_UNKNOWN","error":"Internal server error"}"#.to_owned(),
        };
        proxy.add(Rule::new("POST", &end, failed));
        let asked = format!("/_synapse/admin/v2/users/{user}");
        select(page, "/users", &part, 1).await;
        let before = proxy.count("GET", &asked);
        proxy.add(Rule::new("GET", &asked, Fault::Held).after(1));
        let title = format!("Deactivate {user}");
        act(page, "Deactivate", &title, Some(user.as_str())).await;
        page.until("it is asked about once more", async || {
            proxy.count("GET", &asked) == before + 2
        })
        .await;
        assert!(account(maker, user).await.deactivated);
        comes_back(&title).await;
        let csv = report(page).await;
        assert!(csv.contains(&format!("{user},done,")), "{csv}");
        assert_eq!(proxy.count("POST", &end), 1);

        // Of this one nothing was under way but the question by which devices it was picked.
        let (users, part) = crowd(maker, "bare", 1).await;
        let user = &users[0];
        page.open(&format!("/users?q={part}&devices=false")).await;
        page.css("tbody th[role=rowheader]").counts(1).await;
        page.checkbox("Select all on this page").tick(true).await;
        page.sees("1 selected").await;
        let asked = format!("/_synapse/admin/v2/users/{user}/devices");
        let before = proxy.count("GET", &asked);
        proxy.add(Rule::new("GET", &asked, Fault::Held));
        let title = format!("Lock {user}");
        act(page, "Lock", &title, None).await;
        page.until("its devices are asked for", async || {
            proxy.count("GET", &asked) == before + 1
        })
        .await;
        maker
            .admin()
            .run(&devices::create(user, "NEW"))
            .await
            .unwrap();
        comes_back(&title).await;
        let csv = report(page).await;
        assert!(csv.contains(&format!("{user},left out,")), "{csv}");
        assert!(!account(maker, user).await.locked);
    })
    .await;
}

#[tokio::test]
async fn what_the_server_was_to_begin_is_offered_once() {
    let maker = &server().maker;
    if !maker.capabilities().has(Feature::RedactMessages) {
        return;
    }
    journey(Options::default(), async |page: &Page| {
        page.allows_complaint(&["status of 401"]);
        let admin = server().fresh_admin("same.begun").await;
        let proxy = page.proxy_before(server().synapse.config().port);
        let (users, part) = crowd(maker, "talker", 2).await;
        for user in &users {
            let client = maker.act_as(user).await.unwrap();
            let room = serde_json::json!({"name": "Chatter"});
            maker.make_room(&client, &room).await.unwrap();
        }
        page.open("/users").await;
        page.field("Homeserver URL").fill(&proxy.url()).await;
        page.button("Continue with First").click().await;
        is_there(page, admin.localpart()).await;
        page.heading("Users").appears().await;

        // One is begun, and nobody tells how far it is.
        let status = "/_synapse/admin/v1/user/redact_status/*";
        proxy.add(Rule::new("GET", status, Fault::Held));
        let begun = || proxy.count("POST", "/_synapse/admin/v1/user/*/redact");
        select(page, "/users", &part, 2).await;
        let title = "Remove the messages of 2 users";
        act(page, "Remove messages", title, Some("2")).await;
        page.until("it is asked how far it is", async || {
            begun() == 1 && proxy.count("GET", status) > 0
        })
        .await;
        opens_no_tabs(page).await;
        server().revoke_sessions(&admin).await;
        proxy.clear_rules();
        page.dialog("Sign in again").appears().await;
        sign_in_here(page).await;
        page.sees(&format!("{title}: 1 was not begun when the page was left."))
            .await;
        page.css(".job-pill").click().await;
        // The one that is followed, and the rest.
        page.css(".job").counts(2).await;
        assert_eq!(begun(), 1);
        page.button("Go on").click().await;
        page.until("the other is begun", async || begun() == 2)
            .await;
    })
    .await;
}

#[tokio::test]
async fn what_is_typed_is_there_again() {
    journey(Options::default(), async |page: &Page| {
        page.allows_complaint(&["status of 401"]);
        let admin = server().fresh_admin("same.typed").await;
        let user = server().maker.make_fresh_user("typed").await.unwrap();
        page.open("/users").await;
        page.field("Homeserver URL")
            .fill(&server().synapse.url())
            .await;
        page.button("Continue with First").click().await;
        is_there(page, admin.localpart()).await;
        page.heading("Users").appears().await;

        // A form of a page: what was to be saved is not saved, and can be.
        page.open(&format!("/users/{user}")).await;
        page.field("Display name").fill("Not yet saved").await;
        page.field("Type").choose("Bot").await;
        opens_no_tabs(page).await;
        server().revoke_sessions(&admin).await;
        page.press_behind("Save").await;
        page.dialog("Sign in again").appears().await;
        sign_in_here(page).await;
        page.field("Display name").holds("Not yet saved").await;
        page.field("Type").holds("bot").await;
        page.sees("Changed, not saved").await;
        assert_ne!(
            account(&server().maker, &user).await.displayname.as_deref(),
            Some("Not yet saved")
        );
        page.button("Save").click().await;
        page.until("it is saved", async || {
            let now = account(&server().maker, &user).await;
            now.displayname.as_deref() == Some("Not yet saved")
                && now.user_type.as_deref() == Some("bot")
        })
        .await;

        // A dialog opens again, with what was typed and chosen in it.
        page.button("Add address").first().click().await;
        let dialog = page.dialog("Add address");
        dialog.field("Kind").choose("Single sign-on").await;
        dialog.field("Provider").fill("oidc-one").await;
        dialog
            .field("ID at the provider")
            .fill("typed-before")
            .await;
        opens_no_tabs(page).await;
        server().revoke_sessions(&admin).await;
        dialog.button("Add address").click().await;
        page.dialog("Sign in again").appears().await;
        sign_in_here(page).await;
        dialog
            .field("ID at the provider")
            .holds("typed-before")
            .await;
        dialog.field("Provider").holds("oidc-one").await;
        page.no_longer_sees("is there again as soon as you open it")
            .await;
        page.picture("same-tab-dialog").await;
        page.is_accessible().await;
        let kept = kept(page).await;
        assert!(!kept.contains("typed-before"), "{kept}");
        dialog.button("Cancel").click().await;

        // A password is not kept, and that is said.
        page.open("/create_user").await;
        page.field("Password").fill("very-secret-1").await;
        opens_no_tabs(page).await;
        server().revoke_sessions(&admin).await;
        let name = server().maker.fresh_localpart("typed.new");
        page.field("Username").fill(&name).await;
        page.dialog("Sign in again").appears().await;
        sign_in_here(page).await;
        page.field("Username").holds(&name).await;
        page.sees("Passwords were not kept. Type them again.").await;
        assert_ne!(page.field("Password").value().await, "very-secret-1");

        // Nor is a job that gives one: that it would end is said before.
        page.field("Username").fill("").await;
        page.open(&format!("/users/{user}?tab=security")).await;
        page.button("Reset password").first().click().await;
        let dialog = page.dialog("Reset password");
        dialog.field("New password").fill("very-secret-2").await;
        opens_no_tabs(page).await;
        server().revoke_sessions(&admin).await;
        page.press_behind("Set password").await;
        let again = page.dialog("Sign in again");
        again.button("Continue with First").click().await;
        page.sees(&format!("These end: Reset the password of {user}"))
            .await;
        page.picture("same-tab-ends").await;
        again.field("Password").fill(ADMIN_PASSWORD).await;
        again.button("Sign in").click().await;
        again.goes().await;
        page.dialog("The password is set").appears().await;
    })
    .await;
}

/// An import goes on by its journal. One that has broken keeps nothing to go on with.
#[tokio::test]
async fn an_import_ends_whose_journal_is_broken() {
    journey(Options::default(), async |page: &Page| {
        page.allows_complaint(&["status of 401"]);
        let admin = server().fresh_admin("same.import").await;
        let proxy = page.proxy_before(server().synapse.config().port);
        page.open("/import_users").await;
        page.field("Homeserver URL").fill(&proxy.url()).await;
        page.button("Continue with First").click().await;
        is_there(page, admin.localpart()).await;
        page.heading("Import users").appears().await;
        page.allows_complaint(&["/users/", "status of 502"]);
        page.allows_complaint(&["/users/", "status of 404"]);
        let prefix = server().maker.fresh_localpart("broken");
        let of_row = |number: usize| format!("/_synapse/admin/v2/users/@{prefix}.{number}:*");
        // A few are enough, and a browser has not more than six connections.
        for number in 5..8 {
            proxy.add(Rule::new("PUT", &of_row(number), Fault::Held));
        }
        importing::choose(page, importing::rows(&prefix, 8)).await;
        importing::start(page).await;
        page.until("it has come to them", async || {
            proxy.count("PUT", &of_row(5)) == 1
        })
        .await;
        opens_no_tabs(page).await;
        server().revoke_sessions(&admin).await;
        let elsewhere = async || {
            page.open("/rooms").await;
            let again = page.dialog("Sign in again");
            again.appears().await;
            again.button("Continue with First").click().await;
            page.sees("Your browser has not opened a new tab").await;
        };
        elsewhere().await;
        page.no_longer_sees("These end").await;

        // With the password one stays.
        let again = page.dialog("Sign in again");
        again.field("Password").fill(ADMIN_PASSWORD).await;
        again.button("Sign in").click().await;
        again.goes().await;

        // The disk is full, which is noticed with the next row that ends.
        let full = "IDBObjectStore.prototype.put = () => {
            throw new DOMException('Storage is full', 'QuotaExceededError');
        }";
        page.script(full, vec![]).await;
        proxy.clear_rules();
        for number in 6..8 {
            proxy.add(Rule::new("PUT", &of_row(number), Fault::bad_gateway()));
        }
        page.open("/import_users").await;
        page.sees("This browser cannot keep the import").await;
        server().revoke_sessions(&admin).await;
        elsewhere().await;
        page.sees("These end: Import users.csv").await;
        page.is_accessible().await;

        again.field("Password").fill(ADMIN_PASSWORD).await;
        again.button("Sign in").click().await;
        again.goes().await;
        proxy.clear_rules();
        page.open("/import_users").await;
        page.heading("The import has ended")
            .appears_within(importing::LONG)
            .await;
        for number in 0..8 {
            let user = server().maker.user(&format!("{prefix}.{number}"));
            assert!(!account(&server().maker, &user).await.deactivated);
        }
    })
    .await;
}

/// The way by this tab says what comes back and what ends.
async fn shown(page: &Page, screen: &str) {
    page.allows_complaint(&["status of 401"]);
    let admin = server().fresh_admin("same.shown").await;
    page.sign_in_as(&admin, ADMIN_PASSWORD, &server().synapse.url())
        .await;
    page.open("/users").await;
    page.heading("Users").appears().await;
    server().revoke_sessions(&admin).await;
    page.open("/rooms").await;
    let again = page.dialog("Sign in again");
    again.appears().await;
    opens_no_tabs(page).await;
    again.button("Continue with First").click().await;
    page.sees("running jobs go on").await;
    for (dark, theme) in [(false, "light"), (true, "dark")] {
        page.prefer_dark(dark).await;
        page.picture(&format!("same-tab-{screen}-{theme}")).await;
    }
    page.fits_sideways().await;
    page.is_accessible().await;
}

#[tokio::test]
async fn what_comes_back_is_said() {
    journey(Options::phone(), async |page: &Page| {
        shown(page, "phone").await;
    })
    .await;
}
