//! What a row of a list of files shows.

use super::actions::{self, Action};
use super::{Shelf, delete};
use crate::address::route::Route;
use crate::api::tolerant::Timestamp;
use crate::browser::clock::iso;
use crate::components::badge::{Tone, badge, tick};
use crate::components::icon::icon;
use crate::components::identifier::identifier_text;
use crate::components::link::link_titled;
use crate::components::menu::{Menu, menu_item, menu_item_danger, menu_link};
use crate::components::time::day_or_never;
use crate::components::{nothing, unknown};
use crate::i18n::{Words, format, t};
use crate::known::Known;
use crate::lists::Column;
use crate::media::{FileOrder, StoredFile};
use crate::ui::{IntoNode, Node, view};
use crate::widgets::pictures::thumbnail;
use leptos::prelude::*;
use std::rc::Rc;

/// What a list shows beyond what every list of files does.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Beyond {
    /// Whose they are.
    pub owners: bool,
    /// Which server they are from.
    pub servers: bool,
    /// Whether rows can be ordered.
    pub sorted: bool,
}

/// All columns, in their order.
pub fn columns(shelf: Shelf, beyond: Beyond) -> Vec<Column> {
    let mut columns = vec![
        Column::new("picture", t::user_media_picture, |_: &StoredFile| {
            String::new()
        })
        .cell(move |file: &StoredFile| picture(shelf, file))
        .without_heading()
        .not_exported()
        .width(3.5),
        Column::new("name", t::user_media_name, StoredFile::label)
            .cell(move |file: &StoredFile| name(shelf, file))
            .main()
            .sorted(FileOrder::Name)
            .grow(10.0, 2.0),
    ];
    if beyond.servers {
        columns.push(server());
    }
    if beyond.owners {
        columns.push(owner());
    }
    columns.extend(common(shelf, beyond));
    if beyond.sorted {
        return columns;
    }
    columns.into_iter().map(Column::not_sorted).collect()
}

fn server() -> Column {
    Column::new("server", t::room_media_where, |file: &StoredFile| {
        file.uri.server.to_string()
    })
    .cell(|file: &StoredFile| match file.is_local {
        true => badge(Tone::Neutral, t::room_members_local),
        false => view! { <bdi>{file.uri.server.to_string()}</bdi> }.into_node(),
    })
    .grow(7.0, 1.0)
}

fn owner() -> Column {
    Column::new("user", t::media_column_owner, |file: &StoredFile| {
        let user = file.uploader().value();
        user.map(ToString::to_string).unwrap_or_default()
    })
    .cell(|file: &StoredFile| match file.uploader() {
        Known::Is(user) => {
            // Whoever uploads here is of this server, so its name says nothing.
            let name = format!("@{}", user.localpart());
            link_titled(
                &Route::user(user).tab("media"),
                "cell-text",
                user.to_string(),
                name,
            )
            .into_node()
        }
        Known::Unknown(why) => unknown(why),
    })
    .sorted(FileOrder::Owner)
    .grow(8.0, 1.5)
}

fn common(shelf: Shelf, beyond: Beyond) -> Vec<Column> {
    let mut quarantined = Column::new(
        "quarantined_by",
        t::user_media_quarantined_by,
        |file: &StoredFile| file.quarantined_by.clone().unwrap_or_default(),
    )
    .cell(|file: &StoredFile| {
        let by = file.told(file.quarantined_by.as_deref());
        told(by, |by| by.map_or_else(nothing, identifier_text))
    })
    .sorted(FileOrder::Quarantined)
    .grow(9.75, 0.5);
    // There is a filter for it.
    if beyond.owners {
        quarantined = quarantined.hidden();
    }
    vec![
        Column::new("type", t::users_type, |file: &StoredFile| {
            file.media_type.clone().unwrap_or_default()
        })
        .cell(kind)
        .sorted(FileOrder::Type)
        .grow(6.5, 1.0),
        Column::new("bytes", t::user_bytes, |file: &StoredFile| {
            file.bytes
                .map(|bytes| bytes.to_string())
                .unwrap_or_default()
        })
        .cell(|file: &StoredFile| {
            told(file.told(file.bytes), |bytes| {
                bytes.map_or_else(nothing, |bytes| format::bytes(bytes).into_node())
            })
        })
        .sorted(FileOrder::Size)
        .number()
        .width(6.5),
        moment("uploaded", t::user_media_uploaded, |file| file.created).sorted(FileOrder::Created),
        moment("last_access", t::user_media_last_access, |file| {
            file.last_access
        })
        .sorted(FileOrder::LastAccess),
        quarantined,
        Column::new("protected", t::user_media_protected, |file: &StoredFile| {
            let is = protected(file).value();
            is.map(|is| is.to_string()).unwrap_or_default()
        })
        .cell(|file: &StoredFile| told(protected(file), tick))
        .sorted(FileOrder::Protected)
        .width(7.5)
        .hidden(),
        Column::new("media", t::user_media_uri, |file: &StoredFile| {
            file.uri.to_string()
        })
        .sorted(FileOrder::Id)
        .copyable()
        .grow(10.0, 1.0)
        .hidden(),
        Column::new("actions", t::user_media_actions, |_: &StoredFile| {
            String::new()
        })
        .cell(move |file: &StoredFile| menu(shelf, file))
        .without_heading()
        .not_exported()
        .width(3.25),
    ]
}

