//! "All that match" means one thing: what a list's search and filters find, on all pages. Each list
//! whose rows can be selected is asked with a search and more than one page, and what is asked,
//! done and exported is exactly that.

use journeys::browser::acting::{act, agree, choose_for_page, rooms_of_one};
use journeys::browser::importing::LONG;
use journeys::browser::{Locator, Options, Page, journey, stage};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use synapse_admin::api::encode::encoded;
use synapse_admin::api::media::{self, ListMedia};
use synapse_admin::api::rooms;
use synapse_admin::api::server::Feature;
use synapse_admin::api::users::{self, UserChange};
use synapse_admin::api::{MxcUri, RoomId, UserId, devices, events};
use xtask::native::Client;
use xtask::proxy::{Fault, Rule};
use xtask::world::database::Statement;

fn names(page: &Page) -> Locator<'_> {
    page.css("tbody th[role=rowheader]")
}

async fn fresh(prefix: &str) -> (UserId, Client) {
    let maker = stage().maker;
    let user = maker.make_fresh_user(prefix).await.unwrap();
    let client = maker.act_as(&user).await.unwrap();
    (user, client)
}

/// Opens a list with ten rows a page, and selects all that match: so many.
async fn select_all(page: &Page, route: &str, count: usize) {
    let separator = if route.contains('?') { '&' } else { '?' };
    page.open(&format!("{route}{separator}size=10")).await;
    names(page).counts(10).await;
    page.css(".list-status")
        .says(&format!("1–10 of {count}"))
        .await;
    page.checkbox("Select all on this page").tick(true).await;
    page.css(".bulk-bar").says("10 selected").await;
    page.button(&format!("Select all {count} that match"))
        .click()
        .await;
    page.css(".bulk-bar")
        .says(&format!("All {count} that match are selected"))
        .await;
}

/// A column of the export of all that match, in the order of the file.
async fn exported(page: &Page, count: usize, column: &str) -> Vec<String> {
    page.button("Export").click().await;
    page.css("[popover]")
        .says(&format!("All {count} that match"))
        .await;
    page.css("[popover]").button("JSON").nth(-1).click().await;
    let (_, json) = page.downloaded_text().await;
    let rows: Vec<Value> = serde_json::from_str(&json).unwrap();
    rows.iter()
        .map(|row| row[column].as_str().unwrap_or_default().to_owned())
        .collect()
}

/// So many users whose names have a part in common, which is returned as well.
async fn several_users(count: usize) -> (String, Vec<UserId>) {
    let maker = stage().maker;
    let prefix = maker.fresh_localpart("matched");
    let mut made = Vec::new();
    for number in 0..count {
        let localpart = format!("{prefix}.{number:02}");
        let user = maker.make_user(&localpart, &UserChange::default()).await;
        made.push(user.unwrap());
    }
    (prefix, made)
}

/// Who of them is shadow-banned.
async fn banned(of: &[UserId]) -> usize {
    let mut count = 0;
    for user in of {
        let detail = stage().run(&users::get(user)).await;
        count += usize::from(detail.user.shadow_banned);
    }
    count
}

/// The server answers this question; it is asked in an order of its own.
#[tokio::test]
async fn users_that_the_server_finds() {
    journey(Options::default(), async |page: &Page| {
        let (prefix, made) = several_users(13).await;
        page.sign_in(&stage().synapse.url()).await;
        let route = format!("/users?q={}&sort=name&dir=desc", encoded(&prefix));
        select_all(page, &route, 13).await;
        let ids: Vec<String> = made.iter().rev().map(UserId::to_string).collect();
        assert_eq!(exported(page, 13, "id").await, ids, "in the list's order");
        // What was selected under another search is not "all that match" any more.
        page.css("[data-list-search]")
            .fill(&format!("{prefix}.0"))
            .await;
        page.css(".list-status").says("1–10 of 10").await;
        page.css(".bulk-bar").says("10 selected").await;
        assert_eq!(banned(&made).await, 0);
    })
    .await;
}

