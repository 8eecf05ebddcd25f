// Two identity providers for a real Synapse, for the demo and the tests: oidc-provider, a certified
// OpenID provider, with a page of its own that takes any name without a password (its development
// pages load a font from another host). The two are two clients of one provider.
//
// node provider.mjs FOLDER HOMESERVER: oidc-provider's package, and the address of the homeserver as
// browsers know it. Prints its port, and ends with its standard input.

import { createServer } from 'node:http';
import { pathToFileURL } from 'node:url';
import { escaped, page as pageOf } from '../page.mjs';

const [, , folder, homeserver] = process.argv;
const { default: Provider } = await import(pathToFileURL(`${folder}/lib/index.js`));
process.stdin.resume().on('end', () => process.exit(0));

const NOTE = 'A stand-in for an identity provider, for trying and testing: it takes any name, without a password.';
const page = (title, body) => pageOf(title, body, NOTE);

const server = createServer();
// Or it closes a connection just when Synapse takes it for the next question, and the sign-in fails.
server.keepAliveTimeout = 0;
await new Promise((done) => server.listen(0, '127.0.0.1', done));
const { port } = server.address();

const client = (id) => ({
  client_id: id,
  client_secret: 's3cret',
  redirect_uris: [new URL('_synapse/client/oidc/callback', homeserver).href],
});
const provider = new Provider(`http://127.0.0.1:${port}`, {
  clients: [client('one'), client('two')],
  cookies: { keys: ['two providers'] },
  // Or the ID token lacks `preferred_username`, which Synapse asks for.
  conformIdTokenClaims: false,
  claims: { openid: ['sub'], profile: ['name', 'preferred_username'], email: ['email'] },
  features: { devInteractions: { enabled: false }, rpInitiatedLogout: { enabled: false } },
  pkce: { required: () => false },
  ttl: { AccessToken: 600, AuthorizationCode: 60, IdToken: 600, Grant: 86_400, Session: 86_400, Interaction: 3_600 },
  findAccount: (ctx, id) => ({
    accountId: id,
    claims: () => ({ sub: id, name: id, preferred_username: id, email: `${id}@example.org` }),
  }),
  // Nobody is asked whether Synapse may know their names.
  async loadExistingGrant(ctx) {
    const grant = new ctx.oidc.provider.Grant({
      clientId: ctx.oidc.client.clientId,
      accountId: ctx.oidc.session.accountId,
    });
    grant.addOIDCScope('openid profile email');
    await grant.save();
    return grant;
  },
  interactions: { url: (ctx, interaction) => `/interaction/${interaction.uid}` },
  renderError: (ctx, out) => {
    ctx.type = 'html';
    ctx.body = page('Error', `<p>${escaped(out.error)}: ${escaped(out.error_description ?? '')}</p>`);
  },
});

const ordinary = provider.callback();
server.on('request', async (request, response) => {
  if (!request.url.startsWith('/interaction/')) return ordinary(request, response);
  try {
    const { params } = await provider.interactionDetails(request, response);
    if (request.method !== 'POST') {
      response.setHeader('content-type', 'text/html; charset=utf-8');
      response.end(page(`Identity provider “${params.client_id}”`, `<form method="post">
        <label>Name <input name="name" autofocus autocomplete="off"></label>
        <button>Log in</button> <button name="cancel" value="1">Cancel</button></form>`));
      return;
    }
    let body = '';
    for await (const part of request) body += part;
    const form = new URLSearchParams(body);
    const result = form.has('cancel')
      ? { error: 'access_denied', error_description: 'Cancelled.' }
      : { login: { accountId: form.get('name') } };
    await provider.interactionFinished(request, response, result);
  } catch (error) {
    response.statusCode = 400;
    response.end(page('Error', `<p>${escaped(error.message)}</p>`));
  }
});
console.log(port);
