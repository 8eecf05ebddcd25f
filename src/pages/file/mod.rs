//! `#/media/example.org/abc`: one file of the media repository.

use crate::api::encode::decoded;
use crate::api::server::Feature;
use crate::api::{ApiError, MxcUri, media};
use crate::components::badge::{Tone, badge};
use crate::components::button::{Button, Kind};
use crate::components::empty::Empty;
use crate::components::identifier::identifier;
use crate::components::nothing;
use crate::components::notice::Notice;
use crate::components::page::{Card, PageHeader, fact, facts};
use crate::components::remote::remote;
use crate::components::time::{date_time, time_or_never};
use crate::i18n::features::why_not;
use crate::i18n::{format, t};
use crate::pages::files::{Shelf, actions, delete, viewer};
use crate::places;
use crate::router::current_path;
use crate::session::{Client, Session, learn};
use crate::storage::StoredFile;
use crate::ui::{IntoNode, Node, view};
use leptos::prelude::*;
use std::rc::Rc;

/// The page of one file of the media repository.
pub fn view() -> Node {
    let path = current_path();
    let uri = Memo::new(move |before: Option<&String>| {
        path.with(|path| match path.strip_prefix("/media/") {
            Some(rest) => format!("mxc://{}", decoded(rest)),
            // Another page's address, while this one is being left.
            None => before.cloned().unwrap_or_default(),
        })
    });
    (move || uri.with(|uri| page(uri))).into_node()
}

/// What the server tells of a file.
enum Told {
    Whole(StoredFile),
    /// It is too old to tell.
    Address(StoredFile),
    Missing,
}

fn page(text: &str) -> AnyView {
    let shown = identifier(text);
    let content = match MxcUri::parse(text) {
        None => view! { <Empty picture="media" title=t::file_missing text=t::file_find_wrong /> }
            .into_any(),
        Some(uri) => {
            let changed = RwSignal::new(0);
            let shelf = Shelf::new(changed);
            view! {
                {remote(changed, move || ask(uri.clone()), move |told| file_view(shelf, told))}
                {shelf.dialogs()}
            }
            .into_any()
        }
    };
    view! {
        <PageHeader
            title=Signal::derive(t::file_title)
            back=("/media", t::nav_media)
            below=move || shown
        />
        {content}
    }
    .into_any()
}

async fn ask(uri: MxcUri) -> Result<Told, ApiError> {
    let is_local = Session::get().server_name().as_ref() == Some(&uri.server);
    let capabilities = learn::capabilities().await?;
    if capabilities.lack(Feature::MediaInfo).is_some() {
        return Ok(Told::Address(StoredFile::unknown(uri, is_local)));
    }
    match Client::get().send(media::info(&uri)).await {
        Ok(info) => Ok(Told::Whole(StoredFile::of_info(
            uri,
            is_local,
            info.media_info,
        ))),
        Err(error) if error.is_not_found() => Ok(Told::Missing),
        Err(error) => Err(error),
    }
}

fn file_view(shelf: Shelf, told: &Told) -> AnyView {
    let (file, note) = match told {
        Told::Missing => {
            return view! {
                <Empty picture="media" title=t::file_missing text=t::file_missing_text />
            }
            .into_any();
        }
        Told::Whole(file) => (file, None),
        Told::Address(file) => {
            let lack = Session::get().capabilities_now().lack(Feature::MediaInfo);
            (file, lack.map(why_not))
        }
    };
    let title = file.label();
    let (known, buttons, shown) = (facts(rows(file)), buttons(shelf, file), preview(file));
    view! {
        {note.map(|note| view! { <Notice>{note} " " {t::file_untold}</Notice> })}
        <div class="cards" data-wide="true">
            <Card title=Signal::stored(title)>
                {known}
                {buttons}
            </Card>
            <Card title=Signal::derive(t::file_preview)>{shown}</Card>
        </div>
    }
    .into_any()
}

fn rows(file: &StoredFile) -> Vec<AnyView> {
    let owner = match &file.owner {
        Some(user) => {
            let route = format!("#{}", places::of_user(user, "media"));
            view! { <a href=route target="_self">{user.to_string()}</a> }.into_any()
        }
        None => nothing(),
    };
    let origin = match file.is_local {
        true => badge(Tone::Neutral, t::room_members_local),
        false => view! { <bdi>{file.uri.server.to_string()}</bdi> }.into_any(),
    };
    let state = match &file.quarantined_by {
        Some(by) => view! {
            {badge(Tone::Warning, t::room_media_quarantined)} " " <bdi>{by.clone()}</bdi>
        }
        .into_any(),
        None => nothing(),
    };
    let mut rows = vec![
        fact(t::room_media_uri, identifier(&file.uri.to_string())),
        fact(t::room_media_where, origin),
    ];
    // Nothing else is known.
    if file.created.is_none() {
        return rows;
    }
    rows.extend([
        fact(t::media_column_owner, owner),
        fact(
            t::room_media_type,
            file.media_type.clone().unwrap_or_default(),
        ),
        fact(
            t::user_bytes,
            match file.bytes {
                Some(bytes) => format::bytes(bytes).into_any(),
                None => view! { {t::user_media_pending} }.into_any(),
            },
        ),
        fact(
            t::user_media_uploaded,
            file.created.map_or_else(nothing, date_time),
        ),
        fact(t::user_media_last_access, time_or_never(file.last_access)),
        fact(t::user_media_quarantined_by, state),
    ]);
    if let Some(is_protected) = file.is_protected {
        let words = move || if is_protected { t::yes() } else { t::no() };
        rows.push(fact(t::user_media_protected, words));
    }
    if file.is_preview {
        rows.push(fact(t::storage_class_preview, t::yes));
    }
    rows
}

fn buttons(shelf: Shelf, file: &StoredFile) -> AnyView {
    let one: Rc<[StoredFile]> = Rc::new([file.clone()]);
    let changes = actions::of(file)
        .into_iter()
        .map(|(icon, label, action)| {
            let one = Rc::clone(&one);
            view! {
                <Button
                    label
                    icon
                    on_press=move || actions::start(action, shelf, Rc::clone(&one), None)
                />
            }
            .into_any()
        })
        .collect::<Vec<_>>();
    let save = file.is_served().then(|| {
        let file = file.clone();
        view! {
            <Button
                label=t::user_media_download
                icon="download"
                on_press=move || viewer::download(&file)
            />
        }
    });
    let delete = file.is_local.then(|| {
        view! {
            <Button
                label=t::user_media_delete
                icon="trash"
                kind=Kind::Danger
                on_press=move || delete::propose(shelf, Rc::clone(&one), None)
            />
        }
    });
    let age_only = (!file.is_local).then(|| view! { <p class="field-hint">{t::file_copy}</p> });
    view! {
        <div class="file-actions">{save} {changes} {delete}</div>
        {age_only}
    }
    .into_any()
}

/// The file itself. A copy of another server's file is shown on demand only: if it has been removed
/// here, asking for it fetches it again.
fn preview(file: &StoredFile) -> AnyView {
    if !file.is_served() {
        return view! { <p>{t::file_not_served}</p> }.into_any();
    }
    let wanted = RwSignal::new(false);
    let file = file.clone();
    view! {
        {move || match wanted.get() {
            true => viewer::content_of(&file),
            false => view! {
                <p>{t::file_preview_lead}</p>
                <Button label=t::file_show icon="eye" on_press=move || wanted.set(true) />
            }
            .into_any(),
        }}
    }
    .into_any()
}
