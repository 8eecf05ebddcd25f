//! What the server lacks is shown with the reason, where it would be; what an old server does
//! in its own way works. With a server that lacks nothing: everything can be used.

use journeys::browser::{Locator, Options, Page, journey, stage};
use synapse_admin::api::encode::encoded;
use synapse_admin::api::server::{Feature, Lack};
use synapse_admin::api::{UserId, users};
use xtask::world::files::png;

/// The English sentence why this server cannot do it; `None` if it can.
fn reason(feature: Feature) -> Option<String> {
    stage()
        .maker
        .capabilities()
        .lack(feature)
        .map(|lack| match lack {
            Lack::TooOld { needs, has } => {
                format!("Needs Synapse {needs} or newer; this server is {has}.")
            }
            _ => panic!("the tests' server keeps its own accounts"),
        })
}

async fn open(page: &Page, user: &UserId, tab: &str) {
    page.open(&format!("/users/{}?tab={tab}", encoded(user.as_str())))
        .await;
}

/// The control can be used if the server can do it; if not, the reason is beside it.
async fn explains(place: Locator<'_>, control: Locator<'_>, feature: Feature) {
    let control = control.first();
    match reason(feature) {
        Some(reason) => {
            place.first().says(&reason).await;
            control.is_unusable().await;
        }
        None => control.is_usable().await,
    }
}

#[tokio::test]
async fn what_a_server_lacks_is_said_on_the_page_of_a_user() {
    journey(Options::default(), async |page: &Page| {
        let user = stage().maker.make_fresh_user("lacking").await.unwrap();
        page.sign_in(&stage().synapse.url()).await;

        open(page, &user, "security").await;
        for (label, feature) in [
            ("Lock", Feature::Locking),
            ("Suspend", Feature::Suspending),
            ("Remove messages", Feature::RedactMessages),
            ("Make administrator", Feature::AdminRight),
            ("Deactivate", Feature::DeactivateUsers),
            ("Log in as this user", Feature::LogInAs),
            ("Reset password", Feature::Passwords),
        ] {
            explains(page.css("main"), page.button(label), feature).await;
        }
        page.is_accessible().await;

        open(page, &user, "devices").await;
        explains(
            page.css("main"),
            page.button("Add device"),
            Feature::CreateDevices,
        )
        .await;

        for (tab, feature, works) in [
            ("rooms", Feature::Memberships, "No rooms"),
            ("limits", Feature::ExperimentalFeatures, "MSC3881"),
            ("", Feature::UserCounts, "Rooms ever joined 0"),
        ] {
            open(page, &user, tab).await;
            page.sees(&reason(feature).unwrap_or_else(|| works.to_owned()))
                .await;
        }
    })
    .await;
}

#[tokio::test]
async fn what_a_server_lacks_is_said_in_the_menu_for_the_selected() {
    journey(Options::default(), async |page: &Page| {
        let user = stage().maker.make_fresh_user("lackingtoo").await.unwrap();
        page.sign_in(&stage().synapse.url()).await;
        page.open(&format!("/users?q={}", user.localpart())).await;
        page.row(user.localpart()).first().appears().await;
        page.checkbox("Select all on this page").tick(true).await;
        page.button("Actions").click().await;
        let menu = || page.css("[popover]:popover-open");
        for (label, feature) in [
            ("Suspend", Feature::Suspending),
            ("Remove messages", Feature::RedactMessages),
        ] {
            explains(menu(), menu().button_like(label), feature).await;
        }
        page.is_accessible().await;
    })
    .await;
}

#[tokio::test]
async fn what_a_server_lacks_is_said_where_lists_are_filtered() {
    journey(Options::default(), async |page: &Page| {
        let views = || page.css("main nav.chip-links");
        let opened = || page.css("[popover]:popover-open");
        page.sign_in(&stage().synapse.url()).await;
        for (list, filters, view) in [
            (
                "/users",
                [
                    ("Locked users", Feature::ListedLocks),
                    ("Last use on record", Feature::ListedUse),
                    ("Waiting for approval", Feature::Approvals),
                ],
                ("No trace", Feature::ListedUse),
            ),
            (
                "/rooms",
                [
                    ("Spaces", Feature::RoomTypes),
                    ("Forgotten", Feature::ForgottenRooms),
                    ("Database", Feature::LargestRooms),
                ],
                ("Forgotten by all", Feature::ForgottenRooms),
            ),
        ] {
            page.open(list).await;
            page.row("").first().appears().await;
            // The ready view: a link, or one of those of which it is said since when.
            let (name, feature) = view;
            let link = views().link(name);
            match reason(feature) {
                Some(why) => {
                    link.counts(0).await;
                    page.sees(&why).await;
                }
                None => link.appears().await,
            }
            page.button_like("Filter").first().click().await;
            for (label, feature) in filters {
                let field = opened().field(label);
                match reason(feature) {
                    Some(why) => {
                        opened().says(&format!("{label} {why}")).await;
                        field.counts(0).await;
                    }
                    None => field.appears().await,
                }
            }
            page.is_accessible().await;
            page.picture(&format!("lacking{}", list.replace('/', "-")))
                .await;
            page.press(thirtyfour::Key::Escape + "").await;
            // Nor can it be sorted by what the server does not tell.
            if list == "/users" {
                let sort = page.column("Last seen").button("Last seen");
                let sorts = usize::from(reason(Feature::ListedUse).is_none());
                sort.counts(sorts).await;
            }
        }
    })
    .await;
}

#[tokio::test]
async fn pictures_come_from_where_the_server_has_them() {
    journey(
        Options {
            notes_requests: true,
            ..Options::default()
        },
        async |page: &Page| {
            let maker = stage().maker;
            let user = maker.make_fresh_user("pictured").await.unwrap();
            let picture = maker
                .upload_media(&user, &png(64, 7), "image/png", Some("me.png"))
                .await
                .unwrap();
            maker.set_avatar(&user, &picture).await.unwrap();
            assert!(
                stage()
                    .run(&users::get(&user))
                    .await
                    .user
                    .avatar_url
                    .is_some()
            );

            page.sign_in(&stage().synapse.url()).await;
            open(page, &user, "").await;
            let id = &picture.media_id;
            let new = format!("/_matrix/client/v1/media/thumbnail/test.localhost/{id}");
            let old = format!("/_matrix/media/v3/thumbnail/test.localhost/{id}");
            let authenticated = maker.capabilities().spec.has_authenticated_media();
            page.until("the picture is fetched", async || {
                page.requested("GET", &new).await + page.requested("GET", &old).await > 0
            })
            .await;
            assert_eq!(page.requested("GET", &new).await > 0, authenticated);
            assert_eq!(page.requested("GET", &old).await > 0, !authenticated);
        },
    )
    .await;
}
