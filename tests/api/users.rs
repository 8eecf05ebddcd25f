use super::until;
use journeys::server::{rank, server};
use std::collections::BTreeSet;
use synapse_admin::api::users::{
    self, ExternalId, Guard, ListUsers, Threepid, User, UserChange, order,
};
use synapse_admin::api::{ApiError, UserId, login};
use xtask::postgres::Engine;
use xtask::world::{Maker, PASSWORD, people};

fn everybody() -> ListUsers {
    ListUsers {
        limit: 1000,
        ..Default::default()
    }
}

async fn list(query: &ListUsers) -> Result<users::UserPage, ApiError> {
    let maker = &server().maker;
    maker
        .admin()
        .run(&users::list(query, maker.capabilities()))
        .await
}

async fn names(query: &ListUsers) -> BTreeSet<String> {
    let page = list(query).await.unwrap();
    page.users
        .iter()
        .map(|user| user.name.localpart().to_owned())
        .collect()
}

async fn get(user: &UserId) -> users::UserDetail {
    server().maker.admin().run(&users::get(user)).await.unwrap()
}

/// Sends a change and tells whether it created the account.
async fn put(user: &UserId, change: &UserChange) -> (bool, users::UserDetail) {
    let (answer, detail) = server()
        .maker
        .admin()
        .run_raw(&users::put(user, change))
        .await
        .unwrap();
    (users::was_created(answer.status), detail.unwrap())
}

#[tokio::test]
async fn everybody_is_in_the_list() {
    let names = names(&everybody()).await;
    for person in people::everyone() {
        assert!(names.contains(&person.localpart), "{}", person.localpart);
    }
    for localpart in [people::ADMIN, people::HISTORICAL, "1001", "1008", "irc-ada"] {
        assert!(names.contains(localpart), "{localpart}");
    }
}

#[tokio::test]
async fn paging_gives_every_user_once() {
    let maker = &server().maker;
    let prefix = maker.fresh_localpart("paging");
    let mut expected = Vec::new();
    for index in 0..23 {
        let localpart = format!("{prefix}.{index:02}");
        expected.push(
            maker
                .make_user(&localpart, &UserChange::default())
                .await
                .unwrap(),
        );
    }
    for descending in [false, true] {
        let mut seen = Vec::new();
        let mut from = Some(0);
        while let Some(position) = from {
            let page = list(&ListUsers {
                from: position,
                limit: 5,
                name: Some(prefix.clone()),
                order_by: Some(order::NAME),
                descending,
                ..Default::default()
            })
            .await
            .unwrap();
            assert_eq!(page.total, 23);
            seen.extend(page.users.into_iter().map(|user| user.name));
            from = page.next_token;
        }
        if descending {
            seen.reverse();
        }
        assert_eq!(seen, expected);
    }
    let beyond = list(&ListUsers {
        from: 100,
        limit: 5,
        name: Some(prefix),
        ..Default::default()
    })
    .await
    .unwrap();
    assert_eq!(
        (beyond.users.len(), beyond.total, beyond.next_token),
        (0, 23, None)
    );
}

