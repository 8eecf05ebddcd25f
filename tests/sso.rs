//! Single sign-on: at two real identity providers, by a real Synapse, and back to the page one was on.

use journeys::browser::{Options, Page, journey, stage};
use journeys::server::{Server, own_server_with_sso};
use std::sync::OnceLock;
use synapse_admin::api::UserId;
use synapse_admin::api::encode::decoded;
use xtask::proxy::{Fault, Rule};
use xtask::serve::{self, Site};
use xtask::sso::Providers;
use xtask::world::{ADMIN_PASSWORD, people};

/// A server with two identity providers, and one that does not answer. It leads back to the panel of
/// the journeys without a question.
pub fn server() -> &'static Server {
    static SERVER: OnceLock<(Server, Providers)> = OnceLock::new();
    let start = || own_server_with_sso("sso", &[stage().app.url()]);
    &SERVER.get_or_init(start).0
}

/// Opens a page of the panel without being signed in, and says where the homeserver is.
async fn at_the_form(page: &Page, route: &str, homeserver: &str) {
    page.open(route).await;
    page.field("Homeserver URL").fill(homeserver).await;
    page.button("Continue with First").appears().await;
}

/// Gives a name at the identity provider.
pub async fn is_there(page: &Page, name: &str) {
    page.field("Name").fill(name).await;
    page.button("Log in").click().await;
}

/// What pages of Synapse ask for: a picture from elsewhere, and one that it has not.
fn is_shown_pages_of_synapse(page: &Page) {
    page.names_host("matrix.org");
    page.allows_complaint(&["/favicon.ico", "404"]);
}

/// The random value with which the last journey to an identity provider began.
async fn last_key(page: &Page) -> String {
    let requests = page.requests().await;
    let mut urls = requests.iter().rev().map(|(_, url)| url);
    let url = urls.find(|url| url.contains("/login/sso/redirect"));
    let back = decoded(url.unwrap().split_once("redirectUrl=").unwrap().1);
    back.split_once("sso=").unwrap().1.to_owned()
}

async fn address(page: &Page) -> String {
    let address = page.script("return location.href", vec![]).await;
    address.as_str().unwrap().to_owned()
}

#[tokio::test]
async fn there_and_back() {
    journey(Options::default(), async |page: &Page| {
        let admin = server().fresh_admin("sso.back").await;
        at_the_form(page, "/rooms?dir=b", &server().synapse.url()).await;
        page.button("Continue with Second").appears().await;
        page.button("Sign in").appears().await;
        page.picture("sso-form").await;
        page.is_accessible().await;
        page.button("Continue with First").click().await;
        page.sees("Identity provider “one”").await;
        is_there(page, admin.localpart()).await;
        // On the page that was wanted, and the address says nothing of how.
        page.heading("Rooms").appears().await;
        page.sees(admin.as_str()).await;
        assert_eq!(address(page).await, format!("{}#/rooms?dir=b", page.app()));
        assert_eq!(server().devices(&admin).await.len(), 1);

        // It is a session like any other: it outlives a reload, and logging out ends it.
        page.reload().await;
        page.heading("Rooms").appears().await;
        page.button("Log out").click().await;
        page.until("the session is ended", async || {
            server().devices(&admin).await.is_empty()
        })
        .await;

        // The provider still knows who it is, through a proxy at another address than the server's
        // own as well.
        let proxy = page.proxy_before(server().synapse.config().port);
        page.field("Homeserver URL").fill(&proxy.url()).await;
        page.button("Continue with Second").click().await;
        page.heading("Users").appears().await;
        page.sees(admin.as_str()).await;
        assert_eq!(proxy.count("POST", "/_matrix/client/v3/login"), 1);
        page.button("Log out").click().await;
        page.button("Sign in").appears().await;
    })
    .await;
}

