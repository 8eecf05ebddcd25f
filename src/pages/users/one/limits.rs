//! The tab "Limits": how fast the account may send, and what is switched on for it alone.

use super::Shown;
use crate::api::UserId;
use crate::api::experimental::{self, Features};
use crate::api::rate_limit::{self, Override, RateLimit};
use crate::api::server::Feature;
use crate::components::button::{Button, ButtonKind};
use crate::components::field::{Field, Switch};
use crate::components::page::Card;
use crate::components::remote::remote;
use crate::i18n::features::why_not;
use crate::i18n::t;
use crate::operations::value::Changeable;
use crate::session::{Client, Session};
use crate::ui::{IntoNode, Node, view};
use futures_util::FutureExt;
use leptos::prelude::*;
use std::collections::BTreeMap;
use std::rc::Rc;

/// The tab with the rate limit of a user.
pub fn tab(shown: Shown) -> Node {
    let changed = RwSignal::new(0);
    let user = shown.user.get_value();
    let limit = remote(
        changed,
        move || {
            let user = user.clone();
            async move { Client::get().send(rate_limit::get(&user)).await }
        },
        move |found: &Override| limits(shown, changed, found.limit()),
    );
    view! {
        <div class="cards">
            <Card title=Signal::derive(t::limits_title)>{limit}</Card>
            <Card title=Signal::derive(t::experiments_title)>{experiments(shown)}</Card>
        </div>
    }
    .into_node()
}

fn refresh(changed: RwSignal<u32>) {
    // The page may have been left.
    let _ = changed.try_update(|changed| *changed += 1);
}

fn number(value: RwSignal<String>) -> Option<u64> {
    value.with(|value| value.trim().parse().ok())
}

fn limits(shown: Shown, changed: RwSignal<u32>, limit: Option<RateLimit>) -> Node {
    let text = |value: Option<u64>| {
        RwSignal::new(value.map(|value| value.to_string()).unwrap_or_default())
    };
    let rate = text(limit.map(|limit| limit.messages_per_second));
    let burst = text(limit.map(|limit| limit.burst_count));
    let wrong = move |value: RwSignal<String>| {
        Signal::derive(move || {
            let empty = value.with(|value| value.trim().is_empty());
            (!empty && number(value).is_none()).then(t::limits_wrong)
        })
    };
    let wanted = move || {
        Some(RateLimit {
            messages_per_second: number(rate)?,
            burst_count: number(burst)?,
        })
    };
    let unchanged = Signal::derive(move || wanted().is_none() || wanted() == limit);
    let save = move || {
        if let (Some(wanted), false) = (untrack(wanted), unchanged.get_untracked()) {
            set(shown.user.get_value(), changed, Some(wanted));
        }
    };
    let state = match limit {
        None => t::limits_none(),
        Some(limit) if limit.messages_per_second == 0 => t::limits_unlimited(),
        Some(_) => t::limits_own(),
    };
    view! {
        <form
            class="stack"
            on:submit=move |event| {
                event.prevent_default();
                save();
            }
        >
            <p>{state}</p>
            <Field
                label=t::limits_rate
                hint=Signal::derive(t::limits_rate_hint)
                value=rate
                error=wrong(rate)
            />
            <Field
                label=t::limits_burst
                hint=Signal::derive(t::limits_burst_hint)
                value=burst
                error=wrong(burst)
            />
            <div class="form-actions">
                <Button
                    label=t::limits_remove
                    disabled=limit.is_none()
                    on_press=move || set(shown.user.get_value(), changed, None)
                />
                <Button label=t::save kind=ButtonKind::Primary disabled=unchanged on_press=save />
            </div>
        </form>
    }
    .into_node()
}

/// Sets the override, or removes it; what was right before can be brought back.
fn set(user: UserId, changed: RwSignal<u32>, wanted: Option<RateLimit>) {
    let (whose, of) = (user.clone(), user.clone());
    let limit = Changeable::<Option<RateLimit>> {
        name: user.to_string(),
        title: Rc::new(move |limit| match limit {
            Some(_) => t::limits_job(whose.as_str()),
            None => t::limits_remove_job(whose.as_str()),
        }),
        read: Rc::new(move |network| {
            let request = rate_limit::get(&of);
            async move { Ok(Some(network.send(request).await?.limit())) }.boxed_local()
        }),
        write: Rc::new(move |limit| match limit {
            Some(limit) => rate_limit::set(&user, *limit).call,
            None => rate_limit::remove(&user).call,
        }),
        is_taken: |_| true,
        on_end: Rc::new(move |job| {
            // What the server has refused stays in the fields.
            if job.is_done() {
                refresh(changed);
            }
        }),
    };
    limit.change(wanted);
}

fn experiments(shown: Shown) -> Node {
    let server = Session::get().capabilities_now();
    if let Some(lack) = server.lack(Feature::ExperimentalFeatures) {
        return view! { <p class="action-reason">{why_not(lack)}</p> }.into_node();
    }
    let changed = RwSignal::new(0);
    let user = shown.user.get_value();
    let switches = remote(
        changed,
        move || {
            let user = user.clone();
            async move { Client::get().send(experimental::get(&user)).await }
        },
        move |found: &Features| {
            let minor = Session::get()
                .capabilities_now()
                .version
                .map(|version| version.1);
            // What the server remembers of older versions as well.
            let mut names: BTreeMap<String, bool> = experimental::known(minor)
                .into_iter()
                .map(|name| (name.to_owned(), false))
                .collect();
            names.extend(found.features.clone());
            let switches = names
                .into_iter()
                .map(|(name, on)| switch(shown, changed, name, on))
                .collect_view();
            view! { <div class="stack">{switches}</div> }.into_node()
        },
    );
    view! {
        <p>{t::experiments_lead}</p>
        {switches}
    }
    .into_node()
}

fn switch(shown: Shown, changed: RwSignal<u32>, name: String, on: bool) -> Node {
    let what = match name.as_str() {
        "msc3026" => t::experiments_msc3026(),
        "msc3575" => t::experiments_msc3575(),
        "msc3881" => t::experiments_msc3881(),
        "msc3967" => t::experiments_msc3967(),
        "msc4222" => t::experiments_msc4222(),
        _ => String::new(),
    };
    let label = name.to_uppercase();
    view! {
        <Switch
            label=Signal::stored(label)
            hint=Signal::stored(what)
            value=Signal::stored(on)
            on_change=move |wanted: bool| {
                turn(shown.user.get_value(), changed, name.clone(), wanted);
            }
        />
    }
    .into_node()
}

fn turn(user: UserId, changed: RwSignal<u32>, name: String, on: bool) {
    let (titled, read, of) = (name.clone(), name.clone(), user.clone());
    let switch = Changeable::<bool> {
        name: user.to_string(),
        title: Rc::new(move |on| match on {
            true => t::experiments_on(&titled),
            false => t::experiments_off(&titled),
        }),
        read: Rc::new(move |network| {
            let (request, name) = (experimental::get(&of), read.clone());
            async move {
                let found = network.send(request).await?.features;
                Ok(Some(found.get(&name).copied().unwrap_or_default()))
            }
            .boxed_local()
        }),
        write: Rc::new(move |on| {
            let features = BTreeMap::from([(name.clone(), *on)]);
            experimental::set(&user, &Features { features }).call
        }),
        is_taken: |_| true,
        on_end: Rc::new(move |_| refresh(changed)),
    };
    switch.change(on);
}
