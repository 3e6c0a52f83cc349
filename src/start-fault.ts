// Why the process did not start, in words a person can act on. A stack of calls tells the operator nothing, so it is shown only where it was asked for.
import { ConfigFault } from '#platform/config.ts'
import { PostgresFault } from '#platform/postgres.ts'
import { Problem } from '#platform/problem.ts'

const selfSigned =
  'The PostgreSQL of DATABASE_URL shows a certificate that nobody here vouches for. Name its CA with NODE_EXTRA_CA_CERTS, or correct `sslmode` in the address.'

/** By code: errno, SQLSTATE (PostgreSQL, appendix A), or one of Node's own for TLS. */
const known: Record<string, string> = {
  EADDRINUSE: 'The port is in use by another program. Stop that program, or choose another port with HOLDFAST_PORT.',
  EADDRNOTAVAIL: 'No network interface of this machine has the address in HOLDFAST_HOST. Correct it.',
  ENOSPC: 'The disk of the home is full. Free space on it, then start again; nothing was lost.',
  ECONNREFUSED: 'No PostgreSQL answers at DATABASE_URL. Start it, or correct the address.',
  ECONNRESET: 'The PostgreSQL of DATABASE_URL broke the connection off. Look at its log.',
  EHOSTUNREACH: 'No way leads to the host of DATABASE_URL. Look at the network between, or correct the address.',
  ENETUNREACH: 'No way leads to the host of DATABASE_URL. Look at the network between, or correct the address.',
  ETIMEDOUT: 'No PostgreSQL answers at DATABASE_URL in time. Look at the network between, or correct the address.',
  ENOTFOUND: 'The host of DATABASE_URL has no address. Correct its name.',
  EAI_AGAIN: 'The host of DATABASE_URL has no address at present: no name server answers. Use an address, or mend name look-up.',
  DEPTH_ZERO_SELF_SIGNED_CERT: selfSigned,
  SELF_SIGNED_CERT_IN_CHAIN: selfSigned,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: selfSigned,
  '28000': 'PostgreSQL does not let the user of DATABASE_URL in. Look at its pg_hba.conf.',
  '28P01': 'PostgreSQL refuses the password of DATABASE_URL. Correct it.',
  '3D000': 'PostgreSQL has no database of the name in DATABASE_URL. Create it (`createdb`), or correct the name.',
  '42501': 'The user of DATABASE_URL may not create tables there. Make it the owner of the database.',
  '53300': 'The PostgreSQL of DATABASE_URL has no connection to spare; the site takes up to 16. Raise its max_connections.',
}

const ofFiles: Record<string, string> = {
  EACCES: 'the system does not permit it. Start as the user who owns that place, or choose another',
  EPERM: 'the system does not permit it. Start as the user who owns that place, or choose another',
  EROFS: 'that file system is read-only. Choose another place',
  ENOTDIR: 'a part of that path is a file, not a folder. Choose another place',
  EEXIST: 'a file is in its place. Move it away, or choose another place',
  EISDIR: 'a folder is where a file should be. Move it away',
  ENOENT: 'it is not there',
}

type Fault = Error & { code?: unknown; syscall?: unknown; path?: unknown }

const told = ({ code, syscall, path, message }: Fault): string | undefined => {
  if (typeof code !== 'string') return undefined
  if (code === 'EACCES' && syscall === 'listen')
    return 'The system does not let this account listen on that port: ports below 1024 need rights. Choose a higher HOLDFAST_PORT.'
  const fileFault = code === 'ENOENT' && syscall === 'mkdir' ? 'nothing can be made there. Choose another place' : ofFiles[code]
  if (fileFault !== undefined && typeof path === 'string')
    return `${path} cannot be used: ${fileFault}. (HOLDFAST_HOME names the home; ${message})`
  return known[code]
}

/** `asked`: the operator wants to see where it happened. */
export const startFault = (error: unknown, asked: boolean): string => {
  if (!(error instanceof Error)) return String(error)
  if (error instanceof ConfigFault || error instanceof PostgresFault || error instanceof Problem) return error.message
  for (let cause: unknown = error; cause instanceof Error; cause = cause.cause) {
    const words = told(cause)
    if (words !== undefined) return words
  }
  const because = error.cause instanceof Error ? `\nbecause: ${error.cause.message}` : ''
  const where = asked ? `\n${error.stack}` : ' HOLDFAST_LOG_LEVEL=debug shows where it happened.'
  return `${error.message}${because}\nIf that names nothing you can mend, it is a defect of ours: send it, with the version.${where}`
}
