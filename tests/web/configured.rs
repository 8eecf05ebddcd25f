//! What stands around the examples in a configuration that is complete: as little as possible, and
//! what Debian has around them where that makes a difference.

use super::Kind;
use anyhow::{Result, ensure};
use std::fs;
use std::path::Path;
use std::process::Command;
use xtask::web_servers::WebServers;

/// The program with its configuration, which is written into the folder.
pub fn command(
    kind: Kind,
    programs: &WebServers,
    example: &str,
    folder: &Path,
    port: u16,
) -> Result<Command> {
    let file = folder.join("configuration");
    match kind {
        Kind::Nginx => {
            fs::write(&file, nginx(programs, example, folder))?;
            let mut command = Command::new(&programs.nginx);
            command.args(["-e", "stderr", "-p"]).arg(folder);
            command.arg("-c").arg(file);
            Ok(command)
        }
        Kind::Caddy => {
            fs::write(&file, caddy(example, port))?;
            let mut command = Command::new(&programs.caddy);
            command.args(["run", "--adapter", "caddyfile", "--config"]);
            command.arg(file);
            Ok(command)
        }
        Kind::Apache => {
            fs::write(&file, apache(programs, example, folder, port))?;
            let mut command = Command::new(&programs.apache);
            command.arg("-f").arg(file).arg("-DFOREGROUND");
            Ok(command)
        }
    }
}

/// The example without HTTP/2.
pub fn without_http2(kind: Kind, example: &str) -> Result<String> {
    let (with, without) = match kind {
        Kind::Nginx => (" ssl http2;", " ssl;"),
        Kind::Apache => ("Protocols h2 http/1.1\n", "Protocols http/1.1\n"),
        // It is an option of all sites.
        Kind::Caddy => anyhow::bail!("Caddy always speaks HTTP/2."),
    };
    ensure!(example.contains(with), "The example has no HTTP/2.");
    Ok(example.replace(with, without))
}

/// The example with what the document says about Brotli.
pub fn with_brotli(example: &str) -> String {
    example.replace("gzip_static on;", "brotli_static on;\n    gzip_static on;")
}

fn nginx(programs: &WebServers, example: &str, folder: &Path) -> String {
    let temporary: String = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
        .iter()
        .map(|what| format!("    {what}_temp_path {}/{what};\n", folder.display()))
        .collect();
    format!(
        "daemon off;\n\
         worker_processes 1;\n\
         pid {folder}/pid;\n\
         error_log stderr;\n\
         load_module {brotli};\n\
         events {{}}\n\
         http {{\n\
             include {types};\n\
             default_type application/octet-stream;\n\
             access_log off;\n\
             sendfile on;\n\
             gzip on;\n\
         {temporary}{example}}}\n",
        folder = folder.display(),
        brotli = programs.nginx_brotli.display(),
        types = programs.nginx_types.display(),
    )
}

fn caddy(example: &str, port: u16) -> String {
    format!(
        "{{\n\
             admin off\n\
             default_bind 127.0.0.1\n\
             https_port {port}\n\
             auto_https disable_redirects\n\
             local_certs\n\
             skip_install_trust\n\
             grace_period 1s\n\
         }}\n\
         {example}"
    )
}

/// Modules that Debian has switched on, and those that the document asks for.
const MODULES: [&str; 18] = [
    "alias",
    "authz_core",
    "authz_host",
    "autoindex",
    "deflate",
    "dir",
    "env",
    "filter",
    "headers",
    "http2",
    "mime",
    "mpm_event",
    "negotiation",
    "proxy",
    "proxy_http",
    "rewrite",
    "socache_shmcb",
    "ssl",
];

fn apache(programs: &WebServers, example: &str, folder: &Path, port: u16) -> String {
    let modules: String = MODULES
        .iter()
        .map(|name| {
            let folder = programs.apache_modules.display();
            format!("LoadModule {name}_module {folder}/mod_{name}.so\n")
        })
        .collect();
    format!(
        "ServerRoot {folder}\n\
         ServerName localhost\n\
         PidFile {folder}/pid\n\
         ErrorLog {folder}/log\n\
         Mutex file:{folder} default\n\
         Listen 127.0.0.1:{port} https\n\
         {modules}\
         TypesConfig {types}\n\
         AddType application/x-gzip .gz .tgz\n\
         AddLanguage br .br\n\
         AddOutputFilterByType DEFLATE text/html text/plain text/css text/javascript\n\
         AddOutputFilterByType DEFLATE application/javascript application/wasm\n\
         DirectoryIndex index.html\n\
         <Directory />\n\
             Options FollowSymLinks\n\
             AllowOverride None\n\
             Require all denied\n\
         </Directory>\n\
         <Directory {folder}/www/>\n\
             Options Indexes FollowSymLinks\n\
             AllowOverride None\n\
             Require all granted\n\
         </Directory>\n\
         {example}",
        folder = folder.display(),
        types = programs.types.display(),
    )
}
