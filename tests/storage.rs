//! Where the space goes, and getting it back: the storage page, one file, and deletions whose effect
//! is looked up in the server's database and on its disk.

use journeys::browser::acting::agree;
use journeys::browser::importing::LONG;
use journeys::browser::{Options, Page, acting, journey, stage};
use journeys::server::{Server, own_server};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::time::Duration;
use synapse_admin::api::media::{self, ListMedia};
use synapse_admin::api::server::Feature;
use synapse_admin::api::{MxcUri, UserId};
use xtask::native::wall_ms;
use xtask::proxy::{Fault, Rule};
use xtask::world::database::Statement;
use xtask::world::files::{noise, png};
use xtask::world::{ADMIN_PASSWORD, DAY_MS, people};

pub fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

pub async fn open_media(page: &Page, server: &Server, homeserver: &str) {
    let admin = UserId::new(people::ADMIN, &server.synapse.server_name());
    page.sign_in_as(&admin, ADMIN_PASSWORD, homeserver).await;
    page.open("/media").await;
    page.sees("Filtered and sorted here, from the files of")
        .await;
}

/// The rows of a question to the database.
pub fn ask(server: &Server, sql: &str) -> Vec<Value> {
    server.maker.database().query(sql).unwrap()
}

/// How many files and bytes a condition finds.
pub fn sum(server: &Server, condition: &str) -> (u64, u64) {
    let sql = format!(
        "SELECT COUNT(*), COALESCE(SUM(media_length), 0) FROM local_media_repository \
         WHERE user_id IS NOT NULL AND {condition}"
    );
    let row = &ask(server, &sql)[0];
    (row[0].as_u64().unwrap(), row[1].as_u64().unwrap())
}

pub fn ids(server: &Server) -> BTreeSet<String> {
    ask(server, "SELECT media_id FROM local_media_repository")
        .iter()
        .map(|row| text(&row[0]))
        .collect()
}

/// Where a file lies on the server's disk.
pub fn on_disk(server: &Server, id: &str) -> PathBuf {
    let store = server.synapse.config().media_store();
    store
        .join("local_content")
        .join(&id[..2])
        .join(&id[2..4])
        .join(&id[4..])
}

fn grouped(number: u64) -> String {
    match number {
        0..1000 => number.to_string(),
        _ => format!("{},{:03}", number / 1000, number % 1000),
    }
}

fn files(count: u64) -> String {
    match count {
        1 => "1 file".to_owned(),
        count => format!("{} files", grouped(count)),
    }
}

#[tokio::test]
async fn charts_say_what_the_list_then_shows() {
    let server = own_server("storage");
    journey(Options::default(), async |page: &Page| {
        open_media(page, &server, &server.synapse.url()).await;
        let (all, _) = sum(&server, "TRUE");
        let found = page.css(".storage-found [role=status]");
        found.says(&files(all)).await;
        page.css(".stats").says(&grouped(all)).await;
        let sql = "SELECT COUNT(DISTINCT user_id) FROM local_media_repository";
        let users = ask(&server, sql)[0][0].as_u64().unwrap();
        page.css(".stats")
            .says(&format!("Users with files {users}"))
            .await;
        page.is_accessible().await;

        // A bar narrows the list, and what the others show.
        page.css(".bar").nth(0).appears().await;
        let owner = UserId::new(people::MEDIA_OWNER, &server.synapse.server_name());
        page.css(".charts")
            .link_like(&format!("@{}", people::MEDIA_OWNER))
            .click()
            .await;
        let (of_owner, _) = sum(&server, &format!("user_id = '{owner}'"));
        found.says(&files(of_owner)).await;
        page.sees(&format!("of {of_owner}")).await;
        page.css(".charts").link_like("Videos").click().await;
        let (videos, _) = sum(
            &server,
            &format!(
                "user_id = '{owner}' AND media_type LIKE 'video/%' AND media_length IS NOT NULL"
            ),
        );
        found.says(&files(videos)).await;
        // Once more takes it back.
        page.css(".charts").link_like("Videos").click().await;
        found.says(&files(of_owner)).await;
        page.link("Clear filters").first().click().await;
        found.says(&files(all)).await;

        // What deleting would free, exactly.
        page.css(".charts")
            .link_like("Not used for a year")
            .click()
            .await;
        // The world may be older than the page's today.
        let limit = wall_ms() - 365 * DAY_MS;
        let (unused, _) = sum(
            &server,
            &format!(
                "COALESCE(last_access_ts, created_ts) < {limit} AND media_length > 0 \
                 AND quarantined_by IS NULL AND NOT safe_from_quarantine AND url_cache IS NULL"
            ),
        );
        assert!(unused > 0);
        found.says(&files(unused)).await;
        // The address says it all.
        page.reload().await;
        found.says(&files(unused)).await;
        page.css(".bar[aria-current]")
            .says("Not used for a year")
            .await;

        // The files of a room's messages.
        let room = server.world.room("general").clone();
        page.open(&format!(
            "/media?room={}",
            synapse_admin::api::encode::encoded(room.as_str())
        ))
        .await;
        let told = server
            .maker
            .admin()
            .run(&media::of_room(&room))
            .await
            .unwrap();
        let known = ids(&server);
        let local: BTreeSet<String> = told
            .local
            .iter()
            .filter_map(|uri| Some(MxcUri::parse(uri)?.media_id))
            .filter(|id| known.contains(id))
            .collect();
        found.says(&files(local.len() as u64)).await;

        // "Refresh" asks the room again, although its files are known.
        let client = server.maker.act_as(&owner).await.unwrap();
        let body = json!({"name": "More and more"});
        let room = server.maker.make_room(&client, &body).await.unwrap();
        let sql = format!(
            "SELECT media_id FROM local_media_repository WHERE user_id = '{owner}' \
             AND media_length > 0 AND url_cache IS NULL ORDER BY media_id LIMIT 2"
        );
        let own: Vec<String> = ask(&server, &sql).iter().map(|row| text(&row[0])).collect();
        assert_eq!(own.len(), 2);
        let send = async |id: &str| {
            let uri = format!("mxc://{}/{id}", server.maker.server());
            let content = json!({"msgtype": "m.image", "body": "a.png", "url": uri});
            let sent = server
                .maker
                .send(&client, &room, "m.room.message", &content);
            sent.await.unwrap();
        };
        send(&own[0]).await;
        let of_room = synapse_admin::api::encode::encoded(room.as_str());
        page.open(&format!("/media?room={of_room}")).await;
        found.says("1 file,").await;
        send(&own[1]).await;
        page.button("Refresh").first().click().await;
        found.says("2 files").await;

        // Who has how much, as the server orders it.
        page.css(".tabs").link("By user").click().await;
        page.row(owner.as_str()).appears().await;
        page.is_accessible().await;
    })
    .await;
}

