//! The engine of actions, as far as a person sees it: from the rows of a subject's table it makes
//! the menu for the selected, the cards of a single page, and the question. What is confirmed is
//! carried out by [`crate::operations::acts`].
//!
//! | file | what |
//! |---|---|
//! | [`menu`] | the actions for the selected, in groups |
//! | [`cards`] | the actions for one thing, each with its sentence |
//! | [`propose`] | the question: what it hits, what it leaves out, what is filled in |
//! | [`things`] | subjects whose actions are one request for each thing |

pub mod cards;
pub mod menu;
pub mod propose;
pub mod things;

use crate::actions::{About, plain};
use crate::api::ApiError;
use crate::i18n::features::why_not;
use crate::i18n::{Words, format, reasons, t};
use crate::lists::Reading;
use crate::operations::Fields;
use crate::operations::acts::Act;
use crate::runner::Reason;
use crate::session::Session;
use crate::ui::{IntoNode, Node, view};
use futures_util::FutureExt;
use futures_util::future::LocalBoxFuture;
use std::rc::Rc;

/// How many of the targets are named.
const NAMED: usize = 5;

/// A name and a value, for the question.
pub type Fact = (String, String);

/// What is filled in before an action, and what is about to be done once it is; `None` while it
/// is incomplete.
pub type Form = (Option<Fields>, Rc<dyn Fn() -> Option<Act>>);

/// Says of a thing, by its number among the targets and as the server has it, why it is not meant
/// any more.
pub type Still<T> = Rc<dyn Fn(usize, &T) -> Option<Reason>>;

/// Some things of one subject, as a list or a page knows them, to which its actions can be done.
/// Actions go by their number in the subject's table, so that this is compiled once.
pub trait Targets {
    /// How many actions there are.
    fn actions(&self) -> usize;

    /// The row of an action.
    fn about(&self, action: usize) -> &'static About;

    /// What an action does: the sentence, and the rest. As its row says, unless it depends on the server.
    fn words(&self, action: usize) -> (Words, Option<Words>) {
        let about = self.about(action);
        (about.sentence, about.more)
    }

    /// How many things the action is about.
    fn count(&self) -> usize;

    /// What a person knows one by.
    fn name(&self, target: usize) -> String;

    /// What is typed to confirm what cannot be undone; nothing where a press is enough, because it
    /// is one thing, and in sight.
    fn typed(&self, target: usize) -> String {
        self.name(target)
    }

    /// Why one is left out, as far as is known without asking.
    fn spared(&self, action: usize, target: usize) -> Option<Reason>;

    /// Those with these numbers.
    fn only(&self, which: &[usize]) -> Rc<dyn Targets>;

    /// What "Users" or "Rooms" are called in the question.
    fn noun(&self) -> String;

    /// Which they are: the first few by name, and how many.
    fn listed(&self) -> String {
        let names: Vec<String> = (0..self.count())
            .take(NAMED)
            .map(|n| self.name(n))
            .collect();
        listed(&names, self.count())
    }

    /// What is known of them that is worth knowing before. Nothing unless they say otherwise.
    fn facts(&self, action: usize) -> Vec<Fact> {
        let _ = action;
        Vec::new()
    }

    /// Looks up what else is, for actions whose row says that something is looked up.
    fn look_up(
        &self,
        action: usize,
        reading: Reading,
    ) -> LocalBoxFuture<'static, Result<Vec<Fact>, ApiError>> {
        let _ = (action, reading);
        async { Ok(Vec::new()) }.boxed_local()
    }

    /// How many requests each costs at most, to be asked about right before it is acted upon.
    fn requests(&self, action: usize) -> u64 {
        u64::from(self.about(action).asks)
    }

    /// How many are asked about right before: the targets, unless it is done to what they hold.
    fn asked(&self, action: usize) -> usize {
        let _ = action;
        self.count()
    }

    /// What has to be filled in, and what is done then.
    fn form(&self, action: usize) -> Form;

    /// That there is none whom, or which, it would change.
    fn nothing(&self) -> String;
}

/// What is behind the sentence of an action called `label`: a paragraph per line.
fn more(label: Words, words: Words) -> Node {
    let paragraphs = move || {
        let words = words();
        let lines = words.lines().map(str::to_owned);
        lines
            .map(|line| view! { <p>{line}</p> }.into_node())
            .collect::<Vec<_>>()
    };
    view! {
        <details class="more">
            <summary>
                {t::more} <span class="visually-hidden">{move || t::more_about(&label())}</span>
            </summary>
            {paragraphs}
        </details>
    }
    .into_node()
}

/// The first few names, and how many there are.
pub fn listed(names: &[String], count: usize) -> String {
    let mut shown: Vec<String> = names.iter().take(NAMED).map(|name| plain(name)).collect();
    if let ([name], 1) = (&shown[..], count) {
        return name.clone();
    }
    if count > shown.len() {
        shown.push("…".to_owned());
    }
    format!("{}: {}", format::number(count as f64), shown.join(", "))
}

/// Why this server cannot do it; `None` if it can.
pub fn lacking(about: &About) -> Option<String> {
    let server = Session::get().capabilities_now();
    let lack = about.feature.and_then(|feature| server.lack(feature));
    lack.map(why_not)
}

/// What is left out, as facts of the question.
fn left_out(left: &[(Reason, usize)]) -> Vec<Fact> {
    let fact = |(reason, count): &(Reason, usize)| {
        let value = match reason {
            Reason::Own => Session::get().user_id().map(|own| own.to_string()),
            _ => None,
        };
        (
            t::left_out_fact(&reasons::words(*reason)),
            value.unwrap_or_else(|| format::number(*count as f64)),
        )
    };
    left.iter().map(fact).collect()
}
