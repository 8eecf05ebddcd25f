//! The browsers that the journeys know, and what each of them has to be told.

use super::{Page, Screen};
use anyhow::Result;
use serde_json::json;
use std::sync::OnceLock;
use std::time::Duration;

/// A browser by what it is made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Engine {
    /// The one that every journey runs in, and the only one that tells what it requests, what stands
    /// in its console, and that can be told what the system prefers.
    Chromium,
    Firefox,
    /// What Safari is made of, here in GTK's MiniBrowser.
    WebKit,
}

impl Engine {
    /// The one that `JOURNEYS_BROWSER` names; Chromium if it names none.
    pub fn chosen() -> Engine {
        static CHOSEN: OnceLock<Engine> = OnceLock::new();
        *CHOSEN.get_or_init(|| {
            let name = std::env::var("JOURNEYS_BROWSER").unwrap_or_default();
            Engine::named(&name).unwrap_or_else(|| {
                panic!("JOURNEYS_BROWSER is “{name}”. It can be chromium, firefox or webkit.")
            })
        })
    }

    fn named(name: &str) -> Option<Engine> {
        match name {
            "" | "chromium" => Some(Engine::Chromium),
            "firefox" => Some(Engine::Firefox),
            "webkit" => Some(Engine::WebKit),
            _ => None,
        }
    }

    /// Whether it is the one that tells what it does behind the scenes.
    pub fn is_chromium(self) -> bool {
        self == Engine::Chromium
    }
}

impl Page {
    /// Has Chromium tell what must never happen, save what is downloaded, and take itself for a
    /// screen of this size.
    pub(super) async fn is_watched_on(&self, screen: Screen) {
        self.cdp(
            "Page.addScriptToEvaluateOnNewDocument",
            json!({"source": include_str!("witness.js")}),
        )
        .await;
        self.takes_downloads().await;
        let (width, height) = screen.size();
        self.cdp(
            "Emulation.setDeviceMetricsOverride",
            json!({
                "width": width,
                "height": height,
                "deviceScaleFactor": 1,
                "mobile": screen == Screen::Phone,
            }),
        )
        .await;
    }

    /// Makes the window as large as a page on this screen needs it, as far as the browser goes along.
    pub(super) async fn has_room(&self, screen: Screen) -> Result<()> {
        const INNER: &str = "return [innerWidth, innerHeight, outerWidth, outerHeight]";
        let (width, height) = screen.size();
        let (mut around, mut above) = (0, 0);
        for _ in 0..2 {
            self.driver()
                .set_window_rect(0, 0, width + around, height + above)
                .await?;
            let mut frame = (0, 0);
            // It takes a moment until the page knows.
            self.poll(Duration::from_secs(2), async || {
                let sizes = self.script(INNER, vec![]).await;
                let size = |place: usize| sizes[place].as_u64().unwrap_or_default() as u32;
                frame = (
                    size(2).saturating_sub(size(0)),
                    size(3).saturating_sub(size(1)),
                );
                size(2) == width + around && size(3) == height + above
            })
            .await;
            (around, above) = frame;
        }
        // Until it has been clicked, Firefox takes its window for one in the background, where keys are
        // heard and press no button.
        let click = self.driver().action_chain().move_to(1, 1).click();
        click.perform().await?;
        Ok(())
    }

    /// What the page says when its program has stopped or has not started.
    pub(super) async fn stopped(&self) -> Option<String> {
        let script = "return document.querySelector('.stopped, .splash[role=alert]')?.innerText";
        let said = self.driver().execute(script, vec![]).await.ok()?;
        Some(format!("The page says: {}", said.json().as_str()?))
    }

    /// Lets the tab that is driven now save files where the journey finds them. Others than Chromium
    /// do so in every tab.
    pub async fn takes_downloads(&self) {
        if !self.engine().is_chromium() {
            return;
        }
        self.cdp(
            "Browser.setDownloadBehavior",
            json!({"behavior": "allow", "downloadPath": self.downloads()}),
        )
        .await;
    }

    /// What the browser would do without a choice of theme. Others than Chromium cannot be told: they
    /// show the page as if the theme had been chosen, until it is loaded anew.
    pub async fn prefer_dark(&self, dark: bool) {
        let value = if dark { "dark" } else { "light" };
        if !self.engine().is_chromium() {
            let choose = "document.documentElement.dataset.theme = arguments[0]";
            self.script(choose, vec![value.into()]).await;
            return;
        }
        self.cdp(
            "Emulation.setEmulatedMedia",
            json!({"features": [
                {"name": "prefers-color-scheme", "value": value},
                {"name": "prefers-reduced-motion", "value": "reduce"},
            ]}),
        )
        .await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn engines_go_by_their_names() {
        assert_eq!(Engine::named(""), Some(Engine::Chromium));
        assert_eq!(Engine::named("webkit"), Some(Engine::WebKit));
        assert_eq!(Engine::named("safari"), None);
    }
}
