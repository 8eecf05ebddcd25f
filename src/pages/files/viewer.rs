//! Looking into a file, and saving it. A file is only ever shown as what cannot act: pictures,
//! sound, films, plain text. HTML, SVG and whatever is not known can be saved.

use crate::api::{Answer, ApiError, media};
use crate::components::button::{Button, Kind};
use crate::components::dialog::Dialog;
use crate::components::download::save_bytes;
use crate::components::failure::failure;
use crate::components::progress::Progress;
use crate::components::toast::Toasts;
use crate::i18n::errors::explain;
use crate::i18n::{format, t};
use crate::pages::pictures::{blob_of, fetch_file, picture_type};
use crate::session::learn;
use crate::storage::StoredFile;
use crate::ui::view;
use futures_util::future::{AbortHandle, abortable};
use leptos::prelude::*;
use wasm_bindgen_futures::spawn_local;
use web_sys::Url;

/// How long a file may take to arrive, in milliseconds.
const TIMEOUT_MS: u32 = 15 * 60_000;
/// How many bytes of a text are shown.
const TEXT_SHOWN: usize = 200_000;

/// How a file can be shown.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Form {
    Picture,
    Film,
    Sound,
    Pdf,
    Text,
}

fn form_of(media_type: &str) -> Option<Form> {
    let lower = media_type.to_lowercase();
    let bare = lower.split(';').next().unwrap_or("").trim();
    if picture_type(bare).is_some() {
        return Some(Form::Picture);
    }
    match bare.split_once('/')? {
        ("video", _) => Some(Form::Film),
        ("audio", _) => Some(Form::Sound),
        ("application", "pdf") => Some(Form::Pdf),
        ("application", "json") => Some(Form::Text),
        ("text", kind) if !matches!(kind, "html" | "xml") => Some(Form::Text),
        _ => None,
    }
}

/// What is to be seen.
#[derive(Clone)]
enum Seen {
    Loading,
    /// By its blob URL.
    Blob(Form, String),
    Text {
        text: String,
        whole: bool,
    },
    Failed(ApiError),
}

/// The dialog with the file that is looked into.
#[component]
pub fn Viewer(viewed: RwSignal<Option<StoredFile>>) -> impl IntoView {
    let open = RwSignal::new(false);
    Effect::new(move |_| open.set(viewed.with(Option::is_some)));
    Effect::new(move |_| {
        if !open.get() && viewed.with_untracked(Option::is_some) {
            viewed.set(None);
        }
    });
    let title =
        move || viewed.with(|file| file.as_ref().map(StoredFile::label).unwrap_or_default());
    view! {
        <Dialog open title=Signal::derive(title) large=true>
            {viewed.get_untracked().map(|file| inside(file, open))}
        </Dialog>
    }
}

fn inside(file: StoredFile, open: RwSignal<bool>) -> AnyView {
    let media_type = file.media_type.clone().unwrap_or_default();
    let about = [
        media_type,
        file.bytes.map(format::bytes).unwrap_or_default(),
    ]
    .into_iter()
    .filter(|part| !part.is_empty())
    .collect::<Vec<_>>()
    .join(" · ");
    let content = content_of(&file);
    view! {
        <p class="viewer-about">{about}</p>
        {content}
        <div class="dialog-actions">
            <Button
                label=t::user_media_download
                icon="download"
                kind=Kind::Primary
                on_press=move || download(&file)
            />
            <Button label=t::close on_press=move || open.set(false) />
        </div>
    }
    .into_any()
}

/// The file itself, or why it is not shown.
pub fn content_of(file: &StoredFile) -> AnyView {
    match form_of(file.media_type.as_deref().unwrap_or("")) {
        Some(form) => content(file, form),
        None => view! { <p>{t::user_media_not_shown}</p> }.into_any(),
    }
}

/// The file itself, once it is here.
fn content(file: &StoredFile, form: Form) -> AnyView {
    let seen = RwSignal::new(Seen::Loading);
    let reading: StoredValue<Option<AbortHandle>, LocalStorage> = StoredValue::new_local(None);
    on_cleanup(move || {
        if let Some(handle) = reading.try_update_value(Option::take).flatten() {
            handle.abort();
        }
        if let Seen::Blob(_, url) = seen.get_untracked() {
            let _ = Url::revoke_object_url(&url);
        }
    });
    let wanted = file.clone();
    let begin = UnsyncCallback::new(move |()| {
        seen.set(Seen::Loading);
        let file = wanted.clone();
        let (work, handle) = abortable(async move {
            seen.set(match fetch(&file).await {
                Ok(answer) => show(&answer, &file, form),
                Err(error) => Seen::Failed(error),
            });
        });
        reading.set_value(Some(handle));
        spawn_local(async move {
            // Aborted means that nobody looks any more.
            let _ = work.await;
        });
    });
    begin.run(());
    let name = file.label();
    view! {
        <div class="viewer">
            {move || match seen.get() {
                Seen::Loading => {
                    view! { <Progress done=Signal::stored(None) text=t::loading /> }.into_any()
                }
                Seen::Failed(error) => failure(explain(&error), Some(begin)),
                Seen::Text { text, whole } => {
                    view! {
                        <pre class="viewer-text" tabindex="0">{text}</pre>
                        {(!whole).then(|| view! { <p>{t::user_media_text_cut}</p> })}
                    }
                        .into_any()
                }
                Seen::Blob(form, url) => element(form, url, name.clone()),
            }}
        </div>
    }
    .into_any()
}

fn element(form: Form, url: String, name: String) -> AnyView {
    match form {
        Form::Film => view! { <video src=url controls aria-label=name></video> }.into_any(),
        Form::Sound => view! { <audio src=url controls aria-label=name></audio> }.into_any(),
        Form::Pdf => view! {
            <a class="button" href=url target="_blank" rel="noopener">
                {t::user_media_new_tab}
            </a>
        }
        .into_any(),
        _ => view! { <img src=url alt=name /> }.into_any(),
    }
}

fn show(answer: &Answer, file: &StoredFile, form: Form) -> Seen {
    if form == Form::Text {
        let shown = &answer.body[..answer.body.len().min(TEXT_SHOWN)];
        return Seen::Text {
            text: String::from_utf8_lossy(shown).into_owned(),
            whole: shown.len() == answer.body.len(),
        };
    }
    let media_type = file.media_type.clone().unwrap_or_default().to_lowercase();
    let safe = picture_type(&media_type).map_or(media_type.as_str(), |picture| picture);
    let url = blob_of(&answer.body, safe)
        .and_then(|blob| Url::create_object_url_with_blob(&blob).ok())
        .unwrap_or_default();
    Seen::Blob(form, url)
}

async fn fetch(file: &StoredFile) -> Result<Answer, ApiError> {
    let capabilities = learn::capabilities().await?;
    let request = media::download(&file.uri, &capabilities.spec).timeout_ms(TIMEOUT_MS);
    fetch_file(&request).await
}

/// Saves a file. What a browser might run goes as bytes of no type.
pub fn download(file: &StoredFile) {
    let file = file.clone();
    spawn_local(async move {
        match fetch(&file).await {
            Ok(answer) => {
                let media_type = file.media_type.clone().unwrap_or_default();
                let safe = if form_of(&media_type).is_some() {
                    media_type.as_str()
                } else {
                    "application/octet-stream"
                };
                save_bytes(&file.label(), safe, &answer.body);
            }
            Err(error) => Toasts::get().bad(explain(&error)),
        }
    });
}
