//! Why an import is not saved in this browser, or cannot be read back.

use std::error::Error;
use std::fmt;

/// Why the record of an import could not be written, or cannot be read back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SaveError {
    /// The page was not loaded over https: browsers encrypt nothing there.
    Insecure,
    /// Another tab works on this import.
    InUse,
    /// Another tab has finished it meanwhile.
    Finished,
    /// It is not saved any more, or never was: nobody wants it to be, or a part of it is gone.
    NotSaved,
    /// Another version of the panel wrote it, or it is damaged. What is wrong, for developers.
    Unreadable(String),
    /// There is no room to remember when it is to be erased.
    Full,
    /// The browser refuses, in its own words.
    Browser(String),
}

impl SaveError {
    /// Whether it can never be gone on with: all that is left to do is to erase it. What another tab
    /// has, or the browser refuses for now, is not to be erased.
    pub fn is_for_good(&self) -> bool {
        match self {
            SaveError::NotSaved | SaveError::Unreadable(_) => true,
            SaveError::Insecure
            | SaveError::InUse
            | SaveError::Finished
            | SaveError::Full
            | SaveError::Browser(_) => false,
        }
    }

    /// Whether another tab has it, or has finished it: what this one shows of it is old.
    pub fn is_elsewhere(&self) -> bool {
        matches!(self, SaveError::InUse | SaveError::Finished)
    }
}

impl fmt::Display for SaveError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            SaveError::Insecure => f.write_str("not a secure context, so nothing can be encrypted"),
            SaveError::InUse => f.write_str("another tab works on this import"),
            SaveError::Finished => f.write_str("another tab has finished this import"),
            SaveError::NotSaved => f.write_str("the import is not saved"),
            SaveError::Unreadable(detail) => write!(f, "the record cannot be read: {detail}"),
            SaveError::Full => f.write_str("no room to remember when it is to be erased"),
            SaveError::Browser(message) => write!(f, "the browser refuses: {message}"),
        }
    }
}

impl Error for SaveError {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_another_tab_has_is_never_erased() {
        let unreadable = SaveError::Unreadable("version 1".to_owned());
        let refused = SaveError::Browser("no room".to_owned());
        for (error, for_good, elsewhere) in [
            (SaveError::InUse, false, true),
            (SaveError::Finished, false, true),
            (SaveError::Insecure, false, false),
            (SaveError::Full, false, false),
            (refused, false, false),
            (SaveError::NotSaved, true, false),
            (unreadable, true, false),
        ] {
            let found = (error.is_for_good(), error.is_elsewhere());
            assert_eq!(found, (for_good, elsewhere), "{error}");
        }
    }
}
