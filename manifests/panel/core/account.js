/* The person, the models and the panel's own document, as the server keeps them. */
(function (PB) {
  "use strict";

  let saving = null;
  let patch = {}; // what the server does not have yet, also from before a restart

  async function load() {
    const [me, models, settings, policy] = await Promise.all([
      PB.http.get("/v1/me"),
      PB.http.get("/v1/models"),
      PB.http.get("/v1/me/panel").catch(olderService),
      PB.http.get("/v1/workspace/policy").catch(olderService),
    ]);
    const unsaved = PB.local.read("unsaved", {});
    patch = [me.data.id, null].includes(unsaved.owner) ? unsaved.patch : {};
    PB.store.set({ me: me.data, models: models.data.items, settings: { ...settings.data.settings, ...patch }, policy: policy.data });
    if (Object.keys(patch).length) save();
  }

  /** A service from before there were settings or policies: the panel works, and forgets. */
  function olderService(error) {
    if (error.status !== 404) throw error;
    return { data: { settings: {} } };
  }

  function refresh() {
    if (!PB.store.get().signedIn) return Promise.resolve();
    return PB.http.get("/v1/me").then(
      ({ data }) => PB.store.set({ me: data }),
      () => undefined, // the next look tries again
    );
  }

  /** Keeps a part of the panel's document; several changes in a breath are one request. */
  function keep(name, value) {
    unsaved({ ...patch, [name]: value });
    PB.store.set({ settings: { ...PB.store.get().settings, [name]: value } });
    clearTimeout(saving);
    saving = setTimeout(save, 800);
  }

  async function save() {
    const owner = PB.outbox.ownerId();
    if (!owner) return; // signed out: kept for the next sign-in
    const sent = patch;
    try {
      await PB.http.request("PATCH", "/v1/me/panel", { body: { settings: sent } });
      if (owner === PB.outbox.ownerId()) unsaved(Object.fromEntries(Object.entries(patch).filter(([name, value]) => sent[name] !== value)));
    } catch (error) {
      if (error.unanswered || error.status === 429) {
        saving = setTimeout(save, 1000 * Math.max(5, error.retry_after || 0));
      } else if (error.status !== 404) {
        PB.notices.problem(error);
      }
    }
  }

  function unsaved(now) {
    patch = now;
    PB.local.write("unsaved", { owner: PB.outbox.ownerId(), patch: now });
  }

  /** What the workspace asks of files, as it is now; `refused`: files that nobody attested the rights to. */
  async function rules(refused) {
    const { data, unchanged } = await PB.http.get("/v1/workspace/policy");
    if (refused || !unchanged) PB.store.set({ policy: { ...PB.store.get().policy, ...data, ...(refused ? { refused } : {}) } });
  }

  /** Whether this person may choose and spend; a viewer looks and reviews. */
  function makes() {
    const { me } = PB.store.get();
    return !me || me.role !== "viewer";
  }

  function model(id) {
    return PB.store.get().models.find((each) => each.id === id) || null;
  }

  function setting(name, otherwise) {
    const value = (PB.store.get().settings || {})[name];
    return value === undefined || value === null ? otherwise : value;
  }

  PB.account = { load, refresh, keep, model, setting, rules, makes };
})((window.PB = window.PB || {}));
