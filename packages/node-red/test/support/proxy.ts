import { createServer } from "node:http";
import { type AddressInfo, connect } from "node:net";
import { onTestFinished } from "vitest";

/** An HTTP proxy that ends with the test, and what it was told of who asks. */
export async function proxyServer() {
  const asked: { target: string | undefined; authorization: string | undefined }[] = [];
  const server = createServer();
  server.on("connect", (request, socket) => {
    asked.push({ target: request.url, authorization: request.headers["proxy-authorization"] });
    const { hostname, port } = new URL(`http://${request.url}`);
    const onward = connect(Number(port), hostname, () => {
      socket.write("HTTP/1.1 200 Connection established\r\n\r\n");
      onward.pipe(socket).pipe(onward);
    });
    for (const end of [onward, socket]) end.on("error", () => onward.destroy() && socket.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void server.close());
  return { host: `127.0.0.1:${(server.address() as AddressInfo).port}`, asked };
}
