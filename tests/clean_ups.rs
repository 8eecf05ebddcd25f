//! Cleaning up on the storage page: rules, whose files a deletion hits, the way there, and files
//! that are looked into.

use crate::storage::{ask, fill_date, ids, on_disk, open_media, put_old_files, text};
use journeys::browser::{Options, Page, journey, stage};
use journeys::server::{Server, own_server};
use serde_json::json;
use std::os::unix::fs::FileExt;
use std::time::Duration;
use synapse_admin::api::UserId;
use synapse_admin::api::server::Feature;
use xtask::world::database::Statement;
use xtask::world::{ADMIN_PASSWORD, DAY_MS, people};

const KIB: usize = 1024;

/// A moment that no other file is older than.
fn long_ago(server: &Server) -> i64 {
    (server.world.now_ms - 4_000 * DAY_MS) / 60_000 * 60_000
}

fn change(server: &Server, sql: &str) {
    let database = server.maker.database();
    database.run(&[Statement::once(sql)]).unwrap();
}

fn left(server: &Server, prefix: &str) -> Vec<String> {
    let all = ids(server);
    all.into_iter()
        .filter(|id| id.starts_with(prefix))
        .collect()
}

#[tokio::test]
async fn a_rule_leaves_out_types_and_rooms() {
    let server = own_server("left-out");
    journey(Options::default(), async |page: &Page| {
        let maker = &server.maker;
        let owner = maker.make_fresh_user("rules").await.unwrap();
        let user = owner.as_str();
        put_old_files(
            &server,
            long_ago(&server),
            &[
                ("outsOutsOutsOutsOuts01", user, "film.mp4", 3 * KIB),
                (
                    "outsOutsOutsOutsOuts02",
                    user,
                    "kept in its room.png",
                    4 * KIB,
                ),
                ("outsOutsOutsOutsOuts03", user, "goes.png", 5 * KIB),
                ("outsOutsOutsOutsOuts04", user, "small.png", KIB),
            ],
        );
        change(
            &server,
            "UPDATE local_media_repository SET media_type = 'video/mp4' \
             WHERE media_id = 'outsOutsOutsOutsOuts01'",
        );
        let client = maker.act_as(&owner).await.unwrap();
        let room = maker.make_room(&client, &json!({})).await.unwrap();
        let url = format!("mxc://{}/outsOutsOutsOutsOuts02", maker.server());
        let message = json!({"msgtype": "m.image", "body": "kept", "url": url});
        maker
            .send(&client, &room, "m.room.message", &message)
            .await
            .unwrap();

        open_media(page, &server, &server.synapse.url()).await;
        page.open(&format!("/media?owner={owner}&unused=365&larger=2%20KiB"))
            .await;
        let found = page.css(".storage-found [role=status]");
        found.says("3 files, 12 KiB").await;
        page.button_like("Filter").first().click().await;
        page.is_accessible().await;
        page.checkbox("Videos").tick(true).await;
        found.says("2 files, 9 KiB").await;
        page.field("Rooms left out (IDs, with spaces between them)")
            .set(room.as_str())
            .await;
        found.says("1 file, 5 KiB").await;
        page.css(".storage-found")
            .says("Left out for their rooms: 1 file, 4 KiB")
            .await;
        page.press(thirtyfour::Key::Escape + "").await;
        page.css(".chips").says("Types left out: Videos").await;

        // Kept, saved, forgotten, loaded, run.
        page.css(".clean-ups summary").click().await;
        page.field("Name of the rule").fill("All but films").await;
        page.button("Keep what the page shows").click().await;
        page.link("All but films").appears().await;
        page.button("Save rules as a file").click().await;
        let (_, json) = page.downloaded_text().await;
        assert!(json.contains("without=video"), "{json}");
        // What another tab keeps meanwhile stays.
        let more = "
            const key = Object.keys(localStorage)
                .find((key) => key.startsWith('synapse-admin.clean-ups '));
            const file = JSON.parse(localStorage.getItem(key));
            file.clean_ups.push({name: 'Of another tab', query: 'unused=90'});
            localStorage.setItem(key, JSON.stringify(file))";
        page.script(more, vec![]).await;
        page.button("Forget “All but films”").click().await;
        page.link("Of another tab").appears().await;
        page.link("All but films").goes().await;
        let file = page.file("clean-ups.json", &json);
        page.css(".clean-ups input[type=file]").upload(&file).await;
        page.link("All but films").appears().await;
        page.open("/media").await;
        page.css(".clean-ups summary").appears().await;
        page.button("Run “All but films” …").click().await;
        let question = page.dialog("Delete “goes.png”?");
        question.says("1 file, 4 KiB").await;
        question.confirm("1").await;
        question.button("Delete “goes.png”").click().await;
        page.until("just that one is gone", async || {
            left(&server, "outs")
                == [
                    "outsOutsOutsOutsOuts01",
                    "outsOutsOutsOutsOuts02",
                    "outsOutsOutsOutsOuts04",
                ]
        })
        .await;

        // What is not understood deletes nothing.
        for strange in ["unused=17", "without=films", "without_rooms=General"] {
            page.open(&format!("/media?owner={owner}&{strange}")).await;
            found.says("0 files").await;
        }

        // A rule names users and rooms of this homeserver: it is its administrator's own. One that an
        // earlier version has kept belongs to whoever looks first.
        let other = server.fresh_admin("rules.other").await;
        page.button("Log out").click().await;
        page.button("Sign in").appears().await;
        let old = "localStorage.setItem('synapse-admin.clean-ups', arguments[0])";
        page.script(old, vec![json.replace("All but films", "Of old").into()])
            .await;
        page.sign_in_as(&other, ADMIN_PASSWORD, &server.synapse.url())
            .await;
        page.open("/media").await;
        page.css(".clean-ups summary").click().await;
        page.link("Of old").appears().await;
        assert_eq!(page.link("All but films").count().await, 0);
        let admin = UserId::new(people::ADMIN, &server.synapse.server_name());
        page.button("Log out").click().await;
        page.button("Sign in").appears().await;
        page.sign_in_as(&admin, ADMIN_PASSWORD, &server.synapse.url())
            .await;
        page.open("/media").await;
        page.css(".clean-ups summary").click().await;
        page.link("All but films").appears().await;
        assert_eq!(page.link("Of old").count().await, 0);
    })
    .await;
}

