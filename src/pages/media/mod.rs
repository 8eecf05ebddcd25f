//! `#/media`: who uses how much, and removing what nobody needs any more.

mod delete;
pub mod filter;
mod purge;
mod usage;

use crate::components::button::{Button, Kind};
use crate::components::page::PageHeader;
use crate::i18n::t;
use crate::router::{Step, current_query, navigate};
use crate::ui::{IntoNode, Node, view};
use delete::DeleteDialog;
use leptos::prelude::*;
use purge::PurgeDialog;

/// The page.
pub fn view() -> Node {
    let deleting = RwSignal::new(false);
    let purging = RwSignal::new(false);
    let changed = RwSignal::new(0_u32);
    // An address that asks for a dialog does so once.
    let query = current_query();
    Effect::new(move |_| {
        let dialog = match query.with(|query| query.get("open")).as_deref() {
            Some("delete") => deleting,
            Some("purge") => purging,
            _ => return,
        };
        dialog.set(true);
        navigate("/media", Step::Replace);
    });
    view! {
        <PageHeader title=Signal::derive(t::nav_media) lead=Signal::derive(t::media_lead)>
            <Button label=t::media_purge icon="trash" on_press=move || purging.set(true) />
            <Button label=t::media_delete icon="trash" kind=Kind::Danger on_press=move || deleting.set(true) />
        </PageHeader>
        <DeleteDialog open=deleting on_deleted=move |()| changed.update(|n| *n += 1) />
        <PurgeDialog open=purging />
        {usage::usage(changed)}
    }
    .into_node()
}