#[tokio::test]
async fn on_a_phone() {
    journey(Options::phone(), async |page: &Page| {
        page.sign_in(&stage().synapse.url()).await;
        page.open("/media").await;
        page.sees("Filtered and sorted here").await;
        page.fits_sideways().await;
        page.is_accessible().await;
        page.css(".charts").link_like("Videos").click().await;
        page.css(".bar[aria-current]").says("Videos").await;
        page.open("/media?tab=users").await;
        page.row("@").first().appears().await;
        page.fits_sideways().await;
    })
    .await;
}

#[tokio::test]
async fn reading_is_stopped_and_goes_on() {
    let server = own_server("storage-slow");
    journey(Options::default(), async |page: &Page| {
        let proxy = page.proxy_before(server.synapse.config().port);
        let lists = "/_synapse/admin/v1/users/*/media";
        proxy.add(Rule::new("GET", lists, Fault::Hang).after(3));
        let admin = UserId::new(people::ADMIN, &server.synapse.server_name());
        page.sign_in_as(&admin, ADMIN_PASSWORD, &proxy.url()).await;
        page.open("/media").await;
        page.sees("Reading the lists of files:").await;
        // What there is in all is known before a list is read.
        let (all, _) = sum(&server, "TRUE");
        page.css(".stats").says(&grouped(all)).await;
        page.is_accessible().await;
        page.button("Stop").click().await;
        page.sees("show only these").await;
        page.is_accessible().await;
        // The largest were read first.
        let asked = proxy.count("GET", lists);
        assert!(asked <= 6, "{asked} lists at a time");
        proxy.clear_rules();
        page.button("Read the rest").click().await;
        page.sees("Filtered and sorted here, from the files of")
            .await;
        page.css(".storage-found [role=status]")
            .says(&files(all))
            .await;

        // What has been read stays while one looks at something else.
        let asked = proxy.count("GET", lists);
        page.open("/users").await;
        page.heading("Users").appears().await;
        page.open("/media").await;
        page.css(".storage-found [role=status]")
            .says(&files(all))
            .await;
        assert_eq!(proxy.count("GET", lists), asked);

        // A server that fails says so, and is asked again.
        proxy.add(Rule::new(
            "GET",
            "/_synapse/admin/v1/statistics/*",
            Fault::matrix(403, r#"{"errcode":"M_FORBIDDEN","error":"No"}"#),
        ));
        page.allows_complaint(&["403"]);
        page.button("Refresh").click().await;
        page.css(".storage-progress")
            .button("Retry")
            .appears()
            .await;
        proxy.clear_rules();
        page.css(".storage-progress").button("Retry").click().await;
        page.css(".storage-found [role=status]")
            .says(&files(all))
            .await;
    })
    .await;
}

/// Files with every combination of what decides about them, written into the database and onto the
/// disk.
fn combinations(server: &Server, owner: &UserId, cut: i64, limit: i64) -> usize {
    let mut rows = Vec::new();
    for size in [0, 1, limit - 1, limit, limit + 1] {
        for (created, access) in [
            (cut - 5, Some(cut - 1)),
            (cut - 5, Some(cut)),
            (cut - 5, Some(cut + 1)),
            (cut - 1, None),
            (cut, None),
            (cut + 1, None),
        ] {
            for (quarantined, protected) in [
                (None, false),
                (Some("@admin:x"), false),
                (None, true),
                (None, false),
                (None, false),
            ] {
                for kind in ["image/png", "text/plain"] {
                    let id = format!("limitsLimitsLimits{:06}", rows.len());
                    let path = on_disk(server, &id);
                    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
                    std::fs::write(&path, noise(size as usize, rows.len() as u64)).unwrap();
                    rows.push(json!([
                        id,
                        kind,
                        size,
                        created,
                        access,
                        owner,
                        quarantined,
                        protected
                    ]));
                }
            }
        }
    }
    let count = rows.len();
    let insert = Statement::each(
        "INSERT INTO local_media_repository (media_id, media_type, media_length, created_ts, \
         last_access_ts, user_id, quarantined_by, safe_from_quarantine) \
         VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        rows,
    );
    server.maker.database().run(&[insert]).unwrap();
    count
}

#[tokio::test]
async fn hundreds_of_files_around_the_limits() {
    let server = own_server("limits");
    journey(Options::default(), async |page: &Page| {
        let maker = &server.maker;
        let cut = (server.world.now_ms - 4_000 * DAY_MS) / 60_000 * 60_000;
        let limit = 10 * 1024;
        let owner = maker.make_fresh_user("limits").await.unwrap();
        let made = combinations(&server, &owner, cut, limit);
        assert!(made >= 300);

        // Images that somebody or some room has, or had: Synapse keeps them.
        let client = maker.act_as(&owner).await.unwrap();
        let mut images = Vec::new();
        for seed in 0..4 {
            let bytes = noise(limit as usize + 1, 77_000 + seed);
            let uri = maker.upload_media(&owner, &bytes, "image/png", None).await;
            images.push(uri.unwrap());
        }
        maker.set_avatar(&owner, &images[0]).await.unwrap();
        let body = json!({"name": "Limits", "preset": "public_chat", "initial_state": [
            {"type": "m.room.avatar", "content": {"url": images[1].to_string()}},
        ]});
        let room = maker.make_room(&client, &body).await.unwrap();
        // What was an image once stands in the membership events.
        maker.set_avatar(&owner, &images[2]).await.unwrap();
        page.until("the room knows the new image", async || {
            let sql = format!(
                "SELECT COUNT(*) FROM room_memberships WHERE room_id = '{room}' \
                 AND avatar_url = '{}'",
                images[2]
            );
            ask(&server, &sql)[0][0] == 1
        })
        .await;
        let ages: Vec<_> = images
            .iter()
            .map(|uri| (uri.media_id.as_str(), cut - 10, None))
            .collect();
        maker.age_media(&ages).unwrap();

        open_media(page, &server, &server.synapse.url()).await;
        let before: BTreeMap<String, u64> = ask(
            &server,
            "SELECT media_id, COALESCE(media_length, 0) FROM local_media_repository",
        )
        .iter()
        .map(|row| (text(&row[0]), row[1].as_u64().unwrap()))
        .collect();
        let expected: BTreeSet<String> = ask(
            &server,
            &format!(
                "SELECT media_id FROM local_media_repository \
                 WHERE COALESCE(last_access_ts, created_ts) < {cut} AND media_length > {limit} \
                 AND quarantined_by IS NULL AND NOT safe_from_quarantine"
            ),
        )
        .iter()
        .map(|row| text(&row[0]))
        .filter(|id| !images[..3].iter().any(|image| image.media_id == *id))
        .collect();
        // Strictly before and strictly larger: one size of five, two times of six, three states
        // of five, two types; and the one image that nobody has.
        assert_eq!(expected.len(), 2 * 3 * 2 + 1);

        page.button("Delete media").click().await;
        let dialog = page.dialog("Delete media");
        dialog.css("summary").first().click().await;
        dialog.says("a file of exactly this size").await;
        page.is_accessible().await;
        let script = "
            const date = new Date(arguments[0]);
            return new Date(date - date.getTimezoneOffset() * 60000).toISOString().slice(0, 16)";
        let local = text(&page.script(script, vec![cut.into()]).await);
        page.field("Last access before").set(&local).await;
        page.field("Larger than").fill("10").await;
        page.field("Unit").choose("KiB").await;
        page.button("Preview").click().await;
        let count = expected.len();
        let bytes: u64 = expected.iter().map(|id| before[id]).sum();
        dialog.says(&format!("Files {count}")).await;
        dialog.says("3 files that match are profile images").await;
        page.confirm(&count.to_string()).await;
        page.button(&format!("Delete {count} files")).click().await;
        page.css(".job-pill").click().await;
        page.css(".job-result")
            .says(&format!(
                "{count} files deleted, {:.0} KiB freed",
                bytes as f64 / 1024.0
            ))
            .await;

        let left = ids(&server);
        let gone: BTreeSet<String> = before
            .keys()
            .filter(|id| !left.contains(*id))
            .cloned()
            .collect();
        assert_eq!(gone, expected);
        for id in before.keys().filter(|id| id.starts_with("limits")) {
            assert_eq!(
                on_disk(&server, id).exists(),
                !expected.contains(id),
                "{id}"
            );
        }
        // The list knows without reading again.
        page.css(".storage-found [role=status]")
            .says(&files(sum(&server, "TRUE").0))
            .await;

        // The activity log keeps what was deleted.
        page.open("/activity").await;
        page.sees("What was deleted").await;
        page.is_accessible().await;
        page.button_like("Download report of").click().await;
        let (_, report) = page.downloaded_text().await;
        for id in &expected {
            let line = report.lines().find(|line| line.contains(id.as_str()));
            let line = line.unwrap_or_else(|| panic!("{id} is missing in\n{report}"));
            assert!(
                line.contains(owner.as_str()) && line.ends_with(",deleted,"),
                "{line}"
            );
            assert!(line.contains(&format!(",{},", before[id])), "{line}");
        }
    })
    .await;
}

#[tokio::test]
async fn by_several_conditions_at_once() {
    let server = own_server("finer");
    journey(Options::default(), async |page: &Page| {
        let maker = &server.maker;
        let owner = maker.make_fresh_user("finer").await.unwrap();
        let mut uris = Vec::new();
        for (number, (kind, size)) in [
            ("image/png", 2_000_u32),
            ("image/png", 3_000),
            ("image/png", 4_000),
            ("text/plain", 5_000),
        ]
        .into_iter()
        .enumerate()
        {
            let bytes = match kind {
                "image/png" => png(40 + number as u32, 900 + number as u64),
                _ => noise(size as usize, 9),
            };
            let name = format!("finer-{number}");
            let uri = maker.upload_media(&owner, &bytes, kind, Some(&name)).await;
            uris.push(uri.unwrap());
        }
        maker.set_avatar(&owner, &uris[1]).await.unwrap();
        let old = server.world.now_ms - 100 * DAY_MS;
        let ages: Vec<_> = uris
            .iter()
            .map(|uri| (uri.media_id.as_str(), old, None))
            .collect();
        maker.age_media(&ages).unwrap();
        open_media(page, &server, &server.synapse.url()).await;
        page.open(&format!("/media?owner={owner}&kind=image&unused=90"))
            .await;
        page.css(".storage-found [role=status]")
            .says("3 files")
            .await;
        let freed: u64 = [0, 2]
            .iter()
            .map(|number| {
                let id = &uris[*number as usize].media_id;
                sum(&server, &format!("media_id = '{id}'")).1
            })
            .sum();
        page.checkbox("Select all on this page").tick(true).await;
        page.css(".bulk-bar").button("Delete").click().await;
        // The image that somebody has is left out.
        let question = page.dialog("Delete 2 files?");
        question.says("Profile images, which stay 1").await;
        page.is_accessible().await;
        question.confirm("2").await;
        question.button("Delete 2 files").click().await;
        page.css(".job-pill").click().await;
        page.css(".job-result").says("2 files deleted").await;
        let result = page.css(".job-result").text().await;
        page.press(thirtyfour::Key::Escape + "").await;
        let kib = format!("{:.1}", freed as f64 / 1024.0);
        assert!(
            result.contains(&freed.to_string()) || result.contains(&kib),
            "{result}, {freed} bytes"
        );
        for (number, uri) in uris.iter().enumerate() {
            let is_gone = number == 0 || number == 2;
            assert_eq!(!ids(&server).contains(&uri.media_id), is_gone, "{number}");
            assert_eq!(
                !on_disk(&server, &uri.media_id).exists(),
                is_gone,
                "{number}"
            );
        }
        page.css(".storage-found [role=status]")
            .says("1 file")
            .await;

        // Only a profile image is left: nothing is sent, and that is said.
        page.checkbox("Select all on this page").tick(true).await;
        page.css(".bulk-bar").button("Delete").click().await;
        page.sees("all of these are profile images").await;
        assert!(ids(&server).contains(&uris[1].media_id));

        // Quarantine is seen at once, and taken back.
        page.css(".bulk-bar").button("Quarantine").click().await;
        let question = page.dialog("Quarantine “finer-1”?");
        question.button("Quarantine “finer-1”").click().await;
        page.css(".storage-found [role=status]")
            .says("0 files")
            .await;
        let quarantined = format!(
            "media_id = '{}' AND quarantined_by IS NOT NULL",
            uris[1].media_id
        );
        assert_eq!(sum(&server, &quarantined).0, 1);
        page.button("Undo").click().await;
        page.css(".storage-found [role=status]")
            .says("1 file")
            .await;
        assert_eq!(sum(&server, &quarantined).0, 0);
    })
    .await;
}

#[tokio::test]
async fn one_file_by_its_address() {
    journey(Options::default(), async |page: &Page| {
        let maker = stage().maker;
        let owner = maker.make_fresh_user("looked.up").await.unwrap();
        let words = "some words that nobody else has written";
        let uri = maker
            .upload_media(&owner, words.as_bytes(), "text/plain", Some("words.txt"))
            .await
            .unwrap();
        page.sign_in(&stage().synapse.url()).await;
        page.open("/media").await;
        let field = page.field("Find a file: mxc URI or https link");
        field.fill("not a file").await;
        page.button("Look up").click().await;
        page.sees("This is not the address of a file.").await;
        page.is_accessible().await;
        let link = format!(
            "https://matrix.example.org/_matrix/client/v1/media/download/{}/{}",
            uri.server, uri.media_id
        );
        field.fill(&link).await;
        page.button("Look up").click().await;
        page.is_at(&format!("/media/{}/{}", uri.server, uri.media_id))
            .await;
        page.heading("File").appears().await;
        page.button("Quarantine").appears().await;
        let tells = maker.capabilities().lack(Feature::MediaInfo).is_none();
        if tells {
            page.link(owner.as_str()).appears().await;
            page.sees("words.txt").await;
            page.button("Show").click().await;
            page.sees(words).await;
        } else {
            page.sees("Needs Synapse 1.140").await;
        }
        page.is_accessible().await;

        page.button("Protect from quarantine").click().await;
        let query = ListMedia {
            limit: 10,
            ..Default::default()
        };
        let state = async || {
            stage()
                .run(&media::list_of_user(&owner, &query))
                .await
                .media
        };
        page.until("it is protected", async || {
            state().await[0].safe_from_quarantine
        })
        .await;
        page.button("Remove protection").first().click().await;
        page.until("it is not any more", async || {
            !state().await[0].safe_from_quarantine
        })
        .await;
        page.button("Delete").click().await;
        // An old server does not tell its name.
        let name = match tells {
            true => "words.txt",
            false => uri.media_id.as_str(),
        };
        let title = format!("Delete “{name}”");
        agree(page, &title, Some("1")).await;
        page.until("it is gone", async || state().await.is_empty())
            .await;
        if tells {
            page.allows_complaint(&["404", "/media/"]);
            page.sees("There is no such file").await;
            page.is_accessible().await;
        }
    })
    .await;
}

#[tokio::test]
async fn pictures_come_as_they_are_looked_at_and_go() {
    let server = own_server("pictures");
    journey(Options::default(), async |page: &Page| {
        let maker = &server.maker;
        let owner = maker.make_fresh_user("pictures").await.unwrap();
        let client = maker.act_as(&owner).await.unwrap();
        const COUNT: usize = 120;
        for number in 0..COUNT {
            let bytes = png(32, 50_000 + number as u64);
            let name = format!("{number:03}.png");
            xtask::world::maker::upload(&client, &bytes, "image/png", Some(&name))
                .await
                .unwrap();
        }
        let proxy = page.proxy_before(server.synapse.config().port);
        let admin = UserId::new(people::ADMIN, &server.synapse.server_name());
        page.sign_in_as(&admin, ADMIN_PASSWORD, &proxy.url()).await;
        let thumbnails = "/_matrix/client/v1/media/thumbnail/*/*";
        page.open(&format!("/media?owner={owner}&size=500")).await;
        page.sees(&format!("of {COUNT}")).await;
        // Who looks through old files does not make them young by it.
        tokio::time::sleep(Duration::from_millis(500)).await;
        assert_eq!(proxy.count("GET", thumbnails), 0);

        page.open(&format!("/users/{owner}?tab=media&size=500"))
            .await;
        page.row("119.png").first().appears().await;
        assert_eq!(proxy.count("GET", thumbnails), 0);
        page.checkbox_like("Show pictures").tick(true).await;
        page.css(".thumbnail img").first().appears().await;
        let shown = "return document.querySelectorAll('.thumbnail img').length";
        let mut most = 0;
        // In two frames it is drawn, and what is out of sight has gone.
        let further = "
            const done = arguments[arguments.length - 1];
            const frame = document.querySelector('.table-scroll');
            const before = frame.scrollTop;
            frame.scrollTop += 150;
            const isAtEnd = frame.scrollTop === before;
            const next = (then) => requestAnimationFrame(then);
            next(() => next(() => next(() => done(isAtEnd))))";
        for _ in 0..200 {
            let at_end = page.driver().execute_async(further, vec![]).await.unwrap();
            most = most.max(page.script(shown, vec![]).await.as_u64().unwrap());
            if at_end.json() == true {
                break;
            }
        }
        page.until("the last pictures are there", async || {
            page.script(
                "return document.querySelectorAll('.lazy:not(:has(img))').length",
                vec![],
            )
            .await
                == 0
        })
        .await;
        assert!(most < 60, "{most} pictures at a time");
        assert!(proxy.count("GET", thumbnails) <= COUNT);
        assert!(proxy.most_at_once("GET", thumbnails) <= 3);
    })
    .await;
}

/// Puts files into the database and onto the disk, unused for so long that no other file is.
pub fn put_old_files(server: &Server, cut: i64, files: &[(&str, &str, &str, usize)]) {
    let mut rows = Vec::new();
    for (id, owner, name, bytes) in files {
        let path = on_disk(server, id);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, noise(*bytes, 7)).unwrap();
        rows.push(json!([id, bytes, cut - 1000, name, owner]));
    }
    let insert = Statement::each(
        "INSERT INTO local_media_repository (media_id, media_type, media_length, created_ts, \
         upload_name, user_id, safe_from_quarantine) \
         VALUES (?, 'image/png', ?, ?, ?, ?, FALSE)",
        rows,
    );
    server.maker.database().run(&[insert]).unwrap();
}

