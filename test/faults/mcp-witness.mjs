// The witness in the MCP server, preloaded: answers `{ takeNotes: id }` of the process that called the tool. Keeps nothing
// alive by itself.
import { takeNotes } from "./witness.mjs";

process.on("message", ({ takeNotes: id }) => process.send({ id, seen: takeNotes(id) }));
process.channel.unref();
