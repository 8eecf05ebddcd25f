//! What stands above the rows: search, filters, view, export.

use super::spec::{Filter, FilterKind, lacking};
use super::state::{Density, ListState};
use super::{chooser, export};
use crate::api::tolerant::Timestamp;
use crate::browser::navigation::HistoryStep;
use crate::components::button::{ButtonKind, IconButton};
use crate::components::field::{Preset, datetime_local};
use crate::components::icon::icon;
use crate::components::ids::fresh;
use crate::components::menu::Menu;
use crate::i18n::{Words, format, t};
use crate::listing::query::SIZES;
use crate::ui::{IntoNode, Node, view};
use leptos::leptos_dom::helpers::debounce;
use leptos::prelude::*;
use std::time::Duration;

/// How long to wait after a keystroke before the list is asked.
const PAUSE: Duration = Duration::from_millis(300);

/// The tool bar of a list: search, filters, columns, export.
pub fn toolbar(state: ListState) -> Node {
    let spec = state.spec();
    let search = spec.search.map(|label| search(state, label));
    let filters = (!spec.filters.is_empty()).then(|| filter_menu(state));
    view! {
        <div class="list-toolbar">
            {search} {filters} <div class="list-tools">
                {view_menu(state)} {export::menu(state)}
                <IconButton
                    label=t::list_refresh
                    icon="refresh"
                    busy=state.loading
                    on_press=move || state.refresh()
                />
            </div>
        </div>
        {chips(state)}
    }
    .into_node()
}

fn search(state: ListState, label: Words) -> Node {
    let begun_with = state.query.with_untracked(|query| query.search.clone());
    let text = RwSignal::new(begun_with.clone());
    // What this field has asked for last. The back button and "show all" ask for something else, which is
    // what stands here then. What else of the question changes leaves alone what is typed and about to be
    // asked.
    let sent = StoredValue::new(begun_with);
    let asked = Memo::new(move |_| state.query.with(|query| query.search.clone()));
    Effect::new(move |_| {
        let asked = asked.get();
        if sent.with_value(|sent| *sent != asked) {
            sent.set_value(asked.clone());
            text.set(asked);
        }
    });
    let mut ask = debounce(PAUSE, move |typed: String| {
        // The list may be gone, or the field been emptied meanwhile.
        let Some(current) = text.try_get_untracked() else {
            return;
        };
        if current == typed && state.query.with_untracked(|query| query.search != typed) {
            sent.set_value(typed.clone());
            state.ask(HistoryStep::Replace, |query| query.search = typed);
        }
    });
    view! {
        <div class="search" role="search">
            {icon("search")}
            <input
                class="input"
                type="search"
                aria-label=label
                placeholder=label
                title=t::list_search_hint
                autocomplete="off"
                autocapitalize="none"
                spellcheck="false"
                data-list-search="true"
                prop:value=text
                on:input=move |event| {
                    let typed = event_target_value(&event);
                    text.set(typed.clone());
                    ask(typed);
                }
            />
        </div>
    }
    .into_node()
}

/// How many filters are set. Reactive.
fn set_count(state: ListState) -> usize {
    let spec = state.spec();
    state.query.with(|query| {
        spec.filters
            .iter()
            .filter(|filter| query.get(filter.id).is_some())
            .count()
    })
}

fn filter_menu(state: ListState) -> Node {
    let count = Signal::derive(move || set_count(state));
    view! {
        <Menu label=t::list_filter picture="filter" with_text=true count>
            <div class="menu-fields">
                {move || {
                    state
                        .spec()
                        .filters
                        .iter()
                        .map(|filter| filter_field(state, filter))
                        .collect_view()
                }}
            </div>
        </Menu>
    }
    .into_node()
}

fn set_filter(state: ListState, id: &'static str, value: &str) {
    state.ask(HistoryStep::Push, |query| query.set(id, value));
}

