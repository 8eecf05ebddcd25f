//! The tab "Devices": the sessions of an account.

use super::{Shown, doing_unless_of_a_bridge, unless_of_a_bridge};
use crate::api::devices::{self, Device};
use crate::api::server::{Feature, MasAccess};
use crate::api::{ApiError, UserId, login};
use crate::browser::clock::iso;
use crate::components::badge::{Tone, badge};
use crate::components::button::{Button, ButtonKind};
use crate::components::field::Field;
use crate::components::form_dialog::{FormDialog, SentFields};
use crate::components::identifier::identifier_text;
use crate::components::menu::{Menu, menu_item, menu_item_danger};
use crate::components::time::time_or_never;
use crate::components::toast::Toasts;
use crate::i18n::features::why_not;
use crate::i18n::{format, t};
use crate::known::{Known, Why};
use crate::lists::{
    Column, Defaults, List, ListPage, ListQuery, ListSpec, Picked, Source, arrange_known,
};
use crate::operations::value::Changeable;
use crate::operations::{
    Confirmation, OnTarget, Operations, Proposal, Recorded, Target, TargetJob,
};
use crate::pages::users::held;
use crate::runner::{Step, Turn};
use crate::session::{Client, Session};
use crate::sort_keys;
use crate::ui::{IntoNode, Node, view};
use crate::users::sessions::{HeldSession, of_device};
use crate::widgets::gather::Gatherer;
use futures_util::FutureExt;
use leptos::prelude::*;
use std::cell::RefCell;
use std::cmp::Ordering;
use std::rc::Rc;

/// How many characters a name may have, as the server has it.
const LONGEST_NAME: usize = 100;

/// How many sessions are ended with one request.
const AT_ONCE: usize = 100;

/// What the parts of the tab share. A handle: copies are the same.
#[derive(Clone, Copy)]
struct Tab {
    user: StoredValue<UserId>,
    /// The device of the session in which the administrator works, if it is this account's.
    own: RwSignal<Option<String>>,
    /// Whether it is an account of a bridge or bot, which works in its sessions.
    of_a_bridge: bool,
    changed: RwSignal<u32>,
    renamed: RwSignal<Option<Device>>,
    added: RwSignal<bool>,
}

fn refresh(changed: RwSignal<u32>) {
    // The page may have been left.
    let _ = changed.try_update(|changed| *changed += 1);
}

impl Tab {
    fn refresh(self) {
        refresh(self.changed);
    }

    fn is_own(self, device: &Device) -> bool {
        self.own
            .with_untracked(|own| own.as_deref() == Some(device.device_id.as_str()))
    }
}

/// Whether a device that is deleted stays away.
fn can_end() -> bool {
    let server = Session::get().capabilities_now();
    server.has(Feature::EndSessions)
}

/// The tab with the devices of a user.
pub fn tab(shown: Shown) -> Node {
    let tab = Tab {
        user: shown.user,
        // As long as the server has not told another.
        own: RwSignal::new(own_device(&shown.user.get_value())),
        of_a_bridge: untrack(|| shown.is_of_a_bridge()),
        changed: RwSignal::new(0),
        renamed: RwSignal::new(None),
        added: RwSignal::new(false),
    };
    let user = shown.user.get_value();
    let gatherer = Gatherer::new();
    let spec = ListSpec::new(
        "user-devices",
        t::user_devices,
        |device: &Device| device.device_id.clone(),
        Source::here(move |query, _reading| load(tab, user.clone(), query)),
    )
    .defaults(Defaults {
        sort: DeviceOrder::LastSeen.key(),
        descending: true,
        ..Default::default()
    })
    .search(t::devices_search)
    .empty("device", t::devices_empty, Some(t::devices_empty_text))
    .reload(tab.changed)
    .columns(columns(tab));
    let spec = match can_end() {
        true => spec.bulk(move |picked| bulk(tab, gatherer, picked)),
        false => spec,
    };
    let lack = Session::get()
        .capabilities_now()
        .lack(Feature::CreateDevices);
    view! {
        <div class="tab-actions">
            {lack.map(|lack| view! { <span class="action-reason">{why_not(lack)}</span> })}
            <Button
                label=t::devices_add
                icon="plus"
                disabled=lack.is_some()
                on_press=move || tab.added.set(true)
            />
        </div>
        <List spec />
        {gatherer.view()}
        {rename_dialog(tab)}
        {add_dialog(tab)}
    }
    .into_node()
}

fn text(value: &Option<String>) -> String {
    value.clone().unwrap_or_default()
}

