//! What removing the history up to a moment would hit, while the moment is being chosen.

use crate::api::tolerant::Timestamp;
use crate::api::{ApiError, RoomId};
use crate::components::notice::Notice;
use crate::components::remote::remote;
use crate::i18n::{format, t};
use crate::rooms::purge_preview::{self, Counted};
use crate::session::{Client, Session};
use crate::ui::{IntoNode, Node, view};
use leptos::prelude::*;
use std::rc::Rc;

/// For so many rooms messages are counted.
const COUNTED: usize = 10;

/// The numbers for these rooms; nothing while no moment is chosen, or an event instead of one.
pub fn preview(
    rooms: Rc<[RoomId]>,
    chosen: Memo<Option<Timestamp>>,
    local: RwSignal<bool>,
) -> Node {
    if rooms.len() > COUNTED {
        return ().into_node();
    }
    let rooms = StoredValue::new_local(rooms);
    let numbers = move || {
        let moment = chosen.get()?;
        Some(remote(
            RwSignal::new(0),
            move || ask(rooms.get_value(), moment, chosen),
            move |counted: &Counted| numbers(*counted, local),
        ))
    };
    view! { <div class="preview" aria-live="polite">{numbers}</div> }.into_node()
}

async fn ask(
    rooms: Rc<[RoomId]>,
    moment: Timestamp,
    chosen: Memo<Option<Timestamp>>,
) -> Result<Counted, ApiError> {
    let Some(own) = Session::get().server_name() else {
        return Err(ApiError::Cancelled);
    };
    let client = Client::get();
    // Another moment may be chosen, or the dialog closed.
    let go_on = || chosen.try_get_untracked() == Some(Some(moment));
    let mut all = Counted::default();
    for room in &*rooms {
        let found = purge_preview::count(client.patient(), room, moment, &own, &go_on).await?;
        all.before += found.before;
        all.own += found.own;
        all.after += found.after;
        all.more |= found.more;
    }
    Ok(all)
}

fn numbers(counted: Counted, local: RwSignal<bool>) -> Node {
    let Counted {
        before,
        own,
        after,
        more,
    } = counted;
    let words = move || {
        let hit = if local.get() || !knows_own() {
            before
        } else {
            before - own
        };
        let number = |count: u64| match more {
            true => t::room_purge_at_least(&format::number(count as f64)),
            false => format::number(count as f64),
        };
        t::room_purge_preview(
            &format::number(after as f64),
            &number(hit),
            &number(before - hit),
        )
    };
    view! { <Notice>{words}</Notice> }.into_node()
}

/// Whether this server can tell its own users' messages apart; older ones take every event of a
/// room for one from elsewhere.
pub fn knows_own() -> bool {
    Session::get().capabilities_now().since(156)
}
