// Loads the parts of the app that come in files of their own (src/app/parts.rs). The build puts
// this into the program and fills in the addresses.

import { initSync } from "./synapse-admin.js";

const addresses = ADDRESSES;
// Of those that need files of what several share, which.
const shared = NEEDS;
const loading = {};

function needs(name) {
  const before = name === FIRST ? [] : [FIRST];
  return [...before, ...(shared[name] ?? [])];
}

async function get(name) {
  const answer = await fetch(new URL(addresses[name], import.meta.url));
  if (!answer.ok) {
    throw new Error(`${answer.url}: ${answer.status}`);
  }
  return answer;
}

async function add(name) {
  // It may use what is in the first one, and what it shares with others. Several can fail at once:
  // the first failure is told, and none is left that nobody waits for.
  const [answer] = await Promise.all([get(name), ...needs(name).map(load)]);
  const app = initSync();
  const imports = { app, __wasm_split: app };
  if (name === FIRST && LISTS in addresses) {
    // The next page will mostly be a list; this one is painted first.
    setTimeout(() => load(LISTS).catch(() => {}), 1000);
  }
  // Not every web server knows the media type, without which browsers refuse to stream.
  return answer.headers.get("Content-Type")?.startsWith("application/wasm")
    ? WebAssembly.instantiateStreaming(answer, imports)
    : WebAssembly.instantiate(await answer.arrayBuffer(), imports);
}

// Once only, because a chunk brings the first values of its variables; a failure is forgotten,
// so that the next call tries again.
function load(name) {
  return (loading[name] ??= add(name).catch((error) => {
    delete loading[name];
    throw error;
  }));
}

function loader(name) {
  return async (callback, data) => {
    const loaded = await load(name).then(
      () => true,
      (error) => {
        console.warn(error);
        // The files may be those of another version by now: src/app/frame/newer.rs looks.
        dispatchEvent(new Event("part-missing"));
        return false;
      },
    );
    initSync().__indirect_function_table.get(callback)(data, loaded);
  };
}