fn filter_field(state: ListState, filter: &Filter) -> Node {
    let control = fresh("filter");
    let (id, label, kind) = (filter.id, filter.label, filter.kind.clone());
    if let Some(why) = lacking(state.spec().needs.of_filter(id)) {
        return view! {
            <div class="menu-field">
                <strong>{label}</strong>
                <p class="check-hint">{why}</p>
            </div>
        }
        .into_node();
    }
    let current = move || {
        state
            .query
            .with(|query| query.get(id).unwrap_or("").to_owned())
    };
    let field = match &kind {
        FilterKind::Own(own) => {
            let set = UnsyncCallback::new(move |value: String| set_filter(state, id, &value));
            return (own.field)(label, Signal::derive(current), set);
        }
        FilterKind::Date | FilterKind::DateBefore(_) | FilterKind::Text => {
            let input = if matches!(kind, FilterKind::Text) {
                "text"
            } else {
                "date"
            };
            let presets = match &kind {
                FilterKind::DateBefore(presets) => presets.clone(),
                _ => Vec::new(),
            };
            let presets = presets
                .into_iter()
                .map(|preset| day_button(state, id, preset));
            view! {
                <input
                    class="input"
                    type=input
                    id=control.clone()
                    autocomplete="off"
                    prop:value=current
                    on:change=move |event| set_filter(state, id, &event_target_value(&event))
                />
                <div class="presets">{presets.collect_view()}</div>
            }
            .into_node()
        }
        _ => {
            let options = kind
                .choices()
                .into_iter()
                .map(|(value, words)| {
                    view! {
                        <option value=value selected=move || current() == value>
                            {words}
                        </option>
                    }
                })
                .collect_view();
            view! {
                <select
                    class="select"
                    id=control.clone()
                    on:change=move |event| set_filter(state, id, &event_target_value(&event))
                >
                    <option value="" selected=move || current().is_empty()>
                        {t::list_any}
                    </option>
                    {options}
                </select>
            }
            .into_node()
        }
    };
    view! {
        <div class="menu-field">
            <label for=control>{label}</label>
            {field}
        </div>
    }
    .into_node()
}

/// A usual day as a button.
fn day_button(state: ListState, id: &'static str, preset: Preset) -> Node {
    let Preset { label, ago_ms } = preset;
    let press = move |_| {
        let at = Timestamp(js_sys::Date::now() as i64 - ago_ms);
        let day = datetime_local(at);
        set_filter(state, id, day.get(..10).unwrap_or_default());
    };
    view! {
        <button type="button" class="preset" on:click=press>
            {label}
        </button>
    }
    .into_node()
}

/// The filters that are set, each with a cross.
fn chips(state: ListState) -> Node {
    let chip = move |filter: &Filter| {
        let value = state
            .query
            .with(|query| query.get(filter.id).map(str::to_owned))?;
        let id = filter.id;
        let text = filter.words(&value);
        let remove = t::list_remove_filter(&text);
        Some(view! {
            <li class="chip">
                <span>{text}</span>
                <button
                    type="button"
                    class="chip-remove"
                    aria-label=remove.clone()
                    title=remove
                    on:click=move |_| set_filter(state, id, "")
                >
                    {icon("x")}
                </button>
            </li>
        })
    };
    let any = Memo::new(move |_| set_count(state) > 0);
    view! {
        {move || {
            any.get()
                .then(|| {
                    view! {
                        <ul class="chips" aria-label=t::list_filters_set>
                            {move || {
                                state.spec().filters.iter().filter_map(chip).collect_view()
                            }}
                            <li>
                                <button
                                    type="button"
                                    class="button"
                                    data-kind="quiet"
                                    on:click=move |_| state.show_all()
                                >
                                    {t::list_clear_filters}
                                </button>
                            </li>
                        </ul>
                    }
                })
        }}
    }
    .into_node()
}

