//! What else belongs to an account than its row in the list.

use super::until;
use journeys::server::server;
use serde_json::json;
use std::collections::BTreeMap;
use synapse_admin::api::experimental::{self, Features};
use synapse_admin::api::rate_limit::{self, RateLimit};
use synapse_admin::api::redact::{self, Redaction};
use synapse_admin::api::server::Feature;
use synapse_admin::api::tolerant::Timestamp;
use synapse_admin::api::users::{self, UserChange};
use synapse_admin::api::{
    ApiError, RoomAlias, UserId, account_data, account_validity, devices, login, media, notices,
    pushers, rooms, tasks, whois,
};
use synapse_admin::import::run::NewAccount;
use xtask::native::Client;
use xtask::world::{Maker, people};

fn maker() -> &'static Maker {
    &server().maker
}

async fn somebody(prefix: &str) -> UserId {
    maker().make_fresh_user(prefix).await.unwrap()
}

async fn detail(user: &UserId) -> users::UserDetail {
    maker().admin().run(&users::get(user)).await.unwrap()
}

/// Somebody with a password and a session.
async fn signed_in(prefix: &str, password: &str) -> (UserId, login::Login) {
    let change = UserChange {
        password: Some(password.to_owned()),
        ..Default::default()
    };
    let localpart = maker().fresh_localpart(prefix);
    let user = maker().make_user(&localpart, &change).await.unwrap();
    let login = maker()
        .admin()
        .run(&login::with_password(&user, password))
        .await
        .unwrap();
    (user, login)
}

async fn is_refused(client: &Client) -> bool {
    let answer = client.run(&login::who_am_i()).await;
    matches!(answer, Err(ApiError::TokenRefused { .. }))
}

/// Whether the server has it; where it has not, the request must say so as well.
async fn has<T>(feature: Feature, request: synapse_admin::api::Request<T>) -> bool {
    if maker().capabilities().has(feature) {
        return true;
    }
    let answer = maker().admin().run(&request).await;
    assert!(
        matches!(answer, Err(ApiError::Unsupported { .. })),
        "{feature:?} is there"
    );
    false
}

#[tokio::test]
async fn suspending() {
    let user = somebody("suspended").await;
    if !has(Feature::Suspending, users::suspend(&user, true)).await {
        return;
    }
    for suspend in [true, false] {
        maker()
            .admin()
            .run(&users::suspend(&user, suspend))
            .await
            .unwrap();
        assert_eq!(detail(&user).await.user.suspended, Some(suspend));
    }
}

#[tokio::test]
async fn the_right_to_administer() {
    let admin = maker().admin();
    let user = somebody("promoted").await;
    for right in [true, false] {
        admin.run(&users::set_admin(&user, right)).await.unwrap();
        assert_eq!(detail(&user).await.user.admin, right);
    }
    let own = maker().user(people::ADMIN);
    let refused = admin.run(&users::set_admin(&own, false)).await;
    assert!(matches!(refused, Err(ApiError::Matrix { status: 400, .. })));
}

#[tokio::test]
async fn another_password() {
    for logout in [false, true] {
        let (user, session) = signed_in("forgetful", "old-password").await;
        let client = maker().admin().with_token(&session.access_token);
        maker()
            .admin()
            .run(&users::reset_password(&user, "new-password", logout))
            .await
            .unwrap();
        assert_eq!(is_refused(&client).await, logout);
        let old = maker()
            .admin()
            .run(&login::with_password(&user, "old-password"))
            .await;
        assert!(old.is_err());
        let new = maker()
            .admin()
            .run(&login::with_password(&user, "new-password"))
            .await;
        assert!(new.is_ok());
    }
}

#[tokio::test]
async fn acting_as_somebody() {
    let admin = maker().admin();
    let user = somebody("puppet").await;
    let later = Timestamp(4_000_000_000_000);
    let token = admin
        .run(&users::log_in_as(&user, Some(later)))
        .await
        .unwrap()
        .access_token;
    let who = admin
        .run(&login::who_am_i().with_token(&token))
        .await
        .unwrap();
    assert_eq!(who.user_id, user);
    admin
        .run(&login::logout().with_token(&token))
        .await
        .unwrap();
    assert!(is_refused(&admin.with_token(&token)).await);
    // The administrator's own session goes on.
    assert!(admin.run(&login::who_am_i()).await.is_ok());

    let past = admin
        .run(&users::log_in_as(&user, Some(Timestamp(1))))
        .await
        .unwrap();
    assert!(is_refused(&admin.with_token(past.access_token)).await);
    let own = maker().user(people::ADMIN);
    assert!(admin.run(&users::log_in_as(&own, None)).await.is_err());
}

