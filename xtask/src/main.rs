//! `cargo xtask`: everything around the product.

use anyhow::{Result, bail};
use lexopt::prelude::*;
use std::process::ExitCode;
use xtask::{bundle, dist, process, size};

const HELP: &str = "\
Everything around Synapse Admin.

cargo xtask dist   Makes the release: dist/synapse-admin/, a tarball, checksums
cargo xtask size   Prints what a browser downloads until the login form works;
                   fails above the budget

What is missing is installed into $XDG_CACHE_HOME/synapse-admin, once per version.
";

fn main() -> ExitCode {
    process::stop_on_signals();
    match run() {
        Ok(code) => code,
        Err(error) => {
            eprintln!("{error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<ExitCode> {
    let mut arguments = lexopt::Parser::from_env();
    let command = match arguments.next()? {
        Some(Value(command)) => command.string()?,
        Some(Short('h') | Long("help")) | None => "help".to_owned(),
        Some(other) => return Err(other.unexpected().into()),
    };
    match command.as_str() {
        "dist" => {
            none_left(&mut arguments)?;
            println!("{}", dist::make()?.display());
        }
        "size" => {
            none_left(&mut arguments)?;
            size::report(&bundle::ready()?)?;
        }
        "help" => print!("{HELP}"),
        other => bail!("There is no command “{other}”.\n\n{HELP}"),
    }
    Ok(ExitCode::SUCCESS)
}

fn none_left(arguments: &mut lexopt::Parser) -> Result<()> {
    match arguments.next()? {
        None => Ok(()),
        Some(Short('h') | Long("help")) => {
            print!("{HELP}");
            std::process::exit(0)
        }
        Some(other) => Err(other.unexpected().into()),
    }
}