#[tokio::test]
async fn every_sort_key_sorts_both_ways() {
    fn text(value: Option<&str>) -> (bool, String) {
        (rank(value.is_some()), value.unwrap_or_default().to_owned())
    }
    fn number(value: impl Into<i64>) -> (bool, String) {
        // Fixed width, so that texts compare like numbers.
        (rank(true), format!("{:020}", value.into()))
    }
    type Key = fn(&User) -> (bool, String);
    let keys: [(&str, u32, Key); 10] = [
        (order::NAME, 0, |user| text(Some(user.name.as_str()))),
        (order::DISPLAY_NAME, 0, |user| {
            text(user.displayname.as_deref())
        }),
        (order::GUEST, 0, |user| number(user.is_guest)),
        (order::ADMIN, 0, |user| number(user.admin)),
        (order::USER_TYPE, 0, |user| text(user.user_type.as_deref())),
        (order::DEACTIVATED, 0, |user| number(user.deactivated)),
        (order::SHADOW_BANNED, 0, |user| number(user.shadow_banned)),
        (order::CREATED, 0, |user| {
            number(user.creation_ts.map_or(0, |at| at.0))
        }),
        (order::LAST_SEEN, 92, |user| match user.last_seen_ts {
            Some(at) => number(at.0),
            None => (rank(false), String::new()),
        }),
        (order::LOCKED, 93, |user| number(user.locked)),
    ];
    for (order_by, since, key) in keys {
        for descending in [false, true] {
            let query = ListUsers {
                order_by: Some(order_by),
                descending,
                ..everybody()
            };
            let page = list(&query).await;
            if !server().maker.capabilities().since(since) {
                let error = page.unwrap_err();
                assert!(error.is_errcode("M_INVALID_PARAM"), "{order_by}: {error:?}");
                continue;
            }
            let mut sorted: Vec<_> = page.unwrap().users.iter().map(key).collect();
            if descending {
                sorted.reverse();
            }
            // Of guests it is not recorded: PostgreSQL has them beyond those of whom it is true, and
            // Synapse answers false for them.
            if order_by == order::SHADOW_BANNED && Engine::from_env() == Engine::Postgres {
                continue;
            }
            assert!(
                sorted.is_sorted(),
                "{order_by}, descending: {descending}: {sorted:?}"
            );
        }
    }
}

#[tokio::test]
async fn filters_choose() {
    let query = |change: fn(&mut ListUsers)| {
        let mut query = everybody();
        change(&mut query);
        query
    };
    let since = |minor| server().maker.capabilities().since(minor);

    let guests = names(&query(|q| q.guests = Some(true))).await;
    // Synapse's `guests=true` means "guests as well".
    assert!(guests.contains("1001") && guests.contains(people::ALICE));
    let members = names(&query(|q| q.guests = Some(false))).await;
    assert!(!members.contains("1001") && members.contains(people::ALICE));

    if since(91) {
        let admins = names(&query(|q| q.admins = Some(true))).await;
        assert!(admins.contains(people::ADMIN) && admins.contains(people::CO_ADMIN));
        assert!(!admins.contains(people::ALICE));
        let others = names(&query(|q| q.admins = Some(false))).await;
        assert!(!others.contains(people::ADMIN) && others.contains(people::ALICE));
    }

    let both = names(&everybody()).await;
    let gone = names(&query(|q| q.deactivated = Some(true))).await;
    let active = names(&query(|q| q.deactivated = Some(false))).await;
    assert!(both.contains(people::GONE) && both.contains(people::ALICE));
    assert!(gone.contains(people::GONE) && gone.contains(people::ERASED));
    assert!(active.contains(people::ALICE) && !active.contains(people::GONE));
    if since(103) {
        assert!(!gone.contains(people::ALICE));
    }

    let by_localpart = names(&query(|q| q.name = Some("mia.MED".into()))).await;
    assert_eq!(
        by_localpart,
        BTreeSet::from([people::MEDIA_OWNER.to_owned()])
    );
    let by_name = names(&query(|q| q.name = Some("weather b".into()))).await;
    assert_eq!(by_name, BTreeSet::from([people::BOT.to_owned()]));
    let hostile = names(&query(|q| q.name = Some("<img src=x".into()))).await;
    assert_eq!(hostile, BTreeSet::from([people::XSS_IMG.to_owned()]));
    if since(99) {
        let accented = names(&query(|q| q.name = Some("Müller".into()))).await;
        assert!(!accented.is_empty());
        // What is searched is lowered, what is called so only as far as it is ASCII.
        let capital = UserChange {
            displayname: Some("Özgür".into()),
            ..Default::default()
        };
        let localpart = server().maker.fresh_localpart("capital");
        server()
            .maker
            .make_user(&localpart, &capital)
            .await
            .unwrap();
        let missed = names(&query(|q| q.name = Some("Özgür".into()))).await;
        assert!(!missed.contains(&localpart));
        let part = names(&query(|q| q.name = Some("zg".into()))).await;
        assert!(part.contains(&localpart));
    }

    // Neither a whole user ID nor the `@` is found.
    let whole = names(&query(|q| q.name = Some("@alice:test.localhost".into()))).await;
    assert_eq!(whole, BTreeSet::new());

    if since(88) {
        let people_only = names(&query(|q| {
            q.not_user_type = vec!["bot".into(), "support".into()];
        }))
        .await;
        assert!(people_only.contains(people::ALICE) && !people_only.contains(people::BOT));
        let typed = names(&query(|q| q.not_user_type = vec![String::new()])).await;
        assert!(!typed.contains(people::ALICE) && typed.contains(people::BOT));
    }
}

