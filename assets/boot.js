// Starts the app, or says why it cannot. The build writes the two addresses into
// <meta name="app">. This runs before the translation layer exists, hence its own few sentences.

const sentences = {
  en: {
    old: "This browser is too old for Synapse Admin. Use a current Firefox, Chromium or Safari.",
    stopped: "Synapse Admin has stopped: it came upon an error of its own, or there was no memory left. Nothing here goes on, jobs included; what the homeserver has begun, it ends. Load the page again.",
    failed: "Synapse Admin could not start. Load the page again. If that does not help, the files on the web server may be incomplete.",
    reload: "Reload",
  },
  de: {
    old: "Dieser Browser ist zu alt für Synapse Admin. Verwenden Sie einen aktuellen Firefox, Chromium oder Safari.",
    stopped: "Synapse Admin steht still: wegen eines eigenen Fehlers, oder der Speicher war zu Ende. Nichts hier geht weiter, auch Aufträge nicht; was der Homeserver begonnen hat, führt er zu Ende. Laden Sie die Seite neu.",
    failed: "Synapse Admin konnte nicht starten. Laden Sie die Seite neu. Hilft das nicht, sind vielleicht die Dateien auf dem Webserver unvollständig.",
    reload: "Neu laden",
  },
};

function say(sentence, details) {
  const language = navigator.language.startsWith("de") ? "de" : "en";
  const alert = document.createElement("div");
  alert.className = "splash";
  alert.lang = language;
  alert.setAttribute("role", "alert");
  for (const text of [sentences[language][sentence], details]) {
    if (text) {
      const line = document.createElement("p");
      line.textContent = text;
      alert.append(line);
    }
  }
  document.body.replaceChildren(alert);
}

// A program that has ended answers no click any more, and would do so without a word. What is on
// the page stays there to be read: it may be a password that is shown once.
function sayStopped({ error, reason }) {
  const cause = error ?? reason;
  const ended = cause instanceof WebAssembly.RuntimeError || cause instanceof RangeError;
  if (!ended || document.querySelector(".stopped")) {
    return;
  }
  const { stopped, reload } = sentences[document.documentElement.lang] ?? sentences.en;
  const dialog = document.createElement("dialog");
  dialog.className = "dialog stopped";
  dialog.setAttribute("role", "alertdialog");
  dialog.setAttribute("aria-label", stopped);
  const text = document.createElement("p");
  text.textContent = stopped;
  const button = document.createElement("button");
  button.className = "button";
  button.textContent = reload;
  button.addEventListener("click", () => location.reload());
  dialog.append(text, button);
  document.body.append(dialog);
  dialog.showModal();
}

// Whoever was away to sign in brings a secret in the address: `?sso=…&loginToken=…`, `?state=…&code=…`
// or `#state=…&code=…`. It leaves the address before anything else sees it. src/session/away.rs
// takes it up.
const { search, hash, pathname } = location;
const brought = [search, hash].find((part) =>
  /^[?#](?!\/)(.*&)?(loginToken|sso|state)=/.test(part) && /[?#&](loginToken|sso|code|error)=/.test(part));
if (brought) {
  globalThis.synapseAdminBrought = brought.slice(1);
  history.replaceState(null, "", brought === hash ? pathname : pathname + hash);
}

// Before the first paint, or a dark page would begin with a white flash. The key is that of
// src/widgets/preferences.rs.
try {
  document.documentElement.dataset.theme = localStorage.getItem("synapse-admin.theme") ?? "system";
} catch {
  // Storage is switched off: the system's theme it is.
}

// Whoever is signed in needs this part of the program next. The keys are those of
// src/session/account.rs: a tab that has been left for the log-in page notes an empty text.
function loadAhead(address) {
  try {
    const session = sessionStorage.getItem("synapse-admin.tab") ?? localStorage.getItem("synapse-admin.last");
    if (address && session) {
      const link = document.createElement("link");
      Object.assign(link, { rel: "preload", as: "fetch", crossOrigin: "anonymous", href: address });
      document.head.append(link);
      globalThis.synapseAdminStyles().catch(() => {});
    }
  } catch {
    // Without storage nobody is signed in.
  }
}

// The styles of the inside, once: a promise, for src/app/styles.rs. Built for development, the page
// has them already.
let loading;
globalThis.synapseAdminStyles = () => {
  const { styles, stylesIntegrity } = document.querySelector('meta[name="app"]').dataset;
  if (!styles) {
    return Promise.resolve();
  }
  return loading ??= new Promise((resolve, reject) => {
    const link = document.createElement("link");
    Object.assign(link, { rel: "stylesheet", href: styles, integrity: stylesIntegrity, onload: resolve });
    link.onerror = () => {
      link.remove();
      loading = undefined;
      reject(new Error(styles));
    };
    document.head.append(link);
  });
};

// What came last of all that the page cannot do without: menus (Firefox 125, Safari 17) and colours for
// both themes (Safari 17.5, Chromium 123). docs/deploy.md names the browsers.
const { prototype } = HTMLElement;
if (typeof WebAssembly === "object" && "popover" in prototype && CSS.supports("color", "light-dark(red, red)")) {
  addEventListener("error", sayStopped);
  addEventListener("unhandledrejection", sayStopped);
  const { js, wasm, inside } = document.querySelector('meta[name="app"]').dataset;
  loadAhead(inside);
  const address = (path) => new URL(path, document.baseURI).href;
  try {
    const app = await import(address(js));
    await app.default({ module_or_path: address(wasm) });
  } catch (error) {
    say("failed", String(error));
    throw error;
  }
} else {
  say("old");
}
