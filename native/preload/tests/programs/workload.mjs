// Strings, maps, buffers, compression, hashes, workers and child processes; prints what they come to, the same every time.
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { isMainThread, parentPort, Worker } from "node:worker_threads";
import { gunzipSync, gzipSync } from "node:zlib";

function work(rounds) {
  const hash = createHash("sha256");
  const map = new Map();
  for (let i = 0; i < rounds; i++) {
    map.set(`key ${i % 5000}`, { list: Array.from({ length: i % 20 }, (_, k) => k * i), text: "x".repeat(i % 300) });
    if (i % 7 === 0) map.delete(`key ${(i * 31) % 5000}`);
    if (i % 500 === 0) {
      const text = JSON.stringify([...map]);
      const back = gunzipSync(gzipSync(Buffer.from(text))).toString();
      if (back !== text) throw new Error("not what was compressed");
      hash.update(back);
    }
  }
  return hash.digest("hex");
}

if (isMainThread) {
  const results = await Promise.all(
    Array.from({ length: 4 }, () => new Promise((resolve, reject) => new Worker(new URL(import.meta.url)).on("message", resolve).on("error", reject))),
  );
  const children = Array.from({ length: 5 }, (_, i) => spawnSync("/bin/echo", [`child ${i}`]).stdout.toString());
  console.log([...new Set([...results, work(5000)])].join(), children.join(""));
} else {
  parentPort.postMessage(work(5000));
}