fn columns(tab: Tab) -> Vec<Column> {
    vec![
        Column::new(
            "display_name",
            t::devices_name,
            |device: &Device| match device.display_name.as_deref() {
                None | Some("") => device.device_id.clone(),
                Some(name) => name.to_owned(),
            },
        )
        .cell(move |device: &Device| name(tab, device))
        .main()
        .sorted(DeviceOrder::Name)
        .grow(11.0, 2.0),
        Column::new("device_id", t::devices_id, |device: &Device| {
            device.device_id.clone()
        })
        .cell(|device: &Device| identifier_text(&device.device_id))
        .copyable()
        .grow(9.0, 1.0),
        Column::new("last_seen", t::users_last_seen, |device: &Device| {
            device.last_seen_ts.map(iso).unwrap_or_default()
        })
        .cell(|device: &Device| time_or_never(device.last_seen_ts))
        .sorted(DeviceOrder::LastSeen)
        .grow(8.0, 0.5),
        Column::new("last_seen_ip", t::devices_ip, |device: &Device| {
            text(&device.last_seen_ip)
        })
        .sorted(DeviceOrder::Ip)
        .grow(8.0, 0.5),
        Column::new("user_agent", t::devices_agent, |device: &Device| {
            text(&device.last_seen_user_agent)
        })
        .grow(9.0, 1.5),
        Column::new("actions", t::act_menu, |_: &Device| String::new())
            .cell(move |device: &Device| menu(tab, device))
            .without_heading()
            .not_exported()
            .width(3.5),
    ]
}

fn name(tab: Tab, device: &Device) -> Node {
    let words = match device.display_name.as_deref() {
        None | Some("") => device.device_id.clone(),
        Some(name) => name.to_owned(),
    };
    let own = device.device_id.clone();
    let is_own = move || tab.own.with(|found| found.as_deref() == Some(own.as_str()));
    let dehydrated = device.dehydrated;
    view! {
        <span class="marks">
            <span class="cell-text">{words}</span>
            {move || is_own().then(|| badge(Tone::Accent, t::devices_own))}
            {dehydrated.then(|| badge(Tone::Neutral, t::devices_dehydrated))}
        </span>
    }
    .into_node()
}

fn menu(tab: Tab, device: &Device) -> Node {
    let device = StoredValue::new(device.clone());
    view! {
        <Menu label=Signal::derive(t::act_menu)>
            {menu_item("edit", t::devices_rename, move || {
                tab.renamed.set(Some(device.get_value()));
            })}
            {can_end().then(|| menu_item_danger("log-out", t::devices_end, move || {
                end(tab, vec![device.get_value()], None);
            }))}
        </Menu>
    }
    .into_node()
}

async fn load(tab: Tab, user: UserId, query: ListQuery) -> Result<ListPage, ApiError> {
    let client = Client::get();
    if Session::get().user_id().as_ref() == Some(&user)
        && let Ok(who) = client.send(login::who_am_i()).await
    {
        // A token without a device is nobody's session here.
        let _ = tab.own.try_set(who.device_id);
    }
    let found = client.send(devices::list(&user)).await?;
    let (page, total) = arrange_known(
        found.devices,
        &query,
        |device| {
            format!(
                "{}\n{}\n{}\n{}",
                device.device_id,
                text(&device.display_name),
                text(&device.last_seen_ip),
                text(&device.last_seen_user_agent)
            )
        },
        compare,
    );
    Ok(ListPage::new(page, total))
}

sort_keys! {
    /// What the list of devices can be sorted by.
    DeviceOrder {
        Name: "name",
        LastSeen: "last_seen",
        Ip: "ip",
    }
}

fn compare(key: DeviceOrder, a: &Device, b: &Device, descending: bool) -> Ordering {
    let name = |device: &Device| Known::Is(text(&device.display_name).to_lowercase());
    let seen = |device: &Device| Known::or(device.last_seen_ts, Why::NoRecord);
    let ip = |device: &Device| Known::or(device.last_seen_ip.clone(), Why::NoRecord);
    let by_key = match key {
        DeviceOrder::Name => name(a).compare(&name(b), descending),
        DeviceOrder::Ip => ip(a).compare(&ip(b), descending),
        DeviceOrder::LastSeen => seen(a).compare(&seen(b), descending),
    };
    by_key.then_with(|| a.device_id.cmp(&b.device_id))
}

