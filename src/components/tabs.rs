//! Tabs of a page: links, so each has an address.

use crate::i18n::Words;
use crate::ui::{IntoNode, view};
use leptos::prelude::*;

/// One tab of a page: its name in the address and its label.
#[derive(Clone)]
pub struct Tab {
    /// The value of `?tab=`; empty for the first.
    pub id: &'static str,
    pub label: Words,
    /// Shown behind the label, if known.
    pub count: Option<Signal<Option<u64>>>,
}

impl Tab {
    /// A tab without a number.
    pub fn new(id: &'static str, label: Words) -> Self {
        Tab {
            id,
            label,
            count: None,
        }
    }
}

/// The tab that the address names: the value of `?tab=`, empty for the first. Reactive.
pub fn current_tab() -> Memo<String> {
    let query = crate::browser::navigation::current_query();
    Memo::new(move |_| query.with(|query| query.get("tab").unwrap_or_default()))
}

/// The tabs. `path` is the route of the page without its query.
#[component]
pub fn Tabs(
    #[prop(into)] path: Signal<String>,
    tabs: Vec<Tab>,
    #[prop(into)] label: Signal<String>,
) -> impl IntoView {
    let current = current_tab();
    let links = tabs
        .into_iter()
        .map(|tab| {
            let Tab { id, label, count } = tab;
            let href = move || match id {
                "" => format!("#{}", path.get()),
                id => format!("#{}?tab={id}", path.get()),
            };
            let count = move || {
                count.and_then(|count| count.get()).map(|count| {
                    let shown = crate::i18n::format::number(count as f64);
                    view! { <span class="tab-count">{shown}</span> }
                })
            };
            view! {
                <li>
                    <a
                        class="tab"
                        href=href
                        target="_self"
                        aria-current=move || (current.get() == id).then_some("page")
                    >
                        {label}
                        {count}
                    </a>
                </li>
            }
            .into_node()
        })
        .collect_view();
    view! {
        <nav class="tabs" aria-label=label>
            <ul>{links}</ul>
        </nav>
    }
}
