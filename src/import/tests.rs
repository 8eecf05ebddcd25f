//! What holds for the steps together.

use super::columns::ImportColumn;
use super::plan::{Existing, Identity, OnConflict, Passwords, PlanOptions, Planned, plan};
use super::read::{FileProblem, read};
use super::report::{Failed, is_failure};
use super::run::Deed;
use super::validate::{IdSource, Rules, Severity, Validation};
use crate::api::exchange::Random;
use crate::api::server::Capabilities;
use crate::api::users::{ExternalId, Threepid, User};
use crate::api::{ServerName, UserId};
use crate::listing::csv::Csv;
use proptest::prelude::*;
use std::cell::Cell;
use std::collections::{BTreeMap, BTreeSet, HashSet};

/// Chance that is the same every time (xorshift64*).
pub(super) struct Dice(Cell<u64>);

impl Dice {
    pub(super) fn new(seed: u64) -> Self {
        Dice(Cell::new(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1))
    }
}

impl Random for Dice {
    fn fill(&self, bytes: &mut [u8]) {
        for byte in bytes {
            let mut state = self.0.get();
            state ^= state >> 12;
            state ^= state << 25;
            state ^= state >> 27;
            self.0.set(state);
            *byte = (state.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 56) as u8;
        }
    }
}

pub(super) fn rules() -> Rules {
    Rules {
        server_name: ServerName::parse("example.org").expect("a name"),
        server: Capabilities::default(),
        ids: IdSource::FromFile,
    }
}

pub(super) fn options() -> PlanOptions {
    PlanOptions {
        on_conflict: OnConflict::Stop,
        passwords: Passwords::FromFile,
        own: UserId::parse("@admin:example.org").expect("an ID"),
        server: Capabilities::default(),
        passwords_are_useless: false,
        passwords_are_off: false,
        providers: Vec::new(),
    }
}

pub(super) fn user(id: &str) -> User {
    serde_json::from_value(serde_json::json!({ "name": id })).expect("a user")
}

pub(super) fn complete(users: &[User]) -> Existing {
    let mut existing = Existing::new();
    users.iter().cloned().for_each(|user| existing.add(user));
    existing.set_complete();
    existing
}

/// The page's state is below its steps, and no step calls another: only `flow` knows them all.
#[test]
fn steps_of_the_page_do_not_call_each_other() {
    const STATE: [&str; 7] = [
        "checked", "decoders", "desk", "facts", "memory", "reading", "results",
    ];
    const STEPS: [&str; 4] = ["checking", "planning", "running", "undo"];
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let folder = find(&root, "flow.rs").expect("the page of the import");
    let used = |file: &str| -> Vec<String> {
        let path = folder.join(format!("{file}.rs"));
        let text = std::fs::read_to_string(&path).unwrap_or_else(|why| panic!("{file}: {why}"));
        let uses = text.split("super::").skip(1).map(str::to_owned);
        uses.collect()
    };
    for file in STATE.into_iter().chain(STEPS) {
        for other in STEPS.into_iter().chain(["flow"]) {
            let calls = |used: &String| {
                let rest = used.strip_prefix(other);
                let is_it = |rest: &str| !rest.starts_with(|c: char| c.is_alphanumeric());
                rest.is_some_and(is_it)
                    || used.starts_with('{')
                        && used.split('}').next().is_some_and(|list| {
                            list.split(['{', ',', ' ']).any(|name| name == other)
                        })
            };
            assert!(!used(file).iter().any(calls), "{file} uses {other}");
        }
    }
}

/// The folder that has this file and belongs to the page of the import.
fn find(folder: &std::path::Path, file: &str) -> Option<std::path::PathBuf> {
    let entries = std::fs::read_dir(folder).ok()?.filter_map(Result::ok);
    let paths: Vec<_> = entries.map(|entry| entry.path()).collect();
    if folder.join(file).exists() && folder.join("decoders.rs").exists() {
        return Some(folder.to_owned());
    }
    paths
        .iter()
        .filter(|path| path.is_dir())
        .find_map(|path| find(path, file))
}

