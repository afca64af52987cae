// Verifies webhooks with a library that nobody here wrote: a JSON document a line in, a verdict a line out.

import readline from 'node:readline';
import path from 'node:path';
import { createRequire } from 'node:module';

const require = createRequire(path.join(process.argv[2], 'node_modules', 'x.js'));
const { Webhook } = require('standardwebhooks');

for await (const line of readline.createInterface({ input: process.stdin })) {
  const { secret, body, headers } = JSON.parse(line);
  try {
    console.log(JSON.stringify({ payload: new Webhook(secret).verify(body, headers) }));
  } catch (error) {
    console.log(JSON.stringify({ refused: String(error.message) }));
  }
}
