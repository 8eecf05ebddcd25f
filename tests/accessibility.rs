//! axe-core on every page and dialog, in both themes. Dialogs that a journey opens anyway are
//! looked at there.

use journeys::browser::{Options, Page, journey, stage};
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
