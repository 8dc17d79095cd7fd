/* English. From a take onward. */
(function (PB) {
  "use strict";

  PB.text.say("en", {
    "master.go": "Make the master",
    "master.range.default": "Best range",
    "master.size.default": "Best size",
    "master.title": "Master of take {n}",
    "takes.on-models.count": "Choose two to {n} models.",
    "takes.on-models.go": "Generate on these",
    "takes.on-models.title": "The same brief on up to six models",
  });
})((window.PB = window.PB || {}));
