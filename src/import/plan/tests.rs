use super::*;
use crate::api::users::{User, UserDetail};
use crate::import::read::read;
use crate::import::tests::{Dice, complete, options, rules, user};
use crate::import::validate::Rules;

struct World {
    table: Table,
    file: Validation,
    existing: Existing,
    options: PlanOptions,
}

fn world(text: &str, users: &[User]) -> World {
    let table = read(text.as_bytes()).expect("a table");
    let file = Validation::of(&table, rules()).expect("has IDs");
    World {
        table,
        file,
        existing: complete(users),
        options: options(),
    }
}

impl World {
    fn with(mut self, on_conflict: OnConflict) -> Self {
        self.options.on_conflict = on_conflict;
        self
    }

    fn passwords(mut self, passwords: Passwords) -> Self {
        self.options.passwords = passwords;
        self
    }

    fn plan(&self) -> Plan {
        let plan = plan(
            &self.table,
            &self.file,
            &self.existing,
            &self.options,
            &Dice::new(7),
        );
        assert_eq!(plan.totals.rows(), self.table.rows().len());
        plan
    }

    fn first(&self) -> Planned {
        self.plan().rows.remove(0)
    }
}

fn account(planned: &Planned) -> &NewAccount {
    match planned {
        Planned::Create { account, .. } => account,
        other => panic!("{other:?}"),
    }
}

fn blocked_by(planned: &Planned) -> Vec<ProblemKind> {
    match planned {
        Planned::Blocked { problems } => problems.iter().map(|p| p.kind.clone()).collect(),
        other => panic!("{other:?}"),
    }
}

#[test]
fn new_accounts() {
    let plan = world(
        "id,displayname,password,admin,deactivated,rooms\n\
         jane,Jane,secret,yes,no,#a:b.org\n\
         ,Nameless,,,,\n",
        &[],
    )
    .plan();
    let wanted = NewAccount {
        password: Some("secret".into()),
        displayname: Some("Jane".into()),
        admin: Some(true),
        deactivated: Some(false),
        rooms: vec!["#a:b.org".into()],
        ..NewAccount::default()
    };
    assert_eq!(*account(&plan.rows[0]), wanted);
    assert!(matches!(
        &plan.rows[1],
        Planned::Create { generated_id: true, user, .. } if user.localpart().len() == 12
    ));
    let wanted = PlanTotals {
        create: 2,
        generated_ids: 1,
        without_password: 1,
        admins: 1,
        ..PlanTotals::default()
    };
    assert_eq!(plan.totals, wanted);
    assert_eq!(plan.tasks().len(), 2);
}

#[test]
fn passwords_for_new_accounts() {
    let text = "id,password,deactivated\na,secret,\nb,,\nc,,yes\n";
    let made = |passwords| {
        let plan = world(text, &[]).passwords(passwords).plan();
        let kind = |row: &Planned| {
            let account = account(row);
            match (&account.password, account.generated_password) {
                (Some(password), false) if password == "secret" => 'f',
                (Some(password), true) if password.len() == 20 => 'g',
                (None, false) => '-',
                other => panic!("{other:?}"),
            }
        };
        plan.rows.iter().map(kind).collect::<String>()
    };
    assert_eq!(made(Passwords::FromFile), "f--");
    assert_eq!(made(Passwords::GenerateMissing), "fg-");
    assert_eq!(made(Passwords::GenerateAll), "gg-");
    assert_eq!(made(Passwords::None), "---");
}

