//! The plan in numbers and row by row.

use super::choose::start_words;
use super::desk::Desk;
use super::facts::{Asking, PlanPhase};
use super::rows::{RowSource, rows};
use super::{flow, planning};
use crate::browser::download::{dated, save_text};
use crate::components::badge::Tone;
use crate::components::button::{Button, ButtonKind};
use crate::components::failure::failure;
use crate::components::notice::Notice;
use crate::components::page::{Card, Stat};
use crate::components::progress::Progress;
use crate::i18n::errors::explain;
use crate::i18n::import as words;
use crate::i18n::{Words, t};
use crate::import::plan::{Plan, PlanTotals};
use crate::ui::{IntoNode, Node, view};
use leptos::prelude::*;
use std::rc::Rc;
use wasm_bindgen_futures::spawn_local;

/// The plan, as far as it is.
pub fn plan(desk: Desk) -> Node {
    (move || match desk.plan.get() {
        PlanPhase::None => ().into_node(),
        PlanPhase::Outdated => view! {
            <Notice tone=Tone::Warning>
                <p role="status">{move || t::import_plan_outdated(&start_words(desk))}</p>
            </Notice>
        }
        .into_node(),
        PlanPhase::Asking { what, done, total } => {
            let (so_far, of) = (words::count(done as usize), words::count(total as usize));
            let text = match (what, total) {
                (_, 0) => t::import_asking_begin(),
                (Asking::List, _) => t::import_asking(&so_far, &of),
                (Asking::Accounts, _) => t::import_asking_each(&so_far, &of),
                (Asking::Owners, _) => t::import_asking_addresses(&so_far, &of),
                (Asking::Mas, _) => t::import_asking_mas(&so_far, &of),
            };
            under_way(desk, (total > 0).then(|| done as f64 / total as f64), text)
        }
        PlanPhase::Making { done, total } => under_way(
            desk,
            Some(done as f64 / total.max(1) as f64),
            t::import_planning(&words::count(done), &words::count(total)),
        ),
        PlanPhase::Failed(error) => failure(
            explain(&error),
            Some(UnsyncCallback::new(move |()| flow::begin(desk))),
        ),
        PlanPhase::Ready(plan) => ready(desk, plan),
    })
    .into_node()
}

fn under_way(desk: Desk, done: Option<f64>, text: String) -> Node {
    view! {
        <Card>
            <Progress done=Signal::stored(done) text=Signal::stored(text) />
            <div class="import-actions">
                <Button label=t::cancel on_press=move || desk.cancel() />
            </div>
        </Card>
    }
    .into_node()
}

fn ready(desk: Desk, plan: Rc<Plan>) -> Node {
    let totals = plan.totals;
    let Some(table) = desk.rows() else {
        return ().into_node();
    };
    let stopped = plan.is_stopped();
    let sends = totals.create + totals.update;
    let is_known = totals.not_looked_up == 0;
    let only_blocked = sends == 0 && totals.blocked > 0 && is_known;
    let tone = match (stopped, only_blocked) {
        (true, _) => Tone::Warning,
        (_, true) => Tone::Bad,
        _ => Tone::Accent,
    };
    let sentence = move || {
        if totals.conflicts > 0 {
            t::import_plan_stopped(totals.conflicts as u64)
        } else if only_blocked {
            t::import_plan_all_blocked(totals.blocked as u64)
        } else if sends == 0 && is_known {
            t::import_plan_nothing()
        } else if desk.simulate.get() {
            t::import_plan_simulated()
        } else {
            t::import_plan_ready()
        }
    };
    // The way down may be long.
    request_animation_frame(|| {
        if let Ok(Some(plan)) = document().query_selector(".import-plan") {
            plan.scroll_into_view();
        }
    });
    let kept = StoredValue::new_local((Rc::clone(&plan), table.clone()));
    let download = move || {
        let (plan, table) = kept.get_value();
        spawn_local(async move {
            let csv = planning::csv(&plan, &table).await;
            save_text(&dated("import-plan", "csv"), "text/csv", &csv);
        });
    };
    let rows = rows(RowSource {
        plan,
        table,
        results: None,
    });
    view! {
        <div class="import-plan">
        <Card title=Signal::derive(t::import_plan)>
            <Notice tone>
                <p role="status">{sentence}</p>
            </Notice>
            {(!is_known).then(|| view! {
                <Notice tone=Tone::Warning>
                    <p>
                        {move || {
                            t::import_plan_not_asked(totals.not_looked_up as u64, &start_words(desk))
                        }}
                    </p>
                </Notice>
            })}
            {(totals.unchecked > 0 && !stopped).then(|| view! {
                <Notice tone=Tone::Warning>
                    <p>{move || t::import_plan_unchecked(totals.unchecked as u64)}</p>
                </Notice>
            })}
            {(totals.useless_passwords > 0).then(|| view! {
                <Notice tone=Tone::Warning>
                    <p>{t::import_passwords_useless}</p>
                </Notice>
            })}
            {numbers(&totals)}
            <div class="import-actions">
                {(sends > 0 && !stopped).then(|| view! {
                    <Button
                        label=t::import_as_planned
                        icon="upload"
                        kind=ButtonKind::Primary
                        on_press=move || flow::import_as_planned(desk)
                    />
                })}
                <Button label=t::import_download_plan icon="download" on_press=download />
            </div>
            {rows}
        </Card>
        </div>
    }
    .into_node()
}

fn numbers(totals: &PlanTotals) -> Node {
    let all: [(Words, usize); 11] = [
        (t::import_total_create, totals.create),
        (t::import_total_update, totals.update),
        (t::import_total_skip, totals.skip),
        (t::import_total_unchanged, totals.unchanged),
        (t::import_total_blocked, totals.blocked),
        (t::import_total_conflict, totals.conflicts),
        (t::import_total_not_asked, totals.not_looked_up),
        (t::import_confirm_admins, totals.admins),
        (t::import_total_passwords, totals.generated_passwords),
        (t::import_confirm_useless, totals.useless_passwords),
        (t::import_total_no_password, totals.without_password),
    ];
    stats(all.into_iter().filter(|(_, count)| *count > 0).collect())
}

/// Numbers with their names.
pub fn stats(all: Vec<(Words, usize)>) -> Node {
    let all: Vec<Node> = all
        .into_iter()
        .map(|(name, count)| {
            view! { <Stat label=name value=move || words::count(count) /> }.into_node()
        })
        .collect();
    view! { <div class="stats">{all}</div> }.into_node()
}
