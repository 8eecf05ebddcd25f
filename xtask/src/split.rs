//! Splits the program into what the log-in page needs and what is downloaded later.
//!
//! Trunk makes one file of the program and has no place for this, so it happens to what the
//! compiler linked, in place of what Trunk made of it:
//!
//! 1. wasm-split-cli cuts the file at the functions of `src/app/parts.rs`. It needs the linker's
//!    relocations. What a single chunk needs goes into a file of that chunk, and for each set of
//!    chunks there is a file of what they share.
//! 2. wasm-bindgen does its work on the main file.
//! 3. wasm-merge makes a few of what is shared: what the first chunk needs, which every page needs
//!    anyway, goes into that; of the rest what lists need, what only those of users or of rooms do, and
//!    so on, as [`SHARED`] says. Dozens of small files compress badly.
//! 4. wasm-opt shrinks every file. It must not use anything that browsers of the last years
//!    lack.
//! 5. `chunks.js` takes the place of the loader that wasm-split-cli writes.

use crate::{process, tools};
use anyhow::{Context, Result, bail};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::num::NonZero;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

/// The linker's flag without which nothing can be split.
pub const LINK_ARGUMENT: &str = "-Clink-arg=--emit-relocs";

/// The program's name.
const NAME: &str = "synapse-admin";

/// The chunk that every page of a signed-in administrator needs.
pub const FIRST: &str = "inside";

/// A file of what the other chunks share with each other and not with the first.
struct Shared {
    name: &'static str,
    /// Whether what exactly these chunks need belongs into it.
    takes: fn(&[&str]) -> bool,
}

/// What is shared goes into the first of these that takes it.
const SHARED: [Shared; 6] = [
    // Beside the log-in form: nobody waits there for what the pages inside share.
    Shared {
        name: "beside_login",
        takes: |users| has_any(users, &["elsewhere", "oauth", "known_servers"]),
    },
    Shared {
        name: "of_imports",
        takes: |users| has_only(users, &["import_users", "old_imports"]),
    },
    Shared {
        name: "of_users",
        takes: |users| has_any(users, &["users"]) && !has_any(users, &OTHER_LISTS),
    },
    Shared {
        name: "of_rooms",
        takes: |users| {
            let of_rooms = has_any(users, &ROOM_LISTS);
            of_rooms
                && !has_any(users, &["users"])
                && !has_any(users, &OTHER_LISTS[ROOM_LISTS.len()..])
        },
    },
    Shared {
        name: LISTS,
        takes: |users| has_any(users, &["users"]) || has_any(users, &OTHER_LISTS),
    },
    Shared {
        name: "of_things",
        takes: |_| true,
    },
];

/// The file of what lists share: the page that somebody opens next mostly has one.
const LISTS: &str = "lists";

/// The pages of lists that are about rooms.
const ROOM_LISTS: [&str; 3] = ["rooms", "room_directory", "blocked_rooms"];

/// The pages of lists but that of users.
const OTHER_LISTS: [&str; 8] = [
    "rooms",
    "room_directory",
    "blocked_rooms",
    "authentication",
    "federation",
    "registration_tokens",
    "reports",
    "tasks",
];

fn has_any(users: &[&str], of: &[&str]) -> bool {
    users.iter().any(|user| of.contains(user))
}

fn has_only(users: &[&str], of: &[&str]) -> bool {
    users.iter().all(|user| of.contains(user))
}

/// The chunk of the first page inside.
pub const FIRST_PAGE: &str = "dashboard";
/// Whoever logs in needs these at once: what they share with others comes with the first chunk,
/// so that nothing else has to be waited for.
const WITH_FIRST: [&str; 4] = [FIRST, FIRST_PAGE, "login_work", "closed"];

/// The chunks' names and files.
type Chunks = Vec<(String, PathBuf)>;

/// Of the chunks that need shared files, which.
pub type Needs = BTreeMap<String, BTreeSet<&'static str>>;

/// What the compiler uses by itself, and nothing newer.
const FEATURES: [&str; 9] = [
    "--mvp-features",
    "--enable-bulk-memory",
    "--enable-bulk-memory-opt",
    "--enable-call-indirect-overlong",
    "--enable-multivalue",
    "--enable-mutable-globals",
    "--enable-nontrapping-float-to-int",
    "--enable-reference-types",
    "--enable-sign-ext",
];

