//! The plan: what the server has, and what will happen to each row.

use super::checked::Checked;
use super::desk::Desk;
use super::facts::{Asking, PlanPhase, ServerFacts};
use super::results::server;
use crate::api::exchange::Clock;
use crate::api::pages::ListUsersOf;
use crate::api::users::{self, IdOwner, ListUsers, UserDetail, order};
use crate::api::{ApiError, UserId, login};
use crate::browser::clock::{Breath, BrowserClock, BrowserRandom};
use crate::i18n::import as words;
use crate::import::columns::ImportColumn;
use crate::import::plan::{
    Existing, Identity, Lookup, OnConflict, Passwords, Plan, PlanOptions, Planner, lookup,
};
use crate::import::report::{ImportReport, Line, planned_word};
use crate::operations::Activity;
use crate::session::config::config;
use crate::session::{Client, Session, learn};
use crate::users::query;
use futures_util::future::join_all;
use leptos::prelude::*;
use std::cell::RefCell;
use std::rc::Rc;

/// How many rows are planned before looking at the clock.
const SLICE: usize = 200;

/// How many accounts are asked for at a time.
const AT_ONCE: usize = 6;

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
    let kept = desk.facts.get_value().filter(|facts| facts.is_fresh());
    let facts = match kept {
        Some(facts) => facts,
        None => Rc::new(ask(desk, &checked).await?),
    };
    desk.facts.set_value(Some(Rc::clone(&facts)));
    let mut unknown = Vec::new();
    let mut look = |user: &UserId| {
        if facts.existing.borrow().has(user).is_none() {
            unknown.push(user.clone());
        }
    };
    each_user(&checked, &mut look).await;
    ask_each(desk, &facts, unknown).await?;
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
        ask_each(desk, &facts, wanted.unwrap_or_default()).await?;
    }
    let passwords = desk.passwords.get_untracked();
    let passwords_are_useless = generates(passwords) && !learn_passwords(desk).await;
    let options = PlanOptions {
        on_conflict,
        passwords,
        passwords_are_useless,
        own,
        server: facts.server.clone(),
    };
    let mut planner = plan_all(desk, &checked, &facts, options.clone()).await;
    let unasked = planner.unasked();
    if !unasked.is_empty() {
        ask_owners(desk, &facts, unasked).await?;
        planner = plan_all(desk, &checked, &facts, options).await;
    }
    Ok((Rc::new(planner.finish()), facts))
}

/// Whether passwords are made up.
pub fn generates(passwords: Passwords) -> bool {
    matches!(
        passwords,
        Passwords::GenerateMissing | Passwords::GenerateAll
    )
}

/// Whether people sign in with a password that the server knows. A server that does not say is
/// taken for one where they do.
pub async fn learn_passwords(desk: Desk) -> bool {
    if let Some(known) = desk.has_passwords.get_untracked() {
        return known;
    }
    let offers = match Session::get().has_external_auth_now() {
        true => Ok(false),
        false => {
            let flows = Client::get().send(login::flows()).await;
            flows.map(|flows| flows.offers("m.login.password"))
        }
    };
    if let Ok(offers) = offers {
        let _ = desk.has_passwords.try_set(Some(offers));
    }
    offers.unwrap_or(true)
}

