//! The pages of Matrix Authentication Service and its registration tokens, by way of the stand-in for it,
//! before a real Synapse that leaves its accounts to it. Whoever administers has brought a token.

use journeys::browser::acting::{choose, choose_for_page};
use journeys::browser::delegated::Way;
use journeys::browser::{Options, Page, journey};
use journeys::mas::{Delegated, delegated};
use serde_json::{Value, json};
use std::rc::Rc;
use synapse_admin::api::encode::encoded;
use synapse_admin::api::login;
use synapse_admin::api::mas::resource::Want;
use synapse_admin::api::mas::tokens::{self, MasToken};
use synapse_admin::api::mas::{personal, policy};
use xtask::mas::{ADMIN_SCOPE, Account};
use xtask::native::Client;
use xtask::proxy::{Fault, Proxy, Rule};

/// An administrator who is signed in by a token of their own.
pub struct Admin {
    server: &'static Delegated,
    token: String,
    /// Before MAS.
    pub mas: Rc<Proxy>,
}

/// Signs in with a token that MAS knows, by ways of the journey's own to the homeserver and to MAS. `prepare`
/// changes what MAS answers before anybody has asked.
pub async fn signed_in(
    page: &Page,
    server: &'static Delegated,
    localpart: &str,
    prepare: impl FnOnce(&Proxy),
) -> Admin {
    signed_in_with(page, server, localpart, ADMIN_SCOPE, prepare).await
}

/// The same with a token that has this scope.
async fn signed_in_with(
    page: &Page,
    server: &'static Delegated,
    localpart: &str,
    scope: &str,
    prepare: impl FnOnce(&Proxy),
) -> Admin {
    let user = server.account(localpart, Account::ADMIN).await;
    let made = server
        .mas
        .personal_session(localpart, localpart, "Journey", scope, None);
    let (_, token) = made.await.expect("a personal session");
    let Way { homeserver, mas } = Way::new(page, server).await;
    prepare(&mas);
    page.open("/users").await;
    page.names_host(user.server().as_str());
    page.sign_in_with_token(&token, &homeserver.url()).await;
    Admin { server, token, mas }
}

impl Admin {
    /// Who asks MAS itself.
    pub fn client(&self) -> Client {
        self.server.client().with_token(&self.token)
    }

    /// A registration token as MAS has it.
    async fn registration_token(&self, name: &str) -> Option<MasToken> {
        let base = self.server.mas.url();
        let asked = tokens::list(&base, None, &Want::last(1_000));
        let all = self.client().run(&asked).await.expect("tokens").data;
        let mut all = all.into_iter().map(|one| one.attributes);
        all.find(|token| token.token == name)
    }
}

/// Opens the page of MAS with this behind its address.
pub async fn opens(page: &Page, tab: &str) {
    page.open(&format!("/authentication{tab}")).await;
    page.heading("Authentication service").appears().await;
}

/// Opens the menu of a row and chooses.
pub async fn chooses(page: &Page, row: &str, action: &str) {
    page.row(row).button("Actions").click().await;
    page.css("[popover]:popover-open")
        .button(action)
        .click()
        .await;
}

