//! Signing in with Matrix Authentication Service, by way of a stand-in for it whose OAuth 2.0 a
//! certified implementation plays, before a real Synapse that leaves its accounts to it.

use journeys::browser::importing::LONG;
use journeys::browser::tabs::both_go_on;
use journeys::browser::{Options, Page, copy_of_bundle, journey};
use journeys::mas::{Delegated, delegated};
use serde_json::{Value, json};
use std::rc::Rc;
use std::time::Duration;
use synapse_admin::api::encode::encoded;
use synapse_admin::api::{ApiError, Request, UserId, authorization, login, oauth, users};
use xtask::mas::Account;
use xtask::proxy::{Fault, Proxy, Rule};
use xtask::serve::{Server, Site};
use xtask::world::people;

const TOKEN: &str = "/oauth2/token";
const REVOKE: &str = "/oauth2/revoke";
const LIST: &str = "/_synapse/admin/v3/users";
const STAND_IN: &str = "A stand-in for Matrix Authentication Service";

/// One journey's way to the homeserver and to MAS, each with a proxy of its own.
struct Way {
    homeserver: Rc<Proxy>,
    mas: Rc<Proxy>,
}

impl Way {
    async fn new(page: &Page, server: &'static Delegated) -> Self {
        let homeserver = page.proxy_before(server.synapse.config().port);
        let mas = page.proxy_before(server.mas.port());
        let request = Request::<Value>::get("/_matrix/client/v1/auth_metadata").anonymous();
        let told = server.synapse.client().run(&request).await;
        let told = told.expect("metadata").to_string();
        let told = told.replace(&server.mas.url(), &mas.url());
        let tells = Fault::matrix(200, &told);
        homeserver.add(Rule::new("GET", "/_matrix/client/v1/auth_metadata", tells));
        // Which flows there are is nothing that Synapse answers then.
        page.allows_complaint(&["/_matrix/client/v3/login", "404"]);
        // How its admin API shows that it is exposed.
        page.allows_complaint(&["/api/admin/v1/version", "400"]);
        Way { homeserver, mas }
    }

    /// Fills in the form and goes to MAS.
    async fn sets_out(&self, page: &Page, user: &UserId) {
        page.open("/users").await;
        self.goes_to_mas(page, user).await;
    }

    async fn goes_to_mas(&self, page: &Page, user: &UserId) {
        page.names_host(user.server().as_str());
        page.field("Homeserver URL")
            .fill(&self.homeserver.url())
            .await;
        page.button("Continue to sign-in").click().await;
        page.sees(STAND_IN).await;
    }

    /// Signs in there, and agrees.
    async fn agrees(&self, page: &Page, user: &UserId) {
        page.sees(STAND_IN).await;
        page.field("Username").fill(user.localpart()).await;
        page.button("Continue").click().await;
        page.sees("Allow access?").await;
        page.button("Continue").click().await;
    }

    async fn signs_in(&self, page: &Page, user: &UserId) {
        self.sets_out(page, user).await;
        self.agrees(page, user).await;
        page.row("@").first().appears().await;
    }

    /// How often tokens were asked for with a refresh token.
    fn refreshed(&self) -> Vec<Option<u16>> {
        let seen = self.mas.seen_of("POST", TOKEN);
        let refreshed = seen.iter().filter(|seen| {
            String::from_utf8_lossy(&seen.body).contains("grant_type=refresh_token")
        });
        refreshed.map(|seen| seen.status).collect()
    }
}

async fn account(server: &'static Delegated, name: &str, admin: bool, seconds: u32) -> UserId {
    server.account(name, Account { admin, seconds }).await
}

/// What the browser keeps of the session.
async fn kept(page: &Page, field: &str) -> String {
    let script = "
        for (const storage of [sessionStorage, localStorage])
            for (const [key, json] of Object.entries(storage))
                if (key.startsWith('synapse-admin.session ')) return JSON.parse(json)[arguments[0]];
        return null";
    let kept = page.script(script, vec![field.into()]).await;
    kept.as_str().unwrap_or_default().to_owned()
}

/// Waits until the access token that the browser has is good for nothing any more, and the
/// homeserver, which remembers for how long it was to be good, knows so.
async fn expires(page: &Page, server: &Delegated) {
    page.until("the token expires, and is refused", async || {
        // What the page has asked last may have got it another one meanwhile.
        let token = kept(page, "access_token").await;
        assert!(!token.is_empty());
        let client = server.synapse.client().with_token(&token);
        !server.mas.is_active(&token).await
            && matches!(
                client.run(&login::who_am_i()).await,
                Err(ApiError::TokenRefused { .. })
            )
    })
    .await;
}

