//! Imports against the model, with a disk, a person beside them, and crashes.

use super::server::mas::access;
use super::*;

pub(super) fn options(on_conflict: OnConflict) -> RunOptions {
    RunOptions {
        on_conflict,
        new_id: Rc::new(|| id("jane2")),
        server: Capabilities {
            version: Version::parse("1.163.2"),
            ..Capabilities::default()
        },
        newest_known: Some(Timestamp(1_600_000_000_000)),
        just_interrupted: true,
        interrupted_ms: None,
        limits: Limits::default(),
        creations: None,
        changes: None,
    }
}

/// One network, whomever it is about.
pub(super) fn for_all(network: impl Network + 'static) -> Option<NetworkAbout> {
    let network: Rc<dyn Network> = Rc::new(network);
    Some(Rc::new(move |_| Rc::clone(&network)))
}

/// [`options`] where this server keeps the accounts, or Matrix Authentication Service beside it.
pub(super) fn options_of(server: &Synapse, on_conflict: OnConflict) -> RunOptions {
    let mut options = options(on_conflict);
    if server.mas.is_some() {
        options.server.delegated_auth = true;
        options.server.at_mas = access("v1.22.0");
    }
    options
}

pub(super) fn named(password: &str) -> NewAccount {
    NewAccount {
        password: Some(password.into()),
        displayname: Some("Jane Doe".into()),
        ..NewAccount::default()
    }
}

pub(super) fn create(local: &str, account: NewAccount) -> RowTask {
    RowTask {
        user: id(local),
        deed: Deed::Create(account.into()),
    }
}

pub(super) fn update(change: UserChange) -> Deed {
    Deed::Update {
        change: change.into(),
        keeps_medium: None,
    }
}

pub(super) type Ended = Rc<RefCell<Vec<Vec<Outcome>>>>;

/// A disk: what is written is there wholly or not at all, some time later.
pub(super) struct Disk {
    pub(super) clock: SimClock,
    pub(super) random: SimRandom,
    /// As bytes, so that reading it back is tried as well.
    pub(super) lines: RefCell<Vec<Vec<u8>>>,
    /// When something was written last.
    pub(super) touched_ms: Cell<i64>,
}

impl Disk {
    pub(super) fn new(server: &Synapse) -> Self {
        Disk {
            clock: server.clock.clone(),
            random: server.random.clone(),
            lines: RefCell::default(),
            touched_ms: Cell::new(server.clock.wall_ms()),
        }
    }
}

impl Store for Disk {
    fn append<'a>(
        &'a self,
        entries: &'a [JournalEntry],
    ) -> LocalBoxFuture<'a, Result<(), SaveError>> {
        async move {
            let begun_ms = self.clock.wall_ms();
            self.clock.sleep(self.random.below(20)).await;
            self.touched_ms.set(begun_ms);
            let lines = entries.iter().map(record::bytes);
            self.lines.borrow_mut().extend(lines);
            self.clock.sleep(self.random.below(20)).await;
            Ok(())
        }
        .boxed_local()
    }
}

/// Runs an import that is interrupted from outside after each of these times; with `retries` what is left is
/// tried again after a cancel. Answers with what the last of them knows, its progress, and the outcomes that
/// were written down since the last try.
pub(super) fn import_with_crashes(
    server: &Rc<Synapse>,
    tasks: &[RowTask],
    options: &RunOptions,
    cancel_at: Option<u64>,
    retries: bool,
    crashes: &[u64],
) -> (Import, Progress, Ended) {
    let clock = Rc::new(server.clock.clone());
    let disk = Disk::new(server);
    let mut crashes = crashes.iter();
    loop {
        let lines = disk.lines.borrow().clone();
        let entries = lines.iter().map(|line| record::read(line).unwrap());
        let standings = standings(tasks.len(), entries);
        for user in server.created.borrow().iter() {
            let is_it = |(task, standing): (&RowTask, &Standing)| {
                let known = standing.renamed.as_ref().unwrap_or(&task.user);
                (known.as_str() == user || task.user.as_str() == user) && standing.begun
            };
            let known = tasks.iter().zip(&standings).any(is_it);
            assert!(known, "{user} was created without a word before");
        }
        let journal = Rc::new(Journal::new(&standings));
        let options = RunOptions {
            interrupted_ms: Some(disk.touched_ms.get()),
            ..options.clone()
        };
        let import = Import::new(
            tasks.to_vec(),
            &standings,
            options,
            server.clone(),
            clock.clone(),
            journal.clone(),
        );
        let last = RefCell::new(import.job().progress(0));
        let crash = crashes.next().copied();
        let crashed = clock.run(100 * HOUR_MS, async {
            let work = async {
                let mut job = import.job();
                let mut cancel_at = cancel_at;
                loop {
                    let person = patient(&clock, &job, cancel_at);
                    let run = import.run(&job, &server.random);
                    select(pin!(run), pin!(person)).await;
                    last.replace(job.progress(clock.now_ms()));
                    let is_cancelled = last.borrow().state == RunState::Cancelled;
                    if !is_cancelled || !retries || cancel_at.take().is_none() {
                        break;
                    }
                    // Whoever presses it has waited.
                    server.quiet_until.set(0);
                    job = import.job_over(left(&import));
                }
                journal.flush().await;
            };
            let crash = async {
                match crash {
                    Some(after) => clock.sleep(after).await,
                    None => std::future::pending().await,
                }
            };
            let (work, keep) = (pin!(work), pin!(journal.keep(&disk, &*clock)));
            let over = select(work, keep);
            matches!(select(over, pin!(crash)).await, Either::Right(_))
        });
        if !crashed {
            let progress = last.into_inner();
            let ended: Ended = Rc::new(RefCell::new(vec![Vec::new(); tasks.len()]));
            for line in disk.lines.borrow().iter() {
                match record::read(line).unwrap() {
                    JournalEntry::Ended(row, outcome) => ended.borrow_mut()[row].push(outcome),
                    JournalEntry::Again(row) => ended.borrow_mut()[row].clear(),
                    _ => {}
                }
            }
            return (import, progress, ended);
        }
        // Who comes after does not know of it.
        server.quiet_until.set(0);
    }
}

