//! How long pages of the long lists of users, of rooms, of files, of reports, of other servers and
//! of registration tokens take, and how long the dashboard and the storage page need, with the
//! release bundle in Chromium and a real Synapse: the server's share, and the panel's.
//!
//! The server's share is what the browser's Resource Timing says: from the request to its last
//! byte. The panel's share is the rest of the time from the press on "Next page" until the frame
//! with the new rows has been painted.

use journeys::browser::{Options, Page, journey};
use journeys::server::{Server as Synapse, own_server};
use serde_json::{Value, json};
use std::path::PathBuf;
use std::time::Duration;
use xtask::crowd;
use xtask::proxy::Proxy;
use xtask::serve::Site;
use xtask::world::{ADMIN_PASSWORD, people};
use xtask::{bundle, synapse};

/// Where the panel is.
const PREFIX: &str = "/synapse-admin/";

/// How many page changes a median is of.
const CHANGES: usize = 9;

/// How many reports of events and of users there are, other servers, registration tokens.
const REPORTS: u32 = 10_000;
const SERVERS: u32 = 20_000;
const TOKENS: u32 = 5_000;

/// How long reading the whole list may take.
const PATIENCE: Duration = Duration::from_secs(1500);

/// Keeps the memory of the app where the test finds it, and notes what holds the page up.
const WATCH: &str = "
    for (const name of ['instantiate', 'instantiateStreaming']) {
        const original = WebAssembly[name];
        WebAssembly[name] = async (...given) => {
            const made = await original.apply(WebAssembly, given);
            const { exports } = made.instance ?? made;
            if (exports.memory) window.appMemory = exports.memory;
            return made;
        };
    }
    window.longest = 0;
    performance.setResourceTimingBufferSize(10000);
    new PerformanceObserver((list) => {
        for (const task of list.getEntries()) longest = Math.max(longest, task.duration);
    }).observe({ type: 'longtask' });";