fn moment(id: &'static str, label: Words, of: fn(&StoredFile) -> Option<Timestamp>) -> Column {
    Column::new(id, label, move |file: &StoredFile| {
        of(file).map(iso).unwrap_or_default()
    })
    .cell(move |file: &StoredFile| told(file.told(of(file)), day_or_never))
    .width(8.5)
}

/// Whether it is protected from quarantine. Copies never are.
fn protected(file: &StoredFile) -> Known<bool> {
    file.told(file.is_protected == Some(true))
}

/// What is known as `show` has it, or a dash that says why it is not.
fn told<T>(value: Known<T>, show: impl FnOnce(T) -> Node) -> Node {
    match value {
        Known::Is(value) => show(value),
        Known::Unknown(why) => unknown(why),
    }
}

fn kind(file: &StoredFile) -> Node {
    if file.is_pending {
        return view! { <span class="cell-text">{t::user_media_pending}</span> }.into_node();
    }
    told(file.told(file.media_type.clone()), |kind| {
        let Some(kind) = kind else {
            return nothing();
        };
        view! {
            <span class="cell-text" title=kind.clone()>
                {kind}
            </span>
        }
        .into_node()
    })
}

fn picture(shelf: Shelf, file: &StoredFile) -> Node {
    let mark = (file.is_protected == Some(true)).then(|| {
        view! {
            <span class="thumbnail-mark" title=t::user_media_protected>
                {icon("shield-check")}
                <span class="visually-hidden">{t::user_media_protected}</span>
            </span>
        }
    });
    view! { <span class="thumbnail-frame">{small_picture(shelf, file)} {mark}</span> }.into_node()
}

fn small_picture(shelf: Shelf, file: &StoredFile) -> Node {
    // Asking for a copy that is gone would make our server ask the other one.
    if file.has_thumbnail() && file.is_local {
        let uri = file.uri.clone();
        return view! {
            {move || match shelf.pictures.get() {
                true => thumbnail(uri.clone()),
                false => view! { <span class="thumbnail">{icon("media")}</span> }.into_node(),
            }}
        }
        .into_node();
    }
    let picture = match (&file.quarantined_by, file.is_preview) {
        (Some(_), _) => "quarantine",
        (None, true) => "link",
        (None, false) => "file",
    };
    view! { <span class="thumbnail">{icon(picture)}</span> }.into_node()
}

fn name(shelf: Shelf, file: &StoredFile) -> Node {
    let name = file.label();
    if !file.is_served() {
        let state = file
            .quarantined_by
            .is_some()
            .then(|| badge(Tone::Warning, t::room_media_quarantined));
        return view! {
            <span class="cell-text">{name}</span>
            {state}
        }
        .into_node();
    }
    let (file, title) = (file.clone(), name.clone());
    view! {
        <button
            type="button"
            class="text-button"
            title=title
            on:click=move |_| shelf.viewed.set(Some(file.clone()))
        >
            {name}
        </button>
    }
    .into_node()
}

fn menu(shelf: Shelf, file: &StoredFile) -> Node {
    let label = t::user_media_actions_for(&file.label());
    let file = file.clone();
    view! {
        <Menu label=Signal::stored(label)>{items(shelf, &file)}</Menu>
    }
    .into_node()
}

fn items(shelf: Shelf, file: &StoredFile) -> Vec<Node> {
    let one: Rc<[StoredFile]> = Rc::new([file.clone()]);
    let change = |picture: &'static str, label: Words, action: Action| {
        let one = Rc::clone(&one);
        menu_item(picture, label, move || {
            actions::start(action, shelf, Rc::clone(&one), None);
        })
    };
    let mut items = Vec::new();
    if file.is_served() {
        let (open, save) = (file.clone(), file.clone());
        items.push(menu_item("eye", t::user_media_open, move || {
            shelf.viewed.set(Some(open.clone()));
        }));
        items.push(menu_item("download", t::user_media_download, move || {
            shelf.download(&save);
        }));
    }
    items.push(menu_link(
        "media",
        t::file_details,
        &Route::file(&file.uri).to_string(),
    ));
    for (picture, label, action) in actions::of(file) {
        items.push(change(picture, label, action));
    }
    // The server deletes copies of other servers' files by age only.
    if file.is_local {
        items.push(menu_item_danger("trash", t::user_media_delete, move || {
            delete::propose(shelf, Rc::clone(&one), None);
        }));
    }
    items
}
