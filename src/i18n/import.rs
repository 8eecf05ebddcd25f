//! What the import found, plans and did, in words.

use super::errors::{Explained, explain};
use super::{format, t};
use crate::api::{ApiError, UserId};
use crate::import::characters::{self, Script};
use crate::import::columns::ImportColumn;
use crate::import::decode::Encoding;
use crate::import::encodings::Region;
use crate::import::foreign::Foreign;
use crate::import::matching::Match;
use crate::import::plan::{Before, Difference, Planned, Skipped};
use crate::import::question::OpenQuestion;
use crate::import::read::FileProblem;
use crate::import::report::Word;
use crate::import::run::{self, AccountAfter, Field, Outcome, Proof, What};
use crate::import::save_error::SaveError;
use crate::import::task::Untaken;
use crate::import::validate::{NoUser, ProblemKind};

/// How much of a value a table shows, in characters.
const SHOWN: usize = 120;

/// A count, with the separators of the language.
pub fn count(n: usize) -> String {
    format::number(n as f64)
}

/// A line of a file: no separators.
fn line(n: u32) -> String {
    n.to_string()
}

/// Why an import is not saved in this browser, or cannot be read back: a part of a sentence.
pub fn save_error(error: &SaveError) -> String {
    match error {
        SaveError::Insecure => t::import_journal_insecure(),
        SaveError::InUse => t::import_save_in_use(),
        SaveError::Finished => t::import_kept_finished(),
        SaveError::NotSaved => t::import_save_not_saved(),
        SaveError::Unreadable(detail) => t::import_save_unreadable(detail),
        SaveError::Full => t::import_save_full(),
        SaveError::Browser(message) => message.clone(),
    }
}

/// Why a file cannot be imported at all.
pub fn file_problem(problem: &FileProblem) -> Explained {
    use FileProblem::*;
    let (sentence, hint) = match problem {
        Empty => (t::import_file_empty(), t::import_file_empty_hint()),
        TooLarge { bytes, limit } => (
            t::import_file_large(&format::bytes(*bytes as u64), &format::bytes(*limit as u64)),
            t::import_file_split_hint(),
        ),
        TooManyRows { limit } => (
            t::import_file_rows(&count(*limit)),
            t::import_file_split_hint(),
        ),
        TooManyColumns { line: at, limit } => (
            t::import_file_columns(&count(*limit), &line(*at)),
            t::import_file_columns_hint(),
        ),
        Spreadsheet => (
            t::import_file_spreadsheet(),
            t::import_file_spreadsheet_hint(),
        ),
        Foreign {
            what: self::Foreign::SpreadsheetText,
        } => (
            t::import_file_spreadsheet(),
            t::import_file_spreadsheet_hint(),
        ),
        Foreign { what } => (t::import_file_foreign(&foreign(*what)), foreign_hint(*what)),
        Binary { line: at } => (
            t::import_file_binary(&line(*at)),
            t::import_file_binary_hint(),
        ),
        NotUtf8 { offset, line: at } => (
            t::import_file_utf8(&line(*at), &offset.to_string()),
            t::import_file_encoding_hint(),
        ),
        CutOff { line: at } => (
            t::import_file_cut_off(&line(*at)),
            t::import_file_cut_off_hint(),
        ),
        NotInEncoding {
            encoding: of,
            line: at,
        } => (
            t::import_file_not_in(&encoding(*of), &line(*at)),
            t::import_file_encoding_hint(),
        ),
        NoIdColumn => (t::import_file_no_id(), t::import_file_no_id_hint()),
    };
    Explained {
        sentence,
        hint,
        details: String::new(),
    }
}

