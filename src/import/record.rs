//! An import as it is kept beside its [`journal`](super::journal): the file and the plan, row
//! by row, to go on with; and what remains when it is finished, which has no secrets.

use super::outcome::Tally;
use super::plan::{Idle, OnConflict, Plan, Planned};
use super::report::Line;
use super::save_error::SaveError;
use super::table::{Header, Table};
use super::task::{NewAccount, Untaken};
use crate::api::{HomeserverUrl, ServerName, UserId};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use std::rc::Rc;

/// The form of what is kept. What has another is not read.
pub const VERSION: u32 = 4;

/// The version before, which reads the same. It does not know all that this one may write.
const BEFORE: u32 = 3;

/// How many rows are kept in one piece.
pub const PIECE: usize = 500;

/// What is known of a kept import at once.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Head {
    /// See [`VERSION`].
    pub version: u32,
    pub file_name: String,
    pub server: ServerName,
    /// Who imports: nobody else is shown it.
    pub owner: UserId,
    /// When it began, in milliseconds since 1970.
    pub started_ms: i64,
    /// When something was written last, in milliseconds since 1970.
    pub touched_ms: i64,
    pub state: KeptState,
    pub on_conflict: OnConflict,
    /// See [`super::run::RunOptions::newest_known`]; in milliseconds since 1970.
    pub newest_known_ms: Option<i64>,
    /// How many rows the file has.
    pub rows: usize,
    /// How many of them need requests.
    pub tasks: usize,
    /// How many of those have come to their end.
    pub ended: usize,
    /// How the rows have ended, once all have.
    pub tally: Option<Tally>,
    /// How many accounts were deactivated again.
    pub undone: usize,
    /// Where it imports to: at another address nobody is shown it, whatever their user ID.
    pub homeserver: HomeserverUrl,
    /// Whether the file or the plan has passwords.
    pub has_passwords: bool,
}

/// A [`Head`] as earlier versions of the panel kept it.
#[derive(Serialize, Deserialize)]
struct OldHead {
    version: u32,
    file_name: String,
    server: ServerName,
    owner: UserId,
    started_ms: i64,
    touched_ms: i64,
    state: KeptState,
    on_conflict: OnConflict,
    newest_known_ms: Option<i64>,
    headers: Vec<Header>,
    rows: usize,
    tasks: usize,
    ended: usize,
    tally: Option<Tally>,
    undone: usize,
    homeserver: HomeserverUrl,
    has_passwords: bool,
}

impl Head {
    /// Reads the bytes of a head, also of an earlier version. Of a finished import the report is all
    /// that is left, and that has not changed since; what could be gone on with keeps its version, and is not read.
    ///
    /// # Errors
    ///
    /// [`SaveError::Unreadable`] where no version that is known has written it.
    pub fn read(bytes: &[u8]) -> Result<Self, SaveError> {
        let unread = match read::<Head>(bytes) {
            Ok(head) if head.version >= VERSION => return Ok(head),
            Ok(head) if head.version == BEFORE => {
                return Ok(Head {
                    version: VERSION,
                    ..head
                });
            }
            Ok(_) => SaveError::Unreadable("an old head".to_owned()),
            Err(error) => error,
        };
        let old = read::<OldHead>(bytes).map_err(|_| unread)?;
        let version = match old.state {
            KeptState::Finished => VERSION,
            _ => old.version.min(VERSION - 1),
        };
        Ok(Head {
            version,
            file_name: old.file_name,
            server: old.server,
            owner: old.owner,
            started_ms: old.started_ms,
            touched_ms: old.touched_ms,
            state: old.state,
            on_conflict: old.on_conflict,
            newest_known_ms: old.newest_known_ms,
            rows: old.rows,
            tasks: old.tasks,
            ended: old.ended,
            tally: old.tally,
            undone: old.undone,
            homeserver: old.homeserver,
            has_passwords: old.has_passwords,
        })
    }
}

/// How far a kept import is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum KeptState {
    /// The file and the plan are being written down: nothing has been sent.
    Beginning,
    /// Rows are open.
    Running,
    /// All rows have ended; file, plan and passwords are still there.
    Ended,
    /// The report is all that is left.
    Finished,
}