#[test]
fn accounts_that_exist() {
    let text = "id,displayname\njane,Jane\njohn,John\n";
    let taken = user("@jane:example.org");
    let with = |on_conflict| {
        world(text, std::slice::from_ref(&taken))
            .with(on_conflict)
            .plan()
    };

    let stopped = with(OnConflict::Stop);
    assert!(stopped.is_stopped());
    assert_eq!(stopped.tasks(), []);
    assert_eq!((stopped.totals.conflicts, stopped.totals.create), (1, 1));

    let skipping = with(OnConflict::Skip);
    assert!(matches!(
        skipping.rows[0],
        Planned::Skip {
            why: Skipped::Exists,
            ..
        }
    ));
    assert_eq!(skipping.tasks().len(), 1);

    let renaming = with(OnConflict::NewRandomId);
    assert!(matches!(
        &renaming.rows[0],
        Planned::Create { user, generated_id: true, .. } if *user != taken.name
    ));
    assert_eq!(renaming.tasks().len(), 2);

    let updating = with(OnConflict::Update);
    assert!(matches!(updating.rows[0], Planned::Update { .. }));
}

#[test]
fn an_update_sends_what_differs_and_nothing_else() {
    let jane = User {
        displayname: Some("Jane".into()),
        avatar_url: Some("mxc://a.org/b".into()),
        admin: true,
        locked: true,
        ..user("@jane:example.org")
    };
    let updating = |text: &str| {
        let plan = world(text, std::slice::from_ref(&jane)).with(OnConflict::Update);
        plan.first()
    };
    let Planned::Update {
        differences,
        change,
        notes,
        ..
    } = updating(
        "id,displayname,password,admin,locked,user_type,threepids,rooms,is_guest\n\
         jane,Jane Doe,secret,yes,no,bot,email:a@b.c,!a:b.org,no\n",
    )
    else {
        panic!("an update")
    };
    let threepid = Threepid {
        medium: "email".into(),
        address: "a@b.c".into(),
    };
    let wanted = UserChange {
        displayname: Some("Jane Doe".into()),
        password: Some("secret".into()),
        logout_devices: Some(false),
        locked: Some(false),
        user_type: Some(Some("bot".into())),
        threepids: Some(vec![threepid]),
        ..UserChange::default()
    };
    assert_eq!(*change, wanted);
    let text = |field, from, to: &str| Difference::Text {
        field,
        from,
        to: to.into(),
    };
    let value = |text: &str| Before::Value(text.into());
    assert_eq!(
        differences,
        [
            text(Field::DisplayName, value("Jane"), "Jane Doe"),
            text(Field::UserType, value(""), "bot"),
            text(Field::Threepids, Before::Unknown, "email:a@b.c"),
            Difference::Flag {
                field: Field::Locked,
                from: true,
                to: false
            },
            Difference::Password,
        ]
    );
    assert_eq!(notes.len(), 1);
    assert_eq!(notes[0].kind, ProblemKind::RoomsOnlyForNew);

    for same in [
        "id\njane\n",
        "id,displayname,admin,avatar_url\njane, Jane ,1,mxc://a.org/b\n",
        // An empty field changes nothing.
        "id,displayname,password,admin,locked,avatar_url\njane,,,,,\n",
    ] {
        assert!(
            matches!(
                updating(same),
                Planned::Skip {
                    why: Skipped::Unchanged,
                    ..
                }
            ),
            "{same}"
        );
    }
}

#[test]
fn details_show_the_difference_of_lists() {
    let mut world = world(
        "id,threepids\njane,email:a@b.c\njohn,\n",
        &[user("@jane:example.org"), user("@john:example.org")],
    )
    .with(OnConflict::Update);
    assert_eq!(
        world.existing.without_detail(&world.file),
        [user("@jane:example.org").name]
    );
    let detail = |address: &str| UserDetail {
        user: user("@jane:example.org"),
        threepids: vec![Threepid {
            medium: "email".into(),
            address: address.into(),
        }],
        external_ids: Vec::new(),
        appservice_id: None,
        consent_version: None,
        consent_ts: None,
    };
    world.existing.add_detail(detail("old@b.c"));
    assert!(matches!(
        world.first(),
        Planned::Update { differences, .. } if differences == [Difference::Text {
            field: Field::Threepids,
            from: Before::Value("email:old@b.c".into()),
            to: "email:a@b.c".into(),
        }]
    ));
    world.existing.add_detail(detail("a@b.c"));
    assert!(matches!(world.first(), Planned::Skip { .. }));
}