/// The split program.
pub struct Program {
    /// The main file.
    pub wasm: PathBuf,
    /// Beside it, the JavaScript that starts it.
    pub js: PathBuf,
    /// Names and files of the chunks.
    pub chunks: Chunks,
    /// Which of the [`SHARED`] files each chunk needs.
    pub needs: Needs,
}

/// The programs that it takes.
pub struct Tools {
    pub wasm_split: PathBuf,
    pub wasm_bindgen: PathBuf,
    /// The folder of wasm-opt, wasm-merge and wasm-dis.
    pub binaryen: PathBuf,
}

/// Splits what the compiler linked, in a folder that it empties first.
pub fn split(linked: &Path, folder: &Path, tools: &Tools) -> Result<Program> {
    if folder.exists() {
        fs::remove_dir_all(folder)?;
    }
    let cut = folder.join("cut");
    fs::create_dir_all(&cut)?;
    let mut command = process::command(tools.wasm_split.join("wasm-split-cli"));
    command.args([linked, &cut]).args(["--out-name", NAME]);
    run(&mut command)?;
    let mut command = process::command(tools.wasm_bindgen.join("wasm-bindgen"));
    command
        .args(["--target", "web", "--no-typescript", "--keep-lld-exports"])
        .arg("--out-dir")
        .arg(folder)
        .arg(cut.join(format!("{NAME}.wasm")));
    run(&mut command)?;
    let (chunks, needs) = chunks(&cut, folder, tools)?;
    let program = Program {
        wasm: folder.join(format!("{NAME}.wasm")),
        js: folder.join(format!("{NAME}.js")),
        chunks,
        needs,
    };
    let bound = folder.join(format!("{NAME}_bg.wasm"));
    let mut files = vec![(bound, program.wasm.clone())];
    for (name, file) in &program.chunks {
        files.push((cut.join(format!("split_{name}.wasm")), file.clone()));
    }
    shrink_all(&files, tools)?;
    Ok(program)
}

/// Merges what was cut into the chunks; says which files they are to be, and which of them need which
/// shared ones.
fn chunks(cut: &Path, folder: &Path, tools: &Tools) -> Result<(Chunks, Needs)> {
    let mut own = Vec::new();
    let mut shared = Vec::new();
    for entry in fs::read_dir(cut)? {
        let name = entry?.file_name().to_string_lossy().into_owned();
        if let Some(chunk) = name.strip_prefix("split_") {
            own.extend(chunk.strip_suffix(".wasm").map(str::to_owned));
        } else if name.starts_with("chunk_") {
            shared.push(name);
        }
    }
    own.sort();
    shared.sort();
    if !own.iter().any(|name| name == FIRST) {
        bail!("The program has no chunk named {FIRST}.");
    }
    let script = fs::read_to_string(cut.join(LOADER))?;
    let users = users_of(&script);
    let (with_first, others): (Vec<String>, Vec<String>) = shared.into_iter().partition(|name| {
        let users = users.get(name.as_str());
        users.is_none_or(|users| WITH_FIRST.iter().any(|name| users.contains(name)))
    });
    let imports = imports_of_first(cut, tools)?;
    merge(cut, &imports, Some(FIRST), &with_first, FIRST, tools)?;
    let (files, needs) = sorted_out(others, &users);
    for (name, parts) in files {
        merge(cut, &imports, None, &parts, name, tools)?;
        own.push(name.to_owned());
    }
    let file = |name: &String| folder.join(format!("{name}.wasm"));
    let chunks = own.into_iter().map(|name| (name.clone(), file(&name)));
    Ok((chunks.collect(), needs))
}

/// Which of the shared pieces go into which file, and which chunks need which file for that.
fn sorted_out(
    pieces: Vec<String>,
    users: &BTreeMap<String, Vec<&str>>,
) -> (BTreeMap<&'static str, Vec<String>>, Needs) {
    let mut files: BTreeMap<&'static str, Vec<String>> = BTreeMap::new();
    let mut needs = Needs::new();
    for piece in pieces {
        let users = users.get(piece.as_str()).map_or(&[][..], Vec::as_slice);
        let Some(file) = SHARED.iter().find(|file| (file.takes)(users)) else {
            continue;
        };
        for user in users {
            needs
                .entry((*user).to_owned())
                .or_default()
                .insert(file.name);
        }
        files.entry(file.name).or_default().push(piece);
    }
    (files, needs)
}

/// What these programs say interests only when one fails.
fn run(command: &mut Command) -> Result<()> {
    process::run_logged(command, &tools::cache()?.join("split.log"))
}

