use super::until;
use journeys::server::{rank, server};
use std::collections::BTreeSet;
use synapse_admin::api::exchange::Patient;
use synapse_admin::api::media::{self, DeleteFilter, EARLIEST_BEFORE, ListMedia, MediaFile, order};
use synapse_admin::api::server::Feature;
use synapse_admin::api::tolerant::Timestamp;
use synapse_admin::api::{ApiError, MxcUri, Request, UserId, rooms, statistics, users};
use synapse_admin::known::Known;
use synapse_admin::media::Sum;
use synapse_admin::media::uploads::{self, AddedUp};
use xtask::native::{RealClock, RealRandom};
use xtask::postgres::Engine;
use xtask::world::files::{State, noise, png, remote_files};
use xtask::world::{DAY_MS, people};

/// A day in 1989, long before anything in the world: what is older belongs to one test.
const LONG_AGO: i64 = 7300 * DAY_MS;

async fn list(user: &UserId, query: &ListMedia) -> media::MediaPage {
    let request = media::list_of_user(user, query);
    server().maker.admin().run(&request).await.unwrap()
}

async fn all(user: &UserId) -> Vec<MediaFile> {
    let query = ListMedia {
        limit: 1000,
        ..Default::default()
    };
    list(user, &query).await.media
}

async fn find(user: &UserId, file: &MxcUri) -> Option<MediaFile> {
    let files = all(user).await;
    files
        .into_iter()
        .find(|found| found.media_id == file.media_id)
}

/// A user with one small file of its own content.
async fn owner_with_file(seed: u64) -> (UserId, MxcUri, Vec<u8>) {
    let maker = &server().maker;
    let user = maker.make_fresh_user("media").await.unwrap();
    let bytes = png(20, 1_000_000 + seed);
    let uri = maker
        .upload_media(&user, &bytes, "image/png", Some("a.png"))
        .await
        .unwrap();
    (user, uri, bytes)
}

#[tokio::test]
async fn how_much_a_user_has_uploaded() {
    let admin = server().maker.admin();
    let clock = RealClock::default();
    let patient = Patient {
        network: admin,
        clock: &clock,
        random: &RealRandom,
    };
    let (owner, _, _) = owner_with_file(77).await;
    let more = png(30, 1_000_078);
    let maker = &server().maker;
    maker
        .upload_media(&owner, &more, "image/png", None)
        .await
        .unwrap();
    let bytes: u64 = all(&owner)
        .await
        .iter()
        .filter_map(|file| file.media_length)
        .sum();
    assert!(bytes > more.len() as u64);
    let both = [
        owner.clone(),
        maker.make_fresh_user("no.uploads").await.unwrap(),
    ];
    let owner_alone = std::slice::from_ref(&owner);
    let is = |number: u64| Known::Is(number);
    for users in [owner_alone, &both] {
        let found = uploads::of_users(patient, users, &|_, _| ()).await;
        let found = found.unwrap();
        assert_eq!((found.files, found.bytes), (is(2), is(bytes)));
        // As the server adds them up where there are many.
        let added_up = AddedUp {
            sum: Sum { files: 2, bytes },
            found: 1,
            is_all: true,
        };
        let found = uploads::added_up(patient, users, &|_, _| ()).await;
        assert_eq!(found, Ok(added_up));
    }
    for file in all(&owner).await {
        let request = media::delete(&owner.server(), &file.media_id);
        admin.run(&request).await.unwrap();
    }
    let found = uploads::of_users(patient, owner_alone, &|_, _| ()).await;
    let found = found.unwrap();
    assert_eq!((found.files, found.bytes), (is(0), is(0)));
}

