//! What can be done to the members of a room: the table of actions, and by which right. No browser,
//! no requests; `pages::rooms::one::members` carries it out.

use super::power_levels::{Level, Powers};
use crate::actions::{About, Group, Reversibility, Spares, actions};
use crate::api::rooms::Membership;
use crate::api::{ServerName, UserId};
use crate::i18n::t;
use crate::runner::Reason;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

actions! {
    /// A change of members.
    MakeAdmin,
    Unban,
    Ban,
    Remove,
}

impl Action {
    /// What puts it back.
    pub fn inverse(self) -> Option<Action> {
        match self {
            Action::Ban => Some(Action::Unban),
            Action::Unban => Some(Action::Ban),
            Action::MakeAdmin | Action::Remove => None,
        }
    }

    /// The row of this action in the table of actions on members.
    pub fn about(self) -> &'static About {
        match self {
            Action::MakeAdmin => &About {
                label: t::room_members_make_admin,
                sentence: t::room_members_make_admin_text,
                more: None,
                one: t::room_members_make_admin_one,
                many: t::room_members_make_admin_count,
                icon: "shield-check",
                group: Group::Access,
                reversibility: Reversibility::Harmless,
                question: true,
                feature: None,
                spares: Spares::Nobody,
                looks_up: false,
                asks: false,
            },
            Action::Unban => &About {
                label: t::member_unban,
                sentence: t::member_unban_text,
                more: None,
                one: t::member_unban_one,
                many: t::member_unban_count,
                icon: "unlock",
                group: Group::Access,
                reversibility: Reversibility::Reversible,
                question: true,
                feature: None,
                spares: Spares::Nobody,
                looks_up: true,
                asks: true,
            },
            Action::Ban => &About {
                label: t::member_ban,
                sentence: t::member_ban_text,
                more: Some(t::member_ban_more),
                one: t::member_ban_one,
                many: t::member_ban_count,
                icon: "ban",
                group: Group::Access,
                reversibility: Reversibility::Reversible,
                question: true,
                feature: None,
                spares: Spares::Nobody,
                looks_up: true,
                asks: true,
            },
            Action::Remove => &About {
                label: t::member_remove,
                sentence: t::member_remove_text,
                more: Some(t::member_remove_more),
                one: t::member_remove_one,
                many: t::member_remove_count,
                icon: "log-out",
                group: Group::End,
                reversibility: Reversibility::Irreversible,
                question: true,
                feature: None,
                spares: Spares::Nobody,
                looks_up: true,
                asks: true,
            },
        }
    }

    /// Why somebody is left out: `membership` is what they are in the room, `own` the
    /// administrator.
    pub fn spares(
        self,
        user: &UserId,
        membership: &str,
        own: Option<&UserId>,
        server: Option<&ServerName>,
    ) -> Option<Reason> {
        let is_in = matches!(membership, "join" | "invite" | "knock");
        match self {
            Action::MakeAdmin if Some(&user.server()) != server => Some(Reason::NotLocal),
            Action::MakeAdmin => (membership != "join").then_some(Reason::NotInRoom),
            _ if Some(user) == own => Some(Reason::Own),
            Action::Unban => (membership != "ban").then_some(Reason::Unchanged),
            Action::Ban => (membership == "ban").then_some(Reason::Unchanged),
            Action::Remove => (!is_in).then_some(Reason::Unchanged),
        }
    }
}

/// Bans that are lifted, by the numbers of the targets: with the reason that each had, if it had one.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct BansLifted(BTreeMap<usize, Option<String>>);

impl BansLifted {
    /// Right before it is lifted, somebody's membership is this.
    pub fn note(&mut self, number: usize, found: &Membership) {
        if found.membership == "ban" {
            self.0.insert(number, found.reason.clone());
        }
    }

    /// Those of the targets with these numbers, in this order.
    pub fn of(&self, which: &[usize]) -> Self {
        let lifted = which.iter().enumerate();
        BansLifted(
            lifted
                .filter_map(|(place, number)| Some((place, self.0.get(number)?.clone())))
                .collect(),
        )
    }

    /// For which reason somebody was banned.
    pub fn reason(&self, number: usize) -> Option<&str> {
        self.0.get(&number)?.as_deref()
    }

    /// Why somebody is not banned again whose ban was lifted: they have come back since, or are about to.
    pub fn spares(&self, action: Action, number: usize, membership: &str) -> Option<Reason> {
        let takes_back = action == Action::Ban && self.0.contains_key(&number);
        (takes_back && membership != "leave").then_some(Reason::ChangedSince)
    }
}

/// By which right something is done to a member.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// The administrator is in the room and may.
    Right,
    /// The administrator may once they have been made an admin of the room.
    Gain,
    /// An account of this server leaves by itself: the administrator acts in its name.
    Leave,
}

