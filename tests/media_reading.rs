//! Reading the media repository of many users, and what is fetched on the way: nothing that makes files
//! young, and nothing that the browser has no room for.

use crate::storage::{put_old_files, sum};
use journeys::browser::{Options, Page, journey, stage};
use journeys::server::own_server;
use serde_json::json;
use synapse_admin::api::UserId;
use xtask::native::wall_ms;
use xtask::proxy::{Fault, Rule};
use xtask::world::database::Statement;
use xtask::world::files::png;
use xtask::world::{ADMIN_PASSWORD, DAY_MS, people};

const KIB: usize = 1024;

/// More than are asked for first.
const MANY: usize = 150;

#[tokio::test]
async fn the_largest_are_read_while_the_others_come() {
    let server = own_server("many-owners");
    journey(Options::default(), async |page: &Page| {
        let own = server.synapse.server_name();
        let owners: Vec<String> = (0..MANY).map(|n| format!("@many{n:03}:{own}")).collect();
        let rows = owners
            .iter()
            .map(|name| json!([name, server.world.now_ms / 1000]));
        let insert = Statement::each("INSERT INTO users (name, creation_ts) VALUES (?, ?)", rows);
        server.maker.database().run(&[insert]).unwrap();
        let ids: Vec<String> = (0..MANY)
            .map(|n| format!("manyManyManyManyMan{n:03}"))
            .collect();
        let files: Vec<_> = ids
            .iter()
            .zip(&owners)
            .map(|(id, owner)| (id.as_str(), owner.as_str(), "old.png", 2 * KIB))
            .collect();
        let cut = server.world.now_ms - 4_000 * DAY_MS;
        put_old_files(&server, cut, &files);

        let proxy = page.proxy_before(server.synapse.config().port);
        let statistics = "/_synapse/admin/v1/statistics/users/media";
        proxy.add(Rule::new("GET", statistics, Fault::Held).after(1));
        let admin = UserId::new(people::ADMIN, &own);
        page.sign_in_as(&admin, ADMIN_PASSWORD, &proxy.url()).await;
        page.open("/media").await;

        // Figures are there, and say that they are not the last word.
        let figures = page.css(".stats");
        figures.says("Size at least").await;
        figures.says("Files at least").await;
        figures.says("Not used for 90 days at least").await;
        page.css(".charts").says("Images").await;
        page.sees("How much the others have is being asked.").await;
        let all = sum(&server, "TRUE").0;
        page.is_accessible().await;

        // What has been read so far can be looked at alone, and the rest be read later.
        page.css(".storage-progress").button("Stop").click().await;
        page.sees("show only these").await;
        figures.says("Files at least").await;
        proxy.clear_rules();
        proxy.add(Rule::new("GET", statistics, Fault::Held).after(1));
        page.button("Read the rest").click().await;

        // Deleting what a bar counts waits until it is known what that is.
        page.css(".charts")
            .link_like("Not used for a year")
            .click()
            .await;
        let chosen = page.css(".chart-chosen").first();
        chosen.button("Delete these files …").click().await;
        let waiting = page.dialog("Looking up what this would affect");
        waiting.says(" read").await;
        page.is_accessible_as_it_is().await;
        proxy.clear_rules();
        waiting.goes().await;
        let old = sum(
            &server,
            &format!(
                "COALESCE(last_access_ts, created_ts) < {} AND media_length > 0 \
                 AND quarantined_by IS NULL AND NOT safe_from_quarantine AND url_cache IS NULL",
                wall_ms() - 365 * DAY_MS
            ),
        );
        assert!(old.0 > MANY as u64);
        page.css("dialog[open]").says("Cancel").await;
        page.css("dialog[open]").button("Cancel").click().await;
        page.css(".storage-found [role=status]")
            .says(&format!("{} files", old.0))
            .await;
        page.no_longer_sees("at least").await;
        figures.says(&format!("Files {all}")).await;
    })
    .await;
}

#[tokio::test]
async fn a_reading_goes_on_while_the_statistics_look_at_it() {
    let server = own_server("read-on");
    journey(Options::default(), async |page: &Page| {
        let proxy = page.proxy_before(server.synapse.config().port);
        let lists = "/_synapse/admin/v1/users/*/media";
        let hold = || proxy.add(Rule::new("GET", lists, Fault::Held).after(1));
        let admin = UserId::new(people::ADMIN, &server.synapse.server_name());
        page.sign_in_as(&admin, ADMIN_PASSWORD, &proxy.url()).await;
        hold();
        page.open("/media").await;
        page.sees("Reading the lists of files").await;

        // Whoever leaves the statistics has not stopped it.
        for other in ["/statistics?tab=media", "/media?tab=rooms"] {
            page.open(other).await;
            if other.starts_with("/media") {
                page.button("Weigh the rooms").click().await;
            }
            page.css(".dear").button("Stop").appears().await;
            page.open("/media").await;
            page.css(".storage-progress").button("Stop").appears().await;
        }
        proxy.clear_rules();
        page.sees("Filtered and sorted here, from the files of")
            .await;

        // Whoever stops it there has.
        hold();
        page.open("/statistics?tab=media").await;
        page.css(".dear").button("Refresh").click().await;
        page.css(".dear").button("Stop").click().await;
        page.heading("Uploads by month, files").appears().await;
        page.sees("So far from the files of").await;
        proxy.clear_rules();
        page.open("/media").await;
        page.sees("show only these").await;
    })
    .await;
}

