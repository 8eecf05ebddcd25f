//! The tabs of a user's page, each with its effect on the server.

use journeys::browser::acting::{agree, leave_the_only_room};
use journeys::browser::{Options, Page, journey, stage};
use journeys::server::own_server_with;
use serde_json::{Value, json};
use synapse_admin::api::encode::encoded;
use synapse_admin::api::experimental;
use synapse_admin::api::rate_limit::{self, RateLimit};
use synapse_admin::api::server::Feature;
use synapse_admin::api::users::{self, UserChange};
use synapse_admin::api::{Request, UserId, devices, login, whois};
use thirtyfour::Key;
use xtask::proxy::{Fault, Rule};
use xtask::world::{ADMIN_PASSWORD, people};

async fn somebody(prefix: &str, password: Option<&str>) -> UserId {
    let change = UserChange {
        password: password.map(str::to_owned),
        ..Default::default()
    };
    let maker = stage().maker;
    let localpart = maker.fresh_localpart(prefix);
    maker.make_user(&localpart, &change).await.unwrap()
}

async fn open(page: &Page, user: &UserId, tab: &str) {
    page.open(&format!("/users/{}?tab={tab}", encoded(user.as_str())))
        .await;
}

fn has(feature: Feature) -> bool {
    stage().maker.capabilities().has(feature)
}

fn names(page: &Page) -> journeys::browser::Locator<'_> {
    page.css("tbody th[role=rowheader]")
}

#[tokio::test]
async fn devices_are_renamed_and_logged_out() {
    journey(Options::default(), async |page: &Page| {
        let user = somebody("gadgets", Some("secret-enough")).await;
        let mut sessions = Vec::new();
        for _ in 0..3 {
            sessions.push(
                stage()
                    .run(&login::with_password(&user, "secret-enough"))
                    .await,
            );
        }
        let first = sessions[0].device_id.clone().unwrap();
        stage()
            .run(&devices::rename(
                &user,
                &first,
                "<img src=x onerror=alert(1)>",
            ))
            .await;
        page.sign_in(&stage().synapse.url()).await;
        open(page, &user, "devices").await;
        names(page).counts(3).await;
        page.sees("<img src=x onerror=alert(1)>").await;
        page.is_accessible().await;

        let row = page.row(&first);
        row.button("Actions").click().await;
        page.css("[popover]").button("Rename").click().await;
        let dialog = page.dialog("Rename");
        dialog.field("Device name").fill("Kitchen").await;
        dialog.button("Save").click().await;
        page.row("Kitchen").appears().await;
        page.button("Undo").click().await;
        page.sees("<img src=x onerror=alert(1)>").await;

        page.row(&first).button("Actions").click().await;
        page.css("[popover]").button("Log out").click().await;
        page.dialog("Log out 1 device?")
            .button("Log out 1 device")
            .click()
            .await;
        names(page).counts(2).await;
        let client = stage().maker.admin().with_token(&sessions[0].access_token);
        // Synapse takes the devices out of the list before their tokens.
        page.until("the token is refused", async || {
            client.run(&login::who_am_i()).await.is_err()
        })
        .await;
        let client = stage().maker.admin().with_token(&sessions[1].access_token);
        assert!(client.run(&login::who_am_i()).await.is_ok());

        page.checkbox("Select all on this page").tick(true).await;
        page.css(".bulk-bar").button("Log out").click().await;
        agree(page, "Log out 2 devices", Some("2")).await;
        page.sees("No sessions").await;

        let add = page.button("Add device");
        if has(Feature::CreateDevices) {
            add.click().await;
            let dialog = page.dialog("Add device");
            dialog.field("Device ID").fill("BRIDGE/1").await;
            dialog.button("Add device").click().await;
            page.row("BRIDGE/1").appears().await;
        } else {
            add.is_unusable().await;
        }
    })
    .await;
}

