//! A button that opens a small panel, on the browser's own `popover`.

use super::icon::icon;
use super::ids::fresh;
use crate::i18n::Words;
use crate::ui::{IntoNode, Node, view};
use leptos::html;
use leptos::prelude::*;
use std::cell::Cell;
use std::rc::Rc;
use wasm_bindgen::JsCast;
use wasm_bindgen_futures::spawn_local;
use web_sys::{Element, HtmlElement};

/// The room between button and panel, and around the panel, in pixels.
const GAP: f64 = 6.0;

/// A button with a panel. Esc and a click elsewhere close it; what is inside exists always, but
/// is not rendered while closed.
#[component]
pub fn Menu(
    #[prop(into)] label: Signal<String>,
    /// A name in the sprite.
    #[prop(default = "more")]
    picture: &'static str,
    /// Shows the label beside the icon.
    #[prop(optional)]
    with_text: bool,
    /// `data-kind` of the button.
    #[prop(optional)]
    kind: super::button::ButtonKind,
    /// A small number beside the label; 0 is not shown.
    #[prop(optional, into)]
    count: Signal<usize>,
    children: ChildrenFn,
) -> impl IntoView {
    let id = fresh("menu");
    let target = id.clone();
    let button: NodeRef<html::Button> = NodeRef::new();
    let panel: NodeRef<html::Div> = NodeRef::new();
    let open = RwSignal::new(false);
    // Whether it was opened to be walked through by keys.
    let by_keys = StoredValue::new(false);
    let is_new = Cell::new(true);
    let own_id = id.clone();
    let content = move || {
        // In a list that is brought up to date by place it takes the place of another, which the person may have
        // opened. Only a panel that is in the page already can be open.
        let stands_open = || {
            document()
                .get_element_by_id(&own_id)?
                .matches(":popover-open")
                .ok()
        };
        if is_new.replace(false) && stands_open() == Some(true) {
            open.set(true);
        }
        open.get().then(|| children())
    };
    let on_toggle = move |_| {
        // The page may have been left with the menu open.
        let (Some(Some(button)), Some(Some(panel))) =
            (button.try_get_untracked(), panel.try_get_untracked())
        else {
            return;
        };
        let is_open = panel.matches(":popover-open").unwrap_or(false);
        open.set(is_open);
        if is_open {
            spawn_local(async move {
                // What is inside must be there to know how large it is.
                leptos::task::tick().await;
                place(&button, &panel);
                if by_keys.try_get_value() == Some(true) {
                    by_keys.set_value(false);
                    focus_first(&panel);
                }
            });
        }
    };
    let into_panel = move |event: leptos::ev::KeyboardEvent| {
        let Some(Some(panel)) = panel.try_get_untracked() else {
            return;
        };
        if event.key() != "ArrowDown" {
            return;
        }
        event.prevent_default();
        if open.get_untracked() {
            return focus_first(&panel);
        }
        by_keys.set_value(true);
        // Open already is as good.
        let _ = panel.show_popover();
    };
    let on_click = move |event: leptos::ev::MouseEvent| {
        let item = event
            .target()
            .and_then(|target| target.dyn_into::<Element>().ok())
            .and_then(|element| element.closest(".menu-item").ok().flatten());
        // What was pressed may lead to another page.
        if let (Some(_), Some(Some(panel))) = (item, panel.try_get_untracked()) {
            // Already closed is as good.
            let _ = panel.hide_popover();
        }
    };
    view! {
        <button
            node_ref=button
            type="button"
            class=if with_text { "button" } else { "icon-button" }
            data-kind=kind.name()
            aria-label=move || (!with_text).then(|| label.get())
            title=move || (!with_text).then(|| label.get())
            aria-expanded=move || open.get().to_string()
            popovertarget=target
            on:keydown=into_panel
        >
            {icon(picture)}
            {with_text.then(|| view! { <span>{label}</span> })}
            {move || {
                (count.get() > 0).then(|| view! { <span class="count">{count.get()}</span> })
            }}
        </button>
        <div
            node_ref=panel
            class="menu-panel"
            id=id
            popover="auto"
            role="group"
            aria-label=label
            on:toggle=on_toggle
            on:click=on_click
            on:keydown=arrows
        >
            {content}
        </div>
    }
}

