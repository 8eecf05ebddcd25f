//! Registration tokens: made, changed, handed out, deleted.

use journeys::browser::acting::agree;
use journeys::browser::canned::{self, Canned};
use journeys::browser::{Options, Page, journey, stage};
use serde_json::json;
use synapse_admin::api::registration_tokens::{self as api, RegistrationToken};
use synapse_admin::api::tolerant::Timestamp;
use xtask::proxy::{Fault, Rule};
use xtask::world::database::Statement;

/// A token as the server has it.
async fn token(name: &str) -> Option<RegistrationToken> {
    let all = stage().run(&api::list()).await.registration_tokens;
    all.into_iter().find(|token| token.token == name)
}

async fn open(page: &Page, query: &str) {
    page.open(&format!("/registration_tokens{query}")).await;
    page.heading("Registration tokens").appears().await;
}

async fn a_token(options: Options, name: &str) {
    journey(options, async |page: &Page| {
        page.sign_in(&stage().synapse.url()).await;
        open(page, "").await;
        page.row("welcome").appears().await;
        page.picture("tokens").await;
        page.is_accessible().await;
        page.button("Create token").first().click().await;
        let dialog = page.dialog("Create token");
        dialog.appears().await;
        page.is_accessible().await;
        // What Synapse would refuse, or could never be reached again.
        for (wrong, why) in [("a b", "1 to 64"), ("new", "cannot be named")] {
            dialog.field("Token").fill(wrong).await;
            page.sees(why).await;
            dialog.button("Create token").is_unusable().await;
        }
        dialog.field("Token").fill(name).await;
        dialog.field("Registrations allowed").fill("1.5").await;
        page.sees("whole number").await;
        dialog.field("Registrations allowed").fill("3").await;
        dialog.button("In a week").click().await;
        dialog.button("Create token").click().await;
        let row = page.row(name);
        row.appears().await;
        row.says("0 of 3").await;
        let made = token(name).await.unwrap();
        assert_eq!(made.uses_allowed, Some(3));
        assert!(made.expiry_time.is_some());

        row.button("Actions").click().await;
        page.css("[popover]").button("Edit").click().await;
        let dialog = page.dialog(&format!("Edit {name}"));
        dialog.field("Registrations allowed").holds("3").await;
        // With 0, Synapse lets everybody in.
        dialog.field("Registrations allowed").fill("0").await;
        page.sees("whole number from 1").await;
        dialog.button("Save").is_unusable().await;
        dialog.field("Registrations allowed").fill("8").await;
        dialog.button("Save").click().await;
        row.says("0 of 8").await;
        assert_eq!(token(name).await.unwrap().uses_allowed, Some(8));
        page.button("Undo").click().await;
        row.says("0 of 3").await;
        let back = token(name).await.unwrap();
        assert_eq!(back.uses_allowed, Some(3));
        assert_eq!(back.expiry_time, made.expiry_time);

        row.button("Actions").click().await;
        page.css("[popover]").button("Delete").click().await;
        let question = page.dialog(&format!("Delete token {name}?"));
        question.confirm(name).await;
        question
            .button(&format!("Delete token {name}"))
            .click()
            .await;
        page.until("it is gone", async || token(name).await.is_none())
            .await;
        row.goes().await;
    })
    .await;
}

#[tokio::test]
async fn a_token_from_its_making_to_its_end() {
    a_token(Options::default(), "journey-token").await;
}

#[tokio::test]
async fn a_token_on_a_phone() {
    a_token(Options::phone(), "phone-token").await;
}

