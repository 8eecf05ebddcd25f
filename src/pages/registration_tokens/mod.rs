//! `#/registration_tokens`: who may register with which token.
//!
//! | file | what |
//! |---|---|
//! | `columns` | the columns of the list |
//! | `form` | making a token and changing one |

mod columns;
mod form;

use crate::api::ApiError;
use crate::api::registration_tokens::{self as api, RegistrationToken, Terms};
use crate::api::server::Feature;
use crate::browser::clock::now;
use crate::components::button::{Button, ButtonKind};
use crate::components::clipboard::copy;
use crate::components::empty::Empty;
use crate::components::page::PageHeader;
use crate::components::toast::Toasts;
use crate::i18n::errors::Explained;
use crate::i18n::features::why_not;
use crate::i18n::{Words, format, t};
use crate::lists::{
    Defaults, Filter, FilterKind, List, ListPage, ListQuery, ListSpec, Source, arrange,
};
use crate::operations::acts::Act;
use crate::registration_tokens::{
    DELETE, NEVER, Question, TokenOrder, compare, filter, invitation,
};
use crate::session::config::named_by;
use crate::session::{Client, Session};
use crate::ui::{IntoNode, Node, view};
use crate::widgets::actions::menu;
use crate::widgets::actions::things::{self, ThingAction, ThingKind, Things, propose_one};
use crate::widgets::gather::Gatherer;
use leptos::prelude::*;
use std::rc::Rc;
use wasm_bindgen_futures::spawn_local;

/// The name of the maker of actions that go on after signing in again in the same tab.
pub const MAKER: &str = "tokens";

/// What can be done to tokens.
static TOKENS: ThingKind<RegistrationToken> = ThingKind {
    maker: MAKER,
    rows: &[ThingAction {
        about: &DELETE,
        spared: |_| None,
        ask: None,
        call: |token| api::delete(&token.token).call,
        missing_is_done: true,
        done: None,
        back: None,
    }],
    name: |token| token.token.clone(),
    noun: t::token_noun,
    nothing: t::tokens_empty_text,
};

/// Makes an action again that was kept.
pub fn make(order: &str, _under_way: &[usize]) -> Option<Act> {
    things::make(&TOKENS, order)
}

/// What the parts of the page share. A handle: copies are the same.
#[derive(Clone, Copy)]
struct Tokens {
    changed: RwSignal<u32>,
    gatherer: Gatherer,
    /// Whether a token is being made.
    made: RwSignal<bool>,
    /// The token that is being changed.
    edited: RwSignal<Option<RegistrationToken>>,
}

impl Tokens {
    /// The list is read anew.
    fn refresh(self) {
        // The page may have been left.
        let _ = self.changed.try_update(|changed| *changed += 1);
    }

    /// Asks whether to delete a token.
    fn delete(self, token: RegistrationToken) {
        let on_change = Rc::new(move || self.refresh());
        propose_one(self.gatherer, &TOKENS, 0, token, on_change);
    }
}

/// The page of registration tokens: the list, and what makes and edits one.
pub fn view() -> Node {
    let lack = Session::get()
        .capabilities_now()
        .lack(Feature::RegistrationTokens);
    if let Some(lack) = lack {
        return view! {
            <PageHeader title=Signal::derive(t::nav_registration_tokens) />
            <Empty picture="key" title=t::tokens_lacking text=Signal::stored(why_not(lack)) />
        }
        .into_node();
    }
    let tokens = Tokens {
        changed: RwSignal::new(0),
        gatherer: Gatherer::new(),
        made: RwSignal::new(false),
        edited: RwSignal::new(None),
    };
    let spec = ListSpec::new(
        "registration-tokens",
        t::nav_registration_tokens,
        |token: &RegistrationToken| token.token.clone(),
        Source::here(|query, _reading| load(query)),
    )
    .defaults(Defaults {
        sort: TokenOrder::Token.key(),
        ..Default::default()
    })
    .search(t::tokens_search)
    .filter(Filter::new(
        filter::VALID,
        t::token_filter_valid,
        FilterKind::YesNo,
    ))
    .filter(
        Filter::new(
            filter::EXPIRES,
            t::token_expires,
            FilterKind::Choice(vec![
                ("7", t::token_expires_week as Words),
                ("30", t::token_expires_month),
                (NEVER, t::token_never),
            ]),
        )
        .reading(|text| text == NEVER || text.parse::<i64>().is_ok()),
    )
    .empty("key", t::tokens_empty, Some(t::tokens_empty_text))
    .reload(tokens.changed)
    .bulk(move |picked| {
        menu::bar(picked, tokens.changed, |rows: Vec<RegistrationToken>, _| {
            Things::of(&TOKENS, rows)
        })
    })
    .columns(columns::columns(tokens));
    view! {
        <PageHeader
            title=Signal::derive(t::nav_registration_tokens)
            lead=Signal::derive(t::tokens_lead)
        >
            <Button
                label=t::token_create
                icon="plus"
                kind=ButtonKind::Primary
                on_press=move || tokens.made.set(true)
            />
        </PageHeader>
        <List spec />
        {tokens.gatherer.view()}
        {form::making(tokens)}
        {form::changing(tokens)}
    }
    .into_node()
}

async fn load(query: ListQuery) -> Result<ListPage, ApiError> {
    let question = Question::of(&query);
    let found = Client::get().send(api::list()).await?;
    let now = now();
    let mut found = found.registration_tokens;
    found.retain(|token| question.finds(token, now));
    let (page, total) = arrange(
        found,
        &query,
        |token| token.token.clone(),
        |key, a, b| compare(key, a, b, now),
    );
    Ok(ListPage::new(page, total))
}

/// Puts what to send to whoever is to register on the clipboard.
fn copy_invitation(token: &RegistrationToken) {
    let Some(server) = Session::get().server_name() else {
        return;
    };
    // Not by what the administrator is signed in to, which may be an address of this machine alone: from
    // the server's name, apps find the way that everybody takes.
    let url = named_by(&server).map_or_else(|| server.to_string(), |url| url.to_string());
    let terms = Terms {
        uses_allowed: token.uses_allowed,
        expiry_time: token.expiry_time,
    };
    let until = token.expiry_time.map(format::date_time_anywhere);
    let text = invitation(
        server.as_str(),
        &url,
        &token.token,
        &terms,
        until.as_deref(),
    );
    spawn_local(async move {
        match copy(&text).await {
            true => Toasts::get().good(t::token_invitation_copied()),
            false => Toasts::get().bad(Explained {
                sentence: t::token_invitation_not_copied(),
                hint: text,
                details: String::new(),
            }),
        }
    });
}
