import type { FoundBy, LoadedModel } from '../../harness/contract/port.js';
import { findProbeTensor, type ProbeMap } from '../../onnx/probe-map.js';
import { listTensors } from '../../onnx/tensors.js';
import type { PlacedProbe } from './find-tensors.js';
import type { OnnxFile } from './onnx-file.js';
import type { FileSessions } from './open-sessions.js';

/** Where the probes of a file are. */
export interface ProbeTensors {
  /** Of probes that were looked for; empty until they are. */
  sought: ReadonlyMap<string, PlacedProbe>;
  /** The tensor that the map, the output or a name says; null where none does. */
  say(probe: string): { readonly tensor: string; readonly by: FoundBy } | null;
  /** Of those that have one: where it was found, else where it is said to be. */
  tensorsOf(probes: readonly string[]): ReadonlyMap<string, string>;
}

/** @param logits finds the tensor of the logits */
export function probeTensors({ model, map }: OnnxFile, logits: () => string | null): ProbeTensors {
  const sayIn = (tensors: () => ReadonlySet<string>) => (probe: string) =>
    saidOf(probe, probe === 'logits' ? logits() : findProbeTensor(tensors(), map, probe), map);
  const places: ProbeTensors = {
    sought: new Map(),
    say: sayIn(() => listTensors(model.graph)),
    tensorsOf(probes) {
      // Draws that are placed change the graph between two calls, and not within one.
      const known = listTensors(model.graph);
      const say = sayIn(() => known);
      return new Map(
        probes.flatMap((probe) => {
          const found = places.sought.get(probe) ?? say(probe);
          return found === null || found.tensor === null ? [] : [[probe, found.tensor]];
        }),
      );
    },
  };
  return places;
}

export function reader(
  reads: NonNullable<FileSessions['reads']>,
  { tensorsOf }: ProbeTensors,
): NonNullable<LoadedModel['reads']> {
  return ({ probes, replaced }) => {
    const tensors = tensorsOf(replaced);
    // Where one has no tensor, no own error is reported: `infer` sees that by its being asked for.
    if (tensors.size < replaced.length) return replaced;
    const read = reads([...tensorsOf(probes).values()], [...new Set(tensors.values())]);
    return replaced.filter((probe) => read.has(tensors.get(probe)!));
  };
}

/** Which way says a probe's tensor; null where none does. */
function saidOf(probe: string, tensor: string | null, map: ProbeMap): { tensor: string; by: FoundBy } | null {
  if (tensor === null) return null;
  if (probe === 'logits') return { tensor, by: 'output' };
  return { tensor, by: map.has(probe) ? 'map' : 'name' };
}
