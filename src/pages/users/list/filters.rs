//! The filters of the list of users.

use crate::components::field::Preset;
use crate::i18n::{Words, t};
use crate::known::UNKNOWN;
use crate::lists::{Filter, FilterKind};
use crate::users::address::{NO_TYPE, filter};

/// All filters, in their order.
pub fn filters() -> Vec<Filter> {
    let only = |id, label: Words| {
        let choices = vec![
            ("true", t::users_only as Words),
            ("false", t::users_without),
        ];
        Filter::new(id, label, FilterKind::Choice(choices))
    };
    let day = |id, label: Words| Filter::new(id, label, FilterKind::Date);
    let types = vec![
        (NO_TYPE, t::users_type_none as Words),
        ("bot", t::users_type_bot),
        ("support", t::users_type_support),
    ];
    let ages = vec![
        Preset::days(30, t::media_days_30),
        Preset::days(90, t::media_days_90),
        Preset::days(365, t::media_year),
    ];
    vec![
        only(filter::ADMINS, t::users_admins),
        only(filter::DEACTIVATED, t::users_deactivated_ones),
        only(filter::LOCKED, t::users_locked_ones),
        only(filter::SHADOW_BANNED, t::users_shadow_banned_ones),
        Filter::new(
            filter::SUSPENDED,
            t::users_suspended_ones,
            FilterKind::Choice(vec![
                ("true", t::users_only as Words),
                ("false", t::users_without),
                (UNKNOWN, t::known_unknown),
            ]),
        ),
        only(filter::GUESTS, t::users_guests),
        only(filter::SYSTEM, t::users_system),
        // A server may have types of its own.
        Filter::new(filter::USER_TYPE, t::users_type, FilterKind::Choice(types)).reading(|_| true),
        Filter::new(
            filter::NOT_SEEN_SINCE,
            t::users_not_seen_since,
            FilterKind::DateBefore(ages),
        ),
        day(filter::SEEN_FROM, t::users_seen_from),
        Filter::new(
            filter::SEEN,
            t::users_seen,
            FilterKind::Choice(vec![
                ("false", t::users_seen_never as Words),
                ("true", t::users_seen_ever),
            ]),
        ),
        Filter::new(
            filter::DEVICES,
            t::user_devices,
            FilterKind::Choice(vec![
                ("false", t::users_devices_none as Words),
                ("dehydrated", t::users_devices_dehydrated),
                ("true", t::users_devices_some),
                (UNKNOWN, t::known_unknown),
            ]),
        ),
        only(filter::WAITING, t::users_waiting),
        day(filter::CREATED_FROM, t::users_created_from),
        day(filter::CREATED_UNTIL, t::users_created_until),
    ]
}
