//! The form: the file, the options, the button; and what the reader found.

use super::checked::FilePhase;
use super::desk::Desk;
use super::facts::PlanPhase;
use super::passwords::{PasswordUse, generates, learn_passwords};
use super::{flow, replacing};
use crate::browser::download::save_text;
use crate::components::badge::Tone;
use crate::components::button::{Button, ButtonKind};
use crate::components::failure::failure;
use crate::components::field::{Check, SelectField};
use crate::components::file_input::FileInput;
use crate::components::notice::Notice;
use crate::components::page::{Card, fact, facts};
use crate::components::progress::Progress;
use crate::i18n::import as words;
use crate::i18n::{Words, t};
use crate::import::plan::{OnConflict, Passwords};
use crate::import::report::template;
use crate::import::validate::IdSource;
use crate::ui::{IntoNode, Node, view};
use leptos::prelude::*;
use wasm_bindgen_futures::spawn_local;

/// File, options, button.
pub fn choose(desk: Desk) -> Node {
    // Before anybody chooses to have passwords made up.
    spawn_local(async move {
        learn_passwords(desk).await;
    });
    let busy = Signal::derive_local(move || desk.plan.with(PlanPhase::is_under_way));
    let busy = Signal::derive(move || busy.get());
    // Nobody is asked for what nobody could use.
    let no_passwords =
        Signal::derive(move || busy.get() || desk.password_use.get() == Some(PasswordUse::Off));
    let unready =
        Signal::derive_local(move || desk.file.with(|file| !matches!(file, FilePhase::Ready)));
    let unready = Signal::derive(move || unready.get());
    view! {
        <Card>
            <FileInput
                label=t::import_file
                hint=Signal::derive(t::import_file_hint)
                accept=".csv,.tsv,.txt,text/csv"
                chosen=Signal::derive(move || desk.file_name.get())
                on_file=move |file| replacing::take(desk, file)
            />
            <p class="import-downloads">
                <Button
                    label=t::import_template
                    icon="download"
                    kind=ButtonKind::Quiet
                    on_press=|| save_text("import-template.csv", "text/csv", &template())
                />
                <a class="button" data-kind="quiet" href="./example.csv" download="example.csv">
                    {crate::components::icon::icon("download")}
                    <span>{t::import_example}</span>
                </a>
            </p>
        </Card>
        <Card title=Signal::derive(t::import_options)>
            <div class="form-row">
                {one_of(
                    t::import_conflict,
                    t::import_conflict_hint,
                    desk.conflict,
                    busy,
                    vec![
                        (OnConflict::Stop, t::import_conflict_stop),
                        (OnConflict::Skip, t::import_conflict_skip),
                        (OnConflict::Update, t::import_conflict_update),
                        (OnConflict::NewRandomId, t::import_conflict_new_id),
                    ],
                )}
                {one_of(
                    t::import_passwords,
                    t::import_passwords_hint,
                    desk.passwords,
                    no_passwords,
                    vec![
                        (Passwords::FromFile, t::import_passwords_file),
                        (Passwords::GenerateMissing, t::import_passwords_missing),
                        (Passwords::GenerateAll, t::import_passwords_all),
                        (Passwords::None, t::import_passwords_none),
                    ],
                )}
                {one_of(
                    t::import_ids,
                    t::import_ids_hint,
                    desk.ids,
                    busy,
                    vec![
                        (IdSource::FromFile, t::import_ids_file),
                        (IdSource::GenerateAll, t::import_ids_all),
                    ],
                )}
            </div>
            {move || {
                let why: Option<Words> = match desk.password_use.get() {
                    Some(PasswordUse::Off) => Some(t::import_passwords_off),
                    Some(PasswordUse::Elsewhere) if generates(desk.passwords.get()) => {
                        Some(t::import_passwords_useless)
                    }
                    _ => None,
                };
                why.map(|why| view! {
                    <Notice tone=Tone::Warning>
                        <p role="status">{why}</p>
                    </Notice>
                })
            }}
            <Check
                label=t::import_simulate
                hint=Signal::derive(t::import_simulate_hint)
                value=desk.simulate
                disabled=busy
            />
            <div class="import-actions">
                <Button
                    label=move || start_words(desk)
                    icon="upload"
                    kind=ButtonKind::Primary
                    busy
                    disabled=unready
                    on_press=move || flow::begin(desk)
                />
            </div>
        </Card>
    }
    .into_node()
}

