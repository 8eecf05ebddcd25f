//! The palette: one field that finds pages, actions, users and whatever identifier is pasted.
//!
//! It is a combobox with a list below it, as ARIA 1.2 describes: the focus stays in the field,
//! the arrow keys move through the list, Enter chooses.
//!
//! | file | what |
//! |---|---|
//! | [`entry`] | one thing to choose |
//! | [`commands`] | the pages, and what can be done at once |
//! | [`look_up`] | asking the server what a text is about |
//! | [`recent`] | what was chosen last |

mod commands;
mod entry;
mod look_up;
mod recent;

use crate::address::identifier::fit;
use crate::api::ApiError;
use crate::components::avatar::avatar;
use crate::components::failure::failure;
use crate::components::icon::icon;
use crate::i18n::errors::explain;
use crate::i18n::{Words, t};
use crate::listing::sort::sort_by;
use crate::ui::{IntoNode, Node, view};
use entry::{PaletteEntry, Picture};
use futures_util::future::{AbortHandle, abortable};
use leptos::ev::KeyboardEvent;
use leptos::html;
use leptos::prelude::*;
use look_up::LookedUp;
use std::time::Duration;
use wasm_bindgen::JsCast;
use wasm_bindgen_futures::spawn_local;

/// How long to wait after a keystroke before the server is asked.
const PAUSE: Duration = Duration::from_millis(180);

/// How many pages and actions are offered for typed words.
const FITTING: usize = 6;

/// The list of options, for the field that controls it.
const LIST: &str = "palette-list";

/// What the server has said of what stands in the field.
enum Answer {
    /// There is nothing to ask.
    None,
    Asking(String),
    Found(LookedUp),
    Failed(ApiError),
}

/// Entries under a heading.
struct Group {
    heading: Words,
    entries: Vec<PaletteEntry>,
}

/// A handle: copies are the same palette.
#[derive(Clone, Copy)]
struct Search {
    query: RwSignal<String>,
    answer: RwSignal<Answer, LocalStorage>,
    groups: RwSignal<Vec<Group>, LocalStorage>,
    /// The number of the entry that Enter chooses.
    active: RwSignal<usize>,
    /// Ends the look-up that is under way.
    asking: StoredValue<Option<AbortHandle>, LocalStorage>,
    /// Whether Enter was pressed before there was anything to choose.
    hurried: StoredValue<bool>,
}

/// What stands in the palette's dialog.
pub fn view() -> Node {
    let search = Search {
        query: RwSignal::new(String::new()),
        answer: RwSignal::new_local(Answer::None),
        groups: RwSignal::new_local(Vec::new()),
        active: RwSignal::new(0),
        asking: StoredValue::new_local(None),
        hurried: StoredValue::new(false),
    };
    on_cleanup(move || search.stop());
    Effect::new(move |_| search.arrange());
    let timer: StoredValue<Option<TimeoutHandle>> = StoredValue::new(None);
    let wait = move || {
        if let Some(timer) = timer.get_value() {
            timer.clear();
        }
    };
    on_cleanup(wait);
    Effect::new(move |_| {
        let text = search.query.get();
        wait();
        // An answer to something else is of no use any more.
        search.stop();
        search.active.set(0);
        search.hurried.set_value(false);
        search.answer.set(match look_up::what(&text) {
            Some(what) => Answer::Asking(what),
            None => Answer::None,
        });
        let ask = set_timeout_with_handle(move || search.ask(), PAUSE);
        timer.set_value(ask.ok());
    });
    let field: NodeRef<html::Input> = NodeRef::new();
    Effect::new(move |_| {
        if let Some(field) = field.get() {
            // Cannot fail for a field in the page.
            let _ = field.focus();
        }
    });
    let is_empty = Memo::new(move |_| search.groups.with(Vec::is_empty));
    let active_id = move || (!is_empty.get()).then(|| option_id(search.active.get()));
    view! {
        <div class="palette-field">
            {icon("search")}
            <input
                node_ref=field
                type="text"
                role="combobox"
                class="palette-input"
                aria-label=t::palette_field
                aria-expanded=move || (!is_empty.get()).to_string()
                aria-controls=LIST
                aria-autocomplete="list"
                aria-activedescendant=active_id
                aria-describedby="palette-hint"
                placeholder=t::palette_placeholder
                autocomplete="off"
                autocapitalize="off"
                spellcheck="false"
                enterkeyhint="go"
                prop:value=search.query
                on:input=move |event| search.query.set(event_target_value(&event))
                on:keydown=move |event| search.key(&event)
            />
        </div>
        <div class="palette-results">
            <div class="palette-list" id=LIST role="listbox" aria-label=t::palette_results hidden=move || is_empty.get()>
                {move || search.options()}
            </div>
            <div class="palette-note" role="status">{move || search.note()}</div>
            {move || search.trouble()}
        </div>
        <p class="palette-hint" id="palette-hint">{t::palette_hint}</p>
    }
    .into_node()
}

