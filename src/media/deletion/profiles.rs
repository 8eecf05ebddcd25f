//! Which files are profile images: those of users and rooms today, and those that stand in old
//! membership events, all of which Synapse keeps.

use super::survey::{AT_ONCE, PAGE, Phase, SurveyProgress, is_about_one};
use crate::api::exchange::Patient;
use crate::api::rooms::ListRooms;
use crate::api::server::Capabilities;
use crate::api::users::{self, ListUsers};
use crate::api::{ApiError, MxcUri, RoomId, ServerName, rooms};
use crate::media::StoredFile;
use futures_util::{StreamExt, TryStreamExt, stream};
use std::cell::{Cell, RefCell};
use std::collections::HashSet;

/// How long one room may take to answer, in milliseconds: a single one that hangs must not hold up
/// the rest.
const PATIENCE_MS: u32 = 15_000;

/// Which files are profile images.
pub struct ProfileImages {
    pub media_ids: HashSet<String>,
    /// Whether old ones could be looked up as well. Not on Synapse before 1.68.
    pub is_whole: bool,
    /// What the rooms are called that could not be read, so that images which only they name are
    /// not known.
    pub unread_rooms: Vec<String>,
}

/// Finds those of the files that Synapse would keep as profile images. Costs a request per thousand
/// users and two per room, if any of them may be one.
pub async fn profile_images(
    server: Patient<'_>,
    files: &[StoredFile],
    own: &ServerName,
    capabilities: &Capabilities,
    report: &dyn Fn(SurveyProgress),
) -> Result<ProfileImages, ApiError> {
    let images: HashSet<String> = files
        .iter()
        // Whatever their type: Synapse compares addresses, and bots upload images as bytes.
        .filter(|file| file.is_local)
        .map(|file| file.uri.media_id.clone())
        .collect();
    let mut found = ProfileImages {
        media_ids: HashSet::new(),
        is_whole: true,
        unread_rooms: Vec::new(),
    };
    if images.is_empty() {
        return Ok(found);
    }
    let kept = RefCell::new(HashSet::new());
    // Only what was found is remembered: a large server has more avatars than fit a page.
    let note = |uri: Option<&str>| {
        if let Some(uri) = uri.and_then(MxcUri::parse)
            && uri.server == *own
            && images.contains(&uri.media_id)
        {
            kept.borrow_mut().insert(uri.media_id);
        }
    };
    of_users(server, capabilities, &note, report).await?;
    // Nobody asks the rooms about images that are known to be kept.
    if kept.borrow().len() < images.len() {
        found.is_whole = capabilities.since(68);
        found.unread_rooms = of_rooms(server, capabilities, &note, report).await?;
    }
    found.media_ids = kept.into_inner();
    Ok(found)
}

async fn of_users(
    server: Patient<'_>,
    capabilities: &Capabilities,
    note: &dyn Fn(Option<&str>),
    report: &dyn Fn(SurveyProgress),
) -> Result<(), ApiError> {
    report(SurveyProgress {
        phase: Phase::Users,
        done: 0,
        total: 0,
    });
    let ask = |from| {
        let query = ListUsers {
            from,
            limit: PAGE,
            ..Default::default()
        };
        users::list(&query, capabilities)
    };
    let each = |users: Vec<users::User>, done, total| {
        for user in &users {
            note(user.avatar_url.as_deref());
        }
        report(SurveyProgress {
            phase: Phase::Users,
            done,
            total,
        });
    };
    server.each_page(ask, each).await
}

/// What the rooms are called that could not be read.
async fn of_rooms(
    server: Patient<'_>,
    capabilities: &Capabilities,
    note: &dyn Fn(Option<&str>),
    report: &dyn Fn(SurveyProgress),
) -> Result<Vec<String>, ApiError> {
    let ask = |from| {
        let query = ListRooms {
            from,
            limit: PAGE,
            ..Default::default()
        };
        rooms::list(&query)
    };
    let mut all: Vec<(RoomId, String)> = Vec::new();
    let each = |rooms: Vec<rooms::Room>, _, _| {
        all.extend(rooms.into_iter().map(|room| {
            let title = room.title().to_owned();
            (room.room_id, title)
        }));
    };
    server.each_page(ask, each).await?;
    let total = all.len() as u64;
    let done = Cell::new(0);
    let unread = RefCell::default();
    let has_history = capabilities.since(68);
    report(SurveyProgress {
        phase: Phase::Rooms,
        done: 0,
        total,
    });
    stream::iter(all)
        .map(|(room, title)| {
            let (done, unread): (_, &RefCell<Vec<String>>) = (&done, &unread);
            async move {
                match of_room(server, &room, has_history, note).await {
                    // One broken room is no reason to know nothing of all others.
                    Err(error) if is_about_one(&error) => unread.borrow_mut().push(title),
                    answer => answer?,
                }
                done.set(done.get() + 1);
                report(SurveyProgress {
                    phase: Phase::Rooms,
                    done: done.get(),
                    total,
                });
                Ok::<(), ApiError>(())
            }
        })
        .buffer_unordered(AT_ONCE)
        .try_collect::<()>()
        .await?;
    Ok(unread.into_inner())
}

async fn of_room(
    server: Patient<'_>,
    room: &RoomId,
    has_history: bool,
    note: &dyn Fn(Option<&str>),
) -> Result<(), ApiError> {
    let detail = rooms::get(room).timeout_ms(PATIENCE_MS);
    match server.send(detail).await {
        Ok(detail) => note(detail.avatar.as_deref()),
        // Purged since the list was read.
        Err(error) if error.is_not_found() => return Ok(()),
        Err(error) => return Err(error),
    }
    if !has_history {
        return Ok(());
    }
    let mut from: Option<String> = None;
    loop {
        let page = rooms::member_history(room, from.as_deref()).timeout_ms(PATIENCE_MS);
        let page = server.send(page).await?;
        for event in &page.chunk {
            note(event.avatar_url.as_deref());
        }
        match page.end {
            Some(end) if from.as_ref() != Some(&end) => from = Some(end),
            _ => return Ok(()),
        }
    }
}
