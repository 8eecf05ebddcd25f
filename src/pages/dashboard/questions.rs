//! What the server is asked for the dashboard. Each question is one row, and none of them reads a list to
//! its end. Most are one or two small requests. More are
//!
//! - `federation`: what it takes to find where those end that cannot be reached
//!   (`dashboard/destinations.rs`), and before that one request for each of some of those that are being
//!   tried again, a few at a time (`pages/federation/retried.rs`);
//! - `media` and `old_media`: a page of those who have uploaded most, and on some databases the pages of
//!   those who have only begun to (`media/uploads.rs`);
//! - `admins`: all pages of the few among whom the administrators are.
//!
//! `cargo xtask bench list` measures what they cost a Synapse with 100,000 users.

use crate::address::route::Route;
use crate::api::ApiError;
use crate::api::background_updates::STANDS_MS;
use crate::api::room_removal::RemovalStage;
use crate::api::rooms::{self, ListRooms};
use crate::api::server::{Capabilities, Feature, Version};
use crate::api::statistics::ListMediaUsers;
use crate::api::tasks::{self, ListTasks};
use crate::api::tolerant::Timestamp;
use crate::api::users::{self, ListUsers};
use crate::browser::clock::{day_before, months, now};
use crate::dashboard::destinations::{self, DatabaseKind};
use crate::dashboard::matter::Matter;
use crate::i18n::features::why_not;
use crate::i18n::{Words, format, t};
use crate::listing::{Defaults, ListQuery};
use crate::lists::Reading;
use crate::media::question::MONTHS;
use crate::media::uploads::by_size;
use crate::pages::federation::retried;
use crate::pages::registration_tokens;
use crate::pages::reports::kept;
use crate::pages::tasks::seen;
use crate::pages::users::list::{few, of_query, standing};
use crate::registration_tokens::{self as tokens, EXPIRING};
use crate::reports::ReportKind;
use crate::session::{Client, Session, learn};
use crate::users::address::quiet_admins;
use futures_util::FutureExt;
use futures_util::future::{LocalBoxFuture, try_join};
use std::rc::Rc;

/// Words for a person, in whatever language is spoken when they are read.
pub type LaterWords = Rc<dyn Fn() -> String>;

/// What a question has brought to light.
#[derive(Default)]
pub struct BoardFinding {
    /// The figure, or a word or two.
    pub value: Option<LaterWords>,
    /// What it is of, in a few words.
    pub note: Option<LaterWords>,
    /// What is remembered until the next visit.
    pub counts: Vec<(&'static str, u64)>,
    pub matters: Vec<Matter>,
    /// What keeps the server's data, where the answer gives it away.
    pub database: Option<DatabaseKind>,
    /// After how many milliseconds it is asked again: one answer alone does not tell whether anything moves.
    pub again_ms: Option<u64>,
}

impl BoardFinding {
    fn new(value: impl Fn() -> String + 'static, note: impl Fn() -> String + 'static) -> Self {
        BoardFinding {
            value: Some(Rc::new(value)),
            note: Some(Rc::new(note)),
            ..Default::default()
        }
    }

    fn number(count: u64, note: impl Fn() -> String + 'static) -> Self {
        BoardFinding::new(move || format::number(count as f64), note)
    }

    fn count(mut self, name: &'static str, count: u64) -> Self {
        self.counts.push((name, count));
        self
    }

