//! Accessibility: axe-core looks at the page as it is.

use super::page::{Page, fail};
use serde_json::Value;
use std::sync::OnceLock;
use xtask::tools;

static SOURCE: OnceLock<String> = OnceLock::new();

fn source() -> &'static str {
    SOURCE.get_or_init(|| {
        let read = || anyhow::Ok(std::fs::read_to_string(tools::axe_core()?)?);
        read().unwrap_or_else(|error| panic!("axe-core cannot be had: {error:#}"))
    })
}

/// What is scrolled out of sight is not rendered, and keeps the colours that it had when it last
/// was: it is rendered before the theme changes.
const RENDER_ALL: &str = "
    if (!window.allRendered) {
      window.allRendered = new CSSStyleSheet();
      allRendered.replaceSync('* { content-visibility: visible !important }');
      document.adoptedStyleSheets.push(allRendered);
    }";

/// The rules of which the answer may differ from theme to theme: they look at colours.
const OF_COLOURS: [&str; 2] = ["color-contrast", "link-in-text-block"];

/// These rules, or if there are none every rule that axe-core has for WCAG 2.2 A and AA, and its best
/// practices.
const RUN: &str = "
    const [rules, done] = arguments;
    const only = rules.length ? {runOnly: {type: 'rule', values: rules}} : {};
    const frame = () => new Promise((next) => requestAnimationFrame(next));
    frame().then(frame).then(frame)
      .then(() => axe.run(document, {resultTypes: ['violations'], ...only})).then(
      (result) => result.violations.map((v) =>
        `${v.id} (${v.impact}): ${v.help}\\n` + v.nodes.slice(0, 5).map((n) =>
          `    ${n.html.slice(0, 200)}\\n      ${n.failureSummary.replace(/\\n\\s*/g, ' ')}`).join('\\n')),
      (error) => [String(error)]).then(done);";

/// What moves, comes to an end, and is rendered: the rest stands still until it is.
const MOVING: &str = "
    return document.getAnimations()
      .filter((a) => a.playState === 'running' && a.effect?.getComputedTiming().endTime !== Infinity)
      .filter(({effect}) => effect.target?.checkVisibility() && !(effect.pseudoElement && effect.target.closest('svg')))
      .slice(0, 5)
      .map((a) => `${a.animationName ?? a.transitionProperty} of ${a.effect.target.outerHTML.slice(0, 120)}`)";

impl Page {
    /// Fails if axe-core finds anything, in the light or in the dark theme.
    pub async fn is_accessible(&self) {
        self.script(RENDER_ALL, vec![]).await;
        // The themes are colours, and nothing else.
        for (dark, rules) in [(true, &OF_COLOURS[..]), (false, &[])] {
            self.prefer_dark(dark).await;
            self.breaks_none_of(rules).await;
        }
    }

    /// Fails if axe-core finds anything in the theme that is shown.
    pub async fn is_accessible_as_it_is(&self) {
        self.breaks_none_of(&[]).await;
    }

    /// Asks axe-core about these rules, or about all if there are none.
    async fn breaks_none_of(&self, rules: &[&str]) {
        self.step("asks axe-core");
        self.script(RENDER_ALL, vec![]).await;
        // The page may have been loaded anew since the last time.
        let there = self.script("return typeof axe === 'object'", vec![]).await;
        if there != Value::Bool(true) {
            self.script(source(), vec![]).await;
        }
        // What stands around the page may be there before its part is; axe-core says so if it never comes.
        let heading = "return document.querySelector('h1') !== null";
        self.poll(Self::PATIENCE, async || {
            self.script(heading, vec![]).await == true
        })
        .await;
        // What fades in is judged when it is there.
        let mut moving = Value::Null;
        let rests = self.poll(Self::PATIENCE, async || {
            moving = self.script(MOVING, vec![]).await;
            moving.as_array().is_some_and(Vec::is_empty)
        });
        if !rests.await {
            fail(format!("It never rests: {moving}."));
        }
        let found = match self.driver().execute_async(RUN, vec![rules.into()]).await {
            Ok(found) => found.json().clone(),
            Err(error) => fail(format!("axe-core does not run: {error}")),
        };
        let found: Vec<String> = serde_json::from_value(found).unwrap_or_default();
        if !found.is_empty() {
            let dark = self
                .script(
                    "return matchMedia('(prefers-color-scheme: dark)').matches",
                    vec![],
                )
                .await;
            fail(format!(
                "Not accessible at {} ({}):\n{}",
                self.route().await,
                if dark == Value::Bool(true) {
                    "dark"
                } else {
                    "light"
                },
                found.join("\n")
            ));
        }
    }
}
