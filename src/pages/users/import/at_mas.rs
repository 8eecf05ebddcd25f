//! What Matrix Authentication Service (MAS) is asked for a plan, where it keeps the accounts.

use super::asking::{ask_twice, each_user, is_slow};
use super::checked::Checked;
use super::desk::Desk;
use super::facts::{Asking, MasFacts, PlanPhase, ServerFacts};
use crate::api::exchange::Patient;
use crate::api::mas::Ulid;
use crate::api::mas::emails::{self, Email};
use crate::api::mas::resource::{Count, MasPage, One, Resource, Slice, Want};
use crate::api::mas::upstream::{self, Link};
use crate::api::mas::users::{self, MasUser};
use crate::api::server::MasAccess;
use crate::api::users::{ExternalId, Threepid};
use crate::api::{ApiError, UserId};
use crate::import::plan::{Identity, Lookup, PAGE, SignInProvider, lookup};
use crate::session::Session;
use leptos::prelude::*;
use std::collections::HashMap;

/// How many addresses or identities of one account are asked for.
const IDENTITIES: u32 = 1000;

/// The first questions, before all others: who is newer than the newest one has appeared since.
pub async fn begin(client: Patient<'_>, access: &MasAccess) -> Result<MasFacts, ApiError> {
    let nobody = users::UserFilter::default();
    let newest = users::list(&access.base, &nobody, &Want::last(1).counted());
    let newest = client.send(newest).await?;
    let providers = upstream::providers(&access.base, Some(true), &Want::first(IDENTITIES));
    let providers = client.send(providers).await?;
    let made = newest
        .data
        .last()
        .and_then(|user| user.attributes.created_at);
    Ok(MasFacts {
        access: access.clone(),
        users: newest.count(),
        newest: made.map(|made| made.0),
        providers: providers.data.into_iter().map(SignInProvider::of).collect(),
        list_at: Default::default(),
    })
}

/// MasQuestions MAS for a plan. What it gives no answer to is counted.
#[derive(Clone, Copy)]
pub struct MasQuestions<'a> {
    pub desk: Desk,
    pub client: Patient<'a>,
    pub facts: &'a ServerFacts,
    pub mas: &'a MasFacts,
    /// Whether the file names any.
    pub has_external_ids: bool,
}

