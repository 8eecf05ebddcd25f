//! What stands around every page: navigation, language, theme, signing in again, phone and
//! keyboard.

use journeys::browser::{Options, Page, journey, stage};
use journeys::server::server;
use thirtyfour::Key;
use xtask::proxy::{Fault, Rule};
use xtask::world::{ADMIN_PASSWORD, people};

#[tokio::test]
async fn a_token_revoked_in_mid_work() {
    journey(Options::default(), async |page: &Page| {
        let admin = server().fresh_admin("revoked").await;
        let url = stage().synapse.url();
        page.sign_in_as(&admin, ADMIN_PASSWORD, &url).await;
        page.link("Media").click().await;
        page.sees("Filtered and sorted here").await;
        page.button("Delete media").click().await;
        page.field("Larger than").fill("7.5").await;
        page.field("Last access before")
            .set("2020-02-03T04:05")
            .await;

        page.expects_complaint(&["/_synapse/admin/", "status of 401"]);
        page.allows_complaint(&["/refresh", "status of 401"]);
        server().revoke_sessions(&admin).await;
        page.button("Preview").click().await;
        let again = page.dialog("Sign in again");
        again.says(admin.as_str()).await;
        page.is_accessible().await;

        // A wrong password changes nothing, Escape does not lead past it.
        page.expects_complaint(&["/login", "status of 403"]);
        page.press(Key::Escape + "").await;
        again.field("Password").fill("wrong").await;
        again.button("Sign in").click().await;
        again.alert("Wrong username or password").appears().await;
        again.field("Password").fill(ADMIN_PASSWORD).await;
        again.button("Sign in").click().await;
        again.goes().await;

        // The question goes on, and all that was typed is there.
        page.dialog("Delete media").appears().await;
        page.sees("Nothing matches").await;
        page.field("Larger than").holds("7.5").await;
        page.field("Last access before")
            .holds("2020-02-03T04:05")
            .await;
    })
    .await;
}

#[tokio::test]
async fn signing_in_again_leaves_no_session_behind() {
    journey(Options::default(), async |page: &Page| {
        let admin = server().fresh_admin("again").await;
        let proxy = page.proxy_before(server().synapse.config().port);
        page.sign_in_as(&admin, ADMIN_PASSWORD, &proxy.url()).await;
        page.row("@").first().appears().await;
        page.duplicates_tab().await;
        page.to_tab(1).await;
        page.row("@").first().appears().await;
        page.allows_complaint(&["status of 401"]);
        // The server takes the token for refused, and the session lives on.
        for (method, path) in [
            ("GET", "/_synapse/admin/v3/users"),
            ("POST", "/_matrix/client/v3/refresh"),
        ] {
            proxy.add(Rule::new(method, path, Fault::token_revoked()));
        }
        let again = page.dialog("Sign in again");
        for tab in [1, 0] {
            page.to_tab(tab).await;
            page.button("Refresh").click().await;
            again.appears().await;
        }
        proxy.clear_rules();
        again.field("Password").fill(ADMIN_PASSWORD).await;
        again.button("Sign in").click().await;
        again.goes().await;
        page.row("@").first().appears().await;
        assert_eq!(server().devices(&admin).await.len(), 1);
        // The other tab is the same session, and asks no more.
        page.to_tab(1).await;
        again.goes().await;
        page.row("@").first().appears().await;
        page.reload().await;
        page.row("@").first().appears().await;
        page.button("Log out").click().await;
        page.button("Sign in").appears().await;
        page.until("the server has ended the session", async || {
            server().devices(&admin).await.is_empty()
        })
        .await;
    })
    .await;
}

#[tokio::test]
async fn giving_up_instead_of_signing_in_again() {
    journey(Options::default(), async |page: &Page| {
        let admin = server().fresh_admin("gives-up").await;
        page.sign_in_as(&admin, ADMIN_PASSWORD, &stage().synapse.url())
            .await;
        page.row("@").first().appears().await;
        page.expects_complaint(&["/_synapse/admin/", "status of 401"]);
        page.allows_complaint(&["/refresh", "status of 401"]);
        page.allows_complaint(&["/logout", "status of 401"]);
        server().revoke_sessions(&admin).await;
        page.press_behind("Refresh").await;
        page.dialog("Sign in again").button("Log out").click().await;
        page.button("Sign in").appears().await;
    })
    .await;
}

