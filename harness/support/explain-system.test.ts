import { mkdirSync, mkdtempSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { EnvironmentError, UserError } from './errors.js';
import { explainSystem, whyUnread } from './explain-system.js';
import { packageRoot } from './package-root.js';

const thrown = (body: () => unknown): unknown => {
  try {
    body();
    return null;
  } catch (error) {
    return error;
  }
};
const system = (code: string, syscall = 'open', path = '/x/y') =>
  Object.assign(new Error(`${code}: words, ${syscall}`), { code, syscall, path });

t.test('what the system says of the machine is exit code 3, of a path that the user named 2', async (t) => {
  for (const [error, kind, message] of [
    [
      system('EMFILE'),
      EnvironmentError,
      'Cannot open /x/y: too many files are open; a higher limit of them is wanted. Fix: ulimit -n 1024',
    ],
    [system('ENOSPC', 'write'), EnvironmentError, 'Cannot write /x/y: the disk is full; a machine that can is wanted'],
    [
      system('EROFS', 'mkdir'),
      EnvironmentError,
      'Cannot mkdir /x/y: its disk is read-only; a machine that can is wanted',
    ],
    [
      system('EWHAT', 'spawn'),
      EnvironmentError,
      'Cannot spawn /x/y: the system says EWHAT; a machine that can is wanted',
    ],
    [system('EISDIR', 'read'), UserError, 'Cannot read /x/y: it is a folder; another place is wanted'],
    [system('ENOENT'), UserError, 'Cannot open /x/y: it is not there; another place is wanted'],
  ] as const) {
    const found = explainSystem(error);
    t.ok(found instanceof kind, message);
    t.equal(found?.message, message);
    t.equal(found?.cause, error);
  }
});

t.test('errors of this very system are told', async (t) => {
  const folder = t.testdir({ file: '' });
  t.match(explainSystem(thrown(() => mkdirSync(join(folder, 'file', 'x'), { recursive: true }))), {
    name: 'UserError',
    message: /^Cannot mkdir .*file\/x: a part of its folder is a file; another place is wanted$/,
  });
  t.match(explainSystem(thrown(() => readFileSync(folder))), { name: 'UserError', message: /: it is a folder; / });
  t.match(explainSystem(thrown(() => mkdtempSync(join(folder, 'gone', 'a-')))), {
    name: 'EnvironmentError',
    message: `Cannot make a temporary folder in ${join(folder, 'gone')}: it is not there; a folder that can be written is wanted. Fix: TMPDIR=<folder>`,
  });
});

t.test('why a file cannot be read is a clause, and where the machine is why, its own error', async (t) => {
  t.equal(whyUnread(system('ENOENT'), 'x'), 'there is no such file');
  t.equal(whyUnread(system('ENOENT'), 'x', 'it is not there'), 'it is not there');
  t.equal(whyUnread(system('EISDIR', 'read'), 'x'), 'EISDIR: words, read');
  const defect = new TypeError('x is undefined');
  t.throws(() => whyUnread(defect, 'x'), defect, 'a defect is nothing that a user gave');
  t.throws(() => whyUnread(system('EMFILE'), 'x'), {
    name: 'EnvironmentError',
    message: 'Cannot open /x/y: too many files are open; a higher limit of them is wanted. Fix: ulimit -n 1024',
  });
  t.throws(() => whyUnread(system('EIO', 'read'), 'x'), {
    name: 'EnvironmentError',
    message: /its disk reports an error/,
  });
});

t.test('a text of the user that holds a code of the system is the user’s still', async (t) => {
  t.equal(explainSystem(new UserError('Cannot read x: the key "EMFILE: y" is there twice; once is wanted')), null);
});

t.test(
  'a module of the package that is not found is a broken installation; of a user it is not explained',
  async (t) => {
    const gone = (from: string) =>
      Object.assign(new Error(`Cannot find package 'yaml' imported from ${from}`), { code: 'ERR_MODULE_NOT_FOUND' });
    t.match(explainSystem(gone(join(packageRoot, 'dist', 'x.js'))), {
      name: 'EnvironmentError',
      message:
        /^Cannot load a part of tipcheck: Cannot find package 'yaml' imported from .*, so the installation is incomplete or too few files may be open; a whole /,
    });
    t.equal(explainSystem(gone('/home/me/port.mjs')), null);
  },
);

t.test('what is not an error of the system is not explained', async (t) => {
  for (const error of [new TypeError('x'), new Error('EMFILE'), 'EMFILE', null, new UserError('Cannot do x: y; z')])
    t.equal(explainSystem(error), null);
});
