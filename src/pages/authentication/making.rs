//! A new personal session, and another token for one. The token is shown once.

use super::personal::PersonalTab;
use crate::api::mas::personal::{self as api, NewSession};
use crate::api::tolerant::Timestamp;
use crate::api::{ApiError, UserId};
use crate::authentication::personal::{ACT_AS, ACT_AS_MS, Right, lasts, proposed, scope};
use crate::browser::clock::{BrowserRandom, now};
use crate::browser::navigation::{HistoryStep, current_query, current_route, navigate};
use crate::components::badge::Tone;
use crate::components::button::{Button, ButtonKind};
use crate::components::clipboard::copy_button;
use crate::components::dialog::Dialog;
use crate::components::failure::failure;
use crate::components::field::{Check, DateTimeField, Field, Preset};
use crate::components::form::guard;
use crate::components::form_dialog::FormDialog;
use crate::components::notice::Notice;
use crate::components::toast::Toasts;
use crate::i18n::errors::{Explained, explain};
use crate::i18n::{format, t};
use crate::import::passwords;
use crate::operations::{Confirmation, Operations, Proposal, Recorded};
use crate::ui::{IntoNode, Node, view};
use crate::widgets::mas_names as names;
use leptos::prelude::*;
use std::rc::Rc;
use wasm_bindgen_futures::spawn_local;

/// How many characters the ID of a new device has: MAS wants ten at least.
const DEVICE_LENGTH: usize = 12;

/// A token that is shown once.
#[derive(Clone, PartialEq)]
struct Shown {
    name: String,
    token: String,
    is_new: bool,
}

/// What both dialogs share. A handle: copies are the same.
#[derive(Clone, Copy)]
struct Making {
    tab: PersonalTab,
    busy: RwSignal<bool>,
    refused: RwSignal<Option<Explained>>,
    shown: RwSignal<Option<Shown>>,
}

/// The dialogs.
pub(super) fn dialogs(tab: PersonalTab) -> Node {
    let making = Making {
        tab,
        busy: RwSignal::new(false),
        refused: RwSignal::new(None),
        shown: RwSignal::new(None),
    };
    // A token that nobody has seen, or that is shown this once, is not left without a question.
    guard(Signal::derive(move || {
        making.busy.get() || making.shown.with(Option::is_some)
    }));
    view! {
        {new(making)}
        {another(making)}
        {once(making)}
    }
    .into_node()
}

/// The moment at which it is to end, and whether something stands in the field that is none.
#[derive(Clone, Copy)]
struct End {
    at: RwSignal<Option<Timestamp>>,
    unfinished: RwSignal<bool>,
}

impl End {
    fn new() -> Self {
        End {
            at: RwSignal::new(None),
            unfinished: RwSignal::new(false),
        }
    }

    fn empty(self) {
        self.at.set(None);
        self.unfinished.set(false);
    }

    /// What is wrong with it. Reactive.
    fn wrong(self) -> Option<String> {
        if self.unfinished.get() {
            return Some(t::token_end_unfinished());
        }
        let is_past = self.at.get().is_some_and(|end| end.0 <= now().0);
        is_past.then(t::token_end_past)
    }

    fn field(self) -> Node {
        // Before now is the way of the presets; a token ends after now.
        let presets = vec![
            Preset::days(-1, t::token_in_day),
            Preset::days(-7, t::token_in_week),
            Preset::days(-30, t::token_in_month),
        ];
        view! {
            <DateTimeField
                label=t::personal_expires
                hint=t::personal_form_expires_hint
                at=self.at
                wrong=self.unfinished
                error=Signal::derive(move || self.wrong())
                presets
            />
        }
        .into_node()
    }
}

