/* Before the first paint: the look that the reader chose, else the system's. */
(function () {
  "use strict";
  var root = document.documentElement;
  if (root.dataset.bsTheme) return;
  var dark = window.matchMedia("(prefers-color-scheme: dark)");
  var follow = function () { root.dataset.bsTheme = dark.matches ? "dark" : "light"; };
  follow();
  dark.addEventListener("change", follow);
})();
