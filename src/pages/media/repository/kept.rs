//! Clean-ups that are kept as rules: in this browser, and as a file to share.

use super::question::DEFAULTS;
use super::target;
use crate::address::route::Route;
use crate::browser::download::save_text;
use crate::browser::navigation::{HistoryStep, navigate};
use crate::browser::storage::Keep;
use crate::components::button::Button;
use crate::components::field::Field;
use crate::components::file_input::FileInput;
use crate::components::link::link;
use crate::components::toast::Toasts;
use crate::i18n::language::current;
use crate::i18n::{number, t};
use crate::listing::ListQuery;
use crate::media::Question;
use crate::media::question::filter;
use crate::media::rules::{self, Change, Rule};
use crate::pages::media::files::Shelf;
use crate::session::Session;
use crate::ui::{IntoNode, Node, view};
use leptos::prelude::*;
use wasm_bindgen_futures::{JsFuture, spawn_local};

/// Before whose they are: rules name users and rooms of one homeserver. Alone it is the key of earlier
/// versions.
const KEPT: &str = "synapse-admin.clean-ups";

fn key() -> Option<String> {
    Some(format!("{KEPT} {}", Session::get().whose()?))
}

/// What is kept, as it stands there.
fn stored() -> Option<String> {
    let key = key()?;
    // What an earlier version has kept is taken over by whoever looks first.
    if let Some(old) = Keep::ThisBrowser.get(KEPT)
        && (Keep::ThisBrowser.get(&key).is_some() || Keep::ThisBrowser.set(&key, &old))
    {
        Keep::ThisBrowser.remove(KEPT);
    }
    Keep::ThisBrowser.get(&key)
}

fn restored() -> Vec<Rule> {
    let rules = stored().and_then(|json| rules::read(&json, &DEFAULTS));
    rules.unwrap_or_default()
}

/// The rules that the page shows. A handle: copies are the same.
#[derive(Clone, Copy)]
struct Shown {
    all: RwSignal<Vec<Rule>>,
    /// What the browser had no room for. The page alone has it, and it is done with the next change.
    waiting: StoredValue<Vec<Change>>,
}

impl Shown {
    /// Changes the rules that are kept now, which another tab may have changed since they were shown.
    fn change(self, change: Change) {
        let mut waiting = self.waiting.get_value();
        waiting.push(change);
        let kept = stored().unwrap_or_default();
        let (rules, file) = rules::changed(&kept, &DEFAULTS, &waiting);
        let is_kept = key().is_some_and(|key| Keep::ThisBrowser.set(&key, &file));
        if is_kept {
            waiting.clear();
        } else {
            Toasts::get().info(t::clean_ups_not_kept());
        }
        self.waiting.set_value(waiting);
        self.all.set(rules);
    }
}

/// What the page shows as a rule, if it can be one. Elsewhere another language may be spoken, so a
/// size is written as every language reads it.
fn rule_of(name: &str, query: &ListQuery) -> Option<Rule> {
    let mut query = query.clone();
    if let Some(larger) = query.get(filter::LARGER) {
        let bytes = number::size(larger, &current())?;
        query.set(filter::LARGER, &number::size_text(bytes));
    }
    let is_understood = !Question::of(&query).is_unclear;
    Rule::of(name, &query, &DEFAULTS).filter(|_| is_understood)
}

/// The rules, and keeping what the page shows as one more.
pub fn kept(query: Memo<ListQuery>, shelf: Shelf) -> Node {
    let all = RwSignal::new(restored());
    let shown = Shown {
        all,
        waiting: StoredValue::new(Vec::new()),
    };
    let name = RwSignal::new(String::new());
    let rule = move || query.with(|query| name.with(|name| rule_of(name, query)));
    let can_be_kept = Memo::new(move |_| rule().is_some());
    let add = move || {
        if let Some(rule) = untrack(rule) {
            shown.change(Change::Add(vec![rule]));
            name.set(String::new());
        }
    };
    let load = move |file: web_sys::File| {
        spawn_local(async move {
            let text = JsFuture::from(file.text()).await;
            let text = text.ok().and_then(|text| text.as_string());
            match text.and_then(|text| rules::read(&text, &DEFAULTS)) {
                Some(rules) => shown.change(Change::Add(rules)),
                None => Toasts::get().info(t::clean_ups_no_file()),
            }
        });
    };
    let rows = move || {
        all.get()
            .into_iter()
            .map(|rule| row(rule, shown, shelf))
            .collect::<Vec<_>>()
    };
    let save = move || {
        let json = all.with_untracked(|all| rules::write(all));
        save_text("clean-ups.json", "application/json", &json);
    };
    view! {
        <details class="clean-ups">
            <summary>{t::clean_ups}</summary>
            <p class="field-hint">{t::clean_ups_lead}</p>
            <ul>{rows}</ul>
            <div class="form-row">
                <Field label=t::clean_ups_name value=name />
                <Button
                    label=t::clean_ups_keep
                    icon="plus"
                    disabled=Signal::derive(move || !can_be_kept.get())
                    on_press=add
                />
            </div>
            <div class="form-row">
                <FileInput
                    label=t::clean_ups_load
                    accept=".json,application/json"
                    chosen=Signal::stored(None::<String>)
                    on_file=load
                />
                <Button
                    label=t::clean_ups_save
                    icon="download"
                    disabled=Signal::derive(move || all.with(Vec::is_empty))
                    on_press=save
                />
            </div>
        </details>
    }
    .into_node()
}

fn row(rule: Rule, all: Shown, shelf: Shelf) -> Node {
    let href = Route::Media.at(&rule.query);
    let (shown, name) = (rule.name.clone(), rule.name.clone());
    let run = move || {
        navigate(&Route::Media.at(&rule.query), HistoryStep::Push);
        let query = rule.question(&DEFAULTS);
        shelf.delete_found(move |reading| target::of(query, reading));
    };
    let remove = move || all.change(Change::Remove(name.clone()));
    let label = shown.clone();
    view! {
        <li>
            {link(&href, "", view! { <bdi>{shown.clone()}</bdi> })}
            <Button label=Signal::derive(move || t::clean_ups_run(&label)) icon="broom" on_press=run />
            <Button label=Signal::derive(move || t::clean_ups_remove(&shown)) icon="x" on_press=remove />
        </li>
    }
    .into_node()
}
