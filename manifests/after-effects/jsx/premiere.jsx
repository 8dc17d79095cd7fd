/* Premiere Pro before 25.6. Times are ticks, as text: numbers of this age cannot hold a day of them. */
PluginBackend.hosts.premierepro = (function () {
    var refusal = PluginBackend.refusal;
    var last = null;

    function project() {
        if (!app.project) {
            throw refusal("no-project");
        }
        return app.project;
    }

    function sequence(id) {
        var open = project().activeSequence;
        if (!open || (id !== null && open.sequenceID !== id)) {
            throw refusal("no-sequence", open ? open.name : "");
        }
        return open;
    }

    function context() {
        var open = app.project ? app.project.activeSequence : null;
        return {
            project: app.project ? { id: app.project.documentID || app.project.path, name: app.project.name } : null,
            sequence: open ? described(open) : null
        };
    }

    function described(open) {
        var settings = open.getSettings();
        return {
            id: open.sequenceID,
            name: open.name,
            ticks_per_frame: String(open.timebase),
            drop_frame: settings.videoDisplayFormat === 102 || settings.videoDisplayFormat === 106,
            width: open.frameSizeHorizontal,
            height: open.frameSizeVertical,
            playhead: open.getPlayerPosition().ticks,
            start: String(open.zeroPoint),
            in_point: marked(open.getInPointAsTime()),
            out_point: marked(open.getOutPointAsTime())
        };
    }

    /* A point that nobody set lies far before the start. */
    function marked(time) {
        return time && time.seconds >= 0 ? time.ticks : null;
    }

    function capabilities() {
        return { frame: false, place: ["insert", "overwrite", "bin"], swap: true, undo: true, markers: true };
    }

    function binOf(path) {
        var names = PluginBackend.parts(path);
        var parent = project().rootItem;
        for (var i = 0; i < names.length; i += 1) {
            var found = childBin(parent, names[i]);
            if (found === null) {
                parent.createBin(names[i]);
                found = childBin(parent, names[i]);
            }
            if (found === null) {
                throw refusal("not-verified", names[i]);
            }
            parent = found;
        }
        return parent;
    }

    function childBin(parent, name) {
        for (var i = 0; i < parent.children.numItems; i += 1) {
            var each = parent.children[i];
            if (each.type === ProjectItemType.BIN && each.name === name) {
                return each;
            }
        }
        return null;
    }

    function clipIn(bin, path) {
        for (var i = 0; i < bin.children.numItems; i += 1) {
            var each = bin.children[i];
            if (each.type === ProjectItemType.CLIP && PluginBackend.same(each.getMediaPath(), path)) {
                return each;
            }
        }
        return null;
    }

    function every(bin, act) {
        for (var i = 0; i < bin.children.numItems; i += 1) {
            var each = bin.children[i];
            if (each.type === ProjectItemType.BIN) {
                every(each, act);
            } else {
                act(each);
            }
        }
    }

    function bring(request) {
        var bin = binOf(request.bin);
        var item = clipIn(bin, request.paths[0]);
        if (item === null) {
            var taken = project().importFiles(request.paths, true, bin, request.is_sequence);
            item = clipIn(bin, request.paths[0]);
            if (item === null) {
                throw refusal(taken ? "not-verified" : "failed", request.paths[0]);
            }
        }
        item.name = request.clip_name;
        if (request.is_sequence) {
            item.setOverrideFrameRate(request.rate);
            if (Math.abs(item.getFootageInterpretation().frameRate - request.rate) > 0.001) {
                throw refusal("not-verified", "frameRate");
            }
        }
        return { id: item.nodeId };
    }

    function itemOf(id) {
        var found = null;
        every(project().rootItem, function (each) {
            if (each.nodeId === id) {
                found = each;
            }
        });
        if (found === null) {
            throw refusal("failed", id);
        }
        return found;
    }

    function clipAt(open, wanted) {
        var clips = open.videoTracks[0].clips;
        for (var i = 0; i < clips.numItems; i += 1) {
            if (clips[i].projectItem && clips[i].projectItem.nodeId === wanted.id && clips[i].start.ticks === wanted.ticks) {
                return clips[i];
            }
        }
        return null;
    }

    function place(request) {
        var open = sequence(request.sequence);
        var items = [];
        if (request.mode !== "insert" && request.mode !== "overwrite") {
            throw refusal("unsupported", request.mode);
        }
        for (var i = 0; i < request.clips.length; i += 1) {
            items.push(itemOf(request.clips[i].id));
            trim(items[i], request.clips[i].part);
        }
        for (var n = 0; n < items.length; n += 1) {
            lay(open, items[n], request.clips[n], request.mode);
            if (n > 0 && clipAt(open, request.clips[n - 1]).end.ticks !== request.clips[n].ticks) {
                throw refusal("not-verified", items[n - 1].name);
            }
        }
        last = { sequence: request.sequence, clips: request.clips, ripple: request.mode === "insert" };
        return { track: "V1" };
    }

    /* Handles stay outside: what is cut in lies between the item's own marks, of picture and sound (4). */
    function trim(item, part) {
        if (part !== null) {
            item.setInPoint(at(part.from_ticks), 4);
            item.setOutPoint(at(part.to_ticks), 4);
        }
    }

    function at(ticks) {
        var time = new Time();
        time.ticks = ticks;
        return time;
    }

    /* Read back before the next one is laid: what lies already stays, and the refusal is a doubt. */
    function lay(open, item, wanted, mode) {
        if (mode === "insert") {
            open.insertClip(item, at(wanted.ticks), 0, 0);
        } else {
            /** @type {any} */ (open).overwriteClip(item, at(wanted.ticks), 0, 0); // documented, missing in the types
        }
        var clip = clipAt(open, wanted);
        if (clip === null || (wanted.part !== null && clip.inPoint.ticks !== wanted.part.from_ticks)) {
            throw refusal("not-verified", item.name);
        }
    }

    function undo() {
        var mine = last;
        if (mine === null) {
            throw refusal("unsupported");
        }
        var open = sequence(mine.sequence);
        var found = 0;
        for (var i = mine.clips.length - 1; i >= 0; i -= 1) {
            var clip = clipAt(open, mine.clips[i]);
            if (clip !== null) {
                found += 1;
                clip.remove(mine.ripple, false);
                if (clipAt(open, mine.clips[i]) !== null) {
                    throw refusal("not-verified");
                }
            }
        }
        if (found === 0) {
            throw refusal("failed");
        }
        last = null;
        return null;
    }

    function swap(request) {
        var drafts = [];
        every(project().rootItem, function (item) {
            if (item.type !== ProjectItemType.CLIP || !PluginBackend.same(item.getMediaPath(), request.from_path)) {
                return;
            }
            if (!item.canChangeMediaPath()) {
                throw refusal("unsupported", item.name);
            }
            drafts.push(item);
        });
        if (drafts.length === 0) {
            throw refusal("failed", request.from_path);
        }
        for (var i = 0; i < drafts.length; i += 1) {
            drafts[i].changeMediaPath(request.to_path, false);
            if (!PluginBackend.same(drafts[i].getMediaPath(), request.to_path)) {
                throw refusal("not-verified", drafts[i].name);
            }
            drafts[i].name = request.clip_name;
        }
        return { count: drafts.length };
    }

    function markers(request) {
        var open = sequence(request.sequence);
        var before = open.markers.numMarkers;
        for (var i = 0; i < request.markers.length; i += 1) {
            // The guide documents one argument; the published types ask for four.
            var marker = /** @type {any} */ (open.markers).createMarker(request.markers[i].seconds);
            marker.name = request.markers[i].name;
            marker.comments = request.markers[i].comment;
        }
        if (open.markers.numMarkers !== before + request.markers.length) {
            throw refusal("not-verified");
        }
        return { count: request.markers.length };
    }

    return {
        capabilities: capabilities,
        context: context,
        bring: bring,
        place: place,
        undo: undo,
        swap: swap,
        markers: markers
    };
})();
