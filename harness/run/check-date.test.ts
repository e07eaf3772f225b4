import t from 'tap';
import { checkDate } from './check-date.js';

t.test('a run began in the second that it is called by', async (t) => {
  const runId = '20261122-142530-4711';
  t.strictSame(checkDate({ runId, startedAt: '2026-11-22T14:25:30.999Z' }), []);
  t.strictSame(checkDate({ runId, startedAt: '2099-11-22T14:25:30.999Z' }), [
    'the run is called 20261122-142530-4711, after its begin; result.json says that it began at 2099-11-22T14:25:30.999Z',
  ]);
  t.strictSame(checkDate({ runId: `merged-${runId}`, startedAt: '2026-11-22T14:25:31Z' }), []);
});
