/** Milliseconds, on a clock that all processes of the machine share, and that does not jump. */
export const now = () => Number(process.hrtime.bigint()) / 1e6;