/// Users as their page exports them.
pub(super) fn export(users: &[User]) -> String {
    let header = [
        "name",
        "displayname",
        "avatar_url",
        "user_type",
        "is_guest",
        "admin",
        "deactivated",
        "locked",
        "shadow_banned",
        "creation_ts",
    ];
    let mut export = Csv::new(&header);
    for user in users {
        let text = |text: &Option<String>| text.clone().unwrap_or_default();
        export.push(&[
            user.name.to_string(),
            text(&user.displayname),
            text(&user.avatar_url),
            text(&user.user_type),
            user.is_guest.to_string(),
            user.admin.to_string(),
            user.deactivated.to_string(),
            user.locked.to_string(),
            user.shadow_banned.to_string(),
            "1560432668000".into(),
        ]);
    }
    export.finish()
}

#[test]
fn an_export_of_users_changes_nothing() {
    let users = [
        User {
            displayname: Some("=1+1".into()),
            admin: true,
            ..user("@admin:example.org")
        },
        User {
            displayname: Some("@SUM(A1)".into()),
            avatar_url: Some("mxc://a.org/b".into()),
            deactivated: true,
            locked: true,
            ..user("@Historical!:example.org")
        },
        User {
            is_guest: true,
            ..user("@12:example.org")
        },
        User {
            displayname: Some("'=x, \"y\"\nz".into()),
            user_type: Some("special".into()),
            ..user("@jane:example.org")
        },
    ];
    let table = read(export(&users).as_bytes()).unwrap();
    let file = Validation::of(&table, rules()).unwrap();
    let options = PlanOptions {
        on_conflict: OnConflict::Update,
        ..options()
    };
    let plan = plan(&table, &file, &complete(&users), &options, &Dice::new(1));
    assert_eq!(plan.totals.unchanged, users.len(), "{:?}", plan.rows);
}

/// A file of the original panel.
#[test]
fn an_export_of_the_original_panel_is_understood() {
    let text = "id,avatar_src,displayname,name,is_guest,admin,user_type,deactivated,shadow_banned,creation_ts_ms\n\
                @jane:example.org,,Jane,@jane:example.org,0,true,,0,false,1560432668000\n";
    let table = read(text.as_bytes()).unwrap();
    let file = Validation::of(&table, rules()).unwrap();
    assert_eq!(file.problems(&table, 0), []);
    let jane = file.candidate(0).unwrap();
    assert_eq!(jane.displayname.as_deref(), Some("Jane"));
    assert_eq!(jane.user, UserId::parse("@jane:example.org"));
}

fn any_on_conflict() -> impl Strategy<Value = OnConflict> {
    prop::sample::select(vec![
        OnConflict::Stop,
        OnConflict::Skip,
        OnConflict::Update,
        OnConflict::NewRandomId,
    ])
}

fn any_passwords() -> impl Strategy<Value = Passwords> {
    prop::sample::select(vec![
        Passwords::FromFile,
        Passwords::GenerateMissing,
        Passwords::GenerateAll,
        Passwords::None,
    ])
}

/// Cells that collide, and some that are anything.
fn any_cell() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => prop::sample::select(vec![
            "a", "b", "A", "@a:example.org", "@b:other.org", "true", "no", "", "email:a@b.c", "_x",
            "7", "\"", "x:1", "!r", "=1"
        ])
        .prop_map(str::to_owned),
        1 => "[^\0]{0,6}",
    ]
}

