(function () {
  var root = document.documentElement, key = 'millrace-bench-theme';
  function stored() { try { return localStorage.getItem(key); } catch (e) { return null; } }
  if (stored()) root.dataset.theme = stored();
  document.getElementById('theme').addEventListener('click', function () {
    var dark = root.dataset.theme ? root.dataset.theme === 'dark' : matchMedia('(prefers-color-scheme: dark)').matches;
    root.dataset.theme = dark ? 'light' : 'dark';
    try { localStorage.setItem(key, root.dataset.theme); } catch (e) { /* private mode: not kept */ }
  });
})();