/// The ranking does not know how the accounts stand: that is looked up before the question.
#[tokio::test]
async fn those_who_have_most_media() {
    journey(Options::default(), async |page: &Page| {
        let maker = stage().maker;
        let (prefix, made) = several_users(12).await;
        for user in &made {
            let bytes = format!("of {user}");
            let upload = maker.upload_media(user, bytes.as_bytes(), "text/plain", None);
            upload.await.unwrap();
        }
        stage().run(&users::shadow_ban(&made[0])).await;
        page.sign_in(&stage().synapse.url()).await;
        let route = format!("/media?tab=users&q={}", encoded(&prefix));
        select_all(page, &route, 12).await;
        let ids: BTreeSet<String> = made.iter().map(UserId::to_string).collect();
        let exported = exported(page, 12, "user_id").await;
        assert_eq!(exported.into_iter().collect::<BTreeSet<_>>(), ids);
        // One is so already.
        act(page, "Shadow-ban", "Shadow-ban 11 users", None).await;
        page.until("all are shadow-banned", async || banned(&made).await == 12)
            .await;
    })
    .await;
}

#[tokio::test]
async fn rooms_by_what_their_media_weighs() {
    journey(Options::default(), async |page: &Page| {
        let (made, part) = rooms_of_one(stage().maker, "heavy", 2).await;
        page.sign_in(&stage().synapse.url()).await;
        page.open(&format!("/media?tab=rooms&q={}", encoded(&part)))
            .await;
        page.button("Weigh the rooms").click().await;
        page.until_within(LONG, "both are there", async || {
            names(page).count().await == 2
        })
        .await;
        choose_for_page(page, "Block").await;
        agree(page, "Block 2 rooms", None).await;
        for room in &made {
            page.until("it is blocked", async || {
                stage().run(&rooms::is_blocked(room)).await.block
            })
            .await;
        }
    })
    .await;
}

/// Each word with `!` in front is left out.
#[tokio::test]
async fn several_words_are_left_out() {
    journey(Options::default(), async |page: &Page| {
        let (prefix, made) = several_users(13).await;
        page.sign_in(&stage().synapse.url()).await;
        let search = format!("{prefix} !{prefix}.00 !{prefix}.12");
        select_all(page, &format!("/users?q={}", encoded(&search)), 11).await;
        let ids: Vec<String> = made[1..12].iter().map(UserId::to_string).collect();
        assert_eq!(exported(page, 11, "id").await, ids);
    })
    .await;
}

/// The server cannot answer this question.
#[tokio::test]
async fn users_that_are_filtered_here() {
    journey(Options::default(), async |page: &Page| {
        let (prefix, made) = several_users(14).await;
        // Of these two the filter knows.
        for user in &made[12..] {
            let change = UserChange {
                user_type: Some(Some("bot".to_owned())),
                ..Default::default()
            };
            stage().run(&users::put(user, &change)).await;
        }
        page.sign_in(&stage().synapse.url()).await;
        let route = format!("/users?q={}&user_type=none", encoded(&prefix));
        select_all(page, &route, 12).await;
        assert_eq!(exported(page, 12, "id").await.len(), 12);
        act(page, "Shadow-ban", "Shadow-ban 12 users", None).await;
        page.until("the twelve are", async || banned(&made[..12]).await == 12)
            .await;
        assert_eq!(banned(&made[12..]).await, 0);
    })
    .await;
}

#[tokio::test]
async fn rooms_that_the_server_finds() {
    journey(Options::default(), async |page: &Page| {
        let (user, client) = fresh("gardener").await;
        let maker = stage().maker;
        let mut beds = Vec::new();
        let mut others = Vec::new();
        for number in 0..14 {
            let kind = if number < 12 { "Bed" } else { "Path" };
            let name = format!("{kind} of {}", user.localpart());
            let body = json!({"name": name, "preset": "private_chat"});
            let room = maker.make_room(&client, &body).await.unwrap();
            if number < 12 {
                beds.push(room);
            } else {
                others.push(room);
            }
        }
        page.sign_in(&stage().synapse.url()).await;
        let search = format!("Bed of {}", user.localpart());
        select_all(page, &format!("/rooms?q={}", encoded(&search)), 12).await;
        let found: BTreeSet<String> = exported(page, 12, "room_id").await.into_iter().collect();
        assert_eq!(found, beds.iter().map(RoomId::to_string).collect());
        act(page, "Block", "Block 12 rooms", None).await;
        let blocked = async |of: &[RoomId]| {
            let mut count = 0;
            for room in of {
                count += usize::from(stage().run(&rooms::is_blocked(room)).await.block);
            }
            count
        };
        page.until("the twelve are", async || blocked(&beds).await == 12)
            .await;
        assert_eq!(blocked(&others).await, 0);
    })
    .await;
}

