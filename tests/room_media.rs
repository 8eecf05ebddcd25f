//! The files of this server in rooms, deleted for many rooms at once.

use journeys::browser::acting::{agree, choose, choose_for_page, report};
use journeys::browser::importing::LONG;
use journeys::browser::{Options, Page, journey, stage};
use serde_json::json;
use synapse_admin::api::encode::encoded;
use synapse_admin::api::media::{self, ListMedia};
use synapse_admin::api::server::Feature;
use xtask::proxy::{Fault, Rule};
use xtask::world::files::png;

#[tokio::test]
async fn the_media_of_selected_rooms_is_deleted_and_profile_images_stay() {
    journey(Options::default(), async |page: &Page| {
        let maker = stage().maker;
        let user = maker.make_fresh_user("painter").await.unwrap();
        let client = maker.act_as(&user).await.unwrap();
        let word = format!("Gallery of {}", user.localpart());
        let mut files = Vec::new();
        for number in 0..5_u8 {
            let name = format!("{number}.png");
            let bytes = png(16, u64::from(40 + number));
            let upload = maker.upload_media(&user, &bytes, "image/png", Some(&name));
            files.push(upload.await.unwrap());
        }
        // Two rooms with a file each, of which one has the profile image as well, and a protected file
        // where the server tells which are; the last file is in neither.
        let tells = maker.capabilities().has(Feature::MediaInfo);
        maker.set_avatar(&user, &files[2]).await.unwrap();
        stage().run(&media::protect(&files[3].media_id)).await;
        let second = if tells { &files[1..4] } else { &files[1..3] };
        for (number, of) in [&files[..1], second, &[]].into_iter().enumerate() {
            let body = json!({"name": format!("{word} {number}")});
            let room = maker.make_room(&client, &body).await.unwrap();
            for file in of {
                let content =
                    json!({"msgtype": "m.image", "body": "a.png", "url": file.to_string()});
                let sent = maker.send(&client, &room, "m.room.message", &content);
                sent.await.unwrap();
            }
        }
        let left = async || {
            let all = ListMedia {
                limit: 10,
                ..Default::default()
            };
            let list = stage().run(&media::list_of_user(&user, &all)).await.media;
            let is_left = |id: &String| list.iter().any(|file| file.media_id == *id);
            files
                .iter()
                .map(|file| is_left(&file.media_id))
                .collect::<Vec<_>>()
        };
        page.allows_complaint(&["404", "/media/"]);
        // Old servers are asked about the picture of each room, those of other journeys among them.
        page.allows_complaint(&["404", "/v1/rooms/"]);
        page.sign_in(&stage().synapse.url()).await;
        page.takes_downloads().await;
        page.open(&format!("/rooms?sort=name&q={}", encoded(&word)))
            .await;
        page.css("tbody th[role=rowheader]").counts(3).await;
        choose_for_page(page, "Delete media").await;
        let title = "Delete the media of 3 rooms";
        let question = page.dialog(&format!("{title}?"));
        question.says("Files 2").await;
        question.says("Profile images, which stay 1").await;
        if tells {
            question.says("Size").await;
            question.says("Protected files, which stay 1").await;
        } else {
            question
                .says("Of these, only the address is known of 2: this Synapse cannot be asked about them")
                .await;
            let text = question.text().await;
            assert!(!text.contains("Checked again right before"), "{text}");
        }
        page.is_accessible().await;
        page.picture("rooms-media").await;
        agree(page, title, Some("3")).await;
        page.until("two are gone, and no other", async || {
            left().await == [false, false, true, true, true]
        })
        .await;
        page.sees("Delete 2 files").await;
        let csv = report(page).await;
        for file in &files[..2] {
            let line = csv.lines().find(|line| line.contains(&file.to_string()));
            assert!(
                line.is_some_and(|line| line.ends_with(",deleted,")),
                "{csv}"
            );
        }

        // Nothing more to delete.
        page.row(&format!("{word} 2")).css("input").tick(true).await;
        choose(page, "Delete media").await;
        let title = format!("Delete the media of room “{word} 2”");
        let question = page.dialog(&format!("{title}?"));
        question.says("Nothing to delete").await;
        question.button(&title).is_unusable().await;
    })
    .await;
}

#[tokio::test]
async fn a_room_that_takes_too_long_leaves_the_others_to_be_cleaned() {
    journey(Options::default(), async |page: &Page| {
        let maker = stage().maker;
        let user = maker.make_fresh_user("hoarder").await.unwrap();
        let client = maker.act_as(&user).await.unwrap();
        let word = format!("Attic of {}", user.localpart());
        let mut rooms = Vec::new();
        for number in 0..2_u8 {
            let name = format!("{number}.png");
            let bytes = png(16, u64::from(60 + number));
            let upload = maker.upload_media(&user, &bytes, "image/png", Some(&name));
            let file = upload.await.unwrap();
            let body = json!({"name": format!("{word} {number}")});
            let room = maker.make_room(&client, &body).await.unwrap();
            let content = json!({"msgtype": "m.image", "body": name, "url": file.to_string()});
            let sent = maker.send(&client, &room, "m.room.message", &content);
            sent.await.unwrap();
            rooms.push(room);
        }
        // Of this one a proxy says that it has waited long enough.
        let proxy = page.proxy_before(stage().synapse.config().port);
        let huge = format!("/_synapse/admin/v1/room/{}/media", rooms[0]);
        let gave_up = Fault::html(504, "<h1>504 Gateway Time-out</h1>");
        proxy.add(Rule::new("GET", &huge, gave_up));
        page.expects_complaint(&["/media", "504"]);
        page.allows_complaint(&["404", "/v1/rooms/"]);
        page.sign_in(&proxy.url()).await;
        page.open(&format!("/rooms?sort=name&q={}", encoded(&word)))
            .await;
        page.css("tbody th[role=rowheader]").counts(2).await;
        choose_for_page(page, "Delete media").await;
        let question = page.dialog("Delete the media of 2 rooms?");
        question.says_within(LONG, "Files 1").await;
        question.says("Rooms that could not be read 1").await;
        question.button("Cancel").click().await;
        question.goes().await;
    })
    .await;
}