/// Which chunks need which shared file, as wasm-split-cli notes it in the loader that it writes:
/// their names stand in a comment before each.
fn users_of(script: &str) -> BTreeMap<String, Vec<&str>> {
    let mut users = BTreeMap::new();
    let mut lines = script.lines().peekable();
    while let Some(line) = lines.next() {
        let names = line
            .strip_prefix("/* ")
            .and_then(|line| line.strip_suffix(" */"));
        let next = lines.peek().and_then(|next| next.strip_prefix("const __"));
        let chunk = next.and_then(|next| next.split_whitespace().next());
        if let (Some(names), Some(chunk)) = (names, chunk) {
            users.insert(format!("{chunk}.wasm"), names.split(", ").collect());
        }
    }
    users
}

/// The text of a module that hands on what the first chunk imports.
fn imports_of_first(cut: &Path, tools: &Tools) -> Result<String> {
    let first = cut.join(format!("split_{FIRST}.wasm"));
    let text = process::answer(process::command(tools.binaryen.join("wasm-dis")).arg(&first))
        .context("wasm-dis cannot read the first chunk.")?;
    hub_text(&text)
}

/// Makes one file of what is shared, and of the chunk that it belongs to, if to one.
fn merge(
    cut: &Path,
    imports: &str,
    chunk: Option<&str>,
    shared: &[String],
    name: &str,
    tools: &Tools,
) -> Result<()> {
    let hub = cut.join("hub.wat");
    fs::write(&hub, imports)?;
    let merged = cut.join("merged.wasm");
    let mut command = process::command(tools.binaryen.join("wasm-merge"));
    command
        .args(FEATURES)
        .args([&hub.display().to_string(), IMPORTED_FROM]);
    if let Some(chunk) = chunk {
        let file = cut.join(format!("split_{chunk}.wasm"));
        command.args([&file.display().to_string(), chunk]);
    }
    for name in shared {
        command.args([&cut.join(name).display().to_string(), name]);
    }
    command.arg("-o").arg(&merged);
    run(&mut command)?;
    fs::rename(merged, cut.join(format!("split_{name}.wasm")))?;
    Ok(())
}

/// The module from which chunks import memory, table and stack pointer.
const IMPORTED_FROM: &str = "__wasm_split";

/// A module that hands on what the chunks import. Merged with them, it gives all of them the
/// same import in place of one each: a module with several memories is more than most browsers
/// take.
fn hub_text(chunk: &str) -> Result<String> {
    let mut lines = String::from("(module\n");
    let prefix = format!("(import \"{IMPORTED_FROM}\" \"");
    for line in chunk.lines() {
        let Some(rest) = line.trim().strip_prefix(&prefix) else {
            continue;
        };
        let (name, kind) = rest
            .split_once("\" (")
            .context("An import of a chunk cannot be read.")?;
        let mut words = kind.split_whitespace();
        let (Some(what), Some(id)) = (words.next(), words.next()) else {
            bail!("An import of a chunk has no name.");
        };
        lines.push_str(&format!("  (import \"app\" \"{name}\" ({kind}\n"));
        lines.push_str(&format!("  (export \"{name}\" ({what} {id}))\n"));
    }
    lines.push_str(")\n");
    Ok(lines)
}

/// Shrinks files, one for each processor at a time: wasm-opt itself uses one.
fn shrink_all(files: &[(PathBuf, PathBuf)], tools: &Tools) -> Result<()> {
    let next = AtomicUsize::new(0);
    let some = || -> Result<()> {
        while let Some((file, to)) = files.get(next.fetch_add(1, Ordering::Relaxed)) {
            shrink(file, to, tools)?;
        }
        Ok(())
    };
    let processors = thread::available_parallelism().map_or(1, NonZero::get);
    thread::scope(|scope| {
        let running: Vec<_> = (0..processors).map(|_| scope.spawn(some)).collect();
        let mut ended = running.into_iter().map(|thread| thread.join());
        ended.try_for_each(|ended| ended.expect("it does not panic"))
    })
}

fn shrink(file: &Path, to: &Path, tools: &Tools) -> Result<()> {
    let mut command = process::command(tools.binaryen.join("wasm-opt"));
    command
        .args(["-Oz", "--strip-debug", "--strip-producers"])
        .args(FEATURES)
        .arg(file)
        .arg("-o")
        .arg(to);
    process::run_logged(&mut command, &to.with_extension("log"))
}

