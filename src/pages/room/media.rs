//! The tab "Media": the files of the room's messages. Of encrypted messages the server knows
//! none.

use super::Shown;
use crate::api::media::{self, Origin};
use crate::api::server::Feature;
use crate::api::{ApiError, Call, MxcUri, RoomId};
use crate::components::badge::{Tone, badge};
use crate::components::button::{Button, Kind};
use crate::components::list::{
    Column, Filter, FilterKind, List, ListPage, ListQuery, ListSpec, Picked, Reading, arrange,
};
use crate::components::nothing;
use crate::components::time::time_or_never;
use crate::components::toast::Toasts;
use crate::i18n::features::why_not;
use crate::i18n::{Words, format, t};
use crate::operations::{Confirmation, Operations, Proposal, Target, TargetJob};
use crate::pages::gather::Gatherer;
use crate::session::{Client, Session};
use crate::ui::view;
use futures_util::FutureExt;
use futures_util::stream::{self, StreamExt};
use leptos::prelude::*;
use std::cell::{Cell, RefCell};
use std::collections::{HashMap, HashSet};
use std::rc::Rc;

/// So many files are looked up at a time.
const AT_ONCE: usize = 4;

/// A file, as the tab shows it.
#[derive(Clone)]
struct Row {
    uri: MxcUri,
    is_local: bool,
    /// What the server keeps of it; `None` if it does not tell.
    detail: Option<Origin>,
}

type Known = Rc<RefCell<HashMap<String, Option<Origin>>>>;

thread_local! {
    static SHOWN: Cell<Option<Shown>> = const { Cell::new(None) };
}

/// The tab.
pub fn tab(shown: Shown) -> AnyView {
    SHOWN.set(Some(shown));
    let lack = Session::get().capabilities_now().lack(Feature::MediaInfo);
    let known: Known = Rc::default();
    let gatherer = Gatherer::new();
    let tells = lack.is_none();
    let mut spec = ListSpec::new(
        "room-media",
        t::nav_media,
        |row: &Row| row.uri.to_string(),
        move |query, _reading| {
            // What was known before a change is not known any more.
            if shown.changed.get_untracked() > 0 {
                known.borrow_mut().clear();
            }
            load(shown.id(), Rc::clone(&known), tells, query)
        },
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
    .empty("media", t::room_media_none, None)
    .reload(shown.changed)
    .bulk(move |picked| bulk(gatherer, picked));
    for column in columns(tells) {
        spec = spec.column(column);
    }
    view! {
        <p class="tab-lead">{t::room_media_lead}</p>
        {lack.map(|lack| view! { <p class="action-reason">{why_not(lack)}</p> })}
        <List spec />
        {gatherer.view()}
    }
    .into_any()
}

fn columns(tells: bool) -> Vec<Column> {
    let text = |of: fn(&Origin) -> Option<String>| {
        move |row: &Row| row.detail.as_ref().and_then(of).unwrap_or_default()
    };
    let mut columns = vec![
        Column::new("uri", t::room_media_uri, |row: &Row| row.uri.to_string())
            .copyable()
            .main()
            .grow(12.0, 2.0),
        Column::new("where", t::room_media_where, |row: &Row| {
            row.uri.server.to_string()
        })
        .cell(|row: &Row| match row.is_local {
            true => badge(Tone::Neutral, t::room_members_local),
            false => view! { <bdi>{row.uri.server.to_string()}</bdi> }.into_any(),
        })
        .grow(7.0, 1.0),
    ];
    if tells {
        columns.extend([
            Column::new(
                "upload_name",
                t::media_column_file,
                text(|of| of.upload_name.clone()),
            )
            .grow(8.0, 1.5),
            Column::new("type", t::room_media_type, text(|of| of.media_type.clone())).width(8.0),
            Column::new(
                "size",
                t::user_bytes,
                text(|of| of.media_length.map(|size| size.to_string())),
            )
            .cell(|row: &Row| {
                let size = row.detail.as_ref().and_then(|of| of.media_length);
                size.map_or_else(nothing, |size| format::bytes(size).into_any())
            })
            .number()
            .width(6.0),
            Column::new(
                "uploader",
                t::room_media_uploader,
                text(|of| of.user_id.as_ref().map(ToString::to_string)),
            )
            .grow(8.0, 1.0)
            .hidden(),
            Column::new(
                "created",
                t::room_media_created,
                text(|of| of.created_ts.map(|at| at.0.to_string())),
            )
            .cell(|row: &Row| time_or_never(row.detail.as_ref().and_then(|of| of.created_ts)))
            .width(8.0),
            Column::new(
                "quarantined",
                t::room_media_quarantined,
                text(|of| of.quarantined_by.clone()),
            )
            .cell(|row: &Row| {
                let by = row
                    .detail
                    .as_ref()
                    .and_then(|of| of.quarantined_by.as_ref());
                match by {
                    Some(_) => badge(Tone::Warning, t::room_media_quarantined),
                    None => nothing(),
                }
            })
            .width(7.5),
        ]);
    }
    columns
}

/// The files of the room, each once.
async fn files(room: &RoomId, query: &ListQuery) -> Result<Vec<Row>, ApiError> {
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
            Some(Row {
                uri: MxcUri::parse(&uri)?,
                is_local,
                detail: None,
            })
        })
        .collect())
}

