//! `#/users`: all accounts of the server.
//!
//! | file | what |
//! |---|---|
//! | `question` | the address in the words of the list |
//! | `columns`, `filters`, `marks` | what is shown and asked |
//! | `views` | ready filters for housekeeping |
//! | [`standing`] | who administers and who is locked, where Matrix Authentication Service says so |
//! | `devices` | who has a device |
//! | `suspended` | who is suspended |
//! | `bridges` | whose accounts belong to bridges, recognised by their IDs |
//! | [`roll`] | the whole list, for what the server cannot answer |

mod bridges;
mod columns;
mod devices;
mod filters;
mod found;
mod marks;
mod question;
pub mod roll;
pub mod standing;
mod suspended;
mod views;

pub use columns::no_trace;
pub use marks::state_marks;

use crate::address::route::Route;
use crate::api::pages::ListUsersOf;
use crate::api::server::{Capabilities, Feature};
use crate::api::tolerant::Timestamp;
use crate::api::users::{self, ListUsers, User, UserPage, order};
use crate::api::{ApiError, UserId};
use crate::browser::clock::now;
use crate::components::button::ButtonLink;
use crate::components::page::PageHeader;
use crate::i18n::features::why_not;
use crate::i18n::{format, t};
use crate::known::{Known, Wanted, Why};
use crate::listing::{ListQuery, Search};
use crate::lists::blank;
use crate::lists::cached;
use crate::lists::{AnsweredBy, Defaults, List, ListPage, ListSpec, Reading, Source};
use crate::session::config::is_system;
use crate::session::{Client, learn};
use crate::ui::{IntoNode, Node, view};
use crate::users::query::{self, Marks, NEEDS, Question, Told, UserOrder, whole_id};
use crate::widgets::mas_closed;
use crate::widgets::subjects::users::{Subject, menu};
use leptos::prelude::*;
use std::collections::HashSet;

/// How long one account may take to answer what no list tells, in milliseconds.
const PATIENCE_MS: u32 = 15_000;

/// The page with the list of users.
pub fn view() -> Node {
    view! {
        <PageHeader title=Signal::derive(t::nav_users) lead=Signal::derive(t::users_lead)>
            <ButtonLink to=Route::CreateUser.to_string() label=t::users_create icon="user-plus" />
            <ButtonLink to=Route::ImportUsers.to_string() label=t::users_import icon="upload" />
        </PageHeader>
        {mas_closed::notice()}
        {views::row()}
        {bridges::offer()}
        {list()}
    }
    .into_node()
}

fn list() -> Node {
    let changed = RwSignal::new(0);
    let spec = ListSpec::new(
        "users",
        t::nav_users,
        |user: &User| user.name.to_string(),
        Source::server_or_here(answered),
    )
    .defaults(Defaults {
        sort: UserOrder::Name.key(),
        ..Default::default()
    })
    .search(t::users_search)
    .link(|user: &User| Route::user(&user.name).to_string())
    .empty("users", t::users_empty, Some(t::users_empty_text))
    .reload(changed)
    .bulk(move |picked| menu(Subject::Listed { picked, changed }))
    .columns(columns::columns())
    .filters(filters::filters())
    .needs(NEEDS);
    view! { <List spec /> }.into_node()
}

/// Who answers a question of the list.
async fn answered(query: ListQuery, reading: Reading) -> Result<AnsweredBy, ApiError> {
    let (query, reading) = (&query, &reading);
    let capabilities = learn::capabilities().await?;
    if reading.is_refresh() {
        // Also where this question does not ask: it is shown all the same.
        suspended::forget();
    }
    standing::ask(reading).await?;
    let mut question = question::of_query(query);
    if (question.admins.is_some() || question.locked.is_some())
        && let Some(error) = standing::silence()
    {
        return Err(error);
    }
    if question.order_by.is_some_and(UserOrder::may_be_blank) {
        question.blank = blank::of_server().await.unwrap_or_default();
    }
    if question.system.is_some() {
        let everybody = roll::all(reading).await?;
        bridges::recognise(&everybody.items, reading).await?;
    }
    // Each of these only says among whom they are whom the rest of the question finds.
    let mut among = found::found(&question, reading, &capabilities).await?;
    if let Some((among, _)) = &mut among {
        question.search.clear();
        settle(among, &capabilities).await?;
    }
    if question.waiting.is_some() {
        among = Some(by_approval(&mut question, among, &capabilities, reading).await?);
    }
    if question.suspended.is_some() {
        among = Some(by_suspension(&question, among, &capabilities, reading).await?);
    }
    if let Some(wanted) = of_devices(query) {
        among = Some(by_devices(&question, wanted, among, reading).await?);
    }
    if let Some((among, note)) = among {
        return Ok(here(&question, &among, note));
    }
    if let Some(asked) = question.for_server(&capabilities)
        && !begins_with_unknown(&asked, &capabilities).await?
    {
        let settled = asked.clone();
        let asked = ListUsersOf {
            asked,
            server: capabilities,
        };
        let row = move |user| query::settled(user, &settled);
        let sort = move |found: &mut Vec<User>| question.sort(found);
        let answered = AnsweredBy::server(asked, reading.clone(), row, sort);
        return Ok(answered.with_note(t::users_note_server()));
    }
    if let Some(id) = Search::parse(&question.search).plain().and_then(whole_id) {
        let mut candidates = namesakes(id, &capabilities).await?;
        settle(&mut candidates, &capabilities).await?;
        return Ok(here(&question, &candidates, t::users_note_server()));
    }
    if let Some(few) = few(&question, &capabilities).await? {
        return Ok(here(&question, &few, t::users_note_server()));
    }
    let roll = roll::all(reading).await?;
    let read = format::relative(roll.read_at, now());
    let note = t::users_note_here(roll.items.len() as u64, &read);
    Ok(here(&question, &roll.items, note))
}

