//! Turns `src/i18n/locales/*.json` into one checked function per sentence.
//!
//! English is the catalogue: each of its keys becomes a function `t::key(…)` with its
//! placeholders as arguments, so that an unknown key or a forgotten argument does not compile.
//! Every other language must have the same keys in the same (alphabetical) order with the same
//! placeholders, or the build fails. English is compiled in; the other files are shipped as
//! they are and read in order, which is why the order matters.

use serde_json::{Map, Value};
use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::Path;
use std::{env, fs, process};

const LOCALES: &str = "src/i18n/locales";
const REFERENCE: &str = "en";

fn main() {
    println!("cargo::rerun-if-changed={LOCALES}");
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
        check(name, map, &reference, &mut problems);
    }
    if !problems.is_empty() {
        return Err(problems);
    }
    let names: Vec<&str> = languages.iter().map(|(name, _)| name.as_str()).collect();
    let code = code(&reference, &names, hasher.finish());
    let out = env::var("OUT_DIR").map_err(|e| vec![e.to_string()])?;
    fs::write(Path::new(&out).join("t.rs"), code).map_err(|e| vec![e.to_string()])
}

/// Compares a language with the reference.
fn check(
    name: &str,
    map: &Map<String, Value>,
    reference: &Map<String, Value>,
    problems: &mut Vec<String>,
) {
    for pair in map.keys().collect::<Vec<_>>().windows(2) {
        if pair[0] >= pair[1] {
            problems.push(format!(
                "{name}.json: \"{}\" must stand before \"{}\"",
                pair[1], pair[0]
            ));
        }
    }
    for key in map.keys().filter(|key| !reference.contains_key(*key)) {
        problems.push(format!("{name}.json: \"{key}\" is not in {REFERENCE}.json"));
    }
    for (key, text) in reference {
        let Some(translated) = map.get(key) else {
            problems.push(format!("{name}.json: \"{key}\" is missing"));
            continue;
        };
        if !forms(translated)
            .iter()
            .any(|(form, _)| form.is_empty() || form == "other")
        {
            problems.push(format!(
                "{name}.json: \"{key}\" must be a text or plural forms with \"other\""
            ));
        }
        if text.is_object() != translated.is_object() {
            problems.push(format!(
                "{name}.json: \"{key}\" has plural forms in one language only"
            ));
        }
        let wanted = placeholders(text);
        let found = placeholders(translated);
        if wanted != found {
            problems.push(format!(
                "{name}.json: \"{key}\" has the placeholders {found:?}, not {wanted:?}"
            ));
        }
    }
}

/// A text's plural forms; a plain text is one form without a name.
fn forms(text: &Value) -> Vec<(String, String)> {
    match text {
        Value::String(text) => vec![(String::new(), text.clone())],
        Value::Object(forms) => forms
            .iter()
            .filter_map(|(form, text)| Some((form.clone(), text.as_str()?.to_owned())))
            .collect(),
        _ => Vec::new(),
    }
}

/// The names in braces, over all plural forms; `count` always belongs to plural forms.
fn placeholders(text: &Value) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    for (_, text) in forms(text) {
        let mut rest = text.as_str();
        while let Some((_, after)) = rest.split_once('{') {
            let Some((name, after)) = after.split_once('}') else {
                break;
            };
            names.insert(name.to_owned());
            rest = after;
        }
    }
    if text.is_object() {
        names.insert("count".to_owned());
    }
    names
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
