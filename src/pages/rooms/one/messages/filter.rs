//! The fields of the filter: what they hold stands in the address.

use super::Shown;
use super::event_route;
use crate::address::route::Route;
use crate::api::exchange::Clock;
use crate::browser::clock::BrowserClock;
use crate::browser::navigation::{HistoryStep, navigate};
use crate::components::field::{Choice, Field, SelectField};
use crate::i18n::{Words, t};
use crate::rooms::message_filter::{MessageFilter, no_user, words};
use crate::ui::{IntoNode, Node, view};
use leptos::prelude::*;
use wasm_bindgen_futures::spawn_local;

/// How long nobody must have typed before the server is asked, in milliseconds.
const QUIET_MS: u64 = 400;

/// Which events are shown.
const KINDS: [Choice; 5] = [
    ("", t::room_messages_all as Words),
    ("messages", t::room_messages_only),
    ("files", t::room_messages_files),
    ("members", t::room_messages_members),
    ("state", t::room_messages_state),
];

const URL: [Choice; 3] = [
    ("", t::room_messages_url_any as Words),
    ("true", t::room_messages_url_with),
    ("false", t::room_messages_url_without),
];

/// The fields. A handle: copies are the same.
#[derive(Clone, Copy)]
pub struct FilterFields {
    shown: Shown,
    filter: Memo<MessageFilter>,
    sought: Memo<Option<String>>,
    show: RwSignal<String>,
    types: RwSignal<String>,
    not_types: RwSignal<String>,
    senders: RwSignal<String>,
    not_senders: RwSignal<String>,
    url: RwSignal<String>,
    /// Counts what is typed.
    typed: StoredValue<u32>,
}

impl FilterFields {
    /// Those of this filter; `sought` is the event around which is shown what is said.
    pub fn of(shown: Shown, filter: Memo<MessageFilter>, sought: Memo<Option<String>>) -> Self {
        let text = || RwSignal::new(String::new());
        let fields = FilterFields {
            shown,
            filter,
            sought,
            show: text(),
            types: text(),
            not_types: text(),
            senders: text(),
            not_senders: text(),
            url: text(),
            typed: StoredValue::new(0),
        };
        // What the address says, from the beginning and when somebody goes back.
        Effect::new(move |_| {
            let filter = filter.get();
            untrack(|| fields.fill(&filter));
        });
        Effect::new(move |before: Option<()>| {
            fields.show.track();
            fields.url.track();
            if before.is_some() {
                untrack(|| fields.take());
            }
        });
        fields
    }

    fn fill(self, filter: &MessageFilter) {
        let lists = [
            (self.types, &filter.types),
            (self.not_types, &filter.not_types),
            (self.senders, &filter.senders),
            (self.not_senders, &filter.not_senders),
        ];
        for (field, list) in lists {
            // Who is still typing keeps what is typed.
            if field.with(|text| words(text) != *list) {
                field.set(list.join(", "));
            }
        }
        let url = filter.with_url.map(|with| with.to_string());
        self.url.set(url.unwrap_or_default());
        self.show.set(filter.show.clone());
    }

    /// Takes what the fields hold into the address, if it can be meant.
    fn take(self) {
        let list = |field: RwSignal<String>| field.with_untracked(|text| words(text));
        let wrong = |field: RwSignal<String>| field.with_untracked(|text| no_user(text).is_some());
        if wrong(self.senders) || wrong(self.not_senders) {
            return;
        }
        let filter = MessageFilter {
            show: self.show.get_untracked(),
            types: list(self.types),
            not_types: list(self.not_types),
            senders: list(self.senders),
            not_senders: list(self.not_senders),
            with_url: self.url.with_untracked(|text| text.parse().ok()),
        };
        if self.filter.with_untracked(|now| *now == filter) {
            return;
        }
        let room = self.shown.id();
        let route = match self.sought.get_untracked() {
            Some(event) => event_route(&room, &event),
            None => Route::room(&room).tab("messages"),
        };
        navigate(&format!("{route}{}", filter.write()), HistoryStep::Replace);
    }

    fn list(self, label: Words, value: RwSignal<String>, are_users: bool) -> Node {
        let wrong = Signal::derive(move || {
            let wrong = are_users && value.with(|text| no_user(text).is_some());
            wrong.then(t::room_messages_sender_wrong)
        });
        let later = Callback::new(move |()| {
            self.typed.update_value(|typed| *typed += 1);
            let mine = self.typed.get_value();
            spawn_local(async move {
                BrowserClock.sleep(QUIET_MS).await;
                // The page may have been left.
                if self.typed.try_get_value() == Some(mine) {
                    self.take();
                }
            });
        });
        view! { <Field label value error=wrong mono=true on_input=later /> }.into_node()
    }

    /// What most people need, for the row with the other fields.
    pub fn usual(self) -> Node {
        view! {
            <SelectField label=t::room_messages_kind value=self.show options=KINDS.to_vec() />
            {self.list(t::room_messages_sender, self.senders, true)}
        }
        .into_node()
    }

    /// The rest, behind a heading.
    pub fn more(self) -> Node {
        let is_open = self.filter.with_untracked(MessageFilter::is_particular);
        view! {
            <details class="more" open=is_open>
                <summary>{t::room_messages_more}</summary>
                <div class="form-row">
                    {self.list(t::room_messages_types, self.types, false)}
                    {self.list(t::room_messages_not_types, self.not_types, false)}
                    {self.list(t::room_messages_not_senders, self.not_senders, true)}
                    <SelectField label=t::room_messages_url value=self.url options=URL.to_vec() />
                </div>
                <p class="field-hint">{t::room_messages_lists}</p>
            </details>
        }
        .into_node()
    }
}