#[tokio::test]
async fn what_ends_access_by_log_in_as() {
    let admin = maker().admin();
    let got = async || {
        let (user, _) = signed_in("acted", "a-password").await;
        let login = admin.run(&users::log_in_as(&user, None)).await.unwrap();
        (user, admin.with_token(login.access_token))
    };
    // The token is the administrator's own, without a device: neither the end of all devices of
    // the account takes it, nor a new password that logs out everywhere, nor deactivating; only
    // locking stops it.
    let (user, client) = got().await;
    let devices = admin.run(&devices::list(&user)).await.unwrap().devices;
    let ids: Vec<String> = devices.into_iter().map(|device| device.device_id).collect();
    assert!(!ids.is_empty());
    admin.run(&devices::delete_many(&user, &ids)).await.unwrap();
    assert!(client.run(&login::who_am_i()).await.is_ok());
    admin
        .run(&users::reset_password(&user, "another-password", true))
        .await
        .unwrap();
    assert!(client.run(&login::who_am_i()).await.is_ok());
    let (gone, of_gone) = got().await;
    admin.run(&users::deactivate(&gone, false)).await.unwrap();
    println!(
        "after deactivating: {:?}",
        of_gone.run(&login::who_am_i()).await
    );
    if maker().capabilities().has(Feature::Locking) {
        let lock = UserChange {
            locked: Some(true),
            ..Default::default()
        };
        let (locked, of_locked) = got().await;
        admin.run(&users::put(&locked, &lock)).await.unwrap();
        println!(
            "after locking: {:?}",
            of_locked.run(&login::who_am_i()).await
        );
    }
    // Logging out with it does.
    client.run(&login::logout()).await.unwrap();
    assert!(is_refused(&client).await);
}

#[tokio::test]
async fn reactivating() {
    let admin = maker().admin();
    let user = somebody("phoenix").await;
    admin.run(&users::deactivate(&user, true)).await.unwrap();
    let back = UserChange {
        deactivated: Some(false),
        password: Some("risen-again".into()),
        ..Default::default()
    };
    admin.run(&users::put(&user, &back)).await.unwrap();
    assert!(!detail(&user).await.user.deactivated);
    let login = admin.run(&login::with_password(&user, "risen-again")).await;
    assert!(login.is_ok());
    // Without a password: only since 1.99.
    admin.run(&users::deactivate(&user, false)).await.unwrap();
    let bare = UserChange {
        deactivated: Some(false),
        ..Default::default()
    };
    let answer = admin.run(&users::put(&user, &bare)).await;
    assert_eq!(answer.is_ok(), maker().capabilities().since(99));
}

#[tokio::test]
async fn devices_of_an_account() {
    let admin = maker().admin();
    let (user, session) = signed_in("devices", "secret").await;
    let own = session.device_id.unwrap();
    let list = async || admin.run(&devices::list(&user)).await.unwrap().devices;
    admin
        .run(&devices::rename(&user, &own, "Kitchen <b>"))
        .await
        .unwrap();
    let found = list().await;
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].device_id, own);
    assert_eq!(found[0].display_name.as_deref(), Some("Kitchen <b>"));
    let too_long = admin
        .run(&devices::rename(&user, &own, &"x".repeat(101)))
        .await;
    assert!(too_long.is_err());
    let unknown = admin.run(&devices::rename(&user, "NONE", "x")).await;
    assert!(unknown.is_err_and(|error| error.is_not_found()));

    if has(Feature::CreateDevices, devices::create(&user, "A/B")).await {
        for device in ["A/B", "CD", "EF"] {
            admin.run(&devices::create(&user, device)).await.unwrap();
        }
        assert_eq!(list().await.len(), 4);
        admin.run(&devices::delete(&user, "A/B")).await.unwrap();
        let several = ["CD".to_owned(), "EF".to_owned(), "GONE".to_owned()];
        admin
            .run(&devices::delete_many(&user, &several))
            .await
            .unwrap();
    }
    assert_eq!(list().await.len(), 1);
    admin.run(&devices::delete(&user, &own)).await.unwrap();
    assert!(list().await.is_empty());
    assert!(is_refused(&admin.with_token(&session.access_token)).await);
    let nobody = maker().user("nobody-at-all");
    let missing = admin.run(&devices::list(&nobody)).await;
    assert!(missing.is_err_and(|error| error.is_not_found()));
}

