//! The pages, and what can be done at once.

use super::entry::{OnChosen, PaletteEntry, Picture};
use crate::address::route::{Offered, PAGES, Route};
use crate::app::frame::log_out::log_out;
use crate::app::frame::signed_in::show_servers;
use crate::components::toast::Toasts;
use crate::config::icon;
use crate::i18n::errors::Explained;
use crate::i18n::{language, t};
use crate::session::Session;
use crate::session::config::config;
use crate::widgets::preferences::{THEMES, choose_theme};
use wasm_bindgen_futures::spawn_local;

/// The pages, and the links of the deployment.
pub fn pages() -> Vec<PaletteEntry> {
    let server = Session::get().capabilities_now();
    let in_navigation = PAGES.iter().filter(|page| page.offered.is_in_navigation());
    let others = PAGES.iter().filter(|page| page.offered == Offered::Palette);
    let mut pages: Vec<PaletteEntry> = in_navigation
        .chain(others)
        .filter(|page| page.is_of(&server))
        .map(|page| PaletteEntry::go(page.icon, (page.title)(), page.path))
        .collect();
    let language = language::current();
    pages.extend(config().menu.iter().map(|item| PaletteEntry {
        picture: Picture::Icon(icon(&item.icon).into()),
        title: item.label_in(&language).to_owned(),
        detail: item.url.clone(),
        act: OnChosen::Open(item.url.clone()),
    }));
    pages
}

/// What can be done at once.
pub fn actions() -> Vec<PaletteEntry> {
    let mut actions = vec![
        PaletteEntry::go("trash", t::media_delete(), Route::Media.at("open=delete")),
        PaletteEntry::go("trash", t::media_purge(), Route::Media.at("open=purge")),
        PaletteEntry::go(
            "rooms",
            t::palette_empty_rooms(),
            Route::Rooms.at("empty_rooms=true"),
        ),
        PaletteEntry::go(
            "rooms",
            t::palette_left_rooms(),
            Route::Rooms.at("local=false"),
        ),
        PaletteEntry::go("users", t::palette_admins(), Route::Users.at("admins=true")),
        PaletteEntry::go("users", t::palette_locked(), Route::Users.at("locked=true")),
        PaletteEntry::go(
            "users",
            t::palette_deactivated(),
            Route::Users.at("deactivated=true"),
        ),
    ];
    actions.extend(THEMES.map(|(theme, name)| {
        let picture = match theme {
            "light" => "sun",
            "dark" => "moon",
            _ => "palette",
        };
        PaletteEntry::act(picture, t::palette_theme(&name()), move || {
            choose_theme(theme)
        })
    }));
    actions.extend(t::LANGUAGES.map(|tag| {
        let title = t::palette_language(language::name(tag));
        PaletteEntry::act("language", title, move || speak(tag))
    }));
    actions.push(PaletteEntry::act(
        "server",
        t::servers_title(),
        show_servers,
    ));
    actions.push(PaletteEntry::act("log-out", t::log_out(), log_out));
    actions
}

fn speak(tag: &'static str) {
    spawn_local(async move {
        if language::choose(tag).await.is_err() {
            Toasts::get().bad(Explained {
                sentence: t::preferences_language_failed(),
                hint: String::new(),
                details: String::new(),
            });
        }
    });
}
