// Loaded before a program that the demo forks: it ends when the demo is gone, also where the demo was killed.
process.on("disconnect", () => process.kill(process.pid, "SIGTERM"));
process.channel?.unref();
