//! `cargo xtask test`: everything that must hold before a change is taken.

mod browsers;
mod deny;
mod old;
mod oldest;
mod postgres;
mod release;
mod share;
mod time;
mod twice;

use crate::dist::About;
use crate::postgres::Engine;
use crate::tools::Installation;
use crate::{bundle, explain, process, root, size, synapse, tools, web_servers};
use anyhow::{Context, Result, bail};
use share::Share;
use std::env;
use std::process::Command;
use std::thread;
use std::time::{Duration, Instant};
use time::Clock;

/// One part of the checks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    Format,
    Clippy,
    Unit,
    Size,
    /// Every endpoint, and what depends on the server, against [`synapse::OLD_VERSION`].
    Old,
    /// Every endpoint, and what the panel is for, against [`synapse::OLDEST_VERSION`].
    Oldest,
    /// Every endpoint, and what depends on the database, with PostgreSQL.
    Postgres,
    /// The examples of `docs/deploy.md`, run by real web servers.
    WebServers,
    /// The main journeys in Firefox and in WebKit.
    Browsers,
    /// Licences, sources and known faults of what others have written.
    Deny,
    /// What `cargo xtask dist` makes, from the artefacts.
    Release,
    /// What `cargo xtask dist` makes, from two checkouts.
    Twice,
    Journeys,
}

/// What is to be checked, and how.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Checks {
    pub stages: Vec<Stage>,
    /// Only tests with such a name; all if there is none.
    pub filters: Vec<String>,
    /// Another version of Synapse than the usual one.
    pub synapse: Option<String>,
    /// Also what installs packages on the machine or takes long: see [`Stage::on_request`].
    pub everything: bool,
    /// How long all may take: where time is short, some stages are left out.
    pub within: Option<Duration>,
}

impl Checks {
    /// What is checked when nobody says which stages: all; only what a server takes part in when
    /// a version is named; not both versions when tests are named.
    pub fn usual_stages(&self) -> Vec<Stage> {
        if self.synapse.is_some() {
            return vec![Stage::Journeys];
        }
        let wanted = |stage: &Stage| {
            let asked = self.everything || !stage.on_request();
            let is_again = matches!(stage, Stage::Old | Stage::Oldest | Stage::Postgres);
            asked && (!is_again || self.filters.is_empty())
        };
        Stage::ALL.into_iter().filter(wanted).collect()
    }

    /// Whether a stage needs the release bundle.
    fn needs_bundle(&self) -> bool {
        self.stages.iter().any(|stage| stage.needs_bundle())
    }

    fn version(&self) -> String {
        self.synapse
            .clone()
            .unwrap_or_else(synapse::version_from_env)
    }
}

/// Which server tests run against.
#[derive(Clone, Copy)]
struct Against<'a> {
    version: &'a str,
    engine: Engine,
}

/// This version of Synapse, as it comes.
impl<'a, V: AsRef<str> + ?Sized> From<&'a V> for Against<'a> {
    fn from(version: &'a V) -> Self {
        Against {
            version: version.as_ref(),
            engine: Engine::Sqlite,
        }
    }
}

/// What the stage of the journeys runs; the other test programs are stages of their own.
const TESTS: [&str; 5] = ["--lib", "--test", "api", "--test", "journeys"];

/// How many journeys may fail and be tried again. More than that is no accident.
const UNSTEADY: usize = 4;

impl Stage {
    /// All of them, in the order in which they run: quick ones first; [`Stage::Old`] begins with what
    /// needs no release bundle, which is made meanwhile; then what may be left out, what finds most first;
    /// and last the one whose summary is to end the output.
    pub const ALL: [Stage; 13] = [
        Stage::Format,
        Stage::Clippy,
        Stage::Unit,
        Stage::Deny,
        Stage::Old,
        Stage::Size,
        Stage::Postgres,
        Stage::Browsers,
        Stage::WebServers,
        Stage::Release,
        Stage::Oldest,
        Stage::Twice,
        Stage::Journeys,
    ];

