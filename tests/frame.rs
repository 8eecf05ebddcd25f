//! What stands around a page, and lies over it: jobs, messages, questions. Nothing of it covers
//! for good what one needs.

use journeys::browser::{Options, Page, journey, stage};
use journeys::server::server;
use serde_json::json;
use synapse_admin::api::encode::encoded;
use synapse_admin::api::users;
use xtask::proxy::{Fault, Rule};
use xtask::world::{ADMIN_PASSWORD, people};

/// The controls of the page on which a click would not land, with what lies over them.
async fn covered(page: &Page) -> Vec<String> {
    let script = "
        const covered = [];
        const all = document.querySelectorAll(
            'main button, main a[href], main input, main select, main textarea, .sidebar button, .sidebar a');
        for (const control of all) {
            if (!control.checkVisibility({checkVisibilityCSS: true})) continue;
            control.scrollIntoView({block: 'center', inline: 'nearest'});
            const box = control.getBoundingClientRect();
            if (box.width < 2 || box.height < 2) continue;
            const hit = document.elementFromPoint(box.x + box.width / 2, box.y + box.height / 2);
            const other = hit?.closest('.toasts, .job-tray, .job-pill, dialog');
            if (other && !other.contains(control)) {
                covered.push(`${control.outerHTML.slice(0, 80)} under ${other.className}`);
            }
        }
        return covered";
    let answer = page.script(script, vec![]).await;
    let all = answer.as_array().cloned().unwrap_or_default();
    all.iter().map(ToString::to_string).collect()
}

async fn nothing_is_covered(options: Options) {
    let screen = format!("{:?}", options.screen);
    journey(options, async |page: &Page| {
        let user = stage().maker.make_fresh_user("covered").await.unwrap();
        let proxy = page.proxy();
        page.sign_in(&proxy.url()).await;
        page.expects_complaint(&["/_synapse/admin/", "status of 403"]);
        let refused = r#"{"errcode":"M_FORBIDDEN","error":"Not today"}"#;
        proxy.add(Rule::new(
            "PUT",
            "/_synapse/admin/*",
            Fault::matrix(403, refused),
        ));
        let turned_away = || {
            let all = proxy.seen_of("PUT", "/_synapse/admin/*");
            all.iter().filter(|seen| seen.status == Some(403)).count()
        };
        let home = format!("/users/{}?tab=security", encoded(user.as_str()));
        // Each makes a message of its own.
        let refused = async |action: &'static str| {
            let before = turned_away();
            page.button(action).click().await;
            page.css("dialog[open] .dialog-actions")
                .button_like(action)
                .click()
                .await;
            page.until("it is refused", async || turned_away() > before)
                .await;
            page.css(".job-pill").says(&(before + 1).to_string()).await;
            page.css(".toast").first().says("Not today").await;
            // A failure has no green tick.
            page.css(".job-pill[data-incomplete]").appears().await;
        };
        for (route, action) in [
            ("/create_user", "Lock"),
            ("/users?size=25", "Suspend"),
            ("/media", "Lock"),
            ("/activity", "Suspend"),
        ] {
            // For each anew: after a while messages go by themselves.
            let before = turned_away();
            page.open(&home).await;
            refused(action).await;
            if before == 1 {
                // Several of them.
                page.is_accessible().await;
            }
            page.open(route).await;
            page.css("h1").first().appears().await;
            page.css(".toast").first().appears().await;
            page.picture(&format!("frame{}{screen}", route.replace(['/', '?'], "-")))
                .await;
            assert_eq!(covered(page).await, Vec::<String>::new(), "{route}");
            page.fits_sideways().await;
        }
        // They are a few, and go at a click. What was there may have gone by itself by now.
        page.open(&home).await;
        refused("Lock").await;
        refused("Suspend").await;
        page.button("Close all").click().await;
        page.css(".toast").counts(0).await;

        // The list of jobs opens from the frame, and is left with Escape.
        page.css(".job-pill").says("6").await;
        page.css(".job-pill").click().await;
        page.css(".job").counts(6).await;
        page.css(".job").first().says("not everything worked").await;
        page.picture(&format!("frame-jobs-{screen}")).await;
        page.is_accessible().await;
        page.fits_sideways().await;
        // Also when the page that began it has been left.
        proxy.clear_rules();
        page.css(".job")
            .first()
            .button("Retry the rest")
            .click()
            .await;
        page.until("the account is suspended", async || {
            stage().run(&users::get(&user)).await.user.suspended == Some(true)
        })
        .await;
        page.button("Close the list of jobs").click().await;
        page.css(".job").counts(0).await;
    })
    .await;
}

