//! E-mail addresses, phone numbers and single sign-on identities: as people type them, whose they
//! are, and the question before one is taken from somebody.

use crate::address::identifier;
use crate::api::server::Feature;
use crate::api::users::{self, ExternalId, Threepid, UserChange, UserDetail};
use crate::api::{ApiError, UserId};
use crate::i18n::features::why_not;
use crate::i18n::t;
use crate::operations::{Confirmation, Operations, Proposal};
use crate::session::{Client, Session};
use std::error::Error;
use std::fmt;
use std::rc::Rc;

/// Why a text is not a contact address of the kind that was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AddressProblem {
    NotEmail,
    /// Not a phone number, or one without its country code.
    NotPhone,
}

impl AddressProblem {
    /// What is wrong, for the person who typed it.
    pub fn sentence(self) -> String {
        match self {
            AddressProblem::NotEmail => t::contact_no_email(),
            AddressProblem::NotPhone => t::contact_no_phone(),
        }
    }
}

impl fmt::Display for AddressProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            AddressProblem::NotEmail => "not an e-mail address",
            AddressProblem::NotPhone => "not a phone number with its country code",
        })
    }
}

impl Error for AddressProblem {}

/// The e-mail address (`email`) or phone number (`msisdn`) that has been typed, as the server
/// stores it.
pub fn threepid(medium: &str, text: &str) -> Result<Threepid, AddressProblem> {
    let wanted = |kind: &identifier::IdentifierKind| match kind {
        identifier::IdentifierKind::Email(_) => medium == "email",
        identifier::IdentifierKind::Phone(_) => medium == "msisdn",
        _ => false,
    };
    identifier::readings(text)
        .into_iter()
        .find(wanted)
        .and_then(|kind| kind.threepid())
        .ok_or(match medium {
            "email" => AddressProblem::NotEmail,
            _ => AddressProblem::NotPhone,
        })
}

/// Something by which a person is found.
#[derive(Clone, Debug, PartialEq)]
pub enum Address {
    Threepid(Threepid),
    Identity(ExternalId),
}

/// Whose an address is.
#[derive(Clone, Debug, PartialEq)]
pub enum AddressOwner {
    Nobody,
    Somebody(UserId),
    /// This server is too old to say.
    Unknown,
}

impl Address {
    /// As a person knows it.
    pub fn text(&self) -> String {
        match self {
            Address::Threepid(threepid) => threepid.address.clone(),
            Address::Identity(id) => format!("{}: {}", id.auth_provider, id.external_id),
        }
    }

    /// What the server must be able to do to say whose it is.
    pub fn feature(&self) -> Feature {
        match self {
            Address::Threepid(_) => Feature::FindByThreepid,
            Address::Identity(_) => Feature::FindByExternalId,
        }
    }

    /// Whose it is now.
    pub async fn owner(&self) -> Result<AddressOwner, ApiError> {
        if !Session::get().capabilities_now().has(self.feature()) {
            return Ok(AddressOwner::Unknown);
        }
        let request = match self {
            Address::Threepid(threepid) => users::by_threepid(threepid),
            Address::Identity(id) => users::by_external_id(id),
        };
        match Client::get().send(request).await {
            Ok(owner) => Ok(AddressOwner::Somebody(owner.user_id)),
            Err(error) if error.is_not_found() => Ok(AddressOwner::Nobody),
            Err(ApiError::Unsupported { .. }) => Ok(AddressOwner::Unknown),
            Err(error) => Err(error),
        }
    }

    /// Fails if it is not `expected` any more whose it is, so that nothing is taken from somebody
    /// who was not asked about. That it is `new` already is fine.
    pub async fn is_still(&self, expected: &AddressOwner, new: &UserId) -> Result<(), ApiError> {
        let owner = self.owner().await?;
        if owner == *expected || owner == AddressOwner::Somebody(new.clone()) {
            return Ok(());
        }
        let text = self.text();
        Err(ApiError::Matrix {
            status: 409,
            errcode: "M_THREEPID_IN_USE".to_owned(),
            message: match &owner {
                AddressOwner::Somebody(owner) => t::contact_now_of(&text, owner.as_str()),
                _ => t::contact_now_of_nobody(&text),
            },
        })
    }

    /// The account with it, or without it.
    pub fn change(&self, detail: &UserDetail, with: bool) -> UserChange {
        let mut change = UserChange::default();
        match self {
            Address::Threepid(threepid) => {
                let mut all: Vec<Threepid> = detail.threepids.clone();
                all.retain(|other| other != threepid);
                if with {
                    all.push(threepid.clone());
                }
                change.threepids = Some(all);
            }
            Address::Identity(id) => {
                let mut all = detail.external_ids.clone();
                all.retain(|other| other != id);
                if with {
                    all.push(id.clone());
                }
                change.external_ids = Some(all);
            }
        }
        change
    }
}

/// Asks before addresses are taken from the accounts that have them, or that may have them.
pub fn ask_to_move(addresses: &[(Address, AddressOwner)], to: &UserId, run: Rc<dyn Fn()>) {
    let unknown = addresses
        .iter()
        .any(|(_, owner)| *owner == AddressOwner::Unknown);
    let known = addresses
        .iter()
        .any(|(_, owner)| matches!(owner, AddressOwner::Somebody(_)));
    let mut sentences = Vec::new();
    if known {
        sentences.push(t::contact_move_text());
    }
    if unknown {
        let server = Session::get().capabilities_now();
        let lack = server.lack(Feature::FindByThreepid);
        let why = lack.map(why_not).unwrap_or_default();
        sentences.push(format!("{} {why}", t::contact_unknown_text()));
    }
    let mut facts = Vec::new();
    for (address, owner) in addresses {
        facts.push((t::contact_address(), address.text()));
        facts.push((
            t::contact_owner(),
            match owner {
                AddressOwner::Somebody(owner) => owner.to_string(),
                AddressOwner::Unknown => t::contact_owner_unknown(),
                AddressOwner::Nobody => t::contact_owner_nobody(),
            },
        ));
    }
    facts.push((t::contact_new_owner(), to.to_string()));
    let title = match (addresses, known) {
        ([(address, _)], true) => t::contact_move_title(&address.text()),
        (_, true) => t::contact_move_several(),
        (_, false) => t::contact_unknown_title(),
    };
    Operations::get().propose(Proposal {
        title,
        sentence: sentences.join(" "),
        facts,
        action: match known {
            true => t::contact_move(),
            false => t::contact_go_on(),
        },
        danger: true,
        confirmation: Confirmation::Click,
        fields: None,
        run,
    });
}
