//! Joining a room by its name, alias or ID, for oneself or another account of this server.

use crate::components::field::Field;
use crate::components::form_dialog::{FormDialog, SentFields};
use crate::i18n::t;
use crate::operations::{TargetJob, joining};
use crate::pages::rooms::account::{local_user, not_local, own};
use crate::ui::{IntoNode, Node, view};
use crate::widgets::room_field::{RoomChoice, room_field};
use leptos::prelude::*;
use std::rc::Rc;

/// The dialog, while `open`, for the room that is chosen in it.
pub fn dialog(open: RwSignal<bool>, choice: RoomChoice) -> Node {
    let user = RwSignal::new(own());
    let incomplete = Signal::derive(move || {
        choice.room().is_none() || user.with(|text| local_user(text).is_none())
    });
    let typed = SentFields::new(open, move || {
        choice.clear();
        user.set(own());
    })
    .emptied_by_closing();
    let join = move || {
        let chosen = untrack(|| choice.room());
        let (Some(room), Some(joins)) = (chosen, user.with_untracked(|text| local_user(text)))
        else {
            return;
        };
        let ended = typed.sent();
        let (title, name) = (
            t::rooms_join_job(&room.to_string()),
            format!("{joins}: {room}"),
        );
        TargetJob::doing(title, vec![name], joining(vec![room.join(&joins)]))
            .on_end(move |job| ended(job.is_done()))
            .start();
    };
    view! {
        <FormDialog
            open
            title=t::directory_join
            about_picked=true
            action=t::directory_join
            incomplete
            on_submit=Rc::new(join)
        >
            {room_field(choice)}
            <Field
                label=t::room_act_join_field
                hint=Signal::derive(t::room_act_join_hint)
                value=user
                error=not_local(user)
                mono=true
            />
        </FormDialog>
    }
    .into_node()
}
