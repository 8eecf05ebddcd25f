//! Making a user, and changing one: what is typed is kept, what is refused is said at its field,
//! what is not saved is not lost.

use crate::config::{options, panel};
use journeys::browser::{Options, Page, journey, stage};
use serde_json::json;
use synapse_admin::api::encode::encoded;
use synapse_admin::api::users::{self, ExternalId, Threepid, UserChange, UserDetail};
use synapse_admin::api::{UserId, login};
use xtask::proxy::{Fault, Rule};

async fn detail(user: &UserId) -> UserDetail {
    stage().run(&users::get(user)).await
}

async fn overview(page: &Page, user: &UserId) {
    page.open(&format!("/users/{}", encoded(user.as_str())))
        .await;
    page.field("Display name").appears().await;
}

#[tokio::test]
async fn a_new_user() {
    journey(Options::default(), async |page: &Page| {
        let maker = stage().maker;
        let name = maker.fresh_localpart("newcomer");
        let user = maker.user(&name);
        page.allows_complaint(&["username_available"]);
        // Nobody's address.
        page.allows_complaint(&["/threepid/", "status of 404"]);
        page.sign_in(&stage().synapse.url()).await;
        page.open("/users").await;
        page.link("Create user").click().await;
        page.is_at("/create_user").await;
        page.is_accessible().await;
        page.button("Create user").click().await;
        page.sees("Enter a username.").await;
        page.field("Username").fill("Not Allowed").await;
        page.sees("Only a–z").await;
        // It is made of what is allowed, and refused all the same.
        page.field("Username").fill("_bridged").await;
        page.sees("IDs that begin with _ are for application services.")
            .await;
        page.no_longer_sees("Only a–z").await;
        page.field("Username").fill("admin").await;
        page.sees("admin is already taken.").await;
        // A whole ID names the same account.
        page.field("Username").fill(user.as_str()).await;
        page.sees(&format!("{user} is available.")).await;
        page.no_longer_sees(&format!("@{user}")).await;
        page.field("Username").fill(&name).await;
        page.sees(&format!("{user} is available.")).await;
        page.field("Display name").fill("Jane <b>Doe</b>").await;
        page.field("E-mail addresses").fill("nonsense").await;
        page.button("Create user").click().await;
        page.sees("nonsense: This is not an e-mail address.").await;
        let email = format!("{name}@example.org");
        page.field("E-mail addresses").fill(&email).await;
        let password = page.field("Password").value().await;
        page.button("Create user").click().await;
        page.heading(&format!("{user} is created")).appears().await;
        page.sees(&password).await;
        page.is_accessible().await;
        let made = detail(&user).await;
        assert_eq!(made.user.displayname.as_deref(), Some("Jane <b>Doe</b>"));
        assert_eq!(made.threepids[0].address, email);
        assert!(!made.user.admin);
        stage().run(&login::with_password(&user, &password)).await;
        page.link("Open the account").click().await;
        page.heading("Jane <b>Doe</b>").appears().await;
    })
    .await;
}

#[tokio::test]
async fn an_account_that_exists_is_never_changed() {
    journey(Options::default(), async |page: &Page| {
        let maker = stage().maker;
        let name = maker.fresh_localpart("racer");
        let proxy = page.proxy();
        page.allows_complaint(&["status of 400"]);
        page.sign_in(&proxy.url()).await;
        page.open("/create_user").await;
        page.field("Username").fill(&name).await;
        page.sees("is available.").await;
        // Somebody else is quicker.
        let change = UserChange {
            password: Some("theirs".into()),
            displayname: Some("Theirs".into()),
            ..Default::default()
        };
        let user = maker.make_user(&name, &change).await.unwrap();
        page.field("Display name").fill("Mine").await;
        page.button("Create user").click().await;
        page.sees(&format!("{name} is already taken.")).await;
        assert_eq!(page.field("Display name").value().await, "Mine");
        assert_eq!(
            detail(&user).await.user.displayname.as_deref(),
            Some("Theirs")
        );
        stage().run(&login::with_password(&user, "theirs")).await;
    })
    .await;
}

