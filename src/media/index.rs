//! All files that have been read, as small as they can be kept.

use super::changes::{FileChange, GoneFile};
use super::class::{self, Class};
use super::file::{FileOrder, Fingerprint, StoredFile, is_preview};
use super::kept_page::KeptPage;
use super::question::{Age, EARLIER, Moments, Question};
use super::summary::Sum;
use crate::api::media::MediaFile;
use crate::api::statistics::MediaUser;
use crate::api::tolerant::Timestamp;
use crate::api::{MxcUri, ServerName, UserId};
use crate::listing::{ListQuery, Search};
use std::cell::RefCell;
use std::cmp::{Ordering, Reverse};
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::rc::Rc;

/// How often the sums are asked for again at most, in milliseconds: for them the server counts all files.
const SUMS_EVERY_MS: i64 = 60 * 1000;

/// An account with files in the media repository.
#[derive(Clone, Debug, PartialEq)]
pub struct FileOwner {
    /// `None` for files that belong to nobody, which no list shows.
    pub user: Option<UserId>,
    pub name: Option<String>,
    /// As the statistics tell it, then as their list does.
    pub sum: Sum,
    pub is_read: bool,
}

/// Texts that many have in common, each kept once.
#[derive(Default)]
struct Texts {
    all: Vec<Box<str>>,
    places: HashMap<Box<str>, u32>,
}

impl Texts {
    fn place(&mut self, text: &str) -> u32 {
        if let Some(place) = self.places.get(text) {
            return *place;
        }
        let place = self.all.len() as u32;
        self.all.push(text.into());
        self.places.insert(text.into(), place);
        place
    }

    fn get(&self, place: Option<u32>) -> Option<&str> {
        self.all.get(place? as usize).map(AsRef::as_ref)
    }
}

/// A file: some hundred bytes with its texts.
pub(super) struct Entry {
    pub owner: u32,
    media_id: Box<str>,
    name: Option<Box<str>>,
    kind: Option<u32>,
    quarantined_by: Option<u32>,
    pub class: Class,
    pub is_protected: bool,
    is_open: Option<bool>,
    pub bytes: Option<u64>,
    pub created: Timestamp,
    last_access: Option<Timestamp>,
    content: Option<Fingerprint>,
}

impl Entry {
    pub fn last_use(&self) -> Timestamp {
        self.last_access.unwrap_or(self.created)
    }

    /// Whether deleting it frees space, if it is old enough and no profile image.
    pub fn can_go(&self) -> bool {
        self.quarantined_by.is_none()
            && !self.is_protected
            && self.class != Class::Preview
            && self.bytes.is_some_and(|b| b > 0)
    }
}

/// The conditions that the charts are about. Each chart shows what the others leave.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Dimension {
    Owner = 1,
    Class = 2,
    Age = 4,
    Size = 8,
    Month = 16,
}

/// All files that have been read, and how much there is in all.
pub struct Index {
    server: ServerName,
    owners: Vec<FileOwner>,
    places: HashMap<UserId, u32>,
    kinds: Texts,
    moderators: Texts,
    files: Vec<Entry>,
    /// The places of those whose files cannot be read.
    given_up: BTreeSet<u32>,
    /// The places of those whose lists did not answer when they were last asked for, and whether they
    /// are to be asked for again.
    silent: BTreeMap<u32, bool>,
    /// What has happened lately: lists that were on their way may not know it.
    lately: Vec<FileChange>,
    /// The places of those, and the IDs of the files, of which nobody has said what has become of them,
    /// as long as it is not known of which contents they are.
    unseen: (BTreeSet<u32>, HashSet<String>),
    /// How many files are gone that no list has, of which nobody knows whose sum counts them, or how much
    /// of it they were; and how many of them were when the sums were last asked for.
    untold: (u64, u64),
    /// When the sums were asked for again.
    sums_asked: Option<Timestamp>,
    /// Counts how often lists were forgotten: the places of all other files are others since.
    forgotten: u64,
    /// Counts how often files have changed or gone.
    altered: u64,
    /// The page that was asked for last.
    page: RefCell<KeptPage>,
}

impl Index {
    /// Of this server; nothing is known.
    pub fn new(server: ServerName) -> Self {
        Index {
            server,
            owners: Vec::new(),
            places: HashMap::new(),
            kinds: Texts::default(),
            moderators: Texts::default(),
            files: Vec::new(),
            given_up: BTreeSet::new(),
            silent: BTreeMap::new(),
            lately: Vec::new(),
            unseen: Default::default(),
            untold: (0, 0),
            sums_asked: None,
            forgotten: 0,
            altered: 0,
            page: RefCell::default(),
        }
    }

    /// How often lists were forgotten: what was counted of them before is there twice once they are read
    /// again.
    pub(super) fn forgotten(&self) -> u64 {
        self.forgotten
    }

    /// Whether files are gone that may still be counted in the sum of somebody whose list nobody has.
    pub fn are_sums_old(&self) -> bool {
        self.untold.0 > self.untold.1
    }

    /// In how many milliseconds the sums may be asked for again; `None` where they are not old.
    pub fn sums_due(&self, now: Timestamp) -> Option<u64> {
        let wait = |asked: Timestamp| (asked.0 + SUMS_EVERY_MS - now.0).clamp(0, SUMS_EVERY_MS);
        let wait = self.sums_asked.map_or(0, wait);
        self.are_sums_old().then_some(wait.unsigned_abs())
    }

    /// The sums are asked for again now.
    pub fn ask_sums(&mut self, now: Timestamp) {
        self.sums_asked = Some(now);
    }

    /// How many files were gone when the statistics were asked for, for [`Index::know_anew`].
    pub fn gone_untold(&self) -> u64 {
        self.untold.0
    }

