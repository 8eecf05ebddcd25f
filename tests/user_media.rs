//! What one user has uploaded: looked at, sorted, deleted, quarantined, protected, and back.

use journeys::browser::acting::{agree, choose_for_one};
use journeys::browser::{Locator, Options, Page, journey, stage};
use serde_json::Value;
use synapse_admin::api::encode::encoded;
use synapse_admin::api::media::{self, ListMedia, MediaFile, order};
use synapse_admin::api::users::UserChange;
use synapse_admin::api::{MxcUri, UserId};
use xtask::proxy::{Fault, Proxy, Rule};
use xtask::world::people;

/// Somebody with files of their own: `a.txt`, `b.txt` and so on, each larger than the one
/// before.
async fn somebody(files: u8) -> (UserId, Vec<MxcUri>) {
    let maker = stage().maker;
    let user = maker.make_fresh_user("files").await.unwrap();
    let mut uris = Vec::new();
    for number in 0..files {
        let letter = char::from(b'a' + number);
        // Files of the same content are quarantined together.
        let content = format!("{user} {letter}").repeat(usize::from(number) + 1);
        let name = format!("{letter}.txt");
        let uri = maker
            .upload_media(&user, content.as_bytes(), "text/plain", Some(&name))
            .await;
        uris.push(uri.unwrap());
    }
    (user, uris)
}

/// What the server has of a user.
async fn files(user: &UserId, query: ListMedia) -> Vec<MediaFile> {
    let query = ListMedia {
        limit: 1000,
        ..query
    };
    stage().run(&media::list_of_user(user, &query)).await.media
}

async fn file(user: &UserId, uri: &MxcUri) -> Option<MediaFile> {
    files(user, ListMedia::default())
        .await
        .into_iter()
        .find(|file| file.media_id == uri.media_id)
}

async fn open_tab(page: &Page, proxy: &Proxy, user: &UserId) {
    // Not everything that says it is a picture is one.
    page.allows_complaint(&["/thumbnail/", "status of 400"]);
    page.sign_in(&proxy.url()).await;
    page.open(&format!("/users/{}?tab=media", encoded(user.as_str())))
        .await;
}

fn names<'a>(page: &'a Page) -> Locator<'a> {
    page.css("tbody th[role=rowheader]")
}

/// Of a name that stands in many others the statistics may name only the others.
#[tokio::test]
async fn how_much_there_is_comes_from_the_files_themselves() {
    journey(Options::default(), async |page: &Page| {
        let (user, _) = somebody(2).await;
        let sizes = files(&user, ListMedia::default()).await;
        let bytes: u64 = sizes.iter().filter_map(|file| file.media_length).sum();
        let proxy = page.proxy();
        let others = r#"{"users":[],"total":0}"#;
        proxy.add(Rule::new(
            "GET",
            "/_synapse/admin/v1/statistics/users/media",
            Fault::matrix(200, others),
        ));
        open_tab(page, &proxy, &user).await;
        let stats = page.css(".stats");
        stats.says("Files 2").await;
        stats.says(&format!("Size {bytes} bytes")).await;

        // What the server does not say is no number.
        proxy.add(Rule::new(
            "GET",
            "/_synapse/admin/v1/users/*/media",
            Fault::server_error(),
        ));
        page.allows_complaint(&["/media", "status of 500"]);
        page.reload().await;
        stats.says("Files unknown").await;
        stats.says("Size unknown").await;
        page.open(&format!("/users/{}", encoded(user.as_str())))
            .await;
        page.sees("Size – The server did not say").await;
    })
    .await;
}

#[tokio::test]
async fn what_is_deleted_under_security_is_not_counted_any_more() {
    journey(Options::default(), async |page: &Page| {
        let (user, _) = somebody(2).await;
        page.sign_in(&stage().synapse.url()).await;
        page.open(&format!("/users/{}?tab=security", encoded(user.as_str())))
            .await;
        let count = page.css("a.tab[href*='tab=media'] .tab-count");
        count.says("2").await;
        page.button("Delete media").click().await;
        let title = format!("Delete the media of {user}");
        agree(page, &title, Some(user.as_str())).await;
        count.says("0").await;
        assert!(files(&user, ListMedia::default()).await.is_empty());
    })
    .await;
}

