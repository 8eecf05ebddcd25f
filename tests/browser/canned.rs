//! Web servers that answer what they were told to: the well-known files and the homeservers
//! that are none, which people meet when they sign in.

use std::net::Ipv4Addr;
use std::sync::Arc;
use std::sync::mpsc;
use std::thread;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};

/// What a server answers.
#[derive(Clone, Debug)]
pub struct Canned {
    pub status: u16,
    pub content_type: &'static str,
    pub body: String,
    /// Whether pages of other origins may read it.
    pub cors: bool,
}

impl Canned {
    /// JSON that every page may read.
    pub fn json(body: impl Into<String>) -> Self {
        Canned {
            status: 200,
            content_type: "application/json",
            body: body.into(),
            cors: true,
        }
    }

    /// A website.
    pub fn html() -> Self {
        Canned {
            status: 200,
            content_type: "text/html; charset=utf-8",
            body: "<!doctype html><title>Our shop</title><h1>Welcome</h1>".to_owned(),
            cors: true,
        }
    }

    /// Another status.
    pub fn status(self, status: u16) -> Self {
        Canned { status, ..self }
    }

    /// Without CORS headers, so that no page of another origin may read it.
    pub fn without_cors(self) -> Self {
        Canned {
            cors: false,
            ..self
        }
    }

    fn bytes(&self) -> Vec<u8> {
        let cors = if self.cors {
            "access-control-allow-origin: *\r\naccess-control-allow-headers: *\r\n\
             access-control-allow-methods: *\r\n"
        } else {
            ""
        };
        format!(
            "HTTP/1.1 {} Canned\r\ncontent-type: {}\r\ncontent-length: {}\r\n{cors}\
             connection: close\r\n\r\n{}",
            self.status,
            self.content_type,
            self.body.len(),
            self.body
        )
        .into_bytes()
    }
}

/// Answers requests on a free port of 127.0.0.1 for as long as the program runs: path in,
/// answer out. Speaks https with a certificate of its own making if asked to.
pub fn serve(https: bool, answer: impl Fn(&str) -> Canned + Send + Sync + 'static) -> u16 {
    let (tell, told) = mpsc::channel();
    thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_io()
            .build()
            .expect("a runtime can be made");
        runtime.block_on(async move {
            let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))
                .await
                .expect("there is a free port");
            let port = listener.local_addr().expect("it is bound").port();
            let _ = tell.send(port);
            let tls = https.then(acceptor);
            let answer = Arc::new(answer);
            loop {
                let Ok((stream, _)) = listener.accept().await else {
                    continue;
                };
                let (tls, answer) = (tls.clone(), answer.clone());
                tokio::spawn(async move {
                    match tls {
                        None => talk(stream, &*answer).await,
                        Some(tls) => {
                            if let Ok(stream) = tls.accept(stream).await {
                                talk(stream, &*answer).await;
                            }
                        }
                    }
                });
            }
        });
    });
    told.recv().expect("the server has started")
}

async fn talk(mut stream: impl AsyncRead + AsyncWrite + Unpin, answer: &impl Fn(&str) -> Canned) {
    let mut head = Vec::new();
    let mut buffer = [0; 4096];
    while !head.windows(4).any(|end| end == b"\r\n\r\n") {
        match stream.read(&mut buffer).await {
            Ok(0) | Err(_) => return,
            Ok(length) => head.extend_from_slice(&buffer[..length]),
        }
    }
    let head = String::from_utf8_lossy(&head);
    let path = head.split(' ').nth(1).unwrap_or("/");
    let mut canned = answer(path);
    if head.starts_with("OPTIONS ") && canned.cors {
        canned.status = 200;
        canned.body.clear();
    }
    // The browser may be gone, which is its right.
    let _ = stream.write_all(&canned.bytes()).await;
    let _ = stream.shutdown().await;
}

fn acceptor() -> TlsAcceptor {
    let made = rcgen::generate_simple_self_signed(vec!["matrix.test".to_owned()])
        .expect("a certificate can be made");
    let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(made.signing_key.serialize_der()));
    let config = ServerConfig::builder()
        .with_no_client_auth()
        .with_single_cert(vec![made.cert.der().clone()], key)
        .expect("our own certificate is good");
    TlsAcceptor::from(Arc::new(config))
}
