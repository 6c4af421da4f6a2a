import type { JSX } from 'preact';
import type { Intents } from '../snapshot.ts';
import { useWords } from './context.ts';
import { HoldButton } from './hold_button.tsx';
import { Icon } from './icons.tsx';
import type { IconName } from './icons.tsx';

interface ControlProps {
  icon: IconName;
  label: string;
  onTap: () => void;
  pressed?: boolean;   // of what is on or off
  strong?: boolean;
}

export function Control({ icon, label, onTap, pressed, strong }: ControlProps): JSX.Element {
  return (
    <button type="button" class={`control ${strong ? 'strong' : ''}`} onClick={onTap}
            {...(pressed === undefined ? {} : { 'aria-pressed': pressed })}>
      <Icon name={icon} mirrored={icon === 'leave'} /><span>{label}</span>
    </button>
  );
}

// At the lower edge of every screen, over its whole width: found without looking.
export function PanicBar({ intents }: { intents: Intents }): JSX.Element {
  const say = useWords();
  return (
    <HoldButton class="panic" label={say('panic')} again={say('panicAgain')} anywhere="Escape"
                onHeld={intents.panic}>
      <Icon name="erase" />
    </HoldButton>
  );
}

interface ChoiceProps<T> {
  legend: string;
  name: string;
  value: T;
  options: { value: T; label: string }[];
  onChoose: (value: T) => void;
}

export function Choice<T extends string | number | boolean>(props: ChoiceProps<T>): JSX.Element {
  return (
    <fieldset class="choice">
      <legend>{props.legend}</legend>
      <div>
        {props.options.map(({ value, label }) => (
          <label key={String(value)}>
            <input type="radio" name={props.name} checked={value === props.value}
                   onChange={() => props.onChoose(value)} />
            <span>{label}</span>
          </label>
        ))}
      </div>
    </fieldset>
  );
}
