//! Sending a new account: first what makes it, then the rest; and finding out what came of it where
//! the server's answer was lost.

use super::name;
use crate::api::exchange::Clock;
use crate::api::users::{self, Guard, UserChange};
use crate::api::{ApiError, UserId};
use crate::browser::clock::BrowserClock;
use crate::i18n::t;
use crate::import::run::{NewAccount, is_ours};
use crate::operations::Recorded;
use crate::session::Client;
use crate::widgets::address::{Address, AddressOwner};
use std::error::Error;
use std::fmt;

/// How often the server is asked whether the account is there by now, and how long before each time,
/// in milliseconds.
pub const LOOKS: u32 = 5;
pub const LOOK_MS: u64 = 1_000;

/// What was sent when the answer was lost: an account of a name that was free.
#[derive(Clone, Debug, PartialEq)]
pub struct Unanswered {
    user: UserId,
    first: UserChange,
}

/// Why there is no new account.
#[derive(Debug)]
pub struct NotMade {
    pub error: ApiError,
    /// Set while nobody knows whether there is one after all.
    pub lost: Option<Unanswered>,
}

impl fmt::Display for NotMade {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "no account was made: {}", self.error)
    }
}

impl Error for NotMade {}

impl From<ApiError> for NotMade {
    fn from(error: ApiError) -> Self {
        NotMade { error, lost: None }
    }
}

/// Creates an account, and never changes one that was there before: first what makes the account, in
/// a request that fails if it is there, then what could take something from other accounts, if the
/// addresses still are whose they were when the person was asked. `before` is what an earlier try has
/// left open. Answers with what could not be set after the account was made.
pub async fn create(
    user: &UserId,
    account: &UserChange,
    found: &[(Address, AddressOwner)],
    before: Option<Unanswered>,
) -> Result<Option<ApiError>, NotMade> {
    let network = Recorded::new(&t::create_job(user.as_str()));
    let first = UserChange {
        threepids: None,
        external_ids: None,
        displayname: None,
        ..account.clone()
    };
    let sent = Unanswered {
        user: user.clone(),
        first: first.clone(),
    };
    let begun = before.as_ref() == Some(&sent);
    // Else an account of this name that is there after a lost answer may be somebody else's.
    let free = begun || {
        let asked = users::is_available(user.localpart());
        Client::get().send(asked).await.is_ok()
    };
    let answer = network
        .send(users::create(user, &first, Guard::Whole))
        .await;
    if let Err(error) = answer {
        let there = users::refused_by_guard(&error);
        let may_be_ours = if there {
            begun
        } else {
            free && may_be_there(&error)
        };
        if !may_be_ours {
            return Err(if there { in_use() } else { error }.into());
        }
        look(account, sent, error).await?;
    }
    let mut rest = UserChange {
        displayname: account.displayname.clone(),
        threepids: account.threepids.clone(),
        external_ids: account.external_ids.clone(),
        ..Default::default()
    };
    let changed = are_still(found, user).await.err();
    if changed.is_some() {
        rest.threepids = None;
        rest.external_ids = None;
    }
    if rest == UserChange::default() {
        return Ok(changed);
    }
    Ok(changed.or(network.send(users::put(user, &rest)).await.err()))
}

/// Whether the server may have made the account although this is the answer.
pub fn may_be_there(error: &ApiError) -> bool {
    let in_the_midst = error.status().is_some_and(|status| status >= 500);
    in_the_midst || error.may_be_under_way() || matches!(error, ApiError::Undecodable { .. })
}

/// The name is taken.
pub fn in_use() -> ApiError {
    ApiError::Matrix {
        status: 400,
        errcode: "M_USER_IN_USE".to_owned(),
        message: String::new(),
    }
}

/// Finds out whether what was sent has made the account. Fails if the account is somebody else's, or
/// if nobody knows: the server may still be at it.
async fn look(account: &UserChange, sent: Unanswered, error: ApiError) -> Result<(), NotMade> {
    let wanted = NewAccount::of_change(account);
    let unknown = |error| {
        let lost = Some(sent.clone());
        NotMade { error, lost }
    };
    for _ in 0..LOOKS {
        BrowserClock.sleep(LOOK_MS).await;
        match Client::get().send(users::get(&sent.user)).await {
            Ok(detail) if is_ours(&detail, &wanted, false, None) => return Ok(()),
            Ok(_) => return Err(in_use().into()),
            Err(none) if none.is_not_found() => {}
            Err(trouble) => return Err(unknown(trouble)),
        }
    }
    Err(unknown(error))
}

/// Fails if one of the addresses belongs to somebody else than when the person was asked.
async fn are_still(found: &[(Address, AddressOwner)], user: &UserId) -> Result<(), ApiError> {
    for (address, owner) in found {
        address.is_still(owner, user).await?;
    }
    Ok(())
}

/// What the server has against the name.
pub fn at_field(error: &ApiError, user: &UserId) -> Option<String> {
    let ApiError::Matrix { errcode, .. } = error else {
        return None;
    };
    name::refusal(errcode, user.localpart())
}
