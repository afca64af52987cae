// An OpenID provider that nobody here wrote (oidc-provider), on a port of its own until standard input ends.
// Arguments: the folder that holds node_modules, and one JSON document with clients, accounts and Apple's key.

import http from 'node:http';
import path from 'node:path';
import { pathToFileURL } from 'node:url';

const [folder, given] = process.argv.slice(2);
const { clients, accounts, apple } = JSON.parse(given);
const load = (name, file) => import(pathToFileURL(path.join(folder, 'node_modules', name, file)).href);
const { Provider } = await load('oidc-provider', 'lib/index.js');
const jose = await load('jose', 'dist/webapi/index.js');

const { privateKey } = await jose.generateKeyPair('RS256', { extractable: true });
const jwk = { ...(await jose.exportJWK(privateKey)), kid: 'provider-key', use: 'sig', alg: 'RS256' };

let answer;
const server = http.createServer((request, response) => answer(request, response));
await new Promise((listening) => server.listen(0, '127.0.0.1', listening));
const issuer = `http://127.0.0.1:${server.address().port}`;

const provider = new Provider(issuer, {
  clients,
  jwks: { keys: [jwk] },
  cookies: { keys: ['a cookie key of the tests'] },
  scopes: ['openid', 'email', 'profile', 'name'],
  claims: {
    openid: ['sub'],
    email: ['email', 'email_verified', 'is_private_email'],
    profile: ['given_name', 'family_name', 'hd'],
  },
  conformIdTokenClaims: false,
  pkce: { required: () => true },
  async findAccount(_context, id) {
    return { accountId: id, claims: async () => ({ sub: id, ...accounts[id] }) };
  },
});

// Apple's clients show a token of their team as secret: it is checked here, and the plain one put in its place.
async function withPlainSecret(request) {
  let body = '';
  for await (const chunk of request) body += chunk;
  const form = Object.fromEntries(new URLSearchParams(body));
  if (form.client_id === apple.client_id) {
    const key = await jose.importJWK(apple.jwk, 'ES256');
    await jose.jwtVerify(form.client_secret, key, {
      algorithms: ['ES256'], issuer: apple.team_id, subject: apple.client_id, audience: issuer,
    });
    form.client_secret = apple.plain_secret;
  }
  request.body = form;
}

const callback = provider.callback();
answer = async (request, response) => {
  try {
    if (request.url === '/token') await withPlainSecret(request);
  } catch {
    response.writeHead(401, { 'content-type': 'application/json' });
    response.end('{"error":"invalid_client"}');
    return;
  }
  callback(request, response);
};

process.stdin.resume();
process.stdin.on('end', () => process.exit(0));
console.log(JSON.stringify({ issuer }));
