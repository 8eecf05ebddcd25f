//! Personal sessions: tokens for scripts, which act as somebody. Since MAS 1.5.

use super::making;
use super::rows::{EndableRows, RowEntry};
use crate::actions::Verdict;
use crate::api::ApiError;
use crate::api::mas::{Ulid, personal as api};
use crate::api::server::Feature;
use crate::authentication::USER;
use crate::authentication::personal::{Personal, PersonalState, REVOKE, rights, spared, verdict};
use crate::browser::clock::{iso, now};
use crate::components::badge::{Tone, badge};
use crate::components::button::{Button, ButtonKind};
use crate::components::empty::Empty;
use crate::components::time::{date_time, time_or_never};
use crate::i18n::features::why_not;
use crate::i18n::{Words, reasons, t};
use crate::lists::newest::{self, AskedOfMas, Feed};
use crate::lists::{Column, Filter, FilterKind, List, ListQuery, ListSpec};
use crate::operations::Recorded;
use crate::operations::acts::Act;
use crate::runner::Reason;
use crate::session::Session;
use crate::ui::{IntoNode, Node, view};
use crate::widgets::actions::things::{self, ThingAction, ThingActions, ThingKind, in_sight};
use crate::widgets::mas_names as names;
use futures_util::FutureExt;
use leptos::prelude::*;
use std::rc::Rc;

/// The name of the maker of actions that go on after signing in again in the same tab.
pub const MAKER: &str = "personal-sessions";

/// What can be done to personal sessions.
static PERSONAL: ThingKind<Personal> = ThingKind {
    maker: MAKER,
    rows: ThingActions::of(
        const {
            &[ThingAction::ending(
                &REVOKE,
                spared,
                Some(|session, network| still(session, network).boxed_local()),
                |session| api::revoke(&session.base, &session.id).call,
            )]
        },
    ),
    name: Personal::title,
    typed: in_sight,
    whom: |session| names::account(session.actor_name.as_deref()?),
    noun: t::auth_personal,
    nothing: t::personal_nothing,
};

/// How a personal session stands right before it is revoked.
async fn still(session: &Personal, network: &Recorded) -> Result<Verdict, ApiError> {
    let found = network.send(api::one(&session.base, &session.id)).await;
    let found = ApiError::if_there(found)?.map(|found| found.data.attributes);
    Ok(verdict(session, found.as_ref()))
}

/// Makes an action again that was kept.
pub fn make(order: &str, _under_way: &[usize]) -> Option<Act> {
    things::make(&PERSONAL, order)
}

/// The filter by state, as the address names it, and its values; those that are not revoked are shown unless
/// another is asked for.
const STATE: &str = "state";
const REVOKED: &str = "revoked";
const ALL: &str = "all";

/// What the parts of the tab share. A handle: copies are the same.
#[derive(Clone, Copy)]
pub(super) struct PersonalTab {
    pub base: StoredValue<String>,
    pub rows: EndableRows,
    /// Whether one is being made.
    pub made: RwSignal<bool>,
    /// The one that is to get another token.
    pub regenerated: RwSignal<Option<Personal>>,
}

/// The tab of personal sessions at the MAS that stands at `base`.
pub fn tab(base: String) -> Node {
    let lack = Session::get()
        .capabilities_now()
        .lack(Feature::PersonalSessions);
    if let Some(lack) = lack {
        let text = Signal::stored(why_not(lack));
        return view! { <Empty picture="key" title=t::personal_lacking text /> }.into_node();
    }
    let tab = PersonalTab {
        base: StoredValue::new(base.clone()),
        rows: EndableRows::new(),
        made: RwSignal::new(false),
        regenerated: RwSignal::new(None),
    };
    let of_rows = base.clone();
    let states = vec![
        (REVOKED, t::personal_revoked as Words),
        (ALL, t::personal_state_all),
    ];
    let spec = ListSpec::new(
        "mas-personal",
        t::auth_personal,
        |session: &Personal| session.id.to_string(),
        newest::source(
            move |query| asked(base.clone(), query),
            move |rows| complete(of_rows.clone(), rows),
        ),
    )
    .filter(Filter::new(
        STATE,
        t::auth_state,
        FilterKind::Choice(states),
    ))
    .filter(Filter::new(USER, t::personal_actor, FilterKind::Text))
    .empty("key", t::personal_empty, Some(t::personal_empty_text))
    .reload(tab.rows.changed)
    .bulk(move |picked| tab.rows.bar(&PERSONAL, picked, |rows, _| rows))
    .columns(columns(tab));
    view! {
        <div class="tab-actions">
            <Button
                label=t::personal_create
                icon="plus"
                kind=ButtonKind::Primary
                on_press=move || tab.made.set(true)
            />
        </div>
        <List spec />
        {tab.rows.waiting()}
        {making::dialogs(tab)}
    }
    .into_node()
}

