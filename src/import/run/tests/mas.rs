//! What holds where Matrix Authentication Service keeps the accounts.

use super::server::mas::{API, PROVIDER, access};
use super::*;
use crate::import::run::account::by_owner;

fn paths(server: &Synapse, method: &str) -> Vec<String> {
    let requests = server.requests.borrow();
    let sent = requests.iter().filter(|request| request.1 == method);
    sent.map(|request| request.2.replace(API, "")).collect()
}

fn full() -> NewAccount {
    NewAccount {
        admin: Some(true),
        locked: Some(true),
        avatar_url: Some("mxc://example.org/a".into()),
        user_type: Some("bot".into()),
        threepids: Some(vec![Threepid {
            medium: "email".into(),
            address: "jane@example.org".into(),
        }]),
        external_ids: Some(vec![ExternalId {
            auth_provider: PROVIDER.into(),
            external_id: "one".into(),
        }]),
        rooms: vec!["!a:x".into()],
        ..named("secret")
    }
}

#[test]
fn each_thing_is_done_where_it_is_kept() {
    let server = Synapse::fair();
    let tasks = vec![create("jane", full()), create("joe", named("joe's"))];
    let options = options_of(&server, OnConflict::Stop);
    let (import, _, _) = import(&server, tasks, options, None);
    assert_eq!(import.outcome(0), Some(sure("jane")));
    let jane = server.account("jane").unwrap();
    assert_eq!(jane.displayname.as_deref(), Some("Jane Doe"));
    assert_eq!(jane.password.as_deref(), Some("secret"));
    assert!(jane.admin && jane.locked && jane.rooms.contains("!a:x"));
    assert_eq!(jane.avatar_url.as_deref(), Some("mxc://example.org/a"));
    assert_eq!((jane.threepids.len(), jane.external_ids.len()), (1, 1));
    // Joe takes two requests, of which nobody asks whether he has something already.
    let posts = paths(&server, "POST");
    let joes = server.account("joe").unwrap().at_mas.unwrap().0;
    assert_eq!(posts.iter().filter(|path| path.contains(&joes)).count(), 1);
    assert_eq!(posts.iter().filter(|path| *path == "users").count(), 2);
    // Whoever is locked is so last of all.
    assert!(posts.last().unwrap().ends_with("/lock"), "{posts:?}");
    assert_eq!(import.password(1), Some("joe's"));
}

/// Notes what is changed through it at MAS, and whom it is said to be about.
struct NotesWhom {
    server: Rc<Synapse>,
    user: UserId,
    noted: Rc<RefCell<Vec<(String, UserId)>>>,
}

impl Network for NotesWhom {
    fn exchange<'a>(&'a self, call: &'a Call) -> LocalBoxFuture<'a, Result<Answer, ApiError>> {
        if call.method != Method::Get {
            let path = call.path.replace(API, "");
            self.noted.borrow_mut().push((path, self.user.clone()));
        }
        self.server.exchange(call)
    }
}