/// Issue 12: 140 devices, 51 found, all 51 selected, and it asked for 140.
#[tokio::test]
async fn devices() {
    journey(Options::default(), async |page: &Page| {
        let (user, _) = fresh("gadgets").await;
        let device = |kind: &str, number: usize| json!([user.as_str(), format!("{kind}{number:02}"), format!("{kind} {number}")]);
        let phones = (0..14).map(|number| device("PHONE", number));
        let tablets = (0..16).map(|number| device("TABLET", number));
        let insert = Statement::each(
            "INSERT INTO devices (user_id, device_id, display_name, last_seen, ip, user_agent, hidden) \
             VALUES (?, ?, ?, NULL, NULL, NULL, FALSE)",
            phones.chain(tablets),
        );
        stage().maker.database().run(&[insert]).unwrap();
        page.sign_in(&stage().synapse.url()).await;
        let route = format!("/users/{}?tab=devices&q=phone", encoded(user.as_str()));
        select_all(page, &route, 14).await;
        let found = exported(page, 14, "device_id").await;
        assert!(found.iter().all(|id| id.starts_with("PHONE")), "{found:?}");
        page.css(".bulk-bar").button("Log out").click().await;
        agree(page, "Log out 14 devices", Some("14")).await;
        page.sees("Nothing matches").await;
        let tablets = (0..16).map(|number| format!("TABLET{number:02}"));
        let tablets: BTreeSet<String> = tablets.collect();
        page.until("the others are left", async || {
            let left = stage().run(&devices::list(&user)).await.devices;
            let left = left.into_iter().map(|device| device.device_id);
            left.collect::<BTreeSet<_>>() == tablets
        })
        .await;
    })
    .await;
}

#[tokio::test]
async fn memberships() {
    journey(Options::default(), async |page: &Page| {
        let (owner, client) = fresh("host").await;
        let maker = stage().maker;
        let (guest, _) = fresh("guest").await;
        let mut staying = BTreeSet::new();
        for number in 0..13 {
            let kind = if number < 11 { "Club" } else { "Home" };
            let name = format!("{kind} of {}", owner.localpart());
            let body = json!({"name": name, "preset": "public_chat"});
            let room = maker.make_room(&client, &body).await.unwrap();
            stage().run(&rooms::join(room.as_str(), &guest)).await;
            if number >= 11 {
                staying.insert(room);
            }
        }
        page.sign_in(&stage().synapse.url()).await;
        let route = format!("/users/{}?tab=rooms&q=club", encoded(guest.as_str()));
        select_all(page, &route, 11).await;
        assert_eq!(exported(page, 11, "room_id").await.len(), 11);
        page.css(".bulk-bar").button("Leave").click().await;
        // Not all of them are named.
        page.dialog("Leave 11 rooms?").says(", …").await;
        agree(page, "Leave 11 rooms", Some("11")).await;
        page.until("they have left the eleven", async || {
            let joined = stage().run(&users::joined_rooms(&guest)).await.joined_rooms;
            joined.into_iter().collect::<BTreeSet<_>>() == staying
        })
        .await;
    })
    .await;
}

