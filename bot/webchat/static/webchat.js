// The chat page: sends in order and exactly once, shows what comes, loses nothing typed.
(function () {
  'use strict';
  var $ = function (id) { return document.getElementById(id); };
  var words = JSON.parse($('words').textContent);
  var scroll = $('scroll'), log = $('log'), box = $('text'), composer = $('composer');
  var title = document.title, last = Number(composer.dataset.last), unread = 0;
  var STORE = 'quanfu-outbox', DRAFT = 'quanfu-draft', VISITOR = 'quanfu-visitor', LOOK = 'quanfu-look';
  var WAITS = [2, 4, 8, 16, 30], TRIES = 5;
  var queue = [], busy = false, timer = 0, online = true, talked = false;

  function put(kind, name, value) {
    try {
      if (value === undefined) { return window[kind].getItem(name); }
      if (value === null) { window[kind].removeItem(name); } else { window[kind].setItem(name, value); }
    } catch (e) { /* storage may be forbidden; the page's memory holds it then */ }
    return null;
  }
  function stored(name, value) { return put('sessionStorage', name, value); }

  // In a frame on another site: no cookie is at hand there, so the page says whose it is
  var framed = composer.dataset.visitor, folded = Boolean(framed) && window.parent !== window;
  function whose() { return put('localStorage', VISITOR) || framed; }
  function headers(more) {
    if (framed) { more['X-Quanfu-Visitor'] = whose(); more['Accept-Language'] = document.documentElement.lang; }
    return more;
  }
  function tell(what, number) {
    if (framed && window.parent !== window) { window.parent.postMessage({ quanfu: what, number: number || 0 }, '*'); }
  }
  function away() { return document.hidden || folded; }
  var tabs = window.BroadcastChannel && new BroadcastChannel('quanfu'); // a page without a conversation does not listen
  if (tabs) {
    tabs.onmessage = function () {
      talked = true;
      listen();
    };
  }
  function started() {
    if (talked) { return; }
    talked = true;
    if (framed) { put('localStorage', VISITOR, whose()); tell('talked'); }
    if (tabs) { tabs.postMessage('talked'); }
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
    tell('unread', unread);
    $('news').hidden = !unread || away() || atEnd();
    $('news').textContent = words.news_button.replace('{n}', unread);
  }
  function read() {
    if (!away() && atEnd() && unread) { unread = 0; showUnread(); }
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
  function bring(address) {
    return fetch(address, { headers: headers({}) }).then(function (answer) {
      if (!answer.ok) { throw new Error('media'); }
      var named = /filename="([^"]+)"/.exec(answer.headers.get('content-disposition') || '');
      return answer.blob().then(function (file) {
        return { address: URL.createObjectURL(file), name: named ? named[1] : '' };
      });
    });
  }
  function reveal(image) {
    bring(image.dataset.src).then(function (file) { image.src = image.parentNode.href = file.address; }, function () {});
  }
  function save(event) {
    var link = event.currentTarget;
    if (link.href.indexOf('blob:') === 0) { return; }
    event.preventDefault();
    bring(link.href).then(function (file) {
      link.href = file.address;
      link.download = file.name;
      link.click();
    }, function () {});
  }
  var sight = framed && new IntersectionObserver(function (changes) {
    changes.forEach(function (change) {
      if (change.isIntersecting) { sight.unobserve(change.target); reveal(change.target); }
    });
  });
  function parse(html) { // in a frame pictures and files too must be asked for with the header: when they are seen, or wanted
    var holder = document.createElement('template');
    holder.innerHTML = html;
    if (!framed) { return holder.content; }
    holder.content.querySelectorAll('img[src^="/chat/media/"]').forEach(function (image) {
      image.dataset.src = image.getAttribute('src');
      image.removeAttribute('src');
      sight.observe(image);
    });
    holder.content.querySelectorAll('a[download]').forEach(function (link) { link.addEventListener('click', save); });
    return holder.content;
  }
  function add(html, quiet) {
    var holder = parse(html);
    var line = holder.firstElementChild;
    var id = line.dataset.id, mine = line.dataset.mine;
    var follow = atEnd();
    if (mine) { // ours, or written in another tab: then it is not drawn yet
      var drawn = known('mine', mine);
      if (!drawn) { log.appendChild(line); } else if (quiet) { drawn.replaceWith(line); }
      if (follow) { toEnd(); }
      return;
    }
    if (known('id', id)) { return; }
    if (!quiet) { dots('person', false); }
    last = Math.max(last, Number(id));
    if (!quiet && (away() || !follow)) { divide(); unread += 1; }
    if (line.querySelector('form')) { closeChips(); }
    log.appendChild(line);
    fold(line);
    if (follow) { toEnd(); }
    showUnread();
  }

  // Somebody is typing: the bot while we wait for its answer, a person until their words come or 15 s are over
  var typing = {}, hush = 0;
  function dots(who, on) {
    typing[who] = on;
    $('typing').hidden = !typing.bot && !typing.person;
    if (on && atEnd()) { toEnd(); }
  }
  function personTypes() {
    clearTimeout(hush);
    hush = setTimeout(function () { dots('person', false); }, 15000);
    dots('person', true);
  }
  var toldAt = 0;
  function iType() {
    var said = document.querySelectorAll('.said'), newest = said[said.length - 1];
    if (!newest || !newest.classList.contains('staff') || Date.now() - toldAt < 4000) { return; }
    toldAt = Date.now();
    fetch('/chat/typing', { method: 'POST', credentials: 'same-origin', headers: headers({}) }).catch(function () {});
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
    var late = setTimeout(function () { dots('bot', true); }, 600);
    var form = new URLSearchParams();
    form.set('id', item.id);
    form.set(item.choice ? 'choice' : 'text', item.choice || item.text);
    say(item, words.sending);
    return fetch('/chat/messages', {
      method: 'POST', body: form, credentials: 'same-origin', headers: headers({ Accept: 'application/json' })
    }).then(function (answer) {
      if (answer.status === 401) { return forget(); }
      return answer.json().then(function (said) { return { status: answer.status, said: said }; });
    }).finally(function () { clearTimeout(late); dots('bot', false); });
  }
  function done(item, result) {
    if (result.status === 429 || result.status >= 500) { later(item, result.said.fault); return; }
    queue.shift();
    keep();
    if (result.status !== 200) { say(item, result.said.fault || words.failed, false); return; }
    window.quanfu.show(result.said.lines);
    if (!result.said.done) { say(item, words.late); }
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

  // Later replies: an event stream, read by hand because of the header that says whose it is
  var stream = null, fails = 0, again = 0, watch = 0;
  function listen() {
    if (stream || !talked) { return; }
    var mine = stream = new AbortController();
    var over = function () { if (stream === mine) { close(); comeBack(); } };
    clearTimeout(again);
    alive();
    fetch('/chat/stream', {
      credentials: 'same-origin', cache: 'no-store', signal: mine.signal,
      headers: headers({ Accept: 'text/event-stream', 'Last-Event-ID': String(last) })
    }).then(function (answer) {
      if (answer.status === 204) { talked = false; close(); return; }
      if (answer.status === 401) { forget(); }
      if (!answer.ok) { over(); return; }
      fails = 0;
      network(true);
      if (queue[0]) { queue[0].tries = 0; flush(); }
      follow(answer.body.getReader(), over);
    }).catch(over);
  }
  function follow(reader, over) {
    var decoder = new TextDecoder(), rest = '';
    function next() {
      reader.read().then(function (part) {
        if (part.done) { over(); return; }
        alive();
        var blocks = (rest + decoder.decode(part.value, { stream: true }).replace(/\r/g, '')).split('\n\n');
        rest = blocks.pop();
        blocks.forEach(hear);
        next();
      }).catch(over);
    }
    next();
  }
  function hear(block) {
    var fields = { data: [] };
    block.split('\n').forEach(function (text) {
      var cut = text.indexOf(': '), name = text.slice(0, cut), value = text.slice(cut + 2);
      if (name === 'data') { fields.data.push(value); } else if (name) { fields[name] = value; }
    });
    if (fields.event === 'typing') { personTypes(); } else if (fields.data.length) { add(fields.data.join('\n')); }
  }
  function alive() {
    clearTimeout(watch);
    watch = setTimeout(back, 40000);
  }
  function close() {
    clearTimeout(watch);
    if (stream) { var mine = stream; stream = null; mine.abort(); }
  }
  function comeBack() {
    fails += 1;
    if (fails > 1 || !navigator.onLine) { network(false); }
    again = setTimeout(listen, WAITS[Math.min(fails, WAITS.length) - 1] * (600 + 800 * Math.random()));
  }
  function back() {
    close();
    listen();
    queue.forEach(function (item) { item.tries = 0; });
    flush();
  }
  function forget() {
    put('localStorage', VISITOR, null);
    throw new Error('visitor');
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
  box.addEventListener('input', function () { grow(); iType(); });
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
    if (event.key !== 'Escape') { return; }
    if (menu) { menu.open = false; menu.querySelector('summary').focus(); } else { tell('close'); }
  });

  // What upload.js needs of this page
  window.quanfu = {
    headers: headers,
    show: function (lines) {
      lines.forEach(function (html) { add(html, true); });
      toEnd();
      started();
      listen();
    }
  };

  $('news').onclick = function () { toEnd(); read(); box.focus(); };
  scroll.addEventListener('scroll', function () { read(); showUnread(); });
  document.addEventListener('visibilitychange', function () {
    if (!document.hidden && !stream) { back(); }
    read();
    showUnread();
  });
  window.addEventListener('online', function () { network(true); back(); });
  window.addEventListener('offline', function () { network(false); });
  window.addEventListener('pageshow', function (event) { if (event.persisted) { back(); } });
  window.addEventListener('message', function (event) {
    if (!framed || event.source !== window.parent || !event.data) { return; }
    if (event.data.quanfu !== 'shown' && event.data.quanfu !== 'folded') { return; }
    folded = event.data.quanfu === 'folded';
    if (!folded && event.data.focus) { box.focus(); }
    read();
    showUnread();
  });
  if (framed) {
    $('close').onclick = function () { tell('close'); };
    document.querySelectorAll('a[href^="/chat/frame"]').forEach(function (link) {
      link.addEventListener('click', function () { put('localStorage', LOOK, link.search); });
    });
  }
  if (window.visualViewport) {
    window.visualViewport.addEventListener('resize', function () {
      if (window.innerWidth < 640) {
        var follow = atEnd();
        document.documentElement.style.setProperty('--h', window.visualViewport.height + 'px');
        if (follow) { toEnd(); }
      }
    });
  }

  function begin() {
    document.querySelectorAll('#history .line').forEach(fold);
    var newest = $('history').lastElementChild;
    closeChips(newest && newest.querySelector('form'));
    queue = JSON.parse(stored(STORE) || '[]').filter(function (item) { return !known('mine', item.id); });
    queue.forEach(function (item) { item.tries = 0; say(item, words.waiting); });
    keep();
    toEnd();
    if (last || document.querySelector('#history .line')) { started(); listen(); }
    flush();
  }
  function remember() {
    return fetch('/chat/history', { headers: headers({ Accept: 'application/json' }) }).then(function (answer) {
      if (answer.status === 401) { forget(); }
      return answer.ok ? answer.json() : { lines: [] };
    }).then(function (told) {
      $('history').appendChild(parse(told.lines.join('')));
      $('history').querySelectorAll('[data-id]').forEach(function (line) {
        last = Math.max(last, Number(line.dataset.id));
      });
    }).catch(function () {});
  }
  var look = framed && put('localStorage', LOOK);
  if (look && look !== '?' + composer.dataset.look && look !== window.location.search) { window.location.replace(look); return; }
  box.value = box.value || stored(DRAFT) || '';
  grow();
  if (framed) { remember().then(begin); } else { begin(); }
  tell('ready');
}());
