/* One way to the service: token in the header, no cookies, answers or problems, nothing waits forever. */
(function (PB) {
  "use strict";

  const LONGEST = 30000;
  const tags = new Map(); // path -> { etag, data }: what a 304 stands for

  /** options: { body, form, file, key, signal, wait, open, fresh }; answers { status, data, retryAfter, unchanged, replayed }. */
  async function request(method, path, options) {
    const asked = options || {};
    const answer = await once(method, path, asked);
    if (answer.status === 401 && !asked.open && (await PB.session.renew(answer.token))) {
      return settled(await once(method, path, asked), path);
    }
    return settled(answer, path);
  }

  async function once(method, path, asked) {
    const headers = { Accept: "application/json" };
    const token = asked.open ? null : PB.session.token();
    if (token) headers.Authorization = "Bearer " + token;
    const kept = method === "GET" && !asked.fresh ? tags.get(path) : null;
    if (kept) headers["If-None-Match"] = kept.etag;
    if (asked.key) headers["Idempotency-Key"] = asked.key;
    const response = await sent(PB.config.api + path, { method, headers, body: bodyOf(asked, headers) }, asked);
    return { ...(await read(response, path, kept, method)), token };
  }

  function bodyOf(asked, headers) {
    if (asked.file) return asked.file;
    if (asked.form) {
      headers["Content-Type"] = "application/x-www-form-urlencoded";
      return Object.entries(asked.form).map((pair) => pair.map(encodeURIComponent).join("=")).join("&");
    }
    if (asked.body === undefined) return undefined;
    headers["Content-Type"] = "application/json";
    return JSON.stringify(asked.body);
  }

  async function sent(url, options, asked) {
    const stop = new AbortController();
    const patience = setTimeout(() => stop.abort(), asked.wait || LONGEST);
    const leave = () => stop.abort();
    if (asked.signal) asked.signal.addEventListener("abort", leave);
    try {
      return await fetch(url, { ...options, credentials: "omit", cache: "no-store", signal: stop.signal });
    } catch (error) {
      if (asked.signal && asked.signal.aborted) throw new PB.Problem("aborted");
      throw new PB.Problem(stop.signal.aborted ? "timeout" : "offline");
    } finally {
      clearTimeout(patience);
      if (asked.signal) asked.signal.removeEventListener("abort", leave);
    }
  }

  async function read(response, path, kept, method) {
    const retryAfter = Number(response.headers.get("Retry-After")) || 0;
    const facts = { status: response.status, retryAfter, replayed: response.headers.get("Idempotency-Replayed") === "true" };
    if (response.status === 304 && kept) return { ...facts, data: kept.data, unchanged: true };
    let data = null;
    try {
      const text = await response.text();
      data = text ? JSON.parse(text) : null;
    } catch (error) {
      // A connection that broke in the middle, or a page of somebody's proxy: not an answer of ours.
      if (response.ok) throw new PB.Problem("offline");
    }
    const etag = response.headers.get("ETag");
    if (method === "GET" && response.ok && etag) remember(path, etag, data);
    return { ...facts, data };
  }

  function remember(path, etag, data) {
    tags.delete(path);
    tags.set(path, { etag, data });
    if (tags.size > 200) tags.delete(tags.keys().next().value);
  }

  function settled(answer, path) {
    if (answer.status < 400) return answer;
    const told = answer.data && typeof answer.data === "object" ? answer.data : {};
    const problem = new PB.Problem("answer", { ...told, status: answer.status, retry_after: answer.retryAfter });
    if (answer.status === 401 && !path.startsWith("/v1/oauth/")) PB.session.ended();
    if (problem.slug === "rights-not-attested") PB.account.rules(told.asset_ids).catch(() => undefined); // the refusal itself is told
    throw problem;
  }

  PB.http = {
    request,
    get: (path, options) => request("GET", path, options),
    post: (path, options) => request("POST", path, options),
    forget: () => tags.clear(),
  };
})((window.PB = window.PB || {}));
