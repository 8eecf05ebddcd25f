//! The palette: everything that it finds, with mouse, keyboard and phone.

use journeys::browser::{Locator, Options, Page, journey, stage};
use journeys::server::server;
use serde_json::json;
use std::time::Duration;
use synapse_admin::api::encode::encoded;
use synapse_admin::api::users::{ExternalId, Threepid, UserChange};
use synapse_admin::api::{UserId, users};
use thirtyfour::Key;
use xtask::proxy::{Fault, Rule};
use xtask::world::files::png;
use xtask::world::people;

const FIELD: &str = "Search or paste an identifier";

/// Opens the palette by its button.
async fn open(page: &Page) {
    page.button("Search").click().await;
    page.field(FIELD).appears().await;
}

/// An entry that has this in it.
fn entry<'a>(page: &'a Page, name: &str) -> Locator<'a> {
    page.option(name)
}

/// The entry that Enter chooses.
async fn chosen(page: &Page) -> String {
    page.css("[role=option][aria-selected=true]").text().await
}

/// Waits until the chosen entry has this in it, and that it is what assistive technology is told.
async fn chooses(page: &Page, part: &str) {
    let told = "
        const field = document.querySelector('[role=combobox]');
        return document.getElementById(field?.getAttribute('aria-activedescendant'))?.textContent";
    page.until(&format!("“{part}” is chosen, and told"), async || {
        let told = page.script(told, vec![]).await;
        chosen(page).await.contains(part) && told.as_str().unwrap_or_default().contains(part)
    })
    .await;
}

/// Waits until what is typed goes into the field of the palette.
async fn has_the_focus(page: &Page) {
    page.field(FIELD).appears().await;
    page.until("the field has the focus", async || {
        page.script("return document.activeElement.getAttribute('role')", vec![])
            .await
            == json!("combobox")
    })
    .await;
}

/// A user with an e-mail address, a phone number and an identity of a provider.
async fn somebody(prefix: &str) -> (UserId, String, String, String) {
    let user = server().maker.make_fresh_user(prefix).await.unwrap();
    let localpart = user.localpart().to_owned();
    let email = format!("{localpart}@mail.example");
    let digits: String = localpart.bytes().map(|b| (b'0' + b % 10) as char).collect();
    let phone = format!("49{}", &digits[digits.len().saturating_sub(10)..]);
    let change = UserChange {
        displayname: Some(format!("Somebody {localpart}")),
        threepids: Some(vec![
            Threepid {
                medium: "email".to_owned(),
                address: email.clone(),
            },
            Threepid {
                medium: "msisdn".to_owned(),
                address: phone.clone(),
            },
        ]),
        external_ids: Some(vec![ExternalId {
            auth_provider: "oidc-corp".to_owned(),
            external_id: localpart.clone(),
        }]),
        ..Default::default()
    };
    stage().run(&users::put(&user, &change)).await;
    (user, email, phone, localpart)
}

#[tokio::test]
async fn users_by_name_and_by_every_identifier() {
    let (user, email, phone, localpart) = somebody("found").await;
    journey(Options::default(), async |page: &Page| {
        let home = format!("/users/@{}:{}", user.localpart(), user.server());
        page.sign_in(&stage().synapse.url()).await;
        page.allows_complaint(&["/_synapse/admin/", "status of 404"]);
        let link = format!("https://matrix.to/#/{user}");
        for text in [
            format!("somebody {localpart}"),
            user.to_string(),
            user.as_str()[1..].to_owned(),
            link,
            email.to_uppercase(),
            format!("+{} {}", &phone[..2], &phone[2..]),
            format!("oidc-corp:{localpart}"),
        ] {
            page.open("/media").await;
            page.heading("Media").appears().await;
            open(page).await;
            page.field(FIELD).fill(&text).await;
            entry(page, user.as_str()).appears().await;
            chooses(page, &localpart).await;
            page.press(Key::Enter + "").await;
            page.is_at(&home).await;
            page.heading_like("Somebody").appears().await;
        }
        // Who was chosen before stands once, by today's name.
        let renamed = UserChange {
            displayname: Some(format!("Renamed {localpart}")),
            ..Default::default()
        };
        stage().run(&users::put(&user, &renamed)).await;
        open(page).await;
        page.field(FIELD).fill(user.as_str()).await;
        page.option("Renamed").appears().await;
        assert_eq!(page.css("[role=option]").texts().await.len(), 1);
        page.press(Key::Escape + "").await;
        // What was looked up is said.
        open(page).await;
        page.field(FIELD).fill(&email).await;
        page.sees(&format!("e-mail address {email}: it belongs to {user}"))
            .await;
        // What looks like an address may be what somebody is called.
        let called = UserChange {
            displayname: Some(format!("{localpart}@names.example")),
            ..Default::default()
        };
        stage().run(&users::put(&user, &called)).await;
        page.field(FIELD)
            .fill(&format!("{localpart}@names.example"))
            .await;
        entry(page, user.as_str()).appears().await;
        // What was chosen before comes first.
        page.field(FIELD).fill("").await;
        page.sees("Recent").await;
        chooses(page, &localpart).await;
    })
    .await;
}

