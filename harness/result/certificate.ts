import type { Machine } from './record/result.js';
import type { Verdict } from './record/verdict.js';

/** What stored runs say, as a table: models by modes, ports and devices. Stored as `certificate.json`. */
export interface Certificate {
  readonly format: 'tipcheck-certificate/1';
  /** ISO 8601, UTC. */
  readonly madeAt: string;
  readonly tipcheckVersion: string;
  /** The rows. */
  readonly models: readonly string[];
  readonly columns: readonly CertificateColumn[];
  /** At most one of a model and a column; a place without one has never run. */
  readonly cells: readonly CertificateCell[];
  /** Newest first. */
  readonly runs: readonly CertifiedRun[];
  /** What was given, too, and stands for nothing: it is in no cell. */
  readonly refused: readonly RefusedRun[];
}

export interface CertificateColumn {
  /** As TIPC writes modes, `lite_infer`; `judge infer` where no suite ran. */
  readonly mode: string;
  readonly port: string;
  /** `unknown`: the engine never started. */
  readonly device: 'cpu' | 'gpu' | 'unknown';
}

/** The newest run of a place, and what it stands on. */
export interface CertificateCell extends CertificateColumn {
  readonly model: string;
  readonly verdict: Verdict;
  /** Why it is not a plain pass, a sentence each. */
  readonly reasons: readonly string[];
  /** How what ran is not what was asked for; where there is any, the cell says "reduced". */
  readonly deviations: readonly string[];
  readonly runId: string;
  /** What was judged: cases or steps. */
  readonly parts: readonly CertifiedPart[];
  readonly engines: readonly string[];
  /** Ymls and data of a TIPC mode's run; absent where cases were judged, and of runs that did not record them. */
  readonly inputs?: CertifiedInputs;
  /** What of the run could not be looked at when the table was made, a sentence each; absent where all of it was. */
  readonly unchecked?: readonly string[];
  /** How many files that the run names were away then; absent where none was. */
  readonly away?: number;
  /** Goldens that are others in this package now, a sentence each; absent where none is. */
  readonly otherGoldens?: readonly string[];
  /** Other runs of the same place, newest first. */
  readonly older: readonly { readonly runId: string; readonly verdict: Verdict }[];
}

export interface CertifiedInputs {
  /** As commands name them, and the hash of all that they say. */
  readonly configs: readonly HashedFile[];
  readonly data: readonly CertifiedData[];
}

export interface CertifiedData {
  readonly name: string;
  /** Null where they could not be listed. */
  readonly images: number | null;
  readonly sha256: string | null;
  /** What they are instead of; null of the user's own. */
  readonly standsInFor: string | null;
}

export interface CertifiedPart {
  readonly name: string;
  readonly verdict: Verdict;
  /** What it was judged against; null where it is not known. */
  readonly golden: HashedFile | null;
  readonly weights: readonly HashedFile[];
}

export interface HashedFile {
  readonly name: string;
  readonly sha256: string;
}

export interface CertifiedRun {
  readonly runId: string;
  readonly startedAt: string;
  readonly tipcheckVersion: string;
  readonly command: readonly string[];
  readonly suite: string | null;
  readonly verdict: Verdict;
  readonly machine: Machine;
  /** Its report, or its result.json, from where the certificate lies. */
  readonly href: string;
}

export interface RefusedRun {
  /** Null where it could not be read. */
  readonly runId: string | null;
  /** Its result.json, or what was given where that could not be read, from where the certificate lies. */
  readonly href: string;
  /** The first that was found, a sentence. */
  readonly fault: string;
  /** How many more were found. */
  readonly otherFaults: number;
}
