//! What an action is, whatever it is done to: the row of a table. No browser, no requests.
//!
//! Each subject has one table ([`crate::users::actions`], [`crate::rooms::actions`]) with one row per
//! action. The menu for the selected, the cards of a single page, the question, the job, its
//! undo and its report are made from the row (`widgets::actions`, `operations::acts`). A row has no defaults: what
//! is missing does not compile.

pub mod touched;

/// Declares the actions of a subject, once: in the order of the menu, first what can be undone, last
/// what ends a thing. [`About`] and how each is carried out are matches over them.
macro_rules! actions {
    ($(#[$doc:meta])* $($variant:ident,)*) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Action {
            $($variant,)*
        }

        impl Action {
            /// Every action, in the order of the menu.
            pub const ALL: [Action; [$(Action::$variant),*].len()] = [$(Action::$variant),*];

            /// The action that is kept under this name, which is how `Debug` writes it; `None` if
            /// there is none of this name, or none any more.
            pub fn by_name(name: &str) -> Option<Action> {
                let mut all = Action::ALL.into_iter();
                all.find(|action| format!("{action:?}") == name)
            }
        }
    };
}
pub(crate) use actions;

use crate::api::ApiError;
use crate::api::server::Feature;
use crate::i18n::Words;
use crate::import::characters::cleaned;
use crate::runner::{Reason, Step, may_have_been_done};

/// How much a change takes with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reversibility {
    /// Adds something that stays, and takes nothing away: a message, a membership. One click.
    Harmless,
    /// Another change puts back what this one has changed. One click, and Undo.
    Reversible,
    /// It can be put back, but by hand: the server does not say what it has changed. One click for one
    /// thing; for more the number is typed.
    ByHand,
    /// What is gone is gone. The name or the number is typed.
    Irreversible,
}

/// Where an action stands in the menu.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Group {
    /// Who may do what.
    Access,
    /// Messages to people, people in rooms.
    People,
    /// Files and messages.
    Content,
    /// What ends something for good.
    End,
}

impl Group {
    /// In the order of the menu.
    pub const ALL: [Group; 4] = [Group::Access, Group::People, Group::Content, Group::End];
}

/// Which accounts an action never touches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Spares {
    /// One's own, those that `asManagedUsers` names, and those that the server says belong to an
    /// application service. What a new action does unless there is a reason.
    OwnAndBridges,
    /// Those of bridges and bots, known by `asManagedUsers` or by the server.
    Bridges,
    /// Those that `asManagedUsers` names.
    NamedBridges,
    /// Nobody: it adds or gives back.
    Nobody,
}

impl Spares {
    /// Whether one's own account is left out.
    pub fn own(self) -> bool {
        self == Spares::OwnAndBridges
    }

    /// Whether those that `asManagedUsers` names are left out.
    pub fn named(self) -> bool {
        self != Spares::Nobody
    }

    /// Whether those that the server says belong to an application service are left out.
    pub fn application_services(self) -> bool {
        matches!(self, Spares::OwnAndBridges | Spares::Bridges)
    }
}

/// The row of an action.
pub struct About {
    /// The words of its button.
    pub label: Words,
    /// What it does, in two lines at most.
    pub sentence: Words,
    /// The rest, for those who want to know: what it leaves out, for whom it does not hold, what
    /// the version of the server changes. A paragraph per line.
    pub more: Option<Words>,
    /// The name of the change where it is about one thing, which is told.
    pub one: fn(&str) -> String,
    /// The name of the change where it is about so many.
    pub many: fn(u64) -> String,
    /// A name in the sprite.
    pub icon: &'static str,
    pub group: Group,
    /// How it is confirmed, and whether it can be undone.
    pub reversibility: Reversibility,
    /// Whether it is asked about at all: what is taken back with one press need not be.
    pub question: bool,
    /// What the server must be able to do.
    pub feature: Option<Feature>,
    /// Which accounts are never touched.
    pub spares: Spares,
    /// Whether something is looked up for the question: files, sessions, addresses.
    pub looks_up: bool,
    /// Whether each target is asked about right before it is acted upon, at one request each.
    pub asks: bool,
}

impl About {
    /// Whether it cannot be undone.
    pub fn is_grave(&self) -> bool {
        self.reversibility == Reversibility::Irreversible
    }

    /// The name of the change: of the question, the button and the job. `name` is that of the
    /// first.
    pub fn title(&self, count: usize, name: &str) -> String {
        match count {
            1 => (self.one)(&short(plain(name))),
            _ => (self.many)(count as u64),
        }
    }
}

/// How many characters of a name a title has.
const LONGEST_NAME: usize = 80;

/// A name of strangers as part of a sentence: without what nobody sees, which could make it pass for
/// another or turn the direction of what follows, and in one line.
pub fn plain(name: &str) -> String {
    cleaned(name)
}

/// Not longer than a title can have it.
fn short(mut name: String) -> String {
    if let Some((at, _)) = name.char_indices().nth(LONGEST_NAME) {
        name.truncate(at);
        name.push('…');
    }
    name
}

/// What is found out about a target right before it is acted upon.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It is to be done. `undoable`: it is known that this is a change, so taking it back puts
    /// back what was there.
    Go { undoable: bool },
    /// It is left alone.
    Leave(Reason),
}

/// What is known, when a target is asked about, of what was sent to it before.
#[derive(Clone, Copy, Debug, Default)]
pub struct SentBefore {
    /// It may have been carried out.
    pub is_unsure: bool,
    /// It may be under way. Who sent it waits for it then, and sends nothing more.
    pub is_lost: bool,
}