fn option_id(index: usize) -> String {
    format!("palette-option-{index}")
}

impl Search {
    fn stop(self) {
        if let Some(handle) = self.asking.try_update_value(Option::take).flatten() {
            handle.abort();
        }
    }

    /// Asks the server about what stands in the field.
    fn ask(self) {
        let Some(text) = self.query.try_get_untracked() else {
            return;
        };
        let Some(what) = look_up::what(&text) else {
            return;
        };
        self.stop();
        self.answer.set(Answer::Asking(what));
        let (asked, handle) = abortable(async move { look_up::look_up(&text).await });
        self.asking.set_value(Some(handle));
        spawn_local(async move {
            // Whoever types on has stopped it.
            let Ok(answer) = asked.await else { return };
            let first = match &answer {
                Ok(found) => found.entries.first().cloned(),
                Err(_) => None,
            };
            let gone = self.answer.try_set(match answer {
                Ok(found) => Answer::Found(found),
                Err(error) => Answer::Failed(error),
            });
            if gone.is_none()
                && self.hurried.try_get_value() == Some(true)
                && let Some(first) = first
            {
                first.choose();
            }
        });
    }

    /// Puts together what is offered.
    fn arrange(self) {
        let text = self.query.get();
        let text = text.trim();
        let found = self.answer.with(|answer| match answer {
            Answer::Found(found) => found.entries.clone(),
            _ => Vec::new(),
        });
        let fitting = |entries: Vec<PaletteEntry>| {
            let mut scored: Vec<(u32, PaletteEntry)> = entries
                .into_iter()
                .filter_map(|entry| {
                    let words = format!("{} {}", entry.title, entry.detail);
                    Some((fit(text, &words)?, entry))
                })
                .collect();
            sort_by(&mut scored, |(a, _), (b, _)| a.cmp(b));
            let limit = if text.is_empty() { usize::MAX } else { FITTING };
            let entries = scored.into_iter().map(|(_, entry)| entry);
            entries.take(limit).collect::<Vec<_>>()
        };
        let mut recent = fitting(recent::entries());
        for entry in &mut recent {
            // The server knows what it is called today.
            if let Some(today) = found.iter().find(|found| found.leads_where(entry)) {
                *entry = today.clone();
            }
        }
        let offered = [
            (t::palette_recent, recent),
            (t::palette_found, found),
            (t::palette_pages, fitting(commands::pages())),
            (t::palette_actions, fitting(commands::actions())),
        ];
        let mut groups: Vec<Group> = Vec::new();
        for (heading, mut entries) in offered {
            // Each thing stands once, as far up as it belongs.
            entries.retain(|entry| {
                let mut above = groups.iter().flat_map(|group| &group.entries);
                !above.any(|other| other.leads_where(entry))
            });
            if !entries.is_empty() {
                groups.push(Group { heading, entries });
            }
        }
        // Whoever has moved to an entry stays there while others come in before it.
        let here = self.active.get_untracked();
        let kept = (here > 0)
            .then(|| self.entries().into_iter().nth(here))
            .flatten();
        self.groups.set(groups);
        let same = |entry: &PaletteEntry| {
            kept.as_ref()
                .is_some_and(|kept| kept.title == entry.title && kept.detail == entry.detail)
        };
        let there = self.entries().iter().position(same).unwrap_or(0);
        if there != here {
            self.active.set(there);
        }
    }

    fn entries(self) -> Vec<PaletteEntry> {
        self.groups.with_untracked(|groups| {
            let all = groups.iter().flat_map(|group| &group.entries);
            all.cloned().collect()
        })
    }

