//! Why a server cannot do something, in a sentence.

use super::t;
use crate::api::server::{Lack, NearestWithMas};

/// The sentence that says why the server does not have a feature, and what comes nearest to it.
pub fn why_not(lack: Lack) -> String {
    match lack {
        Lack::TooOld { needs, has } => t::lack_too_old(&has.to_string(), &needs.to_string()),
        Lack::MovedToMas => t::lack_mas(),
        Lack::MasNotGranted => t::lack_mas_not_granted(),
        Lack::MasSilent => t::lack_mas_silent(),
        Lack::MasNotFound => t::lack_mas_not_found(),
        Lack::MasTooOld { needs, has } => t::lack_mas_too_old(&has.to_string(), &needs.to_string()),
        Lack::NotWithMas(nearest) => {
            let nearest = nearest.map(|nearest| match nearest {
                NearestWithMas::SuspendOrLock => t::lack_nearest_suspend(),
                NearestWithMas::SessionWithDevice => t::lack_nearest_session(),
            });
            let sentences = std::iter::once(t::lack_not_with_mas()).chain(nearest);
            sentences.collect::<Vec<_>>().join(" ")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::server::{AtMas, Capabilities, Feature, Version};

    #[test]
    fn the_server_is_older_than_what_it_needs() {
        let lack = Lack::TooOld {
            needs: Version(1, 122, 0),
            has: Version(1, 98, 0),
        };
        let sentence = "Needs Synapse 1.122.0 or newer; this server is 1.98.0.";
        assert_eq!(why_not(lack), sentence);
    }

    #[test]
    fn nobody_is_said_to_do_what_nobody_does() {
        let mut server = Capabilities {
            version: Version::parse("1.163.2"),
            delegated_auth: true,
            ..Default::default()
        };
        let mut says = |at_mas: AtMas, feature, sentence: &str| {
            server.at_mas = at_mas;
            assert_eq!(server.lack(feature).map(why_not).as_deref(), Some(sentence));
        };
        let nowhere = "Not possible where Matrix Authentication Service keeps the accounts.";
        for at_mas in [AtMas::NotAsked, AtMas::NotGranted, AtMas::Silent] {
            let nearest = format!("{nowhere} Suspend or lock the account instead.");
            says(at_mas.clone(), Feature::ShadowBanning, &nearest);
            let nearest = format!("{nowhere} A personal session can come with a device.");
            says(at_mas.clone(), Feature::CreateDevices, &nearest);
            says(at_mas, Feature::AccountValidity, nowhere);
        }
        for (at_mas, sentence) in [
            (
                AtMas::NotAsked,
                "On this server, Matrix Authentication Service does this.",
            ),
            (
                AtMas::NotGranted,
                "Needs rights at Matrix Authentication Service, which this session has not been granted.",
            ),
            (
                AtMas::Silent,
                "Needs the admin API of Matrix Authentication Service, which does not answer.",
            ),
            (
                AtMas::NotFound,
                "Needs Matrix Authentication Service, and nobody knows where that stands.",
            ),
        ] {
            for feature in [
                Feature::Locking,
                Feature::LogInAs,
                Feature::RegistrationTokens,
            ] {
                says(at_mas.clone(), feature, sentence);
            }
        }
    }
}
