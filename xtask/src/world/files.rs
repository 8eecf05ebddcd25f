//! The files of the sample world.
//!
//! [`people::MEDIA_OWNER`] has one of everything; twelve ordinary people and one who is gone
//! have a dozen each; seventy users and some rooms have a profile image.

use super::people::{self, ordinary};
use super::{Chance, DAY_MS, Maker, failed, maker, run_all};
use anyhow::{Context, Result};
use flate2::write::ZlibEncoder;
use flate2::{Compression, Crc};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;
use std::io::Write;
use synapse_admin::api::{MxcUri, Request, media};

/// The servers that copies of files come from.
pub const REMOTE_SERVERS: [&str; 4] = [
    "matrix.example.org",
    "media.example.net",
    "old.example.com",
    "images.example.io",
];

/// How many copies there are of each of [`REMOTE_SERVERS`].
pub const REMOTE_PER_SERVER: usize = 10;

/// What has been done to a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum State {
    Plain,
    /// Nobody can fetch it.
    Quarantined,
    /// From quarantine.
    Protected,
    /// Announced but never uploaded: no type, no size. Synapse 1.97 and newer.
    Pending,
    /// An image of a URL preview.
    UrlPreview,
}

/// A local file.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct SampleFile {
    pub media_id: String,
    /// The localpart of who uploaded it.
    pub owner: String,
    pub name: Option<String>,
    pub content_type: String,
    /// Size in bytes.
    pub size: u64,
    pub created_ms: i64,
    /// `None` if nobody ever fetched it.
    pub last_access_ms: Option<i64>,
    pub state: State,
    /// Whether it is, or was, the image of a user or room, which a deletion can spare.
    pub is_profile: bool,
}

impl SampleFile {
    /// When it was last of use, which is what a deletion by date compares.
    pub fn last_use_ms(&self) -> i64 {
        self.last_access_ms.unwrap_or(self.created_ms)
    }
}

/// A copy of another server's file.
#[derive(Clone, Debug, PartialEq)]
pub struct RemoteFile {
    pub server: String,
    pub media_id: String,
    /// Where it lies in the media store.
    pub filesystem_id: String,
    pub content_type: &'static str,
    pub bytes: Vec<u8>,
    pub created_ms: i64,
    pub last_access_ms: i64,
}

/// The copies of other servers' files, last fetched 5 to 1,200 days before `now_ms`.
pub fn remote_files(now_ms: i64) -> Vec<RemoteFile> {
    let mut chance = Chance::new(40);
    let mut all = Vec::new();
    for (which, server) in REMOTE_SERVERS.iter().enumerate() {
        for index in 0..REMOTE_PER_SERVER {
            let age_days = 5 + (index * index * 14) as i64 + which as i64 * 20;
            let last_access_ms = now_ms - age_days * DAY_MS;
            all.push(RemoteFile {
                server: (*server).to_owned(),
                media_id: format!("Remote{which}x{index:02}"),
                filesystem_id: format!("remote{which}file{index:012}"),
                content_type: "image/png",
                bytes: png(32, chance.next()),
                created_ms: last_access_ms - chance.below(200) * DAY_MS,
                last_access_ms,
            });
        }
    }
    all
}

/// A file to upload.
struct Plan {
    owner: String,
    name: Option<String>,
    content_type: &'static str,
    bytes: Vec<u8>,
    age: Age,
    state: State,
    is_profile: bool,
}

/// Days before now.
#[derive(Clone, Copy)]
struct Age {
    created: i64,
    last_access: Option<i64>,
}