#[tokio::test]
async fn looking_at_old_accounts_fetches_no_pictures() {
    journey(Options::default(), async |page: &Page| {
        let maker = &stage().maker;
        let user = maker.make_fresh_user("faces").await.unwrap();
        let image = maker
            .upload_media(&user, &png(32, 99), "image/png", None)
            .await
            .unwrap();
        maker.set_avatar(&user, &image).await.unwrap();
        let proxy = page.proxy();
        let pictures = || {
            let seen = proxy.seen();
            seen.iter()
                .filter(|seen| seen.target.contains(image.media_id.as_str()))
                .count()
        };
        page.sign_in(&proxy.url()).await;
        let list = format!("/users?q={}", user.localpart());
        let row = page.row(user.as_str());
        // Not in the accessibility tree, where what is looked for is found otherwise.
        let shown = async |what: &str| {
            let script = "return document.querySelectorAll(arguments[0]).length";
            page.script(script, vec![what.into()]).await == 1
        };
        const FACE: &str = "tbody .avatar";
        const PICTURE: &str = "tbody .avatar img";

        // By last use or devices: initials.
        for question in ["seen=false", "devices=false"] {
            page.open(&format!("{list}&{question}")).await;
            row.appears().await;
            page.until(&format!("there are initials: {question}"), async || {
                shown(FACE).await && !shown(PICTURE).await
            })
            .await;
            assert_eq!(pictures(), 0, "{question}");
        }
        // Switched off on the page of files: initials in every list of users.
        page.open("/media").await;
        let switch = page.checkbox_like("Show profile pictures in the list of users");
        switch.tick(false).await;
        page.open(&list).await;
        row.appears().await;
        page.until("there are initials", async || {
            shown(FACE).await && !shown(PICTURE).await
        })
        .await;
        page.open("/media").await;
        assert!(!switch.is_ticked().await);
        assert_eq!(pictures(), 0);
        switch.tick(true).await;
        page.open(&list).await;
        page.until("the picture is there", async || shown(PICTURE).await)
            .await;
        assert!(pictures() > 0);
    })
    .await;
}

/// The browser says nothing where it has run out of room for a blob: reading it fails.
const NO_ROOM: &str = "
    Blob.prototype.arrayBuffer = () =>
        Promise.reject(new DOMException('The file could not be read', 'NotReadableError'));";

#[tokio::test]
async fn a_file_without_room_is_said() {
    journey(Options::default(), async |page: &Page| {
        let maker = &stage().maker;
        let user = maker.make_fresh_user("room.for").await.unwrap();
        let client = maker.act_as(&user).await.unwrap();
        xtask::world::maker::upload(&client, &png(32, 98), "image/png", Some("full.png"))
            .await
            .unwrap();
        page.sign_in(&stage().synapse.url()).await;
        page.open(&format!("/users/{user}?tab=media")).await;
        page.button("full.png").appears().await;
        page.script(NO_ROOM, vec![]).await;
        page.button("full.png").click().await;
        let viewer = page.dialog("full.png");
        viewer.says("the browser has no room for it").await;
        page.is_accessible().await;
        assert!(!viewer.css("img").exists().await);
        viewer.button("Close").first().click().await;
        // Nor is something saved that would be cut off.
        page.button("Actions for full.png").click().await;
        page.button("Download").click().await;
        page.css(".toasts")
            .says("the browser has no room for it")
            .await;
    })
    .await;
}

#[tokio::test]
async fn why_a_file_is_not_saved_stands_in_its_dialog() {
    journey(Options::default(), async |page: &Page| {
        let maker = stage().maker;
        let user = maker.make_fresh_user("refused.to").await.unwrap();
        let html = b"<script>1</script>";
        maker
            .upload_media(&user, html, "text/html", Some("kept.html"))
            .await
            .unwrap();
        let proxy = page.proxy();
        page.sign_in(&proxy.url()).await;
        page.takes_downloads().await;
        page.open(&format!("/users/{user}?tab=media")).await;
        page.button("kept.html").click().await;
        let viewer = page.dialog("kept.html");
        viewer.says("Files of this type are not shown here").await;

        page.expects_complaint(&["/download/", "status of 403"]);
        let no = r#"{"errcode": "M_FORBIDDEN", "error": "Not today"}"#;
        proxy.add(Rule::new("GET", "*/download/*", Fault::matrix(403, no)));
        viewer.button("Download").click().await;
        viewer.css("[role=alert]").says("Not today").await;
        viewer.button("Download").is_usable().await;
        // Under the dialog nobody could read it.
        page.css(".toast").counts(0).await;
        page.is_accessible().await;

        proxy.clear_rules();
        viewer.button("Download").click().await;
        viewer.css("[role=alert]").goes().await;
        let (saved, _) = page.downloaded_text().await;
        assert_eq!(saved, "kept.html");
    })
    .await;
}
