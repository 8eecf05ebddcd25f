//! `#/users/@jane:example.org`: one account.
//!
//! | file | what |
//! |---|---|
//! | `overview` | all that the server keeps of it |
//! | `summary` | what matters, in a line |
//! | `profile`, `contact` | what of it can be changed there |
//! | `contact_at_mas` | the addresses, where Matrix Authentication Service keeps them |
//! | `contact_form` | the dialog that adds one |
//! | `security` | password, acting as the user, limiting and ending the account |
//! | `devices`, `connections` | its sessions, and from where it has been used |
//! | `sessions` | its sessions, where Matrix Authentication Service keeps them |
//! | `rooms` | the rooms that it is in |
//! | `media` | what it has uploaded |
//! | `pushers`, `limits`, `account_data` | what else belongs to it |

mod account_data;
mod connections;
mod contact;
mod contact_at_mas;
mod contact_form;
mod devices;
mod limits;
mod media;
mod overview;
mod profile;
mod pushers;
mod rooms;
mod security;
mod sessions;
mod summary;

use crate::actions::{Verdict, plain};
use crate::address::route::Route;
use crate::api::tolerant::Timestamp;
use crate::api::users::{self, User, UserDetail};
use crate::api::{ApiError, Call, UserId};
use crate::components::badge::{Tone, badge, badge_text};
use crate::components::link::link;
use crate::components::one_thing::{self, Anew, OneThing};
use crate::components::page::PageHeader;
use crate::components::questions::Questions;
use crate::components::tabs::{Tab, tabbed};
use crate::i18n::{Words, t};
use crate::known::{Known, Why};
use crate::media::uploads::{self, MediaUse};
use crate::operations::acts::{Check, asked};
use crate::operations::targets::sending;
use crate::operations::{OnTarget, Target, TargetJob};
use crate::pages::users::list::{last_seen, standing, state_marks, told};
use crate::runner::Reason;
use crate::session::config::config;
use crate::session::config::is_system;
use crate::session::{Client, Session};
use crate::ui::{IntoNode, Node, view};
use crate::users::query::Told;
use crate::users::sessions::TAB;
use crate::users::standing::AccountStanding;
use crate::widgets::pictures::user_avatar;
use futures_util::FutureExt;
use leptos::prelude::*;
use std::rc::Rc;
use wasm_bindgen_futures::spawn_local;

/// What is known of the account that the page shows. A handle: copies are the same.
#[derive(Clone, Copy)]
struct Shown {
    user: StoredValue<UserId>,
    detail: OneThing<UserDetail>,
    /// What is known of how it stands.
    standing: RwSignal<AccountStanding>,
    /// When it was last used, as far as the list knows more of it than the detail; `None` until that
    /// has been asked.
    listed_seen: RwSignal<Option<Known<Timestamp>>>,
    /// How many rooms it is in.
    rooms: RwSignal<Option<Known<u64>>>,
    /// How much it has uploaded; `None` until that has been asked.
    uploads: RwSignal<Option<MediaUse>>,
    /// Counts the changes of its media.
    changed: RwSignal<u32>,
    questions: Questions,
    /// Those about its media.
    of_uploads: Questions,
}

impl Shown {
    /// All that the server keeps of it. Reactive.
    fn detail(self) -> Option<UserDetail> {
        self.detail.get().and_then(Result::ok)
    }

    /// The same, not reactive.
    fn detail_now(self) -> Option<UserDetail> {
        self.detail.get_untracked().and_then(Result::ok)
    }

    /// The account that the page shows, once it has been read. Reactive.
    fn user_now(self) -> Option<User> {
        self.detail().map(|detail| detail.user)
    }

    /// When it was last used; `None` while that is being asked. Reactive.
    fn last_seen(self) -> Option<Known<Timestamp>> {
        let told = self.detail()?.user.last_seen_ts;
        told.map(Known::Is).or_else(|| self.listed_seen.get())
    }

    /// Whether it has ended. Reactive.
    fn is_deactivated(self) -> bool {
        self.detail
            .with(|detail| matches!(detail, Some(Ok(detail)) if detail.user.deactivated))
    }

    /// Whether it belongs to a bridge or bot, as the deployment or the server says. Reactive.
    fn is_of_a_bridge(self) -> bool {
        is_system(&self.user.get_value())
            || self
                .detail
                .with(|detail| matches!(detail, Some(Ok(detail)) if detail.appservice_id.is_some()))
    }

    /// What the server keeps of it now, as it has answered a change.
    fn set(self, mut detail: UserDetail) {
        let is_open = self.questions.is_open();
        // The homeserver's word of what Matrix Authentication Service keeps is not news.
        if let Some(known) = self.detail_now()
            && Session::get().of_capabilities(|server| server.mas().is_some())
        {
            detail.user.admin = known.user.admin;
            detail.user.locked = known.user.locked;
        }
        // The page may have been left. What was asked before may know less than this: it is asked anew.
        if self.detail.try_set(Some(Ok(detail))).is_none() && is_open {
            refresh(self);
        }
    }
}

