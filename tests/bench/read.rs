//! How long a large CSV file keeps the page busy: read, checked, shown, corrected, planned,
//! scrolled through and filtered in Chromium, with the release bundle.
//!
//! For each step: how long it took, and for how long at most the page could do nothing else. That
//! is measured by a message that is sent again and again, and beside it by what the browser calls a
//! long task (50 ms and more).

use journeys::browser::{Options, Page, importing, journey};
use journeys::server::{Server as Synapse, own_server};
use serde_json::{Value, json};
use std::fmt::Write;
use std::path::PathBuf;
use std::time::Duration;
use xtask::bundle;
use xtask::proxy::Proxy;
use xtask::serve::Site;
use xtask::world::{ADMIN_PASSWORD, people};

/// Where the panel is.
const PREFIX: &str = "/synapse-admin/";

/// How long a step may take.
const PATIENCE: Duration = Duration::from_secs(300);

/// Keeps the memory of the app where the test finds it.
const MEMORY: &str = "
    for (const name of ['instantiate', 'instantiateStreaming']) {
        const original = WebAssembly[name];
        WebAssembly[name] = async (...given) => {
            const made = await original.apply(WebAssembly, given);
            const { exports } = made.instance ?? made;
            if (exports.memory) window.appMemory = exports.memory;
            return made;
        };
    }";

/// `meter.go(until, act)` acts, or waits for the next change of a field, and measures until there
/// is something to be found.
const METER: &str = "
    window.meter = {
        go(until, act) {
            // Here, because what is called by a timer must not make functions of text.
            this.until = new Function(`return ${until}`);
            const action = act === null ? null : new Function(act);
            this.gap = this.long = this.count = 0;
            this.took = this.begun = undefined;
            const begin = () => { this.begun = this.last = performance.now(); };
            if (action) { setTimeout(() => { begin(); action(); }); }
            else { document.addEventListener('change', begin, { capture: true, once: true }); }
            const { port1, port2 } = new MessageChannel();
            const again = () => port2.postMessage(0);
            const look = () => {
                if (this.begun === undefined) { setTimeout(again, 1); return; }
                const now = performance.now();
                if (now - this.last > this.gap) {
                    this.gap = now - this.last;
                    this.at = this.last - this.begun;
                }
                this.last = now;
                if (this.until()) { this.took = now - this.begun; port1.close(); return; }
                again();
            };
            port1.onmessage = look;
            again();
        },
    };
    new PerformanceObserver((list) => {
        for (const task of list.getEntries()) {
            if (task.startTime < meter.begun) continue;
            meter.count += 1;
            meter.long = Math.max(meter.long, task.duration);
        }
    }).observe({ type: 'longtask' });";

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let rows: usize = journeys::number("BENCH_ROWS", 100_000);
    let server = own_server("bench-read");
    let text = file(rows);
    let utf16 = [0xFF, 0xFE].into_iter();
    let utf16 = utf16.chain(text.encode_utf16().flat_map(u16::to_le_bytes));
    let latin = text.chars().map(|c| u8::try_from(c).unwrap_or(b'?'));
    measure(&server, "UTF-16", utf16.collect(), rows, false).await;
    measure(&server, "Windows-1252", latin.collect(), rows, false).await;
    measure(&server, "UTF-8", text.into_bytes(), rows, true).await;
}

/// Every second row has quotes, and every hundredth a problem.
fn file(rows: usize) -> String {
    let mut csv = "id,displayname,password,is_guest,admin,deactivated,user_type\n".to_owned();
    for row in 0..rows {
        let name = match row % 2 {
            0 => format!("\"Jürgen \"\"J.\"\" Doe, number {row} of all\""),
            _ => format!("Jürgen Doe who is number {row} of all"),
        };
        let admin = if row % 100 == 99 { "maybe" } else { "no" };
        let _ = writeln!(
            csv,
            "person.number.{row},{name},secret-word-of-{row},false,{admin},false,"
        );
    }
    csv
}

async fn measure(server: &Synapse, title: &str, file: Vec<u8>, rows: usize, whole: bool) {
    let port = server.synapse.config().port;
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
    let size = file.len() as f64 / 1e6;
    println!("\n{rows} rows, {title}, {size:.1} MB");
    println!(
        "  step                          took   longest block          long tasks (longest)      wasm    JS heap"
    );
    journey(options, async |page: &Page| {
        page.cdp(
            "Page.addScriptToEvaluateOnNewDocument",
            json!({ "source": MEMORY }),
        )
        .await;
        let admin = server.maker.user(people::ADMIN);
        page.sign_in_as(&admin, ADMIN_PASSWORD, &proxy.url()).await;
        page.link("CSV Import").click().await;
        page.heading("Import users").appears().await;
        page.script(METER, vec![]).await;
        let there = |selector: &str| format!("document.querySelector('{selector}')");

        go(page, &there(".import-spots tbody tr"), None).await;
        importing::choose(page, file).await;
        done(page, "read and checked").await;
        if whole {
            walk(page, rows).await;
        }
    })
    .await;
}

