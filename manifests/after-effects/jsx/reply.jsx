/* The panel asks by name and gets one line of text: {"ok":true,"value":...} or {"ok":false,"code":...,"message":...}.
   ECMAScript 3, which has no JSON of its own. */
var PluginBackend = (function () {
    var hosts = {};
    var ESCAPES = { '"': '\\"', "\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t" };

    function quoted(text) {
        var out = "";
        for (var i = 0; i < text.length; i += 1) {
            var letter = text.charAt(i);
            var code = text.charCodeAt(i);
            if (ESCAPES.hasOwnProperty(letter)) {
                out += ESCAPES[letter];
            } else if (code < 32 || code > 126) {
                out += "\\u" + ("0000" + code.toString(16)).slice(-4);
            } else {
                out += letter;
            }
        }
        return '"' + out + '"';
    }

    function text(value) {
        var parts = [];
        if (value === null || value === undefined) {
            return "null";
        }
        if (typeof value === "number") {
            return isFinite(value) ? String(value) : "null";
        }
        if (typeof value === "boolean") {
            return String(value);
        }
        if (value instanceof Array) {
            for (var i = 0; i < value.length; i += 1) {
                parts.push(text(value[i]));
            }
            return "[" + parts.join(",") + "]";
        }
        if (typeof value === "object") {
            for (var key in value) {
                if (value.hasOwnProperty(key)) {
                    parts.push(quoted(key) + ":" + text(value[key]));
                }
            }
            return "{" + parts.join(",") + "}";
        }
        return quoted(String(value));
    }

    /* A refusal with a code that the panel knows. */
    function refusal(code, message) {
        var error = /** @type {any} */ (new Error(message || code));
        error.refusal = code;
        return error;
    }

    function call(name, request) {
        var host = hosts[BridgeTalk.appName];
        try {
            if (!host || typeof host[name] !== "function") {
                throw refusal("unsupported", name);
            }
            return text({ ok: true, value: host[name](request) });
        } catch (error) {
            return text({ ok: false, code: error.refusal || "thrown", message: String(error.message || error) });
        }
    }

    /* The same file, however a host spells it. */
    function same(one, other) {
        return one !== null && other !== null && new File(one).fsName === new File(other).fsName;
    }

    function parts(path) {
        var found = [];
        var names = path.split("/");
        for (var i = 0; i < names.length; i += 1) {
            if (names[i] !== "") {
                found.push(names[i]);
            }
        }
        return found;
    }

    return { hosts: hosts, call: call, refusal: refusal, same: same, parts: parts };
})();
