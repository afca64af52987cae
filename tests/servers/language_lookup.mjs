// Looks languages up with libraries that nobody here wrote: a JSON document a line in, a locale or null out.

import readline from 'node:readline';
import path from 'node:path';
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';

const modules = path.join(process.argv[2], 'node_modules');
const { lookup } = await import(pathToFileURL(path.join(modules, 'bcp-47-match', 'index.js')));
const Negotiator = createRequire(path.join(modules, 'x.js'))('negotiator');

for await (const line of readline.createInterface({ input: process.stdin })) {
  const { header, locales } = JSON.parse(line);
  const ranges = new Negotiator({ headers: { 'accept-language': header } }).languages();
  console.log(JSON.stringify(lookup(locales, ranges) ?? null));
}
