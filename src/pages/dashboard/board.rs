//! Asks the questions of the dashboard, each by itself: what one costs or that it fails holds up no
//! other.

use super::questions::{BoardFinding, BoardQuestion, QUESTIONS};
use crate::api::ApiError;
use crate::api::exchange::Clock;
use crate::browser::clock::{BrowserClock, now};
use crate::browser::storage::Keep;
use crate::dashboard::visit::{DEAR_MS, KeptFigures, alias, visit};
use crate::runner::stopwatch::timed;
use crate::session::{Session, learn};
use leptos::prelude::*;
use std::rc::Rc;
use wasm_bindgen_futures::spawn_local;

/// For so long all answers are waited for before the first lines are shown, in milliseconds.
const LATE_MS: u64 = 1_000;

/// How a question stands.
#[derive(Clone)]
pub enum BoardAnswer {
    Waiting,
    /// It took, or its like took, so many milliseconds: asked only by hand.
    Dear(u64),
    /// Why this server cannot say.
    Lacking(String),
    Failed(ApiError),
    Told(Rc<BoardFinding>),
}

impl BoardAnswer {
    /// Whether the server has been asked, and has said something or failed to.
    fn is_answered(&self) -> bool {
        matches!(self, BoardAnswer::Told(_) | BoardAnswer::Failed(_))
    }
}

/// The questions with their answers. A handle: copies are the same.
#[derive(Clone, Copy)]
pub struct Board {
    answers: StoredValue<Vec<RwSignal<BoardAnswer, LocalStorage>>>,
    /// How many questions are under way.
    under_way: RwSignal<usize>,
    /// Whether those that are still under way are not waited for any more.
    is_late: RwSignal<bool>,
    /// What is remembered from the last visit.
    pub kept: RwSignal<KeptFigures>,
}

/// Where it is remembered what this administrator of this homeserver has seen.
fn key() -> Option<String> {
    let alias = alias(&Session::get().whose()?);
    Some(format!("synapse-admin.dashboard.{alias}"))
}

/// What this visit is known by. A reload and another tab belong to it; a new log-in does not.
fn present_visit() -> i64 {
    let account = Session::get().account_now();
    let session = account.map(|account| (account.user_id, account.device_id));
    visit(&serde_json::to_string(&session).unwrap_or_default())
}

impl Board {
    /// A board on which nothing has been asked.
    pub fn new() -> Self {
        let kept = key().and_then(|key| Keep::ThisBrowser.get(&key));
        let mut kept: KeptFigures = kept
            .and_then(|json| serde_json::from_str(&json).ok())
            .unwrap_or_default();
        kept.arrive(present_visit(), now());
        let waiting = || RwSignal::new_local(BoardAnswer::Waiting);
        Board {
            answers: StoredValue::new(QUESTIONS.iter().map(|_| waiting()).collect()),
            under_way: RwSignal::new(0),
            is_late: RwSignal::new(false),
            kept: RwSignal::new(kept),
        }
    }

    /// Whether questions are under way. Reactive.
    pub fn is_busy(self) -> bool {
        self.under_way.get() > 0
    }

    /// Whether what is made of all answers together can be shown: all are there, or have had their
    /// time. Lines that come one by one would move under the finger. Reactive.
    pub fn is_settled(self) -> bool {
        let waits = |(_, answer): &(_, RwSignal<BoardAnswer, LocalStorage>)| {
            answer.with(|answer| matches!(answer, BoardAnswer::Waiting))
        };
        self.is_late.get() || !self.all().iter().any(waits)
    }

    /// The questions, each with its answer.
    pub fn all(self) -> Vec<(&'static BoardQuestion, RwSignal<BoardAnswer, LocalStorage>)> {
        let answers = self.answers.try_get_value().unwrap_or_default();
        QUESTIONS.iter().zip(answers).collect()
    }

