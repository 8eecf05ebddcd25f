//! Makes the release bundle: Trunk with our tools, then [`finish`].

use crate::split::{self, Tools};
use crate::tools::{Installation, UnderWay};
use crate::{finish, process, root, tools};
use anyhow::{Context, Result, bail};
use sha2::{Digest, Sha256};
use std::env;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::time::Instant;

/// What the bundle is made of, relative to the checkout.
const INPUTS: [&str; 10] = [
    "Cargo.lock",
    "Cargo.toml",
    "Trunk.toml",
    "assets",
    "build.rs",
    "index.html",
    "rust-toolchain.toml",
    "src",
    "style",
    "view",
];

/// Where the release bundle is: a folder that is empty before [`ready`] has made it once.
///
/// # Errors
/// When it cannot be written.
pub fn folder() -> Result<PathBuf> {
    let folder = root().join("target/bundle");
    fs::create_dir_all(&folder)
        .with_context(|| format!("Cannot create the folder {}.", folder.display()))?;
    Ok(folder)
}

/// The release bundle, built if anything changed since it was built last: its folder. Safe to
/// call from several programs at once.
///
/// # Errors
/// When a tool cannot be installed, or the bundle cannot be built.
pub fn ready() -> Result<PathBuf> {
    let target = root().join("target");
    let folder = folder()?;
    let lock = File::create(target.join("bundle.lock")).context("Cannot write into target/.")?;
    lock.lock().context("Cannot lock target/bundle.lock.")?;
    // Beside the folder, because everything in it is shipped.
    let stamp = target.join("bundle.stamp");
    let wanted = fingerprint(&root())?;
    if fs::read_to_string(&stamp).is_ok_and(|found| found == wanted)
        && folder.join("index.html").is_file()
    {
        return Ok(folder);
    }
    let fresh = target.join("bundle.new");
    remove(&fresh)?;
    build(&fresh)?;
    remove(&folder)?;
    fs::rename(&fresh, &folder)?;
    fs::write(stamp, wanted)?;
    Ok(folder)
}

fn build(folder: &Path) -> Result<()> {
    tools::wasm_target()?;
    // The compiler ends on one processor, for a minute: that is when the tools are compiled.
    let side_by_side: Vec<Installation> = vec![
        Box::new(compile),
        Box::new(|| tools::trunk().map(drop)),
        Box::new(|| tools::wasm_bindgen().map(drop)),
        Box::new(|| tools::wasm_split().map(drop)),
        Box::new(|| {
            tools::wasm_opt()?;
            tools::esbuild().map(drop)
        }),
    ];
    tools::together(side_by_side)?;
    let splitting = Tools {
        wasm_split: tools::wasm_split()?,
        wasm_bindgen: tools::wasm_bindgen()?,
        binaryen: tools::wasm_opt()?,
    };
    let programs = [tools::trunk()?, splitting.wasm_bindgen.clone()];
    let esbuild = tools::esbuild()?.join("esbuild");
    let begun = Instant::now();
    eprintln!("Making the release bundle of it, about a minute …");
    let mut trunk = process::command("trunk");
    trunk
        .current_dir(root())
        .env("PATH", process::path_with(&programs)?)
        .env("CARGO_TARGET_DIR", root().join("target"))
        .env("CARGO_ENCODED_RUSTFLAGS", compiler_flags()?)
        // Trunk insists on true or false here.
        .env_remove("NO_COLOR")
        .args(["build", "--release", "--features", "split", "--dist"])
        .arg(folder);
    process::run(&mut trunk).context("Trunk could not build the bundle.")?;
    let target = root().join("target");
    let linked = target.join("wasm32-unknown-unknown/release/synapse-admin.wasm");
    let program = split::split(&linked, &target.join("split"), &splitting)
        .context("The program could not be split.")?;
    finish::finish(folder, &program, &esbuild).context("The bundle could not be finished.")?;
    eprintln!("The bundle is made after {} s.", begun.elapsed().as_secs());
    Ok(())
}

/// Compiles the program as Trunk is going to, so that Trunk finds it compiled.
fn compile() -> Result<()> {
    const TARGET: &str = "wasm32-unknown-unknown";
    let log = tools::cache()?.join("fetch.log");
    let mut fetch = process::cargo();
    fetch
        .current_dir(root())
        .args(["fetch", "--locked", "--target", TARGET]);
    process::run_logged(&mut fetch, &log).context("Cannot get the crates that the app uses.")?;
    let app = UnderWay::begin("Compiling", "the app", "3 or 4 minutes if it is new");
    let mut cargo = process::cargo();
    cargo
        .current_dir(root())
        .env("CARGO_TARGET_DIR", root().join("target"))
        .env("CARGO_ENCODED_RUSTFLAGS", compiler_flags()?)
        .args(["build", "--quiet", "--release", "--features", "split"])
        .args(["--locked", "--package", "synapse-admin", "--target", TARGET]);
    process::run(&mut cargo).context("The app could not be compiled.")?;
    eprintln!("The app is compiled after {} s.", app.seconds());
    Ok(())
}

