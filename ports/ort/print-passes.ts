import { readFile } from 'node:fs/promises';
import { json } from 'node:stream/consumers';
import { type Asked, optionsOf } from './list-passes.js';
import { openRuntime } from './session.js';

/** The program of list-passes.ts: it opens a graph, and ONNX Runtime says on stderr what it does. */
const { path, device, level, off } = (await json(process.stdin)) as Asked;
const runtime = await openRuntime({ device });
await runtime.openSession(await readFile(path), level, { logSeverityLevel: 1, ...optionsOf(off) });
