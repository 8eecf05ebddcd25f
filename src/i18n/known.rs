//! Why something is not known, in words.

use super::{Words, t};
use crate::known::Why;

/// The reason, as a sentence.
pub fn why(why: Why) -> Words {
    match why {
        Why::NoRecord => t::known_no_record,
        Why::TooOld => t::known_too_old,
        Why::Elsewhere => t::known_elsewhere,
        Why::NotAsked => t::known_not_asked,
        Why::Silent => t::known_silent,
    }
}