#[tokio::test]
async fn ones_own_session_is_not_ended() {
    journey(Options::default(), async |page: &Page| {
        let own = journeys::server::server().fresh_admin("owner").await;
        page.sign_in_as(&own, xtask::world::ADMIN_PASSWORD, &stage().synapse.url())
            .await;
        open(page, &own, "devices").await;
        page.sees("This session").await;
        page.checkbox("Select all on this page").tick(true).await;
        page.css(".bulk-bar").button("Log out").click().await;
        page.sees("This is the session in which you work.").await;
        page.reload().await;
        page.sees("This session").await;
    })
    .await;
}

#[tokio::test]
async fn where_it_was_used_and_what_is_kept() {
    journey(Options::default(), async |page: &Page| {
        let user = somebody("keeper", None).await;
        let client = stage().maker.act_as(&user).await.unwrap();
        let path = format!("/_matrix/client/v3/user/{user}/account_data/org.example.hostile");
        let content = json!({"html": "</script><script>alert(1)</script>"});
        client
            .run(&Request::<Value>::put(path, &content))
            .await
            .unwrap();
        let pusher = json!({
            "kind": "http", "app_id": "org.example.app", "app_display_name": "Example App",
            "device_display_name": "Phone", "pushkey": "the-key", "lang": "en",
            "data": {"url": "https://push.example.org/_matrix/push/v1/notify"}
        });
        let set = Request::<Value>::post("/_matrix/client/v3/pushers/set").json(&pusher);
        client.run(&set).await.unwrap();
        page.names_host("push.example.org");

        page.sign_in(&stage().synapse.url()).await;
        open(page, &user, "account_data").await;
        page.css("summary").first().click().await;
        page.sees("</script><script>alert(1)</script>").await;
        page.is_accessible().await;
        page.field("Search types, rooms and contents")
            .fill("nothing-like-it")
            .await;
        page.css("summary").counts(0).await;

        open(page, &user, "pushers").await;
        page.row("Example App").appears().await;
        page.sees("https://push.example.org/_matrix/push/v1/notify")
            .await;
        page.is_accessible().await;

        let admin = stage().maker.user(people::ADMIN);
        // Written down a few seconds after the use.
        page.until("the server knows from where", async || {
            let whois = stage().run(&whois::get(&admin)).await;
            !whois.connections().is_empty()
        })
        .await;
        open(page, &admin, "connections").await;
        page.row("127.0.0.1").first().appears().await;
        page.is_accessible().await;
        let unused = somebody("unused", None).await;
        open(page, &unused, "connections").await;
        page.sees("No connections").await;
        open(page, &unused, "pushers").await;
        page.sees("No notifications are sent anywhere").await;
        open(page, &unused, "devices").await;
        page.sees("No sessions").await;
        open(page, &unused, "rooms").await;
        page.sees("No rooms").await;
    })
    .await;
}

#[tokio::test]
async fn a_room_is_found_by_name_and_entered_first() {
    journey(Options::default(), async |page: &Page| {
        let maker = stage().maker;
        let user = somebody("seeker", None).await;
        let owner = maker.make_fresh_user("closed").await.unwrap();
        let client = maker.act_as(&owner).await.unwrap();
        let name = format!("Closed circle {}", owner.localpart());
        let body = serde_json::json!({"preset": "private_chat", "name": name});
        let room = maker.make_room(&client, &body).await.unwrap();
        page.sign_in(&stage().synapse.url()).await;
        open(page, &user, "rooms").await;
        page.button("Join a room").click().await;
        let dialog = page.dialog("Join a room");
        let field = dialog.field("Room");
        field.fill("no room is called so").await;
        dialog.says("This server does not know such a room.").await;
        // Escape takes the list away, and nothing else.
        field.fill(&name).await;
        dialog.option(&name).appears().await;
        page.press(Key::Escape + "").await;
        dialog.option(&name).counts(0).await;
        field.fill(owner.localpart()).await;
        dialog.option(&name).appears().await;
        page.is_accessible().await;
        page.picture("room-field-found").await;
        page.press(Key::Enter + "").await;
        field.holds(&name).await;
        dialog.says(room.as_str()).await;

        // Who is not in it cannot add anybody: the way on is a button.
        dialog.says("The room is not public").await;
        page.picture("room-field-closed").await;
        dialog.button("Join a room").is_unusable().await;
        page.is_accessible().await;
        dialog
            .button("Make me an admin of it and join")
            .click()
            .await;
        page.until("the administrator is in", async || {
            dialog.button("Join a room").is_enabled().await
        })
        .await;
        dialog.button("Join a room").click().await;
        page.row(&name).appears().await;
        let joined = stage().run(&users::joined_rooms(&user)).await.joined_rooms;
        assert!(joined.contains(&room));
    })
    .await;
}

