//! The log over a reload: kept in this tab's `sessionStorage`, under keys of the administrator and
//! the homeserver that it is about, and gone with the tab or with their session: while the tab shows
//! another server it stays. In it are no tokens and no passwords: the requests of the log have none.

use super::activity::{KeptReport, LogEntry};
use crate::browser::storage::Keep;
use std::collections::VecDeque;

/// Before whose it is. Such a key has the numbers of the pages; theirs have one behind them.
const KEY: &str = "synapse-admin.activity";

/// How many changes are on one page: each is written anew with every change on it.
const PER_PAGE: usize = 50;

/// How many characters there may be in all. Browsers give a site five million, and the session
/// is in there as well.
const LIMIT: usize = 2_000_000;

/// What is written into the storage.
#[derive(Default)]
pub struct Diary {
    /// The administrator and the homeserver, as [`crate::session::Account::whose`] says.
    owner: String,
    /// The pages that are full, oldest first, with their characters.
    full: VecDeque<(u32, usize)>,
    /// The lines of the page that is being written, and its number once it has been.
    lines: Vec<String>,
    current: Option<u32>,
    next: u32,
}

impl Diary {
    fn contents_key(&self) -> String {
        format!("{KEY} {}", self.owner)
    }

    fn key(&self, page: u32) -> String {
        format!("{KEY} {} {page}", self.owner)
    }

    /// Takes up what an earlier page of this tab has written about this owner, oldest first.
    pub fn open(owner: String) -> (Self, Vec<LogEntry>, Vec<KeptReport>) {
        take_over();
        let mut diary = Diary {
            owner,
            ..Diary::default()
        };
        let (mut entries, mut reports) = (Vec::new(), Vec::new());
        let numbers = Keep::ThisTab.get(&diary.contents_key()).unwrap_or_default();
        for number in numbers.split(' ').filter_map(|number| number.parse().ok()) {
            let Some(page) = Keep::ThisTab.get(&diary.key(number)) else {
                continue;
            };
            diary.full.push_back((number, page.len()));
            diary.next = diary.next.max(number + 1);
            for line in page.lines() {
                // What another version has written may not read.
                if let Ok(entry) = serde_json::from_str(line) {
                    entries.push(entry);
                } else if let Ok(report) = serde_json::from_str(line) {
                    reports.push(report);
                }
            }
        }
        (diary, entries, reports)
    }

    /// Removes all changes that were written down.
    pub fn burn(&mut self) {
        let pages = self.full.iter().map(|(number, _)| *number);
        for number in pages.chain(self.current) {
            Keep::ThisTab.remove(&self.key(number));
        }
        Keep::ThisTab.remove(&self.contents_key());
        *self = Diary::default();
    }

    /// Takes up a change. [`Diary::write`] writes it.
    pub fn add(&mut self, entry: &LogEntry) {
        if self.lines.len() >= PER_PAGE {
            self.turn();
        }
        self.lines.extend(serde_json::to_string(entry));
    }

    /// Writes a report, on a page of its own.
    pub fn keep(&mut self, report: &KeptReport) {
        if let Ok(line) = serde_json::to_string(report)
            && line.len() < LIMIT / 2
        {
            self.turn();
            self.lines.push(line);
            self.turn();
        }
    }

    /// Writes the page, and begins a new one.
    fn turn(&mut self) {
        self.write();
        let characters = self.lines.drain(..).map(|line| line.len() + 1).sum();
        if let Some(number) = self.current.take() {
            self.full.push_back((number, characters));
        }
    }

    /// Writes what has been taken up so far. Where there is no room the oldest pages go.
    pub fn write(&mut self) {
        if self.lines.is_empty() {
            return;
        }
        let page = self.lines.join("\n");
        let number = *self.current.get_or_insert(self.next);
        self.next = number + 1;
        let all = |diary: &Self| diary.full.iter().map(|(_, len)| len).sum::<usize>();
        while all(self) + page.len() > LIMIT && self.drop_oldest() {}
        while !Keep::ThisTab.set(&self.key(number), &page) {
            // Switched off, or full of other things.
            if !self.drop_oldest() {
                return;
            }
        }
        let numbers = self.full.iter().map(|(number, _)| *number);
        let numbers: Vec<String> = numbers
            .chain(self.current)
            .map(|number| number.to_string())
            .collect();
        Keep::ThisTab.set(&self.contents_key(), &numbers.join(" "));
    }

    fn drop_oldest(&mut self) -> bool {
        let oldest = self.full.pop_front();
        if let Some((number, _)) = oldest {
            Keep::ThisTab.remove(&self.key(number));
        }
        oldest.is_some()
    }
}

/// Takes over what earlier versions have written, whose keys were of the tab alone.
fn take_over() {
    let Some(contents) = Keep::ThisTab.get(KEY) else {
        return;
    };
    Keep::ThisTab.remove(KEY);
    let (whose, numbers) = contents.split_once('\n').unwrap_or_default();
    let (homeserver, user) = whose.split_once(' ').unwrap_or_default();
    let diary = Diary {
        owner: format!("{user} {homeserver}"),
        ..Diary::default()
    };
    for number in numbers.split(' ').filter_map(|number| number.parse().ok()) {
        let old = format!("{KEY}.{number}");
        let page = Keep::ThisTab.get(&old).unwrap_or_default();
        Keep::ThisTab.remove(&old);
        Keep::ThisTab.set(&diary.key(number), &page);
    }
    Keep::ThisTab.set(&diary.contents_key(), numbers);
}
