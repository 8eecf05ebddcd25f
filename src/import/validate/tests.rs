use super::*;
use crate::api::server::{ServerVersion, SpecVersions};
use crate::import::read::read;
use crate::import::tests::rules;

fn checked(text: &str) -> (Table, Validation) {
    let table = read(text.as_bytes()).expect("a table");
    let validation = Validation::of(&table, rules()).expect("has IDs");
    (table, validation)
}

/// The kinds of the problems of the first row.
fn kinds(text: &str) -> Vec<ProblemKind> {
    let (table, validation) = checked(text);
    let problems = validation.problems(&table, 0);
    problems.into_iter().map(|problem| problem.kind).collect()
}

/// What is wrong with one value in one column.
fn of(column: &str, value: &str) -> Vec<ProblemKind> {
    let quoted = value.replace('"', "\"\"");
    match column {
        "id" => kinds(&format!("id,password\n\"{quoted}\",x\n")),
        _ => kinds(&format!("id,{column}\njane,\"{quoted}\"\n")),
    }
}

fn candidate(text: &str) -> Candidate {
    let (table, validation) = checked(text);
    assert_eq!(validation.problems(&table, 0), []);
    validation.candidate(0).unwrap().clone()
}

#[test]
fn the_file_from_the_guide() {
    let found = candidate(
        "id,displayname,password,is_guest,admin,deactivated\n\
         jane.doe,Jane Doe,secretpassword,false,false,false\n",
    );
    let wanted = Candidate {
        user: UserId::parse("@jane.doe:example.org"),
        displayname: Some("Jane Doe".into()),
        password: Some("secretpassword".into()),
        is_guest: Some(false),
        admin: Some(false),
        deactivated: Some(false),
        ..Candidate::default()
    };
    assert_eq!(found, wanted);
}

#[test]
fn every_column() {
    let found = candidate(
        "id,avatar_url,user_type,threepids,external_ids,locked,rooms\n\
         @jane:EXAMPLE.org,mxc://a.org/b,bot,\
         \"Email:Jane@Doe.org, msisdn:+49 170-1234567\",\
         \"oidc-x:cn=Jane Doe;ou=a, saml:j\",1,\"#a:b.org !c:d.org,!e\"\n",
    );
    let wanted = Candidate {
        user: UserId::parse("@jane:example.org"),
        avatar_url: Some("mxc://a.org/b".into()),
        user_type: Some("bot".into()),
        threepids: Some(vec![
            Threepid {
                medium: "email".into(),
                address: "jane@doe.org".into(),
            },
            Threepid {
                medium: "msisdn".into(),
                address: "491701234567".into(),
            },
        ]),
        external_ids: Some(vec![
            ExternalId {
                auth_provider: "oidc-x".into(),
                external_id: "cn=Jane Doe;ou=a".into(),
            },
            ExternalId {
                auth_provider: "saml".into(),
                external_id: "j".into(),
            },
        ]),
        locked: Some(true),
        rooms: vec!["#a:b.org".into(), "!c:d.org".into(), "!e".into()],
        ..Candidate::default()
    };
    assert_eq!(found, wanted);
}

#[test]
fn an_empty_field_says_nothing() {
    let found = candidate(
        "id,displayname,password,is_guest,admin,deactivated,avatar_url,user_type,threepids,\
         external_ids,locked,rooms\n\"\",,,,,, ,,,,,\na,,,,,,,,,,,\n",
    );
    assert_eq!(found.user, UserId::parse("@a:example.org"));
    assert_eq!(
        Candidate {
            user: None,
            ..found
        },
        Candidate::default()
    );
}

#[test]
fn ids() {
    use ProblemKind::*;
    for good in [
        "jane",
        " jane ",
        "@jane:example.org",
        "a/b=c_d-e.f+g",
        "",
        "1a",
    ] {
        assert_eq!(of("id", good), [], "{good}");
    }
    let suggestion = |text: &str| IdUpperCase {
        suggestion: text.into(),
    };
    for (bad, kind) in [
        ("@jane", IdNotReadable),
        ("@:example.org", IdNotReadable),
        ("@jane:", IdNotReadable),
        (
            "@jane:other.org",
            IdForeign {
                server: "other.org".into(),
            },
        ),
        ("Jane", suggestion("jane")),
        ("@Jane:example.org", suggestion("@jane:example.org")),
        ("jane doe", IdCharacter { found: ' ' }),
        ("jané", IdCharacter { found: 'é' }),
        ("jane:example.org", IdOtherForm),
        ("12345", IdDigits),
        (
            "_bridge",
            IdUnderscore {
                severity: Severity::Warning,
            },
        ),
        (
            &"a".repeat(243),
            IdTooLong {
                bytes: 256,
                limit: 255,
            },
        ),
    ] {
        assert_eq!(of("id", bad), [kind], "{bad}");
    }
    assert_eq!(of("id", &"a".repeat(242)), []);
}

