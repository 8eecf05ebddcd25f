//! The filters of the list of rooms.

use super::question::filter;
use crate::components::field::Choice;
use crate::i18n::{Words, t};
use crate::known::{UNKNOWN, Wanted};
use crate::lists::{Filter, FilterKind};

/// All filters, in their order.
pub fn filters() -> Vec<Filter> {
    let only = |id, label: Words| {
        let choices = vec![
            ("true", t::users_only as Words),
            ("false", t::users_without),
        ];
        Filter::new(id, label, FilterKind::Choice(choices))
    };
    let local: Vec<Choice> = vec![
        ("true", t::room_local_some as Words),
        ("false", t::room_local_none),
        (UNKNOWN, t::known_unknown),
    ];
    let rules: Vec<Choice> = vec![
        ("public", t::room_join_public as Words),
        ("invite", t::room_join_invite),
        ("knock", t::room_join_knock),
        ("restricted", t::room_join_restricted),
        ("knock_restricted", t::room_join_knock_restricted),
        ("private", t::room_join_private),
    ];
    let months: Vec<Choice> = vec![
        ("3", t::room_quiet_3 as Words),
        ("6", t::room_quiet_6),
        ("12", t::room_quiet_12),
        ("24", t::room_quiet_24),
        (UNKNOWN, t::known_unknown),
    ];
    let many: Vec<Choice> = vec![
        ("2", t::room_extremities_2 as Words),
        ("10", t::room_extremities_10),
        ("50", t::room_extremities_50),
        (UNKNOWN, t::known_unknown),
    ];
    let or_unknown = |text: &str| Wanted::parse(text).is_some();
    let text = |id, label| Filter::new(id, label, FilterKind::Text);
    vec![
        only(filter::PUBLIC, t::room_published_ones),
        only(filter::EMPTY, t::room_empty_ones).reading(or_unknown),
        Filter::new(
            filter::LOCAL,
            t::room_local_members,
            FilterKind::Choice(local),
        ),
        only(filter::SPACE, t::room_spaces).reading(or_unknown),
        only(filter::ENCRYPTED, t::room_encrypted_ones),
        only(filter::FEDERATED, t::room_federated_ones),
        Filter::new(
            filter::JOIN_RULE,
            t::room_join_rule,
            FilterKind::Choice(rules),
        )
        .reading(|_| true),
        Filter::new(
            filter::FORGOTTEN,
            t::room_forgotten,
            FilterKind::Choice(vec![
                ("true", t::room_forgotten_by_all as Words),
                ("false", t::room_forgotten_not),
                (UNKNOWN, t::known_unknown),
            ]),
        ),
        Filter::new(filter::BLOCKED, t::room_blocked, FilterKind::YesNo),
        Filter::new(filter::QUIET, t::room_quiet, FilterKind::Choice(months))
            .reading(|text| text == UNKNOWN || text.parse::<i64>().is_ok()),
        Filter::new(
            filter::EXTREMITIES,
            t::room_extremities,
            FilterKind::Choice(many),
        )
        .reading(|text| text == UNKNOWN || text.parse::<u64>().is_ok()),
        Filter::new(
            filter::LARGEST,
            t::room_largest,
            FilterKind::Choice(vec![("true", t::room_largest_ten as Words)]),
        ),
        text(filter::VERSION, t::room_version),
        text(filter::CREATOR, t::room_creator),
    ]
}