#[tokio::test]
async fn only_the_detail_tells_whether_accounts_are_approved() {
    let waiting = ListUsers {
        waiting: true,
        limit: 1,
        ..Default::default()
    };
    let all = ListUsers {
        limit: 1,
        ..Default::default()
    };
    // Without approval the filter is passed over.
    let all = list(&all).await.unwrap().total;
    assert!(list(&waiting).await.unwrap().total >= all);
    let admin = server().maker.user(people::ADMIN);
    assert_eq!(get(&admin).await.user.approved, None);
}

#[tokio::test]
async fn the_list_knows_the_kinds() {
    let page = list(&everybody()).await.unwrap();
    let find = |localpart: &str| {
        page.users
            .iter()
            .find(|user| user.name.localpart() == localpart)
            .unwrap_or_else(|| panic!("{localpart} is missing"))
    };
    assert!(find(people::ADMIN).admin);
    assert!(find("1001").is_guest);
    assert!(find(people::GONE).deactivated && !find(people::GONE).erased);
    assert!(find(people::SHADOW_BANNED).shadow_banned);
    assert_eq!(find(people::BOT).user_type.as_deref(), Some("bot"));
    let alice = find(people::ALICE);
    assert_eq!(alice.displayname.as_deref(), Some("Alice Example"));
    assert!(
        alice
            .avatar_url
            .as_deref()
            .is_some_and(|url| url.starts_with("mxc://"))
    );
    let age_days = (server().world.now_ms - alice.creation_ts.unwrap().0) / 86_400_000;
    assert!((1..=1801).contains(&age_days), "{age_days}");
    assert_eq!(find("name.empty").displayname, None);
    for (localpart, name) in people::ODD_NAMES {
        if !name.is_empty() {
            assert_eq!(find(localpart).displayname.as_deref(), Some(*name));
        }
    }
    let since = |minor| server().maker.capabilities().since(minor);
    if since(71) {
        assert!(find(people::ERASED).erased);
    }
    if since(93) {
        assert!(find(people::LOCKED).locked);
        // When the sample world saw her, the server forgets soon: it is too long ago.
        let admin = server().maker.admin();
        let login = login::with_password(&alice.name, PASSWORD);
        let login = admin.run(&login).await.unwrap();
        let client = admin.with_token(login.access_token);
        client.run(&login::who_am_i()).await.unwrap();
        let is_her = |user: &User| user.name == alice.name;
        let query = ListUsers {
            name: Some(people::ALICE.into()),
            ..everybody()
        };
        let seen = until(
            async || {
                let found = list(&query).await.unwrap().users;
                found.into_iter().find(is_her).unwrap().last_seen_ts
            },
            |seen| seen.is_some_and(|at| at.0 > server().world.now_ms),
        )
        .await;
        assert!(seen.is_some_and(|at| at.0 > server().world.now_ms));
    }
}

