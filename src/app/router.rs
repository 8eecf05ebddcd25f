//! Routes in the fragment: `#/users?page=2`. One bundle then works at any path of any web
//! server, without rewrite rules.
//!
//! leptos_router only knows real paths, so a bridge keeps its URL signal on what stands behind
//! the `#`. Three rules make that hold:
//!
//! - our `popstate` listener is registered before the router's own and stops it: the router
//!   would otherwise read the real path;
//! - links are plain `<a href="#/…" target="_self">`: with a target the router leaves the click
//!   to the browser, so copying, middle click and "open in new tab" work by themselves.
//!   `components::link` writes them, and a listener catches those that forget the target;
//! - nobody calls the router's own `<A>`, `use_navigate` or `query_signal`; `browser::navigation`
//!   and `components::link` are the ways to move.
//!
//! Which page an address leads to is for [`crate::address::route`] to say; the router knows one
//! route, which takes all.

use crate::address::legacy;
use crate::browser::navigation::{current_route, replace};
use crate::components::form::Unsaved;
use leptos::ev;
use leptos::prelude::*;
use leptos_router::components::Router;
use leptos_router::location::{BrowserUrl, LocationProvider, Url};
use wasm_bindgen::JsCast;

/// The router's idea of the current address. One of another panel's addresses is exchanged for
/// ours first, without a trace in the history.
fn routed_url() -> Option<Url> {
    let route = current_route();
    let route = match legacy::moved(&route) {
        Some(ours) => {
            replace(&ours);
            ours
        }
        None => route,
    };
    BrowserUrl::parse(&route).ok()
}

/// A URL of the router as a route.
fn route_of(url: &Url) -> String {
    format!(
        "{}{}",
        url.path(),
        match url.search() {
            "" => String::new(),
            search => format!("?{}", search.trim_start_matches('?')),
        }
    )
}

#[derive(Clone)]
struct Address(ArcRwSignal<Url>);

impl Address {
    fn follow(&self) {
        let Some(url) = routed_url() else { return };
        let Some(here) = self
            .0
            .with_untracked(|old| (*old != url).then(|| route_of(old)))
        else {
            return;
        };
        let unsaved = Unsaved::get();
        if unsaved.is_any_of_page() {
            // Stays, and says where the person wants to go.
            unsaved.leaving.set(Some(current_route()));
            if let Ok(history) = window().history() {
                let state = wasm_bindgen::JsValue::NULL;
                let _ = history.push_state_with_url(&state, "", Some(&format!("#{here}")));
            }
            return;
        }
        self.0.set(url);
    }
}

/// Makes everything inside follow the fragment.
#[component]
pub fn HashRouter(children: ChildrenFn) -> impl IntoView {
    let slot: StoredValue<Option<Address>, LocalStorage> = StoredValue::new_local(None);
    let follow = move || {
        if let Some(address) = slot.get_value() {
            address.follow();
        }
    };
    let popstate = window_event_listener(ev::popstate, move |event| {
        event.stop_immediate_propagation();
        follow();
    });
    let hashchange = window_event_listener(ev::hashchange, move |_| follow());
    on_cleanup(move || {
        popstate.remove();
        hashchange.remove();
    });
    target_fragment_links();
    view! {
        <Router>
            {move || {
                let address = Address(expect_context::<BrowserUrl>().as_url().clone());
                address.follow();
                slot.set_value(Some(address));
                children()
            }}
        </Router>
    }
}

/// Gives links within the page the target that makes the router leave them alone, before it
/// sees the click.
fn target_fragment_links() {
    let closure = wasm_bindgen::closure::Closure::<dyn Fn(web_sys::MouseEvent)>::new(
        |event: web_sys::MouseEvent| {
            let link = event
                .target()
                .and_then(|target| target.dyn_into::<web_sys::Element>().ok())
                .and_then(|element| element.closest("a[href^='#']:not([target])").ok().flatten());
            if let Some(link) = link {
                // Every element takes this attribute.
                let _ = link.set_attribute("target", "_self");
            }
        },
    );
    let _ = window().add_event_listener_with_callback_and_bool(
        "click",
        closure.as_ref().unchecked_ref(),
        true,
    );
    // Lives as long as the page.
    closure.forget();
}
