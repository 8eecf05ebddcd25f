//! E-mail addresses and phone numbers, as people type them.

use crate::api::users::Threepid;
use crate::find;
use crate::i18n::t;

/// What has been typed, as the server keeps it; or what is wrong with it.
pub fn threepid(medium: &str, text: &str) -> Result<Threepid, String> {
    let wanted = |kind: &find::Kind| match kind {
        find::Kind::Email(_) => medium == "email",
        find::Kind::Phone(_) => medium == "msisdn",
        _ => false,
    };
    find::readings(text)
        .into_iter()
        .find(wanted)
        .and_then(|kind| kind.threepid())
        .ok_or_else(|| match medium {
            "email" => t::contact_no_email(),
            _ => t::contact_no_phone(),
        })
}