/// The dialog that makes one. What is typed is there until it is made.
fn new(making: Making) -> Node {
    let (user, name) = (RwSignal::new(String::new()), RwSignal::new(String::new()));
    let chosen = Right::ALL.map(|right| (right, RwSignal::new(false)));
    let device = RwSignal::new(false);
    let end = End::new();
    let rights = move || -> Vec<Right> {
        let given = chosen.iter().filter(|(_, given)| given.get());
        given.map(|(right, _)| *right).collect()
    };
    let wrong = Signal::derive(move || {
        let is_nobody = user.with(|user| !user.trim().is_empty() && names::meant(user).is_none());
        is_nobody.then(t::personal_form_user_wrong)
    });
    let incomplete = Signal::derive(move || {
        let lacks = |text: RwSignal<String>| text.with(|text| text.trim().is_empty());
        lacks(user)
            || lacks(name)
            || wrong.get().is_some()
            || rights().is_empty()
            || end.wrong().is_some()
    });
    let empty = move || {
        for text in [user, name] {
            let _ = text.try_set(String::new());
        }
        for (_, given) in chosen {
            let _ = given.try_set(false);
        }
        let _ = device.try_set(false);
        end.empty();
    };
    let ask = move || {
        let given = untrack(rights);
        let Some(account) = user.with_untracked(|user| names::meant(user)) else {
            return;
        };
        let device = device.get_untracked().then(|| {
            let made_up = passwords::characters(&BrowserRandom, DEVICE_LENGTH);
            made_up.to_uppercase()
        });
        let wanted = Wanted {
            user: account,
            name: name.with_untracked(|name| name.trim().to_owned()),
            scope: scope(&given, device.as_deref()),
            end: end.at.get_untracked(),
        };
        propose(making, wanted, &given, Rc::new(empty));
    };
    let asked = current_query();
    // Whoever wants to act as somebody comes with an address that says so.
    Effect::new(move |_| {
        let Some(actor) = asked.with(|asked| asked.get(ACT_AS)) else {
            return;
        };
        empty();
        name.set(t::log_in_as_job(&actor));
        user.set(actor);
        for (right, given) in chosen {
            given.set(right == Right::Account);
        }
        end.at.set(Some(Timestamp(now().0 + ACT_AS_MS)));
        making.tab.made.set(true);
        navigate(proposed(&current_route()), HistoryStep::Replace);
    });
    let is_told = move || making.refused.get().map(|why| failure(why, None));
    view! {
        <FormDialog
            open=making.tab.made
            title=t::personal_create
            action=t::personal_create
            incomplete
            busy=making.busy
            stays=true
            on_submit=Rc::new(ask)
        >
            {is_told}
            <Field
                label=t::personal_form_user
                hint=t::personal_form_user_hint
                value=user
                error=wrong
                mono=true
            />
            <Field label=t::personal_form_name hint=t::personal_form_name_hint value=name />
            <fieldset class="fieldset">
                <legend>{t::personal_form_rights}</legend>
                {chosen
                    .iter()
                    .map(|(right, given)| {
                        view! { <Check label=right.words() value=*given /> }.into_node()
                    })
                    .collect::<Vec<Node>>()}
                <Check
                    label=t::personal_form_device
                    hint=Signal::derive(t::personal_form_device_hint)
                    value=device
                />
            </fieldset>
            {end.field()}
        </FormDialog>
    }
    .into_node()
}

/// What a new session is to be.
#[derive(Clone)]
struct Wanted {
    user: UserId,
    name: String,
    scope: String,
    end: Option<Timestamp>,
}

/// Asks, loudly: nobody else does.
fn propose(making: Making, wanted: Wanted, rights: &[Right], made: Rc<dyn Fn()>) {
    let user = wanted.user.clone();
    let mut sentence = t::personal_question_text(user.as_str());
    if rights.iter().any(|right| *right != Right::Account) {
        sentence = format!("{sentence} {}", t::personal_question_all());
    }
    let words: Vec<String> = rights.iter().map(|right| right.words()()).collect();
    let until = wanted
        .end
        .map_or_else(t::personal_fact_forever, format::date_time);
    let facts = vec![
        (t::personal_actor(), user.to_string()),
        (t::personal_fact_rights(), words.join(", ")),
        (t::personal_fact_until(), until),
    ];
    // The question takes the place of the form, which is there again if it is not answered with yes.
    making.refused.set(None);
    Operations::get().propose(Proposal {
        title: t::personal_question(user.as_str()),
        sentence,
        facts,
        action: t::personal_create(),
        danger: true,
        confirmation: Confirmation::Type(user.to_string()),
        fields: None,
        run: Rc::new(move || create(making, wanted.clone(), Rc::clone(&made))),
    });
}

