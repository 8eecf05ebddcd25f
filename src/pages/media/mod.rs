//! Pages about the media repository.
//!
//! | folder | page |
//! |---|---|
//! | [`repository`] | `#/media`: where its space goes, and removing old media |
//! | [`mod@file`] | `#/media/example.org/abc` |
//! | [`files`] | the list of files, wherever one is shown |

pub mod file;
pub mod files;
pub mod repository;
