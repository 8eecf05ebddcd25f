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
//!   [`Link`] writes them, and a listener catches those that forget the target;
//! - nobody calls the router's own `<A>`, `use_navigate` or `query_signal`; [`navigate`] and
//!   [`Link`] are the ways to move.

use crate::address::legacy;
use crate::components::form::Unsaved;
use leptos::ev;
use leptos::prelude::*;
use leptos_router::components::Router;
use leptos_router::hooks::use_location;
use leptos_router::location::{BrowserUrl, LocationProvider, Url};
use leptos_router::params::ParamsMap;
use wasm_bindgen::JsCast;

/// How a move shows in the browser's history.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// A new entry: the back button returns here.
    Push,
    /// In place of the current entry.
    Replace,
}

/// The route that stands behind the `#` now, with its query: begins with exactly one slash. Not
/// reactive.
pub fn current_route() -> String {
    let hash = window().location().hash().unwrap_or_default();
    let bare = hash.trim_start_matches('#').trim_start_matches('/');
    format!("/{bare}")
}

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

/// Puts a route in the place of the current one, and tells nobody.
fn replace(route: &str) {
    if let Ok(history) = window().history() {
        // Refused only for another origin.
        let _ = history.replace_state_with_url(
            &wasm_bindgen::JsValue::NULL,
            "",
            Some(&format!("#{route}")),
        );
    }
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
        if unsaved.is_any() {
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

/// Moves to a route such as `/users?page=2`.
pub fn navigate(route: &str, step: Step) {
    match step {
        Step::Push => {
            // Refused only for a detached document, and this one is shown.
            let _ = window().location().set_hash(&format!("#{route}"));
        }
        Step::Replace => {
            replace(route);
            // Replacing fires no event by itself.
            if let Ok(event) = web_sys::Event::new("hashchange") {
                let _ = window().dispatch_event(&event);
            }
        }
    }
}

/// The current route without its query: `/users`. Reactive.
pub fn current_path() -> Memo<String> {
    use_location().pathname
}

/// The query of the current route, decoded. Reactive.
pub fn current_query() -> Memo<ParamsMap> {
    // `use_query_map` stops to follow when a route is left and opened again.
    use_location().query
}

/// A link to a route. `aria-current="page"` while its page, or one below it, is shown.
#[component]
pub fn Link(
    /// The route: `/users`.
    #[prop(into)]
    to: Signal<String>,
    #[prop(optional, into)] class: &'static str,
    children: Children,
) -> impl IntoView {
    let path = current_path();
    let current = move || {
        let to = to.get();
        let target = to.split('?').next().unwrap_or_default().to_owned();
        let here = path.get();
        (here == target || here.starts_with(&format!("{target}/"))).then_some("page")
    };
    view! {
        <a class=class href=move || format!("#{}", to.get()) target="_self" aria-current=current>
            {children()}
        </a>
    }
}