#[tokio::test]
async fn nothing_is_covered_for_good() {
    nothing_is_covered(Options::default()).await;
}

#[tokio::test]
async fn nothing_is_covered_for_good_on_a_phone() {
    nothing_is_covered(Options::phone()).await;
}

/// Whether it is in sight as a whole.
async fn in_sight(page: &Page, selector: &str) -> bool {
    let script = "
        const box = document.querySelector(arguments[0]).getBoundingClientRect();
        return box.top >= 0 && box.bottom <= innerHeight";
    page.script(script, vec![selector.into()]).await == true
}

async fn what_is_typed_is_in_sight(options: Options) {
    let screen = format!("{:?}", options.screen);
    journey(options, async |page: &Page| {
        let user = stage().maker.make_fresh_user("sight").await.unwrap();
        page.sign_in(&stage().synapse.url()).await;
        let home = format!("/users/{}?tab=security", encoded(user.as_str()));
        page.open(&home).await;
        page.button("Erase").click().await;
        let field = page.confirmation(user.as_str());
        field.appears().await;
        page.picture(&format!("frame-question-{screen}")).await;
        for part in [".input", ".button:last-child"] {
            let part = format!("dialog[open] .dialog-actions {part}");
            page.until("it is in sight", async || in_sight(page, &part).await)
                .await;
        }
        page.is_accessible().await;
        page.button("Cancel").click().await;
    })
    .await;
}

#[tokio::test]
async fn what_has_to_be_typed_is_in_sight() {
    what_is_typed_is_in_sight(Options::default()).await;
}

#[tokio::test]
async fn what_has_to_be_typed_is_in_sight_on_a_phone() {
    what_is_typed_is_in_sight(Options::phone()).await;
}

#[tokio::test]
async fn a_program_that_has_ended_says_so() {
    journey(Options::default(), async |page: &Page| {
        page.sign_in(&stage().synapse.url()).await;
        page.row("@").first().appears().await;
        page.expects_complaint(&["RuntimeError"]);
        page.allows_complaint(&["panicked"]);
        // In the world of the page, which scripts of the test do not run in: something is freed that
        // was never there.
        let spoil = "import(new URL(document.querySelector('meta[name=app]').dataset.js, document.baseURI))
            .then((app) => app.default())
            .then((program) => { setTimeout(() => program.__wbindgen_destroy_closure(-16, -16)); })";
        page.cdp(
            "Runtime.evaluate",
            json!({"expression": spoil, "awaitPromise": true}),
        )
        .await;
        page.sees("Synapse Admin has stopped").await;
        page.picture("frame-stopped").await;
        page.is_accessible().await;
        page.button("Reload").click().await;
        page.heading("Users").appears().await;
        assert_eq!(page.css(".stopped").count().await, 0);
    })
    .await;
}

#[tokio::test]
async fn a_browser_that_is_too_old_is_told_so() {
    for lacks in [
        "delete HTMLElement.prototype.popover",
        "CSS.supports = () => false",
        "delete globalThis.WebAssembly",
    ] {
        journey(Options::default(), async |page: &Page| {
            page.cdp(
                "Page.addScriptToEvaluateOnNewDocument",
                json!({ "source": lacks }),
            )
            .await;
            page.open("/login").await;
            page.alert("This browser is too old for Synapse Admin.")
                .appears()
                .await;
            assert_eq!(page.field("Username").count().await, 0);
        })
        .await;
    }
}