/// Runs an import, goes on after each pause; answers with it, its progress and the outcomes
/// that were written down.
pub(super) fn import(
    server: &Rc<Synapse>,
    tasks: Vec<RowTask>,
    options: RunOptions,
    cancel_at: Option<u64>,
) -> (Import, Progress, Ended) {
    import_with_crashes(server, &tasks, &options, cancel_at, false, &[])
}

pub(super) fn sure(user: &str) -> Outcome {
    Outcome::Created {
        user: id(user),
        proof: Proof::Answered,
        problems: Vec::new(),
    }
}

pub(super) fn run_again(server: &Rc<Synapse>, import: &Import, disk: &Disk, job: Run) {
    server.clock.run(100 * HOUR_MS, async {
        let keep = pin!(import.journal.keep(disk, &server.clock));
        select(pin!(import.run(&job, &server.random)), keep).await;
    });
}

/// Somebody who goes on after each pause, and cancels at this time.
pub(super) async fn patient(clock: &SimClock, job: &Run, cancel_at: Option<u64>) {
    loop {
        clock.sleep(700).await;
        let now = clock.now_ms();
        if matches!(job.progress(now).state, RunState::Paused { .. }) {
            job.resume(now);
        }
        if cancel_at.is_some_and(|at| now >= at) {
            job.cancel();
        }
    }
}

/// [`run_again`] with somebody [`patient`] beside it.
pub(super) fn run_with_a_person(
    server: &Rc<Synapse>,
    import: &Import,
    disk: &Disk,
    job: Run,
    cancel_at: Option<u64>,
) {
    let clock = &server.clock;
    clock.run(100 * HOUR_MS, async {
        let person = patient(clock, &job, cancel_at);
        let work = async {
            import.run(&job, &server.random).await;
            import.journal.flush().await;
        };
        let keep = pin!(import.journal.keep(disk, clock));
        select(pin!(work), select(keep, pin!(person))).await;
    });
}

/// What a disk says of so many rows.
pub(super) fn kept(disk: &Disk, rows: usize) -> Vec<Standing> {
    let lines = disk.lines.borrow().clone();
    standings(rows, lines.iter().map(|line| record::read(line).unwrap()))
}

/// An import that goes on with what the disk has of it; it may have nothing.
pub(super) fn reopened(
    server: &Rc<Synapse>,
    tasks: &[RowTask],
    options: &RunOptions,
    disk: &Disk,
) -> Import {
    let standings = kept(disk, tasks.len());
    let journal = Rc::new(Journal::new(&standings));
    let clock = Rc::new(server.clock.clone());
    let tasks = tasks.to_vec();
    let options = RunOptions {
        interrupted_ms: Some(disk.touched_ms.get()),
        ..options.clone()
    };
    Import::new(tasks, &standings, options, server.clone(), clock, journal)
}

/// What the list of jobs tries again.
pub(super) fn left(import: &Import) -> Vec<usize> {
    let is_left = |row: &usize| {
        import.with_outcome(*row, |outcome| {
            let is_accident = matches!(outcome, Some(Outcome::ChangedByAccident { .. }));
            !is_accident && outcome.is_some_and(Outcome::is_failure)
        })
    };
    (0..import.tasks().len()).filter(is_left).collect()
}
