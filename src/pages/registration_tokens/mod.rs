//! `#/registration_tokens`: who may register with which token.
//!
//! | file | what |
//! |---|---|
//! | `columns` | the columns of the list |
//! | `form` | making a token and changing one |

mod columns;
mod form;

use crate::actions::Verdict;
use crate::address::route::Route;
use crate::api::mas::resource::Want;
use crate::api::mas::{self, Ulid};
use crate::api::registration_tokens as api;
use crate::api::server::Feature;
use crate::api::{ApiError, Call, Request};
use crate::browser::clock::now;
use crate::components::button::{Button, ButtonKind, ButtonLink};
use crate::components::clipboard::copy;
use crate::components::empty::Empty;
use crate::components::page::PageHeader;
use crate::components::toast::Toasts;
use crate::i18n::errors::Explained;
use crate::i18n::features::why_not;
use crate::i18n::{Words, format, t};
use crate::lists::{
    Defaults, Filter, FilterKind, List, ListPage, ListQuery, ListSpec, Reading, Source, arrange,
};
use crate::operations::Recorded;
use crate::operations::acts::Act;
use crate::registration_tokens::{
    AnyToken, DELETE, NEVER, Question, REVOKE, TokenOrder, UNREVOKE, compare, filter, invitation,
    picked, spared, verdict,
};
use crate::session::config::named_by;
use crate::session::{Client, Session, learn};
use crate::ui::{IntoNode, Node, view};
use crate::widgets::actions::menu;
use crate::widgets::actions::things::{
    self, ThingAction, ThingActions, ThingKind, Things, propose_one,
};
use crate::widgets::gather::Gatherer;
use futures_util::FutureExt;
use leptos::prelude::*;
use std::rc::Rc;
use wasm_bindgen_futures::spawn_local;

/// The name of the maker of actions that go on after signing in again in the same tab.
pub const MAKER: &str = "tokens";

/// The same of actions on tokens of Matrix Authentication Service.
pub const MAKER_AT_MAS: &str = "tokens-at-mas";

/// What can be done to tokens of the homeserver.
static TOKENS: ThingKind<AnyToken> = ThingKind {
    maker: MAKER,
    rows: ThingActions::of(
        const {
            &[ThingAction {
                about: &DELETE,
                spared: |_| None,
                ask: Some(|token, network| still(token, network).boxed_local()),
                call: |token| api::delete(&token.token).call,
                missing_is_done: true,
                done: None,
                back: None,
            }]
        },
    ),
    ..OF_TOKENS
};

/// What can be done to tokens of Matrix Authentication Service, which deletes none.
static TOKENS_AT_MAS: ThingKind<AnyToken> = ThingKind {
    maker: MAKER_AT_MAS,
    rows: ThingActions::of(
        const {
            &[
                ThingAction {
                    about: &REVOKE,
                    spared: |token| spared(token, true),
                    ask: Some(|token, network| asked(token, network, true).boxed_local()),
                    call: |token| at_mas(token, mas::tokens::revoke),
                    missing_is_done: false,
                    done: None,
                    back: Some(1),
                },
                ThingAction {
                    about: &UNREVOKE,
                    spared: |token| spared(token, false),
                    ask: Some(|token, network| asked(token, network, false).boxed_local()),
                    call: |token| at_mas(token, mas::tokens::unrevoke),
                    missing_is_done: false,
                    done: None,
                    back: Some(0),
                },
            ]
        },
    ),
    ..OF_TOKENS
};

/// What tokens of both kinds have in common.
const OF_TOKENS: ThingKind<AnyToken> = ThingKind {
    maker: "",
    rows: ThingActions::of(&[]),
    name: |token| token.token.clone(),
    typed: |token| token.token.clone(),
    whom: |_| None,
    noun: t::token_noun,
    nothing: t::tokens_nothing,
};

/// What is sent to MAS about a token.
fn at_mas(
    token: &AnyToken,
    request: fn(&str, &Ulid) -> Request<mas::One<mas::tokens::MasToken>>,
) -> Call {
    match &token.at_mas {
        Some(at) => request(&at.base, &at.id).call,
        // There is none without it in this table.
        None => api::get(&token.token).call,
    }
}

/// How a token of MAS stands right before it is revoked, or that is taken back.
async fn asked(token: &AnyToken, network: &Recorded, revoke: bool) -> Result<Verdict, ApiError> {
    let now = standing(network, token).await?;
    Ok(verdict(now.as_ref(), revoke))
}

/// How a token stands right before it is deleted.
async fn still(token: &AnyToken, network: &Recorded) -> Result<Verdict, ApiError> {
    let found = standing(network, token).await?;
    Ok(token.may_end(found.as_ref(), now()))
}

/// How a token is right now; `None` if it is not there any more.
async fn standing(network: &Recorded, token: &AnyToken) -> Result<Option<AnyToken>, ApiError> {
    let Some(at) = &token.at_mas else {
        let found = ApiError::if_there(network.send(api::get(&token.token)).await)?;
        return Ok(found.map(AnyToken::from));
    };
    let found = network.send(mas::tokens::get(&at.base, &at.id)).await;
    Ok(ApiError::if_there(found)?.map(|now| AnyToken::of_mas(&at.base, now.data)))
}

/// Makes an action again that was kept.
pub fn make(order: &str, _under_way: &[usize]) -> Option<Act> {
    things::make(&TOKENS, order)
}

/// [`make`] of an action on tokens of MAS.
pub fn make_at_mas(order: &str, _under_way: &[usize]) -> Option<Act> {
    things::make(&TOKENS_AT_MAS, order)
}

