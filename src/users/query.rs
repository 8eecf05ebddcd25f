//! The list of users: what to ask the server, and what to answer ourselves.
//!
//! Synapse filters and sorts by some things and not by others, and old versions by fewer. What
//! it cannot do is answered all the same: the list is read whole, in pages of 1,000, then
//! filtered and sorted here. [`Question::for_server`] says which way a question goes.

use super::address::filter;
use crate::api::UserId;
use crate::api::server::{Capabilities, Feature};
use crate::api::tolerant::Timestamp;
use crate::api::users::{ListUsers, User, order};
use crate::known::{Known, Wanted, Why};
use crate::listing::blank::Blank;
use crate::listing::needs::{Need, Needs};
use crate::listing::search;
use crate::listing::sort::sort_by;
use crate::listing::{Search, page_of};
use crate::sort_keys;
use std::cmp::Ordering;
use std::collections::HashSet;
use std::sync::Arc;

/// After how long, in milliseconds, the server forgets where somebody was seen: the default of
/// `user_ips_max_age`, 28 days.
pub const FORGOTTEN_MS: i64 = 28 * 24 * 60 * 60 * 1000;

sort_keys! {
    /// What the list of users can be sorted by.
    UserOrder {
        Name: order::NAME,
        DisplayName: order::DISPLAY_NAME,
        Guest: order::GUEST,
        Admin: order::ADMIN,
        UserType: order::USER_TYPE,
        Deactivated: order::DEACTIVATED,
        ShadowBanned: order::SHADOW_BANNED,
        Created: order::CREATED,
        LastSeen: order::LAST_SEEN,
        Locked: order::LOCKED,
    }
}

/// What the list of users can be asked of servers only that tell it.
pub const NEEDS: Needs = Needs(&[
    Need {
        feature: Feature::AdminRight,
        filters: &[filter::ADMINS],
        orders: &[order::ADMIN],
        columns: &["admin"],
    },
    Need {
        feature: Feature::ListedUse,
        filters: &[filter::NOT_SEEN_SINCE, filter::SEEN_FROM, filter::SEEN],
        orders: &[order::LAST_SEEN],
        columns: &["last_seen"],
    },
    Need {
        feature: Feature::ListedLocks,
        filters: &[filter::LOCKED],
        orders: &[order::LOCKED],
        columns: &["locked"],
    },
    Need {
        feature: Feature::ListedErasures,
        filters: &[],
        orders: &[],
        columns: &["erased"],
    },
    Need {
        feature: Feature::ToldSuspensions,
        filters: &[filter::SUSPENDED],
        orders: &[],
        columns: &["suspended"],
    },
    Need {
        feature: Feature::Approvals,
        filters: &[filter::WAITING],
        orders: &[],
        columns: &["approved"],
    },
]);

impl UserOrder {
    /// Whether this server sorts by it.
    fn is_of(self, server: &Capabilities) -> bool {
        match self {
            UserOrder::LastSeen => server.has(Feature::ListedUse),
            UserOrder::Locked => server.has(Feature::ListedLocks),
            UserOrder::Name
            | UserOrder::DisplayName
            | UserOrder::Guest
            | UserOrder::Admin
            | UserOrder::UserType
            | UserOrder::Deactivated
            | UserOrder::ShadowBanned
            | UserOrder::Created => true,
        }
    }

    /// Whether accounts may have nothing to be ordered by.
    pub fn may_be_blank(self) -> bool {
        matches!(self, UserOrder::DisplayName | UserOrder::UserType)
    }
}

/// What is asked of the list of users. `None` is no filter.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Question {
    /// What localpart or display name contain, as [`Search`] describes; a whole user ID.
    pub search: String,
    pub guests: Option<bool>,
    pub deactivated: Option<bool>,
    pub locked: Option<bool>,
    pub admins: Option<bool>,
    pub shadow_banned: Option<bool>,
    /// Whether they are suspended, of which rows say only what was asked account by account.
    pub suspended: Option<Wanted>,
    /// Users of this type; the empty text for those without.
    pub user_type: Option<String>,
    /// Users that belong to a bridge or bot, as the deployment's `asManagedUsers` says.
    pub system: Option<bool>,
    /// Last used before this moment, by what the server has on record. Accounts without a record
    /// are not found: the server forgets, so that says nothing about when they were used.
    pub not_seen_since: Option<Timestamp>,
    /// Last used at this moment or later, by what the server has on record.
    pub seen_from: Option<Timestamp>,
    /// Whether the server has a record of the account's last use. Where it does not tell of anybody,
    /// neither finds anybody. It has none of those that were
    /// never used, of those that logged out everywhere more than [`FORGOTTEN_MS`] ago, before
    /// Synapse 1.140 of all that were not used for so long, and of what application services use.
    pub ever_seen: Option<bool>,
    /// Whether the account waits for approval.
    pub waiting: Option<bool>,
    pub created_from: Option<Timestamp>,
    pub created_until: Option<Timestamp>,
    /// What the list of this server tells of accounts.
    pub told: Told,
    /// By name if not given.
    pub order_by: Option<UserOrder>,
    pub descending: bool,
    /// Where those stand that have no name, or no type.
    pub blank: Blank,
    pub from: u64,
    pub limit: u64,
}

