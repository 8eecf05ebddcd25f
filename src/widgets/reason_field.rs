//! The field for why something that was said, or somebody, is removed.

use crate::components::field::Field;
use crate::i18n::t;
use crate::ui::{IntoNode, Node, view};
use leptos::prelude::*;

/// The reason, as it is written: everybody in the rooms can read it. A handle: copies are the same.
#[derive(Clone, Copy)]
pub struct WrittenReason(RwSignal<String>);

impl WrittenReason {
    /// None as yet.
    pub fn none() -> Self {
        WrittenReason(RwSignal::new(String::new()))
    }

    /// The field in which it is written, with who reads it.
    pub fn view(self) -> Node {
        view! {
            <Field
                label=t::act_redact_reason
                hint=Signal::derive(t::act_redact_reason_hint)
                value=self.0
            />
        }
        .into_node()
    }

    /// What has been written, if anything. Not reactive.
    pub fn text(self) -> Option<String> {
        let text = self.0.with_untracked(|text| text.trim().to_owned());
        Some(text).filter(|text| !text.is_empty())
    }
}
