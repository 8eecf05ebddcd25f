//! Ready filters above a list, for housekeeping: what nobody needs, and what costs most.

use super::spec::lacking;
use crate::address::route::Route;
use crate::browser::navigation::{current_path, current_query};
use crate::i18n::{Words, t};
use crate::listing::needs::Needs;
use crate::ui::{IntoNode, Node, view};
use leptos::prelude::*;
use std::collections::BTreeMap;
use std::sync::Arc;

/// A ready view of a list: a name for some filters and an order.
pub struct View {
    pub words: Words,
    /// What stands in the address behind the `?`; empty for the whole list. What begins with a
    /// slash leads to another page.
    pub address: String,
    /// What its answer rests on and what it does not say, in a sentence or two, where what it is
    /// called could be taken for more.
    pub basis: Option<Words>,
}

impl View {
    /// A filter that means what it is called.
    pub fn new(words: Words, address: impl Into<String>) -> Self {
        View {
            words,
            address: address.into(),
            basis: None,
        }
    }

    /// Says what the answer of the view rests on.
    pub fn resting_on(mut self, basis: Words) -> Self {
        self.basis = Some(basis);
        self
    }
}

fn pairs(address: &str) -> impl Iterator<Item = (&str, &str)> {
    address.split('&').filter_map(|pair| pair.split_once('='))
}

/// What tells a view: what it finds, without the order, which stands last. Whoever sorts the rows
/// otherwise still looks at the view; of one that finds everything the order is what tells it.
fn marks(address: &str) -> &str {
    address.split("&sort=").next().unwrap_or_default()
}

/// The links, and below them what the current one rests on. `list` is where the
/// list is, `label` names the row. Those that rest on what this server does not tell are no links:
/// the reason stands below the others.
pub fn row(list: Route, label: Words, needs: Needs, views: Vec<View>) -> Node {
    let why = move |address: &str| {
        let mut features = needs.of_address(address).into_iter();
        features.find_map(|feature| lacking(Some(feature)))
    };
    let here = current_path();
    let query = current_query();
    let views: Arc<[View]> = views.into();
    let is_at = move |address: &str| {
        query.with(|query| {
            pairs(marks(address)).all(|(name, value)| query.get(name).as_deref() == Some(value))
        })
    };
    // One view may ask for all that another asks for, and more.
    let current = {
        let views = Arc::clone(&views);
        Memo::new(move |_: Option<&String>| {
            here.track();
            let is_here = |view: &&View| {
                let here = !view.address.is_empty() && !view.address.starts_with('/');
                here && is_at(&view.address)
            };
            let found = views.iter().filter(is_here);
            let found = found.max_by_key(|view| pairs(marks(&view.address)).count());
            found.map(|view| view.address.clone()).unwrap_or_default()
        })
    };
    let basis = {
        let views = Arc::clone(&views);
        move || {
            let current = current.get();
            let view = views.iter().find(|view| view.address == current)?;
            let basis = view.basis?;
            Some(view! { <p class="view-basis">{basis}</p> }.into_node())
        }
    };
    let link = move |view: &View| {
        let (words, address) = (view.words, view.address.clone());
        let href = match address.as_str() {
            other if other.starts_with('/') => format!("#{other}"),
            query => format!("#{}", list.at(query)),
        };
        let is_current = move || current.with(|current| *current == address);
        view! {
            <li>
                <a
                    class="chip-link"
                    href=href
                    target="_self"
                    aria-current=move || is_current().then_some("true")
                >
                    {words}
                </a>
            </li>
        }
        .into_node()
    };
    let links = {
        let views = Arc::clone(&views);
        move || {
            let can = views.iter().filter(|view| why(&view.address).is_none());
            can.map(&link).collect::<Vec<_>>()
        }
    };
    let lacks = move || {
        let mut by_reason: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for view in views.iter() {
            if let Some(why) = why(&view.address) {
                by_reason.entry(why).or_default().push((view.words)());
            }
        }
        let line = |(why, names): (String, Vec<String>)| {
            view! { <p class="view-basis">{t::list_view_lacks(&names.join(", "), &why)}</p> }
                .into_node()
        };
        let lines: Vec<Node> = by_reason.into_iter().map(line).collect();
        (!lines.is_empty()).then(|| view! { <div>{lines}</div> }.into_node())
    };
    view! {
        <nav class="chip-links" aria-label=label>
            <ul>{links}</ul>
        </nav>
        {lacks}
        <div aria-live="polite">{basis}</div>
    }
    .into_node()
}
