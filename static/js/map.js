// The map of a day's way: drawn from shapes of our own server, without tiles, once it comes into view.

const AMERICA = { south: 18, west: -172, north: 72, east: -66 };  // where the finer shapes of the United States serve
const LEAST = 0.02;  // degrees around a single stop
const LABELS = 12;  // stops; beyond, their names would cover each other
const WIDE = 3;  // degrees; on a closer map the shapes of countries are too coarse to be of use, and too heavy for a phone
const STRIP = 240;  // px; on a lower map there is room for numbers only

// A classic script of a library, once; strict content policy allows those of our own origin.
const loaded = new Map();
function load(url) {
  if (!loaded.has(url)) {
    loaded.set(url, new Promise((done, failed) => {
      document.head.append(Object.assign(document.createElement("script"), { src: url, onload: done, onerror: failed }));
    }));
  }
  return loaded.get(url);
}

/** What a class of the stylesheet paints with, so that the canvas follows light and dark. */
function colour(box, name) {
  const probe = box.appendChild(Object.assign(document.createElement("i"), { className: `map-ink-${name}` }));
  const { color } = getComputedStyle(probe);
  probe.remove();
  return color;
}

/** A direct way between two stops, bent a little, so that there and back do not lie on each other. */
function bend([lat1, lon1], [lat2, lon2]) {
  const steps = 12, dx = lon2 - lon1, dy = lat2 - lat1, points = [];
  for (let i = 0; i <= steps; i += 1) {
    const t = i / steps, off = 0.08 * Math.sin(Math.PI * t);
    points.push([lat1 + dy * t - dx * off, lon1 + dx * t + dy * off]);
  }
  return points;
}

function stopMark(stop) {
  const numbered = stop.number > 0;
  return L.divIcon({ className: numbered ? "map-stop" : "map-stop map-stop-out", html: numbered ? String(stop.number) : "!", iconSize: [24, 24] });
}