#[tokio::test]
async fn the_files_of_a_user_as_they_are() {
    let server = server();
    let owner = server.maker.user(people::MEDIA_OWNER);
    let files = all(&owner).await;
    assert_eq!(
        files.len(),
        server.world.files_of(people::MEDIA_OWNER).count()
    );
    for sample in server.world.files_of(people::MEDIA_OWNER) {
        let file = files
            .iter()
            .find(|file| file.media_id == sample.media_id)
            .unwrap();
        assert_eq!(file.created_ts, Timestamp(sample.created_ms));
        assert_eq!(file.last_access_ts, sample.last_access_ms.map(Timestamp));
        assert_eq!(file.last_use(), Timestamp(sample.last_use_ms()));
        assert_eq!(file.upload_name, sample.name);
        assert_eq!(
            file.quarantined_by.is_some(),
            sample.state == State::Quarantined
        );
        assert_eq!(file.safe_from_quarantine, sample.state == State::Protected);
        if sample.state == State::Pending {
            assert_eq!(
                (file.media_length, file.media_type.as_deref()),
                (None, None)
            );
        } else {
            assert_eq!(file.media_length, Some(sample.size));
            assert_eq!(
                file.media_type.as_deref(),
                Some(sample.content_type.as_str())
            );
        }
        if server.maker.capabilities().since(97) {
            assert_eq!(file.url_cache.is_some(), sample.state == State::UrlPreview);
        }
    }
}

#[tokio::test]
async fn every_sort_key_sorts_both_ways() {
    fn text(value: Option<&str>) -> (bool, String) {
        (rank(value.is_some()), value.unwrap_or_default().to_owned())
    }
    fn number(value: Option<i64>) -> (bool, String) {
        (
            rank(value.is_some()),
            value.map_or(String::new(), |n| format!("{n:020}")),
        )
    }
    type Key = fn(&MediaFile) -> (bool, String);
    let keys: [(&str, Key); 8] = [
        (order::ID, |file| text(Some(&file.media_id))),
        (order::NAME, |file| text(file.upload_name.as_deref())),
        (order::CREATED, |file| number(Some(file.created_ts.0))),
        (order::LAST_ACCESS, |file| {
            number(file.last_access_ts.map(|at| at.0))
        }),
        (order::SIZE, |file| {
            number(file.media_length.map(|size| size as i64))
        }),
        (order::TYPE, |file| text(file.media_type.as_deref())),
        (order::QUARANTINED, |file| {
            text(file.quarantined_by.as_ref().map(|by| by.as_str()))
        }),
        (order::PROTECTED, |file| {
            number(Some(file.safe_from_quarantine.into()))
        }),
    ];
    let owner = server().maker.user(people::MEDIA_OWNER);
    for (order_by, key) in keys {
        for descending in [false, true] {
            let query = ListMedia {
                from: 0,
                limit: 1000,
                order_by: Some(order_by),
                descending,
            };
            let page = list(&owner, &query).await;
            let mut sorted: Vec<_> = page.media.iter().map(key).collect();
            if descending {
                sorted.reverse();
            }
            assert!(
                sorted.is_sorted(),
                "{order_by}, descending: {descending}: {sorted:?}"
            );
        }
    }
}

#[tokio::test]
async fn paging_gives_every_file_once() {
    let server = server();
    let owner = server.maker.user(people::MEDIA_OWNER);
    let expected = server.world.files_of(people::MEDIA_OWNER).count();
    let mut seen = BTreeSet::new();
    let mut pages = 0;
    let mut from = Some(0);
    while let Some(position) = from {
        let query = ListMedia {
            from: position,
            limit: 7,
            order_by: Some(order::ID),
            descending: false,
        };
        let page = list(&owner, &query).await;
        assert_eq!(page.total, expected as u64);
        for file in page.media {
            assert!(seen.insert(file.media_id));
        }
        pages += 1;
        from = page.next_token;
    }
    assert_eq!((seen.len(), pages), (expected, expected.div_ceil(7)));
}

#[tokio::test]
async fn unknown_owners_are_not_found() {
    let nobody = server().maker.user("nobody.has.this.name");
    let request = media::list_of_user(&nobody, &ListMedia::default());
    let error = server().maker.admin().run(&request).await.unwrap_err();
    assert!(error.is_not_found(), "{error:?}");
}

#[tokio::test]
async fn one_file_is_deleted() {
    let maker = &server().maker;
    let (user, uri, _) = owner_with_file(1).await;
    let request = media::delete(&uri.server, &uri.media_id);
    let deleted = maker.admin().run(&request).await.unwrap();
    assert_eq!(
        (deleted.deleted_media, deleted.total),
        (vec![uri.media_id.clone()], 1)
    );
    assert_eq!(find(&user, &uri).await, None);
    let error = maker.admin().run(&request).await.unwrap_err();
    assert!(error.is_not_found(), "{error:?}");
    let elsewhere = synapse_admin::api::ServerName::parse("elsewhere.example").unwrap();
    let error = maker
        .admin()
        .run(&media::delete(&elsewhere, "x"))
        .await
        .unwrap_err();
    assert!(
        matches!(error, ApiError::Matrix { status: 400, .. }),
        "{error:?}"
    );
}

