import type { JSX } from 'preact';
import { useMemo } from 'preact/hooks';
import encodeQR from 'qr';

const QUIET = 4;  // modules around the code that must stay white

// One path for all black modules: a run of them in a row is one rectangle.
export function qrPath(text: string): { size: number; path: string } {
  const rows = encodeQR(text, 'raw', { ecc: 'medium', border: QUIET, encoding: 'byte' });
  let path = '';
  for (const [y, row] of rows.entries()) {
    for (let x = 0; x < row.length; ++x) {
      if (!row[x]) continue;
      let end = x;
      while (row[end]) ++end;
      path += `M${x} ${y}h${end - x}v1h${x - end}z`;
      x = end;
    }
  }
  return { size: rows.length, path };
}

export function QrCode({ text, label }: { text: string; label: string }): JSX.Element {
  const { size, path } = useMemo(() => qrPath(text), [text]);
  return (
    <svg class="qr" viewBox={`0 0 ${size} ${size}`} role="img" aria-label={label}
         shape-rendering="crispEdges">
      <rect width={size} height={size} fill="#fff" />
      <path d={path} fill="#000" />
    </svg>
  );
}