#[tokio::test]
async fn the_detail_has_more() {
    let maker = &server().maker;
    let since = |minor| maker.capabilities().since(minor);
    let alice = get(&maker.user(people::ALICE)).await;
    assert_eq!(
        alice.threepids,
        [Threepid {
            medium: "email".into(),
            address: "alice@example.org".into(),
        }]
    );
    // Seconds here and milliseconds in the list are the same time.
    let listed = list(&ListUsers {
        name: Some(people::ALICE.into()),
        ..everybody()
    })
    .await
    .unwrap();
    let listed = listed
        .users
        .iter()
        .find(|user| user.name == alice.user.name)
        .unwrap();
    assert_eq!(listed.creation_ts, alice.user.creation_ts);
    // Who is suspended, no list tells.
    assert_eq!(listed.suspended, None);

    // Whatever is in the localpart, the list finds it by the whole ID.
    let odd = [people::HISTORICAL, people::ALICE];
    for localpart in people::ODD_LOCALPARTS.into_iter().chain(odd) {
        let query = ListUsers {
            user_id: Some(users::like_id(&maker.user(localpart))),
            ..everybody()
        };
        assert!(names(&query).await.contains(localpart), "{localpart}");
    }

    let bridged = get(&maker.user("irc-ada")).await;
    assert_eq!(bridged.appservice_id.as_deref(), Some(people::APPSERVICE));
    if since(121) {
        let suspended = get(&maker.user(people::SUSPENDED)).await;
        assert_eq!(suspended.user.suspended, Some(true));
        assert_eq!(alice.user.suspended, Some(false));
    }
    if since(93) {
        assert!(get(&maker.user(people::LOCKED)).await.user.locked);
    }
    let historical = get(&maker.user(people::HISTORICAL)).await;
    assert_eq!(historical.user.name.localpart(), people::HISTORICAL);
    for localpart in people::ODD_LOCALPARTS {
        assert_eq!(
            get(&maker.user(localpart)).await.user.name.localpart(),
            localpart
        );
    }
}

#[tokio::test]
async fn put_creates_then_changes() {
    let maker = &server().maker;
    let user = maker.user(&maker.fresh_localpart("put"));
    let (created, detail) = put(&user, &UserChange::default()).await;
    assert!(created);
    // Without a name, Synapse takes the localpart.
    assert_eq!(detail.user.displayname.as_deref(), Some(user.localpart()));

    let address = format!("{}@example.org", user.localpart());
    let change = UserChange {
        displayname: Some("<b>Bold</b>".into()),
        avatar_url: Some("mxc://test.localhost/someimage".into()),
        threepids: Some(vec![Threepid {
            medium: "email".into(),
            address: address.clone(),
        }]),
        external_ids: Some(vec![ExternalId {
            auth_provider: "oidc-example".into(),
            external_id: user.localpart().into(),
        }]),
        admin: Some(true),
        user_type: Some(Some("bot".into())),
        ..Default::default()
    };
    let (created, detail) = put(&user, &change).await;
    assert!(!created);
    assert_eq!(detail, get(&user).await);
    assert_eq!(detail.user.displayname, change.displayname);
    assert_eq!(detail.user.avatar_url, change.avatar_url);
    assert_eq!(detail.threepids[0].address, address);
    assert_eq!(detail.external_ids, change.external_ids.unwrap());
    assert!(detail.user.admin);
    assert_eq!(detail.user.user_type.as_deref(), Some("bot"));

    // What is not named stays; what is emptied goes.
    let change = UserChange {
        displayname: Some(String::new()),
        avatar_url: Some(String::new()),
        threepids: Some(vec![]),
        user_type: Some(None),
        admin: Some(false),
        ..Default::default()
    };
    let (_, detail) = put(&user, &change).await;
    let none_or_empty = |text: Option<String>| text.unwrap_or_default().is_empty();
    assert!(none_or_empty(detail.user.displayname));
    assert!(none_or_empty(detail.user.avatar_url));
    assert_eq!(detail.user.user_type, None);
    assert!(detail.threepids.is_empty());
    assert!(!detail.user.admin);
    assert_eq!(detail.external_ids.len(), 1);

    if maker.capabilities().since(93) {
        for locked in [true, false] {
            let change = UserChange {
                locked: Some(locked),
                ..Default::default()
            };
            assert_eq!(put(&user, &change).await.1.user.locked, locked);
        }
    }
    let change = UserChange {
        deactivated: Some(true),
        ..Default::default()
    };
    assert!(put(&user, &change).await.1.user.deactivated);
}

