//! Making a token, and changing one.

use super::{Tokens, standing};
use crate::api::registration_tokens::{
    self as api, LONGEST, Terms, TermsChange, is_addressable, is_token,
};
use crate::api::tolerant::Timestamp;
use crate::api::{ApiError, mas};
use crate::browser::clock::{BrowserRandom, iso, now};
use crate::components::button::Button;
use crate::components::field::{DateTimeField, Field, Preset};
use crate::components::form_dialog::{FormDialog, SentFields};
use crate::i18n::t;
use crate::import::passwords;
use crate::lists::Reading;
use crate::operations::value::Changeable;
use crate::operations::{OnTarget, TargetJob};
use crate::registration_tokens::{AnyToken, SHORTEST, change_at_mas, length, new_at_mas, uses};
use crate::runner::Step;
use crate::ui::{IntoNode, Node, view};
use futures_util::FutureExt;
use leptos::prelude::*;
use std::cell::Cell;
use std::rc::Rc;

/// How long a generated token is, unless somebody wants it otherwise.
const LENGTH: usize = 16;

/// The fields of what a token may be used for.
#[derive(Clone, Copy)]
struct TermFields {
    uses: RwSignal<String>,
    end: RwSignal<Option<Timestamp>>,
    /// Whether something stands in the date that is no date yet.
    unfinished: RwSignal<bool>,
}

impl TermFields {
    fn new() -> Self {
        TermFields {
            uses: RwSignal::new(String::new()),
            end: RwSignal::new(None),
            unfinished: RwSignal::new(false),
        }
    }

    fn set(self, uses: Option<u64>, end: Option<Timestamp>) {
        // Synapse takes 0 for no limit, which the form says by an empty field.
        let uses = uses.filter(|most| *most > 0);
        self.uses
            .set(uses.map(|most| most.to_string()).unwrap_or_default());
        self.end.set(end);
        self.unfinished.set(false);
    }

    /// What is wrong with the number. Reactive.
    fn uses_wrong(self) -> Option<String> {
        let is_number = self.uses.with(|text| uses(text).is_some());
        (!is_number).then(t::token_uses_wrong)
    }

    /// What is wrong with the date. Reactive.
    fn end_wrong(self) -> Option<String> {
        if self.unfinished.get() {
            return Some(t::token_end_unfinished());
        }
        let is_past = self.end.get().is_some_and(|end| end.0 <= now().0);
        is_past.then(t::token_end_past)
    }

    fn is_wrong(self) -> bool {
        self.uses_wrong().is_some() || self.end_wrong().is_some()
    }

    fn terms(self) -> Terms {
        Terms {
            uses_allowed: self.uses.with_untracked(|text| uses(text)).flatten(),
            expiry_time: self.end.get_untracked(),
        }
    }

    fn view(self) -> Node {
        // Before now is the way of the presets; a token ends after now.
        let presets = vec![
            Preset::days(-1, t::token_in_day),
            Preset::days(-7, t::token_in_week),
            Preset::days(-30, t::token_in_month),
        ];
        view! {
            <Field
                label=t::token_most
                hint=t::token_most_hint
                value=self.uses
                error=Signal::derive(move || self.uses_wrong())
            />
            <DateTimeField
                label=t::token_expires
                hint=t::token_expires_hint
                at=self.end
                wrong=self.unfinished
                error=Signal::derive(move || self.end_wrong())
                presets
            />
        }
        .into_node()
    }
}

/// The dialog that makes a token.
pub fn making(tokens: Tokens) -> Node {
    let token = RwSignal::new(String::new());
    let wanted = RwSignal::new(String::new());
    let fields = TermFields::new();
    let typed = SentFields::new(tokens.made, move || {
        token.set(String::new());
        wanted.set(LENGTH.to_string());
        fields.set(None, None);
    })
    .emptied_by_closing();
    let wrong = Signal::derive(move || {
        token.with(|text| {
            let text = text.trim();
            match text {
                "" => None,
                text if !is_addressable(text) => Some(t::token_not_addressable(text)),
                text if !is_token(text) => Some(t::token_wrong(&LONGEST.to_string())),
                _ => None,
            }
        })
    });
    let length_wrong = Signal::derive(move || {
        let is_length = wanted.with(|text| length(text).is_some());
        (!is_length).then(|| t::token_length_wrong(&SHORTEST.to_string(), &LONGEST.to_string()))
    });
    // What has been typed has the length that it has.
    let has_no_length =
        move || length_wrong.get().is_some() && token.with(|text| text.trim().is_empty());
    let incomplete =
        Signal::derive(move || wrong.get().is_some() || has_no_length() || fields.is_wrong());
    let made_up = move || {
        let length = wanted.with_untracked(|text| length(text)).unwrap_or(LENGTH);
        passwords::characters(&BrowserRandom, length)
    };
    let generate = move || token.set(made_up());
    let create = move || {
        let own = token.with_untracked(|text| text.trim().to_owned());
        let made = match own.as_str() {
            // Synapse's own generator can be guessed.
            "" => made_up(),
            _ => own,
        };
        let deed = creating(tokens.mas.get_value(), made.clone(), fields.terms());
        let ended = typed.sent();
        TargetJob::doing(t::token_create_job(&made), vec![made], deed)
            .on_end(move |job| {
                ended(job.is_done());
                tokens.refresh();
            })
            .start();
    };
    view! {
        <FormDialog
            open=tokens.made
            title=t::token_create
            action=t::token_create
            incomplete
            on_submit=Rc::new(create)
        >
            <div class="field-with-button">
                <Field
                    label=t::token_token
                    hint=t::token_token_hint
                    value=token
                    error=wrong
                    mono=true
                />
                <Button label=t::token_generate icon="dice" on_press=generate />
            </div>
            <Field label=t::token_length value=wanted error=length_wrong />
            {fields.view()}
        </FormDialog>
    }
    .into_node()
}

