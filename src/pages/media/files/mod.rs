//! Lists of files: of a user, of a room, of the whole media repository.
//!
//! | file | what |
//! |---|---|
//! | `columns` | what a row shows |
//! | `actions` | quarantine and protect, and back |
//! | `delete` | deleting for good |
//! | `viewer` | looking into a file, saving it |
//! | `changes` | what has happened to files |

pub mod actions;
pub mod changes;
mod columns;
pub mod delete;
pub mod viewer;

pub use columns::{Beyond, columns};

use crate::api::{ApiError, MxcUri};
use crate::browser::storage::Keep;
use crate::components::button::{Button, Kind};
use crate::components::field::Switch;
use crate::i18n::{format, t};
use crate::lists::Picked;
use crate::media::StoredFile;
use crate::ui::view;
use crate::widgets::gather::Gatherer;
use actions::Action;
use leptos::prelude::*;
use std::rc::Rc;
use viewer::Viewer;

/// Where it is kept whether thumbnails are shown, and whether they are where it is not.
type Pictures = (&'static str, bool);

const PICTURES: Pictures = ("synapse-admin.media-pictures", true);
/// Where files are looked through that could go.
const FEW_PICTURES: Pictures = ("synapse-admin.storage-pictures", false);

fn are_shown((key, usual): Pictures) -> bool {
    match Keep::ThisBrowser.get(key).as_deref() {
        Some("on") => true,
        Some("off") => false,
        _ => usual,
    }
}

/// What the parts of a list of files share. A handle: copies are the same.
#[derive(Clone, Copy)]
pub struct Shelf {
    /// The owner's own picture, which a deletion may hit.
    avatar: StoredValue<Option<MxcUri>>,
    /// Whether profile images are left out of deletions.
    keeps_profiles: bool,
    changed: RwSignal<u32>,
    /// Whether thumbnails are shown. The server takes each for an access to the file.
    pictures: RwSignal<bool>,
    kept_as: &'static str,
    viewed: RwSignal<Option<StoredFile>>,
    gatherer: Gatherer,
}

impl Shelf {
    /// `changed` counts changes of the files.
    pub fn new(changed: RwSignal<u32>) -> Self {
        Shelf {
            avatar: StoredValue::new(None),
            keeps_profiles: false,
            changed,
            pictures: RwSignal::new(are_shown(PICTURES)),
            kept_as: PICTURES.0,
            viewed: RwSignal::new(None),
            gatherer: Gatherer::new(),
        }
    }

    /// Says so where a deletion hits this picture.
    pub fn with_avatar(self, avatar: Option<MxcUri>) -> Self {
        self.avatar.set_value(avatar);
        self
    }

    /// Shows thumbnails only if somebody wants to: who looks through old files does not want to
    /// make them young.
    pub fn with_few_pictures(mut self) -> Self {
        self.kept_as = FEW_PICTURES.0;
        self.pictures.set(are_shown(FEW_PICTURES));
        self
    }

    /// Leaves profile images out of deletions.
    pub fn keeping_profiles(mut self) -> Self {
        self.keeps_profiles = true;
        self
    }

    /// The files have changed.
    fn refresh(&self) {
        // The page may have been left.
        let _ = self.changed.try_update(|changed| *changed += 1);
    }

    /// Finds files, then asks whether to delete them.
    pub fn delete_found<F>(self, find: impl FnOnce() -> F + 'static)
    where
        F: Future<Output = Result<Vec<StoredFile>, ApiError>> + 'static,
    {
        self.gatherer.wait(
            move |_| find(),
            move |files: Vec<StoredFile>| delete::propose(self, files.into(), None),
        );
    }

    /// The dialogs that belong to a list.
    pub fn dialogs(self) -> AnyView {
        view! {
            <Viewer viewed=self.viewed />
            {self.gatherer.view()}
        }
        .into_any()
    }

    /// The switch for thumbnails.
    pub fn options(self) -> AnyView {
        view! {
            <div class="media-options">
                <Switch
                    label=t::user_media_pictures
                    hint=t::user_media_pictures_hint
                    value=self.pictures
                    on_change=move |show: bool| {
                        self.pictures.set(show);
                        Keep::ThisBrowser.set(self.kept_as, if show { "on" } else { "off" });
                    }
                />
            </div>
        }
        .into_any()
    }
}

/// A file by its address and name.
fn long_name(file: &StoredFile) -> String {
    match &file.name {
        Some(_) => format!("{} ({})", file.uri, file.label()),
        None => file.uri.to_string(),
    }
}

/// What is done to the selected files.
type Act = Rc<dyn Fn(Shelf, Rc<[StoredFile]>, Option<Picked>)>;

/// The buttons for what is selected.
pub fn bulk(shelf: Shelf, picked: Picked) -> AnyView {
    let with_files = move |act: Act| {
        shelf.gatherer.gather(
            picked,
            Rc::new(move |files: Vec<StoredFile>| act(shelf, files.into(), Some(picked))),
        );
    };
    let changes: Vec<AnyView> = Action::ALL
        .into_iter()
        .filter(|action| action.inverse().is_some())
        .map(|action| {
            view! {
                <Button
                    label=action.about().label
                    icon=action.about().icon
                    on_press=move || {
                        with_files(Rc::new(move |shelf, files, picked| {
                            actions::start(action, shelf, files, picked);
                        }))
                    }
                />
            }
            .into_any()
        })
        .collect();
    // How much it is, where the rows are here.
    let bytes = move || {
        picked.count();
        let files = picked.at_hand::<StoredFile>()?;
        let bytes = files.iter().filter_map(|file| file.bytes).sum();
        Some(view! { <span class="bulk-bytes">{format::bytes(bytes)}</span> })
    };
    view! {
        {bytes}
        {changes}
        <Button
            label=t::user_media_delete
            icon="trash"
            kind=Kind::Danger
            on_press=move || with_files(Rc::new(delete::propose))
        />
    }
    .into_any()
}