#[tokio::test]
async fn rooms_are_joined_and_left() {
    journey(Options::default(), async |page: &Page| {
        let user = somebody("roamer", None).await;
        let general = stage().world.room("general").clone();
        page.sign_in(&stage().synapse.url()).await;
        open(page, &user, "rooms").await;
        page.button("Join a room").click().await;
        let dialog = page.dialog("Join a room");
        dialog.field("Room").fill("#general:test.localhost").await;
        dialog.button("Join a room").click().await;
        page.row("General").appears().await;
        page.is_accessible().await;
        let joined = async || stage().run(&users::joined_rooms(&user)).await.joined_rooms;
        assert!(joined().await.contains(&general));
        // The page counts with them.
        let count = page.css("a.tab[href*='tab=rooms'] .tab-count");
        count.says("1").await;

        leave_the_only_room(page).await;
        page.until("the user has left", async || joined().await.is_empty())
            .await;
        count.says("0").await;
        if has(Feature::Memberships) {
            page.row("General").appears().await;
            page.sees("Left").await;
        } else {
            page.sees("Only the rooms that the user is in now.").await;
            page.sees("No rooms").await;
        }
    })
    .await;
}

#[tokio::test]
async fn limits_of_one_account() {
    journey(Options::default(), async |page: &Page| {
        let user = somebody("limited", None).await;
        let limit = async || stage().run(&rate_limit::get(&user)).await.limit();
        page.sign_in(&stage().synapse.url()).await;
        open(page, &user, "limits").await;
        page.sees("The account has the usual limits of this server.")
            .await;
        page.field("Messages per second").fill("x").await;
        page.sees("Enter a whole number, 0 or more.").await;
        page.field("Messages per second").fill("5").await;
        page.field("Burst").fill("20").await;
        page.button("Save").click().await;
        let wanted = RateLimit {
            messages_per_second: 5,
            burst_count: 20,
        };
        page.until("the limit is there", async || limit().await == Some(wanted))
            .await;
        page.sees("The account has its own limit").await;
        page.button("Use the server's limits").click().await;
        page.until("the limit is gone", async || limit().await.is_none())
            .await;
        // Until then the last message is that of the job before.
        page.sees(&format!("Remove the rate limit of {user}: Finished"))
            .await;
        page.button("Undo").nth(-1).click().await;
        page.until("the limit is back", async || limit().await == Some(wanted))
            .await;
        page.is_accessible().await;

        if !has(Feature::ExperimentalFeatures) {
            page.sees("Needs Synapse 1.83.0 or newer").await;
            return;
        }
        page.css("input[role=switch]").nth(1).click().await;
        page.until("it is switched on", async || {
            let found = stage().run(&experimental::get(&user)).await;
            found.features.get("msc3881") == Some(&true)
        })
        .await;
    })
    .await;
}

