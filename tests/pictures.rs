//! The pictures of the guides, made anew: `cargo test -p journeys --test journeys -- --ignored
//! pictures` writes them to `docs/pictures/`. Not a test: nobody compares them.

use crate::faults::USERS;
use crate::import::{go, proxy};
use crate::storage::open_media;
use journeys::browser::importing::{LONG, ask, choose, confirm};
use journeys::browser::{Options, Page, journey, stage};
use journeys::server::own_server;
use std::fmt::Write;
use std::time::Duration;
use synapse_admin::address::route::Route;
use synapse_admin::api::encode::encoded;
use xtask::proxy::{Fault, Rule};
use xtask::world::people;

/// Takes a picture of what the window shows, as WebP: a quarter of a PNG's size.
async fn picture(page: &Page, name: &str) {
    // Animations come to rest.
    tokio::time::sleep(Duration::from_millis(700)).await;
    let command = serde_json::json!({"format": "webp", "quality": 85});
    let answer = page.cdp("Page.captureScreenshot", command).await;
    let data = answer["data"].as_str().unwrap_or_default();
    let bytes = page
        .script(
            "return [...atob(arguments[0])].map((c) => c.charCodeAt(0))",
            vec![data.into()],
        )
        .await;
    let bytes: Vec<u8> = serde_json::from_value(bytes).expect("bytes");
    let folder = xtask::root().join("docs/pictures");
    std::fs::create_dir_all(&folder).expect("a folder");
    std::fs::write(folder.join(format!("{name}.webp")), bytes).expect("a file");
}

async fn scroll_to(page: &Page, heading: &str) {
    let script = "const wanted = arguments[0];
        [...document.querySelectorAll('h2')].find((h) => h.innerText === wanted).scrollIntoView()";
    page.script(script, vec![heading.into()]).await;
}

#[tokio::test]
#[ignore = "makes the pictures of the guides"]
async fn pictures() {
    journey(Options::default(), async |page: &Page| {
        let proxy = proxy(page);
        go(page, &proxy).await;
        // The plan asks whose the addresses are.
        page.allows_complaint(&["/threepid/", "status of 404"]);
        page.allows_complaint(&["/users/", "status of 404"]);
        page.allows_complaint(&["net::ERR_"]);
        let mut csv = "id,displayname,password,admin,threepids\n".to_owned();
        let people = [
            ("ada.lovelace", "Ada Lovelace"),
            ("grace.hopper", "Grace Hopper"),
            ("Alan.Turing", "Alan Turing"),
            ("edsger.dijkstra", "Edsger Dijkstra"),
            ("barbara.liskov", "Barbara Liskov"),
        ];
        for (number, (id, name)) in people.into_iter().enumerate() {
            let admin = if number == 1 { "yes" } else { "" };
            let _ = writeln!(
                csv,
                "{id},{name},,{admin},email:{}@example.org",
                id.to_lowercase()
            );
        }
        for number in 1..=240 {
            let _ = writeln!(csv, "student.{number},Student {number},,,");
        }
        csv.push_str("donald.knuth,Donald Knuth,,perhaps,\n");
        choose(page, csv).await;
        page.heading("Problems").appears().await;
        scroll_to(page, "Columns").await;
        picture(page, "import-columns").await;
        scroll_to(page, "Problems").await;
        picture(page, "import-problems").await;

        page.field("Passwords")
            .choose("Generate missing ones")
            .await;
        page.button("Simulate").click().await;
        page.sees("Simulation: nothing has been sent.").await;
        picture(page, "import-plan").await;

        proxy.add(Rule::new(
            "PUT",
            USERS,
            Fault::Delay(Duration::from_millis(120)),
        ));
        ask(page).await;
        picture(page, "import-question").await;
        confirm(page).await;
        page.until_within(LONG, "half is done", async || {
            proxy.count("PUT", USERS) > 120
        })
        .await;
        picture(page, "import-running").await;
        page.reload().await;
        page.button("Go on").appears().await;
        picture(page, "import-kept").await;
        page.button("Go on").click().await;
        page.heading("The import has ended")
            .appears_within(LONG)
            .await;
        picture(page, "import-ended").await;
    })
    .await;
}

#[tokio::test]
#[ignore = "makes the pictures of the guides"]
async fn pictures_of_a_phone() {
    journey(Options::phone(), async |page: &Page| {
        let proxy = proxy(page);
        go(page, &proxy).await;
        choose(
            page,
            "Benutzername;Name;Passwort;E-Mail;Personalnummer\n\
             ada.lovelace;Ada Lovelace;\"=\"\"001\"\"\";ada@example.org;815\n\
             grace.hopper;<name>;correct horse battery;grace@example.org;816\n\
             Alan.Turing;J\u{c3}\u{bc}rgen;;alan@example.org;817\n\
             Summe: 3;;;;\n",
        )
        .await;
        page.heading("Problems").appears().await;
        scroll_to(page, "Problems").await;
        picture(page, "import-phone-problems").await;
        page.prefer_dark(true).await;
        page.button("Next problem").click().await;
        picture(page, "import-phone-dark").await;
    })
    .await;
}