/// Uploads the files of users; room images come with their rooms.
pub(super) async fn upload_all(maker: &Maker, now_ms: i64) -> Result<Vec<SampleFile>> {
    let mut plans = one_of_everything();
    plans.extend(everyday_files());
    let faces = profile_images();

    let mut owners: Vec<&str> = plans
        .iter()
        .chain(&faces)
        .map(|plan| plan.owner.as_str())
        .collect();
    owners.sort_unstable();
    owners.dedup();
    let clients = run_all(owners.iter().map(|owner| client_of(maker, owner))).await?;
    let clients: BTreeMap<&str, _> = owners.iter().copied().zip(clients).collect();

    let mut files = run_all(
        plans
            .iter()
            .chain(&faces)
            .map(|plan| upload_one(&clients[plan.owner.as_str()], plan, now_ms)),
    )
    .await?;
    run_all(files.iter().filter(|file| file.is_profile).map(|file| {
        let user = maker.user(&file.owner);
        async move { maker.set_avatar(&user, &address(maker, file)).await }
    }))
    .await?;
    files.extend(announce(maker, &clients[people::MEDIA_OWNER], now_ms).await?);
    Ok(files)
}

/// A client that acts as somebody: the administrator as themselves.
pub(super) async fn client_of(maker: &Maker, localpart: &str) -> Result<crate::native::Client> {
    if localpart == people::ADMIN {
        Ok(maker.admin().clone())
    } else {
        maker.act_as(&maker.user(localpart)).await
    }
}

fn address(maker: &Maker, file: &SampleFile) -> MxcUri {
    MxcUri {
        server: maker.server().clone(),
        media_id: file.media_id.clone(),
    }
}

async fn upload_one(
    client: &crate::native::Client,
    plan: &Plan,
    now_ms: i64,
) -> Result<SampleFile> {
    let uri = maker::upload(client, &plan.bytes, plan.content_type, plan.name.as_deref()).await?;
    Ok(SampleFile {
        media_id: uri.media_id,
        owner: plan.owner.clone(),
        name: plan.name.clone(),
        content_type: plan.content_type.to_owned(),
        size: plan.bytes.len() as u64,
        created_ms: now_ms - plan.age.created * DAY_MS,
        last_access_ms: plan.age.last_access.map(|days| now_ms - days * DAY_MS),
        state: plan.state,
        is_profile: plan.is_profile,
    })
}

/// The image of a room, which its creator uploads.
pub(super) async fn upload_room_image(
    client: &crate::native::Client,
    owner: &str,
    seed: u64,
    now_ms: i64,
) -> Result<SampleFile> {
    let plan = Plan {
        owner: owner.to_owned(),
        name: Some(format!("room-{seed}.png")),
        content_type: "image/png",
        bytes: png(64, 9000 + seed),
        age: Age {
            created: 400 + seed as i64,
            last_access: Some(390),
        },
        state: State::Plain,
        is_profile: true,
    };
    upload_one(client, &plan, now_ms).await
}

/// Announces three files that never come.
async fn announce(
    maker: &Maker,
    client: &crate::native::Client,
    now_ms: i64,
) -> Result<Vec<SampleFile>> {
    let mut files = Vec::new();
    if !maker.capabilities().since(97) {
        // Older ones answer with an HTML page.
        return Ok(files);
    }
    for days in [0, 3, 500] {
        let request = Request::<Value>::post("/_matrix/media/v1/create");
        let answer = client.run(&request).await.map_err(failed("media/create"))?;
        let uri = answer["content_uri"].as_str().and_then(MxcUri::parse);
        let uri = uri.context("An announced file has no address.")?;
        files.push(SampleFile {
            media_id: uri.media_id,
            owner: people::MEDIA_OWNER.into(),
            name: None,
            content_type: String::new(),
            size: 0,
            created_ms: now_ms - days * DAY_MS,
            last_access_ms: None,
            state: State::Pending,
            is_profile: false,
        });
    }
    Ok(files)
}