    /// Takes in what the statistics tell of everybody, who were asked when so many files were gone of which
    /// nobody had said whose they were: whoever they do not name has nothing any more.
    pub fn know_anew(&mut self, users: Vec<MediaUser>, gone: u64) {
        for place in 0..self.owners.len() {
            if !self.has_list(place) {
                self.owners[place].sum = Sum::default();
            }
        }
        self.know(users);
        self.untold.1 = gone;
    }

    /// Whether what somebody has is known file by file, so that the statistics say nothing more.
    fn has_list(&self, place: usize) -> bool {
        let owner = &self.owners[place];
        owner.is_read && owner.user.is_some() && !self.given_up.contains(&(place as u32))
    }

    /// Takes in what the statistics tell. Whoever's files have been read is known better.
    pub fn know(&mut self, users: Vec<MediaUser>) {
        for told in users {
            let sum = Sum {
                files: told.media_count,
                bytes: told.media_length.unwrap_or(0),
            };
            let known = match &told.user_id {
                Some(user) => self.places.get(user).map(|place| *place as usize),
                None => self.owners.iter().position(|owner| owner.user.is_none()),
            };
            match known {
                Some(place) if self.has_list(place) => {}
                Some(place) => self.owners[place].sum = sum,
                None => {
                    if let Some(user) = &told.user_id {
                        self.places.insert(user.clone(), self.owners.len() as u32);
                    }
                    self.owners.push(FileOwner {
                        // Nobody's files cannot be read.
                        is_read: told.user_id.is_none(),
                        user: told.user_id,
                        name: told.displayname,
                        sum,
                    });
                }
            }
        }
    }

    /// Takes in all files of a user: what was known of them before is forgotten. Whether they have not
    /// been read before.
    pub fn add(&mut self, user: &UserId, files: Vec<MediaFile>) -> bool {
        let place = match self.places.get(user) {
            Some(place) => *place,
            None => {
                let place = self.owners.len() as u32;
                self.places.insert(user.clone(), place);
                self.owners.push(FileOwner {
                    user: Some(user.clone()),
                    name: None,
                    sum: Sum::default(),
                    is_read: false,
                });
                place
            }
        };
        let is_new = self.forget(place);
        let mut sum = Sum::default();
        self.files.reserve(files.len());
        for file in files {
            sum.add(file.media_length);
            let kind = file.media_type.as_deref();
            let is_preview = is_preview(&file.media_id, file.url_cache.as_deref());
            self.files.push(Entry {
                owner: place,
                class: class::of(kind, file.media_length.is_none(), is_preview),
                kind: kind.map(|kind| self.kinds.place(kind)),
                media_id: file.media_id.into(),
                name: file
                    .upload_name
                    .filter(|name| !name.is_empty())
                    .map(Into::into),
                quarantined_by: file
                    .quarantined_by
                    .map(|by| self.moderators.place(by.as_str())),
                is_protected: file.safe_from_quarantine,
                is_open: file.authenticated.map(|needs_token| !needs_token),
                bytes: file.media_length,
                created: file.created_ts,
                last_access: file.last_access_ts,
                content: file.sha256.as_deref().and_then(Fingerprint::of),
            });
        }
        let owner = &mut self.owners[place as usize];
        owner.sum = sum;
        owner.is_read = true;
        self.silent.remove(&place);
        is_new
    }

    /// There is no such user any more: their files cannot be read. Whether that is new.
    pub fn give_up(&mut self, user: &UserId) -> bool {
        let Some(place) = self.places.get(user).copied() else {
            return false;
        };
        let is_new = self.forget(place);
        self.owners[place as usize].is_read = true;
        self.silent.remove(&place);
        self.given_up.insert(place);
        is_new
    }

    /// A user's list did not answer: nobody knows what is in it, and it is not asked for again before
    /// [`Index::ask_again`]. Whether it is the first time.
    pub fn silence(&mut self, user: &UserId) -> bool {
        let place = self.places.get(user);
        place.is_some_and(|place| self.silent.insert(*place, false).is_none())
    }

    /// What did not answer is to be asked for once more.
    pub fn ask_again(&mut self) {
        self.silent.values_mut().for_each(|again| *again = true);
    }

    /// Those whose lists did not answer, as far as the statistics tell of them.
    pub fn silent(&self) -> impl Iterator<Item = &FileOwner> {
        let places = self.silent.keys();
        places.map(|place| &self.owners[*place as usize])
    }

    /// From now on the files of this owner are not known, only how much they were. Whether it was so
    /// before.
    fn forget(&mut self, place: u32) -> bool {
        let was_read = self.owners[place as usize].is_read;
        if was_read {
            self.forget_all(&BTreeSet::from([place]));
        }
        !was_read
    }

    fn forget_all(&mut self, places: &BTreeSet<u32>) {
        self.forgotten += 1;
        for place in places {
            self.owners[*place as usize].is_read = false;
        }
        self.files.retain(|file| !places.contains(&file.owner));
        self.given_up.retain(|place| !places.contains(place));
        self.silent.retain(|place, _| !places.contains(place));
    }

    /// How much belongs to nobody, or to users that are no more: no list shows it.
    pub fn out_of_reach(&self) -> Sum {
        let mut sum = Sum::default();
        for place in &self.given_up {
            sum += self.owners[*place as usize].sum;
        }
        for owner in self.owners.iter().filter(|owner| owner.user.is_none()) {
            sum += owner.sum;
        }
        sum
    }

    /// Takes in what has happened since. Answers with those whose files are to be read anew: what they
    /// have is not known any more.
    pub fn change(&mut self, changes: Vec<FileChange>) -> Vec<UserId> {
        for change in &changes {
            match change {
                FileChange::Unsure(user) => self.unseen.0.extend(self.places.get(user)),
                FileChange::UnsureFile(id) => {
                    self.unseen.1.insert(id.clone());
                }
                FileChange::NoneLeft(user) => {
                    if let Some(place) = self.places.get(user) {
                        self.unseen.0.remove(place);
                    }
                }
                _ => {}
            }
        }
        let mut unsure = self.apply(&changes, None);
        self.lately.extend(changes);
        unsure.extend(self.take_along(None));
        self.ask_anew(&unsure)
    }