#[tokio::test]
async fn put_can_create_with_everything_at_once() {
    let maker = &server().maker;
    let user = maker.user(&maker.fresh_localpart("all"));
    let change = UserChange {
        password: Some("a password".into()),
        displayname: Some("All at Once".into()),
        threepids: Some(vec![Threepid {
            medium: "msisdn".into(),
            address: format!("49{}", 100_000 + std::process::id()),
        }]),
        admin: Some(true),
        user_type: Some(Some("support".into())),
        // Ignored for a new account.
        deactivated: Some(false),
        ..Default::default()
    };
    let (created, detail) = put(&user, &change).await;
    assert!(created && detail.user.admin && !detail.user.deactivated);
    assert_eq!(detail.user.user_type.as_deref(), Some("support"));
    assert_eq!(detail.threepids[0].medium, "msisdn");
}

#[tokio::test]
async fn create_creates_what_is_new() {
    let maker = &server().maker;
    for guard in guards() {
        let user = maker.user(&maker.fresh_localpart("create"));
        let account = UserChange {
            password: Some("first password".into()),
            displayname: (guard == Guard::FromAvatar).then(|| "Fresh".into()),
            avatar_url: (guard == Guard::Whole).then(|| "mxc://test.localhost/image".into()),
            admin: Some(true),
            user_type: Some(Some("bot".into())),
            ..Default::default()
        };
        let request = users::create(&user, &account, guard);
        let (answer, detail) = maker.admin().run_raw(&request).await.unwrap();
        assert!(users::was_created(answer.status), "{guard:?}");
        let detail = detail.unwrap();
        assert!(detail.user.admin);
        assert_eq!(detail.user.user_type, Some("bot".into()));
        match guard {
            Guard::Whole => {
                // The guard stands for "no name"; Synapse takes the localpart.
                assert_eq!(detail.user.displayname.as_deref(), Some(user.localpart()));
                assert_eq!(detail.user.avatar_url, account.avatar_url);
            }
            Guard::FromAvatar => {
                assert_eq!(detail.user.displayname, account.displayname);
                assert_eq!(detail.user.avatar_url, None);
            }
        }
        assert!(can_log_in(&user, "first password").await);
    }
}

#[tokio::test]
async fn create_leaves_what_exists_alone() {
    let maker = &server().maker;
    for guard in guards() {
        let localpart = maker.fresh_localpart("exists");
        let user = maker.user(&localpart);
        let before = UserChange {
            password: Some("old password".into()),
            displayname: Some("Old Name".into()),
            avatar_url: Some("mxc://test.localhost/old".into()),
            threepids: Some(vec![Threepid {
                medium: "email".into(),
                address: format!("{localpart}@example.org"),
            }]),
            ..Default::default()
        };
        put(&user, &before).await;
        let old = get(&user).await;
        let account = UserChange {
            password: Some("new password".into()),
            displayname: Some("New Name".into()),
            avatar_url: Some("mxc://test.localhost/new".into()),
            threepids: Some(vec![]),
            admin: Some(true),
            deactivated: Some(true),
            user_type: Some(Some("bot".into())),
            ..Default::default()
        };
        let request = users::create(&user, &account, guard);
        let error = maker.admin().run(&request).await.unwrap_err();
        assert!(users::refused_by_guard(&error), "{guard:?}: {error:?}");
        let mut now = get(&user).await;
        if guard == Guard::FromAvatar {
            // Comes before the guard.
            now.user.displayname = old.user.displayname.clone();
            now.threepids = old.threepids.clone();
        }
        assert_eq!(now, old, "{guard:?}");
        assert!(can_log_in(&user, "old password").await);
        assert!(!can_log_in(&user, "new password").await);
    }
    // Other refusals are not taken for this one.
    let request = users::create(&maker.user("Upper"), &UserChange::default(), Guard::Whole);
    let error = maker.admin().run(&request).await.unwrap_err();
    assert!(!users::refused_by_guard(&error), "{error:?}");
}