/// What the list tells of accounts: old versions of Synapse tell less. What is not told looks like
/// "no" or "never" in an answer, and is not known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Told {
    /// Who administers the server. With Matrix Authentication Service it decides, and the mark that
    /// Synapse has is a leftover.
    pub admin: Marks,
    /// When they were last used. Since 1.92.
    pub last_seen: bool,
    /// Who is locked. Since 1.93; before 1.91 nobody could be. With Matrix Authentication Service, Synapse is
    /// told a little later than it happens.
    pub locked: Marks,
    /// Whose messages are hidden. Since 1.71.
    pub erased: bool,
}

/// Which accounts have a mark.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Marks {
    /// Those whose rows have it.
    Rows,
    /// These, whatever their rows say.
    These(Arc<HashSet<UserId>>),
    /// Nobody knows.
    Unknown(Why),
}

impl Marks {
    /// Those whose rows have it, if the list tells of it.
    pub fn told(is_told: bool) -> Self {
        match is_told {
            true => Marks::Rows,
            false => Marks::Unknown(Why::TooOld),
        }
    }

    /// Whether it is known who has it.
    pub fn is_known(&self) -> bool {
        !matches!(self, Marks::Unknown(_))
    }

    /// How many have it, where that is known apart from the rows.
    pub fn count(&self) -> Option<u64> {
        match self {
            Marks::These(users) => Some(users.len() as u64),
            Marks::Rows | Marks::Unknown(_) => None,
        }
    }

    /// Whether this account has it, of which the row says whether it is `marked`.
    fn of(&self, user: &User, marked: bool) -> Known<bool> {
        match self {
            Marks::Rows => Known::Is(marked),
            Marks::These(users) => Known::Is(users.contains(&user.name)),
            Marks::Unknown(why) => Known::Unknown(*why),
        }
    }
}

impl Default for Told {
    fn default() -> Self {
        Told {
            admin: Marks::Rows,
            last_seen: true,
            locked: Marks::Rows,
            erased: true,
        }
    }
}

impl Told {
    /// By this server. What Matrix Authentication Service tells has not been asked yet.
    pub fn by(server: &Capabilities) -> Self {
        let is_told = server.has(Feature::ListedLocks) || !server.since(91);
        Told {
            admin: match (server.delegated_auth, server.mas()) {
                (false, _) => Marks::Rows,
                (true, None) => Marks::Unknown(Why::Elsewhere),
                (true, Some(_)) => Marks::Unknown(Why::NotAsked),
            },
            last_seen: server.has(Feature::ListedUse),
            locked: match server.mas() {
                None => Marks::told(is_told),
                Some(_) => Marks::Unknown(Why::NotAsked),
            },
            erased: server.has(Feature::ListedErasures),
        }
    }

    /// When an account was last used, by what the server has on record: it forgets.
    pub fn last_seen(&self, user: &User) -> Known<Timestamp> {
        let why = if self.last_seen {
            Why::NoRecord
        } else {
            Why::TooOld
        };
        Known::or(user.last_seen_ts, why)
    }

    /// Whether an account administers the server.
    pub fn admin(&self, user: &User) -> Known<bool> {
        self.admin.of(user, user.admin)
    }

    /// Whether an account is locked.
    pub fn locked(&self, user: &User) -> Known<bool> {
        or_marked(self.locked.of(user, user.locked), user.locked)
    }

    /// Whether an account's messages are hidden from those who join later.
    pub fn erased(&self, user: &User) -> Known<bool> {
        or_marked(Marks::told(self.erased).of(user, user.erased), user.erased)
    }
}

/// A mark of an account: where the server is too old to tell it of everybody, its absence says nothing. Where it is
/// not the homeserver that tells, its mark may be a leftover, and says nothing either.
fn or_marked(known: Known<bool>, marked: bool) -> Known<bool> {
    match known {
        Known::Unknown(Why::TooOld) if marked => Known::Is(true),
        known => known,
    }
}