/// Some rows. It is encrypted, so the first has what the columns are called as well: that may have been a
/// row.
#[derive(Serialize, Deserialize)]
struct KeptPiece {
    headers: Vec<Header>,
    rows: Vec<KeptRow>,
}

/// A row of the file and what is planned for it.
#[derive(Debug, Serialize, Deserialize)]
struct KeptRow {
    line: u32,
    cells: Vec<String>,
    deed: KeptDeed,
}

/// What is planned for a row. Of those without requests only what is said of them is kept.
#[derive(Debug, Serialize, Deserialize)]
enum KeptDeed {
    Create {
        user: UserId,
        account: Box<NewAccount>,
        generated_id: bool,
    },
    Update {
        user: UserId,
        account: Box<NewAccount>,
    },
    Told {
        user: Option<UserId>,
        why: Idle,
        sentences: Vec<String>,
    },
    /// [`KeptDeed::Create`] without what nobody takes. Since version 4.
    CreateWithout {
        user: UserId,
        account: Box<NewAccount>,
        generated_id: bool,
        left: Vec<Untaken>,
    },
    /// [`KeptDeed::Update`] without what nobody takes. Since version 4.
    UpdateWithout {
        user: UserId,
        account: Box<NewAccount>,
        left: Vec<Untaken>,
    },
}

/// Puts what is planned for a row without requests in sentences.
pub type Tell<'a> = &'a dyn Fn(&Planned) -> Vec<String>;

/// The rows from this one on, at most [`PIECE`].
pub fn piece(table: &Table, plan: &Plan, from: usize, tell: Tell<'_>) -> Vec<u8> {
    let until = (from + PIECE).min(plan.rows.len());
    let rows: Vec<KeptRow> = (from..until)
        .map(|row| {
            let cells = table.rows().get(row);
            let texts = cells.into_iter().flat_map(|row| row.cells());
            KeptRow {
                line: table.line(row),
                cells: texts.map(str::to_owned).collect(),
                deed: KeptDeed::of(&plan.rows[row], tell),
            }
        })
        .collect();
    let headers = match from {
        0 => table.headers.clone(),
        _ => Vec::new(),
    };
    bytes(&KeptPiece { headers, rows })
}

/// Adds the rows of a piece that [`piece`] has made; the first piece begins the table.
pub fn add_piece(table: &mut Table, plan: &mut Plan, piece: &[u8]) -> Result<(), SaveError> {
    let KeptPiece { headers, rows } = read(piece)?;
    if !headers.is_empty() {
        *table = Table::kept(headers);
    }
    for row in rows {
        table.push(row.line, &row.cells);
        plan.add(row.deed.planned());
    }
    Ok(())
}

impl KeptDeed {
    fn of(planned: &Planned, tell: Tell<'_>) -> Self {
        match planned {
            Planned::Create {
                user,
                account,
                generated_id,
            } => {
                let (user, generated_id) = (user.clone(), *generated_id);
                let kept = Box::new((**account).clone());
                match account.left.is_empty() {
                    true => KeptDeed::Create {
                        user,
                        account: kept,
                        generated_id,
                    },
                    false => KeptDeed::CreateWithout {
                        user,
                        account: kept,
                        generated_id,
                        left: account.left.clone(),
                    },
                }
            }
            Planned::Update {
                user,
                change,
                keeps_medium,
                left,
                ..
            } => {
                let user = user.clone();
                let account = Box::new(NewAccount {
                    keeps_medium: keeps_medium.clone(),
                    ..NewAccount::of_change(change)
                });
                match left.is_empty() {
                    true => KeptDeed::Update { user, account },
                    false => KeptDeed::UpdateWithout {
                        user,
                        account,
                        left: left.clone(),
                    },
                }
            }
            other => KeptDeed::Told {
                user: other.user().cloned(),
                why: other.idle().unwrap_or(Idle::NotLookedUp),
                sentences: tell(other),
            },
        }
    }

