//! `cargo xtask translations`: what each language lacks. Until somebody translates it, it is said in
//! English; a release lacks nothing.

// The build uses the rest of it.
#[allow(dead_code)]
#[path = "../../src/i18n/catalogue.rs"]
mod catalogue;

use crate::root;
use anyhow::{Context, Result, bail};
use catalogue::{Gap, InEnglish, REFERENCE, gaps};
use serde_json::{Map, Value};
use std::fs;
use std::path::Path;

/// The sentences of one language.
type Sentences = Map<String, Value>;

/// The gaps of one language, each with the English text.
type Lacking = Vec<(Gap, Value)>;

/// Prints what each language lacks, with the English sentence. Answers how much that is.
pub fn report() -> Result<usize> {
    let lacking = lacking(&root().join("src/i18n/locales"))?;
    let mut count = 0;
    for (name, gaps) in &lacking {
        println!("{name}: {}", told(gaps.len()));
        for (gap, english) in gaps {
            match &gap.lack {
                InEnglish::Missing => println!("  {} is missing: {english}", gap.key),
                InEnglish::Unusable(why) => println!("  {} {why}: {english}", gap.key),
            }
        }
        count += gaps.len();
    }
    Ok(count)
}

/// Fails if a language lacks something, and says what.
pub fn demand_all() -> Result<()> {
    match report()? {
        0 => Ok(()),
        _ => bail!("A release says everything in every language. What is missing stands above."),
    }
}

fn told(gaps: usize) -> String {
    match gaps {
        0 => "complete".to_owned(),
        1 => "1 sentence is said in English".to_owned(),
        _ => format!("{gaps} sentences are said in English"),
    }
}

/// What each language lacks, by its tag.
fn lacking(folder: &Path) -> Result<Vec<(String, Lacking)>> {
    let mut names: Vec<String> = fs::read_dir(folder)?
        .filter_map(|entry| {
            let name = entry.ok()?.file_name().into_string().ok()?;
            Some(name.strip_suffix(".json")?.to_owned())
        })
        .collect();
    names.sort();
    let read = |name: &str| -> Result<Sentences> {
        let path = folder.join(format!("{name}.json"));
        let text = fs::read_to_string(&path).with_context(|| path.display().to_string())?;
        serde_json::from_str(&text).with_context(|| path.display().to_string())
    };
    let english = read(REFERENCE)?;
    names.retain(|name| name != REFERENCE);
    let lacking = names.into_iter().map(|name| {
        let gaps = gaps(&read(&name)?, &english);
        let with_text = |gap: Gap| {
            let text = english[&gap.key].clone();
            (gap, text)
        };
        Ok((name, gaps.into_iter().map(with_text).collect()))
    });
    lacking.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_language_is_compared_with_english() {
        let folder = std::env::temp_dir().join(format!("translations-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        let write = |name: &str, text: &str| fs::write(folder.join(name), text).unwrap();
        write("en.json", r#"{"a": "A", "b": "B {x}"}"#);
        write("de.json", r#"{"a": "Ä", "b": "B {x}"}"#);
        write("fr.json", r#"{"b": "B"}"#);
        let found = lacking(&folder);
        fs::remove_dir_all(&folder).unwrap();
        let found = found.unwrap();
        let counts: Vec<(&str, usize)> = found
            .iter()
            .map(|(name, gaps)| (&**name, gaps.len()))
            .collect();
        assert_eq!(counts, [("de", 0), ("fr", 2)]);
        let (gap, english) = &found[1].1[0];
        assert_eq!(
            (&*gap.key, &gap.lack, english),
            ("a", &InEnglish::Missing, &Value::from("A"))
        );
    }
}