fn create(making: Making, wanted: Wanted, made: Rc<dyn Fn()>) {
    // While the question was there the page may have been left.
    if making.busy.try_set(true).is_some() {
        return;
    }
    let base = making.tab.base.get_value();
    spawn_local(async move {
        let user = wanted.user.to_string();
        let network = Recorded::new(&t::personal_create_job(&wanted.name, &user));
        let answer = async {
            let Some(actor) = names::id_of(&base, &user).await? else {
                return Ok(None);
            };
            let new = NewSession {
                actor_user_id: actor,
                human_name: wanted.name.clone(),
                scope: wanted.scope.clone(),
                expires_in: lasts(now(), wanted.end),
            };
            network.send(api::create(&base, &new)).await.map(Some)
        };
        let told = match answer.await {
            Ok(Some(made)) => Ok(made.data.attributes.access_token),
            Ok(None) => Err(plain(t::auth_no_such_user(&user))),
            Err(error) if error.is_of_mas() && error.status() == Some(410) => {
                Err(plain(t::personal_deactivated(&user)))
            }
            Err(error) => Err(explained(&error)),
        };
        if making.ended(told, wanted.name, true) {
            making.tab.made.set(false);
            made();
        }
    });
}

fn plain(sentence: String) -> Explained {
    Explained {
        sentence,
        hint: String::new(),
        details: String::new(),
    }
}

fn explained(error: &ApiError) -> Explained {
    let why = explain(error);
    match error.may_be_under_way() {
        true => Explained {
            hint: t::personal_lost(),
            ..why
        },
        false => why,
    }
}

impl Making {
    /// Shows the token, or why there is none; whether there is one.
    fn ended(self, told: Result<Option<String>, Explained>, name: String, is_new: bool) -> bool {
        // The page may have been left: nobody sees the token then, which is said wherever they are.
        if self.busy.try_set(false).is_some() {
            if let Ok(Some(_)) = told {
                Toasts::get().bad(plain(t::personal_lost()));
            }
            return false;
        }
        self.tab.rows.refresh();
        match told {
            Ok(token) => {
                self.shown.set(token.map(|token| Shown {
                    name,
                    token,
                    is_new,
                }));
                true
            }
            Err(why) => {
                self.refused.set(Some(why));
                false
            }
        }
    }
}

/// The dialog that gives one another token.
fn another(making: Making) -> Node {
    let open = RwSignal::new(false);
    let end = End::new();
    let chosen = making.tab.regenerated;
    Effect::new(move |_| {
        if chosen.with(Option::is_some) {
            end.empty();
            making.refused.set(None);
            open.set(true);
        }
    });
    let title = move || {
        let name = chosen.get().map(|session| session.title());
        t::personal_regenerate_question(&name.unwrap_or_default())
    };
    let regenerate = move || {
        let Some(session) = chosen.get_untracked() else {
            return;
        };
        making.busy.set(true);
        let ends = lasts(now(), end.at.get_untracked());
        spawn_local(async move {
            let name = session.title();
            let network = Recorded::new(&t::personal_regenerate_job(&name));
            let request = api::regenerate(&session.base, &session.id, ends);
            let told = match network.send(request).await {
                Ok(made) => Ok(made.data.attributes.access_token),
                Err(error) if error.is_of_mas() && error.status() == Some(403) => {
                    Err(plain(t::personal_regenerate_foreign()))
                }
                Err(error) => Err(explained(&error)),
            };
            if making.ended(told, name, false) {
                open.set(false);
            }
        });
    };
    view! {
        <FormDialog
            open
            title=Signal::derive(title)
            about_picked=true
            action=t::personal_regenerate
            incomplete=Signal::derive(move || end.wrong().is_some())
            busy=making.busy
            stays=true
            on_submit=Rc::new(regenerate)
        >
            {move || making.refused.get().map(|why| failure(why, None))}
            <p>{t::personal_regenerate_text}</p>
            {end.field()}
        </FormDialog>
    }
    .into_node()
}

/// The token, until the person says that they have seen it.
fn once(making: Making) -> Node {
    let open = RwSignal::new(false);
    let shown = making.shown;
    Effect::new(move |_| open.set(shown.with(Option::is_some)));
    let title = move || match shown.get() {
        Some(shown) if !shown.is_new => t::personal_regenerated(),
        _ => t::personal_made(),
    };
    let secret = move || {
        let shown = shown.get()?;
        Some(view! {
            <Notice tone=Tone::Warning>{t::personal_once(&shown.name)}</Notice>
            <p class="secret">
                <code>{shown.token.clone()}</code>
                {copy_button(shown.token, Some(t::personal_token))}
            </p>
        })
    };
    view! {
        <Dialog open title=Signal::derive(title) dismissable=false>
            {secret}
            <div class="dialog-actions">
                <Button
                    label=t::close
                    kind=ButtonKind::Primary
                    on_press=move || shown.set(None)
                />
            </div>
        </Dialog>
    }
    .into_node()
}