    fn planned(self) -> Planned {
        match self {
            KeptDeed::CreateWithout {
                user,
                account,
                generated_id,
                left,
            } => Planned::Create {
                user,
                account: Rc::new(NewAccount { left, ..*account }),
                generated_id,
            },
            KeptDeed::UpdateWithout {
                user,
                account,
                left,
            } => {
                let account = Box::new(NewAccount { left, ..*account });
                KeptDeed::Update { user, account }.planned()
            }
            KeptDeed::Create {
                user,
                account,
                generated_id,
            } => Planned::Create {
                user,
                account: Rc::new(*account),
                generated_id,
            },
            KeptDeed::Update { user, account } => Planned::Update {
                user,
                differences: Vec::new(),
                change: Rc::new(account.as_change()),
                keeps_medium: account.keeps_medium,
                notes: Vec::new(),
                left: account.left,
            },
            KeptDeed::Told {
                user,
                why,
                sentences,
            } => Planned::Told {
                user,
                why,
                sentences,
            },
        }
    }
}

/// Anything that is kept, as bytes: compact, and little code to read it again.
pub fn bytes<T: Serialize>(value: &T) -> Vec<u8> {
    // Texts, numbers and lists of them always serialise.
    postcard::to_allocvec(value).unwrap_or_default()
}

/// Reads what [`bytes`] has made.
///
/// # Errors
///
/// [`SaveError::Unreadable`] where they are not those of such a value.
pub fn read<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, SaveError> {
    postcard::from_bytes(bytes).map_err(|error| SaveError::Unreadable(error.to_string()))
}

/// A row of a finished import: no password, and of the file only the name.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ReportRow {
    pub line: u32,
    /// The account, or what the file has instead.
    pub id: String,
    pub displayname: String,
    /// See [`super::report::Word::name`].
    pub outcome: String,
    pub detail: String,
    /// Whether the account was surely created by this import.
    pub created: bool,
}