#[test]
fn a_column_of_one_kind_of_address_keeps_the_other() {
    let threepid = |medium: &str, address: &str| Threepid {
        medium: medium.into(),
        address: address.into(),
    };
    let jane = || UserDetail {
        user: user("@jane:example.org"),
        threepids: vec![
            threepid("email", "old@b.c"),
            threepid("msisdn", "4930123456"),
        ],
        external_ids: Vec::new(),
        appservice_id: None,
        consent_version: None,
        consent_ts: None,
    };
    let removes = |addresses: &str| {
        vec![ProblemKind::ThreepidsRemoved {
            addresses: addresses.into(),
        }]
    };
    for (text, after, notes) in [
        (
            "id,email\njane,new@b.c\n",
            "email:new@b.c,msisdn:4930123456",
            removes("email:old@b.c"),
        ),
        (
            "id,phone\njane,+49 40 123456\n",
            "msisdn:4940123456,email:old@b.c",
            removes("msisdn:4930123456"),
        ),
        (
            "id,email\njane,old@b.c;new@b.c\n",
            "email:old@b.c,email:new@b.c,msisdn:4930123456",
            vec![],
        ),
        // Both are named, or the whole list is.
        (
            "id,email,phone\njane,new@b.c,+4930123456\n",
            "email:new@b.c,msisdn:4930123456",
            removes("email:old@b.c"),
        ),
        (
            "id,threepids\njane,email:old@b.c\n",
            "email:old@b.c",
            removes("msisdn:4930123456"),
        ),
        (
            "id,threepids,email\njane,email:old@b.c,new@b.c\n",
            "email:old@b.c,email:new@b.c",
            removes("msisdn:4930123456"),
        ),
        // What stands in the wrong column counts as what it is.
        (
            "id,email\njane,tel:+4940123456\n",
            "msisdn:4940123456,email:old@b.c",
            removes("msisdn:4930123456"),
        ),
    ] {
        let mut world = world(text, &[user("@jane:example.org")]).with(OnConflict::Update);
        // As long as nobody knows what is kept, nothing is sent.
        if !text.contains("threepids") && !text.contains("phone\njane,new") {
            let planned = world.first();
            assert!(matches!(planned, Planned::NotLookedUp { .. }), "{text}");
        }
        world.existing.add_detail(jane());
        let Planned::Update {
            change,
            notes: found,
            ..
        } = world.first()
        else {
            panic!("{text}")
        };
        let threepids = change.threepids.as_deref().unwrap_or_default();
        assert_eq!(threepids_text(threepids), after, "{text}");
        let found: Vec<ProblemKind> = found.into_iter().map(|note| note.kind).collect();
        assert_eq!(found, notes, "{text}");
        // Nobody is asked whose it is what the account has.
        assert!(world.plan().totals.unchecked <= 1, "{text}");
    }
    for same in [
        "id,email\njane,OLD@b.c\n",
        "id,phone\njane,+49 30 123456\n",
        "id,email,phone\njane,old@b.c,+49 30 123456\n",
    ] {
        let mut world = world(same, &[]).with(OnConflict::Update);
        world.existing.add_detail(jane());
        assert!(matches!(world.first(), Planned::Skip { .. }), "{same}");
    }
    // An account that does not exist yet has what the row says.
    let planned = world("id,email\njane,new@b.c\n", &[]).first();
    assert_eq!(account(&planned).keeps_medium.as_deref(), Some("msisdn"));
    assert_eq!(account(&planned).threepids.as_ref().map(Vec::len), Some(1));
}

