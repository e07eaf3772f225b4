import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { packageRoot } from '../../harness/support/package-root.js';
import type { TipcForm } from './form.js';

/**
 * Every form, by rank. The folder is the list: a new form is a new file and edits nothing else. No form may import this
 * module, which waits for them.
 */
export const forms: readonly TipcForm[] = await readForms(join(packageRoot, 'dist', 'tipc', 'forms'));

/** Throws an Error for a name that no form has. */
export function formNamed(name: string): TipcForm {
  const form = forms.find((one) => one.name === name);
  if (form === undefined) throw new Error(`tipc/forms has no form ${name}`);
  return form;
}

async function readForms(folder: string): Promise<readonly TipcForm[]> {
  const files = readdirSync(folder).filter((file) => file.endsWith('.js') && !file.endsWith('.test.js'));
  const found = files.map(async (file) => {
    const { form }: { readonly form: TipcForm } = await import(pathToFileURL(join(folder, file)).href);
    const name = file.slice(0, -'.js'.length).replaceAll('-', '_');
    if (form?.name !== name) throw new Error(`tipc/forms/${file} exports a form of the name ${form?.name}`);
    return form;
  });
  return (await Promise.all(found)).sort((a, b) => a.rank - b.rank || (a.name < b.name ? -1 : 1));
}
