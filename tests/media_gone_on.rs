//! Removing old media while something comes in between: an answer that is lost before the job is cut
//! off, a list that was asked for before a file went.

use crate::storage::{fill_date, ids, open_media, put_old_files, sum};
use journeys::browser::acting::{agree, choose_for_one};
use journeys::browser::importing::LONG;
use journeys::browser::{Options, Page, journey};
use journeys::server::{Server, own_server};
use std::rc::Rc;
use synapse_admin::api::UserId;
use xtask::proxy::{Fault, Proxy, Rule};
use xtask::world::{ADMIN_PASSWORD, DAY_MS, people};

/// As many files as one step of a deletion has.
const STEP: usize = 250;
/// Of the step after it.
const REST: usize = 5;

#[tokio::test]
async fn a_deletion_that_was_cut_off_after_a_lost_answer_goes_on() {
    let server = own_server("gone-on");
    journey(Options::default(), async |page: &Page| {
        let cut = (server.world.now_ms - 4_000 * DAY_MS) / 60_000 * 60_000;
        let owner = server.maker.make_fresh_user("gone.on").await.unwrap();
        let names: Vec<String> = (0..STEP + REST)
            .map(|number| format!("goneGoneGoneGoneGon{number:03}"))
            .collect();
        let (older, newer) = names.split_at(STEP);
        for (part, at) in [(older, cut - DAY_MS), (newer, cut)] {
            let rows: Vec<_> = part
                .iter()
                .map(|id| (id.as_str(), owner.as_str(), "old.png", 1024))
                .collect();
            put_old_files(&server, at, &rows);
        }
        let left = || {
            ids(&server)
                .iter()
                .filter(|id| id.starts_with("gone"))
                .count()
        };
        let proxy = page.proxy_before(server.synapse.config().port);
        open_media(page, &server, &proxy.url()).await;
        page.takes_downloads().await;
        page.open(&format!("/media?owner={owner}")).await;
        let found = page.css(".storage-found [role=status]");
        found.says("255 files").await;

        // The answer to the first step is lost; its second try is under way when it is cut off.
        let delete = "/_synapse/admin/v1/media/delete";
        page.allows_complaint(&["media/delete", "504"]);
        proxy.add(Rule::new("POST", delete, Fault::gave_up_waiting()).times(1));
        proxy.add(Rule::new("POST", delete, Fault::Held));
        page.button("Delete media").click().await;
        fill_date(page, cut).await;
        page.button("Preview").click().await;
        page.confirm("255").await;
        page.button("Delete 255 files").click().await;
        page.until_within(
            LONG,
            "its answer is lost, and it is asked again",
            async || proxy.count("POST", delete) == 2,
        )
        .await;
        page.css(".job-pill").click().await;
        page.button("Cancel job").click().await;
        let state = page.css(".job-state");
        state.says("Finishing 1 request under way").await;
        proxy.clear_rules();
        state.says("Cancelled").await;
        let result = page.css(".job-result");
        // How many are gone nobody has said.
        result.says("at least 0 files deleted").await;
        result
            .says("255 previewed files were not reported as deleted")
            .await;
        page.is_accessible_as_it_is().await;
        assert_eq!((left(), proxy.count("POST", delete)), (REST, 2));
        // The list asks, and knows.
        found.says("5 files, 5 KiB").await;

        // It goes on with what is left, and looks for what the lost answer would have said.
        page.button("Retry the rest").click().await;
        result
            .says_within(LONG, "255 files deleted, 255 KiB freed")
            .await;
        let said = result.text().await;
        assert!(
            !said.contains("at least") && !said.contains("not reported"),
            "{said}"
        );
        assert_eq!((left(), proxy.count("POST", delete)), (0, 3));
        found.says("0 files").await;
        page.button("Download report").click().await;
        let (_, report) = page.downloaded_text().await;
        for id in &names {
            let line = report.lines().find(|line| line.contains(id.as_str()));
            assert!(
                line.is_some_and(|line| line.ends_with(",deleted,")),
                "{id} in\n{report}"
            );
        }
    })
    .await;
}

/// A list of one user's two files that is on its way: the server has told of both, and its answer waits
/// until the rules of the proxy go.
struct Late {
    proxy: Rc<Proxy>,
    /// The path of the list.
    list: String,
    owner: UserId,
}

/// Signs in and has the page of media ask for the list; then opens the tab of the files' owner.
async fn late_list(page: &Page, server: &Server, name: &str, files: [&str; 2]) -> Late {
    let cut = (server.world.now_ms - 4_000 * DAY_MS) / 60_000 * 60_000;
    let owner = server.maker.make_fresh_user(name).await.unwrap();
    put_old_files(
        server,
        cut,
        &[
            (files[0], owner.as_str(), "a.png", 3 * 1024),
            (files[1], owner.as_str(), "b.png", 4 * 1024),
        ],
    );
    let proxy = page.proxy_before(server.synapse.config().port);
    let admin = UserId::new(people::ADMIN, &server.synapse.server_name());
    page.sign_in_as(&admin, ADMIN_PASSWORD, &proxy.url()).await;
    let list = format!("/_synapse/admin/v1/users/{owner}/media");
    proxy.add(Rule::new("GET", &list, Fault::AnswerHeld).times(1));
    page.open("/media").await;
    page.until("the list has been asked for", async || {
        proxy.count("GET", &list) == 1
    })
    .await;
    page.open(&format!("/users/{owner}?tab=media")).await;
    Late { proxy, list, owner }
}

#[tokio::test]
async fn what_is_deleted_while_a_list_is_on_its_way_does_not_come_back() {
    let server = own_server("late-list");
    journey(Options::default(), async |page: &Page| {
        let files = ["lateLateLateLateLate01", "lateLateLateLateLate02"];
        let late = late_list(page, &server, "late", files).await;
        choose_for_one(page, "a.png", "Delete").await;
        agree(page, "Delete “a.png”", Some("1")).await;
        let rows = page.css("tbody th[role=rowheader]");
        rows.counts(1).await;
        assert!(!ids(&server).contains(files[0]));

        page.open(&format!("/media?owner={}", late.owner)).await;
        late.proxy.clear_rules();
        page.sees("Filtered and sorted here, from the files of")
            .await;
        page.css(".storage-found [role=status]")
            .says("1 file, 4 KiB")
            .await;
        rows.counts(1).await;
        assert!(!page.row("a.png").exists().await);
    })
    .await;
}

#[tokio::test]
async fn what_is_quarantined_while_a_list_is_on_its_way_is_known_without_asking_again() {
    let server = own_server("held-list");
    journey(Options::default(), async |page: &Page| {
        let files = ["heldHeldHeldHeldHeld01", "heldHeldHeldHeldHeld02"];
        let late = late_list(page, &server, "held", files).await;
        choose_for_one(page, "a.png", "Quarantine").await;
        agree(page, "Quarantine “a.png”", None).await;
        let held = format!("media_id = '{}' AND quarantined_by IS NOT NULL", files[0]);
        // The tab has read its own list again.
        page.row("a.png").says("@admin").await;
        assert_eq!(sum(&server, &held).0, 1);

        page.open(&format!("/media?owner={}&quarantined=true", late.owner))
            .await;
        let asked = late.proxy.count("GET", &late.list);
        late.proxy.clear_rules();
        page.sees("Filtered and sorted here, from the files of")
            .await;
        page.css(".storage-found [role=status]")
            .says("1 file, 3 KiB")
            .await;
        page.row("a.png").appears().await;
        assert_eq!(late.proxy.count("GET", &late.list), asked);
    })
    .await;
}
