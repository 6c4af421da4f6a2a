// Signs that are understood without words. States differ in shape, not in colour alone.
import type { JSX } from 'preact';

const LINES = {
  code: 'M3.5 3.5h6v6h-6zM14.5 3.5h6v6h-6zM3.5 14.5h6v6h-6zM14.5 14.5v2.5M20.5 14.5v6h-2.5M14.5 20.5h.1',
  scan: 'M4 8.5V4h4.5M15.5 4H20v4.5M20 15.5V20h-4.5M8.5 20H4v-4.5M3 12h18',
  camera: 'M3 7h11a1 1 0 0 1 1 1v8a1 1 0 0 1-1 1H3zM15 11l6-4v10l-6-4z',
  soundOn: 'M4 9v6h4l5 4V5L8 9zM16 9a4 4 0 0 1 0 6M18.5 6.5a8 8 0 0 1 0 11',
  soundOff: 'M4 9v6h4l5 4V5L8 9zM16.5 9.5l5 5M21.5 9.5l-5 5',
  microphone: 'M9 5a3 3 0 0 1 6 0v6a3 3 0 0 1-6 0zM5.5 11a6.5 6.5 0 0 0 13 0M12 17.5V21',
  microphoneOff: 'M9 5a3 3 0 0 1 6 0v6a3 3 0 0 1-6 0zM5.5 11a6.5 6.5 0 0 0 13 0M12 17.5V21M3 3l18 18',
  flip: 'M4 9a8 8 0 0 1 14-3l2 2M20 3v5h-5M20 15a8 8 0 0 1-14 3l-2-2M4 21v-5h5',
  torch: 'M7 3h10v4l-2.5 4v10h-5V11L7 7zM7 7h10M12 13v3',
  moon: 'M20 14.5A8.5 8.5 0 1 1 9.5 4 7 7 0 0 0 20 14.5z',
  leave: 'M14 4H5v16h9M10 12h11M17 8l4 4-4 4',
  share: 'M12 15V3M8 7l4-4 4 4M5 12v8h14v-8',
  copy: 'M8 8h12v12H8zM16 8V4H4v12h4',
  close: 'M5 5l14 14M19 5L5 19',
  back: 'M15 4l-8 8 8 8',
  relay: 'M4 12h5M9 12l6-6h5M9 12l6 6h5M17 3l3 3-3 3M17 15l3 3-3 3',
  eye: 'M2 12s4-7 10-7 10 7 10 7-4 7-10 7S2 12 2 12zM12 9a3 3 0 1 0 0 6 3 3 0 0 0 0-6z',
  clock: 'M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18zM12 7v5l4 2',
  pin: 'M12 21s-7-6.5-7-11.5a7 7 0 0 1 14 0C19 14.5 12 21 12 21zM12 7a2.5 2.5 0 1 0 0 5 2.5 2.5 0 0 0 0-5z',
  shield: 'M12 3l8 3v6c0 5-3.5 7.5-8 9-4.5-1.5-8-4-8-9V6zM8 12l3 3 5-6',
  shieldOpen: 'M12 3l8 3v6c0 5-3.5 7.5-8 9-4.5-1.5-8-4-8-9V6zM12 8v5M12 16v.5',
  erase: 'M8 3h8l5 5v8l-5 5H8l-5-5V8zM8.5 8.5l7 7M15.5 8.5l-7 7',
  install: 'M12 3v11M7 10l5 5 5-5M4 17v4h16v-4',
  globe: 'M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18zM3 12h18M12 3c3 3 3.5 6 3.5 9s-.5 6-3.5 9c-3-3-3.5-6-3.5-9s.5-6 3.5-9z',
} as const;

export type IconName = keyof typeof LINES;

// `mirrored`: points along the line of reading.
export function Icon({ name, mirrored }: { name: IconName; mirrored?: boolean }): JSX.Element {
  return (
    <svg class={mirrored ? 'icon mirrored' : 'icon'} viewBox="0 0 24 24" aria-hidden="true">
      <path d={LINES[name]} />
    </svg>
  );
}

// Live: a disc that sends. Connecting: a broken ring. Lost: a warning triangle. Ended: a square.
export function StateSign({ state }: { state: 'connecting' | 'live' | 'lost' | 'ended' }) {
  return (
    <svg class={`sign ${state}`} viewBox="0 0 24 24" aria-hidden="true">
      {state === 'live' && <><circle cx="12" cy="12" r="5" />
        <path d="M5.5 5.5a9.2 9.2 0 0 0 0 13M18.5 5.5a9.2 9.2 0 0 1 0 13" /></>}
      {state === 'connecting' && <circle class="ring" cx="12" cy="12" r="8" />}
      {state === 'lost' && <><path class="solid" d="M12 2.5L23 21.5H1z" />
        <path class="mark" d="M12 9v6M12 18v.5" /></>}
      {state === 'ended' && <rect x="5" y="5" width="14" height="14" />}
    </svg>
  );
}

// Six who carry, one in the middle who shows.
export function Logo() {
  return (
    <svg class="logo" viewBox="0 0 48 48" aria-hidden="true">
      <path d="M24 24V8M24 24l13.9-8M24 24l13.9 8M24 24v16M24 24l-13.9 8M24 24l-13.9-8" />
      {[[24, 8], [37.9, 16], [37.9, 32], [24, 40], [10.1, 32], [10.1, 16]].map(([x, y]) =>
        <circle key={`${x},${y}`} cx={x} cy={y} r="4" />)}
      <circle class="heart" cx="24" cy="24" r="7" />
    </svg>
  );
}
