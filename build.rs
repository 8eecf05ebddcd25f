//! Turns `src/i18n/locales/*.json` into one checked function per sentence.
//!
//! English is the catalogue: each of its keys becomes a function `t::key(…)` with its
//! placeholders as arguments, so that an unknown key or a forgotten argument does not compile.
//! English is compiled in; the other files are shipped as they are and read by position, which is
//! why their keys are alphabetical and none is there that English does not have, or the build
//! fails. A sentence that a language lacks, or has with other placeholders, is said in English:
//! `t::UNTRANSLATED` tells the app where the gaps are. `cargo xtask translations` lists them, and
//! a release has none.

#[path = "src/i18n/catalogue.rs"]
mod catalogue;

use base64::prelude::{BASE64_STANDARD, Engine as _};
use catalogue::{Gap, InEnglish, REFERENCE, disorder, forms, gaps, placeholders};
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};
use std::fmt::Write as _;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::Path;
use std::{env, fs, process};

const LOCALES: &str = "src/i18n/locales";

fn main() {
    println!("cargo::rerun-if-changed={LOCALES}");
    println!("cargo::rerun-if-changed=src/i18n/catalogue.rs");
    println!("cargo::rerun-if-changed=build.rs");
    match generate() {
        Ok(()) => {}
        Err(problems) => {
            for problem in problems {
                println!("cargo::error={problem}");
            }
            process::exit(1);
        }
    }
}

fn generate() -> Result<(), Vec<String>> {
    let mut problems = Vec::new();
    let mut languages: Vec<(String, Map<String, Value>)> = Vec::new();
    let mut hasher = DefaultHasher::new();
    let mut integrity: Vec<(String, String)> = Vec::new();
    let mut files: Vec<_> = fs::read_dir(LOCALES)
        .map_err(|e| vec![format!("{LOCALES}: {e}")])?
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| path.extension().is_some_and(|ending| ending == "json"))
        .collect();
    files.sort();
    for path in files {
        let name = path
            .file_stem()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        let text = fs::read_to_string(&path).map_err(|e| vec![format!("{name}: {e}")])?;
        text.hash(&mut hasher);
        let sum = BASE64_STANDARD.encode(Sha256::digest(&text));
        integrity.push((name.clone(), format!("sha256-{sum}")));
        match serde_json::from_str(&text) {
            Ok(Value::Object(map)) => languages.push((name, map)),
            Ok(_) => problems.push(format!("{name}.json is not a JSON object")),
            Err(e) => problems.push(format!("{name}.json: {e}")),
        }
    }
    let Some(at) = languages.iter().position(|(name, _)| name == REFERENCE) else {
        problems.push(format!("{REFERENCE}.json is missing"));
        return Err(problems);
    };
    let reference = languages[at].1.clone();
    for (name, map) in &languages {
        problems.extend(disorder(name, map, &reference));
    }
    for gap in gaps(&reference, &reference) {
        problems.push(format!("{REFERENCE}.json: \"{}\" {:?}", gap.key, gap.lack));
    }
    if !problems.is_empty() {
        return Err(problems);
    }
    let names: Vec<&str> = languages.iter().map(|(name, _)| name.as_str()).collect();
    let mut code = code(&reference, &names, hasher.finish());
    code.push_str(&untranslated(&languages, &reference));
    integrity.retain(|(name, _)| name != REFERENCE);
    let _ = write!(
        code,
        "/// What each other language's file must be, as the browser checks it: after an update of the \
         folder it is another one, whose sentences stand elsewhere.\n\
         pub const INTEGRITY: &[(&str, &str)] = &{integrity:?};\n"
    );
    let out = env::var("OUT_DIR").map_err(|e| vec![e.to_string()])?;
    fs::write(Path::new(&out).join("t.rs"), code).map_err(|e| vec![e.to_string()])
}

/// The constant that tells which sentences each language lacks.
fn untranslated(
    languages: &[(String, Map<String, Value>)],
    reference: &Map<String, Value>,
) -> String {
    let mut entries = String::new();
    for (name, map) in languages {
        let gaps = gaps(map, reference);
        if gaps.is_empty() {
            continue;
        }
        println!(
            "cargo::warning={name}.json lacks {} sentences, which are said in English: cargo xtask \
             translations lists them",
            gaps.len()
        );
        let stands = |gap: &Gap| (gap.index, gap.lack != InEnglish::Missing);
        let gaps: Vec<(usize, bool)> = gaps.iter().map(stands).collect();
        let _ = write!(entries, "({name:?}, &{gaps:?}), ");
    }
    format!(
        "/// The sentences that each language lacks, by their place among the keys of English; and \
         whether its file has something there all the same, which cannot be used.\n\
         pub const UNTRANSLATED: &[(&str, &[(usize, bool)])] = &[{entries}];\n"
    )
}

fn code(reference: &Map<String, Value>, languages: &[&str], version: u64) -> String {
    let mut functions = String::new();
    for (index, (key, text)) in reference.iter().enumerate() {
        let forms = forms(text);
        // Each function holds its own sentence, so that it is downloaded with those who say it.
        let english = if text.is_object() {
            format!("&{forms:?}")
        } else {
            format!("{:?}", forms[0].1)
        };
        let names = placeholders(text);
        let plural = text.is_object();
        let mut arguments = String::new();
        let mut values = String::new();
        if plural {
            arguments.push_str("count: u64, ");
        }
        for name in names.iter().filter(|name| !plural || *name != "count") {
            let _ = write!(arguments, "{name}: &str, ");
            let _ = write!(values, "({name:?}, {name}), ");
        }
        let example = forms
            .last()
            .map(|(_, text)| text.replace('\n', " "))
            .unwrap_or_default();
        // As code: what looks like a link there is none.
        let _ = writeln!(functions, "/// `{}`", example.replace('`', "'"));
        let body = match (plural, values.is_empty()) {
            (true, _) => format!("plural({index}, {english}, count, &[{values}])"),
            (false, true) => format!("text({index}, {english})"),
            (false, false) => format!("filled({index}, {english}, &[{values}])"),
        };
        if arguments.is_empty() {
            // A pointer and not a function of its own: every function is a type of its own, for
            // which the whole machinery of a reactive text would be compiled again.
            let _ = writeln!(
                functions,
                "#[allow(non_upper_case_globals)]\n\
                 pub const {key}: fn() -> String = || {body};"
            );
        } else {
            let _ = writeln!(
                functions,
                "pub fn {key}({arguments}) -> String {{ {body} }}"
            );
        }
    }
    format!(
        "/// The languages there are, by their tags.\n\
         pub const LANGUAGES: [&str; {}] = {languages:?};\n\
         /// Changes whenever a sentence does; keeps caches honest.\n\
         pub const VERSION: &str = \"{version:016x}\";\n\
         {functions}",
        languages.len(),
    )
}
