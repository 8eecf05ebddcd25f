//! Small pictures from the media repository: fetched with the token once they come into sight,
//! a few at a time, and shown from blob URLs that live as long as they are shown.

use crate::api::exchange::patiently;
use crate::api::{Answer, ApiError, MxcUri, Request, RoomId, UserId, media, rooms};
use crate::browser::clock::{BrowserClock, BrowserRandom};
use crate::browser::storage::Keep;
use crate::components::avatar::avatar;
use crate::session::{Client, Session, learn};
use crate::ui::{IntoNode, Node, view};
use js_sys::{Array, Uint8Array};
use leptos::html;
use leptos::prelude::*;
use std::cell::{Cell, OnceCell, RefCell};
use std::collections::{HashMap, HashSet, VecDeque};
use std::rc::Rc;
use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;
use wasm_bindgen_futures::spawn_local;
use web_sys::{
    Blob, BlobPropertyBag, Element, IntersectionObserver, IntersectionObserverEntry,
    IntersectionObserverInit, Url,
};

/// How many pictures are fetched at a time. The browser has six connections to a server, and
/// the lists need some.
const AT_ONCE: usize = 3;

/// The types that a browser shows as a picture and as nothing else.
const SAFE_TYPES: [&str; 6] = [
    "image/png",
    "image/jpeg",
    "image/gif",
    "image/webp",
    "image/avif",
    "image/bmp",
];

/// The MIME type without its parameters, if it is that of a harmless picture.
pub fn picture_type(content_type: &str) -> Option<&'static str> {
    let bare = content_type.split(';').next().unwrap_or("").trim();
    let bare = if bare == "image/jpg" {
        "image/jpeg"
    } else {
        bare
    };
    SAFE_TYPES.into_iter().find(|safe| *safe == bare)
}

/// Sends a request for a file, and keeps the type that its answer has.
pub async fn fetch_file(request: &Request<Vec<u8>>) -> Result<Answer, ApiError> {
    let client = Client::get();
    let answer = patiently(&client, &BrowserClock, &BrowserRandom, &request.call).await?;
    match answer.status {
        200..=299 => Ok(answer),
        _ => Err(ApiError::from_answer(&answer)),
    }
}

/// Bytes as a blob of this type.
pub fn blob_of(bytes: &[u8], content_type: &str) -> Option<Blob> {
    let options = BlobPropertyBag::new();
    options.set_type(content_type);
    let parts = Array::of1(&Uint8Array::from(bytes));
    Blob::new_with_u8_array_sequence_and_options(&parts, &options).ok()
}

/// A user's picture, or initials. Only pictures of our own server are fetched: one of another
/// server may be gone, and asking for it keeps both servers busy.
pub fn user_avatar(user: &UserId, name: Option<&str>, picture: Option<&str>) -> Node {
    let name = name
        .filter(|name| !name.trim().is_empty())
        .unwrap_or(user.localpart());
    avatar_of(user.as_str(), name, picture)
}

/// Where it is kept that lists show initials instead of profile pictures.
pub const PROFILE_PICTURES: &str = "synapse-admin.profile-pictures";

/// The picture of a user in a list, or initials: initials where profile pictures are not wanted. The server counts each as an
/// access to the file.
pub fn listed_avatar(user: &UserId, name: Option<&str>, picture: Option<&str>) -> Node {
    let is_off = Keep::ThisBrowser.get(PROFILE_PICTURES).as_deref() == Some("off");
    user_avatar(user, name, picture.filter(|_| !is_off))
}

/// Up to so many members the server is asked for the picture of a room: it counts their devices
/// along with it, which takes it about a millisecond for each hundred.
const FEW_MEMBERS: u64 = 5_000;