#[test]
fn generated_passwords_never_touch_an_account() {
    let jane = user("@jane:example.org");
    let updating = |passwords| {
        world(
            "id,password,admin\njane,secret,1\n",
            std::slice::from_ref(&jane),
        )
        .with(OnConflict::Update)
        .passwords(passwords)
        .first()
    };
    let password = |planned| match planned {
        Planned::Update { change, .. } => change.password.clone(),
        other => panic!("{other:?}"),
    };
    assert_eq!(
        password(updating(Passwords::FromFile)).as_deref(),
        Some("secret")
    );
    assert_eq!(
        password(updating(Passwords::GenerateMissing)).as_deref(),
        Some("secret")
    );
    assert_eq!(password(updating(Passwords::GenerateAll)), None);
    assert_eq!(password(updating(Passwords::None)), None);
}

#[test]
fn nobody_shuts_themselves_out() {
    let me = User {
        admin: true,
        ..user("@admin:example.org")
    };
    for (column, value) in [
        ("admin", "no"),
        ("deactivated", "yes"),
        ("locked", "yes"),
        ("password", "another"),
    ] {
        let text = format!("id,{column}\nadmin,{value}\n");
        let planned = world(&text, std::slice::from_ref(&me))
            .with(OnConflict::Update)
            .first();
        assert_eq!(blocked_by(&planned), [ProblemKind::OwnAccount], "{column}");
    }
    let text = "id,displayname,admin\nadmin,Boss,yes\n";
    let planned = world(text, &[me]).with(OnConflict::Update).first();
    assert!(matches!(planned, Planned::Update { .. }));
}

#[test]
fn accounts_of_bridges_keep_what_bridges_need() {
    let bot = user("@bot:example.org");
    let detail = |appservice_id: Option<&str>| UserDetail {
        user: bot.clone(),
        threepids: Vec::new(),
        external_ids: Vec::new(),
        appservice_id: appservice_id.map(str::to_owned),
        consent_version: None,
        consent_ts: None,
    };
    for (column, value) in [
        ("password", "another"),
        ("admin", "yes"),
        ("deactivated", "yes"),
        ("locked", "yes"),
    ] {
        let text = format!("id,{column}\nbot,{value}\n");
        let world = || world(&text, std::slice::from_ref(&bot)).with(OnConflict::Update);
        let blocked = [ProblemKind::ManagedAccount];
        // As the deployment says.
        let mut reserved = world();
        reserved.existing.add_reserved(bot.name.clone());
        assert_eq!(blocked_by(&reserved.first()), blocked, "{column}");
        // As the server says, which is asked.
        let mut asked = world();
        assert_eq!(
            asked.existing.without_detail(&asked.file),
            std::slice::from_ref(&bot.name)
        );
        asked.existing.add_detail(detail(Some("irc")));
        assert_eq!(blocked_by(&asked.first()), blocked, "{column}");
        // A person's account.
        let mut person = world();
        person.existing.add_detail(detail(None));
        assert!(person.existing.without_detail(&person.file).is_empty());
        assert!(matches!(person.first(), Planned::Update { .. }), "{column}");
    }
    // Nothing is asked for what changes nothing of this, and the rest may change.
    let mut world = world(
        "id,displayname,admin\nbot,Robot,no\n",
        std::slice::from_ref(&bot),
    )
    .with(OnConflict::Update);
    assert!(world.existing.without_detail(&world.file).is_empty());
    world.existing.add_reserved(bot.name.clone());
    assert!(matches!(world.first(), Planned::Update { .. }));
}

#[test]
fn passwords_that_nobody_could_use_are_not_made_up() {
    let mut world = world("id,password,deactivated\na,secret,\nb,,\nc,,yes\n", &[])
        .passwords(Passwords::GenerateMissing);
    world.options.passwords_are_useless = true;
    let plan = world.plan();
    let made: Vec<Option<&str>> = plan
        .rows
        .iter()
        .map(|row| account(row).password.as_deref())
        .collect();
    assert_eq!(made, [Some("secret"), None, None]);
    assert_eq!(plan.totals.useless_passwords, 1);
    assert_eq!(plan.totals.generated_passwords, 0);
}

