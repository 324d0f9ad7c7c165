// A host puts what the user entered in place of ${user_config.…} before it starts the server. Where a field was left
// empty, hosts have passed the placeholder itself (Claude Desktop 1.25927.0: stickerdaniel/linkedin-mcp-server#678), which
// is then no value. The manifest gives every optional field a default, which is the cure where a host knows defaults;
// this is for hosts that do not.
for (const [name, value] of Object.entries(process.env)) {
  if (name.startsWith("WECHAT_") && /^\$\{user_config\.\w+\}$/.test(value ?? "")) delete process.env[name];
}
await import("../src/cli.ts");
