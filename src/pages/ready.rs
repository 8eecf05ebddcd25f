//! Ready filters above a list, for housekeeping: what nobody needs, and what costs most.

use crate::i18n::Words;
use crate::router::{current_path, current_query};
use crate::ui::view;
use leptos::prelude::*;
use std::rc::Rc;

/// Words, and what stands in the address behind the `?`; empty for the whole list. What begins with
/// a slash leads to another page.
pub type View = (Words, String);

fn pairs(address: &str) -> impl Iterator<Item = (&str, &str)> {
    address.split('&').filter_map(|pair| pair.split_once('='))
}

/// The links. `path` is the route of the list, `label` names the row.
pub fn row(path: &'static str, label: Words, views: Vec<View>) -> AnyView {
    let here = current_path();
    let query = current_query();
    let views: Rc<[View]> = views.into();
    let is_at = move |address: &str| {
        query.with(|query| {
            pairs(address).all(|(name, value)| query.get(name).as_deref() == Some(value))
        })
    };
    let links = views
        .iter()
        .map(|(words, address)| {
            let (words, address, all) = (*words, address.clone(), Rc::clone(&views));
            let href = match address.as_str() {
                "" => format!("#{path}"),
                other if other.starts_with('/') => format!("#{other}"),
                query => format!("#{path}?{query}"),
            };
            let is_current = move || {
                here.track();
                match address.as_str() {
                    "" => all
                        .iter()
                        .filter(|(_, other)| !other.is_empty() && !other.starts_with('/'))
                        .all(|(_, other)| !is_at(other)),
                    other if other.starts_with('/') => false,
                    query => is_at(query),
                }
            };
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
            .into_any()
        })
        .collect::<Vec<_>>();
    view! {
        <nav class="chip-links" aria-label=label>
            <ul>{links}</ul>
        </nav>
    }
    .into_any()
}