#[test]
fn what_an_authentication_service_decides_is_not_sent() {
    let jane = user("@jane:example.org");
    let plan = |text: &str| {
        let mut world = world(text, std::slice::from_ref(&jane)).with(OnConflict::Update);
        world.options.server.delegated_auth = true;
        world.first()
    };
    let planned = plan(
        "id,displayname,password,locked,admin,threepids,external_ids\n\
         jane,Jane,x,yes,yes,email:a@b.c,oidc:1\n",
    );
    let Planned::Update { change, notes, .. } = &planned else {
        panic!("{planned:?}");
    };
    let only_the_name = UserChange {
        displayname: Some("Jane".into()),
        ..UserChange::default()
    };
    assert_eq!(**change, only_the_name);
    let notes: Vec<_> = notes
        .iter()
        .map(|note| (note.place.header.as_str(), note.kind.clone()))
        .collect();
    let moved = |column| (column, ProblemKind::MovedToMas);
    let columns = ["threepids", "external_ids", "admin", "locked", "password"].map(moved);
    assert_eq!(notes, columns);
    let moved = [ProblemKind::MovedToMas];
    assert_eq!(blocked_by(&plan("id,deactivated\njane,yes\n")), moved);
    let email = "id,threepids\njane,email:a@b.c\n";
    assert_eq!(blocked_by(&plan(email)), moved);
    // It creates the accounts as well.
    assert_eq!(blocked_by(&plan("id\nnew\n")), moved);
}

mod mas;

#[test]
fn an_account_that_lacks_what_is_not_sent_is_not_as_the_file_says() {
    let jane = user("@jane:example.org");
    let plan = |text: &str| {
        let world = world(text, std::slice::from_ref(&jane));
        world.with(OnConflict::Update).first()
    };
    let guest = [ProblemKind::GuestStays];
    assert_eq!(blocked_by(&plan("id,is_guest\njane,1\n")), guest);
    let both = plan("id,rooms,is_guest\njane,#a:b.org,1\n");
    assert_eq!(blocked_by(&both), guest);
}

#[test]
fn a_file_that_comes_a_second_time_is_done_although_rooms_are_not_looked_at() {
    let jane = user("@jane:example.org");
    let world = world("id,rooms\njane,#a:b.org\n", &[jane]);
    let plan = world.with(OnConflict::Update).plan();
    assert_eq!((plan.totals.unchanged, plan.totals.blocked), (1, 0));
    let why = Skipped::UnchangedButRooms;
    assert!(matches!(&plan.rows[0], Planned::Skip { why: found, .. } if *found == why));
}

#[test]
fn what_only_new_accounts_must_not_have() {
    let historical = [
        user("@Old:example.org"),
        user("@123:example.org"),
        user("@_bot:example.org"),
        User {
            is_guest: true,
            ..user("@7:example.org")
        },
    ];
    // As an export has them.
    let text = "id,is_guest\n@Old:example.org,0\n123,0\n_bot,0\n7,1\n";
    let plan = world(text, &historical).with(OnConflict::Update).plan();
    assert_eq!(plan.totals.unchanged, 4);
    let plan = world(text, &[]).with(OnConflict::Update).plan();
    assert_eq!((plan.totals.blocked, plan.totals.create), (3, 1));
    let plan = world(text, &historical)
        .with(OnConflict::NewRandomId)
        .plan();
    // A guest does not become a person, whatever its ID.
    assert!(matches!(plan.rows[3], Planned::Blocked { .. }));
}

