//! What may be wrong with a row, and how bad it is.

use super::NoUser;
use crate::api::UserId;
use crate::import::characters::Script;
use crate::import::task::Untaken;

/// How bad a problem is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// The row goes, but it should be looked at.
    Warning,
    /// The row cannot go unless its account exists already.
    ErrorIfNew,
    /// The row cannot go before somebody has said what is meant: another value, or that this one
    /// is meant ([`Table::keep`](crate::import::table::Table::keep)). An account that exists and
    /// would not change is no question.
    Question,
    /// The row cannot go.
    Error,
}

/// Where a problem is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProblemPlace {
    /// The line of the file where the row begins, from 1.
    pub line: u32,
    /// The number of the column, from 1; `None` if it is about the row.
    pub column: Option<usize>,
    /// The header of the column; empty if it has none.
    pub header: String,
}

/// Something that is not as it has to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    pub place: ProblemPlace,
    pub kind: ProblemKind,
    /// What the file says, shortened; empty for passwords.
    pub value: String,
    /// What to write into the field instead, if that is clear; whole, and of passwords too.
    pub fix: Option<String>,
}

impl Problem {
    /// How bad it is.
    pub fn severity(&self) -> Severity {
        self.kind.severity()
    }
}

/// What is not as it has to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ProblemKind {
    /// The row has fewer fields than the header: the last ones, if it was written by Excel; which ones is
    /// not known.
    TooFewFields {
        expected: usize,
        found: usize,
    },
    /// The row has more fields than the header.
    TooManyFields {
        expected: usize,
        found: usize,
    },
    /// A quote opened in this line never ends.
    UnclosedQuote {
        line: u32,
    },
    /// There is text behind the closing quote.
    TextAfterQuote,
    /// A quote opened in this line, and what it holds looks like rows of this table.
    SwallowedRows {
        line: u32,
        rows: usize,
    },
    /// Nothing of the row is imported: its account would be empty.
    NothingImported,
    /// The row has names of columns, a sum or the like instead of a user.
    NoUser {
        like: NoUser,
    },
    /// The row is another header, or behind one: its columns may be others.
    OtherHeader {
        line: u32,
    },
    /// The apostrophe that keeps spreadsheets from computing has been taken away.
    ApostropheRemoved,

    // What no person writes, see `characters` and `programs`.
    /// Characters that nobody sees: the first one, and how many there are.
    Unseen {
        found: char,
        count: usize,
        severity: Severity,
    },
    /// `="001"`: the guard that programs write against spreadsheets.
    Guarded,
    /// The value is in quotes of typography, or in apostrophes.
    Quoted,
    /// `#REF!`: a spreadsheet could not compute it.
    SpreadsheetError,
    /// `NULL`: what databases write for nothing.
    Nothing,
    /// `1E+05`: a spreadsheet has rounded it.
    Rounded,
    /// `JÃ¼rgen`: went through the wrong encoding.
    Garbled,
    /// A letter is lost: `�`, or a question mark amid letters.
    LostLetter {
        severity: Severity,
    },
    /// `=A1&B1`: no spreadsheet has computed it.
    Formula,
    /// `&uuml;`, `%C3%BC`, `\u00fc`: as another format writes letters.
    Escaped,
    /// `<name>`, `****`: to be filled in, or hidden.
    Placeholder,
    /// A spreadsheet may have made a date of it.
    Date,
    /// `12345.0`: a program has taken it for a measure.
    Number,

    /// Begins with `@` and is no `@localpart:server`.
    IdNotReadable,
    /// The ID of another server.
    IdForeign {
        server: String,
    },
    /// The server creates lower-case IDs only.
    IdUpperCase {
        suggestion: String,
    },
    /// The server creates IDs of `a-z`, `0-9` and `=_-./+` only.
    IdCharacter {
        found: char,
    },
    /// A letter that only looks like the one that is meant.
    IdLookAlike {
        found: char,
        meant: char,
        script: Script,
    },
    /// An ID, but written in another way: a link, an e-mail address, another prefix.
    IdOtherForm,
    /// Only application services may begin with `_`. Since Synapse 1.131 a server may allow it.
    IdUnderscore {
        severity: Severity,
    },
    /// Digits only is for guests.
    IdDigits,
    /// In bytes, with `@` and server name.
    IdTooLong {
        bytes: usize,
        limit: usize,
    },
    /// Another row has it already.
    IdDuplicate {
        first_line: u32,
    },

    /// Not one of `true/false`, `1/0`, `yes/no`, `on/off`.
    NotABoolean,
    /// Nobody can create guests but themselves.
    Guest,
    DisplayNameTooLong {
        characters: usize,
        limit: usize,
    },
    PasswordTooLong {
        characters: usize,
        limit: usize,
    },
    /// Begins or ends with a space, which is taken as part of it.
    PasswordSpaces,
    /// bcrypt looks at so many bytes only: the rest of the password does not matter.
    PasswordCut {
        bytes: usize,
        limit: usize,
    },
    /// The hash of a password: it would become the password itself.
    PasswordHash,
    /// Not `mxc://server/id`.
    AvatarNotMxc,
    AvatarTooLong {
        characters: usize,
        limit: usize,
    },
    /// Neither `bot` nor `support`. Since Synapse 1.132 a server may know other types.
    UserType {
        severity: Severity,
    },
    /// Not `email:…` or `msisdn:…`.
    ThreepidNotReadable {
        part: String,
    },
    EmailNotReadable {
        part: String,
    },
    /// Not a number with its country code.
    PhoneNotReadable {
        part: String,
    },
    /// Digits without a plus sign: with the code of a country, or a spreadsheet took the zero away.
    PhoneCountry,
    /// Another row has it already; the server would move it from one account to the other.
    ThreepidDuplicate {
        first_line: u32,
        address: String,
    },
    /// Not `provider:id`.
    ExternalIdNotReadable {
        part: String,
    },
    /// Another row has it already.
    ExternalIdDuplicate {
        first_line: u32,
        id: String,
    },
    /// Not a room ID or alias.
    RoomNotReadable {
        part: String,
    },
    /// The server locks accounts since 1.91 only.
    LockingNotKnown,
    /// The server does not lock who is deactivated.
    LockedAndDeactivated,
    /// One column says that the account is active, another one that it is not.
    ActiveAndDeactivated,

    // Found when planning.
    /// The server has this account, which differs in case only.
    TakenInOtherCase {
        existing: UserId,
    },
    /// An application service has reserved the ID.
    Reserved,
    /// Another account has the e-mail address or phone number; the server would move it.
    ThreepidTaken {
        address: String,
        owner: UserId,
    },
    /// The account has these addresses, and not afterwards.
    ThreepidsRemoved {
        addresses: String,
    },
    /// Another account has the external ID; the server would refuse it.
    ExternalIdTaken {
        id: String,
        owner: UserId,
    },
    /// Nobody changes the password, the rights or the state of their own account from a file.
    OwnAccount,
    /// Nor of an account that belongs to a bridge, a bot or another application service.
    ManagedAccount,
    /// Matrix Authentication Service decides this, and this session may not administer it: it is not sent.
    MovedToMas,
    /// Matrix Authentication Service decides this, and does not know the account: it is not sent.
    NotAtMas,
    /// Nobody takes this: it is not sent.
    Untaken(Untaken),
    /// Before Synapse 1.99 who is reactivated needs a password.
    ReactivationNeedsPassword,
    /// Rooms are joined by new accounts only.
    RoomsOnlyForNew,
    /// Whether an account is a guest cannot be changed.
    GuestStays,
}

impl ProblemKind {
    /// How bad it is.
    pub fn severity(&self) -> Severity {
        use ProblemKind::*;
        match self {
            ApostropheRemoved
            | PasswordSpaces
            | PasswordCut { .. }
            | RoomsOnlyForNew
            | ThreepidsRemoved { .. }
            | GuestStays
            | MovedToMas
            | NotAtMas
            | Untaken(_) => Severity::Warning,
            IdUnderscore { severity }
            | UserType { severity }
            | Unseen { severity, .. }
            | LostLetter { severity } => *severity,
            IdUpperCase { .. }
            | IdCharacter { .. }
            | IdLookAlike { .. }
            | IdDigits
            | Guest
            | LockedAndDeactivated => Severity::ErrorIfNew,
            Guarded
            | Quoted
            | SpreadsheetError
            | Nothing
            | Rounded
            | Garbled
            | Formula
            | Escaped
            | Placeholder
            | Date
            | Number
            | TooFewFields { .. }
            | NoUser { .. }
            | OtherHeader { .. }
            | SwallowedRows { .. }
            | PhoneCountry
            | PasswordHash => Severity::Question,
            _ => Severity::Error,
        }
    }
}
