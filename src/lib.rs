//! Synapse Admin: administer a Matrix homeserver from the browser.
//!
//! The rooms of the house, from the ground up. Arrows only point down.
//!
//! - [`api`]: the wire. What Synapse understands, as plain Rust values. No browser, no UI.
//! - [`runner`]: works through many items, several at a time, as fast as the server allows,
//!   and accounts for every one of them. No browser, no UI.
//! - [`import`]: a CSV file becomes users: read, validate, plan, run, report. No browser, no UI.
//! - [`listing`]: the question that a list asks, as it stands in the URL. No browser, no UI.
//! - [`bookmarks`]: addresses of synapse-admin and Ketesa, in ours. No browser, no UI.
//! - [`config`]: what whoever deploys the panel or the homeserver decides. No browser, no UI.
//! - [`typed`]: what stands in the log-in form for a user or a homeserver. No browser, no UI.
//! - [`find`]: what a typed or pasted text is: a user, a room, a file, words. No browser, no UI.
//! - [`storage`]: where the space of the media repository goes. No browser, no UI.
//! - [`cleanup`]: what a deletion of old media will hit, before it does. No browser, no UI.
//! - [`roster`], [`room_list`]: the lists of users and of rooms, answered by the server or by
//!   us. No browser, no UI.
//! - [`users`]: what there is to know of accounts. No browser, no UI.
//! - [`actions`]: the row of an action. No browser, no UI.
//! - [`user_actions`], [`room_actions`], [`file_actions`]: what can be done to accounts, rooms, files, and what
//!   that hits. No browser, no UI.
//! - [`touched`]: what a change of ours may have changed of the lists that are kept. No browser, no
//!   UI.
//! - [`places`]: the addresses of pages that belong to one thing. No browser, no UI.
//! - [`power`]: who may do what in a room. No browser, no UI.
//! - [`room_history`]: what removing a room's history would hit. No browser, no UI.
//! - [`i18n`]: every sentence a person reads, in every language.
//! - `session`: who is logged in, to which homeserver; where the token lives; the one
//!   network client.
//! - `operations`: the one way to change something on the server: describe, preview, confirm,
//!   run, report, log.
//! - `components`: the building blocks of the pages. They know nothing of Matrix.
//! - `pages`: one folder per page, named after its route.
//! - `inside`: the frame of the signed-in administrator and the route table.
//! - [`ui`]: `view!`, and what it makes: one type for every piece of markup.
//! - `router`: routes in the fragment of the address.
//! - `chunks`: the parts that come in files of their own, when they are needed.
//! - `app`: the log-in page or the inside.
//!
//! What runs without a browser compiles natively and holds most of the tests; the rest needs one and
//! exists in the wasm build only.

pub mod actions;
pub mod api;
#[cfg(target_arch = "wasm32")]
pub mod app;
pub mod bookmarks;
#[cfg(target_arch = "wasm32")]
pub mod chunks;
pub mod cleanup;
#[cfg(target_arch = "wasm32")]
pub mod components;
pub mod config;
#[cfg(test)]
mod conventions;
pub mod file_actions;
pub mod find;
pub mod i18n;
pub mod import;
#[cfg(target_arch = "wasm32")]
pub mod inside;
pub mod listing;
#[cfg(target_arch = "wasm32")]
pub mod operations;
#[cfg(target_arch = "wasm32")]
pub mod pages;
pub mod places;
pub mod power;
pub mod room_actions;
pub mod room_history;
pub mod room_list;
pub mod roster;
#[cfg(target_arch = "wasm32")]
pub mod router;
pub mod runner;
#[cfg(target_arch = "wasm32")]
pub mod session;
pub mod storage;
pub mod touched;
pub mod typed;
pub mod ui;
pub mod user_actions;
pub mod users;

/// Starts the app in the page that loaded it.
#[cfg(target_arch = "wasm32")]
pub fn start() {
    use crate::i18n::language;

    std::panic::set_hook(Box::new(|info| {
        web_sys::console::error_1(&info.to_string().into());
    }));
    wasm_bindgen_futures::spawn_local(async {
        let language = language::preferred();
        // Without its file a language is not spoken; English is always there.
        let _ = futures_util::join!(language::speak(&language), session::config::load());
        if let Some(splash) = leptos::prelude::document().get_element_by_id("splash") {
            splash.remove();
        }
        leptos::mount::mount_to_body(app::App);
    });
}