/// What is wrong, and what is allowed. `server` is the name of this server.
pub fn problem(kind: &ProblemKind, server: &str) -> String {
    use ProblemKind::*;
    match kind {
        TooFewFields { expected, found } => t::import_bad_few(&count(*expected), &count(*found)),
        TooManyFields { expected, found } => t::import_bad_many(&count(*expected), &count(*found)),
        UnclosedQuote { line: at } => t::import_bad_quote(&line(*at)),
        TextAfterQuote => t::import_bad_after_quote(),
        SwallowedRows { line: at, rows } => t::import_bad_swallowed(*rows as u64, &line(*at)),
        Unseen {
            found, count: n, ..
        } => t::import_bad_unseen(*n as u64, &characters::code(*found)),
        Guarded => t::import_bad_guarded(),
        Quoted => t::import_bad_quoted(),
        SpreadsheetError => t::import_bad_error(),
        Nothing => t::import_bad_nothing(),
        Rounded => t::import_bad_rounded(),
        Garbled => t::import_bad_garbled(),
        LostLetter { .. } => t::import_bad_lost(),
        Formula => t::import_bad_formula(),
        Escaped => t::import_bad_escaped(),
        Placeholder => t::import_bad_placeholder(),
        Date => t::import_bad_date(),
        Number => t::import_bad_number(),
        NothingImported => t::import_bad_nothing_imported(),
        NoUser { like } => no_user(*like),
        OtherHeader { line: at } => t::import_bad_other_header(&line(*at)),
        IdLookAlike {
            found,
            meant,
            script,
        } => t::import_bad_look_alike(
            &characters::shown(*found),
            &self::script(*script),
            &meant.to_string(),
        ),
        IdOtherForm => t::import_bad_id_form(server),
        PasswordCut { bytes, limit } => t::import_bad_cut(&count(*bytes), &count(*limit)),
        PasswordHash => t::import_bad_hash(),
        ApostropheRemoved => t::import_bad_apostrophe(),
        IdNotReadable => t::import_bad_id(server),
        IdForeign { server } => t::import_bad_id_foreign(server),
        IdUpperCase { suggestion } => t::import_bad_id_upper(suggestion),
        IdCharacter { found } => t::import_bad_id_char(&characters::shown(*found)),
        IdUnderscore { .. } => t::import_bad_id_underscore(),
        IdDigits => t::import_bad_id_digits(),
        IdTooLong { bytes, limit } => t::import_bad_id_long(&count(*bytes), &count(*limit)),
        IdDuplicate { first_line } => t::import_bad_id_twice(&line(*first_line)),
        NotABoolean => t::import_bad_boolean(),
        Guest => t::import_bad_guest(),
        DisplayNameTooLong { characters, limit }
        | PasswordTooLong { characters, limit }
        | AvatarTooLong { characters, limit } => {
            t::import_bad_long(&count(*characters), &count(*limit))
        }
        PasswordSpaces => t::import_bad_spaces(),
        AvatarNotMxc => t::import_bad_avatar(),
        UserType { .. } => t::import_bad_type(),
        ThreepidNotReadable { part } => t::import_bad_threepid(part),
        EmailNotReadable { part } => t::import_bad_email(part),
        PhoneNotReadable { part } => t::import_bad_phone(part),
        PhoneCountry => t::import_bad_country(),
        ThreepidDuplicate {
            first_line,
            address,
        } => t::import_bad_address_twice(address, &line(*first_line)),
        ExternalIdNotReadable { part } => t::import_bad_external(part),
        ExternalIdDuplicate { first_line, id } => {
            t::import_bad_address_twice(id, &line(*first_line))
        }
        RoomNotReadable { part } => t::import_bad_room(part),
        LockingNotKnown => t::import_bad_locking(),
        LockedAndDeactivated => t::import_bad_locked(),
        ActiveAndDeactivated => t::import_bad_active(),
        TakenInOtherCase { existing } => t::import_bad_other_case(existing.as_str()),
        Reserved => t::import_bad_reserved(),
        ThreepidTaken { address, owner } => t::import_bad_threepid_taken(address, owner.as_str()),
        ThreepidsRemoved { addresses } => t::import_bad_removed(addresses),
        ExternalIdTaken { id, owner } => t::import_bad_external_taken(id, owner.as_str()),
        OwnAccount => t::import_bad_own(),
        ManagedAccount => t::import_bad_managed(),
        MovedToMas => t::import_bad_mas(),
        NotAtMas => t::import_bad_not_at_mas(),
        ProblemKind::Untaken(what) => left(*what),
        ReactivationNeedsPassword => t::import_bad_reactivate(),
        RoomsOnlyForNew => t::import_bad_rooms(),
        GuestStays => t::import_bad_guest_stays(),
    }
}

/// What is not sent, and why.
fn left(what: Untaken) -> String {
    match what {
        Untaken::Password => t::import_bad_passwords_off(),
        Untaken::Phone => t::import_bad_phone_left(),
        Untaken::ExternalId => t::import_bad_external_left(),
    }
}

