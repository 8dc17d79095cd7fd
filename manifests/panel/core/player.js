/* A movie with its own buttons, for hosts without controls; several of them can play as one. */
(function (PB) {
  "use strict";

  const { el, words, small } = PB.dom;

  /** A poster until it is played; `link` answers with a fresh URL when the one at hand has expired. */
  function player(take, link) {
    const video = el("video", { muted: true, loop: true, playsinline: "", preload: "none", width: 320, height: 180 });
    video.muted = true;
    if (take.poster) video.setAttribute("poster", take.poster.url);
    if (take.proxy) video.setAttribute("src", take.proxy.url);
    let renewed = false;
    video.addEventListener("error", async () => {
      if (renewed || !link) return;
      renewed = true;
      const fresh = await link().catch(() => null);
      if (fresh) video.setAttribute("src", fresh);
    });
    return video;
  }

  /** One set of buttons for any number of movies: play, pause, step a frame, drag through. */
  function transport(videos, rate) {
    const slider = el("input.seek", { type: "range", min: "0", max: "1000", value: "0", "aria-label": PB.t("player.position") });
    const time = el("span.time", null, "0.0 s");
    const play = small(PB.t("player.play"), toggle);
    let ticking = null;
    let dragging = false;

    const first = () => videos[0];
    const length = () => (first() && first().duration) || 0;

    function toggle() {
      return isPlaying() ? pause() : start();
    }
    function isPlaying() {
      return ticking !== null;
    }
    function start() {
      for (const video of videos) Promise.resolve(video.play()).catch(() => undefined);
      words(play, PB.t("player.pause"));
      ticking = setInterval(tick, 100);
    }
    function pause() {
      for (const video of videos) video.pause();
      words(play, PB.t("player.play"));
      clearInterval(ticking);
      ticking = null;
      tick();
    }
    /** Followers that drifted by more than two frames come back to the first. */
    function tick() {
      if (!slider.isConnected) return void (clearInterval(ticking), (ticking = null));
      if (!first() || dragging) return;
      const now = first().currentTime || 0;
      for (const video of videos.slice(1)) {
        if (Math.abs((video.currentTime || 0) - now) > 2 / rate && now < (video.duration || 0)) video.currentTime = now;
      }
      slider.value = String(Math.round((1000 * now) / (length() || 1)));
      words(time, now.toFixed(1) + " s");
    }
    function seek(seconds) {
      for (const video of videos) {
        if (!video.readyState) video.preload = "auto"; // a poster has no frames to show
        video.currentTime = Math.max(0, Math.min(seconds, (video.duration || seconds + 1) - 0.001));
      }
      words(time, seconds.toFixed(1) + " s");
    }
    slider.addEventListener("input", () => {
      dragging = true;
      seek((Number(slider.value) / 1000) * length());
    });
    slider.addEventListener("change", () => (dragging = false));
    const bar = el("div.transport", { role: "group", "aria-label": PB.t("player.controls") }, play, slider, time);
    bar.addEventListener("keydown", (event) => {
      const step = { ",": -1, ".": 1 }[event.key];
      if (!step) return;
      if (isPlaying()) pause();
      seek((first().currentTime || 0) + step / rate);
    });
    return { bar, pause, start, seek };
  }

  PB.player = { player, transport };
})((window.PB = window.PB || {}));
