// PostgreSQL refuses to run as root. As root we put it into a user namespace in which it is nobody: no system account, and its files stay ours.
import { spawnSync } from 'node:child_process'
import { chownSync, existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'

export type Command = { file: string; args: string[]; options: { uid?: number; gid?: number } }

const nobody = 65_534
const namespace = ['unshare', '-U', `--map-user=${nobody}`, `--map-group=${nobody}`, '--']

let namespacesWork: boolean | undefined

export const asUser = (home: string, [file = '', ...args]: string[]): Command => {
  if (process.getuid?.() !== 0) return { file, args, options: {} }
  namespacesWork ??= spawnSync(namespace[0]!, [...namespace.slice(1), 'true'], { stdio: 'ignore' }).status === 0
  if (namespacesWork) return { file: namespace[0]!, args: [...namespace.slice(1), file, ...args], options: {} }
  giveTo(home, nobody)
  return { file, args, options: { uid: nobody, gid: nobody } }
}

/** Without user namespaces the data must belong to the user the server runs as. */
const giveTo = (home: string, uid: number): void => {
  chownSync(home, uid, uid)
  for (const name of ['pg', 'pg.new', 'run'])
    if (existsSync(join(home, name)))
      for (const entry of ['', ...readdirSync(join(home, name), { recursive: true, encoding: 'utf8' })])
        chownSync(join(home, name, entry), uid, uid)
}
