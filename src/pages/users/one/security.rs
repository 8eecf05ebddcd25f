//! The tab "Security": password, acting as the user, keys, and what ends or limits an account.

use super::{Shown, doing_unless_of_a_bridge, unless_of_a_bridge};
use crate::api::login::{EXPIRED_AT_ONCE, refused_as_user};
use crate::api::server::Feature;
use crate::api::tolerant::Timestamp;
use crate::api::users::LoggedInAs;
use crate::api::{ApiError, UserId, account_validity, login, users};
use crate::authentication::personal::to_act_as;
use crate::browser::clock::{BrowserRandom, now};
use crate::browser::navigation::{HistoryStep, navigate};
use crate::components::badge::Tone;
use crate::components::button::{Button, ButtonKind};
use crate::components::clipboard::copy_button;
use crate::components::dialog::Dialog;
use crate::components::failure::failure;
use crate::components::field::{Check, Choice, DateTimeField, PasswordField, SelectField};
use crate::components::form_dialog::{FormDialog, SentFields};
use crate::components::notice::Notice;
use crate::components::page::Card;
use crate::components::time::date_time;
use crate::components::toast::Toasts;
use crate::i18n::errors::{Explained, explain};
use crate::i18n::features::why_not;
use crate::i18n::{Words, format, t};
use crate::import::passwords;
use crate::operations::acts::may_have_changed;
use crate::operations::given::{GivenPassword, GivenPasswords};
use crate::operations::targets::sending;
use crate::operations::{
    Confirmation, OnTarget, Operations, Proposal, Recorded, Target, TargetJob,
};
use crate::pages::users::at_mas::{KeptBy, look_up, passwords_are_off};
use crate::pages::users::revoke::revoke_access;
use crate::runner::{Fate, Reason, Step};
use crate::session::Session;
use crate::session::acting as kept;
use crate::ui::{IntoNode, Node, view};
use crate::widgets::mas_closed;
use crate::widgets::subjects::users::{Subject, menu};
use futures_util::FutureExt;
use leptos::prelude::*;
use std::cell::Cell;
use std::rc::Rc;
use wasm_bindgen_futures::spawn_local;

/// For how long a token to act as somebody is good.
const VALIDITIES: [Choice; 4] = [
    ("600000", t::log_in_as_minutes as Words),
    ("3600000", t::log_in_as_hour),
    ("86400000", t::log_in_as_day),
    ("", t::log_in_as_ever),
];

/// The tab with the security of a user.
pub fn tab(shown: Shown) -> Node {
    let subject = Subject::One {
        user: Signal::derive(move || shown.user_now()),
        bridged: Signal::derive(move || shown.is_of_a_bridge()),
        standing: shown.standing.into(),
        changed: Callback::new(move |()| super::refresh_all(shown)),
    };
    view! {
        <div class="stack">
            {mas_closed::notice()}
            <Card title=Signal::derive(t::security_access)>
                <div class="action-rows">
                    {password(shown)} {acting(shown)} {keys(shown)} {validity(shown)}
                </div>
            </Card>
            {menu(subject)}
        </div>
    }
    .into_node()
}

/// A row: what it is, why it cannot be done, if so, and the button.
fn row(
    title: Words,
    text: Words,
    reason: Signal<Option<String>>,
    picture: &'static str,
    press: impl Fn() + 'static,
) -> Node {
    let disabled = Signal::derive(move || reason.with(Option::is_some));
    let why = move || {
        reason
            .get()
            .map(|reason| view! { <p class="action-reason">{reason}</p> })
    };
    view! {
        <div class="action-row">
            <div class="action-text">
                <strong>{title}</strong>
                <p>{text}</p>
                {why}
            </div>
            <Button label=Signal::derive(title) icon=picture disabled on_press=press />
        </div>
    }
    .into_node()
}

fn lacking(feature: Feature) -> Option<String> {
    Session::get().capabilities_now().lack(feature).map(why_not)
}

fn is_own(user: &UserId) -> bool {
    Session::get().user_id().as_ref() == Some(user)
}

/// That MAS would have to do it, and does not know the account. Reactive.
fn unknown_to_mas(shown: Shown) -> Option<String> {
    let is_unknown = shown.standing.with(|standing| standing.is_unknown_to_mas);
    is_unknown.then(t::reason_unknown_to_mas)
}