/// What a row is that is no user.
fn no_user(like: NoUser) -> String {
    match like {
        NoUser::Names => t::import_bad_row_names(),
        NoUser::Types => t::import_bad_row_types(),
        NoUser::Summary => t::import_bad_row_sum(),
        NoUser::Comment => t::import_bad_row_comment(),
        NoUser::Line => t::import_bad_row_line(),
    }
}

/// A column of the file: its header, or its number and its first values.
pub fn file_column(found: &Match) -> String {
    if !found.name.is_empty() {
        return found.name.clone();
    }
    let number = t::import_columns_number(&(found.index + 1).to_string());
    match found.values.is_empty() {
        true => number,
        false => format!("{number} ({})", found.values.join(", ")),
    }
}

/// A kind of problem, to choose it.
pub fn problem_kind(kind: &ProblemKind) -> String {
    use ProblemKind::*;
    match kind {
        TooFewFields { .. } => t::import_kind_few(),
        TooManyFields { .. } => t::import_kind_many(),
        UnclosedQuote { .. } => t::import_kind_quote(),
        TextAfterQuote => t::import_kind_after_quote(),
        SwallowedRows { .. } => t::import_kind_swallowed(),
        Unseen { .. } => t::import_kind_unseen(),
        Guarded => t::import_kind_guarded(),
        Quoted => t::import_kind_quoted(),
        SpreadsheetError => t::import_kind_error(),
        Nothing => t::import_kind_nothing(),
        Rounded => t::import_kind_rounded(),
        Garbled => t::import_kind_garbled(),
        LostLetter { .. } => t::import_kind_lost(),
        Formula => t::import_kind_formula(),
        Escaped => t::import_kind_escaped(),
        Placeholder => t::import_kind_placeholder(),
        Date => t::import_kind_date(),
        Number => t::import_kind_number(),
        NothingImported => t::import_kind_nothing_imported(),
        NoUser { .. } => t::import_kind_no_user(),
        OtherHeader { .. } => t::import_kind_other_header(),
        IdLookAlike { .. } => t::import_kind_look_alike(),
        IdOtherForm => t::import_kind_id_form(),
        PasswordCut { .. } => t::import_kind_cut(),
        PasswordHash => t::import_kind_hash(),
        ApostropheRemoved => t::import_kind_apostrophe(),
        IdNotReadable => t::import_kind_id(),
        IdForeign { .. } => t::import_kind_id_foreign(),
        IdUpperCase { .. } => t::import_kind_id_upper(),
        IdCharacter { .. } => t::import_kind_id_char(),
        IdUnderscore { .. } => t::import_kind_id_underscore(),
        IdDigits => t::import_kind_id_digits(),
        IdTooLong { .. } => t::import_kind_id_long(),
        IdDuplicate { .. } => t::import_kind_id_twice(),
        NotABoolean => t::import_kind_boolean(),
        Guest => t::import_kind_guest(),
        DisplayNameTooLong { .. } => t::import_kind_name_long(),
        PasswordTooLong { .. } => t::import_kind_password_long(),
        AvatarTooLong { .. } => t::import_kind_avatar_long(),
        PasswordSpaces => t::import_kind_spaces(),
        AvatarNotMxc => t::import_kind_avatar(),
        UserType { .. } => t::import_kind_type(),
        ThreepidNotReadable { .. } => t::import_kind_threepid(),
        EmailNotReadable { .. } => t::import_kind_email(),
        PhoneNotReadable { .. } => t::import_kind_phone(),
        PhoneCountry => t::import_kind_country(),
        ThreepidDuplicate { .. } => t::import_kind_address_twice(),
        ExternalIdNotReadable { .. } => t::import_kind_external(),
        ExternalIdDuplicate { .. } => t::import_kind_external_twice(),
        RoomNotReadable { .. } => t::import_kind_room(),
        LockingNotKnown => t::import_kind_locking(),
        LockedAndDeactivated => t::import_kind_locked(),
        ActiveAndDeactivated => t::import_kind_active(),
        // Found when planning, not in the file.
        _ => t::import_kind_other(),
    }
}