/// Order, columns and row height.
fn view_menu(state: ListState) -> Node {
    view! {
        <Menu label=t::list_view picture="sliders" kind=ButtonKind::Quiet>
            <div class="menu-fields">
                {order_field(state)} {size_field(state, false)} {chooser::columns(state)}
                {density_field(state)} <p class="menu-hint">{t::list_keyboard}</p>
            </div>
        </Menu>
    }
    .into_node()
}

fn order_field(state: ListState) -> Node {
    let spec = state.spec();
    let mut options: Vec<(&'static str, Words)> = spec
        .columns
        .iter()
        .filter_map(|column| Some((column.sort_key?, column.label)))
        .filter(|(key, _)| lacking(spec.needs.of_order(key)).is_none())
        .collect();
    if options.is_empty() {
        return ().into_node();
    }
    if spec.defaults.sort.is_empty() {
        options.insert(0, ("", t::list_order_own));
    }
    let id = fresh("order");
    let options = options
        .into_iter()
        .map(|(key, label)| {
            view! {
                <option
                    value=key
                    selected=move || state.query.with(|query| query.sort == key)
                >
                    {label}
                </option>
            }
        })
        .collect_view();
    let descending = move || state.query.with(|query| query.descending);
    let direction = move || {
        if descending() {
            t::list_descending()
        } else {
            t::list_ascending()
        }
    };
    view! {
        <div class="menu-field">
            <label for=id.clone()>{t::list_order}</label>
            <div class="input-group" data-parts="true">
                <select
                    class="select"
                    id=id
                    on:change=move |event| {
                        let key = event_target_value(&event);
                        state
                            .change(
                                HistoryStep::Push,
                                |query| {
                                    query.sort = key;
                                    query.descending = false;
                                    query.page = 1;
                                },
                            );
                    }
                >
                    {options}
                </select>
                <button
                    type="button"
                    class="icon-button"
                    data-kind="secondary"
                    aria-label=direction
                    title=direction
                    on:click=move |_| {
                        state
                            .change(
                                HistoryStep::Push,
                                |query| {
                                    query.descending = !query.descending;
                                    query.page = 1;
                                },
                            );
                    }
                >
                    {move || icon(if descending() { "arrow-down" } else { "arrow-up" })}
                </button>
            </div>
        </div>
    }
    .into_node()
}

/// How many rows a page has.
pub fn size_field(state: ListState, compact: bool) -> Node {
    let id = fresh("size");
    let options = SIZES
        .map(|size| {
            view! {
                <option
                    value=size.to_string()
                    selected=move || state.query.with(|query| query.size == size)
                >
                    {move || format::number(size as f64)}
                </option>
            }
        })
        .collect_view();
    view! {
        <div class=if compact { "pager-size" } else { "menu-field" }>
            <label for=id.clone()>{t::list_page_size}</label>
            <select
                class="select"
                id=id
                on:change=move |event| {
                    if let Ok(size) = event_target_value(&event).parse() {
                        state
                            .change(
                                HistoryStep::Push,
                                |query| {
                                    // The first row stays in sight.
                                    query.page = query.from() / size + 1;
                                    query.size = size;
                                },
                            );
                    }
                }
            >
                {options}
            </select>
        </div>
    }
    .into_node()
}

fn density_field(state: ListState) -> Node {
    let name = fresh("density");
    let choices = [
        (Density::Comfortable, t::list_comfortable as Words),
        (Density::Compact, t::list_compact),
    ]
    .map(|(density, label)| {
        view! {
            <label class="segment">
                <input
                    type="radio"
                    name=name.clone()
                    prop:checked=move || state.density.get() == density
                    on:change=move |_| state.set_density(density)
                />
                <span>{label}</span>
            </label>
        }
        .into_node()
    })
    .collect_view();
    view! {
        <fieldset class="menu-field">
            <legend>{t::list_density}</legend>
            <div class="segments">{choices}</div>
        </fieldset>
    }
    .into_node()
}
