//! The program of the container image.

use lexopt::prelude::*;
use std::ffi::{OsStr, OsString};
use std::io::{Read, Write};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpListener, TcpStream};
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;
use synapse_admin_server::{HEALTH, Limits, Panel, answer, serve};
use tokio::signal::unix::{SignalKind, signal};

const HELP: &str = "\
Serves Synapse Admin.

  --path PATH          Where the panel is, with a slash at both ends (/)
  --port N             The port (8080)
  --homeservers URLS   Pins the page to these, with spaces between them
  --address IP         Listens there only (all addresses)
  --config FILE        What is served as config.json; read anew for each request
                       (/etc/synapse-admin/config.json)
  --root FOLDER        The panel's files (/usr/share/synapse-admin)
  --check              Asks the server that runs here whether it works
  --version

The first three may also come from the environment: SYNAPSE_ADMIN_PATH,
SYNAPSE_ADMIN_PORT and SYNAPSE_ADMIN_HOMESERVERS. /health answers 200 at any
path. TLS is up to the proxy in front.
";

#[derive(Debug, PartialEq)]
struct Options {
    path: String,
    port: u16,
    homeservers: Option<String>,
    address: Option<IpAddr>,
    config: PathBuf,
    root: PathBuf,
}

#[derive(Debug, PartialEq)]
enum Wanted {
    Serve(Options),
    /// Whether the server that is reached there works; where nobody has said so, at the address of the
    /// one that runs here.
    Check {
        at: SocketAddr,
        is_said: bool,
    },
    Say(String),
}

/// With which arguments the first program of a container was started: the server, or what starts it.
const FIRST: &str = "/proc/1/cmdline";

