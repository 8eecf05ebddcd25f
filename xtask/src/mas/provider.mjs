// What this is: the half of a stand-in for Matrix Authentication Service (MAS) that a certified
// implementation of OAuth 2.0 can play: oidc-provider, at the paths that MAS has. It judges PKCE,
// redirect URIs, used codes and used refresh tokens; none of that is written here.
//
// What it is not: MAS. Its pages are three plain ones, its accounts have no passwords, and nobody
// but the stand-in (src/mas/) may reach it. What MAS does otherwise than oidc-provider, the layer in
// front of it does.
//
// node provider.mjs FOLDER ISSUER: oidc-provider's package, and the address that browsers know.
// Prints its port, and ends with its standard input.

import { randomBytes } from 'node:crypto';
import { createServer } from 'node:http';
import { pathToFileURL } from 'node:url';
import { escaped, page as pageOf } from '../page.mjs';

const [, , folder, issuer] = process.argv;
const { default: Provider } = await import(pathToFileURL(`${folder}/lib/index.js`));
process.stdin.resume().on('end', () => process.exit(0));

// Localpart → { admin: may request admin scopes, seconds: how long an access token lives,
// closed: locked or deactivated }.
const accounts = new Map();
const ADMIN_SCOPES = ['urn:synapse:admin:*', 'urn:mas:admin'];
const CLIENT_SCOPES = ['urn:matrix:client:api:*', 'urn:matrix:org.matrix.msc2967.client:api:*'];
const DEVICE = /^urn:matrix:(org\.matrix\.msc2967\.)?client:device:[A-Za-z0-9._~!$&'()*+,;=:@/-]{10,}$/;

// MAS' IDs are ULIDs: a time, and chance.
function ulid() {
  const letters = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
  let time = '';
  for (let left = Date.now(); time.length < 10; left = Math.floor(left / 32)) time = letters[left % 32] + time;
  return time + [...randomBytes(16)].map((byte) => letters[byte % 32]).join('');
}

const asked = (ctx) => (ctx.oidc?.params?.scope ?? '').split(' ');

const provider = new Provider(issuer, {
  cookies: { keys: ['stand-in'] },
  scopes: ['openid', 'email'],
  routes: {
    authorization: '/authorize',
    token: '/oauth2/token',
    registration: '/oauth2/registration',
    revocation: '/oauth2/revoke',
    userinfo: '/oauth2/userinfo',
    jwks: '/oauth2/keys.json',
  },
  features: {
    devInteractions: { enabled: false },
    registration: {
      enabled: true, initialAccessToken: false, issueRegistrationAccessToken: false, idFactory: ulid,
    },
    revocation: { enabled: true },
    rpInitiatedLogout: { enabled: false },
    resourceIndicators: {
      enabled: true,
      defaultResource: () => issuer,
      useGrantedResource: () => true,
      getResourceServerInfo: (ctx) => ({
        scope: [...CLIENT_SCOPES, ...ADMIN_SCOPES, ...asked(ctx).filter((s) => DEVICE.test(s))].join(' '),
        accessTokenFormat: 'opaque',
      }),
    },
  },
  pkce: { required: () => true, methods: ['S256'] },
  ttl: {
    AccessToken: (ctx, token) => accounts.get(token.accountId)?.seconds ?? 300,
    AuthorizationCode: 600,
    RefreshToken: 86_400,
    Grant: 86_400,
    Session: 86_400,
    Interaction: 3_600,
  },
  issueRefreshToken: (ctx, client) => client.grantTypeAllowed('refresh_token'),
  rotateRefreshToken: true,
  clientBasedCORS: () => true,
  extraClientMetadata: { properties: [] },
  findAccount: (ctx, id) => accounts.has(id) && { accountId: id, claims: () => ({ sub: id }) },
  // MAS asks for consent every time.
  loadExistingGrant: (ctx) => ctx.oidc.result?.consent?.grantId
    && ctx.oidc.provider.Grant.find(ctx.oidc.result.consent.grantId),
  interactions: { url: (ctx, interaction) => `/interaction/${interaction.uid}` },
  renderError: (ctx, out) => { ctx.type = 'html'; ctx.body = page('Error', `<p>${escaped(out.error)}: ${escaped(out.error_description ?? '')}</p>`); },
});

// A refresh replaces the access token at once, not when it would have expired.
const newest = new Map();
provider.on('access_token.saved', async (token) => {
  const old = newest.get(token.grantId);
  newest.set(token.grantId, token.jti);
  if (old && old !== token.jti) await (await provider.AccessToken.find(old))?.destroy();
});

const NOTE = 'A stand-in for Matrix Authentication Service, for trying and testing.';
const page = (title, body) => pageOf(title, body, NOTE);

async function form(request) {
  let text = '';
  for await (const chunk of request) text += chunk;
  return text;
}

function html(response, status, title, body) {
  response.writeHead(status, { 'content-type': 'text/html; charset=utf-8' });
  response.end(page(title, body));
}

function json(response, status, value) {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify(value));
}