/// Looks at the accounts that the file names, each once, without holding up the page.
async fn each_user(checked: &Checked, look: &mut dyn FnMut(&UserId)) {
    let total = checked.table(|table| table.rows().len());
    let mut breath = Breath::begin();
    for from in (0..total).step_by(SLICE) {
        checked.with(|_, file| {
            let rows = from..total.min(from + SLICE);
            rows.filter_map(|row| file.first_user(row))
                .for_each(&mut *look);
        });
        breath.take().await;
    }
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

/// Finds out what the server has, in the cheaper way.
async fn ask(desk: Desk, checked: &Checked) -> Result<ServerFacts, ApiError> {
    let server = learn::capabilities().await?;
    let client = Client::get();
    let read_ms = BrowserClock.now_ms();
    let changes = Activity::get().count();
    // Before all else, however the accounts are then looked up: who is newer than this has
    // appeared since.
    let newest = ListUsers {
        limit: 1,
        order_by: Some(order::CREATED),
        descending: true,
        ..Default::default()
    };
    let newest = client.send(users::list(&newest, &server)).await?;
    let rows = checked.table(|table| table.rows().len()) as u64;
    let mut existing = Existing::new();
    if lookup(newest.total, rows) == Lookup::PageThrough {
        let report = |done, total| {
            desk.plan.set(PlanPhase::Asking {
                what: Asking::List,
                done,
                total,
            });
        };
        let everybody = ListUsersOf {
            asked: ListUsers::default(),
            server: server.clone(),
        };
        let all = client.patient().all_of(&everybody, &report).await?;
        let mut breath = Breath::begin();
        for user in all {
            existing.add(query::settled(user, &everybody.asked));
            breath.take().await;
        }
        existing.set_complete();
    }
    Ok(ServerFacts {
        existing: RefCell::new(existing),
        newest_known: newest.users.first().and_then(|user| user.creation_ts),
        server,
        read_ms,
        changes,
    })
}

/// Asks for these accounts, a few at a time.
async fn ask_each(desk: Desk, facts: &ServerFacts, wanted: Vec<UserId>) -> Result<(), ApiError> {
    let client = Client::get();
    let total = wanted.len() as u64;
    for (number, some) in wanted.chunks(AT_ONCE).enumerate() {
        desk.plan.set(PlanPhase::Asking {
            what: Asking::Accounts,
            done: (number * AT_ONCE) as u64,
            total,
        });
        let asked = some.iter().map(|user| client.send(users::get(user)));
        let answers: Vec<Result<UserDetail, ApiError>> = join_all(asked).await;
        let mut existing = facts.existing.borrow_mut();
        for (user, answer) in some.iter().zip(answers) {
            match answer {
                Ok(detail) => existing.add_detail(detail),
                Err(error) if error.is_not_found() => existing.add_absent(user.clone()),
                Err(error) => return Err(error),
            }
        }
    }
    Ok(())
}

/// Asks whose these are, a few at a time. What the server cannot say stays unknown.
async fn ask_owners(
    desk: Desk,
    facts: &ServerFacts,
    wanted: Vec<Identity>,
) -> Result<(), ApiError> {
    let client = Client::get();
    let total = wanted.len() as u64;
    for (number, some) in wanted.chunks(AT_ONCE).enumerate() {
        desk.plan.set(PlanPhase::Asking {
            what: Asking::Owners,
            done: (number * AT_ONCE) as u64,
            total,
        });
        let asked = some.iter().map(|identity| {
            client.send(match identity {
                Identity::Threepid(threepid) => users::by_threepid(threepid),
                Identity::ExternalId(id) => users::by_external_id(id),
            })
        });
        let answers: Vec<Result<IdOwner, ApiError>> = join_all(asked).await;
        if answers
            .iter()
            .all(|answer| answer.as_ref().is_err_and(cannot_say))
        {
            // Nor will it say whose the others are.
            break;
        }
        let mut existing = facts.existing.borrow_mut();
        for (identity, answer) in some.iter().zip(answers) {
            match answer {
                Ok(owner) => existing.add_owner(identity.clone(), Some(owner.user_id)),
                Err(error) if error.is_not_found() => existing.add_owner(identity.clone(), None),
                Err(error) if cannot_say(&error) => {}
                Err(error) => return Err(error),
            }
        }
    }
    Ok(())
}

/// Whether the server, or what stands before it, does not know the question.
fn cannot_say(error: &ApiError) -> bool {
    match error {
        ApiError::Unsupported { .. } => true,
        ApiError::NotMatrix { status, .. } => matches!(status, 403..=405),
        _ => false,
    }
}
