//! Pages about other servers.
//!
//! | file | page |
//! |---|---|
//! | [`list`] | `#/destinations` |
//! | `failing` | what can be done about, and what is to be known of, all that cannot be reached |
//! | [`one`] | `#/destinations/example.org` |
//! | [`retried`] | how it goes with them, of which some are being tried again |
//! | `whole` | the whole list, for what the server cannot answer |

mod failing;
pub mod list;
pub mod one;
pub mod retried;
mod whole;

use crate::api::federation::{self, Destination};
use crate::federation::actions::{RESET, spared, verdict};
use crate::i18n::t;
use crate::operations::acts::Act;
use crate::widgets::actions::things::{self, ThingAction, ThingActions, ThingKind};
use futures_util::FutureExt;

/// The name of the maker of actions that go on after signing in again in the same tab.
pub const MAKER: &str = "destinations";

/// So many things are asked about at a time.
const AT_ONCE: usize = 4;

/// What can be done to other servers.
static SERVERS: ThingKind<Destination> = ThingKind {
    maker: MAKER,
    rows: ThingActions::of(
        const {
            &[ThingAction {
                about: &RESET,
                spared,
                ask: Some(|server, network| {
                    async move {
                        match network.send(federation::destination(&server.name)).await {
                            Ok(now) => {
                                retried::about(&now);
                                Ok(verdict(Some(&now)))
                            }
                            Err(error) if error.is_not_found() => Ok(verdict(None)),
                            Err(error) => Err(error),
                        }
                    }
                    .boxed_local()
                }),
                call: |server| federation::reset(&server.name).call,
                missing_is_done: false,
                done: Some(retried::begun),
                back: None,
            }]
        },
    ),
    name: |server| server.name.to_string(),
    typed: |server| server.name.to_string(),
    whom: |_| None,
    noun: t::federation_servers,
    nothing: t::federation_none,
};

/// Makes an action again that was kept.
pub fn make(order: &str, _under_way: &[usize]) -> Option<Act> {
    things::make(&SERVERS, order)
}
