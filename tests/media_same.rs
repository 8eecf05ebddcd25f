//! Files of the same content, which the server quarantines together since Synapse 1.128: the question
//! says so, and the page knows whose others it were without reading anything again.

use crate::storage::{open_media, sum};
use journeys::browser::{Options, Page, acting, journey};
use journeys::server::own_server;
use serde_json::json;
use synapse_admin::api::encode::encoded;
use synapse_admin::api::server::Feature;
use synapse_admin::api::{UserId, media};

#[tokio::test]
async fn quarantining_the_media_of_a_room_hits_the_same_content_elsewhere() {
    let server = own_server("same-content");
    journey(Options::default(), async |page: &Page| {
        let maker = &server.maker;
        let takes_along = maker.capabilities().has(Feature::QuarantineByContent);
        let owner = maker.make_fresh_user("same").await.unwrap();
        let other = maker.make_fresh_user("same.other").await.unwrap();
        let bytes = b"what two people have uploaded";
        let upload = async |user: &UserId, name: &str| {
            let file = maker.upload_media(user, bytes, "text/plain", Some(name));
            file.await.unwrap()
        };
        let file = upload(&owner, "in the room.txt").await;
        let twin = upload(&other, "elsewhere.txt").await;
        let safe = upload(&other, "safe.txt").await;
        let admin = maker.admin();
        admin.run(&media::protect(&safe.media_id)).await.unwrap();
        let client = maker.act_as(&owner).await.unwrap();
        let room = maker.make_room(&client, &json!({"name": "Same"})).await;
        let room = room.unwrap();
        let content = json!({"msgtype": "m.file", "body": "a.txt", "url": file.to_string()});
        let sent = maker.send(&client, &room, "m.room.message", &content);
        sent.await.unwrap();
        let held = || {
            let ids = [&file, &twin, &safe].map(|uri| uri.media_id.as_str());
            ids.map(|id| {
                let condition = format!("media_id = '{id}' AND quarantined_by IS NOT NULL");
                sum(&server, &condition).0 == 1
            })
        };

        let proxy = page.proxy_before(server.synapse.config().port);
        open_media(page, &server, &proxy.url()).await;
        let lists = "/_synapse/admin/v1/users/*/media";
        let asked = proxy.count("GET", lists);
        let found = page.css(".storage-found [role=status]");
        let held_of = |user: &UserId| format!("/media?owner={user}&quarantined=true");

        // From the storage page, what a room's messages name.
        page.open(&format!("/media?room={}", encoded(room.as_str())))
            .await;
        found.says("1 file,").await;
        page.checkbox("Select all on this page").tick(true).await;
        page.css(".bulk-bar").button("Quarantine").click().await;
        let title = "Quarantine “in the room.txt”";
        let question = page.dialog(&format!("{title}?"));
        question.appears().await;
        let along = "Files of the same content";
        match takes_along {
            true => question.says(along).await,
            false => assert!(!question.text().await.contains(along)),
        }
        page.is_accessible().await;
        page.picture("media-same-content").await;
        question.button(title).click().await;
        page.row("in the room.txt").says("Quarantined").await;
        assert_eq!(held(), [true, takes_along, false]);

        // What somebody else has is marked, but for what is protected.
        page.open(&held_of(&other)).await;
        let count = if takes_along { "1 file," } else { "0 files" };
        found.says(count).await;
        page.open(&held_of(&owner)).await;
        found.says("1 file,").await;
        page.row("in the room.txt").appears().await;
        page.row("elsewhere.txt").goes().await;

        // Taking it back takes back both, and says so.
        page.checkbox("Select all on this page").tick(true).await;
        let button = page.css(".bulk-bar").button("Remove from quarantine");
        button.click().await;
        let title = "Remove “in the room.txt” from quarantine";
        let question = page.dialog(&format!("{title}?"));
        question.appears().await;
        // Only where the server does it.
        let along = "whoever has uploaded or quarantined them";
        match takes_along {
            true => question.says(along).await,
            false => assert!(!question.text().await.contains(along)),
        }
        page.is_accessible().await;
        question.button(title).click().await;
        found.says("0 files").await;
        assert_eq!(held(), [false; 3]);
        page.open(&format!("/media?owner={other}")).await;
        found.says("2 files,").await;
        page.open(&held_of(&other)).await;
        found.says("0 files").await;
        // Nothing was read again for it, where the server tells of single files.
        if maker.capabilities().has(Feature::MediaInfo) {
            assert_eq!(proxy.count("GET", lists), asked);
        }

        // All that somebody has: the server says how many files, not which, and whoever has one of the same
        // content is asked for again as well.
        acting::select(page, "/users", owner.localpart(), 1).await;
        let title = format!("Quarantine the media of {owner}");
        acting::act(page, "Quarantine media", &title, None).await;
        page.sees(&format!("{title}: Finished")).await;
        page.open(&held_of(&other)).await;
        found.says(count).await;
        assert_eq!(held(), [true, takes_along, false]);
    })
    .await;
}