#[tokio::test]
async fn a_limit_is_saved_as_it_is_typed_and_no_more() {
    journey(Options::default(), async |page: &Page| {
        let user = somebody("bounded", None).await;
        let both = |messages_per_second, burst_count| RateLimit {
            messages_per_second,
            burst_count,
        };
        let limit = async || stage().run(&rate_limit::get(&user)).await.limit();
        stage().run(&rate_limit::set(&user, both(5, 20))).await;
        let proxy = page.proxy();
        page.sign_in(&proxy.url()).await;
        open(page, &user, "limits").await;
        let (rate, burst) = (page.field("Messages per second"), page.field("Burst"));
        rate.holds("5").await;
        page.button("Save").is_unusable().await;
        rate.fill("6").await;
        page.sees("Changed, not saved").await;

        // Somebody else changes the other number meanwhile.
        stage().run(&rate_limit::set(&user, both(5, 30))).await;
        page.button("Save").click().await;
        page.sees("1 left out: changed by somebody else since")
            .await;
        burst.holds("30").await;
        rate.holds("6").await;
        assert_eq!(limit().await, Some(both(5, 30)));
        page.button("Save").click().await;
        page.until("both are kept", async || limit().await == Some(both(6, 30)))
            .await;
        page.no_longer_sees("Changed, not saved").await;

        // What is typed while it is being saved stays.
        let path = format!("/_synapse/admin/v1/users/{user}/override_ratelimit");
        let held = proxy.add(Rule::new("POST", &path, Fault::Held));
        rate.fill("7").await;
        page.button("Save").click().await;
        page.until("it is being saved", async || {
            proxy.count("POST", &path) == 2
        })
        .await;
        burst.fill("40").await;
        proxy.remove(held);
        page.until("it is saved", async || limit().await == Some(both(7, 30)))
            .await;
        page.button("Save").is_usable().await;
        rate.holds("7").await;
        burst.holds("40").await;
        page.sees("Changed, not saved").await;

        // Nor is it lost without a question.
        page.link("Activity").click().await;
        let question = page.dialog("Leave without saving?");
        question.button("Cancel").click().await;
        question.goes().await;
        burst.holds("40").await;
        page.button("Discard changes").click().await;
        burst.holds("30").await;
        page.is_accessible().await;
    })
    .await;
}

#[tokio::test]
async fn a_password_is_reset() {
    journey(Options::default(), async |page: &Page| {
        let user = somebody("forgetful", Some("the-old-one")).await;
        let session = stage()
            .run(&login::with_password(&user, "the-old-one"))
            .await;
        page.sign_in(&stage().synapse.url()).await;
        open(page, &user, "security").await;
        page.button("Reset password").click().await;
        let dialog = page.dialog("Reset password");
        dialog.button("Generate").click().await;
        let password = dialog.field("New password").value().await;
        assert!(password.len() >= 18, "{password}");
        page.is_accessible().await;
        dialog.button("Set password").click().await;
        page.dialog("The password is set").says(&password).await;
        stage().run(&login::with_password(&user, &password)).await;
        let old = stage().maker.admin().with_token(&session.access_token);
        assert!(old.run(&login::who_am_i()).await.is_err());
    })
    .await;
}

#[tokio::test]
async fn a_password_is_shown_wherever_one_is() {
    journey(Options::default(), async |page: &Page| {
        let user = somebody("elsewhere", Some("the-old-one")).await;
        let proxy = page.proxy();
        page.sign_in(&proxy.url()).await;
        open(page, &user, "security").await;
        let path = "/_synapse/admin/v1/reset_password/*";
        let dialog = page.dialog("Reset password");
        let given = page.dialog("The password is set");
        let reset = async |nth: usize| {
            let held = proxy.add(Rule::new("POST", path, Fault::Held));
            page.button("Reset password").click().await;
            dialog.button("Generate").click().await;
            let password = dialog.field("New password").value().await;
            dialog.button("Set password").click().await;
            page.until("it is under way", async || proxy.count("POST", path) == nth)
                .await;
            (held, password)
        };

        // Over what is typed meanwhile, which stays.
        let (held, password) = reset(1).await;
        page.button("Reset password").click().await;
        dialog.field("New password").fill("another-try").await;
        proxy.remove(held);
        given.says(&password).await;
        given.says(user.as_str()).await;
        page.is_accessible().await;
        page.picture("password-given").await;
        // No key takes it away.
        page.press(Key::Escape + "").await;
        given.says(&password).await;
        given.button("Close").click().await;
        given.goes().await;
        dialog.field("New password").holds("another-try").await;
        dialog.button("Cancel").click().await;
        dialog.goes().await;

        // On another page.
        let (held, password) = reset(2).await;
        page.link("Activity").click().await;
        page.heading("Activity").appears().await;
        proxy.remove(held);
        given.says(&password).await;
        given.button("Close").click().await;
        given.goes().await;
        stage().run(&login::with_password(&user, &password)).await;
    })
    .await;
}

