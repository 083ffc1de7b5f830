// The chat page: sends in order and exactly once, shows what comes, loses nothing typed.
(function () {
  'use strict';
  var $ = function (id) { return document.getElementById(id); };
  var words = JSON.parse($('words').textContent);
  var scroll = $('scroll'), log = $('log'), box = $('text'), composer = $('composer');
  var title = document.title, last = Number(composer.dataset.last), unread = 0, stream = null;
  var STORE = 'quanfu-outbox', DRAFT = 'quanfu-draft';
  var WAITS = [2, 4, 8, 16, 30], TRIES = 5;
  var queue = [], busy = false, timer = 0, online = true;

  function stored(name, value) {
    try {
      if (value === undefined) { return sessionStorage.getItem(name); }
      sessionStorage.setItem(name, value);
    } catch (e) { /* storage may be forbidden; the page's memory holds it then */ }
    return null;
  }
  function keep() { stored(STORE, JSON.stringify(queue)); }
  function newId() {
    var bytes = crypto.getRandomValues(new Uint8Array(12));
    return Array.from(bytes, function (b) { return ('0' + b.toString(16)).slice(-2); }).join('');
  }
  function make(tag, name, text) {
    var node = document.createElement(tag);
    node.className = name;
    if (text) { node.textContent = text; }
    return node;
  }

  // Reading position
  function atEnd() { return scroll.scrollHeight - scroll.scrollTop - scroll.clientHeight < 80; }
  function toEnd() { scroll.scrollTop = scroll.scrollHeight; }
  function showUnread() {
    document.title = unread ? words.unread_title.replace('{n}', unread).replace('{title}', title) : title;
    $('news').hidden = !unread || document.hidden || atEnd();
    $('news').textContent = words.news_button.replace('{n}', unread);
  }
  function read() {
    if (!document.hidden && atEnd() && unread) { unread = 0; showUnread(); }
  }
  function divide() {
    if (!unread && !log.querySelector('.divider')) { log.appendChild(make('p', 'divider', words.news_line)); }
  }

  // Lines
  function known(name, value) {
    return document.querySelector('[data-' + name + '="' + CSS.escape(value) + '"]');
  }
  function closeChips(except) {
    document.querySelectorAll('.line form').forEach(function (form) {
      if (form !== except) { form.querySelectorAll('button').forEach(function (b) { b.disabled = true; }); }
    });
  }
  function fold(line) {
    var text = line.querySelector('.text');
    if (line.classList.contains('mine') || !text) { return; }
    if (text.scrollHeight <= parseFloat(getComputedStyle(text).lineHeight) * 8.5) { return; }
    var button = make('button', 'fold', words.unfold);
    button.type = 'button';
    button.setAttribute('aria-expanded', 'false');
    line.classList.add('folded');
    button.onclick = function () {
      var folded = line.classList.toggle('folded');
      button.textContent = folded ? words.unfold : words.fold;
      button.setAttribute('aria-expanded', String(!folded));
    };
    text.after(button);
  }
  function add(html, quiet) {
    var holder = document.createElement('div');
    holder.innerHTML = html;
    var line = holder.firstElementChild;
    var id = line.dataset.id, mine = line.dataset.mine;
    if (mine) {
      var drawn = known('mine', mine);
      if (drawn) { drawn.replaceWith(line); } else { log.appendChild(line); }
      return;
    }
    if (known('id', id)) { return; }
    last = Math.max(last, Number(id));
    var follow = atEnd();
    if (!quiet && (document.hidden || !follow)) { divide(); unread += 1; }
    if (line.querySelector('form')) { closeChips(); }
    log.appendChild(line);
    fold(line);
    if (follow) { toEnd(); }
    showUnread();
  }

  // Sending: one at a time, in order, each under its own id
  function draw(item) {
    var line = known('mine', item.id);
    if (!line) {
      line = make('article', 'line mine');
      line.dataset.mine = item.id;
      line.appendChild(make('div', 'bubble')).appendChild(make('div', 'text', item.label));
      line.appendChild(make('div', 'meta')).appendChild(make('span', 'state'));
      log.appendChild(line);
    }
    return line;
  }
  function say(item, text, bad) {
    var meta = draw(item).querySelector('.meta');
    meta.textContent = '';
    meta.appendChild(make('span', bad ? 'state bad' : 'state', text));
    if (!bad) { return; }
    var again = make('button', 'again', words.retry);
    again.type = 'button';
    again.onclick = function () { item.tries = 0; flush(); };
    meta.appendChild(again);
  }
  function network(good) {
    online = good;
    $('offline').textContent = good ? '' : words.offline;
    $('offline').hidden = good;
  }
  function later(item, text) {
    item.tries += 1;
    keep();
    if (item.tries > TRIES) { say(item, text || words.failed, true); return; }
    say(item, words.waiting);
    clearTimeout(timer);
    timer = setTimeout(flush, WAITS[item.tries - 1] * 1000);
  }
  function send(item) {
    var dots = setTimeout(function () { $('typing').hidden = false; if (atEnd()) { toEnd(); } }, 600);
    var form = new URLSearchParams();
    form.set('id', item.id);
    form.set(item.choice ? 'choice' : 'text', item.choice || item.text);
    say(item, words.sending);
    return fetch('/chat/messages', {
      method: 'POST', body: form, credentials: 'same-origin', headers: { Accept: 'application/json' }
    }).then(function (answer) {
      return answer.json().then(function (said) { return { status: answer.status, said: said }; });
    }).finally(function () { clearTimeout(dots); $('typing').hidden = true; });
  }
  function done(item, result) {
    if (result.status === 429 || result.status >= 500) { later(item, result.said.fault); return; }
    queue.shift();
    keep();
    if (result.status !== 200) { say(item, result.said.fault || words.failed, false); return; }
    result.said.lines.forEach(function (html) { add(html, true); });
    if (!result.said.done) { say(item, words.late); }
    toEnd();
    listen();
  }
  function flush() {
    clearTimeout(timer);
    var item = queue[0];
    if (busy || !item || item.tries > TRIES) { return; }
    busy = true;
    send(item).then(function (result) { network(true); done(item, result); },
      function () { network(false); later(item); })
      .then(function () { busy = false; if (queue[0] && !queue[0].tries) { flush(); } });
  }
  function post(item) {
    item.id = newId();
    item.tries = 0;
    queue.push(item);
    keep();
    say(item, online ? words.sending : words.waiting);
    toEnd();
    flush();
  }

  // Later replies
  function listen() {
    if (stream && stream.readyState !== EventSource.CLOSED) { return; }
    stream = new EventSource('/chat/stream?after=' + last);
    stream.onopen = function () { network(true); if (queue[0]) { queue[0].tries = 0; flush(); } };
    stream.onmessage = function (event) { add(event.data); };
    stream.onerror = function () {
      if (!navigator.onLine) { network(false); }
      if (stream.readyState === EventSource.CLOSED) { setTimeout(listen, 4000); }
    };
  }
  function back() {
    network(true);
    if (stream) { stream.close(); listen(); }
    queue.forEach(function (item) { item.tries = 0; });
    flush();
  }

  // Typing. Some browsers end a composition just before they report Enter: hence the tick.
  var composed = false;
  box.addEventListener('compositionend', function () {
    composed = true;
    setTimeout(function () { composed = false; }, 0);
  });
  box.addEventListener('keydown', function (event) {
    if (event.key !== 'Enter' || event.shiftKey) { return; }
    if (event.isComposing || event.keyCode === 229 || composed) { return; }
    event.preventDefault();
    submit();
  });
  function grow() {
    box.style.height = 'auto';
    box.style.height = Math.min(box.scrollHeight + 2, 132) + 'px';
    stored(DRAFT, box.value);
  }
  function submit() {
    var text = box.value.trim();
    if (!text) { return; }
    box.value = '';
    grow();
    box.focus();
    post({ text: text, label: text });
  }
  box.addEventListener('input', grow);
  composer.addEventListener('submit', function (event) { event.preventDefault(); submit(); });

  document.addEventListener('click', function (event) {
    var button = event.target.closest('.chip, .asks button, .rate button');
    if (!button) {
      var menu = document.querySelector('.menu[open]');
      if (menu && !menu.contains(event.target)) { menu.open = false; }
      return;
    }
    event.preventDefault();
    if (button.closest('.line')) {
      button.classList.add('picked');
      closeChips();
    }
    if (button.closest('.asks')) { button.closest('.menu').open = false; }
    if (button.name === 'choice') { post({ choice: button.value, label: button.textContent }); } else {
      post({ text: button.value, label: button.value });
    }
  });
  document.addEventListener('keydown', function (event) {
    var menu = document.querySelector('.menu[open]');
    if (event.key === 'Escape' && menu) { menu.open = false; menu.querySelector('summary').focus(); }
  });

  // What upload.js needs of this page
  window.quanfu = {
    framed: false,
    headers: function (more) { return more; },
    show: function (lines) {
      lines.forEach(function (html) { add(html, true); });
      toEnd();
      listen();
    }
  };

  $('news').onclick = function () { toEnd(); read(); box.focus(); };
  scroll.addEventListener('scroll', function () { read(); showUnread(); });
  document.addEventListener('visibilitychange', function () { read(); showUnread(); });
  window.addEventListener('online', back);
  window.addEventListener('offline', function () { network(false); });
  if (window.visualViewport) {
    window.visualViewport.addEventListener('resize', function () {
      if (window.innerWidth < 640) {
        var follow = atEnd();
        document.documentElement.style.setProperty('--h', window.visualViewport.height + 'px');
        if (follow) { toEnd(); }
      }
    });
  }

  document.querySelectorAll('#history .line').forEach(fold);
  var newest = $('history').lastElementChild;
  closeChips(newest && newest.querySelector('form'));
  queue = JSON.parse(stored(STORE) || '[]').filter(function (item) { return !known('mine', item.id); });
  queue.forEach(function (item) { item.tries = 0; say(item, words.waiting); });
  keep();
  box.value = box.value || stored(DRAFT) || '';
  grow();
  toEnd();
  if (last || document.querySelector('#history .line')) { listen(); }
  flush();
}());
