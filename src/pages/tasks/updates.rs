//! The tab of background updates: what the server does to its database, mostly after it has become
//! a newer version.

use super::start;
use crate::api::background_updates::{self, Status};
use crate::components::button::Button;
use crate::components::page::{Card, fact, facts};
use crate::components::remote::remote;
use crate::i18n::{format, t};
use crate::operations::TargetJob;
use crate::session::Client;
use crate::ui::{IntoNode, Node, view};
use leptos::prelude::*;

/// The tab; what is running is asked for anew when `changed` changes.
pub fn tab(changed: RwSignal<u32>) -> Node {
    let starting = RwSignal::new(false);
    view! {
        {remote(
            changed,
            || async { Client::get().send(background_updates::status()).await },
            move |status: &Status| shown(status, starting, changed),
        )}
        {start::dialog(starting, changed)}
    }
    .into_node()
}

fn shown(status: &Status, starting: RwSignal<bool>, changed: RwSignal<u32>) -> Node {
    let is_enabled = status.enabled;
    let words = match is_enabled {
        true => t::updates_enabled,
        false => t::updates_paused,
    };
    let (label, icon) = match is_enabled {
        true => (t::updates_pause as fn() -> String, "pause"),
        false => (t::updates_resume as fn() -> String, "play"),
    };
    let running: Vec<Node> = status.current_updates.iter().map(update).collect();
    let none = running
        .is_empty()
        .then(|| view! { <p>{t::updates_none}</p> });
    view! {
        <Card title=Signal::derive(t::tasks_updates_tab)>
            <p role="status">{words}</p>
            {none}
            {running}
            <div class="report-actions">
                <Button label icon on_press=move || switch(!is_enabled, changed) />
                <Button label=t::updates_start icon="plus" on_press=move || starting.set(true) />
            </div>
        </Card>
    }
    .into_node()
}

fn update((database, update): (&String, &background_updates::Update)) -> Node {
    let rate = update.average_items_per_ms.map(|items| items * 1000.0);
    let rate = rate.map_or_else(
        || "–".to_owned(),
        |rate| format::number((rate * 10.0).round() / 10.0),
    );
    facts(vec![
        fact(
            t::updates_name,
            view! { <code>{update.name.clone()}</code> },
        ),
        fact(t::updates_database, database.clone()),
        fact(
            t::updates_items,
            format::number(update.total_item_count.round()),
        ),
        fact(t::updates_rate, rate),
        fact(
            t::updates_worked,
            format::duration(update.total_duration_ms as u64),
        ),
    ])
}

/// Pauses the updates, or has them go on; the other way round takes it back.
fn switch(enabled: bool, changed: RwSignal<u32>) {
    let title = match enabled {
        true => t::updates_resume(),
        false => t::updates_pause(),
    };
    TargetJob::one(
        title,
        t::tasks_updates_tab(),
        background_updates::set_enabled(enabled).call,
    )
    .undo(move |_| switch(!enabled, changed))
    .on_end(move |_| {
        // The page may have been left.
        let _ = changed.try_update(|changed| *changed += 1);
    })
    .start();
}