#[tokio::test]
async fn registration_tokens_are_revoked_and_made_valid_again() {
    let Some(server) = delegated() else { return };
    journey(Options::default(), async |page: &Page| {
        let admin = signed_in(page, server, "mas-tokens", |_| ()).await;
        page.open("/registration_tokens?q=mas-journey").await;
        page.heading("Registration tokens").appears().await;
        page.sees("It deletes none").await;
        page.button("Create token").first().click().await;
        let dialog = page.dialog("Create token");
        dialog.field("Token").fill("mas-journey-1").await;
        dialog.field("Registrations allowed").fill("3").await;
        dialog.button("In a week").click().await;
        dialog.button("Create token").click().await;
        let row = page.row("mas-journey-1");
        row.says("0 of 3").await;
        row.says("Good").await;
        let made = admin.registration_token("mas-journey-1").await.unwrap();
        assert_eq!(made.usage_limit, Some(3));
        assert!(made.expires_at.is_some());
        page.is_accessible().await;

        // What is left out stays, what is emptied goes.
        chooses(page, "mas-journey-1", "Edit").await;
        let dialog = page.dialog("Edit mas-journey-1");
        dialog.field("Registrations allowed").holds("3").await;
        dialog.field("Registrations allowed").fill("").await;
        dialog.button("Save").click().await;
        row.says("0, no limit").await;
        let changed = admin.registration_token("mas-journey-1").await.unwrap();
        assert_eq!(changed.usage_limit, None);
        assert_eq!(changed.expires_at, made.expires_at);

        // Nothing is deleted here.
        row.button("Actions").click().await;
        let menu = page.css("[popover]:popover-open");
        menu.button("Revoke").appears().await;
        assert_eq!(menu.button("Delete").count().await, 0);
        menu.button("Revoke").click().await;
        let question = page.dialog("Revoke token mas-journey-1?");
        question.button("Revoke token mas-journey-1").click().await;
        row.says("Revoked").await;
        let revoked = admin.registration_token("mas-journey-1").await.unwrap();
        assert!(revoked.revoked_at.is_some());
        page.button("Undo").click().await;
        row.says("Good").await;
        let back = admin.registration_token("mas-journey-1").await.unwrap();
        assert!(back.revoked_at.is_none());

        // Several at once, of which one is used up.
        server
            .mas
            .registration_token("mas-journey-2", Some(1), 1, None);
        page.button("Refresh").click().await;
        page.row("mas-journey-2").says("Used up").await;
        choose_for_page(page, "Revoke").await;
        page.dialog("Revoke 2 tokens?")
            .button("Revoke 2 tokens")
            .click()
            .await;
        for name in ["mas-journey-1", "mas-journey-2"] {
            page.row(name).says("Revoked").await;
        }
        page.button("Undo").click().await;
        page.row("mas-journey-1").says("Good").await;
        page.row("mas-journey-2").says("Used up").await;

        // What was revoked elsewhere can be taken back as well.
        chooses(page, "mas-journey-1", "Revoke").await;
        page.dialog("Revoke token mas-journey-1?")
            .button("Revoke token mas-journey-1")
            .click()
            .await;
        row.says("Revoked").await;
        chooses(page, "mas-journey-1", "Make valid again").await;
        page.dialog("Make token mas-journey-1 valid again?")
            .button("Make token mas-journey-1 valid again")
            .click()
            .await;
        row.says("Good").await;
    })
    .await;
}

#[tokio::test]
async fn what_the_service_is_and_who_is_in() {
    let Some(server) = delegated() else { return };
    journey(Options::default(), async |page: &Page| {
        signed_in(page, server, "mas-overview", |_| ()).await;
        page.allows_complaint(&["/users/by-username/mas-nobody-of-this-name", "404"]);
        server
            .account(
                "mas-seen",
                Account {
                    admin: false,
                    ..Account::ADMIN
                },
            )
            .await;
        let mas = &server.mas;
        let agent = "Old app of mas-seen";
        let made = mas
            .compat_session("mas-seen", Some("OLDDEVICE1"), agent, 400)
            .await;
        made.expect("a session");
        let forgotten = mas
            .compat_session("mas-seen", None, "Forgotten app", 400)
            .await;
        mas.never_used(&forgotten.expect("a session"));
        mas.browser_session("mas-seen", "Browser of mas-seen", 1)
            .expect("a session");
        page.navigation("Main")
            .link("Authentication service")
            .click()
            .await;
        page.heading("Authentication service").appears().await;
        page.sees("Active sessions of browsers").await;
        page.sees("It is new enough for everything here.").await;
        page.sees("Log in with a password").await;
        page.sees("MAS 1.").await;
        page.is_accessible().await;

        opens(page, "?tab=sessions&user=mas-seen").await;
        let old = page.row(agent);
        old.says("@mas-seen:").await;
        old.says("OLDDEVICE1").await;
        old.says("App (old log-in)").await;
        page.row("Browser of mas-seen").appears().await;
        page.is_accessible().await;
        // One kind, of one account, that was not active for long.
        opens(page, "?tab=sessions&kind=login&user=mas-seen&idle=365").await;
        old.appears().await;
        // One that was never used counts from its beginning.
        page.row("Forgotten app").appears().await;
        page.sees("counts from its beginning").await;
        assert_eq!(page.row("Browser of mas-seen").count().await, 0);
        opens(page, "?tab=sessions&user=mas-nobody-of-this-name").await;
        page.sees("knows no account “mas-nobody-of-this-name”")
            .await;

        opens(page, "?tab=sessions&user=mas-seen").await;
        chooses(page, agent, "End session").await;
        let name = format!("{agent} (mas-seen)");
        page.dialog(&format!("End session {name}?"))
            .button(&format!("End session {name}"))
            .click()
            .await;
        old.goes().await;
        // The others at once.
        choose_for_page(page, "End session").await;
        let dialog = page.dialog("End 2 sessions?");
        dialog.css("input").fill("2").await;
        dialog.button("End 2 sessions").click().await;
        page.row("Browser of mas-seen").goes().await;
        opens(page, "?tab=sessions&user=mas-seen&state=finished").await;
        old.says("Ended").await;
        page.row("Browser of mas-seen").says("Ended").await;
    })
    .await;
}

