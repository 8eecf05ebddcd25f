//! Short messages about what has just happened, at the lower edge of the page. Good news leaves
//! by itself, and so does what failed if it is said elsewhere too; other errors stay until they
//! are closed. The stack takes up room at the end of the page: whatever lies under it can be
//! scrolled clear of it.

use super::badge::Tone;
use super::icon::icon;
use crate::browser::only_one;
use crate::i18n::breaks::pieces;
use crate::i18n::errors::Explained;
use crate::i18n::t;
use crate::ui::{IntoNode, Node, view};
use leptos::prelude::*;
use std::cell::Cell;
use std::rc::Rc;
use std::time::Duration;

/// How long good news stays. With something to press, longer; and a failure that the list of
/// jobs tells too, longest.
const STAYS: Duration = Duration::from_secs(6);
const STAYS_WITH_ACTION: Duration = Duration::from_secs(15);
const STAYS_WITH_RETRY: Duration = Duration::from_secs(30);

/// How much longer a message stays that should leave while it is pointed at, or while a dialog
/// lies over it; and how many times.
const STAYS_ON: Duration = Duration::from_secs(3);
const STAYS_ON_AT_MOST: u32 = 20;

/// How many messages are kept; older ones go.
const KEPT: usize = 20;

/// Something to press in a message: "Undo", "Retry".
#[derive(Clone)]
struct Action {
    label: String,
    run: Rc<dyn Fn()>,
}

#[derive(Clone)]
struct Toast {
    id: u32,
    tone: Tone,
    text: String,
    hint: String,
    action: Option<Action>,
}

/// The messages of the page. A handle: copies are the same.
#[derive(Clone, Copy)]
pub struct Toasts {
    shown: RwSignal<Vec<Toast>, LocalStorage>,
    next: StoredValue<u32>,
}

thread_local! {
    static TOASTS: Cell<Option<Toasts>> = const { Cell::new(None) };
    static OUTSIDE: Cell<Option<Toasts>> = const { Cell::new(None) };
}

impl Toasts {
    /// The messages of this tab.
    pub fn get() -> Self {
        only_one::get(&TOASTS, Toasts::none)
    }

    /// Those for a person who is not signed in any more. They stand at the end of the document,
    /// whatever is shown in it, until the frame [takes them over](Toasts::take_over).
    pub fn outside() -> Self {
        only_one::get(&OUTSIDE, || {
            let outside = Toasts::none();
            leptos::mount::mount_to_body(move || stack(outside));
            outside
        })
    }

    fn none() -> Self {
        Toasts {
            shown: RwSignal::new_local(Vec::new()),
            next: StoredValue::new(0),
        }
    }

    /// Shows here what was said [outside](Toasts::outside) and is not closed yet.
    pub fn take_over(self) {
        let Some(outside) = OUTSIDE.get() else {
            return;
        };
        for toast in outside.shown.try_update(std::mem::take).unwrap_or_default() {
            self.add(toast.tone, toast.text, toast.hint, toast.action);
        }
    }

    /// Tells that something worked.
    pub fn good(self, text: String) {
        self.add(Tone::Good, text, String::new(), None);
    }

    /// Something worked and can be taken back, or leads on.
    pub fn good_with(self, text: String, label: String, run: impl Fn() + 'static) {
        let run = Rc::new(run);
        self.add(Tone::Good, text, String::new(), Some(Action { label, run }));
    }

    /// Worth knowing; leaves by itself.
    pub fn info(self, text: String) {
        self.add(Tone::Neutral, text, String::new(), None);
    }

    /// Worth knowing, and leads on.
    pub fn info_with(self, text: String, label: String, run: impl Fn() + 'static) {
        let run = Rc::new(run);
        self.add(
            Tone::Neutral,
            text,
            String::new(),
            Some(Action { label, run }),
        );
    }

    /// Something failed. Stays until closed.
    pub fn bad(self, explained: Explained) {
        self.add(Tone::Bad, explained.sentence, explained.hint, None);
    }

    /// A job failed and can be tried again, which the list of jobs offers as well.
    pub fn bad_with_retry(self, explained: Explained, retry: impl Fn() + 'static) {
        let action = Action {
            label: t::retry(),
            run: Rc::new(retry),
        };
        self.add(Tone::Bad, explained.sentence, explained.hint, Some(action));
    }

