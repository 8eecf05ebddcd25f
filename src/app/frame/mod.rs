//! What stands around every page: navigation, who is signed in, jobs, dialogs.

mod given;
pub mod jobs;
mod leaving;
pub mod log_out;
mod newer;
pub mod palette;
mod proposal;
mod sign_in_again;
pub mod signed_in;

use crate::address::route::{GROUPS, Offered, PAGES, Route, RoutePage};
use crate::api::server::Capabilities;
use crate::app::{jobs_left, parts};
use crate::browser::navigation::{HistoryStep, current_path, navigate};
use crate::components::button::{Button, ButtonKind};
use crate::components::form::Unsaved;
use crate::components::icon::icon;
use crate::components::ids::fresh;
use crate::components::link::Link;
use crate::components::notice::Notice;
use crate::components::page::window_owner;
use crate::components::toast::{ToastStack, Toasts};
use crate::components::typed;
use crate::config::icon as config_icon;
use crate::i18n::config::explain;
use crate::i18n::{Words, language, t};
use crate::operations::Activity;
use crate::operations::unfinished::{self, Left};
use crate::pages::login::errors::restricted;
use crate::pages::rooms::actions;
use crate::pages::users::actions as user_actions;
use crate::session::config::{self, MenuItem, config};
use crate::session::leave::{self, PageKeeper};
use crate::session::{Session, away, end_is_heard_by, learn, recent, unsure_is_told_by};
use crate::ui::{IntoNode, Node, view};
use crate::widgets::preferences::Preferences;
use given::GivenPasswordDialog;
use jobs::{JobButton, JobTray, Tray};
use leaving::LeavingDialog;
use leptos::prelude::*;
use palette::{PaletteDialog, SearchButton, SearchIcon};
use proposal::ProposalDialog;
use sign_in_again::SignInAgain;
use signed_in::{ServersDialog, SignedIn};
use std::cell::Cell;
use wasm_bindgen_futures::spawn_local;