#[tokio::test]
async fn one_is_deleted() {
    journey(Options::default(), async |page: &Page| {
        let (user, uris) = somebody(3).await;
        let proxy = page.proxy();
        open_tab(page, &proxy, &user).await;
        names(page).counts(3).await;
        choose_for_one(page, "b.txt", "Delete").await;
        let question = page.dialog("Delete “b.txt”?");
        question.says("b.txt").await;
        page.is_accessible().await;
        // Cancelled: nothing happens.
        question.button("Cancel").click().await;
        question.goes().await;
        let sent = |proxy: &Proxy| proxy.count("DELETE", "/_synapse/admin/v1/media/*");
        assert_eq!(sent(&proxy), 0);

        choose_for_one(page, "b.txt", "Delete").await;
        let delete = question.button("Delete “b.txt”");
        delete.appears().await;
        assert!(!delete.is_enabled().await);
        question.confirm("1").await;
        delete.click().await;
        names(page).counts(2).await;
        let mut left = names(page).texts().await;
        left.sort();
        assert_eq!(left, ["a.txt", "c.txt"]);
        assert_eq!(sent(&proxy), 1);
        assert_eq!(file(&user, &uris[1]).await, None);
        assert_eq!(files(&user, ListMedia::default()).await.len(), 2);
    })
    .await;
}

#[tokio::test]
async fn the_log_keeps_the_report_of_a_job_that_was_taken_out_of_the_list() {
    journey(Options::default(), async |page: &Page| {
        let (user, _) = somebody(3).await;
        let proxy = page.proxy();
        open_tab(page, &proxy, &user).await;
        names(page).counts(3).await;
        for (name, left) in [("a.txt", 2), ("b.txt", 1)] {
            choose_for_one(page, name, "Delete").await;
            let question = page.dialog(&format!("Delete “{name}”?"));
            question.confirm("1").await;
            question.button(&format!("Delete “{name}”")).click().await;
            names(page).counts(left).await;
            // Once opened, the list of jobs is there again with the next one.
            if left == 2 {
                page.css(".job-pill").click().await;
            }
            page.css(".job-result").says("1 file deleted").await;
            page.button("Remove from the list").click().await;
            page.css(".job").goes().await;
        }
        page.link("Activity").click().await;
        page.css(".kept-report").counts(2).await;
        for name in ["a.txt", "b.txt"] {
            page.css(".kept-reports").says(name).await;
        }
    })
    .await;
}

/// PostgreSQL has what has no value behind the largest, SQLite before the smallest; and in some
/// searches PostgreSQL tells upper and lower case apart. Here it is the same with both.
#[tokio::test]
async fn never_used_is_the_oldest_and_case_is_no_matter() {
    journey(Options::default(), async |page: &Page| {
        let (user, uris) = somebody(3).await;
        let maker = stage().maker;
        let now = xtask::native::wall_ms();
        let day = xtask::world::DAY_MS;
        let used = |days: i64| Some(now - days * day);
        let ages = [
            (uris[0].media_id.as_str(), now - 90 * day, used(10)),
            (uris[1].media_id.as_str(), now - 90 * day, used(1)),
            (uris[2].media_id.as_str(), now - 90 * day, None),
        ];
        maker.age_media(&ages).unwrap();
        page.sign_in(&stage().synapse.url()).await;
        let tab = format!("/users/{}?tab=media", encoded(user.as_str()));
        for (way, expected) in [
            ("desc", ["b.txt", "a.txt", "c.txt"]),
            ("asc", ["c.txt", "a.txt", "b.txt"]),
        ] {
            page.open(&format!("{tab}&sort=last_access_ts&dir={way}"))
                .await;
            page.until("the files are in order", async || {
                let names = names(page).texts().await;
                names.len() == 3
                    && names
                        .iter()
                        .zip(expected)
                        .all(|(is, name)| is.contains(name))
            })
            .await;
        }

        let name = format!("Ada Of {}", user.localpart().replace('.', " Of "));
        let change = UserChange {
            displayname: Some(name.clone()),
            ..Default::default()
        };
        maker.make_user(user.localpart(), &change).await.unwrap();
        for search in [name.to_uppercase(), name.to_lowercase()] {
            page.open(&format!("/media?tab=users&q={}", encoded(&search)))
                .await;
            page.row(&name).appears().await;
            names(page).counts(1).await;
        }
    })
    .await;
}

