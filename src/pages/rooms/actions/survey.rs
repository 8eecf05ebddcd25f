//! What else a deletion would hit: addresses, files, bytes in the database.

use crate::api::rooms::Room;
use crate::api::server::Feature;
use crate::api::{ApiError, UserId, directory, media, rooms, statistics};
use crate::i18n::features::why_not;
use crate::i18n::{format, t};
use crate::lists::Reading;
use crate::rooms::actions::Action;
use crate::rooms::unread::of_rooms;
use crate::session::{Client, Session};
use std::cell::Cell;
use std::collections::HashSet;

/// How many of those who leave are named.
const NAMED: usize = 5;

/// For so many rooms addresses and files are counted; the server reads a whole room for it.
const COUNTED: usize = 25;

thread_local! {
    /// Whether the server has said that it cannot tell, as it does with SQLite. It is not asked
    /// again.
    static REFUSED: Cell<bool> = const { Cell::new(false) };
}

/// What is worth knowing before this is done to them.
pub async fn facts(
    action: Action,
    which: &[Room],
    reading: &Reading,
) -> Result<Vec<(String, String)>, ApiError> {
    let number = |count: usize| format::number(count as f64);
    let client = Client::get();
    let (mut aliases, mut local, mut remote) = (Vec::new(), HashSet::new(), HashSet::new());
    let (mut no_files, mut no_aliases) = (0, 0);
    let mut facts = Vec::new();
    if which.len() > COUNTED {
        let most = number(COUNTED);
        return Ok(vec![(t::room_fact_rest(), t::room_fact_rest_many(&most))]);
    }
    for (done, room) in which.iter().enumerate() {
        reading.progress(done as u64, Some(which.len() as u64));
        if reading.is_cancelled() {
            return Err(ApiError::Cancelled);
        }
        // A broken room must be deletable all the same.
        match client.send(media::of_room(&room.room_id)).await {
            Ok(files) => {
                local.extend(files.local);
                remote.extend(files.remote);
            }
            Err(_) => no_files += 1,
        }
        if action == Action::Delete {
            match client.send(directory::aliases(&room.room_id)).await {
                Ok(found) => aliases.extend(found.aliases),
                Err(_) => no_aliases += 1,
            }
        }
    }
    let told = |found: String, unread: usize| of_rooms(found, which.len(), unread);
    if action == Action::Delete {
        facts.extend(former(which).await);
        if let [room] = which {
            facts.extend(leaving(room).await);
        }
        let few = aliases.len() <= 3 && !aliases.is_empty();
        let shown = if few {
            aliases.join(", ")
        } else {
            number(aliases.len())
        };
        facts.push((t::room_fact_aliases(), told(shown, no_aliases)));
        if let Some(bytes) = database(which).await {
            facts.push((t::room_fact_database(), format::bytes(bytes)));
        }
    }
    let files = |count: usize| told(number(count), no_files);
    facts.push((t::room_fact_files(), files(local.len())));
    facts.push((t::room_fact_files_elsewhere(), files(remote.len())));
    Ok(facts)
}

/// How many of the rooms people of this server have left without forgetting them: they still read
/// what was said there. Nothing where all are forgotten.
async fn former(which: &[Room]) -> Option<(String, String)> {
    let lack = Session::get()
        .capabilities_now()
        .lack(Feature::ForgottenRooms);
    if let Some(lack) = lack {
        return Some((t::room_fact_former(), why_not(lack)));
    }
    let (mut asked, mut read, mut unread) = (0, 0, 0);
    for room in which {
        if room.joined_local_members == Some(0) {
            asked += 1;
            match Client::get().send(rooms::get(&room.room_id)).await {
                Ok(detail) => read += usize::from(!detail.forgotten),
                Err(_) => unread += 1,
            }
        }
    }
    let found = of_rooms(format::number(read as f64), asked, unread);
    (read + unread > 0).then(|| (t::room_fact_former(), found))
}

/// The local members of a room, who would have to leave it.
async fn leaving(room: &Room) -> Option<(String, String)> {
    let own = Session::get().server_name()?;
    let Ok(members) = Client::get().send(rooms::members(&room.room_id)).await else {
        return Some((t::room_fact_leaving(), t::room_fact_unknown()));
    };
    let is_local = |user: &&UserId| user.server() == own;
    let local: Vec<&UserId> = members.members.iter().filter(is_local).collect();
    let mut names: Vec<&str> = local.iter().take(NAMED).map(|user| user.as_str()).collect();
    if local.len() > NAMED {
        names.push("…");
    }
    (!names.is_empty()).then(|| (t::room_fact_leaving(), names.join(", ")))
}

/// How many bytes of the database they take, if all are among the ten that take most: of others
/// the server does not tell.
async fn database(rooms: &[Room]) -> Option<u64> {
    if REFUSED.get() {
        return None;
    }
    let answer = Client::get().send(statistics::largest_rooms()).await;
    REFUSED.set(matches!(
        answer,
        Err(ApiError::Matrix {
            status: 400 | 404 | 500,
            ..
        })
    ));
    let largest = answer.ok()?;
    let size = |room: &Room| {
        let found = largest.rooms.iter().find(|of| of.room_id == room.room_id)?;
        Some(found.estimated_size)
    };
    rooms.iter().map(size).sum()
}
