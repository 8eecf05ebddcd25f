//! What a row of the tab "Media" shows.

use super::actions::{self, Action};
use super::{Shelf, delete, name_of, viewer};
use crate::api::media::{MediaFile, order};
use crate::api::tolerant::Timestamp;
use crate::components::badge::tick;
use crate::components::icon::icon;
use crate::components::identifier::identifier_text;
use crate::components::list::Column;
use crate::components::menu::{Menu, menu_item, menu_item_danger};
use crate::components::nothing;
use crate::components::time::time_or_never;
use crate::i18n::{Words, format, t};
use crate::pages::pictures::thumbnail;
use crate::pages::users::iso;
use crate::ui::view;
use leptos::prelude::*;
use std::rc::Rc;

/// All columns, in their order.
pub fn columns(shelf: Shelf) -> Vec<Column> {
    vec![
        Column::new("picture", t::user_media_picture, |_: &MediaFile| {
            String::new()
        })
        .cell(move |file: &MediaFile| picture(shelf, file))
        .without_heading()
        .not_exported()
        .width(3.5),
        Column::new("name", t::user_media_name, name_of)
            .cell(move |file: &MediaFile| name(shelf, file))
            .main()
            .sorted(order::NAME)
            .grow(10.0, 2.0),
        Column::new("type", t::users_type, |file: &MediaFile| {
            file.media_type.clone().unwrap_or_default()
        })
        .cell(kind)
        .sorted(order::TYPE)
        .grow(6.5, 1.0),
        Column::new("bytes", t::user_bytes, |file: &MediaFile| {
            file.media_length
                .map(|bytes| bytes.to_string())
                .unwrap_or_default()
        })
        .cell(|file: &MediaFile| match file.media_length {
            Some(bytes) => format::bytes(bytes).into_any(),
            None => nothing(),
        })
        .sorted(order::SIZE)
        .number()
        .width(6.5),
        moment("uploaded", t::user_media_uploaded, |file| {
            Some(file.created_ts)
        })
        .sorted(order::CREATED),
        moment("last_access", t::user_media_last_access, |file| {
            file.last_access_ts
        })
        .sorted(order::LAST_ACCESS),
        Column::new(
            "quarantined_by",
            t::user_media_quarantined_by,
            |file: &MediaFile| {
                file.quarantined_by
                    .as_ref()
                    .map(ToString::to_string)
                    .unwrap_or_default()
            },
        )
        .cell(|file: &MediaFile| match &file.quarantined_by {
            Some(user) => identifier_text(user.as_str()),
            None => nothing(),
        })
        .sorted(order::QUARANTINED)
        .grow(9.75, 0.5),
        Column::new("protected", t::user_media_protected, |file: &MediaFile| {
            file.safe_from_quarantine.to_string()
        })
        .cell(|file: &MediaFile| tick(file.safe_from_quarantine))
        .sorted(order::PROTECTED)
        .width(7.5)
        .hidden(),
        Column::new("media", t::user_media_uri, move |file: &MediaFile| {
            shelf.uri(file).to_string()
        })
        .sorted(order::ID)
        .copyable()
        .grow(10.0, 1.0)
        .hidden(),
        Column::new("actions", t::user_media_actions, |_: &MediaFile| {
            String::new()
        })
        .cell(move |file: &MediaFile| menu(shelf, file))
        .without_heading()
        .not_exported()
        .width(3.25),
    ]
}

fn moment(id: &'static str, label: Words, of: fn(&MediaFile) -> Option<Timestamp>) -> Column {
    Column::new(id, label, move |file: &MediaFile| {
        of(file).map(iso).unwrap_or_default()
    })
    .cell(move |file: &MediaFile| time_or_never(of(file)))
    .width(8.5)
}

/// Whether the server hands the file out: not while it is quarantined or still on its way, and
/// never what belongs to the preview of a web page.
fn is_served(file: &MediaFile) -> bool {
    file.quarantined_by.is_none() && file.media_length.is_some() && file.url_cache.is_none()
}

