// Checks the output of emit_hostile: "hostile.mjs json" or "hostile.mjs text" on standard input.
import { readFileSync } from 'node:fs';

const input = readFileSync(0);
const text = new TextDecoder('utf-8', { fatal: true }).decode(input);
const failures = [];
const expect = (holds, what) => holds || failures.push(what);

expect(!/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff]/.test(text), 'a character that acts on the display is raw');
if (process.argv[2] === 'json') {
  const snapshot = JSON.parse(text);
  const labels = snapshot.epochs.map((epoch) => epoch.label);
  expect(labels[0] === 'quote" back\\slash <b>&amp;', `label 0: ${labels[0]}`);
  expect(labels[1] === '\x1b[31mred\x1b[0m \x07\x7f', 'label 1');
  expect(labels[2] === 'line\nfeed\ttab', 'label 2');
  expect(labels[3] === 'cut \ufffd\ufffd', `label 3: ${labels[3]}`);
  expect(labels[4] === '\x9b31m \u202ertl', 'label 4');
  expect(/^\ufffd{3} \ufffd{4} \ufffd{2}$/.test(labels[5]), 'label 5');
  expect(labels[6] === '😀 é', 'label 6');
  expect(snapshot.longest_epoch_close.label === labels[1], 'label of the longest close');
  expect(snapshot.last_epoch_close.label === '\ufffd'.repeat(32), 'label of the last close');
  expect(labels[15] === '\ufffd'.repeat(32), 'label 15');
  expect(text.includes('"schema_version":18446744073709551615,'), 'the largest integer lost a digit');
  const rates = snapshot.classes.map((item) => item.lock_contention_rate);
  expect(JSON.stringify(rates) === JSON.stringify([0, 0, 0, 1 / 3, 1e300, 5e-324, 0.1, 1e22]), `doubles: ${rates}`);
  expect(snapshot.label_registry.count === 16 && Object.keys(snapshot.label_registry.labels).length === 16, 'label registry');
  expect(snapshot.epochs.every((epoch) => ['ACTIVE', 'CLOSING'].includes(epoch.state)), 'state');
  expect(snapshot.process.command === '\ufffd'.repeat(64) && snapshot.counter_file === '\x1b[2J', 'process');
  expect(Object.keys(snapshot.classes[0].contention_by_label).length === 4, 'contention_by_label');
} else {
  expect(text.includes('\\x1b[31mred'), 'the escape is not shown');
  expect(/longest close [^\n]*\\x1b\[31mred/.test(text), 'the label of the longest close');
  expect(text.includes('\\u202e'), 'the bidirectional mark is not shown');
}
if (failures.length) {
  console.log(failures.join('\n'));
  process.exitCode = 1;
}