/// What an administrator is in a room, and could be.
#[derive(Clone, Debug, PartialEq)]
pub struct RoomStanding {
    powers: Powers,
    own: Level,
    is_in: bool,
    /// The level that [`crate::api::rooms::make_admin`] gives; `None` where it gives none.
    gained: Option<Level>,
    server: ServerName,
    /// Whether the server lets the administrator act in the name of its accounts.
    acts_for_others: bool,
}

impl RoomStanding {
    /// That of this administrator, in a room with these powers and these members.
    pub fn of(powers: Powers, own: &UserId, members: &[UserId], acts_for_others: bool) -> Self {
        let server = own.server();
        RoomStanding {
            own: powers.of(own.as_str()),
            is_in: members.contains(own),
            gained: gained(&powers, members, &server),
            powers,
            server,
            acts_for_others,
        }
    }

    /// Whether the administrator is in the room.
    pub fn is_in(&self) -> bool {
        self.is_in
    }

    /// How an action is done to somebody; `may_gain`: whether the administrator is made an admin of
    /// the room for it. `None`: nobody of this server can.
    pub fn way(&self, action: Action, user: &UserId, may_gain: bool) -> Option<Way> {
        if self.is_in && self.suffices(self.own, action, user) {
            return Some(Way::Right);
        }
        let could = |level: Level| self.suffices(level, action, user);
        if may_gain && self.gained.is_some_and(could) {
            return Some(Way::Gain);
        }
        let leaves = action == Action::Remove && self.acts_for_others;
        (leaves && user.server() == self.server).then_some(Way::Leave)
    }

    /// Whether somebody of this level may: the rules of
    /// <https://spec.matrix.org/latest/rooms/v11/#authorization-rules>.
    fn suffices(&self, level: Level, action: Action, user: &UserId) -> bool {
        let needed = match action {
            Action::MakeAdmin => return true,
            Action::Remove => self.powers.kick,
            Action::Ban => self.powers.ban,
            // Who lifts a ban makes them leave.
            Action::Unban => self.powers.ban.max(self.powers.kick),
        };
        level >= Level::Number(needed) && level > self.powers.of(user.as_str())
    }
}