    /// Where the reading of a list begins, for [`Index::catch_up`].
    pub fn position(&self) -> usize {
        self.lately.len()
    }

    /// No list is on its way. Earlier positions mean nothing any more.
    pub fn settle(&mut self) {
        self.lately.clear();
    }

    /// Takes in what has happened while a list was read that is taken in now. Answers as
    /// [`Index::change`] does.
    pub fn catch_up(&mut self, user: &UserId, began: usize) -> Vec<UserId> {
        let Some(place) = self.places.get(user).copied() else {
            return Vec::new();
        };
        let lately = std::mem::take(&mut self.lately);
        let mut unsure = match lately.get(began..) {
            None | Some([]) => BTreeSet::new(),
            Some(meanwhile) => self.apply(meanwhile, Some(place)),
        };
        self.lately = lately;
        unsure.extend(self.take_along(Some(place)));
        self.ask_anew(&unsure)
    }

    /// Does to files what has happened: to all, or to those of one owner, whose list has just come. The places of those of whose
    /// files it is not known.
    fn apply(&mut self, changes: &[FileChange], only: Option<u32>) -> BTreeSet<u32> {
        let is_meant = |place: u32| only.is_none_or(|only| only == place);
        let mut unsure = BTreeSet::new();
        // By their numbers: a file may be meant by its ID and by its content, and the last word counts.
        let mut by_id: HashMap<&str, Vec<usize>> = HashMap::new();
        let mut by_content: HashMap<Fingerprint, Vec<usize>> = HashMap::new();
        let mut not_found: HashSet<&str> = HashSet::new();
        for (number, change) in changes.iter().enumerate() {
            match change {
                FileChange::Gone(gone) => {
                    let is_counted = only.is_none() && self.take_from_sum(gone);
                    if only.is_none() && gone.of.is_none() {
                        not_found.insert(&gone.media_id);
                    }
                    if !is_counted {
                        by_id.entry(&gone.media_id).or_default().push(number);
                    }
                }
                FileChange::Quarantined(id, _)
                | FileChange::Protected(id, _)
                | FileChange::UnsureFile(id) => by_id.entry(id).or_default().push(number),
                FileChange::QuarantinedContent(content, _) | FileChange::UnsureContent(content) => {
                    by_content.entry(*content).or_default().push(number);
                }
                FileChange::NoneLeft(user) => {
                    let place = self.places.get(user).copied();
                    if let Some(place) = place.filter(|place| is_meant(*place)) {
                        unsure.remove(&place);
                        self.add(user, Vec::new());
                    }
                }
                FileChange::Unsure(user) => {
                    let place = self.places.get(user).copied();
                    unsure.extend(place.filter(|place| is_meant(*place)));
                }
            }
        }
        if by_id.is_empty() && by_content.is_empty() {
            // Of a million files none is looked at for nothing.
            return unsure;
        }
        let begin = self.tail(only);
        let (owners, moderators) = (&mut self.owners, &mut self.moderators);
        let mut is_altered = false;
        let gone = self.files.extract_if(begin.., |file| {
            let of_content = |content| by_content.get(&content).into_iter().flatten();
            let of_content = file.content.into_iter().flat_map(of_content);
            let of_id = by_id.get(&*file.media_id).into_iter().flatten();
            let mut numbers: Vec<usize> = of_id.chain(of_content).copied().collect();
            numbers.sort_unstable();
            is_altered |= !numbers.is_empty();
            for (at, number) in numbers.iter().enumerate() {
                // A list that has come late does not say whether the file was protected at this point, if
                // it has been set free since.
                let is_freed =
                    |later: &usize| matches!(changes[*later], FileChange::Protected(_, false));
                match &changes[*number] {
                    FileChange::QuarantinedContent(_, Some(_))
                        if only.is_some() && numbers[at..].iter().any(is_freed) =>
                    {
                        unsure.insert(file.owner);
                    }
                    FileChange::Gone(_) => {
                        owners[file.owner as usize].sum.take(file.bytes);
                        not_found.remove(&*file.media_id);
                        return true;
                    }
                    // The server leaves these alone.
                    FileChange::QuarantinedContent(_, Some(_)) if file.is_protected => {}
                    FileChange::Quarantined(_, by) | FileChange::QuarantinedContent(_, by) => {
                        file.quarantined_by = by.as_ref().map(|by| moderators.place(by.as_str()));
                    }
                    FileChange::Protected(_, is_protected) => file.is_protected = *is_protected,
                    FileChange::UnsureFile(_) | FileChange::UnsureContent(_) => {
                        unsure.insert(file.owner);
                    }
                    FileChange::NoneLeft(_) | FileChange::Unsure(_) => {}
                }
            }
            false
        });
        gone.for_each(drop);
        self.altered += u64::from(is_altered);
        self.untold.0 += not_found.len() as u64;
        unsure
    }

    /// Takes a deleted file from the sum of its owner, if that is all that is known of what they have.
    fn take_from_sum(&mut self, gone: &GoneFile) -> bool {
        let Some((owner, bytes)) = &gone.of else {
            return false;
        };
        let place = self.places.get(owner).map(|place| *place as usize);
        let Some(place) = place.filter(|place| !self.has_list(*place)) else {
            return false;
        };
        self.owners[place].sum.take(*bytes);
        // The sum still has its bytes.
        self.untold.0 += u64::from(bytes.is_none());
        true
    }

    /// Where the files begin of a list that has just come, which is the last; without one, of all.
    fn tail(&self, list: Option<u32>) -> usize {
        let is_before = |file: &Entry| list.is_some_and(|place| place != file.owner);
        let before = self.files.iter().rposition(is_before);
        before.map_or(0, |last| last + 1)
    }

