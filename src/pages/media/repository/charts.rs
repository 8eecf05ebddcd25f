//! The charts: who, what, how old, how large, since when, and what deleting would free. A click on
//! a bar narrows the list below and the other charts; another click takes that back.

use super::fields;
use super::filter::presets;
use super::question::{is_narrowed, toggled};
use super::scan::{Scan, moments};
use super::summed::Summed;
use crate::address::route::Route;
use crate::api::{RoomId, UserId};
use crate::browser::clock;
use crate::browser::storage::Keep;
use crate::components::bars::{Bar, BarDirection, bars};
use crate::components::button::{Button, ButtonKind};
use crate::components::link::{link, link_current};
use crate::components::page::Card;
use crate::i18n::language::current;
use crate::i18n::{Words, format, number, t};
use crate::listing::sort::sort_by;
use crate::lists::{Filter, FilterKind, ListQuery};
use crate::media::class::{AGE_KEYS, SIZE_KEYS, UNUSED_KEYS};
use crate::media::question::{EARLIER, MONTHS, filter};
use crate::media::reach::ScanState;
use crate::media::{Class, Sum, Summary};
use crate::ui::{IntoNode, Node, view};
use leptos::prelude::*;

const AGE_WORDS: [Words; AGE_KEYS.len()] = [
    t::storage_age_week,
    t::storage_age_month,
    t::storage_age_quarter,
    t::storage_age_half,
    t::storage_age_year,
    t::storage_age_two_years,
    t::storage_age_older,
];

const UNUSED_WORDS: [Words; UNUSED_KEYS.len()] = [
    t::storage_unused_30,
    t::storage_unused_90,
    t::storage_unused_180,
    t::storage_unused_365,
];

const SIZE_WORDS: [Words; SIZE_KEYS.len()] = [
    t::storage_size_100k,
    t::storage_size_1m,
    t::storage_size_10m,
    t::storage_size_100m,
    t::storage_size_more,
];

/// What a class is called.
pub fn class_words(class: Class) -> Words {
    match class {
        Class::Image => t::storage_class_image,
        Class::Video => t::storage_class_video,
        Class::Audio => t::storage_class_audio,
        Class::Document => t::storage_class_document,
        Class::Encrypted => t::storage_class_encrypted,
        Class::Preview => t::storage_class_preview,
        Class::Other => t::storage_class_other,
        Class::Pending => t::storage_class_pending,
    }
}

/// The filters of the list.
pub fn filters() -> Vec<Filter> {
    let choice = |id, label: Words, keys: &[&'static str], words: &[Words]| {
        let choices = keys.iter().copied().zip(words.iter().copied());
        Filter::new(id, label, FilterKind::Choice(choices.collect()))
    };
    let classes = Class::ALL.map(Class::key);
    let class_names = Class::ALL.map(class_words);
    vec![
        Filter::new(filter::OWNER, t::media_column_owner, FilterKind::Text)
            .reading(|text| UserId::parse(text).is_some()),
        choice(filter::CLASS, t::users_type, &classes, &class_names),
        choice(filter::AGE, t::media_column_last_use, &AGE_KEYS, &AGE_WORDS),
        choice(
            filter::UNUSED,
            t::storage_can_go,
            &UNUSED_KEYS,
            &UNUSED_WORDS,
        ),
        choice(filter::SIZE, t::user_bytes, &SIZE_KEYS, &SIZE_WORDS),
        Filter::new(
            filter::LARGER,
            t::storage_larger,
            FilterKind::Own(fields::SIZE),
        )
        .reading(|text| number::size(text, &current()).is_some()),
        Filter::new(
            filter::BEFORE,
            t::media_before,
            FilterKind::DateBefore(presets()),
        ),
        // The months of which the list knows, and all before them.
        Filter::new(filter::MONTH, t::storage_in_month, FilterKind::Text).reading(|text| {
            text == EARLIER || clock::months(MONTHS).iter().any(|month| month.name == text)
        }),
        Filter::new(filter::ROOM, t::storage_room, FilterKind::Text)
            .reading(|text| RoomId::parse(text.trim()).is_some()),
        Filter::new(
            filter::WITHOUT_CLASSES,
            t::storage_without,
            FilterKind::Own(fields::TYPES),
        )
        .reading(|text| {
            let mut keys = text.split(',').filter(|key| !key.is_empty());
            keys.all(|key| Class::of_key(key).is_some())
        }),
        Filter::new(
            filter::WITHOUT_ROOMS,
            t::storage_without_rooms,
            FilterKind::Text,
        )
        .reading(|text| {
            let mut rooms = text.split_whitespace();
            rooms.all(|room| RoomId::parse(room).is_some())
        }),
        Filter::new(
            filter::QUARANTINED,
            t::storage_quarantined,
            FilterKind::YesNo,
        ),
        Filter::new(
            filter::PROTECTED,
            t::user_media_protected,
            FilterKind::YesNo,
        ),
        Filter::new(filter::OPEN, t::storage_open, FilterKind::YesNo),
    ]
}

