//! Which accounts of a provider of single sign-on are whose: links are removed, and those that are nobody's can be
//! given to somebody.

use super::PROVIDERS;
use super::rows::{EndableRows, RowEntry};
use crate::actions::Verdict;
use crate::address::route::Route;
use crate::api::ApiError;
use crate::api::mas::Ulid;
use crate::api::mas::upstream as api;
use crate::api::server::Feature;
use crate::authentication::links::{Linked, NEEDS, REMOVE, filter, spared};
use crate::browser::clock::iso;
use crate::components::button::ButtonLink;
use crate::components::field::Field;
use crate::components::form_dialog::FormDialog;
use crate::components::time::date_time;
use crate::i18n::errors::explain;
use crate::i18n::features::why_not;
use crate::i18n::t;
use crate::lists::newest::{self, AskedOfMas, Feed};
use crate::lists::{Column, Filter, FilterKind, List, ListQuery, ListSpec};
use crate::operations::Recorded;
use crate::operations::acts::Act;
use crate::pages::users::kept_addresses::{self, KeptAddress};
use crate::runner::Reason;
use crate::session::config::is_system;
use crate::session::{Client, Session};
use crate::ui::{IntoNode, Node, view};
use crate::widgets::actions::things::{self, ThingAction, ThingActions, ThingKind, in_sight};
use crate::widgets::mas_names as names;
use futures_util::FutureExt;
use leptos::prelude::*;
use std::rc::Rc;
use wasm_bindgen_futures::spawn_local;

/// The name of the maker of actions that go on after signing in again in the same tab.
pub const MAKER: &str = "links-at-mas";

/// What can be done to links.
static LINKS: ThingKind<Linked> = ThingKind {
    maker: MAKER,
    rows: ThingActions::of(
        const {
            &[ThingAction::ending(
                &REMOVE,
                spared,
                Some(|link, network| still(link, network).boxed_local()),
                Linked::removal,
            )]
        },
    ),
    name: Linked::title,
    typed: in_sight,
    whom: |link| names::account(link.whose.as_deref()?),
    noun: t::auth_links_label,
    nothing: t::auth_links_nothing,
};

/// Makes an action again that was kept.
pub fn make(order: &str, _under_way: &[usize]) -> Option<Act> {
    things::make(&LINKS, order)
}

/// How a link stands right before it is removed.
async fn still(link: &Linked, network: &Recorded) -> Result<Verdict, ApiError> {
    let found = link.address().find(network, &link.base).await?;
    Ok(match found.filter(|found| found.id == link.id) {
        Some(found) if found.owner == link.user => Verdict::Go { undoable: false },
        // Somebody has got it since.
        Some(_) => Verdict::Leave(Reason::ChangedSince),
        None => Verdict::Leave(Reason::Gone),
    })
}

/// What the parts of the list share. A handle: copies are the same.
#[derive(Clone, Copy)]
struct LinksTab {
    rows: EndableRows,
    /// The one that is to be given to somebody.
    given: RwSignal<Option<Linked>>,
}

/// The accounts of a provider that the MAS at `base` knows.
pub fn list(base: String, provider: Ulid) -> Node {
    let tab = LinksTab {
        rows: EndableRows::new(),
        given: RwSignal::new(None),
    };
    let of_rows = base.clone();
    let spec = ListSpec::new(
        "mas-links",
        t::auth_links_label,
        |link: &Linked| link.id.to_string(),
        newest::source(
            move |query| std::future::ready(asked(base.clone(), provider.clone(), &query)),
            move |rows| complete(of_rows.clone(), rows),
        ),
    )
    .filter(Filter::new(
        filter::SUBJECT,
        t::auth_link_subject,
        FilterKind::Text,
    ))
    .filter(Filter::new(
        filter::ACCOUNT,
        t::auth_link_account,
        FilterKind::Text,
    ))
    .needs(NEEDS)
    .empty("link", t::auth_links_empty, None)
    .reload(tab.rows.changed)
    .bulk(move |picked| tab.rows.bar(&LINKS, picked, |rows, _| rows))
    .columns(columns(tab));
    let all = Route::Authentication.at(&format!("tab={PROVIDERS}"));
    view! {
        <div class="tab-actions">
            <ButtonLink to=all label=t::auth_links_back />
        </div>
        <List spec />
        {tab.rows.waiting()}
        {giving(tab)}
    }
    .into_node()
}

fn asked(base: String, provider: Ulid, query: &ListQuery) -> Result<AskedOfMas<Linked>, ApiError> {
    let account = query.get(filter::ACCOUNT).map(str::to_owned);
    // An older MAS passes over the filter: that would be all of them.
    let lack = Session::get().capabilities_now().lack(Feature::LinkNames);
    if let Some(lack) = lack.filter(|_| account.is_some()) {
        return Ok(AskedOfMas::nothing(why_not(lack)));
    }
    let filter = api::LinkFilter {
        user: None,
        provider: Some(provider),
        subject: query.get(filter::SUBJECT).map(str::to_owned),
        human_account_name: account,
    };
    let of = base.clone();
    Ok(AskedOfMas::one(Feed::new(
        move |want| api::links(&base, &filter, want),
        move |found| Linked::new(&of, found),
    )))
}

