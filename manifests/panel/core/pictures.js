/* Pictures the editor gives: from the playhead or a file, sent once, watched until they are checked. */
(function (PB) {
  "use strict";

  const DIRECT = 10 * 1000 * 1000; // what goes in one part; the rest is PUT where the service says

  /** Sends a picture and answers with its asset once it is ready; `attested`: the editor holds the rights to it. */
  async function upload(picture, said, attested) {
    const sent = picture.bytes.byteLength <= DIRECT ? await multipart(picture, attested) : await put(picture, attested);
    return ready(sent, said);
  }

  async function multipart(picture, attested) {
    const form = new FormData();
    form.append("file", new Blob([picture.bytes], { type: picture.media_type }), picture.filename);
    if (attested) form.append("rights_attested", "true");
    const { data } = await PB.http.post("/v1/assets", { file: form, key: await keyOf(picture, attested), wait: 120000 });
    return data;
  }

  async function put(picture, attested) {
    const sha256 = await PB.sha256(picture.bytes);
    const { filename, media_type } = picture;
    const body = { filename, media_type, bytes: picture.bytes.byteLength, sha256, rights_attested: attested || undefined };
    const { data } = await PB.http.post("/v1/assets", { body, key: await keyOf(picture, attested) });
    if (data.upload) {
      const { method, url, headers } = data.upload;
      const answer = await fetch(url, { method, headers, body: picture.bytes, credentials: "omit" }).catch(() => null);
      if (!answer || !answer.ok) throw new PB.Problem(answer ? "answer" : "offline", answer && { status: answer.status });
      return (await PB.http.post("/v1/assets/" + data.id + "/complete")).data;
    }
    return data;
  }

  /** The same picture under the same name, with the same word on its rights, is the same request. */
  async function keyOf(picture, attested) {
    const named = unescape(encodeURIComponent(picture.filename + "\n" + picture.media_type));
    const name = await PB.sha256(Uint8Array.from(named, (each) => each.charCodeAt(0)));
    return "asset-" + (await PB.sha256(picture.bytes)).slice(0, 40) + "-" + name.slice(0, 12) + (attested ? "-r" : "");
  }

  async function ready(asset, said) {
    let now = asset;
    for (let turn = 0; now.state === "uploading" || now.state === "checking"; turn += 1) {
      said(PB.t("picture.checking"));
      await PB.pause(turn < 5 ? 400 : 1500);
      now = (await PB.http.get("/v1/assets/" + now.id)).data;
    }
    if (now.state !== "ready") throw new PB.Problem("answer", { status: 422, detail: now.problem || PB.t("picture.rejected") });
    return now;
  }

  PB.pictures = { upload };
})((window.PB = window.PB || {}));
