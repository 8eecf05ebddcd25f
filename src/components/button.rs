//! Buttons. A plain `<button class="button" data-kind="primary">` looks the same; these add a
//! busy state that keeps the focus where it is.

use super::icon::icon;
use crate::i18n::Words;
use crate::ui::{IntoNode, Node, view};
use leptos::prelude::*;
use std::rc::Rc;

/// How loud a button is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ButtonKind {
    /// The one thing to do here.
    Primary,
    #[default]
    Secondary,
    /// Without a frame, for tool bars and rows.
    Quiet,
    /// What cannot be undone.
    Danger,
}

impl ButtonKind {
    /// The value of `data-kind`.
    pub fn name(self) -> &'static str {
        match self {
            ButtonKind::Primary => "primary",
            ButtonKind::Secondary => "secondary",
            ButtonKind::Quiet => "quiet",
            ButtonKind::Danger => "danger",
        }
    }
}

/// A button with words. While `busy` it shows so and does nothing.
#[component]
pub fn Button(
    #[prop(into)] label: Signal<String>,
    /// A name in the sprite.
    #[prop(optional)]
    icon: &'static str,
    #[prop(optional)] kind: ButtonKind,
    #[prop(optional, into)] busy: Signal<bool>,
    #[prop(optional, into)] disabled: Signal<bool>,
    on_press: impl Fn() + 'static,
) -> impl IntoView {
    button(label, icon, kind, busy, disabled, false, Box::new(on_press))
}

/// A button that is only an icon; `label` is its name and its tooltip.
#[component]
pub fn IconButton(
    #[prop(into)] label: Signal<String>,
    icon: &'static str,
    #[prop(default = ButtonKind::Quiet)] kind: ButtonKind,
    #[prop(optional, into)] busy: Signal<bool>,
    #[prop(optional, into)] disabled: Signal<bool>,
    on_press: impl Fn() + 'static,
) -> impl IntoView {
    button(label, icon, kind, busy, disabled, true, Box::new(on_press))
}

fn button(
    label: Signal<String>,
    picture: &'static str,
    kind: ButtonKind,
    busy: Signal<bool>,
    disabled: Signal<bool>,
    icon_only: bool,
    on_press: Box<dyn Fn()>,
) -> Node {
    let press = move |_| {
        if !busy.get_untracked() && !disabled.get_untracked() {
            on_press();
        }
    };
    let busy = move || busy.get().then_some("true");
    let picture = (!picture.is_empty()).then(|| icon(picture));
    if icon_only {
        view! {
            <button
                type="button"
                class="icon-button"
                data-kind=kind.name()
                aria-label=label
                title=label
                aria-busy=busy
                disabled=disabled
                on:click=press
            >
                {picture}
            </button>
        }
        .into_node()
    } else {
        view! {
            <button
                type="button"
                class="button"
                data-kind=kind.name()
                aria-busy=busy
                disabled=disabled
                on:click=press
            >
                {picture}
                <span>{label}</span>
            </button>
        }
        .into_node()
    }
}

/// A link that looks like a button. `to` is a route: `/users/new`.
#[component]
pub fn ButtonLink(
    #[prop(into)] to: Signal<String>,
    #[prop(into)] label: Signal<String>,
    #[prop(optional)] icon: &'static str,
    #[prop(optional)] kind: ButtonKind,
) -> impl IntoView {
    let picture = (!icon.is_empty()).then(|| super::icon::icon(icon));
    view! {
        <a
            class="button"
            data-kind=kind.name()
            href=move || format!("#{}", to.get())
            target="_self"
        >
            {picture}
            <span>{label}</span>
        </a>
    }
}

/// A row of a card: what it does, in a sentence, with `more` behind it, and the button that does
/// it, or the reason why it cannot be done.
pub fn action_row(
    picture: &'static str,
    label: Words,
    sentence: Words,
    more: Option<Node>,
    kind: ButtonKind,
    reason: Option<String>,
    on_press: Rc<dyn Fn()>,
) -> Node {
    let disabled = reason.is_some();
    view! {
        <div class="action-row">
            <div class="action-text">
                <strong>{label}</strong>
                <p>{sentence}</p>
                {more}
                {reason.map(|reason| view! { <p class="action-reason">{reason}</p> })}
            </div>
            <Button
                label=Signal::derive(label)
                icon=picture
                kind
                disabled=disabled
                on_press=move || on_press()
            />
        </div>
    }
    .into_node()
}
