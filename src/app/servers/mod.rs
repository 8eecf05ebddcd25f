//! The homeservers that this browser is signed in to, and those that it was: turning to one, adding
//! one, logging out of one or all.
//!
//! | file | what |
//! |---|---|
//! | [`entries`] | the lists |
//! | [`question`] | what is asked before something here would be lost |
//! | [`at_login`] | the same lists beside the log-in form |

pub mod at_login;
mod entries;
mod question;

use crate::address::remembered::Remembered;
use crate::app::frame::log_out::{log_out, log_out_now, losses, tell_unsure};
use crate::app::frame::signed_in::hide_servers;
use crate::components::button::{Button, ButtonKind};
use crate::components::form::Unsaved;
use crate::components::icon::icon;
use crate::i18n::t;
use crate::operations::Jobs;
use crate::session::recent;
use crate::session::sign_out::{leave_session, sign_out_of};
use crate::session::turn::{self, TurnTarget};
use crate::session::{Account, Session};
use crate::ui::{IntoNode, Node, view};
use entries::{recent_servers, signed_in};
use leptos::prelude::*;
use wasm_bindgen_futures::spawn_local;

/// What is asked before it is done.
#[derive(Clone, PartialEq)]
enum ServersQuestion {
    /// Whether the tab is to be turned although something goes on in it.
    Turn(TurnTarget),
    /// Whether all sessions are to end.
    LogOutOfAll,
}

/// What the lists are made of. A handle: copies are the same.
#[derive(Clone, Copy)]
struct ServersPanel {
    accounts: RwSignal<Vec<Account>>,
    recent: RwSignal<Vec<Remembered>>,
    question: RwSignal<Option<ServersQuestion>>,
    /// What the person has to know of what was done last.
    trouble: RwSignal<Option<String>>,
}

impl ServersPanel {
    fn new() -> Self {
        let servers = ServersPanel {
            accounts: RwSignal::new(Vec::new()),
            recent: RwSignal::new(Vec::new()),
            question: RwSignal::new(None),
            trouble: RwSignal::new(None),
        };
        servers.look();
        // Another tab may sign in or out.
        let heard = window_event_listener(leptos::ev::storage, move |_| servers.look());
        on_cleanup(move || heard.remove());
        servers
    }

    /// Reads anew what is kept.
    fn look(self) {
        let shown = Session::get().account_now().map(|account| account.id());
        let mut accounts = Account::all();
        // The one that the tab shows stands first; the others never change places.
        let rank = |account: &Account| (Some(account.id()) != shown, account.id());
        accounts.sort_by_cached_key(rank);
        let is_signed_in = |server: &Remembered| {
            let mut all = accounts.iter();
            all.any(|account| account.homeserver == server.homeserver)
        };
        let mut servers = recent::all();
        servers.retain(|server| !is_signed_in(server));
        self.recent.set(servers);
        self.accounts.set(accounts);
    }

    /// Turns the tab, unless something here would be lost: then that is asked first.
    fn turn(self, target: TurnTarget) {
        let loses = |account: Account| !is_stored(&account) || !untrack(losses).is_empty();
        if Session::get().account_now().is_some_and(loses) {
            self.question.set(Some(ServersQuestion::Turn(target)));
        } else {
            self.turn_now(&target);
        }
    }

    fn turn_now(self, target: &TurnTarget) {
        // What nothing keeps would be lost, and live on at its server.
        if Session::get()
            .account_now()
            .is_some_and(|shown| !is_stored(&shown))
        {
            return log_out_now();
        }
        Unsaved::get().forget();
        Jobs::get().are_left();
        turn::here(target, Session::get().account_now().as_ref());
    }

    /// Opens a new tab for it; what goes on in this one goes on.
    fn open_beside(self, target: &TurnTarget) {
        self.question.set(None);
        if turn::beside(target) {
            self.look();
            hide_servers();
        } else {
            self.trouble.set(Some(t::servers_no_tab()));
        }
    }

    fn log_out_of(self, account: Account) {
        if Session::get()
            .account_now()
            .is_some_and(|shown| shown.is_same(&account))
        {
            return log_out();
        }
        // Without a word to its server: the token stays good.
        if account.brought {
            leave_session(&account);
            return self.look();
        }
        spawn_local(async move {
            self.trouble.set(None);
            let ending = sign_out_of(&account);
            let ended = ending.await;
            // The dialog may have been closed meanwhile.
            if self.accounts.try_get_untracked().is_some() {
                self.look();
                let server = account.homeserver.as_str();
                self.trouble
                    .set((!ended).then(|| t::servers_unsure(server)));
            }
        });
        self.look();
    }

    /// Logs out of all, and leaves those whose tokens were brought.
    fn log_out_of_all(self) {
        let shown = Session::get().account_now().map(|account| account.id());
        for account in self.accounts.get_untracked() {
            if Some(account.id()) == shown {
                continue;
            }
            if account.brought {
                leave_session(&account);
                continue;
            }
            spawn_local(async move {
                if !sign_out_of(&account).await {
                    tell_unsure(&account.homeserver);
                }
            });
        }
        log_out_now();
    }

    fn forget(self, server: &Remembered) {
        recent::forget(server);
        self.look();
    }
}

/// What the dialog shows.
pub fn view() -> Node {
    let servers = ServersPanel::new();
    (move || match servers.question.get() {
        Some(question) => question::view(servers, question),
        None => lists(servers),
    })
    .into_node()
}

fn lists(servers: ServersPanel) -> Node {
    view! {
        <div class="servers">
            {trouble(servers)}
            {signed_in(servers)}
            {recent_servers(servers, UnsyncCallback::new(move |server: Remembered| {
                servers.turn(TurnTarget::LogIn(Some(server.homeserver)));
            }))}
        </div>
        <div class="dialog-actions">
            {move || {
                (servers.accounts.with(Vec::len) > 1)
                    .then(|| {
                        view! {
                            <Button
                                label=t::servers_log_out_of_all
                                on_press=move || servers.question.set(Some(ServersQuestion::LogOutOfAll))
                            />
                        }
                    })
            }}
            <Button
                label=t::servers_add
                icon="plus"
                kind=ButtonKind::Primary
                on_press=move || servers.turn(TurnTarget::LogIn(None))
            />
        </div>
    }
    .into_node()
}

fn trouble(servers: ServersPanel) -> Node {
    (move || {
        let text = servers.trouble.get()?;
        Some(view! {
            <div class="notice" data-tone="warning" role="alert">
                {icon("alert")}
                <div class="notice-body">
                    <p>{text}</p>
                </div>
            </div>
        })
    })
    .into_node()
}

/// Whether the browser keeps the session, which may have gone with all that the page has stored.
fn is_stored(shown: &Account) -> bool {
    shown.keep();
    shown.is_kept()
}