/// Quarantines and protects what is to be.
pub(super) async fn judge(maker: &Maker, files: &[SampleFile]) -> Result<()> {
    run_all(files.iter().map(|file| async move {
        let request = match file.state {
            State::Quarantined => media::quarantine(maker.server(), &file.media_id),
            State::Protected => media::protect(&file.media_id),
            State::Plain | State::Pending | State::UrlPreview => return Ok(()),
        };
        let outcome = maker.admin().run(&request).await;
        outcome.map_err(failed(&file.media_id)).map(drop)
    }))
    .await
    .map(drop)
}

/// The files of [`people::MEDIA_OWNER`]: every type, many sizes and ages, every state.
fn one_of_everything() -> Vec<Plan> {
    const SVG: &str = r#"<svg xmlns="http://www.w3.org/2000/svg" width="40" height="40" onload="alert(1)"><script>alert(document.domain)</script><circle cx="20" cy="20" r="18" fill="teal"/></svg>"#;
    const HTML: &str = "<!doctype html><title>Hello</title><script>alert(document.cookie)</script><p>Not to be shown as a page.";
    const PDF: &str = "%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 200 100]/Contents 4 0 R/Resources<</Font<</F 5 0 R>>>>>>endobj\n4 0 obj<</Length 41>>stream\nBT /F 18 Tf 20 45 Td (Sample invoice) Tj ET\nendstream endobj\n5 0 obj<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>endobj\ntrailer<</Root 1 0 R>>\n";
    const GIF: &[u8] = b"GIF89a\x01\x00\x01\x00\x80\x00\x00\xff\x00\x00\x00\x00\x00,\x00\x00\x00\x00\x01\x00\x01\x00\x00\x02\x02D\x01\x00;";
    let long_name = format!("{}.png", "a-very-long-file-name-".repeat(9));
    let kinds: Vec<(&str, &'static str, Vec<u8>)> = vec![
        ("photo.jpg", "image/jpeg", photo(20_000, 1)),
        ("holiday.jpg", "image/jpeg", photo(900_000, 2)),
        ("panorama.jpg", "image/jpeg", photo(4_200_000, 3)),
        ("drawing.png", "image/png", png(200, 4)),
        ("dot.gif", "image/gif", GIF.to_vec()),
        ("invoice.pdf", "application/pdf", PDF.into()),
        (
            "notes.txt",
            "text/plain",
            b"Nothing of importance.\n".to_vec(),
        ),
        ("empty.txt", "text/plain", Vec::new()),
        ("one-byte.bin", "application/octet-stream", vec![7]),
        ("just-under.bin", "application/octet-stream", noise(1023, 5)),
        (
            "one-kibibyte.bin",
            "application/octet-stream",
            noise(1024, 6),
        ),
        ("just-over.bin", "application/octet-stream", noise(1025, 7)),
        ("drawing.svg", "image/svg+xml", SVG.into()),
        ("page.html", "text/html", HTML.into()),
        ("voice.wav", "audio/wav", wav(2)),
        ("music.ogg", "audio/ogg", noise(300_000, 8)),
        ("clip.mp4", "video/mp4", noise(3_000_000, 9)),
        ("lecture.mp4", "video/mp4", noise(8_388_608, 10)),
        ("backup.zip", "application/zip", noise(1_048_576, 11)),
        ("data.json", "application/json", b"{\"a\":[1,2,3]}".to_vec()),
        ("broken.png", "image/png", noise(5000, 12)),
        ("<img src=x onerror=alert(1)>.png", "image/png", png(16, 13)),
        ("../../etc/passwd", "text/plain", b"root:x:0:0\n".to_vec()),
        ("\"quoted\"; name.pdf", "application/pdf", PDF.into()),
        (
            "harmless\u{202e}gpj.exe",
            "application/octet-stream",
            noise(2048, 14),
        ),
        ("صورة.png", "image/png", png(16, 15)),
        ("🎂 party.jpg", "image/jpeg", photo(50_000, 16)),
        (&long_name, "image/png", png(16, 17)),
        ("", "image/png", png(24, 18)),
        (
            "strange.type",
            "text/html; charset=\"<script>\"",
            b"?".to_vec(),
        ),
    ];
    let mut plans: Vec<Plan> = kinds
        .into_iter()
        .enumerate()
        .map(|(index, (name, content_type, bytes))| Plan {
            owner: people::MEDIA_OWNER.into(),
            name: (!name.is_empty()).then(|| name.to_owned()),
            content_type,
            bytes,
            age: age(index),
            state: State::Plain,
            is_profile: false,
        })
        .collect();
    // States, each with contents of its own: the server quarantines by content.
    let states = [
        (State::Quarantined, 4),
        (State::Protected, 4),
        (State::UrlPreview, 4),
        (State::Plain, 18),
    ];
    for (state, count) in states {
        for _ in 0..count {
            let index = plans.len();
            plans.push(Plan {
                owner: people::MEDIA_OWNER.into(),
                name: Some(format!("{state:?}-{index}.png").to_lowercase()),
                content_type: "image/png",
                bytes: png(48, 100 + index as u64),
                age: age(index),
                state,
                is_profile: false,
            });
        }
    }
    plans
}

