//! The question before a change: what it hits, and what has to be done for it to happen.

use crate::components::button::ButtonKind;
use crate::components::confirm::Confirm;
use crate::operations::{Confirmation, Operations, Proposal};
use crate::ui::{IntoNode, view};
use leptos::prelude::*;

/// Shows whatever is proposed to [`Operations`].
#[component]
pub fn ProposalDialog() -> impl IntoView {
    let proposed = Operations::get().proposed;
    let open = RwSignal::new(false);
    Effect::new(move |_| open.set(proposed.with(Option::is_some)));
    // The session may end meanwhile: it is no question to whoever signs in next.
    on_cleanup(move || proposed.set(None));
    Effect::new(move |_| {
        // Setting it anew would wake the effect above, and that one this, for ever.
        if !open.get() && proposed.with_untracked(Option::is_some) {
            proposed.set(None);
        }
    });
    view! {
        {move || {
            proposed
                .get()
                .map(|proposal| {
                    let Proposal { title, sentence, facts, action, danger, confirmation, fields, run } = proposal;
                    let incomplete = fields.as_ref().map(|fields| fields.incomplete).unwrap_or_default();
                    let expected = match confirmation {
                        Confirmation::Type(text) => text,
                        _ => String::new(),
                    };
                    let facts = facts
                        .into_iter()
                        .map(|(name, value)| {
                            view! {
                                <div class="fact">
                                    <dt>{name}</dt>
                                    <dd>{value}</dd>
                                </div>
                            }
                        })
                        .collect_view()
                        .into_node();
                    let facts = StoredValue::new_local(Some(facts));
                    let more = StoredValue::new_local(fields.map(|fields| fields.view));
                    view! {
                        <Confirm
                            open
                            title=Signal::stored(title)
                            action=Signal::stored(action)
                            kind=if danger { ButtonKind::Danger } else { ButtonKind::Primary }
                            expected=Signal::stored(expected)
                            blocked=incomplete
                            on_confirm=move |()| {
                                open.set(false);
                                run();
                            }
                        >
                            <p>{sentence.clone()}</p>
                            <dl class="facts">{facts.try_update_value(Option::take).flatten()}</dl>
                            {more.with_value(|more| more.as_ref().map(|more| more()))}
                        </Confirm>
                    }
                })
        }}
    }
}
