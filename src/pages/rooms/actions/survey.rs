//! What else a deletion would hit: addresses, files, bytes in the database.

use crate::api::rooms::Room;
use crate::api::server::Feature;
use crate::api::{ApiError, UserId, directory, media, rooms, statistics};
use crate::i18n::features::why_not;
use crate::i18n::{format, t};
use crate::lists::Reading;
use crate::rooms::actions::Action;
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
        if let Ok(files) = client.send(media::of_room(&room.room_id)).await {
            local.extend(files.local);
            remote.extend(files.remote);
        }
        if action == Action::Delete
            && let Ok(found) = client.send(directory::aliases(&room.room_id)).await
        {
            aliases.extend(found.aliases);
        }
    }
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
        facts.push((t::room_fact_aliases(), shown));
        if let Some(bytes) = database(which).await {
            facts.push((t::room_fact_database(), format::bytes(bytes)));
        }
    }
    facts.push((t::room_fact_files(), number(local.len())));
    facts.push((t::room_fact_files_elsewhere(), number(remote.len())));
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
    let mut read = 0;
    for room in which {
        if room.joined_local_members == Some(0) {
            let detail = Client::get().send(rooms::get(&room.room_id)).await.ok()?;
            read += usize::from(!detail.forgotten);
        }
    }
    (read > 0).then(|| (t::room_fact_former(), format::number(read as f64)))
}

/// The local members of a room, who would have to leave it.
async fn leaving(room: &Room) -> Option<(String, String)> {
    let own = Session::get().server_name()?;
    let members = Client::get()
        .send(rooms::members(&room.room_id))
        .await
        .ok()?;
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
