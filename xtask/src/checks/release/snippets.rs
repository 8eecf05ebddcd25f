//! The package's snippets, in Debian's nginx and Apache.

use super::output;
use super::web::{GUARDS, Web, program_of};
use crate::web_servers::{self, WebServers};
use crate::{process, root, synapse};
use anyhow::{Context, Result, ensure};
use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::Command;

/// Makes the command that serves the system's package, with a folder for what else it needs.
type Server = fn(&WebServers, &Path, &Path, u16) -> Result<Command>;

/// A form in which files are served, and how their names end in it.
type Encoding = (&'static str, &'static str);

const GZIP: Encoding = ("gzip", ".gz");

/// Serves the package that is installed in the folder `system` by each, and has the panel opened.
pub fn check(system: &Path, work: &Path, opens: impl Fn(&str) -> Result<()>) -> Result<()> {
    let share = system.join("usr/share");
    let files = share.join("synapse-admin");
    // The package's link leads to the real system's configuration.
    let config = files.join("config.json");
    ensure!(fs::read_link(&config)? == Path::new("/etc/synapse-admin/config.json"));
    fs::remove_file(&config)?;
    symlink(system.join("etc/synapse-admin/config.json"), &config)?;
    let programs = web_servers::ready()?;
    // nginx knows Brotli by a module of its own only.
    let servers: [(Server, &[Encoding]); 2] = [(nginx, &[GZIP]), (apache, &[("br", ".br"), GZIP])];
    for (server, encodings) in servers {
        let port = synapse::free_port()?;
        let web = Web::start(&mut server(&programs, system, work, port)?, port)?;
        served(&web, &files, encodings)?;
        opens(&format!("http://127.0.0.1:{port}/synapse-admin/"))?;
        // No file decides nothing; any other answer would let nobody sign in.
        let decided = system.join("etc/synapse-admin/config.json");
        let content = fs::read(&decided)?;
        fs::remove_file(&decided)?;
        web.has("/synapse-admin/config.json", "", 404, &[])?;
        fs::write(&decided, content)?;
    }
    one_host_alone(&programs, system, work)
}

/// Whoever has put it into one virtual host of Apache, by the line of `docs/install.md`, keeps an Apache
/// that starts when the package is purged.
fn one_host_alone(programs: &WebServers, system: &Path, work: &Path) -> Result<()> {
    let guide = fs::read_to_string(root().join("docs/install.md"))?;
    let mut codes = guide.split('`').skip(1).step_by(2);
    let line = codes.find(|code| code.starts_with("Include"));
    let line = line.context("docs/install.md has no line for one virtual host")?;
    let (server, modules) = (system.join("etc/apache2"), modules(programs));
    let file = work.join("one-host.conf");
    let text = format!(
        "{modules}ServerRoot {}\nErrorLog {}/one-host.log\nServerName localhost\nListen 127.0.0.1:{}\n\
         <VirtualHost *>\n{line}\n</VirtualHost>\n",
        server.display(),
        work.display(),
        synapse::free_port()?
    );
    fs::write(&file, text)?;
    let starts = || {
        let mut apache = process::command(&programs.apache);
        output(apache.args(["-t", "-D", "DUMP_INCLUDES", "-f"]).arg(&file))
    };
    let snippet = server.join("conf-available/synapse-admin.conf");
    let says = starts()?;
    ensure!(
        says.contains(&*snippet.to_string_lossy()),
        "{line} does not find the snippet: {says}"
    );
    let content = fs::read(&snippet)?;
    fs::remove_file(&snippet)?;
    let without = starts();
    fs::write(&snippet, content)?;
    without.map(drop)
}

/// The snippet, with the folder of the system in which it is installed.
fn snippet(system: &Path, path: &str) -> Result<String> {
    let text = fs::read_to_string(system.join(path))?;
    let there = |folder: &str| system.join(&folder[1..]).to_string_lossy().into_owned();
    let text = text.replace("/usr/share", &there("/usr/share"));
    Ok(text.replace("/etc/synapse-admin", &there("/etc/synapse-admin")))
}