/// The pictures of `docs/media.md`.
async fn media_pictures(ending: &str, options: Options) {
    let server = own_server(&format!("pictures{ending}"));
    journey(options, async |page: &Page| {
        open_media(page, &server, &server.synapse.url()).await;
        let name = |name: &str| format!("{name}{ending}");
        picture(page, &name("media")).await;
        page.css(".charts")
            .link_like("Not used for a year")
            .click()
            .await;
        page.css(".chart-chosen").appears().await;
        let script = "document.querySelector('.chart-chosen').scrollIntoView({ block: 'center' })";
        page.script(script, vec![]).await;
        picture(page, &name("media-bar")).await;
        page.css(".chart-chosen")
            .button("Delete these files …")
            .click()
            .await;
        page.css("dialog[open] .dialog-actions input")
            .appears()
            .await;
        picture(page, &name("media-question")).await;
        page.press(thirtyfour::Key::Escape + "").await;
        page.button("Delete media").click().await;
        page.button("Preview").click().await;
        page.css("dialog[open] .dialog-actions input")
            .appears()
            .await;
        picture(page, &name("media-preview")).await;
        page.press(thirtyfour::Key::Escape + "").await;
        page.open("/media?kind=video").await;
        page.css(".clean-ups summary").click().await;
        page.field("Name of the rule").fill("Old films").await;
        page.button("Keep what the page shows").click().await;
        page.link("Old films").appears().await;
        let script = "document.querySelector('.clean-ups').scrollIntoView()";
        page.script(script, vec![]).await;
        picture(page, &name("media-rules")).await;
    })
    .await;
}

#[tokio::test]
#[ignore = "makes the pictures of the guides"]
async fn pictures_of_media() {
    media_pictures("", Options::default()).await;
    media_pictures("-phone", Options::phone()).await;
}

/// Every list, on both screens in both themes, to be looked at: below `JOURNEYS_PICTURES`.
async fn list_pictures(prefix: &str, options: Options) {
    let options = Options {
        limit: Duration::from_secs(500),
        ..options
    };
    journey(options, async |page: &Page| {
        page.go_to(&format!(
            "{}?server={}#/login",
            page.app(),
            encoded(&stage().synapse.url())
        ))
        .await;
        page.button("Sign in").appears().await;
        page.sees("Synapse version").await;
        page.picture(&format!("{prefix}-login")).await;
        page.sign_in(&stage().synapse.url()).await;
        page.row("@").first().appears().await;
        page.allows_complaint(&["status of 4"]);
        let room = |key: &str| Route::room(stage().world.room(key));
        let owner = Route::user(&stage().user(people::MEDIA_OWNER));
        let lists = [
            ("users", "/users".to_owned()),
            ("rooms", "/rooms".to_owned()),
            ("blocked", Route::BlockedRooms.to_string()),
            ("directory", Route::RoomDirectory.to_string()),
            ("federation", Route::Federation.to_string()),
            ("destination", "/destinations/down.example.org".to_owned()),
            ("tokens", Route::RegistrationTokens.to_string()),
            ("reports", Route::Reports.to_string()),
            ("user-reports", Route::Reports.tab("users")),
            ("tasks", Route::Tasks.to_string()),
            ("media", Route::Media.to_string()),
            ("media-users", Route::Media.tab("users")),
            ("media-rooms", Route::Media.tab("rooms")),
            ("statistics", Route::Statistics.to_string()),
            ("members", room("general").tab("members")),
            ("room-media", room("general").tab("media")),
            ("devices", owner.tab("devices")),
            ("connections", owner.tab("connections")),
            ("pushers", owner.tab("pushers")),
            ("memberships", owner.tab("rooms")),
            ("user-media", owner.tab("media")),
        ];
        for (name, route) in lists {
            page.open(&route).await;
            page.css("main h1").first().appears().await;
            page.css("main .skeleton").goes().await;
            page.css("main [data-loading]").goes().await;
            tokio::time::sleep(Duration::from_millis(500)).await;
            for dark in [false, true] {
                page.prefer_dark(dark).await;
                page.picture(&format!(
                    "{prefix}-{name}{}",
                    if dark { "-dark" } else { "" }
                ))
                .await;
            }
            if page.css(".list").exists().await {
                page.script("document.querySelector('.list').scrollIntoView()", vec![])
                    .await;
                page.prefer_dark(false).await;
                page.picture(&format!("{prefix}-{name}-list")).await;
            }
        }
    })
    .await;
}

#[tokio::test]
#[ignore = "makes pictures of all lists"]
async fn pictures_of_lists() {
    list_pictures("desktop", Options::default()).await;
    list_pictures("phone", Options::phone()).await;
}
