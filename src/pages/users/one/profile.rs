//! Name, picture and type of an account.

use super::Shown;
use crate::api::media;
use crate::api::users::{self, User, UserChange};
use crate::api::{ApiError, MxcUri, UserId};
use crate::components::button::{Button, ButtonKind};
use crate::components::failure::failure;
use crate::components::field::{Choice, SelectField};
use crate::components::file_input::FileInput;
use crate::components::form::{Draft, draft_field, form_buttons, guard};
use crate::components::one_thing::Anew;
use crate::components::questions::Questions;
use crate::i18n::errors::explain;
use crate::i18n::{Words, format, t};
use crate::operations::Recorded;
use crate::operations::value::Changeable;
use crate::ui::{IntoNode, Node, view};
use crate::widgets::pictures::user_avatar;
use futures_util::FutureExt;
use leptos::prelude::*;
use std::rc::Rc;
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::File;

/// The types that every server knows. The empty one is "none".
const TYPES: [Choice; 3] = [
    ("", t::users_type_none as Words),
    ("bot", t::users_type_bot),
    ("support", t::users_type_support),
];

/// The form with display name, picture and type of an account.
pub fn form(shown: Shown, user: &User) -> Node {
    let name = Draft::new(user.displayname.as_deref().unwrap_or_default());
    let kind = Draft::new(user.user_type.as_deref().unwrap_or_default());
    let busy = RwSignal::new(false);
    let refused: RwSignal<Option<ApiError>> = RwSignal::new(None);
    let changed = Signal::derive(move || name.is_changed() || kind.is_changed());
    guard(changed);
    let account = shown.user.get_value();
    let save = move || {
        if busy.get_untracked() || !changed.get_untracked() {
            return;
        }
        let change = UserChange {
            displayname: name.change(),
            user_type: kind
                .change()
                .map(|kind| Some(kind).filter(|kind| !kind.is_empty())),
            ..Default::default()
        };
        let account = account.clone();
        busy.set(true);
        refused.set(None);
        spawn_local(async move {
            let network = Recorded::new(&t::profile_job(account.as_str()));
            let answer = network.send(users::put(&account, &change)).await;
            // The page may have been left.
            if busy.try_set(false).is_some() {
                return;
            }
            match answer {
                Ok(detail) => {
                    let user = &detail.user;
                    let saved = user.displayname.clone().unwrap_or_default();
                    name.save(&saved, change.displayname.as_deref());
                    kind.save(user.user_type.as_deref().unwrap_or_default(), None);
                    shown.set(detail);
                }
                Err(error) => {
                    let text = explain(&error);
                    match &error {
                        ApiError::Matrix { message, .. } if message.contains("user type") => {
                            kind.error.set(Some(text.sentence));
                        }
                        ApiError::Matrix { message, .. } if message.contains("isplay") => {
                            name.error.set(Some(text.sentence));
                        }
                        _ => refused.set(Some(error)),
                    }
                    // What came before the field that was refused has been changed.
                    super::refresh(shown);
                }
            }
        });
    };
    let mut types: Vec<Choice> = TYPES.into();
    // Servers may know more.
    if let Some(own) = user
        .user_type
        .clone()
        .filter(|own| !TYPES.iter().any(|(known, _)| known == own))
    {
        let own: &'static str = Box::leak(own.into_boxed_str());
        types.push((own, t::users_type_other));
    }
    let discard = move || {
        name.discard();
        kind.discard();
        refused.set(None);
    };
    let submit = save.clone();
    view! {
        {picture(shown)}
        <form
            class="stack"
            on:submit=move |event| {
                event.prevent_default();
                submit();
            }
        >
            {move || refused.get().map(|error| failure(explain(&error), None))}
            {draft_field(t::users_name, Some(t::profile_name_hint), name, false)}
            <div data-changed=move || kind.is_changed().then_some("true")>
                <SelectField
                    label=t::users_type
                    hint=Signal::derive(move || match kind.is_changed() {
                        true => t::form_changed(),
                        false => t::profile_type_hint(),
                    })
                    value=kind.value
                    options=types
                    error=kind.error
                />
            </div>
            {form_buttons(changed, busy.into(), discard, save)}
        </form>
    }
    .into_node()
}

