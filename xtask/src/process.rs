//! Running other programs.
//!
//! What they print goes to standard error or to a log, never to standard output, which is kept
//! for what the command itself answers. When we are told to stop (Ctrl-C, SIGTERM), the program
//! that is running is stopped first, with everything that it started; so is each of several.

use anyhow::{Context, Result, bail};
use nix::sys::signal::{Signal, killpg};
use nix::unistd::{Pid, geteuid};
use std::ffi::OsStr;
use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Once;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};
use std::{env, thread};

static STOPPING: AtomicBool = AtomicBool::new(false);
static HANDLER: Once = Once::new();

/// How often a running program and the wish to stop are looked at.
const BEAT: Duration = Duration::from_millis(50);

/// How long a program may take to stop after being asked to.
const GRACE: Duration = Duration::from_secs(10);

/// From now on Ctrl-C, SIGTERM and SIGHUP do not kill this program; they make
/// [`stopping`] true.
pub fn stop_on_signals() {
    HANDLER.call_once(|| {
        // Fails only when a handler is there already.
        let _ = ctrlc::set_handler(|| STOPPING.store(true, Ordering::SeqCst));
    });
}

/// Whether we were told to stop.
pub fn stopping() -> bool {
    STOPPING.load(Ordering::SeqCst)
}

/// Makes [`stopping`] true, as a signal would: what runs beside something that has failed ends.
pub fn stop_all() {
    STOPPING.store(true, Ordering::SeqCst);
}

/// An error when we were told to stop: for use between two steps.
pub fn check_stopping() -> Result<()> {
    if stopping() {
        bail!("Stopped before it was done.");
    }
    Ok(())
}

/// A command that does not inherit what `cargo run` told us about our own package. Some build
/// scripts watch these variables and would run again for nothing.
pub fn command(program: impl AsRef<OsStr>) -> Command {
    let mut command = Command::new(program);
    for (name, _) in env::vars_os() {
        let text = name.to_string_lossy();
        if text.starts_with("CARGO_PKG_") || text.starts_with("CARGO_MANIFEST_") {
            command.env_remove(&name);
        }
    }
    command.stdin(Stdio::null());
    command
}

/// Whether this program may do everything on this machine.
pub fn is_root() -> bool {
    geteuid().is_root()
}

