//! The page of settings: what holds in this browser, and what the administrator sees with any
//! client.

use journeys::browser::{Options, Page, journey, stage};
use journeys::server::server;
use serde_json::json;
use std::time::Duration;
use synapse_admin::api::UserId;
use synapse_admin::api::account_data::{self, AdminSwitch, AdminView};
use synapse_admin::api::server::Feature;
use xtask::proxy::{Fault, Rule};
use xtask::world::ADMIN_PASSWORD;

/// What the server keeps for an administrator; `None` if there has never been anything.
async fn kept(admin: &UserId) -> Option<AdminView> {
    let client = stage().maker.act_as(admin).await.unwrap();
    client.run(&account_data::admin_view(admin)).await.ok()
}

async fn the_page(options: Options, name: &str) {
    let has_view = stage().maker.capabilities().has(Feature::AdminView);
    journey(options, async |page: &Page| {
        let admin = server().fresh_admin(name).await;
        // There have never been any switches.
        page.allows_complaint(&["admin_client_config", "status of 404"]);
        let proxy = page.proxy_before(stage().synapse.config().port);
        page.sign_in_at("/settings", &admin, ADMIN_PASSWORD, &proxy.url())
            .await;
        page.heading("Settings").appears().await;
        page.css("main .skeleton").goes().await;
        page.sees(concat!("Synapse Admin ", env!("CARGO_PKG_VERSION")))
            .await;
        page.picture(name).await;
        page.is_accessible().await;
        page.fits_sideways().await;
        if has_view {
            let soft_failed = page.checkbox_like("Soft-failed events");
            let spam = page.checkbox_like("Events flagged as spam");
            let are = async |wanted: (bool, bool)| {
                page.until("the server keeps them", async || {
                    kept(&admin).await.is_some_and(|kept| {
                        (kept.shows_spam(), kept.return_soft_failed_events) == wanted
                    })
                })
                .await;
            };
            spam.tick(true).await;
            are((true, false)).await;
            spam.tick(false).await;
            are((false, false)).await;
            // Both at once: the second does not wait until the server has kept the first.
            let path = "/_matrix/client/v3/user/*/account_data/*";
            proxy.add(Rule::new("PUT", path, Fault::Delay(Duration::from_secs(1))));
            spam.click().await;
            soft_failed.click().await;
            are((true, true)).await;
            page.reload().await;
            page.until("both are on", async || {
                soft_failed.is_ticked().await && spam.is_ticked().await
            })
            .await;
        } else {
            page.sees("Needs Synapse 1.135.0").await;
        }
        // What holds in this browser: lists follow, and what they remember is forgotten.
        page.checkbox_like("Low rows in lists").tick(true).await;
        page.script(
            "localStorage.setItem('synapse-admin.list-columns.users', 'admin');
             localStorage.setItem('synapse-admin.list-order.rooms', 'topic')",
            vec![],
        )
        .await;
        page.open("/users").await;
        page.css("[data-density=compact]").first().appears().await;
        page.open("/settings").await;
        page.button("Forget: Columns of lists").click().await;
        let left = page
            .script(
                "return Object.keys(localStorage).filter((key) => /list-(columns|order)/.test(key))",
                vec![],
            )
            .await;
        assert_eq!(left, json!([]));
        // Where there is nothing it is said, and there is nothing to press.
        page.sees("Columns of lists Nothing is remembered.").await;
        page.button("Forget: Columns of lists").counts(0).await;
    })
    .await;
}

#[tokio::test]
async fn a_switch_that_is_so_already_is_not_taken_back() {
    if !stage().maker.capabilities().has(Feature::AdminView) {
        return;
    }
    journey(Options::default(), async |page: &Page| {
        let admin = server().fresh_admin("settings-already").await;
        page.allows_complaint(&["admin_client_config", "status of 404"]);
        let homeserver = stage().synapse.url();
        page.sign_in_at("/settings", &admin, ADMIN_PASSWORD, &homeserver)
            .await;
        let spam = page.checkbox_like("Events flagged as spam");
        spam.appears().await;
        let client = stage().maker.act_as(&admin).await.unwrap();
        let on = AdminView::default().with(AdminSwitch::Spam, true);
        let turn = account_data::set_admin_view(&admin, &on);
        client.run(&turn).await.unwrap();
        let is_on = async || kept(&admin).await.is_some_and(|kept| kept.shows_spam());

        // Another tab was faster.
        spam.click().await;
        let toast = page.css(".toast");
        toast.says("nothing would change").await;
        assert!(!toast.button("Undo").exists().await);
        page.until("the page shows it", async || spam.is_ticked().await)
            .await;
        assert!(is_on().await);
        // What this page has turned, it turns back.
        spam.click().await;
        page.until("it is off", async || !is_on().await).await;
        page.button("Undo").click().await;
        page.until("it is on again", is_on).await;
    })
    .await;
}

#[tokio::test]
async fn what_one_sees_and_how() {
    the_page(Options::default(), "settings").await;
}

#[tokio::test]
async fn what_one_sees_and_how_on_a_phone() {
    the_page(Options::phone(), "settings-phone").await;
}
