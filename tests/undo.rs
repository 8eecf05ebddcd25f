//! What is asked again right before it is acted upon, what is left out then, and what Undo puts
//! back: exactly what the change has changed.

use journeys::browser::acting::{act, leave_the_only_room, report, select, token_of};
use journeys::browser::{Options, Page, journey, stage};
use serde_json::json;
use std::fs;
use std::path::PathBuf;
use synapse_admin::api::encode::encoded;
use synapse_admin::api::rate_limit::{self, RateLimit};
use synapse_admin::api::server::Feature;
use synapse_admin::api::users::{self, User, UserChange};
use synapse_admin::api::{MxcUri, RoomId, UserId, devices, login, media, rooms};
use xtask::proxy::{Fault, Rule};
use xtask::world::database::Statement;
use xtask::world::people;

/// So many fresh users whose names have a part in common, which is returned as well.
async fn several(prefix: &str, count: usize) -> (String, Vec<UserId>) {
    let maker = stage().maker;
    let part = maker.fresh_localpart(prefix);
    let mut made = Vec::new();
    for number in 0..count {
        let localpart = format!("{part}.{number}");
        let user = maker.make_user(&localpart, &UserChange::default()).await;
        made.push(user.unwrap());
    }
    (part, made)
}

async fn account(user: &UserId) -> User {
    stage().run(&users::get(user)).await.user
}

/// Waits until those of the accounts are so that should be, and no other.
async fn only(page: &Page, what: &str, all: &[UserId], which: &[usize], is: fn(&User) -> bool) {
    page.step(format!("waits until {which:?} are {what}"));
    page.until(&format!("{which:?} are {what}"), async || {
        for (number, user) in all.iter().enumerate() {
            if is(&account(user).await) != which.contains(&number) {
                return false;
            }
        }
        true
    })
    .await;
}

/// A user of the application service.
fn ghost(number: usize) -> UserId {
    let nick = people::BRIDGED[number];
    let localpart = format!("{}{nick}", people::RESERVED_PREFIX);
    stage().maker.user(&localpart)
}

fn is_suspended(user: &User) -> bool {
    user.suspended == Some(true)
}

fn can_suspend() -> bool {
    stage().maker.capabilities().has(Feature::Suspending)
}

#[tokio::test]
async fn ending_a_suspension_and_back_suspends_nobody_else() {
    if !can_suspend() {
        return;
    }
    journey(Options::default(), async |page: &Page| {
        let (part, all) = several("freed", 3).await;
        stage().run(&users::suspend(&all[1], true)).await;
        page.sign_in(&stage().synapse.url()).await;
        page.takes_downloads().await;
        // The list does not tell who is suspended, so all three are asked about.
        select(page, "/users", &part, 3).await;
        let title = "End the suspension of 3 users";
        act(page, "End suspension", title, None).await;
        only(page, "suspended", &all, &[], is_suspended).await;
        page.sees(&format!(
            "{title}: Finished · 2 left out: nothing would change"
        ))
        .await;
        page.button("Undo").click().await;
        only(page, "suspended", &all, &[1], is_suspended).await;
        page.sees(&format!("Suspend {}: Finished", all[1])).await;
        only(page, "suspended", &all, &[1], is_suspended).await;
        page.css(".job-pill").click().await;
        let first = page.css(".job").nth(1);
        first.button("Download report").click().await;
        let (_, csv) = page.downloaded_text().await;
        assert!(csv.contains(&format!("{},done", all[1])), "{csv}");
        let left = format!("{},left out,nothing would change", all[0]);
        assert!(csv.contains(&left), "{csv}");
    })
    .await;
}

#[tokio::test]
async fn suspending_and_back_frees_nobody_else() {
    if !can_suspend() {
        return;
    }
    journey(Options::default(), async |page: &Page| {
        let (part, all) = several("caught", 3).await;
        stage().run(&users::suspend(&all[0], true)).await;
        page.sign_in(&stage().synapse.url()).await;
        select(page, "/users", &part, 3).await;
        act(page, "Suspend", "Suspend 3 users", None).await;
        only(page, "suspended", &all, &[0, 1, 2], is_suspended).await;
        page.sees("1 left out: nothing would change").await;
        page.button("Undo").click().await;
        page.sees("End the suspension of 2 users: Finished").await;
        only(page, "suspended", &all, &[0], is_suspended).await;
    })
    .await;
}

