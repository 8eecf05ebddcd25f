//! The files of this server that messages of rooms have, and deleting them.

use crate::api::exchange::Patient;
use crate::api::media;
use crate::api::rooms::Room;
use crate::api::server::Feature;
use crate::api::{ApiError, MxcUri, RoomId};
use crate::components::notice::Notice;
use crate::i18n::{format, t};
use crate::known::Why;
use crate::lists::Reading;
use crate::media::deletion::is_about_one;
use crate::media::of_rooms::{MediaOfRooms, media_of_rooms};
use crate::media::{FileChange, StoredFile};
use crate::operations::Fields;
use crate::operations::acts::Act;
use crate::pages::media::files::{changes, delete, size};
use crate::runner::hopeless::Failures;
use crate::session::{Client, Session, learn};
use crate::ui::{IntoNode, view};
use crate::widgets::actions::Fact;
use futures_util::stream::{self, StreamExt};
use leptos::prelude::*;
use std::cell::RefCell;
use std::rc::Rc;
use wasm_bindgen_futures::spawn_local;

/// So many files are asked about at a time.
const AT_ONCE: usize = 4;

/// The files that will be deleted, once they have been looked up.
pub type RoomFiles = Rc<RefCell<Rc<[StoredFile]>>>;

/// Looks up the files of these rooms, and says what is to be known of them.
pub async fn find(
    which: &[Room],
    found: &RoomFiles,
    reading: &Reading,
) -> Result<Vec<Fact>, ApiError> {
    let client = Client::get().enduring();
    let server = client.patient();
    let Some(own) = Session::get().server_name() else {
        return Err(ApiError::Cancelled);
    };
    let ids: Vec<RoomId> = which.iter().map(|room| room.room_id.clone()).collect();
    let report = |done| reading.progress(done, Some(ids.len() as u64));
    let look = media_of_rooms(server, &ids, &own, &report);
    let MediaOfRooms {
        local,
        elsewhere,
        unread,
        not_known,
    } = reading.unless_cancelled(look).await?;
    let not_known: Vec<String> = not_known.iter().map(ToString::to_string).collect();
    let (files, untold) = told(server, local, reading).await?;
    let (files, protected): (Vec<_>, Vec<_>) = files
        .into_iter()
        .partition(|file| file.is_protected != Some(true));
    let previews = files.iter().filter(|file| file.is_preview).count();
    let files: Rc<[StoredFile]> = files.into_iter().filter(|file| !file.is_preview).collect();
    let profiles = delete::profile_images(server, Rc::clone(&files), reading.clone()).await?;
    let kept = |file: &&StoredFile| profiles.media_ids.contains(&file.uri.media_id);
    let count_kept = files.iter().filter(kept).count();
    let hit: Rc<[StoredFile]> = files.iter().filter(|file| !kept(file)).cloned().collect();
    let services = reading
        .unless_cancelled(delete::services(server, &hit))
        .await?;

    let number = |count: usize| format::number(count as f64);
    let mut facts = vec![
        (t::user_files(), number(hit.len())),
        (
            t::user_bytes(),
            size(&hit).unwrap_or_else(t::room_fact_unknown),
        ),
    ];
    let mut flag = |name: fn() -> String, count: usize| {
        if count > 0 {
            facts.push((name(), number(count)));
        }
    };
    flag(t::media_profiles_stay, count_kept);
    flag(t::room_media_protected_stay, protected.len());
    flag(t::media_previews_stay, previews);
    flag(t::room_media_left_out, elsewhere);
    flag(t::room_media_files_unread, untold);
    flag(t::room_media_rooms_unread, unread);
    if !not_known.is_empty() {
        facts.push((t::room_media_rooms_unknown(), delete::some_of(&not_known)));
    }
    facts.extend(delete::untold(&hit));
    facts.extend(delete::of_services(&services));
    facts.extend(profiles.kept_since.map(delete::profiles_since));
    if !profiles.is_whole {
        facts.push((t::media_profiles_stay(), t::media_old_profiles_unknown()));
    }
    let unread = &profiles.unread_rooms;
    if !unread.is_empty() {
        let words = t::media_rooms_unread(unread.len() as u64);
        let words = format!("{words} {}", delete::some_of(unread));
        facts.push((t::media_profiles_stay(), words));
    }
    found.replace(hit);
    Ok(facts)
}

/// What the server tells of each file, and of how many it does not: these may be protected. Of an old server
/// only the address is known; what is gone is left out.
async fn told(
    server: Patient<'_>,
    uris: Vec<MxcUri>,
    reading: &Reading,
) -> Result<(Vec<StoredFile>, usize), ApiError> {
    if !learn::capabilities().await?.has(Feature::MediaInfo) {
        let unknown = |uri| StoredFile::unknown(uri, true, Why::TooOld);
        return Ok((uris.into_iter().map(unknown).collect(), 0));
    }
    let of = uris.len() as u64;
    let mut answers = stream::iter(uris)
        .map(|uri| async move {
            let answer = server.send(media::info(&uri)).await;
            (uri, answer)
        })
        .buffered(AT_ONCE);
    let (mut files, mut untold, mut failures) = (Vec::new(), 0, Failures::default());
    let collect = async {
        let mut done = 0;
        while let Some((uri, answer)) = answers.next().await {
            done += 1;
            reading.progress(done, Some(of));
            match answer {
                Ok(info) => {
                    failures.end();
                    files.push(StoredFile::of_info(uri, true, info.media_info));
                }
                Err(error) if error.is_not_found() => {}
                Err(error) if is_about_one(&error) && !failures.are_hopeless(&error) => untold += 1,
                Err(error) => return Err(error),
            }
        }
        Ok(())
    };
    reading.unless_cancelled(collect).await?;
    Ok((files, untold))
}

/// Says so where there is nothing to delete, which cannot be confirmed then.
pub fn fields(found: &RoomFiles) -> Fields {
    let is_empty = found.borrow().is_empty();
    Fields {
        view: Rc::new(move || {
            let nothing = is_empty.then(|| view! { <Notice>{t::room_media_nothing}</Notice> });
            view! { {nothing} }.into_node()
        }),
        incomplete: Signal::stored(is_empty),
    }
}

/// The deletion of what was found, file by file.
pub fn act(found: &RoomFiles) -> Option<Act> {
    let files = Rc::clone(&*found.borrow());
    (!files.is_empty()).then(|| delete::act(files, Default::default()))
}

/// Files of this room may have been put into quarantine: the server says how many, not which. Whoever
/// keeps a list of files asks for them anew.
pub fn have_changed(room: RoomId) {
    if !changes::are_kept() {
        return;
    }
    spawn_local(async move {
        let found = Client::get().send(media::of_room(&room)).await;
        // Without an answer, what was read stays as it is.
        let local = found.map(|found| found.local).unwrap_or_default();
        for uri in local.iter().filter_map(|uri| MxcUri::parse(uri)) {
            changes::record(FileChange::UnsureFile(uri.media_id));
        }
    });
}