/// The picture of a room in a list, or initials: initials where profile pictures are not wanted. The
/// list of the server does not tell it, so it is asked for with the details of the room once the row
/// comes into sight, and kept for the session.
pub fn listed_room_avatar(room: &RoomId, title: &str, members: Option<u64>) -> Node {
    let is_off = Keep::ThisBrowser.get(PROFILE_PICTURES).as_deref() == Some("off");
    let is_cheap = members.is_some_and(|members| members <= FEW_MEMBERS);
    let id = room.as_str();
    match is_cheap && !is_off {
        true => lazy(Source::Room(room.clone()), |image| {
            avatar(title, id, Some(image))
        }),
        false => avatar(title, id, None),
    }
}

/// The picture of a user or a room, or initials: `id` is its identifier.
pub fn avatar_of(id: &str, name: &str, picture: Option<&str>) -> Node {
    let own = Session::get().server_name();
    let uri = picture
        .and_then(MxcUri::parse)
        .filter(|uri| Some(&uri.server) == own.as_ref());
    match uri {
        Some(uri) => lazy(Source::File(uri), |image| avatar(name, id, Some(image))),
        None => avatar(name, id, None),
    }
}

/// A file's thumbnail; nothing until it is there.
pub fn thumbnail(uri: MxcUri) -> Node {
    lazy(Source::File(uri), |image| {
        let picture = move || image.get().map(|url| view! { <img src=url alt="" /> });
        view! { <span class="thumbnail">{picture}</span> }.into_node()
    })
}

/// The URL of a picture, once there is one.
type Image = Signal<Option<String>>;

/// What a picture is of.
#[derive(Clone)]
enum Source {
    File(MxcUri),
    /// Whatever the room has as its picture.
    Room(RoomId),
}

fn lazy(source: Source, show: impl FnOnce(Image) -> Node) -> Node {
    let url: RwSignal<Option<String>> = RwSignal::new(None);
    let shown = show(url.into());
    if matches!(&source, Source::File(uri) if has_failed(uri)) {
        return shown;
    }
    let here: NodeRef<html::Span> = NodeRef::new();
    let gone = Rc::new(Cell::new(false));
    let flag = StoredValue::new_local(Rc::clone(&gone));
    Effect::new(move |_| {
        let Some(element) = here.get() else { return };
        let (source, gone) = (source.clone(), Rc::clone(&gone));
        when_in_sight(
            &element,
            Box::new(move || enqueue(Wanted { source, url, gone })),
        );
    });
    on_cleanup(move || {
        flag.with_value(|gone| gone.set(true));
        if let Some(element) = here.get_untracked() {
            forget(&element);
        }
        if let Some(url) = url.get_untracked() {
            let _ = Url::revoke_object_url(&url);
        }
    });
    view! {
        <span node_ref=here class="lazy">
            {shown}
        </span>
    }
    .into_node()
}

/// A picture that somebody looks at.
struct Wanted {
    source: Source,
    url: RwSignal<Option<String>>,
    gone: Rc<Cell<bool>>,
}

thread_local! {
    /// What could not be fetched is not asked for again.
    static FAILED: RefCell<HashSet<String>> = RefCell::default();
    /// The pictures of rooms that were asked for, by whoever is signed in.
    static ROOMS: RefCell<HashMap<(String, RoomId), Option<MxcUri>>> = RefCell::default();
    static QUEUE: RefCell<VecDeque<Wanted>> = RefCell::default();
    static RUNNING: Cell<usize> = const { Cell::new(0) };
}

fn enqueue(wanted: Wanted) {
    QUEUE.with_borrow_mut(|queue| queue.push_back(wanted));
    if RUNNING.get() < AT_ONCE {
        RUNNING.set(RUNNING.get() + 1);
        spawn_local(async {
            while let Some(next) = QUEUE.with_borrow_mut(VecDeque::pop_front) {
                if !next.gone.get() {
                    fetch(next).await;
                }
            }
            RUNNING.set(RUNNING.get() - 1);
        });
    }
}