pub async fn fill_date(page: &Page, ms: i64) {
    let script = "
        const date = new Date(arguments[0]);
        return new Date(date - date.getTimezoneOffset() * 60000).toISOString().slice(0, 16)";
    let local = text(&page.script(script, vec![ms.into()]).await);
    page.field("Last access before").set(&local).await;
}

#[tokio::test]
async fn what_no_list_shows_and_what_no_disk_gives_back() {
    let server = own_server("strange");
    journey(Options::default(), async |page: &Page| {
        let maker = &server.maker;
        let cut = (server.world.now_ms - 4_000 * DAY_MS) / 60_000 * 60_000;
        let owner = maker.make_fresh_user("strange").await.unwrap();
        let own = server.synapse.server_name();
        let ghost = format!("@ghost:{own}");
        put_old_files(
            &server,
            cut,
            &[
                (
                    "strangeStrangeStrange1",
                    owner.as_str(),
                    "=1+1.png",
                    3 * 1024,
                ),
                (
                    "strangeStrangeStrange2",
                    owner.as_str(),
                    "stuck.png",
                    5 * 1024,
                ),
                (
                    "strangeStrangeStrange3",
                    owner.as_str(),
                    "plain.png",
                    4 * 1024,
                ),
                ("strangeStrangeStrange4", &ghost, "ghost.png", 10 * 1024),
                ("strangeStrangeStrange5", &ghost, "ghost.png", 20 * 1024),
                (
                    "strangeStrangeStrange6",
                    "@old:elsewhere.example",
                    "old.png",
                    1024,
                ),
                (
                    "strangeStrangeStrange7",
                    owner.as_str(),
                    "preview.png",
                    6 * 1024,
                ),
            ],
        );
        // What the server cannot remove.
        let stuck = on_disk(&server, "strangeStrangeStrange2");
        std::fs::remove_file(&stuck).unwrap();
        std::fs::create_dir_all(stuck.join("in the way")).unwrap();
        // The image of a link preview lies elsewhere.
        std::fs::remove_file(on_disk(&server, "strangeStrangeStrange7")).unwrap();
        let preview = "UPDATE local_media_repository SET url_cache = 'https://example.org' \
                       WHERE media_id = 'strangeStrangeStrange7'";
        maker.database().run(&[Statement::once(preview)]).unwrap();
        // A profile image of no type, as bots upload them.
        let bytes = noise(7 * 1024, 8);
        let avatar = maker
            .upload_media(&owner, &bytes, "application/octet-stream", None)
            .await
            .unwrap();
        maker.set_avatar(&owner, &avatar).await.unwrap();
        maker
            .age_media(&[(avatar.media_id.as_str(), cut - 10, None)])
            .unwrap();

        open_media(page, &server, &server.synapse.url()).await;
        page.allows_complaint(&["/media?from="]);
        page.sees("belong to nobody or to somebody without an account here")
            .await;
        page.button("Delete media").click().await;
        let dialog = page.dialog("Delete media");
        fill_date(page, cut).await;
        page.button("Preview").click().await;
        dialog.says("Files 4").await;
        dialog.says("Size 12 KiB").await;
        dialog
            .says("1 file that matches is a profile image and is kept")
            .await;
        dialog.says("up to 31 KiB of 2 owners").await;
        dialog.says(&ghost).await;
        dialog.says("1 of them is an image of a link preview").await;
        dialog.says("to confirm").await;
        page.is_accessible().await;
        page.confirm("4").await;
        page.button("Delete 4 files").click().await;
        page.css(".job-pill").click().await;
        page.css(".job-result")
            .says("6 files deleted, 7 KiB freed")
            .await;
        page.css(".job-result")
            .says("How large 3 of them were is not known")
            .await;
        page.css(".job-result")
            .says("1 previewed file is still there")
            .await;
        let left = ids(&server);
        let strange: Vec<&String> = left.iter().filter(|id| id.starts_with("strange")).collect();
        assert_eq!(strange, ["strangeStrangeStrange2"]);
        assert!(left.contains(&avatar.media_id));
        page.button("Download report").click().await;
        let (_, report) = page.downloaded_text().await;
        assert!(report.contains("\"'=1+1.png\""), "{report}");
        let line = report.lines().find(|line| line.contains("Strange2"));
        assert!(line.unwrap().ends_with(",still there,"), "{report}");

        // One by one it is the same; and the image of no type stays.
        page.press(thirtyfour::Key::Escape + "").await;
        page.open(&format!("/media?owner={owner}")).await;
        page.css(".storage-found [role=status]")
            .says("2 files")
            .await;
        page.checkbox("Select all on this page").tick(true).await;
        page.css(".bulk-bar").button("Delete").click().await;
        let question = page.dialog("Delete “stuck.png”?");
        question.says("Profile images, which stay").await;
        question.confirm("1").await;
        question.button("Delete “stuck.png”").click().await;
        page.sees("The homeserver answered, but the file is still there.")
            .await;
        assert!(ids(&server).contains("strangeStrangeStrange2"));
    })
    .await;
}