    fn options(self) -> Vec<Node> {
        let mut index = 0;
        self.groups.with(|groups| {
            groups
                .iter()
                .enumerate()
                .map(|(number, group)| {
                    let heading = format!("palette-heading-{number}");
                    let options: Vec<Node> = group
                        .entries
                        .iter()
                        .map(|entry| {
                            index += 1;
                            self.option(index - 1, entry)
                        })
                        .collect();
                    view! {
                        <div role="group" aria-labelledby=heading.clone()>
                            <div class="palette-heading" id=heading role="presentation">
                                {group.heading}
                            </div>
                            {options}
                        </div>
                    }
                    .into_node()
                })
                .collect()
        })
    }

    fn option(self, index: usize, entry: &PaletteEntry) -> Node {
        let picture = match &entry.picture {
            Picture::Icon(name) => icon(name),
            Picture::User => avatar(&entry.title, &entry.detail, None),
        };
        let detail = entry.detail.clone();
        let choose = entry.clone();
        view! {
            <div
                class="palette-option"
                role="option"
                id=option_id(index)
                aria-selected=move || (self.active.get() == index).to_string()
                on:pointermove=move |_| {
                    if self.active.get_untracked() != index {
                        self.active.set(index);
                    }
                }
                on:click=move |_| choose.choose()
            >
                <span class="palette-picture">{picture}</span>
                <span class="palette-words">
                    <span class="palette-title">{entry.title.clone()}</span>
                    {(!detail.is_empty())
                        .then(|| view! { <span class="palette-detail">{detail}</span> })}
                </span>
            </div>
        }
        .into_node()
    }

    /// What was looked up, and what it came to.
    fn note(self) -> Vec<Node> {
        let line = |text: String| view! { <p>{text}</p> }.into_node();
        self.answer.with(|answer| match answer {
            Answer::None | Answer::Failed(_) => Vec::new(),
            Answer::Asking(what) => vec![line(t::palette_asking(what))],
            Answer::Found(found) => {
                let count = found.entries.len() as u64;
                let count = (count > 0).then(|| {
                    let text = t::palette_count(count);
                    view! { <p class="visually-hidden">{text}</p> }.into_node()
                });
                found.notes.iter().cloned().map(line).chain(count).collect()
            }
        })
    }

    fn trouble(self) -> Option<Node> {
        self.answer.with(|answer| {
            let error = match answer {
                Answer::Failed(error) => error,
                Answer::Found(found) => found.failed.as_ref()?,
                Answer::None | Answer::Asking(_) => return None,
            };
            let retry = UnsyncCallback::new(move |()| self.ask());
            Some(failure(explain(error), Some(retry)))
        })
    }

    fn key(self, event: &KeyboardEvent) {
        // Enter and the arrows belong to whoever is choosing a character.
        if event.is_composing() {
            return;
        }
        let entries = self.entries();
        let count = entries.len();
        let here = self.active.get_untracked();
        let next = match event.key().as_str() {
            "Enter" if count == 0 => {
                event.prevent_default();
                self.hurried.set_value(true);
                return;
            }
            _ if count == 0 => return,
            "ArrowDown" => (here + 1) % count,
            "ArrowUp" => (here + count - 1) % count,
            "PageDown" => (here + 8).min(count - 1),
            "PageUp" => here.saturating_sub(8),
            "Enter" => {
                event.prevent_default();
                // What is being looked up comes first: it is what was pasted.
                if let Some(entry) = entries.get(here) {
                    entry.choose();
                }
                return;
            }
            _ => return,
        };
        event.prevent_default();
        self.active.set(next);
        show(&option_id(next));
    }
}

/// Scrolls the list as little as needed for an option to be seen.
fn show(id: &str) {
    let Some(option) = document().get_element_by_id(id) else {
        return;
    };
    let Ok(Some(list)) = option.closest(".palette-list") else {
        return;
    };
    let Some(list) = list.dyn_ref::<web_sys::HtmlElement>() else {
        return;
    };
    let (frame, at) = (
        list.get_bounding_client_rect(),
        option.get_bounding_client_rect(),
    );
    let above = at.top() - frame.top();
    let below = at.bottom() - frame.bottom();
    if above < 0.0 {
        list.set_scroll_top(list.scroll_top() + above.floor() as i32);
    } else if below > 0.0 {
        list.set_scroll_top(list.scroll_top() + below.ceil() as i32);
    }
}
