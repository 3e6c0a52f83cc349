// The command line as a person's shell has it: in a folder of its own, with credentials of its own.
import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { password } from './app.ts'
import { childEnv } from './child-env.ts'

export type Ran = { code: number | null; out: string; err: string }

export const shell = (t: { after(end: () => void): void }, url: string) => {
  const folder = mkdtempSync(join(tmpdir(), 'cli-'))
  t.after(() => rmSync(folder, { recursive: true, force: true }))
  const run = async (args: string[], input = '', env: Record<string, string> = {}): Promise<Ran> => {
    const child = spawn(process.execPath, [join(import.meta.dirname, '../cli/main.ts'), ...args], {
      env: { ...childEnv(), HOLDFAST_CONFIG_DIR: join(folder, 'config'), HOLDFAST_URL: url, NO_COLOR: '1', ...env },
      cwd: folder,
    })
    child.stdin.end(input)
    const exited = new Promise<number | null>((resolve) => child.once('exit', resolve))
    const [out, err] = await Promise.all([text(child.stdout), text(child.stderr)])
    return { code: await exited, out, err }
  }
  return { folder, run, login: () => run(['login', url], `owner\n${password}\n`) }
}
