//! Times, relative, with the exact one in the tooltip.

use crate::api::tolerant::Timestamp;
use crate::i18n::format;
use crate::ui::{IntoNode, Node, view};
use js_sys::Date;
use leptos::prelude::*;
use std::time::Duration;

/// How often relative times are written anew.
const TICK: Duration = Duration::from_secs(30);

thread_local! {
    // One clock for all times of the page; it is not owned by any of them.
    static NOW: ArcRwSignal<i64> = {
        let now = ArcRwSignal::new(Date::now() as i64);
        let clock = now.clone();
        set_interval(move || clock.set(Date::now() as i64), TICK);
        now
    };
}

fn now() -> Timestamp {
    Timestamp(NOW.with(|now| now.get()))
}

/// The machine-readable form, for `datetime`.
fn iso(at: Timestamp) -> Option<String> {
    let date = Date::new(&(at.0 as f64).into());
    (!date.get_time().is_nan()).then(|| date.to_iso_string().into())
}

/// How long ago, with the exact time on hover.
pub fn time(at: Timestamp) -> Node {
    view! {
        <time datetime=iso(at) title=move || format::date_time(at)>
            {move || format::relative(at, now())}
        </time>
    }
    .into_node()
}

/// A relative time of what may never have happened: then a dash.
pub fn time_or_never(at: Option<Timestamp>) -> Node {
    match at {
        Some(at) => time(at),
        None => super::nothing(),
    }
}

/// The day, with the exact time on hover: where one decides by it, "2 years ago" is too little. A
/// dash for what has never happened.
pub fn day_or_never(at: Option<Timestamp>) -> Node {
    let Some(at) = at else {
        return super::nothing();
    };
    view! {
        <time datetime=iso(at) title=move || format::date_time(at)>
            {move || format::day(at)}
        </time>
    }
    .into_node()
}

/// The exact time, with how long ago on hover.
pub fn date_time(at: Timestamp) -> Node {
    view! {
        <time datetime=iso(at) title=move || format::relative(at, now())>
            {move || format::date_time(at)}
        </time>
    }
    .into_node()
}