async fn fetch(wanted: Wanted) {
    let Ok(capabilities) = learn::capabilities().await else {
        return;
    };
    let uri = match &wanted.source {
        Source::File(uri) => uri.clone(),
        Source::Room(room) => match of_room(room).await {
            Ok(Some(uri)) if !has_failed(&uri) => uri,
            _ => return,
        },
    };
    let request = media::thumbnail(&uri, 96, &capabilities.spec);
    let blob = match fetch_file(&request).await {
        Ok(answer) => {
            picture_type(&answer.content_type).and_then(|picture| blob_of(&answer.body, picture))
        }
        Err(error) if error.is_passing() => return,
        Err(_) => None,
    };
    let Some(blob) = blob else {
        FAILED.with_borrow_mut(|failed| failed.insert(uri.to_string()));
        return;
    };
    if !wanted.gone.get()
        && let Ok(url) = Url::create_object_url_with_blob(&blob)
        && let Some(url) = wanted.url.try_set(Some(url)).flatten()
    {
        let _ = Url::revoke_object_url(&url);
    }
}

fn has_failed(uri: &MxcUri) -> bool {
    FAILED.with_borrow(|failed| failed.contains(&uri.to_string()))
}

/// The picture that a room has, if it is a file of our own server.
async fn of_room(room: &RoomId) -> Result<Option<MxcUri>, ApiError> {
    let session = Session::get();
    let key = (session.whose().unwrap_or_default(), room.clone());
    if let Some(known) = ROOMS.with_borrow(|rooms| rooms.get(&key).cloned()) {
        return Ok(known);
    }
    let found = Client::get().send(rooms::get(room)).await?.avatar;
    let own = session.server_name();
    let uri = found
        .as_deref()
        .and_then(MxcUri::parse)
        .filter(|uri| Some(&uri.server) == own.as_ref());
    ROOMS.with_borrow_mut(|rooms| rooms.insert(key, uri.clone()));
    Ok(uri)
}

/// What to do when an element comes into sight, by the number that it carries.
type Waiting = HashMap<u32, Box<dyn FnOnce()>>;

const NUMBER: &str = "data-lazy";

thread_local! {
    static WAITING: RefCell<Waiting> = RefCell::default();
    static NEXT: Cell<u32> = const { Cell::new(0) };
    static OBSERVER: OnceCell<Option<IntersectionObserver>> = const { OnceCell::new() };
}

fn with_observer(act: impl FnOnce(&IntersectionObserver)) {
    OBSERVER.with(|slot| {
        if let Some(observer) = slot.get_or_init(observer) {
            act(observer);
        }
    });
}

fn observer() -> Option<IntersectionObserver> {
    let seen = Closure::<dyn Fn(Array)>::new(|entries: Array| {
        for entry in entries.iter() {
            let entry: IntersectionObserverEntry = entry.unchecked_into();
            if entry.is_intersecting() {
                let element = entry.target();
                if let Some(act) = forget(&element) {
                    act();
                }
            }
        }
    });
    let options = IntersectionObserverInit::new();
    options.set_root_margin("200px");
    let function = seen.as_ref().unchecked_ref();
    let observer = IntersectionObserver::new_with_options(function, &options).ok();
    // Lives as long as the page.
    seen.forget();
    observer
}

fn when_in_sight(element: &Element, act: Box<dyn FnOnce()>) {
    let number = NEXT.get();
    NEXT.set(number.wrapping_add(1));
    // Every element takes this attribute.
    let _ = element.set_attribute(NUMBER, &number.to_string());
    WAITING.with_borrow_mut(|waiting| waiting.insert(number, act));
    with_observer(|observer| observer.observe(element));
}

fn forget(element: &Element) -> Option<Box<dyn FnOnce()>> {
    with_observer(|observer| observer.unobserve(element));
    let number = element.get_attribute(NUMBER)?.parse().ok()?;
    WAITING.with_borrow_mut(|waiting: &mut Waiting| waiting.remove(&number))
}
