//! What is missing before anybody sets out: a list for whoever runs the server. It asks, and tells the
//! server nothing.

use super::{details, wire};
use crate::api::exchange::Network;
use crate::api::{HomeserverUrl, ServerName, mas, oauth};
use crate::i18n::t;
use crate::session::away::page_address;
use crate::session::config::config_now;
use crate::session::wire::Wire;
use std::cell::RefCell;

/// Something that was looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// Whether nobody can sign in because of it; else something is missing afterwards.
    pub stops: bool,
    pub sentence: String,
    /// What whoever runs the server can do about it.
    pub remedy: String,
}

fn stops(sentence: String, remedy: String) -> Finding {
    Finding {
        stops: true,
        sentence,
        remedy,
    }
}

thread_local! {
    /// The MAS that was asked last, and whether its admin API is exposed: a browser complains of each
    /// such question.
    static EXPOSED: RefCell<Option<(String, bool)>> = const { RefCell::new(None) };
}

/// Whether MAS answers for its admin API here, as far as this page knows already: a browser cannot tell
/// one that is not exposed from one that cannot be reached.
pub(super) async fn is_exposed(wire: &Wire, mas: &str) -> bool {
    let known = EXPOSED.with_borrow(|known| known.clone());
    match known {
        Some((of, exposed)) if of == mas => exposed,
        _ => asked(wire, mas).await,
    }
}

async fn asked(wire: &Wire, mas: &str) -> bool {
    let request = mas::version(mas).anonymous();
    let answer = wire.exchange(&request.call).await;
    let exposed = answer.is_ok_and(|answer| mas::is_exposed(&answer));
    EXPOSED.set(Some((mas.to_owned(), exposed)));
    exposed
}

/// Walks through it all.
pub(super) async fn look(homeserver: &HomeserverUrl, domain: Option<&ServerName>) -> Vec<Finding> {
    let wire = wire(homeserver);
    let metadata = match oauth::find(wire.patient(), domain).await {
        Ok(Some(metadata)) => metadata,
        Ok(None) => return vec![stops(t::oauth_not_found(), t::oauth_not_found_hint())],
        Err(error) => return vec![stops(t::oauth_silent(homeserver.as_str()), details(&error))],
    };
    let mut findings = Vec::new();
    if let Some(address) = metadata.unencrypted()
        && homeserver.is_https()
    {
        findings.push(stops(
            t::oauth_unencrypted(address),
            t::oauth_unencrypted_hint(),
        ));
    }
    let config = config_now();
    if config.oauth_client_id.is_none() {
        let client = oauth::client(&page_address(), config.oauth_client_uri.as_deref());
        match (&metadata.registration_endpoint, client) {
            (None, _) => findings.push(stops(
                t::oauth_no_registration(),
                t::oauth_no_registration_hint(),
            )),
            (Some(_), Err(unfit)) => {
                let why = super::words::unfit(unfit);
                findings.push(stops(why.sentence, why.hint));
            }
            (Some(_), Ok(_)) => {}
        }
    }
    if let Some(mas) = metadata.mas()
        && !asked(&wire, &mas).await
    {
        findings.push(Finding {
            stops: false,
            sentence: t::oauth_no_admin_api(),
            remedy: t::oauth_no_admin_api_hint(&mas),
        });
    }
    findings
}