/// All that the server finds.
async fn all_of(asked: ListUsers, server: Capabilities) -> Result<Vec<User>, ApiError> {
    let pages = ListUsersOf { asked, server };
    Client::get().patient().all_of(&pages, &|_, _| ()).await
}

/// The few among whom all are that a question finds, where the server can tell them apart from all
/// the others; so nobody has to read those.
pub async fn few(
    question: &Question,
    server: &Capabilities,
) -> Result<Option<Vec<User>>, ApiError> {
    if let (Some(true), Marks::These(admins)) = (question.admins, &question.told.admin) {
        return these(admins, server).await;
    }
    let Some(asked) = question.among_few(server) else {
        return Ok(None);
    };
    let found = all_of(asked.clone(), server.clone()).await?;
    let settled = |user| query::settled(user, &asked);
    Ok(Some(found.into_iter().map(settled).collect()))
}

/// These, as the list has them: only it knows when they were last used. `None` if they are too many.
async fn these(
    users: &HashSet<UserId>,
    server: &Capabilities,
) -> Result<Option<Vec<User>>, ApiError> {
    if users.len() > roll::ONE_BY_ONE {
        return Ok(None);
    }
    let mut found = Vec::new();
    for user in users {
        let alike = candidates(user, server).await?.users.into_iter();
        // MAS may know one that the homeserver does not know yet.
        found.extend(alike.filter(|found| found.name == *user));
    }
    settle(&mut found, server).await?;
    Ok(Some(found))
}

/// Whether the server's answer in the order of the last use has those first of whom there is no
/// record. SQLite has them first or last, PostgreSQL the other way round; here they are last.
async fn begins_with_unknown(asked: &ListUsers, server: &Capabilities) -> Result<bool, ApiError> {
    if asked.order_by != Some(order::LAST_SEEN) {
        return Ok(false);
    }
    let first = ListUsers {
        from: 0,
        limit: 1,
        ..asked.clone()
    };
    let page = Client::get().send(users::list(&first, server)).await?;
    Ok(page.users.iter().any(|user| user.last_seen_ts.is_none()))
}

/// An answer of ours, from among these users, with a word on how they were found.
fn here(question: &Question, among: &[User], note: String) -> AnsweredBy {
    let (page, total) = question.answer(among, &is_system_or_bridged);
    AnsweredBy::Here(ListPage::new(page, total).with_note(note))
}

/// Some among whom all are that a question finds, and a word on how they were found.
type Candidates = (Vec<User>, String);

/// What was said of candidates, and what is to be said besides.
fn and(note: Option<String>, more: String) -> String {
    match note {
        Some(note) => format!("{note}. {more}"),
        None => more,
    }
}

/// Those who wait for approval.
async fn waiting(server: &Capabilities) -> Result<Vec<User>, ApiError> {
    let asked = ListUsers {
        waiting: true,
        ..ListUsers::default()
    };
    all_of(asked, server.clone()).await
}

/// Says of some who were looked up whether they wait for approval: of these a list says it of too many,
/// and what is kept of it of nobody.
async fn settle(users: &mut [User], server: &Capabilities) -> Result<(), ApiError> {
    if users.is_empty() {
        return Ok(());
    }
    if learn::approvals().await? {
        query::mark_waiting(users, &waiting(server).await?);
    } else {
        for user in users {
            user.approved = user.approved.filter(|approved| *approved);
        }
    }
    Ok(())
}