#[tokio::test]
async fn deep_links_back_forward_reload() {
    journey(Options::default(), async |page: &Page| {
        // A deep link survives signing in.
        page.open("/media").await;
        page.field("Username")
            .fill(stage().user(people::ADMIN).as_str())
            .await;
        page.names_host("test.localhost");
        page.field("Password").fill(ADMIN_PASSWORD).await;
        page.field("Homeserver URL")
            .fill(&stage().synapse.url())
            .await;
        page.button("Sign in").click().await;
        page.heading("Media").appears().await;
        page.is_at("/media").await;

        page.link("Activity").click().await;
        page.heading("Activity").appears().await;
        page.link("Users").click().await;
        page.heading("Users").appears().await;
        assert_eq!(
            page.link("Users").attribute("aria-current").await,
            Some("page".to_owned())
        );
        page.back().await;
        page.heading("Activity").appears().await;
        page.back().await;
        page.heading("Media").appears().await;
        page.forward().await;
        page.heading("Activity").appears().await;
        page.reload().await;
        page.heading("Activity").appears().await;
        page.is_at("/activity").await;

        // Links are links: they can be opened in another tab.
        let href = page.link("Media").attribute("href").await.unwrap();
        assert!(href.ends_with("#/media"), "{href}");
        page.open("/no-such-page").await;
        page.heading("There is no such page").appears().await;
        for first in ["/", "/dashboard", "/login"] {
            page.open(first).await;
            page.heading("Dashboard").appears().await;
            page.is_at("/").await;
        }
    })
    .await;
}

#[tokio::test]
async fn every_page_has_a_title() {
    journey(Options::default(), async |page: &Page| {
        page.sign_in(&stage().synapse.url()).await;
        for (route, words) in [
            ("/users", "Users"),
            ("/media", "Media"),
            ("/activity", "Activity"),
            ("/import_users", "Import"),
        ] {
            page.open(route).await;
            page.until(&format!("the title of {route} says {words}"), async || {
                let title = page.driver().title().await.unwrap_or_default();
                title.contains(words) && title.contains("Synapse Admin")
            })
            .await;
        }
    })
    .await;
}

#[tokio::test]
async fn german_is_chosen_and_kept() {
    journey(Options::default(), async |page: &Page| {
        page.sign_in(&stage().synapse.url()).await;
        page.field("Language").choose("Deutsch").await;
        page.link("Medien").click().await;
        page.button("Medien löschen").appears().await;
        assert_eq!(
            page.script("return document.documentElement.lang", vec![])
                .await,
            "de"
        );
        page.reload().await;
        page.button("Medien löschen").appears().await;
        page.button("Abmelden").click().await;
        page.button("Anmelden").appears().await;
        page.field("Sprache").choose("English").await;
        page.button("Sign in").appears().await;
    })
    .await;
}

#[tokio::test]
async fn the_browser_speaks_german() {
    let options = Options {
        language: "de",
        ..Options::default()
    };
    journey(options, async |page: &Page| {
        page.open("/login").await;
        page.button("Anmelden").appears().await;
        page.field("Benutzername").fill("admin").await;
        page.is_accessible().await;
    })
    .await;
}