/// What people send each other.
fn everyday_files() -> Vec<Plan> {
    let mut chance = Chance::new(7);
    let mut plans = Vec::new();
    let owners = (0..12)
        .map(|index| ordinary(index * 3).0)
        .chain([people::GONE_OWNER.to_owned()]);
    for owner in owners {
        for index in 0..14 {
            let seed = chance.next();
            // From one byte to two megabytes, small ones more often.
            let size = 1_usize << chance.below(18) as usize;
            let (name, content_type, bytes) = match index % 5 {
                0 => ("IMG", "image/jpeg", photo(size, seed)),
                1 => ("screenshot", "image/png", png(40, seed)),
                2 => ("document", "application/pdf", noise(size.max(200), seed)),
                3 => ("voice-message", "audio/ogg", noise(size * 8, seed)),
                _ => ("log", "text/plain", text(size, seed)),
            };
            plans.push(Plan {
                owner: owner.clone(),
                name: (index != 13).then(|| format!("{name}-{:05}", seed % 100_000)),
                content_type,
                bytes,
                age: age(chance.below(100) as usize),
                state: match (index, seed % 9) {
                    (4, 0) => State::Quarantined,
                    (6, 0) => State::Protected,
                    _ => State::Plain,
                },
                is_profile: false,
            });
        }
    }
    plans
}

/// Whose face is known.
fn profile_images() -> Vec<Plan> {
    let known = [
        people::ADMIN,
        people::CO_ADMIN,
        people::ALICE,
        people::BOT,
        people::XSS_IMG,
        people::LOCKED,
        people::GONE,
        people::CHANGED_AVATAR,
        "name.emoji",
        "name.arabic",
    ];
    let owners = known
        .into_iter()
        .map(str::to_owned)
        .chain((0..60).map(|index| ordinary(index * 4).0));
    owners
        .enumerate()
        .map(|(index, owner)| Plan {
            owner,
            name: Some("avatar.png".into()),
            content_type: "image/png",
            bytes: png(64, 5000 + index as u64),
            age: age(index),
            state: State::Plain,
            is_profile: true,
        })
        .collect()
}

/// From today to five years ago; a third was never fetched, a third only soon after, a third
/// lately.
fn age(index: usize) -> Age {
    let created = ((index % 50) * (index % 50) * 3 / 4) as i64;
    Age {
        created,
        last_access: match index % 3 {
            0 => None,
            1 => Some((created - 1).max(0)),
            _ => Some(created / 20),
        },
    }
}