#[tokio::test]
async fn a_lost_answer_is_looked_up() {
    let server = own_server("lost");
    journey(Options::default(), async |page: &Page| {
        let cut = (server.world.now_ms - 4_000 * DAY_MS) / 60_000 * 60_000;
        let owner = server.maker.make_fresh_user("lost").await.unwrap();
        put_old_files(
            &server,
            cut,
            &[
                ("lostLostLostLostLost01", owner.as_str(), "a.png", 3 * 1024),
                ("lostLostLostLostLost02", owner.as_str(), "b.png", 4 * 1024),
            ],
        );
        let other = server.maker.make_fresh_user("lost.there").await.unwrap();
        put_old_files(
            &server,
            cut + DAY_MS,
            &[
                ("thereThereThereThere01", other.as_str(), "c.png", 5 * 1024),
                ("thereThereThereThere02", other.as_str(), "d.png", 6 * 1024),
            ],
        );
        let proxy = page.proxy_before(server.synapse.config().port);
        open_media(page, &server, &proxy.url()).await;
        page.allows_complaint(&["media/delete"]);
        proxy.add(Rule::new("POST", "/_synapse/admin/v1/media/delete", Fault::DropAfter).times(1));
        page.button("Delete media").click().await;
        fill_date(page, cut).await;
        page.button("Preview").click().await;
        page.confirm("2").await;
        page.button("Delete 2 files").click().await;
        page.css(".job-pill").click().await;
        let result = page.css(".job-result");
        result
            .says_within(LONG, "2 files deleted, 7 KiB freed")
            .await;
        assert!(!result.text().await.contains("not reported"));
        assert!(!ids(&server).iter().any(|id| id.starts_with("lost")));
        // The list knows as well.
        page.open(&format!("/media?owner={owner}")).await;
        page.css(".storage-found [role=status]")
            .says("0 files")
            .await;

        // What was deleted elsewhere, and not told, is asked for.
        let found = page.css(".storage-found [role=status]");
        page.open(&format!("/media?owner={other}")).await;
        found.says("2 files, 11 KiB").await;
        acting::select(page, "/users", other.localpart(), 1).await;
        let title = format!("Quarantine the media of {other}");
        acting::act(page, "Quarantine media", &title, None).await;
        page.sees(&format!("{title}: Finished")).await;
        page.open(&format!("/media?owner={other}&quarantined=true"))
            .await;
        found.says("2 files, 11 KiB").await;
        let listed = format!("/_synapse/admin/v1/users/{other}/media");
        page.allows_complaint(&["/media", "status of 504"]);
        proxy.add(Rule::new("DELETE", &listed, Fault::gave_up_waiting()).times(1));
        proxy.add(Rule::new("DELETE", &listed, Fault::Held));
        acting::select(page, "/users", other.localpart(), 1).await;
        let name = other.as_str();
        let title = format!("Delete the media of {name}");
        acting::act(page, "Delete media", &title, Some(name)).await;
        page.until("its answer is lost, and it is asked again", async || {
            proxy.count("DELETE", &listed) == 2
        })
        .await;
        page.open(&format!("/media?owner={other}")).await;
        found.says("0 files").await;
        proxy.clear_rules();
        result.first().says("at least 0 files deleted").await;
        found.says("0 files").await;
    })
    .await;
}