#[tokio::test]
async fn nobody_plants_a_session() {
    journey(Options::default(), async |page: &Page| {
        let not_asked = "This tab has not asked for this sign-in";
        for planted in [
            "?loginToken=syl_theirs#/users",
            "?sso=made-up&loginToken=syl_theirs",
            "?state=made-up&code=theirs",
            "#state=made-up&code=theirs",
        ] {
            page.go_to("about:blank").await;
            page.go_to(&format!("{}{planted}", page.app())).await;
            page.alert(not_asked).appears().await;
            let address = address(page).await;
            assert!(!address.contains("theirs"), "{address}");
        }
        // Whoever comes back from somewhere is expected, once, with something, and soon.
        page.open("/login").await;
        let homeserver = server().synapse.url();
        let set_out = async || {
            page.field("Homeserver URL").fill(&homeserver).await;
            page.button("Continue with First").click().await;
            page.field("Name").appears().await;
            last_key(page).await
        };
        let key = set_out().await;
        let back = format!("{}?sso={key}", page.app());
        page.go_to(&back).await;
        page.alert("You have come back without being signed in")
            .appears()
            .await;
        // Where it was to be is still known, so that the next try is one click.
        page.field("Homeserver URL").holds(&homeserver).await;
        page.go_to(&format!("{back}&loginToken=syl_x")).await;
        page.alert(not_asked).appears().await;
        assert_eq!(page.requested("POST", "/login").await, 0);

        // What the server does not take any more.
        let key = set_out().await;
        page.expects_complaint(&["/login", "status of 403"]);
        page.go_to(&format!("{}?sso={key}&loginToken=syl_x", page.app()))
            .await;
        page.alert("does not accept this sign-in any more")
            .appears()
            .await;

        let key = set_out().await;
        page.open("/login").await;
        page.field("Homeserver URL").appears().await;
        let age = "
            const key = 'synapse-admin.away.' + arguments[0];
            const away = JSON.parse(sessionStorage[key]);
            away.since_ms -= 2 * 60 * 60 * 1000;
            sessionStorage[key] = JSON.stringify(away)";
        page.script(age, vec![key.clone().into()]).await;
        page.go_to(&format!("{}?sso={key}&loginToken=syl_x", page.app()))
            .await;
        page.alert("This sign-in took too long").appears().await;
        assert_eq!(page.requested("POST", "/login").await, 1);
    })
    .await;
}

#[tokio::test]
async fn whoever_may_not_is_told_why() {
    journey(Options::default(), async |page: &Page| {
        let homeserver = server().synapse.url();
        is_shown_pages_of_synapse(page);
        // What keeps people from their provider the server says itself, and sends nobody back; the
        // form is there for the next try.
        at_the_form(page, "/login", &homeserver).await;
        page.expects_complaint(&["/login/sso/redirect", "status of 50"]);
        page.button("Continue with Out of order").click().await;
        page.until("the server says so", async || {
            address(page).await.starts_with(&homeserver)
        })
        .await;
        page.back().await;
        at_the_form(page, "/login", &homeserver).await;

        // Somebody new, who is no administrator: what was begun for them is ended again.
        let name = server().maker.fresh_localpart("visitor");
        let visitor = server().maker.user(&name);
        page.expects_complaint(&["/_synapse/admin/", "status of 403"]);
        page.button("Continue with First").click().await;
        is_there(page, &name).await;
        page.alert(&format!("{visitor} is not a server administrator"))
            .appears()
            .await;
        page.until("the session is ended again", async || {
            server().devices(&visitor).await.is_empty()
        })
        .await;

        // A deactivated account likewise.
        page.driver().delete_all_cookies().await.unwrap();
        page.allows_complaint(&["status of 403"]);
        page.button("Continue with First").click().await;
        is_there(page, people::GONE).await;
        page.sees("deactivated").await;
        at_the_form(page, "/login", &homeserver).await;
    })
    .await;
}

