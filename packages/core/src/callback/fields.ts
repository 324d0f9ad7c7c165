/** What WeChat sent, by its own names; every leaf is text, so that 64-bit ids keep all their digits. */
export interface Fields {
  /** By WeChat's name. */
  readonly [name: string]: FieldValue | undefined;
}
/** A text, a group of fields, or a list where WeChat sent several of one name. */
export type FieldValue = string | Fields | readonly FieldValue[];

/** Levels below the root; WeChat's deepest (SendPicsInfo, PicList, item, PicMd5Sum) has four. */
export const MAX_DEPTH = 8;

/** This name would change an object instead of being stored in it. WeChat uses no such name: it is dropped. */
export const FORBIDDEN_NAME = "__proto__";

export function textOf(fields: Fields, name: string): string | undefined {
  const value = Object.hasOwn(fields, name) ? fields[name] : undefined;
  return typeof value === "string" ? value : undefined;
}

export function fieldsOf(fields: Fields, name: string): Fields {
  const value = Object.hasOwn(fields, name) ? fields[name] : undefined;
  return isFields(value) ? value : {};
}

/** A list, as XML repeats elements and JSON has arrays; one that stands alone is a list too. */
export function listOf(fields: Fields, name: string): readonly FieldValue[] {
  const value = Object.hasOwn(fields, name) ? fields[name] : undefined;
  if (value === undefined || value === "") return [];
  return isList(value) ? value : [value];
}

export function isFields(value: FieldValue | undefined): value is Fields {
  return typeof value === "object" && !isList(value);
}

export function isList(value: FieldValue | undefined): value is readonly FieldValue[] {
  return Array.isArray(value);
}
