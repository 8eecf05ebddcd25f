//! A web server that runs, and what it answers.

use super::read;
use crate::process;
use anyhow::{Context, Result, ensure};
use std::io::{Read, Write};
use std::net::TcpStream;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, Command};
use std::thread;
use std::time::{Duration, Instant};

/// The headers of everything that may change, as an answer in small letters has them.
pub const GUARDS: [&str; 6] = [
    "cache-control: no-cache",
    "content-security-policy: frame-ancestors 'none'",
    "cross-origin-opener-policy: same-origin",
    "referrer-policy: no-referrer",
    "x-content-type-options: nosniff",
    "x-frame-options: deny",
];

/// How long a start may take, by an emulator too.
const START: Duration = Duration::from_secs(60);

/// A web server on 127.0.0.1. It stops when dropped.
pub struct Web {
    child: Child,
    /// Where it listens.
    pub port: u16,
}

impl Web {
    /// Starts it, and waits until it answers at all.
    pub fn start(command: &mut Command, port: u16) -> Result<Web> {
        let name = command.get_program().to_string_lossy().into_owned();
        let child = command.process_group(0).spawn();
        let child = child.with_context(|| format!("{name} cannot run."))?;
        let mut web = Web { child, port };
        let begun = Instant::now();
        while web.get("/", "").is_err() {
            let ended = web.child.try_wait()?;
            ensure!(ended.is_none(), "{name} has ended: {ended:?}");
            ensure!(begun.elapsed() < START, "{name} does not answer");
            thread::sleep(Duration::from_millis(50));
        }
        Ok(web)
    }

    /// Asks for a path: head, in small letters, and body of the answer.
    fn get(&self, path: &str, more: &str) -> Result<(String, Vec<u8>)> {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port))?;
        stream.set_read_timeout(Some(START))?;
        write!(
            stream,
            "GET {path} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n{more}\r\n"
        )?;
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer)?;
        let end = answer
            .windows(4)
            .position(|part| part == b"\r\n\r\n")
            .context("This is no answer.")?;
        let body = answer.split_off(end + 4);
        Ok((String::from_utf8_lossy(&answer).to_lowercase(), body))
    }

    /// Asks for a path and demands a status and headers: the body.
    pub fn has(&self, path: &str, more: &str, status: u16, headers: &[&str]) -> Result<Vec<u8>> {
        let (head, body) = self.get(path, more)?;
        let first = format!("http/1.1 {status} ");
        ensure!(head.starts_with(&first), "{path}: {head}");
        for header in headers {
            ensure!(head.contains(header), "{path} has no {header}: {head}");
        }
        Ok(body)
    }
}

impl Drop for Web {
    fn drop(&mut self) {
        process::stop(&mut self.child);
    }
}

/// The name of the program's file in a folder of the panel.
pub fn program_of(files: &Path) -> Result<String> {
    read(files)?
        .into_keys()
        .find(|name| name.starts_with("synapse-admin-") && name.ends_with(".wasm"))
        .context("There is no program.")
}