#[tokio::test]
async fn two_tabs_and_a_server_that_asks() {
    // Synapse does not know this panel, and asks before it leads there.
    let site = Site::new(stage().bundle.clone(), "/some/where/");
    let panel = serve::Server::start(site).unwrap();
    let options = Options {
        app: Some(panel.url()),
        ..Options::default()
    };
    journey(options, async |page: &Page| {
        is_shown_pages_of_synapse(page);
        let homeserver = server().synapse.url();
        let jane = server().fresh_admin("sso.jane").await;
        let joe = server().fresh_admin("sso.joe").await;
        let localpart = |user: &UserId| user.localpart().to_owned();
        at_the_form(page, "/media", &homeserver).await;
        page.button("Continue with First").click().await;
        page.field("Name").appears().await;
        page.driver().new_tab().await.unwrap();
        page.to_tab(1).await;
        at_the_form(page, "/rooms", &homeserver).await;
        page.button("Continue with First").click().await;
        is_there(page, &localpart(&joe)).await;
        page.link("Continue").click().await;
        page.heading("Rooms").appears().await;
        page.sees(joe.as_str()).await;

        // Another name needs another browser, as far as the provider knows.
        page.driver().delete_all_cookies().await.unwrap();
        page.to_tab(0).await;
        at_the_form(page, "/media", &homeserver).await;
        page.button("Continue with First").click().await;
        is_there(page, &localpart(&jane)).await;
        page.link("Continue").click().await;
        page.heading("Media").appears().await;
        page.sees(jane.as_str()).await;
        page.to_tab(1).await;
        page.reload().await;
        page.sees(joe.as_str()).await;
    })
    .await;
}

#[tokio::test]
async fn signed_out_in_the_middle_of_work() {
    journey(Options::default(), async |page: &Page| {
        let admin = server().fresh_admin("sso.busy").await;
        page.allows_complaint(&["status of 401"]);
        page.allows_complaint(&["username_available"]);
        page.sign_in_as(&admin, ADMIN_PASSWORD, &server().synapse.url())
            .await;
        page.open("/create_user").await;
        page.field("Display name").fill("Half typed").await;
        server().revoke_sessions(&admin).await;
        let name = server().maker.fresh_localpart("half.typed");
        page.field("Username").fill(&name).await;
        let again = page.dialog("Sign in again");
        again.button("Continue with First").appears().await;
        again.field("Password").appears().await;
        page.picture("sso-again").await;
        page.is_accessible().await;

        // Somebody else in the other tab is not who was interrupted, and nothing is lost by it.
        again.button("Continue with First").click().await;
        page.to_tab(1).await;
        is_there(page, people::ADMIN).await;
        page.to_the_only_tab().await;
        again
            .alert("This belongs to another account")
            .appears()
            .await;

        page.driver().delete_all_cookies().await.unwrap();
        again.button("Continue with First").click().await;
        page.to_tab(1).await;
        is_there(page, admin.localpart()).await;
        page.to_the_only_tab().await;
        again.goes().await;
        page.sees("is available").await;
        page.field("Display name").holds("Half typed").await;

        page.field("Display name").fill("").await;
        page.field("Username").fill("").await;
        page.open("/rooms?dir=b").await;
        page.heading("Rooms").appears().await;
        server().revoke_sessions(&admin).await;
        // What is asked about each row may find out before anybody presses it.
        let found_out = async || {
            let refresh = "document.querySelector('main button[aria-label=Refresh]')?.click()";
            page.until("it is found out", async || {
                page.script(refresh, vec![]).await;
                again.exists().await
            })
            .await;
        };
        found_out().await;
        again.button("Continue with First").click().await;
        again.goes().await;
        page.to_the_only_tab().await;

        // Where the browser opens none, the person does.
        let held_back = async || {
            let expression = serde_json::json!({"expression": "window.open = () => null"});
            page.cdp("Runtime.evaluate", expression).await;
        };
        server().revoke_sessions(&admin).await;
        held_back().await;
        found_out().await;
        again.button("Continue with First").click().await;
        page.sees("Your browser has not opened a new tab").await;
        page.picture("sso-again-blocked").await;
        page.is_accessible().await;
        again.link("Open the sign-in page").click().await;
        again.goes().await;
        page.row("!").first().appears().await;

        // Or it is done in this one, which leads back to the same page as it was.
        page.open("/create_user").await;
        page.field("Display name").fill("Half typed").await;
        page.field("E-mail addresses")
            .fill("half@example.org")
            .await;
        server().revoke_sessions(&admin).await;
        held_back().await;
        page.field("Username").fill(&name).await;
        again.button("Continue with First").click().await;
        page.sees("Your browser has not opened a new tab").await;
        again.button("Sign in in this tab instead").click().await;
        page.sees("is available").await;
        assert_eq!(again.count().await, 0);
        assert_eq!(address(page).await, format!("{}#/create_user", page.app()));
        page.field("Username").holds(&name).await;
        page.field("Display name").holds("Half typed").await;
        page.field("E-mail addresses")
            .holds("half@example.org")
            .await;
        // It is not kept any longer than that.
        let kept = "return JSON.stringify({...sessionStorage, ...localStorage})";
        let kept = page.script(kept, vec![]).await.to_string();
        assert!(!kept.contains("half@example.org"), "{kept}");
        page.reload().await;
        page.field("Display name").holds("").await;
    })
    .await;
}

