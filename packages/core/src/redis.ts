export { openRedisStore } from "./inbox/redis.js";
export type { RedisOptions } from "./redis-connection.js";
export { RedisTokenStore } from "./token/redis-store.js";