#[tokio::test]
async fn what_was_used_since_stays_and_a_lost_answer_is_found_out() {
    let server = own_server("since");
    journey(Options::default(), async |page: &Page| {
        let cut = (server.world.now_ms - 4_000 * DAY_MS) / 60_000 * 60_000;
        let owner = server.maker.make_fresh_user("since").await.unwrap();
        let owner = owner.as_str();
        put_old_files(
            &server,
            cut,
            &[
                ("sinceSinceSinceSince01", owner, "a.png", 3 * 1024),
                ("sinceSinceSinceSince02", owner, "b.png", 4 * 1024),
                ("sinceSinceSinceSince03", owner, "c.png", 5 * 1024),
            ],
        );
        let proxy = page.proxy_before(server.synapse.config().port);
        open_media(page, &server, &proxy.url()).await;
        page.takes_downloads().await;
        page.allows_complaint(&["/v1/media/"]);
        page.open(&format!("/media?owner={owner}&unused=365")).await;
        let found = page.css(".storage-found [role=status]");
        found.says("3 files, 12 KiB").await;
        // Somebody uses one, after the page has read when it was last used.
        let used = ("sinceSinceSinceSince03", cut, Some(server.world.now_ms));
        server.maker.age_media(&[used]).unwrap();
        let lost = Fault::gave_up_waiting();
        proxy.add(Rule::new("DELETE", "/_synapse/admin/v1/media/*", lost).times(1));
        page.css(".storage-found")
            .button("Delete these files …")
            .click()
            .await;
        agree(page, "Delete 3 files", Some("3")).await;
        page.css(".job-pill").click().await;
        let result = page.css(".job-result");
        result
            .says_within(LONG, "2 files deleted, 7 KiB freed")
            .await;
        result.says("1 left out: in use now").await;
        let left: Vec<String> = ids(&server)
            .into_iter()
            .filter(|id| id.starts_with("since"))
            .collect();
        assert_eq!(left, ["sinceSinceSinceSince03"]);
        page.button("Download report").click().await;
        let (_, csv) = page.downloaded_text().await;
        let ends = [
            ("Since01", ",deleted,"),
            ("Since02", ",deleted,"),
            (
                "Since03",
                ",left out,\"in use now, though not when they were picked\"",
            ),
        ];
        for (id, end) in ends {
            let line = csv.lines().find(|line| line.contains(id)).unwrap();
            assert!(line.ends_with(end), "{csv}");
        }
        // The page knows without reading anything anew.
        found.says("1 file, 5 KiB").await;
    })
    .await;
}

