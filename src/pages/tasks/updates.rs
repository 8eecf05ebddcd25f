//! The tab of background updates: what the server does to its database, mostly after it has become
//! a newer version.

use super::{seen, start};
use crate::api::background_updates::{self, STANDS_MS, Status};
use crate::components::badge::Tone;
use crate::components::beat::Beat;
use crate::components::button::Button;
use crate::components::notice::Notice;
use crate::components::page::{Card, fact, facts};
use crate::components::remote::remote;
use crate::i18n::{format, t};
use crate::operations::value::Changeable;
use crate::ui::{IntoNode, Node, view};
use futures_util::FutureExt;
use leptos::prelude::*;
use std::rc::Rc;

/// The tab; what is running is asked for anew with each beat.
pub fn tab(beat: Beat) -> Node {
    let changed = beat.changed;
    let starting = RwSignal::new(false);
    view! {
        {remote(
            changed,
            move || beat.until(seen::updates()),
            move |(status, stands_ms): &(Status, u64)| {
                shown(status, *stands_ms, starting, changed)
            },
        )}
        {start::dialog(starting, changed)}
    }
    .into_node()
}

fn shown(
    status: &Status,
    stands_ms: u64,
    starting: RwSignal<bool>,
    changed: RwSignal<u32>,
) -> Node {
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
    let stands = (stands_ms >= STANDS_MS).then(|| {
        let words = t::updates_stands(&format::duration(stands_ms));
        view! { <Notice tone=Tone::Warning>{words}</Notice> }
    });
    view! {
        <Card title=Signal::derive(t::tasks_updates_tab)>
            <p role="status">{words}</p>
            {none}
            {running}
            {stands}
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

/// Pauses the updates, or has them go on; how it was right before can be brought back.
fn switch(enabled: bool, changed: RwSignal<u32>) {
    let updates = Changeable::<bool> {
        name: t::tasks_updates_tab(),
        title: Rc::new(|enabled| match enabled {
            true => t::updates_resume(),
            false => t::updates_pause(),
        }),
        read: Rc::new(|network| {
            let request = background_updates::enabled();
            async move { Ok(Some(network.send(request).await?.enabled)) }.boxed_local()
        }),
        write: Rc::new(|enabled| background_updates::set_enabled(*enabled).call),
        parts: Vec::new(),
        is_taken: |_| true,
        on_end: Rc::new(move |_| {
            // The page may have been left.
            let _ = changed.try_update(|changed| *changed += 1);
        }),
    };
    updates.change(enabled);
}