impl Question {
    /// This question in the words of the server, unless it goes beyond them.
    pub fn for_server(&self, server: &Capabilities) -> Option<ListUsers> {
        let searched = Search::parse(&self.search);
        let plain = searched.plain();
        let search = term(plain.unwrap_or_default());
        let beyond = self
            .order_by
            .is_some_and(|order| !self.sorts(order, server))
            || plain.is_none()
            || plain.is_some_and(|plain| whole_id(plain).is_some())
            || !search::is_sure(search)
            || (!search.is_ascii() && !server.since(99))
            || self.guests == Some(true)
            || self.locked.is_some()
            || (self.deactivated == Some(true) && !server.since(103))
            || (self.admins.is_some() && (!server.since(91) || self.told.admin != Marks::Rows))
            || self.shadow_banned.is_some()
            || self.suspended.is_some()
            || self.user_type.is_some()
            || self.system.is_some()
            || self.not_seen_since.is_some()
            || self.seen_from.is_some()
            || self.ever_seen.is_some()
            || self.waiting == Some(false)
            || self.created_from.is_some()
            || self.created_until.is_some();
        (!beyond).then(|| ListUsers {
            from: self.from,
            limit: self.limit,
            name: (!search.is_empty()).then(|| search.to_owned()),
            user_id: None,
            guests: self.guests,
            admins: self.admins,
            deactivated: self.deactivated,
            not_user_type: Vec::new(),
            waiting: self.waiting == Some(true),
            order_by: self.order_by.map(UserOrder::key),
            descending: self.descending,
        })
    }

    /// Whether the server puts rows into this order, as they are shown.
    fn sorts(&self, order: UserOrder, server: &Capabilities) -> bool {
        let marks = match order {
            UserOrder::Admin => &self.told.admin,
            UserOrder::Locked => &self.told.locked,
            _ => &Marks::Rows,
        };
        order.is_of(server) && *marks == Marks::Rows
    }

    /// What to ask the server for the few among whom all are that this question finds: who
    /// administers. The rest of the question is answered here. `None` if there may be many.
    pub fn among_few(&self, server: &Capabilities) -> Option<ListUsers> {
        let by_rows = self.told.admin == Marks::Rows;
        let are_told = self.admins == Some(true) && server.since(91) && by_rows;
        are_told.then(|| ListUsers {
            admins: Some(true),
            deactivated: self.deactivated.filter(|only| !only || server.since(103)),
            ..Default::default()
        })
    }

    /// What to ask the server for the first `limit` of those among whom all are that are searched,
    /// where it cannot look for just that: the answer is searched here once more.
    pub fn like(&self, server: &Capabilities, limit: u64) -> ListUsers {
        self.part(server, limit, search::surest)
    }

    /// What to ask the server for some of those that are searched, where all of them have next to nothing in
    /// common that it could look for.
    pub fn likely(&self, server: &Capabilities, limit: u64) -> Option<ListUsers> {
        let asked = self.part(server, limit, search::likeliest);
        asked.name.is_some().then_some(asked)
    }

    fn part(&self, server: &Capabilities, limit: u64, part: fn(&str) -> &str) -> ListUsers {
        let search = Search::parse(&self.search);
        let wanted = term(search.narrowest());
        // The server does not look beyond localparts.
        let wanted = match whole_id(search.narrowest()) {
            Some(_) => wanted.split(':').next().unwrap_or_default(),
            None => wanted,
        };
        let wanted = part(wanted);
        let can_ask = !wanted.is_empty() && (wanted.is_ascii() || server.since(99));
        let order_by = self.order_by.filter(|order| self.sorts(*order, server));
        ListUsers {
            limit,
            name: can_ask.then(|| wanted.to_owned()),
            order_by: order_by.map(UserOrder::key),
            descending: self.descending,
            ..Default::default()
        }
    }

    /// Answers from the whole list: the page, and how many match on all pages. `is_system` knows the users of bridges and bots.
    pub fn answer(&self, all: &[User], is_system: &dyn Fn(&UserId) -> bool) -> (Vec<User>, u64) {
        let mut found = self.matching(all, is_system);
        sort_by(&mut found, |a, b| self.compare(a, b));
        let (page, total) = page_of(found, self.from, self.limit.max(1));
        (page.into_iter().cloned().collect(), total)
    }

    /// Puts users into the order that is asked for.
    pub fn sort(&self, users: &mut Vec<User>) {
        sort_by(users, |a, b| self.compare(a, b));
    }

    fn compare(&self, a: &User, b: &User) -> Ordering {
        let lower = |user: &User| user.displayname.as_ref().map(|name| name.to_lowercase());
        let seen = |user| self.told.last_seen(user);
        let (admin, locked) = (|user| self.told.admin(user), |user| self.told.locked(user));
        let way = |order: Ordering| match self.descending {
            true => order.reverse(),
            false => order,
        };
        let by_key = match self.order_by.unwrap_or(UserOrder::Name) {
            UserOrder::Name => way(a.name.cmp(&b.name)),
            UserOrder::DisplayName => way(self.blank.compare(&lower(a), &lower(b))),
            UserOrder::Guest => way(a.is_guest.cmp(&b.is_guest)),
            UserOrder::UserType => way(self.blank.compare(&a.user_type, &b.user_type)),
            UserOrder::Deactivated => way(a.deactivated.cmp(&b.deactivated)),
            UserOrder::ShadowBanned => way(a.shadow_banned.cmp(&b.shadow_banned)),
            UserOrder::Created => way(a.creation_ts.cmp(&b.creation_ts)),
            // Unknown stands last whichever the way.
            UserOrder::Admin => admin(a).compare(&admin(b), self.descending),
            UserOrder::LastSeen => seen(a).compare(&seen(b), self.descending),
            UserOrder::Locked => locked(a).compare(&locked(b), self.descending),
        };
        // As Synapse does, so that pages do not overlap.
        by_key.then_with(|| a.name.cmp(&b.name))
    }