/// What the parts of the page share. A handle: copies are the same.
#[derive(Clone, Copy)]
struct Tokens {
    changed: RwSignal<u32>,
    gatherer: Gatherer,
    /// Where Matrix Authentication Service stands, if it keeps them.
    mas: StoredValue<Option<String>>,
    /// Whether a token is being made.
    made: RwSignal<bool>,
    /// The token that is being changed.
    edited: RwSignal<Option<AnyToken>>,
}

impl Tokens {
    /// The list is read anew.
    fn refresh(self) {
        // The page may have been left.
        let _ = self.changed.try_update(|changed| *changed += 1);
    }

    fn is_at_mas(self) -> bool {
        self.mas.with_value(Option::is_some)
    }

    /// The table of what can be done to them.
    fn kind(self) -> &'static ThingKind<AnyToken> {
        match self.is_at_mas() {
            true => &TOKENS_AT_MAS,
            false => &TOKENS,
        }
    }

    /// Asks whether to do this to a token.
    fn act(self, action: usize, token: AnyToken) {
        let on_change = Rc::new(move || self.refresh());
        propose_one(self.gatherer, self.kind(), action, token, on_change);
    }
}

/// The page of registration tokens: the list, and what makes and edits one.
pub fn view() -> Node {
    let server = Session::get().capabilities_now();
    if let Some(lack) = server.lack(Feature::RegistrationTokens) {
        let title = match lack.has_advice() {
            true => t::tokens_closed,
            false => t::tokens_lacking,
        };
        return view! {
            <PageHeader title=Signal::derive(t::nav_registration_tokens) />
            <Empty picture="key" title text=Signal::stored(why_not(lack))>
                {lack.has_advice().then(|| view! {
                    <ButtonLink to=Route::Authentication.to_string() label=t::mas_closed_way />
                })}
            </Empty>
        }
        .into_node();
    }
    let tokens = Tokens {
        changed: RwSignal::new(0),
        gatherer: Gatherer::new(),
        mas: StoredValue::new(server.mas().map(|mas| mas.base.clone())),
        made: RwSignal::new(false),
        edited: RwSignal::new(None),
    };
    let spec = ListSpec::new(
        "registration-tokens",
        t::nav_registration_tokens,
        |token: &AnyToken| token.token.clone(),
        Source::here(load),
    )
    .defaults(match tokens.is_at_mas() {
        // Those that are revoked stay for good.
        true => Defaults {
            sort: TokenOrder::Created.key(),
            descending: true,
            ..Default::default()
        },
        false => Defaults {
            sort: TokenOrder::Token.key(),
            ..Default::default()
        },
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
    .bulk(move |selected| {
        let kind = tokens.kind();
        menu::bar(selected, tokens.changed, move |rows: Vec<AnyToken>, by| {
            Things::of(kind, picked(rows, &by))
        })
    })
    .columns(columns::columns(tokens));
    let lead = match tokens.is_at_mas() {
        true => t::tokens_lead_mas,
        false => t::tokens_lead,
    };
    view! {
        <PageHeader
            title=Signal::derive(t::nav_registration_tokens)
            lead=Signal::derive(lead)
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

async fn load(query: ListQuery, reading: Reading) -> Result<ListPage, ApiError> {
    let question = Question::of(&query);
    let mut found = all(&reading).await?;
    let now = now();
    found.retain(|token| question.finds(token, now));
    let (page, total) = arrange(
        found,
        &query,
        |token| token.token.clone(),
        |key, a, b| compare(key, a, b, now),
    );
    Ok(ListPage::new(page, total))
}

/// All tokens, whoever keeps them: the homeserver hands them over at once, Matrix Authentication Service by
/// pages.
///
/// # Errors
///
/// What the request for them ends with.
pub async fn all(reading: &Reading) -> Result<Vec<AnyToken>, ApiError> {
    let server = learn::capabilities().await?;
    let Some(mas) = server.mas() else {
        let told = Client::get().send(api::list()).await?;
        let all = told.registration_tokens.into_iter();
        return Ok(all.map(AnyToken::from).collect());
    };
    let client = Client::get().enduring();
    let ask = |want: &Want| mas::tokens::list(&mas.base, None, want);
    let report = |done, of| reading.progress(done, of);
    let told = client.patient().all_of_mas(ask, &report).await?;
    let all = told.into_iter();
    Ok(all.map(|one| AnyToken::of_mas(&mas.base, one)).collect())
}

/// Those among which are all that are good for a registration, with one request: of Matrix Authentication
/// Service a thousand at most.
///
/// # Errors
///
/// What the request ends with.
pub async fn good() -> Result<Vec<AnyToken>, ApiError> {
    let server = learn::capabilities().await?;
    let Some(mas) = server.mas() else {
        return all(&Reading::alone()).await;
    };
    let asked = mas::tokens::list(&mas.base, Some(true), &Want::last(1_000));
    let found = Client::get().send(asked).await?.data.into_iter();
    Ok(found.map(|one| AnyToken::of_mas(&mas.base, one)).collect())
}

/// Puts what to send to whoever is to register on the clipboard.
fn copy_invitation(token: &AnyToken) {
    let Some(server) = Session::get().server_name() else {
        return;
    };
    // Not by what the administrator is signed in to, which may be an address of this machine alone: from
    // the server's name, apps find the way that everybody takes.
    let url = named_by(&server).map_or_else(|| server.to_string(), |url| url.to_string());
    let until = token.expiry_time.map(format::date_time_anywhere);
    let text = invitation(
        server.as_str(),
        &url,
        &token.token,
        &token.terms(),
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
