//! The plan: what the server has, and what will happen to each row.

use super::asking::{AT_ONCE, SLICE, ask_twice, each_user, is_slow};
use super::at_mas;
use super::checked::Checked;
use super::desk::Desk;
use super::facts::{Asking, FirstAsked, PlanPhase, ServerFacts};
use super::passwords::{PasswordUse, generates, learn_passwords};
use super::results::server;
use crate::api::exchange::Patient;
use crate::api::pages::{ByPages, ListUsersOf};
use crate::api::users::{self, IdOwner, ListUsers, User, UserDetail, order};
use crate::api::{ApiError, UserId};
use crate::browser::clock::{Breath, BrowserRandom};
use crate::i18n::import as words;
use crate::import::asking::cannot_say;
use crate::import::columns::ImportColumn;
use crate::import::plan::{Identity, Lookup, OnConflict, PAGE, Plan, PlanOptions, Planner, lookup};
use crate::import::report::{ImportReport, Line, planned_word};
use crate::session::config::config;
use crate::session::{Client, Session, learn};
use crate::users::query;
use leptos::prelude::*;
use std::rc::Rc;

/// Plans: gives what will happen to each row, and what the server had.
pub async fn make(desk: Desk) -> Result<(Rc<Plan>, Rc<ServerFacts>), ApiError> {
    let (Some(checked), Some(own)) = (desk.rows(), Session::get().user_id()) else {
        return Err(ApiError::Cancelled);
    };
    desk.plan.set(PlanPhase::Asking {
        what: Asking::List,
        done: 0,
        total: 0,
    });
    let kept = desk.facts.get_value().filter(|facts| facts.serves_again());
    // What has been answered is not lost because the server is away for a while.
    let client = Client::get().enduring();
    let facts = match kept {
        Some(facts) => facts,
        None => Rc::new(begin(client.patient()).await?),
    };
    let _asking = facts.asking();
    desk.facts.set_value(Some(Rc::clone(&facts)));
    facts.existing.borrow_mut().ask_again();
    let rows = checked.table(|table| table.rows().len()) as u64;
    if lookup(facts.users, rows) == Lookup::PageThrough && !facts.existing.borrow().is_complete() {
        read_list(desk, client.patient(), &facts).await?;
    }
    let mut unknown = Vec::new();
    let mut look = |user: &UserId| {
        if facts.existing.borrow().has_here(user).is_none() {
            unknown.push(user.clone());
        }
    };
    each_user(&checked, &mut look).await;
    // A row of which nobody knows whether its account exists is not sent, and its row says so.
    let mut silent = ask_each(desk, client.patient(), &facts, unknown)
        .await?
        .len();
    let has_external_ids = checked.table(|table| table.has(ImportColumn::ExternalIds));
    let questions = facts.mas.as_ref().map(|mas| at_mas::MasQuestions {
        desk,
        client: client.patient(),
        facts: &facts,
        mas,
        has_external_ids,
    });
    if let Some(asks) = questions {
        silent += asks.for_accounts(&checked, rows).await?;
    }
    let config = config();
    let mut reserve = |user: &UserId| {
        if config.is_system_user(user) {
            facts.existing.borrow_mut().add_reserved(user.clone());
        }
    };
    each_user(&checked, &mut reserve).await;
    let on_conflict = desk.conflict.get_untracked();
    if on_conflict == OnConflict::Update {
        let wanted = checked.with(|_, file| facts.existing.borrow().without_detail(file));
        let unsaid = ask_each(desk, client.patient(), &facts, wanted.unwrap_or_default()).await?;
        silent += unsaid.len();
        for user in unsaid {
            facts.existing.borrow_mut().doubt(user);
        }
        if let Some(asks) = questions {
            silent += asks.for_identities(&checked).await?;
        }
    }
    let passwords = desk.passwords.get_untracked();
    let has_passwords =
        generates(passwords) || checked.table(|table| table.has(ImportColumn::Password));
    let password_use = match has_passwords {
        true => learn_passwords(desk).await,
        false => PasswordUse::LogIn,
    };
    let options = PlanOptions {
        on_conflict,
        passwords,
        passwords_are_useless: generates(passwords) && password_use != PasswordUse::LogIn,
        passwords_are_off: password_use == PasswordUse::Off,
        own,
        server: facts.server.clone(),
        providers: facts
            .mas
            .as_ref()
            .map_or_else(Vec::new, |mas| mas.providers.clone()),
    };
    let mut planner = plan_all(desk, &checked, &facts, options.clone()).await;
    let unasked = planner.unasked();
    if !unasked.is_empty() {
        let unsaid = match questions {
            None => ask_owners(desk, client.patient(), &facts, unasked).await?,
            Some(asks) => asks.for_owners(unasked).await?,
        };
        silent += unsaid.len();
        for identity in unsaid {
            facts.existing.borrow_mut().add_silent(identity);
        }
        planner = plan_all(desk, &checked, &facts, options).await;
    }
    facts.silent.set(silent);
    Ok((Rc::new(planner.finish()), facts))
}

