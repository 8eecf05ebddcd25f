//! The admin API of Matrix Authentication Service, against the stand-in for it and a real Synapse behind it:
//! what a change there is at the homeserver.

use crate::until;
use journeys::mas::{Delegated, delegated};
use serde_json::json;
use synapse_admin::api::authorization::CLIENT_API;
use synapse_admin::api::mas::resource::{Count, Slice, Want};
use synapse_admin::api::mas::{self, MasPage, Resource, Ulid};
use synapse_admin::api::users::UserDetail;
use synapse_admin::api::{ApiError, UserId, devices, login, users};
use xtask::mas::{ADMIN_SCOPE, Account};
use xtask::native::Client;
use xtask::world::people;

/// What a session needs in order to use the homeserver, with a device.
fn with_device(id: &str) -> String {
    format!("{CLIENT_API} urn:matrix:client:device:{id}")
}

/// The administrator at MAS.
async fn admin(server: &Delegated) -> Client {
    let tokens = server.tokens(people::ADMIN, ADMIN_SCOPE).await;
    server.client().with_token(tokens.access_token)
}

/// A new account that MAS has made, and who it is at the homeserver.
async fn made(
    server: &Delegated,
    client: &Client,
    name: &str,
) -> (Resource<mas::users::MasUser>, UserId) {
    let new = mas::users::NewUser {
        username: name.into(),
        displayname: Some(format!("Who is {name}")),
    };
    let made = client
        .run(&mas::users::create(&server.mas.url(), &new))
        .await;
    let homeserver = server.synapse.server_name();
    let user = UserId::parse(&format!("@{name}:{homeserver}")).unwrap();
    (made.unwrap().data, user)
}

/// An account of the homeserver, once it is as expected.
async fn there(homeserver: &Client, user: &UserId, is_so: impl Fn(&UserDetail) -> bool) {
    let request = users::get(user);
    let ask = async || homeserver.run(&request).await.unwrap();
    let found = until(ask, &is_so).await;
    assert!(is_so(&found), "{found:?}");
}

/// What MAS has against something, in its own words.
fn status<T>(told: Result<T, ApiError>) -> u16 {
    match told {
        Err(error @ ApiError::Matrix { .. }) if error.is_of_mas() => error.status().unwrap(),
        Err(error) => panic!("{error:?}"),
        Ok(_) => panic!("it was not refused"),
    }
}

/// Nobody's and nothing's ID.
fn nobody() -> Ulid {
    Ulid::parse("01JSTANDN00000000000000001").unwrap()
}

fn ids<T>(page: &MasPage<T>) -> Vec<&Ulid> {
    page.data.iter().map(|one| &one.id).collect()
}

#[tokio::test]
async fn accounts_are_made_locked_and_unlocked() {
    let Some(server) = delegated() else { return };
    let (base, client) = (server.mas.url(), admin(server).await);
    let homeserver = server.admin().await;
    let (one, user) = made(server, &client, "mas-locked").await;
    assert_eq!(one.attributes.username, "mas-locked");
    assert!(one.attributes.created_at.is_some());
    let found = homeserver.run(&users::get(&user)).await.unwrap();
    assert_eq!(
        found.user.displayname.as_deref(),
        Some("Who is mas-locked"),
        "the homeserver has it at once"
    );
    let again = mas::users::NewUser {
        username: "MAS-locked".into(),
        ..Default::default()
    };
    assert_eq!(
        status(client.run(&mas::users::create(&base, &again)).await),
        409
    );
    let bad = mas::users::NewUser {
        username: "_mas".into(),
        ..Default::default()
    };
    assert_eq!(
        status(client.run(&mas::users::create(&base, &bad)).await),
        400
    );

    // Two sessions, of which the homeserver has not heard yet: what it has heard it remembers for minutes.
    let (first, second) = (
        server.tokens("mas-locked", CLIENT_API).await.access_token,
        server.tokens("mas-locked", CLIENT_API).await.access_token,
    );
    let locked = client.run(&mas::users::lock(&base, &one.id)).await.unwrap();
    assert!(locked.data.attributes.locked_at.is_some());
    client
        .run(&mas::users::lock(&base, &one.id))
        .await
        .expect("once more is the same");
    let refused = server.synapse.client().with_token(first);
    let refused = refused.run(&login::who_am_i()).await;
    assert!(
        matches!(refused, Err(ApiError::TokenRefused { .. })),
        "{refused:?}"
    );
    there(&homeserver, &user, |found| found.user.locked).await;
    let filter = mas::users::UserFilter {
        search: Some("mas-LOCK".into()),
        status: Some(mas::users::MasStatus::Locked),
        ..Default::default()
    };
    let list = || mas::users::list(&base, &filter, &Want::first(10));
    let found = client.run(&list()).await.unwrap();
    assert_eq!(ids(&found), [&one.id]);

    let unlocked = client
        .run(&mas::users::unlock(&base, &one.id))
        .await
        .unwrap();
    assert_eq!(unlocked.data.attributes.locked_at, None);
    there(&homeserver, &user, |found| !found.user.locked).await;
    assert_eq!(client.run(&list()).await.unwrap().data, []);
    let works = server.synapse.client().with_token(second);
    let me = works.run(&login::who_am_i()).await.unwrap();
    assert_eq!(me.user_id, user);
    let found = client.run(&mas::users::get(&base, &one.id)).await.unwrap();
    assert_eq!(found.data.attributes.username, "mas-locked");
    let unknown = client.run(&mas::users::get(&base, &nobody())).await;
    assert_eq!(status(unknown), 404);
}

