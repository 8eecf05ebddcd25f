//! Who has most media, and when files came.

use super::chart::{Chart, Entry, charts};
use crate::address::route::Route;
use crate::api::ApiError;
use crate::api::encode::encoded;
use crate::api::statistics::{ListMediaUsers, MediaUsersPage};
use crate::components::bars::{Bar, BarDirection};
use crate::components::remote::remote;
use crate::i18n::{format, t};
use crate::lists::Reading;
use crate::media::Sum;
use crate::media::question::{EARLIER, filter};
use crate::media::uploads::by_size;
use crate::pages::media::repository::uploads::{self, Uploads};
use crate::session::Client;
use crate::ui::{IntoNode, Node, view};
use crate::widgets::dear::{Dear, Price, dear};
use futures_util::FutureExt;
use futures_util::future::LocalBoxFuture;
use leptos::prelude::*;

/// How many users are named.
const NAMED: u64 = 10;

/// The tab of uploads: whose, and when they came.
pub fn tab() -> Node {
    let reading = Dear {
        offer,
        read,
        progress: t::statistics_reading_files,
    };
    view! {
        {remote(RwSignal::new(0), largest, owners)}
        {dear(reading, by_month)}
    }
    .into_node()
}

async fn largest() -> Result<MediaUsersPage, ApiError> {
    let question = ListMediaUsers {
        limit: NAMED,
        descending: true,
        ..ListMediaUsers::default()
    };
    by_size(Client::get().patient(), &question).await
}

/// A sum of files, and the condition that finds them on the Media page.
fn entry(name: String, label: String, sum: Sum, is_bytes: bool, name_value: (&str, &str)) -> Entry {
    let (condition, value) = name_value;
    let shown = format::bytes(sum.bytes);
    let title = t::storage_bar(sum.files, &shown, &label);
    Entry {
        name,
        bar: Bar {
            label,
            value: if is_bytes { sum.bytes } else { sum.files } as f64,
            shown: match is_bytes {
                true => shown,
                false => format::number(sum.files as f64),
            },
            title,
            to: Route::Media.at(&format!("{condition}={}", encoded(value))),
            is_current: false,
        },
    }
}

fn owners(page: &MediaUsersPage) -> Node {
    let entries = page.users.iter().filter_map(|row| {
        let owner = row.user_id.as_ref()?;
        // Of uploads that have only been begun the server tells no size.
        let sum = Sum {
            files: row.media_count,
            bytes: row.media_length?,
        };
        let label = format!("@{}", owner.localpart());
        let found = (filter::OWNER, owner.as_str());
        Some(entry(owner.to_string(), label, sum, true, found))
    });
    let chart = Chart {
        title: t::statistics_most_media,
        way: BarDirection::Across,
        entries: entries.collect(),
        more: vec![all_owners(page.total)],
        note: None,
    };
    charts("statistics-media-users", vec![chart])
}

/// The way to all of them.
fn all_owners(count: u64) -> Entry {
    let label = t::media_usage_users();
    Entry {
        name: label.clone(),
        bar: Bar {
            title: label.clone(),
            label,
            value: count as f64,
            shown: format::number(count as f64),
            to: Route::Media.tab("users"),
            is_current: false,
        },
    }
}

fn offer() -> LocalBoxFuture<'static, Result<Option<Price>, ApiError>> {
    async {
        if uploads::is_begun() {
            return Ok(None);
        }
        let users = largest().await?.total;
        Ok((users > 0).then(|| Price {
            text: t::statistics_read_files(users),
            label: t::statistics_count_files(),
        }))
    }
    .boxed_local()
}

fn read(reading: Reading) -> LocalBoxFuture<'static, Result<Uploads, ApiError>> {
    uploads::read(reading).boxed_local()
}

fn by_month(uploads: &Uploads) -> (String, Node) {
    let chart = |title, is_bytes: bool| {
        let months = uploads.months.iter().map(|(month, sum)| {
            let start = month.first.1;
            let found = (filter::MONTH, month.name.as_str());
            let whole = format::month(start, true);
            let mut entry = entry(month.name.clone(), whole, *sum, is_bytes, found);
            entry.bar.label = format::month(start, false);
            entry
        });
        let earlier = t::storage_earlier();
        let found = (filter::MONTH, EARLIER);
        Chart {
            title,
            way: BarDirection::Up,
            entries: months.collect(),
            more: vec![entry(
                earlier.clone(),
                earlier,
                uploads.earlier,
                is_bytes,
                found,
            )],
            note: None,
        }
    };
    let number = |value: u64| format::number(value as f64);
    let note = match uploads.is_whole {
        true => t::statistics_files_note(uploads.of),
        false => t::storage_note_part(&number(uploads.read), &number(uploads.of)),
    };
    let all = vec![
        chart(t::statistics_uploads_files, false),
        chart(t::statistics_uploads_bytes, true),
    ];
    (note, charts("statistics-uploads", all))
}
