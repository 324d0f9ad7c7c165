import * as agents from "./agents.js";
import type { Endpoint } from "./endpoint.js";
import * as materials from "./materials.js";
import * as media from "./media.js";
import { SEND_CUSTOM_MESSAGE, SET_TYPING } from "./messages.js";
import * as network from "./network.js";
import * as quota from "./quota.js";
import * as records from "./records.js";
import * as sessions from "./sessions.js";
import * as templates from "./templates.js";
import * as users from "./users.js";

/** Every endpoint that has a method here, for documentation and tests. */
export const ENDPOINTS: readonly Endpoint[] = [
  SEND_CUSTOM_MESSAGE,
  SET_TYPING,
  ...[media, materials, templates, agents, sessions, records, users, quota, network].flatMap((resource) =>
    Object.values<unknown>(resource).filter(isEndpoint),
  ),
];

function isEndpoint(value: unknown): value is Endpoint {
  return typeof value === "object" && value !== null && "wire" in value && "path" in value;
}