#[tokio::test]
async fn there_and_back() {
    let Some(server) = delegated() else { return };
    journey(Options::default(), async |page: &Page| {
        let root = account(server, "oauth-root", true, 300).await;
        let way = Way::new(page, server).await;
        way.sets_out(page, &root).await;
        let asked = way.mas.seen_of("GET", "/authorize");
        let asked = &asked[0].target;
        for part in [
            "code_challenge_method=S256",
            "response_mode=fragment",
            &encoded("urn:synapse:admin:*"),
            &encoded("urn:mas:admin"),
        ] {
            assert!(asked.contains(part), "{part} is not in {asked}");
        }
        way.agrees(page, &root).await;
        page.row("@").first().appears().await;
        page.is_at("/users").await;
        page.sees(root.as_str()).await;
        // Nothing of it is left in the address or the history.
        let address = page.script("return location.href", vec![]).await;
        let address = address.as_str().unwrap();
        assert!(
            !address.contains("code=") && !address.contains("state="),
            "{address}"
        );
        // Of an account that only Synapse knows MAS has nothing to be changed.
        page.allows_complaint(&["/users/by-username/", "404"]);
        let alice = format!("@{}:{}", people::ALICE, server.synapse.server_name());
        page.open(&format!("/users/{}", encoded(&alice))).await;
        page.sees("Matrix Authentication Service does not know this account")
            .await;
        assert_eq!(page.button("Add address").count().await, 0);
        page.picture("oauth-user").await;

        // One's own rooms can be left all the same.
        let token = kept(page, "access_token").await;
        let own = server.synapse.client().with_token(&token);
        let room = Request::<Value>::post("/_matrix/client/v3/createRoom").json(&json!({}));
        own.run(&room).await.unwrap();
        page.open(&format!("/users/{}?tab=rooms", encoded(root.as_str())))
            .await;
        page.css("tbody th[role=rowheader]").counts(1).await;
        page.checkbox("Select all on this page").tick(true).await;
        page.css(".bulk-bar").button("Leave").click().await;
        page.dialog("Leave 1 room?")
            .button("Leave 1 room")
            .click()
            .await;
        page.until("the room is left", async || {
            let joined = own.run(&users::joined_rooms(&root)).await;
            joined.unwrap().joined_rooms.is_empty()
        })
        .await;

        // There have never been any.
        page.allows_complaint(&["admin_client_config", "404"]);
        page.open("/settings").await;
        page.sees("Admin API of Matrix Authentication Service")
            .await;
        page.no_longer_sees("Not granted").await;
        page.link("Your sessions at Matrix Authentication Service")
            .appears()
            .await;
        page.picture("oauth-settings").await;
        page.is_accessible().await;

        let token = kept(page, "access_token").await;
        assert!(server.mas.is_active(&token).await);
        page.button("Log out").click().await;
        page.field("Homeserver URL").appears().await;
        page.until("the session is over", async || {
            !server.mas.is_active(&token).await
        })
        .await;
        assert_eq!(way.mas.count("POST", REVOKE), 1);
        assert_eq!(way.homeserver.count("POST", "/_matrix/client/v3/logout"), 0);
    })
    .await;
}