/// Candidates of whom it is known whether they wait for approval, among these or all.
async fn by_approval(
    question: &mut Question,
    among: Option<Candidates>,
    server: &Capabilities,
    reading: &Reading,
) -> Result<Candidates, ApiError> {
    let (among, note) = among.unzip();
    let everybody = async || Ok::<_, ApiError>(roll::all(reading).await?.items.to_vec());
    if !learn::approvals().await? {
        // Everybody has been let in, whatever the list of an old server says.
        let is_nobody = question.waiting.take() == Some(true);
        let found = match (is_nobody, among) {
            (true, _) => Vec::new(),
            (false, Some(among)) => among,
            (false, None) => everybody().await?,
        };
        return Ok((found, and(note, t::users_note_no_approval())));
    }
    let waiting = waiting(server).await?;
    let note = note.unwrap_or_else(t::users_note_server);
    let mut found = match among {
        Some(among) => among,
        None if question.waiting == Some(true) => return Ok((waiting, note)),
        None => everybody().await?,
    };
    query::mark_waiting(&mut found, &waiting);
    Ok((found, note))
}

/// Those of these, or of all, whom a question finds: whatever is told account by account need be asked
/// of them only.
async fn to_ask(
    question: &Question,
    among: Option<Vec<User>>,
    reading: &Reading,
) -> Result<Vec<User>, ApiError> {
    let among = match among {
        Some(among) => among.into(),
        None => roll::all(reading).await?.items,
    };
    let found = question.matching(&among, &is_system_or_bridged);
    Ok(found.into_iter().cloned().collect())
}

/// Candidates of whom it is known whether they are suspended, among these or all.
async fn by_suspension(
    question: &Question,
    among: Option<Candidates>,
    server: &Capabilities,
    reading: &Reading,
) -> Result<Candidates, ApiError> {
    let (among, note) = among.unzip();
    if let Some(lack) = server.lack(Feature::ToldSuspensions) {
        return Ok((Vec::new(), and(note, why_not(lack))));
    }
    let rest = Question {
        suspended: None,
        ..question.clone()
    };
    let mut found = to_ask(&rest, among, reading).await?;
    let asked = suspended::mark(&mut found, reading).await?;
    let how = t::users_note_suspended(&format::relative(asked.since, now()));
    let silent = match question.suspended {
        // They are what was found.
        Some(Wanted::Unknown) => &[][..],
        _ => &asked.silent,
    };
    Ok((found, cached::with_silent(and(note, how), silent)))
}

/// Those who have these devices, among these or all.
async fn by_devices(
    question: &Question,
    wanted: devices::Has,
    among: Option<Candidates>,
    reading: &Reading,
) -> Result<Candidates, ApiError> {
    let (among, note) = among.unzip();
    let candidates = to_ask(question, among, reading).await?;
    let (found, asked) = devices::having(candidates, wanted, reading).await?;
    let how = t::users_note_devices(&format::relative(asked.since, now()));
    let silent = match wanted {
        // They are what was found.
        Has::Unknown => &[][..],
        _ => &asked.silent,
    };
    Ok((found, cached::with_silent(and(note, how), silent)))
}

pub use crate::users::address::{NO_TYPE, filter};
pub use question::of_query;
pub use standing::told;

pub use devices::Has;

/// Which devices a question asks for.
pub fn of_devices(query: &ListQuery) -> Option<Has> {
    Has::parse(query.get(filter::DEVICES)?)
}

/// Whether this user belongs to a bridge or bot, as the deployment says or as far as an application
/// service was recognised by the ID.
pub fn is_system_or_bridged(user: &UserId) -> bool {
    is_system(user) || bridges::is_recognised(user)
}

/// When an account was last used, as the list tells it: it knows what the account's detail has
/// forgotten.
pub async fn last_seen(user: &UserId) -> Result<Known<Timestamp>, ApiError> {
    let server = learn::capabilities().await?;
    let told = Told::by(&server);
    if !told.last_seen {
        return Ok(Known::Unknown(Why::TooOld));
    }
    let page = candidates(user, &server).await?;
    let listed = page.users.into_iter().find(|found| found.name == *user);
    Ok(match listed {
        Some(listed) => told.last_seen(&listed),
        None => Known::Unknown(Why::Silent),
    })
}

/// This user, and those whose ID is alike.
async fn candidates(user: &UserId, server: &Capabilities) -> Result<UserPage, ApiError> {
    let query = ListUsers {
        limit: 1000,
        user_id: Some(users::like_id(user)),
        order_by: Some(order::NAME),
        ..Default::default()
    };
    Client::get().send(users::list(&query, server)).await
}

/// The accounts of this ID, whatever its capitals, and those whose ID is alike.
async fn namesakes(id: &str, server: &Capabilities) -> Result<Vec<User>, ApiError> {
    let Some(user) = UserId::parse(id) else {
        return Ok(Vec::new());
    };
    let page = candidates(&user, server).await?;
    if page.users.iter().any(|found| found.name == user) || page.next_token.is_none() {
        return Ok(page.users);
    }
    // Too many to be sure.
    match Client::get().send(users::get(&user)).await {
        Ok(detail) => Ok(vec![detail.user]),
        Err(error) if error.is_not_found() => Ok(Vec::new()),
        Err(error) => Err(error),
    }
}
