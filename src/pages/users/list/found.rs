//! What the search field finds that the list of the server does not: whose an e-mail address, a
//! phone number, an identity of single sign-on is, with whoever is called so, and who is in a room.

use super::roll;
use crate::address::identifier::{self, IdentifierKind, RoomOrAlias};
use crate::api::server::{Capabilities, Feature};
use crate::api::users::{self, ListUsers, User};
use crate::api::{ApiError, RoomId, UserId, rooms};
use crate::i18n::features::why_not;
use crate::i18n::t;
use crate::listing::search;
use crate::lists::Reading;
use crate::pages::users::identity::{self, IdentityOwner};
use crate::session::{Client, Session};
use crate::users::query::{Question, UserOrder};
use std::collections::HashSet;

/// Those whom an identifier leads to, and a word on how they were found; `None` if the search is
/// for words.
pub async fn found(
    question: &Question,
    reading: &Reading,
    server: &Capabilities,
) -> Result<Option<(Vec<User>, String)>, ApiError> {
    let client = Client::get();
    let search = question.search.as_str();
    // The detail of an account knows less of this than the list.
    let by_list = question.not_seen_since.is_some()
        || question.seen_from.is_some()
        || question.ever_seen.is_some()
        || question.order_by == Some(UserOrder::LastSeen);
    let owner = match identifier::kind(search) {
        IdentifierKind::Room(room) => {
            let (found, name) = in_room(room, by_list, reading).await?;
            let note = t::users_note_room(found.len() as u64, &name);
            return Ok(Some((found, note)));
        }
        IdentifierKind::ExternalId(id) => match identity::owner_of(&id, server).await? {
            IdentityOwner::Is(owner) => owner,
            // Words may look like one.
            IdentityOwner::Nobody | IdentityOwner::NoProvider => return Ok(None),
            IdentityOwner::Unknown(lack) => {
                let note = t::users_note_identity_unknown(&why_not(lack));
                return Ok(Some((called_so(question, server, reading).await?, note)));
            }
        },
        // Names of digits are no phone numbers.
        IdentifierKind::Phone(_) if !search.trim().starts_with('+') => return Ok(None),
        kind => match kind.threepid() {
            Some(threepid) if server.has(Feature::FindByThreepid) => {
                match ApiError::if_there(client.send(users::by_threepid(&threepid)).await)? {
                    Some(owner) => owner.user_id,
                    // Nobody's, but somebody may be called so.
                    None => return Ok(None),
                }
            }
            _ => return Ok(None),
        },
    };
    let mut found: Vec<User> = match by_list {
        true => {
            let roll = roll::all(reading).await?;
            let owner = roll.items.iter().filter(|user| user.name == owner);
            owner.cloned().collect()
        }
        false => {
            let owner = ApiError::if_there(client.send(users::get(&owner)).await)?;
            owner.map(|detail| detail.user).into_iter().collect()
        }
    };
    let mut others = called_so(question, server, reading).await?;
    others.retain(|user| user.name != owner);
    let note = match others.is_empty() {
        true => t::users_note_owner(),
        false => t::users_note_owner_and_name(),
    };
    found.extend(others);
    Ok(Some((found, note)))
}

/// Those whose name has in it what is searched: the owner of an address need not be the only one.
async fn called_so(
    question: &Question,
    server: &Capabilities,
    reading: &Reading,
) -> Result<Vec<User>, ApiError> {
    let called = Question {
        search: question.search.clone(),
        ..Question::default()
    };
    let name = called.search.trim();
    let sure = search::surest(name);
    if sure.is_empty() || !(sure.is_ascii() || server.since(99)) {
        let roll = roll::all(reading).await?;
        let found = called.matching(&roll.items, &|_| false);
        return Ok(found.into_iter().cloned().collect());
    }
    // What a part of it or wildcards find too much goes out again.
    let asked = ListUsers {
        name: Some(sure.to_owned()),
        ..ListUsers::default()
    };
    let found = super::all_of(asked, server.clone()).await?;
    let found = called.matching(&found, &|_| false);
    Ok(found.into_iter().cloned().collect())
}

/// The local users in a room, and the room as it was asked for.
async fn in_room(
    room: RoomOrAlias,
    by_list: bool,
    reading: &Reading,
) -> Result<(Vec<User>, String), ApiError> {
    let client = Client::get();
    let name = room.as_str().to_owned();
    let id: Option<RoomId> = match room {
        RoomOrAlias::Id(id) => Some(id),
        RoomOrAlias::Alias(alias) => ApiError::if_there(client.send(rooms::resolve(&alias)).await)?
            .map(|resolved| resolved.room_id),
    };
    let Some(id) = id else {
        return Ok((Vec::new(), name));
    };
    let Some(members) = ApiError::if_there(client.send(rooms::members(&id)).await)? else {
        return Ok((Vec::new(), name));
    };
    let own = Session::get().server_name();
    let local: HashSet<UserId> = members
        .members
        .into_iter()
        .filter(|user| own.as_ref() == Some(&user.server()))
        .collect();
    let found = match by_list {
        true => roll::only(&local, reading).await?,
        false => roll::these(&local, reading).await?,
    };
    Ok((found, name))
}
