//! The tree of all spaces: what is in several, in a circle, or not known here.

use journeys::browser::{Options, Page, journey, stage};
use serde_json::{Value, json};
use synapse_admin::api::encode::encoded;
use synapse_admin::api::{Request, RoomId, directory};
use xtask::native::Client;

async fn set_child(client: &Client, space: &RoomId, child: &str) {
    let path = format!(
        "/_matrix/client/v3/rooms/{}/state/m.space.child/{}",
        encoded(space.as_str()),
        encoded(child)
    );
    let content = json!({"via": [stage().maker.server().as_str()]});
    let sent: Value = client.run(&Request::put(path, &content)).await.unwrap();
    assert!(sent["event_id"].is_string());
}

#[tokio::test]
async fn circles_several_spaces_and_rooms_that_are_not_known() {
    if !stage().maker.capabilities().since(64) {
        return;
    }
    journey(Options::default(), async |page: &Page| {
        let maker = stage().maker;
        let user = maker.make_fresh_user("planter").await.unwrap();
        let client = maker.act_as(&user).await.unwrap();
        let word = maker.fresh_localpart("grove");
        let make = async |name: &str, is_space: bool| {
            let kind = if is_space {
                json!({"type": "m.space"})
            } else {
                json!({})
            };
            let body = json!({"name": format!("{name} {word}"), "creation_content": kind});
            maker.make_room(&client, &body).await.unwrap()
        };
        let (root, inner) = (make("Root", true).await, make("Inner", true).await);
        let (ring, other) = (make("Ring one", true).await, make("Ring two", true).await);
        let leaf = make("Leaf", false).await;
        let far = format!("!{word}:far.example.org");
        for (space, child) in [
            (&root, inner.as_str()),
            (&root, leaf.as_str()),
            (&root, &far),
            (&inner, leaf.as_str()),
            (&inner, root.as_str()),
            (&ring, other.as_str()),
            (&other, ring.as_str()),
        ] {
            set_child(&client, space, child).await;
        }
        stage().run(&directory::publish(&root, true)).await;
        page.sign_in(&stage().synapse.url()).await;
        page.open("/rooms").await;
        page.link("Tree of spaces").click().await;
        page.is_at("/spaces").await;
        page.sees("Example Company").await;
        page.is_accessible().await;
        page.picture("spaces").await;
        page.prefer_dark(true).await;
        page.picture("spaces-dark").await;
        page.prefer_dark(false).await;

        // What is searched is shown with the way to it, opened.
        page.field("Name, alias or room ID")
            .fill(&format!("Leaf {word}"))
            .await;
        page.sees(&format!("Leaf {word}")).await;
        page.sees(&format!("Inner {word}")).await;
        page.sees("In 2 spaces").await;
        page.no_longer_sees("Example Company").await;
        page.field("Name, alias or room ID").fill(&word).await;
        page.sees("Not visible to this server").await;
        page.sees("Already above").await;
        // What is closed by hand stays closed while one goes on to type, and what was in it is gone.
        let inside = || page.css(".tree-card .tree .tree .tree-branch");
        inside().first().appears().await;
        let outer = |at| {
            page.css(".tree-card > .tree > .tree-space > details")
                .nth(at)
        };
        for at in 0..2 {
            outer(at).css("summary").first().click().await;
        }
        inside().counts(0).await;
        let search = page.field("Name, alias or room ID");
        for letters in [&word[..word.len() - 1], &word] {
            search.fill(letters).await;
            outer(1).appears().await;
            inside().counts(0).await;
        }
        for at in 0..2 {
            outer(at).css("summary").first().click().await;
        }
        page.sees("Not visible to this server").await;
        // Of the ring, which nothing leads to, one stands at the top.
        let tops = page.css(".tree-card > .tree > li");
        tops.counts(2).await;
        tops.nth(-1).says(&format!("Ring one {word}")).await;
        page.is_accessible().await;
        page.picture("spaces-found").await;

        page.link("Spaces in the directory").click().await;
        page.sees(&format!("Root {word}")).await;
        page.no_longer_sees("Ring one").await;
        page.field("Name, alias or room ID")
            .fill(&format!("Leaf {word}"))
            .await;
        page.link(&format!("Leaf {word}")).first().click().await;
        page.is_at(&format!("/rooms/{leaf}")).await;
    })
    .await;
}

#[tokio::test]
async fn on_a_phone() {
    journey(Options::phone(), async |page: &Page| {
        page.sign_in(&stage().synapse.url()).await;
        page.open("/spaces").await;
        page.sees("Example Company").await;
        page.css(".tree-branch summary").first().click().await;
        page.fits_sideways().await;
        page.is_accessible().await;
        page.picture("spaces-phone").await;
    })
    .await;
}
