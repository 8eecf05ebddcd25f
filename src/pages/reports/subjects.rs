//! Whom a report is about, and where it happened: what can be done to the account and to the room.

use crate::api::rooms::{self, RoomDetail};
use crate::api::users::{self, User, UserDetail};
use crate::api::{ApiError, RoomId};
use crate::components::button::Button;
use crate::components::failure::failure;
use crate::components::notice::Notice;
use crate::components::questions::Questions;
use crate::i18n::errors::explain;
use crate::i18n::t;
use crate::pages::users::list::standing;
use crate::reports::Report;
use crate::session::config::is_system;
use crate::session::{Client, Session};
use crate::ui::{IntoNode, Node, view};
use crate::users::standing::AccountStanding;
use crate::widgets::subjects::rooms::{self as room_subject, KnownRoom};
use crate::widgets::subjects::users::{Subject, menu};
use futures_util::future::join;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use wasm_bindgen_futures::spawn_local;

/// Leads to the first of what can be done to the account.
pub fn to_the_account() {
    let found = document().query_selector(".report-account button:not(:disabled)");
    let button = found.ok().flatten();
    if let Some(button) = button.and_then(|found| found.dyn_into::<web_sys::HtmlElement>().ok()) {
        let _ = button.focus();
    }
}

/// What can be done to the room, once somebody wants to see it.
pub fn where_it_was(report: &Report) -> Node {
    let Some(room) = report.room().cloned() else {
        return ().into_node();
    };
    let wanted = RwSignal::new(false);
    view! {
        {move || match wanted.get() {
            true => room_actions(room.clone()),
            false => view! {
                <div class="report-actions">
                    <Button
                        label=t::report_room_acts
                        icon="rooms"
                        on_press=move || wanted.set(true)
                    />
                </div>
            }
            .into_node(),
        }}
    }
    .into_node()
}

fn room_actions(room: RoomId) -> Node {
    let known: RwSignal<Option<KnownRoom>> = RwSignal::new(None);
    let failed: RwSignal<Option<ApiError>> = RwSignal::new(None);
    let questions = Questions::new();
    let load = Callback::new(move |()| {
        let room = room.clone();
        let question = questions.ask();
        spawn_local(async move {
            let client = Client::get();
            let asked = join(
                client.send(rooms::get(&room)),
                client.send(rooms::is_blocked(&room)),
            );
            let (found, blocked) = asked.await;
            let blocked = blocked.ok().map(|blocked| blocked.block);
            let of = |found: RoomDetail| KnownRoom {
                blocked,
                ..KnownRoom::of(found.room)
            };
            if questions.is_answered(question) {
                hear(found.map(of), known, failed);
            }
        });
    });
    load.run(());
    let subject = room_subject::Subject::One {
        known: known.into(),
        changed: load,
    };
    view! {
        <section class="report-room" aria-label=t::report_room_acts>
            <h2>{t::report_room_acts}</h2>
            {move || match failed.get() {
                None => room_subject::menu(subject),
                Some(error) => again(&error, load),
            }}
        </section>
    }
    .into_node()
}

/// Takes an answer; without one nobody knows what can be done.
fn hear<T: Send + Sync + 'static>(
    answer: Result<T, ApiError>,
    known: RwSignal<Option<T>>,
    failed: RwSignal<Option<ApiError>>,
) {
    // The page may have been left.
    match answer {
        Ok(found) => {
            let _ = known.try_set(Some(found));
            let _ = failed.try_set(None);
        }
        Err(error) => {
            let _ = failed.try_set(Some(error));
        }
    }
}

fn again(error: &ApiError, load: Callback<()>) -> Node {
    failure(
        explain(error),
        Some(UnsyncCallback::new(move |()| load.run(()))),
    )
}

/// What can be done to whom a report is about, if they belong to this server.
pub fn who_was_reported(report: &Report) -> Node {
    let Some(user) = report.accused().cloned() else {
        return ().into_node();
    };
    let own = Session::get().server_name();
    if own.is_none_or(|own| own != user.server()) {
        let text = t::report_foreign(user.as_str());
        return view! { <Notice>{text}</Notice> }.into_node();
    }
    let detail: RwSignal<Option<UserDetail>> = RwSignal::new(None);
    let stands = RwSignal::new(AccountStanding::default());
    let failed: RwSignal<Option<ApiError>> = RwSignal::new(None);
    let questions = Questions::new();
    let load = {
        let user = user.clone();
        Callback::new(move |()| {
            let user = user.clone();
            let question = questions.ask();
            spawn_local(async move {
                let mut found = Client::get().send(users::get(&user)).await;
                let how = match &mut found {
                    Ok(found) => standing::settled(found).await,
                    Err(_) => AccountStanding::default(),
                };
                if questions.is_answered(question) {
                    // The page may have been left.
                    let _ = stands.try_set(how);
                    hear(found, detail, failed);
                }
            });
        })
    };
    load.run(());
    let known: Signal<Option<User>> =
        Signal::derive(move || detail.get().map(|detail| detail.user));
    let bridged = {
        let user = user.clone();
        Signal::derive(move || {
            let served = detail.with(|detail| {
                let of = detail
                    .as_ref()
                    .and_then(|detail| detail.appservice_id.as_ref());
                of.is_some()
            });
            served || is_system(&user)
        })
    };
    let subject = Subject::One {
        user: known,
        bridged,
        standing: stands.into(),
        changed: load,
    };
    let name = user.to_string();
    let title = move || t::report_who(&name);
    view! {
        <section class="report-account" aria-label=Signal::derive(title.clone())>
            <h2>{title}</h2>
            {move || match failed.get() {
                None => menu(subject),
                Some(error) => again(&error, load),
            }}
        </section>
    }
    .into_node()
}