#[tokio::test]
async fn from_where_an_account_is_used() {
    let own = maker().user(people::ADMIN);
    // Written down a few seconds after the use. Until then, only the sample world's use is there,
    // and soon forgotten.
    let connections = until(
        async || {
            let whois = maker().admin().run(&whois::get(&own)).await.unwrap();
            whois.connections()
        },
        |found| {
            found
                .iter()
                .any(|one| one.ip.as_deref() == Some("127.0.0.1"))
        },
    )
    .await;
    assert_eq!(connections[0].ip.as_deref(), Some("127.0.0.1"));
    assert!(connections[0].last_seen.is_some());
    let nobody = maker().user("nobody-at-all");
    let whois = maker().admin().run(&whois::get(&nobody)).await.unwrap();
    assert!(whois.connections().is_empty());
}

#[tokio::test]
async fn where_notifications_go() {
    let user = somebody("pushed").await;
    let client = maker().act_as(&user).await.unwrap();
    let pusher = json!({
        "kind": "http", "app_id": "org.example.app", "app_display_name": "App",
        "device_display_name": "Phone", "pushkey": "key", "lang": "en",
        "data": {"url": "https://push.example.org/_matrix/push/v1/notify", "format": "event_id_only"}
    });
    let set =
        synapse_admin::api::Request::<serde_json::Value>::post("/_matrix/client/v3/pushers/set")
            .json(&pusher);
    client.run(&set).await.unwrap();
    let found = maker()
        .admin()
        .run(&pushers::list(&user))
        .await
        .unwrap()
        .pushers;
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].kind, "http");
    assert_eq!(
        found[0].data.url.as_deref(),
        Some("https://push.example.org/_matrix/push/v1/notify")
    );
}

#[tokio::test]
async fn limits_of_an_account() {
    let admin = maker().admin();
    let user = somebody("limited").await;
    let get = async || {
        let found = admin.run(&rate_limit::get(&user)).await.unwrap();
        found.limit()
    };
    assert_eq!(get().await, None);
    let limit = RateLimit {
        messages_per_second: 3,
        burst_count: 20,
    };
    let answer = admin.run(&rate_limit::set(&user, limit)).await.unwrap();
    assert_eq!(answer.limit(), Some(limit));
    assert_eq!(get().await, Some(limit));
    let none = RateLimit {
        messages_per_second: 0,
        burst_count: 0,
    };
    admin.run(&rate_limit::set(&user, none)).await.unwrap();
    assert_eq!(get().await, Some(none));
    admin.run(&rate_limit::remove(&user)).await.unwrap();
    assert_eq!(get().await, None);
}

#[tokio::test]
async fn experimental_features() {
    let admin = maker().admin();
    let user = somebody("curious").await;
    if !has(Feature::ExperimentalFeatures, experimental::get(&user)).await {
        let unsupported = admin
            .run(&experimental::set(&user, &Features::default()))
            .await;
        assert!(matches!(unsupported, Err(ApiError::Unsupported { .. })));
        return;
    }
    let minor = maker().capabilities().version.map(|version| version.1);
    let known = experimental::known(minor);
    assert!(!known.is_empty());
    for name in known {
        for on in [true, false] {
            let features = Features {
                features: BTreeMap::from([(name.to_owned(), on)]),
            };
            admin
                .run(&experimental::set(&user, &features))
                .await
                .unwrap();
            let found = admin.run(&experimental::get(&user)).await.unwrap();
            assert_eq!(found.features.get(name), Some(&on), "{name}");
        }
    }
    let unknown = Features {
        features: BTreeMap::from([("msc0000".to_owned(), true)]),
    };
    assert!(
        admin
            .run(&experimental::set(&user, &unknown))
            .await
            .is_err()
    );
}

#[tokio::test]
async fn what_clients_keep() {
    let user = somebody("keeper").await;
    let client = maker().act_as(&user).await.unwrap();
    let path = format!("/_matrix/client/v3/user/{user}/account_data/org.example.x");
    let content = json!({"deep": {"text": "<script>alert(1)</script>"}});
    let put = synapse_admin::api::Request::<serde_json::Value>::put(path, &content);
    client.run(&put).await.unwrap();
    let kept = maker()
        .admin()
        .run(&account_data::get(&user))
        .await
        .unwrap()
        .account_data;
    assert_eq!(kept.global["org.example.x"], content);
    assert!(kept.rooms.is_empty());
}

