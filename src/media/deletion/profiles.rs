//! Which files are profile images: those of users and rooms today, and those that stand in old
//! membership events, all of which Synapse keeps.

use super::survey::{AT_ONCE, PAGE, Phase, SurveyProgress, is_about_one};
use crate::api::exchange::Patient;
use crate::api::rooms::ListRooms;
use crate::api::server::Capabilities;
use crate::api::tolerant::Timestamp;
use crate::api::users::{self, ListUsers};
use crate::api::{ApiError, MxcUri, RoomId, ServerName, rooms};
use crate::media::StoredFile;
use futures_util::{StreamExt, TryStreamExt, stream};
use std::cell::{Cell, RefCell};
use std::collections::HashSet;
use std::hash::{DefaultHasher, Hash, Hasher};

/// How long one room may take to answer, in milliseconds: a single one that hangs must not hold up
/// the rest.
const PATIENCE_MS: u32 = 15_000;

/// For so long what rooms name is kept, in milliseconds. Who has set which picture lately, the list of users
/// tells each time.
const KEPT_MS: i64 = 60 * 60 * 1000;

/// The profile images that rooms name, as far as they have been read: of a large server that takes so long
/// that nobody should have to wait for it twice. A reading that was cut off is gone on with.
#[derive(Default)]
pub struct RoomImages {
    since: Option<Timestamp>,
    rooms: HashSet<RoomId>,
    /// Of their IDs no more than a number each: a large server has more than fit a page. What has the number
    /// of another by chance stays.
    images: HashSet<u64>,
}

impl RoomImages {
    /// Forgets what was read too long ago.
    pub fn freshen(&mut self, now: Timestamp) {
        let is_good = |since: Timestamp| (0..KEPT_MS).contains(&(now.0 - since.0));
        if !self.since.is_some_and(is_good) {
            *self = RoomImages {
                since: Some(now),
                ..Default::default()
            };
        }
    }

    fn number(media_id: &str) -> u64 {
        let mut hasher = DefaultHasher::new();
        media_id.hash(&mut hasher);
        hasher.finish()
    }
}

/// Which files are profile images.
pub struct ProfileImages {
    pub media_ids: HashSet<String>,
    /// Whether old ones could be looked up as well. Not on Synapse before 1.68.
    pub is_whole: bool,
    /// What the rooms are called that could not be read, so that images which only they name are
    /// not known.
    pub unread_rooms: Vec<String>,
    /// Since when what rooms name was kept, if not all of them have been asked now.
    pub kept_since: Option<Timestamp>,
    /// Why the list of users or of rooms could not be read to its end, so that any may be missing.
    pub failed: Option<ApiError>,
}

/// Finds those of the files that Synapse would keep as profile images. Costs a request per thousand
/// users and two per room that is not among the known ones, if any of them may be one.
pub async fn profile_images(
    server: Patient<'_>,
    files: &[StoredFile],
    own: &ServerName,
    capabilities: &Capabilities,
    known: &RefCell<RoomImages>,
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
        kept_since: None,
        failed: None,
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
    found.failed = cut_off(of_users(server, capabilities, &note, report).await)?;
    // Nobody asks the rooms about images that are known to be kept.
    if kept.borrow().len() < images.len() {
        found.is_whole = capabilities.since(68);
        let note = |uri: Option<&str>| {
            if let Some(uri) = uri.and_then(MxcUri::parse)
                && uri.server == *own
            {
                let number = RoomImages::number(&uri.media_id);
                known.borrow_mut().images.insert(number);
            }
        };
        let rooms = of_rooms(server, capabilities, known, &note, report).await?;
        found.unread_rooms = rooms.unread;
        found.failed = found.failed.or(rooms.failed);
        let known = known.borrow();
        found.kept_since = known.since.filter(|_| rooms.are_some_kept);
        let is_named = |id: &&String| known.images.contains(&RoomImages::number(id));
        kept.borrow_mut()
            .extend(images.iter().filter(is_named).cloned());
    }
    found.media_ids = kept.into_inner();
    Ok(found)
}

