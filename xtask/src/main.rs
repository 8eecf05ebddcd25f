//! `cargo xtask`: everything around the product.

use anyhow::{Result, bail};
use lexopt::Parser;
use lexopt::prelude::*;
use std::process::ExitCode;
use std::time::Duration;
use xtask::bench::{self, Bench};
use xtask::checks::{self, Checks, Stage};
use xtask::demo::{self, Options};
use xtask::postgres::Engine;
use xtask::{bundle, calc, dist, fuzz, process, size, translations};

const HELP: &str = "\
Everything around Synapse Admin. What is missing is installed into
$XDG_CACHE_HOME/synapse-admin (~/.cache/synapse-admin), once per version.

cargo xtask demo    Shows the app beside a real Synapse with sample data; Ctrl-C
                    stops everything
cargo xtask dev     The same with a development build that follows every change
  --port N              Port of the app on 127.0.0.1 (8080; 0: a free one)
  --homeserver-port N   Port of Synapse on 127.0.0.1 (8008; 0: a free one)
  --synapse VERSION     Another version of Synapse
  --users N             At least N made-up users beside the sample data
  --rooms N             At least N made-up rooms beside the sample data
  --files N             At least N made-up files beside the sample data
  --mas                 Accounts kept by a stand-in for Matrix Authentication Service
  --sso                 Two identity providers, to try single sign-on
  --postgres            Data kept by PostgreSQL, as on real servers, instead of SQLite;
                        it is a package of the system
  --fresh               Forget what earlier demos changed
  --json                Print the address and the account as one line of JSON

cargo xtask test    Checks all that needs nothing of the system but a browser
  --everything          Also the stages that install packages of the system or are slow
  --within MINUTES      Leave out stages for which, and for the rest, this machine has
                        no time, and say which; never format, clippy, unit, size
                        and journeys, of which as many run as there is time for
  --only STAGE          Only format, clippy, unit, deny, old, size, postgres, browsers,
                        web-servers, release, oldest, twice or journeys; may be
                        repeated. old and oldest: what depends on the server, with
                        1.98.0 and 1.62.0; postgres: what depends on the database;
                        web-servers: the examples of docs/deploy.md; browsers: the
                        main journeys in Firefox and WebKit; journeys: everything
                        with the newest; deny: the crates' licences and sources;
                        release: what dist makes; twice: that a second checkout
                        makes the same
  --synapse VERSION     Every endpoint and every journey with another version
  NAME …                Only tests with such a name

cargo xtask bench import
                    Measures an import beside a plain client
  --users N             How many users each of them creates (500)
cargo xtask bench http2
                    Measures an import over HTTP/2 beside HTTP/1.1, through nginx
  --users N             How many users each of them creates (500)
cargo xtask bench read
                    Measures for how long a large CSV file blocks the page
  --rows N              How many rows it has (100,000)

cargo xtask bench list
                    Measures how long pages of the lists take (users, rooms, files,
                    reports, other servers, registration tokens), the server's share
                    and the panel's, and the dashboard and the storage page
  --users N             How many users there are (100,000)

cargo xtask fuzz    Reads, checks and plans random CSV files, and carries out random imports and deletions
                    against a server in whose way much comes
  --cases N             How many files of each kind (1000000); of imports a tenth

cargo xtask calc    Has LibreOffice write the CSV files of tests/files/calc anew
cargo xtask pictures
                    Takes the pictures of the guides anew, with the release bundle, a real
                    Synapse and Chromium
  NAME …                Only those of import, media or panel
cargo xtask translations
                    Lists what each language lacks; it is said in English until
                    somebody translates it

cargo xtask dist    Makes the release: a folder, archives, container images, a
                    Debian package, checksums
cargo xtask size    Prints what a browser downloads until the login form works;
                    fails above the budget
";

fn main() -> ExitCode {
    process::stop_on_signals();
    match run(Parser::from_env()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            xtask::explain(&error);
            ExitCode::FAILURE
        }
    }
}

