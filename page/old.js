// old.js: what a browser must have, asked in words that any browser reads; one that lacks it is told
// what. A browser that can't read the page's other script at all never begins it: told the same.
(function () {
  var needs = [
    ['WebAssembly', typeof WebAssembly === 'object'], ['Worker', typeof Worker === 'function'],
    ['DecompressionStream', typeof DecompressionStream === 'function'], ['Blob.stream', typeof Blob === 'function' && !!Blob.prototype.stream],
    ['ResizeObserver', typeof ResizeObserver === 'function'], ['Array.at', !!Array.prototype.at],
    ['CSS :has()', typeof CSS === 'object' && !!CSS.supports && CSS.supports('selector(:has(a))')]
  ], lacks = [], i;
  for (i = 0; i < needs.length; i++) if (!needs[i][1]) lacks.push(needs[i][0]);
  if (lacks.length) document.documentElement.setAttribute('data-lacks', lacks.join(', '));
  window.addEventListener('load', function () {
    if (!lacks.length && document.documentElement.hasAttribute('data-began')) return;
    var note = document.createElement('p'), main = document.getElementById('main');
    note.className = 'card note';
    note.setAttribute('role', 'alert');
    note.appendChild(document.createTextNode('This browser is too old for Pennypost. It lacks: ' + (lacks.join(', ') || 'the JavaScript of 2022') + '. A browser of 2023 or later has all that is needed.'));
    main.insertBefore(note, main.firstChild);
  });
})();
