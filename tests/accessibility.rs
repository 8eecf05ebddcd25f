//! axe-core on every page and dialog, in both themes. Dialogs that a journey opens anyway are
//! looked at there.

use journeys::browser::{Options, Page, journey, stage};
use std::time::Duration;
use synapse_admin::address::route::{self, PAGES, Route};
use synapse_admin::api::encode::encoded;
use synapse_admin::api::reports::{self, ListEventReports};
use synapse_admin::api::{EventId, MxcUri, events};
use xtask::world::people;

async fn the_login_page(options: Options) {
    journey(options, async |page: &Page| {
        page.names_host("test.localhost");
        page.allows_complaint(&["ERR_CONNECTION_REFUSED"]);
        page.open("/login").await;
        page.button("Sign in").appears().await;
        // The card and what stands below it are in the window.
        let is_whole =
            "const area = (part) => document.querySelector(part).getBoundingClientRect();
            return innerWidth < 800 || area('.login-card').bottom + 8 < area('.login-footer').top
                && area('.login-footer').bottom + 8 < innerHeight";
        let is_whole = page.script(is_whole, vec![]).await;
        assert_eq!(is_whole.as_bool(), Some(true));
        page.is_accessible().await;
        page.button("Sign in").click().await;
        page.sees("Enter your Matrix ID").await;
        page.is_accessible().await;
        let closed = xtask::synapse::free_port().unwrap();
        page.field("Homeserver URL")
            .fill(&format!("http://127.0.0.1:{closed}"))
            .await;
        page.sees("No answer from the homeserver").await;
        page.button("Sign in with an access token").click().await;
        page.is_accessible().await;
        page.field("Homeserver URL")
            .fill(&stage().synapse.url())
            .await;
        page.sees("Synapse version").await;
        page.is_accessible().await;
    })
    .await;
}

#[tokio::test]
async fn login() {
    the_login_page(Options::default()).await;
}

#[tokio::test]
async fn login_on_a_phone() {
    the_login_page(Options::phone()).await;
}

/// Every page, and what opens on it.
async fn the_pages(options: Options) {
    journey(options, async |page: &Page| {
        page.sign_in(&stage().synapse.url()).await;
        page.row("@").first().appears().await;
        page.is_accessible().await;
        for menu in ["Filter", "View", "Export"] {
            page.button_like(menu).first().click().await;
            page.css("[popover]").first().appears().await;
            page.is_accessible().await;
            page.press(thirtyfour::Key::Escape + "").await;
        }
        page.open("/users?admins=true&q=nobody-has-this-name").await;
        page.sees("Nothing matches").await;
        page.is_accessible().await;
        page.open("/users?q=name.&size=50").await;
        page.row("name.").first().appears().await;
        page.is_accessible().await;

        page.allows_complaint(&["/thumbnail/", "status of 400"]);
        let media = encoded(stage().user(people::MEDIA_OWNER).as_str());
        page.open(&format!("/users/{media}")).await;
        page.heading_like("Mia Media").appears().await;
        page.is_accessible().await;
        page.open(&format!("/users/{media}?tab=media")).await;
        page.row("").nth(3).appears().await;
        page.is_accessible().await;
        let gone = encoded(stage().user(people::GONE).as_str());
        page.open(&format!("/users/{gone}")).await;
        page.heading_like("Gina Gone").appears().await;
        page.is_accessible().await;

        page.allows_complaint(&["/_synapse/admin/", "status of 404"]);
        page.open("/users/%40nobody-at-all%3Atest.localhost").await;
        page.css("h1").first().appears().await;
        page.is_accessible().await;

        page.open("/media").await;
        page.heading("Media").appears().await;
        page.is_accessible().await;
        page.button("Delete media").click().await;
        page.dialog("Delete media").appears().await;
        page.is_accessible().await;
        page.button("90 days").click().await;
        page.button("Preview").click().await;
        page.button_like("Delete ").appears().await;
        page.is_accessible().await;

        page.open("/import_users").await;
        page.css("h1").first().appears().await;
        page.is_accessible().await;
        page.open("/activity").await;
        page.heading("Activity").appears().await;
        page.is_accessible().await;
        page.open("/no-such-page").await;
        page.heading("There is no such page").appears().await;
        page.is_accessible().await;
    })
    .await;
}