impl MasQuestions<'_> {
    fn base(&self) -> &str {
        &self.mas.access.base
    }

    fn asking(&self) -> (Asking, usize) {
        (Asking::Mas, self.facts.silent.get())
    }

    /// Finds out which accounts of the file there are: for many rows by reading the whole list, as MAS cannot
    /// be asked for several.
    pub async fn for_accounts(self, checked: &Checked, rows: u64) -> Result<usize, ApiError> {
        let existing = &self.facts.existing;
        let by_list = |users| lookup(users, rows) == Lookup::PageThrough;
        if self.mas.users.is_none_or(by_list) && !existing.borrow().is_complete_at_mas() {
            self.read_list().await?;
        }
        let mut unknown = Vec::new();
        let mut look = |user: &UserId| {
            if existing.borrow().has_at_mas(user).is_none() {
                unknown.push(user.clone());
            }
        };
        each_user(checked, &mut look).await;
        let ask = |user: &UserId| users::by_username(self.base(), user.localpart());
        let hear = |user: UserId, answer: Result<Option<One<MasUser>>, ApiError>| {
            let mut existing = existing.borrow_mut();
            match answer? {
                Some(found) if found.data.attributes.username == user.localpart() => {
                    let found = found.data;
                    existing.add_at_mas(user, found.id, &found.attributes);
                }
                // One that differs in case takes the name as well.
                Some(found) => {
                    let found = found.data;
                    let other = UserId::new(&found.attributes.username, &user.server());
                    existing.add_at_mas(other, found.id, &found.attributes);
                    existing.add_absent_at_mas(user);
                }
                None => existing.add_absent_at_mas(user),
            }
            Ok(true)
        };
        let silent = ask_twice(self.desk, self.asking(), self.client, unknown, ask, hear).await?;
        Ok(silent.len())
    }

    /// Reads the whole list, or goes on with it. A page that MAS stumbles over is asked for once more.
    async fn read_list(self) -> Result<(), ApiError> {
        let Some(server) = Session::get().server_name() else {
            return Err(ApiError::Cancelled);
        };
        let total = self.mas.users.unwrap_or_default();
        let (mut done, mut stumbled) = (0, false);
        loop {
            let at = self.mas.list_at.borrow().clone();
            let want = Want {
                slice: at.map_or(Slice::First, Slice::After),
                size: PAGE as u32,
                count: Count::No,
            };
            let request = users::list(self.base(), &users::UserFilter::default(), &want);
            let page = match self.client.send(request).await {
                Err(error) if is_slow(&error) && !stumbled => {
                    stumbled = true;
                    continue;
                }
                page => page?,
            };
            stumbled = false;
            let next = page.after();
            let mut existing = self.facts.existing.borrow_mut();
            for found in page.data {
                done += 1;
                let user = UserId::new(&found.attributes.username, &server);
                existing.add_at_mas(user, found.id, &found.attributes);
            }
            drop(existing);
            self.desk.plan.set(PlanPhase::Asking {
                what: Asking::Mas,
                done,
                total: total.max(done),
            });
            if next.is_none() {
                self.facts.existing.borrow_mut().set_complete_at_mas();
                return Ok(());
            }
            self.mas.list_at.replace(next);
        }
    }

    /// MasQuestions for the e-mail addresses and external IDs of the accounts that are to be updated, which the homeserver is
    /// told a little later, or never.
    pub async fn for_identities(self, checked: &Checked) -> Result<usize, ApiError> {
        let existing = &self.facts.existing;
        let wanted = checked.with(|_, file| existing.borrow().without_identities_at_mas(file));
        let wanted = wanted.unwrap_or_default();
        let mut emails_of: HashMap<UserId, Vec<Threepid>> = HashMap::new();
        let want = Want::first(IDENTITIES);
        let ask = |(_, id): &(UserId, Ulid)| {
            let filter = emails::EmailFilter {
                user: Some(id.clone()),
                ..Default::default()
            };
            emails::list(self.base(), &filter, &want)
        };
        let hear = |(user, _): (UserId, Ulid), answer: Result<Option<MasPage<Email>>, ApiError>| {
            let page = answer?.map_or_else(Vec::new, |page| page.data);
            let emails = page.into_iter().map(|email| Threepid {
                medium: "email".to_owned(),
                address: email.attributes.email.to_lowercase(),
            });
            emails_of.insert(user, emails.collect());
            Ok(true)
        };
        let asked = wanted.clone();
        let silent = ask_twice(self.desk, self.asking(), self.client, asked, ask, hear).await?;
        let mut links_of: HashMap<UserId, Vec<ExternalId>> = HashMap::new();
        let linked = match self.has_external_ids {
            true => wanted.clone(),
            false => Vec::new(),
        };
        let ask = |(_, id): &(UserId, Ulid)| {
            let filter = upstream::LinkFilter {
                user: Some(id.clone()),
                ..Default::default()
            };
            upstream::links(self.base(), &filter, &want)
        };
        let hear = |(user, _): (UserId, Ulid), answer: Result<Option<MasPage<Link>>, ApiError>| {
            let page = answer?.map_or_else(Vec::new, |page| page.data);
            links_of.insert(user, page.into_iter().map(external_id).collect());
            Ok(true)
        };
        let unlinked = ask_twice(self.desk, self.asking(), self.client, linked, ask, hear).await?;
        let mut existing = existing.borrow_mut();
        let mut unsaid = 0;
        for (user, id) in wanted {
            let it = (user, id);
            match silent.contains(&it) || unlinked.contains(&it) {
                true => {
                    unsaid += 1;
                    existing.doubt(it.0);
                }
                false => {
                    let emails = emails_of.remove(&it.0).unwrap_or_default();
                    let links = links_of.remove(&it.0).unwrap_or_default();
                    existing.add_identities_at_mas(it.0, emails, links);
                }
            }
        }
        Ok(unsaid)
    }

    /// MasQuestions whose these are, and gives those to which there is no answer.
    pub async fn for_owners(self, wanted: Vec<Identity>) -> Result<Vec<Identity>, ApiError> {
        let (emails, links): (Vec<Identity>, Vec<Identity>) = wanted
            .into_iter()
            .partition(|identity| matches!(identity, Identity::Threepid(_)));
        let one = Want::first(1);
        let mut unnamed: Vec<(Identity, Ulid)> = Vec::new();
        let ask = |identity: &Identity| {
            let filter = emails::EmailFilter {
                email: Some(identity.to_string()),
                ..Default::default()
            };
            emails::list(self.base(), &filter, &one)
        };
        let hear = |identity, answer: Result<Option<MasPage<Email>>, ApiError>| {
            let found = answer?.and_then(|page| page.data.into_iter().next());
            self.owner(
                identity,
                found.map(|found| found.attributes.user_id),
                &mut unnamed,
            );
            Ok(true)
        };
        let mut silent =
            ask_twice(self.desk, self.asking(), self.client, emails, ask, hear).await?;
        let ask = |identity: &Identity| {
            let filter = match identity {
                Identity::ExternalId(wanted) => upstream::LinkFilter {
                    provider: Ulid::parse(&wanted.auth_provider),
                    subject: Some(wanted.external_id.clone()),
                    ..Default::default()
                },
                Identity::Threepid(_) => upstream::LinkFilter::default(),
            };
            upstream::links(self.base(), &filter, &one)
        };
        let hear = |identity, answer: Result<Option<MasPage<Link>>, ApiError>| {
            let found = answer?.and_then(|page| page.data.into_iter().next());
            self.owner(
                identity,
                found.and_then(|found| found.attributes.user_id),
                &mut unnamed,
            );
            Ok(true)
        };
        silent.extend(ask_twice(self.desk, self.asking(), self.client, links, ask, hear).await?);
        let Some(server) = Session::get().server_name() else {
            return Err(ApiError::Cancelled);
        };
        let ask = |(_, id): &(Identity, Ulid)| users::get(self.base(), id);
        let hear = |(identity, _): (Identity, Ulid),
                    answer: Result<Option<One<MasUser>>, ApiError>| {
            let name = answer?.map(|found| found.data.attributes.username);
            let owner = name.map(|name| UserId::new(&name, &server));
            self.facts.existing.borrow_mut().add_owner(identity, owner);
            Ok(true)
        };
        let nameless = ask_twice(self.desk, self.asking(), self.client, unnamed, ask, hear).await?;
        silent.extend(nameless.into_iter().map(|(identity, _)| identity));
        Ok(silent)
    }

    /// Notes whose something is, or that its name is to be asked for.
    fn owner(self, identity: Identity, id: Option<Ulid>, unnamed: &mut Vec<(Identity, Ulid)>) {
        let mut existing = self.facts.existing.borrow_mut();
        let known = id.as_ref().map(|id| existing.by_id_at_mas(id).cloned());
        match (id, known) {
            (Some(id), Some(None)) => unnamed.push((identity, id)),
            (_, known) => existing.add_owner(identity, known.flatten()),
        }
    }
}

/// As a plan has it.
fn external_id(link: Resource<Link>) -> ExternalId {
    ExternalId {
        auth_provider: link.attributes.provider_id.to_string(),
        external_id: link.attributes.subject,
    }
}
