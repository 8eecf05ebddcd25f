//! Rows as a file: those selected, this page, or all that match, from the list's source.

use super::source::{Reading, Row};
use super::spec::ListSpec;
use super::state::ListState;
use crate::browser::download::{dated, save_text};
use crate::components::button::ButtonKind;
use crate::components::menu::{Menu, menu_item};
use crate::components::progress::Progress;
use crate::components::toast::Toasts;
use crate::i18n::errors::explain;
use crate::i18n::{format, t};
use crate::listing::csv::Csv;
use crate::listing::export::json;
use crate::ui::{IntoNode, Node, view};
use leptos::prelude::*;
use wasm_bindgen_futures::spawn_local;

#[derive(Clone, Copy, PartialEq, Eq)]
enum Format {
    Csv,
    Json,
}

/// The entries for the rows of the page.
fn of_page(page: impl Fn(Format) + Copy + 'static) -> Node {
    view! {
        <p class="menu-heading">{t::list_export_page}</p>
        {menu_item("file", t::list_csv, move || page(Format::Csv))}
        {menu_item("file", t::list_json, move || page(Format::Json))}
    }
    .into_node()
}

/// The menu, and the progress of what it started.
pub fn menu(state: ListState) -> Node {
    let progress = RwSignal::new(None);
    let reading: StoredValue<Option<Reading>, LocalStorage> = StoredValue::new_local(None);
    let stop = move || {
        let _ = reading.try_with_value(|reading| {
            if let Some(reading) = reading {
                reading.cancel();
            }
        });
    };
    on_cleanup(stop);
    let page = move |format: Format| {
        let rows = state.rows.get_untracked();
        save(&state.spec(), &rows, format);
    };
    // Where all that match are selected, "all that match" is the entry for it.
    let selected = move |format: Format| {
        save(&state.spec(), &state.picked.rows(), format);
    };
    let some = Memo::new(move |_| match state.picked.all.with(Option::is_some) {
        true => 0,
        false => state.picked.some(),
    });
    let all = move |format: Format| {
        stop();
        let next = Reading::shown_by(progress, false);
        let known = state.total.get_untracked();
        next.progress(0, known.filter(|_| !state.is_open.get_untracked()));
        reading.set_value(Some(next.clone()));
        read_all(state, format, next);
    };
    let part = move || {
        let (done, of) = progress.get()?;
        Some(done as f64 / of.filter(|of| *of > 0)? as f64)
    };
    let words = move || {
        let (done, of) = progress.get().unwrap_or_default();
        let number = |value: u64| format::number(value as f64);
        t::list_exporting(&number(done), &number(of.unwrap_or(done)))
    };
    let running = Memo::new(move |_| progress.with(Option::is_some));
    view! {
        <Menu label=t::list_export picture="download" kind=ButtonKind::Quiet>
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
            {move || {
                // As long as the rows are not what the filters say there is nothing to export.
                state
                    .total
                    .get()
                    .filter(|_| !state.is_stale.get())
                    .map(|total| {
                        let of_page = (!state.is_before.get()).then(|| of_page(page));
                        view! {
                            {of_page}
                            <p class="menu-heading">
                                {match state.is_open.get() {
                                    true => t::list_export_everything(),
                                    false => t::list_export_all(&format::number(total as f64)),
                                }}
                            </p>
                            {menu_item("file", t::list_csv, move || all(Format::Csv))}
                            {menu_item("file", t::list_json, move || all(Format::Json))}
                        }
                    })
            }}
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
                                    stop();
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
    .into_node()
}

fn read_all(state: ListState, format: Format, reading: Reading) {
    let spec = state.spec();
    let answer = spec
        .source
        .all(&state.query.get_untracked(), reading.clone());
    spawn_local(async move {
        let found = answer.await;
        if reading.is_cancelled() {
            return;
        }
        reading.end();
        match found {
            Ok(found) => save(&spec, &found.rows, format),
            Err(error) => Toasts::get().bad(explain(&error)),
        }
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