/// The cargo that runs us.
pub fn cargo() -> Command {
    command(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
}

/// Runs a command whose output the person may watch. Fails when the program does.
pub fn run(command: &mut Command) -> Result<()> {
    command.stdout(io::stderr());
    finish(command).and_then(|success| match success {
        true => Ok(()),
        false => bail!("`{}` failed, see above.", shown(command)),
    })
}

/// Runs a command as part of our own answer: it keeps our standard output. Tells whether it
/// succeeded.
pub fn run_in_front(command: &mut Command) -> Result<bool> {
    finish(command)
}

/// The same, and what it printed to standard output.
pub fn run_overheard(command: &mut Command) -> Result<(bool, String)> {
    let (mut reader, writer) = io::pipe()?;
    command.stdout(writer);
    let listener = thread::spawn(move || -> io::Result<Vec<u8>> {
        let (mut heard, mut some) = (Vec::new(), [0; 4096]);
        loop {
            let count = reader.read(&mut some)?;
            if count == 0 {
                return Ok(heard);
            }
            heard.extend_from_slice(&some[..count]);
            let mut out = io::stdout().lock();
            out.write_all(&some[..count])?;
            out.flush()?;
        }
    });
    let success = finish(command);
    // The listener hears until nobody can write any more, and the command still could.
    command.stdout(Stdio::inherit());
    let heard = listener.join().expect("it only reads and writes")?;
    Ok((success?, String::from_utf8_lossy(&heard).into_owned()))
}

/// Runs a command with its output going to a log file. When it fails, the answer carries what
/// it said last.
pub fn run_logged(command: &mut Command, log: &Path) -> Result<()> {
    let file = File::create(log).with_context(|| format!("Cannot write {}.", log.display()))?;
    let copy = file.try_clone()?;
    command.stdout(file).stderr(copy);
    if finish(command)? {
        return Ok(());
    }
    let text = fs::read_to_string(log).unwrap_or_default();
    bail!("{}", diagnosis(&shown(command), &text, log))
}

/// What a program prints to standard output, trimmed; `None` when it is missing or fails.
pub fn answer(command: &mut Command) -> Option<String> {
    let output = command.stderr(Stdio::null()).output().ok()?;
    let text = String::from_utf8_lossy(&output.stdout).trim().to_owned();
    output.status.success().then_some(text)
}

/// The full path of a program that is on the PATH.
pub fn find(program: &str) -> Option<PathBuf> {
    env::split_paths(&env::var_os("PATH")?)
        .map(|folder| folder.join(program))
        .find(|path| path.is_file())
}

/// The PATH with some folders in front.
pub fn path_with(folders: &[PathBuf]) -> Result<std::ffi::OsString> {
    let old = env::var_os("PATH").unwrap_or_default();
    let all = folders.iter().cloned().chain(env::split_paths(&old));
    Ok(env::join_paths(all)?)
}

/// Stops a program that was started in a process group of its own, with everything it started:
/// asks first, insists after some seconds.
pub fn stop(child: &mut Child) {
    stop_within(GRACE, child);
}

/// Does what [`stop`] does, and insists only after `grace`: for what may take longer than usual.
pub fn stop_within(grace: Duration, child: &mut Child) {
    let Ok(id) = i32::try_from(child.id()) else {
        return;
    };
    if matches!(child.try_wait(), Ok(Some(_))) {
        return;
    }
    let group = Pid::from_raw(id);
    // Both fail only when the group is gone, which is what we want.
    let _ = killpg(group, Signal::SIGTERM);
    let asked = Instant::now();
    while asked.elapsed() < grace {
        if matches!(child.try_wait(), Ok(Some(_)) | Err(_)) {
            return;
        }
        thread::sleep(BEAT);
    }
    let _ = killpg(group, Signal::SIGKILL);
    let _ = child.wait();
}

fn finish(command: &mut Command) -> Result<bool> {
    if HANDLER.is_completed() {
        // A group of its own, so that we can stop it with its children. Without our handler
        // the terminal does that.
        command.process_group(0);
    }
    let mut child = command
        .spawn()
        .with_context(|| format!("Cannot start `{}`.", shown(command)))?;
    loop {
        if let Some(status) = child.try_wait()? {
            return Ok(status.success());
        }
        if stopping() {
            stop(&mut child);
            check_stopping()?;
        }
        thread::sleep(BEAT);
    }
}

fn shown(command: &Command) -> String {
    let program = Path::new(command.get_program())
        .file_name()
        .unwrap_or(command.get_program())
        .to_string_lossy()
        .into_owned();
    command.get_args().fold(program, |mut text, argument| {
        text.push(' ');
        text.push_str(&argument.to_string_lossy());
        text
    })
}

/// What a failed program's log says to the person.
fn diagnosis(command: &str, log: &str, path: &Path) -> String {
    const NO_NETWORK: [&str; 11] = [
        "Could not resolve host",
        "Couldn't resolve host",
        "Temporary failure in name resolution",
        "Name or service not known",
        "Failed to establish a new connection",
        "Couldn't connect to server",
        "ENOTFOUND",
        "EAI_AGAIN",
        "ECONNREFUSED",
        "ETIMEDOUT",
        "Network is unreachable",
    ];
    if NO_NETWORK.iter().any(|sign| log.contains(sign)) {
        return format!(
            "`{command}` could not reach the network. Connect to the internet (or set the \
             proxy variables) and run this again; what is installed already is kept. The log \
             is in {}.",
            path.display()
        );
    }
    if log.contains("No matching distribution found") && !log.contains("(from versions: none)") {
        return format!(
            "This version does not exist, or not for this Python. The log is in {}.",
            path.display()
        );
    }
    let lines: Vec<&str> = log.lines().filter(|line| !line.trim().is_empty()).collect();
    let last = lines[lines.len().saturating_sub(12)..].join("\n  ");
    format!(
        "`{command}` failed. The whole log is in {}; it ends with:\n  {last}",
        path.display()
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn failures_are_told_apart() {
        let log = Path::new("/tmp/x.log");
        let offline = diagnosis("npm i x", "npm error code EAI_AGAIN\n", log);
        assert!(offline.contains("could not reach the network"), "{offline}");
        let unknown = "(from versions: 1.0, 1.1)\nERROR: No matching distribution found for x==9";
        assert!(diagnosis("pip", unknown, log).contains("does not exist"));
        let other = diagnosis("npm i x", "one\n\ntwo\n", log);
        assert!(other.ends_with("one\n  two"), "{other}");
    }

    #[test]
    fn commands_are_shown_by_name() {
        let mut command = Command::new("/usr/bin/env");
        command.args(["a", "b"]);
        assert_eq!(shown(&command), "env a b");
    }

    #[test]
    fn an_answer_needs_success() {
        assert_eq!(
            answer(Command::new("sh").args(["-c", "echo hi"])),
            Some("hi".to_owned())
        );
        assert_eq!(
            answer(Command::new("sh").args(["-c", "echo hi; false"])),
            None
        );
        assert_eq!(answer(&mut Command::new("/no/such/program")), None);
    }
}
