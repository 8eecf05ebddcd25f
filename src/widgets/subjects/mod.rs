//! What the actions on accounts and on rooms are about, wherever these are listed, and the parts of the
//! app that show what can be done to them.

pub mod rooms;
pub mod users;