/// What is sent, what is left out, and what should be known before: names and values.
pub fn question(question: &OpenQuestion) -> Vec<(String, String)> {
    let totals = &question.totals;
    let counts: [(fn() -> String, usize); 12] = [
        (t::import_total_create, totals.create),
        (t::import_total_update, totals.update),
        (t::import_confirm_passwords, totals.changed_passwords),
        (t::import_confirm_admins, totals.admins),
        (t::import_total_passwords, totals.generated_passwords),
        (t::import_confirm_useless, totals.useless_passwords),
        (t::import_total_no_password, totals.without_password),
        (t::import_confirm_skipped, totals.skip + totals.unchanged),
        (t::import_confirm_not_asked, totals.not_looked_up),
        (t::import_confirm_blocked, totals.blocked),
        (t::import_confirm_unchecked, totals.unchecked),
        (t::import_confirm_ids, totals.generated_ids),
    ];
    let counts = counts.into_iter().map(|(name, number)| (name(), number));
    let warnings = question.warnings.iter().map(|(kind, number)| {
        let kind = warning_kind(kind);
        (t::import_confirm_warning(&kind), *number)
    });
    let mut facts: Vec<(String, String)> = counts
        .chain(warnings)
        .filter(|(_, number)| *number > 0)
        .map(|(name, number)| (name, count(number)))
        .collect();
    if let Some(guessed) = question.guessed {
        facts.push((
            t::import_found_encoding(),
            t::import_confirm_guess(&encoding(guessed)),
        ));
    }
    let guessed = question.guessed_columns.iter().map(|(found, column)| {
        // No passwords, if that is what the column is taken for.
        let name = match (found.name.is_empty(), *column) {
            (true, ImportColumn::Password) => {
                t::import_columns_number(&(found.index + 1).to_string())
            }
            _ => file_column(found),
        };
        format!("{name}: {}", self::column(*column))
    });
    let guessed: Vec<String> = guessed.collect();
    if !guessed.is_empty() {
        facts.push((t::import_confirm_guessed(), guessed.join("; ")));
    }
    let left_out: Vec<String> = question.left_out.iter().map(file_column).collect();
    if !left_out.is_empty() {
        facts.push((t::import_confirm_ignored(), left_out.join("; ")));
    }
    facts
}

/// A kind of warning: one of the file, or one that the plan has found.
fn warning_kind(kind: &ProblemKind) -> String {
    match kind {
        ProblemKind::RoomsOnlyForNew => t::import_kind_rooms(),
        ProblemKind::ThreepidsRemoved { .. } => t::import_kind_removed(),
        ProblemKind::GuestStays => t::import_kind_guest_stays(),
        ProblemKind::MovedToMas | ProblemKind::NotAtMas => t::import_kind_mas(),
        ProblemKind::Untaken(Untaken::Password) => t::import_kind_passwords_off(),
        ProblemKind::Untaken(Untaken::Phone) => t::import_kind_phone_left(),
        ProblemKind::Untaken(Untaken::ExternalId) => t::import_kind_external_left(),
        kind => problem_kind(kind),
    }
}

/// A value of a file, as part of a sentence.
pub fn quoted(text: &str) -> String {
    match text {
        "" => t::import_empty_value(),
        text => t::import_quoted(&shortened(text)),
    }
}

/// A text for a table, cut off where it would fill it.
pub fn shortened(text: &str) -> String {
    match text.char_indices().nth(SHOWN) {
        Some((at, _)) => format!("{}…", &text[..at]),
        None => text.to_owned(),
    }
}

/// The encoding of a file.
pub fn encoding(encoding: Encoding) -> String {
    match encoding {
        Encoding::Utf8 => t::import_encoding_utf8(),
        Encoding::Utf16Le | Encoding::Utf16Be => t::import_encoding_utf16(),
        Encoding::Utf32Le | Encoding::Utf32Be => "UTF-32".to_owned(),
        Encoding::Legacy(legacy) => format!("{} ({})", region(legacy.region()), legacy.name()),
    }
}

fn region(region: Region) -> String {
    match region {
        Region::Western => t::import_region_western(),
        Region::Central => t::import_region_central(),
        Region::Cyrillic => t::import_region_cyrillic(),
        Region::Greek => t::import_region_greek(),
        Region::Turkish => t::import_region_turkish(),
        Region::Baltic => t::import_region_baltic(),
        Region::Hebrew => t::import_region_hebrew(),
        Region::Arabic => t::import_region_arabic(),
        Region::Thai => t::import_region_thai(),
        Region::Japanese => t::import_region_japanese(),
        Region::ChineseSimplified => t::import_region_chinese_simplified(),
        Region::ChineseTraditional => t::import_region_chinese_traditional(),
        Region::Korean => t::import_region_korean(),
    }
}

