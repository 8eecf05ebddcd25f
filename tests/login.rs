//! Signing in: every way that works, and every way that people really meet and does not.

use journeys::browser::canned::{self, Canned};
use journeys::browser::{Options, Page, journey, stage};
use journeys::server::own_server_with;
use journeys::server::server;
use synapse_admin::api::UserId;
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
    page.heading("Dashboard").appears().await;
    page.is_at("/").await;
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
        // What one domain has named is no address for the password of another domain's user.
        page.names_host("other.test");
        page.allows_complaint(&["https://other.test"]);
        for (user, complaint) in [
            ("@admin:other.test", "Enter the URL of your homeserver"),
            ("@admin", "“@admin” is not a full Matrix ID"),
        ] {
            page.field("Username").fill(user).await;
            page.field("Homeserver URL").holds("").await;
            page.field("Password").fill("of somebody else").await;
            page.button("Sign in").click().await;
            page.sees(complaint).await;
            page.field("Username").fill("@admin:matrix.test").await;
            page.field("Homeserver URL")
                .holds(&stage().synapse.url())
                .await;
        }
        page.sees("Synapse version").await;
        assert_eq!(page.requested("POST", "/login").await, 0);
        // What the person types there is never overwritten.
        page.field("Homeserver URL")
            .fill("https://matrix.test/mine")
            .await;
        page.allows_complaint(&["https://matrix.test/", "404"]);
        page.field("Username").fill("@other:matrix.test").await;
        page.sees("(Tried: https://matrix.test/mine").await;
        page.field("Homeserver URL")
            .holds("https://matrix.test/mine")
            .await;
        // Where a homeserver does answer is offered.
        page.button(&format!("Use {}", stage().synapse.url()))
            .click()
            .await;
        page.sees("Synapse version").await;
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
            ("silent.test", "it is not there, or has no CORS headers"),
            (
                "nobody.test",
                "no such host, no answer, or a bad certificate",
            ),
        ] {
            page.names_host(host);
            page.allows_complaint(&[&format!("https://{host}")]);
            page.field("Username").fill(&format!("@a:{host}")).await;
            page.sees(
                &format!("https://{host}/.well-known/matrix/client {problem}")
                    .replace("client no such", "client cannot be read: no such")
                    .replace("client it is not", "client cannot be read: it is not"),
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
            (
                "admin@test.localhost",
                "Did you mean @admin:test.localhost?",
            ),
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
            (
                "ftp://a.test".to_owned(),
                "must begin with https:// or http://",
            ),
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
        page.sees("Something answers, but without the CORS headers of a homeserver")
            .await;
        page.sees("docs/deploy.md").await;

        // Who presses the button all the same is told once, and why.
        for (port, words) in [
            (silent, "No answer from the homeserver."),
            (closed, "Something answers, but without the CORS headers"),
        ] {
            let url = format!("http://127.0.0.1:{port}");
            fill_in(page, "@admin:test.localhost", "x", &url).await;
            let alert = page.alert(words);
            alert
                .says(&format!("No homeserver has answered at {url}"))
                .await;
            alert.counts(1).await;
        }
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
        let admin = stage().user(people::ADMIN);
        fill_in(page, admin.as_str(), ADMIN_PASSWORD, &proxy.url()).await;
        let alert = page.alert("does not answer the Synapse Admin API");
        alert.clone().first().appears().await;
        page.sees("Have the reverse proxy forward /_synapse/admin")
            .await;
        // A session would be of no use there, so the password stays here.
        page.until("the form is done", async || {
            page.button("Sign in").is_enabled().await
        })
        .await;
        assert_eq!(proxy.count("POST", "/_matrix/client/v3/login"), 0);
        // The form has said it, and the homeserver's field says it no more.
        alert.counts(1).await;
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
        let refusal = page.alert(&format!("{user} is not a server administrator."));
        refusal.says("You have been signed out again.").await;
        refusal
            .says("the first one is made on the server itself.")
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

        // Nobody says of a session that it has ended who has not heard so from the server.
        let log_out = "/_matrix/client/v3/logout";
        proxy.add(Rule::new("POST", log_out, Fault::bad_gateway()));
        page.expects_complaint(&["/logout", "status of 502"]);
        page.button("Sign in").click().await;
        let unsure = format!(
            "{} has not confirmed that you are signed out again, so the session may live on there. \
             Use an administrator's account",
            proxy.homeserver()
        );
        refusal.says(&unsure).await;
        assert!(!refusal.text().await.contains("You have been signed out"));
        assert_eq!(server().devices(&user).await.len(), 1);
        page.is_accessible().await;

        // A token that was brought begins no session, and stays as it is.
        let client = stage().synapse.client();
        let login = synapse_admin::api::login::with_password(&user, PASSWORD);
        let token = client.run(&login).await.unwrap().access_token;
        page.button("Sign in with an access token").click().await;
        page.field("Access token").fill(&token).await;
        page.button("Sign in").click().await;
        page.no_longer_sees("has not confirmed").await;
        refusal.says("Use an administrator's account").await;
        let told = refusal.text().await;
        assert!(!told.contains("signed out"), "{told}");
        assert!(stage().accepts(&token).await);
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
                Fault::rate_limited(Some(10_000)),
            )
            .times(1),
        );
        page.names_host("test.localhost");
        page.expects_complaint(&["/login", "status of 429"]);
        let admin = stage().user(people::ADMIN);
        fill_in(page, admin.as_str(), ADMIN_PASSWORD, &proxy.url()).await;
        page.alert("asks us to wait 10 s").appears().await;
        // In one look: the wait may be over before the next.
        let waits = "return [...document.querySelectorAll('button:disabled')]
            .some((button) => button.innerText.trim().startsWith('Wait'))";
        page.until("the button counts down", async || {
            page.script(waits, vec![]).await == true
        })
        .await;
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
        let token = server().access_token(&admin).await;
        page.open("/login").await;
        page.button("Sign in with an access token").click().await;
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