#[tokio::test]
async fn a_theme_is_chosen_and_kept() {
    journey(Options::default(), async |page: &Page| {
        let brightness = async || {
            page.script(
                "const canvas = new OffscreenCanvas(1, 1).getContext('2d');
                 canvas.fillStyle = getComputedStyle(document.body).backgroundColor;
                 canvas.fillRect(0, 0, 1, 1);
                 const [r, g, b] = canvas.getImageData(0, 0, 1, 1).data;
                 return (r + g + b) / 3",
                vec![],
            )
            .await
            .as_f64()
            .unwrap()
        };
        page.prefer_dark(false).await;
        page.sign_in(&stage().synapse.url()).await;
        assert!(brightness().await > 200.0);
        page.field("Theme").choose("Dark").await;
        page.until("it is dark", async || brightness().await < 80.0)
            .await;
        page.reload().await;
        page.navigation("Main").appears().await;
        assert!(brightness().await < 80.0);
        page.field("Theme").choose("System").await;
        page.until("it is light", async || brightness().await > 200.0)
            .await;
        page.prefer_dark(true).await;
        page.until("it is dark", async || brightness().await < 80.0)
            .await;
    })
    .await;
}

#[tokio::test]
async fn a_server_that_stumbles_is_asked_again() {
    journey(Options::default(), async |page: &Page| {
        let proxy = page.proxy();
        page.sign_in(&proxy.url()).await;
        page.row("@").first().appears().await;
        page.expects_complaint(&["/_synapse/admin/", "status of 502"]);
        proxy.add(Rule::new("GET", "/_synapse/admin/v3/users", Fault::bad_gateway()).times(2));
        page.open("/users?q=becker").await;
        page.row("becker").first().appears().await;
        proxy.clear_rules();

        // What lasts is said, with a way to try again.
        page.expects_complaint(&["/_synapse/admin/", "status of 500"]);
        let broken = proxy.add(Rule::new(
            "GET",
            "/_synapse/admin/v3/users",
            Fault::server_error(),
        ));
        page.open("/users?q=hoffmann").await;
        page.alert("Internal server error").appears().await;
        page.is_accessible().await;
        proxy.remove(broken);
        page.button("Retry").click().await;
        page.row("hoffmann").first().appears().await;
    })
    .await;
}

#[tokio::test]
async fn on_a_phone() {
    journey(Options::phone(), async |page: &Page| {
        page.open("/login").await;
        page.button("Sign in").appears().await;
        page.fits_sideways().await;
        page.sign_in(&stage().synapse.url()).await;
        page.heading("Users").appears().await;
        page.row("@").first().appears().await;
        page.fits_sideways().await;

        // The navigation waits behind its button.
        assert_eq!(page.link("Media").count().await, 0);
        page.button("Menu").click().await;
        page.link("Media").click().await;
        page.heading("Media").appears().await;
        page.until("the navigation is out of the way", async || {
            page.link("Activity").count().await == 0
        })
        .await;
        page.fits_sideways().await;
        page.button("Delete media").click().await;
        page.button("90 days").click().await;
        page.button("Preview").click().await;
        page.button_like("Delete ").appears().await;
        page.fits_sideways().await;
        page.dialog("Delete media").button("Close").click().await;
        page.dialog("Delete media").goes().await;

        page.allows_complaint(&["/thumbnail/", "status of 400"]);
        for route in [
            "/users?q=name.",
            "/users?q=long.",
            "/import_users",
            "/activity",
            "/users/%40mia.media%3Atest.localhost?tab=media",
        ] {
            page.open(route).await;
            page.css("h1").first().appears().await;
            page.fits_sideways().await;
        }
    })
    .await;
}

#[tokio::test]
async fn with_the_keyboard_alone() {
    journey(Options::default(), async |page: &Page| {
        page.names_host("test.localhost");
        page.open("/login").await;
        page.tab_to(&page.field("Username")).await;
        page.press(stage().user(people::ADMIN).as_str()).await;
        page.tab_to(&page.field("Password")).await;
        page.press(ADMIN_PASSWORD).await;
        page.tab_to(&page.field("Homeserver URL")).await;
        page.press(stage().synapse.url()).await;
        page.press(Key::Enter + "").await;
        page.heading("Dashboard").appears().await;

        page.tab_to(&page.navigation("Main").link("Users")).await;
        page.press(Key::Enter + "").await;
        page.heading("Users").appears().await;
        page.tab_to(&page.css("input[type=search]")).await;
        page.press("alice").await;
        page.is_at("/users?q=alice").await;
        page.css("[aria-busy=true]").goes().await;
        let alice = page.link_like("@alice:");
        page.tab_to(&alice).await;
        page.press(Key::Enter + "").await;
        page.heading_like("Alice").appears().await;

        page.tab_to(&page.link("Media")).await;
        page.press(Key::Enter + "").await;
        page.heading("Media").appears().await;
        page.tab_to(&page.button("Delete media")).await;
        page.press(Key::Enter + "").await;
        let dialog = page.dialog("Delete media");
        dialog.appears().await;
        page.tab_to(&page.button("30 days")).await;
        page.press(" ").await;
        page.press(Key::Escape + "").await;
        dialog.goes().await;
        // The focus is back where it was.
        page.until("the button has the focus", async || {
            page.script("return document.activeElement.textContent.trim()", vec![])
                .await
                == "Delete media"
        })
        .await;
    })
    .await;
}

