//! The program of the image: run as a container engine would run it, and run by Docker itself.

use super::docker::Docker;
use super::web::{GUARDS, Web, program_of};
use crate::dist::image::{FILES, Machine, PROGRAM};
use crate::{process, synapse};
use anyhow::{Context, Result, ensure};
use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

/// The image's program, running. It stops when dropped.
pub struct Running {
    web: Web,
    /// Where the panel is.
    path: String,
    config: PathBuf,
}

impl Running {
    /// Starts it as a container engine would: as nobody, with the image's file system as its own
    /// where we may do that; and for another machine, by an emulator.
    pub fn start(machine: Machine, folder: &Path) -> Result<Running> {
        let port = synapse::free_port()?;
        let path = "/synapse-admin/".to_owned();
        let config = folder.join("etc/synapse-admin/config.json");
        let emulator = process::find("qemu-aarch64-static").context("There is no emulator.")?;
        let is_root = process::is_root();
        let program = format!("/{PROGRAM}");
        let mut command = if is_root {
            let mut chroot = process::command("chroot");
            chroot.arg("--userspec=65534:65534").arg(folder);
            if machine == Machine::Arm64 {
                fs::copy(&emulator, folder.join("emulator"))?;
                chroot.arg("/emulator");
            }
            chroot.arg(&program);
            chroot
        } else {
            let mut command = if machine == Machine::Arm64 {
                let mut command = process::command(emulator);
                command.arg(folder.join(PROGRAM));
                command
            } else {
                process::command(folder.join(PROGRAM))
            };
            command.arg("--root").arg(folder.join(FILES));
            command.arg("--config").arg(&config);
            command
        };
        command
            .args(["--address", "127.0.0.1", "--path", &path])
            .args(["--port", &port.to_string()]);
        Ok(Running {
            web: Web::start(&mut command, port)?,
            path,
            config,
        })
    }

    /// Has Docker run an image that it has loaded, with the configuration in a folder of `work`, and
    /// at another port than usual.
    pub fn in_docker(docker: &Docker, image: &str, work: &Path) -> Result<Running> {
        let port = synapse::free_port()?;
        let path = "/synapse-admin/".to_owned();
        let folder = work.join("configuration");
        fs::create_dir_all(&folder)?;
        let mounted = format!("{}:/etc/synapse-admin:ro", folder.display());
        let arguments = [image, "--port", "9000", "--path", &path];
        let mut run = docker.run((port, 9000), &["--volume".into(), mounted], &arguments);
        Ok(Running {
            web: Web::start(&mut run, port)?,
            path,
            config: folder.join("config.json"),
        })
    }

    /// The address of the panel.
    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}{}", self.web.port, self.path)
    }
}

/// Has Docker run the image with nothing but the settings that the documents name: it is healthy, and
/// pins the page to its homeserver.
pub fn works_as_it_comes(docker: &Docker, image: &str, files: &Path) -> Result<()> {
    let port = synapse::free_port()?;
    let set = "SYNAPSE_ADMIN_HOMESERVERS=https://matrix.example.org https://example.org";
    let mut run = docker.run((port, 8080), &["--env".into(), set.into()], &[image]);
    let web = Web::start(&mut run, port)?;
    let pinned = "connect-src 'self' https://matrix.example.org https://example.org";
    let page = web.has("/", "", 200, &[pinned])?;
    ensure!(page == fs::read(files.join("index.html"))?);
    docker.is_healthy()
}

/// What a running image answers: health, the files, their headers, and the configuration.
pub fn answers(running: &Running, files: &Path) -> Result<()> {
    let has = |path: &str, more: &str, status: u16, headers: &[&str]| {
        running.web.has(path, more, status, headers)
    };
    has("/health", "", 200, &[])?;
    has("/", "", 404, &[])?;
    has("/synapse-admin", "", 308, &["location: /synapse-admin/\r"])?;
    let page = has("/synapse-admin/", "", 200, &GUARDS)?;
    ensure!(page == fs::read(files.join("index.html"))?);
    let hashed = program_of(files)?;
    for (encoding, ending) in [("br", ".br"), ("gzip", ".gz")] {
        let body = has(
            &format!("/synapse-admin/{hashed}"),
            &format!("accept-encoding: {encoding}\r\n"),
            200,
            &[
                &format!("content-encoding: {encoding}"),
                "content-type: application/wasm",
                "cache-control: public, max-age=31536000, immutable",
                "vary: accept-encoding",
            ],
        )?;
        ensure!(body == fs::read(files.join(format!("{hashed}{ending}")))?);
    }
    let config = "/synapse-admin/config.json";
    has(config, "", 404, &[])?;
    for edited in ["{}", "{ \"menu\": [] }"] {
        fs::write(&running.config, edited)?;
        let body = has(config, "accept-encoding: br\r\n", 200, &GUARDS)?;
        ensure!(
            body == edited.as_bytes(),
            "an edited config.json takes no effect"
        );
    }
    // One that cannot be read keeps people out.
    fs::remove_file(&running.config)?;
    fs::create_dir(&running.config)?;
    has(config, "", 500, &[])?;
    fs::remove_dir(&running.config)?;
    Ok(())
}

/// Whether nothing beside the panel's files is served, also where a link among them leads there.
pub fn keeps_to_itself(running: &Running, files: &Path) -> Result<()> {
    let link = files.join("link.txt");
    symlink(format!("/{PROGRAM}"), &link)?;
    running.web.has("/synapse-admin/link.txt", "", 404, &[])?;
    fs::remove_file(&link)?;
    Ok(())
}