/// What a letter that looks like a Latin one is.
fn script(script: Script) -> String {
    match script {
        Script::Cyrillic => t::import_script_cyrillic(),
        Script::Greek => t::import_script_greek(),
        Script::FullWidth => t::import_script_full_width(),
        Script::Dash => t::import_script_dash(),
        Script::Dot => t::import_script_dot(),
        Script::Digit => t::import_script_digit(),
        Script::Latin => t::import_script_latin(),
    }
}

/// Names of formats are the same in every language.
fn foreign(what: Foreign) -> String {
    match what {
        Foreign::Json => "JSON".to_owned(),
        Foreign::Sql => "SQL".to_owned(),
        Foreign::Html => "HTML".to_owned(),
        Foreign::Xml => "XML".to_owned(),
        Foreign::Ldif => "LDIF".to_owned(),
        Foreign::VCard => "vCard".to_owned(),
        Foreign::Pdf => "PDF".to_owned(),
        Foreign::Rtf => "RTF".to_owned(),
        Foreign::Archive => t::import_foreign_archive(),
        Foreign::Image => t::import_foreign_image(),
        Foreign::Keys => t::import_foreign_keys(),
        Foreign::SpreadsheetText => "SYLK, DIF".to_owned(),
    }
}

fn foreign_hint(what: Foreign) -> String {
    match what {
        Foreign::Archive => t::import_foreign_archive_hint(),
        Foreign::Sql => t::import_foreign_sql_hint(),
        Foreign::Ldif => t::import_foreign_ldif_hint(),
        _ => t::import_foreign_hint(),
    }
}

/// The delimiter of a file.
pub fn delimiter(delimiter: char) -> String {
    match delimiter {
        ',' => t::import_delimiter_comma(),
        ';' => t::import_delimiter_semicolon(),
        '\t' => t::import_delimiter_tab(),
        '|' => t::import_delimiter_bar(),
        other => other.to_string(),
    }
}

/// What a column can be.
pub fn column(column: ImportColumn) -> String {
    match column {
        ImportColumn::Id => t::import_field_id(),
        ImportColumn::DisplayName => field(Field::DisplayName),
        ImportColumn::Password => field(Field::Password),
        ImportColumn::IsGuest => t::import_field_guest(),
        ImportColumn::Admin => field(Field::Admin),
        ImportColumn::Deactivated => field(Field::Deactivated),
        ImportColumn::AvatarUrl => field(Field::Avatar),
        ImportColumn::UserType => field(Field::UserType),
        ImportColumn::Threepids => field(Field::Threepids),
        ImportColumn::ExternalIds => field(Field::ExternalIds),
        ImportColumn::Locked => field(Field::Locked),
        ImportColumn::Rooms => t::import_field_rooms(),
        ImportColumn::Email => t::import_field_email(),
        ImportColumn::Phone => t::import_field_phone(),
        ImportColumn::GivenName => t::import_field_given_name(),
        ImportColumn::FamilyName => t::import_field_family_name(),
        ImportColumn::Active => t::import_field_active(),
    }
}

/// A field of an account.
pub fn field(field: Field) -> String {
    match field {
        Field::DisplayName => t::import_field_displayname(),
        Field::Threepids => t::import_field_threepids(),
        Field::ExternalIds => t::import_field_external_ids(),
        Field::Avatar => t::import_field_avatar(),
        Field::Admin => t::import_field_admin(),
        Field::Password => t::import_field_password(),
        Field::Deactivated => t::import_field_deactivated(),
        Field::Locked => t::import_field_locked(),
        Field::UserType => t::import_field_user_type(),
    }
}

fn difference(difference: &Difference) -> String {
    let shown = |text: &str| match text {
        "" => t::import_empty_value(),
        text => shortened(text),
    };
    match difference {
        Difference::Password => t::import_change_password(),
        Difference::Text {
            field: of,
            from,
            to,
        } => {
            let from = match from {
                Before::Value(from) => shown(from),
                Before::Unknown => t::import_unknown_value(),
            };
            t::import_change(&field(*of), &from, &shown(to))
        }
        Difference::Flag {
            field: of,
            from,
            to,
        } => {
            let word = |yes| if yes { t::yes() } else { t::no() };
            t::import_change(&field(*of), &word(*from), &word(*to))
        }
    }
}