#[tokio::test]
async fn an_expired_one_gets_more_uses_and_another_end() {
    let name = "expired-token";
    let once = api::Terms {
        uses_allowed: Some(1),
        expiry_time: None,
    };
    stage().run(&api::create(name, &once)).await;
    let past = Timestamp(1_600_000_000_000);
    let end = Statement::each(
        "UPDATE registration_tokens SET expiry_time = ? WHERE token = ?",
        [json!([past.0, name])],
    );
    stage().maker.database().run(&[end]).unwrap();
    journey(Options::default(), async |page: &Page| {
        page.sign_in(&stage().synapse.url()).await;
        open(page, &format!("?q={name}")).await;
        let row = page.row(name);
        row.says("Expired").await;
        let edit = async || {
            row.button("Actions").click().await;
            page.css("[popover]").button("Edit").appears().await;
            // Nobody is invited with it.
            page.css("[popover]")
                .button("Copy invitation")
                .counts(0)
                .await;
            page.css("[popover]").button("Edit").click().await;
            let dialog = page.dialog(&format!("Edit {name}"));
            dialog.appears().await;
            dialog
        };
        let toast = page.css(".toast");
        let finished = format!("Change registration token {name}: Finished");

        // The end stays what it is: the server would not take it again.
        let dialog = edit().await;
        dialog.field("Registrations allowed").fill("7").await;
        dialog.button("Save").click().await;
        row.says("0 of 7").await;
        let changed = token(name).await.unwrap();
        assert_eq!(changed.uses_allowed, Some(7));
        assert_eq!(changed.expiry_time, Some(past));
        toast.says(&finished).await;
        toast.button("Undo").appears().await;
        toast.button("Close").click().await;
        toast.goes().await;

        // What a colleague changes meanwhile stays too.
        let dialog = edit().await;
        let theirs = api::TermsChange {
            uses_allowed: Some(Some(9)),
            expiry_time: None,
        };
        stage().run(&api::update(name, &theirs)).await;
        dialog.button("In a week").click().await;
        dialog.button("Save").click().await;
        // Back to an end that is past, no server leads. Without "Undo", it does not stay for long.
        toast.says(&finished).await;
        assert!(!toast.button("Undo").exists().await);
        row.says("Good").await;
        row.says("0 of 9").await;
        let changed = token(name).await.unwrap();
        assert_eq!(changed.uses_allowed, Some(9));
        assert!(changed.expiry_time > Some(past));
        stage().run(&api::delete(name)).await;
    })
    .await;
}

#[tokio::test]
async fn what_stood_there_right_before_comes_back() {
    let name = "between-token";
    let uses = |most| api::TermsChange {
        uses_allowed: Some(Some(most)),
        expiry_time: None,
    };
    let three = api::Terms {
        uses_allowed: Some(3),
        expiry_time: None,
    };
    stage().run(&api::create(name, &three)).await;
    journey(Options::default(), async |page: &Page| {
        page.sign_in(&stage().synapse.url()).await;
        open(page, &format!("?q={name}")).await;
        let row = page.row(name);
        row.says("0 of 3").await;
        let save = async |most: &str, theirs: u64| {
            row.button("Actions").click().await;
            page.css("[popover]").button("Edit").click().await;
            let dialog = page.dialog(&format!("Edit {name}"));
            dialog.appears().await;
            // A colleague is faster.
            stage().run(&api::update(name, &uses(theirs))).await;
            dialog.field("Registrations allowed").fill(most).await;
            dialog.button("Save").click().await;
            row.says(&format!("0 of {most}")).await;
        };
        let toast = page.css(".toast");
        save("5", 9).await;
        toast.button("Undo").click().await;
        row.says("0 of 9").await;
        assert_eq!(token(name).await.unwrap().uses_allowed, Some(9));
        toast.button("Close").click().await;
        toast.goes().await;
        // Who finds it so has nothing to take back.
        save("7", 7).await;
        toast.says("nothing would change").await;
        assert!(!toast.button("Undo").exists().await);
        stage().run(&api::delete(name)).await;
    })
    .await;
}

