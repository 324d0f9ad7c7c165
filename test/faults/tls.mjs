// A certificate for 127.0.0.1, made by openssl.
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";

const REQUEST = "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=faults";

/** @returns `{ key, cert, certificate }`, the last as a path; undefined where there is no openssl */
export function makeCertificate(folder) {
  const keyFile = join(folder, "key.pem");
  const certificate = join(folder, "cert.pem");
  const files = ["-addext", "subjectAltName=IP:127.0.0.1", "-keyout", keyFile, "-out", certificate];
  try {
    execFileSync("openssl", [...REQUEST.split(" "), ...files], { stdio: "ignore" });
  } catch (error) {
    if (error.code !== "ENOENT") throw error;
    return undefined;
  }
  return { key: readFileSync(keyFile), cert: readFileSync(certificate), certificate };
}
