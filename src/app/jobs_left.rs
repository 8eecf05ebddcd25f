//! Jobs that an earlier page of this tab has left in order to sign in again, of those subjects whose
//! actions have no part of their own.

use crate::operations::carried::{self, Maker};
use crate::pages::authentication::{links, personal, sessions};
use crate::pages::media::files::actions as files;
use crate::pages::rooms::one::{MEMBERS, make_members, removal};
use crate::pages::{federation, registration_tokens, reports};
use crate::ui::{IntoNode, Node};

/// The names of the makers.
const NAMES: [&str; 10] = [
    files::MAKER,
    registration_tokens::MAKER,
    registration_tokens::MAKER_AT_MAS,
    sessions::MAKER,
    personal::MAKER,
    links::MAKER,
    federation::MAKER,
    reports::MAKER,
    removal::MAKER,
    MEMBERS,
];

/// Whether there are any. Not a part of [`view`], so that asking does not download what makes them.
pub fn is_kept() -> bool {
    NAMES.into_iter().any(carried::is_kept)
}

/// Goes on with them, and shows nothing.
pub fn view() -> Node {
    let makers: [Maker; 10] = [
        files::make,
        registration_tokens::make,
        registration_tokens::make_at_mas,
        sessions::make,
        personal::make,
        links::make,
        federation::make,
        reports::make,
        removal::make,
        make_members,
    ];
    for (name, make) in NAMES.into_iter().zip(makers) {
        carried::go_on(name, make);
    }
    ().into_node()
}