#[tokio::test]
async fn passwords_and_rights() {
    let Some(server) = delegated() else { return };
    let (base, client) = (server.mas.url(), admin(server).await);
    let (one, _) = made(server, &client, "mas-rights").await;
    let set = |password: &'static str, any| {
        let request = mas::users::set_password(&base, &one.id, password, any);
        let client = &client;
        async move { client.run(&request).await }
    };
    assert_eq!(
        set("correct horse battery staple", false).await,
        Ok(Vec::new())
    );
    assert_eq!(status(set("x", false).await), 400);
    assert_eq!(set("x", true).await, Ok(Vec::new()));

    for admin in [true, false] {
        let told = client
            .run(&mas::users::set_admin(&base, &one.id, admin))
            .await
            .unwrap();
        assert_eq!(told.data.attributes.admin, admin);
        let filter = mas::users::UserFilter {
            admin: Some(true),
            search: Some("mas-rights".into()),
            ..Default::default()
        };
        let found = mas::users::list(&base, &filter, &Want::count_only());
        let found = client.run(&found).await.unwrap();
        assert_eq!(found.count(), Some(u64::from(admin)));
    }
    let unknown = client
        .run(&mas::users::set_admin(&base, &nobody(), false))
        .await;
    assert_eq!(status(unknown), 404);
}

#[tokio::test]
async fn deactivating_is_seen_at_the_homeserver() {
    let Some(server) = delegated() else { return };
    let (base, client) = (server.mas.url(), admin(server).await);
    let homeserver = server.admin().await;
    let (one, user) = made(server, &client, "mas-gone").await;
    client
        .run(&mas::emails::add(&base, &one.id, "gone@example.org"))
        .await
        .unwrap();
    let token = server.tokens("mas-gone", CLIENT_API).await.access_token;
    let deactivate = |erase| client_runs(&client, mas::users::deactivate(&base, &one.id, erase));
    let told = deactivate(false).await.unwrap();
    assert!(told.data.attributes.deactivated_at.is_some());
    there(&homeserver, &user, |found| found.user.deactivated).await;
    there(&homeserver, &user, |found| !found.user.erased).await;
    assert!(!server.mas.is_active(&token).await);
    let filter = mas::emails::EmailFilter {
        user: Some(one.id.clone()),
        ..Default::default()
    };
    let emails = client
        .run(&mas::emails::list(&base, &filter, &Want::first(10)))
        .await;
    assert_eq!(emails.unwrap().data, []);
    let taken = mas::users::NewUser {
        username: "mas-gone".into(),
        ..Default::default()
    };
    assert_eq!(
        status(client.run(&mas::users::create(&base, &taken)).await),
        409
    );

    let reactivate = || client_runs(&client, mas::users::reactivate(&base, &one.id));
    let told = reactivate().await.unwrap();
    assert_eq!(told.data.attributes.deactivated_at, None);
    there(&homeserver, &user, |found| !found.user.deactivated).await;
    reactivate().await.expect("once more is the same");
    assert!(!server.mas.is_active(&token).await, "no session comes back");

    deactivate(true).await.unwrap();
    there(&homeserver, &user, |found| {
        found.user.deactivated && found.user.erased
    })
    .await;
}

