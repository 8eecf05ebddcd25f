//! The head of a page, and the parts that pages are made of.

use super::icon::icon;
use crate::address::route::Route;
use crate::browser::only_one;
use crate::i18n::{Words, t};
use crate::ui::{IntoNode, Node, view};
use leptos::html;
use leptos::prelude::*;
use std::cell::Cell;

thread_local! {
    static WINDOW_OWNER: Cell<Option<RwSignal<String>>> = const { Cell::new(None) };
}

/// Whose pages this window shows, as its title names them behind the page: tabs of several homeservers
/// are told apart by it. Empty where nobody is to be named.
pub fn window_owner() -> RwSignal<String> {
    only_one::get(&WINDOW_OWNER, || RwSignal::new(String::new()))
}

/// The heading of a page with its actions. Sets the title of the window, and takes the focus
/// when the page is opened, so that a screen reader begins here.
#[component]
pub fn PageHeader(
    #[prop(into)] title: Signal<String>,
    /// What the page is for, in a sentence.
    #[prop(optional, into)]
    lead: Option<Signal<String>>,
    /// The page above this one.
    #[prop(optional)]
    back: Option<Route>,
    /// Stands before the heading: an avatar.
    #[prop(optional, into)]
    picture: ViewFnOnce,
    /// Stands under the heading: an identifier, badges.
    #[prop(optional, into)]
    below: ViewFnOnce,
    /// The buttons of the page.
    #[prop(optional)]
    children: Option<Children>,
) -> impl IntoView {
    let heading: NodeRef<html::H1> = NodeRef::new();
    Effect::new(move |_| {
        let mut words = vec![title.get(), window_owner().get(), t::app_name()];
        words.retain(|word| !word.is_empty());
        document().set_title(&words.join(" · "));
    });
    Effect::new(move |_| {
        if let Some(heading) = heading.get() {
            // Cannot fail for an element in the page that has a tabindex.
            let _ = heading.focus();
        }
    });
    view! {
        <header class="page-header">
            {back
                .map(|above| {
                    view! {
                        <a class="page-back" href=format!("#{above}") target="_self">
                            {icon("chevron-left")}
                            <span>{above.title()}</span>
                        </a>
                    }
                })}
            <div class="page-heading">
                {picture.run()}
                <div class="page-titles">
                    <h1 node_ref=heading tabindex="-1">
                        {title}
                    </h1>
                    {below.run()}
                    {lead.map(|lead| view! { <p class="page-lead">{lead}</p> })}
                </div>
                {children.map(|children| view! { <div class="page-actions">{children()}</div> })}
            </div>
        </header>
    }
}

/// A part of a page with a heading of its own.
#[component]
pub fn Card(
    #[prop(optional, into)] title: Option<Signal<String>>,
    children: Children,
) -> impl IntoView {
    let id = super::ids::fresh("card");
    let labelled = title.is_some().then(|| id.clone());
    view! {
        <section class="card" aria-labelledby=labelled>
            {title.map(|title| view! { <h2 class="card-title" id=id>{title}</h2> })}
            {children()}
        </section>
    }
}

/// A number that matters, with its name.
#[component]
pub fn Stat(
    #[prop(into)] label: Signal<String>,
    #[prop(into)] value: Signal<String>,
    /// A word more: "of 320 users".
    #[prop(optional, into)]
    note: Option<Signal<String>>,
) -> impl IntoView {
    view! {
        <div class="stat">
            <span class="stat-label">{label}</span>
            <span class="stat-value">{value}</span>
            {note.map(|note| view! { <span class="stat-note">{note}</span> })}
        </div>
    }
}

/// One line of [`facts`].
pub fn fact(label: Words, value: impl IntoNode) -> Node {
    fact_row(label, value.into_node())
}

fn fact_row(label: Words, value: Node) -> Node {
    view! {
        <div class="fact">
            <dt>{label}</dt>
            <dd>{value}</dd>
        </div>
    }
    .into_node()
}

/// What is known of one thing, as a list of names and values.
pub fn facts(rows: Vec<Node>) -> Node {
    view! { <dl class="facts">{rows}</dl> }.into_node()
}

/// A grey area in place of what is being loaded, with so many lines.
pub fn skeleton(lines: usize) -> Node {
    let lines = (0..lines)
        .map(|_| view! { <span class="skeleton-line"></span> })
        .collect_view();
    view! {
        <div class="skeleton" role="status">
            <span class="visually-hidden">{t::loading}</span>
            {lines}
        </div>
    }
    .into_node()
}
