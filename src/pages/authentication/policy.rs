//! The data of MAS' policy: the latest, and replacing it.

use crate::api::ApiError;
use crate::api::mas::One;
use crate::api::mas::policy::{self as api, PolicyData};
use crate::authentication::policy::{NoPolicyData, read};
use crate::components::badge::Tone;
use crate::components::button::{Button, ButtonKind};
use crate::components::empty::Empty;
use crate::components::failure::failure;
use crate::components::field::Lines;
use crate::components::form_dialog::FormDialog;
use crate::components::json::json_content;
use crate::components::notice::Notice;
use crate::components::page::Card;
use crate::components::remote::remote;
use crate::components::time::date_time;
use crate::components::toast::Toasts;
use crate::i18n::errors::{Explained, explain};
use crate::i18n::t;
use crate::operations::Recorded;
use crate::session::Client;
use crate::ui::{IntoNode, Node, view};
use leptos::prelude::*;
use std::rc::Rc;
use wasm_bindgen_futures::spawn_local;

/// What is typed for the first time.
const EXAMPLE: &str = "{\"admin_users\": []}";

/// The tab of the policy's data at the MAS that stands at `base`.
pub fn tab(base: String) -> Node {
    let changed = RwSignal::new(0_u32);
    let open = RwSignal::new(false);
    // What stands there, as text.
    let latest = RwSignal::new(String::new());
    let ask_base = base.clone();
    let ask = move || {
        let base = ask_base.clone();
        async move { ApiError::if_there(Client::get().send(api::latest(&base)).await) }
    };
    let show = move |found: &Option<One<PolicyData>>| {
        let data = found.as_ref().map(|found| &found.data.attributes);
        let text = data.map_or_else(|| EXAMPLE.to_owned(), |data| pretty(&data.data));
        let _ = latest.try_set(text.clone());
        match data {
            None => view! {
                <Empty
                    picture="shield"
                    title=t::policy_none
                    text=Signal::derive(t::policy_none_text)
                />
            }
            .into_node(),
            Some(data) => view! {
                <p>{t::policy_since} " " {date_time(data.created_at.0)}</p>
                {json_content(t::policy_latest, &text)}
            }
            .into_node(),
        }
    };
    view! {
        <div class="tab-actions">
            <Button
                label=t::policy_edit
                icon="edit"
                kind=ButtonKind::Primary
                on_press=move || open.set(true)
            />
        </div>
        <Card title=Signal::derive(t::policy_latest)>
            <p>{t::policy_lead}</p>
            {remote(changed, ask, show)}
        </Card>
        {editing(base, open, latest, changed)}
    }
    .into_node()
}

fn pretty(value: &serde_json::Value) -> String {
    serde_json::to_string_pretty(value).unwrap_or_default()
}

/// The dialog that replaces it. What was typed is there until it is taken.
fn editing(
    base: String,
    open: RwSignal<bool>,
    latest: RwSignal<String>,
    changed: RwSignal<u32>,
) -> Node {
    let typed = RwSignal::new(String::new());
    // What was typed begins anew with what stands there once it was taken.
    let is_fresh = RwSignal::new(true);
    let busy = RwSignal::new(false);
    let refused: RwSignal<Option<Explained>> = RwSignal::new(None);
    Effect::new(move |_| {
        if open.get() && is_fresh.get_untracked() {
            typed.set(latest.get_untracked());
            is_fresh.set(false);
        }
    });
    let wrong = Signal::derive(move || {
        typed.with(|typed| match read(typed) {
            Ok(_) => None,
            Err(NoPolicyData::NoJson { line, column }) => {
                Some(t::policy_no_json(&column.to_string(), &line.to_string()))
            }
            Err(NoPolicyData::NoObject) => Some(t::policy_no_object(EXAMPLE)),
        })
    });
    let base = StoredValue::new(base);
    let save = move || {
        let Ok(data) = typed.with_untracked(|typed| read(typed)) else {
            return;
        };
        busy.set(true);
        refused.set(None);
        spawn_local(async move {
            let network = Recorded::new(&t::policy_job());
            let request = api::replace(&base.get_value(), &data);
            let answer = network.send(request).await;
            // The page may have been left.
            if busy.try_set(false).is_some() {
                return;
            }
            match answer {
                Ok(_) => {
                    is_fresh.set(true);
                    open.set(false);
                    changed.update(|changed| *changed += 1);
                    Toasts::get().good(t::policy_done());
                }
                Err(error) => refused.set(Some(why(&error))),
            }
        });
    };
    view! {
        <FormDialog
            open
            title=t::policy_edit
            action=t::policy_save
            incomplete=Signal::derive(move || wrong.get().is_some())
            busy
            stays=true
            on_submit=Rc::new(save)
        >
            <Notice tone=Tone::Warning>{t::policy_merged}</Notice>
            {move || refused.get().map(|why| failure(why, None))}
            <Lines label=t::policy_json value=typed error=wrong mono=true rows=14 />
        </FormDialog>
    }
    .into_node()
}

/// Why it was not taken.
fn why(error: &ApiError) -> Explained {
    let why = explain(error);
    match error.status() {
        Some(400) if error.is_of_mas() => Explained {
            sentence: t::policy_refused(),
            hint: String::new(),
            details: why.details,
        },
        _ => why,
    }
}