#[tokio::test]
async fn what_is_not_known_is_no_number() {
    let server = own_server("unknown");
    journey(Options::default(), async |page: &Page| {
        let proxy = page.proxy_before(server.synapse.config().port);
        let admin = UserId::new(people::ADMIN, &server.synapse.server_name());
        page.sign_in_as(&admin, ADMIN_PASSWORD, &proxy.url()).await;
        let gone = Fault::matrix(
            404,
            r#"{"errcode":"M_UNRECOGNIZED","error":"Unrecognized request"}"#,
        );
        proxy.add(Rule::new(
            "GET",
            "/_synapse/admin/v1/statistics/users/media",
            gone,
        ));
        page.allows_complaint(&["404"]);
        page.open("/media").await;
        page.sees("answers no questions about media").await;
        page.css(".stats")
            .says("Not used for 90 days unknown")
            .await;
        page.is_accessible().await;
        proxy.clear_rules();
        page.open("/users").await;
        page.open("/media").await;
        page.button("Retry").first().click().await;
        page.sees("Filtered and sorted here").await;

        // A thousand as English writes it; what may be one as well is asked.
        page.button("Delete media").click().await;
        page.field("Unit").choose("bytes").await;
        page.field("Larger than").fill("1.000").await;
        page.sees("Do you mean 1 or 1,000?").await;
        page.button("Preview").click().await;
        page.is_accessible().await;
        page.field("Larger than").fill("1,000").await;
        page.no_longer_sees("Do you mean").await;
        page.checkbox_like("Keep profile images").tick(false).await;
        page.button("Preview").click().await;
        let condition =
            "media_length > 1000 AND quarantined_by IS NULL AND NOT safe_from_quarantine";
        let count = sum(&server, condition).0;
        page.dialog("Delete media")
            .says(&format!("Files {count}"))
            .await;
    })
    .await;
}

