//! The dialog "Purge remote media".

use super::filter::{date_problem, presets};
use crate::api::media;
use crate::api::tolerant::Timestamp;
use crate::components::button::{Button, ButtonKind};
use crate::components::dialog::Dialog;
use crate::components::field::DateTimeField;
use crate::i18n::{format, t};
use crate::media::deletion::{PurgeCame, PurgeTold, purge_steps};
use crate::operations::acts::may_have_been_done;
use crate::operations::words::is_incomplete;
use crate::operations::{OnTarget, TargetJob};
use crate::runner::Step;
use crate::ui::view;
use futures_util::FutureExt;
use leptos::prelude::*;
use std::cell::Cell;
use std::rc::Rc;

/// The dialog that purges copies of other servers' media.
#[component]
pub fn PurgeDialog(open: RwSignal<bool>) -> impl IntoView {
    view! {
        <Dialog open title=Signal::derive(t::media_purge)>
            <PurgeForm open />
        </Dialog>
    }
}

#[component]
fn PurgeForm(open: RwSignal<bool>) -> impl IntoView {
    let before = RwSignal::new(None);
    let error: RwSignal<Option<String>> = RwSignal::new(None);
    Effect::new(move |_| {
        before.track();
        error.set(None);
    });
    let start = move || {
        let Some(before) = before.get_untracked() else {
            error.set(Some(t::media_before_missing()));
            return;
        };
        if let Some(problem) = date_problem(before) {
            error.set(Some(problem));
            return;
        }
        open.set(false);
        purge(before);
    };
    view! {
        <p>{t::media_purge_lead}</p>
        <DateTimeField
            id="purge-before"
            label=t::media_before
            at=before
            error=Signal::derive(move || error.get())
            presets=presets()
        />
        <p class="field-hint">{t::media_purge_no_preview}</p>
        <div class="dialog-actions">
            <Button label=t::cancel on_press=move || open.set(false) />
            <Button label=t::media_purge kind=ButtonKind::Danger on_press=start />
        </div>
    }
}

/// Purges in steps, oldest copies first.
fn purge(before: Timestamp) {
    let steps: Rc<[Timestamp]> = purge_steps(before).into();
    let names = steps
        .iter()
        .map(|step| t::media_step(&format::date_time(*step)));
    let names = names.collect();
    let told: Rc<Cell<PurgeTold>> = Rc::default();
    let deed: OnTarget = {
        let told = Rc::clone(&told);
        Rc::new(move |item, network, _turn| {
            let (told, request) = (Rc::clone(&told), media::purge_remote(steps[item]));
            async move {
                let mut now = told.get();
                let step = match network.send(request).await {
                    Ok(purged) => {
                        now.deleted += purged.deleted;
                        Step::Done
                    }
                    Err(error) => {
                        now.is_lost |= may_have_been_done(&error);
                        Step::from_error(error)
                    }
                };
                told.set(now);
                step
            }
            .boxed_local()
        })
    };
    TargetJob::doing(t::media_purge(), names, deed)
        .one_by_one()
        .on_end(move |job| {
            let is_whole = !is_incomplete(&job.progress_now());
            match told.get().came(is_whole) {
                PurgeCame::Nothing => job.set_result(t::media_purge_nothing()),
                PurgeCame::Deleted(count) => job.set_result(t::media_purge_result(count)),
                PurgeCame::AtLeast(0) => job.set_result(t::media_purge_unknown()),
                PurgeCame::AtLeast(count) => job.set_result(t::media_purge_at_least(count)),
                PurgeCame::Open => {}
            }
        })
        .start();
}