/// A PNG: a square of coloured tiles.
pub fn png(side: u32, seed: u64) -> Vec<u8> {
    let mut chance = Chance::new(seed);
    let colours: Vec<[u8; 3]> = (0..16)
        .map(|_| {
            let [r, g, b, ..] = chance.next().to_le_bytes();
            [r, g / 2 + 64, b / 2 + 64]
        })
        .collect();
    let mut pixels = Vec::new();
    for y in 0..side {
        // No filter in this row.
        pixels.push(0);
        for x in 0..side {
            let tile = (y * 4 / side) * 4 + x * 4 / side;
            pixels.extend(colours[tile as usize]);
        }
    }
    let mut zlib = ZlibEncoder::new(Vec::new(), Compression::default());
    // Writing to memory does not fail.
    let _ = zlib.write_all(&pixels);
    let data = zlib.finish().unwrap_or_default();

    let mut header = Vec::new();
    header.extend(side.to_be_bytes());
    header.extend(side.to_be_bytes());
    // Eight bits a channel, RGB, the usual methods, not interlaced.
    header.extend([8, 2, 0, 0, 0]);
    let mut out = b"\x89PNG\r\n\x1a\n".to_vec();
    for (kind, data) in [
        (b"IHDR", header.as_slice()),
        (b"IDAT", &data),
        (b"IEND", &[]),
    ] {
        out.extend((data.len() as u32).to_be_bytes());
        let mut crc = Crc::new();
        crc.update(kind);
        crc.update(data);
        out.extend(kind);
        out.extend(data);
        out.extend(crc.sum().to_be_bytes());
    }
    out
}

/// A JPEG of about this size: always the same picture, with something after its end.
fn photo(size: usize, seed: u64) -> Vec<u8> {
    let mut out = include_bytes!("photo.jpg").to_vec();
    out.extend(noise(size.saturating_sub(out.len()).max(8), seed));
    out
}

/// Seconds of a quiet tone.
fn wav(seconds: u32) -> Vec<u8> {
    const RATE: u32 = 8000;
    let length = seconds * RATE;
    let mut out = b"RIFF".to_vec();
    out.extend((36 + length).to_le_bytes());
    out.extend(b"WAVEfmt \x10\x00\x00\x00\x01\x00\x01\x00");
    out.extend(RATE.to_le_bytes());
    out.extend(RATE.to_le_bytes());
    out.extend(b"\x01\x00\x08\x00data");
    out.extend(length.to_le_bytes());
    out.extend((0..length).map(|i| if i % 18 < 9 { 120_u8 } else { 136 }));
    out
}

/// Bytes without meaning.
pub fn noise(size: usize, seed: u64) -> Vec<u8> {
    let mut chance = Chance::new(seed);
    let mut out = Vec::with_capacity(size + 8);
    while out.len() < size {
        out.extend(chance.next().to_le_bytes());
    }
    out.truncate(size);
    out
}

fn text(size: usize, seed: u64) -> Vec<u8> {
    let mut out = format!("Log {seed}\n").into_bytes();
    while out.len() < size {
        out.extend(b"2024-01-01T00:00:00Z nothing happened\n");
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_files_are_many_and_not_too_large() {
        let plans: Vec<Plan> = [one_of_everything(), everyday_files(), profile_images()]
            .into_iter()
            .flatten()
            .collect();
        let total: usize = plans.iter().map(|plan| plan.bytes.len()).sum();
        assert!(plans.len() > 300, "{}", plans.len());
        assert!(total < 150_000_000, "{total}");
        let quarantined: Vec<&Plan> = plans
            .iter()
            .filter(|plan| plan.state == State::Quarantined)
            .collect();
        assert!(quarantined.len() >= 4);
        for plan in quarantined {
            let same = plans.iter().filter(|other| other.bytes == plan.bytes);
            assert_eq!(same.count(), 1);
        }
    }

    #[test]
    fn remote_files_are_the_same_every_time() {
        assert_eq!(remote_files(0), remote_files(0));
        assert_eq!(
            remote_files(0).len(),
            REMOTE_SERVERS.len() * REMOTE_PER_SERVER
        );
    }
}
