//! Signing in: every way that works, and every way that people really meet and does not.

use journeys::browser::canned::{self, Canned};
use journeys::browser::{Options, Page, journey, stage};
use journeys::server::own_server_with;
use journeys::server::server;
use synapse_admin::api::encode::encoded;
use synapse_admin::api::users::UserChange;
use xtask::proxy::{Fault, Rule};
use xtask::serve::{Server, Site};
use xtask::world::{ADMIN_PASSWORD, PASSWORD, people};

/// Fills in the whole form by hand and sends it.
async fn fill_in(page: &Page, user: &str, password: &str, homeserver: &str) {
    page.open("/login").await;
    page.field("Username").fill(user).await;
    page.field("Password").fill(password).await;
    page.field("Homeserver URL").fill(homeserver).await;
    page.button("Sign in").click().await;
}

/// Waits until somebody is signed in.
async fn is_in(page: &Page) {
    page.navigation("Main").appears().await;
    page.is_at("/users").await;
}

/// A browser that finds `matrix.test` and `www.test` at servers of ours.
fn with_host(host: &str, port: u16) -> Options {
    Options {
        hosts: vec![(host.to_owned(), port)],
        ..Options::default()
    }
}

#[tokio::test]
async fn by_hand() {
    journey(Options::default(), async |page: &Page| {
        let admin = stage().user(people::ADMIN);
        // The server's name leads nowhere, so the address has to be typed.
        page.open("/login").await;
        page.field("Username").fill(admin.as_str()).await;
        page.names_host("test.localhost");
        page.sees("Enter the homeserver URL by hand").await;
        page.field("Password").fill(ADMIN_PASSWORD).await;
        assert!(!page.text().await.contains("Synapse version"));
        page.field("Homeserver URL")
            .fill(&stage().synapse.url())
            .await;
        page.sees(&format!("Synapse version {}", stage().world.synapse))
            .await;
        page.button("Sign in").click().await;
        is_in(page).await;
        page.sees(admin.as_str()).await;
    })
    .await;
}

