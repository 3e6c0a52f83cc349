// Asks a person at the terminal, without echo where it is a secret; reads a line of standard input where there is no terminal.
import { createInterface, type Interface } from 'node:readline/promises'
import { Writable } from 'node:stream'

let lines: AsyncIterator<string> | undefined
const nextLine = async (): Promise<string> => {
  lines ??= createInterface({ input: process.stdin })[Symbol.asyncIterator]()
  return (await lines.next()).value ?? ''
}

export const ask = async (question: string, { secret = false, initial = '' } = {}): Promise<string> => {
  if (!process.stdin.isTTY) return (await nextLine()).trim() || initial
  let muted = false
  const output = new Writable({ write: (chunk, _encoding, done) => (muted || process.stderr.write(chunk), done()) })
  const terminal: Interface = createInterface({ input: process.stdin, output, terminal: true })
  try {
    process.stderr.write(question)
    muted = secret
    return (await terminal.question('')).trim() || initial
  } finally {
    terminal.close()
    if (secret) process.stderr.write('\n')
  }
}