#[tokio::test]
async fn applications_and_providers() {
    let Some(server) = delegated() else { return };
    journey(Options::default(), async |page: &Page| {
        signed_in(page, server, "mas-programs", |_| ()).await;
        page.allows_complaint(&["/users/by-username/mas-nobody-of-this-name", "404"]);
        let mas = &server.mas;
        server
            .account(
                "mas-linked",
                Account {
                    admin: false,
                    ..Account::ADMIN
                },
            )
            .await;
        let client = mas.oauth_client("Fine Client", "https://fine.example/", true);
        let scope = "urn:matrix:client:api:*";
        let made = mas
            .oauth_session("mas-linked", &client, scope, "Agent", 2)
            .await;
        made.expect("a session");
        opens(page, "?tab=applications&q=Fine").await;
        let row = page.row("Fine Client");
        row.says("https://fine.example/").await;
        row.says("From the configuration").await;
        page.is_accessible().await;
        // It leads to its sessions.
        page.link("Fine Client").click().await;
        page.row("Fine Client").says("@mas-linked:").await;

        let provider = mas.upstream_provider("Fine Provider", Some("github"), false);
        let link = mas.upstream_link(
            &provider,
            "subject-7",
            Some("mas-linked"),
            Some("Jane at work"),
        );
        link.expect("a link");
        opens(page, "?tab=providers").await;
        page.row("Fine Provider").says("Disabled").await;
        page.link("Fine Provider").click().await;
        let row = page.row("Jane at work");
        row.says("subject-7").await;
        row.says("@mas-linked:").await;
        page.is_accessible().await;

        // One that is nobody's is given to somebody.
        mas.upstream_link(&provider, "subject-8", None, Some("Newcomer"))
            .expect("a link");
        mas.upstream_link(&provider, "subject-9", Some("mas-programs"), Some("Own"))
            .expect("a link");
        page.button("Refresh").click().await;
        page.row("Newcomer").says("Nobody").await;
        chooses(page, "Newcomer", "Give to a user").await;
        let dialog = page.dialog("Give “Newcomer” to a user");
        dialog.field("User").fill("mas-nobody-of-this-name").await;
        dialog.button("Give to a user").click().await;
        dialog.says("knows no account").await;
        page.is_accessible().await;
        dialog.field("User").fill("mas-linked").await;
        dialog.button("Give to a user").click().await;
        dialog.goes().await;
        page.row("Newcomer").says("@mas-linked:").await;

        // By part of the name that it has there.
        let only = format!("?tab=providers&provider={provider}&account=Newc");
        opens(page, &only).await;
        page.row("Newcomer").appears().await;
        assert_eq!(page.row("Jane at work").count().await, 0);
        chooses(page, "Newcomer", "Remove link").await;
        page.dialog("Remove link Newcomer?")
            .button("Remove link Newcomer")
            .click()
            .await;
        page.row("Newcomer").goes().await;

        // All of them, but for one's own.
        opens(page, &format!("?tab=providers&provider={provider}")).await;
        page.row("Jane at work").appears().await;
        choose_for_page(page, "Remove link").await;
        page.dialog("Remove link Jane at work?")
            .button("Remove link Jane at work")
            .click()
            .await;
        page.row("Jane at work").goes().await;
        page.row("Own").says("@mas-programs:").await;
    })
    .await;
}

