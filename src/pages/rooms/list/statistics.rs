//! Whether the server's statistics stand still (`stats: enabled: false`): then all that the list
//! counts by is as of long ago, and no answer of the server says so. A few of the rooms that a
//! housekeeping question finds are asked for their members, which are no statistics.

use crate::api::rooms::{self, Room};
use crate::api::tolerant::Timestamp;
use crate::api::{ApiError, RoomId};
use crate::browser::only_one;
use crate::components::badge::Tone;
use crate::components::notice::Notice;
use crate::i18n::t;
use crate::session::{Client, Session};
use crate::ui::{IntoNode, Node, view};
use leptos::prelude::*;
use std::borrow::Borrow;
use std::cell::Cell;
use wasm_bindgen_futures::spawn_local;

/// So many rooms are asked.
const ASKED: usize = 5;

/// Rooms of which the server says that they have more members are not: the answer is long.
const MOST_MEMBERS: u64 = 500;

/// What came out.
#[derive(Clone, Copy, Default, PartialEq)]
struct Compared {
    /// When the list was read that it is about, and how many rooms were found in it: the same is
    /// asked about once.
    of: Option<(Timestamp, usize)>,
    asked: u64,
    /// In so many of them are people of this server, of whom the statistics say nothing.
    differ: u64,
}

/// A handle: copies are the same.
#[derive(Clone, Copy)]
struct Shared(RwSignal<Compared>);

thread_local! {
    static COMPARED: Cell<Option<Shared>> = const { Cell::new(None) };
}

fn compared() -> RwSignal<Compared> {
    only_one::get(&COMPARED, || Shared(RwSignal::new(Compared::default()))).0
}

/// Asks some of the rooms that were found in a list of this age, beside whatever else goes on.
pub fn compare(found: &[impl Borrow<Room>], read_at: Timestamp) {
    let state = compared();
    let of = Some((read_at, found.len()));
    if found.is_empty() || state.with_untracked(|last| last.of == of) {
        return;
    }
    let few = found.iter().map(Borrow::borrow).filter(|room| {
        room.joined_members
            .is_some_and(|count| count <= MOST_MEMBERS)
    });
    let few: Vec<RoomId> = few.map(|room| room.room_id.clone()).collect();
    // From all parts of the list.
    let step = few.len().div_ceil(ASKED).max(1);
    let few: Vec<RoomId> = few.into_iter().step_by(step).collect();
    let mut all = Compared {
        of,
        ..Compared::default()
    };
    state.set(all);
    spawn_local(async move {
        for room in few {
            // A room that says nothing proves nothing.
            let Ok(differs) = differs(&room).await else {
                continue;
            };
            all.asked += 1;
            all.differ += u64::from(differs);
        }
        if state.try_with_untracked(|last| last.of == of) == Some(true) {
            state.set(all);
        }
    });
}

/// Whether people of this server are in a room although its statistics, as they are now, say that
/// nobody is. Other differences may be a matter of seconds: the server counts after the fact.
async fn differs(room: &RoomId) -> Result<bool, ApiError> {
    let client = Client::get();
    let own = Session::get().server_name();
    let members = client.send(rooms::members(room)).await?.members;
    if members.iter().all(|user| Some(user.server()) != own) {
        return Ok(false);
    }
    let counted = client.send(rooms::get(room)).await?.room;
    Ok(counted.joined_local_members == Some(0))
}

/// Warns, where they differ.
pub fn warning() -> Node {
    let state = compared();
    let words = move || {
        let Compared { asked, differ, .. } = state.get();
        (differ > 0).then(|| t::room_statistics_still(asked, &differ.to_string()))
    };
    let warning = move || {
        let words = words()?;
        let notice = view! {
            <div class="view-warning">
                <Notice tone=Tone::Warning>{words}</Notice>
            </div>
        };
        Some(notice.into_node())
    };
    view! { <div aria-live="polite">{warning}</div> }.into_node()
}
