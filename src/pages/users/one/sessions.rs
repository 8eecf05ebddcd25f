//! The tab "Sessions": what Matrix Authentication Service keeps of an account's sessions.

use super::Shown;
use crate::api::mas::Ulid;
use crate::api::server::{Feature, MasAccess};
use crate::api::tolerant::Timestamp;
use crate::api::{ApiError, Call, UserId};
use crate::browser::clock::{iso, now};
use crate::components::badge::{Tone, badge};
use crate::components::button::{Button, ButtonKind, IconButton};
use crate::components::field::{Preset, from_datetime_local};
use crate::components::identifier::identifier_text;
use crate::components::time::time_or_never;
use crate::components::toast::Toasts;
use crate::i18n::{format, t};
use crate::known::{Known, Why};
use crate::lists::{
    Column, Defaults, Filter, FilterKind, List, ListPage, ListQuery, ListSpec, Picked, Reading,
    Source, arrange_known,
};
use crate::operations::acts::{Check, asked};
use crate::operations::{Confirmation, OnTarget, Operations, Proposal, TargetJob};
use crate::pages::users::held;
use crate::runner::Step;
use crate::session::{Client, Session};
use crate::sort_keys;
use crate::ui::{IntoNode, Node, view};
use crate::users::sessions::{HeldSession, IsOwn, SessionKind};
use crate::widgets::gather::Gatherer;
use crate::widgets::mas_names;
use crate::widgets::own_session::{own_badge, works_by};
use futures_util::FutureExt;
use leptos::prelude::*;
use std::cmp::Ordering;
use std::rc::Rc;

/// The filters of the list, as the address has them.
mod filter {
    pub const ENDED: &str = "ended";
    pub const KIND: &str = "kind";
    pub const UNUSED_SINCE: &str = "unused_since";
}

/// What the parts of the tab share. A handle: copies are the same.
#[derive(Clone, Copy)]
struct Tab {
    user: StoredValue<UserId>,
    mas: StoredValue<MasAccess>,
    /// Whether it is an account of a bridge or bot, which works in its sessions.
    of_a_bridge: bool,
    /// Whether logging out would leave the session in which the administrator works as it is.
    outlasts: bool,
    changed: RwSignal<u32>,
}

/// A session, as the list shows it.
#[derive(Clone)]
struct SessionRow {
    held: HeldSession,
    own: IsOwn,
    is_over: bool,
}

/// The tab with the sessions that MAS keeps of a user.
pub fn tab(shown: Shown, mas: &MasAccess) -> Node {
    let tab = Tab {
        user: shown.user,
        mas: StoredValue::new(mas.clone()),
        of_a_bridge: untrack(|| shown.is_of_a_bridge()),
        outlasts: untrack(|| {
            Session::get()
                .account_now()
                .is_some_and(|account| account.brought)
        }),
        changed: RwSignal::new(0),
    };
    let gatherer = Gatherer::new();
    let spec = ListSpec::new(
        "user-sessions",
        t::held_tab,
        |row: &SessionRow| row.held.id.to_string(),
        Source::here(move |query, reading| load(tab, query, reading)),
    )
    .defaults(Defaults {
        sort: HeldOrder::Begun.key(),
        descending: true,
        ..Default::default()
    })
    .search(t::held_search)
    .filters(filters())
    .empty("device", t::held_empty, Some(t::held_empty_text))
    .reload(tab.changed)
    .columns(columns(tab))
    .bulk(move |picked| bulk(tab, gatherer, picked));
    view! {
        <p class="tab-lead">{t::held_lead}</p>
        <List spec />
        {gatherer.view()}
    }
    .into_node()
}

fn filters() -> Vec<Filter> {
    let kinds = SessionKind::ALL.map(|kind| (kind.key(), kind.words()));
    let ages = vec![
        Preset::days(30, t::media_days_30),
        Preset::days(90, t::media_days_90),
        Preset::days(365, t::media_year),
    ];
    vec![
        Filter::new(filter::ENDED, t::held_with_ended, FilterKind::Flag),
        Filter::new(filter::KIND, t::held_kind, FilterKind::Choice(kinds.into())),
        Filter::new(
            filter::UNUSED_SINCE,
            t::held_unused_since,
            FilterKind::DateBefore(ages),
        ),
    ]
}

