//! The wasm-bindgen command, with what Trunk and `xtask/src/split.rs` ask of it and nothing else.
//! The command of the same name on crates.io brings a web server and a test runner with it, whose
//! compilation takes half of its time; what it does to WebAssembly is this library's.
//!
//! It is no member of the workspace: `xtask/src/tools/building.rs` compiles it, once, with the very
//! version of the library that `Cargo.lock` names for wasm-bindgen.

use std::collections::HashMap;
use std::error::Error;
use std::fs;
use std::path::Path;
use std::process::ExitCode;
use wasm_bindgen_cli_support::{Bindgen, Output};

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
    let mut output = bindgen.generate_output()?;
    let stem = bindgen.stem()?;
    let short = short_names(&mut output, &format!("./{stem}_bg.js"));
    output.emit(&folder)?;
    let script = Path::new(&folder).join(format!("{stem}.js"));
    let text = renamed(&fs::read_to_string(&script)?, &short);
    Ok(fs::write(script, text)?)
}

/// Gives what the program imports from its script short names. Theirs end with sixteen digits each,
/// which stand in both files and cannot be compressed: 4 % of what a browser downloads first.
fn short_names(output: &mut Output, script: &str) -> HashMap<String, String> {
    let mut short = HashMap::new();
    for import in output.wasm_mut().imports.iter_mut() {
        if import.module == script {
            let next = format!("{MARK}{}", short.len());
            let name = short.entry(import.name.clone()).or_insert(next);
            import.name.clone_from(name);
        }
    }
    short
}

/// Begins the short names, as nothing in the script does by itself.
const MARK: &str = "_$";

/// The script with these names in place of those that it gave to what it hands to the program.
fn renamed(script: &str, short: &HashMap<String, String>) -> String {
    let is_part = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '$');
    let mut text = String::with_capacity(script.len());
    let mut rest = script;
    while let Some(start) = rest.find(is_part) {
        let (before, word) = rest.split_at(start);
        let (word, after) = word.split_at(word.find(|c| !is_part(c)).unwrap_or(word.len()));
        text.push_str(before);
        text.push_str(short.get(word).map_or(word, String::as_str));
        rest = after;
    }
    text + rest
}

/// That of the library, which `Cargo.toml` is written with.
const VERSION: &str = env!("CARGO_PKG_VERSION");
