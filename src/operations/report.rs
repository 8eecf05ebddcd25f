//! Reports as CSV.

use crate::api::ApiError;
use crate::i18n::errors::explain;
use crate::listing::csv::Csv;

/// A table as CSV, with a header.
pub fn csv<R>(header: &[&str], rows: impl Iterator<Item = R>) -> String
where
    R: IntoIterator<Item = String>,
{
    Csv::of(header, rows)
}

/// An error in one line.
pub fn error_text(error: &ApiError) -> String {
    let explained = explain(error);
    format!("{} {}", explained.sentence, explained.details)
        .trim()
        .replace('\n', " ")
}
