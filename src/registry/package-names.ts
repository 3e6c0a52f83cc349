// Names of packages as the paths of OCI can hold them, and back: `libstdc++6` lies at `libstdc__2b__2b6`, `@acme/thing` at `x__40acme/thing`.
import { invalid } from '#platform/problem.ts'

const partOf = (name: string): string => {
  const bytes = [...Buffer.from(name)].map((byte) => String.fromCharCode(byte))
  const plain = (at: number): boolean => /^[a-z0-9]$/.test(bytes[at] ?? '')
  const written = bytes
    // A separator is itself only between two plain characters, so that `__` begins an escape and nothing else.
    .map((byte, at) => (plain(at) || (/^[._-]$/.test(byte) && plain(at - 1) && plain(at + 1)) ? byte : escaped(byte)))
    .join('')
  // A path begins with a letter or a digit: `x` stands before an escape there, and an `x` of the name is escaped itself.
  const begun = written.startsWith('x__') ? `${escaped('x')}${written.slice(1)}` : written
  return begun.startsWith('__') ? `x${begun}` : begun
}

const escaped = (byte: string): string => `__${byte.charCodeAt(0).toString(16).padStart(2, '0')}`

/** Each name has a path of its own, part by part between slashes. */
export const pathForName = (name: string): string => name.split('/').map(partOf).join('/')

export const nameAtPath = (path: string): string =>
  path
    .split('/')
    .map((part) => {
      const bytes = part
        .replace(/^x__/, '__')
        .replaceAll(/__([0-9a-f]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
      return Buffer.from(bytes, 'latin1').toString('utf8')
    })
    .join('/')

const stepBytesMax = 255 // what file systems take, which is where it ends up
const stepsMax = 40

/**
 * Steps of a path below a release, as every file system can hold them: none is empty, `.` or `..`, and none has a separator, a control character or a
 * percent sign, which some client would decode once more.
 */
export const checkSteps = (steps: readonly string[], what: string): readonly string[] => {
  const fault = steps.find(
    (step) =>
      step === '.' || step === '..' || !/^[^\p{C}\p{Zl}\p{Zp}\\/%?*<>|"]+$/u.test(step) || Buffer.byteLength(step) > stepBytesMax,
  )
  if (fault === undefined && steps.length > 0 && steps.length <= stepsMax) return steps
  throw invalid(
    `${JSON.stringify((fault ?? steps.join('/')).slice(0, 200))} does not name ${what}: a name has 1 to ${stepBytesMax} bytes, is not . or .., and holds no control character and none of \\ / % ? * < > | ".`,
  )
}
