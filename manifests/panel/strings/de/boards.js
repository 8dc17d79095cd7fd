/* German. Storyboards. */
(function (PB) {
  "use strict";

  PB.text.say("de", {
    "board.all": "Alle Boards",
    "board.assemble": "Zu einem Schnitt zusammensetzen ({n})",
    "board.close": "Dieses Board schließen",
    "board.close.sure": "Die Takes bleiben. Schließen?",
    "board.continues": "setzt die Einstellung davor fort",
    "board.count": "Einstellungen: {n}",
    "board.cut": "Schnitt",
    "board.draft": "Fehlendes entwerfen ({n})",
    "board.draft.sure": "Das verbraucht Entwürfe. Los?",
    "board.earlier": "Früher",
    "board.later": "Später",
    "board.make": "Board anlegen",
    "board.new": "Neues Board aus einem Drehbuch…",
    "board.no-take": "Kein Take ausgewählt",
    "board.none": "Noch keine Storyboards.",
    "board.pick": "Ausgewählter Take von {label}",
    "board.script": "Drehbuch",
    "board.script.hint": "In jedem Absatz eine Einstellung",
    "board.title": "Titel",
    "board.unpicked": "Ohne ausgewählten Take, nicht im Schnitt: {n}.",
    "shot.drafted": "Takes zur Auswahl",
    "shot.drafting": "wird entworfen",
    "shot.empty": "nicht entworfen",
    "shot.failed": "fehlgeschlagen",
    "shot.picked": "ausgewählt",
    "shot.refused": "ließ sich nicht anfragen",
    "shot.waiting": "wartet auf die Einstellung davor",
    "waiting.board": "Ein Storyboard",
  });
})((window.PB = window.PB || {}));
