/* What pages do beyond plain forms: live parts, drafts, Enter under an input method, one submission per press. */
(function () {
  "use strict";

  var meta = document.querySelector("meta[name=csrf]");
  var shell = document.body.dataset;

  function csrf() { return meta ? meta.content : ""; }

  /* Forms without htmx: one submission, the button says so. */
  document.addEventListener("submit", function (event) {
    var form = event.target;
    if (!form.matches("[data-once]")) return;
    if (form.dataset.sent) { event.preventDefault(); return; }
    form.dataset.sent = "1";
    busy(form, true);
  });
  window.addEventListener("pageshow", function (event) {
    if (!event.persisted) return;
    document.querySelectorAll("form[data-sent]").forEach(function (form) { delete form.dataset.sent; busy(form, false); });
  });

  function busy(form, on) {
    var button = form.querySelector("button[data-busy]");
    if (!button) return;
    var words = button.querySelector("span") || button;
    if (on && !button.dataset.rest) { button.dataset.rest = words.textContent; words.textContent = button.dataset.busy; }
    if (!on && button.dataset.rest) { words.textContent = button.dataset.rest; delete button.dataset.rest; }
    button.classList.toggle("disabled", on);
  }

  /* htmx: the token goes along; an expired sign-in opens a dialog over the page and leaves the page alone. */
  document.addEventListener("htmx:config:request", function (event) {
    event.detail.ctx.request.headers["X-CSRF"] = csrf();
    if (event.target.matches && event.target.matches("form")) { stopSaving(event.target); busy(event.target, true); }
  });
  document.addEventListener("htmx:before:response", function (event) {
    var ctx = event.detail.ctx, status = ctx.response.status;
    if (status === 401) { event.preventDefault(); expired(); }
    if (status === 403 || status === 404 || status >= 500) { event.preventDefault(); if (ctx.request.method === "POST") whole(ctx); }
  });
  document.addEventListener("htmx:finally:request", function (event) {
    var ctx = event.detail.ctx, form = ctx.sourceElement;
    if (!form || !form.matches || !form.matches("form")) return;
    busy(form, false);
    if (ctx.response && ctx.response.status < 400 && form.matches("[data-clear]")) cleared(form);
    toEnd();
  });

  /* A page that says what went wrong replaces this one; drafts keep what was typed. */
  function whole(ctx) {
    ctx.response.raw.text().then(function (text) {
      var page = new DOMParser().parseFromString(text, "text/html");
      document.body.replaceWith(document.adoptNode(page.body));
    });
  }

  function cleared(form) {
    var box = form.querySelector("textarea"), key = form.querySelector("input[name=key]");
    if (key) key.value = crypto.randomUUID ? crypto.randomUUID() : String(Math.random()).slice(2) + Date.now();
    if (box) { box.value = ""; fit(box); }
    note(form, false);
  }

  /* Sign-in expired: sign in elsewhere, come back with a fresh token. */
  function expired() {
    var dialog = document.getElementById("q-expired");
    if (dialog && !dialog.open) dialog.showModal();
  }
  document.addEventListener("click", function (event) {
    if (!event.target.closest("[data-renew]")) return;
    event.preventDefault();
    fetch("/console/token", { headers: { "HX-Request": "true" } }).then(function (answer) {
      if (!answer.ok) return null;
      return answer.json();
    }).then(function (given) {
      if (!given) return;
      meta.content = given.csrf;
      document.querySelectorAll("input[name=csrf]").forEach(function (field) { field.value = given.csrf; });
      document.getElementById("q-expired").close();
      listen();
    });
  });

  /* Drafts: kept two seconds after the last key, on leaving the box and on leaving the page. */
  var waiting = new Map();
  document.addEventListener("input", function (event) {
    var box = event.target;
    if (!box.matches("textarea[data-draft]")) return;
    fit(box);
    note(box.form, false);
    typing(box);
    clearTimeout(waiting.get(box));
    waiting.set(box, setTimeout(function () { keep(box, false); }, 2000));
  });
  document.addEventListener("focusout", function (event) {
    if (waiting.has(event.target) && !sends(event.relatedTarget, event.target.form)) keep(event.target, false);
  });
  /* On the way to the form's own button nothing is kept: it would come after what the button sends, as if unsent. */
  function sends(button, form) { return button && button.form === form && button.matches("button"); }
  window.addEventListener("pagehide", function () { waiting.forEach(function (_, box) { keep(box, true); }); });

  /* On a slow line somebody types before this script has come: once htmx is up it is as if they typed now. */
  setTimeout(function () {
    document.querySelectorAll("textarea, input[type=text], input:not([type])").forEach(function (box) {
      if (box.value === box.defaultValue) return;
      box.dispatchEvent(new Event("input", { bubbles: true }));
      if (box.form && box.form.matches("[hx-trigger*=input]")) box.form.requestSubmit();
    });
  });

  /* The client is told that somebody types, at most every four seconds. */
  var typed = 0;
  function typing(box) {
    if (!box.dataset.typing || !box.value || Date.now() - typed < 4000) return;
    typed = Date.now();
    fetch(box.dataset.typing, { method: "POST", headers: { "X-CSRF": csrf(), "HX-Request": "true" } }).catch(function () {});
  }
  /* And the other way round: until their words come, or 15 seconds are over. */
  var hush;
  function shows(topic) {
    var sign = document.querySelector('[data-typed="' + topic + '"]');
    if (!sign) return;
    sign.hidden = false;
    clearTimeout(hush);
    hush = setTimeout(function () {
      document.querySelectorAll("[data-typed]").forEach(function (one) { one.hidden = true; });
    }, 15000);
  }

  function stopSaving(form) {
    var box = form.querySelector("textarea[data-draft]");
    if (box) { clearTimeout(waiting.get(box)); waiting.delete(box); }
  }
  function keep(box, leaving) {
    clearTimeout(waiting.get(box));
    waiting.delete(box);
    var body = new URLSearchParams({ place: box.dataset.draft, text: box.value, csrf: csrf() });
    if (leaving) { navigator.sendBeacon("/console/drafts", body); return; }
    fetch("/console/drafts", { method: "POST", body: body, headers: { "HX-Request": "true" } }).then(function (answer) {
      if (answer.status === 401) expired();
      note(box.form, answer.ok && box.value !== "");
    }).catch(function () { note(box.form, false); });
  }
  function note(form, saved) {
    var place = form && form.querySelector("[data-saved]");
    if (place) place.textContent = saved ? place.dataset.saved : "";
  }

  /* Enter sends, unless an input method is composing; some browsers end the composition before they report Enter. */
  var composed = false;
  document.addEventListener("compositionend", function () { composed = true; setTimeout(function () { composed = false; }, 0); });
  document.addEventListener("keydown", function (event) {
    if (event.key !== "Enter" || event.shiftKey || !event.target.matches("textarea[data-enter]")) return;
    if (event.isComposing || event.keyCode === 229 || composed) return;
    event.preventDefault();
    if (event.target.value.trim() && !event.repeat) event.target.form.requestSubmit();
  });

  /* Live: the stream says what changed; the part that shows it is asked for again, with its rights checked. */
  var stream, retry = 0, polling;
  function state(word) {
    var sign = document.getElementById("q-live");
    if (!sign) return;
    sign.className = "q-live " + word;
    sign.textContent = sign.dataset[word];
  }
  function parts() { return Array.from(document.querySelectorAll("[data-live]")); }
  function topics() {
    var wanted = parts().flatMap(function (part) { return part.dataset.live.split(" "); });
    document.querySelectorAll("[data-typed]").forEach(function (sign) { wanted.push(sign.dataset.typed); });
    return Array.from(new Set(wanted));
  }
  function listen() {
    if (!shell.stream || !topics().length || !window.EventSource) return;
    if (stream) stream.close();
    stream = new EventSource(shell.stream + "?topics=" + encodeURIComponent(topics().join(",")));
    stream.addEventListener("ready", function () { if (retry) renew(null); retry = 0; clearInterval(polling); polling = null; state("on"); });
    stream.addEventListener("changed", function (event) {
      var changed = event.data.split(","), words = changed.filter(function (topic) { return topic.indexOf("client_typing:") < 0; });
      if (words.length) renew(words);
      changed.forEach(shows);
    });
    stream.addEventListener("expired", function () { stream.close(); state("off"); expired(); });
    stream.onerror = function () {
      state(navigator.onLine ? "retry" : "off");
      retry += 1;
      if (!polling) polling = setInterval(function () { renew(null); }, 15000);
      if (stream.readyState === EventSource.CLOSED) setTimeout(listen, Math.min(30000, 1000 * Math.pow(2, Math.min(retry, 5))));
    };
  }
  function concerns(part, changed) {
    if (!changed || changed.indexOf("*") >= 0) return true;
    return part.dataset.live.split(" ").some(function (wanted) {
      return changed.some(function (topic) { return topic === wanted || topic.split(":")[0] === wanted; });
    });
  }
  function renew(changed) {
    parts().filter(function (part) { return concerns(part, changed); }).forEach(function (part) {
      window.htmx.ajax("GET", part.dataset.source || location.pathname + location.search, {
        source: part, target: part, select: "#" + part.id, swap: "outerMorph"
      }).then(toEnd);
    });
  }

  /* A dialogue stays at its end while the reader is there. */
  var atEnd = true;
  document.addEventListener("scroll", function (event) {
    var box = event.target;
    if (box.id === "transcript") atEnd = box.scrollHeight - box.scrollTop - box.clientHeight < 60;
  }, true);
  function toEnd() {
    var box = document.getElementById("transcript");
    if (box && atEnd) box.scrollTop = box.scrollHeight;
  }

  /* Waiting clocks run by themselves. */
  setInterval(function () {
    document.querySelectorAll("[data-since]").forEach(function (place) {
      var seconds = Math.max(0, Math.floor((Date.now() - Date.parse(place.dataset.since)) / 1000));
      if (seconds < 3600) place.textContent = two(Math.floor(seconds / 60)) + ":" + two(seconds % 60);
    });
  }, 1000);
  function two(number) { return String(number).padStart(2, "0"); }

  /* A file that is too large is told before it is sent. */
  document.addEventListener("change", function (event) {
    var field = event.target;
    if (!field.matches("input[type=file][data-largest]")) return;
    var large = field.files.length && field.files[0].size > Number(field.dataset.largest);
    field.setCustomValidity(large ? field.dataset.tooLarge : "");
    if (large) field.reportValidity();
  });

  function fit(box) {
    if (CSS.supports("field-sizing", "content")) return;
    box.classList.toggle("q-tall", box.value.length > 160);
  }

  /* Menus close when the reader turns elsewhere; on a phone the side card begins folded. */
  document.addEventListener("click", function (event) {
    document.querySelectorAll("details.q-me[open], details.q-drop[open], .q-why details[open]").forEach(function (menu) {
      if (!menu.contains(event.target)) menu.removeAttribute("open");
    });
  });
  document.addEventListener("keydown", function (event) {
    if (event.key !== "Escape") return;
    document.querySelectorAll("details.q-me[open], details.q-drop[open], .q-why details[open]").forEach(function (menu) { menu.removeAttribute("open"); });
  });
  if (window.matchMedia("(max-width: 1199px)").matches) {
    document.querySelectorAll("details[data-fold]").forEach(function (card) { card.removeAttribute("open"); });
  }

  /* Keys, off in fields and while composing: g and a letter goes to a page, / to the search. */
  var going = false;
  var pages = { h: "/console", c: "/console/conversations", t: "/console/tickets", f: "/console/clients", b: "/console/broadcasts", k: "/console/knowledge/misses", r: "/console/reports/knowledge" };
  document.addEventListener("keydown", function (event) {
    if (event.target.matches("input, textarea, select") || event.isComposing || event.keyCode === 229) return;
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (going && pages[event.key] && document.querySelector('a[href="' + pages[event.key] + '"]')) location.href = pages[event.key];
    going = event.key === "g";
    if (event.key === "r" && !going) focusOn(event, "textarea[data-enter]:enabled");
    if (event.key === "/") focusOn(event, "#q");
    inRows(event);
  });

  /* Rows: j and k go to the next and the one before; a letter on a button presses it in the row where the focus is. */
  function inRows(event) {
    var rows = Array.from(document.querySelectorAll("[data-rows] > *"));
    var at = rows.findIndex(function (row) { return row.contains(document.activeElement); });
    var step = { j: 1, k: -1 }[event.key];
    if (!rows.length || event.repeat && !step || going) return;
    if (step) { rows[Math.max(0, Math.min(rows.length - 1, at + step))].focus(); return; }
    var button = rows[Math.max(at, 0)].querySelector('[data-press="' + CSS.escape(event.key) + '"]');
    if (!button) return;
    event.preventDefault();
    if (at < 0) rows[0].focus(); else button.click();
  }
  function focusOn(event, selector) {
    var box = document.querySelector(selector);
    if (box && !box.disabled && !box.closest("fieldset:disabled")) { event.preventDefault(); box.focus(); }
  }

  toEnd();
  listen();
})();