fn password(shown: Shown) -> Node {
    let open = RwSignal::new(false);
    let value = RwSignal::new(String::new());
    let typed = SentFields::new(open, move || value.set(String::new()));
    let at_mas = Session::get().of_capabilities(|server| server.mas().is_some());
    // Whoever would end their own session there could not go on.
    let may_log_out = !(at_mas && is_own(&shown.user.get_value()));
    let log_out = RwSignal::new(may_log_out);
    let any = RwSignal::new(false);
    let off = match at_mas {
        true => passwords_are_off(),
        false => RwSignal::new(false),
    };
    let reason = Signal::derive(move || {
        lacking(Feature::Passwords)
            .or_else(|| {
                let elsewhere = !at_mas && Session::get().has_external_auth();
                elsewhere.then(t::security_password_elsewhere)
            })
            .or_else(|| off.get().then(t::act_password_off))
            .or_else(|| shown.is_of_a_bridge().then(t::act_spared_system))
            .or_else(|| unknown_to_mas(shown))
            .or_else(|| {
                shown
                    .is_deactivated()
                    .then(t::security_password_deactivated)
            })
    });
    let incomplete = Signal::derive(move || value.with(String::is_empty));
    let save = move || {
        if incomplete.get_untracked() {
            return;
        }
        let user = shown.user.get_value();
        let password = value.get_untracked();
        let set = Rc::new(Cell::new(false));
        let deed = setting(
            &user,
            &password,
            log_out.get_untracked(),
            any.get_untracked(),
            Rc::clone(&set),
        );
        let title = t::security_password_job(user.as_str());
        let ended = typed.sent();
        // The job goes on when the page is left: the password is shown wherever the person is by then.
        let given = GivenPassword::new(user.clone(), password.clone());
        let told = move |_, fate: &Fate| match fate {
            Fate::Done => GivenPasswords::get().show(&given, true),
            // Its sessions may go on all the same.
            _ if set.get() => GivenPasswords::get().show(&given, true),
            fate if may_have_changed(fate) => GivenPasswords::get().show(&given, false),
            _ => {}
        };
        let names = vec![user.to_string()];
        doing_unless_of_a_bridge(user, title, names, deed)
            .on_fate(Rc::new(told))
            .on_end(move |job| {
                ended(job.is_done());
                super::refresh(shown);
            })
            .start();
        open.set(false);
    };
    view! {
        {row(
            t::security_password,
            t::security_password_text,
            reason,
            "key",
            move || open.set(true),
        )}
        <FormDialog
            open
            title=t::security_password
            action=t::security_password_set
            incomplete
            on_submit=Rc::new(save)
        >
            <PasswordField
                label=t::security_password_new
                value
                autocomplete="new-password"
            />
            <Button
                label=t::security_password_generate
                icon="dice"
                on_press=move || value.set(passwords::password(&BrowserRandom))
            />
            {at_mas
                .then(|| {
                    view! {
                        <Check
                            label=t::security_password_any
                            hint=Signal::derive(t::security_password_any_hint)
                            value=any
                        />
                    }
                })}
            <Check
                label=t::security_password_log_out
                hint=Signal::derive(move || match (at_mas, may_log_out) {
                    (_, false) => t::act_spared_own(),
                    (true, true) => t::security_password_sessions_hint(),
                    (false, true) => t::security_password_log_out_hint(),
                })
                value=log_out
                disabled=!may_log_out
            />
        </FormDialog>
    }
    .into_node()
}

/// Sets a password where the account is kept, and ends its sessions if that is wanted. `set` hears that Matrix
/// Authentication Service has set it, whatever becomes of the sessions; it takes it `any`how weak it is, or not.
fn setting(
    user: &UserId,
    password: &str,
    log_out: bool,
    any: bool,
    set: Rc<Cell<bool>>,
) -> OnTarget {
    let call = users::reset_password(user, password, log_out).call;
    let at_homeserver = sending(vec![call], false, Rc::new(|_, _| Ok(())));
    let (user, password): (UserId, Rc<str>) = (user.clone(), password.into());
    Rc::new(move |number, network, turn| {
        let (user, password) = (user.clone(), Rc::clone(&password));
        let (at_homeserver, set) = (Rc::clone(&at_homeserver), Rc::clone(&set));
        async move {
            let account = match look_up(&user, network).await {
                Ok(KeptBy::Mas(account)) => account,
                Ok(KeptBy::UnknownToMas) => return Step::LeftOut(Reason::UnknownToMas),
                Ok(KeptBy::Homeserver) => return at_homeserver(number, network, turn).await,
                Err(error) => return Step::from_error(error),
            };
            let network = network.about(&user);
            if let Err(step) = turn.goes_on().await {
                return step;
            }
            if let Err(error) = account.set_password(&password, any, &network).await {
                return Step::from_error(error);
            }
            set.set(true);
            match log_out {
                true => account.end_all(&network, &turn).await,
                false => Ok(()),
            }
            .map_or_else(|step| step, |()| Step::Done)
        }
        .boxed_local()
    })
}

/// A token to act as the user.
#[derive(Clone)]
struct Acting {
    token: String,
    until: Option<Timestamp>,
    revoked: bool,
}