    /// As `--only` takes it.
    pub fn name(self) -> &'static str {
        match self {
            Stage::Format => "format",
            Stage::Clippy => "clippy",
            Stage::Unit => "unit",
            Stage::Size => "size",
            Stage::Old => "old",
            Stage::Oldest => "oldest",
            Stage::Postgres => "postgres",
            Stage::WebServers => "web-servers",
            Stage::Browsers => "browsers",
            Stage::Deny => "deny",
            Stage::Release => "release",
            Stage::Twice => "twice",
            Stage::Journeys => "journeys",
        }
    }

    /// Whether it runs only when it is named, or everything is asked for, as `.ci/run` does: what
    /// installs packages of the system, which nobody's machine gets unasked, and what is slow and
    /// seldom breaks.
    pub fn on_request(self) -> bool {
        match self {
            Stage::WebServers => true,
            Stage::Format
            | Stage::Clippy
            | Stage::Unit
            | Stage::Size
            | Stage::Old
            | Stage::Journeys => false,
            // What the old one does not find, the oldest finds seldom.
            Stage::Oldest | Stage::Postgres => true,
            Stage::Browsers | Stage::Deny | Stage::Release | Stage::Twice => true,
        }
    }

    fn needs_bundle(self) -> bool {
        !matches!(
            self,
            Stage::Format | Stage::Clippy | Stage::Unit | Stage::Deny
        )
    }

    /// The stage of that name.
    pub fn named(name: &str) -> Result<Stage> {
        let found = Stage::ALL.into_iter().find(|stage| stage.name() == name);
        found.with_context(|| {
            let names: Vec<&str> = Stage::ALL.iter().map(|stage| stage.name()).collect();
            format!(
                "There is no stage “{name}”. There are: {}.",
                names.join(", ")
            )
        })
    }

    fn title(self) -> &'static str {
        match self {
            Stage::Format => "Format",
            Stage::Clippy => {
                "Clippy and the links in the documentation, native and WebAssembly, warnings are errors"
            }
            Stage::Unit => "Unit and property tests",
            Stage::Size => "Release bundle and its size",
            Stage::Old => "Every endpoint and what depends on it, with an old Synapse",
            Stage::Oldest => "Every endpoint and what the panel is for, with the oldest Synapse",
            Stage::Postgres => "Every endpoint and what depends on the database, with PostgreSQL",
            Stage::WebServers => "Real web servers, with the examples of docs/deploy.md",
            Stage::Browsers => "The main journeys in Firefox and WebKit",
            Stage::Deny => "Licences, sources and known faults of the crates",
            Stage::Release => "The release, from its artefacts",
            Stage::Twice => "The release, from a second checkout",
            Stage::Journeys => {
                "Every endpoint against a real Synapse, every journey in a real browser"
            }
        }
    }
}

/// Runs the stages, all of them even if one fails. Fails when a stage did.
///
/// The output ends with the summary of the test runner; only when something failed, one more
/// sentence says what.
pub fn run(checks: &Checks) -> Result<()> {
    let clock = Clock::begin(checks.within);
    prepare(checks)?;
    thread::scope(|scope| {
        // It takes minutes, partly on one processor, and the first stages do without it. The one that
        // needs it waits for it, and makes it again if it could not be made.
        if checks.needs_bundle() {
            eprintln!("The release bundle is made meanwhile.");
            scope.spawn(|| {
                if let Err(error) = bundle::ready() {
                    eprintln!("The release bundle cannot be made:");
                    explain(&error);
                }
            });
        }
        let passed = run_stages(checks, clock);
        if passed.is_err() {
            process::stop_all();
        }
        passed
    })
}

fn run_stages(checks: &Checks, mut clock: Clock) -> Result<()> {
    let stages = &checks.stages;
    let mut failed: Vec<&str> = Vec::new();
    for (index, stage) in stages.iter().enumerate() {
        if !clock.has_time_for(*stage, &stages[index + 1..]) {
            eprintln!("\n{}: LEFT OUT, for want of time", stage.name());
            continue;
        }
        eprintln!("\n── {} ──", stage.title());
        let begun = Instant::now();
        let passed = match check(*stage, checks, &clock) {
            Ok(passed) => passed,
            Err(error) => {
                process::check_stopping()?;
                explain(&error);
                false
            }
        };
        clock.note(*stage, begun.elapsed());
        if !passed {
            failed.push(stage.name());
        }
        if index + 1 < stages.len() {
            let word = if passed { "passed" } else { "FAILED" };
            eprintln!(
                "{}: {word} in {} s",
                stage.name(),
                begun.elapsed().as_secs()
            );
        }
    }
    if !failed.is_empty() {
        bail!("Failed: {}. The reasons are above.", failed.join(", "));
    }
    Ok(())
}