#[tokio::test]
async fn many_are_deleted() {
    journey(Options::default(), async |page: &Page| {
        let (user, uris) = somebody(6).await;
        let proxy = page.proxy();
        open_tab(page, &proxy, &user).await;
        names(page).counts(6).await;
        page.checkbox("Select all on this page").tick(true).await;
        page.sees("6 selected").await;
        page.checkbox("Select d.txt").tick(false).await;
        page.sees("5 selected").await;
        page.is_accessible().await;
        page.css(".bulk-bar").button("Delete").click().await;
        agree(page, "Delete 5 files", Some("5")).await;
        names(page).counts(1).await;
        assert_eq!(names(page).texts().await, ["d.txt"]);
        let left = files(&user, ListMedia::default()).await;
        assert_eq!(left.len(), 1);
        assert_eq!(left[0].media_id, uris[3].media_id);

        // The job says what it did, and the activity log each request, without the token.
        page.css(".job-pill").click().await;
        page.css(".job-result").says("5 files deleted").await;
        page.is_accessible().await;
        page.link("Activity").click().await;
        for (number, uri) in uris.iter().enumerate() {
            page.css("main")
                .region(&uri.media_id)
                .counts(usize::from(number != 3))
                .await;
        }
        let log = page.text().await;
        assert!(!log.contains("syt_"), "{log}");
        page.is_accessible().await;
    })
    .await;
}

#[tokio::test]
async fn quarantine_and_back() {
    journey(Options::default(), async |page: &Page| {
        let (user, uris) = somebody(2).await;
        let proxy = page.proxy();
        open_tab(page, &proxy, &user).await;
        choose_for_one(page, "a.txt", "Quarantine").await;
        let question = page.dialog("Quarantine “a.txt”?");
        question.appears().await;
        page.is_accessible().await;
        question.button("Quarantine “a.txt”").click().await;
        page.row("a.txt").says("@admin").await;
        let admin = stage().user(people::ADMIN);
        let now = file(&user, &uris[0]).await.unwrap();
        assert_eq!(now.quarantined_by, Some(admin));
        assert_eq!(file(&user, &uris[1]).await.unwrap().quarantined_by, None);

        choose_for_one(page, "a.txt", "Remove from quarantine").await;
        let title = "Remove “a.txt” from quarantine";
        page.dialog(&format!("{title}?"))
            .button(title)
            .click()
            .await;
        page.until("it is out of quarantine", async || {
            file(&user, &uris[0])
                .await
                .is_some_and(|file| file.quarantined_by.is_none())
        })
        .await;
        page.until("and shown so", async || {
            !page.row("a.txt").text().await.contains("@admin")
        })
        .await;

        // The same with Undo.
        choose_for_one(page, "b.txt", "Quarantine").await;
        page.dialog("Quarantine “b.txt”?")
            .button("Quarantine “b.txt”")
            .click()
            .await;
        page.row("b.txt").says("@admin").await;
        // The newest of those that have one.
        let last = page.css(".toast").nth(-1);
        last.says("Quarantine “b.txt”").await;
        last.button("Undo").click().await;
        page.until("it is undone", async || {
            file(&user, &uris[1])
                .await
                .is_some_and(|file| file.quarantined_by.is_none())
        })
        .await;
    })
    .await;
}

#[tokio::test]
async fn protection_and_back() {
    journey(Options::default(), async |page: &Page| {
        let (user, uris) = somebody(3).await;
        let proxy = page.proxy();
        open_tab(page, &proxy, &user).await;
        let is_protected = async |index: usize| {
            file(&user, &uris[index])
                .await
                .unwrap()
                .safe_from_quarantine
        };
        choose_for_one(page, "a.txt", "Protect from quarantine").await;
        page.until("a.txt is protected", async || is_protected(0).await)
            .await;
        page.row("a.txt").css("[title=Protected]").appears().await;

        // Quarantine leaves it alone, and says so.
        page.checkbox("Select all on this page").tick(true).await;
        page.css(".bulk-bar").button("Quarantine").click().await;
        let question = page.dialog("Quarantine 2 files?");
        question.says("Left out: protected from quarantine 1").await;
        question.button("Quarantine 2 files").click().await;
        page.until("the others are quarantined", async || {
            let now = files(&user, ListMedia::default()).await;
            now.iter()
                .filter(|file| file.quarantined_by.is_some())
                .count()
                == 2
        })
        .await;
        assert!(is_protected(0).await);
        assert_eq!(file(&user, &uris[0]).await.unwrap().quarantined_by, None);
        page.row("b.txt").says("@admin").await;
        page.row("c.txt").says("@admin").await;

        choose_for_one(page, "a.txt", "Remove protection").await;
        page.until("a.txt is not protected", async || !is_protected(0).await)
            .await;
    })
    .await;
}

