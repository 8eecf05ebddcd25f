//! The wasm-bindgen command, with what Trunk and `xtask/src/split.rs` ask of it and nothing else.
//! The command of the same name on crates.io brings a web server and a test runner with it, whose
//! compilation takes half of its time; what it does to WebAssembly is this library's.
//!
//! It is no member of the workspace: `xtask/src/tools/building.rs` compiles it, once, with the very
//! version of the library that `Cargo.lock` names for wasm-bindgen.

use std::error::Error;
use std::process::ExitCode;
use wasm_bindgen_cli_support::Bindgen;

fn main() -> ExitCode {
    match run(std::env::args().skip(1)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("wasm-bindgen: {error:?}");
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: impl Iterator<Item = String>) -> Result<(), Box<dyn Error>> {
    // Trunk writes `--name=value`, others `--name value`.
    let mut words = arguments.flat_map(|word| match word.split_once('=') {
        Some((name, value)) if name.starts_with("--") => vec![name.to_owned(), value.to_owned()],
        _ => vec![word],
    });
    let mut bindgen = Bindgen::new();
    let mut folder = None;
    while let Some(word) = words.next() {
        let mut value = || words.next().ok_or(format!("{word} needs a value"));
        match word.as_str() {
            "--version" => {
                println!("wasm-bindgen {VERSION}");
                return Ok(());
            }
            "--target" => match value()?.as_str() {
                "web" => bindgen.web(true)?,
                other => return Err(format!("no target but web, and not {other}").into()),
            },
            "--out-dir" => {
                folder = Some(value()?);
                &mut bindgen
            }
            "--out-name" => bindgen.out_name(&value()?),
            "--keep-debug" => bindgen.keep_debug(true),
            "--keep-lld-exports" => bindgen.keep_lld_exports(true),
            "--no-demangle" => bindgen.demangle(false),
            "--no-typescript" => bindgen.typescript(false),
            option if option.starts_with("--") => {
                return Err(format!("{option} is not known to this one").into());
            }
            input => bindgen.input_path(input),
        };
    }
    let folder = folder.ok_or("--out-dir is missing")?;
    Ok(bindgen.generate(folder)?)
}

/// That of the library, which `Cargo.toml` is written with.
const VERSION: &str = env!("CARGO_PKG_VERSION");
