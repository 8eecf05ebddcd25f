//! Looking into a file, and saving it. A file is only ever shown as what cannot act: pictures,
//! sound, films, plain text. HTML, SVG and whatever is not known can be saved.

use crate::api::{ApiError, media};
use crate::browser::download::save_blob;
use crate::components::button::{Button, ButtonKind};
use crate::components::dialog::Dialog;
use crate::components::failure::failure;
use crate::components::progress::Progress;
use crate::components::toast::Toasts;
use crate::i18n::errors::{Explained, explain};
use crate::i18n::{format, t};
use crate::media::StoredFile;
use crate::session::learn;
use crate::session::stream::{self, Arrived};
use crate::ui::{IntoNode, Node, view};
use crate::widgets::pictures::picture_type;
use futures_util::future::{AbortHandle, abortable};
use js_sys::Uint8Array;
use leptos::prelude::*;
use wasm_bindgen_futures::JsFuture;
use wasm_bindgen_futures::spawn_local;
use web_sys::{Blob, Url};

/// Above so many bytes it is asked before a file is fetched in order to be shown.
const ASKED_ABOVE: u64 = 100 << 20;
/// Above so many bytes saving a file shows how far it is.
const WATCHED_ABOVE: u64 = 10 << 20;
/// How many bytes of a text are shown.
const TEXT_SHOWN: f64 = 200_000.0;

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

/// How a file is asked for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Way {
    Usual,
    /// Past its quarantine.
    PastQuarantine,
}

