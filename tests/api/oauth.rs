//! OAuth 2.0, against the stand-in for Matrix Authentication Service and a real Synapse behind it.

use journeys::mas::{PANEL, delegated};
use synapse_admin::api::exchange::Patient;
use synapse_admin::api::oauth::{self, OAuthError};
use synapse_admin::api::server::Capabilities;
use synapse_admin::api::users::{self, ListUsers};
use synapse_admin::api::{ApiError, Request, authorization, login, mas};
use xtask::mas::{ADMIN_SCOPE, Account};
use xtask::native::{Client, RealClock, RealRandom};
use xtask::world::people;

/// What an authorization server answers.
async fn asks<T>(client: &Client, request: Request<T>) -> Result<T, OAuthError> {
    let answer = client
        .answer(&request.call)
        .await
        .map_err(OAuthError::Api)?;
    oauth::read(&request, &answer)
}

fn refused<T>(told: Result<T, OAuthError>) -> String {
    match told {
        Err(OAuthError::Refused(refusal)) => refusal.error,
        Err(other) => panic!("{other}"),
        Ok(_) => panic!("it was not refused"),
    }
}

#[tokio::test]
async fn it_is_found() {
    let Some(server) = delegated() else { return };
    let client = server.synapse.client();
    let clock = RealClock::default();
    let ask = Patient {
        network: &client,
        clock: &clock,
        random: &RealRandom,
    };
    let found = oauth::find(ask, None).await.unwrap().unwrap();
    assert_eq!(found.mas().as_deref(), Some(server.mas.url().as_str()));
    assert!(found.answers_in_fragment());
    let by_other_ways = [
        client.run(&oauth::unstable_metadata()).await.unwrap(),
        server
            .client()
            .run(&oauth::configuration(&found.issuer))
            .await
            .unwrap(),
    ];
    for told in by_other_ways {
        assert_eq!(
            serde_json::from_value::<oauth::Metadata>(told).unwrap(),
            found
        );
    }
    // Gone from new servers.
    let gone = client.run(&oauth::auth_issuer()).await;
    assert!(
        matches!(gone, Err(ApiError::Unsupported { .. })),
        "{gone:?}"
    );
    let flows = client.run(&login::flows()).await;
    assert!(
        matches!(flows, Err(ApiError::Unsupported { .. })),
        "{flows:?}"
    );
}

#[tokio::test]
async fn a_client_that_the_policy_refuses_is_told_why() {
    let Some(server) = delegated() else { return };
    let endpoint = format!("{}/oauth2/registration", server.mas.url());
    let mut panel = oauth::client(PANEL, None).expect("a panel on this machine");
    panel.application_type = "web";
    let told = asks(&server.client(), oauth::register(&endpoint, &panel)).await;
    assert_eq!(refused(told), "invalid_redirect_uri");
}

#[tokio::test]
async fn a_code_becomes_tokens_once() {
    let Some(server) = delegated() else { return };
    let (client, client_id) = (server.client(), server.client_id().await);
    assert_eq!(
        client_id,
        server.client_id().await,
        "the same metadata, the same client"
    );
    let endpoint = format!("{}/oauth2/token", server.mas.url());
    let verifier = "w".repeat(43);
    let challenge = authorization::challenge(&verifier);
    let code = server
        .mas
        .code(people::ADMIN, &client_id, PANEL, ADMIN_SCOPE, &challenge)
        .await
        .unwrap();
    let redeem = |verifier: &str| oauth::redeem(&endpoint, &client_id, &code, PANEL, verifier);
    let wrong = refused(asks(&client, redeem(&"x".repeat(43))).await);
    assert_eq!(wrong, "invalid_grant");
    let code = server
        .mas
        .code(people::ADMIN, &client_id, PANEL, ADMIN_SCOPE, &challenge)
        .await
        .unwrap();
    let redeem = || oauth::redeem(&endpoint, &client_id, &code, PANEL, &verifier);
    let tokens = asks(&client, redeem()).await.unwrap();
    assert_eq!(tokens.expires_in, Some(300));
    assert_eq!(
        tokens.scope.as_deref(),
        Some("urn:mas:admin urn:matrix:client:api:* urn:synapse:admin:*")
    );
    assert_eq!(refused(asks(&client, redeem()).await), "invalid_grant");
    // Synapse takes it, and whose it is.
    let admin = server.synapse.client().with_token(&tokens.access_token);
    let me = admin.run(&login::who_am_i()).await.unwrap();
    assert_eq!(me.device_id, None);
    let all = ListUsers {
        limit: 1,
        ..Default::default()
    };
    let capabilities = Capabilities {
        delegated_auth: true,
        ..Default::default()
    };
    admin.run(&users::list(&all, &capabilities)).await.unwrap();
    assert!(
        admin.run(&login::logout()).await.is_err(),
        "nothing is logged out like that"
    );
}

