// Tells the guard of the sessions that a person is at work: a key or the pointer, at most twice a minute.
(() => {
  const address = new URL("../activity", document.currentScript.src);
  let last = 0;
  const tell = (event) => {
    if (!event.isTrusted || Date.now() - last < 30000) return;
    last = Date.now();
    fetch(address, { method: "POST", headers: { "X-Renkei-Activity": "1" }, credentials: "same-origin" });
  };
  for (const kind of ["pointerdown", "keydown", "wheel", "touchstart"]) {
    addEventListener(kind, tell, { capture: true, passive: true });
  }
})();