#[tokio::test]
async fn what_could_not_be_read_anew_is_said() {
    journey(Options::default(), async |page: &Page| {
        let user = somebody("stale", None).await;
        let proxy = page.proxy();
        page.allows_complaint(&["/_synapse/admin/v2/users/", "status of 500"]);
        page.sign_in(&proxy.url()).await;
        open(page, &user, "security").await;
        let path = "/_synapse/admin/v2/users/*";
        let held = proxy.add(Rule::new("PUT", path, Fault::Held));
        page.button("Lock").click().await;
        let title = format!("Lock {user}");
        page.dialog(&format!("{title}?"))
            .button(&title)
            .click()
            .await;
        page.until("it is under way", async || proxy.count("PUT", path) == 1)
            .await;
        let fails = proxy.add(Rule::new("GET", path, Fault::server_error()));
        proxy.remove(held);
        page.sees(&format!("{title}: Finished")).await;
        page.sees(&format!(
            "What this page shows of {user} may be out of date: it could not be read anew."
        ))
        .await;
        proxy.remove(fails);
    })
    .await;
}

#[tokio::test]
async fn acting_as_a_user_and_revoking_it() {
    journey(Options::default(), async |page: &Page| {
        let user = somebody("puppet", None).await;
        page.sign_in(&stage().synapse.url()).await;
        open(page, &user, "security").await;
        page.button("Log in as this user").click().await;
        let dialog = page.dialog("Log in as this user");
        dialog.button("Get token").click().await;
        dialog.says("It is shown only this once.").await;
        page.is_accessible().await;
        let token = dialog.css("code").text().await;
        let client = stage().maker.admin().with_token(&token);
        assert_eq!(client.run(&login::who_am_i()).await.unwrap().user_id, user);
        dialog.button("Revoke token").click().await;
        dialog.says("The token is revoked").await;
        assert!(client.run(&login::who_am_i()).await.is_err());
        dialog.button("Close").first().click().await;
        // It is in no list of changes.
        page.open("/activity").await;
        page.sees(user.as_str()).await;
        assert!(!page.text().await.contains(&token));

        let own = stage().maker.user(people::ADMIN);
        open(page, &own, "security").await;
        page.sees("You are already logged in as this user.").await;
        page.button("Log in as this user").is_unusable().await;
    })
    .await;
}

#[tokio::test]
async fn every_tab_in_both_themes_and_on_a_phone() {
    for options in [Options::default(), Options::phone()] {
        journey(options, async |page: &Page| {
            let user = stage().maker.user(people::ALICE);
            page.allows_complaint(&["/thumbnail/", "status of 400"]);
            page.sign_in(&stage().synapse.url()).await;
            for dark in [false, true] {
                page.prefer_dark(dark).await;
                for tab in [
                    "",
                    "security",
                    "devices",
                    "connections",
                    "rooms",
                    "pushers",
                    "limits",
                    "account_data",
                ] {
                    open(page, &user, tab).await;
                    page.heading("Alice Example").first().appears().await;
                    page.css("[aria-busy=true]").goes().await;
                    page.is_accessible_as_it_is().await;
                    page.fits_sideways().await;
                }
            }
        })
        .await;
    }
}

