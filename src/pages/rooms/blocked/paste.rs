//! The text in which rooms are read, and what of it is none.

use super::{PASTE, PASTED, blocks, filter};
use crate::address::identifier::RoomOrAlias;
use crate::address::route::Route;
use crate::api::rooms;
use crate::browser::navigation::{HistoryStep, navigate};
use crate::components::badge::Tone;
use crate::components::button::{Button, ButtonKind};
use crate::components::field::Lines;
use crate::components::notice::Notice;
use crate::components::page::Card;
use crate::i18n::errors::explain;
use crate::i18n::{format, t};
use crate::rooms::pasted::{self, WrongLine};
use crate::session::Client;
use crate::ui::{IntoNode, Node, view};
use futures_util::stream::{self, StreamExt};
use leptos::prelude::*;
use std::collections::HashSet;
use wasm_bindgen_futures::spawn_local;

/// So many aliases are looked up at a time.
const AT_ONCE: usize = 4;

/// So many of the lines without a room are shown.
const SHOWN: usize = 50;

/// What came of a text.
#[derive(Clone)]
struct Taken {
    rooms: usize,
    repeated: usize,
    wrong: Vec<WrongLine>,
    /// Aliases that lead nowhere, and why.
    lost: Vec<(String, String)>,
}

/// The card with the text. The list is read anew when `changed` counts up.
pub fn card(changed: RwSignal<u32>) -> Node {
    let text = RwSignal::new(String::new());
    let busy = RwSignal::new(false);
    let taken: RwSignal<Option<Taken>> = RwSignal::new(None);
    let look_up = move || {
        let read = text.with_untracked(|text| pasted::read(text));
        busy.set(true);
        spawn_local(async move {
            let found = take(read).await;
            // The page may have been left.
            if busy.try_set(false).is_some() {
                return;
            }
            let any = found.rooms > 0;
            taken.set(Some(found));
            changed.update(|changed| *changed += 1);
            if any {
                let query = format!("{}={PASTED}", filter::FROM);
                navigate(&Route::BlockedRooms.at(&query), HistoryStep::Replace);
            }
        });
    };
    view! {
        <div class="cards" data-wide="true">
        <Card title=Signal::derive(t::blocked_paste)>
            <Lines
                label=t::blocked_paste_field
                hint=Signal::derive(t::blocked_paste_hint)
                value=text
                mono=true
                rows=5
            />
            <div class="form-actions">
                <Button
                    label=t::blocked_look_up
                    icon="search"
                    kind=ButtonKind::Primary
                    busy
                    disabled=Signal::derive(move || text.with(|text| text.trim().is_empty()))
                    on_press=look_up
                />
            </div>
            <div aria-live="polite">{move || taken.get().map(|taken| outcome(&taken))}</div>
        </Card>
        </div>
    }
    .into_node()
}

/// Keeps the rooms of a text; aliases are followed to theirs.
async fn take(read: pasted::Pasted) -> Taken {
    let resolve = |room: RoomOrAlias| async move {
        match room {
            RoomOrAlias::Id(id) => Ok(id),
            RoomOrAlias::Alias(alias) => match Client::get().send(rooms::resolve(&alias)).await {
                Ok(found) => Ok(found.room_id),
                Err(error) => Err((alias.to_string(), explain(&error).sentence)),
            },
        }
    };
    let answers: Vec<_> = stream::iter(read.rooms)
        .map(resolve)
        .buffered(AT_ONCE)
        .collect()
        .await;
    let (mut ids, mut seen, mut lost) = (Vec::new(), HashSet::new(), Vec::new());
    let mut repeated = read.repeated;
    for answer in answers {
        match answer {
            // An alias may lead to a room that stands there as well.
            Ok(id) if seen.insert(id.clone()) => ids.push(id),
            Ok(_) => repeated += 1,
            Err(what) => lost.push(what),
        }
    }
    let rooms = ids.len();
    if rooms > 0 {
        PASTE.set((blocks::owner(), ids));
    }
    Taken {
        rooms,
        repeated,
        wrong: read.wrong,
        lost,
    }
}

fn outcome(taken: &Taken) -> Node {
    let mut words = t::blocked_read(taken.rooms as u64);
    if taken.repeated > 0 {
        words = format!("{words} {}", t::blocked_repeated(taken.repeated as u64));
    }
    let wrong = taken.wrong.iter();
    let mut lines: Vec<String> = wrong
        .map(|wrong| t::blocked_wrong_line(&format::number(wrong.line as f64), &wrong.text))
        .collect();
    lines.extend(
        taken
            .lost
            .iter()
            .map(|(alias, why)| t::blocked_lost_alias(alias, why)),
    );
    let count = lines.len();
    let more = count.saturating_sub(SHOWN);
    lines.truncate(SHOWN);
    let rows = lines
        .into_iter()
        .map(|line| view! { <li><bdi>{line}</bdi></li> })
        .collect_view();
    let problems = (count > 0).then(|| {
        let more = (more > 0).then(|| view! { <p>{t::blocked_wrong_more(more as u64)}</p> });
        view! {
            <Notice tone=Tone::Warning title=Signal::stored(t::blocked_wrong(count as u64))>
                <ul class="long-text">{rows}</ul>
                {more}
            </Notice>
        }
    });
    view! {
        <p>{words}</p>
        {problems}
    }
    .into_node()
}
