//! Actions that are made again once their page has been left in order to sign in again: what each of them
//! has to know is kept, without passwords.

use super::everything::AccountBefore;
use super::perform::{self, Deleted, Input};
use super::targets::{Meant, UserIds};
use crate::api::UserId;
use crate::operations::acts::Act;
use crate::users::actions::Action;
use crate::users::picked::PickedUsers;
use serde::{Deserialize, Serialize};

/// The name of the maker.
pub const MAKER: &str = "users";

/// What is known of an action from before its page was left. Nothing of one that is new.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct SoFar {
    /// How many files it has deleted.
    pub deleted: Deleted,
    /// What it has done with each account that it erases.
    pub accounts: Vec<AccountBefore>,
    /// Those of which a request may be under way, by their numbers.
    #[serde(skip)]
    pub under_way: Vec<usize>,
}

/// An action as it is kept.
#[derive(Serialize, Deserialize)]
struct Order {
    action: String,
    users: Vec<UserId>,
    input: Input,
    picked: Option<PickedUsers>,
    before: SoFar,
}

/// The action as text that [`make`] reads.
pub fn order(
    action: Action,
    users: &UserIds,
    input: &Input,
    meant: Option<&Meant>,
    before: SoFar,
) -> Option<String> {
    let order = Order {
        action: format!("{action:?}"),
        users: users.to_vec(),
        input: input.clone(),
        // Of those who were picked by nothing, nothing is asked.
        picked: meant
            .filter(|meant| meant.origins.is_some())
            .map(Meant::kept),
        before,
    };
    serde_json::to_string(&order).ok()
}

/// Makes the action of an order again.
pub fn make(order: &str, under_way: &[usize]) -> Option<Act> {
    let Order {
        action,
        users,
        input,
        picked,
        mut before,
    } = serde_json::from_str(order).ok()?;
    let action = Action::by_name(&action)?;
    before.under_way = under_way.to_vec();
    let users: UserIds = users.into();
    let meant = picked.and_then(|picked| Meant::of(picked, &users));
    Some(perform::act(action, &users, input, meant, before))
}