    /// Whether somebody who was found, `listed`, would not be found any more as the server has
    /// them `now`, of whom so much is `told`. The detail knows less than the list of when somebody was last
    /// seen.
    pub fn has_lost(
        &self,
        listed: &User,
        (now, told): (&User, &Told),
        is_system: &dyn Fn(&UserId) -> bool,
    ) -> bool {
        let mut merged = now.clone();
        merged.last_seen_ts = now.last_seen_ts.max(listed.last_seen_ts);
        merged.creation_ts = now.creation_ts.or(listed.creation_ts);
        // "Not approved" is said of accounts that are older than approval as well.
        merged.approved = now
            .approved
            .filter(|approved| *approved)
            .or(listed.approved);
        let finds = |question: &Question, user: &User| {
            let user = std::slice::from_ref(user);
            !question.matching(user, is_system).is_empty()
        };
        // Whoever was picked by a mark that the row does not carry had it then: it is judged as it stands now, if
        // that is known.
        let by_row = |marks: &Marks| {
            matches!(
                marks,
                Marks::Rows | Marks::Unknown(Why::TooOld | Why::Elsewhere)
            )
        };
        let is_told = |marks: &Marks| !matches!(marks, Marks::Unknown(Why::NotAsked | Why::Silent));
        let lost = |question: &Question| {
            let then = Question {
                locked: question.locked.filter(|_| by_row(&question.told.locked)),
                admins: question.admins.filter(|_| by_row(&question.told.admin)),
                ..question.clone()
            };
            let now = Question {
                locked: question.locked.filter(|_| is_told(&told.locked)),
                admins: question.admins.filter(|_| is_told(&told.admin)),
                told: told.clone(),
                ..question.clone()
            };
            finds(&then, listed).then(|| !finds(&now, &merged))
        };
        // Whom an address or a room led to is not found by words of their own.
        let rest = || Question {
            search: String::new(),
            ..self.clone()
        };
        lost(self).or_else(|| lost(&rest())).unwrap_or_default()
    }

    /// All users that match, in no order that means anything.
    pub fn matching<'a>(
        &self,
        all: &'a [User],
        is_system: &dyn Fn(&UserId) -> bool,
    ) -> Vec<&'a User> {
        let search = Search::parse(&self.search);
        let is = |wanted: Option<bool>, found: bool| wanted.is_none_or(|wanted| wanted == found);
        let found = |user: &User| {
            if search.is_empty() {
                return true;
            }
            let id = user.name.as_str().to_lowercase();
            let localpart = user.name.localpart().to_lowercase();
            let name = user.displayname.as_ref().map(|name| name.to_lowercase());
            search.finds(|wanted| match whole_id(wanted) {
                Some(whole) => id == whole,
                None => {
                    let part = term(wanted);
                    localpart.contains(part)
                        || name.as_ref().is_some_and(|name| name.contains(part))
                }
            })
        };
        all.iter()
            .filter(|user| {
                found(user)
                    && is(self.guests, user.is_guest)
                    && is(self.deactivated, user.deactivated)
                    && (self.locked)
                        .is_none_or(|wanted| self.told.locked(user) == Known::Is(wanted))
                    && (self.admins).is_none_or(|wanted| self.told.admin(user) == Known::Is(wanted))
                    && is(self.shadow_banned, user.shadow_banned)
                    && (self.suspended)
                        .is_none_or(|wanted| wanted.finds(Known::or(user.suspended, Why::Silent)))
                    && self
                        .user_type
                        .as_ref()
                        .is_none_or(|wanted| user.user_type.as_deref().unwrap_or("") == wanted)
                    && self
                        .system
                        .is_none_or(|wanted| is_system(&user.name) == wanted)
                    && self
                        .not_seen_since
                        .is_none_or(|since| user.last_seen_ts.is_some_and(|seen| seen < since))
                    && self
                        .seen_from
                        .is_none_or(|from| user.last_seen_ts.is_some_and(|seen| seen >= from))
                    && self.ever_seen.is_none_or(|wanted| {
                        let known = self.told.last_seen(user);
                        match wanted {
                            true => matches!(known, Known::Is(_)),
                            false => known == Known::Unknown(Why::NoRecord),
                        }
                    })
                    && is(self.waiting, user.approved == Some(false))
                    && self
                        .created_from
                        .is_none_or(|from| user.creation_ts.is_some_and(|at| at >= from))
                    && self
                        .created_until
                        .is_none_or(|until| user.creation_ts.is_some_and(|at| at < until))
            })
            .collect()
    }
}