/// The guards that this server understands.
fn guards() -> Vec<Guard> {
    if server().maker.capabilities().since(84) {
        vec![Guard::Whole, Guard::FromAvatar]
    } else {
        vec![Guard::Whole]
    }
}

async fn can_log_in(user: &UserId, password: &str) -> bool {
    let request = login::with_password(user, password);
    server().synapse.client().run(&request).await.is_ok()
}

#[tokio::test]
async fn localparts_that_cannot_be_created() {
    let maker: &Maker = &server().maker;
    for (localpart, what) in [
        ("Upper.Case", "M_INVALID_USERNAME"),
        ("sp ace", "M_INVALID_USERNAME"),
        ("ümlaut", "M_INVALID_USERNAME"),
        ("12345", "M_INVALID_USERNAME"),
        ("_leading", "M_INVALID_USERNAME"),
        (&"x".repeat(250), "M_INVALID_USERNAME"),
    ] {
        let user = maker.user(localpart);
        let request = users::put(&user, &UserChange::default());
        let error = maker.admin().run(&request).await.unwrap_err();
        assert!(
            error.is_errcode(what) || matches!(error, ApiError::Matrix { status: 400, .. }),
            "{localpart}: {error:?}"
        );
        let missing = maker.admin().run(&users::get(&user)).await;
        assert!(missing.is_err(), "{localpart} was created");
    }
}

#[tokio::test]
async fn names_free_taken_illegal_and_reserved() {
    let maker = &server().maker;
    let free = maker.fresh_localpart("free");
    let answer = maker
        .admin()
        .run(&users::is_available(&free))
        .await
        .unwrap();
    assert!(answer.available);
    for (localpart, errcode) in [
        (people::ALICE, "M_USER_IN_USE"),
        (people::GONE, "M_USER_IN_USE"),
        ("not/legal at all", "M_INVALID_USERNAME"),
        ("irc-nobody", "M_EXCLUSIVE"),
    ] {
        let error = maker
            .admin()
            .run(&users::is_available(localpart))
            .await
            .unwrap_err();
        assert!(
            error.is_errcode(errcode) && error.status() == Some(400),
            "{localpart}: {error:?}"
        );
    }
}

#[tokio::test]
async fn whose_an_address_is() {
    let maker = &server().maker;
    let localpart = maker.fresh_localpart("owner");
    let user = maker.user(&localpart);
    let threepid = |medium: &str, address: String| Threepid {
        medium: medium.into(),
        address,
    };
    let email = threepid("email", format!("{localpart}+a%2f?#@example.org"));
    let phone = threepid("msisdn", format!("4930{}", 100_000 + std::process::id()));
    let change = UserChange {
        threepids: Some(vec![email.clone(), phone.clone()]),
        ..Default::default()
    };
    put(&user, &change).await;
    let nobodys = threepid("email", format!("{localpart}@example.com"));
    let owner = async |of: &Threepid| maker.admin().run(&users::by_threepid(of)).await;
    if !maker.capabilities().since(72) {
        let error = owner(&email).await.unwrap_err();
        assert!(matches!(error, ApiError::Unsupported { .. }), "{error:?}");
        return;
    }
    assert_eq!(owner(&email).await.unwrap().user_id, user);
    assert_eq!(owner(&phone).await.unwrap().user_id, user);
    let error = owner(&nobodys).await.unwrap_err();
    assert!(error.is_not_found(), "{error:?}");

    // Taken away without a word, which is why the import asks first.
    let thief = maker.user(&maker.fresh_localpart("thief"));
    let change = UserChange {
        threepids: Some(vec![email.clone()]),
        ..Default::default()
    };
    assert!(put(&thief, &change).await.0);
    assert_eq!(owner(&email).await.unwrap().user_id, thief);
    assert_eq!(get(&user).await.threepids, [phone]);
}

