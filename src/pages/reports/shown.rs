//! What was reported: the event as a line that reads, what is left of it, and its files, blurred until
//! somebody wants to see them.

use crate::address::route::Route;
use crate::api::MxcUri;
use crate::api::events::{Context, Event};
use crate::components::button::ButtonLink;
use crate::components::json::json_content;
use crate::components::link::link;
use crate::components::notice::Notice;
use crate::components::remote::remote;
use crate::components::time::date_time;
use crate::i18n::events::sentence;
use crate::i18n::{Words, t};
use crate::media::StoredFile;
use crate::pages::media::file::{ToldFile, ask, held, on_demand};
use crate::pages::media::files::viewer::veiled;
use crate::pages::rooms::one::line::event_route;
use crate::reports::evidence::{files, is_encrypted, media_type};
use crate::reports::{Evidence, Report};
use crate::ui::{IntoNode, Node, view};
use leptos::prelude::*;
use std::rc::Rc;

/// Files of up to so many bytes are shown, blurred, without being asked for.
const UNASKED: u64 = 10 << 20;

/// The files of an event, as far as the page knows them. A handle: copies are the same.
#[derive(Clone, Copy)]
pub struct ReportedFiles {
    /// Counts what is done to them.
    pub changed: RwSignal<u32>,
    pub is_veiled: RwSignal<bool>,
    /// What the server has told.
    pub known: RwSignal<Vec<StoredFile>, LocalStorage>,
}

impl ReportedFiles {
    /// None is known yet.
    pub fn new() -> Self {
        ReportedFiles {
            changed: RwSignal::new(0),
            is_veiled: RwSignal::new(true),
            known: RwSignal::new_local(Vec::new()),
        }
    }

    /// Takes down what the server tells of one.
    fn learn(self, file: StoredFile) {
        // The page may have been left.
        let _ = self.known.try_update(|known| {
            match known.iter_mut().find(|other| other.uri == file.uri) {
                Some(other) => *other = file,
                None => known.push(file),
            }
        });
    }
}

/// What was said around an event in its room.
#[derive(Default)]
pub struct Near {
    /// Oldest first, as are those after it.
    before: Vec<Event>,
    after: Vec<Event>,
}

impl Near {
    /// As the server tells it.
    pub fn of(context: Context) -> Self {
        let mut before = context.events_before;
        before.reverse();
        Near {
            before,
            after: context.events_after,
        }
    }

    /// The event in its place; nothing where nothing else was said.
    fn view(&self, event: &Event) -> Node {
        if self.before.is_empty() && self.after.is_empty() {
            return ().into_node();
        }
        let line = |event: &Event, is_reported: bool| {
            let (event, at) = (event.clone(), event.origin_server_ts);
            let reported = is_reported.then_some("true");
            view! {
                <li aria-current=reported>
                    <bdi class="event-words">{move || words(&event)}</bdi>
                    <span class="event-time">{date_time(at)}</span>
                </li>
            }
            .into_node()
        };
        let mut lines: Vec<Node> = self.before.iter().map(|event| line(event, false)).collect();
        lines.push(line(event, true));
        lines.extend(self.after.iter().map(|event| line(event, false)));
        view! {
            <h3>{t::report_around}</h3>
            <ol class="report-context">{lines}</ol>
        }
        .into_node()
    }
}

/// The event of a report as a line that reads.
pub fn words(event: &Event) -> String {
    sentence(event, &str::to_owned).unwrap_or_else(|| event.kind.clone())
}

/// The event of a report, with `deeds` and what was said around it below.
pub fn evidence(
    report: &Report,
    event: &Event,
    evidence: Evidence,
    near: &Near,
    shown: ReportedFiles,
    deeds: Node,
) -> Node {
    let state: Option<Words> = match evidence {
        Evidence::Standing => None,
        Evidence::Redacted => Some(t::report_redacted),
        Evidence::Emptied => Some(t::report_emptied),
        Evidence::Encrypted => Some(t::report_encrypted),
    };
    let said = {
        let event = event.clone();
        move || words(&event)
    };
    let files: Vec<Node> = files(event)
        .into_iter()
        .map(|uri| file(uri, event, shown))
        .collect();
    let files = (!files.is_empty()).then(|| {
        view! {
            <h3>{t::report_files}</h3>
            {files}
        }
    });
    let around = report.room().map(|room| {
        let to = event_route(room, &event.event_id);
        view! { <ButtonLink to label=t::ev_context icon="rooms" /> }
    });
    let json = serde_json::to_string_pretty(event).unwrap_or_default();
    view! {
        <p class="event-line"><bdi class="event-words">{said}</bdi></p>
        {state.map(|words| view! { <p class="field-warning">{words}</p> })}
        {files}
        {deeds}
        {near.view(event)}
        <div class="report-actions">{around}</div>
        <details>
            <summary>{t::ev_json}</summary>
            {json_content(t::ev_json, &json)}
        </details>
    }
    .into_node()
}

fn file(uri: MxcUri, event: &Event, shown: ReportedFiles) -> Node {
    if is_encrypted(event, &uri) {
        return view! { <Notice>{t::report_file_encrypted}</Notice> }.into_node();
    }
    let said_type = media_type(event, &uri);
    let to = link(&Route::file(&uri).to_string(), "", uri.to_string());
    let content = remote(
        shown.changed,
        move || ask(uri.clone()),
        move |told| match told {
            ToldFile::Missing => view! { <p>{t::file_missing}</p> }.into_node(),
            ToldFile::Whole(file) => look(file, shown),
            ToldFile::Address(file) => {
                let mut file = file.clone();
                // The sender's word, where the server does not tell. What can act is never shown.
                file.media_type = file.media_type.or_else(|| said_type.clone());
                look(&file, shown)
            }
        },
    );
    view! {
        <div class="report-file">
            {content}
            <p class="field-hint">{to}</p>
        </div>
    }
    .into_node()
}

fn look(file: &StoredFile, shown: ReportedFiles) -> Node {
    shown.learn(file.clone());
    if let Some(held) = held(file) {
        return held;
    }
    // Of another server's file the server may have to fetch a copy first.
    match file.is_local && file.bytes.is_none_or(|bytes| bytes <= UNASKED) {
        true => veiled(file, shown.is_veiled),
        false => on_demand(file, Rc::new(move |file| veiled(file, shown.is_veiled))),
    }
}
