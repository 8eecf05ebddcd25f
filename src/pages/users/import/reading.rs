//! Which file is read, and how.

use crate::import::encodings::Offer;
use crate::import::read::ReadAs;
use leptos::prelude::*;
use web_sys::File;

/// How the file that is on the desk is read. A handle: copies are the same.
#[derive(Clone, Copy)]
pub struct FileReading {
    file: StoredValue<Option<File>, LocalStorage>,
    pub(super) how: StoredValue<ReadAs, LocalStorage>,
    pub(super) offers: StoredValue<Vec<Offer>, LocalStorage>,
    /// Counts how often the file has been read.
    read: RwSignal<u32>,
    /// Counts how often a column has been taken for something else since.
    pub assigned: RwSignal<u32>,
}

impl FileReading {
    /// Without a file.
    pub fn new() -> Self {
        FileReading {
            file: StoredValue::new_local(None),
            how: StoredValue::new_local(ReadAs::default()),
            offers: StoredValue::new_local(Vec::new()),
            read: RwSignal::new(0),
            assigned: RwSignal::new(0),
        }
    }

    /// Of another file, of which nothing is known.
    pub fn take(self, file: File) {
        self.clear();
        self.file.set_value(Some(file));
    }

    /// Without a file again.
    pub fn clear(self) {
        self.file.set_value(None);
        self.how.set_value(ReadAs::default());
        self.offers.set_value(Vec::new());
        self.show();
    }

    /// The file that is on the desk, if any.
    pub fn file(self) -> Option<File> {
        self.file.get_value()
    }

    /// What a person has said of it.
    pub fn how(self) -> ReadAs {
        self.how.get_value()
    }

    /// The encodings that it may have.
    pub fn offer(self, offers: &[Offer]) {
        // Once one is chosen, the others are still there to be chosen.
        if self.how.with_value(|how| how.encoding.is_none()) {
            self.offers.set_value(offers.to_vec());
        }
    }

    /// Shows what was read, or could not be.
    pub fn show(self) {
        self.read.update(|read| *read += 1);
    }

    /// Follows what [`FileReading::show`] shows.
    pub fn track(self) {
        self.read.track();
    }
}