#[tokio::test]
async fn a_profile_is_changed() {
    journey(Options::default(), async |page: &Page| {
        let user = stage().maker.make_fresh_user("profile").await.unwrap();
        let proxy = page.proxy();
        page.sign_in(&proxy.url()).await;
        overview(page, &user).await;
        page.button("Save").is_unusable().await;
        page.field("Display name").fill("First").await;
        page.sees("Changed, not saved").await;
        page.button("Discard changes").click().await;
        page.no_longer_sees("Changed, not saved").await;
        page.field("Display name").fill("  Second ").await;
        page.button("Save").click().await;
        page.heading("Second").appears().await;
        assert_eq!(
            detail(&user).await.user.displayname.as_deref(),
            Some("Second")
        );
        // Only what was changed is sent.
        let sent = proxy.seen_of("PUT", "/_synapse/admin/v2/users/*");
        assert_eq!(sent.len(), 1);
        page.field("Type").choose("Bot").await;
        page.button("Save").click().await;
        page.until("it is a bot", async || {
            detail(&user).await.user.user_type.as_deref() == Some("bot")
        })
        .await;
        page.is_accessible().await;
    })
    .await;
}

#[tokio::test]
async fn what_is_refused_stays_typed() {
    journey(Options::default(), async |page: &Page| {
        let user = stage().maker.make_fresh_user("refused").await.unwrap();
        let proxy = page.proxy();
        page.allows_complaint(&["status of 400"]);
        page.sign_in(&proxy.url()).await;
        overview(page, &user).await;
        let broken = proxy.add(Rule::new(
            "PUT",
            "/_synapse/admin/v2/users/*",
            Fault::matrix(
                400,
                r#"{"errcode":"M_INVALID_PARAM","error":"Displayname is too long (max 256)"}"#,
            ),
        ));
        page.field("Display name").fill("Much too long").await;
        page.button("Save").click().await;
        page.sees("Displayname is too long").await;
        assert_eq!(page.field("Display name").value().await, "Much too long");
        proxy.remove(broken);
        page.button("Save").click().await;
        page.heading("Much too long").appears().await;
    })
    .await;
}

#[tokio::test]
async fn leaving_with_something_unsaved_asks() {
    journey(Options::default(), async |page: &Page| {
        let user = stage().maker.make_fresh_user("unsaved").await.unwrap();
        page.sign_in(&stage().synapse.url()).await;
        page.open("/users").await;
        overview(page, &user).await;
        page.field("Display name").fill("Precious").await;
        let question = page.dialog("Leave without saving?");
        // A tab, a link of the navigation, the back button.
        page.link("Security").click().await;
        question.appears().await;
        page.is_accessible().await;
        question.button("Cancel").click().await;
        question.goes().await;
        assert_eq!(page.field("Display name").value().await, "Precious");
        page.link("Activity").click().await;
        question.button("Cancel").click().await;
        question.goes().await;
        page.back().await;
        question.appears().await;
        question.button("Cancel").click().await;
        question.goes().await;
        assert_eq!(page.field("Display name").value().await, "Precious");
        page.link("Activity").click().await;
        question.button("Leave without saving").click().await;
        page.heading("Activity").appears().await;
        assert_ne!(
            detail(&user).await.user.displayname.as_deref(),
            Some("Precious")
        );
        // Without changes nobody is asked.
        overview(page, &user).await;
        page.link("Security").click().await;
        page.is_at(&format!("/users/{}?tab=security", user)).await;
        page.button("Reset password").appears().await;
    })
    .await;
}

#[tokio::test]
async fn there_and_back() {
    journey(Options::default(), async |page: &Page| {
        let user = stage().maker.make_fresh_user("back").await.unwrap();
        page.sign_in(&stage().synapse.url()).await;
        for _ in 0..2 {
            overview(page, &user).await;
            page.link("Security").click().await;
            page.button("Reset password").appears().await;
            page.link("Activity").click().await;
            page.heading("Activity").appears().await;
        }
    })
    .await;
}

#[tokio::test]
async fn a_picture_comes_and_goes() {
    journey(Options::default(), async |page: &Page| {
        let user = stage().maker.make_fresh_user("pictured").await.unwrap();
        page.sign_in(&stage().synapse.url()).await;
        overview(page, &user).await;
        let text = page.file("notes.txt", "not a picture");
        page.field("Picture").upload(&text).await;
        page.sees("notes.txt is not a picture that can be shown.")
            .await;
        let picture = page.file("face.jpg", include_bytes!("../xtask/src/world/photo.jpg"));
        page.field("Picture").upload(&picture).await;
        page.until("the picture is set", async || {
            let uri = detail(&user).await.user.avatar_url;
            uri.is_some_and(|uri| uri.starts_with("mxc://"))
        })
        .await;
        page.button("Remove picture").click().await;
        page.until("the picture is gone", async || {
            let uri = detail(&user).await.user.avatar_url;
            uri.is_none_or(|uri| uri.is_empty())
        })
        .await;
    })
    .await;
}

