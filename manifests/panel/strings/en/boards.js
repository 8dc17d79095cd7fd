/* English. Storyboards. */
(function (PB) {
  "use strict";

  PB.text.say("en", {
    "board.all": "All boards",
    "board.assemble": "Assemble into one cut ({n})",
    "board.close": "Close this board",
    "board.close.sure": "Its takes stay. Close?",
    "board.continues": "goes on from the shot before",
    "board.count": "shots: {n}",
    "board.cut": "Cut",
    "board.draft": "Draft what is missing ({n})",
    "board.draft.sure": "This uses drafts. Go?",
    "board.earlier": "Earlier",
    "board.later": "Later",
    "board.make": "Make the board",
    "board.new": "New board from a script…",
    "board.no-take": "No take picked",
    "board.none": "No storyboards yet.",
    "board.pick": "Picked take of {label}",
    "board.script": "Script",
    "board.script.hint": "One shot in each paragraph",
    "board.title": "Title",
    "board.unpicked": "Left out of the cut, without a picked take: {n}.",
    "shot.drafted": "takes to choose from",
    "shot.drafting": "being drafted",
    "shot.empty": "not drafted",
    "shot.failed": "failed",
    "shot.picked": "picked",
    "shot.refused": "could not be asked for",
    "shot.waiting": "waits for the shot before",
    "waiting.board": "A storyboard",
  });
})((window.PB = window.PB || {}));
