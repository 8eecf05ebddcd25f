//! What the browser has, for everything above.
//!
//! | file | what |
//! |---|---|
//! | [`clock`] | time and random numbers; a breath between two slices of work |
//! | [`storage`] | small things kept in the browser |
//! | [`letters`] | letters as shortcuts, on any keyboard; whether they are wanted |
//! | [`navigation`] | where the person is, and going elsewhere |
//! | [`only_one`] | things of which a tab has one, found everywhere |
//! | [`standstill`] | why what is under way does not go on |
//! | [`download`] | saving something as a file |

pub mod clock;
pub mod download;
pub mod letters;
pub mod navigation;
pub mod only_one;
pub mod standstill;
pub mod storage;
