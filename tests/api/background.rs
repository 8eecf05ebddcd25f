//! What the server does in the background.

use super::until;
use journeys::server::{own_server, server};
use serde_json::json;
use synapse_admin::api::background_updates::{self, StartableJob, VerifyKey};
use synapse_admin::api::room_removal::{self, Deletion, RemovalStage};
use synapse_admin::api::server::Feature;
use synapse_admin::api::tasks::{self, ListTasks, Task, TaskAction};
use synapse_admin::api::tolerant::Timestamp;
use synapse_admin::api::{ApiError, RoomId};
use xtask::native::Client;

#[tokio::test]
async fn tasks_are_filtered() {
    let maker = &server().maker;
    let admin = maker.admin();
    let user = maker.make_fresh_user("tasks").await.unwrap();
    let client = maker.act_as(&user).await.unwrap();
    let room = maker.make_room(&client, &json!({})).await.unwrap();
    let begun = room_removal::delete(&room, &Deletion::default());
    let id = admin.run(&begun).await.unwrap().delete_id;
    if !maker.capabilities().has(Feature::Tasks) {
        let all = admin.run(&tasks::list(&ListTasks::default())).await;
        assert!(matches!(all, Err(ApiError::Unsupported { .. })), "{all:?}");
        return;
    }
    let of_the_room = ListTasks {
        resource: Some(room.to_string()),
        ..Default::default()
    };
    let task = over(admin, &of_the_room).await;
    assert_eq!(
        (task.id.as_str(), task.status),
        (&*id, RemovalStage::Complete)
    );
    assert_eq!(
        TaskAction::from_name(&task.action),
        Some(TaskAction::DeleteRoom)
    );
    assert_eq!(task.resource_id.as_deref(), Some(room.as_str()));
    let result = task.result.as_ref().unwrap();
    assert_eq!(result["kicked_users"], json!([user]));

    let with = |change: fn(&mut ListTasks)| {
        let mut query = of_the_room.clone();
        change(&mut query);
        query
    };
    let finds = [
        with(|query| query.action = Some(TaskAction::DeleteRoom.name().into())),
        with(|query| query.status = Some(RemovalStage::Complete)),
        with(|query| query.until = Some(Timestamp(i64::MAX / 2))),
    ];
    for query in finds {
        let found = admin.run(&tasks::list(&query)).await.unwrap();
        assert_eq!(
            found.scheduled_tasks,
            std::slice::from_ref(&task),
            "{query:?}"
        );
    }
    let finds_not = [
        with(|query| query.action = Some(TaskAction::PurgeHistory.name().into())),
        with(|query| query.status = Some(RemovalStage::Failed)),
        with(|query| query.until = Some(Timestamp(1_500_000_000_000))),
        ListTasks {
            resource: RoomId::parse("!nothing:test.localhost").map(|room| room.to_string()),
            ..Default::default()
        },
    ];
    for query in finds_not {
        let found = admin.run(&tasks::list(&query)).await.unwrap();
        assert_eq!(found.scheduled_tasks, [], "{query:?}");
    }
}

/// The one task that this finds, once it is over.
async fn over(admin: &Client, query: &ListTasks) -> Task {
    let found = until(
        async || {
            let found = admin.run(&tasks::list(query)).await.unwrap();
            found.scheduled_tasks
        },
        |found| matches!(&found[..], [task] if task.status.is_over()),
    )
    .await;
    match &found[..] {
        [task] if task.status.is_over() => task.clone(),
        _ => panic!("{query:?} is not over: {found:?}"),
    }
}

/// Nobody's.
const KEY: &str = "ed25519:a_1234 Noi6WqcDj0QmPxCNQqgezwTlBKrfqehY1u2FyWP9uYw";

#[tokio::test]
async fn updates_are_paused_started_and_gone_on_with() {
    let server = own_server("updates");
    let admin = server.maker.admin();
    let at_first = admin.run(&background_updates::status()).await.unwrap();
    assert!(at_first.enabled && at_first.current_updates.is_empty());
    for enabled in [false, true, false] {
        let set = background_updates::set_enabled(enabled);
        assert_eq!(admin.run(&set).await.unwrap().enabled, enabled);
        let is = admin.run(&background_updates::enabled()).await.unwrap();
        assert_eq!(is.enabled, enabled);
    }
    let statistics = background_updates::start(&StartableJob::RoomStatistics);
    admin.run(&statistics).await.unwrap();
    let status = admin.run(&background_updates::status()).await.unwrap();
    assert!(!status.enabled);
    // It waits in the queue, where it cannot be twice.
    let twice = admin.run(&statistics).await.unwrap_err();
    assert!(matches!(twice, ApiError::Matrix { status: 400, .. }));
    let directory = background_updates::start(&StartableJob::UserDirectory);
    admin.run(&directory).await.unwrap();
    let sign = background_updates::start(&StartableJob::SignEvents {
        old_key: VerifyKey::parse(KEY),
        before: Some(Timestamp(1_500_000_000_000)),
    });
    let signed = admin.run(&sign).await;
    if server.maker.capabilities().has(Feature::SignEvents) {
        signed.unwrap();
    } else {
        let refused = matches!(signed, Err(ApiError::Matrix { status: 400, .. }));
        assert!(refused, "{signed:?}");
    }

    admin
        .run(&background_updates::set_enabled(true))
        .await
        .unwrap();
    let waiting = until(
        async || {
            let rows = "SELECT update_name FROM background_updates";
            server.maker.database().query(rows).unwrap()
        },
        |waiting| waiting.is_empty(),
    )
    .await;
    assert_eq!(waiting, Vec::<serde_json::Value>::new());
    // It is through, so it can be queued anew.
    admin.run(&statistics).await.unwrap();
}