/// Gets a token to act as this user. One that the server refuses at once because of its end is none.
async fn log_in_as(
    network: &Recorded,
    user: &UserId,
    until: Option<Timestamp>,
) -> Result<LoggedInAs, ApiError> {
    let admin = Session::get().whose();
    let login = network.send(users::log_in_as(user, until)).await?;
    // Whoever looks at it or not, it is good, and can be revoked.
    kept::keep(admin, user, &login.access_token);
    let asked = login::who_am_i().with_token(&login.access_token);
    match network.send(asked).await.map_err(refused_as_user) {
        Err(error) if error.is_errcode(EXPIRED_AT_ONCE) => {
            kept::forget(&login.access_token);
            Err(error)
        }
        _ => Ok(login),
    }
}

/// Acting as the user where MAS keeps the accounts: by a personal session.
fn acting_at_mas(shown: Shown) -> Node {
    let user = shown.user.get_value();
    let own = is_own(&user);
    let to = to_act_as(&user);
    let reason = Signal::derive(move || {
        lacking(Feature::LogInAs)
            .or_else(|| own.then(t::log_in_as_own))
            .or_else(|| unknown_to_mas(shown))
            .or_else(|| {
                let is_deactivated = shown.is_deactivated();
                is_deactivated.then(|| t::personal_deactivated(user.as_str()))
            })
    });
    row(
        t::log_in_as,
        t::log_in_as_row_mas,
        reason,
        "user",
        move || {
            navigate(&to, HistoryStep::Push);
        },
    )
}

fn acting(shown: Shown) -> Node {
    if Session::get().of_capabilities(|server| server.delegated_auth) {
        return acting_at_mas(shown);
    }
    let open = RwSignal::new(false);
    let validity = RwSignal::new("3600000".to_owned());
    let busy = RwSignal::new(false);
    let acting: RwSignal<Option<Acting>> = RwSignal::new(None);
    let refused: RwSignal<Option<Explained>> = RwSignal::new(None);
    let user = shown.user.get_value();
    let own = is_own(&user);
    let reason =
        Signal::derive(move || lacking(Feature::LogInAs).or_else(|| own.then(t::log_in_as_own)));
    // A token that is not shown any more cannot be revoked here.
    Effect::new(move |_| {
        if !open.get() {
            acting.set(None);
            refused.set(None);
        }
    });
    let ask = move || {
        busy.set(true);
        refused.set(None);
        let ms: Option<i64> = validity.with_untracked(|validity| validity.parse().ok());
        let until = ms.map(|ms| Timestamp(now().0 + ms));
        let user = shown.user.get_value();
        spawn_local(async move {
            let network = Recorded::new(&t::log_in_as_job(user.as_str()));
            let answer = log_in_as(&network, &user, until).await;
            // The page may have been left.
            if busy.try_set(false).is_some() {
                if let Ok(login) = answer {
                    // Nobody has seen it. Where that fails, ending all sessions revokes it.
                    let _ = revoke_access(&network, &login.access_token).await;
                }
                return;
            }
            match answer {
                Ok(login) => {
                    acting.set(Some(Acting {
                        token: login.access_token,
                        until,
                        revoked: false,
                    }));
                }
                Err(error) => refused.set(Some(explain(&error))),
            }
        });
    };
    let revoke = move || {
        let Some(current) = acting.get_untracked() else {
            return;
        };
        busy.set(true);
        refused.set(None);
        spawn_local(async move {
            let network = Recorded::new(&t::log_in_as_revoke());
            let answer = revoke_access(&network, &current.token).await;
            if busy.try_set(false).is_some() {
                return;
            }
            match answer {
                Ok(()) => acting.set(Some(Acting {
                    revoked: true,
                    ..current
                })),
                Err(error) => refused.set(Some(explain(&error))),
            }
        });
    };
    let content = move || {
        match acting.get() {
        None => view! {
            <p>{t::log_in_as_text}</p>
            <SelectField label=t::log_in_as_validity value=validity options=VALIDITIES.into() />
            <div class="dialog-actions">
                <Button label=t::cancel on_press=move || open.set(false) />
                <Button label=t::log_in_as_get kind=ButtonKind::Primary busy on_press=ask />
            </div>
        }
        .into_node(),
        Some(Acting { revoked: true, .. }) => view! {
            <Notice tone=Tone::Good>{t::log_in_as_revoked}</Notice>
            <div class="dialog-actions">
                <Button label=t::close kind=ButtonKind::Primary on_press=move || open.set(false) />
            </div>
        }
        .into_node(),
        Some(Acting { token, until, .. }) => view! {
            <p>{t::log_in_as_once}</p>
            <p class="secret">
                <code>{token.clone()}</code>
                {copy_button(token, Some(t::log_in_as_token))}
            </p>
            <p>
                {match until {
                    Some(until) => view! { {t::log_in_as_until} " " {date_time(until)} }.into_node(),
                    None => view! { {t::log_in_as_ever} }.into_node(),
                }}
            </p>
            <div class="dialog-actions">
                <Button label=t::close on_press=move || open.set(false) />
                <Button
                    label=t::log_in_as_revoke
                    icon="ban"
                    kind=ButtonKind::Danger
                    busy
                    on_press=revoke
                />
            </div>
        }
        .into_node(),
    }
    };
    view! {
        {row(t::log_in_as, t::log_in_as_row, reason, "user", move || open.set(true))}
        <Dialog open title=t::log_in_as busy>
            {move || refused.get().map(|explained| failure(explained, None))}
            {content}
        </Dialog>
    }
    .into_node()
}

