//! The tab of scheduled tasks.

use crate::address::route::Route;
use crate::api::room_removal::RemovalStage;
use crate::api::server::Feature;
use crate::api::tasks::{self, ListTasks, Task, TaskAction};
use crate::api::{ApiError, RoomId, UserId};
use crate::browser::clock::iso;
use crate::components::badge::{Tone, badge};
use crate::components::beat::Beat;
use crate::components::empty::Empty;
use crate::components::field::Choice;
use crate::components::json::json_entry;
use crate::components::link::link;
use crate::components::nothing;
use crate::components::time::date_time;
use crate::i18n::features::why_not;
use crate::i18n::{Words, t};
use crate::lists::{
    Column, Defaults, Filter, FilterKind, List, ListPage, ListQuery, ListSpec, Source, arrange,
};
use crate::session::{Client, Session};
use crate::sort_keys;
use crate::ui::{IntoNode, Node, view};
use futures_util::future::try_join_all;
use leptos::prelude::*;
use std::cmp::Ordering;
use std::collections::HashMap;
use std::rc::Rc;

/// The filters, as the address names them.
mod filter {
    pub const STATE: &str = "state";
    pub const ACTION: &str = "action";
}

/// The kinds of tasks, with their names.
const ACTIONS: [(TaskAction, Words); 6] = [
    (TaskAction::DeleteRoom, t::task_delete_room),
    (TaskAction::PurgeRoom, t::task_purge_room),
    (TaskAction::PurgeHistory, t::task_purge_history),
    (TaskAction::Redact, t::task_redact),
    (TaskAction::UpdateProfile, t::task_profile),
    (TaskAction::DeleteDeviceMessages, t::task_device_messages),
];

/// The kinds that people begin, or that end with a room. Of the others busy servers have tens of thousands,
/// one for each device that is gone and each new name.
const FEW: [TaskAction; 4] = [
    TaskAction::DeleteRoom,
    TaskAction::PurgeRoom,
    TaskAction::PurgeHistory,
    TaskAction::Redact,
];

/// The states in which there are few of any kind.
const PRESENT: [RemovalStage; 2] = [RemovalStage::Active, RemovalStage::Failed];

/// The states of tasks, with their names.
const STATES: [(RemovalStage, Words); 5] = [
    (RemovalStage::Active, t::task_active),
    (RemovalStage::Scheduled, t::task_scheduled),
    (RemovalStage::Failed, t::task_failed),
    (RemovalStage::Cancelled, t::task_cancelled),
    (RemovalStage::Complete, t::task_complete),
];

/// The tab; the list is read anew with each beat.
pub fn tab(beat: Beat) -> Node {
    if let Some(lack) = Session::get().capabilities_now().lack(Feature::Tasks) {
        let text = Signal::stored(why_not(lack));
        return view! { <Empty picture="tasks" title=t::tasks_too_old text /> }.into_node();
    }
    let states: Vec<Choice> = STATES
        .iter()
        .filter(|(stage, _)| is_known(*stage))
        .filter_map(|(stage, words)| Some((stage.name()?, *words)))
        .collect();
    let actions: Vec<Choice> = ACTIONS
        .iter()
        .map(|(action, words)| (action.name(), *words))
        .collect();
    let spec = ListSpec::new(
        "tasks",
        t::tasks_tab,
        |task: &Task| task.id.clone(),
        Source::here(move |query, _reading| beat.until(load(query))),
    )
    .defaults(Defaults {
        sort: ScheduledOrder::Time.key(),
        descending: true,
        ..Default::default()
    })
    .search(t::tasks_search)
    .filter(Filter::new(
        filter::STATE,
        t::task_state,
        FilterKind::Choice(states),
    ))
    .filter(
        Filter::new(filter::ACTION, t::task_action, FilterKind::Choice(actions)).reading(|_| true),
    )
    .empty("tasks", t::tasks_empty, Some(t::tasks_empty_text))
    .reload(beat.changed)
    .columns(columns());
    view! { <List spec /> }.into_node()
}

fn action_words(task: &Task) -> String {
    let known = TaskAction::from_name(&task.action);
    let named = ACTIONS.iter().find(|(action, _)| Some(*action) == known);
    named.map_or_else(|| task.action.clone(), |(_, words)| words())
}

fn state_words(stage: RemovalStage) -> Words {
    let named = STATES.iter().find(|(other, _)| *other == stage);
    named.map_or(t::task_unknown, |(_, words)| *words)
}

fn state(task: &Task) -> Node {
    let tone = match task.status {
        RemovalStage::Complete => Tone::Good,
        RemovalStage::Failed => Tone::Bad,
        RemovalStage::Active => Tone::Accent,
        _ => Tone::Neutral,
    };
    badge(tone, state_words(task.status))
}

fn about(task: &Task) -> Node {
    let Some(id) = task.resource_id.as_deref().filter(|id| !id.is_empty()) else {
        return nothing();
    };
    let route = match (RoomId::parse(id), UserId::parse(id)) {
        (Some(room), _) => Route::room(&room).to_string(),
        (None, Some(user)) => Route::user(&user).to_string(),
        (None, None) => return view! { <code>{id.to_owned()}</code> }.into_node(),
    };
    link(&route, "cell-text", id.to_owned())
}

