//! What comes from the server is text, and what the browser is told to refuse stays out.
//!
//! Every journey ends by looking for scripts that ran, resources that were blocked and requests
//! to other hosts; these here go where the sample world has laid traps.

use journeys::browser::{Options, Page, journey, stage};
use synapse_admin::api::encode::encoded;
use xtask::world::people;

/// Fails if markup from the server has become part of the page.
async fn nothing_came_to_life(page: &Page) {
    let alive = page
        .script(
            "return [...document.querySelectorAll('script, iframe, object, embed, [onerror], [onload], [onmouseover], a[href^=\"javascript:\" i], img[src=\"x\"], b')]
                .filter((e) => !(e.matches('script[src]') && new URL(e.src).origin === location.origin))
                .map((e) => e.outerHTML)",
            vec![],
        )
        .await;
    assert_eq!(alive, serde_json::json!([]), "at {}", page.route().await);
}

#[tokio::test]
async fn hostile_names_are_text() {
    journey(Options::default(), async |page: &Page| {
        page.sign_in(&stage().synapse.url()).await;
        let hostile: Vec<_> = people::ODD_NAMES
            .iter()
            .filter(|(localpart, name)| {
                ["xss.", "html.", "sql."]
                    .iter()
                    .any(|prefix| localpart.starts_with(prefix))
                    && !name.trim().is_empty()
            })
            .collect();
        assert!(hostile.len() >= 6);
        for (localpart, name) in hostile {
            page.open(&format!("/users?q={}", encoded(localpart))).await;
            page.row(localpart).says(name).await;
            nothing_came_to_life(page).await;
            page.row(localpart).link_like(localpart).click().await;
            page.css("h1").says(name).await;
            nothing_came_to_life(page).await;
        }
    })
    .await;
}

#[tokio::test]
async fn hostile_files_are_text() {
    journey(Options::default(), async |page: &Page| {
        page.sign_in(&stage().synapse.url()).await;
        page.allows_complaint(&["/thumbnail/", "status of 400"]);
        let owner = stage().user(people::MEDIA_OWNER);
        page.open(&format!(
            "/users/{}?tab=media&size=100",
            encoded(owner.as_str())
        ))
        .await;
        page.row("<img src=x onerror=alert(1)>.png").appears().await;
        nothing_came_to_life(page).await;
        page.row("drawing.svg").appears().await;
        page.row("page.html").appears().await;
    })
    .await;
}

#[tokio::test]
async fn hostile_addresses_are_text() {
    journey(Options::default(), async |page: &Page| {
        page.sign_in(&stage().synapse.url()).await;
        for route in [
            "/users?q=%3Cimg%20src%3Dx%20onerror%3Dalert(1)%3E",
            "/users?sort=%22%3E%3Cscript%3Ealert(1)%3C%2Fscript%3E&page=1e9&size=-1",
            "/users/%3Cimg%20src%3Dx%20onerror%3Dalert(1)%3E",
            "/%3Cscript%3Ealert(1)%3C%2Fscript%3E",
            "/users/%",
            "//evil.test/",
        ] {
            page.allows_complaint(&["/_synapse/admin/", "status of 40"]);
            page.open(route).await;
            page.css("h1").first().appears().await;
            nothing_came_to_life(page).await;
        }
        page.open("/media").await;
        page.heading("Media").appears().await;
    })
    .await;
}

#[tokio::test]
async fn the_policy_is_strict() {
    journey(Options::default(), async |page: &Page| {
        page.open("/login").await;
        page.button("Sign in").appears().await;
        let policy = page
            .script(
                "return document.querySelector('meta[http-equiv=Content-Security-Policy]').content",
                vec![],
            )
            .await;
        let policy = policy.as_str().unwrap();
        assert!(policy.starts_with("default-src 'none'"), "{policy}");
        for forbidden in ["unsafe-inline", "'unsafe-eval'"] {
            assert!(!policy.contains(forbidden), "{policy}");
        }
        // It is not only written down.
        page.expects_complaint(&["script-src", "inline"]);
        page.expects_complaint(&["journey: blocked by script-src"]);
        page.script(
            "const script = document.createElement('script');
             script.textContent = 'window.came_in = true';
             addEventListener('securitypolicyviolation', () => { window.kept_out = true });
             document.body.append(script)",
            vec![],
        )
        .await;
        page.until("the script is kept out", async || {
            page.script("return window.kept_out === true && !window.came_in", vec![])
                .await
                == true
        })
        .await;
    })
    .await;
}

#[tokio::test]
async fn the_token_is_in_no_address() {
    journey(Options::default(), async |page: &Page| {
        let proxy = page.proxy();
        page.sign_in(&proxy.url()).await;
        page.row("@").first().appears().await;
        page.allows_complaint(&["/thumbnail/", "status of 400"]);
        let owner = stage().user(people::MEDIA_OWNER);
        page.open(&format!("/users/{}?tab=media", encoded(owner.as_str())))
            .await;
        page.row("photo.jpg").appears().await;
        let seen = proxy.seen();
        assert!(seen.len() > 5);
        for request in seen {
            assert!(
                !request.target.contains("access_token") && !request.target.contains("syt_"),
                "{}",
                request.target
            );
        }
    })
    .await;
}