/// A bar opens what it counts, and deletes it: press, press, type, press.
async fn from_a_bar_to_gone(prefix: &str, options: Options) {
    let server = own_server(prefix);
    journey(options, async |page: &Page| {
        let cut = (server.world.now_ms - 4_000 * DAY_MS) / 60_000 * 60_000;
        let owner = server.maker.make_fresh_user("bars").await.unwrap();
        let other = server.maker.make_fresh_user("bars.other").await.unwrap();
        put_old_files(
            &server,
            cut,
            &[
                ("barsBarsBarsBarsBars01", owner.as_str(), "a.png", 3 * 1024),
                ("barsBarsBarsBarsBars02", owner.as_str(), "b.png", 4 * 1024),
                ("barsBarsBarsBarsBars03", owner.as_str(), "c.png", 5 * 1024),
                ("barsBarsBarsBarsBars04", other.as_str(), "d.png", 5 * 1024),
            ],
        );
        let protect = "UPDATE local_media_repository SET safe_from_quarantine = TRUE \
                       WHERE media_id = 'barsBarsBarsBarsBars03'";
        server
            .maker
            .database()
            .run(&[Statement::once(protect)])
            .unwrap();
        open_media(page, &server, &server.synapse.url()).await;
        page.open(&format!("/media?owner={owner}")).await;
        page.css(".chart-chosen").says("3 files, 12 KiB").await;
        page.css(".charts")
            .link_like("Not used for a year")
            .click()
            .await;
        let chosen = page.css("ul[aria-label='What deleting would free'] ~ .chart-chosen");
        chosen.says("2 files, 7 KiB").await;
        chosen.says(owner.as_str()).await;
        chosen.says("Last used before").await;
        page.is_accessible().await;
        page.fits_sideways().await;
        // What the filters leave out has no bar.
        assert!(
            !page
                .css(".charts")
                .text()
                .await
                .contains("Less than a week ago")
        );
        chosen.button("Delete these files …").click().await;
        agree(page, "Delete 2 files", Some("2")).await;
        page.until("just these are gone", async || {
            let left = ids(&server);
            let bars: Vec<&String> = left.iter().filter(|id| id.starts_with("bars")).collect();
            bars == ["barsBarsBarsBarsBars03", "barsBarsBarsBarsBars04"]
        })
        .await;
        // Free limits; what is not understood finds nothing.
        let found = page.css(".storage-found [role=status]");
        page.open("/media?larger=4.5%20KiB&before=2016-12-31").await;
        found.says("2 files, 10 KiB").await;
        page.open("/media?larger=4.500").await;
        found.says("0 files").await;
        page.open("/media?unused=365").await;
        // The dialog for all of the server begins with what the page asks; by what is too large for a
        // bar the server does not delete.
        let of_all = "This deletes files of all users and types";
        let dialog = page.dialog("Delete media");
        for (class, is_bounded) in [("104857600", false), ("1048576", true)] {
            page.open(&format!("/media?bytes={class}")).await;
            page.button("Delete media").click().await;
            dialog.field("Larger than").appears().await;
            assert_eq!(dialog.text().await.contains(of_all), is_bounded);
            dialog.button("Cancel").click().await;
            dialog.goes().await;
        }
        page.open("/media?unused=365").await;
        page.button("Delete media").click().await;
        assert!(!page.field("Last access before").value().await.is_empty());
        dialog.button("Cancel").click().await;
        dialog.goes().await;
        // A limit that cannot be read is not left out in silence.
        page.open("/media?unused=365&larger=4.500").await;
        page.button("Delete media").click().await;
        dialog.says(of_all).await;
        dialog.button("Cancel").click().await;
        dialog.goes().await;
        // What is asked for by last use alone the server deletes itself: the question leads there, and deletes
        // nothing by it. What asks for more has no such way.
        let before = ids(&server);
        let way = "Go on with “Delete media”";
        for (query, is_led) in [("unused=365", true), ("unused=365&kind=image", false)] {
            page.open(&format!("/media?{query}")).await;
            page.css(".storage-found")
                .button("Delete these files …")
                .click()
                .await;
            let question = page.css("dialog[open]");
            question.says("They are deleted for good").await;
            question.button(way).counts(usize::from(is_led)).await;
            page.is_accessible().await;
            if !is_led {
                question.button("Cancel").click().await;
                question.goes().await;
                continue;
            }
            question.button(way).click().await;
            dialog.field("Last access before").appears().await;
            assert!(!page.field("Last access before").value().await.is_empty());
            assert!(!dialog.text().await.contains(of_all));
            dialog.button("Cancel").click().await;
            dialog.goes().await;
        }
        assert_eq!(ids(&server), before);
    })
    .await;
}