#[tokio::test]
async fn by_discovery() {
    let url = stage().synapse.url();
    let port = canned::serve(true, move |path| match path {
        "/.well-known/matrix/client" => {
            Canned::json(format!(r#"{{"m.homeserver":{{"base_url":"{url}/"}}}}"#))
        }
        _ => Canned::json(r#"{"errcode":"M_UNRECOGNIZED","error":"?"}"#).status(404),
    });
    journey(with_host("matrix.test", port), async |page: &Page| {
        page.open("/login").await;
        page.field("Username").fill("@admin:matrix.test").await;
        page.field("Homeserver URL")
            .holds(&stage().synapse.url())
            .await;
        page.sees("Synapse version").await;
        // What the person types there is never overwritten.
        page.field("Homeserver URL")
            .fill("https://matrix.test/mine")
            .await;
        page.allows_complaint(&["https://matrix.test/mine/", "404"]);
        page.field("Username").fill("@other:matrix.test").await;
        page.sees("(Tried: https://matrix.test/mine").await;
        page.field("Homeserver URL")
            .holds("https://matrix.test/mine")
            .await;
    })
    .await;
}

#[tokio::test]
async fn discovery_says_which_step_failed() {
    let port = canned::serve(true, |path| match path {
        "/.well-known/matrix/client" => Canned::html(),
        _ => Canned::html().status(404),
    });
    let options = Options {
        hosts: ["html", "nothing", "wrong", "silent", "broken"]
            .map(|name| (format!("{name}.test"), 0))
            .into_iter()
            .map(|(host, _)| {
                let port = match host.as_str() {
                    "html.test" => port,
                    "nothing.test" => canned::serve(true, |_| Canned::json("{}")),
                    "wrong.test" => canned::serve(true, |_| {
                        Canned::json(r#"{"m.homeserver":{"base_url":"matrix dot test"}}"#)
                    }),
                    "broken.test" => canned::serve(true, |_| Canned::json("").status(500)),
                    _ => canned::serve(true, |_| Canned::json("{}").without_cors()),
                };
                (host, port)
            })
            .collect(),
        ..Options::default()
    };
    journey(options, async |page: &Page| {
        page.open("/login").await;
        for (host, problem) in [
            ("html.test", "is not JSON"),
            ("nothing.test", "names no homeserver"),
            ("wrong.test", "names “matrix dot test”, which is not a URL"),
            ("broken.test", "answers with status 500"),
            ("silent.test", "no such host, no answer, or no CORS headers"),
        ] {
            page.allows_complaint(&[&format!("https://{host}")]);
            page.field("Username").fill(&format!("@a:{host}")).await;
            page.sees(
                &format!("https://{host}/.well-known/matrix/client {problem}")
                    .replace("client no such", "client cannot be read: no such"),
            )
            .await;
            page.field("Homeserver URL").holds("").await;
        }
    })
    .await;
}

#[tokio::test]
async fn a_name_that_is_no_matrix_id() {
    journey(Options::default(), async |page: &Page| {
        let url = stage().synapse.url();
        for (user, complaint) in [
            ("admin", "“admin” is not a full Matrix ID"),
            ("admin:test.localhost", "is not a full Matrix ID"),
            ("@admin", "“@admin” is not a full Matrix ID"),
            ("@admin:", "is not a valid Matrix ID"),
            ("", "Enter your Matrix ID"),
        ] {
            fill_in(page, user, "x", &url).await;
            page.sees(complaint).await;
        }
        fill_in(page, "@admin:test.localhost", "", "").await;
        page.sees("Enter the password.").await;
        page.sees("Enter the URL of your homeserver").await;
        assert_eq!(page.requested("POST", "/login").await, 0);
        page.names_host("test.localhost");
    })
    .await;
}

#[tokio::test]
async fn a_homeserver_that_is_none() {
    let silent = xtask::synapse::free_port().unwrap();
    let website = canned::serve(false, |_| Canned::html());
    let closed = canned::serve(false, |_| Canned::html().without_cors());
    journey(Options::default(), async |page: &Page| {
        page.open("/login").await;
        page.names_host("test.localhost");
        let field = page.field("Homeserver URL");
        for (url, complaint) in [
            ("ftp://a.test".to_owned(), "begins with https:// or http://"),
            ("https://".to_owned(), "no valid host name"),
            (
                "https://a.test/?x=1".to_owned(),
                "Leave out user names, ? and #",
            ),
        ] {
            fill_in(page, "@admin:test.localhost", "x", &url).await;
            page.sees(complaint).await;
        }

        page.expects_complaint(&[&format!(":{silent}/"), "ERR_CONNECTION_REFUSED"]);
        field.fill(&format!("http://127.0.0.1:{silent}")).await;
        page.sees("No answer from the homeserver.").await;

        field.fill(&format!("http://127.0.0.1:{website}")).await;
        page.sees("Something answers (status 200), but not a Matrix homeserver.")
            .await;

        page.expects_complaint(&[&format!(":{closed}/"), "CORS policy"]);
        page.expects_complaint(&[&format!(":{closed}/"), "ERR_FAILED"]);
        field.fill(&format!("http://127.0.0.1:{closed}")).await;
        page.sees("No answer from the homeserver.").await;
        page.sees("CORS headers").await;
    })
    .await;
}

#[tokio::test]
async fn a_proxy_that_keeps_the_admin_api_back() {
    journey(Options::default(), async |page: &Page| {
        let proxy = page.proxy();
        proxy.add(Rule::new(
            "*",
            "/_synapse/*",
            Fault::html(404, "<h1>404 Not Found</h1><hr>nginx"),
        ));
        page.expects_complaint(&["/_synapse/admin/", "status of 404"]);
        let admin = server().fresh_admin("behind-a-proxy").await;
        fill_in(page, admin.as_str(), ADMIN_PASSWORD, &proxy.url()).await;
        page.sees("does not answer the Synapse Admin API").await;
        page.sees("Let the reverse proxy forward /_synapse/admin")
            .await;
        // The session that was of no use is over on the server as well.
        page.until("the session is ended", async || {
            proxy.count("POST", "/_matrix/client/v3/logout") == 1
                && server().devices(&admin).await.is_empty()
        })
        .await;
        page.button("Sign in").appears().await;
        page.names_host("test.localhost");
    })
    .await;
}

#[tokio::test]
async fn a_wrong_password() {
    journey(Options::default(), async |page: &Page| {
        let admin = stage().user(people::ADMIN);
        page.expects_complaint(&["/login", "status of 403"]);
        page.names_host("test.localhost");
        fill_in(page, admin.as_str(), "wrong", &stage().synapse.url()).await;
        page.alert("Wrong username or password.").appears().await;
        // What was typed is still there, and the right password works at once.
        page.field("Username").holds(admin.as_str()).await;
        page.field("Password").fill(ADMIN_PASSWORD).await;
        page.button("Sign in").click().await;
        is_in(page).await;
    })
    .await;
}

#[tokio::test]
async fn accounts_that_may_not_sign_in() {
    journey(Options::default(), async |page: &Page| {
        let url = stage().synapse.url();
        page.names_host("test.localhost");

        let gone = stage().user(people::GONE);
        page.expects_complaint(&["/login", "status of 403"]);
        fill_in(page, gone.as_str(), PASSWORD, &url).await;
        page.alert("deactivated account").appears().await;

        let locked = stage().user(people::LOCKED);
        // Old servers give the locked a token, and refuse it with the next request.
        page.expects_complaint(&["status of 401"]);
        fill_in(page, locked.as_str(), PASSWORD, &url).await;
        page.alert("This account is locked.").appears().await;
    })
    .await;
}

#[tokio::test]
async fn an_account_without_rights() {
    journey(Options::default(), async |page: &Page| {
        let change = UserChange {
            password: Some(PASSWORD.to_owned()),
            ..Default::default()
        };
        let name = stage().maker.fresh_localpart("no.admin");
        let user = stage().maker.make_user(&name, &change).await.unwrap();
        let proxy = page.proxy();
        page.names_host("test.localhost");
        page.expects_complaint(&["/_synapse/admin/", "status of 403"]);
        fill_in(page, user.as_str(), PASSWORD, &proxy.url()).await;
        page.alert(&format!("{user} is not a server administrator."))
            .appears()
            .await;
        page.until("the session is ended again", async || {
            server().devices(&user).await.is_empty()
        })
        .await;
        assert_eq!(proxy.count("POST", "/_matrix/client/v3/login"), 1);
        assert_eq!(proxy.count("POST", "/_matrix/client/v3/logout"), 1);
        // Nothing of it stays in the browser.
        let kept = page
            .script(
                "return JSON.stringify([{...sessionStorage}, {...localStorage}])",
                vec![],
            )
            .await;
        assert!(!kept.as_str().unwrap().contains("syt_"), "{kept}");
    })
    .await;
}

#[tokio::test]
async fn rate_limited_with_a_countdown() {
    journey(Options::default(), async |page: &Page| {
        let proxy = page.proxy();
        proxy.add(
            Rule::new(
                "POST",
                "/_matrix/client/v3/login",
                Fault::rate_limited(Some(3000)),
            )
            .times(1),
        );
        page.names_host("test.localhost");
        page.expects_complaint(&["/login", "status of 429"]);
        let admin = stage().user(people::ADMIN);
        fill_in(page, admin.as_str(), ADMIN_PASSWORD, &proxy.url()).await;
        page.alert("asks us to wait 3 s").appears().await;
        let waiting = page.button_like("Wait");
        waiting.appears().await;
        assert!(!waiting.is_enabled().await);
        page.button("Sign in").click().await;
        is_in(page).await;
        assert_eq!(proxy.count("POST", "/_matrix/client/v3/login"), 2);
    })
    .await;
}

#[tokio::test]
async fn with_an_access_token() {
    journey(Options::default(), async |page: &Page| {
        let admin = server().fresh_admin("token").await;
        let client = stage().synapse.client();
        let login = synapse_admin::api::login::with_password(&admin, ADMIN_PASSWORD);
        let token = client.run(&login).await.unwrap().access_token;
        page.open("/login").await;
        page.radio("Access token").click().await;
        page.field("Homeserver URL")
            .fill(&stage().synapse.url())
            .await;
        page.expects_complaint(&["/whoami", "status of 401"]);
        page.field("Access token").fill("syt_wrong").await;
        page.button("Sign in").click().await;
        page.alert("does not know this access token")
            .appears()
            .await;
        page.field("Access token").fill(&token).await;
        page.button("Sign in").click().await;
        is_in(page).await;
        page.sees(admin.as_str()).await;
    })
    .await;
}

#[tokio::test]
async fn links_fill_in_the_form() {
    journey(Options::default(), async |page: &Page| {
        let url = stage().synapse.url();
        let query = format!("username={}&server={}", encoded("@a:b.test"), encoded(&url));
        for link in [
            format!("{}?{query}", page.app()),
            format!("{}#/login?{query}", page.app()),
        ] {
            page.go_to("about:blank").await;
            page.go_to(&link).await;
            page.field("Username").holds("@a:b.test").await;
            page.field("Homeserver URL").holds(&url).await;
            page.field("Password").holds("").await;
            page.sees("Synapse version").await;
        }
    })
    .await;
}

#[tokio::test]
async fn staying_signed_in_is_a_choice() {
    journey(Options::default(), async |page: &Page| {
        const WHERE: &str = "
            const holds = (s) => JSON.stringify({...s}).includes('syt_');
            return [holds(sessionStorage), holds(localStorage)]";
        page.sign_in(&stage().synapse.url()).await;
        let kept = page.script(WHERE, vec![]).await;
        assert_eq!(kept, serde_json::json!([true, false]));
        // The tab may be loaded anew.
        page.reload().await;
        is_in(page).await;
        page.button("Log out").click().await;
        page.button("Sign in").appears().await;
        let kept = page.script(WHERE, vec![]).await;
        assert_eq!(kept, serde_json::json!([false, false]));

        page.field("Username")
            .fill(stage().user(people::ADMIN).as_str())
            .await;
        page.names_host("test.localhost");
        page.field("Password").fill(ADMIN_PASSWORD).await;
        page.field("Homeserver URL")
            .fill(&stage().synapse.url())
            .await;
        page.checkbox("Stay signed in on this device")
            .tick(true)
            .await;
        page.button("Sign in").click().await;
        is_in(page).await;
        let kept = page.script(WHERE, vec![]).await;
        assert_eq!(kept[1], true);
        // Another tab of the same browser is signed in as well.
        page.driver().new_tab().await.unwrap();
        let tabs = page.driver().windows().await.unwrap();
        page.driver()
            .switch_to_window(tabs[1].clone())
            .await
            .unwrap();
        page.open("/users").await;
        is_in(page).await;
    })
    .await;
}

#[tokio::test]
async fn logging_out_revokes_the_token() {
    journey(Options::default(), async |page: &Page| {
        let admin = server().fresh_admin("logout").await;
        page.sign_in_as(&admin, ADMIN_PASSWORD, &stage().synapse.url())
            .await;
        assert_eq!(server().devices(&admin).await.len(), 1);
        page.link("Media").click().await;
        page.heading("Media").appears().await;
        page.button("Log out").click().await;
        page.button("Sign in").appears().await;
        page.until("the server has ended the session", async || {
            server().devices(&admin).await.is_empty()
        })
        .await;
        // Nothing is left to go back to.
        page.back().await;
        page.button("Sign in").appears().await;
        assert_eq!(page.heading("Users").count().await, 0);
    })
    .await;
}

#[tokio::test]
async fn the_device_has_a_name() {
    journey(Options::default(), async |page: &Page| {
        let admin = server().fresh_admin("device").await;
        page.sign_in_as(&admin, ADMIN_PASSWORD, &stage().synapse.url())
            .await;
        let devices: serde_json::Value = stage()
            .run(&synapse_admin::api::Request::get(
                synapse_admin::api::request::path(&[
                    "/_synapse/admin/v2/users",
                    admin.as_str(),
                    "devices",
                ]),
            ))
            .await;
        assert_eq!(devices["devices"][0]["display_name"], "Synapse Admin");
    })
    .await;
}

#[tokio::test]
async fn a_pinned_homeserver() {
    let site = |config: &str| {
        let mut site = Site::new(stage().bundle.clone(), "/synapse-admin/");
        site.instead
            .insert("config.json".to_owned(), config.as_bytes().to_vec());
        Server::start(site).unwrap()
    };
    let url = stage().synapse.url();
    let pinned = site(&format!(r#"{{"restrictBaseUrl":"{url}"}}"#));
    let broken = site("{not json");
    let options = Options {
        app: Some(pinned.url()),
        ..Options::default()
    };
    journey(options, async |page: &Page| {
        page.names_host("test.localhost");
        page.open("/login").await;
        page.field("Homeserver URL").holds(&url).await;
        fill_in(page, "@a:b.test", "x", "https://b.test").await;
        page.names_host("b.test");
        page.sees(&format!("This panel is for {url} only.")).await;
        assert_eq!(page.requested("POST", "/login").await, 0);

        page.go_to(&broken.url()).await;
        page.sees("config.json is not followed").await;
        let admin = stage().user(people::ADMIN);
        page.field("Username").fill(admin.as_str()).await;
        page.field("Password").fill(ADMIN_PASSWORD).await;
        page.field("Homeserver URL").fill(&url).await;
        page.button("Sign in").click().await;
        is_in(page).await;
    })
    .await;
}

#[tokio::test]
async fn a_token_that_expires_is_renewed() {
    let brief = serde_json::json!({"refreshable_access_token_lifetime": "3s"});
    let server = own_server_with("refresh", brief.as_object().unwrap().clone());
    journey(Options::default(), async |page: &Page| {
        let proxy = page.proxy_before(server.synapse.config().port);
        page.sign_in_as(
            &server.maker.user(people::ADMIN),
            ADMIN_PASSWORD,
            &proxy.url(),
        )
        .await;
        page.allows_complaint(&["/_synapse/admin/", "status of 401"]);
        page.until("the token has been renewed twice", async || {
            page.button("Refresh").click().await;
            proxy.count("POST", "/_matrix/client/v3/refresh") >= 2
        })
        .await;
        page.row("@").first().appears().await;
        page.reload().await;
        page.row("@").first().appears().await;
        // Nobody was asked to sign in again.
        assert_eq!(proxy.count("POST", "/_matrix/client/v3/login"), 1);
        assert_eq!(page.dialog("Sign in again").count().await, 0);
    })
    .await;
}