/// Looks up whose they are.
async fn complete(base: String, mut rows: Vec<Linked>) -> Vec<Linked> {
    let users = names::users(&base, rows.iter().filter_map(|row| row.user.clone())).await;
    let own = Session::get().user_id();
    for row in &mut rows {
        let name = row.user.as_ref().and_then(|id| users.get(id).cloned());
        let whose = name.map(|name| {
            let user = names::account(&name);
            (name, user)
        });
        row.is_of(whose, own.as_ref(), is_system);
    }
    rows
}

fn columns(tab: LinksTab) -> Vec<Column> {
    vec![
        Column::new("account", t::auth_link_account, Linked::title)
            .main()
            .grow(10.0, 1.5),
        Column::new("subject", t::auth_link_subject, |link: &Linked| {
            link.subject.clone()
        })
        .copyable()
        .grow(10.0, 1.0),
        Column::new("user", t::auth_whose, |link: &Linked| {
            names::whose_text(link.whose.as_deref(), link.user.as_ref())
        })
        .cell(|link: &Linked| match link.user {
            Some(_) => names::whose(link.whose.as_deref(), link.user.as_ref()),
            None => t::auth_link_nobody().into_node(),
        })
        .grow(10.0, 1.5),
        Column::new("created_at", t::auth_created, |link: &Linked| {
            iso(link.created)
        })
        .cell(|link: &Linked| date_time(link.created))
        .grow(10.0, 0.5),
        Column::new("actions", t::act_menu, |_: &Linked| String::new())
            .cell(move |link: &Linked| row_menu(tab, link))
            .without_heading()
            .not_exported()
            .width(3.5),
    ]
}

fn row_menu(tab: LinksTab, link: &Linked) -> Node {
    let row = link.clone();
    let give = RowEntry {
        icon: "user",
        label: t::auth_link_give,
        why: None,
        press: Rc::new(move || tab.given.set(Some(row.clone()))),
    };
    let give = link.user.is_none().then_some(give);
    tab.rows.menu(&LINKS, link, give)
}

/// The dialog that gives one that is nobody's to somebody.
fn giving(tab: LinksTab) -> Node {
    let (open, busy) = (RwSignal::new(false), RwSignal::new(false));
    let user = RwSignal::new(String::new());
    let wrong: RwSignal<Option<String>> = RwSignal::new(None);
    Effect::new(move |_| {
        if tab.given.with(Option::is_some) {
            user.set(String::new());
            wrong.set(None);
            open.set(true);
        }
    });
    let title = move || {
        let link = tab.given.get();
        t::auth_link_give_title(&link.map(|link| link.title()).unwrap_or_default())
    };
    let give = move || {
        let typed = user.get_untracked();
        let Some(user) = names::meant(&typed) else {
            return wrong.set(Some(t::personal_form_user_wrong()));
        };
        let Some(link) = tab.given.get_untracked() else {
            return;
        };
        busy.set(true);
        spawn_local(async move {
            let job = t::auth_link_give_job(&link.title(), user.as_str());
            let network = Recorded::new(&job).about(&user);
            let given = async {
                let Some(id) = names::id_of(&link.base, user.as_str()).await? else {
                    return Ok(false);
                };
                let all = kept_addresses::providers(&Client::get(), &link.base, None).await?;
                let known = all.into_iter().find(|(id, _)| *id == link.provider);
                let provider =
                    known.unwrap_or_else(|| (link.provider.clone(), link.provider.to_string()));
                let address = KeptAddress::identity(provider, link.subject.clone());
                let given = address.give(&network, &link.base, &id).await;
                given.map(|()| true)
            };
            let given = given.await;
            // The page may have been left.
            if busy.try_set(false).is_some() {
                return;
            }
            tab.rows.refresh();
            match given {
                Ok(true) => open.set(false),
                Ok(false) => wrong.set(Some(t::auth_no_such_user(user.as_str()))),
                Err(error) => wrong.set(Some(explain(&error).sentence)),
            }
        });
    };
    view! {
        <FormDialog
            open
            title=Signal::derive(title)
            about_picked=true
            action=t::auth_link_give
            incomplete=Signal::derive(move || user.with(|user| user.trim().is_empty()))
            busy
            stays=true
            on_submit=Rc::new(give)
        >
            <p>{t::auth_link_give_text}</p>
            <Field
                label=t::auth_link_give_user
                hint=t::personal_form_user_hint
                value=user
                error=wrong
                on_input=Callback::new(move |()| wrong.set(None))
                mono=true
            />
        </FormDialog>
    }
    .into_node()
}
