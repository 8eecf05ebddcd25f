//! How the file is read: its encoding, its delimiter, where its header is. What was found out
//! stands there, and a person may say otherwise.

use super::desk::Desk;
use super::replacing;
use crate::components::badge::Tone;
use crate::components::button::Button;
use crate::components::notice::Notice;
use crate::components::page::Card;
use crate::i18n::import as words;
use crate::i18n::t;
use crate::import::decode::Encoding;
use crate::import::encodings::{Legacy, Offer};
use crate::import::read::HeaderAt;
use crate::ui::{IntoNode, Node, view};
use leptos::prelude::*;
use std::rc::Rc;

/// The card; nothing before a file was read.
pub fn encoding(desk: Desk) -> Node {
    (move || {
        desk.reading.track();
        if desk.reading.file().is_none() {
            return ().into_node();
        }
        let offers = desk.reading.offers.get_value();
        let rows = desk.rows();
        if rows.is_none() && offers.is_empty() {
            return ().into_node();
        }
        let layout = rows.map(|rows| {
            rows.table(|table| {
                (
                    delimiters(desk, table.delimiter),
                    headers(desk, table.header, &table.before),
                    table.curly,
                    table.encoding,
                )
            })
        });
        let chosen = desk.reading.how().encoding;
        let (layout, curly, encoding) = match layout {
            Some((delimiters, headers, curly, encoding)) => {
                (Some((delimiters, headers)), curly, Some(encoding))
            }
            None => (None, 0, chosen),
        };
        let typographic = desk.reading.how().typographic;
        let quotes = (curly > 0).then(|| {
            let sentence = match typographic {
                true => t::import_curly_read(),
                false => t::import_curly_found(curly as u64),
            };
            let label = match typographic {
                true => t::import_curly_undo(),
                false => t::import_curly_read_as(),
            };
            view! {
                <Notice tone=Tone::Warning>
                    <p>{sentence}</p>
                    <Button
                        label=Signal::stored(label)
                        on_press=move || replacing::read(desk, move |how| how.typographic = !typographic)
                    />
                </Notice>
            }
        });
        let layout = layout.map(|(delimiters, headers)| {
            view! { <div class="form-row">{delimiters} {headers}</div> }
        });
        view! {
            <Card title=Signal::derive(t::import_reading_title)>
                {encodings(desk, &offers, encoding, chosen.is_some())}
                {quotes}
                {layout}
            </Card>
        }
        .into_node()
    })
    .into_node()
}

/// The encodings that the file may have, each with what it then says.
fn encodings(
    desk: Desk,
    offers: &[Offer],
    current: Option<Encoding>,
    is_chosen: bool,
) -> Option<Node> {
    if offers.is_empty() {
        return None;
    }
    let choices = offers.iter().map(|offer| {
        let encoding = offer.encoding;
        let is_current = current == Some(encoding);
        let sample = offer.words.join(" · ");
        view! {
            <label class="import-encoding">
                <input
                    type="radio"
                    name="import-encoding"
                    prop:checked=is_current
                    on:change=move |_| replacing::read(desk, move |how| how.encoding = Some(encoding))
                />
                <span>
                    <strong>
                        <bdi>{sample}</bdi>
                    </strong>
                    <small>{words::encoding(encoding)}</small>
                </span>
            </label>
        }
    });
    let choices = choices.collect_view();
    let others: Vec<Legacy> = Legacy::all()
        .filter(|legacy| {
            let encoding = Encoding::Legacy(*legacy);
            offers.iter().all(|offer| offer.encoding != encoding)
        })
        .collect();
    let other = others
        .iter()
        .find(|legacy| current == Some(Encoding::Legacy(**legacy)));
    let other = other.map_or("", |legacy| legacy.label());
    let others = others
        .into_iter()
        .map(|legacy| {
            view! {
                <option value=legacy.label()>{words::encoding(Encoding::Legacy(legacy))}</option>
            }
        })
        .collect_view();
    let sentence = match is_chosen {
        true => t::import_encoding_chosen(),
        false => t::import_encoding_guessed(),
    };
    let view = view! {
        <fieldset class="import-encodings">
            <legend>{t::import_encoding_title}</legend>
            <p>{sentence}</p>
            {choices}
            <label class="field">
                <span>{t::import_encoding_other}</span>
                <select
                    class="select"
                    prop:value=other
                    on:change=move |event| {
                        if let Some(legacy) = Legacy::of_label(&event_target_value(&event)) {
                            replacing::read(desk, move |how| how.encoding = Some(Encoding::Legacy(legacy)));
                        }
                    }
                >
                    <option value="">{t::import_encoding_none}</option>
                    {others}
                </select>
            </label>
        </fieldset>
    };
    Some(view.into_node())
}

fn delimiters(desk: Desk, current: char) -> Node {
    let mut all = vec![',', ';', '\t', '|'];
    if !all.contains(&current) {
        all.push(current);
    }
    let options = all
        .into_iter()
        .map(|delimiter| {
            view! {
                <option value=delimiter.to_string()>
                    {words::delimiter(delimiter)}
                </option>
            }
        })
        .collect_view();
    view! {
        <label class="field">
            <span>{t::import_found_delimiter}</span>
            <select
                class="select"
                prop:value=current.to_string()
                on:change=move |event| {
                    let delimiter = event_target_value(&event).chars().next();
                    replacing::read(desk, move |how| how.delimiter = delimiter);
                }
            >
                {options}
            </select>
        </label>
    }
    .into_node()
}

/// Where the header can be: in its line, in one before that, or nowhere.
fn headers(desk: Desk, current: Option<u32>, before: &[(u32, String)]) -> Node {
    let option = |value: String, label: String| view! { <option value=value>{label}</option> };
    let lines: Rc<[u32]> = before
        .iter()
        .map(|(line, _)| *line)
        .chain(current)
        .chain(current.is_none().then_some(1))
        .collect();
    let options = lines
        .iter()
        .map(|line| {
            let label = t::import_header_line(&line.to_string());
            option(line.to_string(), label)
        })
        .collect_view();
    let nowhere = option(String::new(), t::import_header_none());
    let chosen = current.map_or_else(String::new, |line| line.to_string());
    view! {
        <label class="field">
            <span>{t::import_header}</span>
            <select
                class="select"
                prop:value=chosen
                on:change=move |event| {
                    let at = match event_target_value(&event).parse() {
                        Ok(line) => HeaderAt::Line(line),
                        Err(_) => HeaderAt::Nowhere,
                    };
                    replacing::read(desk, move |how| how.header = Some(at));
                }
            >
                {options}
                {nowhere}
            </select>
        </label>
    }
    .into_node()
}
