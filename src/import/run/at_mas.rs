//! The same where Matrix Authentication Service (MAS) keeps the accounts.
//!
//! Creating is conditional by nature there: whoever exists is a conflict, whatever the case of the letters. The request
//! makes an account with nothing but its name; password, addresses and rights follow one by one, each
//! of which may be sent again. So nothing is at risk before an account is known to be the row's, and all of it
//! after: an account counts as the row's only if
//!
//! - MAS has answered so, or
//! - the answer was lost, and the account was made after the newest one that was known before the row began and
//!   not later than the lost request can have been carried out (`Import::is_late`, as everywhere), has the display
//!   name that was sent with it, and nothing that somebody else would have given it: no address, no identity, no
//!   session, no right.
//!
//! Where MAS says that the name is taken and no answer was lost (a browser may repeat a request by itself), the
//! account may look the same, and nothing is sent for it: [`Proof::Doubtful`], until a person retries the row.

use super::account::{self, CLOCKS_APART_MS};
use super::afterwards::Shown;
use super::row::{FollowUp, LATEST_MS, Row};
use super::{FailedPart, Field, Flow, Import, NewAccount, Proof, What};
use crate::api::exchange::{Network, done_once};
use crate::api::mas::Ulid;
use crate::api::mas::addresses::MasAddress;
use crate::api::mas::emails;
use crate::api::mas::resource::{Count, MasPage, Resource, Slice, Want};
use crate::api::mas::sessions;
use crate::api::mas::upstream::{self, Link};
use crate::api::mas::users::{self as accounts, MasUser, NewUser};
use crate::api::server::MasAccess;
use crate::api::users::{self, ExternalId, Threepid, UserChange, UserDetail};
use crate::api::{Answer, ApiError, Call, Method, Request, UserId};
use crate::runner::{Step, Turn};
use futures_util::FutureExt;
use futures_util::future::LocalBoxFuture;
use std::collections::VecDeque;

/// How many of what an account has are asked for at a time.
const PAGE: u32 = 100;

/// What a row asks MAS, and when: within a turn only while the server wants requests.
#[derive(Clone, Copy)]
pub(super) struct Asks<'a> {
    import: &'a Import,
    network: &'a dyn Network,
    mas: &'a MasAccess,
    turn: Option<&'a Turn<'a>>,
    /// Whose step it is, if it may change something.
    row: Option<usize>,
}

impl Import {
    /// Where the accounts are, unless the homeserver keeps them.
    pub(super) fn mas(&self) -> Option<&MasAccess> {
        self.options.server.mas()
    }

    pub(super) fn asks<'a>(&'a self, mas: &'a MasAccess, turn: Option<&'a Turn<'a>>) -> Asks<'a> {
        Asks {
            import: self,
            network: &*self.network,
            mas,
            turn,
            row: None,
        }
    }

    /// Finds out what a creation has come to.
    pub(super) async fn look_at_mas(
        &self,
        row: usize,
        account: &NewAccount,
        error: Option<ApiError>,
        asks: Asks<'_>,
    ) -> Flow {
        let state = self.with(row, |state| state.clone());
        let found = asks.account(&state.user).await.map_err(Step::from_error)?;
        let Some(found) = found else {
            return self.is_not_there(row, error);
        };
        // An earlier import has written down that the account is the row's.
        let known = (state.created == Some(true)).then_some(state.proof);
        let is_ours = match known {
            Some(_) => true,
            None => {
                let is_ours = asks.is_ours(&state, account, &found).await;
                is_ours.map_err(Step::from_error)?
            }
        };
        if !is_ours {
            return Box::pin(self.conflict(row, account)).await;
        }
        let proof = known.unwrap_or(match &error {
            _ if state.lost || state.resumed => Proof::Recognised,
            Some(error) if !is_conflict(error) => Proof::Recognised,
            _ => Proof::Doubtful,
        });
        // Nothing but the creation was sent, and the name with it.
        let only_created = known.is_none() || proof == Proof::Doubtful;
        let named = only_created && asks.names(account, &state.user).is_some();
        let mut follow = account.follow_at_mas(&state.user, named);
        let mut none = UserChange::default();
        account.leave_out(&state.problems, &mut none, &mut follow);
        if known.is_some() {
            let user = &found.attributes;
            let has_ended = (user.deactivated_at.is_some() && account.deactivated == Some(true))
                || (user.locked_at.is_some() && account.locked == Some(true));
            follow = self.with(row, |state| state.follows(account, has_ended, follow));
        }
        let mut problems = Vec::new();
        if proof == Proof::Doubtful {
            // It would be done to somebody else's account, if it is one. The error is about the name, not about these.
            let error = error.unwrap_or(ApiError::Cancelled);
            let left = std::mem::take(&mut follow);
            problems.extend(left.iter().flat_map(|step| step.untried(&error)));
        }
        self.with(row, |state| state.id = Some(found.id));
        self.is_created(row, proof, follow, problems).await;
        Ok(())
    }