#[tokio::test]
async fn until_when_an_account_may_be_used() {
    let user = somebody("temporary").await;
    let until = Timestamp(4_000_000_000_000);
    let answer = maker()
        .admin()
        .run(&account_validity::set(&user, until, false))
        .await
        .unwrap();
    assert_eq!(answer.expiration_ts, until);
}

#[tokio::test]
async fn replacing_cross_signing_keys() {
    let user = somebody("crossed").await;
    let request = users::allow_cross_signing_replacement(&user);
    if !has(Feature::CrossSigningReset, request.clone()).await {
        return;
    }
    // Without keys there is nothing to replace.
    let missing = maker().admin().run(&request).await;
    assert!(missing.is_err_and(|error| error.is_not_found()));
    let client = maker().act_as(&user).await.unwrap();
    let keys = json!({"master_key": {
        "user_id": user, "usage": ["master"],
        "keys": {"ed25519:base64+master+public+key": "base64+master+public+key"}
    }});
    let upload = synapse_admin::api::Request::<serde_json::Value>::post(
        "/_matrix/client/v3/keys/device_signing/upload",
    )
    .json(&keys);
    if client.run(&upload).await.is_err() {
        // Servers that want the password for this: the user has none.
        return;
    }
    let allowed = maker().admin().run(&request).await.unwrap();
    assert!(allowed.updatable_without_uia_before_ms > Timestamp(1_700_000_000_000));
}

#[tokio::test]
async fn rooms_of_an_account() {
    let admin = maker().admin();
    let user = somebody("joiner").await;
    // A room of its own: how many are in those of the sample world, other tests count.
    let host = maker().act_as(&somebody("host").await).await.unwrap();
    let name = maker().fresh_localpart("open");
    let body = json!({"preset": "public_chat", "room_alias_name": name});
    let room = maker().make_room(&host, &body).await.unwrap();
    let alias = RoomAlias::parse(&format!("#{name}:{}", maker().server())).unwrap();
    let found = admin.run(&rooms::resolve(&alias)).await.unwrap();
    assert_eq!(found.room_id, room);
    admin
        .run(&rooms::join(alias.as_str(), &user))
        .await
        .unwrap();
    let members = admin.run(&rooms::members(&room)).await.unwrap();
    assert!(members.members.contains(&user));
    assert_eq!(members.total, members.members.len() as u64);
    let leave = rooms::leave(&room);
    let token = admin
        .run(&users::log_in_as(&user, None))
        .await
        .unwrap()
        .access_token;
    admin.run(&leave.with_token(&token)).await.unwrap();
    let joined = admin.run(&users::joined_rooms(&user)).await.unwrap();
    assert_eq!(joined.total, 0);
    if has(Feature::Memberships, users::memberships(&user)).await {
        let all = admin.run(&users::memberships(&user)).await.unwrap();
        assert_eq!(all.memberships[&room], "leave");
    }
}

#[tokio::test]
async fn counts_of_an_account() {
    let alice = maker().user(people::ALICE);
    let ever = Timestamp(0);
    if !has(
        Feature::UserCounts,
        users::cumulative_joined_room_count(&alice, ever),
    )
    .await
    {
        return;
    }
    let admin = maker().admin();
    let joined = admin
        .run(&users::cumulative_joined_room_count(&alice, ever))
        .await
        .unwrap();
    assert!(joined.cumulative_joined_room_count > 3);
    let invited = admin
        .run(&users::sent_invite_count(&alice, ever))
        .await
        .unwrap();
    let later = admin
        .run(&users::sent_invite_count(
            &alice,
            Timestamp(4_000_000_000_000),
        ))
        .await
        .unwrap();
    assert_eq!(later.invite_count, 0);
    assert!(invited.invite_count >= later.invite_count);
}

