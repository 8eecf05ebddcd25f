//! Small things kept in the browser. Every call may find storage switched off or full, which
//! is never an error: the thing is then not remembered.

use leptos::prelude::window;
use web_sys::Storage;

/// How long something is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Keep {
    /// Until the tab is closed (`sessionStorage`).
    ThisTab,
    /// For good (`localStorage`).
    ThisBrowser,
}

impl Keep {
    fn storage(self) -> Option<Storage> {
        match self {
            Keep::ThisTab => window().session_storage(),
            Keep::ThisBrowser => window().local_storage(),
        }
        .ok()
        .flatten()
    }

    /// Reads what this browser keeps under a key.
    pub fn get(self, key: &str) -> Option<String> {
        self.storage()?.get_item(key).ok().flatten()
    }

    /// Writes a value; whether it worked.
    pub fn set(self, key: &str, value: &str) -> bool {
        self.storage()
            .is_some_and(|storage| storage.set_item(key, value).is_ok())
    }

    /// The keys that begin so, without that beginning.
    pub fn keys(self, beginning: &str) -> Vec<String> {
        let Some(storage) = self.storage() else {
            return Vec::new();
        };
        let count = storage.length().unwrap_or(0);
        let keys = (0..count).filter_map(|number| storage.key(number).ok().flatten());
        keys.filter_map(|key| Some(key.strip_prefix(beginning)?.to_owned()))
            .collect()
    }

    /// Removes what this browser keeps under a key.
    pub fn remove(self, key: &str) {
        if let Some(storage) = self.storage() {
            // Fails only where storage is switched off.
            let _ = storage.remove_item(key);
        }
    }
}