impl ReportRow {
    /// As a line of the report.
    pub fn line<'a>(&'a self, password: Option<&'a str>) -> Line<'a> {
        Line {
            line: self.line,
            id: &self.id,
            displayname: &self.displayname,
            outcome: &self.outcome,
            detail: &self.detail,
            password,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::columns::ImportColumn;
    use super::super::{plan, read, report, validate};
    use super::*;
    use crate::api::server::Capabilities;
    use crate::import::tests::Dice;

    #[test]
    fn what_an_earlier_version_has_kept_is_known() {
        let owner = UserId::parse("@admin:example.org").unwrap();
        for (state, version) in [
            (KeptState::Beginning, 2),
            (KeptState::Running, 2),
            (KeptState::Ended, 2),
            (KeptState::Finished, VERSION),
        ] {
            for file_name in ["users.csv", "", "ä long näme of a file.csv"] {
                let tally = (state == KeptState::Finished).then(|| Tally {
                    created: 7,
                    ..Tally::default()
                });
                let header = read::read(b"id,password\njane,x\n").unwrap().headers;
                let old = OldHead {
                    version: 2,
                    file_name: file_name.to_owned(),
                    server: owner.server(),
                    owner: owner.clone(),
                    started_ms: 1_700_000_000_000,
                    touched_ms: 1_700_000_001_000,
                    state,
                    on_conflict: OnConflict::Skip,
                    newest_known_ms: Some(1_600_000_000_000),
                    headers: match state {
                        KeptState::Finished => Vec::new(),
                        _ => header,
                    },
                    rows: 9,
                    tasks: 8,
                    ended: 7,
                    tally,
                    undone: 1,
                    homeserver: HomeserverUrl::parse("https://example.org").unwrap(),
                    has_passwords: true,
                };
                let head = Head::read(&bytes(&old)).unwrap();
                assert_eq!((head.version, head.state), (version, state));
                assert_eq!((head.started_ms, &head.owner), (old.started_ms, &owner));
                assert_eq!((head.rows, head.tasks, head.ended), (9, 8, 7));
                assert_eq!((head.tally, head.undone), (tally, 1));
                assert_eq!((&*head.file_name, head.has_passwords), (file_name, true));
                assert_eq!(head.homeserver, old.homeserver);
                // As it is written again.
                let head = Head {
                    version: VERSION,
                    ..head
                };
                assert_eq!(Head::read(&bytes(&head)), Ok(head));
            }
        }
        assert!(Head::read(b"\x02nothing of the kind").is_err());
    }

    #[test]
    fn the_version_before_is_gone_on_with() {
        // As version 3 wrote a row: user, account and whether its ID was made up.
        #[derive(Serialize)]
        enum OldDeed {
            Create(UserId, Box<NewAccount>, bool),
        }
        let user = UserId::parse("@jane:example.org").unwrap();
        let account = || {
            Box::new(NewAccount {
                left: vec![Untaken::Phone],
                ..NewAccount::default()
            })
        };
        let old = bytes(&OldDeed::Create(user.clone(), account(), true));
        let read: KeptDeed = read(&old).unwrap();
        let planned = read.planned();
        assert!(
            matches!(&planned, Planned::Create { user: of, account, generated_id: true }
                if *of == user && account.left.is_empty()),
            "{planned:?}"
        );
        // What nobody takes is kept since.
        let now = Planned::Create {
            user,
            account: Rc::from(account()),
            generated_id: false,
        };
        let kept = bytes(&KeptDeed::of(&now, &|_| Vec::new()));
        let again: KeptDeed = super::read(&kept).unwrap();
        assert!(
            matches!(again.planned(), Planned::Create { account, .. } if account.left == [Untaken::Phone])
        );
    }

    #[test]
    fn what_is_kept_is_what_was_planned() {
        let csv = "id,displayname,password,admin,email,rooms\n\
                   jane,\"Jane\nDoe\",secret,yes,a@b.c,#a:b.org\n\
                   \n\
                   joe,Joe,,,,\n\
                   bad id!,,,,,\n\
                   ,Nobody,\n\
                   old,Another name,new password,no,old@b.c,\n";
        let table = read::read(csv.as_bytes()).unwrap();
        let own = UserId::parse("@admin:example.org").unwrap();
        let rules = validate::Rules {
            server_name: own.server(),
            server: Capabilities::default(),
            ids: validate::IdSource::FromFile,
        };
        let file = validate::Validation::of(&table, rules).unwrap();
        let mut existing = plan::Existing::new();
        let old = serde_json::json!({
            "name": "@old:example.org",
            "threepids": [{"medium": "msisdn", "address": "4930123456"}],
        });
        existing.add_detail(serde_json::from_value(old).unwrap());
        existing.set_complete();
        let options = plan::PlanOptions {
            on_conflict: OnConflict::Update,
            passwords: plan::Passwords::GenerateMissing,
            own,
            server: Capabilities::default(),
            passwords_are_useless: false,
            passwords_are_off: false,
            providers: Vec::new(),
        };
        let plan = plan::plan(&table, &file, &existing, &options, &Dice::new(1));
        let totals = plan.totals;
        assert_eq!((totals.create, totals.update, totals.blocked), (2, 1, 2));

        let mut again = Table::kept(Vec::new());
        let mut planned = Plan::default();
        let tell = |planned: &Planned| vec![format!("{:?}", planned.idle())];
        let piece = piece(&table, &plan, 0, &tell);
        add_piece(&mut again, &mut planned, &piece).unwrap();
        // Only whoever plans needs to know what nobody has asked for.
        planned.totals.unchecked = plan.totals.unchecked;
        assert_eq!(again.headers, table.headers);
        assert_eq!(planned.totals, plan.totals);
        assert_eq!(planned.tasks(), plan.tasks());
        for (kept, planned) in planned.rows.iter().zip(&plan.rows) {
            assert_eq!(report::word(kept, None), report::word(planned, None));
            let Planned::Told { sentences, .. } = kept else {
                continue;
            };
            assert_eq!(*sentences, tell(planned));
        }
        for (row, cells) in table.rows().iter().enumerate() {
            let kept = again.rows().get(row).unwrap();
            assert_eq!(kept.line, cells.line);
            assert!(kept.cells().eq(cells.cells()));
            for column in ImportColumn::ALL {
                assert_eq!(again.field(row, column), table.field(row, column));
            }
        }
    }
}
