//! Lists of files that fail, and rooms that fail or hang while it is looked up which files are profile
//! images: they hold up no preview, are named, and what has to be deleted can be deleted all the same.

use crate::storage::{fill_date, ids, open_media, put_old_files};
use journeys::browser::importing::LONG;
use journeys::browser::{Options, Page, journey};
use journeys::server::own_server;
use serde_json::json;
use synapse_admin::api::encode::encoded;
use synapse_admin::api::{MxcUri, UserId};
use xtask::proxy::{Fault, Rule};
use xtask::world::files::png;
use xtask::world::{ADMIN_PASSWORD, DAY_MS, people};

const WORN: &str = "unreUnreUnreUnreUnre01";
const PLAIN: &str = "unreUnreUnreUnreUnre02";
const PICKED: &str = "unreUnreUnreUnreUnre03";

#[tokio::test]
async fn a_broken_and_a_hanging_room_hold_up_no_deletion() {
    let server = own_server("unread");
    journey(Options::default(), async |page: &Page| {
        let maker = &server.maker;
        let cut = (server.world.now_ms - 4_000 * DAY_MS) / 60_000 * 60_000;
        let owner = maker.make_fresh_user("unread").await.unwrap();
        let user = owner.as_str();
        put_old_files(
            &server,
            cut,
            &[
                (WORN, user, "worn.png", 3 * 1024),
                (PLAIN, user, "plain.png", 4 * 1024),
                (PICKED, user, "picked.png", 5 * 1024),
            ],
        );
        // What was a profile image once stands in the memberships of two rooms.
        let client = maker.act_as(&owner).await.unwrap();
        let mut rooms = Vec::new();
        for name in ["Broken", "Hanging"] {
            let body = json!({"name": name});
            rooms.push(maker.make_room(&client, &body).await.unwrap());
        }
        let worn = MxcUri::parse(&format!("mxc://{}/{WORN}", maker.server())).unwrap();
        maker.set_avatar(&owner, &worn).await.unwrap();
        let kept = || {
            let sql = format!("SELECT COUNT(*) FROM room_memberships WHERE avatar_url = '{worn}'");
            maker.database().query(&sql).unwrap()[0][0].as_u64()
        };
        page.until("both rooms have it", async || kept() == Some(2))
            .await;
        let bytes = png(16, 4711);
        let today = maker.upload_media(&owner, &bytes, "image/png", Some("today.png"));
        maker.set_avatar(&owner, &today.await.unwrap()).await.unwrap();

        let proxy = page.proxy_before(server.synapse.config().port);
        open_media(page, &server, &proxy.url()).await;
        let list = format!("/media?owner={}&unused=365", encoded(user));
        let left = || {
            let is_mine = |id: &String| id.starts_with("unre");
            ids(&server).into_iter().filter(is_mine).collect::<Vec<_>>()
        };

        // While all rooms answer, it is known which file stays.
        page.button("Delete media").click().await;
        fill_date(page, cut).await;
        page.button("Preview").click().await;
        let dialog = page.dialog("Delete media");
        dialog.says("Files 2").await;
        dialog.says("1 file that matches is a profile image and is kept.").await;
        page.press(thirtyfour::Key::Escape + "").await;
        dialog.goes().await;

        // One fails, one never answers: the preview comes, and says which rooms it lacks.
        page.expects_complaint(&["/messages", "status of 500"]);
        page.allows_complaint(&["/rooms/"]);
        let of = |room: usize, what: &str| format!("/_synapse/admin/v1/rooms/{}{what}", rooms[room]);
        proxy.add(Rule::new("GET", &of(0, "/messages"), Fault::server_error()));
        proxy.add(Rule::new("GET", &of(1, ""), Fault::Hang));

        // What rooms have said is kept in the tab: it ends with the page.
        page.reload().await;
        // Files that were picked from the list.
        page.open(&list).await;
        page.checkbox("Select picked.png").tick(true).await;
        page.css(".bulk-bar").button("Delete").click().await;
        let question = page.dialog("Delete “picked.png”?");
        question.appears_within(LONG).await;
        question
            .says("2 rooms could not be read: profile images that only they still name may be among these files.")
            .await;
        question.says("Rooms that could not be read").await;
        question.says("Broken").await;
        question.says("Hanging").await;
        page.is_accessible().await;
        page.picture("unread-list").await;
        question.confirm("1").await;
        question.button("Delete “picked.png”").click().await;
        page.until("it is gone", async || left() == [WORN, PLAIN])
            .await;

        // All that is old, whosever it is.
        page.button("Delete media").click().await;
        fill_date(page, cut).await;
        page.button("Preview").click().await;
        dialog.says_within(LONG, "Files 2").await;
        dialog
            .says("2 rooms could not be read: if only they still name some of these files as profile images, the server keeps them.")
            .await;
        dialog.says("Broken").await;
        dialog.says("Hanging").await;
        page.is_accessible().await;
        page.picture("unread-preview").await;
        page.confirm("2").await;
        page.button("Delete 2 files").click().await;
        page.until("the server has kept the profile image", async || {
            left() == [WORN]
        })
        .await;
        page.css(".job-pill").click().await;
        let result = page.css(".job-result").first();
        result.says("1 file deleted, 4 KiB freed").await;
        result.says("1 previewed file is still there").await;
        result.says("Or they are earlier profile images").await;
    })
    .await;
}

