// What a page can be asked about how it looks. The functions run in the page.

// Texts whose contrast is below `least`, as sentences. Over a picture anything may lie behind what is
// partly transparent, so the worst of black and white is taken.
export function poorContrast(least) {
  const parse = (text) => [...text.matchAll(/rgba?\(([^)]+)\)/g)].map(([, inner]) => {
    const [r, g, b, a = 1] = inner.split(/[ ,/]+/).map(Number);
    return [r, g, b, a];
  });
  const over = ([r, g, b, a], [x, y, z]) => [r * a + x * (1 - a), g * a + y * (1 - a),
                                             b * a + z * (1 - a), 1];
  const luminance = (color) => {
    const [r, g, b] = color.slice(0, 3).map((v) => {
      const share = v / 255;
      return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const ratio = (one, other) => {
    const [low, high] = [luminance(one), luminance(other)].sort((a, b) => a - b);
    return (high + 0.05) / (low + 0.05);
  };
  // All that can lie behind an element's text.
  const behind = (element) => {
    const layers = [];
    for (let at = element; at; at = at.parentElement) {
      if (at.matches('.stage')) {
        layers.push([[0, 0, 0, 1], [255, 255, 255, 1]]);
        break;
      }
      const { backgroundColor, backgroundImage } = getComputedStyle(at);
      const colors = parse(backgroundImage === 'none' ? backgroundColor : backgroundImage);
      layers.push(colors.filter(([, , , a]) => a > 0));
      if (colors.length && colors.every(([, , , a]) => a === 1)) break;
      if (at.matches('.sheet, .dark')) break;
    }
    let results = [[255, 255, 255, 1]];
    for (const layer of layers.reverse())
      if (layer.length) results = layer.flatMap((color) => results.map((under) => over(color, under)));
    return results;
  };
  const wrong = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const text = walker.currentNode.textContent.trim();
    const element = walker.currentNode.parentElement;
    if (!text || element.closest('option, script, noscript') || !element.checkVisibility()) continue;
    const [color] = parse(getComputedStyle(element).color);
    const worst = Math.min(...behind(element).map((back) => ratio(over(color, back), back)));
    if (worst < least) wrong.push(`"${text.slice(0, 30)}" has ${worst.toFixed(2)} : 1`);
  }
  return wrong;
}

// What a thumb or an eye cannot use, as sentences.
export function poorLayout(smallest) {
  const wrong = [];
  if (document.documentElement.scrollWidth > innerWidth) wrong.push('scrolls sideways');
  for (const button of document.querySelectorAll('button, select, input:not([type=radio])')) {
    const { width, height } = button.getBoundingClientRect();
    if (Math.min(width, height) < smallest)
      wrong.push(`${button.textContent || button.tagName} is ${width.toFixed()} x ${height.toFixed()}`);
  }
  const cut = (element) => element.scrollWidth > element.clientWidth + 1;
  for (const text of document.querySelectorAll('h1, h2, p, .control span, .chip, .tile span, .choice span, .plain'))
    if (cut(text)) wrong.push(`"${text.textContent.slice(0, 30)}" is cut off`);
  // The eraser lies where the thumb expects it: over the lower edge, and nothing over it.
  const panic = [...document.querySelectorAll('.panic')].at(-1);
  const { left, right, bottom, height } = panic.getBoundingClientRect();
  if (left > 0 || right < innerWidth || Math.abs(bottom - innerHeight) > 1)
    wrong.push('the eraser is not at the lower edge');
  for (const share of [0.1, 0.5, 0.9])
    if (!panic.contains(document.elementFromPoint(innerWidth * share, bottom - height / 2)))
      wrong.push('something lies over the eraser');
  // While nothing is open over the stage, a finger reaches its controls.
  const reached = ({ left: x, top: y, width: w, height: h }, button) =>
    button.contains(document.elementFromPoint(x + w / 2, y + h / 2));
  if (!document.querySelector('.sheet, .dark'))
    for (const button of document.querySelectorAll('.stage .control')) {
      button.scrollIntoView({ block: 'nearest' });
      if (!reached(button.getBoundingClientRect(), button))
        wrong.push(`${button.textContent} is covered`);
    }
  return wrong;
}

// How many different pictures the page shows in two seconds.
export const differentPictures = (page) => page.evaluate(async () => {
  const picture = document.querySelector('.picture canvas, .picture video');
  const copy = new OffscreenCanvas(64, 36).getContext('2d', { willReadFrequently: true });
  const seen = new Set();
  const end = performance.now() + 2_000;
  while (performance.now() < end) {
    await new Promise(requestAnimationFrame);
    copy.drawImage(picture, 0, 0, 64, 36);
    seen.add(copy.getImageData(0, 0, 64, 36).data.join());
  }
  return { different: seen.size, element: picture.tagName };
});
