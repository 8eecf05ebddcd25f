//! Hostile files: what is said of each, and what would be sent.

use super::characters::code;
use super::columns::{HeaderRole, ImportColumn};
use super::read::read;
use super::tests::rules;
use super::validate::{Candidate, IdSource, Problem, ProblemKind, Rules, Severity, Validation};

/// What would be sent of a row, in one line.
fn sent(candidate: &Candidate) -> String {
    let mut parts = vec![match &candidate.user {
        Some(user) => user.localpart().to_owned(),
        None => "?".to_owned(),
    }];
    let mut add = |name: &str, value: String| parts.push(format!("{name}={value}"));
    let shown = |text: &str| {
        let shown: String = text.chars().take(40).collect();
        shown.escape_debug().to_string()
    };
    if let Some(name) = &candidate.displayname {
        add("name", shown(name));
    }
    if let Some(password) = &candidate.password {
        add("password", shown(password));
    }
    for (name, flag) in [
        ("guest", candidate.is_guest),
        ("admin", candidate.admin),
        ("deactivated", candidate.deactivated),
        ("locked", candidate.locked),
    ] {
        if let Some(flag) = flag {
            add(name, flag.to_string());
        }
    }
    if let Some(url) = &candidate.avatar_url {
        add("avatar", shown(url));
    }
    if let Some(kind) = &candidate.user_type {
        add("type", shown(kind));
    }
    for threepid in candidate.threepids.iter().flatten() {
        add(&threepid.medium, shown(&threepid.address));
    }
    for id in candidate.external_ids.iter().flatten() {
        add(&id.auth_provider, shown(&id.external_id));
    }
    for room in &candidate.rooms {
        add("room", shown(room));
    }
    parts.join(" ")
}

/// A problem in a few letters: `!` stops the row, `?` is a question, `~` a warning.
fn told(problem: &Problem) -> String {
    let mark = match problem.severity() {
        Severity::Error | Severity::ErrorIfNew => '!',
        Severity::Question => '?',
        Severity::Warning => '~',
    };
    let name = format!("{:?}", problem.kind);
    let name = name.split([' ', '{', '(']).next().unwrap_or_default();
    let more = match &problem.kind {
        ProblemKind::Unseen { found, .. } => format!("({})", code(*found)),
        ProblemKind::SwallowedRows { line, rows } => format!("({line},{rows})"),
        _ => String::new(),
    };
    let fix = problem.fix.as_ref();
    let fix = fix.map_or(String::new(), |fix| format!("→{}", fix.escape_debug()));
    format!("{mark}{name}{more}{fix}")
}

/// What is said of a file and what would be sent, line by line.
fn said(bytes: &[u8]) -> Vec<String> {
    let table = match read(bytes) {
        Ok(table) => table,
        Err(problem) => return vec![format!("refused: {problem:?}")],
    };
    let ids = match table.has(ImportColumn::Id) {
        true => IdSource::FromFile,
        false => IdSource::GenerateAll,
    };
    let file = Validation::of(&table, Rules { ids, ..rules() }).expect("IDs");
    let mut lines = Vec::new();
    if ids == IdSource::GenerateAll {
        lines.push("no IDs".to_owned());
    }
    for found in table.matching().iter().filter(|found| found.is_open()) {
        let name = match found.name.as_str() {
            "" => format!("#{}", found.index + 1),
            name => name.escape_debug().to_string(),
        };
        lines.push(match found.role {
            HeaderRole::Column(column) => format!("guessed {name}={}", column.name()),
            _ => format!("left out {name}"),
        });
    }
    for row in 0..table.rows().len().min(4) {
        let problems = file.problems(&table, row);
        let problems = problems
            .iter()
            .map(|problem| " ".to_owned() + &told(problem));
        let problems: String = problems.collect();
        let candidate = file.candidate(row).expect("a row");
        lines.push(format!(
            "{}: {}{problems}",
            table.line(row),
            sent(candidate)
        ));
    }
    if table.rows().len() > 4 {
        lines.push(format!("{} rows", table.rows().len()));
    }
    lines
}