/// The form as it is with one provider and no passwords, and with nothing that we can do.
async fn shapes(page: &Page, screen: &str) {
    let proxy = page.proxy_before(server().synapse.config().port);
    let flows = |flows: &str| {
        let body = format!(r#"{{"flows":[{flows}]}}"#);
        let fault = Fault::AnswerAfter {
            status: 200,
            content_type: "application/json",
            body,
        };
        proxy.clear_rules();
        proxy.add(Rule::new("GET", "/_matrix/client/v3/login", fault));
    };
    page.allows_complaint(&["auth_metadata", "status of 404"]);
    let pictures = async |name: &str| {
        page.fits_sideways().await;
        for (dark, theme) in [(false, "light"), (true, "dark")] {
            page.prefer_dark(dark).await;
            page.picture(&format!("login-{name}-{screen}-{theme}"))
                .await;
        }
        page.is_accessible().await;
        page.prefer_dark(false).await;
    };
    page.open("/login").await;
    page.field("Homeserver URL").appears().await;
    pictures("empty").await;
    page.field("Homeserver URL")
        .fill(&server().synapse.url())
        .await;
    page.button("Continue with First").appears().await;
    pictures("all").await;
    // All of it is in sight, and stands clear of the edge.
    if screen == "desktop" {
        let bottom = page
            .script(
                "return innerHeight - document.querySelector('.login-card').getBoundingClientRect().bottom",
                vec![],
            )
            .await;
        assert!(bottom.as_f64().unwrap() >= 16.0, "{bottom}");
    }
    page.button("Sign in with an access token").click().await;
    page.field("Access token").appears().await;
    assert_eq!(page.button("Continue with First").count().await, 0);
    pictures("token").await;
    page.button("Sign in without an access token").click().await;

    flows(
        r#"{"type":"m.login.sso","identity_providers":[{"id":"oidc-one","name":"First"}]},{"type":"m.login.token"}"#,
    );
    page.field("Homeserver URL").fill(&proxy.url()).await;
    page.button("Continue with First").appears().await;
    page.field("Password").goes().await;
    assert_eq!(page.button("Sign in").count().await, 0);
    pictures("one").await;

    // Servers that name no provider choose themselves.
    flows(r#"{"type":"m.login.sso"},{"type":"m.login.token"}"#);
    page.field("Homeserver URL")
        .fill(&format!("{}/", proxy.url()))
        .await;
    page.button("Continue with single sign-on").appears().await;

    flows(r#"{"type":"org.example.smoke_signals"}"#);
    page.field("Homeserver URL").fill(&proxy.url()).await;
    page.sees("It offers: org.example.smoke_signals.").await;
    page.field("Access token").appears().await;
    pictures("nothing").await;
}

#[tokio::test]
async fn the_form_shows_what_the_server_offers() {
    journey(Options::default(), async |page: &Page| {
        shapes(page, "desktop").await;
    })
    .await;
}

#[tokio::test]
async fn the_form_on_a_phone() {
    journey(Options::phone(), async |page: &Page| {
        shapes(page, "phone").await
    })
    .await;
}
