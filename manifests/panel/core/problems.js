/* Everything that can go wrong as a plain sentence and the next step. */
(function (PB) {
  "use strict";

  /** What the service or the network refused. kind: "offline" | "timeout" | "answer" */
  class Problem extends Error {
    constructor(kind, answer) {
      super((answer && (answer.detail || answer.title)) || kind);
      this.kind = kind;
      this.status = (answer && answer.status) || 0;
      this.slug = answer && answer.type ? String(answer.type).split("/").pop() : (answer && answer.error) || "";
      this.detail = (answer && (answer.detail || answer.error_description)) || "";
      this.errors = (answer && answer.errors) || [];
      this.resets_at = answer && answer.resets_at;
      this.request_id = answer && answer.request_id;
      this.retry_after = (answer && answer.retry_after) || 0;
      this.told = answer || {};
    }

    /** Whether nobody can say if it arrived: the same request may be sent again under its own key. */
    get unanswered() {
      return this.kind !== "answer" || this.status >= 500 || this.slug === "idempotency-in-progress";
    }
  }

  /** What a host refused; the codes are in panel.d.ts. */
  class HostError extends Error {
    constructor(code, message) {
      super(message || code);
      this.code = code;
    }
  }

  /** { text, step, action }: `step` says what to do, `action` is a screen or a word the panel knows. */
  function explain(error) {
    const t = PB.t;
    if (error instanceof HostError) {
      return { text: t("host." + error.code), step: error.message === error.code ? "" : error.message, action: null };
    }
    if (!(error instanceof Problem)) {
      return { text: t("problem.unexpected"), step: String((error && error.message) || error), action: null };
    }
    if (error.kind === "offline") return { text: t("problem.offline"), step: t("problem.offline.step"), action: "doctor" };
    if (error.kind === "timeout") return { text: t("problem.timeout"), step: t("problem.timeout.step"), action: "doctor" };
    return answered(error);
  }

  function answered(error) {
    const t = PB.t;
    const english = [error.detail, ...error.errors.map((each) => each.detail)].filter(Boolean).join(" ");
    const own = PB.text.said("problem." + error.slug, error.told);
    const detail = PB.said.led(own, english);
    if (error.status === 401) return { text: t("problem.401"), step: t("problem.401.step"), action: "sign-in" };
    if (error.status === 402) return { text: t("problem.402"), step: detail || t("problem.402.step"), action: "account" };
    if (error.slug === "draft-quota-exhausted") {
      const at = error.resets_at ? PB.text.moment(error.resets_at) : "";
      return { text: t("problem.quota"), step: t("problem.quota.step", { at }), action: "account" };
    }
    if (error.status === 429) {
      return { text: t("problem.429"), step: t("problem.429.step", { n: error.retry_after || 1 }), action: null };
    }
    if (error.slug === "rights-not-attested") return { text: t("problem.rights"), step: t("problem.rights.step"), action: "generate" };
    if (error.status === 410) return { text: t("problem.410"), step: detail, action: null };
    if (error.status >= 500) {
      const step = t("problem.5xx.step", { id: error.request_id || "–" });
      return { text: t("problem.5xx"), step: error.status === 503 && detail ? detail : step, action: "doctor" };
    }
    return { text: detail || error.message || t("problem.unexpected"), step: "", action: null };
  }

  PB.Problem = Problem;
  PB.HostError = HostError;
  PB.explain = explain;
})((window.PB = window.PB || {}));