    /// Sends a change of an account to whoever keeps what it changes, one after another. An error is one to
    /// try again; others are noted with the field that they are about.
    pub(super) async fn put_at_its_owner(
        &self,
        row: usize,
        user: &UserId,
        change: UserChange,
        asks: Asks<'_>,
        turn: &Turn<'_>,
    ) -> Result<(), ApiError> {
        let mut parts = VecDeque::from(account::by_owner(&change));
        let Some(change) = parts.pop_front() else {
            self.with(row, |state| state.follow.pop_front());
            return Ok(());
        };
        self.with(row, |state| {
            state.follow.pop_front();
            let parts = parts.into_iter().rev();
            let parts = parts.map(|part| FollowUp::Put(Box::new(part)));
            parts.for_each(|part| state.follow.push_front(part));
            let first = FollowUp::Put(Box::new(change.clone()));
            state.follow.push_front(first);
        });
        let Some(field) = Field::of(&change).find(|field| field.is_at_mas()) else {
            return self.put(row, user, change, turn).await;
        };
        let about = self.options.changes.as_ref().map(|about| about(user));
        let network = about.as_deref().unwrap_or(asks.network);
        let asks = Asks {
            network,
            row: Some(row),
            ..asks
        };
        match asks.set(row, user, &change).await {
            Ok(()) => self.with(row, |state| {
                state.changed = true;
                state.created.get_or_insert(false);
            }),
            Err(error) => match Step::from_error(error) {
                Step::Failed(error) => {
                    let what = What::Field(field);
                    let part = FailedPart { what, error };
                    let part = self.with(row, |state| match state.step_sent {
                        true => part,
                        // Only a question was refused.
                        false => state.not_asked(part),
                    });
                    self.fails_in_part(row, [part]).await;
                }
                Step::Again(error) => return Err(error),
                _ => return Err(ApiError::Cancelled),
            },
        }
        self.with(row, |state| state.follow.pop_front());
        Ok(())
    }
}