fn nginx(programs: &WebServers, system: &Path, work: &Path, port: u16) -> Result<Command> {
    let snippet = snippet(system, "etc/nginx/snippets/synapse-admin.conf")?;
    let user = if process::is_root() {
        "user nobody nogroup;"
    } else {
        ""
    };
    let folder = work.display();
    let temporary: String = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
        .map(|name| format!("    {name}_temp_path {folder}/nginx-{name};\n"))
        .concat();
    let types = programs.nginx_types.display();
    let file = work.join("nginx.conf");
    let text = format!(
        "{user}\ndaemon off;\npid {folder}/nginx.pid;\nerror_log {folder}/nginx.log;\nevents {{}}\n\
         http {{\n    include {types};\n    access_log off;\n{temporary}\
         server {{\n    listen 127.0.0.1:{port};\n{snippet}\n}}\n}}\n"
    );
    fs::write(&file, text)?;
    let mut nginx = process::command(&programs.nginx);
    nginx.arg("-p").arg(work).arg("-c").arg(file);
    Ok(nginx)
}

fn apache(programs: &WebServers, system: &Path, work: &Path, port: u16) -> Result<Command> {
    let snippet = snippet(system, "etc/apache2/conf-available/synapse-admin.conf")?;
    let user = if process::is_root() {
        "User nobody\nGroup nogroup\n"
    } else {
        ""
    };
    let (folder, modules) = (work.display(), modules(programs));
    let types = programs.types.display();
    let file = work.join("apache.conf");
    let text = format!(
        "{modules}{user}ServerRoot {folder}\nServerName localhost\nListen 127.0.0.1:{port}\n\
         PidFile {folder}/apache.pid\nErrorLog {folder}/apache.log\nTypesConfig {types}\n\
         {snippet}\n"
    );
    fs::write(&file, text)?;
    let mut apache = process::command(&programs.apache);
    apache.arg("-DFOREGROUND").arg("-f").arg(file);
    Ok(apache)
}

/// The lines with which Apache loads what the snippet needs.
fn modules(programs: &WebServers) -> String {
    let from = programs.apache_modules.display();
    [
        "mpm_event",
        "authz_core",
        "alias",
        "dir",
        "mime",
        "headers",
        "rewrite",
    ]
    .map(|name| format!("LoadModule {name}_module {from}/mod_{name}.so\n"))
    .concat()
}

fn served(web: &Web, files: &Path, encodings: &[Encoding]) -> Result<()> {
    let page = web.has("/synapse-admin/", "", 200, &GUARDS)?;
    ensure!(page == fs::read(files.join("index.html"))?);
    let config = web.has("/synapse-admin/config.json", "", 200, &GUARDS)?;
    ensure!(config == fs::read(files.join("config.json"))?);
    web.has("/synapse-admin/none", "", 404, &[])?;
    let program = format!("/synapse-admin/{}", program_of(files)?);
    let kept = [
        "cache-control: public, max-age=31536000, immutable",
        "content-type: application/wasm",
    ];
    web.has(&program, "", 200, &[&kept, &GUARDS[1..]].concat())?;
    for (index, (encoding, ending)) in encodings.iter().enumerate() {
        let says = format!("content-encoding: {encoding}");
        let headers = [kept[0], kept[1], &says, "vary: accept-encoding"];
        let refused: String = encodings[..index]
            .iter()
            .map(|(name, _)| format!("{name}; q=0, "))
            .collect();
        let taken = format!("accept-encoding: {refused}{encoding}\r\n");
        let compressed = web.has(&program, &taken, 200, &headers)?;
        let expected = fs::read(files.join(format!("{}{ending}", program_of(files)?)))?;
        ensure!(
            compressed == expected,
            "{program} is not served as {encoding}"
        );
    }
    // Without the slash it leads there, with 301 or 308 and with what a link has filled in.
    for query in ["", "?server=https://matrix.example.org"] {
        let bare = format!("/synapse-admin{query}");
        let target = format!("/synapse-admin/{query}\r");
        let moved = web.has(&bare, "", 308, &[&target]);
        moved.or_else(|_| web.has(&bare, "", 301, &[&target]))?;
    }
    Ok(())
}