#[tokio::test]
async fn a_refresh_token_is_good_once_and_a_lost_answer_is_forgiven() {
    let Some(server) = delegated() else { return };
    let (client, client_id) = (server.client(), server.client_id().await);
    let endpoint = format!("{}/oauth2/token", server.mas.url());
    let refresh = |token: &Option<String>| {
        let token = token.clone().unwrap();
        let request = oauth::refresh(&endpoint, &client_id, &token);
        let client = client.clone();
        async move { asks(&client, request).await }
    };
    let first = server.tokens(people::ADMIN, ADMIN_SCOPE).await;
    let _lost = refresh(&first.refresh_token).await.unwrap();
    assert!(!server.mas.is_active(&first.access_token).await);
    let second = refresh(&first.refresh_token).await.unwrap();
    let admin = server.synapse.client().with_token(&second.access_token);
    admin.run(&login::who_am_i()).await.unwrap();
    // Now they are in use.
    let over = refresh(&first.refresh_token).await.err().unwrap();
    assert!(over.is_final(), "{over}");
    let third = refresh(&second.refresh_token).await.unwrap();

    let revoke = format!("{}/oauth2/revoke", server.mas.url());
    let token = third.refresh_token.clone().unwrap();
    asks(
        &client,
        oauth::revoke(&revoke, &client_id, &token, oauth::TokenKind::Refresh),
    )
    .await
    .unwrap();
    assert!(!server.mas.is_active(&third.access_token).await);
    let over = refresh(&third.refresh_token).await.err().unwrap();
    assert!(over.is_final(), "{over}");
}

#[tokio::test]
async fn what_was_not_granted_is_refused() {
    let Some(server) = delegated() else { return };
    let account = Account {
        admin: false,
        seconds: 300,
    };
    server.account("oauth-plain", account).await;
    let tokens = server
        .tokens("oauth-plain", authorization::CLIENT_API)
        .await;
    let client = server.synapse.client().with_token(&tokens.access_token);
    client.run(&login::who_am_i()).await.unwrap();
    let all = ListUsers::default();
    let denied = client
        .run(&users::list(&all, &Capabilities::default()))
        .await;
    assert!(
        matches!(denied, Err(ApiError::NotAdmin { .. })),
        "{denied:?}"
    );
    let base = server.mas.url();
    let mas = server.client().with_token(&tokens.access_token);
    assert!(mas.run(&mas::version(&base)).await.is_err());
}

#[tokio::test]
async fn the_admin_api_of_mas() {
    let Some(server) = delegated() else { return };
    let base = server.mas.url();
    let bare = server
        .client()
        .answer(&mas::version(&base).anonymous().call)
        .await;
    assert!(mas::is_exposed(&bare.unwrap()));
    let tokens = server.tokens(people::ADMIN, ADMIN_SCOPE).await;
    let client = server.client().with_token(tokens.access_token);
    let version = client.run(&mas::version(&base)).await.unwrap();
    assert!(version.version.starts_with('v'));
    client.run(&mas::site_config(&base)).await.unwrap();
    let one = client
        .run(&mas::users::by_username(&base, "ADMIN"))
        .await
        .unwrap();
    assert_eq!(one.data.attributes.username, people::ADMIN);
    assert!(one.data.attributes.admin);
    assert!(
        client
            .run(&mas::users::by_username(&base, "nobody"))
            .await
            .is_err()
    );
}
