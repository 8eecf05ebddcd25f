// Starts the app, or says why it cannot. The build writes the two addresses into
// <meta name="app">. This runs before the translation layer exists, hence its own few sentences.

const sentences = {
  en: {
    old: "This browser cannot run Synapse Admin, because it has no WebAssembly. Use a current Firefox, Chromium or Safari.",
    failed: "Synapse Admin could not start. Load the page again. If that does not help, the files on the web server may be incomplete.",
  },
  de: {
    old: "Dieser Browser kann Synapse Admin nicht ausführen, weil ihm WebAssembly fehlt. Verwenden Sie einen aktuellen Firefox, Chromium oder Safari.",
    failed: "Synapse Admin konnte nicht starten. Laden Sie die Seite neu. Hilft das nicht, sind vielleicht die Dateien auf dem Webserver unvollständig.",
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
