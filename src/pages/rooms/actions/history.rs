//! What removing the history up to a moment or an event would hit, while that is being chosen.

use crate::api::exchange::Clock;
use crate::api::room_removal::UpTo;
use crate::api::{ApiError, RoomId};
use crate::browser::clock::BrowserClock;
use crate::components::notice::Notice;
use crate::components::remote::remote;
use crate::i18n::{format, t};
use crate::rooms::purge_preview::{self, Counted, Counting};
use crate::session::{Client, Session};
use crate::ui::{IntoNode, Node, view};
use leptos::prelude::*;
use std::rc::Rc;

/// For so many rooms messages are counted.
const COUNTED: usize = 10;

/// How long nobody must have typed before an event is asked for, in milliseconds.
const QUIET_MS: u64 = 250;

/// The numbers for these rooms; nothing while nothing is chosen up to where.
pub fn preview(rooms: Rc<[RoomId]>, chosen: Memo<Option<UpTo>>, local: RwSignal<bool>) -> Node {
    if rooms.len() > COUNTED {
        let most = format::number(COUNTED as f64);
        return view! { <Notice>{t::room_purge_uncounted(&most)}</Notice> }.into_node();
    }
    let rooms = StoredValue::new_local(rooms);
    let numbers = move || {
        let up_to = chosen.get()?;
        Some(remote(
            RwSignal::new(0),
            move || ask(rooms.get_value(), up_to.clone(), chosen),
            move |counted: &Option<Counted>| match counted {
                Some(counted) => numbers(*counted, local),
                None => view! { <Notice>{t::room_purge_no_event}</Notice> }.into_node(),
            },
        ))
    };
    view! { <div class="preview" aria-live="polite">{numbers}</div> }.into_node()
}

/// The numbers; `None` if the event that was chosen is not in the room.
async fn ask(
    rooms: Rc<[RoomId]>,
    up_to: UpTo,
    chosen: Memo<Option<UpTo>>,
) -> Result<Option<Counted>, ApiError> {
    let Some(own) = Session::get().server_name() else {
        return Err(ApiError::Cancelled);
    };
    let is_event = matches!(up_to, UpTo::Event(_));
    if is_event {
        BrowserClock.sleep(QUIET_MS).await;
    }
    let client = Client::get();
    // Something else may be chosen, or the dialog closed.
    let go_on = || chosen.try_get_untracked().flatten().as_ref() == Some(&up_to);
    let mut all = Counted::default();
    for room in &*rooms {
        let counting = Counting {
            server: client.patient(),
            room,
            own: &own,
            go_on: &go_on,
        };
        match counting.count(&up_to).await {
            Ok(found) => all = all.and(found),
            Err(error) if is_event && error.is_not_found() => return Ok(None),
            Err(error) => return Err(error),
        }
    }
    Ok(Some(all))
}

fn numbers(counted: Counted, local: RwSignal<bool>) -> Node {
    let Counted {
        before,
        after,
        more,
        more_after,
        ..
    } = counted;
    let words = move || {
        let hit = counted.removed(local.get(), knows_own());
        let number = |count: u64, more: bool| match more {
            true => t::at_least(&format::number(count as f64)),
            false => format::number(count as f64),
        };
        t::room_purge_preview(
            &number(after, more_after),
            &number(hit, more),
            &number(before - hit, more),
        )
    };
    view! { <Notice>{words}</Notice> }.into_node()
}

/// Whether this server certainly leaves its own users' messages.
pub fn knows_own() -> bool {
    Session::get().of_capabilities(purge_preview::knows_own)
}