#[tokio::test]
async fn a_protected_file_can_be_deleted_by_name() {
    let maker = &server().maker;
    let (user, uri, _) = owner_with_file(2).await;
    maker
        .admin()
        .run(&media::protect(&uri.media_id))
        .await
        .unwrap();
    maker
        .admin()
        .run(&media::delete(&uri.server, &uri.media_id))
        .await
        .unwrap();
    assert_eq!(find(&user, &uri).await, None);
}

/// One test, since what it does concerns all files of a time.
#[tokio::test]
async fn deletion_by_date_and_size_hits_exactly_what_it_says() {
    let server = server();
    let maker = &server.maker;
    let admin = maker.admin();
    let user = maker.make_fresh_user("deletion").await.unwrap();
    let creator = maker.act_as(&user).await.unwrap();
    let upload = async |size: usize, name: &str| {
        let bytes = noise(size, 7_000_000 + size as u64);
        maker
            .upload_media(&user, &bytes, "application/octet-stream", Some(name))
            .await
            .unwrap()
            .media_id
    };
    let old = LONG_AGO - 10 * DAY_MS;
    let new = LONG_AGO + 10 * DAY_MS;

    let never_fetched = upload(2000, "old, never fetched").await;
    let fetched_long_ago = upload(2001, "old, fetched long ago").await;
    let fetched_since = upload(2002, "old, fetched since").await;
    let young = upload(2003, "young").await;
    let at_the_moment = upload(2004, "last used at the very moment").await;
    let small = upload(999, "old and small").await;
    let at_the_limit = upload(1000, "old and as large as the limit").await;
    let empty = upload(0, "old and empty").await;
    let fetched_at_zero = upload(2005, "fetched at 0").await;
    let protected = upload(2006, "old and protected").await;
    let quarantined = upload(2007, "old and quarantined").await;
    let face = upload(2008, "profile image").await;
    let former_face = upload(2009, "profile image once, in a room still").await;
    let room_image = upload(2010, "room image").await;

    let mxc = |id: &str| format!("mxc://{}/{id}", maker.server());
    let image_of = |id: &str| MxcUri {
        server: maker.server().clone(),
        media_id: id.to_owned(),
    };
    maker
        .set_avatar(&user, &image_of(&former_face))
        .await
        .unwrap();
    let room = maker
        .make_room(
            &creator,
            &serde_json::json!({"initial_state": [{
                "type": "m.room.avatar", "state_key": "", "content": {"url": mxc(&room_image)},
            }]}),
        )
        .await
        .unwrap();
    maker.set_avatar(&user, &image_of(&face)).await.unwrap();
    admin.run(&media::protect(&protected)).await.unwrap();
    admin
        .run(&media::quarantine(maker.server(), &quarantined))
        .await
        .unwrap();
    // Synapse looks the room's image up where it writes statistics, a little later.
    let avatar = until(
        async || admin.run(&rooms::get(&room)).await.unwrap().avatar,
        |avatar| avatar.is_some(),
    )
    .await;
    assert_eq!(avatar, Some(mxc(&room_image)));
    maker
        .age_media(&[
            (&never_fetched, old, None),
            (&fetched_long_ago, old - DAY_MS, Some(old)),
            (&fetched_since, old, Some(new)),
            (&young, new, None),
            (&at_the_moment, LONG_AGO, None),
            (&small, old, None),
            (&at_the_limit, old, None),
            (&empty, old, None),
            (&fetched_at_zero, new, Some(0)),
            (&protected, old, None),
            (&quarantined, old, None),
            (&face, old, None),
            (&former_face, old, None),
            (&room_image, old, None),
        ])
        .unwrap();

    let files = all(&user).await;
    let file = |id: &str| files.iter().find(|file| file.media_id == id).unwrap();
    // What the server will compare is what our own reckoning says.
    assert_eq!(file(&fetched_since).last_use(), Timestamp(new));
    assert_eq!(file(&fetched_at_zero).last_use(), Timestamp(0));

    let delete = async |before: i64, size_gt: u64, keep_profiles: bool| -> BTreeSet<String> {
        let filter = DeleteFilter {
            before: Timestamp(before),
            size_gt,
            keep_profiles,
        };
        let request = media::delete_by_date_or_size(&filter, maker.server(), maker.capabilities());
        let deleted = admin.run(&request).await.unwrap();
        assert_eq!(deleted.total, deleted.deleted_media.len() as u64);
        deleted.deleted_media.into_iter().collect()
    };
    let set =
        |ids: &[&String]| -> BTreeSet<String> { ids.iter().map(|id| (*id).clone()).collect() };

    // Nothing matches: success and an empty list.
    assert_eq!(delete(EARLIEST_BEFORE.0, 5000, true).await, set(&[]));
    assert_eq!(
        delete(LONG_AGO, 1000, true).await,
        set(&[&never_fetched, &fetched_long_ago, &fetched_at_zero])
    );
    // "Larger than nothing" spares what is empty.
    assert_eq!(
        delete(LONG_AGO, 0, true).await,
        set(&[&small, &at_the_limit])
    );
    assert_eq!(
        delete(LONG_AGO, 0, false).await,
        set(&[&face, &former_face, &room_image])
    );
    let left: BTreeSet<String> = all(&user)
        .await
        .into_iter()
        .map(|file| file.media_id)
        .collect();
    assert_eq!(
        left,
        set(&[
            &fetched_since,
            &young,
            &at_the_moment,
            &empty,
            &protected,
            &quarantined
        ])
    );

    let too_early = DeleteFilter {
        before: Timestamp(EARLIEST_BEFORE.0 - 1),
        size_gt: 0,
        keep_profiles: true,
    };
    let request = media::delete_by_date_or_size(&too_early, maker.server(), maker.capabilities());
    let error = admin.run(&request).await.unwrap_err();
    assert!(error.is_errcode("M_INVALID_PARAM"), "{error:?}");
}

