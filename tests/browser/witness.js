// Runs before anything else in every page: what must never happen is written to the console,
// where the journey looks in the end.
for (const name of ['alert', 'confirm', 'prompt', 'print']) {
  window[name] = (...texts) => {
    console.error(`journey: ${name} was called: ${texts.join(' ')}`);
    return false;
  };
}
addEventListener('securitypolicyviolation', (event) => {
  console.error(`journey: blocked by ${event.effectiveDirective}: ${event.blockedURI} ${event.sample}`);
});
