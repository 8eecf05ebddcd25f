//! What is typed into the search field of a list.

/// What a search wants, and what it leaves out.
///
/// Words stay together, as the server takes them: `anna b` is looked for as it stands. A word with
/// `!` in front is left out, and several may be: `anna !bot !test` finds what has "anna" in it and
/// neither "bot" nor "test". `!"two words"` leaves out both together. All in any case.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Search {
    /// The first of the wanted terms as it was typed.
    typed: String,
    /// All of these must be there, in lower case.
    wanted: Vec<String>,
    /// None of these, in lower case.
    unwanted: Vec<String>,
}

impl Search {
    /// Reads what was typed.
    pub fn parse(text: &str) -> Self {
        Self::parse_with(text, &|_| false)
    }

    /// Reads what was typed, where words that `is_name` knows may begin with a `!` of their own: a
    /// room ID.
    pub fn parse_with(text: &str, is_name: &dyn Fn(&str) -> bool) -> Self {
        let mut search = Search::default();
        let mut phrase = String::new();
        let mut rest = text.trim();
        while !rest.is_empty() {
            let word = first_word(rest);
            if !word.starts_with('!') || is_name(word) {
                let after = rest[word.len()..].trim_start();
                // Spaces between words are looked for as they are.
                phrase.push_str(&rest[..rest.len() - after.len()]);
                rest = after;
                continue;
            }
            search.want(&std::mem::take(&mut phrase));
            // `! word` is meant like `!word`; behind `!` alone somebody is still typing.
            rest = rest[1..].trim_start();
            let term = match rest.strip_prefix('"') {
                Some(quoted) => {
                    let (term, after) = quoted.split_once('"').unwrap_or((quoted, ""));
                    rest = after;
                    term
                }
                None => {
                    let term = first_word(rest);
                    rest = &rest[term.len()..];
                    term
                }
            };
            rest = rest.trim_start();
            let term = term.trim().to_lowercase();
            if !term.is_empty() {
                search.unwanted.push(term);
            }
        }
        search.want(&phrase);
        search
    }

    fn want(&mut self, phrase: &str) {
        let phrase = phrase.trim();
        if phrase.is_empty() {
            return;
        }
        if self.wanted.is_empty() {
            self.typed = phrase.to_owned();
        }
        self.wanted.push(phrase.to_lowercase());
    }

    /// The one term that is wanted, as it was typed, if that is all (empty if nothing is): what a
    /// server can answer.
    pub fn plain(&self) -> Option<&str> {
        (self.unwanted.is_empty() && self.wanted.len() <= 1).then_some(self.typed.as_str())
    }

    /// The longest term that is wanted (empty if none is): what a server is asked that cannot answer all
    /// of it, and whose answer is searched once more.
    pub fn narrowest(&self) -> &str {
        let longest = self.wanted.iter().max_by_key(|term| term.chars().count());
        longest.map_or("", String::as_str)
    }

    /// Whether everything is found.
    pub fn is_empty(&self) -> bool {
        self.wanted.is_empty() && self.unwanted.is_empty()
    }

    /// Whether this finds something of which `has` says what is in it. Terms are in lower case.
    pub fn finds(&self, has: impl Fn(&str) -> bool) -> bool {
        self.wanted.iter().all(|term| has(term)) && !self.unwanted.iter().any(|term| has(term))
    }

    /// Whether this finds a text.
    pub fn finds_in(&self, text: &str) -> bool {
        let text = text.to_lowercase();
        self.finds(|term| text.contains(term))
    }
}

/// Whether a server finds what is called so, no more and no less than is found here. It lowers the case of
/// what is searched, but its database need not lower other letters than those of ASCII; and LIKE knows
/// `%` and `_` as wildcards, which a person does not.
pub fn is_sure(term: &str) -> bool {
    surest(term) == term && !term.contains(['%', '_'])
}

/// The longest part of a term that a server finds wherever it is found here, and perhaps more: what it is
/// asked where its answer is searched once more. Empty if there is none.
pub fn surest(term: &str) -> &str {
    // A backslash takes the meaning of what comes behind it.
    let has_one_form = |c: char| c.to_lowercase().eq([c]) && c.to_uppercase().eq([c]);
    // What İ becomes in lower case is two letters, of which each has one form.
    let dotted = term
        .split("i\u{307}")
        .flat_map(|part| part.split("I\u{307}"));
    let parts = dotted
        .flat_map(|part| part.split(|c: char| c == '\\' || !(c.is_ascii() || has_one_form(c))));
    let longest = parts.max_by_key(|part| part.chars().count());
    longest.unwrap_or_default()
}