    /// Files of which nobody knows what has become of them may be in quarantine, and with them all of the
    /// same content: those whose contents are seen by now, in all lists or in one that has just come.
    /// The places of those who have such files, but for the owner of that list: it knows.
    fn take_along(&mut self, list: Option<u32>) -> BTreeSet<u32> {
        let begin = self.tail(list);
        let (owners, ids) = &mut self.unseen;
        if owners.is_empty() && ids.is_empty() {
            return BTreeSet::new();
        }
        let mut contents = HashSet::new();
        for file in &self.files[begin..] {
            if ids.remove(&*file.media_id) || owners.contains(&file.owner) {
                contents.extend(file.content);
            }
        }
        owners.retain(|place| !self.owners[*place as usize].is_read);
        let contents: Vec<FileChange> = contents
            .into_iter()
            .map(FileChange::UnsureContent)
            .collect();
        if contents.is_empty() {
            return BTreeSet::new();
        }
        let mut unsure = self.apply(&contents, None);
        self.lately.extend(contents);
        if let Some(place) = list {
            unsure.remove(&place);
        }
        unsure
    }

    /// Forgets the files of these: they are to be read anew.
    fn ask_anew(&mut self, places: &BTreeSet<u32>) -> Vec<UserId> {
        if places.is_empty() {
            return Vec::new();
        }
        self.forget_all(places);
        let owners = places.iter().map(|place| &self.owners[*place as usize]);
        owners.filter_map(|owner| owner.user.clone()).collect()
    }

    /// The accounts that have files, in the order in which they were told.
    pub fn owners(&self) -> &[FileOwner] {
        &self.owners
    }

    /// Those whose files are to be read, those with most bytes first; what did not answer is asked for
    /// again at the end.
    pub fn unread(&self) -> Vec<UserId> {
        let mut unread: Vec<(bool, &FileOwner)> = (0_u32..)
            .zip(&self.owners)
            .filter(|(_, owner)| !owner.is_read)
            .filter_map(|(place, owner)| match self.silent.get(&place) {
                Some(again) => again.then_some((true, owner)),
                None => Some((false, owner)),
            })
            .collect();
        unread.sort_by_key(|(is_again, owner)| (*is_again, Reverse(owner.sum.bytes)));
        unread
            .into_iter()
            .filter_map(|(_, owner)| owner.user.clone())
            .collect()
    }

    /// How much there is in all, read or not.
    pub fn total(&self) -> Sum {
        let mut total = Sum::default();
        for owner in &self.owners {
            total += owner.sum;
        }
        total
    }

    /// How much of it has been read.
    pub fn read(&self) -> Sum {
        let mut read = Sum::default();
        for owner in self.owners.iter().filter(|owner| owner.user.is_some()) {
            if owner.is_read {
                read += owner.sum;
            }
        }
        read
    }

    /// How many files are held.
    pub fn len(&self) -> usize {
        self.files.len()
    }

    /// Whether no file is held.
    pub fn is_empty(&self) -> bool {
        self.files.is_empty()
    }

    pub(super) fn entries(&self) -> &[Entry] {
        &self.files
    }

    fn file(&self, entry: &Entry) -> StoredFile {
        StoredFile {
            uri: MxcUri {
                server: self.server.clone(),
                media_id: entry.media_id.to_string(),
            },
            is_local: true,
            untold: None,
            owner: self.owners[entry.owner as usize].user.clone(),
            name: entry.name.as_deref().map(str::to_owned),
            media_type: self.kinds.get(entry.kind).map(str::to_owned),
            bytes: entry.bytes,
            created: Some(entry.created),
            last_access: entry.last_access,
            quarantined_by: self.moderators.get(entry.quarantined_by).map(str::to_owned),
            is_protected: Some(entry.is_protected),
            is_open: entry.is_open,
            is_pending: entry.bytes.is_none(),
            is_preview: entry.class == Class::Preview,
            content: entry.content,
        }
    }

    /// Everything that a question finds, in no order.
    pub fn matching(&self, question: &Question, moments: &Moments) -> Vec<StoredFile> {
        let matcher = Matcher::new(self, question, moments);
        self.files
            .iter()
            .filter(|file| matcher.misses(file) == Some(0))
            .map(|file| self.file(file))
            .collect()
    }

    /// How many files a question finds.
    pub fn count(&self, question: &Question, moments: &Moments) -> usize {
        let matcher = Matcher::new(self, question, moments);
        let found = self.files.iter();
        found.filter(|file| matcher.misses(file) == Some(0)).count()
    }

    /// How much the files of these IDs are.
    pub fn sum_of(&self, ids: &[Rc<HashSet<String>>]) -> Sum {
        let mut sum = Sum::default();
        for file in &self.files {
            if ids.iter().any(|ids| ids.contains(&*file.media_id)) {
                sum.add(file.bytes);
            }
        }
        sum
    }

    /// How much the files of each of these groups of IDs are; one that is in several counts in each.
    pub fn sums_by(&self, groups: &[Rc<HashSet<String>>]) -> Vec<Sum> {
        let mut sums = vec![Sum::default(); groups.len()];
        let mut places: HashMap<&str, Vec<usize>> = HashMap::new();
        for (place, ids) in groups.iter().enumerate() {
            for id in ids.iter() {
                places.entry(id).or_default().push(place);
            }
        }
        for file in &self.files {
            for place in places.get(&*file.media_id).into_iter().flatten() {
                sums[*place].add(file.bytes);
            }
        }
        sums
    }

    /// One page of what a question finds, and how much that is. Asked for again, it looks at what has come or
    /// changed since.
    pub fn page(
        &self,
        question: &Question,
        moments: &Moments,
        query: &ListQuery,
    ) -> (Vec<StoredFile>, Sum) {
        let mut kept = self.page.borrow_mut();
        kept.bring_up(self, question, moments, query);
        kept.told(self, query)
    }