fn result(task: &Task) -> Node {
    let Some(result) = task.result.as_ref().filter(|result| !result.is_null()) else {
        return nothing();
    };
    let count = result.as_object().map_or(1, |object| object.len());
    let summary = t::task_result_of(count as u64).into_node();
    let json: Rc<str> = serde_json::to_string_pretty(result)
        .unwrap_or_default()
        .into();
    json_entry(summary, t::task_result, move || Rc::clone(&json), None)
}

fn columns() -> Vec<Column> {
    let text = |value: &Option<String>| value.clone().unwrap_or_default();
    vec![
        Column::new("action", t::task_action, action_words)
            .main()
            .sorted(ScheduledOrder::Action)
            .grow(15.0, 1.5),
        Column::new("status", t::task_state, |task: &Task| {
            state_words(task.status)()
        })
        .cell(state)
        .sorted(ScheduledOrder::State)
        .grow(7.0, 0.5),
        Column::new("resource_id", t::task_about, move |task: &Task| {
            text(&task.resource_id)
        })
        .cell(about)
        .grow(11.0, 1.5),
        Column::new("timestamp", t::task_time, |task: &Task| {
            iso(task.timestamp_ms)
        })
        .cell(|task: &Task| date_time(task.timestamp_ms))
        .sorted(ScheduledOrder::Time)
        .grow(12.0, 0.5),
        Column::new("error", t::task_error, move |task: &Task| text(&task.error)).grow(6.0, 1.0),
        Column::new("result", t::task_result, |task: &Task| {
            let result = task.result.as_ref().filter(|result| !result.is_null());
            result.map(ToString::to_string).unwrap_or_default()
        })
        .cell(result)
        .grow(6.0, 1.0),
        Column::new("id", t::task_id, |task: &Task| task.id.clone())
            .copyable()
            .hidden(),
    ]
}

sort_keys! {
    /// What the list of tasks can be sorted by.
    ScheduledOrder {
        Action: "action",
        State: "state",
        Time: "time",
    }
}

fn compare(key: ScheduledOrder, a: &Task, b: &Task) -> Ordering {
    let place = |task: &Task| STATES.iter().position(|(stage, _)| *stage == task.status);
    let by_key = match key {
        ScheduledOrder::Action => action_words(a).cmp(&action_words(b)),
        ScheduledOrder::State => place(a).cmp(&place(b)),
        ScheduledOrder::Time => Ordering::Equal,
    };
    by_key
        .then_with(|| a.timestamp_ms.cmp(&b.timestamp_ms))
        .then_with(|| a.id.cmp(&b.id))
}

/// Whether this server has a word for tasks in that state. One that has none answers with an error, and
/// has no such task.
fn is_known(stage: RemovalStage) -> bool {
    let server = Session::get().capabilities_now();
    stage != RemovalStage::Cancelled || server.has(Feature::CancelledTasks)
}

async fn load(query: ListQuery) -> Result<ListPage, ApiError> {
    let status = STATES
        .iter()
        .map(|(stage, _)| *stage)
        .find(|stage| stage.name() == query.get(filter::STATE) && stage.name().is_some());
    if status.is_some_and(|stage| !is_known(stage)) {
        return Ok(ListPage::new(Vec::<Task>::new(), 0));
    }
    let action = query.get(filter::ACTION);
    let asked = |action: Option<&str>, status| ListTasks {
        action: action.map(str::to_owned),
        status,
        ..Default::default()
    };
    let is_whole = action.is_some() || status.is_some_and(|stage| PRESENT.contains(&stage));
    let questions = match is_whole {
        true => vec![asked(action, status)],
        false => {
            let few = FEW.map(|action| asked(Some(action.name()), status));
            let present = PRESENT.map(|stage| asked(None, Some(stage)));
            let present = present.into_iter().filter(|_| status.is_none());
            few.into_iter().chain(present).collect()
        }
    };
    let answers = questions
        .iter()
        .map(|asked| Client::get().send(tasks::list(asked)));
    // The same may be among those of its kind and those that run.
    let found: HashMap<String, Task> = try_join_all(answers)
        .await?
        .into_iter()
        .flat_map(|found| found.scheduled_tasks)
        .map(|task| (task.id.clone(), task))
        .collect();
    let note = (!is_whole).then(|| match status {
        None => t::tasks_few(),
        Some(_) => t::tasks_few_of_state(),
    });
    let searched = |task: &Task| {
        format!(
            "{}\n{}\n{}\n{}",
            task.id,
            action_words(task),
            task.resource_id.as_deref().unwrap_or_default(),
            task.error.as_deref().unwrap_or_default()
        )
    };
    let (page, total) = arrange(found.into_values().collect(), &query, searched, compare);
    Ok(ListPage::new(page, total).noted(note))
}