/// Sends a request that is made for it.
async fn client_runs<T>(
    client: &Client,
    request: synapse_admin::api::Request<T>,
) -> Result<T, ApiError> {
    client.run(&request).await
}

#[tokio::test]
async fn lists_are_read_from_both_ends() {
    let Some(server) = delegated() else { return };
    let (base, client) = (server.mas.url(), admin(server).await);
    let mut all = Vec::new();
    for number in 1..=5 {
        let (one, _) = made(server, &client, &format!("mas-paged-{number}")).await;
        all.push(one.id);
    }
    let filter = mas::users::UserFilter {
        search: Some("mas-paged".into()),
        ..Default::default()
    };
    let read = |slice, count| {
        let want = Want {
            slice,
            size: 2,
            count,
        };
        client_runs(&client, mas::users::list(&base, &filter, &want))
    };
    let page = read(Slice::First, Count::Yes).await.unwrap();
    assert_eq!(ids(&page), [&all[0], &all[1]], "oldest first");
    assert_eq!((page.count(), page.before()), (Some(5), None));
    let page = read(Slice::After(page.after().unwrap()), Count::No)
        .await
        .unwrap();
    assert_eq!(ids(&page), [&all[2], &all[3]]);
    assert_eq!(page.count(), None);
    let page = read(Slice::After(page.after().unwrap()), Count::No)
        .await
        .unwrap();
    assert_eq!(ids(&page), [&all[4]]);
    assert_eq!(page.after(), None);

    let page = read(Slice::Last, Count::Yes).await.unwrap();
    assert_eq!(ids(&page), [&all[3], &all[4]], "the newest, oldest first");
    assert_eq!((page.count(), page.after()), (Some(5), None));
    let page = read(Slice::Before(page.before().unwrap()), Count::No)
        .await
        .unwrap();
    assert_eq!(ids(&page), [&all[1], &all[2]]);
    let page = read(Slice::Before(page.before().unwrap()), Count::No)
        .await
        .unwrap();
    assert_eq!(ids(&page), [&all[0]]);
    assert_eq!(page.before(), None);

    let number = read(Slice::First, Count::Only).await.unwrap();
    assert_eq!((number.count(), number.data.len()), (Some(5), 0));
    // What stands for anything, and what would end a query.
    let search = |text: &str| mas::users::UserFilter {
        search: Some(text.into()),
        ..Default::default()
    };
    for (text, found) in [("mas_paged%3", 1), ("mas-paged&", 0)] {
        let filter = search(text);
        let number = mas::users::list(&base, &filter, &Want::count_only());
        let number = client.run(&number).await.unwrap();
        assert_eq!(number.count(), Some(found), "{text}");
    }
}

#[tokio::test]
async fn addresses_are_the_homeservers_as_well() {
    let Some(server) = delegated() else { return };
    let (base, client) = (server.mas.url(), admin(server).await);
    let homeserver = server.admin().await;
    let (one, user) = made(server, &client, "mas-addresses").await;
    let add = |address: &'static str| {
        let request = mas::emails::add(&base, &one.id, address);
        client_runs(&client, request)
    };
    let first = add("mas-contract@example.org").await.unwrap().data;
    assert_eq!(first.attributes.user_id, one.id);
    assert_eq!(status(add("MAS-Contract@example.org").await), 409);
    assert_eq!(status(add("nowhere").await), 400);
    let unknown = mas::emails::add(&base, &nobody(), "mas-nobody@example.org");
    assert_eq!(status(client.run(&unknown).await), 404);
    add("mas-second@example.org").await.unwrap();
    let has = |found: &UserDetail, address: &str| {
        found
            .threepids
            .iter()
            .any(|one| one.medium == "email" && one.address == address)
    };
    there(&homeserver, &user, |found| {
        has(found, "mas-contract@example.org") && has(found, "mas-second@example.org")
    })
    .await;
    let filter = mas::emails::EmailFilter {
        email: Some("mas-CONTRACT@example.org".into()),
        ..Default::default()
    };
    let found = client
        .run(&mas::emails::list(
            &base,
            &filter,
            &Want::first(10).counted(),
        ))
        .await
        .unwrap();
    assert_eq!((ids(&found), found.count()), (vec![&first.id], Some(1)));

    let delete = || client_runs(&client, mas::emails::delete(&base, &first.id));
    assert_eq!(delete().await, Ok(Vec::new()));
    assert_eq!(status(delete().await), 404);
    there(&homeserver, &user, |found| {
        !has(found, "mas-contract@example.org") && has(found, "mas-second@example.org")
    })
    .await;
}