    /// How often lists were forgotten, and how often files have changed or gone. Where neither is so, files
    /// have come at the end and nothing else.
    pub(super) fn changes_of_files(&self) -> (u64, u64) {
        (self.forgotten, self.altered)
    }

    /// The file at this place.
    pub(super) fn file_at(&self, place: usize) -> StoredFile {
        self.file(&self.files[place])
    }

    /// Which of the files at these places comes first on a page.
    pub(super) fn compare_for(&self, query: &ListQuery, a: usize, b: usize) -> Ordering {
        let (a, b) = (&self.files[a], &self.files[b]);
        let key = FileOrder::parse(&query.sort);
        let order = key.map_or(Ordering::Equal, |key| self.compare(key, a, b));
        let order = match query.descending {
            true => order.reverse(),
            false => order,
        };
        // Equal ones have their places, or they would be on two pages.
        order.then_with(|| a.media_id.cmp(&b.media_id))
    }

    fn compare(&self, key: FileOrder, a: &Entry, b: &Entry) -> Ordering {
        let label = |file: &Entry| match &file.name {
            Some(name) => name.to_lowercase(),
            None => file.media_id.to_lowercase(),
        };
        match key {
            FileOrder::Id => a.media_id.cmp(&b.media_id),
            FileOrder::Name => label(a).cmp(&label(b)),
            FileOrder::Created => a.created.cmp(&b.created),
            FileOrder::LastAccess => a.last_access.cmp(&b.last_access),
            FileOrder::Size => a.bytes.cmp(&b.bytes),
            FileOrder::Type => self.kinds.get(a.kind).cmp(&self.kinds.get(b.kind)),
            FileOrder::Quarantined => self
                .moderators
                .get(a.quarantined_by)
                .cmp(&self.moderators.get(b.quarantined_by)),
            FileOrder::Protected => a.is_protected.cmp(&b.is_protected),
            FileOrder::Owner => {
                let user = |file: &Entry| &self.owners[file.owner as usize].user;
                user(a).cmp(user(b))
            }
        }
    }
}

/// A question, ready for many files.
pub(super) struct Matcher<'a> {
    index: &'a Index,
    moments: &'a Moments,
    /// `Some(None)` is somebody who has no files.
    owner: Option<Option<u32>>,
    class: Option<Class>,
    age: Option<Age>,
    size: Option<usize>,
    month: Option<usize>,
    larger: Option<u64>,
    before: Option<Timestamp>,
    quarantined: Option<bool>,
    protected: Option<bool>,
    open: Option<bool>,
    only: Option<&'a HashSet<String>>,
    without: &'a [Class],
    without_ids: &'a [Rc<HashSet<String>>],
    is_unclear: bool,
    search: Search,
}

impl<'a> Matcher<'a> {
    pub fn new(index: &'a Index, question: &'a Question, moments: &'a Moments) -> Self {
        Matcher {
            index,
            moments,
            owner: question
                .owner
                .as_ref()
                .map(|owner| index.places.get(owner).copied()),
            class: question.class,
            age: question.age,
            size: question.size,
            month: question.month.as_deref().map(|month| match month {
                EARLIER => 0,
                month => moments
                    .months
                    .iter()
                    .position(|(name, _)| name == month)
                    // A month that is not among them has nothing.
                    .map_or(usize::MAX, |place| place + 1),
            }),
            larger: question.larger,
            before: question.before,
            quarantined: question.quarantined,
            protected: question.protected,
            open: question.open,
            only: question.only.as_deref(),
            without: &question.without,
            without_ids: &question.without_ids,
            is_unclear: question.is_unclear,
            search: Search::parse(&question.search),
        }
    }

    /// The [`Dimension`]s whose conditions a file does not meet, as bits; `None` if it does not
    /// meet another condition.
    pub fn misses(&self, file: &Entry) -> Option<u8> {
        let is = |wanted: Option<bool>, value: bool| wanted.is_none_or(|wanted| wanted == value);
        if self.is_unclear
            || self.without.contains(&file.class)
            || self
                .without_ids
                .iter()
                .any(|ids| ids.contains(&*file.media_id))
            // What the server does not tell is neither.
            || (self.open.is_some() && self.open != file.is_open)
            || !is(self.quarantined, file.quarantined_by.is_some())
            || !is(self.protected, file.is_protected)
            || self
                .larger
                .is_some_and(|larger| file.bytes.is_none_or(|bytes| bytes <= larger))
            || self.before.is_some_and(|before| file.last_use() >= before)
            || self
                .only
                .is_some_and(|only| !only.contains(&*file.media_id))
            || !(self.search.is_empty() || self.search.finds(|term| self.has_term(file, term)))
        {
            return None;
        }
        let mut misses = 0;
        let mut require = |met: bool, dimension: Dimension| {
            if !met {
                misses |= dimension as u8;
            }
        };
        require(
            self.owner.is_none_or(|owner| owner == Some(file.owner)),
            Dimension::Owner,
        );
        require(
            self.class.is_none_or(|class| class == file.class),
            Dimension::Class,
        );
        require(
            match self.age {
                None => true,
                Some(Age::Class(place)) => self.age_of(file) == place,
                Some(Age::Unused(days)) => self.is_unused(file, days),
                Some(Age::ClassUnused(place, days)) => {
                    self.age_of(file) == place && self.is_unused(file, days)
                }
            },
            Dimension::Age,
        );
        let size = || class::size(file.bytes.unwrap_or(0));
        require(
            self.size.is_none_or(|place| size() == place),
            Dimension::Size,
        );
        require(
            self.month
                .is_none_or(|place| self.moments.month(file.created) == place),
            Dimension::Month,
        );
        Some(misses)
    }