#[tokio::test]
async fn copies_of_other_servers_files_are_purged_by_last_access() {
    let server = server();
    let admin = server.maker.admin();
    let before = server.world.now_ms - 600 * DAY_MS;
    let copies = remote_files(server.world.now_ms);
    let old = copies
        .iter()
        .filter(|file| file.last_access_ms < before)
        .count() as u64;
    assert!(old > 0 && (old as usize) < copies.len());
    let on_disk = |id: &str, server_name: &str| {
        let store = server.synapse.config().media_store().join("remote_content");
        store
            .join(server_name)
            .join(&id[..2])
            .join(&id[2..4])
            .join(&id[4..])
            .exists()
    };
    assert!(
        copies
            .iter()
            .all(|file| on_disk(&file.filesystem_id, &file.server))
    );

    let purged = admin
        .run(&media::purge_remote(Timestamp(before)))
        .await
        .unwrap();
    assert_eq!(purged.deleted, old);
    for file in &copies {
        let is_left = on_disk(&file.filesystem_id, &file.server);
        assert_eq!(is_left, file.last_access_ms >= before, "{}", file.media_id);
    }
    let again = admin
        .run(&media::purge_remote(Timestamp(before)))
        .await
        .unwrap();
    assert_eq!(again.deleted, 0);
    let early = media::purge_remote(Timestamp(EARLIEST_BEFORE.0 - 1));
    let error = admin.run(&early).await.unwrap_err();
    assert!(error.is_errcode("M_INVALID_PARAM"), "{error:?}");
}

#[tokio::test]
async fn quarantine_hides_and_unquarantine_shows() {
    let maker = &server().maker;
    let admin = maker.admin();
    let spec = &maker.capabilities().spec;
    let (user, uri, bytes) = owner_with_file(3).await;
    admin
        .run(&media::quarantine(&uri.server, &uri.media_id))
        .await
        .unwrap();
    let file = find(&user, &uri).await.unwrap();
    assert_eq!(file.quarantined_by, Some(maker.user(people::ADMIN)));
    let error = admin.run(&media::download(&uri, spec)).await.unwrap_err();
    assert!(error.is_not_found(), "{error:?}");
    admin
        .run(&media::unquarantine(&uri.server, &uri.media_id))
        .await
        .unwrap();
    assert_eq!(find(&user, &uri).await.unwrap().quarantined_by, None);
    assert_eq!(
        admin.run(&media::download(&uri, spec)).await.unwrap(),
        bytes
    );
}