#[tokio::test]
async fn what_is_chosen_last_is_the_picture() {
    journey(Options::default(), async |page: &Page| {
        let user = stage().maker.make_fresh_user("choosy").await.unwrap();
        let picture = async || detail(&user).await.user.avatar_url.unwrap_or_default();
        let proxy = page.proxy();
        page.sign_in(&proxy.url()).await;
        overview(page, &user).await;
        let file = |name: &str| page.file(name, include_bytes!("../xtask/src/world/photo.jpg"));
        let upload = "/_matrix/media/v3/upload*";
        let uploaded = async |count: usize| {
            page.until("the upload is under way", async || {
                proxy.count("POST", upload) == count
            })
            .await;
        };

        // The first upload takes longer than the second.
        let held = proxy.add(Rule::new("POST", upload, Fault::AnswerHeld).times(1));
        page.field("Picture").upload(&file("first.jpg")).await;
        uploaded(1).await;
        page.field("Picture").upload(&file("second.jpg")).await;
        page.until("the second is set", async || {
            picture().await.starts_with("mxc://")
        })
        .await;
        let second = picture().await;
        page.no_longer_sees("Uploading …").await;
        proxy.remove(held);
        page.until("the first is answered", async || {
            proxy.is_answered("POST", upload)
        })
        .await;

        // Nor does an upload undo that the picture is removed.
        let held = proxy.add(Rule::new("POST", upload, Fault::AnswerHeld).times(1));
        page.field("Picture").upload(&file("third.jpg")).await;
        uploaded(3).await;
        assert_eq!(picture().await, second);
        page.button("Remove picture").click().await;
        page.until("the picture is gone", async || picture().await.is_empty())
            .await;
        proxy.remove(held);
        page.until("the third is answered", async || {
            proxy.is_answered("POST", upload)
        })
        .await;
        page.button("Remove picture").goes().await;
        // Had the answers done anything, it would be done before this is.
        page.field("Display name").fill("Faceless").await;
        page.button("Save").click().await;
        page.heading("Faceless").appears().await;
        assert_eq!(proxy.count("PUT", "/_synapse/admin/v2/users/*"), 3);
        assert_eq!(picture().await, "");
    })
    .await;
}

#[tokio::test]
async fn a_new_user_takes_no_address_without_a_word() {
    journey(Options::default(), async |page: &Page| {
        let maker = stage().maker;
        let owner = maker.make_fresh_user("owner").await.unwrap();
        let mail = format!("{}@example.org", owner.localpart());
        let identity = ExternalId {
            auth_provider: "oidc-test".into(),
            external_id: owner.localpart().into(),
        };
        let change = UserChange {
            threepids: Some(vec![Threepid {
                medium: "email".into(),
                address: mail.clone(),
            }]),
            external_ids: Some(vec![identity]),
            ..Default::default()
        };
        stage().run(&users::put(&owner, &change)).await;
        let name = maker.fresh_localpart("taker");
        let user = maker.user(&name);
        page.allows_complaint(&["status of 404"]);
        page.allows_complaint(&["username_available"]);
        let proxy = page.proxy();
        page.sign_in(&proxy.url()).await;
        page.open("/create_user").await;
        page.field("Username").fill(&name).await;
        page.sees(&format!("{user} is available.")).await;

        // The server would refuse an identity once the account is there.
        let identities = page.field("Single sign-on");
        identities
            .fill(&format!("oidc-test:{}", owner.localpart()))
            .await;
        page.button("Create user").click().await;
        page.sees(&format!("{} belongs to {owner}.", owner.localpart()))
            .await;
        identities.fill("").await;

        // An address it would move: that is asked, and nothing is sent before.
        page.field("E-mail addresses").fill(&mail).await;
        page.button("Create user").click().await;
        let question = page.dialog(&format!("Take {mail} from another account?"));
        question.says(owner.as_str()).await;
        question.says(user.as_str()).await;
        page.is_accessible().await;
        question.button("Cancel").click().await;
        assert_eq!(proxy.count("PUT", "/_synapse/admin/*"), 0);
        assert_eq!(detail(&owner).await.threepids.len(), 1);

        page.button("Create user").click().await;
        page.dialog(&format!("Take {mail} from another account?"))
            .button("Move the address")
            .click()
            .await;
        page.heading(&format!("{user} is created")).appears().await;
        assert_eq!(detail(&user).await.threepids[0].address, mail);
        assert!(detail(&owner).await.threepids.is_empty());

        // An old server cannot say whose an address is, and the question says so.
        proxy.add(Rule::new(
            "GET",
            "/_synapse/admin/v1/threepid/*",
            Fault::matrix(
                404,
                r#"{"errcode":"M_UNRECOGNIZED","error":"Unrecognized request"}"#,
            ),
        ));
        page.button("Create another").click().await;
        let name = maker.fresh_localpart("taker");
        page.field("Username").fill(&name).await;
        page.field("E-mail addresses")
            .fill(&format!("{name}@example.org"))
            .await;
        page.button("Create user").click().await;
        let question = page.dialog("Add an address that somebody else may have?");
        question.says("This server cannot say").await;
        question.button("Go on").click().await;
        page.heading(&format!("{} is created", maker.user(&name)))
            .appears()
            .await;
    })
    .await;
}