impl Asks<'_> {
    async fn ask<T>(self, request: &Request<T>) -> Result<T, ApiError> {
        let answer = self.exchange(&request.call).await?;
        request.read(&answer)
    }

    /// The display name that the creation sets, if it can and has to.
    pub(super) fn names(self, account: &NewAccount, user: &UserId) -> Option<String> {
        account.name_to_set(user).filter(|_| self.mas.since(1, 18))
    }

    /// The request that creates an account.
    pub(super) fn creation(self, account: &NewAccount, user: &UserId) -> Call {
        let new = NewUser {
            username: user.localpart().to_owned(),
            displayname: self.names(account, user),
        };
        accounts::create(&self.mas.base, &new).call
    }

    /// The account of this name.
    pub(super) async fn account(
        self,
        user: &UserId,
    ) -> Result<Option<Resource<MasUser>>, ApiError> {
        let ask = async |request| self.ask(&request).await;
        accounts::find(&self.mas.base, user, ask).await
    }

    /// What is shown of a row whose creation has come to nobody knows what, with the error that it ended with.
    pub(super) async fn shows(
        self,
        account: &NewAccount,
        state: &Row,
        error: &ApiError,
    ) -> Result<Shown, ApiError> {
        let Some(found) = self.account(&state.user).await? else {
            return Ok(Shown::Nobody);
        };
        if !self.is_ours(state, account, &found).await? {
            return Ok(Shown::Nothing);
        }
        let named = self.names(account, &state.user).is_some();
        let follow = account.follow_at_mas(&state.user, named);
        let problems = follow.iter().flat_map(|step| step.untried(error));
        Ok(Shown::TheRows(problems.collect()))
    }

    /// Whether an account is what a creation of ours has left behind, whose answer was lost.
    async fn is_ours(
        self,
        state: &Row,
        account: &NewAccount,
        found: &Resource<MasUser>,
    ) -> Result<bool, ApiError> {
        let (base, id, told) = (&self.mas.base, &found.id, &found.attributes);
        let created = told.created_at.map(|created| created.0);
        // Of which all is known.
        let is_of_its_time = match (created, state.since, state.until_ms) {
            (Some(created), Some(since), Some(_)) => created.0 >= since.0 - CLOCKS_APART_MS,
            _ => false,
        };
        let is_of_its_time = is_of_its_time && !self.import.is_late(state, created);
        let is_plain = !told.admin
            && told.locked_at.is_none()
            && told.deactivated_at.is_none()
            && !told.legacy_guest;
        if state.foreign || !is_of_its_time || !is_plain {
            return Ok(false);
        }
        let one = Want::first(1);
        let emails = emails::EmailFilter {
            user: Some(id.clone()),
            ..Default::default()
        };
        let links = upstream::LinkFilter {
            user: Some(id.clone()),
            ..Default::default()
        };
        let sessions = sessions::SessionFilter {
            user: Some(id.clone()),
            ..Default::default()
        };
        if !is_empty(&self.ask(&emails::list(base, &emails, &one)).await?)
            || !is_empty(&self.ask(&upstream::links(base, &links, &one)).await?)
            || !is_empty(&self.ask(&sessions::browser(base, &sessions, &one)).await?)
            || !is_empty(&self.ask(&sessions::compat(base, &sessions, &one)).await?)
        {
            return Ok(false);
        }
        let by_oauth = sessions::oauth2(base, &sessions, None, &one);
        if !is_empty(&self.ask(&by_oauth).await?) {
            return Ok(false);
        }
        let Some(detail) = ApiError::if_there(self.ask(&users::get(&state.user)).await)? else {
            return Ok(false);
        };
        let name = detail
            .user
            .displayname
            .as_deref()
            .unwrap_or_default()
            .trim();
        let is_as_sent = match self.names(account, &state.user) {
            // One whose version nobody knows may have passed over it.
            Some(sent) => {
                name == sent.trim() || self.mas.version.is_none() && name == state.user.localpart()
            }
            None => name == state.user.localpart(),
        };
        Ok(is_as_sent
            && detail.appservice_id.is_none()
            && detail.user.avatar_url.is_none()
            && detail.user.last_seen_ts.is_none())
    }

    /// An account as MAS and the homeserver show it together, with those of its addresses and identities that are the
    /// row's; nothing if one of them does not.
    ///
    /// # Errors
    ///
    /// What is worth another try.
    pub(super) async fn shown(
        self,
        account: &NewAccount,
        user: &UserId,
    ) -> Result<Option<UserDetail>, ApiError> {
        match self.look_at_both(account, user).await {
            Err(error) => refusal(error).map(|_| None),
            shown => shown,
        }
    }

    async fn look_at_both(
        self,
        account: &NewAccount,
        user: &UserId,
    ) -> Result<Option<UserDetail>, ApiError> {
        let Some(found) = self.account(user).await? else {
            return Ok(None);
        };
        let mut detail = self.ask(&users::get(user)).await?;
        as_it_says(&mut detail, &found.attributes);
        let base = &self.mas.base;
        detail.threepids.clear();
        if let Some(wanted) = &account.threepids {
            let filter = emails::EmailFilter {
                user: Some(found.id.clone()),
                ..Default::default()
            };
            let has = self.all(|want| emails::list(base, &filter, want)).await?;
            let has = |wanted: &&Threepid| {
                let address = wanted.address.to_lowercase();
                let mut has = has.iter();
                has.any(|found| found.attributes.email.to_lowercase() == address)
            };
            detail.threepids = wanted.iter().filter(has).cloned().collect();
        }
        detail.external_ids.clear();
        if let Some(wanted) = &account.external_ids {
            let filter = upstream::LinkFilter {
                user: Some(found.id),
                ..Default::default()
            };
            let has = self
                .all(|want| upstream::links(base, &filter, want))
                .await?;
            let has = |wanted: &&ExternalId| {
                let provider = Ulid::parse(&wanted.auth_provider);
                has.iter().any(|found| {
                    let (link, id) = (&found.attributes, &wanted.external_id);
                    Some(&link.provider_id) == provider.as_ref() && link.subject == *id
                })
            };
            detail.external_ids = wanted.iter().filter(has).cloned().collect();
        }
        Ok(Some(detail))
    }

    /// What MAS calls the account of a row; 404 where it does not have it, but perhaps one that differs in case.
    async fn id(self, row: usize, user: &UserId) -> Result<Ulid, ApiError> {
        if let Some(id) = self.import.with(row, |state| state.id.clone()) {
            return Ok(id);
        }
        let Some(found) = self.account(user).await? else {
            return Err(ApiError::Matrix {
                status: 404,
                errcode: String::new(),
                message: user.localpart().to_owned(),
            });
        };
        self.import
            .with(row, |state| state.id = Some(found.id.clone()));
        Ok(found.id)
    }

    /// Sets the one thing that a change is about.
    async fn set(self, row: usize, user: &UserId, change: &UserChange) -> Result<(), ApiError> {
        let id = self.id(row, user).await?;
        let base = &self.mas.base;
        if let Some(threepids) = &change.threepids {
            return self.set_addresses(row, &id, threepids).await;
        }
        if let Some(external_ids) = &change.external_ids {
            return self.set_external_ids(row, &id, external_ids).await;
        }
        if let Some(password) = &change.password {
            let request = accounts::set_password(base, &id, password, false);
            return done_once(&self, request).await;
        }
        if let Some(admin) = change.admin {
            return done_once(&self, accounts::set_admin(base, &id, admin)).await;
        }
        let request = match (change.locked, change.deactivated) {
            (Some(true), _) => accounts::lock(base, &id),
            (Some(false), _) => accounts::unlock(base, &id),
            (None, Some(true)) => accounts::deactivate(base, &id, false),
            (None, Some(false)) => accounts::reactivate(base, &id),
            (None, None) => return Ok(()),
        };
        done_once(&self, request).await
    }

    /// Whether the account may have something already: not one that was made a moment ago.
    fn may_have_some(self, row: usize) -> bool {
        self.import.with(row, |state| {
            state.created != Some(true) || state.follow_lost || state.resumed || state.retried
        })
    }

    /// Whether what the row does not name is taken away: from an account that was there before.
    fn replaces(self, row: usize) -> bool {
        self.import.with(row, |state| state.created != Some(true))
    }

    /// All pages of what the account of a row has, if it may have some.
    async fn held<T>(
        self,
        row: usize,
        list: impl Fn(&Want) -> Request<MasPage<T>>,
    ) -> Result<Vec<Resource<T>>, ApiError> {
        match self.may_have_some(row) {
            true => self.all(list).await,
            false => Ok(Vec::new()),
        }
    }

    /// All pages of a list.
    async fn all<T>(
        self,
        list: impl Fn(&Want) -> Request<MasPage<T>>,
    ) -> Result<Vec<Resource<T>>, ApiError> {
        let mut all = Vec::new();
        let mut want = Want::first(PAGE);
        loop {
            let page = self.ask(&list(&want)).await?;
            let next = page.after();
            all.extend(page.data);
            let Some(cursor) = next else {
                return Ok(all);
            };
            want = Want {
                slice: Slice::After(cursor),
                size: PAGE,
                count: Count::No,
            };
        }
    }

    /// Gives an account these e-mail addresses.
    async fn set_addresses(
        self,
        row: usize,
        id: &Ulid,
        wanted: &[Threepid],
    ) -> Result<(), ApiError> {
        let filter = emails::EmailFilter {
            user: Some(id.clone()),
            ..Default::default()
        };
        let list = |want: &Want| emails::list(&self.mas.base, &filter, want);
        let found = self.held(row, list).await?.into_iter().map(|found| {
            let email = found.attributes.email;
            (MasAddress::Email(email), found.id)
        });
        let wanted = wanted.iter().map(|wanted| {
            let email = wanted.address.clone();
            Ok(MasAddress::Email(email))
        });
        self.set_all(row, id, wanted.collect(), found.collect())
            .await
    }

    /// Lets an account in by these identities of providers.
    async fn set_external_ids(
        self,
        row: usize,
        id: &Ulid,
        wanted: &[ExternalId],
    ) -> Result<(), ApiError> {
        let filter = upstream::LinkFilter {
            user: Some(id.clone()),
            ..Default::default()
        };
        let list = |want: &Want| upstream::links(&self.mas.base, &filter, want);
        let identity = |provider, subject| MasAddress::Identity { provider, subject };
        let found = self.held(row, list).await?.into_iter().map(|found| {
            let Link {
                provider_id,
                subject,
                ..
            } = found.attributes;
            (identity(provider_id, subject), found.id)
        });
        let wanted = wanted.iter().map(|wanted| {
            let provider = Ulid::parse(&wanted.auth_provider);
            let provider = provider.ok_or_else(|| ApiError::Matrix {
                status: 404,
                errcode: String::new(),
                message: wanted.auth_provider.clone(),
            })?;
            Ok(identity(provider, wanted.external_id.clone()))
        });
        self.set_all(row, id, wanted.collect(), found.collect())
            .await
    }

    /// Gives an account what it is to be known by, of one kind; `found` is what it has, and where MAS has it. What it
    /// is to lose it loses last, and only once it has all that it is to get.
    async fn set_all(
        self,
        row: usize,
        id: &Ulid,
        wanted: Vec<Result<MasAddress, ApiError>>,
        found: Vec<(MasAddress, Ulid)>,
    ) -> Result<(), ApiError> {
        let base = &self.mas.base;
        let mut refused = None;
        let mut stays = Vec::new();
        for wanted in wanted {
            let wanted = match wanted {
                Ok(wanted) => wanted,
                Err(error) => {
                    refused.get_or_insert(error);
                    continue;
                }
            };
            let has = found.iter().map(|(found, _)| is_same(&wanted, found));
            let has: Vec<usize> = has
                .enumerate()
                .filter_map(|(at, is)| is.then_some(at))
                .collect();
            if !has.is_empty() {
                stays.extend(has);
                continue;
            }
            match wanted.give(&self, base, id).await {
                Ok(()) => {}
                Err(error) if is_conflict(&error) => {
                    // A try of which nobody has heard may have done it.
                    let holder = wanted.find(&self, base).await?;
                    let holder = holder.and_then(|holder| holder.owner);
                    if holder.as_ref() != Some(id) {
                        refused.get_or_insert(error);
                    }
                }
                Err(error) => {
                    refused.get_or_insert(refusal(error)?);
                }
            }
        }
        if let Some(refused) = refused {
            return Err(refused);
        }
        if self.replaces(row) {
            for (at, (gone, place)) in found.iter().enumerate() {
                if !stays.contains(&at) {
                    gone.remove(&self, base, place).await?;
                }
            }
        }
        Ok(())
    }
}