#[tokio::test]
async fn denied_used_up_and_not_asked_for() {
    let Some(server) = delegated() else { return };
    journey(Options::default(), async |page: &Page| {
        let plain = account(server, "oauth-denied", false, 300).await;
        let root = account(server, "oauth-second", true, 300).await;
        let way = Way::new(page, server).await;
        way.sets_out(page, &plain).await;
        page.field("Username").fill(plain.localpart()).await;
        page.button("Continue").click().await;
        page.sees("may not have what was asked for").await;
        page.link("Cancel").click().await;
        page.alert("You have cancelled, or the account may not have administrator's rights.")
            .appears()
            .await;
        page.picture("oauth-denied").await;

        // The other way is there to be chosen: this MAS has a page for it from which nobody returns.
        way.mas.forget();
        page.allows_complaint(&["/interaction/", "500"]);
        page.button("Continue without rights there").click().await;
        page.sees("could not render template").await;
        let asked = &way.mas.seen_of("GET", "/authorize")[0].target;
        assert!(asked.contains(&encoded("urn:synapse:admin:*")), "{asked}");
        assert!(!asked.contains(&encoded("urn:mas:admin")), "{asked}");

        // Where less was granted than was asked for, that is said, and ended again.
        let tokens = server
            .tokens_at(page.app(), "oauth-denied", authorization::CLIENT_API)
            .await;
        let less = serde_json::json!({
            "access_token": tokens.access_token, "refresh_token": tokens.refresh_token,
            "token_type": "Bearer", "expires_in": 300, "scope": tokens.scope,
        });
        let less = Fault::matrix(200, &less.to_string());
        way.mas.add(Rule::new("POST", TOKEN, less).times(1));
        way.sets_out(page, &root).await;
        page.link("Sign out").click().await;
        page.sees("Signed out").await;
        way.sets_out(page, &root).await;
        way.agrees(page, &root).await;
        let why = format!("has not granted {plain} the right to administer");
        page.alert(&why).appears().await;
        page.until("the grant is ended", async || {
            !server.mas.is_active(&tokens.access_token).await
        })
        .await;

        // A code that is too old, or was taken by somebody else.
        page.allows_complaint(&[TOKEN, "status of 400"]);
        let spent = Fault::matrix(400, r#"{"error":"invalid_grant","error_description":"x"}"#);
        way.mas.add(Rule::new("POST", TOKEN, spent).times(1));
        way.mas.forget();
        way.sets_out(page, &root).await;
        page.sees("Allow access?").await;
        page.button("Continue").click().await;
        page.alert("This sign-in is used up or too old.")
            .appears()
            .await;

        // An address that somebody else has sent.
        let planted = format!("{}#state=their-own&code=theirs", page.app());
        page.go_to(&planted).await;
        page.reload().await;
        page.alert("This tab has not asked for this sign-in")
            .appears()
            .await;
        assert_eq!(way.mas.count("POST", TOKEN), 1);
    })
    .await;
}

#[tokio::test]
async fn tokens_are_renewed_once_for_all_whatever_the_clock_says() {
    let Some(server) = delegated() else { return };
    journey(Options::default(), async |page: &Page| {
        let brief = account(server, "oauth-brief", true, 4).await;
        let way = Way::new(page, server).await;
        page.allows_complaint(&["status of 401"]);
        way.signs_in(page, &brief).await;
        expires(page, server).await;
        way.mas.forget();
        way.mas.add(Rule::new(
            "POST",
            TOKEN,
            Fault::Delay(Duration::from_millis(600)),
        ));
        // A page that asks a lot.
        page.open(&format!("/users/{}", encoded(brief.as_str())))
            .await;
        page.sees("Overview").await;
        page.until("it is renewed", async || {
            way.refreshed().contains(&Some(200))
        })
        .await;
        assert_eq!(way.mas.most_at_once("POST", TOKEN), 1);
        way.mas.clear_rules();

        // A clock that is an hour late does not see the end coming; the server says so.
        page.open("/users").await;
        page.row("@").first().appears().await;
        page.script(
            "const now = Date.now; Date.now = () => now() - 3_600_000; return true",
            vec![],
        )
        .await;
        expires(page, server).await;
        way.homeserver.forget();
        page.button("Refresh").click().await;
        page.until("the list is there", async || {
            let lists = way.homeserver.seen_of("GET", LIST);
            lists.iter().any(|seen| seen.status == Some(200))
        })
        .await;
        assert_eq!(page.dialog("Sign in again").count().await, 0);

        // MAS is away for a moment: that ends nothing.
        expires(page, server).await;
        page.allows_complaint(&[TOKEN, "status of 502"]);
        let away = way.mas.add(Rule::new("POST", TOKEN, Fault::bad_gateway()));
        page.button("Refresh").click().await;
        page.button("Retry").appears_within(LONG).await;
        assert_eq!(page.dialog("Sign in again").count().await, 0);
        way.mas.remove(away);
        page.button("Retry").click().await;
        page.row("@").first().appears().await;
    })
    .await;
}

#[tokio::test]
async fn two_tabs_share_a_session() {
    let Some(server) = delegated() else { return };
    journey(Options::default(), async |page: &Page| {
        let brief = account(server, "oauth-tabs", true, 4).await;
        let way = Way::new(page, server).await;
        page.allows_complaint(&["status of 401"]);
        page.open("/users").await;
        page.checkbox_like("Stay signed in").tick(true).await;
        way.goes_to_mas(page, &brief).await;
        way.agrees(page, &brief).await;
        page.row("@").first().appears().await;
        page.driver().new_tab().await.unwrap();
        page.to_tab(1).await;
        page.open("/users").await;
        page.row("@").first().appears().await;
        expires(page, server).await;
        both_go_on(page, &way.homeserver, &way.mas, TOKEN).await;
    })
    .await;
}

#[tokio::test]
async fn a_session_that_is_over_is_gone_on_with_in_a_tab_beside() {
    let Some(server) = delegated() else { return };
    journey(Options::default(), async |page: &Page| {
        let ended = account(server, "oauth-ended", true, 4).await;
        let way = Way::new(page, server).await;
        page.allows_complaint(&["status of 401"]);
        page.allows_complaint(&[TOKEN, "status of 400"]);
        way.signs_in(page, &ended).await;
        // As an administrator ends it.
        let refresh_token = kept(page, "refresh_token").await;
        let oauth = page
            .script(
                "for (const [key, json] of Object.entries(sessionStorage))
                    if (key.startsWith('synapse-admin.session ')) return JSON.parse(json).oauth.client_id",
                vec![],
            )
            .await;
        let request = oauth::revoke(
            &format!("{}{REVOKE}", server.mas.url()),
            oauth.as_str().unwrap(),
            &refresh_token,
            oauth::TokenKind::Refresh,
        );
        server.client().run(&request).await.unwrap();
        expires(page, server).await;
        way.mas.forget();
        page.button("Refresh").click().await;
        page.dialog("Sign in again").appears().await;
        assert_eq!(way.refreshed(), [Some(400)]);

        let again = page.dialog("Sign in again");
        again.button("Continue to sign-in").click().await;
        page.to_tab(1).await;
        page.sees("Allow access?").await;
        page.button("Continue").click().await;
        page.to_the_only_tab().await;
        page.dialog("Sign in again").goes().await;
        page.row("@").first().appears().await;
    })
    .await;
}

#[tokio::test]
async fn what_is_missing_is_said() {
    let Some(server) = delegated() else { return };
    let bundle = copy_of_bundle("oauth");
    let config = r#"{"oauthClientId": "set-by-hand"}"#;
    std::fs::write(bundle.join("config.json"), config).unwrap();
    let fixed = Server::start(Site::new(bundle.clone(), "/synapse-admin/")).unwrap();
    journey(Options::default(), async |page: &Page| {
        let root = account(server, "oauth-missing", true, 300).await;
        let way = Way::new(page, server).await;
        page.names_host(root.server().as_str());
        // MAS answers without CORS headers for what it does not expose.
        page.allows_complaint(&["/api/admin/v1/version"]);
        let hidden = || Fault::html(404, "<h1>Page not found</h1>");
        way.mas
            .add(Rule::new("*", "/api/admin/*", hidden()).without_cors());
        way.mas
            .add(Rule::new("OPTIONS", "/api/admin/*", hidden()).without_cors());
        page.open("/users").await;
        page.field("Homeserver URL")
            .fill(&way.homeserver.url())
            .await;
        page.sees("The admin API of Matrix Authentication Service is not exposed.")
            .await;
        page.sees(&format!("{}/api/admin", way.mas.url())).await;
        page.field("Password").goes().await;
        page.picture("oauth-missing").await;

        // Its policy does not let the panel register.
        page.allows_complaint(&["/oauth2/registration", "status of 400"]);
        let body = r#"{"error":"invalid_client_metadata","error_description":"no such panels"}"#;
        let refused = way.mas.add(Rule::new(
            "POST",
            "/oauth2/registration",
            Fault::matrix(400, body),
        ));
        page.button("Continue to sign-in").click().await;
        page.alert("The policy of Matrix Authentication Service does not let this panel register.")
            .appears()
            .await;
        way.mas.remove(refused);
        // Without its admin API nobody asks for rights there.
        page.button("Continue to sign-in").click().await;
        page.sees(STAND_IN).await;
        let asked = &way.mas.seen_of("GET", "/authorize")[0].target;
        assert!(!asked.contains(&encoded("urn:mas:admin")), "{asked}");
        way.agrees(page, &root).await;
        page.row("@").first().appears().await;
        // There have never been any.
        page.allows_complaint(&["admin_client_config", "404"]);
        page.open("/settings").await;
        page.sees("Not granted").await;
        page.button("Log out").click().await;
        page.field("Homeserver URL").appears().await;

        // Where an operator has given the panel an ID, it does not register.
        way.mas.forget();
        page.go_to(&format!("{}#/login", fixed.url())).await;
        page.field("Homeserver URL")
            .fill(&way.homeserver.url())
            .await;
        page.allows_complaint(&["status of 400"]);
        page.button("Continue to sign-in").click().await;
        page.sees("could not find client").await;
        let asked = &way.mas.seen_of("GET", "/authorize")[0].target;
        assert!(asked.contains("client_id=set-by-hand"), "{asked}");
        assert_eq!(way.mas.count("POST", "/oauth2/registration"), 0);
    })
    .await;
    drop(fixed);
    std::fs::remove_dir_all(bundle).unwrap();
}
