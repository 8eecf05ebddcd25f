//! `#/media/example.org/abc`: one file of the media repository.

use crate::address::route::Route;
use crate::api::server::Feature;
use crate::api::{ApiError, MxcUri, media};
use crate::components::badge::{Tone, badge};
use crate::components::button::{Button, ButtonKind};
use crate::components::empty::Empty;
use crate::components::identifier::identifier;
use crate::components::link::link;
use crate::components::notice::Notice;
use crate::components::page::{Card, PageHeader, fact, facts};
use crate::components::remote::remote;
use crate::components::time::date_time;
use crate::components::{nothing, unknown};
use crate::i18n::features::why_not;
use crate::i18n::{Words, format, t};
use crate::known::{Known, Why};
use crate::media::StoredFile;
use crate::pages::media::files::{Shelf, actions, delete, viewer};
use crate::session::{Client, Session, learn};
use crate::ui::{IntoNode, Node, view};
use leptos::prelude::*;
use std::rc::Rc;

/// The page of the file with this `mxc://` address, as it stands in the address.
pub fn view(id: String) -> Node {
    page(&id).into_node()
}

/// What the server tells of a file.
pub enum ToldFile {
    Whole(StoredFile),
    /// It is too old to tell.
    Address(StoredFile),
    Missing,
}

fn page(text: &str) -> Node {
    let shown = identifier(text);
    let content = match MxcUri::parse(text) {
        None => view! { <Empty picture="media" title=t::file_missing text=t::file_find_wrong /> }
            .into_node(),
        Some(uri) => {
            let changed = RwSignal::new(0);
            let shelf = Shelf::new(changed);
            view! {
                {remote(changed, move || ask(uri.clone()), move |told| file_view(shelf, told))}
                {shelf.dialogs()}
            }
            .into_node()
        }
    };
    view! {
        <PageHeader
            title=Signal::derive(t::file_title)
            back=Route::Media
            below=move || shown
        />
        {content}
    }
    .into_node()
}

/// Asks the server what it knows of a file.
pub async fn ask(uri: MxcUri) -> Result<ToldFile, ApiError> {
    let is_local = Session::get().server_name().as_ref() == Some(&uri.server);
    let capabilities = learn::capabilities().await?;
    if capabilities.lack(Feature::MediaInfo).is_some() {
        return Ok(ToldFile::Address(StoredFile::unknown(
            uri,
            is_local,
            Why::TooOld,
        )));
    }
    match Client::get().send(media::info(&uri)).await {
        Ok(info) => Ok(ToldFile::Whole(StoredFile::of_info(
            uri,
            is_local,
            info.media_info,
        ))),
        Err(error) if error.is_not_found() => Ok(ToldFile::Missing),
        Err(error) => Err(error),
    }
}

fn file_view(shelf: Shelf, told: &ToldFile) -> Node {
    let (file, note) = match told {
        ToldFile::Missing => {
            return view! {
                <Empty picture="media" title=t::file_missing text=t::file_missing_text />
            }
            .into_node();
        }
        ToldFile::Whole(file) => (file, None),
        ToldFile::Address(file) => {
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
    .into_node()
}

fn rows(file: &StoredFile) -> Vec<Node> {
    let owner = match file.uploader() {
        Known::Is(user) => link(&Route::user(user).tab("media"), "", user.to_string()).into_node(),
        Known::Unknown(why) => unknown(why),
    };
    let origin = match file.is_local {
        true => badge(Tone::Neutral, t::room_members_local),
        false => view! { <bdi>{file.uri.server.to_string()}</bdi> }.into_node(),
    };
    let state = match &file.quarantined_by {
        Some(by) => view! {
            {badge(Tone::Warning, t::room_media_quarantined)} " " <bdi>{by.clone()}</bdi>
        }
        .into_node(),
        None => nothing(),
    };
    let mut rows = vec![
        fact(t::room_media_uri, identifier(&file.uri.to_string())),
        fact(t::room_media_where, origin),
    ];
    // Nothing else is known.
    if file.untold.is_some() {
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
                Some(bytes) => format::bytes(bytes).into_node(),
                None => view! { {t::user_media_pending} }.into_node(),
            },
        ),
        fact(
            t::user_media_uploaded,
            file.created.map_or_else(nothing, date_time),
        ),
        fact(
            t::user_media_last_access,
            file.last_access.map_or_else(nothing, date_time),
        ),
        fact(t::user_media_quarantined_by, state),
    ]);
    if let Some(is_protected) = file.is_protected {
        let words = move || if is_protected { t::yes() } else { t::no() };
        rows.push(fact(t::user_media_protected, words));
    }
    if let Some(is_open) = file.is_open {
        let words = move || if is_open { t::yes() } else { t::no() };
        rows.push(fact(t::storage_open, words));
    }
    if file.is_preview {
        rows.push(fact(t::storage_class_preview, t::yes));
    }
    rows
}

fn buttons(shelf: Shelf, file: &StoredFile) -> Node {
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
            .into_node()
        })
        .collect::<Vec<_>>();
    let save = file.is_served().then(|| {
        let file = file.clone();
        view! {
            <Button
                label=t::user_media_download
                icon="download"
                on_press=move || shelf.download(&file)
            />
        }
    });
    let delete = file.is_local.then(|| {
        view! {
            <Button
                label=t::user_media_delete
                icon="trash"
                kind=ButtonKind::Danger
                on_press=move || delete::propose(shelf, Rc::clone(&one), None)
            />
        }
    });
    let age_only = (!file.is_local).then(|| view! { <p class="field-hint">{t::file_copy}</p> });
    view! {
        <div class="file-actions">{save} {changes} {delete}</div>
        {age_only}
    }
    .into_node()
}

/// Why a file is not handed out like others, or what asks before it is shown past its quarantine; `None`
/// if it is handed out.
pub fn held(file: &StoredFile) -> Option<Node> {
    let is_held = file.quarantined_by.is_some();
    if is_held && !file.is_pending && !file.is_preview {
        let lack = Session::get().capabilities_now().lack(Feature::Quarantined);
        return Some(match lack {
            Some(lack) => view! {
                <p>{t::file_not_served}</p>
                <p class="action-reason">{why_not(lack)}</p>
            }
            .into_node(),
            None => asked(
                file,
                t::file_quarantined_lead,
                t::file_look,
                Rc::new(viewer::quarantined),
            ),
        });
    }
    (!file.is_served()).then(|| view! { <p>{t::file_not_served}</p> }.into_node())
}

/// The file itself. A copy of another server's file is shown on demand only: if it has been removed
/// here, asking for it fetches it again.
fn preview(file: &StoredFile) -> Node {
    held(file).unwrap_or_else(|| on_demand(file, Rc::new(viewer::content_of)))
}

/// A file that is shown as `show` does once somebody wants it.
pub fn on_demand(file: &StoredFile, show: Show) -> Node {
    asked(file, t::file_preview_lead, t::file_show, show)
}

/// How a file is shown.
pub type Show = Rc<dyn Fn(&StoredFile) -> Node>;

/// A button, and what it shows.
fn asked(file: &StoredFile, lead: Words, label: Words, show: Show) -> Node {
    let wanted = RwSignal::new(false);
    let file = file.clone();
    view! {
        {move || match wanted.get() {
            true => show(&file),
            false => view! {
                <p>{lead}</p>
                <Button label icon="eye" on_press=move || wanted.set(true) />
            }
            .into_node(),
        }}
    }
    .into_node()
}
