//! axe-core on every page and dialog, in both themes. Dialogs that a journey opens anyway are
//! looked at there.

use journeys::browser::{Options, Page, journey, stage};
use std::time::Duration;
use synapse_admin::address::route::Route;
use synapse_admin::api::MxcUri;
use synapse_admin::api::encode::encoded;
use xtask::world::people;

async fn the_login_page(options: Options) {
    journey(options, async |page: &Page| {
        page.names_host("test.localhost");
        page.allows_complaint(&["ERR_CONNECTION_REFUSED"]);
        page.open("/login").await;
        page.button("Sign in").appears().await;
        page.is_accessible().await;
        page.button("Sign in").click().await;
        page.sees("Enter your Matrix ID").await;
        page.is_accessible().await;
        let closed = xtask::synapse::free_port().unwrap();
        page.field("Homeserver URL")
            .fill(&format!("http://127.0.0.1:{closed}"))
            .await;
        page.sees("No answer from the homeserver").await;
        page.radio("Access token").click().await;
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
        let user = format!(
            "/users/{}",
            encoded(stage().user(people::MEDIA_OWNER).as_str())
        );
        let room = format!("/rooms/{}", encoded(stage().world.room("general").as_str()));
        let space = format!("/rooms/{}", encoded(stage().world.room("space").as_str()));
        let tab = |of: &str, tab: &str| format!("{of}?tab={tab}");
        let picture = &stage().world.files_of(people::MEDIA_OWNER).next().unwrap();
        let picture = MxcUri {
            server: stage().maker.server().clone(),
            media_id: picture.media_id.clone(),
        };
        let mut routes = vec![
            "/users?admins=true".to_owned(),
            "/rooms".to_owned(),
            "/media".to_owned(),
            "/media?unused=30&kind=image".to_owned(),
            "/media?tab=users".to_owned(),
            Route::file(&picture).to_string(),
            Route::file(&MxcUri::parse("mxc://elsewhere.example/nothing").unwrap()).to_string(),
            "/activity".to_owned(),
            "/create_user".to_owned(),
            "/import_users".to_owned(),
            "/reports".to_owned(),
            tab(&space, "hierarchy"),
        ];
        for name in [
            "",
            "security",
            "devices",
            "connections",
            "rooms",
            "media",
            "pushers",
            "limits",
            "account_data",
        ] {
            routes.push(tab(&user, name));
        }
        for name in [
            "",
            "members",
            "messages",
            "state",
            "media",
            "aliases",
            "permissions",
            "forward_extremities",
            "actions",
        ] {
            routes.push(tab(&room, name));
        }
        for route in routes {
            page.open(&route).await;
            page.css("main h1").first().appears().await;
            page.css("main .skeleton").goes().await;
            page.fits_sideways().await;
            page.is_accessible().await;
        }
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