impl Network for Asks<'_> {
    fn exchange<'a>(&'a self, call: &'a Call) -> LocalBoxFuture<'a, Result<Answer, ApiError>> {
        async move {
            if let Some(turn) = self.turn
                && !turn.clear().await
            {
                return Err(ApiError::Cancelled);
            }
            if let Some(row) = self.row
                && call.method != Method::Get
            {
                self.import.with(row, |state| state.step_sent = true);
            }
            self.network.exchange(call).await
        }
        .boxed_local()
    }
}

/// What MAS says of an account is so, whatever the homeserver says.
pub(super) fn as_it_says(detail: &mut UserDetail, told: &MasUser) {
    detail.user.admin = told.admin;
    detail.user.locked = told.locked_at.is_some();
    detail.user.deactivated = told.deactivated_at.is_some();
}

/// Whether both are the same to MAS, which takes an e-mail address in any case of letters.
fn is_same(one: &MasAddress, other: &MasAddress) -> bool {
    match (one, other) {
        (MasAddress::Email(one), MasAddress::Email(other)) => {
            one.to_lowercase() == other.to_lowercase()
        }
        _ => one == other,
    }
}

/// What the server has against one of several, so that the others are tried all the same.
///
/// # Errors
///
/// What is worth another try.
pub(super) fn refusal(error: ApiError) -> Result<ApiError, ApiError> {
    match Step::from_error(error) {
        Step::Failed(error) => Ok(error),
        Step::Again(error) => Err(error),
        _ => Err(ApiError::Cancelled),
    }
}

/// Whether MAS itself says that there is one, and not something in between.
fn is_conflict(error: &ApiError) -> bool {
    error.is_of_mas() && error.status() == Some(409)
}

fn is_empty<T>(page: &MasPage<T>) -> bool {
    page.data.is_empty()
}

/// Until when, by the wall's clock, what is sent now may be carried out.
pub(super) fn carried_out_until(now_ms: i64) -> i64 {
    now_ms.saturating_add(LATEST_MS as i64)
}
