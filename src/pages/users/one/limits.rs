//! The tab "Limits": how fast the account may send, and what is switched on for it alone.

use super::Shown;
use crate::api::UserId;
use crate::api::experimental::{self, Features};
use crate::api::rate_limit::{self, Override, RateLimit};
use crate::api::server::Feature;
use crate::components::button::{Button, ButtonKind};
use crate::components::field::Switch;
use crate::components::form::{Draft, draft_field, guard};
use crate::components::page::Card;
use crate::components::remote::remote;
use crate::i18n::features::why_not;
use crate::i18n::t;
use crate::operations::value::Changeable;
use crate::session::{Client, Session};
use crate::ui::{IntoNode, Node, view};
use futures_util::FutureExt;
use leptos::prelude::*;
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

/// The tab with the rate limit of a user.
pub fn tab(shown: Shown) -> Node {
    view! {
        <div class="cards">
            <Card title=Signal::derive(t::limits_title)>{Limits::of(shown).view()}</Card>
            <Card title=Signal::derive(t::experiments_title)>{experiments(shown)}</Card>
        </div>
    }
    .into_node()
}

fn refresh(changed: RwSignal<u32>) {
    // The page may have been left.
    let _ = changed.try_update(|changed| *changed += 1);
}

/// What was typed in both fields when it was sent; `None` where nothing was changed.
type Sent = (Option<String>, Option<String>);

/// The form with the rate limit. A handle: copies are the same.
#[derive(Clone, Copy)]
struct Limits {
    shown: Shown,
    changed: RwSignal<u32>,
    /// The override as the server has it, if there is one; `None` until it has been read.
    limit: RwSignal<Option<Option<RateLimit>>>,
    rate: Draft,
    burst: Draft,
    /// What is in the override that is read next.
    sent: StoredValue<Sent>,
    busy: RwSignal<bool>,
}

impl Limits {
    fn of(shown: Shown) -> Self {
        Limits {
            shown,
            changed: RwSignal::new(0),
            limit: RwSignal::new(None),
            rate: Draft::new(""),
            burst: Draft::new(""),
            sent: StoredValue::new(Sent::default()),
            busy: RwSignal::new(false),
        }
    }

    /// The override has been read: what is typed stays, unless it is what was sent.
    fn take(self, limit: Option<RateLimit>) {
        let (rate, burst) = self
            .sent
            .try_update_value(std::mem::take)
            .unwrap_or_default();
        let text = |of: fn(RateLimit) -> u64| limit.map(|limit| of(limit).to_string());
        let saved = text(|limit| limit.messages_per_second).unwrap_or_default();
        self.rate.save(&saved, rate.as_deref());
        let saved = text(|limit| limit.burst_count).unwrap_or_default();
        self.burst.save(&saved, burst.as_deref());
        self.limit.set(Some(limit));
    }

    /// Whether something typed differs from what is saved. Reactive.
    fn is_changed(self) -> bool {
        self.rate.is_changed() || self.burst.is_changed()
    }

    /// The override that is typed, if it is one and another one than there is. Reactive.
    fn wanted(self) -> Option<RateLimit> {
        let limit = self.limit.get().flatten();
        let wanted = RateLimit {
            messages_per_second: number(self.rate)?,
            burst_count: number(self.burst)?,
        };
        (Some(wanted) != limit).then_some(wanted)
    }

    fn save(self) {
        let Some(wanted) = untrack(|| self.wanted()).filter(|_| !self.busy.get_untracked()) else {
            return;
        };
        let sent = (self.rate.change(), self.burst.change());
        let limit = changeable(self, sent.clone());
        self.busy.set(true);
        match (self.limit.get_untracked(), sent) {
            // The number that was left alone is not to become again what this page knows of it.
            (Some(shown), (None, _) | (_, None)) => limit.change_from(shown, Some(wanted)),
            _ => limit.change(Some(wanted)),
        }
    }

    fn view(self) -> Node {
        let user = self.shown.user.get_value();
        guard(Signal::derive(move || self.is_changed()));
        check(self.rate);
        check(self.burst);
        let state = remote(
            self.changed,
            move || {
                let user = user.clone();
                async move { Client::get().send(rate_limit::get(&user)).await }
            },
            move |found: &Override| {
                let limit = found.limit();
                untrack(|| self.take(limit));
                let state = match limit {
                    None => t::limits_none(),
                    Some(limit) if limit.messages_per_second == 0 => t::limits_unlimited(),
                    Some(_) => t::limits_own(),
                };
                view! { <p>{state}</p> }.into_node()
            },
        );
        // It outlives what is read anew, with what is typed.
        let is_read = Memo::new(move |_| self.limit.with(Option::is_some));
        view! {
            <div class="stack">
                {state}
                {move || is_read.get().then(|| self.form())}
            </div>
        }
        .into_node()
    }

    fn form(self) -> Node {
        let unwanted = Signal::derive(move || self.wanted().is_none());
        let same = Signal::derive(move || !self.is_changed() || self.busy.get());
        let is_usual =
            Signal::derive(move || self.limit.get().flatten().is_none() || self.busy.get());
        let discard = move || {
            self.rate.discard();
            self.burst.discard();
        };
        let remove = move || {
            self.busy.set(true);
            changeable(self, Sent::default()).change(None);
        };
        view! {
            <form
                class="stack"
                on:submit=move |event| {
                    event.prevent_default();
                    self.save();
                }
            >
                {draft_field(t::limits_rate, Some(t::limits_rate_hint), self.rate, false)}
                {draft_field(t::limits_burst, Some(t::limits_burst_hint), self.burst, false)}
                <div class="form-actions">
                    <Button label=t::limits_remove disabled=is_usual on_press=remove />
                    <Button label=t::form_discard disabled=same on_press=discard />
                    <Button
                        label=t::save
                        kind=ButtonKind::Primary
                        busy=self.busy
                        disabled=unwanted
                        on_press=move || self.save()
                    />
                </div>
            </form>
        }
        .into_node()
    }
}

fn number(draft: Draft) -> Option<u64> {
    draft.value.with(|value| value.trim().parse().ok())
}

/// Says at the field whether what is typed is no number.
fn check(draft: Draft) {
    Effect::new(move |_| {
        let is_typed = draft.is_changed() && draft.value.with(|value| !value.trim().is_empty());
        let is_wrong = is_typed && number(draft).is_none();
        draft.error.set(is_wrong.then(t::limits_wrong));
    });
}

/// The override, which can be set and removed; what was right before can be brought back. `sent` is
/// what is saved once it has been changed.
fn changeable(limits: Limits, sent: Sent) -> Changeable<Option<RateLimit>> {
    let user = limits.shown.user.get_value();
    let (whose, of) = (user.clone(), user.clone());
    let (sent, changed) = (RefCell::new(sent), limits.changed);
    Changeable {
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
        parts: Vec::new(),
        is_taken: |_| true,
        on_end: Rc::new(move |job| {
            let sent = sent.take();
            // What the server has refused, or somebody else has changed meanwhile, stays typed.
            if job.is_done() {
                let _ = limits.sent.try_set_value(sent);
            }
            let _ = limits.busy.try_set(false);
            refresh(changed);
        }),
    }
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
    let parts = vec![name.clone()];
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
        parts,
        is_taken: |_| true,
        on_end: Rc::new(move |_| refresh(changed)),
    };
    switch.change(on);
}