/// Puts the panel under the button, or above it where there is no room below, inside the window.
fn place(button: &HtmlElement, panel: &HtmlElement) {
    let Some(root) = document().document_element() else {
        return;
    };
    // As large as it wants to be, not as it was placed the last time.
    let _ = panel.style().remove_property("max-height");
    // Without scroll bars, unlike the size of the window.
    let (width, height) = (
        f64::from(root.client_width()),
        f64::from(root.client_height()),
    );
    let at = button.get_bounding_client_rect();
    let panel_width = f64::from(panel.offset_width());
    let panel_height = f64::from(panel.offset_height());
    let left_edge = if at.left() + panel_width + GAP <= width {
        at.left()
    } else {
        at.right() - panel_width
    };
    let left = left_edge.min(width - panel_width - GAP).max(GAP);
    let below = at.bottom() + GAP;
    let (top, room) = if below + panel_height <= height || at.top() < height - at.bottom() {
        (below, height - below - GAP)
    } else {
        let top = (at.top() - GAP - panel_height).max(GAP);
        (top, at.top() - GAP - top)
    };
    let style = panel.style();
    for (name, value) in [("left", left), ("top", top), ("max-height", room)] {
        // Refused only for a name that CSS does not know.
        let _ = style.set_property(name, &format!("{value}px"));
    }
}

/// Goes to the first thing in the panel.
fn focus_first(panel: &HtmlElement) {
    let first = panel.query_selector(FOCUSABLE).ok().flatten();
    if let Some(first) = first.and_then(|first| first.dyn_into::<HtmlElement>().ok()) {
        // Cannot fail for what the selector finds.
        let _ = first.focus();
    }
}

/// What can be focused in a panel.
const FOCUSABLE: &str = "button:not(:disabled), a[href], input, select";

/// Arrow keys move between what can be focused in the panel.
fn arrows(event: leptos::ev::KeyboardEvent) {
    let step = match event.key().as_str() {
        "ArrowDown" => 1,
        "ArrowUp" => -1,
        _ => return,
    };
    let active = document().active_element();
    // In fields the arrows have a meaning of their own.
    if active
        .as_ref()
        .is_some_and(|element| element.matches("select, input:not([type=checkbox])") == Ok(true))
    {
        return;
    }
    let Some(panel) = event
        .current_target()
        .and_then(|target| target.dyn_into::<Element>().ok())
    else {
        return;
    };
    let Ok(list) = panel.query_selector_all(FOCUSABLE) else {
        return;
    };
    let items: Vec<HtmlElement> = (0..list.length())
        .filter_map(|index| list.get(index)?.dyn_into().ok())
        .collect();
    if items.is_empty() {
        return;
    }
    event.prevent_default();
    let here = items.iter().position(|item| {
        active
            .as_ref()
            .is_some_and(|active| active == item.as_ref())
    });
    let count = items.len() as i32;
    let next = match here {
        Some(here) => (here as i32 + step).rem_euclid(count),
        None if step > 0 => 0,
        None => count - 1,
    };
    // Cannot fail for what the selector finds.
    let _ = items[next as usize].focus();
}

/// Something to do, in a menu. Closes it.
pub fn menu_item(picture: &'static str, label: Words, on_press: impl Fn() + 'static) -> Node {
    item(picture, label, false, Box::new(on_press))
}

/// An entry of a menu that leads to another page.
pub fn menu_link(picture: &'static str, label: Words, route: &str) -> Node {
    view! {
        <a class="menu-item" href=format!("#{route}") target="_self">
            {icon(picture)}
            <span>{label}</span>
        </a>
    }
    .into_node()
}

/// Something to do that cannot be undone.
pub fn menu_item_danger(
    picture: &'static str,
    label: Words,
    on_press: impl Fn() + 'static,
) -> Node {
    item(picture, label, true, Box::new(on_press))
}

/// Something to do that may have a reason why it cannot be done.
pub fn menu_action(
    picture: &'static str,
    label: Words,
    danger: bool,
    reason: Option<String>,
    on_press: Rc<dyn Fn()>,
) -> Node {
    view! {
        <button
            type="button"
            class="menu-item"
            data-tone=danger.then_some("bad")
            disabled=reason.is_some()
            on:click=move |_| on_press()
        >
            {icon(picture)}
            <span>
                {label}
                {reason.map(|reason| view! { <small class="menu-note">{reason}</small> })}
            </span>
        </button>
    }
    .into_node()
}

fn item(picture: &'static str, label: Words, danger: bool, on_press: Box<dyn Fn()>) -> Node {
    view! {
        <button
            type="button"
            class="menu-item"
            data-tone=danger.then_some("bad")
            on:click=move |_| on_press()
        >
            {icon(picture)}
            <span>{label}</span>
        </button>
    }
    .into_node()
}