#[test]
fn booleans() {
    for good in [
        "true", "FALSE", "1", "0", "Yes", "no", "On", "off", "y", "f", "", " ", "WAHR", "falsch",
    ] {
        assert_eq!(of("admin", good), [], "{good}");
    }
    for bad in ["2", "truee", "x", "+"] {
        assert_eq!(of("admin", bad), [ProblemKind::NotABoolean], "{bad}");
    }
    assert_eq!(of("admin", "-"), [ProblemKind::Nothing]);
}

#[test]
fn other_values() {
    use ProblemKind::*;
    let part = |text: &str| text.to_owned();
    let long = |length: usize| "ü".repeat(length);
    for (column, bad, kind) in [
        (
            "displayname",
            long(257),
            DisplayNameTooLong {
                characters: 257,
                limit: 256,
            },
        ),
        (
            "password",
            long(513),
            PasswordTooLong {
                characters: 513,
                limit: 512,
            },
        ),
        ("password", part(" x"), PasswordSpaces),
        ("avatar_url", part("https://a.org/b.png"), AvatarNotMxc),
        (
            "user_type",
            part("robot"),
            UserType {
                severity: Severity::Warning,
            },
        ),
        (
            "threepids",
            part("a@b.c"),
            ThreepidNotReadable {
                part: part("a@b.c"),
            },
        ),
        (
            "threepids",
            part("fax:1"),
            ThreepidNotReadable {
                part: part("fax:1"),
            },
        ),
        (
            "threepids",
            part("email:a"),
            EmailNotReadable {
                part: part("email:a"),
            },
        ),
        (
            "threepids",
            part("msisdn:0170123456"),
            PhoneNotReadable {
                part: part("msisdn:0170123456"),
            },
        ),
        (
            "external_ids",
            part("saml"),
            ExternalIdNotReadable { part: part("saml") },
        ),
        (
            "rooms",
            part("lobby"),
            RoomNotReadable {
                part: part("lobby"),
            },
        ),
        ("is_guest", part("true"), Guest),
        ("displayname", part("'=1"), ApostropheRemoved),
    ] {
        assert_eq!(of(column, &bad), [kind], "{column} {bad}");
    }
    assert_eq!(of("displayname", &long(256)), []);
    let cut = PasswordCut {
        bytes: 1024,
        limit: 72,
    };
    assert_eq!(of("password", &long(512)), [cut]);
    assert_eq!(of("password", &long(36)), []);
    assert_eq!(of("password", "'tis a secret"), []);
    assert!(of("avatar_url", &format!("mxc://a.org/{}", "b".repeat(989))).len() == 1);
    assert_eq!(
        kinds("id,locked,deactivated\na,yes,yes\n"),
        [LockedAndDeactivated]
    );
}

#[test]
fn old_servers_know_less() {
    let version = ServerVersion {
        server_version: "1.80.0".into(),
    };
    let rules = Rules {
        server: Capabilities::new(&version, SpecVersions::default(), false),
        ..rules()
    };
    let table = read(b"id,locked,user_type\n_a,1,robot\nb,0,bot\n").unwrap();
    let validation = Validation::of(&table, rules).unwrap();
    let severities: Vec<_> = validation
        .problems(&table, 0)
        .iter()
        .map(Problem::severity)
        .collect();
    assert_eq!(
        severities,
        [Severity::ErrorIfNew, Severity::Error, Severity::Error]
    );
    assert_eq!(validation.problems(&table, 1), []);
    assert_eq!(validation.candidate(1).unwrap().locked, None);
}