#[tokio::test]
async fn from_a_bar_to_gone_on_a_desktop() {
    from_a_bar_to_gone("bars", Options::default()).await;
}

#[tokio::test]
async fn from_a_bar_to_gone_on_a_phone() {
    from_a_bar_to_gone("bars-phone", Options::phone()).await;
}

#[tokio::test]
async fn undo_takes_back_only_what_was_changed() {
    let server = own_server("undo-files");
    journey(Options::default(), async |page: &Page| {
        let cut = (server.world.now_ms - 4_000 * DAY_MS) / 60_000 * 60_000;
        let owner = server.maker.make_fresh_user("undone").await.unwrap();
        put_old_files(
            &server,
            cut,
            &[
                ("undoUndoUndoUndoUndo01", owner.as_str(), "a.png", 3 * 1024),
                ("undoUndoUndoUndoUndo02", owner.as_str(), "b.png", 4 * 1024),
            ],
        );
        open_media(page, &server, &server.synapse.url()).await;
        page.open(&format!("/media?owner={owner}")).await;
        page.checkbox("Select all on this page").tick(true).await;
        page.css(".bulk-bar").says("7 KiB").await;
        // Somebody else is faster.
        let other = "UPDATE local_media_repository SET quarantined_by = '@mod:test.localhost' \
                     WHERE media_id = 'undoUndoUndoUndoUndo01'";
        server
            .maker
            .database()
            .run(&[Statement::once(other)])
            .unwrap();
        page.css(".bulk-bar").button("Quarantine").click().await;
        let question = page.dialog("Quarantine 2 files?");
        question.button("Quarantine 2 files").click().await;
        let quarantined = async |count: u64| {
            let condition = format!("user_id = '{owner}' AND quarantined_by IS NOT NULL");
            page.until("so many are quarantined", async || {
                sum(&server, &condition).0 == count
            })
            .await;
        };
        quarantined(2).await;
        page.button("Undo").click().await;
        quarantined(1).await;
        let sql = "SELECT media_id FROM local_media_repository \
                   WHERE quarantined_by = '@mod:test.localhost'";
        assert_eq!(text(&ask(&server, sql)[0][0]), "undoUndoUndoUndoUndo01");
    })
    .await;
}

#[tokio::test]
async fn a_clean_up_is_kept_and_run_again() {
    let server = own_server("rules");
    journey(Options::default(), async |page: &Page| {
        let cut = (server.world.now_ms - 4_000 * DAY_MS) / 60_000 * 60_000;
        let owner = server.maker.make_fresh_user("ruled").await.unwrap();
        put_old_files(
            &server,
            cut,
            &[
                ("ruleRuleRuleRuleRule01", owner.as_str(), "a.png", 3 * 1024),
                ("ruleRuleRuleRuleRule02", owner.as_str(), "b.png", 9 * 1024),
            ],
        );
        open_media(page, &server, &server.synapse.url()).await;
        page.open(&format!("/media?owner={owner}&unused=365&larger=8%20KiB"))
            .await;
        page.css(".storage-found [role=status]")
            .says("1 file,")
            .await;
        page.css(".clean-ups summary").click().await;
        page.button("Keep what the page shows").is_unusable().await;
        page.field("Name of the rule").fill("Old and large").await;
        page.button("Keep what the page shows").click().await;
        page.link("Old and large").appears().await;
        page.is_accessible().await;
        page.button("Save rules as a file").click().await;
        let (name, json) = page.downloaded_text().await;
        assert_eq!(name, "clean-ups.json");
        assert!(json.contains("Old and large"), "{json}");

        // Another day, one press and its preview.
        page.open("/media").await;
        page.reload().await;
        page.sees("Filtered and sorted here, from the files of")
            .await;
        page.css(".clean-ups summary").click().await;
        page.button("Run “Old and large” …").click().await;
        let question = page.dialog("Delete “b.png”?");
        question.says("b.png").await;
        question.confirm("1").await;
        question.button("Delete “b.png”").click().await;
        page.until("just this is gone", async || {
            let left = ids(&server);
            let rule: Vec<&String> = left.iter().filter(|id| id.starts_with("rule")).collect();
            rule == ["ruleRuleRuleRuleRule01"]
        })
        .await;
    })
    .await;
}