#[tokio::test]
async fn every_order_that_the_server_has() {
    journey(Options::default(), async |page: &Page| {
        let owner = stage().user(people::MEDIA_OWNER);
        let proxy = page.proxy();
        open_tab(page, &proxy, &owner).await;
        page.field("Rows per page").choose("100").await;
        for (label, key) in [
            ("Name", order::NAME),
            ("Type", order::TYPE),
            ("Size", order::SIZE),
            ("Uploaded", order::CREATED),
            ("Last access", order::LAST_ACCESS),
        ] {
            for descending in [false, true] {
                page.button("View").click().await;
                if descending {
                    page.button("Ascending").click().await;
                } else {
                    page.field("Sort by").choose(label).await;
                }
                page.press(thirtyfour::Key::Escape + "").await;
                // Other journeys look at these files, which the server notes now and then.
                let expected = async || -> Vec<u64> {
                    files(
                        &owner,
                        ListMedia {
                            order_by: Some(key),
                            descending,
                            ..ListMedia::default()
                        },
                    )
                    .await
                    .iter()
                    .map(|file| file.created_ts.0.unsigned_abs())
                    .collect()
                };
                // Names are not unique; when a file was uploaded is, nearly.
                let shown = async || {
                    let times = page
                        .of_all_rows("row.querySelector('[data-label=Uploaded] time')?.dateTime")
                        .await;
                    let text = |time: &Value| time.as_str().map(str::to_owned);
                    times.iter().map(text).collect::<Vec<_>>()
                };
                let wanted = expected().await.len().min(100);
                let refresh = "document.querySelector('main button[aria-label=Refresh]')?.click()";
                page.until(
                    &format!("{wanted} files are sorted by {label}"),
                    async || {
                        // Others look into these files, which the server writes down now and then: what the
                        // page has read may be from before.
                        page.script(refresh, vec![]).await;
                        page.css("main [data-loading]").goes().await;
                        let times = page
                            .script(
                                "return arguments[0].map((text) => new Date(text).getTime())",
                                vec![serde_json::json!(shown().await)],
                            )
                            .await;
                        let times: Vec<u64> = serde_json::from_value(times).unwrap_or_default();
                        times.len() == wanted && times[..] == expected().await[..wanted]
                    },
                )
                .await;
            }
        }
    })
    .await;
}

#[tokio::test]
async fn looking_into_files() {
    journey(Options::default(), async |page: &Page| {
        let owner = stage().user(people::MEDIA_OWNER);
        let proxy = page.proxy();
        open_tab(page, &proxy, &owner).await;
        page.field("Rows per page").choose("100").await;

        // A picture comes with the token and is shown from memory.
        page.button("photo.jpg").click().await;
        let viewer = page.dialog("photo.jpg");
        viewer.css("img").appears().await;
        let source = viewer.css("img").attribute("src").await.unwrap();
        assert!(source.starts_with("blob:"), "{source}");
        page.is_accessible().await;
        page.press(thirtyfour::Key::Escape + "").await;
        viewer.goes().await;

        page.button("notes.txt").click().await;
        page.dialog("notes.txt")
            .says("Nothing of importance.")
            .await;
        page.press(thirtyfour::Key::Escape + "").await;

        // What could act is not shown, only saved.
        for name in ["page.html", "drawing.svg"] {
            page.button(name).click().await;
            let viewer = page.dialog(name);
            viewer.says("Files of this type are not shown here").await;
            assert_eq!(
                viewer
                    .css("iframe, object, embed, img, svg:not(.icon)")
                    .count()
                    .await,
                0
            );
            viewer.button("Download").click().await;
            let (saved, content) = page.downloaded_text().await;
            assert_eq!(saved, name);
            assert!(content.contains("<script>"));
            page.press(thirtyfour::Key::Escape + "").await;
            viewer.goes().await;
        }
    })
    .await;
}
