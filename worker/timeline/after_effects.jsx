// Brings one delivery into After Effects: its files as footage, and a composition cut as the timeline is.
// File > Scripts > Run Script File, with the files left beside this one. Running it again adds nothing twice.
(function (bundle) {
    var here = new File($.fileName).parent,
        rate = bundle.rate[0] / bundle.rate[1],
        told = [];

    function eachItem(parent, visit) {
        var index, found;
        for (index = 1; index <= parent.numItems; index += 1) {
            found = visit(parent.item(index));
            if (found) {
                return found;
            }
        }
        return null;
    }

    function beside(name) {
        return new File(here.fsName + "/" + name);
    }

    function missing() {
        var names = [], index, spec;
        for (index = 0; index < bundle.footage.length; index += 1) {
            spec = bundle.footage[index];
            if (!beside(spec.file).exists) {
                names.push(spec.file);
            }
        }
        return names;
    }

    function folder(parent, name) {
        var made = eachItem(parent, function (item) {
            return item instanceof FolderItem && item.name === name ? item : null;
        });
        if (!made) {
            made = app.project.items.addFolder(name);
            made.parentFolder = parent;
        }
        return made;
    }

    function folders(names) {
        var parent = app.project.rootFolder, index;
        for (index = 0; index < names.length; index += 1) {
            parent = folder(parent, names[index]);
        }
        return parent;
    }

    function imported(file) {
        return eachItem(app.project, function (item) {
            return item instanceof FootageItem && item.file && item.file.fsName === file.fsName ? item : null;
        });
    }

    function footage(spec, parent) {
        var file = beside(spec.file), options, made = imported(file);
        if (made) {
            return made;
        }
        options = new ImportOptions(file);
        options.importAs = ImportAsType.FOOTAGE;
        options.sequence = spec.sequence;
        if (spec.images) {
            try {
                options.rangeEnd = spec.images[1]; // in this order: a start beyond the end is refused
                options.rangeStart = spec.images[0];
            } catch (unknown) {} // by versions that only bring in all there is: told below
        }
        made = app.project.importFile(options);
        made.name = spec.name;
        made.comment = spec.comment;
        made.parentFolder = parent;
        interpret(made, spec);
        if (spec.images && Math.round(made.duration * rate) !== spec.images[1] - spec.images[0] + 1) {
            told.push("Trim " + spec.name + " to its images " + spec.images[0] + " to " + spec.images[1]
                + ": this version brought in others too.");
        }
        return made;
    }

    function interpret(item, spec) {
        if (spec.sequence) {
            item.mainSource.conformFrameRate = rate; // a movie says its own, frames take the program's default
            item.mainSource.fieldSeparationType = FieldSeparationType.OFF;
            if (item.mainSource.hasAlpha) {
                item.mainSource.alphaMode = AlphaMode.IGNORE;
            }
        }
        if (spec.proxy && beside(spec.proxy).exists) {
            item.setProxy(beside(spec.proxy));
            item.useProxy = false; // there to switch to; what is delivered is what is shown
        }
    }

    function mark(property, marker, at) {
        var value = new MarkerValue(marker.text);
        if (marker.frames > 1) {
            value.duration = marker.frames / rate;
        }
        property.setValueAtTime(at / rate, value);
    }

    function layer(comp, spec, items) {
        var made = comp.layers.add(items[spec.footage]), index;
        made.name = spec.name;
        made.startTime = (spec.record - spec.source) / rate;
        made.inPoint = spec.record / rate;
        made.outPoint = (spec.record + spec.frames) / rate;
        if (spec.soundOnly) {
            made.enabled = false;
            made.audioEnabled = true;
        }
        for (index = 0; index < spec.markers.length; index += 1) {
            mark(made.property("ADBE Marker"), spec.markers[index],
                spec.record - spec.source + spec.markers[index].frame);
        }
    }

    function composition(parent, items) {
        var comp = app.project.items.addComp(
                bundle.name, bundle.width, bundle.height, 1, bundle.frames / rate, rate
            ), index;
        try {
            comp.parentFolder = parent;
            comp.comment = bundle.tag;
            if (comp.dropFrame !== undefined) {
                comp.dropFrame = bundle.drop;
            }
            try {
                comp.displayStartTime = bundle.start / rate;
            } catch (outside) {
                told.push("The composition starts at 0: this version does not count from " + bundle.timecode + ".");
            }
            for (index = 0; index < bundle.layers.length; index += 1) {
                layer(comp, bundle.layers[index], items);
            }
            for (index = 0; index < bundle.markers.length && comp.markerProperty; index += 1) {
                mark(comp.markerProperty, bundle.markers[index], bundle.markers[index].frame);
            }
        } catch (failed) {
            comp.remove();
            throw failed;
        }
        return comp;
    }

    function bringIn() {
        var parent, items = [], index, done;
        done = eachItem(app.project, function (item) {
            return item instanceof CompItem && item.comment === bundle.tag ? item : null;
        });
        if (done) {
            return bundle.name + " is there already.";
        }
        if (app.project.numItems === 0 && app.project.bitsPerChannel < bundle.depth) {
            app.project.bitsPerChannel = bundle.depth; // a project under way keeps its own
        }
        parent = folders(bundle.folder);
        for (index = 0; index < bundle.footage.length; index += 1) {
            items.push(footage(bundle.footage[index], parent));
        }
        composition(parent, items);
        if (app.project.bitsPerChannel < bundle.depth) {
            told.push("Set the project to " + bundle.depth + " bits per channel to see all of " + bundle.name + ".");
        }
        told.unshift(bundle.name + " was brought in.");
        return told.join(" ");
    }

    var absent = missing();
    if (absent.length > 0) {
        alert("Put these files beside the script and run it again:\n" + absent.join("\n"));
        return "Files are missing: " + absent.join(", ");
    }
    if (!app.project) {
        app.newProject();
    }
    app.beginUndoGroup("Import " + bundle.name);
    try {
        return bringIn();
    } finally {
        app.endUndoGroup();
    }
}(__BUNDLE__));
