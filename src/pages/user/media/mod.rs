//! The tab "Media": what an account has uploaded.
//!
//! | file | what |
//! |---|---|
//! | `columns` | what a row shows |
//! | `actions` | quarantine and protect, and back |
//! | `delete` | deleting for good |
//! | `viewer` | looking into a file, saving it |

mod actions;
mod columns;
mod delete;
mod viewer;

use super::Shown;
use crate::api::media::{self, ListMedia, MediaFile, order};
use crate::api::{ApiError, MxcUri, ServerName, UserId};
use crate::components::button::{Button, Kind};
use crate::components::field::Switch;
use crate::components::list::{Defaults, List, ListPage, ListSpec, Picked, Selection};
use crate::components::page::Stat;
use crate::components::storage::Keep;
use crate::components::toast::Toasts;
use crate::i18n::errors::explain;
use crate::i18n::{Words, format, t};
use crate::listing::ListQuery;
use crate::session::Client;
use crate::ui::view;
use actions::Action;
use leptos::prelude::*;
use std::rc::Rc;
use viewer::Viewer;
use wasm_bindgen_futures::spawn_local;

/// How many files are read at a time when all are wanted.
const PAGE: u64 = 1000;

/// Where it is kept whether thumbnails are shown.
const PICTURES_KEY: &str = "synapse-admin.media-pictures";

const ORDERS: [&str; 8] = [
    order::ID,
    order::NAME,
    order::CREATED,
    order::LAST_ACCESS,
    order::SIZE,
    order::TYPE,
    order::QUARANTINED,
    order::PROTECTED,
];

/// What the parts of the tab share. A handle: copies are the same.
#[derive(Clone, Copy)]
pub(super) struct Shelf {
    user: StoredValue<UserId>,
    /// The user's own picture, which a deletion may hit.
    avatar: StoredValue<Option<MxcUri>>,
    changed: RwSignal<u32>,
    /// Whether thumbnails are shown. The server takes each for an access to the file.
    pictures: RwSignal<bool>,
    viewed: RwSignal<Option<MediaFile>>,
}

impl Shelf {
    fn server(&self) -> ServerName {
        self.user.with_value(UserId::server)
    }

    fn uri(&self, file: &MediaFile) -> MxcUri {
        MxcUri {
            server: self.server(),
            media_id: file.media_id.clone(),
        }
    }

    /// The files have changed.
    fn refresh(&self) {
        // The page may have been left.
        let _ = self.changed.try_update(|changed| *changed += 1);
    }
}

/// What a person knows a file by.
fn name_of(file: &MediaFile) -> String {
    match file.upload_name.as_deref() {
        None | Some("") => file.media_id.clone(),
        Some(name) => name.to_owned(),
    }
}

/// The tab.
pub fn tab(shown: Shown) -> AnyView {
    let avatar = shown.detail.with_untracked(|detail| {
        let detail = detail.as_ref()?.as_ref().ok()?;
        MxcUri::parse(detail.user.avatar_url.as_deref()?)
    });
    let shelf = Shelf {
        user: shown.user,
        avatar: StoredValue::new(avatar),
        changed: shown.changed,
        pictures: RwSignal::new(Keep::ThisBrowser.get(PICTURES_KEY).as_deref() != Some("off")),
        viewed: RwSignal::new(None),
    };
    let user = shown.user.get_value();
    let mut spec = ListSpec::new(
        "user-media",
        t::nav_media,
        |file: &MediaFile| file.media_id.clone(),
        move |query, _reading| load(user.clone(), query),
    )
    .defaults(Defaults {
        sort: order::CREATED,
        descending: true,
        ..Default::default()
    })
    .empty("media", t::user_media_empty, None)
    .bulk(move |picked| bulk(shelf, picked))
    .reload(shown.changed);
    for column in columns::columns(shelf) {
        spec = spec.column(column);
    }
    view! {
        {totals(shown)}
        <div class="media-options">
            <Switch
                label=t::user_media_pictures
                hint=t::user_media_pictures_hint
                value=shelf.pictures
                on_change=move |show: bool| {
                    shelf.pictures.set(show);
                    Keep::ThisBrowser.set(PICTURES_KEY, if show { "on" } else { "off" });
                }
            />
        </div>
        <List spec />
        <Viewer shelf />
    }
    .into_any()
}

fn totals(shown: Shown) -> AnyView {
    let count = move || match shown.files.get() {
        Some((count, _)) => format::number(count as f64),
        None => "…".to_owned(),
    };
    let bytes = move || match shown.files.get() {
        Some((_, bytes)) => format::bytes(bytes),
        None => "…".to_owned(),
    };
    view! {
        <div class="stats">
            <Stat label=t::user_files value=Signal::derive(count) />
            <Stat label=t::user_bytes value=Signal::derive(bytes) />
        </div>
    }
    .into_any()
}

async fn load(user: UserId, query: ListQuery) -> Result<ListPage, ApiError> {
    let question = ListMedia {
        from: query.from(),
        limit: query.size,
        order_by: ORDERS.into_iter().find(|order| *order == query.sort),
        descending: query.descending,
    };
    let page = Client::get()
        .send(media::list_of_user(&user, &question))
        .await?;
    Ok(ListPage::new(page.media, page.total))
}

/// The selected files; all of them are read first where all were selected.
async fn selected(user: UserId, selection: Selection) -> Result<Vec<MediaFile>, ApiError> {
    if let Some(files) = selection.rows() {
        return Ok(files);
    }
    let mut files: Vec<MediaFile> = Vec::new();
    let mut from = Some(0);
    while let Some(at) = from {
        let question = ListMedia {
            from: at,
            limit: PAGE,
            order_by: Some(order::CREATED),
            descending: false,
        };
        let page = Client::get()
            .send(media::list_of_user(&user, &question))
            .await?;
        from = page.next_token.filter(|next| *next > at);
        files.extend(page.media);
    }
    Ok(files)
}

/// What is done to the selected files.
type Act = Rc<dyn Fn(Shelf, Rc<[MediaFile]>, Option<Picked>)>;

/// The buttons for what is selected.
fn bulk(shelf: Shelf, picked: Picked) -> AnyView {
    let busy = RwSignal::new(false);
    let with_files = move |act: Act| {
        if busy.get_untracked() {
            return;
        }
        busy.set(true);
        let selection = picked.selection();
        let user = shelf.user.get_value();
        spawn_local(async move {
            let files = selected(user, selection).await;
            // The page may have been left meanwhile.
            if busy.try_set(false).is_some() {
                return;
            }
            match files {
                Ok(files) => act(shelf, files.into(), Some(picked)),
                Err(error) => Toasts::get().bad(explain(&error)),
            }
        });
    };
    let changes = [
        (
            t::user_media_quarantine as Words,
            "quarantine",
            Action::Quarantine,
        ),
        (t::user_media_unquarantine, "undo", Action::Unquarantine),
        (t::user_media_protect, "shield", Action::Protect),
        (t::user_media_unprotect, "unlock", Action::Unprotect),
    ]
    .map(|(label, icon, action)| {
        view! {
            <Button
                label
                icon
                disabled=busy
                on_press=move || {
                    with_files(Rc::new(move |shelf, files, picked| {
                        actions::start(action, shelf, files, picked);
                    }))
                }
            />
        }
    });
    view! {
        {changes}
        <Button
            label=t::user_media_delete
            icon="trash"
            kind=Kind::Danger
            disabled=busy
            on_press=move || with_files(Rc::new(delete::propose))
        />
    }
    .into_any()
}