fn text(value: &Option<String>) -> String {
    value.clone().unwrap_or_default()
}

fn columns(tab: Tab) -> Vec<Column> {
    vec![
        Column::new("app", t::held_name, |row: &SessionRow| row.held.label())
            .cell(name)
            .main()
            .sorted(HeldOrder::Name)
            .grow(11.0, 2.0),
        Column::new("kind", t::held_kind, |row: &SessionRow| {
            row.held.kind.key().to_owned()
        })
        .cell(|row: &SessionRow| row.held.kind.words()().into_node())
        .grow(7.0, 0.5),
        Column::new("device_id", t::devices_id, |row: &SessionRow| {
            text(&row.held.device)
        })
        .cell(|row: &SessionRow| match &row.held.device {
            Some(device) => identifier_text(device),
            None => crate::components::nothing(),
        })
        .copyable()
        .grow(9.0, 1.0),
        Column::new("last_active", t::held_last_active, |row: &SessionRow| {
            row.held.last_active.map(iso).unwrap_or_default()
        })
        .cell(|row: &SessionRow| time_or_never(row.held.last_active))
        .sorted(HeldOrder::LastActive)
        .grow(8.0, 0.5),
        Column::new("last_active_ip", t::devices_ip, |row: &SessionRow| {
            text(&row.held.last_ip)
        })
        .sorted(HeldOrder::Ip)
        .grow(8.0, 0.5),
        Column::new("user_agent", t::devices_agent, |row: &SessionRow| {
            text(&row.held.user_agent)
        })
        .grow(9.0, 1.5),
        Column::new("begun", t::held_begun, |row: &SessionRow| {
            iso(row.held.begun)
        })
        .cell(|row: &SessionRow| time_or_never(Some(row.held.begun)))
        .sorted(HeldOrder::Begun)
        .grow(8.0, 0.5),
        Column::new("ended", t::held_ends, |row: &SessionRow| {
            row.held.ends.map(iso).unwrap_or_default()
        })
        .cell(|row: &SessionRow| time_or_never(row.held.ends))
        .grow(8.0, 0.5),
        Column::new("actions", t::act_menu, |_: &SessionRow| String::new())
            .cell(move |row: &SessionRow| button(tab, row))
            .without_heading()
            .not_exported()
            .width(3.5),
    ]
}

fn name(row: &SessionRow) -> Node {
    let label = row.held.label();
    let over = row.is_over.then(|| badge(Tone::Neutral, t::held_over));
    view! {
        <span class="marks">
            <span class="cell-text" title=label.clone()>{label}</span>
            {own_badge(row.own)}
            {over}
        </span>
    }
    .into_node()
}

/// Whether a session can be ended where it alone is meant: the one in which the administrator works only where
/// logging out would not end it.
fn ends_alone(tab: Tab, row: &SessionRow) -> bool {
    !row.held.is_ended && (row.own != IsOwn::Yes || tab.outlasts)
}

fn button(tab: Tab, row: &SessionRow) -> Node {
    if !ends_alone(tab, row) {
        return ().into_node();
    }
    let label = row.held.label();
    let row = StoredValue::new_local(row.clone());
    view! {
        <IconButton
            label=Signal::derive(move || t::held_end(&label))
            icon="log-out"
            on_press=move || end(tab, vec![row.get_value()], None)
        />
    }
    .into_node()
}

fn bulk(tab: Tab, gatherer: Gatherer, picked: Picked) -> Node {
    let press = move || {
        gatherer.gather(picked, Rc::new(move |rows| end(tab, rows, Some(picked))));
    };
    view! { <Button label=t::held_end_picked icon="log-out" kind=ButtonKind::Danger on_press=press /> }
        .into_node()
}

/// Since when nobody must have used what a question finds.
fn unused_since(query: &ListQuery) -> Option<Timestamp> {
    from_datetime_local(query.get(filter::UNUSED_SINCE)?)
}

