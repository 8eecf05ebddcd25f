//! Building blocks that know Matrix and the session, for pages of several subjects.
//!
//! | file | what |
//! |---|---|
//! | [`actions`] | menu, cards and question of the tables of actions |
//! | [`dear`] | what costs the server something is read when somebody wants it |
//! | [`gather`] | reading what was selected, with progress and a way to stop |
//! | [`address`] | e-mail addresses, phone numbers and identities, and whose they are |
//! | [`mas_closed`] | that Matrix Authentication Service is closed to this session, why, and the way to advice |
//! | [`mas_names`] | the names behind the IDs that Matrix Authentication Service gives |
//! | [`own_session`] | which of the sessions at MAS is one's own |
//! | [`pictures`] | small pictures from the media repository |
//! | [`preferences`] | language and theme |
//! | [`reason_field`] | a field for why something that was said, or somebody, is removed |
//! | [`room_field`] | a field for a room |
//! | [`rooms_kept`] | the whole list of rooms, read once for all pages |
//! | [`subjects`] | which accounts and rooms actions are about |

pub mod actions;
pub mod address;
pub mod dear;
pub mod gather;
pub mod mas_closed;
pub mod mas_names;
pub mod own_session;
pub mod pictures;
pub mod preferences;
pub mod reason_field;
pub mod room_field;
pub mod rooms_kept;
pub mod subjects;