#[tokio::test]
async fn a_personal_session_from_its_making_to_its_end() {
    let Some(server) = delegated() else { return };
    journey(Options::default(), async |page: &Page| {
        let admin = signed_in(page, server, "mas-personal", |_| ()).await;
        let bot = server
            .account(
                "mas-bot",
                Account {
                    admin: false,
                    ..Account::ADMIN
                },
            )
            .await;
        opens(page, "?tab=personal&user=mas-bot").await;
        page.button("Create personal session").first().click().await;
        let dialog = page.dialog("Create personal session");
        dialog
            .field("As whom it acts")
            .fill("@mas-bot:elsewhere.example")
            .await;
        page.sees("no user ID of this server").await;
        dialog.field("As whom it acts").fill(bot.as_str()).await;
        dialog.field("Name").fill("Nightly script").await;
        dialog.button("Create personal session").is_unusable().await;
        dialog
            .checkbox("Do what the account may do (Matrix API)")
            .tick(true)
            .await;
        page.is_accessible().await;
        dialog.button("Create personal session").click().await;
        let question = page.dialog(&format!("Create a token that acts as {bot}?"));
        question.says("Nobody else is asked").await;
        question.confirm(bot.as_str()).await;
        question.button("Create personal session").click().await;
        let once = page.dialog("Personal session created");
        once.says("only time").await;
        let token = page
            .script(
                "return document.querySelector('dialog[open] .secret code').textContent",
                vec![],
            )
            .await;
        let token = token.as_str().unwrap().to_owned();
        // It is good at the homeserver, as that account.
        let who = server.synapse.client().with_token(&token);
        let who = who.run(&login::who_am_i()).await.unwrap();
        assert_eq!(who.user_id, bot);
        // Nobody leaves it by accident.
        page.back().await;
        let leaving = page.dialog("Leave without saving?");
        leaving.button("Cancel").click().await;
        leaving.goes().await;
        once.says(&token).await;
        once.button("Close").click().await;
        let row = page.row("Nightly script");
        row.says(bot.as_str()).await;
        row.says("Do what the account may do").await;

        // Another token ends the old one.
        chooses(page, "Nightly script", "New token").await;
        page.dialog("Give “Nightly script” a new token?")
            .button("New token")
            .click()
            .await;
        let again = page.dialog("New token");
        again.says("only time").await;
        again.button("Close").click().await;

        let base = server.mas.url();
        let standing = async || {
            let asked = personal::list(
                &base,
                &personal::PersonalFilter::default(),
                &Want::last(1_000),
            );
            let mut all = admin.client().run(&asked).await.unwrap().data;
            all.retain(|one| one.attributes.human_name == "Nightly script");
            all.remove(0)
        };
        let question = page.dialog("Revoke personal session Nightly script?");
        let asks = async || {
            // With the row as it is now.
            page.reload().await;
            row.appears().await;
            chooses(page, "Nightly script", "Revoke").await;
            question.appears().await;
        };
        let agrees = async || {
            let revoke = question.button("Revoke personal session Nightly script");
            revoke.click().await;
        };
        // A colleague gives it another token, with an end of its own, while the question is open.
        asks().await;
        let regenerate = personal::regenerate(&base, &standing().await.id, Some(7_200));
        admin.client().run(&regenerate).await.unwrap();
        agrees().await;
        page.sees("1 left out: changed by somebody else since")
            .await;
        assert_eq!(standing().await.attributes.revoked_at, None);

        asks().await;
        agrees().await;
        row.goes().await;
        assert!(standing().await.attributes.revoked_at.is_some());

        // What the panel works with itself stays.
        opens(page, "?tab=personal&user=mas-personal").await;
        page.row("Journey").says("may be working with it").await;
        page.checkbox("Select all on this page").tick(true).await;
        choose(page, "Revoke").await;
        page.sees("There is none that this could revoke.").await;
    })
    .await;
}

