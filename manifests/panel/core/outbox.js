/* Requests that spend or create: each has a key, kept until it is answered, so nothing is asked for twice. */
(function (PB) {
  "use strict";

  const BACKOFF = [1, 2, 5, 10, 20, 30];
  const inFlight = new Map();

  function kept() {
    return PB.local.read("outbox", []);
  }

  /** Of several people who share this machine, those of who is signed in. */
  function ours() {
    return kept().filter((each) => each.owner === ownerId());
  }

  function keep(entries) {
    PB.local.write("outbox", entries);
    PB.store.set({ waiting: ours() });
  }

  function newKey() {
    const bytes = crypto.getRandomValues(new Uint8Array(16));
    return Array.from(bytes, (each) => each.toString(16).padStart(2, "0")).join("");
  }

  /** Sends until it is answered, whatever breaks meanwhile; `wish` says what becomes of a delivery, also after a restart. */
  function send(what, path, body, wish) {
    const entry = { key: newKey(), what, path, body, wish, owner: ownerId(), since: new Date().toISOString() };
    keep([...kept(), entry]);
    return deliver(entry);
  }

  function deliver(entry) {
    let going = inFlight.get(entry.key);
    if (!going) {
      const stop = new AbortController();
      going = { stop, done: tried(entry, stop.signal).finally(() => inFlight.delete(entry.key)) };
      inFlight.set(entry.key, going);
    }
    return going.done;
  }

  async function tried(entry, signal) {
    for (let turn = 0; ; turn += 1) {
      try {
        const { data } = await PB.http.post(entry.path, { body: entry.body, key: entry.key, signal });
        if (entry.wish) PB.deliveries.wish(data, entry.wish);
        drop(entry.key);
        return data;
      } catch (error) {
        if (signal.aborted) throw error;
        if (error.status === 401) throw error; // kept: sent again after the sign-in
        if (!error.unanswered && error.slug !== "rate-limited") {
          drop(entry.key);
          throw error;
        }
        PB.store.set({ line: error.status ? "busy" : "offline" });
        await PB.pause(1000 * Math.max(error.retry_after, BACKOFF[Math.min(turn, BACKOFF.length - 1)]), signal);
      }
    }
  }

  function drop(key) {
    keep(kept().filter((each) => each.key !== key));
  }

  /** The editor does not want it any more; if it did arrive it shows in the queue and can be cancelled there. */
  function discard(key) {
    const going = inFlight.get(key);
    drop(key);
    if (going) going.stop.abort();
  }

  /** After a restart or a sign-in: whatever of this person's was not answered goes out again under its own key. */
  function resume() {
    const mine = ours();
    PB.store.set({ waiting: mine });
    for (const entry of mine) {
      deliver(entry).then(
        () => PB.watch.look(),
        (error) => {
          if (error.kind !== "aborted" && error.status !== 401) PB.notices.problem(error);
        },
      );
    }
  }

  /** Nobody is signed in any more: nothing is sent, everything is kept for its owner. */
  function halt() {
    for (const each of inFlight.values()) each.stop.abort();
  }

  function ownerId() {
    const me = PB.store.get().me;
    return me ? me.id : null;
  }

  PB.outbox = { send, discard, resume, halt, ownerId };
})((window.PB = window.PB || {}));
