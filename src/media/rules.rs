//! Clean-ups that are kept under a name: what the storage page is narrowed to, to be run again.
//!
//! They are kept in the browser and shared as files, so what is read was written by anybody: a rule
//! that is not understood whole is left out, never widened.

use super::question::{Question, filter};
use crate::listing::sort::sort_by;
use crate::listing::{Defaults, ListQuery};
use serde::{Deserialize, Serialize};

/// A question of the storage page under a name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rule {
    pub name: String,
    /// As the address has it: `unused=180&bytes=1048576`.
    pub query: String,
}

/// A file of rules, and what the browser keeps.
#[derive(Default, Serialize, Deserialize)]
struct File {
    clean_ups: Vec<Rule>,
}

/// The conditions that a rule may have.
const CONDITIONS: [&str; 14] = [
    filter::OWNER,
    filter::CLASS,
    filter::AGE,
    filter::UNUSED,
    filter::SIZE,
    filter::LARGER,
    filter::BEFORE,
    filter::MONTH,
    filter::QUARANTINED,
    filter::PROTECTED,
    filter::ROOM,
    filter::WITHOUT_CLASSES,
    filter::WITHOUT_ROOMS,
    filter::OPEN,
];

/// The longest name, in characters.
const NAME_CHARS: usize = 80;

impl Rule {
    /// Keeps what a page shows; `None` without a name or without any condition: that would be
    /// everything.
    pub fn of(name: &str, query: &ListQuery, defaults: &Defaults) -> Option<Self> {
        let name: String = name.trim().chars().take(NAME_CHARS).collect();
        let conditions = ListQuery {
            search: query.search.clone(),
            parameters: query
                .parameters
                .iter()
                .filter(|(name, _)| CONDITIONS.contains(&name.as_str()))
                .cloned()
                .collect(),
            ..ListQuery::new(defaults)
        };
        let query = conditions.to_query(defaults);
        (!name.is_empty() && !query.is_empty()).then_some(Rule { name, query })
    }

    /// The question that the rule stands for.
    pub fn question(&self, defaults: &Defaults) -> ListQuery {
        ListQuery::parse(&self.query, defaults)
    }
}

/// The rules of a file; those that are none are left out. `None` if it is no such file.
pub fn read(json: &str, defaults: &Defaults) -> Option<Vec<Rule>> {
    parted(json, defaults).map(|(understood, _)| understood)
}

/// The rules of a file that are understood, and all others, as they stand there.
fn parted(json: &str, defaults: &Defaults) -> Option<(Vec<Rule>, Vec<Rule>)> {
    let file: File = serde_json::from_str(json).ok()?;
    let known = |rule: &Rule| {
        let query = rule.question(defaults);
        // What it says beyond what is understood may have been a limit.
        let is_understood = query
            .parameters
            .iter()
            .all(|(name, _)| CONDITIONS.contains(&name.as_str()));
        let is_understood = is_understood && !Question::of(&query).is_unclear;
        Rule::of(&rule.name, &query, defaults).filter(|_| is_understood)
    };
    let (mut understood, mut others) = (Vec::new(), Vec::new());
    for rule in file.clean_ups {
        match known(&rule) {
            Some(rule) => understood.push(rule),
            None => others.push(rule),
        }
    }
    Some((understood, others))
}

/// The rules as a file.
pub fn write(rules: &[Rule]) -> String {
    let file = File {
        clean_ups: rules.to_vec(),
    };
    // Texts always serialise.
    serde_json::to_string_pretty(&file).unwrap_or_default()
}

/// A change of rules.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// Rules are added; those of a name take each other's place.
    Add(Vec<Rule>),
    /// The rule of this name is forgotten.
    Remove(String),
}

impl Change {
    fn make(&self, rules: &mut Vec<Rule>) {
        match self {
            Change::Add(more) => add(rules, more),
            Change::Remove(name) => rules.retain(|rule| rule.name != *name),
        }
    }
}

/// Changes the rules of a file: what they are then, and the file. Rules that are not understood, of a
/// newer version perhaps, stay in it.
pub fn changed(json: &str, defaults: &Defaults, changes: &[Change]) -> (Vec<Rule>, String) {
    let (mut rules, others) = parted(json, defaults).unwrap_or_default();
    for change in changes {
        change.make(&mut rules);
    }
    let file = write(&[&rules[..], &others].concat());
    (rules, file)
}

