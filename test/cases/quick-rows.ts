/** Rows of the normal run: some of each table, a minute together. All others run with TIPCHECK_TEST_ALL=1. */
export const quickRows: readonly string[] = [
  ...['judge/plain zeros', 'judge/dup ort', 'judge/negnoise zeros'],
  ...['ports/ok'],
  ...['files/g label_padding_value'],
];