#[tokio::test]
async fn rules_that_the_browser_has_no_room_for_are_not_lost_in_silence() {
    const FULL: &str = "This browser keeps no more data of this site";
    journey(Options::default(), async |page: &Page| {
        page.sign_in(&stage().synapse.url()).await;
        page.open("/media?unused=365").await;
        page.css(".clean-ups summary").click().await;
        page.field("Name of the rule").fill("Before").await;
        page.button("Keep what the page shows").click().await;
        page.link("Before").appears().await;
        page.script("window.set = Storage.prototype.setItem", vec![])
            .await;
        let full = "
            Storage.prototype.setItem = () => { throw new DOMException('no', 'QuotaExceededError'); };
            return true";
        page.script(full, vec![]).await;
        for name in ["First", "Second"] {
            page.field("Name of the rule").fill(name).await;
            page.button("Keep what the page shows").click().await;
            // The message first, which goes by itself.
            page.css(".toast").says(FULL).await;
            page.link(name).appears().await;
            // The next has one of its own.
            page.css(".toast").counts(0).await;
        }
        page.button("Forget “Before”").click().await;
        page.css(".toast").says(FULL).await;
        page.link("Before").goes().await;
        page.link("First").appears().await;
        // Once there is room again, another tab is the first to keep something.
        let more = "
            Storage.prototype.setItem = window.set;
            const key = Object.keys(localStorage)
                .find((key) => key.startsWith('synapse-admin.clean-ups '));
            const file = JSON.parse(localStorage.getItem(key));
            file.clean_ups.push({name: 'Of another tab', query: 'unused=90'});
            localStorage.setItem(key, JSON.stringify(file))";
        page.script(more, vec![]).await;
        page.button("Forget “Second”").click().await;
        page.link("Second").goes().await;
        for _ in 0..2 {
            page.link("Of another tab").appears().await;
            page.link("First").appears().await;
            assert_eq!(page.link("Before").count().await, 0);
            page.open("/users").await;
            page.heading("Users").appears().await;
            page.open("/media").await;
            page.css(".clean-ups summary").click().await;
        }
    })
    .await;
}

