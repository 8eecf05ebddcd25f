//! The dialog that adds an address or an identity to an account, whoever keeps them.

use crate::api::ApiError;
use crate::components::field::{Choice, Field, SelectField};
use crate::components::form_dialog::{FormDialog, SentFields};
use crate::i18n::t;
use crate::runner::Step;
use crate::ui::{IntoNode, Node, view};
use leptos::prelude::*;
use std::rc::Rc;

/// The kind that is chosen at first.
pub const EMAIL: &str = "email";
/// The kind for which a provider is named as well.
pub const IDENTITY: &str = "identity";

/// What is filled in. A handle: copies are the same.
#[derive(Clone, Copy)]
pub struct AddressForm {
    pub open: RwSignal<bool>,
    pub kind: RwSignal<String>,
    pub provider: RwSignal<String>,
    /// What is wrong with what was typed.
    pub wrong: RwSignal<Option<String>>,
    /// While true, it is asked whose the address is.
    pub busy: RwSignal<bool>,
    /// What becomes of what was typed once it was sent.
    pub fields: SentFields,
    text: RwSignal<String>,
}

impl AddressForm {
    /// The form of the dialog that `open` opens, with this provider at first.
    pub fn new(open: RwSignal<bool>, provider: String) -> Self {
        let text = RwSignal::new(String::new());
        AddressForm {
            open,
            kind: RwSignal::new(EMAIL.to_owned()),
            provider: RwSignal::new(provider),
            wrong: RwSignal::new(None),
            busy: RwSignal::new(false),
            fields: SentFields::new(open, move || text.set(String::new())),
            text,
        }
    }

    /// Whether it is about an identity. Reactive.
    fn is_identity(self) -> bool {
        self.kind.with(|kind| kind == IDENTITY)
    }

    /// The address that was typed. Not reactive.
    pub fn typed(self) -> String {
        self.text.with_untracked(|text| text.trim().to_owned())
    }

    /// The dialog; `provider` is where the provider of an identity is filled in, and `on_submit` closes it.
    pub fn dialog(
        self,
        kinds: Vec<Choice>,
        provider: impl Fn() -> Node + Send + Sync + 'static,
        on_submit: Rc<dyn Fn()>,
    ) -> Node {
        let provider = StoredValue::new(provider);
        let provider = move || {
            self.is_identity()
                .then(|| provider.with_value(|provider| provider()))
        };
        let label = move || match self.is_identity() {
            true => t::contact_external_id(),
            false => t::contact_address(),
        };
        view! {
            <FormDialog
                open=self.open
                title=t::contact_add
                action=t::contact_add
                busy=self.busy
                stays=true
                on_submit
            >
                <SelectField label=t::contact_kind value=self.kind options=kinds.clone() />
                {provider}
                <Field
                    label=Signal::derive(label)
                    value=self.text
                    error=self.wrong
                    on_input=Callback::new(move |()| self.wrong.set(None))
                />
            </FormDialog>
        }
        .into_node()
    }
}

/// What becomes of an account whose addresses are changed.
pub fn stepped(outcome: Result<(), ApiError>) -> Step {
    match outcome {
        Ok(()) => Step::Done,
        Err(error) => Step::from_error(error),
    }
}
