//! What whoever deploys the panel or the homeserver decides: `config.json` and the homeserver's
//! well-known file.

use journeys::browser::canned::{self, Canned};
use journeys::browser::copy_of_bundle;
use journeys::browser::{Options, Page, journey, stage};
use journeys::server::server;
use serde_json::{Value, json};
use std::fs;
use std::sync::{Arc, Mutex};
use xtask::proxy::{Fault, Proxy, Rule};
use xtask::serve::{Server, Site};
use xtask::world::{ADMIN_PASSWORD, people};

/// The panel with this `config.json`.
pub fn panel(config: &Value) -> Server {
    panel_with(&config.to_string())
}

fn panel_with(config: &str) -> Server {
    let mut site = Site::new(stage().bundle.clone(), "/synapse-admin/");
    site.instead
        .insert("config.json".to_owned(), config.as_bytes().to_vec());
    Server::start(site).unwrap()
}

/// The domain of the sample world, with this well-known file.
fn domain(well_known: Canned) -> (String, u16) {
    let port = canned::serve(true, move |path| match path {
        "/.well-known/matrix/client" => well_known.clone(),
        _ => Canned::json(r#"{"errcode":"M_UNRECOGNIZED","error":"?"}"#).status(404),
    });
    ("test.localhost".to_owned(), port)
}

/// Who opens this panel, with a domain of their own if there is one.
pub fn options(panel: &Server, domain: Option<(String, u16)>) -> Options {
    Options {
        app: Some(panel.url()),
        hosts: domain.into_iter().collect(),
        ..Options::default()
    }
}

#[tokio::test]
async fn both_sources_together() {
    let panel = panel(&json!({
        "asManagedUsers": ["^@nobody:"],
        "menu": [
            {"label": "Handbook", "icon": "MenuBook", "url": "https://handbook.example/"},
            {"label": "Trap", "url": "javascript:alert(1)"},
        ],
    }));
    let known = json!({
        "m.homeserver": {"base_url": stage().synapse.url()},
        "cc.etke.synapse-admin": {"asManagedUsers": ["^@mia"]},
        "cc.etke.ketesa": {"asManagedUsers": ["^@alice:test\\.localhost$"]},
    });
    let domain = domain(Canned::json(known.to_string()));
    journey(options(&panel, Some(domain)), async |page: &Page| {
        page.open("/login").await;
        page.sees("an entry of menu is ignored").await;
        page.sign_in(&stage().synapse.url()).await;
        page.row("@").first().appears().await;
        // The filter comes with the homeserver's words.
        page.button_like("Filter").first().click().await;
        page.sees("System users").await;
        page.press(thirtyfour::Key::Escape + "").await;
        let menu = page.navigation("Main");
        let link = menu.link_like("Handbook");
        assert_eq!(
            link.attribute("href").await.as_deref(),
            Some("https://handbook.example/")
        );
        assert_eq!(link.attribute("target").await.as_deref(), Some("_blank"));
        let rel = link.attribute("rel").await.unwrap_or_default();
        assert!(rel.contains("noopener"), "{rel}");
        assert_eq!(menu.link_like("Trap").count().await, 0);
        menu.button_like("The configuration has mistakes")
            .click()
            .await;
        page.sees("an entry of menu is ignored").await;
        page.is_accessible().await;

        // The homeserver has the last word, under its newer name.
        let alice = stage().user(people::ALICE);
        page.open(&format!("/users/{alice}")).await;
        page.sees("System user").await;
        let mia = stage().user(people::MEDIA_OWNER);
        page.allows_complaint(&["/thumbnail/", "status of 400"]);
        page.open(&format!("/users/{mia}")).await;
        page.heading_like("Mia Media").appears().await;
        assert!(!page.text().await.contains("System user"));

        // It holds over a reload, and the links of the menu are in the palette.
        page.open(&format!("/users/{alice}")).await;
        page.reload().await;
        page.sees("System user").await;
        page.button("Search").click().await;
        page.field("Search or paste an identifier")
            .fill("handb")
            .await;
        page.option("https://handbook.example/").appears().await;
    })
    .await;
}

#[tokio::test]
async fn links_in_the_menu_speak_the_language() {
    let panel = panel(&json!({}));
    let known = json!({"cc.etke.synapse-admin": {"menu": [{
        "label": "Contact support",
        "i18n": {"de": "Hilfe holen"},
        "icon": "SupportAgent",
        "url": "https://support.example/",
    }]}});
    let domain = domain(Canned::json(known.to_string()));
    journey(options(&panel, Some(domain)), async |page: &Page| {
        page.sign_in(&stage().synapse.url()).await;
        page.link_like("Contact support").appears().await;
        page.field("Language").choose("Deutsch").await;
        page.link_like("Hilfe holen").appears().await;
        // What the homeserver decides is forgotten with its administrator.
        page.button("Abmelden").click().await;
        page.button("Anmelden").appears().await;
        let kept = page
            .script(
                "return sessionStorage.getItem('synapse-admin.well-known')",
                vec![],
            )
            .await;
        assert_eq!(kept, Value::Null);
    })
    .await;
}

#[tokio::test]
async fn a_well_known_file_that_is_none() {
    let panel = panel(&json!({}));
    journey(
        options(&panel, Some(domain(Canned::html()))),
        async |page: &Page| {
            page.sign_in(&stage().synapse.url()).await;
            page.row("@").first().appears().await;
            page.button_like("The configuration has mistakes")
                .click()
                .await;
            page.sees("/.well-known/matrix/client is ignored").await;
            page.is_accessible().await;
        },
    )
    .await;
    // Nobody there, nothing there, or nothing for us: no word of it.
    for well_known in [
        None,
        Some(Canned::json("{}").status(404)),
        Some(Canned::json("{}")),
        Some(Canned::json("{}").without_cors()),
    ] {
        let options = options(&panel, well_known.map(domain));
        journey(options, async |page: &Page| {
            page.allows_complaint(&["/.well-known/matrix/client"]);
            page.sign_in(&stage().synapse.url()).await;
            page.row("@").first().appears().await;
            assert_eq!(page.css(".config-problems").count().await, 0);
        })
        .await;
    }
    // Somebody there who does not say.
    let refused = Canned::json("{}").status(403);
    journey(
        options(&panel, Some(domain(refused))),
        async |page: &Page| {
            page.allows_complaint(&["/.well-known/matrix/client"]);
            page.sign_in(&stage().synapse.url()).await;
            page.row("@").first().appears().await;
            page.button_like("The configuration has mistakes")
                .click()
                .await;
            page.sees("it is not known which accounts it protects")
                .await;
        },
    )
    .await;
}

/// What a homeserver's domain has said holds until it says something else.
#[tokio::test]
async fn protection_outlasts_an_answer_that_says_nothing() {
    let panel = panel(&json!({}));
    let known = json!({"cc.etke.ketesa": {"asManagedUsers": ["^@alice:"]}});
    let said = Arc::new(Mutex::new(Canned::json(known.to_string())));
    let say = |answer| *said.lock().unwrap() = answer;
    let asked = Arc::clone(&said);
    let port = canned::serve(true, move |path| match path {
        "/.well-known/matrix/client" => asked.lock().unwrap().clone(),
        _ => Canned::json(r#"{"errcode":"M_UNRECOGNIZED","error":"?"}"#).status(404),
    });
    let domain = ("test.localhost".to_owned(), port);
    journey(options(&panel, Some(domain)), async |page: &Page| {
        page.allows_complaint(&["/.well-known/matrix/client"]);
        page.sign_in(&stage().synapse.url()).await;
        let alice = stage().user(people::ALICE);
        page.open(&format!("/users/{alice}")).await;
        page.sees("System user").await;
        let asked = async || page.requested("GET", "/.well-known/matrix/client").await;
        // The page before had the last answer; this one has to have it before it is looked at.
        let reload = async || {
            let before = asked().await;
            page.reload().await;
            page.until("the domain is asked", async || asked().await > before)
                .await;
            page.heading_like("Alice").appears().await;
        };
        for nothing in [
            Canned::json("{}").status(403),
            Canned::html(),
            Canned::json("{}").status(429),
            Canned::html().status(502),
        ] {
            say(nothing);
            reload().await;
            // Twice, for what the first one may have left.
            reload().await;
            page.sees("System user").await;
            assert_eq!(page.css(".config-problems").count().await, 0);
        }
        say(Canned::json("{}").status(404));
        reload().await;
        page.no_longer_sees("System user").await;
    })
    .await;
}

#[tokio::test]
async fn mistakes_cost_their_key_only() {
    let url = stage().synapse.url();
    let panel = panel(&json!({
        "restrictBaseUrl": [url, "ftp://nonsense"],
        "externalAuthProvider": "yes",
        "corsCredentials": "sometimes",
        "asManagedUsers": ["^@alice:", "(["],
        "somethingElse": {"a": 1},
    }));
    journey(options(&panel, None), async |page: &Page| {
        page.open("/login").await;
        for words in [
            "something in restrictBaseUrl is not a homeserver URL and is ignored: ftp://nonsense",
            "externalAuthProvider has the wrong type and is ignored: yes",
            "corsCredentials has an invalid value and is ignored: sometimes",
            "something in asManagedUsers is not a regular expression and is ignored: ([",
        ] {
            page.sees(words).await;
        }
        page.is_accessible().await;
        // With one left, the field is filled in, and no other will do.
        page.field("Homeserver URL").holds(&url).await;
        page.sign_in(&url).await;
        let alice = stage().user(people::ALICE);
        page.open(&format!("/users/{alice}")).await;
        page.sees("System user").await;
    })
    .await;
}

#[tokio::test]
async fn a_domain_that_leads_to_the_only_homeserver() {
    let panel = panel(&json!({"restrictBaseUrl": "https://test.localhost"}));
    let known = json!({"m.homeserver": {"base_url": stage().synapse.url()}});
    let domain = domain(Canned::json(known.to_string()));
    journey(options(&panel, Some(domain)), async |page: &Page| {
        page.allows_complaint(&["https://test.localhost/_matrix/", "404"]);
        page.open("/users").await;
        page.field("Homeserver URL")
            .holds(&stage().synapse.url())
            .await;
        page.sees("Synapse version").await;
        page.field("Username")
            .fill(stage().user(people::ADMIN).as_str())
            .await;
        page.field("Password").fill(ADMIN_PASSWORD).await;
        page.button("Sign in").click().await;
        page.row("@").first().appears().await;
    })
    .await;
}

#[tokio::test]
async fn without_discovery() {
    let panel = panel(&json!({"wellKnownDiscovery": false}));
    let known = json!({"m.homeserver": {"base_url": stage().synapse.url()}});
    let domain = domain(Canned::json(known.to_string()));
    journey(options(&panel, Some(domain)), async |page: &Page| {
        page.allows_complaint(&["https://test.localhost/_matrix/", "404"]);
        page.open("/users").await;
        let admin = stage().user(people::ADMIN);
        page.field("Username").fill(admin.as_str()).await;
        page.field("Homeserver URL")
            .holds("https://test.localhost")
            .await;
        assert_eq!(page.requested("GET", "/.well-known/").await, 0);
        // What is typed is what is used.
        page.field("Homeserver URL")
            .fill(&stage().synapse.url())
            .await;
        page.field("Password").fill(ADMIN_PASSWORD).await;
        page.button("Sign in").click().await;
        page.row("@").first().appears().await;
    })
    .await;
}

#[tokio::test]
async fn cookies_as_decided() {
    for (credentials, works) in [("omit", true), ("same-origin", true), ("include", false)] {
        let panel = panel(&json!({"corsCredentials": credentials}));
        journey(options(&panel, None), async |page: &Page| {
            if works {
                page.sign_in(&stage().synapse.url()).await;
                page.row("@").first().appears().await;
            } else {
                // Synapse allows every origin, which to a browser means: without cookies.
                page.expects_complaint(&["Access-Control-Allow-Origin", "'include'"]);
                page.allows_complaint(&["net::ERR_FAILED"]);
                page.open("/login").await;
                page.field("Homeserver URL")
                    .fill(&stage().synapse.url())
                    .await;
                page.sees("without the CORS headers of a homeserver").await;
            }
        })
        .await;
    }
}

#[tokio::test]
async fn a_file_that_cannot_be_understood_lets_nobody_sign_in() {
    let folder = copy_of_bundle("config-closed");
    let file = folder.join("config.json");
    let panel = Server::start(Site::new(folder.clone(), "/synapse-admin/")).unwrap();
    journey(options(&panel, None), async |page: &Page| {
        for (content, words) in [
            ("{not json", "It is not JSON"),
            (
                "<!doctype html><title>Panel</title>",
                "answers with a web page instead",
            ),
            (
                r#"{"restrictBaseUrl": "ftp://nonsense"}"#,
                "no homeserver URL in it",
            ),
            (
                r#"{"restrictBaseUrl": {"url": "https://a.test"}}"#,
                "no homeserver URL in it",
            ),
        ] {
            fs::write(&file, content).unwrap();
            page.go_to("about:blank").await;
            page.open("/login").await;
            page.alert("Nobody can sign in").says(words).await;
            assert_eq!(page.field("Password").count().await, 0);
        }
        page.is_accessible().await;
        // Once it is right, the page need not be loaded anew.
        fs::write(&file, "{}").unwrap();
        page.button("Retry").click().await;
        page.field("Password").appears().await;
        page.sign_in(&stage().synapse.url()).await;
        page.row("@").first().appears().await;
        // What protects accounts of bridges is not known either: nobody works on.
        fs::write(&file, "{").unwrap();
        page.reload().await;
        page.alert("Nobody can sign in").appears().await;
        // No file is no restriction.
        fs::remove_file(&file).unwrap();
        page.button("Retry").click().await;
        page.row("@").first().appears().await;
    })
    .await;
    fs::remove_dir_all(folder).unwrap();
}

#[tokio::test]
async fn a_web_server_in_trouble_lets_nobody_sign_in() {
    let proxy = Proxy::start(stage().app.port()).unwrap();
    let file = "/synapse-admin/config.json";
    let options = Options {
        app: Some(format!("{}/synapse-admin/", proxy.url())),
        ..Options::default()
    };
    journey(options, async |page: &Page| {
        proxy.add(Rule::new("GET", file, Fault::html(502, "<h1>Bad Gateway")).times(1));
        page.expects_complaint(&["/config.json", "502"]);
        page.open("/login").await;
        page.alert("Nobody can sign in").says("status 502").await;
        proxy.add(Rule::new("GET", file, Fault::DropBefore));
        page.expects_complaint(&["/config.json", "ERR_"]);
        page.button("Retry").click().await;
        page.alert("Nobody can sign in")
            .says("does not answer")
            .await;
        proxy.clear_rules();
        page.button("Retry").click().await;
        page.field("Password").appears().await;
    })
    .await;
}

#[tokio::test]
async fn a_restriction_ends_sessions_elsewhere() {
    let folder = copy_of_bundle("config-restricted");
    let panel = Server::start(Site::new(folder.clone(), "/synapse-admin/")).unwrap();
    // A domain that has lost its file, and is no homeserver itself.
    let lost = canned::serve(true, |_| Canned::html().status(404));
    let lost = ("lost.test".to_owned(), lost);
    journey(options(&panel, Some(lost)), async |page: &Page| {
        let restrict = |url: &str| {
            let text = json!({"restrictBaseUrl": url}).to_string();
            fs::write(folder.join("config.json"), text).unwrap();
        };
        page.sign_in(&stage().synapse.url()).await;
        page.row("@").first().appears().await;
        restrict(&stage().synapse.url());
        page.reload().await;
        page.row("@").first().appears().await;
        // A domain that does not answer cannot say that its homeserver is another one.
        page.names_host("nobody.test");
        restrict("https://nobody.test");
        page.reload().await;
        page.row("@").first().appears().await;
        page.allows_complaint(&["https://lost.test/", "404"]);
        restrict("https://lost.test");
        page.reload().await;
        page.until("the domain is asked for all that it may have", async || {
            page.requested("GET", "lost.test/_matrix/client/versions")
                .await
                > 0
        })
        .await;
        page.reload().await;
        page.row("@").first().appears().await;
        let elsewhere = "http://127.0.0.1:1";
        restrict(elsewhere);
        page.reload().await;
        page.field("Homeserver URL").appears().await;
        page.sees(&format!("This panel is for {elsewhere} only."))
            .await;
        page.allows_complaint(&["127.0.0.1:1/", "ERR_"]);
        let kept = page
            .script("return JSON.stringify({...sessionStorage})", vec![])
            .await;
        assert!(!kept.as_str().unwrap().contains("syt_"), "{kept}");
        // Nor is it proposed to sign in there again, as long as that would be refused.
        let recent = page.button_like(&stage().synapse.url());
        assert_eq!(recent.count().await, 0);
        fs::write(folder.join("config.json"), "{}").unwrap();
        page.reload().await;
        recent.first().appears().await;
    })
    .await;
    fs::remove_dir_all(folder).unwrap();
}

/// What other programs use is not the panel's to revoke.
#[tokio::test]
async fn a_restriction_leaves_tokens_that_were_brought() {
    let folder = copy_of_bundle("config-brought");
    let panel = Server::start(Site::new(folder.clone(), "/synapse-admin/")).unwrap();
    journey(options(&panel, None), async |page: &Page| {
        let admin = server().fresh_admin("restricted").await;
        let token = server().access_token(&admin).await;
        let proxy = page.proxy();
        page.open("/users").await;
        page.sign_in_with_token(&token, &proxy.url()).await;
        page.row("@").first().appears().await;
        let elsewhere = "http://127.0.0.1:1";
        page.allows_complaint(&["127.0.0.1:1/", "ERR_"]);
        let text = json!({"restrictBaseUrl": elsewhere}).to_string();
        fs::write(folder.join("config.json"), text).unwrap();
        page.reload().await;
        page.sees(&format!("This panel is for {elsewhere} only."))
            .await;
        page.sees(&format!("The access token of {admin} stays valid."))
            .await;
        assert_eq!(proxy.count("POST", "/_matrix/client/v3/logout"), 0);
        assert!(server().accepts(&token).await);
    })
    .await;
    fs::remove_dir_all(folder).unwrap();
}

#[tokio::test]
async fn a_domain_that_cannot_be_asked_is_called_that() {
    let panel = panel(&json!({"restrictBaseUrl": "https://nobody.test"}));
    journey(options(&panel, None), async |page: &Page| {
        page.names_host("nobody.test");
        page.names_host("test.localhost");
        page.open("/login").await;
        let admin = stage().user(people::ADMIN);
        page.field("Username").fill(admin.as_str()).await;
        page.field("Password").fill(ADMIN_PASSWORD).await;
        let url = stage().synapse.url();
        page.field("Homeserver URL").fill(&url).await;
        page.button("Sign in").click().await;
        page.alert("This panel is for https://nobody.test only.")
            .appears()
            .await;
        page.sees("could not be asked").await;
        assert_eq!(page.requested("POST", "/login").await, 0);
    })
    .await;
}

#[tokio::test]
async fn a_strange_domain_decides_nothing() {
    // Whoever owns a domain can write this there.
    let known = json!({
        "m.homeserver": {"base_url": "https://elsewhere.test"},
        "cc.etke.ketesa": {
            "restrictBaseUrl": ["https://elsewhere.test"],
            "wellKnownDiscovery": false,
            "corsCredentials": "include",
            "menu": [{"label": "Trap", "url": "javascript:alert(1)"}],
        },
    });
    let elsewhere = canned::serve(true, move |path| match path {
        "/.well-known/matrix/client" => Canned::json(known.to_string()),
        "/_matrix/client/versions" => Canned::json(r#"{"versions":["v1.11"]}"#),
        _ => Canned::json(r#"{"errcode":"M_UNRECOGNIZED","error":"?"}"#).status(404),
    });
    let url = stage().synapse.url();
    let panel = panel(&json!({"restrictBaseUrl": url}));
    let options = options(&panel, Some(("elsewhere.test".to_owned(), elsewhere)));
    journey(options, async |page: &Page| {
        page.allows_complaint(&["https://elsewhere.test/_", "404"]);
        page.open("/login").await;
        page.field("Username").fill("@admin:elsewhere.test").await;
        page.field("Password").fill("secret").await;
        page.field("Homeserver URL")
            .fill("https://elsewhere.test")
            .await;
        page.sees("Matrix v1.11").await;
        page.button("Sign in").click().await;
        page.alert(&format!("This panel is for {url} only."))
            .appears()
            .await;
        assert!(!page.text().await.contains("an entry of menu"));
        assert_eq!(page.requested("POST", "elsewhere.test").await, 0);
    })
    .await;
}