/// Does this with the account, unless the server says right before that it belongs to an
/// application service, or the deployment that it belongs to a bridge or bot.
fn unless_of_a_bridge(user: UserId, title: String, targets: Vec<Target>) -> TargetJob {
    let (names, calls): (Vec<String>, Vec<Call>) = targets
        .into_iter()
        .map(|target| (target.name, target.call))
        .unzip();
    let deed = sending(calls, false, Rc::new(|_, _| Ok(())));
    doing_unless_of_a_bridge(user, title, names, deed)
}

/// The same with what takes more than one request.
fn doing_unless_of_a_bridge(
    user: UserId,
    title: String,
    names: Vec<String>,
    deed: OnTarget,
) -> TargetJob {
    let check: Check = Rc::new(move |_, network| {
        let user = user.clone();
        async move {
            let detail = network.send(users::get(&user)).await?;
            Ok(match detail.appservice_id {
                _ if is_system(&user) => Verdict::Leave(Reason::System),
                Some(_) => Verdict::Leave(Reason::ApplicationService),
                None => Verdict::Go { undoable: false },
            })
        }
        .boxed_local()
    });
    TargetJob::doing(title, names.clone(), asked(names.len(), check, deed))
}

fn anew(shown: Shown) -> Anew {
    Rc::new(move || refresh(shown))
}

/// Asks for the account, and how it stands where Matrix Authentication Service keeps it.
async fn ask(user: &UserId) -> (Result<UserDetail, ApiError>, Option<AccountStanding>) {
    let mut detail = Client::get().send(users::get(user)).await;
    let standing = match &mut detail {
        Ok(detail) => Some(standing::settled(detail).await),
        Err(_) => None,
    };
    (detail, standing)
}

/// Reads the account anew, and counts its rooms; what is shown stays until it is there.
fn refresh(shown: Shown) {
    let Some(user) = shown.user.try_get_value() else {
        return;
    };
    let number = shown.questions.ask();
    spawn_local(async move {
        let (detail, standing) = ask(&user).await;
        // A later question has been asked, or the page was left.
        if shown.questions.is_answered(number) {
            if let Some(standing) = standing {
                let _ = shown.standing.try_set(standing);
            }
            one_thing::take_anew(shown.detail, detail, user.as_str());
            count_rooms(shown, &user, number).await;
        }
    });
}

/// The same after what may have changed its media as well.
fn refresh_all(shown: Shown) {
    // The page may have been left.
    let _ = shown.changed.try_update(|changed| *changed += 1);
    refresh(shown);
}

/// The page of the account with this ID, as it stands in the address.
pub fn view(id: String) -> Node {
    page(&id).into_node()
}

fn page(id: &str) -> Node {
    let Some(user) = UserId::parse(id) else {
        return nobody(id, Signal::derive(t::user_no_id));
    };
    let own = Session::get().server_name();
    let server = user.server();
    if own.is_some_and(|own| own != server) {
        let text = move || t::user_foreign(server.as_str());
        return nobody(id, Signal::derive(text));
    }
    let shown = Shown {
        user: StoredValue::new(user.clone()),
        detail: RwSignal::new(None),
        standing: RwSignal::new(AccountStanding {
            told: told(),
            is_unknown_to_mas: false,
        }),
        listed_seen: RwSignal::new(None),
        rooms: RwSignal::new(None),
        uploads: RwSignal::new(None),
        changed: RwSignal::new(0),
        questions: Questions::new(),
        of_uploads: Questions::new(),
    };
    load(shown);
    Effect::new(move |_| {
        shown.changed.track();
        count_files(shown);
    });
    view! {
        {header(shown, &user)}
        {one_thing::body(
            shown.detail,
            move |_| tabs(shown),
            || missing(Signal::derive(t::user_unknown)),
            move || load(shown),
        )}
    }
    .into_node()
}

/// A page for an address that names nobody here.
fn nobody(id: &str, text: Signal<String>) -> Node {
    view! {
        <PageHeader title=Signal::stored(id.to_owned()) back=Route::Users />
        {missing(text)}
    }
    .into_node()
}

fn missing(text: Signal<String>) -> Node {
    one_thing::missing("user", t::user_missing, text, Route::Users, t::user_to_list)
}

/// The account's name, or its ID.
fn name_of(detail: &UserDetail) -> String {
    let name = plain(detail.user.displayname.as_deref().unwrap_or_default());
    match name.is_empty() {
        true => detail.user.name.localpart().to_owned(),
        false => name,
    }
}