#[test]
fn whom_each_change_is_about_is_said() {
    let server = Synapse::fair();
    let noted = Rc::new(RefCell::default());
    let about: NetworkAbout = {
        let (server, noted) = (server.clone(), Rc::clone(&noted));
        Rc::new(move |user| {
            Rc::new(NotesWhom {
                server: server.clone(),
                user: user.clone(),
                noted: Rc::clone(&noted),
            })
        })
    };
    let options = RunOptions {
        creations: Some(about.clone()),
        changes: Some(about),
        ..options_of(&server, OnConflict::Stop)
    };
    let change = UserChange {
        threepids: Some(Vec::new()),
        locked: Some(true),
        ..UserChange::default()
    };
    let mut joe = server.foreign("joe");
    joe.foreign = false;
    joe.threepids.push(("email".into(), "old@b.c".into()));
    let known = joe.at_mas.clone().unwrap().0;
    let owner = id("joe").as_str().to_owned();
    server.accounts.borrow_mut().insert(owner, joe);
    let of_joe = RowTask {
        user: id("joe"),
        deed: update(change),
    };
    let tasks = vec![create("jane", full()), of_joe];
    let (_, _, _) = import(&server, tasks, options, None);
    let noted = noted.borrow();
    let sent = server.requests.borrow();
    let at_mas =
        |request: &&(u64, &'static str, String)| request.1 != "GET" && request.2.starts_with(API);
    // Nothing was changed there of which nobody knows whom it was about.
    assert_eq!(noted.len(), sent.iter().filter(at_mas).count());
    let (created, locked) = ("users".to_owned(), format!("users/{known}/lock"));
    assert!(noted.contains(&(created, id("jane"))), "{noted:?}");
    assert!(noted.contains(&(locked, id("joe"))), "{noted:?}");
    let gone = noted
        .iter()
        .find(|(path, _)| path.starts_with("user-emails/"));
    assert_eq!(gone.map(|(_, user)| user), Some(&id("joe")));
}

/// Creations of one account are carried out, and nobody ever hears of it; the first `lost` of them do not arrive,
/// which takes an hour to come out.
struct Unheard {
    server: Rc<Synapse>,
    lost: Cell<u32>,
}

impl Network for Unheard {
    fn exchange<'a>(&'a self, call: &'a Call) -> LocalBoxFuture<'a, Result<Answer, ApiError>> {
        async move {
            let is_janes = matches!(&call.body, Body::Json(json) if json.contains("jane"));
            if is_janes && self.lost.get() > 0 {
                self.lost.set(self.lost.get() - 1);
                self.server.clock.sleep(HOUR_MS).await;
                return Err(ApiError::TimedOut { after_ms: 60_000 });
            }
            let answer = self.server.exchange(call).await;
            match is_janes {
                true => std::future::pending().await,
                false => answer,
            }
        }
        .boxed_local()
    }
}

/// Jane's account is made, nobody hears of it, and the tab is closed.
fn closed_while_made(server: &Rc<Synapse>, options: &RunOptions, disk: &Disk, lost: u32) {
    let tasks = [create("jane", named("mine"))];
    let unheard = Unheard {
        server: server.clone(),
        lost: Cell::new(lost),
    };
    let options = RunOptions {
        creations: for_all(unheard),
        ..options.clone()
    };
    let import = reopened(server, &tasks, &options, disk);
    let job = import.job();
    server.clock.run(10 * HOUR_MS, async {
        let closed = async {
            while server.account("jane").is_none() {
                server.clock.sleep(1_000).await;
            }
        };
        let person = patient(&server.clock, &job, None);
        let run = import.run(&job, &server.random);
        let keep = import.journal.keep(disk, &server.clock);
        let (run, keep, person) = (pin!(run), pin!(keep), pin!(person));
        let work = select(run, select(keep, person));
        select(pin!(closed), work).await;
    });
}

#[test]
fn what_was_made_long_after_its_row_was_begun_is_known_as_ours() {
    for is_begun in [false, true] {
        let server = Synapse::fair();
        let newest = server.clock.wall_ms();
        let owner = id("somebody").as_str().to_owned();
        let somebody = server.foreign("somebody");
        server.accounts.borrow_mut().insert(owner, somebody);
        let options = RunOptions {
            newest_known: Some(Timestamp(newest)),
            ..options_of(&server, OnConflict::Skip)
        };
        let disk = Disk::new(&server);
        // For an hour nothing is written: the creation hangs, or nobody goes on with the import.
        let lost = match is_begun {
            false => 1,
            true => {
                let begun = record::bytes(&JournalEntry::Begun(0, 1));
                disk.lines.borrow_mut().push(begun);
                server.clock.run(HOUR_MS, server.clock.sleep(HOUR_MS));
                0
            }
        };
        closed_while_made(&server, &options, &disk, lost);
        let tasks = [create("jane", named("mine"))];
        let import = reopened(&server, &tasks, &options, &disk);
        run_with_a_person(&server, &import, &disk, import.job(), None);
        let ours = Outcome::Created {
            user: id("jane"),
            proof: Proof::Recognised,
            problems: Vec::new(),
        };
        assert_eq!(import.outcome(0), Some(ours), "{is_begun}");
        let jane = server.account("jane").unwrap();
        assert_eq!(jane.password.as_deref(), Some("mine"));
    }
}

#[test]
fn an_old_one_does_not_know_display_names() {
    let server = Synapse::fair();
    let mut options = options_of(&server, OnConflict::Stop);
    options.server.at_mas = access("v1.17.0");
    let (import, _, _) = import(
        &server,
        vec![create("jane", named("secret"))],
        options,
        None,
    );
    assert_eq!(import.outcome(0), Some(sure("jane")));
    assert_eq!(
        server.account("jane").unwrap().displayname.as_deref(),
        Some("Jane Doe")
    );
    assert_eq!(paths(&server, "PUT").len(), 1);
}

#[test]
fn the_first_states_are_before_and_the_last_behind() {
    let change = |deactivated, locked| {
        let change = UserChange {
            password: Some("x".into()),
            displayname: Some("Jane".into()),
            avatar_url: Some("mxc://x/y".into()),
            deactivated: Some(deactivated),
            locked: Some(locked),
            ..UserChange::default()
        };
        let fields = |part: UserChange| Field::of(&part).collect::<Vec<Field>>();
        by_owner(&change)
            .into_iter()
            .map(fields)
            .collect::<Vec<_>>()
    };
    let here = vec![Field::DisplayName, Field::Avatar];
    let (deactivated, locked) = (vec![Field::Deactivated], vec![Field::Locked]);
    let password = vec![Field::Password];
    assert_eq!(
        change(false, true),
        [
            deactivated.clone(),
            password.clone(),
            here.clone(),
            locked.clone()
        ]
    );
    assert_eq!(change(true, false), [locked, password, here, deactivated]);
}

#[test]
fn what_it_refuses_is_told_and_the_rest_is_done() {
    let server = Synapse::fair();
    let mut owner = server.foreign("owner");
    owner
        .threepids
        .push(("email".into(), "jane@example.org".into()));
    owner.external_ids.push((PROVIDER.into(), "one".into()));
    server
        .accounts
        .replace(BTreeMap::from([(id("owner").as_str().to_owned(), owner)]));
    let account = NewAccount {
        password: Some("abc".into()),
        generated_password: true,
        ..full()
    };
    let tasks = vec![create("jane", account), create("bridge_a", named("secret"))];
    let options = options_of(&server, OnConflict::Skip);
    let (import, _, _) = import(&server, tasks, options, None);
    let Some(Outcome::Created { problems, .. }) = import.outcome(0) else {
        panic!("{:?}", import.outcome(0));
    };
    let told: Vec<(What, Option<u16>)> = problems
        .iter()
        .map(|problem| (problem.what.clone(), problem.error.status()))
        .collect();
    let expected = [
        (What::Field(Field::Threepids), Some(409)),
        (What::Field(Field::ExternalIds), Some(409)),
        (What::Field(Field::Password), Some(400)),
    ];
    assert_eq!(told, expected);
    // A password that it did not take opens nothing.
    assert_eq!(import.password(0), None);
    let jane = server.account("jane").unwrap();
    assert!(jane.admin && jane.locked && jane.threepids.is_empty());
    // Nor is anybody asked for a name that is not free.
    let Some(Outcome::Failed { error, account }) = import.outcome(1) else {
        panic!("{:?}", import.outcome(1));
    };
    assert_eq!((error.status(), account), (Some(409), AccountAfter::Absent));
    assert!(server.violations.borrow().is_empty());
}

#[test]
fn a_lost_answer_is_made_good() {
    let weather = Weather {
        lost_after: 8,
        ..Weather::default()
    };
    let server = Synapse::with(true, 6, weather);
    let tasks: Vec<RowTask> = (0..40)
        .map(|n| create(&format!("user{n}"), named(&format!("secret{n}"))))
        .collect();
    let options = options_of(&server, OnConflict::Stop);
    let (import, _, _) = import(&server, tasks, options, None);
    let mut recognised = 0;
    for row in 0..40 {
        let outcome = import.outcome(row);
        let Some(Outcome::Created {
            proof, problems, ..
        }) = &outcome
        else {
            panic!("{outcome:?}");
        };
        assert!(
            problems.is_empty() && *proof != Proof::Doubtful,
            "{outcome:?}"
        );
        recognised += usize::from(*proof == Proof::Recognised);
        let password = server.account(&format!("user{row}")).unwrap().password;
        assert_eq!(password, Some(format!("secret{row}")));
    }
    assert!(recognised > 0);
}

#[test]
fn whoever_is_not_certainly_ours_is_left_alone() {
    // One that looks like the row's, made while nobody knows what became of the request.
    let look_alike = |server: &Synapse| Model {
        displayname: Some("Jane Doe".into()),
        ..server.foreign("jane")
    };
    type Alter = fn(&mut Model);
    let differences: [Alter; 6] = [
        |model| model.displayname = Some("jane".into()),
        |model| model.is_used = true,
        |model| model.admin = true,
        |model| model.threepids.push(("email".into(), "a@b.c".into())),
        |model| model.external_ids.push((PROVIDER.into(), "one".into())),
        // From long before.
        |model| model.at_mas.as_mut().unwrap().1 -= 60_000,
    ];
    for (number, alter) in differences.into_iter().enumerate() {
        let server = Synapse::fair();
        let mut theirs = look_alike(&server);
        alter(&mut theirs);
        let owner = id("jane").as_str().to_owned();
        server.accounts.borrow_mut().insert(owner, theirs.clone());
        let disk = Disk::new(&server);
        disk.lines.replace(vec![
            record::bytes(&JournalEntry::Seen(server.clock.wall_ms())),
            record::bytes(&JournalEntry::Begun(0, 1)),
        ]);
        let tasks = [create("jane", named("mine"))];
        let options = options_of(&server, OnConflict::Skip);
        let import = reopened(&server, &tasks, &options, &disk);
        run_with_a_person(&server, &import, &disk, import.job(), None);
        assert_eq!(import.outcome(0), Some(Outcome::Skipped), "{number}");
        assert_eq!(server.account("jane"), Some(theirs), "{number}");
    }
}

#[test]
fn what_is_there_before_the_time_is_up_is_ours_whoevers_clock_is_ahead() {
    let hour = HOUR_MS as i64;
    // How far the clock of MAS is ahead, how long after the request the account was made, and how long after
    // that it is looked at.
    for (ahead, later, looked, is_ours) in [
        (hour, 0, 0, true),
        (-5_000, 0, 0, true),
        (0, 0, 2 * hour, true),
        (0, 2 * hour, 0, false),
        (0, 2 * hour, hour, false),
    ] {
        let server = Synapse::fair();
        let disk = Disk::new(&server);
        disk.lines.replace(vec![
            record::bytes(&JournalEntry::Seen(server.clock.wall_ms() + ahead.min(0))),
            record::bytes(&JournalEntry::Begun(0, 1)),
        ]);
        let passes = |ms: i64| {
            let rest = server.clock.sleep(ms as u64);
            server.clock.run(100 * HOUR_MS, rest);
        };
        passes(later);
        let mut jane = Model {
            displayname: Some("Jane Doe".into()),
            foreign: !is_ours,
            ..server.foreign("jane")
        };
        jane.at_mas.as_mut().unwrap().1 += ahead;
        let owner = id("jane").as_str().to_owned();
        server.accounts.borrow_mut().insert(owner, jane);
        passes(looked);
        let tasks = [create("jane", named("mine"))];
        let options = options_of(&server, OnConflict::Skip);
        let import = reopened(&server, &tasks, &options, &disk);
        run_with_a_person(&server, &import, &disk, import.job(), None);
        let expected = match is_ours {
            true => Outcome::Created {
                user: id("jane"),
                proof: Proof::Recognised,
                problems: Vec::new(),
            },
            false => Outcome::Skipped,
        };
        let case = (ahead, later, looked);
        assert_eq!(import.outcome(0), Some(expected), "{case:?}");
        let password = server.account("jane").unwrap().password;
        assert_eq!(password.as_deref() == Some("mine"), is_ours, "{case:?}");
    }
}

#[test]
fn what_a_repeated_request_finds_is_touched_by_a_person_only() {
    let weather = Weather {
        repeated: 100,
        ..Weather::default()
    };
    let server = Synapse::with(true, 3, weather);
    let address = Threepid {
        medium: "email".into(),
        address: "jane@b.c".into(),
    };
    let account = NewAccount {
        threepids: Some(vec![address]),
        ..named("mine")
    };
    let tasks = [create("jane", account)];
    let options = options_of(&server, OnConflict::Stop);
    let disk = Disk::new(&server);
    let import = reopened(&server, &tasks, &options, &disk);
    run_with_a_person(&server, &import, &disk, import.job(), None);
    let Some(Outcome::Created {
        proof, problems, ..
    }) = import.outcome(0)
    else {
        panic!("{:?}", import.outcome(0));
    };
    assert_eq!(proof, Proof::Doubtful);
    // Nobody has said that somebody else has the address.
    let unsent = [Field::Threepids, Field::Password].map(What::Unsent);
    let told: Vec<What> = problems.into_iter().map(|part| part.what).collect();
    assert_eq!(told, unsent);
    assert_eq!(server.account("jane").unwrap().password, None);
    assert_eq!(import.password(0), None);
    run_with_a_person(&server, &import, &disk, import.job_over(vec![0]), None);
    assert_eq!(
        server.account("jane").unwrap().password.as_deref(),
        Some("mine")
    );
    assert_eq!(import.password(0), Some("mine"));
}

#[test]
fn what_is_in_doubt_stays_so_wherever_an_import_is_interrupted() {
    let weather = Weather {
        repeated: 100,
        ..Weather::default()
    };
    let server = Synapse::with(true, 3, weather);
    let tasks = [create("jane", named("mine"))];
    let options = options_of(&server, OnConflict::Stop);
    let disk = Disk::new(&server);
    let import = reopened(&server, &tasks, &options, &disk);
    run_with_a_person(&server, &import, &disk, import.job(), None);
    let outcome = import.outcome(0);
    let accounts = server.accounts.borrow().clone();
    let lines = disk.lines.take();
    let says_more = |line: &Vec<u8>| match record::read(line).unwrap() {
        JournalEntry::Noted(_, note) => note != Note::Begins,
        _ => false,
    };
    let first = lines.iter().position(says_more).expect("what is in doubt");
    for until in first + 1..=lines.len() {
        server.accounts.replace(accounts.clone());
        disk.lines.replace(lines[..until].to_vec());
        let import = reopened(&server, &tasks, &options, &disk);
        run_with_a_person(&server, &import, &disk, import.job(), None);
        assert_eq!(server.account("jane").unwrap().password, None, "{until}");
        let Some(Outcome::Created {
            proof, problems, ..
        }) = import.outcome(0)
        else {
            panic!("{until}: {:?}", import.outcome(0));
        };
        assert_eq!(proof, Proof::Doubtful, "{until}");
        let told: Vec<What> = problems.into_iter().map(|part| part.what).collect();
        assert_eq!(
            told,
            [What::Unsent(Field::Password)],
            "{until}: {outcome:?}"
        );
    }
}

#[test]
fn an_update_makes_the_addresses_those_of_the_file() {
    let server = Synapse::fair();
    let mut jane = server.foreign("jane");
    jane.foreign = false;
    (jane.deactivated, jane.admin) = (true, true);
    let pair = |kind: &str, address: &str| (kind.to_owned(), address.to_owned());
    jane.threepids = vec![
        pair("email", "old@b.c"),
        pair("email", "kept@b.c"),
        pair("msisdn", "49"),
    ];
    server
        .accounts
        .replace(BTreeMap::from([(id("jane").as_str().to_owned(), jane)]));
    let email = |address: &str| Threepid {
        medium: "email".into(),
        address: address.into(),
    };
    let change = UserChange {
        displayname: Some("Jane".into()),
        password: Some("theirs now".into()),
        admin: Some(false),
        deactivated: Some(false),
        threepids: Some(vec![email("kept@b.c"), email("new@b.c")]),
        ..UserChange::default()
    };
    let tasks = vec![RowTask {
        user: id("jane"),
        deed: update(change),
    }];
    let options = options_of(&server, OnConflict::Update);
    let (import, _, _) = import(&server, tasks, options, None);
    assert_eq!(
        import.outcome(0),
        Some(Outcome::Updated { problems: vec![] })
    );
    let jane = server.account("jane").unwrap();
    let expected = [
        pair("email", "kept@b.c"),
        pair("msisdn", "49"),
        pair("email", "new@b.c"),
    ];
    assert_eq!(jane.threepids, expected);
    assert!(!jane.admin && !jane.deactivated);
    assert_eq!(jane.password.as_deref(), Some("theirs now"));
    assert_eq!(jane.displayname.as_deref(), Some("Jane"));
    assert_eq!(import.password(0), Some("theirs now"));
}

#[test]
fn an_address_that_cannot_be_had_costs_none_that_is_there() {
    let server = Synapse::fair();
    let mut jane = server.foreign("jane");
    jane.foreign = false;
    jane.threepids.push(("email".into(), "old@b.c".into()));
    let mut owner = server.foreign("owner");
    owner.threepids.push(("email".into(), "new@b.c".into()));
    let accounts = [("jane", jane), ("owner", owner)];
    let accounts = accounts.map(|(name, model)| (id(name).as_str().to_owned(), model));
    server.accounts.replace(BTreeMap::from(accounts));
    let change = UserChange {
        threepids: Some(vec![Threepid {
            medium: "email".into(),
            address: "new@b.c".into(),
        }]),
        ..UserChange::default()
    };
    let tasks = vec![RowTask {
        user: id("jane"),
        deed: update(change),
    }];
    let options = options_of(&server, OnConflict::Update);
    let (import, _, _) = import(&server, tasks, options, None);
    let outcome = import.outcome(0);
    assert!(
        matches!(
            &outcome,
            Some(Outcome::Failed {
                account: AccountAfter::AsBefore,
                ..
            })
        ),
        "{outcome:?}"
    );
    assert_eq!(server.account("jane").unwrap().threepids[0].1, "old@b.c");
}

#[test]
fn whenever_it_crashes_the_row_is_finished_and_its_password_known() {
    let mut half = 0;
    for crash in (0..4_000).step_by(40) {
        let server = Synapse::with(true, 9, Weather::default());
        let account = NewAccount {
            generated_password: true,
            ..full()
        };
        let tasks = [create("jane", account)];
        let options = options_of(&server, OnConflict::Stop);
        let (import, _, _) = import_with_crashes(&server, &tasks, &options, None, false, &[crash]);
        let outcome = import.outcome(0);
        let is_whole =
            matches!(&outcome, Some(Outcome::Created { problems, .. }) if problems.is_empty());
        assert!(is_whole, "{crash} {outcome:?}");
        let jane = server.account("jane").unwrap();
        assert_eq!(jane.password.as_deref(), Some("secret"));
        assert!(
            jane.admin && jane.locked && jane.rooms.contains("!a:x"),
            "{crash}"
        );
        assert_eq!((jane.threepids.len(), jane.external_ids.len()), (1, 1));
        assert_eq!(import.password(0), Some("secret"));
        let passwords = paths(&server, "POST");
        let passwords = passwords
            .iter()
            .filter(|path| path.ends_with("set-password"));
        half += usize::from(passwords.count() > 1);
    }
    assert!(half > 0);
}
