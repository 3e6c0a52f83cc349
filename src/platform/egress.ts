// Nothing leaves. Every socket and every name look-up of this process passes here; what is not loopback or explicitly allowed is refused and counted.
import dgram from 'node:dgram'
import dns from 'node:dns'
import net from 'node:net'

export type EgressAttempt = { readonly host: string; readonly port?: number; readonly kind: 'tcp' | 'udp' | 'dns' }
export type EgressGuard = { readonly attempts: EgressAttempt[]; allow(host: string): void }

const attemptsKept = 100

export class EgressRefused extends Error {
  override readonly name = 'EgressRefused'
  readonly code = 'EGRESS_REFUSED'
  constructor(attempt: EgressAttempt) {
    super(
      `Refused to reach ${attempt.host}${attempt.port === undefined ? '' : `:${attempt.port}`} (${attempt.kind}): this site sends nothing outside. Allow a host with HOLDFAST_ALLOW_HOSTS.`,
    )
  }
}

let installed: EgressGuard | undefined

/** Wraps `net`, `dgram` and `dns` once for the process. `loopback: false` refuses even loopback (engine children). */
export const installEgressGuard = (
  options: { allow?: readonly string[]; loopback?: boolean; onAttempt?: (attempt: EgressAttempt) => void } = {},
): EgressGuard => {
  if (installed) {
    for (const host of options.allow ?? []) installed.allow(host)
    return installed
  }
  const allowed = new Set((options.allow ?? []).map((host) => host.toLowerCase()))
  const attempts: EgressAttempt[] = []
  const permitted = (host: string): boolean =>
    (options.loopback !== false && isLoopbackHost(host)) || allowed.has(host.toLowerCase())
  const refuse = (attempt: EgressAttempt): EgressRefused => {
    if (attempts.length < attemptsKept) attempts.push(attempt)
    options.onAttempt?.(attempt)
    return new EgressRefused(attempt)
  }
  wrapSockets(permitted, refuse)
  wrapDatagrams(permitted, refuse)
  wrapNames(permitted, refuse)
  installed = { attempts, allow: (host) => void allowed.add(host.toLowerCase()) }
  return installed
}

export const isLoopbackHost = (host: string): boolean => {
  const bare = host.replace(/^\[|\]$/g, '').toLowerCase()
  return bare === 'localhost' || bare === '::1' || (net.isIPv4(bare) && bare.startsWith('127.')) || bare.startsWith('::ffff:127.')
}

type Permit = (host: string) => boolean
type Refuse = (attempt: EgressAttempt) => EgressRefused

const wrapSockets = (permitted: Permit, refuse: Refuse): void => {
  // oxlint-disable-next-line typescript/unbound-method -- called with the socket's own `this`, below
  const { connect } = net.Socket.prototype
  net.Socket.prototype.connect = function (this: net.Socket, ...args: unknown[]) {
    const target = targetOf(args)
    if (target && !permitted(target.host)) {
      const error = refuse({ ...target, kind: 'tcp' })
      process.nextTick(() => this.destroy(error))
      return this
    }
    return Reflect.apply(connect, this, args)
  } as typeof connect
}

/** `connect` takes (options), (port, host), (path) or node's own normalised array of these; a path is a UNIX socket and stays inside. */
const targetOf = (args: unknown[]): { host: string; port: number } | undefined => {
  const first = Array.isArray(args[0]) ? args[0][0] : args[0]
  if (typeof first === 'object' && first !== null) {
    const options: { path?: unknown; host?: unknown; port?: unknown } = first
    return options.path
      ? undefined
      : { host: typeof options.host === 'string' ? options.host : 'localhost', port: Number(options.port) }
  }
  if (typeof first === 'string' && Number.isNaN(Number(first))) return undefined
  return { host: typeof args[1] === 'string' ? args[1] : 'localhost', port: Number(first) }
}

const wrapDatagrams = (permitted: Permit, refuse: Refuse): void => {
  // oxlint-disable-next-line typescript/unbound-method -- called with the socket's own `this`, below
  const { send } = dgram.Socket.prototype
  dgram.Socket.prototype.send = function (this: dgram.Socket, ...args: unknown[]) {
    const host = args.slice(1).find((arg) => typeof arg === 'string')
    if (typeof host === 'string' && !permitted(host)) throw refuse({ host, kind: 'udp' })
    return Reflect.apply(send, this, args)
  } as typeof send
}

const wrapNames = (permitted: Permit, refuse: Refuse): void => {
  const lookup = dns.lookup
  const guarded = (host: string, ...rest: unknown[]) => {
    if (net.isIP(host) === 0 && !permitted(host)) {
      const error = refuse({ host, kind: 'dns' })
      const callback = rest.at(-1)
      if (typeof callback === 'function') process.nextTick(() => callback(error))
      return
    }
    return Reflect.apply(lookup, dns, [host, ...rest])
  }
  dns.lookup = Object.assign(guarded, lookup) as typeof lookup
  const lookupPromise = dns.promises.lookup
  dns.promises.lookup = (async (host: string, ...rest: unknown[]) => {
    if (net.isIP(host) === 0 && !permitted(host)) throw refuse({ host, kind: 'dns' })
    return Reflect.apply(lookupPromise, dns.promises, [host, ...rest])
  }) as typeof lookupPromise
  // Resolvers speak to a name server over their own sockets, below net and dgram.
  const names = [
    'resolve',
    'resolve4',
    'resolve6',
    'resolveAny',
    'resolveMx',
    'resolveTxt',
    'resolveSrv',
    'resolvePtr',
    'resolveNs',
    'reverse',
  ] as const
  for (const name of names) {
    Reflect.set(dns, name, (host: string, ...rest: unknown[]) => {
      const error = refuse({ host: String(host), kind: 'dns' })
      const callback = rest.at(-1)
      if (typeof callback === 'function') process.nextTick(() => callback(error))
      else throw error
    })
    Reflect.set(dns.promises, name, async (host: string) => {
      throw refuse({ host: String(host), kind: 'dns' })
    })
  }
}
