//! The tab "Media": the files of the room's messages. Of encrypted messages the server knows
//! none.

use super::Shown;
use crate::api::media;
use crate::api::server::Feature;
use crate::api::{ApiError, MxcUri, RoomId};
use crate::i18n::features::why_not;
use crate::i18n::{Words, t};
use crate::known::Why;
use crate::lists::cached;
use crate::lists::{
    Filter, FilterKind, List, ListPage, ListQuery, ListSpec, Reading, Source, arrange,
};
use crate::media::StoredFile;
use crate::pages::media::files::{Beyond, Shelf, bulk, columns};
use crate::runner::hopeless::Failures;
use crate::session::{Client, Session};
use crate::ui::{IntoNode, Node, view};
use futures_util::stream::{self, StreamExt};
use leptos::prelude::*;
use std::cell::{Cell, RefCell};
use std::collections::{HashMap, HashSet};
use std::rc::Rc;

/// So many files are looked up at a time.
const AT_ONCE: usize = 4;

/// Where more than a page of them is looked up, it is said how far that is.
const MANY: u64 = 100;

/// What the server has said of files, by their addresses: also that it has none of it. Where it did not
/// answer nothing is kept, and it is asked again.
type Answers = Rc<RefCell<HashMap<String, StoredFile>>>;

/// The tab with the files of a room's messages.
pub fn tab(shown: Shown) -> Node {
    let lack = Session::get().capabilities_now().lack(Feature::MediaInfo);
    let known: RefCell<Answers> = RefCell::default();
    let of_changes = Cell::new(shown.changed.get_untracked());
    let shelf = Shelf::new(shown.changed);
    let tells = lack.is_none();
    let spec = ListSpec::new(
        "room-media",
        t::nav_media,
        |row: &StoredFile| row.uri.to_string(),
        Source::here(move |query, reading| {
            // What was known before a change is not known any more, nor what is being asked still.
            let changes = shown.changed.try_get_untracked().unwrap_or_default();
            if of_changes.replace(changes) != changes || reading.is_refresh() {
                known.take();
            }
            let known = Rc::clone(&known.borrow());
            load(shown.id(), known, tells, query, reading)
        }),
    )
    .search(t::room_media_search)
    .filter(Filter::new(
        "where",
        t::room_media_where,
        FilterKind::Choice(vec![
            ("local", t::room_members_local as Words),
            ("remote", t::room_members_remote),
        ]),
    ))
    .empty("media", t::room_media_none, Some(t::room_media_none_text))
    .reload(shown.changed)
    .bulk(move |picked| bulk(shelf, picked));
    let beyond = Beyond {
        owners: tells,
        servers: true,
        sorted: false,
    };
    let spec = spec.columns(columns(shelf, beyond));
    view! {
        <p class="tab-lead">{t::room_media_lead}</p>
        {lack.map(|lack| view! { <p class="action-reason">{why_not(lack)}</p> })}
        {shelf.options()}
        <List spec />
        {shelf.dialogs()}
    }
    .into_node()
}

/// The files of the room, each once. Of each only the address is known, for this reason.
async fn files(room: &RoomId, query: &ListQuery, why: Why) -> Result<Vec<StoredFile>, ApiError> {
    let found = Client::get().send(media::of_room(room)).await?;
    let mut seen = HashSet::new();
    let local = found.local.into_iter().map(|uri| (uri, true));
    let remote = found.remote.into_iter().map(|uri| (uri, false));
    let wanted = query.get("where");
    Ok(local
        .chain(remote)
        .filter(|(uri, _)| seen.insert(uri.clone()))
        .filter(|(_, is_local)| match wanted {
            Some("local") => *is_local,
            Some("remote") => !*is_local,
            _ => true,
        })
        .filter_map(|(uri, is_local)| {
            Some(StoredFile::unknown(MxcUri::parse(&uri)?, is_local, why))
        })
        .collect())
}

async fn load(
    room: RoomId,
    known: Answers,
    tells: bool,
    query: ListQuery,
    reading: Reading,
) -> Result<ListPage, ApiError> {
    let why = if tells { Why::Silent } else { Why::TooOld };
    let rows = files(&room, &query, why).await?;
    let (mut page, total) = arrange(
        rows,
        &query,
        |row| row.uri.to_string(),
        |(), a, b| a.uri.to_string().cmp(&b.uri.to_string()),
    );
    let silent = match tells {
        true => look_up(&known, &mut page, &reading).await?,
        false => Vec::new(),
    };
    Ok(ListPage::new(page, total).noted(cached::untold(&silent)))
}

/// Fills in what the server keeps of the files, and answers with those of which it did not say.
async fn look_up(
    known: &Answers,
    rows: &mut [StoredFile],
    reading: &Reading,
) -> Result<Vec<String>, ApiError> {
    let missing: Vec<StoredFile> = rows
        .iter()
        .filter(|row| !known.borrow().contains_key(&row.uri.to_string()))
        .cloned()
        .collect();
    let of = missing.len() as u64;
    let mut answers = stream::iter(missing)
        .map(|row| async move {
            let answer = Client::get().send(media::info(&row.uri)).await;
            (row, answer)
        })
        .buffer_unordered(AT_ONCE)
        .enumerate();
    let (mut silent, mut failures) = (Vec::new(), Failures::default());
    let collect = async {
        while let Some((done, (row, answer))) = answers.next().await {
            if of > MANY {
                reading.progress(done as u64 + 1, Some(of));
            }
            let uri = row.uri.to_string();
            let told = match answer {
                Ok(info) => StoredFile::of_info(row.uri, row.is_local, info.media_info),
                // It is gone, or there is no copy of it here.
                Err(error) if error.is_not_found() => {
                    StoredFile::unknown(row.uri, row.is_local, Why::NoRecord)
                }
                Err(error) if error == ApiError::Cancelled || failures.are_hopeless(&error) => {
                    return Err(error);
                }
                Err(_) => {
                    silent.push(uri);
                    continue;
                }
            };
            failures.end();
            known.borrow_mut().insert(uri, told);
        }
        Ok(())
    };
    reading.unless_cancelled(collect).await?;
    for row in rows {
        if let Some(told) = known.borrow().get(&row.uri.to_string()) {
            *row = told.clone();
        }
    }
    Ok(silent)
}
