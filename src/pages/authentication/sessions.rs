//! The sessions of everybody, of all three kinds, newest first.

use super::rows::EndableRows;
use crate::api::ApiError;
use crate::api::mas::resource::Want;
use crate::api::mas::{Ulid, sessions as api};
use crate::api::server::Feature;
use crate::api::tolerant::Timestamp;
use crate::authentication::sessions::{
    AnySession, FINISH, Question, filter, picked, spared, state,
};
use crate::browser::clock::{iso, now};
use crate::components::badge::{Tone, badge};
use crate::components::nothing;
use crate::components::time::{date_time, time_or_never};
use crate::i18n::{Words, t};
use crate::lists::newest::{self, AskedOfMas, Feed};
use crate::lists::{Column, Filter, FilterKind, List, ListQuery, ListSpec};
use crate::operations::acts::Act;
use crate::pages::users::held;
use crate::session::config::is_system;
use crate::session::{Client, Session};
use crate::ui::{IntoNode, Node, view};
use crate::users::sessions::SessionKind;
use crate::widgets::actions::things::{self, ThingAction, ThingActions, ThingKind, in_sight};
use crate::widgets::mas_names as names;
use crate::widgets::own_session::{own_badge, works_by};
use futures_util::FutureExt;

/// The name of the maker of actions that go on after signing in again in the same tab.
pub const MAKER: &str = "sessions-at-mas";

/// What can be done to sessions.
static SESSIONS: ThingKind<AnySession> = ThingKind {
    maker: MAKER,
    rows: ThingActions::of(
        const {
            &[ThingAction::ending(
                &FINISH,
                spared,
                Some(|session, network| {
                    held::still(network, &session.base, &session.held, session.unused).boxed_local()
                }),
                AnySession::finish,
            )]
        },
    ),
    name: AnySession::title,
    typed: in_sight,
    whom: |session| names::account(session.whose.as_deref()?),
    noun: t::auth_sessions,
    nothing: t::auth_sessions_nothing,
};

/// Makes an action again that was kept.
pub fn make(order: &str, _under_way: &[usize]) -> Option<Act> {
    things::make(&SESSIONS, order)
}

/// The tab of everybody's sessions at the MAS that stands at `base`.
pub fn tab(base: String) -> Node {
    let rows = EndableRows::new();
    let of_rows = base.clone();
    let spec = ListSpec::new(
        "mas-sessions",
        t::auth_sessions,
        |session: &AnySession| session.held.id.to_string(),
        newest::source(
            move |query| asked(base.clone(), query),
            move |rows| complete(of_rows.clone(), rows),
        ),
    )
    .filters(filters())
    .empty("device", t::auth_sessions_empty, None)
    .reload(rows.changed)
    .bulk(move |selected| rows.bar(&SESSIONS, selected, |all, by| picked(all, &by, now())))
    .columns(columns(rows));
    view! {
        <List spec />
        {rows.waiting()}
    }
    .into_node()
}

fn filters() -> Vec<Filter> {
    let kinds = SessionKind::OF_PEOPLE.map(|kind| (kind.key(), kind.words()));
    let states = vec![
        (state::FINISHED, t::auth_state_finished as Words),
        (state::ALL, t::auth_state_all),
    ];
    let idle = vec![
        ("7", t::auth_idle_7 as Words),
        ("30", t::auth_idle_30),
        ("90", t::auth_idle_90),
        ("365", t::auth_idle_365),
    ];
    vec![
        Filter::new(filter::KIND, t::auth_kind, FilterKind::Choice(kinds.into())),
        Filter::new(filter::STATE, t::auth_state, FilterKind::Choice(states)),
        Filter::new(filter::IDLE, t::auth_idle, FilterKind::Choice(idle))
            .reading(|days| days.parse::<u32>().is_ok()),
        Filter::new(filter::USER, t::auth_whose, FilterKind::Text),
        Filter::new(filter::CLIENT, t::auth_application, FilterKind::Text)
            .reading(|id| Ulid::parse(id).is_some()),
    ]
}

/// What the question is of MAS.
async fn asked(base: String, query: ListQuery) -> Result<AskedOfMas<AnySession>, ApiError> {
    let question = Question::of(&query);
    let user = match query.get(filter::USER) {
        None => None,
        Some(typed) => match names::id_of(&base, typed).await? {
            Some(id) => Some(id),
            None => return Ok(AskedOfMas::nothing(t::auth_no_such_user(typed))),
        },
    };
    let now = now();
    let for_mas = question.for_mas(user, now, iso);
    let feeds = question.kinds.iter().filter_map(|kind| {
        let (base, filter, client) = (base.clone(), for_mas.clone(), question.client.clone());
        let of = base.clone();
        Some(match kind {
            SessionKind::App => Feed::new(
                move |want| api::oauth2(&base, &filter, client.as_ref(), want),
                move |found| AnySession::new(&of, found),
            ),
            SessionKind::Login => Feed::new(
                move |want| api::compat(&base, &filter, want),
                move |found| AnySession::new(&of, found),
            ),
            SessionKind::Browser => Feed::new(
                move |want| api::browser(&base, &filter, want),
                move |found| AnySession::new(&of, found),
            ),
            // These have a tab of their own.
            SessionKind::Personal => return None,
        })
    });
    let asked = AskedOfMas {
        feeds: feeds.collect(),
        note: note(&query),
        kept: None,
    };
    Ok(match question.unused_since(now) {
        Some(since) => {
            asked.kept_here(move |session: &AnySession| session.held.is_unused_since(since))
        }
        None => asked,
    })
}

