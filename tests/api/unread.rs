//! What answers say that our types do not read: for information, to be seen with `--nocapture`.

use journeys::server::server;
use synapse_admin::api::server::Feature;
use synapse_admin::api::users::ListUsers;
use synapse_admin::api::{Request, login, media, rooms, server as version, statistics, users};
use xtask::native::unread_fields;
use xtask::world::{PASSWORD, people};

async fn show<T: PartialEq>(what: &str, request: Request<T>) {
    let (answer, value) = server().maker.admin().run_raw(&request).await.unwrap();
    assert!(value.is_ok(), "{what} does not decode");
    let fields = unread_fields(&request, &answer);
    println!(
        "{what}: {}",
        if fields.is_empty() {
            "all read".into()
        } else {
            fields.join(", ")
        }
    );
}

#[tokio::test]
async fn fields_that_we_do_not_read() {
    let server = server();
    let maker = &server.maker;
    let owner = maker.user(people::MEDIA_OWNER);
    let alice = maker.user(people::ALICE);
    let few = ListUsers {
        limit: 20,
        ..Default::default()
    };
    let files = media::ListMedia {
        limit: 20,
        ..Default::default()
    };
    show("server::version", version::version()).await;
    show("server::spec_versions", version::spec_versions()).await;
    show("login::flows", login::flows()).await;
    show(
        "login::with_password",
        login::with_password(&alice, PASSWORD),
    )
    .await;
    show("login::who_am_i", login::who_am_i()).await;
    show("users::list", users::list(&few, maker.capabilities())).await;
    show("users::get", users::get(&alice)).await;
    show("users::joined_rooms", users::joined_rooms(&alice)).await;
    show("media::list_of_user", media::list_of_user(&owner, &files)).await;
    show(
        "statistics::media_by_user_sorted",
        statistics::media_by_user_sorted(&statistics::ListMediaUsers {
            limit: 20,
            ..Default::default()
        }),
    )
    .await;
    show(
        "rooms::list",
        rooms::list(&rooms::ListRooms {
            limit: 20,
            ..Default::default()
        }),
    )
    .await;
    if maker.capabilities().has(Feature::RoomMessages) {
        let room = server.world.room("faces");
        show("rooms::member_history", rooms::member_history(room, None)).await;
    }
    show("rooms::get", rooms::get(server.world.room("general"))).await;
}
