//! What follows what: the one place that puts the steps together. They write the desk, and know
//! nothing of each other.

use super::checked::FilePhase;
use super::desk::Desk;
use super::facts::PlanPhase;
use super::{checking, planning, running};
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

/// The button "Simulate" or "Import".
pub fn begin(desk: Desk) {
    plan_and_ask(desk, desk.simulate.get_untracked());
}

/// The button that goes on from the plan to the import.
pub fn import_as_planned(desk: Desk) {
    plan_and_ask(desk, false);
}

/// Plans, and asks whether the plan is to be run unless it is a simulation.
fn plan_and_ask(desk: Desk, simulate: bool) {
    if !matches!(desk.file.get_untracked(), FilePhase::Ready) {
        return;
    }
    let fresh = desk.facts.get_value().filter(|facts| facts.is_fresh());
    if let (PlanPhase::Ready(plan), Some(facts)) = (desk.plan.get_untracked(), fresh)
        && !simulate
    {
        return running::propose(desk, plan, facts);
    }
    desk.begin(async move {
        match planning::make(desk).await {
            Ok((plan, facts)) => {
                desk.plan.set(PlanPhase::Ready(Rc::clone(&plan)));
                if !simulate {
                    running::propose(desk, plan, facts);
                }
            }
            Err(error) => desk.plan.set(PlanPhase::Failed(error)),
        }
    });
}
