//! The dialog "Purge remote media".

use super::filter::{date_problem, presets};
use crate::api::media;
use crate::components::button::{Button, ButtonKind};
use crate::components::dialog::Dialog;
use crate::components::field::DateTimeField;
use crate::i18n::t;
use crate::operations::TargetJob;
use crate::ui::view;
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
        let request = media::purge_remote(before);
        let deleted = Rc::new(Cell::new(0));
        TargetJob::one(t::media_purge(), t::media_purge(), request.call.clone())
            .one_by_one()
            .reading({
                let deleted = Rc::clone(&deleted);
                move |_, answer| {
                    deleted.set(request.read(answer)?.deleted);
                    Ok(())
                }
            })
            .on_end(move |job| {
                job.set_result(match deleted.get() {
                    0 => t::media_purge_nothing(),
                    count => t::media_purge_result(count),
                });
            })
            .start();
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