#[tokio::test]
async fn those_that_are_not_good_any_more_are_deleted_together() {
    let terms = |uses_allowed| api::Terms {
        uses_allowed: Some(uses_allowed),
        expiry_time: None,
    };
    let names = ["bulk-1", "bulk-2", "bulk-3", "bulk-4"];
    for name in names {
        stage().run(&api::create(name, &terms(1))).await;
    }
    // Synapse's list calls this one used up, and lets everybody in with it.
    stage().run(&api::create("bulk-zero", &terms(0))).await;
    let used_up = Statement::each(
        "UPDATE registration_tokens SET completed = 1 WHERE token = ?",
        names.map(|name| json!([name])),
    );
    stage().maker.database().run(&[used_up]).unwrap();
    journey(Options::default(), async |page: &Page| {
        page.sign_in(&stage().synapse.url()).await;
        open(page, "?valid=true&q=bulk-").await;
        page.row("bulk-zero").says("Good").await;
        page.row("bulk-zero").says("no limit").await;
        page.row("bulk-4").goes().await;
        open(page, "?valid=false&q=bulk-").await;
        page.css(".list tbody tr, .list [role=row]")
            .first()
            .appears()
            .await;
        page.row("bulk-4").appears().await;
        page.row("bulk-zero").goes().await;
        page.checkbox("Select all on this page").tick(true).await;
        page.css(".bulk-bar").button("Actions").click().await;
        page.css("[popover]").button("Delete").click().await;
        page.dialog("Delete 4 tokens?").appears().await;
        // While the question is open, colleagues make one good again, and delete another.
        let change = |uses| api::TermsChange {
            uses_allowed: Some(Some(uses)),
            expiry_time: None,
        };
        stage().run(&api::update("bulk-2", &change(5))).await;
        stage().run(&api::delete("bulk-4")).await;
        page.expects_complaint(&["registration_tokens/bulk-4", "404"]);
        agree(page, "Delete 4 tokens", Some("4")).await;
        page.sees("1 left out: no longer found by the filter").await;
        page.sees("1 left out: not there any more").await;
        page.sees("Nothing matches").await;
        for name in ["bulk-1", "bulk-3", "bulk-4"] {
            page.until("it is gone", async || token(name).await.is_none())
                .await;
        }
        assert_eq!(token("bulk-2").await.unwrap().uses_allowed, Some(5));

        // What others change of one that is deleted by itself keeps it as well.
        open(page, "?q=bulk-2").await;
        let delete = async || {
            page.row("bulk-2").button("Actions").click().await;
            page.css("[popover]").button("Delete").click().await;
            page.dialog("Delete token bulk-2?").appears().await;
        };
        delete().await;
        stage().run(&api::update("bulk-2", &change(9))).await;
        agree(page, "Delete token bulk-2", Some("bulk-2")).await;
        page.sees("1 left out: changed by somebody else since")
            .await;
        page.row("bulk-2").says("1 of 9").await;
        delete().await;
        agree(page, "Delete token bulk-2", Some("bulk-2")).await;
        page.row("bulk-2").goes().await;
        assert_eq!(token("bulk-2").await, None);
        // Those that nobody meant are there.
        assert!(token("welcome").await.is_some());
        stage().run(&api::delete("bulk-zero")).await;
    })
    .await;
}

#[tokio::test]
async fn one_is_made_up_and_handed_out() {
    journey(Options::default(), async |page: &Page| {
        page.sign_in(&stage().synapse.url()).await;
        open(page, "?q=ten_times").await;
        page.row("ten_times").appears().await;
        page.button("Create token").first().click().await;
        let dialog = page.dialog("Create token");
        dialog.button("Generate").click().await;
        let made = dialog.field("Token").value().await;
        assert_eq!(made.len(), 16, "{made}");
        dialog.field("Length when generated").fill("24").await;
        dialog.button("Generate").click().await;
        let made = dialog.field("Token").value().await;
        assert_eq!(made.len(), 24, "{made}");
        dialog.button("Cancel").click().await;
        assert_eq!(token(&made).await, None);
        // Nobody has asked the domain where its homeserver is: apps find that by its name. What the
        // administrator is signed in to may lead nobody else anywhere.
        invite(page, "ten_times").await;
        page.sees("set the homeserver to test.localhost, and enter this")
            .await;
        // An old bookmark.
        page.open("/registration_tokens/ten_times/show").await;
        page.is_at("/registration_tokens?q=ten_times").await;
        page.row("ten_times").appears().await;
    })
    .await;
}

/// Has an invitation made where no text gets onto the clipboard, so that it is there to be copied by hand.
async fn invite(page: &Page, token: &str) {
    let refuse = "navigator.clipboard.writeText = () => Promise.reject(new Error('no'))";
    page.script(refuse, vec![]).await;
    page.row(token).button("Actions").click().await;
    page.css("[popover]")
        .button("Copy invitation")
        .click()
        .await;
}

