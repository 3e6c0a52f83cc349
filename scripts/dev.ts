// `npm run dev`: the site, started anew at each change of its sources, and the portal as Vite serves it.
import { spawn, type ChildProcess } from 'node:child_process'

const children: ChildProcess[] = [
  spawn(process.execPath, ['--watch-path=src', '--watch-preserve-output', 'src/main.ts', 'up'], {
    stdio: ['ignore', 'inherit', 'inherit'],
  }),
  spawn(process.execPath, ['node_modules/vite/bin/vite.js', 'portal'], { stdio: ['ignore', 'inherit', 'inherit'] }),
]

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
  process.on(signal, () => children.forEach((child) => child.kill(signal)))
// One without the other is no workshop.
for (const child of children)
  child.on('exit', (code) => {
    children.forEach((other) => other.kill('SIGTERM'))
    process.exitCode ||= code ?? 1
  })