async fn load(
    room: RoomId,
    known: Known,
    tells: bool,
    query: ListQuery,
) -> Result<ListPage, ApiError> {
    let rows = files(&room, &query).await?;
    let (mut page, total) = arrange(
        rows,
        &query,
        |row| row.uri.to_string(),
        |_, a, b| a.uri.to_string().cmp(&b.uri.to_string()),
    );
    if tells {
        look_up(&known, &mut page).await;
    }
    Ok(ListPage::new(page, total))
}

/// Fills in what the server keeps of the files.
async fn look_up(known: &Known, rows: &mut [Row]) {
    let missing: Vec<MxcUri> = rows
        .iter()
        .map(|row| row.uri.clone())
        .filter(|uri| !known.borrow().contains_key(&uri.to_string()))
        .collect();
    let mut answers = stream::iter(missing)
        .map(|uri| async move {
            let answer = Client::get().send(media::info(&uri)).await;
            (uri, answer)
        })
        .buffer_unordered(AT_ONCE);
    while let Some((uri, answer)) = answers.next().await {
        let detail = answer.ok().map(|info| info.media_info);
        known.borrow_mut().insert(uri.to_string(), detail);
    }
    for row in rows {
        row.detail = known.borrow().get(&row.uri.to_string()).cloned().flatten();
    }
}

/// What can be done with files.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Action {
    Quarantine,
    Unquarantine,
    Delete,
}

impl Action {
    fn title(self, count: u64) -> String {
        match self {
            Action::Quarantine => t::user_media_quarantine_count(count),
            Action::Unquarantine => t::user_media_unquarantine_count(count),
            Action::Delete => t::media_delete_count(count),
        }
    }

    fn sentence(self) -> String {
        match self {
            Action::Delete => t::user_media_delete_sentence(),
            _ => t::user_media_quarantine_sentence(),
        }
    }

    fn call(self, uri: &MxcUri) -> Call {
        match self {
            Action::Quarantine => media::quarantine(&uri.server, &uri.media_id).call,
            Action::Unquarantine => media::unquarantine(&uri.server, &uri.media_id).call,
            Action::Delete => media::delete(&uri.server, &uri.media_id).call,
        }
    }
}

fn bulk(gatherer: Gatherer, picked: Picked) -> AnyView {
    let press = move |action: Action| {
        gatherer.gather(
            picked.selection(),
            |mut query, _reading: Reading| {
                async move {
                    let Some(shown) = SHOWN.get() else {
                        return Err(ApiError::Cancelled);
                    };
                    (query.page, query.size) = (1, u64::MAX);
                    let rows = files(&shown.id(), &query).await?;
                    let text = |row: &Row| row.uri.to_string();
                    Ok(arrange(rows, &query, text, |_, _, _| std::cmp::Ordering::Equal).0)
                }
                .boxed_local()
            },
            Rc::new(move |rows| propose(action, rows, picked)),
        );
    };
    view! {
        <Button
            label=t::user_media_quarantine
            icon="quarantine"
            on_press=move || press(Action::Quarantine)
        />
        <Button
            label=t::user_media_unquarantine
            icon="undo"
            on_press=move || press(Action::Unquarantine)
        />
        <Button
            label=t::room_media_delete
            icon="trash"
            kind=Kind::Danger
            on_press=move || press(Action::Delete)
        />
    }
    .into_any()
}

/// Says what would be hit, and does it once confirmed.
fn propose(action: Action, rows: Vec<Row>, picked: Picked) {
    let all = rows.len();
    // The server deletes copies of other servers' files by age only.
    let rows: Rc<[Row]> = rows
        .into_iter()
        .filter(|row| action != Action::Delete || row.is_local)
        .collect();
    if rows.is_empty() {
        return Toasts::get().info(t::room_media_no_local());
    }
    let count = rows.len() as u64;
    let mut facts = vec![match &rows[..] {
        [row] => (t::media_column_file(), row.uri.to_string()),
        _ => (t::user_files(), format::number(count as f64)),
    }];
    if all > rows.len() {
        let left = (all - rows.len()) as f64;
        facts.push((t::room_media_left_out(), format::number(left)));
    }
    let title = action.title(count);
    let run = {
        let title = title.clone();
        move || {
            picked.clear();
            perform(action, &title, &rows);
        }
    };
    Operations::get().propose(Proposal {
        title: t::act_question(&title),
        sentence: action.sentence(),
        facts,
        action: title,
        danger: action == Action::Delete,
        confirmation: match action {
            Action::Delete => Confirmation::Type(count.to_string()),
            Action::Quarantine => Confirmation::Click,
            Action::Unquarantine => Confirmation::None,
        },
        fields: None,
        run: Rc::new(run),
    });
}

fn perform(action: Action, title: &str, rows: &Rc<[Row]>) {
    let targets = rows
        .iter()
        .map(|row| Target {
            name: row.uri.to_string(),
            call: action.call(&row.uri),
        })
        .collect();
    let mut job = TargetJob::new(title.to_owned(), targets);
    if action == Action::Delete {
        job = job.missing_is_done();
    }
    job.on_end(|_| {
        if let Some(shown) = SHOWN.get() {
            shown.refresh();
        }
    })
    .start();
}
