//! Values that no person writes, and what was meant.

use super::{ProblemKind, Severity, addresses};
use crate::import::characters::{cleaned, is_odd_space, strays, unseen};
use crate::import::columns::ImportColumn;
use crate::import::programs::{Written, has_lost, is_hash, written};
use crate::listing::csv::is_formula;

/// Whether a value is nothing but letters, digits and what stands in names and addresses: nothing
/// strange can be in it. Most values are.
pub(super) fn is_plain(value: &str) -> bool {
    let mut bytes = value.bytes();
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b' ' | b'.' | b'@');
    // Words for nothing and rounded numbers are short.
    (value.len() > 12 || value.len() < 3) && bytes.all(is_plain)
}

/// What a value is that no person writes, and what was meant if that is clear.
pub(super) fn strange(column: ImportColumn, value: &str) -> Option<(ProblemKind, Option<String>)> {
    let free = matches!(
        column,
        ImportColumn::DisplayName
            | ImportColumn::GivenName
            | ImportColumn::FamilyName
            | ImportColumn::Password
    );
    let is_list = matches!(
        column,
        ImportColumn::Threepids
            | ImportColumn::ExternalIds
            | ImportColumn::Rooms
            | ImportColumn::Email
            | ImportColumn::Phone
    );
    let text = value.trim();
    let inside = match column {
        ImportColumn::Password => value,
        _ => text,
    };
    // In lists a line break stands between parts.
    let is_between = |c: char| match c {
        '\n' | '\r' => is_list,
        '\t' => column == ImportColumn::Rooms,
        _ => false,
    };
    // No address has another space than that of the keyboard, and few have that.
    let spaces = inside
        .char_indices()
        .filter(|(_, c)| is_list && column != ImportColumn::Phone && is_odd_space(*c));
    let strays = strays(inside).filter(|(_, c)| !is_between(*c));
    let mut strays = strays.chain(spaces);
    if let Some((_, found)) = strays.next() {
        let others: Vec<char> = strays.map(|(_, c)| c).collect();
        let is_break = |c: &char| matches!(c, '\n' | '\r' | '\t');
        let kind = ProblemKind::Unseen {
            found,
            count: 1 + others.len(),
            severity: if is_list || column == ImportColumn::Id {
                // No address and no ID has them on purpose.
                Severity::Error
            } else if column != ImportColumn::Password
                && is_break(&found)
                && others.iter().all(is_break)
            {
                // Whoever looks at the file sees a line break in a name.
                Severity::Warning
            } else {
                Severity::Question
            },
        };
        let clean = match column {
            // A password has no words that a space would keep apart.
            ImportColumn::Password => value.chars().filter(|c| unseen(*c).is_none()).collect(),
            _ if is_list => {
                let keep = |c: &char| {
                    unseen(*c).is_none() && !is_odd_space(*c) || matches!(c, '\n' | '\r')
                };
                text.chars().filter(keep).collect()
            }
            _ => cleaned(text),
        };
        return Some((kind, Some(clean)));
    }
    if column == ImportColumn::Phone
        && let Some(fix) = addresses::with_plus(text)
    {
        return Some((ProblemKind::PhoneCountry, Some(fix)));
    }
    let own_guard = |value: &str| value.strip_prefix('\'').is_some_and(is_formula);
    let is_name = free && column != ImportColumn::Password;
    let is_number = matches!(
        column,
        ImportColumn::Id | ImportColumn::Password | ImportColumn::Phone
    );
    let meant = |meant: String| (meant != value).then_some(meant);
    match written(text) {
        // Our own files have it, and it is taken away.
        Some(Written::Guarded { .. }) if column != ImportColumn::Password && own_guard(text) => {
            None
        }
        Some(Written::Guarded { meant: value }) => Some((ProblemKind::Guarded, meant(value))),
        Some(Written::Quoted { meant: value }) => Some((ProblemKind::Quoted, meant(value))),
        Some(Written::Error) => {
            // Nothing instead of an ID would be a random one.
            let fix = (column != ImportColumn::Id).then(String::new);
            Some((ProblemKind::SpreadsheetError, fix))
        }
        Some(Written::Nothing) => {
            let fix = (column != ImportColumn::Id).then(String::new);
            Some((ProblemKind::Nothing, fix))
        }
        Some(Written::Rounded) => Some((ProblemKind::Rounded, None)),
        Some(Written::Garbled { meant: value }) => Some((ProblemKind::Garbled, meant(value))),
        Some(Written::Formula) => Some((ProblemKind::Formula, None)),
        // In passwords and addresses, only what can be nothing else.
        Some(Written::Escaped { meant: value })
            if is_name || column == ImportColumn::Password && text.contains('&') =>
        {
            Some((ProblemKind::Escaped, meant(value)))
        }
        Some(Written::Placeholder) if column != ImportColumn::Id => {
            Some((ProblemKind::Placeholder, None))
        }
        Some(Written::Date { has_time })
            if is_name
                || column == ImportColumn::Id
                || column == ImportColumn::Password && has_time =>
        {
            Some((ProblemKind::Date, None))
        }
        Some(Written::Number { meant: value }) if is_number => {
            Some((ProblemKind::Number, meant(value)))
        }
        Some(
            Written::Escaped { .. }
            | Written::Placeholder
            | Written::Date { .. }
            | Written::Number { .. },
        ) => None,
        Some(Written::Lost) => Some((
            ProblemKind::LostLetter {
                severity: Severity::Question,
            },
            None,
        )),
        None if column == ImportColumn::Password && is_hash(text) => {
            Some((ProblemKind::PasswordHash, None))
        }
        None if free && column != ImportColumn::Password && has_lost(text) => Some((
            ProblemKind::LostLetter {
                severity: Severity::Warning,
            },
            None,
        )),
        None => None,
    }
}