impl SentBefore {
    /// What becomes of a target that there is this reason to leave; nothing if it goes on all the same.
    /// `takes_back`: it is the Undo of another change.
    pub fn left(self, reason: Reason, takes_back: bool) -> Option<Step> {
        Some(match reason {
            // It was our own request whose answer was lost.
            Reason::Unchanged | Reason::Gone if self.is_unsure || self.is_lost => Step::Done,
            Reason::Unchanged if takes_back => Step::LeftOut(Reason::ChangedSince),
            // Nobody takes it back, and what the target was picked by may have gone with it.
            Reason::NotMatching | Reason::InUse if self.is_lost => return None,
            reason => Step::LeftOut(reason),
        })
    }
}

/// Whether what was sent for a target may have been carried out without anybody knowing, once a try has ended
/// with this; `was`: whether it was so before. Who says no to it says nothing of the same that was sent before.
pub fn stays_unsure(was: bool, error: Option<&ApiError>) -> bool {
    error.is_some_and(|error| was || may_have_been_done(error))
}

/// Targets that an action leaves out, by reason and number, in the order of [`Reason::ALL`].
pub fn by_reason(reasons: impl Iterator<Item = Reason>) -> Vec<(Reason, usize)> {
    let all: Vec<Reason> = reasons.collect();
    let count = |reason: &Reason| all.iter().filter(|other| *other == reason).count();
    let counted = Reason::ALL
        .into_iter()
        .map(|reason| (reason, count(&reason)));
    counted.filter(|(_, count)| *count > 0).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    actions! {
        /// What a test can do.
        Look,
        LookAway,
    }

    #[test]
    fn what_may_be_under_way_is_not_called_left_out() {
        let left_out = |reason| Some(Step::LeftOut(reason));
        for reason in Reason::ALL {
            assert_eq!(SentBefore::default().left(reason, false), left_out(reason));
        }
        let since = left_out(Reason::ChangedSince);
        assert_eq!(SentBefore::default().left(Reason::Unchanged, true), since);
        // What has been asked of it since may have ended otherwise: "slow down".
        for is_unsure in [false, true] {
            let is_lost = true;
            let left = |reason| SentBefore { is_unsure, is_lost }.left(reason, false);
            assert_eq!(left(Reason::Unchanged), Some(Step::Done));
            assert_eq!(left(Reason::Gone), Some(Step::Done));
            assert_eq!(
                (left(Reason::NotMatching), left(Reason::InUse)),
                (None, None)
            );
            assert_eq!(left(Reason::Own), left_out(Reason::Own));
        }
        // It would be sent once more: who has woken up since is left alone.
        let (is_unsure, is_lost) = (true, false);
        let left = |reason| SentBefore { is_unsure, is_lost }.left(reason, false);
        assert_eq!(left(Reason::Unchanged), Some(Step::Done));
        assert_eq!(left(Reason::InUse), left_out(Reason::InUse));
    }

    #[test]
    fn a_no_to_the_second_try_says_nothing_of_the_first() {
        let lost = ApiError::TimedOut { after_ms: 60_000 };
        let slow_down = ApiError::RateLimited {
            retry_after_ms: None,
            message: String::new(),
        };
        let unsure = stays_unsure(false, Some(&lost));
        assert!(unsure && stays_unsure(unsure, Some(&slow_down)));
        assert!(!stays_unsure(false, Some(&slow_down)));
        assert!(!stays_unsure(unsure, None), "it is done");
    }

    #[test]
    fn kept_actions_are_found_by_their_names() {
        for action in Action::ALL {
            assert_eq!(Action::by_name(&format!("{action:?}")), Some(action));
        }
        for unknown in ["", "look", "Look ", "LookAwa", "Erase"] {
            assert_eq!(Action::by_name(unknown), None, "{unknown}");
        }
    }

    #[test]
    fn names_turn_nothing_around() {
        assert_eq!(plain("a\u{202e}gpj\u{2066}.exe\n"), "agpj.exe");
        assert_eq!(plain("\u{200b}@root\u{2060}:b\u{feff} "), "@root:b");
        assert_eq!(plain("Jane\nroot"), "Jane root");
        assert_eq!(plain("شات"), "شات");
        // Joiners inside of what is written with them stay.
        assert_eq!(plain("👩\u{200d}💻"), "👩\u{200d}💻");
        assert_eq!(short("x".repeat(200)).chars().count(), LONGEST_NAME + 1);
    }

    #[test]
    fn a_sentence_takes_two_lines() {
        // A dialog has some 75 characters in a line; German needs more.
        let languages = [
            (include_str!("../i18n/locales/en.json"), 150),
            (include_str!("../i18n/locales/de.json"), 175),
        ];
        for (texts, most) in languages {
            let texts: serde_json::Map<String, serde_json::Value> =
                serde_json::from_str(texts).unwrap();
            let of_actions = texts.iter().filter(|(key, _)| {
                (key.starts_with("act_") || key.starts_with("room_act_")) && key.ends_with("_text")
            });
            for (key, text) in of_actions {
                let length = text.as_str().unwrap().chars().count();
                assert!(
                    length <= most,
                    "{key} has {length} characters: say the rest in “more”."
                );
            }
        }
    }

    #[test]
    fn what_is_left_out_is_counted_by_reason() {
        let left = [Reason::Gone, Reason::Own, Reason::Gone];
        let counted = by_reason(left.into_iter());
        assert_eq!(counted, [(Reason::Own, 1), (Reason::Gone, 2)]);
    }
}