/// Installs what the stages need, before anything runs.
fn prepare(checks: &Checks) -> Result<()> {
    let among = |stages: &[Stage]| stages.iter().any(|stage| checks.stages.contains(stage));
    tools::wasm_target()?;
    if among(&[Stage::Clippy, Stage::Format]) {
        tools::rust_components()?;
    }
    let mut things: Vec<Installation> = Vec::new();
    if among(&[
        Stage::Unit,
        Stage::Release,
        Stage::WebServers,
        Stage::Browsers,
        Stage::Journeys,
        Stage::Postgres,
    ]) {
        let version = checks.version();
        let (with_oidc, with_postgres) = (among(&[Stage::Journeys]), among(&[Stage::Postgres]));
        things.push(Box::new(move || {
            tools::synapse(&version)?;
            if with_oidc {
                tools::synapse_with_oidc(&version)?;
            }
            if with_postgres {
                tools::postgres()?;
                tools::synapse_with_postgres(&version)?;
            }
            Ok(())
        }));
    }
    if among(&[Stage::Old]) {
        things.push(Box::new(|| tools::synapse(synapse::OLD_VERSION).map(drop)));
    }
    if among(&[Stage::Oldest]) {
        things.push(Box::new(|| {
            tools::synapse(synapse::OLDEST_VERSION).map(drop)
        }));
    }
    if among(&[Stage::WebServers]) {
        things.push(Box::new(|| web_servers::ready().map(drop)));
    }
    if among(&[Stage::Deny]) {
        things.push(Box::new(|| tools::cargo_deny().map(drop)));
    }
    if among(&[Stage::Release]) {
        things.push(Box::new(release::prepare));
    }
    let with_browser = [
        Stage::Journeys,
        Stage::Old,
        Stage::Oldest,
        Stage::Postgres,
        Stage::Release,
        Stage::WebServers,
    ];
    if among(&with_browser) {
        things.push(Box::new(|| tools::browser().map(drop)));
        things.push(Box::new(|| {
            tools::axe_core()?;
            tools::oidc_provider().map(drop)
        }));
    }
    if among(&[Stage::Browsers]) {
        things.push(Box::new(|| tools::axe_core().map(drop)));
        things.push(Box::new(browsers::prepare));
    }
    tools::together(things)
}

fn check(stage: Stage, checks: &Checks, clock: &Clock) -> Result<bool> {
    let filters = &checks.filters;
    let wasm = ["--target", "wasm32-unknown-unknown"];
    match stage {
        Stage::Format => front(cargo("fmt").args(["--all", "--check"])),
        Stage::Clippy => {
            let strict = ["--", "-D", "warnings"];
            let mut native = cargo("clippy");
            native.args(["--locked", "--workspace", "--all-targets"]);
            let native = front(native.args(strict))?;
            let mut browser = cargo("clippy");
            browser.args(["--locked", "--package", "synapse-admin"]);
            let browser = front(browser.args(wasm).args(strict))?;
            Ok(documentation()? && browser && native)
        }
        Stage::Unit => {
            let mut tests = cargo("test");
            tests.args([
                "--locked",
                "--workspace",
                "--lib",
                "--bins",
                "--no-fail-fast",
            ]);
            let tests = front(with_filters(seeded(&mut tests), filters))?;
            let mut examples = cargo("test");
            examples.args(["--locked", "--workspace", "--doc", "--no-fail-fast"]);
            Ok(front(with_filters(&mut examples, filters))? && tests)
        }
        Stage::Size => size::report(&bundle::ready()?).map(|()| true),
        Stage::Old => old::run(filters),
        Stage::Oldest => oldest::run(filters),
        Stage::Postgres => postgres::run(&checks.version(), filters),
        Stage::WebServers => {
            bundle::ready()?;
            journeys(&checks.version(), &["--test", "web_servers"], filters)
        }
        Stage::Browsers => browsers::run(&checks.version(), filters),
        Stage::Deny => deny::check(),
        Stage::Release => release::check(&checks.version()),
        Stage::Twice => twice::check(),
        Stage::Journeys => {
            bundle::ready()?;
            if clock.part_of(stage) < 1.0 && filters.is_empty() {
                return some_journeys(&checks.version(), clock);
            }
            journeys(&checks.version(), &TESTS, filters)
        }
    }
}

