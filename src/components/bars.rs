//! Bars: how much of each there is. Every bar is a link, with its words and number beside it, so
//! that nothing is told by the picture alone.

use crate::i18n::Words;
use crate::ui::{IntoNode, Node, view};
use leptos::prelude::*;

/// One bar of a chart.
#[derive(Clone, PartialEq)]
pub struct Bar {
    pub label: String,
    /// How long it is, in the unit of all of them.
    pub value: f64,
    /// The number that stands beside it.
    pub shown: String,
    /// A word more, for those who point at it.
    pub title: String,
    /// Where it leads: a route.
    pub to: String,
    /// Whether it is what one is looking at.
    pub is_current: bool,
}

/// Which way bars go.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum BarDirection {
    /// One below the other.
    #[default]
    Across,
    /// One beside the other: for what has an order in time.
    Up,
}

/// The bars. The longest fills the room that there is.
pub fn bars(label: Words, way: BarDirection, bars: Signal<Vec<Bar>>) -> Node {
    let way = match way {
        BarDirection::Across => "across",
        BarDirection::Up => "up",
    };
    let rows = move || {
        let bars = bars.get();
        let longest = bars.iter().map(|bar| bar.value).fold(0.0, f64::max);
        bars.into_iter()
            .map(|bar| row(bar, longest, way))
            .collect::<Vec<_>>()
    };
    view! {
        <ul class="bars" data-way=way aria-label=label>
            {rows}
        </ul>
    }
    .into_node()
}

fn row(bar: Bar, longest: f64, way: &'static str) -> Node {
    let part = match longest > 0.0 {
        true => bar.value / longest,
        false => 0.0,
    };
    // What is there at all can be seen.
    let percent = match bar.value > 0.0 {
        true => (part * 100.0).max(0.75),
        false => 0.0,
    };
    let length = format!("{percent:.2}%");
    let picture = match way {
        "up" => {
            let y = format!("{:.2}%", 100.0 - percent);
            view! {
                <svg class="bar-picture" aria-hidden="true" width="100%" height="100%">
                    <rect x="0" y=y width="100%" height=length></rect>
                </svg>
            }
        }
        _ => view! {
            <svg class="bar-picture" aria-hidden="true" width="100%" height="100%">
                <rect x="0" y="0" width=length height="100%"></rect>
            </svg>
        },
    };
    view! {
        <li>
            <a
                class="bar"
                href=format!("#{}", bar.to)
                target="_self"
                title=bar.title
                aria-current=bar.is_current.then_some("true")
            >
                <span class="bar-label">{bar.label}</span>
                {picture}
                <span class="bar-value">{bar.shown}</span>
            </a>
        </li>
    }
    .into_node()
}
