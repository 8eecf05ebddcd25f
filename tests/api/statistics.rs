use journeys::server::server;
use synapse_admin::api::statistics;

#[tokio::test]
async fn sizes_in_the_database_need_postgresql() {
    let client = server().maker.admin();
    let request = statistics::largest_rooms();
    let error = client.run(&request).await.unwrap_err();
    assert!(error.is_errcode("M_UNKNOWN"), "{error:?}");
}
