//! Asks a web server over TLS, and reads its answer to the last byte.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpSocket, TcpStream};
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName};
use tokio_rustls::rustls::{ClientConfig, RootCertStore};

/// How long an answer may take.
const PATIENCE: Duration = Duration::from_secs(30);

/// What is asked.
#[derive(Clone, Debug)]
pub struct Question<'a> {
    pub method: &'a str,
    pub host: &'a str,
    /// As it stands in the request.
    pub path: &'a str,
    pub headers: Vec<(&'a str, String)>,
    pub body: Vec<u8>,
    /// The address that it comes from: of this machine all of `127.0.0.0/8` are.
    pub from: Ipv4Addr,
}

impl<'a> Question<'a> {
    /// `GET`, from `127.0.0.1`.
    pub fn get(host: &'a str, path: &'a str) -> Self {
        Question {
            method: "GET",
            host,
            path,
            headers: Vec::new(),
            body: Vec::new(),
            from: Ipv4Addr::LOCALHOST,
        }
    }

    /// With one more header.
    pub fn with(mut self, name: &'a str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    /// From another address of this machine.
    pub fn from(self, from: Ipv4Addr) -> Self {
        Question { from, ..self }
    }
}

/// What is answered.
#[derive(Clone, Debug)]
pub struct Answer {
    pub status: u16,
    /// With names in small letters.
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

impl Answer {
    /// The value of a header; the empty text if there is none.
    ///
    /// # Panics
    /// When it is there twice.
    pub fn header(&self, name: &str) -> &str {
        let mut values = self.headers.iter().filter(|(known, _)| known == name);
        let value = values.next().map_or("", |(_, value)| value);
        assert!(values.next().is_none(), "{name} is there twice: {self:?}");
        value
    }

    /// The body as text.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }
}

/// Knows a web server on this machine, and whose certificates to trust.
#[derive(Clone)]
pub struct Asker {
    port: u16,
    roots: Arc<RootCertStore>,
}

impl Asker {
    /// Trusts this authority and no other.
    ///
    /// # Errors
    /// When it is no certificate.
    pub fn new(port: u16, authority: CertificateDer<'static>) -> anyhow::Result<Self> {
        let mut roots = RootCertStore::empty();
        roots.add(authority)?;
        Ok(Asker {
            port,
            roots: Arc::new(roots),
        })
    }

    async fn connect(
        &self,
        host: &str,
        from: Ipv4Addr,
        protocols: &[&str],
    ) -> anyhow::Result<TlsStream<TcpStream>> {
        let mut config = ClientConfig::builder()
            .with_root_certificates(self.roots.clone())
            .with_no_client_auth();
        config.alpn_protocols = protocols
            .iter()
            .map(|name| name.as_bytes().into())
            .collect();
        let socket = TcpSocket::new_v4()?;
        socket.bind(SocketAddr::from((from, 0)))?;
        let server = SocketAddr::from((Ipv4Addr::LOCALHOST, self.port));
        let stream = socket.connect(server).await?;
        let name = ServerName::try_from(host.to_owned())?;
        Ok(TlsConnector::from(Arc::new(config))
            .connect(name, stream)
            .await?)
    }

    /// What it would speak with a browser: `h2` or `http/1.1`.
    ///
    /// # Errors
    /// When it does not answer, or its certificate is not for this host.
    pub async fn protocol(&self, host: &str) -> anyhow::Result<String> {
        let both = ["h2", "http/1.1"];
        let stream = self.connect(host, Ipv4Addr::LOCALHOST, &both).await?;
        let agreed = stream.get_ref().1.alpn_protocol().unwrap_or_default();
        Ok(String::from_utf8_lossy(agreed).into_owned())
    }

    /// Asks, on a connection of its own.
    ///
    /// # Panics
    /// When there is no answer.
    pub async fn ask(&self, question: Question<'_>) -> Answer {
        let shown = format!("{} {}{}", question.method, question.host, question.path);
        match tokio::time::timeout(PATIENCE, self.exchange(question)).await {
            Ok(Ok(answer)) => answer,
            Ok(Err(error)) => panic!("{shown}: {error:#}"),
            Err(_) => panic!("{shown}: no answer"),
        }
    }

    async fn exchange(&self, question: Question<'_>) -> anyhow::Result<Answer> {
        let host = question.host;
        let mut stream = self.connect(host, question.from, &["http/1.1"]).await?;
        let mut request = format!(
            "{} {} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\nContent-Length: {}\r\n",
            question.method,
            question.path,
            question.body.len()
        );
        for (name, value) in &question.headers {
            request.push_str(&format!("{name}: {value}\r\n"));
        }
        request.push_str("\r\n");
        stream.write_all(request.as_bytes()).await?;
        stream.write_all(&question.body).await?;
        stream.flush().await?;
        let mut bytes = Vec::new();
        // Some end the connection without saying so first.
        match stream.read_to_end(&mut bytes).await {
            Err(error) if error.kind() != std::io::ErrorKind::UnexpectedEof => Err(error)?,
            _ => {}
        }
        read(&bytes).ok_or_else(|| anyhow::anyhow!("that is no answer: {bytes:?}"))
    }
}

/// The answer in what has come until the end of the connection.
fn read(bytes: &[u8]) -> Option<Answer> {
    let end = bytes.windows(4).position(|four| four == b"\r\n\r\n")?;
    let head = String::from_utf8_lossy(&bytes[..end]);
    let mut lines = head.lines();
    let status = lines.next()?.split(' ').nth(1)?.parse().ok()?;
    let headers: Vec<(String, String)> = lines
        .filter_map(|line| line.split_once(": "))
        .map(|(name, value)| (name.to_lowercase(), value.to_owned()))
        .collect();
    let chunked = ("transfer-encoding".to_owned(), "chunked".to_owned());
    let body = &bytes[end + 4..];
    let body = match headers.contains(&chunked) {
        true => joined(body)?,
        false => body.to_owned(),
    };
    Some(Answer {
        status,
        headers,
        body,
    })
}

/// The chunks of a body in one.
fn joined(mut rest: &[u8]) -> Option<Vec<u8>> {
    let mut body = Vec::new();
    loop {
        let line = rest.windows(2).position(|two| two == b"\r\n")?;
        let size = std::str::from_utf8(&rest[..line]).ok()?;
        let size = usize::from_str_radix(size.split(';').next()?.trim(), 16).ok()?;
        if size == 0 {
            return Some(body);
        }
        rest = rest.get(line + 2..)?;
        body.extend_from_slice(rest.get(..size)?);
        rest = rest.get(size + 2..)?;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_are_read() {
        let plain = read(b"HTTP/1.1 200 OK\r\nETag: \"1\"\r\n\r\nabc").unwrap();
        assert_eq!((plain.status, plain.header("etag")), (200, "\"1\""));
        assert_eq!(plain.text(), "abc");
        let chunked =
            b"HTTP/1.1 404 No\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n1\r\nc\r\n0\r\n\r\n";
        assert_eq!(read(chunked).unwrap().text(), "abc");
        assert!(read(b"HTTP/1.1 200 OK\r\n").is_none());
    }
}