/// What there is to say of what is found.
fn note(query: &ListQuery) -> Option<String> {
    let state = query.get(filter::STATE).is_none();
    let idle = query.get(filter::IDLE).is_some();
    let notes = [state.then(t::auth_state_note), idle.then(t::auth_idle_note)];
    let notes: Vec<String> = notes.into_iter().flatten().collect();
    (!notes.is_empty()).then(|| notes.join(" "))
}

/// Looks up the names of those whose sessions these are, and of the programs.
async fn complete(base: String, mut rows: Vec<AnySession>) -> Vec<AnySession> {
    let users = names::users(&base, rows.iter().filter_map(|row| row.held.user.clone())).await;
    let knows_clients = Session::get().of_capabilities(|server| server.has(Feature::OAuthClients));
    let clients = match knows_clients {
        true => names::clients(&base, rows.iter().filter_map(|row| row.held.client.clone())).await,
        false => Default::default(),
    };
    for row in &mut rows {
        let held = &mut row.held;
        row.whose = held.user.as_ref().and_then(|id| users.get(id).cloned());
        held.client_name = held.client.as_ref().and_then(|id| clients.get(id).cloned());
        let user = row.whose.as_deref().and_then(names::account);
        row.is_system = user.as_ref().is_some_and(is_system);
    }
    find_own(&base, &mut rows).await;
    rows
}

/// Finds those among the sessions of a page in which the administrator works, or may work.
async fn find_own(base: &str, rows: &mut [AnySession]) {
    let by = |row: &AnySession| {
        let user = row.whose.as_deref().and_then(names::account)?;
        works_by(&user).filter(|by| by.may_be(&row.held))
    };
    let first = rows
        .iter()
        .find_map(|row| Some((by(row)?, row.held.user.clone()?)));
    let Some((known_by, user)) = first else {
        return;
    };
    let alike = match (
        &known_by.device,
        known_by.client.as_deref().and_then(Ulid::parse),
    ) {
        (None, Some(client)) => {
            // Others may be on other pages. Without an answer nothing is certain.
            let active = api::SessionFilter::active_of(&user);
            let two = api::oauth2(base, &active, Some(&client), &Want::last(2));
            let told = Client::get().send(two).await;
            told.map_or(2, |page| page.data.len())
        }
        _ => 1,
    };
    for row in rows {
        if let Some(by) = by(row) {
            row.own = by.is_own(&row.held, alike);
        }
    }
}

fn columns(rows: EndableRows) -> Vec<Column> {
    let text = |value: &Option<String>| value.clone().unwrap_or_default();
    vec![
        Column::new("app", t::auth_app, |session: &AnySession| {
            session.held.label()
        })
        .cell(app)
        .main()
        .grow(11.0, 2.0),
        Column::new("user", t::auth_whose, |session: &AnySession| {
            names::whose_text(session.whose.as_deref(), session.held.user.as_ref())
        })
        .cell(|session: &AnySession| {
            names::whose(session.whose.as_deref(), session.held.user.as_ref())
        })
        .grow(10.0, 1.5),
        Column::new("kind", t::auth_kind, |session: &AnySession| {
            session.held.kind.words()()
        })
        .grow(8.0, 0.5),
        Column::new("device_id", t::auth_device, move |session: &AnySession| {
            text(&session.held.device)
        })
        .copyable()
        .grow(8.0, 1.0),
        Column::new(
            "last_active_at",
            t::auth_last_active,
            |session: &AnySession| session.held.last_active.map(iso).unwrap_or_default(),
        )
        .cell(|session: &AnySession| time_or_never(session.held.last_active))
        .grow(8.0, 0.5),
        Column::new("created_at", t::auth_created, |session: &AnySession| {
            iso(session.held.begun)
        })
        .cell(|session: &AnySession| time_or_never(Some(session.held.begun)))
        .grow(8.0, 0.5),
        Column::new(
            "finished_at",
            t::auth_state_finished,
            |session: &AnySession| finished(session).map(iso).unwrap_or_default(),
        )
        .cell(|session: &AnySession| finished(session).map_or_else(nothing, date_time))
        .hidden(),
        Column::new("last_active_ip", t::auth_ip, move |session: &AnySession| {
            text(&session.held.last_ip)
        })
        .hidden(),
        Column::new("user_agent", t::auth_agent, move |session: &AnySession| {
            text(&session.held.user_agent)
        })
        .hidden(),
        Column::new("id", t::task_id, |session: &AnySession| {
            session.held.id.to_string()
        })
        .copyable()
        .hidden(),
        Column::new("actions", t::act_menu, |_: &AnySession| String::new())
            .cell(move |session: &AnySession| rows.menu(&SESSIONS, session, None))
            .without_heading()
            .not_exported()
            .width(3.5),
    ]
}

/// When somebody has ended it.
fn finished(session: &AnySession) -> Option<Timestamp> {
    session.held.ends.filter(|_| session.held.is_ended)
}

fn app(session: &AnySession) -> Node {
    let words = session.held.label();
    view! {
        <span class="marks">
            <span class="cell-text" title=words.clone()>{words}</span>
            {own_badge(session.own)}
            {session.held.is_ended.then(|| badge(Tone::Neutral, t::auth_state_finished))}
        </span>
    }
    .into_node()
}
