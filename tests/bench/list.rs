//! How long pages of the long lists of users and of rooms take, with the release bundle in Chromium and a real
//! Synapse: the server's share, and the panel's.
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

/// How long reading the whole list may take.
const PATIENCE: Duration = Duration::from_secs(400);

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
                    .filter((entry) => /_synapse.admin.v[123].(users|rooms)\\?/.test(entry.name));
                const first = Math.min(...asked.map((entry) => entry.startTime));
                const last = Math.max(...asked.map((entry) => entry.responseEnd));
                window.changed = [all, asked.length ? last - first : 0, asked.length];
            }, 100);
        };
        const look = new MutationObserver(() => {
            const now = rows();
            if (now === undefined || now === before) return;
            look.disconnect();
            requestAnimationFrame(() => {
                const { port1, port2 } = new MessageChannel();
                port1.onmessage = painted;
                port2.postMessage(0);
            });
        });
        look.observe(document.querySelector('.list-table'),
            { subtree: true, childList: true, characterData: true, attributes: true });
        act();
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
    let users: u32 = std::env::var("BENCH_USERS")
        .ok()
        .and_then(|text| text.parse().ok())
        .unwrap_or(100_000);
    let Synapse {
        synapse, maker: _, ..
    } = own_server("bench-list");
    let rooms: u32 = std::env::var("BENCH_ROOMS")
        .ok()
        .and_then(|text| text.parse().ok())
        .unwrap_or(10_000);
    let synapse = crowd::gather(synapse, users).expect("many users");
    let synapse = crowd::rooms::gather(synapse, rooms).expect("many rooms");
    let port = synapse.config().port;
    let bundle = match std::env::var_os("JOURNEYS_BUNDLE") {
        Some(folder) => PathBuf::from(folder),
        None => bundle::ready().expect("a bundle"),
    };
    let proxy = Proxy::start_beside(port, Site::new(bundle, PREFIX)).expect("a free port");
    let options = Options {
        limit: Duration::from_secs(900),
        notes_requests: false,
        app: Some(format!("{}{PREFIX}", proxy.url())),
        ..Options::default()
    };
    let admin = format!("@{}:{}", people::ADMIN, synapse.config().server_name);
    let admin = synapse_admin::api::UserId::parse(&admin).expect("a user ID");
    println!(
        "{users} users, {rooms} rooms, Synapse {}, medians of {CHANGES} page changes",
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
        for (list, there) in [("/users", users), ("/rooms", rooms)] {
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
        ] {
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
    page.open(&format!("{list}?size={rows}&page=3")).await;
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
