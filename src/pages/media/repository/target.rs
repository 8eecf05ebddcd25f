//! What a deletion of what the page shows hits.

use super::question;
use super::scan::{Scan, moments};
use crate::api::ApiError;
use crate::i18n::{format, t};
use crate::lists::{Each, ListQuery, Reading};
use crate::media::Question;
use crate::media::actions::MOST_ONE_BY_ONE;
use crate::media::question::rooms_left_out;
use crate::media::reach::{ScanState, sum_in_words};
use crate::pages::media::files::FoundFiles;
use crate::pages::media::files::delete::some_of;

/// The files that a question finds: once what is being read has been read, and with what rooms have
/// by now. What has not been read at all stays, and the question to the person says so.
pub async fn of(query: ListQuery, reading: Reading) -> Result<FoundFiles, ApiError> {
    let scan = Scan::get();
    scan.until_read(&reading).await?;
    let question = question::of(&query, true).await?;
    // Lists may have been asked for anew meanwhile. After a failure it is of what has been read, as after a
    // stop.
    let ended = scan.until_read(&reading).await?;
    let moments = moments();
    let is_of_server = Question::is_of_server(&query);
    // They are counted first: as files of a job they might not fit the memory.
    let count = scan.with(|index| index.count(&question, &moments));
    if count > MOST_ONE_BY_ONE {
        return Ok(FoundFiles {
            too_many: Some(count),
            is_of_server,
            ..Default::default()
        });
    }
    let files = scan.with(|index| index.matching(&question, &moments));
    let mut facts = Vec::new();
    let lists = scan.lists_now();
    if !matches!(ended, ScanState::Done(_)) {
        let number = |value: u64| format::number(value as f64);
        let part = t::storage_fact_read_part(&number(lists.read), &number(lists.all));
        facts.push((t::storage_fact_read(), part));
    }
    let (silent, _) = scan.silent();
    if !silent.is_empty() {
        facts.push((t::storage_fact_silent(), some_of(&silent)));
    }
    // Of which nothing is left out may be one that is encrypted.
    let left = scan.with(|index| index.sums_by(&question.without_ids));
    let rooms = rooms_left_out(&query).unwrap_or_default();
    for (room, left) in rooms.iter().zip(left) {
        facts.push((t::storage_fact_left_out(room.as_str()), sum_in_words(left)));
    }
    Ok(FoundFiles {
        files,
        unused_since: Each::same(question.unused_since(moments.now)),
        facts,
        why_none: question::unknown_rooms(&question),
        is_of_server,
        too_many: None,
    })
}
