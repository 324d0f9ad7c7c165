/** Whether an account of the accounts file may be called so: it stands in paths, logs and arguments. */
export const isAccountName = (name: string): boolean => /^[A-Za-z0-9][A-Za-z0-9_-]{0,31}$/.test(name);