#[tokio::test]
async fn what_the_server_did_not_say_of_a_file_is_asked_again() {
    let maker = stage().maker;
    if !maker.capabilities().has(Feature::MediaInfo) {
        return;
    }
    journey(Options::default(), async |page: &Page| {
        let user = maker.make_fresh_user("doubtful").await.unwrap();
        let client = maker.act_as(&user).await.unwrap();
        let body = json!({"name": format!("Doubts of {}", user.localpart())});
        let room = maker.make_room(&client, &body).await.unwrap();
        let mut files = Vec::new();
        for (name, seed) in [("sure.png", 71), ("doubt.png", 72)] {
            let bytes = png(16, seed);
            let upload = maker.upload_media(&user, &bytes, "image/png", Some(name));
            files.push(upload.await.unwrap());
        }
        let (sure, doubt) = (&files[0], &files[1]);
        // Of another server, and of which there is no copy here.
        let of = user.localpart().replace('.', "");
        let gone = format!("mxc://far.example.org/nocopy{of}");
        for url in [&sure.to_string(), &doubt.to_string(), &gone] {
            let content = json!({"msgtype": "m.image", "body": "a.png", "url": url});
            let sent = maker.send(&client, &room, "m.room.message", &content);
            sent.await.unwrap();
        }
        let proxy = page.proxy();
        let asked = format!(
            "/_synapse/admin/v1/media/{}/{}",
            doubt.server, doubt.media_id
        );
        let silent = proxy.add(Rule::new(
            "GET",
            &asked,
            Fault::matrix(
                500,
                r#"{"errcode":"M_UNKNOWN","error":"Internal server error"}"#,
            ),
        ));
        page.allows_complaint(&["/media/", "500"]);
        page.allows_complaint(&["404"]);
        page.sign_in(&proxy.url()).await;
        page.open(&format!("/rooms/{}?tab=media", encoded(room.as_str())))
            .await;
        page.css("tbody th[role=rowheader]").counts(3).await;
        page.row("sure.png").says("image/png").await;
        page.sees(&format!("The server did not tell everything of {doubt}."))
            .await;
        page.row(&doubt.media_id)
            .says("The server did not say")
            .await;
        page.row("nocopy")
            .says("The server has no record of it")
            .await;
        page.is_accessible().await;
        // How large they are together is not known.
        page.checkbox("Select all on this page").tick(true).await;
        page.css(".bulk-bytes").says("at least").await;
        page.checkbox("Select all on this page").tick(false).await;
        page.row(&doubt.media_id).css("input").tick(true).await;
        page.css(".bulk-bytes").says("size not known").await;

        // Nobody has to load the page anew: the list asks again by itself when it is read again.
        proxy.remove(silent);
        page.open(&format!(
            "/rooms/{}?tab=media&where=local",
            encoded(room.as_str())
        ))
        .await;
        page.row("doubt.png").says("image/png").await;
        page.no_longer_sees("did not tell everything").await;
    })
    .await;
}

#[tokio::test]
async fn files_of_which_an_old_server_tells_nothing_do_not_look_like_files_with_nothing() {
    let maker = stage().maker;
    if maker.capabilities().has(Feature::MediaInfo) {
        return;
    }
    journey(Options::default(), async |page: &Page| {
        let user = maker.make_fresh_user("untold").await.unwrap();
        let client = maker.act_as(&user).await.unwrap();
        let body = json!({"name": format!("Silence of {}", user.localpart())});
        let room = maker.make_room(&client, &body).await.unwrap();
        let bytes = png(16, 73);
        let upload = maker.upload_media(&user, &bytes, "image/png", Some("untold.png"));
        let file = upload.await.unwrap();
        let content = json!({"msgtype": "m.image", "body": "a.png", "url": file.to_string()});
        let sent = maker.send(&client, &room, "m.room.message", &content);
        sent.await.unwrap();
        page.allows_complaint(&["404", "/v1/rooms/"]);
        page.sign_in(&stage().synapse.url()).await;
        page.open(&format!("/rooms/{}?tab=media", encoded(room.as_str())))
            .await;
        page.row(&file.media_id)
            .says("This version of Synapse does not tell")
            .await;
        page.row(&file.media_id).css("input").tick(true).await;
        page.css(".bulk-bytes").says("size not known").await;
        page.is_accessible().await;
    })
    .await;
}