#[tokio::test]
async fn policy_data_is_looked_at_before_it_is_sent() {
    let Some(server) = delegated() else { return };
    journey(Options::default(), async |page: &Page| {
        let admin = signed_in(page, server, "mas-policy", |_| ()).await;
        let base = server.mas.url();
        // There is none yet.
        page.allows_complaint(&["/policy-data/latest", "404"]);
        opens(page, "?tab=policy").await;
        page.button("Edit policy data").click().await;
        let dialog = page.dialog("Edit policy data");
        dialog.says("lists are appended").await;
        dialog.field("A JSON object").fill("[]").await;
        page.sees("It must be a JSON object").await;
        dialog.button("Replace policy data").is_unusable().await;
        dialog
            .field("A JSON object")
            .fill("{\"admin_users\": [")
            .await;
        page.sees("This is no JSON").await;
        // What MAS does not take is told, and stays.
        let refused = Rule::new(
            "POST",
            "/api/admin/v1/policy-data",
            Fault::matrix(
                400,
                r#"{"errors":[{"title":"Failed to instanciate policy"}]}"#,
            ),
        );
        let rule = admin.mas.add(refused);
        page.expects_complaint(&["/policy-data", "status of 400"]);
        let good = r#"{"admin_users": ["mas-policy"]}"#;
        dialog.field("A JSON object").fill(good).await;
        dialog.button("Replace policy data").click().await;
        dialog.says("cannot build its policy").await;
        dialog.field("A JSON object").holds(good).await;
        admin.mas.remove(rule);
        dialog.button("Replace policy data").click().await;
        page.sees("The policy data is replaced.").await;
        page.sees("\"mas-policy\"").await;
        let now = admin.client().run(&policy::latest(&base)).await.unwrap();
        assert_eq!(now.data.attributes.data["admin_users"][0], "mas-policy");
    })
    .await;
}

