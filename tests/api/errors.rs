//! What goes wrong for every endpoint alike.

use journeys::server::server;
use synapse_admin::api::{ApiError, HomeserverUrl, Request, ServerName, UserId, users};
use xtask::native::Client;
use xtask::proxy::{Fault, Proxy, Rule};
use xtask::synapse::free_port;
use xtask::world::people;

#[tokio::test]
async fn an_unknown_token_is_refused() {
    let client = server().synapse.client().with_token("syt_nobody_has_this");
    let me = server().maker.user(people::ADMIN);
    let error = client.run(&users::get(&me)).await.unwrap_err();
    assert!(
        matches!(
            error,
            ApiError::TokenRefused {
                soft_logout: false,
                ..
            }
        ),
        "{error:?}"
    );
}

#[tokio::test]
async fn a_missing_token_is_refused() {
    let me = server().maker.user(people::ADMIN);
    let error = server().synapse.client().run(&users::get(&me)).await;
    assert!(
        matches!(error, Err(ApiError::TokenMissing { .. })),
        "{error:?}"
    );
}

#[tokio::test]
async fn who_is_no_admin_is_told_so() {
    let maker = &server().maker;
    let alice = maker.act_as(&maker.user(people::ALICE)).await.unwrap();
    let me = maker.user(people::ADMIN);
    let error = alice.run(&users::get(&me)).await.unwrap_err();
    assert!(matches!(error, ApiError::NotAdmin { .. }), "{error:?}");
}

#[tokio::test]
async fn unknown_accounts_are_not_found() {
    let maker = &server().maker;
    let nobody = maker.user("nobody.has.this.name");
    let error = maker.admin().run(&users::get(&nobody)).await.unwrap_err();
    assert!(error.is_not_found(), "{error:?}");
}

#[tokio::test]
async fn accounts_of_other_servers_are_refused() {
    let maker = &server().maker;
    let elsewhere = UserId::new("alice", &ServerName::parse("elsewhere.example").unwrap());
    for error in [
        maker.admin().run(&users::get(&elsewhere)).await.map(drop),
        maker
            .admin()
            .run(&users::put(&elsewhere, &Default::default()))
            .await
            .map(drop),
    ] {
        let error = error.unwrap_err();
        assert!(
            matches!(error, ApiError::Matrix { status: 400, .. }),
            "{error:?}"
        );
    }
}

#[tokio::test]
async fn an_unknown_endpoint_is_unsupported() {
    let request = Request::<serde_json::Value>::get("/_synapse/admin/v9/nothing");
    let error = server().maker.admin().run(&request).await.unwrap_err();
    assert!(matches!(error, ApiError::Unsupported { .. }), "{error:?}");
}

#[tokio::test]
async fn nobody_there() {
    let port = free_port().unwrap();
    let nowhere = HomeserverUrl::parse(&format!("http://127.0.0.1:{port}")).unwrap();
    let error = Client::new(nowhere)
        .run(&synapse_admin::api::server::version())
        .await;
    assert!(
        matches!(error, Err(ApiError::Unreachable { .. })),
        "{error:?}"
    );
}

#[tokio::test]
async fn bad_weather_has_its_names() {
    let server = server();
    let proxy = Proxy::start(server.synapse.config().port).unwrap();
    let client = server.maker.admin().at(proxy.homeserver());
    let alice = server.maker.user(people::ALICE);
    let request = users::get(&alice);
    let path = "/_synapse/admin/v2/users/*";
    type Test = fn(&ApiError) -> bool;
    let cases: [(Fault, Test); 5] = [
        (Fault::rate_limited(None), |error| {
            matches!(
                error,
                ApiError::RateLimited {
                    retry_after_ms: None,
                    ..
                }
            )
        }),
        (Fault::server_error(), |error| {
            matches!(error, ApiError::Matrix { status: 500, .. })
        }),
        (Fault::bad_gateway(), |error| {
            matches!(error, ApiError::NotMatrix { status: 502, .. })
        }),
        (Fault::web_page(), |error| {
            matches!(error, ApiError::NotMatrix { status: 200, .. })
        }),
        (Fault::token_revoked(), |error| {
            matches!(error, ApiError::TokenRefused { .. })
        }),
    ];
    for (fault, is_expected) in cases {
        let rule = proxy.add(Rule::new("GET", path, fault));
        let error = client.run(&request).await.unwrap_err();
        assert!(is_expected(&error), "{error:?}");
        proxy.remove(rule);
    }
    // And the sun shines again.
    assert_eq!(client.run(&request).await.unwrap().user.name, alice);
}
