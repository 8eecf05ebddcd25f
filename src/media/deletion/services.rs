//! Whose files a deletion hits, where they belong to accounts of bridges and bots: an administrator
//! may well mean these, but should know.

use super::survey::AT_ONCE;
use crate::api::exchange::Patient;
use crate::api::users;
use crate::api::{ApiError, UserId};
use crate::media::{StoredFile, Sum};
use crate::runner::hopeless::Failures;
use crate::users::bridges::groups;
use futures_util::{StreamExt, TryStreamExt, stream};
use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, HashMap};

/// Up to so many owners are asked about one by one.
const EACH: usize = 40;

/// What a deletion hits of an application service.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OfService {
    /// Its ID; `None` for accounts that only `asManagedUsers` of `config.json` names.
    pub service: Option<String>,
    /// How many of its accounts have files among them.
    pub accounts: u64,
    pub sum: Sum,
}

/// What is known of the owners of files, as far as bridges and bots are concerned.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OfServices {
    /// Those with most bytes first.
    pub found: Vec<OfService>,
    /// How many accounts were asked about without an answer: they may belong to one.
    pub unasked: u64,
}

/// Finds out which of the files belong to application services. No list of Synapse tells, only the
/// account itself (`GET /_synapse/admin/v2/users/{user_id}`): each of a few owners is asked for; of
/// many, the first and the last of those whose IDs begin alike, for up to 40 beginnings.
/// `is_managed` says whether the deployment names an account as one of a bridge or bot. An account of
/// which nothing can be found out counts as nobody's and is told as such, also where the server is away: what
/// has been read before is worth more than whose it is.
///
/// # Errors
///
/// That the session is over, or nobody waits any more.
pub async fn services(
    server: Patient<'_>,
    files: &[StoredFile],
    is_managed: &dyn Fn(&UserId) -> bool,
) -> Result<OfServices, ApiError> {
    let mut owners: BTreeMap<UserId, Sum> = BTreeMap::new();
    for file in files {
        if let Some(owner) = &file.owner {
            owners.entry(owner.clone()).or_default().add(file.bytes);
        }
    }
    let groups = match owners.len() > EACH {
        true => groups(owners.keys()),
        false => Vec::new(),
    };
    let asked: Vec<UserId> = match owners.len() > EACH {
        true => groups
            .iter()
            .flat_map(|group| group.samples.clone())
            .collect(),
        false => owners.keys().cloned().collect(),
    };
    let (failures, is_hopeless) = (&RefCell::<Failures>::default(), &Cell::new(false));
    let unasked = &Cell::new(0);
    let answers: Vec<Option<(UserId, String)>> = stream::iter(asked)
        .map(|user| async move {
            if is_hopeless.get() {
                unasked.set(unasked.get() + 1);
                return Ok(None);
            }
            match server.send(users::get(&user)).await {
                Ok(detail) => {
                    failures.borrow_mut().end();
                    Ok(detail.appservice_id.map(|service| (user, service)))
                }
                Err(error) if error.needs_a_person() => Err(error),
                // Of who has no account here nothing more can be said.
                Err(error) if error.is_not_found() => Ok(None),
                Err(error) => {
                    unasked.set(unasked.get() + 1);
                    is_hopeless
                        .set(is_hopeless.get() || failures.borrow_mut().are_hopeless(&error));
                    Ok(None)
                }
            }
        })
        .buffer_unordered(AT_ONCE)
        .try_collect()
        .await?;
    let answers: HashMap<UserId, String> = answers.into_iter().flatten().collect();
    let by_prefix: Vec<(&str, &String)> = groups
        .iter()
        .filter_map(|group| {
            let mut services = group.samples.iter().map(|user| answers.get(user));
            let first = services.next()??;
            services
                .all(|service| service == Some(first))
                .then_some((group.prefix.as_str(), first))
        })
        .collect();
    let service = |owner: &UserId| {
        let begins = |(prefix, _): &&(&str, &String)| owner.localpart().starts_with(*prefix);
        let alike = || by_prefix.iter().find(begins).map(|(_, service)| *service);
        answers.get(owner).or_else(alike).cloned()
    };
    let mut found: BTreeMap<Option<String>, OfService> = BTreeMap::new();
    for (owner, sum) in &owners {
        let service = service(owner);
        if service.is_none() && !is_managed(owner) {
            continue;
        }
        let of = found.entry(service.clone()).or_default();
        of.service = service;
        of.accounts += 1;
        of.sum += *sum;
    }
    let mut found: Vec<OfService> = found.into_values().collect();
    found.sort_by_key(|of| std::cmp::Reverse(of.sum.bytes));
    Ok(OfServices {
        found,
        unasked: unasked.get(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::MxcUri;
    use crate::known::Why;
    use crate::runner::answering::asked;
    use futures_util::FutureExt;
    use serde_json::{Value, json};

    fn of(says: &dyn Fn(&str) -> Result<Value, u16>) -> (Vec<(Option<String>, u64)>, u64) {
        let owners = ["@irc_a:b.org", "@irc_b:b.org", "@al:b.org"];
        let files = owners.map(|owner| StoredFile {
            owner: UserId::parse(owner),
            bytes: Some(1),
            ..StoredFile::unknown(MxcUri::parse("mxc://b.org/x").unwrap(), true, Why::TooOld)
        });
        let found = asked(&|call| says(&call.path), |server| {
            async move { services(server, &files, &|_| false).await.unwrap() }.boxed_local()
        });
        let of = found.found.into_iter().map(|of| (of.service, of.accounts));
        (of.collect(), found.unasked)
    }

    #[test]
    fn who_does_not_answer_is_nobodys_and_told() {
        let irc = |path: &str| {
            let service = path.contains("irc").then_some("irc");
            Ok(json!({"name": "@x:b.org", "appservice_id": service}))
        };
        let one = |accounts| vec![(Some("irc".to_owned()), accounts)];
        assert_eq!(of(&irc), (one(2), 0));
        let fails = |path: &str| match path.contains("irc_b") {
            true => Err(504),
            false => irc(path),
        };
        assert_eq!(of(&fails), (one(1), 1));
        let gone = |path: &str| match path.contains("irc_b") {
            true => Err(404),
            false => irc(path),
        };
        assert_eq!(of(&gone), (one(1), 0));
    }
}