    /// Asks all questions that may be asked unasked.
    pub fn ask_all(self) {
        for (question, answer) in self.all() {
            if question.after.is_none() {
                self.ask(question, answer, false);
            }
        }
        spawn_local(async move {
            BrowserClock.sleep(LATE_MS).await;
            // The page may have been left.
            self.is_late.try_set(true);
        });
    }

    /// Asks one question; `by_hand` whatever it costs, and so where somebody has had it answered before.
    /// What was answered stays until there is another answer.
    pub fn ask(
        self,
        question: &'static BoardQuestion,
        answer: RwSignal<BoardAnswer, LocalStorage>,
        by_hand: bool,
    ) {
        let was_answered = answer.with_untracked(BoardAnswer::is_answered);
        if !answer.with_untracked(|answer| matches!(answer, BoardAnswer::Told(_))) {
            answer.set(BoardAnswer::Waiting);
        }
        let dear = self.kept.with_untracked(|kept| kept.dear(question.id));
        if let (Some(ms), false) = (dear, by_hand || was_answered) {
            answer.set(BoardAnswer::Dear(ms));
            self.followed(question, ms);
            return;
        }
        self.under_way.update(|count| *count += 1);
        spawn_local(async move {
            // What it can do is known, or the question says what is wrong.
            let server = learn::capabilities().await.unwrap_or_default();
            if let Some(why) = (question.lack)(&server) {
                self.ended(question, answer, BoardAnswer::Lacking(why), 0);
                return;
            }
            let (told, ms) = timed((question.ask)(server)).await;
            let told =
                told.map_or_else(BoardAnswer::Failed, |told| BoardAnswer::Told(Rc::new(told)));
            self.ended(question, answer, told, ms);
        });
    }

    fn ended(
        self,
        question: &'static BoardQuestion,
        answer: RwSignal<BoardAnswer, LocalStorage>,
        told: BoardAnswer,
        ms: u64,
    ) {
        // The page may have been left.
        if self.under_way.try_update(|count| *count -= 1).is_none() {
            return;
        }
        if let BoardAnswer::Told(told) = &told {
            self.remember(question, told, ms);
        }
        let again_ms = match &told {
            BoardAnswer::Told(told) => told.again_ms,
            _ => None,
        };
        answer.set(told);
        if let Some(ms) = again_ms {
            self.ask_later(question, answer, ms);
        }
        self.followed(question, ms);
    }

    /// Asks a question anew, unless that is done sooner.
    fn ask_later(
        self,
        question: &'static BoardQuestion,
        answer: RwSignal<BoardAnswer, LocalStorage>,
        ms: u64,
    ) {
        let told = |answer: &BoardAnswer| match answer {
            BoardAnswer::Told(told) => Some(Rc::as_ptr(told)),
            _ => None,
        };
        let before = answer.with_untracked(told);
        spawn_local(async move {
            BrowserClock.sleep(ms).await;
            // The page may have been left.
            if answer.try_with_untracked(told) == Some(before) {
                self.ask(question, answer, true);
            }
        });
    }

    /// Asks what is asked only once it is known what its like costs.
    fn followed(self, before: &BoardQuestion, ms: u64) {
        for (question, answer) in self.all() {
            if question.after != Some(before.id) {
                continue;
            }
            match ms >= DEAR_MS && !answer.with_untracked(BoardAnswer::is_answered) {
                true => answer.set(BoardAnswer::Dear(ms)),
                false => self.ask(question, answer, false),
            }
        }
    }

    fn remember(self, question: &BoardQuestion, told: &BoardFinding, ms: u64) {
        self.kept.update(|kept| {
            kept.took(question.id, ms);
            for (name, count) in &told.counts {
                kept.count(name, *count, now());
            }
        });
        let json = self.kept.with_untracked(serde_json::to_string);
        if let (Some(key), Ok(json)) = (key(), json) {
            // Without storage nothing is remembered.
            Keep::ThisBrowser.set(&key, &json);
        }
    }
}
