//! The kept imports, above the form.

use super::Item;
use crate::api::UserId;
use crate::api::exchange::Clock;
use crate::api::server::Capabilities;
use crate::api::tolerant::Timestamp;
use crate::browser::clock::BrowserClock;
use crate::browser::download::{dated, save_text};
use crate::components::badge::{Tone, badge_text};
use crate::components::button::{Button, ButtonKind};
use crate::components::page::Card;
use crate::components::toast::Toasts;
use crate::i18n::errors::{self, Explained};
use crate::i18n::features::why_not;
use crate::i18n::import as words;
use crate::i18n::{format, t};
use crate::import::record::{Head, KeptState, ReportRow};
use crate::import::report::ImportReport;
use crate::import::save_error::SaveError;
use crate::operations::{Confirmation, Operations, Proposal};
use crate::pages::users::import::desk::Desk;
use crate::pages::users::import::running;
use crate::pages::users::import::undo;
use crate::session::{Session, learn};
use crate::ui::{IntoNode, Node, view};
use leptos::prelude::*;
use send_wrapper::SendWrapper;
use std::cell::Cell;
use std::rc::Rc;
use wasm_bindgen_futures::spawn_local;

/// How often the list is read again while another tab is at work, in milliseconds.
const LOOK_EVERY_MS: u64 = 1_000;

/// How often it is otherwise: another tab may begin at any time, in milliseconds.
const LOOK_QUIETLY_MS: u64 = 5_000;

/// Reads the list again.
pub fn refresh(desk: Desk) {
    spawn_local(read_list(desk));
}

async fn read_list(desk: Desk) {
    let here = desk.run.get_untracked();
    let items = super::all(here.as_ref().map(|run| &*run.keeping)).await;
    // Whoever works on it may hold something in it.
    if desk.kept.with_untracked(|kept| *kept != items) {
        desk.kept.set(items);
    }
}

/// The imports, if there are any.
pub fn list(desk: Desk) -> Node {
    let shown = Rc::new(Cell::new(true));
    let seen = SendWrapper::new(Rc::clone(&shown));
    on_cleanup(move || seen.set(false));
    spawn_local(async move {
        loop {
            read_list(desk).await;
            let (any, busy) = desk
                .kept
                .with_untracked(|items| (!items.is_empty(), items.iter().any(|item| item.busy)));
            if !any || !shown.get() {
                return;
            }
            // A tab that is closed or reloaded just now may take a moment to let go.
            let pause = if busy { LOOK_EVERY_MS } else { LOOK_QUIETLY_MS };
            BrowserClock.sleep(pause).await;
        }
    });
    (move || {
        let items = desk.kept.get();
        if items.is_empty() {
            return ().into_node();
        }
        let lines: Vec<Node> = items.into_iter().map(|item| line(desk, item)).collect();
        view! {
            <Card title=Signal::derive(t::import_kept)>
                <p class="import-note">{t::import_kept_hint}</p>
                <ul class="import-kept">{lines}</ul>
            </Card>
        }
        .into_node()
    })
    .into_node()
}

fn line(desk: Desk, item: Item) -> Node {
    let Item { head, busy } = item;
    let (tone, state) = match head.state {
        _ if busy => (Tone::Accent, t::import_kept_busy()),
        KeptState::Beginning | KeptState::Running => (
            Tone::Warning,
            t::import_kept_running(&words::count(head.ended), &words::count(head.tasks)),
        ),
        KeptState::Ended if head.has_passwords => (Tone::Warning, t::import_kept_ended()),
        KeptState::Ended => (Tone::Warning, t::import_kept_ended_file()),
        KeptState::Finished => (Tone::Neutral, t::import_kept_finished()),
    };
    let result = head.tally.map(|tally| running::result(&tally));
    let undone = (head.undone > 0).then(|| t::import_kept_undone(head.undone as u64));
    let texts: Vec<Node> = result
        .into_iter()
        .chain(undone)
        .map(|text| view! { <p class="import-note">{text}</p> }.into_node())
        .collect();
    let title = head.file_name.clone();
    let at = format::date_time(Timestamp(head.started_ms));
    let buttons = (!busy).then(|| buttons(desk, head));
    view! {
        <li>
            <div class="import-kept-what">
                <p>
                    <strong><bdi>{title}</bdi></strong>
                    " "
                    <span class="import-note">{at}</span>
                </p>
                <p>{badge_text(tone, state)}</p>
                {texts}
            </div>
            <div class="import-actions">{buttons}</div>
        </li>
    }
    .into_node()
}

fn buttons(desk: Desk, head: Head) -> Node {
    let kept = StoredValue::new_local(head.clone());
    let with = move |act: fn(Desk, Head)| move || act(desk, kept.get_value());
    let busy = Signal::derive(move || desk.opening.get());
    let has_created = head.tally.is_some_and(|tally| tally.created > 0);
    match head.state {
        KeptState::Beginning | KeptState::Running => view! {
            <Button label=t::import_go_on icon="play" kind=ButtonKind::Primary busy on_press=with(go_on) />
            <Button label=t::import_dismiss icon="x" on_press=with(dismiss) />
        }
        .into_node(),
        KeptState::Ended => view! {
            <Button label=t::import_open icon="file" kind=ButtonKind::Primary busy on_press=with(go_on) />
            <Button label=t::import_finish icon="trash" on_press=with(finish) />
        }
        .into_node(),
        KeptState::Finished => view! {
            <Button label=t::import_download_report icon="download" on_press=with(download) />
            {has_created.then(|| view! {
                <Button label=t::import_undo icon="refresh" on_press=with(take_back) />
            })}
            <Button label=t::import_kept_remove icon="trash" kind=ButtonKind::Quiet on_press=with(remove) />
        }
        .into_node(),
    }
}

