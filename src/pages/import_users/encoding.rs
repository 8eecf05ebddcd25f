//! How the file is read: its encoding, its delimiter, where its header is. What was found out
//! stands there, and a person may say otherwise.

use super::checking;
use super::desk::Desk;
use crate::components::badge::Tone;
use crate::components::button::Button;
use crate::components::notice::Notice;
use crate::components::page::Card;
use crate::i18n::import as words;
use crate::i18n::t;
use crate::import::decode::{Decode, Decoders, Encoding};
use crate::import::encodings::{Legacy, Offer};
use crate::import::read::{HeaderAt, ReadAs};
use crate::ui::view;
use leptos::prelude::*;
use std::rc::Rc;
use wasm_bindgen::JsCast;
use web_sys::{File, TextDecodeOptions, TextDecoder, TextDecoderOptions};

/// The decoders of the browser.
pub struct BrowserDecoders;

impl Decoders for BrowserDecoders {
    fn decoder(&self, label: &'static str) -> Option<Box<dyn Decode>> {
        let options = TextDecoderOptions::new();
        options.set_fatal(true);
        let decoder = TextDecoder::new_with_label_and_options(label, &options).ok()?;
        Some(Box::new(BrowserDecoder(decoder)))
    }
}

struct BrowserDecoder(TextDecoder);

impl Decode for BrowserDecoder {
    fn decode(&mut self, bytes: &[u8], is_last: bool) -> Option<String> {
        let options = TextDecodeOptions::new();
        options.set_stream(!is_last);
        let bytes = js_sys::Uint8Array::from(bytes);
        let view: &js_sys::Object = bytes.unchecked_ref();
        self.0
            .decode_with_buffer_source_and_options(view, &options)
            .ok()
    }
}

/// How the file that is on the desk is read. A handle: copies are the same.
#[derive(Clone, Copy)]
pub struct Reading {
    file: StoredValue<Option<File>, LocalStorage>,
    how: StoredValue<ReadAs, LocalStorage>,
    offers: StoredValue<Vec<Offer>, LocalStorage>,
    /// Counts how often the file has been read.
    read: RwSignal<u32>,
    /// Counts how often a column has been taken for something else since.
    pub assigned: RwSignal<u32>,
}

impl Reading {
    /// A choice of encoding while no file has been chosen.
    pub fn new() -> Self {
        Reading {
            file: StoredValue::new_local(None),
            how: StoredValue::new_local(ReadAs::default()),
            offers: StoredValue::new_local(Vec::new()),
            read: RwSignal::new(0),
            assigned: RwSignal::new(0),
        }
    }

    /// Of another file, of which nothing is known.
    pub fn take(self, file: File) {
        self.clear();
        self.file.set_value(Some(file));
    }

    /// Without a file again.
    pub fn clear(self) {
        self.file.set_value(None);
        self.how.set_value(ReadAs::default());
        self.offers.set_value(Vec::new());
        self.show();
    }

    /// The file whose encoding is chosen.
    pub fn file(self) -> Option<File> {
        self.file.get_value()
    }

    /// What a person has said of it.
    pub fn how(self) -> ReadAs {
        self.how.get_value()
    }

    /// The encodings that it may have.
    pub fn offer(self, offers: &[Offer]) {
        // Once one is chosen, the others are still there to be chosen.
        if self.how.with_value(|how| how.encoding.is_none()) {
            self.offers.set_value(offers.to_vec());
        }
    }

    /// Shows what was read, or could not be.
    pub fn show(self) {
        self.read.update(|read| *read += 1);
    }

    /// Follows what [`Reading::show`] shows.
    pub fn track(self) {
        self.read.track();
    }
}

fn say(desk: Desk, change: impl FnOnce(&mut ReadAs)) {
    desk.reading.how.update_value(change);
    checking::read_again(desk);
}

/// The card; nothing before a file was read.
pub fn encoding(desk: Desk) -> AnyView {
    (move || {
        desk.reading.track();
        if desk.reading.file().is_none() {
            return ().into_any();
        }
        let offers = desk.reading.offers.get_value();
        let rows = desk.rows();
        if rows.is_none() && offers.is_empty() {
            return ().into_any();
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
                        on_press=move || say(desk, |how| how.typographic = !typographic)
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
        .into_any()
    })
    .into_any()
}

/// The encodings that the file may have, each with what it then says.
fn encodings(
    desk: Desk,
    offers: &[Offer],
    current: Option<Encoding>,
    is_chosen: bool,
) -> Option<AnyView> {
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
                    checked=is_current
                    on:change=move |_| say(desk, |how| how.encoding = Some(encoding))
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
    let others = Legacy::all()
        .map(Encoding::Legacy)
        .filter(|encoding| offers.iter().all(|offer| offer.encoding != *encoding))
        .map(|encoding| {
            let Encoding::Legacy(legacy) = encoding else {
                return ().into_any();
            };
            let is_current = current == Some(encoding);
            view! {
                <option value=legacy.label() selected=is_current>
                    {words::encoding(encoding)}
                </option>
            }
            .into_any()
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
                    on:change=move |event| {
                        if let Some(legacy) = Legacy::of_label(&event_target_value(&event)) {
                            say(desk, |how| how.encoding = Some(Encoding::Legacy(legacy)));
                        }
                    }
                >
                    <option value="">{t::import_encoding_none}</option>
                    {others}
                </select>
            </label>
        </fieldset>
    };
    Some(view.into_any())
}

fn delimiters(desk: Desk, current: char) -> AnyView {
    let mut all = vec![',', ';', '\t', '|'];
    if !all.contains(&current) {
        all.push(current);
    }
    let options = all
        .into_iter()
        .map(|delimiter| {
            view! {
                <option value=delimiter.to_string() selected=delimiter == current>
                    {words::delimiter(delimiter)}
                </option>
            }
        })
        .collect_view();
    view! {
        <label class="field">
            <span class="field-label">{t::import_found_delimiter}</span>
            <select
                class="select"
                on:change=move |event| {
                    let delimiter = event_target_value(&event).chars().next();
                    say(desk, |how| how.delimiter = delimiter);
                }
            >
                {options}
            </select>
        </label>
    }
    .into_any()
}

/// Where the header can be: in its line, in one before that, or nowhere.
fn headers(desk: Desk, current: Option<u32>, before: &[(u32, String)]) -> AnyView {
    let option = |value: String, label: String, selected: bool| {
        view! {
            <option value=value selected=selected>
                {label}
            </option>
        }
    };
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
            option(line.to_string(), label, current == Some(*line))
        })
        .collect_view();
    let nowhere = option(String::new(), t::import_header_none(), current.is_none());
    view! {
        <label class="field">
            <span class="field-label">{t::import_header}</span>
            <select
                class="select"
                on:change=move |event| {
                    let at = match event_target_value(&event).parse() {
                        Ok(line) => HeaderAt::Line(line),
                        Err(_) => HeaderAt::Nowhere,
                    };
                    say(desk, |how| how.header = Some(at));
                }
            >
                {options}
                {nowhere}
            </select>
        </label>
    }
    .into_any()
}