fn utf16(text: &str, unit: fn(u16) -> [u8; 2]) -> Vec<u8> {
    text.encode_utf16().flat_map(unit).collect()
}

/// The files, with names.
fn files() -> Vec<(&'static str, Vec<u8>)> {
    let mut cases: Vec<(&str, Vec<u8>)> = Vec::new();
    let mut c = |name: &'static str, text: &str| cases.push((name, text.as_bytes().to_vec()));
    c("guard tabs", "id,password\na,\"=\"\"001\"\"\"\n");
    c(
        "guard formula name",
        "id,displayname\na,=1+1\nb,'=1+1\nc,=HYPERLINK(\"http://x\")\nd,@SUM(A1)\n",
    );
    c(
        "guard formula password",
        "id,password\na,=1+1\nb,'=1+1\nc,\"=CONCATENATE(\"\"a\"\",\"\"b\"\")\"\nd,+49\n",
    );
    c(
        "guard in id",
        "id,password\n=\"a\",x\n'b,x\n\"=\"\"001a\"\"\",x\n'001,x\n",
    );
    c(
        "guard email",
        "id,email,phone\na,=\"a@b.c\",'+49 30 1234567\n",
    );
    c("formula id", "id\n=A1&B1\n=a\n-b\n+c\n");
    c(
        "char concat",
        "id,displayname\na,=CHAR(65)&\"x\"\nb,=VERKETTEN(\"a\";\"b\")\n",
    );
    c(
        "quotes single sql",
        "id,displayname,password\n'a','A B','x y'\n'b','C','z'\n",
    );
    c(
        "backslash quotes",
        "id,displayname,password\na,\"Jane \\\"J\\\" Doe\",x\nb,B,y\n",
    );
    c(
        "spaces before quotes",
        "id, displayname, password\na, \"Doe, Jane\", \"x\"\n",
    );
    c(
        "quote in middle",
        "id,displayname\na,Jane \"J\" Doe\nb,5\" disk\n",
    );
    c("unclosed", "id,displayname,password\na,\"Jane,x\nb,B,y\n");
    c("unclosed last", "id,displayname,password\na,A,\"x\n");
    c(
        "quoted empty",
        "\"id\",\"password\"\n\"a\",\"\"\n\"b\",\"\"\"\"\n\"c\",\" \"\n",
    );
    c("triple quotes", "id,password\na,\"\"\"x\"\"\"\n");
    c(
        "python repr",
        "id,displayname\na,u'Jane'\nb,b'Joe'\nc,['x']\n",
    );
    for (name, ch) in [
        ("zwsp", '\u{200b}'),
        ("rlo", '\u{202e}'),
        ("nul", '\0'),
        ("tab", '\t'),
        ("nbsp", '\u{a0}'),
        ("esc", '\u{1b}'),
        ("tag", '\u{e0041}'),
        ("hangul filler", '\u{3164}'),
        ("pua", '\u{e000}'),
        ("shy", '\u{ad}'),
        ("thin", '\u{2009}'),
        ("ideographic space", '\u{3000}'),
        ("braille blank", '\u{2800}'),
    ] {
        let all = format!(
            "id,displayname,password,admin,deactivated,avatar_url,user_type,threepids,external_ids,locked,rooms,email,phone,given_name,active\na{ch},Ja{ch}ne,pass{ch}word,tr{ch}ue,false{ch},mxc://a/b{ch}c,bo{ch}t,email:a@b{ch}.c,oidc:x{ch}y,{ch}false,#a:b{ch}.c,a{ch}@b.c,+49 30{ch}12345,J{ch},true{ch}\n"
        );
        cases.push((name, all.into_bytes()));
    }
    let mut c = |name: &'static str, text: &str| cases.push((name, text.as_bytes().to_vec()));
    c(
        "nbsp around",
        "id,displayname,password\n\u{a0}a\u{a0},\u{a0}A\u{a0},\u{a0}x\u{a0}\n",
    );
    c(
        "zalgo",
        "id,displayname\na,Z\u{335}\u{321}\u{353}a\u{336}l\u{337}g\u{338}o\n",
    );
    c("nfd", "id,displayname\nju\u{308}rgen,Ju\u{308}rgen\n");
    c(
        "bidi only name",
        "id,displayname\na,\u{200f}\u{200e}\nb,\u{200b}\n",
    );
    c(
        "invisible password",
        "id,password\na,\u{200b}\nb,\u{feff}\n",
    );
    c(
        "invisible header",
        "id\u{200b},pass\u{200b}word,display\u{a0}name\na,x,A\n",
    );
    c("lookalike header", "іd,раssword\na,x\n");
    c("fullwidth header", "ｉｄ，ｐａｓｓｗｏｒｄ\n");
    c("fullwidth comma", "id，displayname，password\na，A，x\n");
    c("lookalikes", "id\njаne\nｊoe\nj0e\nρaul\nmаrу\n");
    c("case twins", "id\nJane\njane\nJANE\n");
    c("lookalike twins", "id\njane\njаne\n");
    c("dup header", "id,password,password\na,x,y\n");
    c("dup id header", "id,id\na,b\n");
    c(
        "two header rows",
        "id,displayname,password\nUser ID,Display name,Password\na,A,x\n",
    );
    c(
        "two header rows de",
        "id,displayname,password\nBenutzername,Anzeigename,Passwort\na,A,x\n",
    );
    c(
        "type row",
        "id,displayname,password\nstring,string,string\na,A,x\n",
    );
    c(
        "type row 2",
        "id,displayname,admin\nVARCHAR(255),TEXT,BOOLEAN\na,A,no\n",
    );
    c("joined", "id,displayname\na,A\nid,displayname\nb,B\n");
    c(
        "joined other order",
        "id,displayname,password\na,A,x\ndisplayname,id,password\nB,b,y\n",
    );
    c(
        "joined other case",
        "id,displayname,password\na,A,x\nID,DisplayName,Password\nb,B,y\n",
    );
    c(
        "users called like columns",
        "id,displayname\nadmin,Administrator\ngast,Gast\nuser,User\njane,Jane\n",
    );
    c(
        "joined other mark",
        "id,active\na,true\nid,locked\nb,true\n",
    );
    c(
        "joined more cols",
        "id,displayname\na,A\n\nid,displayname,password\nb,B,y\n",
    );
    c(
        "summary",
        "id,displayname,password\na,A,x\nb,B,y\nTotal: 2,,\n",
    );
    c(
        "summary2",
        "id,displayname,password\na,A,x\nb,B,y\nTotal,2,\n",
    );
    c(
        "summary de",
        "id;displayname;password\na;A;x\nSumme;1;\nAnzahl: 1;;\n",
    );
    c(
        "footer",
        "id,displayname\na,A\n\nExported by HR on 2024-01-01\n",
    );
    c("footer2", "id\na\nb\n(2 rows)\n");
    c("footer3", "id,displayname\na,A\n-- end --\n# eof\n");
    c(
        "comments",
        "# users\nid,displayname\n# bob,Bob\na,A\n//b,B\n",
    );
    c(
        "header language",
        "Benutzerkennung;Vor- und Nachname;Kennwort;E-Mail-Adresse\na;A B;x;a@b.c\n",
    );
    c("header cz", "Uživatelské jméno;Heslo;Jméno\na;x;Jan\n");
    c(
        "header nl",
        "Gebruikersnaam;Wachtwoord;Volledige naam;E-mailadres\na;x;Jan J;a@b.c\n",
    );
    c(
        "header sv",
        "Användarnamn;Lösenord;Namn;E-post\na;x;Jan J;a@b.c\n",
    );
    c(
        "header tr",
        "Kullanıcı adı;Şifre;Ad Soyad;E-posta\na;x;Jan J;a@b.c\n",
    );
    c("header hu", "Felhasználónév;Jelszó;Név\na;x;Jan J\n");
    c("header ko", "사용자 이름,비밀번호,이름\na,x,김\n");
    c("header he", "שם משתמש,סיסמה,שם\na,x,דן\n");
    c("header el", "Όνομα χρήστη,Κωδικός πρόσβασης,Όνομα\na,x,Γ\n");
    c("header vi", "Tên đăng nhập,Mật khẩu,Họ và tên\na,x,N\n");
    c("password like", "id,pwd,pw,passwd\na,x,y,z\n");
    c("old password", "id,old password,new password\na,x,y\n");
    c(
        "password hash col",
        "id,password_hash\na,$2b$12$abcdefghijklmnopqrstuvwxyz\n",
    );
    c(
        "password hint",
        "id,password hint,password expires,password last set\na,dog,2024-01-01,2023-01-01\n",
    );
    c(
        "manager",
        "id,manager,manager email,emergency phone\na,bob,bob@b.c,+49301234567\n",
    );
    c(
        "not admin",
        "id,is not admin,disabled,enabled,blocked\na,true,TRUE,TRUE,false\n",
    );
    c("active status", "id,status\na,active\nb,inactive\n");
    c("status2", "id,account status\na,Enabled\nb,Disabled\n");
    c("role", "id,role\na,admin\nb,user\n");
    c("account type", "id,user_type\na,employee\n");
    c(
        "both active",
        "id,active,deactivated\na,true,true\nb,false,\n",
    );
    c("empty columns", "id,,displayname,,\na,,A,,\n");
    c("empty leading", ",,id,displayname\n,,a,A\n");
    c("value no header", "id,,displayname\na,secret,A\n");
    c("trailing delim", "id,displayname,\na,A,\nb,B,\n");
    c("trailing value", "id,displayname\na,A,extra\n");
    c("missing", "id,displayname,password\na\nb,B\n");
    c(
        "empty rows of commas",
        "id,displayname\na,A\n,,,,\n,\nb,B\n",
    );
    c("lone CR", "id,displayname\ra,A\rb,B\r");
    c("mixed", "id,displayname\r\na,A\nb,B\rc,C\n\rd,D");
    c("nel", "id,displayname\u{85}a,A\u{85}");
    c("ls", "id,displayname\u{2028}a,A\n");
    c("vt ff", "id,displayname\n\u{c}a,A\n\u{b}b,B\n");
    c("ctrl z", "id,displayname\na,A\n\u{1a}");
    c("nul pad", "id,displayname\na,A\n\0\0\0\0");
    c("literal newline", "id,displayname\\na,A\\n");
    c("only header", "id,displayname,password\n");
    c("one word", "hello\n");
    c("one id", "id\na\n");
    c("ids no header", "jane\njoe\nmary\n");
    c("empty", "");
    c("blank", " \n\n\t\n");
    c(
        "prose",
        "Dear all,\n\nplease create accounts for Jane, Joe and Mary.\n\nBest, Bob\n",
    );
    c("markdown", "| id | displayname |\n|----|----|\n| a | A |\n");
    c(
        "yaml",
        "- id: a\n  displayname: A\n- id: b\n  displayname: B\n",
    );
    c("ini", "[user]\nid=a\npassword=x\n");
    c(
        "passwd",
        "root:x:0:0:root:/root:/bin/bash\njane:x:1000:1000:Jane,,,:/home/jane:/bin/bash\n",
    );
    c("htpasswd", "jane:$2y$05$abcdefghijklmnopqrstuvwxyz012345\n");
    c("colon", "id:displayname:password\na:A:x\nb:B:y\n");
    c("space", "id displayname password\na A x\nb B y\n");
    c(
        "fixed width",
        "id        displayname   password\na         A             x\nb         B             y\n",
    );
    c("caret", "id^displayname^password\na^A^x\n");
    c("tilde", "id~displayname~password\na~A~x\n");
    c(
        "unit sep",
        "id\u{1f}displayname\u{1f}password\na\u{1f}A\u{1f}x\n",
    );
    c("double pipe", "id||displayname||password\na||A||x\n");
    c(
        "tab and comma",
        "id\tdisplayname\tpassword\na\tDoe, Jane\tx,y,z\n",
    );
    c(
        "semicolon decimal",
        "id;displayname;quota\na;A;1,5\nb;B;2,5\n",
    );
    c(
        "comma in semicolons",
        "id;threepids\na;email:a@b.c,email:d@e.f\n",
    );
    c("semi in comma", "id,email\na,a@b.c;d@e.f\n");
    c("json", "[{\"id\":\"a\"}]");
    c("ndjson", "{\"id\":\"a\"}\n");
    c("json pretty", "{\n  \"users\": [\n");
    c("json scalar", "\"hello\"\n");
    c("html", "<html><body>Login</body></html>");
    c("html fragment", "\n<!-- x -->\n<div>502</div>");
    c("xml", "<?xml version=\"1.0\"?><users/>");
    c("xml nodecl", "<users><user id=\"a\"/></users>");
    c("svg", "<svg xmlns=\"x\"></svg>");
    c("slk", "ID;PWXL;N;E\nC;Y1;X1;K\"id\"\nE\n");
    c("dif", "TABLE\n0,1\n\"EXCEL\"\n");
    c(
        "eml",
        "From: a@b.c\nTo: d@e.f\nSubject: users\n\nid,displayname\na,A\n",
    );
    c(
        "http",
        "HTTP/1.1 200 OK\nContent-Type: text/csv\n\nid,displayname\na,A\n",
    );
    c("ical", "BEGIN:VCALENDAR\nVERSION:2.0\n");
    c(
        "pem",
        "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n",
    );
    c("shell", "#!/bin/sh\nregister_new_matrix_user -u a -p x\n");
    c("base64", "aWQsZGlzcGxheW5hbWUKYSxBCg==\n");
    c(
        "data url",
        "data:text/csv;base64,aWQsZGlzcGxheW5hbWUKYSxBCg==\n",
    );
    c("urlencoded", "id=a&displayname=A&password=x\n");
    c(
        "git conflict",
        "id,displayname\n<<<<<<< HEAD\na,A\n=======\na,B\n>>>>>>> x\n",
    );
    c(
        "git lfs",
        "version https://git-lfs.github.com/spec/v1\noid sha256:abc\nsize 5\n",
    );
    c(
        "diff",
        "--- a/users.csv\n+++ b/users.csv\n@@ -1 +1 @@\n-id,displayname\n+id,displayname\n",
    );
    c("quoted printable", "id,displayname\na,J=C3=BCrgen\n");
    c(
        "html entities",
        "id,displayname,password\na,J&uuml;rgen &amp; Co,p&amp;q\nb,M&#252;ller,x\n",
    );
    c(
        "url escapes",
        "id,displayname\na,J%C3%BCrgen\n%40jane%3Aexample.org,X\n",
    );
    c("unicode escapes", "id,displayname\na,J\\u00fcrgen\n");
    c("utf7", "id,displayname\na,J+APw-rgen\n");
    c(
        "synapse export",
        "name,displayname,avatar_url,user_type,is_guest,admin,deactivated,erased,shadow_banned,creation_ts,locked\n@a:example.org,A,,,0,1,0,false,0,1560432668000,false\n",
    );
    c(
        "ketesa",
        "id,avatar_src,displayname,name,is_guest,admin,deactivated,erased,shadow_banned,creation_ts_ms,locked,user_type\n@a:example.org,mxc://x/y,A,@a:example.org,false,false,false,false,false,1560432668000,false,\n",
    );
    c(
        "synapse-admin export",
        "is_guest,deactivated,admin,name,displayname,avatar_url,threepids,external_ids\n0,0,1,@a:example.org,A,,\"[{\"\"medium\"\":\"\"email\"\",\"\"address\"\":\"\"a@b.c\"\"}]\",[]\n",
    );
    c(
        "synapse-admin objects",
        "id,displayname,threepids,external_ids\na,A,[object Object],\nb,B,\"[object Object],[object Object]\",[]\nc,C,[],{}\n",
    );
    c(
        "foreign export",
        "id,displayname\n@a:other.org,A\n@b:other.org,B\n",
    );
    c("float ids", "id,password\n1.0,x\n12345.0,y\n1,234,z\n");
    c("thousands", "id,password\n\"1,234\",x\n1.234,y\n");
    c("sci", "id,password\n1.23E+11,4.5E+10\n1E5,1e10\n1.2e11,x\n");
    c(
        "dates as ids",
        "id,password\n2024-01-05,x\n5-Jan,y\nJan-05,01.02.2024\n01/02/2024,z\n",
    );
    c(
        "date password",
        "id,password\na,45123\nb,12:00:00 AM\nc,2024-01-05 00:00:00\n",
    );
    c(
        "phones",
        "id,phone\na,+49 (0) 30 123456\nb,0301234567\nc,+1-800-FLOWERS\nd,4.93E+11\n",
    );
    c(
        "phone nums",
        "id,phone\na,49301234567\nb,+49301234567;+49301234568\nc,+49 30 123 ext. 5\nd,tel:+4930123456\n",
    );
    c(
        "emails",
        "id,email\na,a@b.c;d@e.f\nb,\"a2@b.c, d2@e.f\"\nc,a3@b.c d3@e.f\nd,Jane <j@b.c>\n",
    );
    c(
        "emails 2",
        "id,email\na,mailto:a@b.c\nb,a4@b\nc,a@b@c\nd,a(at)b.c\n",
    );
    c("emails 3", "id,email\na,none\nb,-\nc,n/a\nd,a@b.c.\n");
    c(
        "emails 4",
        "id,email\na,\"a@b.c|d@e.f\"\nb,a@b..c\nc,.a@b.c\nd,<a@b.c>\n",
    );
    c(
        "nothings",
        "id,displayname,password,email,admin\na,NULL,N/A,-,nan\nb,None,nil,#N/A,null\nc,n/a,-,--,?\nd,.,x,—,undefined\n",
    );
    c("nothing id", "id,displayname\nNULL,A\n-,B\nN/A,C\nnone,D\n");
    c("nothing id 2", "id,displayname\nnull,A\nnull,B\n");
    c(
        "test",
        "id,displayname,password\ntest,test,test\nexample,Example,changeme\n<id>,<name>,<password>\n",
    );
    c(
        "template braces",
        "id,displayname,password\n{{user}},{name},${PASSWORD}\n%USER%,[name],<your password>\n",
    );
    c(
        "masked",
        "id,password\na,********\nb,••••••••\nc,[REDACTED]\nd,(hidden)\n",
    );
    c("percent", "id,admin,displayname\na,100%,50 %\n");
    c("bools", "id,admin\na,TRUE \nb, yes\nc,Y\nd,x\n");
    c("bools2", "id,admin\na,1.0\nb,-1\nc,0.0\nd,✓\n");
    c(
        "bools3",
        "id,admin\na,2\nb,TRUE()\nc,\"\"\"true\"\"\"\nd,true/false\n",
    );
    c(
        "bool formula",
        "id,admin\na,=TRUE()\nb,=WAHR()\nc,=1\nd,='true'\n",
    );
    c(
        "passwords",
        "id,password\na, lead\nb,trail \nc,\"qu\"\"ote\"\nd,'single'\n",
    );
    c(
        "password 72",
        &format!("id,password\na,{}\nb,{}\n", "x".repeat(73), "ü".repeat(37)),
    );
    c("password same as id", "id,password\njane,jane\n");
    c("password newline", "id,password\na,\"x\n\"\nb,\"x\ny\"\n");
    c("password trailing tab", "id,password\na,x\t\nb,\tx\n");
    c("cr in quotes", "id,displayname\na,\"Jane\rDoe\"\n");
    c(
        "excel wrap",
        "id,displayname\na,\"Jane\nDoe\"\nb,\"Joe\n\"\n",
    );
    c(
        "multiline address",
        "id,displayname,street\na,A,\"Main St 1\n12345 City\"\n",
    );
    c(
        "multiline addr commas",
        "id,displayname,street\na,A,\"Main St 1, 2nd, floor\n12345, City, X\"\n",
    );
    c(
        "rooms",
        "id,rooms\na,#general:example.org\nb,general\nc,https://matrix.to/#/#x:b.c\nd,!abc\n",
    );
    c(
        "avatar",
        "id,avatar_url\na,https://x/y.png\nb,mxc://a/b c\nc,C:\\me.png\nd,data:image/png;base64,xx\n",
    );
    c("ext", "id,external_ids\na,oidc:\nb,:x\nc,x\nd,oidc:a:b\n");
    c(
        "ids forms",
        "id\n@a:example.org:8448\na:example.org\n@A:Example.org\n@a@example.org\n",
    );
    c(
        "ids forms2",
        "id\nhttps://example.org/a\nexample.org\\a\na@example.org\na b\n",
    );
    c("ids dots", "id\n.\n..\n/\n../../x\n");
    c("ids long", &format!("id\n{}\n", "a".repeat(300)));
    c("ids quotes", "id\n\"a\"\"b\"\na'b\n`a`\n\"'a'\"\n");
    c("ids trailing", "id\na,\na;\na.\na \n");
    c("ids list", "id,displayname\n\"a, b\",X\na;b,Y\na/b,Z\n");
    c("ids row numbers", "No,id,displayname\n1,a,A\n2,b,B\n");
    c("ids numeric only col", "id,username\n1,a\n2,b\n");
    c("guest", "id,is_guest\na,true\n");
    c("locked deact", "id,locked,deactivated\na,true,true\n");
    c(
        "script name",
        "id,displayname\na,<script>alert(1)</script>\nb,\"a\";DROP TABLE users;--\"\n",
    );
    c("ansi", "id,displayname\na,\u{1b}[31mred\u{1b}[0m\n");
    c("sep lies", "sep=;\nid,displayname\na,A\n");
    c("sep tab", "sep=\t\nid\tdisplayname\na\tA\n");
    c("sep quoted", "\"sep=,\"\nid,displayname\na,A\n");
    c("bom only", "\u{feff}");
    c(
        "bom quotes",
        "\u{feff}\"id\",\"displayname\"\n\"a\",\"A\"\n",
    );
    c("bom mojibake", "ï»¿id,displayname\na,JÃ¼rgen\n");
    c(
        "transposed",
        "id,a,b,c\ndisplayname,A,B,C\npassword,x,y,z\n",
    );
    c("key value", "id,a\ndisplayname,A\npassword,x\n");
    c("password in id", "password,id\na,x\n");
    c(
        "two tables",
        "id,displayname\na,A\n\nroom,members\n#x:b.c,4\n",
    );
    c("csv in csv", "\"id,displayname\"\n\"a,A\"\n\"b,B\"\n");
    c(
        "csv in csv double",
        "\"\"\"id\"\",\"\"displayname\"\"\"\n\"\"\"a\"\",\"\"Doe, A\"\"\"\n",
    );
    c(
        "half wrapped",
        "id,displayname,password\n\"a,A,x\"\n\"b,B,y\"\n",
    );
    c("excel split lost zero", "id,displayname,zip\na,A,1234\n");
    c(
        "names swapped",
        "id,displayname\nJane Doe,jane\nJoe Blow,joe\n",
    );
    c("emails as id", "email,displayname\njane@b.c,Jane Doe\n");
    c(
        "emails as id clash",
        "id,displayname\njane@b.c,A\njane@d.e,B\n",
    );
    c("last, first", "id,name\na,\"Doe, Jane\"\n");
    c("first last", "Surname,First name,Login\nDoe,Jane,jane\n");
    c("name name", "id,name,Name\na,Jane,Doe\n");
    let mut b = |name: &'static str, bytes: &[u8]| cases.push((name, bytes.to_vec()));
    b("nul bytes", b"id,displayname\na,A\0B\n");
    b(
        "utf16le",
        &utf16("id,displayname\na,J\u{fc}rgen\n", u16::to_le_bytes),
    );
    b(
        "utf16be",
        &utf16("id,displayname\na,J\u{fc}rgen\n", u16::to_be_bytes),
    );
    b(
        "utf16 odd",
        &utf16("id,displayname\na,A\n", u16::to_le_bytes)[..30],
    );
    b(
        "utf16 after utf8",
        &[
            b"id,displayname\na,A\n".to_vec(),
            utf16("b,B\n", u16::to_le_bytes),
        ]
        .concat(),
    );
    b(
        "utf32",
        &"\u{feff}id\na\n"
            .chars()
            .flat_map(|c| (c as u32).to_le_bytes())
            .collect::<Vec<_>>(),
    );
    b("cut", b"id,displayname\na,J\xc3");
    b(
        "latin and utf8",
        b"id,displayname\na,J\xc3\xbcrgen\nb,J\xfcrgen\n",
    );
    b("surrogates", b"id,displayname\na,\xed\xa0\x80\n");
    b("overlong", b"id,displayname\na,\xc0\xaf\n");
    b("zip", b"PK\x03\x04aaaa");
    b("zip empty", b"PK\x05\x06\0\0\0\0");
    b("pdf", b"%PDF-1.7\n");
    b("pdf late", b"\n%PDF-1.7\n");
    b("xls", b"\xD0\xCF\x11\xE0");
    b("xls old", b"\x09\x08\x10\x00\x00\x06\x05\x00");
    b("gzip", b"\x1f\x8b\x08");
    b("zstd", b"\x28\xb5\x2f\xfdaaaa");
    b("xz", b"\xfd7zXZ\0aaa");
    b("parquet", b"PAR1\x15\x04");
    b("exe", b"MZ\x90\x00\x03\x00\x00\x00");
    b("elf", b"\x7fELF\x02\x01\x01");
    b("webp", b"RIFF\x00\x00\x00\x00WEBPVP8 ");
    b("mp3", b"ID3\x03\x00\x00\x00");
    b("numbers", b"bplist00\xd4");
    b("pgp", b"-----BEGIN PGP MESSAGE-----\n\nhQEMA\n");
    b("keepass", b"\x03\xd9\xa2\x9a\x67\xfb\x4b\xb5");
    b("random", &(0..=255u8).collect::<Vec<_>>());
    b(
        "1 MB cell",
        &[
            b"id,displayname\na,".to_vec(),
            vec![b'x'; 1 << 20],
            b"\n".to_vec(),
        ]
        .concat(),
    );
    b(
        "10000 columns",
        &[
            b"id".to_vec(),
            b",x".repeat(10000),
            b"\na".to_vec(),
            b",y".repeat(10000),
        ]
        .concat(),
    );
    b(
        "10000 empty columns",
        &[
            b"id".to_vec(),
            b",".repeat(10000),
            b"\na".to_vec(),
            b",".repeat(10000),
        ]
        .concat(),
    );
    b("dos", b"id;displayname\r\na;J\x81rgen\r\n\x1a");
    b(
        "ebcdic",
        &[
            0x89, 0x84, 0x6b, 0x95, 0x81, 0x94, 0x85, 0x15, 0x81, 0x6b, 0xc1, 0x15,
        ],
    );
    b("shift jis", b"id,displayname\na,\x8d\xb2\x93\xa1\n");
    b("iso2022", b"id,displayname\na,\x1b$B:4F#\x1b(B\n");
    b("hz", b"id,displayname\na,~{VP~}\n");
    cases
}

/// `hostile.txt` has what is said of each file: `!` keeps the row from being sent, `?` asks first,
/// `~` is a warning, and `→` what is offered instead. To look at what a change does to it, run
/// with `HOSTILE_WRITE=1` and read the difference line by line.
#[test]
fn nothing_is_sent_that_was_not_meant() {
    let mut now = String::new();
    for (name, bytes) in files() {
        now += &format!("== {name}\n");
        for line in said(&bytes) {
            now += &format!("   {line}\n");
        }
    }
    if std::env::var_os("HOSTILE_WRITE").is_some() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/src/import/hostile.txt");
        std::fs::write(path, &now).expect("written");
        return;
    }
    let expected = include_str!("hostile.txt");
    let mut blocks = expected.split("== ").zip(now.split("== "));
    if let Some((expected, now)) = blocks.find(|(expected, now)| expected != now) {
        panic!("expected:\n{expected}\nbut it says:\n{now}");
    }
    assert_eq!(expected.len(), now.len());
}