/// Plans all rows, with what is known of the server.
async fn plan_all(
    desk: Desk,
    checked: &Checked,
    facts: &ServerFacts,
    options: PlanOptions,
) -> Planner {
    let mut planner = Planner::new(options);
    let total = checked.table(|table| table.rows().len());
    let mut breath = Breath::begin();
    loop {
        let over = checked.with(|table, file| {
            let existing = facts.existing.borrow();
            planner.plan_some(table, file, &existing, &BrowserRandom, SLICE)
        });
        if over.unwrap_or(true) {
            return planner;
        }
        if breath.take().await {
            let done = planner.planned();
            desk.plan.set(PlanPhase::Making { done, total });
        }
    }
}

/// The plan as a file.
pub async fn csv(plan: &Plan, rows: &Checked) -> String {
    let mut report = ImportReport::of_plan();
    let mut breath = Breath::begin();
    for (row, planned) in plan.rows.iter().enumerate() {
        let detail = words::planned(planned, &server()).join(" ");
        rows.table(|table| {
            report.push(Line {
                line: table.line(row),
                id: planned
                    .user()
                    .map_or_else(|| table.field(row, ImportColumn::Id), UserId::as_str),
                displayname: table.field(row, ImportColumn::DisplayName),
                outcome: planned_word(planned).name(),
                detail: &detail,
                password: None,
            });
        });
        breath.take().await;
    }
    report.finish()
}

/// Begins to find out what the server has.
async fn begin(client: Patient<'_>) -> Result<ServerFacts, ApiError> {
    let mut server = learn::capabilities().await?;
    if server.delegated_auth && server.mas().is_none() {
        // It may have been away when it was asked.
        learn::ask_mas_again().await;
        server = learn::capabilities().await?;
    }
    let first = FirstAsked::now();
    // Before all else, however the accounts are then looked up: who is newer than this has
    // appeared since.
    let newest = ListUsers {
        limit: 1,
        order_by: Some(order::CREATED),
        descending: true,
        ..Default::default()
    };
    let mas = match server.mas() {
        Some(access) => Some(at_mas::begin(client, access).await?),
        None => None,
    };
    let newest = client.send(users::list(&newest, &server)).await?;
    Ok(ServerFacts::since(first, &newest, server, mas))
}

/// Reads the whole list, or goes on with it where it could not be read to its end. A page that the
/// server stumbles over or does not answer in its time is asked for once more.
async fn read_list(desk: Desk, client: Patient<'_>, facts: &ServerFacts) -> Result<(), ApiError> {
    let everybody = ListUsersOf {
        asked: ListUsers::default(),
        server: facts.server.clone(),
    };
    let mut stumbled = None;
    loop {
        // A page back: it may have moved meanwhile.
        let from = facts.list_at.get().saturating_sub(PAGE);
        let ask = |at: u64| {
            let at = at.max(from);
            facts.list_at.set(facts.list_at.get().max(at));
            everybody.large_page(at)
        };
        let each = |found: Vec<User>, count, total| {
            let mut existing = facts.existing.borrow_mut();
            for user in found {
                existing.add(query::settled(user, &everybody.asked));
            }
            desk.plan.set(PlanPhase::Asking {
                what: Asking::List,
                done: from + count,
                total,
            });
        };
        match client.each_page(ask, each).await {
            Err(error) if is_slow(&error) && stumbled != Some(facts.list_at.get()) => {
                stumbled = Some(facts.list_at.get());
            }
            read => {
                read?;
                facts.existing.borrow_mut().set_complete();
                return Ok(());
            }
        }
    }
}

/// Asks for these accounts; see [`ask_twice`].
async fn ask_each(
    desk: Desk,
    client: Patient<'_>,
    facts: &ServerFacts,
    wanted: Vec<UserId>,
) -> Result<Vec<UserId>, ApiError> {
    let hear = |user, answer: Result<Option<UserDetail>, ApiError>| {
        let mut existing = facts.existing.borrow_mut();
        match answer? {
            Some(detail) => existing.add_detail(detail),
            None => existing.add_absent(user),
        }
        Ok(true)
    };
    let asking = (Asking::Accounts, facts.silent.get());
    ask_twice(desk, asking, client, wanted, users::get, hear).await
}

/// Asks whose these are; see [`ask_twice`]. What the server cannot say stays unknown.
async fn ask_owners(
    desk: Desk,
    client: Patient<'_>,
    facts: &ServerFacts,
    wanted: Vec<Identity>,
) -> Result<Vec<Identity>, ApiError> {
    let ask = |identity: &Identity| match identity {
        Identity::Threepid(threepid) => users::by_threepid(threepid),
        Identity::ExternalId(id) => users::by_external_id(id),
    };
    let mut unsaid = 0;
    let hear = |identity, answer: Result<Option<IdOwner>, ApiError>| match answer {
        Ok(owner) => {
            let owner = owner.map(|owner| owner.user_id);
            facts.existing.borrow_mut().add_owner(identity, owner);
            unsaid = 0;
            Ok(true)
        }
        Err(error) if cannot_say(&error) => {
            unsaid += 1;
            // Nor will it say whose the others are.
            Ok(unsaid < AT_ONCE)
        }
        Err(error) => Err(error),
    };
    let asking = (Asking::Owners, facts.silent.get());
    ask_twice(desk, asking, client, wanted, ask, hear).await
}