proptest! {
    #[test]
    fn every_row_is_accounted_for(
        header in prop::sample::subsequence(ImportColumn::ALL.to_vec(), 1..=ImportColumn::COUNT).prop_shuffle(),
        rows in prop::collection::vec(prop::collection::vec(any_cell(), 0..13), 0..12),
        on_conflict in any_on_conflict(),
        passwords in any_passwords(),
        generate_ids: bool,
        taken in prop::sample::subsequence(vec!["@a:example.org", "@B:example.org", "@7:example.org"], 0..=3),
        owner in prop::sample::select(vec![None, Some("@a:example.org"), Some("@else:example.org")]),
        seed: u64,
    ) {
        let names: Vec<&str> = header.iter().map(|column| column.name()).collect();
        let mut text = names.join(",") + "\n";
        for row in &rows {
            text += &(row.join(",") + "\n");
        }
        let Ok(table) = read(text.as_bytes()) else { return Ok(()) };
        let ids = if generate_ids { IdSource::GenerateAll } else { IdSource::FromFile };
        let Ok(file) = Validation::of(&table, Rules { ids, ..rules() }) else {
            prop_assert!(!table.has(ImportColumn::Id));
            return Ok(());
        };
        let taken: Vec<User> = taken.into_iter().map(user).collect();
        let mut existing = complete(&taken);
        let owner = owner.map(|owner| user(owner).name);
        let address = Threepid { medium: "email".into(), address: "a@b.c".into() };
        let id = ExternalId { auth_provider: "x".into(), external_id: "1".into() };
        existing.add_owner(Identity::Threepid(address.clone()), owner.clone());
        existing.add_owner(Identity::ExternalId(id.clone()), owner.clone());
        let options = PlanOptions { on_conflict, passwords, ..options() };
        let plan = plan(&table, &file, &existing, &options, &Dice::new(seed));

        prop_assert_eq!(plan.rows.len(), table.rows().len());
        prop_assert_eq!(plan.totals.rows(), table.rows().len());
        let tasks = plan.tasks();
        let mut users = HashSet::new();
        for (row, task) in &tasks {
            prop_assert!(users.insert(task.user.clone()), "{} twice", task.user);
            prop_assert_ne!(file.severity(*row), Some(Severity::Error));
            let (threepids, external_ids) = match &task.deed {
                Deed::Create(account) => (&account.threepids, &account.external_ids),
                Deed::Update { change, .. } => (&change.threepids, &change.external_ids),
            };
            let takes = threepids.iter().flatten().any(|wanted| *wanted == address)
                || external_ids.iter().flatten().any(|wanted| *wanted == id);
            prop_assert!(!takes || owner.as_ref().is_none_or(|owner| *owner == task.user));
            let exists = taken.iter().any(|user| user.name == task.user);
            let fresh = matches!(task.deed, Deed::Create(_));
            prop_assert_eq!(fresh, !exists);
            if fresh {
                prop_assert_ne!(file.severity(*row), Some(Severity::ErrorIfNew));
            } else {
                prop_assert_eq!(on_conflict, OnConflict::Update);
            }
        }
        prop_assert!(!plan.is_stopped() || tasks.is_empty());

        let mut written = Failed::new(&table);
        let mut failures = 0;
        for (row, planned) in plan.rows.iter().enumerate() {
            if matches!(planned, Planned::Blocked { .. }) {
                let no_errors = matches!(planned, Planned::Blocked { problems } if problems.is_empty());
                prop_assert!(!no_errors, "blocked without a reason: row {}", row);
            }
            if is_failure(planned, None) {
                failures += 1;
                written.push(table.rows().get(row).unwrap(), None, "why");
            }
        }
        if failures > 0 {
            let again = read(written.finish().as_bytes());
            prop_assert_eq!(again.map(|table| table.rows().len()), Ok(failures));
        }
    }

    #[test]
    fn checking_again_finds_the_same(
        rows in prop::collection::vec((any_cell(), any_cell(), any_cell()), 1..9),
        edits in prop::collection::vec((0_usize..9, 0_usize..5, any_cell()), 0..9),
    ) {
        let mut text = "id,threepids,external_ids,admin\n".to_owned();
        for (id, threepids, external_ids) in &rows {
            text += &format!("{id},{threepids},{external_ids},no\n");
        }
        let Ok(mut table) = read(text.as_bytes()) else { return Ok(()) };
        let mut file = Validation::of(&table, rules()).unwrap();
        for (row, column, value) in edits {
            let row = row % table.rows().len();
            let before: Vec<_> = (0..table.rows().len())
                .map(|row| (file.severity(row), file.places(row)))
                .collect();
            table.set(row, column, &value);
            let touched = file.recheck(&table, row);
            for (row, before) in before.into_iter().enumerate() {
                let same = before == (file.severity(row), file.places(row));
                prop_assert!(same || touched.contains(&row), "row {} of {:?}", row, touched);
            }
        }
        let whole = Validation::of(&table, rules()).unwrap();
        for row in 0..table.rows().len() {
            prop_assert_eq!(file.problems(&table, row), whole.problems(&table, row));
            prop_assert_eq!(file.candidate(row), whole.candidate(row));
            let problems = file.problems(&table, row);
            let worst = problems.iter().map(|problem| problem.severity()).max();
            prop_assert_eq!(file.severity(row), worst);
            let places: BTreeSet<_> = problems
                .iter()
                .map(|problem| problem.place.column.map(|column| column - 1))
                .collect();
            prop_assert_eq!(file.places(row), places.into_iter().collect::<Vec<_>>());
        }
        prop_assert_eq!(file.counts(), whole.counts());
        let kinds = |file: &Validation| -> BTreeMap<String, usize> {
            let named = file.kinds().map(|(kind, count)| {
                let text = format!("{kind:?}");
                let name = text.split([' ', '(', '{']).next().unwrap_or_default();
                (name.to_owned(), count)
            });
            named.filter(|(_, count)| *count > 0).collect()
        };
        prop_assert_eq!(kinds(&file), kinds(&whole));
        for (index, (_, count)) in file.kinds().enumerate() {
            let rows = 0..table.rows().len();
            let places = rows.flat_map(|row| file.places(row).into_iter().map(move |at| (row, at)));
            let found = places.filter(|(row, at)| file.has_kind(*row, *at, index)).count();
            prop_assert_eq!(found, count);
        }
    }

    #[test]
    fn any_bytes_come_to_a_plan_or_a_problem(bytes: Vec<u8>) {
        let file: Vec<u8> = b"id,password,admin\n".iter().copied().chain(bytes).collect();
        if let Ok(table) = read(&file) {
            match Validation::of(&table, rules()) {
                Ok(file) => {
                    let plan = plan(&table, &file, &complete(&[]), &options(), &Dice::new(1));
                    prop_assert_eq!(plan.totals.rows(), table.rows().len());
                }
                // With enough zeros behind it, the file is UTF-16 of another alphabet.
                Err(problem) => prop_assert_eq!(problem, FileProblem::NoIdColumn),
            }
        }
    }
}