#[tokio::test]
async fn a_moderator_sees_what_is_quarantined() {
    let maker = &server().maker;
    let admin = maker.admin();
    let spec = &maker.capabilities().spec;
    let (user, uri, bytes) = owner_with_file(33).await;
    let quarantine = media::quarantine(&uri.server, &uri.media_id);
    admin.run(&quarantine).await.unwrap();
    let look = media::download_quarantined(&uri, spec);
    if !maker.capabilities().has(Feature::Quarantined) {
        let error = admin.run(&look).await.unwrap_err();
        assert!(error.is_not_found(), "{error:?}");
        return;
    }
    assert_eq!(admin.run(&look).await.unwrap(), bytes);
    // Nobody else does, and it stays in quarantine.
    let error = admin.run(&media::download(&uri, spec)).await.unwrap_err();
    assert!(error.is_not_found(), "{error:?}");
    let client = maker.act_as(&user).await.unwrap();
    assert!(client.run(&look).await.is_err());
    assert!(find(&user, &uri).await.unwrap().quarantined_by.is_some());
}

#[tokio::test]
async fn whether_a_file_needs_a_token_is_told() {
    let maker = &server().maker;
    let admin = maker.admin();
    let (user, uri, _) = owner_with_file(34).await;
    let told = find(&user, &uri).await.unwrap().authenticated;
    if !maker.capabilities().has(Feature::AuthenticatedMedia) {
        assert_eq!(told, None);
        return;
    }
    let target = format!(
        "/_matrix/media/v3/download/{}/{}",
        uri.server.as_str(),
        uri.media_id
    );
    let openly = Request::<Vec<u8>>::download(target).anonymous();
    let is_handed_out = admin.run(&openly).await.is_ok();
    assert_eq!(told, Some(!is_handed_out));
    if maker.capabilities().has(Feature::MediaInfo) {
        let info = admin.run(&media::info(&uri)).await.unwrap();
        assert_eq!(info.media_info.authenticated, told);
    }
}

#[tokio::test]
async fn protection_comes_and_goes() {
    let maker = &server().maker;
    let admin = maker.admin();
    let (user, uri, _) = owner_with_file(4).await;
    admin.run(&media::protect(&uri.media_id)).await.unwrap();
    assert!(find(&user, &uri).await.unwrap().safe_from_quarantine);
    // A success that changes nothing.
    admin
        .run(&media::quarantine(&uri.server, &uri.media_id))
        .await
        .unwrap();
    assert_eq!(find(&user, &uri).await.unwrap().quarantined_by, None);
    admin.run(&media::unprotect(&uri.media_id)).await.unwrap();
    assert!(!find(&user, &uri).await.unwrap().safe_from_quarantine);
    admin
        .run(&media::quarantine(&uri.server, &uri.media_id))
        .await
        .unwrap();
    assert!(find(&user, &uri).await.unwrap().quarantined_by.is_some());
}

#[tokio::test]
async fn files_and_thumbnails_are_fetched() {
    let maker = &server().maker;
    let admin = maker.admin();
    let spec = &maker.capabilities().spec;
    let (_, uri, bytes) = owner_with_file(5).await;
    assert_eq!(
        admin.run(&media::download(&uri, spec)).await.unwrap(),
        bytes
    );
    let small = admin.run(&media::thumbnail(&uri, 32, spec)).await.unwrap();
    assert!(small.starts_with(b"\x89PNG") || small.starts_with(b"\xff\xd8"));
    let missing = MxcUri {
        media_id: "doesnotexist".into(),
        ..uri
    };
    for request in [
        media::download(&missing, spec),
        media::thumbnail(&missing, 32, spec),
    ] {
        let error = admin.run(&request).await.unwrap_err();
        assert!(error.is_not_found(), "{error:?}");
    }
}

