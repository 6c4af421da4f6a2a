// Why there is nothing to broadcast, for the catalogue of sentences.

export type CaptureProblem =
  | 'insecure'    // cameras are only for pages that came securely
  | 'denied'      // the person or the browser said no
  | 'no_camera'
  | 'in_use'      // by another program
  | 'no_encoder'; // this browser cannot send video

export class CaptureError extends Error {
  readonly problem: CaptureProblem;

  constructor(problem: CaptureProblem) {
    super(problem);
    this.problem = problem;
  }
}

// What getUserMedia says, in our words.
export function captureProblem(error: unknown): CaptureProblem {
  const name = error instanceof Error ? error.name : '';
  if (name === 'NotAllowedError' || name === 'SecurityError') return 'denied';
  if (name === 'NotReadableError' || name === 'AbortError') return 'in_use';
  return 'no_camera';
}