#[tokio::test]
async fn what_others_have_changed_meanwhile_is_theirs() {
    journey(Options::default(), async |page: &Page| {
        let (part, all) = several("between", 3).await;
        let lock = async |user: &UserId, locked: bool| {
            let change = UserChange {
                locked: Some(locked),
                ..Default::default()
            };
            stage().run(&users::put(user, &change)).await;
        };
        let is_locked: fn(&User) -> bool = |user| user.locked;
        page.sign_in(&stage().synapse.url()).await;
        select(page, "/users", &part, 3).await;
        // The list is older than this.
        lock(&all[0], true).await;
        act(page, "Lock", "Lock 3 users", None).await;
        only(page, "locked", &all, &[0, 1, 2], is_locked).await;
        page.sees("1 left out: nothing would change").await;
        // And another unlocks one before this is taken back.
        lock(&all[1], false).await;
        page.button("Undo").click().await;
        page.sees("Unlock 2 users: Finished · 1 left out: changed by somebody else since")
            .await;
        only(page, "locked", &all, &[0], is_locked).await;
    })
    .await;
}

#[tokio::test]
async fn undo_goes_through_the_same_protections() {
    journey(Options::default(), async |page: &Page| {
        // A ghost of the application service, which no pattern names: the list does not know.
        let ghost = ghost(0);
        let lock = async |locked: bool| {
            let change = UserChange {
                locked: Some(locked),
                ..Default::default()
            };
            stage().run(&users::put(&ghost, &change)).await;
        };
        lock(true).await;
        page.sign_in(&stage().synapse.url()).await;
        select(page, "/users", ghost.localpart(), 1).await;
        let title = format!("Unlock {ghost}");
        act(page, "Unlock", &title, None).await;
        page.sees(&format!("{title}: Finished")).await;
        assert!(!account(&ghost).await.locked);
        page.button("Undo").click().await;
        page.sees("1 left out: belongs to an application service")
            .await;
        assert!(!account(&ghost).await.locked);
    })
    .await;
}

#[tokio::test]
async fn what_cannot_be_undone_spares_the_ghosts_of_a_bridge() {
    journey(Options::default(), async |page: &Page| {
        let ghost = ghost(3);
        page.sign_in(&stage().synapse.url()).await;
        page.takes_downloads().await;
        select(page, "/users", ghost.localpart(), 1).await;
        let title = format!("Deactivate {ghost}");
        act(page, "Deactivate", &title, Some(ghost.as_str())).await;
        page.sees("1 left out: belongs to an application service")
            .await;
        assert!(!account(&ghost).await.deactivated);
        let csv = report(page).await;
        assert!(csv.contains("left out"), "{csv}");
    })
    .await;
}

#[tokio::test]
async fn a_lost_answer_does_not_make_it_somebody_elses() {
    journey(Options::default(), async |page: &Page| {
        let (part, all) = several("unheard", 2).await;
        let proxy = page.proxy();
        page.sign_in(&proxy.url()).await;
        page.allows_complaint(&["shadow_ban"]);
        select(page, "/users", &part, 2).await;
        // The server does it, and its answer does not arrive.
        let target = format!("/_synapse/admin/v1/users/{}/shadow_ban", all[0]);
        proxy.add(Rule::new("POST", &target, Fault::DropAfter).times(1));
        act(page, "Shadow-ban", "Shadow-ban 2 users", None).await;
        page.sees("Shadow-ban 2 users: Finished").await;
        assert!(!page.text().await.contains("left out"));
        page.button("Undo").click().await;
        only(page, "shadow-banned", &all, &[], |user| user.shadow_banned).await;
    })
    .await;
}