#[tokio::test]
async fn statistics_count_by_user() {
    let server = server();
    let admin = server.maker.admin();
    let mut users = Vec::new();
    let mut from = Some(0);
    while let Some(position) = from {
        let page = admin
            .run(&statistics::media_by_user_sorted(
                &statistics::ListMediaUsers {
                    from: position,
                    limit: 20,
                    // Whoever has the most stands first, whoever comes and goes meanwhile.
                    order_by: Some(statistics::order::COUNT),
                    descending: true,
                    ..Default::default()
                },
            ))
            .await
            .unwrap();
        users.extend(page.users);
        from = page.next_token;
    }
    let owner = server.maker.user(people::MEDIA_OWNER);
    let found = users
        .iter()
        .find(|user| user.user_id.as_ref() == Some(&owner))
        .unwrap();
    let samples: Vec<_> = server.world.files_of(people::MEDIA_OWNER).collect();
    assert_eq!(found.media_count, samples.len() as u64);
    let bytes: u64 = samples.iter().map(|file| file.size).sum();
    assert_eq!(found.media_length, Some(bytes));
    assert_eq!(found.displayname.as_deref(), Some("Mia Media"));
}

#[tokio::test]
async fn statistics_are_sorted_and_searched() {
    use statistics::{ListMediaUsers, MediaUser, order};
    fn text(value: Option<&str>) -> (bool, String) {
        (rank(value.is_some()), value.unwrap_or_default().to_owned())
    }
    fn number(value: Option<u64>) -> (bool, String) {
        (
            rank(value.is_some()),
            value.map_or(String::new(), |n| format!("{n:020}")),
        )
    }
    type Key = fn(&MediaUser) -> (bool, String);
    let keys: [(&str, Key); 4] = [
        (order::USER, |user| {
            text(user.user_id.as_ref().map(|id| id.as_str()))
        }),
        (order::DISPLAY_NAME, |user| {
            text(user.displayname.as_deref())
        }),
        (order::COUNT, |user| number(Some(user.media_count))),
        (order::SIZE, |user| number(user.media_length)),
    ];
    let admin = server().maker.admin();
    for (order_by, key) in keys {
        for descending in [false, true] {
            let query = ListMediaUsers {
                limit: 1000,
                order_by: Some(order_by),
                descending,
                ..Default::default()
            };
            let page = admin.run(&statistics::media_by_user_sorted(&query)).await;
            let mut sorted: Vec<_> = page.unwrap().users.iter().map(key).collect();
            assert!(sorted.len() > 50);
            if descending {
                sorted.reverse();
            }
            assert!(
                sorted.is_sorted(),
                "{order_by}, descending: {descending}: {sorted:?}"
            );
        }
    }

    let search = async |term: &str| {
        let query = ListMediaUsers {
            limit: 1000,
            search: Some(term.into()),
            ..Default::default()
        };
        let request = statistics::media_by_user_sorted(&query);
        admin.run(&request).await
    };
    let found = search("mia.MEDIA").await.unwrap();
    let is_postgres = Engine::from_env() == Engine::Postgres;
    assert_eq!(found.total, u64::from(!is_postgres), "upper and lower case");
    let found = search("Mia Media").await.unwrap();
    assert_eq!(found.users[0].displayname.as_deref(), Some("Mia Media"));
    let found = search("Gone with").await.unwrap();
    assert_eq!(found.users.len(), 1);
    assert_eq!(search("nobody.has.this.name").await.unwrap().total, 0);
    // ASCII only, unlike the list of users.
    let error = search("Müller").await.unwrap_err();
    assert!(
        matches!(error, ApiError::Matrix { status: 400, .. }),
        "{error:?}"
    );
}

#[tokio::test]
async fn who_has_uploaded_a_file() {
    let server = server();
    let (user, uri, _) = owner_with_file(900).await;
    let info = server.maker.admin().run(&media::info(&uri)).await;
    if !server.maker.capabilities().since(140) {
        assert!(info.is_err());
        return;
    }
    let file = info.unwrap().media_info;
    assert_eq!(file.user_id, Some(user));
    assert_eq!(file.upload_name.as_deref(), Some("a.png"));

    let gone = MxcUri {
        media_id: "thereisnone".to_owned(),
        ..uri
    };
    let error = server.maker.admin().run(&media::info(&gone)).await;
    assert!(error.unwrap_err().is_not_found());
}