fn keys(shown: Shown) -> Node {
    let until: RwSignal<Option<Timestamp>> = RwSignal::new(None);
    let press = move || {
        let user = shown.user.get_value();
        spawn_local(async move {
            let network = Recorded::new(&t::security_keys());
            let answer = network
                .send(users::allow_cross_signing_replacement(&user))
                .await;
            match answer {
                Ok(keys) => {
                    let _ = until.try_set(Some(keys.updatable_without_uia_before_ms));
                    Toasts::get().good(t::security_keys_done());
                }
                Err(error) if error.is_not_found() => {
                    Toasts::get().info(t::security_keys_none());
                }
                Err(error) => Toasts::get().bad(explain(&error)),
            }
        });
    };
    view! {
        {row(
            t::security_keys,
            t::security_keys_text,
            Signal::derive(|| lacking(Feature::CrossSigningReset)),
            "shield-check",
            press,
        )}
        {move || {
            until
                .get()
                .map(|until| {
                    view! {
                        <p class="action-reason">{t::security_keys_until} " " {date_time(until)}</p>
                    }
                })
        }}
    }
    .into_node()
}

fn validity(shown: Shown) -> Node {
    let open = RwSignal::new(false);
    let until: RwSignal<Option<Timestamp>> = RwSignal::new(None);
    let remind = RwSignal::new(true);
    let own = is_own(&shown.user.get_value());
    let is_over = move |at: Option<Timestamp>| at.is_some_and(|at| at <= now());
    // Whoever is locked out could not put it right, and a bridge does not know how.
    let spared = Signal::derive(move || match is_over(until.get()) {
        true if own => Some(t::security_validity_own()),
        true => shown.is_of_a_bridge().then(t::act_spared_system),
        false => None,
    });
    let incomplete =
        Signal::derive(move || until.with(Option::is_none) || spared.with(Option::is_some));
    let save = move || {
        let Some(at) = until.get_untracked() else {
            return;
        };
        // Time goes on while the dialog is open.
        let ends = is_over(Some(at));
        if ends && (own || untrack(|| shown.is_of_a_bridge())) {
            return until.notify();
        }
        open.set(false);
        let user = shown.user.get_value();
        let call = account_validity::set(&user, at, remind.get_untracked()).call;
        let name = user.to_string();
        let title = t::security_validity_job(&name);
        let whose = user.clone();
        let run = Rc::new(move || {
            let (name, call) = (name.clone(), call.clone());
            let (title, targets) = (title.clone(), vec![Target { name, call }]);
            let job = match ends {
                true => unless_of_a_bridge(whose.clone(), title, targets),
                false => TargetJob::new(title, targets),
            };
            job.start();
        });
        match ends {
            true => ask_to_end(&user, at, run),
            false => run(),
        }
    };
    view! {
        {row(
            t::security_validity,
            t::security_validity_text,
            Signal::derive(|| lacking(Feature::AccountValidity)),
            "calendar",
            move || open.set(true),
        )}
        <FormDialog
            open
            title=t::security_validity
            action=t::save
            incomplete
            stays=true
            on_submit=Rc::new(save)
        >
            <p>{t::security_validity_note}</p>
            <DateTimeField label=t::security_validity_until at=until error=spared />
            <Check label=t::security_validity_remind value=remind />
        </FormDialog>
    }
    .into_node()
}

/// Asks before the access of an account ends at once.
fn ask_to_end(user: &UserId, at: Timestamp, run: Rc<dyn Fn()>) {
    Operations::get().propose(Proposal {
        title: t::security_validity_past(user.as_str()),
        sentence: t::security_validity_past_text(user.as_str()),
        facts: vec![(t::security_validity_until(), format::date_time(at))],
        action: t::security_validity_past_do(),
        danger: true,
        confirmation: Confirmation::Click,
        fields: None,
        run,
    });
}