/// Acts, and measures until other rows are painted: all of the time, and the server's share.
const CHANGE: &str = "
    window.change = (act) => {
        window.changed = null;
        window.longest = 0;
        const rows = () => document.querySelector('tbody th[role=rowheader]')?.textContent;
        const before = rows();
        performance.clearResourceTimings();
        const begun = performance.now();
        const painted = () => {
            const all = performance.now() - begun;
            setTimeout(() => {
                const asked = performance.getEntriesByType('resource')
                    .filter((entry) => /_synapse.admin.v[123].(users|rooms|event_reports|user_reports|federation.destinations|registration_tokens)(\\/[^?]*\\/media)?\\?/.test(entry.name));
                const first = Math.min(...asked.map((entry) => entry.startTime));
                const last = Math.max(...asked.map((entry) => entry.responseEnd));
                window.changed = [all, asked.length ? last - first : 0, asked.length];
            }, 100);
        };
        const list = document.querySelector('.list');
        let asked = false;
        const look = new MutationObserver((changes) => {
            const now = rows();
            const loading = list.hasAttribute('data-loading');
            asked ||= loading || changes.some((change) => change.attributeName === 'data-loading');
            // Another question may have the same first row.
            if (now === undefined || loading || (now === before && !asked)) return;
            look.disconnect();
            requestAnimationFrame(() => {
                const { port1, port2 } = new MessageChannel();
                port1.onmessage = painted;
                port2.postMessage(0);
            });
        });
        look.observe(list,
            { subtree: true, childList: true, characterData: true, attributes: true });
        act();
    };
    // Follows the storage page: when there is something to see, and when all has been read.
    window.follow = (act) => {
        window.changed = null;
        window.longest = 0;
        performance.clearResourceTimings();
        const begun = performance.now();
        let first = 0;
        const look = new MutationObserver(() => {
            const figures = document.querySelector('.stats')?.textContent ?? '…';
            const bars = document.querySelector('.bar');
            if (!first && bars && !figures.includes('…')) first = performance.now() - begun;
            const state = document.querySelector('.storage-progress');
            if (!first || !state || state.querySelector('.progress')) return;
            look.disconnect();
            setTimeout(() => {
                const all = performance.getEntriesByType('resource');
                const asked = all.find((entry) => /statistics.users.media/.test(entry.name));
                window.changed = [first, performance.now() - begun, all.length, asked?.duration ?? 0];
            }, 0);
        });
        look.observe(document.body, { subtree: true, childList: true, characterData: true });
        act();
    };
    // Clicks a bar, and waits for the figure above the list.
    window.narrow = (label) => {
        window.changed = null;
        window.longest = 0;
        const found = document.querySelector('.storage-found [role=status]');
        const begun = performance.now();
        const look = new MutationObserver(() => {
            look.disconnect();
            requestAnimationFrame(() => {
                const { port1, port2 } = new MessageChannel();
                port1.onmessage = () => {
                    const all = performance.now() - begun;
                    setTimeout(() => { window.changed = [all]; }, 200);
                };
                port2.postMessage(0);
            });
        });
        look.observe(found, { subtree: true, childList: true, characterData: true });
        [...document.querySelectorAll('.bar')].find((bar) => bar.textContent.includes(label)).click();
    };
    window.scrollThrough = () => {
        window.changed = null;
        const frame = document.querySelector('.table-scroll');
        frame.scrollTop = 0;
        let last = performance.now(), gap = 0, frames = 0;
        const step = () => {
            const now = performance.now();
            if (frames > 1) gap = Math.max(gap, now - last);
            last = now;
            frames += 1;
            const before = frame.scrollTop;
            frame.scrollTop += 400;
            if (frame.scrollTop > before) requestAnimationFrame(step);
            else window.changed = [frames, gap];
        };
        requestAnimationFrame(step);
    };";

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let users: u32 = journeys::number("BENCH_USERS", 100_000);
    let Synapse {
        synapse, maker: _, ..
    } = own_server("bench-list");
    let rooms: u32 = journeys::number("BENCH_ROOMS", 10_000);
    let synapse = crowd::gather(synapse, users).expect("many users");
    let synapse = crowd::rooms::gather(synapse, rooms).expect("many rooms");
    let files: u32 = journeys::number("BENCH_FILES", 200_000);
    let synapse = crowd::files::gather(synapse, users, files).expect("many files");
    let synapse = crowd::moderation::gather(synapse, REPORTS, SERVERS, TOKENS).expect("reports");
    let port = synapse.config().port;
    let bundle = match std::env::var_os("JOURNEYS_BUNDLE") {
        Some(folder) => PathBuf::from(folder),
        None => bundle::ready().expect("a bundle"),
    };
    let proxy = Proxy::start_beside(port, Site::new(bundle, PREFIX)).expect("a free port");
    let options = Options {
        limit: Duration::from_secs(3000),
        notes_requests: false,
        app: Some(format!("{}{PREFIX}", proxy.url())),
        ..Options::default()
    };
    let admin = format!("@{}:{}", people::ADMIN, synapse.config().server_name);
    let admin = synapse_admin::api::UserId::parse(&admin).expect("a user ID");
    println!(
        "{users} users, {rooms} rooms, {files} files, Synapse {}, medians of {CHANGES} page changes",
        synapse::VERSION
    );
    journey(options, async |page: &Page| {
        page.cdp(
            "Page.addScriptToEvaluateOnNewDocument",
            json!({ "source": format!("{WATCH}\n{CHANGE}") }),
        )
        .await;
        page.sign_in_as(&admin, ADMIN_PASSWORD, &proxy.url()).await;
        page.css("tbody tr[aria-rowindex]").first().appears().await;
        let collector = format!(
            "/users/@{}:{}?tab=media&",
            crowd::files::COLLECTOR,
            synapse.config().server_name
        );
        // `BENCH_ONLY=/reports` measures the lists whose address begins so, and nothing else;
        // `BENCH_ONLY=/dashboard` the first page.
        let only = std::env::var("BENCH_ONLY").unwrap_or_default();
        if "/dashboard".starts_with(&only) {
            dashboard(page).await;
        }
        if "/media".starts_with(&only) {
            storage(page).await;
        }
        for (list, there) in [
            ("/users?", users),
            ("/rooms?", rooms),
            (collector.as_str(), (files / 2).min(10_000)),
            ("/reports?", REPORTS),
            ("/reports?tab=users&", REPORTS),
            ("/destinations?", SERVERS),
            ("/registration_tokens?", TOKENS),
        ] {
            if !list.starts_with(&only) {
                continue;
            }
            println!("{list}");
            println!(
                "   rows   server    panel  (worst)   longest task   elements   JS heap      wasm"
            );
            for rows in [25, 100, 1000] {
                if there as usize > rows * (CHANGES + 3) || rows < 1000 {
                    pages(page, list, rows, CHANGES).await;
                } else {
                    pages(page, list, rows, (there as usize / rows).saturating_sub(4)).await;
                }
            }
            page.script("scrollThrough()", vec![]).await;
            let scrolled = outcome(page).await;
            println!(
                "scrolling through 1000 rows: {:.0} frames, the longest {:.0} ms",
                scrolled[0], scrolled[1]
            );
        }
        for (what, route) in [
            ("users without a name in common, all read", "/users?size=100&q=!anna"),
            ("users with another, already read", "/users?size=100&q=!tanaka"),
            ("rooms sorted by name", "/rooms?size=100&sort=name"),
            ("rooms searched", "/rooms?size=100&q=cinema"),
            ("empty rooms", "/rooms?size=100&empty_rooms=true"),
            ("rooms without local members, all read", "/rooms?size=100&local=false"),
            ("spaces, already read", "/rooms?size=100&space=true"),
            ("reports searched, all read", "/reports?size=100&q=spam"),
            ("reports by another word, already read", "/reports?size=100&q=hate"),
            ("reports of users searched, all read", "/reports?tab=users&size=100&q=spam"),
            ("servers that are failing, all read", "/destinations?size=100&failing=true"),
            ("servers sorted, already read", "/destinations?size=100&failing=true&sort=failure_ts"),
            ("tokens searched", "/registration_tokens?size=100&q=crowd-01"),
        ] {
            if !route.starts_with(&only) {
                continue;
            }
            let (list, _) = route.split_once('?').unwrap_or_default();
            page.open(&format!("{list}?size=100")).await;
            page.css("tbody tr[aria-rowindex]").first().appears().await;
            let go = format!("change(() => {{ location.hash = '{route}' }})");
            page.script(&go, vec![]).await;
            let all = outcome(page).await;
            let longest = page.script("return longest", vec![]).await;
            println!(
                "{what}: {:.0} ms, of which the server {:.0} ms in {:.0} requests; longest task {:.0} ms",
                all[0],
                all[1],
                all[2],
                longest.as_f64().unwrap_or_default()
            );
        }
    })
    .await;
}