/// Says what an earlier tab has left of an import, above every page until it is closed or the
/// imports are looked at.
fn reminder() -> Node {
    let account = Session::get().account_now();
    let left = account.and_then(|account| unfinished::left(&account.user_id, &account.homeserver));
    let Some(left) = left else {
        return ().into_node();
    };
    let text: Words = match left {
        Left::Interrupted => t::import_left_interrupted,
        Left::File => t::import_left_file,
        Left::Passwords => t::import_left_passwords,
    };
    let shown = RwSignal::new(true);
    let path = current_path();
    Effect::new(move |_| {
        if path.with(|path| Route::parse(path) == Route::ImportUsers) {
            shown.set(false);
        }
    });
    (move || {
        shown.get().then(|| {
            view! {
                <div class="reminder">
                    <Notice>
                        <p>{text}</p>
                        <div class="actions">
                            <Button label=t::import_open on_press=|| navigate(&Route::ImportUsers.to_string(), HistoryStep::Push) />
                            <Button
                                label=t::close
                                kind=ButtonKind::Quiet
                                on_press=move || shown.set(false)
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

/// The frame around the pages of a signed-in administrator.
#[component]
pub fn Shell(children: Children) -> impl IntoView {
    let session = Session::get();
    let drawer_open = RwSignal::new(false);
    let path = current_path();
    let tray = Tray::closed();
    Effect::new(move |_| {
        let user = session.account().map(|account| account.user_id.to_string());
        window_owner().set(user.unwrap_or_default());
    });
    // Whoever has chosen a page wants to see it.
    Effect::new(move |_| {
        path.track();
        drawer_open.set(false);
    });
    // After a reload the session is there, but not what its server can do; nor, after signing in anew, what
    // the session may do at Matrix Authentication Service.
    Effect::new(move |_| {
        session.account();
        spawn_local(async {
            let _ = learn::capabilities().await;
        });
    });
    keep_typed();
    new_tabs_follow(session);
    unsure_is_told_by(log_out::tell_unsure);
    end_is_heard_by(log_out::end_as_well);
    // The panel may have been restricted after somebody signed in to stay.
    if let Some(account) = session.account_now() {
        recent::remember(&account);
        spawn_local(async move {
            let is_refused = config::verdict(&account.homeserver).await == Some(false);
            let now = session.account_now();
            if is_refused && now.is_some_and(|now| now.is_same(&account)) {
                log_out::end_session();
                Toasts::outside().bad(restricted(&config::config_now().homeservers));
            }
        });
    }
    if let Some(server) = session.server_name() {
        config::take_up(&server);
        spawn_local(config::learn(server));
    }
    on_cleanup(config::forget);
    // It ends with the session, whether or not somebody has looked at it.
    Activity::get();
    view! {
        <div class="shell" data-drawer=move || if drawer_open.get() { "open" } else { "closed" }>
            <a
                class="skip-link"
                href="#main"
                on:click=move |event| {
                    // A fragment is a route here.
                    event.prevent_default();
                    focus_main();
                }
            >
                {t::skip_to_content}
            </a>
            <header class="topbar">
                <button
                    class="icon-button"
                    aria-label=t::nav_menu
                    aria-expanded=move || drawer_open.get().to_string()
                    aria-controls="sidebar"
                    on:click=move |_| drawer_open.update(|open| *open = !*open)
                >
                    {icon("menu")}
                </button>
                <span class="topbar-title">
                    {move || session.account().map(|account| account.user_id.server().to_string())}
                </span>
                <JobButton tray small=true />
                <SearchIcon />
            </header>
            <nav
                class="sidebar"
                id="sidebar"
                aria-label=t::nav_label
                on:keydown=move |event| {
                    if event.key() == "Escape" {
                        drawer_open.set(false);
                    }
                }
            >
                <Brand session />
                <SearchButton />
                {GROUPS.into_iter().map(group).collect_view()}
                <JobButton tray />
                <div class="sidebar-footer">
                    {problems}
                    <Preferences />
                    <SignedIn />
                </div>
            </nav>
            <div
                class="drawer-backdrop"
                aria-hidden="true"
                on:click=move |_| drawer_open.set(false)
            ></div>
            <div class="page-column">
                <main class="content" id="main" tabindex="-1">
                    {reminder()}
                    {newer::offer()}
                    {children()}
                </main>
                <ToastStack />
            </div>
            {user_actions::is_kept()
                .then(|| view! { <div hidden>{parts::USER_ACTIONS.view(None)}</div> })}
            {jobs_left::is_kept()
                .then(|| view! { <div hidden>{parts::JOBS_LEFT.view(())}</div> })}
            {actions::is_kept()
                .then(|| view! { <div hidden>{parts::ROOM_ACTIONS.view(None)}</div> })}
            <JobTray tray />
            <ProposalDialog />
            <GivenPasswordDialog />
            <LeavingDialog />
            <PaletteDialog />
            <ServersDialog />
            <SignInAgain />
        </div>
    }
}

/// A tab that is opened from this one shows the same session, whichever was turned to last.
fn new_tabs_follow(session: Session) {
    let look = move || {
        let account = session.account_now();
        if let Some(account) = account.filter(|_| !document().hidden()) {
            account.is_looked_at();
        }
    };
    look();
    for event in ["focus", "visibilitychange"] {
        let heard = window_event_listener_untyped(event, move |_| look());
        on_cleanup(move || heard.remove());
    }
}

/// Keeps what is typed where the page has to be left in order to sign in again, and puts back what was.
fn keep_typed() {
    thread_local! {
        static IS_WATCHED: Cell<bool> = const { Cell::new(false) };
    }
    if !IS_WATCHED.replace(true) {
        typed::watch();
        leave::ask(PageKeeper {
            lost: Vec::new,
            hold: || (),
            keep: || {
                let json = typed::take().and_then(|typed| serde_json::to_string(&typed).ok());
                if let (Some(whose), Some(json)) = (Session::get().whose(), json) {
                    away::keep_typed(&whose, &json);
                }
                // The browser needs not ask.
                Unsaved::get().forget();
            },
            back: || {
                if let Some(whose) = Session::get().whose() {
                    away::take_typed(&whose);
                }
            },
        });
    }
    let typed = Session::get()
        .whose()
        .and_then(|whose| away::take_typed(&whose));
    if let Some(typed) = typed.and_then(|json| serde_json::from_str(&json).ok()) {
        typed::put_back(typed);
    }
}

/// A group of the navigation. The links of the deployment stand in the last.
fn group((offered, words): (Offered, Words)) -> Node {
    let pages: Vec<Node> = PAGES
        .iter()
        .filter(|page| page.offered == offered)
        .map(navigation_if_there)
        .collect();
    let elsewhere = (offered == Offered::Panel).then_some(|| {
        config()
            .menu
            .iter()
            .map(link_elsewhere)
            .collect::<Vec<Node>>()
    });
    let id = fresh("nav");
    view! {
        <div class="nav-group">
            <p class="nav-heading" id=id.clone()>{words}</p>
            <ul class="nav-list" aria-labelledby=id>{pages} {elsewhere}</ul>
        </div>
    }
    .into_node()
}

/// A page in the navigation, once the server is known to have what it is about.
fn navigation_if_there(page: &'static RoutePage) -> Node {
    // What every server has is there at once.
    if page.is_of(&Capabilities::default()) {
        return navigation(page);
    }
    let session = Session::get();
    let is_there = Memo::new(move |_| page.is_of(&session.capabilities()));
    (move || is_there.get().then(|| navigation(page))).into_node()
}

/// A page in the navigation.
fn navigation(page: &'static RoutePage) -> Node {
    view! {
        <li>
            <Link to=page.path class="nav-link">
                {icon(page.icon)}
                <span>{page.title}</span>
            </Link>
        </li>
    }
    .into_node()
}

/// A link that the deployment has added.
fn link_elsewhere(item: &MenuItem) -> Node {
    let item = item.clone();
    view! {
        <li>
            <a class="nav-link" href=item.url.clone() target="_blank" rel="noopener noreferrer">
                {icon(config_icon(&item.icon))}
                <span>{move || item.label_in(&language::current()).to_owned()}</span>
                <span class="visually-hidden">{t::opens_in_new_tab}</span>
            </a>
        </li>
    }
    .into_node()
}

/// What is wrong with the configuration, if anything.
fn problems() -> Option<Node> {
    let config = config();
    let unheard = config.is_unheard.then(t::config_not_heard);
    let problems: Vec<Node> = config
        .problems
        .iter()
        .map(explain)
        .chain(unheard)
        .map(|problem| view! { <li>{problem}</li> }.into_node())
        .collect();
    (!problems.is_empty()).then(|| {
        view! {
            <details class="config-problems">
                <summary>{icon("alert")}<span>{t::config_problems}</span></summary>
                <ul>{problems}</ul>
            </details>
        }
        .into_node()
    })
}

fn focus_main() {
    use wasm_bindgen::JsCast;
    let main = document().get_element_by_id("main");
    if let Some(main) = main.and_then(|main| main.dyn_into::<web_sys::HtmlElement>().ok()) {
        // Cannot fail for an element that is in the page and has a tabindex.
        let _ = main.focus();
    }
}

#[component]
fn Brand(session: Session) -> impl IntoView {
    let server = move || {
        session
            .account()
            .map(|account| account.user_id.server().to_string())
    };
    let version = move || {
        let text = session.capabilities().version_text;
        (!text.is_empty()).then(|| t::brand_synapse(&text))
    };
    let mas = move || {
        let server = session.capabilities();
        server.mas().map(|mas| t::mas_version(mas.shown()))
    };
    view! {
        <div class="brand">
            <img class="brand-logo" src="./logo.svg" alt="" width="32" height="32" />
            <div class="brand-text">
                <strong class="brand-name">{t::app_name}</strong>
                <span class="brand-server">{server}</span>
                <span class="brand-version">{version}</span>
                {move || mas().map(|mas| view! { <span class="brand-version">{mas}</span> })}
            </div>
        </div>
    }
}