/// The level that the server gives who is made an admin: that of the local member who has most and
/// stands there by name; 100 where that is a creator of a new room.
fn gained(powers: &Powers, members: &[UserId], server: &ServerName) -> Option<Level> {
    let named = members.iter().filter(|user| user.server() == *server);
    let most = named
        .filter_map(|user| match powers.of(user.as_str()) {
            Level::Creator => Some(Level::Creator),
            level => powers.users.contains_key(user.as_str()).then_some(level),
        })
        .max()?;
    let changes = powers.events.get("m.room.power_levels").copied();
    let changes = Level::Number(changes.unwrap_or(powers.state_default));
    (most >= changes).then_some(match most {
        Level::Creator => Level::Number(100),
        level => level,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn user(id: &str) -> UserId {
        UserId::parse(id).unwrap()
    }

    fn standing(version: &str, levels: serde_json::Value, members: &[&str]) -> RoomStanding {
        let create = json!({"room_version": version});
        let powers = Powers::read("@boss:b.org", &create, Some(&levels));
        let members: Vec<UserId> = members.iter().map(|id| user(id)).collect();
        RoomStanding::of(powers, &user("@admin:b.org"), &members, true)
    }

    #[test]
    fn by_ones_own_right_where_that_suffices() {
        let levels = json!({"users": {"@admin:b.org": 50, "@boss:b.org": 100, "@mod:c.org": 50}});
        let room = standing(
            "10",
            levels.clone(),
            &["@admin:b.org", "@boss:b.org", "@x:c.org"],
        );
        let way = |action, id: &str, gain| room.way(action, &user(id), gain);
        for action in [Action::Remove, Action::Ban, Action::Unban] {
            assert_eq!(way(action, "@x:c.org", false), Some(Way::Right));
        }
        // Equals cannot be removed; whoever is made an admin can.
        assert_eq!(way(Action::Remove, "@mod:c.org", false), None);
        assert_eq!(way(Action::Ban, "@mod:c.org", true), Some(Way::Gain));
        // The one whose level it would be is above nobody of the same.
        assert_eq!(way(Action::Ban, "@boss:b.org", true), None);
        assert_eq!(way(Action::Remove, "@boss:b.org", true), Some(Way::Leave));

        // The level is worth nothing to whoever is not in the room.
        let outside = standing("10", levels, &["@boss:b.org", "@x:c.org"]);
        assert!(!outside.is_in());
        assert_eq!(outside.way(Action::Ban, &user("@x:c.org"), false), None);
        assert_eq!(
            outside.way(Action::Ban, &user("@x:c.org"), true),
            Some(Way::Gain)
        );
    }

    #[test]
    fn nobody_here_has_power() {
        let levels =
            json!({"users": {"@their:c.org": 100, "@mod:b.org": 50}, "state_default": 100});
        let room = standing("10", levels, &["@their:c.org", "@mod:b.org", "@x:b.org"]);
        // A moderator may not change the levels.
        assert_eq!(room.way(Action::Remove, &user("@y:c.org"), true), None);
        assert_eq!(room.way(Action::Ban, &user("@x:b.org"), true), None);
        assert_eq!(
            room.way(Action::Remove, &user("@x:b.org"), true),
            Some(Way::Leave)
        );
        let mut room = room;
        room.acts_for_others = false;
        assert_eq!(room.way(Action::Remove, &user("@x:b.org"), true), None);
    }

    #[test]
    fn creators_of_new_rooms_give_a_hundred_and_are_above_it() {
        let levels = json!({"users": {"@far:c.org": 150}});
        let room = standing("12", levels, &["@boss:b.org", "@far:c.org", "@x:c.org"]);
        assert_eq!(
            room.way(Action::Ban, &user("@x:c.org"), true),
            Some(Way::Gain)
        );
        assert_eq!(room.way(Action::Ban, &user("@far:c.org"), true), None);
        assert_eq!(room.way(Action::Ban, &user("@boss:b.org"), true), None);
    }

    #[test]
    fn whom_each_action_spares() {
        let own = user("@admin:b.org");
        let spares = |action: Action, id: &str, membership: &str| {
            let server = own.server();
            action.spares(&user(id), membership, Some(&own), Some(&server))
        };
        let (there, here) = ("@x:c.org", "@x:b.org");
        assert_eq!(
            spares(Action::MakeAdmin, there, "join"),
            Some(Reason::NotLocal)
        );
        assert_eq!(spares(Action::MakeAdmin, here, "join"), None);
        for outside in ["invite", "knock", "ban", "leave"] {
            let reason = spares(Action::MakeAdmin, here, outside);
            assert_eq!(reason, Some(Reason::NotInRoom), "{outside}");
        }
        assert_eq!(
            spares(Action::MakeAdmin, there, "ban"),
            Some(Reason::NotLocal)
        );
        assert_eq!(spares(Action::Remove, here, "invite"), None);
        assert_eq!(spares(Action::Remove, here, "ban"), Some(Reason::Unchanged));
        assert_eq!(spares(Action::Ban, there, "leave"), None);
        assert_eq!(
            spares(Action::Unban, there, "join"),
            Some(Reason::Unchanged)
        );
        for action in [Action::Remove, Action::Ban] {
            assert_eq!(spares(action, own.as_str(), "join"), Some(Reason::Own));
        }
    }

    #[test]
    fn who_has_come_back_since_is_not_banned_again_by_an_undo() {
        let found = |json: Value| serde_json::from_value(json).unwrap();
        let mut lifted = BansLifted::default();
        lifted.note(0, &found(json!({"membership": "leave"})));
        lifted.note(
            1,
            &found(json!({"membership": "ban", "reason": "Spam & noise"})),
        );
        lifted.note(
            2,
            &found(json!({"membership": "ban", "reason": {"odd": true}})),
        );
        // Asked again because the answer to the lifting was lost.
        lifted.note(1, &found(json!({"membership": "leave", "reason": "Mercy"})));
        let text = serde_json::to_string(&lifted).unwrap();
        let back = serde_json::from_str::<BansLifted>(&text)
            .unwrap()
            .of(&[2, 1]);
        let reasons = [0, 1, 2].map(|number| back.reason(number));
        assert_eq!(reasons, [None, Some("Spam & noise"), None]);
        for number in [0, 1] {
            let spares = |membership| back.spares(Action::Ban, number, membership);
            assert_eq!(spares("leave"), None);
            for membership in ["join", "invite", "knock"] {
                assert_eq!(spares(membership), Some(Reason::ChangedSince));
            }
        }
        // Who bans somebody means those who are in the room as well, and a lifting hits no others.
        assert_eq!(BansLifted::default().spares(Action::Ban, 0, "join"), None);
        assert_eq!(lifted.spares(Action::Unban, 1, "ban"), None);
    }

    #[test]
    fn the_table_is_in_order() {
        for action in Action::ALL {
            let about = action.about();
            let takes = about.reversibility != Reversibility::Harmless;
            assert_eq!(about.asks, takes, "{action:?}");
            let inverse = action.inverse().and_then(Action::inverse);
            let is_reversible = about.reversibility == Reversibility::Reversible;
            assert_eq!(inverse, is_reversible.then_some(action));
        }
        let groups = Action::ALL.map(|action| action.about().group as usize);
        assert!(groups.is_sorted());
    }
}