async fn pages(page: &Page, list: &str, rows: usize, changes: usize) {
    page.open(&format!("{list}size={rows}&page=3")).await;
    let status = format!("{}–", 2 * rows + 1);
    let status = match rows {
        1000 => "2,001–".to_owned(),
        _ => status,
    };
    page.sees(&status).await;
    let (mut server, mut panel, mut longest) = (Vec::new(), Vec::new(), 0.0_f64);
    for _ in 0..changes {
        page.script(
            "change(() => document.querySelector('[aria-label=\"Next page\"]').click())",
            vec![],
        )
        .await;
        let all = outcome(page).await;
        server.push(all[1]);
        panel.push(all[0] - all[1]);
        let task = page.script("return longest", vec![]).await;
        longest = longest.max(task.as_f64().unwrap_or_default());
    }
    page.cdp("HeapProfiler.collectGarbage", json!({})).await;
    let heap = page.cdp("Runtime.getHeapUsage", json!({})).await;
    let sizes = page
        .script(
            "return [document.querySelectorAll('*').length,
                     (window.appMemory?.buffer.byteLength ?? 0) / 1e6]",
            vec![],
        )
        .await;
    panel.sort_by(f64::total_cmp);
    server.sort_by(f64::total_cmp);
    println!(
        "{rows:>7}  {:4.0} ms  {:4.0} ms  ({:4.0})        {longest:4.0} ms     {:>6}    {:5.1} MB  {:5.1} MB",
        server[changes / 2],
        panel[changes / 2],
        panel[changes - 1],
        sizes[0],
        heap["usedSize"].as_f64().unwrap_or_default() / 1e6,
        sizes[1].as_f64().unwrap_or_default()
    );
}