/// The device of this session, if it is this account's.
fn own_device(user: &UserId) -> Option<String> {
    let account = Session::get().account_now()?;
    (account.user_id == *user).then_some(account.device_id)?
}

fn bulk(tab: Tab, gatherer: Gatherer, picked: Picked) -> Node {
    let press = move || {
        gatherer.gather(
            picked,
            Rc::new(move |devices| end(tab, devices, Some(picked))),
        );
    };
    view! { <Button label=t::devices_end icon="log-out" kind=ButtonKind::Danger on_press=press /> }
        .into_node()
}

/// Asks, and ends these sessions; never the one in which the administrator works.
fn end(tab: Tab, devices: Vec<Device>, picked: Option<Picked>) {
    if tab.of_a_bridge {
        return Toasts::get().info(t::act_spared_system());
    }
    let all = devices.len();
    // Nobody is logged in to a dehydrated one: it goes if it is meant, alone.
    let spared = |device: &Device| device.dehydrated && all > 1;
    let dehydrated = devices.iter().filter(|device| spared(device)).count();
    let hit: Vec<Device> = devices
        .into_iter()
        .filter(|device| !tab.is_own(device) && !spared(device))
        .collect();
    if hit.is_empty() {
        return Toasts::get().info(match dehydrated {
            0 => t::devices_only_own(),
            _ => t::devices_only_spared(),
        });
    }
    let count = hit.len() as u64;
    let mut facts = vec![match &hit[..] {
        [device] => (
            t::devices_one(),
            match device.display_name.as_deref() {
                None | Some("") => device.device_id.clone(),
                Some(name) => format!("{name} ({})", device.device_id),
            },
        ),
        _ => (t::user_devices(), format::number(count as f64)),
    }];
    if hit.len() + dehydrated < all {
        facts.push((t::devices_left_out(), t::devices_own()));
    }
    if dehydrated > 0 {
        facts.push((t::act_fact_dehydrated(), format::number(dehydrated as f64)));
    }
    let user = tab.user.get_value();
    let ids: Vec<String> = hit.into_iter().map(|device| device.device_id).collect();
    let mas = Session::get().capabilities_now().mas().cloned();
    let sentence = match mas {
        Some(_) => format!("{} {}", t::devices_end_text(), t::devices_end_held()),
        None => t::devices_end_text(),
    };
    Operations::get().propose(Proposal {
        title: t::act_question(&t::devices_end_count(count)),
        sentence,
        facts,
        action: t::devices_end_count(count),
        danger: true,
        confirmation: match count {
            1 => Confirmation::Click,
            _ => Confirmation::Type(count.to_string()),
        },
        fields: None,
        run: Rc::new(move || {
            if let Some(picked) = picked {
                picked.clear();
            }
            let title = t::devices_end_count(count);
            let job = match &mas {
                Some(mas) => end_held(mas.clone(), user.clone(), title, ids.clone()),
                None => unless_of_a_bridge(user.clone(), title, in_bulk(&user, &ids)),
            };
            job.on_end(move |_| tab.refresh()).start();
        }),
    });
}

fn in_bulk(user: &UserId, ids: &[String]) -> Vec<Target> {
    ids.chunks(AT_ONCE)
        .map(|some| Target {
            name: format!("{user}: {}", some.join(", ")),
            call: devices::delete_many(user, some).call,
        })
        .collect()
}

/// Deletes devices where Matrix Authentication Service keeps the sessions: it would bring back those that one of
/// its sessions has, so these end first.
fn end_held(mas: MasAccess, user: UserId, title: String, ids: Vec<String>) -> TargetJob {
    let names = ids.iter().map(|id| format!("{user}: {id}")).collect();
    // Read once for all of them, and anew after something went wrong.
    let read: Rc<RefCell<Option<Rc<[HeldSession]>>>> = Rc::default();
    let (of, ids): (UserId, Rc<[String]>) = (user.clone(), ids.into());
    let deed: OnTarget = Rc::new(move |number, network, turn| {
        let (mas, user, ids) = (mas.clone(), of.clone(), Rc::clone(&ids));
        let read = Rc::clone(&read);
        async move {
            let id = &ids[number];
            match end_one(&mas, &user, id, &read, network, &turn).await {
                Ok(()) => Step::Done,
                Err(step) => {
                    read.replace(None);
                    step
                }
            }
        }
        .boxed_local()
    });
    doing_unless_of_a_bridge(user, title, names, deed)
}

