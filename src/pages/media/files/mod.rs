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
use crate::components::button::{Button, ButtonKind};
use crate::components::field::Switch;
use crate::i18n::{Words, format, t};
use crate::lists::{Picked, Reading};
use crate::media::{StoredFile, TotalSize};
use crate::ui::{IntoNode, Node, view};
use crate::widgets::gather::Gatherer;
use crate::widgets::pictures::PROFILE_PICTURES;
use actions::{Action, UnusedSince};
use leptos::prelude::*;
use std::rc::Rc;
use viewer::{Saver, Viewer};

/// Where it is kept that thumbnails are shown.
const PICTURES: &str = "synapse-admin.media-pictures";
/// The same where files are looked through that could go.
const PICTURES_OF_ALL: &str = "synapse-admin.storage-pictures";

/// Only if somebody wants them: the server takes each for an access, and who looks at old files does
/// not want to make them young.
fn are_shown(key: &str) -> bool {
    Keep::ThisBrowser.get(key).as_deref() == Some("on")
}

/// Files that are to be deleted, and what is to be known about how they were found.
#[derive(Default)]
pub struct FoundFiles {
    pub files: Vec<StoredFile>,
    /// They were looked for because they have not been used since.
    pub unused_since: UnusedSince,
    /// Names and values.
    pub facts: Vec<(String, String)>,
    /// Why there are none, where that is more than that nothing matches.
    pub why_none: Option<String>,
    /// Whether they were looked for by last use and size alone, by which the server deletes itself.
    pub is_of_server: bool,
    /// How many there are, where these are too many to be deleted one by one: then none is here.
    pub too_many: Option<usize>,
}

/// What the parts of a list of files share. A handle: copies are the same.
#[derive(Clone, Copy)]
pub struct Shelf {
    /// The owner's own picture, which a deletion may hit.
    avatar: StoredValue<Option<MxcUri>>,
    /// Whether profile images are left out of deletions.
    keeps_profiles: bool,
    /// Opens the deletion by date and size, which begins with what the address asks.
    by_server: Option<RwSignal<bool>>,
    changed: RwSignal<u32>,
    /// Whether thumbnails are shown.
    pictures: RwSignal<bool>,
    kept_as: &'static str,
    viewed: RwSignal<Option<StoredFile>>,
    /// A large file that is being saved.
    saved: RwSignal<Option<StoredFile>>,
    gatherer: Gatherer,
}

impl Shelf {
    /// `changed` counts changes of the files.
    pub fn new(changed: RwSignal<u32>) -> Self {
        Shelf {
            avatar: StoredValue::new(None),
            keeps_profiles: false,
            by_server: None,
            changed,
            pictures: RwSignal::new(are_shown(PICTURES)),
            kept_as: PICTURES,
            viewed: RwSignal::new(None),
            saved: RwSignal::new(None),
            gatherer: Gatherer::new(),
        }
    }

    /// Says so where a deletion hits this picture.
    pub fn with_avatar(self, avatar: Option<MxcUri>) -> Self {
        self.avatar.set_value(avatar);
        self
    }

    /// Has a choice of its own whether thumbnails are shown: that somebody looks at the pictures of
    /// one room does not make those of the whole server young.
    pub fn of_all(mut self) -> Self {
        self.kept_as = PICTURES_OF_ALL;
        self.pictures.set(are_shown(PICTURES_OF_ALL));
        self
    }

    /// Leaves profile images out of deletions.
    pub fn keeping_profiles(mut self) -> Self {
        self.keeps_profiles = true;
        self
    }

    /// Leads to the deletion by date and size, which this opens, where that can do the same.
    pub fn leading_to(mut self, deletion: RwSignal<bool>) -> Self {
        self.by_server = Some(deletion);
        self
    }

    /// The files have changed.
    fn refresh(&self) {
        // The page may have been left.
        let _ = self.changed.try_update(|changed| *changed += 1);
    }

    /// Finds files, then asks whether to delete them.
    pub fn delete_found<F>(self, find: impl FnOnce(Reading) -> F + 'static)
    where
        F: Future<Output = Result<FoundFiles, ApiError>> + 'static,
    {
        self.gatherer.wait(find, move |found: FoundFiles| {
            delete::propose_found(self, found);
        });
    }

    /// Saves a file.
    pub fn download(self, file: &StoredFile) {
        viewer::download(file, self.saved);
    }

    /// The dialogs that belong to a list.
    pub fn dialogs(self) -> Node {
        view! {
            <Viewer viewed=self.viewed />
            <Saver saved=self.saved />
            {self.gatherer.view()}
        }
        .into_node()
    }

    /// The choice whether thumbnails are shown.
    pub fn options(self) -> Node {
        view! {
            <div class="media-options">
                {switch(self.kept_as, self.pictures, t::user_media_pictures, t::user_media_pictures_hint)}
            </div>
        }
        .into_node()
    }

    /// The choice whether thumbnails are shown, and whether profile pictures are in the list of users.
    pub fn all_options(self) -> Node {
        let is_off = Keep::ThisBrowser.get(PROFILE_PICTURES).as_deref() == Some("off");
        let faces = RwSignal::new(!is_off);
        view! {
            {self.options()}
            <div class="media-options">
                {switch(PROFILE_PICTURES, faces, t::storage_faces, t::storage_faces_hint)}
            </div>
        }
        .into_node()
    }
}

/// A switch that is remembered.
fn switch(kept_as: &'static str, value: RwSignal<bool>, label: Words, hint: Words) -> Node {
    let change = move |show: bool| {
        value.set(show);
        Keep::ThisBrowser.set(kept_as, if show { "on" } else { "off" });
    };
    view! {
        <Switch label=Signal::derive(label) hint=Signal::derive(hint) value on_change=change />
    }
    .into_node()
}

/// A file by its address and name.
fn long_name(file: &StoredFile) -> String {
    match &file.name {
        Some(_) => format!("{} ({})", file.uri, file.label()),
        None => file.uri.to_string(),
    }
}

/// How large files are together, as far as the server tells; `None` if it tells it of none.
pub fn size(files: &[StoredFile]) -> Option<String> {
    match TotalSize::of(files) {
        TotalSize::Is(bytes) => Some(format::bytes(bytes)),
        TotalSize::AtLeast(bytes) => Some(t::at_least(&format::bytes(bytes))),
        TotalSize::Unknown => None,
    }
}

/// What is done to the selected files.
type Act = Rc<dyn Fn(Shelf, Rc<[StoredFile]>, Option<Picked>)>;

/// The buttons for what is selected.
pub fn bulk(shelf: Shelf, picked: Picked) -> Node {
    let with_files = move |act: Act| {
        shelf.gatherer.gather(
            picked,
            Rc::new(move |files: Vec<StoredFile>| act(shelf, files.into(), Some(picked))),
        );
    };
    let changes: Vec<Node> = Action::ALL
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
            .into_node()
        })
        .collect();
    // How much it is, where the rows are here.
    let bytes = move || {
        picked.count();
        let files = picked.at_hand::<StoredFile>()?;
        let size = size(&files).unwrap_or_else(t::media_size_unknown);
        Some(view! { <span class="bulk-bytes">{size}</span> })
    };
    view! {
        {bytes}
        {changes}
        <Button
            label=t::user_media_delete
            icon="trash"
            kind=ButtonKind::Danger
            on_press=move || with_files(Rc::new(delete::propose))
        />
    }
    .into_node()
}