fn run(mut arguments: Parser) -> Result<()> {
    let command = match arguments.next()? {
        Some(Value(command)) => command.string()?,
        Some(Short('h') | Long("help")) | None => "help".to_owned(),
        Some(other) => return Err(other.unexpected().into()),
    };
    match command.as_str() {
        "demo" | "dev" => {
            let Some(options) = demo_options(&mut arguments)? else {
                return help();
            };
            if command == "demo" {
                demo::demo(&options)
            } else {
                demo::dev(&options)
            }
        }
        "test" => match test_options(&mut arguments)? {
            Some(checks) => checks::run(&checks),
            None => help(),
        },
        "bench" => match bench_options(&mut arguments)? {
            Some((bench, size)) => bench::run(bench, size),
            None => help(),
        },
        "fuzz" => match fuzz_cases(&mut arguments)? {
            Some(cases) => fuzz::run(cases),
            None => help(),
        },
        "calc" => match arguments.next()? {
            None => calc::run(),
            Some(Short('h') | Long("help")) => help(),
            Some(other) => Err(other.unexpected().into()),
        },
        "dist" | "size" | "translations" => match arguments.next()? {
            None if command == "size" => size::report(&bundle::ready()?),
            None if command == "translations" => translations::report().map(drop),
            None => {
                println!("{}", dist::make()?.display());
                Ok(())
            }
            Some(Short('h') | Long("help")) => help(),
            Some(other) => Err(other.unexpected().into()),
        },
        "pictures" => {
            let mut which = Vec::new();
            while let Some(argument) = arguments.next()? {
                match argument {
                    Value(name) => which.push(name.string()?),
                    Short('h') | Long("help") => return help(),
                    other => return Err(other.unexpected().into()),
                }
            }
            checks::pictures(&which)
        }
        "help" => help(),
        other => bail!("There is no command “{other}”.\n\n{HELP}"),
    }
}

fn help() -> Result<()> {
    print!("{HELP}");
    Ok(())
}

/// `None` when help was asked for.
fn demo_options(arguments: &mut Parser) -> Result<Option<Options>> {
    let mut options = Options::default();
    while let Some(argument) = arguments.next()? {
        match argument {
            Long("port") => options.port = arguments.value()?.parse()?,
            Long("homeserver-port") => options.homeserver_port = arguments.value()?.parse()?,
            Long("synapse") => options.synapse = version(&arguments.value()?.string()?)?,
            Long("users") => options.users = arguments.value()?.parse()?,
            Long("rooms") => options.rooms = arguments.value()?.parse()?,
            Long("files") => options.files = arguments.value()?.parse()?,
            Long("fresh") => options.fresh = true,
            Long("json") => options.json = true,
            Long("mas") => options.mas = true,
            Long("sso") => options.sso = true,
            Long("postgres") => options.engine = Engine::Postgres,
            Short('h') | Long("help") => return Ok(None),
            other => return Err(other.unexpected().into()),
        }
    }
    Ok(Some(options))
}

/// A version ends up in folder names and in what pip is asked for.
fn version(text: &str) -> Result<String> {
    let version = text.strip_prefix('v').unwrap_or(text);
    let right = version.split('.').count() >= 3
        && version.starts_with(|first: char| first.is_ascii_digit())
        && version
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'.');
    if !right {
        bail!("“{text}” is no version of Synapse. They look like 1.163.2.");
    }
    Ok(version.to_owned())
}

/// `None` when help was asked for.
fn test_options(arguments: &mut Parser) -> Result<Option<Checks>> {
    let mut checks = Checks::default();
    while let Some(argument) = arguments.next()? {
        match argument {
            Long("only") => checks
                .stages
                .push(Stage::named(&arguments.value()?.string()?)?),
            Long("synapse") => checks.synapse = Some(version(&arguments.value()?.string()?)?),
            Long("everything") => checks.everything = true,
            Long("within") => {
                let minutes: u64 = arguments.value()?.parse()?;
                checks.within = Some(Duration::from_secs(minutes * 60));
            }
            Value(filter) => checks.filters.push(filter.string()?),
            Short('h') | Long("help") => return Ok(None),
            other => return Err(other.unexpected().into()),
        }
    }
    if checks.stages.is_empty() {
        checks.stages = checks.usual_stages();
    }
    Ok(Some(checks))
}

