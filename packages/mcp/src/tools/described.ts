/** What goes out and is no text, in lines that a person and a model can judge: nothing is left out or cut. */
export const described = (
  heading: string,
  fields: readonly (readonly [name: string, value: string | undefined])[],
): string =>
  [heading, ...fields.flatMap(([name, value]) => (value === undefined ? [] : `${name}: ${indented(value)}`))].join(
    "\n",
  );

/** So that no value can look like the next field. */
const indented = (value: string) => value.replace(/\r\n?|[\n\u0085\u2028\u2029]/g, "\n  ");