#[tokio::test]
async fn sessions_end() {
    let Some(server) = delegated() else { return };
    let (base, client) = (server.mas.url(), admin(server).await);
    let (one, user) = made(server, &client, "mas-sessions").await;
    let scope = with_device("MASCONTRACT");
    let token = server.tokens("mas-sessions", &scope).await.access_token;
    let theirs = server.synapse.client().with_token(&token);
    let me = theirs.run(&login::who_am_i()).await.unwrap();
    assert_eq!(
        (me.user_id, me.device_id.as_deref()),
        (user, Some("MASCONTRACT"))
    );

    let active = mas::sessions::SessionFilter::active_of(&one.id);
    let panel = Ulid::parse(&server.client_id().await).expect("the ID of a client");
    let list = |client_id: Option<&Ulid>| {
        client_runs(
            &client,
            mas::sessions::oauth2(&base, &active, client_id, &Want::last(10).counted()),
        )
    };
    let found = list(Some(&panel)).await.unwrap();
    let [session] = &found.data[..] else {
        panic!("{found:?}")
    };
    assert_eq!(found.count(), Some(1));
    assert_eq!(session.attributes.device_id(), Some("MASCONTRACT"));
    assert_eq!(session.attributes.user_id.as_ref(), Some(&one.id));
    assert_eq!(session.attributes.client_id, panel);
    assert_eq!(status(list(Some(&nobody())).await), 404);
    let has = mas::users::UserFilter {
        search: Some("mas-sessions".into()),
        has_active_oauth2_session: Some(true),
        has_active_compat_session: Some(false),
        ..Default::default()
    };
    let with_sessions = || mas::users::list(&base, &has, &Want::count_only());
    assert_eq!(client.run(&with_sessions()).await.unwrap().count(), Some(1));

    let finish = || client_runs(&client, mas::sessions::finish_oauth2(&base, &session.id));
    let told = finish().await.unwrap();
    assert!(told.data.attributes.finished_at.is_some());
    let again = finish().await.unwrap_err();
    assert!(mas::is_so_already(&again), "{again:?}");
    let ask = async || theirs.run(&login::who_am_i()).await;
    let refused = until(ask, |told| told.is_err()).await;
    assert!(
        matches!(refused, Err(ApiError::TokenRefused { .. })),
        "{refused:?}"
    );
    assert_eq!(list(None).await.unwrap().data, []);
    assert_eq!(client.run(&with_sessions()).await.unwrap().count(), Some(0));
    let finished = mas::sessions::SessionFilter {
        active: Some(false),
        ..active.clone()
    };
    let finished = mas::sessions::oauth2(&base, &finished, None, &Want::first(10));
    assert_eq!(ids(&client.run(&finished).await.unwrap()), [&session.id]);
    let found = mas::sessions::one_oauth2(&base, &session.id);
    let found = client.run(&found).await.unwrap().data.attributes;
    assert!(found.finished_at.is_some());
    let unknown = mas::sessions::finish_oauth2(&base, &nobody());
    assert_eq!(status(client.run(&unknown).await), 404);
}

