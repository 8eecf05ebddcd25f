//! Starting a background update by hand: those that the server knows by name.

use crate::api::background_updates::{self, StartableJob, VerifyKey};
use crate::api::server::Feature;
use crate::components::field::{Choice, DateTimeField, Field, SelectField};
use crate::components::form_dialog::FormDialog;
use crate::i18n::{Words, t};
use crate::operations::{Target, TargetJob};
use crate::session::Session;
use crate::ui::{IntoNode, Node, view};
use leptos::prelude::*;
use std::rc::Rc;

/// The updates, as the field names them.
const ROOMS: &str = "rooms";
const DIRECTORY: &str = "directory";
const SIGN: &str = "sign";

fn words(which: &str) -> Words {
    match which {
        DIRECTORY => t::updates_job_directory,
        SIGN => t::updates_job_sign,
        _ => t::updates_job_rooms,
    }
}

/// The dialog in which one is chosen.
pub fn dialog(open: RwSignal<bool>, changed: RwSignal<u32>) -> Node {
    let which = RwSignal::new(ROOMS.to_owned());
    let key = RwSignal::new(String::new());
    let before = RwSignal::new(None);
    let half = RwSignal::new(false);
    let signs = Memo::new(move |_| which.with(|which| which == SIGN));
    let old_key = move || key.with(|key| VerifyKey::parse(key));
    let wrong = Signal::derive(move || {
        let is_wrong = key.with(|key| !key.trim().is_empty()) && old_key().is_none();
        is_wrong.then(t::updates_sign_key_wrong)
    });
    let can_sign = Session::get().capabilities_now().has(Feature::SignEvents);
    let options = || -> Vec<Choice> {
        let all = [ROOMS, DIRECTORY, SIGN].map(|which| (which, words(which)));
        all.into_iter()
            .filter(|(which, _)| can_sign || *which != SIGN)
            .collect()
    };
    let options = StoredValue::new(options());
    let incomplete =
        Signal::derive(move || signs.get() && (half.get() || wrong.with(Option::is_some)));
    let start = move || {
        let chosen = which.get_untracked();
        let job = match chosen.as_str() {
            DIRECTORY => StartableJob::UserDirectory,
            SIGN => StartableJob::SignEvents {
                old_key: untrack(old_key),
                before: before.get_untracked(),
            },
            _ => StartableJob::RoomStatistics,
        };
        let target = Target {
            name: words(&chosen)(),
            call: background_updates::start(&job).call,
        };
        TargetJob::new(words(&chosen)(), vec![target])
            .on_end(move |_| {
                // The page may have been left.
                let _ = changed.try_update(|changed| *changed += 1);
            })
            .start();
    };
    view! {
        <FormDialog
            open
            title=t::updates_start
            action=t::updates_start
            incomplete
            on_submit=Rc::new(start)
        >
            <p>{t::updates_start_text}</p>
            <SelectField
                label=t::updates_start_which
                value=which
                options=options.get_value()
            />
            {move || {
                signs
                    .get()
                    .then(|| {
                        view! {
                            <Field
                                label=t::updates_sign_key
                                hint=Signal::derive(t::updates_sign_key_hint)
                                value=key
                                error=wrong
                                mono=true
                            />
                            <DateTimeField
                                label=t::updates_sign_before
                                at=before
                                wrong=half
                                error=Signal::derive(move || {
                                    half.get().then(t::token_end_unfinished)
                                })
                            />
                        }
                    })
            }}
        </FormDialog>
    }
    .into_node()
}