#[test]
fn ids_that_differ_in_case_only() {
    let old = user("@Jane:example.org");
    let with = |on_conflict| {
        world("id\njane\n", std::slice::from_ref(&old))
            .with(on_conflict)
            .first()
    };
    assert!(matches!(with(OnConflict::Stop), Planned::Conflict { .. }));
    assert!(matches!(with(OnConflict::Skip), Planned::Skip { .. }));
    assert!(matches!(
        with(OnConflict::NewRandomId),
        Planned::Create { .. }
    ));
    assert_eq!(
        blocked_by(&with(OnConflict::Update)),
        [ProblemKind::TakenInOtherCase {
            existing: old.name.clone()
        }]
    );
}

#[test]
fn what_the_server_refuses() {
    let gone = User {
        deactivated: true,
        ..user("@jane:example.org")
    };
    let locking = world("id,locked\njane,yes\n", std::slice::from_ref(&gone))
        .with(OnConflict::Update)
        .first();
    assert_eq!(blocked_by(&locking), [ProblemKind::LockedAndDeactivated]);
    let mut reviving =
        world("id,deactivated\njane,no\n", std::slice::from_ref(&gone)).with(OnConflict::Update);
    assert!(matches!(reviving.first(), Planned::Update { .. }));
    reviving.options.server.version = crate::api::server::Version::parse("1.98.0");
    assert_eq!(
        blocked_by(&reviving.first()),
        [ProblemKind::ReactivationNeedsPassword]
    );
    let both = world("id,locked,deactivated\njane,1,1\n", &[]).first();
    assert_eq!(blocked_by(&both), [ProblemKind::LockedAndDeactivated]);
    let mut reserved = world("id\njane\n", &[]);
    reserved
        .existing
        .add_reserved(user("@jane:example.org").name);
    assert_eq!(blocked_by(&reserved.first()), [ProblemKind::Reserved]);
}

fn threepid(address: &str) -> Identity {
    Identity::Threepid(Threepid {
        medium: "email".into(),
        address: address.into(),
    })
}

fn external_id(provider: &str, id: &str) -> Identity {
    Identity::ExternalId(ExternalId {
        auth_provider: provider.into(),
        external_id: id.into(),
    })
}

fn unasked(world: &World) -> Vec<Identity> {
    let mut planner = Planner::new(world.options.clone());
    let dice = Dice::new(7);
    while !planner.plan_some(&world.table, &world.file, &world.existing, &dice, 1) {}
    planner.unasked()
}

#[test]
fn nothing_is_taken_from_another_account() {
    let mut world = world(
        "id,threepids,external_ids\n\
         jane,\"email:Jane@b.c,email:second@b.c\",saml:jane\n\
         john,email:john@b.c,oidc-x:a:b\n\
         free,email:free@b.c,\n",
        &[],
    );
    world.existing.add_owner(threepid("free@b.c"), None);
    assert_eq!(
        unasked(&world),
        [
            threepid("jane@b.c"),
            threepid("second@b.c"),
            external_id("saml", "jane"),
            threepid("john@b.c"),
            external_id("oidc-x", "a:b"),
        ]
    );
    let totals = world.plan().totals;
    assert_eq!((totals.create, totals.unchecked), (3, 5));

    let old = user("@old:example.org").name;
    let owned = |identity| (identity, Some(old.clone()));
    for (identity, owner) in [
        (threepid("jane@b.c"), None),
        owned(threepid("second@b.c")),
        owned(external_id("saml", "jane")),
        (threepid("john@b.c"), None),
        (external_id("oidc-x", "a:b"), None),
    ] {
        world.existing.add_owner(identity, owner);
    }
    assert_eq!(unasked(&world), []);
    let plan = world.plan();
    assert_eq!((plan.totals.create, plan.totals.blocked), (2, 1));
    assert_eq!(plan.totals.unchecked, 0);
    let Planned::Blocked { problems } = &plan.rows[0] else {
        panic!("{:?}", plan.rows[0]);
    };
    let kinds: Vec<_> = problems
        .iter()
        .map(|problem| problem.kind.clone())
        .collect();
    assert_eq!(
        kinds,
        [
            ProblemKind::ThreepidTaken {
                address: "second@b.c".into(),
                owner: old.clone()
            },
            ProblemKind::ExternalIdTaken {
                id: "saml:jane".into(),
                owner: old
            },
        ]
    );
    assert_eq!(
        (problems[0].place.line, problems[0].place.column),
        (2, Some(2))
    );
    assert_eq!(problems[0].value, "email:Jane@b.c,email:second@b.c");
    assert_eq!(problems[1].place.header, "external_ids");
}

