// Pictures and files: chosen or pasted, sent one by one, each under its own id, so that a second try is no second copy.
(function () {
  'use strict';
  var page = window.quanfu;
  var words = JSON.parse(document.getElementById('words').textContent);
  var form = document.getElementById('upload'), composer = document.getElementById('composer');
  var input = form.querySelector('input[type=file]'), log = document.getElementById('log');

  function make(tag, name, text) {
    var node = document.createElement(tag);
    node.className = name;
    node.textContent = text || '';
    return node;
  }
  function newId() {
    return Array.from(crypto.getRandomValues(new Uint8Array(12)), function (b) {
      return ('0' + b.toString(16)).slice(-2);
    }).join('');
  }
  function draw(file, id) {
    var line = make('article', 'line mine'), scroll = document.getElementById('scroll');
    line.dataset.mine = id; // by which the page puts the stored line in its place
    line.appendChild(make('div', 'bubble')).appendChild(make('div', 'text', file.name));
    line.appendChild(make('div', 'meta'));
    log.appendChild(line);
    scroll.scrollTop = scroll.scrollHeight;
    return line;
  }
  function say(line, text, again) {
    var meta = line.querySelector('.meta');
    meta.textContent = '';
    meta.appendChild(make('span', again === undefined ? 'state' : 'state bad', text));
    if (!again) { return; }
    var button = make('button', 'again', words.retry);
    button.type = 'button';
    button.onclick = again;
    meta.appendChild(button);
  }
  function send(file) {
    var id = newId(), line = draw(file, id);
    if (file.size > Number(form.dataset.largest)) { say(line, words.file_too_large, null); return; }
    post();
    function post() {
      var body = new FormData();
      body.set('id', id);
      body.set('file', file);
      say(line, words.sending);
      fetch('/chat/media', {
        method: 'POST', body: body, credentials: 'same-origin', headers: page.headers({ Accept: 'application/json' })
      }).then(function (answer) {
        return answer.json().then(function (said) { done(answer.status, said); });
      }).catch(function () { say(line, words.failed, post); });
    }
    function done(status, said) {
      if (status === 200) {
        page.show(said.lines);
      } else { say(line, said.fault, status === 429 || status >= 500 ? post : null); }
    }
  }

  var clip = make('button', 'clip', '+');
  clip.type = 'button';
  clip.title = words.attach;
  clip.setAttribute('aria-label', words.attach);
  clip.onclick = function () { input.click(); };
  composer.insertBefore(clip, composer.querySelector('textarea'));
  form.hidden = true;
  input.addEventListener('change', function () {
    Array.from(input.files).forEach(send);
    input.value = '';
  });
  document.addEventListener('paste', function (event) {
    var files = Array.from(event.clipboardData.files);
    if (files.length) { event.preventDefault(); }
    files.forEach(send);
  });
}());