/// A homeserver that lets nobody in.
fn homeserver_of_others(https: bool) -> u16 {
    canned::serve(https, |path| match path {
        "/_matrix/client/versions" => Canned::json(r#"{"versions":["v1.11"]}"#),
        "/_synapse/admin/v1/server_version" => Canned::json(r#"{"server_version":"1.163.0"}"#),
        "/_matrix/client/v3/login" => Canned::json(
            r#"{"flows":[{"type":"m.login.password"}],"errcode":"M_FORBIDDEN","error":"?"}"#,
        ),
        _ => Canned::json(r#"{"errcode":"M_UNRECOGNIZED","error":"?"}"#).status(404),
    })
}

/// A domain whose homeserver is elsewhere.
fn domain_of(url: &str) -> u16 {
    let known = format!(r#"{{"m.homeserver":{{"base_url":"{url}"}}}}"#);
    canned::serve(true, move |path| match path {
        "/.well-known/matrix/client" => Canned::json(known.clone()),
        _ => Canned::json(r#"{"errcode":"M_UNRECOGNIZED","error":"?"}"#).status(404),
    })
}

/// How many requests went to this address.
async fn reached(page: &Page, address: &str) -> usize {
    let requests = page.requests().await;
    let is_there = |(_, url): &&(String, String)| url.starts_with(address);
    requests.iter().filter(is_there).count()
}

#[tokio::test]
async fn a_link_only_proposes_a_homeserver() {
    let options = Options {
        hosts: vec![
            ("mine.test".to_owned(), domain_of("https://hs.mine.test")),
            ("hs.mine.test".to_owned(), homeserver_of_others(true)),
            ("evil.test".to_owned(), homeserver_of_others(true)),
        ],
        ..Options::default()
    };
    journey(options, async |page: &Page| {
        let link = async |user: &str, server: &str| {
            let query = format!("username={}&server={}", encoded(user), encoded(server));
            page.go_to("about:blank").await;
            page.go_to(&format!("{}?{query}", page.app())).await;
            page.field("Username").holds(user).await;
        };
        let field = page.field("Homeserver URL");
        page.allows_complaint(&["/auth_metadata", "404"]);

        // The domain says something else: a choice, and nothing goes anywhere without it.
        link("@root:mine.test", "https://evil.test").await;
        page.alert(
            "names https://evil.test, but the domain of your Matrix ID names https://hs.mine.test",
        )
        .appears()
        .await;
        page.is_accessible().await;
        field.holds("").await;
        page.field("Password").fill("secret").await;
        page.button("Sign in").click().await;
        page.sees("Choose which homeserver gets your password")
            .await;
        assert!(
            !page
                .text()
                .await
                .contains("Found automatically from your Matrix ID")
        );
        assert_eq!(reached(page, "https://evil.test/").await, 0);
        page.button("Use https://hs.mine.test").click().await;
        field.holds("https://hs.mine.test").await;
        page.sees("Found automatically from your Matrix ID").await;
        page.sees("Synapse version 1.163.0").await;
        assert_eq!(page.button_like("Use https").count().await, 0);
        assert_eq!(reached(page, "https://evil.test/").await, 0);

        // The domain says the same.
        link("@root:mine.test", "https://hs.mine.test/").await;
        field.holds("https://hs.mine.test").await;
        assert_eq!(page.button_like("Use https").count().await, 0);

        // Nobody says anything: not even shown in the field before the person wants it.
        page.names_host("silent.test");
        link("@root:silent.test", "https://evil.test").await;
        page.alert("no domain of a Matrix ID confirms it")
            .appears()
            .await;
        field.holds("").await;
        assert_eq!(reached(page, "https://evil.test/").await, 0);
        page.button("Use https://evil.test").click().await;
        field.holds("https://evil.test").await;
        page.sees("From the link that opened this page").await;

        // What the person types is no link's any more.
        link("", "https://evil.test").await;
        page.alert("no domain of a Matrix ID confirms it")
            .appears()
            .await;
        field.fill("https://hs.mine.test").await;
        page.sees("Synapse version 1.163.0").await;
        assert_eq!(page.button_like("Use https").count().await, 0);
    })
    .await;
}

#[tokio::test]
async fn secrets_in_a_link_count_on_this_machine_only() {
    let options = Options {
        hosts: vec![("panel.test".to_owned(), stage().app.port())],
        app: Some("http://panel.test/synapse-admin/".to_owned()),
        ..Options::default()
    };
    journey(options, async |page: &Page| {
        page.allows_complaint(&["Cross-Origin-Opener-Policy"]);
        page.names_host("test.localhost");
        let admin = stage().user(people::ADMIN);
        page.fill_in(&admin, ADMIN_PASSWORD, &stage().synapse.url())
            .await;
        page.alert("no domain of a Matrix ID confirms it")
            .appears()
            .await;
        page.field("Homeserver URL").holds("").await;
        page.field("Password").holds("").await;
        page.go_to(&format!("{}?accessToken=syt_secret", page.app()))
            .await;
        page.field("Password").holds("").await;
        page.button("Sign in with an access token").click().await;
        page.field("Access token").holds("").await;
    })
    .await;
}

#[tokio::test]
async fn a_password_is_not_sent_unencrypted_by_accident() {
    let options = with_host("plain.test", homeserver_of_others(false));
    journey(options, async |page: &Page| {
        page.names_host("test.localhost");
        page.allows_complaint(&["plain.test/_matrix/client/v1/auth_metadata", "404"]);
        fill_in(page, "@admin:test.localhost", "secret", "http://plain.test").await;
        page.alert("The connection to http://plain.test is not encrypted")
            .appears()
            .await;
        page.is_accessible().await;
        assert_eq!(page.requested("POST", "/login").await, 0);
        page.button("Send it anyway").click().await;
        page.until("the password is sent", async || {
            page.requested("POST", "http://plain.test/_matrix/client/v3/login")
                .await
                == 1
        })
        .await;
    })
    .await;
}

#[tokio::test]
async fn what_people_paste() {
    let website = canned::serve(false, |_| Canned::html());
    let federation = canned::serve(false, |_| {
        Canned::json(r#"{"errcode":"M_UNRECOGNIZED","error":"Unrecognized request"}"#).status(404)
    });
    let guarded = canned::serve(false, |_| Canned::html().status(401));
    journey(Options::default(), async |page: &Page| {
        page.names_host("test.localhost");
        let url = stage().synapse.url();
        let admin = stage().user(people::ADMIN);
        let field = page.field("Homeserver URL");

        // Never to what has not answered as a homeserver, and it is told apart what did.
        page.allows_complaint(&["/_matrix/client/versions", "status of 40"]);
        for (port, words) in [
            (
                website,
                "Something answers (status 200), but not a Matrix homeserver",
            ),
            (
                federation,
                "A Matrix server answers, but has nothing for clients",
            ),
            (
                guarded,
                "Something in front of the homeserver lets nobody through",
            ),
        ] {
            let url = format!("http://127.0.0.1:{port}");
            fill_in(page, admin.as_str(), ADMIN_PASSWORD, &url).await;
            page.alert(words)
                .says(&format!("No homeserver has answered at {url}"))
                .await;
        }
        assert_eq!(page.requested("POST", "/login").await, 0);

        // What is no homeserver's address.
        for (text, words) in [
            (
                "https://app.element.io/#/home",
                "This is the address of a Matrix client",
            ),
            ("root@127.0.0.1", "Leave out user names"),
        ] {
            fill_in(page, admin.as_str(), ADMIN_PASSWORD, text).await;
            page.sees(words).await;
        }
        assert_eq!(page.requested("POST", "/login").await, 0);

        // With a path behind it, it is found.
        page.allows_complaint(&["/some/where/", "CORS policy"]);
        page.allows_complaint(&["/some/where/", "ERR_FAILED"]);
        field.fill(&format!("{url}/some/where")).await;
        page.button(&format!("Use {url}")).click().await;
        page.sees("Synapse version").await;

        // With an API's path and a user's link, it works as it stands.
        fill_in(
            page,
            &format!(" https://matrix.to/#/{} ", encoded(admin.as_str())),
            ADMIN_PASSWORD,
            &format!("{url}/_matrix/client/versions"),
        )
        .await;
        is_in(page).await;
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
        page.open("/").await;
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
        page.open("/").await;
        is_in(page).await;
    })
    .await;
}

#[tokio::test]
async fn tabs_keep_out_of_each_others_way() {
    journey(Options::default(), async |page: &Page| {
        let (one, two) = (page.proxy(), page.proxy());
        let jane = server().fresh_admin("tab.jane").await;
        let joe = server().fresh_admin("tab.joe").await;
        page.names_host("test.localhost");
        // A tab that hears of a log-out ends the session as well, which is over by then.
        page.allows_complaint(&["status of 401"]);
        let go_to_tab = async |at: usize| {
            page.step(format!("goes to tab {at}"));
            let tabs = page.driver().windows().await.unwrap();
            let tab = tabs[at].clone();
            page.driver().switch_to_window(tab).await.unwrap();
        };
        let sign_in = async |user: &UserId, homeserver: String| {
            page.field("Username").fill(user.as_str()).await;
            page.field("Password").fill(ADMIN_PASSWORD).await;
            page.field("Homeserver URL").fill(&homeserver).await;
            page.checkbox("Stay signed in on this device")
                .tick(true)
                .await;
            page.button("Sign in").click().await;
            is_in(page).await;
            page.sees(user.as_str()).await;
        };
        let stays = async |user: &UserId| {
            page.reload().await;
            page.navigation("Main").appears().await;
            page.sees(user.as_str()).await;
        };
        page.open("/login").await;
        page.field("Username").appears().await;
        page.driver().new_tab().await.unwrap();
        go_to_tab(1).await;
        page.open("/login").await;
        page.field("Username").appears().await;

        // Both stay signed in, at different homeservers, and stay who they are.
        sign_in(&joe, two.url()).await;
        go_to_tab(0).await;
        sign_in(&jane, one.url()).await;
        go_to_tab(1).await;
        stays(&joe).await;
        go_to_tab(0).await;
        stays(&jane).await;

        // One logs out, and the other is not concerned.
        go_to_tab(1).await;
        page.button("Log out").click().await;
        page.button("Sign in").appears().await;
        go_to_tab(0).await;
        stays(&jane).await;

        // A new tab shares the session that is left; its log-out ends it in all tabs.
        page.driver().new_tab().await.unwrap();
        go_to_tab(2).await;
        page.open("/users").await;
        page.row("@").first().appears().await;
        page.sees(jane.as_str()).await;
        page.button("Log out").click().await;
        page.button("Sign in").appears().await;
        go_to_tab(0).await;
        page.button("Sign in").appears().await;
        assert_eq!(page.heading("Users").count().await, 0);
        let kept = page
            .script(
                "return JSON.stringify([{...sessionStorage}, {...localStorage}])",
                vec![],
            )
            .await;
        let kept = kept.as_str().unwrap();
        assert!(
            !kept.contains("syt_") && !kept.contains(jane.as_str()),
            "{kept}"
        );
    })
    .await;
}

/// Whichever session was turned to last.
#[tokio::test]
async fn a_new_tab_shows_what_was_looked_at_last() {
    journey(Options::default(), async |page: &Page| {
        let (one, two) = (page.proxy(), page.proxy());
        let jane = server().fresh_admin("looked.jane").await;
        let joe = server().fresh_admin("looked.joe").await;
        page.names_host("test.localhost");
        let stay = "Stay signed in on this device";
        page.fill_in(&jane, ADMIN_PASSWORD, &one.url()).await;
        page.driver().new_tab().await.unwrap();
        page.to_tab(1).await;
        page.fill_in(&joe, ADMIN_PASSWORD, &two.url()).await;
        for (tab, user) in [(0, &jane), (1, &joe)] {
            page.to_tab(tab).await;
            page.checkbox(stay).tick(true).await;
            page.button("Sign in").click().await;
            page.navigation("Main").appears().await;
            page.heading("Users").appears().await;
            page.sees(user.as_str()).await;
        }
        page.to_tab(0).await;
        page.cdp("Page.bringToFront", serde_json::json!({})).await;
        // Tabs of a browser without a window get the focus of nobody.
        page.script("dispatchEvent(new Event('focus')); return true", vec![])
            .await;
        page.driver().new_tab().await.unwrap();
        page.to_tab(2).await;
        page.open("/users").await;
        page.row("@").first().appears().await;
        page.sees(jane.as_str()).await;
        // And the one that was turned to last stays where it is.
        page.to_tab(1).await;
        page.reload().await;
        page.navigation("Main").appears().await;
        page.sees(joe.as_str()).await;
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
    })
    .await;
}

#[tokio::test]
async fn a_token_that_expires_is_renewed() {
    let brief = serde_json::json!({"refreshable_access_token_lifetime": "8s"});
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