#[tokio::test]
async fn pages() {
    the_pages(Options::default()).await;
}

#[tokio::test]
async fn pages_on_a_phone() {
    the_pages(Options::phone()).await;
}

/// Addresses of a page, about what the sample world has.
async fn addresses(of: &route::RoutePage) -> Vec<String> {
    let room = |key: &str| Route::room(stage().world.room(key));
    match of.name {
        _ if of.about == 0 && of.name != "Login" => vec![of.path.to_owned()],
        // For those who are not signed in; it has a journey of its own.
        "Login" => Vec::new(),
        "User" => vec![Route::user(&stage().user(people::MEDIA_OWNER)).to_string()],
        "Room" => vec![room("general").to_string(), room("space").tab("hierarchy")],
        "Event" => vec![Route::event(&some_event().await).to_string()],
        "EventReport" => {
            let newest = ListEventReports {
                limit: 1,
                ..Default::default()
            };
            let found = stage().run(&reports::events(&newest)).await;
            let id = found.event_reports[0].id.to_string();
            vec![Route::EventReport { id }.to_string()]
        }
        // It looks like that of an event, and is walked in the journeys of reports.
        "UserReport" => Vec::new(),
        "Destination" => vec!["/destinations/down.example.org".to_owned()],
        "File" => {
            let picture = &stage().world.files_of(people::MEDIA_OWNER).next().unwrap();
            let picture = MxcUri {
                server: stage().maker.server().clone(),
                media_id: picture.media_id.clone(),
            };
            let nothing = MxcUri::parse("mxc://elsewhere.example/nothing").unwrap();
            vec![
                Route::file(&picture).to_string(),
                Route::file(&nothing).to_string(),
            ]
        }
        other => panic!("Say here what the page {other} is about."),
    }
}

/// Some event of the sample world.
async fn some_event() -> EventId {
    let room = stage().world.room("general");
    let state = stage().run(&events::state(room, None)).await.state;
    EventId::parse(&state[0].event_id).unwrap()
}

/// Every page and every tab, in German. English is looked at in the journeys of the pages.
async fn in_german(options: Options) {
    let options = Options {
        limit: Duration::from_secs(400),
        ..options
    };
    journey(options, async |page: &Page| {
        page.sign_in(&stage().synapse.url()).await;
        page.row("@").first().appears().await;
        page.script(
            "localStorage.setItem('synapse-admin.language', 'de')",
            vec![],
        )
        .await;
        page.reload().await;
        page.sees("Benutzer").await;
        // Thumbnails of broken pictures, sizes that SQLite does not tell, what is not there.
        page.allows_complaint(&["status of 4"]);
        // Each page of the table, then whatever tabs it has.
        let mut routes: Vec<String> = Vec::new();
        for of in PAGES {
            routes.extend(addresses(of).await);
        }
        routes.extend(
            [
                "/users?admins=true",
                "/media?unused=30&kind=image",
                "/no-such-page",
            ]
            .map(str::to_owned),
        );
        let mut seen = 0;
        while let Some(route) = routes.get(seen).cloned() {
            seen += 1;
            page.open(&route).await;
            page.css("main h1").first().appears().await;
            page.css("main .skeleton").goes().await;
            // A list that is being read is dimmed.
            page.css("main [data-loading]").goes().await;
            page.fits_sideways().await;
            page.headings_are_whole().await;
            page.is_accessible().await;
            // At once: what is found and then asked may have been shown anew meanwhile.
            let tabs = "return [...document.querySelectorAll('.tabs a')]
                .map((tab) => tab.getAttribute('href'))";
            let tabs = page.script(tabs, vec![]).await;
            for tab in tabs.as_array().into_iter().flatten() {
                let tab = tab.as_str().unwrap_or_default();
                let tab = tab.trim_start_matches('#').to_owned();
                if !routes.contains(&tab) {
                    routes.push(tab);
                }
            }
        }
        // The page of an account alone has nine tabs, that of a room as many.
        assert!(seen > PAGES.len() + 15, "{routes:?}");
    })
    .await;
}

#[tokio::test]
async fn pages_in_german() {
    in_german(Options::default()).await;
}

#[tokio::test]
async fn pages_in_german_on_a_phone() {
    in_german(Options::phone()).await;
}
