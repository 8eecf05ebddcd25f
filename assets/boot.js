// Starts the app, or says why it cannot. The build writes the two addresses into
// <meta name="app">. This runs before the translation layer exists, hence its own few sentences.

const sentences = {
  en: {
    old: "This browser cannot run Synapse Admin, because it has no WebAssembly. Use a current Firefox, Chromium or Safari.",
    stopped: "Synapse Admin has stopped: it came upon an error of its own, or there was no memory left. Nothing here goes on, jobs included; what the homeserver has begun, it ends. Load the page again.",
    failed: "Synapse Admin could not start. Load the page again. If that does not help, the files on the web server may be incomplete.",
  },
  de: {
    old: "Dieser Browser kann Synapse Admin nicht ausführen, weil ihm WebAssembly fehlt. Verwenden Sie einen aktuellen Firefox, Chromium oder Safari.",
    stopped: "Synapse Admin steht still: wegen eines eigenen Fehlers, oder der Speicher war zu Ende. Nichts hier geht weiter, auch Aufträge nicht; was der Homeserver begonnen hat, führt er zu Ende. Laden Sie die Seite neu.",
    failed: "Synapse Admin konnte nicht starten. Laden Sie die Seite neu. Hilft das nicht, sind vielleicht die Dateien auf dem Webserver unvollständig.",
  },
};

function notice(sentence, details, language) {
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
  return alert;
}

function say(sentence, details) {
  const language = navigator.language.startsWith("de") ? "de" : "en";
  document.body.replaceChildren(notice(sentence, details, language));
}

// Where the program comes to an end, the page looks as before and does nothing more.
function watch({ error, reason }) {
  const why = error ?? reason;
  if (why instanceof WebAssembly.RuntimeError && !document.querySelector(".stopped")) {
    const language = document.documentElement.lang.startsWith("de") ? "de" : "en";
    const alert = notice("stopped", String(why), language);
    alert.className = "stopped";
    // In front of dialogs as well.
    alert.popover = "manual";
    document.body.append(alert);
    alert.showPopover();
  }
}

// Before the first paint, or a dark page would begin with a white flash. The key is that of
// src/pages/shell/preferences.rs.
try {
  document.documentElement.dataset.theme = localStorage.getItem("synapse-admin.theme") ?? "system";
} catch {
  // Storage is switched off: the system's theme it is.
}

// Whoever is signed in needs this part of the program next. The key is that of
// src/session/account.rs.
function loadAhead(address) {
  try {
    const key = "synapse-admin.session";
    if (address && (sessionStorage.getItem(key) ?? localStorage.getItem(key))) {
      const link = document.createElement("link");
      Object.assign(link, { rel: "preload", as: "fetch", crossOrigin: "anonymous", href: address });
      document.head.append(link);
    }
  } catch {
    // Without storage nobody is signed in.
  }
}

if (typeof WebAssembly === "object") {
  const { js, wasm, inside } = document.querySelector('meta[name="app"]').dataset;
  loadAhead(inside);
  addEventListener("error", watch);
  addEventListener("unhandledrejection", watch);
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