/// What Synapse counts as an access: which of our requests make a file young.
///
/// Accesses are written down about once a minute. What is asked for last arrives last, so once it
/// is there all others would be.
#[tokio::test]
async fn which_requests_make_a_file_young() {
    let server = server();
    let maker = &server.maker;
    let admin = maker.admin();
    let spec = &maker.capabilities().spec;
    let user = maker.make_fresh_user("accesses").await.unwrap();
    let mut seed = 9_100_000;
    let mut fresh = async || {
        seed += 1;
        let bytes = png(64, seed);
        let uri = maker.upload_media(&user, &bytes, "image/png", None).await;
        uri.unwrap()
    };
    // What is refused may count all the same.
    let ask_openly = async |uri: &MxcUri, what: &str| {
        let target = format!(
            "/_matrix/media/v3/{what}/{}/{}?width=96&height=96&method=crop",
            uri.server.as_str(),
            uri.media_id
        );
        let request = Request::<Vec<u8>>::download(target).anonymous();
        admin.run(&request).await.is_ok()
    };

    let listed = fresh().await;
    all(&user).await;
    let looked_up = fresh().await;
    let _ = admin.run(&media::info(&looked_up)).await;
    let face = fresh().await;
    maker.set_avatar(&user, &face).await.unwrap();
    let everybody = users::ListUsers {
        limit: 1000,
        ..Default::default()
    };
    admin
        .run(&users::list(&everybody, maker.capabilities()))
        .await
        .unwrap();
    let counted = fresh().await;
    let question = statistics::ListMediaUsers {
        limit: 1000,
        ..Default::default()
    };
    admin
        .run(&statistics::media_by_user_sorted(&question))
        .await
        .unwrap();
    let of_a_room = fresh().await;
    let client = maker.act_as(&user).await.unwrap();
    let room = maker
        .make_room(&client, &serde_json::json!({}))
        .await
        .unwrap();
    admin.run(&media::of_room(&room)).await.unwrap();
    let handled = fresh().await;
    for request in [
        media::protect(&handled.media_id),
        media::unprotect(&handled.media_id),
        media::quarantine(&handled.server, &handled.media_id),
        media::unquarantine(&handled.server, &handled.media_id),
    ] {
        admin.run(&request).await.unwrap();
    }
    let small = fresh().await;
    admin
        .run(&media::thumbnail(&small, 96, spec))
        .await
        .unwrap();
    let small_openly = fresh().await;
    ask_openly(&small_openly, "thumbnail").await;
    let openly = fresh().await;
    let is_handed_out = ask_openly(&openly, "download").await;
    let withheld = fresh().await;
    admin
        .run(&media::quarantine(&withheld.server, &withheld.media_id))
        .await
        .unwrap();
    let _ = admin.run(&media::thumbnail(&withheld, 96, spec)).await;
    let whole = fresh().await;
    admin.run(&media::download(&whole, spec)).await.unwrap();

    let last_access = async |uri: &MxcUri| find(&user, uri).await.unwrap().last_access_ts;
    let written = until(async || last_access(&whole).await, |at| at.is_some()).await;
    assert!(written.is_some(), "an access is never written down");
    let mut young = Vec::new();
    for (what, uri) in [
        ("the list of a user", &listed),
        ("the file's details", &looked_up),
        ("the list of users, of a profile image", &face),
        ("statistics", &counted),
        ("the files of a room", &of_a_room),
        ("protection and quarantine", &handled),
        ("thumbnail", &small),
        ("thumbnail, without a token", &small_openly),
        ("download, without a token", &openly),
        ("thumbnail of what is quarantined", &withheld),
        ("download", &whole),
    ] {
        if last_access(uri).await.is_some() {
            young.push(what);
        }
    }
    let mut expected = vec!["thumbnail"];
    // Where a token is needed, who has none changes nothing.
    if is_handed_out {
        expected.extend(["thumbnail, without a token", "download, without a token"]);
    }
    // Nobody gets it, and it becomes young all the same.
    expected.extend(["thumbnail of what is quarantined", "download"]);
    assert_eq!(young, expected);
}
