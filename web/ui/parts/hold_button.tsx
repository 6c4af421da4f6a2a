import type { ComponentChildren, JSX } from 'preact';
import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { Hold } from './hold.ts';

const VIBRATION_MS = 40;
const TIMERS = {
  set: (call: () => void, ms: number) => window.setTimeout(call, ms),
  clear: (timer: number) => window.clearTimeout(timer),
};

interface Props {
  label: string;
  again: string;  // said when one press was made without holding
  class: string;
  onHeld: () => void;
  // Also by holding this key, wherever the focus is.
  anywhere?: string;
  children?: ComponentChildren;
}

export function HoldButton(props: Props): JSX.Element {
  const [holding, setHolding] = useState(false);
  const [armed, setArmed] = useState(false);
  const held = useRef(props.onHeld);
  held.current = props.onHeld;
  const hold = useMemo(() => new Hold(
    { progress: (on) => { setHolding(on); if (on) navigator.vibrate?.(VIBRATION_MS); },
      armed: setArmed }, () => held.current(), TIMERS), []);

  useEffect(() => {
    const mine = (event: KeyboardEvent) => event.key === props.anywhere;
    const down = (event: KeyboardEvent) => { if (mine(event)) hold.press(); };
    const up = (event: KeyboardEvent) => { if (mine(event)) hold.release(); };
    const away = () => hold.release();
    addEventListener('keydown', down);
    addEventListener('keyup', up);
    addEventListener('blur', away);
    return () => {
      removeEventListener('keydown', down);
      removeEventListener('keyup', up);
      removeEventListener('blur', away);
      hold.reset();
    };
  }, [hold, props.anywhere]);

  const press = (event: KeyboardEvent) => event.key === ' ' || event.key === 'Enter';
  return (
    <button
      type="button"
      class={`hold ${props.class} ${holding ? 'holding' : ''}`}
      onPointerDown={(e) => {
        e.currentTarget.setPointerCapture(e.pointerId);
        hold.press();
      }}
      onPointerUp={() => hold.release()}
      onPointerCancel={() => hold.release()}
      onLostPointerCapture={() => hold.release()}
      onKeyDown={(e) => { if (press(e)) { e.preventDefault(); hold.press(); } }}
      onKeyUp={(e) => { if (press(e)) { e.preventDefault(); hold.release(); } }}
      onContextMenu={(e) => e.preventDefault()}
      // Neither pointer nor key came before: a screen reader or a switch.
      onClick={(e) => { if (e.detail === 0) hold.activate(); }}
    >
      <span class="fill" aria-hidden="true" />
      <span class="face">
        {props.children}
        <span class="label" aria-live="assertive">{armed ? props.again : props.label}</span>
      </span>
    </button>
  );
}
