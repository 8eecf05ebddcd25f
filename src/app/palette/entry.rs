//! One thing to choose in the palette.

use super::recent;
use crate::app::frame::palette::Palette;
use crate::browser::navigation::{HistoryStep, navigate};
use leptos::prelude::*;
use std::borrow::Cow;
use std::rc::Rc;

/// What stands before an entry.
#[derive(Clone)]
pub enum Picture {
    /// A name in the sprite.
    Icon(Cow<'static, str>),
    /// A user: initials.
    User,
}

/// What choosing an entry does.
#[derive(Clone)]
pub enum OnChosen {
    /// Goes to this route; remembered as a recent choice.
    Go(String),
    /// Opens this address in a new tab.
    Open(String),
    Do(Rc<dyn Fn()>),
}

/// Something to choose.
#[derive(Clone)]
pub struct PaletteEntry {
    pub picture: Picture,
    pub title: String,
    /// A word more: the user ID, where a link leads.
    pub detail: String,
    pub act: OnChosen,
}

impl PaletteEntry {
    /// An entry that goes to a route.
    pub fn go(icon: &'static str, title: String, route: impl Into<String>) -> Self {
        PaletteEntry {
            picture: Picture::Icon(icon.into()),
            title,
            detail: String::new(),
            act: OnChosen::Go(route.into()),
        }
    }

    /// An entry that does something.
    pub fn act(icon: &'static str, title: String, act: impl Fn() + 'static) -> Self {
        PaletteEntry {
            picture: Picture::Icon(icon.into()),
            title,
            detail: String::new(),
            act: OnChosen::Do(Rc::new(act)),
        }
    }

    /// With a word more.
    pub fn detail(mut self, detail: impl Into<String>) -> Self {
        self.detail = detail.into();
        self
    }

    /// Whether this and another go to the same route.
    pub fn leads_where(&self, other: &PaletteEntry) -> bool {
        matches!((&self.act, &other.act), (OnChosen::Go(here), OnChosen::Go(there)) if here == there)
    }

    /// Does what the entry stands for, and closes the palette.
    pub fn choose(&self) {
        Palette::get().open.set(false);
        match &self.act {
            OnChosen::Go(route) => {
                recent::remember(self);
                navigate(route, HistoryStep::Push);
            }
            OnChosen::Open(url) => {
                // Without an opener the other page cannot reach this one.
                let _ = window().open_with_url_and_target_and_features(
                    url,
                    "_blank",
                    "noopener,noreferrer",
                );
            }
            OnChosen::Do(act) => act(),
        }
    }
}