/// The picture, with what can be done to it.
fn picture(shown: Shown) -> Node {
    let shown_picture = move || {
        shown.user_now().map(|user| {
            user_avatar(
                &user.name,
                user.displayname.as_deref(),
                user.avatar_url.as_deref(),
            )
        })
    };
    let has_picture = Signal::derive(move || {
        shown
            .user_now()
            .is_some_and(|user| user.avatar_url.is_some_and(|uri| !uri.is_empty()))
    });
    let busy = RwSignal::new(false);
    // An upload that takes long comes back after what was chosen later.
    let choices = Questions::new();
    let error: RwSignal<Option<String>> = RwSignal::new(None);
    let upload = move |file: File| {
        // The picture would not be shown to anybody otherwise.
        if !file.type_().starts_with("image/") || file.type_() == "image/svg+xml" {
            error.set(Some(t::profile_picture_no_image(&file.name())));
            return;
        }
        error.set(None);
        busy.set(true);
        let number = choices.ask();
        spawn_local(async move {
            let uploaded = send(&file).await;
            // Something else has been chosen, or the page was left.
            if !choices.is_last(number) {
                return;
            }
            busy.set(false);
            match uploaded {
                Ok(uri) => set_picture(shown.user.get_value(), uri, super::anew(shown)),
                Err(problem) => {
                    let size = format::bytes(file.size() as u64);
                    error.set(Some(format!("{} ({size}): {problem}", file.name())));
                }
            }
        });
    };
    let remove = move || {
        choices.ask();
        busy.set(false);
        error.set(None);
        set_picture(shown.user.get_value(), String::new(), super::anew(shown));
    };
    view! {
        <div class="picture-row">
            <span class="user-picture">{shown_picture}</span>
            <div class="stack">
                <FileInput
                    label=t::profile_picture_choose
                    hint=Signal::derive(move || {
                        if busy.get() { t::profile_picture_sending() } else { t::profile_picture_hint() }
                    })
                    accept="image/png,image/jpeg,image/gif,image/webp"
                    chosen=Signal::stored(None::<String>)
                    on_file=move |file: File| upload(file)
                />
                <p class="field-error" role="alert">{error}</p>
                {move || {
                    has_picture
                        .get()
                        .then(|| {
                            view! {
                                <Button
                                    label=t::profile_picture_remove
                                    icon="trash"
                                    kind=ButtonKind::Secondary
                                    on_press=remove
                                />
                            }
                        })
                }}
            </div>
        </div>
    }
    .into_node()
}

/// Uploads a file; its mxc URI, or why not.
async fn send(file: &File) -> Result<String, String> {
    let bytes = JsFuture::from(file.array_buffer())
        .await
        .map_err(|_| t::profile_picture_unreadable())?;
    let bytes = js_sys::Uint8Array::new(&bytes).to_vec();
    let request = media::upload(bytes, &file.type_(), &file.name());
    let network = Recorded::new(&t::profile_picture_job());
    let uploaded = network
        .send(request)
        .await
        .map_err(|error| explain(&error).sentence)?;
    match MxcUri::parse(&uploaded.content_uri) {
        Some(_) => Ok(uploaded.content_uri),
        None => Err(uploaded.content_uri),
    }
}

/// Sets the picture; the empty text removes it. What was right before can be brought back, also
/// when the page has been left.
fn set_picture(user: UserId, uri: String, anew: Anew) {
    let (whose, of) = (user.clone(), user.clone());
    let picture = Changeable::<String> {
        name: user.to_string(),
        title: Rc::new(move |uri| match uri.is_empty() {
            true => t::profile_picture_remove_job(whose.as_str()),
            false => t::profile_picture_set_job(whose.as_str()),
        }),
        read: Rc::new(move |network| {
            let request = users::get(&of);
            async move {
                let user = network.send(request).await?.user;
                Ok(Some(user.avatar_url.unwrap_or_default()))
            }
            .boxed_local()
        }),
        write: Rc::new(move |uri| {
            let change = UserChange {
                avatar_url: Some(uri.clone()),
                ..Default::default()
            };
            users::put(&user, &change).call
        }),
        parts: Vec::new(),
        is_taken: |_| true,
        on_end: Rc::new(move |_| anew()),
    };
    picture.change(uri);
}