#[tokio::test]
async fn nothing_found_is_said() {
    journey(Options::default(), async |page: &Page| {
        page.allows_complaint(&["/_synapse/admin/", "status of 404"]);
        page.allows_complaint(&["/directory/room/", "status of 404"]);
        page.sign_in(&stage().synapse.url()).await;
        open(page).await;
        for (text, answer) in [
            (
                "@nobody-at-all:test.localhost",
                "There is no account @nobody-at-all:test.localhost on this server.",
            ),
            (
                "@someone:elsewhere.example",
                "@someone:elsewhere.example belongs to another server, elsewhere.example",
            ),
            (
                "nobody@mail.example",
                "the e-mail address nobody@mail.example: no account here has it.",
            ),
            (
                "+44 20 0000 0000",
                "the phone number +442000000000: no account here has it.",
            ),
            ("030 1234567", "with their country code"),
            (
                "oidc-corp:no-such-id",
                "the identity no-such-id at oidc-corp: no account here has it.",
            ),
            (
                "#nothing:test.localhost",
                "This server does not know the room #nothing:test.localhost.",
            ),
            (
                "mxc://test.localhost/thereisnone",
                "This server has no file mxc://test.localhost/thereisnone.",
            ),
            ("zzz no such user", "No user is called “zzz no such user”."),
        ] {
            page.field(FIELD).fill(text).await;
            page.sees(answer).await;
            assert_eq!(entry(page, "").count().await, 0, "{text}");
        }
        page.is_accessible().await;
        // A room that the server does not know can be blocked all the same.
        page.field(FIELD).fill("!nothing:test.localhost").await;
        page.sees("This server does not know the room !nothing:test.localhost.")
            .await;
        entry(page, "").counts(1).await;
        page.is_accessible().await;
        entry(page, "Block or unblock this room").click().await;
        page.button("Block").appears().await;
        // Somebody of another server is not asked for at all.
        assert_eq!(page.requested("GET", "elsewhere.example").await, 0);
    })
    .await;
}

/// What the server cannot look for is in the list, whatever its first answer has.
#[tokio::test]
async fn what_the_server_cannot_look_for_is_denied_to_nobody() {
    let user = server().maker.make_fresh_user("zz.e_").await.unwrap();
    let localpart = user.localpart().to_owned();
    journey(Options::default(), async |page: &Page| {
        page.sign_in(&stage().synapse.url()).await;
        page.row("@").first().appears().await;
        open(page).await;
        // An exclusion, which the server takes for a part of the name.
        let words = format!("{localpart} !nothing-such");
        page.field(FIELD).fill(&words).await;
        entry(page, user.as_str()).appears().await;
        // To the server `_` is any character: more are like that than are looked through.
        page.field(FIELD).fill("e_").await;
        entry(page, "Look for more users in the list")
            .appears()
            .await;
        assert!(!page.text().await.contains("No user is called"));
        assert_eq!(entry(page, "Show all").count().await, 0);
        page.is_accessible().await;
        entry(page, "Look for more users in the list").click().await;
        page.is_at("/users?q=e_").await;
        page.sees("Filtered here, after reading").await;
    })
    .await;
}

/// A name in letters that the database does not lower has no part that is sure to be found.
#[tokio::test]
async fn a_name_in_other_letters_is_found_beyond_the_first() {
    let maker = &server().maker;
    if !maker.capabilities().since(99) {
        return;
    }
    let change = UserChange {
        displayname: Some("Ярополк".to_owned()),
        ..Default::default()
    };
    let localpart = maker.fresh_localpart("zz.cyrillic");
    let user = maker.make_user(&localpart, &change).await.unwrap();
    journey(Options::default(), async |page: &Page| {
        page.sign_in(&stage().synapse.url()).await;
        page.row("@").first().appears().await;
        open(page).await;
        page.field(FIELD).fill("яропол").await;
        // No query of the server finds capitals of other letters: the first thousand are looked through.
        entry(page, user.as_str()).appears().await;
    })
    .await;
}