/// `None` when help was asked for.
fn bench_options(arguments: &mut Parser) -> Result<Option<(Bench, u32)>> {
    let mut bench = None;
    let mut size = None;
    while let Some(argument) = arguments.next()? {
        match argument {
            Long("users" | "rows") => size = Some(arguments.value()?.parse()?),
            Value(name) => bench = Some(Bench::named(&name.string()?)?),
            Short('h') | Long("help") => return Ok(None),
            other => return Err(other.unexpected().into()),
        }
    }
    match bench {
        Some(bench) => Ok(Some((bench, size.unwrap_or(bench.usual_size())))),
        None => bail!("What is to be measured? cargo xtask bench import, http2, list or read"),
    }
}

/// `None` when help was asked for.
fn fuzz_cases(arguments: &mut Parser) -> Result<Option<u32>> {
    let mut cases = 1_000_000;
    while let Some(argument) = arguments.next()? {
        match argument {
            Long("cases") => cases = arguments.value()?.parse()?,
            Short('h') | Long("help") => return Ok(None),
            other => return Err(other.unexpected().into()),
        }
    }
    Ok(Some(cases))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn demo_options_are_read() {
        let mut arguments = Parser::from_args([
            "--port",
            "1",
            "--synapse=v1.98.0",
            "--users=9",
            "--json",
            "--postgres",
        ]);
        let options = demo_options(&mut arguments).unwrap().unwrap();
        assert_eq!(options.port, 1);
        assert_eq!(options.homeserver_port, 8008);
        assert_eq!(options.synapse, "1.98.0");
        assert_eq!(options.users, 9);
        assert!(options.json && !options.fresh);
        assert_eq!(options.engine, Engine::Postgres);
    }

    #[test]
    fn a_version_cannot_be_anything_else() {
        assert_eq!(version("1.70.0rc1").unwrap(), "1.70.0rc1");
        for text in [
            "",
            "latest",
            "1.98",
            "../../x.y.z",
            "1.2.3;rm",
            "--help.1.2",
        ] {
            assert!(version(text).is_err(), "{text}");
        }
    }

    #[test]
    fn benchmarks_go_by_their_names() {
        let read = |arguments: &[&str]| bench_options(&mut Parser::from_args(arguments));
        assert_eq!(
            read(&["import", "--users", "20"]).unwrap(),
            Some((Bench::Import, 20))
        );
        assert_eq!(read(&["list"]).unwrap(), Some((Bench::List, 100_000)));
        assert_eq!(read(&["read"]).unwrap(), Some((Bench::Read, 100_000)));
        assert!(read(&["-h"]).unwrap().is_none());
        assert!(read(&[]).is_err());
        assert!(read(&["export"]).is_err());
    }

    #[test]
    fn fuzzing_can_be_long() {
        let read = |arguments: &[&str]| fuzz_cases(&mut Parser::from_args(arguments));
        assert_eq!(read(&[]).unwrap(), Some(1_000_000));
        assert_eq!(read(&["--cases", "7"]).unwrap(), Some(7));
        assert_eq!(read(&["-h"]).unwrap(), None);
        assert!(read(&["--cases", "many"]).is_err());
    }

    #[test]
    fn tests_can_be_chosen() {
        let read = |arguments: &[&str]| {
            test_options(&mut Parser::from_args(arguments))
                .map(|found| found.map(|checks| (checks.stages.len(), checks.filters.len())))
        };
        assert_eq!(read(&[]).unwrap(), Some((6, 0)));
        assert_eq!(read(&["--synapse", "1.98.0", "csv"]).unwrap(), Some((1, 1)));
        assert_eq!(read(&["--only", "unit", "csv"]).unwrap(), Some((1, 1)));
        assert_eq!(read(&["-h"]).unwrap(), None);
        assert!(read(&["--only", "none"]).is_err());
        assert!(read(&["--fast"]).is_err());
        assert!(read(&["--synapse", "old"]).is_err());
    }
}