/// How long 100,000 rows against 100,000 accounts take:
/// `cargo test --release --lib speed_of_import -- --ignored --nocapture`.
#[test]
#[ignore = "prints, does not judge"]
fn speed_of_import() {
    const ROWS: usize = 100_000;
    let mut text = "id,displayname,password,is_guest,admin,deactivated,threepids\n".to_owned();
    for row in 0..ROWS {
        text += &format!(
            "user.{row},\"User, Number {row}\",,false,false,no,email:user{row}@example.com\n"
        );
    }
    let start = std::time::Instant::now();
    let mut last = start;
    let mut lap = |what: &str| {
        println!("{what}: {:?}", last.elapsed());
        last = std::time::Instant::now();
    };
    let table = read(text.as_bytes()).unwrap();
    lap("read");
    let file = Validation::of(&table, rules()).unwrap();
    lap("validate");
    let mut existing = Existing::new();
    for number in 0..ROWS {
        let name = UserId::new(&format!("user.{}", number * 2), &rules().server_name);
        existing.add(User {
            name,
            ..user("@x:example.org")
        });
    }
    existing.set_complete();
    lap("accounts");
    let options = PlanOptions {
        on_conflict: OnConflict::Update,
        passwords: Passwords::GenerateMissing,
        ..options()
    };
    let plan = plan(&table, &file, &existing, &options, &Dice::new(1));
    lap("plan");
    let tasks = plan.tasks();
    lap("tasks");
    println!("{:?} {} tasks", plan.totals, tasks.len());
    let large =
        "id,displayname\n".to_owned() + &"some.body,Some Body Of Importance\n".repeat(499_999);
    let rest = 50 * 1024 * 1024 - large.len();
    let large = large + &" ".repeat(rest);
    lap("50 MB made");
    println!(
        "{:?} rows",
        read(large.as_bytes()).map(|table| table.rows().len())
    );
    lap("50 MB read");
    println!("all: {:?}", start.elapsed());
}
