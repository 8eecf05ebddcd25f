//! Quarantine in order, and what an administrator wants to see.

use super::until;
use journeys::server::server;
use serde_json::json;
use synapse_admin::api::account_data::{self, AdminView};
use synapse_admin::api::server::Feature;
use synapse_admin::api::{ApiError, media, quarantine};
use xtask::world::files::png;

#[tokio::test]
async fn quarantine_is_written_down() {
    let maker = &server().maker;
    let admin = maker.admin();
    if !maker.capabilities().has(Feature::QuarantineChanges) {
        let changes = admin.run(&quarantine::changes(0)).await;
        assert!(matches!(changes, Err(ApiError::Unsupported { .. })));
        return;
    }
    let user = maker.make_fresh_user("judged").await.unwrap();
    // Whatever has the same bytes would be judged with it.
    let bytes = png(20, 170_152);
    let file = maker
        .upload_media(&user, &bytes, "image/png", None)
        .await
        .unwrap();
    admin
        .run(&media::quarantine(&file.server, &file.media_id))
        .await
        .unwrap();
    admin
        .run(&media::unquarantine(&file.server, &file.media_id))
        .await
        .unwrap();
    let (mut told, mut from) = (Vec::new(), 0);
    // A change is told once all are written that began before it, those of other tests as well.
    let told = until(
        async || {
            loop {
                let page = admin.run(&quarantine::changes(from)).await.unwrap();
                let ours = page.changes.iter();
                told.extend(
                    ours.filter(|change| change.file().as_ref() == Some(&file))
                        .cloned(),
                );
                if page.next_batch == from || page.changes.is_empty() {
                    return told.clone();
                }
                from = page.next_batch;
            }
        },
        |told| told.len() >= 2,
    )
    .await;
    let states: Vec<bool> = told.iter().map(|change| change.quarantined).collect();
    assert_eq!(states, [true, false], "{told:?}");
    let error = admin.run(&quarantine::changes(from + 1_000_000)).await;
    assert!(error.unwrap_err().is_errcode("M_INVALID_PARAM"));
}

#[tokio::test]
async fn what_an_administrator_wants_to_see_is_kept() {
    let server = server();
    let admin = server.fresh_admin("viewer").await;
    let client = server.maker.act_as(&admin).await.unwrap();
    let none = client.run(&account_data::admin_view(&admin)).await;
    assert!(none.unwrap_err().is_not_found());
    let mut view = AdminView {
        return_soft_failed_events: true,
        ..Default::default()
    };
    view.others.insert("org.example.other".into(), json!([1]));
    let set = account_data::set_admin_view(&admin, &view);
    client.run(&set).await.unwrap();
    let kept = client.run(&account_data::admin_view(&admin)).await.unwrap();
    assert_eq!(kept, view);
    assert!(kept.shows_spam());
    let spam = AdminView {
        return_soft_failed_events: false,
        return_policy_server_spammy_events: Some(true),
        ..view
    };
    let set = account_data::set_admin_view(&admin, &spam);
    client.run(&set).await.unwrap();
    let kept = client.run(&account_data::admin_view(&admin)).await.unwrap();
    assert_eq!(kept, spam);
    let others = account_data::admin_view(&admin);
    let refused = server.maker.admin().run(&others).await;
    assert!(matches!(refused, Err(ApiError::Matrix { status: 403, .. })));
}