#[tokio::test]
async fn whose_an_external_id_is() {
    let maker = &server().maker;
    let localpart = maker.fresh_localpart("owner");
    let user = maker.user(&localpart);
    let external_id = |external_id: String| ExternalId {
        auth_provider: "oidc-example".into(),
        external_id,
    };
    let taken = external_id(format!("{localpart} a:b%2f?#ü"));
    let with_taken = UserChange {
        external_ids: Some(vec![taken.clone()]),
        ..Default::default()
    };
    put(&user, &with_taken).await;
    let owner = async |of: &ExternalId| maker.admin().run(&users::by_external_id(of)).await;
    if !maker.capabilities().since(68) {
        let error = owner(&taken).await.unwrap_err();
        assert!(matches!(error, ApiError::Unsupported { .. }), "{error:?}");
        return;
    }
    assert_eq!(owner(&taken).await.unwrap().user_id, user);
    let error = owner(&external_id(localpart)).await.unwrap_err();
    assert!(error.is_not_found(), "{error:?}");

    // The server refuses it when the other account is there already.
    let other = maker.user(&maker.fresh_localpart("other"));
    let request = users::put(&other, &with_taken);
    let error = maker.admin().run(&request).await.unwrap_err();
    assert_eq!(error.status(), Some(409), "{error:?}");
    assert_eq!(get(&other).await.external_ids, []);
    assert_eq!(owner(&taken).await.unwrap().user_id, user);
}

#[tokio::test]
async fn what_an_application_service_reserved_is_not_created() {
    let maker = &server().maker;
    let localpart = format!("{}nobody-else", people::RESERVED_PREFIX);
    let user = maker.user(&localpart);
    let mut requests = vec![users::put(&user, &UserChange::default())];
    let guarded = |guard: Guard| users::create(&user, &UserChange::default(), guard);
    requests.extend(guards().into_iter().map(guarded));
    for request in requests {
        let error = maker.admin().run(&request).await.unwrap_err();
        assert!(
            error.is_errcode("M_EXCLUSIVE") && error.status() == Some(400),
            "{error:?}"
        );
    }
    let missing = maker.admin().run(&users::get(&user)).await;
    assert!(missing.is_err_and(|error| error.is_not_found()));
}

#[tokio::test]
async fn deactivating_with_and_without_erasing() {
    let maker = &server().maker;
    for erase in [false, true] {
        let user = maker.make_fresh_user("leaves").await.unwrap();
        maker
            .admin()
            .run(&users::deactivate(&user, erase))
            .await
            .unwrap();
        let detail = get(&user).await;
        assert!(detail.user.deactivated);
        if maker.capabilities().since(71) {
            assert_eq!(detail.user.erased, erase);
        }
        // A second time changes nothing.
        maker
            .admin()
            .run(&users::deactivate(&user, erase))
            .await
            .unwrap();
    }
}

#[tokio::test]
async fn shadow_bans_come_and_go() {
    let maker = &server().maker;
    let user = maker.make_fresh_user("shadow").await.unwrap();
    maker.admin().run(&users::shadow_ban(&user)).await.unwrap();
    assert!(get(&user).await.user.shadow_banned);
    maker
        .admin()
        .run(&users::lift_shadow_ban(&user))
        .await
        .unwrap();
    assert!(!get(&user).await.user.shadow_banned);
}

#[tokio::test]
async fn the_rooms_of_a_user() {
    let server = server();
    let alice = server.maker.user(people::ALICE);
    let rooms = server
        .maker
        .admin()
        .run(&users::joined_rooms(&alice))
        .await
        .unwrap();
    assert_eq!(rooms.total, rooms.joined_rooms.len() as u64);
    for key in ["general", "history", "space", "encrypted.0", "dm.0"] {
        assert!(rooms.joined_rooms.contains(server.world.room(key)), "{key}");
    }
}
