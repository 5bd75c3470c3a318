/* What the pages do in the browser: filters into the address, links that stay on the page, the
   reader's colour scheme, and the way back to the login when the session has ended. */
(function () {
  "use strict";

  const list = (value) => (Array.isArray(value) ? value : []);
  const same = (one, other) => JSON.stringify(one) === JSON.stringify(other);

  /* The address is the only state: changing it makes the server answer. */
  function go(search) {
    window.dash_clientside.set_props("url", { search: search });
  }

  function address(chosen, applied) {
    const pairs = new URLSearchParams();
    if (!same(chosen.dates, applied.usual.dates)) {
      pairs.append("from", chosen.dates[0]);
      pairs.append("to", chosen.dates[1]);
    }
    chosen.channels.forEach((key) => pairs.append("channel", key));
    chosen.shops.forEach((key) => pairs.append("shop", key));
    if (chosen.compare !== applied.usual.compare) pairs.append("compare", chosen.compare);
    const grain = chosen.grain === applied.values.grain ? applied.grain : chosen.grain;
    if (grain) pairs.append("grain", grain);
    if (applied.sort) pairs.append("sort", applied.sort);
    const text = pairs.toString();
    return text ? "?" + text : "";
  }

  const dark = window.matchMedia("(prefers-color-scheme: dark)");
  dark.addEventListener("change", () =>
    window.dash_clientside.set_props("scheme", { data: dark.matches ? "dark" : "light" })
  );

  window.dash_clientside = Object.assign({}, window.dash_clientside, {
    koujing: {
      follow_filters: function (dates, channels, shops, compare, grain, applied) {
        if (!applied || list(dates).length !== 2 || !dates[0] || !dates[1]) {
          return window.dash_clientside.no_update;
        }
        const chosen = {
          dates: dates,
          channels: list(channels),
          shops: list(shops),
          compare: compare,
          grain: grain,
        };
        if (!same(chosen, applied.values)) go(address(chosen, applied));
        return window.dash_clientside.no_update;
      },
      scheme: () => (dark.matches ? "dark" : "light"),
      algorithm: (scheme) => (scheme === "dark" ? "dark" : "default"),
      fold: (clicks) => (clicks % 2 ? "filters open" : "filters"),
    },
  });

  /* A real link that can be copied or opened in a tab, and does not scroll to the top in place. */
  document.addEventListener("click", function (event) {
    const link = event.target.closest && event.target.closest("a.go");
    if (!link || event.button || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    go(new URL(link.href).search);
  });

  const ask = window.fetch;
  window.fetch = function () {
    return ask.apply(this, arguments).then(function (answer) {
      if (answer.status === 401) {
        const here = window.location.pathname + window.location.search;
        window.location.assign("/login?next=" + encodeURIComponent(here));
      }
      return answer;
    });
  };
})();