/// The loader of the chunks, with their addresses relative to the program's JavaScript.
pub fn loader(addresses: &[(String, String)], needs: &Needs) -> String {
    let quoted: Vec<String> = addresses
        .iter()
        .map(|(name, address)| format!("{name}: \"./{address}\""))
        .collect();
    let needs: Vec<String> = needs
        .iter()
        .map(|(name, files)| format!("{name}: {:?}", Vec::from_iter(files)))
        .collect();
    let mut text = include_str!("chunks.js")
        .replace("ADDRESSES", &format!("{{ {} }}", quoted.join(", ")))
        .replace("NEEDS", &format!("{{ {} }}", needs.join(", ")))
        .replace("FIRST", &format!("\"{FIRST}\""))
        .replace("LISTS", &format!("\"{LISTS}\""));
    let is_shared = |name: &str| SHARED.iter().any(|file| file.name == name);
    for (name, _) in addresses.iter().filter(|(name, _)| !is_shared(name)) {
        text.push_str(&format!(
            "export const __wasm_split_load_{name} = loader(\"{name}\");\n"
        ));
    }
    text
}

/// Where the program's JavaScript imports the loader from.
pub const LOADER: &str = "__wasm_split.js";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hub_hands_on_what_is_imported() {
        let chunk = "(module\n (type $0 (func))\n \
                     (import \"__wasm_split\" \"memory\" (memory $m0 19))\n \
                     (import \"__wasm_split\" \"__stack\" (global $g0 (mut i32)))\n)";
        assert_eq!(
            hub_text(chunk).unwrap(),
            "(module\n  \
             (import \"app\" \"memory\" (memory $m0 19))\n  \
             (export \"memory\" (memory $m0))\n  \
             (import \"app\" \"__stack\" (global $g0 (mut i32)))\n  \
             (export \"__stack\" (global $g0))\n)\n"
        );
    }

    #[test]
    fn who_shares_what() {
        let script = "function x() {}\n/* inside, media */\nconst __chunk_13 = makeLoad(() => {\n\
                      }, []);\n/* media, user */\nconst __chunk_2 = makeLoad(() => {\n";
        let users = users_of(script);
        assert_eq!(users["chunk_13.wasm"], ["inside", "media"]);
        assert_eq!(users["chunk_2.wasm"], ["media", "user"]);
    }

    #[test]
    fn what_is_shared_comes_with_those_who_need_it() {
        let users = BTreeMap::from([
            ("a".to_owned(), vec!["rooms", "user", "users"]),
            ("b".to_owned(), vec!["blocked_rooms", "rooms"]),
            ("c".to_owned(), vec!["statistics", "users"]),
            ("d".to_owned(), vec!["room", "user"]),
            ("e".to_owned(), vec!["oauth", "rooms"]),
            ("f".to_owned(), vec!["reports", "rooms"]),
            ("g".to_owned(), vec!["import_users", "old_imports"]),
        ]);
        let (files, needs) = sorted_out(users.keys().cloned().collect(), &users);
        let named = |file: &str| files[file].concat();
        assert_eq!(named(LISTS), "af");
        assert_eq!(named("of_rooms"), "b");
        assert_eq!(named("of_users"), "c");
        assert_eq!(named("of_things"), "d");
        assert_eq!(named("beside_login"), "e");
        assert_eq!(named("of_imports"), "g");
        assert_eq!(
            Vec::from_iter(&needs["users"]),
            [LISTS, "of_users"].each_ref()
        );
        assert_eq!(Vec::from_iter(&needs["oauth"]), ["beside_login"].each_ref());
    }

    #[test]
    fn every_chunk_has_a_loader() {
        let addresses = [
            ("inside".to_owned(), "inside-1.wasm".to_owned()),
            ("media".to_owned(), "media-2.wasm".to_owned()),
        ];
        let needs = Needs::from([("media".to_owned(), BTreeSet::from([LISTS, "of_things"]))]);
        let text = loader(&addresses, &needs);
        assert!(text.contains("const shared = { media: [\"lists\", \"of_things\"] };"));
        assert!(text.contains("{ inside: \"./inside-1.wasm\", media: \"./media-2.wasm\" }"));
        assert!(text.contains("export const __wasm_split_load_media = loader(\"media\");"));
        for name in ["ADDRESSES", "FIRST", "LISTS", "NEEDS"] {
            assert!(!text.contains(name));
        }
    }
}