async fn bridges_are_named(prefix: &str, options: Options) {
    let server = own_server(prefix);
    journey(options, async |page: &Page| {
        let cut = long_ago(&server);
        let own = server.synapse.server_name();
        let person = server.maker.make_fresh_user("bridged").await.unwrap();
        let bridged: Vec<String> = (1..=45).map(|n| format!("@irc-old{n:02}:{own}")).collect();
        let rows = bridged
            .iter()
            .map(|name| json!([name, server.world.now_ms / 1000, people::APPSERVICE]));
        let insert = Statement::each(
            "INSERT INTO users (name, creation_ts, appservice_id) VALUES (?, ?, ?)",
            rows,
        );
        server.maker.database().run(&[insert]).unwrap();
        let ids: Vec<String> = (1..=46)
            .map(|n| format!("irciIrciIrciIrciIrci{n:02}"))
            .collect();
        let mut files: Vec<_> = ids
            .iter()
            .zip(&bridged)
            .map(|(id, owner)| (id.as_str(), owner.as_str(), "old.png", 2 * KIB))
            .collect();
        // A few are asked about one by one, many by how their IDs begin.
        let few = files.split_off(2);
        files.push((
            ids[45].as_str(),
            person.as_str(),
            "of a person.png",
            2 * KIB,
        ));
        put_old_files(&server, cut, &files);
        open_media(page, &server, &server.synapse.url()).await;
        page.open("/media?before=2016-12-31").await;
        let found = page.css(".storage-found [role=status]");
        found.says("3 files, 6 KiB").await;
        let of_page = page.css(".storage-found").button("Delete these files …");
        of_page.click().await;
        let question = page.dialog("Delete 3 files?");
        question.says("Of the application service “irc”").await;
        question.says("2 accounts: 2 files, 4 KiB").await;
        page.is_accessible().await;
        question.button("Cancel").click().await;
        put_old_files(&server, cut, &few);
        page.button("Refresh").first().click().await;
        found.says("46 files, 92 KiB").await;
        page.button("Delete media").click().await;
        let dialog = page.dialog("Delete media");
        fill_date(page, cut).await;
        page.button("Preview").click().await;
        dialog
            .says("Of the application service “irc”: 45 accounts: 45 files, 90 KiB")
            .await;
        // And they can go.
        page.confirm("46").await;
        page.button("Delete 46 files").click().await;
        page.until("they are gone", async || left(&server, "irci").is_empty())
            .await;
    })
    .await;
}

#[tokio::test]
async fn bridges_are_named_on_a_desktop() {
    bridges_are_named("bridges", Options::default()).await;
}

#[tokio::test]
async fn bridges_are_named_on_a_phone() {
    bridges_are_named("bridges-phone", Options::phone()).await;
}

async fn an_empty_server_says_so(prefix: &str, options: Options) {
    let server = own_server(prefix);
    journey(options, async |page: &Page| {
        change(&server, "DELETE FROM local_media_repository");
        let admin = UserId::new(people::ADMIN, &server.synapse.server_name());
        page.sign_in_as(&admin, ADMIN_PASSWORD, &server.synapse.url())
            .await;
        page.open("/media").await;
        page.sees("Nobody has uploaded anything").await;
        page.css(".stats").says("Files 0").await;
        page.css(".charts").goes().await;
        page.fits_sideways().await;
        page.is_accessible().await;
        // Copies of other servers' files may be there all the same.
        page.button("Purge remote media").appears().await;
        page.button("Delete media").click().await;
        fill_date(page, long_ago(&server)).await;
        page.button("Preview").click().await;
        page.sees("Nothing matches: there is no such file to delete.")
            .await;
    })
    .await;
}

#[tokio::test]
async fn an_empty_server_says_so_on_a_desktop() {
    an_empty_server_says_so("empty", Options::default()).await;
}

#[tokio::test]
async fn an_empty_server_says_so_on_a_phone() {
    an_empty_server_says_so("empty-phone", Options::phone()).await;
}

/// Whether all of it is in the window.
async fn is_in_sight(page: &Page, selector: &str) -> bool {
    let script = "
        const element = [...document.querySelectorAll(arguments[0])].pop();
        if (!element) return false;
        const box = element.getBoundingClientRect();
        const top = document.elementFromPoint(box.x + box.width / 2, box.y + box.height / 2);
        return box.top >= 0 && box.bottom <= innerHeight && (element === top || element.contains(top));";
    page.script(script, vec![selector.into()]).await == true
}

