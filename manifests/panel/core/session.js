/* Who is signed in: device code in the system browser, tokens in the host's safe, one renewal at a time. */
(function (PB) {
  "use strict";

  const SAFE = "session";
  const GRANT = "urn:ietf:params:oauth:grant-type:device_code";
  let held = null; // { api, access_token, refresh_token }
  let renewing = null;

  async function kept() {
    try {
      const found = JSON.parse((await PB.host.secret.get(SAFE)) || "null");
      return found && found.api === PB.config.api ? found : null;
    } catch (error) {
      return null;
    }
  }

  async function restore() {
    held = await kept();
    PB.store.set({ signedIn: held !== null });
    return held !== null;
  }

  async function keep(answer) {
    held = { api: PB.config.api, access_token: answer.access_token, refresh_token: answer.refresh_token };
    try {
      await PB.host.secret.set(SAFE, JSON.stringify(held));
    } catch (error) {
      PB.notices.say(PB.t("session.not-kept"));
    }
  }

  /** Starts a sign-in and answers with what to show: the code and where to type it. */
  async function begin() {
    const info = await PB.host.info();
    const form = { client_id: "panel", scope: "read generate", device: (info.label + " " + info.version).trim() };
    const { data } = await PB.http.post("/v1/oauth/device_authorization", { form, open: true });
    return data;
  }

  /** Asks until the editor has approved; answers with "signed-in", "denied" or "expired". */
  async function finish(started, signal) {
    let every = started.interval || 5;
    const until = Date.now() + started.expires_in * 1000;
    while (Date.now() < until) {
      await PB.pause(every * 1000, signal);
      const form = { grant_type: GRANT, device_code: started.device_code, client_id: "panel" };
      try {
        const { data } = await PB.http.post("/v1/oauth/token", { form, open: true, signal });
        await keep(data);
        PB.store.set({ signedIn: true, sessionEnded: false });
        return "signed-in";
      } catch (error) {
        if (error.slug === "slow_down") every += 5;
        else if (error.slug === "access_denied") return "denied";
        else if (error.slug === "expired_token") return "expired";
        else if (error.slug !== "authorization_pending" && !error.unanswered && error.status !== 429) throw error;
        else if (error.status === 429) every = Math.max(every, error.retry_after);
      }
    }
    return "expired";
  }

  /** A fresh access token; false when the session is over. `used` is the token that was refused. */
  async function renew(used) {
    if (!held) return false;
    if (held.access_token !== used) return true; // somebody else renewed it meanwhile
    renewing = renewing || refresh().finally(() => (renewing = null));
    return renewing;
  }

  async function refresh() {
    const elsewhere = await kept(); // another window of this panel may have renewed it
    if (elsewhere && elsewhere.access_token !== held.access_token) {
      held = elsewhere;
      return true;
    }
    const form = { grant_type: "refresh_token", refresh_token: held.refresh_token, client_id: "panel" };
    const before = held;
    try {
      const { data } = await PB.http.post("/v1/oauth/token", { form, open: true });
      if (held !== before) return false; // signed out meanwhile
      await keep(data);
      return true;
    } catch (error) {
      if (error.unanswered || error.status === 429) throw error;
      return false;
    }
  }

  /** The service no longer knows us: say so, and keep everything else. */
  function ended() {
    if (!held) return;
    held = null;
    PB.host.secret.remove(SAFE).catch(() => undefined);
    forget();
    PB.store.set({ sessionEnded: true });
  }

  /** Whoever signs in next may be somebody else: nothing of this person is shown or sent then. */
  function forget() {
    PB.outbox.halt();
    PB.http.forget();
    PB.deliveries.forget();
    PB.store.reset();
  }

  async function leave() {
    const token = held && held.refresh_token;
    held = null;
    await PB.host.secret.remove(SAFE);
    forget();
    if (token) PB.http.post("/v1/oauth/revoke", { form: { token, client_id: "panel" }, open: true }).catch(() => undefined);
  }

  PB.session = { restore, begin, finish, renew, ended, leave, token: () => held && held.access_token };

  /** Rejects at once when the signal says so. */
  PB.pause = (milliseconds, signal) =>
    new Promise((done, stop) => {
      const end = setTimeout(() => {
        if (signal) signal.removeEventListener("abort", leaveNow); // else a day's pauses pile up on it
        done();
      }, milliseconds);
      const leaveNow = () => {
        clearTimeout(end);
        stop(new PB.Problem("aborted"));
      };
      if (!signal) return;
      if (signal.aborted) leaveNow();
      else signal.addEventListener("abort", leaveNow);
    });
})((window.PB = window.PB || {}));