#[tokio::test]
async fn removing_messages() {
    let admin = maker().admin();
    let user = somebody("talkative").await;
    let everywhere = Redaction {
        reason: Some("spam".into()),
        ..Default::default()
    };
    if !has(Feature::RedactMessages, redact::start(&user, &everywhere)).await {
        let unsupported = admin.run(&redact::status("x")).await;
        assert!(matches!(unsupported, Err(ApiError::Unsupported { .. })));
        return;
    }
    let client = maker().act_as(&user).await.unwrap();
    let room = maker()
        .make_room(&client, &json!({"name": "Chatter"}))
        .await
        .unwrap();
    let started = admin.run(&redact::start(&user, &everywhere)).await.unwrap();
    let status = until(
        async || {
            let status = admin.run(&redact::status(&started.redact_id)).await;
            status.unwrap()
        },
        |status| status.status.is_over(),
    )
    .await;
    assert_eq!(status.status, redact::RedactionStage::Complete, "{room}");
    // Its ID is found again among the server's tasks.
    let tasks = admin
        .run(&tasks::about(user.as_str(), tasks::TaskAction::Redact))
        .await;
    if maker().capabilities().since(130) {
        let tasks = tasks.unwrap().scheduled_tasks;
        let ids: Vec<&str> = tasks.iter().map(|task| task.id.as_str()).collect();
        assert_eq!(ids, [started.redact_id.as_str()]);
        assert!(tasks[0].status.is_over());
    } else {
        assert!(matches!(tasks, Err(ApiError::Unsupported { .. })));
    }
    assert!(status.failed_redactions.is_empty());
    let unknown = admin.run(&redact::status("nothing")).await;
    assert!(unknown.is_err_and(|error| error.is_not_found()));
}

#[tokio::test]
async fn notices() {
    let admin = maker().admin();
    let user = somebody("noticed").await;
    let transaction = maker().fresh_localpart("txn");
    let notice = notices::send(&user, "Hello <b>you</b>", None, Some(&transaction));
    let sent = admin.run(&notice).await.unwrap();
    // The same transaction is the same message.
    assert_eq!(admin.run(&notice).await.unwrap(), sent);
    let nobody = maker().user("nobody-at-all");
    let unknown = admin
        .run(&notices::send(&nobody, "Hello", None, None))
        .await;
    assert!(unknown.is_err_and(|error| error.is_not_found()));
    // Without a transaction it is another message.
    let another = notices::send(&user, "Hello <b>you</b>", Some("Hello <b>you</b>"), None);
    assert_ne!(admin.run(&another).await.unwrap(), sent);
    // Whether there are notices at all is known without sending one.
    let refused = admin.run(&notices::probe()).await.unwrap_err();
    assert_eq!(notices::is_set_up(&refused), Some(true), "{refused:?}");
}

#[tokio::test]
async fn media_of_an_account() {
    let admin = maker().admin();
    let user = somebody("uploader").await;
    let token = admin
        .run(&users::log_in_as(&user, None))
        .await
        .unwrap()
        .access_token;
    for number in 0..3 {
        let bytes = format!("file {number} of {user}").into_bytes();
        let upload = media::upload(bytes, "text/plain", &format!("{number} ü.txt"));
        let uploaded = admin.run(&upload.with_token(&token)).await.unwrap();
        assert!(uploaded.content_uri.starts_with("mxc://test.localhost/"));
    }
    let list = async || {
        let query = media::ListMedia {
            limit: 10,
            ..Default::default()
        };
        let page = admin
            .run(&media::list_of_user(&user, &query))
            .await
            .unwrap();
        page.media
    };
    let files = list().await;
    assert_eq!(files.len(), 3);
    let names: Vec<_> = files
        .iter()
        .filter_map(|file| file.upload_name.clone())
        .collect();
    assert!(names.contains(&"2 ü.txt".to_owned()), "{names:?}");
    let quarantined = admin.run(&media::quarantine_of_user(&user)).await.unwrap();
    assert_eq!(quarantined.num_quarantined, 3);
    assert!(
        list()
            .await
            .iter()
            .all(|file| file.quarantined_by.is_some())
    );
    let deleted = admin
        .run(&media::delete_of_user(&user, 0, 2))
        .await
        .unwrap();
    assert_eq!(deleted.total, 2);
    let deleted = admin
        .run(&media::delete_of_user(&user, 0, 2))
        .await
        .unwrap();
    assert_eq!(deleted.total, 1);
    assert!(list().await.is_empty());
}

#[tokio::test]
async fn an_import_that_sets_a_password_logs_nobody_out() {
    let (user, login) = signed_in("imported", "the old one").await;
    let theirs = server().synapse.client().with_token(&login.access_token);
    let row = NewAccount {
        password: Some("another one".to_owned()),
        ..NewAccount::default()
    };
    let request = users::put(&user, &row.as_change());
    maker().admin().run(&request).await.unwrap();
    assert!(!is_refused(&theirs).await);
    let again = login::with_password(&user, "another one");
    assert!(maker().admin().run(&again).await.is_ok());
    // Which Synapse does unless it is told not to.
    let change = UserChange {
        logout_devices: None,
        ..row.as_change()
    };
    maker()
        .admin()
        .run(&users::put(&user, &change))
        .await
        .unwrap();
    assert!(is_refused(&theirs).await);
}