/// What will happen to a row, one sentence per line.
pub fn planned(planned: &Planned, server: &str) -> Vec<String> {
    match planned {
        Planned::Create {
            account,
            generated_id,
            ..
        } => {
            let on = |flag: Option<bool>| flag == Some(true);
            let rooms = account.rooms.len();
            [
                generated_id.then(t::import_detail_generated_id),
                account
                    .generated_password
                    .then(t::import_detail_generated_password),
                account
                    .password
                    .is_none()
                    .then(t::import_detail_no_password),
                on(account.admin).then(t::import_detail_admin),
                on(account.deactivated).then(t::import_detail_deactivated),
                on(account.locked).then(t::import_detail_locked),
                (rooms > 0).then(|| t::import_detail_rooms(rooms as u64)),
            ]
            .into_iter()
            .flatten()
            .chain(not_sent(planned))
            .collect()
        }
        Planned::Update {
            differences, notes, ..
        } => {
            let notes = notes.iter().map(|note| problem(&note.kind, server));
            let differences = differences.iter().map(difference);
            differences.chain(notes).chain(not_sent(planned)).collect()
        }
        Planned::Skip { why, .. } => vec![match why {
            Skipped::Exists => t::import_detail_exists(),
            Skipped::Unchanged => t::import_detail_unchanged(),
            Skipped::UnchangedButRooms => t::import_detail_unchanged_rooms(),
            Skipped::UnchangedButLeft => t::import_detail_unchanged_left(),
        }],
        Planned::Blocked { problems } => problems
            .iter()
            .map(|found| {
                let sentence = problem(&found.kind, server);
                match found.place.header.as_str() {
                    "" => sentence,
                    header => t::import_out_problem(&sentence, header),
                }
            })
            .collect(),
        Planned::Conflict { .. } => vec![t::import_detail_conflict()],
        Planned::NotLookedUp { whose: None, .. } => vec![t::import_detail_not_asked()],
        Planned::NotLookedUp {
            whose: Some(identity),
            ..
        } => vec![t::import_detail_whose(&identity.to_string())],
        Planned::Told { sentences, .. } => sentences.clone(),
    }
}

/// What of a row is not sent, although the rest of it is, one sentence per line.
pub fn not_sent(planned: &Planned) -> impl Iterator<Item = String> {
    planned.left().iter().map(|what| left(*what))
}

/// What an account that has appeared does not get of a row for a new one, one sentence per line.
pub fn only_for_new(planned: &Planned, outcome: &Outcome) -> Option<String> {
    let has_appeared = matches!(outcome, Outcome::Updated { .. } | Outcome::Unchanged);
    match planned {
        Planned::Create { account, .. } if has_appeared && !account.rooms.is_empty() => {
            Some(t::import_bad_rooms())
        }
        _ => None,
    }
}

fn trouble(problem: &run::FailedPart) -> String {
    let what = match problem.what.itself() {
        What::Field(of) | What::Unsent(of) => field(*of),
        What::Room(room) => t::import_what_room(room),
        What::Rest | What::Unsure(_) => return t::import_out_rest(),
    };
    let error = match &problem.what {
        What::Unsure(_) => t::import_out_unsure(&refusal(problem)),
        _ => refusal(problem),
    };
    t::import_out_problem(&error, &what)
}

/// What Matrix Authentication Service has against a part of a row, which it says in its own words only; others say
/// it themselves.
fn refusal(problem: &run::FailedPart) -> String {
    let ApiError::Matrix {
        status, errcode, ..
    } = &problem.error
    else {
        return reason(&problem.error);
    };
    match (problem.what.itself(), status, errcode.as_str()) {
        (What::Field(Field::Password), 400, "") => t::import_out_weak(),
        (What::Field(Field::Password), 403, "") => t::import_bad_passwords_off(),
        (What::Field(Field::Threepids), 409, "") => t::import_out_address_taken(),
        (What::Field(Field::ExternalIds), 409, "") => t::import_out_identity_taken(),
        _ => reason(&problem.error),
    }
}