/// What is to be seen.
#[derive(Clone)]
enum Seen {
    /// It is large, and nobody has said yet that it is wanted.
    Asked(u64),
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

fn inside(file: StoredFile, open: RwSignal<bool>) -> Node {
    let media_type = file.media_type.clone().unwrap_or_default();
    let about = [
        media_type,
        file.bytes.map(format::bytes).unwrap_or_default(),
    ]
    .into_iter()
    .filter(|part| !part.is_empty())
    .collect::<Vec<_>>()
    .join(" · ");
    let here: Here = StoredValue::new_local(None);
    let content = match form_of(file.media_type.as_deref().unwrap_or("")) {
        Some(form) => content(&file, form, Way::Usual, here),
        None => view! { <p>{t::user_media_not_shown}</p> }.into_node(),
    };
    let is_saving = RwSignal::new(false);
    // Messages lie under the dialog, out of reach: why it is not saved stands in it.
    let refused: RwSignal<Option<Explained>> = RwSignal::new(None);
    let (wanted, name) = (file.clone(), file.file_name());
    let save = move || {
        refused.set(None);
        match here.get_value() {
            // What is shown is here already.
            Some(blob) => save_blob(&name, &blob),
            None => is_saving.set(true),
        }
    };
    let saving = move || {
        let done = move |came: Result<(), ApiError>| {
            is_saving.set(false);
            refused.set(came.err().map(|error| explain(&error)));
        };
        is_saving.get().then(|| saving(&wanted, done))
    };
    view! {
        <p class="viewer-about">{about}</p>
        {content}
        {saving}
        {move || refused.get().map(|explained| failure(explained, None))}
        <div class="dialog-actions">
            <Button
                label=t::user_media_download
                icon="download"
                kind=ButtonKind::Primary
                busy=is_saving
                on_press=save
            />
            <Button label=t::close on_press=move || open.set(false) />
        </div>
    }
    .into_node()
}

/// What has been fetched in order to be shown.
type Here = StoredValue<Option<Blob>, LocalStorage>;

/// The dialog with a large file that is being saved.
#[component]
pub fn Saver(saved: RwSignal<Option<StoredFile>>) -> impl IntoView {
    let open = RwSignal::new(false);
    Effect::new(move |_| open.set(saved.with(Option::is_some)));
    Effect::new(move |_| {
        if !open.get() && saved.with_untracked(Option::is_some) {
            saved.set(None);
        }
    });
    let title = move || saved.with(|file| file.as_ref().map(StoredFile::label).unwrap_or_default());
    let done = move |came| {
        open.set(false);
        tell(came);
    };
    view! {
        <Dialog open title=Signal::derive(title)>
            {saved.get_untracked().map(|file| saving(&file, done))}
            <div class="dialog-actions">
                <Button label=t::cancel on_press=move || open.set(false) />
            </div>
        </Dialog>
    }
}

/// Saves a file, showing how far that is. Taken out of the page, it stops.
fn saving(file: &StoredFile, done: impl Fn(Result<(), ApiError>) + 'static) -> Node {
    let arrived: RwSignal<Arrived> = RwSignal::new((0, file.bytes));
    let wanted = file.clone();
    let (work, handle) = abortable(async move {
        done(save(&wanted, &|part| arrived.set(part)).await);
    });
    on_cleanup(move || handle.abort());
    spawn_local(async move {
        // Aborted means that nobody wants it any more.
        let _ = work.await;
    });
    progress(arrived)
}

/// How much has come.
fn progress(arrived: RwSignal<Arrived>) -> Node {
    let part = move || {
        let (come, whole) = arrived.get();
        whole.map(|whole| come as f64 / whole.max(1) as f64)
    };
    let words = move || match arrived.get() {
        (0, _) => t::loading(),
        (come, Some(whole)) => t::viewer_part(&format::bytes(come), &format::bytes(whole)),
        (come, None) => t::viewer_come(&format::bytes(come)),
    };
    view! { <Progress done=Signal::derive(part) text=words /> }.into_node()
}

/// The file itself, or why it is not shown.
pub fn content_of(file: &StoredFile) -> Node {
    match form_of(file.media_type.as_deref().unwrap_or("")) {
        Some(form) => content(file, form, Way::Usual, StoredValue::new_local(None)),
        None => view! { <p>{t::user_media_not_shown}</p> }.into_node(),
    }
}

/// A file that is quarantined, for whoever has to judge it: blurred until it is wanted clearly. Only
/// pictures and films are blurred.
pub fn quarantined(file: &StoredFile) -> Node {
    behind_veil(file, Way::PastQuarantine, RwSignal::new(true))
}

/// A file that somebody may not want to see, blurred as long as `is_veiled` says so. Only pictures and
/// films are blurred.
pub fn veiled(file: &StoredFile, is_veiled: RwSignal<bool>) -> Node {
    behind_veil(file, Way::Usual, is_veiled)
}

fn behind_veil(file: &StoredFile, way: Way, is_veiled: RwSignal<bool>) -> Node {
    let Some(form) = form_of(file.media_type.as_deref().unwrap_or("")) else {
        return view! { <p>{t::user_media_not_shown}</p> }.into_node();
    };
    let toggle = matches!(form, Form::Picture | Form::Film).then(|| {
        let label = move || match is_veiled.get() {
            true => t::file_unveil(),
            false => t::file_veil(),
        };
        view! {
            <Button
                label=Signal::derive(label)
                icon="eye"
                on_press=move || is_veiled.update(|is| *is = !*is)
            />
        }
    });
    let is_seen = toggle.is_some();
    let veil = move || (is_seen && is_veiled.get()).then_some("true");
    view! {
        <div class="veil" data-veiled=veil>
            {content(file, form, way, StoredValue::new_local(None))}
        </div>
        {toggle}
    }
    .into_node()
}

/// The file itself, once it is here.
fn content(file: &StoredFile, form: Form, way: Way, here: Here) -> Node {
    let large = file.bytes.filter(|bytes| *bytes > ASKED_ABOVE);
    let seen = RwSignal::new(large.map_or(Seen::Loading, Seen::Asked));
    let arrived: RwSignal<Arrived> = RwSignal::new((0, None));
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
            let blob = fetch(&file, way, shown_as(&file), &|part| arrived.set(part)).await;
            let shown = match blob {
                Ok(blob) => {
                    let seen = show(&blob, form).await;
                    let _ = here.try_set_value(Some(blob));
                    seen
                }
                Err(error) => Seen::Failed(error),
            };
            seen.set(shown);
        });
        reading.set_value(Some(handle));
        spawn_local(async move {
            // Aborted means that nobody looks any more.
            let _ = work.await;
        });
    });
    if large.is_none() {
        begin.run(());
    }
    let is_loading = Memo::new(move |_| seen.with(|seen| matches!(seen, Seen::Loading)));
    let name = file.label();
    view! {
        <div class="viewer">
            {move || {
                is_loading
                    .get()
                    .then(|| progress(arrived))
            }}
            {move || match seen.get() {
                Seen::Loading => ().into_node(),
                Seen::Asked(bytes) => {
                    view! {
                        <p>{move || t::viewer_large(&format::bytes(bytes))}</p>
                        <Button label=t::file_show icon="eye" on_press=move || begin.run(()) />
                    }
                        .into_node()
                }
                Seen::Failed(error) => failure(explain(&error), Some(begin)),
                Seen::Text { text, whole } => {
                    view! {
                        <pre class="viewer-text" tabindex="0">{text}</pre>
                        {(!whole).then(|| view! { <p>{t::user_media_text_cut}</p> })}
                    }
                        .into_node()
                }
                Seen::Blob(form, url) => element(form, url, name.clone()),
            }}
        </div>
    }
    .into_node()
}