    fn add(self, tone: Tone, text: String, hint: String, action: Option<Action>) {
        let id = self.next.get_value();
        self.next.set_value(id + 1);
        let stays = match (tone, &action) {
            (Tone::Bad | Tone::Warning, Some(_)) => Some(STAYS_WITH_RETRY),
            (Tone::Bad | Tone::Warning, None) => None,
            (_, Some(_)) => Some(STAYS_WITH_ACTION),
            (_, None) => Some(STAYS),
        };
        self.shown.update(|shown| {
            // The same message twice says nothing new.
            shown.retain(|toast| toast.text != text || toast.action.is_some());
            shown.push(Toast {
                id,
                tone,
                text,
                hint,
                action,
            });
            let surplus = shown.len().saturating_sub(KEPT);
            shown.drain(..surplus);
        });
        if let Some(stays) = stays {
            self.leave(id, stays, 0);
        }
    }

    /// Takes it away after a while, later if somebody may be reading or cannot see it yet.
    fn leave(self, id: u32, stays: Duration, times: u32) {
        set_timeout(
            move || match times < STAYS_ON_AT_MOST && is_in_use() {
                true => self.leave(id, STAYS_ON, times + 1),
                false => self.remove(id),
            },
            stays,
        );
    }

    /// Takes all messages away.
    pub fn clear(self) {
        let _ = self.shown.try_update(Vec::clear);
    }

    fn ids(self) -> Vec<u32> {
        self.shown
            .with(|shown| shown.iter().map(|toast| toast.id).collect())
    }

    fn remove(self, id: u32) {
        let _ = self
            .shown
            .try_update(|shown| shown.retain(|toast| toast.id != id));
    }
}

/// Whether a message may be being read, or is out of reach under a dialog or in a hidden tab.
fn is_in_use() -> bool {
    let in_the_way = "dialog:modal, .toasts:hover, .toasts:focus-within";
    let found = document().query_selector(in_the_way);
    document().hidden() || found.ok().flatten().is_some()
}

/// Where the messages appear; once, in the shell. A few are shown, the newest, and the others
/// on demand.
#[component]
pub fn ToastStack() -> impl IntoView {
    let toasts = Toasts::get();
    toasts.take_over();
    on_cleanup(move || toasts.clear());
    stack(toasts)
}

fn stack(toasts: Toasts) -> Node {
    let all = RwSignal::new(false);
    let count = move || toasts.ids().len();
    Effect::new(move |_| {
        if count() < 2 {
            all.set(false);
        }
    });
    view! {
        <div class="toasts" data-all=move || all.get().to_string()>
            <div class="toast-tools" hidden=move || { count() < 2 }>
                <button
                    type="button"
                    class="toast-action toast-all"
                    aria-expanded=move || all.get().to_string()
                    on:click=move |_| all.update(|all| *all = !*all)
                >
                    {move || match all.get() {
                        true => t::toasts_fewer(),
                        false => t::toasts_all(count() as u64),
                    }}
                </button>
                <button type="button" class="toast-action" on:click=move |_| toasts.clear()>
                    {t::toasts_close_all}
                </button>
            </div>
            <div class="toast-list" role="log" aria-live="polite" aria-label=t::toasts_label>
                <For each=move || toasts.ids() key=|id| *id let:id>
                    {one(toasts, id)}
                </For>
            </div>
        </div>
    }
    .into_node()
}

/// A text whose lines break within identifiers rather than before what stands behind them.
fn broken(text: &str) -> Vec<Node> {
    let pieces = pieces(text).into_iter().enumerate();
    let broken = pieces.map(|(number, piece)| {
        let may_break = (number > 0).then(|| view! { <wbr /> });
        view! { {may_break} {piece.to_owned()} }.into_node()
    });
    broken.collect()
}

fn one(toasts: Toasts, id: u32) -> Option<Node> {
    let toast = toasts
        .shown
        .with_untracked(|shown| shown.iter().find(|toast| toast.id == id).cloned())?;
    let Toast {
        tone,
        text,
        hint,
        action,
        ..
    } = toast;
    let picture = match tone {
        Tone::Good => "check-circle",
        Tone::Bad | Tone::Warning => "alert",
        _ => "info",
    };
    let action = action.map(|Action { label, run }| {
        view! {
            <button
                type="button"
                class="toast-action"
                on:click=move |_| {
                    toasts.remove(id);
                    run();
                }
            >
                {label}
            </button>
        }
    });
    let view = view! {
        <div class="toast" data-tone=tone.name()>
            {icon(picture)}
            <div class="toast-body">
                <p>{broken(&text)}</p>
                {(!hint.is_empty()).then(|| view! { <p class="toast-hint">{hint}</p> })}
            </div>
            {action}
            <button
                type="button"
                class="icon-button"
                aria-label=t::close
                title=t::close
                on:click=move |_| toasts.remove(id)
            >
                {icon("x")}
            </button>
        </div>
    };
    Some(view.into_node())
}
