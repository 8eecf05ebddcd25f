//! The web servers that `docs/deploy.md` has examples for, as Debian has them.

use crate::{process, tools};
use anyhow::{Context, Result};
use std::path::{Path, PathBuf};

/// The programs, and what they need.
pub struct WebServers {
    pub nginx: PathBuf,
    /// Has nginx serve files that are compressed with Brotli.
    pub nginx_brotli: PathBuf,
    /// The media types that nginx knows.
    pub nginx_types: PathBuf,
    pub caddy: PathBuf,
    pub apache: PathBuf,
    pub apache_modules: PathBuf,
    /// The media types that Apache is told of.
    pub types: PathBuf,
}

/// nginx, Caddy and Apache as Debian has them. Root gets them installed.
///
/// # Errors
/// When they are not there and cannot be installed.
pub fn ready() -> Result<WebServers> {
    // People who are not root may lack this on their PATH.
    let program = |name: &str| {
        process::find(name)
            .or_else(|| Some(Path::new("/usr/sbin").join(name)).filter(|p| p.exists()))
    };
    let file = |path: &str| Some(PathBuf::from(path)).filter(|path| path.exists());
    let found = || {
        Some(WebServers {
            nginx: program("nginx")?,
            nginx_brotli: file("/usr/lib/nginx/modules/ngx_http_brotli_static_module.so")?,
            nginx_types: file("/etc/nginx/mime.types")?,
            caddy: program("caddy")?,
            apache: program("apache2")?,
            apache_modules: file("/usr/lib/apache2/modules")?,
            types: file("/etc/mime.types")?,
        })
    };
    let packages = [
        "apache2-bin",
        "caddy",
        "libnginx-mod-http-brotli-static",
        "media-types",
        "nginx",
    ];
    tools::debian("nginx, Caddy and Apache", &packages, || found().is_some())?;
    found().context(
        "apt-get installed nginx, Caddy and Apache, but they are not where Debian puts them.",
    )
}
