use journeys::server::server as running;
use synapse_admin::api::server::{self, Version};
use synapse_admin::api::{ApiError, discovery};

#[tokio::test]
async fn the_version_needs_no_token() {
    let client = running().synapse.client();
    let version = client.run(&server::version()).await.unwrap();
    let expected = xtask::synapse::version_from_env();
    assert_eq!(version.server_version, expected);
    assert_eq!(
        Version::parse(&version.server_version),
        Version::parse(&expected)
    );
}

#[tokio::test]
async fn the_spec_versions_need_no_token() {
    let client = running().synapse.client();
    let spec = client.run(&server::spec_versions()).await.unwrap();
    let newest = spec.newest().unwrap();
    assert!(newest.starts_with("v1."), "{newest}");
    assert_eq!(
        spec.has_authenticated_media(),
        running().maker.capabilities().since(111)
    );
    assert!(!spec.unstable_features.is_empty());
}

#[tokio::test]
async fn the_well_known_file_names_the_homeserver() {
    let server = running();
    let mut request = discovery::well_known(&server.synapse.server_name());
    assert_eq!(
        request.call.path,
        "https://test.localhost/.well-known/matrix/client"
    );
    // Synapse serves the file itself where nothing else does; not on port 443 here.
    request.call.path = format!("{}/.well-known/matrix/client", server.synapse.url());
    let known = server.synapse.client().run(&request).await.unwrap();
    assert_eq!(known.base_url().unwrap(), server.synapse.homeserver());
    assert_eq!(known.authentication, None);
}

#[tokio::test]
async fn without_mas_there_is_no_auth_metadata() {
    let answer = running()
        .synapse
        .client()
        .run(&discovery::auth_metadata())
        .await;
    assert!(
        matches!(answer, Err(ApiError::Unsupported { .. })),
        "{answer:?}"
    );
}