#[tokio::test]
async fn members() {
    journey(Options::default(), async |page: &Page| {
        let (_, boss) = fresh("boss").await;
        let maker = stage().maker;
        let body = json!({"name": "Crowd", "preset": "public_chat"});
        let room = maker.make_room(&boss, &body).await.unwrap();
        let (prefix, made) = several_users(13).await;
        for user in &made {
            stage().run(&rooms::join(room.as_str(), user)).await;
        }
        let (other, _) = fresh("other").await;
        stage().run(&rooms::join(room.as_str(), &other)).await;
        page.sign_in(&stage().synapse.url()).await;
        let route = format!(
            "/rooms/{}?tab=members&where=local&q={}",
            encoded(room.as_str()),
            encoded(&prefix)
        );
        select_all(page, &route, 13).await;
        assert_eq!(exported(page, 13, "user_id").await.len(), 13);
        let title = "Make 13 members admins of the room";
        act(page, "Make admin of the room", title, None).await;
        let powers = async || {
            let state = stage()
                .run(&events::state(&room, Some("m.room.power_levels")))
                .await;
            let levels = state.state.into_iter();
            let mut levels = levels.filter(|of| of.kind == "m.room.power_levels");
            levels.next().expect("power levels").content["users"].clone()
        };
        page.until("the thirteen have power", async || {
            let users = powers().await;
            made.iter().all(|user| users[user.as_str()] == 100)
        })
        .await;
        assert!(powers().await.get(other.as_str()).is_none());
    })
    .await;
}

/// So many files of a user with these names.
async fn upload(client: &Client, name: &str, count: usize) -> Vec<MxcUri> {
    let mut uris = Vec::new();
    for number in 0..count {
        let name = format!("{name}-{number:02}.txt");
        let uri = xtask::world::maker::upload(client, name.as_bytes(), "text/plain", Some(&name));
        uris.push(uri.await.unwrap());
    }
    uris
}

/// How many of the user's files are protected, and how many are not.
async fn protected(user: &UserId) -> (usize, usize) {
    let query = ListMedia {
        limit: 100,
        ..Default::default()
    };
    let files = stage().run(&media::list_of_user(user, &query)).await.media;
    let yes = files.iter().filter(|file| file.safe_from_quarantine);
    let yes = yes.count();
    (yes, files.len() - yes)
}

async fn protect(page: &Page) {
    let bar = page.css(".bulk-bar");
    bar.button("Protect from quarantine").click().await;
    bar.goes().await;
}

#[tokio::test]
async fn files_of_a_user() {
    journey(Options::default(), async |page: &Page| {
        let (user, client) = fresh("files").await;
        upload(&client, "mine", 13).await;
        page.sign_in(&stage().synapse.url()).await;
        let route = format!(
            "/users/{}?tab=media&sort=upload_name",
            encoded(user.as_str())
        );
        select_all(page, &route, 13).await;
        let names: Vec<String> = (0..13)
            .map(|number| format!("mine-{number:02}.txt"))
            .collect();
        assert_eq!(exported(page, 13, "name").await, names);
        protect(page).await;
        page.until("all are protected", async || {
            protected(&user).await == (13, 0)
        })
        .await;
    })
    .await;
}

#[tokio::test]
async fn files_of_a_room() {
    journey(Options::default(), async |page: &Page| {
        let (user, client) = fresh("sharer").await;
        let maker = stage().maker;
        let room = maker
            .make_room(&client, &json!({"name": "Shared"}))
            .await
            .unwrap();
        let mut shared = upload(&client, "shared", 12).await;
        // Not in the room, and not of this server.
        upload(&client, "private", 1).await;
        shared.extend((0..3).map(|number| {
            MxcUri::parse(&format!("mxc://elsewhere.example/copy{number}")).unwrap()
        }));
        for uri in &shared {
            let content = json!({"msgtype": "m.file", "body": "a file", "url": uri.to_string()});
            maker
                .send(&client, &room, "m.room.message", &content)
                .await
                .unwrap();
        }
        page.sign_in(&stage().synapse.url()).await;
        page.allows_complaint(&["404", "/media/"]);
        let route = format!(
            "/rooms/{}?tab=media&where=local&q={}",
            encoded(room.as_str()),
            encoded(maker.server().as_str())
        );
        select_all(page, &route, 12).await;
        // The export tells of the second page what it tells of the first.
        if maker.capabilities().has(Feature::MediaInfo) {
            let names = exported(page, 12, "name").await;
            assert!(
                names.iter().all(|name| name.starts_with("shared-")),
                "{names:?}"
            );
        }
        protect(page).await;
        page.until("the twelve are protected", async || {
            protected(&user).await == (12, 1)
        })
        .await;
    })
    .await;
}

