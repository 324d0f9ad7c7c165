import { readFileSync } from "node:fs";
import { Ajv, type JSONSchemaType } from "ajv";
import { describe, expect, it } from "vitest";
import { readConfiguration } from "../src/configuration.js";
import { HELP } from "../src/help.js";
import { SettingsError } from "../src/problems.js";
import { VARIABLES } from "../src/variables.js";

const read = (file: string) => JSON.parse(readFileSync(new URL(`../${file}`, import.meta.url), "utf8"));
const serverJson: ServerJson = read("server.json");
const manifest = read("package.json");

interface Variable {
  name: string;
  description: string;
  isSecret: boolean;
  format?: string;
  placeholder?: string;
  default?: string;
  choices?: string[];
}

interface ServerJson {
  $schema: string;
  name: string;
  title: string;
  description: string;
  version: string;
  packages: {
    registryType: string;
    identifier: string;
    version: string;
    runtimeHint: string;
    transport: { type: string };
    environmentVariables: Variable[];
  }[];
}

const text = { type: "string", minLength: 1 } as const;
const optional = { ...text, nullable: true } as const;
/** Exact: no range, no tag. */
const version = {
  type: "string",
  minLength: 1,
  maxLength: 255,
  pattern: "^\\d+\\.\\d+\\.\\d+(-[0-9A-Za-z.-]+)?$",
} as const;

/**
 * What the registry's schema of 2025-12-11 asks of a server on npm, said again in our words and stricter: it lets a
 * misspelt field pass. Source: https://static.modelcontextprotocol.io/schemas/2025-12-11/server.schema.json,
 * definitions ServerDetail, Package, StdioTransport, KeyValueInput and Input.
 */
const SCHEMA: JSONSchemaType<ServerJson> = {
  type: "object",
  additionalProperties: false,
  required: ["$schema", "name", "title", "description", "version", "packages"],
  properties: {
    $schema: { ...text, const: "https://static.modelcontextprotocol.io/schemas/2025-12-11/server.schema.json" },
    name: { type: "string", minLength: 3, maxLength: 200, pattern: "^[a-zA-Z0-9.-]+/[a-zA-Z0-9._-]+$" },
    title: { ...text, maxLength: 100 },
    description: { ...text, maxLength: 100 },
    version,
    packages: {
      type: "array",
      minItems: 1,
      items: {
        type: "object",
        additionalProperties: false,
        required: ["registryType", "identifier", "version", "runtimeHint", "transport", "environmentVariables"],
        properties: {
          registryType: { ...text, const: "npm" },
          identifier: text,
          version,
          runtimeHint: { ...text, const: "npx" },
          transport: {
            type: "object",
            additionalProperties: false,
            required: ["type"],
            properties: { type: { ...text, const: "stdio" } },
          },
          environmentVariables: {
            type: "array",
            items: {
              type: "object",
              additionalProperties: false,
              required: ["name", "description", "isSecret"],
              properties: {
                name: { ...text, pattern: "^WECHAT_[A-Z_]+$" },
                description: text,
                isSecret: { type: "boolean" },
                format: { ...optional, enum: ["string", "number", "boolean", "filepath"] },
                placeholder: optional,
                default: optional,
                choices: { type: "array", items: text, minItems: 2, uniqueItems: true, nullable: true },
              },
            },
          },
        },
      },
    },
  },
};

const validate = new Ajv({ allErrors: true }).compile(SCHEMA);
const [npm] = serverJson.packages;
if (!npm) throw new Error("server.json names no package");
const variables = npm.environmentVariables;

describe("server.json", () => {
  it("is what the registry takes", () => {
    validate(serverJson);
    expect(validate.errors ?? []).toEqual([]);
  });

  it.each<[string, Partial<ServerJson>]>([
    ["a description of more than 100 characters", { description: "x".repeat(101) }],
    ["a range instead of a version", { version: "^0.1.0" }],
    ["a name without its namespace", { name: "mcp" }],
    ["a variable without a name", { packages: [{ ...npm, environmentVariables: [{ ...variables[0]!, name: "" }] }] }],
  ])("would not pass with %s", (_, wrong) => {
    expect(validate({ ...serverJson, ...wrong })).toBe(false);
  });

  it("is about the package beside it, whose mcpName proves to the registry that both have one owner", () => {
    expect(serverJson.name).toBe(manifest.mcpName);
    expect(npm.identifier).toBe(manifest.name);
    expect([serverJson.version, npm.version]).toEqual([manifest.version, manifest.version]);
  });
});

const inHelp = new Set(HELP.match(/\bWECHAT_[A-Z_]+[A-Z]\b/g));
const ACCOUNT = { WECHAT_APP_ID: "wx0123456789abcdef", WECHAT_APP_SECRET: "0123456789abcdef0123456789abcdef" };

/** What the server finds wrong with one variable's value. */
async function problemsWith(name: string, value: string): Promise<string[]> {
  try {
    await (await readConfiguration({ env: { ...ACCOUNT, [name]: value } })).close();
    return [];
  } catch (error) {
    if (error instanceof SettingsError) return error.problems.map(({ problem }) => problem);
    throw error;
  }
}

describe("the variables in server.json", () => {
  it("are those that the server reads, each once, and --help prints them all", () => {
    expect(variables.map(({ name }) => name).sort()).toEqual([...VARIABLES].sort());
    expect([...inHelp].sort()).toEqual([...VARIABLES].sort());
  });

  it("are secret where their value may hold a secret", () => {
    const secret = variables.filter(({ isSecret }) => isSecret).map(({ name }) => name);
    const named = VARIABLES.filter((name) => /(SECRET|TOKEN|KEY)$/.test(name));
    // URLs may hold a password.
    expect(secret.sort()).toEqual([...named, "WECHAT_INBOX", "WECHAT_PROXY"].sort());
  });

  const offered = variables.flatMap(({ name, choices = [], default: preset }) =>
    [...new Set([...choices, ...(preset === undefined ? [] : [preset])])].map((value) => ({ name, value })),
  );
  it.each(offered)("offer values that the server takes: $name=$value", async ({ name, value }) => {
    expect(await problemsWith(name, value)).toEqual([]);
  });
});