/// The dashboard: when it is there, when all its questions are answered, and how long the server takes
/// for each.
async fn dashboard(page: &Page) {
    println!("/");
    let script = "
        window.changed = null;
        performance.clearResourceTimings();
        const begun = performance.now();
        let there = 0;
        const look = new MutationObserver(() => {
            const waits = document.querySelector('.dash-cards .skeleton-line');
            if (waits && !there) there = performance.now() - begun;
            const busy = document.querySelector('.page-actions [aria-busy]');
            if (!there || waits || busy) return;
            look.disconnect();
            const asked = performance.getEntriesByType('resource')
                .filter((entry) => entry.name.includes('/_synapse/'));
            window.asked = asked.map((entry) => {
                const url = new URL(entry.name);
                return `${url.pathname}${url.search}: ${Math.round(entry.responseEnd - entry.startTime)} ms`;
            });
            window.changed = [there, performance.now() - begun];
        });
        look.observe(document.body, { subtree: true, childList: true, attributes: true });
        location.hash = '/'";
    page.script(script, vec![]).await;
    let times = outcome(page).await;
    println!(
        "there after {:.0} ms, all answered after {:.0} ms",
        times[0], times[1]
    );
    let asked = page.script("return window.asked", vec![]).await;
    for question in asked.as_array().into_iter().flatten() {
        println!("  {}", question.as_str().unwrap_or_default());
    }
    println!("{}", page.css("main").text().await);
}

/// The storage page: what it needs to be of use, to have read the largest lists, and all.
async fn storage(page: &Page) {
    println!("/media");
    let longest = async || {
        let longest = page.script("return longest", vec![]).await;
        longest.as_f64().unwrap_or_default()
    };
    page.script("follow(() => { location.hash = '/media' })", vec![])
        .await;
    let read = outcome(page).await;
    println!(
        "figures and bars after {:.0} ms, of which the server's first answer {:.0} ms, largest lists read after {:.1} s, {:.0} requests; longest task {:.0} ms",
        read[0],
        read[3],
        read[1] / 1000.0,
        read[2],
        longest().await
    );
    println!("{}", page.css(".storage-progress").text().await);
    if page.button("Read the rest").exists().await && std::env::var_os("BENCH_WHOLE").is_some() {
        page.script(
            "follow(() => [...document.querySelectorAll('.storage-progress button')][0].click())",
            vec![],
        )
        .await;
        let read = outcome(page).await;
        println!(
            "all lists read after {:.1} s more; longest task {:.0} ms",
            read[1] / 1000.0,
            longest().await
        );
    }
    for label in ["Images", "Not used for a year", "Images"] {
        page.script(&format!("narrow('{label}')"), vec![]).await;
        let all = outcome(page).await;
        println!(
            "bar “{label}” clicked: {:.0} ms until painted; longest task {:.0} ms",
            all[0],
            longest().await
        );
    }
    page.cdp("HeapProfiler.collectGarbage", json!({})).await;
    let heap = page.cdp("Runtime.getHeapUsage", json!({})).await;
    let wasm = page
        .script("return window.appMemory.buffer.byteLength / 1e6", vec![])
        .await;
    println!(
        "{}; JS heap {:.1} MB, wasm {:.1} MB",
        page.css(".storage-found").text().await.replace('\n', " "),
        heap["usedSize"].as_f64().unwrap_or_default() / 1e6,
        wasm.as_f64().unwrap_or_default()
    );
}

/// Waits for what is measured in the page.
async fn outcome(page: &Page) -> Vec<f64> {
    let ended = page.poll(PATIENCE, async || {
        // Looking costs the browser time, which is not to be measured.
        tokio::time::sleep(Duration::from_millis(300)).await;
        !page.script("return window.changed", vec![]).await.is_null()
    });
    assert!(ended.await, "no other rows come");
    let changed = page.script("return window.changed", vec![]).await;
    let numbers = changed.as_array().into_iter().flatten();
    numbers.filter_map(Value::as_f64).collect()
}