#[tokio::test]
async fn old_log_ins_end_with_their_devices() {
    let Some(server) = delegated() else { return };
    let (base, client) = (server.mas.url(), admin(server).await);
    let homeserver = server.admin().await;
    let (one, user) = made(server, &client, "mas-compat").await;
    // The one in another century.
    for (device, days) in [("MASOLDLOGIN", 20_000), ("MASNEWLOGIN", 1)] {
        let made = server
            .mas
            .compat_session("mas-compat", Some(device), "Old/1.0", days);
        made.await.unwrap();
    }
    let list = |filter: &mas::sessions::SessionFilter| {
        client_runs(
            &client,
            mas::sessions::compat(&base, filter, &Want::last(10)),
        )
    };
    let all = list(&mas::sessions::SessionFilter::active_of(&one.id))
        .await
        .unwrap();
    let devices = |page: &MasPage<mas::sessions::CompatSession>| {
        let mut devices: Vec<String> = page
            .data
            .iter()
            .filter_map(|one| one.attributes.device_id.clone())
            .collect();
        devices.sort();
        devices
    };
    assert_eq!(devices(&all), ["MASNEWLOGIN", "MASOLDLOGIN"]);
    let idle = mas::sessions::SessionFilter {
        created_before: Some("2000-01-01T00:00:00Z".into()),
        ..mas::sessions::SessionFilter::active_of(&one.id)
    };
    let idle = list(&idle).await.unwrap();
    assert_eq!(devices(&idle), ["MASOLDLOGIN"]);

    let old = &idle.data[0].id;
    let told = client
        .run(&mas::sessions::finish_compat(&base, old))
        .await
        .unwrap();
    assert!(told.data.attributes.finished_at.is_some());
    let again = client.run(&mas::sessions::finish_compat(&base, old)).await;
    assert!(mas::is_so_already(&again.unwrap_err()));
    let found = client.run(&mas::sessions::one_compat(&base, old)).await;
    assert!(found.unwrap().data.attributes.finished_at.is_some());
    let request = devices::list(&user);
    let ask = async || homeserver.run(&request).await.unwrap().devices;
    let left = until(ask, |left| left.len() == 1).await;
    let left: Vec<&str> = left.iter().map(|one| one.device_id.as_str()).collect();
    assert_eq!(left, ["MASNEWLOGIN"], "at the homeserver");
}

#[tokio::test]
async fn browsers_are_signed_out_of_mas() {
    let Some(server) = delegated() else { return };
    let (base, client) = (server.mas.url(), admin(server).await);
    let (one, _) = made(server, &client, "mas-browsers").await;
    let mut all = Vec::new();
    for number in 0..5 {
        let agent = format!("Browser/{number}");
        let made = server.mas.browser_session("mas-browsers", &agent, number);
        all.push(Ulid::parse(&made.unwrap()).unwrap());
    }
    all.sort();
    let active = mas::sessions::SessionFilter::active_of(&one.id);
    let read = |slice| {
        let want = Want {
            slice,
            ..Want::last(2)
        };
        client_runs(&client, mas::sessions::browser(&base, &active, &want))
    };
    // The cursors that MAS tells of these lead nowhere: pages are asked for by IDs.
    let newest = read(Slice::Last).await.unwrap();
    assert_eq!(ids(&newest), [&all[3], &all[4]]);
    let older = read(Slice::Before(newest.before().unwrap())).await.unwrap();
    assert_eq!(ids(&older), [&all[1], &all[2]]);
    let oldest = read(Slice::Before(older.before().unwrap())).await.unwrap();
    assert_eq!((ids(&oldest), oldest.before()), (vec![&all[0]], None));

    let finish = || client_runs(&client, mas::sessions::finish_browser(&base, &all[4]));
    assert!(
        finish()
            .await
            .unwrap()
            .data
            .attributes
            .finished_at
            .is_some()
    );
    assert!(mas::is_so_already(&finish().await.unwrap_err()));
    assert_eq!(ids(&read(Slice::Last).await.unwrap()), [&all[2], &all[3]]);
    let found = client
        .run(&mas::sessions::one_browser(&base, &all[4]))
        .await
        .unwrap()
        .data;
    assert_eq!(found.attributes.user_agent.as_deref(), Some("Browser/0"));
    assert!(found.attributes.finished_at.is_some());
}

