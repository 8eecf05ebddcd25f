//! Files as they come, without a copy of them in our memory: of that there is little, and a film may
//! be larger than all of it.

use super::wire::{AbortOnDrop, Wire};
use super::{Client, Session};
use crate::api::media::NOT_KEPT;
use crate::api::{ApiError, Request, login};
use js_sys::{Array, Reflect, Uint8Array};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{AbortController, Blob, BlobPropertyBag, ReadableStreamDefaultReader};

/// So many bytes are gathered before the browser may put them where it wants.
const CHUNK: u32 = 8 << 20;

/// How much has come, and how much there is, if the server says.
pub type Arrived = (u64, Option<u64>);

/// Fetches a file as a blob of this MIME type. Dropping the future stops it.
pub async fn file(
    request: &Request<Vec<u8>>,
    media_type: &str,
    arrived: &dyn Fn(Arrived),
) -> Result<Blob, ApiError> {
    match once(request, media_type, arrived).await {
        // A question that costs nothing gets a new token, or has the person sign in again.
        Err(ApiError::TokenRefused { .. }) => {
            Client::get().send(login::who_am_i()).await?;
            once(request, media_type, arrived).await
        }
        other => other,
    }
}

async fn once(
    request: &Request<Vec<u8>>,
    media_type: &str,
    arrived: &dyn Fn(Arrived),
) -> Result<Blob, ApiError> {
    let Some(account) = Session::get().account_now() else {
        return Err(ApiError::Cancelled);
    };
    let wire = Wire {
        homeserver: account.homeserver.clone(),
        token: Some(account.access_token.clone()),
    };
    let mut guard = AbortOnDrop(AbortController::new().ok());
    let signal = guard.0.as_ref().map(AbortController::signal);
    let broken = |error: JsValue| ApiError::Unreachable {
        url: wire.homeserver.to_string(),
        detail: format!("{error:?}"),
    };
    let response = wire.open(&request.call, signal.as_ref()).await?;
    let status = response.status();
    let headers = response.headers();
    if !(200..300).contains(&status) {
        let answer = wire.read(&request.call, response).await?;
        guard.0 = None;
        return Err(ApiError::from_answer(&answer));
    }
    let whole = headers
        .get("content-length")
        .and_then(|text| text.parse().ok());
    let (parts, chunk) = (Array::new(), Array::new());
    let (mut come, mut gathered) = (0_u64, 0_u32);
    if let Some(body) = response.body() {
        let reader: ReadableStreamDefaultReader = body.get_reader().unchecked_into();
        loop {
            let read = JsFuture::from(reader.read()).await.map_err(broken)?;
            let value = Reflect::get(&read, &"value".into()).map_err(broken)?;
            let Ok(bytes) = value.dyn_into::<Uint8Array>() else {
                break;
            };
            come += u64::from(bytes.byte_length());
            gathered += bytes.byte_length();
            chunk.push(&bytes);
            if gathered >= CHUNK {
                parts.push(blob(&chunk, "").map_err(broken)?.as_ref());
                chunk.set_length(0);
                gathered = 0;
            }
            arrived((come, whole));
        }
    }
    parts.push(blob(&chunk, "").map_err(broken)?.as_ref());
    guard.0 = None;
    let whole = blob(&parts, media_type).map_err(broken)?;
    match is_readable(&whole).await {
        true => Ok(whole),
        false => Err(ApiError::Matrix {
            status,
            errcode: NOT_KEPT.to_owned(),
            message: String::new(),
        }),
    }
}

/// Whether the browser has kept all of it. Where it has run out of room it says nothing: the blob is
/// as large as it should be, and whatever reads it fails, a download without a word.
async fn is_readable(blob: &Blob) -> bool {
    let end = match blob.slice_with_f64((blob.size() - 1.0).max(0.0)) {
        Ok(end) => JsFuture::from(end.array_buffer()).await,
        Err(error) => Err(error),
    };
    end.is_ok()
}

fn blob(parts: &Array, media_type: &str) -> Result<Blob, JsValue> {
    let options = BlobPropertyBag::new();
    options.set_type(media_type);
    Blob::new_with_blob_sequence_and_options(parts, &options)
}