#[tokio::test]
async fn who_has_tried_again_in_the_tray_does_not_do_so_twice() {
    journey(Options::default(), async |page: &Page| {
        let (part, all) = several("twice", 2).await;
        let proxy = page.proxy();
        page.allows_complaint(&["shadow_ban", "403"]);
        page.sign_in(&proxy.url()).await;
        select(page, "/users", &part, 2).await;
        let target = format!("/_synapse/admin/v1/users/{}/shadow_ban", all[1]);
        let broken = proxy.add(Rule::new(
            "POST",
            &target,
            Fault::matrix(403, r#"{"errcode":"M_FORBIDDEN","error":"not today"}"#),
        ));
        act(page, "Shadow-ban", "Shadow-ban 2 users", None).await;
        let old = page.css(".toast").button("Retry");
        old.appears().await;
        proxy.remove(broken);
        page.css(".job-pill").click().await;
        page.css(".job").button("Retry the rest").click().await;
        only(page, "shadow-banned", &all, &[0, 1], |user| {
            user.shadow_banned
        })
        .await;
        page.css(".job").says("1 of 1 done").await;
        old.click().await;
        old.goes().await;
        page.css(".job").says("1 of 1 done").await;
        assert_eq!(proxy.count("POST", &target), 2);
    })
    .await;
}

#[tokio::test]
async fn what_was_done_is_undone_although_some_of_it_failed() {
    journey(Options::default(), async |page: &Page| {
        let (part, all) = several("partly", 3).await;
        let proxy = page.proxy();
        page.allows_complaint(&["shadow_ban", "403"]);
        page.sign_in(&proxy.url()).await;
        select(page, "/users", &part, 3).await;
        let target = format!("/_synapse/admin/v1/users/{}/shadow_ban", all[1]);
        let refused = Fault::matrix(403, r#"{"errcode":"M_FORBIDDEN","error":"not today"}"#);
        proxy.add(Rule::new("POST", &target, refused));
        act(page, "Shadow-ban", "Shadow-ban 3 users", None).await;
        page.sees("Shadow-ban 3 users: 1 was not done.").await;
        page.sees("Undo there takes back what was done").await;
        only(page, "shadow-banned", &all, &[0, 2], |user| {
            user.shadow_banned
        })
        .await;
        page.css(".job-pill").click().await;
        let job = page.css(".job").nth(-1);
        job.button("Undo").click().await;
        page.sees("Lift the shadow-ban of 2 users: Finished").await;
        only(page, "shadow-banned", &all, &[], |user| user.shadow_banned).await;
        // Once is enough; that can be taken back as well, and the rest be tried still.
        page.is_accessible().await;
        let job = page.css(".job").nth(-1);
        job.button("Undo").goes().await;
        job.button("Retry the rest").appears().await;
        page.css(".job").first().button("Undo").appears().await;
    })
    .await;
}

#[tokio::test]
async fn whom_the_filter_does_not_find_any_more_is_left_out() {
    journey(Options::default(), async |page: &Page| {
        let (part, all) = several("picked", 2).await;
        page.sign_in(&stage().synapse.url()).await;
        page.open(&format!("/users?q={part}&size=50&locked=false"))
            .await;
        page.css("tbody th[role=rowheader]").counts(2).await;
        page.checkbox("Select all on this page").tick(true).await;
        // One of them is none of those any more.
        let change = UserChange {
            locked: Some(true),
            ..Default::default()
        };
        stage().run(&users::put(&all[0], &change)).await;
        act(page, "Deactivate", "Deactivate 2 users", Some("2")).await;
        page.sees("1 left out: no longer found by the filter").await;
        only(page, "deactivated", &all, &[1], |user| user.deactivated).await;
    })
    .await;
}

/// Who was ticked under one filter, and more under another, is asked about by the filter of each.
#[tokio::test]
async fn each_is_left_out_by_the_filter_under_which_it_was_ticked() {
    journey(Options::default(), async |page: &Page| {
        let (part, all) = several("severally", 4).await;
        // Three of them have a device; nobody asks it of the first two.
        let device = |number: usize| json!([all[number].as_str(), format!("SEVERAL{number}")]);
        let insert = Statement::each(
            "INSERT INTO devices (user_id, device_id, display_name, last_seen, ip, user_agent, hidden) \
             VALUES (?, ?, NULL, NULL, NULL, NULL, FALSE)",
            [0, 1, 3].map(device),
        );
        stage().maker.database().run(&[insert]).unwrap();
        page.sign_in(&stage().synapse.url()).await;
        let rows = page.css("tbody th[role=rowheader]");
        let tick = async |number: usize, selected: usize| {
            page.checkbox(&format!("Select {}", all[number]))
                .tick(true)
                .await;
            page.css(".bulk-bar")
                .says(&format!("{selected} selected"))
                .await;
        };
        page.open(&format!("/users?q={part}&locked=false")).await;
        rows.counts(4).await;
        tick(0, 1).await;
        // Only the first was picked because it is not locked.
        page.button("Clear filters").first().click().await;
        page.css("[data-list-search]").fill(&part).await;
        rows.counts(4).await;
        tick(1, 2).await;
        page.button_like("Filter").first().click().await;
        page.field("Devices").choose("None").await;
        page.press(thirtyfour::Key::Escape + "").await;
        rows.counts(1).await;
        tick(2, 3).await;
        for user in &all[..2] {
            let change = UserChange {
                locked: Some(true),
                ..Default::default()
            };
            stage().run(&users::put(user, &change)).await;
        }
        act(page, "Deactivate", "Deactivate 3 users", Some("3")).await;
        page.sees("1 left out: no longer found by the filter").await;
        only(page, "deactivated", &all, &[1, 2], |user| user.deactivated).await;
    })
    .await;
}

#[tokio::test]
async fn a_room_that_the_filter_does_not_find_any_more_stays() {
    journey(Options::default(), async |page: &Page| {
        page.allows_complaint(&["statistics/database/rooms"]);
        let maker = stage().maker;
        let user = maker.make_fresh_user("keeper").await.unwrap();
        let client = maker.act_as(&user).await.unwrap();
        let name = format!("Kept {}", user.localpart());
        let body = json!({"name": &name, "preset": "public_chat"});
        let room = maker.make_room(&client, &body).await.unwrap();
        page.sign_in(&stage().synapse.url()).await;
        let query = format!("/rooms?q={}&public_rooms=false", encoded(&name));
        page.open(&query).await;
        page.css("tbody th[role=rowheader]").counts(1).await;
        page.checkbox("Select all on this page").tick(true).await;
        stage()
            .run(&synapse_admin::api::directory::publish(&room, true))
            .await;
        let title = format!("Delete room “{name}”");
        act(page, "Delete", &title, Some(&name)).await;
        page.sees("1 left out: no longer found by the filter").await;
        assert!(maker.admin().run(&rooms::get(&room)).await.is_ok());
    })
    .await;
}

/// Somebody's files, and a room that they are in.
async fn shared(prefix: &str, count: usize) -> (UserId, RoomId, Vec<MxcUri>) {
    let maker = stage().maker;
    let user = maker.make_fresh_user(prefix).await.unwrap();
    let client = maker.act_as(&user).await.unwrap();
    let room = maker
        .make_room(&client, &json!({"name": "Shared files"}))
        .await
        .unwrap();
    let mut files = Vec::new();
    for number in 0..count {
        let words = format!("{user} {number}");
        let name = format!("{number}.txt");
        let file = maker
            .upload_media(&user, words.as_bytes(), "text/plain", Some(&name))
            .await
            .unwrap();
        let content = json!({"msgtype": "m.file", "body": name, "url": file.to_string()});
        maker
            .send(&client, &room, "m.room.message", &content)
            .await
            .unwrap();
        files.push(file);
    }
    (user, room, files)
}

async fn files_of(user: &UserId) -> Vec<media::MediaFile> {
    let query = media::ListMedia {
        limit: 1000,
        ..Default::default()
    };
    stage().run(&media::list_of_user(user, &query)).await.media
}

/// Which of the files are so.
async fn which(
    user: &UserId,
    files: &[MxcUri],
    is: impl Fn(&media::MediaFile) -> bool,
) -> Vec<usize> {
    let found = files_of(user).await;
    let so = |uri: &MxcUri| found.iter().any(|f| f.media_id == uri.media_id && is(f));
    (0..files.len()).filter(|n| so(&files[*n])).collect()
}

#[tokio::test]
async fn files_that_others_hold_are_not_released() {
    let tells = stage().maker.capabilities().has(Feature::MediaInfo);
    journey(Options::default(), async |page: &Page| {
        let (user, room, files) = shared("held", 3).await;
        let held = |file: &media::MediaFile| file.quarantined_by.is_some();
        page.sign_in(&stage().synapse.url()).await;
        let address = format!("/rooms/{}?tab=media", encoded(room.as_str()));
        page.open(&address).await;
        page.css("tbody th[role=rowheader]").counts(3).await;
        page.checkbox("Select all on this page").tick(true).await;
        // The list is older than what another moderator does.
        let uri = &files[1];
        stage()
            .run(&media::quarantine(&uri.server, &uri.media_id))
            .await;
        page.css(".bulk-bar").button("Quarantine").click().await;
        let title = "Quarantine 3 files";
        page.dialog(&format!("{title}?"))
            .button(title)
            .click()
            .await;
        page.until("all are held", async || {
            which(&user, &files, held).await == [0, 1, 2]
        })
        .await;
        page.sees(&format!("{title}: Finished")).await;
        if !tells {
            // Nobody can say what was so before, so nothing pretends to bring it back.
            assert!(!page.css(".toast").button("Undo").exists().await);
            return;
        }
        page.sees("1 left out: nothing would change").await;
        page.button("Undo").click().await;
        page.sees("Remove 2 files from quarantine: Finished").await;
        assert_eq!(which(&user, &files, held).await, [1]);
    })
    .await;
}

#[tokio::test]
async fn a_files_own_page_takes_back_what_it_knows() {
    let tells = stage().maker.capabilities().has(Feature::MediaInfo);
    journey(Options::default(), async |page: &Page| {
        let (user, _, files) = shared("single", 1).await;
        let uri = &files[0];
        let safe = |file: &media::MediaFile| file.safe_from_quarantine;
        page.sign_in(&stage().synapse.url()).await;
        page.open(&format!("/media/{}/{}", uri.server, uri.media_id))
            .await;
        page.button("Protect from quarantine").click().await;
        page.until("it is protected", async || {
            which(&user, &files, safe).await == [0]
        })
        .await;
        page.sees("from quarantine: Finished").await;
        if tells {
            page.button("Undo").click().await;
            page.until("it is not any more", async || {
                which(&user, &files, safe).await.is_empty()
            })
            .await;
        } else {
            assert!(!page.css(".toast").button("Undo").exists().await);
        }
    })
    .await;
}

/// Where a file lies on the server's disk.
fn on_disk(uri: &MxcUri) -> PathBuf {
    let id = &uri.media_id;
    let store = stage().synapse.config().media_store();
    store
        .join("local_content")
        .join(&id[..2])
        .join(&id[2..4])
        .join(&id[4..])
}

#[tokio::test]
async fn files_that_cannot_be_removed_are_told_and_passed_over() {
    journey(Options::default(), async |page: &Page| {
        let (user, _, files) = shared("stuck", 1).await;
        let maker = stage().maker;
        let mut stuck = Vec::new();
        for number in 0..100 {
            let words = format!("{user} stuck {number}");
            let file = maker
                .upload_media(&user, words.as_bytes(), "text/plain", None)
                .await
                .unwrap();
            // What is no file the server cannot remove.
            let path = on_disk(&file);
            fs::remove_file(&path).unwrap();
            fs::create_dir(&path).unwrap();
            stuck.push(file);
        }
        page.sign_in(&stage().synapse.url()).await;
        select(page, "/users", user.localpart(), 1).await;
        let title = format!("Delete the media of {user}");
        act(page, "Delete media", &title, Some(user.as_str())).await;
        page.sees(&format!("{title}: 1 was not done.")).await;
        page.sees("100 files could not be removed").await;
        let left = files_of(&user).await;
        assert_eq!(left.len(), 100);
        assert!(left.iter().all(|file| file.media_id != files[0].media_id));
        for file in stuck {
            fs::remove_dir(on_disk(&file)).unwrap();
        }
        page.button("Retry").first().click().await;
        page.until("all are gone", async || files_of(&user).await.is_empty())
            .await;
    })
    .await;
}

#[tokio::test]
async fn logging_out_everywhere_ends_access_that_was_got_here() {
    journey(Options::default(), async |page: &Page| {
        let maker = stage().maker;
        let user = maker.make_fresh_user("acted.for").await.unwrap();
        page.sign_in(&stage().synapse.url()).await;
        page.open(&format!("/users/{}?tab=security", encoded(user.as_str())))
            .await;
        let token = token_of(page).await;
        let client = maker.admin().with_token(&token);
        assert!(client.run(&login::who_am_i()).await.is_ok());
        page.button("Log out everywhere").click().await;
        let title = format!("Log out {user} everywhere");
        let question = page.dialog(&format!("{title}?"));
        question.css(".more summary").click().await;
        question
            .says("Got elsewhere, it goes on until it expires")
            .await;
        question.confirm(user.as_str()).await;
        question.button(&title).click().await;
        page.until("it is refused", async || {
            client.run(&login::who_am_i()).await.is_err()
        })
        .await;
        page.sees(&format!("{title}: Finished")).await;
    })
    .await;
}

#[tokio::test]
async fn leaving_for_a_locked_account_fails_and_pauses_nothing() {
    journey(Options::default(), async |page: &Page| {
        let maker = stage().maker;
        let user = maker.make_fresh_user("caged").await.unwrap();
        let general = stage().world.room("general").clone();
        stage().run(&rooms::join(general.as_str(), &user)).await;
        let change = UserChange {
            locked: Some(true),
            ..Default::default()
        };
        stage().run(&users::put(&user, &change)).await;
        page.allows_complaint(&["401"]);
        page.sign_in(&stage().synapse.url()).await;
        page.open(&format!("/users/{}?tab=rooms", encoded(user.as_str())))
            .await;
        page.row("General").appears().await;
        leave_the_only_room(page).await;
        page.sees("Leave 1 room: 1 was not done.").await;
    })
    .await;
}

#[tokio::test]
async fn a_slow_clock_is_named() {
    journey(Options::default(), async |page: &Page| {
        let maker = stage().maker;
        let user = maker.make_fresh_user("clocked").await.unwrap();
        let general = stage().world.room("general").clone();
        let joins = rooms::join(general.as_str(), &user);
        stage().run(&joins).await;
        page.allows_complaint(&["401"]);
        page.sign_in(&stage().synapse.url()).await;
        let path = format!("/users/{}", encoded(user.as_str()));
        page.open(&format!("{path}?tab=rooms")).await;
        let slow_by = async |hours: u32| {
            let script = "
                const now = Date.now;
                Date.now = () => now() - arguments[0] * 3_600_000";
            let script = script.replace("arguments[0]", &hours.to_string());
            page.script(&script, vec![]).await;
        };
        let joined = async || stage().run(&users::joined_rooms(&user)).await.joined_rooms;

        // By an hour: it is still done.
        slow_by(1).await;
        page.row("General").says("Joined").await;
        leave_the_only_room(page).await;
        page.until("the user has left", async || joined().await.is_empty())
            .await;
        page.sees("Leave 1 room: Finished").await;

        // By days.
        stage().run(&joins).await;
        page.button("Refresh").click().await;
        slow_by(240).await;
        page.row("General").says("Joined").await;
        leave_the_only_room(page).await;
        page.sees("Leave 1 room: 1 was not done.").await;
        page.sees("The clock of this computer is probably slow.")
            .await;
        assert!(joined().await.contains(&general));

        // A token that is good for nothing is not shown.
        page.open(&format!("{path}?tab=security")).await;
        // Nothing of before is said any more.
        page.reload().await;
        page.button("Log in as this user").appears().await;
        slow_by(240).await;
        page.button("Log in as this user").click().await;
        let dialog = page.dialog("Log in as this user");
        dialog.button("Get token").click().await;
        page.sees("takes the access token that it has just given for expired")
            .await;
        assert!(!dialog.css("code").exists().await);
    })
    .await;
}

#[tokio::test]
async fn a_value_goes_back_to_what_stood_there_right_before() {
    journey(Options::default(), async |page: &Page| {
        let user = stage().maker.make_fresh_user("valued").await.unwrap();
        let both = |number| RateLimit {
            messages_per_second: number,
            burst_count: number,
        };
        let set = async |number| {
            stage().run(&rate_limit::set(&user, both(number))).await;
        };
        let becomes = async |number| {
            page.until("the limit is there", async || {
                stage().run(&rate_limit::get(&user)).await.limit() == Some(both(number))
            })
            .await;
        };
        let save = async |number: &str| {
            page.field("Messages per second").fill(number).await;
            page.field("Burst").fill(number).await;
            page.button("Save").click().await;
        };
        page.sign_in(&stage().synapse.url()).await;
        page.open(&format!("/users/{}?tab=limits", encoded(user.as_str())))
            .await;
        page.sees("The account has the usual limits of this server.")
            .await;
        // The page is older than this.
        set(7).await;
        save("5").await;
        becomes(5).await;
        let done = page.css(".toast").nth(-1);
        done.says(&format!("Set the rate limit of {user}: Finished"))
            .await;
        done.button("Undo").click().await;
        becomes(7).await;
        page.field("Messages per second").holds("7").await;

        // What another has changed since is theirs.
        page.reload().await;
        page.field("Messages per second").holds("7").await;
        save("6").await;
        becomes(6).await;
        page.css(".toast").button("Undo").appears().await;
        set(9).await;
        page.css(".toast").button("Undo").click().await;
        page.sees("1 left out: changed by somebody else since")
            .await;
        becomes(9).await;
    })
    .await;
}

#[tokio::test]
async fn the_sessions_and_the_password_of_a_ghost_are_left_alone() {
    journey(Options::default(), async |page: &Page| {
        let ghost = ghost(1);
        page.sign_in(&stage().synapse.url()).await;
        page.open(&format!("/users/{}?tab=security", encoded(ghost.as_str())))
            .await;
        page.sees("This account belongs to a bridge or bot.").await;
        for button in ["Reset password", "Lock", "Deactivate", "Log out everywhere"] {
            page.button(button).is_unusable().await;
        }
        page.button("Account validity").click().await;
        let dialog = page.dialog("Account validity");
        dialog.field("Valid until").set("2021-05-06T07:08").await;
        dialog
            .says("This account belongs to a bridge or bot.")
            .await;
        dialog.button("Save").is_unusable().await;
        dialog.field("Valid until").set("2033-05-06T07:08").await;
        dialog.button("Save").is_usable().await;
        dialog.button("Cancel").click().await;
    })
    .await;
}

#[tokio::test]
async fn ones_own_session_is_known_without_asking() {
    journey(Options::default(), async |page: &Page| {
        let own = stage().maker.user(people::ADMIN);
        let proxy = page.proxy();
        page.allows_complaint(&["whoami"]);
        page.sign_in(&proxy.url()).await;
        proxy.add(Rule::new(
            "GET",
            "/_matrix/client/v3/account/whoami",
            Fault::server_error(),
        ));
        let before = stage().run(&devices::list(&own)).await.devices.len();
        assert!(before > 0);
        page.open(&format!("/users/{}?tab=devices", encoded(own.as_str())))
            .await;
        page.sees("This session").await;
    })
    .await;
}