async function draw(box) {
  const { map: route, nearby, script, style, topojson: client, world, america, words } = box.dataset;
  const [larger, smaller, zoomIn, zoomOut] = words.split("|");
  const { stops, start, end, start_name: startName, end_name: endName } = JSON.parse(route);
  document.head.append(Object.assign(document.createElement("link"), { rel: "stylesheet", href: style }));
  await load(script);
  const canvas = box.querySelector("[data-canvas]");
  const touch = matchMedia("(pointer: coarse)").matches;
  const map = L.map(canvas, {
    preferCanvas: true, zoomControl: false, attributionControl: false, zoomSnap: 0.25, minZoom: 4, maxZoom: 16,
    zoomAnimation: false, fadeAnimation: false, markerZoomAnimation: false, scrollWheelZoom: false, dragging: !touch,
  });
  L.control.zoom({ zoomInTitle: zoomIn, zoomOutTitle: zoomOut }).addTo(map);
  L.control.scale({ imperial: true, metric: true, maxWidth: 80 }).addTo(map);

  // The way fills the picture; what does not fit into the day may lie far outside of it.
  const onTheWay = stops.filter((stop) => stop.number > 0);
  const corners = [...(onTheWay.length ? onTheWay : stops).map((stop) => stop.at), ...[start, end].filter(Boolean)];
  const bounds = L.latLngBounds(corners).pad(0.12);
  const fit = () => map.fitBounds(corners.length > 1 ? bounds : L.latLng(corners[0]).toBounds(LEAST * 111000 * 2), { animate: false });
  fit();

  const context = L.layerGroup().addTo(map), way = L.layerGroup().addTo(map);
  const inOrder = onTheWay.sort((a, b) => a.number - b.number);
  const path = [start, ...inOrder.map((stop) => stop.at), inOrder.length ? end : null].filter(Boolean);
  let shapes = null, others = [];

  function paint() {
    context.clearLayers();
    way.clearLayers();
    if (shapes) {
      // The sea is the ground of the box: what is land is drawn on it, lines between states and countries on that.
      L.geoJSON(shapes.land, { style: { stroke: true, weight: 1, color: colour(box, "shore"), fillColor: colour(box, "land"), fillOpacity: 1 }, interactive: false }).addTo(context);
      L.geoJSON(shapes.borders, { style: { weight: 1, color: colour(box, "border"), dashArray: "4 3" }, interactive: false }).addTo(context);
    }
    const taken = new Set(stops.map((stop) => stop.at.join()));
    for (const other of others.filter((each) => !taken.has(each.at.join()))) {
      L.circleMarker(other.at, { radius: 4, weight: 1, color: colour(box, "land"), fillColor: colour(box, "other"), fillOpacity: 1 })
        .bindTooltip(Object.assign(document.createElement("span"), { textContent: other.name }))
        .on("click", () => { location.href = other.url; }).addTo(context);
    }
    path.slice(1).forEach((point, i) => L.polyline(bend(path[i], point), { weight: 3, color: colour(box, "way"), opacity: 0.9, interactive: false }).addTo(way));
  }

  const mark = (at, icon, name) => {
    const marker = L.marker(at, { icon, title: name, alt: name, keyboard: true }).addTo(map);
    const label = document.createElement("span");
    label.textContent = name;
    const strip = canvas.clientHeight < STRIP ? "map-label map-label-strip" : "map-label";
    return marker.bindTooltip(label, { permanent: stops.length <= LABELS, direction: "auto", offset: [8, 0], className: strip });
  };
  const ends = start && end && start.join() === end.join() ? [[start, startName]] : [[start, startName], [end, endName]];
  for (const [at, name] of ends) if (at) mark(at, L.divIcon({ className: "map-end", iconSize: [14, 14] }), name);
  for (const stop of stops) {
    mark(stop.at, stopMark(stop), stop.name).on("click keypress", () => {
      document.querySelector(`[data-stop="${stop.number}"] a`)?.focus();
    });
  }
  paint();
  /** Of names that lie on each other the first stays. */
  const clear = () => {
    const kept = [];
    for (const label of canvas.querySelectorAll(".map-label")) {
      label.classList.remove("is-covered");
      const box = label.getBoundingClientRect();
      const covered = kept.some((other) => box.left < other.right && other.left < box.right && box.top < other.bottom && other.top < box.bottom);
      label.classList.toggle("is-covered", covered);
      if (!covered) kept.push(box);
    }
  };
  map.on("zoomend moveend", clear);
  clear();

  const again = () => paint();
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", again);
  new MutationObserver(again).observe(document.documentElement, { attributeFilter: ["data-bs-theme"] });

  const button = box.querySelector("[data-larger]");
  button.hidden = false;
  button.addEventListener("click", () => {
    const isLarge = box.classList.toggle("is-large");
    button.textContent = isLarge ? smaller : larger;
    map.invalidateSize({ animate: false });
    if (isLarge || !touch) map.dragging.enable();  // on a small one the thumb scrolls the page
    else map.dragging.disable();
    fit();
    clear();
  });

  const inAmerica = corners.every(([lat, lon]) => lat > AMERICA.south && lat < AMERICA.north && lon > AMERICA.west && lon < AMERICA.east);
  async function drawBorders() {
    const seen = map.getBounds();
    if (shapes || Math.max(seen.getNorth() - seen.getSouth(), seen.getEast() - seen.getWest()) < WIDE) return;
    map.off("zoomend", drawBorders);
    const [atlas] = await Promise.all([fetch(inAmerica ? america : world).then((answer) => answer.json()), load(client)]);
    const areas = atlas.objects[inAmerica ? "states" : "countries"];
    shapes = { land: topojson.feature(atlas, areas), borders: topojson.mesh(atlas, areas, (a, b) => a !== b) };
    box.classList.add("has-shapes");  // from now on the ground is the sea
    paint();
  }
  map.on("zoomend", drawBorders);
  const around = bounds.pad(0.5);
  const box4 = [around.getSouth(), around.getWest(), around.getNorth(), around.getEast()].join();
  const beside = fetch(`${nearby}?box=${box4}`).then((answer) => (answer.ok ? answer.json() : { accounts: [] })).then(({ accounts }) => { others = accounts; });
  await Promise.allSettled([drawBorders(), beside]);
  paint();
  box.dataset.drawn = "yes";
}

const watch = new IntersectionObserver((entries) => {
  for (const { isIntersecting, target } of entries) {
    if (!isIntersecting) continue;
    watch.unobserve(target);
    draw(target).catch(() => { target.hidden = true; });  // the list below says the same
  }
}, { rootMargin: "100px" });
document.querySelectorAll("[data-map]").forEach((box) => watch.observe(box));
