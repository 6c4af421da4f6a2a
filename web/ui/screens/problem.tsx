import { PanicBar } from '../parts/controls.tsx';
import { useWords } from '../parts/context.ts';
import { Icon, StateSign } from '../parts/icons.tsx';
import type { Intents, Snapshot } from '../snapshot.ts';

// What happened and what to do, in plain words. An end that was wanted is none.
export function ProblemScreen({ snapshot, intents }: { snapshot: Snapshot; intents: Intents }) {
  const say = useWords();
  const { problem } = snapshot;
  if (!problem) return null;
  const fine = problem.what === 'stopped' || problem.what === 'sourceEnded';
  return (
    <div class="page">
      <main class="problem">
        <StateSign state={fine ? 'ended' : 'lost'} />
        <h1 aria-live="assertive">{say(problem.what)}</h1>
        <p>{say(problem.todo)}</p>
        <div class="tiles">
          {problem.retry && <button type="button" class="tile primary" onClick={intents.retry}>
            <Icon name="flip" /><b>{say('retry')}</b></button>}
          <button type="button" class={problem.retry ? 'tile' : 'tile primary'}
                  onClick={() => intents.open('home')}>
            <Icon name="back" mirrored /><b>{say('home')}</b></button>
        </div>
      </main>
      <PanicBar intents={intents} />
    </div>
  );
}
