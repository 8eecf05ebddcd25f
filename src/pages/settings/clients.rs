//! The administrator's own switches: what Synapse shows them with any client, and hides from
//! others.

use crate::actions::Verdict;
use crate::api::account_data::{self, AdminSwitch, AdminView};
use crate::api::server::Feature;
use crate::api::{ApiError, UserId};
use crate::components::field::Switch;
use crate::components::remote::remote;
use crate::i18n::features::why_not;
use crate::i18n::t;
use crate::operations::acts::{Check, asked};
use crate::operations::{OnTarget, TargetJob};
use crate::runner::{Reason, Step};
use crate::session::{Client, Session};
use crate::ui::{IntoNode, Node, view};
use futures_util::FutureExt;
use leptos::prelude::*;
use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::rc::Rc;

/// The switches, or why this server has none.
pub fn switches() -> Node {
    let Some(own) = Session::get().user_id() else {
        return ().into_node();
    };
    let lack = Session::get().capabilities_now().lack(Feature::AdminView);
    if let Some(lack) = lack {
        return view! {
            <p>{t::settings_clients_text}</p>
            <p class="action-reason">{why_not(lack)}</p>
        }
        .into_node();
    }
    let changed = RwSignal::new(0);
    let asked = own.clone();
    let keeper = Rc::new(Keeper {
        own,
        changed,
        waiting: RefCell::default(),
        under_way: Cell::new(None),
    });
    let switches = remote(
        changed,
        move || {
            let own = asked.clone();
            async move { known(Client::get().send(account_data::admin_view(&own)).await) }
        },
        move |found: &AdminView| both(&keeper, found),
    );
    view! {
        <p>{t::settings_clients_text}</p>
        {switches}
        <p class="check-hint">{t::settings_clients_since}</p>
    }
    .into_node()
}

fn both(keeper: &Rc<Keeper>, found: &AdminView) -> Node {
    let turn = |which| {
        let keeper = Rc::clone(keeper);
        move |wanted: bool| keeper.turn(which, wanted)
    };
    let (shows_soft_failed, shows_spam) = (found.return_soft_failed_events, found.shows_spam());
    view! {
        <div class="stack">
            <Switch
                label=Signal::derive(t::settings_soft_failed)
                hint=Signal::derive(t::settings_soft_failed_hint)
                value=Signal::stored(shows_soft_failed)
                on_change=turn(AdminSwitch::SoftFailed)
            />
            <Switch
                label=Signal::derive(t::settings_spam)
                hint=Signal::derive(t::settings_spam_hint)
                value=Signal::stored(shows_spam)
                on_change=turn(AdminSwitch::Spam)
            />
        </div>
    }
    .into_node()
}

/// Turns one switch after the other: the server keeps them as one, and whoever turns the second while
/// the first is being kept must not turn the first back.
struct Keeper {
    own: UserId,
    changed: RwSignal<u32>,
    waiting: RefCell<VecDeque<(AdminSwitch, bool)>>,
    under_way: Cell<Option<(AdminSwitch, bool)>>,
}

impl Keeper {
    fn turn(self: &Rc<Self>, which: AdminSwitch, wanted: bool) {
        let turned = Some((which, wanted));
        let mut waiting = self.waiting.borrow_mut();
        // The switch moves when the server has kept it; whoever presses it again until then means
        // the same.
        if waiting.back().copied().or(self.under_way.get()) != turned {
            waiting.extend(turned);
        }
        drop(waiting);
        self.go_on();
    }

    fn go_on(self: &Rc<Self>) {
        if self.under_way.get().is_some() {
            return;
        }
        let next = self.waiting.borrow_mut().pop_front();
        let Some((which, wanted)) = next else {
            return;
        };
        self.under_way.set(Some((which, wanted)));
        let own = self.own.clone();
        let (undoing, ending) = (Rc::clone(self), Rc::clone(self));
        TargetJob::doing(
            t::settings_clients_job(),
            vec![own.to_string()],
            turning(own, which, wanted),
        )
        .undo(move |_| undoing.turn(which, !wanted))
        .on_end(move |_| {
            ending.under_way.set(None);
            // The page may have been left.
            let _ = ending.changed.try_update(|changed| *changed += 1);
            ending.go_on();
        })
        .start();
    }
}

/// Turns a switch, unless it is so already, and leaves the other one as it is now: somebody else, or
/// another tab, may have turned it since the page was read.
fn turning(own: UserId, which: AdminSwitch, wanted: bool) -> OnTarget {
    let stands: Rc<RefCell<AdminView>> = Rc::default();
    let check: Check = Rc::new({
        let (own, stands) = (own.clone(), Rc::clone(&stands));
        move |_, network| {
            let (request, stands) = (account_data::admin_view(&own), Rc::clone(&stands));
            async move {
                let now = known(network.send(request).await)?;
                if now.is_on(which) == wanted {
                    return Ok(Verdict::Leave(Reason::Unchanged));
                }
                stands.replace(now);
                Ok(Verdict::Go { undoable: true })
            }
            .boxed_local()
        }
    });
    let deed: OnTarget = Rc::new(move |_, network, _| {
        let wished = stands.borrow().clone().with(which, wanted);
        let request = account_data::set_admin_view(&own, &wished);
        async move {
            match network.send(request).await {
                Ok(_) => Step::Done,
                Err(error) => Step::from_error(error),
            }
        }
        .boxed_local()
    });
    asked(1, check, deed)
}

/// What the server keeps, by its answer.
fn known(answer: Result<AdminView, ApiError>) -> Result<AdminView, ApiError> {
    match answer {
        // There have never been any.
        Err(error) if error.is_not_found() => Ok(AdminView::default()),
        answer => answer,
    }
}