async function grant(accountId, clientId, scopes) {
  const made = new provider.Grant({ accountId, clientId });
  const of = (scope) => scope === 'openid' || scope === 'email';
  made.addOIDCScope(scopes.filter(of).join(' '));
  made.addResourceScope(issuer, scopes.filter((scope) => !of(scope)).join(' '));
  return made.save();
}

async function interaction(request, response, uid, step) {
  let details;
  try {
    details = await provider.interactionDetails(request, response);
  } catch {
    return html(response, 400, 'Session lost', '<p>Begin again where you came from.</p>');
  }
  const { params, prompt, session } = details;
  const finish = (result, merge) =>
    provider.interactionFinished(request, response, result, { mergeWithLastSubmission: merge });
  const scopes = (params.scope ?? '').split(' ');
  if (step === 'cancel') return finish({ error: 'access_denied' }, false);
  if (step === 'out') {
    const known = await provider.Session.get(provider.app.createContext(request, response));
    await known.destroy();
    return html(response, 200, 'Signed out', '<p>Begin again where you came from.</p>');
  }
  if (prompt.name === 'login' || step === 'login') {
    if (request.method === 'POST') {
      const name = new URLSearchParams(await form(request)).get('username') ?? '';
      if (accounts.has(name) && !accounts.get(name).closed) return finish({ login: { accountId: name } }, false);
    }
    const hint = /^(?:mxid:@)?([^:]*)/.exec(params.login_hint ?? '')[1];
    return html(response, 200, 'Sign in', `<form method="post" action="/interaction/${uid}/login">
<label>Username <input name="username" autofocus value="${escaped(hint)}"></label>
<button>Continue</button></form>`);
  }
  if (accounts.get(session.accountId)?.closed) {
    return html(response, 200, 'Account locked', `<p><a href="/interaction/${uid}/out">Sign out</a></p>`);
  }
  // The policy cannot narrow: all that is asked for, or nothing.
  const denied = accounts.get(session.accountId)?.admin ? []
    : scopes.filter((scope) => ADMIN_SCOPES.includes(scope));
  if (denied.length === 1) {
    return html(response, 500, 'Internal server error', '<p>could not render template</p>');
  }
  if (denied.length > 1) {
    return html(response, 200, 'The authorization request was denied by the policy',
      `<p>${escaped(session.accountId)} may not have what was asked for.</p>
<p><a href="/interaction/${uid}/out">Sign out</a></p>
<p><a href="/interaction/${uid}/cancel">Cancel</a></p>`);
  }
  if (request.method === 'POST') {
    return finish({ consent: { grantId: await grant(session.accountId, params.client_id, scopes) } }, true);
  }
  const list = scopes.map((scope) => `<li>${escaped(scope)}</li>`).join('');
  return html(response, 200, 'Allow access?', `<p>${escaped(session.accountId)}</p><ul>${list}</ul>
<form method="post" action="/interaction/${uid}/consent"><button>Continue</button></form>
<p><a href="/interaction/${uid}/login">Use another account</a></p>
<p><a href="/interaction/${uid}/cancel">Cancel</a></p>`);
}

// For the layer in front and for tests only.
async function internal(request, response, path) {
  const body = JSON.parse((await form(request)) || '{}');
  if (path === 'account') {
    accounts.set(body.localpart, body);
    return json(response, 200, {});
  }
  if (path === 'introspect') {
    const token = await provider.AccessToken.find(body.token);
    if (!token || token.isExpired) return json(response, 200, { active: false });
    return json(response, 200, {
      active: true, username: token.accountId, scope: token.scope, expires_in: token.remainingTTL,
      grant: token.grantId, client_id: token.clientId,
    });
  }
  if (path === 'finish') {
    await provider.AccessToken.revokeByGrantId(body.grant);
    await provider.RefreshToken.revokeByGrantId(body.grant);
    await (await provider.Grant.find(body.grant))?.destroy();
    return json(response, 200, {});
  }
  if (path === 'code') {
    // As if somebody had agreed in a browser.
    const client = await provider.Client.find(body.client_id);
    const scopes = body.scope.split(' ');
    const grantId = await grant(body.localpart, body.client_id, scopes);
    const code = new provider.AuthorizationCode({
      client, accountId: body.localpart, grantId, scope: body.scope, resource: issuer,
      redirectUri: body.redirect_uri, codeChallenge: body.code_challenge, codeChallengeMethod: 'S256',
      sessionUid: grantId, expiresWithSession: false,
    });
    return json(response, 200, { code: await code.save() });
  }
  return json(response, 404, {});
}

const callback = provider.callback();
const server = createServer((request, response) => {
  const { pathname } = new URL(request.url, issuer);
  const page = /^\/interaction\/([\w-]+)(?:\/(\w+))?$/.exec(pathname);
  const inside = /^\/internal\/(\w+)$/.exec(pathname);
  const failed = (error) => json(response, 500, { error: 'server_error', error_description: String(error) });
  if (page) interaction(request, response, page[1], page[2]).catch(failed);
  else if (inside) internal(request, response, inside[1]).catch(failed);
  else callback(request, response);
});
server.listen(0, '127.0.0.1', () => console.log(server.address().port));