#[test]
fn all_problems_at_once_with_their_places() {
    let (table, validation) = checked(
        "id;displayname;password;admin\r\n\
         \r\n\
         Jane;\"two\nlines\";secret ;maybe;extra\r\n\
         john;John\r\n",
    );
    let found: Vec<_> = validation
        .problems(&table, 0)
        .into_iter()
        .map(|problem| {
            let place = problem.place;
            (place.line, place.column, place.header, problem.value)
        })
        .collect();
    let wanted = |column, header: &str, value: &str| (3, Some(column), header.into(), value.into());
    assert_eq!(
        found,
        [
            wanted(5, "", "extra"),
            wanted(2, "displayname", "two\nlines"),
            wanted(1, "id", "Jane"),
            // Passwords are not shown.
            wanted(3, "password", ""),
            wanted(4, "admin", "maybe"),
        ]
    );
    let short = validation.problems(&table, 1);
    assert_eq!(short[0].place.line, 5);
    assert_eq!(
        short[0].kind,
        ProblemKind::TooFewFields {
            expected: 4,
            found: 2
        }
    );
    assert_eq!(short[0].place.column, Some(3));
    let counts = validation.counts();
    assert_eq!((counts.errors, counts.questions), (1, 1));
}

#[test]
fn empty_fields_too_many_are_no_problem() {
    assert_eq!(kinds("id,admin\njane,0,, ,\n"), []);
}

#[test]
fn duplicates_name_the_first_and_go_when_it_goes() {
    let (mut table, mut validation) = checked(
        "id,threepids,external_ids\n\
         jane,email:a@b.c,x:1\n\
         @jane:example.org,,\n\
         john,EMAIL:A@B.C,\n\
         jack,,x:1\n\
         jane,,\n",
    );
    let kinds = |validation: &Validation, table: &Table, row: usize| -> Vec<ProblemKind> {
        let problems = validation.problems(table, row);
        problems.into_iter().map(|problem| problem.kind).collect()
    };
    let first_line = 2;
    assert_eq!(kinds(&validation, &table, 0), []);
    assert_eq!(
        kinds(&validation, &table, 1),
        [ProblemKind::IdDuplicate { first_line }]
    );
    assert_eq!(
        kinds(&validation, &table, 2),
        [ProblemKind::ThreepidDuplicate {
            first_line,
            address: "a@b.c".into()
        }]
    );
    assert_eq!(
        kinds(&validation, &table, 3),
        [ProblemKind::ExternalIdDuplicate {
            first_line,
            id: "x:1".into()
        }]
    );
    assert_eq!(
        kinds(&validation, &table, 4),
        [ProblemKind::IdDuplicate { first_line }]
    );
    assert_eq!(validation.counts().errors, 4);
    let first = |row| validation.first_user(row).map(UserId::localpart);
    assert_eq!([first(0), first(1), first(4)], [Some("jane"), None, None]);

    table.set(0, 0, "joan");
    validation.recheck(&table, 0);
    assert_eq!(kinds(&validation, &table, 1), []);
    assert_eq!(
        kinds(&validation, &table, 4),
        [ProblemKind::IdDuplicate { first_line: 3 }]
    );
    assert_eq!(kinds(&validation, &table, 2).len(), 1);
    table.set(0, 1, "");
    table.set(0, 2, "");
    validation.recheck(&table, 0);
    assert_eq!(validation.counts().errors, 1);
}

#[test]
fn what_can_be_fixed_says_how() {
    let (mut table, mut validation) = checked("id\nJane\n");
    let problem = validation.problems(&table, 0).remove(0);
    let column = problem.place.column.unwrap() - 1;
    table.set(0, column, problem.fix.as_deref().unwrap());
    validation.recheck(&table, 0);
    assert_eq!(validation.problems(&table, 0), []);
}

#[test]
fn without_ids() {
    let table = read(b"displayname\nJane\n").unwrap();
    assert_eq!(
        Validation::of(&table, rules()).err(),
        Some(FileProblem::NoIdColumn)
    );
    let generate = Rules {
        ids: IdSource::GenerateAll,
        ..rules()
    };
    assert!(Validation::of(&table, generate.clone()).is_ok());
    // What the file says does not matter then.
    let table = read(b"id\n@Jane:other.org\n").unwrap();
    let validation = Validation::of(&table, generate).unwrap();
    assert_eq!(validation.problems(&table, 0), []);
}