#[tokio::test]
async fn accounts_of_providers_are_linked() {
    use mas::upstream::LinkFilter;
    let Some(server) = delegated() else { return };
    let (base, client) = (server.mas.url(), admin(server).await);
    let (one, _) = made(server, &client, "mas-linked").await;
    let (other, _) = made(server, &client, "mas-linked-too").await;
    let provider = server
        .mas
        .upstream_provider("Contract", Some("github"), true);
    let provider = Ulid::parse(&provider).unwrap();
    let switched_off = server.mas.upstream_provider("Contract off", None, false);
    let switched_off = Ulid::parse(&switched_off).unwrap();
    for (enabled, has) in [
        (None, [true, true]),
        (Some(true), [true, false]),
        (Some(false), [false, true]),
    ] {
        let found = mas::upstream::providers(&base, enabled, &Want::first(100));
        let found = client.run(&found).await.unwrap();
        let has_these = [&provider, &switched_off].map(|id| ids(&found).contains(&id));
        assert_eq!(has_these, has, "{enabled:?}");
    }

    let link = |user: &Ulid, subject: &'static str| {
        let request = mas::upstream::link(&base, user, &provider, subject, Some("Anna B."));
        client_runs(&client, request)
    };
    let made = link(&one.id, "anna").await.unwrap().data;
    assert_eq!(made.attributes.user_id.as_ref(), Some(&one.id));
    assert_eq!(
        made.attributes.human_account_name.as_deref(),
        Some("Anna B.")
    );
    assert_eq!(status(link(&other.id, "anna").await), 409);
    assert_eq!(status(link(&nobody(), "nobody").await), 404);
    let nowhere = mas::upstream::link(&base, &one.id, &nobody(), "anna", None);
    assert_eq!(status(client.run(&nowhere).await), 404);
    // What MAS knows as nobody's is taken.
    let free = server
        .mas
        .upstream_link(provider.as_str(), "free", None, None)
        .unwrap();
    let taken = link(&one.id, "free").await.unwrap().data;
    assert_eq!(taken.id.as_str(), free);
    assert_eq!(taken.attributes.user_id.as_ref(), Some(&one.id));

    let of_one = LinkFilter {
        user: Some(one.id.clone()),
        provider: Some(provider.clone()),
        subject: Some("anna".into()),
        // Part of what people call it.
        human_account_name: Some("nna b".into()),
    };
    let list = |filter: &LinkFilter| {
        client_runs(
            &client,
            mas::upstream::links(&base, filter, &Want::first(10)),
        )
    };
    assert_eq!(ids(&list(&of_one).await.unwrap()), [&made.id]);
    let unlink = || client_runs(&client, mas::upstream::unlink(&base, &made.id));
    assert_eq!(unlink().await, Ok(Vec::new()));
    assert_eq!(status(unlink().await), 404);
    assert_eq!(list(&of_one).await.unwrap().data, []);
}

#[tokio::test]
async fn programs_are_listed() {
    let Some(server) = delegated() else { return };
    let (base, client) = (server.mas.url(), admin(server).await);
    let panel = Ulid::parse(&server.client_id().await).unwrap();
    let one = client
        .run(&mas::clients::get(&base, &panel))
        .await
        .unwrap()
        .data;
    assert!(!one.attributes.is_static);
    assert_eq!(one.attributes.client_id, panel.as_str());
    // On this machine the panel registers without its port.
    let registered = journeys::mas::PANEL.replace(":9/", "/");
    assert_eq!(one.attributes.redirect_uris, [registered]);
    let name = one.attributes.client_name.clone().expect("its name");
    for (is_static, there) in [(false, true), (true, false)] {
        let filter = mas::clients::ClientFilter {
            name: Some(name.clone()),
            is_static: Some(is_static),
            has_active_sessions: Some(true),
        };
        let found = client
            .run(&mas::clients::list(&base, &filter, &Want::first(100)))
            .await
            .unwrap();
        assert_eq!(ids(&found).contains(&&panel), there, "{found:?}");
    }
    let unknown = client.run(&mas::clients::get(&base, &nobody())).await;
    assert_eq!(status(unknown), 404);
}

