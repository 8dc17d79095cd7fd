/* The feed as a stream, for hosts that can read an answer while it comes: the token stays in the header. */
(function (PB) {
  "use strict";

  const QUIET = 40000; // the server speaks every 15 s

  /** Reads until the stream ends; `wake` is called for what happens; answers with where to go on. */
  PB.stream = async function (place, wake, signal) {
    const stop = new AbortController();
    const leave = () => stop.abort();
    signal.addEventListener("abort", leave);
    let patience = setTimeout(leave, QUIET);
    let last = place;
    try {
      const response = await opened(place, stop.signal);
      const reader = response.body.getReader();
      let rest = "";
      for (;;) {
        const { done, value } = await reader.read();
        if (done) return last;
        clearTimeout(patience);
        patience = setTimeout(leave, QUIET);
        rest += ascii(value);
        const lines = rest.split("\n");
        rest = lines.pop();
        for (const line of lines) if (line.startsWith("id: ")) last = line.slice(4).trim();
        if (lines.some((line) => line.startsWith("data:"))) wake();
      }
    } catch (error) {
      if (error instanceof PB.Problem || signal.aborted) throw error;
      if (last === place) throw new PB.Problem("offline");
      return last; // broke off: go on from there
    } finally {
      clearTimeout(patience);
      signal.removeEventListener("abort", leave);
    }
  };

  async function opened(place, signal) {
    const headers = { Accept: "text/event-stream", Authorization: "Bearer " + PB.session.token() };
    const url = PB.config.api + "/v1/events?after=" + encodeURIComponent(place);
    const response = await fetch(url, { headers, credentials: "omit", cache: "no-store", signal });
    if (response.ok) return response;
    if (response.status === 401) await PB.session.renew(headers.Authorization.slice(7));
    const retry_after = Number(response.headers.get("Retry-After")) || 5;
    throw new PB.Problem("answer", { status: response.status === 401 ? 503 : response.status, retry_after });
  }

  /** Ids and event names are ASCII; of the rest only the line ends matter here, and those survive. */
  function ascii(bytes) {
    let text = "";
    for (const each of bytes) text += String.fromCharCode(each);
    return text;
  }
})((window.PB = window.PB || {}));