/// Whether an account that nobody seemed to use when it was `listed` is in use `now`: for those who
/// were picked by hand, where no filter says what they were picked for. One that was in use, or had
/// just been made, was picked in spite of it.
pub fn woke(listed: &User, now: &User, moment: Timestamp) -> bool {
    let before = |at: Option<Timestamp>| at.is_none_or(|at| at.0 < moment.0 - FORGOTTEN_MS);
    let slept = listed.creation_ts.is_some() && before(listed.creation_ts);
    slept && before(listed.last_seen_ts) && !before(now.last_seen_ts)
}

/// The search, if it is for a whole user ID, which the server does not find.
pub fn whole_id(search: &str) -> Option<&str> {
    let search = search.trim();
    (search.starts_with('@') && search.contains(':')).then_some(search)
}

/// The search without the `@` of a user ID that is being typed, which no localpart has.
pub fn term(search: &str) -> &str {
    let search = search.trim();
    search.strip_prefix('@').unwrap_or(search)
}

/// Says of an account that was asked for as `asked` whether it waits for approval, where that is
/// known: a list says "not approved" also of accounts that are older than approval.
pub fn settled(mut user: User, asked: &ListUsers) -> User {
    if user.approved == Some(false) && !asked.waiting {
        user.approved = None;
    }
    user
}

