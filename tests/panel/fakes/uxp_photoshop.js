// Photoshop in memory: one modal plug-in at a time, files by session token. Loaded after uxp.js.
(function () {
  "use strict";

  const fake = window.fake;
  let modal = false;
  let ids = 10;
  const inModal = () => {
    if (!modal) throw new Error("this needs a modal scope");
  };
  const layer = (name) => ({
    id: (ids += 1),
    name,
    async delete() {
      inModal();
      const at = model.document.layers.indexOf(this);
      model.document.layers.splice(at, 1);
    },
  });
  const model = (fake.photoshop = {
    document: { id: 7, title: "plate.psd", name: "plate.psd", layers: [layer("Background")] },
    history: [],
    disposed: 0,
  });

  fake.modules.photoshop = {
    app: { get activeDocument() { return model.document; } },
    core: {
      async executeAsModal(act, options) {
        if (!options || !options.commandName) throw new Error("commandName is needed");
        if (modal || fake.faults.otherModal) throw new Error("Plugin: com.other is running a modal command");
        modal = true;
        try {
          return await act({
            hostControl: {
              suspendHistory: async ({ name }) => name,
              resumeHistory: async (name) => void model.history.push(name),
            },
          });
        } finally {
          modal = false;
        }
      },
    },
    action: {
      async batchPlay(commands) {
        inModal();
        const [{ _obj, null: file }] = commands;
        if (_obj !== "placeEvent") throw new Error(_obj);
        if (fake.faults.placeSilently) return [{}];
        const path = file._path.replace("session:", "");
        if (fake.faults.placeRefused || !fake.disk.has(path)) return [{ _obj: "error", message: "Could not place the document" }];
        model.document.layers.unshift(layer(path.slice(path.lastIndexOf("/") + 1)));
        return [{ _obj: "placeEvent" }];
      },
    },
    imaging: {
      async getPixels(options) {
        inModal();
        if (options.colorSpace !== "RGB") throw new Error("RGB only");
        return { imageData: { dispose: () => (model.disposed += 1) } };
      },
      encodeImageData: async () => [255, 216, 255, 217],
    },
  };
})();