/// Compiler flags that make the program fit for splitting.
fn compiler_flags() -> Result<String> {
    let mut flags = remapped()?;
    flags.push(split::LINK_ARGUMENT.to_owned());
    // The separator that `CARGO_ENCODED_RUSTFLAGS` asks for.
    Ok(flags.join("\u{1f}"))
}

/// Compiler flags that keep this machine's folders out of a program, so that a checkout gives the
/// same bytes wherever it lies.
pub(crate) fn remapped() -> Result<Vec<String>> {
    let home = match env::var_os("CARGO_HOME") {
        Some(home) => PathBuf::from(home),
        None => PathBuf::from(env::var_os("HOME").unwrap_or_default()).join(".cargo"),
    };
    let mut flags = vec![format!("--remap-path-prefix={}=/app", root().display())];
    // One folder per registry, named after where it was fetched from.
    if let Ok(registries) = fs::read_dir(home.join("registry/src")) {
        for registry in registries {
            flags.push(format!(
                "--remap-path-prefix={}=/crates",
                registry?.path().display()
            ));
        }
    }
    flags.sort();
    Ok(flags)
}

/// Changes whenever the bundle would.
fn fingerprint(root: &Path) -> Result<String> {
    let mut files = Vec::new();
    for input in INPUTS {
        collect(&root.join(input), &mut files)?;
    }
    files.sort();
    let mut hash = Sha256::new();
    let rustc = tools::rustc_version()?;
    let own = [
        rustc.as_str(),
        tools::TRUNK,
        tools::BINARYEN,
        tools::ESBUILD,
        tools::WASM_SPLIT,
        include_str!("bundle.rs"),
        include_str!("chunks.js"),
        include_str!("finish.rs"),
        include_str!("split.rs"),
        include_str!("../wasm-bindgen/main.rs"),
        include_str!("../wasm-bindgen/Cargo.lock"),
    ];
    for text in own {
        part(&mut hash, text.as_bytes());
    }
    for file in files {
        let name = file.strip_prefix(root).unwrap_or(&file);
        part(&mut hash, name.as_os_str().as_encoded_bytes());
        let content =
            fs::read(&file).with_context(|| format!("Cannot read {}.", file.display()))?;
        part(&mut hash, &content);
    }
    Ok(format!("{:x}", hash.finalize()))
}

/// With its length in front, so that the border between two parts counts.
fn part(hash: &mut Sha256, bytes: &[u8]) {
    hash.update((bytes.len() as u64).to_le_bytes());
    hash.update(bytes);
}

/// All files at or below a path.
pub(crate) fn collect(path: &Path, files: &mut Vec<PathBuf>) -> Result<()> {
    if path.is_dir() {
        for entry in fs::read_dir(path)? {
            collect(&entry?.path(), files)?;
        }
    } else if path.exists() {
        files.push(path.to_owned());
    } else {
        bail!("{} is missing.", path.display());
    }
    Ok(())
}

/// Removes a folder if it is there.
pub(crate) fn remove(folder: &Path) -> Result<()> {
    if folder.exists() {
        fs::remove_dir_all(folder)
            .with_context(|| format!("Cannot remove {}.", folder.display()))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn checkout() -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        for input in INPUTS {
            let path = folder.path().join(input);
            if input.contains('.') {
                fs::write(path, input).unwrap();
            } else {
                fs::create_dir(&path).unwrap();
                fs::write(path.join("a"), "1").unwrap();
            }
        }
        folder
    }

    #[test]
    fn the_packages_that_it_is_made_of_are_among_its_inputs() {
        let manifest = fs::read_to_string(root().join("Cargo.toml")).unwrap();
        let ours = manifest.split("path = \"").skip(1);
        let ours: Vec<&str> = ours.filter_map(|after| after.split('"').next()).collect();
        assert!(!ours.is_empty());
        for folder in ours {
            assert!(INPUTS.contains(&folder), "{folder}");
        }
    }

    #[test]
    fn the_fingerprint_follows_names_and_contents() {
        let folder = checkout();
        let before = fingerprint(folder.path()).unwrap();
        assert_eq!(before, fingerprint(folder.path()).unwrap());
        fs::write(folder.path().join("style/a"), "2").unwrap();
        let changed = fingerprint(folder.path()).unwrap();
        assert_ne!(before, changed);
        fs::rename(folder.path().join("style/a"), folder.path().join("style/b")).unwrap();
        assert_ne!(changed, fingerprint(folder.path()).unwrap());
    }

    #[test]
    fn the_fingerprint_does_not_depend_on_the_place() {
        assert_eq!(
            fingerprint(checkout().path()).unwrap(),
            fingerprint(checkout().path()).unwrap()
        );
    }

    #[test]
    fn a_missing_input_is_named() {
        let folder = checkout();
        fs::remove_file(folder.path().join("index.html")).unwrap();
        let error = fingerprint(folder.path()).unwrap_err().to_string();
        assert!(error.contains("index.html"), "{error}");
    }
}
