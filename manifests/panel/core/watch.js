/* Looks after what is unfinished: one request for all of it, ETag and Retry-After obeyed, woken by the feed. */
(function (PB) {
  "use strict";

  const UNFINISHED = new Set(["queued", "planned", "generating", "evaluating", "paused"]);
  const MOVING = new Set(["queued", "conforming"]);
  const IDLE = 20; // seconds between looks when the feed is awake and nothing is unfinished
  const HIDDEN = 30;
  let timer = null;
  let looking = null;
  let again = false;
  let running = false;
  let feedStop = null;

  function start() {
    if (running) return;
    running = true;
    feedStop = new AbortController();
    look();
    feed(feedStop.signal);
  }

  function stop() {
    running = false;
    clearTimeout(timer);
    if (feedStop) feedStop.abort();
  }

  /** What was asked for last, here or on another machine. */
  async function lately() {
    const { data } = await PB.http.get("/v1/generations?limit=20", { fresh: true });
    PB.store.set({ work: data.items });
    for (const each of data.items) PB.deliveries.follow(each);
  }

  /** Now, or right after the look under way. */
  function look() {
    if (!running) return Promise.resolve();
    if (looking) {
      again = true;
      return looking;
    }
    clearTimeout(timer);
    looking = once().then(next, failed).then(() => {
      looking = null;
      if (again) {
        again = false;
        return look();
      }
      return undefined;
    });
    return looking;
  }

  async function once() {
    const answer = await PB.http.get("/v1/generations?state=unfinished&limit=200");
    const open = answer.data.items;
    const ended = await finished(open);
    const moved = await PB.deliveries.look();
    if (!answer.unchanged || ended.length) show(open, ended);
    if (ended.length || moved) PB.account.refresh();
    PB.store.set({ line: "ok" });
    return open.length || moved ? answer.retryAfter || 2 : IDLE;
  }

  /** Those that were unfinished a moment ago and are not in the list any more. */
  async function finished(open) {
    const ids = new Set(open.map((each) => each.id));
    const gone = PB.store.get().work.filter((each) => UNFINISHED.has(each.state) && !ids.has(each.id));
    if (!gone.length) return [];
    const found = [];
    for (let i = 0; i < gone.length; i += 100) {
      const wanted = gone.slice(i, i + 100).map((each) => each.id);
      found.push(...(await PB.http.get("/v1/generations?limit=100&ids=" + wanted.join(","), { fresh: true })).data.items);
    }
    return found;
  }

  function show(open, ended) {
    const fresh = new Map([...open, ...ended].map((each) => [each.id, each]));
    const kept = PB.store.get().work.filter((each) => !fresh.has(each.id) && !UNFINISHED.has(each.state));
    const work = [...fresh.values(), ...kept].sort((a, b) => (a.id < b.id ? 1 : -1)).slice(0, 400);
    PB.store.set({ work });
    for (const each of ended) PB.deliveries.follow(each);
  }

  /** One generation that was just asked for or looked at. */
  function add(generation) {
    const others = PB.store.get().work.filter((each) => each.id !== generation.id);
    PB.store.set({ work: [generation, ...others] });
    PB.deliveries.follow(generation);
  }

  function next(seconds) {
    if (!running) return;
    const wait = document.hidden ? Math.max(seconds, HIDDEN) : seconds;
    timer = setTimeout(look, wait * 1000);
  }

  function failed(error) {
    if (!running || error.status === 401) return;
    PB.store.set({ line: error.status === 429 || error.status >= 500 ? "busy" : "offline" });
    timer = setTimeout(look, 1000 * Math.max(error.retry_after || 0, 5));
  }

  function wake() {
    PB.store.set({ heard: PB.store.get().heard + 1 });
    return look();
  }

  /** The feed only wakes the look: its words are never taken for the truth. */
  async function feed(signal) {
    let place = "now";
    let stream = PB.capabilities.stream;
    while (!signal.aborted) {
      let rest = 1; // whoever ends a stream at once is not asked again at once
      try {
        place = stream ? await PB.stream(place, wake, signal) : await polled(place, signal);
      } catch (error) {
        if (error.status === 401) return;
        rest = Math.max(error.retry_after || 0, 5);
        stream = PB.capabilities.stream && !stream; // what holds streams back lets the other way through
      }
      await PB.pause(1000 * rest, signal).catch(() => undefined);
    }
  }

  async function polled(place, signal) {
    const path = "/v1/events?wait=25&after=" + encodeURIComponent(place);
    const { data, retryAfter } = await PB.http.get(path, { signal, wait: 40000, fresh: true });
    if (data.items.length) wake();
    else if (retryAfter) await PB.pause(retryAfter * 1000, signal);
    return data.next_cursor;
  }

  PB.watch = { start, stop, look, lately, add, isUnfinished: (each) => UNFINISHED.has(each.state), isMoving: (each) => MOVING.has(each.state) };
})((window.PB = window.PB || {}));