/// What the button is called that begins.
pub fn start_words(desk: Desk) -> String {
    match desk.simulate.get() {
        true => t::import_start_simulation(),
        false => t::import_start(),
    }
}

/// A choice among values that have names.
fn one_of<T: Copy + PartialEq + Send + Sync + 'static>(
    label: Words,
    hint: Words,
    value: RwSignal<T>,
    disabled: Signal<bool>,
    choices: Vec<(T, Words)>,
) -> Node {
    const PLACES: [&str; 4] = ["0", "1", "2", "3"];
    let chosen = value.get_untracked();
    let place = choices.iter().position(|(choice, _)| *choice == chosen);
    let place = RwSignal::new(PLACES[place.unwrap_or_default()].to_owned());
    let options = PLACES
        .into_iter()
        .zip(choices.iter().map(|(_, words)| *words));
    let options = options.collect();
    Effect::new(move |_| {
        let place: Option<usize> = place.with(|place| place.parse().ok());
        if let Some((choice, _)) = place.and_then(|place| choices.get(place))
            && value.with_untracked(|value| value != choice)
        {
            value.set(*choice);
        }
    });
    view! { <SelectField label=label hint=Signal::derive(hint) value=place options disabled /> }
        .into_node()
}

/// What the reader found, or why it could not read.
pub fn found(desk: Desk) -> Node {
    (move || {
        let bar = |done: f64, text: String| {
            // Rows that have been checked are being put right, of which nothing is to be lost.
            let is_checked = desk.rows().and_then(|rows| rows.with(|_, _| ())).is_some();
            let cancel = (!is_checked).then(|| {
                view! {
                    <div class="import-actions">
                        <Button label=t::cancel on_press=move || desk.clear() />
                    </div>
                }
            });
            view! {
                <Card>
                    <Progress done=Signal::stored(Some(done)) text=Signal::stored(text) />
                    {cancel}
                </Card>
            }
            .into_node()
        };
        match desk.file.get() {
            FilePhase::None => ().into_node(),
            FilePhase::Reading { rows, part } => bar(part, t::import_reading(&words::count(rows))),
            FilePhase::Checking { done, total } => bar(
                done as f64 / total.max(1) as f64,
                t::import_checking(&words::count(done), &words::count(total)),
            ),
            FilePhase::Refused(explained) => failure(explained, None),
            FilePhase::Ready => table_facts(desk),
        }
    })
    .into_node()
}

fn table_facts(desk: Desk) -> Node {
    let Some(rows) = desk.rows() else {
        return ().into_node();
    };
    let lines = rows.table(|table| {
        let (count, blank, repeated) = (table.rows().len(), table.blank, table.repeated);
        let mut lines = vec![fact(t::import_found_rows, words::count(count))];
        let encoding = match table.offers.is_empty() {
            true => words::encoding(table.encoding),
            false => t::import_found_guessed(&words::encoding(table.encoding)),
        };
        lines.push(fact(t::import_found_encoding, encoding));
        let delimiter = words::delimiter(table.delimiter);
        lines.push(fact(t::import_found_delimiter, delimiter));
        for (line, text) in &table.before {
            let text = t::import_found_line(&line.to_string(), text);
            lines.push(fact(t::import_found_before, text));
        }
        if blank > 0 {
            lines.push(fact(t::import_found_blank, words::count(blank)));
        }
        if repeated > 0 {
            lines.push(fact(t::import_found_repeated, words::count(repeated)));
        }
        lines
    });
    view! { <Card title=Signal::derive(t::import_found)>{facts(lines)}</Card> }.into_node()
}
