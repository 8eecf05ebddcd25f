//! Links to pages of ours.
//!
//! They are plain `<a href="#/…" target="_self">`: with a target the router leaves the click to the
//! browser, so copying, middle click and "open in new tab" work by themselves.

use super::icon::icon;
use crate::browser::navigation::current_path;
use crate::ui::{IntoNode, Node, view};
use leptos::prelude::*;

/// A link to a route, such as `/users?page=2`; `class` may be empty.
pub fn link(route: &str, class: &'static str, content: impl IntoNode) -> Node {
    plain(route, class, None, content.into_node())
}

/// A link to a route with a title that says more than it shows.
pub fn link_titled(
    route: &str,
    class: &'static str,
    title: String,
    content: impl IntoNode,
) -> Node {
    plain(route, class, Some(title), content.into_node())
}

/// A link that is an icon; `name` says where it leads.
pub fn link_icon(route: &str, name: Signal<String>, picture: &'static str) -> Node {
    view! {
        <a
            class="icon-button"
            href=format!("#{route}")
            target="_self"
            title=name
            aria-label=name
        >
            {icon(picture)}
        </a>
    }
    .into_node()
}

/// A link to what may be shown already.
pub fn link_current(
    route: &str,
    class: &'static str,
    is_current: bool,
    content: impl IntoNode,
) -> Node {
    let current = is_current.then_some("true");
    let content = content.into_node();
    view! {
        <a class=class href=format!("#{route}") target="_self" aria-current=current>
            {content}
        </a>
    }
    .into_node()
}

fn plain(route: &str, class: &'static str, title: Option<String>, content: Node) -> Node {
    let class = (!class.is_empty()).then_some(class);
    view! {
        <a class=class href=format!("#{route}") target="_self" title=title>
            {content}
        </a>
    }
    .into_node()
}

/// A link to a route. `aria-current="page"` while its page, or one below it, is shown.
#[component]
pub fn Link(
    /// The route: `/users`.
    #[prop(into)]
    to: Signal<String>,
    #[prop(optional, into)] class: &'static str,
    children: Children,
) -> impl IntoView {
    let path = current_path();
    let current = move || {
        let to = to.get();
        let target = to.split('?').next().unwrap_or_default().to_owned();
        let here = path.get();
        (here == target || here.starts_with(&format!("{target}/"))).then_some("page")
    };
    view! {
        <a class=class href=move || format!("#{}", to.get()) target="_self" aria-current=current>
            {children()}
        </a>
    }
}
