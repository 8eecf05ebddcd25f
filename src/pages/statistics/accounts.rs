//! When accounts came, when they were last used, and what they are: each bar leads to the list of
//! users with the filter that finds just these.

use super::chart::{Chart, Entry, charts};
use crate::address::route::Route;
use crate::api::ApiError;
use crate::api::encode::encoded;
use crate::api::tolerant::Timestamp;
use crate::api::users::{self, ListUsers};
use crate::browser::clock::{Month, day_before, months, now};
use crate::components::bars::{Bar, BarDirection};
use crate::components::page::Stat;
use crate::i18n::{format, t};
use crate::lists::Reading;
use crate::pages::users::list::{NO_TYPE, filter, roll, standing, told};
use crate::session::{Client, learn};
use crate::ui::{IntoNode, Node, view};
use crate::users::census::{Census, Spans};
use crate::widgets::dear::{Dear, Price, dear};
use futures_util::FutureExt;
use futures_util::future::LocalBoxFuture;

/// How many months are told apart.
const MONTHS: i32 = 12;

/// The spans, in days, of which is told who came and who was seen in them.
const LATELY: [i32; 4] = [7, 30, 90, 365];

/// The place among [`LATELY`] of what the figures tell: 30 days.
const FIGURE: usize = 1;

/// So many accounts are read without a question: a few requests.
const UNASKED: u64 = 5_000;

/// How many accounts a request reads.
const PAGE: u64 = 1_000;

/// What has been counted.
struct Counted {
    census: Census,
    months: Vec<Month>,
    /// The last day before these.
    before: String,
    /// The days at which each of [`LATELY`] begins.
    days: Vec<String>,
    read_at: Timestamp,
}

/// The tab of accounts: how many, since when, and which.
pub fn tab() -> Node {
    let reading = Dear {
        offer,
        read,
        progress: t::statistics_reading_accounts,
    };
    dear(reading, show)
}

fn offer() -> LocalBoxFuture<'static, Result<Option<Price>, ApiError>> {
    async {
        if roll::is_read() {
            return Ok(None);
        }
        let capabilities = learn::capabilities().await?;
        let one = ListUsers {
            limit: 1,
            ..ListUsers::default()
        };
        let total = Client::get()
            .send(users::list(&one, &capabilities))
            .await?
            .total;
        Ok((total > UNASKED).then(|| {
            let requests = format::number(total.div_ceil(PAGE) as f64);
            Price {
                text: t::statistics_read_accounts(total, &requests),
                label: t::statistics_count_accounts(),
            }
        }))
    }
    .boxed_local()
}

fn read(reading: Reading) -> LocalBoxFuture<'static, Result<Counted, ApiError>> {
    async move {
        let whole = roll::all(&reading).await?;
        standing::ask(&reading).await?;
        let mut months = months(MONTHS + 1);
        let before = months.remove(0).last;
        let (days, lately) = LATELY.map(day_before).into_iter().unzip();
        let spans = Spans {
            months: months.iter().map(|month| month.first.1).collect(),
            lately,
        };
        Ok(Counted {
            census: Census::of(&whole.items, &told(), &spans),
            months,
            before,
            days,
            read_at: whole.read_at,
        })
    }
    .boxed_local()
}

/// A number of accounts, and the conditions that find them.
fn entry(label: String, count: u64, conditions: &[(&str, &str)]) -> Entry {
    let conditions: Vec<String> = conditions
        .iter()
        .map(|(name, value)| format!("{name}={}", encoded(value)))
        .collect();
    Entry {
        name: label.clone(),
        bar: Bar {
            title: t::statistics_bar(count, &label),
            label,
            value: count as f64,
            shown: format::number(count as f64),
            to: Route::Users.at(&conditions.join("&")),
            is_current: false,
        },
    }
}

