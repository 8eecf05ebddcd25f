//! Charts of which each bar leads to what it counts, and the same numbers as a file.

use crate::browser::download::{dated, save_text};
use crate::components::bars::{Bar, BarDirection, bars};
use crate::components::button::Button;
use crate::components::link::link;
use crate::components::page::Card;
use crate::i18n::{Words, t};
use crate::listing::csv::Csv;
use crate::ui::{IntoNode, Node, view};
use leptos::prelude::*;

/// A number of a chart.
pub struct Entry {
    /// What it is of, in a word that says it by itself: `2026-11`.
    pub name: String,
    pub bar: Bar,
}

/// A chart, and what is to be said about it.
pub struct Chart {
    pub title: Words,
    pub way: BarDirection,
    pub entries: Vec<Entry>,
    /// What there is besides, each a link below the bars.
    pub more: Vec<Entry>,
    pub note: Option<String>,
}

/// The charts, with a button that saves their numbers as a file.
pub fn charts(file: &'static str, charts: Vec<Chart>) -> Node {
    let rows: Vec<[String; 3]> = charts
        .iter()
        .flat_map(|chart| {
            let title = (chart.title)();
            let entries = chart.more.iter().chain(&chart.entries);
            entries.map(move |entry| {
                let value = format!("{:.0}", entry.bar.value);
                [title.clone(), entry.name.clone(), value]
            })
        })
        .collect();
    let save = move || {
        let csv = Csv::of(&["chart", "name", "value"], rows.clone());
        save_text(&dated(file, "csv"), "text/csv;charset=utf-8", &csv);
    };
    let cards: Vec<Node> = charts.into_iter().map(card).collect();
    view! {
        <div class="charts">{cards}</div>
        <div class="button-row">
            <Button label=t::statistics_save icon="download" on_press=save />
        </div>
    }
    .into_node()
}

fn card(chart: Chart) -> Node {
    let Chart {
        title,
        way,
        entries,
        more,
        note,
    } = chart;
    let shown: Vec<Bar> = entries.into_iter().map(|entry| entry.bar).collect();
    let nothing = shown.is_empty() && more.is_empty() && note.is_none();
    let picture = (!shown.is_empty()).then(|| bars(title, way, Signal::stored(shown)));
    let more: Vec<Node> = more
        .into_iter()
        .map(|entry| {
            let words = format!("{}: {}", entry.bar.label, entry.bar.shown);
            link(&entry.bar.to, "chart-more", words)
        })
        .collect();
    view! {
        <Card title=Signal::derive(title)>
            {picture}
            {more}
            {note.map(|note| view! { <p class="chart-note">{note}</p> })}
            {nothing.then(|| view! { <p class="chart-note">{t::storage_nothing}</p> })}
        </Card>
    }
    .into_node()
}