#[tokio::test]
async fn old_bookmarks_lead_on() {
    journey(Options::default(), async |page: &Page| {
        page.sign_in(&stage().synapse.url()).await;
        page.row("@").first().appears().await;
        let alice = stage().user(people::ALICE);
        let home = format!("/users/{alice}");
        let encoded = alice.as_str().replace('@', "%40").replace(':', "%3A");
        for (old, ours) in [
            (format!("/users/{encoded}/show"), home.clone()),
            (format!("/users/{alice}/devices"), format!("{home}?tab=devices")),
            (format!("/users/{encoded}/5"), format!("{home}?tab=media")),
            ("/user_media_statistics".to_owned(), "/media?tab=users".to_owned()),
        ] {
            page.open(&old).await;
            page.is_at(&ours).await;
            page.css("h1").first().appears().await;
        }
        page.open(&format!("/users/{encoded}")).await;
        page.heading_like("Alice").appears().await;
        page.open(
            "/users?filter=%7B%22name%22%3A%22becker%22%2C%22deactivated%22%3Afalse%7D&order=DESC&page=1&perPage=50&sort=displayname",
        )
        .await;
        page.row("becker").first().appears().await;
        let route = page.route().await;
        for part in ["q=becker", "deactivated=false", "size=50", "sort=displayname", "dir=desc"] {
            assert!(route.contains(part), "{route}");
        }
        // There is no trace of the old address in the history.
        page.open("/activity").await;
        page.heading("Activity").appears().await;
        page.back().await;
        page.row("becker").first().appears().await;
    })
    .await;
}

#[tokio::test]
async fn an_address_that_leads_nowhere() {
    journey(Options::default(), async |page: &Page| {
        page.sign_in(&stage().synapse.url()).await;
        page.row("@").first().appears().await;
        page.open("/no-such-page").await;
        page.heading("There is no such page").appears().await;
        page.until("the window has its title", async || {
            let window = page.driver().title().await.unwrap_or_default();
            window.starts_with("There is no such page")
        })
        .await;
        page.until("the heading has the focus", async || {
            page.script("return document.activeElement.tagName", vec![])
                .await
                == "H1"
        })
        .await;
        page.is_accessible().await;
        // Parts of other panels that are elsewhere here.
        page.open("/room_media_statistics").await;
        page.is_at("/media?tab=rooms").await;
        page.heading("Media").appears().await;
    })
    .await;
}

#[tokio::test]
async fn from_right_to_left() {
    for options in [Options::default(), Options::phone()] {
        journey(options, async |page: &Page| {
            page.sign_in(&stage().synapse.url()).await;
            page.row("@").first().appears().await;
            page.script("document.documentElement.dir = 'rtl'", vec![])
                .await;
            page.allows_complaint(&["/thumbnail/", "status of 400"]);
            for route in [
                "/users",
                "/users/%40mia.media%3Atest.localhost",
                "/media",
                "/import_users",
                "/activity",
                "/rooms",
            ] {
                page.open(route).await;
                page.css("h1").first().appears().await;
                page.fits_sideways().await;
            }
            page.button("Search").click().await;
            page.field("Search or paste an identifier").appears().await;
            page.fits_sideways().await;
        })
        .await;
    }
}