    pub fn age_of(&self, file: &Entry) -> usize {
        class::age(self.moments.now.0.saturating_sub(file.last_use().0))
    }

    /// Whether deleting what was not used for so many days would hit it.
    pub fn is_unused(&self, file: &Entry, days: i64) -> bool {
        file.can_go() && file.last_use() < self.moments.days_ago(days)
    }

    fn has_term(&self, file: &Entry, term: &str) -> bool {
        let has = |text: Option<&str>| text.is_some_and(|text| text.to_lowercase().contains(term));
        let owner = &self.index.owners[file.owner as usize];
        has(file.name.as_deref())
            || has(Some(&file.media_id))
            || has(self.index.kinds.get(file.kind))
            || has(owner.user.as_ref().map(UserId::as_str))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::known::Why;
    use serde_json::json;

    fn user(name: &str) -> UserId {
        UserId::parse(&format!("@{name}:b.org")).unwrap()
    }

    fn file(id: &str, bytes: u64) -> MediaFile {
        let file = json!({"media_id": id, "media_length": bytes, "created_ts": 1});
        serde_json::from_value(file).unwrap()
    }

    fn told(name: &str, count: u64, bytes: u64) -> MediaUser {
        MediaUser {
            user_id: Some(user(name)),
            displayname: None,
            media_count: count,
            media_length: Some(bytes),
        }
    }

    fn sum(files: u64, bytes: u64) -> Sum {
        Sum { files, bytes }
    }

    /// Al's and Jo's files have been read, of Kim's only how much they are.
    fn index() -> Index {
        let mut index = Index::new(ServerName::parse("b.org").unwrap());
        index.know(vec![told("al", 2, 3), told("jo", 1, 4), told("kim", 5, 8)]);
        assert!(index.add(&user("al"), vec![file("a", 1), file("b", 2)]));
        assert!(index.add(&user("jo"), vec![file("c", 4)]));
        index
    }

    fn ids(index: &Index) -> Vec<&str> {
        index.files.iter().map(|file| &*file.media_id).collect()
    }

    #[test]
    fn what_nobody_has_said_is_asked_for() {
        let mut index = index();
        let changes = vec![
            FileChange::Unsure(user("al")),
            FileChange::Unsure(user("nobody")),
        ];
        assert_eq!(index.change(changes), [user("al")]);
        assert_eq!(ids(&index), ["c"]);
        assert_eq!(index.unread(), [user("kim"), user("al")]);
        // How much it was stays until it is known better.
        assert_eq!((index.total(), index.read()), (sum(8, 15), sum(1, 4)));
        assert!(index.add(&user("al"), vec![file("b", 2)]));
        assert!(!index.add(&user("al"), vec![file("b", 2)]), "again");
        assert_eq!(index.total(), sum(7, 14));
        // Of one file it is known whose it is.
        let lost = vec![
            FileChange::UnsureFile("c".to_owned()),
            FileChange::UnsureFile("x".to_owned()),
        ];
        assert_eq!(index.change(lost), [user("jo")]);
        assert_eq!(ids(&index), ["b"]);
        // Whose files have not been read are worth a look as well.
        let lost = vec![FileChange::Unsure(user("kim"))];
        assert_eq!(index.change(lost), [user("kim")]);
    }

    /// Al's list comes, with files of the contents of `a`, `b` and none, of which the first two were asked
    /// for before all this happened. Who is to be asked, and what is held of whose files.
    fn late(happened: Vec<FileChange>) -> (Vec<UserId>, Vec<String>) {
        let mut index = Index::new(ServerName::parse("b.org").unwrap());
        index.know(vec![told("al", 3, 3), told("jo", 1, 1)]);
        index.add(&user("jo"), vec![of_content("j", 'a')]);
        let began = index.position();
        let mut unsure = index.change(happened);
        let files = [of_content("a", 'a'), of_content("b", 'b'), file("c", 1)];
        index.add(&user("al"), files.into());
        unsure.extend(index.catch_up(&user("al"), began));
        unsure.sort_unstable();
        let files = index.files.iter();
        let held = files.map(|file| match file.quarantined_by {
            Some(_) => format!("{}!", file.media_id),
            None => file.media_id.to_string(),
        });
        let held = held.collect();
        (unsure, held)
    }

    #[test]
    fn a_list_on_its_way_learns_what_happened_meanwhile() {
        let held = |id: &str| FileChange::Quarantined(id.to_owned(), Some(user("admin")));
        let gone = |id: &str| FileChange::Gone(GoneFile::id(id.to_owned()));
        let content = |begin: char| Fingerprint::of(&begin.to_string().repeat(64)).unwrap();
        let twins = |begin| FileChange::QuarantinedContent(content(begin), Some(user("admin")));
        let files = |all: &[&str]| (Vec::new(), all.iter().map(|id| (*id).to_owned()).collect());
        assert_eq!(late(vec![]), files(&["j", "a", "b", "c"]));
        // One by one, and nobody is asked again.
        let one_by_one = ["a", "c", "x"].map(held).to_vec();
        assert_eq!(late(one_by_one), files(&["j", "a!", "b", "c!"]));
        assert_eq!(late(vec![gone("b"), held("b")]), files(&["j", "a", "c"]));
        // By what somebody else's file is.
        assert_eq!(
            late(vec![held("j"), twins('a')]),
            files(&["j!", "a!", "b", "c"])
        );
        let safe = FileChange::Protected("a".to_owned(), true);
        assert_eq!(late(vec![safe, twins('a')]), files(&["j!", "a", "b", "c"]));
        assert_eq!(late(vec![FileChange::NoneLeft(user("al"))]), files(&["j"]));
        let none_left = FileChange::NoneLeft(user("jo"));
        assert_eq!(late(vec![none_left]), files(&["a", "b", "c"]));
    }

    #[test]
    fn whether_a_file_was_protected_when_its_twins_were_held_is_asked() {
        let content = Fingerprint::of(&"a".repeat(64)).unwrap();
        let held = FileChange::QuarantinedContent(content, Some(user("admin")));
        let freed = FileChange::Protected("a".to_owned(), false);
        let (asked, _) = late(vec![held.clone(), freed.clone()]);
        assert_eq!(asked, [user("al")]);
        let (asked, files) = late(vec![freed, held]);
        assert!(asked.is_empty());
        assert_eq!(files[1], "a!");
    }

    #[test]
    fn of_what_nobody_has_said_a_list_on_its_way_is_asked_for_again() {
        let unsure_file = |id: &str| FileChange::UnsureFile(id.to_owned());
        let asked = |names: &[&str], left: &[&str]| {
            let left = left.iter().map(|id| (*id).to_owned()).collect();
            (names.iter().map(|name| user(name)).collect(), left)
        };
        assert_eq!(
            late(vec![unsure_file("x")]),
            asked(&[], &["j", "a", "b", "c"])
        );
        assert_eq!(late(vec![unsure_file("b")]), asked(&["al"], &["j"]));
        // Others' files of the same content, whoever's list was known before.
        assert_eq!(late(vec![unsure_file("j")]), asked(&["al", "jo"], &[]));
        assert_eq!(late(vec![unsure_file("a")]), asked(&["al", "jo"], &[]));
        let unsure = |name| late(vec![FileChange::Unsure(user(name))]);
        assert_eq!(unsure("jo"), asked(&["al", "jo"], &[]));
        assert_eq!(unsure("al").0.last(), Some(&user("jo")));
    }

    #[test]
    fn what_is_seen_late_takes_along_what_was_read_before_and_once() {
        let mut index = index();
        index.add(&user("jo"), vec![of_content("c", 'a')]);
        let lost = ["k", "x"].map(|id| FileChange::UnsureFile(id.to_owned()));
        assert!(index.change(lost.into()).is_empty());
        // Kim's list is asked for afterwards, and knows; Jo's was before.
        let mut came = |name: &str, id: &str, began: usize| {
            index.add(&user(name), vec![of_content(id, 'a')]);
            index.catch_up(&user(name), began)
        };
        let of_al = 2;
        assert_eq!(came("kim", "k", of_al), [user("jo")]);
        // Al's was asked for in between.
        assert_eq!(came("al", "a", of_al), [user("al")]);
        let later = index.position();
        for (name, id) in [("jo", "c"), ("al", "a"), ("kim", "k")] {
            index.add(&user(name), vec![of_content(id, 'a')]);
            assert!(index.catch_up(&user(name), later).is_empty());
        }
        index.settle();
        assert_eq!(index.position(), 0);
    }

    fn of_content(id: &str, begin: char) -> MediaFile {
        MediaFile {
            sha256: Some(begin.to_string().repeat(64)),
            ..file(id, 1)
        }
    }

    #[test]
    fn files_of_the_same_content_are_quarantined_together() {
        let mut index = index();
        let safe = MediaFile {
            safe_from_quarantine: true,
            ..of_content("safe", 'a')
        };
        index.add(
            &user("al"),
            vec![of_content("a", 'a'), of_content("b", 'b')],
        );
        index.add(&user("jo"), vec![of_content("c", 'a'), safe]);
        let held = |index: &Index| {
            let held = index
                .files
                .iter()
                .filter(|file| file.quarantined_by.is_some());
            held.map(|file| file.media_id.to_string())
                .collect::<Vec<_>>()
        };
        let content = Fingerprint::of(&"a".repeat(64)).unwrap();
        let by = |by: Option<UserId>| {
            vec![
                FileChange::Quarantined("a".to_owned(), by.clone()),
                FileChange::QuarantinedContent(content, by),
            ]
        };
        let admin = Some(user("admin"));
        assert!(index.change(by(admin.clone())).is_empty());
        assert_eq!(held(&index), ["a", "c"]);
        assert!(index.change(by(None)).is_empty());
        assert!(held(&index).is_empty());
        // The last word counts, whichever way it names a file.
        let both = [by(None), by(admin.clone())].concat();
        index.change(both);
        assert_eq!(held(&index), ["a", "c"]);
        index.change([by(admin), by(None)].concat());
        assert!(held(&index).is_empty());
    }

    #[test]
    fn what_may_be_in_quarantine_may_have_taken_others_along() {
        let unsure = [
            FileChange::Unsure(user("al")),
            FileChange::UnsureFile("a".to_owned()),
        ];
        for change in unsure {
            let mut index = index();
            index.add(&user("al"), vec![of_content("a", 'a')]);
            index.add(&user("jo"), vec![of_content("c", 'a')]);
            index.add(&user("kim"), vec![of_content("d", 'd')]);
            assert_eq!(index.change(vec![change]), [user("al"), user("jo")]);
            assert_eq!(ids(&index), ["d"]);
        }
    }

    #[test]
    fn whoever_has_nothing_left_is_not_asked_for() {
        let mut index = index();
        let changes = ["al", "kim"].map(|name| FileChange::NoneLeft(user(name)));
        let lost = FileChange::Unsure(user("al"));
        let changes = [vec![lost], changes.to_vec()].concat();
        assert!(index.change(changes).is_empty());
        assert_eq!(ids(&index), ["c"]);
        assert!(index.unread().is_empty());
        assert_eq!(index.total(), sum(1, 4));
    }

    #[test]
    fn what_does_not_answer_is_nobody_elses_and_asked_for_again() {
        let mut index = Index::new(ServerName::parse("b.org").unwrap());
        index.know(vec![told("al", 2, 3), told("jo", 1, 4), told("kim", 5, 8)]);
        assert!(index.silence(&user("kim")));
        assert_eq!(index.unread(), [user("jo"), user("al")], "not at once");
        let silent = |index: &Index| index.silent().map(|owner| owner.sum).collect::<Vec<_>>();
        assert_eq!(silent(&index), [sum(5, 8)]);
        // It has an account, and has not been read.
        assert_eq!((index.out_of_reach(), index.read()), (sum(0, 0), sum(0, 0)));
        index.ask_again();
        let last = [user("jo"), user("al"), user("kim")];
        assert_eq!(index.unread(), last, "it may hang once more");
        assert!(!index.silence(&user("kim")));
        assert_eq!(silent(&index), [sum(5, 8)]);
        index.ask_again();
        assert!(index.add(&user("kim"), vec![file("k", 9)]));
        assert!(silent(&index).is_empty());
        // What had been read may be silent when it is read anew.
        assert_eq!(
            index.change(vec![FileChange::Unsure(user("kim"))]),
            [user("kim")]
        );
        index.silence(&user("kim"));
        assert_eq!(silent(&index), [sum(1, 9)]);
        assert!(index.give_up(&user("kim")));
        assert!(silent(&index).is_empty());
    }

    #[test]
    fn what_is_deleted_is_in_no_sum_of_whose_list_nobody_has() {
        let gone = |name: &str, id: &str, bytes| {
            FileChange::Gone(GoneFile {
                media_id: id.to_owned(),
                of: Some((user(name), Some(bytes))),
            })
        };
        let mut index = index();
        index.know(vec![told("ann", 2, 9)]);
        index.give_up(&user("ann"));
        index.silence(&user("kim"));
        // Al's list is there, Kim's is silent, Ann has none.
        index.change(vec![
            gone("al", "b", 2),
            gone("kim", "k", 5),
            gone("ann", "n", 4),
        ]);
        assert_eq!((ids(&index), index.total()), (vec!["a", "c"], sum(7, 13)));
        assert_eq!(index.out_of_reach(), sum(1, 5));
        assert!(!index.are_sums_old());
        // A list that comes late is whole by itself.
        let began = index.position();
        index.change(vec![gone("kim", "l", 1)]);
        index.add(&user("kim"), vec![file("l", 1), file("m", 2)]);
        index.catch_up(&user("kim"), began);
        assert_eq!(index.total(), sum(4, 12));
    }

    #[test]
    fn of_what_is_deleted_and_in_no_list_the_sums_are_asked_for_again() {
        let gone = |id: &str| FileChange::Gone(GoneFile::id(id.to_owned()));
        let mut index = index();
        let nobody = MediaUser {
            user_id: None,
            ..told("al", 1, 7)
        };
        index.know(vec![nobody, told("old", 2, 6)]);
        index.give_up(&user("old"));
        index.change(vec![gone("a")]);
        assert!(!index.are_sums_old(), "that was in a list");
        index.change(vec![gone("x")]);
        assert!(index.are_sums_old());
        let asked = index.gone_untold();
        index.change(vec![gone("y")]);
        index.know_anew(
            vec![told("kim", 5, 8), told("old", 1, 2), told("al", 9, 9)],
            asked,
        );
        // What is known file by file stays; nobody has nothing any more.
        assert_eq!(index.total(), sum(8, 16));
        assert_eq!(index.out_of_reach(), sum(1, 2));
        assert!(index.are_sums_old(), "one more has gone since");
        index.know_anew(vec![told("kim", 5, 8)], index.gone_untold());
        assert!(!index.are_sums_old());
        assert_eq!(index.out_of_reach(), sum(0, 0));
    }

    #[test]
    fn the_sums_are_asked_for_again_at_once_and_then_once_a_minute() {
        let gone = |id: &str| FileChange::Gone(GoneFile::id(id.to_owned()));
        let mut index = index();
        assert_eq!(index.sums_due(Timestamp(1)), None);
        index.change(vec![gone("x")]);
        assert_eq!(index.sums_due(Timestamp(1)), Some(0));
        index.ask_sums(Timestamp(1));
        index.know_anew(Vec::new(), index.gone_untold());
        assert_eq!(index.sums_due(Timestamp(2)), None);
        index.change(vec![gone("y")]);
        assert_eq!(index.sums_due(Timestamp(10_001)), Some(50_000));
        assert_eq!(index.sums_due(Timestamp(60_001)), Some(0));
        assert_eq!(index.sums_due(Timestamp(900_000)), Some(0));
        // A clock that was set back keeps nobody waiting for hours.
        assert_eq!(index.sums_due(Timestamp(-9_000_000)), Some(60_000));
    }

    #[test]
    fn where_nobody_says_how_large_it_was_the_sums_are_asked_for_again() {
        let gone = |id: &str, is_pending| {
            let uri = MxcUri::parse(&format!("mxc://b.org/{id}")).unwrap();
            let file = StoredFile {
                owner: Some(user("kim")),
                is_pending,
                ..StoredFile::unknown(uri, true, Why::Silent)
            };
            FileChange::Gone(GoneFile::of(&file))
        };
        let mut index = index();
        let before = index.total();
        index.change(vec![gone("p", true)]);
        assert_eq!(index.total().files, before.files - 1);
        assert!(
            !index.are_sums_old(),
            "what was never uploaded has no bytes"
        );
        index.change(vec![gone("k", false)]);
        assert_eq!(index.total().files, before.files - 2);
        assert!(index.are_sums_old());
    }

    #[test]
    fn who_cannot_be_read_counts_once() {
        let mut index = index();
        assert!(index.give_up(&user("kim")));
        assert!(!index.give_up(&user("kim")));
        assert_eq!(index.out_of_reach(), sum(5, 8));
        index.change(vec![FileChange::Unsure(user("kim"))]);
        assert_eq!(index.out_of_reach(), sum(0, 0));
        index.give_up(&user("kim"));
        assert_eq!(index.out_of_reach(), sum(5, 8));
    }
}