/// Another number with each commit; where the commit is not known, always the same.
fn number_of_commit() -> u64 {
    let commit = About::checkout().commit.unwrap_or_default();
    u64::from_str_radix(commit.get(..12).unwrap_or_default(), 16).unwrap_or_default()
}

/// Lets property tests try other values with each commit, and the same ones whenever that is tested: what one run
/// finds, the next does as well.
fn seeded(tests: &mut Command) -> &mut Command {
    const SEED: &str = "PROPTEST_RNG_SEED";
    if env::var_os(SEED).is_some() {
        return tests;
    }
    let seed = number_of_commit().to_string();
    eprintln!("The values of property tests are those of {SEED}={seed}.");
    tests.env(SEED, seed)
}

/// Every endpoint, and as many of the journeys as there is time for.
fn some_journeys(version: &str, clock: &Clock) -> Result<bool> {
    let endpoints = journeys(version, &["--lib", "--test", "api"], &[])?;
    // By what is left now.
    let part = clock.part_of(Stage::Journeys);
    let all = share::all()?;
    let turn = number_of_commit() as usize;
    // However late it is, something of what finds most is run.
    let room = (all.len() as f64 * part.max(0.25)) as usize;
    let Share { run, left_out } = share::divided(&all, room, turn);
    eprintln!(
        "{} of {} journeys: LEFT OUT, for want of time:\n  {}",
        left_out.len(),
        all.len(),
        left_out.join("\n  ")
    );
    let exactly = [vec!["--exact".to_owned()], run].concat();
    Ok(journeys(version, &["--test", "journeys"], &exactly)? && endpoints)
}

/// Every endpoint and some journeys, or whatever goes by one of the filters.
fn endpoints_and(server: Against, some: &[&str], filters: &[String]) -> Result<bool> {
    let some: Vec<String> = some.iter().copied().map(String::from).collect();
    let some = if filters.is_empty() { &some } else { filters };
    let endpoints = front(with_filters(
        &mut against(server, &["--test", "api"]),
        filters,
    ))?;
    bundle::ready()?;
    Ok(journeys(server, &["--test", "journeys"], some)? && endpoints)
}

/// Whether every link in a doc comment leads somewhere, in what is compiled natively and in what
/// is compiled for the browser only. Private items are documented as well.
fn documentation() -> Result<bool> {
    let run = |which: &[&str]| {
        let mut doc = cargo("doc");
        doc.args(["--locked", "--no-deps", "--document-private-items", "--lib"]);
        let strict = "-D warnings -A rustdoc::private_intra_doc_links";
        front(doc.args(which).env("RUSTDOCFLAGS", strict))
    };
    let native = run(&["--workspace"])?;
    let browser = run(&[
        "--package",
        "synapse-admin",
        "--target",
        "wasm32-unknown-unknown",
    ])?;
    Ok(browser && native)
}

/// Runs tests in a browser. Those that fail run once more, alone and each in a browser that nobody has
/// had: a test that only fails beside or behind the others is said to be unsteady, and is a defect, but
/// does not hide what else was found.
fn journeys<'a>(
    server: impl Into<Against<'a>>,
    which: &[&str],
    filters: &[String],
) -> Result<bool> {
    let server = server.into();
    with_second_try(|| against(server, which), filters)
}

/// What [`journeys`] says, of any tests in a browser.
fn with_second_try(tests: impl Fn() -> Command, filters: &[String]) -> Result<bool> {
    let mut first = tests();
    let (passed, heard) = process::run_overheard(with_filters(&mut first, filters))?;
    let failed = failed_tests(&heard);
    if passed || failed.is_empty() || failed.len() > UNSTEADY {
        return Ok(passed);
    }
    eprintln!("\nOnce more, alone: {}", failed.join(", "));
    let mut again = tests();
    again
        .env("JOURNEYS_FRESH", "1")
        .args(["--", "--exact", "--test-threads=1"])
        .args(&failed);
    let passed = front(&mut again)?;
    if passed {
        eprintln!(
            "UNSTEADY: {} failed among the others and passed alone, in a fresh browser.",
            failed.join(", ")
        );
    }
    Ok(passed)
}