async fn load(tab: Tab, query: ListQuery, reading: Reading) -> Result<ListPage, ApiError> {
    let (user, mas) = (tab.user.get_value(), tab.mas.get_value());
    let client = Client::get().enduring();
    let network = client.patient();
    let Some(id) = held::id_of(network, &mas.base, &user).await? else {
        return Ok(ListPage::all(Vec::<SessionRow>::new()).with_note(t::held_not_there()));
    };
    let with_ended = query.get(filter::ENDED).is_some();
    let so_far = |count| reading.progress(count, None);
    let mut all = held::all(network, &mas.base, &id, with_ended, &so_far).await?;
    name_clients(&mas, &mut all).await;
    let by = works_by(&user).unwrap_or_default();
    let alike = all.iter().filter(|held| by.may_be(held)).count();
    let at = now();
    let rows = all.into_iter().map(|held| SessionRow {
        own: by.is_own(&held, alike),
        is_over: held.is_over(at),
        held,
    });
    let kind = query.get(filter::KIND);
    let unused = unused_since(&query);
    let rows = rows.filter(|row| {
        (with_ended || !row.is_over)
            && kind.is_none_or(|kind| row.held.kind.key() == kind)
            && unused.is_none_or(|since| row.held.is_unused_since(since))
    });
    let (page, total) = arrange_known(rows.collect(), &query, searched, compare);
    Ok(ListPage::new(page, total))
}

/// Names the programs, where MAS tells what they are called. What cannot be asked for stays without a name.
async fn name_clients(mas: &MasAccess, all: &mut [HeldSession]) {
    if !Session::get().capabilities_now().has(Feature::OAuthClients) {
        return;
    }
    let ids = all.iter().filter_map(|held| held.client.clone());
    let names = mas_names::clients(&mas.base, ids).await;
    for held in all {
        let name = held.client.as_ref().and_then(|id| names.get(id));
        held.client_name = name.cloned();
    }
}

fn searched(row: &SessionRow) -> String {
    let held = &row.held;
    let client = held.client.as_ref().map(Ulid::to_string);
    [
        Some(held.label()),
        held.name.clone(),
        client,
        held.device.clone(),
        held.last_ip.clone(),
        held.user_agent.clone(),
    ]
    .into_iter()
    .flatten()
    .collect::<Vec<_>>()
    .join("\n")
}

sort_keys! {
    /// What the list of sessions can be sorted by.
    HeldOrder {
        Name: "name",
        LastActive: "last_active",
        Ip: "ip",
        Begun: "begun",
    }
}

/// Those that are over stand behind the others, whichever way.
fn compare(key: HeldOrder, a: &SessionRow, b: &SessionRow, descending: bool) -> Ordering {
    let name = |row: &SessionRow| Known::Is(row.held.label().to_lowercase());
    let active = |row: &SessionRow| Known::or(row.held.last_active, Why::NoRecord);
    let ip = |row: &SessionRow| Known::or(row.held.last_ip.clone(), Why::NoRecord);
    let begun = |row: &SessionRow| Known::Is(row.held.begun);
    let by_key = match key {
        HeldOrder::Name => name(a).compare(&name(b), descending),
        HeldOrder::LastActive => active(a).compare(&active(b), descending),
        HeldOrder::Ip => ip(a).compare(&ip(b), descending),
        HeldOrder::Begun => begun(a).compare(&begun(b), descending),
    };
    let by_key = a.is_over.cmp(&b.is_over).then(by_key);
    by_key.then_with(|| b.held.id.cmp(&a.held.id))
}