/// Before 1.99 a server that takes passwords wants one of whoever comes back.
#[tokio::test]
async fn who_comes_back_to_an_old_server_gets_a_password_that_opens_nothing() {
    let panel = panel(&json!({"externalAuthProvider": true}));
    journey(options(&panel, None), async |page: &Page| {
        let gone = stage().maker.make_fresh_user("reactivated").await.unwrap();
        stage().run(&users::deactivate(&gone, false)).await;
        let proxy = page.proxy();
        proxy.add(Rule::new(
            "GET",
            "/_synapse/admin/v1/server_version",
            Fault::matrix(200, r#"{"server_version":"1.98.0"}"#),
        ));
        page.sign_in(&proxy.url()).await;
        page.open(&format!("/users/{}?tab=security", encoded(gone.as_str())))
            .await;
        page.button("Reactivate").click().await;
        let question = page.dialog(&format!("Reactivate {gone}?"));
        let each = question.checkbox_like("new password");
        assert!(each.is_ticked().await);
        each.is_unusable().await;
        question.button(&format!("Reactivate {gone}")).click().await;
        page.until("it is there again", async || {
            !detail(&gone).await.user.deactivated
        })
        .await;
        let sent = proxy.seen_of("PUT", "/_synapse/admin/v2/users/*");
        let sent = sent.last().unwrap();
        assert!(String::from_utf8_lossy(&sent.body).contains("password"));
    })
    .await;
}

#[tokio::test]
async fn where_passwords_are_switched_off_none_is_made() {
    journey(Options::default(), async |page: &Page| {
        let gone = stage().maker.make_fresh_user("reactivated").await.unwrap();
        stage().run(&users::deactivate(&gone, false)).await;
        let proxy = page.proxy();
        page.sign_in(&proxy.url()).await;
        page.row("@").first().appears().await;
        proxy.add(Rule::new(
            "GET",
            "/_matrix/client/v3/login",
            Fault::matrix(200, r#"{"flows":[{"type":"m.login.sso"}]}"#),
        ));
        // Where there are no passwords somebody else may keep the accounts.
        page.allows_complaint(&["auth_metadata", "status of 404"]);
        page.open("/create_user").await;
        page.reload().await;
        page.field("Username").appears().await;
        page.until("no password is wanted", async || {
            page.checkbox_like("No password").is_ticked().await
        })
        .await;
        page.field("Password").is_unusable().await;
        page.checkbox_like("No password").is_unusable().await;

        // Who comes back gets none either. Before 1.99 the server wanted one.
        if !stage().maker.capabilities().since(99) {
            return;
        }
        page.open(&format!("/users/{}?tab=security", encoded(gone.as_str())))
            .await;
        page.sees("No password can be set at this server").await;
        page.button("Reactivate").click().await;
        page.css("dialog[open]").says("Reactivate").await;
        assert!(!page.text().await.contains("new password"));
        page.css("dialog[open] .dialog-actions")
            .button_like("Reactivate")
            .click()
            .await;
        page.until("it is there again", async || {
            !detail(&gone).await.user.deactivated
        })
        .await;
        let sent = proxy.seen_of("PUT", "/_synapse/admin/v2/users/*");
        assert!(!sent.is_empty());
        for request in sent {
            assert!(!String::from_utf8_lossy(&request.body).contains("password"));
        }
        assert!(!page.text().await.contains("The new passwords are"));
    })
    .await;
}

#[tokio::test]
async fn addresses_come_and_go() {
    journey(Options::default(), async |page: &Page| {
        let maker = stage().maker;
        let user = maker.make_fresh_user("addressed").await.unwrap();
        let other = maker.make_fresh_user("owner").await.unwrap();
        let taken = format!("{}@example.org", other.localpart());
        let change = UserChange {
            threepids: Some(vec![Threepid {
                medium: "email".into(),
                address: taken.clone(),
            }]),
            ..Default::default()
        };
        stage().run(&users::put(&other, &change)).await;
        page.allows_complaint(&["status of 404"]);
        page.sign_in(&stage().synapse.url()).await;
        overview(page, &user).await;
        let add = async |kind: &str, address: &str| {
            page.button("Add address").first().click().await;
            let dialog = page.dialog("Add address");
            dialog.field("Kind").choose(kind).await;
            dialog.field("Address").fill(address).await;
            dialog.button("Add address").click().await;
        };
        add(
            "E-mail",
            &format!(
                "Jane@{}.example.org",
                user.localpart().replace(['.', '_'], "-")
            ),
        )
        .await;
        page.until("the address is there", async || {
            detail(&user).await.threepids.len() == 1
        })
        .await;
        assert!(
            detail(&user).await.threepids[0]
                .address
                .starts_with("jane@")
        );
        // Another account's is not taken without a word.
        add("E-mail", &taken).await;
        let question = page.dialog(&format!("Take {taken} from another account?"));
        question.says(other.as_str()).await;
        question.button("Cancel").click().await;
        assert_eq!(detail(&other).await.threepids.len(), 1);
        // Undo gives it back to whom it was taken from.
        add("E-mail", &taken).await;
        let question = page.dialog(&format!("Take {taken} from another account?"));
        question.button("Move the address").click().await;
        page.until("the address is moved", async || {
            detail(&other).await.threepids.is_empty()
        })
        .await;
        // Until then the last message is that of the job before.
        page.sees(&format!("Add {taken}: Finished")).await;
        page.css(".toast").nth(-1).button("Undo").click().await;
        page.until("the address is back", async || {
            detail(&other).await.threepids.len() == 1 && detail(&user).await.threepids.len() == 1
        })
        .await;
        page.sees(&format!("Give {taken} back to {other}")).await;

        page.button("Add address").first().click().await;
        let dialog = page.dialog("Add address");
        dialog.field("Kind").choose("Single sign-on").await;
        dialog.field("Provider").fill("oidc-test").await;
        dialog
            .field("ID at the provider")
            .fill(user.localpart())
            .await;
        dialog.button("Add address").click().await;
        let wanted = ExternalId {
            auth_provider: "oidc-test".into(),
            external_id: user.localpart().into(),
        };
        page.until("the identity is there", async || {
            detail(&user).await.external_ids == [wanted.clone()]
        })
        .await;
        page.button(&format!("Remove oidc-test: {}", user.localpart()))
            .click()
            .await;
        page.until("the identity is gone", async || {
            detail(&user).await.external_ids.is_empty()
        })
        .await;
        assert_eq!(detail(&user).await.threepids.len(), 1);
    })
    .await;
}

#[tokio::test]
async fn an_address_under_way_is_not_said_to_be_cancelled() {
    journey(Options::default(), async |page: &Page| {
        let user = stage().maker.make_fresh_user("addressed").await.unwrap();
        page.allows_complaint(&["status of 404"]);
        let proxy = page.proxy();
        page.sign_in(&proxy.url()).await;
        overview(page, &user).await;
        let owner = "/_synapse/admin/v1/threepid/*";
        let held = proxy.add(Rule::new("GET", owner, Fault::Held));
        page.button("Add address").first().click().await;
        let dialog = page.dialog("Add address");
        let address = format!("{}@example.org", user.localpart());
        dialog.field("Address").fill(&address).await;
        dialog.button("Add address").click().await;
        dialog.button("Cancel").is_unusable().await;
        proxy.remove(held);
        dialog.goes().await;
        page.until("the address is there", async || {
            detail(&user).await.threepids.len() == 1
        })
        .await;
    })
    .await;
}