async fn asked(base: String, query: ListQuery) -> Result<AskedOfMas<Personal>, ApiError> {
    let actor = match query.get(USER) {
        None => None,
        Some(typed) => match names::id_of(&base, typed).await? {
            Some(id) => Some(id),
            None => return Ok(AskedOfMas::nothing(t::auth_no_such_user(typed))),
        },
    };
    let state = query.get(STATE);
    let filter = api::PersonalFilter {
        owner: None,
        actor,
        active: match state {
            Some(REVOKED) => Some(false),
            Some(ALL) => None,
            _ => Some(true),
        },
    };
    let of = base.clone();
    let feed = Feed::new(
        move |want| api::list(&base, &filter, want),
        move |found| Personal::new(&of, found),
    );
    Ok(AskedOfMas {
        feeds: vec![feed],
        note: state.is_none().then(t::personal_state_note),
        kept: None,
    })
}

/// Looks up whose they are and as whom they act.
async fn complete(base: String, mut rows: Vec<Personal>) -> Vec<Personal> {
    let ids: Vec<Ulid> = rows
        .iter()
        .flat_map(|row| [row.owner.clone(), Some(row.actor.clone())])
        .flatten()
        .collect();
    let users = names::users(&base, ids).await;
    let account = Session::get().account_now();
    let brought = account.filter(|account| account.oauth.is_none());
    let brought = brought.map(|account| account.user_id);
    for row in &mut rows {
        row.owner_name = row.owner.as_ref().and_then(|id| users.get(id).cloned());
        let actor = users.get(&row.actor).cloned();
        let actor = actor.map(|name| {
            let user = names::account(&name);
            (name, user)
        });
        row.acts_as(actor, brought.as_ref());
    }
    rows
}

/// The rights of a session in words, and what has none.
fn rights_text(session: &Personal) -> String {
    let (has, rest) = rights(&session.scope);
    let mut parts: Vec<String> = has.into_iter().map(|right| right.words()()).collect();
    parts.extend(rest.into_iter().map(str::to_owned));
    parts.join(", ")
}

fn columns(tab: PersonalTab) -> Vec<Column> {
    vec![
        Column::new("name", t::personal_name, Personal::title)
            .cell(name)
            .main()
            .grow(10.0, 1.5),
        Column::new("actor", t::personal_actor, |session: &Personal| {
            names::whose_text(session.actor_name.as_deref(), Some(&session.actor))
        })
        .cell(|session: &Personal| {
            names::whose(session.actor_name.as_deref(), Some(&session.actor))
        })
        .grow(10.0, 1.5),
        Column::new("owner", t::personal_owner, |session: &Personal| {
            names::whose_text(session.owner_name.as_deref(), session.owner.as_ref())
        })
        .cell(|session: &Personal| {
            names::whose(session.owner_name.as_deref(), session.owner.as_ref())
        })
        .grow(10.0, 1.0),
        Column::new("scope", t::personal_rights, rights_text).grow(10.0, 1.5),
        Column::new("expires_at", t::personal_expires, |session: &Personal| {
            session.expires.map(iso).unwrap_or_default()
        })
        .cell(|session: &Personal| match session.expires {
            Some(end) => date_time(end),
            None => t::personal_never().into_node(),
        })
        .grow(9.0, 0.5),
        Column::new(
            "last_active_at",
            t::auth_last_active,
            |session: &Personal| session.last_active.map(iso).unwrap_or_default(),
        )
        .cell(|session: &Personal| time_or_never(session.last_active))
        .grow(8.0, 0.5),
        Column::new("created_at", t::auth_created, |session: &Personal| {
            iso(session.created)
        })
        .cell(|session: &Personal| date_time(session.created))
        .hidden(),
        Column::new("state", t::auth_state, |session: &Personal| {
            session.state(now()).words()()
        })
        .cell(|session: &Personal| {
            let state = session.state(now());
            let tone = match state {
                PersonalState::Good => Tone::Good,
                PersonalState::Expired | PersonalState::Revoked => Tone::Neutral,
            };
            badge(tone, state.words())
        })
        .grow(7.0, 0.5),
        Column::new("actions", t::act_menu, |_: &Personal| String::new())
            .cell(move |session: &Personal| row_menu(tab, session))
            .without_heading()
            .not_exported()
            .width(3.5),
    ]
}

fn name(session: &Personal) -> Node {
    let words = session.title();
    view! {
        <span class="marks">
            <span class="cell-text" title=words.clone()>{words}</span>
            {session.is_own.then(|| badge(Tone::Accent, t::personal_own))}
        </span>
    }
    .into_node()
}

fn row_menu(tab: PersonalTab, session: &Personal) -> Node {
    let row = session.clone();
    let regenerate = RowEntry {
        icon: "refresh",
        label: t::personal_regenerate,
        why: keeps_its_token(session),
        press: Rc::new(move || tab.regenerated.set(Some(row.clone()))),
    };
    let regenerate = session.revoked.is_none().then_some(regenerate);
    tab.rows.menu(&PERSONAL, session, regenerate)
}

/// Why a session can be given no other token by this administrator.
fn keeps_its_token(session: &Personal) -> Option<String> {
    let owner = session.owner_name.as_deref().and_then(names::account);
    let is_owner_unasked = session.owner.is_some() && session.owner_name.is_none();
    if session.is_own {
        // A new token ends the one that the panel may be working with.
        Some(t::personal_own())
    } else if session.is_unasked || is_owner_unasked {
        Some(reasons::words(Reason::NotAsked))
    } else {
        let is_theirs = owner.is_none() || owner != Session::get().user_id();
        is_theirs.then(t::personal_regenerate_foreign)
    }
}
