//! Many files beside those of the sample world: `--files N`. Up to half of them, ten thousand at
//! most, are pictures of one user, with thumbnails; the others belong to the made-up users, a few
//! of whom have most, and are in the database only.

use super::{localpart, write_stopped};
use crate::native::wall_ms;
use crate::synapse::Synapse;
use crate::world::database::{Database, Statement};
use crate::world::files::png;
use crate::world::{Chance, DAY_MS};
use anyhow::Result;
use serde_json::json;
use std::fs;
use std::path::Path;

/// Who has the pictures.
pub const COLLECTOR: &str = "photo.collector";

/// How many pictures there are at most.
const PICTURES: u32 = 10_000;

/// Types, how often they are of a hundred, and the sizes that most of them are below.
const KINDS: [(&str, i64, i64); 7] = [
    ("image/jpeg", 34, 3_000_000),
    ("image/png", 16, 900_000),
    ("application/octet-stream", 30, 4_000_000),
    ("video/mp4", 7, 60_000_000),
    ("audio/ogg", 6, 700_000),
    ("application/pdf", 5, 2_500_000),
    ("application/zip", 2, 90_000_000),
];

/// Sees to it that so many made-up files are there, of so many made-up users. The server is stopped
/// and started again if some are missing.
pub fn gather(server: Synapse, users: u32, count: u32) -> Result<Synapse> {
    let config = server.config().clone();
    let database = Database::of(&config);
    let Some(last) = count.checked_sub(1) else {
        return Ok(server);
    };
    let there = format!(
        "SELECT 1 FROM local_media_repository WHERE media_id = '{}'",
        id(last)
    );
    if !database.query(there)?.is_empty() {
        return Ok(server);
    }
    let now_ms = wall_ms();
    let pictures = if users == 0 {
        count
    } else {
        (count / 2).min(PICTURES)
    };
    let collector = format!("@{COLLECTOR}:{}", config.server_name);
    let picture = png(96, 7);
    let (mut files, mut thumbnails) = (Vec::new(), Vec::new());
    for index in 0..count {
        let mut chance = Chance::new(u64::from(index) << 7);
        let created = now_ms - chance.below(1_400 * 24) * DAY_MS / 24;
        let used = (chance.below(3) > 0).then(|| created + chance.below((now_ms - created).max(1)));
        let spared = chance.below(200);
        let quarantined = (spared == 0).then_some("@admin");
        let (owner, kind, size, name) = if index < pictures {
            thumbnails.push(json!([
                id(index),
                96,
                96,
                "image/png",
                "crop",
                picture.len()
            ]));
            let name = format!("IMG_{index:05}.png");
            (
                collector.clone(),
                "image/png",
                picture.len() as i64,
                Some(name),
            )
        } else {
            let part = chance.below(1_000_000) as f64 / 1e6;
            let owner = (f64::from(users) * part.powi(4)) as u32;
            let owner = format!("@{}:{}", localpart(owner), config.server_name);
            let (kind, size) = kind(&mut chance);
            let ending = kind.rsplit('/').next().unwrap_or_default();
            let name = (index % 3 > 0).then(|| format!("file {index}.{ending}"));
            (owner, kind, size, name)
        };
        files.push(json!([
            id(index),
            kind,
            size,
            created,
            name,
            owner,
            used,
            quarantined,
            spared == 1
        ]));
    }
    let store = config.media_store();
    write_stopped(server, &database, || {
        place(&store, pictures, &picture)?;
        database.run(&[
            Statement::each(
                "INSERT INTO users (name, creation_ts, admin, deactivated) \
                 VALUES (?, ?, 0, 0) ON CONFLICT DO NOTHING",
                vec![json!([collector, now_ms / 1000])],
            ),
            Statement::each(
                "INSERT INTO local_media_repository (media_id, media_type, \
                 media_length, created_ts, upload_name, user_id, last_access_ts, \
                 quarantined_by, safe_from_quarantine) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) \
                 ON CONFLICT DO NOTHING",
                files,
            ),
            Statement::each(
                "INSERT INTO local_media_repository_thumbnails (media_id, \
                 thumbnail_width, thumbnail_height, thumbnail_type, thumbnail_method, \
                 thumbnail_length) VALUES (?, ?, ?, ?, ?, ?) \
                 ON CONFLICT DO NOTHING",
                thumbnails,
            ),
        ])?;
        Ok(())
    })
}

fn kind(chance: &mut Chance) -> (&'static str, i64) {
    let mut left = chance.below(100);
    for (kind, often, size) in KINDS {
        left -= often;
        if left < 0 {
            return (kind, 500 + chance.below(size));
        }
    }
    ("application/octet-stream", 1_000)
}

/// IDs as Synapse makes them are 24 letters long.
fn id(index: u32) -> String {
    format!("crowdOfFiles{index:012}")
}

/// Puts the pictures and their thumbnails where Synapse looks for them: one file with many names.
fn place(store: &Path, pictures: u32, picture: &[u8]) -> Result<()> {
    if pictures == 0 {
        return Ok(());
    }
    let original = store.join("picture-of-the-crowd");
    fs::create_dir_all(store)?;
    fs::write(&original, picture)?;
    for index in 0..pictures {
        let id = id(index);
        let (first, second, rest) = (&id[..2], &id[2..4], &id[4..]);
        let content = store.join("local_content").join(first).join(second);
        let thumbnail = store
            .join("local_thumbnails")
            .join(first)
            .join(second)
            .join(rest);
        fs::create_dir_all(&content)?;
        fs::create_dir_all(&thumbnail)?;
        link(&original, &content.join(rest))?;
        link(&original, &thumbnail.join("96-96-image-png-crop"))?;
    }
    Ok(())
}

fn link(from: &Path, to: &Path) -> Result<()> {
    if !to.exists() {
        // Many file systems allow only so many names for one file.
        if fs::hard_link(from, to).is_err() {
            fs::copy(from, to)?;
        }
    }
    Ok(())
}