/// Takes the pictures of the guides anew: all, or those of the modules of `tests/pictures/` that
/// are named.
///
/// # Errors
/// When something cannot be installed or built, or a page does not show what is to be seen on it.
pub fn pictures(which: &[String]) -> Result<()> {
    let version = synapse::version_from_env();
    tools::synapse(&version)?;
    tools::browser()?;
    tools::axe_core()?;
    bundle::ready()?;
    let mut tests = against(&version, &["--test", "journeys"]);
    tests.args(["--", "--ignored"]);
    if which.is_empty() {
        tests.arg("pictures::");
    }
    tests.args(which.iter().map(|name| format!("pictures::{name}")));
    match front(&mut tests)? {
        true => Ok(()),
        false => bail!("Some pictures could not be taken. The reasons are above."),
    }
}

/// The tests that failed, by what the test runner printed.
fn failed_tests(printed: &str) -> Vec<String> {
    let names = printed.lines().filter_map(|line| {
        let name = line.strip_prefix("test ")?.strip_suffix(" ... FAILED")?;
        Some(name.to_owned())
    });
    names.collect()
}

/// Tests of the package `journeys`, against this server.
fn against<'a>(server: impl Into<Against<'a>>, which: &[&str]) -> Command {
    let server = server.into();
    let mut tests = cargo("test");
    tests.args(["--locked", "--package", "journeys", "--no-fail-fast"]);
    tests.args(which).env("SYNAPSE_VERSION", server.version);
    match server.engine {
        Engine::Sqlite => tests.env_remove("SYNAPSE_DATABASE"),
        Engine::Postgres => tests.env("SYNAPSE_DATABASE", "postgres"),
    };
    tests
}

fn cargo(subcommand: &str) -> Command {
    let mut cargo = process::cargo();
    cargo.current_dir(root()).arg(subcommand);
    cargo
}

fn with_filters<'a>(command: &'a mut Command, filters: &[String]) -> &'a mut Command {
    if !filters.is_empty() {
        command.arg("--").args(filters);
    }
    command
}

fn front(command: &mut Command) -> Result<bool> {
    process::run_in_front(command)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn property_tests_find_the_same_again() {
        let values = || {
            let mut tests = Command::new("cargo");
            let with = seeded(&mut tests).get_envs();
            let owned = with.map(|(name, value)| (name.to_owned(), value.map(Into::into)));
            owned.collect::<Vec<(_, Option<std::ffi::OsString>)>>()
        };
        assert_eq!(values(), values());
        assert!(!values().is_empty() || env::var_os("PROPTEST_RNG_SEED").is_some());
    }

    #[test]
    fn stages_go_by_their_names() {
        for stage in Stage::ALL {
            assert_eq!(Stage::named(stage.name()).unwrap(), stage);
        }
        let error = Stage::named("lint").unwrap_err().to_string();
        assert!(error.contains("format, clippy, unit"), "{error}");
    }

    #[test]
    fn a_version_stands_for_what_it_takes_part_in() {
        let mut checks = Checks::default();
        assert!(checks.usual_stages().contains(&Stage::Old));
        checks.filters.push("csv".into());
        assert!(!checks.usual_stages().contains(&Stage::Old));
        checks.synapse = Some("1.98.0".into());
        assert_eq!(checks.usual_stages(), [Stage::Journeys]);
    }

    #[test]
    fn what_is_on_request_runs_when_everything_is_asked_for() {
        let usual = Checks::default().usual_stages();
        assert!(usual.iter().all(|stage| !stage.on_request()));
        let checks = Checks {
            everything: true,
            ..Checks::default()
        };
        assert_eq!(checks.usual_stages(), Stage::ALL);
    }

    #[test]
    fn failures_are_known_by_name() {
        let printed = "test users::all ... ok\ntest users::some ... FAILED\n\nfailures:\n\n\
                       ---- users::some stdout ----\ntest result: FAILED. 1 passed; 1 failed\n";
        assert_eq!(failed_tests(printed), ["users::some"]);
    }

    #[test]
    fn journeys_that_are_named_are_there() {
        let all = share::all().unwrap().join("\n");
        let named = [&old::JOURNEYS[..], &oldest::JOURNEYS, &postgres::JOURNEYS].concat();
        for name in named {
            assert!(all.contains(name), "There is no journey {name}.");
        }
    }

    #[test]
    fn the_test_runner_has_the_last_word() {
        assert_eq!(Stage::ALL.last(), Some(&Stage::Journeys));
    }
}