#[test]
fn an_update_asks_for_what_is_new_to_its_account() {
    let jane = user("@jane:example.org");
    let mut world = world(
        "id,threepids\njane,\"email:has@b.c,email:wants@b.c\"\njohn,email:has@b.c\n",
        &[jane.clone(), user("@john:example.org")],
    )
    .with(OnConflict::Update);
    // The second row has an error: the first one has the address already.
    assert_eq!(
        unasked(&world),
        [threepid("has@b.c"), threepid("wants@b.c")]
    );
    world.existing.add_detail(UserDetail {
        user: jane.clone(),
        threepids: vec![Threepid {
            medium: "email".into(),
            address: "has@b.c".into(),
        }],
        external_ids: Vec::new(),
        appservice_id: None,
        consent_version: None,
        consent_ts: None,
    });
    assert_eq!(unasked(&world), [threepid("wants@b.c")]);
    // What is the account's own is not taken from another.
    world
        .existing
        .add_owner(threepid("wants@b.c"), Some(jane.name));
    assert!(matches!(world.first(), Planned::Update { .. }));
    let john = user("@john:example.org").name;
    world.existing.add_owner(threepid("wants@b.c"), Some(john));
    assert!(matches!(
        &blocked_by(&world.first())[..],
        [ProblemKind::ThreepidTaken { .. }]
    ));
}

#[test]
fn only_what_will_be_sent_is_asked_for() {
    let text = "id,threepids,external_ids\njane,email:a@b.c,saml:a\nJ!,email:c@b.c,saml:c\n";
    let jane = user("@jane:example.org");
    let asked =
        |on_conflict| unasked(&world(text, std::slice::from_ref(&jane)).with(on_conflict)).len();
    assert_eq!(asked(OnConflict::Skip), 0);
    assert_eq!(asked(OnConflict::Update), 2);
    // Another account with the same address: it is asked whose it is.
    assert_eq!(asked(OnConflict::NewRandomId), 2);
    let stopped = "id,threepids\njane,\njohn,email:a@b.c\n";
    assert_eq!(unasked(&world(stopped, std::slice::from_ref(&jane))), []);

    // Old servers cannot be asked; it is said how much nobody knows.
    let mut old = world(text, &[]);
    for (version, expected) in [
        ("1.72.0", vec![threepid("a@b.c"), external_id("saml", "a")]),
        ("1.71.0", vec![external_id("saml", "a")]),
        ("1.67.0", vec![]),
    ] {
        old.options.server.version = crate::api::server::Version::parse(version);
        assert_eq!(unasked(&old), expected, "{version}");
        assert_eq!(old.plan().totals.unchecked, 2);
    }
}

#[test]
fn who_becomes_an_administrator_is_counted() {
    let text = "id,admin\nnew,yes\nold,yes\nboss,yes\nnobody,no\n";
    let boss = User {
        admin: true,
        ..user("@boss:example.org")
    };
    let plan = world(text, &[user("@old:example.org"), boss])
        .with(OnConflict::Update)
        .plan();
    assert_eq!((plan.totals.admins, plan.totals.unchanged), (2, 1));
    let admins: Vec<bool> = plan.rows.iter().map(Planned::makes_admin).collect();
    assert_eq!(admins, [true, true, false, false]);
}