#[tokio::test]
async fn what_an_old_service_lacks_is_said() {
    let Some(server) = delegated() else { return };
    journey(Options::default(), async |page: &Page| {
        let old = |mas: &Proxy| {
            let told = Fault::matrix(200, r#"{"version":"v1.4.0"}"#);
            mas.add(Rule::new("GET", "/api/admin/v1/version", told));
        };
        signed_in(page, server, "mas-old", old).await;
        opens(page, "").await;
        page.sees("This version is too old for:").await;
        page.sees("Personal sessions (needs 1.5.0)").await;
        page.sees("Applications (needs 1.20.0)").await;
        opens(page, "?tab=applications").await;
        page.sees("Needs Matrix Authentication Service 1.20.0 or newer; this one is 1.4.0.")
            .await;
        opens(page, "?tab=personal").await;
        page.sees("Needs Matrix Authentication Service 1.5.0 or newer; this one is 1.4.0.")
            .await;
        opens(page, "?tab=sessions").await;
        // Whoever brings a personal token is in with none of these; others are.
        server
            .mas
            .compat_session("mas-old", None, "Old app of mas-old", 1)
            .await
            .expect("a session");
        opens(page, "?tab=sessions&user=mas-old").await;
        page.row("Old app of mas-old").says("@mas-old:").await;
        // Which of them were not used for long is found out here.
        server
            .mas
            .compat_session("mas-old", None, "Quiet app of mas-old", 400)
            .await
            .expect("a session");
        opens(page, "?tab=sessions&user=mas-old&idle=365").await;
        page.row("Quiet app of mas-old").says("@mas-old:").await;
        assert_eq!(page.row("Old app of mas-old").count().await, 0);
    })
    .await;
}

#[tokio::test]
async fn why_nothing_can_be_administered_is_said() {
    let Some(server) = delegated() else { return };
    journey(Options::default(), async |page: &Page| {
        let silent = |mas: &Proxy| {
            let gone = Fault::bad_gateway();
            mas.add(Rule::new("GET", "/api/admin/v1/version", gone));
        };
        page.expects_complaint(&["/api/admin/v1/version"]);
        let admin = signed_in(page, server, "mas-silent", silent).await;
        // The list says it, and leads here.
        page.open("/users").await;
        page.sees("Needs the admin API of Matrix Authentication Service, which does not answer.")
            .await;
        page.link("What can be done about it").click().await;
        page.heading("Authentication service").appears().await;
        page.sees("does not answer at").await;
        page.sees("add “adminapi” to a listener").await;
        page.is_accessible().await;
        admin.mas.clear_rules();
        page.button("Ask again").click().await;
        page.sees("Active sessions of browsers").await;
    })
    .await;
}

#[tokio::test]
async fn what_is_closed_to_a_session_says_why_and_where_the_advice_is() {
    let Some(server) = delegated() else { return };
    journey(Options::default(), async |page: &Page| {
        page.allows_complaint(&["/api/admin/v1/version", "401"]);
        let user = server.account("mas-shut", Account::ADMIN).await;
        let scope = "urn:matrix:client:api:* urn:synapse:admin:*";
        signed_in_with(page, server, "mas-shut-out", scope, |_| ()).await;
        let why =
            "Needs rights at Matrix Authentication Service, which this session has not been granted.";
        let advice = "What can be done about it";
        page.open("/users").await;
        page.row("@").first().appears().await;
        page.sees(why).await;
        page.is_accessible().await;
        // What is not known is not said to be nobody's.
        page.open("/users?q=some-provider:some-subject").await;
        page.sees("whose identity that may be is not known").await;

        let id = encoded(user.as_str());
        page.open(&format!("/users/{id}?tab=security")).await;
        page.button("Log in as this user").is_unusable().await;
        page.button("Lock").is_unusable().await;
        page.sees(why).await;
        // Of what nobody does here it is not said that another does it.
        page.sees("Not possible where Matrix Authentication Service keeps the accounts. Suspend or lock")
            .await;
        assert!(!page.text().await.contains("Matrix Authentication Service does this"));
        page.open(&format!("/users/{id}")).await;
        page.css("main").says(why).await;
        page.open(&format!("/users/{id}?tab=devices")).await;
        page.sees("A personal session can come with a device.").await;
        page.open("/create_user").await;
        page.sees(why).await;
        page.link(advice).appears().await;
        page.open("/registration_tokens").await;
        page.sees("Matrix Authentication Service keeps the registration tokens")
            .await;
        page.link(advice).click().await;
        page.heading("Authentication service").appears().await;
        page.sees("This session may not administer Matrix Authentication Service")
            .await;
    })
    .await;
}

#[tokio::test]
async fn administrators_too_many_to_be_looked_at_are_no_silence() {
    let Some(server) = delegated() else { return };
    journey(Options::default(), async |page: &Page| {
        let many = |mas: &Proxy| {
            let one = |number: usize| {
                json!({
                    "type": "user", "id": format!("01JSTANDN000000000000001{number:02}"),
                    "attributes": {"username": format!("many-{number}"), "admin": true},
                })
            };
            let all: Vec<Value> = (0..21).map(one).collect();
            let body = json!({"meta": {"count": 21}, "data": all, "links": {"self": ""}});
            let told = Fault::matrix(200, &body.to_string());
            mas.add(Rule::new("GET", "/api/admin/v1/users?*", told));
        };
        signed_in(page, server, "mas-many", many).await;
        page.open("/").await;
        page.css("main")
            .region("Needs attention")
            .says("Whether 21 administrators were seen in the last 90 days has not been looked up")
            .await;
        page.css("a.matter[href*='admins=true'][href*='not_seen_since']")
            .appears()
            .await;
    })
    .await;
}