/// Makes a token, at `mas` if that keeps them. Where the answer is lost the server is asked whether it has it.
fn creating(mas: Option<String>, token: String, terms: Terms) -> OnTarget {
    let was_lost = Rc::new(Cell::new(false));
    Rc::new(move |_, network, _| {
        let (token, terms, was_lost) = (token.clone(), terms, Rc::clone(&was_lost));
        let mas = mas.clone();
        async move {
            let made = match &mas {
                None => network.send(api::create(&token, &terms)).await.map(drop),
                Some(base) => {
                    let new = new_at_mas(&token, &terms, iso);
                    network
                        .send(mas::tokens::create(base, &new))
                        .await
                        .map(drop)
                }
            };
            let Err(error) = made else {
                return Step::Done;
            };
            was_lost.set(was_lost.get() || error.may_be_under_way());
            if !was_lost.get() {
                return Step::from_error(error);
            }
            let is_there = match mas {
                None => ApiError::if_there(network.send(api::get(&token)).await)
                    .map(|found| found.is_some()),
                // MAS knows them by their IDs.
                Some(_) => super::all(&Reading::alone())
                    .await
                    .map(|all| all.iter().any(|other| other.token == token)),
            };
            match is_there {
                Ok(true) => Step::Done,
                // Of two that are sent the server refuses one.
                Ok(false) => Step::from_error(error),
                Err(error) => Step::from_error(error),
            }
        }
        .boxed_local()
    })
}

/// The dialog that changes a token.
pub fn changing(tokens: Tokens) -> Node {
    let open = RwSignal::new(false);
    let fields = TermFields::new();
    // What is past already may stay.
    let end_before = RwSignal::new(None::<Timestamp>);
    Effect::new(move |_| {
        if let Some(token) = tokens.edited.get() {
            fields.set(token.uses_allowed, token.expiry_time);
            end_before.set(token.expiry_time);
            open.set(true);
        }
    });
    let incomplete = Signal::derive(move || {
        let same_end = fields.end.get() == end_before.get() && !fields.unfinished.get();
        fields.uses_wrong().is_some() || (fields.end_wrong().is_some() && !same_end)
    });
    let save = move || {
        let Some(before) = tokens.edited.get_untracked() else {
            return;
        };
        tokens.edited.set(None);
        // The empty field stands for 0 as well: untouched, it changes nothing. At Matrix Authentication Service 0 lets
        // nobody in, and no limit everybody.
        let mut shown = before.terms();
        shown.uses_allowed = shown.uses_allowed.filter(|most| *most > 0);
        let wanted = TermsChange::between(&shown, &fields.terms());
        change(tokens, before, wanted);
    };
    let title = move || {
        let token = tokens.edited.get().map(|token| token.token);
        token.map_or_else(t::token_edit, |token| t::token_edit_title(&token))
    };
    view! {
        <FormDialog
            open
            title=Signal::derive(title)
            about_picked=true
            action=t::save
            incomplete
            on_submit=Rc::new(save)
        >
            {fields.view()}
        </FormDialog>
    }
    .into_node()
}

/// Changes what a token may be used for, of which only what is another is sent. What stood there right
/// before can be brought back, as long as the server takes that.
fn change(tokens: Tokens, token: AnyToken, wanted: TermsChange) {
    if wanted == TermsChange::default() {
        return;
    }
    let name = token.token.clone();
    let titled = name.clone();
    let token = Rc::new(token);
    let of = Rc::clone(&token);
    let parts = wanted.terms().map(str::to_owned).collect();
    let terms = Changeable::<TermsChange> {
        name,
        title: Rc::new(move |_| t::token_edit_job(&titled)),
        read: Rc::new(move |network| {
            let of = Rc::clone(&of);
            async move {
                let now = standing(network, &of).await?;
                Ok(now.map(|now| wanted.back_to(&now.terms())))
            }
            .boxed_local()
        }),
        write: Rc::new({
            let token = Rc::clone(&token);
            move |change| match &token.at_mas {
                None => api::update(&token.token, change).call,
                Some(at) => {
                    let change = change_at_mas(change, iso);
                    mas::tokens::update(&at.base, &at.id, &change).call
                }
            }
        }),
        parts,
        is_taken: match token.at_mas {
            None => |change| change.is_taken_at(now()),
            // To MAS it is all the same when a token ends.
            Some(_) => |_| true,
        },
        on_end: Rc::new(move |_| tokens.refresh()),
    };
    terms.change(wanted);
}
