/** One mechanism broken on purpose; the tests of the invariant that it serves must fail. */
export interface Mutant {
  /** What is broken, as a sentence that has become true. */
  name: string;
  file: string;
  /** Source text that stands in the file exactly once. */
  find: string;
  replace: string;
}
