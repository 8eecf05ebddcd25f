//! `#/media`: where the space goes, and removing what nobody needs any more.
//!
//! | file | what |
//! |---|---|
//! | `storage` | the first tab: figures, charts, all files |
//! | `summed` | what they are summed up to, in parts |
//! | `scan` | reading the media repository |
//! | `charts`, `fields` | what the charts show, and the filters of the list |
//! | `kept` | clean-ups that are kept as rules |
//! | `question`, `target` | what the address asks, and what deleting that hits |
//! | [`uploads`] | when files came, for the page of statistics |
//! | `usage` | the second tab: who has uploaded how much |
//! | `by_room` | the third tab: what the media of rooms weighs |
//! | `delete`, `purge` | the dialogs |

mod by_room;
mod charts;
mod delete;
mod fields;
pub mod filter;
mod find;
mod kept;
mod purge;
mod question;
mod scan;
mod storage;
mod summed;
mod target;
pub mod uploads;
mod usage;

use crate::address::route::Route;
use crate::browser::navigation::{HistoryStep, current_query, navigate};
use crate::components::button::{Button, ButtonKind};
use crate::components::page::PageHeader;
use crate::components::tabs::{Tab, tabbed};
use crate::i18n::t;
use crate::ui::{IntoNode, Node, view};
use delete::DeleteDialog;
use leptos::prelude::*;
use purge::PurgeDialog;

/// The page of the media repository: where the space goes, and clean-ups.
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
        navigate(&Route::Media.to_string(), HistoryStep::Replace);
    });
    let tabs = vec![
        Tab::new("", t::storage_tab, move || storage::tab(changed, deleting)),
        Tab::new("users", t::storage_who, move || usage::usage(changed)),
        Tab::new("rooms", t::by_room, by_room::tab),
    ];
    view! {
        <PageHeader title=Signal::derive(t::nav_media) lead=Signal::derive(t::media_lead)>
            <Button label=t::media_purge icon="trash" on_press=move || purging.set(true) />
            <Button label=t::media_delete icon="trash" kind=ButtonKind::Danger on_press=move || deleting.set(true) />
        </PageHeader>
        <DeleteDialog open=deleting on_deleted=move |()| changed.update(|n| *n += 1) />
        <PurgeDialog open=purging />
        {find::field()}
        {tabbed(&Route::Media, t::nav_media, tabs)}
    }
    .into_node()
}
