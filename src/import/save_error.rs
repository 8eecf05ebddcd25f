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
    /// It is not saved any more, or never was: nobody wants it to be, or a part of it is gone.
    NotSaved,
    /// Another version of the panel wrote it, or it is damaged. What is wrong, for developers.
    Unreadable(String),
    /// The browser refuses, in its own words.
    Browser(String),
}

impl fmt::Display for SaveError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            SaveError::Insecure => f.write_str("not a secure context, so nothing can be encrypted"),
            SaveError::InUse => f.write_str("another tab works on this import"),
            SaveError::NotSaved => f.write_str("the import is not saved"),
            SaveError::Unreadable(detail) => write!(f, "the record cannot be read: {detail}"),
            SaveError::Browser(message) => write!(f, "the browser refuses: {message}"),
        }
    }
}

impl Error for SaveError {}
