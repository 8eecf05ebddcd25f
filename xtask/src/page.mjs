// The pages of the stand-ins for an identity provider and for Matrix Authentication Service: plain, on
// a desktop and a phone, in the light and the dark.

export const escaped = (text) => String(text).replace(/[&<>"']/g, (c) => `&#${c.charCodeAt(0)};`);

const STYLE = `
:root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif; }
body { max-width: 24rem; margin: 12vh auto 2rem; padding: 0 1.25rem; }
h1 { font-size: 1.5rem; line-height: 1.25; margin: 0 0 1rem; }
label { display: block; font-weight: 600; }
input { display: block; box-sizing: border-box; width: 100%; margin: .25rem 0 1rem; padding: .5rem .75rem; font: inherit; }
button { padding: .5rem 1.25rem; font: inherit; }
li { overflow-wrap: anywhere; }
small { display: block; margin-top: 2rem; padding-top: 1rem; border-top: 1px solid #8886; opacity: .8; }`;

// A page; `note` says what it is a stand-in for.
export const page = (title, body, note) => `<!doctype html><html lang="en"><meta charset="utf-8">
<meta name="viewport" content="width=device-width"><title>${escaped(title)}</title>
<link rel="icon" href="data:,"><style>${STYLE}</style>
<h1>${escaped(title)}</h1>${body}<small>${note}</small></html>`;
