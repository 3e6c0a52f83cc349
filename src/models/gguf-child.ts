// Runs in a process of its own, without network, with bounded memory: reads the head of one file and says what it found.
import { closeSync, openSync } from 'node:fs'
import { GgufFault, readGguf } from './gguf.ts'
import { passportOf } from './passport.ts'

process.once('message', (path: string) => {
  const file = openSync(path, 'r')
  try {
    process.send?.({ passport: passportOf(readGguf(file)) })
  } catch (error) {
    process.send?.({ fault: error instanceof GgufFault ? error.message : 'it could not be read' })
  } finally {
    closeSync(file)
  }
  process.disconnect?.()
})
