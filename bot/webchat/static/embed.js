// One script tag on the branch's site: a button that opens the chat in a frame. The server calls this with what it must know.
function (told) {
  'use strict';
  var script = document.currentScript, home = new URL(script.src).origin;
  var lang = (script.dataset.lang || document.documentElement.lang || '').slice(0, 2) === 'en' ? 'en' : 'zh_CN';
  var words = told.words[lang], side = script.dataset.side === 'left' ? 'left' : 'right';
  var small = window.matchMedia('(max-width: 480px), (max-height: 480px)');
  var frame = null, ready = false, open = false, wanted = false, news = 0;
  if (window.quanfuChat) { return; }
  if (told.origins.indexOf(window.location.origin) < 0) { console.warn(words.refused); return; }

  function kept(store, name, value) {
    try {
      if (value === undefined) { return window[store].getItem(name); }
      window[store].setItem(name, value);
    } catch (e) { /* the site's visitors may forbid storage: then nothing is remembered */ }
    return null;
  }
  // Properties set one by one pass a site's content policy; a style sheet may not.
  function dress(node, looks) {
    Object.keys(looks).forEach(function (name) { node.style.setProperty(name, looks[name]); });
    return node;
  }
  function draw(tag, values) {
    var node = document.createElementNS('http://www.w3.org/2000/svg', tag);
    Object.keys(values).forEach(function (name) { node.setAttribute(name, values[name]); });
    return node;
  }

  var holder = dress(document.createElement('div'), { all: 'initial' });
  var root = holder.attachShadow({ mode: 'open' });
  var button = dress(document.createElement('button'), {
    position: 'fixed', bottom: '20px', width: '56px', height: '56px', padding: '14px', border: '2px solid #fff', cursor: 'pointer',
    'z-index': '2147483001', 'border-radius': '28px', background: '#1b4f9c', color: '#fff', 'box-sizing': 'border-box',
    'box-shadow': '0 4px 16px rgba(10,20,40,.3)', 'outline-offset': '3px'
  });
  var badge = dress(document.createElement('span'), {
    position: 'absolute', top: '-6px', right: '-6px', 'min-width': '22px', padding: '0 6px', 'box-sizing': 'border-box',
    'border-radius': '11px', background: '#a61e4d', font: '600 13px/22px system-ui, sans-serif', 'text-align': 'center'
  });
  var sign = draw('svg', { viewBox: '0 0 24 24', 'aria-hidden': 'true', fill: 'none', stroke: 'currentColor', 'stroke-width': '2' });
  var line = sign.appendChild(draw('path', { 'stroke-linecap': 'round', 'stroke-linejoin': 'round' }));
  button.style.setProperty(side, '20px');
  button.type = 'button';
  button.append(sign, badge);
  root.append(button);

  function show() {
    line.setAttribute('d', open ? 'M6 9l6 6 6-6' : 'M4 5h16v11H10l-5 4v-4H4z');
    badge.textContent = news > 99 ? '99+' : String(news);
    dress(badge, { display: news && !open ? 'block' : 'none' });
    dress(button, { display: open && small.matches ? 'none' : 'block' });
    button.setAttribute('aria-expanded', String(open));
    button.setAttribute('aria-label', open ? words.close : news ? words.unread.replace('{n}', news) : words.open);
    if (!frame) { return; }
    dress(frame, small.matches
      ? { bottom: '0', width: '100%', height: '100%', 'border-radius': '0' }
      : { bottom: '88px', width: '380px', height: 'min(620px, calc(100vh - 108px))', 'border-radius': '14px' });
    frame.style.setProperty(side, small.matches ? '0' : '20px');
    dress(frame, { visibility: open ? 'visible' : 'hidden' });
  }
  function load() {
    if (frame) { return; }
    frame = dress(document.createElement('iframe'), {
      position: 'fixed', border: '0', background: '#eef1f5', 'z-index': '2147483000', 'color-scheme': 'normal',
      'box-shadow': '0 12px 40px rgba(10,20,40,.28)'
    });
    frame.title = words.frame;
    frame.src = home + '/chat/frame?site=' + lang;
    root.insertBefore(frame, button);
  }
  function say() {
    if (ready) { frame.contentWindow.postMessage({ quanfu: open ? 'shown' : 'folded', focus: wanted }, home); }
  }
  function turn(to, focus) {
    open = to;
    wanted = focus;
    kept('sessionStorage', 'quanfu-open', to ? '1' : '');
    if (open) { load(); }
    show();
    say();
    if (focus && open) { frame.focus(); }
    if (focus && !open) { button.focus(); }
  }

  button.addEventListener('click', function () { turn(!open, true); });
  small.addEventListener('change', show);
  window.addEventListener('message', function (event) {
    if (!frame || event.source !== frame.contentWindow || event.origin !== home || !event.data) { return; }
    var what = event.data.quanfu;
    if (what === 'ready') { ready = true; say(); }
    if (what === 'close' && open) { turn(false, true); }
    if (what === 'talked') { kept('localStorage', 'quanfu-talked', '1'); }
    if (what === 'unread') { news = Number(event.data.number) || 0; show(); }
  });
  window.quanfuChat = { open: function () { turn(true, true); }, close: function () { if (open) { turn(false, true); } } };

  function begin() {
    document.body.append(holder);
    if (kept('localStorage', 'quanfu-talked')) { load(); }
    if (kept('sessionStorage', 'quanfu-open') && !small.matches) { turn(true, false); }
    show();
  }
  if (document.body) { begin(); } else { document.addEventListener('DOMContentLoaded', begin); }
}