#[tokio::test]
async fn files_of_the_server() {
    journey(Options::default(), async |page: &Page| {
        let (user, client) = fresh("hoarder").await;
        let part = user.localpart().to_owned();
        upload(&client, &format!("{part}-keep"), 12).await;
        upload(&client, &format!("{part}-other"), 2).await;
        page.sign_in(&stage().synapse.url()).await;
        let route = format!("/media?q={}", encoded(&format!("{part}-keep")));
        select_all(page, &route, 12).await;
        let names = exported(page, 12, "name").await;
        assert!(
            names.iter().all(|name| name.contains("-keep-")),
            "{names:?}"
        );
        protect(page).await;
        page.until("the twelve are protected", async || {
            protected(&user).await == (12, 2)
        })
        .await;
    })
    .await;
}

/// Rooms of which the server does not say what is asked hold nobody up: they are named, and the
/// rest is there. Until then nothing is offered that the filter would leave out.
#[tokio::test]
async fn rooms_of_which_the_server_says_nothing() {
    journey(Options::default(), async |page: &Page| {
        let maker = stage().maker;
        if !maker.capabilities().has(Feature::RoomMessages) {
            return;
        }
        let (user, client) = fresh("asked").await;
        let part = format!("of {}", user.localpart());
        let mut made = Vec::new();
        for kind in ["Broken", "Hanging", "Sound", "Well"] {
            let body = json!({"name": format!("{kind} {part}")});
            made.push(maker.make_room(&client, &body).await.unwrap());
        }
        let proxy = page.proxy();
        // What is asked first, and what is asked where that has no answer.
        for asked in ["forward_extremities", "messages"] {
            let of = |room: &RoomId| format!("/_synapse/admin/v1/rooms/{room}/{asked}");
            proxy.add(Rule::new("GET", &of(&made[0]), Fault::server_error()));
            proxy.add(Rule::new("GET", &of(&made[1]), Fault::Hang));
            page.expects_complaint(&[&format!("/{asked}"), "status of 500"]);
        }
        page.sign_in(&proxy.url()).await;
        page.open(&format!("/rooms?q={}", encoded(&part))).await;
        names(page).counts(4).await;
        let can_be_selected = page.css("tbody input[type=checkbox]:not(:disabled)");
        can_be_selected.counts(4).await;

        page.open(&format!("/rooms?q={}&quiet=0", encoded(&part)))
            .await;
        // One of them is being waited for.
        page.sees("3 of 4 read").await;
        assert_eq!(can_be_selected.count().await, 0);
        // A room that does not answer is waited for long.
        page.until_within(LONG, "two are there", async || {
            names(page).count().await == 2
        })
        .await;
        page.sees(&format!(
            "2 are left out, because the server did not say: Broken {part}, Hanging {part}."
        ))
        .await;
        page.checkbox("Select all on this page").tick(true).await;
        page.css(".bulk-bar").says("2 selected").await;

        proxy.clear_rules();
        page.button("Refresh").click().await;
        names(page).counts(4).await;
        page.no_longer_sees("left out").await;
    })
    .await;
}

/// What is selected is what has been read last, not what was there when it was ticked.
#[tokio::test]
async fn a_selected_row_is_as_it_was_read_last() {
    journey(Options::default(), async |page: &Page| {
        let (user, _) = fresh("ticked").await;
        let other = fresh("ticked").await.0;
        let name = async |of: &UserId, name: &str| {
            let change = UserChange {
                displayname: Some(name.to_owned()),
                ..Default::default()
            };
            stage().run(&users::put(of, &change)).await;
        };
        let word = format!("Ticked {}", user.localpart());
        name(&user, &word).await;
        name(&other, &format!("{word} too")).await;
        page.sign_in(&stage().synapse.url()).await;
        page.takes_downloads().await;
        page.open(&format!("/users?q={}", encoded(&word))).await;
        names(page).counts(2).await;
        page.checkbox(&format!("Select {user}")).tick(true).await;
        page.css(".bulk-bar").says("1 selected").await;
        let renamed = format!("{word} renamed");
        name(&user, &renamed).await;
        page.button("Refresh").click().await;
        page.row(user.as_str()).says(&renamed).await;
        page.css(".bulk-bar").says("1 selected").await;
        page.button("Export").click().await;
        page.css("[popover]").says("1 selected").await;
        page.css("[popover]").button("JSON").first().click().await;
        let (_, json) = page.downloaded_text().await;
        let rows: Vec<Value> = serde_json::from_str(&json).unwrap();
        assert_eq!(rows.len(), 1, "{json}");
        assert_eq!(rows[0]["displayname"], renamed.as_str());
    })
    .await;
}

