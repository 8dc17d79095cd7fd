/* After Effects: a composition is the sequence, a layer at the playhead is the placement. */
PluginBackend.hosts.aftereffects = (function () {
    var refusal = PluginBackend.refusal;
    var last = null;

    function project() {
        if (!app.project) {
            throw refusal("no-project");
        }
        return app.project;
    }

    function composition(id) {
        var open = project().activeItem;
        if (!open || !(open instanceof CompItem)) {
            throw refusal("no-sequence");
        }
        if (id !== null && String(open.id) !== id) {
            throw refusal("no-sequence", open.name);
        }
        return open;
    }

    function undoable(name, act) {
        app.beginUndoGroup(name);
        try {
            return act();
        } finally {
            app.endUndoGroup();
        }
    }

    function context() {
        var open = app.project ? app.project.activeItem : null;
        var file = app.project ? app.project.file : null;
        var said = app.project ? { id: file ? file.fsName : "untitled", name: file ? file.displayName : "" } : null;
        return { project: said, sequence: open && open instanceof CompItem ? described(open) : null };
    }

    function described(comp) {
        var whole = comp.workAreaStart === 0 && Math.abs(comp.workAreaDuration - comp.duration) < comp.frameDuration / 2;
        return {
            id: String(comp.id),
            name: comp.name,
            rate: comp.frameRate,
            drop_frame: comp.dropFrame === true,
            width: comp.width,
            height: comp.height,
            playhead: comp.time,
            start: comp.displayStartTime,
            in_point: whole ? null : comp.workAreaStart,
            out_point: whole ? null : comp.workAreaStart + comp.workAreaDuration
        };
    }

    function capabilities() {
        return { frame: true, place: ["layer", "bin"], swap: true, undo: true, markers: true };
    }

    function folderOf(path) {
        var names = PluginBackend.parts(path);
        var parent = project().rootFolder;
        for (var i = 0; i < names.length; i += 1) {
            parent = childFolder(parent, names[i]) || made(parent, names[i]);
        }
        return parent;
    }

    function childFolder(parent, name) {
        for (var i = 1; i <= parent.numItems; i += 1) {
            if (parent.item(i) instanceof FolderItem && parent.item(i).name === name) {
                return parent.item(i);
            }
        }
        return null;
    }

    function made(parent, name) {
        var folder = project().items.addFolder(name);
        folder.parentFolder = parent;
        return folder;
    }

    function source(item) {
        return item instanceof FootageItem && item.mainSource && item.mainSource.file ? item.mainSource.file.fsName : null;
    }

    function footage(id) {
        for (var i = 1; i <= project().numItems; i += 1) {
            var item = project().item(i);
            if (item instanceof FootageItem && String(item.id) === id) {
                return item;
            }
        }
        throw refusal("failed", id);
    }

    function inFolder(folder, path) {
        for (var i = 1; i <= folder.numItems; i += 1) {
            if (PluginBackend.same(source(folder.item(i)), path)) {
                return folder.item(i);
            }
        }
        return null;
    }

    function bring(request) {
        return undoable("Import " + request.clip_name, function () {
            var folder = folderOf(request.bin);
            var item = inFolder(folder, request.paths[0]) || imported(request, folder);
            item.name = request.clip_name;
            item.comment = request.comment;
            if (request.is_sequence) {
                item.mainSource.conformFrameRate = request.rate;
                if (Math.abs(item.mainSource.conformFrameRate - request.rate) > 0.001) {
                    throw refusal("not-verified", "conformFrameRate");
                }
            }
            return { id: String(item.id) };
        });
    }

    function imported(request, folder) {
        var options = new ImportOptions(new File(request.paths[0]));
        if (!options.canImportAs(ImportAsType.FOOTAGE)) {
            throw refusal("unsupported", request.paths[0]);
        }
        options.importAs = ImportAsType.FOOTAGE;
        options.sequence = request.is_sequence;
        var item = project().importFile(options);
        item.parentFolder = folder;
        if (inFolder(folder, request.paths[0]) === null) {
            throw refusal("not-verified", request.paths[0]);
        }
        return item;
    }

    function place(request) {
        var comp = composition(request.sequence);
        var items = [];
        if (request.mode !== "layer") {
            throw refusal("unsupported", request.mode);
        }
        for (var i = 0; i < request.clips.length; i += 1) {
            items.push(footage(request.clips[i].id));
        }
        return undoable("Place " + items[0].name, function () {
            var layers = [];
            for (var n = 0; n < items.length; n += 1) {
                layers.push(laid(comp, items[n], request.clips[n], request.half));
            }
            last = { comp: comp.id, layers: [] };
            for (var m = 0; m < layers.length; m += 1) {
                last.layers.push({ layer: layers[m].id, index: layers[m].index, item: items[m].id });
            }
            return { track: String(layers[0].index) + " " + layers[0].name };
        });
    }

    /* Read back before the next one is laid: what lies already stays, and the refusal is a doubt. */
    function laid(comp, item, clip, half) {
        var count = comp.numLayers;
        var start = clip.part === null ? clip.seconds : clip.seconds - clip.part.from;
        var layer = comp.layers.add(item);
        layer.startTime = start;
        if (clip.part !== null) {
            layer.inPoint = clip.seconds;
            layer.outPoint = clip.seconds + clip.part.length;
        }
        var now = /** @type {AVLayer} */ (comp.layer(layer.index));
        var near = function (one, other) {
            return Math.abs(one - other) <= half;
        };
        var cut = clip.part === null || (near(now.inPoint, clip.seconds) && near(now.outPoint, clip.seconds + clip.part.length));
        if (comp.numLayers !== count + 1 || now.source.id !== item.id || !near(now.startTime, start) || !cut) {
            throw refusal("not-verified", item.name);
        }
        return layer;
    }

    function layerOf(comp, mine) {
        for (var i = 1; i <= comp.numLayers; i += 1) {
            var layer = comp.layer(i);
            if (mine.layer !== undefined ? layer.id === mine.layer : i === mine.index && layer.source && layer.source.id === mine.item) {
                return layer;
            }
        }
        return null;
    }

    function undo() {
        var mine = last;
        if (mine === null) {
            throw refusal("unsupported");
        }
        var comp = composition(String(mine.comp));
        return undoable("Take back", function () {
            var found = [];
            for (var i = 0; i < mine.layers.length; i += 1) {
                var layer = layerOf(comp, mine.layers[i]);
                if (layer !== null) {
                    found.push(layer);
                }
            }
            if (found.length === 0) {
                throw refusal("failed");
            }
            var count = comp.numLayers;
            for (var n = 0; n < found.length; n += 1) {
                found[n].remove();
            }
            if (comp.numLayers !== count - found.length) {
                throw refusal("not-verified");
            }
            last = null;
            return null;
        });
    }

    function swap(request) {
        return undoable("Replace by " + request.clip_name, function () {
            var count = 0;
            for (var i = 1; i <= project().numItems; i += 1) {
                var item = project().item(i);
                if (PluginBackend.same(source(item), request.from_path)) {
                    replace(item, request);
                    count += 1;
                }
            }
            if (count === 0) {
                throw refusal("failed", request.from_path);
            }
            return { count: count };
        });
    }

    function replace(item, request) {
        item.replace(new File(request.to_path));
        if (!PluginBackend.same(source(item), request.to_path)) {
            throw refusal("not-verified", item.name);
        }
        item.name = request.clip_name;
    }

    function markers(request) {
        var comp = composition(request.sequence);
        return undoable("Set markers", function () {
            var before = comp.markerProperty.numKeys;
            for (var i = 0; i < request.markers.length; i += 1) {
                var wanted = request.markers[i];
                comp.markerProperty.setValueAtTime(wanted.seconds, new MarkerValue(wanted.name + "\n" + wanted.comment));
            }
            if (comp.markerProperty.numKeys < before + 1) {
                throw refusal("not-verified");
            }
            return { count: request.markers.length };
        });
    }

    function frame(request) {
        var comp = composition(null);
        comp.saveFrameToPng(comp.time, new File(request.path));
        return null;
    }

    return {
        capabilities: capabilities,
        context: context,
        bring: bring,
        place: place,
        undo: undo,
        swap: swap,
        markers: markers,
        frame: frame
    };
})();