async fn the_way_is_short(prefix: &str, options: Options) {
    let server = own_server(prefix);
    journey(options, async |page: &Page| {
        let owner = server.maker.make_fresh_user("way").await.unwrap();
        let user = owner.as_str();
        let cut = long_ago(&server);
        put_old_files(
            &server,
            cut,
            &[
                ("waysWaysWaysWaysWays01", user, "a.png", 3 * KIB),
                ("waysWaysWaysWaysWays02", user, "b.png", 4 * KIB),
                ("waysWaysWaysWaysWays03", user, "held.png", 4 * KIB),
            ],
        );
        change(
            &server,
            "UPDATE local_media_repository SET quarantined_by = '@mod:elsewhere.example' \
             WHERE media_id = 'waysWaysWaysWaysWays03'",
        );
        open_media(page, &server, &server.synapse.url()).await;

        // Six charts are no way to a list: one press leads there, or they fold, and stay so.
        page.css(".charts-fold > summary").click().await;
        page.css(".charts").goes().await;
        // The browser tells the page a moment after it has folded them.
        page.until("it is remembered", async || {
            let kept = "return localStorage.getItem('synapse-admin.storage-charts') !== null";
            page.script(kept, vec![]).await == true
        })
        .await;
        page.reload().await;
        page.sees("Filtered and sorted here").await;
        page.css(".charts").goes().await;
        page.css(".charts-fold > summary").click().await;
        page.css(".charts").appears().await;

        // The panel has its fields, and says which are set.
        page.open(&format!("/media?owner={owner}&before=2016-12-31"))
            .await;
        let found = page.css(".storage-found [role=status]");
        found.says("3 files, 11 KiB").await;
        page.button_like("Filter").first().click().await;
        page.field("Larger than (such as 10 MiB)")
            .set("3.5 KiB")
            .await;
        found.says("2 files, 8 KiB").await;
        page.field("In quarantine").choose("No").await;
        found.says("1 file, 4 KiB").await;
        page.fits_sideways().await;
        page.press(thirtyfour::Key::Escape + "").await;
        page.css(".chips").says("Last access before: ").await;

        // Figures on top say what they are of; dates are dates, quarantine is a word.
        page.open(&format!("/media?owner={owner}")).await;
        found.says("3 files, 11 KiB").await;
        page.css(".stats").says("of what the filters find").await;
        let list = page.css(".list");
        list.says("Quarantined").await;
        let year = text(
            &page
                .script(
                    "return String(new Date(arguments[0]).getFullYear())",
                    vec![(cut - 1000).into()],
                )
                .await,
        );
        list.says(&year).await;
        for name in ["a.png", "b.png", "held.png"] {
            page.checkbox(&format!("Select {name}")).tick(true).await;
        }
        page.css(".bulk-bar").says("11 KiB").await;

        // After the preview what has to be typed and its button are in sight.
        page.open(&format!("/media?owner={owner}&before=2016-12-31"))
            .await;
        page.css(".chips").says("Last access before: ").await;
        found.says("3 files").await;
        page.button("Delete media").click().await;
        let dialog = page.dialog("Delete media");
        dialog
            .says("This deletes files of all users and types.")
            .await;
        assert!(!page.field("Last access before").value().await.is_empty());
        page.button("Preview").click().await;
        dialog.says("Files 2").await;
        page.until("the field is in sight", async || {
            is_in_sight(page, "dialog[open] .dialog-actions input").await
        })
        .await;
        page.until("the button is in sight", async || {
            is_in_sight(
                page,
                "dialog[open] .dialog-actions button[data-kind=danger]",
            )
            .await
        })
        .await;
        let go = dialog.button("Delete 2 files");
        assert!(!go.is_enabled().await);
        dialog.confirm("2").await;
        page.until("it can be pressed", async || go.is_enabled().await)
            .await;
        page.is_accessible().await;
        go.click().await;
        page.until("just these are gone", async || {
            left(&server, "ways") == ["waysWaysWaysWaysWays03"]
        })
        .await;
    })
    .await;
}

#[tokio::test]
async fn the_way_is_short_on_a_desktop() {
    the_way_is_short("way", Options::default()).await;
}

#[tokio::test]
async fn the_way_is_short_on_a_phone() {
    the_way_is_short("way-phone", Options::phone()).await;
}

