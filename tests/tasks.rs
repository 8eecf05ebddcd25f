//! What the server does in the background, as the page tells it.

use journeys::browser::importing::LONG;
use journeys::browser::{Options, Page, journey, stage};
use serde_json::json;
use std::time::Duration;
use synapse_admin::api::background_updates;
use synapse_admin::api::room_removal::{self, Deletion};
use synapse_admin::api::server::Feature;
use thirtyfour::Key;
use xtask::native::wall_ms;
use xtask::proxy::{Fault, Rule};
use xtask::world::database::Statement;

async fn open(page: &Page, query: &str) {
    page.open(&format!("/tasks{query}")).await;
    page.heading("Tasks").appears().await;
}

async fn a_task(options: Options) {
    let has_tasks = stage().maker.capabilities().has(Feature::Tasks);
    let maker = stage().maker;
    let room = maker
        .make_room(maker.admin(), &json!({ "name": "Gone by a task" }))
        .await
        .unwrap();
    if has_tasks {
        stage()
            .run(&room_removal::delete(&room, &Deletion::default()))
            .await;
    }
    journey(options, async |page: &Page| {
        page.sign_in(&stage().synapse.url()).await;
        open(page, "?size=100").await;
        if !has_tasks {
            page.sees("This server does not tell what it does").await;
            page.is_accessible().await;
            return;
        }
        // It refreshes itself while somebody looks at it.
        let row = page.row(room.as_str());
        row.says_within(LONG, "Done").await;
        row.says("Delete a room").await;
        page.picture("tasks").await;
        page.is_accessible().await;
        page.fits_sideways().await;
        row.css("details summary").click().await;
        page.sees("kicked_users").await;
        // A filter of the server, and an old bookmark.
        open(page, "?action=purge_history").await;
        page.row(room.as_str()).goes().await;
        page.open("/scheduled_tasks").await;
        page.is_at("/tasks").await;
        page.row(room.as_str()).appears().await;
        row.link(room.as_str()).click().await;
        page.is_at(&format!("/rooms/{room}")).await;
        page.allows_complaint(&["status of 404"]);
    })
    .await;
}

#[tokio::test]
async fn what_the_server_is_at() {
    a_task(Options::default()).await;
}

/// A server that takes longer than the page waits before it asks again is asked once, and its answer
/// is shown.
#[tokio::test]
async fn a_slow_answer_is_waited_for() {
    const SLOW: Duration = Duration::from_secs(15);
    let paths = [
        // One of the questions of a beat.
        (
            "",
            "/_synapse/admin/v1/scheduled_tasks?*action_name=purge_history*",
        ),
        (
            "?tab=updates",
            "/_synapse/admin/v1/background_updates/status",
        ),
    ];
    let has_tasks = stage().maker.capabilities().has(Feature::Tasks);
    let maker = stage().maker;
    let about = json!({ "name": "Gone while nobody answers" });
    let room = maker.make_room(maker.admin(), &about).await.unwrap();
    if has_tasks {
        let delete = room_removal::delete(&room, &Deletion::default());
        stage().run(&delete).await;
    }
    journey(Options::default(), async |page: &Page| {
        let proxy = page.proxy();
        page.sign_in(&proxy.url()).await;
        page.row("@").first().appears().await;
        for (query, path) in paths {
            if query.is_empty() && !has_tasks {
                continue;
            }
            let slow = proxy.add(Rule::new("GET", path, Fault::Delay(SLOW)));
            let asked = proxy.count("GET", path);
            let size = if query.is_empty() { "?size=100" } else { query };
            open(page, size).await;
            // Another journey pauses the updates meanwhile.
            page.until_within(SLOW + LONG, "the answer is shown", async || match query {
                "" => page.row(room.as_str()).exists().await,
                _ => {
                    let text = page.text().await;
                    text.contains("The server works on its background updates")
                        || text.contains("Background updates are paused")
                }
            })
            .await;
            // Nothing was asked while it was waited for.
            let seen = proxy.seen_of("GET", path);
            let mut seen = seen.into_iter().skip(asked);
            let ended = seen.next().and_then(|first| first.ended_ms);
            assert!(ended.is_some());
            assert!(seen.all(|later| Some(later.began_ms) >= ended));
            proxy.remove(slow);
        }
    })
    .await;
}