fn go_on(desk: Desk, head: Head) {
    open(desk, head, false);
}

fn open(desk: Desk, head: Head, cancelled: bool) {
    if desk.opening.get_untracked() || desk.run.with_untracked(Option::is_some) {
        return;
    }
    desk.opening.set(true);
    spawn_local(async move {
        // By the server's version it is told which accounts this import has made, and how to ask.
        if let Err(error) = learn::of_its_version().await
            && !cancelled
        {
            desk.opening.set(false);
            Toasts::get().bad(errors::explain(&error));
            return;
        }
        // What is left of it would go to the wrong place, if anywhere.
        let lack = || Session::get().of_capabilities(Capabilities::lack_of_mas);
        if !cancelled && lack().is_some() {
            // It may have been away when it was asked.
            learn::ask_mas_again().await;
        }
        if !cancelled && let Some(lack) = lack() {
            desk.opening.set(false);
            Toasts::get().bad(Explained {
                sentence: t::import_no_mas(&why_not(lack)),
                hint: t::import_no_mas_hint(),
                details: String::new(),
            });
            return;
        }
        let read = super::read(head.clone()).await;
        desk.opening.set(false);
        match read {
            Ok(read) => running::go_on(desk, read, cancelled),
            Err(error) if cancelled && error.is_for_good() => remove(desk, head),
            Err(error) => refused(desk, &error),
        }
    });
}

/// Says why nothing came of it, and shows how it stands by now.
fn refused(desk: Desk, error: &SaveError) {
    match error {
        SaveError::InUse => Toasts::get().info(t::import_kept_busy()),
        error if error.is_elsewhere() => Toasts::get().info(words::save_error(error)),
        error => unreadable(error),
    }
    refresh(desk);
}

fn unreadable(error: &SaveError) {
    Toasts::get().bad(Explained {
        sentence: t::import_unreadable(&words::save_error(error)),
        hint: t::import_unreadable_hint(),
        details: String::new(),
    });
}

fn dismiss(desk: Desk, head: Head) {
    let left = head.tasks.saturating_sub(head.ended);
    Operations::get().propose(Proposal {
        title: t::import_dismiss_title(),
        sentence: t::import_dismiss_text(),
        facts: vec![(t::import_dismiss_left(), words::count(left))],
        action: t::import_dismiss_action(),
        danger: true,
        confirmation: Confirmation::Click,
        fields: None,
        run: Rc::new(move || open(desk, head.clone(), true)),
    });
}

/// Asks whether the passwords are to be erased, and has it done.
pub fn propose_to_finish(run: impl Fn() + 'static) {
    Operations::get().propose(Proposal {
        title: t::import_finish_title(),
        sentence: t::import_finish_text(),
        facts: Vec::new(),
        action: t::import_finish_action(),
        danger: true,
        confirmation: Confirmation::Click,
        fields: None,
        run: Rc::new(run),
    });
}

fn finish(desk: Desk, head: Head) {
    propose_to_finish(move || {
        let head = head.clone();
        spawn_local(async move {
            match super::finish(head.clone()).await {
                Ok(()) => refresh(desk),
                Err(error) if error.is_for_good() => remove(desk, head),
                Err(error) => refused(desk, &error),
            }
        });
    });
}

fn download(_desk: Desk, head: Head) {
    spawn_local(async move {
        match super::report(&head).await {
            Ok(rows) => save_text(&dated("import-report", "csv"), "text/csv", &csv(&rows)),
            Err(error) => unreadable(&error),
        }
    });
}

fn csv(rows: &[ReportRow]) -> String {
    let mut report = ImportReport::new();
    for row in rows {
        report.push(row.line(None));
    }
    report.finish()
}

fn take_back(desk: Desk, head: Head) {
    spawn_local(async move {
        let rows = match super::report(&head).await {
            Ok(rows) => rows,
            Err(error) => return unreadable(&error),
        };
        let created = rows.iter().filter(|row| row.created);
        let users = created.filter_map(|row| UserId::parse(&row.id)).collect();
        let file_name = head.file_name.clone();
        let on_end = Rc::new(move |count| {
            let head = head.clone();
            spawn_local(async move {
                // The list only tells less if this fails.
                let _ = super::was_undone(&head, count).await;
                refresh(desk);
            });
        });
        undo::propose(&file_name, users, on_end);
    });
}

fn remove(desk: Desk, head: Head) {
    spawn_local(async move {
        match super::remove(&head).await {
            Ok(()) => refresh(desk),
            Err(error) => refused(desk, &error),
        }
    });
}