/// Why something did not work; of an address that another account has, whose it is.
fn reason(error: &ApiError) -> String {
    match error {
        ApiError::Matrix {
            errcode, message, ..
        } if errcode == "M_THREEPID_IN_USE" && UserId::parse(message).is_some() => {
            t::import_out_address_of(message)
        }
        error => explain(error).sentence,
    }
}

/// What became of a row, one sentence per line; none if there is nothing to add to the word.
pub fn outcome(outcome: &Outcome) -> Vec<String> {
    match outcome {
        Outcome::Created {
            proof, problems, ..
        } => {
            let proof = match proof {
                Proof::Answered => None,
                Proof::Recognised => Some(t::import_out_recognised()),
                Proof::Doubtful => Some(t::import_out_doubtful()),
            };
            proof
                .into_iter()
                .chain(problems.iter().map(trouble))
                .collect()
        }
        Outcome::Updated { problems } => problems.iter().map(trouble).collect(),
        Outcome::Skipped => vec![t::import_out_appeared()],
        Outcome::Unchanged => vec![t::import_out_appeared_same()],
        Outcome::Conflict => vec![t::import_out_stopped()],
        Outcome::ChangedByAccident { fields } => {
            let fields: Vec<String> = fields.iter().map(|of| field(*of)).collect();
            vec![t::import_out_accident(&fields.join(", "))]
        }
        Outcome::MayBeRenamed => vec![t::import_out_may_be_renamed()],
        Outcome::Failed { error, account } => {
            // Of Matrix Authentication Service, which does not have the account itself.
            if let (
                ApiError::Matrix {
                    status: 409,
                    errcode,
                    ..
                },
                AccountAfter::Absent,
            ) = (error, account)
                && errcode.is_empty()
            {
                return vec![t::import_out_reserved()];
            }
            let error = reason(error);
            vec![match account {
                AccountAfter::Absent => t::import_out_absent(&error),
                AccountAfter::AsBefore => t::import_out_as_before(&error),
                AccountAfter::Unknown => t::import_out_unknown(&error),
            }]
        }
        Outcome::NotDone => vec![t::import_out_not_done()],
        Outcome::Refused(refusal) => {
            let (_, kind) = refusal.problem();
            vec![t::import_out_as_before(&problem(&kind, ""))]
        }
    }
}

/// The words for a word of the report, see [`crate::import::report::word`].
pub fn word(word: Word) -> String {
    match word {
        Word::Created => t::import_word_created(),
        Word::CreatedWithProblems => t::import_word_created_with_problems(),
        Word::Updated => t::import_word_updated(),
        Word::UpdatedWithProblems => t::import_word_updated_with_problems(),
        Word::Skipped => t::import_word_skipped(),
        Word::Unchanged => t::import_word_unchanged(),
        Word::Conflict => t::import_word_conflict(),
        Word::ChangedByAccident => t::import_word_changed_by_accident(),
        Word::MayBeRenamed => t::import_word_may_be_renamed(),
        Word::Unknown => t::import_word_unknown(),
        Word::Failed => t::import_word_failed(),
        Word::Invalid => t::import_word_invalid(),
        // What has not been done is no longer to be done.
        Word::Create | Word::Update | Word::NotDone => t::import_word_not_done(),
    }
}