fn header(shown: Shown, user: &UserId) -> Node {
    let bare = user.clone();
    let title = move || {
        shown.detail.with(|detail| match detail {
            Some(Ok(detail)) => name_of(detail),
            _ => bare.to_string(),
        })
    };
    let own = user.clone();
    let picture = move || {
        shown.detail.with(|detail| {
            let user = detail
                .as_ref()
                .and_then(|detail| detail.as_ref().ok())
                .map(|detail| &detail.user);
            user_avatar(
                &own,
                user.and_then(|user| user.displayname.as_deref()),
                user.and_then(|user| user.avatar_url.as_deref()),
            )
        })
    };
    let reported = summary::ask(shown);
    let marks = move || {
        shown.detail.with(|detail| match detail {
            Some(Ok(detail)) => {
                let mut marks = shown
                    .standing
                    .with(|standing| badges(detail, &standing.told));
                marks.extend(summary::links(shown, reported));
                marks
            }
            _ => Vec::new(),
        })
    };
    one_thing::head(Route::Users, user.to_string(), title, picture, marks)
}

/// What it is and what limits it; each leads to where that is changed.
fn badges(detail: &UserDetail, told: &Told) -> Vec<Node> {
    let user = &detail.user;
    let route = Route::user(&user.name).tab("security");
    let mark = |is: bool, tone: Tone, label: Words| is.then(|| badge(tone, label));
    let kind = match user.user_type.as_deref() {
        None | Some("") => None,
        Some("bot") => Some(badge(Tone::Neutral, t::users_type_bot)),
        Some("support") => Some(badge(Tone::Neutral, t::users_type_support)),
        Some(other) => Some(badge_text(Tone::Neutral, other.to_owned())),
    };
    [
        mark(
            told.admin(user) == Known::Is(true),
            Tone::Accent,
            t::users_admin,
        ),
        kind,
        mark(
            config().is_system_user(&user.name),
            Tone::Neutral,
            t::user_system,
        ),
    ]
    .into_iter()
    .flatten()
    .chain(state_marks(user, told))
    .map(|mark| link(&route, "badge-link", mark))
    .collect()
}

fn tabs(shown: Shown) -> Node {
    let route = shown.user.with_value(Route::user);
    let files = Signal::derive(move || shown.uploads.get()?.files.value());
    let rooms = Signal::derive(move || shown.rooms.get().and_then(Known::value));
    let mut tabs = vec![
        Tab::new("", t::user_overview, move || overview::tab(shown)),
        Tab::new("security", t::user_security, move || security::tab(shown)),
        Tab::new("devices", t::user_devices, move || devices::tab(shown)),
        Tab::new("connections", t::user_connections, move || {
            connections::tab(shown)
        }),
        Tab::new("rooms", t::user_rooms, move || rooms::tab(shown)).counted(rooms),
        Tab::new("media", t::nav_media, move || media::tab(shown)).counted(files),
        Tab::new("pushers", t::user_pushers, move || pushers::tab(shown)),
        Tab::new("limits", t::user_limits, move || limits::tab(shown)),
        Tab::new("account_data", t::user_account_data, move || {
            account_data::tab(shown)
        }),
    ];
    let server = Session::get().capabilities_now();
    if let Some(mas) = server.mas().cloned() {
        let sessions = Tab::new(TAB, t::held_tab, move || sessions::tab(shown, &mas));
        // Behind the devices, which are the homeserver's.
        tabs.insert(3, sessions);
    }
    tabbed(&route, t::user_tabs, tabs)
}

fn load(shown: Shown) {
    let user = shown.user.get_value();
    shown.detail.set(None);
    let number = shown.questions.ask();
    spawn_local(async move {
        let (detail, standing) = ask(&user).await;
        let told = detail.as_ref().map(|detail| detail.user.last_seen_ts);
        let told = told.map_err(|_| ());
        // A later question has been asked, or the page was left.
        if !shown.questions.is_answered(number) {
            return;
        }
        if let Some(standing) = standing {
            shown.standing.set(standing);
        }
        shown.detail.set(Some(detail));
        let Ok(seen) = told else { return };
        if seen.is_none() {
            spawn_local(look_up_use(shown, user.clone()));
        }
        count_rooms(shown, &user, number).await;
    });
}

async fn count_rooms(shown: Shown, user: &UserId, number: u32) {
    let rooms = Client::get().send(users::joined_rooms(user)).await;
    let rooms = rooms.ok().map(|rooms| rooms.total);
    if shown.questions.is_last(number) {
        shown.rooms.set(Some(Known::or(rooms, Why::Silent)));
    }
}

/// The detail forgets after four weeks what the list still knows.
async fn look_up_use(shown: Shown, user: UserId) {
    let seen = last_seen(&user).await;
    let seen = seen.unwrap_or(Known::Unknown(Why::Silent));
    // The page may have been left.
    let _ = shown.listed_seen.try_set(Some(seen));
}

fn count_files(shown: Shown) {
    let user = shown.user.get_value();
    let number = shown.of_uploads.ask();
    spawn_local(async move {
        let client = Client::get();
        let found = uploads::of_users(client.patient(), &[user], &|_, _| ()).await;
        let found = found.unwrap_or(MediaUse::UNKNOWN);
        // A later question has been asked, or the page was left.
        if shown.of_uploads.is_answered(number) {
            shown.uploads.set(Some(found));
        }
    });
}