/// Keeps the memory of the app, and the sizes of what it shows, where the test finds them.
const MEMORY: &str = "
    for (const name of ['instantiate', 'instantiateStreaming']) {
        const original = WebAssembly[name];
        WebAssembly[name] = async (...given) => {
            const made = await original.apply(WebAssembly, given);
            const { exports } = made.instance ?? made;
            if (exports.memory) window.appMemory = exports.memory;
            return made;
        };
    }
    window.blobSizes = [];
    const toUrl = URL.createObjectURL;
    URL.createObjectURL = (blob) => {
        blobSizes.push(blob.size);
        return toUrl.call(URL, blob);
    };";

#[tokio::test]
async fn a_large_file_goes_past_the_memory_of_the_page() {
    const BYTES: u64 = 400 << 20;
    let server = own_server("large");
    let options = Options {
        limit: Duration::from_secs(300),
        ..Options::default()
    };
    journey(options, async |page: &Page| {
        let script = json!({ "source": MEMORY });
        page.cdp("Page.addScriptToEvaluateOnNewDocument", script)
            .await;
        let owner = server.maker.make_fresh_user("large").await.unwrap();
        let name = "largLargLargLargLarg01";
        put_old_files(
            &server,
            long_ago(&server),
            &[(name, owner.as_str(), "film.mp4", 1)],
        );
        // A hole with something at both ends and between.
        let marks = [(0, 1_u8), (BYTES / 2 + 1, 2), (BYTES - 1, 3)];
        let file = std::fs::File::create(on_disk(&server, name)).unwrap();
        file.set_len(BYTES).unwrap();
        for (at, mark) in marks {
            file.write_all_at(&[mark], at).unwrap();
        }
        change(
            &server,
            &format!(
                "UPDATE local_media_repository SET media_length = {BYTES}, \
                 media_type = 'video/mp4' WHERE media_id = '{name}'"
            ),
        );
        let memory = async || {
            let script = "return window.appMemory ? appMemory.buffer.byteLength : 0";
            page.script(script, vec![])
                .await
                .as_u64()
                .unwrap_or_default()
        };
        let admin = UserId::new(people::ADMIN, &server.synapse.server_name());
        page.sign_in_as(&admin, ADMIN_PASSWORD, &server.synapse.url())
            .await;
        page.open(&format!("/users/{owner}?tab=media")).await;
        page.button("film.mp4").click().await;
        let viewer = page.dialog("film.mp4");
        viewer.says("This file has 400 MiB.").await;
        let before = memory().await;
        assert!(before > 0);

        // Shown: with progress, while the page answers. On a line that leaves time to look at it.
        let line = async |bytes_per_second: i64| {
            let line = json!({"offline": false, "latency": 0, "uploadThroughput": -1,
                "downloadThroughput": bytes_per_second});
            page.cdp("Network.emulateNetworkConditions", line).await;
        };
        line(8 << 20).await;
        viewer.button("Show").click().await;
        viewer.css("progress").appears().await;
        viewer.says("of 400 MiB").await;
        line(-1).await;
        let long = Duration::from_secs(120);
        viewer.css("video[src^='blob:']").appears_within(long).await;
        let sizes = page.script("return blobSizes", vec![]).await;
        assert_eq!(sizes, json!([BYTES]));
        let after = memory().await;
        assert!(after < before + (32 << 20), "{before} bytes, then {after}");

        // What is here is saved without asking for it again; from the list, with progress.
        let saved_whole = async || {
            let path = page.download_within(long).await;
            let saved = std::fs::File::open(&path).unwrap();
            assert_eq!(saved.metadata().unwrap().len(), BYTES);
            for (at, mark) in marks {
                let mut byte = [0];
                saved.read_exact_at(&mut byte, at).unwrap();
                assert_eq!(byte, [mark], "at {at}");
            }
            std::fs::remove_file(&path).unwrap();
        };
        let asked = async || page.requested("GET", "/media/download/").await;
        viewer.button("Download").click().await;
        saved_whole().await;
        assert_eq!(asked().await, 1);
        page.press(thirtyfour::Key::Escape + "").await;
        viewer.goes().await;
        // The browser forgets what was shown with the page.
        page.reload().await;
        page.button("Actions for film.mp4").click().await;
        line(8 << 20).await;
        page.button("Download").click().await;
        let saver = page.dialog("film.mp4");
        saver.says("of 400 MiB").await;
        line(-1).await;
        saver.goes_within(long).await;
        saved_whole().await;
        let after = memory().await;
        assert!(after < before + (32 << 20), "{before} bytes, then {after}");
        page.open("/users").await;
        page.heading("Users").appears().await;
    })
    .await;
}

