import { McpServer, type StandardSchemaWithJSON } from "@modelcontextprotocol/server";
import { packageInfo } from "./package-info.js";
import { recipientPolicy } from "./safety/recipients.js";
import type { Settings } from "./settings.js";
import { unexpectedFailure } from "./tools/failure.js";
import type { ToolOutcome } from "./tools/result.js";
import * as sendWeChatText from "./tools/send-wechat-text.js";

const INSTRUCTIONS =
  "Tools of one WeChat Official Account (微信公众号): they write to its followers as the account, and the messages are real. Who may be written to is decided by the operator of this server. Each result says in `delivery` what became of the message; `unknown` means that it may have arrived.";

/**
 * An MCP server with the tools of this package, not yet connected. Protocol and hosts expect one instance a connection;
 * the client is shared and stays the caller's to close.
 */
export function createServer(settings: Settings, client: sendWeChatText.TextSender): McpServer {
  const { name, displayName, version } = packageInfo;
  const server = new McpServer({ name, title: displayName, version }, { instructions: INSTRUCTIONS });
  const policy = recipientPolicy(settings.recipients);
  const { title, description, annotations, inputSchema, outputSchema } = sendWeChatText;
  server.registerTool(
    sendWeChatText.name,
    { title, description, annotations, inputSchema: advertised(inputSchema), outputSchema },
    async (input, { mcpReq: { signal } }) => {
      try {
        return asCallToolResult(await sendWeChatText.handle(input, { client, policy, settings, signal }));
      } catch {
        // The SDK would show the model the message of what was thrown.
        return asCallToolResult(unexpectedFailure(true));
      }
    },
  );
  return server;
}

/**
 * A schema that is shown to hosts and not checked by the SDK: the tool checks its input itself, so that wrong arguments
 * get the same kind of answer (delivery, next step, remedy) as every other failure.
 */
function advertised(schema: StandardSchemaWithJSON): StandardSchemaWithJSON {
  const { version, vendor, jsonSchema } = schema["~standard"];
  return { "~standard": { version, vendor, jsonSchema, validate: (value) => ({ value }) } };
}

function asCallToolResult({ structuredContent, text, isError }: ToolOutcome) {
  // The JSON as text too: the specification asks for it, for hosts that do not read structured content.
  const json = JSON.stringify(structuredContent);
  const texts = text === "" ? [json] : [text, json];
  return { content: texts.map((text) => ({ type: "text" as const, text })), structuredContent, isError };
}
