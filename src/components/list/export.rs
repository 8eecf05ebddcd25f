//! Rows as a file: those selected, this page, or all that match, read page by page.

use super::spec::{ListSpec, Reading, Row};
use super::state::State;
use crate::components::button::Kind;
use crate::components::download::{dated, save_text};
use crate::components::menu::{Menu, menu_item};
use crate::components::progress::Progress;
use crate::components::toast::Toasts;
use crate::i18n::errors::explain;
use crate::i18n::{format, t};
use crate::listing::export::{Csv, json};
use crate::ui::view;
use leptos::prelude::*;
use std::cell::Cell;
use std::collections::BTreeMap;
use std::rc::Rc;
use wasm_bindgen_futures::spawn_local;

#[derive(Clone, Copy, PartialEq, Eq)]
enum Format {
    Csv,
    Json,
}

/// How far an export has come: rows, of rows.
type Progressed = RwSignal<Option<(u64, u64)>>;

/// The menu, and the progress of what it started.
pub fn menu(state: State) -> AnyView {
    let progress: Progressed = RwSignal::new(None);
    let cancelled: StoredValue<Rc<Cell<bool>>, LocalStorage> =
        StoredValue::new_local(Rc::default());
    on_cleanup(move || {
        let _ = cancelled.try_with_value(|cancelled| cancelled.set(true));
    });
    let page = move |format: Format| {
        let rows = state.rows.get_untracked();
        save(&state.spec(), &rows, format);
    };
    // Where all that match are selected, "all that match" is the entry for it.
    let selected = move |format: Format| {
        let rows: Vec<Row> = state
            .picked
            .rows
            .with_untracked(|rows| rows.values().cloned().collect());
        save(&state.spec(), &rows, format);
    };
    let some = Memo::new(move |_| match state.picked.all.with(Option::is_some) {
        true => 0,
        false => state.picked.rows.with(BTreeMap::len),
    });
    let all = move |format: Format| {
        let flag: Rc<Cell<bool>> = Rc::default();
        cancelled.set_value(Rc::clone(&flag));
        read_all(state, format, progress, flag);
    };
    let part = move || {
        progress
            .get()
            .map(|(done, of)| done as f64 / of.max(1) as f64)
    };
    let words = move || {
        let (done, of) = progress.get().unwrap_or_default();
        t::list_exporting(&format::number(done as f64), &format::number(of as f64))
    };
    let running = Memo::new(move |_| progress.with(Option::is_some));
    view! {
        <Menu label=t::list_export picture="download" kind=Kind::Quiet>
            {move || {
                (some.get() > 0)
                    .then(|| {
                        view! {
                            <p class="menu-heading">{t::list_selected(some.get() as u64)}</p>
                            {menu_item("file", t::list_csv, move || selected(Format::Csv))}
                            {menu_item("file", t::list_json, move || selected(Format::Json))}
                        }
                    })
            }}
            <p class="menu-heading">{t::list_export_page}</p>
            {menu_item("file", t::list_csv, move || page(Format::Csv))}
            {menu_item("file", t::list_json, move || page(Format::Json))}
            <p class="menu-heading">
                {move || {
                    t::list_export_all(&format::number(state.total.get().unwrap_or(0) as f64))
                }}
            </p>
            {menu_item("file", t::list_csv, move || all(Format::Csv))}
            {menu_item("file", t::list_json, move || all(Format::Json))}
        </Menu>
        {move || {
            running
                .get()
                .then(|| {
                    view! {
                        <div class="list-exporting">
                            <Progress done=Signal::derive(part) text=words announce=true />
                            <button
                                type="button"
                                class="button"
                                on:click=move |_| {
                                    cancelled.with_value(|cancelled| cancelled.set(true));
                                    progress.set(None);
                                }
                            >
                                {t::cancel}
                            </button>
                        </div>
                    }
                })
        }}
    }
    .into_any()
}

fn read_all(state: State, format: Format, progress: Progressed, cancelled: Rc<Cell<bool>>) {
    let spec = state.spec();
    let toasts = use_context::<Toasts>();
    let mut query = state.query.get_untracked();
    query.size = spec.export_page;
    query.page = 1;
    progress.set(Some((0, state.total.get_untracked().unwrap_or(0))));
    spawn_local(async move {
        let mut rows: Vec<Row> = Vec::new();
        loop {
            let reading = Reading {
                // The list's own progress bar is not for this.
                progress: RwSignal::new(None),
                cancelled: Rc::clone(&cancelled),
                refresh: false,
            };
            let answer = (spec.load)(query.clone(), reading).await;
            if cancelled.get() {
                return;
            }
            match answer {
                Ok(page) => {
                    let end = page.rows.is_empty();
                    rows.extend(page.rows);
                    let have = rows.len() as u64;
                    if progress.try_set(Some((have, page.total))).is_some() {
                        return;
                    }
                    if end || have >= page.total {
                        break;
                    }
                    query.page += 1;
                }
                Err(error) => {
                    let _ = progress.try_set(None);
                    if let Some(toasts) = toasts {
                        toasts.bad(explain(&error));
                    }
                    return;
                }
            }
        }
        let _ = progress.try_set(None);
        save(&spec, &rows, format);
    });
}

/// Writes a file of all columns, those that are not shown as well.
fn save(spec: &ListSpec, rows: &[Row], format: Format) {
    let columns: Vec<_> = spec
        .columns
        .iter()
        .filter_map(|column| Some((column.exported_as?, &column.text)))
        .collect();
    let header: Vec<&str> = columns.iter().map(|(name, _)| *name).collect();
    let texts = |row: &Row| -> Vec<String> { columns.iter().map(|(_, text)| text(row)).collect() };
    match format {
        Format::Csv => {
            let mut csv = Csv::new(&header);
            for row in rows {
                csv.push(&texts(row));
            }
            save_text(
                &dated(spec.id, "csv"),
                "text/csv;charset=utf-8",
                &csv.finish(),
            );
        }
        Format::Json => {
            let rows: Vec<_> = rows.iter().map(texts).collect();
            save_text(
                &dated(spec.id, "json"),
                "application/json",
                &json(&header, &rows),
            );
        }
    }
}