/// What Synapse makes thumbnails of.
fn has_thumbnail(file: &MediaFile) -> bool {
    let kind = file.media_type.as_deref().unwrap_or("");
    is_served(file)
        && matches!(
            kind.split(';').next().unwrap_or("").trim(),
            "image/jpeg" | "image/jpg" | "image/png" | "image/gif" | "image/webp"
        )
}

fn kind(file: &MediaFile) -> AnyView {
    match (&file.media_type, file.media_length) {
        (_, None) => view! { <span class="cell-text">{t::user_media_pending}</span> }.into_any(),
        (None, _) => nothing(),
        (Some(kind), _) => {
            let (kind, title) = (kind.clone(), kind.clone());
            view! {
                <span class="cell-text" title=title>
                    {kind}
                </span>
            }
            .into_any()
        }
    }
}

fn picture(shelf: Shelf, file: &MediaFile) -> AnyView {
    let mark = file.safe_from_quarantine.then(|| {
        view! {
            <span class="thumbnail-mark" title=t::user_media_protected>
                {icon("shield-check")}
                <span class="visually-hidden">{t::user_media_protected}</span>
            </span>
        }
    });
    view! { <span class="thumbnail-frame">{small_picture(shelf, file)} {mark}</span> }.into_any()
}

fn small_picture(shelf: Shelf, file: &MediaFile) -> AnyView {
    if has_thumbnail(file) {
        let uri = shelf.uri(file);
        return view! {
            {move || match shelf.pictures.get() {
                true => thumbnail(uri.clone()),
                false => view! { <span class="thumbnail">{icon("media")}</span> }.into_any(),
            }}
        }
        .into_any();
    }
    let picture = match (&file.quarantined_by, &file.url_cache) {
        (Some(_), _) => "quarantine",
        (None, Some(_)) => "link",
        (None, None) => "file",
    };
    view! { <span class="thumbnail">{icon(picture)}</span> }.into_any()
}

fn name(shelf: Shelf, file: &MediaFile) -> AnyView {
    let name = name_of(file);
    if !is_served(file) {
        return view! { <span class="cell-text">{name}</span> }.into_any();
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
    .into_any()
}

fn menu(shelf: Shelf, file: &MediaFile) -> AnyView {
    let label = t::user_media_actions_for(&name_of(file));
    let file = file.clone();
    view! {
        <Menu label=Signal::stored(label)>{items(shelf, &file)}</Menu>
    }
    .into_any()
}

fn items(shelf: Shelf, file: &MediaFile) -> Vec<AnyView> {
    let one: Rc<[MediaFile]> = Rc::new([file.clone()]);
    let change = |picture: &'static str, label: Words, action: Action| {
        let one = Rc::clone(&one);
        menu_item(picture, label, move || {
            actions::start(action, shelf, Rc::clone(&one), None);
        })
    };
    let mut items = Vec::new();
    if is_served(file) {
        let (open, save) = (file.clone(), file.clone());
        items.push(menu_item("eye", t::user_media_open, move || {
            shelf.viewed.set(Some(open.clone()));
        }));
        items.push(menu_item("download", t::user_media_download, move || {
            viewer::download(shelf, &save);
        }));
    }
    if file.quarantined_by.is_some() {
        items.push(change(
            "undo",
            t::user_media_unquarantine,
            Action::Unquarantine,
        ));
    } else if !file.safe_from_quarantine {
        items.push(change(
            "quarantine",
            t::user_media_quarantine,
            Action::Quarantine,
        ));
    }
    items.push(if file.safe_from_quarantine {
        change("unlock", t::user_media_unprotect, Action::Unprotect)
    } else {
        change("shield", t::user_media_protect, Action::Protect)
    });
    let one = Rc::clone(&one);
    items.push(menu_item_danger("trash", t::user_media_delete, move || {
        delete::propose(shelf, Rc::clone(&one), None);
    }));
    items
}