#[test]
fn what_nobody_asked_for_is_not_sent() {
    let mut world = world("id\njane\njohn\n", &[]);
    world.existing = Existing::new();
    assert_eq!(world.plan().totals.not_looked_up, 2);
    assert_eq!(world.plan().tasks(), []);
    let jane = user("@jane:example.org").name;
    world.existing.add_absent(jane.clone());
    let unknown: Vec<_> = world.existing.unknown(&world.file).cloned().collect();
    assert_eq!(unknown, [user("@john:example.org").name]);
    assert_eq!(world.plan().tasks()[0].1.user, jane);
}

#[test]
fn what_the_server_gave_no_answer_to_is_named_and_left_out() {
    let mut world = world(
        "id,threepids,external_ids\n\
         jane,email:jane@b.c,saml:jane\n\
         john,email:john@b.c,\n\
         ,email:john@b.c,\n",
        &[],
    );
    world.existing.add_owner(threepid("jane@b.c"), None);
    world.existing.add_silent(external_id("saml", "jane"));
    world.existing.add_silent(threepid("john@b.c"));
    let left_out = |name: Option<&str>, whose| Planned::NotLookedUp {
        user: name.map(|name| user(name).name),
        whose: Some(whose),
    };
    let plan = world.plan();
    assert_eq!(
        plan.rows[..2],
        [
            left_out(Some("@jane:example.org"), external_id("saml", "jane")),
            left_out(Some("@john:example.org"), threepid("john@b.c")),
        ]
    );
    assert_eq!(plan.tasks(), []);
    // They are asked for once more, and one answer is enough for its row.
    world.existing.ask_again();
    world.existing.add_owner(external_id("saml", "jane"), None);
    assert_eq!(unasked(&world)[0], threepid("john@b.c"));
    world.existing.add_silent(threepid("john@b.c"));
    let totals = world.plan().totals;
    assert_eq!(totals.create, 1);
    assert_eq!(totals.rows(), 3);
    // Nor is a row sent that wants what nobody knows the account to have.
    let jane = user("@jane:example.org");
    let mut update =
        self::world("id,admin\njane,yes\n", std::slice::from_ref(&jane)).with(OnConflict::Update);
    update.existing.set_complete();
    assert_eq!(update.plan().totals.update, 1);
    update.existing.doubt(jane.name);
    assert_eq!(update.plan().totals.not_looked_up, 1);
    // That the account exists is known even so.
    let mut stop = update.with(OnConflict::Stop);
    assert_eq!(stop.plan().totals.conflicts, 1);
    stop.existing.ask_again();
    assert_eq!(stop.with(OnConflict::Update).plan().totals.update, 1);
}

#[test]
fn an_id_that_is_made_up_is_not_that_of_a_row_which_is_left_out() {
    let mut world = world("id,threepids\n,email:john@b.c\n", &[]);
    world.existing.add_silent(threepid("john@b.c"));
    assert_eq!(world.plan().totals.not_looked_up, 1);
    assert_eq!(world.first().user(), None);
}

#[test]
fn all_ids_made_up() {
    let table = read(b"id,displayname\njane,Jane\njane,Jane\n").unwrap();
    let generate = Rules {
        ids: crate::import::validate::IdSource::GenerateAll,
        ..rules()
    };
    let file = Validation::of(&table, generate).unwrap();
    let existing = Existing::new();
    let plan = plan(&table, &file, &existing, &options(), &Dice::new(1));
    assert_eq!(plan.totals.generated_ids, 2);
    assert_eq!(plan.taken().len(), 2);
}

#[test]
fn the_cheaper_lookup() {
    assert_eq!(lookup(0, 1), Lookup::PageThrough);
    assert_eq!(lookup(5_000, 1), Lookup::PageThrough);
    assert_eq!(lookup(5_001, 1), Lookup::AskEach);
    assert_eq!(lookup(100_000, 500), Lookup::AskEach);
    assert_eq!(lookup(100_000, 1_000), Lookup::PageThrough);
    assert_eq!(lookup(1_000_000, 5_000), Lookup::AskEach);
}