/// What will happen to a row, in words.
pub fn pick(word: Word) -> String {
    match word {
        Word::Create => t::import_pick_create(),
        Word::Update => t::import_pick_update(),
        Word::Skipped => t::import_pick_skipped(),
        Word::Unchanged => t::import_pick_unchanged(),
        Word::Invalid => t::import_pick_invalid(),
        Word::Conflict => t::import_pick_conflict(),
        ended => self::word(ended),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::import::refusal::RefusedChange;
    use std::rc::Rc;

    #[test]
    fn the_line_and_the_column_are_in_their_places() {
        let kind = ProblemKind::IdDuplicate { first_line: 1234 };
        assert_eq!(problem(&kind, "b.org"), "Line 1234 has the same ID.");
        let kind = ProblemKind::TooFewFields {
            expected: 6,
            found: 2,
        };
        let few = problem(&kind, "");
        assert!(few.starts_with("The row has 2 fields instead of 6. "));
        let kind = ProblemKind::TooManyFields {
            expected: 6,
            found: 7,
        };
        assert_eq!(
            problem(&kind, ""),
            "The row has 7 fields instead of 6. A value with a comma needs quotes around it."
        );
        let kind = ProblemKind::ThreepidDuplicate {
            first_line: 7,
            address: "a@b.c".into(),
        };
        assert_eq!(problem(&kind, ""), "a@b.c is in line 7 already.");
    }

    #[test]
    fn a_row_says_why_something_was_left_as_it_is() {
        let taken = ApiError::Matrix {
            status: 400,
            errcode: "M_THREEPID_IN_USE".into(),
            message: "@joe:b.org".into(),
        };
        let problem = |what, error: &ApiError| run::FailedPart {
            what,
            error: error.clone(),
        };
        let address = problem(What::Field(Field::Threepids), &taken);
        let room = What::Room("!a:b.org".into());
        let room = problem(What::Unsure(room.into()), &ApiError::Cancelled);
        let rest = problem(What::Rest, &ApiError::Cancelled);
        let problems = vec![address, rest, room];
        let told = outcome(&Outcome::Updated { problems });
        let unsure = "It is not known whether this was done.";
        assert!(
            told[2].contains("!a:b.org") && told[2].ends_with(unsure),
            "{told:?}"
        );
        assert!(told[0].contains("belongs to @joe:b.org"), "{told:?}");
        assert!(told[1].contains("not known"), "{told:?}");
        let failed = Outcome::Failed {
            error: taken,
            account: AccountAfter::AsBefore,
        };
        assert!(outcome(&failed)[0].contains("belongs to @joe:b.org"));
        // As the plan says it.
        let kind = ProblemKind::ManagedAccount;
        let refused = RefusedChange::ManagedAccount(ImportColumn::Password);
        let told = outcome(&Outcome::Refused(refused));
        assert!(told[0].starts_with(&super::problem(&kind, "")), "{told:?}");
        let planned = |rooms| Planned::Create {
            user: UserId::parse("@jane:b.org").unwrap(),
            account: Rc::new(run::NewAccount {
                rooms,
                ..Default::default()
            }),
            generated_id: false,
        };
        let with_rooms = planned(vec!["!a:b.org".to_owned()]);
        let rooms = super::problem(&ProblemKind::RoomsOnlyForNew, "");
        for (planned, outcome, told) in [
            (&with_rooms, Outcome::Unchanged, Some(rooms)),
            (&with_rooms, Outcome::NotDone, None),
            (&planned(Vec::new()), Outcome::Unchanged, None),
        ] {
            assert_eq!(only_for_new(planned, &outcome), told);
        }
    }

    #[test]
    fn changes_go_from_what_is_to_what_will_be() {
        let change = Difference::Text {
            field: Field::DisplayName,
            from: Before::Value(String::new()),
            to: "Jane".into(),
        };
        assert_eq!(difference(&change), "Display name: (empty) → Jane");
    }

    #[test]
    fn every_word_of_the_report_has_words_of_its_own() {
        let user = UserId::new("jane", &UserId::parse("@a:b.org").unwrap().server());
        let problems = || {
            vec![run::FailedPart {
                what: What::Field(Field::Admin),
                error: ApiError::Cancelled,
            }]
        };
        let created = |problems| Outcome::Created {
            user: user.clone(),
            proof: Proof::Answered,
            problems,
        };
        let failed = |account| Outcome::Failed {
            error: ApiError::Cancelled,
            account,
        };
        let skip = Planned::Skip {
            user: user.clone(),
            why: Skipped::Exists,
        };
        let outcomes = [
            created(vec![]),
            created(problems()),
            Outcome::Updated { problems: vec![] },
            Outcome::Updated {
                problems: problems(),
            },
            Outcome::Skipped,
            Outcome::Unchanged,
            Outcome::Conflict,
            Outcome::ChangedByAccident { fields: vec![] },
            Outcome::MayBeRenamed,
            failed(AccountAfter::Absent),
            failed(AccountAfter::Unknown),
            Outcome::NotDone,
        ];
        let mut words: Vec<String> = outcomes
            .iter()
            .map(|outcome| word(crate::import::report::word(&skip, Some(outcome))))
            .collect();
        let count = words.len();
        words.sort();
        words.dedup();
        assert_eq!(words.len(), count, "{words:?}");
    }
}