#[tokio::test]
async fn a_list_that_fails_is_named_and_asked_for_again() {
    let server = own_server("silent-list");
    journey(Options::default(), async |page: &Page| {
        let maker = &server.maker;
        let cut = (server.world.now_ms - 4_000 * DAY_MS) / 60_000 * 60_000;
        let silent = maker.make_fresh_user("silent").await.unwrap();
        let other = maker.make_fresh_user("speaking").await.unwrap();
        put_old_files(
            &server,
            cut,
            &[
                ("sileSileSileSileSile01", silent.as_str(), "a.png", 3 * 1024),
                ("sileSileSileSileSile02", other.as_str(), "b.png", 4 * 1024),
            ],
        );
        let proxy = page.proxy_before(server.synapse.config().port);
        let list = format!("/_synapse/admin/v1/users/{silent}/media");
        proxy.add(Rule::new("GET", &list, Fault::server_error()));
        page.expects_complaint(&["/media", "status of 500"]);
        let admin = UserId::new(people::ADMIN, &server.synapse.server_name());
        page.sign_in_as(&admin, ADMIN_PASSWORD, &proxy.url()).await;
        page.open("/media").await;
        page.sees("1 list (3 KiB) could not be read").await;
        page.css(".storage-progress").says(silent.as_str()).await;
        assert_eq!(proxy.count("GET", &list), 1, "the others go on without it");
        page.is_accessible().await;
        page.picture("unread-silent").await;

        // Neither question keeps it back.
        let year = page.css(".charts").link_like("Not used for a year");
        year.click().await;
        let chosen = page.css(".chart-chosen").first();
        chosen.says("at least").await;
        chosen.says("; 1 list could not be read").await;
        chosen.button("Delete these files …").click().await;
        let question = page.css("dialog[open]");
        question
            .says_within(LONG, "Lists that could not be read; their files stay")
            .await;
        question.says(silent.as_str()).await;
        question.button("Cancel").click().await;
        page.button("Delete media").click().await;
        fill_date(page, cut).await;
        page.button("Preview").click().await;
        let dialog = page.dialog("Delete media");
        dialog.says_within(LONG, "Files 1").await;
        dialog
            .says("up to 3 KiB of one owner may go whose list of files could not be read")
            .await;
        page.press(thirtyfour::Key::Escape + "").await;
        dialog.goes().await;

        proxy.clear_rules();
        let asked = proxy.count("GET", &list);
        page.button("Read the rest").click().await;
        page.sees("Filtered and sorted here, from the files of")
            .await;
        assert_eq!(proxy.count("GET", &list), asked + 1);
        page.open(&format!("/media?owner={}", encoded(silent.as_str())))
            .await;
        page.css(".storage-found [role=status]")
            .says("1 file, 3 KiB")
            .await;
    })
    .await;
}

/// A list is not broken because the server restarts just when it is asked for, the first of all.
#[tokio::test]
async fn a_server_that_restarts_as_the_lists_begin_is_waited_for() {
    let server = own_server("restarting-lists");
    journey(Options::default(), async |page: &Page| {
        let maker = &server.maker;
        let cut = (server.world.now_ms - 4_000 * DAY_MS) / 60_000 * 60_000;
        let owner = maker.make_fresh_user("patient").await.unwrap();
        let file = ("restRestRestRestRest01", owner.as_str(), "a.png", 3 * 1024);
        put_old_files(&server, cut, &[file]);
        let proxy = page.proxy_before(server.synapse.config().port);
        let lists = "/_synapse/admin/v1/users/*/media";
        let away = Fault::html(502, "<h1>502 Bad Gateway</h1>");
        proxy.add(Rule::new("GET", lists, away).times(3));
        page.expects_complaint(&["/media", "status of 502"]);
        let admin = UserId::new(people::ADMIN, &server.synapse.server_name());
        page.sign_in_as(&admin, ADMIN_PASSWORD, &proxy.url()).await;
        page.open("/media").await;
        page.sees("Filtered and sorted here, from the files of")
            .await;
        assert!(!page.text().await.contains("could not be read"));
    })
    .await;
}
