//! Having users join rooms.

use super::OnTarget;
use crate::rooms::joining::Joining;
use futures_util::FutureExt;
use std::cell::RefCell;
use std::rc::Rc;

/// Has each of them join, as [`Joining::attempt`] does.
pub fn joining(all: Vec<Joining>) -> OnTarget {
    let unsure = Rc::new(RefCell::new(vec![false; all.len()]));
    let all: Rc<[Joining]> = all.into();
    Rc::new(move |item, network, turn| {
        let (all, unsure) = (Rc::clone(&all), Rc::clone(&unsure));
        async move {
            let was_unsure = unsure.borrow()[item];
            let (step, is_unsure) = all[item].attempt(was_unsure, network, &turn).await;
            unsure.borrow_mut()[item] = is_unsure;
            if !is_unsure {
                network.is_known();
            }
            step
        }
        .boxed_local()
    })
}
