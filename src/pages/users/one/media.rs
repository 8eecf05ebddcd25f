//! The tab "Media": what an account has uploaded.

use super::Shown;
use crate::api::media::{self, ListMedia, MediaFile, MediaPage, order};
use crate::api::{ApiError, MxcUri, UserId};
use crate::components::page::Stat;
use crate::i18n::{format, t};
use crate::known::Known;
use crate::listing::ListQuery;
use crate::listing::sort::sort_by;
use crate::lists::{Defaults, List, ListPage, ListSpec, Reading, Source};
use crate::media::uploads::MediaUse;
use crate::media::{FileOrder, StoredFile, deletion};
use crate::pages::media::files::{Beyond, Shelf, bulk, columns};
use crate::session::Client;
use crate::ui::{IntoNode, Node, view};
use leptos::prelude::*;

/// The tab with the files of a user.
pub fn tab(shown: Shown) -> Node {
    let avatar = shown.detail.with_untracked(|detail| {
        let detail = detail.as_ref()?.as_ref().ok()?;
        MxcUri::parse(detail.user.avatar_url.as_deref()?)
    });
    let shelf = Shelf::new(shown.changed).with_avatar(avatar);
    let user = shown.user.get_value();
    let whose = user.clone();
    let source = Source::paged(
        move |query, reading| load(user.clone(), query, reading),
        move |query, reading| all(whose.clone(), query, reading),
    );
    let spec = ListSpec::new(
        "user-media",
        t::nav_media,
        |file: &StoredFile| file.uri.media_id.clone(),
        source,
    )
    .defaults(Defaults {
        sort: FileOrder::Created.key(),
        descending: true,
        ..Default::default()
    })
    .empty("media", t::user_media_empty, Some(t::user_media_empty_text))
    .bulk(move |picked| bulk(shelf, picked))
    .reload(shown.changed);
    let beyond = Beyond {
        sorted: true,
        ..Default::default()
    };
    let spec = spec.columns(columns(shelf, beyond));
    view! {
        {totals(shown)}
        {shelf.options()}
        <List spec />
        {shelf.dialogs()}
    }
    .into_node()
}

fn totals(shown: Shown) -> Node {
    let told = move |of: fn(MediaUse) -> Known<u64>, words: fn(u64) -> String| {
        Signal::derive(move || match shown.uploads.get().map(of) {
            Some(Known::Is(number)) => words(number),
            Some(Known::Unknown(_)) => t::unknown_number(),
            None => "…".to_owned(),
        })
    };
    let count = told(|all| all.files, |count| format::number(count as f64));
    let bytes = told(|all| all.bytes, format::bytes);
    view! {
        <div class="stats">
            <Stat label=t::user_files value=count />
            <Stat label=t::user_bytes value=bytes />
        </div>
    }
    .into_node()
}

async fn load(user: UserId, query: ListQuery, reading: Reading) -> Result<ListPage, ApiError> {
    let question = ListMedia {
        from: query.from(),
        limit: query.size,
        order_by: FileOrder::parse(&query.sort).and_then(FileOrder::for_server),
        descending: query.descending,
    };
    let page = Client::get()
        .send(media::list_of_user(&user, &question))
        .await?;
    if ends_with_nothing(&user, &question, &page).await? {
        let all = in_order(user, &query, &reading).await?;
        let part = all.into_iter().skip(question.from as usize);
        let part = part.take(question.limit as usize).collect();
        return Ok(ListPage::new(part, page.total));
    }
    let own = user.server();
    let files = page.media.into_iter();
    let files = files.map(|file| StoredFile::of_list(&own, &user, file));
    Ok(ListPage::new(files.collect(), page.total))
}

/// Whether the server has files without a value, such as those that nobody has ever fetched, beyond
/// those with the largest: so has PostgreSQL. Here, as with SQLite, they count as the smallest.
async fn ends_with_nothing(
    user: &UserId,
    asked: &ListMedia,
    page: &MediaPage,
) -> Result<bool, ApiError> {
    let lacks: fn(&MediaFile) -> bool = match asked.order_by {
        Some(order::NAME) => |file| file.upload_name.is_none(),
        Some(order::LAST_ACCESS) => |file| file.last_access_ts.is_none(),
        Some(order::SIZE) => |file| file.media_length.is_none(),
        Some(order::TYPE) => |file| file.media_type.is_none(),
        Some(order::QUARANTINED) => |file| file.quarantined_by.is_none(),
        _ => return Ok(false),
    };
    let at = match asked.descending {
        true => 0,
        false => page.total.saturating_sub(1),
    };
    let there = at.checked_sub(asked.from);
    if let Some(file) = there.and_then(|at| page.media.get(at as usize)) {
        return Ok(lacks(file));
    }
    let one = ListMedia {
        from: at,
        limit: 1,
        ..asked.clone()
    };
    let found = Client::get().send(media::list_of_user(user, &one)).await?;
    Ok(found.media.iter().any(lacks))
}

async fn all(user: UserId, query: ListQuery, reading: Reading) -> Result<ListPage, ApiError> {
    Ok(ListPage::all(in_order(user, &query, &reading).await?))
}

/// Everything, read by ID: other orders change while people upload.
async fn in_order(
    user: UserId,
    query: &ListQuery,
    reading: &Reading,
) -> Result<Vec<StoredFile>, ApiError> {
    let client = Client::get().enduring();
    let report = |done, of| reading.progress(done, Some(of));
    let found = deletion::files_of(client.patient(), &user, &report).await?;
    let own = user.server();
    let files = found.unwrap_or_default().into_iter();
    let mut files: Vec<StoredFile> = files
        .map(|file| StoredFile::of_list(&own, &user, file))
        .collect();
    let key = FileOrder::parse(&query.sort);
    sort_by(&mut files, |a, b| {
        let order = a.compare(b, key);
        if query.descending {
            order.reverse()
        } else {
            order
        }
    });
    Ok(files)
}
