#!/usr/bin/env node
// The command line, by the Node this project brings: TypeScript runs as written there, and perhaps not on the Node that found this file.
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const pinned = join(root, 'node_modules', `node-linux-${process.arch}`, 'bin', 'node')
if (!existsSync(pinned) && Number(process.versions.node.split('.')[0]) < 26) {
  process.stderr.write('Holdfast is not set up yet: run `npm start` in its folder once.\n')
  process.exit(1)
}
// The server is not a client: a plain `up` starts it here. All other words, and help on this one, are the command line's.
const words = process.argv.slice(2)
const plainUp = words.length === 1 && words[0] === 'up'
const program = plainUp ? [join(root, 'src', 'main.ts'), 'up'] : [join(root, 'cli', 'main.ts'), ...words]
const child = spawn(existsSync(pinned) ? pinned : process.execPath, program, { stdio: 'inherit' })
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => signal !== 'SIGINT' && child.kill(signal))
child.on('exit', (code, signal) => process.exit(code ?? (signal === 'SIGINT' ? 130 : 1)))