/// Servers forget tens of thousands of devices a week: nobody is asked for them who does not want to see them.
#[tokio::test]
async fn what_there_are_very_many_of_is_read_by_who_asks_for_it() {
    if !stage().maker.capabilities().has(Feature::Tasks) {
        return;
    }
    let of_device = |id: &str, status: &str| {
        Statement::each(
            "INSERT INTO scheduled_tasks (id, action, status, timestamp, resource_id) \
             VALUES (?, 'delete_device_messages', ?, ?, ?)",
            [json!([id, status, wall_ms(), id])],
        )
    };
    let statements = [
        of_device("mass-done", "complete"),
        of_device("mass-failed", "failed"),
    ];
    stage().maker.database().run(&statements).unwrap();
    journey(Options::default(), async |page: &Page| {
        let proxy = page.proxy();
        let slow = Duration::from_secs(2);
        page.sign_in(&proxy.url()).await;
        page.row("@").first().appears().await;
        let before = proxy.seen().len();
        let one = "/_synapse/admin/v1/scheduled_tasks?*action_name=redact_all_events*";
        let rule = proxy.add(Rule::new("GET", one, Fault::Delay(slow)));
        open(page, "?size=100&q=mass-").await;
        page.row("mass-failed").appears().await;
        page.row("mass-done").goes().await;
        page.sees("Choose a kind of task to see all of it").await;
        page.is_accessible().await;
        // Who takes long is left in peace for longer.
        page.until_within(LONG, "it is asked again", async || {
            proxy.count("GET", one) > 1
        })
        .await;
        let asked = proxy.seen_of("GET", one);
        let ended = asked[0].ended_ms.unwrap();
        assert!(asked[1].began_ms >= ended + 15_000, "{asked:?}");
        proxy.remove(rule);
        let all = proxy.seen();
        let lists = all
            .iter()
            .skip(before)
            .filter(|it| it.target.contains("scheduled_tasks"));
        for list in lists {
            let narrow = ["action_name=", "job_status="];
            assert!(
                narrow.iter().any(|part| list.target.contains(part)),
                "{list:?}"
            );
        }
        open(page, "?size=100&q=mass-&action=delete_device_messages").await;
        page.row("mass-done").appears().await;
        page.row("mass-failed").appears().await;
        page.no_longer_sees("Choose a kind of task").await;
        open(page, "?size=100&q=mass-&state=failed").await;
        page.row("mass-failed").appears().await;
        page.row("mass-done").goes().await;
    })
    .await;
    let gone = Statement::once("DELETE FROM scheduled_tasks WHERE id LIKE 'mass-%'");
    stage().maker.database().run(&[gone]).unwrap();
}

/// After five failures in a row Synapse gives up, and names the update as before.
#[tokio::test]
async fn an_update_that_comes_no_further_is_said_to() {
    journey(Options::default(), async |page: &Page| {
        let proxy = page.proxy();
        page.sign_in(&proxy.url()).await;
        let path = "/_synapse/admin/v1/background_updates/status";
        let runs = |items: u32| {
            let update = json!({"name": "an_update", "total_item_count": items,
                "total_duration_ms": 5.5, "average_items_per_ms": 1});
            let status = json!({"enabled": true, "current_updates": {"master": update}});
            Rule::new("GET", path, Fault::matrix(200, &status.to_string()))
        };
        let stands = proxy.add(runs(3));
        open(page, "?tab=updates").await;
        page.sees("an_update").await;
        assert!(!page.text().await.contains("It has come no further"));
        page.sees_within(LONG, "It has come no further for 1 min")
            .await;
        page.is_accessible().await;
        proxy.add(runs(4));
        proxy.remove(stands);
        page.no_longer_sees("It has come no further").await;
    })
    .await;
}

#[tokio::test]
async fn what_the_server_is_at_on_a_phone() {
    a_task(Options::phone()).await;
}

#[tokio::test]
async fn background_updates_are_paused_and_go_on() {
    journey(Options::default(), async |page: &Page| {
        page.sign_in(&stage().synapse.url()).await;
        open(page, "?tab=updates").await;
        page.sees("The server works on its background updates")
            .await;
        page.is_accessible().await;
        page.button("Pause background updates").click().await;
        page.sees("Background updates are paused").await;
        let enabled = stage().run(&background_updates::enabled()).await.enabled;
        assert!(!enabled);
        // While they are paused, what is started waits.
        page.button("Start an update").click().await;
        let dialog = page.dialog("Start an update");
        dialog.says("may take hours").await;
        if stage().maker.capabilities().has(Feature::SignEvents) {
            let which = dialog.field("Update");
            which.choose("Sign this server’s own events anew").await;
            let key = dialog.field("Only those signed with this key");
            key.fill("ed25519:a_1234").await;
            dialog.says("This is no key").await;
            dialog.button("Start an update").is_unusable().await;
            page.is_accessible().await;
            key.fill("").await;
            dialog.button("Start an update").is_usable().await;

            // A date that is begun is asked to be completed; one that is taken out again is none.
            let unfinished = "Complete the date and time, or clear the field.";
            let focus = "document.querySelector('input[type=datetime-local]').focus()";
            page.script(focus, Vec::new()).await;
            page.press("1").await;
            dialog.says(unfinished).await;
            dialog.button("Start an update").is_unusable().await;
            page.is_accessible().await;
            page.press(Key::Backspace + "").await;
            dialog.button("Start an update").is_usable().await;
            page.no_longer_sees(unfinished).await;
            // Nor does one hold anything up in a field that is gone.
            page.press("1").await;
            dialog.button("Start an update").is_unusable().await;
            which.choose("Fill the user directory anew").await;
            which.choose("Sign this server’s own events anew").await;
            dialog.button("Start an update").is_usable().await;
        }
        let which = dialog.field("Update");
        which.choose("Fill the user directory anew").await;
        page.picture("updates-start").await;
        page.is_accessible().await;
        dialog.button("Start an update").click().await;
        let waits = async || {
            let sql = "SELECT 1 FROM background_updates \
                       WHERE update_name LIKE 'populate_user_directory%'";
            !stage().maker.database().query(sql).unwrap().is_empty()
        };
        page.until("the update waits", waits).await;
        page.button("Resume background updates").click().await;
        page.sees("The server works on its background updates")
            .await;
        // It goes over what all journeys have made.
        let long = Duration::from_secs(180);
        page.until_within(long, "the update is done", async || !waits().await)
            .await;
        let enabled = stage().run(&background_updates::enabled()).await.enabled;
        assert!(enabled);
    })
    .await;
}
