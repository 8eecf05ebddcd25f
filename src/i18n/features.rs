//! Why a server cannot do something, in a sentence.

use super::t;
use crate::api::server::Lack;

/// The sentence.
pub fn why_not(lack: Lack) -> String {
    match lack {
        Lack::TooOld { needs, has } => t::lack_too_old(&needs.to_string(), &has.to_string()),
        Lack::MovedToMas => t::lack_mas(),
    }
}