#[tokio::test]
async fn registration_tokens_come_and_end() {
    use mas::tokens::{NewToken, TokenChange};
    let Some(server) = delegated() else { return };
    let (base, client) = (server.mas.url(), admin(server).await);
    let create = |new: &NewToken| client_runs(&client, mas::tokens::create(&base, new));
    let plain = create(&NewToken::default()).await.unwrap().data;
    assert_eq!(plain.attributes.token.chars().count(), 12);
    assert!(plain.attributes.valid);
    let new = NewToken {
        token: Some("mas contract&".into()),
        usage_limit: Some(3),
        expires_at: Some("2999-01-01T00:00:00Z".into()),
    };
    let one = create(&new).await.unwrap().data;
    assert_eq!(one.attributes.token, "mas contract&");
    assert_eq!(one.attributes.usage_limit, Some(3));
    let end = mas::MasTime::parse("2999-01-01T00:00:00Z");
    assert_eq!(one.attributes.expires_at, end);
    assert_eq!(status(create(&new).await), 409);

    // What is left out stays, and nothing is not what is left out.
    let unlimited = TokenChange {
        usage_limit: Some(None),
        expires_at: None,
    };
    let told = client
        .run(&mas::tokens::update(&base, &one.id, &unlimited))
        .await
        .unwrap();
    assert_eq!(told.data.attributes.usage_limit, None);
    assert_eq!(told.data.attributes.expires_at, end);
    let over = TokenChange {
        usage_limit: None,
        expires_at: Some(Some("2000-01-01T00:00:00Z".into())),
    };
    let told = client
        .run(&mas::tokens::update(&base, &plain.id, &over))
        .await
        .unwrap();
    assert!(!told.data.attributes.valid);

    let revoke = || client_runs(&client, mas::tokens::revoke(&base, &one.id));
    let told = revoke().await.unwrap();
    assert!(!told.data.attributes.valid && told.data.attributes.revoked_at.is_some());
    let again = revoke().await.unwrap_err();
    assert!(mas::is_so_already(&again), "{again:?}");
    let list = |valid| client_runs(&client, mas::tokens::list(&base, valid, &Want::last(100)));
    assert!(!ids(&list(Some(true)).await.unwrap()).contains(&&one.id));
    let invalid = list(Some(false)).await.unwrap();
    assert!(ids(&invalid).contains(&&one.id) && ids(&invalid).contains(&&plain.id));
    let unrevoke = || client_runs(&client, mas::tokens::unrevoke(&base, &one.id));
    assert!(unrevoke().await.unwrap().data.attributes.valid);
    let again = unrevoke().await.unwrap_err();
    assert!(mas::is_so_already(&again), "{again:?}");
    let found = client.run(&mas::tokens::get(&base, &one.id)).await.unwrap();
    assert_eq!(found.data.attributes.revoked_at, None);
    assert!(ids(&list(None).await.unwrap()).contains(&&plain.id));
    let unknown = client.run(&mas::tokens::revoke(&base, &nobody())).await;
    assert_eq!(status(unknown), 404);
}

