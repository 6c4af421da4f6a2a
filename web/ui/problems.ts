// From what went wrong to what is said about it.
import type { InviteError } from '../core/invite.ts';
import type { EndReason } from '../core/types.ts';
import { captureProblem, CaptureError, type CaptureProblem } from '../media/capture_problem.ts';
import type { PlayerProblem } from '../media/player_events.ts';
import type { Problem } from './snapshot.ts';

const INVITE: Record<InviteError, Problem> = {
  not_an_invite: { what: 'notAnInvite', todo: 'inviteTodo', retry: null },
  cut_short: { what: 'cutShort', todo: 'inviteTodo', retry: null },
  damaged: { what: 'damaged', todo: 'inviteTodo', retry: null },
  newer_version: { what: 'newerVersion', todo: 'newerTodo', retry: null },
  no_address: { what: 'noAddress', todo: 'inviteTodo', retry: null },
};

const END: Record<EndReason, Problem> = {
  stopped: { what: 'stopped', todo: 'stoppedTodo', retry: null },
  source_ended: { what: 'sourceEnded', todo: 'sourceEndedTodo', retry: null },
  entry_unreachable: { what: 'unreachable', todo: 'unreachableTodo', retry: 'watch' },
  wrong_secret: { what: 'wrongSecret', todo: 'wrongTodo', retry: null },
  wrong_source: { what: 'wrongSource', todo: 'wrongTodo', retry: null },
  version_mismatch: { what: 'newerVersion', todo: 'newerTodo', retry: null },
  swarm_full: { what: 'swarmFull', todo: 'swarmFullTodo', retry: 'watch' },
  source_lost: { what: 'sourceLost', todo: 'sourceLostTodo', retry: 'watch' },
  failed: { what: 'failed', todo: 'failedTodo', retry: null },
};

const PLAYER: Record<PlayerProblem, Problem> = {
  no_decoder: { what: 'videoFailed', todo: 'unknownCodecTodo', retry: null },
  unknown_codec: { what: 'unknownCodec', todo: 'newerTodo', retry: null },
  codec_unsupported: { what: 'unknownCodec', todo: 'unknownCodecTodo', retry: null },
  codec_needs_https: { what: 'unknownCodec', todo: 'unknownCodecTodo', retry: null },
};

export const inviteProblem = (error: InviteError): Problem => INVITE[error];
export const endProblem = (reason: EndReason): Problem => END[reason];
export const playerProblem = (problem: PlayerProblem): Problem => PLAYER[problem];

const CAPTURE: Record<CaptureProblem, Problem> = {
  insecure: { what: 'insecure', todo: 'insecureTodo', retry: null },
  denied: { what: 'cameraDenied', todo: 'cameraDeniedTodo', retry: 'live' },
  no_camera: { what: 'cameraMissing', todo: 'cameraMissingTodo', retry: 'live' },
  in_use: { what: 'cameraBusy', todo: 'cameraBusyTodo', retry: 'live' },
  no_encoder: { what: 'noEncoder', todo: 'noEncoderTodo', retry: null },
};

// Of a camera that was asked for: what getUserMedia throws, or web/media in our words.
export function cameraProblem(error: unknown): Problem {
  if (error instanceof CaptureError) return CAPTURE[error.problem];
  if (error instanceof DOMException) return CAPTURE[captureProblem(error)];
  return { what: 'failed', todo: 'failedTodo', retry: 'live' };
}

// What the browser lacks before anything can be tried.
export function missingProblem(): Problem | null {
  if (!('RTCPeerConnection' in globalThis))
    return { what: 'noWebRtc', todo: 'noWebRtcTodo', retry: null };
  if (!('WebAssembly' in globalThis)) return { what: 'noWasm', todo: 'noWasmTodo', retry: null };
  return null;
}

// The same for going live.
export function missingForLive(): Problem | null {
  if (!globalThis.isSecureContext || !navigator.mediaDevices)
    return { what: 'insecure', todo: 'insecureTodo', retry: null };
  if (!('VideoEncoder' in globalThis))
    return { what: 'noEncoder', todo: 'noEncoderTodo', retry: null };
  return missingProblem();
}