/// A number for each month.
fn by_month(
    months: &[Month],
    counts: &[u64],
    conditions: impl Fn(&Month) -> [(&'static str, String); 2],
) -> Vec<Entry> {
    let counts = counts.iter().skip(1);
    months
        .iter()
        .zip(counts)
        .map(|(month, count)| {
            let start = month.first.1;
            let [from, until] = conditions(month);
            let conditions = [(from.0, from.1.as_str()), (until.0, until.1.as_str())];
            let mut entry = entry(format::month(start, true), *count, &conditions);
            entry.bar.label = format::month(start, false);
            entry.name.clone_from(&month.name);
            entry
        })
        .collect()
}

/// A number for each span that lasts until now.
fn lately(days: &[String], counts: &[u64], name: &'static str) -> Vec<Entry> {
    let spans = LATELY.iter().zip(days).zip(counts);
    spans
        .map(|((days, since), count)| {
            entry(t::statistics_days(*days as u64), *count, &[(name, since)])
        })
        .collect()
}

fn show(counted: &Counted) -> (String, Node) {
    let (census, months) = (&counted.census, &counted.months);
    let number = |value: u64| format::number(value as f64);
    let known = |value: Option<u64>| value.map_or_else(t::unknown_number, number);
    let seen = census.seen_lately.as_ref().map(|counts| counts[FIGURE]);
    let note = t::statistics_note(census.total, &format::relative(counted.read_at, now()));
    let mut all = vec![registrations(census, months, &counted.before)];
    all.extend(last_seen(census, months));
    all.push(Chart {
        title: t::statistics_new,
        way: BarDirection::Across,
        entries: lately(&counted.days, &census.created_lately, filter::CREATED_FROM),
        more: Vec::new(),
        note: None,
    });
    if let Some(counts) = &census.seen_lately {
        all.push(Chart {
            title: t::statistics_active,
            way: BarDirection::Across,
            entries: lately(&counted.days, counts, filter::SEEN_FROM),
            more: Vec::new(),
            note: Some(t::statistics_active_note()),
        });
    }
    all.push(states(census));
    all.push(kinds(census));
    let shown = view! {
        <div class="stats">
            <Stat label=t::statistics_accounts value=number(census.total) />
            <Stat label=t::statistics_new_30 value=number(census.created_lately[FIGURE]) />
            <Stat label=t::statistics_active_30 value=known(seen) />
            <Stat label=t::users_seen_never value=known(census.without_trace) />
        </div>
        {charts("statistics-accounts", all)}
    };
    (note, shown.into_node())
}

/// `before` is the last day before these months.
fn registrations(census: &Census, months: &[Month], before: &str) -> Chart {
    let entries = by_month(months, &census.created, |month| {
        [
            (filter::CREATED_FROM, month.first.0.clone()),
            (filter::CREATED_UNTIL, month.last.clone()),
        ]
    });
    Chart {
        title: t::statistics_created,
        way: BarDirection::Up,
        entries,
        more: vec![entry(
            t::storage_earlier(),
            census.created[0],
            &[(filter::CREATED_UNTIL, before)],
        )],
        note: None,
    }
}

/// By the last use, if the server tells it.
fn last_seen(census: &Census, months: &[Month]) -> Option<Chart> {
    let counts = census.seen.as_ref()?;
    let entries = by_month(months, counts, |month| {
        [
            (filter::SEEN_FROM, month.first.0.clone()),
            (filter::NOT_SEEN_SINCE, month.next.clone()),
        ]
    });
    let begun = months.first().map(|month| month.first.0.as_str());
    let earlier = [(filter::NOT_SEEN_SINCE, begun.unwrap_or_default())];
    let mut more = vec![entry(t::storage_earlier(), counts[0], &earlier)];
    more.extend(
        census
            .without_trace
            .map(|count| entry(t::users_seen_never(), count, &[(filter::SEEN, "false")])),
    );
    Some(Chart {
        title: t::statistics_seen,
        way: BarDirection::Up,
        entries,
        more,
        note: Some(t::statistics_seen_note()),
    })
}

fn states(census: &Census) -> Chart {
    let usable = census.usable.map(|count| {
        let conditions = [(filter::DEACTIVATED, "false"), (filter::LOCKED, "false")];
        entry(t::statistics_usable(), count, &conditions)
    });
    let locked = census
        .locked
        .map(|count| entry(t::statistics_locked(), count, &[(filter::LOCKED, "true")]));
    let mut entries: Vec<Entry> = usable.into_iter().collect();
    let deactivated = [(filter::DEACTIVATED, "true")];
    entries.push(entry(
        t::statistics_deactivated(),
        census.deactivated,
        &deactivated,
    ));
    entries.extend(locked);
    entries.push(entry(
        t::statistics_shadow_banned(),
        census.shadow_banned,
        &[(filter::SHADOW_BANNED, "true")],
    ));
    Chart {
        title: t::statistics_state,
        way: BarDirection::Across,
        entries,
        more: Vec::new(),
        note: census.locked.is_none().then(t::statistics_locked_untold),
    }
}

fn kinds(census: &Census) -> Chart {
    let mut entries: Vec<Entry> = census
        .types
        .iter()
        .map(|(kind, count)| {
            let (label, value) = match kind.as_str() {
                "" => (t::statistics_no_type(), NO_TYPE),
                "bot" => (t::users_type_bot(), "bot"),
                "support" => (t::users_type_support(), "support"),
                other => (other.to_owned(), other),
            };
            entry(label, *count, &[(filter::USER_TYPE, value)])
        })
        .collect();
    entries.push(entry(
        t::users_guests(),
        census.guests,
        &[(filter::GUESTS, "true")],
    ));
    entries.extend(
        census
            .admins
            .map(|count| entry(t::users_admins(), count, &[(filter::ADMINS, "true")])),
    );
    Chart {
        title: t::statistics_kind,
        way: BarDirection::Across,
        entries,
        more: Vec::new(),
        note: census.admins.is_none().then(t::statistics_admins_untold),
    }
}