#[tokio::test]
async fn tokens_for_scripts_act_as_somebody() {
    use mas::personal::{NewSession, PersonalFilter};
    let Some(server) = delegated() else { return };
    let (base, client) = (server.mas.url(), admin(server).await);
    let (actor, user) = made(server, &client, "mas-script").await;
    let new = NewSession {
        actor_user_id: actor.id.clone(),
        human_name: "Contract".into(),
        scope: CLIENT_API.into(),
        expires_in: Some(3_600),
    };
    let create = |new: &NewSession| client_runs(&client, mas::personal::create(&base, new));
    let one = create(&new).await.unwrap().data;
    assert_eq!(one.attributes.human_name, "Contract");
    assert!(one.attributes.expires_at.is_some());
    let token = one.attributes.access_token.clone().expect("this once");
    let acts = server.synapse.client().with_token(&token);
    assert_eq!(acts.run(&login::who_am_i()).await.unwrap().user_id, user);
    let not_granted = server.client().with_token(&token);
    let not_granted = not_granted.run(&mas::version(&base)).await;
    assert!(
        matches!(not_granted, Err(ApiError::NotAdmin { .. })),
        "{not_granted:?}"
    );
    let nobodys = NewSession {
        actor_user_id: nobody(),
        ..new.clone()
    };
    assert_eq!(status(create(&nobodys).await), 404);

    let me = client
        .run(&mas::users::by_username(&base, people::ADMIN))
        .await
        .unwrap()
        .data
        .id;
    let list = |active| {
        let filter = PersonalFilter {
            owner: Some(me.clone()),
            actor: Some(actor.id.clone()),
            active: Some(active),
        };
        client_runs(
            &client,
            mas::personal::list(&base, &filter, &Want::first(10).counted()),
        )
    };
    let found = list(true).await.unwrap();
    assert_eq!((ids(&found), found.count()), (vec![&one.id], Some(1)));
    assert_eq!(found.data[0].attributes.access_token, None);

    let regenerate = |ends| client_runs(&client, mas::personal::regenerate(&base, &one.id, ends));
    let told = regenerate(None).await.unwrap().data.attributes;
    let newer = told.access_token.expect("another");
    assert_eq!(told.expires_at, None);
    assert!(!server.mas.is_active(&token).await);
    assert!(server.mas.is_active(&newer).await);
    let revoke = || client_runs(&client, mas::personal::revoke(&base, &one.id));
    assert!(revoke().await.unwrap().data.attributes.revoked_at.is_some());
    let again = revoke().await.unwrap_err();
    assert!(mas::is_so_already(&again), "{again:?}");
    assert_eq!(status(regenerate(None).await), 422);
    assert!(!server.mas.is_active(&newer).await);
    let refused = server.client().with_token(&newer);
    let refused = refused.run(&mas::version(&base)).await;
    assert!(
        matches!(refused, Err(ApiError::TokenRefused { .. })),
        "{refused:?}"
    );
    assert_eq!(list(true).await.unwrap().data, []);
    assert_eq!(ids(&list(false).await.unwrap()), [&one.id]);

    let found = client
        .run(&mas::personal::one(&base, &one.id))
        .await
        .unwrap();
    assert!(found.data.attributes.revoked_at.is_some());
    client
        .run(&mas::users::deactivate(&base, &actor.id, false))
        .await
        .unwrap();
    assert_eq!(status(create(&new).await), 410);
}

/// This alone writes the policy's data, of which there is one for the whole server.
#[tokio::test]
async fn the_data_of_the_policy_is_replaced() {
    let Some(server) = delegated() else { return };
    let (base, client) = (server.mas.url(), admin(server).await);
    let none = ApiError::if_there(client.run(&mas::policy::latest(&base)).await);
    assert_eq!(none, Ok(None));
    for data in [
        json!({"admin_users": ["anna"], "session_limit": {"soft_limit": 3}}),
        json!({}),
    ] {
        let told = client
            .run(&mas::policy::replace(&base, &data))
            .await
            .unwrap();
        assert_eq!(told.data.attributes.data, data);
        let latest = client.run(&mas::policy::latest(&base)).await.unwrap();
        assert_eq!(latest.data.id, told.data.id);
        assert_eq!(latest.data.attributes.data, data);
    }
    let bad = json!({"admin_users": "anna"});
    let bad = client.run(&mas::policy::replace(&base, &bad)).await;
    assert_eq!(status(bad), 400);
}

#[tokio::test]
async fn who_may_not_is_told_why() {
    let Some(server) = delegated() else { return };
    let base = server.mas.url();
    let plain = Account {
        admin: false,
        seconds: 300,
    };
    server.account("mas-plain", plain).await;
    let tokens = server.tokens("mas-plain", CLIENT_API).await;
    let list = mas::users::list(&base, &Default::default(), &Want::first(1));
    let told = |token: &str| {
        let client = server.client().with_token(token);
        let list = list.clone();
        async move { client.run(&list).await }
    };
    let denied = told(&tokens.access_token).await.unwrap_err();
    assert!(matches!(denied, ApiError::NotAdmin { .. }), "{denied:?}");
    let refused = told("mat_nobody_has_this").await.unwrap_err();
    assert!(
        matches!(refused, ApiError::TokenRefused { .. }),
        "{refused:?}"
    );
}