    fn matters(mut self, matters: impl IntoIterator<Item = Matter>) -> Self {
        self.matters.extend(matters);
        self
    }
}

type Answered = LocalBoxFuture<'static, Result<BoardFinding, ApiError>>;

/// A question, and the card that shows its answer.
pub struct BoardQuestion {
    /// By this it is remembered what it costs.
    pub id: &'static str,
    pub title: Words,
    pub icon: &'static str,
    /// The page of its subject, and the tab.
    pub to: Option<(Route, &'static str)>,
    /// Whether it has a card; of others only what needs attention is shown.
    pub has_card: bool,
    /// Asked only after this one, and only if that did not cost much.
    pub after: Option<&'static str>,
    /// Why the server cannot answer it.
    pub lack: fn(&Capabilities) -> Option<String>,
    pub ask: fn(Capabilities) -> Answered,
}

fn nothing(_: &Capabilities) -> Option<String> {
    None
}

/// The questions, in the order of the cards.
pub static QUESTIONS: &[BoardQuestion] = &[
    BoardQuestion {
        id: "users",
        title: t::nav_users,
        icon: "users",
        to: Some((Route::Users, "")),
        has_card: true,
        after: None,
        lack: nothing,
        ask: |server| users(server).boxed_local(),
    },
    BoardQuestion {
        id: "rooms",
        title: t::nav_rooms,
        icon: "rooms",
        to: Some((Route::Rooms, "")),
        has_card: true,
        after: None,
        lack: nothing,
        ask: |_| rooms().boxed_local(),
    },
    BoardQuestion {
        id: "media",
        title: t::nav_media,
        icon: "media",
        to: Some((Route::Media, "")),
        has_card: true,
        after: None,
        lack: nothing,
        ask: |_| media().boxed_local(),
    },
    BoardQuestion {
        id: "reports",
        title: t::dash_reports,
        icon: "flag",
        to: Some((Route::Reports, "")),
        has_card: true,
        after: None,
        lack: nothing,
        ask: |_| reports().boxed_local(),
    },
    BoardQuestion {
        id: "federation",
        title: t::dash_federation,
        icon: "globe",
        to: Some((Route::Federation, "")),
        has_card: true,
        after: None,
        lack: nothing,
        ask: |_| federation().boxed_local(),
    },
    BoardQuestion {
        id: "tasks",
        title: t::nav_tasks,
        icon: "tasks",
        to: Some((Route::Tasks, "")),
        has_card: true,
        after: None,
        lack: |server| server.lack(Feature::Tasks).map(why_not),
        ask: |_| tasks().boxed_local(),
    },
    BoardQuestion {
        id: "updates",
        title: t::tasks_updates_tab,
        icon: "refresh",
        to: Some((Route::Tasks, "updates")),
        has_card: true,
        after: None,
        lack: nothing,
        ask: |_| updates().boxed_local(),
    },
    BoardQuestion {
        id: "server",
        title: t::dash_server,
        icon: "server",
        to: None,
        has_card: true,
        after: None,
        lack: nothing,
        ask: |server| version(server).boxed_local(),
    },
    BoardQuestion {
        id: "admins",
        title: t::users_admins,
        icon: "shield",
        to: None,
        has_card: false,
        after: Some("users"),
        lack: told_of_admins,
        ask: |server| admins(server).boxed_local(),
    },
    BoardQuestion {
        id: "tokens",
        title: t::nav_registration_tokens,
        icon: "key",
        to: None,
        has_card: false,
        after: None,
        lack: |server| server.lack(Feature::RegistrationTokens).map(why_not),
        ask: |_| tokens().boxed_local(),
    },
    BoardQuestion {
        id: "old_media",
        title: t::dash_old_media,
        icon: "media",
        to: None,
        has_card: false,
        after: Some("media"),
        lack: nothing,
        ask: |_| old_media().boxed_local(),
    },
];

/// After how many days without a sign of an administrator it is said.
const QUIET_DAYS: i32 = 90;

/// So many users are told with what they have uploaded.
const OWNERS: u64 = 1_000;

async fn users(server: Capabilities) -> Result<BoardFinding, ApiError> {
    let one = ListUsers {
        limit: 1,
        ..Default::default()
    };
    let page = Client::get().send(users::list(&one, &server)).await?;
    let waiting = match learn::approvals().await? {
        true => {
            let waiting = ListUsers {
                waiting: true,
                ..one
            };
            let asked = users::list(&waiting, &server);
            Client::get().send(asked).await?.total
        }
        false => 0,
    };
    let told = BoardFinding::number(page.total, t::dash_users_note).count("users", page.total);
    Ok(told.matters((waiting > 0).then_some(Matter::Waiting(waiting))))
}

async fn rooms() -> Result<BoardFinding, ApiError> {
    let one = ListRooms {
        limit: 1,
        ..Default::default()
    };
    let total = Client::get().send(rooms::list(&one)).await?.total;
    Ok(BoardFinding::number(total, t::dash_rooms_note).count("rooms", total))
}

/// How many bytes and files the users have that have uploaded most, and how many users have
/// uploaded anything.
async fn uploads(until: Option<Timestamp>) -> Result<(u64, u64, u64), ApiError> {
    let asked = ListMediaUsers {
        limit: OWNERS,
        descending: true,
        until,
        ..Default::default()
    };
    let page = by_size(Client::get().patient(), &asked).await?;
    let bytes = page.users.iter().filter_map(|user| user.media_length).sum();
    let files = page.users.iter().map(|user| user.media_count).sum();
    Ok((bytes, files, page.total))
}

async fn media() -> Result<BoardFinding, ApiError> {
    let (bytes, files, owners) = uploads(None).await?;
    if owners > OWNERS {
        let value = move || t::dash_at_least(&format::bytes(bytes));
        return Ok(BoardFinding::new(value, move || {
            t::dash_media_note_part(owners)
        }));
    }
    let note = move || t::dash_media_note(files);
    Ok(BoardFinding::new(move || format::bytes(bytes), note).count("files", files))
}

async fn old_media() -> Result<BoardFinding, ApiError> {
    // The border is that of the list, which tells months apart.
    let Some(month) = months(MONTHS).into_iter().next() else {
        return Ok(BoardFinding::default());
    };
    let first = month.first.1;
    let (bytes, _, owners) = uploads(Some(Timestamp(first.0 - 1))).await?;
    Ok(BoardFinding::default().matters(Matter::old_media(bytes, first, owners > OWNERS)))
}

async fn reports() -> Result<BoardFinding, ApiError> {
    let events = kept::open(ReportKind::Events);
    let (events, users) = try_join(events, kept::open(ReportKind::Users)).await?;
    let events = events.unwrap_or_default();
    let note = move || match users {
        Some(users) => t::dash_reports_note(
            &format::number(events as f64),
            &format::number(users as f64),
        ),
        None => t::dash_reports_note_events(),
    };
    let users = users.unwrap_or_default();
    let told = BoardFinding::number(events + users, note).count("reports", events + users);
    let open = Matter::Reports { events, users };
    Ok(told.matters((events + users > 0).then_some(open)))
}

async fn federation() -> Result<BoardFinding, ApiError> {
    let client = Client::get();
    // First, so that what has failed again meanwhile is counted among those that fail.
    let unknown = retried::unknown_now().await;
    let health = destinations::health(client.patient()).await?;
    let destinations::Reachability {
        failing,
        of,
        database,
    } = health;
    let note = move || match of {
        0 => t::dash_federation_none(),
        _ if unknown > 0 => format!(
            "{} · {}",
            t::dash_federation_note(of),
            t::dash_federation_retried(unknown)
        ),
        _ => t::dash_federation_note(of),
    };
    let mut told = BoardFinding::number(failing, note);
    // What is being tried again is not known to be better than at the last visit.
    if unknown == 0 {
        told = told.count("failing", failing);
    }
    told.database = database;
    Ok(told.matters((failing > 0).then_some(Matter::Failing { failing, of })))
}

async fn tasks() -> Result<BoardFinding, ApiError> {
    let client = Client::get();
    let count = async |status| {
        let asked = ListTasks {
            status: Some(status),
            ..Default::default()
        };
        let found = client.send(tasks::list(&asked)).await?.scheduled_tasks;
        Ok::<u64, ApiError>(found.len() as u64)
    };
    let (running, failed) =
        try_join(count(RemovalStage::Active), count(RemovalStage::Failed)).await?;
    let note = move || match failed {
        0 => t::dash_tasks_note(running),
        _ => t::dash_tasks_note_failed(running, &format::number(failed as f64)),
    };
    let told = BoardFinding::number(running, note).count("failed_tasks", failed);
    Ok(told.matters((failed > 0).then_some(Matter::FailedTasks(failed))))
}

async fn updates() -> Result<BoardFinding, ApiError> {
    let (status, stands_ms) = seen::updates().await?;
    let running = status.current_updates.len() as u64;
    if !status.enabled {
        let told = BoardFinding::new(t::dash_updates_paused, t::dash_updates_paused_note);
        return Ok(told.matters([Matter::UpdatesPaused]));
    }
    let names: Vec<String> = status
        .current_updates
        .into_values()
        .map(|update| update.name)
        .collect();
    let names = names.join(", ");
    let mut told = match stands_ms >= STANDS_MS {
        true => BoardFinding::new(t::dash_updates_stand, move || names.clone())
            .matters([Matter::UpdatesStand(stands_ms)]),
        false => BoardFinding::number(running, move || match running {
            0 => t::updates_none(),
            _ => names.clone(),
        }),
    };
    told.again_ms = (running > 0).then_some(STANDS_MS);
    Ok(told)
}

async fn version(server: Capabilities) -> Result<BoardFinding, ApiError> {
    let name = Session::get().server_name().map(|name| name.to_string());
    let name = name.unwrap_or_default();
    let text = server.version_text.clone();
    let old = Matter::old_synapse(server.version);
    let behind = server.version.map_or(0, Version::releases_behind);
    let mas = server.mas().map(|mas| mas.shown().to_owned());
    let note = move || {
        let note = match (&old, behind) {
            (Some(_), behind) => t::dash_server_old(u64::from(behind)),
            _ => name.clone(),
        };
        match &mas {
            Some(mas) => format!("{note} · {}", t::mas_version(mas)),
            None => note,
        }
    };
    let told = BoardFinding::new(move || text.clone(), note);
    Ok(told.matters(Matter::old_synapse(server.version)))
}

/// The words for what keeps the server's data.
pub fn database_words(database: DatabaseKind) -> &'static str {
    match database {
        DatabaseKind::PostgreSql => "PostgreSQL",
        DatabaseKind::Sqlite => "SQLite",
    }
}

/// When administrators were last seen is told by Synapse 1.92 and newer. Where accounts are kept elsewhere, who
/// administers is told there, to those who may ask.
fn told_of_admins(server: &Capabilities) -> Option<String> {
    let lack = server.lack(Feature::AdminRight);
    lack.or_else(|| server.lack(Feature::ListedUse))
        .map(why_not)
}

async fn admins(server: Capabilities) -> Result<BoardFinding, ApiError> {
    let (day, _) = day_before(QUIET_DAYS);
    standing::ask(&Reading::alone()).await?;
    if let Some(error) = standing::silence() {
        return Err(error);
    }
    let question = |query: &str| of_query(&ListQuery::parse(query, &Defaults::default()));
    // Both questions are about the same few.
    let quiet = quiet_admins(&day);
    let asked = question(&quiet);
    let Some(admins) = few(&asked, &server).await? else {
        // That nobody has looked is no good news.
        let count = asked.told.admin.count().unwrap_or_default();
        let unread = Matter::AdminsNotLookedAt {
            count,
            query: quiet,
        };
        return Ok(BoardFinding::default().matters((count > 0).then_some(unread)));
    };
    let count = |query: &str| question(query).matching(&admins, &|_| false).len() as u64;
    Ok(BoardFinding::default().matters(Matter::of_admins(&day, count)))
}

async fn tokens() -> Result<BoardFinding, ApiError> {
    let asked = tokens::Question::of(&ListQuery::parse(EXPIRING, &Defaults::default()));
    let found = registration_tokens::good().await?;
    let now = now();
    let expire = found.iter().filter(|token| asked.finds(token, now)).count() as u64;
    Ok(BoardFinding::default().matters((expire > 0).then_some(Matter::ExpiringTokens(expire))))
}
