//! An error that stays where it happened: what, what to do, the details, and another try.

use super::icon::icon;
use crate::i18n::errors::Explained;
use crate::i18n::t;
use crate::ui::{IntoNode, Node, view};
use leptos::prelude::*;

/// An explained error, with a "Retry" button if there is something to call.
pub fn failure(explained: Explained, on_retry: Option<UnsyncCallback<()>>) -> Node {
    let Explained {
        sentence,
        hint,
        details,
    } = explained;
    view! {
        <div class="notice" data-tone="bad" role="alert">
            {icon("alert")}
            <div class="notice-body">
                <p class="notice-title">{sentence}</p>
                {(!hint.is_empty()).then(|| view! { <p>{hint}</p> })}
                {(!details.is_empty())
                    .then(|| {
                        view! {
                            <details class="failure-details">
                                <summary>{t::details}</summary>
                                <pre tabindex="0">{details}</pre>
                            </details>
                        }
                    })}
                {on_retry
                    .map(|retry| {
                        view! {
                            <div class="notice-actions">
                                <button type="button" class="button" on:click=move |_| retry.run(())>
                                    {icon("refresh")}
                                    <span>{t::retry}</span>
                                </button>
                            </div>
                        }
                    })}
            </div>
        </div>
    }
    .into_node()
}
