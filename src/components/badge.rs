//! Small marks for a state: "Admin", "Deactivated".

use super::icon::icon;
use crate::i18n::{Words, t};
use crate::ui::{IntoNode, Node, view};

/// What a mark says about the thing it stands at.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Tone {
    #[default]
    Neutral,
    /// Special, neither good nor bad.
    Accent,
    Good,
    Warning,
    Bad,
}

impl Tone {
    /// The value of `data-tone`.
    pub fn name(self) -> &'static str {
        match self {
            Tone::Neutral => "neutral",
            Tone::Accent => "accent",
            Tone::Good => "good",
            Tone::Warning => "warning",
            Tone::Bad => "bad",
        }
    }
}

/// A mark in words. Its colour only repeats what it says.
pub fn badge(tone: Tone, label: Words) -> Node {
    view! {
        <span class="badge" data-tone=tone.name()>
            {label}
        </span>
    }
    .into_node()
}

/// A mark whose words come from elsewhere, such as a user type.
pub fn badge_text(tone: Tone, text: String) -> Node {
    view! {
        <span class="badge" data-tone=tone.name()>
            {text}
        </span>
    }
    .into_node()
}

/// Yes as a tick, no as nothing to look at; both have their word.
pub fn tick(yes: bool) -> Node {
    if yes {
        view! {
            <span class="tick" data-yes="true">
                {icon("check")}
                <span class="visually-hidden">{t::yes}</span>
            </span>
        }
        .into_node()
    } else {
        view! {
            <span class="tick">
                <span aria-hidden="true">"–"</span>
                <span class="visually-hidden">{t::no}</span>
            </span>
        }
        .into_node()
    }
}
