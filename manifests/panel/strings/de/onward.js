/* German. From a take onward. */
(function (PB) {
  "use strict";

  PB.text.say("de", {
    "master.go": "Master herstellen",
    "master.range.default": "Beste Dynamik",
    "master.size.default": "Beste Größe",
    "master.title": "Master von Take {n}",
    "takes.on-models.count": "Bitte zwei bis {n} Modelle wählen.",
    "takes.on-models.go": "Mit diesen erzeugen",
    "takes.on-models.title": "Derselbe Auftrag mit bis zu sechs Modellen",
  });
})((window.PB = window.PB || {}));
