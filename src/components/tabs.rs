//! Tabs of a page: links, so each has an address.

use crate::address::route::Route;
use crate::browser::navigation::current_query;
use crate::i18n::{Words, format};
use crate::ui::{IntoNode, Node, view};
use leptos::prelude::*;
use std::rc::Rc;

/// A tab of a page: its name in the address, its label, and what makes its content.
#[derive(Clone)]
pub struct Tab {
    /// The value of `?tab=`; empty for the first.
    id: &'static str,
    label: Words,
    /// Shown behind the label, if known.
    count: Option<Signal<Option<u64>>>,
    view: Rc<dyn Fn() -> Node>,
}

impl Tab {
    /// A tab that shows this. `id` is the value of `?tab=`; empty for the first.
    pub fn new(id: &'static str, label: Words, view: impl Fn() -> Node + 'static) -> Self {
        Tab {
            id,
            label,
            count: None,
            view: Rc::new(view),
        }
    }

    /// With a number behind its label, as soon as that is known.
    pub fn counted(mut self, count: Signal<Option<u64>>) -> Self {
        self.count = Some(count);
        self
    }
}

/// The tabs of the page at this route, and what the current one shows: that which the address names,
/// or the first. `label` names the row of tabs.
pub fn tabbed(route: &Route, label: Words, tabs: Vec<Tab>) -> Node {
    let query = current_query();
    let named = move || query.with(|query| query.get("tab").unwrap_or_default());
    let ids: Rc<[&'static str]> = tabs.iter().map(|tab| tab.id).collect();
    let current = StoredValue::new_local(ids);
    let current = Memo::new(move |_| {
        let named = named();
        current.with_value(|ids| ids.iter().position(|id| *id == named).unwrap_or(0))
    });
    let links: Vec<Node> = tabs
        .iter()
        .enumerate()
        .map(|(at, tab)| link(route, at, tab, current))
        .collect();
    view! {
        <nav class="tabs" aria-label=label>
            <ul>{links}</ul>
        </nav>
        {move || tabs.get(current.get()).map(|tab| (tab.view)())}
    }
    .into_node()
}

fn link(route: &Route, at: usize, tab: &Tab, current: Memo<usize>) -> Node {
    let (label, count) = (tab.label, tab.count);
    let count = move || {
        count.and_then(|count| count.get()).map(|count| {
            let shown = format::number(count as f64);
            view! { <span class="tab-count">{shown}</span> }
        })
    };
    view! {
        <li>
            <a
                class="tab"
                href=format!("#{}", route.tab(tab.id))
                target="_self"
                aria-current=move || (current.get() == at).then_some("page")
            >
                {label}
                {count}
            </a>
        </li>
    }
    .into_node()
}
