//! Why a server cannot do something, in a sentence.

use super::t;
use crate::api::server::Lack;

/// The sentence that says why the server does not have a feature.
pub fn why_not(lack: Lack) -> String {
    match lack {
        Lack::TooOld { needs, has } => t::lack_too_old(&has.to_string(), &needs.to_string()),
        Lack::MovedToMas => t::lack_mas(),
        Lack::MasTooOld { needs, has } => t::lack_mas_too_old(&has.to_string(), &needs.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::server::Version;

    #[test]
    fn the_server_is_older_than_what_it_needs() {
        let lack = Lack::TooOld {
            needs: Version(1, 122, 0),
            has: Version(1, 98, 0),
        };
        let sentence = "Needs Synapse 1.122.0 or newer; this server is 1.98.0.";
        assert_eq!(why_not(lack), sentence);
    }
}