/// All other steps.
async fn walk(page: &Page, rows: usize) {
    let step = async |name: &str, until: &str, act: &str| {
        go(page, until, Some(act)).await;
        done(page, name).await;
    };
    let there = |selector: &str| format!("document.querySelector('{selector}')");
    let frame = |table: &str| format!("document.querySelector('{table}').closest('.long-scroll')");
    let choose = |scope: &str, number: usize| {
        format!(
            "const select = document.querySelector('{scope} .import-filters select');
             select.selectedIndex = {number};
             select.dispatchEvent(new Event('change', {{ bubbles: true }}));"
        )
    };
    let jump = |scope: &str, line: usize| {
        format!(
            "const field = document.querySelector('{scope} .import-filters input');
             field.value = '{line}';
             field.dispatchEvent(new Event('input', {{ bubbles: true }}));
             field.form.requestSubmit();"
        )
    };
    let has_row =
        |table: &str, index: usize| there(&format!("{table} tbody tr[aria-rowindex=\"{index}\"]"));
    let scroll_through = |table: &str| {
        format!(
            "const frame = {};
             window.steps = 0;
             const scroll = () => {{
                 frame.scrollTop += 500;
                 window.steps += 1;
                 if (window.steps < 200) requestAnimationFrame(scroll);
             }};
             scroll();",
            frame(table)
        )
    };
    let to_end = |table: &str| format!("const f = {}; f.scrollTop = f.scrollHeight;", frame(table));
    let of = |table: &str, count: usize| {
        let count = count + 1;
        format!(
            "{}.ariaRowCount == {count} || {0}.getAttribute('aria-rowcount') == {count}",
            there(table)
        )
    };
    let wrong = rows / 100;

    step(
        "a value is corrected",
        &there(".import-problem[data-tone=good]"),
        "const field = document.querySelector('.import-spots tbody input');
         field.value = 'no';
         field.dispatchEvent(new Event('change', { bubbles: true }));",
    )
    .await;
    step(
        "problems: 200 × 500 px",
        "steps >= 200",
        &scroll_through(".import-spots"),
    )
    .await;
    step(
        "problems: to the end",
        &has_row(".import-spots", wrong + 1),
        &to_end(".import-spots"),
    )
    .await;
    step(
        "problems: a kind",
        &of(".import-spots", wrong - 1),
        &choose("", 1),
    )
    .await;
    step(
        "problems: to a line",
        &there("tr[data-marked]"),
        &jump("", rows / 2),
    )
    .await;

    step(
        "plan made and shown",
        &there(".import-rows tbody tr"),
        "document.querySelector('.import .import-actions button[data-kind=primary]').click()",
    )
    .await;
    step(
        "rows: choices counted",
        &there(".import-plan option:nth-child(3)"),
        "",
    )
    .await;
    step(
        "rows: 200 × 500 px",
        "steps >= 200",
        &scroll_through(".import-rows"),
    )
    .await;
    step(
        "rows: to the end",
        &has_row(".import-rows", rows + 1),
        &to_end(".import-rows"),
    )
    .await;
    step(
        "rows: one outcome",
        &of(".import-rows", rows - wrong + 1),
        &choose(".import-plan", 1),
    )
    .await;
    step(
        "rows: all again",
        &of(".import-rows", rows),
        &choose(".import-plan", 0),
    )
    .await;
    step(
        "rows: to a line",
        &there(".import-plan tr[data-marked]"),
        &jump(".import-plan", rows / 2),
    )
    .await;
    let elements = page
        .script("return document.querySelectorAll('*').length", vec![])
        .await;
    println!("  {elements} elements in the page");
}

async fn go(page: &Page, until: &str, act: Option<&str>) {
    let arguments = vec![until.into(), act.map_or(Value::Null, Value::from)];
    page.script("meter.go(...arguments)", arguments).await;
}

/// Waits for the end of a step and prints what was measured.
async fn done(page: &Page, name: &str) {
    // Looking costs the browser time, which is not to be measured.
    let ended = page.poll(PATIENCE, async || {
        tokio::time::sleep(Duration::from_millis(300)).await;
        let took = page.script("return meter.took ?? null", vec![]).await;
        !took.is_null()
    });
    assert!(ended.await, "{name}: it does not come to its end");
    let result = page
        .script(
            "return [meter.took, meter.gap, meter.at, meter.count, meter.long,
                     (window.appMemory?.buffer.byteLength ?? 0) / 1e6,
                     performance.memory.usedJSHeapSize / 1e6]",
            vec![],
        )
        .await;
    let number = |index: usize| result[index].as_f64().unwrap_or_default();
    println!(
        "  {name:<25} {:6.0} ms  {:8.0} ms (at {:4.0} ms)  {:8.0} ({:4.0} ms)   {:9.1} MB {:6.1} MB",
        number(0),
        number(1),
        number(2),
        number(3),
        number(4),
        number(5),
        number(6)
    );
}