/// Why a list has no end, unless that is about more than this list.
fn cut_off(list: Result<(), ApiError>) -> Result<Option<ApiError>, ApiError> {
    match list {
        Err(error) if error.needs_a_person() => Err(error),
        list => Ok(list.err()),
    }
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

/// What came of reading the rooms.
struct RoomsRead {
    /// What those are called that could not be read.
    unread: Vec<String>,
    /// Why their list could not.
    failed: Option<ApiError>,
    /// Whether some had been read before.
    are_some_kept: bool,
}

/// Reads the rooms that are not among the known ones.
async fn of_rooms(
    server: Patient<'_>,
    capabilities: &Capabilities,
    known: &RefCell<RoomImages>,
    note: &dyn Fn(Option<&str>),
    report: &dyn Fn(SurveyProgress),
) -> Result<RoomsRead, ApiError> {
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
    let failed = cut_off(server.each_page(ask, each).await)?;
    let total = all.len() as u64;
    all.retain(|(room, _)| !known.borrow().rooms.contains(room));
    let before = total - all.len() as u64;
    let done = Cell::new(before);
    let unread = RefCell::default();
    let has_history = capabilities.since(68);
    report(SurveyProgress {
        phase: Phase::Rooms,
        done: before,
        total,
    });
    stream::iter(all)
        .map(|(room, title)| {
            let (done, unread): (_, &RefCell<Vec<String>>) = (&done, &unread);
            async move {
                match of_room(server, &room, has_history, note).await {
                    // One broken room is no reason to know nothing of all others.
                    Err(error) if is_about_one(&error) => unread.borrow_mut().push(title),
                    Err(error) => return Err(error),
                    Ok(()) => {
                        known.borrow_mut().rooms.insert(room);
                    }
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
    Ok(RoomsRead {
        unread: unread.into_inner(),
        failed,
        are_some_kept: before > 0,
    })
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::known::Why;
    use crate::runner::answering::{asked, recent};
    use futures_util::FutureExt;
    use serde_json::{Value, json};
    use std::rc::Rc;

    /// Which of the files `a`, `b` and `c` are found out to be profile images, and whether the lists were
    /// read to the end.
    fn of(says: &dyn Fn(&str, bool) -> Result<Value, u16>) -> (Vec<String>, bool) {
        let files = ["a", "b", "c"].map(|id| {
            let uri = MxcUri::parse(&format!("mxc://b.org/{id}")).unwrap();
            StoredFile::unknown(uri, true, Why::TooOld)
        });
        let found = asked(
            &|call| {
                says(
                    &call.path,
                    call.query
                        .iter()
                        .any(|(name, value)| *name == "from" && value != "0"),
                )
            },
            |server| {
                async move {
                    let own = ServerName::parse("b.org").unwrap();
                    let capabilities = recent();
                    let known = RefCell::default();
                    let look = profile_images(server, &files, &own, &capabilities, &known, &|_| ());
                    look.await.unwrap()
                }
                .boxed_local()
            },
        );
        let mut ids: Vec<String> = found.media_ids.into_iter().collect();
        ids.sort();
        (ids, found.failed.is_none())
    }

    #[test]
    fn a_page_that_fails_loses_nothing_that_was_read() {
        let says = |path: &str, is_second: bool| match path {
            path if path.contains("/users") && is_second => Err(500),
            path if path.contains("/users") => Ok(json!({
                "users": [{"name": "@al:b.org", "avatar_url": "mxc://b.org/a"}],
                "total": 2,
                "next_token": "1",
            })),
            path if path.ends_with("/rooms") => Ok(json!({
                "rooms": [{"room_id": "!x:b.org", "name": "X"}],
                "total_rooms": 1,
            })),
            path if path.contains("/messages") => Ok(json!({"chunk": []})),
            _ => Ok(json!({"room_id": "!x:b.org", "avatar": "mxc://b.org/b"})),
        };
        let ids = |ids: &[&str]| ids.iter().map(|id| (*id).to_owned()).collect::<Vec<_>>();
        assert_eq!(of(&says), (ids(&["a", "b"]), false));
        let fails = |path: &str, is_second| match path.ends_with("/rooms") {
            true => Err(500),
            false => says(path, is_second),
        };
        assert_eq!(of(&fails), (ids(&["a"]), false));
        let whole = |path: &str, is_second: bool| match path.contains("/users") && is_second {
            true => Ok(json!({"users": [], "total": 2})),
            false => says(path, is_second),
        };
        assert_eq!(of(&whole), (ids(&["a", "b"]), true));
    }

    #[test]
    fn what_rooms_have_said_is_not_asked_again() {
        let known: Rc<RefCell<RoomImages>> = Rc::default();
        let rooms_asked = Cell::new(0);
        // Which of the files are found, and how many rooms were asked, one of which may be broken.
        let look = |ids: &[&str], is_broken: bool| {
            rooms_asked.set(0);
            let files: Vec<StoredFile> = ids
                .iter()
                .map(|id| {
                    let uri = MxcUri::parse(&format!("mxc://b.org/{id}")).unwrap();
                    StoredFile::unknown(uri, true, Why::TooOld)
                })
                .collect();
            let says = |call: &crate::api::Call| match call.path.as_str() {
                path if path.contains("/users") => Ok(json!({"users": [], "total": 0})),
                path if path.ends_with("/rooms") => Ok(json!({
                    "rooms": [{"room_id": "!x:b.org"}, {"room_id": "!y:b.org"}],
                    "total_rooms": 2,
                })),
                path if path.contains("/messages") => Ok(json!({"chunk": []})),
                path => {
                    rooms_asked.set(rooms_asked.get() + 1);
                    match path.contains("y:b.org") || path.contains("y%3Ab.org") {
                        true if is_broken => Err(500),
                        true => Ok(json!({"room_id": "!y:b.org", "avatar": "mxc://b.org/b"})),
                        false => Ok(json!({"room_id": "!x:b.org", "avatar": "mxc://b.org/a"})),
                    }
                }
            };
            let found = asked(&says, |server| {
                let known = Rc::clone(&known);
                async move {
                    let own = ServerName::parse("b.org").unwrap();
                    profile_images(server, &files, &own, &recent(), &known, &|_| ())
                        .await
                        .unwrap()
                }
                .boxed_local()
            });
            let mut ids: Vec<String> = found.media_ids.into_iter().collect();
            ids.sort();
            (ids, found.unread_rooms.len(), rooms_asked.get())
        };
        let ids = |ids: &[&str]| ids.iter().map(|id| (*id).to_owned()).collect::<Vec<_>>();
        known.borrow_mut().freshen(Timestamp(0));
        let (found, unread, asked) = look(&["a", "b", "c"], true);
        assert_eq!((found, unread), (ids(&["a"]), 1));
        assert!(asked >= 2);
        // The one that was broken alone is asked once more, and other files are told by what is known.
        known.borrow_mut().freshen(Timestamp(KEPT_MS - 1));
        assert_eq!(look(&["a", "b", "d"], false), (ids(&["a", "b"]), 0, 1));
        assert_eq!(look(&["b", "c"], false), (ids(&["b"]), 0, 0));
        assert_eq!(known.borrow().since, Some(Timestamp(0)));
        known.borrow_mut().freshen(Timestamp(KEPT_MS));
        assert_eq!(look(&["b", "c"], false), (ids(&["b"]), 0, 2));
    }
}