/// A part of a term that whatever is called so is likely to have as it stands, where [`surest`] leaves
/// nothing that tells much: of one of its words all but the first letter, which names write large. Empty if
/// there is none.
pub fn likeliest(term: &str) -> &str {
    if !surest(term).trim().is_empty() {
        return "";
    }
    let words = term.split(|c: char| c.is_whitespace() || c == '\\');
    let tails = words.map(|word| {
        let mut letters = word.chars();
        letters.next();
        letters.as_str()
    });
    tails
        .max_by_key(|tail| tail.chars().count())
        .unwrap_or_default()
}

fn first_word(text: &str) -> &str {
    text.split(char::is_whitespace).next().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn read(text: &str) -> (Vec<String>, Vec<String>) {
        let search = Search::parse(text);
        (search.wanted, search.unwanted)
    }

    fn is(text: &str, wanted: &[&str], unwanted: &[&str]) {
        let own = |terms: &[&str]| terms.iter().map(|term| (*term).to_owned()).collect();
        assert_eq!(read(text), (own(wanted), own(unwanted)), "{text}");
    }

    #[test]
    fn a_server_is_asked_for_what_it_finds_as_it_is_found_here() {
        for sure in ["", "Anna b", "محمد", "山田", "🙂 1"] {
            assert!(is_sure(sure), "{sure}");
            assert_eq!(surest(sure), sure);
        }
        let unsure = [
            ("Özgür", "zg"),
            ("müller", "ller"),
            ("straße", "stra"),
            ("ΑΛ", ""),
            ("a\\bc", "bc"),
            ("İbrahim", "brahim"),
            ("i̇brahim", "brahim"),
            ("I\u{307}brahim", "brahim"),
        ];
        for (term, part) in unsure {
            assert!(!is_sure(term), "{term}");
            assert_eq!(surest(term), part);
        }
        // What is asked for has been lowered by then.
        let lowered = Search::parse("İbrahim !bot");
        assert_eq!(surest(lowered.narrowest()), "brahim");
        for (term, part) in [
            ("иван", "ван"),
            ("иван петров", "етров"),
            ("müller", ""),
            ("", ""),
        ] {
            assert_eq!(likeliest(term), part);
        }
        for wild in ["100%", "a_b"] {
            assert!(!is_sure(wild) && surest(wild) == wild);
        }
    }

    #[test]
    fn words_stay_together_and_each_exclusion_counts() {
        is("", &[], &[]);
        is("  Anna  B ", &["anna  b"], &[]);
        is("!a !b", &[], &["a", "b"]);
        is("foo !bar", &["foo"], &["bar"]);
        is("!bar foo", &["foo"], &["bar"]);
        is("anna b !bot c", &["anna b", "c"], &["bot"]);
        is("! @anna:b.org", &[], &["@anna:b.org"]);
        is("!\"Anna B\" !c", &[], &["anna b", "c"]);
        is("!\"Anna B", &[], &["anna b"]);
        is("!!a", &[], &["!a"]);
        is("a!b", &["a!b"], &[]);
        is("foo !", &["foo"], &[]);
        is("!", &[], &[]);
    }

    #[test]
    fn names_may_begin_with_an_exclamation_mark() {
        let is_room = |word: &str| word.ends_with(":b.org");
        let search = Search::parse_with("!room:b.org", &is_room);
        assert_eq!(search.plain(), Some("!room:b.org"));
        let search = Search::parse_with("!!room:b.org", &|word| word == "!room:b.org");
        assert_eq!(search.unwanted, ["!room:b.org"]);
    }

    #[test]
    fn what_a_server_is_asked_that_cannot_answer_all() {
        let narrowest = |text| Search::parse(text).narrowest().to_owned();
        assert_eq!(narrowest("Anna !bot"), "anna");
        assert_eq!(narrowest("an !bot Becker"), "becker");
        assert_eq!(narrowest("a_b"), "a_b");
        assert_eq!(narrowest("!bot"), "");
    }

    #[test]
    fn what_a_server_can_answer() {
        let plain = |text| Search::parse(text).plain().map(str::to_owned);
        assert_eq!(plain(" Anna B ").as_deref(), Some("Anna B"));
        assert_eq!(plain("").as_deref(), Some(""));
        assert_eq!(plain("a !b"), None);
        assert_eq!(plain("a !").as_deref(), Some("a"));
        assert_eq!(plain("!").as_deref(), Some(""));
    }

    proptest! {
        #[test]
        fn an_exclusion_hides_what_its_word_finds(text in "[ab !]{0,12}", word in "[ab]{1,3}") {
            let without = Search::parse(&text);
            let with = Search::parse(&format!("{text} !{word}"));
            for sample in ["a", "b", "ab", "ba", "aab b", "bbb", "a b"] {
                let expected = without.finds_in(sample) && !sample.contains(&word);
                // A mark at the end takes the next for its word.
                if !text.trim_end().ends_with('!') {
                    prop_assert_eq!(with.finds_in(sample), expected, "{:?} in {}", with, sample);
                }
            }
        }
    }
}