async fn end_one(
    mas: &MasAccess,
    user: &UserId,
    device: &str,
    read: &RefCell<Option<Rc<[HeldSession]>>>,
    network: &Recorded,
    turn: &Turn<'_>,
) -> Result<(), Step> {
    // So that it is this account that the change is about, in the log and in what is kept of lists.
    let network = &network.about(user);
    let known = read.borrow().clone();
    let held = match known {
        Some(held) => held,
        None => {
            let found = held_sessions(&mas.base, user, network).await;
            let found: Rc<[HeldSession]> = found.map_err(Step::from_error)?.into();
            read.replace(Some(Rc::clone(&found)));
            found
        }
    };
    for session in of_device(&held, device) {
        turn.goes_on().await?;
        let ended = held::end(network, &session.end(&mas.base)).await;
        ended.map_err(Step::from_error)?;
    }
    turn.goes_on().await?;
    // MAS would delete it a little later.
    let deleted = network.send(devices::delete(user, device));
    deleted.await.map(drop).map_err(Step::from_error)
}

/// The sessions with devices that MAS keeps of this account; none of an account that only the homeserver knows.
async fn held_sessions(
    base: &str,
    user: &UserId,
    network: &Recorded,
) -> Result<Vec<HeldSession>, ApiError> {
    let network = held::patient(network);
    match held::id_of(network, base, user).await? {
        Some(id) => held::with_devices(network, base, &id).await,
        None => Ok(Vec::new()),
    }
}

fn rename_dialog(tab: Tab) -> Node {
    let open = RwSignal::new(false);
    let name = RwSignal::new(String::new());
    Effect::new(move |_| {
        if let Some(device) = tab.renamed.get() {
            name.set(text(&device.display_name));
            open.set(true);
        }
    });
    let wrong = Signal::derive(move || {
        name.with(|name| name.trim().chars().count() > LONGEST_NAME)
            .then(|| t::devices_name_long(&LONGEST_NAME.to_string()))
    });
    let save = move || {
        let Some(device) = tab.renamed.get_untracked() else {
            return;
        };
        let wanted = name.with_untracked(|name| name.trim().to_owned());
        if wanted != text(&device.display_name) {
            rename(tab.user.get_value(), &device, wanted, tab.changed);
        }
        tab.renamed.set(None);
    };
    view! {
        <FormDialog
            open
            title=t::devices_rename
            about_picked=true
            action=t::save
            incomplete=Signal::derive(move || wrong.get().is_some())
            on_submit=Rc::new(save)
        >
            <Field label=t::devices_name value=name error=wrong />
        </FormDialog>
    }
    .into_node()
}

/// Renames a device; its name right before can be brought back, also when the page has been left.
fn rename(user: UserId, device: &Device, wanted: String, changed: RwSignal<u32>) {
    let id = device.device_id.clone();
    let (of, read, titled) = (user.clone(), id.clone(), id.clone());
    let name = Changeable::<String> {
        name: format!("{user}: {id}"),
        title: Rc::new(move |_| t::devices_rename_job(&titled)),
        read: Rc::new(move |network| {
            let (request, id) = (devices::list(&of), read.clone());
            async move {
                let found = network.send(request).await?.devices;
                let device = found.into_iter().find(|device| device.device_id == id);
                Ok(device.map(|device| text(&device.display_name)))
            }
            .boxed_local()
        }),
        write: Rc::new(move |name| devices::rename(&user, &id, name).call),
        parts: Vec::new(),
        is_taken: |_| true,
        on_end: Rc::new(move |_| refresh(changed)),
    };
    name.change(wanted);
}

fn add_dialog(tab: Tab) -> Node {
    let id = RwSignal::new(String::new());
    let open = tab.added;
    let typed = SentFields::new(open, move || id.set(String::new()));
    let incomplete = Signal::derive(move || id.with(|id| id.trim().is_empty()));
    let save = move || {
        let device = id.with_untracked(|id| id.trim().to_owned());
        if device.is_empty() {
            return;
        }
        let user = tab.user.get_value();
        let target = Target {
            name: format!("{user}: {device}"),
            call: devices::create(&user, &device).call,
        };
        let ended = typed.sent();
        TargetJob::new(t::devices_add(), vec![target])
            .on_end(move |job| {
                ended(job.is_done());
                tab.refresh();
            })
            .start();
    };
    view! {
        <FormDialog
            open
            title=t::devices_add
            action=t::devices_add
            incomplete
            on_submit=Rc::new(save)
        >
            <p>{t::devices_add_text}</p>
            <Field label=t::devices_id value=id mono=true />
        </FormDialog>
    }
    .into_node()
}
