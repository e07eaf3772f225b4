import { UserError } from './errors.js';
import { findJsonFault } from './find-json-fault.js';
import { isLfsPointer, lfsPointer, lfsPointerBytes } from './lfs-pointer.js';

/**
 * A text that is not JSON, or has a key twice in one object. The message is one line, for use inside another sentence.
 */
export class JsonError extends SyntaxError {
  override readonly name = 'JsonError';

  constructor(
    message: string,
    /** Whether it is JSON with a key twice. */
    readonly isTwice: boolean,
  ) {
    super(message);
  }
}

/**
 * Parses JSON, and refuses what `JSON.parse` passes over: of two equal keys the last would win in silence. All JSON
 * that users, ports and earlier runs wrote is read here.
 * @throws JsonError: `line 3: the key noise of probes[0] (norm1) is there twice, first in line 2`, `it is not JSON
 *   (line 3: …)`
 */
export function parseJson(text: string): unknown {
  if (isLfsPointer(Buffer.from(text.slice(0, lfsPointerBytes), 'latin1')))
    throw new JsonError(`${lfsPointer} (git lfs pull brings it)`, false);
  const fault = findJsonFault(text);
  if (fault?.kind === 'twice') throw new JsonError(`line ${fault.line}: ${fault.what}`, true);
  if (fault?.kind === 'deep') throw new JsonError(fault.what, false);
  if (fault !== null) throw new JsonError(`it is not JSON (line ${fault.line}: ${fault.what})`, false);
  try {
    return JSON.parse(text);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw new JsonError(`it is not JSON (${error.message.replace(/\s+/g, ' ')})`, false);
  }
}

/**
 * As `parseJson`, of a user's file.
 * @param source what is read, for the error: `bundle x, case.json`
 * @param wanted what should stand there: `a golden bundle's case is wanted`
 * @throws UserError, one line
 */
export function parseUserJson(text: string, source: string, wanted: string): unknown {
  try {
    return parseJson(text);
  } catch (error) {
    if (!(error instanceof JsonError)) throw error;
    throw new UserError(`Cannot read ${source}: ${error.message}; ${wanted}`);
  }
}
