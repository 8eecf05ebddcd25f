//! Reports as CSV.

use crate::api::ApiError;
use crate::i18n::errors::explain;

/// A table as CSV, with a header.
pub fn csv<R>(header: &[&str], rows: impl Iterator<Item = R>) -> String
where
    R: IntoIterator<Item = String>,
{
    let mut writer = csv::Writer::from_writer(Vec::new());
    // Writing to memory does not fail, and every row has the header's length.
    let _ = writer.write_record(header);
    for row in rows {
        let _ = writer.write_record(row);
    }
    writer
        .into_inner()
        .map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
        .unwrap_or_default()
}

/// An error in one line.
pub fn error_text(error: &ApiError) -> String {
    let explained = explain(error);
    format!("{} {}", explained.sentence, explained.details)
        .trim()
        .replace('\n', " ")
}
