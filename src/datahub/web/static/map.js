// The map of a list of records, or of one record. Works without tiles: then a grid of degrees gives the scale.
(function () {
  "use strict";
  var box = document.getElementById("map");
  if (!box || !window.L) return;
  var data = box.dataset;
  var french = data.lang === "fr";
  var style = getComputedStyle(document.documentElement);
  var colour = function (name) { return style.getPropertyValue(name).trim(); };
  var map = L.map(box, { preferCanvas: true, worldCopyJump: true, zoomControl: false });
  map.attributionControl.setPrefix(false);
  L.control.zoom({
    zoomInTitle: french ? "Agrandir" : "Zoom in",
    zoomOutTitle: french ? "Réduire" : "Zoom out"
  }).addTo(map);
  map.on("popupopen", function (opened) {
    var button = opened.popup.getElement().querySelector(".leaflet-popup-close-button");
    if (button) button.setAttribute("aria-label", french ? "Fermer" : "Close");
  });
  L.control.scale({ imperial: false }).addTo(map);
  if (data.tiles) {
    L.tileLayer(data.tiles, { attribution: data.attribution, maxZoom: 19 }).addTo(map);
  } else {
    map.on("moveend", drawGrid);
  }
  var grid = L.layerGroup().addTo(map);

  function drawGrid() {
    grid.clearLayers();
    var bounds = map.getBounds();
    var span = Math.max(bounds.getEast() - bounds.getWest(), 1e-6);
    var step = [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30].find(function (s) { return span / s <= 6; }) || 45;
    var digits = Math.max(0, -Math.floor(Math.log10(step)));
    var line = { color: colour("--grid"), weight: 1, interactive: false };
    var mark = function (point, text, anchor) {
      var icon = L.divIcon({ className: "grid-label", html: text, iconSize: [0, 0], iconAnchor: anchor });
      L.marker(map.containerPointToLatLng(point), { interactive: false, keyboard: false, icon: icon }).addTo(grid);
    };
    var size = map.getSize();
    var south = Math.max(bounds.getSouth(), -85), north = Math.min(bounds.getNorth(), 85);
    for (var lon = Math.ceil(bounds.getWest() / step) * step; lon <= bounds.getEast(); lon += step) {
      L.polyline([[south, lon], [north, lon]], line).addTo(grid);
      var x = map.latLngToContainerPoint([north, lon]).x;
      if (x > 50 && x < size.x - 90) mark([x, 0], Math.abs(lon).toFixed(digits) + "° " + (lon < 0 ? (french ? "O" : "W") : "E"), [-3, -3]);
    }
    for (var lat = Math.ceil(south / step) * step; lat <= north; lat += step) {
      L.polyline([[lat, bounds.getWest()], [lat, bounds.getEast()]], line).addTo(grid);
      var y = map.latLngToContainerPoint([lat, bounds.getEast()]).y;
      if (y > 20) mark([size.x, y], Math.abs(lat).toFixed(digits) + "° " + (lat < 0 ? "S" : "N"), [52, 16]);
    }
  }

  // The box that holds all but the outermost points of a large crowd, so that one island does not shrink a whole country.
  function crowd(points) {
    var between = function (position) {
      var sorted = points.map(function (point) { return point[position]; }).sort(function (a, b) { return a - b; });
      var cut = points.length > 100 ? Math.floor(points.length * 0.005) : 0;
      return [sorted[cut], sorted[sorted.length - 1 - cut]];
    };
    var lons = between(0), lats = between(1);
    return L.latLngBounds([lats[0], lons[0]], [lats[1], lons[1]]);
  }

  function popup(label, path) {
    var link = document.createElement("a");
    link.href = path;
    link.textContent = label;
    return link;
  }

  function circle(lat, lon, radius) {
    return L.circleMarker([lat, lon], {
      radius: radius, color: colour("--point-line"), weight: 1, fillColor: colour("--point"), fillOpacity: 0.85
    });
  }

  if (data.lat) {
    map.setView([+data.lat, +data.lon], 11);
    circle(+data.lat, +data.lon, 9).bindTooltip(data.label).addTo(map);
    box.dataset.ready = "1";
    return;
  }

  var status = document.getElementById("map-status");
  map.setView([46.6, 2.4], 5);
  fetch(data.points, { headers: { Accept: "application/json" }, credentials: "same-origin" })
    .then(function (answer) {
      if (!answer.ok) throw new Error(String(answer.status));
      return answer.json();
    })
    .then(function (found) {
      var layer = L.featureGroup();
      var radius = found.points.length > 500 ? 4 : 6;
      found.points.forEach(function (point) {
        circle(point[1], point[0], radius).bindPopup(function () { return popup(point[2], point[3]); }).addTo(layer);
      });
      layer.addTo(map);
      if (found.points.length) {
        var view = crowd(found.points).pad(0.05);
        map.fitBounds(view, { maxZoom: 12, animate: false });
        var beyond = found.points.filter(function (point) { return !map.getBounds().contains([point[1], point[0]]); }).length;
        if (beyond) status.textContent = data.beyond + " " + beyond;
      } else {
        status.textContent = data.none;
      }
      if (!found.complete) status.textContent = data.many;
      box.dataset.ready = String(found.points.length);
      offerArea();
    })
    .catch(function () {
      status.textContent = data.failed;
      box.dataset.ready = "failed";
    });

  // A link that filters the list to what the map shows.
  function offerArea() {
    var area = document.getElementById("map-area");
    if (!area) return;
    area.className = "";
    var update = function () {
      var b = map.getBounds();
      var query = new URLSearchParams(location.search);
      query.delete("cursor");
      query.set("bbox", [
        Math.max(b.getWest(), -180), Math.max(b.getSouth(), -90), Math.min(b.getEast(), 180), Math.min(b.getNorth(), 90)
      ].map(function (x) { return x.toFixed(5); }).join(","));
      area.href = location.pathname + "?" + query;
    };
    map.on("moveend", update);
    update();
  }
})();