#[tokio::test]
async fn rooms_lead_to_their_users_and_files_to_their_owners() {
    let user = server()
        .maker
        .make_fresh_user("palette.owner")
        .await
        .unwrap();
    let file = server()
        .maker
        .upload_media(&user, &png(10, 77_001), "image/png", Some("palette.png"))
        .await
        .unwrap();
    journey(Options::default(), async |page: &Page| {
        page.sign_in(&stage().synapse.url()).await;
        let room = stage().world.room("general").to_string();
        for text in [room.clone(), "#general:test.localhost".to_owned()] {
            open(page).await;
            page.field(FIELD).fill(&text).await;
            entry(page, "Users in this room").says("General").await;
            entry(page, "General").first().says(&room).await;
            page.press(Key::Down + Key::Enter).await;
            page.until("the list asks for the room", async || {
                let route = page.route().await;
                route == format!("/users?q={}", encoded(&text))
            })
            .await;
            page.open("/media").await;
        }
        open(page).await;
        let link = format!(
            "{}/_matrix/client/v1/media/download/{}/{}",
            stage().synapse.url(),
            file.server,
            file.media_id
        );
        page.field(FIELD).fill(&link).await;
        entry(page, &format!("Media of {user}"))
            .says("palette.png")
            .await;
        entry(page, "Details of the file").appears().await;
        page.press(Key::Enter + "").await;
        page.is_at(&format!("/media/{}/{}", file.server, file.media_id))
            .await;
        page.sees("palette.png").await;
        open(page).await;
        page.field(FIELD).fill(&file.to_string()).await;
        entry(page, &format!("Media of {user}")).click().await;
        page.is_at(&format!("/users/{user}?tab=media")).await;
        page.row("palette.png").appears().await;
    })
    .await;
}

#[tokio::test]
async fn with_the_keyboard_alone() {
    journey(Options::default(), async |page: &Page| {
        page.sign_in(&stage().synapse.url()).await;
        page.row("@").first().appears().await;
        page.press(Key::Control + "k").await;
        let dialog = page.dialog("Search");
        dialog.appears().await;
        page.field(FIELD).appears().await;
        page.is_accessible().await;
        // The focus is in the field, and Escape gives it back.
        has_the_focus(page).await;
        page.press(Key::Escape + "").await;
        dialog.goes().await;
        // The shortcut opens it and closes it, also from a field.
        page.css("input[type=search]").click().await;
        page.press(Key::Control + "k").await;
        has_the_focus(page).await;
        page.press(Key::Control + "k").await;
        dialog.goes().await;
        // Also on a keyboard that writes no Latin letters.
        let russian = "window.dispatchEvent(new KeyboardEvent('keydown', {key: 'л', code: 'KeyK',
            ctrlKey: true, cancelable: true}))";
        page.script(russian, vec![]).await;
        has_the_focus(page).await;
        page.script(russian, vec![]).await;
        dialog.goes().await;

        page.press(Key::Control + "k").await;
        has_the_focus(page).await;
        chooses(page, "Dashboard").await;
        page.press(Key::Down + "").await;
        chooses(page, "Users").await;
        page.press(Key::Down + "").await;
        chooses(page, "Rooms").await;
        page.press(Key::Up + "").await;
        page.press(Key::Up + "").await;
        page.press(Key::Up + "").await;
        chooses(page, "Log out").await;
        page.press(Key::Down + "").await;
        chooses(page, "Dashboard").await;
        page.field(FIELD).fill("activ").await;
        chooses(page, "Activity").await;
        page.press(Key::Enter + "").await;
        page.heading("Activity").appears().await;
        page.is_at("/activity").await;
        // The heading has the focus: a screen reader begins there.
        page.until("the heading has the focus", async || {
            page.script("return document.activeElement.tagName", vec![])
                .await
                == json!("H1")
        })
        .await;

        // Whoever pastes and presses Enter at once gets there as well.
        page.press(Key::Control + "k").await;
        has_the_focus(page).await;
        let alice = stage().user(people::ALICE);
        page.press(alice.as_str()).await;
        page.press(Key::Enter + "").await;
        page.heading_like("Alice").appears().await;
    })
    .await;
}