/// Asks, and ends these sessions; what is, or may be, the one in which the administrator works only where it is
/// meant alone. Of an account of a bridge or bot no other is ended: what it works in is not the administrator's, what
/// they have brought themselves is.
fn end(tab: Tab, rows: Vec<SessionRow>, picked: Option<Picked>) {
    let alone = rows.len() == 1;
    let may_be_own = rows.iter().any(|row| row.own != IsOwn::No);
    if tab.of_a_bridge && !(alone && may_be_own) {
        return Toasts::get().info(t::act_spared_system());
    }
    let unused = unused_of(&rows, picked);
    let all = rows.len();
    let own = rows.iter().filter(|row| row.own != IsOwn::No).count();
    let hit: Vec<(SessionRow, Option<Timestamp>)> = rows
        .into_iter()
        .zip(unused)
        .filter(|(row, _)| !row.held.is_ended)
        .filter(|(row, _)| row.own == IsOwn::No || (alone && ends_alone(tab, row)))
        .collect();
    let hits_own = hit.iter().any(|(row, _)| row.own != IsOwn::No);
    if hit.is_empty() {
        return Toasts::get().info(match own {
            0 => t::held_none_to_end(),
            _ if alone => t::devices_only_own(),
            _ => t::held_only_own(),
        });
    }
    let (user, mas, changed) = (tab.user.get_value(), tab.mas.get_value(), tab.changed);
    let count = hit.len() as u64;
    let mut facts = Vec::new();
    let mut sentences = Vec::new();
    if tab.of_a_bridge {
        sentences.push(t::act_spared_system());
    }
    match hit.first().map(|(row, _)| row.own) {
        Some(IsOwn::Yes) => sentences.push(t::held_end_own()),
        Some(IsOwn::Perhaps) => sentences.push(t::held_end_perhaps_own()),
        Some(IsOwn::No) | None => {}
    }
    for kind in SessionKind::ALL {
        let of_kind = hit.iter().filter(|(row, _)| row.held.kind == kind);
        let number = of_kind.count();
        if number == 0 {
            continue;
        }
        facts.push((kind.words()(), format::number(number as f64)));
        let sentence = match kind {
            SessionKind::App | SessionKind::Login => t::held_end_app(),
            SessionKind::Browser => t::held_end_browser(),
            SessionKind::Personal => t::held_end_personal(),
        };
        if !sentences.contains(&sentence) {
            sentences.push(sentence);
        }
    }
    if let [(row, _)] = &hit[..] {
        facts = vec![(row.held.kind.words()(), row.held.label())];
    }
    if own > 0 && !hits_own {
        facts.push((t::devices_left_out(), t::held_own_left_out()));
    } else if hit.len() < all {
        facts.push((t::devices_left_out(), t::held_over()));
    }
    Operations::get().propose(Proposal {
        title: t::act_question(&t::held_end_count(count)),
        sentence: sentences.join(" "),
        facts,
        action: t::held_end_count(count),
        danger: true,
        confirmation: match count {
            1 if !hits_own => Confirmation::Click,
            _ => Confirmation::Type(count.to_string()),
        },
        fields: None,
        run: Rc::new(move || {
            if let Some(picked) = picked {
                picked.clear();
            }
            start(user.clone(), &mas, hit.clone(), changed);
        }),
    });
}

/// Of each of these rows, since when nobody must have used it for it to be found by what it was picked by.
fn unused_of(rows: &[SessionRow], picked: Option<Picked>) -> Vec<Option<Timestamp>> {
    let Some(picked) = picked else {
        return vec![None; rows.len()];
    };
    let origins = picked.origins_as(|_| ());
    let of = |place| origins.questions.of(place).and_then(unused_since);
    (0..rows.len()).map(of).collect()
}

fn refresh(changed: RwSignal<u32>) {
    // The page may have been left.
    let _ = changed.try_update(|changed| *changed += 1);
}

fn start(
    user: UserId,
    mas: &MasAccess,
    hit: Vec<(SessionRow, Option<Timestamp>)>,
    changed: RwSignal<u32>,
) {
    let (base, of): (Rc<str>, UserId) = (mas.base.as_str().into(), user.clone());
    let names = hit.iter().map(|(row, _)| {
        let kind = row.held.kind.words()();
        format!("{user}: {kind}, {}", row.held.label())
    });
    let names: Vec<String> = names.collect();
    let calls: Rc<[Call]> = hit.iter().map(|(row, _)| row.held.end(&base)).collect();
    let hit: Rc<[(SessionRow, Option<Timestamp>)]> = hit.into();
    let check: Check = Rc::new(move |number, network| {
        let (hit, base) = (Rc::clone(&hit), Rc::clone(&base));
        async move {
            let (row, unused) = &hit[number];
            held::still(network, &base, &row.held, *unused).await
        }
        .boxed_local()
    });
    let deed: OnTarget = Rc::new(move |number, network, _| {
        let (calls, network) = (Rc::clone(&calls), network.about(&of));
        async move {
            match held::end(&network, &calls[number]).await {
                Ok(()) => Step::Done,
                Err(error) => Step::from_error(error),
            }
        }
        .boxed_local()
    });
    let (title, count) = (t::held_end_count(names.len() as u64), names.len());
    TargetJob::doing(title, names, asked(count, check, deed))
        .on_end(move |_| refresh(changed))
        .start();
}
