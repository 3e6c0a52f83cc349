// A network that holds nothing but loopback and a trap: a cable that ends nowhere with every other road leading into it, so that whatever tries to leave is counted and named.
import { spawn, spawnSync } from 'node:child_process'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'

const root = join(import.meta.dirname, '..')
const resolver = '192.0.2.1' // TEST-NET-1: the gateway that is not there
const elsewhere = { port: 9, host: '198.51.100.1' } // TEST-NET-2: the packet of our own that shows that the trap catches
const settleMs = 10
const provenMsMax = 5_000

/**
 * IPv6 is off on the cable, since its own neighbour discovery would be counted; a try over IPv6 finds no road at all.
 * Name servers are set to the trap, since a resolver on loopback would carry questions out of our sight.
 */
const lay = `
set -e
export PATH="$PATH:/usr/sbin:/sbin"
ip link set lo up
ip link add trap type veth peer name nowhere
for cable in trap nowhere; do echo 1 > /proc/sys/net/ipv6/conf/$cable/disable_ipv6; ip link set $cable arp off up; done
ip addr add 192.0.2.2/24 dev trap
ip route add default via ${resolver} dev trap
if mount --make-rprivate / 2>/dev/null; then mount --bind "$HOLDFAST_TEST_RESOLV" /etc/resolv.conf 2>/dev/null || true; fi
`

const unshare = (): string[] => (process.getuid?.() === 0 ? ['-n', '-m'] : ['-Urn', '-m'])

/** Runs a program of ours inside, and ends as it ends. False where the system permits no network of one's own. */
export const runInside = (args: string[]): boolean => {
  const resolv = join(root, '.cache', 'resolv.conf')
  mkdirSync(join(root, '.cache'), { recursive: true })
  writeFileSync(resolv, `nameserver ${resolver}\noptions timeout:1 attempts:1\n`)
  const env = { ...process.env, HOLDFAST_TEST_RESOLV: resolv }
  const tried = spawnSync('unshare', [...unshare(), '--', 'sh', '-c', lay], { env, encoding: 'utf8' })
  if (tried.status !== 0) {
    process.stderr.write(`${tried.stderr ?? ''}${tried.error?.message ?? ''}`)
    return false
  }
  const child = spawn('unshare', [...unshare(), '--', 'sh', '-c', `${lay}\nexec "$0" "$@"`, process.execPath, ...args], {
    env,
    stdio: 'inherit',
  })
  for (const signal of ['SIGTERM', 'SIGHUP'] as const) process.on(signal, () => child.kill(signal))
  process.on('SIGINT', () => {}) // the terminal tells the whole group; we wait for the child
  child.on('exit', (code) => process.exit(code ?? 1))
  return true
}

/** Packets that went into the cable. Undefined where there is none. */
const caught = (): number | undefined => {
  const line = readFileSync('/proc/net/dev', 'utf8')
    .split('\n')
    .find((text) => text.trim().startsWith('trap:'))
  return line === undefined ? undefined : Number(line.split(':')[1]!.trim().split(/\s+/)[9])
}

/** Who the packets were for; Node cannot open the socket that tells. */
const listener = `
import socket, struct, sys
cable = socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM, socket.htons(3))
cable.bind(('nowhere', 0))
print('listening', flush=True)
while True:
    packet = cable.recv(2048)
    if len(packet) < 20 or packet[0] >> 4 != 4: print('a packet that is not IPv4', flush=True); continue
    name = {6: 'tcp', 17: 'udp'}.get(packet[9], 'protocol %d' % packet[9])
    start = (packet[0] & 15) * 4
    port = ':%d' % struct.unpack('!H', packet[start + 2:start + 4]) if packet[9] in (6, 17) else ''
    question = b'' if port != ':53' else b'.'.join(p for p in packet[start + 20:].split(b'\\x00')[0:1])
    print(name, socket.inet_ntoa(packet[16:20]) + port, ''.join(chr(c) if 32 < c < 127 else '.' for c in question), flush=True)
`

export type Trap = { finish(): Promise<{ packets: number; destinations: string[] }> }

/** Shows first that the trap catches, by a packet of our own. Undefined outside. */
export const watchTrap = async (): Promise<Trap | undefined> => {
  if (caught() === undefined) return undefined
  const seen: string[] = []
  const ear = spawn('python3', ['-c', listener], { stdio: ['ignore', 'pipe', 'ignore'] })
  ear.on('error', () => {}) // without Python the count stands alone
  createInterface(ear.stdout).on('line', (line) => seen.push(line))
  await Promise.race([once(ear.stdout, 'data'), once(ear, 'exit'), once(ear, 'error')])
  const before = caught()!
  await provoke()
  const deadline = performance.now() + provenMsMax
  while (caught() === before && performance.now() < deadline) await new Promise((resolve) => setTimeout(resolve, settleMs))
  const baseline = caught()!
  if (baseline === before) throw new Error('The trap does not catch a packet sent on purpose, so it could prove nothing.')
  return {
    finish: async () => {
      await new Promise((resolve) => setTimeout(resolve, settleMs))
      ear.kill()
      const ours = `udp ${elsewhere.host}:${elsewhere.port}`
      const destinations = [...new Set(seen.map((text) => text.trim()))].filter((text) => text !== 'listening' && text !== ours)
      return { packets: caught()! - baseline, destinations }
    },
  }
}

const provoke = async (): Promise<void> => {
  const socket = createSocket('udp4')
  socket.send('x', elsewhere.port, elsewhere.host)
  await once(socket, 'listening').catch(() => {})
  await new Promise((resolve) => setTimeout(resolve, settleMs))
  socket.close()
}