/// As long as another page is on its way, the rows that stand there are not taken for it.
#[tokio::test]
async fn rows_of_the_page_before_are_not_taken_for_the_next() {
    journey(Options::default(), async |page: &Page| {
        let (prefix, _) = several_users(13).await;
        let proxy = page.proxy();
        page.sign_in(&proxy.url()).await;
        page.open(&format!("/users?q={}&size=10", encoded(&prefix)))
            .await;
        names(page).counts(10).await;
        let next = "/_synapse/admin/v*/users?*from=10*";
        let hanging = proxy.add(Rule::new("GET", next, Fault::Hang));
        page.button("Next page").click().await;
        page.until("it is asked for", async || proxy.count("GET", next) > 0)
            .await;
        page.css(".pager-page").says("2").await;
        page.css(".list-status").says("1–10 of 13").await;
        page.checkbox("Select all on this page").is_unusable().await;
        page.button("Export").click().await;
        let menu = page.css("[popover]:popover-open");
        menu.says("All 13 that match").await;
        assert!(!menu.text().await.contains("This page"));
        page.press(thirtyfour::Key::Escape + "").await;
        proxy.remove(hanging);
        page.button("Previous page").click().await;
        page.checkbox("Select all on this page").is_usable().await;
        page.button("Next page").click().await;
        page.css(".list-status").says("11–13 of 13").await;
        page.checkbox("Select all on this page").tick(true).await;
        page.css(".bulk-bar").says("3 selected").await;
        page.button("Export").click().await;
        menu.says("This page").await;
    })
    .await;
}

/// A change of ours is asked for anew, account by account; the list is not read again for it.
#[tokio::test]
async fn what_was_changed_is_asked_for_alone() {
    journey(Options::default(), async |page: &Page| {
        let (prefix, made) = several_users(11).await;
        let proxy = page.proxy();
        page.sign_in(&proxy.url()).await;
        let route = format!("/users?q={}&shadow_banned=false", encoded(&prefix));
        select_all(page, &route, 11).await;
        let reads = || proxy.count("GET", "/_synapse/admin/v*/users");
        let before = reads();
        assert!(before > 0);
        act(page, "Shadow-ban", "Shadow-ban 11 users", None).await;
        page.sees("Nothing matches").await;
        assert_eq!(banned(&made).await, 11);
        assert_eq!(reads(), before, "the list was read again");
        // And back, without a word of the list's own.
        page.button("Undo").click().await;
        names(page).counts(10).await;
        assert_eq!(reads(), before, "the list was read again");
    })
    .await;
}

#[tokio::test]
async fn an_export_that_fails_says_so() {
    journey(Options::default(), async |page: &Page| {
        let (prefix, _) = several_users(11).await;
        let proxy = page.proxy();
        page.sign_in(&proxy.url()).await;
        page.open(&format!("/users?q={}&size=10", encoded(&prefix)))
            .await;
        names(page).counts(10).await;
        proxy.add(Rule::new(
            "GET",
            "/_synapse/admin/v*/users?*limit=1000*",
            Fault::server_error(),
        ));
        page.expects_complaint(&["/users", "status of 500"]);
        page.button("Export").click().await;
        page.css("[popover]").button("CSV").nth(-1).click().await;
        page.sees("Internal server error").await;
        page.css(".list-exporting").goes().await;
        // The next one has all of them.
        proxy.clear_rules();
        assert_eq!(exported(page, 11, "id").await.len(), 11);
    })
    .await;
}