#[tokio::test]
async fn an_invitation_leads_to_the_homeserver_that_the_domain_names() {
    let known = json!({
        "m.homeserver": {"base_url": "https://matrix.test.localhost/"},
        "cc.etke.synapse-admin": {"menu": [{"label": "Handbook", "url": "https://handbook.example/"}]},
    });
    let port = canned::serve(true, move |_| Canned::json(known.to_string()));
    let options = Options {
        hosts: vec![("test.localhost".to_owned(), port)],
        ..Options::default()
    };
    journey(options, async |page: &Page| {
        page.sign_in(&stage().synapse.url()).await;
        // The domain has been heard.
        page.sees("Handbook").await;
        open(page, "?q=ten_times").await;
        page.row("ten_times").appears().await;
        invite(page, "ten_times").await;
        page.sees("set the homeserver to https://matrix.test.localhost, and enter this")
            .await;
    })
    .await;
}

#[tokio::test]
async fn what_is_refused_is_there_again_and_a_lost_answer_is_looked_up() {
    journey(Options::default(), async |page: &Page| {
        let proxy = page.proxy();
        page.sign_in(&proxy.url()).await;
        open(page, "").await;
        page.expects_complaint(&["/registration_tokens/new", "status of 400"]);
        page.expects_complaint(&["/registration_tokens/new", "status of 504"]);
        let dialog = page.dialog("Create token");
        let begin = async || {
            page.button("Create token").first().click().await;
            dialog.appears().await;
        };
        begin().await;
        dialog.field("Token").fill("welcome").await;
        dialog.field("Registrations allowed").fill("3").await;
        dialog.button("Create token").click().await;
        dialog.goes().await;
        page.css(".toast").says("Token already exists").await;
        page.css(".toast").button("Close").click().await;
        // Nothing has to be typed again but what was wrong.
        begin().await;
        assert_eq!(dialog.field("Token").value().await, "welcome");
        assert_eq!(dialog.field("Registrations allowed").value().await, "3");
        proxy.add(
            Rule::new(
                "POST",
                "/_synapse/admin/v1/registration_tokens/new",
                Fault::gave_up_waiting(),
            )
            .times(1),
        );
        dialog.field("Token").fill("lost-token").await;
        dialog.button("Create token").click().await;
        page.css(".toast")
            .says("Create registration token lost-token: Finished")
            .await;
        page.row("lost-token").says("0 of 3").await;
        // The next one begins anew.
        begin().await;
        dialog.field("Token").holds("").await;
    })
    .await;
}

#[tokio::test]
async fn what_is_typed_while_another_is_under_way_stays() {
    journey(Options::default(), async |page: &Page| {
        let proxy = page.proxy();
        page.sign_in(&proxy.url()).await;
        open(page, "").await;
        let dialog = page.dialog("Create token");
        let begin = async || {
            page.button("Create token").first().click().await;
            dialog.appears().await;
        };
        let new = "/_synapse/admin/v1/registration_tokens/new";
        proxy.add(Rule::new("POST", new, Fault::Held));
        begin().await;
        dialog.field("Token").fill("under-way").await;
        dialog.button("Create token").click().await;
        dialog.goes().await;
        page.until("it is sent", async || proxy.count("POST", new) == 1)
            .await;
        // Nobody knows yet whether it will be needed again.
        begin().await;
        dialog.field("Token").holds("under-way").await;
        dialog.field("Token").fill("meanwhile").await;
        proxy.clear_rules();
        // Behind the dialog, which keeps it from everybody.
        let told = "return [...document.querySelectorAll('.toast')]
            .some((it) => it.innerText.includes('under-way: Finished'))";
        page.until("it is done", async || {
            page.script(told, vec![]).await == true
        })
        .await;
        assert_eq!(dialog.field("Token").value().await, "meanwhile");
        dialog.button("Cancel").click().await;
        dialog.goes().await;
        begin().await;
        dialog.field("Token").holds("").await;
    })
    .await;
}
