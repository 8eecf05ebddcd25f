//! Another version of the panel on the web server: noticed while the page is looked at, and offered
//! where nothing is lost by it.

use crate::browser::clock::now;
use crate::components::button::{Button, ButtonKind};
use crate::components::form::Unsaved;
use crate::components::notice::Notice;
use crate::i18n::t;
use crate::operations::Jobs;
use crate::ui::{IntoNode, Node, view};
use gloo_net::http::Request;
use leptos::prelude::*;
use std::time::Duration;
use wasm_bindgen_futures::spawn_local;
use web_sys::RequestCache;

/// How often it is looked whether it is time to ask.
const LOOK: Duration = Duration::from_secs(60);

/// How long after it was asked it is asked again, in milliseconds: while the page is looked at, and when
/// somebody comes back to it.
const AGAIN_MS: i64 = 30 * 60 * 1000;
const COMES_BACK_MS: i64 = 60 * 1000;

/// How long it is put off by "Later", in milliseconds.
const LATER_MS: i64 = 4 * 60 * 60 * 1000;

/// Offers the new version above every page, once there is one.
pub fn offer() -> Node {
    let is_newer = RwSignal::new(false);
    let put_off = RwSignal::new(None::<i64>);
    let asked = StoredValue::new(now().0);
    let look = move |after: i64| {
        let is_later = |at: i64| now().0 - at >= LATER_MS;
        if put_off.try_get_untracked().flatten().is_some_and(is_later) {
            put_off.set(None);
        }
        let is_due = asked
            .try_get_value()
            .is_some_and(|asked| now().0 - asked >= after);
        if !is_due || document().hidden() || is_newer.get_untracked() {
            return;
        }
        asked.set_value(now().0);
        spawn_local(async move {
            if has_another().await == Some(true) {
                // Somebody may have signed out meanwhile.
                is_newer.try_set(true);
            }
        });
    };
    let timer = set_interval_with_handle(move || look(AGAIN_MS), LOOK);
    let seen = window_event_listener_untyped("visibilitychange", move |_| look(COMES_BACK_MS));
    // A file of the program that cannot be had is the first that many a person sees of an update.
    let missed = window_event_listener_untyped("part-missing", move |_| {
        asked.set_value(0);
        look(AGAIN_MS);
    });
    on_cleanup(move || {
        seen.remove();
        missed.remove();
        if let Ok(timer) = timer {
            timer.clear();
        }
    });
    let jobs = Jobs::get();
    (move || {
        let works = jobs.all().iter().any(|job| !job.is_over());
        let is_offered =
            is_newer.get() && put_off.get().is_none() && !works && !Unsaved::get().is_any_now();
        is_offered.then(|| {
            view! {
                <div class="reminder">
                    <Notice>
                        <p role="status">{t::newer_text}</p>
                        <div class="actions">
                            <Button label=t::newer_load icon="refresh" on_press=load />
                            <Button
                                label=t::newer_later
                                kind=ButtonKind::Quiet
                                on_press=move || put_off.set(Some(now().0))
                            />
                        </div>
                    </Notice>
                </div>
            }
            .into_node()
        })
    })
    .into_node()
}

fn load() {
    // Refused only in a document that is being left already.
    let _ = window().location().reload();
}

/// The file of the program in a page, whose name changes with what is in it.
fn program(page: &str) -> Option<&str> {
    let (before, _) = page.split_once(".wasm")?;
    let begins = before.rfind(|c: char| !c.is_ascii_alphanumeric() && !matches!(c, '-' | '_'))?;
    before.get(begins + 1..).filter(|name| !name.is_empty())
}

/// Whether the web server has another program than this one; `None` if it does not say.
async fn has_another() -> Option<bool> {
    // What stands first in this page stands first in the file that it came from.
    let named = "[data-wasm], link[href*='.wasm']";
    let mine = document().query_selector(named).ok()??.outer_html();
    let mine = program(&mine)?;
    let path = window().location().pathname().ok()?;
    let answer = Request::get(&path)
        .cache(RequestCache::NoCache)
        .send()
        .await
        .ok()?;
    let text = answer.ok().then_some(answer.text())?.await.ok()?;
    // A proxy's own page names no program.
    Some(program(&text)? != mine)
}