#[tokio::test]
async fn until_when_an_account_may_be_used() {
    let limited = json!({"account_validity": {"enabled": true, "period": "6w"}});
    let server = own_server_with("validity", limited.as_object().unwrap().clone());
    journey(Options::default(), async |page: &Page| {
        let maker = &server.maker;
        let user = maker.make_fresh_user("temporary").await.unwrap();
        let admin = UserId::new(people::ADMIN, maker.server());
        page.sign_in_as(&admin, ADMIN_PASSWORD, &server.synapse.url())
            .await;
        open(page, &user, "security").await;
        page.button("Account validity").click().await;
        let dialog = page.dialog("Account validity");
        dialog
            .says("only if the server's configuration limits")
            .await;
        page.is_accessible().await;
        dialog.button("Save").is_unusable().await;
        let day = "2033-05-06T07:08";
        dialog.field("Valid until").set(day).await;
        dialog.button("Save").click().await;
        dialog.goes().await;
        let time = async |day: &str| {
            let script = "return new Date(arguments[0]).getTime()";
            page.script(script, vec![day.into()]).await
        };
        let kept = || {
            let sql =
                format!("SELECT expiration_ts_ms FROM account_validity WHERE user_id = '{user}'");
            let rows = maker.database().query(&sql).unwrap();
            rows.first().map(|row| row[0].clone())
        };
        let until = time(day).await;
        page.until("the server has it", async || {
            kept().as_ref() == Some(&until)
        })
        .await;

        // What ends somebody's access at once is asked first.
        let past = "2021-05-06T07:08";
        page.button("Account validity").click().await;
        dialog.field("Valid until").set(past).await;
        dialog.button("Save").click().await;
        let question = page.dialog(&format!("End the access of {user} now?"));
        question.says("2021").await;
        page.is_accessible().await;
        page.picture("validity-past").await;
        question.button("Cancel").click().await;
        question.goes().await;
        assert_eq!(kept(), Some(until));
        page.button("Account validity").click().await;
        dialog.field("Valid until").set(past).await;
        dialog.button("Save").click().await;
        question.button("End access").click().await;
        let until = time(past).await;
        page.until("the server has it", async || {
            kept().as_ref() == Some(&until)
        })
        .await;

        // Nobody locks themselves out.
        open(page, &admin, "security").await;
        page.button("Account validity").click().await;
        dialog.field("Valid until").set(past).await;
        dialog.says("you would lock yourself out").await;
        dialog.button("Save").is_unusable().await;
        page.is_accessible().await;
        page.picture("validity-own").await;
        dialog.field("Valid until").set(day).await;
        dialog.button("Save").is_usable().await;
    })
    .await;
}

#[tokio::test]
async fn cross_signing_keys_may_be_replaced() {
    journey(Options::default(), async |page: &Page| {
        if !has(Feature::CrossSigningReset) {
            return;
        }
        let user = somebody("crossed", None).await;
        page.sign_in(&stage().synapse.url()).await;
        page.allows_complaint(&["_allow_cross_signing_replacement", "status of 404"]);
        open(page, &user, "security").await;
        page.button("Allow new cross-signing keys").click().await;
        page.sees("The user has no cross-signing keys").await;

        let client = stage().maker.act_as(&user).await.unwrap();
        let upload = async |key: &str| {
            let body = json!({"master_key": {
                "user_id": user, "usage": ["master"],
                "keys": {format!("ed25519:{key}"): key}
            }});
            let request =
                Request::<Value>::post("/_matrix/client/v3/keys/device_signing/upload").json(&body);
            client.run(&request).await
        };
        if upload("base64+first+public+key").await.is_err() {
            // Servers that want the password for this: the user has none.
            return;
        }
        assert!(upload("base64+other+public+key").await.is_err());
        page.button("Allow new cross-signing keys").click().await;
        page.sees("Allowed until").await;
        page.is_accessible().await;
        upload("base64+other+public+key").await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn somebody_who_waits_is_approved() {
    let approval = json!({"experimental_features": {"msc3866": {
        "enabled": true, "require_approval_for_new_accounts": true
    }}});
    let server = own_server_with("approval", approval.as_object().unwrap().clone());
    journey(Options::default(), async |page: &Page| {
        let maker = &server.maker;
        let change = UserChange {
            password: Some("secret-enough".into()),
            approved: Some(false),
            ..Default::default()
        };
        let localpart = maker.fresh_localpart("waiting");
        let user = maker.make_user(&localpart, &change).await.unwrap();
        let knocks = async || {
            let request = login::with_password(&user, "secret-enough");
            maker.admin().run(&request).await.is_ok()
        };
        assert!(!knocks().await, "nobody logs in before");
        let admin = UserId::new(people::ADMIN, maker.server());
        page.sign_in_as(&admin, ADMIN_PASSWORD, &server.synapse.url())
            .await;
        open(page, &user, "security").await;
        page.button("Approve").click().await;
        let title = format!("Approve {user}");
        let question = page.dialog(&format!("{title}?"));
        question.appears().await;
        page.is_accessible().await;
        question.button(&title).click().await;
        page.until("the user can log in", async || knocks().await)
            .await;
    })
    .await;
}