fn main() -> ExitCode {
    let arguments = lexopt::Parser::from_env();
    let set = |name: &str| std::env::var(name).ok();
    let done = match wanted(arguments, set) {
        Ok(Wanted::Serve(options)) => run(&options),
        Ok(Wanted::Check { at, is_said }) => {
            let first = std::fs::read(FIRST).ok().filter(|_| !is_said);
            check(first.and_then(|line| running(&line, set)).unwrap_or(at))
        }
        Ok(Wanted::Say(text)) => {
            print!("{text}");
            Ok(())
        }
        Err(error) => Err(format!("{error}\n\n{HELP}")),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

/// What arguments and environment ask for.
fn wanted(
    mut arguments: lexopt::Parser,
    environment: impl Fn(&str) -> Option<String>,
) -> Result<Wanted, lexopt::Error> {
    let set = |name: &str| environment(name).filter(|value| !value.is_empty());
    let port = |text: &str| {
        let wrong = |_| format!("“{text}” is no port.");
        text.parse::<u16>().map_err(wrong)
    };
    // Kubernetes sets it to an address where a service has our name.
    let own_port = set("SYNAPSE_ADMIN_PORT").filter(|value| !value.starts_with("tcp://"));
    let mut options = Options {
        path: set("SYNAPSE_ADMIN_PATH").unwrap_or_else(|| "/".to_owned()),
        port: port(own_port.as_deref().unwrap_or("8080"))?,
        homeservers: set("SYNAPSE_ADMIN_HOMESERVERS"),
        address: None,
        config: PathBuf::from("/etc/synapse-admin/config.json"),
        root: PathBuf::from("/usr/share/synapse-admin"),
    };
    let (mut checks, mut is_said) = (false, false);
    let text = |value: OsString| value.string();
    while let Some(argument) = arguments.next()? {
        match argument {
            Long("path") => options.path = text(arguments.value()?)?,
            Long("port") => {
                options.port = port(&text(arguments.value()?)?)?;
                is_said = true;
            }
            Long("homeservers") => options.homeservers = Some(text(arguments.value()?)?),
            Long("address") => {
                options.address = Some(arguments.value()?.parse()?);
                is_said = true;
            }
            Long("config") => options.config = arguments.value()?.into(),
            Long("root") => options.root = arguments.value()?.into(),
            Long("check") => checks = true,
            Long("version") => {
                let version = env!("CARGO_PKG_VERSION");
                return Ok(Wanted::Say(format!("synapse-admin-server {version}\n")));
            }
            Short('h') | Long("help") => return Ok(Wanted::Say(HELP.to_owned())),
            other => return Err(other.unexpected()),
        }
    }
    Ok(if checks {
        Wanted::Check {
            at: options.reached_at(),
            is_said,
        }
    } else {
        Wanted::Serve(options)
    })
}

/// Where the server is reached that was started by the command line of a process, as the kernel tells it.
/// Whoever checks a container from within knows the image's arguments only.
fn running(line: &[u8], environment: impl Fn(&str) -> Option<String>) -> Option<SocketAddr> {
    let line = line.strip_suffix(b"\0").unwrap_or(line);
    let mut parts = line.split(|byte| *byte == 0).map(OsStr::from_bytes);
    let name = Some(OsStr::new(env!("CARGO_PKG_NAME")));
    parts.find(|part| Path::new(part).file_name() == name)?;
    match wanted(lexopt::Parser::from_args(parts), environment) {
        Ok(Wanted::Serve(options)) => Some(options.reached_at()),
        _ => None,
    }
}

impl Options {
    /// Where it answers on this machine.
    fn reached_at(&self) -> SocketAddr {
        let local = match self.address {
            Some(address) if !address.is_unspecified() => address,
            Some(IpAddr::V6(_)) => Ipv6Addr::LOCALHOST.into(),
            _ => Ipv4Addr::LOCALHOST.into(),
        };
        SocketAddr::new(local, self.port)
    }
}

fn run(options: &Options) -> Result<(), String> {
    let mut panel = Panel::new(&options.root, &options.path)?.with_config(options.config.clone());
    if let Some(servers) = &options.homeservers {
        panel = panel.with_homeservers(servers)?;
    }
    let listener = listen(options)?;
    let address = listener.local_addr().map_err(|e| e.to_string())?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| error.to_string())?;
    runtime.block_on(async {
        // The first program of a container ends by no signal that it does not ask for.
        let mut stop = signal(SignalKind::terminate()).map_err(|e| e.to_string())?;
        let mut interrupt = signal(SignalKind::interrupt()).map_err(|e| e.to_string())?;
        let listener = tokio::net::TcpListener::from_std(listener).map_err(|e| e.to_string())?;
        println!("Synapse Admin is at http://{address}{}", options.path);
        let stop = async {
            tokio::select! {
                _ = stop.recv() => {}
                _ = interrupt.recv() => {}
            }
        };
        serve(
            listener,
            move |request| answer(&panel, request),
            Limits::default(),
            stop,
        )
        .await;
        Ok(())
    })
}

/// Takes the port at all addresses, of both kinds where the machine has both.
fn listen(options: &Options) -> Result<TcpListener, String> {
    let port = options.port;
    let bound = match options.address {
        Some(address) => TcpListener::bind(SocketAddr::new(address, port)),
        None => TcpListener::bind((Ipv6Addr::UNSPECIFIED, port))
            .or_else(|_| TcpListener::bind((Ipv4Addr::UNSPECIFIED, port))),
    };
    let listener = bound.map_err(|error| format!("Cannot listen on port {port}: {error}"))?;
    listener.set_nonblocking(true).map_err(|e| e.to_string())?;
    Ok(listener)
}

/// Asks for [`HEALTH`] on this machine, as a container engine does from within.
fn check(address: SocketAddr) -> Result<(), String> {
    let ask = || {
        let mut stream = TcpStream::connect_timeout(&address, Duration::from_secs(2))?;
        stream.set_read_timeout(Some(Duration::from_secs(2)))?;
        write!(
            stream,
            "GET {HEALTH} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n"
        )?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer)?;
        Ok::<_, std::io::Error>(answer.starts_with("HTTP/1.1 200 "))
    };
    match ask() {
        Ok(true) => Ok(()),
        Ok(false) => Err(format!("Another program answers at {address}.")),
        Err(error) => Err(format!("Nothing answers at {address}: {error}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(arguments: &[&str], set: &[(&str, &str)]) -> Result<Wanted, lexopt::Error> {
        let environment = |name: &str| {
            let value = set.iter().find(|(key, _)| *key == name);
            value.map(|(_, value)| (*value).to_owned())
        };
        wanted(lexopt::Parser::from_args(arguments), environment)
    }

    #[test]
    fn arguments_come_before_the_environment() {
        let Wanted::Serve(plain) = read(&[], &[]).unwrap() else {
            panic!();
        };
        assert_eq!((plain.port, plain.path.as_str()), (8080, "/"));
        let set = [
            ("SYNAPSE_ADMIN_PORT", "1"),
            ("SYNAPSE_ADMIN_PATH", "/a/"),
            ("SYNAPSE_ADMIN_HOMESERVERS", ""),
        ];
        let Wanted::Serve(both) = read(&["--path", "/b/", "--address", "::1"], &set).unwrap()
        else {
            panic!();
        };
        assert_eq!((both.port, both.path.as_str()), (1, "/b/"));
        assert_eq!(both.homeservers, None);
        assert_eq!(both.address, Some(IpAddr::V6(Ipv6Addr::LOCALHOST)));
        let Wanted::Check { at, is_said } = read(&["--check"], &set).unwrap() else {
            panic!();
        };
        assert_eq!((at.to_string().as_str(), is_said), ("127.0.0.1:1", false));
        let said = ["--check", "--address", "::", "--port=2"];
        let Wanted::Check { at, is_said } = read(&said, &set).unwrap() else {
            panic!();
        };
        assert_eq!((at.to_string().as_str(), is_said), ("[::1]:2", true));
        assert!(matches!(read(&["-h"], &[]).unwrap(), Wanted::Say(_)));
        let kubernetes = [("SYNAPSE_ADMIN_PORT", "tcp://10.0.0.1:80")];
        let Wanted::Serve(plain) = read(&[], &kubernetes).unwrap() else {
            panic!();
        };
        assert_eq!(plain.port, 8080);
        for wrong in [&["--port", "x"][..], &["--fast"], &["--address", "here"]] {
            assert!(read(wrong, &[]).is_err(), "{wrong:?}");
        }
    }

    #[test]
    fn a_port_at_which_nothing_works_is_not_healthy() {
        let held = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let address = held.local_addr().unwrap();
        drop(held);
        assert!(check(address).is_err());
    }

    #[test]
    fn what_is_checked_is_what_was_started() {
        let at = |line: &[u8]| {
            let set = |name: &str| (name == "SYNAPSE_ADMIN_PORT").then(|| "7".to_owned());
            running(line, set).map(|at| at.to_string())
        };
        let server = "/usr/bin/synapse-admin-server\0";
        let by = |rest: &str| at(format!("{server}{rest}").as_bytes());
        assert_eq!(by("").as_deref(), Some("127.0.0.1:7"));
        assert_eq!(by("--port\x009000\0").as_deref(), Some("127.0.0.1:9000"));
        assert_eq!(by("--address\0::\0").as_deref(), Some("[::1]:7"));
        assert_eq!(by("--address=10.1.2.3\0").as_deref(), Some("10.1.2.3:7"));
        let started = format!("/sbin/docker-init\0--\0{server}--port=80\0");
        assert_eq!(at(started.as_bytes()).as_deref(), Some("127.0.0.1:80"));
        assert_eq!(at(b"/sbin/init\0"), None);
        assert_eq!(by("--check\0"), None);
    }
}
