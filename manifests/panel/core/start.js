/* Last of all scripts: everything is there, begin. */
(function (PB) {
  "use strict";

  PB.app.start().catch((error) => {
    const place = document.getElementById("app");
    place.appendChild(document.createTextNode("plugin-backend: " + ((error && error.message) || error)));
  });
})((window.PB = window.PB || {}));