#[tokio::test]
async fn the_log_outlives_a_reload_and_ends_with_the_session() {
    journey(Options::default(), async |page: &Page| {
        let user = stage().maker.make_fresh_user("logged").await.unwrap();
        let admin = server().fresh_admin("logs").await;
        let url = stage().synapse.url();
        page.sign_in_as(&admin, ADMIN_PASSWORD, &url).await;
        page.open(&format!("/users/{}?tab=security", encoded(user.as_str())))
            .await;
        page.button("Reset password").click().await;
        let question = page.dialog("Reset password");
        question
            .field("New password")
            .fill("a-secret-of-mine")
            .await;
        question.button("Set password").click().await;
        page.dialog("The password is set")
            .button("Close")
            .first()
            .click()
            .await;
        page.button("Lock").click().await;
        page.css("dialog[open] .dialog-actions")
            .button_like("Lock")
            .click()
            .await;
        page.until("the account is locked", async || {
            stage().run(&users::get(&user)).await.user.locked
        })
        .await;
        // The answer is what is logged.
        page.sees(&format!("Lock {user}: Finished")).await;
        page.reload().await;
        page.open("/activity").await;
        let log = page.css(".activity");
        log.says(&format!("Lock {user}")).await;
        log.says(&format!("Reset the password of {user}")).await;
        let stored = async || {
            let script = "return JSON.stringify(
                Object.entries(sessionStorage).filter(([key]) => key.includes('activity')))";
            page.script(script, vec![]).await.to_string()
        };
        let text = stored().await;
        assert!(
            text.contains(user.as_str()) && text.contains(&url),
            "{text}"
        );
        assert!(!text.contains("a-secret-of-mine"), "{text}");
        let token = page
            .script(
                "const key = Object.keys(sessionStorage).find((key) =>
                    key.startsWith('synapse-admin.session '));
                return JSON.parse(sessionStorage[key]).access_token",
                vec![],
            )
            .await;
        assert!(!text.contains(token.as_str().unwrap()), "{text}");

        // It is not for whoever signs in next.
        page.button("Log out").click().await;
        page.button("Sign in").appears().await;
        assert_eq!(stored().await, "\"[]\"");
        page.sign_in(&url).await;
        page.link("Activity").click().await;
        page.sees("Nothing has been changed yet").await;
    })
    .await;
}

/// The browser tells of the closing of a dialog a moment later. On a busy machine people are faster.
#[tokio::test]
async fn a_dialog_that_is_wanted_again_at_once_stays() {
    journey(Options::default(), async |page: &Page| {
        page.sign_in(&stage().synapse.url()).await;
        page.open("/registration_tokens").await;
        let opener = page.button("Create token").first();
        opener.click().await;
        let dialog = page.dialog("Create token");
        dialog.appears().await;
        let at_once = "return (async () => {
            const dialog = document.querySelector('dialog[open]');
            const told = new Promise((done) => dialog.addEventListener('close', done, {once: true}));
            const opener = [...document.querySelectorAll('main button')]
                .find((button) => button.textContent.trim() === 'Create token' && !dialog.contains(button));
            dialog.querySelector('.dialog-close').click();
            for (let turns = 0; turns < 1000 && dialog.open; turns += 1) { await null; }
            const isClosed = !dialog.open;
            opener.click();
            await told;
            const frame = () => new Promise(requestAnimationFrame);
            await frame();
            await frame();
            return isClosed;
        })()";
        assert_eq!(page.script(at_once, vec![]).await, true);
        let is_open = "return !!document.querySelector('dialog[open]:modal .dialog-body')";
        page.until("it is open again", async || {
            page.script(is_open, vec![]).await == true
        })
        .await;
        dialog.field("Token").fill("again").await;
        page.press(thirtyfour::Key::Escape + "").await;
        dialog.goes().await;

        // Beside it, and with the keyboard, it closes as ever, and opens again.
        opener.click().await;
        dialog.appears().await;
        let beside = "
            const dialog = document.querySelector('dialog[open]');
            dialog.dispatchEvent(new PointerEvent('pointerdown', {bubbles: true}))";
        page.script(beside, vec![]).await;
        dialog.goes().await;
        opener.click().await;
        dialog.appears().await;
        page.press(thirtyfour::Key::Escape + "").await;
        dialog.goes().await;
    })
    .await;
}

/// What stands in the address is also what is marked where there is no room for all tabs.
#[tokio::test]
async fn the_tab_of_an_address_is_in_sight_on_a_phone() {
    journey(Options::phone(), async |page: &Page| {
        page.sign_in(&stage().synapse.url()).await;
        let alice = stage().user(people::ALICE);
        page.open(&format!("/users/{}?tab=media", encoded(alice.as_str())))
            .await;
        let place = "
            const tab = document.querySelector('.tab[aria-current=page]');
            if (!tab) return null;
            const { left, right } = tab.getBoundingClientRect();
            return tab.textContent + ' ' + (left >= 0 && right <= innerWidth)";
        page.until("the tab is in sight", async || {
            let place = page.script(place, vec![]).await;
            let place = place.as_str().unwrap_or_default().to_owned();
            place.starts_with("Media") && place.ends_with("true")
        })
        .await;
    })
    .await;
}
