/* Where the panel runs. Adapters register themselves; the first that recognises its host is used. */
(function (PB) {
  "use strict";

  /** @type {PB.HostFactory[]} */
  PB.hosts = PB.hosts || [];

  /** The adapter of this host; the browser's, registered last, recognises everything. */
  PB.detect = function () {
    const factory = PB.hosts.find((each) => each.recognises());
    if (!factory) throw new PB.HostError("unsupported");
    return factory.create();
  };

  /**
   * A module of the host, or null where there is none.
   * @param {string} name
   */
  PB.load = function (name) {
    if (typeof require !== "function") return null;
    try {
      return require(name) || null;
    } catch (error) {
      return null; // another host, or a module that the package may not use
    }
  };

  /**
   * Calls back when what `read` answers with is no longer what it was; answers with a stop.
   * @param {() => Promise<unknown>} read
   * @param {() => void} changed
   */
  PB.observe = function (read, changed) {
    let before = "";
    let stopped = false;
    /** @param {boolean} tell */
    async function look(tell) {
      if (stopped) return;
      const now = JSON.stringify(await read().catch(() => null));
      if (tell && now !== before && !stopped) changed();
      before = now;
      setTimeout(look, 1500, true);
    }
    look(false);
    return () => {
      stopped = true;
    };
  };

  /** @param {number} milliseconds */
  PB.wait = (milliseconds) => new Promise((done) => setTimeout(done, milliseconds));

  /**
   * What `look` finds once it finds something, or null when it has found nothing for so long.
   * @template T
   * @param {() => Promise<T | null>} look
   * @param {number} milliseconds
   * @returns {Promise<T | null>}
   */
  PB.until = async function (look, milliseconds) {
    for (const ends = Date.now() + milliseconds; ; ) {
      const found = await look();
      if (found !== null) return found;
      if (Date.now() >= ends) return null;
      await PB.wait(150);
    }
  };
})(window.PB);
