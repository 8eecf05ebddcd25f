//! What an account can do by the server's configuration: approval of new accounts, accounts that
//! expire, notices that are not set up; and keys that a user has lost.

use journeys::browser::{Options, Page, journey, stage};
use journeys::server::own_server_with;
use serde_json::json;
use synapse_admin::api::encode::encoded;
use synapse_admin::api::server::Feature;
use synapse_admin::api::users::{self, UserChange};
use synapse_admin::api::{Request, UserId, notices};

async fn security(page: &Page, user: &UserId) {
    page.open(&format!("/users/{}?tab=security", encoded(user.as_str())))
        .await;
    page.button("Reset password").appears().await;
}

#[tokio::test]
async fn approval_expiry_and_notices_as_configured() {
    let settings = json!({
        "experimental_features": {"msc3866": {
            "enabled": true, "require_approval_for_new_accounts": false
        }},
        "account_validity": {"enabled": true, "period": "6w"},
        "server_notices": null,
    });
    let server = own_server_with("settings", settings.as_object().unwrap().clone());
    let maker = &server.maker;
    journey(Options::default(), async |page: &Page| {
        let waiting = maker.make_fresh_user("newcomer").await.unwrap();
        let later = UserChange {
            approved: Some(false),
            ..Default::default()
        };
        maker
            .admin()
            .run(&users::put(&waiting, &later))
            .await
            .unwrap();
        page.allows_complaint(&["send_server_notice"]);
        page.sign_in(&server.synapse.url()).await;

        // Whose account is older than approval does not wait, though the list of the server says
        // "not approved" of them.
        let old = maker.make_fresh_user("newcomer-of-old").await.unwrap();
        let forget = format!("UPDATE users SET approved = NULL WHERE name = '{old}'");
        maker.database().query(&forget).unwrap();

        // Found by the filter, approved from there.
        page.open("/users?waiting=true&q=newcomer").await;
        page.row(waiting.as_str()).first().appears().await;
        assert_eq!(page.row(old.as_str()).count().await, 0);
        page.checkbox("Select all on this page").tick(true).await;
        page.css(".bulk-bar").button("Actions").click().await;
        page.css("[popover]").button("Approve").click().await;
        let title = format!("Approve {waiting}");
        page.dialog(&format!("{title}?"))
            .button(&title)
            .click()
            .await;
        page.until("the account is approved", async || {
            let found = maker.admin().run(&users::get(&waiting)).await.unwrap();
            found.user.approved == Some(true)
        })
        .await;

        // Its end is set.
        security(page, &waiting).await;
        page.button("Account validity").click().await;
        let dialog = page.dialog("Account validity");
        dialog.field("Valid until").set("2031-05-06T07:08").await;
        page.is_accessible().await;
        dialog.button("Save").click().await;
        let expiry =
            format!("SELECT expiration_ts_ms FROM account_validity WHERE user_id = '{waiting}'");
        page.until("the expiry is set", async || {
            let rows = maker.database().query(expiry.as_str()).unwrap();
            let found = rows.first().and_then(|row| row[0].as_i64());
            // That day, in any time zone.
            found.is_some_and(|at| (1_935_700_000_000..1_935_950_000_000).contains(&at))
        })
        .await;

        // Notices are not set up, and the page says so before anything is written.
        page.allows_complaint(&["send_server_notice", "400"]);
        let off = maker.admin().run(&notices::probe()).await.unwrap_err();
        assert_eq!(notices::is_set_up(&off), Some(false), "{off:?}");
        page.open(&format!("/users?q={}", waiting.localpart()))
            .await;
        page.row(waiting.as_str()).first().appears().await;
        page.checkbox("Select all on this page").tick(true).await;
        page.css(".bulk-bar").button("Actions").click().await;
        page.css("[popover]")
            .button("Send server notice")
            .click()
            .await;
        let title = format!("Send a notice to {waiting}");
        let dialog = page.dialog(&format!("{title}?"));
        dialog.says("has no section server_notices").await;
        dialog.field("Message").fill("Hello\nthere").await;
        dialog.button(&title).is_unusable().await;
        page.is_accessible().await;
    })
    .await;
}

#[tokio::test]
async fn lost_keys_may_be_replaced() {
    let lack = stage()
        .maker
        .capabilities()
        .lack(Feature::CrossSigningReset);
    assert_eq!(lack, None, "all servers that are tested here have it");
    journey(Options::default(), async |page: &Page| {
        let maker = &stage().maker;
        let user = maker.make_fresh_user("keyless").await.unwrap();
        page.allows_complaint(&["status of 404"]);
        page.sign_in(&stage().synapse.url()).await;
        security(page, &user).await;
        page.button("Allow new cross-signing keys").click().await;
        page.sees("The user has no cross-signing keys").await;
        let client = maker.act_as(&user).await.unwrap();
        let keys = json!({"master_key": {
            "user_id": user, "usage": ["master"],
            "keys": {"ed25519:base64+master+public+key": "base64+master+public+key"}
        }});
        let upload =
            Request::<serde_json::Value>::post("/_matrix/client/v3/keys/device_signing/upload");
        if client.run(&upload.json(&keys)).await.is_err() {
            // Old servers want the user's password for the first keys as well.
            return;
        }
        page.button("Allow new cross-signing keys").click().await;
        page.sees("Allowed until").await;
    })
    .await;
}
