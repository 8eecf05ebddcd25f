// Long tables have the rows in sight in the page and no others: scrolls from the first to the
// last and back, and hands each of them to `read`. Answers with what that made of them, or with what
// went wrong.
const done = arguments[arguments.length - 1];
const table = document.querySelector('.list-table');
const there = () => [...document.querySelectorAll('.list-table tbody tr[aria-rowindex]')];
const wanted = Number(table?.getAttribute('aria-rowcount') ?? 1) - 1;
if (there().length >= wanted) {
    done(there().map(read));
    return;
}
const frame = document.querySelector('.table-scroll');
const scroller = frame.scrollHeight > frame.clientHeight + 4 ? frame : document.scrollingElement;
const found = new Map();
scroller.scrollTop = 0;
// What throws in a frame is heard by nobody, and the journey would wait for an answer in vain.
const step = () => {
    try {
        go();
    } catch (error) {
        done(String(error));
    }
};
// A page that nobody sees has no frames.
const next = () => Promise.race([frames(), new Promise((then) => setTimeout(then, 1000))]).then(step);
const frames = () => new Promise((then) => requestAnimationFrame(() => requestAnimationFrame(then)));
const go = () => {
    for (const row of there()) found.set(Number(row.getAttribute('aria-rowindex')), read(row));
    const before = scroller.scrollTop;
    scroller.scrollTop += scroller.clientHeight * 0.8;
    if (scroller.scrollTop > before) {
        next();
        return;
    }
    scroller.scrollTop = 0;
    done([...found].sort(([a], [b]) => a - b).map(([, value]) => value));
};
next();