fn element(form: Form, url: String, name: String) -> Node {
    match form {
        Form::Film => view! { <video src=url controls aria-label=name></video> }.into_node(),
        Form::Sound => view! { <audio src=url controls aria-label=name></audio> }.into_node(),
        Form::Pdf => view! {
            <a class="button" href=url target="_blank" rel="noopener">
                {t::user_media_new_tab}
            </a>
        }
        .into_node(),
        _ => view! { <img src=url alt=name /> }.into_node(),
    }
}

async fn show(blob: &Blob, form: Form) -> Seen {
    if form == Form::Text {
        let shown = blob.slice_with_f64_and_f64(0.0, TEXT_SHOWN);
        let bytes = match shown {
            Ok(shown) => JsFuture::from(shown.array_buffer()).await,
            Err(error) => Err(error),
        };
        let bytes = bytes.map(|bytes| Uint8Array::new(&bytes).to_vec());
        return Seen::Text {
            text: String::from_utf8_lossy(&bytes.unwrap_or_default()).into_owned(),
            whole: blob.size() <= TEXT_SHOWN,
        };
    }
    let url = Url::create_object_url_with_blob(blob).unwrap_or_default();
    Seen::Blob(form, url)
}

/// The type that it is shown as.
fn shown_as(file: &StoredFile) -> String {
    let media_type = file.media_type.clone().unwrap_or_default().to_lowercase();
    match picture_type(&media_type) {
        Some(picture) => picture.to_owned(),
        None => media_type,
    }
}

async fn fetch(
    file: &StoredFile,
    way: Way,
    media_type: String,
    arrived: &dyn Fn(Arrived),
) -> Result<Blob, ApiError> {
    let capabilities = learn::capabilities().await?;
    let request = match way {
        Way::Usual => media::download(&file.uri, &capabilities.spec),
        Way::PastQuarantine => media::download_quarantined(&file.uri, &capabilities.spec),
    };
    stream::file(&request, &media_type, arrived).await
}

/// Saves a file; a large one shows in `saved` how far that is.
pub fn download(file: &StoredFile, saved: RwSignal<Option<StoredFile>>) {
    let file = file.clone();
    if file.bytes.is_some_and(|bytes| bytes > WATCHED_ABOVE) {
        return saved.set(Some(file));
    }
    spawn_local(async move { tell(save(&file, &|_| ()).await) });
}

/// Says why a file is not saved, where no dialog is open any more.
fn tell(came: Result<(), ApiError>) {
    if let Err(error) = came {
        Toasts::get().bad(explain(&error));
    }
}

/// What a browser might run goes as bytes of no type.
async fn save(file: &StoredFile, arrived: &dyn Fn(Arrived)) -> Result<(), ApiError> {
    let media_type = file.media_type.clone().unwrap_or_default();
    let safe = match form_of(&media_type) {
        Some(_) => media_type,
        None => "application/octet-stream".to_owned(),
    };
    let blob = fetch(file, Way::Usual, safe, arrived).await?;
    save_blob(&file.file_name(), &blob);
    Ok(())
}
