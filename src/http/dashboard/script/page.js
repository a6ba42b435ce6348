// What the dashboard's pages do beyond reading: they follow what happens, and copy text. Every page works without.
// JavaScript, because browsers get it as it is; /assets/app.js, allowed by the content security policy as our own.
"use strict";

(() => {
  const LOOK_AGAIN_MS = 30_000; // "4 min ago" grows old by itself
  const SILENT_MS = 45_000; // three beats missed: the stream is dead, whatever the browser thinks
  const RECONNECT_MS = 5_000;

  copyButtons();
  zoneOfViewer();
  const address = document.body.dataset.live;
  if (address !== undefined && typeof EventSource === "function") follow(address);

  function copyButtons() {
    for (const button of document.querySelectorAll("button[data-copy]")) button.hidden = false;
    document.addEventListener("click", (click) => {
      const button = click.target instanceof Element ? click.target.closest("button[data-copy]") : null;
      const source = button && document.querySelector(button.dataset.copy);
      if (source) void copy(button, source);
    });
  }

  async function copy(button, source) {
    const label = (button.dataset.label ??= button.textContent);
    let copied = true;
    try {
      await navigator.clipboard.writeText(source.textContent.trim());
    } catch {
      // No clipboard over plain http: what is selected can be copied by hand.
      getSelection()?.selectAllChildren(source);
      copied = document.execCommand("copy");
    }
    button.textContent = copied ? "Copied" : "Selected: copy it";
    setTimeout(() => (button.textContent = label), 2_000);
  }

  /** Times are told in the printer's zone; hovering tells the reader's own. */
  function zoneOfViewer() {
    document.addEventListener("mouseover", ({ target }) => {
      const time = target instanceof Element ? target.closest("time[datetime]:not([title])") : null;
      if (time) time.title = `${new Date(time.dateTime).toLocaleString()} here`;
    });
  }

  /** For who does not see that the page has changed. There before it says anything, or it would not be heard. */
  function listen(sign) {
    const heard = document.createElement("span");
    heard.id = "heard";
    heard.className = "hidden";
    heard.setAttribute("role", "status");
    sign?.after(heard);
  }

  function follow(stream) {
    const sign = document.getElementById("live");
    listen(sign);
    let source = null;
    let heardAt = 0;
    let lookedAt = Date.now();
    let looking = false;
    let again = false;

    function connect() {
      source?.close();
      heardAt = Date.now();
      source = new EventSource(stream);
      source.addEventListener("open", () => {
        heardAt = Date.now();
        // Something may have happened between the page and its stream.
        void look();
      });
      source.addEventListener("beat", () => (heardAt = Date.now()));
      source.addEventListener("changed", () => {
        heardAt = Date.now();
        void look();
      });
      source.addEventListener("error", () => tell(false));
    }

    /** Asks for this page once more and puts in what changed. One question at a time. */
    async function look() {
      if (looking) return void (again = true);
      looking = true;
      lookedAt = Date.now();
      try {
        const answer = await fetch(location.href, { credentials: "same-origin", cache: "no-store" });
        if (answer.redirected) return location.reload();
        if (!answer.ok) throw new Error(String(answer.status));
        put(new DOMParser().parseFromString(await answer.text(), "text/html"));
        tell(source?.readyState === EventSource.OPEN);
      } catch {
        tell(false);
      } finally {
        looking = false;
        if (again) {
          again = false;
          void look();
        }
      }
    }

    function tell(live) {
      if (sign === null) return;
      const text = live ? "Live" : "Not live: what you see may be old";
      if (sign.textContent !== text) sign.textContent = text;
      sign.className = live ? "live" : "live lost";
      sign.hidden = false;
    }

    setInterval(() => {
      if (document.hidden) return;
      const now = Date.now();
      const dead = source?.readyState === EventSource.CLOSED || now - heardAt > SILENT_MS;
      if (dead) connect();
      // Also without a stream: who is not signed in any more is let into none, and learns it by asking for the page.
      if (now - lookedAt > LOOK_AGAIN_MS) void look();
    }, RECONNECT_MS);
    // A browser allows few connections to one server: pages that nobody looks at give theirs back.
    document.addEventListener("visibilitychange", () => {
      if (document.hidden) source?.close();
      else connect();
    });
    if (!document.hidden) connect();
  }

  /** Each part marked data-live is taken from the fresh page, unless somebody reads or types in it. */
  function put(fresh) {
    const selection = getSelection();
    const seen = firstSeen();
    for (const old of document.querySelectorAll("[data-live][id]")) {
      const part = fresh.getElementById(old.id);
      if (part === null || part.innerHTML === old.innerHTML) continue;
      if (selection !== null && !selection.isCollapsed && selection.containsNode(old, true)) continue;
      if (document.activeElement?.matches("input, textarea, select") && old.contains(document.activeElement))
        continue;
      keepOpen(old, part);
      const focused = old.contains(document.activeElement) ? keyOf(document.activeElement) : null;
      const scrolls = new Map([...old.querySelectorAll("pre[id]")].map((pre) => [pre.id, pre.scrollTop]));
      old.className = part.className;
      old.replaceChildren(...part.childNodes);
      for (const button of old.querySelectorAll("button[data-copy]")) button.hidden = false;
      for (const [id, top] of scrolls) document.getElementById(id)?.scrollTo(0, top);
      if (focused !== null) old.querySelector(focused)?.focus({ preventScroll: true });
    }
    const moved = seen === null ? 0 : (placeOf(seen.key) ?? seen.top) - seen.top;
    if (moved !== 0) document.documentElement.scrollBy({ top: moved, behavior: "instant" });
    if (document.title === fresh.title) return;
    document.title = fresh.title;
    // It says in few words how things stand.
    const heard = document.getElementById("heard");
    if (heard !== null) heard.textContent = fresh.title;
  }

  /**
   * Whoever has scrolled reads: what comes above must not push that away. Null at the top, where what is new is to be
   * seen, and where nothing can be found again.
   */
  function firstSeen() {
    if (document.documentElement.scrollTop === 0) return null;
    for (const part of document.querySelectorAll("[data-live][id]")) {
      for (const element of part.querySelectorAll("a[href], summary, [id]")) {
        const { top, bottom } = element.getBoundingClientRect();
        const own = bottom > 0 && top < document.documentElement.clientHeight ? keyOf(element) : null;
        if (own !== null) return { key: `#${CSS.escape(part.id)} ${own}`, top };
      }
    }
    return null;
  }

  function placeOf(key) {
    return document.querySelector(key)?.getBoundingClientRect().top;
  }

  function keepOpen(old, part) {
    for (const details of old.querySelectorAll("details[id]")) {
      const same = part.querySelector(`#${CSS.escape(details.id)}`);
      if (same !== null) same.open = details.open;
    }
  }

  function keyOf(element) {
    if (element.id !== "") return `#${CSS.escape(element.id)}`;
    const { copy } = element.dataset;
    if (copy !== undefined) return `button[data-copy="${CSS.escape(copy)}"]`;
    const href = element.getAttribute("href");
    if (href !== null) return `a[href="${CSS.escape(href)}"]`;
    const details = element.closest("details[id]");
    return element.localName === "summary" && details ? `#${CSS.escape(details.id)} > summary` : null;
  }
})();
