//! Quotes that swallow rows.

use crate::import::columns::{HeaderRole, ImportColumn};
use crate::import::table::{FileRow, Table};

/// The first cell whose line breaks look like rows of this table: its place, the line where its
/// quote opens, and how many rows it holds.
pub(super) fn swallowed(table: &Table, row: FileRow<'_>) -> Option<(usize, u32, usize)> {
    let breaks = |text: &str| {
        let bytes = text.as_bytes();
        let ends = bytes.iter().enumerate().filter(|(at, byte)| {
            **byte == b'\n' || **byte == b'\r' && bytes.get(at + 1) != Some(&b'\n')
        });
        ends.count() as u32
    };
    let mut line = row.line;
    let delimiters = table.headers.len().saturating_sub(1);
    for (place, cell) in row.cells().enumerate() {
        if !cell.contains(['\n', '\r']) {
            continue;
        }
        let lines = || {
            cell.split(['\n', '\r'])
                .skip(1)
                .filter(|line| !line.trim().is_empty())
        };
        let rows = lines()
            .filter(|line| line.matches(table.delimiter).count() >= delimiters)
            .count();
        let is_item = |part: &str| {
            let part = part.trim();
            part.is_empty() || part.contains(['@', ':']) || part.starts_with(['#', '!', '+'])
        };
        let column = table.headers.get(place).map(|header| header.role);
        let is_list = matches!(
            column,
            Some(HeaderRole::Column(
                ImportColumn::Threepids
                    | ImportColumn::ExternalIds
                    | ImportColumn::Rooms
                    | ImportColumn::Email
                    | ImportColumn::Phone
            ))
        );
        let is_meant = is_list && lines().all(|line| line.split(table.delimiter).all(is_item));
        if rows > 0 && !is_meant {
            return Some((place, line, rows));
        }
        line += breaks(cell);
    }
    None
}
