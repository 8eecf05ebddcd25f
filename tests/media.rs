//! The page Media: what a deletion will hit, and what it then really deleted.

use journeys::browser::{Options, Page, journey};
use journeys::server::{Server, own_server};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use synapse_admin::api::UserId;
use xtask::proxy::{Fault, Rule};
use xtask::world::database::Statement;
use xtask::world::files::remote_files;
use xtask::world::{ADMIN_PASSWORD, DAY_MS, people};

/// A local file as the database has it.
#[derive(Clone, Debug, PartialEq)]
struct File {
    owner: String,
    bytes: u64,
    last_use_ms: i64,
    spared: bool,
}

/// All local files by media ID.
fn files(server: &Server) -> BTreeMap<String, File> {
    let rows = server
        .maker
        .database()
        .query(
            "SELECT media_id, COALESCE(user_id, ''), COALESCE(media_length, 0), \
             CASE WHEN COALESCE(last_access_ts, 0) > 0 THEN last_access_ts ELSE created_ts END, \
             quarantined_by IS NOT NULL OR safe_from_quarantine FROM local_media_repository",
        )
        .unwrap();
    rows.iter()
        .map(|row| {
            let file = File {
                owner: text(&row[1]),
                bytes: row[2].as_u64().unwrap(),
                last_use_ms: row[3].as_i64().unwrap(),
                spared: row[4] == 1,
            };
            (text(&row[0]), file)
        })
        .collect()
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

/// The files that are a user's or a room's image today.
fn profile_images(server: &Server) -> Vec<String> {
    let rows = server
        .maker
        .database()
        .query(
            "SELECT avatar_url FROM profiles WHERE avatar_url LIKE 'mxc://%' \
             UNION SELECT avatar FROM room_stats_state WHERE avatar LIKE 'mxc://%'",
        )
        .unwrap();
    rows.iter()
        .filter_map(|row| Some(row[0].as_str()?.rsplit_once('/')?.1.to_owned()))
        .collect()
}

/// What is in one but not in the other.
fn gone(before: &BTreeMap<String, File>, after: &BTreeMap<String, File>) -> Vec<String> {
    before
        .keys()
        .filter(|id| !after.contains_key(*id))
        .cloned()
        .collect()
}

/// A moment as a `datetime-local` field takes it. The browser of the tests lives in UTC or
/// wherever the machine does, so it is asked.
async fn local_time(page: &Page, ms: i64) -> String {
    let script = "
        const date = new Date(arguments[0]);
        return new Date(date - date.getTimezoneOffset() * 60000).toISOString().slice(0, 16)";
    let value = page.script(script, vec![ms.into()]).await;
    text(&value)
}

async fn open_dialog(page: &Page, server: &Server, homeserver: &str) {
    let admin = UserId::new(people::ADMIN, &server.synapse.server_name());
    page.sign_in_as(&admin, ADMIN_PASSWORD, homeserver).await;
    page.link("Media").click().await;
    page.heading("Media").appears().await;
    // The page reads the same lists as the preview.
    page.sees("Filtered and sorted here").await;
    page.button("Delete media").click().await;
    page.dialog("Delete media").appears().await;
}

/// The number that the preview shows under a label.
async fn stat(page: &Page, label: &str) -> String {
    let all = page.css(".preview .stat").texts().await;
    all.iter()
        .find_map(|stat| stat.strip_prefix(label))
        .unwrap_or_else(|| panic!("no {label} in {all:?}"))
        .trim()
        .to_owned()
}

/// Confirms the preview and waits for what came of it: the sentence in the job tray.
async fn confirm(page: &Page, count: usize) -> String {
    let delete = page.button(&format!(
        "Delete {count} {}",
        if count == 1 { "file" } else { "files" }
    ));
    delete.appears().await;
    assert!(
        !delete.is_enabled().await,
        "deleting must be confirmed first"
    );
    let confirm = page.confirmation(&count.to_string());
    confirm.fill(&format!("{}", count + 1)).await;
    assert!(!delete.is_enabled().await, "with the right number");
    confirm.fill(&count.to_string()).await;
    delete.click().await;
    page.css(".job-pill").click().await;
    let result = page.css(".job-result");
    result.appears().await;
    result.text().await
}

#[tokio::test]
async fn what_the_preview_says_is_what_is_deleted() {
    let server = own_server("delete");
    journey(Options::default(), async |page: &Page| {
        let proxy = page.proxy_before(server.synapse.config().port);
        open_dialog(page, &server, &proxy.url()).await;

        // Without a date and a size, nothing is asked and nothing is sent.
        page.button("Preview").click().await;
        page.sees("Choose a date or a size").await;

        let before_ms = server.world.now_ms - 200 * DAY_MS;
        page.field("Last access before")
            .set(&local_time(page, before_ms).await)
            .await;
        page.field("Larger than").fill("10").await;
        page.field("Unit").choose("KiB").await;
        assert!(page.checkbox_like("Keep profile images").is_ticked().await);
        page.button("Preview").click().await;
        page.button_like("Delete ").appears().await;

        let all = files(&server);
        let images = profile_images(&server);
        // The field holds minutes.
        let cut = before_ms / 60_000 * 60_000;
        let matching: Vec<_> = all
            .iter()
            .filter(|(id, file)| {
                file.last_use_ms < cut
                    && file.bytes > 10 * 1024
                    && !file.spared
                    && !images.contains(id)
            })
            .collect();
        assert!(matching.len() >= 5, "the sample world has such files");
        let count = matching.len();
        assert_eq!(stat(page, "Files").await, count.to_string());
        let mut owners: Vec<_> = matching.iter().map(|(_, file)| &file.owner).collect();
        owners.sort();
        owners.dedup();
        assert_eq!(stat(page, "Users").await, owners.len().to_string());
        // The files are listed, up to twenty of them, below the names of the columns.
        let listed = page.dialog("Delete media").row("").count().await;
        assert_eq!(listed, 1 + count.min(20));
        page.is_accessible().await;
        assert_eq!(proxy.changes().len(), 1, "only the log-in changed anything");

        let result = confirm(page, count).await;
        assert!(
            result.starts_with(&format!("{count} files deleted, ")),
            "{result}"
        );
        let deleted = gone(&all, &files(&server));
        let mut expected: Vec<String> = matching.iter().map(|(id, _)| (*id).clone()).collect();
        expected.sort();
        assert_eq!(deleted, expected);

        page.button("Download report").click().await;
        let (name, report) = page.downloaded_text().await;
        assert!(name.ends_with(".csv"), "{name}");
        assert_eq!(report.lines().count(), count + 1);
        for id in &expected {
            assert!(
                report
                    .lines()
                    .any(|line| line.contains(id.as_str()) && line.ends_with(",deleted,")),
                "{id} is missing in:\n{report}"
            );
        }
    })
    .await;
}

#[tokio::test]
async fn one_filter_alone_and_profile_images_too() {
    let server = own_server("delete-one-filter");
    journey(Options::default(), async |page: &Page| {
        let homeserver = server.synapse.url();
        open_dialog(page, &server, &homeserver).await;
        let all = files(&server);

        // By size alone; units are counted as they are said.
        page.field("Larger than").fill("2").await;
        page.field("Unit").choose("MiB").await;
        page.checkbox_like("Keep profile images").tick(false).await;
        page.button("Preview").click().await;
        page.button_like("Delete ").appears().await;
        let expected: Vec<String> = all
            .iter()
            .filter(|(_, file)| file.bytes > 2 << 20 && !file.spared)
            .map(|(id, _)| id.clone())
            .collect();
        assert!(!expected.is_empty());
        assert_eq!(stat(page, "Files").await, expected.len().to_string());
        // Another filter, another preview.
        page.field("Larger than").fill("0.5").await;
        page.button("Preview").appears().await;
        page.field("Larger than").fill("2").await;
        page.button("Preview").click().await;
        confirm(page, expected.len()).await;
        assert_eq!(gone(&all, &files(&server)), expected);

        // By date alone, with one of the presets, profile images included.
        let all = files(&server);
        page.button("Delete media").click().await;
        page.button("1 year").click().await;
        let cut = text(
            &page
                .script(
                    "return document.querySelector('input[type=datetime-local]').value",
                    vec![],
                )
                .await,
        );
        let cut = page
            .script("return new Date(arguments[0]).getTime()", vec![cut.into()])
            .await
            .as_i64()
            .unwrap();
        page.checkbox_like("Keep profile images").tick(false).await;
        page.button("Preview").click().await;
        page.button_like("Delete ").appears().await;
        let expected: Vec<String> = all
            .iter()
            .filter(|(_, file)| file.last_use_ms < cut && file.bytes > 0 && !file.spared)
            .map(|(id, _)| id.clone())
            .collect();
        let count = expected.len();
        assert!(count > 20);
        let images = profile_images(&server);
        assert!(expected.iter().any(|id| images.contains(id)));
        page.confirm(&count.to_string()).await;
        page.button(&format!("Delete {count} files")).click().await;
        page.css(".job-result")
            .first()
            .says(&format!("{count} files deleted"))
            .await;
        assert_eq!(gone(&all, &files(&server)), expected);
    })
    .await;
}

#[tokio::test]
async fn nothing_matches_and_nothing_is_sent() {
    let server = own_server("delete-nothing");
    journey(Options::default(), async |page: &Page| {
        let proxy = page.proxy_before(server.synapse.config().port);
        open_dialog(page, &server, &proxy.url()).await;
        let before = files(&server);
        let changes = proxy.changes().len();
        page.field("Last access before")
            .set("2001-01-01T00:00")
            .await;
        page.button("Preview").click().await;
        page.sees("Nothing matches: there is no such file to delete.")
            .await;
        page.is_accessible().await;
        page.dialog("Delete media")
            .button("Close")
            .nth(-1)
            .click()
            .await;
        page.dialog("Delete media").goes().await;

        // Dates that the server would refuse, or that make no sense, are not sent either.
        page.button("Delete media").click().await;
        for (date, complaint) in [
            ("1970-01-01T00:00", "Homeservers refuse dates this early"),
            ("2999-01-01T00:00", "This date lies in the future"),
        ] {
            page.field("Last access before").set(date).await;
            page.button("Preview").click().await;
            page.sees(complaint).await;
        }
        page.field("Last access before").set("").await;
        page.field("Larger than").fill("a lot").await;
        page.button("Preview").click().await;
        page.sees("This is not a size.").await;
        page.is_accessible().await;

        assert_eq!(proxy.changes().len(), changes);
        assert_eq!(files(&server), before);
    })
    .await;
}

#[tokio::test]
async fn a_preview_that_takes_long_can_be_cancelled() {
    let server = own_server("delete-cancel");
    journey(Options::default(), async |page: &Page| {
        let proxy = page.proxy_before(server.synapse.config().port);
        open_dialog(page, &server, &proxy.url()).await;
        proxy.add(Rule::new("GET", "/_synapse/admin/v1/users/*/media", Fault::Hang).after(2));
        page.button("90 days").click().await;
        page.button("Preview").click().await;
        page.progress("").appears().await;
        page.sees("Reading the files of").await;
        page.is_accessible().await;
        page.button("Cancel").click().await;
        page.button("Preview").appears().await;
        proxy.clear_rules();
        page.button("Preview").click().await;
        page.button_like("Delete ").appears().await;
        // Escape closes, and closing deletes nothing.
        let before = files(&server);
        page.press(thirtyfour::Key::Escape + "").await;
        page.dialog("Delete media").goes().await;
        assert_eq!(proxy.count("POST", "/_synapse/admin/v1/media/delete"), 0);
        assert_eq!(files(&server), before);
    })
    .await;
}

#[tokio::test]
async fn copies_of_other_servers_are_purged() {
    let server = own_server("purge");
    journey(Options::default(), async |page: &Page| {
        let proxy = page.proxy_before(server.synapse.config().port);
        let admin = UserId::new(people::ADMIN, &server.synapse.server_name());
        let copies = || {
            let rows = server
                .maker
                .database()
                .query("SELECT media_id, last_access_ts FROM remote_media_cache")
                .unwrap();
            rows.iter()
                .map(|row| (text(&row[0]), row[1].as_i64().unwrap()))
                .collect::<BTreeMap<_, _>>()
        };
        page.sign_in_as(&admin, ADMIN_PASSWORD, &proxy.url()).await;
        page.open("/media").await;
        page.button("Purge remote media").click().await;
        let dialog = page.dialog("Purge remote media");
        dialog.says("come back when somebody asks for them").await;
        page.is_accessible().await;
        dialog.button("Purge remote media").click().await;
        page.sees("Choose a date.").await;

        let before_ms = (server.world.now_ms - 100 * DAY_MS) / 60_000 * 60_000;
        let all = copies();
        let expected = all.values().filter(|&&last| last < before_ms).count();
        assert!(expected > 0 && expected < all.len());
        dialog
            .field("Last access before")
            .set(&local_time(page, before_ms).await)
            .await;
        dialog.button("Purge remote media").click().await;
        page.css(".job-pill").click().await;
        page.css(".job-result")
            .says(&format!("{expected} copies deleted."))
            .await;
        let left = copies();
        assert_eq!(left.len(), all.len() - expected);
        assert!(left.values().all(|&last| last >= before_ms));
        // On the disk as in the database.
        let store = server.synapse.config().media_store().join("remote_content");
        for file in remote_files(server.world.now_ms) {
            let id = &file.filesystem_id;
            let path = store
                .join(&file.server)
                .join(&id[..2])
                .join(&id[2..4])
                .join(&id[4..]);
            assert_eq!(path.exists(), left.contains_key(&file.media_id), "{path:?}");
        }

        let purge = async || {
            page.button("Purge remote media").click().await;
            dialog
                .field("Last access before")
                .set(&local_time(page, before_ms).await)
                .await;
            dialog.button("Purge remote media").click().await;
        };
        // Once more: nothing is left, and that is said.
        purge().await;
        page.css(".job-result")
            .first()
            .says("Nothing was deleted: no copy was that old")
            .await;

        // An answer is lost: what that request has deleted is in no other, and nobody claims to know it.
        let mut old = left.keys();
        let (counted, lost) = (old.next().unwrap(), old.next().unwrap());
        let ages = [(counted, 40 * DAY_MS), (lost, 1_000)];
        let ages = ages.map(|(id, before)| json!([before_ms - before, id]));
        let age = "UPDATE remote_media_cache SET last_access_ts = ? WHERE media_id = ?";
        let age = Statement::each(age, ages);
        server.maker.database().run(&[age]).unwrap();
        let last = format!("/_synapse/admin/v1/purge_media_cache?before_ts={before_ms}");
        proxy.add(Rule::new("POST", &last, Fault::gave_up_waiting()).times(1));
        page.allows_complaint(&["504", "purge_media_cache"]);
        purge().await;
        let result = page.css(".job-result").first();
        result.says("At least 1 copy deleted.").await;
        result.says("may still be at it").await;
        let left = copies();
        assert!(!left.contains_key(counted) && !left.contains_key(lost));
    })
    .await;
}