#[tokio::test]
async fn actions() {
    journey(Options::default(), async |page: &Page| {
        page.sign_in(&stage().synapse.url()).await;
        page.row("@").first().appears().await;
        for (words, name) in [("dark", "Theme: Dark"), ("deutsch", "Language: Deutsch")] {
            open(page).await;
            page.field(FIELD).fill(words).await;
            entry(page, name).click().await;
            page.dialog("Search").goes().await;
        }
        assert_eq!(
            page.script("return document.documentElement.dataset.theme", vec![])
                .await,
            "dark"
        );
        page.link("Benutzer").appears().await;
        page.field("Farbschema").holds("dark").await;
        page.button("Suchen").click().await;
        let field = page.field("Suchen oder Kennung einfügen");
        field.appears().await;
        page.is_accessible_as_it_is().await;
        field.fill("medien lö").await;
        entry(page, "Medien löschen").click().await;
        page.dialog("Medien löschen").appears().await;
        page.is_at("/media").await;
        // Over a question the palette does not open.
        page.press(Key::Control + "k").await;
        page.dialog("Suchen").goes().await;
        page.dialog("Medien löschen")
            .button("Schließen")
            .click()
            .await;

        page.button("Suchen").click().await;
        field.fill("english").await;
        entry(page, "English").click().await;
        page.heading("Media").appears().await;
        open(page).await;
        page.field(FIELD).fill("log out").await;
        page.press(Key::Enter + "").await;
        page.button("Sign in").appears().await;
    })
    .await;
}

#[tokio::test]
async fn old_answers_and_errors() {
    journey(Options::default(), async |page: &Page| {
        let proxy = page.proxy();
        page.sign_in(&proxy.url()).await;
        page.row("@").first().appears().await;
        // The first answer is slow: it must not overtake the second.
        let becker = "/_synapse/admin/v3/users?*becker*";
        let slow = proxy.add(Rule::new("GET", becker, Fault::Held));
        open(page).await;
        page.field(FIELD).fill("becker").await;
        page.sees("Looking for users called “becker”").await;
        page.until("it is asked", async || proxy.count("GET", becker) > 0)
            .await;
        page.field(FIELD).fill("hoffmann").await;
        entry(page, "hoffmann").first().appears().await;
        proxy.remove(slow);
        page.until("the first one is answered", async || {
            proxy.is_answered("GET", becker)
        })
        .await;
        let overtaken = page.poll(Duration::from_secs(1), async || {
            entry(page, "becker").exists().await
        });
        assert!(!overtaken.await);

        page.expects_complaint(&["/_synapse/admin/", "status of 500"]);
        let broken = proxy.add(Rule::new(
            "GET",
            "/_synapse/admin/v3/users",
            Fault::server_error(),
        ));
        page.field(FIELD).fill("schmidt").await;
        page.alert("Internal server error").appears().await;
        page.is_accessible().await;
        proxy.remove(broken);
        page.button("Retry").click().await;
        entry(page, "schmidt").first().appears().await;

        // Users are shown, and that the rooms could not be looked up.
        let rooms = Fault::server_error();
        let broken = proxy.add(Rule::new("GET", "/_synapse/admin/v1/rooms", rooms));
        page.field(FIELD).fill("becker").await;
        entry(page, "becker").first().appears().await;
        page.alert("Internal server error").appears().await;
        proxy.remove(broken);
        page.button("Retry").click().await;
        page.alert("Internal server error").goes().await;
        entry(page, "becker").first().appears().await;
    })
    .await;
}

#[tokio::test]
async fn on_a_phone() {
    journey(Options::phone(), async |page: &Page| {
        page.sign_in(&stage().synapse.url()).await;
        page.row("@").first().appears().await;
        open(page).await;
        page.is_accessible().await;
        page.fits_sideways().await;
        page.field(FIELD).fill("alice").await;
        entry(page, "@alice:").appears().await;
        page.fits_sideways().await;
        entry(page, "@alice:").click().await;
        page.heading_like("Alice").appears().await;
        // On a phone it closes by its cross.
        open(page).await;
        page.dialog("Search").button("Close").click().await;
        page.dialog("Search").goes().await;
    })
    .await;
}
