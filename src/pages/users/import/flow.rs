//! What follows what: the one place that puts the steps together. They write the desk, and know
//! nothing of each other.

use super::desk::Desk;
use super::facts::PlanPhase;
use super::{checking, planning, running};
use crate::address::route::Route;
use crate::browser::navigation::current_route;
use crate::components::toast::Toasts;
use crate::i18n::t;
use leptos::prelude::*;
use std::rc::Rc;

/// The desk of this tab. Another choice of where IDs come from checks the rows again.
pub fn desk() -> Desk {
    Desk::get(|| {
        let desk = Desk::new();
        Effect::new(move |before: Option<()>| {
            desk.ids.track();
            if before.is_some() {
                checking::again(desk);
            }
        });
        desk
    })
}

/// The button "Simulate" or "Import". It asks again for what a plan lacks.
pub fn begin(desk: Desk) {
    plan_and_ask(desk, desk.simulate.get_untracked(), 0);
}

/// The button that goes on from the plan to the import.
pub fn import_as_planned(desk: Desk) {
    plan_and_ask(desk, false, usize::MAX);
}

/// Plans, and asks whether the plan is to be run unless it is a simulation. One that is there serves if
/// no more rows than `lacking` have not been looked up.
fn plan_and_ask(desk: Desk, simulate: bool, lacking: usize) {
    let fresh = desk.facts.get_value().filter(|facts| facts.is_fresh());
    if let (PlanPhase::Ready(plan), Some(facts)) = (desk.plan.get_untracked(), fresh)
        && !simulate
        && plan.totals.not_looked_up <= lacking
    {
        return running::propose(desk, plan, facts);
    }
    desk.begin(async move {
        match planning::make(desk).await {
            Ok((plan, facts)) => {
                desk.plan.set(PlanPhase::Ready(Rc::clone(&plan)));
                match Route::parse(&current_route()) {
                    _ if simulate => {}
                    Route::ImportUsers => running::propose(desk, plan, facts),
                    // Whoever is busy with something else would answer without having read it.
                    _ => Toasts::get().info(t::import_plan_elsewhere(
                        &desk.file_name.get_untracked().unwrap_or_default(),
                        &t::users_import(),
                    )),
                }
            }
            Err(error) => desk.plan.set(PlanPhase::Failed(error)),
        }
    });
}