/// A bar of a sum, which sets a condition.
fn bar(query: &ListQuery, label: String, sum: Sum, name: &str, value: &str) -> Bar {
    let shown = format::bytes(sum.bytes);
    Bar {
        title: t::storage_bar(sum.files, &shown, &label),
        label,
        value: sum.bytes as f64,
        shown,
        to: toggled(query, name, value),
        is_current: query.get(name) == Some(value),
    }
}

fn of_keys(
    query: &ListQuery,
    name: &str,
    keys: &[&'static str],
    words: &[Words],
    sums: &[Sum],
) -> Vec<Bar> {
    let is_part = is_narrowed(query);
    keys.iter()
        .zip(words)
        .zip(sums)
        .map(|((key, words), sum)| (bar(query, words(), *sum, name, key), sum))
        // Of a part, only what is in it.
        .filter(|(bar, sum)| !is_part || sum.files > 0 || bar.is_current)
        .map(|(bar, _)| bar)
        .collect()
}

fn owners(query: &ListQuery, summary: &Summary) -> Vec<Bar> {
    summary
        .owners
        .iter()
        .map(|(owner, sum)| match owner {
            Some(owner) => {
                let mut bar = bar(query, short(owner), *sum, filter::OWNER, owner.as_str());
                bar.title = t::storage_bar(sum.files, &bar.shown, owner.as_str());
                bar
            }
            None => Bar {
                to: Route::Media.to_string(),
                is_current: false,
                ..bar(query, t::media_usage_nobody(), *sum, filter::OWNER, "")
            },
        })
        .collect()
}

/// A bar of which nobody knows yet how long it is.
fn uncounted(bar: Bar) -> Bar {
    Bar {
        value: 0.0,
        shown: "…".to_owned(),
        title: bar.label.clone(),
        ..bar
    }
}

/// All are of our own server.
fn short(owner: &UserId) -> String {
    format!("@{}", owner.localpart())
}

fn classes(query: &ListQuery, summary: &Summary) -> Vec<Bar> {
    let mut bars: Vec<(Bar, u64)> = Class::ALL
        .into_iter()
        .map(|class| {
            let sum = summary.classes[class as usize];
            let words = class_words(class)();
            (
                bar(query, words, sum, filter::CLASS, class.key()),
                sum.files,
            )
        })
        .filter(|(bar, files)| *files > 0 || bar.is_current)
        .collect();
    sort_by(&mut bars, |(a, _), (b, _)| b.value.total_cmp(&a.value));
    bars.into_iter().map(|(bar, _)| bar).collect()
}

fn months(query: &ListQuery, summary: &Summary) -> Vec<Bar> {
    let moments = moments();
    let sums = summary.months.iter().skip(1);
    moments
        .months
        .iter()
        .zip(sums)
        .map(|((name, start), sum)| {
            let label = format::month(*start, false);
            let mut bar = bar(query, label, *sum, filter::MONTH, name);
            bar.title = t::storage_bar(sum.files, &bar.shown, &format::month(*start, true));
            bar
        })
        .collect()
}

/// What was uploaded before these months: mostly more than in all of them.
fn earlier(query: Memo<ListQuery>, summed: Summed) -> Node {
    let link = move || {
        let months = |summary: &Summary| summary.months.first().copied().unwrap_or_default();
        let sum = summed.summary.with(months);
        let mut bar =
            query.with(|query| bar(query, t::storage_earlier(), sum, filter::MONTH, EARLIER));
        if !summed.is_current.get() {
            bar = uncounted(bar);
        }
        view! {
            {link_current(&bar.to, "chart-more", bar.is_current, bar.title)}
        }
    };
    link.into_node()
}

/// Scrolls past the charts.
pub fn to_list() {
    if let Ok(Some(list)) = document().query_selector(".storage-found") {
        list.scroll_into_view();
    }
}

/// Where it is kept that the charts are folded.
const FOLDED: &str = "synapse-admin.storage-charts";

/// The charts of a summary. `query` is what the address asks; `chosen` is shown right below the
/// chart of which a bar is chosen.
pub fn charts(
    query: Memo<ListQuery>,
    summed: Summed,
    scan: Scan,
    chosen: impl Fn() -> Node + Copy + Send + 'static,
) -> Node {
    let summary = summed.summary;
    let made = move |make: fn(&ListQuery, &Summary) -> Vec<Bar>| {
        Signal::derive(move || {
            let bars = query.with(|query| summary.with(|summary| make(query, summary)));
            match summed.is_current.get() {
                true => bars,
                // Those numbers are of another question.
                false => bars.into_iter().map(uncounted).collect(),
            }
        })
    };
    let others = move || {
        if !summed.is_current.get() {
            return None;
        }
        let ((count, sum), named) =
            summary.with(|summary| (summary.other_owners, summary.owners.len() as u64));
        let lists = scan.lists();
        // How many there are is known before it is known of each how much they have.
        let count = match lists.is_whole || query.with(is_narrowed) {
            true => count,
            false => count.max(lists.all.saturating_sub(named)),
        };
        (count > 0).then(|| {
            let words = t::storage_others(count, &scan.so_far(format::bytes(sum.bytes)));
            link(&Route::Media.tab("users"), "chart-more", words)
        })
    };
    let chart = |name: &'static str,
                 title: Words,
                 way: BarDirection,
                 shown: Signal<Vec<Bar>>,
                 more: Node| {
        let is_chosen = Memo::new(move |_| query.with(|query| query.get(name).is_some()));
        // Who has how much the statistics tell; all else is known once lists have been read.
        let unknown = Memo::new(move |_| {
            let is_known = match name {
                filter::OWNER => scan.knows_sums(),
                _ => scan.lists().read > 0 || matches!(scan.state(), ScanState::Done(_)),
            };
            match scan.state() {
                _ if is_known => None,
                ScanState::Failed(_) | ScanState::Stopped => Some(t::unknown_number as Words),
                _ => Some(t::loading),
            }
        });
        let body = move || match unknown.get() {
            Some(words) => view! { <p class="chart-note">{words}</p> }.into_node(),
            None => bars(title, way, shown),
        };
        let is_empty =
            Memo::new(move |_| unknown.get().is_none() && shown.with(|bars| bars.is_empty()));
        view! {
            <Card title=Signal::derive(title)>
                {body}
                {move || {
                    is_empty
                        .get()
                        .then(|| view! { <p class="chart-note">{t::storage_nothing}</p> })
                }}
                {move || is_chosen.get().then(chosen)}
                {more}
            </Card>
        }
        .into_node()
    };
    let nothing = || ().into_node();
    let charts = view! {
        <div class="charts">
            {chart(filter::OWNER, t::storage_who, BarDirection::Across, made(owners), others.into_node())}
            {chart(filter::CLASS, t::storage_what, BarDirection::Across, made(classes), nothing())}
            {chart(
                filter::UNUSED,
                t::storage_free,
                BarDirection::Across,
                made(|query, summary| {
                    of_keys(query, filter::UNUSED, &UNUSED_KEYS, &UNUSED_WORDS, &summary.unused)
                }),
                view! { <p class="chart-note">{t::storage_free_note}</p> }.into_node(),
            )}
            {chart(
                filter::AGE,
                t::storage_age,
                BarDirection::Across,
                made(|query, summary| {
                    of_keys(query, filter::AGE, &AGE_KEYS, &AGE_WORDS, &summary.ages)
                }),
                nothing(),
            )}
            {chart(
                filter::SIZE,
                t::storage_size,
                BarDirection::Across,
                made(|query, summary| {
                    of_keys(query, filter::SIZE, &SIZE_KEYS, &SIZE_WORDS, &summary.sizes)
                }),
                nothing(),
            )}
            {chart(
                filter::MONTH,
                t::storage_month,
                BarDirection::Up,
                made(months),
                earlier(query, summed),
            )}
        </div>
    };
    let is_open = Keep::ThisBrowser.get(FOLDED).is_none();
    view! {
        <div class="to-list">
            <Button label=t::storage_to_list kind=ButtonKind::Quiet on_press=to_list />
        </div>
        <details
            class="charts-fold"
            open=is_open
            on:toggle=move |event| {
                let details: web_sys::Element = event_target(&event);
                match details.has_attribute("open") {
                    true => Keep::ThisBrowser.remove(FOLDED),
                    false => {
                        Keep::ThisBrowser.set(FOLDED, "yes");
                    }
                }
            }
        >
            <summary>{t::storage_charts}</summary>
            {charts}
        </details>
    }
    .into_node()
}