fn add(rules: &mut Vec<Rule>, more: &[Rule]) {
    for rule in more {
        rules.retain(|known| known.name != rule.name);
        rules.push(rule.clone());
    }
    sort_by(rules, |a, b| {
        a.name.to_lowercase().cmp(&b.name.to_lowercase())
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rule(name: &str, query: &str) -> Option<Rule> {
        let defaults = Defaults::default();
        Rule::of(name, &ListQuery::parse(query, &defaults), &defaults)
    }

    #[test]
    fn a_rule_is_the_conditions_and_nothing_else() {
        let kept = rule(
            " Old films ",
            "unused=180&kind=video&page=3&sort=name&tab=x&q=cat",
        )
        .unwrap();
        assert_eq!(kept.name, "Old films");
        let query = kept.question(&Defaults::default());
        assert_eq!(query.get("unused"), Some("180"));
        assert_eq!(query.get("kind"), Some("video"));
        assert_eq!((query.search.as_str(), query.page), ("cat", 1));
        assert_eq!(query.get("tab"), None);
        assert_eq!(
            rule("All", "page=2&sort=name"),
            None,
            "everything is no rule"
        );
        assert_eq!(rule(" ", "unused=90"), None);
    }

    #[test]
    fn files_come_back_and_nonsense_is_left_out() {
        let defaults = Defaults::default();
        let rules = vec![
            rule("a", "unused=90").unwrap(),
            rule("b", "kind=video").unwrap(),
        ];
        assert_eq!(read(&write(&rules), &defaults), Some(rules));
        assert_eq!(read("[]", &defaults), None);
        assert_eq!(read("{}", &defaults), None);
        let strange = r#"{"clean_ups":[{"name":"x","query":""},
            {"name":"y","query":"unused=90&newer_limit=7"},{"name":"z","query":"unused=30"},
            {"name":"no such age","query":"kind=video&unused=17"},
            {"name":"no such type","query":"unused=30&without=images"},
            {"name":"no such room","query":"unused=30&without_rooms=General"}]}"#;
        let read = read(strange, &defaults).unwrap();
        assert_eq!(read.len(), 1, "{read:?}");
        assert_eq!(read[0].name, "z");
    }

    #[test]
    fn what_others_have_kept_meanwhile_stays() {
        let defaults = Defaults::default();
        let kept = r#"{"clean_ups":[{"name":"b","query":"unused=90"},
            {"name":"of a newer version","query":"unused=90&newer_limit=7"}]}"#;
        let more = Change::Add(vec![rule("a", "unused=30").unwrap()]);
        let (rules, file) = changed(kept, &defaults, &[more]);
        assert_eq!(rules.len(), 2);
        assert!(file.contains("newer_limit=7"), "{file}");
        let (rules, file) = changed(&file, &defaults, &[Change::Remove("b".into())]);
        assert_eq!(rules, [rule("a", "unused=30").unwrap()]);
        assert!(file.contains("newer_limit=7"), "{file}");
        // What is no such file holds none.
        let (rules, file) = changed("nonsense", &defaults, &[]);
        assert_eq!((rules.len(), read(&file, &defaults)), (0, Some(Vec::new())));
    }

    #[test]
    fn what_had_to_wait_is_done_to_what_is_kept_by_then() {
        let defaults = Defaults::default();
        let named = |name| rule(name, "unused=90").unwrap();
        let waiting = [
            Change::Remove("gone".into()),
            Change::Add(vec![named("new"), named("short")]),
            Change::Remove("short".into()),
        ];
        let (shown, _) = changed(&write(&[named("gone")]), &defaults, &waiting);
        assert_eq!(shown, [named("new")]);
        // Another tab has kept one meanwhile.
        let kept = write(&[named("gone"), named("of another tab")]);
        let (shown, file) = changed(&kept, &defaults, &waiting);
        assert_eq!(shown, [named("new"), named("of another tab")]);
        assert_eq!(read(&file, &defaults), Some(shown));
    }

    #[test]
    fn a_name_is_there_once() {
        let mut rules = vec![rule("b", "unused=90").unwrap()];
        add(
            &mut rules,
            &[
                rule("a", "unused=30").unwrap(),
                rule("b", "unused=30").unwrap(),
            ],
        );
        assert_eq!(rules.len(), 2);
        assert_eq!(rules[1].query, "unused=30");
    }
}