#[tokio::test]
async fn what_is_served_without_signing_in_is_found() {
    let server = own_server("open");
    journey(Options::default(), async |page: &Page| {
        let owner = server.maker.make_fresh_user("open").await.unwrap();
        let user = owner.as_str();
        put_old_files(
            &server,
            long_ago(&server),
            &[
                ("openOpenOpenOpenOpen01", user, "for everybody.png", 3 * KIB),
                ("openOpenOpenOpenOpen02", user, "for members.png", 4 * KIB),
            ],
        );
        open_media(page, &server, &server.synapse.url()).await;
        if !server.maker.capabilities().has(Feature::AuthenticatedMedia) {
            page.button_like("Filter").first().click().await;
            page.field("In quarantine").appears().await;
            assert!(!page.field("Served without signing in").exists().await);
            return;
        }
        change(
            &server,
            "UPDATE local_media_repository SET authenticated = TRUE \
             WHERE media_id = 'openOpenOpenOpenOpen02'",
        );
        page.button("Refresh").first().click().await;
        page.open(&format!("/media?owner={owner}")).await;
        let found = page.css(".storage-found [role=status]");
        found.says("2 files").await;
        page.button_like("Filter").first().click().await;
        page.field("Served without signing in").choose("Yes").await;
        found.says("1 file, 3 KiB").await;
        page.press(thirtyfour::Key::Escape + "").await;
        page.css(".chips")
            .says("Served without signing in: Yes")
            .await;
        let own = server.synapse.server_name();
        page.open(&format!("/media/{own}/openOpenOpenOpenOpen02"))
            .await;
        page.sees("Served without signing in No").await;
    })
    .await;
}

#[tokio::test]
async fn what_is_quarantined_is_looked_into_on_purpose() {
    let server = own_server("held");
    journey(Options::default(), async |page: &Page| {
        let maker = &server.maker;
        let owner = maker.make_fresh_user("held").await.unwrap();
        let bytes = xtask::world::files::png(64, 4_711);
        let uri = maker
            .upload_media(&owner, &bytes, "image/png", None)
            .await
            .unwrap();
        change(
            &server,
            &format!(
                "UPDATE local_media_repository SET quarantined_by = '@mod:elsewhere.example' \
                 WHERE media_id = '{}'",
                uri.media_id
            ),
        );
        let proxy = page.proxy_before(server.synapse.config().port);
        let admin = UserId::new(people::ADMIN, &server.synapse.server_name());
        page.sign_in_as(&admin, ADMIN_PASSWORD, &proxy.url()).await;
        page.open(&format!("/media/{}/{}", uri.server.as_str(), uri.media_id))
            .await;
        let capabilities = maker.capabilities();
        if !capabilities.has(Feature::MediaInfo) {
            // Who tells nothing of a file does not tell that it is quarantined.
            page.sees("What can be done with the file can be done all the same.")
                .await;
            return;
        }
        page.sees("This file is in quarantine").await;
        page.is_accessible().await;
        let downloads = "/_matrix/client/v1/media/download/*/*";
        assert_eq!(proxy.count("GET", downloads), 0, "nobody has asked for it");
        page.button("Look into it all the same").click().await;
        page.css(".veil[data-veiled] img").appears().await;
        let blur = "return getComputedStyle(document.querySelector('.veil img')).filter";
        assert!(text(&page.script(blur, vec![]).await).contains("blur"));
        page.is_accessible().await;
        page.button("Show clearly").click().await;
        page.until("it is clear", async || {
            text(&page.script(blur, vec![]).await) == "none"
        })
        .await;
        page.button("Blur").click().await;
        page.css(".veil[data-veiled] img").appears().await;
        let by = ask(
            &server,
            &format!(
                "SELECT quarantined_by FROM local_media_repository WHERE media_id = '{}'",
                uri.media_id
            ),
        );
        assert_eq!(
            text(&by[0][0]),
            "@mod:elsewhere.example",
            "it stays in quarantine"
        );
    })
    .await;
}
