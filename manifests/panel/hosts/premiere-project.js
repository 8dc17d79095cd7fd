/* Premiere's project: its bins, what is brought into them, one medium exchanged for another. */
(function (PB) {
  "use strict";

  const LOOK = 8000; // how long the host may take to show what it has done, in milliseconds

  /** @param {Premiere} ppro */
  function premiereProject(ppro) {
    async function opened() {
      const project = await ppro.Project.getActiveProject();
      if (!project) throw new PB.HostError("no-project");
      return project;
    }

    /** @param {string | null} wanted */
    async function current(wanted) {
      const project = await opened();
      const sequence = await project.getActiveSequence();
      if (!sequence) throw new PB.HostError("no-sequence");
      if (wanted !== null && sequence.guid.toString() !== wanted) throw new PB.HostError("no-sequence", sequence.name);
      return { project, sequence, per: await sequence.getTimebase() };
    }

    /**
     * One step of the host's undo. Actions are made inside the lock, without waiting: the host asks for both.
     * @param {PremiereProject} project
     * @param {string} name
     * @param {() => PremiereAction[]} actions
     */
    function transact(project, name, actions) {
      let done = false;
      project.lockedAccess(() => {
        done = project.executeTransaction((all) => {
          for (const each of actions()) all.addAction(each);
        }, name);
      });
      if (!done) throw new Error(name);
    }

    /**
     * Does a change and reads it back. What was refused and left no trace has failed; anything else is in doubt.
     * @template T
     * @param {() => Promise<unknown> | void} act
     * @param {() => Promise<T | null>} find
     * @returns {Promise<T>}
     */
    async function verified(act, find) {
      let refusal = null;
      try {
        await act();
      } catch (error) {
        refusal = error instanceof Error ? error.message : String(error);
      }
      const found = await PB.until(find, refusal === null ? LOOK : 500);
      if (found !== null) return found;
      throw refusal === null ? new PB.HostError("not-verified") : new PB.HostError("failed", refusal);
    }

    /** @param {PremiereItem} item */
    const isBin = (item) => item.type === ppro.ProjectItem.TYPE_BIN;

    /**
     * The bin of this path, made where it is missing. `item` is what the host imports into: null for the root.
     * @param {PremiereProject} project
     * @param {string} path
     */
    async function binOf(project, path) {
      let folder = await project.getRootItem();
      /** @type {PremiereItem | null} */
      let item = null;
      for (const name of path.split("/").filter(Boolean)) {
        const parent = folder;
        const find = async () => (await parent.getItems()).find((each) => isBin(each) && each.name === name) || null;
        const make = () => transact(project, "Make bin " + name, () => [parent.createBinAction(name, false)]);
        item = (await find()) || (await verified(make, find));
        folder = ppro.FolderItem.cast(item);
      }
      return { item, folder };
    }

    /**
     * Every clip under a bin.
     * @param {PremiereFolder} folder
     * @returns {Promise<PremiereItem[]>}
     */
    async function clipsUnder(folder) {
      const found = [];
      for (const each of await folder.getItems()) {
        if (isBin(each)) found.push(...(await clipsUnder(ppro.FolderItem.cast(each))));
        else found.push(each);
      }
      return found;
    }

    /** @param {PremiereItem} item */
    async function mediaPath(item) {
      try {
        return plain(await ppro.ClipProjectItem.cast(item).getMediaFilePath());
      } catch (error) {
        return ""; // a sequence, a title: no file
      }
    }

    /**
     * @param {PremiereFolder} folder
     * @param {string} path
     * @param {Set<string>} before
     */
    async function clipOf(folder, path, before) {
      for (const each of await folder.getItems()) {
        if (!before.has(each.getId()) && !isBin(each) && (await mediaPath(each)) === plain(path)) return each;
      }
      return null;
    }

    /** @param {PB.ImportRequest} request */
    async function bring(request) {
      const project = await opened();
      const bin = await binOf(project, request.bin);
      const path = request.paths[0];
      const item = (await clipOf(bin.folder, path, new Set())) || (await imported(project, bin, request));
      await named(project, item, request);
      await describe(project, item, request.comment);
      return { ref: JSON.stringify({ id: item.getId(), bin: request.bin }), path };
    }

    /**
     * @param {PremiereProject} project
     * @param {{ item: PremiereItem | null, folder: PremiereFolder }} bin
     * @param {PB.ImportRequest} request
     */
    async function imported(project, bin, request) {
      const before = new Set((await bin.folder.getItems()).map((each) => each.getId()));
      const paths = request.is_sequence ? [request.paths[0]] : [...request.paths];
      const target = /** @type {PremiereItem} */ (bin.item); // null is the root; leaving it out is refused
      const act = async () => {
        if (!(await project.importFiles(paths, true, target, request.is_sequence))) throw new Error("importFiles");
      };
      return verified(act, () => clipOf(bin.folder, request.paths[0], before));
    }

    /**
     * Its name, and of stills the rate they are played at.
     * @param {PremiereProject} project
     * @param {PremiereItem} item
     * @param {PB.ImportRequest} request
     */
    async function named(project, item, request) {
      const clip = ppro.ClipProjectItem.cast(item);
      const rate = PB.timing.toNumber(request.frame_rate);
      const isWell = async () => {
        const right = !request.is_sequence || Math.abs((await clip.getFootageInterpretation()).getFrameRate() - rate) < 0.001;
        return right && ppro.ClipProjectItem.cast(item).name === request.clip_name ? true : null;
      };
      if (await isWell()) return;
      await verified(() => {
        transact(project, "Name " + request.clip_name, () => {
          const actions = [clip.createSetNameAction(request.clip_name)];
          if (request.is_sequence) actions.push(clip.createSetOverrideFrameRateAction(rate));
          return actions;
        });
      }, isWell);
    }

    /**
     * The comment column, for the editor's eye: a clip without it is as good.
     * @param {PremiereProject} project
     * @param {PremiereItem} item
     * @param {string} comment
     */
    async function describe(project, item, comment) {
      if (!comment || !ppro.Metadata) return;
      try {
        transact(project, "Comment on " + item.name, () => [
          ppro.Metadata.createSetProjectMetadataAction(item, commentOf(comment), ["Column.PropertyText.Comment"]),
        ]);
      } catch (error) {
        return; // some kinds of items have no columns
      }
    }

    /**
     * @param {PremiereProject} project
     * @param {PB.Item} item
     */
    async function itemOf(project, item) {
      const { id } = JSON.parse(item.ref);
      const found = (await clipsUnder(await project.getRootItem())).find((each) => each.getId() === id);
      if (!found) throw new PB.HostError("failed", item.path);
      return found;
    }

    /** @param {PB.SwapRequest} request */
    async function swap(request) {
      const project = await opened();
      const all = await clipsUnder(await project.getRootItem());
      const drafts = [];
      for (const each of all) if ((await mediaPath(each)) === plain(request.from_path)) drafts.push(each);
      if (!drafts.length) throw new PB.HostError("failed", request.from_path);
      for (const item of drafts) {
        if (!(await ppro.ClipProjectItem.cast(item).canChangeMediaPath())) throw new PB.HostError("unsupported", item.name);
      }
      for (const item of drafts) {
        const clip = ppro.ClipProjectItem.cast(item);
        await verified(
          async () => {
            if (!(await clip.changeMediaFilePath(request.to_path, false))) throw new Error("changeMediaFilePath");
          },
          async () => ((await mediaPath(item)) === plain(request.to_path) ? true : null),
        );
        transact(project, "Name " + request.clip_name, () => [clip.createSetNameAction(request.clip_name)]);
      }
      return { count: drafts.length, verified: /** @type {true} */ (true) };
    }

    return { opened, current, transact, verified, bring, itemOf, swap };
  }

  /**
   * What the project panel's comment column is written with.
   * @param {string} comment
   */
  function commentOf(comment) {
    const escaped = comment.replace(/[&<>"'\u0000-\u001f]/g, (each) => "&#" + (each.charCodeAt(0) || 32) + ";");
    const space = "premierePrivateProjectMetaData";
    return (
      '<?xpacket begin="" id="W5M0MpCehiHzreSzNTczkc9d"?><x:xmpmeta xmlns:x="adobe:ns:meta/">' +
      '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">' +
      '<rdf:Description rdf:about="" xmlns:' + space + '="http://ns.adobe.com/premierePrivateProjectMetaData/1.0/">' +
      "<" + space + ":Column.PropertyText.Comment>" + escaped + "</" + space + ":Column.PropertyText.Comment>" +
      '</rdf:Description></rdf:RDF></x:xmpmeta><?xpacket end="w"?>'
    );
  }

  /**
   * Paths as the host spells them differ in slashes, case on Windows, and the way accents are built.
   * @param {string} path
   */
  function plain(path) {
    const normal = path.replace(/\\/g, "/").normalize("NFC");
    return /^[a-z]:\//i.test(normal) ? normal.toLowerCase() : normal;
  }

  PB.premiereProject = premiereProject;
})(window.PB);