/// Says of all users who waits for approval, given those who do.
pub fn mark_waiting(users: &mut [User], waiting: &[User]) {
    let waiting: HashSet<&UserId> = waiting.iter().map(|user| &user.name).collect();
    for user in users {
        user.approved = Some(!waiting.contains(&user.name));
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn only_a_wanted_term_is_asked_for() {
        use super::Question;
        use crate::api::server::{Capabilities, Version};
        let asked = |search: &str, version| {
            let question = Question {
                search: search.to_owned(),
                ..Default::default()
            };
            let server = Capabilities {
                version: Version::parse(version),
                ..Default::default()
            };
            let likely = question.likely(&server, 100);
            let likely = likely.and_then(|asked| asked.name);
            question.like(&server, 100).name.or(likely)
        };
        let new = "1.163.2";
        assert_eq!(asked("anna !bot", new).as_deref(), Some("anna"));
        assert_eq!(asked("telegram_", new).as_deref(), Some("telegram_"));
        assert_eq!(asked("@anna:b.org !bot", new).as_deref(), Some("anna"));
        assert_eq!(asked("münz !bot", new).as_deref(), Some("nz"));
        assert_eq!(asked("山田 !bot", new).as_deref(), Some("山田"));
        assert_eq!(asked("山田 !bot", "1.98.0"), None);
        assert_eq!(asked("Иван !bot", new).as_deref(), Some("ван"));
        assert_eq!(asked("Иван !bot", "1.98.0"), None);
    }

    #[test]
    fn who_is_not_found_any_more_is_known() {
        let user = |more: &str| -> super::User {
            let json = format!(r#"{{"name":"@jane:b.org","creation_ts":1{more}}}"#);
            serde_json::from_str(&json).unwrap()
        };
        let question = super::Question {
            deactivated: Some(false),
            // Small numbers are seconds.
            not_seen_since: Some(super::Timestamp(1_000_000)),
            ..Default::default()
        };
        let lost = |listed: &str, now: &str| {
            question.has_lost(&user(listed), (&user(now), &question.told), &|_| false)
        };
        let old = r#","last_seen_ts":500"#;
        // The detail tells nothing of it, which is no news.
        assert!(!lost(old, ""));
        assert!(lost(old, r#","last_seen_ts":1500"#));
        assert!(lost(old, r#","deactivated":true"#));
        // Who was picked under another question is not lost by this one.
        assert!(!lost(r#","deactivated":true"#, r#","deactivated":true"#));
        // A mark that Matrix Authentication Service keeps is judged as it stands now, if that is known.
        let jane = user("");
        let these = |who: &[&User]| {
            super::Marks::These(std::sync::Arc::new(
                who.iter().map(|user| user.name.clone()).collect(),
            ))
        };
        let lost_by_mark = |now: super::Marks| {
            let told = |locked| super::Told {
                locked,
                ..Default::default()
            };
            let picked = super::Question {
                locked: Some(true),
                told: told(these(&[])),
                ..Default::default()
            };
            picked.has_lost(&jane, (&jane, &told(now)), &|_| false)
        };
        assert!(lost_by_mark(these(&[])));
        assert!(!lost_by_mark(these(&[&jane])));
        assert!(!lost_by_mark(super::Marks::Unknown(super::Why::Silent)));
        // A room that led to somebody is not what they are called; the filters hold all the same.
        let by_room = super::Question {
            search: "#garden:b.org".to_owned(),
            ..question.clone()
        };
        let told = Told::default();
        let lost = |now: &str| by_room.has_lost(&user(old), (&user(now), &told), &|_| false);
        assert!(!lost(""));
        assert!(lost(r#","deactivated":true"#));
    }

    use super::*;
    use crate::api::server::{AtMas, MasAccess, Version};
    use proptest::prelude::*;

    fn user(localpart: &str, change: impl Fn(&mut User)) -> User {
        let mut user: User =
            serde_json::from_str(&format!(r#"{{"name":"@{localpart}:b.org"}}"#)).unwrap();
        change(&mut user);
        user
    }

    fn names(question: &Question, all: &[User]) -> Vec<String> {
        let (page, _) = question.answer(all, &|user| user.localpart().starts_with("bot"));
        page.iter()
            .map(|user| user.name.localpart().to_owned())
            .collect()
    }

    fn ask(change: impl Fn(&mut Question)) -> Question {
        let mut question = Question {
            limit: 10,
            ..Default::default()
        };
        change(&mut question);
        question
    }

    fn people() -> Vec<User> {
        vec![
            user("zoe", |u| u.displayname = Some("Anna B.".into())),
            user("anna", |u| u.last_seen_ts = Some(Timestamp(500))),
            user("bot1", |u| u.user_type = Some("bot".into())),
            user("guest", |u| {
                u.is_guest = true;
                u.creation_ts = Some(Timestamp(1000));
            }),
        ]
    }

    #[test]
    fn searching_finds_ids_and_names_and_leaves_out() {
        let all = people();
        assert_eq!(
            names(&ask(|q| q.search = "ANNA".into()), &all),
            ["anna", "zoe"]
        );
        assert_eq!(
            names(&ask(|q| q.search = " @ann".into()), &all),
            ["anna", "zoe"]
        );
        assert_eq!(
            names(&ask(|q| q.search = " @Anna:b.org ".into()), &all),
            ["anna"]
        );
        assert_eq!(
            names(&ask(|q| q.search = "! @anna:b.org".into()), &all),
            ["bot1", "guest", "zoe"]
        );
        assert_eq!(
            names(&ask(|q| q.search = "!anna".into()), &all),
            ["bot1", "guest"]
        );
        assert_eq!(
            names(&ask(|q| q.search = "!anna !@bot1:b.org".into()), &all),
            ["guest"]
        );
        assert_eq!(
            names(&ask(|q| q.search = "ANN !zoe".into()), &all),
            ["anna"]
        );
        assert_eq!(names(&ask(|q| q.search = "anna b".into()), &all), ["zoe"]);
    }

    #[test]
    fn filters_that_the_server_lacks() {
        let all = people();
        assert_eq!(names(&ask(|q| q.guests = Some(true)), &all), ["guest"]);
        assert_eq!(names(&ask(|q| q.system = Some(true)), &all), ["bot1"]);
        assert_eq!(
            names(&ask(|q| q.user_type = Some("bot".into())), &all),
            ["bot1"]
        );
        assert_eq!(
            names(&ask(|q| q.user_type = Some(String::new())), &all).len(),
            3
        );
        // What is not known is not "long ago".
        assert!(names(&ask(|q| q.not_seen_since = Some(Timestamp(400))), &all).is_empty());
        assert_eq!(
            names(&ask(|q| q.not_seen_since = Some(Timestamp(501))), &all),
            ["anna"]
        );
        assert_eq!(names(&ask(|q| q.ever_seen = Some(true)), &all), ["anna"]);
        assert_eq!(names(&ask(|q| q.ever_seen = Some(false)), &all).len(), 3);
        assert!(names(&ask(|q| q.waiting = Some(true)), &all).is_empty());
        assert_eq!(
            names(&ask(|q| q.created_from = Some(Timestamp(1000))), &all),
            ["guest"]
        );
        assert!(names(&ask(|q| q.created_until = Some(Timestamp(1000))), &all).is_empty());
    }

    #[test]
    fn who_is_suspended_is_found_where_it_was_told() {
        let all = [
            user("caged", |u| u.suspended = Some(true)),
            user("free", |u| u.suspended = Some(false)),
            user("untold", |_| ()),
        ];
        let found = |wanted| names(&ask(|q| q.suspended = Some(wanted)), &all);
        assert_eq!(found(Wanted::Is(true)), ["caged"]);
        assert_eq!(found(Wanted::Is(false)), ["free"]);
        assert_eq!(found(Wanted::Unknown), ["untold"]);
        let wanted = ask(|q| q.suspended = Some(Wanted::Is(true)));
        assert!(wanted.for_server(&Capabilities::default()).is_none());
        // Right before an action each is judged by its detail.
        let lost = |now| wanted.has_lost(&all[0], (now, &Told::default()), &|_| false);
        assert!(!lost(&all[0]));
        let let_go = user("caged", |u| u.suspended = Some(false));
        assert!(lost(&let_go));
    }

    #[test]
    fn what_an_old_server_does_not_tell_is_not_known() {
        let all = people();
        let server = |version| Capabilities {
            version: Version::parse(version),
            ..Default::default()
        };
        let found = |version, change: fn(&mut Question)| {
            let mut question = ask(change);
            question.told = Told::by(&server(version));
            names(&question, &all).len()
        };
        // Nobody has left no trace where nobody's are told.
        assert_eq!(found("1.91.0", |q| q.ever_seen = Some(false)), 0);
        assert_eq!(found("1.92.0", |q| q.ever_seen = Some(false)), 3);
        // Between 1.91 and 1.93 people can be locked, and the list does not say so.
        assert_eq!(found("1.90.0", |q| q.locked = Some(false)), 4);
        assert_eq!(found("1.92.0", |q| q.locked = Some(false)), 0);
        assert_eq!(found("1.93.0", |q| q.locked = Some(false)), 4);
        let with_mas = Capabilities {
            delegated_auth: true,
            ..server("1.163.2")
        };
        let mut question = ask(|q| q.admins = Some(false));
        question.told = Told::by(&with_mas);
        assert!(question.for_server(&with_mas).is_none());
        assert!(names(&question, &all).is_empty());
        // Who administers, MAS tells by itself.
        let jane = user("anna", |_| ()).name;
        question.told.admin = Marks::These(Arc::new([jane].into()));
        assert_eq!(names(&question, &all).len(), 3);
        question.admins = Some(true);
        assert_eq!(names(&question, &all), ["anna"]);
        assert!(question.for_server(&with_mas).is_none());
        assert_eq!(question.among_few(&with_mas), None);
        question.admins = None;
        assert!(question.for_server(&with_mas).is_some());
        for order in [UserOrder::Admin, UserOrder::Locked] {
            question.order_by = Some(order);
            let is_sorted_here = question.told.locked == Marks::Rows && order == UserOrder::Locked;
            assert_eq!(question.for_server(&with_mas).is_some(), is_sorted_here);
        }
        let told = Told::by(&server("1.70.0"));
        assert_eq!(told.last_seen(&all[0]), Known::Unknown(Why::TooOld));
        assert_eq!(told.erased(&all[0]), Known::Unknown(Why::TooOld));
    }

    #[test]
    fn who_was_not_seen_stands_last_whichever_way() {
        let mut all = people();
        all[0].last_seen_ts = Some(Timestamp(900));
        let by = |descending| {
            let question = ask(|q| {
                q.order_by = Some(UserOrder::LastSeen);
                q.descending = descending;
            });
            names(&question, &all)
        };
        assert_eq!(by(false), ["anna", "zoe", "bot1", "guest"]);
        assert_eq!(by(true), ["zoe", "anna", "bot1", "guest"]);
    }

    #[test]
    fn who_administers_stands_first_or_last_and_unknown_ones_behind() {
        let all = people();
        let by = |admin: &Marks, descending| {
            let mut question = ask(|q| {
                q.order_by = Some(UserOrder::Admin);
                q.descending = descending;
            });
            question.told.admin = admin.clone();
            names(&question, &all)
        };
        let admins = Marks::These(Arc::new([all[2].name.clone()].into()));
        assert_eq!(by(&admins, true), ["bot1", "anna", "guest", "zoe"]);
        assert_eq!(by(&admins, false), ["anna", "guest", "zoe", "bot1"]);
        let unknown = Marks::Unknown(Why::Silent);
        assert_eq!(by(&unknown, true), by(&unknown, false));
    }

    #[test]
    fn where_mas_keeps_the_accounts_it_is_asked_who_is_locked() {
        let mut server = Capabilities {
            version: Version::parse("1.163.2"),
            delegated_auth: true,
            ..Default::default()
        };
        assert_eq!(Told::by(&server).admin, Marks::Unknown(Why::Elsewhere));
        assert_eq!(Told::by(&server).locked, Marks::Rows);
        server.at_mas = AtMas::Everything(MasAccess {
            base: "https://h.example".to_owned(),
            version_text: "v1.22.0".to_owned(),
            version: Version::parse("1.22.0"),
        });
        let told = Told::by(&server);
        assert_eq!(told.admin, Marks::Unknown(Why::NotAsked));
        assert_eq!(told.locked, Marks::Unknown(Why::NotAsked));
        // Not "no", neither in the column nor for a filter.
        let jane = user("jane", |u| (u.admin, u.locked) = (true, true));
        assert_eq!(told.admin(&jane), Known::Unknown(Why::NotAsked));
        assert_eq!(told.locked(&jane), Known::Unknown(Why::NotAsked));
        let silent = Told {
            locked: Marks::Unknown(Why::Silent),
            ..Told::default()
        };
        assert_eq!(silent.locked(&jane), Known::Unknown(Why::Silent));
        let mut question = ask(|q| q.admins = Some(false));
        question.told = told;
        assert!(names(&question, &[jane]).is_empty());
    }

    #[test]
    fn who_slept_and_woke_is_known() {
        let day = 24 * 60 * 60 * 1000;
        let now = Timestamp(1_000 * day);
        let account = |days_old: i64, seen: Option<i64>| {
            user("jane", |u| {
                u.creation_ts = Some(Timestamp((1_000 - days_old) * day));
                u.last_seen_ts = seen.map(|days| Timestamp((1_000 - days) * day));
            })
        };
        let just_now = account(400, Some(0));
        assert!(woke(&account(400, None), &just_now, now));
        assert!(woke(&account(400, Some(60)), &just_now, now));
        // Who is in use was picked although they are, or because they are.
        assert!(!woke(&account(400, Some(2)), &just_now, now));
        assert!(!woke(&account(1, None), &just_now, now));
        assert!(!woke(&account(400, None), &account(400, None), now));
    }

    #[test]
    fn who_waits_for_approval_is_told_by_asking_for_them_only() {
        let mut listed = people();
        for user in &mut listed {
            user.approved = Some(false);
        }
        let waiting = vec![listed[0].clone()];
        let mut asked = ListUsers::default();
        listed = listed
            .into_iter()
            .map(|user| settled(user, &asked))
            .collect();
        assert!(listed.iter().all(|user| user.approved.is_none()));
        mark_waiting(&mut listed, &waiting);
        assert_eq!(names(&ask(|q| q.waiting = Some(true)), &listed), ["zoe"]);
        assert_eq!(names(&ask(|q| q.waiting = Some(false)), &listed).len(), 3);

        asked.waiting = true;
        let found = settled(waiting[0].clone(), &asked);
        assert_eq!(found.approved, Some(false));
    }

    #[test]
    fn questions_for_the_server_and_for_us() {
        let server = |version| Capabilities {
            version: Version::parse(version),
            ..Default::default()
        };
        let (new, old) = (server("1.163.2"), server("1.70.0"));
        assert!(ask(|_| ()).for_server(&old).is_some());
        assert!(
            ask(|q| q.deactivated = Some(true))
                .for_server(&new)
                .is_some()
        );
        assert!(
            ask(|q| q.deactivated = Some(true))
                .for_server(&old)
                .is_none()
        );
        assert!(
            ask(|q| q.order_by = Some(UserOrder::LastSeen))
                .for_server(&old)
                .is_none()
        );
        assert!(
            ask(|q| q.search = "jane_doe".into())
                .for_server(&new)
                .is_none()
        );
        assert!(ask(|q| q.search = "山田".into()).for_server(&new).is_some());
        assert!(ask(|q| q.search = "jané".into()).for_server(&new).is_none());
        assert!(
            ask(|q| q.search = "jane !bot".into())
                .for_server(&new)
                .is_none()
        );
        assert!(
            ask(|q| q.search = "jane doe".into())
                .for_server(&new)
                .is_some()
        );
        assert!(ask(|q| q.locked = Some(true)).for_server(&new).is_none());
        assert!(
            ask(|q| q.search = "@jane:b.org".into())
                .for_server(&new)
                .is_none()
        );
        let by_id = ask(|q| q.search = "@jane".into()).for_server(&new);
        assert_eq!(by_id.and_then(|asked| asked.name).as_deref(), Some("jane"));
    }

    #[test]
    fn who_administers_is_found_among_few() {
        let server = |version| Capabilities {
            version: Version::parse(version),
            ..Default::default()
        };
        let quiet = ask(|q| {
            q.admins = Some(true);
            q.deactivated = Some(false);
            q.not_seen_since = Some(Timestamp(5));
        });
        for version in ["1.98.0", "1.163.2"] {
            let asked = quiet.among_few(&server(version)).unwrap();
            assert_eq!((asked.admins, asked.deactivated), (Some(true), Some(false)));
        }
        // The server would find everybody.
        assert_eq!(quiet.among_few(&server("1.90.0")), None);
        assert_eq!(
            ask(|q| q.admins = Some(false)).among_few(&server("1.98.0")),
            None
        );
        // It cannot leave out those who are not deactivated, so we do.
        let ended = ask(|q| {
            q.admins = Some(true);
            q.deactivated = Some(true);
        });
        let asked = |version| ended.among_few(&server(version)).unwrap().deactivated;
        assert_eq!((asked("1.98.0"), asked("1.103.0")), (None, Some(true)));
    }

    proptest! {
        #[test]
        fn pages_together_are_the_whole(count in 0_usize..50, limit in 1_u64..20, descending: bool) {
            let all: Vec<User> = (0..count)
                .map(|i| user(&format!("u{i}"), |u| u.admin = i % 3 == 0))
                .collect();
            let mut seen = Vec::new();
            let mut from = 0;
            while from < count as u64 {
                let question = Question {
                    from, limit, descending, order_by: Some(UserOrder::Admin), ..Default::default()
                };
                let (page, total) = question.answer(&all, &|_| false);
                prop_assert_eq!(total, count as u64);
                seen.extend(page.into_iter().map(|user| user.name));
                from += limit;
            }
            prop_assert_eq!(seen.iter().collect::<HashSet<_>>().len(), count);
            prop_assert_eq!(seen.len(), count);
        }
    }
}
